package scheme

import (
	"slices"

	"qiaomen"
)

// A Result is a scored and ranked book under one set of readings.
type Result struct {
	Scheme   *Scheme
	View     View
	Readings Readings
	Groups   []*GroupResult
}

// A GroupResult is one group's units in the order of their places; units of
// one place stand in the order of the scheme.
type GroupResult struct {
	Group *Group
	Units []*UnitResult
}

// A UnitResult is one unit's score card and place.
type UnitResult struct {
	Unit   *Unit
	Place  int // 0: not ranked
	Total  qiaomen.Number
	Lines  []*LineResult
	Blocks []BlockResult
	Named  []bool // by Scheme.Naming
	Grade  string
	Shown  []MeasureResult

	key          Quantity // what the unit is ranked by
	above, below int      // how many of the group stand above and below
	zeroed       bool     // a condition left nothing of the total
	bounded      int      // the total was cut at its cap (1) or raised to its floor (−1)
	scorer       *scorer
	score        *Score
}

// A LineResult is one line of a score card: Score = Base − Deduction + Bonus,
// where the line has a score. Deduction is what the line really loses, after
// its floor.
type LineResult struct {
	Line                   *Line
	Base, Deduction, Bonus qiaomen.Number
	Score                  qiaomen.Number
	Scored                 bool   // false: adds nothing to the total
	Pending                string // why there is no score yet
	Measures               []MeasureResult
	Floored, Capped        bool
	of                     *UnitResult
	Most                   [3]*qiaomen.Number // by Side: the bound that cut what all its terms came to
	ZeroIf                 bool
}

// Terms is the sentences that made the line's score, with their numbers. They
// are scored again for whoever asks: a ranking of thousands keeps none.
func (lr *LineResult) Terms() []TermResult {
	if lr.of == nil || !lr.Scored || lr.Pending != "" {
		return nil
	}
	sc := *lr.of.scorer
	sc.keep, sc.kept, sc.standings, sc.standsFor = true, nil, nil, nil
	e := sc.env(lr.of.Unit)
	sc.line(lr.of, lr.Line, &e, new(LineResult))
	return sc.kept
}

// A MeasureResult is a measure against its target, as the score card has it.
type MeasureResult struct {
	Measure *Measure
	Actual  Quantity
	Target  Target
}

// A TermResult is one sentence's worth of points, with the numbers that made
// it.
type TermResult struct {
	Term     *Term
	Side     Side
	Points   qiaomen.Number // of the term, after its factor and bound
	Amount   qiaomen.Number // what was counted: missing, extra, counted, or the rate
	Steps    qiaomen.Number
	Part     qiaomen.Number // points for the rest of a step
	Each     qiaomen.Number // points a step
	Factor   qiaomen.Number
	Limited  bool // fewer steps are paid than there are
	Bounded  bool // cut at `at_most`
	Standing *standing
	Step     step
	Idle     bool // its `if` does not hold, or the unit has no target for it
	Barred   bool // its `if` does not hold
	Met      bool
	Rung     int            // of a ladder that is Met: which
	Rate     qiaomen.Number // of a rate: as far as it is paid
}

// A Side is on which side of a line a term stands.
type Side int

// The sides of a line.
const (
	Earned Side = iota
	Deducted
	Added
)

// A BlockResult is what a block of lines came to.
type BlockResult struct {
	Block  *Block
	Sum    qiaomen.Number // of its lines, before its bounds
	Score  qiaomen.Number
	Failed bool
}

// Score is the scoring pass: it turns the tally into points under the given
// readings, and ranks.
func (t *Tally) Score(r Readings) *Result {
	sc := newScorer(t, r)
	sc.measureAll()
	res := &Result{Scheme: t.s, View: t.view, Readings: sc.readings}
	for _, g := range t.s.Groups {
		gr := &GroupResult{Group: g}
		for _, u := range g.Units {
			gr.Units = append(gr.Units, sc.unit(u))
		}
		sc.rank(gr)
		res.Groups = append(res.Groups, gr)
	}
	return res
}

// Score scores a whole book.
func (s *Scheme) Score(b *qiaomen.Book, v View, r Readings) *Result {
	t := s.NewTally(v)
	t.Book(b)
	return t.Score(r)
}

