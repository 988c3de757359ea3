package journal_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"qiaomen/journal"
)

const origin = "zhaoshang.example/winter"

// A book is a journal in memory: what a store would keep of it.
type book struct {
	leaves [][]byte
	hashes []tlog.Hash
	tree   *journal.Tree
	signer note.Signer
	vkey   string
	known  note.Verifiers
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// newBook is a sound journal of n entries.
func newBook(n int) *book {
	b := &book{}
	b.signer, b.vkey, _ = journal.NewSigner(origin, [32]byte{1, 2, 3})
	b.known = must(journal.Trust(b.vkey))
	b.tree = must(journal.NewTree(0, nil))
	for range n {
		b.add(nil)
	}
	return b
}

// entry is the next that fits.
func (b *book) entry() *journal.Entry {
	n := b.tree.Size()
	e := &journal.Entry{
		Installation: "f3c1a2", Journal: "shuangyashan-winter-2023", Position: n + 1,
		At:     journal.Stamp(time.Date(2024, 1, 15, 8, 30, 0, 0, time.UTC).Add(time.Duration(n) * 1500 * time.Millisecond)),
		Person: "p-17", Account: "a-4", Grant: 3, Key: fmt.Sprintf("k-%d", n/2), Event: "record_submitted", Version: 1,
		Data:     fmt.Appendf(nil, `{"id":"jixian-%d","name":"集贤县“某”项目\n二期","amount":%d.5,"none":null}`, n, n),
		Previous: b.tree.Last(),
	}
	e.Salt[0], e.Salt[15] = byte(n), 0xa5
	return e
}

func (b *book) add(change func(*journal.Entry)) {
	e := b.entry()
	if change != nil {
		change(e)
	}
	b.addLeaf(must(e.Leaf()))
}

func (b *book) addLeaf(leaf []byte) {
	b.leaves = append(b.leaves, leaf)
	for _, s := range must(b.tree.Append(leaf)) {
		if s.Index != int64(len(b.hashes)) {
			panic("indexes have a gap")
		}
		b.hashes = append(b.hashes, s.Hash)
	}
}

// ReadHashes makes a book the reader of its own tree.
func (b *book) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 || index >= int64(len(b.hashes)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		out[i] = b.hashes[index]
	}
	return out, nil
}

func (b *book) checkpoint() journal.Checkpoint {
	return journal.Checkpoint{Origin: origin, Size: b.tree.Size(), Root: b.tree.Root()}
}

func (b *book) signed() []byte { return must(b.checkpoint().Sign(b.signer)) }

func (b *book) receipt(index int64) *journal.Receipt {
	return &journal.Receipt{Leaf: b.leaves[index], Index: index, Proof: must(b.tree.Prove(index)), Checkpoint: b.signed()}
}

func (b *book) export() []byte {
	var out bytes.Buffer
	err := journal.Export(&out, b.vkey, b.signed(), func(yield func([]byte, error) bool) {
		for _, leaf := range b.leaves {
			if !yield(leaf, nil) {
				return
			}
		}
	})
	if err != nil {
		panic(err)
	}
	return out.Bytes()
}

// walk gives leaves to a verifier that knows the book's root.
func (b *book) walk(leaves [][]byte) error {
	v := journal.NewVerifier("f3c1a2", "shuangyashan-winter-2023", b.checkpoint().Mark())
	for _, leaf := range leaves {
		v.Add(leaf)
	}
	return v.Finish()
}

// wants fails unless the error says the words, in Chinese; no words mean no error.
func wants(t *testing.T, what string, err error, words string) {
	t.Helper()
	switch {
	case words == "" && err != nil:
		t.Errorf("%s: %v", what, err)
	case words != "" && err == nil:
		t.Errorf("%s: taken, want %q", what, words)
	case words != "" && !strings.Contains(err.Error(), words):
		t.Errorf("%s: %v, want %q", what, err, words)
	}
}

func swapped[T any](list []T, i, j int) []T {
	list = slices.Clone(list)
	list[i], list[j] = list[j], list[i]
	return list
}
