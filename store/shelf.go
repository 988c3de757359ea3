package store

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
)

// A shelf is the cards of a journal's records: what lists filter by and are put
// in order by, kept in memory by the commit path, so that a page costs no more
// than what is on it. It is put up when the first list is asked for, and a field
// is read into it when the first list asks for that field.
//
// Whoever has been answered is on it. It says nothing that the rows do not say.
type shelf struct {
	s       *Store
	journal string
	ready   atomic.Bool
	begun   atomic.Bool // somebody was sent to put it up

	coming sync.Mutex // held for a moment only: the commit path waits for it
	fresh  []Change   // told, and not yet on the shelf
	told   int64
	own    atomic.Int64 // position to which this program commits: it will be told

	mu     sync.Mutex
	at     int64 // position of the journal that it shows
	cards  map[string]*card
	kinds  map[string]*kindCards
	orders map[ordering]*order
	shown  []*card // those that hold their record, a ring
	next   int
	words  map[string]string
}

// A card is one record as it stands. It is never changed, but for what is found
// out about it later; a record that changes gets another.
type card struct {
	id         string
	made       int64
	unit, kind string
	state      qiaomen.State
	place      string
	keys       []sortKey             // of the fields of its kind that lists have asked for
	record     *qiaomen.LedgerRecord // where it was shown lately
	gone       bool
}

// kindCards is the fields of a kind that lists have asked for.
type kindCards struct{ fields []string }

// A sortKey is what a field is compared by: its text, clipped, and its number in
// millionths. It tells apart a record that has not the field.
type sortKey struct {
	given  bool
	text   string
	number int64
}

// An ordering is which cards stand in an order, and by what. What is empty is
// any; by empty is the place among first reports.
type ordering struct {
	unit, kind, by string
	numbers        bool
}

// An order is cards in order; those that came since it was last looked at are
// merged in before the next look.
type order struct {
	cards, fresh []*card
	gone         int
}

var mostShown = 8000 // records kept decoded, some 3 kB each

const (
	mostOrders = 100
	oneByOne   = 32   // so few find their places in an order one by one
	mostFresh  = 2000 // changes that wait for the next list
	mostWords  = 5000 // texts kept once, as those of options
)

// shelfOf is the journal's shelf; it may not be ready.
func (s *Store) shelfOf(name string) *shelf {
	s.mu.Lock()
	defer s.mu.Unlock()
	sh := s.shelves[name]
	if sh == nil {
		if s.shelves == nil {
			s.shelves = map[string]*shelf{}
		}
		sh = &shelf{s: s, journal: name}
		s.shelves[name] = sh
	}
	return sh
}

// put puts the shelf up, unless it is up.
func (sh *shelf) put(ctx context.Context) error {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.ready.Load() {
		return nil
	}
	sh.cards, sh.kinds, sh.orders, sh.words = map[string]*card{}, map[string]*kindCards{}, map[ordering]*order{}, map[string]string{}
	err := sh.s.readBy(ctx, sh.s.aside, sh.journal, 0, sh.read)
	sh.ready.Store(err == nil)
	return err
}

// putSoon has the shelf put up while others go on.
func (sh *shelf) putSoon() {
	if sh.begun.CompareAndSwap(false, true) {
		sh.s.behind.Go(func() {
			if sh.put(sh.s.open) != nil { // whoever needs it tries again, and is told
				sh.begun.Store(false)
			}
		})
	}
}

func (sh *shelf) read(v *View) (err error) {
	if sh.at, err = v.Position(); err != nil {
		return err
	}
	rows, err := v.query(v.ctx, `SELECT id, made, unit, kind, state, key FROM "record" WHERE journal = $1 AND ended IS NULL`, v.journal)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		c, state := &card{}, ""
		if err := rows.Scan(&c.id, &c.made, &c.unit, &c.kind, &state, &c.place); err != nil {
			return err
		}
		c.state = qiaomen.State(state)
		sh.place(c)
	}
	return rows.Err()
}

// take notes what became of the rows, up to a position.
func (sh *shelf) take(changes []Change, position int64) {
	sh.coming.Lock()
	for _, c := range changes {
		if c.Table == recordTable {
			sh.fresh = append(sh.fresh, c)
		}
	}
	sh.told = max(sh.told, position)
	many := len(sh.fresh) > mostFresh
	sh.coming.Unlock()
	if many && sh.ready.Load() && sh.mu.TryLock() {
		_ = sh.catchUp() // a shelf that cannot be read is put up anew
		sh.mu.Unlock()
	}
}

