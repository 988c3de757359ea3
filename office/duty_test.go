package office_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
)

// at puts the clock to a time at +08:00: 2024-01-25 16:30.
func (w *world) at(text string) {
	w.t.Helper()
	t, err := time.Parse("2006-01-02 15:04 -0700", text+" +0800")
	if err != nil {
		w.t.Fatal(err)
	}
	w.now = t
}

// file has somebody keep a picture, another each time, for an act to name.
func (w *world) file(login, kind string) qiaomen.Evidence {
	w.t.Helper()
	w.keys++
	return w.keeps(login, kind, "示例.jpg", picture(w.keys))
}

// standing is a unit's duty at a day.
func (w *world) standing(unit, duty, due string) *office.Standing {
	w.t.Helper()
	all, err := w.Duties(ctx, w.as("handler"), unit)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, s := range all {
		if s.Duty.ID == duty && (due == "" || s.Due == due) {
			return s
		}
	}
	w.t.Fatalf("%s owes no %s at %s", unit, duty, due)
	return nil
}

func (w *world) stands(unit, duty, due, want string) {
	w.t.Helper()
	if got := w.standing(unit, duty, due).Now; got != want {
		w.t.Errorf("%s of %s at %s is %s, want %s", duty, unit, due, got, want)
	}
}

// sealed tells whether a text stands anywhere in the campaign's journal.
func (w *world) sealed(journal, text string) bool {
	w.t.Helper()
	for leaf, err := range w.store.Leaves(ctx, journal, 0) {
		if err != nil {
			w.t.Fatal(err)
		}
		if bytes.Contains(leaf, []byte(text)) {
			return true
		}
	}
	return false
}

// hidden asks that a unit hears the same of another's thing as of none.
func (w *world) hidden(name string, ask func(id string) error, others string) {
	w.t.Helper()
	there, nowhere := ask(others), ask("nothing-of-the-kind")
	if there == nil || nowhere == nil || there.Error() != nowhere.Error() || !strings.HasPrefix(there.Error(), "没有找到") {
		w.t.Errorf("%s: of another's “%v”, of none “%v”", name, there, nowhere)
	}
}

func plan(w *world, unit string) office.Paper {
	first, _, _ := strings.Cut(unit, "-")
	return office.Paper{
		Unit: unit, For: []office.Occurrence{{Duty: "plan"}, {Duty: "activity_plan", Due: "2023-12-16"}},
		Items:  map[string]string{"招商对象": "示例企业三十家", "活动事项": "外出十次", "责任人": "分管副县长"},
		Papers: []qiaomen.Evidence{w.file(first+"-reporter", "招商小组")},
	}
}

func TestOnePaperAnswersTwoDuties(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		a := plan(w, "jixian")
		by := w.as("jixian-reporter")
		first := w.must(w.HandIn(ctx, by, a))
		if again := w.must(w.HandIn(ctx, by, a)); !again.Again || again.ID != first.ID || again.Last != first.Last {
			w.t.Errorf("sent twice: %+v, then %+v", first, again)
		}
		w.stands("jixian", "plan", "", "on_time")
		w.stands("jixian", "activity_plan", "", "on_time")
		w.stands("youyi", "plan", "", "open")

		w.at("2023-12-16 17:01")
		w.stands("youyi", "plan", "", "overdue")
		w.must(w.HandIn(ctx, w.as("youyi-head"), plan(w, "youyi")))
		w.stands("youyi", "plan", "", "late")
		w.must(w.HandIn(ctx, w.as("jixian-head"), plan(w, "jixian"))) // a better one: the first decides
		if s := w.standing("jixian", "plan", ""); s.Now != "on_time" || s.Done.Times != 2 {
			w.t.Errorf("handed in again it is %s, %d times", s.Now, s.Done.Times)
		}
	})
}

