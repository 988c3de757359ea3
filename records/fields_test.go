package records

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
	"qiaomen"
	"qiaomen/scheme"
)

// whole is the members of a deal that must always be there.
const whole = `"words":"甲","names":["乙"],"trade":"food","parent":"p"`

func TestFields(t *testing.T) {
	s := parsed(t, needy)
	k := s.Kind("deal")
	for raw, want := range map[string]string{
		`{}`: `{}`,
		` { "sum" : "1.50e1" , "words" : " 甲 " } `:         `{"words":"甲","sum":15}`,
		`{"words":"","names":[],"trade":" ","parent":"　"}`: `{}`,
		`{"names":["乙"," ","甲"," 乙"],"people":["",""]}`:    `{"names":["乙","甲"]}`,
		`{"rate":"-12.50","area":0.000,"points":-5.0}`:     `{"area":0,"rate":-12.5,"points":-5}`,
		`{"checked":false}`: `{"checked":false}`,
		`{"sort":"unclear","partner":"b","signed_on":"2024-02-29"}`: `{"signed_on":"2024-02-29","sort":"unclear","partner":"b"}`,
		`{"trade":"粮食"}`: `{"trade":"粮食"}`,
		`{"words":"\u7532\/\u003c\t\"","contact":"\ud83d\ude00"}`:    `{"words":"甲/<\t\"","contact":"😀"}`,
		`{"sum":1e29,"area":1e-30}`:                                  `{"sum":100000000000000000000000000000,"area":0.000000000000000000000000000001}`,
		`{"contact":"x","words":"y","\u0073um":9007199254740993.10}`: `{"words":"y","sum":9007199254740993.1,"contact":"x"}`,
	} {
		canonical, values, faults := Fields(s, k, []byte(raw), false)
		if len(faults) > 0 || string(canonical) != want || len(values) != len(k.Fields) {
			t.Errorf("%s is %s, want %s; %v", raw, canonical, want, faults)
		}
	}
	canonical, values, _ := Fields(s, k, []byte(`{"rate":12.5,"listed_on":"2024-01-05"}`), false)
	if v := values[6]; !v.Given || !v.Number.Equal(qiaomen.Ratio(1, 8)) || values[10].Date.String() != "2024-01-05" || values[0].Given {
		t.Errorf("%s is %+v", canonical, values)
	}
}

