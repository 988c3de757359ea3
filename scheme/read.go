package scheme

import (
	"fmt"
	"slices"
	"strings"

	"qiaomen"
)

// A Passage is what the scheme makes of one clause of its source, read back
// as sentences, so that an officer can hold it against the original.
type Passage struct {
	Clause    *Clause // nil: what the source does not say
	Sentences []string
}

// A passages gathers sentences by clause.
type passages struct {
	s  *Scheme
	by map[*Clause][]string
}

func (p *passages) add(c *Clause, format string, args ...any) {
	p.by[c] = append(p.by[c], fmt.Sprintf(format, args...))
}

// Read is the whole scheme as sentences, clause by clause in the order of the
// source; what cites no clause comes last.
func (s *Scheme) Read() []Passage {
	p := &passages{s, map[*Clause][]string{}}
	p.frame()
	for _, k := range s.Kinds {
		p.kind(k)
	}
	p.figures()
	p.targets()
	for _, sc := range s.Scores {
		if sc != nil {
			p.score(sc)
		}
	}
	p.ranking()
	p.procedure()
	p.open()
	var out []Passage
	for c, sentences := range p.by {
		out = append(out, Passage{c, sentences})
	}
	slices.SortFunc(out, func(a, b Passage) int { return position(a.Clause) - position(b.Clause) })
	return out
}

func position(c *Clause) int {
	if c == nil {
		return 1 << 20
	}
	return c.order
}

func span(w *Window) string { return w.From.Chinese() + "至" + w.To.Chinese() }

func (p *passages) frame() {
	for _, w := range p.s.Windows {
		ph := find(p.s.Phases, func(ph *Phase) bool { return ph.Window == w })
		if ph == nil {
			p.add(w.Cite, "%s：%s。", w.Name, span(w))
			continue
		}
		var owed []string
		for _, id := range ph.Owes {
			if m := p.s.Measure(id); m != nil {
				owed = append(owed, m.Name)
			} else if d := find(p.s.Duties, func(d *Duty) bool { return d.ID == id }); d != nil {
				owed = append(owed, d.Name)
			}
		}
		p.add(w.Cite, "阶段“%s”：%s，应完成%s。", w.Name, span(w), join(owed, "、"))
	}
	for _, g := range p.s.Groups {
		var names []string
		for _, u := range g.Units {
			name := u.Name
			var attrs []string
			for _, a := range p.s.Attributes {
				if text := u.Attribute(a, p.s); text != "" {
					attrs = append(attrs, a.Name+text)
				}
			}
			if attrs != nil {
				name += "（" + join(attrs, "，") + "）"
			}
			names = append(names, name)
		}
		p.add(g.Cite, "%s共%d个：%s%s。", g.Name, len(g.Units), join(names, "、"), map[bool]string{true: "；列出，不排名"}[g.ShownOnly])
	}
}

func (p *passages) kind(k *Kind) {
	by := "由" + p.s.sayGroups(k.ReportedBy) + "上报"
	if len(k.ReportedBy) == 0 {
		by = "由办公室登记"
	}
	p.add(k.Cite, "记录“%s”，以%s计，%s。", k.Name, k.CountedIn, by)
	var plain []string
	for _, f := range k.Fields {
		text := f.say(p.s)
		if f.Need == Optional && f.FilledBy == ByUnit && f.Hint == "" {
			plain = append(plain, text)
			continue
		}
		p.add(f.Cite, "“%s”的%s。", k.Name, text)
	}
	if plain != nil {
		p.add(k.Cite, "“%s”可填：%s。", k.Name, join(plain, "、"))
	}
	for _, e := range k.Evidence {
		text := fmt.Sprintf("“%s”的佐证材料：%s", k.Name, e.Name)
		for i, other := range k.Evidence {
			if e.Or.Has(i) {
				text += "，或" + other.Name
			}
		}
		p.add(e.Cite, "%s，%s。", text, map[Need]string{Optional: "可附", ToSubmit: "不附不能上报", ToCount: "不附不计"}[e.Need])
	}
	if k.Identity != nil {
		var names []string
		for _, f := range k.Identity.By {
			names = append(names, f.Name)
		}
		p.add(k.Identity.Cite, "“%s”以%s为同一件事，在%s之间以首报者为准。", k.Name, join(names, "、"), p.s.sayGroups(k.Identity.Among))
	}
	for _, f := range k.Facts {
		p.add(f.Cite, "“%s”的“%s”是指：%s。", k.Name, f.Name, f.When.say(p.s))
	}
	for _, r := range k.Eligible {
		who := "“" + k.Name + "”"
		if r.For != nil {
			who += "中" + r.For.say(p.s) + "的"
		}
		p.add(r.Cite, "%s计入的条件：%s%s。", who, r.Need.say(p.s), map[bool]string{true: "；否则不计：" + r.Else}[r.Else != ""])
	}
}

