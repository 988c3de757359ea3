package scheme

import (
	"cmp"
	"slices"

	"qiaomen"
)

// A Quantity is what a measure comes to for one unit. Where it is not
// defined, Why says in a sentence what is lacking.
type Quantity struct {
	Number  qiaomen.Number
	Defined bool
	Why     string
}

func known(n qiaomen.Number) Quantity { return Quantity{Number: n, Defined: true} }

func lacking(why string) Quantity { return Quantity{Why: why} }

// A standing is a measure against its target. missing and extra are after
// any filling; actual is the unit's own.
type standing struct {
	actual         Quantity
	target         Target
	missing, extra qiaomen.Number
	filled         qiaomen.Number // missing ones that a higher tier's surplus filled
	used           qiaomen.Number // surplus that filled others
}

// completion is actual ÷ target; a target of 0 is complete.
func (st *standing) completion() (qiaomen.Number, bool) {
	if !st.actual.Defined || st.target.Kind != TargetGiven {
		return qiaomen.Number{}, false
	}
	if st.target.Number.Sign() == 0 {
		return qiaomen.Int(1), true
	}
	return st.actual.Number.Quo(st.target.Number), true
}

// A scorer is one scoring of a tally under one set of readings.
type scorer struct {
	t         *Tally
	s         *Scheme
	readings  Readings
	measures  [][]Quantity // by unit, by measure
	standings []standing   // by measure, of the one unit that standsFor names
	standsFor *Unit
	paces     []qiaomen.Number        // by target table: how much of it is due
	views     map[groupKey]*groupView // of the values as they are; emptied when one changes
	scratch   TermResult
	keep      bool // keep the terms of the line being scored
	kept      []TermResult
}

func newScorer(t *Tally, r Readings) *scorer {
	sc := &scorer{t: t, s: t.s, readings: slices.Clone(r)}
	for _, table := range t.s.Targets {
		sc.paces = append(sc.paces, sc.pace(table))
	}
	return sc
}

func (sc *scorer) env(u *Unit) env {
	e := sc.t.baseEnv()
	e.readings, e.unit, e.scorer = sc.readings, u, sc
	return e
}

// measureAll gets every measure of every unit, measure by measure, so that
// those that compare units find the others done.
func (sc *scorer) measureAll() {
	s := sc.s
	sc.measures = make([][]Quantity, len(s.Units))
	all := make([]Quantity, len(s.Units)*len(s.Measures))
	for i := range s.Units {
		sc.measures[i] = all[i*len(s.Measures) : (i+1)*len(s.Measures)]
	}
	for _, m := range s.Measures {
		for _, u := range s.Units {
			sc.measure(m, u)
		}
	}
}

// measure gets one measure of one unit, of which it needs the earlier ones.
func (sc *scorer) measure(m *Measure, u *Unit) {
	e := sc.env(u)
	v := m.verb.of(&e)
	if v == nil { // a table by rounds, and none is scored
		sc.measures[u.index][m.index] = lacking("没有写明哪一轮")
		return
	}
	q := sc.evaluate(v, m, u, &e)
	if q.Defined {
		r := m.round.of(&e)
		if !r.On {
			r = sc.s.Rounding.Measures
		}
		if r.On {
			q.Number = m.Scale.Held(r.apply(m.Scale.Show(q.Number)))
		}
	}
	sc.measures[u.index][m.index] = q
}

