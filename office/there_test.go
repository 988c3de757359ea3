package office_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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

// onBucket is a world whose evidence is kept in a bucket.
func onBucket(t *testing.T, p qiaomen.Procedure, change func(*blob.BucketOptions), story func(w *world, at *bucket)) {
	t.Helper()
	onEach(t, p, func(w *world) {
		front, o := blobtest.S3(w.t)
		if change != nil {
			change(&o)
		}
		b, err := blob.OpenBucket(ctx, o)
		if err != nil {
			w.t.Fatal(err)
		}
		w.t.Cleanup(func() { b.Close() })
		w.serves(w.officeOn(b))
		story(w, &bucket{front, b, o.Endpoint + "/" + o.Bucket})
	})
}

// A bucket is a store, and the server where it is.
type bucket struct {
	*blobtest.Front
	*blob.Bucket
	url string
}

// holds tells whether the server has the bytes of a content, whatever its state.
func (b *bucket) holds(t testing.TB, digest string) bool {
	t.Helper()
	answer, err := http.Head(b.url + "/originals/" + digest[:2] + "/" + digest[2:])
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

func (w *world) officeOn(files blob.Store) *office.Office {
	return office.New(office.Options{Store: w.store, Files: files, Now: func() time.Time { return w.now }})
}

func entered(name string, files ...qiaomen.Evidence) office.Entry {
	return office.Entry{
		Unit: "jixian", Kind: "project_start", Name: name, Fields: []byte(`{"start_type":"resumed","started_on":"2024-01-05"}`),
		Evidence: files, ReceivedAt: "2023-12-11T10:00:00+08:00", ReceivedNumber: name,
	}
}

func drafted(name string) office.DraftInput {
	return office.DraftInput{Unit: "jixian", Kind: "outing", Name: name, Fields: []byte(`{"held_on":"2023-12-10","form":"onsite"}`)}
}

// TestSlowEvidenceHoldsNobodyUp (F14): fifty acts wait for a server of evidence
// that takes half a minute for an answer. Acts without files and lists do not;
// whoever goes away is let go; the others come out right when it answers.
func TestSlowEvidenceHoldsNobodyUp(t *testing.T) {
	patient := func(o *blob.BucketOptions) { o.Stall, o.Patience = time.Minute, time.Minute }
	onBucket(t, qiaomen.SmallOffice, patient, func(w *world, at *bucket) {
		const many = 50
		e := w.file("handler", "photo")
		gate, waiting := make(chan struct{}), make(chan struct{}, many)
		at.Spoil(blobtest.Slow(gate, waiting))
		leaving, leave := context.WithCancel(ctx)
		defer leave()
		var all, gone sync.WaitGroup
		ids := make([]string, many)
		for i := range many {
			by, in := w.as("handler"), entered(fmt.Sprint("示例项目", i), e)
			if i%2 == 1 {
				gone.Go(func() {
					if _, err := w.EnterFor(leaving, by, in); !errors.Is(err, context.Canceled) {
						w.t.Errorf("who went away was told %v", err)
					}
				})
				continue
			}
			all.Go(func() {
				a, err := w.EnterFor(ctx, by, in)
				if err != nil {
					w.t.Error(err)
					return
				}
				ids[i] = a.ID
			})
		}
		for range many {
			<-waiting
		}
		var took []time.Duration
		for i := range 40 {
			start := time.Now()
			w.must(w.Draft(ctx, w.as("jixian-reporter"), drafted(fmt.Sprint("示例外出", i))))
			if _, err := w.Records(ctx, w.as("handler"), office.Listing{}); err != nil {
				w.t.Error(err)
			}
			took = append(took, time.Since(start))
		}
		slices.Sort(took)
		w.t.Logf("beside %d that wait: p95 %v", many, took[38])
		if took[38] > 500*time.Millisecond {
			w.t.Errorf("beside acts that wait for files p95 is %v", took[38])
		}
		start := time.Now()
		leave()
		gone.Wait()
		if since := time.Since(start); since > 5*time.Second {
			w.t.Errorf("let go after %v", since)
		}
		if w.sealed(winter, "示例项目") {
			w.t.Error("sealed before the file was looked at")
		}
		close(gate)
		all.Wait()
		for i := 0; i < many; i += 2 {
			if r := record(w, ids[i]); r.Content.Name != fmt.Sprint("示例项目", i) || r.Content.Evidence[0].Digest != e.Digest {
				w.t.Errorf("%+v", r.Content)
			}
		}
		if w.sealed(winter, "示例项目1\"") {
			w.t.Error("an act was done for somebody who had gone")
		}
	})
}

// TestEvidenceIsAway (asvs 16.5.2): while the server of evidence is down an act
// with files is told that, with all else that is wrong, and can be done under
// the same key when it is back; an act that was done is known; what cannot be
// done anyway is told without asking.
func TestEvidenceIsAway(t *testing.T) {
	onBucket(t, qiaomen.SmallOffice, nil, func(w *world, at *bucket) {
		e := w.file("handler", "photo")
		before := w.as("handler")
		first := w.must(w.EnterFor(ctx, before, entered("示例甲", e)))
		at.Spoil(blobtest.Down)
		by := w.as("handler")
		_, err := w.EnterFor(ctx, by, entered("示例乙", e))
		p, ok := errors.AsType[*qiaomen.Problem](err)
		if !ok || p.Code != qiaomen.Unavailable || strings.Contains(p.Error(), "没有收到") || p.Fix == "" {
			w.t.Errorf("%v", err)
		}
		wrong := entered("示例丙", e)
		wrong.Fields = []byte(`{"start_type":"no such","started_on":"2024-01-05"}`)
		_, err = w.EnterFor(ctx, w.as("handler"), wrong)
		p, ok = errors.AsType[*qiaomen.Problem](err)
		if !ok || len(p.More) == 0 || !slices.ContainsFunc(append(p.More, p), func(one *qiaomen.Problem) bool { return one.Code == qiaomen.Unavailable }) {
			w.t.Errorf("%v", err)
		}
		if again := w.must(w.EnterFor(ctx, before, entered("示例甲", e))); !again.Again || again.ID != first.ID {
			w.t.Errorf("sent again: %+v", again)
		}
		w.refused(w.EnterFor(ctx, w.as("member"), entered("示例丁", e)))
		_, err = w.KeepFile(ctx, w.as("handler"), "", "a.jpg", bytes.NewReader(picture(90)))
		if p, ok = errors.AsType[*qiaomen.Problem](err); !ok || p.Code != qiaomen.Unavailable {
			w.t.Errorf("a file is kept: %v", err)
		}
		_, err = w.OpenOriginal(ctx, w.as("handler"), first.ID, e.Digest)
		if p, ok = errors.AsType[*qiaomen.Problem](err); !ok || p.Code != qiaomen.Unavailable {
			w.t.Errorf("a file is opened: %v", err)
		}
		at.Spoil(nil)
		if a := w.must(w.EnterFor(ctx, by, entered("示例乙", e))); a.Again || record(w, a.ID).Content.Evidence[0].Digest != e.Digest {
			w.t.Errorf("when it is back: %+v", a)
		}
		e.Digest = strings.Repeat("0", 64)
		w.faulty("没有收到文件")(w.EnterFor(ctx, w.as("handler"), entered("示例戊", e)))
	})
}

// TestExpungingWhileAway: the decision is sealed and the answer says what is yet
// to be done; from then on nobody opens the file, names it or sends it again,
// though its bytes are there; they are destroyed later.
func TestExpungingWhileAway(t *testing.T) {
	for name, down := range map[string]blobtest.Spoil{"down": blobtest.Down, "it will not delete": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodDelete || r.Method == http.MethodPost {
			blobtest.Down(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	}} {
		t.Run(name, func(t *testing.T) {
			onBucket(t, qiaomen.SmallOffice, nil, func(w *world, at *bucket) {
				e := w.keeps("handler", "photo", "证件.jpg", picture(7))
				id := w.must(w.EnterFor(ctx, w.as("handler"), entered("示例甲", e))).ID
				d, err := blob.ParseDigest(e.Digest)
				if err != nil {
					w.t.Fatal(err)
				}
				in := office.Expunging{Digest: e.Digest, Reason: "身份证件"}
				at.Spoil(down)
				a := w.must(w.Expunge(ctx, w.as("handler"), in))
				if a.Note != "" {
					w.t.Errorf("a proposal notes %q", a.Note)
				}
				if a = w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal)); !strings.Contains(a.Note, "已经封存") || a.Last == 0 {
					w.t.Errorf("it is not told: %+v", a)
				}
				w.faulty("已经清除")(w.Expunge(ctx, w.as("handler"), in))
				if n, err := w.FinishExpunging(ctx); n != 0 || !errors.Is(err, blob.ErrUnreachable) {
					w.t.Errorf("while it is away: %d, %v", n, err)
				}
				at.Spoil(nil)
				if !at.holds(w.t, e.Digest) {
					w.t.Fatal("nothing was left to destroy")
				}

				_, err = w.OpenOriginal(ctx, w.as("handler"), id, e.Digest)
				if !errors.Is(err, blob.ErrExpunged) {
					w.t.Errorf("opened: %v", err)
				}
				w.faulty("已按规定清除")(w.EnterFor(ctx, w.as("handler"), entered("示例乙", e)))
				elsewhere := w.as("handler")
				elsewhere.Campaign = ""
				if _, err := w.KeepFile(ctx, elsewhere, "", "证件.jpg", bytes.NewReader(picture(7))); err == nil {
					w.t.Error("kept again")
				}

				if n, err := w.FinishExpunging(ctx); n != 1 || err != nil || w.stateIn(at, d) != blob.Expunged {
					w.t.Errorf("%d destroyed, %v; it is %v", n, err, w.stateIn(at, d))
				}
				if at.holds(w.t, e.Digest) {
					w.t.Error("the bytes are still there")
				}
				if n, err := w.FinishExpunging(ctx); n != 0 || err != nil {
					w.t.Errorf("%d destroyed a second time, %v", n, err)
				}
			})
		})
	}
}

