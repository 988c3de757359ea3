package workbook

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"qiaomen"
	"qiaomen/scheme"
)

// A Sink takes what a file holds. It may keep what it is given.
type Sink interface {
	Record(*qiaomen.Record)
	Figure(*qiaomen.Figure)
}

// A reader reads one file, sheet by sheet.
type reader struct {
	typist
	file  string
	csv   bool
	forms []*form
	to    Sink
	found *Findings
	ids   map[string]string // id → where it stands
	seq   int
	unit  *scheme.Unit // whose workbook it is, where it is one unit's

	refused bool
	sheet   string               // being read
	heads   map[string]headPlace // for Check, by sheet
}

func newReader(s *scheme.Scheme, file string, to Sink) *reader {
	return &reader{typist: typist{s: s}, file: file, forms: forms(s), to: to, found: &Findings{}, ids: map[string]string{}}
}

// Read reads a workbook that was filled in, ours or one like it: a sheet for
// each kind of record, its columns in any order. file is the name that
// findings give. The error is the machine's own, such as a broken disk;
// whatever is wrong with the file is in the findings, and then what the sink
// was given is not to be used.
func Read(r io.ReaderAt, size int64, s *scheme.Scheme, file string, to Sink) (*Findings, error) {
	return read(r, size, newReader(s, file, to))
}

func read(r io.ReaderAt, size int64, rd *reader) (found *Findings, err error) {
	defer func() {
		if recover() != nil { // a hole in the reader must not become a score
			found, err = rd.refuse(damaged), nil
		}
	}()
	b, err := openWorkbook(r, size)
	if err == nil {
		rd.since1904 = b.since1904
		err = rd.workbook(b)
	}
	if why, ok := errors.AsType[*refusal](err); ok {
		return rd.refuse(why), nil
	}
	return rd.found, err
}

// refuse reports that the file cannot be read at all.
func (r *reader) refuse(why *refusal) *Findings {
	r.refused = true
	r.found.TotalFaults++
	r.found.Faults = append(r.found.Faults, &qiaomen.Problem{Text: why.text, Fix: why.fix, At: qiaomen.Place{File: r.file}})
	return r.found
}

const (
	metaSheet  = "_选项"
	guideSheet = "填报说明"
)

func (r *reader) workbook(b *reading) error {
	skip := []string{metaSheet, guideSheet, listSheet}
	for _, sheet := range b.sheets {
		if sheet.name == metaSheet {
			more, err := r.meta(b, sheet)
			if err != nil {
				return err
			}
			skip = append(skip, more...)
		}
	}
	if b.external {
		r.report(mark{sheet: "工作簿", doubt: true}, "引用了别的文件，里面的数按上次算出的读", "请核对，最好改成直接填数")
	}
	for _, sheet := range b.sheets {
		if slices.Contains(skip, sheet.name) {
			continue
		}
		merges, err := b.merges(sheet)
		if err != nil {
			return err
		}
		r.sheet = sheet.name
		t := &table{reader: r, sheet: sheet.name, form: formNamed(r.forms, sheet.name), merges: merges}
		if err := b.rowsAhead(sheet, t.row); err != nil {
			return err
		}
		t.end()
	}
	return nil
}

// meta reads the hidden sheet of our own workbooks: of which scheme it is,
// whose, and which sheets are not to be read.
func (r *reader) meta(b *reading, sheet sheetPart) (skip []string, err error) {
	err = b.rows(sheet, func(row int, cells []cell) error {
		if len(cells) < 2 || cells[0].col != 1 || cells[1].col != 2 {
			return nil
		}
		switch value := cells[1].text; cells[0].text {
		case "scheme":
			if value != r.s.ID {
				r.report(mark{sheet: "工作簿"}, "这份表是为方案“"+qiaomen.Clip(value)+"”做的，不是“"+r.s.ID+"”", "请核对 --scheme，或者重新导出表格")
			}
		case "unit":
			r.unit = r.s.Unit(value)
		case "skip":
			skip = append(skip, value)
		}
		return nil
	})
	return skip, err
}

// known remembers an id, and is where it stood before.
func (r *reader) known(id, place string) string {
	before := r.ids[id]
	if before == "" {
		r.ids[id] = place
	}
	return before
}

func (r *reader) place(t *table, row int) string {
	if r.csv {
		return fmt.Sprintf("第%d行", row)
	}
	return fmt.Sprintf("%s!第%d行", t.sheet, row)
}
