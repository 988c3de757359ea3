package blob_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
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

// TestExpungeInterrupted: bytes that could not be destroyed are destroyed when
// the store is next opened, or when its server is up again.
func TestExpungeInterrupted(t *testing.T) {
	for name, down := range map[string]bool{"up": false, "down at the start": true} {
		t.Run(name, func(t *testing.T) {
			s := fake(t, true)
			o := s.options(t)
			o.Stall, o.Patience = 100*time.Millisecond, 100*time.Millisecond
			b := bucket(t, o)
			d := putInto(t, b, blobtest.Photo(1), "a.jpg")
			if _, _, err := b.View(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			s.Spoil(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if r.Method == "DELETE" {
					status(500, "InternalError")(w, r, next)
					return
				}
				next.ServeHTTP(w, r)
			})
			unreachable(t, b.Expunge(t.Context(), d), "")
			if st, err := b.Status(t.Context(), d); err != nil || st.State != blob.Expunged {
				t.Errorf("%+v, %v", st, err)
			}
			if _, _, err := b.Open(t.Context(), d); !errors.Is(err, blob.ErrExpunged) {
				t.Errorf("Open gives %v", err)
			}
			s.Spoil(nil)
			if down {
				s.Spoil(status(503, "ServiceUnavailable"))
			}
			bucket(t, o)
			s.Spoil(nil)
			for until := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
				if keys := s.keys(t); slices.Equal(keys, []string{"expunged/" + d.String()}) {
					break
				} else if !down || time.Now().After(until) {
					t.Fatalf("left %v", keys)
				}
			}
		})
	}
}

// TestNodes: of several nodes that put the same content at once one is first,
// and none puts over the other's.
func TestNodes(t *testing.T) {
	s := fake(t, true)
	nodes := []*blob.Bucket{bucket(t, s.options(t)), bucket(t, s.options(t)), bucket(t, s.options(t))}
	const contents = 20
	var firsts [contents]atomic.Int32
	var all sync.WaitGroup
	for i := range contents {
		for _, b := range nodes {
			all.Go(func() {
				stored, err := b.Put(t.Context(), bytes.NewReader(blobtest.Paper(fmt.Sprint(i))), blob.Sent{Name: "a.pdf"})
				if err != nil {
					t.Error(err)
				}
				if !stored.Known {
					firsts[i].Add(1)
				}
			})
		}
	}
	all.Wait()
	for i := range firsts {
		if n := firsts[i].Load(); n != 1 {
			t.Errorf("content %d was first %d times", i, n)
		}
	}
	if n := len(s.keys(t)); n != contents {
		t.Errorf("%d versions of %d contents", n, contents)
	}
}

