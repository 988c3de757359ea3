package workbook_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"qiaomen"
	"qiaomen/scheme"
	"qiaomen/workbook"
)

// A desk is a blank workbook being filled in as a clerk does.
type desk struct {
	t testing.TB
	*excelize.File
	next map[string]int
}

var blanks = map[string][]byte{}

func blank(t testing.TB, s *scheme.Scheme, o workbook.Options) *desk {
	t.Helper()
	key := fmt.Sprint(s.ID, o.Office, o.Unit)
	if blanks[key] == nil {
		var b bytes.Buffer
		if err := workbook.Template(&b, s, o); err != nil {
			t.Fatal(err)
		}
		blanks[key] = b.Bytes()
	}
	return open(t, blanks[key])
}

func open(t testing.TB, data []byte) *desk {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	return &desk{t, f, map[string]int{}}
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// column is the name of the column with that title, its unit of measure left
// out: C.
func (d *desk) column(sheet, title string) string {
	d.t.Helper()
	rows, err := d.GetRows(sheet)
	d.must(err)
	for i, text := range rows[2] {
		text, _, _ = strings.Cut(strings.TrimSuffix(text, "*"), "\n")
		if text == title {
			name, err := excelize.ColumnNumberToName(i + 1)
			d.must(err)
			return name
		}
	}
	d.t.Fatalf("%s has no column %s: %q", sheet, title, rows[2])
	return ""
}

// fill writes a row: title, value, title, value … A style is put where a value
// is a styled.
func (d *desk) fill(sheet string, row int, pairs ...any) {
	d.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		at := d.column(sheet, pairs[i].(string)) + fmt.Sprint(row)
		d.put(sheet, at, pairs[i+1])
	}
}

type styled struct {
	value  any
	format string
}

type formula struct {
	text  string
	value any // nil: never computed
}

func (d *desk) put(sheet, at string, v any) {
	d.t.Helper()
	switch v := v.(type) {
	case styled:
		id, err := d.NewStyle(&excelize.Style{CustomNumFmt: &v.format})
		d.must(err)
		d.must(d.SetCellValue(sheet, at, v.value))
		d.must(d.SetCellStyle(sheet, at, at, id))
	case formula:
		if v.value != nil {
			d.must(d.SetCellValue(sheet, at, v.value))
		}
		d.must(d.SetCellFormula(sheet, at, v.text))
	case string:
		d.must(d.SetCellStr(sheet, at, v))
	default:
		id, err := d.NewStyle(&excelize.Style{})
		d.must(err)
		d.must(d.SetCellValue(sheet, at, v))
		d.must(d.SetCellStyle(sheet, at, at, id))
	}
}

func (d *desk) bytes() []byte {
	d.t.Helper()
	var b bytes.Buffer
	d.must(d.Write(&b))
	return b.Bytes()
}

func (d *desk) read(s *scheme.Scheme) (*qiaomen.Book, *workbook.Findings) {
	d.t.Helper()
	return back(d.t, s, d.bytes())
}

