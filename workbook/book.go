package workbook

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"qiaomen"
)

// A book is a workbook being written. The first error sticks, and write
// returns it: what is written is ours, so an error is a fault of the program.
type book struct {
	f      *excelize.File
	styles map[look]int
	sheets int
	about  string // among the properties of the file
	err    error
}

func newBook() *book { return &book{f: excelize.NewFile(), styles: map[look]int{}} }

func (b *book) try(err error) {
	if b.err == nil && err != nil {
		b.err = err
	}
}

func (b *book) style(l look) int {
	id, ok := b.styles[l]
	if !ok {
		var err error
		id, err = b.f.NewStyle(l.style())
		b.try(err)
		b.styles[l] = id
	}
	return id
}

// A page is a sheet being written.
type page struct {
	*book
	name string
}

// page adds a sheet. Its name is made to fit what Excel takes.
func (b *book) page(name string) *page {
	name = b.freeName(name)
	if b.sheets++; b.sheets == 1 {
		b.try(b.f.SetSheetName("Sheet1", name))
	} else {
		_, err := b.f.NewSheet(name)
		b.try(err)
	}
	return &page{b, name}
}

// sheetName is a name that Excel takes: at most 31 characters, some of them
// forbidden.
func sheetName(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) || r < 0x20 {
			return '_'
		}
		return r
	}, name)
	for utf16Len(name) > 31 {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	if name == "" {
		name = "_"
	}
	return name
}

func (b *book) freeName(name string) string {
	name = sheetName(name)
	taken := b.f.GetSheetList()
	if b.sheets == 0 {
		taken = nil
	}
	try := name
	for n := 2; slices.ContainsFunc(taken, func(s string) bool { return strings.EqualFold(s, try) }); n++ {
		suffix := fmt.Sprintf("(%d)", n)
		for try = name; utf16Len(try)+len(suffix) > 31; {
			_, size := utf8.DecodeLastRuneInString(try)
			try = try[:len(try)-size]
		}
		try += suffix
	}
	return try
}

func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		if n++; r > 0xffff {
			n++
		}
	}
	return n
}

// set writes one cell: a text, a number, a whole number, or nothing.
func (p *page) set(col, row int, v any, l look) {
	at := cellName(col, row)
	switch v := v.(type) {
	case nil:
	case string:
		p.try(p.f.SetCellStr(p.name, at, escaped(neutral(v))))
	case int:
		p.try(p.f.SetCellInt(p.name, at, int64(v)))
	case float64:
		p.try(p.f.SetCellFloat(p.name, at, v, -1, 64))
	case qiaomen.Number:
		if f, ok := float(v); ok {
			p.try(p.f.SetCellFloat(p.name, at, f, -1, 64))
		} else {
			p.try(p.f.SetCellStr(p.name, at, v.String()))
		}
	}
	p.try(p.f.SetCellStyle(p.name, at, at, p.style(l)))
}

// float is the number as Excel holds one, where it holds it exactly: Excel
// keeps 15 digits.
func float(n qiaomen.Number) (float64, bool) {
	text := n.String()
	if len(strings.Trim(strings.TrimLeft(text, "-0."), ".")) > 16 || !n.Ends() {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || strconv.FormatFloat(f, 'f', -1, 64) != text {
		return 0, false
	}
	digits := 0
	for _, r := range strings.TrimLeft(text, "-0.") {
		if r != '.' {
			digits++
		}
	}
	return f, digits <= 15
}

// fill dresses a rectangle.
func (p *page) fill(col1, row1, col2, row2 int, l look) {
	p.try(p.f.SetCellStyle(p.name, cellName(col1, row1), cellName(col2, row2), p.style(l)))
}

// merged writes a value over a rectangle.
func (p *page) merged(col1, row1, col2, row2 int, v any, l look) {
	p.set(col1, row1, v, l)
	if col1 != col2 || row1 != row2 {
		p.fill(col1, row1, col2, row2, l)
		p.try(p.f.MergeCell(p.name, cellName(col1, row1), cellName(col2, row2)))
	}
}

func (p *page) width(col int, w float64) {
	name := columnName(col)
	p.try(p.f.SetColWidth(p.name, name, name, w))
}

func (p *page) height(row int, points float64) { p.try(p.f.SetRowHeight(p.name, row, points)) }

// freeze keeps the head and the first columns in sight.
func (p *page) freeze(cols, rows int) {
	pane := map[bool]string{true: "bottomLeft", false: "bottomRight"}[cols == 0]
	at := cellName(cols+1, rows+1)
	p.try(p.f.SetPanes(p.name, &excelize.Panes{
		Freeze: true, XSplit: cols, YSplit: rows, TopLeftCell: at, ActivePane: pane,
		Selection: []excelize.Selection{{SQRef: at, ActiveCell: at, Pane: pane}},
	}))
}

// A page of paper is so many columns of type wide, at the least size that can
// be read.
const (
	a4Holds = 190
	a3Holds = 300
)

// paper makes the sheet print landscape, on A4 if it can be read there, else
// on A3, if need be over several pages side by side; each has the head, and
// those on the right the first columns.
func (p *page) paper(width float64, lead, headFrom, headTo int) {
	size, wide, tall, fit := 9, 1, 0, true
	if width > a4Holds {
		size, wide = 8, int(ceil(width/a3Holds))
	}
	landscape := "landscape"
	p.try(p.f.SetSheetProps(p.name, &excelize.SheetPropsOptions{FitToPage: &fit}))
	p.try(p.f.SetPageLayout(p.name, &excelize.PageLayoutOptions{Size: &size, Orientation: &landscape, FitToWidth: &wide, FitToHeight: &tall}))
	side, top := 0.5, 0.6
	center := wide == 1
	p.try(p.f.SetPageMargins(p.name, &excelize.PageLayoutMarginsOptions{
		Left: &side, Right: &side, Top: &top, Bottom: &top, Horizontally: &center,
	}))
	p.try(p.f.SetHeaderFooter(p.name, &excelize.HeaderFooterOptions{OddFooter: "&C第 &P 页，共 &N 页"}))
	titles := fmt.Sprintf("%s!$%d:$%d", quoted(p.name), headFrom, headTo)
	if wide > 1 {
		titles = fmt.Sprintf("%s!$A:$%s,%s", quoted(p.name), columnName(lead), titles)
	}
	p.try(p.f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: titles, Scope: p.name}))
}

