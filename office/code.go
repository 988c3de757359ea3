package office

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/journal"
	"qiaomen/store"
)

// A FirstCode is the one-time code with which a new account is first used; it
// is shown once and kept as a hash.
type FirstCode struct {
	Login   string `json:"login,omitzero"`
	Account string `json:"account,omitzero"`
	Person  string `json:"person,omitzero"`
	Code    string `json:"code,omitzero"`
}

// A Secret is what is kept of how an account is proved, or of a token. None of
// it is ever in an event.
type Secret struct {
	FirstCode string `json:"first_code,omitzero"` // SHA-256, hexadecimal
	Until     string `json:"until,omitzero"`      // time after which the code is void
	// Next is the code that holds once a second person agrees to the reset.
	Next string `json:"next,omitzero"`

	Password   string   `json:"password,omitzero"` // argon2id
	PasswordAt string   `json:"password_at,omitzero"`
	Former     []string `json:"former,omitempty"` // the hashes before it, the newest first
	Factor     factor   `json:"factor,omitzero"`
	// NextFactor is in force once a code of it was given, until then.
	NextFactor factor `json:"next_factor,omitzero"`
	NextUntil  string `json:"next_until,omitzero"`

	Token string `json:"token,omitzero"` // SHA-256 of a token's secret
}

const codeBytes = 10 // 80 random bits: nobody guesses them, whatever the number of tries

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

func secretOf(r store.Reader, id string) (s Secret, err error) {
	w, err := inJournal(r, InstallationJournal).Work("secret", id)
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

// A TakingUp is an account's first use: its one-time code, and the password that
// its owner chooses.
type TakingUp struct {
	Login     string `json:"login"`
	FirstCode string `json:"first_code"`
	Password  string `json:"password"`
}

// TakeUp takes an account's one-time code, once and within its hours, and sets
// the password and the second factor, with a code of which its owner then signs
// in. Wrong codes count as wrong tries to sign in do, and have the same answer; a
// password that will not do leaves the code as it was.
func (o *Office) TakeUp(ctx context.Context, src Source, a TakingUp) (*Enrolment, error) {
	k := &knock{src: src, first: true, said: "一次性代码不对、过期或已经用过"}
	if err := o.knocking(ctx, k, a.Login); err != nil {
		return nil, err
	}
	k.right = k.secret.holds(a.FirstCode, o.moment())
	if err := o.decideKnock(ctx, k, nil); err != nil {
		return nil, err
	}
	if strings.Contains(bare(a.Password), bare(a.FirstCode)) {
		return nil, &qiaomen.Problem{Text: "一次性代码不能作密码", Fix: "请另定一个", At: qiaomen.Place{Field: "password"}}
	}
	hash, err := o.newPassword(ctx, "password", a.Password, k.account, &k.secret, k.policy)
	if err != nil {
		return nil, err
	}
	var enrolment *Enrolment
	act := k.act(o.now())
	act.Journal = InstallationJournal
	_, err = o.store.Write(ctx, act, func(tx *store.Tx) error {
		s, err := secretOf(tx, k.account.ID)
		if err != nil {
			return err
		}
		if !s.holds(a.FirstCode, tx.At()) { // somebody was quicker
			return errSignIn
		}
		s.setPassword(hash, tx.At(), k.policy)
		s.FirstCode, s.Until, enrolment = "", "", &Enrolment{}
		if k.policy.SecondFactor {
			if s.Factor, enrolment, err = o.newFactor(tx, k.account); err != nil {
				return err
			}
		}
		if err := s.keep(tx, k.account.ID, k.account.Person); err != nil {
			return err
		}
		return tx.Emit(&qiaomen.FirstCodeUsed{Account: k.account.ID, Door: src.door()})
	})
	if err != nil {
		return nil, told(err)
	}
	return enrolment, nil
}

// holds tells whether that is the account's one-time code, and not too late.
func (s *Secret) holds(code, at string) bool {
	same := subtle.ConstantTimeCompare([]byte(hashed(code)), []byte(s.FirstCode)) == 1
	return same && at <= s.Until
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
