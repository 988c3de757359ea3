package web_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/schemes"
	"qiaomen/store/storetest"
	"qiaomen/web"
)

// extra is members that somebody might hope to set.
var extra = map[string]any{
	"unit_id": "youyi", "status": "recognised", "state": "recognised", "score": 100, "points": "100", "total": "100", "rank": 1, "confirmed_at": "2024-01-01T00:00:00Z",
	"recognised_at": "2024-01-01T00:00:00Z", "reported_at": "2023-11-01T00:00:00Z", "at": "2023-11-01T00:00:00Z", "role": "system_admin", "roles": []string{"system_admin"},
	"by": "p-1", "person": "p-1", "account": "c-1", "grant": 1, "admin": true, "is_admin": true, "owner": "youyi", "order": 1, "position": 1, "of": "2024-01-01T00:00:00Z",
	"key": "k", "only": []string{}, "journal": "audit", "receipt": "x", "original_checked": true, "__proto__": map[string]any{"role": "system_admin"},
	"constructor": map[string]any{}, "$set": map[string]any{"state": "recognised"}, "document": map[string]any{"digest": "x"},
}

// Rows of V8, authorisation, and the mass assignment of V15. The matrix itself
// (8.2.1) is tried through the doors beside the office's own
// (office: TestMatrixOverHTTP).
func TestAuthorisation(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine, qiaomen.SmallOffice, func(o *web.Options) {
			o.Spool, o.Hooks = t.TempDir(), func(context.Context, *office.Message) error { return nil }
		})
		t.Run("8.2.3 15.3.3 no member more than there is", func(t *testing.T) { massAssignment(t, w) })
		t.Run("8.2.3 what the office fills in is not taken from a body", func(t *testing.T) { filledIn(t, w) })
		t.Run("8.2.2 ids of another unit", func(t *testing.T) { othersIDs(t, w) })
		t.Run("8.3.1 tokens", func(t *testing.T) { tokens(t, w) })
		t.Run("8.3.1 one method for one thing", func(t *testing.T) { verbs(t, w) })
		t.Run("8.3.2 a role that was taken away", func(t *testing.T) { takenAway(t, w) })
	})
}

// massAssignment gives every body each of the members that it does not have: it
// is refused, the member is named, and nothing is kept of it.
func massAssignment(t *testing.T, w *world) {
	handler, before := w.as("handler"), w.state()
	all, schemas := w.description()
	tried := 0
	for _, op := range all {
		if op.body == nil {
			continue
		}
		known := members(op.body, schemas)
		for name, value := range extra {
			if known[name] != nil {
				continue
			}
			tried++
			if strings.HasSuffix(op.name, "sign_in") { // one address may try once a second
				w.clock.move(time.Second)
			}
			a := handler.do(op.method, op.at(nil), withMember(op.content(schemas), name, value))
			if a.status != http.StatusUnprocessableEntity && a.status != http.StatusBadRequest {
				t.Errorf("%s with %s: %d %s", op.name, name, a.status, a.body)
				continue
			}
			p := a.problem()
			if !slices.ContainsFunc(p.Errors, func(f web.Fault) bool { return strings.HasSuffix(f.Field, name) }) {
				t.Errorf("%s with %s: it is not named: %s", op.name, name, a.body)
			}
		}
	}
	w.clock.move(time.Minute)
	if tried < 1000 || w.state() != before {
		t.Errorf("%d tried; before %s, after %s", tried, before, w.state())
	}
}

