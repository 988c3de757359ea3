package office

import (
	"context"
	"crypto/subtle"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/store"
)

// A TokenRequest is a token that somebody wants for a program of theirs.
type TokenRequest struct {
	Name     string   `json:"name"`  // what it is for
	Scope    []string `json:"scope"` // actions, by their words
	Until    string   `json:"until"` // last day
	Campaign string   `json:"campaign,omitzero"`

	secret *string
}

const (
	tokenMark  = "qm_"
	tokenBytes = 32
	longestDay = 366 // days that a token lives at most
	mostScope  = 40
)

// inPerson is what nobody may do by a program: what makes further rights, or
// takes three people at one table.
var inPerson = []qiaomen.Action{
	qiaomen.ActIssueToken, qiaomen.ActDelegate, qiaomen.ActManageAccounts, qiaomen.ActGrantRole, qiaomen.ActSetPolicy,
	qiaomen.ActResetFactor, qiaomen.ActEndSessions, qiaomen.ActRestore, qiaomen.ActRotateKeys, qiaomen.ActUnmask,
}

var issueToken = &act[TokenRequest]{
	action: qiaomen.ActIssueToken,
	home:   true,
	check: func(d *desk, a *TokenRequest) error {
		var list complaints
		if n := len([]rune(strings.TrimSpace(a.Name))); n == 0 || n > 50 {
			list.add("name", "没有写令牌的用途，或者太长", "请写1到50个字")
		}
		list = append(list, private("name", a.Name)...)
		list = append(list, d.wrongDays("", a.Until)...)
		if until, err := qiaomen.ParseDate(a.Until); a.Until == "" {
			list.add("until", "没有写最后一天", "令牌要有期限")
		} else if today, _ := qiaomen.ParseDate(d.day); err == nil && until-today > longestDay {
			list.add("until", "令牌的期限超过一年", "请缩短")
		}
		if len(a.Scope) == 0 || len(a.Scope) > mostScope {
			list.add("scope", "没有写令牌能办哪些事，或者太多", "请只选程序要用的")
		}
		for _, word := range a.Scope {
			action := qiaomen.ActionNamed(word)
			if slices.Contains(inPerson, action) {
				list.add("scope", "“"+action.Chinese()+"”要本人登录办理，不能交给令牌", "请去掉")
				continue
			}
			has, err := d.has(action)
			if err != nil {
				return err
			}
			if !has {
				list.add("scope", "您没有“"+qiaomen.Clip(word)+"”这项权限", "请去掉")
			}
		}
		return faults(list)
	},
	do: func(d *desk, a *TokenRequest) (string, error) {
		id := d.newID("t-")
		secret := randomCode(tokenBytes)
		*a.secret = tokenMark + id + "_" + secret
		s := Secret{Token: hashed(secret)}
		if err := s.keep(d.tx, id, d.person); err != nil {
			return "", err
		}
		return id, d.emit(&qiaomen.TokenIssued{Token: qiaomen.Token{
			ID: id, Person: d.person, Account: d.account.ID, Name: strings.TrimSpace(a.Name), Scope: a.Scope, Campaign: a.Campaign, Until: a.Until,
		}})
	},
}

// has tells whether the person has a right of their own, in whichever unit.
func (d *desk) has(a qiaomen.Action) (bool, error) {
	units := []string{""}
	for _, g := range d.grants {
		units = append(units, g.Unit)
	}
	for _, unit := range units {
		all, err := d.chances(a, unit)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(all, func(c chance) bool { return c.grant.Delegator == "" }) {
			return true, nil
		}
	}
	return false, nil
}

// IssueToken makes a token by which a program acts for the caller, in the
// caller's campaign, within a scope of rights that are the caller's own. Its
// secret is told once. Whatever the token may do, the caller's rights of the
// moment are asked as well.
func (o *Office) IssueToken(ctx context.Context, by Caller, a TokenRequest) (answer *Answer, secret string, err error) {
	a.Campaign, a.secret = by.Campaign, &secret
	answer, err = perform(ctx, o, by, issueToken, a)
	return answer, secret, err
}

var revokeToken = &act[Named]{
	action: qiaomen.ActIssueToken,
	home:   true,
	about: func(d *desk, a *Named) (qiaomen.Subject, error) {
		t, err := store.One[qiaomen.Token](d.r, a.ID)
		if err == nil && (t == nil || t.Person != d.person) {
			err = lost("您的令牌", a.ID)
		}
		return qiaomen.Subject{Table: "token", ID: a.ID}, err
	},
	check: func(d *desk, a *Named) error {
		t, err := found[qiaomen.Token](d, "令牌", a.ID)
		if err == nil && t.State != qiaomen.Active {
			err = overtaken("这个令牌已经作废")
		}
		return err
	},
	do: func(d *desk, a *Named) (string, error) {
		if err := d.tx.Drop("secret", a.ID); err != nil {
			return "", err
		}
		return a.ID, d.emit(&qiaomen.TokenRevoked{ID: a.ID})
	},
}

// RevokeToken makes a token of one's own worthless.
func (o *Office) RevokeToken(ctx context.Context, by Caller, token string) (*Answer, error) {
	return perform(ctx, o, by, revokeToken, Named{token})
}

// Tokens is the caller's own tokens.
func (o *Office) Tokens(ctx context.Context, by Caller) (out []*qiaomen.Token, err error) {
	err = o.look(ctx, by, qiaomen.ActIssueToken, nil, func(d *desk) error {
		out, err = store.All[qiaomen.Token](d.home(), store.Filter{Key: d.person})
		return err
	})
	return out, err
}

var errToken = &qiaomen.Problem{Text: "访问令牌不对，或者已经作废、过期", Fix: "请重新签发"}

// TokenCaller is as whom a program with that token acts. The rights of the
// moment are asked by each act.
func (o *Office) TokenCaller(ctx context.Context, secret string) (c Caller, err error) {
	rest, marked := strings.CutPrefix(secret, tokenMark)
	id, code, two := strings.Cut(rest, "_")
	if !marked || !two {
		return c, errToken
	}
	err = o.read(ctx, InstallationJournal, func(v *store.View) error {
		t, err := store.One[qiaomen.Token](v, id)
		if err != nil {
			return err
		}
		w, err := v.Lasting("secret", id)
		if err != nil {
			return err
		}
		var s Secret
		if w != nil {
			if err := json.Unmarshal(w.Data, &s); err != nil {
				return err
			}
		}
		now := qiaomen.MomentOf(o.now()).UTC()
		if subtle.ConstantTimeCompare([]byte(hashed(code)), []byte(s.Token)) != 1 || t == nil || t.State != qiaomen.Active || t.Until < chinaDay(now) {
			return errToken
		}
		account, err := store.One[qiaomen.Account](v, t.Account)
		if err != nil {
			return err
		}
		if !usable(account, now) || t.IssuedAt < account.SecretsFrom {
			return errToken
		}
		c = Caller{Account: t.Account, Campaign: t.Campaign, Only: []qiaomen.Action{}, person: account.Person}
		for _, word := range t.Scope {
			c.Only = append(c.Only, qiaomen.ActionNamed(word))
		}
		return nil
	})
	return c, told(err)
}
