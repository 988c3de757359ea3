package qiaomen

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// A Proposal is the first half of an act that takes two people: what is to be
// done, to what, and who still has to say yes. It is carried out by the last
// yes, in the same act (separation 1).
type Proposal struct {
	ID        string         `json:"id,omitzero"`
	Action    string         `json:"action,omitzero"`
	Args      jsontext.Value `json:"args,omitzero"` // of the action, canonical
	Subject   Subject        `json:"subject,omitzero"`
	By        string         `json:"by,omitzero"`
	At        string         `json:"at,omitzero"`
	State     State          `json:"state,omitzero"`
	Needs     [][]Role       `json:"needs,omitzero"` // one yes from each of these sets, by different people
	Yes       []Yes          `json:"yes,omitzero"`
	Reason    string         `json:"reason,omitzero"` // of a no
	DecidedAt string         `json:"decided_at,omitzero"`
}

// A Subject is what an act is about: for showing, and for seeing who must stand
// aside.
type Subject struct {
	Unit   string   `json:"unit,omitzero"`
	Units  []string `json:"units,omitzero"` // further units concerned
	Record string   `json:"record,omitzero"`
	Table  string   `json:"table,omitzero"`
	ID     string   `json:"id,omitzero"`
	Month  string   `json:"month,omitzero"`
}

// A Yes is one person's approval.
type Yes struct {
	By    string       `json:"by,omitzero"`
	Role  Role         `json:"role,omitzero"`
	At    string       `json:"at,omitzero"`
	Paper *PaperSource `json:"paper,omitzero"` // where it was given on paper
}

// The states of a proposal, an objection and an adjustment.
const (
	Pending  State = "pending"
	Approved State = "approved"
	Declined State = "declined"
)

// Table is where proposals stand.
func (*Proposal) Table() string { return "proposal" }

// Row is by id, looked for by what it is about.
func (p *Proposal) Row() Row {
	return Row{ID: p.ID, Unit: p.Subject.Unit, Kind: p.Action, State: string(p.State), Key: p.Subject.Record + p.Subject.ID}
}

// Lacks is the sets of roles of which nobody has said yes yet. One yes counts
// for one set, but minutes of a meeting for all that are of its role.
func (p *Proposal) Lacks() [][]Role {
	var out [][]Role
	used := make([]bool, len(p.Yes))
	for _, set := range p.Needs {
		i := slices.IndexFunc(p.Yes, func(y Yes) bool { return slices.Contains(set, y.Role) && y.Paper != nil })
		for j := 0; i < 0 && j < len(p.Yes); j++ {
			if !used[j] && slices.Contains(set, p.Yes[j].Role) {
				i, used[j] = j, true
			}
		}
		if i < 0 {
			out = append(out, set)
		}
	}
	return out
}

// An Objection is a unit contesting a decision (异议).
type Objection struct {
	ID        string     `json:"id,omitzero"`
	Unit      string     `json:"unit,omitzero"`
	Subject   Subject    `json:"subject,omitzero"`
	Text      string     `json:"text,omitzero"`
	Papers    []Evidence `json:"papers,omitzero"`
	State     State      `json:"state,omitzero"`
	At        string     `json:"at,omitzero"`
	By        string     `json:"by,omitzero"`
	Opinion   string     `json:"opinion,omitzero"`
	OpinionBy string     `json:"opinion_by,omitzero"`
	Decision  string     `json:"decision,omitzero"`
	Upheld    bool       `json:"upheld,omitzero"`
	DecidedBy string     `json:"decided_by,omitzero"`
	DecidedAt string     `json:"decided_at,omitzero"`
	Involved  []string   `json:"involved,omitzero"` // persons of the first decision: they do not answer (separation 21)
	Reason    string     `json:"reason,omitzero"`   // why an opinion was sent back

	// Of one that came in on paper, time and number of receipt count (P1).
	ReceivedAt     string       `json:"received_at,omitzero"`
	ReceivedNumber string       `json:"received_number,omitzero"`
	Paper          *PaperSource `json:"paper,omitzero"`
}

// Opined is an objection that has an opinion and waits for its decision.
const Opined State = "opined"

// Table is where objections stand.
func (*Objection) Table() string { return "objection" }

// Row is by id, looked for by record.
func (o *Objection) Row() Row {
	return Row{ID: o.ID, Unit: o.Unit, Kind: o.Subject.Table, State: string(o.State), Key: o.Subject.Record}
}

// An Opinion is the evaluation team's word on a unit, a line or a project
// (附3·六(三)).
type Opinion struct {
	ID      string  `json:"id,omitzero"`
	Subject Subject `json:"subject,omitzero"`
	Line    string  `json:"line,omitzero"`
	Text    string  `json:"text,omitzero"`
	At      string  `json:"at,omitzero"`
	By      string  `json:"by,omitzero"`
}

