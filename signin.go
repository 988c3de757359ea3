package qiaomen

// What happens at the door. The audit journal has these, but what changes an
// account (PasswordChanged, FactorChanged), which is the installation's.
//
// Each says through which door it came. An entry of a try that failed names as its
// person whose account was tried; who tried nobody knows.

// A Door is where a request came in.
type Door struct {
	From    string `json:"from,omitzero"`    // source address
	Request string `json:"request,omitzero"` // the number that the door gave the request
}

// Came is where the event came in.
func (d Door) Came() Door { return d }

// SignedIn: somebody began a session.
type SignedIn struct {
	Account string   `json:"account,omitzero"`
	Session string   `json:"session,omitzero"`
	Known   bool     `json:"known,omitzero"`  // on a device on which the account had signed in before
	Ended   []string `json:"ended,omitempty"` // sessions that had to make room
	Door
}

// SignedOut: somebody ended their session.
type SignedOut struct {
	Account string `json:"account,omitzero"`
	Session string `json:"session,omitzero"`
	Door
}

// SignInFailed: a try to sign in, to take up an account, or to prove oneself
// again was refused. One entry for each.
type SignInFailed struct {
	Account string `json:"account,omitzero"` // empty: there is none of that login
	Why     string `json:"why,omitzero"`     // for the auditor; whoever tried is told less
	Door
}

// AccountLocked: too many wrong tries; for a while no more are weighed.
type AccountLocked struct {
	Account string `json:"account,omitzero"`
	Known   bool   `json:"known,omitzero"` // only on one device, on which the account had signed in before
	Door
}

// IdentityProved: who is signed in gave password and code again.
type IdentityProved struct {
	Account string   `json:"account,omitzero"`
	Session string   `json:"session,omitzero"`
	Ended   []string `json:"ended,omitempty"` // other sessions that were ended with it
	Door
}

// OwnSessionsEnded: somebody put out sessions of their own.
type OwnSessionsEnded struct {
	Account string   `json:"account,omitzero"`
	Ended   []string `json:"ended,omitempty"`
	Door
}

// PasswordChanged: an account has another password, by its owner.
type PasswordChanged struct {
	Account string `json:"account,omitzero"`
	Door
}

// FactorChanged: an account has another second factor, by its owner.
type FactorChanged struct {
	Account string `json:"account,omitzero"`
	Door
}

func init() {
	event[SignedIn](1)
	event[SignedOut](1)
	event[SignInFailed](1)
	event[AccountLocked](1)
	event[IdentityProved](1)
	event[OwnSessionsEnded](1)
	event[PasswordChanged](1)
	event[FactorChanged](1)
}

func (e *SignedIn) apply(Ledger, Stamp) error         { return nil }
func (e *SignedOut) apply(Ledger, Stamp) error        { return nil }
func (e *SignInFailed) apply(Ledger, Stamp) error     { return nil }
func (e *AccountLocked) apply(Ledger, Stamp) error    { return nil }
func (e *IdentityProved) apply(Ledger, Stamp) error   { return nil }
func (e *OwnSessionsEnded) apply(Ledger, Stamp) error { return nil }
func (e *PasswordChanged) apply(Ledger, Stamp) error  { return nil }
func (e *FactorChanged) apply(Ledger, Stamp) error    { return nil }
