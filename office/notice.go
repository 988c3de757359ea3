package office

import (
	"context"

	"qiaomen"
	"qiaomen/store"
)

// A NoticeInput asks for a notice (通报) to be drafted from an approved ranking.
type NoticeInput struct {
	Ranking string `json:"ranking"`
	// Issuer, To and CopyTo are offices, as the document prints them. Without an
	// issuer it is who approves results; without To it goes to all groups of units.
	Issuer string `json:"issuer,omitzero"`
	To     string `json:"to,omitzero"`
	CopyTo string `json:"copy_to,omitzero"`
	// Number and DatedOn may still wait until it is published.
	Number  string `json:"number,omitzero"`
	DatedOn string `json:"dated_on,omitzero"`
	// Replaces is the published notice that this one is to correct.
	Replaces string `json:"replaces,omitzero"`

	made  *madeNotice // before the deciding transaction
	fault error
}

var draftNotice = &act[NoticeInput]{
	action: qiaomen.ActDraftNotice,
	check: func(d *desk, a *NoticeInput) error {
		r, err := found[qiaomen.LedgerRanking](d, "排名", a.Ranking)
		if err != nil {
			return err
		}
		list, err := d.noticeable(r, a.Replaces)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			return faults(list)
		}
		return a.fault
	},
	do: func(d *desk, a *NoticeInput) (string, error) {
		n := a.notice()
		n.ID, n.Version, n.Title, n.Unfilled = d.newID("n-"), 1, a.made.title, a.made.unfilled
		n.Document, n.Tables = a.made.document, a.made.tables
		if a.Replaces != "" {
			old, err := found[qiaomen.Notice](d, "通报", a.Replaces)
			if err != nil {
				return "", err
			}
			n.Version = old.Version + 1
		}
		return n.ID, d.emit(&qiaomen.NoticeDrafted{Notice: *n})
	},
}

func (a *NoticeInput) notice() *qiaomen.Notice {
	return &qiaomen.Notice{
		Ranking: a.Ranking, Issuer: a.Issuer, To: a.To, CopyTo: a.CopyTo, Number: a.Number, DatedOn: a.DatedOn, Replaces: a.Replaces,
	}
}

// DraftNotice makes the notice of an approved ranking: Word and Excel, from what
// the ranking pins and nothing else (separation 13). Months that were reopened
// since the last notice, and units without which one was closed, are named in it.
func (o *Office) DraftNotice(ctx context.Context, by Caller, a NoticeInput) (*Answer, error) {
	a.made, a.fault = o.makeNotice(ctx, by, qiaomen.ActDraftNotice, func(*desk) (*qiaomen.Notice, error) { return a.notice(), nil })
	return perform(ctx, o, by, draftNotice, a)
}

// noticeable finds what stands in the way of a notice of a ranking.
func (d *desk) noticeable(r *qiaomen.LedgerRanking, replaces string) ([]*qiaomen.Problem, error) {
	var list []*qiaomen.Problem
	add := func(field, text, fix string) {
		list = append(list, &qiaomen.Problem{Text: text, Fix: fix, At: qiaomen.Place{Field: field}})
	}
	if r.State != qiaomen.Approved && (r.State != qiaomen.Published || replaces == "") {
		add("ranking", sayRanking(r)+"没有审定，或者已经公布过", "通报只能依据审定的排名；公布过的请用更正")
	}
	months, err := store.All[qiaomen.Month](d.r, store.Filter{})
	if err != nil {
		return nil, err
	}
	for _, m := range months {
		if (r.Final || m.ID == r.Month) && m.ReopenedAt > r.DraftedAt {
			add("ranking", sayRanking(r)+"编制之后，"+sayMonth(m.ID)+"又重新开放过", "请月结后重新编制排名")
		}
	}
	if replaces != "" {
		old, err := found[qiaomen.Notice](d, "通报", replaces)
		if err != nil {
			return nil, err
		}
		of, err := found[qiaomen.LedgerRanking](d, "排名", old.Ranking)
		if err != nil {
			return nil, err
		}
		if old.State != qiaomen.Published || of.Name != r.Name {
			add("replaces", "要更正的通报没有发布，或者不是"+sayRanking(r)+"的", "请核对编号")
		}
		return list, nil
	}
	published, err := store.All[qiaomen.Notice](d.r, store.Filter{States: []qiaomen.State{qiaomen.Published}})
	if err != nil {
		return nil, err
	}
	for _, n := range published {
		of, err := found[qiaomen.LedgerRanking](d, "排名", n.Ranking)
		if err != nil {
			return nil, err
		}
		if of.Name == r.Name {
			add("ranking", sayRanking(r)+"已有通报", "请用更正")
		}
	}
	return list, nil
}