func (sc *scorer) evaluate(v *verb, m *Measure, u *Unit, e *env) Quantity {
	switch v.op {
	case countRecords, sumRecords, meanRecords:
		return sc.records(v.feed, v, u, e)
	case readFigure:
		return sc.figure(v.figure, v.field, v.period, u)
	case countPeriods:
		n := int64(0)
		for i := range v.figure.Periods {
			if q := sc.figure(v.figure, v.field, i, u); q.Defined && passes(v.tests, q.Number, e) {
				n++
			}
		}
		return known(qiaomen.Int(n))
	case elapsed:
		return known(share01(cmp.Or(v.window, e.window), sc.t.view.Cutoff, v.byMonth))
	case minMax:
		return sc.minMax(v, u)
	case placeOf:
		place, ok := sc.place(v.operands[0].m, u, v.lowFirst)
		if !ok {
			return lacking("“" + v.operands[0].m.Name + "”还没有数")
		}
		return known(qiaomen.Int(int64(place)))
	}
	var xs []qiaomen.Number
	for _, x := range v.operands {
		q := sc.operand(x, u, e)
		if !q.Defined {
			return q
		}
		xs = append(xs, q.Number)
	}
	switch v.op {
	case growth:
		if xs[1].Sign() <= 0 {
			x := v.operands[1]
			return lacking(periodTitle(x) + "为" + with(xs[1], x.scale()) + "，无法计算增幅")
		}
		return known(v.quotient(xs).Sub(qiaomen.Int(1)))
	case addUp:
		sum := qiaomen.Number{}
		for _, x := range xs {
			sum = sum.Add(x)
		}
		return known(sum)
	case subtract:
		return known(xs[0].Sub(xs[1]))
	case multiply:
		return known(xs[0].Mul(xs[1]))
	case divide:
		if xs[1].Sign() == 0 {
			if v.ifZero != nil {
				return known(*v.ifZero)
			}
			return lacking("“" + v.operands[1].title() + "”为0，无法相除")
		}
		return known(v.quotient(xs))
	}
	return known(xs[0]) // completion
}

// quotient is one operand by the other, 万元 by 亿元 as well.
func (v *verb) quotient(xs []qiaomen.Number) qiaomen.Number {
	return xs[0].Quo(xs[1]).Mul(v.operands[0].scale().to(v.operands[1].scale()))
}

func (x operand) title() string {
	if x.m != nil {
		return x.m.Name
	}
	return periodTitle(x)
}

func periodTitle(x operand) string {
	if x.figure == nil {
		return x.m.Name
	}
	if x.period < 0 {
		return x.field.Name
	}
	return x.figure.names[x.period] + x.field.Name
}

func (sc *scorer) operand(x operand, u *Unit, e *env) Quantity {
	var q Quantity
	switch {
	case x.completion:
		var st standing
		sc.rawStanding(u, x.m, 0, &st)
		share, ok := st.completion()
		if !ok {
			if st.actual.Defined {
				return lacking("“" + x.m.Name + "”没有目标")
			}
			return st.actual
		}
		q = known(x.upTo.of(e).apply(share))
	case x.figure != nil:
		q = sc.figure(x.figure, x.field, x.period, u)
	default:
		q = sc.measures[u.index][x.m.index]
	}
	if q.Defined {
		q.Number = q.Number.Mul(x.times)
	}
	return q
}

// records is what a counter came to.
func (sc *scorer) records(c *counter, v *verb, u *Unit, e *env) Quantity {
	at := sc.t.cell(u, v.kind, c.slot+c.combos.of(sc.readings))
	n, sum := at.n, at.sum
	if at.items != nil {
		var missing qiaomen.Date
		n, sum, missing = v.settle(at.items, e, func(d qiaomen.Date) (qiaomen.Number, bool) {
			return sc.rate(v.value.rate, d)
		}, nil)
		if missing != 0 {
			return lacking("没有" + missing.Chinese() + "的" + v.value.rate.Name)
		}
	}
	switch v.op {
	case countRecords:
		return known(qiaomen.Int(n))
	case meanRecords:
		if n == 0 {
			return lacking("还没有“" + v.kind.Name + "”")
		}
		return known(sum.Quo(qiaomen.Int(n)))
	}
	return known(sum)
}