// What clerks write in a cell, and what is read; a want that begins with ! is
// a fault, with ? a doubt that goes with the value after the space.
func TestCells(t *testing.T) {
	s := winter(t)
	tests := []struct {
		sheet, title string
		value        any
		want         string
	}{
		{"签约项目", "签约日期", "2024/1/5", "2024-01-05"},
		{"签约项目", "签约日期", "2024.1.5", "2024-01-05"},
		{"签约项目", "签约日期", "2024-1-5", "2024-01-05"},
		{"签约项目", "签约日期", "2024年1月5日", "2024-01-05"},
		{"签约项目", "签约日期", " 2024 年 1 月 5 日 ", "2024-01-05"},
		{"签约项目", "签约日期", "２０２４－０１－０５", "2024-01-05"},
		{"签约项目", "签约日期", "20240105", "2024-01-05"},
		{"签约项目", "签约日期", 20240105, "2024-01-05"},
		{"签约项目", "签约日期", 45296, "2024-01-05"},
		{"签约项目", "签约日期", "2024-01-05 16:40", "2024-01-05"},
		{"签约项目", "签约日期", "2024/1/5 0:00:00", "2024-01-05"},
		{"签约项目", "签约日期", "-", ""},
		{"签约项目", "签约日期", "2024-02-30", "!没有“2024-02-30”这一天"},
		{"签约项目", "签约日期", "1月5日", "!没有写全年月日"},
		{"签约项目", "签约日期", "24.1.5", "!没有写全年月日"},
		{"签约项目", "签约日期", "2024年1月", "!没有写全年月日"},
		{"签约项目", "签约日期", 2024.1, "!没有写全年月日"},
		{"签约项目", "签约日期", "待定", "!不是日期"},
		{"签约项目", "上报时间", "2024-01-05 16:40", "2024-01-05 16:40:00"},
		{"签约项目", "上报时间", "2024-1-5 9:05", "2024-01-05 09:05:00"},
		{"签约项目", "上报时间", "2024年1月5日下午3时20分", "2024-01-05 15:20:00"},
		{"签约项目", "上报时间", "2024-01-05T16:40:00+08:00", "2024-01-05 16:40:00"},
		{"签约项目", "上报时间", "2024-01-05T20:00:00Z", "2024-01-06 04:00:00"},
		{"签约项目", "上报时间", 45296.6944444444, "2024-01-05 16:40:00"},
		{"签约项目", "上报时间", "2024-01-05 25:00", "!时间看不懂"},
		{"签约项目", "投资额", 2.1, "2.1"},
		{"签约项目", "投资额", "２．１", "2.1"},
		{"签约项目", "投资额", " 2.1 ", "2.1"},
		{"签约项目", "投资额", "1.2亿", "1.2"},
		{"签约项目", "投资额", "1.2亿元", "1.2"},
		{"签约项目", "投资额", "3000万", "0.3"},
		{"签约项目", "投资额", "3,000 万元", "0.3"},
		{"签约项目", "投资额", "人民币3千万元", "0.3"},
		{"签约项目", "投资额", "1，234.5", "!像是以万元填的"},
		{"签约项目", "投资额", "1，23", "!逗号位置"},
		{"签约项目", "投资额", 30000, "!像是以万元填的"},
		{"签约项目", "投资额", "2000亿元", "2000"},
		{"签约项目", "投资额", "200万美元", "!单位不对"},
		{"签约项目", "投资额", "约2亿", "!不是数"},
		{"签约项目", "投资额", "2亿斤", "!不认识"},
		{"签约项目", "投资额", -2, "!不能小于0"},
		{"签约项目", "投资额", styled{0.5, "0%"}, "!是百分数"},
		{"签约项目", "投资额", styled{45296, "yyyy-mm-dd"}, "!是日期"},
		{"签约项目", "投资额", formula{"1+1.1", 2.1}, "?是公式 2.1"},
		{"签约项目", "投资额", formula{"1+1.1", nil}, "!还没有算过"},
		{"签约项目", "投资额", "/", ""},
		{"签约项目", "合同原件已核实", "√", "true"},
		{"签约项目", "合同原件已核实", "有", "true"},
		{"签约项目", "合同原件已核实", true, "true"},
		{"签约项目", "合同原件已核实", "×", "false"},
		{"签约项目", "合同原件已核实", "无", "false"},
		{"签约项目", "合同原件已核实", "大概", "!看不出是还是否"},
		{"签约项目", "协议类型", "框架协议", "framework"},
		{"签约项目", "协议类型", " formal", "formal"},
		{"签约项目", "协议类型", "口头", "!没有“口头”这一项"},
		{"开复工项目", "类别", "复工", "resumed"},
		{"开复工项目", "类别", "续建", "resumed"},
		{"签约项目", "统一社会信用代码", 912305000000000, "912305000000000"},
		{"签约项目", "统一社会信用代码", 9.1230500000000001e17, "!已经不准"},
		{"签约项目", "合同编号", "'=1+1", "=1+1"},
		{"签约项目", "备注", "  有空格  ", "有空格"},
		{"储备项目", "目标企业", "示例甲公司、示例乙公司；示例丙公司", "示例甲公司|示例乙公司|示例丙公司"},
		{"储备项目", "目标企业", "示例甲公司\n示例乙、丙公司\n\n", "示例甲公司|示例乙、丙公司"},
		{"储备项目", "目标企业", "示例甲公司,示例乙公司", "示例甲公司|示例乙公司"},
		{"储备项目", "目标企业", "Example Co., Ltd.、示例甲公司", "Example Co., Ltd.|示例甲公司"},
		{"储备项目", "主导产业", "示例产业", "示例产业"},
		{"签约项目", "单位", "jixian", "jixian"},
		{"签约项目", "单位", " 集贤县 ", "jixian"},
		{"签约项目", "单位", "集贤", "!没有单位“集贤”"},
		{"到位资金", "到位资金增幅", 17.4, "17.4"},
		{"到位资金", "到位资金增幅", styled{0.174, "0.0%"}, "17.4"},
		{"到位资金", "到位资金增幅", "17.4%", "17.4"},
		{"到位资金", "到位资金增幅", "-8.92％", "-8.92"},
		{"到位资金", "到位资金增幅", "0.174", "?按0.174%读 0.174"},
		{"到位资金", "季度", "2024年一季度", "2024Q1"},
		{"到位资金", "季度", "2024年第1季度", "2024Q1"},
		{"到位资金", "季度", "2024q1", "2024Q1"},
		{"到位资金", "季度", "2022Q1", "!不在方案要的各期之内"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s %v", tt.title, tt.value), func(t *testing.T) {
			d := blank(t, s, workbook.Options{Office: true})
			row := 5
			switch tt.sheet {
			case "到位资金":
				d.fill(tt.sheet, row, "单位", "集贤县", "季度", "2024Q1", "到位资金", 100, "发布日期", "2024-04-20")
			case "开复工项目":
				d.fill(tt.sheet, row, "单位", "集贤县", "名称", "示例项目", "类别", "新建")
			default:
				d.fill(tt.sheet, row, "单位", "集贤县", "名称", "示例项目")
			}
			d.fill(tt.sheet, row, tt.title, tt.value)
			b, found := d.read(s)
			cell := fmt.Sprintf("%s!%s%d", tt.sheet, d.column(tt.sheet, tt.title), row)
			if fault, ok := strings.CutPrefix(tt.want, "!"); ok {
				if found.TotalFaults != 1 || !strings.Contains(found.Faults[0].Text, fault) || found.Faults[0].At.Field != cell || found.Faults[0].Fix == "" {
					t.Fatalf("faults %v, want %q at %s with what to do", found.Faults, fault, cell)
				}
				return
			}
			want := tt.want
			if doubt, ok := strings.CutPrefix(tt.want, "?"); ok {
				doubt, want, _ = strings.Cut(doubt, " ")
				if found.TotalDoubts != 1 || !strings.Contains(found.Doubts[0].Text, doubt) {
					t.Errorf("doubts %v, want %q", found.Doubts, doubt)
				}
			}
			if found.TotalFaults > 0 {
				t.Fatal(found.Faults)
			}
			if got := told(s, b, tt.title); got != want {
				t.Errorf("read as %q, want %q", got, want)
			}
		})
	}
}

