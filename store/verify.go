package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"qiaomen"
	"qiaomen/journal"
)

// Findings is what a verification found: what is wrong, and how much was looked
// at.
type Findings struct {
	Journals []JournalFindings
}

// JournalFindings is what was found in one journal.
type JournalFindings struct {
	Journal  string
	Entries  int64
	Root     tlog.Hash
	At       string
	Problems []*qiaomen.Problem
}

// Good tells that nothing is wrong.
func (f *Findings) Good() bool {
	return !slices.ContainsFunc(f.Journals, func(j JournalFindings) bool { return len(j.Problems) > 0 })
}

// Verify looks at everything that an auditor would: every entry with its chain,
// the digests of the tree, the root against the last-signed mark and against
// every checkpoint that was kept, and the tables against the journal replayed
// into scratch, which must be an empty store of the same installation. Each
// journal is looked at in one moment; others may write meanwhile.
func (s *Store) Verify(ctx context.Context, scratch *Store) (*Findings, error) {
	names, err := s.Journals(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	for name, q := range s.queues { // marked, and lost from the database
		if q.signed.Size > 0 && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	s.mu.Unlock()
	out := &Findings{}
	for _, name := range names {
		q, err := s.queue(ctx, name)
		if err != nil {
			return nil, err
		}
		signed := q.last().Mark // before looking: what is looked at is never older
		err = s.Read(ctx, name, 0, func(v *View) error {
			j, err := s.verify(v, signed)
			if err == nil && len(j.Problems) == 0 && scratch != nil {
				err = j.replayed(v, scratch)
			}
			out.Journals = append(out.Journals, *j)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (j *JournalFindings) wrong(format string, args ...any) {
	j.Problems = append(j.Problems, &qiaomen.Problem{Text: fmt.Sprintf(format, args...)})
}

// replayed holds the tables against the journal replayed into scratch.
func (j *JournalFindings) replayed(v *View, scratch *Store) (err error) {
	if err := scratch.replay(v.ctx, v); err != nil {
		j.wrong("日志重放不下去：%v", err)
		return v.ctx.Err()
	}
	j.Problems, err = v.compare(scratch)
	return err
}

// verify walks a journal.
func (s *Store) verify(v *View, signed journal.Mark) (*JournalFindings, error) {
	j := &JournalFindings{Journal: v.journal}
	if _, err := v.scan("SELECT size, at FROM journal WHERE journal = $1", []any{v.journal}, &j.Entries, &j.At); err != nil {
		return j, err
	}
	marks, err := s.checkpoints(v, j)
	if err != nil {
		return j, err
	}
	walk := journal.NewVerifier(s.o.Installation, v.journal, append(marks, signed)...)
	tree, err := journal.NewTree(0, nil)
	if err != nil {
		return j, err
	}
	var digests []journal.Stored
	for leaf, err := range v.Leaves(0) {
		if err != nil {
			return j, err
		}
		_ = walk.Add(leaf) // Finish has all of it
		stored, err := tree.Append(leaf)
		if err != nil {
			return j, err
		}
		tree.Settle()
		if digests = append(digests, stored...); len(digests) >= atOnce {
			if err := j.holds(v, digests); err != nil {
				return j, err
			}
			digests = digests[:0]
		}
	}
	if err := j.holds(v, digests); err != nil {
		return j, err
	}
	if tree.Size() != j.Entries {
		j.wrong("日志应有%d条，实有%d条", j.Entries, tree.Size())
	}
	j.Root = tree.Root()
	if err := walk.Finish(); err != nil {
		j.wrong("%v", err)
	}
	return j, nil
}

// holds asks that the database has these digests, whose indexes follow on each
// other.
func (j *JournalFindings) holds(v *View, digests []journal.Stored) error {
	if len(digests) == 0 {
		return nil
	}
	rows, err := v.query(v.ctx, "SELECT idx, hash FROM hash WHERE journal = $1 AND idx >= $2 AND idx <= $3 ORDER BY idx",
		v.journal, digests[0].Index, digests[len(digests)-1].Index)
	if err != nil {
		return err
	}
	defer rows.Close()
	kept := map[int64][]byte{}
	for rows.Next() {
		var index int64
		var hash []byte
		if err := rows.Scan(&index, &hash); err != nil {
			return err
		}
		kept[index] = hash
	}
	for _, d := range digests {
		if !bytes.Equal(kept[d.Index], d.Hash[:]) {
			level, n := tlog.SplitStoredHashIndex(d.Index)
			j.wrong("第%d条的摘要与日志不符", (n+1)<<level)
			break // the rest of these would say it again and again
		}
	}
	return rows.Err()
}

// checkpoints is every size and root of a checkpoint that was kept with the
// ledger and has a good signature.
func (s *Store) checkpoints(v *View, j *JournalFindings) (marks []journal.Mark, err error) {
	vkey, err := s.Vkey(v.journal)
	if err != nil {
		return nil, err
	}
	known, err := journal.Trust(vkey)
	if err != nil {
		return nil, err
	}
	kept, err := v.Works("checkpoint", "", "")
	if err != nil {
		return nil, err
	}
	for _, w := range kept {
		c, err := journal.ParseCheckpoint(w.Data, s.Origin(v.journal), known)
		if err != nil {
			j.wrong("%s保存的检查点不对：%v", w.ID, err)
			continue
		}
		marks = append(marks, c.Mark())
	}
	return marks, nil
}
