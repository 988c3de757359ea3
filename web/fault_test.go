package web_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
	"qiaomen/web"
)

// node is another program's doors on the same ledger.
func (w *world) node() *client {
	w.t.Helper()
	o := w.options
	o.Folder = w.t.TempDir()
	if err := store.Adopt(w.t.Context(), o); err != nil {
		w.t.Fatal(err)
	}
	other, err := store.Open(w.t.Context(), o)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { other.Close() })
	c := w.stranger()
	c.url = w.open(office.New(office.Options{Store: other, Files: w.files, Now: w.clock.Now}))
	return c
}

// F17: a lost reply, the other node, two tabs, the key for something else, and
// the key long after.
func TestSentAgain(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine, qiaomen.SmallOffice)
		c := w.withToken("jixian-reporter", qiaomen.ActSubmit, qiaomen.ActReadOwn)
		second := w.node()
		second.token = c.token
		body := project("jixian", "示例重发项目")
		first := c.post(inWinter("/records"), body, "Idempotency-Key", "k-1").ok()
		var want, got web.Result
		first.into(&want)

		for name, from := range map[string]*client{"the same node": c, "another node": second} {
			from.post(inWinter("/records"), body, "Idempotency-Key", "k-1").ok().into(&got)
			if got.ID != want.ID || got.Last != want.Last || !got.Again {
				t.Errorf("%s: %+v, want %+v", name, got, want)
			}
			if a := from.post(inWinter("/records"), project("jixian", "示例另一项目"), "Idempotency-Key", "k-1"); a.status != http.StatusUnprocessableEntity {
				t.Errorf("%s: another body under the key: %d", name, a.status)
			}
		}
		other := w.withToken("youyi-reporter", qiaomen.ActSubmit)
		if a := other.post(inWinter("/records"), project("youyi", "示例别人的键"), "Idempotency-Key", "k-1"); a.status != http.StatusOK || a.id() == want.ID {
			t.Errorf("another person's key: %d", a.status)
		}
		w.clock.move(100 * 24 * time.Hour)
		c = w.withToken("jixian-reporter", qiaomen.ActSubmit, qiaomen.ActReadOwn)
		if c.post(inWinter("/records"), body, "Idempotency-Key", "k-1").ok().into(&got); got.ID != want.ID || !got.Again {
			t.Errorf("a hundred days later: %+v", got)
		}

		second.token = c.token
		var wait sync.WaitGroup
		status, ids := make([]int, 20), make([]string, 20)
		for i := range status {
			wait.Go(func() {
				from := c
				if i%2 == 1 {
					from = second
				}
				a := from.post(inWinter("/records"), project("jixian", "示例同时项目"), "Idempotency-Key", "k-2")
				if status[i] = a.status; a.status == http.StatusOK {
					ids[i] = a.id()
				}
			})
		}
		wait.Wait()
		one := ""
		for i, s := range status {
			if s != http.StatusOK && s != http.StatusConflict {
				t.Errorf("twenty tabs: %d", s)
			}
			if ids[i] != "" && one != "" && ids[i] != one {
				t.Errorf("two effects: %s and %s", one, ids[i])
			}
			one = cmp.Or(one, ids[i])
		}
		if one == "" {
			t.Error("nobody was served")
		}
	})
}

// serve runs the doors as the program does, until the test ends.
func (w *world) serve(l web.Listening, o web.Options) (address string, stop func() error) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	started, done := make(chan net.Addr, 1), make(chan error, 1)
	l.Log, l.Started = newLog(w.log), func(a net.Addr) { started <- a }
	o.Office, o.Log, o.Now = w.office, newLog(w.log), w.clock.Now
	go func() { done <- web.Serve(ctx, l, web.New(o)) }()
	var once sync.Once
	var err error
	stop = func() error {
		once.Do(func() { cancel(); err = <-done })
		return err
	}
	w.t.Cleanup(func() { _ = stop() })
	select {
	case a := <-started:
		return a.String(), stop
	case err := <-done:
		w.t.Fatal(err)
	}
	return "", nil
}

