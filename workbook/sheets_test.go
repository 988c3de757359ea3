package workbook_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"qiaomen"
	"qiaomen/scheme"
	"qiaomen/workbook"
)

// sheet is a workbook of one sheet, not ours.
func sheet(t testing.TB, name string, rows ...[]any) *desk {
	t.Helper()
	d := &desk{t, excelize.NewFile(), nil}
	d.must(d.SetSheetName("Sheet1", name))
	for i, row := range rows {
		for j, v := range row {
			if v != nil {
				at, err := excelize.CoordinatesToCellName(j+1, i+1)
				d.must(err)
				d.put(name, at, v)
			}
		}
	}
	return d
}

func say(problems []*qiaomen.Problem) string {
	var out []string
	for _, p := range problems {
		out = append(out, p.Error())
	}
	return strings.Join(out, "\n")
}

// What sheets look like that others made, and what comes of them.
func TestSheets(t *testing.T) {
	s := winter(t)
	head := []any{"序号", "责任单位", "项目名称", "签约日期", "投资额（亿元）"}
	row := []any{1, "集贤县", "示例项目", "2024-01-05", 2}
	tests := []struct {
		name    string
		desk    func(t *testing.T) *desk
		records int
		faults  []string
		doubts  []string
	}{
		{"a ledger of another maker", func(t *testing.T) *desk {
			return sheet(t, "签约项目台账", []any{"签约项目台账"}, head, row, []any{"合计", nil, nil, nil, 2}, []any{"注：按合同签订日期填写"}, nil, row)
		}, 2, nil, []string{"签约项目台账!第4行: 是“合计”，没有读", "签约项目台账!第5行: 是说明文字"}},
		{"totals on top, by unit, with brackets", func(t *testing.T) *desk {
			return sheet(t, "签约项目", head, []any{nil, "全市合计", nil, nil, 9}, row, []any{nil, "集贤县小计", nil, nil, 2}, []any{nil, nil, "小 计：", nil, 2}, []any{nil, "总计（3个）", nil, nil, 9})
		}, 1, nil, []string{"第2行", "第4行", "第5行", "第6行"}},
		{"a project named after a total", func(t *testing.T) *desk {
			return sheet(t, "签约项目", head, []any{1, "集贤县", "小计算机主板项目", "2024-01-05", 2})
		}, 1, nil, nil},
		{"columns in any order, by id", func(t *testing.T) *desk {
			return sheet(t, "signed_project", []any{"amount_yi", "signed_on", "name", "unit"}, []any{2, "2024-01-05", "示例项目", "jixian"})
		}, 1, nil, nil},
		{"amounts in the unit of the head", func(t *testing.T) *desk {
			return sheet(t, "签约项目", []any{"单位", "名称", "投资额（万元）"}, []any{"集贤县", "示例项目", 30000})
		}, 1, nil, nil},
		{"unknown column", func(t *testing.T) *desk {
			return sheet(t, "签约项目", append(head[:5:5], "包联领导"), append(row[:5:5], "示例"))
		}, 1, []string{"签约项目!F1: 没有“包联领导”这一列；请"}, nil},
		{"a column twice", func(t *testing.T) *desk {
			return sheet(t, "签约项目", append(head[:5:5], "单位"), append(row[:5:5], "友谊县"))
		}, 1, []string{"签约项目!F1: 这一列与B列都是“单位”"}, nil},
		{"missing column", func(t *testing.T) *desk {
			return sheet(t, "外出招商活动", []any{"编号", "名称"}, []any{"a", "示例活动"})
		}, 0, []string{"缺少“单位”这一列", "缺少“方式”这一列"}, nil},
		{"missing cells", func(t *testing.T) *desk {
			return sheet(t, "外出招商活动", []any{"单位", "名称", "方式"}, []any{nil, "示例活动", nil})
		}, 0, []string{"外出招商活动!A2: 缺少“单位”", "外出招商活动!C2: 缺少“方式”"}, nil},
		{"several faults in one row", func(t *testing.T) *desk {
			return sheet(t, "签约项目", head, []any{1, "某某县", "示例项目", "一月五日", "很多"})
		}, 0, []string{"签约项目!B2", "签约项目!D2", "签约项目!E2"}, nil},
		{"an id twice", func(t *testing.T) *desk {
			return sheet(t, "签约项目", []any{"编号", "单位"}, []any{"示-1", "集贤县"}, []any{"示-1", "友谊县"})
		}, 1, []string{"签约项目!A3: 编号“示-1”与签约项目!第2行重复"}, nil},
		{"not a kind", func(t *testing.T) *desk {
			return sheet(t, "汇总", []any{"甲", "乙"}, []any{1, 2})
		}, 0, []string{"“汇总”不是方案里的记录类别"}, nil},
		{"no head", func(t *testing.T) *desk {
			return sheet(t, "签约项目", []any{"示例项目", 3})
		}, 0, []string{"没有找到表头"}, nil},
		{"kinds in one sheet", func(t *testing.T) *desk {
			return sheet(t, "全部", []any{"记录类别", "单位", "名称", "投资额", "类别"},
				[]any{"签约项目", "集贤县", "示例甲", 2, nil}, []any{"project_start", "集贤县", "示例乙", nil, "新建"}, []any{"储备", "集贤县", "示例丙", nil, nil}, []any{"签约项目", "集贤县", "示例丁", 2, "新建"})
		}, 2, []string{"全部!A4: 方案里没有“储备”这类记录", "全部!E5: “签约项目”没有“类别”这一列"}, nil},
		{"only the unit", func(t *testing.T) *desk {
			return sheet(t, "签约项目", head, []any{1, "集贤县"}, []any{2}, row)
		}, 1, nil, []string{"签约项目!第2行: 只填了单位"}},
		{"a column without a title", func(t *testing.T) *desk {
			return sheet(t, "签约项目", head, append(row[:5:5], "随手记"))
		}, 1, nil, []string{"签约项目!F2: F列没有表头"}},
		{"the head again", func(t *testing.T) *desk {
			return sheet(t, "签约项目", head, row, head, row)
		}, 2, nil, nil},
		{"heads of two rows, units merged down", func(t *testing.T) *desk {
			d := sheet(t, "储备项目", []any{"储备项目表"}, []any{"单位", "名称", "总投资（亿元）", "目标企业", nil, nil}, []any{nil, nil, nil, "1", "2", "3"},
				[]any{"集贤县", "示例甲", 1, "示例一公司", "示例二公司"}, []any{nil, "示例乙", 2, "示例三公司"})
			for _, m := range []string{"A1:F1", "A2:A3", "B2:B3", "C2:C3", "D2:F2", "A4:A5"} {
				from, to, _ := strings.Cut(m, ":")
				d.must(d.MergeCell("储备项目", from, to))
			}
			return d
		}, 2, nil, nil},
		{"an amount merged down", func(t *testing.T) *desk {
			d := sheet(t, "签约项目", []any{"单位", "名称", "投资额"}, []any{"集贤县", "示例甲", 5}, []any{"集贤县", "示例乙"})
			d.must(d.MergeCell("签约项目", "C2", "C3"))
			return d
		}, 2, nil, []string{"签约项目!C3: 是合并单元格"}},
		{"another scheme's", func(t *testing.T) *desk {
			d := blank(t, s, workbook.Options{})
			d.must(d.SetCellStr("_选项", "B2", "other"))
			return d
		}, 0, []string{"这份表是为方案“other”做的"}, nil},
		{"a unit's own", func(t *testing.T) *desk {
			d := blank(t, s, workbook.Options{Unit: s.Unit("jixian")})
			d.fill("签约项目", 5, "名称", "示例项目", "投资额", 2)
			return d
		}, 1, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, found := tt.desk(t).read(s)
			if len(b.Records) != tt.records || found.TotalFaults != len(tt.faults) || found.TotalDoubts != len(tt.doubts) {
				t.Errorf("%d records, want %d; faults\n%s\ndoubts\n%s", len(b.Records), tt.records, say(found.Faults), say(found.Doubts))
			}
			for i, want := range append(tt.faults, tt.doubts...) {
				if !strings.Contains(say(append(found.Faults, found.Doubts...)), want) {
					t.Errorf("finding %d %q is not in\n%s\n%s", i, want, say(found.Faults), say(found.Doubts))
				}
			}
			switch tt.name {
			case "amounts in the unit of the head":
				if got := value(s.Kinds[b.Records[0].Kind].Fields, b.Records[0].Values, "投资额"); got != "3" {
					t.Errorf("amount %s", got)
				}
			case "heads of two rows, units merged down":
				k := s.Kind("reserve_project")
				if got := value(k.Fields, b.Records[0].Values, "目标企业"); got != "示例一公司|示例二公司" || b.Records[1].Unit != s.Unit("jixian").Index() {
					t.Errorf("companies %s, unit %d", got, b.Records[1].Unit)
				}
			case "a unit's own":
				if s.Units[b.Records[0].Unit].ID != "jixian" || b.Records[0].ID != "签约项目!5" {
					t.Errorf("%+v", b.Records[0])
				}
			}
		})
	}
}

