package scheme

import (
	"slices"
	"strings"

	"qiaomen"
)

// A UnitCond is a condition on a unit: on its measures against their targets,
// its total and place, its attributes. Every entry must hold.
type UnitCond struct {
	entries []unitTest
}

type unitTest struct {
	subject   string // measure, total, rank, targets_missed, blocks_failed, attribute, all, any, not
	subs      []*UnitCond
	m         *Measure
	attribute int
	options   []int
	set       int    // which targets
	aspect    string // met, completion, extra, missing, rank, value
	met       bool
	tests     []comparison
	scale     *Scale
}

// asks is the measures that the condition looks at.
func (c *UnitCond) asks() []*Measure {
	if c == nil {
		return nil
	}
	var out []*Measure
	for _, t := range c.entries {
		if t.m != nil {
			out = append(out, t.m)
		}
		for _, sub := range t.subs {
			out = append(out, sub.asks()...)
		}
	}
	return out
}

// A moment says how much of a unit's result stands when a condition is asked:
// lines are scored before the total, and the total before the place.
type moment int

const (
	whileScoring moment = iota
	afterLines
	afterRanking
)

var knownFrom = map[string]moment{"blocks_failed": afterLines, "total": afterLines, "rank": afterRanking}

func (p *parser) unitCond(n *node, is moment) *UnitCond {
	if n == nil {
		return nil
	}
	c := &UnitCond{}
	o := p.mapping(n, nil, "")
	for _, key := range o.keys {
		at := o.at[key.Value]
		if knownFrom[key.Value] > is {
			p.errorf(key, "“%s”到%s才知道，不能用在这里", key.Value, map[moment]string{afterLines: "各行得分算完", afterRanking: "排名"}[knownFrom[key.Value]])
			continue
		}
		switch key.Value {
		case "all", "any":
			t := unitTest{subject: key.Value}
			for _, item := range p.list(at) {
				t.subs = append(t.subs, p.unitCond(item, is))
			}
			c.entries = append(c.entries, t)
			continue
		case "not":
			c.entries = append(c.entries, unitTest{subject: "not", subs: []*UnitCond{p.unitCond(at, is)}})
			continue
		case "total", "rank", "targets_missed", "blocks_failed":
			scale := each
			switch key.Value {
			case "total":
				scale = scales["分"]
			case "rank":
				scale = scales["名"]
			}
			c.entries = append(c.entries, unitTest{subject: key.Value, tests: p.bounds(at, scale), scale: scale})
			continue
		}
		if id, ok := strings.CutPrefix(key.Value, "unit."); ok {
			i := slices.IndexFunc(p.s.Attributes, func(a *Attribute) bool { return a.ID == id && len(a.Options) > 0 })
			if i < 0 {
				p.errorf(key, "单位没有带选项的属性“%s”", qiaomen.Clip(id))
				continue
			}
			p.used["attribute."+id] = true
			c.entries = append(c.entries, unitTest{subject: "attribute", attribute: i, options: p.optionRefs(at, p.s.Attributes[i].Options, p.s.Attributes[i].Name)})
			continue
		}
		m := p.measureRef(key, key.Value)
		if m == nil {
			continue
		}
		c.entries = append(c.entries, p.measureTests(m, at)...)
	}
	return c
}

func (p *parser) measureTests(m *Measure, n *node) []unitTest {
	if n.Kind == scalarNode {
		return []unitTest{{subject: "measure", m: m, aspect: "value", tests: p.bounds(n, m.Scale), scale: m.Scale}}
	}
	o := p.object(n, nil, "met", "completion", "extra", "missing", "rank", "against", "at_least", "above", "at_most", "below")
	var out []unitTest
	set := 0
	if a, ok := o.at["against"]; ok {
		set = p.targetSet(a)
	}
	if tests := p.comparisons(o, m.Scale); len(tests) > 0 {
		out = append(out, unitTest{subject: "measure", m: m, aspect: "value", tests: tests, scale: m.Scale})
	}
	if met, ok := o.at["met"]; ok {
		out = append(out, unitTest{subject: "measure", m: m, set: set, aspect: "met", met: p.flag(met)})
	}
	for _, a := range []struct {
		word  string
		scale *Scale
	}{{"completion", percent}, {"extra", m.Scale}, {"missing", m.Scale}, {"rank", scales["位"]}} {
		if x, ok := o.at[a.word]; ok {
			p.s.comparing = p.s.comparing || a.word == "rank"
			out = append(out, unitTest{subject: "measure", m: m, set: set, aspect: a.word, tests: p.bounds(x, a.scale), scale: a.scale})
		}
	}
	return out
}

