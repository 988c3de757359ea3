package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
)

// The probes that a text may be: markup, scripts, templates, shells, formats,
// queries. Each is a text and nothing else.
var probes = func() (out []string) {
	for _, form := range []string{
		`<script>alert(%d)</script>`, `"><img src=x onerror=alert(%d)>`, `<svg/onload=alert(%d)>`, `javascript:alert(%d)`, `'-alert(%d)-'`,
		`</script><script>alert(%d)//`, "\u2028alert(%d)\u2029", `<iframe srcdoc="<script>alert(%d)</script>">`, `<math><mtext></form><form><mglyph><style></math><img src onerror=alert(%d)>`,
		`&lt;script&gt;alert(%d)&lt;/script&gt;`, `{{.}}{{%d}}`, `${7*%d}`, `<%%= %d*7 %%>`, `#{7*%d}`, `{{constructor.constructor('alert(%d)')()}}`,
		`;id;%d`, `$(sleep %d)`, "`sleep %d`", `| sleep %d`, `&& sleep %d`,
		`%%s%%n%%v%%!d %d`, `' OR '%d'='%[1]d`, `'; DROP TABLE record; --%d`, `") OR 1=%d --`, `\' UNION SELECT %d--`,
		`[click](javascript:alert(%d))`, `![x](data:text/html,%d)`, `url(javascript:%d)`, `=cmd|' /C calc'!A%d`, `@SUM(1+%d)`,
	} {
		out = append(out, fmt.Sprintf(form, len(out)+1))
	}
	return out
}()

// lead is a domestic lead whose texts are all the same.
func lead(unit, text string) map[string]any {
	fields, err := json.Marshal(map[string]any{"target_company": text, "content": text, "amount_yi": "1.5", "remarks": text})
	if err != nil {
		panic(err)
	}
	return map[string]any{"unit": unit, "kind": "domestic_lead", "name": text, "fields": jsontext.Value(fields)}
}

