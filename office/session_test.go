package office_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

// TestSessions: their secrets and their ends (ASVS 7).
func TestSessions(t *testing.T) {
	doors(t, "7.2.1 what was not given is none, on each node", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		v.signsIn()
		node := w.node()
		v.holds(node)
		real := v.session
		for _, forged := range []string{"", "x", real[1:], real + "0", strings.ToUpper(real), "0" + real[1:], "00" + real[2:], v.src.Device, "\x00", strings.Repeat("a", 1<<16)} {
			if forged != real {
				v.session = forged
				v.over(w.Office, node)
			}
		}
	})
	doors(t, "7.2.3 and 7.2.4 random, long, and new each time", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		seen := map[string]bool{}
		for range 8 {
			old := *v
			v.signsIn()
			if len(v.session) < 32 || seen[v.session] {
				w.t.Fatalf("%s", v.session)
			}
			seen[v.session] = true
			if old.session != "" {
				renewed, err := w.Prove(ctx, v.src, v.session, v.password, v.code())
				if err != nil || renewed == v.session {
					w.t.Fatalf("%s: %v", renewed, err)
				}
				v.over(w.Office)
				v.session = renewed
				if _, s := v.holds(w.Office); s.ProvedAt <= s.BegunAt {
					w.t.Errorf("%+v", s)
				}
			}
		}
	})
	doors(t, "a proof is not guessed: the session ends, the account is not locked", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		v.signsIn()
		for i := range 5 {
			_, err := w.Prove(ctx, v.src, v.session, "wrong password", v.code())
			if last := errors.Is(err, office.ErrSession); err == nil || last != (i == 4) {
				w.t.Fatalf("try %d: %v", i, err)
			}
		}
		v.over(w.Office)
		v.elsewhere("10.0.0.5").signsIn()
		if n := len(w.audited("sign_in_failed")); n != 5 {
			w.t.Errorf("%d entries", n)
		}
	})
	for login, minutes := range map[string]time.Duration{"handler": 30, "admin": 10} {
		doors(t, "7.3.1 idle, "+login, qiaomen.SmallOffice, func(w *world) {
			v := w.enrols(login)
			v.signsIn()
			for range 5 { // used, it goes on
				w.now = w.now.Add(minutes*time.Minute - time.Second)
				v.holds(w.Office)
			}
			w.now = w.now.Add(minutes * time.Minute)
			v.over(w.Office, w.node())
		})
	}
	doors(t, "7.3.2 twelve hours, however busy", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		v.signsIn()
		for range 12*60/20 - 1 {
			w.now = w.now.Add(20 * time.Minute)
			v.holds(w.Office)
		}
		w.now = w.now.Add(20 * time.Minute)
		v.over(w.Office)
	})
	doors(t, "7.1.2 two at once, the newest wins and says so; an administrator one", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		one, two, three := *v, *v.elsewhere("10.0.0.2"), *v.elsewhere("10.0.0.3")
		if s := one.signsIn(); len(s.Warnings) > 0 {
			w.t.Errorf("%v", s.Warnings)
		}
		two.signsIn()
		one.holds(w.Office)
		if s := three.signsIn(); len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "10.0.0.1") {
			w.t.Errorf("%v", s.Warnings)
		}
		one.over(w.Office)
		two.holds(w.Office)
		three.holds(w.Office)
		admin := w.enrols("admin")
		admin.signsIn()
		again := admin.elsewhere("10.0.0.4")
		again.signsIn()
		admin.over(w.Office)
		again.holds(w.Office)
	})
	doors(t, "7.4.1 signed out is signed out on each node", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		node := w.node()
		v.signsIn()
		v.holds(node)
		if err := w.SignOut(ctx, v.src, v.session); err != nil {
			w.t.Fatal(err)
		}
		v.over(w.Office, node)
		if err := node.SignOut(ctx, v.src, v.session); err != nil || len(w.audited("signed_out")) != 1 {
			w.t.Errorf("twice: %v", err)
		}
	})
	doors(t, "7.4.2 disabled is out on each node", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		v.signsIn()
		node := w.node()
		v.holds(node)
		w.must(w.DisableAccount(ctx, w.inHouse("admin"), w.people["handler"], "离岗"))
		v.over(w.Office, node)
		w.must(w.EnableAccount(ctx, w.inHouse("admin"), w.people["handler"]))
		v.over(w.Office, node) // and stays out
		v.signsIn()
	})
	doors(t, "a temporary account is out after its last day", qiaomen.SmallOffice, func(w *world) {
		a, code, err := w.CreateAccount(ctx, w.inHouse("admin"), office.NewAccount{
			Login: "lent", Detail: office.Detail{Name: "示例抽调", Identity: "L-1"}, Temporary: "2023-12-12",
		})
		w.must(a, err)
		w.people["lent"], w.codes = code.Account, append(w.codes, code)
		v := w.enrols("lent")
		w.now = time.Date(2023, 12, 12, 15, 50, 0, 0, time.UTC)
		v.signsIn()
		w.now = w.now.Add(15 * time.Minute)
		v.over(w.Office)
	})
	doors(t, "7.4.3 and 7.5.2 one's own are seen and ended", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		other := v.elsewhere("10.0.0.2")
		other.signsIn()
		v.signsIn()
		c, s := v.holds(w.Office)
		list, err := w.Sessions(ctx, c, s.ID)
		if err != nil || len(list) != 2 || list[0].This || !list[1].This || list[0].Address != "10.0.0.2" {
			w.t.Fatalf("%+v: %v", list, err)
		}
		stranger := w.enrols("reviewer")
		stranger.signsIn()
		theirs, own := stranger.holds(w.Office)
		_, err = w.EndSession(ctx, theirs, own.ID, list[0].ID)
		w.refuses(err, "没有找到")
		c.Key = "end-1"
		w.must(w.EndSession(ctx, c, s.ID, list[0].ID))
		other.over(w.Office, w.node())
		if a := w.must(w.EndSession(ctx, c, s.ID, list[0].ID)); !a.Again {
			w.t.Errorf("%+v", a)
		}
		other.signsIn()
		c.Key = "end-2"
		w.must(w.EndSession(ctx, c, s.ID, ""))
		other.over(w.Office)
		v.holds(w.Office)
		stranger.holds(w.Office)
		// With a password change too.
		other.signsIn()
		if v.session, err = w.ChangePassword(ctx, v.src, v.session, office.PasswordChange{
			Current: v.password, Code: v.code(), New: "昨夜的雪，今早的 tea", EndOthers: true,
		}); err != nil {
			w.t.Fatal(err)
		}
		other.over(w.Office)
		v.holds(w.Office)
		// Not by a program.
		c.Only = []qiaomen.Action{}
		_, err = w.Sessions(ctx, c, s.ID)
		w.denies(err)
		_, err = w.EndSession(ctx, c, s.ID, "")
		w.denies(err)
	})
	doors(t, "7.4.5 an administrator ends them, and it is journalled", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		for range 2 { // twice in one moment
			v.signsIn()
			w.must(w.EndSessions(ctx, w.inHouse("admin"), w.people["handler"], "设备遗失"))
			v.over(w.Office, w.node())
		}
		if n := w.entriesOf(office.InstallationJournal, "sessions_ended"); n != 2 {
			w.t.Errorf("%d entries", n)
		}
		v.signsIn()
		v.holds(w.Office)
	})
}

