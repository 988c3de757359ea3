package gongwen_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"qiaomen"
	"qiaomen/gongwen"
	"qiaomen/records"
	"qiaomen/scheme"
	"qiaomen/schemes"
)

// result scores the example campaign.
func result(t testing.TB, asOf, cutoff string) *scheme.Result {
	t.Helper()
	name := "shuangyashan-winter-2023/"
	data, err := fs.ReadFile(schemes.Files, name+"scheme.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s, faults := scheme.Parse("scheme.yaml", data, func(text string) string {
		b, _ := fs.ReadFile(schemes.Files, name+text)
		return string(b)
	})
	if s == nil {
		t.Fatal(faults)
	}
	tally := s.NewTally(scheme.View{AsOf: date(t, asOf), Cutoff: date(t, cutoff)})
	f, err := os.Open("../examples/winter-2023.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if faults, err := records.NewReader(s, "records").Read(f, tally); err != nil || faults.Total > 0 {
		t.Fatal(err, faults)
	}
	return tally.Score(s.DefaultReadings())
}

// Every scheme there is gets a notice, before anything was reported.
func TestEveryScheme(t *testing.T) {
	files, err := filepath.Glob("../schemes/testdata/*/scheme.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no schemes", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		s, faults := scheme.Parse(name, data, func(string) string { return "" })
		if s == nil {
			t.Fatal(faults.Errors())
		}
		v := scheme.View{AsOf: date(t, "2024-04-30"), Cutoff: date(t, "2024-04-30")}
		if len(s.Rounds) > 0 {
			v.Round = s.Rounds[0]
		}
		res := s.NewTally(v).Score(s.DefaultReadings())
		for _, final := range []bool{false, true} {
			text := strings.Join(outline(t, docx(t, draft(t, gongwen.DefaultTemplate, res, gongwen.Details{Final: final}))), "\n")
			for _, g := range res.Groups {
				inOrder(t, text, g.Group.Name)
				for _, u := range g.Units {
					inOrder(t, text, u.Unit.Name)
				}
			}
		}
	}
}

