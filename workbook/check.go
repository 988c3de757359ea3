package workbook

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
	"qiaomen"
	"qiaomen/scheme"
)

const (
	faultFill = "FFC7CE"
	doubtFill = "FFEB9C"
	checker   = "敲门核对"
	listSheet = "问题清单"

	// excelize holds a sheet in memory, at many times its size.
	mostToMark  = 64 << 20
	mostNotes   = 2000
	mostMarks   = 200_000
	mostListed  = 5000
	problemWide = 48
)

// Check reads a workbook as Read does and writes it back to w with what was
// found: faulty cells red and doubtful ones yellow, with a note, a column 问题
// at the end of each row, a sheet that lists everything. All else stays as it
// was; marks of an earlier check are taken away. A file that cannot be read at
// all is not written: the findings then have one fault, without a cell.
func Check(r io.ReaderAt, size int64, s *scheme.Scheme, file string, w io.Writer) (*Findings, error) {
	return CheckRows(r, size, s, file, nil, w)
}

// A RowFault is what is wrong with a row that reads well by itself, as whoever
// wanted to use it found: of which kind or figures it is, its number, and why.
type RowFault struct {
	Of   string // the id of the kind, or of the source of figures
	Row  int
	Text string
}

// CheckRows is Check with what was found of rows beyond their cells.
func CheckRows(r io.ReaderAt, size int64, s *scheme.Scheme, file string, rows []RowFault, w io.Writer) (*Findings, error) {
	finder := &finder{s: s, faults: map[rowOf][]string{}}
	for _, f := range rows {
		finder.faults[rowOf{f.Of, f.Row}] = append(finder.faults[rowOf{f.Of, f.Row}], f.Text)
	}
	rd := newReader(s, file, finder)
	finder.reader = rd
	var marks []mark
	rd.found.each = func(m mark) {
		if len(marks) < mostMarks {
			marks = append(marks, m)
		}
	}
	rd.heads = map[string]headPlace{}
	found, err := read(r, size, rd)
	if err != nil || rd.refused {
		return found, err
	}
	if err := markAll(r, size, marks, rd.heads, w); err != nil {
		if why, ok := errors.AsType[*refusal](err); ok {
			return rd.refuse(why), nil
		}
		return found, err
	}
	return found, nil
}

// A finder finds the sheets of rows with faults, by the rows that are read.
type finder struct {
	s      *scheme.Scheme
	reader *reader
	faults map[rowOf][]string
}

type rowOf struct {
	of  string
	row int
}

// Record marks the record's row, if anything is wrong with it.
func (f *finder) Record(r *qiaomen.Record) { f.mark(f.s.Kinds[r.Kind].ID, r.Line) }

// Figure marks the figure's row, if anything is wrong with it.
func (f *finder) Figure(x *qiaomen.Figure) { f.mark(f.s.Figures[x.Source].ID, x.Line) }

func (f *finder) mark(of string, row int) {
	for _, text := range f.faults[rowOf{of, row}] {
		f.reader.found.each(mark{sheet: f.reader.sheet, row: row, text: text})
	}
}

// A headPlace is where the head of a sheet ends, and which column is 问题.
type headPlace struct{ bottom, last, problems int }

func markAll(r io.ReaderAt, size int64, marks []mark, heads map[string]headPlace, w io.Writer) (err error) {
	defer func() {
		if recover() != nil {
			err = damaged
		}
	}()
	z, err := unpackable(r, size)
	if err != nil {
		return err
	}
	m := &marker{styles: map[[2]int]int{}, notes: notesKnown(z)}
	total := uint64(0)
	for _, e := range z.File {
		if total += e.UncompressedSize64; total > mostToMark {
			return &refusal{fmt.Sprintf("展开后超过%d MiB，标不了", mostToMark>>20), "请分成几个文件再核对"}
		}
	}
	f, err := excelize.OpenReader(io.NewSectionReader(r, 0, size), excelize.Options{
		UnzipSizeLimit: mostToMark + 1<<20, UnzipXMLSizeLimit: mostToMark, RawCellValue: true,
	})
	if err != nil {
		return damaged
	}
	defer f.Close()
	m.f = f
	if err := m.clear(heads); err != nil {
		return err
	}
	if err := m.mark(marks, heads); err != nil {
		return err
	}
	var out bytes.Buffer
	if err := sealed(f, &out); err != nil {
		return damaged
	}
	_, err = w.Write(out.Bytes())
	return err
}

var notesPart = regexp.MustCompile(`^xl/comments\d+\.xml$`)

