package journal_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"qiaomen/journal"
)

func FuzzOpen(f *testing.F) {
	b := newBook(3)
	for _, leaf := range b.leaves {
		f.Add(leaf)
	}
	f.Add([]byte(`{"v":1,"installation":"`))
	f.Add(bytes.Replace(b.leaves[1], []byte(`.5,"none"`), []byte(`.50,"none"`), 1))
	f.Fuzz(func(t *testing.T, leaf []byte) {
		e, err := journal.Open(leaf)
		if err != nil {
			return
		}
		again, err := e.Leaf()
		if err != nil || !bytes.Equal(again, leaf) {
			t.Errorf("opened %q, sealed %q, %v", leaf, again, err)
		}
		if bytes.ContainsAny(leaf, "\x00\n") || e.Position < 1 {
			t.Errorf("taken: %q", leaf)
		}
	})
}

func FuzzParseCheckpoint(f *testing.F) {
	for _, n := range []int{0, 1, 5} {
		f.Add(newBook(n).signed())
	}
	for _, size := range []string{"-1", "4611686018427387905", "9223372036854775807"} {
		f.Add(forge(origin + "\n" + size + "\n" + tlog.Hash{}.String() + "\n"))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := journal.ParseCheckpoint(text, origin, gullible{origin})
		if err == nil && (c.Origin != origin || c.Size < 0 || c.Size > journal.MaxSize) {
			t.Errorf("taken: %+v of %q", c, text)
		}
	})
}

// FuzzParseReceipt gives hostile receipts to a verifier that believes every signature.
func FuzzParseReceipt(f *testing.F) {
	b := newBook(9)
	f.Add(b.receipt(0).Text())
	f.Add(b.receipt(8).Text())
	for _, size := range []string{"0", "1099511627776", "4611686018427387905", "9223372036854775807"} {
		r := &journal.Receipt{Leaf: b.leaves[0], Proof: make(tlog.RecordProof, 40), Checkpoint: forge(origin + "\n" + size + "\n" + tlog.Hash{}.String() + "\n")}
		f.Add(r.Text())
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := journal.ParseReceipt(text)
		if err != nil {
			return
		}
		if !bytes.Equal(r.Text(), text) {
			t.Errorf("read %q, written %q", text, r.Text())
		}
		if r.Verify(origin, gullible{origin}) == nil && must(journal.Open(r.Leaf)).Position != r.Index+1 {
			t.Errorf("holds: %q", text)
		}
	})
}

func FuzzParseConsistency(f *testing.F) {
	b := newBook(9)
	for _, old := range []int64{0, 1, 5, 8, 9} {
		f.Add((&journal.Consistency{Old: old, Proof: must(b.tree.Extends(old)), Checkpoint: b.signed()}).Text(), old)
	}
	for _, size := range []string{"0", "1099511627776", "4611686018427387905"} {
		c := &journal.Consistency{Old: 3, Proof: make(tlog.TreeProof, 40), Checkpoint: forge(origin + "\n" + size + "\n" + tlog.Hash{}.String() + "\n")}
		f.Add(c.Text(), int64(1)<<62)
	}
	f.Fuzz(func(t *testing.T, text []byte, size int64) {
		c, err := journal.ParseConsistency(text)
		if err != nil {
			return
		}
		if !bytes.Equal(c.Text(), text) {
			t.Errorf("read %q, written %q", text, c.Text())
		}
		later, err := c.Verify(journal.Checkpoint{Origin: origin, Size: size}, gullible{origin})
		if err == nil && later.Size < size {
			t.Errorf("going back: %q", text)
		}
	})
}

func FuzzNewestMark(f *testing.F) {
	f.Add(newBook(3).checkpoint().Mark().Text(), newBook(4).checkpoint().Mark().Text())
	f.Add([]byte{}, make([]byte, journal.MarkLen))
	f.Fuzz(func(t *testing.T, one, other []byte) {
		m, err := journal.NewestMark(one, other)
		if err == nil && !bytes.Equal(m.Text(), one) && !bytes.Equal(m.Text(), other) {
			t.Errorf("%+v of %q and %q", m, one, other)
		}
	})
}

func FuzzReadExport(f *testing.F) {
	b := newBook(4)
	f.Add(b.export())
	f.Add(newBook(0).export())
	sound := b.export()
	f.Fuzz(func(t *testing.T, text []byte) {
		n := 0
		c, err := journal.ReadExport(bytes.NewReader(text), b.vkey, func([]byte) error { n++; return nil })
		switch {
		case errors.Is(err, io.EOF):
			t.Errorf("English to a person: %v", err)
		case err == nil && (c.Size != int64(n) || n == 4 && !bytes.Equal(text, sound)):
			t.Errorf("%d entries of %+v: %q", n, c, text)
		case err != nil && strings.Contains(err.Error(), "tlog"):
			t.Errorf("English to a person: %v", err)
		}
	})
}
