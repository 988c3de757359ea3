package office_test

import (
	"testing"
	"time"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
)

// holders is who holds the thing at every position of the journal, the oldest
// first, each change once.
func (w *world) holders(records ...string) (out []string) {
	w.t.Helper()
	err := w.store.Read(ctx, winter, 0, func(v *store.View) error {
		last, err := v.Position()
		if err != nil {
			return err
		}
		for at := int64(1); at <= last; at++ {
			held, err := store.All[qiaomen.Claim](v.At(at), store.Filter{States: []qiaomen.State{qiaomen.Held}})
			if err != nil {
				return err
			}
			now := ""
			for _, c := range held {
				for _, id := range records {
					if c.Record == id && now != "" && now != id {
						w.t.Errorf("at %d both %s and %s hold it", at, now, id)
					}
					if c.Record == id {
						now = id
					}
				}
			}
			if len(out) == 0 || out[len(out)-1] != now {
				out = append(out, now)
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// TestALoserMayWin: A reports first and is recognised, B loses by a settlement,
// objects, is upheld, and the office settles again with B as the holder.
func TestALoserMayWin(t *testing.T) {
	onEach(t, qiaomen.ThreePowers, func(w *world) {
		a := w.reportSigned("jixian", "reserve_project", "示例产业园", reserve)
		w.now = w.now.Add(time.Hour)
		b := w.reportSigned("youyi", "reserve_project", "示例产业园", reserve)
		w.recognisedByTwo(a, 1)
		placed := record(w, b)
		ruling := w.must(w.Settle(ctx, w.as("handler"), office.Ruling{Records: []string{a, b}, Same: true, Reason: "同一园区"}))
		settled := w.byGroup(ruling.Proposal)
		if record(w, b).State != qiaomen.Refused {
			w.t.Fatal("the second was not refused")
		}

		filing := office.Filing{Record: b, Settlement: settled.ID, Text: "投资方在本县注册"}
		w.refused(w.FileObjection(ctx, w.as("youyi-reporter"), filing))
		w.refused(w.FileObjection(ctx, w.as("jixian-head"), filing))
		w.faulty("没有写异议")(w.FileObjection(ctx, w.as("youyi-head"), office.Filing{Record: b}))
		w.faulty("没有说明对哪一项决定")(w.FileObjection(ctx, w.as("youyi-head"), office.Filing{Record: b, Ranking: "k", Unit: "youyi", Text: "不服"}))
		w.faulty("没有可以提出异议的决定")(w.FileObjection(ctx, w.as("jixian-head"), office.Filing{Record: a, Text: "不服"}))
		filed := w.again(func(by office.Caller) (*office.Answer, error) { return w.FileObjection(ctx, by, filing) }, "youyi-head")
		w.faulty("已经提出过异议")(w.FileObjection(ctx, w.as("youyi-head"), filing))

		answer := office.ObjectionAnswer{Objection: filed.ID, Upheld: true, Opinion: "投资协议由乙县先签"}
		w.refused(w.AnswerObjection(ctx, w.as("handler"), answer))
		w.refused(w.AnswerObjection(ctx, w.as("member2"), answer))
		w.faulty("没有写意见")(w.AnswerObjection(ctx, w.as("evaluator"), office.ObjectionAnswer{Objection: filed.ID}))
		p := w.must(w.AnswerObjection(ctx, w.as("evaluator"), answer))
		w.faulty("已有意见或答复")(w.AnswerObjection(ctx, w.as("evaluator2"), answer))
		w.refused(w.Approve(ctx, w.as("member"), p.Proposal)) // decided the first time
		w.by(p.Proposal, "member3", "member4")
		if x := rowOf[qiaomen.Objection](w, filed.ID); x.State != qiaomen.Approved || !x.Upheld || x.DecidedBy == x.OpinionBy {
			w.t.Errorf("%+v", x)
		}
		if r := record(w, b); r.State != qiaomen.InReview || r.PlaceAt != placed.PlaceAt || r.RefusedAt != "" {
			w.t.Errorf("reopened it is %+v", r)
		}

		second := w.must(w.Recognise(ctx, w.as("handler"), office.Decision{Record: b, Version: 1, Refuse: true, Reason: "不是首报"}))
		w.must(w.Decline(ctx, w.as("reviewer"), second.Proposal, "先判定"))
		w.faulty("首报并认定")(w.Recognise(ctx, w.as("handler2"), office.Decision{Record: b, Version: 1}))
		again := w.must(w.Settle(ctx, w.as("handler2"), office.Ruling{Records: []string{a, b}, Same: true, Holder: b, Reason: "异议成立"}))
		w.by(again.Proposal, "member2", "member3")
		if r := record(w, a); r.State != qiaomen.Revoked {
			w.t.Errorf("the first is %s", r.State)
		}
		w.recognisedAgain(b, 1)
		if r := record(w, b); r.State != qiaomen.Recognised {
			w.t.Errorf("the second is %s", r.State)
		}
		got := w.holders(a, b)
		if want := []string{"", a, "", b}; len(got) != 4 || got[1] != want[1] || got[2] != "" || got[3] != want[3] {
			w.t.Errorf("holders were %q, want %q", got, want)
		}
	})
}

func TestADeclinedAnswerIsGivenAnew(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		id := w.reportSigned("jixian", "reserve_project", "示例项目", reserve)
		w.must(w.Accept(ctx, w.as("handler"), id, 1))
		w.must(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: id, Version: 1, Refuse: true, Reason: "没有依据"}))
		filed := w.must(w.FileObjection(ctx, w.as("jixian-head"), office.Filing{Record: id, Text: "有依据"}))
		p := w.must(w.AnswerObjection(ctx, w.as("evaluator"), office.ObjectionAnswer{Objection: filed.ID, Upheld: true, Opinion: "同意"}))
		w.must(w.Decline(ctx, w.as("member"), p.Proposal, "依据不足"))
		if x := rowOf[qiaomen.Objection](w, filed.ID); x.State != qiaomen.Pending || x.Reason != "依据不足" {
			w.t.Errorf("%+v", x)
		}
		p = w.must(w.AnswerObjection(ctx, w.as("evaluator2"), office.ObjectionAnswer{Objection: filed.ID, Opinion: "维持"}))
		w.decidedOnPaper(p.Proposal, qiaomen.GroupMember, true)
		if x := rowOf[qiaomen.Objection](w, filed.ID); x.State != qiaomen.Declined || x.Upheld || x.Decision != "维持" {
			w.t.Errorf("%+v", x)
		}
		if r := record(w, id); r.State != qiaomen.Refused {
			w.t.Errorf("it is %s", r.State)
		}
		w.faulty("已经提出过异议")(w.FileObjection(ctx, w.as("jixian-head"), office.Filing{Record: id, Text: "再说一次"}))
	})
}

func TestAnUpheldObjectionIsHeardAnew(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		id := w.reportSigned("jixian", "reserve_project", "示例项目", reserve)
		w.recognisedByTwo(id, 1)
		w.must(w.OpenHearing(ctx, w.as("handler"), office.HearingCall{Record: id, Reason: "查"}))
		w.must(w.Explain(ctx, w.as("jixian-head"), id, "属实"))
		p := w.must(w.Revoke(ctx, w.as("handler"), office.Revocation{Record: id, Ground: "falsification", Reason: "不实"}))
		w.must(w.Approve(ctx, w.as("reviewer"), p.Proposal))
		w.byGroup(p.Proposal)
		filed := w.must(w.FileObjection(ctx, w.as("jixian-head"), office.Filing{Record: id, Text: "属实"}))
		if x := rowOf[qiaomen.Objection](w, filed.ID); len(x.Involved) != 3 { // who accepted and proposed it, and both who approved
			w.t.Errorf("involved are %q", x.Involved)
		}
		p = w.must(w.AnswerObjection(ctx, w.as("evaluator"), office.ObjectionAnswer{Objection: filed.ID, Upheld: true, Opinion: "属实"}))
		w.refused(w.Approve(ctx, w.as("member"), p.Proposal))
		w.by(p.Proposal, "member3", "member4")
		w.recognisedAgain(id, 1)
		w.faulty("还没有听取单位的说明")(w.Revoke(ctx, w.as("handler"), office.Revocation{Record: id, Ground: "falsification", Reason: "不实"}))
	})
}

