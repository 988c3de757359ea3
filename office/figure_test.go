package office_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
)

// rowOf is a noun of the campaign's ledger as it stands.
func rowOf[T any, P interface {
	*T
	qiaomen.Noun
}](w *world, id string) P {
	w.t.Helper()
	var n P
	err := w.store.Read(ctx, winter, 0, func(v *store.View) (err error) {
		n, err = store.One[T, P](v, id)
		return err
	})
	if err != nil || n == nil {
		w.t.Fatalf("%s: %v", id, err)
	}
	return n
}

// keptFile is a file of its own, kept for an act to name.
func (w *world) keptFile(kind string) qiaomen.Evidence {
	w.t.Helper()
	w.keys++
	return w.keeps("handler", kind, kind+".jpg", picture(w.keys))
}

// pendingOn is the proposal that waits on something.
func (w *world) pendingOn(key string) *qiaomen.Proposal {
	w.t.Helper()
	var all []*qiaomen.Proposal
	err := w.store.Read(ctx, winter, 0, func(v *store.View) (err error) {
		all, err = store.All[qiaomen.Proposal](v, store.Filter{Key: key, States: []qiaomen.State{qiaomen.Pending}})
		return err
	})
	if err != nil || len(all) != 1 {
		w.t.Fatalf("%d proposals on %s: %v", len(all), key, err)
	}
	return all[0]
}

// decidedOnPaper enters a decision from paper and confirms it.
func (w *world) decidedOnPaper(proposal string, role qiaomen.Role, approve bool) {
	w.t.Helper()
	e := office.PaperEntry{
		Proposal: proposal, Role: role, Approve: approve, DecidedOn: w.now.Add(8 * time.Hour).Format(time.DateOnly),
		Number: "示例纪要〔2024〕1号", Name: role.Chinese(), Scan: w.keptFile("scan"),
	}
	if !approve {
		e.Reason = "依据不足"
	}
	p := w.must(w.EnterPaper(ctx, w.as("handler"), e))
	w.must(w.ConfirmPaper(ctx, w.as("reviewer"), p.ID))
}

// again asks that a request sent a second time is the same act.
func (w *world) again(act func(office.Caller) (*office.Answer, error), login string) *office.Answer {
	w.t.Helper()
	by := w.as(login)
	first := w.must(act(by))
	second := w.must(act(by))
	if !second.Again || second.ID != first.ID || second.Proposal != first.Proposal || second.First != first.First || second.Last != first.Last {
		w.t.Errorf("sent again it is %+v, first %+v", second, first)
	}
	return first
}

func (w *world) fundsBatch(published string, amount string) office.FigureBatch {
	return office.FigureBatch{
		Bulletin: w.keptFile("bulletin"), PublishedOn: published,
		Figures: []office.FigureEntry{
			{Source: "funds", Unit: "jixian", Period: "2023Q1", Values: jsontext.Value(`{"amount_wan":10000}`)},
			{Source: "funds", Unit: "jixian", Period: "2024Q1", Values: jsontext.Value(`{"amount_wan":` + amount + `,"rate_percent":"17.40"}`)},
		},
	}
}

