package blob

import (
	"bufio"
	"encoding/binary"
	"hash/crc32"
	"io"
)

// Bytes that may follow the end of a content without meaning anything: fewer
// than the smallest archive has. Zeros may follow in any number.
const slack = 16

// endsAt accepts what follows the end of a content if it is nothing.
func endsAt(c *content, at int64, t Format) error {
	if c.size-afterZeros(c, at) > slack {
		return appended(t)
	}
	return nil
}

func afterZeros(c *content, at int64) int64 {
	r := bufio.NewReader(io.NewSectionReader(c, at, c.size-at))
	for ; at < c.size; at++ {
		if b, err := r.ReadByte(); b != 0 || err != nil {
			break
		}
	}
	return at
}

// jpegWhole walks the segments of a JPEG to its end. Telephones append to it:
// further JPEGs (a second exposure, a map of brightness), the film of a moving
// photograph, a vendor's own trailer. Those are walked too; anything else is
// not the photograph's.
func jpegWhole(c *content) error {
	const mostImages = 16
	at, next := int64(0), int64(0)
	for range mostImages {
		end, err := jpegEnd(c, next)
		if err != nil {
			return err
		}
		at, next = end, afterZeros(c, end)
		if string(c.part(next, 3)) != "\xff\xd8\xff" {
			break
		}
	}
	if vendorTrailer(c, at) {
		return nil
	}
	if string(c.part(at+4, 4)) == "ftyp" {
		const vendorMark = 256
		if end, sound := boxesEnd(c, at); sound && c.size-end <= vendorMark {
			return nil
		}
	}
	return endsAt(c, at, JPEG)
}

// jpegEnd is the position after the end marker of the JPEG at a position.
func jpegEnd(c *content, from int64) (int64, error) {
	r := bufio.NewReaderSize(io.NewSectionReader(c, from+2, c.size-from-2), blockSize)
	at := from + 2
	next := func() (byte, bool) {
		b, err := r.ReadByte()
		at++
		return b, err == nil
	}
	frame, scan := false, false
	marker, ok := next()
	if marker != 0xff {
		return 0, corrupt(JPEG)
	}
	for ok {
		for marker == 0xff && ok { // fill bytes
			marker, ok = next()
		}
		switch {
		case !ok:
			return 0, truncated(JPEG)
		case marker == 0xd9 && frame && scan:
			return at, nil
		case marker == 0x01: // stands alone
		case marker < 0xc0, marker >= 0xd0 && marker <= 0xd9:
			return 0, corrupt(JPEG)
		default:
			hi, _ := next()
			lo, ok := next()
			length := int64(hi)<<8 | int64(lo)
			if !ok {
				return 0, truncated(JPEG)
			}
			if length < 2 {
				return 0, corrupt(JPEG)
			}
			if n, err := r.Discard(int(length - 2)); err != nil || int64(n) != length-2 {
				return 0, truncated(JPEG)
			}
			at += length - 2
			frame = frame || marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc
		}
		if marker == 0xda {
			scan = true
			marker, ok = afterScan(next)
			continue
		}
		if marker, ok = next(); ok && marker != 0xff {
			return 0, corrupt(JPEG)
		}
	}
	return 0, truncated(JPEG)
}

// afterScan skips compressed data and gives the marker that ends it.
func afterScan(next func() (byte, bool)) (byte, bool) {
	for {
		b, ok := next()
		for b == 0xff && ok {
			if b, ok = next(); b != 0 && b != 0xff && (b < 0xd0 || b > 0xd7) {
				return b, ok
			}
		}
		if !ok {
			return 0, false
		}
	}
}

// vendorTrailer is true of the blocks that Samsung's cameras append: they lie
// end to end from a position up to their directory, which ends the file.
func vendorTrailer(c *content, from int64) bool {
	end := c.tail(8)
	if len(end) < 8 || string(end[4:]) != "SEFT" {
		return false
	}
	room := int64(le32(end))
	start := c.size - 8 - room
	list := c.part(start, min(room, 64<<10))
	if start < from || len(list) < 12 || string(list[:4]) != "SEFH" {
		return false
	}
	const fixed, each = 12, 12
	count, first := int64(le32(list[8:])), int64(0)
	if fixed+count*each > int64(len(list)) {
		return false
	}
	for i := range count {
		first = max(first, int64(le32(list[fixed+i*each+4:]))) // counted back from the directory
	}
	return start-first >= from && start-first-from <= slack
}

// pngWhole walks the chunks of a PNG to its end and checks their sums.
func pngWhole(c *content) error {
	r := bufio.NewReaderSize(io.NewSectionReader(c, 8, c.size-8), blockSize)
	at, data := int64(8), false
	for {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return truncated(PNG)
		}
		length, kind := int64(binary.BigEndian.Uint32(head[:])), string(head[4:])
		if first := at == 8; first != (kind == "IHDR") || length > 1<<31-1 {
			return corrupt(PNG)
		}
		sum := crc32.NewIEEE()
		sum.Write(head[4:])
		if n, _ := io.CopyN(sum, r, length); n != length {
			return truncated(PNG)
		}
		var want [4]byte
		if _, err := io.ReadFull(r, want[:]); err != nil {
			return truncated(PNG)
		}
		if sum.Sum32() != binary.BigEndian.Uint32(want[:]) {
			return corrupt(PNG)
		}
		at += 12 + length
		data = data || kind == "IDAT"
		if kind != "IEND" {
			continue
		}
		if length != 0 || !data {
			return corrupt(PNG)
		}
		return endsAt(c, at, PNG)
	}
}

// webpWhole walks the chunks of a WebP to its end.
func webpWhole(c *content) error {
	end := 8 + int64(le32(c.part(4, 4)))
	if end > c.size {
		return truncated(WebP)
	}
	pixels := false
	for at, n := int64(12), 0; at < end; n++ {
		head := c.part(at, 8)
		if head == nil || n == mostBoxes {
			return truncated(WebP)
		}
		kind, length := string(head[:4]), int64(le32(head[4:]))
		switch kind {
		case "VP8 ", "VP8L":
			pixels = true
		case "ANIM", "ANMF":
			return unfit("这是会动的 WebP 图", "请截取其中一幅，存成 JPG 或 PNG 再上传")
		}
		at += 8 + length + length&1
		if at > end+1 {
			return corrupt(WebP)
		}
	}
	if !pixels {
		return corrupt(WebP)
	}
	return endsAt(c, min(end+end&1, c.size), WebP)
}

func le32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }
