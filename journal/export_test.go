package journal_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"qiaomen/journal"
)

func TestExport(t *testing.T) {
	for _, n := range []int{0, 1, 2, 37} {
		b := newBook(n)
		seen := 0
		c, err := journal.ReadExport(iotest.OneByteReader(bytes.NewReader(b.export())), b.vkey, func(leaf []byte) error {
			if !bytes.Equal(leaf, b.leaves[seen]) {
				t.Errorf("entry %d is another", seen+1)
			}
			seen++
			return nil
		})
		if err != nil || c != b.checkpoint() || seen != n {
			t.Errorf("%d entries: read %d, %+v, %v", n, seen, c, err)
		}
	}
}

func TestExportUpToCheckpoint(t *testing.T) {
	b := newBook(5)
	early, want := b.signed(), b.export()
	b.add(nil)
	var got bytes.Buffer
	leaves := func(yield func([]byte, error) bool) {
		for _, leaf := range b.leaves {
			if !yield(leaf, nil) {
				return
			}
		}
	}
	if err := journal.Export(&got, b.vkey, early, leaves); err != nil || !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%v\n%s", err, got.Bytes())
	}
	b.leaves = b.leaves[:4]
	wants(t, "too few", journal.Export(io.Discard, b.vkey, early, leaves), "缺第5条至第5条")
	b.leaves[2] = []byte("ruin")
	wants(t, "damaged", journal.Export(io.Discard, b.vkey, early, leaves), "第3条：不是日志条目")
	failing := func(yield func([]byte, error) bool) { yield(nil, errors.New("disk gone")) }
	wants(t, "reader", journal.Export(io.Discard, b.vkey, early, failing), "disk gone")
	wants(t, "checkpoint", journal.Export(io.Discard, b.vkey, early[1:], leaves), "检查点")
	wants(t, "key", journal.Export(io.Discard, "key", early, leaves), "公钥")
	b = newBook(5)
	wants(t, "writer", journal.Export(brokenWriter{}, b.vkey, b.signed(), leaves), "disk full")
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestReadExportRefuses(t *testing.T) {
	b := newBook(6)
	text := string(b.export())
	lines := strings.SplitAfter(text, "\n")
	join := func(lines ...[]string) (s string) {
		for _, l := range lines {
			s += strings.Join(l, "")
		}
		return s
	}
	_, other, _ := journal.NewSigner(origin, [32]byte{7})
	tests := map[string]struct{ text, want string }{
		"sound":            {text, ""},
		"empty":            {"", "不完整"},
		"another form":     {strings.Replace(text, "journal/1", "journal/2", 1), "不是导出的存证日志"},
		"another key":      {strings.Replace(text, b.vkey, other, 1), "公钥"},
		"CRLF":             {strings.ReplaceAll(text, "\n", "\r\n"), "不是导出的存证日志"},
		"no checkpoint":    {join(lines[:2], lines[7:]), "检查点"},
		"size changed":     {strings.Replace(text, "\n6\n", "\n5\n", 1), "签名不符"},
		"one more":         {text + lines[12], "第6条之后还有内容"},
		"a line break":     {text + "\n", "第6条之后还有内容"},
		"one less":         {join(lines[:12]), "缺第6条至第6条"},
		"cut in a line":    {text[:len(text)-10], "没有写完"},
		"no last line end": {text[:len(text)-1], "没有写完"},
		"cut in the head":  {join(lines[:5]), "不完整"},
		"swapped":          {join(lines[:9], lines[10:11], lines[9:10], lines[11:]), "第3条"},
		"deleted":          {join(lines[:9], lines[10:]), "第3条"},
		"changed":          {strings.Replace(text, "jixian-3", "jixian-4", 1), "第5条：与前一条接不上"},
		"endless line":     {join(lines[:7]) + strings.Repeat("a", journal.MaxLeaf+2), "太长"},
		"endless head":     {strings.Repeat("a", 5000), "太长"},
		"endless notes":    {join(lines[:7]) + strings.Repeat("— a AAAAAAA=\n", 10_000), "太长"},
	}
	for name, tt := range tests {
		_, err := journal.ReadExport(strings.NewReader(tt.text), b.vkey, nil)
		wants(t, name, err, tt.want)
	}
	for n := range len(text) {
		if _, err := journal.ReadExport(strings.NewReader(text[:n]), b.vkey, nil); err == nil || errors.Is(err, io.EOF) {
			t.Fatalf("cut off after %d bytes: %v", n, err)
		}
	}
	_, err := journal.ReadExport(iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(text))), b.vkey, nil)
	wants(t, "disk", err, "读不出文件")
	_, err = journal.ReadExport(strings.NewReader(text), b.vkey, func([]byte) error { return errors.New("enough") })
	wants(t, "each", err, "enough")
}