// Table is where opinions stand.
func (*Opinion) Table() string { return "opinion" }

// Row is by id.
func (o *Opinion) Row() Row {
	return Row{ID: o.ID, Unit: o.Subject.Unit, Kind: o.Line, Key: o.Subject.Record}
}

// An Adjustment is points given or taken by decision, beside the computed
// score (附3·六(三)).
type Adjustment struct {
	ID         string       `json:"id,omitzero"`
	Unit       string       `json:"unit,omitzero"`
	Line       string       `json:"line,omitzero"`
	Points     Number       `json:"points,omitzero"`
	Ground     string       `json:"ground,omitzero"` // of the scheme's grounds
	Reason     string       `json:"reason,omitzero"`
	Papers     []Evidence   `json:"papers,omitzero"`
	State      State        `json:"state,omitzero"`
	ProposedBy string       `json:"proposed_by,omitzero"`
	ProposedAt string       `json:"proposed_at,omitzero"`
	ApprovedBy string       `json:"approved_by,omitzero"`
	ApprovedAt string       `json:"approved_at,omitzero"`
	Paper      *PaperSource `json:"paper,omitzero"`
}

// Table is where adjustments stand.
func (*Adjustment) Table() string { return "adjustment" }

// Row is by id.
func (a *Adjustment) Row() Row {
	return Row{ID: a.ID, Unit: a.Unit, Kind: a.Ground, State: string(a.State)}
}

// Subject is what a proposal to approve it is about.
func (a *Adjustment) Subject() Subject { return Subject{Unit: a.Unit, Table: a.Table(), ID: a.ID} }

// A PaperDecision is a decision taken on paper: entered by one person with its
// scan, confirmed by another (P1).
type PaperDecision struct {
	ID       string      `json:"id,omitzero"`
	Proposal string      `json:"proposal,omitzero"`
	Approve  bool        `json:"approve,omitzero"`
	Reason   string      `json:"reason,omitzero"`
	Source   PaperSource `json:"source,omitzero"`
	State    State       `json:"state,omitzero"`
	At       string      `json:"at,omitzero"`
}

// Table is where paper decisions stand.
func (*PaperDecision) Table() string { return "paper_decision" }

// Row is by id, looked for by proposal.
func (p *PaperDecision) Row() Row {
	return Row{ID: p.ID, Kind: string(p.Source.Role), State: string(p.State), Key: p.Proposal}
}

// ProposalMade: the first person's half.
type ProposalMade struct {
	Proposal Proposal `json:"proposal,omitzero"`
}

// ProposalApproved: one of those who must said yes.
type ProposalApproved struct {
	ID    string       `json:"id,omitzero"`
	Role  Role         `json:"role,omitzero"`
	Paper *PaperSource `json:"paper,omitzero"`
}

// ProposalDeclined: one of them said no, or the proposer took it back.
type ProposalDeclined struct {
	ID     string       `json:"id,omitzero"`
	Role   Role         `json:"role,omitzero"`
	Reason string       `json:"reason,omitzero"`
	Paper  *PaperSource `json:"paper,omitzero"`
}

// ObjectionFiled: a unit contests a decision.
type ObjectionFiled struct {
	Objection Objection `json:"objection,omitzero"`
}

// ObjectionOpined: the evaluation team said what it thinks.
type ObjectionOpined struct {
	ID   string `json:"id,omitzero"`
	Text string `json:"text,omitzero"`
	By   string `json:"by,omitzero"`
}

// ObjectionReturned: the leading group wants another opinion.
type ObjectionReturned struct {
	ID     string `json:"id,omitzero"`
	Reason string `json:"reason,omitzero"`
}

// ObjectionDecided: the leading group decided. An upheld objection to what was
// done to a record brings the record before the office again, with its claims.
type ObjectionDecided struct {
	ID         string   `json:"id,omitzero"`
	Upheld     bool     `json:"upheld,omitzero"`
	Text       string   `json:"text,omitzero"`
	Reopens    string   `json:"reopens,omitzero"` // the record
	Keys       []string `json:"keys,omitzero"`
	ReportedAt string   `json:"reported_at,omitzero"`
}

// OpinionGiven: the evaluation team on a unit, a line or a project.
type OpinionGiven struct {
	Opinion Opinion `json:"opinion,omitzero"`
}

// AdjustmentProposed: points beside the computed score, asked for.
type AdjustmentProposed struct {
	Adjustment Adjustment `json:"adjustment,omitzero"`
}

// AdjustmentApproved: and given.
type AdjustmentApproved struct {
	ID    string       `json:"id,omitzero"`
	Paper *PaperSource `json:"paper,omitzero"`
}

