package qiaomen

// A Fulfilment is one duty of one unit at one due day, as far as it is met.
type Fulfilment struct {
	Duty      string            `json:"duty,omitzero"`
	Unit      string            `json:"unit,omitzero"`
	Due       string            `json:"due,omitzero"` // the scheme's day, YYYY-MM-DD; an extension moves when it falls due, not which it is
	State     State             `json:"state,omitzero"`
	At        string            `json:"at,omitzero"` // when it was handed in or signed
	By        string            `json:"by,omitzero"`
	SignedBy  string            `json:"signed_by,omitzero"`
	Papers    []Evidence        `json:"papers,omitzero"`
	Items     map[string]string `json:"items,omitzero"` // what the duty asks for, as 招商对象; personal ones stand outside the journal
	Personal  bool              `json:"personal,omitzero"`
	Statement *Statement        `json:"statement,omitzero"`
	Times     int               `json:"times,omitzero"` // how often it was handed in: a better paper replaces none
	Paper     *PaperSource      `json:"paper,omitzero"`
}

// The states of a fulfilment.
const (
	Prepping State = "prepared" // a statement is written, not signed
	HandedIn State = "handed_in"
)

// Table is where fulfilments stand.
func (*Fulfilment) Table() string { return "fulfilment" }

// Row is by duty, unit and day.
func (f *Fulfilment) Row() Row {
	return Row{ID: FulfilmentID(f.Duty, f.Unit, f.Due), Unit: f.Unit, Kind: f.Duty, State: string(f.State), Key: f.Due}
}

// FulfilmentID is the id of a unit's duty at a due day.
func FulfilmentID(duty, unit, due string) string { return duty + " " + unit + " " + due }

// A Statement is a unit's statement of its ledger on a day (月报表): what was
// in it, by a digest of the whole and counts by kind; "nothing this month" is
// one too (M15).
type Statement struct {
	Position int64          `json:"position,omitzero"` // of the ledger it states
	Digest   string         `json:"digest,omitzero"`   // of the records listed, as the printed paper carries it
	Counts   map[string]int `json:"counts,omitzero"`   // recognised and pending records by kind
	Nil      bool           `json:"nil,omitzero"`      // nothing this month
	Remarks  string         `json:"remarks,omitzero"`
}

// A PaperSource is the paper that a decision or an entry stands on (P1).
type PaperSource struct {
	DecidedOn   string   `json:"decided_on,omitzero"` // YYYY-MM-DD
	Number      string   `json:"number,omitzero"`     // document number
	Role        Role     `json:"role,omitzero"`       // whose decision it is
	Name        string   `json:"name,omitzero"`       // office held, as the paper has it; never a private detail
	Scan        Evidence `json:"scan,omitzero"`
	EnteredBy   string   `json:"entered_by,omitzero"`
	ConfirmedBy string   `json:"confirmed_by,omitzero"`
}

// An Urging is the office pressing a unit (督办).
type Urging struct {
	ID         string `json:"id,omitzero"`
	Unit       string `json:"unit,omitzero"`
	Duty       string `json:"duty,omitzero"`
	Due        string `json:"due,omitzero"` // what is owed; empty: something else
	Text       string `json:"text,omitzero"`
	Until      string `json:"until,omitzero"` // by when an answer is due
	State      State  `json:"state,omitzero"`
	At         string `json:"at,omitzero"`
	By         string `json:"by,omitzero"`
	ReadAt     string `json:"read_at,omitzero"`
	ReadBy     string `json:"read_by,omitzero"`
	Answer     string `json:"answer,omitzero"`
	AnsweredAt string `json:"answered_at,omitzero"`
	AnsweredBy string `json:"answered_by,omitzero"`
	Calls      []Call `json:"calls,omitzero"`
}

// A Call is a reminder outside the program, noted by hand.
type Call struct {
	At   string `json:"at,omitzero"`
	By   string `json:"by,omitzero"`
	How  string `json:"how,omitzero"` // telephone, group, slip
	Note string `json:"note,omitzero"`
}

// The states of an urging.
const (
	Sent     State = "sent"
	Read     State = "read"
	Answered State = "answered"
)

// Table is where urgings stand.
func (*Urging) Table() string { return "urging" }

// Row is by id.
func (u *Urging) Row() Row { return Row{ID: u.ID, Unit: u.Unit, Kind: u.Duty, State: string(u.State)} }

