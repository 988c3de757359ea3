package scheme

import (
	"math"
	"math/big"
	"slices"

	"qiaomen"
)

// An atom is one test of one field with its operand settled: a range of days,
// numbers or sizes, or a set of options. Every leaf of a condition is one
// atom, or several that must all hold. Held in columns, a test is a tight
// loop; the conditions above the leaves are then asked once for each pattern
// of answers, by the same code that judges single records.
type atom struct {
	what     column
	field    int
	low      int64 // range, both ends included; of what is given
	high     int64
	options  uint64 // or: the options that pass, as bits
	evidence qiaomen.Set
}

// column is which column of a kind's records an atom looks at.
type column int

const (
	seenColumn column = iota
	reportedColumn
	dateColumn
	numberColumn
	sizeColumn
	optionColumn
	evidenceColumn
	nameColumn
)

// notGiven is an absent number in a column; no range holds it.
const notGiven = math.MinInt64

// ofField tells whether the atom tests a field of the kind's own.
func (at atom) ofField() bool {
	return at.what == dateColumn || at.what == numberColumn || at.what == sizeColumn || at.what == optionColumn
}

// answers stands in for a record where conditions are judged from a pattern
// of atoms.
type answers struct {
	index map[atom]int
	bits  uint32
	atoms []atom
	scale map[int]int64 // by field: what numbers in its column are multiplied by
	day   qiaomen.Date  // the view's cutoff
	learn bool          // collect atoms instead of answering
}

func (a *answers) ask(at atom) bool {
	i, ok := a.index[at]
	if !ok {
		i = len(a.atoms)
		a.index[at] = i
		a.atoms = append(a.atoms, at)
	}
	return a.learn || a.bits>>i&1 == 1
}

// leaf answers one test of a condition.
func (a *answers) leaf(c *Cond, s *Scheme, e *env) bool {
	f := c.field
	switch c.op {
	case testEvidence:
		return a.ask(atom{what: evidenceColumn, evidence: c.set})
	case testNumber:
		ok := true
		for i := range c.tests {
			bound, _ := c.tests[i].limit(e)
			low, high := a.bounds(c.tests[i].op, bound, a.scale[f.index])
			ok = a.ask(atom{what: numberColumn, field: f.index, low: low, high: high}) && ok
		}
		return ok
	case testSize:
		ok := true
		for i := range c.tests {
			bound, _ := c.tests[i].limit(e)
			low, high := a.bounds(c.tests[i].op, bound, 1)
			ok = a.ask(atom{what: sizeColumn, field: f.index, low: max(low, 1), high: high}) && ok
		}
		return ok
	case testWithin:
		w := c.window.of(e)
		if w == nil {
			w = e.window
		}
		return w != nil && a.days(f, w.From, w.To)
	case testSince:
		return a.days(f, c.date.of(e), math.MaxInt32)
	case testUntil:
		return a.days(f, 1, c.date.of(e))
	case testFlag:
		return a.options(f, map[bool]uint64{false: 1, true: 2}[c.flag])
	case testOption, testNoneOf:
		set := uint64(0)
		for _, i := range c.options {
			set |= 1 << i
		}
		if c.op == testNoneOf {
			set = ^set
		}
		return a.options(f, set)
	case testSameAs:
		if i := e.unit.attrs[c.index]; i >= 0 {
			id := s.Attributes[c.index].Options[i].ID
			j := slices.IndexFunc(f.Options, func(o Option) bool { return o.ID == id })
			return j >= 0 && a.options(f, 1<<j)
		}
		return false
	case testGiven:
		return a.given(f) == c.flag
	}
	return false
}

// given asks whether the field has a value. Where a test of the field is known
// to hold, it has.
func (a *answers) given(f *Field) bool {
	if a.learn {
		return true // most often another test answers it
	}
	for i, at := range a.atoms {
		if a.bits>>i&1 == 1 && at.field == f.index && at.ofField() {
			return true
		}
	}
	switch f.Type {
	case DateField:
		return a.days(f, 1, math.MaxInt32)
	case AmountField, NumberField, JudgedField:
		return a.ask(atom{what: numberColumn, field: f.index, low: notGiven + 1, high: math.MaxInt64})
	case ListField:
		return a.ask(atom{what: sizeColumn, field: f.index, low: 1, high: math.MaxInt64})
	}
	if f == recordName {
		return a.ask(atom{what: nameColumn, low: 1, high: 1})
	}
	return a.options(f, ^uint64(0))
}

// days asks for a range of days; a date that comes after the cutoff is not
// seen yet.
func (a *answers) days(f *Field, from, to qiaomen.Date) bool {
	if f.FromItsDay && a.day != 0 {
		to = min(to, a.day)
	}
	what := dateColumn
	if f == reportedOn {
		what = reportedColumn
	}
	return a.ask(atom{what: what, field: max(f.index, 0), low: int64(max(from, 1)), high: int64(to)})
}

func (a *answers) options(f *Field, set uint64) bool {
	return a.ask(atom{what: optionColumn, field: f.index, options: set})
}

// bounds is a comparison as a range of whole numbers, scaled as the column is.
func (a *answers) bounds(op compareOp, bound qiaomen.Number, scale int64) (low, high int64) {
	low, high = notGiven+1, math.MaxInt64
	scaled := bound.Mul(qiaomen.Int(scale))
	floor, whole := clampInt(scaled.Floor()), scaled.IsInt()
	ceil := floor
	if !whole && floor < math.MaxInt64 {
		ceil++
	}
	switch op {
	case atLeast:
		low = ceil
	case above:
		low = floor + 1
	case atMost:
		high = floor
	case below:
		high = ceil - 1
	case equal:
		if low, high = ceil, floor; !whole {
			low, high = 1, 0
		}
	}
	return low, high
}

func clampInt(n qiaomen.Number) int64 {
	r := n.Rat().Num()
	limit := big.NewInt(math.MaxInt64 / 4)
	switch {
	case r.Cmp(limit) > 0:
		return math.MaxInt64 / 4
	case r.Cmp(new(big.Int).Neg(limit)) < 0:
		return -math.MaxInt64 / 4
	}
	return r.Int64()
}

// columnar tells whether every test of the condition can be a loop over a
// column.
func (c *Cond) columnar() bool {
	ok := true
	for _, sub := range c.subs {
		ok = ok && sub.columnar()
	}
	switch c.op {
	case holdsTable:
		if c.table.axis.kind == byField {
			return false
		}
		c.table.each(func(sub *Cond) { ok = ok && (sub == nil || sub.columnar()) })
	case testFact:
		ok = c.fact.When.columnar()
	case testText:
		return false
	case testNumber:
		for i := range c.tests {
			ok = ok && c.tests[i].ofField == nil && c.tests[i].bound.axis.kind != byField
		}
	case testOption, testNoneOf, testSameAs: // a column does not hold the texts of an open list
		ok = ok && len(c.field.Options) < 64 && (c.field.List == nil || !c.field.List.Open)
	case testGiven:
		t := c.field.Type
		ok = ok && t != TextField && t != UnitField && t != RecordField && !(t == OptionField && (c.field.List != nil && c.field.List.Open || len(c.field.Options) >= 64))
	}
	return ok
}
