package web_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/pquerna/otp/totp"

	"qiaomen"
	"qiaomen/web"
)

func (c *client) taking(login, password string) *answered {
	c.w.t.Helper()
	return c.post("/first-sign-in", map[string]any{"login": login, "first_code": c.w.codes[login], "password": password})
}

func (c *client) signing(login, password, code string) *answered {
	c.w.t.Helper()
	return c.post("/session", map[string]any{"login": login, "password": password, "code": code})
}

// Rows of V6, authentication, at the doors. The office's own tests have them
// again, on both engines. SSO (6.8) and pages (6.2.6, 6.2.7) are to come.
func TestAuthentication(t *testing.T) {
	w := newWorld(t, "sqlite", qiaomen.SmallOffice)

	t.Run("6.2.1 6.2.4 6.2.5 6.2.11 6.2.12 what is no password", func(t *testing.T) {
		c := w.stranger()
		for _, bad := range []string{"", "1234567", "password", "12345678", "qwertyuiop", "iloveyou1", "Shuangyashan2024!", "招商2024招商", "bio-reporter", "aaaaaaaaaaaa"} {
			a := c.taking("bio-reporter", bad)
			if a.status != http.StatusUnprocessableEntity {
				t.Errorf("%q: %d", bad, a.status)
			}
			if strings.Contains(string(a.body), `"`+bad+`"`) && bad != "" && bad != "password" {
				t.Errorf("%q is told back", bad)
			}
		}
		c.taking("bio-reporter", "twmnqzrxkvbhjlcf").ok() // sixteen small letters (6.2.5)
	})

	t.Run("6.2.8 6.2.9 exactly as typed", func(t *testing.T) {
		long := strings.Repeat("纸船八只 ", 25) + "Az9!"
		c := w.stranger()
		var e struct{ Secret string }
		c.taking("leader", long).ok().into(&e)
		c.factor = e.Secret
		for _, near := range []string{long + " ", strings.ToLower(long), long[:len(long)-4], strings.TrimSpace(" " + long + "x")} {
			if a := w.stranger().signing("leader", near, c.code()); a.status != http.StatusUnauthorized {
				t.Errorf("%.10q…: %d", near, a.status)
			}
		}
		w.clock.move(time.Hour)
		c.signing("leader", long, c.code()).ok()
	})

	t.Run("6.2.2 6.2.3 a change takes the current one", func(t *testing.T) {
		c := w.stranger()
		c.takeUp("evaluator")
		c.signIn("evaluator")
		change := func(current, fresh string) *answered {
			return c.do("PUT", "/session/password", map[string]any{"current": current, "code": c.code(), "new": fresh})
		}
		change("no", "又一句 很长的 口令 77").is(http.StatusForbidden)
		change(password, "短").is(http.StatusUnprocessableEntity)
		before := c.http.Jar.Cookies(mustURL(w.url))
		change(password, "又一句 很长的 口令 77").ok()
		stale := w.stranger()
		stale.header.Set("Cookie", cookieHeader(before))
		stale.get("/session").is(http.StatusUnauthorized) // 7.2.4: another secret
		c.get("/session").ok()
		w.stranger().signing("evaluator", password, c.code()).is(http.StatusUnauthorized)
	})

	t.Run("6.3.1 guessing is slow, and the owner gets in", func(t *testing.T) {
		owner := w.as("jixian-reporter")
		for range 40 {
			w.stranger().signing("jixian-reporter", "示例猜测", "000000")
		}
		if a := w.stranger().signing("jixian-reporter", password, owner.code()); a.status != http.StatusUnauthorized && a.status != http.StatusTooManyRequests {
			t.Errorf("the right password from elsewhere while locked: %d", a.status)
		}
		owner.do("DELETE", "/session", nil).ok()
		owner.signIn("jixian-reporter") // on the device that is known
		owner.get("/session").ok()
		w.clock.move(time.Hour)
	})

	t.Run("6.3.2 no account that nobody made", func(t *testing.T) {
		for _, login := range []string{"admin", "root", "guest", "test", "administrator", "qiaomen", "system", "sa"} {
			for _, secret := range []string{"admin", "root", "123456", "password", "", login} {
				w.clock.move(10 * time.Second)
				if a := w.stranger().signing(login, secret, ""); a.status/100 == 2 {
					t.Errorf("%s/%s", login, secret)
				}
			}
		}
	})

	t.Run("6.3.3 no session without the second factor", func(t *testing.T) {
		w.clock.move(time.Hour) // whoever guessed is slowed no longer
		c := w.stranger()
		c.takeUp("member")
		for _, code := range []string{"", "000000", "abcdef", "１２３４５６"} {
			c.signing("member", password, code).is(http.StatusUnauthorized)
		}
		w.clock.move(time.Hour)
		c.signIn("member")
	})

	t.Run("6.3.4 every way in is described", func(t *testing.T) {
		type described struct {
			Tags     []string
			Action   string `json:"x-action"`
			Security []map[string][]string
		}
		var d struct {
			Paths map[string]map[string]described
		}
		w.stranger().get("/openapi.json").ok().into(&d)
		in := 0
		for path, methods := range d.Paths {
			for method, op := range methods {
				if !slices.ContainsFunc(op.Security, func(s map[string][]string) bool { return len(s) == 0 }) {
					continue
				}
				// Open to anybody: two ways in, what is published, and what uploads can do here.
				switch {
				case slices.Contains(op.Tags, "登录"):
					in++
				case op.Action == qiaomen.ActReadPublished.String(), method == "options":
				default:
					t.Errorf("%s %s is open to anybody", method, path)
				}
			}
		}
		if in != 2 {
			t.Errorf("%d ways in", in)
		}
	})

	t.Run("6.4.1 a first code is used once, and in time", func(t *testing.T) {
		c := w.stranger()
		c.taking("statistician", password).ok()
		c.taking("statistician", password).is(http.StatusUnauthorized)
		c.signing("statistician", w.codes["statistician"], "").is(http.StatusUnauthorized)
		w.clock.move(25 * time.Hour)
		w.stranger().taking("youyi-head", password).is(http.StatusUnauthorized)
	})

	t.Run("6.4.2 no hints", func(t *testing.T) {
		a, b := w.stranger().signing("handler", "x", "1"), w.stranger().signing("没有这个人", "x", "1")
		if a.problem().Title != b.problem().Title || a.problem().Detail != b.problem().Detail || a.status != b.status {
			t.Errorf("%s, and %s", a.body, b.body)
		}
	})

	t.Run("6.5.1 6.5.5 a code is good once, and for its time", func(t *testing.T) {
		w := newWorld(t, "sqlite", qiaomen.SmallOffice)
		c := w.stranger()
		c.takeUp("handler")
		code := c.code()
		c.signing("handler", password, code).ok()
		other := w.stranger()
		other.http.Jar = nil
		other.signing("handler", password, code).is(http.StatusUnauthorized)
		second := w.node()
		second.signing("handler", password, code).is(http.StatusUnauthorized)
		late, err := totp.GenerateCode(c.factor, w.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		w.clock.move(90 * time.Second)
		c.signing("handler", password, late).is(http.StatusUnauthorized)
	})

	t.Run("6.6.3 twenty wrong codes", func(t *testing.T) {
		w := newWorld(t, "sqlite", qiaomen.SmallOffice)
		c := w.stranger()
		c.takeUp("reviewer")
		for i := range 20 {
			w.stranger().signing("reviewer", password, fmt.Sprintf("%06d", i)).is(http.StatusUnauthorized)
		}
		a := w.stranger()
		a.factor = c.factor
		a.signing("reviewer", password, a.code()).is(http.StatusUnauthorized)
	})
}

func cookieHeader(cookies []*http.Cookie) string {
	var parts []string
	for _, c := range cookies {
		parts = append(parts, c.Name+"="+c.Value)
	}
	return strings.Join(parts, "; ")
}

// Rows of V7, sessions, at the doors.
func TestSessionsAtTheDoors(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine, qiaomen.SmallOffice)
		second := w.node()
		elsewhere := func(c *client) *client { // the same browser at the other node
			o := *c
			o.url = second.url
			return &o
		}
		c := w.as("jixian-reporter")

		t.Run("7.2.1 7.2.3 what was not given is none", func(t *testing.T) {
			var own string
			for _, cookie := range c.http.Jar.Cookies(mustURL(w.url)) {
				if cookie.Name == "qiaomen" {
					own = cookie.Value
				}
			}
			if len(own) < 26 {
				t.Errorf("a session's secret has %d characters", len(own))
			}
			flipped := []byte(own)
			flipped[len(flipped)/2] ^= 1
			for _, forged := range []string{"", "x", string(flipped), own + "a", own[:len(own)-1], strings.Repeat("a", 64), "null", "{}"} {
				s := w.stranger()
				s.header.Set("Cookie", "qiaomen="+forged)
				if a := s.get("/campaigns"); a.status != http.StatusUnauthorized {
					t.Errorf("%q: %d", forged, a.status)
				}
			}
			s := w.stranger()
			s.header.Set("Cookie", "qiaomen="+own+"; qiaomen="+own)
			s.get("/campaigns").is(http.StatusUnprocessableEntity)
		})

		t.Run("7.2.4 a session's secret is never the visitor's", func(t *testing.T) {
			s := w.stranger()
			s.header.Set("Cookie", "qiaomen=chosen-by-somebody-else")
			s.takeUp("youyi-head")
			a := s.post("/session", map[string]any{"login": "youyi-head", "password": password, "code": s.code()}).ok()
			for _, set := range a.header.Values("Set-Cookie") {
				if strings.Contains(set, "chosen") || !strings.Contains(set, "HttpOnly") || !strings.Contains(set, "SameSite=Strict") || !strings.Contains(set, "Path=/") {
					t.Errorf("%s", set)
				}
			}
			chosen := w.stranger()
			chosen.header.Set("Cookie", "qiaomen=chosen-by-somebody-else")
			chosen.get("/campaigns").is(http.StatusUnauthorized)
		})

		t.Run("7.4.1 signed out is signed out at each node", func(t *testing.T) {
			s := w.stranger()
			s.takeUp("bio-reporter")
			s.signIn("bio-reporter")
			old := w.stranger()
			old.header.Set("Cookie", cookieHeader(s.http.Jar.Cookies(mustURL(w.url))))
			s.do("DELETE", "/session", nil).ok()
			old.get("/session").is(http.StatusUnauthorized)
			elsewhere(old).get("/session").is(http.StatusUnauthorized)
		})

		t.Run("7.4.3 7.5.2 one's own sessions are seen and ended", func(t *testing.T) {
			other := w.stranger()
			other.factor = c.factor
			other.signIn("jixian-reporter")
			var list struct {
				Items []struct {
					ID   string
					This bool
				}
			}
			c.get("/sessions").ok().into(&list)
			if len(list.Items) != 2 {
				t.Fatalf("%d sessions", len(list.Items))
			}
			for _, s := range list.Items {
				w.as("youyi-reporter").do("DELETE", "/sessions/"+s.ID, nil).is(http.StatusNotFound)
			}
			c.do("DELETE", "/sessions", nil).ok()
			other.get("/session").is(http.StatusUnauthorized)
			c.get("/session").ok()
		})

		t.Run("7.5.1 the password before the factor", func(t *testing.T) {
			c.post("/session/factor", map[string]any{"password": "no", "code": c.code()}).is(http.StatusForbidden)
			var e web.Enrolment
			c.post("/session/factor", map[string]any{"password": password, "code": c.code()}).ok().into(&e)
			c.do("PUT", "/session/factor", map[string]any{"code": "000000"}).is(http.StatusForbidden)
			code, err := totp.GenerateCode(e.Secret, w.clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			c.do("PUT", "/session/factor", map[string]any{"code": code}).ok()
			c.factor = e.Secret
		})

		t.Run("7.4.2 7.4.5 an administrator ends them, at each node", func(t *testing.T) {
			victim := w.as("youyi-reporter")
			elsewhere(victim).get("/session").ok()
			a := w.as("security").post("/accounts/"+w.account["youyi-reporter"]+"/sessions-end", map[string]any{"reason": "示例"})
			a.ok()
			victim.get("/session").is(http.StatusUnauthorized)
			elsewhere(victim).get("/session").is(http.StatusUnauthorized)
			victim.signIn("youyi-reporter")
			w.as("system").post("/accounts/"+w.account["youyi-reporter"]+"/disabling", map[string]any{"reason": "示例"}).ok()
			victim.get("/session").is(http.StatusUnauthorized)
			elsewhere(victim).get("/session").is(http.StatusUnauthorized)
		})

		t.Run("7.3.1 7.3.2 idle, and over", func(t *testing.T) {
			c.get("/session").ok()
			w.clock.move(29 * time.Minute)
			c.get("/session").ok()
			w.clock.move(31 * time.Minute)
			draft := c.post(inWinter("/drafts"), map[string]any{"unit": "jixian", "kind": "signed_project", "name": "示例", "fields": jsontext.Value(`{}`)})
			draft.is(http.StatusUnauthorized)
			c.signIn("jixian-reporter")
			for range 30 {
				w.clock.move(25 * time.Minute)
				if a := c.get("/session"); a.status == http.StatusUnauthorized {
					return
				}
			}
			t.Error("a session without an end")
		})
	})
}

