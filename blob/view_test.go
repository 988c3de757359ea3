package blob_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/image/draw"

	"qiaomen/blob"
	"qiaomen/blob/blobtest"
)

var camera = blobtest.Exif{TakenAt: "2024:01:15 10:22:33", Software: "Adobe Photoshop 25.0", Make: "HUAWEI", Model: "HUAWEI P60", Place: true, Orientation: 6}

func TestFacts(t *testing.T) {
	photo := blobtest.WithExif(blobtest.Photo(1), camera)
	look, err := blob.Inspect(photo, "a.jpg", blob.Standard)
	if err != nil {
		t.Fatal(err)
	}
	if look.TakenAt != "2024-01-15 10:22:33" || look.Software != "Adobe Photoshop 25.0" || look.Camera != "HUAWEI P60" || !look.HasPlace || look.Width != 240 || look.Height != 160 {
		t.Errorf("%+v", look)
	}
	for what, e := range map[string]blobtest.Exif{
		"nothing": {}, "no time": {TakenAt: "    :  :     :  :  "}, "no such day": {TakenAt: "2024:02:31 10:00:00"}, "words": {TakenAt: "yesterday"}, "zeros": {TakenAt: "0000:00:00 00:00:00"},
	} {
		look, err := blob.Inspect(blobtest.WithExif(blobtest.Photo(1), e), "a.jpg", blob.Standard)
		if err != nil || look.TakenAt != "" || look.Software != "" || look.Camera != "" || look.HasPlace {
			t.Errorf("%s: %+v, %v", what, look, err)
		}
	}
	look, err = blob.Inspect(blobtest.WithExif(blobtest.Photo(1), blobtest.Exif{Software: "a\u202e\x1b[31m" + string(bytes.Repeat([]byte("长"), 100))}), "a.jpg", blob.Standard)
	if err != nil || len(look.Software) > 80 || bytes.ContainsAny([]byte(look.Software), "\u202e\x1b") {
		t.Errorf("%q, %v", look.Software, err)
	}
}

func view(t *testing.T, r io.ReadSeekCloser, _ int64, err error) ([]byte, image.Image) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	img, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return b, img
}

// TestViewTellsNothing: a view is smaller, upright, and says nothing of place,
// time and camera; the original says all of it as before.
func TestViewTellsNothing(t *testing.T) {
	f, _ := open(t, blob.Options{})
	scene := blobtest.Scene(3, 2600, 1300)
	photo := blobtest.WithExif(blobtest.PhotoOf(scene), camera)
	d := put(t, f, photo, "a.jpg")
	r, size, err := f.View(t.Context(), d)
	b, img := view(t, r, size, err)
	if img.Bounds().Size() != (image.Point{1000, 2000}) { // turned by a quarter
		t.Errorf("the view is of %v", img.Bounds())
	}
	r, size, err = f.Thumbnail(t.Context(), d)
	small, img := view(t, r, size, err)
	if img.Bounds().Size() != (image.Point{160, 320}) {
		t.Errorf("the thumbnail is of %v", img.Bounds())
	}
	for _, b := range [][]byte{b, small} {
		for _, secret := range []string{"Exif", "HUAWEI", "Photoshop", "2024", "ICC", "http"} {
			if bytes.Contains(b, []byte(secret)) {
				t.Errorf("a view says %s", secret)
			}
		}
	}
	original, _, err := f.Open(context.Background(), d)
	if err != nil {
		t.Fatal(err)
	}
	defer original.Close()
	if b, err := io.ReadAll(original); err != nil || !bytes.Equal(b, photo) {
		t.Errorf("the original has changed: %v", err)
	}
}

