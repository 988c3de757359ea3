package office

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/store"
)

// ErrSession is in the error of every request whose session does not hold: there
// is none, it was idle too long, is over or was ended, or its account may not be
// used.
var ErrSession = errors.New("no session")

// ErrMust is in the error of a request whose session may only change the
// password, or sign out.
var ErrMust = errors.New("the password has to be changed first")

var (
	errSession = fmt.Errorf("%w%w", &qiaomen.Problem{Text: "登录已经失效", Fix: "请重新登录；没有提交的内容请先留好"}, silent{ErrSession})
	errMust    = fmt.Errorf("%w%w", &qiaomen.Problem{Text: "密码已经到期", Fix: "请先修改密码"}, silent{ErrMust})
)

// A Session is somebody who is signed in, once. Times are UTC, as entries have
// them.
type Session struct {
	ID       string `json:"id"` // no secret
	Account  string `json:"account"`
	Person   string `json:"person"`
	BegunAt  string `json:"begun_at"`
	SeenAt   string `json:"seen_at"`   // the last request, to the minute
	Until    string `json:"until"`     // when it ends, however much is done in it
	ProvedAt string `json:"proved_at"` // when password and code were given last
	Address  string `json:"address,omitzero"`
	Must     string `json:"must,omitzero"` // MustPassword: nothing else is done before
	This     bool   `json:"this,omitzero"` // the one that asks
}

// A held is a session as it is kept, under the hash of its secret.
type held struct {
	Session
	Idle       int    `json:"idle"` // minutes without a request after which it is over
	Admin      bool   `json:"admin,omitzero"`
	After      int64  `json:"after,omitzero"`       // the account's SessionsAfter
	PasswordAt string `json:"password_at,omitzero"` // of the password with which it was begun
	Tries      int    `json:"tries,omitzero"`       // wrong proofs since the last right one

	row string // its id in the table
}

// seenEvery is how often a session's last request is written down: reading does
// not write.
const seenEvery = time.Minute

// over tells whether a session no longer holds.
func (s *held) over(at string, a *qiaomen.Account) bool {
	return a == nil || !usable(a, at) || a.SessionsAfter != s.After || a.Person != s.Person ||
		at >= s.Until || elapsed(s.SeenAt, at) >= time.Duration(s.Idle)*time.Minute
}

// holding finds the session of a secret, in two reads by key; nil: none that
// holds.
func holding(r store.Reader, src Source, secret, at string) (*held, error) {
	s := &held{row: hashed(secret)}
	if err := passing(r, "session", s.row, s); err != nil || s.ID == "" {
		return nil, err
	}
	home := inJournal(r, InstallationJournal)
	account, err := store.One[qiaomen.Account](home, s.Account)
	if err != nil || s.over(at, account) {
		return nil, err
	}
	if s.Admin {
		policy, err := policyOf(home)
		if err != nil || !within(src.Address, policy.AdminAddresses) {
			return nil, err
		}
	}
	if s.Must != "" {
		kept, err := secretOf(home, s.Account)
		if err != nil {
			return nil, err
		}
		if kept.PasswordAt != s.PasswordAt {
			s.Must = ""
		}
	}
	return s, nil
}

// session is the session of a secret, and notes that it was seen.
func (o *Office) session(ctx context.Context, src Source, secret string) (s *held, err error) {
	at := o.moment()
	err = o.read(ctx, AuditJournal, func(v *store.View) error {
		s, err = holding(v, src, secret, at)
		return err
	})
	if err != nil {
		return nil, told(err)
	}
	if s == nil {
		return nil, errSession
	}
	if elapsed(s.SeenAt, at) >= seenEvery {
		o.seen(ctx, src, secret)
	}
	return s, nil
}

// seen writes down that a session was used. Where that fails the session only
// seems idle sooner, and what was asked goes on.
func (o *Office) seen(ctx context.Context, src Source, secret string) {
	_, _ = o.store.Write(ctx, store.Act{Journal: AuditJournal, At: o.now()}, func(tx *store.Tx) error {
		s, err := holding(tx, src, secret, tx.At())
		if err != nil || s == nil || elapsed(s.SeenAt, tx.At()) < seenEvery {
			return err
		}
		s.SeenAt = tx.At()
		return s.keep(tx)
	})
}

func (s *held) keep(tx *store.Tx) error { return keepPassing(tx, "session", s.row, s.Account, s) }

