package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"qiaomen"
	"qiaomen/journal"
)

// replayTogether is how many entries are applied in one transaction.
const replayTogether = 1000

// Replay makes the tables of a journal again from its leaves, in an empty
// store: entries as they were sealed, their digests, and every row that they
// made. It is how an upgrade, a move and an audit begin.
func (s *Store) Replay(ctx context.Context, name string, from *Store) error {
	return from.Read(ctx, name, 0, func(v *View) error { return s.replay(ctx, v) })
}

func (s *Store) replay(ctx context.Context, from *View) error {
	name := from.journal
	if size, _, err := head(ctx, s.read, name); err != nil {
		return err
	} else if size > 0 {
		return &qiaomen.Problem{Text: "要写入的库里已有存证日志“" + name + "”", Fix: "请换一个空的库"}
	}
	var batch [][]byte
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		err := s.Receive(ctx, name, batch)
		batch = batch[:0]
		return err
	}
	for leaf, err := range from.Leaves(0) {
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

// Receive takes entries in as they were sealed, after those that the journal has:
// the first names the digest of its last. The rows follow from them.
func (s *Store) Receive(ctx context.Context, name string, leaves [][]byte) error {
	_, err := s.Write(ctx, Act{Journal: name}, func(t *Tx) error {
		for _, leaf := range leaves {
			if err := t.replay(leaf); err != nil {
				return err
			}
		}
		return nil
	})
	return err
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
	if err := t.append(leaf, e.At); err != nil {
		return err
	}
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
		err := s.Read(ctx, name, 0, func(v *View) error {
			if err := to.replay(ctx, v); err != nil {
				return err
			}
			_, err := to.Write(ctx, Act{Journal: name}, func(t *Tx) error { return t.keepAll(v) })
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) keepAll(from *View) error {
	for _, table := range Working {
		works, err := from.Works(table, "", "")
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
}

// journalled is every table that a replay makes again, with the columns that
// tell its rows apart and in which order they stand.
func journalled() map[string]string {
	out := map[string]string{
		"journal":      "SELECT journal, size, at FROM journal WHERE journal = $1",
		"entry":        "SELECT position, leaf FROM entry WHERE journal = $1 ORDER BY position",
		"hash":         "SELECT idx, hash FROM hash WHERE journal = $1 ORDER BY idx",
		"act":          "SELECT person, key, first, last FROM act WHERE journal = $1 ORDER BY person, key",
		"paper_number": "SELECT record, number FROM paper_number WHERE journal = $1 ORDER BY record",
	}
	for _, n := range qiaomen.Nouns() {
		out[n.Table()] = "SELECT id, made, ended, unit, kind, state, key, data FROM " + table(n.Table()) + " WHERE journal = $1 ORDER BY id, made"
	}
	return out
}

// Compare finds every table in which two stores' rows of a journal differ, with
// the first row that does.
func (s *Store) Compare(ctx context.Context, name string, other *Store) (out []*qiaomen.Problem, err error) {
	err = s.Read(ctx, name, 0, func(v *View) error {
		out, err = v.compare(other)
		return err
	})
	return out, err
}

func (v *View) compare(other *Store) (out []*qiaomen.Problem, err error) {
	err = other.Read(v.ctx, v.journal, 0, func(o *View) error {
		for table, query := range journalled() {
			at, err := firstDifference(query, v, o)
			if err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
			if at != "" {
				out = append(out, &qiaomen.Problem{Text: "表“" + table + "”与存证日志不符：" + at, Fix: "表被绕过日志改过；请保全现场，再用 qiaomen replay 从日志重建"})
			}
		}
		return nil
	})
	return out, err
}

func firstDifference(query string, one, other *View) (string, error) {
	a, err := one.query(one.ctx, query, one.journal)
	if err != nil {
		return "", err
	}
	defer a.Close()
	b, err := other.query(other.ctx, query, other.journal)
	if err != nil {
		return "", err
	}
	defer b.Close()
	columns, err := a.Columns()
	if err != nil {
		return "", err
	}
	for {
		x, errA := nextRow(a, len(columns))
		y, errB := nextRow(b, len(columns))
		if err := errors.Join(errA, errB); err != nil || x == nil && y == nil {
			return "", err
		}
		switch {
		case y == nil:
			return "多出 " + spoken(columns, x), nil
		case x == nil:
			return "缺少 " + spoken(columns, y), nil
		case !slices.Equal(x, y):
			return difference(columns, x, y), nil
		}
	}
}

// nextRow is a row's values; nil after the last.
func nextRow(rows *sql.Rows, columns int) ([]sql.Null[string], error) {
	if !rows.Next() {
		return nil, rows.Err()
	}
	values := make([]sql.Null[string], columns)
	into := make([]any, columns)
	for i := range values {
		into[i] = &values[i]
	}
	return values, rows.Scan(into...)
}

// difference says of two rows of one thing in which column they differ, and of
// two things both.
func difference(columns []string, is, ought []sql.Null[string]) string {
	for i, column := range columns {
		if is[i] == ought[i] {
			continue
		}
		if i < 2 { // what tells rows apart
			break
		}
		from := 0
		for from < min(len(is[i].V), len(ought[i].V)) && is[i].V[from] == ought[i].V[from] {
			from++
		}
		from = max(0, from-20)
		return spoken(columns[:2], is) + "的 " + column + " 是 " + piece(is[i], from) + "，应是 " + piece(ought[i], from)
	}
	return spoken(columns, is) + "，应是 " + spoken(columns, ought)
}

// piece is a value from a byte on, as far as a sentence can hold.
func piece(v sql.Null[string], from int) string {
	if !v.Valid {
		return "空"
	}
	return "“" + qiaomen.Clip(strings.ToValidUTF8(v.V[min(from, len(v.V)):], "·")) + "”"
}

func spoken(columns []string, row []sql.Null[string]) string {
	var parts []string
	for i, column := range columns {
		if row[i].Valid {
			parts = append(parts, column+" "+strings.ToValidUTF8(row[i].V, "·"))
		}
	}
	return "“" + qiaomen.Clip(strings.Join(parts, "、")) + "”"
}
