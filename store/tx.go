package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"qiaomen"
	"qiaomen/journal"
)

// A Tx is a journal while one act is decided: its rows, which nobody else
// changes meanwhile, and the way to emit events. It is a qiaomen.Ledger.
type Tx struct {
	// Grant is the position of the grant that allows the act; it is sealed with
	// every event that follows.
	Grant int64
	// ClockBack tells that the machine's clock stands before the journal's
	// newest entry; the act has that entry's time.
	ClockBack bool
	// Answer is what the caller wants to be told when the act is asked for
	// again: one line.
	Answer string

	s         *Store
	q         *queue
	db        *sql.Tx
	ctx       context.Context
	one       *turn
	at        string
	first     int64 // position of the act's first entry, if it makes any
	changes   []Change
	made      map[rowKey]bool     // rows that the event being applied has put already
	fresh     map[string][]string // ids that were made up in this turn, and the tables that have got them
	absent    map[rowKey]bool     // rows that it looked for and did not find
	sealed    []sealed            // entries of the batch
	stored    int                 // how many of them are in their table
	texts     *within
	others    map[string]*View // other journals, as this turn sees them
	dirty     bool             // a working table was changed
	wrote     bool             // something was changed in this turn
	careful   bool             // each turn can be undone by itself
	unsettled bool             // what every act reads was changed in this batch
	err       error            // the database's first error in this turn
}

type rowKey struct{ table, id string }

// A sealed is an entry that the batch adds, and the digests that come with it.
type sealed struct {
	position int64
	leaf     []byte
	hashes   []journal.Stored
}

// At is the act's time as its entries have it: never before that of the newest
// entry.
func (t *Tx) At() string { return t.at }

// Position is the position of the newest entry.
func (t *Tx) Position() int64 { return t.q.tree.Size() }

// Changes is what became of rows in this transaction, by this act and by those
// before it that are committed with it; the folds will be told.
func (t *Tx) Changes() []Change { return t.changes }

// Journal is the journal's id.
func (t *Tx) Journal() string { return t.q.name }

// begin takes the journal's head: from here on it is ours alone. Where another
// program has written meanwhile, what we know of the journal is read again, and
// the folds are told what they missed.
func (t *Tx) begin() error {
	if err := t.exec(newHead, t.q.name); err != nil {
		return err
	}
	var size int64
	var at string
	found, err := t.row(takeHead, []any{t.q.name}, &size, &at)
	if err == nil && !found {
		err = errors.New("the journal has no head")
	}
	if err != nil {
		return err
	}
	if t.q.tree == nil || t.q.tree.Size() != size {
		t.q.memory.forget()
		if t.q.tree, err = t.q.read(t.ctx, t.db, size); err != nil {
			return err
		}
		t.q.at = at
	}
	for t.q.told < size {
		if err := t.catchUp(); err != nil {
			return err
		}
	}
	return nil
}

// finish moves the head and keeps the checkpoint that was signed before.
func (t *Tx) finish() error {
	if err := t.settle(); err != nil {
		return err
	}
	if err := t.exec(moveHead, t.q.name, t.q.tree.Size(), t.q.at); err != nil {
		return err
	}
	if t.q.signed.Size <= t.q.kept {
		return nil
	}
	return t.exec(keepCheckpoint, t.q.name, t.q.at, string(t.q.signed.checkpoint))
}

// Emit seals an event and applies it to the rows. After an error the act cannot
// end well, whatever the caller makes of it: an event is there whole or not.
func (t *Tx) Emit(e qiaomen.Event) error {
	err := t.emit(e)
	if err != nil && t.err == nil {
		t.err = err
	}
	return err
}

func (t *Tx) emit(e qiaomen.Event) error {
	name, version, data, err := qiaomen.EncodeEvent(e)
	if err != nil {
		return err
	}
	entry := journal.Entry{
		Installation: t.s.o.Installation, Journal: t.q.name, Position: t.Position() + 1, At: t.at,
		Person: t.one.act.Person, Account: t.one.act.Account, Grant: t.Grant, Key: t.one.act.Key,
		Event: name, Version: version, Data: data, Previous: t.q.tree.Last(),
	}
	t.s.o.Salt(entry.Salt[:])
	leaf, err := entry.Leaf()
	if err != nil {
		return err
	}
	if err := t.append(leaf, t.at); err != nil {
		return err
	}
	return t.apply(qiaomen.Stamp{Position: entry.Position, At: t.at, Person: entry.Person}, e)
}

// append adds a leaf to the tree. It is stored with those of the whole batch, or
// before somebody looks for entries.
func (t *Tx) append(leaf []byte, at string) error {
	hashes, err := t.q.tree.Append(leaf)
	if err != nil {
		return err
	}
	t.q.at = at
	t.sealed = append(t.sealed, sealed{t.Position(), leaf, hashes})
	return nil
}

