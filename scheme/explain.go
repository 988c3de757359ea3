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

// Sentence is the line's arithmetic in words:
// 目标5个，完成3个，缺2个，每个减2分，减4分，得11分.
func (lr *LineResult) Sentence(s *Scheme) string {
	if lr.Pending != "" {
		switch {
		case lr.Scored:
			return lr.Pending + "，计" + inPoints(lr.Score)
		}
		return lr.Pending
	}
	var parts []string
	named := len(lr.Measures) > 1
	terms := lr.Terms()
	sole := lr.sole(terms)
	for i := range lr.Measures {
		m := &lr.Measures[i]
		text := m.say()
		for j := range terms {
			if terms[j].Term.beside() == m.Measure {
				if say := terms[j].say(s, sole); say != "" {
					if terms[j].Term.op != byRate { // its rate is the measure just named
						text += "，"
					}
					text += say
				}
			}
		}
		if named {
			text = m.Measure.Name + "：" + text
		}
		parts = append(parts, text)
	}
	sep := "，"
	if named {
		sep = "；"
	}
	for j := range terms {
		if t := &terms[j]; t.Term.beside() == nil {
			if say := t.say(s, sole); say != "" {
				parts = append(parts, say)
			}
		}
	}
	return join(append(parts, lr.total(s, terms)), sep)
}

// beside is the measure with which a term is told, if it is about one alone.
func (t *Term) beside() *Measure {
	if len(t.all) > 1 {
		return nil
	}
	return t.m
}

// sole tells whether one term earns the whole score, so that the line's last
// words say what it gives.
func (lr *LineResult) sole(terms []TermResult) bool {
	if lr.Capped || lr.ZeroIf || len(terms) == 0 || terms[0].Side != Earned {
		return false
	}
	for i := range terms[1:] {
		if t := &terms[i+1]; t.Side == Earned || t.Points.Sign() != 0 {
			return false
		}
	}
	return true
}

// total is how the line adds up.
func (lr *LineResult) total(s *Scheme, terms []TermResult) string {
	var b strings.Builder
	lost, won := qiaomen.Number{}, qiaomen.Number{}
	sides := map[Side]int{}
	for _, t := range terms {
		if t.Points.Sign() == 0 {
			continue
		}
		sides[t.Side]++
		if t.Side == Deducted {
			lost = lost.Add(t.Points)
		} else if t.Side == Added {
			won = won.Add(t.Points)
		}
	}
	switch {
	case lr.Floored && sides[Deducted] == 1:
		b.WriteString("减到最低分为止，实减" + inPoints(lr.Deduction) + "，")
	case lr.Floored:
		b.WriteString("应减" + inPoints(lost) + "，减到最低分为止，实减" + inPoints(lr.Deduction) + "，")
	case sides[Deducted] > 1:
		b.WriteString("共减" + inPoints(lost) + "，")
	}
	if sides[Added] > 1 {
		b.WriteString("共加" + inPoints(won) + "，")
	}
	for side, word := range []string{Deducted: "减", Added: "加"} {
		if lr.Most[side] != nil {
			b.WriteString("最多" + word + inPoints(*lr.Most[side]) + "，")
		}
	}
	switch {
	case lr.ZeroIf:
		b.WriteString(lr.Line.ZeroIf.say(s) + "，本项为0分，")
	case lr.Capped:
		b.WriteString("以" + inPoints(lr.Score) + "为限，")
	}
	b.WriteString("得" + inPoints(lr.Score))
	return b.String()
}

// Sentence is how the lines make up the total, where they do not simply add
// up to it: blocks, bounds, a condition that leaves nothing. Otherwise it is
// empty.
func (ur *UnitResult) Sentence(s *Scheme) string {
	sum := qiaomen.Number{}
	for _, lr := range ur.Lines {
		if lr.Scored {
			sum = sum.Add(lr.Score)
		}
	}
	if sum.Equal(ur.Total) {
		return ""
	}
	parts := []string{"各行合计" + inPoints(sum)}
	for _, b := range ur.Blocks {
		if !b.Sum.Equal(b.Score) {
			parts = append(parts, "“"+b.Block.Name+"”各行合计"+inPoints(b.Sum)+"，按"+inPoints(b.Score)+"计")
		}
	}
	switch {
	case ur.zeroed:
		parts = append(parts, ur.score.ZeroIf.say(s)+"，总分为0")
	case ur.bounded > 0:
		parts = append(parts, "总分最高"+inPoints(ur.Total))
	case ur.bounded < 0:
		parts = append(parts, "总分最低"+inPoints(ur.Total))
	case s.Rounding.Total.On:
		parts = append(parts, "总分"+s.Rounding.Total.say())
	}
	return join(append(parts, "总分"+inPoints(ur.Total)), "；")
}

