package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"qiaomen"
	"qiaomen/journal"
)

// A View is a journal's rows as of one position; what it reads agrees.
type View struct {
	s        *Store
	ctx      context.Context
	query    func(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	journal  string
	position int64 // 0: as they stand

	recall func() (*memory, int64, error) // nil: everything is read
	still  bool                           // it always sees the same
	settle func() error                   // nil: every entry is in its table
	none   func(table, id string) bool    // nil: one has to look
}

// A Reader is what nouns are read from: a Tx, or a View.
type Reader interface{ view() *View }

func (v *View) view() *View { return v }

// Read looks at a journal as of a position; 0 is the newest.
func (s *Store) Read(ctx context.Context, name string, position int64, look func(*View) error) error {
	return s.readBy(ctx, s.read, name, position, look)
}

func (s *Store) readBy(ctx context.Context, pool *sql.DB, name string, position int64, look func(*View) error) error {
	var db *sql.Tx
	var texts *within
	begin := func() (err error) {
		db, err = pool.BeginTx(ctx, s.engine.read)
		for tries := 0; err != nil && cut(err) && tries < pgReaders; tries++ { // others that were kept may be cut too
			db, err = pool.BeginTx(ctx, s.engine.read)
		}
		if err != nil {
			return err
		}
		if texts = s.looks.within(db); pool != s.read { // statements belong to a pool
			texts = (*statements)(nil).within(db)
		}
		return nil
	}
	defer func() {
		if db == nil {
			return
		}
		_ = db.Rollback()
		if pool == s.read {
			s.looks.prepareSoon(ctx, pool) // now that the connection is free
		}
	}()
	query := func(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
		if db == nil { // what is remembered needs no transaction
			if err := begin(); err != nil {
				return nil, err
			}
		}
		if st := texts.prepared(ctx, text); st != nil {
			return st.QueryContext(ctx, args...)
		}
		return db.QueryContext(ctx, text, args...)
	}
	v := &View{s: s, ctx: ctx, query: query, journal: name, position: position, still: true}
	v.recall = once(v.bySize)
	return look(v)
}

// In is the same moment's view of another journal, as it stands.
func (v *View) In(name string) *View {
	if name == v.journal && v.position == 0 {
		return v
	}
	other := &View{s: v.s, ctx: v.ctx, query: v.query, journal: name, still: v.still}
	if v.recall != nil {
		other.recall = once(other.bySize)
	}
	return other
}

// At is the same journal as of another position.
func (v *View) At(position int64) *View {
	return &View{s: v.s, ctx: v.ctx, query: v.query, journal: v.journal, position: position, settle: v.settle}
}

// Journal is the journal's id.
func (v *View) Journal() string { return v.journal }

// Position is the position that is looked at.
func (v *View) Position() (int64, error) {
	if v.position > 0 {
		return v.position, nil
	}
	var size int64
	_, err := v.scan("SELECT size FROM journal WHERE journal = $1", []any{v.journal}, &size)
	return size, err
}

func (v *View) scan(text string, args []any, into ...any) (bool, error) {
	rows, err := v.query(v.ctx, text, args...)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	if !rows.Next() {
		return false, rows.Err()
	}
	return true, errors.Join(rows.Scan(into...), rows.Close())
}

// Find fills in the noun of that id, and tells whether there is one.
func (v *View) Find(id string, into qiaomen.Noun) (bool, error) {
	if v.none != nil && v.none(into.Table(), id) {
		return false, nil
	}
	said, err := remembered(v, into.Table(), id, func() (qiaomen.Noun, error) {
		var data string
		text, args := v.where("data", into.Table())
		found, err := v.scan(text+fmt.Sprintf(" AND id = $%d", len(args)+1), append(args, id), &data)
		if !found || err != nil {
			return nil, err
		}
		one := reflect.New(reflect.TypeOf(into).Elem()).Interface().(qiaomen.Noun)
		return one, qiaomen.DecodeNoun([]byte(data), one)
	})
	if said == nil || err != nil {
		return false, err
	}
	fill(into, said)
	return true, nil
}

// Which is which of the ids stand in a noun's table.
func Which(r Reader, of qiaomen.Noun, ids []string) (map[string]bool, error) {
	v := r.view()
	text, args := v.where("id", of.Table())
	return v.which(text, args, ids)
}

// which asks for many ids a statement: both engines take some thousands of
// arguments.
func (v *View) which(text string, args []any, ids []string) (map[string]bool, error) {
	const together = 500
	there := map[string]bool{}
	for some := range slices.Chunk(ids, together) {
		all := slices.Clone(args)
		places := make([]string, len(some))
		for i, id := range some {
			all = append(all, id)
			places[i] = "$" + strconv.Itoa(len(all))
		}
		rows, err := v.query(v.ctx, text+" AND id IN ("+strings.Join(places, ", ")+")", all...)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return nil, errors.Join(err, rows.Close())
			}
			there[id] = true
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, err
		}
	}
	return there, nil
}

func (v *View) where(columns, name string) (string, []any) {
	text := "SELECT " + columns + " FROM " + table(name) + " WHERE journal = $1 AND "
	if v.position == 0 {
		return text + "ended IS NULL", []any{v.journal}
	}
	return text + "made <= $2 AND (ended IS NULL OR ended > $2)", []any{v.journal, v.position}
}

// A Filter says which rows of a table are wanted; what is empty is not asked.
type Filter struct {
	Unit, Kind, Key string
	States          []qiaomen.State
	After           string // ids after this one
	Limit           int
}

// One is the noun of that id, or nil.
func One[T any, P interface {
	*T
	qiaomen.Noun
}](r Reader, id string) (P, error) {
	n := P(new(T))
	found, err := r.view().Find(id, n)
	if !found || err != nil {
		return nil, err
	}
	return n, nil
}