const recordTable = "record"

// follow puts on the shelf what was told of, and what another program wrote.
func (sh *shelf) follow(v *View) error {
	size, err := v.Position() // before looking: of what it counts everything was told, or is about to be
	if err == nil {
		err = sh.catchUp()
	}
	for err == nil && sh.at < size && sh.own.Load() < size {
		var changes []Change
		var last int64
		if changes, last, err = v.missed(sh.at); err == nil {
			sh.take(changes, last)
			err = sh.catchUp()
		}
	}
	return err
}

// catchUp puts on the shelf what was told of.
func (sh *shelf) catchUp() error {
	sh.coming.Lock()
	fresh, told := sh.fresh, sh.told
	sh.fresh = nil
	sh.coming.Unlock()
	for _, c := range fresh {
		if err := sh.change(c); err != nil {
			sh.ready.Store(false) // it lacks this one: another is put up for whoever asks next
			return err
		}
	}
	sh.at = max(sh.at, told)
	return nil
}

func (sh *shelf) change(c Change) error {
	if c.Position <= sh.at {
		return nil
	}
	r, err := c.Record()
	if err != nil {
		return err
	}
	one := &card{id: r.ID, made: c.Position, unit: r.Unit, kind: r.Kind, state: r.State, place: r.Row().Key}
	if k := sh.kinds[r.Kind]; k != nil && len(k.fields) > 0 {
		var err error
		if one.keys, err = sh.keys(k.fields, r.Content.Name, r.Content.Fields, r.Set); err != nil {
			return err
		}
	}
	sh.place(one)
	sh.show(one, r)
	return nil
}

// place puts a card where it belongs, in place of the record's one before.
func (sh *shelf) place(c *card) {
	if old := sh.cards[c.id]; old != nil {
		old.gone = true
		for by, o := range sh.orders {
			if by.holds(old) {
				o.gone++
			}
		}
	}
	c.unit, c.kind, c.state = sh.word(c.unit), sh.word(c.kind), qiaomen.State(sh.word(string(c.state)))
	sh.cards[c.id] = c
	if sh.kinds[c.kind] == nil {
		sh.kinds[c.kind] = &kindCards{}
	}
	for by, o := range sh.orders {
		if by.holds(c) {
			o.fresh = append(o.fresh, c)
		}
	}
}

// word is a text that many cards have, kept once.
func (sh *shelf) word(s string) string {
	if w, ok := sh.words[s]; ok {
		return w
	}
	if len(sh.words) < mostWords {
		s = strings.Clone(s)
		sh.words[s] = s
	}
	return s
}

// show keeps a card's record at hand, in place of the one shown longest ago.
func (sh *shelf) show(c *card, r *qiaomen.LedgerRecord) {
	if c.record == nil {
		if len(sh.shown) < mostShown {
			sh.shown = append(sh.shown, c)
		} else {
			sh.shown[sh.next].record = nil
			sh.shown[sh.next] = c
			sh.next = (sh.next + 1) % mostShown
		}
	}
	c.record = r
}

func (by ordering) holds(c *card) bool {
	return (by.unit == "" || by.unit == c.unit) && (by.kind == "" || by.kind == c.kind)
}

// key is what a card has of a field.
func (sh *shelf) key(c *card, field string) sortKey {
	if i := slices.Index(sh.kinds[c.kind].fields, field); i >= 0 && i < len(c.keys) {
		return c.keys[i]
	}
	return sortKey{}
}

// order is the cards of an ordering, in order.
func (sh *shelf) order(by ordering) []*card {
	o := sh.orders[by]
	if o == nil {
		if len(sh.orders) >= mostOrders {
			clear(sh.orders)
		}
		o = &order{}
		for _, c := range sh.cards {
			if by.holds(c) {
				o.fresh = append(o.fresh, c)
			}
		}
		sh.orders[by] = o
	}
	if len(o.fresh) > 0 || o.gone > len(o.cards)/8 {
		o.merge(sh.compare(by))
	}
	return o.cards
}

