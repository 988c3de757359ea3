package blob

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"path"
	"slices"
	"strings"
)

const (
	zipLocal     = "PK\x03\x04"
	zipDirectory = "PK\x01\x02"
	zipEnd       = "PK\x05\x06"
	zip64End     = "PK\x06\x06"
	zip64Locator = "PK\x06\x07"
	full16       = 0xffff
	full32       = 0xffffffff
)

// An entry is what a zip's directory claims. Sizes have no sign: 2⁶³ is much,
// not negative.
type entry struct {
	name             string
	flags, method    uint16
	sum              uint32
	packed, unpacked uint64
	at               uint64
}

func damagedZip() error {
	return unfit("文件已损坏，打不开", "请用 Word、Excel 或 WPS 打开后另存一份，再上传")
}

func bomb() error {
	return refuse(ErrTooLarge, "文件展开后太大或部件太多", "请用 Word、Excel 或 WPS 打开，删去多余的内容和图片，另存一份再上传")
}

// directory reads what a zip claims to hold and holds it against the file,
// before anything is unpacked: the entries must fill the file from its first
// byte to the directory, none over another, and the directory must be the last
// thing in it.
func directory(c *content, limits Limits) ([]entry, error) {
	count, room, from, err := findDirectory(c)
	if err != nil {
		return nil, err
	}
	const fixed, mostRoom = 46, 8 << 20
	if count > uint64(limits.Entries) || room > mostRoom {
		return nil, bomb()
	}
	list := c.part(int64(from), int64(room))
	if list == nil || count == 0 || uint64(len(list)) < count*fixed {
		return nil, damagedZip()
	}
	entries, names, total := []entry{}, map[string]bool{}, uint64(0)
	for range count {
		e, n := readEntry(list)
		if n == 0 {
			return nil, damagedZip()
		}
		list = list[n:]
		if err := e.fits(limits); err != nil {
			return nil, err
		}
		if total += e.unpacked; total > uint64(limits.Unpacked) {
			return nil, bomb()
		}
		folded := strings.ToLower(e.name)
		if names[folded] || !inside(e.name) {
			return nil, damagedZip()
		}
		names[folded] = true
		entries = append(entries, e)
	}
	if len(list) != 0 {
		return nil, damagedZip()
	}
	return entries, tile(c, entries, from)
}

// findDirectory reads the record at the end of the file. The directory must
// reach up to it.
func findDirectory(c *content) (count, room, from uint64, err error) {
	const fixed, comment = 22, 1024
	tail := c.tail(fixed + comment)
	at := bytes.LastIndex(tail, []byte(zipEnd))
	if at < 0 || len(tail)-at < fixed {
		return 0, 0, 0, damagedZip()
	}
	end := tail[at:]
	if len(end) != fixed+int(le16(end[20:])) || le32(end[4:]) != 0 {
		return 0, 0, 0, damagedZip()
	}
	count, room, from = uint64(le16(end[10:])), uint64(le32(end[12:])), uint64(le32(end[16:]))
	stop := uint64(c.size) - uint64(len(end))
	if count == full16 || room == full32 || from == full32 {
		locator := c.part(int64(stop)-20, 20)
		if locator == nil || string(locator[:4]) != zip64Locator {
			return 0, 0, 0, damagedZip()
		}
		stop = binary.LittleEndian.Uint64(locator[8:])
		if stop > uint64(c.size) {
			return 0, 0, 0, damagedZip()
		}
		long := c.part(int64(stop), 56)
		if long == nil || string(long[:4]) != zip64End {
			return 0, 0, 0, damagedZip()
		}
		count, room, from = binary.LittleEndian.Uint64(long[32:]), binary.LittleEndian.Uint64(long[40:]), binary.LittleEndian.Uint64(long[48:])
	}
	if from > stop || room != stop-from {
		return 0, 0, 0, damagedZip()
	}
	return count, room, from, nil
}

