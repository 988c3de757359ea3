package office

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/journal"
	"qiaomen/store"
)

// A Happening is an entry of a campaign's journal, as somebody sees it who
// follows the campaign.
type Happening struct {
	Campaign string         `json:"campaign"`
	Position int64          `json:"position"`
	At       string         `json:"at"` // UTC
	Event    string         `json:"event"`
	Version  int            `json:"version,omitzero"` // of the event's form
	Person   string         `json:"person,omitzero"`  // who did it, by ids without meaning
	Account  string         `json:"account,omitzero"`
	Data     jsontext.Value `json:"data,omitzero"` // as it was sealed
}

// Withheld is the event of an entry that the person does not see: of it there
// are position and time alone, so that no position is missing.
const Withheld = "withheld"

// Happenings is some entries, the oldest first.
type Happenings struct {
	Items []Happening `json:"items"`
	// Next is the position from which to go on; Size how many entries there are.
	Next int64 `json:"next"`
	Size int64 `json:"size"`
}

const (
	// mostBytes bounds what is read of a journal at once: a scheme is an entry too.
	mostBytes = 1 << 20
	// pollEvery is how soon entries of other programs are seen.
	pollEvery = time.Second
	// askEvery is how soon somebody who may no longer follow is put out, where
	// nothing that happens says so sooner.
	askEvery = 10 * time.Second
)

// Happenings is the entries of a campaign from a position on (0: the first), to
// whoever may read what all units report. Nothing is shown that is not signed.
func (o *Office) Happenings(ctx context.Context, by Caller, from int64, limit int) (out *Happenings, err error) {
	err = o.lookIn(ctx, by, qiaomen.ActReadOthers, nil, func(d *desk) error {
		if d.selected(qiaomen.ActReadOthers) {
			return d.deny("没有权限")
		}
		out, err = d.happenings(ctx, max(from, 1), limit)
		return err
	})
	return out, err
}

// happenings is the entries that are signed and stand in the desk's moment.
func (d *desk) happenings(ctx context.Context, from int64, limit int) (*Happenings, error) {
	v := d.r.(*store.View)
	size, err := v.Position()
	if err != nil {
		return nil, err
	}
	signed, err := d.o.store.Signed(ctx, v.Journal())
	if err != nil {
		return nil, err
	}
	out := &Happenings{Items: []Happening{}, Next: from, Size: min(size, signed)}
	if from > out.Size+1 {
		return nil, &qiaomen.Problem{
			Code: qiaomen.Conflict, Text: fmt.Sprintf("存证日志没有第%d条，最新是第%d条", from, out.Size), Fix: "请核对；若系统从备份恢复过，请与管理员核对缺失的部分",
			At: qiaomen.Place{Field: "from"},
		}
	}
	limit = min(max(limit, 0), mostPage)
	if limit == 0 {
		limit = usualPage
	}
	read := 0
	for len(out.Items) < limit && out.Next <= out.Size && read < mostBytes {
		e, err := v.Entry(out.Next)
		if err != nil {
			return nil, err
		}
		h, err := d.happening(e)
		if err != nil {
			return nil, err
		}
		out.Items, out.Next, read = append(out.Items, h), out.Next+1, read+len(h.Data)
	}
	return out, nil
}

func (d *desk) happening(e *journal.Entry) (Happening, error) {
	hears, err := d.hears(e)
	if err != nil || !hears {
		return Happening{Campaign: e.Journal, Position: e.Position, At: e.At, Event: Withheld}, err
	}
	return Happening{
		Campaign: e.Journal, Position: e.Position, At: e.At, Event: e.Event, Version: e.Version,
		Person: e.Person, Account: e.Account, Data: jsontext.Value(e.Data),
	}, nil
}

// A Follower reads a campaign's journal entry by entry, and waits where it ends.
// It is one goroutine's.
type Follower struct {
	o     *Office
	by    Caller
	still func(context.Context) error
	next  int64
	asked time.Time
	home  <-chan struct{} // rung when accounts or roles have changed since
}

// Follow begins to follow a campaign from a position (0: the first). The
// caller's right is asked with whatever is read, at the latest every ten
// seconds, and when accounts or roles change; and so is still, by which a door
// tells that its session or token holds.
func (o *Office) Follow(ctx context.Context, by Caller, from int64, still func(context.Context) error) (*Follower, error) {
	f := &Follower{o: o, by: by, still: still, next: max(from, 1), asked: time.Now(), home: o.bells.next(InstallationJournal)}
	if _, err := o.Happenings(ctx, by, from, 1); err != nil {
		return nil, err
	}
	return f, nil
}

// Next is the next entries, or none where nothing happened for so long. After an
// error there are no more.
func (f *Follower) Next(ctx context.Context, patience time.Duration) ([]Happening, error) {
	patient := time.NewTimer(patience)
	defer patient.Stop()
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for ask := false; ; {
		here := f.o.bells.next(f.by.Campaign)
		size, err := f.o.store.Signed(ctx, f.by.Campaign)
		if err != nil {
			return nil, told(err)
		}
		if size >= f.next || ask || time.Since(f.asked) >= askEvery {
			page, err := f.look(ctx)
			if err != nil || len(page.Items) > 0 {
				return page.Items, err
			}
		}
		ask = false
		select {
		case <-here:
		case <-f.home:
			ask = true
		case <-poll.C:
		case <-patient.C:
			return nil, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (f *Follower) look(ctx context.Context) (*Happenings, error) {
	f.asked, f.home = time.Now(), f.o.bells.next(InstallationJournal)
	if err := f.still(ctx); err != nil {
		return &Happenings{}, err
	}
	page, err := f.o.Happenings(ctx, f.by, f.next, usualPage)
	if err != nil {
		return &Happenings{}, err
	}
	f.next = page.Next
	return page, nil
}

// SessionHolds tells whether a session still holds, as SessionCaller does, but
// is no request in it: who only follows is idle.
func (o *Office) SessionHolds(ctx context.Context, src Source, secret string) error {
	var s *held
	err := o.read(ctx, AuditJournal, func(v *store.View) (err error) {
		s, err = holding(v, src, secret, o.moment())
		return err
	})
	switch {
	case err != nil:
		return told(err)
	case s == nil:
		return errSession
	case s.Must != "":
		return errMust
	}
	return nil
}

// anyJournal is the bell of all journals.
const anyJournal = ""

// A belfry rings when something was committed to a journal by this program.
type belfry struct {
	mu    sync.Mutex
	bells map[string]chan struct{} // by journal, of those that somebody waits for
}

// next is closed when the journal is written next.
func (b *belfry) next(journal string) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bells == nil {
		b.bells = map[string]chan struct{}{}
	}
	if b.bells[journal] == nil {
		b.bells[journal] = make(chan struct{})
	}
	return b.bells[journal]
}

// ring is a store.Fold.
func (b *belfry) ring(journal string, _ []store.Change) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, name := range []string{journal, anyJournal} {
		if c := b.bells[name]; c != nil {
			close(c)
			delete(b.bells, name)
		}
	}
}
