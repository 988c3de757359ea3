// Package blobtest holds any store of evidence to what package blob promises.
//
// Run is the whole of it: the tests of each kind of store call it with a
// function that opens an empty one, and what a Folder does, the next kind does
// too. What only one kind can suffer, a disk that fails or a file changed
// behind its back, that kind tests itself.
//
// Photo, Paper and the others make small sound files to store, the same for
// the same seed, for the tests of every room that needs evidence.
package blobtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"iter"
	"slices"
	"sync"
	"testing"

	"qiaomen"
	"qiaomen/blob"
)

// A Store is what Run needs of a store of evidence.
type Store interface {
	Put(ctx context.Context, r io.Reader, sent blob.Sent) (blob.Stored, error)
	Open(d blob.Digest) (io.ReadSeekCloser, int64, error)
	OpenChecked(ctx context.Context, d blob.Digest) (io.ReadSeekCloser, int64, error)
	Status(d blob.Digest) (blob.Status, error)
	Look(ctx context.Context, d blob.Digest) (blob.Look, error)
	View(ctx context.Context, d blob.Digest) (io.ReadSeekCloser, int64, error)
	Thumbnail(ctx context.Context, d blob.Digest) (io.ReadSeekCloser, int64, error)
	Quarantine(d blob.Digest, reason string) error
	Release(d blob.Digest) error
	Expunge(d blob.Digest) error
	Verify(ctx context.Context, ought iter.Seq2[blob.Expected, error], progress func(files, bytes int64)) iter.Seq2[blob.Finding, error]
	Close() error
}

// Run tests a store. open gives an empty one, with the standard limits.
func Run(t *testing.T, open func(t testing.TB) Store) {
	for name, test := range map[string]func(*testing.T, Store){
		"put": put, "refuse": refuse, "known": known, "concurrent": concurrent, "absent": absent,
		"views": views, "quarantine": quarantine, "expunge": expunge, "verify": verify,
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			defer func() {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}()
			test(t, s)
		})
	}
}

func mustPut(t *testing.T, s Store, content []byte, name string) blob.Stored {
	t.Helper()
	stored, err := s.Put(t.Context(), bytes.NewReader(content), blob.Sent{Name: name})
	if err != nil {
		t.Fatalf("Put %s: %v", name, err)
	}
	return stored
}

func readAll(t *testing.T, r io.ReadSeekCloser, size int64, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil || int64(len(b)) != size {
		t.Fatalf("read %d bytes of %d: %v", len(b), size, err)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	return b
}

// refused wants an error that is why, with a sentence about the file.
func refused(t *testing.T, err, why error, file string) {
	t.Helper()
	p, ok := errors.AsType[*qiaomen.Problem](err)
	if !errors.Is(err, why) || !ok || p.Text == "" || p.At.File != file {
		t.Errorf("got %v (%+v), want %v about %q", err, p, why, file)
	}
}

func state(t *testing.T, s Store, d blob.Digest, want blob.State) blob.Status {
	t.Helper()
	status, err := s.Status(d)
	if err != nil || status.State != want {
		t.Errorf("status %+v, %v; want %s", status, err, want)
	}
	return status
}

func put(t *testing.T, s Store) {
	for name, content := range map[string][]byte{"现场.jpg": Photo(1), "截图.png": Picture(1), "合同.pdf": Paper("合同"), "汇报.docx": Letter("汇报"), "台账.xlsx": Table("台账")} {
		stored := mustPut(t, s, content, name)
		if want := blob.Digest(sha256.Sum256(content)); stored.Digest != want || stored.Size != int64(len(content)) || stored.Known {
			t.Errorf("%s: stored %+v", name, stored)
		}
		file, size, err := s.Open(stored.Digest)
		if !bytes.Equal(readAll(t, file, size, err), content) {
			t.Errorf("%s: Open gives other bytes", name)
		}
		file, size, err = s.OpenChecked(t.Context(), stored.Digest)
		if !bytes.Equal(readAll(t, file, size, err), content) {
			t.Errorf("%s: OpenChecked gives other bytes", name)
		}
		if status := state(t, s, stored.Digest, blob.Kept); status.Size != int64(len(content)) {
			t.Errorf("%s: status %+v", name, status)
		}
	}
}

func refuse(t *testing.T, s Store) {
	_, err := s.Put(t.Context(), bytes.NewReader(Photo(1)), blob.Sent{Name: "合同.pdf"})
	refused(t, err, blob.ErrUnfit, "合同.pdf")
	_, err = s.Put(t.Context(), bytes.NewReader(Photo(1)), blob.Sent{Name: "a.jpg", Limit: 100})
	refused(t, err, blob.ErrTooLarge, "a.jpg")
	_, err = s.Put(t.Context(), bytes.NewReader(nil), blob.Sent{Name: "a.jpg"})
	refused(t, err, blob.ErrUnfit, "a.jpg")
	state(t, s, sha256.Sum256(Photo(1)), blob.Absent)

	broken := io.MultiReader(bytes.NewReader(Photo(1)[:500]), failing{})
	if _, err = s.Put(t.Context(), broken, blob.Sent{Name: "a.jpg"}); !errors.Is(err, errCable) {
		t.Errorf("a broken upload gives %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = s.Put(ctx, bytes.NewReader(Photo(1)), blob.Sent{Name: "a.jpg"}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled upload gives %v", err)
	}
	state(t, s, sha256.Sum256(Photo(1)), blob.Absent)
}

var errCable = errors.New("the cable is out")

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errCable }

