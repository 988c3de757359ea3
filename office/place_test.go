package office_test

import (
	"bytes"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/office"
)

// A returned record takes another identity at its old place.
func TestReturnedStealsIdentity(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		squat := w.report("jixian-reporter", "jixian", "reserve_project", "占位项目", reserve)
		w.now = w.now.Add(time.Hour)
		honest := w.report("youyi-reporter", "youyi", "reserve_project", "示例石墨项目", reserve)
		w.must(w.Return(ctx, w.as("handler"), squat, 1, "请补"))
		w.now = w.now.Add(time.Hour)
		d := w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), squat))
		w.must(w.EditDraft(ctx, w.as("jixian-reporter"), office.DraftInput{ID: d.ID, Name: "示例石墨项目", Fields: []byte(reserve)}))
		w.must(w.Submit(ctx, w.as("jixian-reporter"), d.ID))
		w.must(w.Accept(ctx, w.as("handler"), honest, 1))
		if _, err := w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: honest, Version: 1}); err != nil {
			t.Errorf("the first reporter lost: %v", err)
		}
	})
}

// Submit of a draft whose record was refused meanwhile.
func TestRefusedIsSubmittedAgain(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		one := w.report("jixian-reporter", "jixian", "reserve_project", "示例产业园", reserve)
		two := w.report("youyi-reporter", "youyi", "reserve_project", "示例产业园", reserve)
		w.must(w.Return(ctx, w.as("handler"), two, 1, "请补"))
		w.must(w.DraftAgain(ctx, w.as("youyi-reporter"), two))
		a := w.must(w.Settle(ctx, w.as("handler"), office.Ruling{Records: []string{one, two}, Same: true, Reason: "同一园区"}))
		w.must(w.Approve(ctx, w.as("member"), a.Proposal))
		if record(w, two).State != qiaomen.Refused {
			t.Fatal("not refused")
		}
		_, err := w.Submit(ctx, w.as("youyi-reporter"), two)
		if err == nil {
			r := record(w, two)
			t.Errorf("a refused record is %s again, refused_at %q", r.State, r.RefusedAt)
		}
	})
}

// Stale recognition: number of a refused amendment is used again.
func TestVersionNumberReused(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		id := w.report("jixian-reporter", "jixian", "signed_project", "示例风电项目", `{"signed_on":"2024-01-05","amount_yi":9}`, "contract")
		w.recognised(id, 1)
		amend := func(amount string) {
			d := w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), id))
			w.must(w.EditDraft(ctx, w.as("jixian-reporter"), office.DraftInput{ID: d.ID, Name: "示例风电项目", Fields: []byte(`{"signed_on":"2024-01-05","amount_yi":"` + amount + `"}`)}))
			w.must(w.Amend(ctx, w.as("jixian-reporter"), d.ID, "追加"))
		}
		amend("10")
		seen := record(w, id).Amendment.Version
		w.must(w.Accept(ctx, w.as("handler"), id, seen))
		w.must(w.Recognise(ctx, w.as("handler"), office.Decision{Record: id, Version: seen, Refuse: true, Reason: "没有依据"}))
		amend("99")
		w.must(w.Accept(ctx, w.as("handler"), id, record(w, id).Amendment.Version))
		if _, err := w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: id, Version: seen}); err == nil {
			t.Errorf("whoever looked at 10 recognised %s", record(w, id).Content.Fields)
		}
	})
}

// Settle Same against an amendment revokes the recognised old version.
func TestSettleAmendmentRevokesWhole(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		mine := w.report("jixian-reporter", "jixian", "reserve_project", "甲项目", reserve)
		theirs := w.report("youyi-reporter", "youyi", "reserve_project", "乙项目", reserve)
		w.recognised(mine, 1)
		w.recognised(theirs, 1)
		d := w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), mine))
		w.must(w.EditDraft(ctx, w.as("jixian-reporter"), office.DraftInput{ID: d.ID, Name: "乙项目", Fields: []byte(reserve)}))
		w.must(w.Amend(ctx, w.as("jixian-reporter"), d.ID, "更名"))
		a := w.must(w.Settle(ctx, w.as("handler"), office.Ruling{Records: []string{theirs, mine}, Same: true, Holder: theirs, Reason: "更正后与乙项目相同"}))
		w.must(w.Approve(ctx, w.as("member"), a.Proposal))
		if r := record(w, mine); r.State != qiaomen.Recognised || r.Content.Name != "甲项目" {
			t.Errorf("甲项目 was nobody else's, and is %s", r.State)
		}
	})
}

