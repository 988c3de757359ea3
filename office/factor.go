package office

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"qiaomen"
	"qiaomen/store"
)

// An Enrolment is a second factor as its owner takes it into their device, told
// once: the secret, to be typed, and the same as an otpauth:// address, to be
// shown as a picture. Empty where the policy asks no second factor.
type Enrolment struct {
	Secret string `json:"secret,omitzero"`
	URI    string `json:"uri,omitzero"`
}

// A factor is a second factor as it is kept: sealed under the office's key.
type factor struct {
	ID     string `json:"id,omitzero"`
	Sealed []byte `json:"sealed,omitempty"`
}

const (
	stepSeconds = 30 // a code's
	stepsAround = 1  // before and after that are taken as well: clocks differ
)

// newFactor makes a second factor for an account.
func (o *Office) newFactor(r store.Reader, a *qiaomen.Account) (factor, *Enrolment, error) {
	issuer := "敲门"
	home, err := store.One[qiaomen.Installation](r, "installation")
	if err != nil {
		return factor{}, nil, err
	}
	if home != nil && home.Name != "" {
		issuer = strings.ReplaceAll(home.Name, ":", " ")
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: a.Login, Period: stepSeconds})
	if err != nil {
		return factor{}, nil, err
	}
	sealed, err := o.seal(a.ID, key.Secret())
	return factor{randomCode(codeBytes), sealed}, &Enrolment{key.Secret(), key.URL()}, err
}

// seal encrypts a secret for the database, bound to the account it is of.
func (o *Office) seal(account, secret string) ([]byte, error) {
	box, err := o.box()
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, box.NonceSize())
	_, _ = rand.Read(nonce)
	return box.Seal(nonce, nonce, []byte(secret), []byte(account)), nil
}

func (o *Office) unseal(account string, sealed []byte) (string, error) {
	box, err := o.box()
	if err != nil {
		return "", err
	}
	if len(sealed) < box.NonceSize() {
		return "", fmt.Errorf("the second factor of %s is cut short", account)
	}
	secret, err := box.Open(nil, sealed[:box.NonceSize()], sealed[box.NonceSize():], []byte(account))
	if err != nil {
		return "", fmt.Errorf("the second factor of %s was sealed under another key: %w", account, err)
	}
	return string(secret), nil
}

func (o *Office) box() (cipher.AEAD, error) {
	block, err := aes.NewCipher(o.key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// step is the newest step, after the one used last, whose code this is; 0: none.
func (o *Office) step(account string, f factor, code string, last int64) (int64, error) {
	secret, err := o.unseal(account, f.Sealed)
	if err != nil {
		return 0, err
	}
	code = strings.Map(func(r rune) rune {
		if r == ' ' {
			return -1
		}
		return r
	}, code)
	now := o.now().Unix() / stepSeconds
	for step := now + stepsAround; step >= now-stepsAround; step-- {
		if step <= last {
			break
		}
		same, err := hotp.ValidateCustom(code, uint64(step), secret, hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == otp.ErrValidateInputInvalidLength {
			return 0, nil
		}
		if same || err != nil {
			return step, err
		}
	}
	return 0, nil
}

// An attempts is the tries in vain at an account on devices that it does not
// know, and the codes that it has used up.
type attempts struct {
	Tries tries `json:"tries,omitzero"`
	// Factor and Step are the newest code that was used: of which factor, and
	// which step. No code is taken twice, nor one from before it.
	Factor string `json:"factor,omitzero"`
	Step   int64  `json:"step,omitzero"`
}

// use takes a code of a factor, once.
func (o *Office) use(a *attempts, account string, f factor, code string) (bool, error) {
	last := int64(0)
	if a.Factor == f.ID {
		last = a.Step
	}
	step, err := o.step(account, f, code, last)
	if err != nil || step == 0 {
		return false, err
	}
	a.Factor, a.Step = f.ID, step
	return true, nil
}

// A tries counts what was tried in vain, since the last right try.
type tries struct {
	Count int    `json:"count,omitzero"`
	At    string `json:"at,omitzero"`    // of the newest
	After int64  `json:"after,omitzero"` // the account's TriesAfter as it then stood
}

// locked tells whether no more are weighed for now. Those from before an
// unlocking, or older than a lock lasts, are forgotten.
func (t *tries) locked(at string, a *qiaomen.Account, p qiaomen.Policy) bool {
	if t.After != a.TriesAfter || at >= t.until(p) {
		*t = tries{After: a.TriesAfter}
	}
	return t.Count >= p.TriesBeforeLock
}

func (t *tries) until(p qiaomen.Policy) string {
	return later(t.At, time.Duration(p.LockMinutes)*time.Minute)
}