// sessionsOf is an account's sessions, the oldest first, those that are over too.
func sessionsOf(r store.Reader, account string) (out []*held, err error) {
	works, err := inAudit(r).Works("session", "", account)
	if err != nil {
		return nil, err
	}
	for _, w := range works {
		s := &held{row: w.ID}
		if err := json.Unmarshal(w.Data, s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b *held) int { return cmp.Or(cmp.Compare(a.BegunAt, b.BegunAt), cmp.Compare(a.ID, b.ID)) })
	return out, nil
}

// SessionCaller is as whom a request with that session's secret is made. Every
// request asks; the rights of the moment are asked by each act. Its error has
// ErrSession where the session does not hold. It has ErrMust, and comes with the
// session, where nothing may be done but to change the password.
func (o *Office) SessionCaller(ctx context.Context, src Source, secret string) (Caller, *Session, error) {
	s, err := o.session(ctx, src, secret)
	if err != nil {
		return Caller{}, nil, err
	}
	s.This = true
	if s.Must != "" {
		return Caller{}, &s.Session, errMust
	}
	return Caller{Account: s.Account, From: src.Address, Request: src.Request, person: s.Person}, &s.Session, nil
}

// SignOut ends the session of a secret, on every node at once. One that is over
// already is no fault.
func (o *Office) SignOut(ctx context.Context, src Source, secret string) error {
	s := held{row: hashed(secret)}
	if err := o.read(ctx, AuditJournal, func(v *store.View) error { return passing(v, "session", s.row, &s) }); err != nil || s.ID == "" {
		return told(err)
	}
	_, err := o.store.Write(ctx, s.act(o.now()), func(tx *store.Tx) error {
		var still held
		if err := passing(tx, "session", s.row, &still); err != nil || still.ID == "" {
			return err
		}
		if err := tx.Drop("session", s.row); err != nil {
			return err
		}
		return tx.Emit(&qiaomen.SignedOut{Account: s.Account, Session: s.ID, Door: src.door()})
	})
	return told(err)
}

// act is a turn in the audit journal of whoever is signed in.
func (s *held) act(at time.Time) store.Act {
	return store.Act{Journal: AuditJournal, Person: s.Person, Account: s.Account, At: at}
}

// Sessions is the caller's own sessions that hold, the oldest first; session is
// the id of the one that asks.
func (o *Office) Sessions(ctx context.Context, by Caller, session string) (out []Session, err error) {
	if _, err := o.inPerson(ctx, by); err != nil {
		return nil, err
	}
	err = o.read(ctx, AuditJournal, func(v *store.View) error {
		account, err := store.One[qiaomen.Account](v.In(InstallationJournal), by.Account)
		if err != nil {
			return err
		}
		all, err := sessionsOf(v, by.Account)
		for _, s := range all {
			if s.This = s.ID == session; !s.over(o.moment(), account) {
				out = append(out, s.Session)
			}
		}
		return err
	})
	return out, told(err)
}

// EndSession ends one of the caller's own sessions; with no id all of them but
// session, the one that asks.
func (o *Office) EndSession(ctx context.Context, by Caller, session, id string) (*Answer, error) {
	person, err := o.inPerson(ctx, by)
	if err != nil {
		return nil, err
	}
	act := store.Act{Journal: AuditJournal, Person: person, Account: by.Account, Key: by.Key, At: o.now()}
	if by.Key != "" {
		act.Request = hashed("end own session " + session + " " + id)
	}
	w, err := o.store.Write(ctx, act, func(tx *store.Tx) error {
		all, err := sessionsOf(tx, by.Account)
		if err != nil {
			return err
		}
		var ended []string
		for _, s := range all {
			if id != "" && s.ID != id || id == "" && s.ID == session {
				continue
			}
			ended = append(ended, s.ID)
			if err := tx.Drop("session", s.row); err != nil {
				return err
			}
		}
		switch {
		case len(ended) > 0:
			return tx.Emit(&qiaomen.OwnSessionsEnded{Account: by.Account, Ended: ended, Door: by.door()})
		case id != "":
			return lost("您的登录", id)
		}
		return nil
	})
	if err != nil {
		return nil, told(err)
	}
	return &Answer{ID: id, First: w.First, Last: w.Last, Again: w.Again, Receipt: w.Receipt}, nil
}

// inPerson is who the caller is, who must be signed in and not a program.
func (o *Office) inPerson(ctx context.Context, by Caller) (person string, err error) {
	if err := by.legible(); err != nil {
		return "", err
	}
	person, err = o.personOf(ctx, by)
	if err != nil {
		return "", told(err)
	}
	if person == "" || by.Only != nil {
		return "", o.denied(ctx, by, person, &Denied{Action: qiaomen.ActEndSessions, Why: "要本人登录办理"})
	}
	return person, nil
}
