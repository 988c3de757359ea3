package office_test

import (
	"slices"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
)

// seal puts events into the campaign's journal past every rule: for what a story
// only needs to have happened.
func (w *world) seal(events ...qiaomen.Event) {
	w.t.Helper()
	_, err := w.store.Write(ctx, store.Act{Journal: winter, At: w.now}, func(tx *store.Tx) error {
		for _, e := range events {
			if err := tx.Emit(e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// handsIn is a unit's monthly paper, signed.
func (w *world) handsIn(unit, due string) {
	w.t.Helper()
	f := qiaomen.Fulfilment{Duty: "monthly_report", Unit: unit, Due: due, Statement: &qiaomen.Statement{Nil: true}}
	w.seal(&qiaomen.StatementPrepared{Fulfilment: f}, &qiaomen.StatementSigned{ID: f.Row().ID})
}

// closes takes a month to its end, a day after the 25th.
func (w *world) closes(month string) {
	w.t.Helper()
	w.at(month + "-26 10:00")
	a := w.must(w.CloseMonth(ctx, w.as("handler"), month))
	w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
}

// all says yes to a proposal in the name of everybody whom it needs.
func (w *world) everybody(proposal string, logins ...string) {
	w.t.Helper()
	for _, login := range logins {
		a := w.must(w.Approve(ctx, w.as(login), proposal))
		if a.Proposal == "" {
			return
		}
	}
	w.t.Fatalf("%s still waits after %v", proposal, logins)
}

func (w *world) month(id string) *qiaomen.Month {
	w.t.Helper()
	all, err := w.Months(ctx, w.as("jixian-reporter"))
	if err != nil {
		w.t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(m *qiaomen.Month) bool { return m.ID == id })
	if i < 0 {
		w.t.Fatalf("no month %s among %d", id, len(all))
	}
	return all[i]
}

func TestAMonthIsClosedWithoutThoseWhoNeverReported(t *testing.T) {
	for name, p := range map[string]qiaomen.Procedure{"small": qiaomen.SmallOffice, "gb3": qiaomen.ThreePowers} {
		t.Run(name, func(t *testing.T) {
			onEach(t, p, func(w *world) {
				w.at("2024-02-23 17:00") // the 25th is a Sunday: due on the Friday before, by close of work
				w.faulty("还没有到报送期限：2024年2月23日17:00")(w.CloseMonth(ctx, w.as("handler"), "2024-02"))
				w.faulty("不是本活动的报送月份")(w.CloseMonth(ctx, w.as("handler"), "2024-07"))
				w.handsIn("youyi", "2024-02-23")
				w.handsIn("sci-tech", "2024-02-23")

				w.at("2024-02-23 17:01")
				for _, who := range []string{"jixian-head", "evaluator", "member", "auditor", "reviewer"} {
					w.refused(w.CloseMonth(ctx, w.as(who), "2024-02"))
				}
				a := w.again(func(by office.Caller) (*office.Answer, error) { return w.CloseMonth(ctx, by, "2024-02") }, "handler")
				w.refused(w.Approve(ctx, w.as("handler"), a.Proposal))
				w.refused(w.Approve(ctx, w.as("handler2"), a.Proposal))
				if m := w.month("2024-02"); m.State != "" {
					t.Errorf("closed by one person: %+v", m)
				}
				w.handsIn("jixian", "2024-02-23") // late, but before it is closed
				w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
				m := w.month("2024-02")
				if m.State != qiaomen.Closed || len(m.Without) != 12 || slices.Contains(m.Without, "youyi") || slices.Contains(m.Without, "jixian") {
					t.Errorf("%+v", m)
				}
				w.faulty("已经月结")(w.CloseMonth(ctx, w.as("handler"), "2024-02"))
			})
		})
	}
}

func TestAMonthIsNotClosedDuringAnExtension(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.at("2024-01-25 09:00")
		w.seal(&qiaomen.DeadlineExtended{Extension: qiaomen.Extension{
			ID: "x1", Duty: "monthly_report", Due: "2024-01-25", Units: []string{"raohe"}, To: "2024-01-29T09:00:00.000000Z", Reason: "停电",
		}})
		w.at("2024-01-26 10:00")
		w.faulty("2024年1月29日17:00")(w.CloseMonth(ctx, w.as("handler"), "2024-01"))
		w.at("2024-01-29 17:01")
		w.must(w.CloseMonth(ctx, w.as("handler"), "2024-01"))
	})
}

func TestAMonthIsReopenedByTheLeadingGroup(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.at("2024-01-20 10:00")
		w.faulty("没有月结")(w.ReopenMonth(ctx, w.as("reviewer"), "2024-01", "漏报"))
		w.closes("2024-01")
		w.now = w.now.Add(time.Hour)
		w.faulty("没有写理由")(w.ReopenMonth(ctx, w.as("reviewer"), "2024-01", ""))
		for _, who := range []string{"handler", "member", "jixian-head"} {
			w.refused(w.ReopenMonth(ctx, w.as(who), "2024-01", "漏报"))
		}
		a := w.again(func(by office.Caller) (*office.Answer, error) {
			return w.ReopenMonth(ctx, by, "2024-01", "宝清县断网")
		}, "reviewer")
		w.refused(w.Approve(ctx, w.as("reviewer2"), a.Proposal))
		w.must(w.Approve(ctx, w.as("member"), a.Proposal))
		if m := w.month("2024-01"); m.State != qiaomen.Reopened || m.Reason != "宝清县断网" || m.Reopenings != 1 {
			t.Errorf("%+v", m)
		}
		again := w.must(w.CloseMonth(ctx, w.as("handler"), "2024-01"))
		w.must(w.Approve(ctx, w.as("reviewer"), again.Proposal))
		if m := w.month("2024-01"); m.State != qiaomen.Closed || m.Reopenings != 1 {
			t.Errorf("%+v", m)
		}
	})
}

// TestAClosedMonthIsNotMoved: what a month was closed with stands. More time is
// given once it is reopened, and a paper that comes later is late.
func TestAClosedMonthIsNotMoved(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		more := office.Delay{Occurrence: office.Occurrence{Duty: "monthly_report", Due: "2024-01-25"}, To: "2024-01-30", Reason: "停电"}
		w.at("2024-01-25 09:00")
		before := w.must(w.Extend(ctx, w.as("handler"), more))
		w.closes("2024-01")
		w.faulty("已经月结")(w.Extend(ctx, w.as("handler"), more))
		w.faulty("已经月结")(w.Approve(ctx, w.as("reviewer"), before.Proposal)) // proposed in time, not decided
		w.handsIn("jixian", "2024-01-25")
		w.stands("jixian", "monthly_report", "2024-01-25", "late")
		p := w.must(w.ReopenMonth(ctx, w.as("reviewer"), "2024-01", "停电"))
		w.must(w.Approve(ctx, w.as("member"), p.Proposal))
		p = w.must(w.Extend(ctx, w.as("handler"), more))
		w.must(w.Approve(ctx, w.as("reviewer"), p.Proposal))
		w.stands("jixian", "monthly_report", "2024-01-25", "on_time")
	})
}
