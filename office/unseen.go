package office

import (
	"slices"

	"qiaomen"
	"qiaomen/scheme"
)

// unseen is the units whose evaluation the person does not see: a member of the
// evaluation team stands aside from those that lent them (separation 5). What is
// published everybody sees.
func (d *desk) unseen() ([]string, error) {
	if d.using == nil || d.using.Role != qiaomen.Evaluator {
		return nil, nil
	}
	var out []string
	for _, u := range d.rules.Units {
		err := d.aside(qiaomen.Subject{Unit: u.ID})
		if _, denied := isDenied(err); denied {
			out = append(out, u.ID)
		} else if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// without is the result without these units; the others keep their places.
func without(res *scheme.Result, units []string) *scheme.Result {
	if res == nil || len(units) == 0 {
		return res
	}
	out := *res
	out.Groups = nil
	for _, g := range res.Groups {
		group := *g
		group.Units = slices.DeleteFunc(slices.Clone(g.Units), func(u *scheme.UnitResult) bool { return slices.Contains(units, u.Unit.ID) })
		out.Groups = append(out.Groups, &group)
	}
	return &out
}

// rankingWithout is a ranking as it may be shown: its points without these
// units'.
func rankingWithout(r *qiaomen.LedgerRanking, units []string) *qiaomen.LedgerRanking {
	if len(units) == 0 {
		return r
	}
	out := *r
	out.Totals = slices.DeleteFunc(slices.Clone(r.Totals), func(u qiaomen.RankedUnit) bool { return slices.Contains(units, u.Unit) })
	return &out
}

// asEvaluator is the desk as that of the evaluation team's member, where it is
// as such that the person sees what is not published.
func (d *desk) asEvaluator() error {
	may, err := d.chances(qiaomen.ActReadRanking, "")
	for _, c := range may {
		if d.using = c.grant; c.grant.Role != qiaomen.Evaluator && c.grant.Role != qiaomen.Public {
			break
		}
	}
	return err
}
