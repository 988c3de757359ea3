package office_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

// onEach runs a story on each engine.
func onEach(t *testing.T, p qiaomen.Procedure, story func(w *world)) {
	t.Helper()
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) { story(newWorld(t, engine, p)) })
	}
}

// refused asks that an act was refused for want of a right.
func (w *world) refused(_ *office.Answer, err error) {
	w.t.Helper()
	var denied *office.Denied
	if !errors.As(err, &denied) {
		w.t.Errorf("not denied: %v", err)
	}
}

// faulty asks that an act failed with a sentence that says so.
func (w *world) faulty(says string) func(*office.Answer, error) {
	return func(_ *office.Answer, err error) {
		w.t.Helper()
		var p *qiaomen.Problem
		if !errors.As(err, &p) {
			w.t.Errorf("no problem: %v", err)
			return
		}
		var all strings.Builder
		for _, one := range append([]*qiaomen.Problem{p}, p.More...) {
			all.WriteString(one.Error() + "\n")
		}
		if !strings.Contains(all.String(), says) {
			w.t.Errorf("it says %q, not %q", all.String(), says)
		}
	}
}

func (w *world) recognised(id string, version int) {
	w.t.Helper()
	w.must(w.Accept(ctx, w.as("handler"), id, version))
	w.must(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: id, Version: version}))
}

func TestReturnedRecordKeepsItsPlace(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		early := w.report("jixian-reporter", "jixian", "reserve_project", "示例石墨项目", reserve)
		w.now = w.now.Add(time.Hour)
		late := w.report("youyi-reporter", "youyi", "reserve_project", "示例 石墨项目", reserve)
		w.must(w.Return(ctx, w.as("handler"), early, 1, "请补目标企业"))
		w.must(w.Accept(ctx, w.as("handler"), late, 1))
		w.faulty("更早的上报")(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: late, Version: 1}))

		w.now = w.now.Add(24 * time.Hour)
		d := w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), early))
		w.must(w.Submit(ctx, w.as("jixian-reporter"), d.ID))
		if d.ID != early {
			t.Errorf("it came back as %s", d.ID)
		}
		w.recognised(early, 2)
		w.faulty("已由“集贤县”的")(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: late, Version: 1}))
		w.must(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: late, Version: 1, Refuse: true, Reason: "不是首报"}))
	})
}

func TestReturnedTooLongLosesItsPlace(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		early := w.report("jixian-reporter", "jixian", "reserve_project", "示例石墨项目", reserve)
		w.now = w.now.Add(time.Hour)
		late := w.report("youyi-reporter", "youyi", "reserve_project", "示例石墨项目", reserve)
		w.must(w.Return(ctx, w.as("handler"), early, 1, "请补目标企业"))
		w.now = w.now.Add(6 * 24 * time.Hour)
		w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), early))
		w.must(w.Submit(ctx, w.as("jixian-reporter"), early))
		w.recognised(late, 1)
	})
}

func TestAcrossGroupsOneHolds(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		district := w.report("jixian-reporter", "jixian", "reserve_project", "示例石墨项目", reserve)
		taskforce := w.report("bio-reporter", "bio-economy", "reserve_project", "示例石墨项目", reserve)
		w.recognised(district, 1)
		w.must(w.Accept(ctx, w.as("handler"), taskforce, 1))
		w.faulty("首报并认定")(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: taskforce, Version: 1}))
	})
}

func TestSettledAsTwoThings(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		one := w.report("jixian-reporter", "jixian", "reserve_project", "示例产业园", reserve)
		two := w.report("youyi-reporter", "youyi", "reserve_project", "示例产业园", reserve)
		w.recognised(one, 1)
		w.must(w.Accept(ctx, w.as("handler"), two, 1))
		a := w.must(w.Settle(ctx, w.as("handler"), office.Ruling{Records: []string{one, two}, Reason: "两地的两个园区"}))
		w.refused(w.Approve(ctx, w.as("handler"), a.Proposal))
		w.refused(w.Approve(ctx, w.as("reviewer"), a.Proposal))
		w.must(w.Approve(ctx, w.as("member"), a.Proposal))
		w.must(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: two, Version: 1}))
		if record(w, one).State != qiaomen.Recognised {
			t.Error("the first lost its recognition")
		}
	})
}

func TestSettledAsOneThing(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		one := w.report("jixian-reporter", "jixian", "reserve_project", "示例产业园", reserve)
		two := w.report("youyi-reporter", "youyi", "reserve_project", "示例产业园", reserve)
		a := w.must(w.Settle(ctx, w.as("evaluator"), office.Ruling{Records: []string{one, two}, Same: true, Reason: "同一园区"}))
		w.must(w.Approve(ctx, w.as("member"), a.Proposal))
		if r := record(w, two); r.State != qiaomen.Refused {
			t.Errorf("the second is %s", r.State)
		}
		w.recognised(one, 1)
	})
}

