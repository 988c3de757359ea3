package office_test

import (
	"fmt"
	"time"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
)

// version is another version of the scheme, which says the same.
func (m *matrix) version() string {
	m.n++
	text, _ := schemeText(m.t)
	return text + fmt.Sprintf("\n# 第%d版\n", m.n)
}

func (m *matrix) rules(text string) office.RulesInput {
	return office.RulesInput{Text: text, From: m.now.AddDate(0, 1, 0).Format("2006-01"), Reason: "示例：校对"}
}

const past = "2023-12" // the month of reporting that is over

func (m *matrix) isClosed() bool {
	m.t.Helper()
	var month *qiaomen.Month
	if err := m.store.Read(ctx, winter, 0, func(v *store.View) (err error) {
		month, err = store.One[qiaomen.Month](v, past)
		return err
	}); err != nil {
		m.t.Fatal(err)
	}
	return month != nil && month.State == qiaomen.Closed
}

// closed is that month, closed; opened is it, not closed.
func (m *matrix) closed() string {
	m.t.Helper()
	if !m.isClosed() {
		m.done(m.CloseMonth(ctx, m.as("handler2"), past))
	}
	return past
}

func (m *matrix) opened() string {
	m.t.Helper()
	if m.isClosed() {
		m.done(m.ReopenMonth(ctx, m.as("reviewer2"), past, "示例：漏报"))
	}
	return past
}

// rankable is that month with no ranking that waits.
func (m *matrix) rankable() string {
	m.t.Helper()
	for _, r := range rowsOf[qiaomen.LedgerRanking](m.world, store.Filter{States: []qiaomen.State{qiaomen.Drafted}}) {
		m.must(m.Decline(ctx, m.as("member2"), m.pendingOn(r.ID).ID, "示例：重新编制"))
	}
	return m.closed()
}

func rowsOf[T any, P interface {
	*T
	qiaomen.Noun
}](w *world, f store.Filter) (out []P) {
	w.t.Helper()
	if err := w.store.Read(ctx, winter, 0, func(v *store.View) (err error) {
		out, err = store.All[T, P](v, f)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (m *matrix) drafted() string {
	m.t.Helper()
	return m.must(m.DraftRanking(ctx, m.as("handler2"), office.RankingInput{Month: m.rankable()})).ID
}

func (m *matrix) final() string {
	m.t.Helper()
	m.rankable()
	return m.must(m.DraftRanking(ctx, m.as("handler2"), office.RankingInput{Final: true})).ID
}

// examined is an approved ranking of a month that no notice is out of.
func (m *matrix) examined() string {
	m.t.Helper()
	for _, n := range rowsOf[qiaomen.Notice](m.world, store.Filter{States: []qiaomen.State{qiaomen.Published}}) {
		m.done(m.CorrectNotice(ctx, m.as("handler2"), office.Correction{Replaced: n.ID, Reason: "示例：撤回"}))
	}
	id := m.drafted()
	m.finish(m.pendingOn(id).ID)
	return id
}

func (m *matrix) noticed() string {
	m.t.Helper()
	m.n++
	return m.must(m.DraftNotice(ctx, m.as("handler2"), office.NoticeInput{
		Ranking: m.examined(), Number: fmt.Sprintf("示例办发〔2024〕%d号", m.n), DatedOn: m.now.Add(8 * time.Hour).Format(time.DateOnly),
	})).ID
}

func (m *matrix) out() string {
	m.t.Helper()
	id := m.noticed()
	m.done(m.PublishNotice(ctx, m.as("handler2"), office.Publishing{Notice: id}))
	return id
}

func (m *matrix) flooded() office.AdjustmentInput {
	return office.AdjustmentInput{Unit: "jixian", Points: "1.5", Ground: "force_majeure", Reason: "示例：雪灾", Papers: []qiaomen.Evidence{m.scan}}
}

func (m *matrix) bulletin() office.FigureBatch {
	return office.FigureBatch{Bulletin: m.scan, PublishedOn: "2024-01-09", Figures: []office.FigureEntry{
		{Source: "funds", Unit: "jixian", Period: "2023Q1", Values: []byte(`{"amount_wan":10000}`)},
	}}
}

var export = office.ExportRequest{Format: office.AsRecords, Reason: "示例：核对"}

func exported(e *office.Export, err error) (*office.Answer, error) {
	if err != nil {
		return nil, err
	}
	return &e.Answer, nil
}

// Rows 21 to 27: targets, rules, figures, leads, adjustments.
var (
	targets = func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.SetTargets(ctx, by, m.rules(id))
	}
	_ = try(qiaomen.ActSetTargets, trial{ready: made((*matrix).version), try: targets}, trial{try: targets, ready: func(m *matrix, _ string) string {
		m.closed()
		return m.version()
	}})
	_ = try(qiaomen.ActPublishRules, trial{ready: made((*matrix).version), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.PublishRules(ctx, by, m.rules(id))
	}})
	_ = try(qiaomen.ActEnterFigure, trial{half: true, again: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		return m.EnterFigures(ctx, by, m.bulletin())
	}}, trial{half: true, again: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		return m.EnterStatisticsList(ctx, by, m.listed())
	}})
	_ = try(qiaomen.ActCheckFigure, trial{other: true, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.CheckFigures(ctx, by, office.FigureCheck{Batch: id})
	}, ready: func(m *matrix, _ string) string {
		return m.must(m.EnterFigures(ctx, m.as("statistician2"), m.bulletin())).ID
	}}, trial{other: true, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.CheckStatisticsList(ctx, by, office.ListCheck{List: id})
	}, ready: func(m *matrix, _ string) string {
		return m.must(m.EnterStatisticsList(ctx, m.as("statistician2"), m.listed())).ID
	}})
	choosing = func(m *matrix, by office.Caller, id string) (*office.Answer, error) { return m.ChooseLead(ctx, by, id) }
	_        = try(qiaomen.ActChooseLead,
		trial{ready: made((*matrix).lead), try: choosing}, trial{first: qiaomen.CityLeader, ready: made((*matrix).offered), try: choosing})
	_ = try(qiaomen.ActProposeAdjustment, trial{half: true, again: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		return m.ProposeAdjustment(ctx, by, m.flooded())
	}})
	_ = try(qiaomen.ActApproveAdjustment, trial{other: true, none: "p-none", try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.Approve(ctx, by, id)
	}, ready: func(m *matrix, _ string) string {
		return m.must(m.ProposeAdjustment(ctx, m.as("evaluator2"), m.flooded())).Proposal
	}})
)