// Settled as different: amendment's key in second place.
func TestSettleAmendmentDifferent(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		mine := w.report("jixian-reporter", "jixian", "reserve_project", "甲项目", reserve)
		theirs := w.report("youyi-reporter", "youyi", "reserve_project", "乙项目", reserve)
		w.recognised(mine, 1)
		w.recognised(theirs, 1)
		d := w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), mine))
		w.must(w.EditDraft(ctx, w.as("jixian-reporter"), office.DraftInput{ID: d.ID, Name: "乙项目", Fields: []byte(reserve)}))
		w.must(w.Amend(ctx, w.as("jixian-reporter"), d.ID, "更名"))
		a := w.must(w.Settle(ctx, w.as("handler"), office.Ruling{Records: []string{theirs, mine}, Reason: "同名不同事"}))
		w.must(w.Approve(ctx, w.as("member"), a.Proposal))
		w.must(w.Accept(ctx, w.as("handler"), mine, 2))
		if _, err := w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: mine, Version: 2}); err != nil {
			t.Errorf("told apart, and still: %v", err)
		}
	})
}

// Three of one name, told apart twice.
func TestThreeApart(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		a := w.report("jixian-reporter", "jixian", "reserve_project", "示例产业园", reserve)
		b := w.report("youyi-reporter", "youyi", "reserve_project", "示例产业园", reserve)
		c := w.report("bio-reporter", "bio-economy", "reserve_project", "示例产业园", reserve)
		s := w.must(w.Settle(ctx, w.as("handler"), office.Ruling{Records: []string{a, b, c}, Reason: "三地三个园区"}))
		w.must(w.Approve(ctx, w.as("member"), s.Proposal))
		w.recognised(a, 1)
		w.recognised(b, 1)
		w.must(w.Accept(ctx, w.as("handler"), c, 1))
		if _, err := w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: c, Version: 1}); err != nil {
			t.Errorf("first ruling is not enough: %v", err)
			s, err := w.Settle(ctx, w.as("handler"), office.Ruling{Records: []string{b, c}, Reason: "乙丙也不是一个"})
			if err != nil {
				t.Fatalf("second ruling: %v", err)
			}
			w.must(w.Approve(ctx, w.as("member"), s.Proposal))
			if _, err := w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: c, Version: 1}); err != nil {
				t.Errorf("nor is the second: %v", err)
			}
		}
	})
}

// Settle with the same record twice.
func TestSettleSelf(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		a := w.report("jixian-reporter", "jixian", "reserve_project", "示例产业园", reserve)
		if _, err := w.Settle(ctx, w.as("handler"), office.Ruling{Records: []string{a, a}, Reason: "x"}); err == nil {
			t.Error("a record is told apart from itself")
		}
	})
}

// Same person: acceptor recognises after the objection.
func TestAcceptorAfterObjection(t *testing.T) {
	onEach(t, qiaomen.ThreePowers, func(w *world) {
		id := w.reportSigned("jixian", "reserve_project", "示例项目", reserve)
		w.must(w.Accept(ctx, w.as("handler"), id, 1))
		p := w.must(w.Recognise(ctx, w.as("handler2"), office.Decision{Record: id, Version: 1, Refuse: true, Reason: "没有依据"}))
		w.must(w.Approve(ctx, w.as("reviewer"), p.Proposal))
		filed := w.must(w.FileObjection(ctx, w.as("jixian-head"), office.Filing{Record: id, Text: "有依据"}))
		q := w.must(w.AnswerObjection(ctx, w.as("evaluator"), office.ObjectionAnswer{Objection: filed.ID, Upheld: true, Opinion: "同意"}))
		w.byGroup(q.Proposal)
		if _, err := w.Recognise(ctx, w.as("handler"), office.Decision{Record: id, Version: 1}); err == nil {
			t.Error("who accepted it proposes its recognition")
		}
	})
}

// Original check survives an amendment with another contract; and stale proposal.
func TestOriginalOfAnotherContract(t *testing.T) {
	onEach(t, qiaomen.ThreePowers, func(w *world) {
		id := w.reportSigned("jixian", "signed_project", "示例风电项目", `{"signed_on":"2024-01-05","amount_yi":9}`, "contract")
		p := w.must(w.CheckOriginal(ctx, w.as("handler"), id))
		d := w.must(w.DraftAgain(ctx, w.as("jixian-head"), id))
		w.must(w.EditDraft(ctx, w.as("jixian-head"), office.DraftInput{ID: d.ID, Name: "示例风电项目", Fields: []byte(`{"signed_on":"2024-01-05","amount_yi":12}`)}))
		w.must(w.RemoveEvidence(ctx, w.as("jixian-head"), d.ID, record(w, id).Content.Evidence[0].Digest))
		w.must(w.AddEvidence(ctx, w.as("jixian-head"), d.ID, "contract", "另一份.jpg", bytes.NewReader(picture(93))))
		if a := w.must(w.Amend(ctx, w.as("jixian-reporter"), d.ID, "换合同")); a.Proposal != "" {
			w.must(w.Approve(ctx, w.as("jixian-head"), a.Proposal))
		}
		if record(w, id).Version != 2 {
			t.Fatalf("%+v", record(w, id))
		}
		if _, err := w.Approve(ctx, w.as("reviewer"), p.Proposal); err == nil {
			t.Errorf("the check of the first contract was signed for the second: %s", record(w, id).Set)
		}
	})
}

