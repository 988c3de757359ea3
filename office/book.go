package office

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/scheme"
	"qiaomen/store"
)

// book is what scoring may look at, of the ledger as it is read: everything
// that was reported and not taken back, and the figures that were checked. In
// the order of first reports, so that a file written of it says the same.
func book(r store.Reader, s *scheme.Scheme) (*qiaomen.Book, error) {
	b := &qiaomen.Book{}
	for one, err := range store.Each[qiaomen.LedgerRecord](r, store.Filter{}) {
		if err != nil {
			return nil, err
		}
		scored, err := scoredRecord(s, one)
		if err != nil {
			return nil, err
		}
		if scored != nil {
			b.Records = append(b.Records, *scored)
		}
	}
	slices.SortFunc(b.Records, func(x, y qiaomen.Record) int { return cmp.Or(cmp.Compare(x.Seq, y.Seq), cmp.Compare(x.ID, y.ID)) })
	for one, err := range store.Each[qiaomen.LedgerFigure](r, store.Filter{}) {
		if err != nil {
			return nil, err
		}
		scored, err := scoredFigure(s, one)
		if err != nil {
			return nil, err
		}
		if scored != nil {
			b.Figures = append(b.Figures, *scored)
		}
	}
	slices.SortFunc(b.Figures, func(x, y qiaomen.Figure) int { return cmp.Or(cmp.Compare(x.Seq, y.Seq), cmp.Compare(x.ID, y.ID)) })
	return b, nil
}

// scoredRecord is a record of the ledger as scoring sees it; nil where it does
// not see it at all.
func scoredRecord(s *scheme.Scheme, r *qiaomen.LedgerRecord) (*qiaomen.Record, error) {
	if r.State == qiaomen.Withdrawn || r.State == qiaomen.HandedOver {
		return nil, nil
	}
	k, u := s.Kind(r.Kind), s.Unit(r.Unit)
	if k == nil || u == nil { // of rules that have gone
		return nil, nil
	}
	all := records.Merge(k, r.Content.Fields, r.Set)
	_, values, list := records.Fields(s, k, all, false)
	if len(list) > 0 {
		return nil, fmt.Errorf("record %s: %w", r.ID, list[0])
	}
	out := &qiaomen.Record{
		Kind: k.Index(), Unit: u.Index(), ID: r.ID, Seq: sequence(r.PlaceAt, r.PlaceOrder), Name: r.Content.Name, Values: values,
		Reported: qiaomen.MomentAt(r.ReportedAt), Recognised: qiaomen.MomentAt(r.RecognisedAt), Revoked: qiaomen.MomentAt(r.RevokedAt),
	}
	for _, e := range r.Content.Evidence {
		if i := evidenceType(k, e.Type); i >= 0 {
			out.Evidence = out.Evidence.With(i)
		}
	}
	return out, nil
}

// sequence puts a place among first reports, a time and an order, into one
// number: microseconds, then the order among those of one microsecond.
func sequence(at string, order int64) int {
	const within = 1024
	m := qiaomen.MomentAt(at)
	return int((int64(m.Day)*86400*1000000+m.Nano/1000)*within + order%within)
}

func scoredFigure(s *scheme.Scheme, f *qiaomen.LedgerFigure) (*qiaomen.Figure, error) {
	source := s.Figure(f.Source)
	if f.State != qiaomen.Checked || source == nil {
		return nil, nil
	}
	out := &qiaomen.Figure{Source: source.Index(), Unit: -1, ID: f.ID, Seq: sequence(f.EnteredAt, 0)}
	if f.Unit != "" {
		u := s.Unit(f.Unit)
		if u == nil {
			return nil, nil
		}
		out.Unit = u.Index()
	}
	if source.Every != "" {
		period, wrong := records.Period(source, f.Period)
		if wrong != nil {
			return nil, fmt.Errorf("figure %s: %w", f.ID, wrong)
		}
		out.Period = period
	}
	published, err := qiaomen.ParseDate(f.PublishedOn)
	if err != nil {
		return nil, fmt.Errorf("figure %s: %w", f.ID, err)
	}
	out.Published = published
	_, values, list := records.FigureFields(s, source, out.Period, f.Values, false)
	if len(list) > 0 {
		return nil, fmt.Errorf("figure %s: %w", f.ID, list[0])
	}
	out.Values = values
	return out, nil
}

