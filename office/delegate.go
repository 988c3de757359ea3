package office

import (
	"context"
	"slices"

	"qiaomen"
	"qiaomen/store"
)

// A Delegation is a right of one's own that is lent for a while (委托).
type Delegation struct {
	Grant string `json:"grant"` // one's own
	To    string `json:"to"`    // a person
	// Actions is what is lent, by their words; empty: all that the role may do in
	// its campaign.
	Actions []string `json:"actions,omitempty"`
	From    string   `json:"from,omitzero"` // empty: today
	Until   string   `json:"until"`
}

// longestDelegation is how many days a right is lent at most, both ends included.
const longestDelegation = 30

// deputies is to whom a role may be lent: somebody of the same side, who knows
// the work and stands under the same duties. A head's deputy is of the head's
// own unit, a reviewer's of the office; a member's and a leader's are their
// equals. The rule asks for the same or a higher rank. A reporter and a handler
// stand below, and are let in because above the head of a unit, or beside a
// small office's one reviewer, there is nobody; that the deputy agrees to
// nothing of their own is held by desk.persons.
var deputies = map[qiaomen.Role][]qiaomen.Role{
	qiaomen.Head:        {qiaomen.Head, qiaomen.Reporter},
	qiaomen.Reviewer:    {qiaomen.Reviewer, qiaomen.Handler},
	qiaomen.GroupMember: {qiaomen.GroupMember},
	qiaomen.CityLeader:  {qiaomen.CityLeader},
}

var delegate = &act[Delegation]{
	action: qiaomen.ActDelegate,
	home:   true,
	about: func(d *desk, a *Delegation) (qiaomen.Subject, error) {
		g := d.own(a.Grant)
		if g == nil {
			return qiaomen.Subject{}, lost("您的授权", a.Grant)
		}
		return qiaomen.Subject{Unit: g.Unit, Table: "grant", ID: g.ID}, nil
	},
	check: func(d *desk, a *Delegation) error {
		g := d.own(a.Grant)
		switch {
		case g.Delegator != "":
			return d.deny("不能转委托：这个权限是别人委托给您的")
		case !d.holds(g) || deputies[g.Role] == nil:
			return d.deny("不能委托这个角色")
		case d.is(a.To):
			return d.deny("不能委托给自己")
		}
		d.using = g
		return d.checkDelegation(a, g)
	},
	do: func(d *desk, a *Delegation) (string, error) {
		g := *d.own(a.Grant)
		g.ID, g.Person, g.Delegator, g.Actions = d.newID("g-"), a.To, d.person, a.Actions
		g.From, g.Until, g.ProposedBy, g.ConfirmedBy, g.Secondment = a.From, a.Until, "", "", false
		return g.ID, d.emit(&qiaomen.RoleGranted{Grant: g})
	},
}

// own is a grant of the person's, whatever its state, or nil.
func (d *desk) own(id string) *qiaomen.Grant {
	for _, g := range d.grants {
		if g.ID == id {
			return g
		}
	}
	return nil
}

func (d *desk) checkDelegation(a *Delegation, g *qiaomen.Grant) error {
	list := d.wrongDays(a.From, a.Until)
	switch {
	case len(list) > 0:
	case a.Until == "":
		list.add("until", "没有写最后一天", "委托要有期限")
	case a.From != "" && a.From < d.day:
		list.add("from", "第一天在今天之前", "请核对")
	default:
		first := a.From
		if first == "" {
			first = d.day
		}
		from, _ := qiaomen.ParseDate(first)
		until, _ := qiaomen.ParseDate(a.Until)
		if until-from >= longestDelegation {
			list.add("until", "委托超过30天", "请缩短，到期可以再委托")
		}
		if g.Until != "" && a.Until > g.Until {
			list.add("until", "委托的期限超过了您自己的授权", "请改到 "+g.Until+" 以前")
		}
	}
	p, err := d.procedure()
	if err != nil {
		return err
	}
	for _, word := range a.Actions {
		if action := qiaomen.ActionNamed(word); action == 0 || action.OfInstallation() || !p.May(g.Role, action).May {
			list.add("actions", "“"+qiaomen.Clip(word)+"”不是"+g.Role.Chinese()+"在活动里能办的事", "请核对")
		}
	}
	theirs, err := d.grantsOf(a.To)
	if err != nil {
		return err
	}
	theirs = d.yet(theirs)
	if !slices.ContainsFunc(theirs, func(h *qiaomen.Grant) bool {
		return h.Delegator == "" && slices.Contains(deputies[g.Role], h.Role) && h.Unit == unitFor(h.Role, g) && h.Holds(g.Campaign, d.day)
	}) {
		list.add("to", "这个人不能受"+g.Role.Chinese()+"的委托", "单位负责人委托本单位的人，审核员委托办公室的人，领导小组成员和市领导委托同级的人")
	}
	if slices.ContainsFunc(theirs, func(h *qiaomen.Grant) bool {
		return h.Delegator == d.person && h.Role == g.Role && h.Campaign == g.Campaign && h.Unit == g.Unit && overlap(h.From, h.Until, a.From, a.Until)
	}) {
		list.add("to", "这段时间已经委托给了这个人", "请先结束已有的委托")
	}
	if why := exclusive(p, append(theirs, &qiaomen.Grant{Role: g.Role, Campaign: g.Campaign})); why != "" {
		list.add("to", why, "请委托另一个人")
	}
	return faults(list)
}

// unitFor is in which unit a deputy holds their role: that of the right lent,
// where both are roles of units.
func unitFor(r qiaomen.Role, lent *qiaomen.Grant) string {
	if r.OfUnit() {
		return lent.Unit
	}
	return ""
}

// Delegate lends a right of one's own. The deputy acts with both persons'
// conflicts (separation 20): they stand aside where either must, and agree to
// nothing that either proposed. It ends on its last day, when it is ended, and
// when the lender's own right does.
func (o *Office) Delegate(ctx context.Context, by Caller, a Delegation) (*Answer, error) {
	return perform(ctx, o, by, delegate, a)
}

var endDelegation = &act[Named]{
	action: qiaomen.ActDelegate,
	home:   true,
	about: func(d *desk, a *Named) (qiaomen.Subject, error) {
		g, err := store.One[qiaomen.Grant](d.r, a.ID)
		if err != nil {
			return qiaomen.Subject{}, err
		}
		if g == nil || g.Delegator == "" || g.Delegator != d.person {
			return qiaomen.Subject{}, lost("您的委托", a.ID)
		}
		return qiaomen.Subject{Unit: g.Unit, Table: "grant", ID: g.ID}, nil
	},
	check: func(d *desk, a *Named) error {
		g, err := found[qiaomen.Grant](d, "委托", a.ID)
		if err != nil {
			return err
		}
		if g.State != qiaomen.Active {
			return overtaken("这个委托已经结束")
		}
		return nil
	},
	do: func(d *desk, a *Named) (string, error) {
		return a.ID, d.emit(&qiaomen.RoleRemoved{ID: a.ID, Reason: "委托人结束委托"})
	},
}

// EndDelegation takes a lent right back, at once; only its lender may.
func (o *Office) EndDelegation(ctx context.Context, by Caller, grant string) (*Answer, error) {
	return perform(ctx, o, by, endDelegation, Named{grant})
}
