// Package store keeps the ledger in tables, on SQLite or on PostgreSQL.
//
// There is one way in. Write asks a journal's queue for a turn, lets the caller
// decide on rows that nobody else can change meanwhile, seals the events that
// it emits and applies them to the tables, all in one transaction:
//
//	begin → take the journal's head → decide: read rows, emit events
//	      → seal, insert, apply → commit → flush the last-signed mark
//	      → sign → reply with the receipt
//
// Callers that wait for one head are committed together, so that a flush is
// everybody's. A fault is one caller's: where it comes after the first write, which
// is seldom, they all begin again, each behind a savepoint of its own. When
// committing fails the outcome is unknown to all of them; the idempotency key,
// kept in the same transaction, tells them when they ask again.
//
// There are two classes of tables. Journalled ones hold nouns (package qiaomen),
// all in one shape: which entry made a row, which ended it, a few columns to
// look it up by, and the noun itself as canonical JSON. Nothing else writes them:
// the journal replayed into an empty database gives the same rows, and any of
// them can be read as of any position. Working tables hold what is not sealed:
// drafts, personal data, secrets.
//
// Only engine.go knows that there are two engines.
package store

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/pressly/goose/v3"

	"qiaomen"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Options is what a store is opened with.
type Options struct {
	// Address is sqlite:FILE or postgres://….
	Address string
	// Folder holds the last-signed marks. It must not lie in the database, and
	// not be restored with it.
	Folder string
	// Installation is the id that every entry names.
	Installation string
	// Seed is what journals are signed with.
	Seed [ed25519.SeedSize]byte
	// Salt fills what it is given with random bytes.
	Salt func([]byte)
	// Behind opens a ledger to be looked at, also one that is behind its mark, or
	// that another program is signing. Nothing of it is written.
	Behind bool
	// Step, in tests, is called at named points of a write; an error is what the
	// machine would have answered there.
	Step func(point string) error
}

// A Store is an open ledger. It may be used by many goroutines.
type Store struct {
	o      Options
	engine engine
	write  *sql.DB
	read   *sql.DB
	aside  *sql.DB    // one more reader, for what many readers wait for
	texts  statements // of the writing side
	looks  statements // of the reading side
	copier *copier    // of SQLite's log
	met    bool       // every journal there was: one that appears now, another program began

	opening sync.Mutex // held while a line begins; mu is not, for it reads

	mu       sync.Mutex
	queues   map[string]*queue
	folds    []Fold
	shelves  map[string]*shelf
	memories map[string]*memory
	closed   bool
	fatal    error // the disk failed: nothing is written any more
	down     chan struct{}

	open   context.Context // ends when the store closes
	shut   context.CancelFunc
	behind sync.WaitGroup // what is done while others go on
}

// A Fold is kept up with what was committed: counters, a live ranking. It is
// given the changed rows of one journal, in order, before anybody is answered;
// it may keep what it is given.
type Fold func(journal string, changes []Change)

// A Change is what became of a row. Data is the noun as its table keeps it;
// empty where the row ended without another in its place.
type Change struct {
	Table, ID string
	Position  int64
	Data      []byte

	noun qiaomen.Noun // that Data is of, where it is at hand; not to be changed
}

// Record is the record that a row of them became. It is not to be changed.
func (c *Change) Record() (*qiaomen.LedgerRecord, error) {
	if r, ok := c.noun.(*qiaomen.LedgerRecord); ok {
		return r, nil
	}
	r := &qiaomen.LedgerRecord{}
	return r, qiaomen.DecodeNoun(c.Data, r)
}

// Errors that a caller has to tell apart. What a person may see of them is a
// *qiaomen.Problem beside them.
var (
	// ErrUnknown: whether it was written is not known; asking again with the
	// same key tells.
	ErrUnknown = errors.New("outcome unknown")
	// ErrBroken: the disk failed, and the program should end.
	ErrBroken = errors.New("storage is broken")
	// ErrNoRoom: nothing was written, for want of room.
	ErrNoRoom = errors.New("no room left")
	// ErrReadOnly: nothing was written, the database may not be.
	ErrReadOnly = errors.New("read-only")
	// ErrClosed: the store is closed.
	ErrClosed = errors.New("store is closed")
	// ErrTaken: another holds what was to be had only once.
	ErrTaken = errors.New("taken")
)

