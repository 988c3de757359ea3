package workbook

import (
	"slices"
	"strings"

	"qiaomen/scheme"
)

func (b *book) ranking(res *scheme.Result, g *scheme.GroupResult) {
	s := res.Scheme
	p := b.page("排名 " + g.Group.Name)
	head := []string{"名次", "单位", "总分"}
	for _, l := range g.Units[0].Lines {
		head = append(head, l.Line.Short)
	}
	graded := slices.ContainsFunc(g.Units, func(u *scheme.UnitResult) bool { return u.Grade != "" })
	if graded {
		head = append(head, "等次")
	}
	for _, m := range g.Units[0].Shown {
		head = append(head, m.Measure.Name+"*")
	}
	notes := slices.ContainsFunc(g.Units, func(u *scheme.UnitResult) bool { return res.Lists(u) != nil })
	if notes {
		head = append(head, "备注")
	}
	p.heading(s.Name+"\n"+g.Group.Name+"得分排名", res.View, "单位：分", len(head))
	p.height(1, 58)
	p.columns(head, 3)
	places := scorePlaces(res, g)
	for i, u := range g.Units {
		p.rankRow(res, u, i+4, places, graded, notes)
	}
	if notes {
		p.width(len(head), 20)
	}
	row := len(g.Units) + 4
	note := func(text string) {
		p.merged(1, row, len(head), row, text, noteLook)
		p.height(row, 16*max(1, ceil(widthOf(text)/110)))
		row++
	}
	for i, l := range s.Naming {
		var names []string
		for _, u := range g.Units {
			if u.Named[i] && res.Announces(l) {
				names = append(names, u.Unit.Name)
			}
		}
		if names != nil {
			note(l.Name + "：" + strings.Join(names, "、"))
		}
	}
	if len(g.Units[0].Shown) > 0 {
		note("* 列出，不计分。")
	}
	for _, text := range pending(g) {
		note(text)
	}
	p.freeze(2, 3)
	p.paper(120, 2, 1, 3)
}

func ceil(x float64) float64 {
	n := float64(int(x))
	if n < x {
		n++
	}
	return n
}

// columns writes a head of one row and sets the widths.
func (p *page) columns(head []string, row int) {
	for i, title := range head {
		p.set(i+1, row, title, headLook)
		p.width(i+1, min(18, max(9, widthOf(title)+2)))
	}
	p.width(1, 7)
	p.width(2, 30)
	p.height(row, 34)
}

// pending is why lines have no score yet, units of one reason together.
func pending(g *scheme.GroupResult) []string {
	var order []string
	units := map[string][]string{}
	for _, u := range g.Units {
		for _, l := range u.Lines {
			if l.Pending == "" {
				continue
			}
			key := "待定：" + l.Line.Name + "，" + l.Pending
			if units[key] == nil {
				order = append(order, key)
			}
			units[key] = append(units[key], u.Unit.Name)
		}
	}
	var out []string
	for _, key := range order {
		if len(units[key]) == len(g.Units) {
			out = append(out, key+"。")
		} else {
			out = append(out, key+"（"+strings.Join(units[key], "、")+"）。")
		}
	}
	return out
}

// scorePlaces is how many decimals each column of scores is written with: as
// many as its longest needs, so that the points stand under each other.
func scorePlaces(res *scheme.Result, g *scheme.GroupResult) []int {
	out := make([]int, len(g.Units[0].Lines)+1)
	for _, u := range g.Units {
		out[0] = max(out[0], decimals(res.Scheme.Shown(u.Total).String()))
		for i, l := range u.Lines {
			if l.Scored {
				out[i+1] = max(out[i+1], decimals(res.Scheme.Shown(l.Score).String()))
			}
		}
	}
	return out
}

func (p *page) rankRow(res *scheme.Result, u *scheme.UnitResult, row int, places []int, graded, notes bool) {
	var place any = u.Place
	if u.Place == 0 {
		place = "—"
	}
	p.set(1, row, place, midLook)
	p.set(2, row, u.Unit.Name, textLook)
	p.set(3, row, res.Scheme.Shown(u.Total), boldLook.as(fixed(places[0])))
	col := 4
	next := func(v any, l look) {
		p.set(col, row, v, l)
		col++
	}
	for i, l := range u.Lines {
		if l.Scored {
			next(res.Scheme.Shown(l.Score), midLook.as(fixed(places[i+1])))
		} else {
			next("—", midLook)
		}
	}
	if graded {
		next(u.Grade, midLook)
	}
	for i := range u.Shown {
		p.measured(col, row, &u.Shown[i], 0, midLook)
		col++
	}
	if notes {
		var names []string
		for _, l := range res.Lists(u) {
			names = append(names, l.Name)
		}
		next(strings.Join(names, "；"), textLook)
	}
	p.height(row, 28)
}
