package office_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
)

// Amendment proposal approved by the former unit's head after transfer.
func TestFormerHeadAmends(t *testing.T) {
	onEach(t, qiaomen.ThreePowers, func(w *world) {
		id := w.reportSigned("jixian", "reserve_project", "示例项目", reserve)
		w.recognisedByTwo(id, 1)
		d := w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), id))
		w.must(w.EditDraft(ctx, w.as("jixian-reporter"), office.DraftInput{ID: d.ID, Name: "另一个名字", Fields: []byte(reserve)}))
		p := w.must(w.Amend(ctx, w.as("jixian-reporter"), d.ID, "更名"))
		tr := w.must(w.Transfer(ctx, w.as("handler"), office.Handing{Record: id, To: "youyi", Reason: "移交"}))
		w.must(w.Approve(ctx, w.as("reviewer"), tr.Proposal))
		if record(w, id).Unit != "youyi" {
			t.Fatal("not transferred")
		}
		if _, err := w.Approve(ctx, w.as("jixian-head"), p.Proposal); err == nil {
			t.Errorf("the former unit's head amended youyi's record: %+v", record(w, id).Amendment)
		}
	})
}

// Token scope ignored by papers and TakeBack.
func TestTokenConfirmsPaper(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		one := w.report("jixian-reporter", "jixian", "reserve_project", "示例产业园", reserve)
		two := w.report("youyi-reporter", "youyi", "reserve_project", "示例产业园", reserve)
		a := w.must(w.Settle(ctx, w.as("handler"), office.Ruling{Records: []string{one, two}, Same: true, Reason: "同一园区"}))
		entry := office.PaperEntry{Proposal: a.Proposal, Role: qiaomen.GroupMember, Approve: true, DecidedOn: "2023-12-12", Number: "1号", Scan: w.keptFile("scan")}
		p := w.must(w.EnterPaper(ctx, w.as("handler"), entry))
		token := w.as("reviewer")
		token.Only = []qiaomen.Action{qiaomen.ActReadPublished}
		if _, err := w.ConfirmPaper(ctx, token, p.ID); err == nil {
			t.Error("a token for reading what is published confirmed a decision of the leading group")
		}
		three := w.report("jixian-reporter", "jixian", "reserve_project", "示例水稻", reserve)
		four := w.report("youyi-reporter", "youyi", "reserve_project", "示例水稻", reserve)
		b := w.must(w.Settle(ctx, w.as("handler"), office.Ruling{Records: []string{three, four}, Same: true, Reason: "同一园区"}))
		token = w.as("handler")
		token.Only = []qiaomen.Action{qiaomen.ActReadPublished}
		if _, err := w.TakeBack(ctx, token, b.Proposal); err == nil {
			t.Error("and takes proposals back")
		}
	})
}

// Key reuse on EnterPaper.
func TestPaperKey(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		one := w.report("jixian-reporter", "jixian", "reserve_project", "示例产业园", reserve)
		two := w.report("youyi-reporter", "youyi", "reserve_project", "示例产业园", reserve)
		a := w.must(w.Settle(ctx, w.as("handler"), office.Ruling{Records: []string{one, two}, Same: true, Reason: "同一园区"}))
		entry := office.PaperEntry{Proposal: a.Proposal, Role: qiaomen.GroupMember, Approve: true, DecidedOn: "2023-12-12", Number: "1号", Scan: w.keptFile("scan")}
		by := w.as("handler")
		w.must(w.EnterPaper(ctx, by, entry))
		entry.Approve, entry.Reason = false, "不同意"
		if a, err := w.EnterPaper(ctx, by, entry); err == nil {
			t.Errorf("a no under the key of a yes: %+v", a)
		}
	})
}

// Personal data in reasons and file names.
func TestPersonal(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		a := w.report("jixian-reporter", "jixian", "signed_project", "示例风电项目", `{"signed_on":"2024-01-05","amount_yi":9}`, "contract")
		_, err := w.Return(ctx, w.as("handler"), a, 1, "请联系示例某13912000000补材料")
		if err == nil {
			t.Error("return: a telephone is sealed in a reason")
		}
		d := w.must(w.Draft(ctx, w.as("jixian-reporter"), office.DraftInput{Unit: "jixian", Kind: "signed_project", Name: "示例光伏项目", Fields: []byte(`{"signed_on":"2024-01-05","amount_yi":9}`)}))
		if _, err := w.AddEvidence(ctx, w.as("jixian-reporter"), d.ID, "contract", "示例某230502199001011234.jpg", bytes.NewReader(picture(91))); err == nil {
			if _, err := w.Submit(ctx, w.as("jixian-reporter"), d.ID); err == nil && w.sealed(winter, "230502199001011234") {
				t.Error("an identity card is sealed as a file's name")
			}
		}
		if _, err := w.Expunge(ctx, w.as("handler"), office.Expunging{Digest: record(w, a).Content.Evidence[0].Digest, Reason: "身份证230502199001011234"}); err == nil {
			t.Error("and in the reason of an expunging")
		}
	})
}

