package workbook

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
)

// What a workbook may be. An honest one of a whole province is far below; a
// hostile one is told here, before anything is unpacked.
const (
	mostPacked   = 64 << 20
	mostUnpacked = 256 << 20
	mostEntries  = 10_000
	mostSheets   = 200
	mostRatio    = 400
	smallEntry   = 16 << 20 // below this any ratio is harmless
	mostIndex    = 8 << 20  // of the zip's own directory
)

// A refusal is why a file is not read at all: what it is, and what to do.
type refusal struct{ text, fix string }

func (r *refusal) Error() string { return r.text + "；" + r.fix }

var damaged = &refusal{"文件已损坏，打不开", "请用 Excel 或 WPS 打开后另存为 .xlsx，再试一次"}

var oversized = &refusal{fmt.Sprintf("文件太大：压缩后不能超过%d MiB，展开后不能超过%d MiB", mostPacked>>20, mostUnpacked>>20), "请分成几个文件，删去图片和用不着的表"}

// refuseByContent tells what is no .xlsx by its first bytes, whatever its name.
func refuseByContent(head []byte) *refusal {
	has := func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) }
	text := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \r\n\t"))
	switch {
	case has("\xd0\xcf\x11\xe0"):
		return &refusal{"这是 .xls、.et 或加了密码的工作簿，读不了", "请用 Excel 或 WPS 打开，去掉密码，另存为 .xlsx"}
	case has("%PDF"):
		return &refusal{"这是 PDF，不是工作簿", "请导出为 .xlsx"}
	case bytes.HasPrefix(text, []byte("<")):
		return &refusal{"这是网页或 XML，只是名字叫工作簿", "请用 Excel 或 WPS 打开，另存为 .xlsx"}
	case has("PK\x03\x04"), has("PK\x05\x06"):
		return nil
	case len(head) == 0:
		return &refusal{"文件是空的", "请核对是不是选错了文件"}
	}
	return &refusal{"这不是 .xlsx 工作簿", "请用 Excel 或 WPS 打开，另存为 .xlsx"}
}

// unpackable opens the zip after a look at what its directory claims. Sizes
// are compared as they stand there, without a sign: 2⁶³ and above is too big,
// not negative.
func unpackable(r io.ReaderAt, size int64) (*zip.Reader, error) {
	head := make([]byte, min(512, size))
	if _, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil, err
	}
	if why := refuseByContent(head); why != nil {
		return nil, why
	}
	if size > mostPacked {
		return nil, oversized
	}
	if err := directory(r, size); err != nil {
		return nil, err
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, damaged
	}
	return z, entriesFit(z)
}

// directory looks at the zip's directory before it is read: a million entries
// are refused by their number and room, not by memory running out.
func directory(r io.ReaderAt, size int64) error {
	const fixed, comment = 22, 65_535
	tail := make([]byte, min(size, fixed+comment))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return err
	}
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || at+fixed > len(tail) {
		return damaged
	}
	end := tail[at:]
	count, room, from := binary.LittleEndian.Uint16(end[10:]), binary.LittleEndian.Uint32(end[12:]), binary.LittleEndian.Uint32(end[16:])
	if count == 0xffff || count > mostEntries || room > mostIndex || size-int64(from) > mostIndex+comment && from != 0xffffffff && int64(from)+int64(room) < size-mostIndex {
		return &refusal{fmt.Sprintf("文件里的部件太多（最多%d个）", mostEntries), "请用 Excel 或 WPS 打开后另存为 .xlsx，再试一次"}
	}
	if from == 0xffffffff || room == 0xffffffff {
		return oversized
	}
	return nil
}

func entriesFit(z *zip.Reader) error {
	if len(z.File) > mostEntries {
		return &refusal{fmt.Sprintf("文件里的部件太多（最多%d个）", mostEntries), "请用 Excel 或 WPS 打开后另存为 .xlsx，再试一次"}
	}
	total := uint64(0)
	type span struct{ from, to int64 }
	var spans []span
	names := map[string]bool{}
	for _, f := range z.File {
		if f.UncompressedSize64 > mostUnpacked || f.CompressedSize64 > mostPacked {
			return oversized
		}
		if total += f.UncompressedSize64; total > mostUnpacked {
			return oversized
		}
		if f.UncompressedSize64 > smallEntry && f.UncompressedSize64/max(1, f.CompressedSize64) > mostRatio {
			return oversized
		}
		if names[strings.ToLower(f.Name)] {
			return damaged
		}
		names[strings.ToLower(f.Name)] = true
		at, err := f.DataOffset()
		if err != nil {
			return damaged
		}
		spans = append(spans, span{at, at + int64(f.CompressedSize64)})
	}
	slices.SortFunc(spans, func(a, b span) int { return int(min(1, max(-1, a.from-b.from))) })
	for i := 1; i < len(spans); i++ {
		if spans[i].from < spans[i-1].to {
			return damaged // parts that share their bytes: a bomb
		}
	}
	return nil
}

// part reads a part of the zip, never more than it claims to hold.
func part(z *zip.Reader, name string) (io.ReadCloser, error) {
	for _, f := range z.File {
		if strings.EqualFold(f.Name, name) {
			r, err := f.Open()
			if err != nil {
				return nil, damaged
			}
			return struct {
				io.Reader
				io.Closer
			}{&thrifty{r: io.LimitReader(r, int64(f.UncompressedSize64)+1)}, r}, nil
		}
	}
	return nil, nil
}

// thrifty gives up on XML in which a single text or tag is too long: a parser
// would keep all of it.
type thrifty struct {
	r     io.Reader
	since int
}

const longestPiece = 1 << 20

func (t *thrifty) Read(p []byte) (int, error) {
	n, err := t.r.Read(p[:min(len(p), 64<<10)])
	if i := bytes.LastIndexByte(p[:n], '<'); i >= 0 {
		t.since = n - i
	} else if t.since += n; t.since > longestPiece {
		return 0, &refusal{"有一格的文字太长", "请删减后再试"}
	}
	return n, err
}
