package office

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/scheme"
	"qiaomen/store"
)

// Engine is the version of the arithmetic that a ranking is pinned with: of
// everything between the rows of the ledger and the result's JSON (book.go, and
// packages records, scheme and qiaomen as far as that depends on them). It
// changes when, and only when, some ledger and rules would give another result
// than before: a mended rule, another sentence for what is pending. Rankings of
// an older engine are then recomputed by the new one, and what differs is shown.
const Engine = "1"

// A RankingInput asks for a ranking to be drafted: of a month, or the final one.
type RankingInput struct {
	Month string `json:"month,omitzero"` // 2024-01; empty of the final one
	Final bool   `json:"final,omitzero"`
	// Cutoff is the last day on which deeds are seen. By default it is the day of
	// the month on which the office owes its ranking (the 25th), or, of the final
	// one, the campaign's last day.
	Cutoff   string            `json:"cutoff,omitzero"`
	Position int64             `json:"position,omitzero"` // of the journal; 0: the newest
	Round    string            `json:"round,omitzero"`
	Readings map[string]string `json:"readings,omitzero"`

	pinned *qiaomen.LedgerRanking // computed before the deciding transaction
	fault  error                  // of computing it
}

func (a *RankingInput) name() string {
	if a.Final {
		return finalName
	}
	return a.Month
}

const finalName = "final"

var draftRanking = &act[RankingInput]{
	action: qiaomen.ActDraftRanking,
	check: func(d *desk, a *RankingInput) error {
		list, err := d.rankable(a)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			return faults(list)
		}
		if a.fault != nil {
			return a.fault
		}
		cutoff, err := qiaomen.ParseDate(a.pinned.Cutoff)
		if err != nil {
			return err
		}
		if !a.Final && monthOf(cutoff) != a.Month {
			list = append(list, &qiaomen.Problem{Text: "截止日不在" + sayMonth(a.Month), At: qiaomen.Place{Field: "cutoff"}})
		}
		if c := d.rules.Campaign; a.Final && c != nil && cutoff < c.To {
			list = append(list, &qiaomen.Problem{Text: "总评的截止日早于活动结束的" + c.To.Chinese(), At: qiaomen.Place{Field: "cutoff"}})
		}
		if a.pinned.Rules != d.campaign.Holding(monthOf(cutoff)) {
			list = append(list, &qiaomen.Problem{Text: "方案刚刚有了新版本", Fix: "请再提交一次"})
		}
		return faults(list)
	},
	do: func(d *desk, a *RankingInput) (string, error) {
		r := *a.pinned
		r.ID = d.newID("k-")
		r.Proposal = d.newID("p-")
		d.made-- // the proposal gets it
		if err := d.emit(&qiaomen.RankingDrafted{Ranking: r}); err != nil {
			return "", err
		}
		needs, err := approveRanking.needs(d, &Named{r.ID})
		if err != nil {
			return "", err
		}
		_, err = d.ask(qiaomen.ActApproveRanking, Named{r.ID}, aboutRanking(&r), needs)
		return r.ID, err
	},
}

// rankable finds what stands in the way of a ranking of that month, before
// anything is computed.
func (d *desk) rankable(a *RankingInput) ([]*qiaomen.Problem, error) {
	var list []*qiaomen.Problem
	switch {
	case a.Final && a.Month != "":
		list = append(list, &qiaomen.Problem{Text: "总评不写月份", Fix: "月度排名和总评请选一种", At: qiaomen.Place{Field: "month"}})
	case !a.Final:
		if p := d.reporting(a.Month); p != nil {
			return []*qiaomen.Problem{p}, nil
		}
	}
	months, err := store.All[qiaomen.Month](d.r, store.Filter{})
	if err != nil {
		return nil, err
	}
	closed := false
	for _, m := range months {
		closed = closed || m.ID == a.Month && m.State == qiaomen.Closed
		if a.pinned != nil && a.Position > 0 && m.ID == a.Month && a.Position < m.Position {
			list = append(list, &qiaomen.Problem{Text: "指定的日志位置在" + sayMonth(m.ID) + "月结之前", Fix: "请留空取最新", At: qiaomen.Place{Field: "position"}})
		}
		if a.Final && m.State == qiaomen.Reopened {
			list = append(list, &qiaomen.Problem{Text: sayMonth(m.ID) + "重新开放后还没有月结", Fix: "请先月结", At: qiaomen.Place{Field: "month"}})
		}
	}
	if !a.Final && !closed {
		list = append(list, &qiaomen.Problem{Text: sayMonth(a.Month) + "还没有月结", Fix: "请先月结；只想看现在的得分，请用计分", At: qiaomen.Place{Field: "month"}})
	}
	waiting, err := store.All[qiaomen.LedgerRanking](d.r, store.Filter{Key: a.name(), States: []qiaomen.State{qiaomen.Drafted}})
	if err == nil && len(waiting) > 0 {
		list = append(list, &qiaomen.Problem{Text: sayRanking(waiting[0]) + "已有一份在等审定", Fix: "要重新编制，请先由提出人收回那一份"})
	}
	return list, err
}