// Huge text.
func TestHuge(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		a := w.report("jixian-reporter", "jixian", "reserve_project", "示例产业园", reserve)
		if _, err := w.Return(ctx, w.as("handler"), a, 1, strings.Repeat("长", 5<<20)); err == nil {
			t.Error("15 MB of reason are sealed")
		} else {
			var p *qiaomen.Problem
			t.Logf("%T %v", err, errors.As(err, &p))
			t.Log(err.Error()[:min(200, len(err.Error()))])
		}
		if _, err := w.Return(ctx, w.as("handler"), a, 1, strings.Repeat("长", 300000)); err == nil {
			t.Error("900 KB of reason are sealed")
		}
	})
}

// Duplicates in HandIn.For.
func TestHandInTwice(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		var many []office.Occurrence
		for range 3000 {
			many = append(many, office.Occurrence{Duty: "plan"})
		}
		a, err := w.HandIn(ctx, w.as("jixian-reporter"), office.Paper{Unit: "jixian", For: many, Papers: []qiaomen.Evidence{w.file("jixian-reporter", "")}})
		if err == nil {
			t.Errorf("one paper, %d events", a.Last-a.First+1)
		} else {
			t.Log(err)
		}
	})
}

// Invalid UTF-8 and NUL.
func TestBadText(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		ok := func(what string, err error) {
			var p *qiaomen.Problem
			var d *office.Denied
			if err != nil && !errors.As(err, &p) && !errors.As(err, &d) {
				t.Errorf("%s: %v", what, err)
			}
		}
		for _, bad := range []string{"坏\xff", "零\x00", "\ud7ff\uffff", "\u202e"} {
			a, err := w.Draft(ctx, w.as("jixian-reporter"), office.DraftInput{Unit: "jixian", Kind: "reserve_project", Name: "示例" + bad, Fields: []byte(reserve)})
			ok("draft name "+bad, err)
			if err == nil {
				_, err = w.Submit(ctx, w.as("jixian-reporter"), a.ID)
				ok("submit "+bad, err)
				if err == nil {
					_, err = w.Return(ctx, w.as("handler"), a.ID, 1, "x"+bad)
					ok("return "+bad, err)
				}
			}
			_, err = w.Draft(ctx, w.as("jixian-reporter"), office.DraftInput{Unit: "jixian" + bad, Kind: "reserve_project", Name: "示例", Fields: []byte(reserve)})
			ok("unit "+bad, err)
			_, err = w.Submit(ctx, w.as("jixian-reporter"), "r-"+bad)
			ok("id "+bad, err)
			_, err = w.Accept(ctx, w.as("handler"), "r-"+bad, 1)
			ok("accept "+bad, err)
			_, err = w.Record(ctx, w.as("handler"), "r-"+bad)
			ok("record "+bad, err)
			_, err = w.Approve(ctx, w.as("handler"), "p-"+bad)
			ok("approve "+bad, err)
			c := w.as("handler")
			c.Key += bad
			_, err = w.Accept(ctx, c, "r-", 1)
			ok("key "+bad, err)
			c = w.as("handler")
			c.Account += bad
			_, err = w.Accept(ctx, c, "r-", 1)
			ok("account "+bad, err)
			c = w.as("handler")
			c.Campaign += bad
			_, err = w.Accept(ctx, c, "r-", 1)
			ok("campaign "+bad, err)
			_, err = w.Records(ctx, w.as("handler"), office.Listing{Kind: "reserve_project", Where: []office.Condition{{Field: "name", Prefix: "示" + bad}}})
			ok("where "+bad, err)
			_, err = w.Records(ctx, w.as("handler"), office.Listing{After: "x" + bad})
			ok("after "+bad, err)
			_, err = w.Companies(ctx, w.as("handler"), office.CompanyFilter{After: "x" + bad, Name: bad})
			ok("companies "+bad, err)
		}
	})
}

