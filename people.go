package qiaomen

// A Person is somebody who may act. Name and telephone stand outside the
// journal; what stands here is an id without meaning. Two accounts of one
// person are one person (separation 4).
type Person struct {
	ID string `json:"id,omitzero"`
}

// Table is where persons stand.
func (*Person) Table() string { return "person" }

// Row is by id.
func (p *Person) Row() Row { return Row{ID: p.ID} }

// An Account is how a person signs in.
type Account struct {
	ID          string `json:"id,omitzero"`
	Person      string `json:"person,omitzero"`
	Login       string `json:"login,omitzero"` // never used again, even after the account is disabled
	State       State  `json:"state,omitzero"`
	Reason      string `json:"reason,omitzero"`
	By          string `json:"by,omitzero"`           // who made it
	Temporary   string `json:"temporary,omitzero"`    // last day of a temporary account, YYYY-MM-DD
	SecretsFrom string `json:"secrets_from,omitzero"` // since when its password, factor and tokens hold; what is older is void
	// SessionsFrom is since when its sessions hold; what was begun earlier is over.
	SessionsFrom string `json:"sessions_from,omitzero"`
	// SessionsAfter is the position of the entry that set SessionsFrom: a session
	// notes it, and holds while it stands. Two entries can have one time.
	SessionsAfter int64 `json:"sessions_after,omitzero"`
	// TriesAfter is the position of the entry that unlocked the account; wrong
	// tries from before do not count.
	TriesAfter int64 `json:"tries_after,omitzero"`
}

// The states of accounts, grants and tokens.
const (
	Active   State = "active"
	Disabled State = "disabled"
	Proposed State = "proposed"
	Ended    State = "ended"
)

// Table is where accounts stand.
func (*Account) Table() string { return "account" }

// Row is by id, looked for by login.
func (a *Account) Row() Row {
	return Row{ID: a.ID, Kind: a.Person, State: string(a.State), Key: a.Login}
}

// A Grant is a role that a person holds: in a unit, in a campaign, or in the
// installation.
type Grant struct {
	ID          string   `json:"id,omitzero"`
	Person      string   `json:"person,omitzero"`
	Role        Role     `json:"role,omitzero"`
	Campaign    string   `json:"campaign,omitzero"` // empty: in the installation
	Unit        string   `json:"unit,omitzero"`
	State       State    `json:"state,omitzero"`
	From        string   `json:"from,omitzero"`
	Until       string   `json:"until,omitzero"` // days, YYYY-MM-DD; empty: open
	ProposedBy  string   `json:"proposed_by,omitzero"`
	ConfirmedBy string   `json:"confirmed_by,omitzero"`
	Secondment  bool     `json:"secondment,omitzero"` // a unit's person lent to the evaluation team (separation 5)
	Leads       []string `json:"leads,omitzero"`      // units of which the person is the leading official (separation 6)
	Delegator   string   `json:"delegator,omitzero"`  // whose right it is, where it is lent (委托)
	Actions     []string `json:"actions,omitzero"`    // that are lent; empty: all of the role's
	Position    int64    `json:"position,omitzero"`   // where it was granted
}

// Table is where grants stand.
func (*Grant) Table() string { return "grant" }

// Row is by id, looked for by person.
func (g *Grant) Row() Row {
	return Row{ID: g.ID, Unit: g.Unit, Kind: string(g.Role), State: string(g.State), Key: g.Person}
}

// Holds tells whether the grant is in force on a day, in a campaign.
func (g *Grant) Holds(campaign, day string) bool {
	return g.State == Active && (g.Campaign == "" || g.Campaign == campaign) &&
		(g.From == "" || g.From <= day) && (g.Until == "" || day <= g.Until)
}

// A Policy is how people sign in.
type Policy struct {
	MinLength       int      `json:"min_length,omitzero"`
	TriesBeforeLock int      `json:"tries_before_lock,omitzero"`
	LockMinutes     int      `json:"lock_minutes,omitzero"`
	IdleMinutes     int      `json:"idle_minutes,omitzero"`
	HoursAtMost     int      `json:"hours_at_most,omitzero"`
	SecondFactor    bool     `json:"second_factor,omitzero"`
	Composition     bool     `json:"composition,omitzero"`      // passwords mix three of four classes of characters
	History         int      `json:"history,omitzero"`          // how many former passwords are not taken again
	MaxAgeDays      int      `json:"max_age_days,omitzero"`     // 0: passwords do not grow old
	FirstCodeHours  int      `json:"first_code_hours,omitzero"` // how long a first code holds
	AdminAddresses  []string `json:"admin_addresses,omitzero"`
}