// TestNodesAtOnce does everything on two nodes at once: nothing of what was
// expunged comes back by an upload or a view that was under way.
func TestNodesAtOnce(t *testing.T) {
	s := fake(t, false)
	nodes := []*blob.Bucket{bucket(t, s.options(t)), bucket(t, s.options(t))}
	var all sync.WaitGroup
	var gone []blob.Digest
	for i := range 4 {
		photo := blobtest.Photo(i)
		d := putInto(t, nodes[0], photo, "a.jpg")
		for _, b := range nodes {
			for range 3 {
				all.Go(func() { _, _ = b.Put(t.Context(), bytes.NewReader(photo), blob.Sent{}) })
				all.Go(func() { _, _, _ = b.View(t.Context(), d) })
				all.Go(func() { _, _ = b.Look(t.Context(), d) })
				all.Go(func() { _ = b.Quarantine(t.Context(), d, "误传") })
				all.Go(func() { _ = b.Release(t.Context(), d) })
			}
		}
		if i%2 == 0 {
			gone = append(gone, d)
			all.Go(func() {
				if err := nodes[1].Expunge(t.Context(), d); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	for _, b := range nodes {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, key := range s.keys(t) {
		for _, d := range gone {
			if strings.Contains(key, d.String()[2:]) && !strings.HasPrefix(key, "expunged/") && !strings.HasPrefix(key, "quarantine/") {
				t.Errorf("%s remains", key)
			}
		}
	}
}

func TestSpoolSwept(t *testing.T) {
	s := fake(t, false)
	o := s.options(t)
	bucket(t, o)
	old := filepath.Join(o.Spool, "temporary", "old")
	if err := os.WriteFile(old, []byte("half a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	o.ReadOnly = true
	r := bucket(t, o)
	if left := files(t, o.Spool, "."); len(left) != 1 {
		t.Errorf("reading only, left %v", left)
	}
	_, err := r.Put(t.Context(), bytes.NewReader(blobtest.Photo(2)), blob.Sent{})
	for _, err := range []error{err, r.Quarantine(t.Context(), blob.Digest{}, ""), r.Release(t.Context(), blob.Digest{}), r.Expunge(t.Context(), blob.Digest{})} {
		if !errors.Is(err, blob.ErrUnwritable) {
			t.Error(err)
		}
	}
	o.ReadOnly = false
	bucket(t, o)
	if left := files(t, o.Spool, "."); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

// TestOpenBucket: what cannot become right by waiting is told at the start.
func TestOpenBucket(t *testing.T) {
	s := fake(t, false)
	secure := httptest.NewTLSServer(s.Before(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	defer secure.Close()
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})
	for name, c := range map[string]struct {
		change func(o *blob.BucketOptions)
		spoil  spoil
		good   bool
	}{
		"as it is":              {func(*blob.BucketOptions) {}, nil, true},
		"no such bucket":        {func(o *blob.BucketOptions) { o.Bucket = "nowhere" }, nil, false},
		"no name of a bucket":   {func(o *blob.BucketOptions) { o.Bucket = "No/Where" }, nil, false},
		"keys are refused":      {func(*blob.BucketOptions) {}, status(403, "InvalidAccessKeyId"), false},
		"moved":                 {func(*blob.BucketOptions) {}, status(301, "PermanentRedirect"), false},
		"no key":                {func(o *blob.BucketOptions) { o.SecretKey = "" }, nil, false},
		"http to elsewhere":     {func(o *blob.BucketOptions) { o.Endpoint = "http://192.0.2.1:9000" }, nil, false},
		"no scheme":             {func(o *blob.BucketOptions) { o.Endpoint = "192.0.2.1:9000" }, nil, false},
		"a path":                {func(o *blob.BucketOptions) { o.Endpoint += "/x" }, nil, false},
		"a password":            {func(o *blob.BucketOptions) { o.Endpoint = "https://a:" + secretKey + "@192.0.2.1" }, nil, false},
		"prefix up":             {func(o *blob.BucketOptions) { o.Prefix = "a/../b" }, nil, false},
		"https":                 {func(o *blob.BucketOptions) { o.Endpoint, o.CA = secure.URL, authority }, nil, true},
		"https, not trusted":    {func(o *blob.BucketOptions) { o.Endpoint = secure.URL }, nil, false},
		"no authority in there": {func(o *blob.BucketOptions) { o.Endpoint, o.CA = secure.URL, []byte("x") }, nil, false},
	} {
		o := s.options(t)
		o.ReadOnly = true
		c.change(&o)
		s.Spoil(c.spoil)
		b, err := blob.OpenBucket(t.Context(), o)
		if err == nil {
			_ = b.Close()
		}
		if p, ok := errors.AsType[*qiaomen.Problem](err); (err == nil) != c.good || err != nil && (!ok || p.Fix == "" || strings.Contains(err.Error(), secretKey)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.Spoil(nil)
	o := s.options(t)
	o.Endpoint, o.Plain, o.Stall, o.Patience = "http://192.0.2.1:9000", true, 50*time.Millisecond, time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if b, err := blob.OpenBucket(ctx, o); err != nil { // it was asked for
		t.Error(err)
	} else if err := b.Close(); err != nil {
		t.Error(err)
	}
	for address, want := range map[string][2]string{
		"s3://evidence": {"evidence", ""}, "s3://evidence/a/b": {"evidence", "a/b"},
		"s3://": {}, "s3:///a": {}, "evidence": {}, "s3://e/../a": {}, "s3://e/a/": {},
	} {
		bucket, prefix, ok := blob.ParseBucket(address)
		if ok != (want[0] != "") || ok && (bucket != want[0] || prefix != want[1]) {
			t.Errorf("%s: %q %q %v", address, bucket, prefix, ok)
		}
	}
}

// TestRedirect: nobody is sent elsewhere, with or without what was sent here.
func TestRedirect(t *testing.T) {
	var asked atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer elsewhere.Close()
	s := fake(t, false)
	b := bucket(t, s.options(t))
	d := putInto(t, b, blobtest.Paper("a"), "a.pdf")
	s.Spoil(func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		drained(r)
		http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
	})
	_, _, err := b.Open(t.Context(), d)
	unreachable(t, err, "")
	_, err = b.Put(t.Context(), bytes.NewReader(blobtest.Paper("b")), blob.Sent{Name: "a.pdf"})
	unreachable(t, err, "a.pdf")
	if asked.Load() != 0 {
		t.Error("a redirect is followed")
	}
}

// TestExpungedMeanwhile: another node expunges a content just before the server
// takes it, or a view of it. Neither stays.
func TestExpungedMeanwhile(t *testing.T) {
	photo := blobtest.Photo(1)
	for folder, what := range map[string]func(t *testing.T, b *blob.Bucket) error{
		"originals": func(t *testing.T, b *blob.Bucket) error {
			stored, err := b.Put(t.Context(), bytes.NewReader(photo), blob.Sent{Name: "a.jpg"})
			if stored != (blob.Stored{}) {
				t.Errorf("acknowledged: %+v", stored)
			}
			return err
		},
		"derived": func(t *testing.T, b *blob.Bucket) error {
			d := blob.Digest(sha256.Sum256(photo))
			_, _, err := b.View(t.Context(), d)
			return err
		},
	} {
		t.Run(folder, func(t *testing.T) {
			s := fake(t, true)
			other := bucket(t, s.options(t))
			if folder == "derived" {
				release := blob.HoldDecoder() // so that the view is made when it is asked for
				putInto(t, other, photo, "a.jpg")
				if err := other.Close(); err != nil {
					t.Fatal(err)
				}
				release()
				other = bucket(t, s.options(t))
			}
			b := bucket(t, s.options(t))
			var once sync.Once
			s.Spoil(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if r.Method == "PUT" && strings.Contains(r.URL.Path, "/"+folder+"/") {
					once.Do(func() {
						if err := other.Expunge(context.Background(), sha256.Sum256(photo)); err != nil {
							t.Error(err)
						}
					})
				}
				next.ServeHTTP(w, r)
			})
			if err := what(t, b); !errors.Is(err, blob.ErrExpunged) {
				t.Errorf("got %v", err)
			}
			for _, key := range s.keys(t) {
				if !strings.HasPrefix(key, "expunged/") {
					t.Errorf("%s remains", key)
				}
			}
		})
	}
}

// TestVerifyCutOff: a server that goes down in the middle of a file ends Verify;
// the file is not called damaged.
func TestVerifyCutOff(t *testing.T) {
	s := fake(t, false)
	o := s.options(t)
	o.Stall, o.Patience = 100*time.Millisecond, 100*time.Millisecond
	b := bucket(t, o)
	content := blobtest.Paper("a")
	putInto(t, b, content, "a.pdf")
	var times atomic.Int32
	s.Spoil(answers("GET", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if times.Add(1) == 1 {
			changed(half)(w, r, next)
			return
		}
		status(503, "SlowDown")(w, r, next)
	}))
	for found, err := range b.Verify(t.Context(), blobtest.Expect(content), nil) {
		if err == nil {
			t.Fatalf("found %v", found)
		}
		unreachable(t, err, "")
	}
	if times.Load() < 2 {
		t.Error("nothing was cut off")
	}
}
