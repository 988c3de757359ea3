package web_test

import (
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/web"
)

// crowd is how many come at once.
const crowd = 50

// atOnce has as many ask the same at once, and returns how often each status was
// answered. All of them are ready before one begins.
func atOnce(ask ...func() *answered) map[int]int {
	var wait, ready sync.WaitGroup
	var mu sync.Mutex
	begin := make(chan struct{})
	out := map[int]int{}
	for i := range crowd {
		ready.Add(1)
		wait.Go(func() {
			ready.Done()
			<-begin
			a := ask[i%len(ask)]()
			mu.Lock()
			defer mu.Unlock()
			out[a.status]++
		})
	}
	ready.Wait()
	close(begin)
	wait.Wait()
	return out
}

// One thing is done once, however many do it at once and whatever else they do:
// accept and withdraw, recognise, settle, approve, each of them fifty times
// (15.4.2). What came of it verifies.
func TestFiftyAtOnce(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine, qiaomen.SmallOffice)
		reporter, handler, reviewer, member := w.as("jixian-reporter"), w.as("handler"), w.as("reviewer"), w.as("member")
		once := func(what string, got map[int]int) {
			t.Helper()
			done := 0
			for status, n := range got {
				switch {
				case status/100 == 2:
					done += n
				case status != http.StatusConflict && status != http.StatusUnprocessableEntity && status != http.StatusNotFound && status != http.StatusPreconditionFailed:
					t.Errorf("%s: %d", what, status)
				}
			}
			if done != 1 {
				t.Errorf("%s was done %d times: %v", what, done, got)
			}
		}
		id := reporter.post(inWinter("/records"), project("jixian", "示例受理与撤回")).id()
		once("accept or withdraw", atOnce(
			func() *answered {
				return handler.post(inWinter("/records/"+id+"/acceptance"), nil, "If-Match", `"v1"`)
			},
			func() *answered { return reporter.post(inWinter("/records/"+id+"/withdrawal"), nil) },
		))

		draft := reporter.post(inWinter("/drafts"), project("jixian", "示例签批")).id()
		once("submit or delete", atOnce(
			func() *answered { return reporter.post(inWinter("/drafts/"+draft+"/submission"), nil) },
			func() *answered { return reporter.do(http.MethodDelete, inWinter("/drafts/"+draft), nil) },
		))

		youyi := w.as("youyi-reporter")
		pair := []string{reporter.post(inWinter("/records"), project("jixian", "示例同一项目")).id(), youyi.post(inWinter("/records"), project("youyi", "示例同一项目")).id()}
		proposed := handler.post(inWinter("/settlements"), map[string]any{"records": pair, "same": true, "reason": "示例"}).ok()
		var r web.Result
		if proposed.into(&r); r.Proposal == "" {
			t.Fatalf("no proposal: %s", proposed.body)
		}
		once("approve, decline or take back", atOnce(
			func() *answered { return member.post(inWinter("/proposals/"+r.Proposal+"/approval"), nil) },
			func() *answered {
				return w.as("member").post(inWinter("/proposals/"+r.Proposal+"/refusal"), map[string]any{"reason": "示例"})
			},
			func() *answered { return handler.post(inWinter("/proposals/"+r.Proposal+"/withdrawal"), nil) },
		))

		id = reporter.post(inWinter("/records"), project("jixian", "示例认定与退回")).id()
		handler.post(inWinter("/records/"+id+"/acceptance"), nil, "If-Match", `"v1"`).ok()
		once("recognise or return", atOnce(
			func() *answered {
				return reviewer.post(inWinter("/records/"+id+"/recognition"), map[string]any{}, "If-Match", `"v1"`)
			},
			func() *answered {
				return handler.post(inWinter("/records/"+id+"/return"), map[string]any{"reason": "示例"}, "If-Match", `"v1"`)
			},
		))

		before, err := w.position()
		if err != nil {
			t.Fatal(err)
		}
		got := atOnce(func() *answered {
			return reporter.post(inWinter("/records"), project("jixian", "示例同键"), "Idempotency-Key", "one-key")
		})
		for status := range got {
			if status != http.StatusOK && status != http.StatusConflict { // done, or being done
				t.Errorf("one key: %v", got)
			}
		}
		again := reporter.post(inWinter("/records"), project("jixian", "示例同键"), "Idempotency-Key", "one-key").ok()
		if again.into(&r); !r.Again {
			t.Errorf("one key: %s", again.body)
		}
		var list struct{ Items []jsontext.Value }
		reporter.get(inWinter("/records") + query("unit", "jixian", "kind", "signed_project", "filter", "name=示例同键", "limit", "200")).into(&list)
		if after, _ := w.position(); after == before || strings.Count(fmt.Sprintf("%s", list.Items), "示例同键") > 1 {
			t.Errorf("one key: from %d to %d, %s", before, after, list.Items)
		}

		var f struct{ Problems []any }
		verified := w.as("auditadmin").post("/verification", nil).ok()
		if verified.into(&f); len(f.Problems) > 0 {
			t.Errorf("%s", verified.body)
		}
	})
}

