package web_test

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/pquerna/otp/totp"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/office"
	"qiaomen/schemes"
	"qiaomen/store"
	"qiaomen/store/storetest"
	"qiaomen/web"
)

const (
	winter   = "winter-2023"
	password = "短信不发 纸船 8 只 qm!"
)

// The cast: login, role, unit. Logins name people of an office, nobody real.
var cast = []struct {
	login string
	role  qiaomen.Role
	unit  string
}{
	{"jixian-reporter", qiaomen.Reporter, "jixian"},
	{"jixian-head", qiaomen.Head, "jixian"},
	{"youyi-reporter", qiaomen.Reporter, "youyi"},
	{"youyi-head", qiaomen.Head, "youyi"},
	{"bio-reporter", qiaomen.Reporter, "bio-economy"},
	{"handler", qiaomen.Handler, ""},
	{"handler2", qiaomen.Handler, ""},
	{"reviewer", qiaomen.Reviewer, ""},
	{"evaluator", qiaomen.Evaluator, ""},
	{"member", qiaomen.GroupMember, ""},
	{"member2", qiaomen.GroupMember, ""},
	{"leader", qiaomen.CityLeader, ""},
	{"statistician", qiaomen.Statistician, ""},
	{"auditor", qiaomen.Auditor, ""},
	{"system", qiaomen.SystemAdmin, ""},
	{"security", qiaomen.SecurityAdmin, ""},
	{"security2", qiaomen.SecurityAdmin, ""},
	{"auditadmin", qiaomen.AuditAdmin, ""},
}

// A world is an office behind its doors, with people who sign in at them, in a
// test's own ledger, with a clock that the test sets.
type world struct {
	t       testing.TB
	office  *office.Office
	store   *store.Store
	options store.Options
	files   *blob.Folder
	folder  string // of the files
	kept    string // the folder of what is not done with, if there is one
	url     string
	clock   *clock
	log     *lines
	codes   map[string]string // first codes by login
	account map[string]string
	clients map[string]*client
	further []string // campaigns besides the winter one
}

// A clock stands still until a test moves it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// lines is a log that a test reads.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newWorld founds an installation, opens the winter campaign in it, and its
// doors. change may change how they are opened.
func newWorld(t testing.TB, engine string, p qiaomen.Procedure, change ...func(*web.Options)) *world {
	t.Helper()
	w := &world{
		t: t, options: storetest.Fresh(t, engine), clock: &clock{now: time.Date(2023, 12, 12, 1, 0, 0, 0, time.UTC)}, log: &lines{},
		codes: map[string]string{}, account: map[string]string{}, clients: map[string]*client{},
	}
	w.store = storetest.Open(t, w.options)
	var err error
	w.folder = filepath.Join(t.TempDir(), "evidence")
	if w.files, err = blob.OpenFolder(w.folder, blob.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.files.Close() })
	w.office = w.newOffice()
	var people []office.FirstPerson
	for i, c := range cast {
		role := office.FirstRole{Role: c.role, Unit: c.unit}
		if c.role.OfCampaign() {
			role.Campaign = winter
		}
		people = append(people, office.FirstPerson{
			Login: c.login, Detail: office.Detail{Name: "示例" + c.login, Identity: fmt.Sprintf("示例%02d", i)}, Roles: []office.FirstRole{role},
		})
	}
	codes, err := w.office.Found(t.Context(), office.Founding{ID: w.options.Installation, Name: "示例", Procedure: p, People: people})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range codes {
		w.codes[c.Login], w.account[c.Login] = c.Code, c.Account
	}
	w.url = w.open(w.office, change...)
	w.openCampaign()
	return w
}

func (w *world) newOffice() *office.Office {
	return office.New(office.Options{Store: w.store, Files: w.files, Now: w.clock.Now})
}