func (sc *scorer) unit(u *Unit) *UnitResult {
	ur := &UnitResult{Unit: u, scorer: sc, score: sc.s.Scores[u.Group.index]}
	if ur.score == nil {
		return ur
	}
	e := sc.env(u)
	lines := ur.score.Lines
	all, n := make([]LineResult, len(lines)), len(ur.score.Show)
	for _, l := range lines {
		n += len(l.measures)
	}
	looked := make([]MeasureResult, 0, n) // of all lines, and shown ones after them
	ur.Lines = make([]*LineResult, 0, len(all))
	for i, l := range ur.score.Lines {
		if !l.countsIn(e.round) {
			continue
		}
		lr := &all[i]
		from := len(looked)
		for _, m := range l.measures {
			looked = append(looked, sc.shown(u, m))
		}
		lr.Measures = looked[from:len(looked):len(looked)]
		sc.line(ur, l, &e, lr)
		ur.Lines = append(ur.Lines, lr)
		if lr.Scored {
			ur.Total = ur.Total.Add(lr.Score)
		}
	}
	for _, b := range ur.score.Blocks {
		ur.block(b, &e)
	}
	if f := ur.score.Floor.of(&e); f.on && ur.Total.Cmp(f.at) < 0 {
		ur.Total, ur.bounded = f.at, -1
	}
	if c := ur.score.Cap.of(&e); c.on && ur.Total.Cmp(c.at) > 0 {
		ur.Total, ur.bounded = c.at, 1
	}
	if ur.score.ZeroIf != nil && ur.score.ZeroIf.holds(ur, &e) {
		ur.Total, ur.zeroed = qiaomen.Number{}, true
	}
	ur.Total = sc.s.Rounding.Total.apply(ur.Total)
	from := len(looked)
	for _, m := range ur.score.Show {
		looked = append(looked, sc.shown(u, m))
	}
	ur.Shown = looked[from:]
	return ur
}

// countsIn tells whether the line counts in the round, -1 being none.
func (l *Line) countsIn(round int) bool { return l.Rounds == nil || slices.Contains(l.Rounds, round) }

func (sc *scorer) shown(u *Unit, m *Measure) MeasureResult {
	st := sc.standing(u, m, 0)
	return MeasureResult{m, st.actual, st.target}
}

func (ur *UnitResult) block(b *Block, e *env) {
	sum := qiaomen.Number{}
	for _, lr := range ur.Lines {
		if lr.Scored && slices.Contains(b.Lines, lr.Line) {
			sum = sum.Add(lr.Score)
		}
	}
	bounded := sum
	if f := b.Floor.of(e); f.on {
		bounded = bounded.Max(f.at)
	}
	bounded = b.Cap.of(e).apply(bounded)
	ur.Total = ur.Total.Add(bounded.Sub(sum))
	ur.Blocks = append(ur.Blocks, BlockResult{b, sum, bounded, b.Pass != nil && bounded.Cmp(*b.Pass) < 0})
}

// line is one line of a unit's score card.
func (sc *scorer) line(ur *UnitResult, l *Line, e *env, lr *LineResult) {
	*lr = LineResult{Line: l, Base: l.Base.of(e), Measures: lr.Measures, of: ur}
	earn := l.Earn.of(e)
	if sc.pending(lr, l, earn, e) || sc.untargeted(lr, l, earn, e) {
		if lr.Scored && l.ZeroIf != nil && l.ZeroIf.holds(ur, e) {
			lr.Score, lr.Deduction, lr.ZeroIf = qiaomen.Number{}, lr.Base, true
			lr.Pending += "；按规定本项为0分"
		}
		return
	}
	factor := l.Factor.of(e)
	held := lr.Base
	if len(earn) > 0 {
		held = sc.terms(ur, lr, earn, Earned, factor, e)
	}
	lost := lr.atMost(Deducted, l.Most[0].of(e), sc.terms(ur, lr, l.Deduct, Deducted, factor, e))
	held = held.Sub(lost)
	if f := l.Floor.of(e); f.on && held.Cmp(f.at) < 0 {
		held, lr.Floored = f.at, true
	}
	lr.Score = held.Add(lr.atMost(Added, l.Most[1].of(e), sc.terms(ur, lr, l.Add, Added, factor, e)))
	if c := l.Cap.of(e); c.on && lr.Score.Cmp(c.at) > 0 {
		lr.Score, lr.Capped = c.at, true
	}
	if l.ZeroIf != nil && l.ZeroIf.holds(ur, e) {
		lr.Score, lr.ZeroIf = qiaomen.Number{}, true
	}
	lr.Score = sc.s.Rounding.Lines.apply(lr.Score)
	lr.Scored = true
	held = sc.s.Rounding.Lines.apply(held).Min(lr.Score) // a cap or a zero takes off; it is no bonus below 0
	lr.Deduction = lr.Base.Sub(held).Max(qiaomen.Number{})
	lr.Bonus = lr.Score.Sub(lr.Base.Sub(lr.Deduction))
}

