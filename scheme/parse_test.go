package scheme

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// tiny is a whole scheme of one kind; the tests break it in one place.
const tiny = `vocabulary: 1
scheme: tiny
name: 示例市招商活动
source: {title: 示例市招商方案, issued_on: 2024-01-02, text: notice.txt}
clauses: {一: 时间, 二: 目标}
windows:
  campaign: {name: 活动期间, from: 2024-01-01, to: 2024-06-30, cite: 一}
attributes:
  level: {name: 层级, options: {county: 县, district: 区}}
groups:
  districts:
    name: 县区
    units:
      a: {name: 甲县, level: county}
      b: {name: 乙区, level: district}
choices:
  shortfall:
    question: 未完成怎么计
    options: {deduct: 每个减分, none: 不减分}
    default: deduct
    cite: 二
kinds:
  signed:
    name: 签约项目
    fields:
      signed_on: {name: 签约日期, type: date, needed: to_submit}
      amount_yi: {name: 投资额, type: amount, in: 亿元}
      form: {name: 方式, type: option, options: {onsite: 线下, online: 线上}}
      companies: {name: 企业, type: list, counted_in: 家}
      checked: {name: 已核实, type: flag}
    facts:
      big: {name: 大项目, when: {amount_yi: {at_least: {by: unit.level, county: 5亿元, district: 3亿元}}}}
    eligible:
      - {need: {signed_on: {within: campaign}}, cite: 一}
measures:
  signed: {name: 签约项目, count: signed, where: {amount_yi: {at_least: 1亿元}}, cite: 二}
  big: {name: 大项目, count: signed, where: {fact: big}, cite: 二}
targets:
  - {cite: 二, columns: [signed], total: [7], rows: {a: [4], b: [3]}}
stated:
  - {sum: signed, is: 7, cite: 二}
scores:
  districts:
    base_total: 10
    cite: 二
    lines:
      signed:
        name: 签约
        base: 10
        deduct: [{missing: signed, points: {by: choice.shortfall, deduct: 2, none: 0}}]
        add: [{each: big, points: 1, at_most: 5}]
        floor: 0
ranking:
  groups: {districts: {ties: share}}
rounding: {measures: exact, lines: exact, total: exact, shown: {decimals: 2, mode: half_up}}
duties:
  report: {name: 报月报, owed_by: [districts], due: {monthly: 25, from: 2024-01, to: 2024-06}, day_off: workday_before, cite: 二}
holidays: {rest: [2024-02-10..2024-02-17], work: [2024-02-18]}
`

func parseTiny(t *testing.T, old, with string) (*Scheme, Faults) {
	t.Helper()
	text := strings.Replace(tiny, old, with, 1)
	if old != "" && text == tiny {
		t.Fatalf("%q does not stand in the tiny scheme", old)
	}
	return Parse("t.yaml", []byte(text), func(string) string { return "全市签约项目7个" })
}

func TestTinyIsClean(t *testing.T) {
	s, faults := parseTiny(t, "", "")
	if s == nil {
		t.Fatal(faults)
	}
	for _, f := range faults {
		if f.Severity != Note {
			t.Error(f)
		}
	}
}

