package web_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
	"qiaomen/store/storetest"
	"qiaomen/web"
)

// An eventSource reads a stream as a browser does.
type eventSource struct {
	t      testing.TB
	status int
	header http.Header
	lines  chan string // closed when the stream has ended
	leave  func()
}

// A cameEvent is one event as it came.
type cameEvent struct {
	id, event, data string
	comment         bool
}

// listens opens a stream.
func (c *client) listens(path string, header ...string) *eventSource {
	c.w.t.Helper()
	ctx, cancel := context.WithCancel(c.w.t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+web.Prefix+path, nil)
	if err != nil {
		c.w.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := c.http.Do(req)
	if err != nil {
		c.w.t.Fatal(err)
	}
	s := &eventSource{c.w.t, res.StatusCode, res.Header, make(chan string, 10_000), cancel}
	go func() {
		defer res.Body.Close()
		defer close(s.lines)
		in := bufio.NewScanner(res.Body)
		in.Buffer(nil, 4<<20)
		for in.Scan() {
			s.lines <- in.Text()
		}
	}()
	return s
}

// next is the next event, or comment; nil: the stream has ended.
func (s *eventSource) next(within time.Duration) *cameEvent {
	s.t.Helper()
	late := time.After(within)
	e := &cameEvent{}
	for {
		select {
		case line, more := <-s.lines:
			name, value, _ := strings.Cut(line, ": ")
			switch {
			case !more:
				return nil
			case line == "" && (e.data != "" || e.comment):
				return e
			case line == ":":
				e.comment = true
			case name == "id":
				e.id = value
			case name == "event":
				e.event = value
			case name == "data":
				e.data = value
			}
		case <-late:
			s.t.Fatalf("nothing within %s", within)
		}
	}
}

// is asks for an event of the journal.
func (s *eventSource) is(position int64, event string) office.Happening {
	s.t.Helper()
	e := s.next(3 * time.Second)
	if e == nil || e.event != event || e.id != fmt.Sprint(position) {
		s.t.Fatalf("%+v, want %s at %d", e, event, position)
	}
	var h office.Happening
	if err := json.Unmarshal([]byte(e.data), &h); err != nil || h.Position != position || h.Event != event {
		s.t.Fatalf("%s: %v", e.data, err)
	}
	return h
}

func (w *world) size() int64 {
	w.t.Helper()
	n, err := w.store.Signed(w.t.Context(), winter)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func from(position int64) string { return inWinter("/events?from=" + fmt.Sprint(position)) }

// A campaign's events by pages, and as a stream that goes on where it broke off.
func TestEvents(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine, qiaomen.SmallOffice)
		reporter, handler := w.as("jixian-reporter"), w.as("handler")
		before := w.size()
		for i := range 3 {
			reporter.post(inWinter("/records"), project("jixian", fmt.Sprint("示例项目<b>", i))).ok()
		}
		size := w.size()

		var page office.Happenings
		a := handler.get(from(before+1) + "&limit=2").ok()
		if a.into(&page); len(page.Items) != 2 || page.Next != before+3 || page.Size != size || page.Items[0].Position != before+1 {
			t.Fatalf("%+v", page)
		}
		if kind := a.header.Get("Content-Type"); kind != "application/json; charset=utf-8" || strings.Contains(string(a.body), "<") {
			t.Errorf("%s: %s", kind, a.body)
		}
		handler.get(from(size + 2)).is(http.StatusConflict).problem()
		handler.get(from(-1)).is(http.StatusUnprocessableEntity).problem()
		w.stranger().get(from(1)).is(http.StatusUnauthorized)
		for _, login := range []string{"jixian-reporter", "youyi-head", "leader", "statistician", "system"} {
			if a := w.as(login).get(from(1)); a.status != http.StatusForbidden {
				t.Errorf("%s: %d", login, a.status)
			}
			s := w.as(login).listens(from(1))
			if s.status != http.StatusForbidden {
				t.Errorf("%s: a stream: %d", login, s.status)
			}
			s.leave()
		}

		s := handler.listens(from(before + 1))
		if s.status != http.StatusOK || s.header.Get("Content-Type") != "text/event-stream; charset=utf-8" || s.header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%d %v", s.status, s.header)
		}
		for i := range int64(3) {
			s.is(before+1+i, "record_submitted")
		}
		id := reporter.post(inWinter("/records"), project("jixian", "示例项目四")).id()
		s.is(size+1, "record_submitted")
		s.leave()
		w.must(w.other().Accept(t.Context(), office.Caller{Account: w.account["handler"], Campaign: winter}, id, 1))
		s = w.withToken("handler", qiaomen.ActReadOthers).listens(from(1), "Last-Event-ID", fmt.Sprint(size+1))
		s.is(size+2, "record_accepted")
		begun := time.Now()
		w.must(w.other().Return(t.Context(), office.Caller{Account: w.account["handler"], Campaign: winter}, id, 1, "示例"))
		s.is(size+3, "record_returned")
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("%s until another node's entry came", took)
		}
		handler.get(from(1), "Accept", "text/event-stream", "Last-Event-ID", "x").is(http.StatusUnprocessableEntity).problem()
	})
}

