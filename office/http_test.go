package office_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/pquerna/otp/totp"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/web"
)

// An overHTTP is the office as its doors show it: every person has a browser in
// which they sign in, perhaps a program with a token of theirs, and an address of
// their own. What it answers is what the doors answered; what they
// refuse is the error that the office would have given, as far as a client is
// told of it.
type overHTTP struct {
	w       *world
	url     string
	clock   atomic.Pointer[time.Time]
	clients map[string]*httpClient // by account
	actions *http.ServeMux         // of what the description says of each operation
	asked   int                    // requests so far
	action  string                 // that the description says of the last one
}

// An xAction is an operation's action, as the description has it; all is asked
// where no unit is named.
type xAction struct{ one, all string }

func (xAction) ServeHTTP(http.ResponseWriter, *http.Request) {}

// An httpClient is somebody's browser, and perhaps a program of theirs.
type httpClient struct {
	login, code string // their one-time code, until it is used
	password    string
	factor      string // secret of their second factor
	session     string
	device      string
	token       string
	scope       []string // of the token: for these it is the program that asks
	address     string
}

// goesOverHTTP opens doors, through which everybody acts from then on.
func (w *world) goesOverHTTP() {
	h := &overHTTP{w: w, clients: map[string]*httpClient{}}
	h.tick()
	w.http = h
	w.serves(office.New(office.Options{Store: w.store, Files: w.files, Now: func() time.Time { return *h.clock.Load() }}))
	s := httptest.NewServer(web.New(web.Options{
		Office: w.Office, Now: func() time.Time { return *h.clock.Load() }, Version: "test", Spool: w.t.TempDir(),
		Log:     slog.New(slog.NewTextHandler(w.t.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
		Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	}))
	w.t.Cleanup(s.Close)
	h.url = s.URL + web.Prefix
	w.acts = h
	h.described()
}

// described reads which action each operation says that it is.
func (h *overHTTP) described() {
	h.w.t.Helper()
	var description struct {
		Paths map[string]map[string]struct {
			Action string `json:"x-action"`
			All    string `json:"x-action-of-all"`
		} `json:"paths"`
	}
	h.ok(h.send(stranger, "GET /openapi.json", nil), &description)
	h.actions = http.NewServeMux()
	for at, methods := range description.Paths {
		for method, op := range methods {
			if op.Action == qiaomen.Action(0).String() { // that of what is decided
				op.Action = ""
			}
			h.actions.Handle(strings.ToUpper(method)+" "+web.Prefix+at, xAction{op.Action, op.All})
		}
	}
}

// tick lets the doors see the time that the test has set.
func (h *overHTTP) tick() {
	now := h.w.now
	h.clock.Store(&now)
}

// enrol has people take up their accounts, and sign in.
func (h *overHTTP) enrol(logins ...string) {
	h.w.t.Helper()
	for i, c := range h.w.codes {
		if len(logins) > 0 && !slices.Contains(logins, c.Login) {
			continue
		}
		one := &httpClient{login: c.Login, code: c.Code, password: goodPassword, address: fmt.Sprintf("10.1.%d.%d", i/200, 1+i%200)}
		h.clients[c.Account] = one
		var e web.Enrolment
		h.ok(h.send(one, "POST /first-sign-in", web.FirstSignIn{Login: one.login, FirstCode: one.code, Password: one.password}), &e)
		one.factor = e.Secret
		h.signIn(one)
	}
}

// signIn begins a session. A password that has grown old is changed.
func (h *overHTTP) signIn(c *httpClient) {
	h.w.t.Helper()
	var s web.SignedIn
	h.ok(h.send(c, "POST /session", web.SignIn{Login: c.login, Password: c.password, Code: c.totp(h.w.now)}), &s)
	if s.Must != "" {
		next := c.password + "！"
		h.ok(h.send(c, "PUT /session/password", web.PasswordChange{Current: c.password, Code: c.totp(h.w.now.Add(30 * time.Second)), New: next}), nil)
		c.password = next
	}
}

// uses gives somebody's programs a token for what it may do, from then on.
func (h *overHTTP) uses(login string, scope ...qiaomen.Action) {
	h.w.t.Helper()
	words := make([]string, 0, len(scope))
	for _, a := range scope {
		words = append(words, a.String())
	}
	_, secret, err := h.IssueToken(ctx, h.w.as(login), office.TokenRequest{Name: "示例程序", Scope: words, Until: h.w.now.AddDate(0, 11, 0).Format(time.DateOnly)})
	h.w.must(&office.Answer{}, err)
	c := h.clients[h.w.people[login]]
	c.token, c.scope = secret, words
}

func (c *httpClient) totp(at time.Time) string {
	if c.factor == "" {
		return ""
	}
	code, err := totp.GenerateCode(c.factor, at)
	if err != nil {
		panic(err)
	}
	return code
}

// A heard is what the doors answered.
type heard struct {
	status int
	header http.Header
	body   []byte
}

// ok asks that a request was done, and reads its answer.
func (h *overHTTP) ok(a *heard, into any) {
	h.w.t.Helper()
	if err := a.err(); err != nil {
		h.w.t.Fatal(err)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(a.body, into); err != nil {
		h.w.t.Fatalf("%v: %s", err, a.body)
	}
}

// send sends one request of somebody's: "POST /session" and a body, which is
// sent as JSON, or as it is. header is names and values.
func (h *overHTTP) send(c *httpClient, at string, body any, header ...string) *heard {
	h.w.t.Helper()
	method, path, _ := strings.Cut(at, " ")
	var r io.Reader
	kind := ""
	switch b := body.(type) {
	case nil:
	case io.Reader:
		r = b
	default:
		data, err := json.Marshal(body)
		if err != nil {
			h.w.t.Fatal(err)
		}
		r, kind = bytes.NewReader(data), "application/json"
	}
	req, err := http.NewRequestWithContext(ctx, method, h.url+path, r)
	if err != nil {
		h.w.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if h.actions != nil {
		op, _ := h.actions.Handler(req)
		action, _ := op.(xAction)
		if h.action = action.one; action.all != "" && req.URL.Query().Get("unit") == "" {
			h.action = action.all
		}
	}
	req.Header.Set("X-Forwarded-For", c.address)
	if slices.Contains(c.scope, h.action) {
		req.Header.Set("Authorization", "Bearer "+c.token)
	} else {
		for name, value := range map[string]string{"qiaomen": c.session, "qiaomen-device": c.device} {
			if value != "" {
				req.AddCookie(&http.Cookie{Name: name, Value: value})
			}
		}
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i+1] != "" {
			req.Header.Set(header[i], header[i+1])
		}
	}
	h.tick()
	h.asked++
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		h.w.t.Fatalf("%s: %v", at, err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		h.w.t.Fatalf("%s: %v", at, err)
	}
	for _, cookie := range res.Cookies() {
		switch cookie.Name {
		case "qiaomen":
			c.session = cookie.Value
		case "qiaomen-device":
			c.device = cookie.Value
		}
	}
	return &heard{res.StatusCode, res.Header, data}
}

var stranger = &httpClient{address: "10.9.0.1"}

// asks sends a request of a caller's. A session that is over, or a password that
// was given too long ago, is what everybody meets: they sign in again.
func (h *overHTTP) asks(by office.Caller, at string, body any, header ...string) *heard {
	h.w.t.Helper()
	header = append(header, "Idempotency-Key", by.Key, "Qiaomen-Role", string(by.As))
	c := h.clients[by.Account]
	if c == nil {
		if by.Account != "" {
			h.w.t.Fatalf("%s has no browser", by.Account)
		}
		return h.send(stranger, at, body, header...)
	}
	again := func() {
		if seeker, ok := body.(io.Seeker); ok {
			_, _ = seeker.Seek(0, io.SeekStart)
		}
	}
	a := h.send(c, at, body, header...)
	if p := a.problem(); p != nil && !slices.Contains(c.scope, h.action) && (a.status == http.StatusUnauthorized || p.Type == "urn:qiaomen:problem:unproven") {
		h.signIn(c)
		again()
		a = h.send(c, at, body, header...)
	}
	return a
}

// place is where in the API something stands: in the caller's campaign, or, of
// who has none, in the installation.
func place(by office.Caller, method string, parts ...string) string {
	out := method + " "
	if by.Campaign != "" {
		out += "/campaigns/" + url.PathEscape(by.Campaign)
	}
	for _, p := range parts {
		out += "/" + url.PathEscape(p)
	}
	return out
}

// query is a path with what is asked; what is empty is not.
func query(at string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Add(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return at
	}
	return at + "?" + q.Encode()
}

// does is an act on what the parts name.
func (h *overHTTP) does(by office.Caller, body any, method string, parts ...string) (*office.Answer, error) {
	h.w.t.Helper()
	return answer(h.asks(by, place(by, method, parts...), body))
}

func answer(a *heard) (*office.Answer, error) {
	r, err := read[web.Result](a)
	if err != nil {
		return nil, err
	}
	return &office.Answer{ID: r.ID, Proposal: r.Proposal, First: r.First, Last: r.Last, Again: r.Again, Receipt: []byte(r.Receipt)}, nil
}

// read is an answer as a T.
func read[T any](a *heard) (out T, err error) {
	if err = a.err(); err == nil {
		err = json.Unmarshal(a.body, &out)
	}
	return out, err
}

// list is an answer as some of many things.
func list[T any](a *heard) ([]T, error) {
	l, err := read[web.List[T]](a)
	return l.Items, err
}

// done is what became of a request whose answer is not looked at.
func done(a *heard) error { return a.err() }

func (a *heard) problem() *web.Problem {
	if a.status/100 == 2 {
		return nil
	}
	p := &web.Problem{}
	if kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";"); kind != "application/problem+json" {
		p.Title = fmt.Sprintf("%d %s %s", a.status, kind, a.body)
	} else if err := json.Unmarshal(a.body, p); err != nil {
		p.Title = err.Error()
	}
	return p
}

// hidden is what who is refused of a thing that they may not know of is told.
var hidden = (&office.Denied{Hidden: true}).Problem()

var errStranger = errors.New("whoever has not signed in")

// A said is a refusal, and everything that the client was told of it but the
// number of its request: who is refused of what is not theirs is told the same
// as who asks for nothing.
type said struct {
	error
	text string
}

func (s said) Error() string { return s.text }
func (s said) Unwrap() error { return s.error }

// err is what the office must have said, from what a client is told: RFC 9457
// with the status that goes with it.
func (a *heard) err() error {
	p := a.problem()
	if p == nil {
		return nil
	}
	text := fmt.Sprintf("%d %s %s %s %v", a.status, p.Type, p.Title, p.Detail, p.Errors)
	word, _ := strings.CutPrefix(p.Type, "urn:qiaomen:problem:")
	switch {
	case p.Status != a.status || p.Title == "" || p.Instance == "":
		return fmt.Errorf("no problem of ours: %d %s", a.status, a.body)
	case a.status == http.StatusUnauthorized:
		return said{errStranger, text}
	case a.status == http.StatusForbidden && word == "denied":
		return said{&office.Denied{}, text}
	case a.status == http.StatusNotFound && p.Title == hidden.Text && p.Detail == hidden.Fix:
		return said{&office.Denied{Hidden: true}, text}
	case a.status >= http.StatusInternalServerError:
		return fmt.Errorf("it failed: %s", text)
	}
	out := &qiaomen.Problem{Code: qiaomen.Code(word), Text: p.Title, Fix: p.Detail}
	if a.status == http.StatusUnprocessableEntity {
		out.Code = ""
	}
	for i, f := range p.Errors {
		one := &qiaomen.Problem{Text: f.Text, Fix: f.Fix, At: qiaomen.Place{File: f.File, Line: f.Line, Column: f.Column, Field: f.Field}}
		if i == 0 {
			one.Code = out.Code
			*out = *one
		} else {
			out.More = append(out.More, one)
		}
	}
	return out
}
