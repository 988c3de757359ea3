package scheme

import (
	"math"
	"slices"

	"qiaomen"
)

// chunk is how many records a sweep takes at a time: their answers stay in
// the processor's nearest cache.
const chunk = 2048

// maxAtoms bounds the patterns of a kind; one with more is judged row by row.
const maxAtoms = 16

// Tally measures the whole book as seen from the view. Where withRecords is
// true the tally also knows which records fed each counter.
func (c *Columns) Tally(v View, withRecords bool) *Tally {
	t := c.s.NewTally(v)
	t.linking = withRecords
	for i := range c.figures {
		t.Figure(&c.figures[i])
	}
	for _, kc := range c.kinds {
		for i := range kc.rows {
			t.Record(&kc.rows[i])
		}
		if len(kc.unit) > 0 && len(t.kinds[kc.k.index].counters) > 0 {
			newSweep(t, kc, withRecords).run()
		}
	}
	return t
}

// A sweep is one kind's records on their way into a tally.
type sweep struct {
	t     *Tally
	kc    *kindColumns
	ask   *answers
	class []int32 // by unit: units that conditions cannot tell apart
	of    []*Unit // by class: one of its units
	table []int32 // by class and pattern: which feeding; -1 not known yet
	feeds []feeding
	count []int32 // by unit and feeding
	width int
	sums  [][]qiaomen.Number // by unit and feeding: of each summed field
	order []int              // fields summed
	fedBy []uint16           // by record: its feeding; nil where nobody asked
}

// A feeding is the slots that records of a pattern feed.
type feeding struct {
	slots []int
	value []int // by slot: position among the summed fields, -1 where it counts
}

func newSweep(t *Tally, kc *kindColumns, withRecords bool) *sweep {
	w := &sweep{t: t, kc: kc, ask: &answers{index: map[atom]int{}, scale: map[int]int64{}, day: t.view.Cutoff}}
	for f := range kc.numbers {
		w.ask.scale[f] = numberScale
	}
	for f := range kc.sums {
		w.order = append(w.order, f)
	}
	slices.Sort(w.order)
	w.classes()
	w.ask.ask(atom{what: seenColumn})
	w.ask.learn = true
	for class := range w.of {
		w.learn(class)
	}
	w.ask.learn = false
	if withRecords {
		w.fedBy = make([]uint16, len(kc.unit))
	}
	return w
}

// begin empties the sweep's counts, with tables for the atoms known now.
func (w *sweep) begin() {
	w.feeds, w.width, w.sums = []feeding{{}}, 16, nil
	w.count = make([]int32, len(w.t.s.Units)*w.width)
	w.table = slices.Repeat([]int32{-1}, len(w.of)<<len(w.ask.atoms))
	for p := 0; p < len(w.table); p += 2 {
		w.table[p] = 0 // not seen: feeds nothing
	}
}

// classes puts units that no condition can tell apart together: those of one
// group with the same attributes.
func (w *sweep) classes() {
	for _, u := range w.t.s.Units {
		i := slices.IndexFunc(w.of, func(o *Unit) bool { return o.Group == u.Group && slices.Equal(o.attrs, u.attrs) })
		if i < 0 {
			i = len(w.of)
			w.of = append(w.of, u)
		}
		w.class = append(w.class, int32(i))
	}
}

// learn asks every condition under every reading, so that all atoms are known
// before the first record is read.
func (w *sweep) learn(class int) {
	for range w.judge(class) {
	}
}

// judge yields, for one class, the slots that the pattern in w.ask feeds.
func (w *sweep) judge(class int) func(func(slot *counter, combo int) bool) {
	return func(yield func(*counter, int) bool) {
		t, k := w.t, w.kc.k
		e := &t.env
		e.rec, e.unit, e.kind, e.answers = nil, w.of[class], k, w.ask
		defer func() { e.answers = nil }()
		tk := &t.kinds[k.index]
		allowed := make([]bool, tk.combos.n)
		for i := range allowed {
			tk.combos.set(e.readings, i)
			allowed[i] = k.eligible(t.s, e) && w.complete()
		}
		for _, c := range tk.counters {
			for i := range c.combos.n {
				c.combos.set(e.readings, i)
				ok := c.takes(t.s, e)
				if v := c.verb.value; v != nil { // without the value the record adds nothing
					ok = w.ask.given(v.field) && ok
				}
				if ok && allowed[c.ofKind[i]] && !yield(c, i) {
					return
				}
			}
		}
	}
}

