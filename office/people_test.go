package office_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

// inHouse is the person as a caller in the installation, outside of any
// campaign.
func (w *world) inHouse(login string) office.Caller {
	c := w.as(login)
	c.Campaign = ""
	return c
}

// both runs a story on each engine.
func both(t *testing.T, p qiaomen.Procedure, story func(w *world)) {
	t.Helper()
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) { story(newWorld(t, engine, p)) })
	}
}

// small is a world with the fewest people: one keeps accounts and roles, one the
// audit log.
func small(t testing.TB, engine string) *world {
	w := emptyWorld(t, engine)
	w.found(qiaomen.SmallOffice, []office.FirstPerson{
		{Login: "admin", Detail: office.Detail{Name: "示例甲", Identity: "S1"}, Roles: []office.FirstRole{{Role: qiaomen.SystemAdmin}, {Role: qiaomen.SecurityAdmin}}},
		{Login: "audit", Detail: office.Detail{Name: "示例乙", Identity: "S2"}, Roles: []office.FirstRole{{Role: qiaomen.AuditAdmin}, {Role: qiaomen.Auditor, Campaign: winter}}},
		{Login: "handler", Detail: office.Detail{Name: "示例丙", Identity: "S3"}, Roles: []office.FirstRole{{Role: qiaomen.Handler, Campaign: winter}}},
		{Login: "reviewer", Detail: office.Detail{Name: "示例丁", Identity: "S4"}, Roles: []office.FirstRole{{Role: qiaomen.Reviewer, Campaign: winter}}},
		{Login: "member", Detail: office.Detail{Name: "示例戊", Identity: "S5"}, Roles: []office.FirstRole{{Role: qiaomen.GroupMember, Campaign: winter}}},
	})
	return w
}

func (w *world) refuses(err error, want string) {
	w.t.Helper()
	if err == nil {
		w.t.Fatalf("not refused, want %s", want)
	}
	if !strings.Contains(everything(err), want) {
		w.t.Fatalf("%s\nwant %s", everything(err), want)
	}
}

// everything is every problem of an error, and of a refusal also why.
func everything(err error) string {
	var b strings.Builder
	var denied *office.Denied
	if errors.As(err, &denied) {
		fmt.Fprintln(&b, denied.Error(), denied.Why)
	}
	var p *qiaomen.Problem
	if errors.As(err, &p) {
		for _, one := range append([]*qiaomen.Problem{p}, p.More...) {
			fmt.Fprintln(&b, one.Error())
		}
	}
	if b.Len() == 0 {
		return err.Error()
	}
	return b.String()
}

func (w *world) denies(err error) {
	w.t.Helper()
	var denied *office.Denied
	if !errors.As(err, &denied) {
		w.t.Fatalf("not denied: %v", err)
	}
}

// account makes an account and remembers it under its login.
func (w *world) account(by, login, identity string) office.FirstCode {
	w.t.Helper()
	a, code, err := w.CreateAccount(ctx, w.inHouse(by), office.NewAccount{
		Login: login, Detail: office.Detail{Name: "示例" + identity, Identity: identity},
	})
	w.must(a, err)
	w.people[login] = code.Account
	return code
}

func (w *world) personOf(login string) string {
	w.t.Helper()
	a := noun[qiaomen.Account](w, office.InstallationJournal, w.people[login])
	return a.Person
}

func noun[T any, P interface {
	*T
	qiaomen.Noun
}](w *world, journal, id string) P {
	w.t.Helper()
	var n P
	if err := w.store.Read(ctx, journal, 0, func(v *store.View) (err error) {
		n, err = store.One[T, P](v, id)
		return err
	}); err != nil || n == nil {
		w.t.Fatalf("%s: %v", id, err)
	}
	return n
}

