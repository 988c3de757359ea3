package office

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
)

// An Entry is a record that comes whole, without a draft before it: one that a
// program hands in for its unit, that the office types from paper (代录), or a
// briefing.
type Entry struct {
	ID       string             `json:"id,omitzero"`
	Unit     string             `json:"unit"`
	Kind     string             `json:"kind"`
	Name     string             `json:"name"`
	Fields   jsontext.Value     `json:"fields,omitzero"`
	Evidence []qiaomen.Evidence `json:"evidence,omitzero"`
	// ReceivedAt and ReceivedNumber are time and number of the paper's receipt,
	// of what is typed from paper: they count, not the time of typing.
	ReceivedAt     string `json:"received_at,omitzero"`
	ReceivedNumber string `json:"received_number,omitzero"`

	filled *filled // once it was checked
}

func (a *Entry) draft(id string) *DraftRecord {
	return &DraftRecord{ID: id, Unit: a.Unit, Kind: a.Kind, Name: a.Name, Fields: a.Fields, Evidence: a.Evidence}
}

// typed checks an entry that comes whole, without a draft before it, and finds
// everything that is wrong with it.
func (d *desk) typed(a *Entry) error {
	var list []*qiaomen.Problem
	take := func(err error) error {
		p, ok := errors.AsType[*qiaomen.Problem](err)
		if !ok {
			return err
		}
		for _, one := range append([]*qiaomen.Problem{p}, p.More...) {
			if !slices.ContainsFunc(list, func(o *qiaomen.Problem) bool { return o.Text == one.Text && o.At == one.At }) {
				list = append(list, one)
			}
		}
		return nil
	}
	in := DraftInput{Unit: a.Unit, Kind: a.Kind, Name: a.Name, Fields: a.Fields}
	if err := take(d.checkDraft(&in)); err != nil {
		return err
	}
	a.Fields = in.Fields
	k := d.rules.Kind(a.Kind)
	if k == nil {
		return faults(list)
	}
	list = append(list, d.keptAll("evidence", &a.Evidence)...)
	for _, e := range a.Evidence {
		if evidenceType(k, e.Type) < 0 {
			list = append(list, &qiaomen.Problem{Text: "没有“" + qiaomen.Clip(e.Type) + "”这种佐证材料", At: qiaomen.Place{Field: "evidence"}})
		}
	}
	var err error
	if a.filled, err = d.complete(a.draft(a.ID)); take(err) != nil {
		return err
	}
	return faults(list)
}

var enterFor = &act[Entry]{
	action: qiaomen.ActEnterFor,
	about:  func(_ *desk, a *Entry) (qiaomen.Subject, error) { return qiaomen.Subject{Unit: a.Unit}, nil },
	check: func(d *desk, a *Entry) error {
		if err := d.received(a); err != nil {
			return err
		}
		other, err := d.receivedAs(a.ReceivedNumber)
		if err != nil {
			return err
		}
		if other != "" {
			return &qiaomen.Problem{Text: "收件编号“" + qiaomen.Clip(a.ReceivedNumber) + "”已经用于 " + other, Fix: "请核对；同一份文件里的多条记录请从表格导入", At: qiaomen.Place{Field: "received_number"}}
		}
		return d.typed(a)
	},
	do: func(d *desk, a *Entry) (string, error) {
		w := a.draft(d.newID("r-"))
		at := qiaomen.MomentAt(a.ReceivedAt).UTC()
		return w.ID, d.report(w, a.filled, &qiaomen.RecordSubmitted{
			ReportedAt: at, PlaceAt: at,
			EnteredFor: &qiaomen.EnteredFor{By: d.person, ReceivedAt: at, ReceivedNumber: a.ReceivedNumber},
		}, false)
	},
}

// received finds what is wrong with the receipt of a paper, and writes its time
// in its one form.
func (d *desk) received(a *Entry) error {
	var list complaints
	at := qiaomen.MomentAt(a.ReceivedAt)
	c := d.rules.Campaign
	if at.IsZero() {
		list.add("received_at", "没有写收件时间", "代录以收件的时间和编号为准，应写成 2024-01-03T09:30:00+08:00 这样")
	} else if a.ReceivedAt = at.UTC(); a.ReceivedAt > d.at {
		list.add("received_at", "收件时间在现在之后", "请核对")
	} else if c != nil && at.Day < c.From {
		list.add("received_at", "收件时间在活动开始的"+c.From.Chinese()+"之前", "请核对；以前的台账请用期初导入")
	}
	list.text("received_number", "收件编号", a.ReceivedNumber, "请写收文登记的编号")
	return faults(list)
}