// AdjustmentDeclined: or not.
type AdjustmentDeclined struct {
	ID     string `json:"id,omitzero"`
	Reason string `json:"reason,omitzero"`
}

// PaperDecisionEntered: somebody typed what a paper says.
type PaperDecisionEntered struct {
	Decision PaperDecision `json:"decision,omitzero"`
}

// PaperDecisionConfirmed: somebody else found that it says so.
type PaperDecisionConfirmed struct {
	ID string `json:"id,omitzero"`
}

// PaperDecisionRejected: or not.
type PaperDecisionRejected struct {
	ID     string `json:"id,omitzero"`
	Reason string `json:"reason,omitzero"`
}

func init() {
	event[ProposalMade](1)
	event[ProposalApproved](1)
	event[ProposalDeclined](1)
	event[ObjectionFiled](1)
	event[ObjectionOpined](1)
	event[ObjectionReturned](1)
	event[ObjectionDecided](1)
	event[OpinionGiven](1)
	event[AdjustmentProposed](1)
	event[AdjustmentApproved](1)
	event[AdjustmentDeclined](1)
	event[PaperDecisionEntered](1)
	event[PaperDecisionConfirmed](1)
	event[PaperDecisionRejected](1)
}

func (e *ProposalMade) apply(l Ledger, s Stamp) error {
	p := e.Proposal
	p.By, p.At, p.State = s.Person, s.At, Pending
	return l.Put(&p)
}

func (e *ProposalApproved) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, done(func(p *Proposal) {
		p.Yes = append(p.Yes, Yes{s.Person, e.Role, s.At, e.Paper})
		if len(p.Lacks()) == 0 {
			p.State, p.DecidedAt = Approved, s.At
		}
	}))
}

func (e *ProposalDeclined) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, done(func(p *Proposal) { p.State, p.Reason, p.DecidedAt = Declined, e.Reason, s.At }))
}

func (e *ObjectionFiled) apply(l Ledger, s Stamp) error {
	o := e.Objection
	o.State, o.At, o.By = Pending, s.At, s.Person
	return l.Put(&o)
}

func (e *ObjectionOpined) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, done(func(o *Objection) {
		if o.State, o.Opinion, o.OpinionBy = Opined, e.Text, e.By; o.OpinionBy == "" {
			o.OpinionBy = s.Person
		}
	}))
}

func (e *ObjectionReturned) apply(l Ledger, _ Stamp) error {
	return change(l, e.ID, done(func(o *Objection) { o.State, o.Reason = Pending, e.Reason }))
}

func (e *ObjectionDecided) apply(l Ledger, s Stamp) error {
	err := change(l, e.ID, done(func(o *Objection) {
		o.State, o.Upheld, o.Decision, o.DecidedBy, o.DecidedAt = Approved, e.Upheld, e.Text, s.Person, s.At
		if !e.Upheld {
			o.State = Declined
		}
	}))
	if err != nil || e.Reopens == "" {
		return err
	}
	return change(l, e.Reopens, func(r *LedgerRecord) error {
		r.State, r.RefusedAt, r.RevokedAt, r.RecognisedAt = InReview, "", "", ""
		r.RefusedBy, r.RevokedBy, r.Hearing = "", "", nil // what is decided again is heard again
		return claim(l, r, e.Keys, r.PlaceAt, r.PlaceOrder, true)
	})
}

func (e *OpinionGiven) apply(l Ledger, s Stamp) error {
	o := e.Opinion
	o.At, o.By = s.At, s.Person
	return l.Put(&o)
}

func (e *AdjustmentProposed) apply(l Ledger, s Stamp) error {
	a := e.Adjustment
	a.State, a.ProposedBy, a.ProposedAt = Pending, s.Person, s.At
	return l.Put(&a)
}

func (e *AdjustmentApproved) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, done(func(a *Adjustment) {
		a.State, a.ApprovedBy, a.ApprovedAt, a.Paper = Approved, s.Person, s.At, e.Paper
	}))
}

func (e *AdjustmentDeclined) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, done(func(a *Adjustment) { a.State, a.ApprovedBy, a.ApprovedAt = Declined, s.Person, s.At }))
}

func (e *PaperDecisionEntered) apply(l Ledger, s Stamp) error {
	d := e.Decision
	d.State, d.At, d.Source.EnteredBy = Pending, s.At, s.Person
	return l.Put(&d)
}

func (e *PaperDecisionConfirmed) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, done(func(d *PaperDecision) { d.State, d.Source.ConfirmedBy = Approved, s.Person }))
}

func (e *PaperDecisionRejected) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, done(func(d *PaperDecision) { d.State, d.Reason, d.Source.ConfirmedBy = Declined, e.Reason, s.Person }))
}
