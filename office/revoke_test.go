package office_test

import (
	"testing"
	"time"

	"qiaomen"
	"qiaomen/office"
)

func TestFalsificationTakesAHearingAndTwoApprovals(t *testing.T) {
	for name, p := range map[string]qiaomen.Procedure{"small": qiaomen.SmallOffice, "gb3": qiaomen.ThreePowers} {
		t.Run(name, func(t *testing.T) {
			onEach(t, p, func(w *world) {
				w.now = time.Date(2024, 2, 7, 1, 0, 0, 0, time.UTC) // the Spring Festival's holiday lies ahead
				id := w.started("jixian", "示例项目", `{"start_type":"new","started_on":"2024-01-05"}`)
				fraud := office.Revocation{Record: id, Ground: "falsification", Reason: "照片是别处的"}
				w.faulty("还没有听取单位的说明")(w.Revoke(ctx, w.as("handler"), fraud))
				w.faulty("应是弄虚作假")(w.Revoke(ctx, w.as("handler"), office.Revocation{Record: id, Ground: "other"}))
				w.faulty("没有要说明的事项")(w.Explain(ctx, w.as("jixian-head"), id, "没有"))

				call := office.HearingCall{Record: id, Reason: "照片疑似别处拍摄", Days: 2}
				for _, who := range []string{"member", "auditor", "jixian-head", "leader"} {
					w.refused(w.OpenHearing(ctx, w.as(who), call))
				}
				w.faulty("没有写理由")(w.OpenHearing(ctx, w.as("handler"), office.HearingCall{Record: id}))
				w.faulty("工作日之间")(w.OpenHearing(ctx, w.as("handler"), office.HearingCall{Record: id, Reason: "查", Days: 99}))
				w.again(func(by office.Caller) (*office.Answer, error) { return w.OpenHearing(ctx, by, call) }, "evaluator")
				w.faulty("已经在听取说明")(w.OpenHearing(ctx, w.as("handler"), call))
				if h := record(w, id).Hearing; h.Until != "2024-02-09T09:00:00.000000Z" {
					w.t.Errorf("the hearing ends at %s", h.Until)
				}
				w.faulty("还没有说明")(w.Revoke(ctx, w.as("handler"), fraud))
				w.refused(w.Explain(ctx, w.as("youyi-head"), id, "没有"))
				w.refused(w.Explain(ctx, w.as("handler"), id, "没有"))
				w.faulty("没有写说明")(w.Explain(ctx, w.as("jixian-head"), id, ""))
				if p.HeadSigns {
					w.refused(w.Explain(ctx, w.as("jixian-reporter"), id, "就是这里拍的"))
				}
				w.again(func(by office.Caller) (*office.Answer, error) { return w.Explain(ctx, by, id, "就是这里拍的") }, "jixian-head")
				w.faulty("已经说明过")(w.Explain(ctx, w.as("jixian-head"), id, "再说一次"))

				w.refused(w.Revoke(ctx, w.as("jixian-head"), fraud))
				w.refused(w.Revoke(ctx, w.as("reviewer"), fraud)) // who decides does not propose
				a := w.again(func(by office.Caller) (*office.Answer, error) { return w.Revoke(ctx, by, fraud) }, "auditor")
				w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
				if record(w, id).State != qiaomen.Recognised {
					w.t.Fatal("the reviewer alone revoked")
				}
				w.refused(w.Approve(ctx, w.as("reviewer2"), a.Proposal)) // the leading group's yes is lacking
				w.byGroup(a.Proposal)
				if r := record(w, id); r.State != qiaomen.Revoked || r.Reason != fraud.Reason || r.Hearing == nil || r.RevokedBy == "" {
					w.t.Errorf("%+v", r)
				}
				w.faulty("不是“已认定”")(w.OpenHearing(ctx, w.as("handler"), call))
			})
		})
	}
}

func TestAHearingThatNobodyAnswers(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.now = time.Date(2024, 2, 7, 1, 0, 0, 0, time.UTC)
		id := w.started("jixian", "示例项目", `{"start_type":"new","started_on":"2024-01-05"}`)
		w.must(w.OpenHearing(ctx, w.as("handler"), office.HearingCall{Record: id, Reason: "查"}))
		// Five workdays: Thursday, Friday, then the holiday, and Sunday the 18th is worked.
		if h := record(w, id).Hearing; h.Until != "2024-02-20T09:00:00.000000Z" {
			w.t.Errorf("the hearing ends at %s", h.Until)
		}
		w.now = time.Date(2024, 2, 20, 9, 0, 1, 0, time.UTC)
		w.faulty("期限")(w.Explain(ctx, w.as("jixian-reporter"), id, "晚了"))
		w.must(w.Revoke(ctx, w.as("handler"), office.Revocation{Record: id, Ground: "falsification", Reason: "没有说明"}))
	})
}

func TestAnErrorIsRevokedByOneApproval(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		for i, who := range []string{"reviewer", "member"} {
			id := w.reportSigned("jixian", "reserve_project", "示例项目"+who, reserve)
			w.recognisedByTwo(id, 1)
			a := w.must(w.Revoke(ctx, w.as("handler"), office.Revocation{Record: id, Ground: []string{"error", "duplicate"}[i], Reason: "录错"}))
			w.refused(w.Approve(ctx, w.as("handler2"), a.Proposal))
			w.must(w.Approve(ctx, w.as(who), a.Proposal))
			if r := record(w, id); r.State != qiaomen.Revoked {
				w.t.Errorf("after %s said yes it is %s", who, r.State)
			}
		}
	})
}

func TestARevocationWithTheGroupOnPaper(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		id := w.reportSigned("jixian", "reserve_project", "示例项目", reserve)
		w.recognisedByTwo(id, 1)
		w.must(w.OpenHearing(ctx, w.as("handler"), office.HearingCall{Record: id, Reason: "查"}))
		w.must(w.Explain(ctx, w.as("jixian-reporter"), id, "是填错了"))
		a := w.must(w.Revoke(ctx, w.as("handler"), office.Revocation{Record: id, Ground: "falsification", Reason: "项目不存在"}))
		w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
		w.decidedOnPaper(a.Proposal, qiaomen.GroupMember, false)
		if r := record(w, id); r.State != qiaomen.Recognised {
			w.t.Fatalf("a no revoked: %s", r.State)
		}
		a = w.must(w.Revoke(ctx, w.as("handler"), office.Revocation{Record: id, Ground: "falsification", Reason: "项目不存在，附核查记录"}))
		w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
		w.decidedOnPaper(a.Proposal, qiaomen.GroupMember, true)
		if r := record(w, id); r.State != qiaomen.Revoked {
			w.t.Errorf("it is %s", r.State)
		}
	})
}
