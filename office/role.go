package office

import (
	"context"
	"slices"

	"qiaomen"
	"qiaomen/store"
)

// A RoleChange is a role to be given to a person, or a grant to be taken back.
type RoleChange struct {
	// Remove is the grant that ends; then there is a reason beside it, and
	// nothing else.
	Remove string `json:"remove,omitzero"`

	Person   string       `json:"person,omitzero"`
	Role     qiaomen.Role `json:"role,omitzero"`
	Campaign string       `json:"campaign,omitzero"`
	// Unit is where a role of a unit is held, and for a member of the evaluation
	// team with Secondment the unit that lends them (separation 5).
	Unit       string `json:"unit,omitzero"`
	Secondment bool   `json:"secondment,omitzero"`
	// Leads is the units whose leading official a member or a leader is
	// (separation 6).
	Leads []string `json:"leads,omitempty"`
	From  string   `json:"from,omitzero"` // first and last day, YYYY-MM-DD; empty: open
	Until string   `json:"until,omitzero"`

	Reason string `json:"reason,omitzero"`
}

// changeRole gives or takes a role; it takes two people (separation 17).
//
// The rule's “never to oneself, never to the granter's own creator account” is
// read so. A granter is either of the two, and also somebody whose right they
// use or whose paper they enter. None of them may be the person who gets the
// role, by person and not by account. And none of them may have got an account
// of theirs from that person: otherwise a system administrator could make an
// account for a security administrator who in return gives them a role. Taking a
// role away is not held to this: giving up one's own harms nobody, and whoever
// is to go may not keep it by having made an account once.
var changeRole = twofold(&act[RoleChange]{
	action: qiaomen.ActGrantRole,
	home:   true,
	about: func(d *desk, a *RoleChange) (qiaomen.Subject, error) {
		if a.Remove == "" {
			return qiaomen.Subject{Table: "person", ID: a.Person}, nil
		}
		_, err := found[qiaomen.Grant](d, "授权", a.Remove)
		return qiaomen.Subject{Table: "grant", ID: a.Remove}, err
	},
	needs: func(d *desk, _ *RoleChange) ([][]qiaomen.Role, error) { return d.granters() },
	check: func(d *desk, a *RoleChange) error {
		if err := d.mayDecideRoles(); err != nil {
			return err
		}
		if a.Remove != "" {
			return d.checkRemoval(a)
		}
		if err := d.disinterested(a.Person); err != nil {
			return err
		}
		return d.checkGrant(a)
	},
	do: func(d *desk, a *RoleChange) (string, error) {
		if a.Remove != "" {
			return a.Remove, d.emit(&qiaomen.RoleRemoved{ID: a.Remove, Reason: a.Reason})
		}
		g := qiaomen.Grant{
			ID: d.newID("g-"), Person: a.Person, Role: a.Role, Campaign: a.Campaign, Unit: a.Unit,
			Secondment: a.Secondment, Leads: a.Leads, From: a.From, Until: a.Until, ProposedBy: d.proposer,
		}
		return g.ID, d.emit(&qiaomen.RoleGranted{Grant: g})
	},
})

// GrantRole proposes that a person be given a role. Until the first campaign
// opens the audit administrator, or another security administrator, agrees;
// afterwards another security administrator, or in a small office a member of
// any campaign's leading group.
func (o *Office) GrantRole(ctx context.Context, by Caller, a RoleChange) (*Answer, error) {
	return perform(ctx, o, by, changeRole, a)
}

// RemoveRole proposes that a grant end; it takes the same two people, and holds
// at once.
func (o *Office) RemoveRole(ctx context.Context, by Caller, grant, reason string) (*Answer, error) {
	return perform(ctx, o, by, changeRole, RoleChange{Remove: grant, Reason: reason})
}