// merge takes in what came, and leaves out what went. Few that came find their
// places one by one, mostly at the end; of more, what lies between moves as it is.
func (o *order) merge(compare func(a, b *card) int) {
	slices.SortFunc(o.fresh, compare)
	if o.gone > len(o.cards)/8 {
		o.cards, o.gone = slices.DeleteFunc(o.cards, func(c *card) bool { return c.gone }), 0
	}
	if len(o.fresh) <= oneByOne {
		for _, c := range o.fresh {
			if !c.gone {
				i, _ := slices.BinarySearchFunc(o.cards, c, compare)
				o.cards = slices.Insert(o.cards, i, c)
			}
		}
		o.fresh = o.fresh[:0]
		return
	}
	out := make([]*card, 0, len(o.cards)+len(o.fresh)+16)
	rest := o.cards
	for _, c := range o.fresh {
		if c.gone {
			continue
		}
		i, _ := slices.BinarySearchFunc(rest, c, compare)
		out = append(append(out, rest[:i]...), c)
		rest = rest[i:]
	}
	o.cards, o.fresh = append(out, rest...), nil
}

// compare is the order of an ordering: records without the field first.
func (sh *shelf) compare(by ordering) func(a, b *card) int {
	return func(a, b *card) int {
		x, y := sh.mark(a, by), sh.mark(b, by)
		return compareMarks(x, a.id, y, b.id)
	}
}

// mark is where a card stands in an order, but for its id.
func (sh *shelf) mark(c *card, by ordering) sortKey {
	if by.by == "" {
		return sortKey{text: c.place}
	}
	key := sh.key(c, by.by)
	switch {
	case !by.numbers:
		key.number = 0
	case key.given:
		key.text = ""
	default:
		key = sortKey{number: noNumber}
	}
	return key
}

// look reads fields into the cards, of a kind or of all, that are not there yet.
func (sh *shelf) look(v *View, kind string, fields []string) error {
	for name, k := range sh.kinds {
		if kind != "" && kind != name {
			continue
		}
		lacks := slices.DeleteFunc(slices.Clone(fields), func(f string) bool { return slices.Contains(k.fields, f) })
		if len(lacks) == 0 {
			continue
		}
		if err := sh.lookFor(v.ctx, name, lacks); err != nil {
			return err
		}
	}
	return nil
}

// lookFor reads fields into the cards of a kind. The rows are looked at after
// every card was told of: none is missing.
func (sh *shelf) lookFor(ctx context.Context, kind string, fields []string) error {
	k := sh.kinds[kind]
	err := sh.s.readBy(ctx, sh.s.aside, sh.journal, 0, func(v *View) error {
		rows, err := v.query(ctx, `SELECT id, data FROM "record" WHERE journal = $1 AND kind = $2 AND ended IS NULL`, sh.journal, kind)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			var data []byte
			if err := rows.Scan(&id, &data); err != nil {
				return err
			}
			c := sh.cards[id]
			if c == nil || c.kind != kind {
				continue
			}
			var said struct {
				Content struct {
					Name   string         `json:"name"`
					Fields jsontext.Value `json:"fields"`
				} `json:"content"`
				Set jsontext.Value `json:"set"`
			}
			if err := json.Unmarshal(data, &said); err != nil {
				return err
			}
			own, err := sh.keys(fields, said.Content.Name, said.Content.Fields, said.Set)
			if err != nil {
				return err
			}
			all := make([]sortKey, len(k.fields), len(k.fields)+len(fields))
			copy(all, c.keys)
			c.keys = append(all, own...)
		}
		return rows.Err()
	})
	if err == nil {
		k.fields = append(k.fields, fields...)
	}
	return err
}

// keys is what a record is compared by; what was set goes over what the unit
// says.
func (sh *shelf) keys(fields []string, name string, own, set jsontext.Value) ([]sortKey, error) {
	out := make([]sortKey, len(fields))
	if i := slices.Index(fields, "name"); i >= 0 {
		out[i] = sortKey{given: true, text: clip(name)}
	}
	for _, object := range []jsontext.Value{own, set} {
		if len(object) == 0 {
			continue
		}
		said := map[string]jsontext.Value{}
		if err := json.Unmarshal(object, &said); err != nil {
			return nil, err
		}
		for i, field := range fields {
			if raw, ok := said[field]; ok {
				out[i] = keyOf(raw)
				out[i].text = sh.word(out[i].text)
			}
		}
	}
	return out, nil
}
