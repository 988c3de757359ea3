package store

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"qiaomen"
	"qiaomen/journal"
)

// mostTogether is how many callers are committed at once: enough to share a
// flush, few enough that the first does not wait for the last.
const mostTogether = 128

var emptyRoot = tlog.Hash(sha256.Sum256(nil))

// A queue is a journal's line of writers, and what the one in front needs.
type queue struct {
	s       *Store
	name    string
	waiting chan *turn
	stopped chan struct{}

	signer  note.Signer
	tree    *journal.Tree // nil: to be read again
	at      string        // of the newest entry
	mark    *markFile
	refused error  // the database is behind its mark: nothing is written
	signed  []byte // the newest checkpoint, kept with the next commit
}

// A turn is one caller in the line.
type turn struct {
	ctx    context.Context
	act    Act
	decide func(*Tx) error

	written Written
	err     error
	index   []int64 // of its entries in the tree
	done    chan struct{}
}

// Write gives the act its turn in the journal's line: decide reads rows, which
// nobody changes meanwhile, and emits events. Where it fails nothing of it is
// kept. A key that was used before gives what it came to then, and decide is
// not called.
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
	return &t.written, t.err
}

func (s *Store) enter(q *queue, t *turn) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return ErrClosed
	}
	if s.fatal != nil {
		s.mu.Unlock()
		return fmt.Errorf("%w: %w", ErrBroken, s.fatal)
	}
	if q.refused != nil {
		s.mu.Unlock()
		return q.refused
	}
	s.mu.Unlock()
	select {
	case q.waiting <- t:
		return nil
	case <-q.stopped:
		return ErrClosed
	case <-t.ctx.Done():
		return t.ctx.Err()
	}
}

// queue is the journal's line; it begins with the first who asks.
func (s *Store) queue(ctx context.Context, name string) (*queue, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q := s.queues[name]; q != nil {
		return q, nil
	}
	if s.closed {
		return nil, ErrClosed
	}
	signer, _, err := s.signer(name)
	if err != nil {
		return nil, err
	}
	q := &queue{s: s, name: name, waiting: make(chan *turn), stopped: make(chan struct{}), signer: signer}
	if err := q.open(ctx); err != nil {
		return nil, err
	}
	s.queues[name] = q
	go q.run()
	return q, nil
}

// signer makes a journal's key from the installation's seed: journals do not
// sign for each other.
func (s *Store) signer(name string) (note.Signer, string, error) {
	mac := hmac.New(sha256.New, s.o.Seed[:])
	mac.Write([]byte("qiaomen journal " + name))
	return journal.NewSigner(s.Origin(name), [ed25519.SeedSize]byte(mac.Sum(nil)))
}

// open holds the journal against its mark. What was committed and not signed,
// because the program ended in between, is signed now.
func (q *queue) open(ctx context.Context) error {
	size, _, err := q.head(ctx, q.s.read)
	if err != nil {
		return err
	}
	q.mark, err = openMark(q.s.o.Folder, q.name, size == 0)
	if errors.Is(err, fs.ErrNotExist) {
		return &qiaomen.Problem{
			Text: fmt.Sprintf("存证日志“%s”有%d条，却没有最近一次签名的记录", q.name, size),
			Fix:  "若数据文件夹换了地方，请把原来的 .mark 文件一起搬来；确认数据库完整后也可以用 qiaomen verify --adopt 重新建立",
		}
	} else if err != nil {
		return err
	}
	reader := q.s.hashes(ctx, q.s.read, q.name)
	if err := q.mark.last.Check(size, reader); err != nil {
		q.refused = &qiaomen.Problem{Text: err.Error(), Fix: "在查清以前不再写入；请核对备份和已发出的回执，见手册《核验》"}
		if !q.s.o.Behind {
			return errors.Join(q.refused, q.mark.file.Close())
		}
		return nil
	}
	if size == q.mark.last.Size {
		return nil
	}
	tree, err := journal.NewTree(size, reader)
	if err != nil {
		return err
	}
	return q.mark.swap(journal.Mark{Size: size, Root: tree.Root()})
}

