package scheme

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"
	"qiaomen"
)

// Advice is what one sort of record would do for a unit now.
type Advice struct {
	Profile *Profile
	Worth   qiaomen.Number // what one more adds to the total
	Lines   []*Line        // the lines it touches
	// WholeBase is how many more of these alone leave no deduction on the
	// lines they touch; 0 where nothing is deducted now. Climb is how many
	// alone reach a better place, and Place which.
	WholeBase, Climb Count
	Place            int
}

// A Count is a number of records, or that no number would do.
type Count struct {
	N     int
	Never bool
}

// maxMore bounds how many more records advice looks ahead.
const maxMore = 1 << 14

// oneByOne is up to how many more records each number is tried by itself.
const oneByOne = 32

// Advise says what one more eligible record of each sort is worth to the unit
// now, and how many of each sort alone keep the whole base or reach a better
// place. Everything is got from the rules themselves: the counters that a
// record would feed are raised, and the unit is scored again.
func (r *Result) Advise(u *UnitResult) []*Advice {
	if u.score == nil {
		return nil
	}
	a := &adviser{r: r, sc: u.scorer, u: u, group: r.group(u.Unit.Group), relative: r.Scheme.comparing || r.Scheme.relative() != nil}
	var out []*Advice
	for _, p := range a.sc.profiles(u.Unit, a.sc.decisive(u)) {
		if ad := a.advise(p); ad.Worth.Sign() >= 0 { // nobody is advised to report what is deducted for
			out = append(out, ad)
		}
	}
	slices.SortStableFunc(out, func(x, y *Advice) int { return y.Worth.Cmp(x.Worth) })
	return out
}

func (r *Result) group(g *Group) *GroupResult {
	for _, gr := range r.Groups {
		if gr.Group == g {
			return gr
		}
	}
	return nil
}

type adviser struct {
	r        *Result
	sc       *scorer
	u        *UnitResult
	group    *GroupResult
	relative bool // a measure compares units: everybody is scored again
}

func (a *adviser) advise(p *Profile) *Advice {
	ad := &Advice{Profile: p}
	one, place := a.with(p, 1)
	ad.Worth = one.Total.Sub(a.u.Total)
	for i, lr := range one.Lines {
		if !a.same(lr, a.u.Lines[i]) {
			ad.Lines = append(ad.Lines, lr.Line)
		}
	}
	touched := a.touched(p)
	deducted := func(u *UnitResult) bool {
		return slices.ContainsFunc(u.Lines, func(lr *LineResult) bool {
			return touched[lr.Line] && lr.Scored && lr.Deduction.Sign() > 0
		})
	}
	if deducted(a.u) {
		ad.WholeBase = a.least(func(n int) bool {
			u, _ := a.with(p, n)
			return !deducted(u)
		})
	}
	better := func(place int) bool { return place > 0 && (a.u.Place == 0 || place < a.u.Place) }
	if ad.Climb, ad.Place = (Count{Never: true}), 0; a.u.Place != 1 {
		if better(place) {
			ad.Climb, ad.Place = Count{N: 1}, place
		} else {
			ad.Climb = a.least(func(n int) bool {
				_, place := a.with(p, n)
				return better(place)
			})
			if !ad.Climb.Never {
				_, ad.Place = a.with(p, ad.Climb.N)
			}
		}
	}
	return ad
}

func (a *adviser) same(x, y *LineResult) bool {
	if !x.Score.Equal(y.Score) || x.Scored != y.Scored {
		return false
	}
	for i := range x.Measures {
		if !x.Measures[i].Actual.Number.Equal(y.Measures[i].Actual.Number) {
			return false
		}
	}
	return true
}

// touched is the lines that look at what the profile feeds.
func (a *adviser) touched(p *Profile) map[*Line]bool {
	out := map[*Line]bool{}
	for _, l := range a.u.score.Lines {
		for _, c := range p.feeds {
			if a.sc.matters(c, a.u.Unit, l.decisive()) {
				out[l] = true
			}
		}
	}
	return out
}

