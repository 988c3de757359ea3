package office

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/store"
)

// hookTable is the working table of how far webhooks are. Its rows are the
// installation's, as the webhooks are.
const hookTable = "webhook"

// A hookState is how far a webhook is, and who is delivering it.
type hookState struct {
	Position    int64  `json:"position,omitzero"` // the last entry that it is done with
	DeliveredAt string `json:"delivered_at,omitzero"`

	Tries    int    `json:"tries,omitzero"`     // of the next entry, in vain
	FailedAt string `json:"failed_at,omitzero"` // the first of them
	Error    string `json:"error,omitzero"`
	NextTry  string `json:"next_try,omitzero"`

	Stopped   string `json:"stopped,omitzero"` // why
	StoppedAt string `json:"stopped_at,omitzero"`

	// Lease is who delivers it now, on whichever node, and Until until when
	// nobody else does.
	Lease string `json:"lease,omitzero"`
	Until string `json:"until,omitzero"`
}

func hookStateOf(r store.Reader, id string) (s hookState, err error) {
	w, err := inJournal(r, InstallationJournal).Work(hookTable, id)
	if err == nil && w == nil {
		err = errNoHook
	}
	if err == nil {
		err = json.Unmarshal(w.Data, &s)
	}
	return s, err
}

var (
	errNoHook = errors.New("the webhook has ended")
	// errLease is that somebody else delivers a webhook, or its owner has had it
	// go on elsewhere.
	errLease = errors.New("the webhook is another's to deliver")
)

func (s hookState) keep(tx *store.Tx, id string) error {
	data, err := json.Marshal(s, json.Deterministic(true))
	if err != nil {
		return err
	}
	return tx.Keep(hookTable, store.Work{ID: id, Data: data})
}

// free tells whether nobody delivers a webhook at a time.
func (s *hookState) free(at string) bool { return s.Lease == "" || s.Until <= at }

// due tells whether something may be sent at a time.
func (s *hookState) due(at string) bool {
	return s.Stopped == "" && s.NextTry <= at && s.free(at)
}

const (
	firstPause = 5 * time.Second
	mostPause  = 3 * time.Hour
	// givesUp is after how long in vain a webhook is stopped.
	givesUp = 72 * time.Hour
)

// failed notes a try in vain: the next is later each time, by a little more or
// less so that many do not come at once, and after three days there is none.
func (s *hookState) failed(at string, why string) {
	if s.Tries++; s.FailedAt == "" {
		s.FailedAt = at
	}
	s.Error = why
	if elapsed(s.FailedAt, at) >= givesUp {
		s.stop(at, "三天都没有送到："+why)
		return
	}
	s.NextTry = later(at, pauseAfter(s.Tries))
}

func (s *hookState) stop(at, why string) { s.Stopped, s.StoppedAt, s.NextTry = why, at, "" }

// pauseAfter is how long to wait after so many tries in vain: five seconds, three
// times as long each time, three hours at most, give or take a quarter.
func pauseAfter(tries int) time.Duration {
	d := firstPause
	for i := 1; i < tries && d < mostPause; i++ {
		d *= 3
	}
	d = min(d, mostPause)
	return d*3/4 + rand.N(d/2)
}

// changeHook changes a webhook's state in its turn. Unless it takes the lease, who
// changes it must hold it.
func (o *Office) changeHook(ctx context.Context, id string, how func(s *hookState, at string) error) error {
	_, err := o.store.Write(ctx, store.Act{Journal: InstallationJournal, At: o.now()}, func(tx *store.Tx) error {
		h, err := store.One[qiaomen.Webhook](tx, id)
		if err != nil {
			return err
		}
		if h == nil || h.State != qiaomen.Active {
			return errNoHook
		}
		s, err := hookStateOf(tx, id)
		if err != nil {
			return err
		}
		if err := how(&s, tx.At()); err != nil {
			return err
		}
		return s.keep(tx, id)
	})
	return err
}
