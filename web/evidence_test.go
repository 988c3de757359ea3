package web_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/blob/blobtest"
	"qiaomen/office"
)

// onBucket opens doors beside the others, on an office whose evidence is kept in
// a bucket, and has people go there.
func (w *world) onBucket(change func(*blob.BucketOptions), people ...*client) *blobtest.Front {
	w.t.Helper()
	front, o := blobtest.S3(w.t)
	change(&o)
	b, err := blob.OpenBucket(w.t.Context(), o)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { b.Close() })
	url := w.open(office.New(office.Options{Store: w.store, Files: b, Now: w.clock.Now}))
	for _, c := range people {
		c.url = url
	}
	return front
}

// paper is a picture of a page, another for each number.
func paper(n int) []byte {
	img := image.NewGray(image.Rect(0, 0, 16, 16))
	for i := range 32 {
		img.Pix[i] = byte(n >> (i % 24))
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func proved(name string, e qiaomen.Evidence) map[string]any {
	in := project("jixian", name)
	in["evidence"] = []map[string]any{{"type": "contract", "digest": e.Digest}}
	return in
}

// F14: a hundred uploads wait for a server of evidence that takes half a minute
// for an answer. Lists, and submissions without evidence, do not wait; the
// uploads come out right in the end.
func TestSlowEvidence(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine, qiaomen.SmallOffice)
		other, c := w.withToken("youyi-reporter", qiaomen.ActAddEvidence), w.withToken("jixian-reporter", qiaomen.ActSubmit, qiaomen.ActReadOwn, qiaomen.ActAddEvidence)
		front := w.onBucket(func(o *blob.BucketOptions) { o.Stall, o.Patience = time.Minute, time.Minute }, other, c)
		var e qiaomen.Evidence
		c.post(inWinter("/files")+query("name", "合同.png", "type", "contract"), paper(1)).is(http.StatusCreated).into(&e)

		const uploads = 100
		gate, waiting := make(chan struct{}), make(chan struct{}, uploads+1)
		front.Spoil(blobtest.Slow(gate, waiting))
		var all sync.WaitGroup
		for i := range uploads {
			all.Go(func() {
				if a := other.post(inWinter("/files")+query("name", "a.png"), paper(1000+i)); a.status != http.StatusCreated {
					t.Errorf("%d: %s", a.status, a.body)
				}
			})
		}
		all.Go(func() {
			if a := c.post(inWinter("/records"), proved("示例有佐证项目", e)); a.status != http.StatusOK {
				t.Errorf("%d: %s", a.status, a.body)
			}
		})
		for range uploads + 1 {
			<-waiting
		}
		var took []time.Duration
		for i := range 20 {
			for _, ask := range []func() *answered{
				func() *answered { return c.get(inWinter("/records") + query("unit", "jixian")) },
				func() *answered { return c.get("/campaigns") },
				func() *answered {
					return c.post(inWinter("/records"), project("jixian", fmt.Sprint("示例无佐证项目", i)))
				},
			} {
				start := time.Now()
				a := ask().ok()
				took = append(took, time.Since(start))
				if strings.Contains(string(a.body), "示例有佐证项目") {
					t.Error("what waits for its evidence is listed")
				}
			}
		}
		slices.Sort(took)
		p95 := took[len(took)*95/100]
		t.Logf("beside %d uploads: p95 %v", uploads, p95)
		if p95 > 500*time.Millisecond {
			t.Errorf("beside slow uploads p95 is %v", p95)
		}
		close(gate)
		all.Wait()
		if a := c.get(inWinter("/records") + query("unit", "jixian")).ok(); !strings.Contains(string(a.body), "示例有佐证项目") {
			t.Error("what waited for its evidence was not done")
		}
	})
}

// 16.5.2, F13: while the server of evidence is down, what needs it is refused as
// something that passes, and never as a file that was not sent; all else works.
func TestASVS_16_5_2_Evidence(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		w := newWorld(t, engine, qiaomen.SmallOffice)
		c := w.withToken("jixian-reporter", qiaomen.ActSubmit, qiaomen.ActReadOwn, qiaomen.ActAddEvidence)
		front := w.onBucket(func(*blob.BucketOptions) {}, c)
		var e qiaomen.Evidence
		c.post(inWinter("/files")+query("name", "合同.png", "type", "contract"), paper(1)).is(http.StatusCreated).into(&e)
		front.Spoil(blobtest.Down)
		away := func(a *answered) {
			t.Helper()
			p := a.is(http.StatusServiceUnavailable).problem()
			if !strings.HasSuffix(p.Type, string(qiaomen.Unavailable)) || !strings.Contains(p.Title, "连不上") || a.header.Get("Retry-After") == "" {
				t.Errorf("%+v", p)
			}
		}
		away(c.post(inWinter("/files")+query("name", "a.png"), paper(2)))
		away(c.post(inWinter("/records"), proved("示例有佐证项目", e), "Idempotency-Key", "k-away"))
		c.post(inWinter("/records"), project("jixian", "示例无佐证项目")).ok()
		if a := c.get(inWinter("/records") + query("unit", "jixian")).ok(); strings.Contains(string(a.body), "示例有佐证项目") {
			t.Error("refused, and done")
		}
		front.Spoil(nil)
		c.post(inWinter("/records"), proved("示例有佐证项目", e), "Idempotency-Key", "k-away").ok()
	})
}
