package scheme

import (
	"slices"
	"sort"
	"strings"

	"qiaomen"
)

// A Card is a unit's score card explained: every line with its sentence, its
// clauses, the records that counted and those that did not.
type Card struct {
	Unit  *UnitResult
	Lines []*CardLine
	// Beside is records that count for what is listed, or decides about the
	// total, without points of its own; Other is records of kinds that nothing
	// of the unit's group looks at.
	Beside, Other []CardRecord
}

// A CardLine explains one line.
type CardLine struct {
	Line       *LineResult
	Sentence   string
	Clauses    []*Clause
	Counted    []CardRecord
	NotCounted []CardRecord
}

// A CardRecord is a record on a score card; Why says why it did not count.
type CardRecord struct {
	ID, Name string
	Kind     *Kind
	Why      string
}

// Explain is the explaining pass for one unit. records is the unit's own, in
// any order.
func (r *Result) Explain(u *UnitResult, records []qiaomen.Record) *Card {
	card := &Card{Unit: u}
	x := &explainer{r: r, sc: u.scorer, u: u}
	x.sort(records)
	looked := map[*Kind]bool{}
	for _, lr := range u.Lines {
		cl := &CardLine{Line: lr, Sentence: lr.Sentence(r.Scheme), Clauses: lr.clauses()}
		x.records(cl, looked)
		card.Lines = append(card.Lines, cl)
	}
	for i := range x.all {
		if rec := &x.all[i]; !looked[r.Scheme.Kinds[rec.Kind]] {
			x.beside(card, rec)
		}
	}
	return card
}

// beside puts a record of which no line takes notice where it belongs.
func (x *explainer) beside(card *Card, rec *qiaomen.Record) {
	if sc := x.u.score; sc != nil {
		asked := slices.Concat(sc.Show, sc.ZeroIf.asks())
		for _, l := range sc.Lines {
			asked = append(asked, l.measures...)
		}
		for _, m := range asked {
			if !slices.Contains(x.verbKinds(m), x.r.Scheme.Kinds[rec.Kind]) {
				continue
			}
			if why := x.why(rec); why != nil {
				card.Other = append(card.Other, x.cardRecord(rec, strings.Join(why, "；")))
			} else {
				card.Beside = append(card.Beside, x.cardRecord(rec, "计入“"+m.Name+"”，不计分"))
			}
			return
		}
	}
	card.Other = append(card.Other, x.cardRecord(rec, "本单位不考核此类记录"))
}

type explainer struct {
	r   *Result
	sc  *scorer
	u   *UnitResult
	all []qiaomen.Record
}

func (x *explainer) sort(records []qiaomen.Record) {
	x.all = slices.Clone(records)
	sort.SliceStable(x.all, func(i, j int) bool { return x.all[i].ID < x.all[j].ID })
}

func (x *explainer) cardRecord(r *qiaomen.Record, why string) CardRecord {
	return CardRecord{r.ID, r.Name, x.r.Scheme.Kinds[r.Kind], why}
}

// counters is the counters that feed a measure under the readings taken.
func (x *explainer) counters(m *Measure) []*counter {
	e := x.sc.env(x.u.Unit)
	v := m.verb.of(&e)
	if v == nil {
		return nil
	}
	var out []*counter
	if v.feed != nil {
		out = append(out, v.feed)
	}
	for _, o := range v.operands {
		if o.m != nil {
			out = append(out, x.counters(o.m)...)
		}
	}
	return out
}

func (x *explainer) verbKinds(m *Measure) []*Kind {
	var out []*Kind
	for _, c := range x.counters(m) {
		out = append(out, c.verb.kind)
	}
	return out
}