// settle stores the entries that are not stored yet.
func (t *Tx) settle() error {
	var entries, hashes []any
	for _, e := range t.sealed[t.stored:] {
		entries = append(entries, t.q.name, e.position, string(e.leaf))
		for _, h := range e.hashes {
			hashes = append(hashes, t.q.name, h.Index, h.Hash[:])
		}
	}
	t.stored = len(t.sealed)
	return errors.Join(t.insert("entry (journal, position, leaf)", 3, entries), t.insert("hash (journal, idx, hash)", 3, hashes))
}

// insert puts rows of so many columns into a table, some at once: few texts, so
// that they stay prepared.
func (t *Tx) insert(into string, columns int, values []any) error {
	for _, rows := range []int{32, 8, 1} {
		for n := rows * columns; len(values) >= n; values = values[n:] {
			if err := t.exec(insertText(into, columns, rows), values[:n]...); err != nil {
				return err
			}
		}
	}
	return nil
}

func insertText(into string, columns, rows int) string {
	text := strings.Builder{}
	text.WriteString("INSERT INTO " + into + " VALUES ")
	for i := range rows * columns {
		switch {
		case i == 0:
			text.WriteString("(")
		case i%columns == 0:
			text.WriteString("), (")
		default:
			text.WriteString(", ")
		}
		text.WriteString("$" + strconv.Itoa(i+1))
	}
	return text.String() + ")"
}

func (t *Tx) apply(s qiaomen.Stamp, e qiaomen.Event) error {
	clear(t.made)
	clear(t.absent)
	return qiaomen.Apply(ledger{t, s.Position}, s, e)
}

// A ledger is a Tx while an event at a position is applied.
type ledger struct {
	*Tx
	position int64
}

// Find fills in the noun of that id as it stands: what it points to is the
// event's own, which may change it.
func (l ledger) Find(id string, into qiaomen.Noun) (bool, error) {
	v := l.view()
	v.recall = nil
	found, err := v.Find(id, into)
	if err == nil && !found {
		l.absent[rowKey{into.Table(), id}] = true
	}
	return found, err
}

// Put ends the row of that id and makes another.
func (l ledger) Put(n qiaomen.Noun) error {
	data, err := qiaomen.EncodeNoun(n)
	if err != nil {
		return err
	}
	t, row, key := l.Tx, n.Row(), rowKey{n.Table(), n.Row().ID}
	args := []any{t.q.name, row.ID, l.position, row.Unit, row.Kind, row.State, row.Key, string(data)}
	if t.made[key] {
		err = t.exec("UPDATE "+table(n.Table())+" SET unit = $4, kind = $5, state = $6, key = $7, data = $8 WHERE journal = $1 AND id = $2 AND made = $3", args...)
	} else {
		if !t.absent[key] {
			if err := t.exec("UPDATE "+table(n.Table())+" SET ended = $3 WHERE journal = $1 AND id = $2 AND ended IS NULL", args[:3]...); err != nil {
				return err
			}
		}
		err = t.exec("INSERT INTO "+table(n.Table())+" (journal, id, made, unit, kind, state, key, data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", args...)
	}
	if unique(err) {
		return fmt.Errorf("%w: %s %s", ErrTaken, n.Table(), row.Key)
	} else if err != nil {
		return err
	}
	t.made[key] = true
	if in, ok := t.fresh[row.ID]; ok {
		t.fresh[row.ID] = append(in, n.Table())
	}
	t.unsettle(n.Table())
	t.changes = append(t.changes, Change{n.Table(), row.ID, l.position, data, n})
	if r, ok := n.(*qiaomen.LedgerRecord); ok {
		return t.numbered(r)
	}
	return nil
}

// Add makes the row of an id that has none standing.
func (l ledger) Add(n qiaomen.Noun) error {
	if key := (rowKey{n.Table(), n.Row().ID}); !l.made[key] {
		l.absent[key] = true
	}
	return l.Put(n)
}

// End ends the row of that id. One that the same event made has never stood,
// and is taken away.
func (l ledger) End(name, id string) error {
	t, key := l.Tx, rowKey{name, id}
	t.unsettle(name)
	t.changes = append(t.changes, Change{Table: name, ID: id, Position: l.position})
	if t.made[key] {
		delete(t.made, key)
		delete(t.absent, key) // another row of that id may have stood before
		return t.exec("DELETE FROM "+table(name)+" WHERE journal = $1 AND id = $2 AND made = $3", t.q.name, id, l.position)
	}
	return t.exec("UPDATE "+table(name)+" SET ended = $3 WHERE journal = $1 AND id = $2 AND ended IS NULL", t.q.name, id, l.position)
}

