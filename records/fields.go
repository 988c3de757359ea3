package records

import (
	"bytes"
	"slices"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
	"qiaomen"
	"qiaomen/scheme"
)

// Fields reads the fields of one record of the kind from a JSON object, field
// to value, in the form of the records file: what a form sends, and what the
// ledger keeps. whole asks for the fields that must always be there; a draft
// may lack them.
//
// canonical is the object in the one form that it has: the scheme's order, no
// field that is blank, numbers plain. values stand in the order of the kind's
// fields. Where there are faults, the first hundred of them, each with its
// field, there is neither.
func Fields(s *scheme.Scheme, k *scheme.Kind, raw []byte, whole bool) (canonical []byte, values []qiaomen.Value, faults []*qiaomen.Problem) {
	d := desks.take(s)
	defer desks.give(d)
	return d.read(&shape{kind: k, fields: k.Fields}, raw, whole, 0)
}

// FigureFields reads the numbers of one publication for the period, as Fields
// reads a record's. A number that the period cannot have is a fault.
func FigureFields(s *scheme.Scheme, f *scheme.FigureSource, period int, raw []byte, whole bool) (canonical []byte, values []qiaomen.Value, faults []*qiaomen.Problem) {
	d := desks.take(s)
	defer desks.give(d)
	return d.read(&shape{figure: f, fields: f.Fields, period: f.Every}, raw, whole, period)
}

// CanonicalFields is the canonical JSON of a record's values as they stand,
// wherever they were read. Faults are what has no written form: a number that
// does not end, as 10 亩 in 公顷, or has more digits than a file may hold.
func CanonicalFields(k *scheme.Kind, values []qiaomen.Value) (canonical []byte, faults []*qiaomen.Problem) {
	return canonicalFields(k.Fields, values)
}

// CanonicalFigureFields is the canonical JSON of a figure's values, as
// CanonicalFields is of a record's.
func CanonicalFigureFields(f *scheme.FigureSource, values []qiaomen.Value) (canonical []byte, faults []*qiaomen.Problem) {
	return canonicalFields(f.Fields, values)
}

func canonicalFields(fields []*scheme.Field, values []qiaomen.Value) ([]byte, []*qiaomen.Problem) {
	d := desks.take(nil)
	defer desks.give(d)
	canonical := d.write(fields, values)
	if d.faults.Total > 0 {
		return nil, d.faults.First
	}
	return canonical, nil
}

// SplitPersonal parts a canonical object of the kind in two: the fields that
// anybody may see who sees the record, and the personal ones, which are kept
// apart. Both are canonical; Merge puts them together again.
//
// Like Merge it takes nothing for an empty object, leaves out fields that the
// kind does not have, and panics on what is no JSON object of such fields: it
// is for what the ledger wrote itself.
func SplitPersonal(k *scheme.Kind, canonical []byte) (open, personal []byte) {
	d := desks.take(nil)
	defer desks.give(d)
	d.cut(canonical)
	part := func(personal bool) []byte {
		return d.copied(k, func(f *scheme.Field) *member {
			if f.Personal != personal {
				return nil
			}
			return d.parse.find([]byte(f.ID))
		})
	}
	return part(false), part(true)
}

// Merge lays the fields of over onto base, both canonical objects of the kind.
// A field that over does not have stays as it is in base: an object has no way
// to say that a field is taken back.
func Merge(k *scheme.Kind, base, over []byte) []byte {
	below, above := desks.take(nil), desks.take(nil)
	defer desks.give(below)
	defer desks.give(above)
	below.cut(base)
	above.cut(over)
	return above.copied(k, func(f *scheme.Field) *member {
		if m := above.parse.find([]byte(f.ID)); m != nil {
			return m
		}
		return below.parse.find([]byte(f.ID))
	})
}

// A desk is what reading and writing the fields of one record needs. Desks are
// used again, because a ledger has many records.
type desk struct {
	typist
	pen pen
}

