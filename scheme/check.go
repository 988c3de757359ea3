package scheme

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"qiaomen"
)

// check is the pass over the meaning of the whole: what no single word shows.
// Totals and errata report where they are read.
func (p *parser) check(root *node) {
	p.checkUnused(root)
	p.checkCites(root)
	p.checkCalendar(root)
	p.checkTiers(root)
	p.checkBounds(root)
	p.checkGroups(root)
	p.checkAttributes(root)
	p.checkCaps(root)
}

// checkCaps finds lines whose cap lies below their base: often a bound on the
// bonuses is meant.
func (p *parser) checkCaps(root *node) {
	for _, sc := range p.s.Scores {
		if sc == nil {
			continue
		}
		for _, l := range sc.Lines {
			if l.Cap.axis.kind == noAxis && l.Cap.plain.on && l.Base.axis.kind == noAxis && l.Cap.plain.at.Cmp(l.Base.plain) < 0 {
				p.report(Warning, at(root, "scores", sc.Group.ID, "lines", l.ID),
					"“%s”的最高分%v分低于基础分%v分；若只限制加分，请写 add_at_most", l.Name, l.Cap.plain.at, l.Base.plain)
			}
		}
	}
}

// checkAttributes finds units without an attribute that a rule goes by.
func (p *parser) checkAttributes(root *node) {
	for i, a := range p.s.Attributes {
		if len(a.Options) == 0 || !p.used["attribute."+a.ID] {
			continue
		}
		for _, u := range p.s.Units {
			if u.attrs[i] < 0 {
				p.errorf(at(root, "groups", u.Group.ID, "units", u.ID), "“%s”没有写“%s”（%s），而规则要按它", u.Name, a.Name, a.ID)
			}
		}
	}
}

// at is where a path of words leads, or the nearest place on the way.
func at(root *node, path ...string) *node {
	for _, word := range path {
		next := (*node)(nil)
		if root.Kind == mappingNode {
			for i := 0; i+1 < len(root.Content); i += 2 {
				if root.Content[i].Value == word {
					next = root.Content[i+1]
					if next.Kind == scalarNode || word == path[len(path)-1] {
						return root.Content[i]
					}
				}
			}
		}
		if next == nil {
			return root
		}
		root = next
	}
	return root
}

func (p *parser) checkGroups(root *node) {
	for i, g := range p.s.Groups {
		if p.s.Scores[i] == nil {
			p.report(Warning, at(root, "groups", g.ID), "分组“%s”没有计分（scores）", g.ID)
		}
		if p.s.Ranking[i] == nil && !g.ShownOnly {
			p.report(Warning, at(root, "groups", g.ID), "分组“%s”没有排名（ranking）", g.ID)
		}
	}
}

func (p *parser) checkUnused(root *node) {
	for _, c := range p.s.Choices {
		if !p.used["choice."+c.ID] {
			p.report(Warning, at(root, "choices", c.ID), "口径“%s”没有用到", c.ID)
		}
	}
	for _, sc := range p.s.Scores {
		if sc == nil {
			continue
		}
		for _, m := range sc.Show {
			p.used["measure."+m.ID] = true
		}
	}
	for _, m := range p.s.Measures {
		if !p.used["measure."+m.ID] {
			p.report(Warning, at(root, "measures", m.ID), "指标“%s”没有用到", m.ID)
		}
	}
	for _, k := range p.s.Kinds {
		for _, f := range k.Facts {
			if !p.used["fact."+k.ID+"."+f.ID] {
				p.report(Warning, at(root, "kinds", k.ID, "facts", f.ID), "“%s”的事实“%s”没有用到", k.Name, f.ID)
			}
		}
	}
	for _, f := range p.s.Figures {
		if !p.used["figure."+f.ID] {
			p.report(Warning, at(root, "figures", f.ID), "统计数“%s”没有用到", f.ID)
		}
	}
	for _, a := range p.s.Attributes {
		if len(a.Options) > 0 && !p.used["attribute."+a.ID] {
			p.report(Warning, at(root, "attributes", a.ID), "单位属性“%s”没有用到", a.ID)
		}
	}
	for _, l := range p.s.Lists {
		if !p.used["list."+l.ID] {
			p.report(Warning, at(root, "lists", l.ID), "选项表“%s”没有用到", l.ID)
		}
	}
}

func (p *parser) checkCites(root *node) {
	for _, m := range p.s.Measures {
		if m.Cite == nil {
			p.report(Warning, at(root, "measures", m.ID), "指标“%s”没有出处（cite）", m.ID)
		}
	}
	for _, sc := range p.s.Scores {
		if sc == nil {
			continue
		}
		for _, l := range sc.Lines {
			if l.Cite == nil {
				p.report(Warning, at(root, "scores", sc.Group.ID, "lines", l.ID), "计分行“%s”没有出处（cite）", l.ID)
			}
		}
	}
}