func (x *explainer) records(cl *CardLine, looked map[*Kind]bool) {
	var counters []*counter
	for _, m := range cl.Line.Line.own {
		counters = append(counters, x.counters(m)...)
	}
	taken := map[int]bool{}
	kinds := map[*Kind]bool{}
	e := x.sc.env(x.u.Unit)
	for _, c := range counters {
		kinds[c.verb.kind], looked[c.verb.kind] = true, true
		if cells := x.sc.t.cells[x.u.Unit.index]; cells != nil {
			c.verb.settle(cells[c.slot+c.combos.of(x.sc.readings)].items, &e, func(qiaomen.Date) (qiaomen.Number, bool) {
				return qiaomen.Number{}, true
			}, func(seq int) { taken[seq] = true })
		}
	}
	for i := range x.all {
		rec := &x.all[i]
		if !kinds[x.r.Scheme.Kinds[rec.Kind]] {
			continue
		}
		why := x.why(rec)
		if why == nil {
			why = x.unfed(rec, counters, taken)
		}
		if why == nil {
			cl.Counted = append(cl.Counted, x.cardRecord(rec, ""))
		} else {
			cl.NotCounted = append(cl.NotCounted, x.cardRecord(rec, strings.Join(why, "；")))
		}
	}
}

// unfed is why an eligible record feeds none of the counters.
func (x *explainer) unfed(rec *qiaomen.Record, counters []*counter, taken map[int]bool) []string {
	e := x.sc.env(x.u.Unit)
	e.kind = x.r.Scheme.Kinds[rec.Kind]
	e.rec = x.sc.t.look(e.kind, rec)
	var why []string
	for _, c := range counters {
		if c.verb.kind != e.kind {
			continue
		}
		switch {
		case !c.takes(x.sc.s, &e):
			why = append(why, "不属于“"+c.verb.m.Name+"”")
		case c.verb.limits != nil && !taken[rec.Seq]:
			why = append(why, "超过次数限制")
		default:
			return nil
		}
	}
	if len(why) == 0 {
		why = []string{"本行不计此类记录"}
	}
	return why
}

// why is the reasons for which a record does not count at all.
func (x *explainer) why(rec *qiaomen.Record) []string {
	k := x.r.Scheme.Kinds[rec.Kind]
	view := x.sc.t.view
	switch view.unseen(k, rec) {
	case notRecognised:
		return []string{"尚未认定"}
	case recognisedLater:
		return []string{rec.Recognised.Day.String() + "认定，在" + view.AsOf.String() + "之后"}
	case revoked:
		return []string{"已于" + rec.Revoked.Day.String() + "撤销认定"}
	case reportedLater:
		return []string{rec.Reported.Day.String() + "上报，在截止日" + view.Cutoff.String() + "之后"}
	case happenedLater:
		return []string{k.OccursOn.Name + k.OccursOn.in(rec).Date.String() + "，在截止日" + view.Cutoff.String() + "之后"}
	}
	e := x.sc.env(x.u.Unit)
	e.kind, e.rec = k, x.sc.t.look(k, rec)
	var out []string
	for _, f := range k.Fields {
		if v := e.rec.Values[f.index]; f.Need != Optional && !v.Given {
			out = append(out, f.lacking(v))
		}
	}
	for i, ev := range k.Evidence {
		if ev.Need != Optional && !rec.Evidence.Has(i) && rec.Evidence&ev.Or == 0 {
			out = append(out, "没有附“"+ev.Name+"”")
		}
	}
	for _, rule := range k.Eligible {
		if rule.For != nil && !rule.For.holds(x.sc.s, &e) || rule.Need.holds(x.sc.s, &e) {
			continue
		}
		if rule.Else != "" {
			out = append(out, rule.Else)
			continue
		}
		for _, w := range rule.Need.why(x.sc.s, &e) {
			if !slices.Contains(out, w) {
				out = append(out, w)
			}
		}
	}
	return out
}

// clauses is the line's own clause and those of the terms that had effect.
func (lr *LineResult) clauses() []*Clause {
	var out []*Clause
	add := func(c *Clause) {
		if c != nil && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	add(lr.Line.Cite)
	for _, t := range lr.Terms() {
		if t.Points.Sign() != 0 {
			add(t.Term.Cite)
		}
	}
	return out
}
