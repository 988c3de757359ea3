package blobtest

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"qiaomen/blob"
)

// A Front stands before a server, and answers in its place where a test wants it
// to.
type Front struct {
	mu    sync.Mutex
	spoil Spoil
}

// A Spoil answers a request, or lets the server do it.
type Spoil = func(w http.ResponseWriter, r *http.Request, next http.Handler)

// Before puts the front before a server.
func (f *Front) Before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		spoil := f.spoil
		f.mu.Unlock()
		if spoil == nil {
			next.ServeHTTP(w, r)
			return
		}
		spoil(w, r, next)
	})
}

// Spoil has requests answered so from now on; nil: by the server, as they should
// be.
func (f *Front) Spoil(s Spoil) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.spoil = s
}

// Down is a server that cannot do anything.
func Down(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	w.WriteHeader(http.StatusServiceUnavailable)
}

// Slow keeps every request waiting until the gate is closed, and tells of each
// that does, if there is room to.
func Slow(gate <-chan struct{}, waiting chan<- struct{}) Spoil {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		select {
		case waiting <- struct{}{}:
		default:
		}
		select {
		case <-gate:
			next.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	}
}

// S3 is an S3 server within the test, and the options of a bucket there that
// gives up soon.
func S3(t testing.TB) (*Front, blob.BucketOptions) {
	t.Helper()
	const bucket = "evidence"
	front, back := &Front{}, s3mem.New()
	if err := back.CreateBucket(bucket); err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(front.Before(gofakes3.New(back).Server()))
	t.Cleanup(web.Close)
	return front, blob.BucketOptions{
		Endpoint: web.URL, Bucket: bucket, AccessKey: "AKIDEXAMPLE", SecretKey: "wJalrXUtnFEMIexampleKEY", Spool: t.TempDir(),
		Stall: 200 * time.Millisecond, Patience: 200 * time.Millisecond,
	}
}
