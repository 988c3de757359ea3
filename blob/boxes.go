package blob

import (
	"encoding/binary"
	"slices"
)

// What HEIC and MP4 are made of: boxes with a length and a name, one after the
// other, some of them full of boxes.
type box struct {
	kind     string
	from, to int64 // its body
}

const mostBoxes = 100_000

// boxes calls visit with each box between two positions; they must fill the
// room. Lengths are compared without a sign.
func boxes(c *content, from, to int64, visit func(box) bool) bool {
	for n := 0; from < to; n++ {
		head := c.part(from, 8)
		if head == nil || n == mostBoxes {
			return false
		}
		b := box{kind: string(head[4:]), from: from + 8}
		size := uint64(binary.BigEndian.Uint32(head))
		switch size {
		case 0: // up to the end: what a camera writes that cannot go back
			if b.kind != "mdat" {
				return false
			}
			size = uint64(to - from)
		case 1:
			long := c.part(from+8, 8)
			if long == nil {
				return false
			}
			b.from, size = from+16, binary.BigEndian.Uint64(long)
		}
		if size < uint64(b.from-from) || size > uint64(to-from) {
			return false
		}
		b.to = from + int64(size)
		if !visit(b) {
			return false
		}
		from = b.to
	}
	return true
}

// boxesEnd is where the boxes from a position end that a film is made of, and
// whether there was one.
func boxesEnd(c *content, from int64) (int64, bool) {
	end, film := from, false
	boxes(c, from, c.size, func(b box) bool {
		known := slices.Contains([]string{"ftyp", "moov", "mdat", "free", "skip", "wide", "uuid", "meta", "udta"}, b.kind)
		if known {
			end, film = b.to, film || b.kind == "moov"
		}
		return known
	})
	return end, film
}

// guessBoxes tells by the brands in the first box.
func guessBoxes(head []byte) Format {
	end := min(int64(binary.BigEndian.Uint32(head)), int64(len(head)))
	brands := []string{string(head[8:12])}
	for at := int64(16); at+4 <= end; at += 4 {
		brands = append(brands, string(head[at:at+4]))
	}
	has := func(names ...string) bool {
		return slices.ContainsFunc(brands, func(b string) bool { return slices.Contains(names, b) })
	}
	switch {
	case has("avif", "avis"), brands[0] == "qt  ":
		return ""
	case has("heic", "heix", "heim", "heis"):
		return HEIC
	case has("isom", "iso2", "iso4", "iso5", "iso6", "mp41", "mp42", "avc1", "M4V ", "MSNV") && brands[0] != "M4A ":
		return MP4
	}
	return ""
}

// boxesWhole walks a HEIC or MP4 to its end.
func boxesWhole(c *content, t Format) error {
	count := map[string]int{}
	sound := true
	whole := boxes(c, 0, c.size, func(b box) bool {
		count[b.kind]++
		if b.kind == "moov" {
			sound = boxes(c, b.from, b.to, func(inner box) bool {
				count["moov/"+inner.kind]++
				return true
			})
		}
		return sound
	})
	switch {
	case !sound:
		return corrupt(t)
	case !whole:
		return truncated(t)
	case count["ftyp"] != 1:
		return corrupt(t)
	case t == HEIC && (count["meta"] != 1 || count["mdat"] == 0):
		return truncated(t)
	case t == MP4 && (count["moov"] != 1 || count["mdat"] == 0):
		return truncated(t)
	case t == MP4 && (count["moov/mvhd"] != 1 || count["moov/trak"] == 0):
		return corrupt(t)
	}
	return nil
}
