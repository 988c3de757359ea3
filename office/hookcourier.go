package office

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/store"
)

// A Message is what a webhook sends, in the form of Standard Webhooks: the
// signature is v1, and the base64 of an HMAC-SHA256 over id, timestamp and body
// with full stops between. One that is sent again has the same id.
type Message struct {
	URL       string
	ID        string
	Timestamp string // seconds since 1970
	Signature string
	Body      []byte
}

// A Sender sends a message, and returns why it did not arrive: a
// *qiaomen.Problem for the webhook's owner, with ErrGone where no more are to be
// sent there.
type Sender func(ctx context.Context, m *Message) error

// ErrGone is that a webhook's receiver says that there is nothing any more.
var ErrGone = errors.New("gone")

const (
	// leaseTime is for how long who delivers a webhook has it to themselves,
	// leaseLeft how much of it must be left when something is sent: more than a
	// sender takes.
	leaseTime = time.Minute
	leaseLeft = 25 * time.Second
	// sendTime is how long sending one message takes at most.
	sendTime = 15 * time.Second
	// keepEvery is how often it is written down how far a delivery is; what was
	// sent since is sent again if the program is killed.
	keepEvery = time.Second
	// mostAtOnce is how many messages of one webhook are sent before the others
	// have their turn, mostCouriers how many webhooks are delivered at once.
	mostAtOnce   = 200
	mostCouriers = 8
	// breath is how long a courier waits after a round before the next.
	breath = 20 * time.Millisecond
	// mostPassed is how many entries that are not for a webhook may pass before
	// that is written down.
	mostPassed = 1000
)

// A Courier delivers the webhooks of an installation: each in order, at least
// once, and on one node at a time.
type Courier struct {
	o    *Office
	send Sender
	told func(webhook string, err error)
	back chan struct{} // somebody has come back

	mu     sync.Mutex
	busy   map[string]bool
	passed map[string]passed
}

// A passed is which entries were found not to be for a webhook: those from its
// written position to here.
type passed struct{ from, to int64 }

// Courier makes a courier. told, if any, hears of whatever fails.
func (o *Office) Courier(send Sender, told func(webhook string, err error)) *Courier {
	if told == nil {
		told = func(string, error) {}
	}
	return &Courier{o: o, send: send, told: told, back: make(chan struct{}, 1), busy: map[string]bool{}, passed: map[string]passed{}}
}

// Run delivers until ctx ends, then waits for what is being sent.
func (c *Courier) Run(ctx context.Context) {
	var all sync.WaitGroup
	defer all.Wait()
	turns := make(chan struct{}, mostCouriers)
	for ctx.Err() == nil {
		rung := c.o.bells.next(anyJournal)
		due, some, err := c.due(ctx)
		if err != nil && ctx.Err() == nil {
			c.told("", err)
		}
		for _, id := range due {
			if !c.begin(id) {
				continue
			}
			turns <- struct{}{}
			all.Go(func() {
				defer func() { <-turns; c.end(id) }()
				if err := c.deliver(ctx, id); err != nil && ctx.Err() == nil {
					c.told(id, err)
				}
			})
		}
		if !some {
			rung = nil
		}
		c.pause(ctx, breath, nil)
		c.pause(ctx, pollEvery, rung)
	}
}

// pause waits for so long, or until it is rung or somebody has come back.
func (c *Courier) pause(ctx context.Context, d time.Duration, rung <-chan struct{}) {
	t := time.NewTimer(d)
	defer t.Stop()
	back := c.back
	if rung == nil {
		back = nil
	}
	select {
	case <-t.C:
	case <-rung:
	case <-back:
	case <-ctx.Done():
	}
}

func (c *Courier) begin(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy[id] {
		return false
	}
	c.busy[id] = true
	return true
}

// end notes that a webhook's round is over: there may be more for it already.
func (c *Courier) end(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.busy, id)
	select {
	case c.back <- struct{}{}:
	default:
	}
}

// due is the webhooks for which there is something to send, and whether there
// are any at all.
func (c *Courier) due(ctx context.Context) (ids []string, some bool, err error) {
	at := c.o.moment()
	err = c.o.read(ctx, InstallationJournal, func(v *store.View) error {
		all, err := store.All[qiaomen.Webhook](v, store.Filter{States: []qiaomen.State{qiaomen.Active}})
		if err != nil {
			return err
		}
		for _, h := range all {
			some = true
			s, err := hookStateOf(v, h.ID)
			if err != nil {
				return err
			}
			size, err := v.In(h.Campaign).Position()
			if err != nil {
				return err
			}
			if s.due(at) && size > c.after(h.ID, s.Position) {
				ids = append(ids, h.ID)
			}
		}
		return nil
	})
	return ids, some, err
}