// notesKnown tells whether the parts that hold notes have the names that
// excelize gives them; only then can it add to them.
func notesKnown(z *zip.Reader) bool {
	return !slices.ContainsFunc(z.File, func(e *zip.File) bool {
		name := strings.ToLower(e.Name)
		return strings.Contains(name, "comment") && strings.HasSuffix(name, ".xml") && !notesPart.MatchString(e.Name)
	})
}

// A marker dresses the cells of a foreign workbook.
type marker struct {
	f      *excelize.File
	styles map[[2]int]int // by the cell's own style, and whether it is a doubt
	notes  bool
	noted  int
}

// clear takes away what an earlier check left.
func (m *marker) clear(heads map[string]headPlace) error {
	if i, _ := m.f.GetSheetIndex(listSheet); i >= 0 {
		if err := m.f.DeleteSheet(listSheet); err != nil {
			return err
		}
	}
	for sheet, h := range heads {
		if h.problems == 0 {
			continue
		}
		notes, err := m.f.GetComments(sheet)
		if err != nil {
			return err
		}
		for _, n := range notes {
			if n.Author == checker && m.notes {
				if err := m.f.DeleteComment(sheet, n.Cell); err != nil {
					return err
				}
			}
		}
		if err := m.undress(sheet, h); err != nil {
			return err
		}
	}
	return nil
}