// Open opens a ledger, brings its tables up to date and holds every journal
// against its last-signed mark. A database that is behind, or has another
// history, is refused.
func Open(ctx context.Context, o Options) (*Store, error) {
	e, write, read, err := dial(ctx, o.Address, o.Behind)
	if err != nil {
		return nil, err
	}
	s := &Store{o: o, engine: e, write: write, read: read, queues: map[string]*queue{}, down: make(chan struct{})}
	if e.still && !o.Behind {
		s.copier = &copier{s: s}
	}
	s.open, s.shut = context.WithCancel(context.Background())
	if s.aside, err = dialAside(o.Address); err == nil {
		err = s.prepare(ctx)
	}
	if err != nil {
		s.Close()
		return nil, s.known(err)
	}
	return s, nil
}

func (s *Store) prepare(ctx context.Context) error {
	if err := s.migrate(ctx); err != nil {
		return err
	}
	names, err := s.Journals(ctx)
	if err != nil {
		return err
	}
	known, err := marked(s.o.Folder)
	if err != nil {
		return err
	}
	for _, name := range known { // of a journal that the database has lost
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		if _, err := s.queue(ctx, name); err != nil {
			return err
		}
	}
	s.met = true
	return nil
}

// migrate brings the tables up to date. In a ledger that is only looked at they
// have to be.
func (s *Store) migrate(ctx context.Context) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	up, err := goose.NewProvider(s.engine.dialect, s.write, files, goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(goMigrations()...))
	if err != nil {
		return err
	}
	if s.o.Behind {
		return s.upToDate(ctx, up)
	}
	for range len(up.ListSources()) + 1 { // another program may be quicker with any of them
		if _, err = up.Up(ctx); err == nil {
			return nil
		}
	}
	return fmt.Errorf("migrate: %w", err)
}

// Address is where the ledger is, without a password.
func (s *Store) Address() string { return mask(s.o.Address) }

// Engine is sqlite or postgres.
func (s *Store) Engine() string { return s.engine.name }

// Journals is the journals that have entries.
func (s *Store) Journals(ctx context.Context) ([]string, error) {
	return texts(ctx, s.read, "SELECT journal FROM journal WHERE size > 0 ORDER BY journal")
}

// Fold keeps f up with everything that is committed from now on.
func (s *Store) Fold(f Fold) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.folds = append(s.folds, f)
}

// Broken is closed when the disk failed and the program should end.
func (s *Store) Broken() <-chan struct{} { return s.down }

func (s *Store) fail(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fatal == nil {
		s.fatal = err
		close(s.down)
	}
	return fmt.Errorf("%w: %w", ErrBroken, err)
}

// Close waits for what is being written, and closes.
func (s *Store) Close() error {
	s.mu.Lock()
	queues := slices.Collect(maps.Values(s.queues))
	again := s.closed
	s.closed = true
	s.mu.Unlock()
	if again {
		return nil
	}
	if s.shut != nil {
		s.shut()
	}
	s.behind.Wait()
	var errs []error
	for _, q := range queues {
		errs = append(errs, q.stop())
	}
	if s.aside != nil {
		errs = append(errs, s.aside.Close())
	}
	// The writer last: it alone can leave SQLite's file whole, without a log beside it.
	return errors.Join(append(errs, s.copier.close(), s.texts.close(), s.looks.close(), s.read.Close(), s.write.Close())...)
}

func (s *Store) step(point string) error {
	if s.o.Step == nil {
		return nil
	}
	return s.o.Step(point)
}

// Origin names a journal to the world: it is what its checkpoints begin with.
func (s *Store) Origin(journal string) string { return "qiaomen/" + s.o.Installation + "/" + journal }

// Vkey is the key by which a journal's signatures are checked.
func (s *Store) Vkey(name string) (string, error) {
	_, vkey, err := s.signer(name)
	return vkey, err
}

func texts(ctx context.Context, q querier, query string, args ...any) ([]string, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// An Act is one thing a person does: whose journal it is for, who, under which
// key, when.
type Act struct {
	Journal         string
	Person, Account string
	Key             string // the same key asks for the same thing again
	Request         string // digest of what is asked: a key used for something else is refused; empty: nobody asks again
	At              time.Time
}

// A Written is what an act came to.
type Written struct {
	Journal     string
	First, Last int64 // positions; 0 where nothing was sealed
	Again       bool  // it had been done before, under the same key
	Answer      string
	Receipt     []byte
}

var _ qiaomen.Ledger = (*Tx)(nil)
