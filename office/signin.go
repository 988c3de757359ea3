package office

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"qiaomen"
	"qiaomen/store"
)

// ErrSignIn is in the error of every try to sign in, or to take up an account,
// that failed. They all read the same.
var ErrSignIn = errors.New("not signed in")

var errSignIn = fmt.Errorf("%w%w", &qiaomen.Problem{
	Text: "登录名、密码或代码不对，或者代码已经用过、过期，或者试得太多、暂时锁定",
	Fix:  "请核对后过一会儿再试；忘记密码、丢失设备的，请系统管理员提出重置",
}, silent{ErrSignIn})

// A SigningIn is what somebody says who signs in. The password is compared as it
// was typed.
type SigningIn struct {
	Login    string `json:"login"`
	Password string `json:"password"`
	Code     string `json:"code"` // of the second factor: TOTP
}

// A SignedIn is a session that was begun. Both secrets are told this once, and
// kept as hashes.
type SignedIn struct {
	Session string `json:"session"` // the secret by which requests are the session's
	Device  string `json:"device"`  // the secret by which this device is known the next time
	Account string `json:"account"`
	Person  string `json:"person"`
	Until   string `json:"until"` // when it ends, however much is done in it
	// Must is what has to be done before anything else: MustPassword, or empty.
	Must string `json:"must,omitzero"`
	// Warnings is what its owner should know: a session that had to make room, a
	// password that will soon be too old.
	Warnings []string `json:"warnings,omitempty"`
}

// MustPassword: the password is too old, and nothing else is done before it is
// changed.
const MustPassword = "password"

const (
	secretBytes   = 32 // 256 random bits, of a session and of a device
	mostSessions  = 2  // of an account at once; the newest wins
	adminSessions = 1
	adminIdle     = 10 // minutes
	warnDays      = 14 // before a password is too old
	idBytes       = 10
)

