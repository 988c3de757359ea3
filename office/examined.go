package office

import (
	"cmp"
	"context"
	"slices"

	"qiaomen"
	"qiaomen/scheme"
	"qiaomen/store"
)

// adjustments is those that were approved by a position.
func adjustments(v *store.View, position int64) ([]*qiaomen.Adjustment, error) {
	return store.All[qiaomen.Adjustment](v.At(position), store.Filter{States: []qiaomen.State{qiaomen.Approved}})
}

// pointsOf is what adjustments give or take, by unit.
func pointsOf(all []*qiaomen.Adjustment) map[string]qiaomen.Number {
	out := map[string]qiaomen.Number{}
	for _, a := range all {
		out[a.Unit] = out[a.Unit].Add(a.Points)
	}
	return out
}

// totals is every unit's place and points. The final ranking goes by the
// examined score, a month's by the computed one; both are kept.
func totals(res *scheme.Result, points map[string]qiaomen.Number, final bool) []qiaomen.RankedUnit {
	computed := map[string]qiaomen.Number{}
	for _, g := range res.Groups {
		for _, u := range g.Units {
			computed[u.Unit.ID] = u.Total
		}
	}
	if final {
		res = examined(res, points)
	}
	var out []qiaomen.RankedUnit
	for _, g := range res.Groups {
		for _, u := range g.Units {
			id := u.Unit.ID
			out = append(out, qiaomen.RankedUnit{
				Group: g.Group.ID, Unit: id, Rank: u.Place,
				Total: computed[id], Adjustment: points[id], Examined: computed[id].Add(points[id]),
			})
		}
	}
	return out
}

// examined is the result with the examined score in place of the computed one
// (审定得分, 附3·六(三)): places and the lists of first and last ones follow it.
func examined(res *scheme.Result, points map[string]qiaomen.Number) *scheme.Result {
	out := *res
	out.Groups = nil
	for _, g := range res.Groups {
		if slices.ContainsFunc(g.Units, func(u *scheme.UnitResult) bool { return points[u.Unit.ID].Sign() != 0 }) {
			g = examinedGroup(res.Scheme, g, points)
		}
		out.Groups = append(out.Groups, g)
	}
	return &out
}

func examinedGroup(s *scheme.Scheme, g *scheme.GroupResult, points map[string]qiaomen.Number) *scheme.GroupResult {
	out := *g
	out.Units = nil
	for _, u := range g.Units {
		unit := *u
		unit.Named, unit.Total = slices.Clone(u.Named), u.Total.Add(points[u.Unit.ID])
		out.Units = append(out.Units, &unit)
	}
	if !byTotal(g) { // a measure decides there, and points move nobody
		return &out
	}
	ties := "share"
	if i := slices.IndexFunc(s.Ranking, func(r *scheme.Ranking) bool { return r != nil && r.Group == g.Group }); i >= 0 {
		ties = s.Ranking[i].Ties
	}
	compare := func(a, b *scheme.UnitResult) int {
		by := b.Total.Cmp(a.Total)
		if ties == "break" { // what broke the tie of the computed scores breaks it still
			by = cmp.Or(by, cmp.Compare(a.Place, b.Place))
		}
		return by
	}
	slices.SortFunc(out.Units, func(a, b *scheme.UnitResult) int {
		return cmp.Or(compare(a, b), cmp.Compare(a.Unit.Index(), b.Unit.Index()))
	})
	places := make([]int, len(out.Units))
	above, below := make([]int, len(places)), make([]int, len(places))
	for from, level := 0, 1; from < len(places); level++ {
		to := from + 1
		for to < len(places) && compare(out.Units[from], out.Units[to]) == 0 {
			to++
		}
		for i := from; i < to; i++ {
			if places[i] = from + 1; ties == "dense" {
				places[i] = level
			}
			above[i], below[i] = from, len(places)-to
		}
		from = to
	}
	for i, u := range out.Units {
		u.Place = places[i]
		for j, l := range s.Naming {
			if !ofEnds(l) || !slices.ContainsFunc(g.Units, func(u *scheme.UnitResult) bool { return u.Named[j] }) {
				continue // it goes by something else, or is of another group
			}
			u.Named[j] = (l.Last == 0 || below[i] < l.Last) && (l.First == 0 || above[i] < l.First)
		}
	}
	return &out
}

// ofEnds tells whether a list is of the first or last ones, and of nothing else.
func ofEnds(l *scheme.NameList) bool {
	return (l.First > 0 || l.Last > 0) && l.If == nil && l.Unless == nil
}

// byTotal tells whether the places of a group follow its totals. Where the
// scheme ranks by a measure they do not, or some have no place.
func byTotal(g *scheme.GroupResult) bool {
	for i, u := range g.Units {
		if u.Place == 0 {
			return false
		}
		if i > 0 {
			before := g.Units[i-1]
			if by := before.Total.Cmp(u.Total); by < 0 || by > 0 && before.Place == u.Place {
				return false
			}
		}
	}
	return true
}

// An ExaminedUnit is a unit of a ranking as those see it who examine it:
// computed score, what was given or taken beside it, and what the evaluation
// team says.
type ExaminedUnit struct {
	qiaomen.RankedUnit
	Adjustments []*qiaomen.Adjustment `json:"adjustments,omitzero"`
	Opinions    []*qiaomen.Opinion    `json:"opinions,omitzero"`
	// Aside tells that the caller sees neither points nor what is said of the
	// unit, which lent them (回避, separation 5).
	Aside bool `json:"aside"`
}

// Examined is a ranking for its examination: computed scores, adjustments and
// examined scores as they are pinned, with the opinions given so far beside
// (附3·六(三)).
func (o *Office) Examined(ctx context.Context, by Caller, ranking string) (out []ExaminedUnit, err error) {
	err = o.look(ctx, by, qiaomen.ActReadRanking, nil, func(d *desk) error {
		if err := d.inCampaign(false); err != nil {
			return err
		}
		if d.selected(qiaomen.ActReadRanking) {
			return d.deny("只能查看审定的排名")
		}
		r, err := found[qiaomen.LedgerRanking](d, "排名", ranking)
		if err != nil {
			return err
		}
		given, err := adjustments(d.r.(*store.View), r.Position)
		if err != nil {
			return err
		}
		hidden, err := d.unseen()
		if err != nil {
			return err
		}
		opinions, err := store.All[qiaomen.Opinion](d.r, store.Filter{})
		if err != nil {
			return err
		}
		for _, u := range r.Totals {
			one := ExaminedUnit{RankedUnit: u, Aside: slices.Contains(hidden, u.Unit)}
			if one.Aside {
				one.RankedUnit = qiaomen.RankedUnit{Group: u.Group, Unit: u.Unit}
			} else {
				one.Adjustments = slices.DeleteFunc(slices.Clone(given), func(a *qiaomen.Adjustment) bool { return a.Unit != u.Unit })
				one.Opinions = slices.DeleteFunc(slices.Clone(opinions), func(x *qiaomen.Opinion) bool { return x.Subject.Unit != u.Unit })
			}
			out = append(out, one)
		}
		return nil
	})
	return out, err
}
