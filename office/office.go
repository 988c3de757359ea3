// Package office is what people do: one method for each thing a person can do
// in a campaign, whichever door they come through. Form, API, workbook row and
// command build the same value and call the same method here.
//
// Every method goes the same way (act.go):
//
//	who     the caller's account, person and grants, read in the deciding transaction
//	may     the matrix of rights, then the separations of duty (desk.go)
//	check   the state of things; every fault at once, nothing half-saved
//	do      events; or, where it takes two people, a proposal that waits for the other
//
// A refusal changes nothing and leaves one entry in the audit journal. What is
// decided on paper is entered by one person and confirmed by another, and then
// goes the way of any approval (approval.go).
//
// What an act has to know of files is asked of their store outside of the line,
// so that nobody waits for it but who named them (there.go).
//
// Office is the only caller of store.Write, and it owns the clock: times are
// those of the deciding transaction, never earlier than the journal's newest
// entry. Scoring is package scheme's; book.go gives it the ledger to look at.
package office

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
	"sync"
	"time"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/scheme"
	"qiaomen/store"
)

// The journals besides those of campaigns.
const (
	InstallationJournal = "installation"
	AuditJournal        = "audit"
)

// Options is what an office works with.
type Options struct {
	Store *store.Store
	Files blob.Store
	// Now is the clock; nil: the machine's.
	Now func() time.Time
	// Key is what second factors are sealed with in the database: it must come
	// from outside of it.
	Key [32]byte
	// Unnamed is how many bytes of files one person may have sent that no act has
	// named, a unit's people four times as many; 0: 512 MiB.
	Unnamed int64
	// WebhookHosts is where webhooks may go; nil: there are none.
	WebhookHosts *WebhookHosts
}

// An Office serves every campaign of one installation. It may be used by many
// goroutines.
type Office struct {
	store *store.Store
	files blob.Store
	now   func() time.Time
	key   [32]byte
	hash  hasher
	bells belfry
	hosts *WebhookHosts

	near    nearby
	unnamed int64
	halfway sync.Map // digests of files that were being destroyed when the store failed

	mu    sync.Mutex
	swept time.Time                 // when what is over was taken away
	rules map[string]*scheme.Scheme // by digest
	lives map[string]*live          // by campaign
	names map[string]*lookalikes    // by campaign
	known sync.Map                  // journals that were begun
}

// New opens an office on a ledger.
func New(o Options) *Office {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Unnamed <= 0 {
		o.Unnamed = usualUnnamed
	}
	out := &Office{unnamed: o.Unnamed, store: o.Store, files: o.Files, now: o.Now, key: o.Key, hash: newHasher(), hosts: o.WebhookHosts, rules: map[string]*scheme.Scheme{}, lives: map[string]*live{}, names: map[string]*lookalikes{}}
	o.Store.Fold(out.follow)
	o.Store.Fold(out.followNames)
	o.Store.Fold(out.bells.ring)
	return out
}

// A Caller is who asks: an account that has signed in, for which campaign, and
// the key under which the same request may be sent again.
type Caller struct {
	Account  string
	Campaign string // empty: in the installation
	// Key makes a request that is sent twice one act; empty: it is sent once.
	Key string
	// As is the role to act in, where a person has several; empty: any that may.
	As qiaomen.Role
	// Only is the actions that a token is limited to; nil: all.
	Only []qiaomen.Action
	// From is the source address, and Request the number that the door gave the
	// request: the audit log has both.
	From, Request string

	person string // whose account it is, where that was looked up a moment ago
}

func (c Caller) door() qiaomen.Door { return qiaomen.Door{From: c.From, Request: c.Request} }

// An Answer is what an act came to.
type Answer struct {
	// ID is what was made, or was acted on.
	ID string
	// Proposal is what now waits for a second person; empty where it was done.
	Proposal string
	// First and Last are the positions of the events; 0: nothing was sealed.
	First, Last int64
	// Again tells that the same request had been done before.
	Again bool
	// Receipt is the journal's receipt of the last event (docs/verify).
	Receipt []byte
	// Note says, in Chinese, what was sealed and is yet to be carried out; mostly
	// empty.
	Note string
}

// rulesOf is the scheme of that digest, as the ledger keeps it.
func (o *Office) rulesOf(r store.Reader, digest string) (*scheme.Scheme, error) {
	o.mu.Lock()
	s := o.rules[digest]
	o.mu.Unlock()
	if s != nil {
		return s, nil
	}
	book, err := store.One[qiaomen.RuleBook](r, digest)
	if err != nil {
		return nil, err
	}
	if book == nil {
		return nil, fmt.Errorf("the ledger has no rules %s", digest)
	}
	s, faults := scheme.Parse("scheme.yaml", []byte(book.Text), func(string) string { return book.Source })
	if s == nil {
		return nil, fmt.Errorf("rules %s: %v", digest, faults.Errors()[0])
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rules[digest] = s
	return s, nil
}

var idAlphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

const idLength = 16

// identify makes an id of what it is made from.
func identify(prefix string, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return prefix + idAlphabet.EncodeToString(sum[:])[:idLength]
}

// A nearby gives ids that are made at about one time one beginning. So they lie
// together in every index, and many reports at once touch few of its pages. The
// beginning is random: it tells nobody when that was.
type nearby struct {
	mu    sync.Mutex
	start string
	left  int
	until time.Time
}

const (
	nearLength = 4
	nearActs   = 256 // that share a beginning,
	nearFor    = time.Hour
)

func (n *nearby) next(now time.Time) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.left == 0 || !now.Before(n.until) {
		b := make([]byte, idLength)
		_, _ = rand.Read(b)
		n.start, n.left, n.until = idAlphabet.EncodeToString(b)[:nearLength], nearActs, now.Add(nearFor)
	}
	n.left--
	return n.start
}

func randomKey() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return "once-" + idAlphabet.EncodeToString(b)
}

func (o *Office) read(ctx context.Context, journal string, look func(*store.View) error) error {
	return o.store.Read(ctx, journal, 0, look)
}