// Ranges of a file are parts of that file, no more bytes than it has are sent,
// and what is made anew each time has none.
func TestRanges(t *testing.T) {
	w := filesWorld(t, "sqlite")
	c := w.as("jixian-reporter")
	data, err := os.ReadFile("../examples/minutes.pdf")
	if err != nil {
		t.Fatal(err)
	}
	e := c.keep("示例.pdf", data).evidence()
	id := c.reportWith("jixian", "示例分段", e)
	at := inWinter("/records/" + id + "/evidence/" + e.Digest)
	if a := c.get(at, "Range", "bytes=1-3").is(http.StatusPartialContent); string(a.body) != string(data[1:4]) {
		t.Errorf("%q", a.body)
	}
	for _, many := range []string{"bytes=" + strings.Repeat("0-,", 200) + "0-", "bytes=0-" + strings.Repeat(",0-0", 1500), "bytes=" + strings.Repeat("-1,", 500) + "-1"} {
		a := c.get(at, "Range", many)
		if a.status/100 == 2 && len(a.body) > len(data)+200*1024 {
			t.Errorf("%.20s: %d, %d bytes of %d", many, a.status, len(a.body), len(data))
		}
	}
	for header, value := range map[string]string{"Range": fmt.Sprintf("bytes=%d-", len(data)+1), "If-Match": `"nothing"`} {
		a := c.get(at, header, value)
		if p := a.problem(); p.Status != a.status || a.status/100 != 4 || a.header.Get("Content-Disposition") != "" || a.header.Get("ETag") != "" {
			t.Errorf("%s: %d %v", header, a.status, a.header)
		}
	}
	list := inWinter("/docket")
	for header, value := range map[string]string{"Range": "bytes=0-9", "If-Match": `"x"`, "If-None-Match": "*"} {
		if a := w.as("handler").get(list, header, value); a.status != http.StatusOK || !strings.HasPrefix(string(a.body), "PK") {
			t.Errorf("%s: %d", header, a.status)
		}
	}
}

