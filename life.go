package qiaomen

import "github.com/go-json-experiment/json/jsontext"

// A State is where a thing of the ledger stands.
type State string

// The states of a record, in the order of a smooth course, then the side
// roads. A draft is not in the journal yet.
const (
	Draft      State = "draft"
	HandedOver State = "handed_over" // by the reporter; the unit's head has still to sign
	Submitted  State = "submitted"
	InReview   State = "in_review"
	Returned   State = "returned"
	Recognised State = "recognised"
	Refused    State = "refused"
	Withdrawn  State = "withdrawn"
	Revoked    State = "revoked"
)

var stateNames = map[State]string{
	Draft: "草稿", HandedOver: "待签批", Submitted: "已提交", InReview: "审核中", Returned: "已退回",
	Recognised: "已认定", Refused: "不予认定", Withdrawn: "已撤回", Revoked: "已撤销",
}

// Chinese is the state of a record as people read it.
func (s State) Chinese() string { return stateNames[s] }

// A LedgerRecord is a record as the ledger keeps it: whose, where it stands in
// its life, the version that counts, and the amendment before the office. What
// scoring sees of it is a Record.
//
//	handed over → submitted → in review → recognised → revoked
//	                   ↑            ↓  ↘
//	                withdrawn   returned  refused
//
// An amendment of a recognised record goes the same way beside it; until it is
// recognised the older version counts (P6).
type LedgerRecord struct {
	ID        string         `json:"id,omitzero"`
	Kind      string         `json:"kind,omitzero"`
	Unit      string         `json:"unit,omitzero"`
	State     State          `json:"state,omitzero"`
	Version   int            `json:"version,omitzero"` // of Content; the first is 1
	Content   Content        `json:"content,omitzero"`
	Amendment *Amendment     `json:"amendment,omitzero"`
	Versions  int            `json:"versions,omitzero"` // the highest number given to a version: none is used twice
	Set       jsontext.Value `json:"set,omitzero"`      // fields that the office, the statistics side or a leader set; no version of the unit's overwrites them

	ReportedAt    string `json:"reported_at,omitzero"`
	RecognisedAt  string `json:"recognised_at,omitzero"`
	RefusedAt     string `json:"refused_at,omitzero"`
	RevokedAt     string `json:"revoked_at,omitzero"`
	PlaceAt       string `json:"place_at,omitzero"` // its place in the order of first reports, then PlaceOrder (附3·三(一))
	PlaceOrder    int64  `json:"place_order,omitzero"`
	ReturnedUntil string `json:"returned_until,omitzero"` // mended by then, a returned record keeps its place
	Reason        string `json:"reason,omitzero"`         // of the last return, refusal, revocation

	ReportedBy   string      `json:"reported_by,omitzero"`
	SignedBy     string      `json:"signed_by,omitzero"`
	AcceptedBy   string      `json:"accepted_by,omitzero"`
	RecognisedBy string      `json:"recognised_by,omitzero"` // persons
	RefusedBy    string      `json:"refused_by,omitzero"`
	RevokedBy    string      `json:"revoked_by,omitzero"`
	SeenBy       string      `json:"seen_by,omitzero"`
	CheckedBy    string      `json:"checked_by,omitzero"` // who saw the contract's original, and who signed for it (附3·五(二))
	Checked      []string    `json:"checked,omitzero"`    // digests of the contract's files that it was compared with
	EnteredFor   *EnteredFor `json:"entered_for,omitzero"`
	Opening      bool        `json:"opening,omitzero"` // came with the opening import (P2)
	From         []string    `json:"from,omitzero"`    // units that had it before, the oldest first

	Offered   string   `json:"offered,omitzero"`
	Chosen    string   `json:"chosen,omitzero"`
	Pursued   string   `json:"pursued,omitzero"` // times of a lead's way to a city leader (附1注)
	OfferedBy string   `json:"offered_by,omitzero"`
	ChosenBy  string   `json:"chosen_by,omitzero"`
	Outing    string   `json:"outing,omitzero"` // on which it was pursued
	Hearing   *Hearing `json:"hearing,omitzero"`
}

