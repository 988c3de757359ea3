package web_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store/storetest"
	"qiaomen/web"
)

// nonsense is what stands where a value of a body should: each sort of JSON, the
// ends of numbers and texts, names of other places.
var nonsense = func() (out []jsontext.Value) {
	for _, text := range []string{
		`null`, `true`, `0`, `-1`, `1.5`, `9223372036854775807`, `-9223372036854775808`, `18446744073709551616`, `1e400`, `-0`,
		`""`, `" "`, `"\u0000"`, `"示例\u0000"`, `"2024-02-30"`, `"9999-99"`, `"../../seed"`, `"' OR 1=1 --"`, `"%s%n{{.}}"`, `"\u202e示例"`, `"r-aaaaaaaaaaaaaaaa"`,
		`[]`, `[null]`, `[[[]]]`, `[1,"",{}]`, `{}`, `{"a":null}`, `{"":{"":[]}}`,
		`"` + strings.Repeat("长", 5000) + `"`, strings.Repeat("[", 500) + strings.Repeat("]", 500), "[" + strings.Repeat(`"",`, 2000) + `""]`,
	} {
		out = append(out, jsontext.Value(text))
	}
	return out
}()

// oddTexts are what stands in queries and paths, encoded as it would be sent.
var oddTexts = []string{
	"", "%20", "%00", "a%00b", "%ff%fe", "%c0%ae", "..%2f..%2fseed", "%2e%2e", "..%5c..%5cseed", "a%0d%0aX-A:1", "%E2%80%AE", "-1", "1e9", "9223372036854775807",
	"9223372036854775808", "-9223372036854775809", "%27%20OR%201%3D1%20--", "%25s", "*", strings.Repeat("a", 3000), "%F0%9F%92%A9", "r-aaaaaaaaaaaaaaaa", "AAAA", "true,false", "2024-02-30",
}

var oddHeaders = map[string][]string{
	"If-Match":        {"*", `""`, `"v0"`, `"v-1"`, `"v9223372036854775808"`, `W/"v1"`, `"v1", "v2"`, `"d"`, `"d!!"`, "\xff", `"dAAAA"`},
	"Idempotency-Key": {"\xff\xfe", "\t", strings.Repeat("k", 201), "' OR 1=1 --", "键", "a,b", "../../seed"},
	"Last-Event-ID":   {"-1", "9223372036854775807", "9223372036854775808", "x", "\xff", "1e3", "+1", "01"},
	"Range":           {"bytes=0-", "bytes=-1", "bytes=9-1", "bytes=0-0,0-0,0-0,0-0", "bytes=9223372036854775808-", "lines=1-2", "\xff"},
	"Qiaomen-Role":    {"\xff", "nobody", "system_admin", "", "reporter,handler", "' OR 1=1 --", strings.Repeat("r", 5000)},
	"Accept":          {"*/*;q=x", "\xff", "application/xml", strings.Repeat("a/b,", 1000)},
	"Content-Type":    {"application/json; charset=utf-16", "application/json; a=\"", "\xff", "application/problem+json", "multipart/form-data"},
	"Authorization":   {"Bearer", "Bearer ", "Bearer \xff", "Basic YTpi", "bearer qm_" + strings.Repeat("a", 5000), "\xff"},
}

// A fool sends nonsense to an operation, and looks at what comes back.
type fool struct {
	*world
	who     *client
	op      described
	schemas map[string]*schema
	path    string
	asked   int
	turn    int
}