func (w *world) stateIn(b blob.Store, d blob.Digest) blob.State {
	w.t.Helper()
	s, err := b.Status(ctx, d)
	if err != nil {
		w.t.Fatal(err)
	}
	return s.State
}

// watched is a store in which something else happens at the same time.
type watched struct {
	blob.Store
	found   func() // after a file was found to be there
	discard func() error
}

func (s *watched) Status(ctx context.Context, d blob.Digest) (blob.Status, error) {
	status, err := s.Store.Status(ctx, d)
	if s.found != nil {
		s.found()
	}
	return status, err
}

func (s *watched) Discard(ctx context.Context, d blob.Digest) error {
	if s.discard != nil {
		if err := s.discard(); err != nil {
			return err
		}
	}
	return s.Store.Discard(ctx, d)
}

// TestExpungedMeanwhile: between looking at a file and naming it there is no
// gap, though files are not looked at in the line.
func TestExpungedMeanwhile(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		s := &watched{Store: w.files}
		w.serves(w.officeOn(s))
		e := w.file("handler", "photo")
		w.must(w.EnterFor(ctx, w.as("handler"), entered("示例甲", e)))
		a := w.must(w.Expunge(ctx, w.as("handler"), office.Expunging{Digest: e.Digest, Reason: "身份证件"}))
		s.found = func() {
			s.found = nil
			w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
		}
		w.faulty("已按规定清除")(w.EnterFor(ctx, w.as("handler"), entered("示例乙", e)))
		if s.found != nil || w.sealed(winter, "示例乙") {
			w.t.Error("a file was named that had been expunged")
		}
	})
}