// WriteRecords writes a campaign's ledger as of a position as a records file,
// which `qiaomen score` takes; 0 is the newest. It asks nobody's leave: Export
// does (export.go).
func (o *Office) writeRecords(v *store.View, s *scheme.Scheme, w io.Writer) error {
	b, err := book(v, s)
	if err != nil {
		return err
	}
	out := records.NewWriter(w, s)
	for i := range b.Figures {
		if err := out.Figure(&b.Figures[i]); err != nil {
			return err
		}
	}
	for i := range b.Records {
		if err := out.Record(&b.Records[i]); err != nil {
			return err
		}
	}
	return out.Flush()
}

// A live ranking is kept by the commit path: every record and figure that is
// committed changes it before anybody is answered.
type live struct {
	mu      sync.Mutex
	rules   *scheme.Scheme
	live    *scheme.Live
	known   map[string]*qiaomen.Record
	figures map[string]bool
	at      int64          // position that it has come to
	waiting []store.Change // committed while it was being built
	ready   bool
}

// follow keeps the live rankings up with what was committed.
func (o *Office) follow(journal string, changes []store.Change) {
	o.mu.Lock()
	l := o.lives[journal]
	o.mu.Unlock()
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ready {
		l.waiting = append(l.waiting, changes...)
		return
	}
	if err := l.take(changes); err != nil { // built again by whoever asks next
		o.mu.Lock()
		delete(o.lives, journal)
		o.mu.Unlock()
	}
}

var errAnew = fmt.Errorf("the live ranking has to be built anew")

func (l *live) take(changes []store.Change) error {
	for _, c := range changes {
		if c.Position <= l.at {
			continue
		}
		switch c.Table {
		case "campaign", "rules":
			return errAnew
		case "record":
			r := &qiaomen.LedgerRecord{}
			if err := json.Unmarshal(c.Data, r); err != nil {
				return err
			}
			if err := l.put(r); err != nil {
				return err
			}
		case "figure":
			f := &qiaomen.LedgerFigure{}
			if err := json.Unmarshal(c.Data, f); err != nil {
				return err
			}
			scored, err := scoredFigure(l.rules, f)
			if err != nil {
				return err
			}
			if scored != nil && !l.figures[f.ID] {
				l.figures[f.ID] = true
				l.live.Figure(scored)
			}
		}
	}
	if len(changes) > 0 {
		l.at = max(l.at, changes[len(changes)-1].Position)
	}
	return nil
}

func (l *live) put(r *qiaomen.LedgerRecord) error {
	now, err := scoredRecord(l.rules, r)
	if err != nil {
		return err
	}
	if old := l.known[r.ID]; old != nil {
		l.live.Remove(old)
		delete(l.known, r.ID)
	}
	if now != nil {
		l.live.Record(now)
		l.known[r.ID] = now
	}
	return nil
}

// liveOf is a campaign's live ranking; it begins with the first who asks.
func (o *Office) liveOf(ctx context.Context, campaign string) (*live, error) {
	o.mu.Lock()
	l := o.lives[campaign]
	if l == nil {
		l = &live{known: map[string]*qiaomen.Record{}, figures: map[string]bool{}}
		o.lives[campaign] = l
	}
	o.mu.Unlock()
	l.mu.Lock()
	if l.ready {
		l.mu.Unlock()
		return l, nil
	}
	l.mu.Unlock()
	err := o.read(ctx, campaign, func(v *store.View) error {
		position, err := v.Position()
		if err != nil {
			return err
		}
		c, err := store.One[qiaomen.Campaign](v, campaign)
		if err != nil || c == nil {
			return cmp.Or(err, errCampaign)
		}
		s, err := o.rulesOf(v, c.Newest())
		if err != nil {
			return err
		}
		b, err := book(v, s)
		if err != nil {
			return err
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.ready { // somebody else was quicker
			return nil
		}
		tally := s.NewTally(scheme.View{})
		for i := range b.Figures {
			tally.Figure(&b.Figures[i])
			l.figures[b.Figures[i].ID] = true
		}
		for i := range b.Records {
			tally.Record(&b.Records[i])
			l.known[b.Records[i].ID] = &b.Records[i]
		}
		l.rules, l.live, l.at, l.ready = s, tally.Live(s.DefaultReadings()), position, true
		waiting := l.waiting
		l.waiting = nil
		return l.take(waiting)
	})
	if err != nil {
		o.mu.Lock()
		delete(o.lives, campaign)
		o.mu.Unlock()
		return nil, err
	}
	return l, nil
}
