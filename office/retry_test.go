package office_test

import (
	"bytes"
	"errors"
	"fmt"
	"syscall"
	"testing"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

// refusal asks that an act was refused with a sentence.
func (w *world) refusal(a *office.Answer, err error) *qiaomen.Problem {
	w.t.Helper()
	p, ok := errors.AsType[*qiaomen.Problem](err)
	if !ok {
		w.t.Fatalf("not refused: %+v %v", a, err)
	}
	return p
}

// TestSentTwentyTimes sends each act of a record's way from twenty tabs at once,
// under one key (F17): it is done once, and all are told the same.
func TestSentTwentyTimes(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		var record string
		for i, step := range []struct {
			login string
			do    func(office.Caller) (*office.Answer, error)
		}{
			{"jixian-reporter", func(by office.Caller) (*office.Answer, error) {
				return w.Draft(ctx, by, office.DraftInput{Unit: "jixian", Kind: "reserve_project", Name: "示例石墨项目", Fields: []byte(reserve)})
			}},
			{"jixian-reporter", func(by office.Caller) (*office.Answer, error) { return w.Submit(ctx, by, record) }},
			{"handler", func(by office.Caller) (*office.Answer, error) { return w.Accept(ctx, by, record, 1) }},
			{"reviewer", func(by office.Caller) (*office.Answer, error) {
				return w.Recognise(ctx, by, office.Decision{Record: record, Version: 1})
			}},
		} {
			by := w.as(step.login)
			var all []*runner
			for range 20 {
				all = append(all, &runner{caller: by})
			}
			race(all, func(r *runner) (*office.Answer, error) { return step.do(r.caller) })
			done := 0
			for _, r := range all {
				a := w.must(r.answer, r.err)
				if !a.Again {
					done++
				}
				if record == "" {
					record = a.ID
				}
				if a.ID != record || a.First != all[0].answer.First || a.Last != all[0].answer.Last {
					t.Errorf("step %d: one is told %+v, another %+v", i, a, all[0].answer)
				}
			}
			if done != 1 {
				t.Errorf("step %d was done %d times", i, done)
			}
		}
	})
}

// TestKeys: a key belongs to what was asked under it, and to who asked; months
// later it is still known, and what came in between is not undone.
func TestKeys(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		in := office.DraftInput{Unit: "jixian", Kind: "reserve_project", Name: "示例石墨项目", Fields: []byte(reserve)}
		drafting, submitting := w.as("jixian-reporter"), w.as("jixian-reporter")
		draft := w.must(w.Draft(ctx, drafting, in))
		edited := in
		edited.ID, edited.Name = draft.ID, "示例石墨新项目"
		w.must(w.EditDraft(ctx, w.as("jixian-reporter"), edited))
		if a := w.must(w.Draft(ctx, drafting, in)); !a.Again || a.ID != draft.ID {
			t.Errorf("the draft again: %+v", a)
		}
		first := w.must(w.Submit(ctx, submitting, draft.ID))
		if r := record(w, draft.ID); r.Content.Name != edited.Name {
			t.Errorf("the late draft undid the edit: %s", r.Content.Name)
		}
		if a := w.must(w.Draft(ctx, drafting, in)); !a.Again || a.ID != draft.ID {
			t.Errorf("the draft again, when it was submitted: %+v", a)
		}
		other := in
		other.Name = "另一个项目"
		w.refusal(w.Draft(ctx, drafting, other))
		w.refusal(w.Submit(ctx, submitting, "another"))
		w.refusal(w.Withdraw(ctx, submitting, draft.ID))

		w.now = w.now.AddDate(0, 5, 0)
		if a := w.must(w.Submit(ctx, submitting, draft.ID)); !a.Again || a.First != first.First || len(a.Receipt) == 0 {
			t.Errorf("five months later: %+v, first %+v", a, first)
		}
		head := w.as("jixian-head")
		head.Key = submitting.Key
		if a := w.must(w.Withdraw(ctx, head, draft.ID)); a.Again {
			t.Errorf("another person's key: %+v", a)
		}
	})
}

// TestOutcomeUnknown loses the answer after the commit: the person is told to
// ask again under the same key, and is told then what became of it.
func TestOutcomeUnknown(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			o := storetest.Fresh(t, engine)
			losing := false
			o.Step = func(point string) error {
				if losing && point == "marked" {
					return syscall.ENOSPC
				}
				return nil
			}
			w := worldOn(t, o)
			w.found(qiaomen.SmallOffice, everybody())
			w.open()
			draft := w.must(w.Draft(ctx, w.as("jixian-reporter"), office.DraftInput{
				Unit: "jixian", Kind: "reserve_project", Name: "示例石墨项目", Fields: []byte(reserve),
			}))
			by := w.as("jixian-reporter")
			losing = true
			a, err := w.Submit(ctx, by, draft.ID)
			if p := w.refusal(a, err); !errors.Is(err, store.ErrUnknown) || p.Fix == "" {
				t.Errorf("told %v", err)
			}
			losing = false
			if a := w.must(w.Submit(ctx, by, draft.ID)); !a.Again || a.ID != draft.ID || len(a.Receipt) == 0 {
				t.Errorf("asked again: %+v", a)
			}
			if r := record(w, draft.ID); r.State != qiaomen.Submitted || r.Version != 1 {
				t.Errorf("%s, version %d", r.State, r.Version)
			}
		})
	}
}

