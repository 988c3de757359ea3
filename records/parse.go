package records

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"qiaomen"
)

// A member is one field of a line as it stands there.
type member struct {
	name  []byte
	value []byte
}

// maxMembers is far above the fields of any kind.
const maxMembers = 500

// A parser cuts a line into its members. It holds buffers that are used again
// line by line; members point into the line.
type parser struct {
	dec     *jsontext.Decoder
	in      bytes.Buffer
	members []member
	names   []byte
	text    []byte
}

var lenient = jsontext.AllowDuplicateNames(true) // found here, so that the line's other faults are too

// object reads one JSON object and nothing after it, and reports whether it
// could be cut up. A repeated key is reported and left out.
func (p *parser) object(line []byte, r *Reader) bool {
	p.members, p.names = p.members[:0], p.names[:0]
	p.in.Reset()
	p.in.Write(line)
	if p.dec == nil {
		p.dec = jsontext.NewDecoder(&p.in, lenient)
	} else {
		p.dec.Reset(&p.in, lenient)
	}
	tok, err := p.dec.ReadToken()
	if err != nil {
		r.fault("", syntax(err, line), "")
		return false
	}
	if tok.Kind() != '{' {
		r.fault("", "一行应是一个JSON对象 {…}", "")
		return false
	}
	for {
		name, err := p.dec.ReadToken()
		if err != nil {
			r.fault("", syntax(err, line), "")
			return false
		}
		if name.Kind() == '}' {
			break
		}
		from := len(p.names)
		p.names = append(p.names, name.String()...)
		m := member{name: p.names[from:len(p.names):len(p.names)]}
		value, err := p.dec.ReadValue()
		if err != nil {
			r.fault(string(m.name), syntax(err, line), "")
			return false
		}
		end := int(p.dec.InputOffset())
		m.value = line[end-len(value) : end]
		if p.find(m.name) != nil {
			r.fault(string(m.name), "这个字段写了两次", "")
			continue
		}
		if len(p.members) == maxMembers {
			r.fault(string(m.name), fmt.Sprintf("一行的字段超过%d个", maxMembers), "")
			return false
		}
		p.members = append(p.members, m)
	}
	if _, err := p.dec.ReadToken(); !errors.Is(err, io.EOF) {
		r.fault("", "一行只写一个JSON对象，后面还有别的内容", "")
		return false
	}
	return true
}

func (p *parser) find(name []byte) []byte {
	for i := range p.members {
		if bytes.Equal(p.members[i].name, name) {
			return p.members[i].value
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
	dec := jsontext.NewDecoder(bytes.NewBuffer(raw))
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

// syntax is what is wrong with the JSON, for a person.
func syntax(err error, line []byte) string {
	var se *jsontext.SyntacticError
	at := len(line)
	if errors.As(err, &se) {
		at = min(int(se.ByteOffset), len(line))
	}
	column := utf8.RuneCount(line[:at]) + 1
	text := err.Error()
	switch {
	case strings.Contains(text, "surrogate"):
		return fmt.Sprintf("第%d个字符处的转义不是完整的字符（孤立的代理项）", column)
	case strings.Contains(text, "UTF-8"):
		return fmt.Sprintf("第%d个字符处不是UTF-8文字，请另存为UTF-8", column)
	case strings.Contains(text, "exceeded max depth"):
		return "括号套得太深"
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return "JSON没有写完，缺少引号或括号"
	}
	shown := ""
	if at < len(line) {
		r, _ := utf8.DecodeRune(line[at:])
		shown = "“" + qiaomen.Clip(string(r)) + "”"
	}
	return fmt.Sprintf("JSON写法不对，第%d个字符%s", column, shown)
}
