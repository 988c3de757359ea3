package journal_test

import (
	"bytes"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"qiaomen/journal"
)

func TestMarkText(t *testing.T) {
	b := newBook(12)
	older := newBook(11).checkpoint().Mark()
	newer := b.checkpoint().Mark()
	text := newer.Text()
	if len(text) != journal.MarkLen || len(journal.Mark{Size: journal.MaxSize}.Text()) != journal.MarkLen {
		t.Fatalf("%d bytes: %q", len(text), text)
	}
	for _, slots := range [][2][]byte{
		{text, older.Text()},
		{older.Text(), text},
		{text, text},
		{text, nil},
		{nil, text},
		{text, make([]byte, journal.MarkLen)},
		{text, older.Text()[:50]},
	} {
		if m, err := journal.NewestMark(slots[0], slots[1]); err != nil || m != newer {
			t.Errorf("of\n%q\n%q\nnewest is %+v, %v", slots[0], slots[1], m, err)
		}
	}
	for i := range text { // a torn write of the newer leaves the older
		torn := append(bytes.Clone(text[:i]), older.Text()[i:]...)
		m, err := journal.NewestMark(torn, older.Text())
		if err != nil || m != older && !bytes.Equal(torn, text) {
			t.Errorf("torn after %d bytes: %+v, %v", i, m, err)
		}
		bad := bytes.Clone(text)
		bad[i] ^= 0x01
		if m, err := journal.NewestMark(bad, nil); err == nil {
			t.Errorf("taken with byte %d changed: %+v", i, m)
		}
	}
	_, err := journal.NewestMark(nil, []byte("x"))
	wants(t, "both damaged", err, "损坏")
	other := newer
	other.Root[0] ^= 1
	_, err = journal.NewestMark(text, other.Text())
	wants(t, "two histories", err, "自相矛盾")
	_, err = journal.NewestMark(journal.Mark{Size: journal.MaxSize + 1}.Text(), nil)
	wants(t, "too large", err, "损坏")
}

func TestMarkCheck(t *testing.T) {
	b := newBook(20)
	mark := newBook(12).checkpoint().Mark()
	check := func(name string, m journal.Mark, size int64, reader tlog.HashReader, want string) {
		t.Helper()
		wants(t, name, m.Check(size, reader), want)
	}
	check("the same", mark, 12, b, "")
	check("ahead of the mark", mark, 20, b, "")
	check("new", journal.Mark{Root: journal.Checkpoint{Root: must(journal.NewTree(0, nil)).Root()}.Root}, 0, nil, "")
	check("an old backup", mark, 9, b, "少3条：签名时有12条，现在只有9条，第10条至第12条不见了")
	check("everything gone", mark, 0, nil, "少12条")
	check("broken reader", mark, 12, broken, "读不到摘要")
	check("negative", journal.Mark{Size: -1}, 12, b, "记录不对")
	check("2^63-1", journal.Mark{Size: 1<<63 - 1}, 12, b, "记录不对")

	rewritten := newBook(10)
	rewritten.add(func(e *journal.Entry) { e.Data = []byte(`{}`) })
	for range 9 {
		rewritten.add(nil)
	}
	check("rewritten and signed again", mark, 20, rewritten, "日志被改写过")
	fork := newBook(12)
	fork.add(func(e *journal.Entry) { e.Data = []byte(`{}`) })
	check("another tail after the mark", mark, 13, fork, "")
}
