package scheme

import (
	"strings"

	"qiaomen"
)

// Sentence is the line's arithmetic in words:
// 目标5个，完成3个，缺2个，每个减2分，减4分，得11分.
func (lr *LineResult) Sentence(s *Scheme) string {
	if lr.Pending != "" {
		switch {
		case lr.Scored:
			return lr.Pending + "，计" + inPoints(lr.Score)
		}
		return lr.Pending
	}
	var parts []string
	named := len(lr.Measures) > 1
	terms := lr.Terms()
	sole := lr.sole(terms)
	for i := range lr.Measures {
		m := &lr.Measures[i]
		text := m.say()
		for j := range terms {
			if terms[j].Term.beside() == m.Measure {
				if say := terms[j].say(s, sole); say != "" {
					if terms[j].Term.op != byRate { // its rate is the measure just named
						text += "，"
					}
					text += say
				}
			}
		}
		if named {
			text = m.Measure.Name + "：" + text
		}
		parts = append(parts, text)
	}
	sep := "，"
	if named {
		sep = "；"
	}
	for j := range terms {
		if t := &terms[j]; t.Term.beside() == nil {
			if say := t.say(s, sole); say != "" {
				parts = append(parts, say)
			}
		}
	}
	return join(append(parts, lr.total(s, terms)), sep)
}

// beside is the measure with which a term is told, if it is about one alone.
func (t *Term) beside() *Measure {
	if len(t.all) > 1 {
		return nil
	}
	return t.m
}

// sole tells whether one term earns the whole score, so that the line's last
// words say what it gives.
func (lr *LineResult) sole(terms []TermResult) bool {
	if lr.Capped || lr.ZeroIf || len(terms) == 0 || terms[0].Side != Earned {
		return false
	}
	for i := range terms[1:] {
		if t := &terms[i+1]; t.Side == Earned || t.Points.Sign() != 0 {
			return false
		}
	}
	return true
}

// total is how the line adds up.
func (lr *LineResult) total(s *Scheme, terms []TermResult) string {
	var b strings.Builder
	lost, won := qiaomen.Number{}, qiaomen.Number{}
	sides := map[Side]int{}
	for _, t := range terms {
		if t.Points.Sign() == 0 {
			continue
		}
		sides[t.Side]++
		if t.Side == Deducted {
			lost = lost.Add(t.Points)
		} else if t.Side == Added {
			won = won.Add(t.Points)
		}
	}
	switch {
	case lr.Floored && sides[Deducted] == 1:
		b.WriteString("减到最低分为止，实减" + inPoints(lr.Deduction) + "，")
	case lr.Floored:
		b.WriteString("应减" + inPoints(lost) + "，减到最低分为止，实减" + inPoints(lr.Deduction) + "，")
	case sides[Deducted] > 1:
		b.WriteString("共减" + inPoints(lost) + "，")
	}
	if sides[Added] > 1 {
		b.WriteString("共加" + inPoints(won) + "，")
	}
	for side, word := range []string{Deducted: "减", Added: "加"} {
		if lr.Most[side] != nil {
			b.WriteString("最多" + word + inPoints(*lr.Most[side]) + "，")
		}
	}
	switch {
	case lr.ZeroIf:
		b.WriteString(lr.Line.ZeroIf.say(s) + "，本项为0分，")
	case lr.Capped:
		b.WriteString("以" + inPoints(lr.Score) + "为限，")
	}
	b.WriteString("得" + inPoints(lr.Score))
	return b.String()
}

// Sentence is how the lines make up the total, where they do not simply add
// up to it: blocks, bounds, a condition that leaves nothing. Otherwise it is
// empty.
func (ur *UnitResult) Sentence(s *Scheme) string {
	sum := qiaomen.Number{}
	for _, lr := range ur.Lines {
		if lr.Scored {
			sum = sum.Add(lr.Score)
		}
	}
	if sum.Equal(ur.Total) {
		return ""
	}
	parts := []string{"各行合计" + inPoints(sum)}
	for _, b := range ur.Blocks {
		if !b.Sum.Equal(b.Score) {
			parts = append(parts, "“"+b.Block.Name+"”各行合计"+inPoints(b.Sum)+"，按"+inPoints(b.Score)+"计")
		}
	}
	switch {
	case ur.zeroed:
		parts = append(parts, ur.score.ZeroIf.say(s)+"，总分为0")
	case ur.bounded > 0:
		parts = append(parts, "总分最高"+inPoints(ur.Total))
	case ur.bounded < 0:
		parts = append(parts, "总分最低"+inPoints(ur.Total))
	case s.Rounding.Total.On:
		parts = append(parts, "总分"+s.Rounding.Total.say())
	}
	return join(append(parts, "总分"+inPoints(ur.Total)), "；")
}

