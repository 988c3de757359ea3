package scheme

import (
	"slices"
	"strings"

	"qiaomen"
)

// A Score is how one group's points are made up.
type Score struct {
	Group     *Group
	Cite      *Clause
	Lines     []*Line
	Blocks    []*Block
	BaseTotal *qiaomen.Number
	Show      []*Measure // listed, without points
	Floor     Value[ceiling]
	Cap       Value[ceiling]
	ZeroIf    *UnitCond
}

// A Line is one entry of the score card: a base, how it is earned, what is
// taken off, what is added, and the bounds, always in that order:
//
//	held  = base, or what `earn` gives, − deductions, not under the floor
//	score = held + bonuses, not over the cap
type Line struct {
	ID, Name string
	Short    string // for the head of a column
	Cite     *Clause
	Base     Value[qiaomen.Number]
	Earn     Value[[]*Term]
	Deduct   []*Term
	Add      []*Term
	Floor    Value[ceiling] // a floor where on
	Cap      Value[ceiling]
	Most     [2]Value[ceiling] // of all deductions, of all additions
	Factor   Value[qiaomen.Number]
	NoTarget Value[string]
	Pending  Value[string]
	ZeroIf   *UnitCond
	Rounds   []int

	measures []*Measure // that it shows, in the order of the terms
	own      []*Measure // whose records are its own
	at       *node
}

// A Block is lines that are bounded, or passed, together.
type Block struct {
	ID, Name   string
	Lines      []*Line
	Floor, Cap Value[ceiling]
	Pass       *qiaomen.Number
	Cite       *Clause
}

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

func (p *parser) scores(n *node) {
	p.indexTargets()
	p.s.Scores = make([]*Score, len(p.s.Groups))
	t := p.mapping(n, nil, "")
	p.lines = map[string]*node{}
	for _, key := range t.keys {
		if lines, ok := p.mappingAt(t.at[key.Value], "lines"); ok {
			for i := 0; i+1 < len(lines.Content); i += 2 {
				p.lines[key.Value+"."+lines.Content[i].Value] = lines.Content[i+1]
			}
		}
	}
	for _, key := range t.keys {
		if g := p.groupRef(key); g != nil {
			p.s.Scores[g.index] = p.score(g, t.at[key.Value])
		}
	}
}

func (p *parser) mappingAt(n *node, word string) (*node, bool) {
	if n == nil || n.Kind != mappingNode {
		return nil, false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == word && n.Content[i+1].Kind == mappingNode {
			return n.Content[i+1], true
		}
	}
	return nil, false
}

func (p *parser) score(g *Group, n *node) *Score {
	p.scoring = g
	o := p.object(n, g.Cite, "lines", "blocks", "base_total", "show", "floor", "cap", "zero_if")
	sc := &Score{Group: g, Cite: o.cite, Floor: p.bound(o, "floor", nil), Cap: p.bound(o, "cap", nil)}
	lines := p.table(o.need("lines"), o.cite, "计分行")
	for _, key := range lines.keys {
		sc.Lines = append(sc.Lines, p.line(key, lines.at[key.Value], o.cite))
	}
	if bt, ok := o.at["base_total"]; ok {
		v := p.plainNumber(bt)
		sc.BaseTotal = &v
		p.checkBaseTotal(sc, bt)
	}
	for _, m := range p.list(o.at["show"]) {
		if ref := p.measureRef(m, p.str(m)); ref != nil {
			sc.Show = append(sc.Show, ref)
		}
	}
	if z, ok := o.at["zero_if"]; ok {
		sc.ZeroIf = p.unitCond(z, afterLines)
	}
	if b, ok := o.at["blocks"]; ok {
		t := p.table(b, o.cite, "分块")
		for _, key := range t.keys {
			bo := p.object(t.at[key.Value], o.cite, "name", "lines", "floor", "cap", "pass")
			block := &Block{ID: key.Value, Name: bo.name("name"), Cite: bo.cite, Floor: p.bound(bo, "floor", nil), Cap: p.bound(bo, "cap", nil)}
			for _, l := range p.list(bo.need("lines")) {
				line := find(sc.Lines, func(x *Line) bool { return x.ID == l.Value })
				if line == nil {
					p.errorf(l, "没有计分行“%s”", qiaomen.Clip(l.Value))
					continue
				}
				block.Lines = append(block.Lines, line)
			}
			if ps, ok := bo.at["pass"]; ok {
				v := p.plainNumber(ps)
				block.Pass = &v
			}
			sc.Blocks = append(sc.Blocks, block)
		}
	}
	return sc
}

// bound is a floor or cap: a number or none; m is the measure in whose scale
// it is counted, nil for points.
func (p *parser) bound(o object, word string, in *Scale) Value[ceiling] {
	n, ok := o.at[word]
	if !ok {
		return Value[ceiling]{}
	}
	if in == nil {
		in = scales["分"]
	}
	return value(p, n, anyUnit, func(n *node) ceiling { return p.ceiling(n, in) })
}

var lineWords = []string{
	"name", "short", "base", "earn", "deduct", "add", "both", "floor", "cap", "deduct_at_most", "add_at_most",
	"factor", "like", "no_target", "pending", "zero_if", "rounds",
}

