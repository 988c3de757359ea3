package office

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"time"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/journal"
	"qiaomen/store"
)

// A FirstCode is the one-time code with which a new account is first used; it
// is shown once and kept as a hash.
type FirstCode struct {
	Login, Account, Person, Code string
}

// A Secret is what is kept of an account's first code, and of a token.
type Secret struct {
	FirstCode string `json:"first_code,omitzero"` // SHA-256, hexadecimal
	Until     string `json:"until,omitzero"`      // time after which the code is void
	// Next is the code that holds once a second person agrees to the reset.
	Next    string `json:"next,omitzero"`
	Tries   int    `json:"tries,omitzero"` // wrong codes since the last right one, or the last lock
	TriedAt string `json:"tried_at,omitzero"`
	Token   string `json:"token,omitzero"` // SHA-256 of a token's secret
}

const codeBytes = 10 // 80 random bits: nobody guesses them, whatever the number of tries

// nobody is whose secret is tried where there is no such account: a wrong login
// costs the same work, and gets the same answer, as a wrong code.
const nobody = "nobody"

func hashed(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func randomCode(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b)
	return idAlphabet.EncodeToString(b)
}

// later is a time of the ledger moved on.
func later(at string, by time.Duration) string {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return ""
	}
	return journal.Stamp(t.Add(by))
}

func hours(n int) time.Duration { return time.Duration(n) * time.Hour }

func secretOf(tx *store.Tx, id string) (s Secret, err error) {
	w, err := tx.Work("secret", id)
	if err == nil && w != nil {
		err = json.Unmarshal(w.Data, &s)
	}
	return s, err
}

func (s Secret) keep(tx *store.Tx, id, person string) error {
	data, err := json.Marshal(s, json.Deterministic(true))
	if err != nil {
		return err
	}
	return tx.Keep("secret", store.Work{ID: id, Owner: person, Data: data})
}

// newCode makes an account's first code.
func newCode(tx *store.Tx, login, account, person string) (FirstCode, error) {
	policy, err := policyOf(tx)
	if err != nil {
		return FirstCode{}, err
	}
	code := randomCode(codeBytes)
	s := Secret{FirstCode: hashed(code), Until: later(tx.At(), hours(policy.FirstCodeHours))}
	return FirstCode{login, account, person, code}, s.keep(tx, account, person)
}

// locked tells whether tries are refused for a while.
func (s Secret) locked(at string, p qiaomen.Policy) bool {
	return s.Tries >= p.TriesBeforeLock && at < later(s.TriedAt, time.Duration(p.LockMinutes)*time.Minute)
}

var errCode = &qiaomen.Problem{
	Text: "登录名或一次性代码不对，或者代码已经用过、过期、暂时锁定",
	Fix:  "请核对后再试；代码失效的，请系统管理员提出重置",
}

// UseFirstCode takes an account's one-time code: once, within its hours. Wrong
// ones are counted, too many lock the account for a while, and every failure has
// one answer. It returns the account, whose owner sets a password at once.
func (o *Office) UseFirstCode(ctx context.Context, login, code string) (account string, err error) {
	login = tidyLogin(login)
	act := store.Act{Journal: InstallationJournal, At: o.now()}
	if err := o.read(ctx, InstallationJournal, func(v *store.View) error {
		a, err := accountNamed(v, login)
		if a != nil {
			act.Person, act.Account = a.Person, a.ID
		}
		return err
	}); err != nil {
		return "", err
	}
	tried, right := "", false
	_, err = o.store.Write(ctx, act, func(tx *store.Tx) error {
		a, err := accountNamed(tx, login)
		if err != nil {
			return err
		}
		id := nobody
		if a != nil && a.ID == act.Account {
			id, tried = a.ID, a.ID
		}
		s, err := secretOf(tx, id)
		if err != nil {
			return err
		}
		policy, err := policyOf(tx)
		if err != nil {
			return err
		}
		same := subtle.ConstantTimeCompare([]byte(hashed(code)), []byte(s.FirstCode)) == 1
		if s.locked(tx.At(), policy) {
			return s.keep(tx, id, act.Person)
		}
		right = same && id != nobody && usable(a, tx.At()) && tx.At() <= s.Until
		if right {
			s.FirstCode, s.Until, s.Tries, s.TriedAt = "", "", 0, ""
			if err := s.keep(tx, id, act.Person); err != nil {
				return err
			}
			return tx.Emit(&qiaomen.FirstCodeUsed{Account: id})
		}
		if s.Tries >= policy.TriesBeforeLock { // a lock that is over
			s.Tries = 0
		}
		s.Tries, s.TriedAt = s.Tries+1, tx.At()
		return s.keep(tx, id, act.Person)
	})
	if err != nil {
		return "", told(err)
	}
	if right {
		return tried, nil
	}
	_, err = o.store.Write(ctx, store.Act{Journal: AuditJournal, At: o.now()}, func(tx *store.Tx) error {
		return tx.Emit(&qiaomen.AccessDenied{Object: tried, Why: "一次性代码不对、过期或锁定"})
	})
	if err != nil {
		return "", told(err)
	}
	return "", errCode
}

// accountNamed is the account of that login, or nil.
func accountNamed(r store.Reader, login string) (*qiaomen.Account, error) {
	if login == "" {
		return nil, nil
	}
	all, err := store.All[qiaomen.Account](r, store.Filter{Key: login})
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

// usable tells whether an account may be used at a time.
func usable(a *qiaomen.Account, at string) bool {
	return a != nil && a.State == qiaomen.Active && (a.Temporary == "" || chinaDay(at) <= a.Temporary)
}