func TestSameFileIsNoticed(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		start := `{"start_type":"resumed","started_on":"2024-01-05"}`
		photo := bytes.Clone(picture(7))
		var ids []string
		for _, who := range []string{"jixian", "youyi"} {
			d := w.must(w.Draft(ctx, w.as(who+"-reporter"), office.DraftInput{Unit: who, Kind: "project_start", Name: "示例" + who + "项目", Fields: []byte(start)}))
			w.must(w.AddEvidence(ctx, w.as(who+"-reporter"), d.ID, "photo", "现场.jpg", bytes.NewReader(photo)))
			if hint, err := w.DuplicateHint(ctx, w.as(who+"-reporter"), d.ID); err != nil || hint.Exists != (who == "youyi") {
				t.Errorf("%s: %+v %v", who, hint, err)
			}
			w.must(w.Submit(ctx, w.as(who+"-reporter"), d.ID))
			ids = append(ids, d.ID)
		}
		w.recognised(ids[0], 1)
		w.must(w.Accept(ctx, w.as("handler"), ids[1], 1))
		w.faulty("首报并认定")(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: ids[1], Version: 1}))
	})
}

func TestAmendmentWaitsBesideWhatCounts(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		id := w.report("jixian-reporter", "jixian", "signed_project", "示例风电项目", `{"signed_on":"2024-01-05","amount_yi":9}`, "contract")
		w.recognised(id, 1)
		d := w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), id))
		w.must(w.EditDraft(ctx, w.as("jixian-reporter"), office.DraftInput{ID: d.ID, Name: "示例风电项目", Fields: []byte(`{"signed_on":"2024-01-05","amount_yi":"12.0"}`)}))
		w.faulty("没有写理由")(w.Amend(ctx, w.as("jixian-reporter"), d.ID, ""))
		by := w.as("jixian-reporter")
		first := w.must(w.Amend(ctx, by, d.ID, "追加投资"))
		again := w.must(w.Amend(ctx, by, d.ID, "追加投资"))
		if !again.Again || again.First != first.First || again.ID != id {
			t.Errorf("sent again: %+v, first %+v", again, first)
		}
		r := record(w, id)
		if string(r.Content.Fields) != `{"signed_on":"2024-01-05","amount_yi":9}` || r.Amendment == nil || r.State != qiaomen.Recognised {
			t.Fatalf("%s %+v", r.Content.Fields, r.Amendment)
		}
		w.recognised(id, 2)
		if r := record(w, id); string(r.Content.Fields) != `{"signed_on":"2024-01-05","amount_yi":12}` || r.Amendment != nil {
			t.Errorf("%s %+v", r.Content.Fields, r.Amendment)
		}
	})
}

func TestHeadSigns(t *testing.T) {
	onEach(t, qiaomen.ThreePowers, func(w *world) {
		d := w.must(w.Draft(ctx, w.as("jixian-reporter"), office.DraftInput{Unit: "jixian", Kind: "reserve_project", Name: "示例项目", Fields: []byte(reserve)}))
		w.refused(w.Submit(ctx, w.as("jixian-reporter"), d.ID))
		w.must(w.HandOver(ctx, w.as("jixian-reporter"), d.ID))
		placed := record(w, d.ID)
		w.now = w.now.Add(3 * time.Hour)
		w.refused(w.SignOff(ctx, w.as("jixian-reporter"), d.ID))
		w.refused(w.SignOff(ctx, w.as("youyi-head"), d.ID))
		w.must(w.SignOff(ctx, w.as("jixian-head"), d.ID))
		if r := record(w, d.ID); r.State != qiaomen.Submitted || r.PlaceAt != placed.PlaceAt || r.ReportedAt <= placed.PlaceAt {
			t.Errorf("%+v", r)
		}
		w.must(w.Accept(ctx, w.as("handler"), d.ID, 1))
		w.refused(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: d.ID, Version: 1}))
		w.refused(w.Recognise(ctx, w.as("handler"), office.Decision{Record: d.ID, Version: 1}))
		a := w.must(w.Recognise(ctx, w.as("handler2"), office.Decision{Record: d.ID, Version: 1}))
		if record(w, d.ID).State != qiaomen.InReview {
			t.Error("one person recognised")
		}
		w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
		if record(w, d.ID).State != qiaomen.Recognised {
			t.Error("two people did not")
		}
	})
}

func TestTypedForAUnit(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		entry := office.Entry{Unit: "jixian", Kind: "reserve_project", Name: "示例项目", Fields: []byte(reserve)}
		w.faulty("收件时间")(w.EnterFor(ctx, w.as("handler"), entry))
		entry.ReceivedAt, entry.ReceivedNumber = "2023-12-11T10:00:00+08:00", "收〔2023〕1号"
		a := w.must(w.EnterFor(ctx, w.as("handler"), entry))
		if r := record(w, a.ID); r.ReportedAt != "2023-12-11T02:00:00.000000Z" || r.PlaceAt != r.ReportedAt || r.EnteredFor == nil {
			t.Errorf("%+v", r)
		}
		w.must(w.Accept(ctx, w.as("handler"), a.ID, 1))
		w.refused(w.Recognise(ctx, w.as("handler"), office.Decision{Record: a.ID, Version: 1}))
		w.must(w.Recognise(ctx, w.as("handler2"), office.Decision{Record: a.ID, Version: 1}))
	})
}

