package gongwen

import (
	"slices"

	"qiaomen/scheme"
)

// What a target, a ranking and a line of a score card are as cells of tables.

func target(m *scheme.MeasureResult) string {
	if m.Target.Kind != scheme.TargetGiven {
		return "—"
	}
	text := m.Measure.Scale.Show(m.Target.Number).String()
	if m.Measure.Scale.Name == "%" {
		text += "%"
	}
	return text
}

// ranking is a group's places and totals; full adds the score of every line.
func (f *facts) ranking(g *scheme.GroupResult, full bool) *Table {
	t := &Table{Measure: "分", Columns: []Column{{Head: "名次"}, {Head: "单位"}, {Head: "总分"}}}
	if full {
		for _, l := range g.Units[0].Lines {
			t.Columns = append(t.Columns, Column{Head: flat(l.Line.Short)})
		}
	} else {
		t.Caption = flat(g.Group.Name) + "排名"
	}
	graded := slices.ContainsFunc(g.Units, func(u *scheme.UnitResult) bool { return u.Grade != "" })
	if graded {
		t.Columns = append(t.Columns, Column{Head: "等次"})
	}
	for _, m := range g.Units[0].Shown {
		head := flat(m.Measure.Name)
		if unit := m.Measure.Scale.Name; unit != "分" && unit != "%" {
			head += "（" + unit + "）"
		}
		t.Columns = append(t.Columns, Column{Head: head})
	}
	for _, u := range g.Units {
		row := []string{standing(u), flat(u.Unit.Name), f.score(u.Total)}
		if full {
			for _, l := range u.Lines {
				row = append(row, f.lineScore(l))
			}
		}
		if graded {
			row = append(row, u.Grade)
		}
		for _, m := range u.Shown {
			row = append(row, m.Text())
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (f *facts) lineScore(l *scheme.LineResult) string {
	if !l.Scored {
		return "未计"
	}
	return f.score(l.Score)
}

// line is one line of the group's score cards: targets, what was done, points.
func (f *facts) line(g *scheme.GroupResult, i int) *Table {
	first := g.Units[0].Lines[i]
	t := &Table{Caption: flat(first.Line.Name), Measure: "分", Columns: []Column{{Head: "单位"}}}
	for _, m := range first.Measures {
		over := flat(m.Measure.Name)
		if unit := m.Measure.Scale.Name; unit != "%" {
			over += "（" + unit + "）"
		}
		if slices.ContainsFunc(g.Units, func(u *scheme.UnitResult) bool { return asked(u, i, m.Measure) }) {
			t.Columns = append(t.Columns, Column{Over: over, Head: "目标"}, Column{Over: over, Head: "完成"})
		} else {
			t.Columns = append(t.Columns, Column{Head: over})
		}
	}
	t.Columns = append(t.Columns, Column{Head: "基础分"}, Column{Head: "减分"}, Column{Head: "加分"}, Column{Head: "得分"})
	for _, u := range g.Units {
		row := []string{flat(u.Unit.Name)}
		l := u.Lines[i]
		for _, m := range l.Measures {
			if slices.ContainsFunc(g.Units, func(u *scheme.UnitResult) bool { return asked(u, i, m.Measure) }) {
				row = append(row, target(&m))
			}
			row = append(row, m.Text())
		}
		row = append(row, f.score(l.Base), f.score(l.Deduction), f.score(l.Bonus), f.lineScore(l))
		t.Rows = append(t.Rows, row)
	}
	return t
}

// asked tells whether the unit has a target for the measure of its line i.
func asked(u *scheme.UnitResult, i int, m *scheme.Measure) bool {
	return slices.ContainsFunc(u.Lines[i].Measures, func(x scheme.MeasureResult) bool {
		return x.Measure == m && x.Target.Kind == scheme.TargetGiven
	})
}