// An Extension moves a deadline, for a reason (P5).
type Extension struct {
	ID     string   `json:"id,omitzero"`
	Duty   string   `json:"duty,omitzero"`
	Due    string   `json:"due,omitzero"`   // which
	Units  []string `json:"units,omitzero"` // empty: all that owe it
	To     string   `json:"to,omitzero"`    // until when, UTC
	Reason string   `json:"reason,omitzero"`
	By     string   `json:"by,omitzero"`
	At     string   `json:"at,omitzero"`
}

// Table is where extensions stand.
func (*Extension) Table() string { return "extension" }

// Row is by id, looked for by duty.
func (x *Extension) Row() Row { return Row{ID: x.ID, Kind: x.Duty, Key: x.Due} }

// PaperHandedIn: a unit gave the paper that a duty asks.
type PaperHandedIn struct {
	Fulfilment Fulfilment `json:"fulfilment,omitzero"`
}

// StatementPrepared: a unit's monthly statement was written.
type StatementPrepared struct {
	Fulfilment Fulfilment `json:"fulfilment,omitzero"`
}

// StatementSigned: it was signed, in the page or on paper.
type StatementSigned struct {
	ID    string       `json:"id,omitzero"`
	Scan  *Evidence    `json:"scan,omitzero"`
	Paper *PaperSource `json:"paper,omitzero"`
}

// UnitUrged: the office pressed a unit.
type UnitUrged struct {
	Urging Urging `json:"urging,omitzero"`
}

// UrgingRead: somebody of the unit opened it: the receipt (M2).
type UrgingRead struct {
	ID string `json:"id,omitzero"`
}

// UrgingAnswered: the unit answered.
type UrgingAnswered struct {
	ID   string `json:"id,omitzero"`
	Text string `json:"text,omitzero"`
}

// CallNoted: a reminder outside the program (P8).
type CallNoted struct {
	ID   string `json:"id,omitzero"`
	How  string `json:"how,omitzero"`
	Note string `json:"note,omitzero"`
}

// DeadlineExtended: a deadline was moved.
type DeadlineExtended struct {
	Extension Extension `json:"extension,omitzero"`
}

func init() {
	event[PaperHandedIn](1)
	event[StatementPrepared](1)
	event[StatementSigned](1)
	event[UnitUrged](1)
	event[UrgingRead](1)
	event[UrgingAnswered](1)
	event[CallNoted](1)
	event[DeadlineExtended](1)
}

func (e *PaperHandedIn) apply(l Ledger, s Stamp) error {
	f := e.Fulfilment
	old := &Fulfilment{}
	known, err := l.Find(f.Row().ID, old)
	if err != nil {
		return err
	}
	f.State, f.At, f.By, f.Times = HandedIn, s.At, s.Person, 1
	if known && old.State == HandedIn { // the first counts for being on time
		f.At, f.Times = old.At, old.Times+1
	}
	return l.Put(&f)
}

func (e *StatementPrepared) apply(l Ledger, s Stamp) error {
	f := e.Fulfilment
	f.State, f.By = Prepping, s.Person
	return l.Put(&f)
}

func (e *StatementSigned) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, done(func(f *Fulfilment) {
		if f.State, f.At, f.Paper = HandedIn, s.At, e.Paper; e.Paper == nil {
			f.SignedBy = s.Person // a page was stamped by the head, and handed in by a reporter
		}
		f.Times++
		if e.Scan != nil {
			f.Papers = append(f.Papers, *e.Scan)
		}
	}))
}

func (e *UnitUrged) apply(l Ledger, s Stamp) error {
	u := e.Urging
	u.State, u.At, u.By = Sent, s.At, s.Person
	return l.Put(&u)
}

func (e *UrgingRead) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, done(func(u *Urging) {
		if u.ReadAt == "" {
			u.ReadAt, u.ReadBy = s.At, s.Person
		}
		if u.State == Sent {
			u.State = Read
		}
	}))
}

func (e *UrgingAnswered) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, done(func(u *Urging) {
		u.State, u.Answer, u.AnsweredAt, u.AnsweredBy = Answered, e.Text, s.At, s.Person
	}))
}

func (e *CallNoted) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, done(func(u *Urging) { u.Calls = append(u.Calls, Call{s.At, s.Person, e.How, e.Note}) }))
}

func (e *DeadlineExtended) apply(l Ledger, s Stamp) error {
	x := e.Extension
	x.By, x.At = s.Person, s.At
	return l.Put(&x)
}
