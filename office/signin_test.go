package office_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
)

// TestGuessing: tries in vain (ASVS 6.3.1, 6.6.3; 等保 8.1.4.1 b).
func TestGuessing(t *testing.T) {
	doors(t, "6.3.1 five wrong tries lock, for a while, and the owner's device not", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		v.signsIn()
		stranger := v.elsewhere("10.6.6.6")
		for range 5 {
			stranger.refused("wrong password", "000000")
		}
		if n := len(w.audited("account_locked")); n != 1 {
			w.t.Errorf("%d locks", n)
		}
		stranger.refused(v.password, v.code()) // right, and locked all the same
		if people, err := w.People(ctx, w.inHouse("admin")); err != nil || !lockedIn(people, w.people["handler"]) {
			w.t.Errorf("the security administrator does not see it: %v", err)
		}
		v.signsIn()
		// Its own tries lock a device that is known, and no other.
		for range 5 {
			v.refused("wrong password", v.code())
		}
		v.refused(v.password, v.code())
		w.now = w.now.Add(15 * time.Minute)
		v.signsIn()
		stranger.signsIn()
		if people, err := w.People(ctx, w.inHouse("admin")); err != nil || lockedIn(people, w.people["handler"]) {
			w.t.Errorf("still locked: %v", err)
		}
	})
	doors(t, "6.3.1 a rival cannot lock a unit out at the deadline", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		v.signsIn()
		for i := range 40 {
			v.elsewhere(fmt.Sprint("10.6.6.", i)).refused("wrong password", "000000")
			if i%10 == 9 {
				v.signsIn()
			}
		}
		again := *v
		again.o = w.node()
		again.signsIn()
	})
	doors(t, "6.3.1 an address that tries many accounts is slowed, others are not", qiaomen.SmallOffice, func(w *world) {
		v, other := w.enrols("handler"), w.enrols("reviewer")
		other.signsIn()
		for i := range 20 {
			w.knocks(fmt.Sprint("somebody-", i), "10.6.6.6").refused("Spring2024!", "000000")
		}
		v.elsewhere("10.6.6.6").refused(v.password, v.codeAt(w.now))
		if why := w.audited("sign_in_failed"); why[len(why)-1].Why != "试得太快" {
			w.t.Errorf("%+v", why[len(why)-1])
		}
		other.src.Address = "10.6.6.6" // who is known there gets in
		other.signsIn()
		v.elsewhere("2001:db8::1").signsIn()
		w.now = w.now.Add(10 * time.Second) // a pause, not a wall
		v.elsewhere("10.6.6.6").signsIn()
		// In IPv6 a subscriber's network is one address.
		for i := range 20 {
			w.knocks(fmt.Sprint("somebody-", i), fmt.Sprintf("2001:db8:0:7::%x", i)).refused("Spring2024!", "000000")
		}
		v.elsewhere("2001:db8:0:7::abcd").refused(v.password, v.codeAt(w.now))
	})
	doors(t, "6.3.1 many at once do not get more tries than one after another", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		codes := make([]string, 20) // right, the eleventh to come
		for i := range codes {
			codes[i] = "000000"
		}
		var together sync.WaitGroup
		for i := range codes {
			together.Go(func() {
				_, err := w.SignIn(ctx, office.Source{Address: fmt.Sprint("10.6.6.", i)}, office.SigningIn{Login: "handler", Password: v.password, Code: codes[i]})
				if !errors.Is(err, office.ErrSignIn) {
					w.t.Error(err)
				}
			})
		}
		together.Wait()
		if n := len(w.audited("account_locked")); n != 1 {
			w.t.Errorf("%d locks", n)
		}
		why := map[string]int{}
		for _, e := range w.audited("sign_in_failed") {
			why[e.Why]++
		}
		if len(why) != 2 || why["错误次数太多，暂时锁定"] != 15 {
			w.t.Errorf("%v", why)
		}
	})
	doors(t, "6.6.3 twenty wrong codes with the right password", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		for i := range 20 {
			v.refused(v.password, fmt.Sprintf("%06d", i))
		}
		v.refused(v.password, v.code())
		if n := len(w.audited("account_locked")); n != 1 {
			w.t.Errorf("%d locks", n)
		}
	})
	doors(t, "unlocking, by two", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		for range 5 {
			v.refused("wrong password", "")
		}
		v.refused(v.password, v.code())
		p := w.must(w.Unlock(ctx, w.inHouse("admin"), w.people["handler"], "本人来说明"))
		w.must(w.Approve(ctx, w.inHouse("audit"), p.Proposal))
		v.signsIn()
		for range 5 { // and it locks again
			v.elsewhere("10.0.0.9").refused("wrong password", "")
		}
		v.elsewhere("10.0.0.9").refused(v.password, v.code())
	})
}

