package scheme

import (
	"slices"

	"qiaomen"
)

// A TargetKind says what a unit's target for a measure is.
type TargetKind int

// A unit may have a target, or none (E2: it neither gains nor loses), or a
// blank cell that means nothing can be missing and everything is extra.
const (
	TargetAbsent TargetKind = iota
	TargetGiven
	TargetAllExtra
)

// A Target is what one unit owes of one measure.
type Target struct {
	Kind   TargetKind
	Number qiaomen.Number
}

// A TargetTable is targets as the annex prints them: columns are measures,
// rows are units. A scheme with several targets for one measure (annual and
// stretch, city and province) gives each table a Set.
type TargetTable struct {
	Set     string // "base" where the scheme names none
	Cite    *Clause
	Columns []*Measure
	Rows    map[*Unit][]Target
	Totals  []*qiaomen.Number // as printed; nil where none is
	Pace    string            // "", by_month, by_day, by_round, each_round
	at      *node
}

// A dueTarget is a target and the table it stands in.
type dueTarget struct {
	Target
	table int
}

// indexTargets puts the targets where scoring finds them: by set, measure and
// unit. Set 0 is the base.
func (p *parser) indexTargets() {
	s := p.s
	s.sets = []string{baseSet}
	for i, t := range s.Targets {
		set := slices.Index(s.sets, t.Set)
		if set < 0 {
			set, s.sets = len(s.sets), append(s.sets, t.Set)
		}
		for len(s.targets) < len(s.sets) {
			s.targets = append(s.targets, make([][]dueTarget, len(s.Measures)))
		}
		for j, m := range t.Columns {
			if m == nil {
				continue
			}
			if s.targets[set][m.index] == nil {
				s.targets[set][m.index] = make([]dueTarget, len(s.Units))
			}
			for _, u := range s.Units {
				row := t.Rows[u]
				if j >= len(row) || row[j].Kind == TargetAbsent {
					continue
				}
				if s.targets[set][m.index][u.index].Kind != TargetAbsent {
					p.errorf(t.at, "“%s”的“%s”目标写了两次", u.Name, m.Name)
				}
				s.targets[set][m.index][u.index] = dueTarget{row[j], i}
			}
		}
	}
	if s.targets == nil {
		s.targets = [][][]dueTarget{make([][]dueTarget, len(s.Measures))}
	}
}

const baseSet = "base"

// A Stated is a total that the source's text states, to be checked against
// the annexes.
type Stated struct {
	Sum  []*Measure
	Is   qiaomen.Number
	Each bool // every unit's target, not their sum
	Cite *Clause
	at   *node
}

// An Erratum is a place where the source contradicts itself, with the reading
// taken.
type Erratum struct {
	Clause, Against *Clause
	Says, Other     string
	Taken, Because  string
	About           []*Measure
}

// A Relation links counting measures: a surplus of one fills what is missing
// of the next (fill), or a record feeds only the first that takes it (once).
type Relation struct {
	Fill  []*Measure
	Once  []*Measure
	Apply Value[bool]
	Cite  *Clause
}

func (p *parser) targets(n *node) {
	for _, item := range p.list(n) {
		o := p.object(item, nil, "set", "columns", "total", "rows", "blank", "derive", "pace")
		t := &TargetTable{Set: baseSet, Cite: o.cite, Rows: map[*Unit][]Target{}, at: item}
		if s := o.str("set"); s != "" {
			t.Set = s
		}
		t.Pace = o.one("pace", "", "by_month", "by_day", "by_round", "each_round")
		if (t.Pace == "by_round" || t.Pace == "each_round") && len(p.s.Rounds) == 0 {
			p.errorf(o.at["pace"], "方案没有轮次（rounds）")
		}
		blank := TargetAbsent
		if o.one("blank", "no_target", "all_extra") == "all_extra" {
			blank = TargetAllExtra
		}
		for _, c := range p.list(o.need("columns")) {
			m := p.measureRef(c, p.str(c))
			if m != nil && slices.Contains(t.Columns, m) {
				p.errorf(c, "“%s”这一列写了两次", m.ID)
			}
			t.Columns = append(t.Columns, m)
		}
		p.targetRows(t, o, blank)
		if tot, ok := o.at["total"]; ok {
			p.targetTotals(t, tot)
		}
		if d, ok := o.at["derive"]; ok {
			p.derive(t, d)
		}
		p.s.Targets = append(p.s.Targets, t)
	}
}

