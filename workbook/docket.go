package workbook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
	"qiaomen"
)

// A Docket is what waits for decisions, as a sheet to print for a meeting.
type Docket struct {
	Campaign string // its id, by which a sheet is known when it comes back
	Title    string // the campaign's name
	Office   string // 单位
	By       string // 制表人
	On       string // 日期, YYYY-MM-DD
	Items    []DocketItem
}

// A DocketItem is one decision that is awaited.
type DocketItem struct {
	ID   string
	What string // the sort of matter
	Unit string
	Text string // what is to be decided
	From string // the role that proposed it
	At   string // when
	Role string // whose decision it is
}

// A DocketLine is a row of a docket in which a decision was filled in.
type DocketLine struct {
	ID, Role       string
	Approve        bool
	Reason, Number string
	On             string // YYYY-MM-DD
	sheet          string
	row            int
	columns        map[string]int
}

const (
	docketSheet  = "待决定事项"
	docketAgree  = "同意"
	docketRefuse = "不同意"
)

// The columns of a docket: title, and how wide. What a meeting fills in has a
// name, by which its cells are asked for.
var docketColumns = []struct {
	title, field string
	width        float64
}{
	{"编号", "id", 23},
	{"事项", "", 13},
	{"单位", "", 15},
	{"内容", "", 44},
	{"提出人", "", 11},
	{"提出时间", "", 15},
	{"决定人", "role", 11},
	{"决定", "approve", 9},
	{"理由", "reason", 22},
	{"决定日期", "decided_on", 13},
	{"文号", "number", 17},
}

const (
	docketHead   = 3 // rows of the head: title, who made it, columns
	docketFilled = 7 // columns before those to fill in
)

// WriteDocket writes a docket, to print and to fill in: every cell a text, A4
// landscape. ReadDocket reads it back. The same docket gives the same bytes.
func WriteDocket(w io.Writer, d Docket) error {
	b := newBook()
	p := b.page(docketSheet)
	last, total := len(docketColumns), 0.0
	for i, c := range docketColumns {
		p.width(i+1, c.width)
		total += c.width
		l := headLook
		if i >= docketFilled {
			l.fill = exampleFill
		}
		p.set(i+1, docketHead, c.title, l)
	}
	p.merged(1, 1, last, 1, "待决定事项表（"+d.Title+"）", titleLook)
	p.height(1, 36)
	p.merged(1, 2, last, 2, fmt.Sprintf("单位：%s　　制表人：%s　　日期：%s　　共%d项", d.Office, d.By, d.On, len(d.Items)), underLook)
	p.height(2, 22)
	p.height(docketHead, 30)
	for i, item := range d.Items {
		row, height := docketHead+1+i, 36.0
		for j, text := range []string{item.ID, item.What, item.Unit, item.Text, item.From, item.At, item.Role} {
			p.set(j+1, row, text, textLook.as("@"))
			height = max(height, rowHeight(36, docketColumns[j].width, text))
		}
		p.fill(docketFilled+1, row, last, row, textLook.as("@"))
		p.height(row, height)
	}
	if n := len(d.Items); n > 0 {
		v := excelize.NewDataValidation(true)
		v.Sqref = cellName(docketFilled+1, docketHead+1) + ":" + cellName(docketFilled+1, docketHead+n)
		p.try(v.SetDropList([]string{docketAgree, docketRefuse}))
		v.SetError(excelize.DataValidationErrorStyleStop, "决定", "请选“同意”或“不同意”；还没有决定的留空。")
		p.try(p.f.AddDataValidation(p.name, v))
	}
	p.freeze(1, docketHead)
	p.paper(min(total, a4Holds), 1, docketHead, docketHead)
	m := b.page(metaSheet)
	for i, pair := range [][2]string{{"docket", "1"}, {"campaign", d.Campaign}} {
		m.set(1, i+1, pair[0], underLook)
		m.set(2, i+1, pair[1], underLook)
	}
	m.try(m.f.SetSheetVisible(m.name, false, true))
	return b.write(w)
}

// ReadDocket reads what a meeting decided off a docket: the rows in which a
// decision was filled in, for that campaign. Rows without one are left out.
// Every fault is found, with its cell; where there are any, the rows are not to
// be used.
func ReadDocket(file []byte, campaign string) (lines []*DocketLine, found *Findings, err error) {
	r := &docketReader{found: &Findings{}, campaign: campaign}
	defer func() {
		if recover() != nil { // a hole in the reader must not become a decision
			lines, found, err = nil, r.refuse(damaged), nil
		}
	}()
	b, err := openWorkbook(bytes.NewReader(file), int64(len(file)))
	if err == nil {
		r.since1904 = b.since1904
		err = r.workbook(b)
	}
	if why, ok := errors.AsType[*refusal](err); ok {
		return nil, r.refuse(why), nil
	}
	return r.lines, r.found, err
}