func (m *matrix) listed() office.ListEntry {
	return office.ListEntry{Kind: "signed_project", PublishedOn: "2024-01-09", Bulletin: m.scan, Rows: []office.ListedProject{
		{Name: m.name(), Unit: "jixian", Fields: []byte(`{"statistics_on":"2024-01-08"}`)},
	}}
}

// Rows 28 to 38: scores, months, rankings, notices, exports.
var (
	_ = try(qiaomen.ActScore, trial{reads: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		return looked(m.Score(ctx, by, office.ScoreInput{}))
	}})
	_ = try(qiaomen.ActCloseMonth, trial{ready: made((*matrix).opened), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.CloseMonth(ctx, by, id)
	}})
	_ = try(qiaomen.ActReopenMonth, trial{ready: made((*matrix).closed), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.ReopenMonth(ctx, by, id, "示例：漏报")
	}})
	_ = try(qiaomen.ActReadRanking, trial{reads: true, ready: made((*matrix).examined), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return looked(m.ReadRanking(ctx, by, id))
	}}, trial{reads: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		return looked(m.Rankings(ctx, by))
	}}, trial{reads: true, all: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		return looked(m.Live(ctx, by))
	}}, trial{reads: true, all: true, ready: made((*matrix).examined), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return looked(m.Examined(ctx, by, id))
	}})
	proposing = func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.ProposeRanking(ctx, by, id)
	}
	_ = try(qiaomen.ActApproveRanking, trial{ready: made((*matrix).drafted), try: proposing}, trial{ready: made((*matrix).final), try: proposing})
	_ = try(qiaomen.ActPublishNotice, trial{ready: made((*matrix).noticed), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.PublishNotice(ctx, by, office.Publishing{Notice: id})
	}})
	_ = try(qiaomen.ActCorrectNotice, trial{ready: made((*matrix).out), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.CorrectNotice(ctx, by, office.Correction{Replaced: id, Reason: "示例：数字有误"})
	}})
	_ = try(qiaomen.ActReadPublished, trial{reads: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		return looked(m.Notices(ctx, by))
	}}, trial{reads: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		return looked(m.Months(ctx, by))
	}}, trial{reads: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		return looked(m.Announcements(ctx, by, ""))
	}}, trial{reads: true, ready: made((*matrix).out), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return looked(m.Recompute(ctx, by, rowOf[qiaomen.Notice](m.world, id).Ranking))
	}})
	_ = try(qiaomen.ActExportOwn, trial{again: true, try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		one := export
		one.Unit = id
		return exported(m.ExportOwn(ctx, by, one))
	}})
	_ = try(qiaomen.ActExportAll, trial{again: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
		return exported(m.ExportAll(ctx, by, export))
	}})
	_ = try(qiaomen.ActDraftRanking, trial{asks: true, ready: made((*matrix).rankable), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.DraftRanking(ctx, by, office.RankingInput{Month: id})
	}})
	_ = try(qiaomen.ActDraftNotice, trial{again: true, ready: made((*matrix).examined), try: func(m *matrix, by office.Caller, id string) (*office.Answer, error) {
		return m.DraftNotice(ctx, by, office.NoticeInput{Ranking: id})
	}})
)
