package workbook

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

var someDocket = Docket{
	Campaign: "winter", Title: "示例活动", Office: "示例办", By: "示例", On: "2024-01-05",
	Items: []DocketItem{
		{ID: "p-1", What: "判定重复", Unit: "示例县", Text: "=1+1", From: "经办人", At: "2024年1月4日09:00", Role: "领导小组"},
		{ID: "p-2", What: "选中线索", Unit: "示例市", Text: "线索", From: "经办人", At: "2024年1月4日10:00", Role: "市领导"},
	},
}

// meeting is the docket with some cells set.
func meeting(t *testing.T, cells map[string]any) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := WriteDocket(&out, someDocket); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for at, v := range cells {
		if err := f.SetCellValue(docketSheet, at, v); err != nil {
			t.Fatal(err)
		}
	}
	var filled bytes.Buffer
	if err := f.Write(&filled); err != nil {
		t.Fatal(err)
	}
	return filled.Bytes()
}

func TestDocketIsTextOnA4(t *testing.T) {
	var a, b bytes.Buffer
	if err := WriteDocket(&a, someDocket); err != nil {
		t.Fatal(err)
	}
	if err := WriteDocket(&b, someDocket); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Fatalf("the same docket is not the same bytes: %v", err)
	}
	f, err := excelize.OpenReader(&a)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if v, _ := f.GetCellValue(docketSheet, "D4"); v != "'=1+1" {
		t.Errorf("a text reads as a formula: %q", v)
	}
	if l, err := f.GetPageLayout(docketSheet); err != nil || *l.Size != 9 || *l.Orientation != "landscape" || *l.FitToWidth != 1 {
		t.Errorf("%+v %v", l, err)
	}
	if v, err := f.GetDataValidations(docketSheet); err != nil || len(v) != 1 || v[0].Sqref != "H4:H5" {
		t.Errorf("%+v %v", v, err)
	}
}

func TestDocketIsReadBack(t *testing.T) {
	lines, found, err := ReadDocket(meeting(t, map[string]any{"H5": "不同意", "I5": "缓办", "J5": 45297, "K5": "示例1号"}), "winter")
	if err != nil || found.TotalFaults != 0 || len(lines) != 1 {
		t.Fatalf("%d lines, %+v, %v", len(lines), found, err)
	}
	if l := lines[0]; l.ID != "p-2" || l.Role != "市领导" || l.Approve || l.Reason != "缓办" || l.On != "2024-01-06" || l.Number != "示例1号" || l.At("reason").Field != docketSheet+"!I5" {
		t.Errorf("%+v", l)
	}
}

func TestDocketFaultsHaveCells(t *testing.T) {
	for says, file := range map[string][]byte{
		"H4: 决定写成了“行”":     meeting(t, map[string]any{"H4": "行", "J4": "2024-01-05"}),
		"J4: 没有写决定日期":      meeting(t, map[string]any{"H4": "同意"}),
		"J5: “下周”不是日期":     meeting(t, map[string]any{"H5": "同意", "J5": "下周"}),
		"A5: 这一行没有编号":      meeting(t, map[string]any{"A5": "", "H5": "同意", "J5": "2024-01-05"}),
		"没有找到表头":           meeting(t, map[string]any{"J3": "日子"}),
		"这不是 .xlsx 工作簿":    []byte("nothing"),
		"文件是空的":            nil,
		"是活动“winter”的，不是“": meeting(t, nil),
	} {
		campaign := "winter"
		if strings.HasPrefix(says, "是活动") {
			campaign = "summer"
		}
		_, found, err := ReadDocket(file, campaign)
		if err != nil || found.TotalFaults != 1 || !strings.Contains(found.Faults[0].Error(), says) {
			t.Errorf("want %q: %+v %v", says, found, err)
		}
	}
}
