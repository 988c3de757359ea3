package office_test

import (
	"strings"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
)

// edited is the winter's scheme with some of its text changed.
func (w *world) edited(pairs ...string) string {
	w.t.Helper()
	text, _ := schemeText(w.t)
	for i := 0; i < len(pairs); i += 2 {
		if strings.Count(text, pairs[i]) != 1 {
			w.t.Fatalf("%q stands %d times in the scheme", pairs[i], strings.Count(text, pairs[i]))
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

// fewer asks less of 宝清县: 14 reserve projects in place of 15.
func (w *world) fewer() string {
	return w.edited(
		"baoqing:    [3, 15,", "baoqing:    [3, 14,", "total:        [27, 135,", "total:        [27, 134,",
		"is: 153, cite: 三, quote: 谋划储备项目153个以上", "is: 152, cite: 三",
	)
}

func (w *world) rulesOf(month string) string {
	w.t.Helper()
	all, err := w.Campaigns(ctx)
	if err != nil || len(all) != 1 {
		w.t.Fatalf("%d campaigns, %v", len(all), err)
	}
	return all[0].Holding(month)
}

func TestTargetsAreSet(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		old := w.rulesOf("2024-01")
		in := office.RulesInput{Text: w.fewer(), Reason: "示例：征得领导小组同意"}
		for _, who := range []string{"reviewer", "member", "evaluator", "jixian-head", "auditor"} {
			w.refused(w.SetTargets(ctx, w.as(who), in))
		}
		for says, spoil := range map[string]func(*office.RulesInput){
			"没有写理由":       func(a *office.RulesInput) { a.Reason = "" },
			"不是月份":        func(a *office.RulesInput) { a.From = "2024-1" },
			"一字不差":        func(a *office.RulesInput) { a.Text = w.edited() },
			"scheme.yaml": func(a *office.RulesInput) { a.Text = "vocabulary: 1\n" },
			"还改了：rounding": func(a *office.RulesInput) {
				a.Text = strings.Replace(w.fewer(), "shown: {decimals: 4,", "shown: {decimals: 2,", 1)
			},
			"还改了：name": func(a *office.RulesInput) {
				a.Text = strings.Replace(w.fewer(), "\nname: 双鸭山市", "\nname: 示例市", 1)
			},
		} {
			bad := in
			spoil(&bad)
			w.faulty(says)(w.SetTargets(ctx, w.as("handler"), bad))
		}
		a := w.again(func(by office.Caller) (*office.Answer, error) { return w.SetTargets(ctx, by, in) }, "handler")
		w.refused(w.Approve(ctx, w.as("reviewer"), a.Proposal)) // before the first month is closed it is the leading group's
		w.must(w.Approve(ctx, w.as("member"), a.Proposal))
		first := w.rulesOf("2023-12")
		if first == old || w.rulesOf("2024-01") != first {
			t.Error("the targets do not hold from the beginning")
		}

		// Once a month is closed, a reviewer will do, and it holds from a coming month.
		w.closes("2024-01")
		in = office.RulesInput{Text: w.edited("baoqing:    [3, 15,", "baoqing:    [3, 13,", "total:        [27, 135,", "total:        [27, 133,", "is: 153, cite: 三, quote: 谋划储备项目153个以上", "is: 151, cite: 三"), Reason: "示例"}
		for _, from := range []string{"", "2023-12", "2024-01"} {
			in.From = from
			w.faulty("最早从2024年1月的下一个月起")(w.SetTargets(ctx, w.as("handler"), in))
		}
		in.From = "2024-02"
		a = w.must(w.SetTargets(ctx, w.as("handler"), in))
		w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
		if w.rulesOf("2024-01") != first || w.rulesOf("2024-02") == first {
			t.Error("a closed month has other rules, or the coming one has not")
		}

		// The closed month is ranked by its own.
		r := w.ranking(w.must(w.DraftRanking(ctx, w.as("handler"), office.RankingInput{Month: "2024-01"})).ID)
		if r.Rules != first {
			t.Error("January is ranked by February's rules")
		}
		w.closes("2024-02")
		if r := w.ranking(w.must(w.DraftRanking(ctx, w.as("handler"), office.RankingInput{Month: "2024-02"})).ID); r.Rules != w.rulesOf("2024-02") {
			t.Error("February is not ranked by its rules")
		}
		if again := w.recomputed("auditor", r.ID); !again.Equal {
			t.Errorf("%v", again.Differs)
		}
	})
}

func TestRulesArePublished(t *testing.T) {
	onEach(t, qiaomen.ThreePowers, func(w *world) {
		in := office.RulesInput{Text: w.edited("shown: {decimals: 4,", "shown: {decimals: 2,"), Reason: "示例：显示两位小数"}
		for _, who := range []string{"reviewer", "member", "jixian-head", "auditor"} {
			w.refused(w.PublishRules(ctx, w.as(who), in))
		}
		bad := in
		bad.Text = strings.Replace(in.Text, "  review: one", "  review: two", 1)
		w.faulty("运行档的设置“review”")(w.PublishRules(ctx, w.as("handler"), bad))
		bad.Text = strings.Replace(in.Text, "scheme: shuangyashan-winter-2023", "scheme: another", 1)
		w.faulty("代号")(w.PublishRules(ctx, w.as("handler"), bad))
		a := w.again(func(by office.Caller) (*office.Answer, error) { return w.PublishRules(ctx, by, in) }, "evaluator")
		for _, who := range []string{"reviewer", "handler", "evaluator"} {
			w.refused(w.Approve(ctx, w.as(who), a.Proposal))
		}
		w.everybody(a.Proposal, "member", "member2")
		a = w.must(w.PublishRules(ctx, w.as("handler"), office.RulesInput{Text: w.edited(), Reason: "示例：改回来"}))
		w.must(w.Decline(ctx, w.as("member"), a.Proposal, "不改"))
	})
}

// TestRulesMustReadTheLedger: what is in use cannot be taken out, and every
// fault is told; what is new may be used, and older months do not know it.
func TestRulesMustReadTheLedger(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.at("2024-01-10 09:00")
		one := w.report("jixian-reporter", "jixian", "reserve_project", "示例石墨项目", strings.TrimSuffix(reserve, "}")+`,"sector":"secondary","resource":"石墨"}`)
		w.recognised(one, 1)
		two := w.report("youyi-reporter", "youyi", "domestic_lead", "示例线索", domestic)
		text := w.edited(
			"resource: {name: 依托资源, type: text, cite: 四(一)}", "resource_2: {name: 依托资源, type: text, cite: 四(一)}",
			"options: {primary: 第一产业, secondary: 第二产业, tertiary: 第三产业}", "options: {primary: 第一产业, tertiary: 第三产业}",
		)
		in := office.RulesInput{Text: text, Reason: "示例"}
		_, err := w.PublishRules(ctx, w.as("handler"), in)
		w.says(everything(err), "记录"+one, "resource", "sector")
		w.saysNot(everything(err), two)

		w.closes("2024-01")
		in = office.RulesInput{Text: w.edited("tertiary: 第三产业}", "tertiary: 第三产业, quaternary: 第四产业}"), From: "2024-02", Reason: "示例"}
		a := w.must(w.PublishRules(ctx, w.as("handler"), in))
		w.must(w.Approve(ctx, w.as("member"), a.Proposal))
		w.at("2024-02-05 09:00")
		d := w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), one))
		w.must(w.EditDraft(ctx, w.as("jixian-reporter"), office.DraftInput{ID: d.ID, Name: "示例石墨项目", Fields: []byte(strings.TrimSuffix(reserve, "}") + `,"sector":"quaternary"}`)}))
		w.must(w.Amend(ctx, w.as("jixian-reporter"), d.ID, "产业有误"))
		w.recognised(one, 2)
		res, err := w.Score(ctx, w.as("handler"), office.ScoreInput{Cutoff: "2024-01-25"})
		if err != nil {
			t.Fatal(err)
		}
		if got := res.Unit(res.Scheme.Unit("jixian")).Lines; len(got) == 0 || res.Scheme.Digest != w.rulesOf("2024-01") {
			t.Error("January is not scored by January's rules")
		}
		if mine, err := w.MyScore(ctx, w.as("jixian-head"), "jixian"); err != nil || len(mine.Lines[3].Counted) != 1 {
			t.Errorf("the amended record does not count: %v", err)
		}
		w.must(w.SetTargets(ctx, w.as("handler"), office.RulesInput{
			Text: strings.Replace(in.Text, "sci-tech:         [3, 2]", "sci-tech:         [3, 2] # 不变", 1), From: "2024-03", Reason: "示例",
		}))
	})
}

// TestRulesAreDecidedOnTheDay: a proposal that has waited too long is refused.
func TestRulesAreDecidedOnTheDay(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.closes("2023-12")
		w.now = w.now.Add(time.Hour)
		a := w.must(w.SetTargets(ctx, w.as("handler"), office.RulesInput{Text: w.fewer(), From: "2024-01", Reason: "示例"}))
		w.at("2024-01-02 09:00")
		w.faulty("最早从2024年1月的下一个月起")(w.Approve(ctx, w.as("reviewer"), a.Proposal))
		err := w.store.Read(ctx, winter, 0, func(v *store.View) error {
			c, err := store.One[qiaomen.Campaign](v, winter)
			if err == nil && len(c.Rules) != 1 {
				t.Errorf("%d versions", len(c.Rules))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