// atMost bounds what the terms of one side came to.
func (lr *LineResult) atMost(side Side, c ceiling, n qiaomen.Number) qiaomen.Number {
	if !c.on || n.Cmp(c.at) <= 0 {
		return n
	}
	most := c.at
	lr.Most[side] = &most
	return most
}

// pending settles a line of which a measure is not known yet.
func (sc *scorer) pending(lr *LineResult, l *Line, earn []*Term, e *env) bool {
	for _, side := range [...][]*Term{earn, l.Deduct, l.Add} {
		for _, t := range side {
			lacks := sc.lacks(t, e)
			if lacks == nil {
				continue
			}
			lr.Pending = lacks.Why
			if l.Pending.of(e) == "hold_base" {
				lr.Score, lr.Scored = lr.Base, true
			}
			return true
		}
	}
	return false
}

// lacks is the first thing without a number that the term cannot do without,
// or nil.
func (sc *scorer) lacks(t *Term, e *env) *Quantity {
	measures := sc.measures[e.unit.index]
	for _, m := range t.asks {
		if q := &measures[m.index]; !q.Defined {
			return q
		}
	}
	if m := t.noMore.of(e).measure(); m != nil && !measures[m.index].Defined {
		return &measures[m.index]
	}
	return nil
}

// targeted tells whether the term compares with a target.
func (t *Term) targeted() bool {
	return t.op == missingStep || t.op == extraStep || t.op == byCompletion || t.op == ifMet
}

// aimless tells whether the unit has no target for any of the measures that
// the term compares with theirs.
func (sc *scorer) aimless(t *Term, e *env) bool {
	for _, m := range t.asks {
		if sc.target(e.unit, m, t.set).Kind != TargetAbsent {
			return false
		}
	}
	return true
}

// untargeted settles a line for a unit that has no target for any of it.
func (sc *scorer) untargeted(lr *LineResult, l *Line, earn []*Term, e *env) bool {
	asked := 0
	for _, side := range [...][]*Term{earn, l.Deduct, l.Add} {
		for _, t := range side {
			if !t.targeted() {
				continue
			}
			asked++
			if !sc.aimless(t, e) {
				return false
			}
		}
	}
	if asked == 0 {
		return false
	}
	switch l.NoTarget.of(e) {
	case "full":
		lr.Score, lr.Scored = lr.Base, true
	case "zero":
		lr.Scored, lr.Deduction = true, lr.Base
	}
	lr.Pending = "没有目标" + map[string]string{"full": "，按满分计", "zero": "，按0分计"}[l.NoTarget.of(e)]
	if !lr.Scored {
		lr.Pending += "，本项不计"
		lr.Base = qiaomen.Number{}
	}
	return true
}

func (sc *scorer) terms(ur *UnitResult, lr *LineResult, ts []*Term, side Side, factor qiaomen.Number, e *env) qiaomen.Number {
	sum := qiaomen.Number{}
	for _, t := range ts {
		tr := &sc.scratch
		sc.term(ur, t, lr.Base, e, tr)
		tr.Side, tr.Factor = side, t.factor.of(e).Mul(factor)
		tr.Points = tr.Points.Mul(tr.Factor)
		if most := t.most.of(e); most.on && tr.Points.Cmp(most.at) > 0 {
			tr.Points, tr.Bounded = most.at, true
		}
		if sc.keep {
			sc.kept = append(sc.kept, *tr)
		}
		sum = sum.Add(tr.Points)
	}
	return sum
}

