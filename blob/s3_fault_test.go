package blob_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/blob/blobtest"
)

type spoil = blobtest.Spoil

func original(r *http.Request, method string) bool {
	return r.Method == method && strings.Contains(r.URL.Path, "/originals/") && r.URL.RawQuery == ""
}

// answers gives an answer to what is done with originals, and leaves the rest.
func answers(method string, answer func(w http.ResponseWriter, r *http.Request, next http.Handler)) spoil {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !original(r, method) {
			next.ServeHTTP(w, r)
			return
		}
		answer(w, r, next)
	}
}

func status(code int, name string) spoil {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		drained(r)
		w.WriteHeader(code)
		fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", name, r.Header.Get("Authorization"))
	}
}

// changed lets the server answer, and changes what it says.
func changed(change func(h http.Header, body []byte) []byte) spoil {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		body := change(rec.Header(), rec.Body.Bytes())
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(body)
	}
}

func hang(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
	drained(r)
	<-r.Context().Done()
}

func cut(http.ResponseWriter, *http.Request, http.Handler) { panic(http.ErrAbortHandler) }

func half(_ http.Header, body []byte) []byte { return body[:len(body)/2] }

// The ways in which a server fails a Put (F13). Those that are for good do not
// pass when they happen once only.
var failures = map[string]struct {
	spoil   spoil
	forGood bool
}{
	"500":             {answers("PUT", status(500, "InternalError")), false},
	"503":             {answers("PUT", status(503, "SlowDown")), false},
	"no answer":       {answers("PUT", hang), false},
	"cut off":         {answers("PUT", cut), false},
	"403":             {answers("PUT", status(403, "AccessDenied")), true},
	"a code of words": {answers("PUT", status(400, accessKey+" "+secretKey)), true},
	"redirect": {answers("PUT", func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		drained(r)
		w.Header().Set("Location", "http://127.0.0.1:1/elsewhere")
		w.WriteHeader(http.StatusTemporaryRedirect)
	}), true},
	"200 and absent": {answers("PUT", func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		drained(r)
		w.Header().Set("ETag", `"0123456789abcdef0123456789abcdef"`)
	}), false},
	"half is kept": {answers("PUT", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		b, _ := io.ReadAll(r.Body)
		b = half(nil, b)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
		r.Header.Set("Content-Length", fmt.Sprint(len(b)))
		next.ServeHTTP(w, r)
	}), false},
	"other bytes are kept": {answers("PUT", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		b, _ := io.ReadAll(r.Body)
		b[len(b)/2] ^= 1
		r.Body = io.NopCloser(bytes.NewReader(b))
		next.ServeHTTP(w, r)
	}), false},
	"wrong ETag": {answers("PUT", changed(func(h http.Header, b []byte) []byte {
		h.Set("ETag", `"0123456789abcdef0123456789abcdef"`)
		return b
	})), false},
	"half is given back": {answers("GET", changed(half)), false},
	"half is given back as if it were all": {answers("GET", changed(func(h http.Header, b []byte) []byte {
		h.Set("Content-Length", fmt.Sprint(len(b)/2))
		return half(h, b)
	})), false},
	"other bytes are given back": {answers("GET", changed(func(_ http.Header, b []byte) []byte {
		b = bytes.Clone(b)
		b[len(b)/2] ^= 1
		return b
	})), false},
	"nothing is given back": {answers("GET", hang), false},
	"404 when read back":    {answers("GET", status(404, "NoSuchKey")), false},
	"everything is down":    {status(503, "ServiceUnavailable"), false},
}