func (m *MeasureResult) say() string {
	s := m.Measure.Scale
	done := "完成" + m.shown().String() + s.Name
	if m.Measure.Scale.dim == share || m.Target.Kind == TargetAbsent {
		done = m.shown().String() + s.Name
	}
	switch m.Target.Kind {
	case TargetGiven:
		return "目标" + with(m.Target.Number, s) + "，" + map[bool]string{true: "实际", false: ""}[s.dim == share] + done
	case TargetAllExtra:
		return "没有目标，" + done
	}
	return done
}

// say is the term in words; of the sole term of a line the line says what it
// earns.
func (tr *TermResult) say(s *Scheme, sole bool) string {
	t := tr.Term
	plus := map[Side]string{Earned: "得", Deducted: "减", Added: "加"}[tr.Side]
	switch {
	case tr.Barred:
		return "不符合“" + t.cond.say(s) + "”，不" + plus + "分"
	case tr.Idle:
		return ""
	}
	result := "，" + plus + inPoints(tr.Points)
	if sole {
		result = ""
	}
	if !tr.Factor.Equal(qiaomen.Int(1)) {
		result = "，×" + tr.Factor.String() + result
	}
	against := ""
	if t.set != 0 && tr.Standing.target.Kind == TargetGiven {
		against = "对照“" + s.sets[t.set] + "”目标" + with(tr.Standing.target.Number, t.m.Scale) + "，"
	}
	switch t.op {
	case missingStep, extraStep, eachStep:
		if say := tr.saySteps(s, plus); say != "" {
			return against + say
		}
		return ""
	case byCompletion, byRate:
		rate := ""
		if t.op == byCompletion {
			rate = against + "完成率" + percent.Show(tr.Amount).Round(2).String() + "%"
		}
		if !tr.Rate.Equal(tr.Amount) {
			rate += "（按" + percent.Show(tr.Rate).String() + "%计）"
		}
		return rate + "×" + inPoints(tr.Each) + result
	case ifMet:
		all := map[bool]string{true: "全部"}[len(t.all) > 1]
		return against + map[bool]string{true: all + "完成目标", false: "没有" + all + "完成目标"}[tr.Met] + result
	case firstOf:
		if tr.Met {
			return t.ladder[tr.Rung].cond.say(s) + result
		}
		return "各档都不符合" + result
	case giveConstant:
		if t.base {
			return "未完成也不减分"
		}
	}
	return strings.TrimPrefix(result, "，")
}

func (tr *TermResult) saySteps(s *Scheme, plus string) string {
	t := tr.Term
	if tr.Amount.Sign() == 0 {
		switch {
		case t.op == missingStep && tr.Standing.filled.Sign() > 0:
			return "缺的" + tr.amount(tr.Standing.filled) + "由高一档的超额抵补"
		case t.op == extraStep && tr.Standing.used.Sign() > 0:
			return "超额的" + tr.amount(tr.Standing.used) + "用于抵补低档"
		}
		return ""
	}
	var b strings.Builder
	switch t.op {
	case missingStep:
		b.WriteString("缺" + tr.amount(tr.Amount))
		if tr.Standing.filled.Sign() > 0 {
			b.WriteString("（另有" + tr.amount(tr.Standing.filled) + "由高一档抵补）")
		}
	case extraStep:
		b.WriteString("超" + tr.amount(tr.Amount))
		if tr.Standing.used.Sign() > 0 {
			b.WriteString("（另有" + tr.amount(tr.Standing.used) + "用于抵补低档）")
		}
	default:
		if t.where != nil {
			b.WriteString("其中" + t.where.say(s))
		} else {
			b.WriteString("计")
		}
		b.WriteString(tr.amount(tr.Amount))
	}
	if tr.Limited {
		b.WriteString("，限计" + tr.Steps.String() + t.m.Scale.Name)
	}
	factored := !tr.Factor.Equal(qiaomen.Int(1))
	b.WriteString("，" + tr.Step.say(t.m.Scale) + plus + inPoints(tr.Each))
	if tr.Part.Sign() != 0 {
		if tr.Steps.Sign() != 0 {
			b.WriteString("计" + tr.Steps.String() + "步，零头" + plus + inPoints(tr.Part))
		} else {
			b.Reset()
			b.WriteString(map[termOp]string{missingStep: "缺", extraStep: "超", eachStep: ""}[t.op] + tr.amount(tr.Amount) + "，不足一步")
			if factored { // else the last words say the points
				b.WriteString(plus + inPoints(tr.Part))
			}
		}
	} else if t.m.Scale.dim == share || !tr.Steps.Equal(tr.Amount) && !tr.Limited {
		b.WriteString("，计" + tr.Steps.String() + "步")
	}
	if factored {
		b.WriteString("，×" + tr.Factor.String())
	}
	b.WriteString("，" + map[bool]string{true: "最多"}[tr.Bounded] + plus + inPoints(tr.Points))
	return b.String()
}

// amount is a quantity as a sentence has it; rates differ by 百分点.
func (tr *TermResult) amount(n qiaomen.Number) string {
	s := tr.Term.m.Scale
	if s.dim == share {
		return percent.Show(n).Round(4).String() + "个百分点"
	}
	return with(n, s)
}
