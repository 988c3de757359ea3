package scheme

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"qiaomen"
)

// A Profile is one sort of record that would count for a unit: of which kind,
// and what it would feed. Two records of one profile are worth the same.
type Profile struct {
	Kind  *Kind
	Says  string         // what such a record is like: 10亿元以上签约项目，一季度开工入统
	Model qiaomen.Record // one such record, made up; it has no id

	feeds []*counter
}

// maxModels bounds how many made-up records are tried for one kind.
const maxModels = 20_000

// profiles finds the sorts of records that would count for the unit now. It
// makes up records whose fields stand at the thresholds of every condition of
// the kind, and keeps one of each that feeds other counters.
func (sc *scorer) profiles(u *Unit, measures []*Measure) []*Profile {
	var out []*Profile
	for _, k := range sc.s.Kinds {
		var counters []*counter
		for _, c := range sc.s.counters {
			if c.verb.kind == k && sc.matters(c, u, measures) {
				counters = append(counters, c)
			}
		}
		if len(counters) > 0 {
			out = append(out, sc.profilesOf(k, u, counters)...)
		}
	}
	return out
}

// matters tells whether the counter feeds any of the measures.
func (sc *scorer) matters(c *counter, u *Unit, measures []*Measure) bool {
	e := sc.env(u)
	var below func(m *Measure) bool
	below = func(m *Measure) bool {
		v := m.verb.of(&e)
		if v == c.verb {
			return true
		}
		for _, o := range v.operands {
			if o.m != nil && below(o.m) {
				return true
			}
		}
		return false
	}
	return slices.ContainsFunc(measures, below)
}

// decisive is the measures that may change a unit's total or its place: those
// of its lines, of conditions on the total, of the order and its ties.
func (sc *scorer) decisive(u *UnitResult) []*Measure {
	out := u.score.ZeroIf.asks()
	for _, l := range u.score.Lines {
		out = append(out, l.decisive()...)
	}
	if r := sc.s.Ranking[u.Unit.Group.index]; r != nil {
		e := sc.env(u.Unit)
		if m := r.By.of(&e); m != nil {
			out = append(out, m)
		}
		out = append(out, r.BreakBy...)
	}
	return out
}

// decisive is the measures that may change the line's score: those it shows,
// and those that bound how many steps a term pays.
func (l *Line) decisive() []*Measure {
	out := slices.Clone(l.measures)
	add := func(ts []*Term) {
		for _, t := range ts {
			t.noMore.each(func(a *atMostAs) {
				if m := a.measure(); m != nil {
					out = append(out, m)
				}
			})
		}
	}
	l.Earn.each(add)
	add(l.Deduct)
	add(l.Add)
	return out
}

func (sc *scorer) profilesOf(k *Kind, u *Unit, counters []*counter) []*Profile {
	d := newDomains(sc, k, u)
	for _, r := range k.Eligible {
		if r.For != nil {
			d.cond(r.For)
		}
		d.cond(r.Need)
	}
	for _, c := range counters {
		d.counter(c)
	}
	day := sc.s.Campaign.To
	for _, d := range []qiaomen.Date{sc.t.view.AsOf, sc.t.view.Cutoff} {
		if d != 0 {
			day = min(day, d)
		}
	}
	seen := map[string]bool{}
	var out []*Profile
	e := sc.env(u)
	e.kind = k
	d.each(func(r *qiaomen.Record) {
		r.Kind, r.Unit = k.index, u.index
		r.Recognised = qiaomen.Moment{Day: day}
		e.rec = r
		if !k.complete(r) || !k.eligible(sc.s, &e) {
			return
		}
		p := &Profile{Kind: k}
		key := ""
		for i, c := range counters {
			if !c.takes(sc.s, &e) {
				continue
			}
			p.feeds = append(p.feeds, c)
			key += fmt.Sprint(i, " ")
			if c.verb.value != nil {
				x, _ := c.verb.value.of(&e)
				key += x.String() + " "
			}
		}
		if len(p.feeds) == 0 || seen[key] {
			return
		}
		seen[key] = true
		p.Model = *r
		p.Model.Values = slices.Clone(r.Values)
		p.Says = p.say(sc.s, &e)
		out = append(out, p)
	})
	return out
}

// say is what a record of the profile is like.
func (p *Profile) say(s *Scheme, e *env) string {
	var parts []string
	for _, c := range p.feeds {
		text := c.verb.m.Name
		if c.where != nil {
			text = c.where.say(s)
		} else if c.verb.value != nil && c.verb.value.field != nil {
			text = with(c.verb.value.field.in(e.rec).Number, c.verb.value.field.Scale)
		}
		if !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, "，")
}

// domains is, for each field that conditions of a kind look at, the values
// that tell them apart.
type domains struct {
	sc      *scorer
	k       *Kind
	e       env
	values  map[int]map[string]qiaomen.Value // by field index
	numbers map[int][]qiaomen.Number
}

func newDomains(sc *scorer, k *Kind, u *Unit) *domains {
	d := &domains{sc: sc, k: k, e: sc.env(u), values: map[int]map[string]qiaomen.Value{}, numbers: map[int][]qiaomen.Number{}}
	for _, f := range k.Fields {
		if f.Need != Optional {
			d.field(f)
		}
	}
	d.field(reportedOn)
	return d
}

func (d *domains) add(f *Field, key string, v qiaomen.Value) {
	if d.values[f.index] == nil {
		d.values[f.index] = map[string]qiaomen.Value{}
	}
	d.values[f.index][key] = v
}