// after is the last entry that a webhook is done with, which is known here.
func (c *Courier) after(id string, kept int64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.passed[id]; p.from == kept {
		return max(kept, p.to)
	}
	return kept
}

// A round is some messages of one webhook being delivered.
type round struct {
	*Courier
	hook        *qiaomen.Webhook
	url, secret string
	state       hookState
	kept        int64 // position as it is written down
	held        bool  // the lease is ours
	until       time.Time
	written     time.Time
}

func (c *Courier) deliver(ctx context.Context, id string) error {
	r := &round{Courier: c}
	stop := ""
	err := c.o.read(ctx, InstallationJournal, func(v *store.View) (err error) {
		if r.hook, err = store.One[qiaomen.Webhook](v, id); err != nil || r.hook == nil {
			return err
		}
		if r.state, err = hookStateOf(v, id); err != nil {
			return err
		}
		r.url, r.secret, err = c.o.hookAddress(v, id)
		if errors.Is(err, errSealed) {
			stop, err = stoppedSealed, nil
		}
		return err
	})
	if err != nil || r.hook == nil {
		return ended(err)
	}
	r.kept = r.state.Position
	r.state.Position = c.after(id, r.kept)
	if stop == "" {
		stop, err = r.sendAll(ctx)
	}
	if stop != "" {
		err = r.stop(ctx, stop)
	}
	return ended(errors.Join(err, r.release(ctx)))
}

const stoppedSealed = "系统的密钥换过，读不出推送的密钥：请停掉后重新建立"

// ended passes over that a webhook has ended meanwhile, or is another's.
func ended(err error) error {
	if errors.Is(err, errNoHook) || errors.Is(err, errLease) {
		return nil
	}
	return err
}

// sendAll sends what there is, one after another, until one does not arrive. The
// owner's right is asked anew before each. It returns why the webhook is to be
// stopped, if it is.
func (r *round) sendAll(ctx context.Context) (stop string, err error) {
	for range mostAtOnce {
		h, err := r.next(ctx)
		if denied, ok := isDenied(err); ok {
			return "建立推送的人不能再查看：" + denied.Problem().Text, nil
		}
		if p, ok := errors.AsType[*qiaomen.Problem](err); ok && p.Code == qiaomen.Conflict {
			return p.Text, nil
		}
		if err != nil || h == nil {
			return "", err
		}
		again, err := r.hold(ctx)
		if err != nil {
			return "", err
		}
		if again { // another may have delivered some before it was ours
			continue
		}
		if stop, err := r.one(ctx, h); stop != "" || err != nil {
			return stop, err
		}
		if r.state.Tries > 0 {
			return "", nil
		}
	}
	return "", nil
}

// next is the next entry for the webhook, nil where there is none, as its owner
// may read it at this moment.
func (r *round) next(ctx context.Context) (*Happening, error) {
	by := Caller{Account: r.hook.Account, Campaign: r.hook.Campaign}
	for few := 1; ; few = min(8*few, usualPage) { // most often it is the first
		var page *Happenings
		err := r.o.lookIn(ctx, by, qiaomen.ActReadOthers, nil, func(d *desk) error {
			own, err := d.readsAll()
			if err != nil {
				return err
			}
			if own == nil || r.hook.MadeAt < d.account.SecretsFrom {
				return d.deny("没有权限")
			}
			d.using = own
			page, err = d.happenings(ctx, r.state.Position+1, few)
			return err
		})
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			if h := &page.Items[i]; r.wants(h) {
				r.state.Position = h.Position - 1
				return h, nil
			}
		}
		if r.state.Position = page.Next - 1; len(page.Items) == 0 {
			return nil, nil
		}
	}
}

func (r *round) wants(h *Happening) bool {
	return h.Event != Withheld && (len(r.hook.Events) == 0 || slices.Contains(r.hook.Events, h.Event))
}

