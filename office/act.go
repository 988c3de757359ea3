package office

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/store"
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

	// half: the matrix's 1 or 2 is an act of its own here, and check holds the
	// two apart by the persons that things name.
	half bool
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
	if err != nil {
		return nil, err
	}
	answer := &Answer{}
	err = o.decide(ctx, caller, asked{x.action, x.action.String() + " " + string(args), x.home, x.fresh}, answer, func(d *desk) error {
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

// asked is what is to be decided: in which journal, and as what it is known
// when it is asked again.
type asked struct {
	action      qiaomen.Action
	request     string
	home, fresh bool
}

// campaignID is how campaigns may be called: the two other journals may not.
var campaignID = regexp.MustCompile("^[a-z][a-z0-9-]{2,60}[0-9a-z]$")

// decide opens a desk in a deciding transaction. A refusal is written to the
// audit journal once the transaction has ended.
func (o *Office) decide(ctx context.Context, caller Caller, q asked, answer *Answer, f func(*desk) error) error {
	action, name := q.action, caller.Campaign
	if q.home {
		name = InstallationJournal
	}
	person, err := o.personOf(ctx, caller.Account)
	if err != nil {
		return err
	}
	known := q.home
	if !q.home {
		if known, err = o.knows(ctx, name); err != nil {
			return err
		}
		known = known || q.fresh && campaignID.MatchString(name)
	}
	key := caller.Key
	if key == "" {
		key = randomKey()
	}
	a := store.Act{Journal: name, Person: person, Account: caller.Account, Key: key, At: o.now()}
	if caller.Key != "" { // it may be sent again
		sum := sha256.Sum256([]byte(q.request))
		a.Request = hex.EncodeToString(sum[:])
	}
	var w *store.Written
	if person == "" {
		err = &Denied{Action: action, Why: "没有这个账号，或者已经停用"}
	} else if !known {
		err = errCampaign
	} else {
		w, err = o.store.Write(ctx, a, func(tx *store.Tx) error {
			d, err := o.sit(tx, tx.In, caller, tx.At(), key)
			if err != nil {
				return err
			}
			d.tx = tx
			if q.home {
				d.campaign, d.rules = nil, nil
			}
			if d.person == "" || d.person != person {
				return &Denied{Action: action, Why: "账号已经停用"}
			}
			if err := f(d); err != nil {
				return err
			}
			tx.Answer = answer.Proposal + "\t" + answer.ID
			return nil
		})
	}
	if denied, ok := isDenied(err); ok {
		denied.Action = action
		return o.denied(ctx, caller, person, denied)
	}
	if err != nil {
		return told(err)
	}
	answer.First, answer.Last, answer.Again, answer.Receipt = w.First, w.Last, w.Again, w.Receipt
	if w.Again {
		answer.Proposal, answer.ID, _ = strings.Cut(w.Answer, "\t")
	}
	return nil
}

// told is a storage error as a person may see it, wrapped so that a door can
// still tell them apart.
func told(err error) error {
	say := func(text, fix string) error {
		return fmt.Errorf("%w%w", &qiaomen.Problem{Text: text, Fix: fix}, silent{err})
	}
	switch {
	case errors.Is(err, store.ErrUnknown):
		return say("不能确定这次操作是否已经写入", "请用同一个幂等键再提交一次，系统会告诉您结果")
	case errors.Is(err, store.ErrBroken):
		return say("存储设备出错，系统正在停止", "请联系系统管理员；没有收到回执的操作请在恢复后重新提交")
	case errors.Is(err, store.ErrNoRoom):
		return say("存储空间已满，这次操作没有写入", "请联系系统管理员清理空间后再提交，填写的内容没有丢失")
	case errors.Is(err, store.ErrReadOnly):
		return say("数据库现在只读，这次操作没有写入", "请联系系统管理员，稍后再提交")
	case errors.Is(err, store.ErrTaken):
		return say("同一事项已有另一条记录先得到认定", "请刷新后查看，必要时提请判定重复")
	}
	return err
}

// silent keeps a cause without its words.
type silent struct{ err error }

func (s silent) Error() string { return "" }
func (s silent) Unwrap() error { return s.err }

// personOf is whose account it is; empty where there is no such account in use.
func (o *Office) personOf(ctx context.Context, account string) (person string, err error) {
	if account == "" {
		return "", nil
	}
	err = o.read(ctx, InstallationJournal, func(v *store.View) error {
		a, err := store.One[qiaomen.Account](v, account)
		if err == nil && a != nil && a.State == qiaomen.Active {
			person = a.Person
		}
		return err
	})
	return person, err
}

// knows tells whether there is a campaign of that id: nobody begins a journal
// by asking for something in it.
func (o *Office) knows(ctx context.Context, campaign string) (known bool, err error) {
	if campaign == "" || campaign == InstallationJournal || campaign == AuditJournal {
		return false, nil
	}
	names, err := o.store.Journals(ctx)
	return slices.Contains(names, campaign), err
}

// denied writes the one audit entry of a refusal.
func (o *Office) denied(ctx context.Context, caller Caller, person string, d *Denied) error {
	a := store.Act{Journal: AuditJournal, Person: person, Account: caller.Account, At: o.now()}
	if person == "" { // nobody that we know
		a.Account = ""
	}
	_, err := o.store.Write(ctx, a, func(tx *store.Tx) error {
		return tx.Emit(&qiaomen.AccessDenied{Action: d.Action.String(), Campaign: qiaomen.Clip(caller.Campaign), Object: d.Object, Why: d.Why})
	})
	if err != nil { // no audit, no answer that would seem one
		return told(err)
	}
	return d
}

// noted writes the audit entry of something sensitive that is about to be
// shown; where it cannot be written, nothing is shown.
func (d *desk) noted(ctx context.Context, action qiaomen.Action, object, reason string) error {
	_, err := d.o.store.Write(ctx, store.Act{Journal: AuditJournal, Person: d.person, Account: d.caller.Account, At: d.o.now()}, func(tx *store.Tx) error {
		return tx.Emit(&qiaomen.AccessGiven{Action: action.String(), Campaign: d.caller.Campaign, Object: object, Reason: reason})
	})
	if err != nil {
		return told(err)
	}
	return nil
}

// look opens a desk for reading. whose is the unit it is about; empty: nobody's.
func (o *Office) look(ctx context.Context, caller Caller, action qiaomen.Action, whose func(d *desk) (string, error), see func(d *desk) error) error {
	name := caller.Campaign
	if name == "" {
		name = InstallationJournal
	}
	var refused *Denied
	var person string
	err := o.read(ctx, name, func(v *store.View) error {
		d, err := o.sit(v, v.In, caller, qiaomen.MomentOf(o.now()).UTC(), "")
		if err != nil {
			return err
		}
		person = d.person
		unit := ""
		var missing error
		if whose != nil {
			unit, missing = whose(d)
		}
		chances, err := d.chances(action, unit)
		if err != nil {
			return err
		}
		if len(chances) == 0 {
			hidden, err := d.chancesAnywhere(action)
			refused = &Denied{Action: action, Why: "没有权限", Hidden: hidden && (unit != "" || missing != nil)}
			return err
		}
		if missing != nil {
			return missing
		}
		d.using = chances[0].grant
		for _, c := range chances { // the widest view first
			if !c.cell.View && !c.cell.Own {
				d.using = c.grant
			}
		}
		if err := d.aside(qiaomen.Subject{}); err != nil {
			return err
		}
		return see(d)
	})
	if refused != nil {
		return o.denied(ctx, caller, person, refused)
	}
	if denied, ok := isDenied(err); ok {
		denied.Action = action
		return o.denied(ctx, caller, person, denied)
	}
	return told(err)
}
