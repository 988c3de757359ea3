package office

import (
	"context"
	"time"

	"qiaomen"
	"qiaomen/store"
)

var errProof error = &qiaomen.Problem{Code: qiaomen.Unproven, Text: "密码或动态码不对，或者动态码已经用过", Fix: "请核对后再试；错得太多会退出登录"}

// A proof is what somebody who is signed in says once more, and what is to
// follow from it.
type proof struct {
	password, code string
	renew          bool // the session gets a new secret, and is proved
	endOthers      bool // the account's other sessions end

	session *held
	account *qiaomen.Account
	secret  Secret
	policy  qiaomen.Policy
	right   bool
}

// weighPassword looks up whose session it is and whether the password is theirs.
func (o *Office) weighPassword(ctx context.Context, src Source, secret string, p *proof) (err error) {
	if err := (Caller{From: src.Address, Request: src.Request}).legible(); err != nil {
		return err
	}
	if p.session, err = o.session(ctx, src, secret); err != nil {
		return err
	}
	err = o.read(ctx, InstallationJournal, func(v *store.View) error {
		if p.account, err = store.One[qiaomen.Account](v, p.session.Account); err != nil {
			return err
		}
		if p.secret, err = secretOf(v, p.session.Account); err != nil {
			return err
		}
		p.policy, err = policyOf(v)
		return err
	})
	if err != nil {
		return told(err)
	}
	p.right, err = o.hash.matches(ctx, p.password, p.secret.Password)
	return err
}

// prove decides a proof in its turn. A wrong one is counted in the session, which
// ends with too many: so whoever found one cannot guess on, and nobody locks the
// account.
func (o *Office) prove(ctx context.Context, src Source, secret string, p *proof) (renewed string, err error) {
	err = o.inSession(ctx, src, secret, p.session, func(tx *store.Tx, s *held) (why string, err error) {
		now, err := secretOf(tx, s.Account)
		if err != nil {
			return "", err
		}
		if !p.right || now.Password != p.secret.Password {
			return "重新验证：密码不对", nil
		}
		if p.policy.SecondFactor || now.Factor.ID != "" {
			if used, err := o.useUp(tx, s.Account, now.Factor, p.code); err != nil || !used {
				return "重新验证：动态码不对、过期或已经用过", err
			}
		}
		renewed, err = p.holds(tx, src, s)
		return "", err
	})
	if err != nil {
		return "", err
	}
	return renewed, nil
}

// holds is what follows from a proof that is right.
func (p *proof) holds(tx *store.Tx, src Source, s *held) (renewed string, err error) {
	s.Tries, s.SeenAt = 0, tx.At()
	if p.renew {
		renewed, s.ProvedAt = randomCode(secretBytes), tx.At()
		if err := tx.Drop("session", s.row); err != nil {
			return "", err
		}
		s.row = hashed(renewed)
	}
	if err := s.keep(tx); err != nil {
		return "", err
	}
	e := &qiaomen.IdentityProved{Account: s.Account, Session: s.ID, Door: src.door()}
	if p.endOthers {
		all, err := sessionsOf(tx, s.Account)
		if err != nil {
			return "", err
		}
		for _, other := range all {
			if other.ID == s.ID {
				continue
			}
			if err := tx.Drop("session", other.row); err != nil {
				return "", err
			}
			e.Ended = append(e.Ended, other.ID)
		}
	}
	return renewed, tx.Emit(e)
}

// inSession decides something that its session's owner must prove, in its turn.
// why is why not, for the auditor.
func (o *Office) inSession(ctx context.Context, src Source, secret string, begun *held, decide func(tx *store.Tx, s *held) (why string, err error)) error {
	var refused error
	_, err := o.store.Write(ctx, begun.act(o.now()), func(tx *store.Tx) error {
		refused = nil
		s, err := holding(tx, src, secret, tx.At())
		if err != nil {
			return err
		}
		if s == nil {
			refused = errSession
			return nil
		}
		why, err := decide(tx, s)
		if err != nil || why == "" {
			return err
		}
		policy, err := policyOf(tx)
		if err != nil {
			return err
		}
		if s.Tries++; s.Tries >= policy.TriesBeforeLock {
			why, refused = why+"，次数太多，登录已结束", errSession
			err = tx.Drop("session", s.row)
		} else {
			refused = errProof
			err = s.keep(tx)
		}
		if err != nil {
			return err
		}
		return tx.Emit(&qiaomen.SignInFailed{Account: s.Account, Why: why, Door: src.door()})
	})
	if err != nil {
		return told(err)
	}
	return refused
}

// useUp takes a code of a factor of an account, once and on every node.
func (o *Office) useUp(tx *store.Tx, account string, f factor, code string) (bool, error) {
	var all attempts
	if err := passing(tx, "attempt", account, &all); err != nil || f.ID == "" {
		return false, err
	}
	used, err := o.use(&all, account, f, code)
	if err != nil || !used {
		return false, err
	}
	return true, keepPassing(tx, "attempt", account, "", all)
}

