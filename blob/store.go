package blob

import (
	"context"
	"fmt"
	"io"
	"iter"
	"path"
	"strings"
	"sync"
	"time"
)

// A Store keeps evidence: a Folder on a disk, or a Bucket at a server that
// speaks S3. Package blobtest holds each to the same tests. All methods may be
// called at once. Where a context ends first, its error is returned, and what
// was asked may have been done.
type Store interface {
	// Put keeps what it reads, and returns when it will survive a power cut; the
	// event that names the digest comes after. What is not fit to be kept is
	// refused (ErrTooLarge, ErrUnfit, ErrQuarantined, ErrExpunged) and leaves
	// nothing behind, except that ErrHarmful leaves the bytes in quarantine and
	// gives their digest. After ErrBroken the process should end.
	Put(ctx context.Context, r io.Reader, sent Sent) (Stored, error)
	// Open gives a kept content and its size. The bytes are as the store has
	// them; OpenChecked makes sure of them. The context holds for reading, too.
	Open(ctx context.Context, d Digest) (io.ReadSeekCloser, int64, error)
	// OpenChecked reads the content through once before it gives it: ErrDamaged
	// if it is not what its digest says.
	OpenChecked(ctx context.Context, d Digest) (io.ReadSeekCloser, int64, error)
	// Status tells the state of a content.
	Status(ctx context.Context, d Digest) (Status, error)

	// Look looks at a kept content again, as it is now, and adds the PHash of an
	// image. ErrUnfit or ErrHarmful says that it would not be taken today, and
	// may be a reason to Quarantine it.
	Look(ctx context.Context, d Digest) (Look, error)
	// View gives a kept image as people look at it: a JPEG of at most 2000
	// pixels a side, upright, without anything that the original says of place,
	// time or camera. It is made if it is not there. ErrNoView for what has
	// none: other formats, and images that cannot be decoded.
	View(ctx context.Context, d Digest) (io.ReadSeekCloser, int64, error)
	// Thumbnail is View with at most 320 pixels a side.
	Thumbnail(ctx context.Context, d Digest) (io.ReadSeekCloser, int64, error)

	// Quarantine holds a kept content apart: it stays, with the reason, and is
	// served to nobody. The reason is what people are told.
	Quarantine(ctx context.Context, d Digest, reason string) error
	// Release takes a content out of quarantine; it is served again.
	Release(ctx context.Context, d Digest) error
	// Expunge destroys the bytes of a content, kept or quarantined, with all
	// that was made from them, and leaves a tombstone: the same content is not
	// taken again, and Verify knows that it is not lost. A content that is not
	// there gets its tombstone too. After an error, Expunge again. Copies in
	// backups are not reached.
	Expunge(ctx context.Context, d Digest) error
	// Discard takes a kept content away that nothing names, and leaves no
	// tombstone: the same content may be sent again. That nothing names it, and
	// nothing is about to, whoever calls it makes sure of. A content in another
	// state stays.
	Discard(ctx context.Context, d Digest) error

	// Verify reads every file of the store and holds it against its digest, and
	// the digests against those that ought to exist. It gives all findings, the
	// sound ones excepted, in the order of the digests; an error ends it.
	// progress, if any, is called after each file with the files and bytes read
	// so far.
	//
	// Contents may be put meanwhile: what is younger than the beginning of
	// Verify is not called Extra. The expected ones are held in memory, 40 bytes
	// each.
	Verify(ctx context.Context, ought iter.Seq2[Expected, error], progress func(files, bytes int64)) iter.Seq2[Finding, error]

	// Each gives every content that the store knows, whatever its state, by
	// digest. What is put meanwhile may be missing; nothing is given twice.
	Each(ctx context.Context) iter.Seq2[Digest, error]
	// Copy gives a content as it lies in the store, with its size and its state,
	// quarantined ones too. Where no bytes are there the reader is nil.
	Copy(ctx context.Context, d Digest) (io.ReadCloser, int64, Status, error)
	// Restore puts a content back as a backup has it, in the state that it had;
	// r is nil where it has no bytes. ErrDamaged if they are not what the digest
	// says: then nothing is kept.
	Restore(ctx context.Context, d Digest, status Status, r io.Reader) error

	// Close ends what goes on in the background and lets go of the store.
	Close() error
}

