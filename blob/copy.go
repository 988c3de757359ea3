package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"
)

// Each gives every content that the store knows, whatever its state, by digest:
// those that are kept, quarantined, expunged. It is what a backup copies. What
// is put meanwhile may be missing; nothing is given twice.
func (l *looker) Each(ctx context.Context) iter.Seq2[Digest, error] {
	return func(yield func(Digest, error) bool) {
		apart, err := l.digests(ctx, quarantine, "")
		if err == nil {
			var gone []Digest
			gone, err = l.digests(ctx, expunged, "")
			apart = append(apart, gone...)
		}
		for i := 0; i < 256 && err == nil; i++ {
			shelf := fmt.Sprintf("%02x", i)
			var all []Digest
			if all, err = l.digests(ctx, path.Join(originals, shelf), shelf); err != nil {
				break
			}
			for _, d := range apart {
				if d[0] == byte(i) {
					all = append(all, d)
				}
			}
			slices.SortFunc(all, Digest.compare)
			for _, d := range slices.Compact(all) {
				if !yield(d, nil) {
					return
				}
			}
		}
		if err != nil {
			yield(Digest{}, err)
		}
	}
}

func (d Digest) compare(other Digest) int { return slices.Compare(d[:], other[:]) }

// digests is the contents that a folder has files of; names of files there are
// without a prefix.
func (l *looker) digests(ctx context.Context, folder, prefix string) (out []Digest, err error) {
	err = l.at.each(ctx, folder, func(name string) error {
		if d, err := ParseDigest(prefix + strings.TrimSuffix(path.Base(name), reasonSuffix)); err == nil {
			out = append(out, d) // else it is not ours; Verify reports it
		}
		return nil
	})
	return out, err
}

// Copy gives a content as it lies in the store, with its size and its state,
// quarantined ones too. Where no bytes are there the reader is nil: an expunged
// content, and one that was quarantined before it came.
func (l *looker) Copy(ctx context.Context, d Digest) (io.ReadCloser, int64, Status, error) {
	for range 3 { // it may be set apart, released or expunged between looking and opening
		status, err := l.Status(ctx, d)
		if err != nil {
			return nil, 0, status, err
		}
		name := d.original()
		switch status.State {
		case Expunged, Absent:
			return nil, 0, status, nil
		case Quarantined:
			name = d.quarantined()
		}
		r, size, err := l.at.read(ctx, name)
		if errors.Is(err, fs.ErrNotExist) && status.State == Quarantined { // a Bucket leaves them where they are
			r, size, err = l.at.read(ctx, d.original())
		}
		if err == nil {
			return r, size, status, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, 0, status, fmt.Errorf("blob: %w", err)
		}
	}
	status, err := l.Status(ctx, d)
	return nil, 0, status, err
}

// Restore puts a content back as a backup has it, in the state that it had; r is
// nil where it has no bytes. ErrDamaged if they are not what the digest says:
// then nothing is kept. The content was inspected when it first came, under the
// rules of that day, and is not judged again.
func (f *Folder) Restore(ctx context.Context, d Digest, status Status, r io.Reader) error {
	if err := f.writable(); err != nil {
		return err
	}
	defer f.lock(d).Unlock()
	switch status.State {
	case Expunged:
		return f.write(d.tombstone(), []byte(d.String()+"\n"))
	case Quarantined:
		if err := f.write(d.reason(), []byte(status.Reason)); err != nil || r == nil {
			return err
		}
		return f.restore(ctx, d, d.quarantined(), r)
	case Kept:
		return f.restore(ctx, d, d.original(), r)
	}
	return fmt.Errorf("blob: a content cannot be restored as %s", status.State)
}

// Restore puts a content back as a backup has it: Folder.Restore tells of it.
func (b *Bucket) Restore(ctx context.Context, d Digest, status Status, r io.Reader) error {
	if err := b.options.changed(); err != nil {
		return err
	}
	var err error
	switch status.State {
	case Expunged:
		return unkept(b.write(ctx, d.tombstone(), []byte(d.String()+"\n")))
	case Quarantined:
		err = b.write(ctx, d.reason(), []byte(status.Reason))
	case Kept:
	default:
		return fmt.Errorf("blob: a content cannot be restored as %s", status.State)
	}
	if err == nil && r != nil {
		err = b.restore(ctx, d, r)
	}
	return unkept(err)
}

func (b *Bucket) restore(ctx context.Context, d Digest, r io.Reader) error {
	t, err := b.spool.draft()
	if err != nil {
		return err
	}
	defer t.discard()
	holds, size, err := sum(ctx, io.TeeReader(r, t))
	if err != nil {
		return err
	}
	if holds != d {
		return damaged()
	}
	_, err = b.keep(ctx, d.original(), t, size, d, true)
	return err
}

func (f *Folder) restore(ctx context.Context, d Digest, name string, r io.Reader) error {
	t, err := f.draft()
	if err != nil {
		return err
	}
	defer t.discard()
	holds, _, err := sum(ctx, io.TeeReader(r, t))
	if err != nil {
		return err
	}
	if holds != d {
		return damaged()
	}
	return t.seal(name)
}