// complete asks for what a record needs in order to count at all.
func (w *sweep) complete() bool {
	ok := true
	for _, f := range w.kc.k.Fields {
		if f.Need != Optional {
			ok = w.ask.given(f) && ok
		}
	}
	for i, ev := range w.kc.k.Evidence {
		if ev.Need != Optional {
			has := w.ask.ask(atom{what: evidenceColumn, evidence: qiaomen.Set(0).With(i)})
			for j := range w.kc.k.Evidence {
				if ev.Or.Has(j) {
					has = w.ask.ask(atom{what: evidenceColumn, evidence: qiaomen.Set(0).With(j)}) || has
				}
			}
			ok = has && ok
		}
	}
	return ok
}

// run sweeps the columns. A condition may turn out to ask something that was
// not known beforehand, as where one answer keeps another from being asked;
// then the sweep begins again with one atom more.
func (w *sweep) run() {
	for {
		known := len(w.ask.atoms)
		if known > maxAtoms {
			for i := range w.kc.unit {
				w.t.Record(w.kc.row(i))
			}
			return
		}
		w.begin()
		if w.pass(known) {
			w.settle()
			return
		}
	}
}

func (w *sweep) pass(known int) bool {
	var bits [chunk]uint32
	n := len(w.kc.unit)
	for from := 0; from < n; from += chunk {
		to := min(from+chunk, n)
		b := bits[:to-from]
		w.seen(b, from, to)
		for i, a := range w.ask.atoms[1:] {
			w.kc.answer(a, b, from, to, uint(i+1))
		}
		w.gather(b, from, to)
		if len(w.ask.atoms) > known {
			return false
		}
	}
	return true
}

// row is a record put together again from its columns.
func (kc *kindColumns) row(i int) *qiaomen.Record {
	r := &qiaomen.Record{
		Kind: kc.k.index, Unit: int(kc.unit[i]), Seq: int(kc.seq[i]), Evidence: qiaomen.Set(kc.evidence[i]),
		Reported:   qiaomen.Moment{Day: qiaomen.Date(kc.reported[i])},
		Recognised: qiaomen.Moment{Day: qiaomen.Date(kc.recognised[i])},
		Revoked:    qiaomen.Moment{Day: qiaomen.Date(kc.revoked[i])},
		Values:     make([]qiaomen.Value, len(kc.k.Fields)),
	}
	if kc.named[i] == 1 {
		r.Name = "—"
	}
	for f, col := range kc.dates {
		r.Values[f] = qiaomen.Value{Given: col[i] != 0, Date: qiaomen.Date(col[i])}
	}
	for f, col := range kc.numbers {
		if col[i] != notGiven {
			r.Values[f] = qiaomen.Value{Given: true, Number: qiaomen.Ratio(col[i], numberScale)}
		}
	}
	for f, col := range kc.sizes {
		r.Values[f] = qiaomen.Value{Given: col[i] > 0, List: make([]string, col[i])}
	}
	for f, col := range kc.options {
		r.Values[f] = qiaomen.Value{Given: col[i] > 0, Flag: col[i] == 2, Option: max(int(col[i])-1, 0)}
	}
	return r
}

// gather counts the chunk's patterns by unit.
func (w *sweep) gather(b []uint32, from, to int) {
	units, shift := w.kc.unit[from:to], len(w.ask.atoms)
	for i, pattern := range b {
		u := int(units[i])
		at := int(w.class[u])<<shift | int(pattern)
		feed := w.table[at]
		if feed < 0 {
			if feed = w.resolve(int(w.class[u]), pattern); len(w.ask.atoms) != shift {
				return // a new atom: the sweep begins again
			}
			w.table[at] = feed
		}
		if w.fedBy != nil {
			w.fedBy[from+i] = uint16(feed)
		}
		w.count[u*w.width+int(feed)]++
		if w.order != nil && feed > 0 {
			w.add(u, int(feed), from+i)
		}
	}
}