func known(t *testing.T, s Store) {
	first := mustPut(t, s, Photo(1), "a.jpg")
	again := mustPut(t, s, Photo(1), "b.jpeg")
	if first.Known || !again.Known || first.Digest != again.Digest {
		t.Errorf("first %+v, again %+v", first, again)
	}
	if other := mustPut(t, s, Photo(2), "a.jpg"); other.Known || other.Digest == first.Digest {
		t.Errorf("another photo is %+v", other)
	}
}

func concurrent(t *testing.T, s Store) {
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			if _, err := s.Put(t.Context(), bytes.NewReader(Photo(i%2)), blob.Sent{Name: "a.jpg"}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if found := findings(t, s, Photo(0), Photo(1)); len(found) != 0 {
		t.Errorf("findings %v", found)
	}
}

func absent(t *testing.T, s Store) {
	d := blob.Digest{1}
	state(t, s, d, blob.Absent)
	_, _, err := s.Open(d)
	refused(t, err, blob.ErrMissing, "")
	_, _, err = s.OpenChecked(t.Context(), d)
	refused(t, err, blob.ErrMissing, "")
	_, _, err = s.View(t.Context(), d)
	refused(t, err, blob.ErrMissing, "")
	_, err = s.Look(t.Context(), d)
	refused(t, err, blob.ErrMissing, "")
	refused(t, s.Quarantine(d, "误传"), blob.ErrMissing, "")
	refused(t, s.Release(d), blob.ErrMissing, "")
}

func views(t *testing.T, s Store) {
	photo := mustPut(t, s, Photo(1), "a.jpg").Digest
	paper := mustPut(t, s, Paper("合同"), "a.pdf").Digest
	for range 2 {
		file, size, err := s.View(t.Context(), photo)
		if b := readAll(t, file, size, err); !bytes.HasPrefix(b, []byte("\xff\xd8\xff")) {
			t.Error("a view is no JPEG")
		}
		file, size, err = s.Thumbnail(t.Context(), photo)
		if b := readAll(t, file, size, err); !bytes.HasPrefix(b, []byte("\xff\xd8\xff")) {
			t.Error("a thumbnail is no JPEG")
		}
	}
	look, err := s.Look(t.Context(), photo)
	if err != nil || look.Format != blob.JPEG || look.PHash == 0 {
		t.Errorf("look %+v, %v", look, err)
	}
	_, _, err = s.View(t.Context(), paper)
	refused(t, err, blob.ErrNoView, "")
	_, _, err = s.Thumbnail(t.Context(), paper)
	refused(t, err, blob.ErrNoView, "")
	if look, err := s.Look(t.Context(), paper); err != nil || look.Format != blob.PDF || look.PHash != 0 {
		t.Errorf("look %+v, %v", look, err)
	}
}

func quarantine(t *testing.T, s Store) {
	d := mustPut(t, s, Photo(1), "a.jpg").Digest
	if _, _, err := s.View(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Quarantine(d, "查毒发现"); err != nil {
			t.Fatal(err)
		}
		if status := state(t, s, d, blob.Quarantined); status.Reason != "查毒发现" {
			t.Errorf("status %+v", status)
		}
	}
	notServed(t, s, d, blob.ErrQuarantined)
	_, err := s.Put(t.Context(), bytes.NewReader(Photo(1)), blob.Sent{Name: "b.jpg"})
	refused(t, err, blob.ErrQuarantined, "b.jpg")
	if found := findings(t, s, Photo(1)); !slices.Equal(found, []blob.Verdict{blob.HeldApart}) {
		t.Errorf("findings %v", found)
	}
	for range 2 {
		if err := s.Release(d); err != nil {
			t.Fatal(err)
		}
		file, size, err := s.OpenChecked(t.Context(), d)
		readAll(t, file, size, err)
	}
	if found := findings(t, s, Photo(1)); len(found) != 0 {
		t.Errorf("findings %v", found)
	}
}

func expunge(t *testing.T, s Store) {
	d := mustPut(t, s, Photo(1), "a.jpg").Digest
	if _, _, err := s.View(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	apart := mustPut(t, s, Photo(2), "a.jpg").Digest
	if err := s.Quarantine(apart, "误传"); err != nil {
		t.Fatal(err)
	}
	never := blob.Digest(sha256.Sum256(Photo(3)))
	for _, d := range []blob.Digest{d, d, apart, never} {
		if err := s.Expunge(d); err != nil {
			t.Fatal(err)
		}
		state(t, s, d, blob.Expunged)
		notServed(t, s, d, blob.ErrExpunged)
	}
	for i := range 3 {
		_, err := s.Put(t.Context(), bytes.NewReader(Photo(i+1)), blob.Sent{Name: "b.jpg"})
		refused(t, err, blob.ErrExpunged, "b.jpg")
	}
	refused(t, s.Quarantine(d, "误传"), blob.ErrExpunged, "")
	refused(t, s.Release(d), blob.ErrExpunged, "")
	if found := findings(t, s, Photo(1), Photo(2)); !slices.Equal(found, []blob.Verdict{blob.WasExpunged, blob.WasExpunged}) {
		t.Errorf("findings %v", found)
	}
}

func notServed(t *testing.T, s Store, d blob.Digest, why error) {
	t.Helper()
	_, _, err := s.Open(d)
	refused(t, err, why, "")
	_, _, err = s.OpenChecked(t.Context(), d)
	refused(t, err, why, "")
	_, _, err = s.View(t.Context(), d)
	refused(t, err, why, "")
	_, _, err = s.Thumbnail(t.Context(), d)
	refused(t, err, why, "")
	_, err = s.Look(t.Context(), d)
	refused(t, err, why, "")
}

func verify(t *testing.T, s Store) {
	mustPut(t, s, Photo(1), "a.jpg")
	mustPut(t, s, Photo(2), "b.jpg")
	if found := findings(t, s, Photo(1), Photo(2), Photo(1)); len(found) != 0 {
		t.Errorf("findings %v", found)
	}
	if found := findings(t, s, Photo(1), Photo(2), Photo(3)); !slices.Equal(found, []blob.Verdict{blob.Missing}) {
		t.Errorf("findings %v", found)
	}
	if found := findings(t, s, Photo(2)); !slices.Equal(found, []blob.Verdict{blob.Extra}) {
		t.Errorf("findings %v", found)
	}
	stop := errors.New("the list ends")
	for _, err := range s.Verify(t.Context(), func(yield func(blob.Expected, error) bool) { yield(blob.Expected{}, stop) }, nil) {
		if !errors.Is(err, stop) {
			t.Errorf("an error of the list gives %v", err)
		}
	}
	files, all := int64(0), int64(len(Photo(1))+len(Photo(2)))
	for range s.Verify(t.Context(), Expect(), func(n, bytes int64) {
		if files = n; files == 2 && bytes != all {
			t.Errorf("read %d bytes, want %d", bytes, all)
		}
	}) {
	}
	if files != 2 {
		t.Errorf("read %d files", files)
	}
	for range s.Verify(t.Context(), Expect(), nil) {
		break // and no more is wanted
	}
}

// Expect lists contents for Verify.
func Expect(contents ...[]byte) iter.Seq2[blob.Expected, error] {
	return func(yield func(blob.Expected, error) bool) {
		for _, c := range contents {
			if !yield(blob.Expected{Digest: sha256.Sum256(c), Size: int64(len(c))}, nil) {
				return
			}
		}
	}
}

// findings are the verdicts of Verify, given the contents that ought to exist.
func findings(t *testing.T, s Store, contents ...[]byte) (found []blob.Verdict) {
	t.Helper()
	for f, err := range s.Verify(t.Context(), Expect(contents...), nil) {
		if err != nil {
			t.Fatal(err)
		}
		if f.String() == "" {
			t.Errorf("%+v has no sentence", f)
		}
		found = append(found, f.Verdict)
	}
	return found
}
