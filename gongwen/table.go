package gongwen

import (
	"strconv"
	"strings"
)

// table writes a caption, the unit of measure and the table itself.
func (e *element) table(t *Table, width int) {
	if t.Caption != "" {
		e.para("caption", t.Caption, place{})
	}
	if t.Measure != "" {
		e.para("measure", "单位："+t.Measure, place{})
	}
	size, height := t.size()
	widths := t.widths(width, size)
	small := t.height(widths, size, height) < typeHeight*3/5
	e.put("w:tbl", func() {
		e.put("w:tblPr", func() {
			e.put("w:tblW", nil, "w:w", strconv.Itoa(width), "w:type", "dxa")
			e.val("w:jc", "center")
			e.put("w:tblBorders", func() {
				for _, side := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
					e.put("w:"+side, nil, "w:val", "single", "w:sz", "4", "w:space", "0", "w:color", "000000")
				}
			})
			e.put("w:tblLayout", nil, "w:type", "fixed")
			e.put("w:tblCellMar", func() {
				e.put("w:left", nil, "w:w", strconv.Itoa(cellMargin), "w:type", "dxa")
				e.put("w:right", nil, "w:w", strconv.Itoa(cellMargin), "w:type", "dxa")
			})
		})
		e.put("w:tblGrid", func() {
			for _, w := range widths {
				e.put("w:gridCol", nil, "w:w", strconv.Itoa(w))
			}
		})
		for _, cells := range t.head() {
			e.row(cells, widths, height, size, true, true)
		}
		for n, row := range t.Rows {
			cells := make([]cell, len(row))
			for i, text := range row {
				cells[i] = cell{text: text, span: 1, left: t.Columns[i].Left}
			}
			// A table that fits a page stays on one; a longer one keeps its
			// first rows with the head, and its last ones together.
			together := n < len(t.Rows)-1 && (small || n < 2 || n > len(t.Rows)-4)
			e.row(cells, widths, height, size, false, together)
		}
	})
}

const (
	cellMargin = 57 // 1 mm
)

// size is how large the type is, in half points, and how high a row at least:
// the more columns, the smaller.
func (t *Table) size() (size, height int) {
	switch n := len(t.Columns); {
	case n <= 6:
		return xiaosi, 510
	case n <= 11:
		return wuhao, 454
	}
	return xiaowu, 425
}

// A cell of the head may span columns, or stand in two rows.
type cell struct {
	text  string
	span  int
	merge string // restart, continue
	left  bool
}

// head is one row of heads, or two where columns stand together.
func (t *Table) head() [][]cell {
	var upper, lower []cell
	two := false
	for i, c := range t.Columns {
		lower = append(lower, cell{text: c.Head, span: 1})
		switch {
		case c.Over == "":
			upper = append(upper, cell{text: c.Head, span: 1, merge: "restart"})
			lower[i] = cell{span: 1, merge: "continue"}
		case i > 0 && t.Columns[i-1].Over == c.Over:
			upper[len(upper)-1].span++
		default:
			upper, two = append(upper, cell{text: c.Over, span: 1}), true
		}
	}
	if two {
		return [][]cell{upper, lower}
	}
	for i := range upper {
		upper[i].merge = ""
	}
	return [][]cell{upper}
}

func (e *element) row(cells []cell, widths []int, height, size int, head, together bool) {
	e.put("w:tr", func() {
		e.put("w:trPr", func() {
			e.put("w:cantSplit", nil)
			e.put("w:trHeight", nil, "w:val", strconv.Itoa(height), "w:hRule", "atLeast")
			if head {
				e.put("w:tblHeader", nil)
			}
		})
		at := 0
		for _, c := range cells {
			wide := 0
			for range c.span {
				wide, at = wide+widths[at], at+1
			}
			e.put("w:tc", func() {
				e.put("w:tcPr", func() {
					e.put("w:tcW", nil, "w:w", strconv.Itoa(wide), "w:type", "dxa")
					if c.span > 1 {
						e.num("w:gridSpan", c.span)
					}
					if c.merge != "" {
						e.val("w:vMerge", c.merge)
					}
					e.val("w:vAlign", "center")
				})
				style, p, text := "cell", place{size: size, keepNext: together}, c.text
				if head {
					style, text = "cellhead", folded(c.text, (wide-margins)/(size*5))
				}
				if c.left {
					p.align = "left"
				}
				e.para(style, text, p)
			})
		}
	})
}

// folded is a head in two lines of about one length, where it has no room on
// one: a bracket stands on the second whole.
func folded(head string, room int) string {
	text := []rune(head)
	if halves(head) <= room || len(text) < 3 {
		return head
	}
	at := (len(text) + 1) / 2
	if i := strings.LastIndex(head, "（"); i > 0 && halves(head[:i]) <= room && halves(head[i:]) <= room {
		at = len([]rune(head[:i]))
	}
	if max(halves(string(text[:at])), halves(string(text[at:]))) > room {
		return head
	}
	return string(text[:at]) + "\n" + string(text[at:])
}

// height is about how high the rows will stand.
func (t *Table) height(widths []int, size, least int) int {
	sum := 0
	for _, row := range t.Rows {
		lines := 1
		for i, text := range row {
			room := max(1, (widths[i]-margins)/(size*10)*2)
			lines = max(lines, (halves(text)+room-1)/room)
		}
		sum += max(least, lines*size*13)
	}
	return sum
}

// margins is what a cell needs besides its text.
const margins = 2*cellMargin + 40

// widths shares the width among the columns. Figures are never broken; words
// and heads may run over two lines, so they give way where there is no room.
func (t *Table) widths(total, size int) []int {
	em := size * 10
	want, least := make([]int, len(t.Columns)), make([]int, len(t.Columns))
	over := -total
	for i, c := range t.Columns {
		longest := 0
		for _, row := range t.Rows {
			longest = max(longest, halves(row[i]))
		}
		head := halves(c.Head)
		two := max(4, (head+3)/4*2) // in two lines of whole characters
		if head > 8 {
			head = two
		}
		least[i] = max(longest, min(head, two))
		if longest > 14 { // words
			least[i] = max(14, (longest+5)/4*2, min(head, two))
		}
		want[i], least[i] = max(longest, head)*em/2+margins, least[i]*em/2+margins
		over += want[i]
	}
	for i := range want { // heads first: theirs is the smaller loss
		if give := want[i] - least[i]; over > 0 && halves(t.Columns[i].Head) <= 8 && give <= 2*em {
			want[i], over = least[i], over-give
		}
	}
	for i := range want {
		if give := want[i] - least[i]; over > 0 {
			want[i], over = least[i], over-give
		}
	}
	sum := 0
	for _, w := range want {
		sum += w
	}
	left := total
	for i := range want {
		want[i] = want[i] * total / sum
		left -= want[i]
	}
	want[len(want)-1] += left
	return want
}