// one sends one entry, and notes what became of it.
func (r *round) one(ctx context.Context, h *Happening) (stop string, err error) {
	body, err := json.Marshal(h, json.Deterministic(true))
	if err != nil {
		return "", err
	}
	trying, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	err = r.send(trying, r.o.message(r.url, r.secret, r.hook.ID+"_"+strconv.FormatInt(h.Position, 10), body))
	if ctx.Err() != nil && err != nil { // the program stops: it is no fault of the receiver's
		return "", ctx.Err()
	}
	at := r.o.moment()
	if err == nil {
		r.state = hookState{Position: h.Position, DeliveredAt: at, Lease: r.state.Lease, Until: r.state.Until}
		return "", nil
	}
	r.told(r.hook.ID, err)
	if errors.Is(err, ErrGone) {
		return spokenOf(err), nil
	}
	r.state.failed(at, spokenOf(err))
	return "", nil
}

// spokenOf is what a webhook's owner is told of an error.
func spokenOf(err error) string {
	if p, ok := errors.AsType[*qiaomen.Problem](err); ok {
		return p.Text
	}
	return "没有送到"
}

// message is a message with its signature, as of now.
func (o *Office) message(url, secret, id string, body []byte) *Message {
	m := &Message{URL: url, ID: id, Timestamp: strconv.FormatInt(o.now().Unix(), 10), Body: body}
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretMark)) // we made it
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(m.ID + "." + m.Timestamp + "."))
	mac.Write(body)
	m.Signature = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return m
}

// hold sees to it that the lease is ours for long enough, and that it is written
// down how far the delivery is. It tells whether the lease is new, and the state
// as it was found.
func (r *round) hold(ctx context.Context) (fresh bool, err error) {
	if r.held && time.Until(r.until) > leaseLeft && time.Since(r.written) < keepEvery {
		return false, nil
	}
	begun, taking := time.Now(), !r.held
	mine := r.state.Lease
	if taking {
		mine = randomCode(codeBytes)
	}
	err = r.o.changeHook(ctx, r.hook.ID, func(s *hookState, at string) error {
		switch {
		case taking && !s.due(at), !taking && s.Lease != mine:
			return errLease
		case taking:
			r.state = *s
		}
		r.state.Lease, r.state.Until = mine, later(at, leaseTime)
		*s = r.state
		return nil
	})
	if err != nil {
		r.held = false
		return false, err
	}
	r.held, r.until, r.written, r.kept = true, begun.Add(leaseTime), begun, r.state.Position
	return taking, nil
}

// release writes down how far the delivery came, and gives the lease back, also
// when the program stops. Where it was never taken nothing was sent: what passed
// is only remembered, unless it is much.
func (r *round) release(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	to := r.state.Position
	if !r.held {
		r.mu.Lock()
		r.passed[r.hook.ID] = passed{r.kept, to}
		r.mu.Unlock()
		if to-r.kept < mostPassed {
			return nil
		}
	}
	mine := r.state.Lease
	return r.o.changeHook(ctx, r.hook.ID, func(s *hookState, at string) error {
		if r.held && s.Lease != mine || !r.held && (!s.due(at) || s.Position != r.kept) {
			return errLease
		}
		if r.held {
			*s = r.state
		}
		s.Position, s.Lease, s.Until = to, "", ""
		return nil
	})
}

// stop stops the webhook: it waits for its owner.
func (r *round) stop(ctx context.Context, why string) error {
	if !r.held {
		if _, err := r.hold(ctx); err != nil {
			return err
		}
	}
	r.state.stop(r.o.moment(), why)
	return nil
}

// A Trial is what became of a message that was sent to try a webhook.
type Trial struct {
	Delivered bool   `json:"delivered"`
	Error     string `json:"error,omitzero"`
}

// TryWebhook sends a message of no event, "test", to a webhook of the caller's
// own. How far the webhook is stays as it was.
func (o *Office) TryWebhook(ctx context.Context, by Caller, id string, send Sender) (*Trial, error) {
	var m *Message
	err := o.look(ctx, by, qiaomen.ActIssueToken, nil, func(d *desk) error {
		h, err := d.activeWebhook(id)
		if err != nil {
			return err
		}
		if own, err := d.readsAll(); err != nil || own == nil {
			return errors.Join(err, d.deny("没有权限"))
		}
		url, secret, err := o.hookAddress(d.home(), id)
		if errors.Is(err, errSealed) {
			return problem(stoppedSealed, "")
		} else if err != nil {
			return err
		}
		body, err := json.Marshal(Happening{Campaign: h.Campaign, At: d.at, Event: "test"}, json.Deterministic(true))
		m = o.message(url, secret, id+"_test_"+randomCode(codeBytes), body)
		return err
	})
	if err != nil {
		return nil, err
	}
	trying, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	if err := send(trying, m); err != nil {
		return &Trial{Error: spokenOf(err)}, nil
	}
	return &Trial{Delivered: true}, nil
}
