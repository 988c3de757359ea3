package office_test

import (
	"testing"

	"qiaomen"
	"qiaomen/office"
)

func (w *world) flood() office.AdjustmentInput {
	return office.AdjustmentInput{
		Unit: "jixian", Line: "funds", Points: "2.5", Ground: "force_majeure", Reason: "洪灾停工", Papers: []qiaomen.Evidence{w.keptFile("paper")},
	}
}

func TestAnAdjustmentIsProposedAndApproved(t *testing.T) {
	for name, p := range map[string]qiaomen.Procedure{"small": qiaomen.SmallOffice, "gb3": qiaomen.ThreePowers} {
		t.Run(name, func(t *testing.T) {
			onEach(t, p, func(w *world) {
				in := w.flood()
				for _, who := range []string{"handler", "member", "jixian-head", "auditor"} {
					w.refused(w.ProposeAdjustment(ctx, w.as(who), in))
				}
				for says, spoil := range map[string]func(*office.AdjustmentInput){
					"不能是0":     func(a *office.AdjustmentInput) { a.Points = "0.0" },
					"调整分值：不是数": func(a *office.AdjustmentInput) { a.Points = "1/3" },
					"这种调整事由":   func(a *office.AdjustmentInput) { a.Ground = "good_work" },
					"没有得分项":    func(a *office.AdjustmentInput) { a.Line = "weather" },
					"没有写理由":    func(a *office.AdjustmentInput) { a.Reason = "" },
					"没有附证明文件":  func(a *office.AdjustmentInput) { a.Papers = nil },
					"没有收到文件":   func(a *office.AdjustmentInput) { a.Papers = []qiaomen.Evidence{{Name: "没有", Digest: "no"}} },
					"方案里没有单位":  func(a *office.AdjustmentInput) { a.Unit = "nowhere" },
				} {
					bad := w.flood()
					spoil(&bad)
					w.faulty(says)(w.ProposeAdjustment(ctx, w.as("evaluator"), bad))
				}
				a := w.again(func(by office.Caller) (*office.Answer, error) { return w.ProposeAdjustment(ctx, by, in) }, "evaluator")
				waits := w.pendingOn(a.ID)
				w.refused(w.Approve(ctx, w.as("evaluator2"), waits.ID))
				w.refused(w.Approve(ctx, w.as("handler"), waits.ID))
				w.byGroup(waits.ID)
				x := rowOf[qiaomen.Adjustment](w, a.ID)
				if x.State != qiaomen.Approved || x.Points.String() != "2.5" || x.ApprovedBy == x.ProposedBy || x.Paper != nil {
					w.t.Errorf("%+v", x)
				}
			})
		})
	}
}

func TestAnAdjustmentIsDeclined(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		for _, no := range []func(id string){
			func(id string) { w.must(w.Decline(ctx, w.as("member"), id, "损失不大")) },
			func(id string) { w.must(w.TakeBack(ctx, w.as("evaluator"), id)) },
			func(id string) { w.decidedOnPaper(id, qiaomen.GroupMember, false) },
		} {
			a := w.must(w.ProposeAdjustment(ctx, w.as("evaluator"), w.flood()))
			no(w.pendingOn(a.ID).ID)
			if x := rowOf[qiaomen.Adjustment](w, a.ID); x.State != qiaomen.Declined {
				w.t.Errorf("it is %s", x.State)
			}
		}
	})
}

func TestAnAdjustmentIsApprovedOnPaper(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		a := w.must(w.ProposeAdjustment(ctx, w.as("evaluator"), w.flood()))
		w.decidedOnPaper(w.pendingOn(a.ID).ID, qiaomen.GroupMember, true)
		if x := rowOf[qiaomen.Adjustment](w, a.ID); x.State != qiaomen.Approved || x.Paper == nil || x.Paper.Number == "" {
			w.t.Errorf("%+v", x)
		}
	})
}

func TestAnOpinionOnAUnitALineOrAProject(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		id := w.reportSigned("jixian", "reserve_project", "示例项目", reserve)
		w.refused(w.GiveOpinion(ctx, w.as("handler"), office.Word{Unit: "jixian", Text: "好"}))
		w.faulty("没有得分项“startz”")(w.GiveOpinion(ctx, w.as("evaluator"), office.Word{Unit: "jixian", Line: "startz", Text: "好"}))
		w.faulty("没有得分项“funds”")(w.GiveOpinion(ctx, w.as("evaluator"), office.Word{Unit: "bio-economy", Line: "funds", Text: "好"}))
		w.faulty("没有写意见")(w.GiveOpinion(ctx, w.as("evaluator"), office.Word{Record: id}))
		w.faulty("一次只对")(w.GiveOpinion(ctx, w.as("evaluator"), office.Word{Record: id, Unit: "jixian", Text: "好"}))
		for _, word := range []office.Word{{Unit: "jixian", Text: "总体较好"}, {Unit: "jixian", Line: "funds", Text: "增幅偏低"}, {Record: id, Text: "前期扎实"}} {
			a := w.again(func(by office.Caller) (*office.Answer, error) { return w.GiveOpinion(ctx, by, word) }, "evaluator")
			if x := rowOf[qiaomen.Opinion](w, a.ID); x.Subject.Unit != "jixian" || x.Text != word.Text || x.Subject.Record != word.Record {
				w.t.Errorf("%+v", x)
			}
		}
	})
}
