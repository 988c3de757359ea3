package scheme

import (
	"slices"

	"qiaomen"
)

// rank is the ranking pass: places, lists to name, grades.
func (sc *scorer) rank(gr *GroupResult) {
	r := sc.s.Ranking[gr.Group.index]
	for _, ur := range gr.Units {
		ur.key = known(ur.Total)
		if r != nil {
			e := sc.env(ur.Unit)
			if m := r.By.of(&e); m != nil {
				ur.key = sc.measures[ur.Unit.index][m.index]
			}
		}
	}
	compare := func(a, b *UnitResult) int { return sc.comparePlaces(r, a, b) }
	slices.SortFunc(gr.Units, func(a, b *UnitResult) int {
		if c := compare(a, b); c != 0 {
			return c
		}
		return a.Unit.index - b.Unit.index
	})
	n, level := len(gr.Units), 0
	for from := 0; from < n; level++ {
		to := from + 1
		for to < n && compare(gr.Units[from], gr.Units[to]) == 0 {
			to++
		}
		for _, ur := range gr.Units[from:to] {
			ur.above, ur.below = from, n-to
			switch {
			case gr.Group.ShownOnly || !ur.key.Defined:
			case r != nil && r.Ties == "dense":
				ur.Place = level + 1
			default:
				ur.Place = from + 1
			}
		}
		from = to
	}
	for _, ur := range gr.Units {
		if ur.Named == nil {
			ur.Named = make([]bool, len(sc.s.Naming))
		}
		for i, l := range sc.s.Naming {
			ur.Named[i] = sc.named(l, gr.Group, ur)
		}
		if r != nil && r.Grades != nil && ur.Place > 0 {
			ur.Grade = sc.grade(r.Grades, ur)
		}
	}
}

// comparePlaces is negative when a stands above b. What has nothing to be
// ranked by stands below everything that has, all together.
func (sc *scorer) comparePlaces(r *Ranking, a, b *UnitResult) int {
	switch {
	case !a.key.Defined && !b.key.Defined:
		return 0
	case !a.key.Defined:
		return 1
	case !b.key.Defined:
		return -1
	}
	if c := b.key.Number.Cmp(a.key.Number); c != 0 || r == nil {
		return c
	}
	for _, m := range r.BreakBy {
		x, y := sc.measures[a.Unit.index][m.index], sc.measures[b.Unit.index][m.index]
		if x.Defined != y.Defined {
			return map[bool]int{true: -1, false: 1}[x.Defined]
		}
		if c := y.Number.Cmp(x.Number); c != 0 {
			return c
		}
	}
	return 0
}

// named tells whether the unit is on the list. First and last take in all who
// tie at the border: the last three are all that fewer than three stand below.
func (sc *scorer) named(l *NameList, g *Group, ur *UnitResult) bool {
	e := sc.env(ur.Unit)
	if !slices.Contains(l.Among.of(&e), g) || g.ShownOnly {
		return false
	}
	return (l.Last == 0 || ur.below < l.Last) && (l.First == 0 || ur.above < l.First) &&
		(l.If == nil || l.If.holds(ur, &e)) && (l.Unless == nil || !l.Unless.holds(ur, &e))
}

func (sc *scorer) grade(g *Grades, ur *UnitResult) string {
	e := sc.env(ur.Unit)
	e.rank, e.total = ur.Place, ur.Total
	at := slices.Index(g.BestFirst, g.Give.of(&e))
	if at < 0 {
		return ""
	}
	for _, m := range g.Moves {
		if !m.If.holds(ur, &e) {
			continue
		}
		if m.Bar {
			return ""
		}
		if at += m.By; at >= len(g.BestFirst) {
			return ""
		}
		at = max(at, 0)
	}
	return g.BestFirst[at]
}

// Final tells whether the ranking sees the campaign to its end.
func (r *Result) Final() bool { return r.View.Cutoff == 0 || r.View.Cutoff >= r.Scheme.Campaign.To }

// Announces tells whether a ranking at this day names the list's units; some
// lists are for the final one alone.
func (r *Result) Announces(l *NameList) bool { return !l.Final || r.Final() }

// Unnamed is the result with nobody on any list: what a month's notice says,
// where only the final one names.
func (r *Result) Unnamed() *Result {
	out := *r
	out.Groups = nil
	for _, g := range r.Groups {
		group := *g
		group.Units = nil
		for _, u := range g.Units {
			unit := *u
			unit.Named = make([]bool, len(u.Named))
			group.Units = append(group.Units, &unit)
		}
		out.Groups = append(out.Groups, &group)
	}
	return &out
}

// Lists is the lists that this ranking announces with the unit on them.
func (r *Result) Lists(u *UnitResult) []*NameList {
	var out []*NameList
	for i, l := range r.Scheme.Naming {
		if u.Named[i] && r.Announces(l) {
			out = append(out, l)
		}
	}
	return out
}

// The facts that conditions on units look at.

func (ur *UnitResult) standing(m *Measure, set int) *standing {
	return ur.scorer.standing(ur.Unit, m, set)
}

func (ur *UnitResult) placeIn(m *Measure) (int, bool) {
	return ur.scorer.place(m, ur.Unit, false)
}

func (ur *UnitResult) figure(subject string) (qiaomen.Number, bool) {
	n := int64(0)
	switch subject {
	case "total":
		return ur.Total, true
	case "rank":
		return qiaomen.Int(int64(ur.Place)), ur.Place > 0
	case "blocks_failed":
		for _, b := range ur.Blocks {
			if b.Failed {
				n++
			}
		}
	case "targets_missed":
		seen := map[*Measure]bool{}
		if ur.score == nil {
			break
		}
		round := ur.scorer.t.baseEnv().round
		for _, l := range ur.score.Lines { // not only those scored so far: a line may ask
			if !l.countsIn(round) {
				continue
			}
			for _, m := range l.measures {
				if st := ur.standing(m, 0); !seen[m] && st.target.Kind == TargetGiven && st.missing.Sign() > 0 {
					n++
				}
				seen[m] = true
			}
		}
	}
	return qiaomen.Int(n), true
}
