package blob

import (
	"context"
	"errors"
	"fmt"
	"path"

	"qiaomen"
)

// Quarantine holds a kept content apart: it stays, with the reason, and is
// served to nobody. The reason is what people are told.
func (f *Folder) Quarantine(ctx context.Context, d Digest, reason string) error {
	if err := f.writable(); err != nil {
		return err
	}
	defer f.lock(d).Unlock()
	status, err := f.Status(ctx, d)
	if err != nil {
		return err
	}
	if status.State == Quarantined {
		return f.setApart(ctx, d)
	}
	if err := f.served(ctx, d); err != nil {
		return err
	}
	if err := f.write(d.reason(), []byte(qiaomen.Printable(reason))); err != nil {
		return err
	}
	return f.setApart(ctx, d)
}

// setApart moves the bytes of a content whose reason is written.
func (f *Folder) setApart(_ context.Context, d Digest) error {
	if _, found, err := f.exists(d.original()); err != nil || !found {
		return errors.Join(err, f.dropViews(d))
	}
	if err := f.rename(d.original(), d.quarantined()); err != nil {
		return err
	}
	for _, folder := range []string{quarantine, path.Dir(d.original())} {
		if err := f.syncFolder(folder); err != nil {
			return err
		}
	}
	return f.dropViews(d)
}

// Release takes a content out of quarantine; it is served again.
func (f *Folder) Release(ctx context.Context, d Digest) error {
	if err := f.writable(); err != nil {
		return err
	}
	defer f.lock(d).Unlock()
	status, err := f.Status(ctx, d)
	if err != nil {
		return err
	}
	if status.State != Quarantined {
		return f.served(ctx, d)
	}
	// The reason goes last: until then the next start moves the bytes back.
	if _, found, err := f.exists(d.quarantined()); err != nil {
		return err
	} else if found {
		if err := f.rename(d.quarantined(), d.original()); err != nil {
			return err
		}
	}
	for _, folder := range []string{path.Dir(d.original()), quarantine} {
		if err := f.syncFolder(folder); err != nil {
			return err
		}
	}
	if err := f.remove(d.reason()); err != nil {
		return err
	}
	return f.syncFolder(quarantine)
}

// Expunge destroys the bytes of a content, kept or quarantined, with all that
// was made from them, and leaves a tombstone: the same content is not taken
// again, and Verify knows that it is not lost. A content that is not there gets
// its tombstone too. After an error, Expunge again. The bytes are overwritten
// as far as the file system lets one; copies in backups are not reached.
func (f *Folder) Expunge(ctx context.Context, d Digest) error {
	if err := f.writable(); err != nil {
		return err
	}
	defer f.lock(d).Unlock()
	if _, found, err := f.exists(d.tombstone()); err != nil {
		return err
	} else if !found {
		if err := f.write(d.tombstone(), []byte(d.String()+"\n")); err != nil {
			return err
		}
	}
	return f.destroyAll(ctx, d)
}

func (f *Folder) destroyAll(_ context.Context, d Digest) error {
	names := []string{d.original(), d.quarantined(), d.reason()}
	for _, suffix := range derivedSuffixes {
		names = append(names, d.shelf(derived, suffix))
	}
	for _, name := range names {
		if _, found, err := f.exists(name); err != nil {
			return fmt.Errorf("blob: %w", err)
		} else if !found {
			continue
		}
		if err := f.destroy(name); err != nil {
			return err
		}
	}
	return nil
}

// withdraw removes an original whose bytes lie in quarantine as well.
func (f *Folder) withdraw(d Digest) error {
	if err := f.remove(d.original()); err != nil {
		return err
	}
	if err := f.syncFolder(path.Dir(d.original())); err != nil {
		return err
	}
	return f.dropViews(d)
}

func (f *Folder) dropViews(d Digest) error {
	for _, suffix := range derivedSuffixes {
		if err := f.remove(d.shelf(derived, suffix)); err != nil {
			return err
		}
	}
	return nil
}