// told is what a book's one record or figure has under a title.
func told(s *scheme.Scheme, b *qiaomen.Book, title string) string {
	if len(b.Figures) == 1 {
		f := b.Figures[0]
		source := s.Figures[f.Source]
		if title == "季度" {
			return source.Periods[f.Period]
		}
		return value(source.Fields, f.Values, title)
	}
	r := b.Records[0]
	switch title {
	case "单位":
		return s.Units[r.Unit].ID
	case "上报时间":
		n := r.Reported.Nano / 1e9
		return fmt.Sprintf("%v %02d:%02d:%02d", r.Reported.Day, n/3600, n/60%60, n%60)
	}
	return value(s.Kinds[r.Kind].Fields, r.Values, title)
}

func value(fields []*scheme.Field, values []qiaomen.Value, title string) string {
	i := slices.IndexFunc(fields, func(f *scheme.Field) bool { return f.Name == title })
	f, v := fields[i], values[i]
	switch {
	case !v.Given:
		return ""
	case f.Type == scheme.ListField:
		return strings.Join(v.List, "|")
	case f.Scale != nil:
		return f.Scale.Show(v.Number).String()
	case f.Type == scheme.DateField:
		return v.Date.String()
	case f.Type == scheme.FlagField:
		return fmt.Sprint(v.Flag)
	case f.Type == scheme.OptionField && v.Text == "":
		return f.Options[v.Option].ID
	}
	return v.Text
}
