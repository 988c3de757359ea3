package blob

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // for DecodeConfig
	_ "image/png"
	"io"

	_ "golang.org/x/image/webp"
)

// A Look is what a content tells of itself.
type Look struct {
	Format        Format
	Width, Height int    // of an image, as stored, in pixels; 0 where not known
	TakenAt       string // “2024-01-15 10:22:33”, by the camera's clock and where it was; “” where it does not say
	Software      string // what wrote the image last: an editor, or the camera's own version
	Camera        string
	HasPlace      bool  // the original says where it was taken; the place itself is not read
	PHash         PHash // of JPEG, PNG and WebP, from Folder.Look

	turned int // how the image is to be turned upright, as Exif counts it
}

// A content is bytes by position. A read that the disk failed is remembered, so
// that it is not taken for a file that ends too early.
type content struct {
	r    io.ReaderAt
	size int64
	err  error
}

func (c *content) ReadAt(p []byte, at int64) (int, error) {
	n, err := c.r.ReadAt(p, at)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}

// part is n bytes from a position, or nil where there are not so many.
func (c *content) part(at, n int64) []byte {
	if at < 0 || n < 0 || at > c.size || n > c.size-at {
		return nil
	}
	p := make([]byte, n)
	if _, err := io.ReadFull(io.NewSectionReader(c, at, n), p); err != nil {
		return nil
	}
	return p
}

// tail is the last n bytes, or all where there are fewer.
func (c *content) tail(n int64) []byte {
	n = min(n, c.size)
	return c.part(c.size-n, n)
}

// What is said of more than one format.
func truncated(t Format) error {
	return unfit(t.Name()+"不完整，可能没有传完或已经损坏", "请打开原文件看看是否完好，再上传一次")
}

func corrupt(t Format) error {
	return unfit("文件已损坏，不是完好的"+t.Name(), "请打开原文件看看是否完好，另存一份再上传")
}

func appended(t Format) error {
	return unfit(t.Name()+"的后面还接着别的内容", "请用画图或看图软件打开，另存一份再上传；动态照片请先在相册里导出为静态图片")
}

// inspect looks at all of a content and says what it is, or why it is not
// taken. It decodes no pixels, never panics and never fails on what a camera
// wrote about itself.
func inspect(r io.ReaderAt, size int64, name string, limits Limits) (look Look, err error) {
	c := &content{r: r, size: size}
	defer func() {
		if p := recover(); p != nil {
			look, err = Look{}, unfit("文件已损坏，认不出内容", "请打开原文件看看是否完好，另存一份再上传")
		}
		if c.err != nil {
			look, err = Look{}, fmt.Errorf("blob: %w", c.err)
		}
	}()
	head := c.part(0, min(size, headSize))
	look.Format = guess(head)
	if look.Format == "" {
		return Look{}, foreign(head, name)
	}
	if look.Format != harmful && size > limits.Bytes(look.Format) {
		return Look{}, tooLarge(look.Format, limits.Bytes(look.Format))
	}
	switch look.Format {
	case harmful:
		err = harm("这是查毒程序的测试文件（EICAR）")
	case JPEG:
		err = jpegWhole(c)
	case PNG:
		err = pngWhole(c)
	case WebP:
		err = webpWhole(c)
	case HEIC, MP4:
		err = boxesWhole(c, look.Format)
	case PDF:
		err = pdfWhole(c)
	case zipped:
		look.Format, err = officeWhole(c, limits)
	}
	if err != nil {
		return Look{}, err
	}
	if look.Format != DOCX && look.Format != XLSX {
		if err := archiveBehind(c, look.Format); err != nil {
			return Look{}, err
		}
	}
	if err := agree(look.Format, name); err != nil {
		return Look{}, err
	}
	if look.Format.HasView() {
		config, _, err := image.DecodeConfig(io.NewSectionReader(c, 0, size))
		if err != nil || config.Width <= 0 || config.Height <= 0 {
			return Look{}, corrupt(look.Format)
		}
		look.Width, look.Height = config.Width, config.Height
	}
	if look.Format.HasView() || look.Format == HEIC {
		facts(c, &look)
	}
	if err := pixelsFit(look, limits); err != nil {
		return Look{}, err
	}
	return look, nil
}

func pixelsFit(look Look, limits Limits) error {
	w, h := int64(look.Width), int64(look.Height)
	if w > int64(limits.Side) || h > int64(limits.Side) || w*h > limits.Pixels {
		return refuse(ErrTooLarge, fmt.Sprintf("图片有 %d×%d 像素，太大：边长最多 %d，总共最多 %d 万像素", w, h, limits.Side, limits.Pixels/10_000), "请把图片缩小后再上传")
	}
	return nil
}

// archiveBehind refuses what an archiver would open, whatever it begins with:
// unpackers look for their directory at the end of a file.
func archiveBehind(c *content, t Format) error {
	tail := c.tail(22 + 65_535)
	for end := len(tail); ; {
		at := bytes.LastIndex(tail[:end], []byte(zipEnd))
		if at < 0 {
			break
		}
		end = at
		if len(tail)-at < 22 {
			continue
		}
		long := at >= 20 && string(tail[at-20:at-16]) == zip64Locator
		room := int64(le32(tail[at+12:]))
		directory := c.size - int64(len(tail)) + int64(at) - room
		if long || room == 0 || string(c.part(directory, 4)) == zipDirectory {
			return unfit(t.Name()+"里藏着压缩包", "请打开原文件，另存一份再上传")
		}
	}
	const stride, overlap = 64 << 10, 8
	block := make([]byte, stride+overlap)
	for at := int64(0); at < c.size; at += stride {
		n, _ := c.ReadAt(block, at)
		block := block[:n]
		if bytes.Contains(block, []byte("Rar!\x1a\x07")) || bytes.Contains(block, []byte("7z\xbc\xaf\x27\x1c")) {
			return unfit(t.Name()+"里藏着压缩包", "请打开原文件，另存一份再上传")
		}
	}
	return nil
}

// The test file of the virus scanners is the 68 characters that all of them
// report, by its digest, so that they do not report this program; blanks may
// follow.
const (
	testVirusSize   = 68
	testVirusMost   = 128
	testVirusDigest = "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f"
)

func testVirus(b []byte) bool {
	if len(b) < testVirusSize || len(b) > testVirusMost {
		return false
	}
	digest := sha256.Sum256(b[:testVirusSize])
	return hex.EncodeToString(digest[:]) == testVirusDigest
}
