package web_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
)

// entries is the audit log's entries of an event, as the ledger has them.
func (w *world) entries(event string) (out []office.AuditEntry) {
	w.t.Helper()
	page, err := w.office.Audit(w.t.Context(), office.Caller{Account: w.account["auditadmin"]}, office.AuditQuery{Event: event, Limit: 1000})
	if err != nil {
		w.t.Fatal(err)
	}
	return page.Entries
}

// A line of the log, as far as tests look at it.
type line struct {
	Time      string `json:"time"`
	Request   string `json:"request"`
	From      string `json:"from"`
	Operation string `json:"operation"`
	Status    int    `json:"status"`
	Error     string `json:"error"`
}

func (w *world) lines() (out []line) {
	w.t.Helper()
	for text := range strings.Lines(w.log.String()) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			w.t.Fatalf("a line that is no JSON: %v: %q", err, text)
		}
		out = append(out, l)
	}
	return out
}

// Rows of V16, logging and errors. 16.5.2 stands with evidence, too.
func TestLoggingAndErrors(t *testing.T) {
	w := newWorld(t, "sqlite", qiaomen.SmallOffice)
	c := w.as("jixian-reporter")

	t.Run("16.2.1 when, where, who, what", func(t *testing.T) {
		a := c.get(inWinter("/records?unit=youyi")) // another unit's
		if a.status != http.StatusForbidden && a.status != http.StatusNotFound {
			t.Fatalf("%d", a.status)
		}
		all := w.entries("access_denied")
		if len(all) == 0 {
			t.Fatal("no entry")
		}
		e := all[len(all)-1]
		if e.At == "" || e.Person == "" || e.Account != w.account["jixian-reporter"] || e.From != "127.0.0.1" || e.Request != a.header.Get("Request-Id") || e.Action == "" || e.Campaign != winter || e.Why == "" {
			t.Errorf("%+v", e)
		}
		for _, e := range w.entries("signed_in") {
			if e.At == "" || e.Person == "" || e.Account == "" || e.From == "" || e.Request == "" {
				t.Errorf("%+v", e)
			}
		}
	})

	t.Run("16.2.2 times have their offset", func(t *testing.T) {
		for _, l := range w.lines() {
			if _, err := time.Parse(time.RFC3339Nano, l.Time); err != nil {
				t.Error(err)
			}
		}
		for _, e := range w.entries("") {
			if _, err := time.Parse(time.RFC3339Nano, e.At); err != nil {
				t.Error(err)
			}
		}
	})

	t.Run("16.2.5 no secrets in the log", func(t *testing.T) {
		program := w.withToken("jixian-reporter", qiaomen.ActSubmit, qiaomen.ActReadOwn)
		program.get(inWinter("/records?unit=jixian")).ok()
		program.get("/campaigns/"+winter+"/records?unit=jixian&filter=x", "X-Note", "示例抬头").is(http.StatusUnprocessableEntity)
		c.post("/session", map[string]any{"login": "handler", "password": "示例错误口令", "code": "123456"})
		c.post(inWinter("/records"), map[string]any{"unit": "jixian", "kind": "signed_project", "name": "示例", "fields": map[string]any{"contact": "13900000000"}})
		log := w.log.String()
		secrets := []string{password, "示例错误口令", program.token, c.factor, "13900000000", "示例抬头", w.codes["handler"]}
		for _, cookie := range c.http.Jar.Cookies(mustURL(w.url)) {
			secrets = append(secrets, cookie.Value)
		}
		for _, secret := range secrets {
			if strings.Contains(log, secret) {
				t.Errorf("the log has %q", secret)
			}
		}
	})

	t.Run("16.3.1 every sign-in, good or bad", func(t *testing.T) {
		good, bad := len(w.entries("signed_in")), len(w.entries("sign_in_failed"))
		w.as("youyi-reporter")
		for _, login := range []string{"handler", "nobody", "", "示例"} {
			w.stranger().post("/session", map[string]any{"login": login, "password": "x"}).is(http.StatusUnauthorized)
		}
		if g, b := len(w.entries("signed_in"))-good, len(w.entries("sign_in_failed"))-bad; g != 1 || b != 4 {
			t.Errorf("%d good, %d bad", g, b)
		}
	})

	t.Run("16.3.2 every refusal has one entry", func(t *testing.T) {
		before := len(w.entries("access_denied"))
		c.post(inWinter("/scoring"), map[string]any{}).is(http.StatusForbidden)
		c.get("/audit").is(http.StatusForbidden)
		c.get("/people").is(http.StatusForbidden)
		if n := len(w.entries("access_denied")) - before; n != 3 {
			t.Errorf("%d entries of 3 refusals", n)
		}
	})

	t.Run("16.3.3 tries to get around are seen", func(t *testing.T) {
		for _, one := range []struct {
			a      *answered
			status int
		}{
			{c.post(inWinter("/drafts"), "{"), http.StatusBadRequest},
			{c.post(inWinter("/drafts"), lead("jixian", "示例"), "Origin", "https://example.invalid"), http.StatusForbidden},
			{c.get("/campaigns", "Authorization", "Bearer qm_x"), http.StatusUnprocessableEntity},
			{w.stranger().get("/campaigns", "Authorization", "Bearer qm_x"), http.StatusUnauthorized},
		} {
			one.a.is(one.status)
			seen := false
			for _, l := range w.lines() {
				seen = seen || l.Request == one.a.header.Get("Request-Id") && l.Status == one.status
			}
			if !seen {
				t.Errorf("a %d is not in the log", one.status)
			}
		}
	})

	t.Run("16.4.1 a line is a line", func(t *testing.T) {
		for _, text := range []string{"a\r\n{\"level\":\"ERROR\"}", "\x1b[31mred", `","status":200,"x":"`, "\u2028", "%s%n"} {
			w.stranger().post("/session", map[string]any{"login": text, "password": text})
			c.get(inWinter("/records") + query("unit", text))
			c.get("/campaigns/" + strings.NewReplacer("\r", "%0d", "\n", "%0a", "\x1b", "%1b", "\u2028", "%e2%80%a8", `"`, "%22", "%", "%25").Replace(text) + "/records")
		}
		log := w.log.String()
		w.lines()
		for _, raw := range []string{"\x1b", "\r", "\u2028"} {
			if strings.Contains(log, raw) {
				t.Errorf("the log has %q", raw)
			}
		}
	})

	t.Run("16.4.2 the audit log is for auditors", func(t *testing.T) {
		for _, login := range []string{"system", "security", "handler", "reviewer", "jixian-reporter", "member"} {
			w.as(login).get("/audit").is(http.StatusForbidden)
			for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
				w.as(login).do(method, "/audit", nil).is(http.StatusMethodNotAllowed)
			}
		}
		w.as("auditadmin").get("/audit?limit=5").ok()
	})

	t.Run("16.4.3 another system has every entry, after an outage too", func(t *testing.T) {
		collector := w.tokenIn("", "auditadmin", qiaomen.ActReadAudit)
		got, next := map[int64]bool{}, int64(0)
		collect := func() {
			for {
				var page struct {
					Items []struct{ Position int64 }
					Next  string
				}
				collector.get(fmt.Sprint("/audit?limit=3&cursor=", next)).ok().into(&page)
				for _, e := range page.Items {
					if got[e.Position] || e.Position != next+1 {
						t.Fatalf("entry %d after %d", e.Position, next)
					}
					got[e.Position], next = true, e.Position
				}
				if page.Next == "" {
					return
				}
			}
		}
		collect()
		before := next
		for range 7 { // while nobody collects
			c.get("/audit").is(http.StatusForbidden)
		}
		collect()
		if next-before < 7 {
			t.Errorf("%d entries of 7 refusals", next-before)
		}
	})

	t.Run("16.5.1 16.3.4 16.5.3 what breaks is told by number, and lets nobody through", func(t *testing.T) {
		o := w.options
		o.Address, o.Folder = "sqlite:"+filepath.Join(t.TempDir(), "other.db"), t.TempDir()
		gone, err := store.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		broken := w.open(office.New(office.Options{Store: gone, Files: w.files, Now: w.clock.Now}))
		if err := gone.Close(); err != nil {
			t.Fatal(err)
		}
		c, stranger := *c, w.stranger()
		c.url, stranger.url = broken, broken
		inside := regexp.MustCompile(`(?i)sql|\.go:|goroutine|/tmp|database|panic|store`)
		for _, a := range []*answered{
			c.get("/campaigns"), c.get(inWinter("/records?unit=jixian")), c.post(inWinter("/records"), project("jixian", "示例")), stranger.post("/session", map[string]any{"login": "handler", "password": password}),
			stranger.get(inWinter("/notices")),
		} {
			if a.status < 500 {
				t.Errorf("%d %s", a.status, a.body)
			}
			p := a.problem()
			if inside.MatchString(p.Title+p.Detail) || !strings.Contains(p.Instance, a.header.Get("Request-Id")) {
				t.Errorf("%+v", p)
			}
			seen := false
			for _, l := range w.lines() {
				seen = seen || l.Request == a.header.Get("Request-Id") && (l.Error != "" || l.Status == http.StatusServiceUnavailable)
			}
			if !seen {
				t.Errorf("the log does not have %s", a.header.Get("Request-Id"))
			}
		}
	})
}