// filledIn sends what a body has, and only the office may say.
func filledIn(t *testing.T, w *world) {
	jixian, handler := w.as("jixian-reporter"), w.as("handler")
	id := jixian.post(inWinter("/records"), project("jixian", "示例撤销项目")).id()
	handler.post(inWinter("/records/"+id+"/acceptance"), nil, "If-Match", `"v1"`).ok()
	w.as("reviewer").post(inWinter("/records/"+id+"/recognition"), map[string]any{}, "If-Match", `"v1"`).ok()
	// A revocation ends the recognition that stands, whatever it says it ends.
	body := map[string]any{"ground": "error", "reason": "示例", "of": "2020-01-01T00:00:00.000000Z"}
	handler.post(inWinter("/records/"+id+"/revocation"), body).is(http.StatusUnprocessableEntity)
	var waiting struct{ Items []*qiaomen.Proposal }
	if w.as("reviewer").get(inWinter("/proposals")).ok().into(&waiting); len(waiting.Items) > 0 {
		t.Errorf("the office believed a body: %+v", waiting.Items[0])
	}
	// A draft's kind and unit are those with which it was begun.
	draft := jixian.post(inWinter("/drafts"), map[string]any{"unit": "jixian", "kind": "reserve_project", "name": "示例储备"}).id()
	jixian.do(http.MethodPut, inWinter("/drafts/"+draft), map[string]any{"unit": "youyi", "kind": "signed_project", "name": "示例储备二", "id": draft}).ok()
	var kept office.DraftRecord
	jixian.get(inWinter("/drafts/" + draft)).ok().into(&kept)
	if kept.Unit != "jixian" || kept.Kind != "reserve_project" {
		t.Errorf("the draft is %s's, a %s", kept.Unit, kept.Kind)
	}
	// A token is for the campaign of its path.
	until := w.clock.Now().AddDate(0, 1, 0).Format("2006-01-02")
	token := map[string]any{"name": "示例", "scope": []string{"read_published"}, "until": until, "campaign": "another"}
	jixian.prove().post(inWinter("/tokens"), token).ok()
	var own struct{ Items []qiaomen.Token }
	if jixian.get(inWinter("/tokens")).ok().into(&own); len(own.Items) != 1 || own.Items[0].Campaign != winter {
		t.Errorf("tokens %+v", own.Items)
	}
}

