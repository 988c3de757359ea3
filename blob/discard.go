package blob

import (
	"context"
	"fmt"
)

// Discard takes a kept content away: Store tells of it.
func (f *Folder) Discard(ctx context.Context, d Digest) error {
	if err := f.writable(); err != nil {
		return err
	}
	defer f.lock(d).Unlock()
	status, err := f.Status(ctx, d)
	if err != nil || status.State != Kept {
		return err
	}
	names := []string{d.original()}
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

// Discard takes a kept content away, in all versions that the server has of it:
// Store tells of it.
func (b *Bucket) Discard(ctx context.Context, d Digest) error {
	if err := b.options.changed(); err != nil {
		return err
	}
	status, err := b.Status(ctx, d)
	if err != nil || status.State != Kept {
		return unkept(err)
	}
	for _, begin := range []string{d.original(), d.shelf(derived, "")} {
		if err := b.destroy(ctx, begin); err != nil {
			return unkept(err)
		}
	}
	return nil
}
