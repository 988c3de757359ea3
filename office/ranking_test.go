package office_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/office"
)

const domestic = `{"target_company":"示例甲公司","content":"石墨负极材料","amount_yi":3}`

// drafted is a ranking of a month that was closed for it.
func (w *world) drafted(month string) *qiaomen.LedgerRanking {
	w.t.Helper()
	w.closes(month)
	a := w.must(w.DraftRanking(ctx, w.as("handler"), office.RankingInput{Month: month}))
	return w.ranking(a.ID)
}

func (w *world) ranking(id string) *qiaomen.LedgerRanking {
	w.t.Helper()
	r, err := w.ReadRanking(ctx, w.as("handler"), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// approvedRanking is one that whoever has to has approved.
func (w *world) approvedRanking(month string, logins ...string) *qiaomen.LedgerRanking {
	w.t.Helper()
	r := w.drafted(month)
	w.everybody(r.Proposal, logins...)
	return w.ranking(r.ID)
}

func (w *world) recomputed(login, id string) *office.Recomputation {
	w.t.Helper()
	by := office.Caller{Campaign: winter}
	if login != "" {
		by = w.as(login)
	}
	out, err := w.Recompute(ctx, by, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func TestARankingIsPinned(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.at("2024-01-10 09:00")
		w.recognised(w.report("jixian-reporter", "jixian", "domestic_lead", "示例石墨线索", domestic), 1)
		in := office.RankingInput{Month: "2024-01"}
		w.faulty("还没有月结")(w.DraftRanking(ctx, w.as("handler"), in))
		w.closes("2024-01")
		for _, who := range []string{"jixian-head", "evaluator", "member", "leader", "auditor"} {
			w.refused(w.DraftRanking(ctx, w.as(who), in))
		}
		for says, bad := range map[string]office.RankingInput{
			"不是本活动的报送月份": {Month: "2024-06"},
			"总评不写月份":     {Month: "2024-01", Final: true},
			"截止日不在":      {Month: "2024-01", Cutoff: "2024-02-01"},
			"早于活动结束":     {Final: true, Cutoff: "2024-03-30"},
			"没有口径":       {Month: "2024-01", Readings: map[string]string{"weather": "fine"}},
			"没有这个位置":     {Month: "2024-01", Position: 1 << 40},
			"没有轮次":       {Month: "2024-01", Round: "q9"},
		} {
			w.faulty(says)(w.DraftRanking(ctx, w.as("handler"), bad))
		}
		a := w.again(func(by office.Caller) (*office.Answer, error) { return w.DraftRanking(ctx, by, in) }, "reviewer")
		r := w.ranking(a.ID)
		if r.Cutoff != "2024-01-25" || r.AsOf != "2024-01-26" || r.Engine != office.Engine || len(r.Digest) != 64 || len(r.Readings) != 16 || len(r.Totals) != 15 {
			t.Errorf("pinned: %+v", r)
		}
		// Nobody has done anything: 12 points a district, 10 the zone, 7 a county, and a lead keeps 2 more of the base.
		if u := r.Totals[5]; u.Group != "districts" || u.Unit != "jixian" || u.Rank != 6 || u.Total.String() != "9" {
			t.Errorf("sixth is %+v", u)
		}
		w.faulty("已有一份在等审定")(w.DraftRanking(ctx, w.as("handler"), in))

		w.refused(w.Approve(ctx, w.as("handler"), r.Proposal))
		w.refused(w.Approve(ctx, w.as("reviewer"), r.Proposal)) // who drafted it
		w.must(w.Approve(ctx, w.as("reviewer2"), r.Proposal))
		if r = w.ranking(r.ID); r.State != qiaomen.Approved || r.ApprovedAs != qiaomen.Reviewer {
			t.Errorf("%+v", r)
		}

		// April: the ledger and the readings of the day have moved on, January has not.
		before := w.recomputed("auditor", r.ID)
		w.at("2024-04-02 09:00")
		w.seal(&qiaomen.RecordRevoked{ID: w.firstRecord(), Ground: "falsified", Reason: "示例"})
		after := w.recomputed("auditor", r.ID)
		if !before.Equal || !after.Equal || string(before.JSON) != string(after.JSON) || after.Digest != r.Digest {
			t.Errorf("January has changed: %v, %v", before.Differs, after.Differs)
		}
		now, err := w.Score(ctx, w.as("auditor"), office.ScoreInput{Cutoff: "2024-01-25"})
		if err != nil {
			t.Fatal(err)
		}
		if string(now.JSON()) == string(before.JSON) {
			t.Error("the revocation is not in the ledger of April")
		}
	})
}

// firstRecord is the record of a story that has one.
func (w *world) firstRecord() string {
	w.t.Helper()
	res, err := w.MyScore(ctx, w.as("jixian-reporter"), "jixian")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, l := range res.Lines {
		for _, r := range slices.Concat(l.Counted, l.NotCounted) {
			return r.ID
		}
	}
	w.t.Fatal("there is no record")
	return ""
}

func TestARecomputationTellsWhatDiffers(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		r := w.drafted("2024-01")
		forged := *r
		forged.ID, forged.Name = "k-forged", "2024-02"
		forged.Digest = strings.Repeat("0", 64)
		forged.Totals = slices.Clone(r.Totals)
		forged.Totals[2].Total = forged.Totals[2].Total.Add(qiaomen.Int(1))
		forged.Engine = "0"
		w.seal(&qiaomen.RankingDrafted{Ranking: forged})
		got := w.recomputed("handler", "k-forged")
		var what []string
		for _, d := range got.Differs {
			what = append(what, d.Unit+d.What)
		}
		if got.Equal || !slices.Equal(what, []string{forged.Totals[2].Unit + "计算得分", "结果摘要", "计分引擎"}) {
			t.Errorf("%v", got.Differs)
		}
	})
}