func lockedIn(people []office.PersonView, account string) bool {
	for _, p := range people {
		if p.Locked[account] != "" {
			return true
		}
	}
	return false
}

// TestWaysIn: who gets in, and with what (ASVS 6.3.2, 6.3.3, 6.4).
func TestWaysIn(t *testing.T) {
	doors(t, "6.3.2 no account that nobody made", qiaomen.SmallOffice, func(w *world) {
		for _, login := range []string{"admin", "root", "guest", "administrator", "qiaomen", "", "a\x00b", "\xff"} {
			for _, password := range []string{"", "admin", login} {
				w.knocks(login, fmt.Sprintf("10.7.%d.1", len(login))).refused(password, "")
			}
		}
	})
	doors(t, "6.3.3 no session without the second factor", qiaomen.ThreePowers, func(w *world) {
		for i, login := range []string{"jixian-reporter", "handler", "member", "auditor", "system"} {
			v := w.knocks(login, fmt.Sprintf("10.8.0.%d", i))
			v.takesUp(w.first(login))
			v.refused(v.password, "")
			v.signsIn()
		}
	})
	doors(t, "without a second factor where the policy asks none", qiaomen.SmallOffice, func(w *world) {
		p, err := w.Policy(ctx)
		if err != nil {
			w.t.Fatal(err)
		}
		p.SecondFactor = false
		w.must(w.SetPolicy(ctx, w.inHouse("admin"), p))
		v := w.knocks("handler", "10.0.0.1")
		e, err := w.TakeUp(ctx, v.src, office.TakingUp{Login: v.login, FirstCode: w.first("handler"), Password: v.password})
		if err != nil || *e != (office.Enrolment{}) {
			w.t.Fatalf("%+v: %v", e, err)
		}
		if _, err := v.says(v.password, ""); err != nil {
			w.t.Fatal(err)
		}
		// Its owner may have one all the same, and then it is asked.
		if e, err = w.NewFactor(ctx, v.src, v.session, v.password, ""); err != nil {
			w.t.Fatal(err)
		}
		v.factor = e.Secret
		if err := w.ConfirmFactor(ctx, v.src, v.session, v.code()); err != nil {
			w.t.Fatal(err)
		}
		v.refused(v.password, "")
		v.signsIn()
		// When the policy asks one again, who has none does not get in.
		bare := w.knocks("reviewer", "10.0.0.1")
		if _, err := w.TakeUp(ctx, bare.src, office.TakingUp{Login: "reviewer", FirstCode: w.first("reviewer"), Password: bare.password}); err != nil {
			w.t.Fatal(err)
		}
		p.SecondFactor = true
		w.must(w.SetPolicy(ctx, w.inHouse("admin"), p))
		bare.refused(bare.password, "")
	})
	doors(t, "6.4.1 the first secret is used once, in time, and never to sign in", qiaomen.SmallOffice, func(w *world) {
		code := w.first("handler")
		w.knocks("handler", "10.0.0.1").refused(code, "")
		w.takesNot("handler", code, "一次性代码不能作密码")
		w.takesNot("handler", strings.ToUpper(code)+" 雪", "一次性代码不能作密码")
		w.enrols("handler")
		w.takesNot("handler", goodPassword, "不对") // used
		w.now = w.now.Add(24*time.Hour + time.Second)
		w.takesNot("reviewer", goodPassword, "过期")
	})
	doors(t, "6.4.3 and 6.4.4 a lost factor: two administrators, and the factor again", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		v.signsIn()
		lost := *v
		p, code, err := w.ResetFactor(ctx, w.inHouse("admin"), w.people["handler"], "手机丢失")
		w.must(p, err)
		_, err = w.Approve(ctx, w.inHouse("admin"), p.Proposal)
		w.denies(err)
		v.holds(w.Office)
		w.must(w.Approve(ctx, w.inHouse("audit"), p.Proposal))
		lost.over(w.Office, w.node())
		lost.refused(lost.password, lost.code())
		v.src.Device = ""
		v.takesUp(code.Code)
		if v.factor == lost.factor {
			w.t.Fatal("the factor that was lost goes on")
		}
		v.refused(v.password, "")
		v.refused(v.password, lost.codeAt(w.now))
		v.signsIn()
		if n := w.entriesOf(office.InstallationJournal, "factor_reset"); n != 1 {
			w.t.Errorf("%d entries", n)
		}
		// The device that was lost is a stranger.
		for range 5 {
			v.elsewhere("10.6.6.6").refused("wrong password", "")
		}
		lost.factor = v.factor
		lost.refused(v.password, lost.code())
		v.signsIn()
	})
	doors(t, "an account that may not be used", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		w.must(w.DisableAccount(ctx, w.inHouse("admin"), w.people["handler"], "离岗"))
		v.refused(v.password, v.code())
		w.must(w.EnableAccount(ctx, w.inHouse("admin"), w.people["handler"]))
		v.signsIn()
	})
	doors(t, "administrators from their own addresses", qiaomen.SmallOffice, func(w *world) {
		admin, v := w.enrols("admin"), w.enrols("handler")
		p, err := w.Policy(ctx)
		if err != nil {
			w.t.Fatal(err)
		}
		admin.signsIn()
		p.AdminAddresses = []string{"10.1.0.0/16", "fd00::7"}
		w.must(w.SetPolicy(ctx, w.inHouse("admin"), p))
		admin.over(w.Office)
		admin.refused(admin.password, admin.code())
		admin.src.Address = "10.1.2.3"
		admin.signsIn()
		admin.holds(w.Office)
		v.signsIn()
	})
	doors(t, "whoever no longer waits is not served", qiaomen.SmallOffice, func(w *world) {
		gone, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := w.SignIn(gone, office.Source{}, office.SigningIn{Login: "handler"}); !errors.Is(err, context.Canceled) {
			w.t.Error(err)
		}
	})
}

