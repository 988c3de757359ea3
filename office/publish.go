package office

import (
	"cmp"
	"context"
	"io"
	"slices"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/gongwen"
	"qiaomen/store"
)

// A Publishing sends a drafted notice out, under its number and date; what is
// left out stays as the draft has it.
type Publishing struct {
	Notice  string `json:"notice"`
	Number  string `json:"number,omitzero"`   // 发文字号
	DatedOn string `json:"dated_on,omitzero"` // 成文日期, YYYY-MM-DD
	// Document is the Word file with number and date in it, and Unfilled what is
	// still marked in it to be filled in by hand; the office makes them.
	Document qiaomen.Evidence `json:"document,omitzero"`
	Unfilled []string         `json:"unfilled,omitempty"`

	made  *madeNotice
	fault error
}

var publishNotice = twofold(&act[Publishing]{
	action: qiaomen.ActPublishNotice,
	about:  func(d *desk, a *Publishing) (qiaomen.Subject, error) { return d.aboutNotice(a.Notice) },
	check: func(d *desk, a *Publishing) error {
		n, err := found[qiaomen.Notice](d, "通报", a.Notice)
		if err != nil {
			return err
		}
		if n.Replaces != "" {
			return problem("这份通报是更正稿", "请从“更正通报”发布")
		}
		return d.publishable(a, n)
	},
	do: func(d *desk, a *Publishing) (string, error) {
		return a.Notice, d.emit(&qiaomen.NoticePublished{
			ID: a.Notice, Number: a.Number, DatedOn: a.DatedOn, Document: a.Document, Unfilled: a.Unfilled,
		})
	},
})

// PublishNotice sends a notice out to all units: the handler asks, the reviewer
// does it, and never whoever approved its ranking for the leading group
// (separation 13). What goes out is made from the ranking once more, with number
// and date.
func (o *Office) PublishNotice(ctx context.Context, by Caller, a Publishing) (*Answer, error) {
	a.make(ctx, o, by, qiaomen.ActPublishNotice)
	return perform(ctx, o, by, publishNotice, a)
}

func (a *Publishing) make(ctx context.Context, o *Office, by Caller, action qiaomen.Action) {
	a.Document, a.Unfilled = qiaomen.Evidence{}, nil
	a.made, a.fault = o.makeNotice(ctx, by, action, func(d *desk) (*qiaomen.Notice, error) {
		n, err := store.One[qiaomen.Notice](d.r, a.Notice)
		if n != nil {
			n.Number, n.DatedOn = cmp.Or(a.Number, n.Number), cmp.Or(a.DatedOn, n.DatedOn)
		}
		return n, err
	})
}

func (d *desk) aboutNotice(id string) (qiaomen.Subject, error) {
	n, err := found[qiaomen.Notice](d, "通报", id)
	if err != nil {
		return qiaomen.Subject{}, err
	}
	return qiaomen.Subject{Table: "notice", ID: n.ID}, nil
}

// publishable finds everything that stands in the way of sending a draft out,
// and takes its document into what is asked.
func (d *desk) publishable(a *Publishing, n *qiaomen.Notice) error {
	r, err := found[qiaomen.LedgerRanking](d, "排名", n.Ranking)
	if err != nil {
		return err
	}
	if mine, err := d.approvedForGroup(r); err != nil {
		return err
	} else if mine {
		return d.deny("不能发布自己审定的排名")
	}
	if n.State != qiaomen.Drafted {
		return overtaken("这份通报已经发布或者作废")
	}
	list, err := d.noticeable(r, n.Replaces)
	if err != nil {
		return err
	}
	add := func(field, text, fix string) {
		list = append(list, &qiaomen.Problem{Text: text, Fix: fix, At: qiaomen.Place{Field: field}})
	}
	a.Number, a.DatedOn = cmp.Or(a.Number, n.Number), cmp.Or(a.DatedOn, n.DatedOn)
	if !gongwen.WellNumbered(a.Number) {
		add("number", "“"+qiaomen.Clip(a.Number)+"”不是发文字号", "应写成 示招办发〔2024〕6号：年份用六角括号，序号不加“第”、不补0")
	}
	others, err := store.All[qiaomen.Notice](d.r, store.Filter{})
	if err != nil {
		return err
	}
	for _, other := range others {
		if other.ID != n.ID && other.PublishedAt != "" && other.Number == a.Number {
			add("number", "发文字号“"+a.Number+"”已经用过", "请核对")
		}
	}
	switch day, err := qiaomen.ParseDate(a.DatedOn); {
	case err != nil:
		add("dated_on", "成文日期："+err.Error(), "")
	case day.String() < decidedOn(r):
		add("dated_on", "成文日期早于排名审定的"+decidedOn(r), "请核对")
	}
	if len(list) > 0 {
		return faults(list)
	}
	if a.fault != nil {
		return a.fault
	}
	if a.made != nil {
		a.Document, a.Unfilled = a.made.document, a.made.unfilled
	}
	if p := d.missing("document", a.Document); p != nil { // no form says which: it was made here
		list = append(list, p)
	}
	return faults(list)
}