// targetSet is which of several targets for one measure a name refers to.
func (p *parser) targetSet(n *node) int {
	i := slices.Index(p.s.sets, p.str(n))
	if i < 0 {
		p.errorf(n, "没有目标“%s”%s", qiaomen.Clip(n.Value), qiaomen.Suggest(n.Value, p.s.sets))
		return 0
	}
	return i
}

func (p *parser) targetRows(t *TargetTable, o object, blank TargetKind) {
	rows := p.mapping(o.need("rows"), nil, "")
	for _, key := range rows.keys {
		u := p.unitRef(key)
		cells := p.list(rows.at[key.Value])
		if len(cells) != len(t.Columns) {
			p.errorf(rows.at[key.Value], "“%s”有%d格，应为%d格", qiaomen.Clip(key.Value), len(cells), len(t.Columns))
			continue
		}
		if u == nil {
			continue
		}
		row := make([]Target, len(cells))
		for i, c := range cells {
			switch {
			case c.ShortTag() == "!!null":
				row[i].Kind = blank
			case t.Columns[i] != nil:
				row[i] = Target{TargetGiven, p.number(c, t.Columns[i].Scale)}
				if row[i].Number.Sign() < 0 {
					p.errorf(c, "目标不能小于0")
				}
			}
		}
		t.Rows[u] = row
	}
}

func (p *parser) targetTotals(t *TargetTable, n *node) {
	cells := p.list(n)
	if len(cells) != len(t.Columns) {
		p.errorf(n, "合计有%d格，应为%d格", len(cells), len(t.Columns))
		return
	}
	t.Totals = make([]*qiaomen.Number, len(cells))
	for i, c := range cells {
		if c.ShortTag() == "!!null" || t.Columns[i] == nil {
			continue
		}
		printed := p.number(c, t.Columns[i].Scale)
		t.Totals[i] = &printed
		sum := qiaomen.Number{}
		for _, u := range p.s.Units {
			if row, ok := t.Rows[u]; ok {
				sum = sum.Add(row[i].Number)
			}
		}
		name, scale := t.Columns[i].Name, t.Columns[i].Scale
		if sum.Equal(printed) {
			p.report(Note, c, "“%s”各单位合计%s，与表上的合计一致", name, with(sum, scale))
		} else {
			p.report(Warning, c, "“%s”各单位合计%s，表上的合计写%s", name, with(sum, scale), with(printed, scale))
		}
	}
}

// derive adds columns that are shares of others: {paid: {share: 20 %, of: task}}.
func (p *parser) derive(t *TargetTable, n *node) {
	d := p.mapping(n, nil, "")
	for _, key := range d.keys {
		o := p.object(d.at[key.Value], nil, "share", "of")
		m := p.measureRef(key, key.Value)
		of := o.need("of")
		if m == nil || of == nil {
			continue
		}
		from := slices.IndexFunc(t.Columns, func(c *Measure) bool { return c != nil && c.ID == of.Value })
		if from < 0 {
			p.errorf(of, "表里没有“%s”这一列", qiaomen.Clip(of.Value))
			continue
		}
		l, ok := p.literal(orSelf(o, "share"))
		if !ok {
			continue
		}
		t.Columns = append(t.Columns, m)
		for u, row := range t.Rows {
			cell := row[from]
			cell.Number = cell.Number.Mul(l.number)
			t.Rows[u] = append(row, cell)
		}
	}
}

func (p *parser) stated(n *node) {
	for _, item := range p.list(n) {
		o := p.object(item, nil, "sum", "each", "is")
		st := &Stated{Cite: o.cite, at: item, Each: o.has("each")}
		word := "sum"
		if st.Each {
			word = "each"
		}
		for _, c := range p.items(o.need(word)) {
			if m := p.measureRef(c, p.str(c)); m != nil {
				st.Sum = append(st.Sum, m)
			}
		}
		if is := o.need("is"); is != nil && len(st.Sum) > 0 {
			st.Is = p.number(is, st.Sum[0].Scale)
			p.checkStated(st)
		}
		p.s.Stated = append(p.s.Stated, st)
	}
}

