package scheme

import (
	"fmt"
	"slices"

	"qiaomen"
)

// maxComparisons is up to how many combinations of readings are all tried;
// beyond it, each reading by itself and every pair of them.
const maxComparisons = 4096

// A Reading is one choice taken one way.
type Reading struct {
	Choice *Choice
	Option int
}

// String is key=option.
func (r Reading) String() string { return r.Choice.ID + "=" + r.Choice.Options[r.Option].ID }

// A Comparison says what other readings of the source would change.
type Comparison struct {
	Base     *Result
	All      bool // every combination was tried, not only singles and pairs
	Pairs    bool // pairs were tried
	Variants []*Variant
	Units    []*Steadiness // by group and place of the base
}

// A Variant is a set of readings that differ from the base, and what they
// change.
type Variant struct {
	Readings []Reading
	Changes  []Change // units whose place or total or naming differs
}

// A Change is one unit under a variant against the base.
type Change struct {
	Base, Now *UnitResult
}

// Steadiness is within which bounds a unit's place and total stay under all
// the readings tried.
type Steadiness struct {
	Unit        *UnitResult
	Best, Worst int // places; 0: unranked under some reading
	Low, High   qiaomen.Number
}

// Holds tells whether the place is the same under every reading tried.
func (s *Steadiness) Holds() bool { return s.Best == s.Worst }

// Compare scores the tally under other readings than the base: all
// combinations where they are few, otherwise one by one and in pairs, or, where
// the pairs are thousands, one by one alone.
func (t *Tally) Compare(base Readings) *Comparison {
	c := &Comparison{Base: t.Score(base)}
	index := map[*Unit]*Steadiness{}
	for _, g := range c.Base.Groups {
		for _, u := range g.Units {
			s := &Steadiness{Unit: u, Best: u.Place, Worst: u.Place, Low: u.Total, High: u.Total}
			c.Units, index[u.Unit] = append(c.Units, s), s
		}
	}
	sets, all := t.s.variants(base)
	c.All = all
	for _, set := range sets {
		readings := slices.Clone(base)
		for _, r := range set {
			readings[r.Choice.index] = r.Option
		}
		v := &Variant{Readings: set}
		for _, g := range t.Score(readings).Groups {
			for _, u := range g.Units {
				s := index[u.Unit]
				s.see(u)
				if u.Place != s.Unit.Place || !u.Total.Equal(s.Unit.Total) || !slices.Equal(u.Named, s.Unit.Named) {
					v.Changes = append(v.Changes, Change{s.Unit, u})
				}
			}
		}
		c.Variants = append(c.Variants, v)
		c.Pairs = c.Pairs || len(set) == 2
	}
	return c
}

func (s *Steadiness) see(u *UnitResult) {
	s.Low, s.High = s.Low.Min(u.Total), s.High.Max(u.Total)
	s.Best, s.Worst = min(s.Best, u.Place), max(s.Worst, u.Place)
}

// variants is the sets of readings to try, small sets first. all tells that
// they are every combination there is.
func (s *Scheme) variants(base Readings) (sets [][]Reading, all bool) {
	var others [][]Reading // by choice
	total := 1
	for i, c := range s.Choices {
		var alternatives []Reading
		for j := range c.Options {
			if j != base[i] {
				alternatives = append(alternatives, Reading{c, j})
			}
		}
		others = append(others, alternatives)
		if total *= len(c.Options); total > maxComparisons {
			total = maxComparisons
		}
	}
	singles := 0
	for _, alternatives := range others {
		singles += len(alternatives)
	}
	most := 2
	switch {
	case total < maxComparisons:
		most, all = len(s.Choices), true
	case singles*(singles-1)/2 > maxComparisons: // too many even for pairs
		most = 1
	}
	var extend func(set []Reading, from, size int)
	extend = func(set []Reading, from, size int) {
		if len(set) == size {
			sets = append(sets, slices.Clone(set))
			return
		}
		for i := from; i < len(others); i++ {
			for _, r := range others[i] {
				extend(append(set, r), i+1, size)
			}
		}
	}
	for size := 1; size <= most; size++ {
		extend(nil, 0, size)
	}
	return sets, all
}

// Say is what the variant is, in words: the readings taken.
func (v *Variant) Say() string {
	var parts []string
	for _, r := range v.Readings {
		parts = append(parts, fmt.Sprintf("%v（%s）", r, r.Choice.Options[r.Option].Name))
	}
	return join(parts, " ＋ ")
}

// JSON is the comparison for programs: the base, each variant with the units
// it changes, and within which bounds each unit stays.
func (c *Comparison) JSON() []byte {
	return writeJSON(func(w jsonWriter) {
		w.text("scheme", c.Base.Scheme.ID)
		w.date("as_of", c.Base.View.AsOf)
		w.date("cutoff", c.Base.View.Cutoff)
		w.choices(c.Base)
		w.flag("all_combinations", c.All)
		w.list("variants", len(c.Variants), func(i int) {
			v := c.Variants[i]
			w.object(func() {
				w.key("choices")
				w.object(func() {
					for _, r := range v.Readings {
						w.text(r.Choice.ID, r.Choice.Options[r.Option].ID)
					}
				})
				w.list("changes", len(v.Changes), func(j int) { w.change(v.Changes[j]) })
			})
		})
		w.list("units", len(c.Units), func(i int) {
			s := c.Units[i]
			w.object(func() {
				w.text("id", s.Unit.Unit.ID)
				w.text("group", s.Unit.Unit.Group.ID)
				w.place("rank", s.Unit.Place)
				w.place("best_rank", s.Best)
				w.place("worst_rank", s.Worst)
				w.text("lowest_total", s.Low.String())
				w.text("highest_total", s.High.String())
				w.flag("holds", s.Holds())
			})
		})
	})
}

func (w jsonWriter) change(c Change) {
	w.object(func() {
		w.text("id", c.Now.Unit.ID)
		w.place("rank_before", c.Base.Place)
		w.place("rank", c.Now.Place)
		w.text("total_before", c.Base.Total.String())
		w.text("total", c.Now.Total.String())
		for i, l := range c.Now.scorer.s.Naming {
			if c.Now.Named[i] != c.Base.Named[i] {
				w.flag(l.ID, c.Now.Named[i])
			}
		}
	})
}
