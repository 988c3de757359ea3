package scheme

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
	"qiaomen"
)

type node = yaml.Node

const (
	mappingNode = yaml.MappingNode
	scalarNode  = yaml.ScalarNode
)

// A Cond is a condition on one record. It looks at that record and its unit,
// never at other records.
type Cond struct {
	op    condOp
	subs  []*Cond
	table Value[*Cond]
	cite  *Clause

	field   *Field
	tests   []comparison
	window  Value[*Window]
	date    Value[qiaomen.Date]
	options []int
	texts   []string
	flag    bool
	index   int // attribute
	set     qiaomen.Set
	kind    *Kind // whose evidence it is
	fact    *Fact
	group   *Group
}

type condOp int

const (
	holdsAll condOp = iota
	holdsAny
	holdsNot
	holdsTable
	testNumber
	testSize
	testWithin
	testSince
	testUntil
	testOption
	testNoneOf
	testText
	testFlag
	testGiven
	testSameAs
	testEvidence
	testFact
	testGroup
	testAttribute
)

// cond reads a condition on records of the kind: a map of which every entry
// must hold, or a table of such maps.
func (p *parser) cond(n *node, k *Kind, cite *Clause) *Cond {
	if n == nil {
		return &Cond{}
	}
	if isTable(n) {
		v := value(p, n, scope{unit: true, kind: k}, func(n *node) *Cond { return p.cond(n, k, cite) })
		return &Cond{op: holdsTable, table: v, cite: cite}
	}
	all := &Cond{op: holdsAll, cite: cite}
	o := p.mapping(n, cite, "")
	for _, key := range o.keys {
		if c := p.condEntry(key, o.at[key.Value], k, cite); c != nil {
			all.subs = append(all.subs, c)
		}
	}
	if len(all.subs) == 1 {
		return all.subs[0]
	}
	return all
}

func (p *parser) condEntry(key, n *node, k *Kind, cite *Clause) *Cond {
	switch key.Value {
	case "all", "any":
		c := &Cond{op: map[string]condOp{"all": holdsAll, "any": holdsAny}[key.Value], cite: cite}
		for _, item := range p.list(n) {
			c.subs = append(c.subs, p.cond(item, k, cite))
		}
		return c
	case "not":
		return &Cond{op: holdsNot, subs: []*Cond{p.cond(n, k, cite)}, cite: cite}
	case "fact":
		name := p.str(n)
		for _, f := range k.Facts {
			if f.ID == name {
				p.dependsOn(f.deps...)
				p.used["fact."+k.ID+"."+name] = true
				return &Cond{op: testFact, fact: f, cite: cite}
			}
		}
		p.errorf(n, "“%s”没有事实“%s”", k.Name, qiaomen.Clip(name))
		return nil
	case "evidence":
		o := p.object(n, cite, "has")
		c := &Cond{op: testEvidence, kind: k, cite: cite}
		for _, e := range p.items(o.need("has")) {
			if i := p.evidenceRef(e, k); i >= 0 {
				c.set = c.set.With(i)
			}
		}
		return c
	case "group":
		if g := p.groupRef(n); g != nil {
			return &Cond{op: testGroup, group: g, cite: cite}
		}
		return nil
	}
	if attr, ok := strings.CutPrefix(key.Value, "unit."); ok {
		return p.condAttribute(key, n, attr, cite)
	}
	f := p.fieldRef(k, key)
	if f == nil {
		return nil
	}
	return p.condField(n, k, f, cite)
}

func (p *parser) condAttribute(key, n *node, id string, cite *Clause) *Cond {
	for i, a := range p.s.Attributes {
		if a.ID == id && len(a.Options) > 0 {
			p.used["attribute."+id] = true
			return &Cond{op: testAttribute, index: i, options: p.optionRefs(n, a.Options, a.Name), cite: cite}
		}
	}
	p.errorf(key, "单位没有带选项的属性“%s”", qiaomen.Clip(id))
	return nil
}

func (p *parser) optionRefs(n *node, opts []Option, name string) []int {
	var out []int
	for _, item := range p.items(n) {
		i := slices.IndexFunc(opts, func(o Option) bool { return o.ID == item.Value })
		if i < 0 {
			p.errorf(item, "“%s”没有“%s”这一项%s", name, qiaomen.Clip(item.Value), qiaomen.Suggest(item.Value, optionIDs(opts)))
			continue
		}
		out = append(out, i)
	}
	return out
}