// grants is a person's grants that have not ended.
func (w *world) grants(login string) (out []*qiaomen.Grant) {
	w.t.Helper()
	person := w.personOf(login)
	if err := w.store.Read(ctx, office.InstallationJournal, 0, func(v *store.View) (err error) {
		out, err = store.All[qiaomen.Grant](v, store.Filter{Key: person, States: []qiaomen.State{qiaomen.Active}})
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// grant gives a role by two people.
func (w *world) grant(first, second string, a office.RoleChange) string {
	w.t.Helper()
	p := w.must(w.GrantRole(ctx, w.inHouse(first), a))
	return w.must(w.Approve(ctx, w.inHouse(second), p.Proposal)).ID
}

func TestAccounts(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		me := w.inHouse("system")
		form := office.NewAccount{Login: "Newcomer", Detail: office.Detail{Name: "示例新人", Phone: "139 1200 0000", Identity: "n-7"}}
		answer, code, err := w.CreateAccount(ctx, me, form)
		w.must(answer, err)
		if code.Login != "newcomer" || code.Account != answer.ID || len(code.Code) != 16 {
			w.t.Errorf("%+v", code)
		}
		again, told, err := w.CreateAccount(ctx, me, form)
		if w.must(again, err); again.ID != answer.ID || !again.Again || told.Code != "" {
			w.t.Errorf("again: %+v %+v", again, told)
		}
		w.people["newcomer"] = answer.ID
		if _, err := w.Draft(ctx, w.as("newcomer"), office.DraftInput{Unit: "jixian"}); err == nil {
			w.t.Error("an account without any role did something")
		}

		w.must(w.DisableAccount(ctx, w.inHouse("system"), answer.ID, "离岗"))
		if a := noun[qiaomen.Account](w, office.InstallationJournal, answer.ID); a.State != qiaomen.Disabled || a.SessionsFrom == "" {
			w.t.Errorf("%+v", a)
		}
		_, _, err = w.CreateAccount(ctx, w.inHouse("system"), office.NewAccount{Login: "newcomer", Detail: office.Detail{Name: "别人", Identity: "n-8"}})
		w.refuses(err, "已经用过")
		_, err = w.DisableAccount(ctx, w.inHouse("system"), answer.ID, "离岗")
		w.refuses(err, "已经停用")
		w.must(w.EnableAccount(ctx, w.inHouse("system"), answer.ID))
		_, err = w.DisableAccount(ctx, w.inHouse("system"), w.people["system"], "我走了")
		w.refuses(err, "自己的账号")

		_, _, err = w.CreateAccount(ctx, w.inHouse("system"), office.NewAccount{
			Login: "有 空格", Detail: office.Detail{Phone: "12ab", Identity: "11010119900101123X"}, Temporary: "2020-01-01",
		})
		for _, want := range []string{"登录名", "没有写姓名", "电话号码不对", "不要填写身份证号", "到期日在今天之前"} {
			w.refuses(err, want)
		}
		_, _, err = w.CreateAccount(ctx, w.inHouse("system"), office.NewAccount{Login: "13912000000", Detail: office.Detail{Name: "示例", Identity: "n-9"}})
		w.refuses(err, "永久存证")
		_, err = w.DisableAccount(ctx, w.inHouse("system"), w.people["handler"], "电话13912000000已停机")
		w.refuses(err, "永久存证")
		for _, login := range []string{"security", "auditadmin", "handler"} {
			_, _, err := w.CreateAccount(ctx, w.inHouse(login), office.NewAccount{Login: "x-" + login, Detail: office.Detail{Name: "示例", Identity: login}})
			w.denies(err)
		}
	})
}

// TestOnePerson: two accounts of one person are one person (separation 4).
func TestOnePerson(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		create := func(login string, d office.Detail) (office.FirstCode, error) {
			_, code, err := w.CreateAccount(ctx, w.inHouse("system"), office.NewAccount{Login: login, Detail: d})
			w.people[login] = code.Account
			return code, err
		}
		one, err := create("one", office.Detail{Name: "示例同一人", Identity: "Ａ０１", Phone: "+86 139-1200-0000"})
		if err != nil {
			w.t.Fatal(err)
		}
		two, err := create("two", office.Detail{Name: "示例同一人", Identity: "a01"})
		if err != nil || two.Person != one.Person || two.Account == one.Account {
			w.t.Fatalf("%+v %+v: %v", one, two, err)
		}
		three, err := create("three", office.Detail{Name: "示例同一人", Phone: "13912000000"})
		if err != nil || three.Person != one.Person {
			w.t.Fatalf("%+v: %v", three, err)
		}
		_, err = create("four", office.Detail{Name: "别的姓名", Phone: "13912000000"})
		w.refuses(err, "另一个姓名")
		_, err = create("five", office.Detail{Name: "示例handler", Identity: "示例06", Phone: "13912000000"})
		w.refuses(err, "两个已登记的人")

		// Both accounts of the person hold the role, and are no two people.
		w.grant("security", "security2", office.RoleChange{Person: one.Person, Role: qiaomen.Handler, Campaign: winter})
		w.grant("security", "security2", office.RoleChange{Person: one.Person, Role: qiaomen.Reviewer, Campaign: winter})
		id := w.report("jixian-head", "jixian", "reserve_project", "示例石墨项目", reserve)
		w.must(w.Accept(ctx, w.as("handler"), id, 1))
		p := w.must(w.Recognise(ctx, w.as("one"), office.Decision{Record: id, Version: 1}))
		if p.Proposal == "" {
			w.t.Fatal("one person recognised")
		}
		_, err = w.Approve(ctx, w.as("two"), p.Proposal)
		w.refuses(err, "不能批准自己提出的事项")

		// Whoever has the code of a new account would hold its owner's rights.
		_, err = create("six", office.Detail{Name: "示例同一人", Identity: "A01"})
		w.refuses(err, "已有账号和角色")
	})
}

