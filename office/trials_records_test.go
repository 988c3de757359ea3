package office_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"qiaomen"
	"qiaomen/office"
)

// name is a name that nothing has yet.
func (m *matrix) name() string {
	m.n++
	return fmt.Sprintf("示例第%d号项目", m.n)
}

const courted = `{"target_companies":["示例甲","示例乙","示例丙","示例丁","示例戊"],"contact":"示例联系人"}`

func (m *matrix) draft() string {
	m.t.Helper()
	return m.must(m.Draft(ctx, m.as("jixian-reporter"), office.DraftInput{Unit: "jixian", Kind: "reserve_project", Name: m.name(), Fields: []byte(courted)})).ID
}

// submitted is a record of a unit that the office has to examine.
func (m *matrix) submitted(unit, kind, name, fields string, evidence ...string) string {
	m.t.Helper()
	reporter := m.as(unit + "-reporter")
	id := m.must(m.Draft(ctx, reporter, office.DraftInput{Unit: unit, Kind: kind, Name: name, Fields: []byte(fields)})).ID
	for _, e := range evidence {
		m.n++
		m.must(m.AddEvidence(ctx, m.as(unit+"-reporter"), id, e, "材料.png", bytes.NewReader(paper(m.n))))
	}
	if !m.p.HeadSigns {
		return m.must(m.Submit(ctx, m.as(unit+"-reporter"), id)).ID
	}
	m.must(m.HandOver(ctx, m.as(unit+"-reporter"), id))
	return m.must(m.SignOff(ctx, m.as(unit+"-head"), id)).ID
}

func (m *matrix) reserve() string {
	m.t.Helper()
	return m.submitted("jixian", "reserve_project", m.name(), courted)
}

func (m *matrix) contract() string {
	m.t.Helper()
	return m.submitted("jixian", "signed_project", m.name(), `{"signed_on":"2024-01-05","amount_yi":9}`, "contract")
}

// accepted takes a record up, by the second handler: the first one may then
// recognise it.
func (m *matrix) accepted(id string) string {
	m.t.Helper()
	m.must(m.Accept(ctx, m.as("handler2"), id, 1))
	return id
}

// judged is a record that the office has recognised, or refused.
func (m *matrix) judged(id string, refuse bool) string {
	m.t.Helper()
	d := office.Decision{Record: id, Version: 1}
	if refuse {
		d.Refuse, d.Reason = true, "示例：不是事实"
	}
	m.must(m.Accept(ctx, m.as("handler"), id, 1))
	by := "reviewer2"
	if m.p.TwoReview {
		by = "handler2"
	}
	m.done(m.Recognise(ctx, m.as(by), d))
	return id
}

func (m *matrix) known() string { m.t.Helper(); return m.judged(m.reserve(), false) }

func (m *matrix) amendment() string {
	m.t.Helper()
	return m.must(m.DraftAgain(ctx, m.as("jixian-reporter"), m.known())).ID
}

// twins is two records of one name, of two units.
func (m *matrix) twins() string {
	m.t.Helper()
	name := m.name()
	return m.submitted("jixian", "reserve_project", name, courted) + " " + m.submitted("youyi", "reserve_project", name, courted)
}

func (m *matrix) lead() string {
	m.t.Helper()
	name := m.name()
	return m.judged(m.submitted("jixian", "domestic_lead", name, `{"target_company":"`+name+`","content":"示例","amount_yi":3}`), false)
}

// offered is a lead before the city's leaders, put there by the second handler.
func (m *matrix) offered() string {
	m.t.Helper()
	return m.must(m.OfferLead(ctx, m.as("handler2"), m.lead())).ID
}

func (m *matrix) objection() string {
	m.t.Helper()
	return m.must(m.FileObjection(ctx, m.as("jixian-head"), office.Filing{Record: m.judged(m.reserve(), true), Text: "示例：有合同为证"})).ID
}

// made is a thing as ready is asked for it, whoever acts on it.
func made(thing func(m *matrix) string) func(*matrix, string) string {
	return func(m *matrix, _ string) string { return thing(m) }
}