func TestHandInIsRefused(t *testing.T) {
	onEach(t, qiaomen.ThreePowers, func(w *world) {
		good := plan(w, "jixian")
		w.refused(w.HandIn(ctx, w.as("youyi-reporter"), good))
		w.refused(w.HandIn(ctx, w.as("handler"), good))
		tests := []struct {
			says string
			mend func(a *office.Paper)
		}{
			{"没有报“招商小组”", func(a *office.Paper) { a.Papers = nil }},
			{"没有报“责任人”", func(a *office.Paper) { a.Items["责任人"] = "  " }},
			{"没有事项要求报“别的”", func(a *office.Paper) { a.Items["别的"] = "示例" }},
			{"没有事项要求报“别的”", func(a *office.Paper) { a.Papers = append(a.Papers, w.file("jixian-reporter", "别的")) }},
			{"没有收到文件", func(a *office.Paper) { a.Papers[0].Digest = strings.Repeat("0", 64) }},
			{"不能有手机号", func(a *office.Paper) { a.Items["责任人"] = "示例 139" + "12345678" }},
			{"没有选报送的事项", func(a *office.Paper) { a.For = nil }},
			{"没有应办事项“nothing”", func(a *office.Paper) { a.For[0].Duty = "nothing" }},
			{"没有“2023-12-17”这一期", func(a *office.Paper) { a.For[0].Due = "2023-12-17" }},
			{"报的是月报表", func(a *office.Paper) { a.For[0] = office.Occurrence{Duty: "monthly_report", Due: "2023-12-25"} }},
			{"不承办“一月一排名”", func(a *office.Paper) { a.For[0] = office.Occurrence{Duty: "monthly_ranking", Due: "2023-12-25"} }},
		}
		for _, tt := range tests {
			a := plan(w, "jixian")
			tt.mend(&a)
			w.faulty(tt.says)(w.HandIn(ctx, w.as("jixian-reporter"), a))
		}
		w.faulty("不承办")(w.HandIn(ctx, w.as("bio-reporter"), plan(w, "bio-economy")))
		w.stands("jixian", "plan", "", "open")

		whole := office.Paper{Unit: "jixian", For: good.For, Papers: []qiaomen.Evidence{w.file("jixian-reporter", "")}}
		w.must(w.HandIn(ctx, w.as("jixian-reporter"), whole)) // the document answers everything
		f, err := w.OpenPaper(ctx, w.as("evaluator"), "jixian", good.For[0], whole.Papers[0].Digest)
		if err != nil {
			w.t.Fatal(err)
		}
		f.Close()
		if _, err := w.OpenPaper(ctx, w.as("youyi-head"), "jixian", good.For[0], whole.Papers[0].Digest); err == nil {
			w.t.Error("another unit opened the plan")
		}
	})
}

func TestContactsStayOutOfTheJournal(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		phone := "139" + "12345678"
		one := office.Occurrence{Duty: "contact"}
		a := office.Paper{Unit: "jixian", For: []office.Occurrence{one}, Items: map[string]string{"联系人": "示例联系人", "联系方式": phone}}
		w.faulty("不收附件")(w.HandIn(ctx, w.as("jixian-reporter"), office.Paper{Unit: "jixian", For: a.For, Items: a.Items, Papers: []qiaomen.Evidence{w.file("jixian-reporter", "")}}))
		w.must(w.HandIn(ctx, w.as("jixian-reporter"), a))
		for _, text := range []string{"示例联系人", phone} {
			if w.sealed(winter, text) {
				w.t.Errorf("%s is in the journal", text)
			}
		}
		if s := w.standing("jixian", "contact", "2023-12-21"); s.Now != "on_time" || !s.Done.Personal || len(s.Done.Items) > 0 {
			w.t.Errorf("%s %+v", s.Now, s.Done)
		}
		_, err := w.UnmaskItems(ctx, w.as("handler"), "jixian", one, "")
		w.faulty("没有写理由")(nil, err)
		if w.sealed(office.AuditJournal, `"unmask"`) {
			w.t.Error("noted what was not shown")
		}
		for _, who := range []string{"handler", "reviewer", "jixian-head"} {
			got, err := w.UnmaskItems(ctx, w.as(who), "jixian", one, "核对联系人")
			if err != nil || !bytes.Contains(got, []byte(phone)) {
				w.t.Errorf("%s: %s %v", who, got, err)
			}
		}
		if !w.sealed(office.AuditJournal, "核对联系人") {
			w.t.Error("nothing in the audit journal")
		}
		for _, who := range []string{"evaluator", "auditor", "member", "leader", "youyi-head"} {
			_, err := w.UnmaskItems(ctx, w.as(who), "jixian", one, "看看")
			w.refused(nil, err)
		}
	})
}

