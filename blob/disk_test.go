package blob_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/blob/blobtest"
)

// failing makes one step fail, of originals and what becomes one.
func failing(step string, err error) func(string, string) error {
	return func(s, _ string) error {
		if s == step {
			return err
		}
		return nil
	}
}

// TestStepFails lets each step of Put fail: nothing is acknowledged, nothing
// temporary is left, and after a failed sync nothing is written any more.
func TestStepFails(t *testing.T) {
	for _, step := range blob.BeforeAnswer {
		for _, why := range []error{syscall.EIO, syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS} {
			t.Run(fmt.Sprintf("%s %v", step, why), func(t *testing.T) {
				f, dir := open(t, blob.Options{})
				photo, d := blobtest.Paper("a"), blob.Digest(sha256.Sum256(blobtest.Paper("a")))
				f.Fail(failing(step, why))
				stored, err := f.Put(t.Context(), bytes.NewReader(photo), blob.Sent{Name: "a.pdf"})
				if !errors.Is(err, why) || stored != (blob.Stored{}) {
					t.Fatalf("Put gives %+v, %v", stored, err)
				}
				full := why == syscall.ENOSPC || why == syscall.EDQUOT
				broken := step == "sync folder" || step == "sync" && !full
				if errors.Is(err, blob.ErrBroken) != broken {
					t.Errorf("broken: %v, want %v", err, broken)
				}
				if p, ok := errors.AsType[*qiaomen.Problem](err); why != syscall.EIO && !broken && step != "renamed" &&
					(!ok || !errors.Is(err, blob.ErrUnwritable) || p.Fix == "" || p.At.File != "a.pdf") {
					t.Errorf("no sentence for %v", err)
				}
				if left := files(t, dir, "temporary"); len(left) != 0 {
					t.Errorf("left behind: %v", left)
				}
				f.Fail(nil)
				_, err = f.Put(t.Context(), bytes.NewReader(photo), blob.Sent{Name: "a.pdf"})
				if errors.Is(err, blob.ErrBroken) != broken || !broken && err != nil {
					t.Errorf("the next Put gives %v", err)
				}
				if broken {
					for _, err := range []error{f.Expunge(context.Background(), d), f.Quarantine(context.Background(), d, ""), f.Release(context.Background(), d)} {
						if !errors.Is(err, blob.ErrBroken) {
							t.Errorf("a broken folder says %v", err)
						}
					}
					f = reopen(t, dir, blob.Options{})
					if _, err := f.Put(t.Context(), bytes.NewReader(photo), blob.Sent{Name: "a.pdf"}); err != nil {
						t.Error(err)
					}
				}
				for found, err := range f.Verify(t.Context(), blobtest.Expect(photo), nil) {
					t.Errorf("%v %v", found, err)
				}
			})
		}
	}
}