// All is the nouns that pass the filter, by id.
func All[T any, P interface {
	*T
	qiaomen.Noun
}](r Reader, f Filter) ([]P, error) {
	var out []P
	for n, err := range Each[T, P](r, f) {
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

// Each is the nouns that pass the filter, by id, one after another. They are
// read some at a time, so that others can be read meanwhile.
func Each[T any, P interface {
	*T
	qiaomen.Noun
}](r Reader, f Filter) iter.Seq2[P, error] {
	v := r.view()
	return func(yield func(P, error) bool) {
		left := f.Limit
		for {
			some := f
			if some.Limit = atOnce; left > 0 {
				some.Limit = min(left, atOnce)
			}
			p, err := remembered(v, P(new(T)).Table(), some.key(), func() (found[P], error) { return page[T, P](v, some) })
			if err != nil {
				yield(nil, err)
				return
			}
			for _, n := range p.nouns {
				own := *n
				if !yield(&own, nil) {
					return
				}
			}
			left -= len(p.nouns)
			if f.After = p.last; len(p.nouns) < some.Limit || f.Limit > 0 && left == 0 {
				return
			}
		}
	}
}

// atOnce is how many rows are read at once.
const atOnce = 500

// found is some nouns, and the id of the last.
type found[P any] struct {
	nouns []P
	last  string
}

func page[T any, P interface {
	*T
	qiaomen.Noun
}](v *View, f Filter) (out found[P], err error) {
	text, args := v.where("id, data", P(new(T)).Table())
	and := func(condition string, arg any) {
		args = append(args, arg)
		text += " AND " + fmt.Sprintf(condition, len(args))
	}
	for _, c := range [][2]string{{"unit", f.Unit}, {"kind", f.Kind}, {"key", f.Key}} {
		if c[1] != "" {
			and(c[0]+" = $%d", c[1])
		}
	}
	if f.After != "" {
		and("id > $%d", f.After)
	}
	if len(f.States) > 0 {
		var places []string
		for _, s := range f.States {
			args = append(args, string(s))
			places = append(places, fmt.Sprintf("$%d", len(args)))
		}
		text += " AND state IN (" + strings.Join(places, ", ") + ")"
	}
	args = append(args, f.Limit)
	rows, err := v.query(v.ctx, text+fmt.Sprintf(" ORDER BY id LIMIT $%d", len(args)), args...)
	if err != nil {
		return out, err
	}
	defer rows.Close()
	for rows.Next() {
		n := P(new(T))
		var data string
		if err := rows.Scan(&out.last, &data); err != nil {
			return out, err
		}
		if err := qiaomen.DecodeNoun([]byte(data), n); err != nil {
			return out, err
		}
		out.nouns = append(out.nouns, n)
	}
	return out, rows.Err()
}

// Made is the position at which the row of that id that is seen was made.
func (v *View) Made(name, id string) (int64, error) {
	var made int64
	text, args := v.where("made", name)
	_, err := v.scan(text+fmt.Sprintf(" AND id = $%d", len(args)+1), append(args, id), &made)
	return made, err
}

// History is every state of one noun, the oldest first, with the positions
// that made them.
func History[T any, P interface {
	*T
	qiaomen.Noun
}](r Reader, id string) (made []int64, nouns []P, err error) {
	v := r.view()
	rows, err := v.query(v.ctx, "SELECT made, data FROM "+table(P(new(T)).Table())+" WHERE journal = $1 AND id = $2 ORDER BY made", v.journal, id)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		n := P(new(T))
		var at int64
		var data string
		if err := rows.Scan(&at, &data); err != nil {
			return nil, nil, err
		}
		if err := qiaomen.DecodeNoun([]byte(data), n); err != nil {
			return nil, nil, err
		}
		made, nouns = append(made, at), append(nouns, n)
	}
	return made, nouns, rows.Err()
}

// Entry is the leaf at a position.
func (v *View) Entry(position int64) (*journal.Entry, error) {
	if err := v.settled(); err != nil {
		return nil, err
	}
	var leaf string
	found, err := v.scan("SELECT leaf FROM entry WHERE journal = $1 AND position = $2", []any{v.journal, position}, &leaf)
	if !found || err != nil {
		return nil, errors.Join(err, sql.ErrNoRows)
	}
	return journal.Open([]byte(leaf))
}

// settled asks that every entry is in its table.
func (v *View) settled() error {
	if v.settle == nil {
		return nil
	}
	return v.settle()
}

// Leaves is the leaves of a journal after a position, in order.
func (s *Store) Leaves(ctx context.Context, name string, after int64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		err := s.Read(ctx, name, 0, func(v *View) error {
			for leaf, err := range v.Leaves(after) {
				if !yield(leaf, err) {
					return nil
				}
			}
			return nil
		})
		if err != nil {
			yield(nil, err)
		}
	}
}

// Leaves is the leaves of the journal after a position, in order.
func (v *View) Leaves(after int64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for more := true; more; {
			some, last, err := v.leaves(after, atOnce)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, leaf := range some {
				if !yield(leaf, nil) {
					return
				}
			}
			after, more = last, len(some) == atOnce
		}
	}
}

// leaves is the next leaves after a position, and the position of the last.
func (v *View) leaves(after int64, most int) (out [][]byte, last int64, err error) {
	if err := v.settled(); err != nil {
		return nil, 0, err
	}
	rows, err := v.query(v.ctx, "SELECT position, leaf FROM entry WHERE journal = $1 AND position > $2 ORDER BY position LIMIT $3", v.journal, after, most)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var leaf string
		if err := rows.Scan(&last, &leaf); err != nil {
			return nil, 0, err
		}
		out = append(out, []byte(leaf))
	}
	return out, last, rows.Err()
}