// undress takes our fills and the texts of the column 问题 from a sheet.
func (m *marker) undress(sheet string, h headPlace) error {
	rows, err := m.f.Rows(sheet)
	if err != nil {
		return err
	}
	last := 0
	for rows.Next() {
		last++
	}
	if err := rows.Close(); err != nil {
		return err
	}
	plainOf := map[int]int{}
	for row := h.bottom; row <= last; row++ {
		for col := 1; col <= h.last && (last-h.bottom)*h.last < 2_000_000; col++ {
			at := cellName(col, row)
			id, err := m.f.GetCellStyle(sheet, at)
			if err != nil {
				return err
			}
			bare, ok := plainOf[id]
			if !ok {
				bare = m.unfilled(id)
				plainOf[id] = bare
			}
			if bare != id {
				if err := m.f.SetCellStyle(sheet, at, at, bare); err != nil {
					return err
				}
			}
		}
		if row > h.bottom {
			if err := m.f.SetCellValue(sheet, cellName(h.problems, row), nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// unfilled is the style without a fill of ours.
func (m *marker) unfilled(id int) int {
	st, err := m.f.GetStyle(id)
	if err != nil || len(st.Fill.Color) == 0 {
		return id
	}
	if c := strings.TrimPrefix(st.Fill.Color[0], "FF"); c != faultFill && c != doubtFill && st.Fill.Color[0] != faultFill && st.Fill.Color[0] != doubtFill {
		return id
	}
	st.Fill = excelize.Fill{}
	bare, err := m.f.NewStyle(st)
	if err != nil {
		return id
	}
	return bare
}

// mark writes the findings into the workbook.
func (m *marker) mark(marks []mark, heads map[string]headPlace) error {
	type rowKey struct {
		sheet string
		row   int
	}
	var order []rowKey
	rows := map[rowKey][]string{}
	faulty := map[string]map[[2]int]bool{}
	for _, x := range marks {
		if faulty[x.sheet] == nil {
			faulty[x.sheet] = map[[2]int]bool{}
		}
		if !x.doubt {
			faulty[x.sheet][[2]int{x.row, x.col}] = true
		}
	}
	for _, x := range marks {
		h, known := heads[x.sheet]
		if x.col > 0 && x.row > 0 {
			doubt := !faulty[x.sheet][[2]int{x.row, x.col}]
			if err := m.cell(x, doubt); err != nil {
				return err
			}
		}
		if known && x.row > h.bottom {
			key := rowKey{x.sheet, x.row}
			if rows[key] == nil {
				order = append(order, key)
			}
			text := x.text
			if x.col > 0 {
				text = columnName(x.col) + "列：" + text
			}
			rows[key] = append(rows[key], text)
		}
	}
	titled := map[string]bool{}
	for _, key := range order {
		h := heads[key.sheet]
		col := h.problems
		if col == 0 {
			col = h.last + 1
		}
		if !titled[key.sheet] {
			titled[key.sheet] = true
			if err := m.problemColumn(key.sheet, col, h.bottom); err != nil {
				return err
			}
		}
		if err := m.write(key.sheet, cellName(col, key.row), strings.Join(rows[key], "\n"), look{font: fang, size: 10, align: "left", color: "9C0006", border: true}); err != nil {
			return err
		}
	}
	if len(marks) == 0 {
		return nil
	}
	return m.list(marks)
}

func (m *marker) problemColumn(sheet string, col, row int) error {
	if err := m.write(sheet, cellName(col, row), problemTitle, headLook); err != nil {
		return err
	}
	name := columnName(col)
	return m.f.SetColWidth(sheet, name, name, problemWide)
}

func (m *marker) write(sheet, at, text string, l look) error {
	id, err := m.style(l)
	if err != nil {
		return err
	}
	if err := m.f.SetCellStr(sheet, at, neutral(text)); err != nil {
		return err
	}
	return m.f.SetCellStyle(sheet, at, at, id)
}

func (m *marker) style(l look) (int, error) { return m.f.NewStyle(l.style()) }

// cell fills a cell, keeping all else of its look, and notes what is wrong.
func (m *marker) cell(x mark, doubt bool) error {
	at := cellName(x.col, x.row)
	id, err := m.f.GetCellStyle(x.sheet, at)
	if err != nil {
		return err
	}
	key := [2]int{id, map[bool]int{true: 1}[doubt]}
	filled, ok := m.styles[key]
	if !ok {
		st, err := m.f.GetStyle(id)
		if err != nil {
			st = &excelize.Style{}
		}
		st.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{map[bool]string{false: faultFill, true: doubtFill}[doubt]}}
		if filled, err = m.f.NewStyle(st); err != nil {
			return err
		}
		m.styles[key] = filled
	}
	if err := m.f.SetCellStyle(x.sheet, at, at, filled); err != nil {
		return err
	}
	m.styles[[2]int{filled, key[1]}] = filled // marked twice
	return m.note(x, at)
}

func (m *marker) note(x mark, at string) error {
	if !m.notes || m.noted >= mostNotes {
		return nil
	}
	notes, err := m.f.GetComments(x.sheet)
	if err != nil || slices.ContainsFunc(notes, func(n excelize.Comment) bool { return n.Cell == at }) {
		return err // the clerk's note, or ours on a list field, stays
	}
	m.noted++
	return m.f.AddComment(x.sheet, excelize.Comment{
		Cell: at, Author: checker, Width: 240, Height: uint(30 + 18*ceil(widthOf(x.text)/30)),
		Paragraph: []excelize.RichTextRun{{Text: x.text, Font: &excelize.Font{Family: fang, Size: 10}}},
	})
}

func (m *marker) landscape(sheet string) error {
	landscape, a4, wide, tall, fit := "landscape", 9, 1, 0, true
	if err := m.f.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	return m.f.SetPageLayout(sheet, &excelize.PageLayoutOptions{Size: &a4, Orientation: &landscape, FitToWidth: &wide, FitToHeight: &tall})
}

// list adds the sheet with everything that was found.
func (m *marker) list(marks []mark) error {
	if _, err := m.f.NewSheet(listSheet); err != nil {
		return err
	}
	rows := [][3]string{{"位置", "", "问题"}}
	for i, x := range marks {
		if i == mostListed {
			rows = append(rows, [3]string{"", "", fmt.Sprintf("……另有%d处", len(marks)-i)})
			break
		}
		place := x.sheet
		switch {
		case x.col > 0 && x.row > 0:
			place += "!" + cellName(x.col, x.row)
		case x.row > 0:
			place += fmt.Sprintf("!第%d行", x.row)
		}
		rows = append(rows, [3]string{place, map[bool]string{false: "错误", true: "提示"}[x.doubt], x.text})
	}
	head, err := m.style(headLook)
	if err != nil {
		return err
	}
	body, err := m.style(textLook)
	if err != nil {
		return err
	}
	for i, row := range rows {
		for j, text := range row {
			at := cellName(j+1, i+1)
			if err := m.f.SetCellStr(listSheet, at, neutral(text)); err != nil {
				return err
			}
			id := body
			if i == 0 {
				id = head
			}
			if err := m.f.SetCellStyle(listSheet, at, at, id); err != nil {
				return err
			}
		}
		if err := m.f.SetRowHeight(listSheet, i+1, rowHeight(20, 90, row[2])); err != nil {
			return err
		}
	}
	if err := m.landscape(listSheet); err != nil {
		return err
	}
	for i, w := range []float64{28, 8, 90} {
		name := columnName(i + 1)
		if err := m.f.SetColWidth(listSheet, name, name, w); err != nil {
			return err
		}
	}
	return m.f.SetPanes(listSheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
}
