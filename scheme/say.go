package scheme

import (
	"strings"

	"qiaomen"
)

// say is the condition as a sentence has it. An empty condition asks nothing.
func (c *Cond) say(s *Scheme) string {
	switch c.op {
	case holdsAll, holdsAny:
		if len(c.subs) == 0 {
			return "不作要求"
		}
		var parts []string
		for _, sub := range c.subs {
			parts = append(parts, sub.say(s))
		}
		if c.op == holdsAny {
			return join(parts, "，或者")
		}
		return join(parts, "，")
	case holdsNot:
		return "不是（" + c.subs[0].say(s) + "）"
	case holdsTable:
		return c.table.say(s, func(sub *Cond) string { return sub.say(s) })
	case testFact:
		return c.fact.Name
	case testGroup:
		return "属于" + c.group.Name
	case testAttribute:
		return s.Attributes[c.index].Name + "为" + optionNames(s.Attributes[c.index].Options, c.options)
	case testEvidence:
		return "附有" + c.evidenceNames()
	}
	name := c.field.Name
	switch c.op {
	case testNumber:
		return name + sayComparisons(s, c.tests, c.field.Scale)
	case testSize:
		return name + sayComparisons(s, c.tests, c.field.counted())
	case testWithin:
		return name + "在" + c.window.say(s, sayWindow) + "内"
	case testSince, testUntil:
		return name + map[condOp]string{testSince: "不早于", testUntil: "不晚于"}[c.op] + c.date.say(s, qiaomen.Date.Chinese)
	case testOption:
		return name + "为" + optionNames(c.field.Options, c.options)
	case testNoneOf:
		return name + "不是" + optionNames(c.field.Options, c.options)
	case testText:
		return name + "为" + join(c.texts, "或")
	case testFlag:
		return name + map[bool]string{true: "", false: "为否"}[c.flag]
	case testGiven:
		return map[bool]string{true: "已填写", false: "没有填写"}[c.flag] + name
	case testSameAs:
		return name + "与本单位的" + s.Attributes[c.index].Name + "相同"
	}
	return name
}

func sayWindow(w *Window) string {
	if w == nil {
		return "本轮"
	}
	return w.Name
}

func (c *Cond) evidenceNames() string {
	var names []string
	for i, ev := range c.kind.Evidence {
		if c.set.Has(i) {
			names = append(names, ev.Name)
		}
	}
	return join(names, "、")
}

func (f *Field) counted() *Scale {
	if s, ok := scales[f.Counted]; ok {
		return s
	}
	return each
}

// why is what the record in e lacks of the condition, one sentence each:
// 目标企业4家，不足5家.
func (c *Cond) why(s *Scheme, e *env) []string {
	if c.holds(s, e) {
		return nil
	}
	switch c.op {
	case holdsAll:
		var out []string
		for _, sub := range c.subs {
			out = append(out, sub.why(s, e)...)
		}
		return out
	case holdsTable:
		if sub := c.table.of(e); sub != nil {
			return sub.why(s, e)
		}
		if f := c.table.axis.field; f != nil && !f.in(e.rec).Given {
			return []string{f.lacking(f.in(e.rec))}
		}
		return []string{c.table.axis.name + "不在所列各档之内"}
	case testFact:
		return c.fact.When.why(s, e)
	case holdsAny, holdsNot, testGroup, testAttribute, testEvidence:
		return []string{"不符合“" + c.say(s) + "”"}
	}
	f := c.field
	v := f.in(e.rec)
	if c.op == testGiven {
		return []string{map[bool]string{true: "没有填写", false: "填写了"}[c.flag] + f.Name}
	}
	if c.op == testSize {
		return []string{f.Name + with(qiaomen.Int(int64(len(v.List))), f.counted()) + "，" +
			whyNot(c.tests, qiaomen.Int(int64(len(v.List))), f.counted(), e)}
	}
	if !v.Given {
		return []string{f.lacking(v)}
	}
	switch c.op {
	case testNumber:
		return []string{f.Name + with(v.Number, f.Scale) + "，" + whyNot(c.tests, v.Number, f.Scale, e)}
	case testWithin:
		w := c.window.of(e)
		if w == nil {
			w = e.window
		}
		return []string{f.Name + v.Date.String() + "，不在" + w.Name + "（" + w.From.String() + "至" + w.To.String() + "）内"}
	case testSince:
		return []string{f.Name + v.Date.String() + "，早于" + c.date.of(e).String()}
	case testUntil:
		return []string{f.Name + v.Date.String() + "，晚于" + c.date.of(e).String()}
	case testNoneOf:
		return []string{f.Name + "是“" + f.text(v) + "”，不计"}
	case testFlag:
		return []string{f.Name + "：" + f.text(v)}
	}
	return []string{f.Name + "是“" + f.text(v) + "”，不是" + strings.TrimPrefix(c.say(s), f.Name+"为")}
}

// lacking says that the field has no value, or one that comes later.
func (f *Field) lacking(v qiaomen.Value) string {
	if v.Date != 0 {
		return f.Name + v.Date.String() + "，在截止日之后"
	}
	return "没有“" + f.Name + "”"
}

