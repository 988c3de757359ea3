package office_test

import (
	"strings"
	"testing"

	"qiaomen"
	"qiaomen/office"
)

func urging(w *world, unit string) *qiaomen.Urging {
	w.t.Helper()
	all, err := w.Urgings(ctx, w.as("handler"), unit)
	if err != nil || len(all) != 1 {
		w.t.Fatalf("%d urgings of %s: %v", len(all), unit, err)
	}
	return all[0]
}

func TestUrging(t *testing.T) {
	for _, p := range []qiaomen.Procedure{qiaomen.SmallOffice, qiaomen.ThreePowers} {
		onEach(t, p, func(w *world) {
			w.at("2023-12-18 09:00")
			w.must(w.HandIn(ctx, w.as("jixian-reporter"), plan(w, "jixian")))
			a := office.Pressing{Units: []string{"youyi", "raohe"}, Occurrence: office.Occurrence{Duty: "plan"}, Until: "2023-12-19"}
			w.refused(w.Urge(ctx, w.as("youyi-head"), a))
			w.refused(w.Urge(ctx, w.as("evaluator"), a))
			for says, mend := range map[string]func(a *office.Pressing){
				"“集贤县”已经报送": func(a *office.Pressing) { a.Units[0] = "jixian" },
				"选了两次":      func(a *office.Pressing) { a.Units[0] = "raohe" },
				"没有选单位":     func(a *office.Pressing) { a.Units = nil },
				"方案里没有单位":   func(a *office.Pressing) { a.Units[0] = "nothing" },
				"不承办":       func(a *office.Pressing) { a.Units[0] = "bio-economy" },
				"已经过去":      func(a *office.Pressing) { a.Until = "2023-12-17" },
				"没有写督办内容":   func(a *office.Pressing) { a.Occurrence = office.Occurrence{} },
				"不能有手机号":    func(a *office.Pressing) { a.Text = "请打139" + "12345678" },
				"没有“2024-":  func(a *office.Pressing) { a.Due = "2024-01-25" },
			} {
				b := a
				b.Units = append([]string{}, a.Units...)
				mend(&b)
				w.faulty(says)(w.Urge(ctx, w.as("handler"), b))
			}
			by := w.as("handler")
			first := w.must(w.Urge(ctx, by, a))
			if again := w.must(w.Urge(ctx, by, a)); again.ID != first.ID || !again.Again {
				w.t.Errorf("sent twice: %+v, %+v", first, again)
			}
			u := urging(w, "youyi")
			if u.ID != first.ID || u.State != qiaomen.Sent || u.Due != "2023-12-16" {
				w.t.Fatalf("%+v", u)
			}
			if s := w.standing("raohe", "plan", ""); s.Urged == nil || s.Urged.Unit != "raohe" {
				w.t.Errorf("the duty does not say that it was urged")
			}

			text, err := w.UrgingText(ctx, w.as("reviewer"), u.ID)
			want := "【督办】友谊县：“报送《2023年—2024年冬季招商方案》”应于2023年12月16日17:00前办理，现已逾期。请于2023年12月19日17:00前办理并在系统中答复。"
			if err != nil || text != want {
				w.t.Errorf("%s %v", text, err)
			}
			_, err = w.UrgingText(ctx, w.as("youyi-head"), u.ID)
			w.refused(nil, err)
			w.must(w.NoteCall(ctx, w.as("handler2"), u.ID, "telephone", "值班室接听"))
			w.faulty("这种提醒方式")(w.NoteCall(ctx, w.as("handler"), u.ID, "pigeon", ""))
			w.faulty("没有找到督办")(w.NoteCall(ctx, w.as("handler"), "nothing", "telephone", ""))
			w.refused(w.NoteCall(ctx, w.as("youyi-head"), u.ID, "telephone", ""))

			w.hidden("open", func(id string) error {
				_, err := w.OpenUrging(ctx, w.as("jixian-head"), id)
				return err
			}, u.ID)
			w.hidden("answer", func(id string) error {
				_, err := w.AnswerUrging(ctx, w.as("jixian-head"), id, "示例")
				return err
			}, u.ID)
			if got := urging(w, "youyi"); got.ReadAt != "" {
				w.t.Errorf("somebody else's look is the receipt: %+v", got)
			}
			w.at("2023-12-18 10:00")
			opened, err := w.OpenUrging(ctx, w.as("youyi-reporter"), u.ID)
			if err != nil || opened.State != qiaomen.Read || opened.ReadAt != "2023-12-18T02:00:00.000000Z" {
				w.t.Fatalf("%+v %v", opened, err)
			}
			w.at("2023-12-18 11:00")
			if opened, err = w.OpenUrging(ctx, w.as("youyi-head"), u.ID); err != nil || opened.ReadAt != "2023-12-18T02:00:00.000000Z" {
				w.t.Errorf("the receipt moved: %+v %v", opened, err)
			}
			w.faulty("没有写答复")(w.AnswerUrging(ctx, w.as("youyi-head"), u.ID, " "))
			w.must(w.AnswerUrging(ctx, w.as("youyi-head"), u.ID, "今天下班前报送"))
			w.faulty("已经答复")(w.AnswerUrging(ctx, w.as("youyi-head"), u.ID, "再答"))
			if got := urging(w, "youyi"); got.State != qiaomen.Answered || len(got.Calls) != 1 || got.Calls[0].How != "telephone" {
				w.t.Errorf("%+v", got)
			}
			if text, _ := w.UrgingText(ctx, w.as("handler"), u.ID); !strings.HasSuffix(text, "（已于2023年12月18日11:00答复）") {
				w.t.Error(text)
			}
			other := urging(w, "raohe")
			if other.State != qiaomen.Sent || len(other.Calls) > 0 {
				w.t.Errorf("the other unit's moved with it: %+v", other)
			}
		})
	}
}

func TestWhoSeesUrgings(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.must(w.Urge(ctx, w.as("reviewer"), office.Pressing{Units: []string{"youyi"}, Text: "请说明外出安排", Until: "2023-12-20T12:00:00+08:00"}))
		id := urging(w, "youyi").ID
		w.must(w.AnswerUrging(ctx, w.as("youyi-reporter"), id, "已安排")) // unopened: whoever answers has read it
		if u := urging(w, "youyi"); u.ReadAt == "" || u.Duty != "" || u.Until != "2023-12-20T04:00:00.000000Z" {
			w.t.Errorf("%+v", u)
		}
		for who, want := range map[string]int{"auditor": 1, "member": 1, "handler": 1} {
			all, err := w.Urgings(ctx, w.as(who), "")
			if err != nil || len(all) != want {
				w.t.Errorf("%s: %d urgings %v", who, len(all), err)
			}
		}
		for _, who := range []string{"youyi-head", "leader"} {
			_, err := w.Urgings(ctx, w.as(who), "")
			w.refused(nil, err)
		}
		w.hidden("urgings", func(unit string) error {
			_, err := w.Urgings(ctx, w.as("jixian-head"), unit)
			return err
		}, "youyi")
	})
}
