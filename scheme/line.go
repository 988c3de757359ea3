package scheme

import (
	"slices"

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
