package journal_test

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"qiaomen/journal"
)

// gullible accepts every signature under the name of the origin, so that tests
// reach what lies behind the signature.
type gullible struct{ name string }

func (g gullible) Name() string                                   { return g.name }
func (gullible) KeyHash() uint32                                  { return 0x01020304 }
func (gullible) Verify(_, _ []byte) bool                          { return true }
func (gullible) Sign([]byte) ([]byte, error)                      { return make([]byte, 64), nil }
func (g gullible) Verifier(string, uint32) (note.Verifier, error) { return g, nil }

// forge signs any text.
func forge(text string) []byte {
	return must(note.Sign(&note.Note{Text: text}, gullible{origin}))
}

func TestCheckpoint(t *testing.T) {
	b := newBook(5)
	text := b.signed()
	if got := must(journal.ParseCheckpoint(text, origin, b.known)); got != b.checkpoint() {
		t.Fatalf("read %+v, signed %+v", got, b.checkpoint())
	}
	for i := range text {
		for _, change := range []byte{0x01, 0x20, 0x80} {
			bad := bytes.Clone(text)
			bad[i] ^= change
			if _, err := journal.ParseCheckpoint(bad, origin, b.known); err == nil {
				t.Errorf("taken with byte %d changed: %q", i, bad)
			}
		}
		if _, err := journal.ParseCheckpoint(text[:i], origin, b.known); err == nil {
			t.Errorf("taken when cut off after %d bytes", i)
		}
	}

	witness, wkey, _ := journal.NewSigner("witness.example", [32]byte{9})
	again := must(note.Sign(must(note.Open(text, b.known)), witness))
	_, err := journal.ParseCheckpoint(again, origin, b.known)
	wants(t, "co-signed by someone unknown", err, "")
	_, err = journal.ParseCheckpoint(again, origin, must(journal.Trust(b.vkey, b.vkey, wkey)))
	wants(t, "co-signed by someone known", err, "")
	alone := must(note.Sign(&note.Note{Text: string(text[:bytes.Index(text, []byte("\n\n"))+1])}, witness))
	_, err = journal.ParseCheckpoint(alone, origin, must(journal.Trust(b.vkey, wkey)))
	wants(t, "signed by a witness alone", err, "没有日志自己的签名")
	_, err = journal.ParseCheckpoint(text, origin, must(journal.Trust(wkey)))
	wants(t, "trusting only a witness", err, "没有可信密钥的签名")
	_, err = journal.ParseCheckpoint(text, origin, nil)
	wants(t, "trusting nobody", err, "没有可信密钥的签名")
	other, okey, _ := journal.NewSigner("other.example/winter", [32]byte{1, 2, 3})
	foreign := must(journal.Checkpoint{Origin: "other.example/winter", Size: 1}.Sign(other))
	_, err = journal.ParseCheckpoint(foreign, origin, must(journal.Trust(b.vkey, okey)))
	wants(t, "another origin", err, "另一本日志")
	stolen, _, _ := journal.NewSigner(origin, [32]byte{4})
	_, err = journal.ParseCheckpoint(must(b.checkpoint().Sign(stolen)), origin, b.known)
	wants(t, "another key of that name", err, "没有可信密钥的签名")
}

func TestCheckpointText(t *testing.T) {
	root := tlog.Hash{1}.String()
	for name, tt := range map[string]struct{ text, want string }{
		"sound":           {origin + "\n5\n" + root + "\n", ""},
		"empty journal":   {origin + "\n0\n" + root + "\n", ""},
		"largest":         {origin + "\n1099511627776\n" + root + "\n", ""},
		"extension":       {origin + "\n5\n" + root + "\nmore\n", "三行"},
		"two lines":       {origin + "\n5\n", "三行"},
		"no origin":       {"\n5\n" + root + "\n", "三行"},
		"space in origin": {"a b\n5\n" + root + "\n", "三行"},
		"another origin":  {"a\n5\n" + root + "\n", "另一本"},
		"negative":        {origin + "\n-1\n" + root + "\n", "条数"},
		"plus":            {origin + "\n+5\n" + root + "\n", "条数"},
		"leading zero":    {origin + "\n05\n" + root + "\n", "条数"},
		"one too large":   {origin + "\n1099511627777\n" + root + "\n", "条数"},
		"2^62":            {origin + "\n4611686018427387904\n" + root + "\n", "条数"},
		"2^63":            {origin + "\n9223372036854775808\n" + root + "\n", "条数"},
		"short root":      {origin + "\n5\nAAAA\n", "根"},
		"loose root":      {origin + "\n5\n" + root[:42] + "B=\n", "根"},
		"too long":        {origin + "\n5\n" + strings.Repeat("A", 1<<16) + "\n", "太长"},
	} {
		_, err := journal.ParseCheckpoint(forge(tt.text), origin, gullible{origin})
		wants(t, name, err, tt.want)
	}
}

