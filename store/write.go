package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"qiaomen"
	"qiaomen/journal"
)

// mostTogether is how many callers are committed at once: enough to share a
// flush, few enough that the first does not wait for the last.
const mostTogether = 128

// A turn is one caller in the line.
type turn struct {
	ctx    context.Context
	act    Act
	decide func(*Tx) error

	written Written
	err     error
	done    chan struct{}
}

// Write gives the act its turn in the journal's line: decide reads rows, which
// nobody changes meanwhile, and emits events. Where it fails nothing of it is
// kept. A key that was used before gives what it came to then, and decide is
// not called.
//
// Decide may be called again, where an act that is committed with it had to be
// undone: it begins anew then.
//
// An error wraps ErrUnknown where it is not known whether the act was done.
func (s *Store) Write(ctx context.Context, a Act, decide func(*Tx) error) (*Written, error) {
	q, err := s.queue(ctx, a.Journal)
	if err != nil {
		return nil, err
	}
	t := &turn{ctx: ctx, act: a, decide: decide, done: make(chan struct{})}
	if err := s.enter(q, t); err != nil {
		return nil, err
	}
	<-t.done
	if t.err != nil {
		return nil, t.err
	}
	return &t.written, nil
}

func (s *Store) enter(q *queue, t *turn) error {
	if s.o.Behind {
		return fmt.Errorf("%w: opened to be looked at", ErrReadOnly)
	}
	if err := s.lost(); err != nil {
		return err
	}
	select {
	case q.waiting <- t:
		return nil
	case <-q.stopped:
		return ErrClosed
	case <-t.ctx.Done():
		return t.ctx.Err()
	}
}

// lost is why nothing is written any more, if so.
func (s *Store) lost() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fatal != nil {
		return fmt.Errorf("%w: %w", ErrBroken, s.fatal)
	}
	return nil
}

func (q *queue) run() {
	for last := false; !last; {
		t := <-q.waiting
		if t == nil {
			return
		}
		batch := []*turn{t}
	gather:
		for len(batch) < mostTogether {
			select {
			case t := <-q.waiting:
				if t == nil {
					last = true
					break gather
				}
				batch = append(batch, t)
			default:
				break gather
			}
		}
		q.together(batch)
		for _, t := range batch {
			close(t.done)
		}
		q.s.copier.committed(context.Background(), q.rows)
		q.rows = 0
		q.s.texts.prepare(context.Background(), q.s.write)
	}
}

// together gives each its turn in one transaction, and finds each its answer.
func (q *queue) together(batch []*turn) {
	var added []sealed
	err := q.s.lost()
	if err == nil {
		added, err = q.commit(batch)
	}
	if err != nil {
		q.tree = nil
		for _, t := range batch {
			t.err = err
		}
		return
	}
	for _, t := range batch {
		if t.err == nil && t.written.Last > 0 {
			t.written.Receipt, t.err = q.receipt(t.written.Last, added)
		}
	}
	q.tree.Settle()
}

// errUndo ends a transaction in which an act failed that had written something:
// it can only be undone with those before it.
var errUndo = errors.New("an act has to be undone")

// commit gives each its turn, commits what they came to, and signs it. It
// returns the entries that were added, in order. Acts are refused before they
// write, as good as always: that each could be undone by itself, with a savepoint,
// is paid for only where one was not.
func (q *queue) commit(batch []*turn) ([]sealed, error) {
	added, err := q.attempt(batch, false)
	if !errors.Is(err, errUndo) {
		return added, err
	}
	if len(batch) == 1 { // nothing is left
		return nil, nil
	}
	return q.attempt(batch, true)
}