func (sc *scorer) rate(f *FigureSource, d qiaomen.Date) (qiaomen.Number, bool) {
	period := int(d)
	if len(f.Periods) > 0 {
		period = -1
		for i, p := range f.Periods {
			if w, err := periodSpan(f.Every, p); err == nil && w.Holds(d) {
				period = i
			}
		}
	}
	held, ok := sc.t.figures[figureKey{f.index, -1, period}]
	if !ok || !held.values[0].Given {
		return qiaomen.Number{}, false
	}
	return held.values[0].Number, true
}

// figure is a published number; of all periods, their sum, and so where no
// round is being scored.
func (sc *scorer) figure(f *FigureSource, field *Field, period int, u *Unit) Quantity {
	unit := u.index
	if f.ForAll {
		unit = -1
	}
	if period == thisRound {
		period = sc.t.baseEnv().round
	}
	if f.Every == "" {
		period = 0
	}
	if period >= 0 {
		held, ok := sc.t.figures[figureKey{f.index, unit, period}]
		if ok && held.values[field.index].Given {
			return known(held.values[field.index].Number)
		}
		title := field.Name
		if f.Every != "" {
			title = f.names[period] + title
		}
		if ok {
			return lacking(title + "没有公布")
		}
		return lacking(title + "尚未发布")
	}
	sum, any := qiaomen.Number{}, false
	for i := range f.Periods {
		if held, ok := sc.t.figures[figureKey{f.index, unit, i}]; ok && held.values[field.index].Given {
			sum, any = sum.Add(held.values[field.index].Number), true
		}
	}
	if !any {
		return lacking(field.Name + "尚未发布")
	}
	return known(sum)
}

// share01 is how much of the window is gone at the end of the day: whole
// months, or days; all of it where there is no day.
func share01(w *Window, at qiaomen.Date, byMonth bool) qiaomen.Number {
	if at == 0 || at >= w.To {
		return qiaomen.Int(1)
	}
	if at < w.From {
		return qiaomen.Number{}
	}
	if !byMonth {
		return qiaomen.Ratio(int64(at-w.From+1), int64(w.To-w.From+1))
	}
	first, last := periodKey("month", w.From), periodKey("month", w.To)
	return qiaomen.Ratio(int64(periodKey("month", at+1)-first), int64(last-first+1))
}

// A groupKey names what is known of a whole group's values of a measure.
type groupKey struct {
	group, measure int
	lowFirst       bool
}

// groupView is a group's values of one measure: the least, the greatest, and
// each unit's place, 1, 2, 2, 4.
type groupView struct {
	low, high qiaomen.Number
	places    map[*Unit]int
}

// view looks at a group's values of a measure, once for all its units.
func (sc *scorer) view(m *Measure, g *Group, lowFirst bool) *groupView {
	key := groupKey{g.index, m.index, lowFirst}
	if v, ok := sc.views[key]; ok {
		return v
	}
	value := func(u *Unit) qiaomen.Number { return sc.measures[u.index][m.index].Number }
	var units []*Unit
	for _, u := range g.Units {
		if sc.measures[u.index][m.index].Defined {
			units = append(units, u)
		}
	}
	v := &groupView{places: map[*Unit]int{}}
	slices.SortStableFunc(units, func(a, b *Unit) int {
		if lowFirst {
			a, b = b, a
		}
		return value(b).Cmp(value(a))
	})
	for i, u := range units {
		if v.places[u] = i + 1; i > 0 && value(u).Equal(value(units[i-1])) {
			v.places[u] = v.places[units[i-1]]
		}
	}
	if n := len(units); n > 0 {
		v.low, v.high = value(units[n-1]).Min(value(units[0])), value(units[0]).Max(value(units[n-1]))
	}
	if sc.views == nil {
		sc.views = map[groupKey]*groupView{}
	}
	sc.views[key] = v
	return v
}

// minMax is the 功效系数: where the unit stands between the least and the
// greatest of its group's ranked units.
func (sc *scorer) minMax(v *verb, u *Unit) Quantity {
	m := v.operands[0].m
	own := sc.measures[u.index][m.index]
	if !own.Defined {
		return own
	}
	group := sc.view(m, u.Group, false)
	if group.low.Equal(group.high) {
		return known(v.allEqual)
	}
	return known(own.Number.Sub(group.low).Quo(group.high.Sub(group.low)).Mul(v.to.Sub(v.from)).Add(v.from))
}

