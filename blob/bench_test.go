package blob_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"qiaomen/blob"
	"qiaomen/blob/blobtest"
)

// BenchmarkPut keeps a PDF of 1 MB; Bare writes and syncs the same bytes, which
// is the least that keeping can cost. Bucket puts it to a server in the same
// process, which keeps it in memory.
func BenchmarkPut(b *testing.B) {
	pad := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	paper := append(blobtest.Paper("a")[:15], append(pad, blobtest.Paper("a")[15:]...)...)
	fresh := func(i int) []byte { binary.BigEndian.PutUint64(paper[1000:], uint64(i)); return paper }
	b.Run("Put", func(b *testing.B) {
		f, _ := open(b, blob.Options{})
		b.SetBytes(int64(len(paper)))
		i := 0
		for b.Loop() {
			i++
			if _, err := f.Put(context.Background(), bytes.NewReader(fresh(i)), blob.Sent{Name: "a.pdf"}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Bucket", func(b *testing.B) {
		to := bucket(b, fake(b, false).options(b))
		b.SetBytes(int64(len(paper)))
		i := 0
		for b.Loop() {
			i++
			putInto(b, to, fresh(i), "a.pdf")
		}
	})
	b.Run("Bare", func(b *testing.B) {
		dir := b.TempDir()
		b.SetBytes(int64(len(paper)))
		i := 0
		for b.Loop() {
			i++
			file, err := os.Create(filepath.Join(dir, fmt.Sprint(i)))
			if err != nil {
				b.Fatal(err)
			}
			if _, err := file.Write(fresh(i)); err != nil {
				b.Fatal(err)
			}
			if err := file.Sync(); err != nil {
				b.Fatal(err)
			}
			if err := file.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkInspect looks at a photograph of 12 megapixels, and BenchmarkView
// makes its view and thumbnail.
func BenchmarkInspect(b *testing.B) {
	photo := blobtest.PhotoOf(blobtest.Scene(1, 4000, 3000))
	b.SetBytes(int64(len(photo)))
	for b.Loop() {
		if _, err := blob.Inspect(photo, "a.jpg", blob.Standard); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkView(b *testing.B) {
	f, dir := open(b, blob.Options{})
	d := put(b, f, blobtest.PhotoOf(blobtest.Scene(1, 4000, 3000)), "a.jpg")
	for b.Loop() {
		if err := os.RemoveAll(filepath.Join(dir, "derived")); err != nil {
			b.Fatal(err)
		}
		r, _, err := f.View(context.Background(), d)
		if err != nil {
			b.Fatal(err)
		}
		_ = r.Close()
	}
}