// Confirm paper by a reviewer who belongs to the unit.
func TestConfirmAside(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.seal2(t, "reviewer", "jixian")
		one := w.report("jixian-reporter", "jixian", "reserve_project", "示例产业园", reserve)
		two := w.report("youyi-reporter", "youyi", "reserve_project", "示例产业园", reserve)
		a := w.must(w.Settle(ctx, w.as("handler"), office.Ruling{Records: []string{one, two}, Same: true, Holder: one, Reason: "同一园区"}))
		entry := office.PaperEntry{Proposal: a.Proposal, Role: qiaomen.GroupMember, Approve: true, DecidedOn: "2023-12-12", Number: "1号", Scan: w.keptFile("scan")}
		p := w.must(w.EnterPaper(ctx, w.as("handler"), entry))
		if _, err := w.ConfirmPaper(ctx, w.as("reviewer"), p.ID); err == nil {
			t.Error("somebody who was of one side carried the dispute out, on a paper")
		}
	})
}

// seal2 gives a person a role in a unit that has ended.
func (w *world) seal2(t testing.TB, login, unit string) {
	person := w.personOf(login)
	_, err := w.store.Write(ctx, store.Act{Journal: office.InstallationJournal, Person: "u-x", Account: "c-x", At: w.now}, func(tx *store.Tx) error {
		if err := tx.Emit(&qiaomen.RoleGranted{Grant: qiaomen.Grant{ID: "g-past", Person: person, Role: qiaomen.Reporter, Unit: unit, Campaign: winter}}); err != nil {
			return err
		}
		return tx.Emit(&qiaomen.RoleRemoved{ID: "g-past"})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Ranking pinned before the month's close.
func TestRankingBeforeClose(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.at("2024-01-10 10:00")
		before := w.report("jixian-reporter", "jixian", "reserve_project", "示例产业园", reserve)
		w.recognised(before, 1)
		w.at("2024-01-26 10:00")
		w.closes("2024-01")
		if a, err := w.DraftRanking(ctx, w.as("handler"), office.RankingInput{Month: "2024-01", Position: 3}); err == nil {
			t.Errorf("January's ranking is of position 3: %+v", w.ranking(a.ID).Position)
		}
	})
}

// Rules change moves deadlines that passed.
func TestRulesMovePastDeadline(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.at("2024-01-25 16:00")
		w.handsIn("jixian", "2024-01-25")
		w.stands("jixian", "monthly_report", "2024-01-25", "on_time")
		w.at("2024-01-26 10:00")
		w.closes("2024-01")
		text, _ := schemeText(t)
		text = strings.Replace(text, "close_of_work: '17:00'", "close_of_work: '12:00'", 1)
		p, err := w.PublishRules(ctx, w.as("handler"), office.RulesInput{Text: text, From: "2024-02", Reason: "午休"})
		if err != nil {
			t.Log("refused: ", err)
			return
		}
		w.byGroup(p.Proposal)
		w.stands("jixian", "monthly_report", "2024-01-25", "on_time")
	})
}

// Two people: the month's ranking approved and published by one reviewer in a small office?.
// Retry of an office import after the unit amended.
func TestImportRetried(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		by := w.as("handler")
		line := `{"kind":"reserve_project","unit":"jixian","id":"r1","name":"示例项目","reported_at":"2023-12-11T10:00:00+08:00",` + reserve[1:]
		in := office.Import{Name: "a.jsonl", Content: []byte(line + "\n"), ReceivedNumber: "收1"}
		first, err := w.Import(ctx, by, in)
		if err != nil {
			t.Fatal(err)
		}
		w.recognised("r1", 1)
		d := w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), "r1"))
		w.must(w.EditDraft(ctx, w.as("jixian-reporter"), office.DraftInput{ID: d.ID, Name: "新名字", Fields: []byte(reserve)}))
		w.must(w.Amend(ctx, w.as("jixian-reporter"), d.ID, "更名"))
		again, err := w.Import(ctx, by, in)
		if err != nil || again.New != first.New {
			t.Errorf("the same request again: %v, was %+v", err, first)
		}
	})
}

// A due day that new rules move.
func TestRulesMoveDueDay(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.at("2024-01-24 16:00")
		w.handsIn("jixian", "2024-01-25")
		w.at("2024-01-26 10:00")
		w.closes("2024-01")
		text, _ := schemeText(t)
		i := strings.Index(text, "monthly_report")
		t.Log(text[i-200 : i+300])
	})
}

// A name with NUL goes into SQLite and never into PostgreSQL.
func TestNul(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		a, err := w.Draft(ctx, w.as("jixian-reporter"), office.DraftInput{Unit: "jixian", Kind: "reserve_project", Name: "示例\x00项目", Fields: []byte(reserve)})
		if err != nil {
			var p *qiaomen.Problem
			if !errors.As(err, &p) {
				t.Errorf("%v", err)
			}
			return
		}
		_, err = w.Submit(ctx, w.as("jixian-reporter"), a.ID)
		t.Errorf("taken: %v", err)
	})
}