// TestFieldsRefuse holds that each fault is told, with its field, in the words
// of the file but for what is said of lines.
func TestFieldsRefuse(t *testing.T) {
	s := parsed(t, needy)
	k := s.Kind("deal")
	for raw, want := range map[string]string{
		``:                           "全部字段: JSON没有写完；请补上引号或括号",
		`[]`:                         `全部字段: 各字段应写成一个JSON对象；请写成 {"字段": …}`,
		`null`:                       "全部字段: 各字段应写成一个JSON对象",
		`{}{}`:                       "全部字段: 各字段应写成一个JSON对象，后面还有别的内容；请删去",
		`{"sum":}`:                   "sum: JSON写法不对，第8个字符“}”",
		`{"sum":1`:                   "全部字段: JSON没有写完；请补上引号或括号",
		"\ufeff{}":                   "全部字段: JSON写法不对，第1个字符“\ufeff”；请删去字节顺序标记",
		`{"sum":null}`:               "sum: 不能是 null；没有就不写这个字段",
		`{"sum":1,"sum":1}`:          "sum: 这个字段写了两次；请只留一个",
		`{"sum":"一亿"}`:               "sum: “一亿”不是数",
		`{"sum":-1}`:                 "sum: “-1”小于0",
		`{"points":5.1}`:             "points: “5.1”不在-5到5之间",
		`{"colour":1}`:               "colour: “项目”没有“colour”这个字段，可用：",
		`{"id":"x"}`:                 "id: “项目”没有“id”这个字段",
		`{"name":"x"}`:               "name: “项目”没有“name”这个字段",
		`{"evidence":["photo"]}`:     "evidence: “项目”没有“evidence”这个字段",
		`{"words":"\ud800"}`:         "words: 第11个字符处的转义只有半个字符",
		"{\"words\":\"\xff\"}":       "words: 第11个字符处不是UTF-8文字",
		`{"\udc00":1}`:               "全部字段: 第3个字符处的转义只有半个字符",
		`{"words":["甲"]}`:            `words: 应是文字；请写成 "…"`,
		`{"names":"甲"}`:              "names: 应是文字的列表",
		`{"names":["\ud800"]}`:       "names: 第12个字符处的转义只有半个字符",
		`{"checked":"true"}`:         "checked: 应是 true 或 false",
		`{"sort":"新建"}`:              "sort: 没有“新建”这一项（new、old、unclear）；请写它的代号 new",
		`{"partner":"乙县"}`:           "partner: 方案里没有单位“乙县”；请写它的代号 b",
		`{"signed_on":"2024-02-30"}`: "signed_on: 没有“2024-02-30”这一天",
		`{"sum":1e30}`:               "sum: “1e30”位数太多",
		`{"words":"` + strings.Repeat("x", maxLine) + `"}`: "全部字段: 各字段合起来超过4 MiB；过长的内容请删减",
		`{"a":` + strings.Repeat("[", 100_000):             "a: 括号套得太深",
	} {
		canonical, values, faults := Fields(s, k, []byte(raw), false)
		if len(faults) != 1 || canonical != nil || values != nil {
			t.Errorf("%s: %v and %s", qiaomen.Clip(raw), faults, canonical)
			continue
		}
		if said := faults[0].Error(); !strings.HasPrefix(said, want) {
			t.Errorf("%s says %s, want %s", qiaomen.Clip(raw), said, want)
		}
		forPerson(t, faults[0].Error())
	}
}

// TestWhole holds that what must always be there is asked for where it is
// asked, and never a second time beside another fault.
func TestWhole(t *testing.T) {
	s := parsed(t, needy)
	k := s.Kind("deal")
	for raw, fields := range map[string]string{
		`{` + whole + `}`: "",
		`{}`:              "words names trade parent",
		`{"words":" ","names":["甲"],"trade":"","parent":"x"}`:               "words trade",
		`{"words":null,"names":"甲","trade":"\ud800","parent":7,"sum":null}`: "trade words names parent sum",
		`{`: "全部字段",
		`{"words":"x","words":"y","names":["甲"],"trade":"t","parent":"p"}`: "words",
	} {
		_, _, faults := Fields(s, k, []byte(raw), true)
		var got []string
		for _, f := range faults {
			got = append(got, f.At.Field)
			forPerson(t, f.Error())
		}
		if strings.Join(got, " ") != fields {
			t.Errorf("%s has faults in %q, want %q", raw, got, fields)
		}
	}
	_, _, faults := Fields(s, k, []byte(`{}`), true)
	if faults[0].Error() != "words: 缺少“说明”；请补上" {
		t.Error(faults[0])
	}
}

// TestHostileFields holds that what is sent costs no more than it weighs.
func TestHostileFields(t *testing.T) {
	s := parsed(t, needy)
	k := s.Kind("deal")
	var members, list strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&members, `,"a%d":1`, i)
		fmt.Fprintf(&list, `,"公司%d"`, i)
	}
	if _, _, faults := Fields(s, k, []byte("{"+members.String()[1:]+"}"), true); told(faults) != "全部字段: 字段超过500个；请删去多余的" {
		t.Errorf("%d faults, first %v", len(faults), faults[0])
	}
	if _, _, faults := Fields(s, k, []byte("{"+members.String()[1:strings.Index(members.String(), ",\"a300")]+"}"), true); len(faults) != Shown || !strings.Contains(faults[0].Text, "没有“a0”这个字段") {
		t.Errorf("%d faults, first %v", len(faults), faults[0])
	}
	_, values, faults := Fields(s, k, []byte(`{"names":[`+list.String()[1:]+`]}`), false)
	if len(faults) > 0 || len(values[1].List) != 200_000 {
		t.Error(faults)
	}
	if _, _, faults := Fields(s, k, []byte(`{"`+strings.Repeat("长", 1_000_000)+`":1}`), false); len(faults) != 1 || len(faults[0].Error()) > 1000 {
		t.Error(faults)
	}
}

