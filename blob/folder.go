package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// The folders of a Folder.
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

// Options are what a Folder may be told. The zero Options are good.
type Options struct {
	Limits Limits // none: Standard

	// Scan looks at a file for viruses before it is kept. An error that is
	// ErrHarmful puts the file into quarantine; after any other error nothing
	// is kept, and the file can be sent again.
	Scan func(path string) error

	// ReadOnly opens a Folder beside the process that writes it, or one that
	// must not be touched: nothing is made, swept or changed.
	ReadOnly bool
}

// A Folder is a store in a folder. One process at a time may have it open,
// beside any number of ReadOnly ones; all methods may be called at once.
type Folder struct {
	disk
	options Options
	locks   [256]sync.Mutex // over a digest's state, by its first byte

	later   chan Digest // whose views are to be made
	closing context.Context
	stop    context.CancelFunc
	worker  sync.WaitGroup
}

// OpenFolder opens a store, and makes it where there is none. Temporary files
// that were left behind are removed, and what a crash interrupted is finished.
func OpenFolder(dir string, options Options) (*Folder, error) {
	if options.Limits == (Limits{}) {
		options.Limits = Standard
	}
	if !options.ReadOnly {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("blob: %w", err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	f := &Folder{options: options, later: make(chan Digest, 256)}
	f.root = root
	f.closing, f.stop = context.WithCancel(context.Background())
	if options.ReadOnly {
		return f, nil
	}
	if err := f.furnish(); err != nil {
		f.stop()
		_ = root.Close()
		return nil, err
	}
	f.worker.Go(f.makeViews)
	return f, nil
}

// Close waits for the view that is being made and lets go of the folder.
func (f *Folder) Close() error {
	f.stop()
	f.worker.Wait()
	return f.root.Close()
}

func (f *Folder) furnish() error {
	for _, name := range []string{originals, derived, quarantine, expunged, temporary} {
		if err := f.root.MkdirAll(name, 0o700); err != nil {
			return fmt.Errorf("blob: %w", err)
		}
	}
	for i := range 256 {
		if err := f.root.MkdirAll(fmt.Sprintf("%s/%02x", originals, i), 0o700); err != nil {
			return fmt.Errorf("blob: %w", err)
		}
	}
	for _, name := range []string{originals, "."} {
		if err := f.syncFolder(name); err != nil {
			return err
		}
	}
	if err := f.sweep(time.Now()); err != nil {
		return err
	}
	return f.finish()
}

// sweep removes the temporary files of those who went before.
func (f *Folder) sweep(start time.Time) error {
	return f.each(temporary, func(name string) error {
		info, found, err := f.exists(name)
		if err != nil || !found || info.ModTime().After(start) {
			return err
		}
		return f.remove(name)
	})
}

// finish carries out what was written down and not done: bytes that have a
// tombstone are destroyed, bytes that have a reason are set apart.
func (f *Folder) finish() error {
	err := f.each(expunged, func(name string) error {
		d, err := ParseDigest(path.Base(name))
		if err != nil {
			return nil // not ours; Verify reports it
		}
		return f.destroyAll(d)
	})
	if err != nil {
		return err
	}
	return f.each(quarantine, func(name string) error {
		stem, isReason := strings.CutSuffix(path.Base(name), reasonSuffix)
		d, err := ParseDigest(stem)
		if err != nil || !isReason {
			return nil
		}
		return f.setApart(d)
	})
}

// each calls do with every name in a folder, however many there are.
func (f *Folder) each(folder string, do func(name string) error) error {
	dir, err := f.root.Open(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	defer dir.Close()
	for {
		entries, err := dir.ReadDir(256)
		for _, entry := range entries {
			if err := do(path.Join(folder, entry.Name())); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("blob: %w", err)
		}
	}
}

// path is a name as the operating system knows it, for a scanner.
func (f *Folder) path(name string) string {
	return filepath.Join(f.root.Name(), filepath.FromSlash(name))
}

func (f *Folder) lock(d Digest) *sync.Mutex {
	m := &f.locks[d[0]]
	m.Lock()
	return m
}

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

// Status tells the state of a content.
func (f *Folder) Status(d Digest) (Status, error) {
	if _, found, err := f.exists(d.tombstone()); err != nil || found {
		return Status{State: Expunged}, err
	}
	if _, found, err := f.exists(d.reason()); err != nil || found {
		reason, _ := f.root.ReadFile(d.reason())
		return Status{State: Quarantined, Reason: string(reason)}, err
	}
	info, found, err := f.exists(d.original())
	if err != nil || !found {
		return Status{State: Absent}, err
	}
	return Status{State: Kept, Size: info.Size()}, nil
}

// served is nil of contents that may be handed out.
func (f *Folder) served(d Digest) error {
	status, err := f.Status(d)
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

// Open gives a kept content and its size. The bytes are as the disk has them;
// OpenChecked makes sure of them.
func (f *Folder) Open(d Digest) (io.ReadSeekCloser, int64, error) {
	file, size, err := f.open(d)
	if err != nil {
		return nil, 0, err
	}
	return file, size, nil
}

// OpenChecked reads the content through once before it gives it: ErrDamaged if
// it is not what its digest says.
func (f *Folder) OpenChecked(ctx context.Context, d Digest) (io.ReadSeekCloser, int64, error) {
	file, size, err := f.open(d)
	if err != nil {
		return nil, 0, err
	}
	holds, _, err := sum(ctx, file)
	if err == nil && holds != d {
		err = refuse(ErrDamaged, "这份文件的内容与存入时不一样", "请告诉管理员，从备份恢复")
	}
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = file.Close()
		return nil, 0, err
	}
	return file, size, nil
}

func (f *Folder) open(d Digest) (*os.File, int64, error) {
	if err := f.served(d); err != nil {
		return nil, 0, err
	}
	file, err := f.root.Open(d.original())
	if err != nil {
		if err := f.served(d); err != nil {
			return nil, 0, err // retired just now
		}
		return nil, 0, fmt.Errorf("blob: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return nil, 0, fmt.Errorf("blob: %w", err)
	}
	return file, info.Size(), nil
}