// Table is where the policy stands, alone.
func (*Policy) Table() string { return "policy" }

// Row is the one row there.
func (*Policy) Row() Row { return Row{ID: "policy"} }

// An Installation is this copy of the program: entries name it, so that none
// can be replayed into another.
type Installation struct {
	ID        string            `json:"id,omitzero"`
	Name      string            `json:"name,omitzero"`
	Procedure Procedure         `json:"procedure,omitzero"`
	Keys      []SigningKey      `json:"keys,omitzero"` // the oldest first; the last one signs
	Settings  map[string]string `json:"settings,omitzero"`
}

// A SigningKey is what journals were signed with since a position.
type SigningKey struct {
	Verifier string `json:"verifier,omitzero"` // in the note form: name+hash+key
	From     string `json:"from,omitzero"`
	Reason   string `json:"reason,omitzero"`
}

// Table is where the installation stands, alone.
func (*Installation) Table() string { return "installation" }

// Row is the one row there.
func (i *Installation) Row() Row { return Row{ID: "installation"} }

// A Token lets a program act for a person, within a scope.
type Token struct {
	ID       string   `json:"id,omitzero"`
	Person   string   `json:"person,omitzero"`
	Account  string   `json:"account,omitzero"`
	Name     string   `json:"name,omitzero"`
	Scope    []string `json:"scope,omitzero"` // actions
	Campaign string   `json:"campaign,omitzero"`
	IssuedAt string   `json:"issued_at,omitzero"`
	Until    string   `json:"until,omitzero"` // last day
	State    State    `json:"state,omitzero"`
}

// Table is where tokens stand; the secret's hash is a secret and stands apart.
func (*Token) Table() string { return "token" }

// Row is by id, looked for by person.
func (t *Token) Row() Row { return Row{ID: t.ID, State: string(t.State), Key: t.Person} }

// InstallationFounded: the program was set up.
type InstallationFounded struct {
	Installation Installation `json:"installation,omitzero"`
}

// PersonAdded: somebody new may be given an account.
type PersonAdded struct {
	ID string `json:"id,omitzero"`
}

// AccountCreated: an account without any right.
type AccountCreated struct {
	Account Account `json:"account,omitzero"`
}

// AccountDisabled: it can no longer be used.
type AccountDisabled struct {
	ID     string `json:"id,omitzero"`
	Reason string `json:"reason,omitzero"`
}

// AccountEnabled: it can again.
type AccountEnabled struct {
	ID string `json:"id,omitzero"`
}

// RoleGranted: a person holds a role from now on.
type RoleGranted struct {
	Grant Grant `json:"grant,omitzero"`
}

// RoleRemoved: no longer.
type RoleRemoved struct {
	ID     string `json:"id,omitzero"`
	Reason string `json:"reason,omitzero"`
}

// PolicySet: how people sign in was changed.
type PolicySet struct {
	Policy Policy `json:"policy,omitzero"`
}

// FactorReset: an account was unlocked, or got a new first secret.
type FactorReset struct {
	Account string `json:"account,omitzero"`
	Unlock  bool   `json:"unlock,omitzero"` // only unlocked
	Reason  string `json:"reason,omitzero"`
}

// FirstCodeUsed: an account's one-time code was used, and is void.
type FirstCodeUsed struct {
	Account string `json:"account,omitzero"`
	Door
}

// SessionsEnded: everybody signed in under the account was put out.
type SessionsEnded struct {
	Account string `json:"account,omitzero"`
	Reason  string `json:"reason,omitzero"`
}

// SettingsChanged: what the system administrator set.
type SettingsChanged struct {
	Settings map[string]string `json:"settings,omitzero"`
}

// BackupTaken: a backup was made.
type BackupTaken struct {
	Digest string `json:"digest,omitzero"`
	Size   int64  `json:"size,omitzero"`
}

// RestoreApproved: three people stood by when a backup was restored.
type RestoreApproved struct {
	Digest string `json:"digest,omitzero"`
	Reason string `json:"reason,omitzero"`
	Lost   string `json:"lost,omitzero"` // which positions are gone, as the report says
}

// KeyRotated: journals are signed with another key from now on.
type KeyRotated struct {
	Verifier string `json:"verifier,omitzero"`
	Reason   string `json:"reason,omitzero"`
}

// TokenIssued: a program may act for a person.
type TokenIssued struct {
	Token Token `json:"token,omitzero"`
}

// TokenRevoked: no longer.
type TokenRevoked struct {
	ID string `json:"id,omitzero"`
}

// AuditArchived: the audit log up to a position was archived.
type AuditArchived struct {
	Until  int64  `json:"until,omitzero"`
	Digest string `json:"digest,omitzero"`
}

