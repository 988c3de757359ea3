package scheme

import (
	"fmt"
	"strings"
)

// ranking reads back places, lists to name and grades.
func (p *passages) ranking() {
	for _, r := range p.s.Ranking {
		if r == nil {
			continue
		}
		by := r.By.say(p.s, func(m *Measure) string {
			if m == nil {
				return "总分"
			}
			return "“" + m.Name + "”"
		})
		ties := map[string]string{"share": "相同的并列，后面的名次空出（1、2、2、4）", "dense": "相同的并列，后面的名次不空（1、2、2、3）", "break": "相同的依次比"}[r.Ties]
		for i, m := range r.BreakBy {
			ties += map[bool]string{true: "", false: "、"}[i == 0] + m.Name
		}
		p.add(r.Cite, "%s按%s排名，%s。", r.Group.Name, by, ties)
		if r.Grades != nil {
			p.grades(r)
		}
	}
	for _, l := range p.s.Naming {
		var parts []string
		if l.First > 0 {
			parts = append(parts, fmt.Sprintf("前%d名（边界并列的都算）", l.First))
		}
		if l.Last > 0 {
			parts = append(parts, fmt.Sprintf("后%d名（边界并列的都算）", l.Last))
		}
		if l.If != nil {
			parts = append(parts, l.If.say(p.s)+"的")
		}
		if l.Unless != nil {
			parts = append(parts, "除去"+l.Unless.say(p.s)+"的")
		}
		p.add(l.Cite, "名单“%s”：%s中%s%s。", l.Name, l.Among.say(p.s, p.s.sayGroups), join(parts, "，且"), map[bool]string{true: "；只在最后的通报中点名"}[l.Final])
	}
}

func (p *passages) grades(r *Ranking) {
	p.add(r.Cite, "%s的等次：%s。", r.Group.Name, r.Grades.Give.say(p.s, func(g string) string {
		if g == "" {
			return "不评"
		}
		return g
	}))
	for _, m := range r.Grades.Moves {
		what := "不评"
		if !m.Bar {
			what = fmt.Sprintf("%s%d档", map[bool]string{true: "升", false: "降"}[m.By < 0], max(m.By, -m.By))
		}
		p.add(m.Cite, "%s的，%s。", m.If.say(p.s), what)
	}
}

// procedure reads back duties, adjustments, publication and settings.
func (p *passages) procedure() {
	for _, d := range p.s.Duties {
		who := p.s.sayGroups(d.OwedBy)
		if d.ByOffice {
			who = strings.TrimPrefix(who+"、办公室", "、")
		}
		text := fmt.Sprintf("%s：%s，期限%s", d.Name, who, p.s.dueSay(d))
		if d.HandIn != nil {
			text += "，交" + join(d.HandIn, "、")
		}
		p.add(d.Cite, "%s。", text)
	}
	if a := p.s.Adjustments; a != nil {
		var grounds []string
		for _, g := range a.Grounds {
			grounds = append(grounds, g.Name)
		}
		p.add(a.Cite, "得分的调整只限于：%s；由%s提出，%s审定，列在计算得分之外。", join(grounds, "、"), a.ProposedBy, a.ApprovedBy)
	}
	if b := p.s.Publication; b != nil {
		var parts []string
		if b.ApprovedBy != "" {
			parts = append(parts, "由"+b.ApprovedBy+"审定")
		}
		if b.To != "" {
			parts = append(parts, "向"+b.To+"通报")
		}
		if b.ObjectionDays > 0 {
			parts = append(parts, fmt.Sprintf("公示%d日，可提异议", b.ObjectionDays))
		}
		if b.AlsoShow != nil {
			parts = append(parts, "同时列出"+join(b.AlsoShow, "、"))
		}
		p.add(b.Cite, "结果%s。", join(parts, "，"))
	}
	for _, x := range p.s.Settings {
		for _, o := range settingOptions {
			if o.id != x.ID {
				continue
			}
			text := x.Value
			for _, op := range o.options {
				if op.ID == x.Value {
					text = op.Name
				}
			}
			p.add(nil, "设置“%s”：%s。", o.name, text)
		}
	}
	p.add(nil, "计算中的取舍：指标%s，每行得分%s，总分%s；显示时%s。",
		p.s.Rounding.Measures.say(), p.s.Rounding.Lines.say(), p.s.Rounding.Total.say(), p.s.Rounding.Shown.say())
	if n := len(p.s.Holidays.Rest); n > 0 {
		p.add(nil, "节假日表：放假%d天，周末上班%d天。", n, len(p.s.Holidays.Work))
	}
}

// open reads back what the source leaves open: readings, notes, errata.
func (p *passages) open() {
	for _, c := range p.s.Choices {
		var options []string
		for i, o := range c.Options {
			mark := ""
			if i == c.Default {
				mark = "▶"
			}
			options = append(options, mark+o.ID+" "+o.Name)
		}
		p.add(c.Cite, "口径“%s”：%s？%s。", c.ID, strings.TrimRight(c.Question, "？?"), join(options, "；"))
	}
	for _, n := range p.s.Notes {
		p.add(n.Cite, "定口径：%s。", n.Text)
	}
	for _, e := range p.s.Errata {
		about := ""
		if e.About != nil {
			var names []string
			for _, m := range e.About {
				names = append(names, m.Name)
			}
			about = "（涉及" + join(names, "、") + "）"
		}
		p.add(e.Clause, "原文矛盾：此处写「%s」，%s写「%s」；按「%s」，因为%s%s。", e.Says, e.Against.ID, e.Other, e.Taken, e.Because, about)
	}
}