// A Content is one version of what a unit says.
type Content struct {
	Name     string         `json:"name,omitzero"`
	Fields   jsontext.Value `json:"fields,omitzero"` // canonical object of the kind's fields, without personal ones
	Evidence []Evidence     `json:"evidence,omitzero"`
	Rules    string         `json:"rules,omitzero"`    // digest of the scheme it was written under
	Personal bool           `json:"personal,omitzero"` // some personal fields stand beside, outside the journal
}

// An Evidence is a file behind a record, by its content. Without a digest it is
// one that the opening import's ledger declares and nobody sent (P2).
type Evidence struct {
	Type     string `json:"type,omitzero"`   // of the kind's evidence types
	Digest   string `json:"digest,omitzero"` // SHA-256 in hexadecimal
	Name     string `json:"name,omitzero"`
	Size     int64  `json:"size,omitzero"`
	Format   string `json:"format,omitzero"`   // jpeg, pdf, …: by content
	TakenAt  string `json:"taken_at,omitzero"` // what a photo says of itself
	Software string `json:"software,omitzero"`
}

// Declared tells that the file was only declared: the proof of the opening
// import vouches for it, and it competes with no other file.
func (e Evidence) Declared() bool { return e.Digest == "" }

// An Amendment is a version that waits beside the one that counts.
type Amendment struct {
	Version       int      `json:"version,omitzero"`
	State         State    `json:"state,omitzero"`
	Content       Content  `json:"content,omitzero"`
	Keys          []string `json:"keys,omitzero"`
	Reason        string   `json:"reason,omitzero"`
	By            string   `json:"by,omitzero"`
	AcceptedBy    string   `json:"accepted_by,omitzero"`
	At            string   `json:"at,omitzero"`
	ReturnedUntil string   `json:"returned_until,omitzero"`
}

// EnteredFor is how the office came to type a record for a unit (代录): time
// and number of receipt count, not of typing (P2).
type EnteredFor struct {
	By             string `json:"by,omitzero"`
	ReceivedAt     string `json:"received_at,omitzero"`
	ReceivedNumber string `json:"received_number,omitzero"`
}

// A Hearing is a unit being heard before a recognition is revoked.
type Hearing struct {
	Until       string `json:"until,omitzero"`
	Reason      string `json:"reason,omitzero"`
	Explanation string `json:"explanation,omitzero"`
	ExplainedAt string `json:"explained_at,omitzero"`
}

// Table is where records stand.
func (*LedgerRecord) Table() string { return "record" }

// Row is how the record stands there.
func (r *LedgerRecord) Row() Row {
	return Row{ID: r.ID, Unit: r.Unit, Kind: r.Kind, State: string(r.State), Key: r.PlaceAt}
}

// Counting tells whether the record is recognised now.
func (r *LedgerRecord) Counting() bool { return r.State == Recognised }

// Pending is what is before the office: the amendment, or the record itself.
func (r *LedgerRecord) Pending() (version int, state State, content *Content) {
	if r.Amendment != nil {
		return r.Amendment.Version, r.Amendment.State, &r.Amendment.Content
	}
	return r.Version, r.State, &r.Content
}

// next is the number of another version.
func (r *LedgerRecord) next() int {
	r.Versions = max(r.Versions, r.Version) + 1
	return r.Versions
}

// Typist is who typed the record for its unit; empty: the unit did.
func (r *LedgerRecord) Typist() string {
	if r.EnteredFor != nil {
		return r.EnteredFor.By
	}
	return ""
}

// RecordHandedOver: the reporter handed a record over, and the head has still
// to sign. Its place is taken now where place_from says so (P3).
type RecordHandedOver struct{ RecordSubmitted }

