package workbook

import (
	"io"
	"slices"
	"strings"

	"qiaomen"
	"qiaomen/scheme"
)

// WriteAnnexes writes the tables of a notice: a ranking for each group that
// is scored, then each table of targets in the shape of its annex, with what
// was done beside what was asked. The same result gives the same bytes.
func WriteAnnexes(w io.Writer, res *scheme.Result) error {
	b := newBook()
	b.annexes(res)
	return b.write(w)
}

func (b *book) annexes(res *scheme.Result) {
	for _, g := range res.Groups {
		if len(g.Units) > 0 && len(g.Units[0].Lines) > 0 {
			b.ranking(res, g)
		}
	}
	for _, t := range res.Scheme.Targets {
		if t.Set == "base" && t.Pace == "" && len(t.Columns) > 0 {
			b.targets(res, t)
		}
	}
}

// When says from when a result looks, for the line under a title.
func when(v scheme.View) string {
	var parts []string
	if v.Round != nil {
		parts = append(parts, v.Round.Name)
	}
	if v.Cutoff != 0 {
		parts = append(parts, "统计截至"+v.Cutoff.Chinese())
	}
	if v.AsOf != 0 && v.AsOf != v.Cutoff {
		parts = append(parts, "按"+v.AsOf.Chinese()+"认定情况")
	}
	if parts == nil {
		return "按全部记录"
	}
	return strings.Join(parts, "，")
}

// heading is the title, and under it from when the table looks and what it is
// measured in. The next row is 3.
func (p *page) heading(title string, v scheme.View, measured string, cols int) {
	p.merged(1, 1, cols, 1, title, titleLook)
	p.height(1, 42)
	left := max(1, cols-min(3, cols/2))
	p.merged(1, 2, left, 2, when(v), underLook)
	if left < cols {
		p.merged(left+1, 2, cols, 2, measured, rightLook)
	}
	p.height(2, 22)
}

// ratePlaces is how many decimals a column of rates is written with.
func ratePlaces(st standings, units []*scheme.Unit, m *scheme.Measure) int {
	n := 0
	for _, u := range units {
		if r, ok := st[u][m]; ok && rated(m) && r.Actual.Defined {
			n = max(n, decimals(strings.TrimSuffix(r.Text(), "%")))
		}
	}
	return n
}

// measured writes what a measure came to: a rate as a percentage, — where
// there is nothing yet.
func (p *page) measured(col, row int, m *scheme.MeasureResult, places int, l look) {
	if !m.Actual.Defined {
		p.set(col, row, "—", l)
		return
	}
	p.quantity(col, row, m.Text(), places, l)
}

// quantity writes a decimal, with % or without, to so many places or more.
func (p *page) quantity(col, row int, text string, places int, l look) {
	number, rate := strings.CutSuffix(text, "%")
	n, err := qiaomen.ParseDecimal(number)
	if err != nil {
		p.set(col, row, text, l)
		return
	}
	format := fixed(max(places, decimals(number)))
	if rate {
		n, format = n.Quo(qiaomen.Int(100)), format+"%"
	}
	p.set(col, row, n, l.as(format))
}

// A block is neighbouring columns of a table of targets that one line of the
// score card has together: 签约项目 over three sizes.
type block struct {
	title string // empty: its one column stands alone
	from  int
	names []string
}

// blocks puts columns under one head where their measures are neighbours on
// one line and are named after it.
func blocks(res *scheme.Result, t *scheme.TargetTable) []block {
	var out []block
	for i := 0; i < len(t.Columns); {
		title, n := "", 1
		for _, l := range lines(res) {
			k := i
			for k < len(t.Columns) && holds(l, t.Columns[k]) && t.Columns[k].Name != l.Line.Name && strings.HasSuffix(t.Columns[k].Name, l.Line.Name) {
				k++
			}
			if k-i > n {
				title, n = l.Line.Name, k-i
			}
		}
		b := block{title: title, from: i}
		for _, m := range t.Columns[i : i+n] {
			b.names = append(b.names, strings.TrimSuffix(m.Name, title))
		}
		out, i = append(out, b), i+n
	}
	return out
}

// lines is the lines of every group's first unit.
func lines(res *scheme.Result) (out []*scheme.LineResult) {
	for _, g := range res.Groups {
		if len(g.Units) > 0 {
			out = append(out, g.Units[0].Lines...)
		}
	}
	return out
}

func holds(l *scheme.LineResult, m *scheme.Measure) bool {
	return slices.ContainsFunc(measures(l), func(r scheme.MeasureResult) bool { return r.Measure == m })
}

