package workbook

import (
	"slices"
	"strings"

	"qiaomen"
	"qiaomen/scheme"
)

func (t *table) candidates() []*form {
	if t.form != nil {
		return []*form{t.form}
	}
	return t.forms
}

// findHead is the position among the first rows of the one with the most
// titles that are known.
func (t *table) findHead() int {
	best, at := 1, -1
	for i, l := range t.early {
		for _, f := range t.candidates() {
			n := 0
			for _, c := range l.cells {
				if col, _ := f.find(c.text); col != nil && c.kind == textCell {
					n++
				}
			}
			if n > best {
				best, at = n, i
			}
		}
	}
	return at
}

func (t *table) noHead() {
	row := t.early[0].row
	var names []string
	for _, f := range t.forms {
		names = append(names, f.name())
	}
	if t.form == nil {
		fix := "请把表名改成类别的名称，或加一列“记录类别”，或删去这张表"
		if t.csv {
			fix = "请把文件名改成类别的名称，或加一列“记录类别”"
		}
		t.at(0, 0, wrong("“"+qiaomen.Clip(t.sheet)+"”不是方案里的记录类别，里面的内容没有读"+qiaomen.Suggest(t.sheet, names), fix))
		return
	}
	t.at(row, 0, wrong("没有找到表头", "表头要写在前几行，如：单位、名称、上报时间"))
}

// readHead takes the head's titles, over all the rows it spans, and looks for
// what is unknown, twice there or missing.
func (t *table) readHead(row int) {
	top, bottom := row, row
	for _, m := range t.merges {
		if m.row1 < row && m.row2 >= row && m.row2 > m.row1 {
			top = min(top, m.row1)
		}
		if m.row1 <= row && m.row2 > row && m.row2-row <= 3 {
			bottom = max(bottom, m.row2)
		}
	}
	if row > 1 && top == row && t.spans(row-1) {
		top = row - 1
	}
	t.bottom = bottom
	texts := map[[2]int]string{}
	last := 0
	for _, l := range t.early {
		if l.row < top || l.row > bottom {
			continue
		}
		for _, c := range l.cells {
			texts[[2]int{l.row, c.col}] = trim(c.text)
			last = max(last, c.col)
		}
	}
	for _, m := range t.merges {
		if text := texts[[2]int{m.row1, m.col1}]; text != "" && m.row1 >= top && m.row2 <= bottom && m.col2-m.col1 < 100 {
			for r := m.row1; r <= m.row2; r++ {
				for c := m.col1; c <= m.col2; c++ {
					texts[[2]int{r, c}] = text
					last = max(last, c)
				}
			}
		}
	}
	for col := 1; col <= last; col++ {
		var layers []string
		for r := top; r <= bottom; r++ {
			if text := texts[[2]int{r, col}]; text != "" && !slices.Contains(layers, text) {
				layers = append(layers, text)
			}
		}
		if title := t.title(layers); title != "" {
			t.head = append(t.head, headCell{col, title})
		}
	}
	t.bindAll(row)
	if t.heads != nil {
		h := headPlace{bottom: t.bottom, last: last}
		for _, c := range t.head {
			if folded(c.title) == problemTitle {
				h.problems = c.col
			}
		}
		t.heads[t.sheet] = h
	}
}

// spans tells whether a row has a title over several columns, as a head of two
// rows has.
func (t *table) spans(row int) bool {
	n := 0
	for _, m := range t.merges {
		if m.row1 == row && m.row2 == row && m.col2 > m.col1 {
			n++
		}
	}
	for _, l := range t.early {
		if l.row == row {
			return n > 0 && len(l.cells) > 1 && t.titles(l) > 0
		}
	}
	return false
}

func (t *table) titles(l line) int {
	n := 0
	for _, c := range l.cells {
		for _, f := range t.candidates() {
			if col, _ := f.find(c.text); col != nil {
				n++
				break
			}
		}
	}
	return n
}

// title is the one meant by the layers of a column's head: the lowest that is
// known, else the layers together (目标企业 over 1), else the lowest.
func (t *table) title(layers []string) string {
	if len(layers) == 0 {
		return ""
	}
	tries := slices.Clone(layers)
	slices.Reverse(tries)
	tries = append(tries, strings.Join(layers, ""))
	for _, text := range tries {
		for _, f := range t.candidates() {
			if c, _ := f.find(text); c != nil {
				return text
			}
		}
	}
	return layers[len(layers)-1]
}

func (t *table) bindAll(row int) {
	t.bound = map[*form][]binding{}
	t.carried, t.stray, t.down = map[int]carry{}, map[int]bool{}, map[[2]int]int{}
	for _, m := range t.merges {
		if m.row2 > m.row1 {
			t.down[[2]int{m.row1, m.col1}] = m.row2
		}
	}
	if t.form == nil {
		for _, title := range kindTitles {
			for _, h := range t.head {
				if t.kindCol == 0 && folded(h.title) == folded(title) {
					t.kindCol = h.col
				}
			}
		}
		if t.kindCol == 0 {
			t.void = true
			t.noHead()
			return
		}
	}
	for _, h := range t.head {
		known := false
		for _, f := range t.candidates() {
			c, _ := f.find(h.title)
			known = known || c != nil && (c.role != kindRole || t.form == nil)
		}
		if !known {
			t.at(t.bottom, h.col, wrong("没有“"+qiaomen.Clip(h.title)+"”这一列", "请改成表格里有的列名，或删去这一列"))
		}
	}
	if t.form != nil {
		t.bind(t.form)
	}
}

// bind matches the head with a form's columns.
func (t *table) bind(f *form) []binding {
	if b, ok := t.bound[f]; ok {
		return b
	}
	var out []binding
	first := map[*column]int{}
	for _, h := range t.head {
		if h.col == t.kindCol {
			continue
		}
		c, in := f.find(h.title)
		if c != nil && c.role == kindRole {
			c = nil
		}
		if c == nil || c.role == idleRole {
			out = append(out, binding{col: h.col, title: h.title, column: c})
			continue
		}
		if before := first[c]; before > 0 && (c.field == nil || c.field.Type != scheme.ListField) {
			t.at(t.bottom, h.col, wrong("这一列与"+columnName(before)+"列都是“"+c.title+"”", "请只留一列"))
			continue
		}
		first[c] = h.col
		out = append(out, binding{h.col, h.title, c, in})
	}
	for _, c := range f.columns {
		if c.need && first[c] == 0 && !(c.role == unitRole && t.unit != nil) {
			t.lacking = append(t.lacking, f)
			t.at(t.bottom, 0, wrong("“"+f.name()+"”缺少“"+c.title+"”这一列", "请补上这一列"))
		}
	}
	t.bound[f] = out
	return out
}