// readEntry reads the first entry of a directory and gives its length, 0 for none.
func readEntry(list []byte) (entry, int) {
	const fixed = 46
	if len(list) < fixed || string(list[:4]) != zipDirectory {
		return entry{}, 0
	}
	nameLen, extraLen, commentLen := int(le16(list[28:])), int(le16(list[30:])), int(le16(list[32:]))
	length := fixed + nameLen + extraLen + commentLen
	if len(list) < length {
		return entry{}, 0
	}
	e := entry{
		name: string(list[fixed : fixed+nameLen]), flags: le16(list[8:]), method: le16(list[10:]), sum: le32(list[16:]),
		packed: uint64(le32(list[20:])), unpacked: uint64(le32(list[24:])), at: uint64(le32(list[42:])),
	}
	for extra := list[fixed+nameLen : fixed+nameLen+extraLen]; len(extra) >= 4; {
		id, n := le16(extra), int(le16(extra[2:]))
		if extra = extra[4:]; n > len(extra) {
			return entry{}, 0
		}
		if field := extra[:n]; id == 1 { // Zip64: what did not fit, in this order
			for _, v := range []*uint64{&e.unpacked, &e.packed, &e.at} {
				if *v != full32 {
					continue
				}
				if len(field) < 8 {
					return entry{}, 0
				}
				*v, field = binary.LittleEndian.Uint64(field), field[8:]
			}
		}
		extra = extra[n:]
	}
	return e, length
}

func (e entry) fits(limits Limits) error {
	const small = 1 << 20
	switch {
	case e.flags&1 != 0:
		return unfit("文件加了密码，打不开", "请打开后去掉密码，另存一份再上传")
	case e.method != 0 && e.method != 8:
		return damagedZip()
	case e.unpacked > uint64(limits.Unpacked), e.packed > uint64(limits.Office):
		return bomb()
	case e.unpacked > small && e.unpacked/max(1, e.packed) > uint64(limits.Ratio):
		return bomb()
	case e.method == 0 && e.packed != e.unpacked:
		return damagedZip()
	}
	return nil
}

// inside is true of names that stay where they are unpacked, on any machine.
func inside(name string) bool {
	return name != "" && len(name) <= 512 && name[0] != '/' && !strings.ContainsAny(name, "\\\x00:") &&
		!slices.Contains(strings.Split(name, "/"), "..") && path.Clean(name) == strings.TrimSuffix(name, "/")
}

// tile makes sure that the entries lie end to end from the first byte on, and
// that each says of itself what the directory says of it.
func tile(c *content, entries []entry, directory uint64) error {
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.at, b.at) })
	const fixed, descriptor = 30, 24
	end, gaps := uint64(0), uint64(0)
	spare := uint64(1024)
	for _, e := range entries {
		if e.at < end || e.at >= directory {
			return damagedZip()
		}
		gaps += e.at - end
		head := c.part(int64(e.at), fixed)
		if head == nil || string(head[:4]) != zipLocal || le16(head[8:]) != e.method {
			return damagedZip()
		}
		name := int64(le16(head[26:]))
		if string(c.part(int64(e.at)+fixed, name)) != e.name {
			return damagedZip()
		}
		if le16(head[6:])&8 != 0 {
			spare += descriptor // its sizes follow it
		} else if !same(le32(head[18:]), e.packed) || !same(le32(head[22:]), e.unpacked) || le32(head[14:]) != e.sum {
			return damagedZip()
		}
		end = e.at + fixed + uint64(name) + uint64(le16(head[28:])) + e.packed
	}
	if end > directory || gaps+directory-end > spare || entries[0].at != 0 {
		return damagedZip()
	}
	return nil
}

// same compares a size with the directory's; the largest means “see there”.
func same(local uint32, claimed uint64) bool { return local == full32 || uint64(local) == claimed }

func le16(b []byte) uint16 { return binary.LittleEndian.Uint16(b) }
