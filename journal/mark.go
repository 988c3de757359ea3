package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// A Mark is size and root of the journal when it was last signed. It is kept
// outside the database, and written before the signature leaves the house: a
// database that was put back, cut short or rewritten under a good signature
// does not agree with it.
type Mark struct {
	Size int64
	Root tlog.Hash
}

// MarkLen is the length of every mark as text. A file holds two, and the older
// is overwritten: a write that is torn leaves the other.
const MarkLen = len(markHead) + 19 + 1 + 64 + 1 + 64 + 1

const markHead = "qiaomen-mark/1 "

var empty = tlog.Hash(sha256.Sum256(nil)) // the root of no entries

// Text is the mark with its checksum: one line of MarkLen bytes.
func (m Mark) Text() []byte {
	line := fmt.Sprintf("%s%019d %x ", markHead, m.Size, m.Root[:])
	return fmt.Appendf(nil, "%s%x\n", line, sha256.Sum256([]byte(line)))
}

// NewestMark reads the two slots of a mark file. One of them may be damaged,
// by a write that never ended and so was never signed; of two good ones the
// newer counts.
func NewestMark(one, other []byte) (Mark, error) {
	a, first := parseMark(one)
	b, second := parseMark(other)
	switch {
	case !first && !second:
		return Mark{}, errors.New("最近一次签名的记录损坏，两份都读不出；不能确认数据库是否完整，请先核对备份和回执")
	case first && second && a.Size == b.Size && a.Root != b.Root:
		return Mark{}, fmt.Errorf("最近一次签名的记录自相矛盾：第%d条处有两个不同的根", a.Size)
	case !second || first && a.Size >= b.Size:
		return a, nil
	}
	return b, nil
}

func parseMark(text []byte) (m Mark, ok bool) {
	fields := strings.Split(string(text[:min(len(text), MarkLen)]), " ")
	if len(text) != MarkLen || len(fields) != 4 {
		return m, false
	}
	n, err := strconv.ParseInt(fields[1], 10, 64)
	root, alsoErr := hex.DecodeString(fields[2])
	if err != nil || alsoErr != nil || n < 0 || n > MaxSize || len(root) != len(m.Root) {
		return m, false
	}
	m.Size = n
	copy(m.Root[:], root)
	return m, string(m.Text()) == string(text)
}

// Check holds the mark against a database with size entries and the digests of
// their tree, as at start. The database may be ahead: what was stored and not
// yet signed is no loss.
func (m Mark) Check(size int64, reader tlog.HashReader) error {
	if m.Size < 0 || m.Size > MaxSize {
		return errors.New("最近一次签名的记录不对")
	}
	if size < m.Size {
		return fmt.Errorf("数据库比最近一次签名少%d条：签名时有%d条，现在只有%d条，第%d条至第%d条不见了",
			m.Size-size, m.Size, size, size+1, m.Size)
	}
	root, err := tlog.TreeHash(m.Size, reader)
	if err != nil {
		return fmt.Errorf("核对最近一次签名时读不到摘要：%w", err)
	}
	if root != m.Root {
		return fmt.Errorf("日志被改写过：前%d条与最近一次签名时不同", m.Size)
	}
	return nil
}