func (w *sweep) add(u, feed, row int) {
	if w.sums == nil {
		w.sums = make([][]qiaomen.Number, len(w.count))
	}
	at := &w.sums[u*w.width+feed]
	if *at == nil {
		*at = make([]qiaomen.Number, len(w.order))
	}
	for i, f := range w.order {
		(*at)[i] = (*at)[i].Add(w.kc.sums[f][row])
	}
}

// resolve asks the conditions what a pattern feeds, once for each.
func (w *sweep) resolve(class int, pattern uint32) int32 {
	w.ask.bits = pattern
	var f feeding
	for c, combo := range w.judge(class) {
		value := -1
		if v := c.verb.value; v != nil {
			value = slices.Index(w.order, v.field.index)
		}
		f.slots, f.value = append(f.slots, c.slot+combo), append(f.value, value)
	}
	i := slices.IndexFunc(w.feeds, func(o feeding) bool { return slices.Equal(o.slots, f.slots) })
	if i < 0 {
		i = len(w.feeds)
		w.feeds = append(w.feeds, f)
		if i == w.width {
			w.widen()
		}
	}
	return int32(i)
}

func (w *sweep) widen() {
	units := len(w.t.s.Units)
	count := make([]int32, units*w.width*2)
	var sums [][]qiaomen.Number
	if w.sums != nil {
		sums = make([][]qiaomen.Number, len(count))
	}
	for u := range units {
		copy(count[u*w.width*2:], w.count[u*w.width:(u+1)*w.width])
		if sums != nil {
			copy(sums[u*w.width*2:], w.sums[u*w.width:(u+1)*w.width])
		}
	}
	w.count, w.sums, w.width = count, sums, w.width*2
}

// settle hands the counted patterns over to the tally. They are not spread
// over its cells: a scoring asks for a few slots of the many there are.
func (w *sweep) settle() {
	if w.fedBy != nil {
		w.t.fed = append(w.t.fed, w.sort())
	}
	out := &swept{count: w.count, sums: w.sums, width: w.width, of: make([][]feeder, w.t.s.slots)}
	for feed := range w.feeds {
		for i, slot := range w.feeds[feed].slots {
			out.of[slot] = append(out.of[slot], feeder{int32(feed), int32(w.feeds[feed].value[i])})
		}
	}
	w.t.swept[w.kc.k.index] = out
}

// swept is what a sweep of one kind counted: by unit and feeding.
type swept struct {
	count []int32
	sums  [][]qiaomen.Number
	width int
	of    [][]feeder // by slot
}

// A feeder is a feeding that feeds a slot, and which of its sums.
type feeder struct{ feed, value int32 }

// cell is what has fed a slot of the unit, one by one or swept.
func (t *Tally) cell(u *Unit, k *Kind, slot int) cell {
	var at cell
	if cells := t.cells[u.index]; cells != nil {
		at = cells[slot]
	}
	w := t.swept[k.index]
	if w == nil {
		return at
	}
	for _, f := range w.of[slot] {
		i := u.index*w.width + int(f.feed)
		at.n += int64(w.count[i])
		if f.value >= 0 && w.count[i] > 0 {
			at.sum = at.sum.Add(w.sums[i][f.value])
		}
	}
	return at
}

// A link is one record, by its place in the book, that feeds one slot.
type link struct{ unit, slot, seq int32 }

// fed is which records of a kind fed what: their places in the book, sorted
// by unit and feeding.
type fed struct {
	kind  *Kind
	feeds []feeding
	width int
	start []int32 // by unit and feeding, and one more
	seq   []int32
}