// sayStep is one step of a measure: 每个, 每1百分点, 每10%（占目标）.
func (st step) say(s *Scale) string {
	switch {
	case st.ofTarget:
		return "每" + st.text + "（占目标）"
	case st.text != "":
		return "每" + st.text
	case st.size.Equal(qiaomen.Int(1)):
		return "每" + s.Name
	}
	return "每" + with(st.size, s)
}

// say is the term as a sentence has it; plus is 加, 减 or 得.
func (t *Term) say(s *Scheme, plus string) string {
	num := func(n qiaomen.Number) string { return plus + inPoints(n) }
	var b strings.Builder
	if t.cond != nil {
		b.WriteString(t.cond.say(s) + "的，")
	}
	switch t.op {
	case eachStep, missingStep, extraStep:
		name := "“" + t.m.Name + "”" + t.against(s)
		if t.where != nil {
			name += "中" + t.where.say(s) + "的，"
		}
		b.WriteString(name + map[termOp]string{missingStep: "缺少的", extraStep: "超额的"}[t.op])
		b.WriteString(t.per.say(s, func(st step) string { return st.say(t.m.Scale) }) + t.points.say(s, num))
		if part := t.part.say(s, func(pa part) string { return pa.say(s, plus) }); part != "" {
			b.WriteString("，" + part)
		}
		if cap := t.noMore.say(s, func(a *atMostAs) string { return a.say(s) }); t.noMore.axis.kind != noAxis || cap != "" {
			b.WriteString("，" + cap)
		}
	case byCompletion, byRate:
		of := map[termOp]string{byCompletion: "的完成率", byRate: ""}[t.op]
		full := "基础分"
		if t.stated {
			full = t.points.say(s, inPoints)
		}
		b.WriteString("按“" + t.m.Name + "”" + t.against(s) + of + "×" + full + "计")
		if up := t.upTo.say(s, func(c ceiling) string {
			if !c.on {
				return "超过100%照计"
			}
			return "比率最高按" + percent.Show(c.at).String() + "%"
		}); t.op == byCompletion || t.upTo.axis.kind != noAxis || t.upTo.plain.on {
			b.WriteString("，" + up)
		}
	case pointsOf:
		b.WriteString("“" + t.m.Name + "”的分数")
	case ifMet:
		var names []string
		for _, m := range t.all {
			names = append(names, m.Name)
		}
		full := "得基础分"
		if t.stated {
			full = t.points.say(s, func(n qiaomen.Number) string { return "得" + inPoints(n) })
		}
		b.WriteString("完成“" + join(names, "、") + "”" + t.against(s) + "目标的" + full + "，否则得" + t.orElse.say(s, inPoints))
	case firstOf:
		for _, r := range t.ladder {
			b.WriteString(r.cond.say(s) + "的" + r.points.say(s, num) + "；")
		}
		b.WriteString("否则" + t.orElse.say(s, num))
	case giveConstant:
		if t.base {
			b.WriteString("基础分照给")
		} else {
			b.WriteString(t.points.say(s, num))
		}
	}
	if f := t.factor; f.axis.kind != noAxis || !f.plain.Equal(qiaomen.Int(1)) {
		b.WriteString("，再×" + f.say(s, qiaomen.Number.String))
	}
	if t.most.axis.kind != noAxis || t.most.plain.on {
		b.WriteString("，最多" + t.most.say(s, sayCeiling))
	}
	return b.String()
}

// against names the term's targets where they are not the ordinary ones.
func (t *Term) against(s *Scheme) string {
	if t.set == 0 {
		return ""
	}
	return "（对照“" + s.sets[t.set] + "”目标）"
}

func sayCeiling(c ceiling) string {
	if !c.on {
		return "不限"
	}
	return inPoints(c.at)
}

func (pa part) say(s *Scheme, plus string) string {
	switch pa.mode {
	case "whole":
		return "不足一步的按一步计"
	case "share":
		return "不足一步的按比例计"
	case "points":
		when := pa.onlyBare.say(s, func(bare bool) string {
			return map[bool]string{true: "不足一步时", false: "零头"}[bare]
		})
		return when + plus + inPoints(pa.points)
	}
	return ""
}

func (a *atMostAs) say(s *Scheme) string {
	switch {
	case a == nil:
		return ""
	case a.none:
		return "个数不限"
	case a.fixed:
		return "最多计" + a.count.String() + "步"
	case a.extra != nil:
		return "不多于“" + a.extra.Name + "”超额的个数"
	case a.term != nil && a.term.m != nil && a.term.where != nil:
		return "不多于“" + a.term.m.Name + "”中" + a.term.where.say(s) + "的个数"
	case a.term != nil && a.term.m != nil:
		return "不多于“" + a.term.m.Name + "”的个数"
	}
	return ""
}

// sayGroups is groups as a sentence has them.
func (s *Scheme) sayGroups(gs []*Group) string {
	if len(gs) == len(s.Groups) && len(gs) > 1 {
		return "所有单位"
	}
	var names []string
	for _, g := range gs {
		names = append(names, g.Name)
	}
	return join(names, "、")
}
