package backup_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/backup"
	"qiaomen/blob"
	"qiaomen/blob/blobtest"
	"qiaomen/journal"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

// TestHot: a backup that is taken while others write is of one moment. What was
// acknowledged before it began is in it, on whatever engine it is restored, and
// it verifies.
func TestHot(t *testing.T) {
	for _, from := range storetest.Engines {
		t.Run(from, func(t *testing.T) {
			p := newPlace(t, from)
			var sealed [2]sync.Map // by campaign: id to position
			campaigns := []string{"winter", "spring"}
			var stop atomic.Bool
			var all sync.WaitGroup
			for n := range 4 {
				all.Go(func() {
					for i := 0; !stop.Load(); i++ {
						c := (n + i) % 2
						id := fmt.Sprintf("r-%d-%d", n, i)
						w, err := p.report(campaigns[c], id)
						if err != nil {
							t.Error(err)
							return
						}
						sealed[c].Store(id, w.Last)
					}
				})
			}
			for { // until there is something to lose
				if w, err := p.report("winter", fmt.Sprint("first-", time.Now().UnixNano())); err != nil || w.Last > 100 {
					p.must(err)
					break
				}
			}
			before := [2]map[string]int64{{}, {}}
			for c := range sealed {
				sealed[c].Range(func(id, at any) bool {
					before[c][id.(string)] = at.(int64)
					return true
				})
			}
			w := p.write()
			stop.Store(true)
			all.Wait()

			for _, to := range storetest.Engines {
				r, _ := p.restored(w.Path, to)
				for c, campaign := range campaigns {
					p.must(r.store.Read(ctx, campaign, 0, func(v *store.View) error {
						for id, at := range before[c] {
							made, err := v.Made("record", id)
							if err != nil || made != at {
								t.Errorf("%s to %s: %s of position %d is at %d: %v", from, to, id, at, made, err)
							}
							if w, err := v.Work("personal", id); err != nil || w == nil || !bytes.Contains(w.Data, []byte(phone)) {
								t.Errorf("%s to %s: the contact of %s: %v, %v", from, to, id, w, err)
							}
						}
						return nil
					}))
				}
				again, err := r.report("winter", "r-again")
				if err != nil || again.Last != head(w.Manifest, "winter")+1 {
					t.Errorf("%s to %s: it goes on at %+v: %v", from, to, again, err)
				}
			}
		})
	}
}

func head(m *backup.Manifest, name string) int64 {
	for _, j := range m.Journals {
		if j.Journal == name {
			return j.Size
		}
	}
	return 0
}

// TestSameKey: an act that was acknowledged is known again after a restore.
func TestSameKey(t *testing.T) {
	p := newPlace(t, "sqlite")
	was, err := p.report("winter", "r-1")
	p.must(err)
	r, _ := p.restored(p.write().Path, "sqlite")
	again, err := r.report("winter", "r-1")
	if err != nil || !again.Again || again.Last != was.Last {
		t.Errorf("%+v: %v", again, err)
	}
}

// TestEvidence: every state travels, and what is expunged does not come back.
func TestEvidence(t *testing.T) {
	p := newPlace(t, "sqlite")
	kept, apart, gone := p.photo(1), p.photo(2), p.photo(3)
	for i, e := range []qiaomen.Evidence{kept, apart} {
		_, err := p.report("winter", fmt.Sprint("r-", i), e)
		p.must(err)
	}
	p.must(p.files.Quarantine(ctx, digest(apart), "疑似涉密"))
	p.must(p.files.Expunge(ctx, digest(gone)))
	w := p.write()
	if w.Trailer.Kept != 1 || w.Trailer.Quarantined != 1 || w.Trailer.Expunged != 1 {
		t.Errorf("%+v", w.Trailer)
	}
	r, _ := p.restored(w.Path, "sqlite")
	for e, want := range map[qiaomen.Evidence]blob.Status{
		kept: {State: blob.Kept, Size: kept.Size}, apart: {State: blob.Quarantined, Reason: "疑似涉密"}, gone: {State: blob.Expunged},
	} {
		if got, err := r.files.Status(ctx, digest(e)); err != nil || got != want {
			t.Errorf("%s is %+v, %v; want %+v", e.Digest, got, err, want)
		}
	}
	if _, err := r.files.Put(ctx, bytes.NewReader(blobtest.Photo(3)), blob.Sent{Name: "x.jpg"}); err == nil {
		t.Error("what was expunged was taken again")
	}
	p.must(r.files.Release(ctx, digest(apart)))
	if _, _, err := r.files.OpenChecked(ctx, digest(apart)); err != nil {
		t.Error(err)
	}
}