// say is the field as a sentence has it.
func (f *Field) say(s *Scheme) string {
	var notes []string
	if f.Scale != nil {
		notes = append(notes, f.Scale.Name)
	}
	if f.FilledBy != ByUnit {
		notes = append(notes, map[Filler]string{ByOffice: "办公室填", ByStatistics: "统计部门填", ByLeader: "由市领导一方确认"}[f.FilledBy])
	}
	if f.Need != Optional {
		notes = append(notes, map[Need]string{Always: "必填", ToSubmit: "不填不能上报", ToCount: "不填不计"}[f.Need])
	}
	if f.OfficeSets != nil {
		notes = append(notes, optionNames(f.Options, f.OfficeSets)+"只由办公室判定")
	}
	if f.FromItsDay {
		notes = append(notes, "到这一天才算")
	}
	if f.OnlyPeriods != nil {
		notes = append(notes, "只有个别期有")
	}
	text := "“" + f.Name + "”"
	if notes != nil {
		text += "（" + join(notes, "，") + "）"
	}
	if f.Hint != "" {
		text += "：" + f.Hint
	}
	return text
}

func (p *passages) figures() {
	for _, f := range p.s.Figures {
		var names []string
		for _, x := range f.Fields {
			names = append(names, x.Name+"（"+x.Scale.Name+"）")
		}
		text := "统计数“" + f.Name + "”：" + join(names, "、")
		if f.Publisher != "" {
			text += "，以" + f.Publisher + "发布的为准"
		}
		if f.Every != "" && len(f.Periods) > 0 {
			text += "，取" + join(f.names, "、")
		}
		p.add(f.Cite, "%s；单位不能自报，最后发布的为准。", text)
	}
	for _, m := range p.s.Measures {
		text := m.verb.say(p.s, func(v *verb) string { return v.say(p.s) })
		if m.round.axis.kind != noAxis || m.round.plain.On {
			text += "，" + m.round.say(p.s, Rounded.say)
		}
		p.add(m.Cite, "指标“%s”（%s）＝%s。", m.Name, m.Scale.Name, text)
	}
	for _, r := range p.s.Relations {
		var names []string
		for _, m := range slices.Concat(r.Fill, r.Once) {
			names = append(names, m.Name)
		}
		if r.Once != nil {
			p.add(r.Cite, "一条记录只计一次，依次归入：%s。", join(names, "、"))
			continue
		}
		p.add(r.Cite, "%s：%s。", join(names, "、"), r.Apply.say(p.s, func(on bool) string {
			return map[bool]string{true: "前面的超额由近及远抵补后面的缺额，抵补后不再算超额", false: "各档各算，互不抵补"}[on]
		}))
	}
}

func (r Rounded) say() string {
	if !r.On {
		return "不取舍"
	}
	return fmt.Sprintf("四舍五入到%d位小数", r.Decimals)
}