func TestAnObjectionComesInTime(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		id := w.reportSigned("jixian", "reserve_project", "示例项目", reserve)
		w.must(w.Accept(ctx, w.as("handler"), id, 1))
		w.must(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: id, Version: 1, Refuse: true, Reason: "没有依据"}))
		w.now = time.Date(2023, 12, 19, 9, 0, 1, 0, time.UTC) // a second after the fifth workday's close
		filing := office.Filing{Record: id, Text: "有依据"}
		w.faulty("期限2023年12月19日17:00已过")(w.FileObjection(ctx, w.as("jixian-head"), filing))
		filing.ReceivedAt = "2023-12-18T09:00:00+08:00"
		w.faulty("不写收件时间")(w.FileObjection(ctx, w.as("jixian-head"), filing))

		paper := office.PaperFiling{Filing: filing, DecidedOn: "2023-12-18", Number: "示例函〔2023〕3号", Name: "集贤县人民政府", Scan: w.keptFile("scan")}
		w.faulty("没有写收件编号")(w.FileObjectionOnPaper(ctx, w.as("handler"), paper))
		paper.Filing.ReceivedNumber = "收〔2023〕7号"
		w.refused(w.FileObjectionOnPaper(ctx, w.as("jixian-reporter"), paper))
		w.refused(w.FileObjectionOnPaper(ctx, w.as("reviewer"), paper))
		a := w.again(func(by office.Caller) (*office.Answer, error) { return w.FileObjectionOnPaper(ctx, by, paper) }, "handler")
		w.refused(w.ConfirmPaper(ctx, w.as("handler2"), a.ID))
		filed := w.must(w.ConfirmPaper(ctx, w.as("reviewer"), a.ID))
		x := rowOf[qiaomen.Objection](w, filed.ID)
		if x.Paper == nil || x.Paper.Number != paper.Number || x.ReceivedAt != "2023-12-18T01:00:00.000000Z" || x.State != qiaomen.Pending {
			w.t.Errorf("%+v", x)
		}
	})
}

