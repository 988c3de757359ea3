package records

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A member is one field of a line as it stands there. A broken one has been
// reported: it is there, and nothing is to be read from it.
type member struct {
	name   []byte
	value  []byte
	broken bool
}

// maxMembers is far above the fields of any kind.
const maxMembers = 500

// A parser cuts a line into its members. It holds buffers that are used again
// line by line; members point into the line.
type parser struct {
	dec     *jsontext.Decoder
	in      bytes.Buffer
	inner   *jsontext.Decoder // of a list within the line
	listIn  bytes.Buffer
	members []member
	names   []byte
	text    []byte
}

// A repeated key and half a character are found here and not by the tokenizer,
// which would stop there: the line's other faults are to be found too.
var (
	anyNames = jsontext.AllowDuplicateNames(true)
	anyBytes = jsontext.AllowInvalidUTF8(true)
)

// object reads one JSON object and nothing after it, and reports whether it
// could be cut up. A repeated key is reported and left out.
func (t *typist) object(line []byte) bool {
	p := t.parse
	p.members, p.names = p.members[:0], p.names[:0]
	p.in.Reset()
	p.in.Write(line)
	if p.dec == nil {
		p.dec = jsontext.NewDecoder(&p.in, anyNames, anyBytes)
	} else {
		p.dec.Reset(&p.in, anyNames, anyBytes)
	}
	tok, err := p.dec.ReadToken()
	if err != nil {
		t.syntax("", err, line)
		return false
	}
	if tok.Kind() != '{' {
		t.fault("", t.words.noObject[0], t.words.noObject[1])
		return false
	}
	suspect := !utf8.Valid(line) || bytes.Contains(line, []byte(`\ud`)) || bytes.Contains(line, []byte(`\uD`))
	for n := 0; p.dec.PeekKind() != '}'; n++ {
		var m member
		raw, err := p.dec.ReadValue()
		if err != nil {
			t.syntax("", err, line)
			return false
		}
		m.name = p.name(raw)
		if suspect {
			m.broken = t.broken("", line, int(p.dec.InputOffset()), len(raw))
		}
		value, err := p.dec.ReadValue()
		if err != nil {
			t.syntax(string(m.name), err, line)
			return false
		}
		end := int(p.dec.InputOffset())
		m.value = line[end-len(value) : end]
		if n == maxMembers {
			t.fault("", fmt.Sprintf("%s超过%d个", t.words.fields, maxMembers), "请删去多余的")
			return false
		}
		switch {
		case m.broken: // a name that is not text is no other's repetition
			continue
		case suspect:
			m.broken = t.broken(string(m.name), line, end, len(value))
		}
		if p.find(m.name) != nil {
			t.fault(string(m.name), "这个字段写了两次", "请只留一个")
			continue
		}
		p.members = append(p.members, m)
	}
	if _, err = p.dec.ReadToken(); err != nil { // the closing bracket
		t.syntax("", err, line)
		return false
	}
	if _, err := p.dec.ReadToken(); !errors.Is(err, io.EOF) {
		t.fault("", t.words.more[0], t.words.more[1])
		return false
	}
	return true
}

// name is a member's name unquoted.
func (p *parser) name(raw []byte) []byte {
	from := len(p.names)
	if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 {
		p.names = append(p.names, inner...)
	} else {
		p.names, _ = jsontext.AppendUnquote(p.names, raw) // half a character is found by broken
	}
	return p.names[from:len(p.names):len(p.names)]
}

// find is the member of that name, or nil.
func (p *parser) find(name []byte) *member {
	for i := range p.members {
		if bytes.Equal(p.members[i].name, name) {
			return &p.members[i]
		}
	}
	return nil
}

// str is a JSON string unquoted.
func (p *parser) str(raw []byte) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return string(inner), true
	}
	var err error
	p.text, err = jsontext.AppendUnquote(p.text[:0], raw)
	return string(p.text), err == nil
}

// list is a JSON array of strings.
func (p *parser) list(raw []byte) ([]string, bool) {
	p.listIn.Reset()
	p.listIn.Write(raw)
	if p.inner == nil {
		p.inner = jsontext.NewDecoder(&p.listIn)
	} else {
		p.inner.Reset(&p.listIn)
	}
	dec := p.inner
	if tok, err := dec.ReadToken(); err != nil || tok.Kind() != '[' {
		return nil, false
	}
	var out []string
	for {
		tok, err := dec.ReadToken()
		switch {
		case err != nil:
			return nil, false
		case tok.Kind() == ']':
			return out, true
		case tok.Kind() != '"':
			return nil, false
		}
		out = append(out, tok.String())
	}
}
