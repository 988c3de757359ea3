package office

import (
	"context"
	"fmt"
	"slices"

	"qiaomen"
	"qiaomen/store"
)

// Approve says yes to a proposal. The last yes that it needs carries it out.
func (o *Office) Approve(ctx context.Context, caller Caller, proposal string) (*Answer, error) {
	answer := &Answer{ID: proposal}
	err := o.decide(ctx, caller, o.asking(ctx, caller, "approve "+proposal, proposal), answer, func(d *desk) error {
		p, s, err := d.proposal(proposal)
		if err != nil {
			return err
		}
		if err := d.second(p); err != nil {
			return err
		}
		return d.approve(p, s, d.using.Role, answer)
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// Decline says no to a proposal, with a reason.
func (o *Office) Decline(ctx context.Context, caller Caller, proposal, reason string) (*Answer, error) {
	answer := &Answer{ID: proposal}
	err := o.decide(ctx, caller, o.asking(ctx, caller, "decline "+proposal+" "+reason, proposal), answer, func(d *desk) error {
		p, _, err := d.proposal(proposal)
		if err != nil {
			return err
		}
		if err := d.second(p); err != nil {
			return err
		}
		if err := reasoned(reason); err != nil {
			return err
		}
		return d.decline(p, d.using.Role, reason, nil)
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// TakeBack ends a proposal that waits; only its proposer may.
func (o *Office) TakeBack(ctx context.Context, caller Caller, proposal string) (*Answer, error) {
	answer := &Answer{ID: proposal}
	err := o.decide(ctx, caller, o.asking(ctx, caller, "take back "+proposal, proposal), answer, func(d *desk) error {
		p, _, err := d.proposal(proposal)
		if err != nil {
			return err
		}
		if p.By != d.person {
			return d.deny("不能收回别人提出的事项")
		}
		for _, g := range d.grants { // some right they still have: whoever has none does nothing here
			if d.using == nil && d.holds(g) {
				d.using = g
			}
		}
		if d.using == nil {
			return &Denied{Why: "没有权限"}
		}
		return d.decline(p, "", "提出人收回", nil)
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// asking is what is asked about a proposal, or about a paper that speaks of one.
// It is known as the proposal's own action, so that the audit journal names what
// was refused, whoever asked.
func (o *Office) asking(ctx context.Context, caller Caller, request, id string) asked {
	q := asked{request: request, home: caller.Campaign == ""}
	name := caller.Campaign
	if q.home {
		name = InstallationJournal
	}
	_ = o.read(ctx, name, func(v *store.View) error { // what fails here fails again when it is decided
		if e, err := store.One[qiaomen.PaperDecision](v, id); err != nil {
			return err
		} else if e != nil {
			id = e.Proposal
		}
		p, err := store.One[qiaomen.Proposal](v, id)
		if p != nil {
			q.action = qiaomen.ActionNamed(p.Action)
		}
		return err
	})
	return q
}

// proposal is one that waits, and the act that it speaks of.
func (d *desk) proposal(id string) (*qiaomen.Proposal, second, error) {
	p, err := found[qiaomen.Proposal](d, "待办事项", id)
	if err != nil && d.ofUnits() { // to them another unit's is not there either
		err = &Denied{Why: "没有权限", Hidden: true}
	}
	if err != nil {
		return nil, nil, err
	}
	if d.caller.Only != nil && !slices.Contains(d.caller.Only, qiaomen.ActionNamed(p.Action)) {
		return nil, nil, &Denied{Why: "没有权限：不在令牌的范围内", Object: p.ID}
	}
	s := seconds[qiaomen.ActionNamed(p.Action)]
	if p.State != qiaomen.Pending || s == nil {
		return nil, nil, overtaken("这件事已经有了结果：" + map[qiaomen.State]string{qiaomen.Approved: "已批准", qiaomen.Declined: "未批准"}[p.State])
	}
	if home, early := s.where(); !home {
		if err := d.inCampaign(!early); err != nil {
			return nil, nil, err
		}
	}
	return p, s, nil
}

// second finds the grant by which the person may be the other one: in a role
// that still lacks, and somebody who has had no part in it yet.
func (d *desk) second(p *qiaomen.Proposal) error {
	action := qiaomen.ActionNamed(p.Action)
	chances, err := d.chances(action, p.Subject.Unit)
	if err != nil {
		return err
	}
	d.using = nil
	for _, c := range chances {
		lacks := slices.ContainsFunc(p.Lacks(), func(set []qiaomen.Role) bool { return slices.Contains(set, c.grant.Role) })
		if lacks && (c.cell.Approve || c.cell.Alone()) {
			d.using = c.grant
			break
		}
	}
	if d.using == nil {
		return &Denied{Action: action, Why: "没有权限", Object: p.ID, Hidden: d.ofUnits() && p.By != d.person}
	}
	if d.is(p.By) {
		return d.deny("不能批准自己提出的事项")
	}
	for _, y := range p.Yes {
		if y.Paper == nil && d.is(y.By) { // who only confirmed a paper has not said anything yet
			return d.deny("不能重复批准：您已经表过态")
		}
	}
	return d.aside(p.Subject)
}

// ofUnits tells that the person holds nothing but roles of units.
func (d *desk) ofUnits() bool {
	return !slices.ContainsFunc(d.grants, func(g *qiaomen.Grant) bool { return d.holds(g) && !g.Role.OfUnit() })
}

func (d *desk) approve(p *qiaomen.Proposal, s second, role qiaomen.Role, answer *Answer) error {
	d.proposer = p.By
	subject, err := s.check2(d, p.Args)
	if err != nil {
		return err
	}
	if subject.Unit != p.Subject.Unit {
		return problem("这件事现在是“"+d.unitName([]string{subject.Unit})+"”的，与提出时不同", "请收回，由该单位重新提出")
	}
	if d.paper == nil {
		if err := d.aside(subject); err != nil {
			return err
		}
	}
	if err := d.emit(&qiaomen.ProposalApproved{ID: p.ID, Role: role, Paper: d.paper}); err != nil {
		return err
	}
	now, err := found[qiaomen.Proposal](d, "待办事项", p.ID)
	if err != nil {
		return err
	}
	if now.State != qiaomen.Approved {
		answer.Proposal = p.ID
		return nil
	}
	answer.ID, err = s.carry(d, p.Args)
	return err
}

// declined is what a no brings with it, by action.
var declined = map[qiaomen.Action]func(d *desk, p *qiaomen.Proposal, reason string) error{}

func (d *desk) decline(p *qiaomen.Proposal, role qiaomen.Role, reason string, paper *qiaomen.PaperSource) error {
	if err := d.emit(&qiaomen.ProposalDeclined{ID: p.ID, Role: role, Reason: reason, Paper: paper}); err != nil {
		return err
	}
	if more := declined[qiaomen.ActionNamed(p.Action)]; more != nil {
		return more(d, p, reason)
	}
	return nil
}

func reasoned(reason string) error {
	if reason == "" {
		return &qiaomen.Problem{Text: "没有写理由", Fix: "请写明理由", At: qiaomen.Place{Field: "reason"}}
	}
	return faults(written("reason", reason))
}

// Proposals is what waits for somebody's yes, the oldest first: of those that
// the caller may approve, or with mine those that the caller made.
func (o *Office) Proposals(ctx context.Context, caller Caller, mine bool) (out []*qiaomen.Proposal, err error) {
	err = o.waiting(ctx, caller, func(d *desk) error {
		all, err := store.All[qiaomen.Proposal](d.r, store.Filter{States: []qiaomen.State{qiaomen.Pending}})
		if err != nil {
			return err
		}
		for _, p := range all {
			if mine && p.By == d.person || !mine && d.second(p) == nil {
				out = append(out, p)
			}
		}
		slices.SortStableFunc(out, func(a, b *qiaomen.Proposal) int { return compare(a.At, b.At) })
		return nil
	})
	return out, err
}

// waiting opens a desk to look at what waits. No one action lets people see it:
// everybody sees what they may decide themselves, and somebody who is not known
// is refused like anywhere else.
func (o *Office) waiting(ctx context.Context, caller Caller, see func(d *desk) error) error {
	name := caller.Campaign
	if name == "" {
		name = InstallationJournal
	}
	person := ""
	err := o.read(ctx, name, func(v *store.View) error {
		d, err := o.sit(v, v.In, caller, qiaomen.MomentOf(o.now()).UTC(), "")
		if err != nil {
			return err
		}
		if person = d.person; person == "" {
			return d.deny("没有这个账号，或者已经停用")
		}
		if caller.Campaign != "" && d.campaign == nil {
			return errCampaign
		}
		return see(d)
	})
	if denied, ok := isDenied(err); ok {
		return o.denied(ctx, caller, person, denied)
	}
	return told(err)
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// onPaper is the roles whose decisions may be entered from paper (P1).
var onPaper = []qiaomen.Role{qiaomen.Head, qiaomen.CityLeader, qiaomen.Evaluator, qiaomen.GroupMember}

// A PaperEntry is what a stamped page or minutes say of a proposal.
type PaperEntry struct {
	Proposal string       `json:"proposal,omitzero"`
	Role     qiaomen.Role `json:"role,omitzero"` // whose decision
	Approve  bool         `json:"approve"`
	Reason   string       `json:"reason,omitzero"`
	// DecidedOn is the day, Number the document's number, Name the office held.
	DecidedOn string           `json:"decided_on,omitzero"`
	Number    string           `json:"number,omitzero"`
	Name      string           `json:"name,omitzero"`
	Scan      qiaomen.Evidence `json:"scan,omitzero"`
}

// EnterPaper records a decision from paper: the office's handler enters what it
// says, with its scan; a reviewer confirms it.
func (o *Office) EnterPaper(ctx context.Context, caller Caller, e PaperEntry) (*Answer, error) {
	answer := &Answer{}
	err := o.decide(ctx, caller, o.asking(ctx, caller, fmt.Sprintf("enter paper %+v", e), e.Proposal), answer, func(d *desk) (err error) {
		if err := d.entersPaper(); err != nil {
			return err
		}
		if err := d.enterable(&e); err != nil {
			return err
		}
		answer.ID, err = d.enterPaper(e)
		return err
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// entersPaper asks that the person is a handler, and acts as one.
func (d *desk) entersPaper() error {
	if d.using = d.holding(qiaomen.Handler); d.using == nil {
		return d.deny("不能录入纸质决定：由经办人录入")
	}
	return nil
}

// enterable finds everything that stands in the way of an entry.
func (d *desk) enterable(e *PaperEntry) error {
	p, _, err := d.proposal(e.Proposal)
	if err != nil {
		return err
	}
	if err := d.aside(p.Subject); err != nil {
		return err
	}
	return d.checkPaper(p, e)
}

func (d *desk) enterPaper(e PaperEntry) (string, error) {
	id := d.newID("pd-")
	return id, d.emit(&qiaomen.PaperDecisionEntered{Decision: qiaomen.PaperDecision{
		ID: id, Proposal: e.Proposal, Approve: e.Approve, Reason: e.Reason,
		Source: qiaomen.PaperSource{DecidedOn: e.DecidedOn, Number: e.Number, Role: e.Role, Name: e.Name, Scan: e.Scan},
	}})
}

func (d *desk) checkPaper(p *qiaomen.Proposal, e *PaperEntry) error {
	var list complaints
	lacks := slices.ContainsFunc(p.Lacks(), func(set []qiaomen.Role) bool { return slices.Contains(set, e.Role) })
	if !slices.Contains(onPaper, e.Role) || !lacks {
		list.add("role", "这件事不等“"+e.Role.Chinese()+"”的纸质决定", "请核对是谁的决定")
	}
	if day, err := qiaomen.ParseDate(e.DecidedOn); err != nil {
		list.add("decided_on", err.Error(), "")
	} else if day.String() > d.day {
		list.add("decided_on", "决定日期在今天之后", "请核对")
	}
	list.text("number", "文号", e.Number, "没有文号的写会议名称")
	if !e.Approve && e.Reason == "" {
		list.add("reason", "没有写理由", "请写明未批准的理由")
	}
	list = append(list, written("reason", e.Reason)...)
	list = append(list, written("name", e.Name)...)
	if err := d.kept("scan", &e.Scan); err != nil {
		list = append(list, err)
	}
	return faults(list)
}

// ConfirmPaper says that the paper says so; then it goes the way of any yes or
// no, and is shown as one given on paper.
func (o *Office) ConfirmPaper(ctx context.Context, caller Caller, decision string) (*Answer, error) {
	answer := &Answer{ID: decision}
	err := o.decide(ctx, caller, o.asking(ctx, caller, "confirm paper "+decision, decision), answer, func(d *desk) error {
		e, err := d.paperDecision(decision)
		if err != nil {
			return err
		}
		p, s, err := d.proposal(e.Proposal)
		if err != nil {
			return err
		}
		if d.is(p.By) {
			return d.deny("不能确认自己提出的事项")
		}
		if err := d.aside(p.Subject); err != nil {
			return err
		}
		if err := d.emit(&qiaomen.PaperDecisionConfirmed{ID: decision}); err != nil {
			return err
		}
		source := e.Source
		source.ConfirmedBy = d.person
		d.paper = &source
		if !e.Approve {
			return d.decline(p, e.Source.Role, e.Reason, &source)
		}
		return d.approve(p, s, e.Source.Role, answer)
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// RejectPaper says that the paper says something else.
func (o *Office) RejectPaper(ctx context.Context, caller Caller, decision, reason string) (*Answer, error) {
	answer := &Answer{ID: decision}
	err := o.decide(ctx, caller, o.asking(ctx, caller, "reject paper "+decision, decision), answer, func(d *desk) error {
		if _, err := d.paperDecision(decision); err != nil {
			return err
		}
		if err := reasoned(reason); err != nil {
			return err
		}
		return d.emit(&qiaomen.PaperDecisionRejected{ID: decision, Reason: reason})
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

func (d *desk) paperDecision(id string) (*qiaomen.PaperDecision, error) {
	if d.using = d.holding(qiaomen.Reviewer); d.using == nil {
		return nil, d.deny("不能确认纸质决定：由审核员确认")
	}
	e, err := found[qiaomen.PaperDecision](d, "纸质决定", id)
	if err != nil {
		return nil, err
	}
	if e.State != qiaomen.Pending {
		return nil, overtaken("这份纸质决定已经确认或退回")
	}
	if d.is(e.Source.EnteredBy) {
		return nil, d.deny("不能确认自己录入的纸质决定")
	}
	return e, nil
}

// holding is a grant of that role that the person holds now, or nil.
func (d *desk) holding(r qiaomen.Role) *qiaomen.Grant {
	for _, g := range d.grants {
		if g.Role == r && d.holds(g) && g.Delegator == "" {
			return g
		}
	}
	return nil
}
