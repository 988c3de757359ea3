package office_test

import (
	"archive/zip"
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
)

var public = office.Caller{Campaign: winter}

// text is what stands in a Word file, paragraph after paragraph.
func (w *world) text(by office.Caller, notice, digest string) string {
	w.t.Helper()
	file, _, err := w.NoticeFile(ctx, by, notice, digest)
	if err != nil {
		w.t.Fatal(err)
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		w.t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		w.t.Fatal(err)
	}
	f, err := z.Open("word/document.xml")
	if err != nil {
		w.t.Fatal(err)
	}
	defer f.Close()
	xml, err := io.ReadAll(f)
	if err != nil {
		w.t.Fatal(err)
	}
	return tags.ReplaceAllString(strings.ReplaceAll(string(xml), "</w:p>", "\n"), "")
}

var tags = regexp.MustCompile(`<[^>]*>`)

func (w *world) says(text string, want ...string) {
	w.t.Helper()
	for _, s := range want {
		if !strings.Contains(text, s) {
			w.t.Errorf("it does not say %q:\n%s", s, text)
		}
	}
}

func (w *world) saysNot(text string, unwanted ...string) {
	w.t.Helper()
	for _, s := range unwanted {
		if strings.Contains(text, s) {
			w.t.Errorf("it says %q:\n%s", s, text)
		}
	}
}

