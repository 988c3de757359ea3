package office

import (
	"context"
	"errors"
	"slices"
	"sync"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/store"
)

// The store of evidence may be slow, or away, and nobody else shall wait for it:
// it is not asked within a journal's line, nor while a view of the ledger is
// held. What has to know of files goes through once as though all were there, so
// that it is known which they are; nothing of that is kept. Then those are asked
// for, outside, and it goes again (withFiles).
//
// What was found so may be older than the act. Bytes go in two ways only, and
// both are acts in the line, seen there: a file that was expunged since is one
// that missing refuses, and one that was swept nobody may name (mayName).

// A verdict is what was found of a file.
type verdict struct {
	state blob.State
	away  bool // the store could not be reached
}

// verdicts is what was found, by digest.
type verdicts map[string]verdict

// unasked is the end of a try that has to know of more files.
type unasked struct{ digests []string }

func (*unasked) Error() string { return "files have to be asked for first" }

// withFiles tries something, and again with what was found of the files that it
// had to know of.
func (o *Office) withFiles(ctx context.Context, try func(verdicts) error) error {
	files := verdicts{}
	for {
		err := try(files)
		more, ok := errors.AsType[*unasked](err)
		if !ok {
			return err
		}
		if err := o.ask(ctx, more.digests, files); err != nil {
			return err
		}
	}
}

// settle puts an end off that hangs on files which were not asked for.
func (d *desk) settle(err error) error {
	_, wrong := errors.AsType[*qiaomen.Problem](err)
	if len(d.unasked) == 0 || err != nil && !wrong {
		return err
	}
	return &unasked{d.unasked}
}

// verdict is what was found of a file; of one not asked for, that it is there.
func (d *desk) verdict(digest string) verdict {
	v, asked := d.files[digest]
	if !asked {
		d.unasked = append(d.unasked, digest)
		return verdict{state: blob.Kept}
	}
	return v
}

// missing is why an act may not name a file, or nil: its bytes are kept.
func (d *desk) missing(field string, e qiaomen.Evidence) *qiaomen.Problem {
	if _, err := blob.ParseDigest(e.Digest); err != nil {
		return missingFile(field, e)
	}
	f, err := store.One[qiaomen.EvidenceFile](d.r, e.Digest)
	if err != nil { // a database that fails now fails the act anyway
		return missingFile(field, e)
	}
	if f != nil && f.Expunged {
		return verdict{state: blob.Expunged}.problem(field, e)
	}
	return d.verdict(e.Digest).problem(field, e)
}

// problem is what is wrong with a file of which that was found, or nil.
func (v verdict) problem(field string, e qiaomen.Evidence) *qiaomen.Problem {
	name, at := "文件“"+qiaomen.Clip(e.Name)+"”", qiaomen.Place{Field: field}
	switch {
	case v.away:
		return &qiaomen.Problem{
			Code: qiaomen.Unavailable, Text: "存放文件的地方现在连不上，不能核对" + name + "在不在", At: at,
			Fix: "已经上传的文件和填写的内容都没有丢失；请稍后再提交，一再出现的请告诉管理员",
		}
	case v.state == blob.Kept:
		return nil
	case v.state == blob.Expunged:
		return &qiaomen.Problem{Text: name + "已按规定清除，不能再用", Fix: "请去掉它，改用不含涉密内容、身份证件等信息的文件", At: at}
	}
	return missingFile(field, e)
}

func missingFile(field string, e qiaomen.Evidence) *qiaomen.Problem {
	return &qiaomen.Problem{Text: "没有收到文件“" + qiaomen.Clip(e.Name) + "”", Fix: "请重新上传", At: qiaomen.Place{Field: field}}
}

// askedAtOnce is for how many files one caller asks the store at the same time.
const askedAtOnce = 8

// ask finds out about files. That the store cannot be reached is a finding, too;
// any other failure ends it.
func (o *Office) ask(ctx context.Context, digests []string, files verdicts) error {
	digests = slices.Compact(slices.Sorted(slices.Values(digests)))
	gone, err := o.expungedFiles(ctx, digests...)
	if err != nil {
		return err
	}
	found, failed := make([]verdict, len(digests)), make([]error, len(digests))
	slots := make(chan struct{}, askedAtOnce)
	var all sync.WaitGroup
	for i, digest := range digests {
		if gone[digest] {
			found[i].state = blob.Expunged
			continue
		}
		slots <- struct{}{}
		all.Go(func() {
			found[i], failed[i] = o.askFor(ctx, digest)
			<-slots
		})
	}
	all.Wait()
	if err := errors.Join(failed...); err != nil {
		return err
	}
	for i, digest := range digests {
		files[digest] = found[i]
	}
	return nil
}

func (o *Office) askFor(ctx context.Context, digest string) (verdict, error) {
	d, err := blob.ParseDigest(digest)
	if err != nil {
		return verdict{}, err
	}
	status, err := o.files.Status(ctx, d)
	if errors.Is(err, blob.ErrUnreachable) {
		return verdict{away: true}, nil
	}
	return verdict{state: status.State}, err
}