func (b *book) targets(res *scheme.Result, t *scheme.TargetTable) {
	s := res.Scheme
	var units []*scheme.Unit
	for _, u := range s.Units {
		if _, ok := t.Rows[u]; ok {
			units = append(units, u)
		}
	}
	name, title := "目标", s.Name+"任务目标完成情况"
	if t.Cite != nil {
		name = strings.Replace(t.Cite.ID, "附", "附件", 1)
		if t.Cite.Title != "" {
			title = strings.TrimSuffix(t.Cite.Title, "完成情况") + "完成情况"
		}
	}
	p := b.page(name + " 完成情况")
	lead, first := leadBureau(s, units), 2
	if lead != nil {
		first = 3
	}
	last := first + 2*len(t.Columns) - 1
	p.heading(title, res.View, "“目标”空白为没有下达", last)
	rows := 2 // of the head
	groups := blocks(res, t)
	if slices.ContainsFunc(groups, func(g block) bool { return g.title != "" }) {
		rows = 3
	}
	p.targetHead(t, groups, first, rows)
	p.merged(1, 3, 1, 2+rows, "单位", headLook)
	p.width(1, 26)
	if lead != nil {
		p.merged(2, 3, 2, 2+rows, lead.Name, headLook)
		p.width(2, 24)
	}
	at := 3 + rows
	st := standingsOf(res)
	p.targetTotals(st, t, units, first, at)
	var places []int
	for _, m := range t.Columns {
		places = append(places, ratePlaces(st, units, m))
	}
	for i, u := range units {
		row := at + 1 + i
		p.set(1, row, u.Name, textLook)
		p.height(row, rowHeight(28, 26, u.Name))
		if lead != nil {
			p.set(2, row, u.Attribute(lead, s), textLook)
		}
		p.targetRow(st, t, u, first, row, places)
	}
	p.freeze(first-1, 2+rows)
	p.paper(120, first-1, 1, 2+rows)
}

// leadBureau is the attribute that says who leads the units of the table,
// where they have one that is text.
func leadBureau(s *scheme.Scheme, units []*scheme.Unit) *scheme.Attribute {
	for _, a := range s.Attributes {
		if len(a.Options) > 0 {
			continue
		}
		for _, u := range units {
			if u.Attribute(a, s) != "" {
				return a
			}
		}
	}
	return nil
}

func (p *page) targetHead(t *scheme.TargetTable, groups []block, first, rows int) {
	for _, g := range groups {
		col := first + 2*g.from
		if g.title != "" {
			p.merged(col, 3, col+2*len(g.names)-1, 3, g.title, headLook)
		}
		for i, name := range g.names {
			c, m := col+2*i, t.Columns[g.from+i]
			from := 3
			if g.title != "" {
				from = 4
			}
			title := name + "\n（" + m.Scale.Name + "）"
			p.merged(c, from, c+1, 1+rows, title, headLook)
			w := max(7, widthOf(name)/4+1.5)
			p.width(c, w)
			p.width(c+1, w)
			p.set(c, 2+rows, "目标", headLook)
			p.set(c+1, 2+rows, "完成", headLook)
		}
	}
	p.height(3, 24)
	p.height(1+rows, 44)
	p.height(2+rows, 22)
}

// standings is the measures of every unit as their score cards have them.
type standings map[*scheme.Unit]map[*scheme.Measure]scheme.MeasureResult

func standingsOf(res *scheme.Result) standings {
	out := standings{}
	for _, g := range res.Groups {
		for _, u := range g.Units {
			own := map[*scheme.Measure]scheme.MeasureResult{}
			for _, m := range u.Shown {
				own[m.Measure] = m
			}
			for _, l := range u.Lines {
				for _, m := range measures(l) {
					own[m.Measure] = m
				}
			}
			out[u.Unit] = own
		}
	}
	return out
}

func measures(l *scheme.LineResult) []scheme.MeasureResult { return l.Measures }

func rated(m *scheme.Measure) bool { return m.Scale.Name == "%" }
func targetText(m *scheme.Measure, n qiaomen.Number) string {
	if rated(m) {
		return m.Scale.Show(n).String() + "%"
	}
	return n.String()
}

func (p *page) targetRow(st standings, t *scheme.TargetTable, u *scheme.Unit, first, row int, places []int) {
	for i, m := range t.Columns {
		col := first + 2*i
		p.set(col, row, nil, midLook)
		p.set(col+1, row, nil, midLook)
		if target := t.Rows[u][i]; target.Kind == scheme.TargetGiven {
			p.quantity(col, row, targetText(m, target.Number), 0, midLook)
		}
		if done, ok := st[u][m]; ok {
			p.measured(col+1, row, &done, places[i], midLook)
		}
	}
}

// targetTotals is the row 合计: the printed total where the source has one,
// what the units did. Rates have no total.
func (p *page) targetTotals(st standings, t *scheme.TargetTable, units []*scheme.Unit, first, row int) {
	p.merged(1, row, first-1, row, "合计", boldLook)
	for i, m := range t.Columns {
		col := first + 2*i
		p.set(col, row, nil, boldLook)
		p.set(col+1, row, nil, boldLook)
		if rated(m) {
			continue
		}
		asked, done, all := qiaomen.Number{}, qiaomen.Number{}, true
		for _, u := range units {
			if target := t.Rows[u][i]; target.Kind == scheme.TargetGiven {
				asked = asked.Add(target.Number)
			}
			if r, ok := st[u][m]; ok && r.Actual.Defined {
				done = done.Add(r.Actual.Number)
			} else {
				all = false
			}
		}
		if t.Totals != nil && t.Totals[i] != nil {
			asked = *t.Totals[i]
		}
		p.quantity(col, row, asked.String(), 0, boldLook)
		if all {
			p.quantity(col+1, row, done.String(), 0, boldLook)
		}
	}
	p.height(row, 26)
}