// TestUpright turns a mark in one corner as Exif says.
func TestUpright(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 3, 2))
	img.SetRGBA(0, 0, color.RGBA{255, 0, 0, 255})
	img.SetRGBA(2, 0, color.RGBA{0, 255, 0, 255})
	for turned, want := range map[int][2]image.Point{ // where red and green come to lie
		0: {{0, 0}, {2, 0}}, 1: {{0, 0}, {2, 0}}, 2: {{2, 0}, {0, 0}}, 3: {{2, 1}, {0, 1}}, 4: {{0, 1}, {2, 1}},
		5: {{0, 0}, {0, 2}}, 6: {{1, 0}, {1, 2}}, 7: {{1, 2}, {1, 0}}, 8: {{0, 2}, {0, 0}}, 9: {{0, 0}, {2, 0}},
	} {
		out := blob.Upright(img, turned)
		if out.At(want[0].X, want[0].Y) != (color.RGBA{255, 0, 0, 255}) || out.At(want[1].X, want[1].Y) != (color.RGBA{0, 255, 0, 255}) {
			t.Errorf("turned %d is wrong", turned)
		}
	}
}

func TestViewsOfAllKinds(t *testing.T) {
	f, dir := open(t, blob.Options{})
	seen := image.NewNRGBA(image.Rect(0, 0, 50, 50)) // nothing to see: white when flattened
	var b bytes.Buffer
	if err := png.Encode(&b, seen); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"a.png": b.Bytes(), "b.png": picture16(), "a.webp": riff(riffChunk("VP8L", dot)), "a.jpg": blobtest.Photo(2)} {
		d := put(t, f, content, name)
		r, size, err := f.View(t.Context(), d)
		_, img := view(t, r, size, err)
		if red, _, _, _ := img.At(1, 1).RGBA(); name == "a.png" && red < 0xf000 {
			t.Errorf("what one can see through is not white: %x", red)
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, "derived")); err != nil {
		t.Fatal(err)
	}
	d := put(t, f, blobtest.Photo(2), "a.jpg")
	if _, _, err := f.Thumbnail(t.Context(), d); err != nil {
		t.Error(err)
	}
}