// receivable finds what is wrong with a row that comes in with others on one
// paper.
func (d *desk) receivable(a *Entry) error {
	if err := d.received(a); err != nil {
		return err
	}
	return d.typed(a)
}

// receivedAs is the record that was typed from the paper of that number and
// still may count; empty: none.
func (d *desk) receivedAs(number string) (string, error) {
	all, err := d.tx.Numbered(number)
	for _, r := range all {
		if !slices.Contains([]qiaomen.State{qiaomen.Withdrawn, qiaomen.Refused, qiaomen.Revoked}, r.State) {
			return r.ID, err
		}
	}
	return "", err
}

// EnterFor types a record for a unit, from paper; it is marked as such, and
// never recognised by whoever typed it.
func (o *Office) EnterFor(ctx context.Context, by Caller, a Entry) (*Answer, error) {
	return perform(ctx, o, by, enterFor, a)
}

var reportBriefing = &act[Entry]{
	action: qiaomen.ActReportBriefing,
	about:  func(_ *desk, a *Entry) (qiaomen.Subject, error) { return qiaomen.Subject{Unit: a.Unit}, nil },
	check: func(d *desk, a *Entry) error {
		if k := d.rules.Kind(a.Kind); k == nil || k.Identity != nil {
			return &qiaomen.Problem{Text: "这里只报没有首报确认的记录，如简报新闻", Fix: "其他记录请起草后上报", At: qiaomen.Place{Field: "kind"}}
		}
		return d.typed(a)
	},
	do: func(d *desk, a *Entry) (string, error) {
		w := a.draft(d.newID("r-"))
		e := &qiaomen.RecordSubmitted{ReportedAt: d.at, PlaceAt: d.at}
		if !d.using.Role.OfUnit() { // the office reports it of a unit: typed, so another recognises it
			e.EnteredFor = &qiaomen.EnteredFor{By: d.person, ReceivedAt: d.at}
		}
		return w.ID, d.report(w, a.filled, e, d.handsOver() && e.EnteredFor == nil)
	},
}

// ReportBriefing reports a briefing or news item in one step: a kind that earns
// no first report and needs no draft (五(四)).
func (o *Office) ReportBriefing(ctx context.Context, by Caller, a Entry) (*Answer, error) {
	return perform(ctx, o, by, reportBriefing, a)
}

var report = &act[Entry]{
	action: qiaomen.ActSubmit,
	or: func(d *desk, unit string) ([]chance, error) { // a reporter hands over what only the head may submit
		if !d.campaign.Procedure.HeadSigns {
			return nil, nil
		}
		all, err := d.chances(qiaomen.ActEditDraft, unit)
		return slices.DeleteFunc(all, func(c chance) bool { return c.grant.Role != qiaomen.Reporter }), err
	},
	about: func(_ *desk, a *Entry) (qiaomen.Subject, error) { return qiaomen.Subject{Unit: a.Unit}, nil },
	seek: func(l *lookalikes, a *Entry) *sought {
		return l.seek(a.Kind, a.Unit, strings.TrimSpace(a.Name), a.Fields)
	},
	check: func(d *desk, a *Entry) error {
		if a.ReceivedAt != "" || a.ReceivedNumber != "" {
			return &qiaomen.Problem{Text: "收件的时间和编号由办公室代录时填写", Fix: "请不要填这两项", At: qiaomen.Place{Field: "received_at"}}
		}
		return d.typed(a)
	},
	do: func(d *desk, a *Entry) (string, error) {
		w := a.draft(d.newID("r-"))
		return w.ID, d.report(w, a.filled, &qiaomen.RecordSubmitted{ReportedAt: d.at, PlaceAt: d.at}, d.handsOver())
	},
}

// Report hands in a whole record in one act: what Draft, AddEvidence and Submit
// come to, for a program that has it all. Its files were kept before (KeepFile)
// and are named by digest and type. Where the unit's head signs, a reporter's
// record is handed over to them, as by HandOver.
func (o *Office) Report(ctx context.Context, by Caller, a Entry) (*Answer, error) {
	return perform(ctx, o, by, report, a)
}