// Options are what any store may be told. The zero Options are good.
type Options struct {
	Limits Limits // none: Standard

	// Scan looks at a file for viruses before it is kept. An error that is
	// ErrHarmful puts the file into quarantine; after any other error nothing
	// is kept, and the file can be sent again.
	Scan func(path string) error

	// ReadOnly opens a store beside the process that writes it, or one that
	// must not be touched: nothing is made, swept or changed.
	ReadOnly bool
}

// The folders of a store.
const (
	originals  = "originals"
	derived    = "derived"
	quarantine = "quarantine"
	expunged   = "expunged"
	temporary  = "temporary"

	reasonSuffix = ".reason"
)

func (d Digest) shelf(folder, suffix string) string {
	s := d.String()
	return path.Join(folder, s[:2], s[2:]+suffix)
}

func (d Digest) original() string    { return d.shelf(originals, "") }
func (d Digest) quarantined() string { return path.Join(quarantine, d.String()) }
func (d Digest) reason() string      { return d.quarantined() + reasonSuffix }
func (d Digest) tombstone() string   { return path.Join(expunged, d.String()) }

// A State is what has become of a content.
type State string

// The states. On the wire they are these words.
const (
	Absent      State = "absent"
	Kept        State = "kept"
	Quarantined State = "quarantined"
	Expunged    State = "expunged"
)

// A Status is the state of a content, with its size if kept and the reason if quarantined.
type Status struct {
	State  State
	Size   int64
	Reason string
}

// A place is where a store's files lie under their names: a folder, a bucket.
// What looks at a store (its states, views, Verify) is written over it once.
type place interface {
	// stat tells of a file; that there is none is no error.
	stat(ctx context.Context, name string) (about, bool, error)
	// each calls do with every name directly in a folder, however many there
	// are; with none where there is no such folder.
	each(ctx context.Context, folder string, do func(name string) error) error
	// read gives a file as it is; fs.ErrNotExist where there is none.
	read(ctx context.Context, name string) (io.ReadSeekCloser, int64, error)
	// whole gives a content that is served, to be read at any position.
	whole(ctx context.Context, d Digest) (file, int64, error)
	// putDerived keeps what was made of a content, unless the content has been
	// retired meanwhile.
	putDerived(ctx context.Context, d Digest, suffix string, b []byte) error
}

// about is what is known of a file without reading it.
type about struct {
	size    int64
	since   time.Time
	regular bool // not a link or the like
}

type file interface {
	io.ReadSeekCloser
	io.ReaderAt
}

// A looker is the part of a store that looks at what is kept.
type looker struct {
	options Options
	at      place

	later   chan Digest // whose views are to be made
	closing context.Context
	stop    context.CancelFunc
	worker  sync.WaitGroup
	making  turns // of the views of a content
}

func (l *looker) open(options Options, at place) {
	if options.Limits == (Limits{}) {
		options.Limits = Standard
	}
	l.options, l.at, l.later = options, at, make(chan Digest, 256)
	l.closing, l.stop = context.WithCancel(context.Background())
}

// close waits for what goes on in the background.
func (l *looker) close() {
	l.stop()
	l.worker.Wait()
}

// Status tells the state of a content.
func (l *looker) Status(ctx context.Context, d Digest) (Status, error) {
	if _, found, err := l.at.stat(ctx, d.tombstone()); err != nil || found {
		return stateOf(Expunged, err)
	}
	if _, found, err := l.at.stat(ctx, d.reason()); err != nil || found {
		status, err := stateOf(Quarantined, err)
		status.Reason = l.reason(ctx, d)
		return status, err
	}
	original, found, err := l.at.stat(ctx, d.original())
	if err != nil || !found {
		return stateOf(Absent, err)
	}
	return Status{State: Kept, Size: original.size}, nil
}