// looked is a look as try is asked for it.
func looked[T any](_ T, err error) (*office.Answer, error) { return nil, err }

func headSigns(p qiaomen.Procedure) bool { return p.HeadSigns }

// reportersSubmit: where the head signs, Report hands over what its row refuses.
func reportersSubmit(p qiaomen.Procedure) bool { return !p.HeadSigns }

// Rows 1 to 8: what a unit writes and hands over.
var (
	_ = try(qiaomen.ActDraft, trial{again: true, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.Draft(ctx, by, office.DraftInput{Unit: id, Kind: "reserve_project", Name: m.name(), Fields: []byte(courted)})
	}}, trial{again: true, ready: made((*matrix).known), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.DraftAgain(ctx, by, id)
	}})
	_ = try(qiaomen.ActEditDraft, trial{again: true, ready: made((*matrix).draft), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.EditDraft(ctx, by, office.DraftInput{ID: id, Name: m.name(), Fields: []byte(courted)})
	}}, trial{gone: true, ready: made((*matrix).draft), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.DeleteDraft(ctx, by, id)
	}}, trial{gone: true, where: headSigns, ready: made((*matrix).draft), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.HandOver(ctx, by, id)
	}})
	_ = try(qiaomen.ActSubmit, trial{gone: true, ready: made((*matrix).draft), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.Submit(ctx, by, id)
	}}, trial{where: headSigns, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.SignOff(ctx, by, id)
	}, ready: func(m *matrix, _ string) string {
		return m.must(m.HandOver(ctx, m.as("jixian-reporter"), m.draft())).ID
	}})
	_ = try(qiaomen.ActSubmit, trial{again: true, where: reportersSubmit, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.Report(ctx, by, office.Entry{Unit: id, Kind: "reserve_project", Name: m.name(), Fields: []byte(courted)})
	}})
	_ = try(qiaomen.ActWithdraw, trial{ready: made((*matrix).reserve), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.Withdraw(ctx, by, id)
	}})
	_ = try(qiaomen.ActAmend, trial{gone: true, ready: made((*matrix).amendment), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.Amend(ctx, by, id, "示例：写错了")
	}})
	_ = try(qiaomen.ActAddEvidence, trial{again: true, ready: func(m *matrix, _ string) string {
		return m.must(m.Draft(ctx, m.as("jixian-reporter"), office.DraftInput{Unit: "jixian", Kind: "project_start", Name: m.name()})).ID
	}, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		m.n++
		return m.AddEvidence(ctx, by, id, "photo", "现场.png", bytes.NewReader(paper(m.n)))
	}})
	_ = try(qiaomen.ActEnterFor, trial{again: true, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		name := m.name()
		return m.EnterFor(ctx, by, office.Entry{
			Unit: id, Kind: "reserve_project", Name: name, Fields: []byte(courted), ReceivedAt: "2024-01-09T09:00:00+08:00", ReceivedNumber: "收 " + name,
		})
	}}, trial{again: true, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.FileObjectionOnPaper(ctx, by, office.PaperFiling{
			Filing:    office.Filing{Record: id, Text: "示例：有合同为证", ReceivedAt: m.now.Format(time.RFC3339), ReceivedNumber: "收〔2024〕3号"},
			DecidedOn: "2024-01-09", Number: "无", Scan: m.scan,
		})
	}, ready: func(m *matrix, _ string) string { return m.judged(m.reserve(), true) }})
)

// opening is a way to open a file behind a record.
func opening(how func(acts, context.Context, office.Caller, string, string) (*office.File, error)) trial {
	return trial{reads: true, none: "r-none none", ready: func(m *matrix, _ string) string {
		id := m.contract()
		return id + " " + record(m.world, id).Content.Evidence[0].Digest
	}, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		id, digest, _ := strings.Cut(id, " ")
		f, err := how(m.acts, ctx, by, id, digest)
		if err == nil {
			err = f.Close()
		}
		return nil, err
	}}
}