// say is the verb as a sentence has it.
func (v *verb) say(s *Scheme) string {
	var ops []string
	for _, x := range v.operands {
		ops = append(ops, x.say())
	}
	switch v.op {
	case countRecords, sumRecords, meanRecords:
		text := "计入的“" + v.kind.Name + "”"
		if v.where.op != holdsAll || len(v.where.subs) > 0 {
			text += "中" + v.where.say(s) + "的"
		}
		switch v.op {
		case countRecords:
			text += "个数"
		case sumRecords:
			text += "的" + v.value.say(s) + "合计"
		default:
			text += "的" + v.value.say(s) + "平均"
		}
		for _, l := range v.limits {
			text += "，" + perNames[l.per]
			if l.each != nil {
				text += "每个" + l.each.Name
			}
			text += "最多计" + l.n.say(s, qiaomen.Number.String) + "次（按" + l.by.Name + "）"
		}
		return text
	case readFigure:
		return periodTitle(operand{figure: v.figure, field: v.field, period: v.period})
	case countPeriods:
		return v.field.Name + sayComparisons(s, v.tests, v.field.Scale) + "的期数"
	case growth:
		return ops[0] + "÷" + ops[1] + "－1"
	case completion:
		return ops[0]
	case elapsed:
		return sayWindow(v.window) + "已过去的比例（按" + map[bool]string{true: "月", false: "日"}[v.byMonth] + "）"
	case addUp:
		return join(ops, "＋")
	case subtract:
		return join(ops, "－")
	case multiply:
		return join(ops, "×")
	case divide:
		text := join(ops, "÷")
		if v.ifZero != nil {
			text += "（除数为0时按" + percent.Show(*v.ifZero).String() + "%）"
		}
		return text
	case minMax:
		return fmt.Sprintf("%s在本组最低与最高之间的位置，折成%v到%v分（全组相同时%v分）", ops[0], v.from, v.to, v.allEqual)
	}
	return ops[0] + "在本组的位次" + map[bool]string{true: "（低者为先）"}[v.lowFirst]
}

func (x operand) say() string {
	text := "“" + x.title() + "”"
	if x.completion {
		text += "的完成率"
	}
	if !x.times.Equal(qiaomen.Int(1)) {
		text += "×" + percent.Show(x.times).String() + "%"
	}
	return text
}

func (v *valueOf) say(s *Scheme) string {
	switch {
	case v.field == nil:
		return "分数（" + v.table.say(s, inPoints) + "）"
	case v.over != nil:
		return fmt.Sprintf("%s÷%s×%v（取%d位小数）", v.field.Name, v.over.Name, v.times, v.decimals)
	case v.rate != nil:
		return fmt.Sprintf("%s按%s当日的%s折算（取%d位小数）", v.field.Name, v.on.Name, v.rate.Name, v.decimals)
	}
	return v.field.Name
}

func (p *passages) targets() {
	for _, t := range p.s.Targets {
		// Units with the same targets are read out together.
		var order []string
		units := map[string][]string{}
		for _, u := range p.s.Units {
			row, ok := t.Rows[u]
			if !ok {
				continue
			}
			var cells []string
			for i, m := range t.Columns {
				switch row[i].Kind {
				case TargetGiven:
					cells = append(cells, m.Name+with(row[i].Number, m.Scale))
				case TargetAllExtra:
					cells = append(cells, m.Name+"没有目标（完成的都算超额）")
				default:
					cells = append(cells, m.Name+"没有目标")
				}
			}
			text := join(cells, "、")
			if units[text] == nil {
				order = append(order, text)
			}
			units[text] = append(units[text], u.Name)
		}
		for _, text := range order {
			set := map[bool]string{true: "", false: "（" + t.Set + "）"}[t.Set == baseSet]
			p.add(t.Cite, "目标%s：%s：%s。", set, join(units[text], "、"), text)
		}
		if t.Pace != "" {
			p.add(t.Cite, "以上目标%s。", map[string]string{
				"by_month": "按月序时推进", "by_day": "按日序时推进", "by_round": "按轮次累计推进", "each_round": "每轮各占一份",
			}[t.Pace])
		}
	}
	for _, st := range p.s.Stated {
		var names []string
		for _, m := range st.Sum {
			names = append(names, m.Name)
		}
		p.add(st.Cite, "正文写明：%s%s%s。", join(names, "、"), map[bool]string{true: "每个单位", false: "合计"}[st.Each], with(st.Is, st.Sum[0].Scale))
	}
}