// RecordSubmitted: a unit reported a record, for the first time or again after
// it was returned or withdrawn.
type RecordSubmitted struct {
	ID         string      `json:"id,omitzero"`
	Kind       string      `json:"kind,omitzero"`
	Unit       string      `json:"unit,omitzero"`
	Content    Content     `json:"content,omitzero"`
	Keys       []string    `json:"keys,omitzero"` // under which it competes for the first report
	ReportedAt string      `json:"reported_at,omitzero"`
	PlaceAt    string      `json:"place_at,omitzero"`
	EnteredFor *EnteredFor `json:"entered_for,omitzero"`
	Opening    bool        `json:"opening,omitzero"`
}

// RecordSignedOff: the unit's head signed a record that was handed over.
type RecordSignedOff struct {
	ID         string `json:"id,omitzero"`
	ReportedAt string `json:"reported_at,omitzero"`
	PlaceAt    string `json:"place_at,omitzero"` // where the place is taken from the signature; empty: it stays
}

// RecordWithdrawn: the unit took it back before acceptance.
type RecordWithdrawn struct {
	ID string `json:"id,omitzero"`
}

// RecordAmended: the unit handed in another version with its reason.
type RecordAmended struct {
	ID      string   `json:"id,omitzero"`
	Content Content  `json:"content,omitzero"`
	Keys    []string `json:"keys,omitzero"`
	Reason  string   `json:"reason,omitzero"`
}

// RecordAccepted: the handler found it complete.
type RecordAccepted struct {
	ID      string `json:"id,omitzero"`
	Version int    `json:"version,omitzero"`
}

// RecordReturned: the office sent it back to be mended.
type RecordReturned struct {
	ID      string `json:"id,omitzero"`
	Version int    `json:"version,omitzero"`
	Until   string `json:"until,omitzero"` // mended by then it keeps its place
	Reason  string `json:"reason,omitzero"`
}

// RecordRecognised: the office said that it is so. Set is what the office
// established with it.
type RecordRecognised struct {
	ID           string         `json:"id,omitzero"`
	Version      int            `json:"version,omitzero"`
	Set          jsontext.Value `json:"set,omitzero"`
	RecognisedAt string         `json:"recognised_at,omitzero"` // declared by the opening import; else the stamp's
	Unchecked    bool           `json:"unchecked,omitzero"`     // it has another contract than the one whose original was seen
}

// RecordRefused: the office said that it is not.
type RecordRefused struct {
	ID      string `json:"id,omitzero"`
	Version int    `json:"version,omitzero"`
	Reason  string `json:"reason,omitzero"`
}

// HearingOpened: the unit is heard before its recognition may be revoked.
type HearingOpened struct {
	ID     string `json:"id,omitzero"`
	Until  string `json:"until,omitzero"`
	Reason string `json:"reason,omitzero"`
}

// ExplanationGiven: the unit was heard.
type ExplanationGiven struct {
	ID   string `json:"id,omitzero"`
	Text string `json:"text,omitzero"`
}

// RecordRevoked: a recognition ended.
type RecordRevoked struct {
	ID        string `json:"id,omitzero"`
	Ground    string `json:"ground,omitzero"`
	Reason    string `json:"reason,omitzero"`
	RevokedAt string `json:"revoked_at,omitzero"` // declared by the opening import; else the stamp's
}

// FieldsSet: the office, the statistics side or a leader established fields
// of a record. Source is what they stand on: a list, a trip, a paper.
type FieldsSet struct {
	ID     string         `json:"id,omitzero"`
	Fields jsontext.Value `json:"fields,omitzero"` // canonical, laid over what was set before
	All    jsontext.Value `json:"all,omitzero"`    // what is set after that
	Source string         `json:"source,omitzero"`
}

// OriginalChecked: one person saw the contract's original, another signed the
// check; in a small office they may be one.
type OriginalChecked struct {
	ID        string         `json:"id,omitzero"`
	SeenBy    string         `json:"seen_by,omitzero"`
	CheckedBy string         `json:"checked_by,omitzero"`
	Files     []string       `json:"files,omitzero"` // digests of the contract's files that it was compared with
	All       jsontext.Value `json:"all,omitzero"`
}

// RecordTransferred: another unit has it from now on (P5).
type RecordTransferred struct {
	ID     string   `json:"id,omitzero"`
	To     string   `json:"to,omitzero"`
	Keys   []string `json:"keys,omitzero"` // under which it competes there
	Reason string   `json:"reason,omitzero"`
}

