package workbook

import (
	"strconv"

	"qiaomen"
)

// Shown is how many faults, and how many doubts, of a file are kept; the rest
// are counted.
const Shown = 100

// Findings is what was found in a file: faults, for which nothing of it is to
// be used, and doubts, such as formulas and skipped rows of totals.
type Findings struct {
	Faults, Doubts           []*qiaomen.Problem
	TotalFaults, TotalDoubts int

	each func(mark) // sees all of them, for Check
}

// A mark is a finding with its cell. Column 0 is the whole row, row 0 the
// whole sheet.
type mark struct {
	sheet    string
	row, col int
	doubt    bool
	text     string
}

func (f *Findings) add(p *qiaomen.Problem, m mark) {
	list, total := &f.Faults, &f.TotalFaults
	if m.doubt {
		list, total = &f.Doubts, &f.TotalDoubts
	}
	if *total++; *total <= Shown {
		*list = append(*list, p)
	}
	if f.each != nil {
		m.text = p.Text
		if p.Fix != "" {
			m.text += "；" + p.Fix
		}
		f.each(m)
	}
}

// at reports a finding at a cell of the table's sheet.
func (t *table) at(row, col int, s *said) {
	t.report(mark{t.sheet, row, col, s.doubt, ""}, s.text, s.fix)
}

func (r *reader) report(m mark, text, fix string) {
	at := qiaomen.Place{File: r.file}
	switch {
	case r.csv:
		at.Line = m.row
		if m.col > 0 {
			at.Field = columnName(m.col) + "列"
		}
	case m.col > 0 && m.row > 0:
		at.Field = m.sheet + "!" + cellName(m.col, m.row)
	case m.row > 0:
		at.Field = m.sheet + "!第" + strconv.Itoa(m.row) + "行"
	default:
		at.Field = m.sheet
	}
	r.found.add(&qiaomen.Problem{Text: text, Fix: fix, At: at}, m)
}
