package scheme

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"qiaomen"
)

// A View says from when a book is looked at. The zero View sees everything.
type View struct {
	AsOf   qiaomen.Date // what was known at the end of that day
	Cutoff qiaomen.Date // what had happened by the end of that day
	Round  *Window      // of a scheme with rounds: the one scored
}

// A counter is what records feed for one verb of a measure, narrowed or not.
// It has a slot for every combination of the readings it depends on.
type counter struct {
	verb   *verb
	where  *Cond
	deps   []int
	combos combos
	slot   int   // of the first combination
	ofKind []int // for each combination, that of the kind's eligibility
}

// combos is every combination of the options of some choices.
type combos struct {
	choices []int
	sizes   []int
	n       int
}

func (s *Scheme) combos(choices []int) combos {
	c := combos{choices: choices, n: 1}
	for _, i := range choices {
		size := len(s.Choices[i].Options)
		c.sizes = append(c.sizes, size)
		if c.n *= size; c.n > maxVariants {
			c.n = maxVariants + 1
		}
	}
	return c
}

// set puts combination i into the readings.
func (c *combos) set(r Readings, i int) {
	for j, size := range c.sizes {
		r[c.choices[j]] = i % size
		i /= size
	}
}

// of is which combination the readings are.
func (c *combos) of(r Readings) int {
	i := 0
	for j := len(c.sizes) - 1; j >= 0; j-- {
		i = i*c.sizes[j] + r[c.choices[j]]
	}
	return i
}

// layOut gives every counter its slots.
func (p *parser) layOut(root *node) {
	s := p.s
	for _, c := range s.counters {
		set := slices.Concat(c.deps, c.verb.deps, c.verb.kind.deps)
		for _, b := range c.verb.before {
			set = append(set, b.deps...)
		}
		slices.Sort(set)
		c.combos = s.combos(slices.Compact(set))
		if c.combos.n > maxVariants {
			p.errorf(c.verb.m.at, "指标“%s”牵涉的口径组合超过%d种", c.verb.m.ID, maxVariants)
			return
		}
		c.slot = s.slots
		s.slots += c.combos.n
		kind, r := s.combos(c.verb.kind.deps), s.DefaultReadings()
		for i := range c.combos.n {
			c.combos.set(r, i)
			c.ofKind = append(c.ofKind, kind.of(r))
		}
	}
	lines := 0
	for _, sc := range s.Scores {
		if sc != nil {
			lines = max(lines, len(sc.Lines))
		}
	}
	if n := len(s.Measures) + len(s.Naming) + lines; n*len(s.Units) > maxValues {
		p.errorf(root, "方案太大：%d个单位，%d个指标、计分行和名单", len(s.Units), n)
	}
	if s.slots > maxSlots || s.slots*len(s.Units) > maxCells {
		p.errorf(root, "方案太大：%d个单位，%d种计数", len(s.Units), s.slots)
	}
}

// A cell is what one unit's records have fed one slot.
type cell struct {
	n     int64
	sum   qiaomen.Number
	items []item
}

// A Tally is the measuring pass: it folds records and figures, in any order,
// into counters under every reading at once. It keeps no record.
type Tally struct {
	s        *Scheme
	view     View
	cells    [][]cell // by unit, by slot; nil until a unit reports
	figures  map[figureKey]heldFigure
	kinds    []tallyKind
	swept    []*swept // by kind: what came from columns
	fed      []fed    // of a tally from columns that was asked for its records
	loose    []link   // of records folded in one by one; nil unless asked for
	linking  bool
	removing bool // a record is taken away again, not added

	env     env
	hidden  qiaomen.Record
	values  []qiaomen.Value
	allowed []bool
}

type tallyKind struct {
	combos   combos
	counters []*counter
}

type figureKey struct{ source, unit, period int }

type heldFigure struct {
	published qiaomen.Date
	seq       int
	values    []qiaomen.Value
}