func TestWhoSeesDuties(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.at("2023-12-26 09:00")
		all, err := w.AllDuties(ctx, w.as("auditor"))
		if err != nil {
			w.t.Fatal(err)
		}
		// mobilisation, contact, four monthly reports and the last: 15 units; plans: 9.
		if len(all) != 15*7+9*2 {
			w.t.Errorf("%d duties", len(all))
		}
		overdue := 0
		for i, s := range all {
			if s.Now == "overdue" {
				overdue++
			}
			if i > 0 && (s.Now == "overdue" && all[i-1].Now != "overdue" || s.Now == all[i-1].Now && s.Until < all[i-1].Until) {
				w.t.Errorf("%d: %s %s after %s %s", i, s.Now, s.Until, all[i-1].Now, all[i-1].Until)
			}
		}
		if overdue != 9*2+15+15 {
			w.t.Errorf("%d overdue", overdue)
		}
		for _, who := range []string{"jixian-head", "leader", "statistician", "system"} {
			_, err := w.AllDuties(ctx, w.as(who))
			w.refused(nil, err)
		}
		mine, err := w.Duties(ctx, w.as("bio-reporter"), "bio-economy")
		if err != nil || len(mine) != 7 {
			w.t.Errorf("%d duties: %v", len(mine), err)
		}
		w.hidden("duties", func(unit string) error {
			_, err := w.Duties(ctx, w.as("bio-reporter"), unit)
			return err
		}, "jixian")
		w.must(w.EditUnit(ctx, w.as("handler"), office.UnitInput{Unit: "youyi", MergedInto: "jixian"}))
		if all, err = w.AllDuties(ctx, w.as("handler")); err != nil || len(all) != 15*7+9*2-9 {
			w.t.Errorf("%d duties after a merger: %v", len(all), err)
		}
		w.faulty("已并入")(w.HandIn(ctx, w.as("youyi-reporter"), plan(w, "youyi")))
	})
}

func TestExtension(t *testing.T) {
	for _, p := range []qiaomen.Procedure{qiaomen.SmallOffice, qiaomen.ThreePowers} {
		onEach(t, p, func(w *world) {
			w.at("2023-12-16 20:00") // the system was down at five
			w.must(w.HandIn(ctx, w.as("jixian-reporter"), plan(w, "jixian")))
			w.must(w.HandIn(ctx, w.as("youyi-reporter"), plan(w, "youyi")))
			w.stands("jixian", "plan", "", "late")
			a := office.Delay{Occurrence: office.Occurrence{Duty: "plan"}, Units: []string{"jixian"}, To: "2023-12-17", Reason: "系统停机"}

			w.refused(w.Extend(ctx, w.as("jixian-head"), a))
			w.refused(w.Extend(ctx, w.as("reviewer"), a)) // may only agree
			for says, mend := range map[string]func(a *office.Delay){
				"只能延到更晚":   func(a *office.Delay) { a.To = "2023-12-16T12:00:00+08:00" },
				"不是时间":     func(a *office.Delay) { a.To = "明天" },
				"没有写理由":    func(a *office.Delay) { a.Reason = "" },
				"没有应办事项":   func(a *office.Delay) { a.Duty = "nothing" },
				"没有单位承办":   func(a *office.Delay) { a.Duty, a.Units = "nothing", nil },
				"不承办":      func(a *office.Delay) { a.Units = append(a.Units, "bio-economy") },
				"没有“2024-": func(a *office.Delay) { a.Due = "2024-01-01" },
			} {
				b := a
				b.Units = append([]string{}, a.Units...)
				mend(&b)
				w.faulty(says)(w.Extend(ctx, w.as("handler"), b))
			}
			by := w.as("handler")
			proposed := w.must(w.Extend(ctx, by, a))
			if again := w.must(w.Extend(ctx, by, a)); again.Proposal != proposed.Proposal || !again.Again {
				w.t.Errorf("sent twice: %+v", again)
			}
			w.stands("jixian", "plan", "", "late")
			w.refused(w.Approve(ctx, w.as("handler"), proposed.Proposal))
			w.must(w.Approve(ctx, w.as("reviewer"), proposed.Proposal))
			w.stands("jixian", "plan", "", "on_time")
			w.stands("youyi", "plan", "", "late")
			w.stands("jixian", "activity_plan", "", "late")
			w.faulty("只能延到更晚")(w.Extend(ctx, w.as("handler"), a))

			a.Units = nil // and now for all
			w.faulty("“集贤县”的期限本来就到2023年12月17日17:00")(w.Extend(ctx, w.as("handler"), a))
			a.To = "2023-12-18"
			w.must(w.Approve(ctx, w.as("reviewer"), w.must(w.Extend(ctx, w.as("handler"), a)).Proposal))
			w.stands("youyi", "plan", "", "on_time")
		})
	}
}

