package office

import (
	"context"
	"errors"
	"time"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/store"
)

const (
	// uploadsLast is how long a file lies here that no act names.
	uploadsLast = 24 * time.Hour
	// uploadsOver is how long after that it is taken away: an act that was about
	// to name it has long been decided.
	uploadsOver = time.Hour
)

// SweepUploads takes away files that were sent more than a day ago and that no
// act has named, and returns how many. It is to be called once in a while.
//
// It goes in two steps. First a file is over: no act may name it any more, but
// sent again it is as new. An hour later nobody can be about to name it; what no
// journal and no draft names by then is taken away with its bytes.
func (o *Office) SweepUploads(ctx context.Context) (gone int, err error) {
	names, err := o.store.Journals(ctx)
	if err != nil {
		return 0, err
	}
	now := o.now()
	var named map[string]int64 // once it is needed
	for _, journal := range names {
		all, err := o.uploadsOf(ctx, journal)
		if err != nil {
			return gone, err
		}
		for digest, u := range all {
			switch {
			case u.Over == "" && u.At < qiaomen.MomentOf(now.Add(-uploadsLast)).UTC():
				if err := o.overNow(ctx, journal, digest); err != nil {
					return gone, err
				}
			case u.Over != "" && u.Over < qiaomen.MomentOf(now.Add(-uploadsOver)).UTC():
				if named == nil {
					if named, err = o.named(ctx); err != nil {
						return gone, err
					}
				}
				_, stays := named[digest]
				took, err := o.takeAway(ctx, journal, digest, u.Over, stays)
				if err != nil {
					return gone, err
				}
				if took {
					gone++
				}
			}
		}
	}
	return gone, nil
}

// uploadsOf is the files of a journal that no act named, by digest.
func (o *Office) uploadsOf(ctx context.Context, journal string) (map[string]upload, error) {
	out := map[string]upload{}
	err := o.read(ctx, journal, func(v *store.View) error {
		all, err := v.Works("upload", "", "")
		if err != nil {
			return err
		}
		for _, w := range all {
			var u upload
			if err := json.Unmarshal(w.Data, &u); err != nil {
				return err
			}
			out[w.ID] = u
		}
		return nil
	})
	return out, err
}

// overNow says of a file that no act may name it any more.
func (o *Office) overNow(ctx context.Context, journal, digest string) error {
	return o.changeUpload(ctx, journal, digest, func(tx *store.Tx, w *store.Work, u *upload) error {
		if u.Over != "" || u.At >= qiaomen.MomentOf(o.now().Add(-uploadsLast)).UTC() { // sent again meanwhile
			return nil
		}
		u.Over = tx.At()
		return keepUpload(tx, w, u)
	})
}

// takeAway takes a file away that was over when it was looked at, unless it was
// sent again meanwhile; one that something names keeps its bytes. That they go is
// written down first, so that nobody sends the file in the meantime; what a crash
// interrupts the next sweep finishes.
func (o *Office) takeAway(ctx context.Context, journal, digest, over string, stays bool) (took bool, err error) {
	parsed, err := blob.ParseDigest(digest)
	if err != nil {
		return false, err
	}
	names, err := o.store.Journals(ctx)
	if err != nil {
		return false, err
	}
	err = o.changeUpload(ctx, journal, digest, func(tx *store.Tx, w *store.Work, u *upload) error {
		if u.Over != over {
			return nil
		}
		for _, other := range names { // it may be new in another campaign, or named there
			if other == journal || stays {
				continue
			}
			theirs, named, err := uploaded(tx.In(other), digest)
			if err != nil {
				return err
			}
			stays = named || len(theirs.Senders) > 0
		}
		if stays {
			return tx.Drop("upload", digest)
		}
		took, u.Going = true, true
		return keepUpload(tx, w, u)
	})
	if err != nil || !took {
		return false, err
	}
	if err := o.files.Discard(ctx, parsed); err != nil {
		return false, err
	}
	return true, o.changeUpload(ctx, journal, digest, func(tx *store.Tx, _ *store.Work, _ *upload) error {
		return tx.Drop("upload", digest)
	})
}

// going tells whether a file is being taken away now.
func (d *desk) going(digest string) (bool, error) {
	names, err := d.o.store.Journals(context.Background())
	for _, name := range names {
		u, _, err := uploaded(d.tx.In(name), digest)
		if err != nil || u.Going {
			return true, err
		}
	}
	return false, err
}

// stillThere looks at a file again after it was noted that it was sent: as one
// that no act named it may have been taken away just before.
func (o *Office) stillThere(ctx context.Context, e qiaomen.Evidence) error {
	files := verdicts{}
	if err := o.ask(ctx, []string{e.Digest}, files); err != nil {
		return err
	}
	if p := files[e.Digest].problem("", e); p != nil {
		return p
	}
	return nil
}

func keepUpload(tx *store.Tx, w *store.Work, u *upload) (err error) {
	if w.Data, err = json.Marshal(u, json.Deterministic(true)); err != nil {
		return err
	}
	w.Weight = u.Found.Size
	return tx.Keep("upload", *w)
}

var errSwept = errors.New("nothing to sweep")

// changeUpload changes the row of a file that no act named, if it is there.
func (o *Office) changeUpload(ctx context.Context, journal, digest string, change func(*store.Tx, *store.Work, *upload) error) error {
	_, err := o.store.Write(ctx, store.Act{Journal: journal, Key: randomKey(), At: o.now()}, func(tx *store.Tx) error {
		w, err := tx.Work("upload", digest)
		if err != nil {
			return err
		}
		if w == nil {
			return errSwept
		}
		var u upload
		if err := json.Unmarshal(w.Data, &u); err != nil {
			return err
		}
		return change(tx, w, &u)
	})
	if errors.Is(err, errSwept) {
		return nil
	}
	return err
}
