package scheme

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
	"qiaomen"
)

// A Value is written plainly, or as a table {by: …}: so anything may depend
// on a reading, on the unit's group, attribute or own target, on the round,
// or, for points of a record, on one of its fields.
type Value[T any] struct {
	axis  axis
	plain T
	cases []Value[T] // by option; for axes with options
	bands []band[T]  // for axes with numbers; read from the top
	other *Value[T]  // else
}

type band[T any] struct {
	tests []comparison
	is    Value[T]
}

type axisKind int

const (
	noAxis axisKind = iota
	byChoice
	byGroup
	byAttribute
	byRound
	byTarget
	byRank
	byTotal
	byField
)

type axis struct {
	kind  axisKind
	index int // choice, attribute or field
	scale *Scale
	m     *Measure
	name  string // as a sentence has it
	field *Field
	opts  []Option
}

// scope is what a table may look at where it stands.
type scope struct {
	unit    bool     // a unit is known
	target  *Measure // a term's own measure: `by: target`
	targets bool
	places  bool  // rank and total are known
	kind    *Kind // a record is known
}

var (
	anyUnit = scope{unit: true}
	inTerm  = scope{unit: true, targets: true}
)

func plainly[T any](v T) Value[T] { return Value[T]{plain: v} }

// value reads a value or a table of values. plain reads what stands in a cell.
func value[T any](p *parser, n *yaml.Node, sc scope, plain func(*yaml.Node) T) Value[T] {
	return valueDepth(p, n, sc, plain, 0)
}

func valueDepth[T any](p *parser, n *yaml.Node, sc scope, plain func(*yaml.Node) T, depth int) Value[T] {
	if n == nil {
		return Value[T]{}
	}
	if !isTable(n) {
		return Value[T]{plain: plain(n)}
	}
	if depth == 2 {
		p.errorf(n, "表里套表最多两层")
		return Value[T]{}
	}
	cell := func(n *yaml.Node) Value[T] { return valueDepth(p, n, sc, plain, depth+1) }
	o := p.mapping(n, nil, "")
	v := Value[T]{axis: p.axis(o.at["by"], sc)}
	if v.axis.kind == noAxis {
		return Value[T]{}
	}
	if e, ok := o.at["else"]; ok {
		other := cell(e)
		v.other = &other
	}
	if len(v.axis.opts) == 0 {
		p.bandsOnly(o, v.axis)
		for _, b := range p.list(o.need("bands")) {
			bo := p.object(b, nil, "at_least", "above", "at_most", "below", "is")
			v.bands = append(v.bands, band[T]{p.comparisons(bo, v.axis.scale), cell(bo.need("is"))})
		}
		return v
	}
	v.cases = make([]Value[T], len(v.axis.opts))
	found := make([]bool, len(v.axis.opts))
	for _, k := range o.keys {
		if k.Value == "by" || k.Value == "else" {
			continue
		}
		i := slices.IndexFunc(v.axis.opts, func(op Option) bool { return op.ID == k.Value })
		if i < 0 {
			p.errorf(k, "%s没有“%s”这一项%s", v.axis.name, qiaomen.Clip(k.Value), qiaomen.Suggest(k.Value, optionIDs(v.axis.opts)))
			continue
		}
		found[i], v.cases[i] = true, cell(o.at[k.Value])
	}
	var missing []string
	for i, ok := range found {
		switch {
		case ok:
		case v.other != nil:
			v.cases[i] = *v.other
		default:
			missing = append(missing, v.axis.opts[i].ID)
		}
	}
	if missing != nil {
		p.errorf(n, "%s的这些项没有写到：%s（可以用 else 一并写）", v.axis.name, strings.Join(missing, "、"))
	}
	return v
}

func isTable(n *yaml.Node) bool {
	if n.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == "by" {
			return true
		}
	}
	return false
}

func (p *parser) bandsOnly(o object, a axis) {
	for _, k := range o.keys {
		if k.Value != "by" && k.Value != "bands" && k.Value != "else" {
			p.errorf(k, "%s按档写：bands: [{at_least: …, is: …}]", a.name)
		}
	}
}

func optionIDs(os []Option) []string {
	var ids []string
	for _, o := range os {
		ids = append(ids, o.ID)
	}
	return ids
}

