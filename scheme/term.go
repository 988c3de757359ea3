package scheme

import (
	"strings"

	"qiaomen"
)

type termOp int

const (
	eachStep termOp = iota
	missingStep
	extraStep
	byCompletion
	byRate
	pointsOf
	ifMet
	firstOf
	giveConstant
)

var termWords = []string{"each", "missing", "extra", "completion", "rate", "points_of", "met", "first", "give"}

// A Term is one sentence that turns a measure into points.
type Term struct {
	op       termOp
	m        *Measure
	all      []*Measure // met: several
	asks     []*Measure // the measures it cannot do without
	where    *Cond
	narrowed map[*verb]*counter
	set      int // which targets
	per      Value[step]
	part     Value[part]
	points   Value[qiaomen.Number]
	stated   bool // points are written
	most     Value[ceiling]
	noMore   Value[*atMostAs]
	upTo     Value[ceiling]
	cond     *UnitCond
	factor   Value[qiaomen.Number]
	orElse   Value[qiaomen.Number]
	ladder   []rung
	base     bool // give: base
	Cite     *Clause
	at       *node
}

// A step is how much of a measure counts once: a quantity, or a share of the
// unit's own target.
type step struct {
	size     qiaomen.Number
	ofTarget bool
	text     string
}

// A part is what becomes of the rest of a step.
type part struct {
	mode     string // none, whole, share, points
	points   qiaomen.Number
	onlyBare Value[bool] // only where there is no whole step
}

// atMostAs bounds how many steps are paid.
type atMostAs struct {
	none  bool
	count qiaomen.Number
	fixed bool
	extra *Measure
	term  *Term // each, where
}

// measure is the measure that bounds the steps, or nil.
func (a *atMostAs) measure() *Measure {
	switch {
	case a == nil:
		return nil
	case a.term != nil:
		return a.term.m
	}
	return a.extra
}

type rung struct {
	cond   *UnitCond
	points Value[qiaomen.Number]
}

// swing reads a step written once for both ways: the same points for each
// step beyond the target and short of it.
func (p *parser) swing(l *Line, n *node, cite *Clause) (down, up *Term) {
	o := p.mapping(n, nil, "")
	m := o.need("measure")
	build := func(word string) *Term {
		c := &node{Kind: mappingNode, Line: n.Line, Column: n.Column}
		for _, key := range o.keys {
			if key.Value == "measure" {
				key = &node{Kind: scalarNode, Value: word, Line: key.Line, Column: key.Column}
				c.Content = append(c.Content, key, m)
				continue
			}
			c.Content = append(c.Content, key, o.at[key.Value])
		}
		return p.term(l, c, cite)
	}
	return build("missing"), build("extra")
}

func (p *parser) terms(l *Line, n *node, cite *Clause) []*Term {
	var out []*Term
	for _, item := range p.items(n) {
		out = append(out, p.term(l, item, cite))
	}
	return out
}

func (p *parser) term(l *Line, n *node, cite *Clause) *Term {
	words := append([]string{"points", "per", "part", "at_most", "no_more_than", "up_to", "if", "factor", "else", "where", "against"}, termWords...)
	o := p.object(n, cite, words...)
	t := &Term{op: -1, Cite: o.cite, at: n, factor: plainly(qiaomen.Int(1))}
	if t.op = termOp(o.only("计分项", termWords)); t.op < 0 {
		t.op = giveConstant
		return t
	}
	at := o.at[termWords[t.op]]
	switch t.op {
	case firstOf:
		for _, r := range p.list(at) {
			ro := p.object(r, o.cite, "if", "points")
			cond := p.unitCond(ro.need("if"), whileScoring)
			for _, m := range cond.asks() {
				l.uses(m)
			}
			t.ladder = append(t.ladder, rung{cond, value(p, ro.need("points"), inTerm, p.plainNumber)})
		}
	case giveConstant:
		if at.Value == "base" {
			t.base = true
		} else {
			t.points = value(p, at, inTerm, p.plainNumber)
		}
	case ifMet:
		for _, item := range p.items(at) {
			if m := p.measureRef(item, p.str(item)); m != nil {
				t.all = append(t.all, m)
				l.uses(m)
			}
		}
		if len(t.all) > 0 {
			t.m = t.all[0]
		}
	default:
		if t.m = p.measureRef(at, p.str(at)); t.m != nil {
			l.uses(t.m)
			if is := t.m.Scale; t.op == byRate && is.dim != share || t.op == pointsOf && is.dim != points {
				p.errorf(at, "“%s”以“%s”计，不能用在“%s”上，应是%s", t.m.Name, is.Name, termWords[t.op], map[termOp]string{byRate: "百分率", pointsOf: "分"}[t.op])
			}
		}
	}
	switch {
	case t.op == ifMet:
		t.asks = t.all
	case t.m != nil:
		t.asks = []*Measure{t.m}
	case t.op != firstOf && t.op != giveConstant:
		return t
	}
	p.termWords(l, t, o)
	return t
}

