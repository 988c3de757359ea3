package office

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/scheme"
	"qiaomen/similar"
	"qiaomen/store"
)

// Districts report one investor under other names (首报确认, 附3·三(一)). What a
// unit reports is held against everything of its kind that is under way or
// recognised. What looks the same competes with it from then on, under a key of
// the likeness: nobody earlier is passed over and nothing is recognised twice
// until a person has ruled (first, Settle). Likeness alone decides nothing.
//
// The names stand in memory, by campaign, and follow what is committed as the
// live ranking does. What a report is like is looked for before its turn in the
// line (seek); within it only what came since is looked through, and what the
// acts before it have changed: of two that come together the second finds the
// first.

// lookalikes is the names of a campaign.
type lookalikes struct {
	built chan struct{}
	err   error // of building

	mu      sync.RWMutex
	at      int64
	rules   *scheme.Scheme
	kinds   map[string]*similar.Index // by kind, and by what else has to be equal
	of      map[string][]standsAt     // where a record stands
	waiting []store.Change            // committed while it was being built
	ready   bool
	broken  bool

	peeks bool // it is what is ahead of others
	// What acts of the transaction looked for, by record: it is filed as it was
	// read then.
	lately map[string]*sought

	// What is ahead of the names: changes of a transaction that is not committed.
	ahead *lookalikes
	tx    *store.Tx
	last  store.Change
	taken int
}

func newLookalikes(rules *scheme.Scheme) *lookalikes {
	return &lookalikes{rules: rules, kinds: map[string]*similar.Index{}, of: map[string][]standsAt{}}
}

// standsAt is a place in the names. A version that waits beside the one that
// counts has a place of its own, with waits behind the record's id.
type standsAt struct{ group, id, unit string }

const waits = "\x00"

// mostAlike is how many likenesses are shown where nobody has to rule on them.
const mostAlike = 10

// mostHeld is how many records of one unit a record is held against: a person
// has to rule on each, and nobody shall hide another's report behind many of
// their own.
const mostHeld = 10

// mostFound is how many are looked at to find those.
const mostFound = 500

// liveStates is the states of records that others may be the same as.
var liveStates = []qiaomen.State{qiaomen.HandedOver, qiaomen.Submitted, qiaomen.InReview, qiaomen.Returned, qiaomen.Recognised}

