package office_test

import (
	"strings"
	"testing"

	"qiaomen"
	"qiaomen/office"
)

func companies(w *world, login string, f office.CompanyFilter) []*office.CompanyView {
	w.t.Helper()
	all, err := w.Companies(ctx, w.as(login), f)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func called(all []*office.CompanyView) string {
	var names []string
	for _, c := range all {
		names = append(names, c.Name)
	}
	return strings.Join(names, " ")
}

func TestCompanyPool(t *testing.T) {
	for _, p := range []qiaomen.Procedure{qiaomen.SmallOffice, qiaomen.ThreePowers} {
		onEach(t, p, func(w *world) {
			a := office.CompanyInput{Unit: "jixian", Name: "示例甲公司", Class: "央企", Region: "示例省"}
			by := w.as("jixian-reporter")
			mine := w.must(w.KeepCompany(ctx, by, a))
			if again := w.must(w.KeepCompany(ctx, by, a)); again.ID != mine.ID || !again.Again {
				w.t.Errorf("sent twice: %+v", again)
			}
			w.faulty("请改 " + mine.ID)(w.KeepCompany(ctx, w.as("jixian-head"), office.CompanyInput{Unit: "jixian", Name: "示例 甲公司"}))
			w.must(w.KeepCompany(ctx, w.as("youyi-reporter"), office.CompanyInput{Unit: "youyi", Name: "示例甲公司"})) // of jixian's it learns nothing
			all := w.must(w.KeepCompany(ctx, w.as("handler"), office.CompanyInput{Name: "示例乙公司", CreditCode: "91350100m000100y43"}))
			w.faulty("请改 " + all.ID)(w.KeepCompany(ctx, w.as("youyi-reporter"), office.CompanyInput{Unit: "youyi", Name: "示例乙公司"}))
			w.faulty("已有这个统一社会信用代码")(w.KeepCompany(ctx, w.as("youyi-reporter"), office.CompanyInput{Unit: "youyi", Name: "示例丙公司", CreditCode: "91350100M000100Y43"}))
			w.faulty("没有写企业名称")(w.KeepCompany(ctx, w.as("handler"), office.CompanyInput{Name: "　"}))
			w.faulty("不能有手机号")(w.KeepCompany(ctx, w.as("handler"), office.CompanyInput{Name: "示例", Remarks: "139" + "12345678"}))

			w.refused(w.KeepCompany(ctx, w.as("youyi-reporter"), office.CompanyInput{Unit: "jixian", Name: "示例丁公司"}))
			w.refused(w.KeepCompany(ctx, w.as("youyi-reporter"), office.CompanyInput{Name: "示例丁公司"}))
			w.refused(w.KeepCompany(ctx, w.as("youyi-reporter"), office.CompanyInput{ID: all.ID, Name: "示例丁公司"}))
			w.refused(w.KeepCompany(ctx, w.as("evaluator"), office.CompanyInput{Name: "示例丁公司"}))
			w.hidden("keep", func(id string) error {
				_, err := w.KeepCompany(ctx, w.as("youyi-head"), office.CompanyInput{ID: id, Unit: "youyi", Name: "示例丁公司"})
				return err
			}, mine.ID)
			w.hidden("drop", func(id string) error {
				_, err := w.DropCompany(ctx, w.as("youyi-head"), id)
				return err
			}, mine.ID)
			w.must(w.KeepCompany(ctx, w.as("reviewer"), office.CompanyInput{ID: mine.ID, Name: "示例甲集团"})) // the office keeps any
			if c := companies(w, "jixian-head", office.CompanyFilter{Unit: "jixian", Name: "集 团"}); called(c) != "示例甲集团" || c[0].Unit != "jixian" {
				w.t.Errorf("%s", called(c))
			}

			for login, want := range map[string]int{"handler": 3, "auditor": 3, "leader": 1} {
				if c := companies(w, login, office.CompanyFilter{}); len(c) != want {
					w.t.Errorf("%s sees %s", login, called(c))
				}
			}
			if c := companies(w, "youyi-head", office.CompanyFilter{Unit: "youyi"}); len(c) != 2 || strings.Contains(called(c), "集团") {
				w.t.Errorf("youyi sees %s", called(c))
			}
			_, err := w.Companies(ctx, w.as("youyi-head"), office.CompanyFilter{})
			w.refused(nil, err)
			page := companies(w, "handler", office.CompanyFilter{Limit: 2})
			if rest := companies(w, "handler", office.CompanyFilter{Limit: 2, After: page[1].ID}); len(page) != 2 || len(rest) != 1 {
				w.t.Errorf("pages of %d and %d", len(page), len(rest))
			}
			w.must(w.DropCompany(ctx, w.as("jixian-reporter"), mine.ID))
			w.faulty("没有找到目标企业")(w.DropCompany(ctx, w.as("handler"), mine.ID))
			if c := companies(w, "jixian-head", office.CompanyFilter{Unit: "jixian"}); called(c) != "示例乙公司" {
				w.t.Errorf("after dropping: %s", called(c))
			}
			w.must(w.KeepCompany(ctx, w.as("jixian-reporter"), office.CompanyInput{Unit: "jixian", Name: "示例甲集团"}))
		})
	}
}

func TestCreditCode(t *testing.T) {
	codes := map[string]bool{
		"91350100M000100Y43":   true, // the standard's own example
		" 91350100m000100y43 ": true,
		"91350100M000100Y44":   false,
		"91350100M000010Y43":   false,
		"91350100M000100Y4":    false,
		"91350100M0001OOY43":   false, // letters O
		"九一350100M000100Y43":   false,
	}
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		for code, holds := range codes {
			a, err := w.KeepCompany(ctx, w.as("handler"), office.CompanyInput{Name: "示例公司", CreditCode: code})
			if !holds {
				w.faulty("校验位不符")(a, err)
				continue
			}
			w.must(w.DropCompany(ctx, w.as("handler"), w.must(a, err).ID))
		}
	})
}