func (w *world) notice(by office.Caller, id string) *qiaomen.Notice {
	w.t.Helper()
	n, err := w.Notice(ctx, by, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// draftedNotice is the notice of a ranking, made by the handler.
func (w *world) draftedNotice(in office.NoticeInput) *qiaomen.Notice {
	w.t.Helper()
	a := w.must(w.DraftNotice(ctx, w.as("handler"), in))
	return w.notice(w.as("handler"), a.ID)
}

// published is that notice, sent out.
func (w *world) published(in office.NoticeInput, number string) *qiaomen.Notice {
	w.t.Helper()
	n := w.draftedNotice(in)
	a := w.must(w.PublishNotice(ctx, w.as("handler"), office.Publishing{Notice: n.ID, Number: number, DatedOn: w.now.Add(8 * time.Hour).Format(time.DateOnly)}))
	w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
	w.now = w.now.Add(time.Hour)
	return w.notice(public, n.ID)
}

// alsoIs gives somebody another role in the campaign.
func (w *world) alsoIs(login string, role qiaomen.Role) {
	w.t.Helper()
	_, err := w.store.Write(ctx, store.Act{Journal: office.InstallationJournal, At: w.now}, func(tx *store.Tx) error {
		return tx.Emit(&qiaomen.RoleGranted{Grant: qiaomen.Grant{ID: "g-also-" + login, Person: w.personOf(login), Role: role, Campaign: winter}})
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestANoticeIsPublished(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		r := w.drafted("2024-01")
		in := office.NoticeInput{Ranking: r.ID, Issuer: "示例市领导小组办公室", CopyTo: "市委办公室"}
		w.faulty("没有审定")(w.DraftNotice(ctx, w.as("handler"), in))
		w.must(w.Approve(ctx, w.as("reviewer"), r.Proposal))
		for _, who := range []string{"jixian-head", "evaluator", "member", "auditor"} {
			w.refused(w.DraftNotice(ctx, w.as(who), in))
		}
		w.faulty("没有找到")(w.DraftNotice(ctx, w.as("handler"), office.NoticeInput{Ranking: "k-none"}))
		a := w.again(func(by office.Caller) (*office.Answer, error) { return w.DraftNotice(ctx, by, in) }, "reviewer")
		n := w.notice(w.as("handler"), a.ID)
		w.says(w.text(w.as("handler"), n.ID, n.Document.Digest), "关于", "2024年1月排名情况的通报", "示例市领导小组办公室", "〔待填：发文字号〕",
			"2024年1月月结时，没有报送月报表的有：集贤县", "市委办公室")
		if n.Version != 1 || len(n.Unfilled) != 2 || n.Tables.Format != "xlsx" || !strings.Contains(n.Title, "2024年1月") {
			t.Errorf("%+v", n)
		}
		if _, err := w.Notice(ctx, public, n.ID); err == nil {
			t.Error("the public sees a draft")
		}
		_, err := w.Notice(ctx, w.as("jixian-head"), n.ID)
		w.denies(err)

		for says, bad := range map[string]office.Publishing{
			"不是发文字号": {Number: "示例办发〔2024〕01号", DatedOn: "2024-01-27"},
			"早于排名审定": {Number: "示例办发〔2024〕1号", DatedOn: "2024-01-25"},
			"成文日期：":  {Number: "示例办发〔2024〕1号", DatedOn: "1月27日"},
		} {
			bad.Notice = n.ID
			w.faulty(says)(w.PublishNotice(ctx, w.as("handler"), bad))
		}
		out := office.Publishing{Notice: n.ID, Number: "示例办发〔2024〕1号", DatedOn: "2024-01-27"}
		for _, who := range []string{"reviewer", "member", "jixian-head", "auditor"} {
			w.refused(w.PublishNotice(ctx, w.as(who), out))
		}
		forged := out
		forged.Document = w.keptFile("notice")
		p := w.again(func(by office.Caller) (*office.Answer, error) { return w.PublishNotice(ctx, by, forged) }, "handler")
		w.refused(w.Approve(ctx, w.as("handler2"), p.Proposal))
		w.must(w.Approve(ctx, w.as("reviewer"), p.Proposal))

		n = w.notice(public, n.ID)
		if n.State != qiaomen.Published || n.Number != out.Number || n.DatedOn != out.DatedOn || len(n.Unfilled) != 0 || n.Document.Digest == forged.Document.Digest {
			t.Errorf("%+v", n)
		}
		w.says(w.text(public, n.ID, n.Document.Digest), out.Number, "2024年1月27日")
		if again := w.recomputed("", r.ID); !again.Equal {
			t.Errorf("the public recomputes something else: %v", again.Differs)
		}
		all, err := w.Notices(ctx, public)
		if err != nil || len(all) != 1 || all[0].ID != n.ID {
			t.Errorf("%v, %v", all, err)
		}
		if _, err := w.Notices(ctx, office.Caller{Campaign: "nowhere"}); err == nil {
			t.Error("there is a campaign nowhere")
		}
		w.faulty("已经公布过")(w.DraftNotice(ctx, w.as("handler"), in))
		w.faulty("已经发布")(w.PublishNotice(ctx, w.as("handler"), out))
	})
}

func TestANoticeIsRead(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		r := w.approvedRanking("2024-01", "reviewer")
		n := w.draftedNotice(office.NoticeInput{Ranking: r.ID})
		w.faulty("没有找到")(w.ReadNotice(ctx, w.as("jixian-reporter"), n.ID))
		a := w.must(w.PublishNotice(ctx, w.as("handler"), office.Publishing{Notice: n.ID, Number: "示例办发〔2024〕1号", DatedOn: "2024-01-27"}))
		w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
		w.refused(w.ReadNotice(ctx, w.as("handler"), n.ID))
		w.must(w.ReadNotice(ctx, w.as("jixian-reporter"), n.ID))
		first := w.notice(public, n.ID).Receipts["jixian"]
		w.now = w.now.Add(time.Hour)
		w.must(w.ReadNotice(ctx, w.as("jixian-head"), n.ID))
		w.must(w.ReadNotice(ctx, w.as("youyi-head"), n.ID))
		got := w.notice(public, n.ID).Receipts
		if len(got) != 2 || first == "" || got["jixian"] != first || got["youyi"] <= first {
			t.Errorf("%v", got)
		}
	})
}

func TestAReopenedMonthIsPrintedOnce(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		first := w.approvedRanking("2024-01", "reviewer")
		stale := w.draftedNotice(office.NoticeInput{Ranking: first.ID})
		w.now = w.now.Add(time.Hour)
		p := w.must(w.ReopenMonth(ctx, w.as("reviewer"), "2024-01", "宝清县断网：{{.总评}}"))
		w.must(w.Approve(ctx, w.as("member"), p.Proposal))
		w.faulty("又重新开放过")(w.PublishNotice(ctx, w.as("handler"), office.Publishing{Notice: stale.ID, Number: "示例办发〔2024〕1号", DatedOn: "2024-01-27"}))
		w.faulty("还没有月结")(w.DraftRanking(ctx, w.as("handler"), office.RankingInput{Month: "2024-01"}))
		w.now = w.now.Add(time.Hour)
		p = w.must(w.CloseMonth(ctx, w.as("handler"), "2024-01"))
		w.must(w.Approve(ctx, w.as("reviewer"), p.Proposal))
		w.now = w.now.Add(time.Hour)
		r := w.ranking(w.must(w.DraftRanking(ctx, w.as("handler"), office.RankingInput{Month: "2024-01"})).ID)
		w.everybody(r.Proposal, "reviewer")
		n := w.published(office.NoticeInput{Ranking: r.ID}, "示例办发〔2024〕1号")
		w.says(w.text(public, n.ID, n.Document.Digest), "2024年1月于2024年1月26日经批准重新开放，理由是宝清县断网：{{.总评}}。")

		next := w.approvedRanking("2024-02", "reviewer")
		n = w.published(office.NoticeInput{Ranking: next.ID}, "示例办发〔2024〕2号")
		w.saysNot(w.text(public, n.ID, n.Document.Digest), "重新开放")
	})
}

