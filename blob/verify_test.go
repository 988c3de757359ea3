package blob_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"qiaomen/blob"
	"qiaomen/blob/blobtest"
)

func findings(t testing.TB, f blob.Store, contents ...[]byte) (found []string) {
	t.Helper()
	for finding, err := range f.Verify(context.Background(), blobtest.Expect(contents...), nil) {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, finding.String())
	}
	slices.Sort(found)
	return found
}

// TestVerify plays the attacks on evidence: swap, delete, exchange, flip a bit,
// add, and leave remains.
func TestVerify(t *testing.T) {
	f, dir := open(t, blob.Options{})
	var contents [][]byte
	var digests []blob.Digest
	for i := range 6 {
		contents = append(contents, blobtest.Paper(fmt.Sprint(i)))
		digests = append(digests, put(t, f, contents[i], "a.pdf"))
	}
	at := func(i int) string { return filepath.Join(dir, digests[i].Path()) }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if found := findings(t, f, contents...); len(found) != 0 {
		t.Fatal(found)
	}
	must(os.Remove(at(0)))                                                       // delete
	must(os.WriteFile(at(1), patched(contents[1], "Catalog", 1, 0, 'D'), 0o600)) // flip
	must(os.Rename(at(2), filepath.Join(dir, "x")))                              // exchange two of equal size
	must(os.Rename(at(3), at(2)))
	must(os.Rename(filepath.Join(dir, "x"), at(3)))
	must(f.Expunge(context.Background(), digests[4]))
	must(os.WriteFile(at(4), contents[4], 0o600)) // and somebody brings it back
	must(f.Quarantine(context.Background(), digests[5], "误传"))
	must(os.WriteFile(filepath.Join(dir, "originals", "ab", "readme"), []byte("x"), 0o600))
	must(os.WriteFile(filepath.Join(dir, "originals", "shell.php"), []byte("x"), 0o600))
	must(os.WriteFile(filepath.Join(dir, "quarantine", "x.reason"), []byte("x"), 0o600))
	must(os.Symlink("/etc/passwd", filepath.Join(dir, "link")))
	extra := put(t, f, blobtest.Paper("extra"), "a.pdf")
	link := blob.Digest{0xee}
	must(os.Symlink("/etc/passwd", filepath.Join(dir, link.Path())))
	want := []string{
		"缺失：" + digests[0].String(), "内容被改动或已损坏：" + digests[1].String(),
		"被换成了另一份文件：" + digests[2].String() + "，里面是 " + digests[3].String(),
		"被换成了另一份文件：" + digests[3].String() + "，里面是 " + digests[2].String(),
		"已清除：" + digests[4].String(), "已清除，但还有残留：" + digests[4].Path(), "已隔离：" + digests[5].String(),
		"来历不明的文件：originals/ab/readme", "来历不明的文件：originals/shell.php", "来历不明的文件：quarantine/x.reason", "来历不明的文件：link",
		"没有记录提到：" + extra.String(), "内容被改动或已损坏：" + link.String(),
	}
	same(t, findings(t, f, contents...), want)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range f.Verify(ctx, blobtest.Expect(contents...), nil) {
		if errors.Is(err, context.Canceled) {
			return
		}
	}
	t.Error("Verify goes on when it is cancelled")
}

// same wants the same findings, in whatever order.
func same(t testing.TB, found, want []string) {
	t.Helper()
	slices.Sort(want)
	if !slices.Equal(found, want) {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(found, "\n"), strings.Join(want, "\n"))
	}
}

func TestOpenChecked(t *testing.T) {
	f, dir := open(t, blob.Options{})
	d := put(t, f, blobtest.Paper("a"), "a.pdf")
	if err := os.WriteFile(filepath.Join(dir, d.Path()), blobtest.Paper("b"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.OpenChecked(t.Context(), d); !errors.Is(err, blob.ErrDamaged) {
		t.Error(err)
	}
}

// TestProperty does at random what is done to a store, beside a map that knows
// what must come of it.
func TestProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		f := reopen(t, dir, blob.Options{})
		defer func() { _ = f.Close() }()
		states := map[int]blob.State{}
		content := func(i int) []byte { return blobtest.Paper(fmt.Sprint(i)) }
		pick := rapid.IntRange(0, 5)
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			i := pick.Draw(rt, "content")
			d, was := blob.Digest(sha256.Sum256(content(i))), states[i]
			var err, want error
			switch rapid.IntRange(0, 4).Draw(rt, "step") {
			case 0, 1:
				var stored blob.Stored
				stored, err = f.Put(context.Background(), bytes.NewReader(content(i)), blob.Sent{Name: "a.pdf"})
				want = map[blob.State]error{blob.Quarantined: blob.ErrQuarantined, blob.Expunged: blob.ErrExpunged}[was]
				if want == nil {
					states[i] = blob.Kept
				}
				if err == nil && (stored.Digest != d || stored.Known != (was == blob.Kept)) {
					rt.Fatalf("stored %+v", stored)
				}
			case 2:
				err = f.Quarantine(context.Background(), d, "误传")
				want = map[blob.State]error{"": blob.ErrMissing, blob.Expunged: blob.ErrExpunged}[was]
				if want == nil {
					states[i] = blob.Quarantined
				}
			case 3:
				err = f.Release(context.Background(), d)
				want = map[blob.State]error{"": blob.ErrMissing, blob.Expunged: blob.ErrExpunged}[was]
				if want == nil {
					states[i] = blob.Kept
				}
			case 4:
				err = f.Expunge(context.Background(), d)
				states[i] = blob.Expunged
			}
			if !errors.Is(err, want) {
				rt.Fatalf("%v, want %v", err, want)
			}
		}
		var ought [][]byte
		var wanted []string
		for i, state := range states {
			ought = append(ought, content(i))
			d := blob.Digest(sha256.Sum256(content(i)))
			switch state {
			case blob.Quarantined:
				wanted = append(wanted, "已隔离："+d.String())
			case blob.Expunged:
				wanted = append(wanted, "已清除："+d.String())
			}
			if _, _, err := f.OpenChecked(context.Background(), d); (err == nil) != (state == blob.Kept) {
				rt.Fatalf("%s opens with %v", state, err)
			}
		}
		slices.Sort(wanted)
		if found := findings(t, f, ought...); !slices.Equal(found, wanted) {
			rt.Fatalf("found %v, want %v", found, wanted)
		}
	})
}

func FuzzInspect(f *testing.F) {
	all := blobtest.Corpus()
	for _, what := range slices.Sorted(maps.Keys(all)) {
		if s := all[what]; len(s.Content) < 20_000 {
			f.Add(s.Content, s.Name)
		}
	}
	f.Add(blobtest.WithExif(blobtest.Photo(1), camera), "a.jpg")
	limits := blob.Limits{Image: 1 << 20, PDF: 1 << 20, Office: 1 << 20, Video: 1 << 20, Unpacked: 4 << 20, Entries: 1000, Ratio: 400, Pixels: 1_000_000, Side: 10_000}
	f.Fuzz(func(t *testing.T, b []byte, name string) {
		look, err := blob.Inspect(b, name, limits)
		if (err == nil) != (look.Format != "") {
			t.Errorf("%+v, %v", look, err)
		}
		if err != nil && !errors.Is(err, blob.ErrUnfit) && !errors.Is(err, blob.ErrTooLarge) && !errors.Is(err, blob.ErrHarmful) {
			t.Error(err)
		}
		if err == nil && !slices.Contains(blob.Formats(), look.Format) {
			t.Errorf("%+v", look)
		}
	})
}