// open opens doors on an office, and returns their address.
func (w *world) open(o *office.Office, change ...func(*web.Options)) string {
	options := web.Options{Office: o, Log: newLog(w.log), Now: w.clock.Now, Version: "test"}
	for _, f := range change {
		f(&options)
	}
	server := web.New(options)
	s := httptest.NewServer(server)
	w.t.Cleanup(func() { s.Close(); server.Stop() })
	return s.URL
}

// openCampaign opens the winter campaign the short way, without the doors.
func (w *world) openCampaign() {
	w.t.Helper()
	var text, notice string
	for name, into := range map[string]*string{"scheme.yaml": &text, "notice.txt": &notice} {
		data, err := fs.ReadFile(schemes.Files, "shuangyashan-winter-2023/"+name)
		if err != nil {
			w.t.Fatal(err)
		}
		*into = string(data)
	}
	by := func(login string) office.Caller { return office.Caller{Account: w.account[login], Campaign: winter} }
	a, err := w.office.CreateCampaign(w.t.Context(), by("handler"), office.Beginning{Campaign: winter, Text: text, Source: notice})
	for _, member := range []string{"member", "member2"} {
		if err != nil || a.Proposal == "" {
			break
		}
		a, err = w.office.Approve(w.t.Context(), by(member), a.Proposal)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// A client is somebody at the doors: a browser with cookies, or a program with a
// token.
type client struct {
	w      *world
	url    string
	http   *http.Client
	token  string
	factor string // TOTP secret
	header http.Header
}

// stranger is somebody who has not signed in.
func (w *world) stranger() *client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return &client{w: w, url: w.url, http: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, header: http.Header{}}
}

// as is the person, signed in at the doors.
func (w *world) as(login string) *client {
	w.t.Helper()
	if c := w.clients[login]; c != nil {
		return c
	}
	c := w.stranger()
	c.takeUp(login)
	c.signIn(login)
	w.clients[login] = c
	return c
}

// takeUp uses the person's one-time code.
func (c *client) takeUp(login string) {
	c.w.t.Helper()
	var e struct{ Secret, URI string }
	c.post("/first-sign-in", map[string]any{"login": login, "first_code": c.w.codes[login], "password": password}).ok().into(&e)
	c.factor = e.Secret
}

// signIn signs in with password and the factor's code of this moment; each code
// is good once, so the clock goes on.
func (c *client) signIn(login string) {
	c.w.t.Helper()
	c.post("/session", map[string]any{"login": login, "password": password, "code": c.code()}).ok()
}

func (c *client) code() string {
	if c.factor == "" {
		return ""
	}
	c.w.clock.move(30 * time.Second)
	code, err := totp.GenerateCode(c.factor, c.w.clock.Now())
	if err != nil {
		c.w.t.Fatal(err)
	}
	return code
}

// prove gives the password again.
func (c *client) prove() *client {
	c.w.t.Helper()
	c.post("/session/proof", map[string]any{"password": password, "code": c.code()}).ok()
	return c
}

// withToken is a program that acts for the person in the winter campaign, within
// a scope.
func (w *world) withToken(login string, scope ...qiaomen.Action) *client {
	w.t.Helper()
	return w.tokenIn(winter, login, scope...)
}

// tokenIn is a program in a campaign, or with none in the installation.
func (w *world) tokenIn(campaign, login string, scope ...qiaomen.Action) *client {
	w.t.Helper()
	words := make([]string, 0, len(scope))
	for _, a := range scope {
		words = append(words, a.String())
	}
	until := w.clock.Now().AddDate(0, 1, 0).Format(time.DateOnly)
	_, secret, err := w.office.IssueToken(w.t.Context(), office.Caller{Account: w.account[login], Campaign: campaign}, office.TokenRequest{Name: "测试", Scope: words, Until: until})
	if err != nil {
		w.t.Fatal(err)
	}
	c := w.stranger()
	c.token = secret
	return c
}

// An answered request.
type answered struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
}