// TestEveryOperationRefusesNonsense sends to every operation of the description,
// by somebody who may have it done, every sort of value in place of every member
// of its body, parameter of its query, id of its path and header that it reads,
// and members that no body has. Nothing of that is an error of ours, what cannot
// be read is refused, and all of it is told as a problem.
func TestEveryOperationRefusesNonsense(t *testing.T) {
	for _, engine := range nonsenseEngines() {
		t.Run(engine, func(t *testing.T) {
			w := newWorld(t, engine, qiaomen.SmallOffice, func(o *web.Options) {
				o.Spool, o.Hooks = t.TempDir(), func(context.Context, *office.Message) error { return nil }
			})
			f := &fool{world: w}
			var all []described
			all, f.schemas = w.description()
			ids := f.things()
			people := map[qiaomen.Role]string{
				qiaomen.Reporter: "jixian-reporter", qiaomen.Head: "jixian-head", qiaomen.Handler: "handler", qiaomen.Reviewer: "reviewer", qiaomen.GroupMember: "member", qiaomen.Evaluator: "evaluator",
				qiaomen.CityLeader: "leader", qiaomen.Statistician: "statistician", qiaomen.Auditor: "auditor", qiaomen.SystemAdmin: "system", qiaomen.SecurityAdmin: "security", qiaomen.AuditAdmin: "auditadmin",
			}
			for _, login := range people {
				w.as(login).http.Timeout = 30 * time.Second
			}
			slices.SortStableFunc(all, func(a, b described) int { return late(a) - late(b) })
			there := func() {
				for _, login := range people {
					w.as(login).get("/session").is(http.StatusOK)
				}
			}
			for i, op := range all {
				if f.op = op; late(op) == 2 && late(all[i-1]) < 2 {
					there() // they were there all the time
				}
				asks := 0
				for _, role := range qiaomen.Roles {
					login, there := people[role]
					if !there || f.op.action != 0 && !qiaomen.SmallOffice.May(role, f.op.action).May {
						continue
					}
					f.who, f.path = w.as(login), op.at(ids[op.segment()])
					if late(op) == 1 && strings.Contains(string(f.who.do(op.method, f.path, op.content(f.schemas)).body), string(qiaomen.Unproven)) {
						f.who.prove()
					}
					f.bodies()
					f.queries()
					f.paths()
					f.headers()
					if asks++; asks == 1 && f.op.action != 0 || asks == 2 { // one who may, or two where it depends
						break
					}
				}
				if asks == 0 {
					t.Errorf("nobody may %s", f.op.name)
				}
			}
			for _, l := range w.lines() {
				if l.Error != "" || l.Status >= 500 {
					t.Errorf("%s: %d %.2000s", l.Operation, l.Status, l.Error)
				}
			}
			t.Logf("%d requests", f.asked)
		})
	}
}

// nonsenseEngines is SQLite, and every engine where NONSENSE=all: what a database
// makes of odd texts differs.
func nonsenseEngines() []string {
	if os.Getenv("NONSENSE") == "all" {
		return storetest.Engines
	}
	return storetest.Engines[:1]
}

// late tells which operations come last: those that ask for the password again,
// and after them those that end what others need.
func late(op described) int {
	switch {
	case strings.HasPrefix(op.path, "/session"), op.name == "set_policy", op.name == "sign_out":
		return 2
	case op.action == qiaomen.ActIssueToken, op.action == qiaomen.ActUnmask, op.action.OfInstallation():
		return 1
	}
	return 0
}

// segment is of what the operation's id is one, as its path says: records, drafts.
func (op *described) segment() string {
	parts := strings.Split(op.path, "/")
	if i := slices.Index(parts, "{id}"); i > 0 {
		return parts[i-1]
	}
	return ""
}

// things makes one thing of each of a few sorts, by the segment of their paths.
func (f *fool) things() map[string]map[string]string {
	f.t.Helper()
	reporter, handler := f.as("jixian-reporter"), f.as("handler")
	ids := map[string]map[string]string{"": {"unit": "jixian"}}
	of := func(segment, id string) { ids[segment] = map[string]string{"unit": "jixian", "id": id} }
	of("records", reporter.post(inWinter("/records"), lead("jixian", "示例线索")).id())
	of("drafts", reporter.post(inWinter("/drafts"), project("jixian", "示例草稿")).id())
	of("companies", handler.post(inWinter("/companies"), map[string]any{"name": "示例企业"}).id())
	proposed := handler.post(inWinter("/announcements"), map[string]any{"title": "示例", "text": "示例"})
	var r web.Result
	proposed.ok().into(&r)
	of("proposals", r.Proposal)
	of("units", "jixian")
	of("scores", "jixian")
	of("months", "2023-12")
	return ids
}

// ask sends a request. bad tells that it must be refused.
func (f *fool) ask(bad bool, path string, body any, header ...string) {
	f.t.Helper()
	f.asked++
	a := f.who.do(f.op.method, path, body, header...)
	switch {
	case a.status >= 500, bad && a.status < 400 && !strings.Contains(string(a.body), `{"items":[]}`):
		f.t.Errorf("%s %.300s %.300s %.100q: %d %.300s", f.op.method, path, fmt.Sprint(body), header, a.status, a.body)
	case a.status >= 400 && f.op.method != http.MethodHead && !strings.HasPrefix(a.header.Get("Content-Type"), "application/problem+json"):
		f.t.Errorf("%s %.300s: %d is no problem: %.200s", f.op.method, path, a.status, a.body)
	}
}

// bodies puts nonsense in place of each member, members of members too, and adds
// twenty that nobody knows.
func (f *fool) bodies() {
	f.t.Helper()
	if f.op.body == nil {
		return
	}
	whole, _ := f.full(f.op.body, 0).(map[string]any)
	for _, v := range nonsense {
		f.ask(v.Kind() != '{', f.path, string(v))
	}
	extra := maps.Clone(whole)
	for _, name := range strings.Fields("role status state score points account person by at unit_id confirmed_at recognised position id_ __proto__ constructor $type seal grant approved proven admin") {
		extra[name] = "system_admin"
	}
	f.ask(true, f.path, extra)
	f.members(whole, f.op.body, func(body any) any { return body }, 0)
}