func TestRecordsThatNameACompany(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		project := w.report("jixian-reporter", "jixian", "reserve_project", "示例石墨项目", reserve)
		lead := w.report("youyi-reporter", "youyi", "domestic_lead", "示例线索", `{"target_company":"示例 甲公司","content":"示例","amount_yi":2}`)
		signed := w.report("jixian-reporter", "jixian", "signed_project", "示例签约", `{"signed_on":"2024-01-05","amount_yi":2,"party_b":"另一家","credit_code":"91350100M000100Y43"}`)
		w.must(w.KeepCompany(ctx, w.as("handler"), office.CompanyInput{Name: "示例甲公司", CreditCode: "91350100M000100Y43"}))
		w.must(w.KeepCompany(ctx, w.as("handler"), office.CompanyInput{Name: "示例"})) // a part of a name is another name
		mentions := func(login, unit string) map[string]string {
			out := map[string]string{}
			for _, c := range companies(w, login, office.CompanyFilter{Unit: unit, Name: "甲公司"}) {
				for _, m := range c.Mentions {
					out[m.Record] = m.Field
				}
			}
			return out
		}
		want := map[string]string{project: "target_companies", lead: "target_company", signed: "credit_code"}
		if got := mentions("handler", ""); len(got) != 3 || got[project] != want[project] || got[lead] != want[lead] || got[signed] != want[signed] {
			w.t.Errorf("%v, want %v", got, want)
		}
		if got := mentions("youyi-head", "youyi"); len(got) != 1 || got[lead] == "" {
			w.t.Errorf("youyi sees %v", got)
		}
		if got := mentions("leader", ""); len(got) != 0 {
			w.t.Errorf("the leader sees %v", got)
		}
		for _, c := range companies(w, "handler", office.CompanyFilter{}) {
			if c.Name == "示例" && (len(c.Mentions) != 1 || c.Mentions[0].Field != "content") {
				w.t.Errorf("a part of a name: %v", c.Mentions)
			}
		}
	})
}
