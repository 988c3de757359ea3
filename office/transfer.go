package office

import (
	"context"
	"slices"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/store"
)

// A Handing is a record going over to another unit (移交), with the credit for
// it.
type Handing struct {
	Record string `json:"record"`
	To     string `json:"to"`
	Reason string `json:"reason"`
}

var transfer = twofold(&act[Handing]{
	action: qiaomen.ActTransfer,
	about: func(d *desk, a *Handing) (qiaomen.Subject, error) {
		s, err := aboutRecord(d, a.Record)
		s.Units = append(slices.Clone(s.Units), a.To)
		return s, err
	},
	check: func(d *desk, a *Handing) error {
		r, err := d.record(a.Record)
		if err != nil {
			return err
		}
		k, err := d.kind(r)
		if err != nil {
			return err
		}
		if r.Amendment != nil {
			return problem("这条记录有待审的更正", "请先处理更正，再移交")
		}
		if err := inState(r, matchable...); err != nil {
			return err
		}
		u, err := d.unit(a.To)
		if err != nil {
			return err
		}
		var list complaints
		if a.To == r.Unit {
			list.add("to", "这条记录就是“"+u.Name+"”的", "请核对移交给谁")
		}
		if !slices.Contains(k.ReportedBy, u.Group) {
			list.add("to", "“"+u.Name+"”不报“"+k.Name+"”，不能接收", "请核对移交给谁")
		}
		if a.Reason == "" {
			list.add("reason", "没有写理由", "请写明理由")
		}
		if len(list) > 0 {
			return faults(list)
		}
		return d.unclaimed(r, a.To)
	},
	do: func(d *desk, a *Handing) (string, error) {
		r, err := d.record(a.Record)
		if err != nil {
			return "", err
		}
		keys, err := d.keysAt(r, a.To)
		if err != nil {
			return "", err
		}
		if err := d.moveBeside(r.ID, a.To); err != nil {
			return "", err
		}
		return r.ID, d.emit(&qiaomen.RecordTransferred{ID: r.ID, To: a.To, Keys: keys, Reason: a.Reason})
	},
})

// Transfer hands a record over to another unit whose group reports its kind
// (P5): when units are merged, or a project turns out to be another's. From now
// on it counts there, with its place among first reports; rankings that were
// made before, and with them closed months, stay as they are, since each is
// pinned to its position of the journal.
//
// It goes whole. Credit shared between units by fractions cannot be said in the
// language of schemes, where a record is one unit's: two units that are to have
// half each are given it by an adjustment.
func (o *Office) Transfer(ctx context.Context, by Caller, a Handing) (*Answer, error) {
	return perform(ctx, o, by, transfer, a)
}

// keysAt is what a record would compete under as another unit's: of a kind that
// each unit may report once, its key names the unit.
func (d *desk) keysAt(r *qiaomen.LedgerRecord, unit string) ([]string, error) {
	k, err := d.kind(r)
	if err != nil {
		return nil, err
	}
	_, values, list := records.Fields(d.rules, k, r.Content.Fields, false)
	if err := faults(list); err != nil {
		return nil, err
	}
	keys := d.keys(k, d.rules.Unit(unit), r.Content.Name, values, r.Content.Evidence)
	own, err := store.One[qiaomen.Claims](d.r, r.ID)
	if err != nil || own == nil {
		return keys, err
	}
	for _, key := range own.Keys { // what looks like it still does
		if _, ok := qiaomen.Likeness(key); ok {
			keys = append(keys, qiaomen.PlainClaim(key))
		}
	}
	return keys, nil
}

// unclaimed asks that nobody competes for what a record would newly claim as
// another unit's.
func (d *desk) unclaimed(r *qiaomen.LedgerRecord, unit string) error {
	keys, err := d.keysAt(r, unit)
	if err != nil {
		return err
	}
	claims, err := d.claimKeys(r)
	if err != nil {
		return err
	}
	keys = slices.DeleteFunc(keys, func(key string) bool {
		return slices.ContainsFunc(claims, func(k string) bool { return qiaomen.SameClaim(k, key) })
	})
	rivals, err := d.rivals(r.ID, keys)
	if err != nil || len(rivals) == 0 {
		return err
	}
	return problem("“"+d.unitName([]string{rivals[0].Unit})+"”已有相同事项的 "+rivals[0].Record, "请先对照处理那一条")
}

// moveBeside takes along what stands beside a record outside the journal:
// personal fields, and the draft of one that was returned.
func (d *desk) moveBeside(record, unit string) error {
	personal, err := d.tx.Work("personal", record)
	if err != nil {
		return err
	}
	if personal != nil {
		personal.Unit = unit
		if err := d.tx.Keep("personal", *personal); err != nil {
			return err
		}
	}
	draft, err := d.tx.Work("draft", record)
	if err != nil || draft == nil {
		return err
	}
	var w DraftRecord
	if err := json.Unmarshal(draft.Data, &w); err != nil {
		return err
	}
	w.Unit = unit
	if draft.Data, err = json.Marshal(&w, json.Deterministic(true)); err != nil {
		return err
	}
	return d.tx.Keep("draft", store.Work{ID: record, Unit: unit, Owner: draft.Owner, Data: draft.Data})
}