// TestPutFails: whatever a server does instead of keeping a file, nothing is
// acknowledged; the person is told, soon; nothing is left on this machine; and
// when the server is well again, so is the file.
func TestPutFails(t *testing.T) {
	content := blobtest.Paper("a")
	for name, failure := range failures {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := fake(t, false)
			o := s.options(t)
			o.Stall, o.Patience = 200*time.Millisecond, 400*time.Millisecond
			b := bucket(t, o)
			s.Spoil(failure.spoil)
			start := time.Now()
			stored, err := b.Put(t.Context(), bytes.NewReader(content), blob.Sent{Name: "a.pdf"})
			unreachable(t, err, "a.pdf")
			if stored != (blob.Stored{}) || !errors.Is(err, blob.ErrUnwritable) {
				t.Fatalf("acknowledged: %+v, %v", stored, err)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("told after %v", took)
			}
			if left := files(t, o.Spool, "."); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
			if !failure.forGood {
				s.Spoil(nil)
				if _, err := b.Status(t.Context(), blob.Digest{}); err != nil { // it is seen to be up again
					t.Fatal(err)
				}
				s = fake(t, false)
				b = bucket(t, s.options(t))
				var times atomic.Int32
				s.Spoil(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
					if strings.Contains(r.URL.Path, "/originals/") && r.Method != "HEAD" && times.Add(1) == 1 {
						failure.spoil(w, r, next)
						return
					}
					next.ServeHTTP(w, r)
				})
			}
			if failure.forGood {
				s.Spoil(nil)
			}
			putInto(t, b, content, "a.pdf")
			if found := findings(t, b, content); len(found) != 0 {
				t.Errorf("afterwards %v", found)
			}
		})
	}
}

// unreachable wants a sentence for a person, and nothing of keys or signatures.
func unreachable(t testing.TB, err error, file string) {
	t.Helper()
	p, ok := errors.AsType[*qiaomen.Problem](err)
	if !errors.Is(err, blob.ErrUnreachable) || !ok || p.Text == "" || p.Fix == "" || p.At.File != file {
		t.Fatalf("got %v (%+v)", err, p)
	}
	for _, secret := range []string{accessKey, secretKey, "Signature", "AWS4", "Credential"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("an error says %s: %v", secret, err)
		}
	}
}

// TestDown: while the server is down everything says so, Verify does not call
// files lost, and nothing waits as long as patience lasts, but what found out.
func TestDown(t *testing.T) {
	for name, down := range map[string]spoil{"503": status(503, "ServiceUnavailable"), "silent": hang, "cut off": cut} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := fake(t, false)
			o := s.options(t)
			o.Stall, o.Patience = 150*time.Millisecond, 3*time.Second
			b := bucket(t, o)
			content := blobtest.Photo(1)
			d := putInto(t, b, content, "a.jpg")
			if _, _, err := b.View(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			s.Spoil(down)
			calls := map[string]func() error{
				"Status":      func() error { _, err := b.Status(t.Context(), d); return err },
				"Open":        func() error { _, _, err := b.Open(t.Context(), d); return err },
				"OpenChecked": func() error { _, _, err := b.OpenChecked(t.Context(), d); return err },
				"View":        func() error { _, _, err := b.View(t.Context(), d); return err },
				"Thumbnail":   func() error { _, _, err := b.Thumbnail(t.Context(), d); return err },
				"Look":        func() error { _, err := b.Look(t.Context(), d); return err },
				"Quarantine":  func() error { return b.Quarantine(t.Context(), d, "误传") },
				"Release":     func() error { return b.Release(t.Context(), d) },
				"Expunge":     func() error { return b.Expunge(t.Context(), d) },
				"Verify": func() error {
					for found, err := range b.Verify(t.Context(), blobtest.Expect(content), nil) {
						if err != nil {
							return err
						}
						t.Errorf("found %v", found)
					}
					return nil
				},
			}
			unreachable(t, calls["Status"](), "")
			for name, call := range calls {
				start := time.Now()
				unreachable(t, call(), "")
				if took := time.Since(start); took > 2*time.Second {
					t.Errorf("%s took %v", name, took)
				}
			}
			late := bucket(t, o) // opens all the same
			unreachable(t, func() error { _, err := late.Status(t.Context(), d); return err }(), "")
			s.Spoil(nil)
			for _, b := range []*blob.Bucket{b, late} {
				if st, err := b.Status(t.Context(), d); err != nil || st.State != blob.Kept {
					t.Errorf("afterwards %+v, %v", st, err)
				}
			}
		})
	}
}

