package office

import (
	"context"
	"errors"
	"slices"

	"github.com/go-json-experiment/json"

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
		digest, err := blob.ParseDigest(a.Digest)
		if err != nil {
			return lost("文件", a.Digest)
		}
		f, err := store.One[qiaomen.EvidenceFile](d.r, a.Digest)
		if err != nil {
			return err
		}
		status, err := d.o.files.Status(digest)
		if err != nil {
			return err
		}
		switch {
		case f != nil && f.Expunged:
			return problem("这份文件已经清除", "请刷新后查看")
		case f == nil && status.State == blob.Absent:
			return lost("文件", a.Digest)
		}
		return reasoned(a.Reason)
	},
	do: func(d *desk, a *Expunging) (string, error) {
		return a.Digest, d.emit(&qiaomen.EvidenceExpunged{Digest: a.Digest, Reason: a.Reason, ProposedBy: d.proposer})
	},
})

// Expunge destroys a file that must not be here (封存清除, P4): one of the
// office proposes it, another approves. The bytes go once that is sealed, in
// every campaign, for they are kept once; digest, reason and the two people stay,
// and so do the records that stand on the file, which show it.
func (o *Office) Expunge(ctx context.Context, by Caller, a Expunging) (*Answer, error) {
	return perform(ctx, o, by, expunge, a)
}

// destroy destroys the bytes of files that were just expunged, before anybody is
// answered. What it cannot do now, FinishExpunging does.
func (o *Office) destroy(_ string, changes []store.Change) {
	for _, c := range changes {
		f := &qiaomen.EvidenceFile{}
		if c.Table == f.Table() && json.Unmarshal(c.Data, f) == nil && f.Expunged {
			_ = o.destroyFile(f.Digest)
		}
	}
}

func (o *Office) destroyFile(digest string) error {
	d, err := blob.ParseDigest(digest)
	if err != nil {
		return err
	}
	return o.files.Expunge(d)
}

// FinishExpunging destroys what was expunged and is still here, since the
// machine stopped in between; it is run at every start. It returns how many
// files there were.
func (o *Office) FinishExpunging(ctx context.Context) (int, error) {
	names, err := o.store.Journals(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
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
			d, err := blob.ParseDigest(f.Digest)
			if err != nil {
				return n, err
			}
			status, err := o.files.Status(d)
			if err == nil && status.State == blob.Expunged {
				continue
			}
			if err = errors.Join(err, o.files.Expunge(d)); err == nil {
				n++
			}
			failed = errors.Join(failed, err)
		}
	}
	return n, failed
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
