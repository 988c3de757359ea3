package records

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

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
		return
	}
	e.values = slices.Grow(e.values, len(e.shape.fields))[:len(e.shape.fields)]
	clear(e.values)
	e.record.ID, e.record.Line, e.record.Seq = id, r.line, r.line
	e.figureRow.ID, e.figureRow.Line, e.figureRow.Seq = id, r.line, r.line
	e.figureRow.Unit = -1
	for _, m := range r.parse.members {
		if i, ok := e.shape.index[string(m.name)]; ok {
			r.value(e.shape.fields[i], m.value, &e.values[i])
			continue
		}
		if !slices.Contains(e.shape.fixed, string(m.name)) {
			r.fault(string(m.name), fmt.Sprintf("“%s”没有这个字段", e.title()), "")
			continue
		}
		r.fixed(e, string(m.name), m.value)
	}
	e.record.Values, e.figureRow.Values = e.values, e.values
	r.required(e)
}

func (e *entry) title() string {
	if e.shape.figure != nil {
		return e.shape.figure.Name
	}
	return e.shape.kind.Name
}

// id checks the line's id and remembers it.
func (r *Reader) id() string {
	raw := r.parse.find([]byte("id"))
	if raw == nil {
		r.fault("id", "缺少编号", "")
		return ""
	}
	id, ok := r.parse.str(raw)
	switch {
	case !ok:
		r.fault("id", "应是文字", "")
	case strings.TrimSpace(id) == "":
		r.fault("id", "不能空着", "")
	case r.ids[id] > 0:
		r.fault("id", fmt.Sprintf("“%s”与第%d行重复", qiaomen.Clip(id), r.ids[id]), "")
	default:
		r.ids[id] = r.line
	}
	return id
}

func (r *Reader) shape(e *entry) bool {
	raw := r.parse.find([]byte("kind"))
	if raw == nil {
		r.fault("kind", "缺少记录类别", "")
		return false
	}
	kind, ok := r.parse.str(raw)
	if e.shape = r.kinds[kind]; !ok || e.shape == nil {
		r.fault("kind", fmt.Sprintf("方案里没有“%s”这类记录", qiaomen.Clip(kind)), "")
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
		r.evidence(e, raw)
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
		unit, ok := r.units[text]
		if !ok {
			r.fault("unit", fmt.Sprintf("方案里没有单位“%s”", qiaomen.Clip(text)), "")
		}
		e.record.Unit, e.figureRow.Unit = unit, unit
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
		err = r.period(e, text)
	}
	if err != nil {
		r.fault(name, err.Error(), "")
	}
}

func (r *Reader) period(e *entry, text string) error {
	f := e.shape.figure
	if f.Every == "day" && len(f.Periods) == 0 {
		d, err := qiaomen.ParseDate(text)
		e.figureRow.Period = int(d)
		return err
	}
	if e.figureRow.Period = slices.Index(f.Periods, text); e.figureRow.Period < 0 {
		return fmt.Errorf("“%s”不在方案要的各期之内（%s）", qiaomen.Clip(text), strings.Join(f.Periods, "、"))
	}
	return nil
}

func (r *Reader) notText(name string, raw []byte) {
	if raw[0] == 'n' {
		r.fault(name, "不能是 null", "没有就不写这个字段")
		return
	}
	r.fault(name, "应是文字", "请加引号")
}

func (r *Reader) evidence(e *entry, raw []byte) {
	list, ok := r.parse.list(raw)
	if !ok {
		r.notList("evidence", raw)
		return
	}
	types := e.shape.kind.Evidence
	for _, x := range list {
		i := slices.IndexFunc(types, func(t *scheme.EvidenceType) bool { return t.ID == x })
		if i < 0 {
			var ids []string
			for _, t := range types {
				ids = append(ids, t.ID)
			}
			r.fault("evidence", fmt.Sprintf("没有“%s”这种佐证材料（%s）", qiaomen.Clip(x), strings.Join(ids, "、")), "")
			continue
		}
		e.record.Evidence = e.record.Evidence.With(i)
	}
}

func (r *Reader) notList(name string, raw []byte) {
	if raw[0] == 'n' {
		r.notText(name, raw)
		return
	}
	r.fault(name, "应是文字的列表", "写成 [\"…\", \"…\"]")
}