// LeadOffered, LeadChosen and LeadPursued: a lead's way to a city leader.
type LeadOffered struct {
	ID string `json:"id,omitzero"`
}

// LeadChosen: a leader picked it.
type LeadChosen struct {
	ID string `json:"id,omitzero"`
}

// LeadPursued: a leader travelled for it; All is what is set after that.
type LeadPursued struct {
	ID     string         `json:"id,omitzero"`
	All    jsontext.Value `json:"all,omitzero"`
	Outing string         `json:"outing,omitzero"`
}

func init() {
	event[RecordHandedOver](1)
	event[RecordSubmitted](1)
	event[RecordSignedOff](1)
	event[RecordWithdrawn](1)
	event[RecordAmended](1)
	event[RecordAccepted](1)
	event[RecordReturned](1)
	event[RecordRecognised](1)
	event[RecordRefused](1)
	event[HearingOpened](1)
	event[ExplanationGiven](1)
	event[RecordRevoked](1)
	event[FieldsSet](1)
	event[OriginalChecked](1)
	event[RecordTransferred](1)
	event[LeadOffered](1)
	event[LeadChosen](1)
	event[LeadPursued](1)
}

func (e *RecordHandedOver) apply(l Ledger, s Stamp) error { return e.submit(l, s, HandedOver) }
func (e *RecordSubmitted) apply(l Ledger, s Stamp) error  { return e.submit(l, s, Submitted) }

func (e *RecordSubmitted) submit(l Ledger, s Stamp, to State) error {
	r := &LedgerRecord{}
	known, err := l.Find(e.ID, r)
	if err != nil {
		return err
	}
	if !known {
		r = &LedgerRecord{ID: e.ID, Kind: e.Kind, Unit: e.Unit}
	}
	keeps := known && r.State == Returned && s.At <= r.ReturnedUntil
	r.State, r.Content, r.ReportedAt, r.ReportedBy = to, e.Content, e.ReportedAt, s.Person
	r.EnteredFor, r.Opening = e.EnteredFor, e.Opening
	r.Version = r.next()
	r.SignedBy, r.AcceptedBy, r.Reason, r.ReturnedUntil = "", "", "", ""
	if !keeps {
		r.PlaceAt, r.PlaceOrder = e.PlaceAt, s.Position
	}
	if err := file(l, e.ID, e.Content.Evidence); err != nil {
		return err
	}
	if err := claim(l, r, e.Keys, e.PlaceAt, s.Position, keeps); err != nil {
		return err
	}
	return l.Put(r)
}

func (e *RecordSignedOff) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, func(r *LedgerRecord) error {
		r.State, r.SignedBy, r.ReportedAt = Submitted, s.Person, e.ReportedAt
		if e.PlaceAt == "" {
			return nil
		}
		r.PlaceAt, r.PlaceOrder = e.PlaceAt, s.Position
		return eachClaim(l, r.ID, func(c *Claim) { c.PlaceAt, c.PlaceOrder = e.PlaceAt, s.Position })
	})
}

func (e *RecordWithdrawn) apply(l Ledger, _ Stamp) error {
	return change(l, e.ID, func(r *LedgerRecord) error {
		r.State = Withdrawn
		return release(l, r.ID)
	})
}

func (e *RecordAmended) apply(l Ledger, s Stamp) error {
	if err := file(l, e.ID, e.Content.Evidence); err != nil {
		return err
	}
	return change(l, e.ID, func(r *LedgerRecord) error {
		if r.State == Recognised {
			r.Amendment = &Amendment{Version: r.next(), State: Submitted, Content: e.Content, Keys: e.Keys, Reason: e.Reason, By: s.Person, At: s.At}
			return stake(l, r, e.Keys)
		}
		r.Version = r.next()
		r.State, r.Content, r.Reason, r.AcceptedBy = Submitted, e.Content, e.Reason, ""
		return claim(l, r, e.Keys, s.At, s.Position, true)
	})
}

