package office

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"qiaomen"
	"qiaomen/store"
)

// A ListFilter says which things a list holds; what is empty is not asked.
type ListFilter struct {
	// Unit is whose they are, or whom they concern. Somebody of a unit names it.
	Unit  string
	State qiaomen.State // what has no state passes none
	After string        // the id of the last one on the page before
	Limit int           // mostOnPage at most, which is what 0 asks
}

// listOf is the things of one sort that a person sees and the filter asks for,
// in the order of before. What comes after a thing does so whatever became of
// its state meanwhile.
func listOf[T any, P interface {
	*T
	qiaomen.Noun
}](d *desk, f ListFilter, before func(a, b P) int, sees func(P) (bool, error)) ([]P, error) {
	all, err := store.All[T, P](d.r, store.Filter{})
	if err != nil {
		return nil, err
	}
	var out []P
	for _, n := range all {
		see, err := sees(n)
		if err != nil {
			return nil, err
		}
		if see {
			out = append(out, n)
		}
	}
	slices.SortStableFunc(out, before)
	if f.After != "" {
		i := slices.IndexFunc(out, func(n P) bool { return n.Row().ID == f.After })
		if i < 0 {
			return nil, lost("上一页的最后一项", f.After)
		}
		out = out[i+1:]
	}
	out = slices.DeleteFunc(out, func(n P) bool { return f.State != "" && n.Row().State != string(f.State) })
	return out[:min(len(out), pageSize(f.Limit))], nil
}

// lookList is a look at a list of a campaign: of one unit's things, by the right
// to read one's own, else by the right to read everybody's. Who sees only a
// selection of records sees none of these.
func (o *Office) lookList(ctx context.Context, by Caller, f ListFilter, see func(*desk) error) error {
	action := reading(f.Unit)
	return o.lookIn(ctx, by, action, func(*desk) (string, error) { return f.Unit, nil }, func(d *desk) error {
		if d.selected(action) {
			return d.deny("没有权限")
		}
		return see(d)
	})
}

// lent tells whether the person is of the evaluation team and must stand aside
// from one of the units: its evaluation is not shown to them (separation 5).
func (d *desk) lent(units ...string) (bool, error) {
	if d.using.Role != qiaomen.Evaluator {
		return false, nil
	}
	err := d.aside(qiaomen.Subject{Units: units})
	if _, denied := isDenied(err); denied {
		return true, nil
	}
	return false, err
}

// Objections is what units contest, the oldest first: to a unit its own, to the
// office, the evaluation team, the leading group and the auditor all. A unit
// reads the answer once it is given, and not who gave it or what was weighed.
func (o *Office) Objections(ctx context.Context, by Caller, f ListFilter) (out []*qiaomen.Objection, err error) {
	err = o.lookList(ctx, by, f, func(d *desk) error {
		before := func(a, b *qiaomen.Objection) int { return cmp.Compare(a.At, b.At) }
		out, err = listOf(d, f, before, func(x *qiaomen.Objection) (bool, error) {
			if d.using.Role.OfUnit() {
				forItsUnit(x)
			}
			aside, err := d.lent(x.Unit)
			return !aside && (f.Unit == "" || x.Unit == f.Unit), err
		})
		return err
	})
	return out, err
}

// forItsUnit leaves of an objection what its unit may read.
func forItsUnit(x *qiaomen.Objection) {
	if x.State == qiaomen.Opined {
		x.State = qiaomen.Pending
	}
	if x.DecidedAt == "" {
		x.Opinion = ""
	}
	x.OpinionBy, x.DecidedBy, x.Involved, x.Reason = "", "", nil, ""
}

// Figures is the official numbers with their bulletins, in the order in which
// they were entered: to the statistics side and to those who see everybody's.
func (o *Office) Figures(ctx context.Context, by Caller, f ListFilter) (out []*qiaomen.LedgerFigure, err error) {
	err = o.lookStatistics(ctx, by, func(d *desk) error {
		before := func(a, b *qiaomen.LedgerFigure) int {
			return cmp.Or(cmp.Compare(a.EnteredAt, b.EnteredAt), cmp.Compare(a.Order, b.Order))
		}
		out, err = listOf(d, f, before, func(x *qiaomen.LedgerFigure) (bool, error) {
			return f.Unit == "" || x.Unit == "" || x.Unit == f.Unit, nil
		})
		return err
	})
	return out, err
}

// StatisticsLists is the statistics side's lists of projects, the oldest first,
// each with every row, matched or not (M11): to whom Figures are shown. Of a
// unit it is the lists that name it.
func (o *Office) StatisticsLists(ctx context.Context, by Caller, f ListFilter) (out []*qiaomen.StatisticsList, err error) {
	err = o.lookStatistics(ctx, by, func(d *desk) error {
		before := func(a, b *qiaomen.StatisticsList) int { return cmp.Compare(a.EnteredAt, b.EnteredAt) }
		out, err = listOf(d, f, before, func(x *qiaomen.StatisticsList) (bool, error) {
			return f.Unit == "" || slices.ContainsFunc(x.Rows, func(r qiaomen.ListRow) bool { return r.Unit == f.Unit }), nil
		})
		return err
	})
	return out, err
}

