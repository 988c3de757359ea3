package workbook

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"qiaomen"
	"qiaomen/scheme"
)

// Options says for whom a workbook is.
type Options struct {
	// Unit is whose workbook it is; nil: everybody's. Its sheets are those of
	// its group, and rows need no unit.
	Unit *scheme.Unit
	// Office is the edition of the office: with the fields that no unit may
	// set, the times of recognition, and the sheets of official figures.
	Office bool
}

// Template writes the workbook that a campaign's records are filled in: a
// guide, a sheet for each kind, an example row on each. The same scheme gives
// the same bytes.
func Template(w io.Writer, s *scheme.Scheme, o Options) error {
	b := newBook()
	m := &maker{book: b, s: s, Options: o, lists: map[string]string{}}
	var sheets []*form
	for _, f := range forms(s) {
		if m.wants(f) {
			sheets = append(sheets, f)
		}
	}
	m.guide(sheets)
	for _, f := range sheets {
		columns := m.columns(f)
		p := m.sheet(f, columns, m.under())
		for i, c := range columns {
			p.note(i+1, headRow, m.help(f, c))
		}
		m.example(p, f)
		m.blank(p, f)
	}
	m.meta(nil)
	return b.write(w)
}

// A maker writes sheets that are filled in, or that hold what was.
type maker struct {
	*book
	s *scheme.Scheme
	Options
	lists map[string]string // reference of each list of options, by key
	keys  []string
	items map[string][]string
}

// Rows of a sheet to fill in.
const (
	titleRow, noteRow, headRow, exampleRow = 1, 2, 3, 4
	lastRow                                = 2000 // down to here cells are checked as they are filled in
	ruledRows                              = 40

	officeFill  = "DDEBF7" // the head of columns that no unit fills in
	exampleFill = "FFF9E5"
)

func (m *maker) wants(f *form) bool {
	switch {
	case f.figure != nil:
		return m.Office
	case m.Unit != nil:
		return slices.Contains(f.kind.ReportedBy, m.Unit.Group)
	}
	return m.Office || len(f.kind.ReportedBy) > 0
}

// sheet starts the sheet of a form: title, a line for who fills it in, head.
// extra is the width of further columns behind the form's own.
func (m *maker) sheet(f *form, columns []*column, under string, extra ...float64) *page {
	p := m.page(f.name())
	total, last := 0.0, len(columns)+len(extra)
	for i, c := range columns {
		name := columnName(i + 1)
		p.try(p.f.SetColStyle(p.name, name, p.style(look{font: fang, size: 11, align: "left", format: m.formatOf(c)})))
		p.width(i+1, columnWidth(c))
		total += columnWidth(c)
	}
	for i, w := range extra {
		p.width(len(columns)+1+i, w)
		total += w
	}
	title, high := f.name()+"（"+m.s.Name+"）", 32.0
	if widthOf(title)*1.6 > total {
		title, high = f.name()+"\n"+m.s.Name, 52
	}
	p.merged(1, titleRow, last, titleRow, title, look{font: hei, size: 16, align: "left"})
	p.height(titleRow, high)
	if widthOf(under) > total {
		under, _, _ = strings.Cut(under, "（带 *")
	}
	p.merged(1, noteRow, last, noteRow, under, underLook)
	p.height(noteRow, rowHeight(22, total, under))
	for i, c := range columns {
		l := headLook
		if c.field != nil && c.field.FilledBy != scheme.ByUnit || c.role == recognisedRole || c.role == revokedRole {
			l.fill = officeFill
		}
		title := c.title
		if c.field != nil && c.field.Scale != nil {
			title = c.field.Name + "\n（" + c.field.Scale.Name + "）"
		}
		p.set(i+1, headRow, title+map[bool]string{true: "*"}[m.must(f, c)], l)
	}
	p.height(headRow, 44)
	p.freeze(min(3, last), headRow)
	if total > a4Holds*1.5 {
		p.paper(total, min(3, last), titleRow, headRow)
	} else {
		p.paper(a4Holds, min(3, last), titleRow, headRow)
	}
	return p
}