// TestCodes: the second factor (ASVS 6.5).
func TestCodes(t *testing.T) {
	doors(t, "6.5.1 a code is taken once, on any node", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		code := v.code()
		if _, err := v.says(v.password, code); err != nil {
			w.t.Fatal(err)
		}
		v.refused(v.password, code)
		other := *v
		other.o = w.node()
		other.refused(v.password, code)
		other.refused(v.password, v.codeAt(w.now.Add(-30*time.Second))) // nor one from before it
		other.signsIn()
		if _, err := w.Prove(ctx, v.src, v.session, v.password, v.codeAt(w.now)); err == nil {
			w.t.Error("a code that signed in proved too")
		}
	})
	doors(t, "6.5.4 and 6.5.5 six digits, thirty seconds, one step aside", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		if code := v.code(); len(code) != 6 {
			w.t.Errorf("%s", code)
		}
		v.refused(v.password, v.codeAt(w.now.Add(-90*time.Second)))
		v.refused(v.password, v.codeAt(w.now.Add(90*time.Second)))
		v.refused(v.password, v.codeAt(w.now)+"0")
		for _, aside := range []time.Duration{-30 * time.Second, 0, 30 * time.Second} {
			if _, err := v.says(v.password, v.codeAt(w.now.Add(aside))); err != nil {
				w.t.Errorf("%s aside: %v", aside, err)
			}
		}
	})
	doors(t, "6.5.2 nothing that lets anybody in is in the database or the journals", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		v.signsIn()
		v.signsIn()
		var all strings.Builder
		for _, name := range []string{office.InstallationJournal, office.AuditJournal} {
			for leaf, err := range w.store.Leaves(ctx, name, 0) {
				if err != nil {
					w.t.Fatal(err)
				}
				all.Write(leaf)
			}
			if err := w.store.Read(ctx, name, 0, func(view *store.View) error {
				for _, table := range append(append([]string{}, store.Working...), store.Passing...) {
					works, err := view.Works(table, "", "")
					if err != nil {
						return err
					}
					for _, work := range works {
						fmt.Fprintln(&all, work.ID, work.Owner, string(work.Data))
					}
				}
				return nil
			}); err != nil {
				w.t.Fatal(err)
			}
		}
		if !strings.Contains(all.String(), "$argon2id$v=19$m=19456,t=2,p=1$") {
			w.t.Fatal("there is no password to be found out")
		}
		for what, secret := range map[string]string{"password": v.password, "factor": v.factor, "session": v.session, "device": v.src.Device, "first code": w.first("handler")} {
			if strings.Contains(all.String(), secret) {
				w.t.Errorf("the %s can be read", what)
			}
		}
	})
	doors(t, "7.5.1 another factor, with the one in use", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		v.signsIn()
		_, err := w.NewFactor(ctx, v.src, v.session, "wrong password", v.code())
		w.refuses(err, "不对")
		_, err = w.NewFactor(ctx, v.src, v.session, v.password, "")
		w.refuses(err, "不对")
		w.refuses(w.ConfirmFactor(ctx, v.src, v.session, v.code()), "没有等待确认")
		e, err := w.NewFactor(ctx, v.src, v.session, v.password, v.code())
		if err != nil || !strings.HasPrefix(e.URI, "otpauth://totp/") || !strings.Contains(e.URI, e.Secret) {
			w.t.Fatalf("%+v: %v", e, err)
		}
		w.refuses(w.ConfirmFactor(ctx, v.src, v.session, v.code()), "不对") // of the old one
		v.signsIn()                                                       // the old one holds
		before := v.factor
		v.factor = e.Secret
		if err := w.ConfirmFactor(ctx, v.src, v.session, v.code()); err != nil {
			w.t.Fatal(err)
		}
		v.holds(w.Office)
		v.signsIn()
		now := v.factor
		v.factor = before
		v.refused(v.password, v.code())
		v.factor = now
		// One that waited too long.
		if e, err = w.NewFactor(ctx, v.src, v.session, v.password, v.code()); err != nil {
			w.t.Fatal(err)
		}
		w.now = w.now.Add(11 * time.Minute)
		v.factor = e.Secret
		w.refuses(w.ConfirmFactor(ctx, v.src, v.session, v.code()), "十分钟")
		if n := w.entriesOf(office.InstallationJournal, "factor_changed"); n != 1 {
			w.t.Errorf("%d entries", n)
		}
	})
	doors(t, "another installation's key opens nothing", qiaomen.SmallOffice, func(w *world) {
		v := w.enrols("handler")
		o := office.New(office.Options{Store: w.store, Files: w.files, Now: func() time.Time { return w.now }, Key: [32]byte{1}})
		_, err := o.SignIn(ctx, v.src, office.SigningIn{Login: "handler", Password: v.password, Code: v.code()})
		if err == nil || errors.Is(err, office.ErrSignIn) || !strings.Contains(err.Error(), "another key") {
			w.t.Error(err)
		}
		v.signsIn()
	})
}

