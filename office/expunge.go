package office

import (
	"context"
	"errors"
	"slices"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/store"
)

// An Expunging is a file whose bytes must not be here: classified, or somebody's
// identity card.
type Expunging struct {
	Digest string `json:"digest"`
	Reason string `json:"reason"` // it stays, so it must not repeat what is destroyed
}

var expunge = twofold(&act[Expunging]{
	action: qiaomen.ActExpunge,
	about: func(d *desk, a *Expunging) (qiaomen.Subject, error) {
		s := qiaomen.Subject{Table: "evidence", ID: a.Digest}
		f, err := store.One[qiaomen.EvidenceFile](d.r, a.Digest)
		if err != nil || f == nil {
			return s, err
		}
		for _, id := range f.Records { // of bulletins, they are figures and lists
			r, err := store.One[qiaomen.LedgerRecord](d.r, id)
			if err != nil {
				return s, err
			}
			if r != nil && !slices.Contains(s.Units, r.Unit) {
				s.Units = append(s.Units, r.Unit)
			}
		}
		return s, nil
	},
	check: func(d *desk, a *Expunging) error {
		if _, err := blob.ParseDigest(a.Digest); err != nil {
			return lost("文件", a.Digest)
		}
		f, err := store.One[qiaomen.EvidenceFile](d.r, a.Digest)
		if err != nil {
			return err
		}
		if f == nil { // no record stands on it
			switch v := d.verdict(a.Digest); {
			case v.away:
				return v.problem("", qiaomen.Evidence{Digest: a.Digest, Name: a.Digest})
			case v.state == blob.Absent:
				return lost("文件", a.Digest)
			}
		} else if f.Expunged {
			return overtaken("这份文件已经清除")
		}
		return reasoned(a.Reason)
	},
	do: func(d *desk, a *Expunging) (string, error) {
		d.expunged = append(d.expunged, a.Digest)
		return a.Digest, d.emit(&qiaomen.EvidenceExpunged{Digest: a.Digest, Reason: a.Reason, ProposedBy: d.proposer})
	},
})

// Expunge destroys a file that must not be here (封存清除, P4): one of the
// office proposes it, another approves. From when that is sealed nobody can open
// the file or name it, in any campaign. Then the bytes go, for all, since they
// are kept once; where the store does not let them go, the answer's Note says so,
// and FinishExpunging destroys them. Digest, reason and the two people stay, and
// so do the records that stand on the file, which show it.
func (o *Office) Expunge(ctx context.Context, by Caller, a Expunging) (*Answer, error) {
	return perform(ctx, o, by, expunge, a)
}

// destroy destroys the bytes of files that were just expunged, and tells what is
// yet to be done.
func (o *Office) destroy(ctx context.Context, digests []string) (note string) {
	for _, digest := range digests {
		if o.destroyFile(ctx, digest) != nil {
			note = "清除已经封存，这份文件谁也打不开了；但存放的地方现在销毁不了它的内容，系统会再试"
		}
	}
	return note
}

func (o *Office) destroyFile(ctx context.Context, digest string) error {
	d, err := blob.ParseDigest(digest)
	if err != nil {
		return err
	}
	if err := o.files.Expunge(ctx, d); err != nil {
		o.halfway.Store(digest, true) // its state may be that of one destroyed
		return err
	}
	o.halfway.Delete(digest)
	return nil
}

// FinishExpunging destroys what was expunged and is still here, since the
// machine stopped in between, or the store could not be reached. It is to be
// called at every start and once in a while. It returns how many files it
// destroyed; where it cannot reach the store, an error that is
// blob.ErrUnreachable.
func (o *Office) FinishExpunging(ctx context.Context) (n int, err error) {
	names, err := o.store.Journals(ctx)
	if err != nil {
		return 0, err
	}
	var failed error
	for _, name := range names {
		var files []*qiaomen.EvidenceFile
		if err := o.read(ctx, name, func(v *store.View) (err error) {
			files, err = store.All[qiaomen.EvidenceFile](v, store.Filter{States: []qiaomen.State{expunged}})
			return err
		}); err != nil {
			return n, err
		}
		for _, f := range files {
			did, err := o.finishFile(ctx, f.Digest)
			if did {
				n++
			}
			if failed = errors.Join(failed, err); errors.Is(err, blob.ErrUnreachable) || ctx.Err() != nil {
				return n, failed
			}
		}
	}
	return n, failed
}

// finishFile destroys a file unless it was destroyed before.
func (o *Office) finishFile(ctx context.Context, digest string) (did bool, err error) {
	d, err := blob.ParseDigest(digest)
	if err != nil {
		return false, err
	}
	status, err := o.files.Status(ctx, d)
	if errors.Is(err, blob.ErrUnreachable) {
		return false, err
	}
	if _, halfway := o.halfway.Load(digest); err == nil && status.State == blob.Expunged && !halfway {
		return false, nil
	}
	err = errors.Join(err, o.destroyFile(ctx, digest))
	return err == nil, err
}

// expungedFiles is which of some files any campaign expunged. Their bytes may
// still be here, and are not to be used.
func (o *Office) expungedFiles(ctx context.Context, digests ...string) (map[string]bool, error) {
	names, err := o.store.Journals(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	return out, o.read(ctx, InstallationJournal, func(v *store.View) error {
		for _, name := range names {
			for _, digest := range digests {
				f, err := store.One[qiaomen.EvidenceFile](v.In(name), digest)
				if err != nil {
					return err
				}
				if f != nil && f.Expunged {
					out[digest] = true
				}
			}
		}
		return nil
	})
}

// expunged is the state of an evidence file whose bytes were destroyed.
const expunged qiaomen.State = "expunged"

// ExpungedOf is the files of a record that were expunged, with when, why and by
// whom: a screen shows them in the place of the file.
func (o *Office) ExpungedOf(ctx context.Context, by Caller, record string) (out []*qiaomen.EvidenceFile, err error) {
	err = o.look(ctx, by, qiaomen.ActReadOwn, whoseRecord(record), func(d *desk) error {
		r, err := d.record(record)
		if err != nil {
			return err
		}
		if d.selected(qiaomen.ActReadOwn) && !chosen(r) {
			return lost("记录", record)
		}
		_, _, pending := r.Pending()
		for _, e := range slices.Concat(r.Content.Evidence, pending.Evidence) {
			f, err := store.One[qiaomen.EvidenceFile](d.r, e.Digest)
			if err != nil {
				return err
			}
			known := slices.ContainsFunc(out, func(x *qiaomen.EvidenceFile) bool { return x.Digest == e.Digest })
			if f != nil && f.Expunged && !known {
				out = append(out, f)
			}
		}
		return nil
	})
	return out, err
}
