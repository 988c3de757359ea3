package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

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

	s       *Store
	q       *queue
	db      *sql.Tx
	ctx     context.Context
	one     *turn
	at      string
	first   int64            // position of the act's first entry, if it makes any
	leaves  map[int64][]byte // that the batch adds, by position
	changes []Change
	made    map[rowKey]bool // rows that the event being applied has put already
	dirty   bool            // a working table was changed
	err     error           // the database's first error in this turn
}

type rowKey struct{ table, id string }

// At is the act's time as its entries have it: never before that of the newest
// entry.
func (t *Tx) At() string { return t.at }

// Position is the position of the newest entry.
func (t *Tx) Position() int64 { return t.q.tree.Size() }

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

// append stores a leaf and the digests that it adds to the tree.
func (t *Tx) append(leaf []byte, at string) error {
	stored, err := t.q.tree.Append(leaf)
	if err != nil {
		return err
	}
	t.leaves[t.Position()], t.q.at = leaf, at
	if err := t.exec("INSERT INTO entry (journal, position, leaf) VALUES ($1, $2, $3)", t.q.name, t.Position(), string(leaf)); err != nil {
		return err
	}
	var rows []any
	for _, h := range stored {
		rows = append(rows, t.q.name, h.Index, h.Hash[:])
	}
	return t.insert("hash (journal, idx, hash)", 3, rows)
}

// insert puts rows of so many columns into a table at once.
func (t *Tx) insert(into string, columns int, values []any) error {
	if len(values) == 0 {
		return nil
	}
	text := strings.Builder{}
	text.WriteString("INSERT INTO " + into + " VALUES ")
	for i := range values {
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
	return t.exec(text.String()+")", values...)
}

func (t *Tx) apply(s qiaomen.Stamp, e qiaomen.Event) error {
	clear(t.made)
	return qiaomen.Apply(ledger{t, s.Position}, s, e)
}

// A ledger is a Tx while an event at a position is applied.
type ledger struct {
	*Tx
	position int64
}

// Put ends the row of that id and makes another.
func (l ledger) Put(n qiaomen.Noun) error {
	data, err := qiaomen.EncodeNoun(n)
	if err != nil {
		return err
	}
	t, row, key := l.Tx, n.Row(), rowKey{n.Table(), n.Row().ID}
	args := []any{t.q.name, row.ID, l.position, row.Unit, row.Kind, row.State, row.Key, string(data)}
	var before string
	if t.made[key] {
		err = t.exec("UPDATE "+table(n.Table())+" SET unit = $4, kind = $5, state = $6, key = $7, data = $8 WHERE journal = $1 AND id = $2 AND made = $3", args...)
	} else {
		if _, err := t.row("UPDATE "+table(n.Table())+" SET ended = $3 WHERE journal = $1 AND id = $2 AND ended IS NULL RETURNING data", args[:3], &before); err != nil {
			return err
		}
		err = t.exec("INSERT INTO "+table(n.Table())+" (journal, id, made, unit, kind, state, key, data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", args...)
	}
	if unique(err) {
		return fmt.Errorf("%w: %s %s", ErrTaken, n.Table(), row.Key)
	} else if err != nil {
		return err
	}
	t.made[key] = true
	t.changes = append(t.changes, Change{n.Table(), row.ID, l.position, data})
	if r, ok := n.(*qiaomen.LedgerRecord); ok {
		return t.fields(r, before)
	}
	return nil
}

// End ends the row of that id. One that the same event made has never stood,
// and is taken away.
func (l ledger) End(name, id string) error {
	t, key := l.Tx, rowKey{name, id}
	t.changes = append(t.changes, Change{Table: name, ID: id, Position: l.position})
	if t.made[key] {
		delete(t.made, key)
		return t.exec("DELETE FROM "+table(name)+" WHERE journal = $1 AND id = $2 AND made = $3", t.q.name, id, l.position)
	}
	return t.exec("UPDATE "+table(name)+" SET ended = $3 WHERE journal = $1 AND id = $2 AND ended IS NULL", t.q.name, id, l.position)
}

// Put refuses: rows are changed by events alone.
func (t *Tx) Put(qiaomen.Noun) error { return errByEvents }

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
func (t *Tx) In(name string) *View { return &View{ctx: t.ctx, journal: name, query: t.query} }

func (t *Tx) view() *View { return t.In(t.q.name) }

// exec and query run a text. The first error is kept: after it the turn cannot
// end well, whatever the caller makes of it.
func (t *Tx) exec(text string, args ...any) (err error) {
	if st := t.s.texts.prepared(text); st != nil {
		_, err = t.db.StmtContext(t.ctx, st).ExecContext(t.ctx, args...)
	} else {
		_, err = t.db.ExecContext(t.ctx, text, args...)
	}
	if err != nil && t.err == nil && !unique(err) {
		t.err = err
	}
	return err
}

func (t *Tx) query(ctx context.Context, text string, args ...any) (rows *sql.Rows, err error) {
	if st := t.s.texts.prepared(text); st != nil {
		rows, err = t.db.StmtContext(ctx, st).QueryContext(ctx, args...)
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

const (
	mostText  = 64      // runes of a text that lists sort by
	fieldUnit = 1000000 // amounts are kept in millionths
)

// fields writes what lists of records filter and sort by, where a record has not
// the fields that it had before.
func (t *Tx) fields(r *qiaomen.LedgerRecord, before string) error {
	if before != "" {
		old := &qiaomen.LedgerRecord{}
		if err := qiaomen.DecodeNoun([]byte(before), old); err != nil {
			return err
		}
		if old.Kind == r.Kind && old.Content.Name == r.Content.Name && bytes.Equal(old.Content.Fields, r.Content.Fields) && bytes.Equal(old.Set, r.Set) {
			return nil
		}
	}
	if err := t.exec("DELETE FROM record_field WHERE journal = $1 AND record = $2", t.q.name, r.ID); err != nil {
		return err
	}
	keys := map[string]any{"name": r.Content.Name}
	for _, object := range []jsontext.Value{r.Content.Fields, r.Set} {
		if len(object) == 0 {
			continue
		}
		own := map[string]jsontext.Value{}
		if err := json.Unmarshal(object, &own); err != nil {
			return err
		}
		for field, value := range own {
			keys[field] = value
		}
	}
	var rows []any
	for field, value := range keys {
		if text, number, ok := sortKeys(value); ok {
			rows = append(rows, t.q.name, r.ID, r.Kind, field, text, number)
		}
	}
	return t.insert("record_field (journal, record, kind, field, text_key, num_key)", 6, rows)
}

func sortKeys(value any) (text string, number int64, ok bool) {
	if s, plain := value.(string); plain {
		return clip(s), 0, true
	}
	raw := value.(jsontext.Value)
	switch raw.Kind() {
	case '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return "", 0, false
		}
		return clip(s), 0, true
	case 't', 'f':
		return raw.String(), 0, true
	case '0':
		n, err := qiaomen.ParseDecimal(raw.String())
		if err != nil {
			return "", 0, false
		}
		return raw.String(), n.Mul(qiaomen.Int(fieldUnit)).Clamp(), true
	}
	return "", 0, false
}

func clip(s string) string {
	if utf8.RuneCountInString(s) <= mostText {
		return s
	}
	return string([]rune(s)[:mostText])
}
