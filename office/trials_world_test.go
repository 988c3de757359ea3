package office_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
)

// newMatrix founds it; through does what comes between that and the first act.
func newMatrix(t *testing.T, engine string, p qiaomen.Procedure, through ...func(*world)) *matrix {
	m := &matrix{world: emptyWorld(t, engine), p: p}
	var people []office.FirstPerson
	add := func(login, unit string, roles ...qiaomen.Role) {
		one := office.FirstPerson{Login: login, Detail: office.Detail{Name: "示例" + login, Identity: "示例" + login}}
		for _, r := range roles {
			first := office.FirstRole{Role: r, Campaign: winter}
			if r.OfUnit() {
				first.Unit = unit
			}
			if r.Admin() {
				first.Campaign = ""
			}
			if one.Roles = append(one.Roles, first); r.OfCampaign() {
				first.Campaign = spring
				one.Roles = append(one.Roles, first)
			}
		}
		people = append(people, one)
	}
	for _, c := range cast {
		add(c.login, c.unit, c.role)
	}
	add("leader2", "", qiaomen.CityLeader) // the cast has one
	for _, pair := range m.pairs() {
		add(bothOf(pair), "jixian", pair[0], pair[1])
	}
	m.found(p, people)
	for _, f := range through {
		f(m.world)
		m.http.enrol()
	}
	text, notice := schemeText(t)
	a := m.must(m.CreateCampaign(ctx, m.as("handler2"), office.Beginning{Campaign: winter, Text: text, Source: notice, TwoFor: []string{"signed_project"}}))
	m.finish(a.Proposal)
	m.at("2024-01-10 09:00")
	m.signedIn()
	m.scan = m.keeps("handler", "", "材料.png", paper(1))
	return m
}

// signedIn has people who come through the doors sign in again, by default
// everybody, so that nobody has to in the middle of what a trial counts.
func (m *matrix) signedIn(logins ...string) {
	if m.http == nil {
		return
	}
	for _, c := range m.codes {
		if len(logins) == 0 || slices.Contains(logins, c.Login) {
			m.http.signIn(m.http.clients[c.Account])
		}
	}
}

// pairs is the two roles of everybody who might propose a thing and then approve
// it: those that one person can hold together (separations 16 and 23).
func (m *matrix) pairs() (out [][2]qiaomen.Role) {
	for _, a := range qiaomen.Actions() {
		for _, one := range qiaomen.Roles {
			for _, two := range qiaomen.Roles {
				admins := one.Admin() || two.Admin()
				together := !m.p.ThreeAdmins && one == qiaomen.SystemAdmin && two == qiaomen.SecurityAdmin
				pair := [2]qiaomen.Role{one, two}
				if one != two && m.p.May(one, a).Propose && m.p.May(two, a).Approve && (!admins || together) && one != qiaomen.Auditor && !slices.Contains(out, pair) {
					out = append(out, pair)
				}
			}
		}
	}
	return out
}

func bothOf(pair [2]qiaomen.Role) string { return string(pair[0]) + "." + string(pair[1]) }

// of is the people of a role, of those of units jixian's, the first one first.
func of(r qiaomen.Role) (logins []string) {
	for _, c := range cast {
		if c.role == r && (c.unit == "" || c.unit == "jixian") {
			logins = append(logins, c.login)
		}
	}
	if r == qiaomen.CityLeader {
		logins = append(logins, "leader2")
	}
	return logins
}

// first is whom a trial is made with; of the public nobody.
func first(r qiaomen.Role) string {
	if r == qiaomen.Public {
		return ""
	}
	return of(r)[0]
}

// firsts is everybody whom a trial is made with.
func firsts() (logins []string) {
	for _, r := range qiaomen.Roles {
		logins = append(logins, first(r))
	}
	return logins
}

// youyi is the person of the same role in another unit.
func youyi(r qiaomen.Role) string { return strings.Replace(first(r), "jixian", "youyi", 1) }

// by is somebody as a caller, there where a row is tried.
func (m *matrix) by(login, in string) office.Caller {
	c := office.Caller{}
	if login != "" {
		c = m.as(login)
	}
	if c.Campaign = in; in == house {
		c.Campaign = ""
	}
	return c
}

// done is an act with whatever second person it takes.
func (m *matrix) done(a *office.Answer, err error) string {
	m.t.Helper()
	if m.must(a, err); a.Proposal == "" {
		return a.ID
	}
	return m.finish(a.Proposal)
}

