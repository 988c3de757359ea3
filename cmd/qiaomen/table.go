package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"qiaomen"
	"qiaomen/scheme"
)

func pad(s string, to int) string { return s + strings.Repeat(" ", max(0, to-qiaomen.Columns(s))) }

func padLeft(s string, to int) string { return strings.Repeat(" ", max(0, to-qiaomen.Columns(s))) + s }

// A table is rows of cells; the first is the head, whose cells may have two
// lines. Columns marked right are numbers.
type table struct {
	right []bool
	rows  [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) print(w io.Writer) {
	head := [2][]string{}
	for _, c := range t.rows[0] {
		upper, lower, two := strings.Cut(c, "\n")
		if !two { // a short title stands right above its column
			upper, lower = "", c
		}
		head[0], head[1] = append(head[0], upper), append(head[1], lower)
	}
	rows := append([][]string{head[0], head[1]}, t.rows[1:]...)
	widths := make([]int, len(head[0]))
	for _, row := range rows {
		for i, c := range row {
			widths[i] = max(widths[i], qiaomen.Columns(c))
		}
	}
	for i, row := range rows {
		var b strings.Builder
		for j, c := range row {
			if j > 0 {
				b.WriteString("  ")
			}
			if t.right[j] {
				b.WriteString(padLeft(c, widths[j]))
			} else {
				b.WriteString(pad(c, widths[j]))
			}
		}
		line := strings.TrimRight(b.String(), " ")
		if i > 0 || line != "" {
			fmt.Fprintln(w, line)
		}
		if i == 1 {
			total := 2 * (len(widths) - 1)
			for _, n := range widths {
				total += n
			}
			fmt.Fprintln(w, strings.Repeat("─", total))
		}
	}
}

// folded is a title broken in the middle, so that nine columns of points fit
// the width of a terminal.
func folded(title string) string {
	rs := []rune(title)
	if len(rs) < 4 {
		return title
	}
	half := (len(rs) + 1) / 2
	return string(rs[:half]) + "\n" + string(rs[half:])
}

// when says from when the ranking looks.
func when(v scheme.View) string {
	var parts []string
	if v.Round != nil {
		parts = append(parts, v.Round.Name)
	}
	if v.AsOf != 0 {
		parts = append(parts, v.AsOf.Chinese()+"已知")
	}
	if v.Cutoff != 0 && v.Cutoff != v.AsOf {
		parts = append(parts, v.Cutoff.Chinese()+"截止")
	}
	if parts == nil {
		return "全部记录"
	}
	return strings.Join(parts, "，")
}

// printRanking prints each group's ranking as a table.
func printRanking(w io.Writer, r *scheme.Result) {
	fmt.Fprintf(w, "%s\n%s · 单位：分\n", r.Scheme.Name, when(r.View))
	for _, c := range changed(r) {
		fmt.Fprintln(w, c)
	}
	for _, g := range r.Groups {
		fmt.Fprintf(w, "\n%s\n", g.Group.Name)
		printGroup(w, r, g)
	}
}

// changed is the readings that are not the default.
func changed(r *scheme.Result) []string {
	var out []string
	for i, c := range r.Scheme.Choices {
		if r.Readings[i] != c.Default {
			out = append(out, fmt.Sprintf("口径 %s=%s：%s", c.ID, c.Options[r.Readings[i]].ID, c.Options[r.Readings[i]].Name))
		}
	}
	return out
}

func printGroup(w io.Writer, r *scheme.Result, g *scheme.GroupResult) {
	if len(g.Units) == 0 || len(g.Units[0].Lines) == 0 {
		fmt.Fprintln(w, "（不计分）")
		return
	}
	t := table{right: []bool{true, false, true}}
	head := []string{"名次", "单位", "总分"}
	for _, l := range g.Units[0].Lines {
		head, t.right = append(head, folded(l.Line.Short)), append(t.right, true)
	}
	graded := false
	for _, u := range g.Units {
		graded = graded || u.Grade != ""
	}
	if graded {
		head, t.right = append(head, "等次"), append(t.right, false)
	}
	for _, m := range g.Units[0].Shown {
		name := folded(m.Measure.Name) + "*"
		if unit := m.Measure.Scale.Name; strings.HasSuffix(unit, "元") {
			name += "\n（" + unit + "）"
		}
		head, t.right = append(head, name), append(t.right, true)
	}
	t.add(head...)
	var pending waiting
	for _, u := range g.Units {
		row := []string{place(u), u.Unit.Name, shown(r, u.Total)}
		for _, l := range u.Lines {
			row = append(row, points(r, l))
			if l.Pending != "" {
				pending.add(l.Line.Short+"，"+l.Pending, u.Unit.Name)
			}
		}
		if graded {
			row = append(row, u.Grade)
		}
		for _, m := range u.Shown {
			row = append(row, cell(m.Text()))
		}
		t.add(row...)
	}
	t.print(w)
	if len(g.Units[0].Shown) > 0 {
		fmt.Fprintln(w, "* 列出，不计分")
	}
	pending.print(w, len(g.Units))
	for i, l := range r.Scheme.Naming {
		var names []string
		for _, u := range g.Units {
			if u.Named[i] && r.Announces(l) {
				names = append(names, u.Unit.Name)
			}
		}
		if names != nil {
			wrap(w, "", l.Name+"："+strings.Join(names, "、"))
		}
	}
}

func place(u *scheme.UnitResult) string {
	if u.Place == 0 {
		return none
	}
	return strconv.Itoa(u.Place)
}

// none stands in a cell without a number. A dash as in print would be one
// column wide in one terminal and two in the next.
const none = "-"

func cell(text string) string {
	if text == "—" {
		return none
	}
	return text
}

// points is what a line earned.
func points(r *scheme.Result, l *scheme.LineResult) string {
	switch {
	case !l.Scored:
		return "待定"
	case l.Pending != "":
		return "暂" + shown(r, l.Score)
	}
	return shown(r, l.Score)
}

// waiting is what is pending, and with whom.
type waiting struct {
	whats []string
	units map[string][]string
}

func (p *waiting) add(what, unit string) {
	if p.units == nil {
		p.units = map[string][]string{}
	}
	if p.units[what] == nil {
		p.whats = append(p.whats, what)
	}
	p.units[what] = append(p.units[what], unit)
}

func (p *waiting) print(w io.Writer, all int) {
	for _, what := range p.whats {
		who := strings.Join(p.units[what], "、")
		if len(p.units[what]) == all {
			who = "各单位"
		}
		wrap(w, "", "待定："+what+"（"+who+"）")
	}
}

// shown is a score as the scheme's rounding shows it.
func shown(r *scheme.Result, n qiaomen.Number) string { return r.Scheme.Shown(n).String() }