func TestCalendar(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		dues := func() string {
			all, err := w.Duties(ctx, w.as("jixian-reporter"), "jixian")
			if err != nil {
				w.t.Fatal(err)
			}
			var out []string
			for _, s := range all {
				if s.Duty.ID == "monthly_report" {
					out = append(out, s.Due+" "+s.Until)
				}
			}
			return strings.Join(out, "\n")
		}
		const december, january, march = "2023-12-25 2023-12-25T09:00:00.000000Z", "2024-01-25 2024-01-25T09:00:00.000000Z", "2024-03-25 2024-03-25T09:00:00.000000Z"
		months := func(february string) string { return strings.Join([]string{december, january, february, march}, "\n") }
		want := func(when, text string) {
			w.t.Helper()
			if got := dues(); got != text {
				w.t.Errorf("%s:\n%s\nwant\n%s", when, got, text)
			}
		}
		// The 25th of February is a Sunday: Friday the 23rd.
		want("as the scheme has it", months("2024-02-23 2024-02-23T09:00:00.000000Z"))

		week := []string{"2024-02-19", "2024-02-20", "2024-02-21", "2024-02-22", "2024-02-23"}
		w.refused(w.EditCalendar(ctx, w.as("jixian-head"), qiaomen.Calendar{Rest: week}))
		w.must(w.EditCalendar(ctx, w.as("handler"), qiaomen.Calendar{Rest: week}))
		// The 18th is a Sunday that is worked.
		want("a week off", months("2024-02-18 2024-02-18T09:00:00.000000Z"))
		w.must(w.EditCalendar(ctx, w.as("reviewer"), qiaomen.Calendar{Rest: append(week, "2024-02-18")}))
		want("and not that Sunday", months("2024-02-09 2024-02-09T09:00:00.000000Z")) // the holidays begin on the 10th
		w.must(w.EditCalendar(ctx, w.as("handler"), qiaomen.Calendar{Work: []string{"2024-02-25"}}))
		want("worked instead", months("2024-02-25 2024-02-25T09:00:00.000000Z"))
		w.must(w.EditCalendar(ctx, w.as("handler"), qiaomen.Calendar{}))
		want("as before", months("2024-02-23 2024-02-23T09:00:00.000000Z"))

		w.faulty("不是日期")(w.EditCalendar(ctx, w.as("handler"), qiaomen.Calendar{Rest: []string{"2月23日"}}))
		w.faulty("既休息又上班")(w.EditCalendar(ctx, w.as("handler"), qiaomen.Calendar{Rest: week, Work: week[:1]}))
		w.faulty("不是钟点")(w.EditCalendar(ctx, w.as("handler"), qiaomen.Calendar{CloseOfWork: "5点"}))
		w.faulty("不是钟点")(w.EditCalendar(ctx, w.as("handler"), qiaomen.Calendar{CloseOfWork: "9:00"}))

		w.must(w.EditCalendar(ctx, w.as("handler"), qiaomen.Calendar{CloseOfWork: "16:30"}))
		if got := w.standing("jixian", "plan", "").Until; got != "2023-12-16T08:30:00.000000Z" {
			w.t.Errorf("the plan is due at %s", got)
		}
		w.must(w.EditCalendar(ctx, w.as("handler"), qiaomen.Calendar{}))
		w.at("2023-12-16 17:00")
		w.faulty("会改动已经到期的期限：“报送《2023年—2024年冬季招商方案》”2023-12-16这一期")(w.EditCalendar(ctx, w.as("handler"), qiaomen.Calendar{CloseOfWork: "16:30"}))
		w.at("2024-02-22 09:00")
		w.faulty("“报送本月完成活动情况”2024-02-23这一期")(w.EditCalendar(ctx, w.as("handler"), qiaomen.Calendar{Rest: week})) // it would have been due on the 18th
		w.must(w.PrepareStatement(ctx, w.as("jixian-reporter"), office.MonthlyStatement{Unit: "jixian", Occurrence: office.Occurrence{Duty: "monthly_report", Due: "2024-02-23"}}))
		w.faulty("已有单位报送或延期")(w.EditCalendar(ctx, w.as("handler"), qiaomen.Calendar{Work: []string{"2024-02-24", "2024-02-25"}}))
		want("still", months("2024-02-23 2024-02-23T09:00:00.000000Z"))
	})
}