// scoredFigures is how many figures scoring sees.
func (w *world) scoredFigures() int {
	w.t.Helper()
	var all []*qiaomen.LedgerFigure
	err := w.store.Read(ctx, winter, 0, func(v *store.View) (err error) {
		all, err = store.All[qiaomen.LedgerFigure](v, store.Filter{States: []qiaomen.State{qiaomen.Checked}})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return len(all)
}

// started takes a start to recognition, whatever the procedure asks.
func (w *world) started(unit, name, fields string) string {
	w.t.Helper()
	id := w.reportSigned(unit, "project_start", name, fields, "photo")
	w.recognisedByTwo(id, 1)
	return id
}

// reportSigned reports a record with whatever signature the campaign asks.
func (w *world) reportSigned(unit, kind, name, fields string, evidence ...string) string {
	w.t.Helper()
	a := w.must(w.Draft(ctx, w.as(unit+"-reporter"), office.DraftInput{Unit: unit, Kind: kind, Name: name, Fields: []byte(fields)}))
	for _, e := range evidence {
		w.keys++
		w.must(w.AddEvidence(ctx, w.as(unit+"-reporter"), a.ID, e, e+".jpg", bytes.NewReader(picture(w.keys))))
	}
	w.must(w.Submit(ctx, w.as(unit+"-head"), a.ID))
	return a.ID
}

// recognisedByTwo takes a record through review, in one act or in two.
func (w *world) recognisedByTwo(id string, version int) {
	w.t.Helper()
	w.must(w.Accept(ctx, w.as("handler"), id, version))
	w.recognisedAgain(id, version)
}

// recognisedAgain recognises a record that is in review.
func (w *world) recognisedAgain(id string, version int) {
	w.t.Helper()
	a := w.must(w.Recognise(ctx, w.as("handler2"), office.Decision{Record: id, Version: version}))
	if a.Proposal != "" {
		w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
	}
}

func TestFiguresTakeTwoPeople(t *testing.T) {
	for _, c := range []struct {
		name                       string
		procedure                  qiaomen.Procedure
		enters, checks, other, not string
	}{
		{"small", qiaomen.SmallOffice, "handler", "reviewer", "reviewer2", "evaluator"},
		{"gb3", qiaomen.ThreePowers, "statistician", "statistician2", "statistician2", "handler"},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEach(t, c.procedure, func(w *world) {
				w.now = time.Date(2024, 4, 20, 1, 0, 0, 0, time.UTC)
				batch := w.fundsBatch("2024-04-18", "11740")
				w.refused(w.EnterFigures(ctx, w.as(c.not), batch))
				w.refused(w.EnterFigures(ctx, w.as("jixian-reporter"), batch))
				a := w.again(func(by office.Caller) (*office.Answer, error) { return w.EnterFigures(ctx, by, batch) }, c.enters)
				if n := w.scoredFigures(); n != 0 {
					w.t.Errorf("%d figures are seen unchecked", n)
				}
				check := office.FigureCheck{Batch: a.ID}
				w.refused(w.CheckFigures(ctx, w.as(c.enters), check))
				w.refused(w.CheckFigures(ctx, w.as("jixian-head"), check))
				w.faulty("没有说明复核哪些")(w.CheckFigures(ctx, w.as(c.checks), office.FigureCheck{}))
				w.again(func(by office.Caller) (*office.Answer, error) { return w.CheckFigures(ctx, by, check) }, c.checks)
				w.faulty("没有找到等待复核的数据")(w.CheckFigures(ctx, w.as(c.other), check))
				w.faulty("已经复核过")(w.CheckFigures(ctx, w.as(c.other), office.FigureCheck{Figures: []string{a.ID}}))
				if n := w.scoredFigures(); n != 2 {
					w.t.Errorf("%d figures are seen, not 2", n)
				}
				f := rowOf[qiaomen.LedgerFigure](w, a.ID)
				if f.State != qiaomen.Checked || f.EnteredBy == f.CheckedBy || f.CheckedBy == "" || f.Bulletin.Digest != batch.Bulletin.Digest {
					w.t.Errorf("%+v", f)
				}
			})
		})
	}
}

func TestNobodyChecksTheirOwnFigures(t *testing.T) {
	onEach(t, qiaomen.ThreePowers, func(w *world) {
		w.now = time.Date(2024, 4, 20, 1, 0, 0, 0, time.UTC)
		a := w.must(w.EnterFigures(ctx, w.as("statistician"), w.fundsBatch("2024-04-18", "11740")))
		_, err := w.CheckFigures(ctx, w.as("statistician"), office.FigureCheck{Batch: a.ID})
		if err == nil || !strings.Contains(err.Error(), "自己录入") {
			w.t.Errorf("the same person checks: %v", err)
		}
	})
}