func sayRanking(r *qiaomen.LedgerRanking) string {
	if r.Final {
		return "总评"
	}
	return sayMonth(r.Month) + "排名"
}

func aboutRanking(r *qiaomen.LedgerRanking) qiaomen.Subject {
	return qiaomen.Subject{Table: "ranking", ID: r.ID, Month: r.Month}
}

// DraftRanking computes a ranking and pins what it was computed from: position
// of the journal, cutoff, rules, readings, engine, and a digest of what came out
// (附3·六(二)). The draft waits for approval by somebody else.
func (o *Office) DraftRanking(ctx context.Context, by Caller, a RankingInput) (*Answer, error) {
	a.fault = o.ahead(ctx, by, func(d *desk) error {
		may, err := d.chances(qiaomen.ActDraftRanking, "")
		if err != nil || len(may) == 0 {
			return err
		}
		a.pinned, err = d.rank(&a)
		return err
	})
	return perform(ctx, o, by, draftRanking, a)
}

// ahead looks at the ledger before an act, for what takes too long in the
// deciding transaction. It decides nothing: the act asks again what may have
// changed.
func (o *Office) ahead(ctx context.Context, by Caller, f func(d *desk) error) error {
	return o.read(ctx, by.Campaign, func(v *store.View) error {
		d, err := o.sit(v, v.In, by, qiaomen.MomentOf(o.now()).UTC(), "")
		if err != nil {
			return err
		}
		if err := d.inCampaign(true); err != nil {
			return err
		}
		return f(d)
	})
}

// rank computes a ranking from the ledger as it is looked at.
func (d *desk) rank(a *RankingInput) (*qiaomen.LedgerRanking, error) {
	q := ScoreInput{a.Position, a.Cutoff, a.Round, a.Readings}
	if q.Cutoff == "" {
		q.Cutoff = d.cutoff(a)
	}
	pin, s, err := d.pin(q)
	if err != nil {
		return nil, err
	}
	view := d.r.(*store.View)
	res, err := scoreOf(view, s, pin)
	if err != nil {
		return nil, err
	}
	adjusted, err := adjustments(view, pin.Position)
	if err != nil {
		return nil, err
	}
	pin.Name, pin.Month, pin.Final = a.name(), a.Month, a.Final
	pin.Digest, pin.Totals = resultDigest(res), totals(res, pointsOf(adjusted), a.Final)
	return pin, nil
}

// cutoff is the day up to which deeds are seen, where nobody says otherwise.
func (d *desk) cutoff(a *RankingInput) string {
	if a.Final {
		if d.rules.Campaign != nil {
			return d.rules.Campaign.To.String()
		}
		return d.day
	}
	for _, office := range []bool{true, false} {
		for _, duty := range d.rules.Duties {
			if duty.Monthly > 0 && duty.ByOffice == office {
				return fmt.Sprintf("%s-%02d", a.Month, duty.Monthly)
			}
		}
	}
	first, err := qiaomen.ParseDate(a.Month + "-01")
	if err != nil {
		return a.Month
	}
	year, month, _ := first.YMD()
	return (qiaomen.DateOf(year, month+1, 1) - 1).String()
}

func resultDigest(res *scheme.Result) string {
	sum := sha256.Sum256(res.JSON())
	return hex.EncodeToString(sum[:])
}