// TestSyncedOnce: a sync that failed is not tried again on the same file, and
// the bytes are synced before they get their name.
func TestSyncedOnce(t *testing.T) {
	f, _ := open(t, blob.Options{})
	var steps []string
	f.Fail(func(step, name string) error {
		steps = append(steps, step)
		if step == blob.StepSync {
			return syscall.EIO
		}
		return nil
	})
	_, err := f.Put(t.Context(), bytes.NewReader(blobtest.Paper("a")), blob.Sent{})
	if !errors.Is(err, blob.ErrBroken) || !slices.Equal(steps, []string{"create", "write", "sync", "remove"}) {
		t.Errorf("%v after %v", err, steps)
	}
	f, _ = open(t, blob.Options{})
	steps = nil
	f.Fail(func(step, name string) error { steps = append(steps, step); return nil })
	if _, err := f.Put(t.Context(), bytes.NewReader(blobtest.Paper("a")), blob.Sent{}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(steps, blob.BeforeAnswer) {
		t.Errorf("steps %v", steps)
	}
}

// TestRetireInterrupted stops each change of state at each of its steps, as a
// crash would, and starts again: the content is as before or as after, and what
// is expunged has left no bytes.
func TestRetireInterrupted(t *testing.T) {
	photo := blobtest.Photo(1)
	changes := map[string]struct {
		change        func(*blob.Folder, blob.Digest) error
		before, after blob.State
	}{
		"quarantine": {func(f *blob.Folder, d blob.Digest) error { return f.Quarantine(context.Background(), d, "误传") }, blob.Kept, blob.Quarantined},
		"release":    {func(f *blob.Folder, d blob.Digest) error { return f.Release(context.Background(), d) }, blob.Quarantined, blob.Kept},
		"expunge":    {func(f *blob.Folder, d blob.Digest) error { return f.Expunge(context.Background(), d) }, blob.Kept, blob.Expunged},
		"expunge 2":  {func(f *blob.Folder, d blob.Digest) error { return f.Expunge(context.Background(), d) }, blob.Quarantined, blob.Expunged},
	}
	for name, c := range changes {
		for stop := 0; ; stop++ {
			f, dir := open(t, blob.Options{})
			d := put(t, f, photo, "a.jpg")
			if _, _, err := f.View(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			if c.before == blob.Quarantined {
				if err := f.Quarantine(context.Background(), d, "误传"); err != nil {
					t.Fatal(err)
				}
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			f = reopen(t, dir, blob.Options{})
			step := 0
			f.Fail(func(string, string) error {
				if step++; step > stop {
					return syscall.EIO
				}
				return nil
			})
			changed := c.change(f, d)
			_ = f.Close()
			f = reopen(t, dir, blob.Options{})
			status, err := f.Status(context.Background(), d)
			if err != nil || status.State != c.before && status.State != c.after || changed == nil && status.State != c.after {
				t.Errorf("%s stopped at %d: %+v, %v", name, stop, status, err)
			}
			if status.State == blob.Expunged && holdsBytes(t, dir, photo) {
				t.Errorf("%s stopped at %d: bytes remain", name, stop)
			}
			for found, err := range f.Verify(t.Context(), blobtest.Expect(photo), nil) {
				if err != nil || found.Fault() {
					t.Errorf("%s stopped at %d: %v %v", name, stop, found, err)
				}
			}
			if err := c.change(f, d); err != nil {
				t.Errorf("%s again after a stop at %d: %v", name, stop, err)
			}
			if status, err := f.Status(context.Background(), d); err != nil || status.State != c.after {
				t.Errorf("%s again after a stop at %d: %+v, %v", name, stop, status, err)
			}
			if changed == nil {
				break
			}
		}
	}
}

func put(t testing.TB, f *blob.Folder, content []byte, name string) blob.Digest {
	t.Helper()
	stored, err := f.Put(context.Background(), bytes.NewReader(content), blob.Sent{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return stored.Digest
}

// holdsBytes looks for a content, or a JPEG made of it, in all files.
func holdsBytes(t *testing.T, dir string, content []byte) bool {
	t.Helper()
	return slices.ContainsFunc(files(t, dir, "."), func(name string) bool {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(b, content[:64]) || bytes.HasPrefix(b, []byte("\xff\xd8\xff"))
	})
}

func TestExpungeLeavesNothing(t *testing.T) {
	f, dir := open(t, blob.Options{})
	photo := blobtest.Photo(1)
	d := put(t, f, photo, "a.jpg")
	if _, _, err := f.View(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	kept, err := os.OpenFile(filepath.Join(dir, d.Path()), os.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	if err := f.Expunge(context.Background(), d); err != nil {
		t.Fatal(err)
	}
	if holdsBytes(t, dir, photo) {
		t.Error("bytes remain")
	}
	was := make([]byte, len(photo)) // through a descriptor that was open: overwritten, not only removed
	if n, err := kept.ReadAt(was, 0); err != nil || n != len(photo) || len(bytes.Trim(was, "\x00")) != 0 {
		t.Errorf("%d bytes and %v, not overwritten", n, err)
	}
}

// TestSweep: what an earlier run left is removed, what is younger is not.
func TestSweep(t *testing.T) {
	f, dir := open(t, blob.Options{})
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	old, young := filepath.Join(dir, "temporary", "old"), filepath.Join(dir, "temporary", "young")
	for _, name := range []string{old, young} {
		if err := os.WriteFile(name, []byte("half a file"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(young, time.Time{}, time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	reopen(t, dir, blob.Options{ReadOnly: true})
	if left := files(t, dir, "temporary"); len(left) != 2 {
		t.Errorf("reading only, left %v", left)
	}
	reopen(t, dir, blob.Options{})
	if left := files(t, dir, "temporary"); !slices.Equal(left, []string{young}) {
		t.Errorf("left %v", left)
	}
}

// TestRemoveFails: a draft that cannot be removed goes at the next start.
func TestRemoveFails(t *testing.T) {
	f, dir := open(t, blob.Options{})
	f.Fail(failing(blob.StepRemove, syscall.EIO))
	if _, err := f.Put(t.Context(), bytes.NewReader(blobtest.Photo(1)), blob.Sent{Name: "a.pdf"}); !errors.Is(err, blob.ErrUnfit) {
		t.Error(err)
	}
	if left := files(t, dir, "temporary"); len(left) != 1 {
		t.Errorf("left %v", left)
	}
	_ = f.Close()
	reopen(t, dir, blob.Options{})
	if left := files(t, dir, "temporary"); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

func TestReadOnly(t *testing.T) {
	f, dir := open(t, blob.Options{})
	d := put(t, f, blobtest.Photo(1), "a.jpg")
	if _, _, err := f.View(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil { // nothing is made behind our back from here on
		t.Fatal(err)
	}
	r := reopen(t, dir, blob.Options{ReadOnly: true})
	_, err := r.Put(t.Context(), bytes.NewReader(blobtest.Photo(2)), blob.Sent{})
	for _, err := range []error{err, r.Quarantine(context.Background(), d, ""), r.Release(context.Background(), d), r.Expunge(context.Background(), d)} {
		if !errors.Is(err, blob.ErrUnwritable) {
			t.Error(err)
		}
	}
	for _, open := range []func(context.Context, blob.Digest) error{
		func(ctx context.Context, d blob.Digest) error { _, _, err := r.OpenChecked(ctx, d); return err },
		func(ctx context.Context, d blob.Digest) error { _, _, err := r.View(ctx, d); return err },
	} {
		if err := open(t.Context(), d); err != nil {
			t.Error(err)
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, "derived")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.View(t.Context(), d); !errors.Is(err, blob.ErrNoView) {
		t.Error(err)
	}
	if _, err := blob.OpenFolder(filepath.Join(dir, "nowhere"), blob.Options{ReadOnly: true}); err == nil {
		t.Error("nothing opens read-only")
	}
}

// TestKnownHeals: a damaged original becomes whole when it is put again.
func TestKnownHeals(t *testing.T) {
	f, dir := open(t, blob.Options{})
	d := put(t, f, blobtest.Photo(1), "a.jpg")
	if err := os.WriteFile(filepath.Join(dir, d.Path()), []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	stored, err := f.Put(t.Context(), bytes.NewReader(blobtest.Photo(1)), blob.Sent{Name: "a.jpg"})
	if err != nil || !stored.Known {
		t.Errorf("%+v, %v", stored, err)
	}
	if _, _, err := f.OpenChecked(t.Context(), d); err != nil {
		t.Error(err)
	}
}

// TestLimitEarly: of a stream without end hardly more is read than is allowed.
func TestLimitEarly(t *testing.T) {
	f, dir := open(t, blob.Options{})
	endless := &counter{head: []byte("\x89PNG\r\n\x1a\n")}
	_, err := f.Put(t.Context(), endless, blob.Sent{Name: "a.png"})
	if most := blob.Standard.Image + 64<<10; !errors.Is(err, blob.ErrTooLarge) || endless.n > most {
		t.Errorf("%v after %d bytes", err, endless.n)
	}
	endless = &counter{head: []byte("hello")}
	if _, err := f.Put(t.Context(), endless, blob.Sent{Name: "a.png"}); !errors.Is(err, blob.ErrUnfit) || endless.n > 4096 {
		t.Errorf("%v after %d bytes", err, endless.n)
	}
	if left := files(t, dir, "."); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

type counter struct {
	head []byte
	n    int64
}

func (c *counter) Read(p []byte) (int, error) {
	clear(p)
	n := len(p)
	if len(c.head) > 0 {
		n = copy(p, c.head)
		c.head = c.head[n:]
	}
	c.n += int64(n)
	return n, nil
}

func TestScan(t *testing.T) {
	down := errors.New("the scanner is down")
	says, seen := error(nil), 0
	f, dir := open(t, blob.Options{Scan: func(path string) error {
		b, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(b, blobtest.Paper("a")) {
			t.Errorf("the scanner sees %d bytes, %v", len(b), err)
		}
		seen++
		return says
	}})
	sent := func() (blob.Stored, error) {
		return f.Put(t.Context(), bytes.NewReader(blobtest.Paper("a")), blob.Sent{Name: "a.pdf"})
	}
	says = down
	if stored, err := sent(); !errors.Is(err, down) || !errors.Is(err, blob.ErrUnwritable) || stored != (blob.Stored{}) {
		t.Errorf("%+v, %v", stored, err)
	}
	if left := files(t, dir, "."); len(left) != 0 {
		t.Errorf("left %v", left)
	}
	says = nil
	if _, err := sent(); err != nil {
		t.Error(err)
	}
	says = fmt.Errorf("found a virus: %w", blob.ErrHarmful) // known today only
	stored, err := sent()
	if !errors.Is(err, blob.ErrHarmful) || stored.Digest != sha256.Sum256(blobtest.Paper("a")) {
		t.Errorf("%+v, %v", stored, err)
	}
	status, err := f.Status(context.Background(), stored.Digest)
	if err != nil || status.State != blob.Quarantined || !strings.Contains(status.Reason, "查毒") {
		t.Errorf("%+v, %v", status, err)
	}
	if left := files(t, dir, "originals"); len(left) != 0 {
		t.Errorf("left %v", left)
	}
	if seen != 3 {
		t.Errorf("scanned %d times", seen)
	}
}