// TestSessionRows: a look does not write, and what is over is taken away.
func TestSessionRows(t *testing.T) {
	rows := func(w *world, table string) (n int, data string) {
		if err := w.store.Read(ctx, office.AuditJournal, 0, func(v *store.View) error {
			works, err := v.Works(table, "", "")
			for _, work := range works {
				data += string(work.Data)
			}
			n = len(works)
			return err
		}); err != nil {
			w.t.Fatal(err)
		}
		return n, data
	}
	doors(t, "seen once a minute", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		v.signsIn()
		_, before := rows(w, "session")
		w.now = w.now.Add(59 * time.Second)
		v.holds(w.Office)
		if _, after := rows(w, "session"); after != before {
			w.t.Error("it was written")
		}
		w.now = w.now.Add(time.Second)
		v.holds(w.Office)
		if _, after := rows(w, "session"); after == before {
			w.t.Error("it was not written")
		}
	})
	doors(t, "8.1.4.10 nothing is left of what is over", qiaomen.SmallOffice, func(w *world) {
		v, other := w.enrols("handler"), w.enrols("reviewer")
		v.signsIn()
		other.signsIn()
		w.knocks("nobody", "10.6.6.6").refused("x", "")
		w.now = w.now.AddDate(0, 0, 2)
		v.signsIn()
		if n, _ := rows(w, "session"); n != 1 {
			w.t.Errorf("%d sessions", n)
		}
		if _, data := rows(w, "attempt"); strings.Contains(data, `"count":1`) {
			w.t.Errorf("%s", data)
		}
		w.now = w.now.AddDate(0, 7, 0)
		v.signsIn()
		if n, _ := rows(w, "device"); n != 1 {
			w.t.Errorf("%d devices", n)
		}
	})
}

// TestSessionsStay: a ledger that is moved takes passwords and factors along, and
// nobody who is signed in.
func TestSessionsStay(t *testing.T) {
	doors(t, "moved", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		v.signsIn()
		fresh := storetest.Fresh(w.t, w.store.Engine())
		fresh.Installation, fresh.Seed = w.options.Installation, w.options.Seed
		there := storetest.Open(w.t, fresh)
		if err := w.store.Move(ctx, there, nil); err != nil {
			w.t.Fatal(err)
		}
		v.holds(w.Office)
		v.o = office.New(office.Options{Store: there, Files: w.files, Now: func() time.Time { return w.now }})
		v.over(v.o)
		v.signsIn()
		v.holds(v.o)
		v.over(w.Office)
	})
}

// BenchmarkSessionCaller is what every request pays to be known.
func BenchmarkSessionCaller(b *testing.B) {
	w := small(b, "sqlite")
	v := w.enrols("handler")
	v.signsIn()
	b.ResetTimer()
	for b.Loop() {
		if _, _, err := w.SessionCaller(ctx, v.src, v.session); err != nil {
			b.Fatal(err)
		}
	}
}
