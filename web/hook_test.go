package web_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/web"
)

// A resolver answers with a row of addresses after another, and then with the
// last.
type resolver struct {
	mu   sync.Mutex
	rows [][]netip.Addr
	n    int
}

func resolves(rows ...string) *resolver {
	r := &resolver{}
	for _, row := range rows {
		var all []netip.Addr
		for one := range strings.FieldsSeq(row) {
			all = append(all, netip.MustParseAddr(one))
		}
		r.rows = append(r.rows, all)
	}
	return r
}

func (r *resolver) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	row := r.rows[min(r.n, len(r.rows)-1)]
	r.n++
	return row, nil
}

// sends sends one message to a URL, where those hosts are named.
func sends(t *testing.T, hosts, url string, change func(*web.HookOptions)) error {
	t.Helper()
	named, err := office.ParseWebhookHosts(hosts)
	if err != nil {
		t.Fatal(err)
	}
	o := web.HookOptions{Hosts: named}
	if change != nil {
		change(&o)
	}
	return web.HookSender(o)(t.Context(), &office.Message{URL: url, ID: "h-x_1", Timestamp: "1", Signature: "v1,x", Body: []byte("{}")})
}

// A stub counts who comes.
func stub(t *testing.T, answer http.HandlerFunc) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	hits := &atomic.Int64{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		if answer != nil {
			answer(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s, hits
}

func refuses(t *testing.T, what string, err error, want string) {
	t.Helper()
	if p, ok := errors.AsType[*qiaomen.Problem](err); !ok || !strings.Contains(p.Text, want) {
		t.Errorf("%s: %v, want %s", what, err, want)
	}
}

// Rows 1.3.6 and 15.3.2: a webhook goes where the configuration says, and
// nowhere else, whatever its name comes to and wherever its receiver would have
// it go.
func TestWebhookGoesNowhereElse(t *testing.T) {
	inner, hits := stub(t, nil)
	port := inner.URL[strings.LastIndexByte(inner.URL, ':')+1:]
	here := "127.0.0.1:" + port

	t.Run("1.3.6 addresses that are not named", func(t *testing.T) {
		for _, url := range []string{
			"http://" + here, "https://" + here, "http://127.0.0.1/", "http://[::1]:" + port, "https://169.254.169.254/latest/meta-data/", "http://0:" + port,
			"http://2130706433:" + port, "http://localhost:" + port, "https://[::ffff:127.0.0.1]:" + port, "http://0.0.0.0:" + port,
		} {
			refuses(t, url, sends(t, "hooks.example.com", url, nil), "推送")
		}
	})
	t.Run("1.3.6 a name that comes to an inner address", func(t *testing.T) {
		for _, address := range []string{
			"127.0.0.1", "::1", "0.0.0.0", "::", "169.254.169.254", "224.0.0.1", "ff02::1", "fe80::1", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1",
			"2002:7f00:1::", "100.100.100.200", "fd00:ec2::254", "255.255.255.255", "203.0.113.7 127.0.0.1",
		} {
			err := sends(t, "hooks.example.com:"+port, "https://hooks.example.com:"+port+"/", func(o *web.HookOptions) { o.Resolver = resolves(address) })
			refuses(t, address, err, "不在允许的范围")
		}
	})
	t.Run("1.3.6 a name that comes to another address the second time", func(t *testing.T) {
		r := resolves("192.0.2.1", "127.0.0.1") // the first leads nowhere
		named, err := office.ParseWebhookHosts("hooks.example.com:" + port)
		if err != nil {
			t.Fatal(err)
		}
		send := web.HookSender(web.HookOptions{Hosts: named, Resolver: r})
		for range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			if err := send(ctx, &office.Message{URL: "https://hooks.example.com:" + port + "/"}); err == nil {
				t.Error("it was sent")
			}
			cancel()
		}
		if r.n != 3 {
			t.Errorf("looked up %d times for 3 connections", r.n)
		}
	})
	t.Run("15.3.2 redirects are not followed", func(t *testing.T) {
		for _, status := range []int{301, 302, 303, 307, 308} {
			away, _ := stub(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", inner.URL+"/")
				w.WriteHeader(status)
			})
			named := strings.TrimPrefix(away.URL, "http://") + " " + here
			refuses(t, fmt.Sprint(status), sends(t, named, away.URL, nil), "不跟去")
		}
	})
	t.Run("no proxy of the environment", func(t *testing.T) {
		t.Setenv("HTTPS_PROXY", inner.URL)
		t.Setenv("HTTP_PROXY", inner.URL)
		t.Setenv("ALL_PROXY", inner.URL)
		err := sends(t, "hooks.example.com", "https://hooks.example.com/", func(o *web.HookOptions) { o.Resolver = resolves("127.0.0.1") })
		refuses(t, "through a proxy", err, "不在允许的范围")
	})
	if n := hits.Load(); n != 0 {
		t.Errorf("the stub saw %d hits", n)
	}
	if err := sends(t, here, "http://"+here, nil); err != nil || hits.Load() != 1 {
		t.Errorf("named literally: %v", err)
	}
}