// TestFaults breaks the tiny scheme in one place and looks for the message at
// the place marked ‸.
func TestFaults(t *testing.T) {
	for _, c := range []struct{ name, old, with, has string }{
		{"unknown section", "duties:", "‸dutys:", "不认识“dutys”，可用：duties"},
		{"unknown word", "count: signed, where", "‸cuont: signed, where", "不认识“cuont”"},
		{"alike words first", "floor: 0", "‸flor: 0", "不认识“flor”，可用：floor"},
		{"word twice", "name: 示例市招商活动", "name: 甲\n‸name: 乙", "“name”写了两次，第3行"},
		{"word missing", "question: 未完成怎么计\n    options: {deduct: 每个减分, none: 不减分}\n    default: deduct\n", "‸question: 未完成怎么计\n    options: {deduct: 每个减分, none: 不减分}\n", "缺少“default”"},
		{"anchor", "name: 示例市招商活动", "name: ‸&a 示例市招商活动", "不得用锚点"},
		{"alias", "name: 示例市招商活动", "name: ‸*a", "不得用锚点"},
		{"merge", "a: {name: 甲县", "a: {‸<<: {name: 甲县}, name: 甲县", "不得用锚点"},
		{"tag", "name: 示例市招商活动", "name: ‸!!str 示例市招商活动", "不得写标签"},
		{"second document", "holidays:", "‸---\nholidays:", "第二个文档"},
		{"unknown measure", "missing: signed", "missing: ‸sigend", "没有定义指标“sigend”，可用：signed"},
		{"unknown kind", "count: signed, where: {fact", "count: ‸sign, where: {fact", "没有记录类别“sign”"},
		{"unknown field", "where: {amount_yi", "where: {‸amout_yi", "没有字段“amout_yi”，可用：amount_yi"},
		{"unknown option", "level: county", "level: ‸conty", "没有“conty”这一项，可用：county"},
		{"unknown clause", "cite: 一}\nattributes", "cite: ‸三}\nattributes", "没有条款“三”"},
		{"unknown window", "within: campaign", "within: ‸compaign", "没有时段“compaign”"},
		{"unknown choice", "by: choice.shortfall", "by: ‸choice.shortfal", "没有口径“shortfal”"},
		{"unknown group", "owed_by: [districts]", "owed_by: [‸district]", "没有分组“district”"},
		{"unknown unit", "rows: {a: [4]", "rows: {‸c: [4]", "没有单位“c”"},
		{"number test on a date", "signed_on: {within: campaign}", "signed_on: {‸at_least: 3}", "用不到字段“签约日期”上，它是日期"},
		{"size of a number", "where: {amount_yi: {at_least: 1亿元}}", "where: {amount_yi: {‸size: {at_least: 1}}}", "“size”用不到字段“投资额”"},
		{"bare test of a list", "where: {fact: big}", "where: {companies: ‸3}", "应写成表"},
		{"unit of measure", "{at_least: 1亿元}", "{at_least: ‸1万美元}", "单位不合：这里以“亿元”计，写的是“万美元”"},
		{"unknown unit of measure", "in: 亿元", "in: ‸億元", "不认识计量单位“億元”"},
		{"option of a table missing", "{by: choice.shortfall, deduct: 2, none: 0}", "‸{by: choice.shortfall, deduct: 2}", "没有写到：none"},
		{"table by nothing", "{by: choice.shortfall, deduct: 2, none: 0}", "{by: ‸rank, bands: []}", "这里不能按“rank”分列"},
		{"two verbs", "count: signed, where: {fact: big}", "count: signed, ‸growth: {now: a, before: b}", "一个指标只能有一种算法"},
		{"no verb", "{name: 大项目, count: signed, where: {fact: big}, ", "‸{name: 大项目, ", "指标缺少算法"},
		{"two verbs in a term", "{each: big, points: 1", "{each: big, ‸missing: big, points: 1", "一个计分项只能有一种算法"},
		{"circle", "big: {name: 大项目, count: signed, where: {fact: big}, cite: 二}", "‸big: {name: 大项目, add: [big, signed], cite: 二}", "指标循环引用：big→big"},
		{"no target", "{missing: signed, points", "‸{missing: big, points", "“甲县”没有“大项目”的目标，这一行请写 no_target"},
		{"cells", "rows: {a: [4], b: [3]}", "rows: {a: ‸[4, 1], b: [3]}", "“a”有2格，应为1格"},
		{"negative target", "rows: {a: [4]", "rows: {a: [‸-4]", "目标不能小于0"},
		{"nothing satisfies", "{at_least: 1亿元}", "‸{at_least: 10, below: 5}", "没有数能同时满足"},
		{"percent step on a count", "points: 1, at_most: 5", "points: 1, per: ‸1百分点, at_most: 5", "不是百分率"},
		{"zero step", "points: 1, at_most: 5", "points: 1, per: ‸0, at_most: 5", "应大于0"},
		{"day of no month", "monthly: 25", "monthly: ‸31", "有的月份没有31日"},
		{"no such day", "from: 2024-01-01", "from: ‸2024-02-30", "没有“2024-02-30”这一天"},
		{"not a date", "from: 2024-01-01", "from: ‸明天", "不是日期"},
		{"window backwards", "{name: 活动期间, from: 2024-01-01, to: 2024-06-30", "‸{name: 活动期间, from: 2024-07-01, to: 2024-06-30", "开始晚于结束"},
		{"reserved field", "checked: {name", "‸unit: {name", "“unit”是留用的名字"},
		{"bad id", "  signed:\n    name: 签约项目", "  ‸签约:\n    name: 签约项目", "代号“签约”应由小写字母"},
		{"unknown attribute of a unit", "name: 甲县, level", "name: 甲县, ‸levle", "不认识“levle”"},
		{"attribute that a rule goes by", "a: {name: 甲县, level: county}", "‸a: {name: 甲县}", "“甲县”没有写“层级”"},
		{"unit twice", "b: {name: 乙区", "‸a: {name: 乙区", "“a”写了两次"},
		{"one option only", "question: 未完成怎么计\n    options: {deduct: 每个减分, none: 不减分}", "‸question: 未完成怎么计\n    options: {deduct: 每个减分}", "至少要有两种理解"},
		{"not a number", "base: 10\n", "base: ‸十\n", "“十”不是数"},
		{"too many digits", "base: 10\n", "base: ‸1e309\n", "位数太多"},
		{"vocabulary", "vocabulary: 1", "vocabulary: ‸2", "第1版"},
		{"text elsewhere", "text: notice.txt", "text: ‸../notice.txt", "同一文件夹"},
		{"no map", "clauses: {一: 时间, 二: 目标}", "clauses: ‸[一]", "这里应写一个表"},
		{"blank name", "name: 示例市招商活动", "name: ‸''", "不能空着"},
		{"null", "name: 示例市招商活动", "name: ‸~", "不能空着"},
		{"word on the wrong term", "{each: big, points: 1", "{each: big, ‸up_to: 100 %, points: 1", "“up_to”不用在“each”上"},
		{"like nothing", "      signed:\n        name: 签约\n", "      other: {like: ‸districts.sined}\n      signed:\n        name: 签约\n", "没有计分行“districts.sined”，可用：districts.signed"},
		{"holiday backwards", "2024-02-10..2024-02-17", "‸2024-02-17..2024-02-10", "起止不对"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, _, _ := strings.Cut(strings.Replace(tiny, c.old, c.with, 1), "‸")
			line := strings.Count(before, "\n") + 1
			column := utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:]) + 1
			s, faults := parseTiny(t, c.old, strings.Replace(c.with, "‸", "", 1))
			if s != nil {
				t.Fatal("taken")
			}
			for _, f := range faults.Errors() {
				if f.At.Line == line && f.At.Column == column && strings.Contains(f.Text, c.has) {
					return
				}
			}
			t.Errorf("want %d:%d … %s, have:\n%v", line, column, c.has, faults.Errors())
		})
	}
}

