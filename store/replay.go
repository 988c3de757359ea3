package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"qiaomen"
	"qiaomen/journal"
)

// replayTogether is how many entries are applied in one transaction.
const replayTogether = 1000

// Replay makes the tables of a journal again from its leaves, in an empty
// store: entries as they were sealed, their digests, and every row that they
// made. It is how an upgrade, a move and an audit begin.
func (s *Store) Replay(ctx context.Context, name string, from *Store) error {
	q, err := s.queue(ctx, name)
	if err != nil {
		return err
	}
	size, _, err := q.head(ctx, s.read)
	if err != nil {
		return err
	}
	if size > 0 {
		return &qiaomen.Problem{Text: "要写入的库里已有存证日志“" + name + "”", Fix: "请换一个空的库"}
	}
	var batch [][]byte
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		_, err := s.Write(ctx, Act{Journal: name}, func(t *Tx) error {
			for _, leaf := range batch {
				if err := t.replay(leaf); err != nil {
					return err
				}
			}
			return nil
		})
		batch = batch[:0]
		return err
	}
	for leaf, err := range from.Leaves(ctx, name, 0) {
		if err != nil {
			return err
		}
		if batch = append(batch, leaf); len(batch) == replayTogether {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// replay takes an entry in as it was sealed.
func (t *Tx) replay(leaf []byte) error {
	e, err := journal.Open(leaf)
	if err != nil {
		return err
	}
	if e.Position != t.q.tree.Size()+1 || e.Previous != t.q.tree.Last() || e.Journal != t.q.name || e.Installation != t.s.o.Installation {
		return &qiaomen.Problem{Text: fmt.Sprintf("存证日志“%s”第%d条接不上前一条", t.q.name, e.Position), Fix: "请先用 qiaomen verify 查清"}
	}
	event, err := qiaomen.DecodeEvent(e.Event, e.Version, e.Data)
	if err != nil {
		return err
	}
	if err := t.append(leaf); err != nil {
		return err
	}
	t.index = append(t.index, e.Position-1)
	t.leaves[e.Position-1] = leaf
	t.q.at = e.At
	if err := t.apply(qiaomen.Stamp{Position: e.Position, At: e.At, Person: e.Person}, event); err != nil {
		return fmt.Errorf("entry %d, %s: %w", e.Position, e.Event, err)
	}
	if e.Key == "" {
		return nil
	}
	return t.exec(`INSERT INTO act (journal, person, key, first, last) VALUES ($1, $2, $3, $4, $4)
		ON CONFLICT (journal, person, key) DO UPDATE SET last = excluded.last`, t.q.name, e.Person, e.Key, e.Position)
}

// Move copies everything into an empty store: journals by replaying them, the
// working tables row by row.
func (s *Store) Move(ctx context.Context, to *Store, tell func(journal string)) error {
	names, err := s.Journals(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if tell != nil {
			tell(name)
		}
		if err := to.Replay(ctx, name, s); err != nil {
			return err
		}
		err := s.Read(ctx, name, 0, func(v *View) error {
			_, err := to.Write(ctx, Act{Journal: name}, func(t *Tx) error {
				for _, table := range Working {
					works, err := v.Works(table, "", "")
					if err != nil {
						return err
					}
					for _, w := range works {
						if err := t.Keep(table, w); err != nil {
							return err
						}
					}
				}
				return nil
			})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// journalled is every table that a replay makes again, with the columns that
// tell its rows apart and in which order they stand.
func journalled() map[string]string {
	out := map[string]string{
		"journal":      "SELECT journal, size, at FROM journal WHERE journal = $1",
		"entry":        "SELECT position, leaf FROM entry WHERE journal = $1 ORDER BY position",
		"hash":         "SELECT idx, hash FROM hash WHERE journal = $1 ORDER BY idx",
		"act":          "SELECT person, key, first, last FROM act WHERE journal = $1 ORDER BY person, key",
		"record_field": "SELECT record, kind, field, text_key, num_key FROM record_field WHERE journal = $1 ORDER BY record, field",
	}
	for _, n := range qiaomen.Nouns() {
		out[n.Table()] = "SELECT id, made, ended, unit, kind, state, key, data FROM " + table(n.Table()) + " WHERE journal = $1 ORDER BY id, made"
	}
	return out
}

// Compare finds every table in which two stores' rows of a journal differ, with
// the first row that does.
func (s *Store) Compare(ctx context.Context, name string, other *Store) ([]*qiaomen.Problem, error) {
	var out []*qiaomen.Problem
	for table, query := range journalled() {
		at, err := firstDifference(ctx, query, name, s.read, other.read)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", table, err)
		}
		if at != "" {
			out = append(out, &qiaomen.Problem{Text: "表“" + table + "”与存证日志不符：" + at, Fix: "表被绕过日志改过；请保全现场，再用 qiaomen replay 从日志重建"})
		}
	}
	return out, nil
}

func firstDifference(ctx context.Context, query, name string, one, other *sql.DB) (string, error) {
	a, err := one.QueryContext(ctx, query, name)
	if err != nil {
		return "", err
	}
	defer a.Close()
	b, err := other.QueryContext(ctx, query, name)
	if err != nil {
		return "", err
	}
	defer b.Close()
	for {
		x, moreA, errA := nextRow(a)
		y, moreB, errB := nextRow(b)
		if err := errors.Join(errA, errB); err != nil || !moreA && !moreB {
			return "", err
		}
		switch {
		case !moreB:
			return "多出 " + qiaomen.Clip(x), nil
		case !moreA:
			return "缺少 " + qiaomen.Clip(y), nil
		case x != y:
			return qiaomen.Clip(x) + "，应是 " + qiaomen.Clip(y), nil
		}
	}
}

func nextRow(rows *sql.Rows) (string, bool, error) {
	if !rows.Next() {
		return "", false, rows.Err()
	}
	columns, err := rows.Columns()
	if err != nil {
		return "", false, err
	}
	values := make([]sql.Null[string], len(columns))
	into := make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	if err := rows.Scan(into...); err != nil {
		return "", false, err
	}
	text := ""
	for i, v := range values {
		if v.Valid {
			text += columns[i] + "=" + v.V + " "
		}
	}
	return text, true, nil
}

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
	for _, j := range f.Journals {
		if len(j.Problems) > 0 {
			return false
		}
	}
	return true
}

// Verify looks at everything that an auditor would: every entry with its chain,
// the digests of the tree, the root against the last-signed mark and against
// every checkpoint that was kept, and the tables against the journal replayed
// into scratch, which must be an empty store of the same installation.
func (s *Store) Verify(ctx context.Context, scratch *Store) (*Findings, error) {
	names, err := s.Journals(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	for name, q := range s.queues { // marked, and lost from the database
		if q.mark != nil && q.mark.last.Size > 0 && !contains(names, name) {
			names = append(names, name)
		}
	}
	s.mu.Unlock()
	out := &Findings{}
	for _, name := range names {
		j, err := s.verifyJournal(ctx, name)
		if err != nil {
			return nil, err
		}
		if scratch != nil && len(j.Problems) == 0 {
			if err := scratch.Replay(ctx, name, s); err != nil {
				j.Problems = append(j.Problems, &qiaomen.Problem{Text: "日志重放不下去：" + err.Error()})
			} else if j.Problems, err = s.Compare(ctx, name, scratch); err != nil {
				return nil, err
			}
		}
		out.Journals = append(out.Journals, *j)
	}
	return out, nil
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}

func (s *Store) verifyJournal(ctx context.Context, name string) (*JournalFindings, error) {
	q, err := s.queue(ctx, name)
	if err != nil {
		return nil, err
	}
	out := &JournalFindings{Journal: name}
	if out.Entries, out.At, err = q.head(ctx, s.read); err != nil {
		return nil, err
	}
	signed, problems, err := s.signedMarks(ctx, q)
	if err != nil {
		return nil, err
	}
	out.Problems = problems
	v := journal.NewVerifier(s.o.Installation, name, signed...)
	tree, err := journal.NewTree(0, nil)
	if err != nil {
		return nil, err
	}
	hashes := s.hashes(ctx, s.read, name)
	for leaf, err := range s.Leaves(ctx, name, 0) {
		if err != nil {
			return nil, err
		}
		_ = v.Add(leaf) // Finish has all of it
		stored, err := tree.Append(leaf)
		if err != nil {
			return nil, err
		}
		for _, h := range stored {
			kept, err := hashes.ReadHashes([]int64{h.Index})
			if err != nil || kept[0] != h.Hash {
				out.Problems = append(out.Problems, &qiaomen.Problem{Text: fmt.Sprintf("第%d条的摘要与日志不符", tree.Size())})
			}
		}
		tree.Settle()
	}
	if tree.Size() != out.Entries {
		out.Problems = append(out.Problems, &qiaomen.Problem{Text: fmt.Sprintf("日志应有%d条，实有%d条", out.Entries, tree.Size())})
	}
	out.Root = tree.Root()
	if err := v.Finish(); err != nil {
		out.Problems = append(out.Problems, &qiaomen.Problem{Text: err.Error()})
	}
	return out, nil
}

// signedMarks is every size and root that was signed and is still known: the
// mark, and the checkpoints kept with the ledger, whose signatures are checked.
func (s *Store) signedMarks(ctx context.Context, q *queue) (signed []journal.Mark, problems []*qiaomen.Problem, err error) {
	if q.mark != nil {
		signed = append(signed, q.mark.last)
	}
	_, vkey, err := s.signer(q.name)
	if err != nil {
		return nil, nil, err
	}
	known, err := journal.Trust(vkey)
	if err != nil {
		return nil, nil, err
	}
	kept, err := texts(ctx, s.read, "SELECT data FROM working_checkpoint WHERE journal = $1 ORDER BY id", q.name)
	if err != nil {
		return nil, nil, err
	}
	for _, text := range kept {
		c, err := journal.ParseCheckpoint([]byte(text), s.Origin(q.name), known)
		if err != nil {
			problems = append(problems, &qiaomen.Problem{Text: "保存的检查点不对：" + err.Error()})
			continue
		}
		signed = append(signed, c.Mark())
	}
	return signed, problems, nil
}