// F19: who says a request byte by byte, or reads its answer so, holds up nobody,
// and is closed after half a minute.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite", qiaomen.SmallOffice)
	c := w.as("jixian-reporter")
	address, _ := w.serve(web.Listening{Address: "127.0.0.1:0"}, web.Options{})
	fast := w.stranger()
	fast.url, fast.http = "http://"+address, &http.Client{Jar: c.http.Jar}

	const each = 200
	begun := time.Now()
	var wait sync.WaitGroup
	closed := make(chan time.Duration, 2*each)
	slow := func(head string) {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, head)
		go func() {
			for range 120 { // a byte now and then, until it is closed
				time.Sleep(500 * time.Millisecond)
				if _, err := io.WriteString(conn, "a"); err != nil {
					return
				}
			}
		}()
		_ = conn.SetReadDeadline(time.Now().Add(60 * time.Second))
		_, err = io.Copy(io.Discard, conn)
		if e, ok := err.(net.Error); ok && e.Timeout() {
			t.Error("a slow client was never closed")
		}
		closed <- time.Since(begun)
	}
	for range each {
		wait.Go(func() { slow("GET /api/v1/campaigns HTTP/1.1\r\nHost: x\r\nX-Slow: ") })
		wait.Go(func() {
			slow("POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{\"login\":\"")
		})
	}
	for time.Since(begun) < 5*time.Second {
		before := time.Now()
		if fast.get("/campaigns").is(http.StatusOK); time.Since(before) > 2*time.Second {
			t.Error("the others wait")
		}
		time.Sleep(50 * time.Millisecond)
	}
	wait.Wait()
	close(closed)
	for took := range closed {
		if took > 40*time.Second {
			t.Errorf("closed after %s", took)
			break
		}
	}
}

// F18 of what is no file: endless, stalled and lying bodies.
func TestEndlessBodies(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite", qiaomen.SmallOffice)
	c := w.as("jixian-reporter")
	read := 0
	endless := readerFunc(func(b []byte) (int, error) {
		for i := range b {
			b[i] = ' '
		}
		read += len(b)
		return len(b), nil
	})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+web.Prefix+inWinter("/records"), io.NopCloser(endless))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for _, cookie := range c.http.Jar.Cookies(mustURL(w.url)) {
		req.AddCookie(cookie)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err == nil {
		defer res.Body.Close()
		if res.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("an endless body: %d", res.StatusCode)
		}
	}
	if read > 16<<20 {
		t.Errorf("%d bytes of it were read", read)
	}
	if status, _ := w.raw("POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5368709120\r\nConnection: close\r\n\r\n{}"); status != http.StatusRequestEntityTooLarge && status != 0 && status != http.StatusRequestTimeout {
		t.Errorf("five gigabytes announced: %d", status)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// A stop waits for what is being answered, and lets nobody new in.
func TestGracefulStop(t *testing.T) {
	w := newWorld(t, "sqlite", qiaomen.SmallOffice)
	c := w.as("jixian-reporter")
	address, stop := w.serve(web.Listening{Address: "127.0.0.1:0"}, web.Options{})
	body := `{"unit":"jixian","kind":"domestic_lead","name":"示例停机","fields":{"target_company":"示例公司","content":"示例","amount_yi":"1"}}`
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	cookies := ""
	for _, cookie := range c.http.Jar.Cookies(mustURL(w.url)) {
		cookies += cookie.Name + "=" + cookie.Value + "; "
	}
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nCookie: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", web.Prefix+inWinter("/records"), cookies, len(body), body[:20])
	time.Sleep(200 * time.Millisecond) // it is being read
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	time.Sleep(200 * time.Millisecond)
	if _, err := net.DialTimeout("tcp", address, time.Second); err == nil {
		t.Error("somebody new is let in")
	}
	_, _ = io.WriteString(conn, body[20:])
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	answer := make([]byte, 15)
	if _, err := io.ReadFull(conn, answer); err != nil || string(answer) != "HTTP/1.1 200 OK" {
		t.Errorf("%q %v", answer, err)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}