// No way to write a path or a method gets anywhere but to the operation that it
// names; nothing leads to another host (3.7.2, 5.3.2, 13.4.4).
func TestOddPaths(t *testing.T) {
	w := newWorld(t, "sqlite", qiaomen.SmallOffice)
	token := w.withToken("handler", qiaomen.ActReadOwn, qiaomen.ActReadOthers).token
	send := func(line string, header ...string) (int, string) {
		return w.raw(line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " + token + "\r\n" + strings.Join(header, "") + "\r\n")
	}
	if status, _ := send("GET " + web.Prefix + "/campaigns"); status != http.StatusOK {
		t.Fatalf("%d", status)
	}
	for _, path := range []string{
		"//evil.invalid/..", "///evil.invalid", "/\\evil.invalid", "/%5cevil.invalid", "//evil.invalid/%2e%2e/", "/api/v1//evil.invalid/..", "/../../../../etc/passwd", "/..;/api/v1/people",
		"/api/v1/campaigns/../people", "/api/v1/./people", "/api/v1//people", "/api/v1/campaigns/%2e%2e/people", "/api/v1/campaigns/..%2fpeople", "/api/v1/campaigns/..%00/people", "/API/V1/people",
		"/api/v1/people/", "/api/v1/people;a=b", "/api/v1/people%20", "/api/v1/people%00", "/api/v1/people.json", "http://evil.invalid/api/v1/people", "/api/v1/campaigns/" + winter + "/records/../../../people",
	} {
		status, rest := send("GET " + path)
		header, _, _ := strings.Cut(rest, "\r\n\r\n")
		if status/100 == 2 || status >= 500 || strings.Contains(strings.ToLower(header), "evil.invalid") && strings.Contains(header, "Location: //") || strings.Contains(header, "Location: http") {
			t.Errorf("%s: %d %.300s", path, status, rest)
		}
	}
	for _, method := range []string{"TRACE", "TRACK", "CONNECT", "PROPFIND", "DEBUG", "get", "PATCH", "FOO"} {
		if status, rest := send(method + " " + web.Prefix + "/campaigns"); status != http.StatusMethodNotAllowed && status != http.StatusNotFound && status != http.StatusBadRequest {
			t.Errorf("%s: %d %.200s", method, status, rest)
		}
	}
	for _, header := range []string{"X-HTTP-Method-Override: DELETE\r\n", "X-HTTP-Method: DELETE\r\n", "X-Original-URL: /api/v1/people\r\n", "X-Rewrite-URL: /api/v1/people\r\n"} {
		if status, rest := send("GET "+web.Prefix+"/campaigns", header); status != http.StatusOK || !strings.Contains(rest, winter) {
			t.Errorf("%s: %d", header, status)
		}
	}
}

// Cookies of one name that somebody else has set beside ours are not taken for a
// session, nor is one that is not ours kept at signing in.
func TestCookieTossing(t *testing.T) {
	w := newWorld(t, "sqlite", qiaomen.SmallOffice)
	victim := w.as("jixian-reporter")
	own := ""
	for _, c := range victim.http.Jar.Cookies(mustURL(w.url + web.Prefix + "/session")) {
		if c.Name == "qiaomen" {
			own = c.Value
		}
	}
	if own == "" {
		t.Fatal("no cookie")
	}
	other := w.stranger()
	for _, cookies := range []string{"qiaomen=x; qiaomen=" + own, "qiaomen=" + own + "; qiaomen=x", "qiaomen=; qiaomen=" + own, "__Host-qiaomen=x; qiaomen=x"} {
		if a := other.get("/session", "Cookie", cookies); a.status/100 == 2 {
			t.Errorf("%.30s: %d", cookies, a.status)
		}
	}
	for _, forged := range []string{own[:len(own)-1], own + "a", strings.ToUpper(own), strings.ToLower(own), "%" + own, own + "%00", strings.Repeat("a", 8000)} {
		if forged == own {
			continue
		}
		if a := other.get("/session", "Cookie", "qiaomen="+forged); a.status/100 == 2 || a.status >= 500 {
			t.Errorf("%.30s: %d", forged, a.status)
		}
		if a := other.get("/campaigns", "Authorization", "Bearer "+forged); a.status/100 == 2 || a.status >= 500 {
			t.Errorf("as a token, %.30s: %d", forged, a.status)
		}
	}
	other.get("/session", "Cookie", "qiaomen="+own).ok()
}

// Every refusal to sign in is one and the same, whatever was wrong: nobody learns
// whose logins there are.
func TestSignInTellsNothing(t *testing.T) {
	w := newWorld(t, "sqlite", qiaomen.SmallOffice)
	w.as("jixian-reporter") // taken up, as handler is not
	seen := map[string]string{}
	for name, one := range map[string][2]any{
		"nobody":                {"/session", map[string]any{"login": "nobody", "password": "x"}},
		"a wrong password":      {"/session", map[string]any{"login": "jixian-reporter", "password": "x"}},
		"no code":               {"/session", map[string]any{"login": "jixian-reporter", "password": password}},
		"a wrong code":          {"/session", map[string]any{"login": "jixian-reporter", "password": password, "code": "000000"}},
		"not taken up":          {"/session", map[string]any{"login": "handler", "password": "x"}},
		"a login of odd form":   {"/session", map[string]any{"login": "' OR 1=1 --", "password": "x"}},
		"nobody's first":        {"/first-sign-in", map[string]any{"login": "nobody", "first_code": "aaaaaaaaaaaaaaaa", "password": password}},
		"a wrong first code":    {"/first-sign-in", map[string]any{"login": "handler", "first_code": "aaaaaaaaaaaaaaaa", "password": password}},
		"a used first code":     {"/first-sign-in", map[string]any{"login": "jixian-reporter", "first_code": w.codes["jixian-reporter"], "password": password}},
		"nobody's bad password": {"/first-sign-in", map[string]any{"login": "nobody", "first_code": "aaaaaaaaaaaaaaaa", "password": "1"}},
	} {
		a := w.stranger().post(one[0].(string), one[1]).is(http.StatusUnauthorized)
		p := a.problem()
		p.Instance = ""
		a.header.Del("Request-Id")
		a.header.Del("Date")
		seen[fmt.Sprint(*p, a.header)] = name
	}
	if len(seen) != 1 {
		t.Errorf("%d answers: %v", len(seen), seen)
	}
}

// A page of another origin cannot have anything exported in its reader's name: an
// export is sealed, and may be proposed, though it is asked for by GET (3.5.3).
func TestForeignExports(t *testing.T) {
	w := newWorld(t, "sqlite", qiaomen.SmallOffice)
	for path, login := range map[string]string{
		inWinter("/export?format=records&unit=jixian"): "handler", inWinter("/export?format=records&reason=x"): "handler", inWinter("/records/export?format=csv&unit=jixian"): "handler",
		inWinter("/exports/p-aaaaaaaaaaaaaaaa"): "reviewer", inWinter("/journal?reason=x"): "evaluator", "/audit/export": "auditadmin",
	} {
		c := w.as(login)
		before := w.state()
		a := c.get(path, "Sec-Fetch-Site", "cross-site").is(http.StatusForbidden)
		if p := a.problem(); !strings.Contains(p.Title, "别的网站") {
			t.Errorf("%s: %s", path, a.body)
		}
		if after := w.state(); after != before {
			t.Errorf("%s was done: %s, then %s", path, before, after)
		}
		if a := c.get(path, "Sec-Fetch-Site", "same-origin"); strings.Contains(string(a.body), "别的网站") {
			t.Errorf("%s of our own page: %d %s", path, a.status, a.body)
		}
	}
}

// A subscriber's network of IPv6 is one address: who tries from another one of its
// addresses each time is slowed all the same.
func TestManyAddresses(t *testing.T) {
	w := newWorld(t, "sqlite", qiaomen.SmallOffice, func(o *web.Options) { o.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")} })
	refused := 0
	for i := range 200 {
		from := fmt.Sprintf("2001:db8:0:1::%x", i+1)
		a := w.stranger().post("/session", map[string]any{"login": "nobody", "password": "x"}, "X-Forwarded-For", from, "X-Forwarded-Proto", "https")
		if a.status == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused < 100 {
		t.Errorf("%d of 200 tries were refused", refused)
	}
}

// A body that is deep, wide or long in one place is refused before it costs
// anything.
func TestHugeJSON(t *testing.T) {
	w := newWorld(t, "sqlite", qiaomen.SmallOffice)
	c := w.as("jixian-reporter")
	record := func(fields string) io.Reader {
		return strings.NewReader(`{"unit":"jixian","kind":"domestic_lead","name":"示例","fields":` + fields + `}`)
	}
	wide := strings.Builder{}
	for i := range 60_000 {
		fmt.Fprintf(&wide, `"f%d":1,`, i)
	}
	for name, fields := range map[string]string{
		"deep":   strings.Repeat(`{"a":`, 9_000) + "1" + strings.Repeat("}", 9_000),
		"deeper": strings.Repeat(`[`, 400_000) + strings.Repeat("]", 400_000),
		"wide":   "{" + wide.String() + `"content":"示例"}`,
		"digits": `{"amount_yi":` + strings.Repeat("9", 900_000) + "}",
		"power":  `{"amount_yi":1e999999999}`,
		"little": `{"amount_yi":1e-999999999}`,
		"key":    `{"` + strings.Repeat("k", 900_000) + `":1}`,
		"list":   `{"content":[` + strings.Repeat("1,", 400_000) + "1]}",
	} {
		a := c.do(http.MethodPost, inWinter("/records"), record(fields), "Content-Type", "application/json")
		if a.status != http.StatusBadRequest && a.status != http.StatusUnprocessableEntity && a.status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %d %.300s", name, a.status, a.body)
		}
		if a.problem(); len(a.body) > 64<<10 {
			t.Errorf("%s: an answer of %d bytes", name, len(a.body))
		}
	}
}
