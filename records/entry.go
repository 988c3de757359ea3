package records

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"

	"qiaomen"
	"qiaomen/scheme"
)

// A shape is what a line of one kind, or of one figure, may hold.
type shape struct {
	kind   *scheme.Kind
	figure *scheme.FigureSource
	fields []*scheme.Field
	index  map[string]int // own fields
	fixed  []string       // fields of every line of the shape
	period string         // a figure's period field
}

func recordShape(k *scheme.Kind) *shape {
	s := &shape{kind: k, fields: k.Fields, index: map[string]int{}}
	s.fixed = []string{"kind", "id", "unit", "reported_at", "recognized_at", "revoked_at", "name"}
	if len(k.Evidence) > 0 {
		s.fixed = append(s.fixed, "evidence")
	}
	return s.indexed()
}

func figureShape(f *scheme.FigureSource) *shape {
	s := &shape{figure: f, fields: f.Fields, index: map[string]int{}, period: f.Every}
	s.fixed = []string{"kind", "id", "published_on"}
	if !f.ForAll {
		s.fixed = append(s.fixed, "unit")
	}
	if f.Every != "" {
		s.fixed = append(s.fixed, f.Every)
	}
	return s.indexed()
}

func (s *shape) indexed() *shape {
	for i, f := range s.fields {
		s.index[f.ID] = i
	}
	return s
}

// An entry is the line being read, typed.
type entry struct {
	shape     *shape
	record    qiaomen.Record
	figureRow qiaomen.Figure
	values    []qiaomen.Value
}

func (e *entry) reset() {
	*e = entry{values: e.values[:0]}
}

// fill types the members of the line, all of them, whatever is wrong with any.
func (r *Reader) fill(e *entry) {
	id := r.id()
	if !r.shape(e) {
		r.shapeless(e)
		return
	}
	e.values = slices.Grow(e.values, len(e.shape.fields))[:len(e.shape.fields)]
	clear(e.values)
	e.record.ID, e.record.Line, e.record.Seq = id, r.at.Line, r.at.Line
	e.figureRow.ID, e.figureRow.Line, e.figureRow.Seq = id, r.at.Line, r.at.Line
	e.figureRow.Unit = -1
	if e.shape.period != "" {
		e.figureRow.Period = -1
	}
	for _, m := range r.parse.members {
		i, own := e.shape.index[string(m.name)]
		switch {
		case !own && !slices.Contains(e.shape.fixed, string(m.name)):
			r.undeclared(e.shape, string(m.name))
		case m.broken:
		case own:
			r.value(e.shape.fields[i], m.value, &e.values[i])
		default:
			r.fixed(e, string(m.name), m.value)
		}
	}
	e.record.Values, e.figureRow.Values = e.values, e.values
	r.required(e)
}

// shapeless checks what means the same in every line, of a line whose kind is
// not known.
func (r *Reader) shapeless(e *entry) {
	for _, m := range r.parse.members {
		switch string(m.name) {
		case "unit", "name", "reported_at", "recognized_at", "revoked_at", "published_on":
			if !m.broken {
				r.fixed(e, string(m.name), m.value)
			}
		}
	}
	if r.unit {
		r.missing("unit", "单位")
	}
}

func (s *shape) title() string {
	if s.figure != nil {
		return s.figure.Name
	}
	return s.kind.Name
}

// id checks the line's id and remembers it.
func (r *Reader) id() string {
	r.missing("id", "编号")
	m := r.parse.find([]byte("id"))
	if m == nil || m.broken {
		return ""
	}
	id, ok := r.parse.str(m.value)
	key := idKey(id)
	switch {
	case !ok:
		r.notText("id", m.value)
	case trim(id) == "":
		r.fault("id", "编号不能空着", "请写一个文件里没有用过的编号")
	case r.ids[key] > 0:
		r.fault("id", fmt.Sprintf("编号“%s”与第%d行重复", qiaomen.Clip(id), r.ids[key]), "请改成另一个编号，或者删去一行")
	default:
		r.ids[key] = r.at.Line
	}
	return id
}

// idKey is what is remembered of an id.
func idKey(id string) string {
	if len(id) <= longID {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return string(sum[:])
}

func (r *Reader) shape(e *entry) bool {
	r.missing("kind", "记录类别")
	m := r.parse.find([]byte("kind"))
	if m == nil || m.broken {
		return false
	}
	kind, ok := r.parse.str(m.value)
	if !ok {
		r.notText("kind", m.value)
		return false
	}
	if e.shape = r.kinds[kind]; e.shape == nil {
		text := ""
		if !r.faults.full() {
			text = fmt.Sprintf("方案里没有“%s”这类记录%s", qiaomen.Clip(kind), r.kindCalled(kind))
		}
		r.fault("kind", text, "")
		return false
	}
	if k := e.shape.kind; k != nil {
		e.record.Kind = k.Index()
	} else {
		e.figureRow.Source = e.shape.figure.Index()
	}
	return true
}

func (r *Reader) fixed(e *entry, name string, raw []byte) {
	switch name {
	case "kind", "id":
		return
	case "evidence":
		e.record.Evidence = r.evidence(e.shape.kind, raw)
		return
	}
	text, ok := r.parse.str(raw)
	if !ok {
		r.notText(name, raw)
		return
	}
	var err error
	switch name {
	case "unit":
		e.record.Unit = r.unitRef(name, text)
		e.figureRow.Unit = e.record.Unit
	case "name":
		e.record.Name = trim(text)
	case "reported_at":
		e.record.Reported, err = qiaomen.ParseMoment(text)
	case "recognized_at":
		e.record.Recognised, err = qiaomen.ParseMoment(text)
	case "revoked_at":
		e.record.Revoked, err = qiaomen.ParseMoment(text)
	case "published_on":
		e.figureRow.Published, err = qiaomen.ParseDate(text)
	default:
		e.figureRow.Period, err = period(e.shape.figure, text)
	}
	if err != nil {
		r.fault(name, err.Error(), "")
	}
}

// required finds what every line of the shape must have.
func (r *Reader) required(e *entry) {
	f := e.shape.figure
	if f == nil || !f.ForAll {
		r.missing("unit", "单位")
	}
	if f != nil {
		r.missing("published_on", "发布日期")
		if e.shape.period != "" {
			r.missing(e.shape.period, "所属期")
		}
		r.onlyPeriods(f, e.figureRow.Period)
	}
	for _, field := range e.shape.fields {
		if field.Need == scheme.Always {
			r.missing(field.ID, "“"+field.Name+"”")
		}
	}
}

// kindCalled says what to write for a kind that is not known: the id, where
// its name was written.
func (r *Reader) kindCalled(name string) string {
	for id, s := range r.kinds {
		if s.title() == name {
			return "；请写它的代号 " + id
		}
	}
	return qiaomen.Suggest(name, slices.Sorted(maps.Keys(r.kinds)))
}
