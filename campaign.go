package qiaomen

// A Campaign is one campaign as the ledger keeps it: which rules hold since
// when, how much is separated between people, and its calendar.
type Campaign struct {
	ID        string      `json:"id,omitzero"`
	Name      string      `json:"name,omitzero"`
	State     State       `json:"state,omitzero"`
	Rules     []RulesFrom `json:"rules,omitzero"` // the oldest first
	Procedure Procedure   `json:"procedure,omitzero"`
	UnitsSee  string      `json:"units_see,omitzero"` // own_score, own_rank, ranking: before publication
	Calendar  Calendar    `json:"calendar,omitzero"`
	OpenedAt  string      `json:"opened_at,omitzero"`
}

// RulesFrom is a version of the scheme and since which month it holds
// (separation 11: a closed month is never touched).
type RulesFrom struct {
	Digest   string `json:"digest,omitzero"`
	From     string `json:"from,omitzero"` // month, 2024-01; empty: from the beginning
	Position int64  `json:"position,omitzero"`
}

// The states of a campaign.
const (
	Prepared State = "prepared"
	Open     State = "open"
)

// A Calendar is what the office changed of the scheme's holidays and hours
// (action 72). Days are YYYY-MM-DD.
type Calendar struct {
	Rest        []string `json:"rest,omitzero"`
	Work        []string `json:"work,omitzero"`
	CloseOfWork string   `json:"close_of_work,omitzero"`
}

// Table is where the campaign stands, alone.
func (*Campaign) Table() string { return "campaign" }

// Row is the one row there.
func (c *Campaign) Row() Row { return Row{ID: c.ID, State: string(c.State)} }

// Holding is the digest of the rules that hold for a month, 2024-01.
func (c *Campaign) Holding(month string) string {
	digest := ""
	for _, r := range c.Rules {
		if r.From <= month {
			digest = r.Digest
		}
	}
	return digest
}

// Newest is the digest of the newest rules.
func (c *Campaign) Newest() string {
	if len(c.Rules) == 0 {
		return ""
	}
	return c.Rules[len(c.Rules)-1].Digest
}

// A RuleBook is the text of a version of the scheme, kept whole: a ranking can
// be computed again from the journal alone.
type RuleBook struct {
	Digest     string `json:"digest,omitzero"`
	Text       string `json:"text,omitzero"`
	Source     string `json:"source,omitzero"` // the notice it was made from, against which quotations are checked
	SourceName string `json:"source_name,omitzero"`
	By         string `json:"by,omitzero"`
}

// Table is where rule books stand.
func (*RuleBook) Table() string { return "rules" }

// Row is by digest.
func (r *RuleBook) Row() Row { return Row{ID: r.Digest} }

// A LedgerUnit is what the ledger knows of a unit beyond the scheme: another
// name, the unit it was merged into, whom to call.
type LedgerUnit struct {
	ID              string `json:"id,omitzero"`
	Name            string `json:"name,omitzero"`
	MergedInto      string `json:"merged_into,omitzero"`
	LeadingOfficial string `json:"leading_official,omitzero"` // office, not name
	Remarks         string `json:"remarks,omitzero"`
}

// Table is where units stand.
func (*LedgerUnit) Table() string { return "unit" }

// Row is by the scheme's id.
func (u *LedgerUnit) Row() Row { return Row{ID: u.ID, Unit: u.ID} }

// An Announcement is a word of the office to all units, or its answer to a
// question of interpretation, beside the rule concerned (P10).
type Announcement struct {
	ID       string `json:"id,omitzero"`
	Title    string `json:"title,omitzero"`
	Text     string `json:"text,omitzero"`
	About    string `json:"about,omitzero"` // clause or choice of the scheme
	Question string `json:"question,omitzero"`
	At       string `json:"at,omitzero"`
	By       string `json:"by,omitzero"`
}

// Table is where announcements stand.
func (*Announcement) Table() string { return "announcement" }

// Row is by id, looked for by what it is about.
func (a *Announcement) Row() Row { return Row{ID: a.ID, Key: a.About} }

// A Company is one of the pool of companies worth courting (五(二)).
type Company struct {
	ID         string `json:"id,omitzero"`
	Name       string `json:"name,omitzero"`
	CreditCode string `json:"credit_code,omitzero"`
	Class      string `json:"class,omitzero"`
	Region     string `json:"region,omitzero"`
	Remarks    string `json:"remarks,omitzero"`
	Unit       string `json:"unit,omitzero"` // who keeps it; empty: the office
	Key        string `json:"key,omitzero"`  // normalised name
	Dropped    bool   `json:"dropped,omitzero"`
}

// Table is where the pool stands.
func (*Company) Table() string { return "company" }

// Row is by id, looked for by normalised name.
func (c *Company) Row() Row {
	state := "kept"
	if c.Dropped {
		state = "dropped"
	}
	return Row{ID: c.ID, Unit: c.Unit, State: state, Key: c.Key}
}

// CampaignCreated: a campaign was made from a scheme.
type CampaignCreated struct {
	ID        string    `json:"id,omitzero"`
	Name      string    `json:"name,omitzero"`
	Rules     RuleBook  `json:"rules,omitzero"`
	Procedure Procedure `json:"procedure,omitzero"`
	UnitsSee  string    `json:"units_see,omitzero"`
}