// Certificates are verified under the host's name; answers are no more than
// their status.
func TestWebhookReceivers(t *testing.T) {
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.Header.Get("webhook-id") != "h-x_1" || r.Header.Get("webhook-timestamp") != "1" || r.Header.Get("webhook-signature") != "v1,x" {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	t.Cleanup(secure.Close)
	port := secure.URL[strings.LastIndexByte(secure.URL, ':')+1:]
	named := "127.0.0.1:" + port + " hooks.example.com:" + port + " wrong.invalid:" + port
	roots := x509.NewCertPool()
	roots.AddCert(secure.Certificate()) // of example.com and what is below it
	known := func(o *web.HookOptions) { o.Roots, o.Resolver = roots, resolves("127.0.0.1") }
	if err := sends(t, named, "https://hooks.example.com:"+port+"/", known); err != nil {
		t.Error(err)
	}
	refuses(t, "another's certificate", sends(t, named, "https://wrong.invalid:"+port+"/", known), "证书")
	refuses(t, "a certificate of nobody known", sends(t, named, secure.URL, nil), "证书")

	for status, want := range map[int]string{400: "400", 404: "404", 500: "500", 503: "503", 410: "不再接收"} {
		bad, _ := stub(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); fmt.Fprint(w, "root:x:0:0") })
		err := sends(t, strings.TrimPrefix(bad.URL, "http://"), bad.URL, nil)
		if refuses(t, want, err, want); errors.Is(err, office.ErrGone) != (status == 410) || strings.Contains(err.Error(), "root") {
			t.Errorf("%d: %v", status, err)
		}
	}
	endless, _ := stub(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 4096)); err != nil {
				return
			}
		}
	})
	if err := sends(t, strings.TrimPrefix(endless.URL, "http://"), endless.URL, nil); err != nil {
		t.Errorf("an endless answer: %v", err)
	}
	silent, _ := stub(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	hosts, _ := office.ParseWebhookHosts(strings.TrimPrefix(silent.URL, "http://"))
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	refuses(t, "silence", web.HookSender(web.HookOptions{Hosts: hosts})(ctx, &office.Message{URL: silent.URL}), "按时")
	silent.CloseClientConnections()
}

