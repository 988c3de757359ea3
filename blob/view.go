package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"io/fs"
	"math"
	"path"

	"golang.org/x/image/draw"
)

const (
	viewSuffix  = ".view.jpg"
	thumbSuffix = ".thumb.jpg"
	noneSuffix  = ".none" // decoding failed once; it is not tried again

	viewSide  = 2000
	thumbSide = 320
	quality   = 82
)

var derivedSuffixes = []string{viewSuffix, thumbSuffix, noneSuffix}

// Decoding takes memory by the hundred megabytes: one image at a time in the
// whole process.
var decoding = make(chan struct{}, 1)

// View gives a kept image as people look at it: Store tells of it.
func (l *looker) View(ctx context.Context, d Digest) (io.ReadSeekCloser, int64, error) {
	return l.derived(ctx, d, viewSuffix)
}

// Thumbnail is View with at most 320 pixels a side.
func (l *looker) Thumbnail(ctx context.Context, d Digest) (io.ReadSeekCloser, int64, error) {
	return l.derived(ctx, d, thumbSuffix)
}

// Look looks at a kept content again, as it is now: Store tells of it.
func (l *looker) Look(ctx context.Context, d Digest) (Look, error) {
	file, size, err := l.at.whole(ctx, d)
	if err != nil {
		return Look{}, err
	}
	defer file.Close()
	look, err := inspect(file, size, "", l.options.Limits)
	if err != nil || !look.Format.HasView() {
		return look, err
	}
	thumb, _, err := l.Thumbnail(ctx, d)
	if errors.Is(err, ErrNoView) {
		return look, nil
	}
	if err != nil {
		return Look{}, err
	}
	defer thumb.Close()
	img, err := jpeg.Decode(thumb)
	if err != nil {
		return Look{}, fmt.Errorf("blob: a thumbnail: %w", err)
	}
	look.PHash = perceive(img)
	return look, nil
}

func noView() error {
	return refuse(ErrNoView, "这份文件没有预览", "请下载后打开")
}

func (l *looker) derived(ctx context.Context, d Digest, suffix string) (io.ReadSeekCloser, int64, error) {
	for range 2 {
		if err := l.served(ctx, d); err != nil {
			return nil, 0, err
		}
		file, size, err := l.at.read(ctx, d.shelf(derived, suffix))
		if err == nil {
			return file, size, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, 0, fmt.Errorf("blob: %w", err)
		}
		if err := l.makeView(ctx, d); err != nil {
			return nil, 0, err
		}
	}
	return nil, 0, noView() // thrown away as soon as it was made
}

// makeViews makes the views of what was put, after the answer.
func (l *looker) makeViews() {
	for {
		select {
		case <-l.closing.Done():
			return
		case d := <-l.later:
			_ = l.makeView(l.closing, d) // made when somebody looks, or then its error is seen
		}
	}
}