// Adopt makes the last-signed mark of every journal that has none. It is for a
// data folder that is new beside a database that was verified.
func Adopt(ctx context.Context, o Options) error {
	_, write, read, err := dial(ctx, o.Address)
	if err != nil {
		return err
	}
	s := &Store{o: o, write: write, read: read}
	defer s.Close()
	names, err := s.Journals(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		m, err := openMark(o.Folder, name, true)
		if err != nil {
			return err
		}
		q := &queue{s: s, name: name}
		size, _, err := q.head(ctx, read)
		if err == nil && m.last.Size == 0 {
			var tree *journal.Tree
			if tree, err = journal.NewTree(size, s.hashes(ctx, read, name)); err == nil {
				err = m.swap(journal.Mark{Size: size, Root: tree.Root()})
			}
		}
		if err = errors.Join(err, m.file.Close()); err != nil {
			return err
		}
	}
	return nil
}

func (q *queue) stop() error {
	close(q.stopped)
	q.waiting <- nil // the loop is between two commits when it takes this
	var err error
	if q.signed != nil {
		_, err = q.s.write.Exec(keepCheckpoint, q.name, q.at, string(q.signed))
	}
	if q.mark != nil {
		err = errors.Join(err, q.mark.file.Close())
	}
	return err
}

func (q *queue) run() {
	for t := range q.waiting {
		if t == nil {
			return
		}
		batch := []*turn{t}
		last := false
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
		q.s.texts.prepare(context.Background(), q.s.write)
		for _, t := range batch {
			close(t.done)
		}
		if last {
			return
		}
	}
}

// together gives each its turn in one transaction, and answers all of them.
func (q *queue) together(batch []*turn) {
	err := q.s.lost()
	var c *commit
	if err == nil {
		c, err = q.commit(batch)
	}
	if err != nil {
		q.tree = nil
		for _, t := range batch {
			t.written, t.err = Written{}, err
		}
		return
	}
	for _, t := range batch {
		if t.err == nil && len(t.index) > 0 {
			t.written.Receipt, t.err = c.receipt(t.index[len(t.index)-1])
		}
	}
	if q.tree != nil {
		q.tree.Settle()
	}
}

func (s *Store) lost() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fatal != nil {
		return fmt.Errorf("%w: %w", ErrBroken, s.fatal)
	}
	return nil
}

// A commit is what a batch came to: the checkpoint that was signed over it.
type commit struct {
	q          *queue
	checkpoint []byte
	leaves     map[int64][]byte
}

func (c *commit) receipt(index int64) ([]byte, error) {
	proof, err := c.q.tree.Prove(index)
	if err != nil {
		return nil, err
	}
	r := journal.Receipt{Leaf: c.leaves[index], Index: index, Proof: proof, Checkpoint: c.checkpoint}
	return r.Text(), nil
}

const (
	newHead        = "INSERT INTO journal (journal, size, at) VALUES ($1, 0, '') ON CONFLICT DO NOTHING"
	takeHead       = "UPDATE journal SET size = size WHERE journal = $1 RETURNING size, at"
	moveHead       = "UPDATE journal SET size = $2, at = $3 WHERE journal = $1"
	keepCheckpoint = `INSERT INTO working_checkpoint (journal, id, unit, owner, data) VALUES ($1, substr($2, 1, 10), '', '', $3)
		ON CONFLICT (journal, id) DO UPDATE SET data = excluded.data`
)

func (q *queue) head(ctx context.Context, db querier) (size int64, at string, err error) {
	rows, err := db.QueryContext(ctx, "SELECT size, at FROM journal WHERE journal = $1", q.name)
	if err != nil {
		return 0, "", err
	}
	defer rows.Close()
	if rows.Next() {
		err = rows.Scan(&size, &at)
	}
	return size, at, errors.Join(err, rows.Err())
}

func (q *queue) commit(batch []*turn) (*commit, error) {
	ctx := context.Background()
	db, err := q.s.write.BeginTx(ctx, nil)
	if err != nil {
		return nil, q.s.known(err)
	}
	t := &Tx{s: q.s, q: q, db: db, ctx: ctx, leaves: map[int64][]byte{}, made: map[rowKey]bool{}}
	if err := t.begin(); err != nil {
		return nil, q.s.known(errors.Join(err, db.Rollback()))
	}
	from := q.tree.Size()
	for _, one := range batch {
		if err := t.turn(one); err != nil {
			return nil, q.s.known(errors.Join(err, db.Rollback()))
		}
	}
	size := q.tree.Size()
	if size == from && !t.dirty {
		return &commit{}, db.Rollback()
	}
	if err := t.finish(size > from); err != nil {
		return nil, q.s.known(errors.Join(err, db.Rollback()))
	}
	if err := q.s.step("commit"); err != nil {
		return nil, q.s.known(errors.Join(err, db.Rollback()))
	}
	if err := db.Commit(); err != nil {
		return nil, q.undecided(err, from)
	}
	if err := q.s.step("committed"); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnknown, q.s.fail(err))
	}
	c := &commit{q: q, leaves: t.leaves}
	if size > from {
		if err := q.sign(c, size); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnknown, q.s.fail(err))
		}
	}
	q.s.tell(q.name, t.changes)
	return c, q.s.step("signed")
}

