package office_test

import (
	"bytes"
	"slices"
	"testing"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

func TestGrant(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		w.account("system", "newcomer", "n-1")
		person := w.personOf("newcomer")
		change := office.RoleChange{Person: person, Role: qiaomen.Reporter, Campaign: winter, Unit: "jixian", Until: "2024-03-31"}
		me := w.inHouse("security")
		p := w.must(w.GrantRole(ctx, me, change))
		if again := w.must(w.GrantRole(ctx, me, change)); !again.Again || again.Proposal != p.Proposal {
			w.t.Errorf("again: %+v", again)
		}
		if len(w.grants("newcomer")) != 0 {
			w.t.Fatal("one person gave a role")
		}
		_, err := w.Approve(ctx, w.inHouse("security"), p.Proposal)
		w.refuses(err, "不能批准自己提出的事项")
		for _, login := range []string{"system", "auditadmin", "member", "reviewer"} { // a campaign is open: two security administrators
			_, err := w.Approve(ctx, w.inHouse(login), p.Proposal)
			w.denies(err)
		}
		w.must(w.Approve(ctx, w.inHouse("security2"), p.Proposal))
		got := w.grants("newcomer")
		if len(got) != 1 || got[0].Unit != "jixian" || got[0].ProposedBy != w.personOf("security") || got[0].ConfirmedBy != w.personOf("security2") {
			w.t.Fatalf("%+v", got)
		}
		draft := office.DraftInput{Unit: "jixian", Kind: "reserve_project", Name: "示例项目", Fields: []byte(reserve)}
		w.must(w.Draft(ctx, w.as("newcomer"), draft))
		draft.Unit = "youyi"
		_, err = w.Draft(ctx, w.as("newcomer"), draft)
		w.denies(err)

		for _, login := range []string{"system", "auditadmin", "handler", "member", "jixian-head"} {
			_, err := w.GrantRole(ctx, w.inHouse(login), change)
			w.denies(err)
		}

		p = w.must(w.RemoveRole(ctx, w.inHouse("security2"), got[0].ID, "调离"))
		_, err = w.Approve(ctx, w.inHouse("auditadmin"), p.Proposal)
		w.denies(err)
		w.must(w.Approve(ctx, w.inHouse("security"), p.Proposal))
		draft.Unit = "jixian"
		_, err = w.Draft(ctx, w.as("newcomer"), draft)
		w.denies(err)
		_, err = w.RemoveRole(ctx, w.inHouse("security"), got[0].ID, "调离")
		w.refuses(err, "已经收回")
	})
}

// TestGranters: who agrees, before and after the first campaign opens.
func TestGranters(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			w := small(t, engine)
			propose := func(role qiaomen.Role) string {
				return w.must(w.GrantRole(ctx, w.inHouse("admin"), office.RoleChange{Person: w.personOf("reviewer"), Role: role, Campaign: winter})).Proposal
			}
			early, late := propose(qiaomen.Statistician), propose(qiaomen.CityLeader)
			_, err := w.Approve(ctx, w.inHouse("member"), early)
			w.denies(err)
			w.must(w.Approve(ctx, w.inHouse("audit"), early))
			w.open()
			_, err = w.Approve(ctx, w.inHouse("audit"), late)
			w.refuses(err, "活动开启以后")
			now := propose(qiaomen.Evaluator)
			_, err = w.Approve(ctx, w.inHouse("audit"), now)
			w.denies(err)
			waiting, err := w.Proposals(ctx, w.inHouse("member"), false)
			if err != nil || !slices.ContainsFunc(waiting, func(p *qiaomen.Proposal) bool { return p.ID == now }) {
				t.Fatalf("%v: %v", waiting, err)
			}
			w.must(w.Approve(ctx, w.inHouse("member"), now))
			if got := w.grants("reviewer"); len(got) != 3 {
				t.Errorf("%d roles", len(got))
			}
		})
	}
}

// TestGrantOnPaper: a member of the leading group agrees on paper; whoever
// enters the paper may not be whom it is about.
func TestGrantOnPaper(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			w := small(t, engine)
			w.open()
			on := func(login string) (decision string) {
				p := w.must(w.GrantRole(ctx, w.inHouse("admin"), office.RoleChange{Person: w.personOf(login), Role: qiaomen.Evaluator, Campaign: winter}))
				scan := w.scan()
				return w.must(w.EnterPaper(ctx, w.inHouse("handler"), office.PaperEntry{
					Proposal: p.Proposal, Role: qiaomen.GroupMember, Approve: true, DecidedOn: "2023-12-11", Number: "示例〔2023〕1号", Name: "组长", Scan: scan,
				})).ID
			}
			_, err := w.ConfirmPaper(ctx, w.inHouse("reviewer"), on("handler"))
			w.refuses(err, "不能给自己授予角色")
			w.must(w.ConfirmPaper(ctx, w.inHouse("reviewer"), on("member")))
			if len(w.grants("member")) != 2 {
				t.Error("not granted")
			}
		})
	}
}