// What matters most is not done on an open screen: the password is asked again,
// and no program may at all.
func TestStepUp(t *testing.T) {
	w := newWorld(t, "sqlite", qiaomen.SmallOffice)
	c := w.as("jixian-reporter")
	request := map[string]any{"name": "示例程序", "scope": []string{"read_own"}, "until": w.clock.Now().AddDate(0, 1, 0).Format(time.DateOnly)}
	w.clock.move(11 * time.Minute)
	a := c.post(inWinter("/tokens"), request).is(http.StatusForbidden)
	if p := a.problem(); p.Type != "urn:qiaomen:problem:unproven" {
		t.Errorf("%+v", p)
	}
	c.post("/session/proof", map[string]any{"password": "no", "code": c.code()}).is(http.StatusForbidden)
	c.prove()
	var issued web.NewToken
	c.post(inWinter("/tokens"), request).ok().into(&issued)
	program := w.stranger()
	program.token = issued.Token
	program.get(inWinter("/records?unit=jixian")).ok()
	program.post(inWinter("/records"), project("jixian", "示例")).is(http.StatusForbidden)
	program.post(inWinter("/tokens"), request).is(http.StatusForbidden)
	program.get("/session").is(http.StatusForbidden)
	c.do("DELETE", inWinter("/tokens/"+issued.ID), nil).ok()
	program.get(inWinter("/records?unit=jixian")).is(http.StatusUnauthorized)
}
