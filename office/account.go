package office

import (
	"context"
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"

	"qiaomen"
	"qiaomen/store"
)

// A NewAccount is an account to be made: how its owner signs in, and who they
// are.
type NewAccount struct {
	Login string `json:"login"`
	Detail
	// Temporary is the last day, YYYY-MM-DD, of an account of somebody who is
	// here for a while; empty: no end.
	Temporary string `json:"temporary,omitzero"`

	code *FirstCode // what is made, for whoever asked
}

var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,31}$`)

// tidyLogin is a login in its one form.
func tidyLogin(login string) string {
	return strings.ToLower(strings.TrimSpace(norm.NFKC.String(login)))
}

var createAccount = &act[NewAccount]{
	action: qiaomen.ActManageAccounts,
	home:   true,
	check: func(d *desk, a *NewAccount) error {
		list := a.Detail.faults()
		login := tidyLogin(a.Login)
		list = append(list, private("login", login)...)
		if !loginForm.MatchString(login) {
			list.add("login", "登录名“"+qiaomen.Clip(a.Login)+"”不能用", "请用2到32个小写字母、数字和 . _ -，字母或数字开头")
		} else if taken, err := accountNamed(d.r, login); err != nil {
			return err
		} else if taken != nil {
			list.add("login", "登录名“"+login+"”已经用过", "停用的登录名也不再使用，请换一个")
		}
		if a.Temporary != "" {
			if day, err := qiaomen.ParseDate(a.Temporary); err != nil {
				list.add("temporary", err.Error(), "")
			} else if day.String() < d.day {
				list.add("temporary", "到期日在今天之前", "请核对")
			}
		}
		person, bad, err := d.sameAs(a.Detail)
		if err != nil {
			return err
		}
		list = append(list, bad...)
		if person != "" {
			grants, err := d.grantsOf(person)
			if err != nil {
				return err
			}
			if len(d.yet(grants)) > 0 { // whoever made it would hold another's rights
				list.add("identity", "这个人已有账号和角色，新账号会带上他的权限", "忘记密码、丢失设备的请走重置；要换账号的请先收回角色")
			}
		}
		return faults(list)
	},
	do: func(d *desk, a *NewAccount) (string, error) {
		person, _, err := d.sameAs(a.Detail)
		if err != nil {
			return "", err
		}
		account := qiaomen.Account{ID: d.newID("c-"), Person: person, Login: tidyLogin(a.Login), Temporary: a.Temporary}
		if person == "" {
			account.Person = d.newID("u-")
		}
		if err := d.emit(&qiaomen.AccountCreated{Account: account}); err != nil {
			return "", err
		}
		if person == "" {
			if err := d.emit(&qiaomen.PersonAdded{ID: account.Person}); err != nil {
				return "", err
			}
		}
		if err := keepDetail(d.tx, account.Person, a.Detail); err != nil {
			return "", err
		}
		*a.code, err = newCode(d.tx, account.Login, account.ID, account.Person)
		return account.ID, err
	},
}

// sameAs is the person of whom a detail speaks; empty where they are new here.
func (d *desk) sameAs(detail Detail) (person string, list complaints, err error) {
	known, err := d.known()
	if err != nil {
		return "", nil, err
	}
	person, list = recognisePerson(known, detail)
	return person, list, nil
}

// CreateAccount makes an account without any right, and the one-time code with
// which its owner begins. The code is told once: the same request sent again
// gets the answer without it. Somebody who is known by staff number or telephone
// is the same person as before (separation 4); while they hold a role they get
// no further account, since whoever has its code would hold their rights.
func (o *Office) CreateAccount(ctx context.Context, by Caller, a NewAccount) (*Answer, FirstCode, error) {
	var code FirstCode
	a.code = &code
	answer, err := perform(ctx, o, by, createAccount, a)
	return answer, code, err
}

// An AccountChange is an account to be disabled or enabled, and why.
type AccountChange struct {
	Account string `json:"account"`
	Reason  string `json:"reason,omitzero"`
	Enable  bool   `json:"enable,omitzero"`
}

var changeAccount = &act[AccountChange]{
	action: qiaomen.ActManageAccounts,
	home:   true,
	about:  aboutAccount[AccountChange](func(a *AccountChange) string { return a.Account }),
	check: func(d *desk, a *AccountChange) error {
		account, err := found[qiaomen.Account](d, "账号", a.Account)
		if err != nil {
			return err
		}
		switch {
		case d.is(account.Person):
			return d.deny("不能停用或启用自己的账号")
		case a.Enable && account.State == qiaomen.Active:
			return overtaken("这个账号没有停用")
		case !a.Enable && account.State == qiaomen.Disabled:
			return overtaken("这个账号已经停用")
		case a.Enable && account.Temporary != "" && account.Temporary < d.day:
			return problem("这个临时账号已经到期", "请另开账号")
		case a.Enable:
			return nil
		}
		var list complaints
		list.reason(a.Reason)
		return faults(list)
	},
	do: func(d *desk, a *AccountChange) (string, error) {
		if a.Enable {
			return a.Account, d.emit(&qiaomen.AccountEnabled{ID: a.Account})
		}
		return a.Account, d.emit(&qiaomen.AccountDisabled{ID: a.Account, Reason: a.Reason})
	},
}

// aboutAccount is an act's subject where it is about an account.
func aboutAccount[A any](id func(*A) string) func(*desk, *A) (qiaomen.Subject, error) {
	return func(d *desk, a *A) (qiaomen.Subject, error) {
		s := qiaomen.Subject{Table: "account", ID: id(a)}
		_, err := found[qiaomen.Account](d, "账号", s.ID)
		return s, err
	}
}

// DisableAccount takes an account out of use, at once; what is signed in under
// it is put out. Its login is never given again.
func (o *Office) DisableAccount(ctx context.Context, by Caller, account, reason string) (*Answer, error) {
	return perform(ctx, o, by, changeAccount, AccountChange{Account: account, Reason: reason})
}

// EnableAccount lets a disabled account be used again, with the secrets it had.
func (o *Office) EnableAccount(ctx context.Context, by Caller, account string) (*Answer, error) {
	return perform(ctx, o, by, changeAccount, AccountChange{Account: account, Enable: true})
}

// A Reset is an account to be unlocked, or to get a new one-time code in place
// of all its secrets.
type Reset struct {
	Account string `json:"account"`
	Unlock  bool   `json:"unlock,omitzero"`
	Reason  string `json:"reason"`

	code *FirstCode
}

var reset = twofold(&act[Reset]{
	action: qiaomen.ActResetFactor,
	home:   true,
	about:  aboutAccount[Reset](func(a *Reset) string { return a.Account }),
	check: func(d *desk, a *Reset) error {
		account, err := found[qiaomen.Account](d, "账号", a.Account)
		if err != nil {
			return err
		}
		if d.is(account.Person) {
			return d.deny("不能为自己解锁或重置")
		}
		var list complaints
		if !usable(account, d.at) {
			list.add("account", "这个账号已经停用或到期", "请先启用")
		}
		if d.proposer == "" {
			waiting, err := store.All[qiaomen.Proposal](d.r, store.Filter{
				Kind: qiaomen.ActResetFactor.String(), Key: a.Account, States: []qiaomen.State{qiaomen.Pending},
			})
			if err != nil {
				return err
			}
			if len(waiting) > 0 {
				list.add("account", "这个账号已有一件重置在等批准", "请等批准，或先收回那一件")
			}
		}
		list.reason(a.Reason)
		return faults(list)
	},
	proposed: func(d *desk, a *Reset, _ string) error {
		if a.Unlock {
			return nil
		}
		account, err := found[qiaomen.Account](d, "账号", a.Account)
		if err != nil {
			return err
		}
		s, err := secretOf(d.tx, account.ID)
		if err != nil {
			return err
		}
		code := randomCode(codeBytes)
		s.Next = hashed(code)
		*a.code = FirstCode{account.Login, account.ID, account.Person, code}
		return s.keep(d.tx, account.ID, account.Person)
	},
	do: func(d *desk, a *Reset) (string, error) {
		account, err := found[qiaomen.Account](d, "账号", a.Account)
		if err != nil {
			return "", err
		}
		s, err := secretOf(d.tx, account.ID)
		if err != nil {
			return "", err
		}
		if !a.Unlock {
			policy, err := policyOf(d.home())
			if err != nil {
				return "", err
			}
			s = Secret{FirstCode: s.Next, Until: later(d.at, hours(policy.FirstCodeHours)), Former: s.remembered(policy)}
		}
		if err := s.keep(d.tx, account.ID, account.Person); err != nil {
			return "", err
		}
		return account.ID, d.emit(&qiaomen.FactorReset{Account: account.ID, Unlock: a.Unlock, Reason: a.Reason})
	},
})

func init() {
	declined[qiaomen.ActResetFactor] = func(d *desk, p *qiaomen.Proposal, _ string) error {
		s, err := secretOf(d.tx, p.Subject.ID)
		if err != nil || s.Next == "" {
			return err
		}
		w, err := d.tx.Work("secret", p.Subject.ID)
		if err != nil {
			return err
		}
		s.Next = ""
		return s.keep(d.tx, p.Subject.ID, w.Owner)
	}
}

// ResetFactor proposes that an account gets a new one-time code in place of its
// secrets, which end with the second person's yes; sessions and tokens end too.
// The code is told to the proposer, once, and is worth nothing before that yes.
func (o *Office) ResetFactor(ctx context.Context, by Caller, account, reason string) (*Answer, FirstCode, error) {
	var code FirstCode
	answer, err := perform(ctx, o, by, reset, Reset{Account: account, Reason: reason, code: &code})
	return answer, code, err
}

// Unlock proposes that an account that too many wrong tries have locked may be
// tried again.
func (o *Office) Unlock(ctx context.Context, by Caller, account, reason string) (*Answer, error) {
	return perform(ctx, o, by, reset, Reset{Account: account, Unlock: true, Reason: reason})
}