// lookStatistics is a look at what the statistics side publishes, by the right
// to enter or to check it, or to see what all units report. No unit does.
func (o *Office) lookStatistics(ctx context.Context, by Caller, see func(*desk) error) error {
	action, err := o.firstOf(ctx, by, qiaomen.ActReadOthers, qiaomen.ActEnterFigure, qiaomen.ActCheckFigure)
	if err != nil {
		return told(err)
	}
	return o.lookIn(ctx, by, action, nil, func(d *desk) error {
		if d.selected(action) {
			return d.deny("没有权限")
		}
		return see(d)
	})
}

// Extensions is the deadlines that were moved, the oldest first: to a unit those
// that move one of its own, and of the units concerned only itself.
func (o *Office) Extensions(ctx context.Context, by Caller, f ListFilter) (out []*qiaomen.Extension, err error) {
	err = o.lookList(ctx, by, f, func(d *desk) error {
		before := func(a, b *qiaomen.Extension) int { return cmp.Compare(a.At, b.At) }
		out, err = listOf(d, f, before, func(x *qiaomen.Extension) (bool, error) {
			units := x.Units
			if len(units) == 0 {
				units = d.owing(x.Duty)
			}
			return f.Unit == "" || slices.Contains(units, f.Unit), nil
		})
		for _, x := range out {
			if d.using.Role.OfUnit() && len(x.Units) > 0 {
				x.Units = []string{f.Unit}
			}
		}
		return err
	})
	return out, err
}

// Adjustments is the points asked for and given beside the computed scores, the
// oldest first: to those who see everybody's. No unit sees them before they are
// printed in a notice.
func (o *Office) Adjustments(ctx context.Context, by Caller, f ListFilter) (out []*qiaomen.Adjustment, err error) {
	err = o.lookEvaluation(ctx, by, func(d *desk) error {
		before := func(a, b *qiaomen.Adjustment) int { return cmp.Compare(a.ProposedAt, b.ProposedAt) }
		out, err = listOf(d, f, before, func(x *qiaomen.Adjustment) (bool, error) {
			aside, err := d.lent(x.Unit)
			return !aside && (f.Unit == "" || x.Unit == f.Unit), err
		})
		return err
	})
	return out, err
}

// Opinions is what the evaluation team said of units, lines and projects, the
// oldest first: to whom Adjustments are shown.
func (o *Office) Opinions(ctx context.Context, by Caller, f ListFilter) (out []*qiaomen.Opinion, err error) {
	err = o.lookEvaluation(ctx, by, func(d *desk) error {
		before := func(a, b *qiaomen.Opinion) int { return cmp.Compare(a.At, b.At) }
		out, err = listOf(d, f, before, func(x *qiaomen.Opinion) (bool, error) {
			aside, err := d.lent(x.Subject.Unit)
			return !aside && (f.Unit == "" || x.Subject.Unit == f.Unit), err
		})
		return err
	})
	return out, err
}

// lookEvaluation is a look at how units are evaluated, which no unit has, of
// itself neither: by the right to read everybody's, whichever unit is asked.
func (o *Office) lookEvaluation(ctx context.Context, by Caller, see func(*desk) error) error {
	return o.lookList(ctx, by, ListFilter{}, see)
}

// A SettlementView is a ruling on records that look like one thing, as somebody
// sees it. A unit sees of the records its own, and no identity, holder or person
// of others.
type SettlementView struct {
	*qiaomen.Settlement
	// HeldBy is, of one thing, who has it: to a unit 本单位 or 其他单位 and
	// nothing more, to others the unit's name.
	HeldBy string `json:"held_by,omitzero"`
}

// Settlements is the rulings on likely duplicates, the oldest first: to a unit
// those that concern one of its records.
func (o *Office) Settlements(ctx context.Context, by Caller, f ListFilter) (out []*SettlementView, err error) {
	err = o.lookList(ctx, by, f, func(d *desk) error {
		before := func(a, b *qiaomen.Settlement) int { return cmp.Compare(a.At, b.At) }
		units := map[string]string{} // of records
		all, err := listOf(d, f, before, func(s *qiaomen.Settlement) (bool, error) {
			concerns := f.Unit == ""
			for _, id := range s.Records {
				r, err := d.record(id)
				if err != nil {
					return false, err
				}
				units[id] = r.Unit
				concerns = concerns || r.Unit == f.Unit
			}
			return concerns, nil
		})
		for _, s := range all {
			v := &SettlementView{Settlement: s}
			if out = append(out, v); d.using.Role.OfUnit() {
				v.toUnit(f.Unit, units)
			} else if s.Holder != "" {
				if v.HeldBy, err = d.named(units[s.Holder]); err != nil {
					return err
				}
			}
		}
		return err
	})
	return out, err
}

// A LabelledPair is two records that somebody found to be one thing, or two, with
// the names that they were held against each other by: what the thresholds of
// likeness can be measured on (bench/similar).
type LabelledPair struct {
	Label     string `json:"label"` // same, different
	RecordA   string `json:"record_a"`
	CompanyA  string `json:"company_a"`
	ProjectA  string `json:"project_a"`
	RecordB   string `json:"record_b"`
	CompanyB  string `json:"company_b"`
	ProjectB  string `json:"project_b"`
	DecidedAt string `json:"decided_at"`
}