// TestLimitOfFields stands on either side of it: of what is sent, and of what
// would be kept, which may be longer.
func TestLimitOfFields(t *testing.T) {
	s := parsed(t, needy)
	k := s.Kind("deal")
	frame := `{"sum":1e29,"words":""}`
	for over := range 2 {
		space := "{" + strings.Repeat(" ", maxLine-2+over) + "}"
		text := strings.Replace(frame, `""`, `"`+strings.Repeat("z", maxLine-len(frame)-len("100000000000000000000000000000")+len("1e29")+over)+`"`, 1)
		for name, raw := range map[string]string{"sent": space, "kept": text} {
			if canonical, _, faults := Fields(s, k, []byte(raw), false); len(faults) != over || len(canonical) > maxLine {
				t.Errorf("%s %d over: %v, %d bytes are kept", name, over, faults, len(canonical))
			}
		}
	}
}

// TestSchemesStayApart holds that the units of one scheme are not another's.
func TestSchemesStayApart(t *testing.T) {
	one, two := parsed(t, needy), parsed(t, strings.Replace(needy, "b: {name: 乙县}", "c: {name: 丙县}", 1))
	for range 10 {
		for s, unit := range map[*scheme.Scheme]string{one: "b", two: "c"} {
			if _, _, faults := Fields(s, s.Kind("deal"), []byte(`{"partner":"`+unit+`"}`), false); len(faults) > 0 {
				t.Fatal(faults)
			}
		}
	}
}

// TestEqualFieldsAreEqualBytes holds for every kind that values have one
// canonical form, which reads as these values.
func TestEqualFieldsAreEqualBytes(t *testing.T) {
	for id, s := range everyScheme(t) {
		t.Run(id, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				for _, k := range s.Kinds {
					values := anyValues(t, s, k.Fields)
					canonical, faults := CanonicalFields(k, values)
					again, back, more := Fields(s, k, canonical, false)
					if len(faults)+len(more) > 0 || !sameValues(back, values) || string(again) != string(canonical) {
						t.Fatalf("%s\nreads as %s\n%v %v\n%+v\nwant\n%+v", canonical, again, faults, more, back, values)
					}
					whole := slices.ContainsFunc(k.Fields, func(f *scheme.Field) bool { return f.Need == scheme.Always && !values[slices.Index(k.Fields, f)].Given })
					if _, _, faults := Fields(s, k, canonical, true); (len(faults) > 0) != whole {
						t.Fatalf("%s: %v", canonical, faults)
					}
					halves(t, s, k, canonical)
				}
				for _, f := range s.Figures {
					figure := anyFigure(t, s, f, "x")
					canonical, faults := CanonicalFigureFields(f, figure.Values)
					again, back, more := FigureFields(s, f, figure.Period, canonical, false)
					if len(faults)+len(more) > 0 || !sameValues(back, figure.Values) || string(again) != string(canonical) {
						t.Fatalf("%s reads as %s, %v %v", canonical, again, faults, more)
					}
					if p, problem := Period(f, PeriodText(f, figure.Period)); f.Every != "" && (problem != nil || p != figure.Period) {
						t.Fatalf("the period %d is read as %d, %v", figure.Period, p, problem)
					}
				}
			})
		})
	}
}

