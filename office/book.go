package office

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/scheme"
	"qiaomen/store"
)

// book is what scoring may look at, of the ledger as it is read: everything
// that was reported and not taken back, and the figures that were checked. In
// the order of first reports, so that a file written of it says the same.
func book(r store.Reader, s *scheme.Scheme) (*qiaomen.Book, error) {
	b, _, err := placedBook(r, s)
	return b, err
}

// placedBook is the book and, beside each record, its place.
func placedBook(r store.Reader, s *scheme.Scheme) (*qiaomen.Book, []place, error) {
	b := &qiaomen.Book{}
	var places []place
	for one, err := range store.Each[qiaomen.LedgerRecord](r, store.Filter{}) {
		if err != nil {
			return nil, nil, err
		}
		scored, err := scoredRecord(s, one)
		if err != nil {
			return nil, nil, err
		}
		if scored != nil {
			places = append(places, placeOf(one, len(b.Records)))
			b.Records = append(b.Records, *scored)
		}
	}
	slices.SortFunc(places, place.compare)
	inOrder := make([]qiaomen.Record, len(places))
	for i, p := range places {
		inOrder[i] = b.Records[p.seq]
		inOrder[i].Seq, places[i].seq = i, i
	}
	b.Records = inOrder
	for one, err := range store.Each[qiaomen.LedgerFigure](r, store.Filter{States: []qiaomen.State{qiaomen.Checked}}) {
		if err != nil {
			return nil, nil, err
		}
		if scored := scoredFigure(s, one); scored != nil {
			b.Figures = append(b.Figures, *scored)
		}
	}
	slices.SortFunc(b.Figures, func(x, y qiaomen.Figure) int { return cmp.Compare(x.Seq, y.Seq) })
	return b, places, nil
}

// A place is where a record stands among first reports: by time, then by the
// journal's order.
type place struct {
	at    string
	order int64
	id    string
	seq   int
}

func placeOf(r *qiaomen.LedgerRecord, seq int) place {
	return place{r.PlaceAt, r.PlaceOrder, r.ID, seq}
}

func (p place) compare(o place) int {
	return cmp.Or(cmp.Compare(p.at, o.at), cmp.Compare(p.order, o.order), cmp.Compare(p.id, o.id))
}

// scoredRecord is a record of the ledger as scoring sees it, but for its place;
// nil where it does not see it at all.
func scoredRecord(s *scheme.Scheme, r *qiaomen.LedgerRecord) (*qiaomen.Record, error) {
	if r.State == qiaomen.Withdrawn || r.State == qiaomen.HandedOver {
		return nil, nil
	}
	k, u := s.Kind(r.Kind), s.Unit(r.Unit)
	if k == nil || u == nil { // of other rules than these
		return nil, nil
	}
	values, err := understood(s, k, records.Merge(k, r.Content.Fields, r.Set))
	if err != nil {
		return nil, fmt.Errorf("record %s: %w", r.ID, err)
	}
	out := &qiaomen.Record{
		Kind: k.Index(), Unit: u.Index(), ID: r.ID, Name: r.Content.Name, Values: values,
		Reported: qiaomen.MomentAt(r.ReportedAt), Recognised: qiaomen.MomentAt(r.RecognisedAt), Revoked: qiaomen.MomentAt(r.RevokedAt),
	}
	for _, e := range r.Content.Evidence {
		if i := evidenceType(k, e.Type); i >= 0 {
			out.Evidence = out.Evidence.With(i)
		}
	}
	return out, nil
}

// understood is the values of fields as far as these rules know them. New rules
// are published only where they can read the whole ledger (rules.go); what was
// written under newer ones, an older month does not know, as though it had not
// been filled in.
func understood(s *scheme.Scheme, k *scheme.Kind, fields []byte) ([]qiaomen.Value, error) {
	if len(fields) == 0 {
		fields = []byte("{}")
	}
	_, values, list := records.Fields(s, k, fields, false)
	if len(list) == 0 {
		return values, nil
	}
	known := map[string]jsontext.Value{}
	if err := json.Unmarshal(fields, &known); err != nil {
		return nil, err
	}
	for _, fault := range list {
		delete(known, fault.At.Field)
	}
	fields, err := json.Marshal(known, json.Deterministic(true))
	if err != nil {
		return nil, err
	}
	if _, values, list = records.Fields(s, k, fields, false); len(list) > 0 {
		return nil, list[0]
	}
	return values, nil
}

// scoredFigure is a figure as scoring sees it; nil where it was not checked, or
// these rules do not know it.
func scoredFigure(s *scheme.Scheme, f *qiaomen.LedgerFigure) *qiaomen.Figure {
	source := s.Figure(f.Source)
	if f.State != qiaomen.Checked || source == nil {
		return nil
	}
	out := &qiaomen.Figure{Source: source.Index(), Unit: -1, ID: f.ID, Seq: int(f.Order)}
	if !source.ForAll {
		u := s.Unit(f.Unit)
		if u == nil {
			return nil
		}
		out.Unit = u.Index()
	}
	published, err := qiaomen.ParseDate(f.PublishedOn)
	if err != nil {
		return nil
	}
	out.Published = published
	if source.Every != "" {
		period, wrong := records.Period(source, f.Period)
		if wrong != nil {
			return nil
		}
		out.Period = period
	}
	_, values, list := records.FigureFields(s, source, out.Period, f.Values, false)
	if len(list) > 0 {
		return nil
	}
	out.Values = values
	return out
}