// TestWarnings: what makes a scheme no worse, but is worth a look.
func TestWarnings(t *testing.T) {
	for _, c := range []struct{ name, old, with, has string }{
		{"sum against the printed total", "total: [7]", "total: [8]", "“签约项目”各单位合计7个，表上的合计写8个"},
		{"stated total", "is: 7", "is: 9", "正文“签约项目”写9个，附件各单位合计7个"},
		{"base total", "base_total: 10", "base_total: 100", "各行基础分合计10分，写明的是100分"},
		{"unused choice", "{by: choice.shortfall, deduct: 2, none: 0}", "2", "口径“shortfall”没有用到"},
		{"unused fact", "where: {fact: big}", "where: {checked: true}", "事实“big”没有用到"},
		{"cap below the base", "floor: 0\n", "floor: 0\n        cap: 8\n", "“签约”的最高分8分低于基础分10分"},
		{"no floor", "        floor: 0\n", "", "有扣分，没有写最低分"},
		{"no clause", ", where: {fact: big}, cite: 二", ", where: {fact: big}", "指标“big”没有出处"},
		{"quote not in the text", "is: 7, cite: 二", "is: 7, cite: 二, quote: 签约八个", "引文在原文中找不到：“签约八个”"},
		{"no holidays of the year", "to: 2024-06}", "to: 2025-06}", "2025年没有节假日表"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, faults := parseTiny(t, c.old, c.with)
			if s == nil {
				t.Fatal(faults)
			}
			for _, f := range faults {
				if f.Severity == Warning && strings.Contains(f.Text, c.has) {
					return
				}
			}
			t.Errorf("want %s, have:\n%v", c.has, faults)
		})
	}
}

