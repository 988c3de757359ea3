package scheme

import (
	"slices"

	"qiaomen"
)

// A FigureSource is an official number that is published, never reported: by
// period or once, for each unit or for all.
type FigureSource struct {
	ID, Name  string
	Publisher string
	Every     string // day month quarter half year round, or empty
	Periods   []string
	names     []string // of the periods, for people
	ForAll    bool     // holds for every unit
	Fields    []*Field
	Cite      *Clause

	index int
}

func (p *parser) figures(n *node) {
	t := p.table(n, nil, "统计数")
	for i, key := range t.keys {
		o := p.object(t.at[key.Value], nil, "name", "publisher", "every", "periods", "for_all", "in", "values", "negative")
		f := &FigureSource{ID: key.Value, Name: o.name("name"), Publisher: o.str("publisher"), ForAll: o.flag("for_all"), Cite: o.cite, index: i}
		if p.s.Kind(f.ID) != nil {
			p.errorf(key, "“%s”已经是记录类别", f.ID)
		}
		if o.has("every") {
			f.Every = o.one("every", "day", "month", "quarter", "half", "year", "round")
			p.figurePeriods(f, o)
		} else if o.has("periods") {
			p.errorf(o.key["periods"], "有“periods”就要写“every”")
		}
		switch v, ok := o.at["values"]; {
		case ok && o.has("in"):
			p.errorf(o.key["in"], "有“values”时单位写在各个数里")
		case ok:
			f.Fields = p.fields(v, o.cite, true)
			vt := p.mapping(v, nil, "")
			for j, key := range vt.keys {
				p.onlyPeriods(f, f.Fields[j], vt.at[key.Value])
			}
		default:
			field := &Field{ID: "value", Name: f.Name, Type: AmountField, Scale: each, Need: Always, Negative: o.flag("negative"), Cite: o.cite}
			if in := o.need("in"); in != nil {
				field.Scale = p.scale(in)
			}
			f.Fields = []*Field{field}
		}
		if len(f.Fields) == 0 {
			p.errorf(key, "统计数“%s”至少要有一个数", f.ID)
			f.Fields = []*Field{{Name: f.Name, Type: AmountField, Scale: each}}
		}
		for _, field := range f.Fields {
			if field.Type != AmountField && field.Type != NumberField {
				p.errorf(o.node, "统计数“%s”的“%s”应是数", f.Name, field.Name)
			}
			field.FilledBy = ByStatistics
		}
		p.s.Figures = append(p.s.Figures, f)
	}
}

func (p *parser) figurePeriods(f *FigureSource, o object) {
	if f.Every == "round" {
		for _, r := range p.s.Rounds {
			f.Periods, f.names = append(f.Periods, r.ID), append(f.names, r.Name)
		}
		if len(f.Periods) == 0 {
			p.errorf(o.at["every"], "方案没有轮次（rounds）")
		}
		return
	}
	if f.Every == "day" && !o.has("periods") {
		return // any day
	}
	for _, n := range p.list(o.need("periods")) {
		period := p.str(n)
		if _, err := periodSpan(f.Every, period); err != nil {
			p.errorf(n, "%v", err)
			continue
		}
		if slices.Contains(f.Periods, period) {
			p.errorf(n, "“%s”写了两次", qiaomen.Clip(period))
		}
		f.Periods, f.names = append(f.Periods, period), append(f.names, periodName(f.Every, period))
	}
}

func (p *parser) onlyPeriods(f *FigureSource, field *Field, n *node) {
	o := p.mapping(n, nil, "")
	for _, item := range p.items(o.at["only_for"]) {
		i := slices.Index(f.Periods, item.Value)
		if i < 0 {
			p.errorf(item, "“%s”没有“%s”这一期", f.Name, qiaomen.Clip(item.Value))
			continue
		}
		field.OnlyPeriods = append(field.OnlyPeriods, i)
	}
}

// Figure is the figure of that id, or nil.
func (s *Scheme) Figure(id string) *FigureSource {
	return find(s.Figures, func(f *FigureSource) bool { return f.ID == id })
}

// Index is the figure's position in the scheme: Figure.Source.
func (f *FigureSource) Index() int { return f.index }