func (w *sweep) sort() fed {
	f := fed{w.kc.k, w.feeds, w.width, make([]int32, len(w.count)+1), nil}
	for i, n := range w.count {
		if i%w.width == 0 {
			n = 0 // those that feed nothing
		}
		f.start[i+1] = f.start[i] + n
	}
	f.seq = make([]int32, f.start[len(w.count)])
	next := slices.Clone(f.start)
	for i, feed := range w.fedBy {
		if feed == 0 {
			continue
		}
		at := &next[int(w.kc.unit[i])*w.width+int(feed)]
		f.seq[*at] = w.kc.seq[i]
		*at++
	}
	return f
}

// Fed is the places in the book of the records that feed a measure of the
// unit under the readings, in no particular order. The tally must have been
// made with its records.
func (t *Tally) Fed(u *Unit, m *Measure, r Readings) []int32 {
	e := t.baseEnv()
	e.readings, e.unit = r, u
	v := m.verb.of(&e)
	if v == nil || v.feed == nil {
		return nil
	}
	slot := v.feed.slot + v.feed.combos.of(r)
	var out []int32
	for _, l := range t.loose {
		if int(l.unit) == u.index && int(l.slot) == slot {
			out = append(out, l.seq)
		}
	}
	for _, f := range t.fed {
		for i := range f.feeds {
			if f.kind == v.kind && slices.Contains(f.feeds[i].slots, slot) {
				at := u.index*f.width + i
				out = append(out, f.seq[f.start[at]:f.start[at+1]]...)
			}
		}
	}
	return out
}

func bit(ok bool) uint32 {
	if ok {
		return 1
	}
	return 0
}

// seen answers atom 0: whether the view looks at the record at all.
func (w *sweep) seen(b []uint32, from, to int) {
	kc, v := w.kc, &w.t.view
	recognised, revoked, reported := kc.recognised[from:to], kc.revoked[from:to], kc.reported[from:to]
	asOf, cutoff := int32(v.AsOf), int32(v.Cutoff)
	if asOf == 0 {
		for i := range b {
			b[i] = bit(recognised[i] > 0) & bit(revoked[i] == 0)
		}
	} else {
		for i := range b {
			known := bit(uint32(recognised[i]-1) < uint32(asOf))
			b[i] = known & (bit(revoked[i] == 0) | bit(revoked[i] > asOf))
		}
	}
	if cutoff == 0 {
		return
	}
	for i, d := range reported {
		b[i] &= bit(d <= cutoff)
	}
	if on := kc.k.OccursOn; on != nil && on != reportedOn {
		for i, d := range kc.dates[on.index][from:to] {
			b[i] &= bit(d <= cutoff)
		}
	}
}

// answer puts one atom's answers into the patterns.
func (kc *kindColumns) answer(a atom, b []uint32, from, to int, at uint) {
	switch a.what {
	case reportedColumn:
		inRange(kc.reported[from:to], a, b, at)
	case dateColumn:
		inRange(kc.dates[a.field][from:to], a, b, at)
	case sizeColumn:
		inRange(kc.sizes[a.field][from:to], a, b, at)
	case numberColumn:
		if a.low > a.high {
			return
		}
		low, width := a.low, uint64(a.high)-uint64(a.low)
		for i, n := range kc.numbers[a.field][from:to] {
			b[i] |= bit(uint64(n)-uint64(low) <= width) << at
		}
	case optionColumn:
		set := a.options << 1
		for i, o := range kc.options[a.field][from:to] {
			b[i] |= uint32(set>>o&1) << at
		}
	case evidenceColumn:
		for i, e := range kc.evidence[from:to] {
			b[i] |= bit(e&uint64(a.evidence) == uint64(a.evidence)) << at
		}
	case nameColumn:
		for i, n := range kc.named[from:to] {
			b[i] |= uint32(n) << at
		}
	}
}

func inRange(col []int32, a atom, b []uint32, at uint) {
	low, high := int32(min(a.low, math.MaxInt32)), int32(min(a.high, math.MaxInt32))
	if low > high {
		return
	}
	width := uint32(high) - uint32(low)
	for i, d := range col {
		b[i] |= bit(uint32(d)-uint32(low) <= width) << at
	}
}