// axis reads what a table goes by.
func (p *parser) axis(n *yaml.Node, sc scope) axis {
	word, rest, dotted := strings.Cut(p.str(n), ".")
	switch {
	case word == "choice" && dotted:
		for i, c := range p.s.Choices {
			if c.ID == rest {
				p.dependsOn(i)
				p.used["choice."+rest] = true
				return axis{kind: byChoice, index: i, opts: c.Options, name: "口径“" + c.ID + "”"}
			}
		}
		p.errorf(n, "没有口径“%s”%s", qiaomen.Clip(rest), qiaomen.Suggest(rest, p.choiceIDs()))
		return axis{}
	case word == "group" && !dotted && sc.unit:
		var opts []Option
		for _, g := range p.s.Groups {
			opts = append(opts, Option{g.ID, g.Name})
		}
		return axis{kind: byGroup, opts: opts, name: "分组"}
	case word == "unit" && dotted && sc.unit:
		for i, a := range p.s.Attributes {
			if a.ID == rest && len(a.Options) > 0 {
				p.used["attribute."+rest] = true
				return axis{kind: byAttribute, index: i, opts: a.Options, name: a.Name}
			}
		}
		p.errorf(n, "单位没有带选项的属性“%s”", qiaomen.Clip(rest))
		return axis{}
	case word == "round" && !dotted && len(p.s.Rounds) > 0:
		var opts []Option
		for _, r := range p.s.Rounds {
			opts = append(opts, Option{r.ID, r.Name})
		}
		return axis{kind: byRound, opts: opts, name: "轮次"}
	case word == "target" && sc.targets:
		m := sc.target
		if dotted {
			m = p.measureRef(n, rest)
		}
		if m == nil {
			return axis{}
		}
		return axis{kind: byTarget, m: m, scale: m.Scale, name: m.Name + "的目标"}
	case (word == "rank" || word == "total") && !dotted && sc.places:
		if word == "rank" {
			return axis{kind: byRank, scale: scales["名"], name: "名次"}
		}
		return axis{kind: byTotal, scale: scales["分"], name: "总分"}
	case sc.kind != nil && !dotted:
		if f := sc.kind.field(word); f != nil {
			p.used["field."+sc.kind.ID+"."+word] = true
			switch f.Type {
			case OptionField:
				return axis{kind: byField, index: f.index, field: f, opts: f.Options, name: f.Name}
			case AmountField, NumberField, JudgedField:
				return axis{kind: byField, index: f.index, field: f, scale: f.Scale, name: f.Name}
			}
		}
	}
	p.errorf(n, "这里不能按“%s”分列", qiaomen.Clip(n.Value))
	return axis{}
}

func (p *parser) choiceIDs() []string {
	var ids []string
	for _, c := range p.s.Choices {
		ids = append(ids, c.ID)
	}
	return ids
}

// env is what a value or condition is looked up in.
type env struct {
	readings Readings
	unit     *Unit
	round    int // -1: none
	window   *Window
	rec      *qiaomen.Record
	answers  *answers // in place of rec: a pattern of records held in columns
	kind     *Kind
	scorer   *scorer
	rank     int
	total    qiaomen.Number
}

// of is the value under the given circumstances; the zero T where a table has
// nothing for them.
func (v *Value[T]) of(e *env) T {
	found, _ := v.lookup(e)
	return found
}

// lookup is the value, and false where a table goes by a field that the record
// does not have, and has no else.
func (v *Value[T]) lookup(e *env) (T, bool) {
	for {
		if v.axis.kind == noAxis {
			return v.plain, true
		}
		i, n := -1, qiaomen.Number{}
		switch v.axis.kind {
		case byChoice:
			i = e.readings[v.axis.index]
		case byGroup:
			i = e.unit.Group.index
		case byAttribute:
			i = e.unit.attrs[v.axis.index]
		case byRound:
			i = e.round
		case byTarget:
			if t := e.scorer.wholeTarget(e.unit, v.axis.m); t.Kind == TargetGiven {
				i, n = 0, t.Number
			}
		case byRank:
			i, n = 0, qiaomen.Int(int64(e.rank))
		case byTotal:
			i, n = 0, e.total
		case byField:
			if f := e.rec.Values[v.axis.index]; f.Given {
				i, n = f.Option, f.Number
			}
		}
		next := v.other
		switch {
		case i < 0:
		case len(v.axis.opts) > 0:
			next = &v.cases[i]
		default:
			for j := range v.bands {
				if passes(v.bands[j].tests, n, e) {
					next = &v.bands[j].is
					break
				}
			}
		}
		if next == nil {
			var zero T
			return zero, i >= 0 || v.axis.kind != byField
		}
		v = next
	}
}

// each calls f for every plain value that stands in the value or its tables.
func (v *Value[T]) each(f func(T)) {
	if v.axis.kind == noAxis {
		f(v.plain)
		return
	}
	for i := range v.cases {
		v.cases[i].each(f)
	}
	for i := range v.bands {
		v.bands[i].is.each(f)
	}
	if v.other != nil && len(v.cases) == 0 {
		v.other.each(f)
	}
}

// say is the value as a sentence has it.
func (v *Value[T]) say(s *Scheme, plain func(T) string) string {
	switch {
	case v.axis.kind == noAxis:
		return plain(v.plain)
	case v.axis.kind == byChoice:
		c := s.Choices[v.axis.index]
		var b strings.Builder
		b.WriteString("【按口径“" + c.ID + "”：")
		for i, o := range c.Options {
			if i > 0 {
				b.WriteString("；")
			}
			if i == c.Default {
				b.WriteString("▶")
			}
			b.WriteString(o.ID + "→" + v.cases[i].say(s, plain))
		}
		return b.String() + "】"
	case len(v.axis.opts) > 0:
		return v.sayOptions(s, plain)
	}
	var parts []string
	for i := range v.bands {
		parts = append(parts, sayComparisons(s, v.bands[i].tests, v.axis.scale)+"为"+v.bands[i].is.say(s, plain))
	}
	if v.other != nil {
		parts = append(parts, "其余为"+v.other.say(s, plain))
	}
	return "按" + v.axis.name + "：" + strings.Join(parts, "，")
}

// sayOptions is a table by options: 200万美元（县、经开区）、100万美元（区）.
func (v *Value[T]) sayOptions(s *Scheme, plain func(T) string) string {
	var texts []string
	names := map[string][]string{}
	for i, o := range v.axis.opts {
		text := v.cases[i].say(s, plain)
		if names[text] == nil {
			texts = append(texts, text)
		}
		names[text] = append(names[text], o.Name)
	}
	for i, text := range texts {
		texts[i] = text + "（" + join(names[text], "、") + "）"
	}
	return join(texts, "、")
}