func TestWhoReadsARankingBeforeItIsPublished(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		r := w.drafted("2024-01")
		reads := func(login string) error {
			_, err := w.ReadRanking(ctx, w.as(login), r.ID)
			return err
		}
		for _, who := range []string{"handler", "reviewer", "evaluator", "member", "auditor"} {
			if err := reads(who); err != nil {
				t.Errorf("%s: %v", who, err)
			}
		}
		for _, who := range []string{"jixian-head", "bio-reporter", "statistician", "security"} {
			w.denies(reads(who))
		}
		w.refuses(reads("leader"), "没有找到")
		if _, err := w.Recompute(ctx, office.Caller{Campaign: winter}, r.ID); err == nil {
			t.Error("the public recomputes a draft")
		}
		_, err := w.Recompute(ctx, w.as("jixian-head"), r.ID)
		w.denies(err)
		w.must(w.Approve(ctx, w.as("reviewer"), r.Proposal))
		if err := reads("leader"); err != nil {
			t.Errorf("the leader does not see what was approved: %v", err)
		}
		all, err := w.Rankings(ctx, w.as("leader"))
		if err != nil || len(all) != 1 {
			t.Errorf("%d rankings, %v", len(all), err)
		}
	})
}

func TestADeclinedRankingIsDraftedAnew(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		r := w.drafted("2024-01")
		w.must(w.Decline(ctx, w.as("reviewer"), r.Proposal, "先核实一条记录"))
		if r = w.ranking(r.ID); r.State != qiaomen.Declined || r.Reason != "先核实一条记录" {
			t.Errorf("%+v", r)
		}
		again := w.must(w.DraftRanking(ctx, w.as("handler"), office.RankingInput{Month: "2024-01"}))
		w.must(w.TakeBack(ctx, w.as("handler"), w.ranking(again.ID).Proposal))
		if r := w.ranking(again.ID); r.State != qiaomen.Declined {
			t.Errorf("taken back it is %s", r.State)
		}
	})
}

func TestTheLeadingGroupApproves(t *testing.T) {
	onEach(t, qiaomen.ThreePowers, func(w *world) {
		r := w.drafted("2024-01")
		w.refused(w.Approve(ctx, w.as("reviewer"), r.Proposal)) // monthly_approval=leading_group
		for _, who := range []string{"handler", "reviewer", "member", "jixian-head"} {
			w.refused(w.ProposeRanking(ctx, w.as(who), r.ID))
		}
		a := w.again(func(by office.Caller) (*office.Answer, error) { return w.ProposeRanking(ctx, by, r.ID) }, "evaluator")
		if p := w.pendingOn(r.ID); p.ID != a.Proposal {
			t.Errorf("the drafter's proposal still waits beside the evaluation team's")
		}
		w.refused(w.Approve(ctx, w.as("evaluator2"), a.Proposal))
		w.everybody(a.Proposal, "member", "member2")
		if r = w.ranking(r.ID); r.State != qiaomen.Approved || r.ApprovedAs != qiaomen.GroupMember {
			t.Errorf("%+v", r)
		}
		w.faulty("不在等审定")(w.ProposeRanking(ctx, w.as("evaluator"), r.ID))
	})
}