// Rows 9 to 13: what there is to see.
var (
	_ = try(qiaomen.ActReadOwn, trial{reads: true, ready: made((*matrix).known), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return looked(m.Record(ctx, by, id))
	}}, trial{reads: true, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return looked(m.Records(ctx, by, office.Listing{Unit: id}))
	}}, trial{reads: true, all: true, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return looked(m.MyScore(ctx, by, id))
	}}, trial{reads: true, all: true, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return looked(m.Duties(ctx, by, id))
	}}, trial{reads: true, all: true, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return looked(m.Urgings(ctx, by, id))
	}}, trial{reads: true, ready: made((*matrix).known), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return looked(m.ExpungedOf(ctx, by, id))
	}})
	_ = try(qiaomen.ActReadOthers, trial{reads: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		return looked(m.Records(ctx, by, office.Listing{}))
	}}, trial{reads: true, all: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		return looked(m.AllDuties(ctx, by))
	}}, trial{reads: true, all: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		return looked(m.Urgings(ctx, by, ""))
	}})
	_ = try(qiaomen.ActOpenOriginal, opening(acts.OpenOriginal), opening(acts.View), opening(acts.Thumbnail))
	_ = try(qiaomen.ActUnmask, trial{reads: true, ready: made((*matrix).reserve), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return looked(m.Unmask(ctx, by, id, "核对联系人"))
	}}, trial{reads: true, none: "atlantis", try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return looked(m.UnmaskItems(ctx, by, id, office.Occurrence{Duty: "contact"}, "核对联系人"))
	}, ready: func(m *matrix, _ string) string {
		m.must(m.HandIn(ctx, m.as("jixian-head"), office.Paper{
			Unit: "jixian", For: []office.Occurrence{{Duty: "contact"}}, Items: map[string]string{"联系人": "示例联系人", "联系方式": "传真"},
		}))
		return "jixian"
	}})
	_ = try(qiaomen.ActHint, trial{reads: true, ready: made((*matrix).draft), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return looked(m.DuplicateHint(ctx, by, id))
	}})
)

// Rows 14 to 20: what the office makes of a record, and what is said against it.
var (
	_ = try(qiaomen.ActExamine, trial{ready: made((*matrix).reserve), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.Accept(ctx, by, id, 1)
	}}, trial{ready: made((*matrix).reserve), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.Return(ctx, by, id, 1, "示例：缺建设地点")
	}})
	_ = try(qiaomen.ActCheckOriginal, trial{again: true, ready: made((*matrix).contract), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.CheckOriginal(ctx, by, id)
	}})
	recognising = func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.Recognise(ctx, by, office.Decision{Record: id, Version: 1})
	}
	_ = try(qiaomen.ActRecognise,
		trial{try: recognising, ready: func(m *matrix, _ string) string { return m.accepted(m.reserve()) }},
		trial{two: true, try: recognising, ready: func(m *matrix, _ string) string { return m.accepted(m.contract()) }},
	)
	_ = try(qiaomen.ActSettle, trial{again: true, none: "r-none r-nothing", ready: made((*matrix).twins), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.Settle(ctx, by, office.Ruling{Records: strings.Fields(id), Same: true, Reason: "示例：同一项目"})
	}})
	_ = try(qiaomen.ActRevoke, trial{ready: made((*matrix).known), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.Revoke(ctx, by, office.Revocation{Record: id, Ground: "error", Reason: "示例：认定有误"})
	}}, trial{try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.Revoke(ctx, by, office.Revocation{Record: id, Ground: "falsification", Reason: "示例：合同是假的"})
	}, ready: func(m *matrix, _ string) string {
		id := m.known()
		m.must(m.OpenHearing(ctx, m.as("handler2"), office.HearingCall{Record: id, Reason: "示例：请说明合同"}))
		return m.must(m.Explain(ctx, m.as("jixian-head"), id, "示例：没有的事")).ID
	}})
	_ = try(qiaomen.ActObject, trial{try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.FileObjection(ctx, by, office.Filing{Record: id, Text: "示例：有合同为证"})
	}, ready: func(m *matrix, _ string) string { return m.judged(m.reserve(), true) }})
	_ = try(qiaomen.ActAnswerObjection, trial{ready: made((*matrix).objection), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.AnswerObjection(ctx, by, office.ObjectionAnswer{Objection: id, Opinion: "示例：维持"})
	}})
)
