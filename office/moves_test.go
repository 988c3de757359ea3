package office_test

import (
	"bytes"
	"fmt"
	"time"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/records"
	"qiaomen/scheme"
)

// lateMoves is what people try once there is something to try it on.
var lateMoves = []move{
	{"enter figures", func(m *machine) (*office.Answer, error) {
		a, err := m.EnterFigures(ctx, m.someone("handler", "statistician"), office.FigureBatch{
			Bulletin: m.file, PublishedOn: m.day(),
			Figures: []office.FigureEntry{
				{Source: "funds", Unit: "jixian", Period: "2023Q1", Values: []byte(`{"amount_wan":1000}`)},
				{Source: "funds", Unit: "jixian", Period: "2024Q1", Values: fmt.Appendf(nil, `{"amount_wan":%d}`, m.between(900, 1300))},
			},
		})
		return m.keep(&m.figures, a, err)
	}},
	{"check figures", func(m *machine) (*office.Answer, error) {
		return m.CheckFigures(ctx, m.someone("reviewer", "statistician2"), office.FigureCheck{
			Batch: m.any("figures", m.figures), Refuse: m.between(0, 4) == 0, Reason: "与公报不符",
		})
	}},
	{"offer", func(m *machine) (*office.Answer, error) {
		return m.OfferLead(ctx, m.someone(clerks...), m.recordIn(qiaomen.Recognised))
	}},
	{"choose", func(m *machine) (*office.Answer, error) {
		return m.ChooseLead(ctx, m.someone("leader", "handler"), m.recordIn(qiaomen.Recognised))
	}},
	{"pursue", func(m *machine) (*office.Answer, error) {
		return m.RecordPursuit(ctx, m.someone("leader", "handler"), office.Pursuit{Lead: m.recordIn(qiaomen.Recognised), Fields: fmt.Appendf(nil, `{"pursued_on":%q,"pursued_by":"main_leader"}`, m.day())})
	}},
	{"hear", func(m *machine) (*office.Answer, error) {
		return m.OpenHearing(ctx, m.someone("handler", "evaluator"), office.HearingCall{Record: m.recordIn(qiaomen.Recognised), Reason: "示例理由"})
	}},
	{"explain", func(m *machine) (*office.Answer, error) {
		id := m.recordIn(qiaomen.Recognised)
		return m.Explain(ctx, m.owner(id), id, "示例说明")
	}},
	{"revoke", func(m *machine) (*office.Answer, error) {
		return m.Revoke(ctx, m.someone("handler", "evaluator", "auditor"), office.Revocation{
			Record: m.recordIn(qiaomen.Recognised), Ground: choose(m, []string{"falsification", "error", "mood"}), Reason: "示例理由",
		})
	}},
	{"object", func(m *machine) (*office.Answer, error) {
		id := m.recordIn(qiaomen.Refused, qiaomen.Revoked)
		a, err := m.FileObjection(ctx, m.owner(id), office.Filing{Record: id, Text: "示例异议"})
		return m.keep(&m.objections, a, err)
	}},
	{"answer objection", func(m *machine) (*office.Answer, error) {
		return m.AnswerObjection(ctx, m.someone("evaluator", "evaluator2"), office.ObjectionAnswer{
			Objection: m.any("objection", m.objections), Upheld: m.between(0, 1) == 0, Opinion: "示例意见",
		})
	}},
	{"transfer", func(m *machine) (*office.Answer, error) {
		return m.Transfer(ctx, m.someone(clerks...), office.Handing{
			Record: m.recordID(), To: choose(m, []string{"jixian", "youyi", "bio-economy", "nowhere"}), Reason: "示例理由",
		})
	}},
	{"adjust", func(m *machine) (*office.Answer, error) {
		return m.ProposeAdjustment(ctx, m.someone("evaluator"), office.AdjustmentInput{
			Unit: "jixian", Points: choose(m, []string{"2", "-0.5", "0"}), Ground: "policy_change", Reason: "示例理由", Papers: []qiaomen.Evidence{m.file},
		})
	}},
	{"opinion", func(m *machine) (*office.Answer, error) {
		return m.GiveOpinion(ctx, m.someone("evaluator"), office.Word{Unit: "youyi", Text: "示例意见"})
	}},
	{"urge", func(m *machine) (*office.Answer, error) {
		a, err := m.Urge(ctx, m.someone("handler", "reviewer"), office.Pressing{Units: []string{"jixian"}, Text: "请尽快上报", Until: m.dayAfter(3)})
		return m.keep(&m.urgings, a, err)
	}},
	{"answer urging", func(m *machine) (*office.Answer, error) {
		return m.AnswerUrging(ctx, m.someone("jixian-reporter"), m.any("urging", m.urgings), "示例答复")
	}},
	{"statement", func(m *machine) (*office.Answer, error) {
		return m.PrepareStatement(ctx, m.someone("youyi-reporter"), office.MonthlyStatement{Unit: "youyi", Occurrence: office.Occurrence{Duty: "monthly_report", Due: "2023-12-25"}})
	}},
	{"extend", func(m *machine) (*office.Answer, error) {
		return m.Extend(ctx, m.someone(clerks...), office.Delay{Occurrence: office.Occurrence{Duty: "monthly_report", Due: "2023-12-25"}, To: m.dayAfter(2), Reason: "示例理由"})
	}},
	{"close month", func(m *machine) (*office.Answer, error) { return m.CloseMonth(ctx, m.someone(clerks...), "2023-12") }},
	{"reopen month", func(m *machine) (*office.Answer, error) {
		return m.ReopenMonth(ctx, m.someone("reviewer"), "2023-12", "示例理由")
	}},
	{"rank", func(m *machine) (*office.Answer, error) {
		a, err := m.DraftRanking(ctx, m.someone("handler", "reviewer"), office.RankingInput{Month: "2023-12"})
		return m.keep(&m.rankings, a, err)
	}},
	{"announce", func(m *machine) (*office.Answer, error) {
		return m.Announce(ctx, m.someone(clerks...), office.AnnouncementInput{Title: "示例公告", Text: "示例内容"})
	}},
	{"company", func(m *machine) (*office.Answer, error) {
		return m.KeepCompany(ctx, m.someone("jixian-reporter"), office.CompanyInput{Unit: "jixian", Name: "示例" + choose(m, []string{"甲", "乙"}) + "公司"})
	}},
	{"enter paper", func(m *machine) (*office.Answer, error) {
		a, err := m.EnterPaper(ctx, m.someone(clerks...), office.PaperEntry{
			Proposal: m.any("proposal", m.waiting), Role: choose(m, []qiaomen.Role{qiaomen.GroupMember, qiaomen.GroupMember, qiaomen.CityLeader, qiaomen.Head}),
			Approve: m.between(0, 3) > 0, Reason: "示例理由", DecidedOn: m.day(), Number: "示例〔2024〕1号", Scan: m.file,
		})
		return m.keep(&m.papers, a, err)
	}},
	{"confirm paper", func(m *machine) (*office.Answer, error) {
		return m.ConfirmPaper(ctx, m.someone("reviewer", "reviewer2"), m.any("paper", m.papers))
	}},
}

