package store

import (
	"cmp"

	"qiaomen"
	"qiaomen/journal"
)

// mostMissed is how many entries the folds are told of at once.
const mostMissed = 1000

// catchUp tells the folds what another program committed, or what was committed
// here without our knowing, as they would have been told at the time.
func (t *Tx) catchUp() error {
	changes, last, err := t.view().missed(t.q.told)
	if err == nil {
		t.q.tell(changes, last)
	}
	return err
}

// missed is what became of the rows after a position, and up to which: the
// events are applied again, to rows as they stood before each, and nothing is
// written.
func (v *View) missed(after int64) (changes []Change, last int64, err error) {
	leaves, last, err := v.leaves(after, mostMissed)
	if err == nil && len(leaves) == 0 {
		err = absent(v.journal, after+1)
	}
	if err != nil {
		return nil, 0, err
	}
	for _, leaf := range leaves {
		e, err := journal.Open(leaf)
		if err != nil {
			return nil, 0, err
		}
		event, err := qiaomen.DecodeEvent(e.Event, e.Version, e.Data)
		if err != nil {
			return nil, 0, err
		}
		before := cmp.Or(e.Position-1, -1) // 0 would be the newest
		echo := &echo{View: v.At(before), position: e.Position, rows: map[rowKey][]byte{}}
		if err := qiaomen.Apply(echo, qiaomen.Stamp{Position: e.Position, At: e.At, Person: e.Person}, event); err != nil {
			return nil, 0, err
		}
		changes = append(changes, echo.changes...)
	}
	return changes, last, nil
}

// An echo is a qiaomen.Ledger of rows as they stood before an event. It notes
// what the event makes of them, and writes nothing.
type echo struct {
	*View
	position int64
	rows     map[rowKey][]byte // changed by the event; nil: ended
	changes  []Change
}

// Find looks among what the event changed, then among what stood before it.
func (e *echo) Find(id string, into qiaomen.Noun) (bool, error) {
	if data, ok := e.rows[rowKey{into.Table(), id}]; ok {
		if data == nil {
			return false, nil
		}
		return true, qiaomen.DecodeNoun(data, into)
	}
	return e.View.Find(id, into)
}

// Put notes the row.
func (e *echo) Put(n qiaomen.Noun) error {
	data, err := qiaomen.EncodeNoun(n)
	if err == nil {
		e.note(n.Table(), n.Row().ID, data)
	}
	return err
}

// Add notes the row.
func (e *echo) Add(n qiaomen.Noun) error { return e.Put(n) }

// End notes that the row ended.
func (e *echo) End(table, id string) error {
	e.note(table, id, nil)
	return nil
}

func (e *echo) note(table, id string, data []byte) {
	e.rows[rowKey{table, id}] = data
	e.changes = append(e.changes, Change{Table: table, ID: id, Position: e.position, Data: data})
}