// LabelledPairs is every ruling on a likely duplicate as pairs of names, the
// oldest first; of several on one pair the newest. It is for those who see
// everybody's records.
func (o *Office) LabelledPairs(ctx context.Context, by Caller) (out []*LabelledPair, err error) {
	err = o.lookList(ctx, by, ListFilter{}, func(d *desk) error {
		all, err := store.All[qiaomen.Settlement](d.r, store.Filter{})
		if err != nil {
			return err
		}
		slices.SortStableFunc(all, func(a, b *qiaomen.Settlement) int { return cmp.Compare(a.At, b.At) })
		v := d.r.(*store.View)
		for _, s := range all {
			if !slices.ContainsFunc(s.Keys, func(k string) bool { return !isFile(k) }) {
				continue // they shared a file, whatever they are called
			}
			made, err := v.Made(s.Table(), s.ID)
			if err != nil {
				return err
			}
			then := v.At(made) // by the names that were ruled on
			for _, id := range s.Records[1:] {
				first, err := store.One[qiaomen.LedgerRecord](then, s.Records[0])
				other, err2 := store.One[qiaomen.LedgerRecord](then, id)
				if err := errors.Join(err, err2); err != nil {
					return err
				}
				if first == nil || other == nil {
					continue
				}
				pair := d.labelled(s, first, other)
				if pair == nil {
					continue
				}
				out = slices.DeleteFunc(out, func(p *LabelledPair) bool { // ruled on again since
					return p.RecordA == pair.RecordA && p.RecordB == pair.RecordB || p.RecordA == pair.RecordB && p.RecordB == pair.RecordA
				})
				out = append(out, pair)
			}
		}
		return nil
	})
	return out, err
}

func (d *desk) labelled(s *qiaomen.Settlement, a, b *qiaomen.LedgerRecord) *LabelledPair {
	_, _, x := a.Pending()
	_, _, y := b.Pending()
	one, _, ok := thingOf(d.rules, d.rules.Kind(a.Kind), d.rules.Unit(a.Unit), x.Name, x.Fields)
	two, _, too := thingOf(d.rules, d.rules.Kind(b.Kind), d.rules.Unit(b.Unit), y.Name, y.Fields)
	if !ok || !too {
		return nil
	}
	p := &LabelledPair{Label: "different", RecordA: a.ID, CompanyA: one.Company, ProjectA: one.Project, RecordB: b.ID, CompanyB: two.Company, ProjectB: two.Project, DecidedAt: s.At}
	if s.Same {
		p.Label = "same"
	}
	return p
}

// toUnit leaves what is the unit's own.
func (v *SettlementView) toUnit(unit string, units map[string]string) {
	switch {
	case v.Holder == "":
	case units[v.Holder] == unit:
		v.HeldBy = "本单位"
	default:
		v.HeldBy, v.Holder = "其他单位", ""
	}
	v.Records = slices.DeleteFunc(v.Records, func(id string) bool { return units[id] != unit })
	v.Keys, v.By = nil, ""
}

// A PaperView is a decision from paper that waits to be confirmed, with the
// proposal that it speaks of.
type PaperView struct {
	Decision *qiaomen.PaperDecision `json:"decision,omitzero"`
	Proposal *qiaomen.Proposal      `json:"proposal,omitzero"`
}

// Papers is the decisions from paper that wait for a reviewer to confirm them,
// the oldest first: to handlers and reviewers (P1).
func (o *Office) Papers(ctx context.Context, by Caller) (out []PaperView, err error) {
	err = o.waiting(ctx, by, func(d *desk) error {
		if err := d.keepsPapers(); err != nil {
			return err
		}
		all, err := d.papers()
		if err != nil {
			return err
		}
		for _, e := range all {
			p, err := found[qiaomen.Proposal](d, "待办事项", e.Proposal)
			if err != nil {
				return err
			}
			if by.Only == nil || slices.Contains(by.Only, qiaomen.ActionNamed(p.Action)) {
				out = append(out, PaperView{e, p})
			}
		}
		return nil
	})
	return out, err
}

// keepsPapers asks that the person enters papers or confirms them, and acts so.
func (d *desk) keepsPapers() error {
	if d.using = cmp.Or(d.holding(qiaomen.Handler), d.holding(qiaomen.Reviewer)); d.using == nil {
		return &Denied{Action: qiaomen.ActReadOthers, Why: "不能查看纸质决定：由经办人、审核员办理"}
	}
	return nil
}

// papers is the decisions from paper that wait, the oldest first.
func (d *desk) papers() ([]*qiaomen.PaperDecision, error) {
	all, err := store.All[qiaomen.PaperDecision](d.r, store.Filter{States: []qiaomen.State{qiaomen.Pending}})
	slices.SortStableFunc(all, func(a, b *qiaomen.PaperDecision) int { return cmp.Compare(a.At, b.At) })
	return all, err
}