// writeRecords writes a book as a records file, which `qiaomen score` takes. It
// asks nobody's leave: an export does (export.go).
func writeRecords(w io.Writer, s *scheme.Scheme, b *qiaomen.Book) error {
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
// committed changes it before anybody is answered. It is of one day, as far as
// deeds are seen, and under the rules of that day's month; on the next it is
// built anew.
type live struct {
	day   qiaomen.Date // the clock's, when it was asked for
	built chan struct{}
	err   error // of building it

	mu      sync.Mutex
	rules   *scheme.Scheme
	live    *scheme.Live
	known   map[string]*knownRecord
	places  []place // in order
	figures map[string]bool
	at      int64          // position that it has come to
	waiting []store.Change // committed while it was being built
	ready   bool
	broken  bool   // a change could not be followed; whoever asks builds another
	shown   []byte // the result as JSON; empty: it has changed since
}

type knownRecord struct {
	scored *qiaomen.Record
	place  place
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
	switch {
	case l.broken:
	case !l.ready:
		l.waiting = append(l.waiting, changes...)
	case l.take(changes) != nil:
		l.broken = true
		o.forget(journal, l)
	}
}

// forget lets a live ranking go; whoever asks next builds another.
func (o *Office) forget(campaign string, l *live) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.lives[campaign] == l {
		delete(o.lives, campaign)
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
			r, err := c.Record()
			if err != nil {
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
			if l.figures[f.ID] { // a publication cannot be taken out of a tally
				return errAnew
			}
			if scored := scoredFigure(l.rules, f); scored != nil {
				l.figures[f.ID] = true
				l.live.Figure(scored)
			}
		}
	}
	if len(changes) > 0 {
		l.at, l.shown = max(l.at, changes[len(changes)-1].Position), nil
	}
	return nil
}

func (l *live) put(r *qiaomen.LedgerRecord) error {
	now, err := scoredRecord(l.rules, r)
	if err != nil {
		return err
	}
	p := placeOf(r, 0)
	if old := l.known[r.ID]; old != nil {
		l.live.Remove(old.scored)
		delete(l.known, r.ID)
		if p.seq = old.place.seq; now == nil || old.place.compare(p) != 0 {
			i, _ := slices.BinarySearchFunc(l.places, old.place, place.compare)
			l.places, p.seq = slices.Delete(l.places, i, i+1), 0
		}
	}
	if now == nil {
		return nil
	}
	if p.seq == 0 {
		if p.seq = l.settle(p); p.seq == 0 {
			return errAnew
		}
	}
	now.Seq = p.seq
	l.live.Record(now)
	l.known[r.ID] = &knownRecord{now, p}
	return nil
}

// apartBy is how far apart the numbers of neighbouring places begin, so that a
// paper received earlier finds room between them.
const apartBy = 1 << 20

// settle gives a place its number among the others; 0: there is no room left.
func (l *live) settle(p place) int {
	i, _ := slices.BinarySearchFunc(l.places, p, place.compare)
	before := 0
	if i > 0 {
		before = l.places[i-1].seq
	}
	after := before + 2*apartBy
	if i < len(l.places) {
		after = l.places[i].seq
	}
	if p.seq = before + (after-before)/2; p.seq == before {
		return 0
	}
	l.places = slices.Insert(l.places, i, p)
	return p.seq
}

// withLive shows a campaign's live ranking of today while it stands still.
func (o *Office) withLive(ctx context.Context, campaign string, see func(*live) error) error {
	for {
		l, err := o.liveOf(ctx, campaign)
		if err != nil {
			return err
		}
		l.mu.Lock()
		if !l.broken {
			defer l.mu.Unlock()
			return see(l)
		}
		l.mu.Unlock()
	}
}

// liveOf is a campaign's live ranking of today; it begins with the first who
// asks, and the others wait for that.
func (o *Office) liveOf(ctx context.Context, campaign string) (*live, error) {
	today := qiaomen.MomentOf(o.now()).Day
	o.mu.Lock()
	l := o.lives[campaign]
	mine := l == nil || l.day < today
	if mine {
		l = &live{day: today, built: make(chan struct{}), known: map[string]*knownRecord{}, figures: map[string]bool{}}
		o.lives[campaign] = l
	}
	o.mu.Unlock()
	if mine {
		if l.err = o.build(context.WithoutCancel(ctx), campaign, l); l.err != nil {
			o.forget(campaign, l)
		}
		close(l.built)
	}
	select {
	case <-l.built:
		return l, l.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (o *Office) build(ctx context.Context, campaign string, l *live) error {
	return o.read(ctx, campaign, func(v *store.View) error {
		position, err := v.Position()
		if err != nil {
			return err
		}
		c, err := store.One[qiaomen.Campaign](v, campaign)
		if err != nil || c == nil {
			return cmp.Or(err, errCampaign)
		}
		newest, err := v.Entry(position)
		if err != nil {
			return err
		}
		day := max(l.day, qiaomen.MomentAt(newest.At).Day) // the clock may have gone back
		s, err := o.rulesOf(v, c.Holding(monthOf(day)))
		if err != nil {
			return err
		}
		b, places, err := placedBook(v, s)
		if err != nil {
			return err
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		tally := s.NewTally(scheme.View{AsOf: day, Cutoff: day})
		for i := range b.Figures {
			tally.Figure(&b.Figures[i])
			l.figures[b.Figures[i].ID] = true
		}
		for i := range b.Records {
			r := &b.Records[i]
			r.Seq, places[i].seq = (i+1)*apartBy, (i+1)*apartBy
			tally.Record(r)
			l.known[r.ID] = &knownRecord{r, places[i]}
		}
		l.rules, l.live, l.places, l.at, l.ready = s, tally.Live(s.DefaultReadings()), places, position, true
		waiting := l.waiting
		l.waiting = nil
		if l.take(waiting) != nil {
			l.broken = true
			o.forget(campaign, l)
		}
		return nil
	})
}