func TestWhoApprovedForTheLeadingGroupDoesNotPublish(t *testing.T) {
	onEach(t, qiaomen.ThreePowers, func(w *world) {
		w.alsoIs("reviewer2", qiaomen.GroupMember)
		r := w.approvedRanking("2024-01", "reviewer2", "member")
		n := w.draftedNotice(office.NoticeInput{Ranking: r.ID})
		w.says(w.text(w.as("handler"), n.ID, n.Document.Digest), "审定（2024年1月26日），")
		a := w.must(w.PublishNotice(ctx, w.as("handler"), office.Publishing{Notice: n.ID, Number: "示例办发〔2024〕1号", DatedOn: "2024-01-27"}))
		w.refused(w.Approve(ctx, w.as("reviewer2"), a.Proposal))
		w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
	})
}

func TestANoticeIsCorrected(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		r := w.approvedRanking("2024-01", "reviewer")
		old := w.published(office.NoticeInput{Ranking: r.ID, Issuer: "示例市领导小组"}, "示例办发〔2024〕1号")
		draft := w.draftedNotice(office.NoticeInput{Ranking: r.ID, Issuer: "示例市领导小组办公室", Replaces: old.ID})
		if draft.Version != 2 {
			t.Errorf("version %d", draft.Version)
		}
		out := office.Publishing{Notice: draft.ID, Number: "示例办发〔2024〕2号", DatedOn: "2024-01-28"}
		w.faulty("更正稿")(w.PublishNotice(ctx, w.as("handler"), out))
		c := office.Correction{Replaced: old.ID, Reason: "发文机关有误", Publishing: out}
		for _, who := range []string{"reviewer", "member", "evaluator", "jixian-head"} {
			w.refused(w.CorrectNotice(ctx, w.as(who), c))
		}
		bad := c
		bad.Reason = ""
		w.faulty("没有写理由")(w.CorrectNotice(ctx, w.as("handler"), bad))
		bad = c
		bad.Number = old.Number
		w.faulty("已经用过")(w.CorrectNotice(ctx, w.as("handler"), bad))
		bad = c
		bad.Replaced = draft.ID
		w.faulty("没有发布")(w.CorrectNotice(ctx, w.as("handler"), bad))
		a := w.again(func(by office.Caller) (*office.Answer, error) { return w.CorrectNotice(ctx, by, c) }, "handler")
		w.refused(w.Approve(ctx, w.as("reviewer"), a.Proposal))
		w.must(w.Approve(ctx, w.as("member"), a.Proposal))

		all, err := w.Notices(ctx, public)
		if err != nil || len(all) != 1 || all[0].ID != draft.ID || all[0].Number != out.Number {
			t.Errorf("%v, %v", all, err)
		}
		if n := w.notice(w.as("auditor"), old.ID); n.State != qiaomen.Superseded || n.Reason != "发文机关有误" {
			t.Errorf("%+v", n)
		}
		if _, err := w.Notice(ctx, public, old.ID); err == nil {
			t.Error("the public still reads what was replaced")
		}
		if r := w.ranking(r.ID); r.State != qiaomen.Published {
			t.Errorf("its ranking is %s", r.State)
		}

		gone := office.Correction{Replaced: draft.ID, Reason: "误发"}
		a = w.must(w.CorrectNotice(ctx, w.as("handler"), gone))
		w.must(w.Approve(ctx, w.as("member"), a.Proposal))
		if all, err := w.Notices(ctx, public); err != nil || len(all) != 0 {
			t.Errorf("%v, %v", all, err)
		}
		if again := w.recomputed("", r.ID); !again.Equal {
			t.Errorf("%v", again.Differs)
		}
	})
}