// CampaignOpened: units may report.
type CampaignOpened struct {
	ID string `json:"id,omitzero"`
}

// RulesPublished: another version of the scheme holds from a month on.
type RulesPublished struct {
	ID          string   `json:"id,omitzero"`
	Rules       RuleBook `json:"rules,omitzero"`
	From        string   `json:"from,omitzero"`
	TargetsOnly bool     `json:"targets_only,omitzero"` // nothing but targets changed (action 21)
	Reason      string   `json:"reason,omitzero"`
}

// CalendarChanged: the office changed days off, days worked or hours.
type CalendarChanged struct {
	ID       string   `json:"id,omitzero"`
	Calendar Calendar `json:"calendar,omitzero"`
}

// UnitChanged: a unit was renamed or merged, or its people changed.
type UnitChanged struct {
	Unit LedgerUnit `json:"unit,omitzero"`
}

// AnnouncementMade: the office spoke to all units.
type AnnouncementMade struct {
	Announcement Announcement `json:"announcement,omitzero"`
}

// CompanyKept: a company is in the pool, as it stands there now.
type CompanyKept struct {
	Company Company `json:"company,omitzero"`
}

// CompanyDropped: it is no longer.
type CompanyDropped struct {
	ID string `json:"id,omitzero"`
}

// DataExported: somebody took data away; Digest is of what they took.
type DataExported struct {
	Scope    string `json:"scope,omitzero"` // a unit, or all
	Format   string `json:"format,omitzero"`
	Until    int64  `json:"until,omitzero"`    // the position of the ledger that was taken
	Proposal string `json:"proposal,omitzero"` // by which it was allowed, where that took two
	Reason   string `json:"reason,omitzero"`
	Digest   string `json:"digest,omitzero"`
}

// FileImported: rows of a file came in. A long file comes in parts, each sealed
// whole; an import that was broken off is one whose last part is missing.
type FileImported struct {
	ID      string `json:"id,omitzero"`
	File    string `json:"file,omitzero"`
	Digest  string `json:"digest,omitzero"`
	Part    int    `json:"part,omitzero"` // from 1
	Parts   int    `json:"parts,omitzero"`
	New     int    `json:"new,omitzero"`
	Changed int    `json:"changed,omitzero"`
	Same    int    `json:"same,omitzero"`
}

// OpeningImported: the ledger that was kept before the program came in (P2).
type OpeningImported struct {
	ID      string   `json:"id,omitzero"`
	File    string   `json:"file,omitzero"`
	Digest  string   `json:"digest,omitzero"`
	Records int      `json:"records,omitzero"`
	Figures int      `json:"figures,omitzero"`
	Proof   Evidence `json:"proof,omitzero"` // what vouches for the declared times and evidence
}

func init() {
	event[CampaignCreated](1)
	event[CampaignOpened](1)
	event[RulesPublished](1)
	event[CalendarChanged](1)
	event[UnitChanged](1)
	event[AnnouncementMade](1)
	event[CompanyKept](1)
	event[CompanyDropped](1)
	event[DataExported](1)
	event[FileImported](1)
	event[OpeningImported](1)
}

func (e *CampaignCreated) apply(l Ledger, s Stamp) error {
	rules := e.Rules
	rules.By = s.Person
	if err := l.Put(&rules); err != nil {
		return err
	}
	return l.Put(&Campaign{
		ID: e.ID, Name: e.Name, State: Prepared, Procedure: e.Procedure, UnitsSee: e.UnitsSee,
		Rules: []RulesFrom{{Digest: e.Rules.Digest, Position: s.Position}},
	})
}

func (e *CampaignOpened) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, done(func(c *Campaign) { c.State, c.OpenedAt = Open, s.At }))
}

func (e *RulesPublished) apply(l Ledger, s Stamp) error {
	rules := e.Rules
	rules.By = s.Person
	if err := l.Put(&rules); err != nil {
		return err
	}
	return change(l, e.ID, done(func(c *Campaign) {
		c.Rules = append(c.Rules, RulesFrom{e.Rules.Digest, e.From, s.Position})
	}))
}

func (e *CalendarChanged) apply(l Ledger, _ Stamp) error {
	return change(l, e.ID, done(func(c *Campaign) { c.Calendar = e.Calendar }))
}

func (e *UnitChanged) apply(l Ledger, _ Stamp) error { return l.Put(&e.Unit) }

func (e *AnnouncementMade) apply(l Ledger, s Stamp) error {
	a := e.Announcement
	a.At, a.By = s.At, s.Person
	return l.Put(&a)
}

func (e *CompanyKept) apply(l Ledger, _ Stamp) error { return l.Put(&e.Company) }

func (e *CompanyDropped) apply(l Ledger, _ Stamp) error {
	return change(l, e.ID, done(func(c *Company) { c.Dropped = true }))
}

func (e *DataExported) apply(Ledger, Stamp) error { return nil }
func (e *FileImported) apply(Ledger, Stamp) error { return nil }

func (e *OpeningImported) apply(l Ledger, _ Stamp) error { return file(l, e.ID, []Evidence{e.Proof}) }
