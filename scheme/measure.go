package scheme

import (
	"strings"

	"qiaomen"
)

// A Measure is one number that a unit has. It is got by exactly one verb,
// which may depend on a reading.
type Measure struct {
	ID, Name string
	Scale    *Scale
	Cite     *Clause

	verb  Value[*verb]
	round Value[Rounded]
	shown int // decimals for display only; -1: as it is
	at    *node
	needs []*Measure
	index int
}

// Rounded is a rule of rounding: exactly, or to decimals half away from zero.
type Rounded struct {
	On       bool
	Decimals int
}

func (r Rounded) apply(n qiaomen.Number) qiaomen.Number {
	if !r.On {
		return n
	}
	return n.Round(r.Decimals)
}

// A ceiling is an upper bound, or none.
type ceiling struct {
	on bool
	at qiaomen.Number
}

func (c ceiling) apply(n qiaomen.Number) qiaomen.Number {
	if c.on {
		return n.Min(c.at)
	}
	return n
}

func (p *parser) measures(n *node) {
	t := p.table(n, nil, "指标")
	for i, key := range t.keys {
		m := &Measure{ID: key.Value, at: key, shown: -1, index: i}
		p.s.Measures, p.unread[m] = append(p.s.Measures, m), t.at[key.Value]
	}
	for _, m := range p.s.Measures {
		p.readMeasure(m)
	}
	p.sortMeasures()
}

// readMeasure reads a measure once: when its turn comes, or before one that is
// built from it and has to know in which unit of measure it comes.
func (p *parser) readMeasure(m *Measure) {
	if n, ok := p.unread[m]; ok {
		delete(p.unread, m)
		p.measure(m, n)
	}
}

func (p *parser) measure(m *Measure, n *node) {
	words := append([]string{"name", "in", "round", "shown", "by"}, verbWords...)
	words = append(words, "where", "value", "limit", "at", "to", "from", "all_equal", "if_zero", "best", "take")
	if isTable(n) { // a table of verbs: name and the like stand beside `take`
		p.errorf(n, "随口径而变的指标写成 take: {by: choice.…, 选项: {…}}")
		m.Scale = each
		return
	}
	o := p.object(n, nil, words...)
	m.Name, m.Cite = o.name("name"), o.cite
	if in, ok := o.at["in"]; ok && !o.has("elapsed") {
		m.Scale = p.scale(in)
	}
	if r, ok := o.at["round"]; ok {
		m.round = value(p, r, anyUnit, p.rounded)
	}
	if s, ok := o.at["shown"]; ok {
		m.shown = p.count(s, 0, 10)
	}
	if take, ok := o.at["take"]; ok {
		m.verb = value(p, take, anyUnit, func(n *node) *verb {
			return p.verb(m, p.object(n, o.cite, append(words[5:], "name")...))
		})
	} else {
		m.verb = plainly(p.verb(m, o))
	}
	if m.Scale == nil {
		m.Scale = each
	}
}

func (p *parser) rounded(n *node) Rounded {
	if n.Kind == scalarNode {
		p.one(n, "exact")
		return Rounded{}
	}
	o := p.object(n, nil, "decimals", "mode")
	o.one("mode", "half_up")
	r := Rounded{On: true}
	if d := o.need("decimals"); d != nil {
		r.Decimals = p.count(d, 0, 10)
	}
	return r
}

// Of a figure, in place of one of its periods.
const (
	allPeriods = -1 // their sum
	thisRound  = -2 // the round scored
)

func (p *parser) ceiling(n *node, in *Scale) ceiling {
	if n.Value == "none" {
		return ceiling{}
	}
	return ceiling{true, p.number(n, in)}
}

// needs is the measure a name refers to, noted as one that m is built from.
func (p *parser) needs(m *Measure, n *node) *Measure {
	if n == nil {
		return nil
	}
	ref := p.measureRef(n, p.str(n))
	if ref != nil {
		p.readMeasure(ref)
		m.needs = append(m.needs, ref)
	}
	return ref
}

func (p *parser) measureRef(n *node, id string) *Measure {
	m := p.s.Measure(id)
	if m == nil {
		var ids []string
		for _, m := range p.s.Measures {
			ids = append(ids, m.ID)
		}
		p.errorf(n, "没有定义指标“%s”%s", qiaomen.Clip(id), qiaomen.Suggest(id, ids))
		return nil
	}
	p.used["measure."+id] = true
	return m
}

// Measure is the measure of that id, or nil.
func (s *Scheme) Measure(id string) *Measure {
	return find(s.Measures, func(m *Measure) bool { return m.ID == id })
}

// sortMeasures puts the measures into an order in which each needs only
// earlier ones, and finds circles.
func (p *parser) sortMeasures() {
	const visiting, done = 1, 2
	state, weight := map[*Measure]int{}, map[*Measure]int{}
	var sorted []*Measure
	var path []string
	var visit func(m *Measure) bool
	visit = func(m *Measure) bool {
		switch state[m] {
		case done:
			return true
		case visiting:
			p.errorf(m.at, "指标循环引用：%s→%s", strings.Join(path, "→"), m.ID)
			return false
		}
		state[m] = visiting
		path = append(path, m.ID)
		for _, n := range m.needs {
			if !visit(n) {
				return false
			}
		}
		path = path[:len(path)-1]
		weight[m] = 1
		for _, n := range m.needs {
			weight[m] += weight[n]
		}
		if weight[m] > maxWeight { // numbers grow with it, and so does what has to be explained
			p.errorf(m.at, "指标“%s”套着的指标超过%d个", m.ID, maxWeight)
			weight[m] = maxWeight
		}
		state[m] = done
		sorted = append(sorted, m)
		return true
	}
	for _, m := range p.s.Measures {
		if !visit(m) {
			return
		}
	}
	for i, m := range sorted {
		m.index = i
	}
	p.s.Measures = sorted
}
