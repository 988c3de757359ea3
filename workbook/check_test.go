package workbook_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"qiaomen/workbook"
)

func check(t testing.TB, data []byte) ([]byte, *workbook.Findings) {
	t.Helper()
	var out bytes.Buffer
	found, err := workbook.Check(bytes.NewReader(data), int64(len(data)), winter(t), "book.xlsx", &out)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), found
}

func (d *desk) fillOf(sheet, at string) string {
	d.t.Helper()
	id, err := d.GetCellStyle(sheet, at)
	d.must(err)
	st, err := d.GetStyle(id)
	d.must(err)
	if len(st.Fill.Color) == 0 {
		return ""
	}
	return st.Fill.Color[0]
}

func (d *desk) noteOn(sheet, at string) string {
	d.t.Helper()
	notes, err := d.GetComments(sheet)
	d.must(err)
	for _, n := range notes {
		if n.Cell == at {
			text := n.Text
			for _, p := range n.Paragraph {
				text += p.Text
			}
			return text
		}
	}
	return ""
}

func (d *desk) text(sheet, at string) string {
	d.t.Helper()
	text, err := d.GetCellValue(sheet, at)
	d.must(err)
	return text
}

func TestCheck(t *testing.T) {
	s := winter(t)
	d := blank(t, s, workbook.Options{})
	d.fill("签约项目", 5, "单位", "集贤县", "名称", "示例甲", "签约日期", "一月五日", "投资额", "很多")
	d.fill("签约项目", 6, "单位", "集贤县", "名称", "示例乙", "签约日期", "2024-01-05", "投资额", formula{"1+1", 2})
	d.fill("签约项目", 7, "单位", "集贤县", "名称", "示例丙", "签约日期", "2024-01-05", "投资额", 3)
	id, err := d.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true, Family: "楷体"}})
	d.must(err)
	date, amount := d.column("签约项目", "签约日期"), d.column("签约项目", "投资额")
	d.must(d.SetCellStyle("签约项目", date+"5", date+"5", id))
	d.must(d.SetRowHeight("签约项目", 7, 33))
	out, found := check(t, d.bytes())
	if found.TotalFaults != 2 || found.TotalDoubts != 1 {
		t.Fatalf("%s\n%s", say(found.Faults), say(found.Doubts))
	}
	show(t, "check.xlsx", out)
	got := open(t, out)
	for at, want := range map[string]string{date + "5": "FFC7CE", amount + "5": "FFC7CE", amount + "6": "FFEB9C", amount + "7": "", "C5": ""} {
		if fill := got.fillOf("签约项目", at); fill != want {
			t.Errorf("%s is filled %q, want %q", at, fill, want)
		}
	}
	if note := got.noteOn("签约项目", date+"5"); !strings.Contains(note, "一月五日") {
		t.Errorf("the note on %s5 is %q", date, note)
	}
	if note := got.noteOn("签约项目", "A3"); note == "" {
		t.Error("the notes of the head are gone")
	}
	id, err = got.GetCellStyle("签约项目", date+"5")
	got.must(err)
	st, err := got.GetStyle(id)
	got.must(err)
	if st.Font == nil || !st.Font.Bold || st.Font.Family != "楷体" {
		t.Errorf("the look of %s5 is lost: %+v", date, st.Font)
	}
	if h, _ := got.GetRowHeight("签约项目", 7); h != 33 {
		t.Errorf("row 7 is %v high", h)
	}
	if v, err := got.GetDataValidations("签约项目"); err != nil || len(v) == 0 {
		t.Errorf("the drop-downs are gone: %v", err)
	}
	problems := got.column("签约项目", "问题")
	if text := got.text("签约项目", problems+"5"); !strings.Contains(text, date+"列：") || !strings.Contains(text, amount+"列：") {
		t.Errorf("问题 of row 5 is %q", text)
	}
	if text := got.text("签约项目", problems+"7"); text != "" {
		t.Errorf("问题 of row 7 is %q", text)
	}
	if text := got.text("问题清单", "A2"); text != "签约项目!"+date+"5" {
		t.Errorf("问题清单 has %q", text)
	}

	// Mended and checked again, nothing of the first check is left.
	got.fill("签约项目", 5, "签约日期", "2024-01-05", "投资额", 1.5)
	got.fill("签约项目", 6, "投资额", 2)
	d.must(got.SetCellFormula("签约项目", amount+"6", ""))
	out, found = check(t, got.bytes())
	if found.TotalFaults+found.TotalDoubts != 0 {
		t.Fatalf("%s\n%s", say(found.Faults), say(found.Doubts))
	}
	got = open(t, out)
	for _, at := range []string{date + "5", amount + "5", amount + "6"} {
		if fill := got.fillOf("签约项目", at); fill != "" {
			t.Errorf("%s is still filled %s", at, fill)
		}
		if note := got.noteOn("签约项目", at); note != "" {
			t.Errorf("%s still has the note %q", at, note)
		}
	}
	if text := got.text("签约项目", problems+"5"); text != "" {
		t.Errorf("问题 of row 5 is still %q", text)
	}
	if i, _ := got.GetSheetIndex("问题清单"); i >= 0 {
		t.Error("问题清单 is still there")
	}
	if b, found := back(t, s, out); len(b.Records) != 3 || found.TotalFaults > 0 {
		t.Errorf("%d records, %s", len(b.Records), say(found.Faults))
	}
}

func TestCheckOfOthers(t *testing.T) {
	d := sheet(t, "签约项目", []any{"单位", "名称", "包联领导"}, []any{"集贤县", "示例甲", "示例"}, []any{"某县", "示例乙"})
	d.must(d.AddComment("签约项目", excelize.Comment{Cell: "A3", Author: "示例", Text: "请核对"}))
	out, found := check(t, d.bytes())
	if found.TotalFaults != 2 {
		t.Fatal(say(found.Faults))
	}
	got := open(t, out)
	if got.fillOf("签约项目", "C1") != "FFC7CE" || got.fillOf("签约项目", "A3") != "FFC7CE" || got.text("签约项目", "D1") != "问题" ||
		!strings.Contains(got.text("签约项目", "D3"), "某县") || got.noteOn("签约项目", "A3") != "请核对" {
		t.Error("the workbook is marked otherwise")
	}
	show(t, "check-other.xlsx", out)
}