// full is a body with all its members.
func (f *fool) full(s *schema, depth int) any {
	r := resolved(s, f.schemas)
	switch kind := string(r.Type); {
	case len(r.Properties) > 0 && depth < 4:
		out := map[string]any{}
		for name, m := range r.Properties {
			if out[name] = f.full(m, depth+1); likely[name] != nil && strings.Contains(string(resolved(m, f.schemas).Type), "string") {
				out[name] = likely[name]
			}
		}
		return out
	case strings.Contains(kind, "array") && depth < 4:
		return []any{f.full(r.Items, depth+1)}
	}
	return sample(s, f.schemas)
}

// likely are texts that get further than 示例 does.
var likely = map[string]any{
	"unit": "jixian", "kind": "domestic_lead", "until": "2024-01-05", "due": "2024-01-25", "cutoff": "2024-01-25", "decided_on": "2023-12-12", "role": "reviewer", "from": "2023-12-12", "to": "2024-01-26", "month": "2023-12",
}

func (f *fool) members(object map[string]any, s *schema, put func(any) any, depth int) {
	f.t.Helper()
	r := resolved(s, f.schemas)
	for name, m := range r.Properties {
		of := resolved(m, f.schemas)
		with := func(v any) any {
			changed := maps.Clone(object)
			changed[name] = v
			return put(changed)
		}
		for _, v := range nonsense {
			f.ask(!fits(v, of), f.path, with(v))
		}
		inner, _ := f.full(of, depth+1).(map[string]any)
		if strings.Contains(string(of.Type), "array") {
			of = resolved(of.Items, f.schemas)
			inner, _ = f.full(of, depth+1).(map[string]any)
			was := with
			with = func(v any) any { return was([]any{v}) }
		}
		if inner != nil && len(of.Properties) > 0 && depth < 2 {
			f.ask(true, f.path, with(withMember(inner, "approved", true)))
			f.members(inner, of, with, depth+1)
		}
	}
}

// fits tells whether the value is of a sort that the schema has. What cannot be
// read as JSON, and null, fits nowhere.
func fits(v jsontext.Value, s *schema) bool {
	var tree any
	if err := json.Unmarshal(v, &tree); err != nil {
		return false
	}
	kind := string(s.Type)
	switch v.Kind() {
	case '"':
		return strings.Contains(kind, "string")
	case '0':
		return strings.Contains(kind, "number") || strings.Contains(kind, "integer") && !strings.ContainsAny(string(v), ".e")
	case 't', 'f':
		return strings.Contains(kind, "boolean")
	case '[':
		return strings.Contains(kind, "array")
	case '{':
		return strings.Contains(kind, "object") || kind == ""
	}
	return false
}

// queries puts odd texts in place of each parameter, writes each twice, and adds
// one that nobody knows.
func (f *fool) queries() {
	f.t.Helper()
	path, rest, _ := strings.Cut(f.path, "?")
	given, _ := url.ParseQuery(rest)
	body := f.op.content(f.schemas)
	for _, p := range f.op.parameters {
		if p.In != "query" {
			continue
		}
		others := maps.Clone(given)
		others.Del(p.Name)
		for _, text := range oddTexts {
			text = p.Name + "=" + text
			if len(others) > 0 {
				text += "&" + others.Encode()
			}
			f.ask(false, path+"?"+text, body)
		}
		if !strings.Contains(string(p.Schema.Type), "array") {
			f.ask(true, path+"?"+p.Name+"=1&"+p.Name+"=1&"+others.Encode(), body)
		}
	}
	given.Set("role", "system_admin")
	if f.op.name != "sign_out" && !strings.Contains(f.op.name, "upload_options") {
		f.ask(true, path+"?"+given.Encode(), body)
	}
}

// paths puts odd texts in place of each id.
func (f *fool) paths() {
	f.t.Helper()
	for _, name := range inBraces.FindAllString(f.op.path, -1) {
		for range 6 {
			text := f.next(oddTexts)
			if text == "" { // another path
				continue
			}
			one := f.op
			one.path = strings.Replace(one.path, name, text, 1)
			f.ask(!strings.Contains(f.op.name, "upload_options"), one.at(nil), f.op.content(f.schemas))
		}
	}
}

// headers puts odd values into the headers that operations read.
func (f *fool) headers() {
	f.t.Helper()
	if late(f.op) == 2 {
		return
	}
	for name, values := range oddHeaders {
		f.ask(false, f.path, f.op.content(f.schemas), name, f.next(values))
	}
}

// next is one of the texts, each time the next: all of them come to many
// operations, and not each to every one.
func (f *fool) next(texts []string) string {
	f.turn++
	return texts[f.turn%len(texts)]
}
