package scheme

import (
	"slices"
	"strings"

	"qiaomen"
)

type verbOp int

const (
	countRecords verbOp = iota
	sumRecords
	meanRecords
	readFigure
	countPeriods
	growth
	completion
	elapsed
	addUp
	subtract
	multiply
	divide
	minMax
	placeOf
)

var verbWords = []string{
	"count", "sum", "mean", "figure", "months", "growth", "completion", "elapsed", "add", "less", "product", "ratio", "minmax", "rank",
}

type verb struct {
	op     verbOp
	m      *Measure
	kind   *Kind
	where  *Cond
	deps   []int // choices that where, value and limits depend on
	value  *valueOf
	limits []limit
	before []*verb  // `once`: verbs that take a record first
	feed   *counter // what the records feed

	figure   *FigureSource
	field    *Field
	period   int // or allPeriods, thisRound
	tests    []comparison
	operands []operand
	window   *Window
	byMonth  bool
	from, to qiaomen.Number
	allEqual qiaomen.Number
	ifZero   *qiaomen.Number
	lowFirst bool
}

// A limit counts at most n records in a period, for each value of a field;
// the earliest by date, then by place in the book, are taken.
type limit struct {
	n    Value[qiaomen.Number]
	per  string
	by   *Field
	each *Field
}

// An operand of arithmetic between measures.
type operand struct {
	m          *Measure
	completion bool
	upTo       Value[ceiling]
	times      qiaomen.Number
	figure     *FigureSource
	field      *Field
	period     int
}

// verb reads the one verb of a measure.
func (p *parser) verb(m *Measure, o object) *verb {
	v := &verb{op: -1, m: m, period: allPeriods}
	if v.op = verbOp(o.only("指标", verbWords)); v.op < 0 {
		return nil
	}
	at := o.at[verbWords[v.op]]
	scale := percent
	switch v.op {
	case countRecords, sumRecords, meanRecords:
		scale = p.recordVerb(v, o, at)
	case readFigure, countPeriods:
		scale = p.figureVerb(v, o, at)
	case growth:
		g := p.object(at, o.cite, "now", "before")
		v.operands = p.operandList(m, g.need("now"), g.need("before"))
		if len(v.operands) == 2 {
			if now, before := v.operands[0].scale(), v.operands[1].scale(); now != nil && before != nil && now.dim != before.dim {
				p.errorf(at, "单位不合：“%s”和“%s”不能相比", now.Name, before.Name)
			}
		}
	case completion:
		v.operands = []operand{{m: p.needs(m, at), completion: true, times: qiaomen.Int(1)}}
	case elapsed:
		v.window = p.windowRef(at)
		v.byMonth = o.one("in", "months", "days") == "months"
	case addUp, subtract, multiply, divide:
		v.operands = p.operandList(m, p.list(at)...)
		scale = p.arithmeticScale(v, at, len(p.list(at)))
		if z, ok := o.at["if_zero"]; ok && v.op == divide {
			n := p.number(z, percent)
			v.ifZero = &n
		}
	case minMax:
		v.operands = []operand{{m: p.needs(m, at), times: qiaomen.Int(1)}}
		v.from, v.to = p.plainNumber(orSelf(o, "from")), p.plainNumber(orSelf(o, "to"))
		v.allEqual = v.to
		if a, ok := o.at["all_equal"]; ok {
			v.allEqual = p.plainNumber(a)
		}
		scale = scales["分"]
	case placeOf:
		v.operands = []operand{{m: p.needs(m, at), times: qiaomen.Int(1)}}
		v.lowFirst = o.one("best", "high", "low") == "low"
		scale = scales["位"]
	}
	if m.Scale == nil {
		m.Scale = scale
	}
	if scale != nil && (scale.dim != m.Scale.dim || !scale.factor.Equal(m.Scale.factor)) {
		p.errorf(o.node, "单位不合：“%s”以“%s”计，算出的是“%s”", m.Name, m.Scale.Name, scale.Name)
	}
	return v
}

// recordVerb reads what count, sum and mean have in common.
func (p *parser) recordVerb(v *verb, o object, at *node) *Scale {
	v.kind = p.s.Kind(at.Value)
	if v.kind == nil {
		var ids []string
		for _, k := range p.s.Kinds {
			ids = append(ids, k.ID)
		}
		p.errorf(at, "没有记录类别“%s”%s", qiaomen.Clip(at.Value), qiaomen.Suggest(at.Value, ids))
		return nil
	}
	p.used["kind."+v.kind.ID] = true
	scale := scales[v.kind.CountedIn]
	if scale == nil {
		scale = each
	}
	v.deps = p.collect(func() {
		v.where = p.cond(o.at["where"], v.kind, o.cite)
		if v.op != countRecords {
			if n := o.need("value"); n != nil {
				v.value, scale = p.valueOf(n, v.kind)
			}
		}
		for _, l := range p.list(o.at["limit"]) {
			v.limits = append(v.limits, p.limit(l, v.kind))
		}
	})
	v.feed = p.feed(v, nil, nil)
	return scale
}

// feed makes the counter that a verb's records feed, narrowed by a further
// condition.
func (p *parser) feed(v *verb, where *Cond, deps []int) *counter {
	c := &counter{verb: v, where: where, deps: deps}
	p.s.counters = append(p.s.counters, c)
	return c
}

