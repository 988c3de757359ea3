package office_test

import (
	"slices"
	"testing"

	"qiaomen"
	"qiaomen/office"
)

func (w *world) grantID(login string, role qiaomen.Role) string {
	w.t.Helper()
	all := w.grants(login)
	i := slices.IndexFunc(all, func(g *qiaomen.Grant) bool { return g.Role == role && g.Delegator == "" })
	if i < 0 {
		w.t.Fatalf("%s is no %s", login, role)
	}
	return all[i].ID
}

func (w *world) lend(from string, role qiaomen.Role, to string, actions ...string) (*office.Answer, error) {
	return w.Delegate(ctx, w.as(from), office.Delegation{Grant: w.grantID(from, role), To: w.personOf(to), Actions: actions, Until: "2023-12-31"})
}

func fiveCompanies(name string) string {
	return `{"target_companies":["` + name + `甲","` + name + `乙","` + name + `丙","` + name + `丁","` + name + `戊"]}`
}

// TestDelegation: a lent right can be used, with both persons' conflicts, until
// it ends (separation 20).
func TestDelegation(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		w.thirdHandler()
		recognise := func(by, name string) (record, proposal string) {
			id := w.report("jixian-head", "jixian", "reserve_project", name, fiveCompanies(name))
			w.must(w.Accept(ctx, w.as("handler3"), id, 1))
			return id, w.must(w.Recognise(ctx, w.as(by), office.Decision{Record: id, Version: 1})).Proposal
		}
		_, mine := recognise("handler", "示例石墨项目")
		other, theirs := recognise("handler2", "示例水稻项目")
		_, err := w.Approve(ctx, w.as("handler"), theirs)
		w.denies(err)
		me := w.as("reviewer")
		form := office.Delegation{Grant: w.grantID("reviewer", qiaomen.Reviewer), To: w.personOf("handler"), Actions: []string{"recognise"}, Until: "2023-12-31"}
		lent := w.must(w.Delegate(ctx, me, form))
		if again := w.must(w.Delegate(ctx, me, form)); again.ID != lent.ID || !again.Again {
			w.t.Errorf("again: %+v", again)
		}
		_, err = w.Approve(ctx, w.as("handler"), mine)
		w.refuses(err, "不能批准自己提出的事项")
		w.must(w.Approve(ctx, w.as("handler"), theirs))
		if r := record(w, other); r.State != qiaomen.Recognised {
			w.t.Errorf("%s", r.State)
		}
		_, more := recognise("handler2", "示例风电项目")
		p := w.must(w.CheckOriginal(ctx, w.as("handler2"), w.signed())).Proposal
		_, err = w.Approve(ctx, w.as("handler"), p)
		w.denies(err) // another right was lent

		_, err = w.EndDelegation(ctx, w.as("reviewer2"), lent.ID)
		w.refuses(err, "没有找到")
		w.must(w.EndDelegation(ctx, w.as("reviewer"), lent.ID))
		_, err = w.EndDelegation(ctx, w.as("reviewer"), lent.ID)
		w.refuses(err, "已经结束")
		_, err = w.Approve(ctx, w.as("handler"), more)
		w.denies(err)
	})
}

// thirdHandler lets a record be taken up by somebody who has no other part in it.
func (w *world) thirdHandler() {
	w.t.Helper()
	w.grant("security", "security2", office.RoleChange{Person: w.account("system", "handler3", "h-3").Person, Role: qiaomen.Handler, Campaign: winter})
}

// signed is a signed project that the office has taken up.
func (w *world) signed() string {
	w.t.Helper()
	id := w.report("jixian-head", "jixian", "signed_project", "示例风电装备项目",
		`{"amount_yi":12,"signed_on":"2024-01-20","party_a":"示例集贤县人民政府","party_b":"示例风电公司"}`, "contract")
	w.must(w.Accept(ctx, w.as("handler"), id, 1))
	return id
}

// TestDelegatorsConflict: the deputy stands aside where the lender must.
func TestDelegatorsConflict(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		w.grant("security", "security2", office.RoleChange{Person: w.personOf("reviewer"), Role: qiaomen.GroupMember, Campaign: winter, Leads: []string{"jixian"}})
		w.thirdHandler()
		id := w.report("jixian-head", "jixian", "reserve_project", "示例石墨项目", reserve)
		w.must(w.Accept(ctx, w.as("handler3"), id, 1))
		p := w.must(w.Recognise(ctx, w.as("handler2"), office.Decision{Record: id, Version: 1}))
		w.must(w.lend("reviewer", qiaomen.Reviewer, "handler"))
		_, err := w.Approve(ctx, w.as("handler"), p.Proposal)
		w.refuses(err, "回避")
	})
}

