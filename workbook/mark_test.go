package workbook

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// A marked workbook says who took it, on every page and in its properties, has
// the same cells as before, and comes out the same each time.
func TestMark(t *testing.T) {
	f := excelize.NewFile()
	if err := f.SetCellStr("Sheet1", "A1", "示例"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.NewSheet("第二张"); err != nil {
		t.Fatal(err)
	}
	var plain bytes.Buffer
	if err := sealed(f, &plain); err != nil {
		t.Fatal(err)
	}
	text := "甲&乙于2024年4月8日导出" + strings.Repeat("很长", 200)
	one, err := Mark(plain.Bytes(), text)
	if err != nil {
		t.Fatal(err)
	}
	two, err := Mark(plain.Bytes(), text)
	if err != nil || !bytes.Equal(one, two) {
		t.Errorf("the same input gave other bytes: %v", err)
	}
	marked, err := excelize.OpenReader(bytes.NewReader(one))
	if err != nil {
		t.Fatal(err)
	}
	if v, err := marked.GetCellValue("Sheet1", "A1"); err != nil || v != "示例" {
		t.Errorf("%q %v", v, err)
	}
	props, err := marked.GetDocProps()
	if err != nil || props.Description != text {
		t.Errorf("%q %v", props.Description, err)
	}
	for _, sheet := range marked.GetSheetList() {
		foot, err := marked.GetHeaderFooter(sheet)
		if err != nil || !strings.HasPrefix(foot.OddFooter, "&L甲&&乙于2024年4月8日导出") {
			t.Errorf("%s: %+v %v", sheet, foot, err)
		}
	}
	if _, err := Mark([]byte("no workbook"), text); err == nil {
		t.Error("what is no workbook was marked")
	}
}