func (w *world) scan() qiaomen.Evidence {
	w.t.Helper()
	w.keys++
	e, err := w.KeepFile(ctx, w.inHouse("handler"), "scan", "scan.jpg", bytes.NewReader(picture(w.keys)))
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

// TestGrantNotTo: never to oneself, and never to whoever made one's account,
// whichever of the two one is (separation 17).
func TestGrantNotTo(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		give := func(person string, role qiaomen.Role) string {
			return w.grant("security", "security2", office.RoleChange{Person: person, Role: role})
		}
		system2 := w.account("system", "system2", "s-2").Person
		admin := give(system2, qiaomen.SystemAdmin)
		give(w.account("system2", "security3", "s-3").Person, qiaomen.SecurityAdmin)
		p := w.must(w.RemoveRole(ctx, w.inHouse("security"), admin, "改做业务"))
		w.must(w.Approve(ctx, w.inHouse("security2"), p.Proposal))

		business := office.RoleChange{Person: system2, Role: qiaomen.Handler, Campaign: winter}
		_, err := w.GrantRole(ctx, w.inHouse("security3"), business)
		w.refuses(err, "为您开设账号的人")
		p = w.must(w.GrantRole(ctx, w.inHouse("security"), business))
		_, err = w.Approve(ctx, w.inHouse("security3"), p.Proposal)
		w.refuses(err, "为您开设账号的人")
		w.must(w.Approve(ctx, w.inHouse("security2"), p.Proposal))

		self := office.RoleChange{Person: w.personOf("security3"), Role: qiaomen.SecurityAdmin, From: "2024-02-01"}
		_, err = w.GrantRole(ctx, w.inHouse("security3"), self)
		w.refuses(err, "给自己")
	})
}

// TestExclusive: the three administrators exclude each other and every business
// role; an auditor writes nothing in the same campaign (separations 16 and 23).
func TestExclusive(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		admins := []qiaomen.Role{qiaomen.SystemAdmin, qiaomen.SecurityAdmin, qiaomen.AuditAdmin}
		holders := map[qiaomen.Role]string{qiaomen.SystemAdmin: "system", qiaomen.SecurityAdmin: "security2", qiaomen.AuditAdmin: "auditadmin"}
		try := func(login string, c office.RoleChange) error {
			c.Person = w.personOf(login)
			_, err := w.GrantRole(ctx, w.inHouse("security"), c)
			return err
		}
		for _, has := range admins {
			for _, role := range admins {
				if role != has {
					w.refuses(try(holders[has], office.RoleChange{Role: role}), "三员不能由一人兼任")
				}
			}
			for _, role := range qiaomen.Roles {
				if !role.OfCampaign() {
					continue
				}
				c := office.RoleChange{Role: role, Campaign: winter}
				if role.OfUnit() {
					c.Unit = "jixian"
				}
				w.refuses(try(holders[has], c), "管理员不能有业务角色")
			}
		}
		w.refuses(try("handler", office.RoleChange{Role: qiaomen.AuditAdmin}), "管理员不能有业务角色")
		w.refuses(try("handler", office.RoleChange{Role: qiaomen.Auditor, Campaign: winter}), "审计员不能")
		w.refuses(try("auditor", office.RoleChange{Role: qiaomen.Handler, Campaign: winter}), "审计员不能")
		if err := try("auditor", office.RoleChange{Role: qiaomen.Handler, Campaign: "winter-2024"}); err != nil {
			w.t.Error(err)
		}
		// A right that is still to come excludes too.
		w.account("system", "newcomer", "n-1")
		w.grant("security", "security2", office.RoleChange{Person: w.personOf("newcomer"), Role: qiaomen.Handler, Campaign: winter, From: "2024-03-01"})
		w.refuses(try("newcomer", office.RoleChange{Role: qiaomen.SystemAdmin}), "管理员不能有业务角色")
	})
}

// TestExclusiveWhenActing: however two roles came together, who holds both may
// do nothing.
func TestExclusiveWhenActing(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		if _, err := w.store.Write(ctx, store.Act{Journal: office.InstallationJournal, At: w.now}, func(tx *store.Tx) error {
			return tx.Emit(&qiaomen.RoleGranted{Grant: qiaomen.Grant{ID: "g-forced", Person: w.personOf("system"), Role: qiaomen.Handler, Campaign: winter}})
		}); err != nil {
			w.t.Fatal(err)
		}
		_, err := w.BackUp(ctx, w.inHouse("system"), office.Backup{Digest: digest('a'), Size: 1})
		w.denies(err)
		id := w.report("jixian-head", "jixian", "reserve_project", "示例石墨项目", reserve)
		_, err = w.Accept(ctx, w.as("system"), id, 1)
		w.denies(err)
	})
}