func TestOfficeEstablishesItsOwnFields(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.faulty("只由办公室判定")(w.Draft(ctx, w.as("jixian-reporter"), office.DraftInput{
			Unit: "jixian", Kind: "outing", Name: "示例活动", Fields: []byte(`{"held_on":"2024-01-05","form":"door_visit"}`),
		}))
		id := w.report("jixian-reporter", "jixian", "outing", "示例活动", `{"held_on":"2024-01-05","form":"onsite"}`, "report")
		w.must(w.Accept(ctx, w.as("handler"), id, 1))
		w.faulty("不由办公室在认定时填写")(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: id, Version: 1, Set: []byte(`{"topic":"改写"}`)}))
		w.must(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: id, Version: 1, Set: []byte(`{"form":"door_visit"}`)}))
		if r := record(w, id); string(r.Set) != `{"form":"door_visit"}` {
			t.Errorf("%s", r.Set)
		}
	})
}

func TestPaperDecision(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		one := w.report("jixian-reporter", "jixian", "reserve_project", "示例产业园", reserve)
		two := w.report("youyi-reporter", "youyi", "reserve_project", "示例产业园", reserve)
		a := w.must(w.Settle(ctx, w.as("handler"), office.Ruling{Records: []string{one, two}, Same: true, Reason: "同一园区"}))
		scan := w.keeps("handler", "scan", "纪要.jpg", picture(3))
		entry := office.PaperEntry{Proposal: a.Proposal, Role: qiaomen.GroupMember, Approve: true, DecidedOn: "2023-12-12", Number: "示例纪要〔2023〕1号", Name: "领导小组", Scan: scan}
		bad := entry
		bad.Number, bad.DecidedOn = "", "2024-12-01"
		w.faulty("没有写文号")(w.EnterPaper(ctx, w.as("handler"), bad))
		w.refused(w.EnterPaper(ctx, w.as("jixian-reporter"), entry))
		p := w.must(w.EnterPaper(ctx, w.as("handler"), entry))
		w.refused(w.ConfirmPaper(ctx, w.as("handler2"), p.ID))
		w.must(w.ConfirmPaper(ctx, w.as("reviewer"), p.ID))
		if record(w, two).State != qiaomen.Refused {
			t.Error("the paper did nothing")
		}
		err := w.store.Read(ctx, winter, 0, func(v *store.View) error {
			got, err := store.One[qiaomen.Proposal](v, a.Proposal)
			if err == nil && (len(got.Yes) != 1 || got.Yes[0].Paper == nil || got.Yes[0].Paper.Number != entry.Number) {
				t.Errorf("the yes does not show its paper: %+v", got.Yes)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestTheWordOnAnOriginal: the word that the original was seen is of the
// contract that it was compared with. Another contract needs another look.
func TestTheWordOnAnOriginal(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		seen := func(id string) bool {
			r := record(w, id)
			return strings.Contains(string(r.Set), `"original_checked":true`) && r.CheckedBy != "" && r.SeenBy != ""
		}
		id := w.report("jixian-reporter", "jixian", "signed_project", "示例风电项目", `{"signed_on":"2024-01-05","amount_yi":9}`, "contract")
		w.must(w.CheckOriginal(ctx, w.as("handler"), id))
		w.recognised(id, 1)
		amend := func(kind string, n int) {
			d := w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), id))
			w.must(w.EditDraft(ctx, w.as("jixian-reporter"), office.DraftInput{ID: d.ID, Name: "示例风电项目", Fields: fmt.Appendf(nil, `{"signed_on":"2024-01-05","amount_yi":%d}`, n)}))
			if kind == "contract" {
				for _, e := range record(w, id).Content.Evidence {
					w.must(w.RemoveEvidence(ctx, w.as("jixian-reporter"), d.ID, e.Digest))
				}
			}
			w.must(w.AddEvidence(ctx, w.as("jixian-reporter"), d.ID, kind, "另一份.jpg", bytes.NewReader(picture(n))))
			w.must(w.Amend(ctx, w.as("jixian-reporter"), d.ID, "更正"))
		}
		amend("photo", 91)
		w.recognised(id, 2)
		if !seen(id) {
			t.Error("a photograph took the word back")
		}
		amend("contract", 94)
		w.recognised(id, 3)
		if seen(id) || record(w, id).CheckedBy != "" {
			t.Errorf("nobody saw the new contract's original: %s", record(w, id).Set)
		}
		amend("contract", 96)
		w.must(w.CheckOriginal(ctx, w.as("handler"), id)) // the new one's
		w.recognised(id, 4)
		if !seen(id) {
			t.Error("the word on the new contract is lost")
		}
	})
}
