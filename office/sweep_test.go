package office_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/office"
)

func (w *world) state(e qiaomen.Evidence) blob.State {
	w.t.Helper()
	d, err := blob.ParseDigest(e.Digest)
	if err != nil {
		w.t.Fatal(err)
	}
	status, err := w.files.Status(ctx, d)
	if err != nil {
		w.t.Fatal(err)
	}
	return status.State
}

func (w *world) sweep(o *office.Office, want int) {
	w.t.Helper()
	if gone, err := o.SweepUploads(ctx); err != nil || gone != want {
		w.t.Errorf("%d taken away, want %d: %v", gone, want, err)
	}
}

// TestSweepUploads: what no act has named is over after a day, and gone an hour
// later; what was named, or sent again, stays.
func TestSweepUploads(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		o := w.newOffice(office.Options{})
		lost := w.keeps("jixian-head", "", "没用.jpg", picture(41))
		named := w.keeps("jixian-head", "", "方案.jpg", picture(42))
		again := w.keeps("jixian-head", "", "又传.jpg", picture(43))
		byOffice := w.keeps("handler", "", "办公室.jpg", picture(44))
		p := plan(w, "jixian")
		p.Papers = append(p.Papers, named)
		w.must(w.HandIn(ctx, w.as("jixian-reporter"), p))
		w.sweep(o, 0)

		w.now = w.now.Add(25 * time.Hour)
		w.sweep(o, 0)
		if w.state(lost) != blob.Kept {
			t.Error("taken away at once")
		}
		p = plan(w, "jixian")
		p.Papers = append(p.Papers, lost)
		w.faulty("没有收到文件")(w.HandIn(ctx, w.as("jixian-reporter"), p))
		w.keeps("jixian-head", "", "又传.jpg", picture(43))

		w.now = w.now.Add(90 * time.Minute)
		w.sweep(o, 2)
		for e, want := range map[qiaomen.Evidence]blob.State{lost: blob.Absent, byOffice: blob.Absent, named: blob.Kept, again: blob.Kept} {
			if got := w.state(e); got != want {
				t.Errorf("%s is %s, want %s", e.Name, got, want)
			}
		}
		p = plan(w, "jixian")
		p.Papers = append(p.Papers, again, named)
		w.must(w.HandIn(ctx, w.as("jixian-reporter"), p))
		lost = w.keeps("jixian-head", "", "没用.jpg", picture(41)) // it may come again
		w.sweep(o, 0)
		if w.state(lost) != blob.Kept {
			t.Error("what came again is gone")
		}
		w.now = w.now.Add(26 * time.Hour)
		w.sweep(o, 0)
		w.now = w.now.Add(2 * time.Hour)
		w.sweep(o, 2) // and the file of the plan that was refused
		if w.state(again) != blob.Kept || w.state(named) != blob.Kept {
			t.Error("what an act named was taken away")
		}
	})
}

// TestUnnamedFilesAreBounded (asvs 5.2.4): a person has so much room for files
// that no act names, a unit four times as much; others are not concerned, and
// what an act names no longer counts.
func TestUnnamedFilesAreBounded(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		one := picture(1)
		o := w.newOffice(office.Options{Unnamed: int64(len(one))*2 + int64(len(one))/2})
		keep := func(login string, n int) (qiaomen.Evidence, error) {
			return o.KeepFile(ctx, w.as(login), "", "a.jpg", bytes.NewReader(picture(n)))
		}
		full := func(err error) {
			t.Helper()
			p, ok := errors.AsType[*qiaomen.Problem](err)
			if !ok || p.Code != qiaomen.TooLarge || p.Fix == "" {
				t.Errorf("%v", err)
			}
		}
		first, err := keep("jixian-reporter", 1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := keep("jixian-reporter", 2); err != nil {
			t.Fatal(err)
		}
		_, err = keep("jixian-reporter", 3)
		full(err)
		for _, other := range []string{"youyi-reporter", "jixian-head", "handler"} {
			if _, err := keep(other, 4); err != nil {
				t.Errorf("%s: %v", other, err)
			}
		}
		p := plan(w, "jixian")
		p.Papers = append(p.Papers, first)
		w.must(o.HandIn(ctx, w.as("jixian-reporter"), p))
		if _, err := keep("jixian-reporter", 3); err != nil {
			t.Errorf("after one was named: %v", err)
		}
		if room, err := o.Room(ctx, w.as("jixian-reporter")); err == nil && room > int64(len(one)) {
			t.Errorf("room for %d bytes", room)
		}
		if _, err := o.Room(ctx, office.Caller{Account: "c-nobody", Campaign: winter}); err == nil {
			t.Error("room for nobody")
		}
	})
}

func (w *world) newOffice(o office.Options) *office.Office {
	o.Store, o.Files, o.Now = w.store, w.files, func() time.Time { return w.now }
	return office.New(o)
}
