package office

import (
	"context"
	"slices"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/store"
)

// A Filing is a unit's objection (异议) to one decision: that a record of its
// own was refused or revoked, that a duplicate was settled as it was, or a
// published ranking.
type Filing struct {
	// Record is the unit's own that was decided on. With Settlement it is the one
	// that the settlement concerns.
	Record     string `json:"record,omitzero"`
	Settlement string `json:"settlement,omitzero"`
	// Ranking is the published ranking that Unit contests.
	Ranking string             `json:"ranking,omitzero"`
	Unit    string             `json:"unit,omitzero"`
	Text    string             `json:"text"`
	Papers  []qiaomen.Evidence `json:"papers,omitzero"`
	// ReceivedAt and ReceivedNumber are of one that came in on paper: they count,
	// not the time of typing.
	ReceivedAt     string `json:"received_at,omitzero"`
	ReceivedNumber string `json:"received_number,omitzero"`
}

func aboutFiling(d *desk, a *Filing) (qiaomen.Subject, error) {
	if a.Ranking != "" {
		return qiaomen.Subject{Unit: a.Unit, Table: "ranking", ID: a.Ranking}, nil
	}
	s, err := aboutRecord(d, a.Record)
	if err != nil || a.Settlement == "" {
		return s, err
	}
	ruling, err := found[qiaomen.Settlement](d, "判定", a.Settlement)
	if err != nil {
		return s, err
	}
	s.Table, s.ID = "settlement", ruling.ID
	for _, id := range ruling.Records {
		r, err := d.record(id)
		if err != nil {
			return s, err
		}
		if r.Unit != s.Unit && !slices.Contains(s.Units, r.Unit) {
			s.Units = append(s.Units, r.Unit)
		}
	}
	return s, nil
}

var object = twofold(&act[Filing]{
	action: qiaomen.ActObject,
	about:  aboutFiling,
	check: func(d *desk, a *Filing) error {
		if a.ReceivedAt != "" && d.proposer == "" {
			return &qiaomen.Problem{Text: "在系统里提出的异议不写收件时间", Fix: "请删去；纸质的由办公室录入", At: qiaomen.Place{Field: "received_at"}}
		}
		return d.checkFiling(a)
	},
	do: func(d *desk, a *Filing) (string, error) {
		s, err := aboutFiling(d, a)
		if err != nil {
			return "", err
		}
		c, err := d.contested(a, s)
		if err != nil {
			return "", err
		}
		x := qiaomen.Objection{
			ID: d.newID("o-"), Unit: s.Unit, Subject: s, Text: a.Text, Papers: a.Papers, Involved: c.by,
			ReceivedAt: a.ReceivedAt, ReceivedNumber: a.ReceivedNumber, Paper: d.paper,
		}
		return x.ID, d.emit(&qiaomen.ObjectionFiled{Objection: x})
	},
})

// FileObjection contests a decision, within the scheme's days (objection_days)
// or, where it has none, five workdays. The unit's head does it in the page.
func (o *Office) FileObjection(ctx context.Context, by Caller, a Filing) (*Answer, error) {
	return perform(ctx, o, by, object, a)
}

// A PaperFiling is an objection that came in on paper, with the stamped page.
type PaperFiling struct {
	Filing Filing `json:"filing"`
	// DecidedOn is the day on the paper, Number its number, Name the office held
	// by who signed it.
	DecidedOn string           `json:"decided_on"`
	Number    string           `json:"number"`
	Name      string           `json:"name,omitzero"`
	Scan      qiaomen.Evidence `json:"scan"`
}

