package office_test

import (
	"fmt"
	"testing"

	"qiaomen"
	"qiaomen/office"
)

// TestRightsThatDoNotHold: a role that is held elsewhere, not yet, not any more,
// by an account out of use, or not asked for, is no role.
func TestRightsThatDoNotHold(t *testing.T) {
	m := newMatrix(t, "sqlite", qiaomen.SmallOffice)
	granted := func(c office.RoleChange) (account, grant string) {
		c.Person = m.newcomer()
		account = m.people[fmt.Sprint("newcomer", m.n)]
		return account, m.done(m.GrantRole(ctx, m.inHouse("security"), c))
	}
	type somebody struct {
		name string
		by   func(r qiaomen.Role, change office.RoleChange, in string) office.Caller
	}
	as := func(account, in string) office.Caller {
		c := m.by("handler", in)
		c.Account = account
		return c
	}
	holds := somebody{"a role that holds", func(_ qiaomen.Role, change office.RoleChange, in string) office.Caller {
		account, _ := granted(change)
		return as(account, in)
	}}
	cases := []somebody{
		{"an account out of use", func(_ qiaomen.Role, change office.RoleChange, in string) office.Caller {
			account, _ := granted(change)
			m.must(m.DisableAccount(ctx, m.inHouse("system"), account, "示例：调离"))
			return as(account, in)
		}},
		{"a role taken away", func(_ qiaomen.Role, change office.RoleChange, in string) office.Caller {
			account, grant := granted(change)
			m.done(m.RemoveRole(ctx, m.inHouse("security"), grant, "示例：调离"))
			return as(account, in)
		}},
		{"a role past its last day", func(_ qiaomen.Role, change office.RoleChange, in string) office.Caller {
			change.Until = m.now.Format("2006-01-02")
			account, _ := granted(change)
			m.now = m.now.AddDate(0, 0, 1)
			return as(account, in)
		}},
		{"a role to come", func(_ qiaomen.Role, change office.RoleChange, in string) office.Caller {
			change.From = m.now.AddDate(0, 0, 1).Format("2006-01-02")
			account, _ := granted(change)
			return as(account, in)
		}},
		{"a role in another campaign", func(r qiaomen.Role, change office.RoleChange, in string) office.Caller {
			if change.Campaign = spring; r.Admin() {
				return m.by("", in) // it is held in none
			}
			account, _ := granted(change)
			return as(account, in)
		}},
		{"somebody who asks in a role that they lack", func(r qiaomen.Role, _ office.RoleChange, in string) office.Caller {
			c := m.by(first(r), in)
			c.As = qiaomen.GroupMember
			return c
		}},
		{"a token for something else", func(r qiaomen.Role, _ office.RoleChange, in string) office.Caller {
			c := m.by(first(r), in)
			c.Only = []qiaomen.Action{qiaomen.ActReadPublished}
			return c
		}},
		{"a token for nothing", func(r qiaomen.Role, _ office.RoleChange, in string) office.Caller {
			c := m.by(first(r), in)
			c.Only = []qiaomen.Action{}
			return c
		}},
	}
	for _, one := range []struct {
		a qiaomen.Action
		r qiaomen.Role
	}{
		{qiaomen.ActDraft, qiaomen.Reporter},
		{qiaomen.ActReadOwn, qiaomen.Reporter},
		{qiaomen.ActExamine, qiaomen.Handler},
		{qiaomen.ActRevoke, qiaomen.Evaluator},
		{qiaomen.ActExportAll, qiaomen.Auditor},
		{qiaomen.ActEndSessions, qiaomen.SecurityAdmin},
	} {
		a, r := one.a, one.r
		x := trials[a][0].whole()
		change := office.RoleChange{Role: r}
		if r.OfCampaign() {
			change.Campaign = winter
		}
		if r.OfUnit() {
			change.Unit = "jixian"
		}
		id := x.ready(m, first(r))
		for _, c := range cases {
			by := c.by(r, change, x.in)
			m.denied(t, a.String()+" by "+c.name, a, func() error {
				_, err := x.try(m, by, id)
				return err
			})
		}
		if _, err := x.try(m, holds.by(r, change, x.in), id); err != nil {
			t.Errorf("%s by %s: %v", a, holds.name, err)
		}
	}
}

// TestNoUnitIsNotAll: who may take any one unit's data away may not so take all
// of it, which is another row and takes two people.
func TestNoUnitIsNotAll(t *testing.T) {
	m := newMatrix(t, "sqlite", qiaomen.ThreePowers)
	m.reserve()
	for _, role := range qiaomen.Roles {
		if c := m.p.May(role, qiaomen.ActExportOwn); !c.May || c.Own {
			continue
		}
		err := m.unchanged(t, string(role), func() error {
			_, err := m.ExportOwn(ctx, m.as(first(role)), export)
			return err
		})
		m.faulty("没有写明是哪个单位")(nil, err)
	}
}
