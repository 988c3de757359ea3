package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"
)

// A Folder is a store in a folder. One process at a time may have it open,
// beside any number of ReadOnly ones; all methods may be called at once.
type Folder struct {
	disk
	looker
	locks [256]sync.Mutex // over a digest's state, by its first byte
}

// OpenFolder opens a store, and makes it where there is none. Temporary files
// that were left behind are removed, and what a crash interrupted is finished.
func OpenFolder(dir string, options Options) (*Folder, error) {
	if !options.ReadOnly {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("blob: %w", err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	f := &Folder{disk: disk{root: root}}
	f.looker.open(options, f)
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
	f.looker.close()
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
	return f.finish(context.Background(), f.destroyAll, f.setApart)
}

func (f *Folder) lock(d Digest) *sync.Mutex {
	m := &f.locks[d[0]]
	m.Lock()
	return m
}

// Open gives a kept content and its size. The bytes are as the disk has them;
// OpenChecked makes sure of them.
func (f *Folder) Open(ctx context.Context, d Digest) (io.ReadSeekCloser, int64, error) {
	return f.whole(ctx, d)
}

// OpenChecked reads the content through once before it gives it: ErrDamaged if
// it is not what its digest says.
func (f *Folder) OpenChecked(ctx context.Context, d Digest) (io.ReadSeekCloser, int64, error) {
	file, size, err := f.whole(ctx, d)
	if err != nil {
		return nil, 0, err
	}
	if err := checked(ctx, file, d); err != nil {
		_ = file.Close()
		return nil, 0, err
	}
	return file, size, nil
}

func (f *Folder) whole(ctx context.Context, d Digest) (file, int64, error) {
	if err := f.served(ctx, d); err != nil {
		return nil, 0, err
	}
	file, size, err := f.openFile(d.original())
	if errors.Is(err, fs.ErrNotExist) {
		if err := f.served(ctx, d); err != nil {
			return nil, 0, err // retired just now
		}
	}
	if err != nil {
		return nil, 0, fmt.Errorf("blob: %w", err)
	}
	return file, size, nil
}