// granters is who has to agree to a change of roles now.
func (d *desk) granters() ([][]qiaomen.Role, error) {
	p, err := d.procedure()
	if err != nil {
		return nil, err
	}
	opened, err := d.opened()
	switch {
	case err != nil:
		return nil, err
	case !opened:
		return [][]qiaomen.Role{{qiaomen.SecurityAdmin, qiaomen.AuditAdmin}}, nil
	case p.ThreeAdmins:
		return [][]qiaomen.Role{{qiaomen.SecurityAdmin}}, nil
	}
	return [][]qiaomen.Role{{qiaomen.SecurityAdmin, qiaomen.GroupMember}}, nil
}

// opened tells whether a first campaign was opened here.
func (d *desk) opened() (bool, error) {
	names, err := d.o.store.Journals(context.Background())
	if err != nil {
		return false, err
	}
	for _, name := range names {
		c, err := store.One[qiaomen.Campaign](d.tx.In(name), name)
		if err != nil || c != nil && c.State != qiaomen.Prepared {
			return err == nil, err
		}
	}
	return false, nil
}

// mayDecideRoles asks again, when a proposal is carried out, whether this role
// may agree: a campaign may have opened since it was made.
func (d *desk) mayDecideRoles() error {
	if d.proposer == "" || d.paper != nil {
		return nil
	}
	needs, err := d.granters()
	if err == nil && !slices.Contains(needs[0], d.using.Role) {
		err = d.deny("不能由审计管理员批准：活动开启以后，角色要由另一位安全管理员或领导小组批准")
	}
	return err
}

// disinterested keeps those who decide on a role apart from who gets it.
func (d *desk) disinterested(person string) error {
	granters := d.persons()
	if d.paper != nil {
		granters = append(granters, d.paper.EnteredBy)
	}
	if slices.Contains(granters, person) {
		return d.deny("不能给自己授予角色")
	}
	for _, g := range granters {
		accounts, err := store.All[qiaomen.Account](d.r, store.Filter{Kind: g})
		if err != nil {
			return err
		}
		if slices.ContainsFunc(accounts, func(a *qiaomen.Account) bool { return a.By == person }) {
			return d.deny("不能给为您开设账号的人授予角色")
		}
	}
	return nil
}

// grantable tells whether there is such a role to give.
func grantable(r qiaomen.Role) bool { return r != qiaomen.Public && slices.Contains(qiaomen.Roles, r) }

func (d *desk) checkGrant(a *RoleChange) error {
	list := d.misplaced(a)
	list = append(list, written("reason", a.Reason)...)
	list = append(list, d.wrongDays(a.From, a.Until)...)
	unknown, err := d.unknownUnits(a)
	if err != nil {
		return err
	}
	list = append(list, unknown...)
	there, err := d.personExists(a.Person)
	if err != nil {
		return err
	}
	if !there {
		list.add("person", "没有这个人", "请先由系统管理员开设账号")
		return faults(list)
	}
	all, err := d.grantsOf(a.Person)
	if err != nil {
		return err
	}
	all = d.yet(all)
	for _, g := range all {
		if g.Role == a.Role && g.Campaign == a.Campaign && g.Unit == a.Unit && g.Delegator == "" && overlap(g.From, g.Until, a.From, a.Until) {
			list.add("role", "这个人已有这个角色", "要改期限的，请先收回再授予")
			break
		}
	}
	p, err := d.procedure()
	if err != nil {
		return err
	}
	if why := exclusive(p, append(all, &qiaomen.Grant{Role: a.Role, Campaign: a.Campaign})); why != "" {
		list.add("role", why, "请授予另一个人，或先收回相斥的角色")
	}
	return faults(list)
}