func (p *parser) checkBaseTotal(sc *Score, n *node) {
	sum := qiaomen.Number{}
	for _, l := range sc.Lines {
		if l.Base.axis.kind != noAxis {
			return
		}
		sum = sum.Add(l.Base.plain)
	}
	if sum.Equal(*sc.BaseTotal) {
		p.report(Note, n, "“%s”各行基础分合计%v分，与写明的一致", sc.Group.Name, sum)
		return
	}
	p.report(Warning, n, "“%s”各行基础分合计%v分，写明的是%v分", sc.Group.Name, sum, *sc.BaseTotal)
}

// checkTargets finds units that a line compares with a target they lack, where
// the line does not say what then.
func (p *parser) checkTargets(l *Line, o object) {
	if o.has("no_target") {
		return
	}
	all := slices.Concat(l.Deduct, l.Add)
	l.Earn.each(func(ts []*Term) { all = append(all, ts...) })
	g := p.scoring
	for _, t := range all {
		if !t.targeted() {
			continue
		}
		for _, m := range t.asks {
			for _, u := range g.Units {
				if p.hasTarget(u, m, t.set) {
					continue
				}
				p.errorf(t.at, "“%s”没有“%s”的目标，这一行请写 no_target（skip 不计、zero 记0分、full 记满分）", u.Name, m.Name)
				return
			}
		}
	}
}

func (p *parser) hasTarget(u *Unit, m *Measure, set int) bool {
	column := p.s.targets[set][m.index]
	return column != nil && column[u.index].Kind != TargetAbsent
}

// checkCalendar finds years in which duties fall due that have no holidays.
func (p *parser) checkCalendar(root *node) {
	years := map[int]bool{}
	for _, d := range append(slices.Clone(p.s.Holidays.Rest), p.s.Holidays.Work...) {
		y, _, _ := d.YMD()
		years[y] = true
	}
	for _, d := range p.s.Duties {
		for _, day := range p.s.Due(d) {
			if d.DayOff == "keep" || day == 0 {
				continue
			}
			if y, m, _ := day.YMD(); !years[y] && !(m == 12 && years[y+1]) {
				p.report(Warning, at(root, "duties", d.ID), "%d年没有节假日表，截止日按周末推算", y)
				years[y] = true
			}
		}
	}
}

// checkTiers finds overlaps and gaps between measures that cut one field of a
// kind into tiers.
func (p *parser) checkTiers(root *node) {
	for _, r := range p.s.Relations {
		tiers := slices.Concat(r.Fill, r.Once)
		type tier struct {
			m         *Measure
			low, high *comparison
		}
		var ts []tier
		var field *Field
		for _, m := range tiers {
			c := m.verb.plain.where
			if c == nil || c.op != testNumber || field != nil && c.field != field {
				ts = nil
				break
			}
			field = c.field
			t := tier{m: m}
			for i := range c.tests {
				if c.tests[i].op <= above {
					t.low = &c.tests[i]
				} else if c.tests[i].op <= below {
					t.high = &c.tests[i]
				}
			}
			ts = append(ts, t)
		}
		sort.SliceStable(ts, func(i, j int) bool {
			return ts[i].low != nil && ts[j].low != nil && ts[i].low.bound.plain.Cmp(ts[j].low.bound.plain) < 0
		})
		for i := 0; i+1 < len(ts) && r.Fill != nil; i++ {
			a, b := ts[i], ts[i+1]
			if a.high == nil || b.low == nil {
				p.report(Warning, at(root, "measures", a.m.ID), "“%s”与“%s”重叠", a.m.Name, b.m.Name)
				continue
			}
			order := a.high.bound.plain.Cmp(b.low.bound.plain)
			edge := with(b.low.bound.plain, field.Scale)
			switch {
			case order > 0 || order == 0 && a.high.op == atMost && b.low.op == atLeast:
				p.report(Warning, at(root, "measures", a.m.ID), "“%s”与“%s”重叠：%s同时属于两档", a.m.Name, b.m.Name, edge)
			case order < 0 || a.high.op == below && b.low.op == above:
				p.report(Warning, at(root, "measures", a.m.ID), "“%s”与“%s”之间有空：%s不属于任何一档", a.m.Name, b.m.Name, edge)
			}
		}
	}
}

// checkBounds notes where bonuses have no bound.
func (p *parser) checkBounds(root *node) {
	for _, sc := range p.s.Scores {
		if sc == nil || sc.Cap.axis.kind != noAxis || sc.Cap.plain.on {
			continue
		}
		var open []string
		for _, l := range sc.Lines {
			bounded := l.Cap.axis.kind != noAxis || l.Cap.plain.on || l.Most[1].axis.kind != noAxis || l.Most[1].plain.on
			for _, t := range l.Add {
				if !bounded && t.op <= extraStep && t.most.axis.kind == noAxis && !t.most.plain.on {
					open = append(open, l.Name)
					break
				}
			}
		}
		if open != nil {
			p.report(Note, at(root, "scores", sc.Group.ID), "“%s”的加分没有上限（%s），总分可能远超基础分", sc.Group.Name, strings.Join(open, "、"))
		}
	}
	if p.text == "" && p.s.Source.Text != "" {
		p.report(Warning, at(root, "source", "text"), "%s", fmt.Sprintf("没有读到原文“%s”，引文未核对", p.s.Source.Text))
	}
}