// under is the line beneath the title of a sheet to fill in.
func (m *maker) under() string {
	whose := strings.Repeat("　", 10)
	if m.Unit != nil {
		whose = m.Unit.Name + "　　"
	}
	return "填报单位：" + whose + "填报人：　　　　　　　　填报日期：　　　　　　　　（带 * 的必须填；单击列名看说明）"
}

// example writes the row that shows how, and is not read.
func (m *maker) example(p *page, f *form) {
	l := look{font: fang, size: 11, align: "left", border: true, color: grey, fill: exampleFill, indent: 1}
	for i, c := range m.columns(f) {
		var v any
		style := l
		switch c.role {
		case idRole:
			v = exampleID
		case unitRole:
			v = m.someUnit(f).Name
		case nameRole:
			v = "示例" + f.name()
		case evidenceRole:
			v = "是"
		case reportedRole, recognisedRole:
			v = "2024-01-05 16:40"
		case periodRole:
			v = "如左表所列"
			if names := periodNames(f.figure); len(names) > 0 {
				v = names[0]
			}
		case publishedRole:
			v = "2024-04-20"
		case fieldRole:
			v = exampleOf(c.field)
		}
		p.set(i+1, exampleRow, v, style)
	}
	p.height(exampleRow, 36)
}

func (m *maker) someUnit(f *form) *scheme.Unit {
	switch {
	case m.Unit != nil:
		return m.Unit
	case f.kind != nil && len(f.kind.ReportedBy) > 0 && len(f.kind.ReportedBy[0].Units) > 0:
		return f.kind.ReportedBy[0].Units[0]
	}
	return m.s.Units[0]
}

func exampleOf(f *scheme.Field) any {
	switch f.Type {
	case scheme.AmountField, scheme.NumberField:
		switch f.Scale.Name {
		case "%":
			return "17.4%"
		case "万元", "万美元":
			return 1200
		}
		return 2.5
	case scheme.JudgedField:
		return f.To
	case scheme.DateField:
		return "2024-01-05"
	case scheme.FlagField:
		return "是"
	case scheme.OptionField:
		if len(f.Options) > 0 {
			return f.Options[0].Name
		}
		return ""
	case scheme.ListField:
		return "示例甲、示例乙、示例丙"
	case scheme.RecordField:
		return "（编号）"
	case scheme.TextField:
		return "示例"
	}
	return ""
}

// blank dresses the rows to fill in and says what they take.
func (m *maker) blank(p *page, f *form) {
	columns := m.columns(f)
	for i, c := range columns {
		l := textLook
		if l.format = m.formatOf(c); c.field != nil && c.field.Scale != nil {
			l.align = "right"
		}
		p.fill(i+1, exampleRow+1, i+1, exampleRow+ruledRows, l)
		m.validate(p, f, c, i+1, exampleRow+1)
	}
	for row := exampleRow + 1; row <= exampleRow+ruledRows; row++ {
		p.height(row, 22)
	}
}

// meta writes the hidden sheet: what the workbook is, and the options.
func (m *maker) meta(skip []string) {
	p := m.page(metaSheet)
	l := look{font: fang, size: 11, align: "left"}
	row := 0
	say := func(key, value string) {
		row++
		p.set(1, row, key, l)
		p.set(2, row, value, l)
	}
	say("qiaomen", strconv.Itoa(scheme.Vocabulary))
	say("scheme", m.s.ID)
	say("digest", m.s.Digest)
	say("edition", map[bool]string{true: "office", false: "unit"}[m.Office])
	if m.Unit != nil {
		say("unit", m.Unit.ID)
	}
	for _, name := range skip {
		say("skip", name)
	}
	for i, key := range m.keys {
		name, _, _ := strings.Cut(key, "\x00")
		p.set(i+4, 1, name, l)
		for j, item := range m.items[key] {
			p.set(i+4, j+2, item, l)
		}
	}
	p.try(p.f.SetSheetVisible(p.name, false, true))
}

// shownNumber is a number of a field as its cell holds it.
func shownNumber(f *scheme.Field, n qiaomen.Number) any {
	written := f.Scale.Show(n)
	if f.Scale.Name == "%" {
		if _, ok := float(n); ok {
			return n
		}
		return written.String() + "%"
	}
	if tooBig(f, written) != nil {
		return written.String() + f.Scale.Name
	}
	return written
}