func (e *RecordAccepted) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, done(func(r *LedgerRecord) {
		if r.Amendment != nil {
			r.Amendment.State, r.Amendment.AcceptedBy = InReview, s.Person
			return
		}
		r.State, r.AcceptedBy = InReview, s.Person
	}))
}

func (e *RecordReturned) apply(l Ledger, _ Stamp) error {
	return change(l, e.ID, done(func(r *LedgerRecord) {
		r.Reason = e.Reason
		if r.Amendment != nil {
			r.Amendment.State, r.Amendment.ReturnedUntil = Returned, e.Until
			return
		}
		r.State, r.ReturnedUntil = Returned, e.Until
	}))
}

func (e *RecordRecognised) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, func(r *LedgerRecord) error {
		r.RecognisedBy = s.Person
		if len(e.Set) > 0 {
			r.Set = e.Set
		}
		if e.Unchecked {
			r.SeenBy, r.CheckedBy, r.Checked = "", "", nil
		}
		if a := r.Amendment; a != nil {
			r.Content, r.Version, r.Amendment = a.Content, a.Version, nil
			if err := claim(l, r, a.Keys, a.At, s.Position, true); err != nil {
				return err
			}
			return hold(l, r.ID)
		}
		r.State, r.Reason = Recognised, ""
		if r.RecognisedAt = e.RecognisedAt; r.RecognisedAt == "" {
			r.RecognisedAt = s.At
		}
		return hold(l, r.ID)
	})
}

func (e *RecordRefused) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, func(r *LedgerRecord) error {
		r.Reason = e.Reason
		if r.Amendment != nil {
			r.Amendment = nil
			return nil
		}
		r.State, r.RefusedAt, r.RefusedBy = Refused, s.At, s.Person
		return release(l, r.ID)
	})
}

func (e *HearingOpened) apply(l Ledger, _ Stamp) error {
	return change(l, e.ID, done(func(r *LedgerRecord) { r.Hearing = &Hearing{Until: e.Until, Reason: e.Reason} }))
}

func (e *ExplanationGiven) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, done(func(r *LedgerRecord) {
		if r.Hearing != nil {
			r.Hearing.Explanation, r.Hearing.ExplainedAt = e.Text, s.At
		}
	}))
}

func (e *RecordRevoked) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, func(r *LedgerRecord) error {
		r.State, r.Reason, r.Amendment, r.RevokedBy = Revoked, e.Reason, nil, s.Person
		if r.RevokedAt = e.RevokedAt; r.RevokedAt == "" {
			r.RevokedAt = s.At
		}
		return release(l, r.ID)
	})
}

func (e *FieldsSet) apply(l Ledger, _ Stamp) error {
	return change(l, e.ID, done(func(r *LedgerRecord) { r.Set = e.All }))
}

func (e *OriginalChecked) apply(l Ledger, _ Stamp) error {
	return change(l, e.ID, done(func(r *LedgerRecord) { r.SeenBy, r.CheckedBy, r.Checked, r.Set = e.SeenBy, e.CheckedBy, e.Files, e.All }))
}

func (e *RecordTransferred) apply(l Ledger, _ Stamp) error {
	return change(l, e.ID, func(r *LedgerRecord) error {
		r.From, r.Unit = append(r.From, r.Unit), e.To
		if err := claim(l, r, e.Keys, r.PlaceAt, r.PlaceOrder, true); err != nil {
			return err
		}
		return eachClaim(l, r.ID, func(c *Claim) {
			c.Unit = e.To
			if r.State == Recognised && c.State == Waiting && !c.likeAnother() {
				c.State = Held
			}
		})
	})
}

func (e *LeadOffered) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, done(func(r *LedgerRecord) { r.Offered, r.OfferedBy = s.At, s.Person }))
}

func (e *LeadChosen) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, done(func(r *LedgerRecord) { r.Chosen, r.ChosenBy = s.At, s.Person }))
}

func (e *LeadPursued) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, done(func(r *LedgerRecord) { r.Pursued, r.Outing, r.Set = s.At, e.Outing, e.All }))
}