// NewTally begins a pass over a book.
func (s *Scheme) NewTally(v View) *Tally {
	if v.Cutoff == 0 {
		v.Cutoff = v.AsOf
	}
	t := &Tally{s: s, view: v, cells: make([][]cell, len(s.Units)), figures: map[figureKey]heldFigure{}, kinds: make([]tallyKind, len(s.Kinds)), swept: make([]*swept, len(s.Kinds))}
	for i, k := range s.Kinds {
		t.kinds[i].combos = s.combos(k.deps)
	}
	for _, c := range s.counters {
		k := &t.kinds[c.verb.kind.index]
		k.counters = append(k.counters, c)
	}
	t.env = t.baseEnv()
	t.env.readings = s.DefaultReadings()
	return t
}

func (t *Tally) baseEnv() env {
	e := env{round: -1, window: t.s.Campaign}
	if t.view.Round != nil {
		e.window, e.round = t.view.Round, slices.Index(t.s.Rounds, t.view.Round)
	}
	return e
}

// Record folds one record in. The record is not kept.
func (t *Tally) Record(r *qiaomen.Record) {
	k := t.s.Kinds[r.Kind]
	tk := &t.kinds[r.Kind]
	if len(tk.counters) == 0 || t.view.unseen(k, r) != notHidden {
		return
	}
	r = t.look(k, r)
	if !k.complete(r) {
		return
	}
	e := &t.env
	e.rec, e.unit, e.kind = r, t.s.Units[r.Unit], k
	allowed, any := t.allowed[:0], false
	for i := range tk.combos.n {
		tk.combos.set(e.readings, i)
		ok := k.eligible(t.s, e)
		allowed, any = append(allowed, ok), any || ok
	}
	if t.allowed = allowed; !any {
		return
	}
	for _, c := range tk.counters {
		for i := range c.combos.n {
			if !allowed[c.ofKind[i]] {
				continue
			}
			c.combos.set(e.readings, i)
			if c.takes(t.s, e) {
				t.feed(c, i)
			}
		}
	}
}

// takes tells whether the eligible record in e feeds the counter.
func (c *counter) takes(s *Scheme, e *env) bool {
	for _, b := range c.verb.before {
		if b.where.holds(s, e) {
			return false
		}
	}
	return c.verb.where.holds(s, e) && (c.where == nil || c.where.holds(s, e))
}

func (t *Tally) feed(c *counter, combo int) {
	e := &t.env
	if t.cells[e.unit.index] == nil {
		t.cells[e.unit.index] = make([]cell, t.s.slots)
	}
	at := &t.cells[e.unit.index][c.slot+combo]
	v := c.verb
	x := qiaomen.Int(1)
	if v.value != nil {
		var ok bool
		if x, ok = v.value.of(e); !ok {
			return
		}
	}
	if t.linking {
		t.loose = append(t.loose, link{int32(e.unit.index), int32(c.slot + combo), int32(e.rec.Seq)})
	}
	switch {
	case len(v.limits) > 0 || v.value != nil && v.value.rate != nil:
		if t.removing {
			at.items = slices.DeleteFunc(at.items, func(it item) bool { return it.seq == e.rec.Seq })
			return
		}
		at.items = append(at.items, v.item(e, x))
		return
	case t.removing:
		at.n--
		x = x.Neg()
	default:
		at.n++
	}
	if v.value != nil {
		at.sum = at.sum.Add(x)
	}
}

// item is what is kept of a record that limits or rates judge at the end.
func (v *verb) item(e *env, x qiaomen.Number) item {
	it := item{seq: e.rec.Seq, value: x}
	for i, l := range v.limits {
		d := qiaomen.Date(0)
		if at := l.by.in(e.rec); at.Given {
			d = at.Date
		}
		if i == 0 {
			it.on = cmp.Or(d, math.MaxInt32) // what has no date comes last
		}
		key := [2]string{strconv.Itoa(periodKey(l.per, d))}
		if l.each != nil {
			key[1] = l.each.text(l.each.in(e.rec))
		}
		it.keys = append(it.keys, key)
	}
	if v.value != nil && v.value.rate != nil {
		it.paid = v.value.on.in(e.rec).Date
	}
	return it
}

