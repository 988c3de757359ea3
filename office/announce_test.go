package office_test

import (
	"testing"
	"time"

	"qiaomen"
	"qiaomen/office"
)

func TestAnnouncements(t *testing.T) {
	for _, p := range []qiaomen.Procedure{qiaomen.SmallOffice, qiaomen.ThreePowers} {
		onEach(t, p, func(w *world) {
			a := office.AnnouncementInput{Title: "外出活动口径", Text: "线上会谈算一次外出活动。", About: "附3·三(二)", Question: "线上会谈算不算？"}
			w.refused(w.Announce(ctx, w.as("jixian-head"), a))
			w.refused(w.AnswerQuestion(ctx, w.as("reviewer"), a)) // may only agree
			w.faulty("没有写问题")(w.AnswerQuestion(ctx, w.as("handler"), office.AnnouncementInput{Title: "示例", Text: "示例"}))
			w.faulty("没有写标题")(w.Announce(ctx, w.as("handler"), office.AnnouncementInput{Text: "示例"}))
			w.faulty("没有写内容")(w.Announce(ctx, w.as("handler"), office.AnnouncementInput{Title: "示例"}))
			w.faulty("没有条款或口径“九”")(w.Announce(ctx, w.as("handler"), office.AnnouncementInput{Title: "示例", Text: "示例", About: "九"}))
			w.faulty("没有选所答的条款")(w.AnswerQuestion(ctx, w.as("handler"), office.AnnouncementInput{Title: "示例", Text: "示例", Question: "示例？"}))
			w.faulty("不能有手机号")(w.Announce(ctx, w.as("handler"), office.AnnouncementInput{Title: "示例", Text: "联系139" + "12345678"}))

			by := w.as("handler")
			p := w.must(w.AnswerQuestion(ctx, by, a))
			if again := w.must(w.AnswerQuestion(ctx, by, a)); again.Proposal != p.Proposal {
				w.t.Errorf("sent twice: %+v", again)
			}
			said := func(login, about string) []*qiaomen.Announcement {
				w.t.Helper()
				all, err := w.Announcements(ctx, w.as(login), about)
				if err != nil {
					w.t.Fatal(err)
				}
				return all
			}
			if all := said("jixian-reporter", ""); len(all) != 0 {
				w.t.Errorf("said before anybody agreed: %+v", all)
			}
			w.refused(w.Approve(ctx, w.as("handler"), p.Proposal))
			w.refused(w.Approve(ctx, w.as("handler2"), p.Proposal))
			w.must(w.Approve(ctx, w.as("reviewer"), p.Proposal))
			w.now = w.now.Add(time.Hour)
			w.must(w.Approve(ctx, w.as("reviewer"), w.must(w.Announce(ctx, w.as("handler"), office.AnnouncementInput{Title: "系统升级", Text: "今晚停机。"})).Proposal))
			for _, who := range []string{"jixian-reporter", "bio-head", "leader", "statistician", "auditor"} {
				if all := said(who, ""); len(all) != 2 || all[0].Title != "系统升级" || all[1].Question != a.Question {
					w.t.Errorf("%s: %+v", who, all)
				}
			}
			if all := said("jixian-reporter", "附3·三(二)"); len(all) != 1 || all[0].Text != a.Text || all[0].By == "" {
				w.t.Errorf("beside the clause: %+v", all)
			}
			if all := said("jixian-reporter", "outing_forms"); len(all) != 0 {
				w.t.Errorf("beside another choice: %+v", all)
			}
		})
	}
}