// rowHeight is what the lines of a row take, given the widths of its columns.
func rowHeight(least, width float64, text string) float64 {
	lines := 0.0
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		lines += max(1, ceil((widthOf(line)+1)*1.08/max(1, width-1)))
	}
	return min(400, max(least, 15.5*lines+5))
}

func quoted(sheet string) string { return "'" + strings.ReplaceAll(sheet, "'", "''") + "'" }

// neutral is a text that no program takes for a formula, whatever the cell is
// copied into. plain takes it back.
func neutral(s string) string {
	if formulaLike(s) {
		return "'" + s
	}
	return s
}

func plain(s string) string {
	if strings.HasPrefix(s, "'") && formulaLike(s[1:]) {
		return s[1:]
	}
	return s
}

var literalEscape = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// escaped is a text in the form in which a workbook holds characters that XML
// cannot, and texts that look like that form.
func escaped(s string) string {
	s = literalEscape.ReplaceAllStringFunc(s, func(m string) string { return "_x005F" + m })
	if !strings.ContainsFunc(s, unwritable) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unwritable(r) {
			fmt.Fprintf(&b, "_x%04X_", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func unwritable(r rune) bool {
	return r < 0x20 && r != '\n' && r != '\t' || r == 0xfffe || r == 0xffff
}

func formulaLike(s string) bool {
	s = strings.TrimLeft(s, "'")
	return s != "" && strings.ContainsRune("=+-@＝＋－＠\t\r", []rune(s)[0]) && s != "-"
}

// The time of every entry of a zip, so that the same input gives the same
// bytes.
var zipTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// write writes the file, entries in order of their names and without times.
func (b *book) write(w io.Writer) error {
	if b.err != nil {
		return b.err
	}
	b.f.SetActiveSheet(0)
	b.try(b.f.SetDocProps(&excelize.DocProperties{
		Creator: "敲门", LastModifiedBy: "敲门", Language: "zh-CN", Description: b.about,
		Created: "2000-01-01T00:00:00Z", Modified: "2000-01-01T00:00:00Z",
	}))
	if b.err != nil {
		return b.err
	}
	return sealed(b.f, w)
}

func sealed(f *excelize.File, w io.Writer) error {
	var raw bytes.Buffer
	if err := f.Write(&raw); err != nil {
		return err
	}
	in, err := zip.NewReader(bytes.NewReader(raw.Bytes()), int64(raw.Len()))
	if err != nil {
		return err
	}
	entries := slices.Clone(in.File)
	slices.SortStableFunc(entries, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) }) // [Content_Types].xml comes first
	out := zip.NewWriter(w)
	for _, e := range entries {
		to, err := out.CreateHeader(&zip.FileHeader{Name: e.Name, Method: zip.Deflate, Modified: zipTime})
		if err != nil {
			return err
		}
		from, err := e.Open()
		if err != nil {
			return err
		}
		if _, err := io.Copy(to, from); err != nil {
			return err
		}
	}
	return out.Close()
}