// AccessDenied: somebody asked for what they may not do. One entry for each.
type AccessDenied struct {
	Action   string `json:"action,omitzero"`
	Campaign string `json:"campaign,omitzero"`
	Object   string `json:"object,omitzero"`
	Why      string `json:"why,omitzero"`
	Door
}

// AccessGiven: somebody saw what only few may see: an original, a contact, an
// export, the audit log.
type AccessGiven struct {
	Action   string `json:"action,omitzero"`
	Campaign string `json:"campaign,omitzero"`
	Object   string `json:"object,omitzero"`
	Reason   string `json:"reason,omitzero"`
	Door
}

func init() {
	event[InstallationFounded](1)
	event[PersonAdded](1)
	event[AccountCreated](1)
	event[AccountDisabled](1)
	event[AccountEnabled](1)
	event[RoleGranted](1)
	event[RoleRemoved](1)
	event[PolicySet](1)
	event[FactorReset](1)
	event[FirstCodeUsed](1)
	event[SessionsEnded](1)
	event[SettingsChanged](1)
	event[BackupTaken](1)
	event[RestoreApproved](1)
	event[KeyRotated](1)
	event[TokenIssued](1)
	event[TokenRevoked](1)
	event[AuditArchived](1)
	event[AccessDenied](1)
	event[AccessGiven](1)
}

func (e *InstallationFounded) apply(l Ledger, _ Stamp) error { return l.Put(&e.Installation) }
func (e *PersonAdded) apply(l Ledger, _ Stamp) error         { return l.Put(&Person{ID: e.ID}) }

func (e *AccountCreated) apply(l Ledger, s Stamp) error {
	a := e.Account
	a.State, a.By, a.SecretsFrom = Active, s.Person, s.At
	return l.Put(&a)
}

func (e *AccountDisabled) apply(l Ledger, s Stamp) error {
	return change(l, e.ID, done(func(a *Account) {
		a.State, a.Reason, a.SessionsFrom, a.SessionsAfter = Disabled, e.Reason, s.At, s.Position
	}))
}

func (e *AccountEnabled) apply(l Ledger, _ Stamp) error {
	return change(l, e.ID, done(func(a *Account) { a.State, a.Reason = Active, "" }))
}

func (e *RoleGranted) apply(l Ledger, s Stamp) error {
	g := e.Grant
	g.State, g.Position = Active, s.Position
	if g.ConfirmedBy == "" {
		g.ConfirmedBy = s.Person
	}
	return l.Put(&g)
}

func (e *RoleRemoved) apply(l Ledger, _ Stamp) error {
	return change(l, e.ID, done(func(g *Grant) { g.State = Ended }))
}

func (e *PolicySet) apply(l Ledger, _ Stamp) error { return l.Put(&e.Policy) }

func (e *FactorReset) apply(l Ledger, s Stamp) error {
	return change(l, e.Account, done(func(a *Account) {
		if a.TriesAfter = s.Position; !e.Unlock {
			a.SecretsFrom, a.SessionsFrom, a.SessionsAfter = s.At, s.At, s.Position
		}
	}))
}

func (e *SessionsEnded) apply(l Ledger, s Stamp) error {
	return change(l, e.Account, done(func(a *Account) { a.SessionsFrom, a.SessionsAfter = s.At, s.Position }))
}

func (e *FirstCodeUsed) apply(Ledger, Stamp) error   { return nil }
func (e *BackupTaken) apply(Ledger, Stamp) error     { return nil }
func (e *RestoreApproved) apply(Ledger, Stamp) error { return nil }
func (e *AuditArchived) apply(Ledger, Stamp) error   { return nil }
func (e *AccessDenied) apply(Ledger, Stamp) error    { return nil }
func (e *AccessGiven) apply(Ledger, Stamp) error     { return nil }

func (e *SettingsChanged) apply(l Ledger, _ Stamp) error {
	return change(l, "installation", done(func(i *Installation) {
		if i.Settings == nil {
			i.Settings = map[string]string{}
		}
		for key, value := range e.Settings {
			i.Settings[key] = value
		}
	}))
}

func (e *KeyRotated) apply(l Ledger, s Stamp) error {
	return change(l, "installation", done(func(i *Installation) {
		i.Keys = append(i.Keys, SigningKey{e.Verifier, s.At, e.Reason})
	}))
}

func (e *TokenIssued) apply(l Ledger, s Stamp) error {
	t := e.Token
	t.State, t.IssuedAt = Active, s.At
	return l.Put(&t)
}

func (e *TokenRevoked) apply(l Ledger, _ Stamp) error {
	return change(l, e.ID, done(func(t *Token) { t.State = Ended }))
}
