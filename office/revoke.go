package office

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"qiaomen"
	"qiaomen/scheme"
)

// RevocationGrounds is why a recognition may be revoked.
var RevocationGrounds = []scheme.Option{
	{ID: falsification, Name: "弄虚作假"},
	{ID: "error", Name: "认定有误"},
	{ID: "duplicate", Name: "重复认定"},
}

const falsification = "falsification"

// A HearingCall is the office asking a unit what it has to say before its
// record may be revoked.
type HearingCall struct {
	Record string `json:"record"`
	Reason string `json:"reason"`
	// Days is how many workdays the unit has; 0: five.
	Days int `json:"days,omitzero"`
}

// hearingDays is how many workdays a unit has where nobody said, mostHearing how
// many it can be given.
const (
	hearingDays = 5
	mostHearing = 30
)

var openHearing = &act[HearingCall]{
	action: qiaomen.ActRevoke,
	half:   true,
	about:  func(d *desk, a *HearingCall) (qiaomen.Subject, error) { return aboutRecord(d, a.Record) },
	check: func(d *desk, a *HearingCall) error {
		if !slices.Contains([]qiaomen.Role{qiaomen.Handler, qiaomen.Reviewer, qiaomen.Evaluator}, d.using.Role) {
			return d.deny("不能由您听取说明，应由办公室或绩效考评工作专班")
		}
		r, err := d.record(a.Record)
		if err != nil {
			return err
		}
		if r.State != qiaomen.Recognised {
			return notRecognised(r)
		}
		if h := r.Hearing; h != nil && h.ExplainedAt == "" && d.at <= h.Until {
			return problem("已经在听取说明，期限到"+say(h.Until), "请等待单位说明")
		}
		if a.Days < 0 || a.Days > mostHearing {
			return &qiaomen.Problem{Text: fmt.Sprintf("说明期限应在1到%d个工作日之间", mostHearing), At: qiaomen.Place{Field: "days"}}
		}
		return reasoned(a.Reason)
	},
	do: func(d *desk, a *HearingCall) (string, error) {
		days := a.Days
		if days == 0 {
			days = hearingDays
		}
		return a.Record, d.emit(&qiaomen.HearingOpened{ID: a.Record, Until: d.closeAfter(d.at, days), Reason: a.Reason})
	},
}

// OpenHearing asks a unit to explain itself, until close of work so many
// workdays on, before its recognition may be revoked for falsification
// (五(三), separation 15).
func (o *Office) OpenHearing(ctx context.Context, by Caller, a HearingCall) (*Answer, error) {
	return perform(ctx, o, by, openHearing, a)
}

func notRecognised(r *qiaomen.LedgerRecord) error {
	return overtaken("这条记录现在是“" + r.State.Chinese() + "”，不是“" + qiaomen.Recognised.Chinese() + "”")
}

// closeAfter is close of work so many workdays after a time of the ledger.
func (d *desk) closeAfter(at string, workdays int) string {
	off, day := d.holidays(), qiaomen.MomentAt(at).Day
	for workdays > 0 {
		if day++; !off.DayOff(day) {
			workdays--
		}
	}
	return clock(day, d.closeOfWork(nil))
}

// An Explanation is what a unit says when it is heard.
type Explanation struct {
	Record string `json:"record"`
	Text   string `json:"text"`
}

var explain = &act[Explanation]{
	// The matrix has no row for being heard. It is the office asking a unit for
	// its word by a day, and the unit answering: so whoever may answer an urging
	// may explain, in a small office the reporter too. Objecting (row 19) contests
	// a decision, and here there is none yet.
	action: qiaomen.ActAnswerUrging,
	about:  func(d *desk, a *Explanation) (qiaomen.Subject, error) { return aboutRecord(d, a.Record) },
	check: func(d *desk, a *Explanation) error {
		if d.campaign.Procedure.HeadSigns && d.using.Role == qiaomen.Reporter {
			return d.deny("不能由填报人说明，应由单位负责人")
		}
		r, err := d.record(a.Record)
		if err != nil {
			return err
		}
		switch h := r.Hearing; {
		case h == nil || r.State != qiaomen.Recognised:
			return overtaken("没有要说明的事项")
		case h.ExplainedAt != "":
			return problem("已经说明过", "请等待办公室处理")
		case d.at > h.Until:
			return problem("说明的期限"+say(h.Until)+"已过", "请联系办公室")
		}
		var list complaints
		list.text("text", "说明", a.Text, "请写明情况")
		return faults(list)
	},
	do: func(d *desk, a *Explanation) (string, error) {
		return a.Record, d.emit(&qiaomen.ExplanationGiven{ID: a.Record, Text: a.Text})
	},
}

// Explain is the unit's word in its hearing; where the head signs, the head's.
func (o *Office) Explain(ctx context.Context, by Caller, record, text string) (*Answer, error) {
	return perform(ctx, o, by, explain, Explanation{record, text})
}

// A Revocation ends a recognition.
type Revocation struct {
	Record string `json:"record"`
	Ground string `json:"ground"` // of RevocationGrounds
	Reason string `json:"reason"`
	// Of is the recognition that it ends, by its time; the office fills it in.
	Of string `json:"of,omitzero"`
}

var revoke = twofold(&act[Revocation]{
	action: qiaomen.ActRevoke,
	about:  func(d *desk, a *Revocation) (qiaomen.Subject, error) { return aboutRecord(d, a.Record) },
	needs: func(_ *desk, a *Revocation) ([][]qiaomen.Role, error) {
		if a.Ground == falsification {
			return [][]qiaomen.Role{{qiaomen.Reviewer}, {qiaomen.GroupMember}}, nil
		}
		return nil, nil
	},
	check: func(d *desk, a *Revocation) error {
		r, err := d.record(a.Record)
		if err != nil {
			return err
		}
		if r.State != qiaomen.Recognised {
			return notRecognised(r)
		}
		if a.Of = cmp.Or(a.Of, r.RecognisedAt); a.Of != r.RecognisedAt {
			return problem("这条记录后来重新认定过", "请看过现在的认定，重新提出")
		}
		var list complaints
		if !slices.ContainsFunc(RevocationGrounds, func(g scheme.Option) bool { return g.ID == a.Ground }) {
			list.add("ground", "撤销认定的事由应是弄虚作假、认定有误、重复认定之一", "请选一项")
		}
		list.reason(a.Reason)
		if a.Ground == falsification {
			if why, fix := d.unheard(r); why != "" {
				list.add("ground", why, fix)
			}
		}
		return faults(list)
	},
	do: func(d *desk, a *Revocation) (string, error) {
		return a.Record, d.emit(&qiaomen.RecordRevoked{ID: a.Record, Ground: a.Ground, Reason: a.Reason})
	},
})

// unheard is why a unit has not been heard yet, and what to do; empty: it has.
func (d *desk) unheard(r *qiaomen.LedgerRecord) (why, fix string) {
	switch h := r.Hearing; {
	case h == nil:
		return "还没有听取单位的说明", "请先通知单位在期限内说明"
	case h.ExplainedAt == "" && d.at <= h.Until:
		return "单位说明的期限到" + say(h.Until) + "，还没有说明", "请等单位说明，或者期限过后再提出"
	}
	return "", ""
}

// Revoke ends a recognition (撤销认定). For falsification (五(三)) the unit must
// have been heard, and a reviewer and a member of the leading group must both
// say yes; otherwise one of them does. Nothing is deleted: the record stays
// visible, and from that day does not count.
func (o *Office) Revoke(ctx context.Context, by Caller, a Revocation) (*Answer, error) {
	return perform(ctx, o, by, revoke, a)
}
