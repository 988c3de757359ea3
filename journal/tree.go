package journal

import (
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// A Tree is the Merkle tree over a journal. It holds the digests that a writer
// needs, about forty for a million entries, and those appended since it was
// last settled; older ones it reads through the reader it was made with. It is
// not for use by several goroutines at once.
type Tree struct {
	size   int64
	last   tlog.Hash
	edge   []Stored    // roots of the complete subtrees at the last Settle, from the left
	start  int64       // index of the first of recent
	recent []tlog.Hash // appended since, in the order of their indexes
	reader tlog.HashReader
}

// Stored is a digest that a store keeps for the tree, under the index by which
// the tree will ask for it (tlog.StoredHashIndex). Indexes have no gaps.
type Stored struct {
	Index int64
	Hash  tlog.Hash
}

// NewTree makes the tree of a journal with size entries, and reads its right
// edge. The reader may be nil for a journal that is new.
func NewTree(size int64, reader tlog.HashReader) (*Tree, error) {
	if size < 0 || size > MaxSize {
		return nil, fmt.Errorf("日志不可能有%d条", size)
	}
	t := &Tree{size: size, start: tlog.StoredHashCount(size), reader: reader}
	if size == 0 {
		return t, nil
	}
	indexes := append(edgeIndexes(size), tlog.StoredHashIndex(0, size-1))
	hashes, err := t.ReadHashes(indexes)
	if err != nil {
		return nil, err
	}
	t.last = hashes[len(hashes)-1]
	t.hold(indexes[:len(indexes)-1], hashes)
	return t, nil
}

// Size is the number of entries.
func (t *Tree) Size() int64 { return t.size }

// Last is the digest of the last leaf, which the next entry names as its
// Previous; zero while there is none.
func (t *Tree) Last() tlog.Hash { return t.last }

// Append adds a leaf and returns the digests to store with it, its own first.
func (t *Tree) Append(leaf []byte) ([]Stored, error) {
	return t.appendHash(LeafHash(leaf))
}

func (t *Tree) appendHash(leaf tlog.Hash) ([]Stored, error) {
	if t.size >= MaxSize {
		return nil, errors.New("日志已满")
	}
	hashes, err := tlog.StoredHashesForRecordHash(t.size, leaf, t)
	if err != nil {
		return nil, err
	}
	stored := make([]Stored, len(hashes))
	for i, h := range hashes {
		stored[i] = Stored{t.start + int64(len(t.recent)+i), h}
	}
	t.recent = append(t.recent, hashes...)
	t.size++
	t.last = leaf
	return stored, nil
}

// Root is the root over all entries. It is computed from memory.
func (t *Tree) Root() tlog.Hash {
	root, err := tlog.TreeHash(t.size, t)
	if err != nil {
		panic("journal: the right edge is not in memory: " + err.Error())
	}
	return root
}

// Prove shows that the entry with an index, counted from 0, is under the Root.
// For an entry appended since the last Settle it is made from memory.
func (t *Tree) Prove(index int64) (tlog.RecordProof, error) {
	if index < 0 || index >= t.size {
		return nil, fmt.Errorf("日志有%d条，没有第%d条", t.size, index+1)
	}
	return tlog.ProveRecord(t.size, index, t)
}

// Extends shows that the tree only added to what it was when it had old entries.
func (t *Tree) Extends(old int64) (tlog.TreeProof, error) {
	if old < 0 || old > t.size {
		return nil, fmt.Errorf("日志有%d条，没有过%d条以后的样子", t.size, old)
	}
	if old == 0 {
		return nil, nil // everything extends nothing
	}
	return tlog.ProveTree(t.size, old, t)
}

// Clone makes a tree that goes its own way from here, so that a transaction
// that fails can be undone by going back to the clone. It costs one small copy.
func (t *Tree) Clone() *Tree {
	c := *t
	c.recent = slices.Clip(t.recent) // whoever appends to the clone moves away; t writes only after its own end
	return &c
}

// Settle forgets all digests but the right edge. It is called once what was
// appended is stored and its receipts are written.
func (t *Tree) Settle() {
	indexes := edgeIndexes(t.size)
	hashes, err := t.ReadHashes(indexes)
	if err != nil {
		panic("journal: the right edge is not in memory: " + err.Error())
	}
	t.start += int64(len(t.recent))
	t.recent = nil
	t.hold(indexes, hashes)
}

// ReadHashes makes a Tree a tlog.HashReader: from memory where it can, and
// otherwise in one call of the reader.
func (t *Tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	var missing []int64
	var places []int
	for i, index := range indexes {
		at, held := slices.BinarySearchFunc(t.edge, index, func(s Stored, index int64) int { return int(s.Index - index) })
		switch {
		case held:
			hashes[i] = t.edge[at].Hash
		case index >= t.start+int64(len(t.recent)):
			return nil, fmt.Errorf("日志里没有序号为%d的摘要", index)
		case index >= t.start:
			hashes[i] = t.recent[index-t.start]
		default:
			missing, places = append(missing, index), append(places, i)
		}
	}
	if len(missing) == 0 {
		return hashes, nil
	}
	if t.reader == nil {
		return nil, errors.New("读不到以前的摘要")
	}
	read, err := t.reader.ReadHashes(missing)
	if err != nil {
		return nil, fmt.Errorf("读不到以前的摘要：%w", err)
	}
	if len(read) != len(missing) {
		return nil, fmt.Errorf("要读%d个摘要，读到%d个", len(missing), len(read))
	}
	for i, h := range read {
		hashes[places[i]] = h
	}
	return hashes, nil
}

func (t *Tree) hold(indexes []int64, hashes []tlog.Hash) {
	t.edge = make([]Stored, len(indexes))
	for i, index := range indexes {
		t.edge[i] = Stored{index, hashes[i]}
	}
}

// edgeIndexes lists the roots of the complete subtrees that make up a tree,
// from the left: one for every bit of its size.
func edgeIndexes(size int64) (indexes []int64) {
	at := int64(0)
	for level := 62; level >= 0; level-- {
		if size&(1<<level) != 0 {
			indexes = append(indexes, tlog.StoredHashIndex(level, at>>level))
			at += 1 << level
		}
	}
	return indexes
}
