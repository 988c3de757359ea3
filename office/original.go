package office

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/store"
)

// A File is a kept file that was opened, with what is known of it. Whoever gets
// one closes it.
type File struct {
	io.ReadSeekCloser
	Evidence qiaomen.Evidence
	Size     int64 // of what is read: a view has another than its original
}

// OpenOriginal opens a file behind a record, byte for byte as it came. That it
// was opened is in the audit journal before it is shown. Of a file that was
// expunged, or is held apart, the error says so.
func (o *Office) OpenOriginal(ctx context.Context, by Caller, record, digest string) (*File, error) {
	seen, e, err := o.evidence(ctx, by, record, digest)
	if err != nil {
		return nil, err
	}
	if err := seen.noted(ctx, qiaomen.ActOpenOriginal, record+" "+digest, ""); err != nil {
		return nil, err
	}
	return o.open(ctx, e, o.files.Open)
}

// View opens a picture behind a record as people look at it: upright, without
// what the original says of place and camera.
func (o *Office) View(ctx context.Context, by Caller, record, digest string) (*File, error) {
	return o.shown(ctx, by, record, digest, o.files.View)
}

// Thumbnail is View, small.
func (o *Office) Thumbnail(ctx context.Context, by Caller, record, digest string) (*File, error) {
	return o.shown(ctx, by, record, digest, o.files.Thumbnail)
}

var errExpunged = fmt.Errorf("%w%w", &qiaomen.Problem{Text: "这份文件已清除，内容不再保存"}, silent{blob.ErrExpunged})

type viewer func(context.Context, blob.Digest) (io.ReadSeekCloser, int64, error)

func (o *Office) shown(ctx context.Context, by Caller, record, digest string, how viewer) (*File, error) {
	_, e, err := o.evidence(ctx, by, record, digest)
	if err != nil {
		return nil, err
	}
	return o.open(ctx, e, how)
}

func (o *Office) open(ctx context.Context, e qiaomen.Evidence, how viewer) (*File, error) {
	d, err := blob.ParseDigest(e.Digest)
	if err != nil {
		return nil, err
	}
	gone, err := o.expungedFiles(ctx, e.Digest)
	if err != nil {
		return nil, err
	}
	if gone[e.Digest] {
		return nil, errExpunged
	}
	file, size, err := how(ctx, d)
	if err != nil {
		return nil, err
	}
	return &File{file, e, size}, nil
}

// evidence finds a file behind any version of a record that the caller may open
// the files of.
func (o *Office) evidence(ctx context.Context, by Caller, record, digest string) (seen *desk, e qiaomen.Evidence, err error) {
	err = o.lookIn(ctx, by, qiaomen.ActOpenOriginal, whoseRecord(record), func(d *desk) error {
		_, versions, err := store.History[qiaomen.LedgerRecord](d.r, record)
		if err != nil {
			return err
		}
		for _, r := range slices.Backward(versions) {
			_, _, content := r.Pending()
			for _, one := range slices.Concat(r.Content.Evidence, content.Evidence) {
				if one.Digest == digest {
					seen, e = d, one
					return nil
				}
			}
		}
		return lost("佐证材料", digest)
	})
	return seen, e, err
}

// OpenPaper opens a file that a unit handed in for a duty, with the same right
// and the same note as a record's original.
func (o *Office) OpenPaper(ctx context.Context, by Caller, unit string, one Occurrence, digest string) (*File, error) {
	var seen *desk
	var e qiaomen.Evidence
	var id string
	err := o.lookIn(ctx, by, qiaomen.ActOpenOriginal, func(*desk) (string, error) { return unit, nil }, func(d *desk) error {
		w, err := d.occurrence(one.Duty, unit, one.Due)
		if err != nil {
			return err
		}
		id = qiaomen.FulfilmentID(w.Duty.ID, unit, w.Due)
		_, versions, err := store.History[qiaomen.Fulfilment](d.r, id)
		if err != nil {
			return err
		}
		for _, f := range slices.Backward(versions) {
			if i := slices.IndexFunc(f.Papers, func(e qiaomen.Evidence) bool { return e.Digest == digest }); i >= 0 {
				seen, e = d, f.Papers[i]
				return nil
			}
		}
		return lost("材料", digest)
	})
	if err != nil {
		return nil, err
	}
	if err := seen.noted(ctx, qiaomen.ActOpenOriginal, id+" "+digest, ""); err != nil {
		return nil, err
	}
	return o.open(ctx, e, o.files.Open)
}

// Unmask is the personal fields of a record as they were typed: to its own
// unit's people and to handler and reviewer, for a reason that is noted before
// they are shown (separation 24).
func (o *Office) Unmask(ctx context.Context, by Caller, record, reason string) (jsontext.Value, error) {
	return o.unmask(ctx, by, whoseRecord(record), func(*desk) (string, error) { return record, nil }, reason)
}

// UnmaskItems is the items of a personal duty that a unit handed in, as the
// contact person's telephone (五(四)), in the way of Unmask.
func (o *Office) UnmaskItems(ctx context.Context, by Caller, unit string, one Occurrence, reason string) (jsontext.Value, error) {
	whose := func(*desk) (string, error) { return unit, nil }
	return o.unmask(ctx, by, whose, func(d *desk) (string, error) {
		w, err := d.occurrence(one.Duty, unit, one.Due)
		if err != nil {
			return "", err
		}
		return qiaomen.FulfilmentID(w.Duty.ID, unit, w.Due), nil
	}, reason)
}

func (o *Office) unmask(ctx context.Context, by Caller, whose, which func(*desk) (string, error), reason string) (jsontext.Value, error) {
	var seen *desk
	var kept *store.Work
	var id string
	err := o.lookIn(ctx, by, qiaomen.ActUnmask, whose, func(d *desk) (err error) {
		if err := reasoned(reason); err != nil {
			return err
		}
		if id, err = which(d); err != nil {
			return err
		}
		seen = d
		if kept, err = d.r.(*store.View).Work("personal", id); err == nil && kept == nil {
			return problem("这里没有个人信息", "")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := seen.noted(ctx, qiaomen.ActUnmask, id, reason); err != nil {
		return nil, err
	}
	return kept.Data, nil
}