func (p *passages) score(sc *Score) {
	if sc.BaseTotal != nil {
		p.add(sc.Cite, "%s基础分%v分。", sc.Group.Name, *sc.BaseTotal)
	}
	for _, l := range sc.Lines {
		p.line(sc, l)
	}
	for _, b := range sc.Blocks {
		var names []string
		for _, l := range b.Lines {
			names = append(names, l.Name)
		}
		text := "“" + b.Name + "”由" + join(names, "、") + "组成"
		if b.Pass != nil {
			text += "，达到" + inPoints(*b.Pass) + "为通过"
		}
		p.add(b.Cite, "%s%s。", text, sayBounds(p.s, b.Floor, b.Cap))
	}
	if text := sayBounds(p.s, sc.Floor, sc.Cap); text != "" {
		p.add(sc.Cite, "%s总分%s。", sc.Group.Name, strings.TrimPrefix(text, "，"))
	}
	if sc.ZeroIf != nil {
		p.add(sc.Cite, "%s：%s的，总分为0。", sc.Group.Name, sc.ZeroIf.say(p.s))
	}
	if sc.Show != nil {
		var names []string
		for _, m := range sc.Show {
			names = append(names, m.Name)
		}
		p.add(sc.Cite, "%s列出、不计分：%s。", sc.Group.Name, join(names, "、"))
	}
}

func (p *passages) line(sc *Score, l *Line) {
	title := sc.Group.Name + "“" + l.Name + "”"
	p.add(l.Cite, "%s基础分%s%s。", title, l.Base.say(p.s, inPoints), sayBounds(p.s, l.Floor, l.Cap))
	if earn := l.Earn.say(p.s, func(ts []*Term) string {
		var parts []string
		for _, t := range ts {
			parts = append(parts, t.say(p.s, "得"))
		}
		return join(parts, "，加")
	}); earn != "" {
		p.add(l.Cite, "%s：%s。", title, earn)
	}
	for _, t := range l.Deduct {
		p.add(t.Cite, "%s：%s。", title, t.say(p.s, "减"))
	}
	for _, t := range l.Add {
		p.add(t.Cite, "%s：%s。", title, t.say(p.s, "加"))
	}
	for i, word := range []string{"减", "加"} {
		if m := l.Most[i]; m.axis.kind != noAxis || m.plain.on {
			p.add(l.Cite, "%s：共%s不超过%s。", title, word, m.say(p.s, sayCeiling))
		}
	}
	if f := l.Factor; f.axis.kind != noAxis || !f.plain.Equal(qiaomen.Int(1)) {
		p.add(l.Cite, "%s：加减分×%s。", title, f.say(p.s, qiaomen.Number.String))
	}
	if n := l.NoTarget; n.axis.kind != noAxis || n.plain != "" {
		p.add(l.Cite, "%s：没有目标的单位%s。", title, n.say(p.s, func(w string) string {
			return map[string]string{"skip": "本项不计", "zero": "记0分", "full": "记满分", "": "不计"}[w]
		}))
	}
	if n := l.Pending; n.axis.kind != noAxis || n.plain != "" {
		p.add(l.Cite, "%s：数据发布前%s。", title, n.say(p.s, func(w string) string {
			return map[string]string{"leave_out": "暂不计分", "hold_base": "先计基础分", "": "暂不计分"}[w]
		}))
	}
	if l.ZeroIf != nil {
		p.add(l.Cite, "%s：%s的，本项为0分。", title, l.ZeroIf.say(p.s))
	}
	if l.Rounds != nil {
		var names []string
		for _, i := range l.Rounds {
			if i >= 0 {
				names = append(names, p.s.Rounds[i].Name)
			}
		}
		p.add(l.Cite, "%s：只在%s计。", title, join(names, "、"))
	}
}

func sayBounds(s *Scheme, floor, top Value[ceiling]) string {
	text := ""
	if floor.axis.kind != noAxis || floor.plain.on {
		text += "，最低" + floor.say(s, sayCeiling)
	}
	if top.axis.kind != noAxis || top.plain.on {
		text += "，最高" + top.say(s, sayCeiling)
	}
	return text
}