// attempt gives each its turn in one transaction. Careful is each behind a
// savepoint.
func (q *queue) attempt(batch []*turn, careful bool) ([]sealed, error) {
	ctx := context.Background()
	db, err := q.s.write.BeginTx(ctx, nil)
	if err != nil {
		return nil, q.s.known(err)
	}
	t := &Tx{s: q.s, q: q, db: db, ctx: ctx, made: map[rowKey]bool{}, absent: map[rowKey]bool{}, others: map[string]*View{}, texts: q.s.texts.within(db), careful: careful}
	moved, err := t.all(batch)
	if errors.Is(err, errUndo) {
		if failed := db.Rollback(); failed != nil {
			return nil, q.s.known(failed)
		}
		return nil, err
	}
	if err != nil {
		return nil, q.s.known(errors.Join(err, db.Rollback()))
	}
	if !moved && !t.dirty {
		err = db.Rollback()
	} else if err = q.s.step("commit"); err != nil {
		err = errors.Join(err, db.Rollback())
	} else if err := q.end(db); err != nil {
		return nil, q.undecided(err)
	}
	if err != nil {
		return nil, q.s.known(err)
	}
	if moved {
		q.kept = q.signed.Size
	}
	if err := q.s.step("committed"); err != nil {
		return nil, q.s.unsigned(err)
	}
	if err := q.sign(); err != nil {
		return nil, q.s.unsigned(err)
	}
	q.rows = len(t.changes) + len(t.sealed)
	q.tell(t.changes, q.tree.Size())
	if err := q.s.step("signed"); err != nil {
		return nil, q.s.unsigned(err)
	}
	return t.sealed, nil
}

// end commits. The shelf of the journal is told what it is about to hear of, so
// that it does not ask the rows.
func (q *queue) end(db *sql.Tx) error {
	sh := q.shelf()
	if sh != nil {
		sh.own.Store(q.tree.Size())
	}
	err := db.Commit()
	if err != nil && sh != nil {
		sh.own.Store(q.told)
	}
	return err
}

// shelf is the journal's shelf; nil: no list was asked for yet.
func (q *queue) shelf() *shelf {
	q.s.mu.Lock()
	defer q.s.mu.Unlock()
	return q.s.shelves[q.name]
}

// all takes the head, gives each its turn, and moves the head.
func (t *Tx) all(batch []*turn) (moved bool, err error) {
	if err := t.begin(); err != nil {
		return false, err
	}
	from, tree, at := t.q.tree.Size(), t.q.tree.Clone(), t.q.at
	for _, one := range batch {
		if err := t.turn(one); err != nil {
			if errors.Is(err, errUndo) {
				t.q.tree, t.q.at = tree, at
			}
			return false, err
		}
	}
	if t.q.tree.Size() == from {
		return false, nil
	}
	return true, t.finish()
}

// known is an error before anything was committed: nothing of the batch is
// there.
func (s *Store) known(err error) error {
	switch {
	case broken(err):
		return s.fail(err)
	case full(err):
		return fmt.Errorf("%w: %w", ErrNoRoom, err)
	case readOnly(err):
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	}
	return err
}

// undecided is an error of committing itself. Where the engine says that there
// was no room, and the head stands where it stood, nothing was written;
// otherwise nobody knows.
func (q *queue) undecided(err error) error {
	if broken(err) {
		return fmt.Errorf("%w: %w", ErrUnknown, q.s.fail(err))
	}
	if full(err) || readOnly(err) {
		if size, _, again := head(context.Background(), q.s.write, q.name); again == nil && size == q.told {
			return q.s.known(err)
		}
	}
	return fmt.Errorf("%w: %w", ErrUnknown, err)
}

// unsigned is an error after committing: the batch is there, and nobody can be
// given a receipt of it. Where the mark only had no room, the next batch marks
// and signs this one too.
func (s *Store) unsigned(err error) error {
	if full(err) || readOnly(err) {
		return fmt.Errorf("%w: %w", ErrUnknown, s.known(err))
	}
	return fmt.Errorf("%w: %w", ErrUnknown, s.fail(err))
}

// tell tells the folds what became of the rows, up to a position.
func (q *queue) tell(changes []Change, position int64) {
	q.s.mu.Lock()
	folds := q.s.folds
	q.s.mu.Unlock()
	if sh := q.shelf(); sh != nil {
		sh.take(changes, position)
	}
	for _, f := range folds {
		if len(changes) > 0 {
			f(q.name, changes)
		}
	}
	q.told = position
}