// Revoke: a second proposal outlives an upheld objection.
func TestStaleRevocation(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		id := w.reportSigned("jixian", "reserve_project", "示例项目", reserve)
		w.recognisedByTwo(id, 1)
		p1 := w.must(w.Revoke(ctx, w.as("handler"), office.Revocation{Record: id, Ground: "error", Reason: "误"}))
		p2 := w.must(w.Revoke(ctx, w.as("evaluator"), office.Revocation{Record: id, Ground: "error", Reason: "误"}))
		w.must(w.Approve(ctx, w.as("reviewer"), p1.Proposal))
		w.now = w.now.Add(time.Hour)
		filed := w.must(w.FileObjection(ctx, w.as("jixian-head"), office.Filing{Record: id, Text: "属实"}))
		q := w.must(w.AnswerObjection(ctx, w.as("evaluator2"), office.ObjectionAnswer{Objection: filed.ID, Upheld: true, Opinion: "属实"}))
		w.byGroup(q.Proposal)
		w.recognisedAgain(id, 1)
		if _, err := w.Approve(ctx, w.as("reviewer"), p2.Proposal); err == nil {
			t.Errorf("a proposal from before the objection: it is %s", record(w, id).State)
		}
	})
}

// Amendment while a proposal of recognition of the former amendment waits, two reviewers.
func TestStaleRecognitionProposal(t *testing.T) {
	onEach(t, qiaomen.ThreePowers, func(w *world) {
		id := w.reportSigned("jixian", "signed_project", "示例风电项目", `{"signed_on":"2024-01-05","amount_yi":9}`, "contract")
		w.recognisedByTwo(id, 1)
		amend := func(amount string) {
			d := w.must(w.DraftAgain(ctx, w.as("jixian-head"), id))
			w.must(w.EditDraft(ctx, w.as("jixian-head"), office.DraftInput{ID: d.ID, Name: "示例风电项目", Fields: []byte(`{"signed_on":"2024-01-05","amount_yi":"` + amount + `"}`)}))
			p := w.must(w.Amend(ctx, w.as("jixian-reporter"), d.ID, "追加"))
			w.must(w.Approve(ctx, w.as("jixian-head"), p.Proposal))
			w.must(w.Accept(ctx, w.as("handler"), id, record(w, id).Amendment.Version))
		}
		amend("10")
		yes := w.must(w.Recognise(ctx, w.as("handler2"), office.Decision{Record: id, Version: 2}))
		no := w.must(w.Recognise(ctx, w.as("handler2"), office.Decision{Record: id, Version: 2, Refuse: true, Reason: "没有依据"}))
		w.must(w.Approve(ctx, w.as("reviewer"), no.Proposal))
		amend("99")
		if _, err := w.Approve(ctx, w.as("reviewer"), yes.Proposal); err == nil {
			t.Errorf("proposed for 10, recognised %s", record(w, id).Content.Fields)
		}
	})
}

// TestToldApartHidesNobody: two things that were told apart are each still
// competed for. Who reports one of them again is held against both.
func TestToldApartHidesNobody(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		settle := func(same bool, ids ...string) {
			s := w.must(w.Settle(ctx, w.as("handler"), office.Ruling{Records: ids, Same: same, Reason: "实地看过"}))
			w.must(w.Approve(ctx, w.as("member"), s.Proposal))
		}
		a := w.report("jixian-reporter", "jixian", "reserve_project", "示例产业园", reserve)
		b := w.report("youyi-reporter", "youyi", "reserve_project", "示例产业园", reserve)
		settle(false, a, b)
		w.recognised(b, 1) // a is earlier, and another park
		w.must(w.Withdraw(ctx, w.as("jixian-reporter"), a))
		again := w.report("bio-reporter", "bio-economy", "reserve_project", "示例产业园", reserve)
		w.must(w.Accept(ctx, w.as("handler"), again, 1))
		recognise := func() (*office.Answer, error) {
			return w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: again, Version: 1})
		}
		w.faulty("已由“友谊县”的 " + b)(recognise())
		settle(false, b, again)
		w.must(recognise())

		d := w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), a)) // reported anew, it is held against both again
		w.must(w.Submit(ctx, w.as("jixian-reporter"), d.ID))
		w.must(w.Accept(ctx, w.as("handler"), a, 2))
		w.faulty(again)(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: a, Version: 2}))
		settle(true, b, a)
		if record(w, a).State != qiaomen.Refused || record(w, b).State != qiaomen.Recognised {
			t.Error("what was told apart once cannot be found to be the same")
		}
	})
}
