package office

import (
	"bytes"
	"context"
	"slices"

	"github.com/go-json-experiment/json"

	"qiaomen"
)

// An act is one thing a person can do, with arguments of type A. Its methods
// are called within the deciding transaction, in this order, first when it is
// proposed and, all but proposed, again when it is carried out.
type act[A any] struct {
	action qiaomen.Action
	// home: it belongs to the installation's journal, not to a campaign's.
	home bool
	// early: it may be done before the campaign is open.
	early bool
	// fresh: it begins the campaign's journal.
	fresh bool
	// about is what it is about: whose it is, who must stand aside. Things that
	// are not there are told here. It may fill in arguments from the ledger, so
	// that a proposal says all that will be done.
	about func(d *desk, a *A) (qiaomen.Subject, error)
	// check finds everything that stands in the way.
	check func(d *desk, a *A) error
	// do emits its events, and returns the id of what it made or acted on.
	do func(d *desk, a *A) (string, error)

	// seek looks for what it may be the same as, before its turn in the line.
	seek func(l *lookalikes, a *A) *sought

	// half: the matrix's 1 or 2 is an act of its own here, and check holds the
	// two apart by the persons that things name.
	half bool
	// or is by which other grants it may be done where none lets the person do
	// the action itself.
	or func(d *desk, unit string) ([]chance, error)
	// first tells that somebody who may only approve can act at once, since
	// another person's earlier act stands for the proposal.
	first func(d *desk, a *A) (bool, error)
	// two tells that it takes two even where the procedure lets one do it.
	two func(d *desk, a *A) (bool, error)
	// needs is who has to say yes, one from each set; nil: any who may approve.
	needs func(d *desk, a *A) ([][]qiaomen.Role, error)
	// proposed emits what a proposal brings with it.
	proposed func(d *desk, a *A, proposal string) error
}

