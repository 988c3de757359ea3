package journal_test

import (
	"errors"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"qiaomen/journal"
)

var broken = tlog.HashReaderFunc(func([]int64) ([]tlog.Hash, error) { return nil, errors.New("disk gone") })

// once reads from the book a single time, and is a disk that is gone afterwards.
func once(b *book) tlog.HashReader {
	left := 1
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		if left--; left < 0 {
			return nil, errors.New("disk gone")
		}
		return b.ReadHashes(indexes)
	})
}

// TestBatchFromMemory appends batches after journals of many sizes and proves
// every leaf of the batch; the reader may be used once, when the tree is made.
func TestBatchFromMemory(t *testing.T) {
	for _, size := range []int{0, 1, 2, 3, 7, 8, 63, 64, 65, 100, 127, 128, 1000, 1023} {
		b := newBook(size)
		tree := must(journal.NewTree(int64(size), once(b)))
		for batch := range 3 {
			first := tree.Size()
			for range 64 {
				if tree.Last() != b.tree.Last() {
					t.Fatalf("size %d: another last digest", tree.Size())
				}
				b.add(nil)
				stored, err := tree.Append(b.leaves[tree.Size()])
				if err != nil {
					t.Fatal(err)
				}
				if from := stored[0].Index; !slices.EqualFunc(stored, b.hashes[from:], func(s journal.Stored, h tlog.Hash) bool { return s.Hash == h }) {
					t.Fatalf("size %d: other digests are stored", tree.Size())
				}
			}
			want := must(tlog.TreeHash(tree.Size(), b))
			if tree.Root() != want {
				t.Fatalf("size %d batch %d: another root", size, batch)
			}
			for i := first; i < tree.Size(); i++ {
				proof, err := tree.Prove(i)
				if err != nil {
					t.Fatalf("size %d batch %d: prove %d: %v", size, batch, i, err)
				}
				if err := tlog.CheckRecord(proof, tree.Size(), want, i, journal.LeafHash(b.leaves[i])); err != nil {
					t.Fatalf("size %d batch %d: proof %d: %v", size, batch, i, err)
				}
			}
			tree.Settle()
			if tree.Root() != want || tree.Last() != b.tree.Last() {
				t.Fatalf("size %d batch %d: settled to another root", size, batch)
			}
		}
	}
}

// TestTreeProperty does what a store does in random order: append, fail and go
// back, settle, restart; and compares with a plain tree.
func TestTreeProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBook(0)
		tree := must(journal.NewTree(0, b))
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				for range rapid.IntRange(1, 20).Draw(t, "n") {
					b.add(nil)
					must(tree.Append(b.leaves[tree.Size()]))
				}
			},
			"fail": func(t *rapid.T) {
				before := tree.Clone()
				for range rapid.IntRange(0, 20).Draw(t, "n") {
					must(tree.Append([]byte("lost")))
				}
				if rapid.Bool().Draw(t, "settled") {
					tree.Settle()
				}
				tree = before
			},
			"aside": func(t *rapid.T) {
				aside := tree.Clone()
				must(aside.Append([]byte("aside")))
				must(tree.Clone().Append([]byte("another")))
				if rapid.Bool().Draw(t, "on") {
					b.add(nil)
					must(tree.Append(b.leaves[tree.Size()]))
				}
				size := aside.Size()
				if tlog.CheckRecord(must(aside.Prove(size-1)), size, aside.Root(), size-1, journal.LeafHash([]byte("aside"))) != nil {
					t.Fatal("a clone was written over")
				}
			},
			"settle":  func(*rapid.T) { tree.Settle() },
			"restart": func(*rapid.T) { tree = must(journal.NewTree(tree.Size(), b)) },
			"": func(t *rapid.T) {
				n := tree.Size()
				if want := must(tlog.TreeHash(n, b)); tree.Root() != want || n != int64(len(b.leaves)) || tree.Last() != b.tree.Last() {
					t.Fatal("another tree")
				}
				if n == 0 {
					return
				}
				i := rapid.Int64Range(0, n-1).Draw(t, "index")
				if err := tlog.CheckRecord(must(tree.Prove(i)), n, tree.Root(), i, journal.LeafHash(b.leaves[i])); err != nil {
					t.Fatal(err)
				}
				old := rapid.Int64Range(1, n).Draw(t, "old")
				if err := tlog.CheckTree(must(tree.Extends(old)), n, tree.Root(), old, must(tlog.TreeHash(old, b))); err != nil {
					t.Fatal(err)
				}
			},
		})
	})
}

func TestTreeRefuses(t *testing.T) {
	b := newBook(5)
	short := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) { return make([]tlog.Hash, len(indexes)-1), nil })
	for _, tt := range []struct {
		name   string
		size   int64
		reader tlog.HashReader
		want   string
	}{
		{"negative", -1, b, "不可能有-1条"},
		{"too large", journal.MaxSize + 1, b, "不可能有"},
		{"2^63-1", 1<<63 - 1, b, "不可能有"},
		{"no reader", 5, nil, "读不到以前的摘要"},
		{"broken reader", 5, broken, "disk gone"},
		{"short reader", 5, short, "读到2个"},
		{"missing rows", 9, b, "no hash"},
		{"sound", 5, b, ""},
	} {
		_, err := journal.NewTree(tt.size, tt.reader)
		wants(t, tt.name, err, tt.want)
	}
	tree := must(journal.NewTree(5, once(b)))
	for index, words := range map[int64]string{-1: "没有第0条", 5: "没有第6条", 1 << 62: "没有第", 4: "", 0: "disk gone"} {
		_, err := tree.Prove(index)
		wants(t, "prove", err, words)
	}
	for old, words := range map[int64]string{-1: "没有过", 6: "没有过", 1<<63 - 1: "没有过", 0: "", 5: "", 4: ""} {
		_, err := tree.Extends(old)
		wants(t, "extends", err, words)
	}
	_, err := tree.ReadHashes([]int64{100})
	wants(t, "a hash to come", err, "没有序号为100")
}

func BenchmarkAppend(b *testing.B) {
	book := newBook(1000)
	leaf := book.leaves[999]
	for b.Loop() {
		must(book.tree.Append(leaf))
		if book.tree.Size()%64 == 0 {
			book.tree.Settle()
		}
	}
}

// BenchmarkBatch is what the store does for 64 acts that came together: seal,
// append, prove each, sign once, write each receipt.
func BenchmarkBatch(b *testing.B) {
	book := newBook(1000)
	for b.Loop() {
		before := book.tree.Clone()
		first := book.tree.Size()
		var leaves [64][]byte
		for i := range leaves {
			e := book.entry()
			leaves[i] = must(e.Leaf())
			must(book.tree.Append(leaves[i]))
		}
		signed := book.signed()
		for i, leaf := range leaves {
			at := first + int64(i)
			r := journal.Receipt{Leaf: leaf, Index: at, Proof: must(book.tree.Prove(at)), Checkpoint: signed}
			r.Text()
		}
		book.tree.Settle()
		book.tree = before // keep the size, and the work, the same
	}
}

func BenchmarkVerifier(b *testing.B) {
	book := newBook(1000)
	for b.Loop() {
		if err := book.walk(book.leaves); err != nil {
			b.Fatal(err)
		}
	}
}