// TestAuditOfSigningIn: every field of an entry (等保 8.1.4.3 b).
func TestAuditOfSigningIn(t *testing.T) {
	doors(t, "8.1.4.3 b", qiaomen.ThreePowers, func(w *world) {
		v := w.enrols("jixian-reporter")
		v.refused("wrong password", "")
		w.knocks("nobody", "10.0.0.3").refused("wrong password", "")
		v.signsIn()
		c, _ := v.holds(w.Office)
		c.Campaign = ""
		_, err := w.People(ctx, c)
		w.denies(err)
		if _, err := w.Prove(ctx, v.src, v.session, v.password, v.code()); err != nil {
			w.t.Fatal(err)
		}
		v.signsIn()
		if err := w.SignOut(ctx, v.src, v.session); err != nil {
			w.t.Fatal(err)
		}
		for event, refused := range map[string]bool{"sign_in_failed": true, "signed_in": false, "identity_proved": false, "signed_out": false, "access_denied": true} {
			e := w.audited(event)[0]
			if e.At == "" || e.Person != w.personOf(v.login) || e.Account != w.people[v.login] || len(e.Units) != 1 || e.Units[0] != "jixian" ||
				e.From != "10.0.0.1" || e.Request != "q-1" || e.Refused != refused || refused && e.Why == "" {
				w.t.Errorf("%s: %+v", event, e)
			}
			if event != "access_denied" && e.Object != w.people[v.login] {
				w.t.Errorf("%s is about %q", event, e.Object)
			}
		}
		if e := w.audited("sign_in_failed")[1]; e.Person != "" || e.From != "10.0.0.3" || e.Object != "" {
			w.t.Errorf("%+v", e)
		}
		if n := len(w.audited("sign_in_failed")); n != 2 {
			w.t.Errorf("%d entries of two failures", n)
		}
	})
}