// perform does an act for a caller, or proposes it where it takes two people.
func perform[A any](ctx context.Context, o *Office, caller Caller, x *act[A], a A) (*Answer, error) {
	args, err := json.Marshal(a, json.Deterministic(true))
	if err != nil || bytes.Contains(args, []byte(`\u0000`)) { // what PostgreSQL's text cannot hold
		return nil, errText
	}
	answer := &Answer{}
	var seek func(l *lookalikes) *sought
	if x.seek != nil {
		seek = func(l *lookalikes) *sought { return x.seek(l, &a) }
	}
	err = o.decide(ctx, caller, asked{x.action, x.action.String() + " " + string(args), x.home, x.fresh, seek}, answer, func(d *desk) error {
		a := a // it may go again, from what was asked
		if !x.home && !x.fresh {
			if err := d.inCampaign(!x.early); err != nil {
				return err
			}
		}
		return x.perform(d, &a, answer)
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

func (x *act[A]) perform(d *desk, a *A, answer *Answer) error {
	subject, missing := qiaomen.Subject{}, error(nil)
	if x.about != nil {
		subject, missing = x.about(d, a)
	}
	chances, err := d.chances(x.action, subject.Unit)
	if err == nil && len(chances) == 0 && x.or != nil {
		chances, err = x.or(d, subject.Unit)
	}
	if err != nil {
		return err
	}
	if len(chances) == 0 {
		hidden := false
		if missing != nil || subject.Unit != "" { // of another unit's things a unit learns nothing, not even that they are not there
			if hidden, err = d.chancesAnywhere(x.action); err != nil {
				return err
			}
		}
		return &Denied{Action: x.action, Why: "没有权限", Object: subject.Record + subject.ID, Hidden: hidden}
	}
	if missing != nil {
		return missing
	}
	how, err := x.way(d, a, chances)
	if err != nil {
		return err
	}
	if err := d.aside(subject); err != nil {
		return err
	}
	if err := x.check(d, a); err != nil {
		return err
	}
	if how == carrying {
		answer.ID, err = x.do(d, a)
		answer.Proposal = d.asked
		return err
	}
	return x.propose(d, a, subject, answer)
}

type way int

const (
	carrying way = iota
	proposing
)

// way chooses the grant by which the person acts: one that lets them do it
// alone before one that lets them propose it.
func (x *act[A]) way(d *desk, a *A, chances []chance) (way, error) {
	two := false
	var err error
	if x.two != nil {
		if two, err = x.two(d, a); err != nil {
			return 0, err
		}
	}
	for _, c := range chances {
		if d.using = c.grant; x.half || c.cell.Alone() && !two {
			return carrying, nil
		}
	}
	for _, c := range chances {
		if d.using = c.grant; c.cell.Propose || two && c.cell.Alone() {
			return proposing, nil
		}
	}
	for _, c := range chances {
		d.using = c.grant
		if x.first == nil || !c.cell.Approve {
			continue
		}
		may, err := x.first(d, a)
		if err != nil {
			return 0, err
		}
		if may {
			return carrying, nil
		}
	}
	d.using = nil
	return 0, &Denied{Action: x.action, Why: "不能由您提出：" + x.action.Chinese() + "要由另一人先提出，您来批准"}
}

// chancesAnywhere tells whether the person may do the action in some unit.
func (d *desk) chancesAnywhere(a qiaomen.Action) (bool, error) {
	for _, g := range d.grants {
		if g.Unit == "" {
			continue
		}
		got, err := d.chances(a, g.Unit)
		if err != nil || len(got) > 0 {
			return len(got) > 0, err
		}
	}
	return false, nil
}

// propose makes the proposal that waits for the second person.
func (x *act[A]) propose(d *desk, a *A, subject qiaomen.Subject, answer *Answer) error {
	needs, err := x.required(d, a)
	if err != nil {
		return err
	}
	id, err := d.ask(x.action, a, subject, needs)
	if err != nil {
		return err
	}
	answer.ID, answer.Proposal = id, id
	if x.proposed != nil {
		return x.proposed(d, a, id)
	}
	return nil
}

// ask makes a proposal that waits for one yes from each set of roles; where the
// leading group alone decides, for as many as its quorum (separation 6).
func (d *desk) ask(action qiaomen.Action, args any, subject qiaomen.Subject, needs [][]qiaomen.Role) (string, error) {
	written, err := json.Marshal(args, json.Deterministic(true))
	if err != nil {
		return "", err
	}
	procedure, err := d.procedure()
	if err != nil {
		return "", err
	}
	var sets [][]qiaomen.Role
	for _, set := range needs {
		times := 1
		if slices.Equal(set, []qiaomen.Role{qiaomen.GroupMember}) {
			times = max(1, procedure.Quorum)
		}
		for range times {
			sets = append(sets, set)
		}
	}
	p := qiaomen.Proposal{ID: d.newID("p-"), Action: action.String(), Args: written, Subject: subject, Needs: sets}
	d.asked = p.ID
	return p.ID, d.emit(&qiaomen.ProposalMade{Proposal: p})
}

func (x *act[A]) required(d *desk, a *A) ([][]qiaomen.Role, error) {
	if x.needs != nil {
		if needs, err := x.needs(d, a); needs != nil || err != nil {
			return needs, err
		}
	}
	return d.approvers(x.action)
}

// approvers is the roles any of which may approve the action.
func (d *desk) approvers(a qiaomen.Action) ([][]qiaomen.Role, error) {
	p, err := d.procedure()
	if err != nil {
		return nil, err
	}
	var roles, alone []qiaomen.Role
	for _, r := range qiaomen.Roles {
		if c := p.May(r, a); c.Approve {
			roles = append(roles, r)
		} else if c.Alone() {
			alone = append(alone, r)
		}
	}
	if len(roles) == 0 { // the procedure lets one do it, and here it takes two of them
		roles = alone
	}
	return [][]qiaomen.Role{roles}, nil
}

// A second is an act as its proposal knows it: by name, with arguments as they
// were written down.
type second interface {
	carry(d *desk, args []byte) (string, error)
	check2(d *desk, args []byte) (qiaomen.Subject, error)
	where() (home, early bool)
}

func (x *act[A]) where() (home, early bool) { return x.home, x.early }

func (x *act[A]) carry(d *desk, args []byte) (string, error) {
	var a A
	if err := json.Unmarshal(args, &a); err != nil {
		return "", err
	}
	return x.do(d, &a)
}

func (x *act[A]) check2(d *desk, args []byte) (subject qiaomen.Subject, err error) {
	var a A
	if err := json.Unmarshal(args, &a); err != nil {
		return subject, err
	}
	if x.about != nil {
		if subject, err = x.about(d, &a); err != nil {
			return subject, err
		}
	}
	return subject, x.check(d, &a)
}

// seconds is the acts that proposals speak of, by action.
var seconds = map[qiaomen.Action]second{}

// twofold declares an act whose proposals can be approved.
func twofold[A any](x *act[A]) *act[A] {
	seconds[x.action] = x
	return x
}