// halves parts the object and puts it together, in both orders.
func halves(t *rapid.T, s *scheme.Scheme, k *scheme.Kind, canonical []byte) {
	open, personal := SplitPersonal(k, canonical)
	for _, both := range [][]byte{Merge(k, open, personal), Merge(k, personal, open), Merge(k, canonical, nil), Merge(k, nil, canonical), Merge(k, canonical, canonical)} {
		if string(both) != string(canonical) {
			t.Fatalf("%s and %s come to %s, want %s", open, personal, both, canonical)
		}
	}
	for part, want := range map[string]bool{string(open): false, string(personal): true} {
		_, values, faults := Fields(s, k, []byte(part), false)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		for i, v := range values {
			if v.Given && k.Fields[i].Personal != want && string(open) != string(personal) {
				t.Fatalf("%s holds %s", part, k.Fields[i].ID)
			}
		}
	}
}

func TestSplitAndMerge(t *testing.T) {
	k := parsed(t, needy).Kind("deal")
	open, personal := SplitPersonal(k, []byte(`{"words":"甲","sum":1.5,"contact":"张三","people":["李四"]}`))
	if string(open) != `{"words":"甲","sum":1.5}` || string(personal) != `{"contact":"张三","people":["李四"]}` {
		t.Errorf("%s and %s", open, personal)
	}
	for _, c := range [][3]string{
		{`{"words":"甲","sum":1}`, `{"sum":2,"checked":true}`, `{"words":"甲","sum":2,"checked":true}`},
		{`{"checked":true}`, `{"words":"甲"}`, `{"words":"甲","checked":true}`},
		{``, ``, `{}`},
		{`{"words":"甲"}`, `{}`, `{"words":"甲"}`},
		{`{"gone":1,"words":"甲"}`, `{"also":[]}`, `{"words":"甲"}`}, // of an earlier scheme
		{`{"sum": 1, "words": "甲"}`, ``, `{"words":"甲","sum":1}`},  // as a database gives it back
	} {
		if got := Merge(k, []byte(c[0]), []byte(c[1])); string(got) != c[2] {
			t.Errorf("%s with %s is %s, want %s", c[0], c[1], got, c[2])
		}
	}
	for _, bad := range []string{`[]`, `{"words":"甲"`, `{"words":1,"words":2}`, "{\"words\":\"\xff\"}"} {
		for name, f := range map[string]func(){
			"split": func() { SplitPersonal(k, []byte(bad)) }, "base": func() { Merge(k, []byte(bad), nil) }, "over": func() { Merge(k, nil, []byte(bad)) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s takes %s", name, bad)
					}
				}()
				f()
			}()
		}
	}
}

func TestFigureFields(t *testing.T) {
	s := parsed(t, needy)
	f := s.Figure("price")
	for _, c := range []struct {
		period    int
		raw       string
		whole     bool
		canonical string
		says      string
	}{
		{0, `{"level":"7.10"}`, true, `{"level":7.1}`, ""},
		{1, `{"change":"-0.50","level":7}`, true, `{"level":7,"change":-0.5}`, ""},
		{1, `{"change":3}`, false, `{"change":3}`, ""},
		{1, `{"change":3}`, true, "", "level: 缺少“水平”"},
		{0, `{"level":7,"change":3}`, false, "", "change: “2024Q1”这一期没有“变化”；请删去"},
		{2, `{"level":7}`, false, "", "quarter: “”不在方案要的各期之内（2024Q1、2024Q2）"},
		{2, `{"level":7,"change":3}`, false, "", "quarter: “”不在方案要的各期之内"},
		{-1, `{"level":7,"change":3}`, false, "", "quarter: “”不在方案要的各期之内（2024Q1、2024Q2）"},
		{0, `{"level":-7}`, false, "", "level: “-7”小于0"},
		{0, `{"level":7,"quarter":"2024Q1"}`, false, "", "quarter: “价格”没有“quarter”这个字段"},
	} {
		canonical, values, faults := FigureFields(s, f, c.period, []byte(c.raw), c.whole)
		if c.says == "" {
			if len(faults) > 0 || string(canonical) != c.canonical || len(values) != 2 {
				t.Errorf("%s is %s, want %s; %v", c.raw, canonical, c.canonical, faults)
			}
		} else if len(faults) != 1 || !strings.HasPrefix(faults[0].Error(), c.says) || canonical != nil {
			t.Errorf("%s: %v, want %s", c.raw, faults, c.says)
		}
	}
	if i, problem := Period(f, "2024Q2"); i != 1 || problem != nil || PeriodText(f, 1) != "2024Q2" {
		t.Error(i, problem)
	}
	if i, problem := Period(f, "2024Q3"); i != -1 || problem == nil || problem.At.Field != "quarter" {
		t.Error(i, problem)
	}
	daily := parsed(t, rare).Figure("rate")
	if i, problem := Period(daily, "2024-02-29"); problem != nil || PeriodText(daily, i) != "2024-02-29" {
		t.Error(i, problem)
	}
	if i, problem := Period(daily, "2024-02-30"); i != -1 || problem == nil || problem.At.Field != "day" {
		t.Error(problem)
	}
	if _, _, faults := FigureFields(s, daily, 0, []byte(`{}`), false); len(faults) != 1 || faults[0].At.Field != "day" {
		t.Error(faults)
	}
}