// bounds is {at_least: …} and so on, or a bare number for exactly that.
func (p *parser) bounds(n *node, in *Scale) []comparison {
	if n.Kind == scalarNode {
		return []comparison{{op: equal, bound: plainly(p.number(n, in))}}
	}
	return p.comparisons(p.object(n, nil, "at_least", "above", "at_most", "below"), in)
}

// unitFacts is what a UnitCond looks at.
type unitFacts interface {
	standing(m *Measure, set int) *standing
	placeIn(m *Measure) (int, bool)
	figure(subject string) (qiaomen.Number, bool)
}

// holds tells whether the unit meets the condition. What is not defined meets
// nothing.
func (c *UnitCond) holds(f unitFacts, e *env) bool {
	if c == nil {
		return true
	}
	for i := range c.entries {
		if !c.entries[i].holds(f, e) {
			return false
		}
	}
	return true
}

func (t *unitTest) holds(f unitFacts, e *env) bool {
	holds := func(c *UnitCond) bool { return c.holds(f, e) }
	switch t.subject {
	case "attribute":
		return slices.Contains(t.options, e.unit.attrs[t.attribute])
	case "any":
		return slices.ContainsFunc(t.subs, holds)
	case "all", "not":
		fails := slices.ContainsFunc(t.subs, func(c *UnitCond) bool { return holds(c) == (t.subject == "not") })
		return !fails
	case "measure":
	default:
		n, ok := f.figure(t.subject)
		return ok && passes(t.tests, n, e)
	}
	if t.aspect == "rank" {
		place, ok := f.placeIn(t.m)
		return ok && passes(t.tests, qiaomen.Int(int64(place)), e)
	}
	st := f.standing(t.m, t.set)
	if !st.actual.Defined {
		return false
	}
	switch t.aspect {
	case "value":
		return passes(t.tests, st.actual.Number, e)
	case "met":
		return st.target.Kind == TargetGiven && (st.missing.Sign() == 0) == t.met
	case "extra":
		return passes(t.tests, st.extra, e)
	case "missing":
		return passes(t.tests, st.missing, e)
	}
	share, ok := st.completion()
	return ok && passes(t.tests, share, e)
}

// say is the condition as a sentence has it.
func (c *UnitCond) say(s *Scheme) string {
	var parts []string
	for i := range c.entries {
		t := &c.entries[i]
		bounds := sayComparisons(s, t.tests, t.scale)
		var subs []string
		for _, sub := range t.subs {
			subs = append(subs, sub.say(s))
		}
		switch t.subject {
		case "all":
			parts = append(parts, join(subs, "，且"))
		case "any":
			parts = append(parts, "（"+join(subs, "，或者")+"）")
		case "not":
			parts = append(parts, "不是（"+subs[0]+"）")
		case "attribute":
			parts = append(parts, s.Attributes[t.attribute].Name+"为"+optionNames(s.Attributes[t.attribute].Options, t.options))
		case "total":
			parts = append(parts, "总分"+bounds)
		case "rank":
			parts = append(parts, "名次"+bounds)
		case "targets_missed":
			parts = append(parts, "没有完成的目标"+bounds)
		case "blocks_failed":
			parts = append(parts, "没有通过的分块"+bounds)
		default:
			which := ""
			if t.set != 0 {
				which = "（" + s.sets[t.set] + "）"
			}
			switch t.aspect {
			case "met":
				parts = append(parts, map[bool]string{true: "完成", false: "没有完成"}[t.met]+"“"+t.m.Name+"”的目标"+which)
			case "value":
				parts = append(parts, "“"+t.m.Name+"”"+bounds)
			default:
				parts = append(parts, "“"+t.m.Name+"”的"+map[string]string{
					"completion": "完成率", "extra": "超额", "missing": "缺额", "rank": "位次",
				}[t.aspect]+which+bounds)
			}
		}
	}
	return strings.Join(parts, "，且")
}

func optionNames(opts []Option, which []int) string {
	var names []string
	for _, i := range which {
		names = append(names, opts[i].Name)
	}
	return strings.Join(names, "或")
}

func join(parts []string, sep string) string { return strings.Join(parts, sep) }