// turn runs one caller. What it returns is the database's own error, which ends
// the whole batch, or errUndo; the caller's is kept with it.
func (t *Tx) turn(one *turn) error {
	one.written, one.err = Written{}, nil
	if err := one.ctx.Err(); err != nil {
		one.err = err
		return nil
	}
	if t.careful {
		if err := t.exec("SAVEPOINT act"); err != nil {
			return err
		}
	}
	tree, at, changes, dirty, added, stored := t.q.tree.Clone(), t.q.at, len(t.changes), t.dirty, len(t.sealed), t.stored
	if !t.s.engine.still { // others may have committed since the last turn
		clear(t.others)
	}
	t.Grant, t.ClockBack, t.Answer = 0, false, ""
	t.one, t.first, t.dirty, t.wrote, t.err = one, tree.Size()+1, false, false, nil
	clear(t.fresh)
	err := t.decide()
	if t.err != nil && (full(t.err) || broken(t.err) || readOnly(t.err) || errors.Is(t.err, sql.ErrTxDone) || errors.Is(t.err, sql.ErrConnDone)) {
		return t.err
	}
	if err == nil {
		t.dirty = t.dirty || dirty
		if t.careful {
			return t.exec("RELEASE SAVEPOINT act")
		}
		return nil
	}
	one.written, one.err = Written{}, err
	t.q.memory.forget()
	if !t.careful && (t.wrote || t.err != nil) {
		return errUndo
	}
	t.q.tree, t.q.at, t.changes, t.dirty, t.sealed, t.stored = tree, at, t.changes[:changes], dirty, t.sealed[:added], stored
	clear(t.made)
	if t.careful {
		return errors.Join(t.exec("ROLLBACK TO SAVEPOINT act"), t.exec("RELEASE SAVEPOINT act"))
	}
	return nil
}

// decide looks the key up, lets the caller decide, and notes the key.
func (t *Tx) decide() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic while deciding: %v\n%s", p, debug.Stack())
		}
	}()
	a := t.one.act
	t.one.written.Journal = a.Journal
	if a.Key != "" {
		if again, err := t.again(a); again || err != nil {
			return err
		}
	}
	if t.at = journal.Stamp(a.At); t.at < t.q.at { // the clock went back: order is the journal's
		t.at, t.ClockBack = t.q.at, true
	}
	if err := t.one.decide(t); err != nil {
		return err
	}
	if t.err != nil { // an error that the caller did not pass on
		return t.err
	}
	return t.remember(a)
}

// remember notes what the act came to under its key.
func (t *Tx) remember(a Act) error {
	sealed := t.Position() >= t.first
	if sealed {
		t.one.written.First, t.one.written.Last = t.first, t.Position()
	}
	if a.Key == "" || !sealed && !t.dirty {
		return nil
	}
	if sealed {
		if err := t.exec("INSERT INTO act (journal, person, key, first, last) VALUES ($1, $2, $3, $4, $5)",
			a.Journal, a.Person, a.Key, t.first, t.Position()); err != nil {
			return err
		}
	}
	if a.Request == "" {
		return nil
	}
	return t.Keep("request", Work{ID: requestID(a), Data: []byte(a.Request + "\n" + t.Answer)})
}

func requestID(a Act) string { return a.Person + " " + a.Key }

const whatCame = `SELECT first, last, NULL FROM act WHERE journal = $1 AND person = $2 AND key = $3
	UNION ALL SELECT NULL, NULL, data FROM working_request WHERE journal = $1 AND id = $4`

// again tells whether the act was done before under its key, and what it came
// to.
func (t *Tx) again(a Act) (bool, error) {
	rows, err := t.query(t.ctx, whatCame, a.Journal, a.Person, a.Key, requestID(a))
	if err != nil {
		return false, err
	}
	defer rows.Close()
	var first, last sql.Null[int64]
	var request sql.Null[string]
	for rows.Next() {
		var one, two sql.Null[int64]
		var three sql.Null[string]
		if err := rows.Scan(&one, &two, &three); err != nil {
			return false, err
		}
		if one.Valid {
			first, last = one, two
		}
		if three.Valid {
			request = three
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || !first.Valid && !request.Valid {
		return false, err
	}
	asked, answer, _ := strings.Cut(request.V, "\n")
	if request.Valid && asked != a.Request {
		return false, &qiaomen.Problem{Text: "这个幂等键已经用于另一件事", Fix: "请换一个新的键再提交"}
	}
	t.one.written = Written{Journal: a.Journal, First: first.V, Last: last.V, Again: true, Answer: answer}
	return true, nil
}
