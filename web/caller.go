package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"qiaomen"
	"qiaomen/office"
)

const (
	sessionCookie = "qiaomen"
	deviceCookie  = "qiaomen-device"
	// provenFor is for how long a password that was asked again is not asked
	// once more.
	provenFor = 10 * time.Minute
	// mostKey is how long an Idempotency-Key may be.
	mostKey = 100
)

// cookieName is a cookie's name: over TLS one that no other host can set.
func cookieName(name string, encrypted bool) string {
	if encrypted {
		return "__Host-" + name
	}
	return name
}

// enter is what comes before every operation: the request is one that the
// operation can have, and it is known who asks.
func (a *api) enter(op operation, writes bool) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		v := visitOf(r.Context())
		v.operation, v.path = op.name, r.PathValue
		v.r, v.w = r, w
		err := a.admit(op, writes, r, ctx.Operation(), v)
		if err != nil {
			a.answer(w, r, problem(r.Context(), err))
			return
		}
		next(ctx)
	}
}

func (a *api) admit(op operation, writes bool, r *http.Request, declared *huma.Operation, v *visit) error {
	if err := wellFormed(r, declared); err != nil {
		return err
	}
	if err := a.signedIn(op, r, v); err != nil {
		return err
	}
	if err := a.limits.take(op, v); err != nil {
		return err
	}
	if op.inPerson && v.session == nil {
		return &qiaomen.Problem{Code: qiaomen.Unproven, Text: "这件事要本人登录办理，不能用访问令牌", Fix: "请登录后再试"}
	}
	if op.proven && v.session != nil && v.session.ProvedAt < qiaomen.MomentOf(a.o.Now().Add(-provenFor)).UTC() {
		return &qiaomen.Problem{Code: qiaomen.Unproven, Text: "这件事要再输入一次密码", Fix: "请先验证密码，再在十分钟内办理"}
	}
	if writes {
		key := r.Header.Get("Idempotency-Key")
		if len(key) > 1 && key[0] == '"' && key[len(key)-1] == '"' { // as a structured field has it
			key = key[1 : len(key)-1]
		}
		if !goodKey(key) {
			return &qiaomen.Problem{Text: "幂等键不对", Fix: "请用不超过100个字母、数字和符号的键，不含空格、引号和反斜杠", At: qiaomen.Place{Field: "header.Idempotency-Key"}}
		}
		v.caller.Key = key
	}
	return nil
}

// goodKey tells whether a key is one that an entry of the journal can carry, with
// what the office may add to it.
func goodKey(key string) bool {
	return len(key) <= mostKey && !strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' })
}

// wellFormed asks that a request can only be read in one way.
func wellFormed(r *http.Request, op *huma.Operation) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return &qiaomen.Problem{Text: "网址里的参数写得不对", Fix: "请按百分号编码书写", At: qiaomen.Place{Field: "query"}}
	}
	for name, values := range query {
		many := slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool {
			return p.Name == name && p.Schema != nil && p.Schema.Type == "array"
		})
		if len(values) > 1 && !many {
			return &qiaomen.Problem{Text: "参数写了两次", Fix: "请只写一次", At: qiaomen.Place{Field: "query." + qiaomen.Clip(name)}}
		}
		for _, value := range append(values, name) {
			if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
				return &qiaomen.Problem{Text: "参数里有无法识别的字符", Fix: "请用 UTF-8 文字", At: qiaomen.Place{Field: "query." + qiaomen.Clip(name)}}
			}
		}
	}
	for _, name := range pathNames(op.Path) {
		if value := r.PathValue(name); len(value) > mostID || !utf8.ValidString(value) || strings.ContainsAny(value, "\x00\r\n") {
			return &qiaomen.Problem{Code: qiaomen.NotFound, Text: "没有找到", Fix: "请核对编号"}
		}
	}
	for _, name := range []string{"Authorization", "Idempotency-Key", "If-Match", "Content-Type", "Qiaomen-Role", "Last-Event-ID"} {
		values := r.Header.Values(name)
		if len(values) > 1 {
			return &qiaomen.Problem{Text: "请求头写了两次", Fix: "请只写一次", At: qiaomen.Place{Field: "header." + name}}
		}
		if len(values) > 0 && !utf8.ValidString(values[0]) {
			return &qiaomen.Problem{Text: "请求头里有无法识别的字符", Fix: "请用 UTF-8 文字", At: qiaomen.Place{Field: "header." + name}}
		}
	}
	return nil
}