func (l *looker) makeView(ctx context.Context, d Digest) error {
	if l.options.ReadOnly {
		return noView()
	}
	if format, err := l.promise(ctx, d); err != nil {
		return err
	} else if !format.HasView() {
		return noView()
	}
	release, err := l.making.take(ctx, d)
	if err != nil {
		return err
	}
	defer release()
	switch made, none, err := l.made(ctx, d); {
	case err != nil:
		return err
	case none:
		return noView()
	case made:
		return nil
	}
	file, size, err := l.at.whole(ctx, d)
	if err != nil {
		return err
	}
	defer file.Close()
	view, err := rendered(ctx, &content{r: file, size: size}, l.options.Limits)
	if errors.Is(err, ErrNoView) {
		return errors.Join(err, l.at.putDerived(ctx, d, noneSuffix, nil))
	}
	if err != nil {
		return err
	}
	for suffix, img := range map[string]image.Image{viewSuffix: view, thumbSuffix: shrink(view, thumbSide)} {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
			return fmt.Errorf("blob: %w", err)
		}
		if err := l.at.putDerived(ctx, d, suffix, b.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// rendered is a view, made when no other is being made.
func rendered(ctx context.Context, c *content, limits Limits) (image.Image, error) {
	select {
	case decoding <- struct{}{}:
		defer func() { <-decoding }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return render(ctx, c, limits)
}

// promise is what a kept content promises to be by its first bytes.
func (l *looker) promise(ctx context.Context, d Digest) (Format, error) {
	if err := l.served(ctx, d); err != nil {
		return "", err
	}
	r, size, err := l.at.read(ctx, d.original())
	if err != nil {
		return "", fmt.Errorf("blob: %w", err)
	}
	defer r.Close()
	head := make([]byte, min(size, headSize))
	if _, err := io.ReadFull(r, head); err != nil {
		return "", fmt.Errorf("blob: %w", err)
	}
	return guess(head), nil
}

// made tells whether both pictures are there, and whether there can be none.
func (l *looker) made(ctx context.Context, d Digest) (both, none bool, err error) {
	var there [3]bool
	for i, suffix := range derivedSuffixes {
		if _, there[i], err = l.at.stat(ctx, d.shelf(derived, suffix)); err != nil {
			return false, false, err
		}
	}
	return there[0] && there[1], there[2], nil
}

// putDerived keeps what was made, unless the original has been retired in the
// meantime.
func (f *Folder) putDerived(ctx context.Context, d Digest, suffix string, b []byte) error {
	name := d.shelf(derived, suffix)
	if err := f.root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return unwritable(err)
	}
	defer f.lock(d).Unlock()
	if err := f.served(ctx, d); err != nil {
		return err
	}
	return f.write(name, b)
}

// render decodes an image that fits the limits, scales it to the side of a
// view and turns it upright.
func render(ctx context.Context, c *content, limits Limits) (img image.Image, err error) {
	defer func() {
		if p := recover(); p != nil {
			img, err = nil, noView()
		}
	}()
	look := Look{Format: guess(c.part(0, min(c.size, headSize)))}
	config, _, err := image.DecodeConfig(io.NewSectionReader(c, 0, c.size))
	if err != nil {
		return nil, noView()
	}
	look.Width, look.Height = config.Width, config.Height
	if pixelsFit(look, limits) != nil || cost(c, look.Format, config) > limits.Decode {
		return nil, noView()
	}
	facts(c, &look)
	full, _, err := image.Decode(&interruptible{ctx, io.NewSectionReader(c, 0, c.size)})
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case c.err != nil:
		return nil, fmt.Errorf("blob: %w", c.err)
	case err != nil:
		return nil, noView()
	}
	return upright(shrink(full, viewSide), look.turned), nil
}

// cost is about how many bytes decoding takes.
func cost(c *content, t Format, config image.Config) int64 {
	pixels := int64(config.Width) * int64(config.Height)
	switch {
	case t == JPEG && progressive(c):
		return pixels * 15 // three planes, and as many coefficients of four bytes
	case t == JPEG:
		return pixels * 4
	case config.ColorModel == color.RGBA64Model, config.ColorModel == color.NRGBA64Model:
		return pixels * 8
	}
	return pixels * 4
}

// progressive is true of a JPEG that is told in several scans.
func progressive(c *content) bool {
	for at := int64(2); ; {
		head := c.part(at, 4)
		if head == nil || head[0] != 0xff || head[1] == 0xda {
			return false
		}
		if head[1] == 0xc2 {
			return true
		}
		if head[1] == 0xff {
			at++
			continue
		}
		at += 2 + int64(head[2])<<8 + int64(head[3])
	}
}

// An interruptible reader ends with its context: that is what stops a decoder.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (i *interruptible) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(p)
}

// shrink scales an image down to a side, on white where one can see through
// it: by halves, so that every point of it has its part in the small one.
func shrink(img image.Image, side int) *image.RGBA {
	for long := max(img.Bounds().Dx(), img.Bounds().Dy()); long > 2*side; {
		long = (long + 1) / 2
		img = onWhite(img, long)
	}
	return onWhite(img, side)
}

// onWhite is a copy of which no side is longer than the given one.
func onWhite(img image.Image, side int) *image.RGBA {
	w, h := fit(img.Bounds(), side)
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(small, small.Bounds(), image.White, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(small, small.Bounds(), img, img.Bounds(), draw.Over, nil)
	return small
}

// fit is the size of an image of which no side is longer than the given one.
func fit(size image.Rectangle, side int) (int, int) {
	w, h := size.Dx(), size.Dy()
	long := max(w, h)
	if long <= side {
		return w, h
	}
	scale := float64(side) / float64(long)
	return max(1, int(math.Round(float64(w)*scale))), max(1, int(math.Round(float64(h)*scale)))
}

// upright turns and mirrors an image as Exif says it lies: 1 is upright, even
// numbers and 5 and 7 are as in a mirror.
func upright(img *image.RGBA, turned int) image.Image {
	if turned <= 1 || turned > 8 {
		return img
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	from := func(x, y int) (int, int) { return x, y }
	switch turned {
	case 2:
		from = func(x, y int) (int, int) { return w - 1 - x, y }
	case 3:
		from = func(x, y int) (int, int) { return w - 1 - x, h - 1 - y }
	case 4:
		from = func(x, y int) (int, int) { return x, h - 1 - y }
	case 5:
		from = func(x, y int) (int, int) { return y, x }
	case 6:
		from = func(x, y int) (int, int) { return y, h - 1 - x }
	case 7:
		from = func(x, y int) (int, int) { return w - 1 - y, h - 1 - x }
	case 8:
		from = func(x, y int) (int, int) { return w - 1 - y, x }
	}
	size := image.Rect(0, 0, w, h)
	if turned >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(size)
	for y := range size.Dy() {
		for x := range size.Dx() {
			out.SetRGBA(x, y, img.RGBAAt(from(x, y)))
		}
	}
	return out
}