func TestFaultsAreCapped(t *testing.T) {
	s := winter(t)
	d := sheet(t, "签约项目", []any{"单位", "名称"})
	for i := range 250 {
		d.put("签约项目", fmt.Sprintf("A%d", i+2), "某县")
		d.put("签约项目", fmt.Sprintf("B%d", i+2), "示例")
	}
	_, found := d.read(s)
	if len(found.Faults) != 100 || found.TotalFaults != 250 {
		t.Errorf("%d shown of %d", len(found.Faults), found.TotalFaults)
	}
}

func TestOtherFilesAndDays(t *testing.T) {
	s := winter(t)
	old := strings.Replace(fmt.Sprintf(data, `<row r="2"><c r="A2" t="inlineStr"><is><t>集贤县</t></is></c><c r="B2"><v>43834</v></c></row>`), "名称", "签约日期", 1)
	list := parts(old, piece{"xl/externalLinks/externalLink1.xml", "<a/>"})
	list[1].text = strings.Replace(book, "<sheets>", `<workbookPr date1904="1"/><sheets>`, 1)
	b, found := back(t, s, zipped(t, list...))
	if found.TotalFaults > 0 || found.TotalDoubts != 1 || !strings.Contains(say(found.Doubts), "引用了别的文件") {
		t.Fatalf("%s\n%s", say(found.Faults), say(found.Doubts))
	}
	if got := value(s.Kinds[b.Records[0].Kind].Fields, b.Records[0].Values, "签约日期"); got != "2024-01-05" {
		t.Errorf("a day counted from 1904 is read as %s", got)
	}
}