// finish says everything to a proposal that it still needs.
func (m *matrix) finish(id string) (made string) {
	m.t.Helper()
	p, in := m.proposal(id)
	for made = id; p.State == qiaomen.Pending; p, _ = m.proposal(id) {
		login := ""
		for _, r := range p.Lacks()[0] {
			for _, l := range of(r) {
				if person := m.personOf(l); person != p.By && !slices.ContainsFunc(p.Yes, func(y qiaomen.Yes) bool { return y.By == person }) {
					login = l // the last one: the first are kept for the trials
				}
			}
		}
		made = m.must(m.Approve(ctx, m.by(login, in), id)).ID
	}
	return made
}

// proposal is a proposal and the journal in which it stands.
func (m *matrix) proposal(id string) (p *qiaomen.Proposal, in string) {
	m.t.Helper()
	for _, name := range journals {
		if err := m.store.Read(ctx, name, 0, func(v *store.View) (err error) {
			p, err = store.One[qiaomen.Proposal](v, id)
			return err
		}); err != nil {
			m.t.Fatal(err)
		}
		if p != nil {
			return p, name
		}
	}
	m.t.Fatalf("there is no proposal %s", id)
	return nil, ""
}

// A ledgerState is where the journals end, and what stands beside them.
type ledgerState struct {
	ends  []int64
	works []store.Work
}

func (m *matrix) state() (s ledgerState) {
	m.t.Helper()
	if err := m.store.Read(ctx, winter, 0, func(v *store.View) error {
		for _, name := range journals {
			end, err := v.In(name).Position()
			if err != nil {
				return err
			}
			s.ends = append(s.ends, end)
		}
		for _, table := range []struct{ journal, name string }{{winter, "draft"}, {winter, "personal"}, {winter, "job"}, {house, "detail"}, {house, "secret"}} {
			works, err := v.In(table.journal).Works(table.name, "", "")
			if err != nil {
				return err
			}
			s.works = append(s.works, works...)
		}
		return nil
	}); err != nil {
		m.t.Fatal(err)
	}
	return s
}

// unchanged asks that an attempt leaves everything as it is.
func (m *matrix) unchanged(t *testing.T, what string, attempt func() error) error {
	t.Helper()
	before := m.state()
	err := attempt()
	if !reflect.DeepEqual(before, m.state()) {
		t.Errorf("%s: it changed something", what)
	}
	return err
}

// denied asks that an attempt is refused for want of a right, changes nothing,
// and leaves one entry in the audit log that names the action. At the doors a
// stranger is no one to refuse: they are told to sign in, and it leaves none.
func (m *matrix) denied(t *testing.T, what string, a qiaomen.Action, attempt func() error) error {
	t.Helper()
	end := m.auditEnd()
	err := m.unchanged(t, what, attempt)
	if errors.Is(err, errStranger) {
		if now := m.auditEnd(); now != end {
			t.Errorf("%s: %d audit entries of a stranger", what, now-end)
		}
		return err
	}
	var refusal *office.Denied
	if !errors.As(err, &refusal) {
		t.Errorf("%s: not denied: %v", what, err)
		return nil
	}
	switch {
	case m.http == nil && refusal.Action != a:
		t.Errorf("%s: denied as %s", what, refusal.Action)
	case m.http != nil && m.http.action != "" && m.http.action != a.String():
		t.Errorf("%s: the operation says that it is %s", what, m.http.action)
	}
	if now := m.auditEnd(); now != end+1 {
		t.Errorf("%s: %d audit entries", what, now-end)
		return err
	}
	var entry qiaomen.AccessDenied
	if err := m.store.Read(ctx, office.AuditJournal, 0, func(v *store.View) error {
		e, err := v.Entry(end + 1)
		if err == nil && e.Event != "access_denied" {
			err = fmt.Errorf("it is %s", e.Event)
		}
		return errors.Join(err, json.Unmarshal(e.Data, &entry))
	}); err != nil || entry.Action != a.String() {
		t.Errorf("%s: the audit entry names %q: %v", what, entry.Action, err)
	}
	return err
}

func (m *matrix) auditEnd() (end int64) {
	if err := m.store.Read(ctx, office.AuditJournal, 0, func(v *store.View) (err error) {
		end, err = v.Position()
		return err
	}); err != nil {
		m.t.Fatal(err)
	}
	return end
}