// TestSentWhileSweeping: while the bytes of a file are taken away nobody waits,
// and who sends the same file is not told that it is kept; what failed half-way
// is finished by the next sweep.
func TestSentWhileSweeping(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		s := &watched{Store: w.files}
		o := w.officeOn(s)
		w.serves(o)
		lost := w.keeps("jixian-head", "", "没用.jpg", picture(41))
		w.now = w.now.Add(25 * time.Hour)
		w.sweep(o, 0)
		w.now = w.now.Add(90 * time.Minute)

		times, failing := 0, errors.New("a server that stumbles")
		s.discard = func() error {
			times++
			w.must(w.Draft(ctx, w.as("jixian-reporter"), drafted("示例同时")))
			for _, campaign := range []string{winter, ""} {
				by := w.as("jixian-head")
				by.Campaign = campaign
				_, err := w.KeepFile(ctx, by, "", "没用.jpg", bytes.NewReader(picture(41)))
				if p, ok := errors.AsType[*qiaomen.Problem](err); !ok || !strings.Contains(p.Text, "没有收到文件") {
					w.t.Errorf("in %q: %v", campaign, err)
				}
			}
			p := plan(w, "jixian")
			p.Papers = append(p.Papers, lost)
			w.faulty("没有收到文件")(w.HandIn(ctx, w.as("jixian-reporter"), p))
			return failing
		}
		if n, err := o.SweepUploads(ctx); n != 0 || !errors.Is(err, failing) {
			w.t.Errorf("%d, %v", n, err)
		}
		failing = nil
		w.sweep(o, 1)
		if times != 2 || w.state(lost) != blob.Absent {
			w.t.Errorf("after %d tries it is %s", times, w.state(lost))
		}
		s.discard = nil
		if e := w.keeps("jixian-head", "", "没用.jpg", picture(41)); w.state(e) != blob.Kept { // it may come again
			w.t.Error("what came again is gone")
		}
	})
}