// ---- CSV

func readCSV(t testing.TB, s *scheme.Scheme, name string, data []byte) (*qiaomen.Book, *workbook.Findings) {
	t.Helper()
	var b shelf
	found, err := workbook.ReadCSV(bytes.NewReader(data), int64(len(data)), s, name, &b)
	if err != nil {
		t.Fatal(err)
	}
	return &b.Book, found
}

func TestCSV(t *testing.T) {
	s := winter(t)
	const text = "单位,名称,投资额（亿元）,签约日期\r\n集贤县,\"示例项目,一期\",\"1,234万\",2024/1/5\r\n合计,,1,\r\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(strings.ReplaceAll(text, "\"1,234万\"", "1234万"))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"UTF-8": text, "UTF-8 with its mark": "\ufeff" + text, "GB18030": gb, "UTF-16": wide,
		"tabs": strings.ReplaceAll(strings.ReplaceAll(text, "\"1,234万\"", "1234万"), ",", "\t"),
	} {
		if name == "tabs" {
			data = strings.ReplaceAll(data, "\"示例项目\t一期\"", "\"示例项目,一期\"")
			data = strings.Replace(data, "单位\t名称", "单位\t名称", 1)
		}
		b, found := readCSV(t, s, "some/签约项目.csv", []byte(data))
		if found.TotalFaults > 0 || len(b.Records) != 1 || found.TotalDoubts != 1 {
			t.Errorf("%s: %d records, %s %s", name, len(b.Records), say(found.Faults), say(found.Doubts))
			continue
		}
		r := b.Records[0]
		if got := value(s.Kinds[r.Kind].Fields, r.Values, "投资额"); got != "0.1234" || r.Name != "示例项目,一期" || r.ID != "签约项目!2" {
			t.Errorf("%s: amount %s of %+v", name, got, r)
		}
	}
	b, found := readCSV(t, s, "all.csv", []byte("记录类别,编号,单位,名称,佐证材料\n签约项目,a,集贤县,示例,contract、照片\n"))
	if found.TotalFaults > 0 || len(b.Records) != 1 || b.Records[0].Evidence != 0b101 {
		t.Errorf("%+v %s", b.Records, say(found.Faults))
	}
	for name, want := range map[string]string{
		"x.csv": "“x”不是方案里的记录类别", "签约项目.csv": "A列: 方案里没有单位“某县”",
	} {
		_, found := readCSV(t, s, name, []byte("单位,名称\n某县,示例\n"))
		if found.TotalFaults == 0 || !strings.Contains(say(found.Faults), want) {
			t.Errorf("%s: %s, want %q", name, say(found.Faults), want)
		}
	}
}

// TestSchemes takes every scheme there is through its own template.
func TestSchemes(t *testing.T) {
	names, err := filepath.Glob("../schemes/testdata/*/scheme.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal("the test schemes are gone", err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		s, faults := scheme.Parse(name, data, func(string) string { return "" })
		if s == nil {
			t.Logf("%s: %v", name, faults)
			continue
		}
		var b bytes.Buffer
		if err := workbook.Template(&b, s, workbook.Options{Office: true}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, found := back(t, s, b.Bytes()); found.TotalFaults+found.TotalDoubts > 0 {
			t.Errorf("%s: %s %s", name, say(found.Faults), say(found.Doubts))
		}
		show(t, s.ID+".xlsx", b.Bytes())
	}
}