// least is the least n for which ok holds. Up to oneByOne every n is tried, as
// a scheme may take away again what it gave; beyond, the search doubles and
// then halves.
func (a *adviser) least(ok func(n int) bool) Count {
	for n := 1; n <= oneByOne; n++ {
		if ok(n) {
			return Count{N: n}
		}
	}
	low, high := oneByOne, 2*oneByOne
	for ; !ok(high); low, high = high, 2*high {
		if high >= maxMore {
			return Count{Never: true}
		}
	}
	for low+1 < high {
		if mid := (low + high) / 2; ok(mid) {
			high = mid
		} else {
			low = mid
		}
	}
	return Count{N: high}
}

// with is the unit as it would stand with n more records of the profile.
func (a *adviser) with(p *Profile, n int) (*UnitResult, int) {
	sc, u := a.sc, a.u.Unit
	old := sc.t.cells[u.index]
	raised := make([]cell, sc.s.slots)
	copy(raised, old)
	e := sc.env(u)
	e.rec, e.kind = &p.Model, p.Kind
	for _, c := range p.feeds {
		raise(&raised[c.slot+c.combos.of(sc.readings)], c.verb, &e, n)
	}
	sc.t.cells[u.index] = raised
	defer func() { sc.t.cells[u.index] = old }()
	if a.relative {
		res := sc.t.Score(sc.readings)
		for _, ur := range res.group(u.Group).Units {
			if ur.Unit == u {
				return ur, ur.Place
			}
		}
	}
	measures := sc.measures[u.index]
	sc.measures[u.index], sc.standsFor = slices.Clone(measures), nil
	views := sc.views
	sc.views = nil
	defer func() { sc.measures[u.index], sc.standsFor, sc.views = measures, nil, views }()
	for _, m := range sc.s.Measures {
		sc.measure(m, u)
	}
	ur := sc.unit(u)
	return ur, a.placeOf(ur)
}

// raise adds n records like the one in e to a cell.
func raise(at *cell, v *verb, e *env, n int) {
	x := qiaomen.Int(1)
	if v.value != nil {
		var ok bool
		if x, ok = v.value.of(e); !ok {
			return
		}
	}
	if len(v.limits) > 0 || v.value != nil && v.value.rate != nil {
		at.items = slices.Clone(at.items)
		for i := range n {
			it := v.item(e, x)
			it.seq = 1<<40 + i // after everything there is
			at.items = append(at.items, it)
		}
		return
	}
	at.n += int64(n)
	if v.value != nil {
		at.sum = at.sum.Add(x.Mul(qiaomen.Int(int64(n))))
	}
}

// placeOf is the place the unit would have, the others staying as they are.
func (a *adviser) placeOf(ur *UnitResult) int {
	r := a.r.Scheme.Ranking[ur.Unit.Group.index]
	ur.key = known(ur.Total)
	if r != nil {
		e := a.sc.env(ur.Unit)
		if m := r.By.of(&e); m != nil {
			ur.key = a.sc.measures[ur.Unit.index][m.index]
		}
	}
	if !ur.key.Defined || ur.Unit.Group.ShownOnly {
		return 0
	}
	place, levels := 1, map[int]bool{}
	for _, o := range a.group.Units {
		if o.Unit != ur.Unit && a.sc.comparePlaces(r, o, ur) < 0 {
			place++
			levels[o.above] = true
		}
	}
	if r != nil && r.Ties == "dense" {
		return len(levels) + 1
	}
	return place
}

// AdviceJSON is advice for one unit, for programs.
func (r *Result) AdviceJSON(u *UnitResult, advice []*Advice) []byte {
	return writeJSON(func(w jsonWriter) {
		w.text("scheme", r.Scheme.ID)
		w.date("as_of", r.View.AsOf)
		w.date("cutoff", r.View.Cutoff)
		w.choices(r)
		w.text("unit", u.Unit.ID)
		w.place("rank", u.Place)
		w.text("total", u.Total.String())
		w.list("records", len(advice), func(i int) {
			a := advice[i]
			w.object(func() {
				w.text("kind", a.Profile.Kind.ID)
				w.text("says", a.Profile.Says)
				w.text("worth", a.Worth.String())
				w.list("lines", len(a.Lines), func(j int) { w.put(jsontext.String(a.Lines[j].ID)) })
				w.count("to_whole_base", a.WholeBase)
				w.count("to_better_rank", a.Climb)
				w.place("better_rank", a.Place)
			})
		})
	})
}

func (w jsonWriter) count(k string, c Count) {
	w.key(k)
	if c.Never {
		w.put(jsontext.Null)
		return
	}
	w.put(jsontext.Int(int64(c.N)))
}