func date(t testing.TB, text string) qiaomen.Date {
	t.Helper()
	d, err := qiaomen.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func draft(t testing.TB, text string, res *scheme.Result, d gongwen.Details) *gongwen.Document {
	t.Helper()
	doc, faults := gongwen.Draft(gongwen.Template{Name: "模板", Text: text}, res, d)
	for _, p := range faults {
		t.Error(p)
	}
	if faults != nil {
		t.FailNow()
	}
	return doc
}

func TestMonthly(t *testing.T) {
	res := result(t, "2024-02-28", "2024-02-25")
	doc := draft(t, gongwen.DefaultTemplate, res, gongwen.Details{})
	text := strings.Join(outline(t, docx(t, doc)), "\n")
	inOrder(t, text, "〔待填：发文机关〕", "〔待填：发文字号〕", "2024年2月排名情况的通报", "各县（区）和双鸭山经开区管委会，各市级招商工作专班：",
		"截至2024年2月25日的排名情况", "一、总体情况", "截至2024年2月28日已经认定", "二、排名情况", "（一）县（区）", "（二）市级招商工作专班",
		"三、未计分和待定事项", "2024年一季度到位资金同比增长”：", "不计入总分", "〔待填：成文日期〕", "附件1", "未计", "附件5", "按完成比例得分", "〔待填：抄送机关")
	for _, never := range []string{"点名通报", "总评结果", "〔待填：牵头"} {
		if strings.Contains(text, never) {
			t.Errorf("a monthly notice says %q", never)
		}
	}
}

func TestFinal(t *testing.T) {
	res := result(t, "2024-04-30", "2024-04-30")
	doc := draft(t, gongwen.DefaultTemplate, res, gongwen.Details{
		Final: true, Number: "示招办发〔2024〕6号", Date: date(t, "2024-04-30"), Issuer: "示例市开放招商工作领导小组办公室", To: "各单位", CopyTo: "示例市委办公室",
	})
	text := strings.Join(outline(t, docx(t, doc)), "\n")
	want := []string{"示例市开放招商工作领导小组办公室文件", "示招办发〔2024〕6号", "总评结果的通报", "各单位：", "经市开放招商工作领导小组审定", "三、点名通报", "反思发言"}
	for i, l := range res.Scheme.Naming {
		for _, g := range res.Groups {
			for _, u := range g.Units {
				if u.Named[i] {
					want = append(want, u.Unit.Name+"（")
				}
			}
		}
		_ = l
	}
	if len(want) < 11 {
		t.Errorf("the example names too few units to try: %q", want)
	}
	inOrder(t, text, append(want, "牵头单位：", "目标", "完成", "有关说明", "2024年4月30日", "附件1", "抄送：示例市委办公室。", "2024年4月30日印发")...)
	if got := strings.Count(text, "[〔待填：牵头县级领导〕]"); got < 3 {
		t.Errorf("the leading official is left to fill %d times", got)
	}
	if m := regexp.MustCompile(`[A-Za-z_]{2,}[^|\n]*`).FindString(bare(text)); m != "" {
		t.Errorf("not Chinese: %s", m)
	}
}

// bare is an outline without the names of styles.
func bare(text string) string {
	text = regexp.MustCompile(`(?m)^[a-z0-9]+\|`).ReplaceAllString(text, "")
	return regexp.MustCompile(`(?m)^section.*$`).ReplaceAllString(text, "")
}

func inOrder(t *testing.T, text string, want ...string) {
	t.Helper()
	rest := text
	for _, w := range want {
		i := strings.Index(rest, w)
		if i < 0 {
			t.Fatalf("no %q after what came before it in\n%s", w, text)
		}
		rest = rest[i+len(w):]
	}
}

// Every cell of every table is what the result says.
func TestTables(t *testing.T) {
	res := result(t, "2024-02-28", "2024-02-25")
	rows := outline(t, docx(t, draft(t, gongwen.DefaultTemplate, res, gongwen.Details{})))
	score := func(n qiaomen.Number) string { return res.Scheme.Shown(n).String() }
	has := func(cells ...string) {
		t.Helper()
		if row := strings.Join(cells, "│"); !slices.Contains(rows, row) {
			t.Errorf("no row %s", row)
		}
	}
	for _, g := range res.Groups {
		for _, u := range g.Units {
			rank := qiaomen.Int(int64(u.Place)).String()
			short, full, shown := []string{rank, u.Unit.Name, score(u.Total)}, []string{rank, u.Unit.Name, score(u.Total)}, []string(nil)
			for _, m := range u.Shown {
				shown = append(shown, m.Text())
			}
			for _, l := range u.Lines {
				line := []string{u.Unit.Name}
				for _, m := range l.Measures {
					asked := slices.ContainsFunc(g.Units, func(o *scheme.UnitResult) bool {
						return slices.ContainsFunc(o.Lines, func(x *scheme.LineResult) bool {
							return slices.ContainsFunc(x.Measures, func(y scheme.MeasureResult) bool {
								return y.Measure == m.Measure && y.Target.Kind == scheme.TargetGiven
							})
						})
					})
					unit := map[bool]string{true: "%"}[m.Measure.Scale.Name == "%"]
					switch {
					case m.Target.Kind == scheme.TargetGiven:
						line = append(line, m.Measure.Scale.Show(m.Target.Number).String()+unit)
					case asked:
						line = append(line, "—")
					}
					line = append(line, m.Text())
				}
				got := score(l.Score)
				if !l.Scored {
					got = "未计"
				}
				full = append(full, got)
				has(append(line, score(l.Base), score(l.Deduction), score(l.Bonus), got)...)
			}
			has(append(short, shown...)...)
			has(append(full, shown...)...)
		}
	}
	for i, c := range res.Scheme.Choices {
		has(qiaomen.Int(int64(i+1)).String(), c.Question, c.Options[res.Readings[i]].Name, c.Cite.ID)
	}
}

// What an office gets wrong in its template is told with the line, in Chinese.
func TestTemplateFaults(t *testing.T) {
	res := result(t, "2024-02-28", "2024-02-25")
	const good = "# 标题\n署名：甲\n成文日期：乙\n正文\n"
	for _, tt := range []struct{ text, want string }{
		{good, ""},
		{good + "{{.活动名}}", "模板:5: 没有“活动名”这一项，可用："},
		{good + "{{if .总评}}\n甲", "没有用“{{end}}”结束"},
		{good + "{{.活动\n", "“{{”没有用“}}”结束"},
		{good + "{{end}}", "模板:5: 这里的“{{end}}”多余"},
		{good + "{{减号 .活动}}", "模板:5: 没有“减号”这个函数"},
		{good + "{{range .活动}}{{end}}", "不是列表"},
		{good + "{{range 999999999}}一二三四五六七八九十{{end}}", "太多"},
		{good + "表：排名", "模板:5: 没有“排名”这张表，可用："},
		{good + "{{range .分组}}\n\n表：{{.名称}}\n{{end}}", "模板:7: 没有“县（区）和双鸭山经开区管委会”这张表"},
		{good + "{{range .分组 -}}\n甲\n{{- end}}\n\n署名：丙", "模板:9: 又写了一次“署名”"},
		{good + "### 二级", "模板:5: “### 二级”越过了上一级标题"},
		{good + "##", "后面没有文字"},
		{good + "附件：空表\n附件：满表\n正文", "附件“空表”是空的"},
		{good + "印章：盖", "“印章”不能是“盖”"},
		{"正文", "没有标题"},
		{"正文", "没有署名"},
		{"# 标题\n署名：甲\n成文日期：乙", "没有正文"},
		{good + "\xff", "不是 UTF-8"},
		{good + "{{template \"x\"}}", "花括号里的写法不对"},
	} {
		_, faults := gongwen.Draft(gongwen.Template{Name: "模板", Text: tt.text}, res, gongwen.Details{})
		var got []string
		for _, p := range faults {
			got = append(got, p.Error())
		}
		text := strings.Join(got, "\n")
		if tt.want == "" && text != "" || !strings.Contains(text, tt.want) {
			t.Errorf("%q\ngot  %s\nwant %s", tt.text, text, tt.want)
		}
		if strings.Contains(text, "template") {
			t.Errorf("%q: a fault in English: %s", tt.text, text)
		}
	}
}

func TestMarkup(t *testing.T) {
	doc := draft(t, "\ufeff// 注释\r\n# 标题\r\n主送: 甲\r\n署名：乙\r\n成文日期：丙\r\n印章：无\r\n## 三、总体\r\n说明：照印\r\n注：小字\r\n横排附件：宽表\r\n表：口径\r\n",
		result(t, "2024-02-28", "2024-02-25"), gongwen.Details{})
	got := strings.Join(outline(t, docx(t, doc)), "\n")
	inOrder(t, got, "title|标题", "flush|甲：", "h1|一、总体", "body|说明：照印", "note|注：小字", "flush|附件：宽表", "sign|乙", "section", "label|附件\n", "section landscape")
	if !doc.Unsealed {
		t.Error("印章：无 is not heard")
	}
}