func TestTemporaryAccount(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		a, code, err := w.CreateAccount(ctx, w.inHouse("system"), office.NewAccount{
			Login: "lent", Detail: office.Detail{Name: "示例抽调", Identity: "L1"}, Temporary: "2023-12-20",
		})
		w.must(a, err)
		w.people["lent"] = code.Account
		w.grant("security", "security2", office.RoleChange{Person: code.Person, Role: qiaomen.Handler, Campaign: winter})
		look := func() error {
			_, _, err := w.IssueToken(ctx, w.as("lent"), office.TokenRequest{Name: "试", Scope: []string{"examine"}, Until: "2023-12-31"})
			return err
		}
		if err := look(); err != nil {
			w.t.Fatal(err)
		}
		w.now = w.now.AddDate(0, 0, 9)
		w.denies(look())
	})
}

func TestFirstCode(t *testing.T) {
	both(t, qiaomen.SmallOffice, func(w *world) {
		code := w.account("system", "newcomer", "n-1")
		err := w.takeUp("newcomer", "wrong")
		wrong := err
		w.refuses(err, "不对")
		err = w.takeUp("nobody-here", code.Code)
		if err == nil || err.Error() != wrong.Error() {
			w.t.Errorf("a login that is not there has another answer: %v", err)
		}
		if err := w.takeUp(" NEWCOMER", code.Code); err != nil {
			w.t.Fatal(err)
		}
		err = w.takeUp("newcomer", code.Code)
		w.refuses(err, "已经用过")

		late := w.account("system", "late", "n-2")
		w.now = w.now.Add(24*time.Hour + time.Second)
		err = w.takeUp("late", late.Code)
		w.refuses(err, "过期")

		// Five wrong ones lock, even for the right one; then it is tried again.
		tried := w.account("system", "tried", "n-3")
		for range 5 {
			err := w.takeUp("tried", "wrong")
			w.refuses(err, "不对")
		}
		err = w.takeUp("tried", tried.Code)
		w.refuses(err, "锁定")
		w.now = w.now.Add(15*time.Minute + time.Second)
		if err := w.takeUp("tried", tried.Code); err != nil {
			w.t.Error(err)
		}

		out := w.account("system", "gone", "n-4")
		w.must(w.DisableAccount(ctx, w.inHouse("system"), out.Account, "开错了"))
		err = w.takeUp("gone", out.Code)
		w.refuses(err, "不对")
	})
}