func stateOf(s State, err error) (Status, error) {
	if err != nil {
		return Status{}, err
	}
	return Status{State: s}, nil
}

// reason is why a content is in quarantine, as far as it can be read.
func (l *looker) reason(ctx context.Context, d Digest) string {
	const most = 4096
	r, _, err := l.at.read(ctx, d.reason())
	if err != nil {
		return ""
	}
	defer r.Close()
	b, _ := io.ReadAll(io.LimitReader(r, most))
	return string(b)
}

// served is nil of contents that may be handed out.
func (l *looker) served(ctx context.Context, d Digest) error {
	status, err := l.Status(ctx, d)
	if err != nil {
		return err
	}
	switch status.State {
	case Absent:
		return refuse(ErrMissing, "找不到这份文件", "请告诉管理员核对存储")
	case Quarantined:
		return refuse(ErrQuarantined, "这份文件已隔离，不能打开："+status.Reason, "请找管理员核实；确认没有问题的，可以解除隔离")
	case Expunged:
		return refuse(ErrExpunged, "这份文件已清除，内容不再保存", "")
	}
	return nil
}

// taken is nil of contents that may be put.
func (s Status) taken() error {
	switch s.State {
	case Expunged:
		return refuse(ErrExpunged, "同样内容的文件已按规定清除，不能再上传", "请上传不含涉密内容、身份证件等信息的文件")
	case Quarantined:
		return refuse(ErrQuarantined, "同样内容的文件已隔离，不能再上传："+s.Reason, "请找管理员核实")
	}
	return nil
}

// changed is nil of a store that may be changed.
func (o Options) changed() error {
	if o.ReadOnly {
		return refuse(ErrUnwritable, "存储以只读方式打开，不能存入、隔离或清除文件", "")
	}
	return nil
}

// finish carries out what was written down and not done: bytes that have a
// tombstone are destroyed, bytes that have a reason are set apart.
func (l *looker) finish(ctx context.Context, destroy, setApart func(context.Context, Digest) error) error {
	err := l.at.each(ctx, expunged, func(name string) error {
		d, err := ParseDigest(path.Base(name))
		if err != nil {
			return nil // not ours; Verify reports it
		}
		return destroy(ctx, d)
	})
	if err != nil {
		return err
	}
	return l.at.each(ctx, quarantine, func(name string) error {
		stem, isReason := strings.CutSuffix(path.Base(name), reasonSuffix)
		d, err := ParseDigest(stem)
		if err != nil || !isReason {
			return nil
		}
		return setApart(ctx, d)
	})
}

// checked reads a file through and goes back to its beginning: ErrDamaged if it
// does not hold the content.
func checked(ctx context.Context, f io.ReadSeeker, d Digest) error {
	holds, _, err := sum(ctx, f)
	if err != nil {
		return err
	}
	if holds != d {
		return damaged()
	}
	if _, err = f.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	return nil
}

func damaged() error {
	return refuse(ErrDamaged, "这份文件的内容与存入时不一样", "请告诉管理员，从备份恢复")
}

// turns let one after the other at a content.
type turns struct {
	mu   sync.Mutex
	busy map[Digest]chan struct{}
}

// take waits for the turn, or for the end of the context.
func (t *turns) take(ctx context.Context, d Digest) (release func(), err error) {
	for {
		t.mu.Lock()
		before := t.busy[d]
		if before == nil {
			mine := make(chan struct{})
			if t.busy == nil {
				t.busy = map[Digest]chan struct{}{}
			}
			t.busy[d] = mine
			t.mu.Unlock()
			return func() {
				t.mu.Lock()
				delete(t.busy, d)
				t.mu.Unlock()
				close(mine)
			}, nil
		}
		t.mu.Unlock()
		select {
		case <-before:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