// approvedForGroup tells whether the person was among those of the leading group
// who approved a ranking. What was decided on paper nobody here decided.
func (d *desk) approvedForGroup(r *qiaomen.LedgerRanking) (bool, error) {
	all, err := store.All[qiaomen.Proposal](d.r, store.Filter{Kind: qiaomen.ActApproveRanking.String(), Key: r.ID, States: []qiaomen.State{qiaomen.Approved}})
	return slices.ContainsFunc(all, func(p *qiaomen.Proposal) bool {
		return slices.ContainsFunc(p.Yes, func(y qiaomen.Yes) bool {
			return y.Role == qiaomen.GroupMember && y.Paper == nil && d.is(y.By)
		})
	}), err
}

// A Correction puts another version in a published notice's place, or
// withdraws it.
type Correction struct {
	Replaced string `json:"replaced"` // the published one
	Reason   string `json:"reason"`
	// Publishing is the draft that replaces it (NoticeInput.Replaces);
	// without a notice it is withdrawn.
	Publishing
}

var correctNotice = twofold(&act[Correction]{
	action: qiaomen.ActCorrectNotice,
	about:  func(d *desk, a *Correction) (qiaomen.Subject, error) { return d.aboutNotice(a.Replaced) },
	check: func(d *desk, a *Correction) error {
		old, err := found[qiaomen.Notice](d, "通报", a.Replaced)
		if err != nil {
			return err
		}
		if old.State != qiaomen.Published {
			return overtaken("这份通报没有发布，或者已经更正、撤回")
		}
		if err := reasoned(a.Reason); err != nil {
			return err
		}
		if a.Notice == "" {
			return nil
		}
		n, err := found[qiaomen.Notice](d, "通报", a.Notice)
		if err != nil {
			return err
		}
		if n.Replaces != old.ID {
			return problem("这份通报稿不是更正它的", "起草时请选要更正的通报")
		}
		return d.publishable(&a.Publishing, n)
	},
	do: func(d *desk, a *Correction) (string, error) {
		err := d.emit(&qiaomen.NoticeCorrected{ID: a.Replaced, Reason: a.Reason, By: a.Notice})
		if err != nil || a.Notice == "" {
			return a.Replaced, err
		}
		_, err = publishNotice.do(d, &a.Publishing)
		return a.Replaced, err
	},
})

// CorrectNotice replaces a published notice by a better version, or withdraws
// it, with a reason: the handler asks, the leading group decides. The old one
// stays in the ledger, marked so, and its ranking can still be recomputed.
func (o *Office) CorrectNotice(ctx context.Context, by Caller, a Correction) (*Answer, error) {
	if a.Notice != "" {
		a.make(ctx, o, by, qiaomen.ActCorrectNotice)
	}
	return perform(ctx, o, by, correctNotice, a)
}

// Notices is what was published and holds, the newest first. Everybody may read
// it, signed in or not.
func (o *Office) Notices(ctx context.Context, by Caller) (out []*qiaomen.Notice, err error) {
	err = o.lookPublished(ctx, by, func(d *desk) error {
		out, err = store.All[qiaomen.Notice](d.r, store.Filter{States: []qiaomen.State{qiaomen.Published}})
		slices.SortStableFunc(out, func(a, b *qiaomen.Notice) int { return compare(b.PublishedAt, a.PublishedAt) })
		return err
	})
	return out, err
}

