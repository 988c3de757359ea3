package workbook

import (
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
	"qiaomen"
	"qiaomen/scheme"
)

// WriteLedgers writes what a book holds and what it came to: the rankings and
// tables of a notice, then a sheet for each kind with every record, whether it
// counted, and if not, why. Read reads the ledgers back. The same result and
// book give the same bytes.
func WriteLedgers(w io.Writer, res *scheme.Result, book *qiaomen.Book) error {
	b := newBook()
	b.annexes(res)
	skip := b.f.GetSheetList()
	m := &maker{book: b, s: res.Scheme, Options: Options{Office: true}, lists: map[string]string{}}
	st := statuses(res, book)
	for _, f := range forms(res.Scheme) {
		if f.kind != nil {
			m.ledger(f, res, book, st)
		} else {
			m.published(f, book)
		}
	}
	m.meta(skip)
	return b.write(w)
}

// A status is what became of a record.
type status struct {
	counted bool
	why     []string
}

// statuses is what became of every record, by its place in the book.
func statuses(res *scheme.Result, book *qiaomen.Book) map[string]*status {
	own := make([][]qiaomen.Record, len(res.Scheme.Units))
	for _, r := range book.Records {
		own[r.Unit] = append(own[r.Unit], r)
	}
	out := map[string]*status{}
	of := func(id string) *status {
		if out[id] == nil {
			out[id] = &status{}
		}
		return out[id]
	}
	for _, g := range res.Groups {
		for _, u := range g.Units {
			card := res.Explain(u, own[u.Unit.Index()])
			var not []scheme.CardRecord
			for _, l := range card.Lines {
				for _, r := range l.Counted {
					of(r.ID).counted = true
				}
				not = append(not, l.NotCounted...)
			}
			for _, r := range card.Beside {
				of(r.ID).counted = true
			}
			for _, r := range append(not, card.Other...) {
				if st := of(r.ID); !slices.Contains(st.why, r.Why) {
					st.why = append(st.why, r.Why)
				}
			}
		}
	}
	return out
}

func (m *maker) ledger(f *form, res *scheme.Result, book *qiaomen.Book, st map[string]*status) {
	var rows []*qiaomen.Record
	for i := range book.Records {
		if r := &book.Records[i]; m.s.Kinds[r.Kind] == f.kind {
			rows = append(rows, r)
		}
	}
	if len(rows) == 0 {
		return
	}
	columns := slices.DeleteFunc(m.columns(f), func(c *column) bool { // what nobody filled in takes paper only
		return !m.must(f, c) && !slices.ContainsFunc(rows, func(r *qiaomen.Record) bool { return m.recordCell(c, r) != nil })
	})
	counted := 0
	for _, r := range rows {
		if s := st[r.ID]; s != nil && s.counted {
			counted++
		}
	}
	under := when(res.View) + "　　共" + decimalOf(len(rows)) + f.kind.CountedIn + "，计入" + decimalOf(counted) + f.kind.CountedIn
	p := m.sheet(f, columns, under, 11, reasonWidth)
	p.set(len(columns)+1, headRow, statusTitle, headLook)
	p.set(len(columns)+2, headRow, reasonTitle, headLook)
	sums := make([]qiaomen.Number, len(columns))
	for i, r := range rows {
		row := headRow + 1 + i
		height := 22.0
		for j, c := range columns {
			v := m.recordCell(c, r)
			m.put(p, j+1, row, c, v)
			if text, ok := v.(string); ok {
				height = max(height, rowHeight(22, columnWidth(c), text))
			}
			if c.field != nil && c.field.Type == scheme.AmountField {
				sums[j] = sums[j].Add(r.Values[c.index].Number)
			}
		}
		text, why := "未计入", "本方案不计此类记录"
		if s := st[r.ID]; s != nil {
			if why = strings.Join(s.why, "；"); s.counted {
				text, why = "计入", ""
			}
		}
		p.set(len(columns)+1, row, text, midLook)
		p.set(len(columns)+2, row, why, textLook)
		p.height(row, max(height, rowHeight(22, reasonWidth, why)))
	}
	m.sums(p, f, columns, sums, headRow+1+len(rows))
	p.filter(len(columns)+2, headRow+len(rows))
}

const reasonWidth = 44

func decimalOf(n int) string { return qiaomen.Int(int64(n)).String() }

// sums writes the row 合计 under a ledger.
func (m *maker) sums(p *page, f *form, columns []*column, sums []qiaomen.Number, row int) {
	for j, c := range columns {
		switch {
		case j == 0:
			p.set(1, row, "合计", boldLook)
		case c.field != nil && c.field.Type == scheme.AmountField && c.field.Scale.Name != "%":
			l := boldLook.as(m.formatOf(c))
			l.align = "right"
			p.set(j+1, row, sums[j], l)
		default:
			p.set(j+1, row, nil, boldLook)
		}
	}
	p.height(row, 24)
	if f.kind != nil {
		p.set(len(columns)+1, row, nil, boldLook)
		p.set(len(columns)+2, row, nil, boldLook)
	}
}