// approveRanking is what the leading group approves, or of a month's ranking the
// office's reviewer where the campaign leaves it to the office.
var approveRanking = twofold(&act[Named]{
	action: qiaomen.ActApproveRanking,
	about: func(d *desk, a *Named) (qiaomen.Subject, error) {
		r, err := found[qiaomen.LedgerRanking](d, "排名", a.ID)
		if err != nil {
			return qiaomen.Subject{}, err
		}
		return aboutRanking(r), nil
	},
	needs: func(d *desk, a *Named) ([][]qiaomen.Role, error) {
		r, err := found[qiaomen.LedgerRanking](d, "排名", a.ID)
		if err != nil {
			return nil, err
		}
		if r.Final || d.campaign.Procedure.GroupApproves {
			return [][]qiaomen.Role{{qiaomen.GroupMember}}, nil
		}
		return [][]qiaomen.Role{{qiaomen.Reviewer, qiaomen.GroupMember}}, nil
	},
	check: func(d *desk, a *Named) error {
		r, err := found[qiaomen.LedgerRanking](d, "排名", a.ID)
		if err != nil {
			return err
		}
		if d.proposer != "" && d.is(r.DraftedBy) {
			return d.deny("不能审定自己编制的排名")
		}
		if r.State != qiaomen.Drafted {
			return overtaken(sayRanking(r) + "不在等审定")
		}
		return nil
	},
	do: func(d *desk, a *Named) (string, error) {
		e := &qiaomen.RankingApproved{ID: a.ID, As: d.using.Role, Paper: d.paper}
		if d.paper != nil {
			e.As = d.paper.Role
		}
		return a.ID, d.emit(e)
	},
	// The evaluation team takes it to the leading group in place of who drafted it.
	proposed: func(d *desk, a *Named, proposal string) error {
		waiting, err := store.All[qiaomen.Proposal](d.r, store.Filter{Kind: qiaomen.ActApproveRanking.String(), Key: a.ID, States: []qiaomen.State{qiaomen.Pending}})
		if err != nil {
			return err
		}
		for _, p := range waiting {
			if p.ID == proposal {
				continue
			}
			if err := d.emit(&qiaomen.ProposalDeclined{ID: p.ID, Reason: "改由" + d.using.Role.Chinese() + "提请审定"}); err != nil {
				return err
			}
		}
		return nil
	},
})

func init() {
	declined[qiaomen.ActApproveRanking] = func(d *desk, p *qiaomen.Proposal, reason string) error {
		return d.emit(&qiaomen.RankingDeclined{ID: p.Subject.ID, Reason: reason})
	}
}

// ProposeRanking lets the evaluation team take a drafted ranking to those who
// approve it; the drafter's own proposal gives way to theirs.
func (o *Office) ProposeRanking(ctx context.Context, by Caller, ranking string) (*Answer, error) {
	return perform(ctx, o, by, approveRanking, Named{ranking})
}

// approved tells whether a ranking was approved, whatever became of it.
func approved(r *qiaomen.LedgerRanking) bool {
	return slices.Contains([]qiaomen.State{qiaomen.Approved, qiaomen.Published, qiaomen.Superseded}, r.State)
}