// TestNoView: what cannot be decoded, or only with too much memory, is kept and
// has no view; it is not tried twice.
func TestNoView(t *testing.T) {
	limits := blob.Standard
	limits.Decode = 100_000
	f, dir := open(t, blob.Options{Limits: limits})
	photo := put(t, f, blobtest.Photo(1), "a.jpg") // 240 × 160 × 4 bytes
	empty := put(t, f, pngClaiming(20, 20), "a.png")
	for _, d := range []blob.Digest{photo, empty, photo, empty} {
		if _, _, err := f.View(t.Context(), d); !errors.Is(err, blob.ErrNoView) {
			t.Error(err)
		}
		if look, err := f.Look(t.Context(), d); err != nil || look.PHash != 0 {
			t.Errorf("%+v, %v", look, err)
		}
	}
	if made := files(t, dir, "derived"); len(made) != 2 {
		t.Errorf("made %v", made)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f, dir = open(t, blob.Options{})
	d := put(t, f, blobtest.PhotoOf(blobtest.Scene(1, 3000, 2000)), "a.jpg")
	if _, _, err := f.View(ctx, d); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, _, err := f.View(t.Context(), d); err != nil {
		t.Error(err)
	}
	if made := files(t, dir, "derived"); len(made) != 2 {
		t.Errorf("made %v", made)
	}
}

// TestOneAtATime: who wants a view waits for the one image that is decoded in
// the whole process; who sends a file, or wants no view, does not.
func TestOneAtATime(t *testing.T) {
	f, _ := open(t, blob.Options{})
	release := blob.HoldDecoder()
	d := put(t, f, blobtest.Photo(1), "a.jpg")
	paper := put(t, f, blobtest.Paper("a"), "a.pdf")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := f.View(ctx, paper); !errors.Is(err, blob.ErrNoView) {
		t.Error(err)
	}
	if _, _, err := f.View(ctx, d); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	release()
	if _, _, err := f.View(t.Context(), d); err != nil {
		t.Error(err)
	}
}

// TestLikeness: a picture stays like itself when it is scaled, compressed,
// brightened, turned or mirrored, and unlike others.
func TestLikeness(t *testing.T) {
	for seed := range 12 {
		scene := blobtest.Scene(seed, 320, 240)
		hash := blob.Perceive(scene)
		small := image.NewRGBA(image.Rect(0, 0, 200, 150))
		draw.BiLinear.Scale(small, small.Bounds(), scene, scene.Bounds(), draw.Src, nil)
		var b bytes.Buffer
		if err := jpeg.Encode(&b, small, &jpeg.Options{Quality: 40}); err != nil {
			t.Fatal(err)
		}
		squeezed, err := jpeg.Decode(&b)
		if err != nil {
			t.Fatal(err)
		}
		bright := image.NewRGBA(scene.Bounds())
		for i, v := range scene.Pix {
			bright.Pix[i] = uint8(min(255, int(v)*9/10+30))
		}
		like := map[string]image.Image{"compressed": squeezed, "brighter": bright}
		for turned := 1; turned <= 8; turned++ {
			like[fmt.Sprint("turned ", turned)] = blob.Upright(scene, turned)
		}
		for what, img := range like {
			if d := hash.Distance(blob.Perceive(img)); d > 10 {
				t.Errorf("scene %d, %s: distance %d", seed, what, d)
			}
		}
		for other := range seed {
			if d := hash.Distance(blob.Perceive(blobtest.Scene(other, 320, 240))); d <= 10 {
				t.Errorf("scenes %d and %d: distance %d", seed, other, d)
			}
		}
		if back, err := blob.ParsePHash(hash.String()); err != nil || back != hash {
			t.Errorf("%v, %v", back, err)
		}
	}
	if hash := blob.Perceive(image.NewGray(image.Rect(0, 0, 100, 100))); hash != 0 || hash.String() != "" || hash.Distance(hash) != 64 {
		t.Errorf("nothing to see is %x", hash)
	}
	for _, bad := range []string{"1", "0000000000000000", "ABCDEF0123456789", "00000000000000001", "-000000000000001", "x"} {
		if _, err := blob.ParsePHash(bad); err == nil {
			t.Errorf("%q is taken for a hash", bad)
		}
	}
	if p, err := blob.ParsePHash(""); p != 0 || err != nil {
		t.Error(p, err)
	}
}

// TestAtOnce does everything at once, for the race detector; nothing that was
// expunged may come back by a view that was being made.
func TestAtOnce(t *testing.T) {
	f, dir := open(t, blob.Options{})
	var all sync.WaitGroup
	for i := range 4 {
		photo := blobtest.Photo(i)
		d := put(t, f, photo, "a.jpg")
		for range 3 {
			all.Go(func() { _, _ = f.Put(t.Context(), bytes.NewReader(photo), blob.Sent{}) })
			all.Go(func() {
				if r, _, err := f.View(t.Context(), d); err == nil {
					_ = r.Close()
				}
			})
			all.Go(func() { _, _ = f.Look(t.Context(), d) })
			all.Go(func() { _ = f.Quarantine(context.Background(), d, "误传") })
			all.Go(func() { _ = f.Release(context.Background(), d) })
			all.Go(func() {
				for range f.Verify(t.Context(), blobtest.Expect(photo), func(int64, int64) {}) {
				}
			})
		}
		if i%2 == 0 {
			all.Go(func() {
				if err := f.Expunge(context.Background(), d); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	for i := range 4 {
		for found, err := range f.Verify(t.Context(), blobtest.Expect(blobtest.Photo(i)), nil) {
			if err != nil || found.Fault() {
				t.Errorf("%v %v", found, err)
			}
		}
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	for i := 0; i < 4; i += 2 {
		photo := blobtest.Photo(i)
		for _, name := range files(t, dir, ".") {
			if b, err := os.ReadFile(name); err != nil || bytes.Contains(b, photo[len(photo)-200:len(photo)-100]) {
				t.Errorf("%s remains, %v", name, err)
			}
		}
	}
}