// do sends a request below the API's prefix. A body that is no bytes, text or
// reader is sent as JSON.
func (c *client) do(method, path string, body any, header ...string) *answered {
	c.w.t.Helper()
	var r io.Reader
	kind := ""
	switch b := body.(type) {
	case nil:
	case []byte:
		r = bytes.NewReader(b)
	case string:
		r, kind = strings.NewReader(b), "application/json"
	case io.Reader:
		r = b
	default:
		data, err := json.Marshal(body)
		if err != nil {
			c.w.t.Fatal(err)
		}
		r, kind = bytes.NewReader(data), "application/json"
	}
	at := c.url + web.Prefix + path
	if strings.HasPrefix(path, "http://") {
		at = path
	}
	req, err := http.NewRequestWithContext(c.w.t.Context(), method, at, r)
	if err != nil {
		c.w.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	for name, values := range c.header {
		req.Header[name] = values
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := c.http.Do(req)
	if err != nil {
		c.w.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		c.w.t.Fatalf("%s %s: %v", method, path, err)
	}
	return &answered{c.w.t, res.StatusCode, res.Header, data}
}

func (c *client) get(path string, header ...string) *answered {
	c.w.t.Helper()
	return c.do(http.MethodGet, path, nil, header...)
}

func (c *client) post(path string, body any, header ...string) *answered {
	c.w.t.Helper()
	return c.do(http.MethodPost, path, body, header...)
}

// ok asks that the request was done.
func (a *answered) ok() *answered {
	a.t.Helper()
	if a.status/100 != 2 {
		a.t.Fatalf("%d %s", a.status, a.body)
	}
	return a
}

// is asks for a status.
func (a *answered) is(status int) *answered {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%d, want %d: %s", a.status, status, a.body)
	}
	return a
}

func (a *answered) into(v any) *answered {
	a.t.Helper()
	if err := json.Unmarshal(a.body, v, json.MatchCaseInsensitiveNames(true)); err != nil {
		a.t.Fatalf("%v: %s", err, a.body)
	}
	return a
}

// problem is what the client was told went wrong.
func (a *answered) problem() *web.Problem {
	a.t.Helper()
	if a.header.Get("Content-Type") != "application/problem+json" && !strings.HasPrefix(a.header.Get("Content-Type"), "application/problem+json;") {
		a.t.Fatalf("%d is no problem: %s %s", a.status, a.header.Get("Content-Type"), a.body)
	}
	p := &web.Problem{}
	a.into(p)
	return p
}

func (a *answered) id() string {
	a.t.Helper()
	var r web.Result
	a.ok().into(&r)
	return r.ID
}

// project is a signed project of that name, complete but for evidence.
func project(unit, name string) map[string]any {
	return map[string]any{
		"unit": unit, "kind": "signed_project", "name": name,
		"fields": jsontext.Value(`{"amount_yi":"1.5","signed_on":"2024-01-05","party_b":"示例公司"}`),
	}
}

func inWinter(path string) string { return "/campaigns/" + winter + path }

func query(pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Add(pairs[i], pairs[i+1])
	}
	return "?" + q.Encode()
}

func engines(t *testing.T, test func(t *testing.T, engine string)) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) { test(t, engine) })
	}
}

// position is the newest position of the campaign's journal.
func (w *world) position() (n int64, err error) {
	err = w.store.Read(w.t.Context(), winter, 0, func(v *store.View) error {
		n, err = v.Position()
		return err
	})
	return n, err
}

// person is whose account a login is.
func (w *world) person(login string) (id string) {
	w.t.Helper()
	err := w.store.Read(w.t.Context(), office.InstallationJournal, 0, func(v *store.View) error {
		a, err := store.One[qiaomen.Account](v, w.account[login])
		if err == nil {
			id = a.Person
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func mustURL(text string) *url.URL {
	u, err := url.Parse(text)
	if err != nil {
		panic(err)
	}
	return u
}