// signedIn finds out who asks. What is not believed is told, not passed over: a
// token that no longer holds does not make its bearer a stranger.
func (a *api) signedIn(op operation, r *http.Request, v *visit) error {
	campaign := r.PathValue("campaign")
	name := cookieName(sessionCookie, v.encrypted)
	cookies := slices.DeleteFunc(r.Cookies(), func(c *http.Cookie) bool { return c.Name != name })
	header := r.Header.Get("Authorization")
	v.source = source(r, v)
	switch {
	case header != "" && len(cookies) > 0 || len(cookies) > 1:
		return &qiaomen.Problem{Text: "请求里有两个身份", Fix: "请只用会话或访问令牌之一", At: qiaomen.Place{Field: "header.Authorization"}}
	case header != "":
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "bearer") {
			return unauthorised("不认识这种身份", "请用 Authorization: Bearer 访问令牌")
		}
		caller, err := a.o.Office.TokenCaller(r.Context(), token)
		if p, ok := errors.AsType[*qiaomen.Problem](err); ok {
			return unauthorised(p.Text, p.Fix)
		} else if err != nil {
			return err
		}
		v.caller = caller
		if campaign != "" && campaign != caller.Campaign { // what the token is not for is not there
			v.caller.Only = []qiaomen.Action{}
		}
	case len(cookies) == 1:
		caller, session, err := a.o.Office.SessionCaller(r.Context(), v.source, cookies[0].Value)
		switch {
		case op.free && errors.Is(err, office.ErrSession): // a stranger may sign in again
		case err != nil && !(op.must && errors.Is(err, office.ErrMust)):
			return err
		default:
			v.caller, v.session, v.secret = caller, session, cookies[0].Value
		}
	case !op.free:
		return unauthorised("还没有登录", "请先登录，或用访问令牌")
	}
	if v.session != nil {
		v.person = v.session.Person
	}
	v.caller.Campaign = campaign
	v.caller.As = qiaomen.Role(r.Header.Get("Qiaomen-Role"))
	v.caller.From, v.caller.Request = v.source.Address, v.source.Request
	return nil
}

func unauthorised(text, fix string) *Problem {
	return &Problem{Type: problemType + "sign_in", Title: text, Detail: fix, Status: http.StatusUnauthorized}
}

// account is as whom the request counts against the limits.
func (v *visit) account() string { return cmp.Or(v.caller.Account, v.subscriber()) }

// subscriber is the visitor's address; of IPv6 the network, of which one
// subscriber has all the addresses.
func (v *visit) subscriber() string {
	if v.address.Is6() {
		if network, err := v.address.Prefix(64); err == nil {
			return network.String()
		}
	}
	return v.address.String()
}

// An inFlight is the keys under which something is being done right now: who
// sends the same once more is told to wait, not made to.
type inFlight struct {
	mu   sync.Mutex
	keys map[string]bool
}

func (f *inFlight) enter(key, operation string) (func(), error) {
	key += "\x00" + operation
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.keys[key] {
		return nil, &qiaomen.Problem{Code: qiaomen.Conflict, Text: "同一个幂等键的请求正在办理", Fix: "请稍后再提交一次，就能得到结果"}
	}
	if f.keys == nil {
		f.keys = map[string]bool{}
	}
	f.keys[key] = true
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.keys, key)
	}, nil
}

// room is a place among the costly operations. Who finds none is told to come
// again, so that the others are served.
func (a *api) room(ctx context.Context) (func(), error) {
	wait := time.NewTimer(2 * time.Second)
	defer wait.Stop()
	select {
	case a.rooms <- struct{}{}:
		return func() { <-a.rooms }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-wait.C:
		return nil, &Problem{
			Type: problemType + "busy", Title: "现在办理导入、导出和排名的人太多", Status: http.StatusTooManyRequests,
			Detail: "请过一会儿再提交，填写的内容没有丢失", retry: 5,
		}
	}
}

// cookie is a secret as a browser keeps it, for as long as it says; 0: until the
// browser is closed. An empty one is taken away.
func (v *visit) cookie(name, value string, lasts time.Duration) string {
	c := &http.Cookie{
		Name: cookieName(name, v.encrypted), Value: value, Path: "/", HttpOnly: true, Secure: v.encrypted, SameSite: http.SameSiteStrictMode,
		MaxAge: int(lasts.Seconds()),
	}
	if value == "" {
		c.MaxAge = -1
	}
	return c.String()
}