// The receiver of the manual takes what is genuine, once, and nothing else.
func TestReceiverOfTheManual(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("no python3 here")
	} else if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../docs/api-events.md")
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(text), "```python\n")
	code, _, found := strings.Cut(code, "```")
	if !found {
		t.Fatal("the page has no receiver")
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := free.Addr().String()
	free.Close()
	key := []byte("0123456789abcdef0123456789abcdef")
	cmd := exec.CommandContext(t.Context(), python, "-c", code)
	cmd.Env = append(os.Environ(), "PORT="+host[strings.LastIndexByte(host, ':')+1:], "WEBHOOK_SECRET=whsec_"+base64.StdEncoding.EncodeToString(key))
	out := &lines{}
	cmd.Stdout = out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	eventually(t, "it listens", func() bool {
		c, err := net.Dial("tcp", host)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	hosts, err := office.ParseWebhookHosts(host)
	if err != nil {
		t.Fatal(err)
	}
	send := web.HookSender(web.HookOptions{Hosts: hosts})
	message := func(at time.Time, key []byte) *office.Message {
		m := &office.Message{URL: "http://" + host, ID: "h-x_7", Timestamp: fmt.Sprint(at.Unix()), Body: []byte(`{"position":7,"event":"record_accepted","data":{"id":"r-x"}}`)}
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "%s.%s.%s", m.ID, m.Timestamp, m.Body)
		m.Signature = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
		return m
	}
	for range 2 {
		if err := send(t.Context(), message(time.Now(), key)); err != nil {
			t.Error(err)
		}
	}
	refuses(t, "another key", send(t.Context(), message(time.Now(), key[1:])), "401")
	refuses(t, "an old message", send(t.Context(), message(time.Now().Add(-time.Hour), key)), "401")
	changed := message(time.Now(), key)
	changed.Body = []byte(`{"position":8,"event":"record_accepted"}`)
	refuses(t, "another body", send(t.Context(), changed), "401")
	if want := "7 record_accepted {'id': 'r-x'}\n"; out.String() != want {
		t.Errorf("it printed %q, want %q", out, want)
	}
}

// A webhook from end to end, as an administrator of another system would have it:
// made and tried at the doors, verified with a few lines, resumed, ended.
func TestWebhookThroughTheDoors(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine, qiaomen.SmallOffice)
		var mu sync.Mutex
		var secret string
		var got []office.Happening
		receiver, _ := stub(t, func(rw http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			body, _ := io.ReadAll(r.Body)
			key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
			mac := hmac.New(sha256.New, key)
			mac.Write([]byte(r.Header.Get("webhook-id") + "." + r.Header.Get("webhook-timestamp") + "." + string(body)))
			if !hmac.Equal([]byte(r.Header.Get("webhook-signature")), []byte("v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))) {
				rw.WriteHeader(http.StatusUnauthorized)
				return
			}
			var h office.Happening
			if err := json.Unmarshal(body, &h); err != nil {
				t.Error(err)
			}
			got = append(got, h)
		})
		host := strings.TrimPrefix(receiver.URL, "http://")
		hosts, err := office.ParseWebhookHosts(host)
		if err != nil {
			t.Fatal(err)
		}
		send := web.HookSender(web.HookOptions{Hosts: hosts})
		o := office.New(office.Options{Store: w.store, Files: w.files, Now: w.clock.Now, WebhookHosts: hosts})
		w.url = w.open(o, func(o *web.Options) { o.Hooks = send })
		handler := w.as("handler")
		form := map[string]any{"name": "示例对接", "url": receiver.URL + "/in?key=" + url.QueryEscape("示例"), "events": []string{"record_submitted", "record_accepted"}}
		for _, login := range []string{"jixian-reporter", "leader"} {
			if a := w.as(login).prove().post(inWinter("/webhooks"), form); a.status != http.StatusForbidden {
				t.Errorf("%s: %d", login, a.status)
			}
		}
		if a := w.withToken("handler", qiaomen.ActReadOthers).post(inWinter("/webhooks"), form); a.status != http.StatusForbidden {
			t.Errorf("a program: %d %s", a.status, a.body)
		}
		var made web.NewWebhook
		a := handler.prove().post(inWinter("/webhooks"), form).ok()
		if a.into(&made); made.Secret == "" || made.ID == "" {
			t.Fatalf("%s", a.body)
		}
		mu.Lock()
		secret = made.Secret
		mu.Unlock()
		hook := inWinter("/webhooks/" + made.ID)
		var trial office.Trial
		if handler.post(hook+"/trial", nil).ok().into(&trial); !trial.Delivered {
			t.Errorf("%+v", trial)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); o.Courier(send, nil).Run(ctx) }()
		defer func() { cancel(); <-done }()
		arrived := func() int {
			mu.Lock()
			defer mu.Unlock()
			return len(got)
		}
		id := w.as("jixian-reporter").post(inWinter("/records"), project("jixian", "示例风电项目")).id()
		eventually(t, "it arrives", func() bool { return arrived() == 2 })
		handler.post(inWinter("/records/"+id+"/acceptance"), nil, "If-Match", `"v1"`).ok()
		eventually(t, "the next arrives", func() bool { return arrived() == 3 })
		if got[0].Event != "test" || got[1].Event != "record_submitted" || got[2].Event != "record_accepted" || got[2].Position <= got[1].Position {
			t.Errorf("%+v", got)
		}
		list := handler.get(inWinter("/webhooks")).ok()
		if text := string(list.body); strings.Contains(text, made.Secret) || !strings.Contains(text, `"host":"`+host+`"`) {
			t.Errorf("%s", text)
		}
		if strings.Contains(w.log.String(), made.Secret) {
			t.Error("the log has the secret")
		}
		handler.post(hook+"/resumption", map[string]any{"from": got[1].Position}).ok()
		eventually(t, "both arrive again", func() bool { return arrived() == 5 })
		w.as("handler2").do(http.MethodDelete, hook, nil).is(http.StatusNotFound)
		handler.do(http.MethodDelete, hook, nil).ok()
		w.as("jixian-reporter").post(inWinter("/records"), project("jixian", "示例风电项目二")).ok()
		time.Sleep(200 * time.Millisecond)
		if n := arrived(); n != 5 {
			t.Errorf("%d arrived after the end", n)
		}
	})
}