// Put refuses: rows are changed by events alone.
func (t *Tx) Put(qiaomen.Noun) error { return errByEvents }

// Add refuses: rows are changed by events alone.
func (t *Tx) Add(qiaomen.Noun) error { return errByEvents }

// End refuses: rows are changed by events alone.
func (t *Tx) End(string, string) error { return errByEvents }

var errByEvents = errors.New("rows are changed by events alone")

// table is a table's name as SQL has it: some are words of the language.
func table(name string) string { return `"` + name + `"` }

// Find fills in the noun of that id as it stands.
func (t *Tx) Find(id string, into qiaomen.Noun) (bool, error) {
	return t.In(t.q.name).Find(id, into)
}

// In reads another journal's rows within the same transaction.
func (t *Tx) In(name string) *View {
	if name == t.q.name {
		return t.view()
	}
	if v := t.others[name]; v != nil {
		return v
	}
	v := &View{s: t.s, ctx: t.ctx, journal: name, query: t.query, still: t.s.engine.still}
	v.recall = once(v.bySize)
	t.others[name] = v
	return v
}

// Fresh tells that an id was made up just now: nothing stands under it, and
// nobody needs to look, until the act puts something there.
func (t *Tx) Fresh(id string) {
	if t.fresh == nil {
		t.fresh = map[string][]string{}
	}
	t.fresh[id] = nil
}

// none tells whether nothing can stand in a table under an id.
func (t *Tx) none(table, id string) bool {
	in, ok := t.fresh[id]
	return ok && !slices.Contains(in, table)
}

// view is the journal's own rows. It is ours alone: what was read of it stays
// true until an act changes it.
func (t *Tx) view() *View {
	v := &View{s: t.s, ctx: t.ctx, journal: t.q.name, query: t.query, still: true, settle: t.settle, none: t.none}
	v.recall = func() (*memory, int64, error) {
		if t.unsettled {
			return nil, 0, nil
		}
		return &t.q.memory, 1, nil
	}
	return v
}

// unsettle forgets what was remembered of the journal, where an act changes it;
// until that is committed nothing is remembered.
func (t *Tx) unsettle(table string) {
	if everyAct[table] {
		t.unsettled = true
		t.q.memory.forget()
	}
}

// exec and query run a text. The first error is kept: after it the turn cannot
// end well, whatever the caller makes of it.
func (t *Tx) exec(text string, args ...any) (err error) {
	t.wrote = true
	if st := t.texts.prepared(t.ctx, text); st != nil {
		_, err = st.ExecContext(t.ctx, args...)
	} else {
		_, err = t.db.ExecContext(t.ctx, text, args...)
	}
	if err != nil && t.err == nil && !unique(err) {
		t.err = err
	}
	return err
}

func (t *Tx) query(ctx context.Context, text string, args ...any) (rows *sql.Rows, err error) {
	if st := t.texts.prepared(ctx, text); st != nil {
		rows, err = st.QueryContext(ctx, args...)
	} else {
		rows, err = t.db.QueryContext(ctx, text, args...)
	}
	if err != nil && t.err == nil {
		t.err = err
	}
	return rows, err
}

// row scans one row, if there is one.
func (t *Tx) row(text string, args []any, into ...any) (bool, error) {
	rows, err := t.query(t.ctx, text, args...)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	if !rows.Next() {
		return false, rows.Err()
	}
	return true, errors.Join(rows.Scan(into...), rows.Close())
}

// numbered notes under which receipt number of a paper a record came in.
func (t *Tx) numbered(r *qiaomen.LedgerRecord) error {
	if r.EnteredFor == nil || r.EnteredFor.ReceivedNumber == "" {
		return nil
	}
	return t.exec(`INSERT INTO paper_number (journal, record, number) VALUES ($1, $2, $3)
		ON CONFLICT (journal, record) DO UPDATE SET number = excluded.number`, t.q.name, r.ID, r.EnteredFor.ReceivedNumber)
}

// Numbered is the records that were typed from papers of that receipt number,
// by id.
func (t *Tx) Numbered(number string) ([]*qiaomen.LedgerRecord, error) {
	rows, err := t.query(t.ctx, "SELECT record FROM paper_number WHERE journal = $1 AND number = $2 ORDER BY record", t.q.name, number)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	var out []*qiaomen.LedgerRecord
	for _, id := range ids {
		r, err := One[qiaomen.LedgerRecord](t, id)
		if err != nil {
			return nil, err
		}
		if r != nil && r.EnteredFor != nil && r.EnteredFor.ReceivedNumber == number {
			out = append(out, r)
		}
	}
	return out, nil
}