// value types one member by its field.
func (r *Reader) value(f *scheme.Field, raw []byte, v *qiaomen.Value) {
	switch f.Type {
	case scheme.AmountField, scheme.NumberField, scheme.JudgedField:
		r.number(f, raw, v)
		return
	case scheme.FlagField:
		if raw[0] != 't' && raw[0] != 'f' {
			if raw[0] == 'n' {
				r.notText(f.ID, raw)
			} else {
				r.fault(f.ID, "应是 true 或 false", "")
			}
			return
		}
		v.Given, v.Flag = true, raw[0] == 't'
		return
	case scheme.ListField:
		list, ok := r.parse.list(raw)
		if !ok {
			r.notList(f.ID, raw)
			return
		}
		v.List = distinct(list)
		v.Given = len(v.List) > 0
		return
	}
	text, ok := r.parse.str(raw)
	if !ok {
		r.notText(f.ID, raw)
		return
	}
	switch f.Type {
	case scheme.DateField:
		d, err := qiaomen.ParseDate(text)
		if err != nil {
			r.fault(f.ID, err.Error(), "")
			return
		}
		v.Given, v.Date = true, d
	case scheme.OptionField:
		v.Option = slices.IndexFunc(f.Options, func(o scheme.Option) bool { return o.ID == text })
		if open := f.List != nil && f.List.Open; v.Option < 0 && !open {
			var ids []string
			for _, o := range f.Options {
				ids = append(ids, o.ID)
			}
			r.fault(f.ID, fmt.Sprintf("没有“%s”这一项（%s）", qiaomen.Clip(text), strings.Join(ids, "、")), "")
			return
		} else if open {
			v.Text = trim(text)
			v.Given = v.Text != ""
			return
		}
		v.Given = true
	case scheme.UnitField:
		if _, ok := r.units[text]; !ok {
			r.fault(f.ID, fmt.Sprintf("方案里没有单位“%s”", qiaomen.Clip(text)), "")
		}
		v.Given, v.Text = true, text
	default:
		v.Text = trim(text)
		v.Given = v.Text != ""
	}
}

func (r *Reader) number(f *scheme.Field, raw []byte, v *qiaomen.Value) {
	text := string(raw)
	switch raw[0] {
	case '"':
		var ok bool
		if text, ok = r.parse.str(raw); !ok {
			r.fault(f.ID, "写法不对", "")
			return
		}
	case 'n':
		r.notText(f.ID, raw)
		return
	case 't', 'f', '{', '[':
		r.fault(f.ID, "应是数", "")
		return
	}
	n, err := qiaomen.ParseDecimal(text)
	switch {
	case err != nil:
		r.fault(f.ID, fmt.Sprintf("“%s”%v", qiaomen.Clip(text), err), "")
	case n.Sign() < 0 && !f.Negative:
		r.fault(f.ID, fmt.Sprintf("“%s”不能小于0", qiaomen.Clip(text)), "")
	case f.Type == scheme.JudgedField && (n.Cmp(f.From) < 0 || n.Cmp(f.To) > 0):
		r.fault(f.ID, fmt.Sprintf("“%s”不在%v到%v之间", qiaomen.Clip(text), f.From, f.To), "")
	default:
		v.Given, v.Number = true, f.Scale.Held(n)
	}
}

// required finds what every line of the shape must have.
func (r *Reader) required(e *entry) {
	missing := func(name, title string) {
		if r.parse.find([]byte(name)) == nil {
			r.fault(name, "缺少"+title, "")
		}
	}
	if f := e.shape.figure; f != nil {
		missing("published_on", "发布日期")
		if f.Every != "" {
			missing(f.Every, "所属期")
		}
		if !f.ForAll {
			missing("unit", "单位")
		}
		for i, field := range f.Fields {
			if e.values[i].Given && field.OnlyPeriods != nil && e.figureRow.Period >= 0 && !slices.Contains(field.OnlyPeriods, e.figureRow.Period) {
				r.fault(field.ID, fmt.Sprintf("“%s”这一期没有这个数", f.Periods[e.figureRow.Period]), "")
			}
		}
	} else {
		missing("unit", "单位")
	}
	for _, field := range e.shape.fields {
		if field.Need == scheme.Always {
			missing(field.ID, "“"+field.Name+"”")
		}
	}
}

func trim(s string) string { return strings.TrimFunc(s, unicode.IsSpace) }

// distinct is the entries trimmed, blank ones and repetitions left out.
func distinct(list []string) []string {
	out := list[:0]
	var seen map[string]bool // only for long lists: most have five entries
	for _, x := range list {
		if x = trim(x); x == "" || seen[x] || seen == nil && slices.Contains(out, x) {
			continue
		}
		if out = append(out, x); seen != nil {
			seen[x] = true
		} else if len(out) == 32 {
			seen = map[string]bool{}
			for _, y := range out {
				seen[y] = true
			}
		}
	}
	return out
}