type deskPool struct{ pool sync.Pool }

var desks = deskPool{sync.Pool{New: func() any {
	return &desk{typist: typist{parse: &parser{}, words: &ofObject}}
}}}

// take is a desk for what was declared by the scheme, where that matters.
func (p *deskPool) take(s *scheme.Scheme) *desk {
	d := p.pool.Get().(*desk)
	if s != nil && d.s != s {
		d.s, d.units = s, nil
	}
	d.faults = Faults{}
	return d
}

// give puts a desk back, unless a huge record has made it huge.
func (p *deskPool) give(d *desk) {
	if d.parse.in.Cap()+d.parse.listIn.Cap()+d.pen.out.Cap() <= bufferSize {
		p.pool.Put(d)
	}
}

// read types an object and writes it as it should be.
func (d *desk) read(s *shape, raw []byte, whole bool, at int) (canonical []byte, values []qiaomen.Value, faults []*qiaomen.Problem) {
	if s.period != "" {
		if _, err := period(s.figure, PeriodText(s.figure, at)); err != nil {
			d.fault(s.period, err.Error(), "")
			at = -1
		}
	}
	if len(raw) > maxLine {
		d.tooLong()
	} else if d.object(raw) {
		values = d.typed(s, whole)
		if s.figure != nil {
			d.onlyPeriods(s.figure, at)
		}
	}
	if d.faults.Total == 0 {
		canonical = d.write(s.fields, values)
	}
	if d.faults.Total > 0 {
		return nil, nil, d.faults.First
	}
	return canonical, values, nil
}

// typed types the members, all of them, whatever is wrong with any.
func (d *desk) typed(s *shape, whole bool) []qiaomen.Value {
	values := make([]qiaomen.Value, len(s.fields))
	for _, m := range d.parse.members {
		i := slices.IndexFunc(s.fields, func(f *scheme.Field) bool { return f.ID == string(m.name) })
		switch {
		case i < 0:
			d.undeclared(s, string(m.name))
		case !m.broken:
			d.value(s.fields[i], m.value, &values[i])
		}
	}
	for i, f := range s.fields {
		if whole && f.Need == scheme.Always && !values[i].Given && !d.told(f) {
			d.fault(f.ID, "缺少“"+f.Name+"”", "请补上")
		}
	}
	return values
}

// told tells whether the field has a fault already.
func (d *desk) told(f *scheme.Field) bool {
	return slices.ContainsFunc(d.faults.First, func(p *qiaomen.Problem) bool { return p.At.Field == qiaomen.Clip(f.ID) })
}

// write is the canonical object of the values.
func (d *desk) write(fields []*scheme.Field, values []qiaomen.Value) []byte {
	d.pen.begin()
	d.pen.values(fields, values, false)
	canonical := d.written()
	for _, f := range d.pen.faults {
		d.fault(f.At.Field, f.Text, f.Fix)
	}
	if len(canonical) > maxLine {
		d.tooLong()
	}
	return canonical
}

// written is the pen's object, to be kept.
func (d *desk) written() []byte { return bytes.Clone(bytes.TrimSuffix(d.pen.end(), []byte{'\n'})) }

// cut parts an object of the ledger into its members.
func (d *desk) cut(canonical []byte) {
	if len(canonical) == 0 {
		canonical = []byte("{}")
	}
	if !d.object(canonical) || d.faults.Total > 0 {
		panic("records: " + d.faults.First[0].Error())
	}
}

// copied is the object of the kind's members as they stand, in the scheme's
// order.
func (d *desk) copied(k *scheme.Kind, of func(*scheme.Field) *member) []byte {
	d.pen.begin()
	for _, f := range k.Fields {
		if m := of(f); m != nil {
			d.pen.put(jsontext.String(f.ID))
			d.pen.raw(m.value)
		}
	}
	return d.written()
}