func TestPeople(t *testing.T) {
	both(t, qiaomen.SmallOffice, func(w *world) {
		_, code, err := w.CreateAccount(ctx, w.inHouse("system"), office.NewAccount{Login: "newcomer", Detail: office.Detail{Name: "示例新人", Phone: "13912000000"}})
		if err != nil {
			w.t.Fatal(err)
		}
		for _, login := range []string{"system", "security"} {
			list, err := w.People(ctx, w.inHouse(login))
			if err != nil || len(list) != len(cast)+1 {
				w.t.Fatalf("%s: %d people: %v", login, len(list), err)
			}
			i := slices.IndexFunc(list, func(p office.PersonView) bool { return p.ID == code.Person })
			if p := list[i]; p.Name != "示例新人" || p.Phone != "139****0000" || len(p.Accounts) != 1 || len(p.Grants) != 0 {
				w.t.Errorf("%+v", p)
			}
		}
		_, err = w.People(ctx, w.as("jixian-head"))
		w.denies(err)
	})
}

func TestReset(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		account := w.people["handler"]
		me := w.inHouse("system")
		p, code, err := w.ResetFactor(ctx, me, account, "手机丢失")
		w.must(p, err)
		again, told, err := w.ResetFactor(ctx, me, account, "手机丢失")
		if w.must(again, err); again.Proposal != p.Proposal || told.Code != "" {
			w.t.Errorf("again: %+v %+v", again, told)
		}
		err = w.takeUp("handler", code.Code)
		w.refuses(err, "不对") // nobody has agreed yet
		_, _, err = w.ResetFactor(ctx, w.inHouse("system"), account, "手机丢失")
		w.refuses(err, "在等批准")
		for _, login := range []string{"system", "auditadmin", "handler"} {
			_, err := w.Approve(ctx, w.inHouse(login), p.Proposal)
			w.denies(err)
		}
		w.must(w.Approve(ctx, w.inHouse("security"), p.Proposal))
		if a := noun[qiaomen.Account](w, office.InstallationJournal, account); a.SecretsFrom == "" || a.SessionsFrom != a.SecretsFrom {
			w.t.Errorf("%+v", a)
		}
		err = w.takeUp("handler", w.codes[6].Code)
		w.refuses(err, "不对") // the one before is void
		if err := w.takeUp("handler", code.Code); err != nil {
			w.t.Fatal(err)
		}

		p, code, err = w.ResetFactor(ctx, w.inHouse("system"), account, "又丢了")
		w.must(p, err)
		w.must(w.Decline(ctx, w.inHouse("security2"), p.Proposal, "没有见到本人"))
		err = w.takeUp("handler", code.Code)
		w.refuses(err, "不对")

		_, _, err = w.ResetFactor(ctx, w.inHouse("system"), w.people["system"], "我忘了")
		w.refuses(err, "为自己")
		p, _, err = w.ResetFactor(ctx, w.inHouse("system"), w.people["security"], "忘了")
		w.must(p, err)
		_, err = w.Approve(ctx, w.inHouse("security"), p.Proposal)
		w.refuses(err, "为自己")
		_, _, err = w.ResetFactor(ctx, w.inHouse("security"), account, "忘了")
		w.denies(err)

		for range 5 {
			_ = w.takeUp("reviewer", "wrong")
		}
		err = w.takeUp("reviewer", w.codes[8].Code)
		w.refuses(err, "锁定")
		p = w.must(w.Unlock(ctx, w.inHouse("system"), w.people["reviewer"], "本人来过"))
		w.must(w.Approve(ctx, w.inHouse("security"), p.Proposal))
		if err := w.takeUp("reviewer", w.codes[8].Code); err != nil {
			w.t.Error(err)
		}
	})
}

