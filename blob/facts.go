package blob

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/bep/imagemeta"

	"qiaomen"
)

var formats = map[Format]imagemeta.ImageFormat{JPEG: imagemeta.JPEG, PNG: imagemeta.PNG, WebP: imagemeta.WebP, HEIC: imagemeta.HEIF}

// What reading the facts may cost; whoever wrote them had no say in it.
const (
	mostFactTime  = 500 * time.Millisecond
	mostFactSteps = 20_000
	mostFactBytes = 16 << 20
	mostFactText  = 64
)

// facts reads what the camera or an editor wrote into an image. Nothing here
// decides whether the image is taken: what cannot be read is not known.
func facts(c *content, look *Look) {
	defer func() { _ = recover() }()
	deadline := time.Now().Add(mostFactTime)
	tags := map[string]string{}
	handle := func(tag imagemeta.TagInfo) error {
		if time.Now().After(deadline) {
			return imagemeta.ErrStopWalking
		}
		if _, known := tags[tag.Tag]; !known {
			tags[tag.Tag] = fmt.Sprint(tag.Value)
		}
		return nil
	}
	wanted := map[string]bool{
		"DateTimeOriginal": true, "DateTimeDigitized": true, "CreateDate": true, "Software": true, "Make": true, "Model": true,
		"GPSLatitude": true, "GPSLongitude": true, "Orientation": true,
	}
	sources := imagemeta.EXIF
	if look.Format == HEIC {
		sources |= imagemeta.CONFIG
	}
	result, _ := imagemeta.Decode(imagemeta.Options{
		R:           &patience{r: io.NewSectionReader(c, 0, c.size), until: deadline},
		ImageFormat: formats[look.Format], Sources: sources,
		ShouldHandleTag: func(tag imagemeta.TagInfo) bool {
			return strings.HasPrefix(tag.Namespace, "IFD0") && wanted[tag.Tag]
		},
		HandleTag: handle, LimitNumTags: 2000, LimitTagSize: 4096,
	})
	if look.Format == HEIC {
		look.Width, look.Height = max(0, result.ImageConfig.Width), max(0, result.ImageConfig.Height)
	}
	for _, tag := range []string{"CreateDate", "DateTimeDigitized", "DateTimeOriginal"} {
		if taken, err := time.Parse("2006:01:02 15:04:05", printable(tags[tag])); err == nil {
			look.TakenAt = taken.Format(time.DateTime)
		}
	}
	look.Software = printable(tags["Software"])
	look.Camera = strings.TrimSpace(printable(tags["Make"]) + " " + strings.TrimPrefix(printable(tags["Model"]), printable(tags["Make"])+" "))
	look.HasPlace = tags["GPSLatitude"] != "" || tags["GPSLongitude"] != ""
	if _, err := fmt.Sscan(tags["Orientation"], &look.turned); err != nil || look.turned < 1 || look.turned > 8 {
		look.turned = 1
	}
}

func printable(s string) string {
	s = strings.TrimSpace(strings.ToValidUTF8(strings.Trim(s, "\x00"), ""))
	if n := 0; len(s) > mostFactText {
		for n = mostFactText; n > 0 && s[n]&0xc0 == 0x80; n-- {
		}
		s = s[:n]
	}
	return qiaomen.Printable(s)
}

// patience is a reader that ends when reading has gone on for too long, in
// time, steps or bytes.
type patience struct {
	r     io.ReadSeeker
	until time.Time
	steps int
	bytes int
}

var errPatience = errors.New("blob: the facts of an image take too long to read")

func (p *patience) tired() bool {
	p.steps++
	return p.steps > mostFactSteps || p.bytes > mostFactBytes || time.Now().After(p.until)
}

func (p *patience) Read(b []byte) (int, error) {
	if p.tired() {
		return 0, errPatience
	}
	n, err := p.r.Read(b)
	p.bytes += n
	return n, err
}

func (p *patience) Seek(offset int64, whence int) (int64, error) {
	if p.tired() {
		return 0, errPatience
	}
	return p.r.Seek(offset, whence)
}
