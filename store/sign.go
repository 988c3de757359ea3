package store

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"qiaomen"
	"qiaomen/journal"
)

var emptyRoot = tlog.Hash(sha256.Sum256(nil))

// A queue is a journal's line of writers, and what the one in front needs.
type queue struct {
	s       *Store
	name    string
	signer  note.Signer
	waiting chan *turn
	stopped chan struct{}

	// The loop's own.
	tree *journal.Tree // nil: to be read again
	at   string        // of the newest entry
	told int64         // position that the folds have come to
	mark *markFile
	kept int64 // size of the newest checkpoint in the database
	rows int   // that were committed just now

	memory memory // of the journal as the loop knows it

	signed signed // by the loop, under the store's mu
}

// A signed is the size and root that a journal was last signed at, with the
// signature. Nothing beyond it is shown to anybody as proved: the mark would
// not know of it.
type signed struct {
	journal.Mark
	checkpoint []byte
}

// queue is the journal's line; it begins with the first who asks.
func (s *Store) queue(ctx context.Context, name string) (*queue, error) {
	if q, err := s.line(name); q != nil || err != nil {
		return q, err
	}
	s.opening.Lock()
	defer s.opening.Unlock()
	if q, err := s.line(name); q != nil || err != nil {
		return q, err
	}
	signer, _, err := s.signer(name)
	if err != nil {
		return nil, err
	}
	q := &queue{s: s, name: name, waiting: make(chan *turn), stopped: make(chan struct{}), signer: signer}
	if err := q.open(ctx); err != nil {
		return nil, s.known(errors.Join(err, q.mark.close()))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errors.Join(ErrClosed, q.mark.close())
	}
	s.queues[name] = q
	go q.run()
	return q, nil
}

func (s *Store) line(name string) (*queue, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	return s.queues[name], nil
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
	size, at, err := head(ctx, q.s.write, q.name)
	if err != nil {
		return err
	}
	open := openMark
	if q.s.o.Behind {
		open = lookAtMark
	}
	q.mark, err = open(q.s.o.Folder, q.name, size == 0 || q.s.met)
	if errors.Is(err, fs.ErrNotExist) {
		return &qiaomen.Problem{
			Text: fmt.Sprintf("存证日志“%s”有%d条，却没有最近一次签名的记录", q.name, size),
			Fix:  "若数据文件夹换了地方，请把原来的 .mark 文件一起搬来；确认数据库完整后也可以用 qiaomen verify --adopt 重新建立",
		}
	} else if err != nil {
		return err
	}
	q.at, q.kept = at, q.mark.last.Size
	if !q.s.met { // else the folds were there before the journal
		q.told = size
	}
	if q.s.o.Behind { // to be looked at
		return q.put(q.mark.last)
	}
	if q.tree, err = q.read(ctx, q.s.write, size); err != nil {
		return err
	}
	if size == q.mark.last.Size {
		return q.put(q.mark.last)
	}
	return q.sign()
}

// read is the journal's tree as the database has it. One that is behind the
// mark, or has another history, is refused.
func (q *queue) read(ctx context.Context, db querier, size int64) (*journal.Tree, error) {
	hashes := &hashReader{ctx: ctx, db: db, journal: q.name}
	var tree *journal.Tree
	err := q.mark.last.Check(size, hashes)
	if err == nil {
		tree, err = journal.NewTree(size, hashes)
	}
	switch {
	case hashes.err != nil:
		return nil, hashes.err
	case err != nil:
		return nil, &qiaomen.Problem{Text: "存证日志“" + q.name + "”：" + err.Error(), Fix: "在查清以前不再写入；请核对备份和已发出的回执，见手册《核验》"}
	}
	return tree, nil
}

// sign moves the last-signed mark to the tree, flushes it, and only then signs.
func (q *queue) sign() error {
	m := journal.Mark{Size: q.tree.Size(), Root: q.tree.Root()}
	if m == q.signed.Mark {
		return nil
	}
	if err := q.mark.swap(m); err != nil {
		return err
	}
	if err := q.s.step("marked"); err != nil {
		return err
	}
	return q.put(m)
}