// TestReadOn: a reader that is cut off goes on where it was; it never goes on
// in another object.
func TestReadOn(t *testing.T) {
	s := fake(t, false)
	b := bucket(t, s.options(t))
	content := append(blobtest.Paper("a")[:15], append(bytes.Repeat([]byte("0123456789abcdef"), 1<<14), blobtest.Paper("a")[15:]...)...)
	d := putInto(t, b, content, "a.pdf")
	s.Spoil(answers("GET", changed(func(_ http.Header, body []byte) []byte { return body[:min(len(body), 60_000)] })))
	for name, open := range map[string]func(context.Context, blob.Digest) (io.ReadSeekCloser, int64, error){"Open": b.Open, "OpenChecked": b.OpenChecked} {
		r, size, err := open(t.Context(), d)
		if err != nil || size != int64(len(content)) {
			t.Fatal(name, size, err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
		if _, err := r.Seek(-100, io.SeekEnd); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content[len(content)-100:]) {
			t.Errorf("%s: the end is %d bytes, %v", name, len(got), err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	r, _, err := b.Open(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(io.Discard, r, 10); err != nil {
		t.Fatal(err)
	}
	s.set(t, d.Path(), bytes.ToUpper(content))
	if got, err := io.ReadAll(r); !errors.Is(err, blob.ErrUnreachable) || !bytes.Equal(got, content[10:10+len(got)]) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	s.Spoil(answers("GET", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		r.Header.Del("Range")
		next.ServeHTTP(w, r)
	}))
	s.set(t, d.Path(), content)
	if r, _, err = b.Open(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Seek(100, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); !errors.Is(err, blob.ErrUnreachable) {
		t.Errorf("a server that sends another part gives %d bytes, %v", len(got), err)
	}
}

// TestSlow: a hundred uploads that take long do not hold up anything else, and
// end when their senders go away (F14).
func TestSlow(t *testing.T) {
	s := fake(t, false)
	o := s.options(t)
	o.Stall = 5 * time.Second
	b := bucket(t, o)
	quick := putInto(t, b, blobtest.Paper("quick"), "a.pdf")
	const slow = 2 * time.Second
	var waiting sync.WaitGroup
	waiting.Add(100)
	s.Spoil(answers("PUT", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.ContentLength > 100_000 {
			waiting.Done()
			select {
			case <-time.After(slow):
			case <-r.Context().Done():
				return
			}
		}
		next.ServeHTTP(w, r)
	}))
	pad := bytes.Repeat([]byte("0123456789abcdef"), 1<<13)
	long := func(i int) []byte {
		p := blobtest.Paper(fmt.Sprint("slow ", i))
		return slices.Concat(p[:15], pad, p[15:])
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var all sync.WaitGroup
	var ended atomic.Int32
	for i := range 100 {
		all.Go(func() {
			ctx := ctx
			if i%2 == 0 {
				ctx = t.Context()
			}
			_, err := b.Put(ctx, bytes.NewReader(long(i)), blob.Sent{Name: "a.pdf"})
			if i%2 == 0 && err != nil || i%2 == 1 && !errors.Is(err, context.Canceled) {
				t.Errorf("%d: %v", i, err)
			}
			ended.Add(1)
		})
	}
	waiting.Wait()
	var took []time.Duration
	for i := range 20 {
		start := time.Now()
		if _, err := b.Status(t.Context(), quick); err != nil {
			t.Error(err)
		}
		if r, _, err := b.OpenChecked(t.Context(), quick); err != nil {
			t.Error(err)
		} else {
			_ = r.Close()
		}
		putInto(t, b, blobtest.Paper(fmt.Sprint("beside ", i)), "a.pdf")
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	if n := ended.Load(); n != 0 {
		t.Errorf("%d slow uploads had ended: nothing was tried beside them", n)
	}
	if p95 := took[len(took)*95/100]; p95 > 500*time.Millisecond {
		t.Errorf("beside slow uploads p95 is %v", p95)
	}
	cancel()
	all.Wait()
	if left := files(t, o.Spool, "."); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