var objectOnPaper = &act[PaperFiling]{
	action: qiaomen.ActEnterFor,
	about:  func(d *desk, a *PaperFiling) (qiaomen.Subject, error) { return aboutFiling(d, &a.Filing) },
	check: func(d *desk, a *PaperFiling) error {
		list := d.receipt(&a.Filing)
		if p := d.pastDay("decided_on", "落款日期", a.DecidedOn); p != nil {
			list = append(list, p)
		}
		list.text("number", "文号", a.Number, "没有文号的写“无”")
		list = append(list, written("name", a.Name)...)
		if p := d.kept("scan", &a.Scan); p != nil {
			list = append(list, p)
		}
		if len(list) > 0 {
			return faults(list)
		}
		return d.checkFiling(&a.Filing)
	},
	do: func(d *desk, a *PaperFiling) (string, error) {
		s, err := aboutFiling(d, &a.Filing)
		if err != nil {
			return "", err
		}
		args, err := json.Marshal(a.Filing, json.Deterministic(true))
		if err != nil {
			return "", err
		}
		entered := qiaomen.PaperDecision{ID: d.newID("pd-"), Proposal: d.newID("p-"), Approve: true, Source: qiaomen.PaperSource{
			DecidedOn: a.DecidedOn, Number: a.Number, Role: qiaomen.Head, Name: a.Name, Scan: a.Scan,
		}}
		return entered.ID, d.emit(
			&qiaomen.PaperDecisionEntered{Decision: entered},
			&qiaomen.ProposalMade{Proposal: qiaomen.Proposal{
				ID: entered.Proposal, Action: qiaomen.ActObject.String(), Args: args, Subject: s, Needs: [][]qiaomen.Role{{qiaomen.Head}},
			}},
		)
	},
}

// FileObjectionOnPaper types an objection that a unit handed in on paper, as a
// small office gets them (P1). The answer is a paper decision: a reviewer
// confirms it, and the objection stands as filed when it was received.
func (o *Office) FileObjectionOnPaper(ctx context.Context, by Caller, a PaperFiling) (*Answer, error) {
	return perform(ctx, o, by, objectOnPaper, a)
}

// receipt finds what is wrong with when a paper came in, and writes the time as
// the ledger keeps it.
func (d *desk) receipt(a *Filing) complaints {
	var list complaints
	if at := qiaomen.MomentAt(a.ReceivedAt); at.IsZero() {
		list.add("received_at", "没有写收件时间", "应写成 2024-01-03T09:30:00+08:00 这样")
	} else if a.ReceivedAt = at.UTC(); a.ReceivedAt > d.at {
		list.add("received_at", "收件时间在现在之后", "请核对")
	}
	if a.ReceivedNumber == "" {
		list.add("received_number", "没有写收件编号", "请写收文登记的编号")
	}
	return list
}

// A contest is the decision that an objection is about: when it was made known,
// and by whom it was made.
type contest struct {
	at string
	by []string
}

func (d *desk) checkFiling(a *Filing) error {
	s, err := aboutFiling(d, a)
	if err != nil {
		return err
	}
	if _, err := d.unit(s.Unit); err != nil {
		return err
	}
	c, err := d.contested(a, s)
	if err != nil {
		return err
	}
	var list complaints
	list.text("text", "异议", a.Text, "请写明事实和理由")
	list = append(list, d.keptAll("papers", &a.Papers)...)
	filed := a.ReceivedAt
	if filed == "" {
		filed = d.at
	}
	if until := d.objectionUntil(c.at); filed > until {
		list.add("", "提出异议的期限"+say(until)+"已过", "请向领导小组反映")
	}
	before, err := store.All[qiaomen.Objection](d.r, store.Filter{Unit: s.Unit})
	if err != nil {
		return err
	}
	if slices.ContainsFunc(before, func(x *qiaomen.Objection) bool { return sameThing(x.Subject, s) && x.At >= c.at }) {
		list.add("", "对这一决定已经提出过异议", "请等待或查看答复")
	}
	return faults(list)
}

func sameThing(a, b qiaomen.Subject) bool {
	return a.Record == b.Record && a.Table == b.Table && a.ID == b.ID
}

// objectionDays is how many workdays there are where the scheme does not say.
const objectionDays = 5

