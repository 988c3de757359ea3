package backup_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"

	"qiaomen"
	"qiaomen/backup"
	"qiaomen/blob"
	"qiaomen/blob/blobtest"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

var ctx = context.Background()

// A place is a ledger with evidence, and the keys of its backups.
type place struct {
	t        testing.TB
	o        store.Options
	store    *store.Store
	files    *blob.Folder
	folder   string
	recovery *age.X25519Identity
	drill    *age.X25519Identity
}

func newPlace(t testing.TB, engine string) *place {
	t.Helper()
	return openPlace(t, storetest.Fresh(t, engine))
}

func openPlace(t testing.TB, o store.Options) *place {
	t.Helper()
	p := &place{t: t, o: o, store: storetest.Open(t, o), folder: t.TempDir()}
	var err error
	p.files, err = blob.OpenFolder(filepath.Join(p.folder, "evidence"), blob.Options{})
	p.must(err)
	t.Cleanup(func() { _ = p.files.Close() })
	p.recovery, err = age.GenerateX25519Identity()
	p.must(err)
	p.drill, err = age.GenerateX25519Identity()
	p.must(err)
	return p
}

func (p *place) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) source() backup.Source {
	return backup.Source{
		Store: p.store, Evidence: p.files, Installation: p.o.Installation, Program: "test",
		Settings:   []byte("installation: " + p.o.Installation + "\n"),
		Secrets:    map[string][]byte{"seed": fmt.Appendf(nil, "%x\n", p.o.Seed)},
		Recipients: []age.Recipient{p.recovery.Recipient(), p.drill.Recipient()},
	}
}

func (p *place) backups() string { return filepath.Join(p.folder, "backups") }

func submitted(id string, evidence ...qiaomen.Evidence) *qiaomen.RecordSubmitted {
	return &qiaomen.RecordSubmitted{
		ID: id, Kind: "reserve_project", Unit: "jixian", Keys: []string{"key " + id}, ReportedAt: "2024-01-03T09:00:00.000000Z", PlaceAt: "2024-01-03T09:00:00.000000Z",
		Content: qiaomen.Content{Name: "示例项目", Fields: []byte(`{"amount_yi":1.5,"site":"示例地"}`), Evidence: evidence},
	}
}

// report seals the report of a record in a campaign, and keeps a contact of it.
func (p *place) report(journal, id string, evidence ...qiaomen.Evidence) (*store.Written, error) {
	a := store.Act{Journal: journal, Person: "p1", Account: "a1", Key: "k-" + id, Request: id, At: time.Date(2024, 1, 3, 9, 0, 0, 0, time.UTC)}
	return p.store.Write(ctx, a, func(t *store.Tx) error {
		if err := t.Keep("personal", store.Work{ID: id, Unit: "jixian", Data: []byte(`{"phone":"` + phone + `"}`)}); err != nil {
			return err
		}
		return t.Emit(submitted(id, evidence...))
	})
}

// phone is what no backup may show.
const phone = "13900000000"

func (p *place) photo(n int) qiaomen.Evidence {
	p.t.Helper()
	kept, err := p.files.Put(ctx, bytes.NewReader(blobtest.Photo(n)), blob.Sent{Name: "photo.jpg"})
	p.must(err)
	return qiaomen.Evidence{Type: "photo", Name: "photo.jpg", Digest: kept.Digest.String(), Size: kept.Size, Format: "jpeg"}
}

func (p *place) write() *backup.Written {
	p.t.Helper()
	w, err := backup.Write(ctx, p.backups(), p.source())
	p.must(err)
	return w
}

// restored restores a file onto an engine, in places of the test's own, and
// verifies it.
func (p *place) restored(file, engine string) (*place, *backup.Trailer) {
	p.t.Helper()
	text, err := os.ReadFile(file)
	p.must(err)
	to := p.empty(engine)
	trailer, err := to.restore(text)
	p.must(err)
	found, err := backup.Verify(ctx, to.store, to.o, to.files, to.named, filepath.Join(to.folder, "replay"))
	p.must(err)
	if !found.Good() {
		p.t.Errorf("restored: %q", found.Lines())
	}
	return to, trailer
}

// empty is a place of the same installation with nothing in it.
func (p *place) empty(engine string) *place {
	p.t.Helper()
	o := storetest.Fresh(p.t, engine)
	o.Installation, o.Seed = p.o.Installation, p.o.Seed
	to := openPlace(p.t, o)
	to.recovery, to.drill = p.recovery, p.drill
	return to
}

func (p *place) restore(text []byte) (*backup.Trailer, error) {
	a, err := backup.Open(bytes.NewReader(text), p.recovery)
	if err != nil {
		return nil, err
	}
	return a.Restore(ctx, p.store, p.files)
}

// named is every file that a place's records name.
func (p *place) named(ctx context.Context, s *store.Store, _ blob.Store) iter.Seq2[blob.Expected, error] {
	return func(yield func(blob.Expected, error) bool) {
		names, err := s.Journals(ctx)
		for _, name := range names {
			var all []*qiaomen.LedgerRecord
			err = errors.Join(err, s.Read(ctx, name, 0, func(v *store.View) (err error) {
				all, err = store.All[qiaomen.LedgerRecord](v, store.Filter{})
				return err
			}))
			for _, r := range all {
				_, _, content := r.Pending()
				for _, e := range content.Evidence {
					d, err := blob.ParseDigest(e.Digest)
					if !yield(blob.Expected{Digest: d, Size: e.Size}, err) {
						return
					}
				}
			}
		}
		if err != nil {
			yield(blob.Expected{}, err)
		}
	}
}

func (p *place) drilling() backup.Drill {
	return backup.Drill{
		Backups: p.backups(), Installation: p.o.Installation, Seed: p.o.Seed, Key: p.drill, Scratch: p.folder,
		Report: filepath.Join(p.folder, "drill.json"), Salt: func(b []byte) { _, _ = rand.Read(b) }, Named: p.named,
	}
}

// files is what is left in a folder.
func files(t testing.TB, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// fresh is options for another empty ledger, with the name and key of a place.
func fresh(t testing.TB, p *place) store.Options {
	o := storetest.Fresh(t, "sqlite")
	o.Installation, o.Seed = p.o.Installation, p.o.Seed
	return o
}

// bomb is so many bytes of nothing, packed.
func bomb(t testing.TB, size int64) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.CopyN(w, nothing{}, size); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

type nothing struct{}

func (nothing) Read(p []byte) (int, error) { return len(p), nil }