// misplaced finds what a role is given with and does not go with it.
func (d *desk) misplaced(a *RoleChange) (list complaints) {
	switch {
	case !grantable(a.Role):
		list.add("role", "没有“"+qiaomen.Clip(string(a.Role))+"”这个角色", "")
		return list
	case a.Role.OfCampaign() && !campaignID.MatchString(a.Campaign):
		list.add("campaign", "没有写明是哪个活动的"+a.Role.Chinese(), "请选活动")
	case !a.Role.OfCampaign() && a.Campaign != "":
		list.add("campaign", a.Role.Chinese()+"不属于某个活动", "请删去活动")
	}
	lent := a.Secondment && a.Role == qiaomen.Evaluator
	if a.Secondment && !lent {
		list.add("secondment", "只有绩效考评工作专班的人可以是抽调的", "请核对")
	}
	switch {
	case (a.Role.OfUnit() || lent) && a.Unit == "":
		list.add("unit", "没有写明单位", "请选单位")
	case !a.Role.OfUnit() && !lent && a.Unit != "":
		list.add("unit", a.Role.Chinese()+"不属于某个单位", "请删去单位")
	}
	if len(a.Leads) > 0 && a.Role != qiaomen.GroupMember && a.Role != qiaomen.CityLeader {
		list.add("leads", "只有领导小组成员和市领导有分管的单位", "请核对")
	}
	return list
}

// unknownUnits finds units that the campaign's scheme does not have. A campaign
// that is yet to come may have any.
func (d *desk) unknownUnits(a *RoleChange) (list complaints, err error) {
	if !campaignID.MatchString(a.Campaign) {
		return nil, nil
	}
	v := d.tx.In(a.Campaign)
	c, err := store.One[qiaomen.Campaign](v, a.Campaign)
	if err != nil || c == nil {
		return nil, err
	}
	s, err := d.o.rulesOf(v, c.Newest())
	if err != nil {
		return nil, err
	}
	for field, units := range map[string][]string{"unit": {a.Unit}, "leads": a.Leads} {
		for _, u := range units {
			if u != "" && s.Unit(u) == nil {
				list.add(field, "活动“"+c.Name+"”里没有单位“"+qiaomen.Clip(u)+"”", "请核对")
			}
		}
	}
	return list, nil
}

// wrongDays finds what is wrong with a first and a last day, either of which
// may be open.
func (d *desk) wrongDays(from, until string) (list complaints) {
	for _, f := range []struct{ field, day string }{{"from", from}, {"until", until}} {
		if f.day == "" {
			continue
		}
		if _, err := qiaomen.ParseDate(f.day); err != nil {
			list.add(f.field, err.Error(), "")
		}
	}
	if len(list) > 0 || until == "" {
		return list
	}
	if until < d.day {
		list.add("until", "最后一天在今天之前", "请核对")
	} else if until < from {
		list.add("until", "最后一天在第一天之前", "请核对")
	}
	return list
}

// overlap tells whether two spans of days, whose ends may be open, have a day
// in common.
func overlap(from, until, otherFrom, otherUntil string) bool {
	return (otherUntil == "" || from <= otherUntil) && (until == "" || otherFrom <= until)
}

// checkRemoval asks that roles can still be given afterwards.
func (d *desk) checkRemoval(a *RoleChange) error {
	g, err := found[qiaomen.Grant](d, "授权", a.Remove)
	if err != nil {
		return err
	}
	if g.State != qiaomen.Active {
		return overtaken("这个角色已经收回")
	}
	var list complaints
	list.reason(a.Reason)
	if !g.Role.Admin() {
		return faults(list)
	}
	p, err := d.procedure()
	if err != nil {
		return err
	}
	least := 1
	if opened, err := d.opened(); err != nil {
		return err
	} else if g.Role == qiaomen.SecurityAdmin && p.ThreeAdmins && opened {
		least = 2 // it takes two of them to give a role
	}
	all, err := store.All[qiaomen.Grant](d.r, store.Filter{Kind: string(g.Role), States: []qiaomen.State{qiaomen.Active}})
	if err != nil {
		return err
	}
	left := map[string]bool{}
	for _, h := range d.inForce(all) {
		if h.ID != g.ID {
			left[h.Person] = true
		}
	}
	if len(left) < least && len(d.inForce([]*qiaomen.Grant{g})) > 0 {
		list.add("remove", "收回以后"+g.Role.Chinese()+"不够了，往后没有人能办理", "请先授予接任的人")
	}
	return faults(list)
}
