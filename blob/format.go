package blob

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"qiaomen"
)

// A Format is what a content is, found by looking at all of it.
type Format string

// The formats that are taken.
const (
	JPEG Format = "jpeg"
	PNG  Format = "png"
	WebP Format = "webp"
	HEIC Format = "heic" // kept as it is; nothing here decodes it
	PDF  Format = "pdf"
	DOCX Format = "docx"
	XLSX Format = "xlsx"
	MP4  Format = "mp4"

	zipped  Format = "zip"     // DOCX, XLSX or neither: its directory tells
	harmful Format = "harmful" // taken to be held apart
)

type trait struct {
	name, media string
	extensions  []string // the first is the usual one
	view        bool
}

var traits = map[Format]trait{
	JPEG: {"JPEG 图片", "image/jpeg", []string{".jpg", ".jpeg", ".jpe", ".jfif"}, true},
	PNG:  {"PNG 图片", "image/png", []string{".png"}, true},
	WebP: {"WebP 图片", "image/webp", []string{".webp"}, true},
	HEIC: {"HEIC 图片", "image/heic", []string{".heic", ".heif", ".hif"}, false},
	PDF:  {"PDF", "application/pdf", []string{".pdf"}, false},
	DOCX: {"Word 文档", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", []string{".docx"}, false},
	XLSX: {"Excel 工作簿", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", []string{".xlsx"}, false},
	MP4:  {"MP4 视频", "video/mp4", []string{".mp4", ".m4v"}, false},
}

// Formats are all that are taken, in the order in which people are told of them.
func Formats() []Format { return []Format{JPEG, PNG, WebP, HEIC, PDF, DOCX, XLSX, MP4} }

// Name is what people call it.
func (t Format) Name() string { return traits[t].name }

// MediaType is what it is called in HTTP.
func (t Format) MediaType() string { return traits[t].media }

// Extensions are the endings its name may have, with the dot, the usual one first.
func (t Format) Extensions() []string { return slices.Clone(traits[t].extensions) }

// HasView is true of the formats of which views and thumbnails are made.
func (t Format) HasView() bool { return traits[t].view }

const welcome = "可以上传：JPG、PNG、WebP、HEIC 图片，PDF，Word 文档（.docx），Excel 工作簿（.xlsx），MP4 视频"

// Limits are what a content may be at most.
type Limits struct {
	Image  int64 // bytes of a JPEG, PNG, WebP or HEIC
	PDF    int64 // bytes of a PDF
	Office int64 // bytes of a DOCX or XLSX
	Video  int64 // bytes of an MP4

	Unpacked int64 // bytes of all entries of a DOCX or XLSX, unpacked
	Entries  int   // entries of a DOCX or XLSX
	Ratio    int64 // times that an entry of over a mebibyte may grow when unpacked

	Pixels int64 // width × height of an image
	Side   int   // width or height of an image
	Decode int64 // bytes that decoding an image for its view may need; above there is no view
}

// Standard are the limits of a Folder that is given none.
var Standard = Limits{
	Image: 20 << 20, PDF: 50 << 20, Office: 20 << 20, Video: 200 << 20,
	Unpacked: 200 << 20, Entries: 10_000, Ratio: 400,
	Pixels: 100_000_000, Side: 30_000, Decode: 640 << 20,
}

// Bytes is the most that a content of a format may have; 0 for what is none.
func (l Limits) Bytes(t Format) int64 {
	switch t {
	case JPEG, PNG, WebP, HEIC:
		return l.Image
	case PDF:
		return l.PDF
	case DOCX, XLSX, zipped:
		return l.Office
	case MP4:
		return l.Video
	case harmful:
		return testVirusMost
	}
	return 0
}

// tooLarge is said as soon as the byte after the last allowed one arrives.
func tooLarge(t Format, most int64) error {
	name := t.Name()
	if t == zipped {
		name = "Word 文档、Excel 工作簿"
	}
	return &refusal{&qiaomen.Problem{Code: qiaomen.TooLarge, Text: fmt.Sprintf("文件太大：%s最多 %s", name, bytesText(most)), Fix: smaller(t)}, ErrTooLarge}
}

func smaller(t Format) string {
	switch t {
	case MP4:
		return "请剪短或降低清晰度后再上传"
	case PDF:
		return "请降低扫描的分辨率，或分成几个文件上传"
	case DOCX, XLSX, zipped:
		return "请压缩其中的图片，或另存为 PDF，或分成几个文件上传"
	}
	return "请把图片缩小后再上传"
}

func bytesText(n int64) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 1<<20:
		return fmt.Sprintf("%d.%d MB", n>>20, n%(1<<20)*10>>20)
	case n >= 1<<10:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d 字节", n)
}

// guess is the format that the first bytes promise, so that the limit is known
// before the rest is read; "" for what cannot become any.
func guess(head []byte) Format {
	has := func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) }
	switch {
	case testVirus(head):
		return harmful
	case has("\xff\xd8\xff"):
		return JPEG
	case has("\x89PNG\r\n\x1a\n"):
		return PNG
	case has("RIFF") && len(head) >= 12 && string(head[8:12]) == "WEBP":
		return WebP
	case has("%PDF-"):
		return PDF
	case has("PK\x03\x04"):
		return zipped
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		return guessBoxes(head)
	}
	return ""
}

// agree compares what the name says with what the content is. A name without
// an extension says nothing.
func agree(t Format, name string) error {
	says := extension(name)
	if says == "" || slices.Contains(traits[t].extensions, says) {
		return nil
	}
	usual := traits[t].extensions[0]
	return unfit(fmt.Sprintf("文件名的结尾是 %s，内容却是%s", says, t.Name()),
		fmt.Sprintf("请核对是不是选错了文件；没有选错，就把结尾改成 %s 再上传", usual))
}

// extension is the ending of a name in lower case, with its dot. What follows
// the last dot of “合同2024.1.15” or “报告.终稿” is part of the name: an
// extension has letters a–z and digits only, a letter among them.
func extension(name string) string {
	name = strings.ToLower(SafeName(name))
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return ""
	}
	letter := false
	for _, r := range name[dot+1:] {
		switch {
		case r >= 'a' && r <= 'z':
			letter = true
		case r < '0' || r > '9':
			return ""
		}
	}
	if !letter || len(name)-dot > 11 {
		return ""
	}
	return name[dot:]
}
