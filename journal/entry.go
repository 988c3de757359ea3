package journal

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// An Entry is the sealed unit of the journal: one event, one entry. All of it
// is hashed, so whatever a later reader must be able to rely on stands here.
type Entry struct {
	Installation string    // random id of the installation: an entry cannot be replayed into another
	Journal      string    // id of the journal: a campaign, "installation", "audit"
	Position     int64     // from 1: the size of the journal once the entry is in it
	At           string    // when, as [Stamp] writes it
	Person       string    // who acted; an opaque id
	Account      string    // by which account; both are empty only where the program itself acted
	Grant        int64     // position, in the installation's journal, of the grant that allowed it; 0 is none
	Key          string    // idempotency key of the act, shared by its events; may be empty
	Event        string    // name in the past tense: record_submitted
	Version      int       // of the event's form, from 1
	Data         []byte    // the event as a JSON object in its only spelling, see docs/verify
	Previous     tlog.Hash // digest of the entry before; zero for the first
	Salt         [16]byte  // random, so that small secrets cannot be guessed from digests
}

// before holds what stands in a leaf in front of each member's value; the
// character after a value is the first of the next. The last one ends the leaf.
var before = [...]string{
	`{"v":1,"installation":"`, `","journal":"`, `","position":`, `,"at":"`, `","person":"`, `","account":"`,
	`","grant":`, `,"key":"`, `","event":"`, `","version":`, `,"data":`, `,"previous":"`, `","salt":"`, `"}`,
}

// tail is how much of a leaf comes after its data: digest and salt, at fixed length.
var tail = len(before[11]) + 2*tlog.HashSize + len(before[12]) + 2*16 + len(before[13])

// Leaf is the entry as the bytes that are hashed: one line of compact JSON,
// members in fixed order. It fails on an entry that [Open] would refuse, so
// that nothing is sealed which cannot be read again.
func (e *Entry) Leaf() ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	values := [...]string{
		e.Installation, e.Journal, strconv.FormatInt(e.Position, 10), e.At, e.Person, e.Account,
		strconv.FormatInt(e.Grant, 10), e.Key, e.Event, strconv.Itoa(e.Version), string(e.Data),
		hex.EncodeToString(e.Previous[:]), hex.EncodeToString(e.Salt[:]), "",
	}
	b := make([]byte, 0, 600+len(e.Data))
	for i, value := range values {
		b = append(append(b, before[i]...), value...)
	}
	if len(b) > MaxLeaf {
		return nil, tooLong()
	}
	return b, nil
}

// Open reads a leaf. It takes what [Entry.Leaf] writes and not a byte else:
// members that are missing, unknown, repeated or in another order, another
// spelling of the same value, and values that no entry may have are refused.
func Open(leaf []byte) (*Entry, error) {
	if len(leaf) > MaxLeaf {
		return nil, tooLong()
	}
	var values [len(before)][]byte
	rest := leaf
	for i, prefix := range before {
		var found bool
		if rest, found = bytes.CutPrefix(rest, []byte(prefix)); !found {
			return nil, fmt.Errorf("不是日志条目：从第%d字节起不是规定的写法", len(leaf)-len(rest)+1)
		}
		if i == len(before)-1 {
			break
		}
		end := bytes.IndexByte(rest, before[i+1][0])
		if before[i] == `,"data":` {
			end = len(rest) - tail
		}
		if end < 0 {
			return nil, errors.New("不是日志条目：后半截缺失")
		}
		values[i], rest = rest[:end], rest[end:]
	}
	number := func(i int) int64 {
		n, _ := strconv.ParseInt(string(values[i]), 10, 64) // written again below, and compared
		return n
	}
	e := &Entry{
		Installation: string(values[0]), Journal: string(values[1]), Position: number(2), At: string(values[3]),
		Person: string(values[4]), Account: string(values[5]), Grant: number(6), Key: string(values[7]),
		Event: string(values[8]), Version: int(number(9)), Data: bytes.Clone(values[10]),
	}
	if !unhex(e.Previous[:], values[11]) || !unhex(e.Salt[:], values[12]) {
		return nil, errors.New("前一条的摘要或随机数不是规定长度的十六进制")
	}
	again, err := e.Leaf()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, leaf) {
		return nil, errors.New("字节与规定的写法不一致")
	}
	return e, nil
}

func tooLong() error { return fmt.Errorf("日志条目超过%d MiB", MaxLeaf>>20) }

func (e *Entry) check() error {
	for _, id := range []struct {
		what, value string
		need        bool
	}{
		{"系统编号", e.Installation, true},
		{"日志编号", e.Journal, true},
		{"人员编号", e.Person, e.Account != ""},
		{"账号编号", e.Account, e.Person != ""},
		{"防重复编号", e.Key, false},
	} {
		if id.value == "" && id.need {
			return fmt.Errorf("缺%s", id.what)
		}
		if id.value != "" && !isID(id.value) {
			return fmt.Errorf("%s只能是不超过128个的可见ASCII字符，不含空格、引号和反斜杠", id.what)
		}
	}
	at, err := time.Parse(instant, e.At)
	switch {
	case e.Position < 1 || e.Position > MaxSize:
		return errors.New("位置应从1数起，不超过上限")
	case err != nil || Stamp(at) != e.At || e.At < "2000" || len(e.At) != len(instant):
		return errors.New("时间应是UTC，写到微秒，如2024-01-15T08:30:00.000000Z，不早于2000年")
	case e.Grant < 0 || e.Grant > MaxSize:
		return errors.New("授权的位置不能是负数，不超过上限")
	case !isEvent(e.Event):
		return errors.New("事件名只能是小写英文字母、数字和下划线，以字母开头，不超过128个")
	case e.Version < 1 || e.Version > 1_000_000:
		return errors.New("事件版本应从1数起，不超过1000000")
	case (e.Previous == tlog.Hash{}) != (e.Position == 1):
		return errors.New("前一条的摘要只在第1条为零")
	}
	return canonical(e.Data)
}

func isEvent(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (i == 0 || (c < '0' || c > '9') && c != '_') {
			return false
		}
	}
	return s != "" && len(s) <= 128
}