func TestUnits(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		a := office.UnitInput{Unit: "youyi", Name: "友谊新区", LeadingOfficial: "副市长"}
		w.refused(w.EditUnit(ctx, w.as("youyi-head"), a))
		w.must(w.EditUnit(ctx, w.as("reviewer"), a))
		err := w.store.Read(ctx, winter, 0, func(v *store.View) error {
			u, err := store.One[qiaomen.LedgerUnit](v, "youyi")
			if err == nil && (u == nil || u.Name != a.Name || u.LeadingOfficial != a.LeadingOfficial) {
				w.t.Errorf("%+v", u)
			}
			return err
		})
		if err != nil {
			w.t.Fatal(err)
		}
		if s := w.standing("youyi", "plan", ""); s.UnitName != "友谊新区" {
			w.t.Errorf("it is called %s", s.UnitName)
		}
		w.faulty("没有找到单位")(w.EditUnit(ctx, w.as("handler"), office.UnitInput{Unit: "nothing"}))
		w.faulty("已有单位叫")(w.EditUnit(ctx, w.as("handler"), office.UnitInput{Unit: "jixian", Name: "友谊新区"}))
		w.faulty("不能并入自己")(w.EditUnit(ctx, w.as("handler"), office.UnitInput{Unit: "jixian", MergedInto: "jixian"}))
		w.faulty("方案里没有单位")(w.EditUnit(ctx, w.as("handler"), office.UnitInput{Unit: "jixian", MergedInto: "nothing"}))
		w.faulty("手机号")(w.EditUnit(ctx, w.as("handler"), office.UnitInput{Unit: "jixian", Remarks: "电话" + "139" + "12345678"}))
		w.must(w.EditUnit(ctx, w.as("handler"), office.UnitInput{Unit: "youyi", MergedInto: "jixian"}))
		w.faulty("已经并入别的单位")(w.EditUnit(ctx, w.as("handler"), office.UnitInput{Unit: "raohe", MergedInto: "youyi"}))
		w.faulty("已有单位并入这个单位")(w.EditUnit(ctx, w.as("handler"), office.UnitInput{Unit: "jixian", MergedInto: "raohe"}))
	})
}
