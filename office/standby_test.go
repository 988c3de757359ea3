package office_test

import (
	"errors"
	"testing"

	"qiaomen"
	"qiaomen/office"
)

// TestStandBy: who stands at the machine proves who they are, wherever they may
// sign in from, and begins no session (separation 18).
func TestStandBy(t *testing.T) {
	doors(t, "by password and code", qiaomen.ThreePowers, func(w *world) {
		v := w.enrols("system")
		p, err := w.Policy(ctx)
		if err != nil {
			w.t.Fatal(err)
		}
		p.AdminAddresses = []string{"10.9.9.9"}
		w.must(w.SetPolicy(ctx, w.inHouse("security"), p))
		v.refused(v.password, v.code()) // from where they sit they could not sign in
		account, err := w.StandBy(ctx, office.SigningIn{Login: "system", Password: v.password, Code: v.code()})
		if err != nil || account != w.people["system"] {
			w.t.Errorf("%s, %v", account, err)
		}
		if n := len(w.audited("identity_proved")); n != 1 {
			w.t.Errorf("%d entries", n)
		}
		if n := len(w.audited("signed_in")); n != 0 {
			w.t.Errorf("%d sessions", n)
		}
		for _, bad := range []office.SigningIn{
			{Login: "system", Password: "wrong password", Code: v.code()},
			{Login: "system", Password: v.password},
			{Login: "system", Password: v.password, Code: "000000"},
			{Login: "nobody", Password: v.password, Code: v.code()},
			{Login: "system", Password: w.first("security"), Code: v.code()},
		} {
			if _, err := w.StandBy(ctx, bad); !errors.Is(err, office.ErrSignIn) {
				w.t.Errorf("%+v: %v", bad, err)
			}
		}
	})
	doors(t, "by the one-time code of an account that nobody has taken up", qiaomen.ThreePowers, func(w *world) {
		w.now = w.now.AddDate(0, 1, 0) // too late to take it up
		for range 2 {                  // it is not used up
			account, err := w.StandBy(ctx, office.SigningIn{Login: "security", Password: w.first("security")})
			if err != nil || account != w.people["security"] {
				w.t.Errorf("%s, %v", account, err)
			}
		}
		for _, bad := range []string{"", "wrong", w.first("system")} {
			if _, err := w.StandBy(ctx, office.SigningIn{Login: "security", Password: bad}); !errors.Is(err, office.ErrSignIn) {
				w.t.Errorf("%q: %v", bad, err)
			}
		}
	})
}