// term is what one sentence gives, before factors and bounds.
func (sc *scorer) term(ur *UnitResult, t *Term, base qiaomen.Number, e *env, tr *TermResult) {
	*tr = TermResult{Term: t}
	if t.cond != nil && !t.cond.holds(ur, e) {
		tr.Idle, tr.Barred = true, true
		return
	}
	if t.m != nil {
		tr.Standing = sc.standing(e.unit, t.m, t.set)
	}
	if t.targeted() && sc.aimless(t, e) {
		tr.Idle = true
		return
	}
	full := base
	if t.stated {
		full = t.points.of(e)
	}
	switch t.op {
	case eachStep, missingStep, extraStep:
		sc.steps(t, tr, e)
	case byCompletion:
		share, ok := tr.Standing.completion()
		if !ok { // a blank cell: nothing can be missing
			share = qiaomen.Int(1)
		}
		tr.Amount, tr.Rate = share, t.upTo.of(e).apply(share)
		tr.Points = tr.Rate.Mul(full)
	case byRate:
		tr.Amount = tr.Standing.actual.Number
		tr.Rate = t.upTo.of(e).apply(tr.Amount)
		tr.Points = tr.Rate.Mul(full)
	case pointsOf:
		tr.Amount = tr.Standing.actual.Number
		tr.Points = tr.Amount
	case ifMet:
		tr.Met = true
		for _, m := range t.all {
			tr.Met = tr.Met && sc.standing(e.unit, m, t.set).missing.Sign() == 0
		}
		if tr.Points = full; !tr.Met {
			tr.Points = t.orElse.of(e)
		}
	case firstOf:
		tr.Points = t.orElse.of(e)
		for i, r := range t.ladder {
			if r.cond.holds(ur, e) {
				tr.Points, tr.Met, tr.Rung = r.points.of(e), true, i
				break
			}
		}
	case giveConstant:
		tr.Points = base
		if !t.base {
			tr.Points = t.points.of(e)
		}
	}
	tr.Each = full
}

// steps pays a measure, or what of it is missing or extra, step by step.
func (sc *scorer) steps(t *Term, tr *TermResult, e *env) {
	switch {
	case t.op == missingStep:
		tr.Amount = tr.Standing.missing
	case t.op == extraStep:
		tr.Amount = tr.Standing.extra
	case t.narrowed != nil:
		tr.Amount = sc.narrowed(t, e)
	default:
		tr.Amount = tr.Standing.actual.Number
	}
	if tr.Step = t.per.of(e); tr.Amount.Sign() == 0 {
		return
	}
	size := tr.Step.size
	if tr.Step.ofTarget {
		size = size.Mul(tr.Standing.target.Number)
	}
	if size.Sign() <= 0 {
		return
	}
	exact := tr.Amount.Abs().Quo(size)
	tr.Steps = exact.Floor()
	rest := exact.Sub(tr.Steps)
	pa := t.part.of(e)
	switch {
	case pa.mode == "share":
		tr.Steps, rest = exact, qiaomen.Number{}
	case pa.mode == "whole" && rest.Sign() > 0:
		tr.Steps = tr.Steps.Add(qiaomen.Int(1))
	}
	if most, ok := sc.mostSteps(t.noMore.of(e), e); ok && tr.Steps.Cmp(most) > 0 {
		tr.Steps, tr.Limited, rest = most, true, qiaomen.Number{}
	}
	if pa.mode == "points" && rest.Sign() > 0 && (tr.Steps.Sign() == 0 || !pa.onlyBare.of(e)) {
		tr.Part = pa.points
	}
	if tr.Amount.Sign() < 0 { // the same steps, the other way
		tr.Steps, tr.Part = tr.Steps.Neg(), tr.Part.Neg()
	}
	tr.Points = t.points.of(e).Mul(tr.Steps).Add(tr.Part)
}

func (sc *scorer) narrowed(t *Term, e *env) qiaomen.Number {
	v := t.m.verb.of(e)
	c := t.narrowed[v]
	if c == nil {
		return qiaomen.Number{}
	}
	return sc.records(c, v, e.unit, e).Number
}

func (sc *scorer) mostSteps(a *atMostAs, e *env) (qiaomen.Number, bool) {
	switch {
	case a == nil || a.none:
		return qiaomen.Number{}, false
	case a.fixed:
		return a.count, true
	case a.extra != nil:
		return sc.standing(e.unit, a.extra, 0).extra, true
	case a.term == nil || a.term.m == nil:
		return qiaomen.Number{}, false
	case a.term.narrowed != nil:
		return sc.narrowed(a.term, e), true
	}
	return sc.measures[e.unit.index][a.term.m.index].Number, true
}

// Unit is the result of one unit.
func (r *Result) Unit(u *Unit) *UnitResult {
	return find(r.group(u.Group).Units, func(x *UnitResult) bool { return x.Unit == u })
}
