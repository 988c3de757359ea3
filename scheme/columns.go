package scheme

import (
	"math"
	"slices"

	"qiaomen"
)

// Columns is a book held by columns, for scoring it again and again: as of
// many days, for a province's millions of records. What it comes to is what a
// Tally of the same records comes to; only the order of work differs. Kinds
// whose conditions compare texts or fields with each other are kept as rows.
type Columns struct {
	s       *Scheme
	kinds   []*kindColumns
	figures []qiaomen.Figure
}

type kindColumns struct {
	k     *Kind
	plain bool // kept as rows
	rows  []qiaomen.Record

	unit                          []int32
	seq                           []int32
	reported, recognised, revoked []int32
	evidence                      []uint64
	named                         []uint8
	dates                         map[int][]int32
	numbers                       map[int][]int64
	sizes                         map[int][]int32
	options                       map[int][]uint8 // 0: not given; option i as i+1; false 1, true 2
	sums                          map[int][]qiaomen.Number
}

// numberScale is what a column multiplies amounts by: six decimals of 亿元 are
// 100 yuan. A kind with a finer amount is kept as rows from there on.
const numberScale = 1_000_000

// NewColumns is an empty book to be held by columns.
func (s *Scheme) NewColumns() *Columns {
	c := &Columns{s: s}
	for _, k := range s.Kinds {
		kc := &kindColumns{k: k, dates: map[int][]int32{}, numbers: map[int][]int64{}, sizes: map[int][]int32{}, options: map[int][]uint8{}, sums: map[int][]qiaomen.Number{}}
		for _, r := range k.Eligible {
			kc.cond(r.For)
			kc.cond(r.Need)
		}
		for _, f := range k.Fields {
			if f.Need != Optional {
				kc.field(f)
			}
		}
		if k.OccursOn != nil {
			kc.field(k.OccursOn)
		}
		for _, ct := range s.counters {
			if ct.verb.kind == k {
				kc.cond(ct.verb.where)
				kc.cond(ct.where)
				if v := ct.verb.value; v != nil || ct.verb.limits != nil {
					if v == nil || v.field == nil || v.over != nil || v.rate != nil || ct.verb.limits != nil {
						kc.plain = true
					} else {
						kc.sums[v.field.index] = nil
						kc.field(v.field)
					}
				}
			}
		}
		c.kinds = append(c.kinds, kc)
	}
	return c
}

// cond notes the columns a condition needs.
func (kc *kindColumns) cond(c *Cond) {
	if c == nil {
		return
	}
	if !c.columnar() {
		kc.plain = true
		return
	}
	for _, sub := range c.subs {
		kc.cond(sub)
	}
	switch c.op {
	case holdsTable:
		c.table.each(kc.cond)
	case testFact:
		kc.cond(c.fact.When)
	}
	if c.field != nil {
		kc.field(c.field)
	}
}

func (kc *kindColumns) field(f *Field) {
	if f.index < 0 {
		return
	}
	switch f.Type {
	case DateField:
		kc.dates[f.index] = nil
	case AmountField, NumberField, JudgedField:
		kc.numbers[f.index] = nil
	case ListField:
		kc.sizes[f.index] = nil
	case FlagField, OptionField:
		kc.options[f.index] = nil
	default: // only whether it is given
		kc.options[f.index] = nil
	}
}

// Record adds a record to the columns.
func (c *Columns) Record(r *qiaomen.Record) {
	kc := c.kinds[r.Kind]
	if kc.plain {
		kc.rows = append(kc.rows, keepRecord(r))
		return
	}
	for f := range kc.numbers {
		if v := r.Values[f]; v.Given && !fits(v.Number) {
			kc.rows = append(kc.rows, keepRecord(r)) // a finer amount than the column holds
			return
		}
	}
	kc.unit, kc.seq = append(kc.unit, int32(r.Unit)), append(kc.seq, int32(r.Seq))
	kc.reported = append(kc.reported, int32(r.Reported.Day))
	kc.recognised = append(kc.recognised, int32(r.Recognised.Day))
	kc.revoked = append(kc.revoked, int32(r.Revoked.Day))
	kc.evidence = append(kc.evidence, uint64(r.Evidence))
	named := uint8(0)
	if r.Name != "" {
		named = 1
	}
	kc.named = append(kc.named, named)
	for f := range kc.dates {
		d := int32(0)
		if v := r.Values[f]; v.Given {
			d = int32(v.Date)
		}
		kc.dates[f] = append(kc.dates[f], d)
	}
	for f := range kc.numbers {
		n := int64(notGiven)
		if v := r.Values[f]; v.Given {
			n = v.Number.Mul(qiaomen.Int(numberScale)).Rat().Num().Int64()
		}
		kc.numbers[f] = append(kc.numbers[f], n)
	}
	for f := range kc.sizes {
		kc.sizes[f] = append(kc.sizes[f], int32(min(len(r.Values[f].List), math.MaxInt32)))
	}
	for f := range kc.options {
		kc.options[f] = append(kc.options[f], optionCell(kc.k.Fields[f], r.Values[f]))
	}
	for f := range kc.sums {
		kc.sums[f] = append(kc.sums[f], r.Values[f].Number)
	}
}

func fits(n qiaomen.Number) bool {
	scaled := n.Mul(qiaomen.Int(numberScale))
	return scaled.IsInt() && scaled.Abs().Cmp(qiaomen.Int(math.MaxInt64/8)) < 0
}

func optionCell(f *Field, v qiaomen.Value) uint8 {
	switch {
	case !v.Given:
		return 0
	case f.Type == FlagField && v.Flag:
		return 2
	case f.Type == OptionField && v.Option >= 0 && v.Option < 64:
		return uint8(v.Option) + 1
	}
	return 1
}

func keepRecord(r *qiaomen.Record) qiaomen.Record {
	kept := *r
	kept.Values = slices.Clone(r.Values)
	for i := range kept.Values {
		kept.Values[i].List = slices.Clone(kept.Values[i].List)
	}
	return kept
}

// Figure adds a publication.
func (c *Columns) Figure(f *qiaomen.Figure) {
	kept := *f
	kept.Values = slices.Clone(f.Values)
	c.figures = append(c.figures, kept)
}