// place is the unit's place by a measure within its group.
func (sc *scorer) place(m *Measure, u *Unit, lowFirst bool) (int, bool) {
	if !sc.measures[u.index][m.index].Defined {
		return 0, false
	}
	return sc.view(m, u.Group, lowFirst).places[u], true
}

// wholeTarget is the unit's target for a measure at the end of its pace: the
// size of its task, by which a rate may go.
func (sc *scorer) wholeTarget(u *Unit, m *Measure) Target {
	column := sc.s.targets[0][m.index]
	if column == nil {
		return Target{}
	}
	return column[u.index].Target
}

// target is the unit's target for a measure, as far as its pace has come.
func (sc *scorer) target(u *Unit, m *Measure, set int) Target {
	column := sc.s.targets[set][m.index]
	if column == nil {
		return Target{}
	}
	due := column[u.index]
	if due.Kind == TargetGiven && sc.s.Targets[due.table].Pace != "" {
		due.Number = due.Number.Mul(sc.paces[due.table])
	}
	return due.Target
}

func (sc *scorer) pace(t *TargetTable) qiaomen.Number {
	rounds := int64(len(sc.s.Rounds))
	round := int64(-1)
	if sc.t.view.Round != nil {
		round = int64(sc.t.baseEnv().round)
	}
	switch {
	case t.Pace == "by_month" || t.Pace == "by_day":
		return share01(sc.s.Campaign, sc.t.view.Cutoff, t.Pace == "by_month")
	case t.Pace == "by_round" && round >= 0:
		return qiaomen.Ratio(round+1, rounds)
	case t.Pace == "each_round" && round >= 0:
		return qiaomen.Ratio(1, rounds)
	}
	return qiaomen.Int(1)
}

// rawStanding is a measure against its target before any filling.
func (sc *scorer) rawStanding(u *Unit, m *Measure, set int, st *standing) {
	*st = standing{actual: sc.measures[u.index][m.index], target: sc.target(u, m, set)}
	if !st.actual.Defined {
		return
	}
	switch st.target.Kind {
	case TargetAllExtra:
		st.extra = st.actual.Number.Max(qiaomen.Number{})
	case TargetGiven:
		if gap := st.actual.Number.Sub(st.target.Number); gap.Sign() >= 0 {
			st.extra = gap
		} else {
			st.missing = gap.Neg()
		}
	}
}

// standing is a measure against its target, after filling. It is the scorer's
// own, and good until another unit is asked about.
func (sc *scorer) standing(u *Unit, m *Measure, set int) *standing {
	if set == 0 {
		if sc.standsFor != u {
			sc.stand(u)
		}
		return &sc.standings[m.index]
	}
	st := new(standing)
	sc.rawStanding(u, m, set, st)
	return st
}

// stand puts a unit's measures against its targets and lets the surplus of a
// measure make up what is missing below it, nearest first.
func (sc *scorer) stand(u *Unit) {
	if sc.standings == nil {
		sc.standings = make([]standing, len(sc.s.Measures))
	}
	sc.standsFor = u
	all := sc.standings
	for _, m := range sc.s.Measures {
		sc.rawStanding(u, m, 0, &all[m.index])
	}
	e := sc.env(u)
	for _, r := range sc.s.Relations {
		if r.Fill == nil || !r.Apply.of(&e) {
			continue
		}
		for i, above := range r.Fill {
			for _, below := range r.Fill[i+1:] {
				x, y := &all[above.index], &all[below.index]
				n := x.extra.Min(y.missing)
				x.extra, x.used = x.extra.Sub(n), x.used.Add(n)
				y.missing, y.filled = y.missing.Sub(n), y.filled.Add(n)
			}
		}
	}
}
