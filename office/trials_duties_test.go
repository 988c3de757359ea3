package office_test

import (
	"fmt"

	"qiaomen"
	"qiaomen/office"
)

var january = office.Occurrence{Duty: "monthly_report", Due: "2024-01-25"}

func (m *matrix) stated() string {
	m.t.Helper()
	return m.statement("jixian-reporter", "jixian", office.MonthlyStatement{Occurrence: january}).Statement.Digest
}

func (m *matrix) urged() string {
	m.t.Helper()
	return m.must(m.Urge(ctx, m.as("handler2"), office.Pressing{Units: []string{"jixian"}, Text: "示例：请报月报表", Until: "2024-01-20"})).ID
}

func (m *matrix) courts() string {
	m.t.Helper()
	return m.must(m.KeepCompany(ctx, m.as("jixian-reporter"), office.CompanyInput{Unit: "jixian", Name: m.name()})).ID
}

// rowsFile is a file with one row, of a unit.
func (m *matrix) rowsFile(unit string) office.Import {
	m.n++
	row := fmt.Sprintf(`{"kind":"reserve_project","id":"row-%d","unit":"%s","name":"%s","target_companies":["示例甲"]}`+"\n", m.n, unit, m.name())
	return office.Import{Name: "储备.jsonl", Content: []byte(row), Unit: unit, ReceivedAt: "2024-01-09T09:00:00+08:00", ReceivedNumber: "收〔2024〕2号"}
}

// Rows 57 to 63: leads that are pursued, and what units owe.
var (
	_ = try(qiaomen.ActRecordPursuit, trial{first: qiaomen.CityLeader, again: true, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.RecordPursuit(ctx, by, office.Pursuit{Lead: id, Fields: []byte(`{"pursued_on":"2024-01-09","pursued_by":"city_leader"}`)})
	}, ready: func(m *matrix, _ string) string {
		return m.must(m.ChooseLead(ctx, m.as("leader2"), m.offered())).ID
	}})
	_ = try(qiaomen.ActPrepareStatement, trial{again: true, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.PrepareStatement(ctx, by, office.MonthlyStatement{Unit: id, Occurrence: january})
	}})
	_ = try(qiaomen.ActSignStatement, trial{none: "atlantis", ready: func(m *matrix, _ string) string {
		m.stated()
		return "jixian"
	}, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		s, err := m.Statement(ctx, m.as("handler"), "jixian", january)
		if err != nil {
			return nil, err
		}
		return m.SignStatement(ctx, by, office.Signature{Unit: id, Occurrence: january, Digest: s.Statement.Digest})
	}})
	_ = try(qiaomen.ActHandIn, trial{again: true, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.HandIn(ctx, by, office.Paper{Unit: id, For: []office.Occurrence{{Duty: "mobilisation"}}, Items: map[string]string{"会议纪要": "示例"}})
	}})
	_ = try(qiaomen.ActUrge, trial{again: true, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.Urge(ctx, by, office.Pressing{Units: []string{id}, Text: "示例：请报月报表", Until: "2024-01-20"})
	}}, trial{again: true, ready: made((*matrix).urged), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.NoteCall(ctx, by, id, "telephone", "示例：已提醒")
	}}, trial{reads: true, ready: made((*matrix).urged), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return looked(m.UrgingText(ctx, by, id))
	}})
	_ = try(qiaomen.ActAnswerUrging, trial{ready: made((*matrix).urged), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.AnswerUrging(ctx, by, id, "示例：明天报")
	}}, trial{again: true, ready: made((*matrix).urged), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return looked(m.OpenUrging(ctx, by, id))
	}})
	_ = try(qiaomen.ActExtend, trial{try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.Extend(ctx, by, office.Delay{Occurrence: office.Occurrence{Duty: "plan"}, Units: []string{"jixian"}, To: id, Reason: "示例：大雪"})
	}, ready: func(m *matrix, _ string) string {
		m.n++
		return m.now.AddDate(0, 0, m.n).Format("2006-01-02")
	}})
)

// Rows 64 to 75: what the office says and keeps.
var (
	_ = try(qiaomen.ActGiveOpinion, trial{again: true, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.GiveOpinion(ctx, by, office.Word{Unit: id, Text: "示例：完成得好"})
	}})
	_ = try(qiaomen.ActReportBriefing, trial{again: true, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.ReportBriefing(ctx, by, office.Entry{Unit: id, Kind: "briefing", Name: m.name()})
	}})
	_ = try(qiaomen.ActKeepCompany, trial{again: true, none: "f-none", ready: made((*matrix).courts), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.KeepCompany(ctx, by, office.CompanyInput{ID: id, Name: m.name(), Remarks: "示例"})
	}}, trial{gone: true, none: "f-none", ready: made((*matrix).courts), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.DropCompany(ctx, by, id)
	}})
	_ = try(qiaomen.ActOfferLead, trial{ready: made((*matrix).lead), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.OfferLead(ctx, by, id)
	}})
	_ = try(qiaomen.ActAnnounce, trial{again: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		return m.Announce(ctx, by, office.AnnouncementInput{Title: "示例", Text: "示例：周五培训"})
	}})
	_ = try(qiaomen.ActOpenCampaign, trial{in: spring, half: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		text, notice := schemeText(m.t)
		return m.CreateCampaign(ctx, by, office.Beginning{Campaign: spring, Text: text, Source: notice})
	}})
	_ = try(qiaomen.ActEditUnit, trial{again: true, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.EditUnit(ctx, by, office.UnitInput{Unit: id, LeadingOfficial: "副县长"})
	}}, trial{again: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		return m.EditCalendar(ctx, by, qiaomen.Calendar{Rest: []string{"2024-02-09"}})
	}})
	_ = try(qiaomen.ActImport, trial{again: true, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return looked(m.Import(ctx, by, m.rowsFile(id)))
	}}, trial{reads: true, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return looked(m.Preview(ctx, by, m.rowsFile(id)))
	}})
	_ = try(qiaomen.ActTransfer, trial{ready: made((*matrix).known), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.Transfer(ctx, by, office.Handing{Record: id, To: "youyi", Reason: "示例：项目在友谊县"})
	}})
	_ = try(qiaomen.ActExpunge, trial{ready: func(m *matrix, _ string) string {
		return record(m.world, m.contract()).Content.Evidence[0].Digest
	}, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.Expunge(ctx, by, office.Expunging{Digest: id, Reason: "示例：涉密"})
	}})
)
