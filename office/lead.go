package office

import (
	"context"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/scheme"
	"qiaomen/store"
)

// lead is a recognised record of a kind of which a leader fills in something:
// only what the office has found to be so is put before the city's leaders.
func (d *desk) lead(id string) (*qiaomen.LedgerRecord, *scheme.Kind, error) {
	r, err := d.record(id)
	if err != nil {
		return nil, nil, err
	}
	k, err := d.kind(r)
	if err != nil {
		return nil, nil, err
	}
	if len(fieldsOf(k, scheme.ByLeader)) == 0 {
		return nil, nil, problem("“"+k.Name+"”不由市领导选中、推进", "请核对编号")
	}
	if r.State != qiaomen.Recognised {
		return nil, nil, problem("这条记录现在是“"+r.State.Chinese()+"”，还没有认定", "请先认定，再推送给市领导")
	}
	return r, k, nil
}

var offerLead = &act[Named]{
	action: qiaomen.ActOfferLead,
	about:  aboutNamed,
	check: func(d *desk, a *Named) error {
		r, _, err := d.lead(a.ID)
		if err == nil && r.Offered != "" {
			err = problem("这条线索已经推送", "请等待市领导选择")
		}
		return err
	},
	do: func(d *desk, a *Named) (string, error) { return a.ID, d.emit(&qiaomen.LeadOffered{ID: a.ID}) },
}

// OfferLead puts a recognised lead before the city's leaders (附1注).
func (o *Office) OfferLead(ctx context.Context, by Caller, record string) (*Answer, error) {
	return perform(ctx, o, by, offerLead, Named{record})
}

var chooseLead = twofold(&act[Named]{
	action: qiaomen.ActChooseLead,
	about:  aboutNamed,
	first: func(d *desk, a *Named) (bool, error) {
		r, err := d.record(a.ID)
		return err == nil && r.OfferedBy != "" && !d.is(r.OfferedBy), err
	},
	check: func(d *desk, a *Named) error {
		r, _, err := d.lead(a.ID)
		if err == nil && r.Chosen != "" {
			err = overtaken("这条线索已经选中")
		}
		return err
	},
	proposed: func(d *desk, a *Named, _ string) error { // what is proposed is offered with it
		r, err := d.record(a.ID)
		if err != nil || r.Offered != "" {
			return err
		}
		return d.emit(&qiaomen.LeadOffered{ID: a.ID})
	},
	do: func(d *desk, a *Named) (string, error) { return a.ID, d.emit(&qiaomen.LeadChosen{ID: a.ID}) },
})

// ChooseLead marks a lead as chosen by a city leader (附1注): the office
// proposes it, the leader or the leader's secretary says yes. A lead that
// somebody else offered they may choose at once (separation 10).
func (o *Office) ChooseLead(ctx context.Context, by Caller, record string) (*Answer, error) {
	return perform(ctx, o, by, chooseLead, Named{record})
}

// A Pursuit is a leader's trip for a lead: the fields that a leader fills in,
// as the day and which sort of leader went, and the outing, where it is
// recorded as one.
type Pursuit struct {
	Lead   string         `json:"lead"`
	Fields jsontext.Value `json:"fields"`
	Outing string         `json:"outing,omitzero"`
}

var recordPursuit = twofold(&act[Pursuit]{
	action: qiaomen.ActRecordPursuit,
	about:  func(d *desk, a *Pursuit) (qiaomen.Subject, error) { return aboutRecord(d, a.Lead) },
	first: func(d *desk, a *Pursuit) (bool, error) {
		r, err := d.record(a.Lead)
		if err != nil || d.using.Role != qiaomen.CityLeader {
			return false, err
		}
		return slices.ContainsFunc([]string{r.OfferedBy, r.ChosenBy}, func(p string) bool { return p != "" && !d.is(p) }), nil
	},
	check: func(d *desk, a *Pursuit) error {
		r, k, err := d.lead(a.Lead)
		if err != nil {
			return err
		}
		if r.Chosen == "" {
			return problem("这条线索没有被市领导选中", "请先选中，再登记外出推进")
		}
		canonical, list := d.pursued(k, a.Fields)
		if p, err := d.trip(a.Outing); err != nil {
			return err
		} else if p != nil {
			list = append(list, p)
		}
		if len(list) == 0 {
			a.Fields = canonical
		}
		return faults(list)
	},
	do: func(d *desk, a *Pursuit) (string, error) {
		r, k, err := d.lead(a.Lead)
		if err != nil {
			return "", err
		}
		canonical, list := d.pursued(k, a.Fields)
		if err := faults(list); err != nil {
			return "", err
		}
		return a.Lead, d.emit(&qiaomen.LeadPursued{ID: a.Lead, All: records.Merge(k, r.Set, canonical), Outing: a.Outing})
	},
})

// RecordPursuit records that a city leader travelled for a chosen lead: this
// earns its bonus, choosing alone does not (附3·七(一)1). Recorded again, the
// later word holds.
func (o *Office) RecordPursuit(ctx context.Context, by Caller, a Pursuit) (*Answer, error) {
	return perform(ctx, o, by, recordPursuit, a)
}

// pursued reads what a leader fills in: every day asked for, and none that has
// still to come.
func (d *desk) pursued(k *scheme.Kind, raw jsontext.Value) (jsontext.Value, []*qiaomen.Problem) {
	canonical, values, list := records.Fields(d.rules, k, raw, false)
	if len(list) > 0 {
		return nil, list
	}
	more := complaints(records.Owned(k, values, scheme.ByLeader))
	for i, f := range k.Fields {
		switch {
		case f.FilledBy != scheme.ByLeader || f.Type != scheme.DateField:
		case !values[i].Given:
			more.add(f.ID, "缺少“"+f.Name+"”", "请补上")
		case values[i].Date.String() > d.day:
			more.add(f.ID, "“"+f.Name+"”在今天之后", "外出以后再登记")
		}
	}
	return canonical, more
}

// trip asks that an outing, where one is named, is a record of the campaign of
// something that happened on a day, and was not taken back.
func (d *desk) trip(id string) (*qiaomen.Problem, error) {
	if id == "" {
		return nil, nil
	}
	at := qiaomen.Place{Field: "outing"}
	r, err := store.One[qiaomen.LedgerRecord](d.r, id)
	if err != nil {
		return nil, err
	}
	if r == nil || slices.Contains([]qiaomen.State{qiaomen.Withdrawn, qiaomen.Refused, qiaomen.Revoked}, r.State) {
		return &qiaomen.Problem{Text: "没有找到外出活动“" + qiaomen.Clip(id) + "”", Fix: "请核对编号，或者留空", At: at}, nil
	}
	if k := d.rules.Kind(r.Kind); k == nil || k.OccursOn == nil {
		return &qiaomen.Problem{Text: "“" + r.Content.Name + "”不是一次外出活动", Fix: "请核对编号", At: at}, nil
	}
	return nil, nil
}