// Notice is one notice. Drafts, and what was replaced or withdrawn, only those
// see who may read rankings before publication.
func (o *Office) Notice(ctx context.Context, by Caller, id string) (n *qiaomen.Notice, err error) {
	err = o.lookPublished(ctx, by, func(d *desk) error {
		n, err = d.readableNotice(id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return n, nil
}

func (d *desk) readableNotice(id string) (*qiaomen.Notice, error) {
	n, err := found[qiaomen.Notice](d, "通报", id)
	if err != nil {
		return nil, err
	}
	if n.State == qiaomen.Published {
		return n, nil
	}
	if err := d.publishedOr(false, true); err != nil {
		return nil, err
	}
	if err := d.asEvaluator(); err != nil {
		return nil, err
	}
	if hidden, err := d.unseen(); err != nil {
		return nil, err
	} else if len(hidden) > 0 { // a notice says how everybody did
		return nil, d.aside(qiaomen.Subject{Units: hidden})
	}
	return n, nil
}

// NoticeFile opens one of a notice's files by its digest: its document or its
// tables, or the document that a publication which still waits would send out.
func (o *Office) NoticeFile(ctx context.Context, by Caller, id, digest string) (file io.ReadSeekCloser, e qiaomen.Evidence, err error) {
	err = o.lookPublished(ctx, by, func(d *desk) error {
		n, err := d.readableNotice(id)
		if err != nil {
			return err
		}
		files := []qiaomen.Evidence{n.Document, n.Tables}
		if d.publishedOr(false, true) == nil {
			waiting, err := d.waitingDocuments(n.ID)
			if err != nil {
				return err
			}
			files = append(files, waiting...)
		}
		i := slices.IndexFunc(files, func(f qiaomen.Evidence) bool { return f.Digest == digest && digest != "" })
		if i < 0 {
			return lost("文件", digest)
		}
		e = files[i]
		return nil
	})
	if err != nil {
		return nil, e, err
	}
	f, err := o.open(ctx, e, o.files.Open)
	if err != nil {
		return nil, e, err
	}
	return f, e, nil
}

// waitingDocuments is what proposals would send out in a notice's name.
func (d *desk) waitingDocuments(notice string) ([]qiaomen.Evidence, error) {
	var out []qiaomen.Evidence
	for _, action := range []qiaomen.Action{qiaomen.ActPublishNotice, qiaomen.ActCorrectNotice} {
		all, err := store.All[qiaomen.Proposal](d.r, store.Filter{Kind: action.String(), States: []qiaomen.State{qiaomen.Pending}})
		if err != nil {
			return nil, err
		}
		for _, p := range all {
			var a Publishing
			if err := json.Unmarshal(p.Args, &a); err != nil {
				return nil, err
			}
			if a.Notice == notice {
				out = append(out, a.Document)
			}
		}
	}
	return out, nil
}

var readNotice = &act[Named]{
	action: qiaomen.ActReadPublished,
	about:  func(d *desk, a *Named) (qiaomen.Subject, error) { return d.aboutNotice(a.ID) },
	check: func(d *desk, a *Named) error {
		n, err := found[qiaomen.Notice](d, "通报", a.ID)
		if err != nil {
			return err
		}
		if n.State != qiaomen.Published {
			return lost("通报", a.ID)
		}
		if len(d.ownUnits()) == 0 {
			return d.deny("不能签收：您不是被考核单位的人员")
		}
		return nil
	},
	do: func(d *desk, a *Named) (string, error) {
		n, err := found[qiaomen.Notice](d, "通报", a.ID)
		if err != nil {
			return "", err
		}
		for _, g := range d.ownUnits() {
			if n.Receipts[g.Unit] != "" {
				continue
			}
			d.using = g
			if err := d.emit(&qiaomen.NoticeRead{ID: a.ID, Unit: g.Unit}); err != nil {
				return "", err
			}
		}
		return a.ID, nil
	},
}

// ownUnits is the grants by which the person is of a unit here, one a unit.
func (d *desk) ownUnits() (out []*qiaomen.Grant) {
	for _, g := range d.grants {
		if g.Role.OfUnit() && d.holds(g) && !slices.ContainsFunc(out, func(x *qiaomen.Grant) bool { return x.Unit == g.Unit }) {
			out = append(out, g)
		}
	}
	return out
}

// ReadNotice notes that somebody of a unit opened a published notice: the unit's
// receipt (M2). The first counts.
func (o *Office) ReadNotice(ctx context.Context, by Caller, notice string) (*Answer, error) {
	return perform(ctx, o, by, readNotice, Named{notice})
}