func (m *MeasureResult) say() string {
	s := m.Measure.Scale
	done := "完成" + m.shown().String() + s.Name
	if m.Measure.Scale.dim == share || m.Target.Kind == TargetAbsent {
		done = m.shown().String() + s.Name
	}
	switch m.Target.Kind {
	case TargetGiven:
		return "目标" + with(m.Target.Number, s) + "，" + map[bool]string{true: "实际", false: ""}[s.dim == share] + done
	case TargetAllExtra:
		return "没有目标，" + done
	}
	return done
}

// say is the term in words; of the sole term of a line the line says what it
// earns.
func (tr *TermResult) say(s *Scheme, sole bool) string {
	t := tr.Term
	plus := map[Side]string{Earned: "得", Deducted: "减", Added: "加"}[tr.Side]
	switch {
	case tr.Barred:
		return "不符合“" + t.cond.say(s) + "”，不" + plus + "分"
	case tr.Idle:
		return ""
	}
	result := "，" + plus + inPoints(tr.Points)
	if sole {
		result = ""
	}
	if !tr.Factor.Equal(qiaomen.Int(1)) {
		result = "，×" + tr.Factor.String() + result
	}
	against := ""
	if t.set != 0 && tr.Standing.target.Kind == TargetGiven {
		against = "对照“" + s.sets[t.set] + "”目标" + with(tr.Standing.target.Number, t.m.Scale) + "，"
	}
	switch t.op {
	case missingStep, extraStep, eachStep:
		if say := tr.saySteps(s, plus); say != "" {
			return against + say
		}
		return ""
	case byCompletion, byRate:
		rate := ""
		if t.op == byCompletion {
			rate = against + "完成率" + percent.Show(tr.Amount).Round(2).String() + "%"
		}
		if !tr.Rate.Equal(tr.Amount) {
			rate += "（按" + percent.Show(tr.Rate).String() + "%计）"
		}
		return rate + "×" + inPoints(tr.Each) + result
	case ifMet:
		all := map[bool]string{true: "全部"}[len(t.all) > 1]
		return against + map[bool]string{true: all + "完成目标", false: "没有" + all + "完成目标"}[tr.Met] + result
	case firstOf:
		if tr.Met {
			return t.ladder[tr.Rung].cond.say(s) + result
		}
		return "各档都不符合" + result
	case giveConstant:
		if t.base {
			return "未完成也不减分"
		}
	}
	return strings.TrimPrefix(result, "，")
}

func (tr *TermResult) saySteps(s *Scheme, plus string) string {
	t := tr.Term
	if tr.Amount.Sign() == 0 {
		switch {
		case t.op == missingStep && tr.Standing.filled.Sign() > 0:
			return "缺的" + tr.amount(tr.Standing.filled) + "由高一档的超额抵补"
		case t.op == extraStep && tr.Standing.used.Sign() > 0:
			return "超额的" + tr.amount(tr.Standing.used) + "用于抵补低档"
		}
		return ""
	}
	var b strings.Builder
	switch t.op {
	case missingStep:
		b.WriteString("缺" + tr.amount(tr.Amount))
		if tr.Standing.filled.Sign() > 0 {
			b.WriteString("（另有" + tr.amount(tr.Standing.filled) + "由高一档抵补）")
		}
	case extraStep:
		b.WriteString("超" + tr.amount(tr.Amount))
		if tr.Standing.used.Sign() > 0 {
			b.WriteString("（另有" + tr.amount(tr.Standing.used) + "用于抵补低档）")
		}
	default:
		if t.where != nil {
			b.WriteString("其中" + t.where.say(s))
		} else {
			b.WriteString("计")
		}
		b.WriteString(tr.amount(tr.Amount))
	}
	if tr.Limited {
		b.WriteString("，限计" + tr.Steps.String() + t.m.Scale.Name)
	}
	factored := !tr.Factor.Equal(qiaomen.Int(1))
	b.WriteString("，" + tr.Step.say(t.m.Scale) + plus + inPoints(tr.Each))
	if tr.Part.Sign() != 0 {
		if tr.Steps.Sign() != 0 {
			b.WriteString("计" + tr.Steps.String() + "步，零头" + plus + inPoints(tr.Part))
		} else {
			b.Reset()
			b.WriteString(map[termOp]string{missingStep: "缺", extraStep: "超", eachStep: ""}[t.op] + tr.amount(tr.Amount) + "，不足一步")
			if factored { // else the last words say the points
				b.WriteString(plus + inPoints(tr.Part))
			}
		}
	} else if t.m.Scale.dim == share || !tr.Steps.Equal(tr.Amount) && !tr.Limited {
		b.WriteString("，计" + tr.Steps.String() + "步")
	}
	if factored {
		b.WriteString("，×" + tr.Factor.String())
	}
	b.WriteString("，" + map[bool]string{true: "最多"}[tr.Bounded] + plus + inPoints(tr.Points))
	return b.String()
}

// amount is a quantity as a sentence has it; rates differ by 百分点.
func (tr *TermResult) amount(n qiaomen.Number) string {
	s := tr.Term.m.Scale
	if s.dim == share {
		return percent.Show(n).Round(4).String() + "个百分点"
	}
	return with(n, s)
}