// filter lets the reader narrow a ledger by any column.
func (p *page) filter(cols, last int) {
	p.try(p.f.AutoFilter(p.name, cellName(1, headRow)+":"+cellName(cols, last), nil))
	fit := true
	p.try(p.f.SetSheetProps(p.name, &excelize.SheetPropsOptions{FitToPage: &fit})) // the filter clears it
}

func (m *maker) published(f *form, book *qiaomen.Book) {
	var rows []*qiaomen.Figure
	for i := range book.Figures {
		if x := &book.Figures[i]; m.s.Figures[x.Source] == f.figure {
			rows = append(rows, x)
		}
	}
	if len(rows) == 0 {
		return
	}
	columns := m.columns(f)
	p := m.sheet(f, columns, "共"+decimalOf(len(rows))+"条"+map[bool]string{true: "，来源：" + f.figure.Publisher}[f.figure.Publisher != ""])
	for i, x := range rows {
		for j, c := range columns {
			m.put(p, j+1, headRow+1+i, c, m.figureCell(c, x))
		}
		p.height(headRow+1+i, rowHeight(22, 22, m.unitName(x)))
	}
	p.filter(len(columns), headRow+len(rows))
}

// put writes a value as its column shows it.
func (m *maker) put(p *page, col, row int, c *column, v any) {
	l := textLook
	if _, text := v.(string); !text {
		l.format = m.formatOf(c)
		l.align = "center"
		if c.field != nil && c.field.Scale != nil {
			l.align = "right"
		}
	}
	p.set(col, row, v, l)
}

func (m *maker) recordCell(c *column, r *qiaomen.Record) any {
	switch c.role {
	case idRole:
		return r.ID
	case unitRole:
		return m.s.Units[r.Unit].Name
	case nameRole:
		return text(r.Name)
	case reportedRole:
		return momentCell(r.Reported)
	case recognisedRole:
		return momentCell(r.Recognised)
	case revokedRole:
		return momentCell(r.Revoked)
	case evidenceRole:
		if r.Evidence.Has(c.index) {
			return "是"
		}
		return nil
	}
	return m.valueCell(c.field, r.Values[c.index])
}

func (m *maker) unitName(x *qiaomen.Figure) string {
	if x.Unit < 0 {
		return ""
	}
	return m.s.Units[x.Unit].Name
}

func (m *maker) figureCell(c *column, x *qiaomen.Figure) any {
	switch c.role {
	case idRole:
		return x.ID
	case unitRole:
		return m.unitName(x)
	case periodRole:
		f := m.s.Figures[x.Source]
		if f.Every == "day" && len(f.Periods) == 0 {
			return dateCell(qiaomen.Date(x.Period))
		}
		return f.PeriodName(x.Period)
	case publishedRole:
		return dateCell(x.Published)
	}
	return m.valueCell(c.field, x.Values[c.index])
}

// text is a text, or nothing where it is empty.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// dateCell is a day as Excel counts days, or as text where that would not be
// read as one.
func dateCell(d qiaomen.Date) any {
	if n, ok := serial(d); ok {
		return n
	}
	return text(d.String())
}

func momentCell(m qiaomen.Moment) any {
	switch n, ok := serial(m.Day); {
	case m.IsZero():
		return nil
	case !ok || m.Nano%nanosOfSecond != 0 || m.Nano >= secondsOfDay*nanosOfSecond:
		return momentText(m)
	case m.Nano == 0:
		return n
	default:
		return float64(n) + float64(m.Nano/nanosOfSecond)/secondsOfDay
	}
}

func (m *maker) valueCell(f *scheme.Field, v qiaomen.Value) any {
	if !v.Given {
		return nil
	}
	switch f.Type {
	case scheme.AmountField, scheme.NumberField, scheme.JudgedField:
		return shownNumber(f, v.Number)
	case scheme.DateField:
		return dateCell(v.Date)
	case scheme.FlagField:
		return map[bool]string{true: "是", false: "否"}[v.Flag]
	case scheme.OptionField:
		return text(optionText(f, v))
	case scheme.ListField:
		return joined(v.List)
	case scheme.UnitField:
		if u := m.s.Unit(v.Text); u != nil {
			return u.Name
		}
	}
	return v.Text
}

// optionText is an option's name; of an open list, whatever stands there.
func optionText(f *scheme.Field, v qiaomen.Value) string {
	if f.List != nil && f.List.Open {
		if i := slices.IndexFunc(f.Options, func(o scheme.Option) bool { return o.ID == v.Text }); i >= 0 {
			return f.Options[i].Name
		}
		return v.Text
	}
	return f.Options[v.Option].Name
}