func TestTheFinalRankingGoesByTheExaminedScore(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.at("2024-01-10 09:00")
		w.recognised(w.report("jixian-reporter", "jixian", "domestic_lead", "示例石墨线索", domestic), 1)
		w.at("2024-04-20 09:00")
		flood := qiaomen.Adjustment{ID: "j-1", Unit: "raohe", Points: qiaomen.Ratio(11, 2), Ground: "force_majeure", Reason: "示例：雪灾停工"}
		w.seal(&qiaomen.AdjustmentProposed{Adjustment: flood}, &qiaomen.AdjustmentApproved{ID: "j-1"})
		flood.ID, flood.Unit = "j-2", "youyi"
		w.seal(&qiaomen.AdjustmentProposed{Adjustment: flood}) // nobody has approved it
		w.now = w.now.Add(time.Minute)
		a := w.must(w.DraftRanking(ctx, w.as("handler"), office.RankingInput{Final: true}))
		r := w.ranking(a.ID)
		if r.Cutoff != "2024-03-31" || r.Name != "final" {
			t.Errorf("%+v", r)
		}
		for i, want := range []qiaomen.RankedUnit{
			{Unit: "raohe", Rank: 1, Total: qiaomen.Int(7), Adjustment: qiaomen.Ratio(11, 2), Examined: qiaomen.Ratio(25, 2)},
			{Unit: "jianshan", Rank: 2, Total: qiaomen.Int(12), Examined: qiaomen.Int(12)},
			{Unit: "lingdong", Rank: 2, Total: qiaomen.Int(12), Examined: qiaomen.Int(12)},
			{Unit: "sifangtai", Rank: 2, Total: qiaomen.Int(12), Examined: qiaomen.Int(12)},
			{Unit: "baoshan", Rank: 2, Total: qiaomen.Int(12), Examined: qiaomen.Int(12)},
			{Unit: "jingkaiqu", Rank: 6, Total: qiaomen.Int(10), Examined: qiaomen.Int(10)},
			{Unit: "jixian", Rank: 7, Total: qiaomen.Int(9), Examined: qiaomen.Int(9)},
			{Unit: "youyi", Rank: 8, Total: qiaomen.Int(7), Examined: qiaomen.Int(7)},
			{Unit: "baoqing", Rank: 8, Total: qiaomen.Int(7), Examined: qiaomen.Int(7)},
		} {
			if got := r.Totals[i]; got.Unit != want.Unit || got.Rank != want.Rank || !got.Total.Equal(want.Total) || !got.Examined.Equal(want.Examined) || !got.Adjustment.Equal(want.Adjustment) {
				t.Errorf("place %d: %+v, want %+v", i, got, want)
			}
		}
		w.refused(w.Approve(ctx, w.as("reviewer"), r.Proposal)) // the final one is the leading group's, whatever the profile
		w.must(w.GiveOpinion(ctx, w.as("evaluator"), office.Word{Unit: "raohe", Text: "受灾属实"}))

		all, err := w.Examined(ctx, w.as("member"), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != 15 || all[0].Unit != "raohe" || len(all[0].Adjustments) != 1 || len(all[0].Opinions) != 1 || len(all[1].Adjustments)+len(all[1].Opinions) != 0 {
			t.Errorf("%+v", all)
		}
		for _, who := range []string{"leader", "youyi-head"} {
			_, err := w.Examined(ctx, w.as(who), r.ID)
			var denied *office.Denied
			if !errors.As(err, &denied) {
				t.Errorf("%s: %v", who, err)
			}
		}
		w.everybody(r.Proposal, "member", "member2")
		if again := w.recomputed("auditor", r.ID); !again.Equal {
			t.Errorf("%v", again.Differs)
		}
	})
}
