package scheme

import (
	"sort"

	"qiaomen"
)

// valueOf says what one record adds to a sum: a field, points from a table by
// a field, a quotient of two fields, or a field at a day's rate of exchange.
type valueOf struct {
	field    *Field
	table    Value[qiaomen.Number]
	over     *Field
	times    qiaomen.Number
	upTo     ceiling
	decimals int
	rate     *FigureSource
	on       *Field
}

// valueOf reads it and says in which scale it comes.
func (p *parser) valueOf(n *node, k *Kind) (*valueOf, *Scale) {
	if n.Kind == scalarNode {
		f := p.numericField(n, k)
		if f == nil {
			return nil, nil
		}
		return &valueOf{field: f}, f.Scale
	}
	if isTable(n) {
		t := value(p, n, scope{unit: true, kind: k}, p.plainNumber)
		return &valueOf{table: t}, scales["分"]
	}
	o := p.object(n, nil, "of", "over", "times", "up_to", "decimals", "rate", "on")
	v := &valueOf{field: p.numericField(o.need("of"), k), times: qiaomen.Int(1)}
	if d := o.need("decimals"); d != nil { // quotients are rounded record by record, so it must be said how
		v.decimals = p.count(d, 0, 10)
	}
	switch {
	case o.has("over"):
		v.over = p.numericField(o.at["over"], k)
		if t, ok := o.at["times"]; ok {
			v.times = p.plainNumber(t)
		}
		if u, ok := o.at["up_to"]; ok {
			v.upTo = p.ceiling(u, percent)
		}
		return v, scales["分"]
	case o.has("rate"):
		rate, _ := p.figureRef(o.at["rate"])
		if rate != nil && (!rate.ForAll || rate.Every == "") {
			p.errorf(o.at["rate"], "折算率应是按期公布、对所有单位相同的统计数（for_all: true）")
			rate = nil
		}
		v.rate, v.on = rate, p.fieldRef(k, o.need("on"))
		if v.on != nil && v.on.Type != DateField {
			p.errorf(o.at["on"], "“on”应是日期字段")
		}
		if v.field == nil {
			return v, nil
		}
		return v, p.exchanged(v.field.Scale)
	}
	p.errorf(n, "“value”写字段名、{by: 字段, …}、{of, over, decimals} 或 {of, rate, on, decimals}")
	return nil, nil
}

// exchanged is the scale of dollars turned into yuan: 万美元 → 万元.
func (p *parser) exchanged(s *Scale) *Scale {
	if s.dim == dollar {
		for _, name := range []string{"元", "万元", "亿元"} {
			if scales[name].factor.Equal(s.factor) {
				return scales[name]
			}
		}
	}
	return s
}

func (p *parser) numericField(n *node, k *Kind) *Field {
	f := p.fieldRef(k, n)
	if f != nil && f.Type != AmountField && f.Type != NumberField && f.Type != JudgedField {
		p.errorf(n, "“%s”不是数", f.Name)
		return nil
	}
	return f
}

// of is what the record adds. It is not given where a field it needs is
// absent; rate looks up the exchange rate of a day.
func (v *valueOf) of(e *env) (qiaomen.Number, bool) {
	if v.field == nil {
		return v.table.lookup(e)
	}
	x := v.field.in(e.rec)
	if !x.Given || v.on != nil && !v.on.in(e.rec).Given {
		return qiaomen.Number{}, false
	}
	if v.over == nil {
		return x.Number, true
	}
	o := v.over.in(e.rec)
	if !o.Given || o.Number.Sign() == 0 {
		return qiaomen.Number{}, false
	}
	quotient := x.Number.Quo(o.Number).Mul(v.field.Scale.to(v.over.Scale))
	return v.upTo.apply(quotient).Mul(v.times).Round(v.decimals), true
}

// An item is one record kept until the end, because what it adds depends on
// others (limits) or on figures that may come later in the book (rates).
type item struct {
	on    qiaomen.Date // by which items are ordered
	paid  qiaomen.Date // of whose rate
	seq   int
	keys  [][2]string // of each limit: period and value of `each`
	value qiaomen.Number
}

// settle adds up the items of one cell: the earliest first, as far as the
// limits allow, at the day's rate. missing is a day without a rate; taken, if
// not nil, is told the place in the book of each record that counts.
func (v *verb) settle(items []item, e *env, rate func(qiaomen.Date) (qiaomen.Number, bool), taken func(seq int)) (n int64, sum qiaomen.Number, missing qiaomen.Date) {
	sorted := append([]item(nil), items...)
	sort.Slice(sorted, func(i, j int) bool {
		if sorted[i].on != sorted[j].on {
			return sorted[i].on < sorted[j].on
		}
		return sorted[i].seq < sorted[j].seq
	})
	paid := make([]map[[2]string]int64, len(v.limits))
	for i := range paid {
		paid[i] = map[[2]string]int64{}
	}
next:
	for _, it := range sorted {
		for i := range v.limits {
			if qiaomen.Int(paid[i][it.keys[i]]).Cmp(v.limits[i].n.of(e)) >= 0 {
				continue next
			}
		}
		for i := range v.limits {
			paid[i][it.keys[i]]++
		}
		if n++; taken != nil {
			taken(it.seq)
		}
		x := it.value
		if v.value != nil && v.value.rate != nil {
			r, ok := rate(it.paid)
			if !ok {
				if missing == 0 || it.paid < missing {
					missing = it.paid
				}
				continue
			}
			x = x.Mul(r).Round(v.value.decimals)
		}
		sum = sum.Add(x)
	}
	return n, sum, missing
}