// TestCanonicalRefuses holds that what has no written form is told and not
// rounded.
func TestCanonicalRefuses(t *testing.T) {
	s := parsed(t, needy)
	k, f := s.Kind("deal"), s.Figure("price")
	values := make([]qiaomen.Value, len(k.Fields))
	values[5] = qiaomen.Value{Given: true, Number: qiaomen.Ratio(2, 3)}
	values[4] = qiaomen.Value{Given: true, Number: qiaomen.Int(1).Quo(qiaomen.Int(1 << 40))}
	values[0] = qiaomen.Value{Given: true, Text: "\xff"}
	canonical, faults := CanonicalFields(k, values)
	if canonical != nil || len(faults) != 3 || faults[2].Error() != "area: “2/3”公顷除不尽，写不成小数；请直接填写以公顷计的数" {
		t.Errorf("%s, %v", canonical, faults)
	}
	if canonical, faults := CanonicalFigureFields(f, []qiaomen.Value{{Given: true, Number: qiaomen.Ratio(1, 3)}, {}}); canonical != nil || len(faults) != 1 || faults[0].At.Field != "level" {
		t.Errorf("%s, %v", canonical, faults)
	}
	if canonical, faults := CanonicalFields(k, make([]qiaomen.Value, len(k.Fields))); string(canonical) != "{}" || faults != nil {
		t.Errorf("%s, %v", canonical, faults)
	}
}

// TestFieldsAreYours holds that what is returned is not used again, and that
// many may read at once.
func TestFieldsAreYours(t *testing.T) {
	s := parsed(t, needy)
	k := s.Kind("deal")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 200 {
				raw := fmt.Appendf(nil, `{"words":"%d-%d","names":["%d"],"partner":"b"}`, i, j, j)
				canonical, values, faults := Fields(s, k, raw, false)
				other, _, _ := Fields(s, k, []byte(`{"words":"别的","names":["别的"]}`), false)
				if string(canonical) != string(raw) || values[1].List[0] != fmt.Sprint(j) || len(faults) > 0 || string(other) == string(canonical) {
					t.Errorf("%s is %s", raw, canonical)
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkFields(b *testing.B) {
	s := builtIn(b)
	k := s.Kind("signed_project")
	raw := []byte(`{"signed_on":"2024-02-02","amount_yi":10,"party_b":"示例公司","content":"拟投资粮食精深加工","original_checked":true,"started_on":"2024-03-10","leading_industry":"食品"}`)
	if !json.Valid(raw) {
		b.Fatal()
	}
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, faults := Fields(s, k, raw, true); len(faults) > 0 {
			b.Fatal(faults)
		}
	}
}