// TestResetInASmallOffice: one person is system and security administrator, and
// the audit administrator agrees.
func TestResetInASmallOffice(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			w := small(t, engine)
			p, _, err := w.ResetFactor(ctx, w.inHouse("admin"), w.people["handler"], "手机丢失")
			w.must(p, err)
			_, err = w.Approve(ctx, w.inHouse("admin"), p.Proposal)
			w.refuses(err, "不能批准自己提出的事项")
			w.must(w.Approve(ctx, w.inHouse("audit"), p.Proposal))
		})
	}
}

func TestFounding(t *testing.T) {
	admins := []office.FirstPerson{
		{Login: "a", Detail: office.Detail{Name: "甲", Identity: "1"}, Roles: []office.FirstRole{{Role: qiaomen.SystemAdmin}}},
		{Login: "b", Detail: office.Detail{Name: "乙", Identity: "2"}, Roles: []office.FirstRole{{Role: qiaomen.SecurityAdmin}}},
		{Login: "c", Detail: office.Detail{Name: "丙", Identity: "3"}, Roles: []office.FirstRole{{Role: qiaomen.AuditAdmin}}},
	}
	with := func(more ...office.FirstPerson) []office.FirstPerson { return append(slices.Clone(admins), more...) }
	for _, tt := range []struct {
		name   string
		p      qiaomen.Procedure
		people []office.FirstPerson
		want   string
	}{
		{"the three", qiaomen.ThreePowers, admins, ""},
		{"no audit administrator", qiaomen.ThreePowers, admins[:2], "没有指定审计管理员"},
		{
			"one person, two accounts", qiaomen.ThreePowers,
			with(office.FirstPerson{Login: "d", Detail: office.Detail{Name: "乙", Identity: "2"}, Roles: []office.FirstRole{{Role: qiaomen.AuditAdmin}}}),
			"三员不能由一人兼任",
		},
		{
			"an administrator with business, by a second account", qiaomen.SmallOffice,
			with(office.FirstPerson{Login: "d", Detail: office.Detail{Name: "甲", Identity: "1"}, Roles: []office.FirstRole{{Role: qiaomen.Handler, Campaign: winter}}}),
			"管理员不能有业务角色",
		},
		{
			"an auditor who writes", qiaomen.SmallOffice,
			with(office.FirstPerson{Login: "d", Detail: office.Detail{Name: "丁"}, Roles: []office.FirstRole{{Role: qiaomen.Auditor, Campaign: winter}, {Role: qiaomen.Evaluator, Campaign: winter}}}),
			"审计员不能",
		},
		{
			"an auditor of one, a handler of another", qiaomen.SmallOffice,
			with(office.FirstPerson{Login: "d", Detail: office.Detail{Name: "丁"}, Roles: []office.FirstRole{{Role: qiaomen.Auditor, Campaign: winter}, {Role: qiaomen.Handler, Campaign: "winter-2024"}}}),
			"",
		},
		{"a head of nothing", qiaomen.SmallOffice, with(office.FirstPerson{Login: "d", Detail: office.Detail{Name: "丁"}, Roles: []office.FirstRole{{Role: qiaomen.Head, Campaign: winter}}}), "哪个单位"},
		{"a login twice", qiaomen.SmallOffice, with(office.FirstPerson{Login: "A", Detail: office.Detail{Name: "丁"}}), "写了两次"},
		{"the public", qiaomen.SmallOffice, with(office.FirstPerson{Login: "d", Detail: office.Detail{Name: "丁"}, Roles: []office.FirstRole{{Role: qiaomen.Public}}}), "没有“public”这个角色"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := emptyWorld(t, "sqlite")
			codes, err := w.Found(ctx, office.Founding{ID: w.options.Installation, Name: "示例", Procedure: tt.p, People: tt.people})
			if tt.want == "" {
				if err != nil || len(codes) != len(tt.people) {
					t.Fatalf("%d codes: %v", len(codes), err)
				}
				return
			}
			w.refuses(err, tt.want)
		})
	}
}