// put signs a mark.
func (q *queue) put(m journal.Mark) error {
	checkpoint, err := journal.Checkpoint{Origin: q.s.Origin(q.name), Size: m.Size, Root: m.Root}.Sign(q.signer)
	q.s.mu.Lock()
	defer q.s.mu.Unlock()
	q.signed = signed{m, checkpoint}
	return err
}

// receipt is the receipt of an entry, which the batch may have added.
func (q *queue) receipt(position int64, batch []sealed) ([]byte, error) {
	if len(batch) == 0 || position < batch[0].position {
		return q.s.receipt(context.Background(), q.s.write, q.name, position, q.signed)
	}
	proof, err := q.tree.Prove(position - 1)
	if err != nil {
		return nil, err
	}
	r := journal.Receipt{Leaf: batch[position-batch[0].position].leaf, Index: position - 1, Proof: proof, Checkpoint: q.signed.checkpoint}
	return r.Text(), nil
}

// stop ends the line once what it is writing is written.
func (q *queue) stop() error {
	close(q.stopped)
	q.waiting <- nil // the loop is between two commits when it takes this
	var err error
	if q.signed.Size > q.kept && q.s.lost() == nil {
		_, err = q.s.write.Exec(keepCheckpoint, q.name, q.at, string(q.signed.checkpoint))
	}
	return errors.Join(err, q.mark.close())
}

// Adopt makes the last-signed mark of every journal that has none. It is for a
// data folder that is new beside a database that was verified.
func Adopt(ctx context.Context, o Options) error {
	e, write, read, err := dial(ctx, o.Address, false)
	if err != nil {
		return err
	}
	s := &Store{o: o, engine: e, write: write, read: read}
	defer s.Close()
	names, err := s.Journals(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := s.adopt(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) adopt(ctx context.Context, name string) error {
	m, err := openMark(s.o.Folder, name, true)
	if err != nil {
		return err
	}
	defer m.close()
	if m.last.Size > 0 {
		return nil
	}
	size, _, err := head(ctx, s.read, name)
	if err != nil {
		return err
	}
	tree, err := journal.NewTree(size, &hashReader{ctx: ctx, db: s.read, journal: name})
	if err != nil {
		return err
	}
	return m.swap(journal.Mark{Size: size, Root: tree.Root()})
}

const (
	newHead        = "INSERT INTO journal (journal, size, at) VALUES ($1, 0, '') ON CONFLICT DO NOTHING"
	takeHead       = "UPDATE journal SET size = size WHERE journal = $1 RETURNING size, at"
	moveHead       = "UPDATE journal SET size = $2, at = $3 WHERE journal = $1"
	keepCheckpoint = `INSERT INTO working_checkpoint (journal, id, unit, owner, data) VALUES ($1, substr($2, 1, 10), '', '', $3)
		ON CONFLICT (journal, id) DO UPDATE SET data = excluded.data`
)

func head(ctx context.Context, db querier, name string) (size int64, at string, err error) {
	rows, err := db.QueryContext(ctx, "SELECT size, at FROM journal WHERE journal = $1", name)
	if err != nil {
		return 0, "", err
	}
	defer rows.Close()
	if rows.Next() {
		err = rows.Scan(&size, &at)
	}
	return size, at, errors.Join(err, rows.Err())
}

// A hashReader reads the digests of a journal's tree. A digest that is not there
// is the journal's fault; err keeps the database's own.
type hashReader struct {
	ctx     context.Context
	db      querier
	journal string
	err     error
}

// ReadHashes gives the tree what it asks for.
func (r *hashReader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		h, err := r.one(index)
		if err != nil {
			r.err = err
			return nil, err
		}
		if len(h) != sha256.Size {
			return nil, fmt.Errorf("存证日志“%s”缺少第%d个摘要", r.journal, index)
		}
		out[i] = tlog.Hash(h)
	}
	return out, nil
}

func (r *hashReader) one(index int64) (h []byte, err error) {
	rows, err := r.db.QueryContext(r.ctx, "SELECT hash FROM hash WHERE journal = $1 AND idx = $2", r.journal, index)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if rows.Next() {
		err = rows.Scan(&h)
	}
	return h, errors.Join(err, rows.Err())
}