// Rows of V1, encoding and injection, that an API answers for. 1.2.10, 1.3.4
// and 1.5.1 stand with files, 1.3.6 with webhooks; there is no mail yet (1.3.11).
func TestEncodingAndInjection(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine, qiaomen.SmallOffice)
		c, office := w.as("jixian-reporter"), w.as("handler")

		t.Run("1.1.1 decoded once", func(t *testing.T) {
			for _, path := range []string{"/records/%252e%252e%252f", "/records/..%2f..%2fsession", "/records/%c0%ae%c0%ae", "/records/%2527%20or%201"} {
				if a := c.get(inWinter(path)); a.status != http.StatusNotFound {
					t.Errorf("%s: %d %s", path, a.status, a.body)
				}
			}
			for _, value := range []string{"%252e%252e", "%25%32%37", "%C0%AE"} {
				a := c.get(inWinter("/records?unit=jixian&kind=domestic_lead&filter=name%5E%3D" + value))
				if a.status != http.StatusOK && a.status != http.StatusUnprocessableEntity {
					t.Errorf("%s: %d %s", value, a.status, a.body)
				}
				if strings.Contains(string(a.body), `"id":"r-`) {
					t.Errorf("%s found something", value)
				}
			}
		})

		t.Run("1.2.1 1.2.3 1.2.5 1.3.1 1.3.5 1.3.7 1.3.10 texts stay texts", func(t *testing.T) {
			before := time.Now()
			for i, probe := range probes {
				a := c.post(inWinter("/records"), lead("jixian", fmt.Sprint(probe, " 示例", i)))
				if a.status == http.StatusUnprocessableEntity { // refused with a reason, not mended
					a.problem()
					continue
				}
				var view struct{ Record qiaomen.LedgerRecord }
				got := c.get(inWinter("/records/" + a.id())).ok()
				got.into(&view)
				if want := strings.TrimSpace(fmt.Sprint(probe, " 示例", i)); view.Record.Content.Name != want {
					t.Errorf("%q came back as %q", want, view.Record.Content.Name)
				}
				for _, raw := range []string{"<", ">", "\u2028", "\u2029"} {
					if strings.Contains(string(got.body), raw) {
						t.Errorf("%q is in an answer unescaped: %q", raw, probe)
					}
				}
				if kind := got.header.Get("Content-Type"); kind != "application/json; charset=utf-8" || got.header.Get("X-Content-Type-Options") != "nosniff" {
					t.Errorf("an answer that could be read as %q", kind)
				}
			}
			if took := time.Since(before); took > 20*time.Second {
				t.Errorf("%s: something slept", took)
			}
			list := office.get(inWinter("/records?limit=200")).ok()
			if strings.ContainsAny(string(list.body), "<>") {
				t.Error("a list has markup")
			}
		})

		t.Run("1.2.2 no link is followed or made", func(t *testing.T) {
			for _, link := range []string{"javascript:alert(1)", "data:text/html,x", "//example.invalid", "vbscript:x"} {
				a := office.post(inWinter("/announcements"), map[string]any{"title": link, "text": link})
				if a.status/100 == 2 {
					for _, name := range []string{"Location", "Link", "Refresh"} {
						if a.header.Get(name) != "" {
							t.Errorf("%s: a header %s", link, name)
						}
					}
				}
			}
		})

		t.Run("1.2.4 queries are parameters", func(t *testing.T) {
			count := func(path string) int {
				var list struct{ Items []jsontext.Value }
				a := c.get(path)
				if a.status == http.StatusUnprocessableEntity {
					return -1
				}
				a.ok().into(&list)
				return len(list.Items)
			}
			at := func(pairs ...string) string {
				return inWinter("/records") + query(append([]string{"unit", "jixian"}, pairs...)...)
			}
			for _, p := range [][2]string{
				{"' OR '1'='1", "' OR '1'='2"}, {"x' OR 1=1 --", "x' OR 1=2 --"}, {`") OR ("a"="a`, `") OR ("a"="b`}, {"1) OR 1=1", "1) OR 1=2"},
			} {
				for _, where := range []string{"kind", "state", "sort", "cursor"} {
					if yes, no := count(at(where, p[0])), count(at(where, p[1])); yes != no || yes > 0 {
						t.Errorf("%s=%s: %d and %d", where, p[0], yes, no)
					}
				}
				for _, sign := range []string{"=", "^=", ">=", "<="} {
					if yes, no := count(at("kind", "domestic_lead", "filter", "target_company"+sign+p[0])), count(at("kind", "domestic_lead", "filter", "target_company"+sign+p[1])); yes != no {
						t.Errorf("%s%s: %d and %d", sign, p[0], yes, no)
					}
				}
			}
			for _, slow := range []string{"'||pg_sleep(5)--", "1;SELECT pg_sleep(5)", "randomblob(1000000000)", "'; SELECT pg_sleep(5)--"} {
				for _, where := range []string{"kind", "state", "sort", "cursor", "unit"} {
					before := time.Now()
					c.get(inWinter("/records") + query(where, slow))
					if took := time.Since(before); took > 2*time.Second {
						t.Errorf("%s=%s took %s", where, slow, took)
					}
				}
			}
		})

		t.Run("1.2.9 a search is literal", func(t *testing.T) {
			for _, text := range []string{".*", "(a+)+$" + strings.Repeat("a", 2000), "%", "_", "[", "\\"} {
				before := time.Now()
				a := c.get(inWinter("/companies") + query("unit", "jixian", "name", text))
				if a.status != http.StatusOK && a.status != http.StatusUnprocessableEntity {
					t.Errorf("%q: %d", text, a.status)
				}
				var list struct{ Items []jsontext.Value }
				if a.status == http.StatusOK {
					if a.into(&list); len(list.Items) > 0 {
						t.Errorf("%q matches", text)
					}
				}
				if took := time.Since(before); took > time.Second {
					t.Errorf("%q took %s", text[:2], took)
				}
			}
			if a := c.get(inWinter("/companies?name=" + strings.Repeat("a", 50_000))); a.status != http.StatusRequestURITooLong {
				t.Errorf("50 kB of query: %d", a.status)
			}
		})

		t.Run("1.3.3 no field takes ten megabytes", func(t *testing.T) {
			huge := strings.Repeat("长", 3_500_000)
			for path, body := range map[string]any{
				"/records": lead("jixian", huge), "/drafts": lead("jixian", huge), "/objections": map[string]any{"text": huge},
			} {
				if a := c.post(inWinter(path), body); a.status != http.StatusRequestEntityTooLarge && a.status != http.StatusBadRequest {
					t.Errorf("%s: %d", path, a.status)
				}
			}
			long := strings.Repeat("长", 50_000) // within the body's bound
			for path, body := range map[string]any{"/records": lead("jixian", long), "/drafts": lead("jixian", long)} {
				if a := c.post(inWinter(path), body); a.status != http.StatusUnprocessableEntity {
					t.Errorf("%s: %d", path, a.status)
				}
			}
		})

		t.Run("1.4.2 amounts are exact or refused", func(t *testing.T) {
			for text, want := range map[string]string{
				`"9e18"`: "9000000000000000000", `"0.1"`: "0.1", `0.30000000000000000000000001`: "0.30000000000000000000000001", `"1e2"`: "100",
				`-1`: "", `"1e309"`: "", `"１００"`: "", `"1,000"`: "", `"0x10"`: "", `"NaN"`: "", `null`: "", `true`: "", `[1]`: "", `{}`: "", `" 1"`: "",
			} {
				body := fmt.Sprintf(`{"unit":"jixian","kind":"domestic_lead","name":"示例数额 %s","fields":{"target_company":"示例公司","content":"示例 %s","amount_yi":%s}}`, url.PathEscape(text), url.PathEscape(text), text)
				a := c.post(inWinter("/records"), body)
				if want == "" {
					if a.status != http.StatusUnprocessableEntity || len(a.problem().Errors) == 0 {
						t.Errorf("%s: %d %s", text, a.status, a.body)
					}
					continue
				}
				var view struct {
					Record struct {
						Content struct {
							Fields map[string]jsontext.Value
						}
					}
				}
				c.get(inWinter("/records/" + a.id())).ok().into(&view)
				got, err := qiaomen.ParseDecimal(strings.Trim(string(view.Record.Content.Fields["amount_yi"]), `"`))
				if exact, _ := qiaomen.ParseDecimal(want); err != nil || got.Cmp(exact) != 0 {
					t.Errorf("%s became %s", text, view.Record.Content.Fields["amount_yi"])
				}
			}
		})

		t.Run("1.5.2 1.5.3 one reading of a body", func(t *testing.T) {
			for _, body := range []string{
				`{"unit":"jixian","unit":"youyi","kind":"domestic_lead","name":"x"}`,
				`{"unit":"jixian","Unit":"youyi","kind":"domestic_lead","name":"x"}`,
				"\ufeff" + `{"unit":"jixian","kind":"domestic_lead","name":"x"}`,
				`{"unit":"jixian","kind":"domestic_lead","name":"x","fields":{"content":"a","content":"b"}}`,
				`{"unit":"jixian","kind":"domestic_lead","name":"\ud800"}`,
				`{"unit":"jixian","kind":"domestic_lead","name":"x"} {"unit":"youyi"}`,
				`{"unit":"jixian","kind":"domestic_lead","name":"x",}`, `{'unit':'jixian'}`, `[{"unit":"jixian"}]`, `"jixian"`, `null`, `{"unit":"jixian"`,
				`!!python/object:os.system ["id"]`, "unit: jixian", strings.Repeat("[", 100_000), strings.Repeat(`{"a":`, 100_000),
				`{"unit":"jixian","kind":"domestic_lead","name":"x","__proto__":{"a":1}}`, `{"unit":"jixian","kind":"domestic_lead","name":"x","$type":"System.IO"}`,
			} {
				a := c.post(inWinter("/records"), body)
				if a.status != http.StatusBadRequest && a.status != http.StatusUnprocessableEntity {
					t.Errorf("%.60s: %d %s", body, a.status, a.body)
				}
				a.problem()
			}
			for _, kind := range []string{"text/yaml", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"} {
				if a := c.post(inWinter("/records"), `{"unit":"jixian"}`, "Content-Type", kind); a.status != http.StatusUnsupportedMediaType {
					t.Errorf("%s: %d", kind, a.status)
				}
			}
		})
	})
}