// Figure folds one publication in: the one published last holds, the later
// one of the book on a tie.
func (t *Tally) Figure(f *qiaomen.Figure) {
	if t.view.AsOf != 0 && f.Published > t.view.AsOf {
		return
	}
	key := figureKey{f.Source, f.Unit, f.Period}
	if old, ok := t.figures[key]; ok && (f.Published < old.published || f.Published == old.published && f.Seq < old.seq) {
		return
	}
	t.figures[key] = heldFigure{f.Published, f.Seq, slices.Clone(f.Values)}
}

// Book folds a whole book in.
func (t *Tally) Book(b *qiaomen.Book) {
	for i := range b.Records {
		t.Record(&b.Records[i])
	}
	for i := range b.Figures {
		t.Figure(&b.Figures[i])
	}
}

type hiding int

const (
	notHidden hiding = iota
	notRecognised
	recognisedLater
	revoked
	reportedLater
	happenedLater
)

// unseen says why a record is not looked at from the view at all.
func (v *View) unseen(k *Kind, r *qiaomen.Record) hiding {
	switch {
	case r.Recognised.IsZero():
		return notRecognised
	case v.AsOf != 0 && r.Recognised.Day > v.AsOf:
		return recognisedLater
	case !r.Revoked.IsZero() && (v.AsOf == 0 || r.Revoked.Day <= v.AsOf || r.Revoked.Day <= r.Recognised.Day):
		return revoked
	case v.Cutoff == 0:
	case r.Reported.Day > v.Cutoff:
		return reportedLater
	case k.OccursOn != nil:
		if d := k.OccursOn.in(r); d.Given && d.Date > v.Cutoff {
			return happenedLater
		}
	}
	return notHidden
}

// look is the record as the view sees it: dates that come later are blank.
func (t *Tally) look(k *Kind, r *qiaomen.Record) *qiaomen.Record {
	later := false
	for _, f := range k.dated {
		v := &r.Values[f.index]
		later = later || v.Given && t.view.Cutoff != 0 && v.Date > t.view.Cutoff
	}
	if !later {
		return r
	}
	t.values = append(t.values[:0], r.Values...)
	for _, f := range k.dated {
		if v := &t.values[f.index]; v.Date > t.view.Cutoff {
			v.Given = false
		}
	}
	t.hidden = *r
	t.hidden.Values = t.values
	return &t.hidden
}

// complete tells whether all that a record needs in order to count is there:
// fields and evidence.
func (k *Kind) complete(r *qiaomen.Record) bool {
	for _, f := range k.Fields {
		if f.Need != Optional && !r.Values[f.index].Given {
			return false
		}
	}
	for i, ev := range k.Evidence {
		if ev.Need != Optional && !r.Evidence.Has(i) && r.Evidence&ev.Or == 0 {
			return false
		}
	}
	return true
}

// eligible tells whether the record in e meets every rule of its kind.
func (k *Kind) eligible(s *Scheme, e *env) bool {
	for _, r := range k.Eligible {
		if r.For != nil && !r.For.holds(s, e) {
			continue
		}
		if !r.Need.holds(s, e) {
			return false
		}
	}
	return true
}

// text is a field's value as a sentence has it.
func (f *Field) text(v qiaomen.Value) string {
	if !v.Given {
		return ""
	}
	switch f.Type {
	case NumberField, AmountField, JudgedField:
		return with(v.Number, f.Scale)
	case DateField:
		return v.Date.String()
	case FlagField:
		return map[bool]string{true: "是", false: "否"}[v.Flag]
	case OptionField:
		if v.Text == "" && v.Option < len(f.Options) {
			return f.Options[v.Option].Name
		}
	case ListField:
		return join(v.List, "、")
	}
	return v.Text
}