func (p *parser) checkStated(st *Stated) {
	var names []string
	for _, m := range st.Sum {
		names = append(names, m.Name)
	}
	name, scale := join(names, "、"), st.Sum[0].Scale
	sum, cells, ok := qiaomen.Number{}, 0, true
	for _, t := range p.s.Targets {
		for i, m := range t.Columns {
			if t.Set != baseSet || !slices.Contains(st.Sum, m) {
				continue
			}
			for _, u := range p.s.Units {
				if row, has := t.Rows[u]; has && row[i].Kind == TargetGiven {
					cells++
					sum = sum.Add(row[i].Number)
					ok = ok && row[i].Number.Equal(st.Is)
				}
			}
		}
	}
	switch {
	case st.Each && ok && cells > 0:
		p.report(Note, st.at, "正文“%s”写%s，附件%d个单位都是%s，一致", name, with(st.Is, scale), cells, with(st.Is, scale))
	case st.Each:
		p.report(Warning, st.at, "正文“%s”写%s，附件里有单位不是这个数", name, with(st.Is, scale))
	case sum.Equal(st.Is):
		p.report(Note, st.at, "正文“%s”写%s，附件各单位合计%s，一致", name, with(st.Is, scale), with(sum, scale))
	default:
		p.report(Warning, st.at, "正文“%s”写%s，附件各单位合计%s", name, with(st.Is, scale), with(sum, scale))
	}
}

func (p *parser) errata(n *node) {
	for _, item := range p.list(n) {
		o := p.object(item, nil, "at", "says", "against", "other", "taken", "because", "about")
		e := &Erratum{Says: o.name("says"), Other: o.name("other"), Taken: o.name("taken"), Because: o.name("because")}
		for _, word := range []string{"says", "other"} {
			if n, ok := o.at[word]; ok {
				p.quote(n)
			}
		}
		if c := o.need("at"); c != nil {
			e.Clause = p.clause(c)
		}
		if c := o.need("against"); c != nil {
			e.Against = p.clause(c)
		}
		for _, m := range p.items(o.at["about"]) {
			if ref := p.measureRef(m, p.str(m)); ref != nil {
				e.About = append(e.About, ref)
			}
		}
		p.s.Errata = append(p.s.Errata, e)
		if e.Clause != nil && e.Against != nil {
			p.report(Warning, item, "原文自相矛盾：%s写「%s」，%s写「%s」；本方案按「%s」，因为%s",
				e.Clause.ID, e.Says, e.Against.ID, e.Other, e.Taken, e.Because)
		}
	}
}

func (p *parser) relations(n *node) {
	for _, item := range p.list(n) {
		o := p.object(item, nil, "fill", "once", "apply")
		r := &Relation{Cite: o.cite, Apply: plainly(true)}
		if a, ok := o.at["apply"]; ok {
			r.Apply = value(p, a, anyUnit, p.flag)
		}
		read := func(word string) (out []*Measure) {
			for _, c := range p.list(o.at[word]) {
				m := p.measureRef(c, p.str(c))
				if m == nil {
					continue
				}
				if m.verb.axis.kind != noAxis || m.verb.plain == nil || m.verb.plain.op > meanRecords ||
					len(out) > 0 && m.verb.plain.kind != out[0].verb.plain.kind {
					p.errorf(c, "抵补和只计一次的指标必须都是同一类记录的计数或求和")
					continue
				}
				out = append(out, m)
			}
			if o.has(word) && len(out) < 2 {
				p.errorf(o.key[word], "至少写两个指标")
			}
			return out
		}
		r.Fill, r.Once = read("fill"), read("once")
		if o.has("fill") == o.has("once") {
			p.errorf(item, "写“fill”或“once”之一")
		}
		if o.has("once") && o.has("apply") {
			p.errorf(o.key["apply"], "“apply”只用于“fill”")
		}
		for i, m := range r.Once {
			for _, first := range r.Once[:i] {
				m.verb.plain.before = append(m.verb.plain.before, first.verb.plain)
			}
		}
		p.s.Relations = append(p.s.Relations, r)
	}
}