func (w *world) must(a *office.Answer, err error) *office.Answer {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// other is another program on the same database.
func (w *world) other() *office.Office {
	w.t.Helper()
	o := w.options
	o.Folder = filepath.Join(w.t.TempDir(), "marks")
	if err := os.CopyFS(o.Folder, os.DirFS(w.options.Folder)); err != nil {
		w.t.Fatal(err)
	}
	return office.New(office.Options{Store: storetest.Open(w.t, o), Files: w.files, Now: w.clock.Now})
}

// A page of another origin gets no stream, whoever's cookie it has.
func TestStreamOrigin(t *testing.T) {
	w := newWorld(t, "sqlite", qiaomen.SmallOffice)
	c := w.as("handler")
	t.Run("4.4.2 foreign origins are refused", func(t *testing.T) {
		for _, header := range [][]string{
			{"Origin", "https://evil.invalid"},
			{"Origin", "null"},
			{"Sec-Fetch-Site", "cross-site"},
			{"Sec-Fetch-Site", "same-site"},
			{"Origin", "https://evil.invalid", "Sec-Fetch-Site", "cross-site"},
		} {
			s := c.listens(from(1), header...)
			if s.leave(); s.status != http.StatusForbidden {
				t.Errorf("%v: %d", header, s.status)
			}
		}
		for _, header := range [][]string{nil, {"Origin", w.url}, {"Sec-Fetch-Site", "same-origin"}} {
			s := c.listens(from(1), header...)
			if s.leave(); s.status != http.StatusOK {
				t.Errorf("%v: %d", header, s.status)
			}
			eventually(t, "its place is free", func() bool {
				s := c.listens(from(1))
				s.leave()
				return s.status == http.StatusOK
			})
		}
	})
}

func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for range 500 {
		if so() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("never: " + what)
}

// A stream ends when its reader's role, session or token does, and when the
// server stops; there are so many of an account, and no more.
func TestStreamsEnd(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine, qiaomen.SmallOffice)
		ends := func(s *eventSource, word string) {
			t.Helper()
			e := s.next(3 * time.Second)
			if e == nil || e.event != "end" || e.id != "" {
				t.Fatalf("%+v", e)
			}
			var p web.Problem
			if err := json.Unmarshal([]byte(e.data), &p); err != nil || p.Type != "urn:qiaomen:problem:"+word {
				t.Errorf("%s: %v", e.data, err)
			}
			if e := s.next(3 * time.Second); e != nil {
				t.Errorf("after the end: %+v", e)
			}
		}
		server := web.New(web.Options{Office: w.office, Now: w.clock.Now})
		doors := httptest.NewServer(server)
		t.Cleanup(doors.Close)
		w.url = doors.URL
		now := from(w.size() + 1)

		s := w.as("handler2").listens(now)
		w.loses("handler2")
		ends(s, "denied")
		w.as("handler2").get(now).is(http.StatusForbidden)

		token := w.withToken("reviewer", qiaomen.ActReadOthers)
		s = token.listens(now)
		var tokens struct{ Items []qiaomen.Token }
		w.as("reviewer").get(inWinter("/tokens")).ok().into(&tokens)
		w.as("reviewer").do(http.MethodDelete, inWinter("/tokens/"+tokens.Items[0].ID), nil).ok()
		ends(s, "sign_in")

		s = w.as("evaluator").listens(now)
		w.as("security").post("/accounts/"+w.account["evaluator"]+"/sessions-end", map[string]any{"reason": "示例"}).ok()
		ends(s, "sign_in")

		handler := w.as("handler")
		var open []*eventSource
		for range 4 {
			open = append(open, handler.listens(now))
		}
		if s := handler.listens(now); s.status != http.StatusTooManyRequests || s.header.Get("Retry-After") == "" {
			t.Errorf("a fifth stream: %d", s.status)
		}
		open[0].leave()
		eventually(t, "a place is free", func() bool {
			s := handler.listens(now)
			open[0] = s
			return s.status == http.StatusOK
		})
		server.Stop()
		for _, s := range open {
			if e := s.next(3 * time.Second); e != nil {
				t.Errorf("the server stops: %+v", e)
			}
		}
	})
}