func (p *parser) limit(n *node, k *Kind) limit {
	o := p.object(n, nil, "n", "per", "by", "each")
	l := limit{per: o.one("per", "campaign", "day", "month", "quarter", "half", "year")}
	l.n = value(p, o.need("n"), anyUnit, p.plainNumber)
	if l.by = p.fieldRef(k, o.need("by")); l.by != nil && l.by.Type != DateField {
		p.errorf(o.at["by"], "“by”应是日期字段")
	}
	if e, ok := o.at["each"]; ok {
		l.each = p.fieldRef(k, e)
	}
	return l
}

func (p *parser) figureVerb(v *verb, o object, at *node) *Scale {
	v.figure, v.field = p.figureRef(at)
	if v.figure == nil {
		return nil
	}
	if v.op == countPeriods {
		p.listed(v.figure, at)
		v.tests = p.comparisons(p.object(o.need("where"), o.cite, "at_least", "above", "at_most", "below"), v.field.Scale)
		return each
	}
	v.period = p.period(o.at["at"], v.figure, at)
	return v.field.Scale
}

// figureRef is the figure, or one of its numbers: funds, funds.amount_wan.
func (p *parser) figureRef(n *node) (*FigureSource, *Field) {
	if n == nil {
		return nil, nil
	}
	id, part, dotted := strings.Cut(n.Value, ".")
	f := p.s.Figure(id)
	if f == nil {
		p.errorf(n, "没有统计数“%s”", qiaomen.Clip(id))
		return nil, nil
	}
	field := f.Fields[0]
	if dotted || len(f.Fields) > 1 {
		if field = find(f.Fields, func(f *Field) bool { return f.ID == part }); field == nil {
			var ids []string
			for _, x := range f.Fields {
				ids = append(ids, id+"."+x.ID)
			}
			p.errorf(n, "“%s”有几个数，请写明一个%s", f.Name, qiaomen.Suggest(n.Value, ids))
			return nil, nil
		}
	}
	p.used["figure."+f.ID] = true
	return f, field
}

// listed reports a figure of any day where its periods are asked one by one.
func (p *parser) listed(f *FigureSource, at *node) {
	if f.Every == "day" && len(f.Periods) == 0 {
		p.errorf(at, "“%s”没有列出 periods，只能用作折算率（rate）", f.Name)
	}
}

// period is which period of the figure is meant.
func (p *parser) period(n *node, f *FigureSource, at *node) int {
	p.listed(f, at)
	switch {
	case f.Every == "round" && (n == nil || n.Value == "round"):
		return thisRound
	case n == nil && len(f.Periods) > 1:
		p.errorf(at, "“%s”有几期，请用“at”写明一期，或写 at: all", f.Name)
		return allPeriods
	case n == nil || n.Value == "all":
		return allPeriods
	}
	i := slices.Index(f.Periods, n.Value)
	if i < 0 {
		p.errorf(n, "“%s”没有“%s”这一期%s", f.Name, qiaomen.Clip(n.Value), qiaomen.Suggest(n.Value, f.Periods))
	}
	return i
}

func (p *parser) operandList(m *Measure, ns ...*node) []operand {
	var out []operand
	for _, n := range ns {
		if n != nil {
			out = append(out, p.operand(m, n))
		}
	}
	return out
}

func (p *parser) operand(m *Measure, n *node) operand {
	x := operand{times: qiaomen.Int(1), period: allPeriods}
	if n.Kind == scalarNode {
		x.m = p.needs(m, n)
		return x
	}
	o := p.object(n, nil, "of", "completion", "figure", "at", "times", "up_to")
	switch {
	case o.has("completion"):
		x.m, x.completion = p.needs(m, o.at["completion"]), true
		if u, ok := o.at["up_to"]; ok {
			x.upTo = value(p, u, anyUnit, func(n *node) ceiling { return p.ceiling(n, percent) })
		}
	case o.has("figure"):
		if x.figure, x.field = p.figureRef(o.at["figure"]); x.figure != nil {
			x.period = p.period(o.at["at"], x.figure, o.at["figure"])
		}
	default:
		x.m = p.needs(m, o.need("of"))
	}
	if t, ok := o.at["times"]; ok {
		if l, ok := p.literal(t); ok {
			x.times = l.number
		}
	}
	return x
}

func (x operand) scale() *Scale {
	switch {
	case x.completion:
		return percent
	case x.m != nil:
		return x.m.Scale
	case x.field != nil:
		return x.field.Scale
	}
	return nil
}

func (p *parser) arithmeticScale(v *verb, at *node, n int) *Scale {
	if n < 2 || v.op != addUp && n > 2 {
		p.errorf(at, "“%s”要两个量", verbWords[v.op])
		return nil
	}
	switch v.op {
	case divide:
		return percent
	case multiply:
		return nil // whatever `in` says: a rate of a sum is the sum's
	}
	var first *Scale
	for _, x := range v.operands {
		s := x.scale()
		if s == nil {
			continue
		}
		if first == nil {
			first = s
		} else if first.dim != s.dim || !first.factor.Equal(s.factor) {
			p.errorf(at, "单位不合：“%s”和“%s”不能相加减", first.Name, s.Name)
			return nil
		}
	}
	return first
}