// othersIDs asks with the ids of another unit's things, and then with ids that
// nothing has: in the path, in the query, in the body. Both are told the same,
// and nothing changes.
func othersIDs(t *testing.T, w *world) {
	jixian, youyi, handler := w.as("jixian-reporter"), w.as("youyi-reporter"), w.as("handler")
	record := youyi.post(inWinter("/records"), project("youyi", "示例友谊秘密项目")).id()
	draft := youyi.post(inWinter("/drafts"), map[string]any{"unit": "youyi", "kind": "signed_project", "name": "示例友谊秘密草稿"}).id()
	company := youyi.post(inWinter("/companies"), map[string]any{"unit": "youyi", "name": "示例友谊秘密公司"}).id()
	urging := handler.post(inWinter("/urgings"), map[string]any{"units": []string{"youyi"}, "text": "示例友谊秘密督办", "until": "2023-12-20"}).id()
	refused := youyi.post(inWinter("/records"), project("youyi", "示例友谊秘密异议")).id()
	handler.post(inWinter("/records/"+refused+"/acceptance"), nil, "If-Match", `"v1"`).ok()
	w.as("reviewer").post(inWinter("/records/"+refused+"/recognition"), map[string]any{"refuse": true, "reason": "示例"}, "If-Match", `"v1"`).ok()
	w.as("youyi-head").post(inWinter("/objections"), map[string]any{"record": refused, "text": "示例友谊秘密理由"}).ok()
	var token web.NewToken
	until := w.clock.Now().AddDate(0, 1, 0).Format("2006-01-02")
	youyi.prove().post(inWinter("/tokens"), map[string]any{"name": "示例", "scope": []string{"read_own"}, "until": until}).ok().into(&token)
	upload := youyi.post(inWinter("/files")+query("name", "秘密.png", "type", "contract"), paper(7)).ok()
	var evidence qiaomen.Evidence
	upload.into(&evidence)
	youyi.post(inWinter("/drafts/"+draft+"/evidence")+query("type", "contract", "name", "秘密.png", "digest", evidence.Digest), nil).ok()

	ids := []string{record, draft, company, urging, refused, token.ID, evidence.Digest, w.account["youyi-reporter"], w.person("youyi-reporter")}
	all, schemas := w.description()
	before := w.state()
	same := func(op described, at, none string, body, nothing any, header ...string) {
		there, nowhere := jixian.do(op.method, at, body, header...), jixian.do(op.method, none, nothing, header...)
		if there.status/100 == 2 && (at != none || body != nil) && op.action != qiaomen.ActReadPublished {
			t.Errorf("%s %s: %d %s", op.method, at, there.status, there.body)
		}
		if strings.Contains(string(there.body), "秘密") {
			t.Errorf("%s %s tells it: %s", op.method, at, there.body)
		}
		if a, b := plain(there, ids...), plain(nowhere, ids...); a != b {
			t.Errorf("%s %s is told apart from nothing:\n%s\n%s", op.method, at, a, b)
		}
	}
	for _, op := range all {
		if !strings.Contains(op.path, "{campaign}") || op.action == qiaomen.ActReadPublished {
			continue
		}
		for _, id := range ids {
			if strings.Contains(op.path, "{id}") || strings.Contains(op.path, "{digest}") {
				theirs := map[string]string{"id": id, "digest": evidence.Digest, "unit": "youyi", "name": "示例.png"}
				nothing := map[string]string{"id": "r-nothing", "digest": strings.Repeat("0", 64), "unit": "nowhere", "name": "示例.png"}
				same(op, op.at(theirs), op.at(nothing), op.content(schemas), op.content(schemas), "If-Match", `"v1"`)
			}
		}
		if op.method == http.MethodGet && op.body == nil && !strings.Contains(op.path, "{id}") {
			same(op, op.at(map[string]string{"unit": "youyi"}), op.at(map[string]string{"unit": "nowhere"}), nil, nil)
		}
		for name := range members(op.body, schemas) {
			theirs, nothing := op.content(schemas), op.content(schemas)
			at, none := op.at(map[string]string{"id": record}), op.at(nil)
			switch name {
			case "unit":
				theirs, nothing = withMember(theirs, name, "youyi"), withMember(nothing, name, "nowhere")
			case "units":
				theirs, nothing = withMember(theirs, name, []string{"youyi"}), withMember(nothing, name, []string{"nowhere"})
			case "record", "objection", "id", "draft", "company", "amends", "lead":
				theirs, nothing = withMember(theirs, name, record), withMember(nothing, name, "r-nothing")
			case "records":
				theirs, nothing = withMember(theirs, name, []string{record, refused}), withMember(nothing, name, []string{"r-nothing", "r-none"})
			default:
				continue
			}
			same(op, at, none, theirs, nothing)
			whose := map[string]string{"record": "/records/{id}", "lead": "/records/{id}", "objection": "/objections/{id}", "id": "/drafts/{id}"}[name]
			if whose != "" && strings.Contains(op.path, whose) { // one in the path, another in the body
				jixian.do(op.method, none, theirs, "If-Match", `"v1"`).is(http.StatusUnprocessableEntity)
			}
		}
	}
	if after := w.state(); after != before {
		t.Errorf("something changed: %s, then %s", before, after)
	}
	// Another's file is none that one may name.
	own := jixian.post(inWinter("/drafts"), map[string]any{"unit": "jixian", "kind": "signed_project", "name": "示例自己的"}).id()
	at := inWinter("/drafts/" + own + "/evidence")
	there := jixian.post(at+query("type", "contract", "name", "a.png", "digest", evidence.Digest), nil)
	none := jixian.post(at+query("type", "contract", "name", "a.png", "digest", strings.Repeat("0", 64)), nil)
	if there.status/100 == 2 || plain(there, ids...) != plain(none, ids...) {
		t.Errorf("another's file: %d %s; none: %d %s", there.status, there.body, none.status, none.body)
	}
}

// plain is what an answer tells, but for the number of its request and the ids
// with which it was asked.
func plain(a *answered, ids ...string) string {
	text := string(a.body)
	if p := (&web.Problem{}); json.Unmarshal(a.body, p) == nil {
		p.Instance = ""
		out, _ := json.Marshal(p, json.Deterministic(true))
		text = string(out)
	}
	for _, id := range append(slices.Clone(ids), "r-nothing", "r-none", "nowhere", "youyi", strings.Repeat("0", 64)) {
		text = strings.ReplaceAll(text, qiaomen.Clip(id), "○")
	}
	return fmt.Sprint(a.status, " ", text)
}