func (p *parser) condField(n *node, k *Kind, f *Field, cite *Clause) *Cond {
	c := &Cond{field: f, cite: cite}
	if n.Kind != mappingNode {
		switch f.Type {
		case FlagField:
			c.op, c.flag = testFlag, p.flag(n)
		case OptionField:
			if f.List != nil && f.List.Open {
				c.op, c.texts = testText, p.strs(n)
			} else {
				c.op, c.options = testOption, p.optionRefs(n, f.Options, f.Name)
			}
		case TextField, UnitField, RecordField:
			c.op, c.texts = testText, p.strs(n)
		case AmountField, NumberField, JudgedField:
			c.op, c.tests = testNumber, []comparison{{op: equal, bound: plainly(p.number(n, f.Scale))}}
		default:
			p.errorf(n, "“%s”是%v，应写成表，例如 {within: campaign}", f.Name, f.Type)
			return nil
		}
		return c
	}
	o := p.object(n, cite, "at_least", "above", "at_most", "below", "within", "since", "until", "given", "size", "none_of", "same_as")
	var all []*Cond
	add := func(op condOp, set func(c *Cond)) {
		x := *c
		x.op = op
		set(&x)
		all = append(all, &x)
	}
	wrong := func(word string, ok bool) bool {
		if !ok {
			p.errorf(o.key[word], "“%s”用不到字段“%s”上，它是%v", word, f.Name, f.Type)
		}
		return ok
	}
	numeric := f.Type == AmountField || f.Type == NumberField || f.Type == JudgedField
	for _, key := range o.keys {
		word, at := key.Value, o.at[key.Value]
		switch word {
		case "at_least", "above", "at_most", "below":
			if wrong(word, numeric) && !slices.ContainsFunc(all, func(c *Cond) bool { return c.op == testNumber }) {
				tests := p.comparisonsOf(o, f.Scale, scope{unit: true, kind: k}, k)
				add(testNumber, func(c *Cond) { c.tests = tests })
			}
		case "within":
			if wrong(word, f.Type == DateField) {
				w := value(p, at, anyUnit, p.windowRef)
				add(testWithin, func(c *Cond) { c.window = w })
			}
		case "since", "until":
			if wrong(word, f.Type == DateField) {
				d := value(p, at, anyUnit, p.date)
				add(map[string]condOp{"since": testSince, "until": testUntil}[word], func(c *Cond) { c.date = d })
			}
		case "given":
			given := p.flag(at)
			add(testGiven, func(c *Cond) { c.flag = given })
		case "size":
			if wrong(word, f.Type == ListField) {
				so := p.object(at, cite, "at_least", "above", "at_most", "below")
				tests := p.comparisonsOf(so, each, scope{unit: true, kind: k}, nil)
				add(testSize, func(c *Cond) { c.tests = tests })
			}
		case "none_of":
			if wrong(word, f.Type == OptionField && len(f.Options) > 0) {
				opts := p.optionRefs(at, f.Options, f.Name)
				add(testNoneOf, func(c *Cond) { c.options = opts })
			}
		case "same_as":
			if wrong(word, f.Type == OptionField && len(f.Options) > 0) {
				id, _ := strings.CutPrefix(p.str(at), "unit.")
				i := slices.IndexFunc(p.s.Attributes, func(a *Attribute) bool { return a.ID == id && len(a.Options) > 0 })
				if i < 0 {
					p.errorf(at, "应写成 unit.属性，属性要带选项")
					continue
				}
				p.used["attribute."+id] = true
				add(testSameAs, func(c *Cond) { c.index = i })
			}
		}
	}
	if len(all) == 1 {
		return all[0]
	}
	return &Cond{op: holdsAll, subs: all, cite: cite}
}

// weight is how many tests the condition comes to, those of facts included.
func (c *Cond) weight() int {
	n := 1
	if c.fact != nil {
		n = c.fact.weight
	}
	for _, sub := range c.subs {
		n += sub.weight()
	}
	c.table.each(func(sub *Cond) {
		if sub != nil {
			n += sub.weight()
		}
	})
	return n
}

// holds tells whether the record in e meets the condition. A field without a
// value fails every test but `given: false`.
func (c *Cond) holds(s *Scheme, e *env) bool {
	switch c.op {
	case holdsAll:
		for _, sub := range c.subs {
			if !sub.holds(s, e) {
				return false
			}
		}
		return true
	case holdsAny:
		for _, sub := range c.subs {
			if sub.holds(s, e) {
				return true
			}
		}
		return false
	case holdsNot:
		return !c.subs[0].holds(s, e)
	case holdsTable:
		sub := c.table.of(e)
		return sub != nil && sub.holds(s, e)
	case testFact:
		return c.fact.When.holds(s, e)
	case testGroup:
		return e.unit.Group == c.group
	case testAttribute:
		return slices.Contains(c.options, e.unit.attrs[c.index])
	}
	if e.answers != nil {
		return e.answers.leaf(c, s, e)
	}
	if c.op == testEvidence {
		return e.rec.Evidence&c.set == c.set
	}
	v := c.field.in(e.rec)
	if c.op == testGiven {
		return v.Given == c.flag
	}
	if !v.Given {
		return false
	}
	switch c.op {
	case testNumber:
		return passes(c.tests, v.Number, e)
	case testSize:
		return passes(c.tests, qiaomen.Int(int64(len(v.List))), e)
	case testWithin:
		w := c.window.of(e)
		if w == nil {
			w = e.window
		}
		return w != nil && w.Holds(v.Date)
	case testSince:
		return v.Date >= c.date.of(e)
	case testUntil:
		return v.Date <= c.date.of(e)
	case testOption:
		return slices.Contains(c.options, v.Option)
	case testNoneOf:
		return !slices.Contains(c.options, v.Option)
	case testText:
		return slices.Contains(c.texts, v.Text)
	case testFlag:
		return v.Flag == c.flag
	case testSameAs:
		a := e.unit.attrs[c.index]
		return a >= 0 && v.Option >= 0 && s.Attributes[c.index].Options[a].ID == c.field.Options[v.Option].ID
	}
	return false
}