// lookalikes is the names of a campaign, which are read when somebody first asks
// for them.
func (o *Office) lookalikes(ctx context.Context, campaign string) (*lookalikes, error) {
	o.mu.Lock()
	l := o.names[campaign]
	mine := l == nil
	if mine {
		l = newLookalikes(nil)
		l.built = make(chan struct{})
		o.names[campaign] = l
	}
	o.mu.Unlock()
	if mine {
		func() {
			l.err = errAnew // of whoever waits, should reading panic
			defer func() {
				if l.err != nil {
					o.forgetNames(campaign, l)
				}
				close(l.built)
			}()
			l.err = o.readNames(context.WithoutCancel(ctx), campaign, l)
		}()
	}
	select {
	case <-l.built:
		return l, l.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// ReadNames reads the names of every campaign, so that the first report after a
// start does not wait for them.
func (o *Office) ReadNames(ctx context.Context) error {
	journals, err := o.store.Journals(ctx)
	for _, name := range journals {
		if name == InstallationJournal || name == AuditJournal || ctx.Err() != nil {
			continue
		}
		if _, failed := o.lookalikes(ctx, name); failed != nil && !errors.Is(failed, errAnew) {
			err = errors.Join(err, failed)
		}
	}
	return err
}

func (o *Office) forgetNames(campaign string, l *lookalikes) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.names[campaign] == l {
		delete(o.names, campaign)
	}
}

func (o *Office) readNames(ctx context.Context, campaign string, l *lookalikes) error {
	return o.read(ctx, campaign, func(v *store.View) error {
		position, err := v.Position()
		if err != nil {
			return err
		}
		c, err := store.One[qiaomen.Campaign](v, campaign)
		if err != nil || c == nil {
			return cmp.Or(err, errCampaign)
		}
		rules, err := o.rulesOf(v, c.Newest())
		if err != nil {
			return err
		}
		fresh := newLookalikes(rules) // commits do not wait for it
		for r, err := range store.Each[qiaomen.LedgerRecord](v, store.Filter{States: liveStates}) {
			if err != nil {
				return err
			}
			fresh.put(r)
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.rules, l.at, l.kinds, l.of, l.ready = rules, position, fresh.kinds, fresh.of, true
		waiting := l.waiting
		l.waiting = nil
		return l.take(waiting)
	})
}

// followNames keeps the names up with what was committed.
func (o *Office) followNames(journal string, changes []store.Change) {
	o.mu.Lock()
	l := o.names[journal]
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
		o.forgetNames(journal, l)
	}
}

func (l *lookalikes) take(changes []store.Change) error {
	for _, c := range changes {
		switch {
		case c.Position <= l.at:
		case !l.peeks && (c.Table == "campaign" || c.Table == "rules"):
			return errAnew
		case c.Table == "record" && c.Data == nil:
			l.drop(c.ID)
		case c.Table == "record":
			r, err := c.Record()
			if err != nil {
				return err
			}
			l.put(r)
		}
	}
	return nil
}

// put files a record under its names, or takes it out where it is over.
func (l *lookalikes) put(r *qiaomen.LedgerRecord) {
	l.drop(r.ID)
	if !slices.Contains(liveStates, r.State) {
		return
	}
	l.file(r, r.ID, &r.Content)
	if r.Amendment != nil {
		l.file(r, r.ID+waits, &r.Amendment.Content)
	}
}

func (l *lookalikes) file(r *qiaomen.LedgerRecord, as string, content *qiaomen.Content) {
	s := l.lately[r.ID]
	if s == nil || !s.of(r, content) {
		thing, group, ok := thingOf(l.rules, l.rules.Kind(r.Kind), l.rules.Unit(r.Unit), content.Name, content.Fields)
		if !ok {
			return
		}
		s = &sought{thing: thing, group: group, reading: similar.Read(thing)}
	}
	x := l.kinds[s.group]
	if x == nil {
		x = similar.NewIndex(0)
		l.kinds[s.group] = x
	}
	x.PutRead(as, s.reading)
	l.of[r.ID] = append(l.of[r.ID], standsAt{s.group, as, r.Unit})
}

func (l *lookalikes) drop(id string) {
	for _, at := range l.of[id] {
		l.kinds[at.group].Remove(at.id)
	}
	delete(l.of, id)
}

// thingOf is what a record is about, and among which it is looked for: those of
// its kind that agree in what decides beside names, such as the day. It is false
// of records that compete with nobody.
func thingOf(rules *scheme.Scheme, k *scheme.Kind, u *scheme.Unit, name string, fields []byte) (t similar.Thing, group string, ok bool) {
	if !competes(k, u) {
		return t, "", false
	}
	_, values, list := records.Fields(rules, k, fields, false)
	if len(list) > 0 {
		return t, "", false
	}
	t, group = thingIn(rules, k, u, name, values)
	return t, group, true
}

// competes tells whether a unit's records of a kind compete with others.
func competes(k *scheme.Kind, u *scheme.Unit) bool {
	return k != nil && u != nil && k.Identity != nil && slices.Contains(k.Identity.Among, u.Group)
}

// thingIn is thingOf of fields that are read already.
func thingIn(rules *scheme.Scheme, k *scheme.Kind, u *scheme.Unit, name string, values []qiaomen.Value) (t similar.Thing, group string) {
	text := func(f *scheme.Field) string {
		if i := slices.Index(k.Fields, f); f != nil && i >= 0 && values[i].Given {
			return values[i].Text
		}
		return ""
	}
	t.Project, t.Company = name, text(k.Identity.Company)
	if p := k.Identity.Project; p != nil && p.ID != "name" {
		t.Project = text(p)
	}
	group = k.ID
	if sharedKind(rules, k) {
		group += " @" + u.ID
	}
	for i, f := range k.Fields {
		if f.ID == creditCode && values[i].Given {
			t.Code = values[i].Text
		}
	}
	if beside := records.BesideNames(k, name, values); beside != "" {
		group += " " + beside
	}
	return t, group
}

// meet is the records so far that one looks like, and files it among them.
func (l *lookalikes) meet(r *qiaomen.LedgerRecord) []similar.Match {
	var found []similar.Match
	if s := l.seek(r.Kind, r.Unit, r.Content.Name, r.Content.Fields); s != nil {
		found = l.find(s, r.ID)
	}
	l.put(r)
	return found
}

// peek takes what a transaction has changed so far, to be looked at beside the
// names. It is called within the line.
func (l *lookalikes) peek(tx *store.Tx) error {
	changes := tx.Changes()
	if l.tx != tx || l.taken > len(changes) || l.taken > 0 && !sameChange(changes[l.taken-1], l.last) {
		l.ahead = nil // of another transaction, or an act was undone
	}
	if l.ahead == nil {
		l.ahead, l.tx, l.taken, l.lately = newLookalikes(l.rules), tx, 0, map[string]*sought{}
		l.ahead.peeks, l.ahead.lately = true, l.lately
	}
	err := l.ahead.take(changes[l.taken:])
	if l.taken = len(changes); l.taken > 0 {
		l.last = changes[l.taken-1]
	}
	return err
}

func sameChange(a, b store.Change) bool {
	return a.Table == b.Table && a.ID == b.ID && a.Position == b.Position && bytes.Equal(a.Data, b.Data)
}

// alike is the records that what a unit reports looks like, the likest first.
func (d *desk) alike(kind, unit, id, name string, fields []byte) ([]similar.Match, error) {
	l := d.names
	if l == nil {
		return nil, nil
	}
	if d.tx == nil {
		s := l.seek(kind, unit, name, fields)
		l.mu.RLock()
		defer l.mu.RUnlock()
		if s == nil {
			return nil, nil
		}
		return l.byUnit(l.find(s, id), nil), nil
	}
	k, u := d.rules.Kind(kind), d.rules.Unit(unit)
	if !competes(k, u) {
		return nil, nil
	}
	_, values, list := d.readFields(k, fields)
	if len(list) > 0 {
		return nil, nil
	}
	thing, group := thingIn(d.rules, k, u, name, values)
	s := &sought{thing: thing, group: group}
	if found := d.sought; found != nil && found.thing == thing && found.group == group {
		*s = *found
	} else {
		s.reading = similar.Read(thing)
	}
	s.kind, s.unit, s.name, s.fields = kind, unit, name, fields
	l.mu.RLock() // what is ahead is the line's own
	defer l.mu.RUnlock()
	if l.broken {
		return nil, errAnew
	}
	if err := l.peek(d.tx); err != nil {
		return nil, err
	}
	l.lately[id] = s
	found := l.ahead.find(s, id)
	for _, m := range l.find(s, id) { // as it was, unless it has changed since
		if _, changed := l.ahead.of[m.ID]; !changed {
			found = append(found, m)
		}
	}
	slices.SortStableFunc(found, func(a, b similar.Match) int { return b.Score - a.Score })
	return l.byUnit(found, l.ahead), nil
}

// byUnit leaves of each unit's records the likest. Ahead is what is ahead of the
// names, if anything.
func (l *lookalikes) byUnit(found []similar.Match, ahead *lookalikes) []similar.Match {
	count := map[string]int{}
	return slices.DeleteFunc(found, func(m similar.Match) bool {
		at := l.of[m.ID]
		if ahead != nil && len(ahead.of[m.ID]) > 0 {
			at = ahead.of[m.ID]
		}
		if len(at) == 0 {
			return false
		}
		count[at[0].unit]++
		return count[at[0].unit] > mostHeld
	})
}

// likeKeys is what a record competes for because it looks like others: with
// those that it shares no other key with.
func (d *desk) likeKeys(kind, unit, id string, content *qiaomen.Content, keys []string) ([]string, error) {
	found, err := d.alike(kind, unit, id, content.Name, content.Fields)
	if err != nil {
		return nil, err
	}
	before, err := store.One[qiaomen.LedgerRecord](d.r, id)
	if err != nil || before == nil && len(found) == 0 {
		return keys, err
	}
	out, own := slices.Clone(keys), qiaomen.LikeKey(id)
	mine, err := d.claimOn(id, own)
	left, err2 := d.rivals(id, []string{own})
	rivals, err3 := d.rivals(id, keys)
	if err := errors.Join(err, err2, err3); err != nil {
		return nil, err
	}
	still := func(c *qiaomen.Claim) bool {
		return slices.ContainsFunc(found, func(m similar.Match) bool { return m.ID == c.Record })
	}
	if mine == nil && slices.ContainsFunc(left, still) { // it was withdrawn, and comes back to those who are like it
		out = append(out, own)
	}
	settled, err := store.All[qiaomen.Settlement](d.r, store.Filter{States: []qiaomen.State{"different"}})
	if err != nil {
		return nil, err
	}
	for _, m := range found {
		r, err := store.One[qiaomen.LedgerRecord](d.r, m.ID)
		theirs, err2 := d.claimOn(m.ID, own)
		if err := errors.Join(err, err2); err != nil {
			return nil, err
		}
		known := mine != nil && theirs != nil || // by the place of this one
			slices.ContainsFunc(rivals, func(c *qiaomen.Claim) bool { return c.Record == m.ID && !isFile(c.Key) }) ||
			slices.ContainsFunc(keys, func(k string) bool { // of one name, and told apart
				return !isFile(k) && slices.ContainsFunc(settled, func(s *qiaomen.Settlement) bool { return s.TellsApart(id, m.ID, k) })
			})
		if r == nil || known || !slices.Contains(liveStates, r.State) {
			continue
		}
		out = append(out, qiaomen.LikeKey(m.ID))
	}
	return out, nil
}

// likeness holds a record against another, side by side; nil where they compete
// by no names.
func (d *desk) likeness(r *qiaomen.LedgerRecord, with string) (*Likeness, error) {
	o, err := d.record(with)
	if err != nil {
		return nil, err
	}
	_, _, mine := r.Pending()
	_, _, theirs := o.Pending()
	a, _, ok := thingOf(d.rules, d.rules.Kind(r.Kind), d.rules.Unit(r.Unit), mine.Name, mine.Fields)
	b, _, too := thingOf(d.rules, d.rules.Kind(o.Kind), d.rules.Unit(o.Unit), theirs.Name, theirs.Fields)
	if !ok || !too || r.Kind != o.Kind {
		return nil, nil
	}
	v := similar.Compare(a, b)
	out := &Likeness{Verdict: v.Judgement.String(), Label: v.Judgement.Label(), Score: v.Score, Why: v.String(), Name: theirs.Name}
	for _, f := range v.Findings {
		out.Findings = append(out.Findings, LikenessFinding{Part: f.Part, Mine: f.A, Theirs: f.B, Says: f.Says.String(), Words: f.Words})
	}
	for _, e := range mine.Evidence {
		if !e.Declared() && slices.ContainsFunc(theirs.Evidence, func(x qiaomen.Evidence) bool { return x.Digest == e.Digest }) {
			out.Files = append(out.Files, e.Digest)
		}
	}
	return out, nil
}

func isFile(key string) bool { return len(key) > 5 && key[:5] == "file " }