// objectionUntil is until when a decision of that time can be contested.
func (d *desk) objectionUntil(decided string) string {
	if p := d.rules.Publication; p != nil && p.ObjectionDays > 0 {
		off, day := d.holidays(), qiaomen.MomentAt(decided).Day+qiaomen.Date(p.ObjectionDays)
		for off.DayOff(day) {
			day++
		}
		return clock(day, d.closeOfWork(nil))
	}
	return d.closeAfter(decided, objectionDays)
}

// contested finds the decision that a filing is about.
func (d *desk) contested(a *Filing, s qiaomen.Subject) (*contest, error) {
	switch {
	case a.Ranking != "" && a.Record == "" && a.Settlement == "":
		return d.contestedRanking(a.Ranking)
	case a.Ranking != "" || a.Record == "":
		return nil, problem("没有说明对哪一项决定提出异议", "请选一条本单位的记录，或一期排名")
	case a.Settlement != "":
		ruling, err := found[qiaomen.Settlement](d, "判定", a.Settlement)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(ruling.Records, s.Record) {
			return nil, problem("这次判定与这条记录无关", "请核对编号")
		}
		c := &contest{at: ruling.At}
		return c, d.settled(c, ruling)
	}
	return d.contestedRecord(s.Record)
}

func (d *desk) contestedRecord(id string) (*contest, error) {
	r, err := d.record(id)
	if err != nil {
		return nil, err
	}
	c := &contest{}
	switch r.State {
	case qiaomen.Refused:
		c.at = r.RefusedAt
	case qiaomen.Revoked:
		c.at = r.RevokedAt
	default:
		return nil, problem("这条记录现在是“"+r.State.Chinese()+"”，没有可以提出异议的决定", "只能对不予认定、撤销认定、判定重复和已公布的排名提出异议")
	}
	c.involve(r.RefusedBy, r.RevokedBy, r.AcceptedBy)
	for _, action := range []qiaomen.Action{qiaomen.ActRecognise, qiaomen.ActRevoke} {
		if err := d.decidedBy(c, action, id); err != nil {
			return nil, err
		}
	}
	rulings, err := store.All[qiaomen.Settlement](d.r, store.Filter{})
	if err != nil {
		return nil, err
	}
	for _, ruling := range rulings {
		if slices.Contains(ruling.Records, id) {
			if err := d.settled(c, ruling); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}

func (d *desk) contestedRanking(id string) (*contest, error) {
	r, err := found[qiaomen.LedgerRanking](d, "排名", id)
	if err != nil {
		return nil, err
	}
	if r.State != qiaomen.Published {
		return nil, problem("这一期排名还没有公布，或者已经更正", "请对已公布的排名提出异议")
	}
	c := &contest{at: r.ApprovedAt}
	notices, err := store.All[qiaomen.Notice](d.r, store.Filter{Key: id, States: []qiaomen.State{qiaomen.Published}})
	if err != nil {
		return nil, err
	}
	for _, n := range notices {
		c.at = max(c.at, n.PublishedAt)
	}
	c.involve(r.ApprovedBy, r.DraftedBy)
	return c, d.decidedBy(c, qiaomen.ActApproveRanking, id)
}

func (c *contest) involve(persons ...string) {
	for _, p := range persons {
		if p != "" && !slices.Contains(c.by, p) {
			c.by = append(c.by, p)
		}
	}
}

// settled adds those who ruled on a duplicate.
func (d *desk) settled(c *contest, s *qiaomen.Settlement) error {
	c.involve(s.By)
	return d.decidedBy(c, qiaomen.ActSettle, s.Records[0])
}

// decidedBy adds those who proposed and approved an act on something.
func (d *desk) decidedBy(c *contest, action qiaomen.Action, about string) error {
	all, err := store.All[qiaomen.Proposal](d.r, store.Filter{Kind: action.String(), Key: about, States: []qiaomen.State{qiaomen.Approved}})
	for _, p := range all {
		c.involve(p.By)
		for _, y := range p.Yes {
			c.involve(y.By)
		}
	}
	return err
}

// An ObjectionAnswer is what the evaluation team thinks of an objection, and
// what it asks the leading group to decide.
type ObjectionAnswer struct {
	Objection string `json:"objection"`
	Upheld    bool   `json:"upheld,omitzero"`
	Opinion   string `json:"opinion"`
}

var answerObjection = twofold(&act[ObjectionAnswer]{
	action: qiaomen.ActAnswerObjection,
	about: func(d *desk, a *ObjectionAnswer) (qiaomen.Subject, error) {
		x, err := found[qiaomen.Objection](d, "异议", a.Objection)
		if err != nil {
			return qiaomen.Subject{}, err
		}
		return x.Subject, nil
	},
	check: func(d *desk, a *ObjectionAnswer) error {
		x, err := found[qiaomen.Objection](d, "异议", a.Objection)
		if err != nil {
			return err
		}
		// On paper the leading group decides, and whoever confirms only says so.
		if d.paper == nil && slices.ContainsFunc(x.Involved, d.is) {
			return d.deny("不能答复这一异议：您参与了原来的决定")
		}
		want := qiaomen.Pending
		if d.proposer != "" {
			want = qiaomen.Opined
		}
		if x.State != want {
			return overtaken("这一异议已有意见或答复")
		}
		var list complaints
		list.text("opinion", "意见", a.Opinion, "请写明事实、依据和结论")
		return faults(list)
	},
	proposed: func(d *desk, a *ObjectionAnswer, _ string) error {
		return d.emit(&qiaomen.ObjectionOpined{ID: a.Objection, Text: a.Opinion})
	},
	do: func(d *desk, a *ObjectionAnswer) (string, error) {
		e := &qiaomen.ObjectionDecided{ID: a.Objection, Upheld: a.Upheld, Text: a.Opinion}
		if a.Upheld {
			if err := d.reopens(e); err != nil {
				return "", err
			}
		}
		return a.Objection, d.emit(e)
	},
})

// AnswerObjection gives the evaluation team's opinion on an objection with the
// decision it recommends; the leading group decides by saying yes. A no sends it
// back for another opinion. Nobody who had a part in the first decision answers
// (separation 21). An objection that is upheld brings a refused or revoked
// record before the office again, in its old place among first reports: whoever
// has the thing now keeps it until the office settles it again.
func (o *Office) AnswerObjection(ctx context.Context, by Caller, a ObjectionAnswer) (*Answer, error) {
	return perform(ctx, o, by, answerObjection, a)
}

func init() {
	declined[qiaomen.ActAnswerObjection] = func(d *desk, p *qiaomen.Proposal, reason string) error {
		var a ObjectionAnswer
		if err := json.Unmarshal(p.Args, &a); err != nil {
			return err
		}
		return d.emit(&qiaomen.ObjectionReturned{ID: a.Objection, Reason: reason})
	}
}

// reopens tells which record an upheld objection brings back, with what it
// claimed when it was decided on.
func (d *desk) reopens(e *qiaomen.ObjectionDecided) error {
	x, err := found[qiaomen.Objection](d, "异议", e.ID)
	if err != nil || x.Subject.Record == "" {
		return err
	}
	r, err := d.record(x.Subject.Record)
	if err != nil || r.State != qiaomen.Refused && r.State != qiaomen.Revoked {
		return err
	}
	_, past, err := store.History[qiaomen.Claims](d.r, r.ID)
	if err != nil {
		return err
	}
	e.Reopens = r.ID
	if len(past) > 0 {
		e.Keys = past[len(past)-1].Keys
	}
	e.Keys, err = d.likeKeys(r.Kind, r.Unit, r.ID, &r.Content, e.Keys)
	return err
}