// TestAllFaultsAreReported: a file with several is not read again and again.
func TestAllFaultsAreReported(t *testing.T) {
	text := strings.NewReplacer("count: signed, where: {fact", "count: sgned, where: {fact", "missing: signed", "missing: sgned",
		"from: 2024-01-01", "from: 2024-13-01", "floor: 0", "flor: 0").Replace(tiny)
	_, faults := Parse("t.yaml", []byte(text), nil)
	if n := len(faults.Errors()); n < 4 {
		t.Errorf("%d of 4 faults:\n%v", n, faults)
	}
	for i := 1; i < len(faults); i++ {
		if faults[i].At.Line < faults[i-1].At.Line {
			t.Errorf("faults are not in the order of the file:\n%v", faults)
		}
	}
}

// TestCaretUnderChinese: the caret stands under the character, where a
// Chinese one is two columns wide.
func TestCaretUnderChinese(t *testing.T) {
	data := []byte("a: {name: 甲县, levle: 区}\n")
	f := Fault{}
	f.At.Line, f.At.Column = 1, 15
	want := "     1 | a: {name: 甲县, levle: 区}\n       |           　　  ^\n"
	if got := f.Excerpt(data); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestNoticeContradicts: lint on the winter campaign names each of the
// notice's contradictions as a warning, and confirms each stated total.
func TestNoticeContradicts(t *testing.T) {
	folder := "../schemes/shuangyashan-winter-2023/"
	data, err := os.ReadFile(folder + "scheme.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s, faults := Parse("scheme.yaml", data, func(name string) string {
		text, err := os.ReadFile(folder + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	})
	if s == nil {
		t.Fatal(faults.Errors())
	}
	var warnings, confirmed []string
	for _, f := range faults {
		switch {
		case f.Severity == Warning:
			warnings = append(warnings, f.Text)
		case strings.HasPrefix(f.Text, "正文"):
			confirmed = append(confirmed, f.Text)
		}
	}
	for _, has := range []string{"附1写「1亿元到10亿元」", "附3写「双鸭山市2022年—2023年", "附3·三(二)写「“上门招商”", "附3·四(一)写「将根据其超出", "「续建项目」", "「排名后三位招商专班"} {
		if !strings.Contains(strings.Join(warnings, "\n"), has) {
			t.Errorf("no warning has %s", has)
		}
	}
	if len(warnings) != 6 {
		t.Errorf("%d warnings, want 6:\n%s", len(warnings), strings.Join(warnings, "\n"))
	}
	for _, total := range []string{"90次", "153个", "39条", "59个", "写5个", "写9个", "45个", "40个", "22个", "18个", "9条", "15%"} {
		if !strings.Contains(strings.Join(confirmed, "\n"), total) {
			t.Errorf("the stated total of %s is not confirmed", total)
		}
	}
	if len(confirmed) != len(s.Stated) {
		t.Errorf("%d of %d stated totals are confirmed", len(confirmed), len(s.Stated))
	}
}
