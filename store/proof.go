package store

import (
	"context"
	"errors"
	"fmt"

	"qiaomen"
	"qiaomen/journal"
)

// Receipt is the receipt of an entry under a newest checkpoint of the journal.
func (s *Store) Receipt(ctx context.Context, name string, position int64) ([]byte, error) {
	last, err := s.signedAt(ctx, name, position)
	if err != nil {
		return nil, err
	}
	return s.receipt(ctx, s.read, name, position, last)
}

// Checkpoint is the journal's newest checkpoint, signed.
func (s *Store) Checkpoint(ctx context.Context, name string) ([]byte, error) {
	last, err := s.newest(ctx, name)
	return last.checkpoint, err
}

// Signed is how many entries of a journal are signed. What was committed and is
// not signed yet, by us or by another program, is signed first.
func (s *Store) Signed(ctx context.Context, name string) (int64, error) {
	last, err := s.newest(ctx, name)
	return last.Size, err
}

// Extends shows that the journal's newest checkpoint only added to what the
// journal was when it had so many entries. It is what the holder of an older
// checkpoint or receipt asks for, and a witness.
func (s *Store) Extends(ctx context.Context, name string, old int64) (*journal.Consistency, error) {
	last, err := s.newest(ctx, name)
	if err != nil {
		return nil, err
	}
	tree, err := s.treeAt(ctx, s.read, name, last)
	if err != nil {
		return nil, err
	}
	proof, err := tree.Extends(old)
	if err != nil {
		return nil, err
	}
	return &journal.Consistency{Old: old, Proof: proof, Checkpoint: last.checkpoint}, nil
}

func (s *Store) newest(ctx context.Context, name string) (signed, error) {
	size, _, err := head(ctx, s.read, name)
	if err == nil && size == 0 {
		err = &qiaomen.Problem{Text: "存证日志“" + name + "”还没有内容", Fix: "请核对名称"}
	}
	if err != nil {
		return signed{}, err
	}
	return s.signedAt(ctx, name, size)
}

// signedAt is what was last signed of a journal, with an entry in it. What was
// committed and is not signed yet, by us or by another program, is signed first.
func (s *Store) signedAt(ctx context.Context, name string, position int64) (signed, error) {
	if size, _, err := head(ctx, s.read, name); err != nil {
		return signed{}, err
	} else if position < 1 || position > size { // asking begins no journal
		return signed{}, absent(name, position)
	}
	q, err := s.queue(ctx, name)
	if err != nil {
		return signed{}, err
	}
	last := q.last()
	if last.Size >= position {
		return last, nil
	}
	if _, err := s.Write(ctx, Act{Journal: name}, func(*Tx) error { return nil }); err != nil {
		return signed{}, err
	}
	return q.last(), nil
}

func (q *queue) last() signed {
	q.s.mu.Lock()
	defer q.s.mu.Unlock()
	return q.signed
}

func absent(name string, position int64) error {
	return &qiaomen.Problem{Text: fmt.Sprintf("存证日志“%s”没有第%d条", name, position), Fix: "请核对编号"}
}

// treeAt is the tree as it was signed, from what the database has of it now.
func (s *Store) treeAt(ctx context.Context, db querier, name string, at signed) (*journal.Tree, error) {
	tree, err := journal.NewTree(at.Size, &hashReader{ctx: ctx, db: db, journal: name})
	if err == nil && tree.Root() != at.Root {
		err = errRewritten
	}
	return tree, err
}

var errRewritten = errors.New("the journal is not what was signed")

func (s *Store) receipt(ctx context.Context, db querier, name string, position int64, at signed) ([]byte, error) {
	tree, err := s.treeAt(ctx, db, name, at)
	if err != nil {
		return nil, err
	}
	v := &View{ctx: ctx, query: db.QueryContext, journal: name}
	leaves, found, err := v.leaves(position-1, 1)
	if err == nil && found != position {
		err = absent(name, position)
	}
	if err != nil {
		return nil, err
	}
	r := journal.Receipt{Leaf: leaves[0], Index: position - 1, Checkpoint: at.checkpoint}
	if r.Proof, err = tree.Prove(r.Index); err != nil {
		return nil, err
	}
	return r.Text(), nil
}
