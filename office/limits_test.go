package office_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"qiaomen"
	"qiaomen/office"
)

// TestTextsAreShort: every text that is sealed is bounded, and none takes a
// telephone number into the journal.
func TestTextsAreShort(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		r := w.report("jixian-reporter", "jixian", "reserve_project", "示例产业园", reserve)
		w.recognised(r, 1)
		w.must(w.OpenHearing(ctx, w.as("handler"), office.HearingCall{Record: r, Reason: "有人举报"}))
		gone := w.report("jixian-reporter", "jixian", "reserve_project", "示例二园", reserve)
		w.must(w.Accept(ctx, w.as("handler"), gone, 1))
		w.must(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: gone, Version: 1, Refuse: true, Reason: "不实"}))
		one := w.report("jixian-reporter", "jixian", "reserve_project", "示例三园", reserve)
		two := w.report("youyi-reporter", "youyi", "reserve_project", "示例三园", reserve)
		p := w.must(w.Settle(ctx, w.as("handler"), office.Ruling{Records: []string{one, two}, Same: true, Reason: "同一园区"}))
		scan := w.keptFile("scan")
		entry := office.PaperEntry{Proposal: p.Proposal, Role: qiaomen.GroupMember, DecidedOn: "2023-12-12", Number: "1号", Reason: "不同意", Scan: scan}
		filing := office.PaperFiling{
			Filing:    office.Filing{Record: gone, Text: "有合同为证", ReceivedAt: "2023-12-12T09:00:00+08:00", ReceivedNumber: "收7"},
			DecidedOn: "2023-12-12", Number: "无", Scan: scan,
		}
		objected := w.must(w.FileObjection(ctx, w.as("jixian-head"), office.Filing{Record: gone, Text: "有合同为证"}))
		acts := map[string]func(text string) (*office.Answer, error){
			"objection": func(text string) (*office.Answer, error) {
				return w.FileObjection(ctx, w.as("jixian-head"), office.Filing{Record: gone, Text: text})
			},
			"opinion on an objection": func(text string) (*office.Answer, error) {
				return w.AnswerObjection(ctx, w.as("evaluator"), office.ObjectionAnswer{Objection: objected.ID, Opinion: text})
			},
			"opinion": func(text string) (*office.Answer, error) {
				return w.GiveOpinion(ctx, w.as("evaluator"), office.Word{Unit: "jixian", Text: text})
			},
			"explanation": func(text string) (*office.Answer, error) {
				return w.Explain(ctx, w.as("jixian-reporter"), r, text)
			},
			"adjustment": func(text string) (*office.Answer, error) {
				return w.ProposeAdjustment(ctx, w.as("evaluator"), office.AdjustmentInput{
					Unit: "jixian", Line: "funds", Points: "2.5", Ground: "force_majeure", Reason: text, Papers: []qiaomen.Evidence{scan},
				})
			},
			"paper's reason": func(text string) (*office.Answer, error) {
				bad := entry
				bad.Reason = text
				return w.EnterPaper(ctx, w.as("handler"), bad)
			},
			"paper's number": func(text string) (*office.Answer, error) {
				bad := entry
				bad.Number = text
				return w.EnterPaper(ctx, w.as("handler"), bad)
			},
			"paper's name": func(text string) (*office.Answer, error) {
				bad := entry
				bad.Name = text
				return w.EnterPaper(ctx, w.as("handler"), bad)
			},
			"objection's number on paper": func(text string) (*office.Answer, error) {
				bad := filing
				bad.Number = text
				return w.FileObjectionOnPaper(ctx, w.as("handler"), bad)
			},
			"announcement": func(text string) (*office.Answer, error) {
				return w.Announce(ctx, w.as("handler"), office.AnnouncementInput{Title: "示例", Text: text})
			},
			"revocation": func(text string) (*office.Answer, error) {
				return w.Revoke(ctx, w.as("handler"), office.Revocation{Record: r, Ground: "error", Reason: text})
			},
		}
		for name, act := range acts {
			t.Run(name, func(*testing.T) {
				w.faulty("超过2000个字")(act(strings.Repeat("长", 2001)))
				w.faulty("不能有手机号")(act("请联系 139" + "12345678"))
			})
		}
	})
}