// SignIn begins a session, or refuses: with one answer whatever was wrong, one
// entry in the audit journal, and one wrong try counted. The audit entry, the
// counts, the code that is used up and the session are one transaction.
func (o *Office) SignIn(ctx context.Context, src Source, a SigningIn) (*SignedIn, error) {
	k := &knock{src: src, code: a.Code, said: "密码不对"}
	if err := o.knocking(ctx, k, a.Login); err != nil {
		return nil, err
	}
	if !k.slowed {
		var err error
		if k.right, err = o.hash.matches(ctx, a.Password, k.secret.Password); err != nil {
			return nil, err
		}
	}
	var out *SignedIn
	err := o.decideKnock(ctx, k, func(tx *store.Tx, known bool) (err error) {
		out, err = o.begin(tx, k, known)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// knocking looks up what a knock is about, and whether it comes too quickly for
// it to be worth a password's hash.
func (o *Office) knocking(ctx context.Context, k *knock, login string) error {
	who := Caller{From: k.src.Address, Request: k.src.Request}
	if err := who.legible(); err != nil {
		return err
	}
	if login = tidyLogin(login); !utf8.ValidString(login) || strings.ContainsRune(login, 0) {
		login = ""
	}
	err := o.read(ctx, InstallationJournal, func(v *store.View) error {
		if err := k.who(v, login); err != nil {
			return err
		}
		known, err := k.known(v)
		if err != nil || known {
			return err
		}
		k.slowed, err = k.slow(v, o.moment())
		return err
	})
	return told(err)
}

// decideKnock weighs a knock in its turn, and where it is right lets then do what
// it is for in the same turn.
func (o *Office) decideKnock(ctx context.Context, k *knock, then func(tx *store.Tx, known bool) error) error {
	refused := ""
	_, err := o.store.Write(ctx, k.act(o.now()), func(tx *store.Tx) error {
		if err := k.again(tx); err != nil {
			return err
		}
		var known bool
		var err error
		if refused, known, err = o.weigh(tx, k); err != nil {
			return err
		}
		if refused != "" {
			return k.failed(tx, refused)
		}
		if then == nil {
			return nil
		}
		return then(tx, known)
	})
	switch {
	case err != nil:
		return told(err)
	case refused != "":
		return errSignIn
	}
	return nil
}

// again reads what may have changed since a knock was begun, the account first:
// a session notes what it was, and one that a reset overtook is over at once.
func (k *knock) again(tx *store.Tx) (err error) {
	home := inJournal(tx, InstallationJournal)
	if k.account == nil {
		return nil
	}
	if k.account, err = store.One[qiaomen.Account](home, k.account.ID); err != nil {
		return err
	}
	before := k.secret
	if k.secret, err = secretOf(home, k.account.ID); err != nil {
		return err
	}
	k.right = k.right && before.Password == k.secret.Password && before.FirstCode == k.secret.FirstCode
	if k.admin, err = administers(home, k.account.Person, chinaDay(tx.At())); err != nil {
		return err
	}
	if k.admin && !within(k.src.Address, k.policy.AdminAddresses) {
		k.wrong = "管理员不在允许的网络地址"
	}
	k.asked = k.asks()
	return nil
}

// administers tells whether the person is one of the three administrators.
func administers(home *store.View, person, day string) (bool, error) {
	grants, err := store.All[qiaomen.Grant](home, store.Filter{Key: person})
	return slices.ContainsFunc(grants, func(g *qiaomen.Grant) bool {
		return g.Role.Admin() && g.Holds(g.Campaign, day)
	}), err
}

// begin begins the session of a knock that was right.
func (o *Office) begin(tx *store.Tx, k *knock, known bool) (*SignedIn, error) {
	if o.timeToSweep() {
		if err := o.sweep(tx); err != nil {
			return nil, err
		}
	}
	s := &held{
		Session: Session{
			ID: "s-" + randomCode(idBytes), Account: k.account.ID, Person: k.account.Person,
			BegunAt: tx.At(), SeenAt: tx.At(), ProvedAt: tx.At(), Until: later(tx.At(), hours(k.policy.HoursAtMost)), Address: k.src.Address,
		},
		Idle: k.policy.IdleMinutes, Admin: k.admin, After: k.account.SessionsAfter, PasswordAt: k.secret.PasswordAt,
	}
	out := &SignedIn{Session: randomCode(secretBytes), Account: s.Account, Person: s.Person, Until: s.Until}
	most := mostSessions
	if s.Admin {
		s.Idle, most = min(adminIdle, s.Idle), adminSessions
	}
	ended, err := o.makeRoom(tx, k.account, most-1)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, e := range ended {
		ids = append(ids, e.ID)
		out.Warnings = append(out.Warnings, fmt.Sprintf("同一账号最多同时登录%d处，从 %s 的那次登录已经退出", most, cmp.Or(e.Address, "别处")))
	}
	if days, ages := daysLeft(k.policy, k.secret.PasswordAt, tx.At()); ages && days <= 0 {
		s.Must = MustPassword
		out.Warnings = append(out.Warnings, "密码已经到期，请先修改密码")
	} else if ages && days <= warnDays {
		out.Warnings = append(out.Warnings, fmt.Sprintf("密码还有%d天到期，请尽早修改", days))
	}
	out.Must = s.Must
	if out.Device, err = k.trust(tx); err != nil {
		return nil, err
	}
	if err := keepPassing(tx, "session", hashed(out.Session), s.Account, s); err != nil {
		return nil, err
	}
	return out, tx.Emit(&qiaomen.SignedIn{Account: s.Account, Session: s.ID, Known: known, Ended: ids, Door: k.src.door()})
}

// makeRoom ends the oldest sessions of an account until so many are left, and
// returns those that were not over anyway.
func (o *Office) makeRoom(tx *store.Tx, a *qiaomen.Account, left int) (ended []*held, err error) {
	all, err := sessionsOf(tx, a.ID)
	if err != nil {
		return nil, err
	}
	var live []*held
	for _, s := range all {
		if !s.over(tx.At(), a) {
			live = append(live, s)
		} else if err := tx.Drop("session", s.row); err != nil {
			return nil, err
		}
	}
	for len(live) > left {
		if err := tx.Drop("session", live[0].row); err != nil {
			return nil, err
		}
		ended, live = append(ended, live[0]), live[1:]
	}
	return ended, nil
}

const sweepEvery = time.Hour

// timeToSweep tells, once in a while, that it is time to take away what is over.
func (o *Office) timeToSweep() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	if now.Sub(o.swept) < sweepEvery {
		return false
	}
	o.swept = now
	return true
}

// daysLeft is for how many more days a password may be used; ages tells whether
// they grow old at all.
func daysLeft(p qiaomen.Policy, set, at string) (days int, ages bool) {
	if p.MaxAgeDays == 0 {
		return 0, false
	}
	const day = 24 * time.Hour
	left := time.Duration(p.MaxAgeDays)*day - elapsed(set, at)
	return int((left + day - 1) / day), true
}