// Prove asks somebody who is signed in for password and code once more, as before
// what is grave. The session goes on under a new secret, and the old one is dead.
func (o *Office) Prove(ctx context.Context, src Source, secret string, password, code string) (newSecret string, err error) {
	p := &proof{password: password, code: code, renew: true}
	if err := o.weighPassword(ctx, src, secret, p); err != nil {
		return "", err
	}
	if p.session.Must != "" {
		return "", errMust
	}
	return o.prove(ctx, src, secret, p)
}

// A PasswordChange is a new password, and what proves whose it is.
type PasswordChange struct {
	Current string `json:"current"`
	Code    string `json:"code"` // of the second factor
	New     string `json:"new"`
	// EndOthers ends the account's other sessions.
	EndOthers bool `json:"end_others,omitzero"`
}

// ChangePassword changes the password of who is signed in. The session goes on
// under a new secret. Where the proof held and the change then failed, both the
// new secret and an error are returned.
func (o *Office) ChangePassword(ctx context.Context, src Source, secret string, a PasswordChange) (newSecret string, err error) {
	p := &proof{password: a.Current, code: a.Code, renew: true, endOthers: a.EndOthers}
	if err := o.weighPassword(ctx, src, secret, p); err != nil {
		return "", err
	}
	hash := ""
	if p.right { // what is wrong with the new one is told before the code is used up
		if hash, err = o.newPassword(ctx, "new", a.New, p.account, &p.secret, p.policy); err != nil {
			return "", err
		}
	}
	if newSecret, err = o.prove(ctx, src, secret, p); err != nil {
		return "", err
	}
	act := p.session.act(o.now())
	act.Journal = InstallationJournal
	_, err = o.store.Write(ctx, act, func(tx *store.Tx) error {
		s, err := secretOf(tx, p.account.ID)
		if err != nil {
			return err
		}
		if s.Password != p.secret.Password {
			return overtaken("密码刚刚在别处改过")
		}
		s.setPassword(hash, tx.At(), p.policy)
		if err := s.keep(tx, p.account.ID, p.account.Person); err != nil {
			return err
		}
		return tx.Emit(&qiaomen.PasswordChanged{Account: p.account.ID, Door: src.door()})
	})
	return newSecret, told(err)
}

// confirmWithin is for how long a new second factor waits for its first code.
const confirmWithin = 10 * time.Minute

// NewFactor makes another second factor for who is signed in, who proves it with
// the one they have. It is in force once ConfirmFactor was given a code of it.
func (o *Office) NewFactor(ctx context.Context, src Source, secret string, password, code string) (*Enrolment, error) {
	p := &proof{password: password, code: code}
	if err := o.weighPassword(ctx, src, secret, p); err != nil {
		return nil, err
	}
	if p.session.Must != "" {
		return nil, errMust
	}
	if _, err := o.prove(ctx, src, secret, p); err != nil {
		return nil, err
	}
	var enrolment *Enrolment
	act := p.session.act(o.now())
	act.Journal = InstallationJournal
	_, err := o.store.Write(ctx, act, func(tx *store.Tx) error {
		s, err := secretOf(tx, p.account.ID)
		if err != nil {
			return err
		}
		if s.NextFactor, enrolment, err = o.newFactor(tx, p.account); err != nil {
			return err
		}
		s.NextUntil = later(tx.At(), confirmWithin)
		return s.keep(tx, p.account.ID, p.account.Person)
	})
	if err != nil {
		return nil, told(err)
	}
	return enrolment, nil
}

// ConfirmFactor puts the new second factor in force, which a code of it shows to
// be in its owner's hands. Other sessions go on; a door offers to end them
// (EndSession).
func (o *Office) ConfirmFactor(ctx context.Context, src Source, secret, code string) error {
	s, err := o.session(ctx, src, secret)
	if err != nil {
		return err
	}
	if s.Must != "" {
		return errMust
	}
	next := factor{}
	err = o.inSession(ctx, src, secret, s, func(tx *store.Tx, s *held) (string, error) {
		now, err := secretOf(tx, s.Account)
		if err != nil {
			return "", err
		}
		if now.NextFactor.ID == "" || tx.At() > now.NextUntil {
			return "", &qiaomen.Problem{Code: qiaomen.Conflict, Text: "没有等待确认的动态码，或者已经过了十分钟", Fix: "请重新申请"}
		}
		used, err := o.useUp(tx, s.Account, now.NextFactor, code)
		if err != nil || !used {
			return "确认新的动态码：不对、过期或已经用过", err
		}
		next, s.Tries = now.NextFactor, 0
		return "", s.keep(tx)
	})
	if err != nil {
		return err
	}
	act := s.act(o.now())
	act.Journal = InstallationJournal
	_, err = o.store.Write(ctx, act, func(tx *store.Tx) error {
		kept, err := secretOf(tx, s.Account)
		if err != nil {
			return err
		}
		if kept.NextFactor.ID != next.ID {
			return overtaken("动态码刚刚在别处换过")
		}
		kept.Factor, kept.NextFactor, kept.NextUntil = next, factor{}, ""
		if err := kept.keep(tx, s.Account, s.Person); err != nil {
			return err
		}
		return tx.Emit(&qiaomen.FactorChanged{Account: s.Account, Door: src.door()})
	})
	return told(err)
}