// TestListsAreShort: no act names more than can be decided at once.
func TestListsAreShort(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		many := slices.Repeat([]qiaomen.Evidence{w.file("jixian-reporter", "")}, 51)
		p := plan(w, "jixian")
		p.Papers = many
		w.faulty("最多50份材料")(w.HandIn(ctx, w.as("jixian-reporter"), p))
		w.faulty("最多50份材料")(w.ProposeAdjustment(ctx, w.as("evaluator"), office.AdjustmentInput{
			Unit: "jixian", Line: "funds", Points: "2.5", Ground: "force_majeure", Reason: "洪灾", Papers: many,
		}))
		one := w.report("jixian-reporter", "jixian", "reserve_project", "示例产业园", reserve)
		w.faulty("最多100条记录")(w.Settle(ctx, w.as("handler"), office.Ruling{Records: slices.Repeat([]string{one}, 101), Reason: "同一园区"}))
		w.faulty("最多100个单位")(w.Extend(ctx, w.as("handler"), office.Delay{
			Occurrence: office.Occurrence{Duty: "monthly_report", Due: "2024-01-25"}, Units: slices.Repeat([]string{"jixian"}, 101), To: "2024-01-30", Reason: "停电",
		}))
		var rows []office.ListedProject
		for i := range 1001 {
			rows = append(rows, office.ListedProject{Name: fmt.Sprint("示例", i), Fields: []byte(`{"statistics_on":"2023-12-08"}`)})
		}
		w.faulty("一次最多1000行")(w.EnterStatisticsList(ctx, w.as("handler"), office.ListEntry{
			Kind: "project_start", PublishedOn: "2023-12-09", Bulletin: w.keptFile("bulletin"), Rows: rows,
		}))
		w.faulty("4MiB")(w.PublishRules(ctx, w.as("handler"), office.RulesInput{Text: strings.Repeat("#", 4<<20+1), Reason: "改"}))
	})
}

// TestNoText: what is no text is told to whoever sent it, wherever it stands,
// and never reaches the database.
func TestNoText(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		told := func(what string, err error) {
			if _, ok := errors.AsType[*qiaomen.Problem](err); !ok {
				if _, denied := errors.AsType[*office.Denied](err); !denied {
					t.Errorf("%s: %v", what, err)
				}
			}
		}
		for _, bad := range []string{"\xff", "a\x00b"} {
			for what, change := range map[string]func(*office.Caller){
				"key": func(c *office.Caller) { c.Key = bad }, "account": func(c *office.Caller) { c.Account = bad },
				"campaign": func(c *office.Caller) { c.Campaign = bad },
			} {
				by := w.as("handler")
				change(&by)
				_, err := w.Draft(ctx, by, office.DraftInput{Unit: "jixian"})
				told(what, err)
				_, err = w.Approve(ctx, by, "p-1")
				told(what+" in an approval", err)
				_, err = w.Record(ctx, by, "r-1")
				told(what+" in a look", err)
				_, err = w.Proposals(ctx, by, false)
				told(what+" in a list", err)
				_, err = w.Notice(ctx, by, "n-1")
				told(what+" in a public look", err)
				_, err = w.KeepFile(ctx, by, "", "a.jpg", strings.NewReader("a"))
				told(what+" of a file", err)
			}
			by := w.as("handler")
			_, err := w.Approve(ctx, by, bad)
			told("proposal", err)
			_, err = w.Accept(ctx, w.as("handler"), bad, 1)
			told("record", err)
			_, err = w.Record(ctx, w.as("handler"), bad)
			told("record to look at", err)
			_, err = w.Record(ctx, w.as("jixian-reporter"), bad)
			told("record for a unit", err)
			_, err = w.ReadRanking(ctx, w.as("handler"), bad)
			told("ranking", err)
			_, err = w.Notice(ctx, w.as("handler"), bad)
			told("notice", err)
			_, err = w.DuplicateHint(ctx, w.as("jixian-reporter"), bad)
			told("draft", err)
		}
	})
}
