package records

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"qiaomen"
	"qiaomen/scheme"
)

// A pen writes one JSON object after another, each in the one form that it
// has, and keeps what cannot be written.
type pen struct {
	out    bytes.Buffer
	enc    *jsontext.Encoder
	faults []*qiaomen.Problem
}

// begin opens a new object; what was written before is gone.
func (p *pen) begin() {
	p.out.Reset()
	p.faults = nil
	if p.enc == nil {
		p.enc = jsontext.NewEncoder(&p.out)
	} else {
		p.enc.Reset(&p.out)
	}
	p.put(jsontext.BeginObject)
}

// end is the object with a line feed, until the next one begins.
func (p *pen) end() []byte {
	p.put(jsontext.EndObject)
	return p.out.Bytes()
}

// put writes a token; writing to memory cannot fail, and the tokens are in
// order.
func (p *pen) put(t jsontext.Token) {
	if err := p.enc.WriteToken(t); err != nil {
		panic(err)
	}
}

func (p *pen) raw(v []byte) {
	if err := p.enc.WriteValue(v); err != nil {
		panic(err)
	}
}

func (p *pen) fault(field, text, fix string) {
	p.faults = append(p.faults, &qiaomen.Problem{Text: text, Fix: fix, At: qiaomen.Place{Field: field}})
}

// string writes a text that stands in the field.
func (p *pen) string(field, text string) {
	if !utf8.ValidString(text) {
		p.fault(field, fmt.Sprintf("“%s”不是UTF-8文字", qiaomen.Clip(text)), "请重新填写")
		text = ""
	}
	p.put(jsontext.String(text))
}

// text writes a member of every line, where it is given.
func (p *pen) text(name, text string) {
	if text != "" {
		p.put(jsontext.String(name))
		p.string(name, text)
	}
}

func (p *pen) list(name string, list []string) {
	p.put(jsontext.String(name))
	p.put(jsontext.BeginArray)
	for _, x := range list {
		p.string(name, x)
	}
	p.put(jsontext.EndArray)
}

// values writes the fields that are given, in the scheme's order. A line needs
// every field that must always be there, if only as a blank text: a reader
// asks no more.
func (p *pen) values(fields []*scheme.Field, values []qiaomen.Value, line bool) {
	for i, f := range fields {
		if v := written(f, &values[i]); v.Given {
			p.value(f, v)
		} else if line && f.Need == scheme.Always {
			p.blank(f)
		}
	}
}

// written is the value as it is read back: texts trimmed, a list without
// blanks and repetitions, nothing given that is empty.
func written(f *scheme.Field, v *qiaomen.Value) qiaomen.Value {
	w := *v
	switch {
	case f.Type == scheme.ListField:
		w.List = distinct(slices.Clone(v.List))
		w.Given = v.Given && len(w.List) > 0
	case f.Type == scheme.OptionField && open(f):
		if w.Text = trim(v.Text); v.Given && w.Text == "" && v.Option >= 0 && v.Option < len(f.Options) {
			w.Text = f.Options[v.Option].ID
		}
		w.Given = v.Given && w.Text != ""
	case f.Type == scheme.TextField || f.Type == scheme.RecordField:
		w.Text = trim(v.Text)
		w.Given = v.Given && w.Text != ""
	}
	return w
}

// value writes one field that is given.
func (p *pen) value(f *scheme.Field, v qiaomen.Value) {
	if f.Type == scheme.ListField {
		p.list(f.ID, v.List)
		return
	}
	p.put(jsontext.String(f.ID))
	switch f.Type {
	case scheme.AmountField, scheme.NumberField, scheme.JudgedField:
		p.number(f, v.Number)
	case scheme.FlagField:
		p.put(jsontext.Bool(v.Flag))
	case scheme.DateField:
		p.string(f.ID, v.Date.String())
	case scheme.OptionField:
		switch {
		case open(f):
			p.string(f.ID, v.Text)
		case v.Option >= 0 && v.Option < len(f.Options):
			p.string(f.ID, f.Options[v.Option].ID)
		default:
			p.fault(f.ID, "没有这一项", "请重新选")
			p.string(f.ID, "")
		}
	default:
		p.string(f.ID, v.Text)
	}
}

// shortNumber is how long a number may be that cannot have too many digits.
const shortNumber = 30

// number writes an amount in plain decimals, exactly or not at all: a file
// has no way to write a third.
func (p *pen) number(f *scheme.Field, n qiaomen.Number) {
	shown := f.Scale.Show(n)
	text := shown.String()
	var err error
	if len(text) > shortNumber {
		_, err = qiaomen.ParseDecimal(text)
	}
	switch {
	case !shown.Ends():
		p.fault(f.ID, "“"+qiaomen.Clip(shown.Fraction())+"”"+f.Scale.Name+"除不尽，写不成小数", "请直接填写以"+f.Scale.Name+"计的数")
	case err != nil:
		p.fault(f.ID, fmt.Sprintf("“%s”%v", qiaomen.Clip(text), err), "请核对")
	default:
		p.raw([]byte(text))
		return
	}
	p.put(jsontext.Int(0))
}

// blank writes a field that must be there and holds nothing. What has no blank
// form is left out, and the line is refused.
func (p *pen) blank(f *scheme.Field) {
	switch {
	case f.Type == scheme.ListField:
		p.list(f.ID, nil)
	case f.Type == scheme.TextField || f.Type == scheme.RecordField || f.Type == scheme.OptionField && open(f):
		p.put(jsontext.String(f.ID))
		p.put(jsontext.String(""))
	}
}
