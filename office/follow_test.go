package office_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
)

var _ = try(qiaomen.ActReadOthers, trial{reads: true, all: true, try: func(m *matrix, by office.Caller, _ string) (*office.Answer, error) {
	_, err := m.Happenings(ctx, by, 0, 10)
	return nil, err
}})

// follows begins to follow the winter campaign.
func (w *world) follows(o *office.Office, login string, from int64, still func(context.Context) error) *office.Follower {
	w.t.Helper()
	if still == nil {
		still = func(context.Context) error { return nil }
	}
	f, err := o.Follow(ctx, office.Caller{Account: w.people[login], Campaign: winter}, from, still)
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

// hears reads on until something happens, and asks for its event.
func (w *world) hears(f *office.Follower, event string) office.Happening {
	w.t.Helper()
	items, err := f.Next(ctx, 5*time.Second)
	if err != nil || len(items) != 1 || items[0].Event != event {
		w.t.Fatalf("%+v: %v, want %s", items, err, event)
	}
	return items[0]
}

func (w *world) size() int64 {
	w.t.Helper()
	n, err := w.store.Signed(ctx, winter)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// A page begins where it is asked to, and every position is there once.
func TestHappenings(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		for i := range 5 {
			w.report("jixian-reporter", "jixian", "reserve_project", fmt.Sprint("示例产业园", i), reserve)
		}
		size, from := w.size(), int64(0)
		var all []office.Happening
		for {
			page, err := w.Happenings(ctx, w.as("handler"), from, 3)
			if err != nil || page.Size != size {
				t.Fatalf("%+v: %v", page, err)
			}
			if all = append(all, page.Items...); len(page.Items) == 0 {
				break
			}
			from = page.Next
		}
		if int64(len(all)) != size || from != size+1 {
			t.Fatalf("%d of %d", len(all), size)
		}
		for i, h := range all {
			if h.Position != int64(i)+1 || h.At == "" || h.Campaign != winter || len(h.Data) == 0 && h.Event != office.Withheld {
				t.Errorf("%+v", h)
			}
		}
		if last := all[len(all)-1]; last.Event != "record_submitted" || last.Version != 1 || last.Person == "" || last.Account != w.people["jixian-reporter"] {
			t.Errorf("%+v", last)
		}
		_, err := w.Happenings(ctx, w.as("handler"), size+2, 0)
		w.refuses(err, "存证日志没有第")
	})
}

// Whoever may read what all units report may follow; nobody else, and of a unit
// not even its own people.
func TestWhoFollows(t *testing.T) {
	onEach(t, qiaomen.ThreePowers, func(w *world) {
		may := []qiaomen.Role{qiaomen.Handler, qiaomen.Reviewer, qiaomen.Evaluator, qiaomen.GroupMember, qiaomen.Auditor}
		for _, c := range cast {
			_, err := w.Happenings(ctx, w.as(c.login), 1, 1)
			if slices.Contains(may, c.role) {
				if err != nil {
					t.Errorf("%s: %v", c.login, err)
				}
				continue
			}
			w.denies(err)
			_, err = w.Follow(ctx, w.as(c.login), 1, nil)
			w.denies(err)
		}
		token := w.as("handler")
		token.Only = []qiaomen.Action{qiaomen.ActExamine}
		_, err := w.Happenings(ctx, token, 1, 1)
		w.denies(err)
		token.Only = []qiaomen.Action{qiaomen.ActReadOthers}
		if _, err := w.Happenings(ctx, token, 1, 1); err != nil {
			t.Error(err)
		}
	})
}

// seen is the positions of an event in a page as somebody sees it, and how many
// entries they do not see.
func (w *world) seen(login, event string) (positions []int64, withheld int) {
	w.t.Helper()
	page, err := w.Happenings(ctx, w.as(login), 1, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, h := range page.Items {
		if h.Event == event {
			positions = append(positions, h.Position)
		}
		if h.Event != office.Withheld {
			continue
		}
		if withheld++; h.Person != "" || h.Account != "" || h.Version != 0 || h.Data != nil {
			w.t.Errorf("withheld and not: %+v", h)
		}
	}
	return positions, withheld
}

// What is between two people is shown to those two, what was taken away to the
// auditor, how a unit does not to whom it lent (separation 5).
func TestWithheld(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.lends("jixian", "evaluator2")
		w.report("jixian-reporter", "jixian", "reserve_project", "示例产业园", reserve)
		r := w.approvedRanking("2024-01", "reviewer")
		w.draftedNotice(office.NoticeInput{Ranking: r.ID})
		if _, err := w.ExportOwn(ctx, w.as("handler"), office.ExportRequest{Unit: "jixian", Format: office.AsRecords}); err != nil {
			t.Fatal(err)
		}
		a := w.must(w.ProposeAdjustment(ctx, w.as("evaluator"), w.flood()))
		_, err := w.store.Write(ctx, store.Act{Journal: winter, Person: "u-x", Account: "c-x", At: w.now}, func(tx *store.Tx) error {
			return tx.Emit(&qiaomen.PaperDecisionEntered{Decision: qiaomen.PaperDecision{ID: "pd-x", Proposal: a.Proposal}})
		})
		if err != nil {
			t.Fatal(err)
		}
		for event, sees := range map[string]map[string]bool{
			"ranking_drafted":        {"handler": true, "reviewer": true, "evaluator": true, "evaluator2": false, "member": true, "auditor": true},
			"notice_drafted":         {"handler": true, "evaluator": true, "evaluator2": false, "auditor": true},
			"adjustment_proposed":    {"handler": true, "evaluator": true, "evaluator2": false, "auditor": true},
			"proposal_made":          {"member": true, "reviewer": true, "evaluator": true, "auditor": true, "handler2": false, "evaluator2": false},
			"paper_decision_entered": {"handler2": true, "reviewer": true, "auditor": true, "member": false, "evaluator": false},
			"data_exported":          {"handler": true, "handler2": false, "reviewer": false, "evaluator": false, "auditor": true},
			"record_submitted":       {"handler": true, "evaluator2": true},
		} {
			for login, want := range sees {
				if got, _ := w.seen(login, event); (len(got) > 0) != want {
					t.Errorf("%s sees %s at %v", login, event, got)
				}
			}
		}
		if _, n := w.seen("auditor", ""); n != 0 {
			t.Errorf("%d entries are withheld from the auditor", n)
		}
		if _, n := w.seen("evaluator2", ""); n == 0 {
			t.Error("nothing is withheld from whom a unit lent")
		}
	})
}