// TestDelegationLapses: it ends with its day, and with the lender's own right.
func TestDelegationLapses(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		draft := func(name string) string {
			form := office.DraftInput{Unit: "jixian", Kind: "reserve_project", Name: name, Fields: []byte(fiveCompanies(name))}
			return w.must(w.Draft(ctx, w.as("jixian-reporter"), form)).ID
		}
		submit := func(id string) error {
			_, err := w.Submit(ctx, w.as("jixian-reporter"), id)
			return err
		}
		first, second, third := draft("示例石墨项目"), draft("示例水稻项目"), draft("示例风电项目")
		w.denies(submit(first))
		w.must(w.lend("jixian-head", qiaomen.Head, "jixian-reporter"))
		if err := submit(first); err != nil {
			w.t.Fatal(err)
		}
		w.now = w.now.AddDate(0, 0, 20)
		w.denies(submit(second)) // after the last day
		w.must(w.Delegate(ctx, w.as("jixian-head"), office.Delegation{Grant: w.grantID("jixian-head", qiaomen.Head), To: w.personOf("jixian-reporter"), Until: "2024-01-10"}))
		if err := submit(second); err != nil {
			w.t.Fatal(err)
		}
		p := w.must(w.RemoveRole(ctx, w.inHouse("security"), w.grantID("jixian-head", qiaomen.Head), "调离"))
		w.must(w.Approve(ctx, w.inHouse("security2"), p.Proposal))
		w.denies(submit(third)) // its lender has lost the right
	})
}

func TestDelegationRefused(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		for _, tt := range []struct {
			from string
			role qiaomen.Role
			to   string
			want string
		}{
			{"jixian-head", qiaomen.Head, "youyi-head", "不能受单位负责人的委托"},
			{"jixian-head", qiaomen.Head, "handler", "不能受单位负责人的委托"},
			{"reviewer", qiaomen.Reviewer, "jixian-head", "不能受审核员的委托"},
			{"reviewer", qiaomen.Reviewer, "auditor", "审计员不能"},
			{"reviewer", qiaomen.Reviewer, "security", "管理员不能有业务角色"},
			{"reviewer", qiaomen.Reviewer, "reviewer", "自己"},
			{"member", qiaomen.GroupMember, "evaluator", "不能受领导小组的委托"},
			{"leader", qiaomen.CityLeader, "member", "不能受市领导的委托"},
		} {
			_, err := w.lend(tt.from, tt.role, tt.to)
			w.refuses(err, tt.want)
		}
		for _, login := range []string{"jixian-reporter", "handler", "evaluator", "statistician", "auditor", "system", "security", "auditadmin"} {
			_, err := w.Delegate(ctx, w.as(login), office.Delegation{Grant: w.grants(login)[0].ID, To: w.personOf("reviewer2"), Until: "2023-12-31"})
			w.denies(err)
		}
		form := office.Delegation{Grant: w.grantID("member", qiaomen.GroupMember), To: w.personOf("member2"), From: "2023-12-12", Until: "2024-01-11"}
		_, err := w.Delegate(ctx, w.as("member"), form)
		w.refuses(err, "超过30天")
		form.Until = "2024-01-10"
		form.Actions = []string{"edit_score", "delegate", "examine"}
		_, err = w.Delegate(ctx, w.as("member"), form)
		for _, want := range []string{"“edit_score”", "“delegate”", "“examine”"} {
			w.refuses(err, want)
		}
		form.Actions = nil
		w.must(w.Delegate(ctx, w.as("member"), form))
		_, err = w.Delegate(ctx, w.as("member"), form)
		w.refuses(err, "已经委托给了这个人")
		form.Until = ""
		_, err = w.Delegate(ctx, w.as("member"), form)
		w.refuses(err, "没有写最后一天")

		// Nothing is lent on.
		lent := w.grants("member2")
		i := slices.IndexFunc(lent, func(g *qiaomen.Grant) bool { return g.Delegator != "" })
		_, err = w.Delegate(ctx, w.as("member2"), office.Delegation{Grant: lent[i].ID, To: w.personOf("member"), Until: "2023-12-31"})
		w.refuses(err, "不能转委托")
		_, err = w.Delegate(ctx, w.as("member2"), office.Delegation{Grant: w.grantID("member", qiaomen.GroupMember), To: w.personOf("member2"), Until: "2023-12-31"})
		w.refuses(err, "没有找到")
	})
}
