package web_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/web"
)

// Rows of V15, code and architecture, that can be seen at the doors. 15.3.2
// stands with webhooks, 15.3.3 with the matrix, 15.3.4 with 4.1.3, 15.3.6 with
// pages; 15.4.2 with 2.3.4.
func TestArchitecture(t *testing.T) {
	w := newWorld(t, "sqlite", qiaomen.SmallOffice, func(o *web.Options) { o.Costly = 1 })
	c, handler := w.as("jixian-reporter"), w.as("handler")

	t.Run("15.2.2 who asks for much waits, not the others", func(t *testing.T) {
		for i := range 50 {
			c.post(inWinter("/records"), project("jixian", fmt.Sprint("示例项目", i))).ok()
		}
		var wait sync.WaitGroup
		var mu sync.Mutex
		served, told := 0, 0
		for range 16 {
			wait.Go(func() {
				for range 5 {
					a := handler.post(inWinter("/scoring"), map[string]any{})
					mu.Lock()
					switch {
					case a.status == http.StatusOK:
						served++
					case a.status == http.StatusTooManyRequests && a.header.Get("Retry-After") != "":
						told++
					default:
						t.Errorf("%d %s", a.status, a.body)
					}
					mu.Unlock()
				}
			})
		}
		for range 50 {
			c.get("/campaigns").is(http.StatusOK)
		}
		wait.Wait()
		if served == 0 {
			t.Errorf("%d served, %d told to come again", served, told)
		}
	})

	t.Run("15.2.3 nothing of tests or debugging", func(t *testing.T) {
		for _, path := range []string{"/debug/pprof/", "/debug/vars", "/metrics", "/test", "/admin", "/.env", "/.git/config", "/docs", "/api/v1/docs", "/api/v1/schemas/Result.json", "/api/v1/clock", "/server-status"} {
			if a := handler.get(w.url + path); a.status != http.StatusNotFound {
				t.Errorf("%s: %d", path, a.status)
			}
		}
	})

	t.Run("15.3.1 no more than is needed", func(t *testing.T) {
		fields := jsontext.Value(`{"signed_on":"2024-01-05","amount_yi":"1.5","party_b":"示例公司","contact":"示例联系人 13900000000"}`)
		id := c.post(inWinter("/records"), map[string]any{"unit": "jixian", "kind": "signed_project", "name": "示例联系人项目", "fields": fields}).id()
		for who, member := range map[*client][]string{c: {"record", "kind_name", "unit_name", "state", "personal", "lacks", "history"}, handler: {"record", "kind_name", "unit_name", "state", "personal", "lacks", "history", "rivals"}} {
			a := who.get(inWinter("/records/" + id)).ok()
			var view map[string]jsontext.Value
			a.into(&view)
			for name := range view {
				if !slices.Contains(member, name) {
					t.Errorf("a member %q", name)
				}
			}
			if strings.Contains(string(a.body), "00000000") {
				t.Errorf("a telephone: %s", a.body)
			}
		}
		list := handler.get(inWinter("/records?limit=200")).ok()
		for _, secret := range []string{"00000000", "salt", "hash", "password", "secret"} {
			if strings.Contains(string(list.body), secret) {
				t.Errorf("a list has %q", secret)
			}
		}
		people := w.as("system").get("/people").ok()
		for _, secret := range []string{"argon2", "password", "secret\"", "first_code"} {
			if strings.Contains(string(people.body), secret) {
				t.Errorf("people have %q", secret)
			}
		}
	})

	t.Run("15.3.5 an id is a text", func(t *testing.T) {
		good := map[string]any{"records": []string{"r-aaaaaaaaaaaaaaaa", "r-bbbbbbbbbbbbbbbb"}, "same": true, "reason": "示例"}
		for _, id := range []any{1, true, []int{1}, map[string]any{}, nil, 1.5} {
			for _, one := range []struct {
				path string
				body map[string]any
			}{
				{"/settlements", map[string]any{"records": []any{id, id}, "same": true, "reason": "示例"}},
				{"/settlements", map[string]any{"records": id, "same": true, "reason": "示例"}},
				{"/records/r-aaaaaaaaaaaaaaaa/transfer", map[string]any{"to": id, "reason": "示例"}},
				{"/opinions", map[string]any{"unit": id, "text": "示例"}},
			} {
				if a := handler.post(inWinter(one.path), one.body); a.status != http.StatusUnprocessableEntity && a.status != http.StatusBadRequest {
					body, _ := json.Marshal(one.body)
					t.Errorf("%s %s: %d %s", one.path, body, a.status, a.body)
				}
			}
		}
		if a := handler.post(inWinter("/settlements"), good); a.status == http.StatusBadRequest {
			t.Errorf("a good one: %d %s", a.status, a.body)
		}
	})

	t.Run("15.3.7 a parameter is written once", func(t *testing.T) {
		for _, q := range []string{"unit=jixian&unit=youyi", "unit=jixian&limit=1&limit=2", "unit=jixian&cursor=a&cursor=b"} {
			p := c.get(inWinter("/records?" + q)).is(http.StatusUnprocessableEntity).problem()
			if len(p.Errors) == 0 || !strings.HasPrefix(p.Errors[0].Field, "query.") {
				t.Errorf("%s: %+v", q, p)
			}
		}
		c.get(inWinter("/records?unit=jixian&Unit=youyi")).is(http.StatusUnprocessableEntity)
		c.get(inWinter("/records?unit=jixian&state=submitted&state=accepted")).is(http.StatusOK)
		id := c.post(inWinter("/records"), project("jixian", "示例重复参数")).id()
		if a := handler.post(inWinter("/records/"+id+"/recognition"), map[string]any{"record": "r-aaaaaaaaaaaaaaaa", "version": 1}, "If-Match", `"v1"`); a.status != http.StatusUnprocessableEntity {
			t.Errorf("another id in the body: %d", a.status)
		}
		if a := handler.post(inWinter("/records/"+id+"/recognition"), map[string]any{"version": 2}, "If-Match", `"v1"`); a.status != http.StatusUnprocessableEntity {
			t.Errorf("another version in the body: %d", a.status)
		}
	})
}