func TestEveryFaultOfABulletinIsTold(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.now = time.Date(2024, 4, 20, 1, 0, 0, 0, time.UTC)
		enter := func(b office.FigureBatch) (*office.Answer, error) { return w.EnterFigures(ctx, w.as("handler"), b) }
		for says, spoil := range map[string]func(*office.FigureBatch){
			"没有收到文件":        func(b *office.FigureBatch) { b.Bulletin.Digest = strings.Repeat("0", 64) },
			"在今天之后":         func(b *office.FigureBatch) { b.PublishedOn = "2024-05-01" },
			"没有录入任何一行":      func(b *office.FigureBatch) { b.Figures = nil },
			"没有官方数据":        func(b *office.FigureBatch) { b.Figures[1].Source = "gdp" },
			"第2行：方案里没有单位":   func(b *office.FigureBatch) { b.Figures[1].Unit = "nowhere" },
			"第1行： ":         func(b *office.FigureBatch) { b.Figures[0].Period = "2022Q1" },
			"录了两次":          func(b *office.FigureBatch) { b.Figures[1].Period = "2023Q1"; b.Figures[1].Values = b.Figures[0].Values },
			"第1行：":          func(b *office.FigureBatch) { b.Figures[0].Values = jsontext.Value(`{"rate_percent":3}`) },
			"第2行：缺少":        func(b *office.FigureBatch) { b.Figures[1].Values = jsontext.Value(`{}`) },
			"“省级专班考核结果”不分期": func(b *office.FigureBatch) { b.Figures[1].Source, b.Figures[1].Period = "provincial_result", "2024Q1" },
		} {
			b := w.fundsBatch("2024-04-18", "11740")
			spoil(&b)
			w.faulty(strings.TrimSpace(says))(enter(b))
		}
	})
}

func TestACorrectedFigureStandsBesideTheOld(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.now = time.Date(2024, 4, 20, 1, 0, 0, 0, time.UTC)
		old := w.must(w.EnterFigures(ctx, w.as("handler"), w.fundsBatch("2024-04-18", "11740")))
		w.must(w.CheckFigures(ctx, w.as("reviewer"), office.FigureCheck{Batch: old.ID}))
		w.faulty("比这一份晚")(w.EnterFigures(ctx, w.as("handler"), w.fundsBatch("2024-04-17", "11800")))
		again := w.must(w.EnterFigures(ctx, w.as("handler2"), w.fundsBatch("2024-04-18", "11800")))
		refuse := office.FigureCheck{Batch: again.ID, Refuse: true}
		w.faulty("没有写理由")(w.CheckFigures(ctx, w.as("reviewer"), refuse))
		refuse.Reason = "与公报第2页不符"
		w.must(w.CheckFigures(ctx, w.as("reviewer"), refuse))
		if n := w.scoredFigures(); n != 2 {
			w.t.Errorf("%d figures are seen after a refusal", n)
		}
		third := w.must(w.EnterFigures(ctx, w.as("handler2"), w.fundsBatch("2024-04-20", "11900")))
		w.must(w.CheckFigures(ctx, w.as("reviewer"), office.FigureCheck{Figures: []string{third.ID}}))
		if n := w.scoredFigures(); n != 3 {
			w.t.Errorf("%d figures are seen, one of a batch being checked", n)
		}
		if f := rowOf[qiaomen.LedgerFigure](w, old.ID); f.State != qiaomen.Checked || string(f.Values) != `{"amount_wan":10000}` {
			w.t.Errorf("the old one is %+v", f)
		}
		if f := rowOf[qiaomen.LedgerFigure](w, again.ID); f.State != qiaomen.Refused || f.Reason != refuse.Reason {
			w.t.Errorf("the refused one is %+v", f)
		}
	})
}