func TestAPublishedRankingIsContested(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		seal := func(events ...qiaomen.Event) {
			w.t.Helper()
			_, err := w.store.Write(ctx, store.Act{Journal: winter, Person: "u-group", Account: "c-group", At: w.now}, func(tx *store.Tx) error {
				for _, e := range events {
					if err := tx.Emit(e); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				w.t.Fatal(err)
			}
		}
		filing := office.Filing{Ranking: "k-1", Unit: "jixian", Text: "储备项目少计一个"}
		w.faulty("没有找到排名")(w.FileObjection(ctx, w.as("jixian-head"), filing))
		seal(&qiaomen.RankingDrafted{Ranking: qiaomen.LedgerRanking{ID: "k-1", Name: "2023-12"}}, &qiaomen.RankingApproved{ID: "k-1"})
		w.faulty("还没有公布")(w.FileObjection(ctx, w.as("jixian-head"), filing))
		w.now = w.now.Add(10 * 24 * time.Hour) // the days run from when it was published, not approved
		seal(&qiaomen.NoticeDrafted{Notice: qiaomen.Notice{ID: "n-1", Ranking: "k-1"}}, &qiaomen.NoticePublished{ID: "n-1"})
		w.refused(w.FileObjection(ctx, w.as("youyi-head"), filing))
		w.refused(w.FileObjection(ctx, w.as("jixian-reporter"), filing))
		filed := w.must(w.FileObjection(ctx, w.as("jixian-head"), filing))
		x := rowOf[qiaomen.Objection](w, filed.ID)
		if x.Unit != "jixian" || x.Subject.ID != "k-1" || len(x.Involved) != 1 || x.Involved[0] != "u-group" {
			w.t.Errorf("%+v", x)
		}
		p := w.must(w.AnswerObjection(ctx, w.as("evaluator"), office.ObjectionAnswer{Objection: filed.ID, Upheld: true, Opinion: "应予重新计算"}))
		w.byGroup(p.Proposal)
		if x := rowOf[qiaomen.Objection](w, filed.ID); x.State != qiaomen.Approved || !x.Upheld {
			w.t.Errorf("%+v", x)
		}
	})
}