// field puts in what any field of the type may hold.
func (d *domains) field(f *Field) {
	if f == recordName || d.values[f.index] != nil {
		return
	}
	if f.Need == Optional && f != reportedOn {
		d.add(f, "", qiaomen.Value{})
	}
	switch f.Type {
	case DateField:
		d.day(f, d.sc.s.Campaign.From)
		d.day(f, d.sc.s.Campaign.To)
	case FlagField:
		d.add(f, "false", qiaomen.Value{Given: true})
		d.add(f, "true", qiaomen.Value{Given: true, Flag: true})
	case OptionField:
		for i, o := range f.Options {
			d.add(f, o.ID, qiaomen.Value{Given: true, Option: i})
		}
	case AmountField, NumberField, JudgedField:
		d.numbers[f.index] = append(d.numbers[f.index], qiaomen.Int(1))
		d.add(f, "1", qiaomen.Value{Given: true, Number: qiaomen.Int(1)})
		if f.Type == JudgedField {
			d.add(f, "to", qiaomen.Value{Given: true, Number: f.Scale.Held(f.To)})
		}
	case ListField:
	default:
		d.add(f, "x", qiaomen.Value{Given: true, Text: "示例"})
	}
}

// day puts in a day, and where it lies after the cutoff the cutoff instead:
// a record of now cannot have happened later.
func (d *domains) day(f *Field, day qiaomen.Date) {
	if c := d.sc.t.view.Cutoff; c != 0 && day > c {
		day = c
	}
	d.add(f, day.String(), qiaomen.Value{Given: true, Date: day})
}

func (d *domains) number(f *Field, n qiaomen.Number) {
	one, half := qiaomen.Int(1), qiaomen.Ratio(1, 2)
	for _, x := range []qiaomen.Number{n, n.Add(one), n.Mul(half)} {
		if x.Sign() >= 0 {
			d.add(f, x.String(), qiaomen.Value{Given: true, Number: x})
		}
	}
}

func (d *domains) counter(c *counter) {
	d.cond(c.verb.where)
	if c.where != nil {
		d.cond(c.where)
	}
	for _, b := range c.verb.before {
		d.cond(b.where)
	}
	for _, l := range c.verb.limits {
		d.field(l.by)
		if l.each != nil {
			d.field(l.each)
		}
	}
	if v := c.verb.value; v != nil {
		for _, f := range []*Field{v.field, v.over, v.on} {
			if f != nil {
				d.field(f)
			}
		}
		if a := v.table.axis; a.field != nil {
			d.field(a.field)
			for i := range v.table.bands {
				d.comparisons(a.field, v.table.bands[i].tests)
			}
		}
	}
}

func (d *domains) comparisons(f *Field, tests []comparison) {
	for i := range tests {
		if tests[i].ofField == nil {
			d.number(f, tests[i].bound.of(&d.e))
			continue
		}
		d.field(tests[i].ofField)
		d.number(f, qiaomen.Int(0))
		d.number(f, qiaomen.Int(1_000_000_000))
	}
}

// cond puts in the values at which the condition changes its mind, under the
// readings taken.
func (d *domains) cond(c *Cond) {
	for _, sub := range c.subs {
		d.cond(sub)
	}
	switch c.op {
	case holdsTable:
		if c.table.axis.field != nil {
			d.field(c.table.axis.field)
			c.table.each(d.cond)
			return
		}
		if sub := c.table.of(&d.e); sub != nil {
			d.cond(sub)
		}
		return
	case testFact:
		d.cond(c.fact.When)
		return
	}
	if c.field == nil {
		return
	}
	f := c.field
	d.field(f)
	switch c.op {
	case testNumber:
		d.comparisons(f, c.tests)
	case testSize:
		for i := range c.tests {
			n, _ := c.tests[i].limit(&d.e)
			d.list(f, n)
			d.list(f, n.Add(qiaomen.Int(1)))
		}
	case testWithin:
		w := c.window.of(&d.e)
		if w == nil {
			w = d.e.window
		}
		d.day(f, w.From)
		d.day(f, w.To)
	case testSince, testUntil:
		d.day(f, c.date.of(&d.e))
	case testText:
		for _, t := range c.texts {
			d.add(f, t, qiaomen.Value{Given: true, Text: t})
		}
	}
}

func (d *domains) list(f *Field, n qiaomen.Number) {
	size := int(n.Floor().Rat().Num().Int64())
	if size < 0 || size > 1000 {
		return
	}
	v := qiaomen.Value{Given: size > 0}
	for i := range size {
		v.List = append(v.List, fmt.Sprintf("示例企业%d", i+1))
	}
	d.add(f, n.String(), v)
}

// each makes up a record of every combination of values, in a fixed order, up
// to a bound.
func (d *domains) each(f func(*qiaomen.Record)) {
	var fields []int
	for i := range d.values {
		fields = append(fields, i)
	}
	sort.Ints(fields)
	choices := make([][]qiaomen.Value, len(fields))
	for i, field := range fields {
		var keys []string
		for k := range d.values[field] {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for _, k := range keys {
			choices[i] = append(choices[i], d.values[field][k])
		}
	}
	r := &qiaomen.Record{Name: "示例", Evidence: ^qiaomen.Set(0), Values: make([]qiaomen.Value, len(d.k.Fields))}
	made := 0
	var fill func(i int)
	fill = func(i int) {
		if made >= maxModels {
			return
		}
		if i == len(fields) {
			made++
			f(r)
			return
		}
		for _, v := range choices[i] {
			if fields[i] == reportedIndex {
				r.Reported = qiaomen.Moment{Day: v.Date}
			} else {
				r.Values[fields[i]] = v
			}
			fill(i + 1)
		}
	}
	fill(0)
}