func TestSignRefuses(t *testing.T) {
	b := newBook(1)
	for _, c := range []journal.Checkpoint{{origin, -1, tlog.Hash{}}, {origin, journal.MaxSize + 1, tlog.Hash{}}, {"other", 1, tlog.Hash{}}} {
		if _, err := c.Sign(b.signer); err == nil {
			t.Errorf("signed %+v", c)
		}
	}
	for _, name := range []string{"", "a b", "a+b", "a\nb", "a\"b", "日志", strings.Repeat("a", 129)} {
		if _, _, err := journal.NewSigner(name, [32]byte{}); err == nil {
			t.Errorf("a signer named %q", name)
		}
	}
	for _, vkey := range []string{"", "a", "a+b+c", b.vkey + "A", "b" + b.vkey, b.vkey[:len(b.vkey)-4]} {
		if _, err := journal.Trust(vkey); err == nil {
			t.Errorf("trusts %q", vkey)
		}
	}
}

func TestConsistency(t *testing.T) {
	b := newBook(0)
	var old []journal.Checkpoint
	for range 70 {
		old = append(old, b.checkpoint())
		b.add(nil)
	}
	for _, was := range append(old, b.checkpoint()) {
		c := &journal.Consistency{Old: was.Size, Proof: must(b.tree.Extends(was.Size)), Checkpoint: b.signed()}
		read, err := journal.ParseConsistency(c.Text())
		if err != nil {
			t.Fatalf("size %d: %v\n%s", was.Size, err, c.Text())
		}
		if later, err := read.Verify(was, b.known); err != nil || later != b.checkpoint() {
			t.Errorf("size %d: %+v, %v", was.Size, later, err)
		}
		rewritten := was
		rewritten.Root[3] ^= 1
		_, err = read.Verify(rewritten, b.known)
		wants(t, "another history", err, "被改写过")
		for i := range read.Proof {
			read.Proof[i][7] ^= 1
			_, err = read.Verify(was, b.known)
			wants(t, "another proof", err, "被改写过")
			read.Proof[i][7] ^= 1
		}
		read.Proof = append(read.Proof, tlog.Hash{})
		_, err = read.Verify(was, b.known)
		wants(t, "a hash too many", err, "被改写过")
		read.Old++
		_, err = read.Verify(was, b.known)
		wants(t, "another old size", err, "另一个检查点")
	}

	short := newBook(3)
	back := &journal.Consistency{Old: 70, Checkpoint: short.signed()}
	_, err := back.Verify(b.checkpoint(), b.known)
	wants(t, "going back", err, "倒退")
	fork := newBook(69)
	fork.add(func(e *journal.Entry) { e.Person = "p-18" })
	same := &journal.Consistency{Old: 70, Checkpoint: fork.signed()}
	_, err = same.Verify(b.checkpoint(), b.known)
	wants(t, "fork of the same size", err, "被改写过")
	hostile := &journal.Consistency{Old: 1 << 62, Checkpoint: b.signed()}
	for _, n := range []int64{-1, 1 << 62, 1<<63 - 1} {
		hostile.Old = n
		if _, err := hostile.Verify(journal.Checkpoint{Origin: origin, Size: n}, b.known); err == nil {
			t.Errorf("old size %d is taken", n)
		}
	}
}