// loses takes the person's roles away.
func (w *world) loses(login string) {
	w.t.Helper()
	var mine []*qiaomen.Grant
	err := w.store.Read(w.t.Context(), office.InstallationJournal, 0, func(v *store.View) error {
		a, err := store.One[qiaomen.Account](v, w.account[login])
		if err != nil {
			return err
		}
		mine, err = store.All[qiaomen.Grant](v, store.Filter{Key: a.Person})
		return err
	})
	if err != nil || len(mine) == 0 {
		w.t.Fatalf("%d grants: %v", len(mine), err)
	}
	_, err = w.store.Write(w.t.Context(), store.Act{Journal: office.InstallationJournal, Person: "u-x", Account: "c-x", At: w.clock.Now()}, func(tx *store.Tx) error {
		for _, g := range mine {
			if err := tx.Emit(&qiaomen.RoleRemoved{ID: g.ID, Reason: "示例"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// A stream outlasts the times that a connection has for a request, and no stop
// of the server.
func TestStreamsAndTheServer(t *testing.T) {
	w := newWorld(t, "sqlite", qiaomen.SmallOffice)
	now := from(w.size() + 1)
	server := web.New(web.Options{Office: w.office, Now: w.clock.Now})
	doors := httptest.NewUnstartedServer(server)
	doors.Config.ReadTimeout, doors.Config.WriteTimeout = 200*time.Millisecond, 200*time.Millisecond
	doors.Start()
	t.Cleanup(doors.Close)
	c := w.withToken("handler", qiaomen.ActReadOthers)
	c.url = doors.URL
	s := c.listens(now)
	time.Sleep(500 * time.Millisecond)
	w.as("jixian-reporter").post(inWinter("/records"), project("jixian", "示例项目")).ok()
	s.is(w.size(), "record_submitted")
	s.leave()

	ctx, stop := context.WithCancel(t.Context())
	address, stopped := make(chan string, 1), make(chan error, 1)
	go func() {
		stopped <- web.Serve(ctx, web.Listening{
			Address: "127.0.0.1:0", Log: newLog(w.log), Started: func(a net.Addr) { address <- "http://" + a.String() },
		}, server)
	}()
	c.url = <-address
	s = c.listens(from(w.size() + 1))
	if s.status != http.StatusOK {
		t.Fatal(s.status)
	}
	begun := time.Now()
	stop()
	if e := s.next(3 * time.Second); e != nil {
		t.Errorf("%+v", e)
	}
	if err := <-stopped; err != nil || time.Since(begun) > 3*time.Second {
		t.Errorf("it stopped after %s: %v", time.Since(begun), err)
	}
}

// Where nothing happens a stream shows that it is there; a session that was
// ended elsewhere is found out all the same.
func TestQuietStreams(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite", qiaomen.SmallOffice)
	handler, reviewer := w.as("handler"), w.as("reviewer")
	now := from(w.size() + 1)
	quiet, left := handler.listens(now), reviewer.listens(now)
	reviewer.do(http.MethodDelete, "/session", nil).ok()
	if e := left.next(11 * time.Second); e == nil || e.event != "end" {
		t.Errorf("signed out: %+v", e)
	}
	if e := quiet.next(16 * time.Second); e == nil || !e.comment {
		t.Errorf("%+v", e)
	}
}

// Who does not read is dropped, and holds nobody else up.
func TestStalledReader(t *testing.T) {
	w := newWorld(t, "sqlite", qiaomen.SmallOffice)
	c := w.withToken("handler", qiaomen.ActReadOthers)
	c.url = w.open(w.office, func(o *web.Options) { o.Streams, o.Stall = 1, 500*time.Millisecond })
	long := strings.Repeat("长", 50_000)
	for i := range 100 { // more than sockets hold
		_, err := w.store.Write(t.Context(), store.Act{Journal: winter, Person: "u-x", Account: "c-x", At: w.clock.Now()}, func(tx *store.Tx) error {
			return tx.Emit(&qiaomen.AnnouncementMade{Announcement: qiaomen.Announcement{ID: fmt.Sprint("n-", i), Text: long}})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	conn, err := net.Dial("tcp", strings.TrimPrefix(c.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(conn)
	fmt.Fprintf(conn, "GET %s%s HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nAuthorization: Bearer %s\r\n\r\n", web.Prefix, from(1), c.token)
	if line, err := in.ReadString('\n'); err != nil || line != "HTTP/1.1 200 OK\r\n" {
		t.Fatalf("%s %v", line, err)
	}
	if s := c.listens(from(1)); s.status != http.StatusTooManyRequests {
		t.Errorf("the place is taken: %d", s.status)
	}
	eventually(t, "the place is free", func() bool {
		s := c.listens(from(1))
		s.leave()
		return s.status == http.StatusOK
	})
}