// tokens: one that is used beyond its scope, in another campaign, after it was
// revoked or has run out, or that is not one at all.
func tokens(t *testing.T, w *world) {
	c := w.withToken("jixian-reporter", qiaomen.ActReadOwn, qiaomen.ActDraft)
	read := inWinter("/records") + query("unit", "jixian")
	c.get(read).ok()
	id := c.post(inWinter("/drafts"), map[string]any{"unit": "jixian", "kind": "reserve_project", "name": "示例令牌"}).id()
	refused := func(what string, status int, a *answered) {
		t.Helper()
		if a.status != status {
			t.Errorf("%s: %d %s", what, a.status, a.body)
		}
	}
	end := w.auditEnd()
	refused("beyond its scope", http.StatusForbidden, c.do(http.MethodDelete, inWinter("/drafts/"+id), nil))
	if now := w.auditEnd(); now != end+1 || w.lastDenied() != qiaomen.ActEditDraft.String() {
		t.Errorf("beyond its scope: %d audit entries, %s", now-end, w.lastDenied())
	}
	refused("of another unit", http.StatusNotFound, c.get(inWinter("/records")+query("unit", "youyi")))
	refused("in another campaign", http.StatusForbidden, c.get("/campaigns/another/records"+query("unit", "jixian")))
	refused("in the installation", http.StatusForbidden, c.get("/people"))
	for _, own := range []string{"/session", "/sessions", inWinter("/tokens")} {
		refused("what is done in person", http.StatusForbidden, c.get(own))
	}
	refused("to sign out", http.StatusForbidden, c.do(http.MethodDelete, "/session", nil))

	whole := c.token
	for what, text := range map[string]string{
		"cut short": whole[:len(whole)-1], "with more": whole + "A", "another case": strings.ToUpper(whole), "none": "qm_", "of another id": "qm_t-x" + whole[4:],
		"only its id": whole[:strings.LastIndexByte(whole, '_')], "a session's": w.account["jixian-reporter"],
	} {
		c.token = text
		refused(what, http.StatusUnauthorized, c.get(read))
	}
	c.token = whole
	refused("with a session beside it", http.StatusUnprocessableEntity, w.as("jixian-reporter").get(read, "Authorization", "Bearer "+whole))

	var own struct{ Items []qiaomen.Token }
	me := w.as("jixian-reporter")
	me.get(inWinter("/tokens")).ok().into(&own)
	rest, _ := strings.CutPrefix(whole, "qm_")
	mine, _, _ := strings.Cut(rest, "_")
	other := w.as("youyi-reporter").do(http.MethodDelete, inWinter("/tokens/"+mine), nil)
	none := w.as("youyi-reporter").do(http.MethodDelete, inWinter("/tokens/t-none"), nil)
	if other.status/100 == 2 || plain(other, mine) != plain(none, "t-none") {
		t.Errorf("another's token: %s; none: %s", plain(other, mine), plain(none, "t-none"))
	}
	c.get(read).ok()
	me.do(http.MethodDelete, inWinter("/tokens/"+mine), nil).ok()
	refused("revoked", http.StatusUnauthorized, c.get(read))

	late := w.withToken("jixian-reporter", qiaomen.ActReadOwn)
	late.get(read).ok()
	late.url = w.open(office.New(office.Options{Store: w.store, Files: w.files, Now: w.clock.later(40)}), func(o *web.Options) { o.Now = w.clock.later(40) })
	refused("past its last day", http.StatusUnauthorized, late.get(read))
}

// later is a clock that is so many days ahead.
func (c *clock) later(days int) func() time.Time {
	return func() time.Time { return c.Now().AddDate(0, 0, days) }
}

// verbs asks for every path with every method that it does not have, also by
// the headers by which some servers let it be changed.
func verbs(t *testing.T, w *world) {
	handler := w.as("handler")
	all, _ := w.description()
	has := map[string][]string{}
	for _, op := range all {
		has[op.path] = append(has[op.path], op.method)
	}
	for _, op := range all {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "PROPFIND"} {
			if slices.Contains(has[op.path], method) {
				continue
			}
			at := op.at(nil)
			a := handler.do(method, at, nil)
			allow := strings.FieldsFunc(strings.Join(a.header.Values("Allow"), ","), func(r rune) bool { return r == ',' || r == ' ' })
			slices.Sort(allow)
			want := slices.DeleteFunc(slices.Clone(has[op.path]), func(m string) bool { return m == "OPTIONS" || m == "HEAD" })
			slices.Sort(want)
			got := slices.DeleteFunc(allow, func(m string) bool { return m == "OPTIONS" || m == "HEAD" })
			if a.status != http.StatusMethodNotAllowed || !slices.Equal(got, want) {
				t.Errorf("%s %s: %d, Allow %v, want %v", method, at, a.status, got, want)
			}
		}
	}
	draft := w.as("jixian-reporter").post(inWinter("/drafts"), map[string]any{"unit": "jixian", "kind": "reserve_project", "name": "示例动词"}).id()
	before := w.state()
	for _, header := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
		me := w.as("jixian-reporter")
		if a := me.post(inWinter("/drafts/"+draft), nil, header, "DELETE"); a.status != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", header, a.status)
		}
		me.get(inWinter("/drafts/"+draft), header, "DELETE").ok()
		me.get(inWinter("/drafts/"+draft)+"?_method=DELETE", header, "DELETE").is(http.StatusUnprocessableEntity)
	}
	if w.state() != before {
		t.Error("something changed")
	}
}

