package scheme

import (
	"strings"

	"qiaomen"
)

// A comparison bounds a number. With ofField the bound is a share of another
// field of the same record.
type comparison struct {
	op      compareOp
	bound   Value[qiaomen.Number]
	ofField *Field
	factor  qiaomen.Number // turns ofField's unit of measure into that of the number
}

type compareOp int

const (
	atLeast compareOp = iota
	above
	atMost
	below
	equal
)

var compareWords = []struct{ word, say, fail string }{
	atLeast: {"at_least", "不少于", "不足"},
	above:   {"above", "超过", "未超过"},
	atMost:  {"at_most", "不超过", "超过"},
	below:   {"below", "不足", "达到"},
	equal:   {"", "等于", "不等于"},
}

// comparisons reads the bounds that stand in an object.
func (p *parser) comparisons(o object, in *Scale) []comparison {
	return p.comparisonsOf(o, in, anyUnit, nil)
}

func (p *parser) comparisonsOf(o object, in *Scale, sc scope, kind *Kind) []comparison {
	if in == nil {
		in = each
	}
	var out []comparison
	for op, w := range compareWords {
		n, ok := o.at[w.word]
		if !ok || w.word == "" {
			continue
		}
		c := comparison{op: compareOp(op)}
		if kind != nil && n.Kind == mappingNode && !isTable(n) {
			so := p.object(n, o.cite, "share", "of")
			if l, ok := p.literal(so.need("share")); ok {
				c.bound = plainly(l.number)
			}
			c.ofField = p.fieldRef(kind, so.need("of"))
			if c.ofField != nil && (c.ofField.Scale == nil || c.ofField.Scale.dim != in.dim) {
				p.errorf(n, "单位不合：“%s”与“%s”不能相比", c.ofField.Name, in.Name)
			} else if c.ofField != nil {
				c.factor = c.ofField.Scale.to(in)
			}
			out = append(out, c)
			continue
		}
		c.bound = value(p, n, sc, func(n *node) qiaomen.Number { return p.number(n, in) })
		out = append(out, c)
	}
	p.contradiction(o, out)
	return out
}

// contradiction finds plain bounds that no number satisfies.
func (p *parser) contradiction(o object, tests []comparison) {
	for _, low := range tests {
		for _, high := range tests {
			if low.op > above || high.op < atMost || high.op > below || low.ofField != nil || high.ofField != nil ||
				low.bound.axis.kind != noAxis || high.bound.axis.kind != noAxis {
				continue
			}
			order := low.bound.plain.Cmp(high.bound.plain)
			if order > 0 || order == 0 && (low.op == above || high.op == below) {
				p.errorf(o.node, "没有数能同时满足“%s %v”和“%s %v”",
					compareWords[low.op].word, low.bound.plain, compareWords[high.op].word, high.bound.plain)
			}
		}
	}
}

func (c *comparison) limit(e *env) (qiaomen.Number, bool) {
	b := c.bound.of(e)
	if c.ofField == nil {
		return b, true
	}
	v := c.ofField.in(e.rec)
	return b.Mul(v.Number).Mul(c.factor), v.Given
}

func (c *comparison) holds(n qiaomen.Number, e *env) bool {
	limit, ok := c.limit(e)
	if !ok {
		return false
	}
	order := n.Cmp(limit)
	switch c.op {
	case atLeast:
		return order >= 0
	case above:
		return order > 0
	case atMost:
		return order <= 0
	case below:
		return order < 0
	}
	return order == 0
}

func passes(tests []comparison, n qiaomen.Number, e *env) bool {
	for i := range tests {
		if !tests[i].holds(n, e) {
			return false
		}
	}
	return true
}

// sayComparisons is the bounds as a sentence has them: 不少于5亿元、不足10亿元.
func sayComparisons(s *Scheme, tests []comparison, in *Scale) string {
	if in == nil {
		in = each
	}
	var parts []string
	for i := range tests {
		t := &tests[i]
		text := t.bound.say(s, func(n qiaomen.Number) string {
			if t.ofField != nil {
				return t.ofField.Name + "的" + percent.Show(n).String() + "%"
			}
			return with(n, in)
		})
		parts = append(parts, compareWords[t.op].say+text)
	}
	return strings.Join(parts, "、")
}

// whyNot is what the number fails: 不足5家.
func whyNot(tests []comparison, n qiaomen.Number, in *Scale, e *env) string {
	var parts []string
	for i := range tests {
		t := &tests[i]
		if t.holds(n, e) {
			continue
		}
		limit, ok := t.limit(e)
		if !ok {
			parts = append(parts, "没有“"+t.ofField.Name+"”可比")
			continue
		}
		parts = append(parts, compareWords[t.op].fail+with(limit, in))
	}
	return strings.Join(parts, "、")
}