// Limits on a kind entered whole: 10^5 pieces of evidence.
func TestManyEvidence(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		e := w.file("handler", "photo")
		many := make([]qiaomen.Evidence, 2000)
		for i := range many {
			many[i] = e
		}
		_, err := w.EnterFor(ctx, w.as("handler"), office.Entry{Unit: "jixian", Kind: "project_start", Name: "示例", Fields: []byte(`{"start_type":"resumed","started_on":"2024-01-05"}`), Evidence: many, ReceivedAt: "2023-12-11T10:00:00+08:00", ReceivedNumber: "1"})
		if err == nil {
			t.Error("2000 pieces of evidence behind one record")
		}
	})
}

func TestCalendarAllRest(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		var c qiaomen.Calendar
		day := time.Date(2023, 12, 13, 0, 0, 0, 0, time.UTC)
		for range 400 {
			c.Rest = append(c.Rest, day.Format("2006-01-02"))
			day = day.AddDate(0, 0, 1)
		}
		done := make(chan error, 1)
		go func() { _, err := w.EditCalendar(ctx, w.as("handler"), c); done <- err }()
		select {
		case err := <-done:
			t.Log(err)
		case <-time.After(20 * time.Second):
			t.Error("never ends")
		}
	})
}

func TestAdjustmentDigits(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		a := w.flood()
		a.Points = "1" + strings.Repeat("0", 100000)
		if _, err := w.ProposeAdjustment(ctx, w.as("evaluator"), a); err == nil {
			t.Error("10^100000 points")
		} else {
			t.Log(err.Error()[:min(300, len(err.Error()))])
		}
		a.Points = "1000000"
		if _, err := w.ProposeAdjustment(ctx, w.as("evaluator"), a); err == nil {
			t.Log("a million points for one unit may be proposed")
		}
	})
}

// City leader, auditor and a unit ask for a proposal's content.
func TestProposalsOfOthers(t *testing.T) {
	onEach(t, qiaomen.ThreePowers, func(w *world) {
		id := w.reportSigned("jixian", "reserve_project", "示例项目", reserve)
		w.recognisedByTwo(id, 1)
		d := w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), id))
		w.must(w.Amend(ctx, w.as("jixian-reporter"), d.ID, "更名"))
		for _, who := range []string{"youyi-head", "youyi-reporter", "leader", "system", "security", "statistician"} {
			for _, mine := range []bool{false, true} {
				all, err := w.Proposals(ctx, w.as(who), mine)
				if err != nil || len(all) > 0 {
					t.Errorf("%s %v: %v %v", who, mine, all, err)
				}
			}
		}
	})
}

// A paper decision of a head for another unit's proposal, entered by the proposer's office and confirmed after the record was handed over.
func TestDraftAfterMerge(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		// returned, drafted again by A, transferred to B, B's draft; A's second draft under import id
		id := w.report("jixian-reporter", "jixian", "reserve_project", "示例项目", reserve)
		w.must(w.Return(ctx, w.as("handler"), id, 1, "补"))
		w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), id))
		p := w.must(w.Transfer(ctx, w.as("handler"), office.Handing{Record: id, To: "youyi", Reason: "移交"}))
		w.must(w.Approve(ctx, w.as("reviewer"), p.Proposal))
		if _, err := w.Submit(ctx, w.as("jixian-reporter"), id); err == nil {
			t.Error("the former unit submits it")
		}
		if _, err := w.Submit(ctx, w.as("youyi-reporter"), id); err != nil {
			t.Error(err)
		}
	})
}

// Withdrawn record with a stale draft: draft again while returned, withdraw, other unit first.
func TestSubmitTwiceFromTwoDrafts(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		id := w.report("jixian-reporter", "jixian", "reserve_project", "示例项目", reserve)
		w.must(w.Return(ctx, w.as("handler"), id, 1, "补"))
		w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), id))
		w.must(w.Submit(ctx, w.as("jixian-reporter"), id))
		w.recognised(id, 2)
		// the unit keeps a draft of the record's own id? through an import
		if _, err := w.Import(ctx, w.as("jixian-reporter"), office.Import{Name: "a.jsonl", Content: []byte(`{"kind":"reserve_project","unit":"jixian","id":"` + id + `","name":"别的",` + reserve[1:] + "\n")}); err != nil {
			t.Log(err)
		}
		if _, err := w.Submit(ctx, w.as("jixian-reporter"), id); err == nil {
			t.Errorf("recognised and submitted again: %s", record(w, id).State)
		}
	})
}