// TestTwoTabs: of two decisions on one version the second is refused, at once
// or later, and so is one on a version that is not the newest any more.
func TestTwoTabs(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		id := w.report("jixian-reporter", "jixian", "reserve_project", "示例石墨项目", reserve)
		w.must(w.Return(ctx, w.as("handler"), id, 1, "示例：请补充"))
		again := w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), id))
		w.must(w.Submit(ctx, w.as("jixian-reporter"), again.ID))
		w.refusal(w.Accept(ctx, w.as("handler"), id, 1)) // the tab shows the version that was returned
		w.must(w.Accept(ctx, w.as("handler"), id, 2))
		w.refusal(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: id, Version: 1}))
		var all []*runner
		for i := range 20 {
			all = append(all, &runner{caller: w.as([]string{"reviewer", "reviewer2"}[i%2])})
		}
		race(all, func(r *runner) (*office.Answer, error) {
			return w.Recognise(ctx, r.caller, office.Decision{Record: id, Version: 2})
		})
		done := 0
		for _, r := range all {
			if r.err == nil {
				done++
			} else {
				w.refusal(r.answer, r.err)
			}
		}
		if done != 1 || record(w, id).State != qiaomen.Recognised {
			t.Errorf("recognised %d times, %s", done, record(w, id).State)
		}
	})
}

// TestClockOfDeadlines sets the machine's clock back by ten years and forth
// again (F15): what falls due counts from the journal's time, and nobody's place
// among first reports comes before one that was taken earlier.
func TestClockOfDeadlines(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		real := w.now
		early := w.report("jixian-reporter", "jixian", "reserve_project", "示例石墨项目", reserve)
		w.now = real.AddDate(-10, 0, 0)
		late := w.report("youyi-reporter", "youyi", "reserve_project", "示例石墨项目", reserve)
		one, two := record(w, early), record(w, late)
		if two.ReportedAt < one.ReportedAt || two.PlaceAt < one.PlaceAt {
			t.Errorf("reported at %s, after %s", two.ReportedAt, one.ReportedAt)
		}
		w.must(w.Return(ctx, w.as("handler"), early, 1, "示例：请补充"))
		if until := record(w, early).ReturnedUntil; until < one.ReportedAt {
			t.Errorf("returned until %s, reported at %s", until, one.ReportedAt)
		}
		w.now = real.AddDate(0, 0, 1)
		again := w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), early))
		w.must(w.Submit(ctx, w.as("jixian-reporter"), again.ID))
		if r := record(w, early); r.PlaceAt != one.PlaceAt {
			t.Errorf("the place of %s went to %s", one.PlaceAt, r.PlaceAt)
		}
		w.must(w.Accept(ctx, w.as("handler"), late, 1))
		w.refusal(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: late, Version: 1}))
		w.must(w.Accept(ctx, w.as("handler"), early, 2))
		w.must(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: early, Version: 2}))
	})
}

// TestInsiders: who belongs to a unit cannot confirm for it through a second
// account (attack 19), and a file that stands behind one project is no proof of
// another (attack 20).
func TestInsiders(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			w := emptyWorld(t, engine)
			insider := office.Detail{Name: "示例内部人", Identity: "示例内部人"}
			w.found(qiaomen.SmallOffice, append(everybody(),
				office.FirstPerson{Login: "insider", Detail: insider, Roles: []office.FirstRole{{Role: qiaomen.Reporter, Campaign: winter, Unit: "jixian"}}},
				office.FirstPerson{Login: "insider2", Detail: insider, Roles: []office.FirstRole{{Role: qiaomen.Reviewer, Campaign: winter}}},
			))
			w.open()
			photo := picture(7)
			outing := func(login, unit, name, day string) string {
				a := w.must(w.Draft(ctx, w.as(login), office.DraftInput{
					Unit: unit, Kind: "outing", Name: name, Fields: fmt.Appendf(nil, `{"held_on":%q,"form":"onsite"}`, day),
				}))
				w.must(w.AddEvidence(ctx, w.as(login), a.ID, "report", "report.jpg", bytes.NewReader(photo)))
				w.must(w.Submit(ctx, w.as(login), a.ID))
				w.must(w.Accept(ctx, w.as("handler"), a.ID, 1))
				return a.ID
			}
			first := outing("insider", "jixian", "赴示例市", "2023-12-10")
			_, err := w.Recognise(ctx, w.as("insider2"), office.Decision{Record: first, Version: 1})
			if denied, ok := errors.AsType[*office.Denied](err); !ok {
				t.Errorf("the insider's second account: %v", err)
			} else if denied.Problem().Fix == "" {
				t.Errorf("told %v", denied)
			}
			w.must(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: first, Version: 1}))
			second := outing("youyi-reporter", "youyi", "赴另一市", "2023-12-11")
			if p := w.refusal(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: second, Version: 1})); !told(p, first, "集贤县") {
				t.Errorf("the same photograph: %v", p)
			}
		})
	}
}