// takenAway: a role that was taken away is none on the next request, on each
// server of the same database.
func takenAway(t *testing.T, w *world) {
	o := w.options
	o.Folder = filepath.Join(t.TempDir(), "marks")
	if err := os.CopyFS(o.Folder, os.DirFS(w.options.Folder)); err != nil {
		t.Fatal(err)
	}
	second := w.open(office.New(office.Options{Store: storetest.Open(t, o), Files: w.files, Now: w.clock.Now}))
	person := w.newcomer("leaver")
	grant := map[string]any{"person": person, "role": "evaluator", "campaign": winter}
	var p web.Result
	w.as("security").post("/grants", grant).ok().into(&p)
	given := w.as("security2").post("/proposals/"+p.Proposal+"/approval", nil).id()
	leaver := w.as("leaver")
	program := w.withToken("leaver", qiaomen.ActReadOthers)
	there := *leaver
	there.url = second
	read := inWinter("/records")
	for _, c := range []*client{leaver, &there, program} {
		c.get(read).ok()
	}
	w.as("security").post("/grants/"+given+"/removal", map[string]any{"reason": "示例：调离"}).ok().into(&p)
	if p.Proposal != "" {
		w.as("security2").post("/proposals/"+p.Proposal+"/approval", nil).ok()
	}
	elsewhere := *program
	elsewhere.url = second
	for _, c := range []*client{leaver, &there, program, &elsewhere} {
		if a := c.get(read); a.status != http.StatusForbidden {
			t.Errorf("at %s: %d %s", c.url, a.status, a.body)
		}
	}
}

