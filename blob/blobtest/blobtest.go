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

// Run tests a store. open gives an empty one, with the standard limits.
func Run(t *testing.T, open func(t testing.TB) blob.Store) {
	for name, test := range map[string]func(*testing.T, blob.Store){
		"put": put, "refuse": refuse, "known": known, "concurrent": concurrent, "absent": absent,
		"views": views, "quarantine": quarantine, "expunge": expunge, "discard": discard, "verify": verify, "copy": copies, "restore": restore,
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

func mustPut(t *testing.T, s blob.Store, content []byte, name string) blob.Stored {
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

func state(t *testing.T, s blob.Store, d blob.Digest, want blob.State) blob.Status {
	t.Helper()
	status, err := s.Status(t.Context(), d)
	if err != nil || status.State != want {
		t.Errorf("status %+v, %v; want %s", status, err, want)
	}
	return status
}

func put(t *testing.T, s blob.Store) {
	for name, content := range map[string][]byte{"现场.jpg": Photo(1), "截图.png": Picture(1), "合同.pdf": Paper("合同"), "汇报.docx": Letter("汇报"), "台账.xlsx": Table("台账")} {
		stored := mustPut(t, s, content, name)
		if want := blob.Digest(sha256.Sum256(content)); stored.Digest != want || stored.Size != int64(len(content)) || stored.Known {
			t.Errorf("%s: stored %+v", name, stored)
		}
		file, size, err := s.Open(t.Context(), stored.Digest)
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

func refuse(t *testing.T, s blob.Store) {
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

func known(t *testing.T, s blob.Store) {
	first := mustPut(t, s, Photo(1), "a.jpg")
	again := mustPut(t, s, Photo(1), "b.jpeg")
	if first.Known || !again.Known || first.Digest != again.Digest {
		t.Errorf("first %+v, again %+v", first, again)
	}
	if other := mustPut(t, s, Photo(2), "a.jpg"); other.Known || other.Digest == first.Digest {
		t.Errorf("another photo is %+v", other)
	}
}

func concurrent(t *testing.T, s blob.Store) {
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

func absent(t *testing.T, s blob.Store) {
	d := blob.Digest{1}
	state(t, s, d, blob.Absent)
	_, _, err := s.Open(t.Context(), d)
	refused(t, err, blob.ErrMissing, "")
	_, _, err = s.OpenChecked(t.Context(), d)
	refused(t, err, blob.ErrMissing, "")
	_, _, err = s.View(t.Context(), d)
	refused(t, err, blob.ErrMissing, "")
	_, err = s.Look(t.Context(), d)
	refused(t, err, blob.ErrMissing, "")
	refused(t, s.Quarantine(t.Context(), d, "误传"), blob.ErrMissing, "")
	refused(t, s.Release(t.Context(), d), blob.ErrMissing, "")
}

func views(t *testing.T, s blob.Store) {
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

func quarantine(t *testing.T, s blob.Store) {
	d := mustPut(t, s, Photo(1), "a.jpg").Digest
	if _, _, err := s.View(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Quarantine(t.Context(), d, "查毒发现"); err != nil {
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
		if err := s.Release(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		file, size, err := s.OpenChecked(t.Context(), d)
		readAll(t, file, size, err)
	}
	if found := findings(t, s, Photo(1)); len(found) != 0 {
		t.Errorf("findings %v", found)
	}
}

func expunge(t *testing.T, s blob.Store) {
	d := mustPut(t, s, Photo(1), "a.jpg").Digest
	if _, _, err := s.View(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	apart := mustPut(t, s, Photo(2), "a.jpg").Digest
	if err := s.Quarantine(t.Context(), apart, "误传"); err != nil {
		t.Fatal(err)
	}
	never := blob.Digest(sha256.Sum256(Photo(3)))
	for _, d := range []blob.Digest{d, d, apart, never} {
		if err := s.Expunge(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		state(t, s, d, blob.Expunged)
		notServed(t, s, d, blob.ErrExpunged)
	}
	for i := range 3 {
		_, err := s.Put(t.Context(), bytes.NewReader(Photo(i+1)), blob.Sent{Name: "b.jpg"})
		refused(t, err, blob.ErrExpunged, "b.jpg")
	}
	refused(t, s.Quarantine(t.Context(), d, "误传"), blob.ErrExpunged, "")
	refused(t, s.Release(t.Context(), d), blob.ErrExpunged, "")
	if found := findings(t, s, Photo(1), Photo(2)); !slices.Equal(found, []blob.Verdict{blob.WasExpunged, blob.WasExpunged}) {
		t.Errorf("findings %v", found)
	}
}

func notServed(t *testing.T, s blob.Store, d blob.Digest, why error) {
	t.Helper()
	_, _, err := s.Open(t.Context(), d)
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

func verify(t *testing.T, s blob.Store) {
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

// copies copies a content in each state, as a backup does.
func copies(t *testing.T, s blob.Store) {
	kept, apart, gone := mustPut(t, s, Photo(1), "a.jpg").Digest, mustPut(t, s, Photo(2), "a.jpg").Digest, blob.Digest(sha256.Sum256(Photo(3)))
	if err := errors.Join(s.Quarantine(t.Context(), apart, "误传"), s.Expunge(t.Context(), gone)); err != nil {
		t.Fatal(err)
	}
	want := map[blob.Digest][]byte{kept: Photo(1), apart: Photo(2), gone: nil}
	states := map[blob.Digest]blob.State{kept: blob.Kept, apart: blob.Quarantined, gone: blob.Expunged}
	var last blob.Digest
	for d, err := range s.Each(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Compare(last[:], d[:]) >= 0 {
			t.Errorf("%s after %s", d, last)
		}
		last = d
		r, size, status, err := s.Copy(t.Context(), d)
		if err != nil || status.State != states[d] || (r == nil) != (want[d] == nil) {
			t.Fatalf("%s: %v, %+v, %v", d, r, status, err)
		}
		if r != nil {
			b, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(b, want[d]) || size != int64(len(b)) {
				t.Errorf("%s: %d bytes of %d, %v", d, len(b), size, err)
			}
			_ = r.Close()
		}
		delete(want, d)
	}
	if len(want) != 0 {
		t.Errorf("not given: %v", want)
	}
}

// restore puts contents back in each state.
func restore(t *testing.T, s blob.Store) {
	digest := func(i int) blob.Digest { return sha256.Sum256(Photo(i)) }
	for i, status := range []blob.Status{{State: blob.Kept}, {State: blob.Quarantined, Reason: "误传"}, {State: blob.Expunged}} {
		if err := s.Restore(t.Context(), digest(i), status, bytes.NewReader(Photo(i))); err != nil {
			t.Fatal(err)
		}
		if got := state(t, s, digest(i), status.State); got.Reason != status.Reason {
			t.Errorf("status %+v", got)
		}
	}
	if found := findings(t, s, Photo(0), Photo(1)); !slices.Equal(found, []blob.Verdict{blob.HeldApart}) {
		t.Errorf("findings %v", found)
	}
	if err := s.Restore(t.Context(), digest(3), blob.Status{State: blob.Kept}, bytes.NewReader(Photo(4))); !errors.Is(err, blob.ErrDamaged) {
		t.Errorf("other bytes give %v", err)
	}
	state(t, s, digest(3), blob.Absent)
	if err := s.Restore(t.Context(), digest(3), blob.Status{State: blob.Absent}, nil); err == nil {
		t.Error("a content is restored as absent")
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
func findings(t *testing.T, s blob.Store, contents ...[]byte) (found []blob.Verdict) {
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

// discard: what is taken away is gone and may come again; what is held apart or
// was expunged stays so.
func discard(t *testing.T, s blob.Store) {
	gone := mustPut(t, s, Photo(1), "a.jpg")
	view, size, err := s.View(t.Context(), gone.Digest)
	readAll(t, view, size, err)
	if err := s.Discard(t.Context(), gone.Digest); err != nil {
		t.Fatal(err)
	}
	state(t, s, gone.Digest, blob.Absent)
	if _, _, err := s.View(t.Context(), gone.Digest); !errors.Is(err, blob.ErrMissing) {
		t.Errorf("its view is still there: %v", err)
	}
	for found, err := range s.Verify(t.Context(), Expect(), nil) {
		t.Errorf("left behind: %+v %v", found, err)
	}
	if again := mustPut(t, s, Photo(1), "a.jpg"); again.Known {
		t.Error("known although it was taken away")
	}
	if err := s.Quarantine(t.Context(), gone.Digest, "可疑"); err != nil {
		t.Fatal(err)
	}
	if err := s.Discard(t.Context(), gone.Digest); err != nil {
		t.Fatal(err)
	}
	state(t, s, gone.Digest, blob.Quarantined)
	if err := s.Expunge(t.Context(), gone.Digest); err != nil {
		t.Fatal(err)
	}
	if err := s.Discard(t.Context(), gone.Digest); err != nil {
		t.Fatal(err)
	}
	state(t, s, gone.Digest, blob.Expunged)
	if err := s.Discard(t.Context(), blob.Digest{1}); err != nil {
		t.Errorf("of what was never here: %v", err)
	}
}
