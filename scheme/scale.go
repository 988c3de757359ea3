package scheme

import (
	"strings"

	"go.yaml.in/yaml/v4"
	"qiaomen"
)

// A Scale is a unit of measure: what a bare number in a field, figure or
// measure is counted in. Numbers of one dimension are converted into each
// other; counted things (个, 条, 次 …) are all of one dimension.
type Scale struct {
	Name   string
	dim    dimension
	factor qiaomen.Number // how many of the dimension's smallest it is
}

type dimension int

const (
	counted dimension = iota
	yuan
	dollar
	share
	points
	area
	days
)

var scales = func() map[string]*Scale {
	m := map[string]*Scale{}
	add := func(dim dimension, factor int64, names ...string) {
		for _, n := range names {
			m[n] = &Scale{n, dim, qiaomen.Int(factor)}
		}
	}
	add(counted, 1, "个", "条", "次", "家", "人", "人次", "项", "篇", "户", "件", "场", "批", "名", "位", "处", "宗", "套", "笔", "吨", "千瓦")
	add(counted, 1_000, "兆瓦")
	add(counted, 10_000, "万吨", "万千瓦")
	add(yuan, 1, "元")
	add(yuan, 10_000, "万元")
	add(yuan, 100_000_000, "亿元")
	add(dollar, 1, "美元")
	add(dollar, 10_000, "万美元")
	add(dollar, 100_000_000, "亿美元")
	add(points, 1, "分")
	add(area, 1, "平方米")
	add(area, 10_000, "公顷", "万平方米")
	add(area, 1_000_000, "平方公里")
	add(days, 1, "天", "日")
	m["亩"] = &Scale{"亩", area, qiaomen.Ratio(2000, 3)}
	m["%"] = &Scale{"%", share, qiaomen.Ratio(1, 100)}
	return m
}()

var (
	percent = scales["%"]
	each    = scales["个"]
)

// Held is how a number written in the scale is kept: rates as shares of one,
// everything else as written.
func (s *Scale) Held(n qiaomen.Number) qiaomen.Number {
	if s.dim == share {
		return n.Mul(s.factor)
	}
	return n
}

// Show is a kept number as it is written in the scale.
func (s *Scale) Show(n qiaomen.Number) qiaomen.Number {
	if s.dim == share {
		return n.Quo(s.factor)
	}
	return n
}

// to is what turns a number in this scale into one in the other: 亿元 to 万元
// is 10,000. Where the two do not measure the same it is 1.
func (s *Scale) to(o *Scale) qiaomen.Number {
	if s == nil || o == nil || s.dim != o.dim {
		return qiaomen.Int(1)
	}
	return s.factor.Quo(o.factor)
}

func (p *parser) scale(n *yaml.Node) *Scale {
	s, ok := scales[n.Value]
	if n.Kind != yaml.ScalarNode || !ok {
		p.errorf(n, "不认识计量单位“%s”，可用：元、万元、亿元、美元、万美元、亿美元、%%、分、个、条、次、家、项、平方米、亩等", qiaomen.Clip(n.Value))
		return each
	}
	return s
}

// A literal is a number as the scheme writes it: with its unit of measure,
// or bare.
type literal struct {
	number  qiaomen.Number // as kept
	scale   *Scale         // nil where none is written
	ofPoint bool           // written in 百分点: a step of a rate
}

func (p *parser) literal(n *yaml.Node) (literal, bool) {
	if n == nil { // a missing word, which need has reported
		return literal{}, false
	}
	if n.Kind != yaml.ScalarNode {
		p.errorf(n, "这里应写一个数")
		return literal{}, false
	}
	text := strings.TrimSpace(n.Value)
	end := len(text)
	for i, r := range text {
		if !strings.ContainsRune("0123456789.-+eE", r) {
			end = i
			break
		}
	}
	number, err := qiaomen.ParseDecimal(text[:end])
	if err != nil {
		p.errorf(n, "“%s”%v", qiaomen.Clip(n.Value), err)
		return literal{}, false
	}
	unit := strings.TrimSpace(text[end:])
	switch unit {
	case "":
		return literal{number: number}, true
	case "百分点", "个百分点":
		return literal{number: percent.Held(number), scale: percent, ofPoint: true}, true
	}
	s, ok := scales[unit]
	if !ok {
		p.errorf(n, "“%s”里的计量单位“%s”不认识", qiaomen.Clip(n.Value), qiaomen.Clip(unit))
		return literal{}, false
	}
	return literal{number: s.Held(number), scale: s}, true
}

// number reads a literal into the given scale.
func (p *parser) number(n *yaml.Node, in *Scale) qiaomen.Number {
	l, ok := p.literal(n)
	if !ok {
		return qiaomen.Number{}
	}
	return p.convert(n, l, in)
}

func (p *parser) convert(n *yaml.Node, l literal, in *Scale) qiaomen.Number {
	switch {
	case l.scale == nil:
		return in.Held(l.number)
	case l.scale.dim != in.dim:
		p.errorf(n, "单位不合：这里以“%s”计，写的是“%s”", in.Name, l.scale.Name)
		return qiaomen.Number{}
	case in.dim == share:
		return l.number
	}
	return l.number.Mul(l.scale.factor).Quo(in.factor)
}

// plainNumber is a number without a unit: points, counts, factors.
func (p *parser) plainNumber(n *yaml.Node) qiaomen.Number {
	l, ok := p.literal(n)
	if ok && l.scale != nil && l.scale.dim != points && l.scale.dim != counted {
		p.errorf(n, "这里应写不带单位的数")
	}
	return l.number
}

// count is a whole number from least to most.
func (p *parser) count(n *yaml.Node, least, most int64) int {
	v := p.plainNumber(n)
	if !v.IsInt() || v.Cmp(qiaomen.Int(least)) < 0 || v.Cmp(qiaomen.Int(most)) > 0 {
		p.errorf(n, "应是%d到%d之间的整数", least, most)
		return int(least)
	}
	i := v.Rat().Num().Int64()
	return int(i)
}

// with is a number with its unit, as a sentence has it: 5亿元, 15%, 12个.
func with(n qiaomen.Number, s *Scale) string { return s.Show(n).String() + s.Name }

// points as a sentence has them: 2分.
func inPoints(n qiaomen.Number) string {
	if !n.Ends() {
		return "约" + n.Round(4).String() + "分"
	}
	return n.String() + "分"
}