// Whoever follows hears of what is done here at once, of what another node does
// within a second, from where they left off, once.
func TestFollow(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		other := w.node()
		size := w.size()
		f := w.follows(w.Office, "handler", size+1, nil)
		if items, err := f.Next(ctx, 50*time.Millisecond); err != nil || len(items) != 0 {
			t.Fatalf("%+v: %v", items, err)
		}
		heard := make(chan time.Time, 1)
		go func() {
			items, err := f.Next(ctx, 5*time.Second)
			if err != nil || len(items) != 1 || items[0].Event != "record_submitted" || items[0].Position != size+1 {
				t.Errorf("%+v: %v", items, err)
			}
			heard <- time.Now()
		}()
		time.Sleep(100 * time.Millisecond)
		id := w.report("jixian-reporter", "jixian", "reserve_project", "示例产业园", reserve)
		begun := time.Now()
		if took := (<-heard).Sub(begun); took > 500*time.Millisecond {
			t.Errorf("heard %s after it was done here", took)
		}
		w.must(other.Accept(ctx, w.as("handler"), id, 1))
		begun = time.Now()
		h := w.hears(f, "record_accepted")
		if took := time.Since(begun); took > 1500*time.Millisecond {
			t.Errorf("heard %s after another node did it", took)
		}
		w.must(other.Return(ctx, w.as("handler"), id, 1, "示例"))
		f = w.follows(other, "handler", h.Position+1, nil)
		if h := w.hears(f, "record_returned"); h.Position != size+3 {
			t.Errorf("%+v", h)
		}
	})
}

// Whose role is taken away hears no more, at once; so does whose session or
// token no longer holds, and one who leaves.
func TestFollowingEnds(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		f := w.follows(w.Office, "handler2", w.size()+1, nil)
		over := make(chan error, 1)
		go func() {
			_, err := f.Next(ctx, 5*time.Second)
			over <- err
		}()
		w.loses("handler2")
		select {
		case err := <-over:
			w.denies(err)
		case <-time.After(2 * time.Second):
			t.Fatal("it is still followed")
		}
		f = w.follows(w.Office, "reviewer2", w.size()+1, nil)
		w.loses("reviewer2") // while nobody waits
		begun := time.Now()
		_, err := f.Next(ctx, 5*time.Second)
		if w.denies(err); time.Since(begun) > 3*time.Second {
			t.Errorf("found out after %s", time.Since(begun))
		}
		gone := errors.New("gone")
		f = w.follows(w.Office, "handler", w.size()+1, func(context.Context) error { return gone })
		w.report("jixian-reporter", "jixian", "reserve_project", "示例产业园", reserve)
		if items, err := f.Next(ctx, 5*time.Second); !errors.Is(err, gone) || len(items) > 0 {
			t.Errorf("%+v: %v", items, err)
		}
		left, leave := context.WithCancel(ctx)
		leave()
		f = w.follows(w.Office, "handler", w.size()+1, nil)
		if _, err := f.Next(left, 5*time.Second); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// loses takes the person's roles away.
func (w *world) loses(login string) {
	w.t.Helper()
	var mine []*qiaomen.Grant
	person := w.personOf(login)
	err := w.store.Read(ctx, office.InstallationJournal, 0, func(v *store.View) (err error) {
		mine, err = store.All[qiaomen.Grant](v, store.Filter{Key: person})
		return err
	})
	if err != nil || len(mine) == 0 {
		w.t.Fatalf("%d grants: %v", len(mine), err)
	}
	_, err = w.store.Write(ctx, store.Act{Journal: office.InstallationJournal, Person: "u-x", Account: "c-x", At: w.now}, func(tx *store.Tx) error {
		for _, g := range mine {
			if err := tx.Emit(&qiaomen.RoleRemoved{ID: g.ID, Reason: "示例"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// What is followed while nothing happens does not keep a session alive.
func TestFollowingIsIdle(t *testing.T) {
	doors(t, "small", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("admin")
		v.signsIn()
		for range 40 {
			w.now = w.now.Add(time.Minute)
			if err := w.SessionHolds(ctx, v.src, v.session); err != nil {
				if !errors.Is(err, office.ErrSession) {
					t.Fatal(err)
				}
				return
			}
		}
		t.Error("after forty minutes without a request it still holds")
	})
}
