package scheme

import "qiaomen"

// ScaleNamed is the unit of measure of that name, or nil.
func ScaleNamed(name string) *Scale { return scales[name] }

// From is a number written in another unit of measure as it is written in
// this one: 1.2 亿元 is 12000 万元. It is false where the two do not measure
// the same.
func (s *Scale) From(n qiaomen.Number, o *Scale) (qiaomen.Number, bool) {
	if s.dim != o.dim {
		return n, false
	}
	return n.Mul(o.factor).Quo(s.factor), true
}

// PeriodName is the period at that position as people write it: 2024年一季度.
func (f *FigureSource) PeriodName(i int) string { return f.names[i] }