// At is where the line stands, for what is wrong with one of its fields: id,
// role, approve, reason, decided_on, number.
func (l *DocketLine) At(field string) qiaomen.Place {
	if col := l.columns[field]; col > 0 {
		return qiaomen.Place{Field: l.sheet + "!" + cellName(col, l.row)}
	}
	return qiaomen.Place{Field: fmt.Sprintf("%s!第%d行", l.sheet, l.row)}
}

type docketReader struct {
	typist
	campaign string
	lines    []*DocketLine
	found    *Findings
}

func (r *docketReader) refuse(why *refusal) *Findings {
	r.report(qiaomen.Place{}, why.text, why.fix)
	return r.found
}

func (r *docketReader) report(at qiaomen.Place, text, fix string) {
	r.found.add(&qiaomen.Problem{Text: text, Fix: fix, At: at}, mark{})
}

func (r *docketReader) workbook(b *reading) error {
	headed := false
	for _, sheet := range b.sheets {
		if sheet.name == metaSheet {
			if err := r.meta(b, sheet); err != nil {
				return err
			}
			continue
		}
		var columns map[string]int
		err := b.rows(sheet, func(row int, cells []cell) error {
			if columns == nil {
				columns = docketHeadOf(cells)
				return nil
			}
			r.line(&DocketLine{sheet: sheet.name, row: row, columns: columns}, cells)
			return nil
		})
		if err != nil {
			return err
		}
		headed = headed || columns != nil
	}
	if !headed {
		return &refusal{"没有找到表头：编号、决定人、决定、理由、决定日期、文号", "请用打印出的待决定事项表填写，不要改表头"}
	}
	return nil
}

// meta asks that the sheet is of this campaign.
func (r *docketReader) meta(b *reading, sheet sheetPart) error {
	return b.rows(sheet, func(_ int, cells []cell) error {
		if len(cells) == 2 && cells[0].text == "campaign" && cells[1].text != r.campaign {
			r.report(qiaomen.Place{}, "这份表是活动“"+qiaomen.Clip(cells[1].text)+"”的，不是“"+r.campaign+"”的", "请核对")
		}
		return nil
	})
}

// docketHeadOf is the columns by field where the row is a docket's head, or nil.
func docketHeadOf(cells []cell) map[string]int {
	out := map[string]int{}
	for _, c := range cells {
		for _, known := range docketColumns {
			if known.field != "" && folded(c.text) == folded(known.title) {
				out[known.field] = c.col
			}
		}
	}
	for _, known := range docketColumns {
		if known.field != "" && out[known.field] == 0 {
			return nil
		}
	}
	return out
}

// line reads one row. One without a decision says nothing yet.
func (r *docketReader) line(l *DocketLine, cells []cell) {
	of := map[string]cell{}
	for field, col := range l.columns {
		if i := slices.IndexFunc(cells, func(c cell) bool { return c.col == col }); i >= 0 {
			of[field] = cells[i]
		}
	}
	text := func(field string) string {
		c := of[field]
		if c.kind == errorCell {
			r.report(l.At(field), "公式算不出来（"+qiaomen.Clip(c.text)+"）", "请直接填写")
			return ""
		}
		out, say := r.text(c)
		if say != nil {
			r.report(l.At(field), say.text, say.fix)
		}
		return strings.TrimSpace(out)
	}
	switch decided := text("approve"); decided {
	case "":
		return
	case docketAgree:
		l.Approve = true
	case docketRefuse:
	default:
		r.report(l.At("approve"), "决定写成了“"+qiaomen.Clip(decided)+"”", "请填“同意”或“不同意”，还没有决定的留空")
	}
	if l.ID, l.Role = text("id"), text("role"); l.ID == "" {
		r.report(l.At("id"), "这一行没有编号", "请照打印出的表填写")
	}
	l.Reason, l.Number = text("reason"), text("number")
	if day := of["decided_on"]; void(day.text) {
		r.report(l.At("decided_on"), "没有写决定日期", dateFix)
	} else if d, say := r.date(day); say != nil {
		r.report(l.At("decided_on"), say.text, say.fix)
	} else {
		l.On = d.String()
	}
	r.lines = append(r.lines, l)
}
