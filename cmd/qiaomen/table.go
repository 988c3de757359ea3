package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/text/width"
	"qiaomen"
	"qiaomen/scheme"
)

// columns is how many columns of a terminal a text takes: Chinese characters
// take two.
func columns(s string) int {
	n := 0
	for _, r := range s {
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth:
			n += 2
		case width.EastAsianAmbiguous:
			if n++; r > 0x2000 && r != '─' && r != '│' {
				n++
			}
		default:
			n++
		}
	}
	return n
}

func pad(s string, to int) string { return s + strings.Repeat(" ", max(0, to-columns(s))) }

func padLeft(s string, to int) string { return strings.Repeat(" ", max(0, to-columns(s))) + s }

// A table is rows of cells; the first is the head. Columns marked right are
// numbers.
type table struct {
	right []bool
	rows  [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) print(w io.Writer) {
	widths := make([]int, len(t.rows[0]))
	for _, row := range t.rows {
		for i, c := range row {
			widths[i] = max(widths[i], columns(c))
		}
	}
	for i, row := range t.rows {
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
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
		if i == 0 {
			total := 2 * (len(widths) - 1)
			for _, n := range widths {
				total += n
			}
			fmt.Fprintln(w, strings.Repeat("─", total))
		}
	}
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
		head, t.right = append(head, l.Line.Short), append(t.right, true)
	}
	graded := false
	for _, u := range g.Units {
		graded = graded || u.Grade != ""
	}
	if graded {
		head, t.right = append(head, "等次"), append(t.right, false)
	}
	for _, m := range g.Units[0].Shown {
		head, t.right = append(head, m.Measure.Name+"*"), append(t.right, true)
	}
	t.add(head...)
	var pending []string
	for _, u := range g.Units {
		row := []string{place(u), u.Unit.Name, shown(r, u.Total)}
		for _, l := range u.Lines {
			text := shown(r, l.Score)
			if !l.Scored {
				text = "—"
			}
			if l.Pending != "" {
				pending = append(pending, fmt.Sprintf("%s“%s”：%s", u.Unit.Name, l.Line.Name, l.Pending))
				text += "…"
			}
			row = append(row, text)
		}
		if graded {
			row = append(row, u.Grade)
		}
		for _, m := range u.Shown {
			row = append(row, m.Text())
		}
		t.add(row...)
	}
	t.print(w)
	if len(g.Units[0].Shown) > 0 {
		fmt.Fprintln(w, "* 列出，不计分")
	}
	for i, p := range pending {
		if i == 20 {
			fmt.Fprintf(w, "待定：……另有%d项\n", len(pending)-i)
			break
		}
		fmt.Fprintln(w, "待定："+p)
	}
	for i, l := range r.Scheme.Naming {
		var names []string
		for _, u := range g.Units {
			if u.Named[i] {
				names = append(names, u.Unit.Name)
			}
		}
		if names != nil {
			fmt.Fprintf(w, "%s：%s\n", l.Name, strings.Join(names, "、"))
		}
	}
}

func place(u *scheme.UnitResult) string {
	if u.Place == 0 {
		return "—"
	}
	return strconv.Itoa(u.Place)
}

// shown is a score as the scheme's rounding shows it.
func shown(r *scheme.Result, n qiaomen.Number) string { return r.Scheme.Shown(n).String() }
