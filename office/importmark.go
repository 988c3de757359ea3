package office

import (
	"bytes"
	"context"

	"qiaomen"
	"qiaomen/scheme"
	"qiaomen/workbook"
)

// MarkedWorkbook is the workbook of an import with everything that is wrong with
// it marked, each at its cell or row, for whoever filled it in to mend. It imports
// nothing.
func (o *Office) MarkedWorkbook(ctx context.Context, by Caller, a Import) ([]byte, error) {
	p := &Preview{}
	var rules *scheme.Scheme
	err := o.look(ctx, by, qiaomen.ActImport, func(d *desk) (string, error) { return d.rowsOf(&a, p) }, func(d *desk) error {
		rules = d.rules
		if p.file.wrong() != nil {
			return nil
		}
		return d.plan(&a, p)
	})
	if err != nil {
		return nil, err
	}
	if !p.file.sheets {
		return nil, &qiaomen.Problem{Code: qiaomen.Conflict, Text: "只有 Excel 工作簿（.xlsx）能标出问题", Fix: "请按各行列出的位置改正"}
	}
	var list []workbook.RowFault
	for _, r := range p.Rows {
		for _, f := range r.Faults {
			text := f.Text
			if f.Fix != "" {
				text += "；" + f.Fix
			}
			list = append(list, workbook.RowFault{Of: r.Kind, Row: r.line(), Text: text})
		}
	}
	var out bytes.Buffer
	found, err := workbook.CheckRows(bytes.NewReader(a.Content), int64(len(a.Content)), rules, p.File, list, &out)
	if err == nil && out.Len() == 0 { // it cannot be read, or not be marked
		err = faults(found.Faults)
	}
	return out.Bytes(), err
}

// line is the row's number on its sheet.
func (r *ImportRow) line() int {
	if r.figure != nil {
		return r.figure.Line
	}
	return r.record.Line
}