func digest(e qiaomen.Evidence) blob.Digest {
	d, _ := blob.ParseDigest(e.Digest)
	return d
}

// TestExpungedMeanwhile: a file that is expunged between the ledger's moment and
// its turn is no fault, and its tombstone stands in the backup.
func TestExpungedMeanwhile(t *testing.T) {
	p := newPlace(t, "sqlite")
	e := p.photo(1)
	_, err := p.report("winter", "r-1", e)
	p.must(err)
	s := p.source()
	s.Step = func(point string) error {
		if point == "ledger" {
			return p.files.Expunge(ctx, digest(e))
		}
		return nil
	}
	w, err := backup.Write(ctx, p.backups(), s)
	p.must(err)
	r, _ := p.restored(w.Path, "sqlite")
	if got, err := r.files.Status(ctx, digest(e)); err != nil || got.State != blob.Expunged {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestSealed: neither telephones nor keys nor anything else stands in a backup
// for whoever has no key.
func TestSealed(t *testing.T) {
	p := newPlace(t, "sqlite")
	_, err := p.report("winter", "r-1", p.photo(1))
	p.must(err)
	text, err := os.ReadFile(p.write().Path)
	p.must(err)
	for _, secret := range []string{phone, fmt.Sprintf("%x", p.o.Seed), "r-1", "winter", "manifest", string(blobtest.Photo(1)[200:260])} {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("%q stands in the backup", secret)
		}
	}
	a, err := backup.Open(bytes.NewReader(text), p.drill)
	p.must(err)
	if !bytes.Contains(a.Secrets["seed"], fmt.Appendf(nil, "%x", p.o.Seed)) {
		t.Error("the seed does not travel")
	}
	if strings.Contains(fmt.Sprint(a.Secrets), p.drill.String()) {
		t.Error("the drill key travels")
	}
}

// TestPassing: who is signed in does not travel.
func TestPassing(t *testing.T) {
	p := newPlace(t, "sqlite")
	_, err := p.report("winter", "r-1")
	p.must(err)
	_, err = p.store.Write(ctx, store.Act{Journal: "winter", At: time.Now()}, func(tx *store.Tx) error {
		for _, table := range store.Passing {
			if err := tx.Keep(table, store.Work{ID: "secret", Data: []byte("x")}); err != nil {
				return err
			}
		}
		return nil
	})
	p.must(err)
	r, _ := p.restored(p.write().Path, "sqlite")
	p.must(r.store.Read(ctx, "winter", 0, func(v *store.View) error {
		for _, table := range store.Passing {
			if all, err := v.Works(table, "", ""); err != nil || len(all) != 0 {
				t.Errorf("%s: %v, %v", table, all, err)
			}
		}
		return nil
	}))
}

// TestPrune keeps the newest of each day, week and month, and touches no other
// file.
func TestPrune(t *testing.T) {
	folder := t.TempDir()
	strange := []string{"qiaomen-other-20200101T000000Z.qiaomen.age", "notes.txt", "qiaomen-x-2020.qiaomen.age", "qiaomen-x-20200101T000000Z.qiaomen.age.part"}
	for _, name := range strange {
		touch(t, folder, name)
	}
	for day := time.Date(2023, 1, 1, 18, 0, 0, 0, time.UTC); day.Year() == 2023; day = day.AddDate(0, 0, 1) {
		touch(t, folder, "qiaomen-x-"+day.Format("20060102T150405Z")+".qiaomen.age")
		touch(t, folder, "qiaomen-x-"+day.Add(time.Hour).Format("20060102T150405Z")+".qiaomen.age")
	}
	keep, err := backup.ParseKeep("7/4/12")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Prune(folder, "x", keep); err != nil {
		t.Fatal(err)
	}
	left, err := backup.List(folder, "x")
	if err != nil {
		t.Fatal(err)
	}
	// 19:00 UTC is the next day in China: the newest is of 1 January.
	var days []string
	for _, f := range left {
		if f.At.Hour() != 19 {
			t.Errorf("%s was kept", f.Path)
		}
		days = append(days, f.At.Add(8*time.Hour).Format("01-02"))
	}
	want := "01-01 12-31 12-30 12-29 12-28 12-27 12-26 12-24 12-17 11-30 10-31 09-30 08-31 07-31 06-30 05-31 04-30 03-31 02-28"
	if got := strings.Join(days, " "); got != want {
		t.Errorf("kept %s\nwant %s", got, want)
	}
	for _, name := range strange {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"", "7", "7/4", "0/4/12", "7/4/-1", "7/4/x", "7/4/12/1"} {
		if _, err := backup.ParseKeep(bad); err == nil {
			t.Errorf("%q is a number of backups", bad)
		}
	}
}

func touch(t *testing.T, folder, name string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestGaps names what is lost by number.
func TestGaps(t *testing.T) {
	p := newPlace(t, "sqlite")
	_, err := p.report("winter", "r-1")
	p.must(err)
	w := p.write()
	for i := range 3 {
		_, err := p.report("winter", fmt.Sprint("late-", i))
		p.must(err)
	}
	spring, err := p.report("spring", "r-2")
	p.must(err)
	receipt := filepath.Join(p.folder, "receipt")
	p.must(os.WriteFile(receipt, spring.Receipt, 0o600))

	marks, err := backup.KnownMarks(p.o.Folder)
	p.must(err)
	database, err := backup.KnownDatabase(ctx, p.o)
	p.must(err)
	for name, known := range map[string][]backup.Known{"marks": marks, "database": database} {
		gaps := backup.Gaps(w.Manifest, known)
		text, count := backup.GapText(gaps)
		if text != "spring 1、winter 2–4" || count != 4 {
			t.Errorf("%s: %s, %d", name, text, count)
		}
		for words, want := range map[string]bool{"": false, "3": false, "winter 2–4": false, "4": true, text: true, "spring 1, winter 2-4": true} {
			if backup.Accepts(gaps, words) != want {
				t.Errorf("%s: %q is accepted: %v", name, words, !want)
			}
		}
	}
	seen, err := backup.KnownSeen(receipt, p.o)
	p.must(err)
	if text, _ := backup.GapText(backup.Gaps(w.Manifest, []backup.Known{seen})); text != "spring 1" {
		t.Error(text)
	}
	p.must(os.WriteFile(receipt, bytes.Replace(spring.Receipt, []byte(p.o.Installation), []byte("test-other"), 1), 0o600))
	if _, err := backup.KnownSeen(receipt, p.o); err == nil {
		t.Error("another installation's receipt was believed")
	}
	forged := p.o
	forged.Seed[0]++
	p.must(os.WriteFile(receipt, spring.Receipt, 0o600))
	if _, err := backup.KnownSeen(receipt, forged); err == nil {
		t.Error("a receipt of another key was believed")
	}
}

// TestForks: whoever knows another history is found, however old it is.
func TestForks(t *testing.T) {
	p := newPlace(t, "sqlite")
	for i := range 3 {
		_, err := p.report("winter", fmt.Sprint("r-", i))
		p.must(err)
	}
	known, err := backup.KnownMarks(p.o.Folder)
	p.must(err)
	if list, err := backup.Forks(ctx, p.store, known); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
	other := p.empty("sqlite")
	for i := range 5 {
		_, err := other.report("winter", fmt.Sprint("x-", i))
		p.must(err)
	}
	list, err := backup.Forks(ctx, other.store, known)
	if err != nil || len(list) != 1 || !strings.Contains(list[0].Text, "改写过") {
		t.Errorf("%v, %v", list, err)
	}
}

// TestDrill: a drill restores the newest backup, and finds what is damaged in it.
func TestDrill(t *testing.T) {
	p := newPlace(t, "sqlite")
	d := p.drilling()
	if r, err := d.Run(ctx); err != nil || r.Good() || !strings.Contains(r.Problems[0], "还没有备份") {
		t.Errorf("%+v, %v", r, err)
	}
	e := p.photo(1)
	_, err := p.report("winter", "r-1", e)
	p.must(err)
	p.must(os.Mkdir(filepath.Join(p.folder, "drill-left"), 0o700))
	n := backup.Night{Source: p.source(), Folder: p.backups(), Keep: backup.Keep{Days: 1}, Drill: d}
	var recorded string
	n.Record = func(_ context.Context, w *backup.Written) error {
		recorded = w.Digest
		return nil
	}
	w, r, err := backup.Nightly(ctx, n)
	if err != nil || !r.Good() || r.Digest != w.Digest || recorded != w.Digest || r.Evidence != 1 || head(&backup.Manifest{Journals: r.Journals}, "winter") != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	if kept, err := backup.ReadReport(d.Report); err != nil || kept.Digest != r.Digest {
		t.Errorf("%+v, %v", kept, err)
	}
	if left := files(t, p.folder); slices.ContainsFunc(left, func(s string) bool { return strings.HasPrefix(s, "drill-") }) {
		t.Errorf("left: %q", left)
	}

	// A picture goes bad on the disk: the backup takes it and says so, the drill finds it missing.
	original := filepath.Join(p.folder, "evidence", "originals", e.Digest[:2], e.Digest[2:])
	p.must(os.Chmod(original, 0o600))
	p.must(os.WriteFile(original, []byte("damaged"), 0o600))
	w = p.write()
	if !slices.Equal(w.Trailer.Damaged, []string{e.Digest}) {
		t.Errorf("%+v", w.Trailer)
	}
	r, err = d.Run(ctx)
	p.must(err)
	if said := strings.Join(r.Problems, "\n"); r.Good() || !strings.Contains(said, "备份时已损坏："+e.Digest) || !strings.Contains(said, "缺失："+e.Digest) {
		t.Errorf("%q", r.Problems)
	}
	// A backup of another installation under our name is none of ours.
	other := newPlace(t, "sqlite")
	other.drill = p.drill
	_, err = other.report("winter", "r-1")
	p.must(err)
	stranger := other.write()
	p.must(os.Rename(stranger.Path, filepath.Join(p.backups(), "qiaomen-"+p.o.Installation+"-29990101T000000Z.qiaomen.age")))
	if r, err := d.Run(ctx); err != nil || r.Good() || !strings.Contains(r.Problems[0], "不是这一套系统的") {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestOldBackup: an old backup that is restored in silence and written on is
// found out by whoever holds a receipt of what it lost (attack 7).
func TestOldBackup(t *testing.T) {
	p := newPlace(t, "sqlite")
	for i := range 3 {
		_, err := p.report("winter", fmt.Sprint("r-", i))
		p.must(err)
	}
	w := p.write()
	lost, err := p.report("winter", "r-lost")
	p.must(err)
	held, err := journal.ParseReceipt(lost.Receipt)
	p.must(err)
	r, _ := p.restored(w.Path, "sqlite")
	for i := range 5 {
		_, err := r.report("winter", fmt.Sprint("r-other-", i))
		p.must(err)
	}
	vkey, err := r.store.Vkey("winter")
	p.must(err)
	trusted, err := journal.Trust(vkey)
	p.must(err)
	old, err := journal.ParseCheckpoint(held.Checkpoint, p.store.Origin("winter"), trusted)
	p.must(err)
	for name, s := range map[string]*store.Store{"the restored": r.store, "the true": p.store} {
		shown, err := s.Extends(ctx, "winter", old.Size)
		p.must(err)
		if _, err := shown.Verify(old, trusted); (err == nil) != (s == p.store) {
			t.Errorf("%s ledger against the receipt: %v", name, err)
		}
	}
	// Asked at the restore, the receipt names what is lost; asked afterwards, it shows another history.
	receipt := filepath.Join(p.folder, "receipt")
	p.must(os.WriteFile(receipt, lost.Receipt, 0o600))
	known, err := backup.KnownSeen(receipt, r.o)
	p.must(err)
	if text, _ := backup.GapText(backup.Gaps(w.Manifest, []backup.Known{known})); text != "winter 4" {
		t.Error(text)
	}
	if list, err := backup.Forks(ctx, r.store, []backup.Known{known}); err != nil || len(list) != 1 {
		t.Errorf("%v, %v", list, err)
	}
}
