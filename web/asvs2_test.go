package web_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/web"
)

// Rows of V2, validation and business logic. The rest of 2.3.1 is the matrix.
func TestValidationAndLogic(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine, qiaomen.SmallOffice)
		c, handler := w.as("jixian-reporter"), w.as("handler")

		t.Run("2.2.1 2.2.2 every field is checked here, by name", func(t *testing.T) {
			for _, bad := range []struct{ fields, field string }{
				{`{"signed_on":"2024-02-30","amount_yi":"1"}`, "signed_on"},
				{`{"signed_on":"1899-12-31","amount_yi":"1"}`, "signed_on"},
				{`{"signed_on":"2201-01-01","amount_yi":"1"}`, "signed_on"},
				{`{"signed_on":20240105,"amount_yi":"1"}`, "signed_on"},
				{`{"signed_on":null,"amount_yi":"1"}`, "signed_on"},
				{`{"signed_on":["2024-01-05"],"amount_yi":"1"}`, "signed_on"},
				{`{"signed_on":"2024-01-05","amount_yi":"-0.1"}`, "amount_yi"},
				{`{"signed_on":"2024-01-05","amount_yi":{"a":1}}`, "amount_yi"},
				{`{"signed_on":"2024-01-05","amount_yi":"1","agreement_type":"treaty"}`, "agreement_type"},
				{`{"signed_on":"2024-01-05","amount_yi":"1","original_checked":"yes"}`, "original_checked"},
				{`{"signed_on":"2024-01-05","amount_yi":"1","original_checked":true}`, "original_checked"},
				{`{"signed_on":"2024-01-05","amount_yi":"1","statistics_on":"2024-01-06"}`, "statistics_on"},
				{`{"signed_on":"2024-01-05","amount_yi":"1","points":5}`, "points"},
				{`{"signed_on":"2024-01-05","amount_yi":"1","sector":"fourth"}`, "sector"},
				{`{"amount_yi":"1"}`, "signed_on"},
				{`{}`, "amount_yi"},
			} {
				a := c.post(inWinter("/records"), map[string]any{"unit": "jixian", "kind": "signed_project", "name": "示例项目", "fields": jsontext.Value(bad.fields)})
				p := a.is(http.StatusUnprocessableEntity).problem()
				if !slices.ContainsFunc(p.Errors, func(f web.Fault) bool { return f.Field == bad.field && f.Text != "" }) {
					t.Errorf("%s: no fault of %s: %s", bad.fields, bad.field, a.body)
				}
			}
			p := c.post(inWinter("/records"), map[string]any{"unit": "jixian", "kind": "signed_project", "name": "", "fields": jsontext.Value(`{"signed_on":"x","amount_yi":"y","agreement_type":"z"}`)}).is(422).problem()
			if len(p.Errors) < 3 {
				t.Errorf("not every fault is told: %+v", p)
			}
			for _, limit := range []string{"0", "-1", "201", "x", "1.5", "9999999999999999999"} {
				c.get(inWinter("/records?unit=jixian&limit=" + limit)).is(http.StatusUnprocessableEntity)
			}
		})

		t.Run("2.2.3 fields make sense together", func(t *testing.T) {
			a := c.post(inWinter("/records"), map[string]any{
				"unit": "bio-economy", "kind": "signed_project", "name": "示例", "fields": jsontext.Value(`{"signed_on":"2024-01-05","amount_yi":"1"}`),
			})
			if a.status/100 == 2 { // of another unit, and of a kind that a task force does not report
				t.Errorf("%d", a.status)
			}
			d := c.post(inWinter("/drafts"), project("jixian", "示例佐证")).id()
			c.do("PUT", inWinter("/drafts/"+d), map[string]any{"unit": "youyi", "name": "示例佐证", "fields": jsontext.Value(`{"amount_yi":"2"}`)})
			var draft struct{ Unit, Kind string }
			if c.get(inWinter("/drafts/" + d)).ok().into(&draft); draft.Unit != "jixian" || draft.Kind != "signed_project" {
				t.Errorf("a draft became %+v", draft)
			}
		})

		t.Run("2.3.1 steps in their order only", func(t *testing.T) {
			id := c.post(inWinter("/records"), project("jixian", "示例次序")).id()
			step := func(c *client, what string, body any, header ...string) int {
				return c.post(inWinter("/records/"+id+"/"+what), body, header...).status
			}
			early := []struct {
				who  *client
				what string
				body any
			}{
				{w.as("reviewer"), "revocation", map[string]any{"ground": "falsified", "reason": "示例"}},
				{w.as("reviewer"), "hearing", map[string]any{"reason": "示例"}},
				{c, "explanation", map[string]any{"text": "示例"}},
			}
			for _, e := range early {
				if status := step(e.who, e.what, e.body); status/100 == 2 {
					t.Errorf("%s before recognition: %d", e.what, status)
				}
			}
			if status := step(handler, "acceptance", nil, "If-Match", `"v7"`); status != http.StatusPreconditionFailed {
				t.Errorf("a version that is not there: %d", status)
			}
			if status := step(handler, "acceptance", nil, "If-Match", `"v1"`); status != 200 {
				t.Errorf("acceptance: %d", status)
			}
			if status := step(handler, "acceptance", nil, "If-Match", `"v1"`); status != http.StatusConflict {
				t.Errorf("accepted twice: %d", status)
			}
			if status := step(c, "withdrawal", nil); status/100 == 2 {
				t.Errorf("withdrawn after acceptance: %d", status)
			}
		})

		t.Run("2.3.2 limits of business hold", func(t *testing.T) {
			body := project("jixian", "示例首报")
			id := c.post(inWinter("/records"), body).id()
			reviewer := w.as("reviewer")
			handler.post(inWinter("/records/"+id+"/acceptance"), nil, "If-Match", `"v1"`).ok()
			reviewer.post(inWinter("/records/"+id+"/original-check"), nil)
			first := reviewer.post(inWinter("/records/"+id+"/recognition"), map[string]any{}, "If-Match", `"v1"`)
			second := reviewer.post(inWinter("/records/"+id+"/recognition"), map[string]any{}, "If-Match", `"v1"`)
			if first.status/100 != 2 || second.status != http.StatusConflict && second.status != http.StatusUnprocessableEntity {
				t.Errorf("recognised %d, then %d", first.status, second.status)
			}
		})

		t.Run("2.3.3 all or nothing", func(t *testing.T) {
			position, err := w.position()
			if err != nil {
				t.Fatal(err)
			}
			bad := lead("jixian", "示例半件")
			bad["evidence"] = []map[string]any{{"type": "contract", "digest": "0000000000000000000000000000000000000000000000000000000000000000", "name": "x.pdf"}}
			if a := c.post(inWinter("/records"), bad); a.status/100 == 2 {
				t.Errorf("%d", a.status)
			}
			w.raw("POST " + web.Prefix + inWinter("/records") + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 400\r\nConnection: close\r\n\r\n{\"unit\":\"jixian\"")
			if after, _ := w.position(); after != position {
				t.Errorf("something was sealed: %d, then %d", position, after)
			}
		})

		t.Run("2.3.4 15.4.2 the first is one", func(t *testing.T) {
			reporters := []*client{c, w.as("youyi-reporter")}
			reviewer := w.as("reviewer")
			for round := range 5 {
				name := fmt.Sprint("示例抢报", round)
				ids := make([]string, len(reporters))
				for i, r := range reporters {
					body := project([]string{"jixian", "youyi"}[i], name)
					ids[i] = r.post(inWinter("/records"), body).id()
					handler.post(inWinter("/records/"+ids[i]+"/acceptance"), nil, "If-Match", `"v1"`).ok()
				}
				var wait sync.WaitGroup
				status := make([]int, 10)
				for i := range status {
					wait.Go(func() {
						status[i] = reviewer.post(inWinter("/records/"+ids[i%2]+"/recognition"), map[string]any{}, "If-Match", `"v1"`).status
					})
				}
				wait.Wait()
				won := 0
				for _, s := range status {
					if s/100 == 2 {
						won++
					}
				}
				if won != 1 {
					t.Errorf("%s: %v", name, status)
				}
			}
		})

		t.Run("2.3.5 what takes two takes two", func(t *testing.T) {
			security := w.as("security")
			a := security.post("/grants", map[string]any{"person": w.person("handler2"), "role": "system_admin"})
			var r web.Result
			if a.into(&r); a.status/100 == 2 && (a.status != http.StatusAccepted || r.Proposal == "") {
				t.Fatalf("granted alone: %d %s", a.status, a.body)
			}
			if r.Proposal != "" {
				if b := security.post("/proposals/"+r.Proposal+"/approval", nil); b.status != http.StatusForbidden {
					t.Errorf("approved by who proposed: %d", b.status)
				}
			}
		})
	})

	t.Run("2.4.1 no more than one's part", func(t *testing.T) {
		w := newWorld(t, "sqlite", qiaomen.SmallOffice, func(o *web.Options) { o.Rate = 20 })
		c, other := w.as("jixian-reporter"), w.as("youyi-reporter")
		refused := 0
		for range 600 {
			if a := c.get("/campaigns"); a.status == http.StatusTooManyRequests {
				if refused++; a.header.Get("Retry-After") == "" {
					t.Fatal("nobody says when")
				}
				a.problem()
			}
		}
		if refused < 300 {
			t.Errorf("%d of 600 were refused", refused)
		}
		for range 20 {
			before := time.Now()
			if a := other.get("/campaigns"); a.status != http.StatusOK || time.Since(before) > 500*time.Millisecond {
				t.Errorf("another account: %d", a.status)
			}
		}
		tries := 0
		for range 200 {
			if w.stranger().post("/session", map[string]any{"login": "nobody", "password": "x"}).status == http.StatusTooManyRequests {
				tries++
			}
		}
		if tries < 100 {
			t.Errorf("%d of 200 tries to sign in were refused", tries)
		}
	})
}