// sign moves the last-signed mark, flushes it, and only then signs.
func (q *queue) sign(c *commit, size int64) error {
	root := q.tree.Root()
	if err := q.mark.swap(journal.Mark{Size: size, Root: root}); err != nil {
		return err
	}
	if err := q.s.step("marked"); err != nil {
		return err
	}
	var err error
	c.checkpoint, err = journal.Checkpoint{Origin: q.s.Origin(q.name), Size: size, Root: root}.Sign(q.signer)
	q.signed = c.checkpoint
	return err
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
func (q *queue) undecided(err error, from int64) error {
	if broken(err) {
		return fmt.Errorf("%w: %w", ErrUnknown, q.s.fail(err))
	}
	size, _, again := q.head(context.Background(), q.s.read)
	if again == nil && size == from && (full(err) || readOnly(err)) {
		return q.s.known(err)
	}
	return fmt.Errorf("%w: %w", ErrUnknown, err)
}

func (s *Store) tell(name string, changes []Change) {
	if len(changes) == 0 {
		return
	}
	s.mu.Lock()
	folds := s.folds
	s.mu.Unlock()
	for _, f := range folds {
		f(name, changes)
	}
}

// turn runs one caller behind a savepoint. What it returns is the database's
// own error, which ends the whole batch; the caller's is kept with it.
func (t *Tx) turn(one *turn) error {
	if err := one.ctx.Err(); err != nil {
		one.err = err
		return nil
	}
	if err := t.exec("SAVEPOINT act"); err != nil {
		return err
	}
	tree, at, changes, dirty := t.q.tree.Clone(), t.q.at, len(t.changes), t.dirty
	t.one, t.index, t.err = one, nil, nil
	err := t.decide()
	if t.err != nil && (full(t.err) || broken(t.err) || readOnly(t.err) || errors.Is(t.err, sql.ErrTxDone) || errors.Is(t.err, sql.ErrConnDone)) {
		return t.err
	}
	if err == nil {
		one.index = t.index
		return t.exec("RELEASE SAVEPOINT act")
	}
	one.err = err
	t.q.tree, t.q.at, t.changes, t.dirty = tree, at, t.changes[:changes], dirty
	clear(t.made)
	return errors.Join(t.exec("ROLLBACK TO SAVEPOINT act"), t.exec("RELEASE SAVEPOINT act"))
}

// decide looks the key up, lets the caller decide, and notes the key.
func (t *Tx) decide() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic while deciding: %v\n%s", p, debug.Stack())
		}
	}()
	a := t.one.act
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
	t.one.written.Journal = a.Journal
	if len(t.index) == 0 || a.Key == "" {
		return nil
	}
	t.one.written.First, t.one.written.Last = t.index[0]+1, t.index[len(t.index)-1]+1
	if err := t.exec("INSERT INTO act (journal, person, key, first, last) VALUES ($1, $2, $3, $4, $5)",
		a.Journal, a.Person, a.Key, t.one.written.First, t.one.written.Last); err != nil {
		return err
	}
	return t.Keep("request", Work{ID: a.Person + " " + a.Key, Data: []byte(a.Request)})
}

// again tells whether the act was done before under its key.
func (t *Tx) again(a Act) (bool, error) {
	var first, last int64
	found, err := t.row("SELECT first, last FROM act WHERE journal = $1 AND person = $2 AND key = $3", []any{a.Journal, a.Person, a.Key}, &first, &last)
	if !found || err != nil {
		return false, err
	}
	asked, err := t.Work("request", a.Person+" "+a.Key)
	if err != nil {
		return false, err
	}
	if asked != nil && string(asked.Data) != a.Request {
		return false, &qiaomen.Problem{Text: "这个幂等键已经用于另一件事", Fix: "请换一个新的键再提交"}
	}
	t.one.written = Written{Journal: a.Journal, First: first, Last: last, Again: true}
	t.one.written.Receipt, err = t.s.receiptOf(t.ctx, t.db, a.Journal, last, t.q.signer)
	return true, err
}
