package office_test

import (
	"testing"

	"qiaomen"
	"qiaomen/office"
)

var december = office.Occurrence{Duty: "monthly_report", Due: "2023-12-25"}

// statement prepares one and shows it.
func (w *world) statement(login, unit string, a office.MonthlyStatement) *office.StatementView {
	w.t.Helper()
	a.Unit = unit
	w.must(w.PrepareStatement(ctx, w.as(login), a))
	s, err := w.Statement(ctx, w.as(login), unit, a.Occurrence)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func TestStatementOnPaper(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		first := w.report("jixian-reporter", "jixian", "reserve_project", "示例石墨项目", reserve)
		second := w.report("jixian-reporter", "jixian", "reserve_project", "示例木耳项目", reserve)
		w.report("youyi-reporter", "youyi", "reserve_project", "示例稻米项目", reserve)
		w.recognised(first, 1)
		w.at("2023-12-25 16:00")
		s := w.statement("jixian-reporter", "jixian", office.MonthlyStatement{Occurrence: december})
		if !s.Holds || len(s.Records) != 2 || s.Statement.Counts["reserve_project"] != 2 || len(s.Statement.Counts) != 1 || s.State != qiaomen.Prepping {
			w.t.Fatalf("%+v of %d records", s.Statement, len(s.Records))
		}
		w.stands("jixian", december.Duty, december.Due, "open")
		before := s.Statement.Digest

		sign := office.Signature{Unit: "jixian", Occurrence: december, Digest: before, Scan: w.file("jixian-reporter", "scan"), SignedOn: "2023-12-25"}
		w.refused(w.SignStatement(ctx, w.as("jixian-reporter"), sign)) // only a head signs in the page
		w.refused(w.HandInStatement(ctx, w.as("youyi-reporter"), sign))
		w.refused(w.PrepareStatement(ctx, w.as("handler"), office.MonthlyStatement{Unit: "jixian", Occurrence: december}))

		w.must(w.Withdraw(ctx, w.as("jixian-reporter"), second))
		if s, _ = w.Statement(ctx, w.as("auditor"), "jixian", december); !s.Holds || len(s.Records) != 2 {
			w.t.Errorf("the statement changed with the ledger: %d records, holds %v", len(s.Records), s.Holds)
		}
		s = w.statement("jixian-reporter", "jixian", office.MonthlyStatement{Occurrence: december, Remarks: "进展正常"})
		if s.Statement.Digest == before || len(s.Records) != 1 {
			w.t.Errorf("written anew it states the same")
		}
		w.faulty("已经重新编制")(w.HandInStatement(ctx, w.as("jixian-reporter"), sign))
		sign.Digest = s.Statement.Digest
		for says, mend := range map[string]func(a *office.Signature){
			"不是日期":   func(a *office.Signature) { a.SignedOn = "" },
			"在今天之后":  func(a *office.Signature) { a.SignedOn = "2023-12-26" },
			"没有收到文件": func(a *office.Signature) { a.Scan = qiaomen.Evidence{} },
		} {
			bad := sign
			mend(&bad)
			w.faulty(says)(w.HandInStatement(ctx, w.as("jixian-reporter"), bad))
		}
		by := w.as("jixian-reporter")
		done := w.must(w.HandInStatement(ctx, by, sign))
		if again := w.must(w.HandInStatement(ctx, by, sign)); again.ID != done.ID || !again.Again {
			w.t.Errorf("sent twice: %+v, %+v", done, again)
		}
		w.at("2023-12-26 09:00")
		w.stands("jixian", december.Duty, december.Due, "on_time")
		if f := w.standing("jixian", december.Duty, december.Due).Done; f.Paper == nil || f.SignedBy != "" || len(f.Papers) != 1 {
			w.t.Errorf("signed on paper: %+v", f)
		}
		w.faulty("已经报送")(w.PrepareStatement(ctx, w.as("jixian-reporter"), office.MonthlyStatement{Unit: "jixian", Occurrence: december}))
		f, err := w.OpenPaper(ctx, w.as("handler"), "jixian", december, sign.Scan.Digest)
		if err != nil {
			w.t.Fatal(err)
		}
		f.Close()
		w.hidden("statement", func(unit string) error {
			_, err := w.Statement(ctx, w.as("youyi-head"), unit, december)
			return err
		}, "jixian")
	})
}

func TestStatementSignedInThePage(t *testing.T) {
	onEach(t, qiaomen.ThreePowers, func(w *world) {
		w.at("2023-12-20 09:00")
		nothing := w.statement("bio-reporter", "bio-economy", office.MonthlyStatement{Occurrence: december, Nil: true})
		sign := office.Signature{Unit: "bio-economy", Occurrence: december, Digest: nothing.Statement.Digest}
		w.faulty("在页面上签署")(w.HandInStatement(ctx, w.as("bio-reporter"), sign))
		w.refused(w.SignStatement(ctx, w.as("bio-reporter"), sign))
		w.refused(w.SignStatement(ctx, w.as("jixian-head"), sign))
		w.must(w.SignStatement(ctx, w.as("bio-head"), sign))
		if s := w.standing("bio-economy", december.Duty, december.Due); s.Now != "on_time" || !s.Done.Statement.Nil || s.Done.SignedBy == "" || s.Done.Paper != nil {
			w.t.Errorf("nothing this month: %s %+v", s.Now, s.Done)
		}
		w.faulty("还没有编制")(w.SignStatement(ctx, w.as("jixian-head"), office.Signature{Unit: "jixian", Occurrence: december}))
	})
}

func TestStatementHasItsTime(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		prepare := func(duty, due string, none bool) (*office.Answer, error) {
			return w.PrepareStatement(ctx, w.as("jixian-reporter"), office.MonthlyStatement{Unit: "jixian", Occurrence: office.Occurrence{Duty: duty, Due: due}, Nil: none})
		}
		w.faulty("还没有开始")(prepare("monthly_report", "2024-01-25", true))
		w.faulty("还没有开始")(prepare("last_report", "", true))
		w.faulty("报的不是月报表")(prepare("plan", "", true))
		w.at("2023-12-25 18:00")
		w.faulty("还没有开始")(prepare("monthly_report", "2024-01-25", true))
		w.at("2023-12-26 08:00")
		w.must(prepare("monthly_report", "2024-01-25", true))
		w.report("jixian-reporter", "jixian", "reserve_project", "示例石墨项目", reserve)
		w.faulty("不能报“本月无”")(prepare("monthly_report", "2024-01-25", true))
		w.must(prepare("monthly_report", "2024-01-25", false))
		w.at("2024-02-24 09:00") // nothing was reported since January's
		w.must(prepare("monthly_report", "2024-03-25", true))
		w.faulty("还没有开始")(prepare("last_report", "2024-03-31", true))
		w.at("2024-03-26 09:00")
		w.must(prepare("last_report", "", true))
	})
}