// Row 8.4.1: two bureaus on one installation, with people and companies of their
// own, know nothing of one another.
func TestTwoBureaus(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine, qiaomen.SmallOffice)
		other := w.secondBureau("spring-2024")
		w.as("jixian-reporter").post(inWinter("/records"), project("jixian", "示例甲局秘密项目")).ok()
		at := func(path string) string { return "/campaigns/spring-2024" + path }
		id := other["reporter"].post(at("/records"), project("jixian", "示例乙局秘密项目")).id()
		company := other["reporter"].post(at("/companies"), map[string]any{"unit": "jixian", "name": "示例乙局秘密公司"}).id()
		a := other["handler"].post(at("/urgings"), map[string]any{"units": []string{"jixian"}, "text": "示例乙局秘密督办", "until": "2023-12-20"}).ok()
		urging := a.id()
		ids := []string{id, company, urging}
		all, schemas := w.description()
		for _, login := range []string{"handler", "jixian-reporter", "auditor"} {
			c := w.as(login)
			var seen struct {
				Items []struct{ ID string }
			}
			c.get("/campaigns").ok().into(&seen)
			if len(seen.Items) != 1 || seen.Items[0].ID != winter {
				t.Errorf("%s sees the campaigns %v", login, seen.Items)
			}
			for _, op := range all {
				if !strings.Contains(op.path, "{campaign}") || op.free {
					continue
				}
				content := op.content(schemas)
				for _, campaign := range []string{"spring-2024", winter} {
					if campaign == winter && !strings.Contains(op.path, "{id}") {
						continue
					}
					nothing := c.do(op.method, op.at(map[string]string{"campaign": campaign, "id": "r-nothing", "unit": "jixian"}), content, "If-Match", `"v1"`)
					for _, one := range ids {
						a := c.do(op.method, op.at(map[string]string{"campaign": campaign, "id": one, "unit": "jixian"}), content, "If-Match", `"v1"`)
						switch {
						case strings.Contains(string(a.body), "乙局"):
							t.Errorf("%s, %s in %s tells of another bureau: %s", login, op.name, campaign, a.body)
						case campaign != winter && a.status/100 == 2 && !anybodys(op):
							t.Errorf("%s, %s in another bureau: %d %s", login, op.name, a.status, a.body)
						case plain(a, one) != plain(nothing) && !strings.Contains(op.path, "/months/"): // they suggest the next one
							t.Errorf("%s, %s of another bureau's: %s; of nothing: %s", login, op.name, plain(a, one), plain(nothing))
						}
						if !strings.Contains(op.path, "{id}") {
							break
						}
					}
				}
			}
		}
		// What the first has reported is no likeness to the second, nor its key.
		same := other["reporter"].post(at("/drafts"), map[string]any{"unit": "jixian", "kind": "signed_project", "name": "示例甲局秘密项目"}).id()
		var hint office.Hint
		if other["reporter"].get(at("/drafts/" + same + "/duplicate-hint")).ok().into(&hint); hint.Exists {
			t.Errorf("a hint of another bureau: %v", hint)
		}
		// Who works for both has a token for one.
		w.grantsIn("spring-2024", w.person("bio-reporter"), qiaomen.Reporter, "bio-economy")
		both, program, own := w.as("bio-reporter"), w.withToken("bio-reporter", qiaomen.ActReadOwn), query("unit", "bio-economy")
		both.get(at("/records" + own)).ok()
		both.get(inWinter("/records" + own)).ok()
		program.get(inWinter("/records" + own)).ok()
		program.get(at("/records" + own)).is(http.StatusForbidden)

		stranger := w.stranger()
		for _, path := range []string{at("/notices"), at("/announcements"), at("/months")} {
			stranger.get(path).ok()
		}
	})
}

// anybodys tells whether an operation answers anybody who has an account: with
// what waits for them, which is nothing, or with a place for their own files.
func anybodys(op described) bool {
	return op.name == "proposals" || slices.Contains(ofAnybody, op.name)
}

// grantsIn gives a person a role in a campaign.
func (w *world) grantsIn(campaign, person string, role qiaomen.Role, unit string) {
	w.t.Helper()
	by := func(login string) office.Caller { return office.Caller{Account: w.account[login]} }
	a, err := w.office.GrantRole(w.t.Context(), by("security"), office.RoleChange{Person: person, Role: role, Campaign: campaign, Unit: unit})
	if err == nil {
		_, err = w.office.Approve(w.t.Context(), by("security2"), a.Proposal)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// secondBureau opens another campaign, of other people, and has them sign in.
func (w *world) secondBureau(campaign string) map[string]*client {
	w.t.Helper()
	w.further = append(w.further, campaign)
	grant := func(login string, role qiaomen.Role, unit string) {
		w.grantsIn(campaign, w.newcomer(campaign+"-"+login), role, unit)
	}
	grant("handler", qiaomen.Handler, "")
	grant("reviewer", qiaomen.Reviewer, "")
	grant("member", qiaomen.GroupMember, "")
	grant("member2", qiaomen.GroupMember, "")
	grant("reporter", qiaomen.Reporter, "jixian")
	var text, notice []byte
	var err, failed error
	text, err = fs.ReadFile(schemes.Files, "shuangyashan-winter-2023/scheme.yaml")
	notice, failed = fs.ReadFile(schemes.Files, "shuangyashan-winter-2023/notice.txt")
	if err = errors.Join(err, failed); err != nil {
		w.t.Fatal(err)
	}
	people := map[string]*client{}
	for _, login := range []string{"handler", "member", "member2", "reporter"} {
		people[login] = w.as(campaign + "-" + login)
	}
	var r web.Result
	people["handler"].post("/campaigns/"+campaign, map[string]any{"text": string(text), "source": string(notice)}).ok().into(&r)
	for _, member := range []string{"member", "member2"} {
		if r.Proposal == "" {
			break
		}
		next := people[member].post("/campaigns/"+campaign+"/proposals/"+r.Proposal+"/approval", nil).ok()
		r = web.Result{}
		next.into(&r)
	}
	return people
}
