package workbook

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"qiaomen"
	"qiaomen/scheme"
)

// A table is one sheet being read: first its head is looked for among the
// first rows, then row after row is a record, or is passed over.
type table struct {
	*reader
	sheet  string
	form   *form // nil: a column says of which kind each row is
	merges []merge

	early   []line // rows before the head is found
	started bool
	void    bool // nothing of the sheet is read
	head    []headCell
	bottom  int // last row of the head
	kindCol int
	bound   map[*form][]binding
	roles   map[int]role
	lacking []*form        // forms of which a column is missing: their rows are only checked
	carried map[int]carry  // by column: a value that goes down merged cells
	stray   map[int]bool   // columns without a title, told of once
	down    map[[2]int]int // merged cells of several rows: from the first row and column to the last row
}
type line struct {
	row   int
	cells []cell
}
type headCell struct {
	col   int
	title string
}

// A binding is a column of the sheet and what it holds for one form.
type binding struct {
	col    int
	title  string
	column *column
	in     *scheme.Scale // unit of measure that the head names
}
type carry struct {
	until int
	cell  cell
}

const headRows = 25

// row takes the sheet's next row.
func (t *table) row(row int, cells []cell) error {
	if t.void {
		return nil
	}
	if !t.started {
		t.early = append(t.early, line{row, slices.Clone(cells)})
		if len(t.early) < headRows {
			return nil
		}
		t.start()
		return nil
	}
	t.one(row, cells)
	return nil
}

// end is called when there are no more rows.
func (t *table) end() {
	if !t.started && len(t.early) > 0 {
		t.start()
	}
}

// start finds the head and reads the rows below it that were kept.
func (t *table) start() {
	t.started = true
	at := t.findHead()
	if at < 0 {
		t.void = true
		t.noHead()
		return
	}
	t.readHead(t.early[at].row)
	if t.void {
		return
	}
	for _, l := range t.early {
		if l.row > t.bottom && !t.void {
			t.one(l.row, l.cells)
		}
	}
	t.early = nil
}

var (
	totalWords = []string{"合计", "小计", "总计", "共计", "累计", "合计数"}
	brackets   = regexp.MustCompile(`\([^)]*\)|[::]`)
	footWords  = regexp.MustCompile(`^(注|备注|说明|填表说明|填报|填表|审核|制表|联系|负责人|单位负责人|报送)[^,，。]{0,12}[:：]`)
)

func totalWord(text string, ends bool) bool {
	key := brackets.ReplaceAllString(folded(text), "")
	return slices.ContainsFunc(totalWords, func(w string) bool { return key == w || ends && strings.HasSuffix(key, w) })
}

const exampleID = "示例（不计）"

// one reads one row below the head.
func (t *table) one(row int, cells []cell) {
	f := t.form
	if t.form == nil {
		i := slices.IndexFunc(cells, func(c cell) bool { return c.col == t.kindCol })
		if i < 0 || trim(cells[i].text) == "" {
			if first, ok := firstText(cells); ok && !t.passed(row, first, cells) {
				t.at(row, t.kindCol, wrong("缺少记录类别", "请填上，如“"+t.forms[0].name()+"”"))
			}
			return
		}
		if f = formNamed(t.forms, trim(cells[i].text)); f == nil {
			if !t.passed(row, cells[0], cells) {
				t.at(row, t.kindCol, wrong("方案里没有“"+qiaomen.Clip(cells[i].text)+"”这类记录", "请改成方案里的类别"))
			}
			return
		}
	}
	first, ok := firstText(cells)
	if !ok || t.passed(row, first, cells) {
		return
	}
	e := &entry{t: t, form: f, row: row, by: map[*column][]cell{}, at: map[*column]int{}, told: map[int]bool{}}
	e.gather(cells)
	if e.filled == 0 {
		return
	}
	if e.onlyUnit {
		t.at(row, 0, &said{text: "只填了单位，这一行没有读", doubt: true})
		return
	}
	e.read()
}

func firstText(cells []cell) (cell, bool) {
	for _, c := range cells {
		if trim(c.text) != "" {
			return c, true
		}
	}
	return cell{}, false
}

// passed tells whether the row is none of the records: a total, a footnote, the
// head once more, the example. It says so, but of the example.
func (t *table) passed(row int, first cell, cells []cell) bool {
	filled := 0
	for _, c := range cells {
		if trim(c.text) != "" {
			filled++
		}
	}
	if first.kind == textCell && filled <= 2 && footWords.MatchString(trim(first.text)) {
		t.at(row, 0, &said{text: "是说明文字，没有读：" + qiaomen.Clip(trim(first.text)), doubt: true})
		return true
	}
	titles := 0
	for _, c := range cells {
		for _, h := range t.head {
			if h.col == c.col && len(c.text) < 200 && (c.text == h.title || startsAlike(c.text, h.title) && folded(h.title) == folded(c.text)) {
				titles++
			}
		}
	}
	if titles >= 3 || titles >= 2 && titles == filled {
		return true
	}
	for _, c := range cells {
		if c.kind != textCell {
			continue
		}
		role := t.roleOf(c.col)
		if role == idRole && slices.Contains([]string{exampleID, "示例"}, trim(c.text)) {
			return true
		}
		if c.col == first.col && totalWord(c.text, false) || (role == idRole || role == nameRole) && totalWord(c.text, false) || role == unitRole && totalWord(c.text, true) {
			t.at(row, 0, &said{text: "是“" + qiaomen.Clip(trim(c.text)) + "”，没有读", doubt: true})
			return true
		}
	}
	return false
}

// startsAlike spares most cells a closer look: two Chinese texts that begin with
// different characters are no one title.
func startsAlike(a, b string) bool {
	x, _ := utf8.DecodeRuneInString(a)
	y, _ := utf8.DecodeRuneInString(b)
	return x == y || !unicode.Is(unicode.Han, x) || !unicode.Is(unicode.Han, y)
}

// roleOf is what a column holds, where all forms agree.
func (t *table) roleOf(col int) role {
	if r, ok := t.roles[col]; ok {
		return r
	}
	if t.roles == nil {
		t.roles = map[int]role{}
	}
	t.roles[col] = t.findRole(col)
	return t.roles[col]
}

func (t *table) findRole(col int) role {
	for _, h := range t.head {
		if h.col == col {
			for _, f := range t.candidates() {
				if c, _ := f.find(h.title); c != nil {
					return c.role
				}
			}
		}
	}
	return idleRole
}

// generated is the id of a row that has none.
func (t *table) generated(f *form, row int) string {
	if t.csv {
		return fmt.Sprintf("%s!%d", f.name(), row)
	}
	return fmt.Sprintf("%s!%d", t.sheet, row)
}