func TestTheFinalNoticeNamesAndAdjusts(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.seal(
			&qiaomen.AdjustmentProposed{Adjustment: qiaomen.Adjustment{ID: "j-1", Unit: "raohe", Points: qiaomen.Ratio(11, 2), Ground: "force_majeure", Reason: "示例：雪灾停工"}},
			&qiaomen.AdjustmentApproved{ID: "j-1"},
			&qiaomen.UnitChanged{Unit: qiaomen.LedgerUnit{ID: "youyi", LeadingOfficial: "示例副县长"}},
		)
		w.at("2024-04-30 10:00")
		r := w.ranking(w.must(w.DraftRanking(ctx, w.as("handler"), office.RankingInput{Final: true})).ID)
		w.decidedOnPaper(r.Proposal, qiaomen.GroupMember, true)
		if r = w.ranking(r.ID); r.ApprovedAs != qiaomen.GroupMember || r.Paper == nil {
			t.Errorf("%+v", r)
		}
		n := w.draftedNotice(office.NoticeInput{Ranking: r.ID})
		text := w.text(w.as("handler"), n.ID, n.Document.Digest)
		w.says(text,
			"经市开放招商工作领导小组审定（2024年4月30日，示例纪要〔2024〕1号），", "第1名饶河县（12.5分）", "总分为审定得分，即计算得分加上经审定的调整。",
			"饶河县加5.5分（不可抗拒的重大自然灾害：示例：雪灾停工）", "友谊县（第7名，牵头县级领导：示例副县长）", "在总结会议上作反思发言")
		w.saysNot(text, "饶河县（第", "审定的会议或者日期", "调整的单位、事由", "抄送机关", "总分为计算得分")

		// The only reviewer confirmed the leading group's paper; they publish all the same.
		a := w.must(w.PublishNotice(ctx, w.as("handler"), office.Publishing{Notice: n.ID, Number: "示例办发〔2024〕9号", DatedOn: "2024-04-30"}))
		w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
		if n = w.notice(public, n.ID); len(n.Unfilled) != 1 || !strings.Contains(n.Unfilled[0], "牵头县级领导") {
			t.Errorf("unfilled: %v", n.Unfilled)
		}
	})
}

// TestAReviewersOwnMonthIsPublished: in a small office, which has one reviewer
// at times, the approval of a month's ranking is the office's, and does not bar
// who gave it from publishing what somebody else proposes.
func TestAReviewersOwnMonthIsPublished(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		r := w.approvedRanking("2024-01", "reviewer")
		n := w.published(office.NoticeInput{Ranking: r.ID}, "示例办发〔2024〕1号") // by the same reviewer
		if n.State != qiaomen.Published {
			t.Errorf("%+v", n)
		}
	})
}