// like is the node of a line that says `like`, with its own words in place of
// the other's.
func (p *parser) like(n *node) *node {
	o := p.mapping(n, nil, "")
	ref, ok := o.at["like"]
	if !ok {
		return n
	}
	other, ok := p.lines[ref.Value]
	if !ok {
		var ids []string
		for id := range p.lines {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		p.errorf(ref, "没有计分行“%s”%s", qiaomen.Clip(ref.Value), qiaomen.Suggest(ref.Value, ids))
		return n
	}
	merged := &node{Kind: mappingNode, Line: n.Line, Column: n.Column}
	oo := p.mapping(other, nil, "")
	if oo.has("like") {
		p.errorf(ref, "“like”只能指向直接写出的计分行")
		return n
	}
	for _, key := range oo.keys {
		if !o.has(key.Value) {
			merged.Content = append(merged.Content, key, oo.at[key.Value])
		}
	}
	for _, key := range o.keys {
		if key.Value != "like" {
			merged.Content = append(merged.Content, key, o.at[key.Value])
		}
	}
	return merged
}

func (p *parser) line(key, n *node, cite *Clause) *Line {
	n = p.like(n)
	o := p.object(n, cite, lineWords...)
	l := &Line{ID: key.Value, Name: o.name("name"), Short: o.str("short"), Cite: o.cite, at: key}
	if l.Short == "" {
		l.Short = l.Name
	}
	if b, ok := o.at["base"]; ok {
		l.Base = value(p, b, anyUnit, p.plainNumber)
	}
	if e, ok := o.at["earn"]; ok {
		l.Earn = value(p, e, anyUnit, func(n *node) []*Term { return p.terms(l, n, o.cite) })
	}
	l.Deduct = p.terms(l, o.at["deduct"], o.cite)
	l.Add = p.terms(l, o.at["add"], o.cite)
	for _, item := range p.items(o.at["both"]) {
		down, up := p.swing(l, item, o.cite)
		l.Deduct, l.Add = append(l.Deduct, down), append(l.Add, up)
	}
	l.Floor, l.Cap = p.bound(o, "floor", nil), p.bound(o, "cap", nil)
	l.Most = [2]Value[ceiling]{p.bound(o, "deduct_at_most", nil), p.bound(o, "add_at_most", nil)}
	l.Factor = plainly(qiaomen.Int(1))
	if f, ok := o.at["factor"]; ok {
		l.Factor = value(p, f, anyUnit, p.plainNumber)
	}
	words := func(word string, of ...string) Value[string] {
		if n, ok := o.at[word]; ok {
			return value(p, n, anyUnit, func(n *node) string { return p.one(n, of...) })
		}
		return plainly("")
	}
	l.NoTarget = words("no_target", "skip", "zero", "full")
	l.Pending = words("pending", "leave_out", "hold_base")
	if z, ok := o.at["zero_if"]; ok {
		l.ZeroIf = p.unitCond(z, whileScoring)
		l.looksAt(l.ZeroIf)
	}
	for _, r := range p.list(o.at["rounds"]) {
		i := slices.IndexFunc(p.s.Rounds, func(w *Window) bool { return w.ID == r.Value })
		if i < 0 {
			p.errorf(r, "没有轮次“%s”", qiaomen.Clip(r.Value))
		}
		l.Rounds = append(l.Rounds, i)
	}
	if !o.has("floor") && (o.has("deduct") || o.has("both")) && !o.has("deduct_at_most") {
		p.report(Warning, n, "“%s”有扣分，没有写最低分；请写 floor（不设最低分写 floor: none）", l.Name)
	}
	p.checkTargets(l, o)
	return l
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

// looksAt adds the measures of a condition to those that the line shows. Their
// records are not the line's own.
func (l *Line) looksAt(c *UnitCond) {
	for _, m := range c.asks() {
		if !slices.Contains(l.measures, m) {
			l.measures = append(l.measures, m)
		}
	}
}

func (l *Line) uses(m *Measure) {
	if m != nil && !slices.Contains(l.own, m) {
		l.own = append(l.own, m)
	}
	if m != nil && !slices.Contains(l.measures, m) {
		l.measures = append(l.measures, m)
	}
}

func (p *parser) term(l *Line, n *node, cite *Clause) *Term {
	words := append([]string{"points", "per", "part", "at_most", "no_more_than", "up_to", "if", "factor", "else", "where", "against"}, termWords...)
	o := p.object(n, cite, words...)
	t := &Term{op: -1, Cite: o.cite, at: n, factor: plainly(qiaomen.Int(1))}
	for _, key := range o.keys {
		if i := slices.Index(termWords, key.Value); i >= 0 {
			if t.op >= 0 {
				p.errorf(key, "一个计分项只能有一种算法，“%s”之外又写了“%s”", termWords[t.op], key.Value)
				continue
			}
			t.op = termOp(i)
		}
	}
	if t.op < 0 {
		p.errorf(n, "计分项缺少算法，可用：%s", strings.Join(termWords, "、"))
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
