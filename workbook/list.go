package workbook

import (
	"encoding/csv"
	"io"
	"iter"
	"slices"

	"github.com/xuri/excelize/v2"
	"qiaomen"
	"qiaomen/scheme"
)

// A List is records as a list shows them, to be taken away: one sheet, or one
// CSV file, of one kind with its fields, or of all kinds without. Personal
// fields are never among its columns. However long it is, it is written row by
// row.
type List struct {
	Scheme *scheme.Scheme
	Kind   *scheme.Kind // nil: of all kinds
	Title  string
	Mark   string // who took it and when: at the foot of every page, and in the properties
}

// A ListRow is one record of a list. Values are of the fields of its kind.
type ListRow struct {
	ID, Name, Unit, Kind, State string
	Reported, Recognised        qiaomen.Moment
	Values                      []qiaomen.Value
}

// A listColumn is what a column of a list is called, and what a row has there:
// nothing, a text, a day, a time, or a number of the field.
type listColumn struct {
	title  string
	width  float64
	format string
	field  *scheme.Field
	value  func(r *ListRow) any
}

func (l *List) columns() []listColumn {
	m := &maker{s: l.Scheme}
	const at = "yyyy-mm-dd hh:mm"
	out := []listColumn{
		{"编号", 20, "@", nil, func(r *ListRow) any { return r.ID }},
		{"单位", 22, "", nil, func(r *ListRow) any { return r.Unit }},
		{"名称", 30, "@", nil, func(r *ListRow) any { return r.Name }},
		{"状态", 12, "", nil, func(r *ListRow) any { return r.State }},
		{"上报时间", 18, at, nil, func(r *ListRow) any { return r.Reported }},
		{"认定时间", 18, at, nil, func(r *ListRow) any { return r.Recognised }},
	}
	if l.Kind == nil {
		return slices.Insert(out, 2, listColumn{"类别", 16, "", nil, func(r *ListRow) any { return r.Kind }})
	}
	for i, f := range l.Kind.Fields {
		if f.Personal {
			continue
		}
		c := &column{role: fieldRole, title: f.Name, field: f, index: i}
		title := f.Name
		if f.Scale != nil {
			title += "（" + f.Scale.Name + "）"
		}
		out = append(out, listColumn{title, columnWidth(c), m.formatOf(c), f, func(r *ListRow) any {
			switch {
			case i >= len(r.Values) || !r.Values[i].Given:
				return nil
			case f.Type == scheme.DateField:
				return r.Values[i].Date
			case f.Scale != nil:
				return r.Values[i].Number
			}
			return m.valueCell(f, r.Values[i])
		}})
	}
	return out
}

// Workbook writes the list as a workbook. The same rows give the same bytes.
func (l *List) Workbook(w io.Writer, rows iter.Seq2[*ListRow, error]) error {
	b, columns := newBook(), l.columns()
	p := b.page(l.Title)
	out, err := b.f.NewStreamWriter(p.name)
	if err != nil {
		return err
	}
	foot := excelize.HeaderFooterOptions{OddFooter: "&L" + footerText(l.Mark) + "&R第 &P 页，共 &N 页"}
	if err := b.f.SetHeaderFooter(p.name, &foot); err != nil {
		return err
	}
	head := make([]any, len(columns))
	styles := make([]int, len(columns))
	for i, c := range columns {
		if err := out.SetColWidth(i+1, i+1, c.width); err != nil {
			return err
		}
		head[i] = excelize.Cell{StyleID: b.style(headLook), Value: c.title}
		styles[i] = b.style(textLook.as(c.format))
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, XSplit: 1, YSplit: 1, TopLeftCell: "B2", ActivePane: "bottomRight"}); err != nil {
		return err
	}
	if err := out.SetRow("A1", head); err != nil {
		return err
	}
	row, cells := 1, make([]any, len(columns))
	for r, err := range rows {
		if err != nil {
			return err
		}
		row++
		for i, c := range columns {
			cells[i] = excelize.Cell{StyleID: styles[i], Value: c.cell(c.value(r))}
		}
		if err := out.SetRow(cellName(1, row), cells); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	b.about = l.Mark
	return b.write(w)
}

// cell is a value as excelize takes it: no text is a formula.
func (c *listColumn) cell(v any) any {
	switch x := v.(type) {
	case qiaomen.Date:
		v = dateCell(x)
	case qiaomen.Moment:
		v = momentCell(x)
	case qiaomen.Number:
		v = shownNumber(c.field, x)
	}
	switch x := v.(type) {
	case string:
		return escaped(neutral(x))
	case qiaomen.Number:
		if f, ok := float(x); ok {
			return f
		}
		return x.String()
	}
	return v
}

// CSV writes the list as RFC 4180 has it, in UTF-8 with the mark by which Excel
// knows it. A text that a spreadsheet would take for a formula has an apostrophe
// before it.
func (l *List) CSV(w io.Writer, rows iter.Seq2[*ListRow, error]) error {
	if _, err := w.Write(utf8Mark); err != nil {
		return err
	}
	out, columns := csv.NewWriter(w), l.columns()
	out.UseCRLF = true
	line := make([]string, len(columns))
	for i, c := range columns {
		line[i] = c.title
	}
	if err := out.Write(line); err != nil {
		return err
	}
	for r, err := range rows {
		if err != nil {
			return err
		}
		for i, c := range columns {
			line[i] = c.plain(c.value(r))
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// plain is a value as a CSV file has it: a number exactly, in the unit that the
// title names.
func (c *listColumn) plain(v any) string {
	switch x := v.(type) {
	case string:
		return neutral(x)
	case qiaomen.Date:
		return x.String()
	case qiaomen.Moment:
		if !x.IsZero() {
			return momentText(x)
		}
	case qiaomen.Number:
		return c.field.Scale.Show(x).String()
	}
	return ""
}