// ReadRanking is a ranking before it is published, with what it pins and every
// unit's points. To the city's leaders only approved ones are there.
func (o *Office) ReadRanking(ctx context.Context, by Caller, ranking string) (r *qiaomen.LedgerRanking, err error) {
	err = o.look(ctx, by, qiaomen.ActReadRanking, nil, func(d *desk) error {
		if err := d.inCampaign(false); err != nil {
			return err
		}
		if r, err = found[qiaomen.LedgerRanking](d, "排名", ranking); err == nil && d.selected(qiaomen.ActReadRanking) && !approved(r) {
			return lost("排名", ranking)
		}
		if err != nil {
			return err
		}
		hidden, err := d.unseen()
		r = rankingWithout(r, hidden)
		return err
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Rankings is every ranking that the caller may read, the newest first.
func (o *Office) Rankings(ctx context.Context, by Caller) (out []*qiaomen.LedgerRanking, err error) {
	err = o.look(ctx, by, qiaomen.ActReadRanking, nil, func(d *desk) error {
		if err := d.inCampaign(false); err != nil {
			return err
		}
		hidden, err := d.unseen()
		if err != nil {
			return err
		}
		all, err := store.All[qiaomen.LedgerRanking](d.r, store.Filter{})
		for _, r := range all {
			if !d.selected(qiaomen.ActReadRanking) || approved(r) {
				out = append(out, rankingWithout(r, hidden))
			}
		}
		slices.SortStableFunc(out, func(a, b *qiaomen.LedgerRanking) int { return compare(b.DraftedAt, a.DraftedAt) })
		return err
	})
	return out, err
}

// A Recomputation is a ranking computed again from what it pins.
type Recomputation struct {
	Ranking *qiaomen.LedgerRanking `json:"ranking,omitzero"`
	Engine  string                 `json:"engine,omitzero"` // that computed it now
	Digest  string                 `json:"digest,omitzero"` // of what came out now
	Equal   bool                   `json:"equal"`           // the digest and every unit's points are those that were pinned
	Differs []Difference           `json:"differs,omitzero"`
	JSON    jsontext.Value         `json:"result,omitzero"` // what came out
}

// A Difference is one thing that came out otherwise than it was pinned.
type Difference struct{ Unit, What, Pinned, Now string }

// Recompute computes a ranking again: the ledger as of its position, its rules,
// readings and cutoff. A published one anybody may recompute, forever (M19).
func (o *Office) Recompute(ctx context.Context, by Caller, ranking string) (out *Recomputation, err error) {
	err = o.lookPublished(ctx, by, func(d *desk) error {
		r, err := found[qiaomen.LedgerRanking](d, "排名", ranking)
		if err != nil {
			return err
		}
		published := r.State == qiaomen.Published || r.State == qiaomen.Superseded
		if err := d.publishedOr(published, approved(r)); err != nil {
			return err
		}
		var hidden []string
		if !published {
			if err := d.asEvaluator(); err != nil {
				return err
			}
			if hidden, err = d.unseen(); err != nil {
				return err
			}
		}
		out, err = d.recompute(r, hidden)
		return err
	})
	return out, err
}

// recompute computes a ranking again, and compares it whole; of hidden units it
// shows nothing.
func (d *desk) recompute(r *qiaomen.LedgerRanking, hidden []string) (*Recomputation, error) {
	view := d.r.(*store.View)
	res, err := d.pinnedResult(r)
	if err != nil {
		return nil, err
	}
	adjusted, err := adjustments(view, r.Position)
	if err != nil {
		return nil, err
	}
	out := &Recomputation{Ranking: rankingWithout(r, hidden), Engine: Engine, Digest: resultDigest(res), JSON: without(res, hidden).JSON()}
	differs := func(unit, what, pinned, now string) {
		if pinned != now {
			out.Differs = append(out.Differs, Difference{unit, what, pinned, now})
		}
	}
	now := map[string]qiaomen.RankedUnit{}
	for _, u := range totals(res, pointsOf(adjusted), r.Final) {
		now[u.Unit] = u
	}
	for _, u := range r.Totals {
		n := now[u.Unit]
		differs(u.Unit, "名次", fmt.Sprint(u.Rank), fmt.Sprint(n.Rank))
		differs(u.Unit, "计算得分", u.Total.Fraction(), n.Total.Fraction())
		differs(u.Unit, "调整", u.Adjustment.Fraction(), n.Adjustment.Fraction())
		differs(u.Unit, "审定得分", u.Examined.Fraction(), n.Examined.Fraction())
		delete(now, u.Unit)
	}
	for unit := range now {
		differs(unit, "单位", "无", "有")
	}
	differs("", "结果摘要", r.Digest, out.Digest)
	if len(out.Differs) > 0 {
		differs("", "计分引擎", r.Engine, Engine)
	}
	out.Equal = len(out.Differs) == 0
	out.Differs = slices.DeleteFunc(out.Differs, func(x Difference) bool { return slices.Contains(hidden, x.Unit) })
	return out, nil
}

// pinnedResult is the computed result of a ranking, from what it pins alone.
func (d *desk) pinnedResult(r *qiaomen.LedgerRanking) (*scheme.Result, error) {
	view := d.r.(*store.View)
	s, err := d.o.rulesOf(view, r.Rules)
	if err != nil {
		return nil, err
	}
	return scoreOf(view, s, r)
}

// lookPublished opens a desk for what everybody may look at, signed in or not
// (action 36).
func (o *Office) lookPublished(ctx context.Context, caller Caller, see func(d *desk) error) error {
	if err := caller.legible(); err != nil {
		return err
	}
	if known, err := o.knows(ctx, caller.Campaign); err != nil {
		return told(err)
	} else if !known {
		return errCampaign
	}
	person := ""
	err := o.read(ctx, caller.Campaign, func(v *store.View) error {
		d, err := o.sit(v, v.In, caller, qiaomen.MomentOf(o.now()).UTC(), "")
		if err != nil {
			return err
		}
		if person = d.person; person == "" { // whoever is nobody here is the public
			public := caller
			public.Account = ""
			if d, err = o.sit(v, v.In, public, d.at, ""); err != nil {
				return err
			}
		}
		if caller.Only != nil && !slices.Contains(caller.Only, qiaomen.ActReadPublished) {
			return &Denied{Why: "没有权限"}
		}
		return see(d)
	})
	if denied, ok := isDenied(err); ok {
		denied.Action = qiaomen.ActReadPublished
		return o.denied(ctx, caller, person, denied)
	}
	return told(err)
}

// publishedOr asks that a thing is published, or that the caller may read
// rankings before that: the city's leaders only what was approved. To everybody
// else it is not there.
func (d *desk) publishedOr(published, approved bool) error {
	if published {
		return nil
	}
	may, err := d.chances(qiaomen.ActReadRanking, "")
	if err != nil {
		return err
	}
	if slices.ContainsFunc(may, func(c chance) bool { return !c.cell.View || approved }) {
		return nil
	}
	return &Denied{Why: "尚未公布", Hidden: true}
}