func TestGrantFaults(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		w.account("system", "newcomer", "n-1")
		person := w.personOf("newcomer")
		for _, tt := range []struct {
			c    office.RoleChange
			want []string
		}{
			{office.RoleChange{Person: person, Role: "king"}, []string{"没有“king”这个角色"}},
			{office.RoleChange{Person: person, Role: qiaomen.Public}, []string{"没有“public”这个角色"}},
			{office.RoleChange{Person: "u-none", Role: qiaomen.Handler, Campaign: winter}, []string{"没有这个人"}},
			{
				office.RoleChange{Person: person, Role: qiaomen.Reporter, Secondment: true, Leads: []string{"youyi"}, Until: "2023-02-30"},
				[]string{"哪个活动", "没有写明单位", "可以是抽调的", "分管的单位", "没有“2023-02-30”这一天"},
			},
			{office.RoleChange{Person: person, Role: qiaomen.SystemAdmin, Campaign: winter, Unit: "jixian"}, []string{"不属于某个活动", "不属于某个单位"}},
			{office.RoleChange{Person: person, Role: qiaomen.Head, Campaign: winter, Unit: "nowhere"}, []string{"没有单位“nowhere”"}},
			{office.RoleChange{Person: person, Role: qiaomen.GroupMember, Campaign: winter, Leads: []string{"nowhere"}}, []string{"没有单位“nowhere”"}},
			{office.RoleChange{Person: person, Role: qiaomen.Evaluator, Campaign: winter, Secondment: true}, []string{"没有写明单位"}},
			{office.RoleChange{Person: person, Role: qiaomen.Handler, Campaign: winter, Until: "2023-12-01"}, []string{"在今天之前"}},
			{office.RoleChange{Person: person, Role: qiaomen.Handler, Campaign: winter, From: "2024-02-01", Until: "2024-01-01"}, []string{"在第一天之前"}},
			{office.RoleChange{Person: w.personOf("handler"), Role: qiaomen.Handler, Campaign: winter}, []string{"已有这个角色"}},
		} {
			_, err := w.GrantRole(ctx, w.inHouse("security"), tt.c)
			for _, want := range tt.want {
				w.refuses(err, want)
			}
		}
	})
}

// TestStandingAside: grants carry why somebody has no part in a unit's things
// (separations 3, 5 and 6).
func TestStandingAside(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		lent := w.account("system", "lent", "l-1").Person
		w.grant("security", "security2", office.RoleChange{Person: lent, Role: qiaomen.Evaluator, Campaign: winter, Unit: "jixian", Secondment: true})
		leads := w.account("system", "leads", "l-2").Person
		w.grant("security", "security2", office.RoleChange{Person: leads, Role: qiaomen.GroupMember, Campaign: winter, Leads: []string{"jixian"}})
		if g := w.grants("lent")[0]; !g.Secondment || g.Unit != "jixian" {
			w.t.Errorf("%+v", g)
		}
		was := w.account("system", "was", "l-3").Person
		old := w.grant("security", "security2", office.RoleChange{Person: was, Role: qiaomen.Reporter, Campaign: winter, Unit: "jixian"})
		p := w.must(w.RemoveRole(ctx, w.inHouse("security"), old, "调到办公室"))
		w.must(w.Approve(ctx, w.inHouse("security2"), p.Proposal))
		w.grant("security", "security2", office.RoleChange{Person: was, Role: qiaomen.Handler, Campaign: winter})
		id := w.report("jixian-head", "jixian", "reserve_project", "示例石墨项目", reserve)
		other := w.report("youyi-head", "youyi", "reserve_project", "示例水稻项目", reserve)
		_, err := w.Accept(ctx, w.as("was"), id, 1)
		w.refuses(err, "回避")
		w.must(w.Accept(ctx, w.as("was"), other, 1))
	})
}

// TestLastAdmin: nobody takes away the last who can give roles back.
func TestLastAdmin(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		remove := func(login string) error {
			_, err := w.RemoveRole(ctx, w.inHouse("security"), w.grants(login)[0].ID, "离岗")
			return err
		}
		for _, login := range []string{"system", "auditadmin", "security2"} {
			w.refuses(remove(login), "往后没有人能办理")
		}
		w.grant("security", "security2", office.RoleChange{Person: w.account("system", "security3", "s-3").Person, Role: qiaomen.SecurityAdmin})
		if err := remove("security2"); err != nil {
			w.t.Error(err)
		}
		_, err := w.RemoveRole(ctx, w.inHouse("security"), w.grants("handler")[0].ID, "")
		w.refuses(err, "没有写理由")
		_, err = w.RemoveRole(ctx, w.inHouse("security"), "g-none", "离岗")
		w.refuses(err, "没有找到")
	})
}