func (m *machine) day() string { return m.dayAfter(0) }

func (m *machine) dayAfter(days int) string {
	return m.now.AddDate(0, 0, days).In(time.FixedZone("", 8*60*60)).Format("2006-01-02")
}

func (m *machine) keep(into *[]string, a *office.Answer, err error) (*office.Answer, error) {
	if err == nil {
		*into = append(*into, a.ID)
	}
	return a, err
}

// ranking: what the ledger scores is what its export scores.
func (m *machine) ranking() {
	m.r.Helper()
	result, err := m.Score(ctx, m.as("auditor"), office.ScoreInput{})
	if err != nil {
		m.r.Fatal(err)
	}
	out, err := m.ExportAll(ctx, m.as("auditor"), office.ExportRequest{Format: "records", Reason: "核对"})
	if err != nil {
		m.r.Fatal(err)
	}
	text, _ := schemeText(m.t)
	s, _ := scheme.Parse("scheme.yaml", []byte(text), nil)
	tally := s.NewTally(result.View)
	found, err := records.NewReader(s, "export").Read(bytes.NewReader(out.Data), tally)
	if err != nil || found.Total > 0 {
		m.r.Fatalf("the export cannot be read: %v %v", err, found.First)
	}
	if got := tally.Score(s.DefaultReadings()).JSON(); !bytes.Equal(got, result.JSON()) {
		m.r.Errorf("the export scores otherwise:\n%s\n%s", got, result.JSON())
	}
}