func (p *parser) termWords(l *Line, t *Term, o object) {
	allowed := map[string]bool{
		"per": t.op <= extraStep, "part": t.op <= extraStep, "no_more_than": t.op <= extraStep, "where": t.op == eachStep,
		"up_to": t.op == byCompletion || t.op == byRate, "else": t.op == ifMet || t.op == firstOf,
		"against": t.op != eachStep && t.op != pointsOf && t.op != giveConstant,
	}
	for word, ok := range allowed {
		if o.has(word) && !ok {
			p.errorf(o.key[word], "“%s”不用在“%s”上", word, termWords[t.op])
		}
	}
	sc := inTerm
	sc.target = t.m
	if pt, ok := o.at["points"]; ok {
		t.points, t.stated = value(p, pt, sc, p.plainNumber), true
	} else if t.op <= extraStep {
		o.need("points")
	}
	if s, ok := o.at["against"]; ok {
		t.set = p.targetSet(s)
	}
	t.per = plainly(step{size: qiaomen.Int(1)})
	if per, ok := o.at["per"]; ok && t.op <= extraStep {
		t.per = value(p, per, sc, func(n *node) step { return p.step(n, t.m.Scale) })
	} else if t.op <= extraStep && t.m.Scale.dim == share {
		p.errorf(o.node, "“%s”是百分率，请用 per 写明一步是多少（例如 per: 1百分点）", t.m.Name)
	}
	t.part = plainly(part{mode: "none"})
	if pa, ok := o.at["part"]; ok {
		t.part = value(p, pa, sc, p.part)
	}
	if m, ok := o.at["at_most"]; ok {
		t.most = value(p, m, sc, func(n *node) ceiling { return p.ceiling(n, scales["分"]) })
	}
	t.upTo = plainly(ceiling{t.op == byCompletion, qiaomen.Int(1)})
	if u, ok := o.at["up_to"]; ok {
		t.upTo = value(p, u, sc, func(n *node) ceiling { return p.ceiling(n, percent) })
	}
	if n, ok := o.at["no_more_than"]; ok {
		t.noMore = value(p, n, sc, func(n *node) *atMostAs { return p.atMostAs(n, o.cite) })
	}
	if f, ok := o.at["factor"]; ok {
		t.factor = value(p, f, sc, p.plainNumber)
	}
	if c, ok := o.at["if"]; ok {
		t.cond = p.unitCond(c, whileScoring)
		l.looksAt(t.cond)
	}
	if e, ok := o.at["else"]; ok {
		t.orElse = value(p, e, sc, p.plainNumber)
	}
	if w, ok := o.at["where"]; ok && t.op == eachStep {
		p.narrow(t, w, o.cite)
	}
}

// narrow makes `each` count only the measure's records that meet a further
// condition.
func (p *parser) narrow(t *Term, n *node, cite *Clause) {
	t.narrowed = map[*verb]*counter{}
	t.m.verb.each(func(v *verb) {
		if v == nil {
			return
		}
		if v.op != countRecords && v.op != sumRecords {
			p.errorf(n, "“where”只能用在数记录的指标上")
			return
		}
		var c *Cond
		deps := p.collect(func() { c = p.cond(n, v.kind, cite) })
		t.where = c
		t.narrowed[v] = p.feed(v, c, deps)
	})
}

func (p *parser) step(n *node, in *Scale) step {
	l, ok := p.literal(n)
	if !ok {
		return step{size: qiaomen.Int(1)}
	}
	st := step{size: l.number, text: strings.ReplaceAll(n.Value, " ", "")}
	switch {
	case l.number.Sign() <= 0:
		p.errorf(n, "“per”应大于0")
		st.size = qiaomen.Int(1)
	case l.scale != nil && l.scale.dim == share && !l.ofPoint:
		if in.dim == share {
			p.errorf(n, "“per: %s”用在百分率指标上：一步是本身的百分点就写“百分点”", qiaomen.Clip(n.Value))
		}
		st.ofTarget = true
	case l.ofPoint && in.dim != share:
		p.errorf(n, "“%s”不是百分率，不能按百分点", in.Name)
	default:
		if st.size = p.convert(n, l, in); l.scale == nil {
			st.text = with(st.size, in)
		}
	}
	return st
}

func (p *parser) part(n *node) part {
	if n.Kind == scalarNode {
		return part{mode: p.one(n, "none", "whole", "share")}
	}
	o := p.object(n, nil, "points", "only_without_whole")
	pa := part{mode: "points", points: p.plainNumber(orSelf(o, "points"))}
	if w, ok := o.at["only_without_whole"]; ok {
		pa.onlyBare = value(p, w, anyUnit, p.flag)
	}
	return pa
}

func (p *parser) atMostAs(n *node, cite *Clause) *atMostAs {
	if n.Kind == scalarNode {
		if n.Value == "none" {
			return &atMostAs{none: true}
		}
		return &atMostAs{fixed: true, count: p.plainNumber(n)}
	}
	o := p.object(n, cite, "extra", "each", "where")
	if e, ok := o.at["extra"]; ok {
		return &atMostAs{extra: p.measureRef(e, p.str(e))}
	}
	t := &Term{op: eachStep, Cite: o.cite}
	if e := o.need("each"); e != nil {
		if t.m = p.measureRef(e, p.str(e)); t.m != nil {
			if w, ok := o.at["where"]; ok {
				p.narrow(t, w, cite)
			}
		}
	}
	return &atMostAs{term: t}
}
