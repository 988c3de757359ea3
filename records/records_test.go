package records

import (
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"qiaomen"
	"qiaomen/scheme"
	"qiaomen/schemes"
)

// builtIn is the scheme of the contract's tables.
func builtIn(t testing.TB) *scheme.Scheme {
	t.Helper()
	data, err := fs.ReadFile(schemes.Files, "shuangyashan-winter-2023/scheme.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, string(data))
}

func parsed(t testing.TB, text string) *scheme.Scheme {
	t.Helper()
	s, faults := scheme.Parse("scheme.yaml", []byte(text), nil)
	if s == nil {
		t.Fatal(faults.Errors())
	}
	return s
}

// A heap is a sink that keeps everything.
type heap struct{ qiaomen.Book }

func (h *heap) Record(r *qiaomen.Record) {
	kept := *r
	kept.Values = slices.Clone(r.Values)
	h.Records = append(h.Records, kept)
}

func (h *heap) Figure(f *qiaomen.Figure) {
	kept := *f
	kept.Values = slices.Clone(f.Values)
	h.Figures = append(h.Figures, kept)
}

func read(t testing.TB, s *scheme.Scheme, text string) (*heap, *Faults) {
	t.Helper()
	h := &heap{}
	faults, err := NewReader(s, "f.jsonl").Read(strings.NewReader(text), h)
	if err != nil {
		t.Fatal(err)
	}
	return h, faults
}

// with is a line of the kind that lacks nothing, and the members given.
func with(kind string, members ...string) string {
	needed := map[string]string{
		"outing":            `"form":"onsite"`,
		"project_start":     `"start_type":"new"`,
		"funds":             `"amount_wan":1,"published_on":"2024-01-20"`,
		"provincial_result": `"points":1,"published_on":"2024-01-20"`,
	}
	out := []string{fmt.Sprintf(`"kind":%q,"unit":"jixian"`, kind)}
	if n := needed[kind]; n != "" {
		out = append(out, n)
	}
	if kind == "funds" && !strings.Contains(strings.Join(members, " "), `"quarter"`) {
		out = append(out, `"quarter":"2024Q1"`)
	}
	out = append(out, members...)
	if !strings.Contains(strings.Join(members, " "), `"id"`) {
		out = append(out, `"id":"x"`)
	}
	return "{" + strings.Join(out, ",") + "}"
}

// A wrong is a line with one fault: its field, and words of what is said.
type wrong struct{ name, line, field, says string }

// refuse reads each line between two good ones, and looks for its one fault.
func refuse(t *testing.T, s *scheme.Scheme, good string, cases []wrong) {
	t.Helper()
	before := strings.Replace(good, `"id":"x"`, `"id":"before"`, 1)
	after := strings.Replace(good, `"id":"x"`, `"id":"after"`, 1)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h, faults := read(t, s, before+"\n"+c.line+"\n"+after)
			if n := len(h.Records) + len(h.Figures); n != 2 {
				t.Errorf("%d lines reached the sink, want the two good ones", n)
			}
			if faults.Total != 1 || len(faults.First) != 1 {
				t.Fatalf("%d faults, want 1: %v", faults.Total, faults.First)
			}
			f := faults.First[0]
			if c.field == "" {
				c.field = WholeLine
			}
			if want := (qiaomen.Place{File: "f.jsonl", Line: 2, Field: c.field}); f.At != want {
				t.Errorf("place %v, want %v", f.At, want)
			}
			said := f.Error()
			if !strings.Contains(said, c.says) {
				t.Errorf("says %q, want %q in it", said, c.says)
			}
			forPerson(t, said)
		})
	}
}

// forPerson asks that a message is one line of Chinese that says what to do,
// by naming what there is to choose from or by an instruction.
func forPerson(t *testing.T, said string) {
	t.Helper()
	if !strings.ContainsFunc(said, func(r rune) bool { return unicode.Is(unicode.Han, r) }) || strings.ContainsAny(said, "\n\r\x00") {
		t.Errorf("%q is not a line of Chinese", said)
	}
	for _, word := range []string{"请", "应", "可用", "（", "不在", "没有“", "；", "不写", "不超过"} {
		if strings.Contains(said, word) {
			return
		}
	}
	t.Errorf("%q does not say what to do", said)
}

// accept reads one line and returns what reached the sink.
func accept(t *testing.T, s *scheme.Scheme, line string) *heap {
	t.Helper()
	h, faults := read(t, s, line)
	if faults.Total > 0 {
		t.Fatalf("%s: %v", line, faults.First)
	}
	if len(h.Records)+len(h.Figures) != 1 {
		t.Fatalf("%s: %d records and %d figures", line, len(h.Records), len(h.Figures))
	}
	return h
}

func TestEveryKind(t *testing.T) {
	s := builtIn(t)
	times := `"reported_at":"2024-01-05T09:00:00+08:00","recognized_at":"2024-01-06T09:00:00+08:00","revoked_at":"2024-01-04T09:00:00+08:00","name":"甲"`
	for _, line := range []string{
		with("reserve_project", times, `"target_companies":["甲","乙"]`),
		with("domestic_lead", times, `"target_company":"甲","content":"乙","amount_yi":1.5,"pursued_on":"2024-02-01","pursued_by":"main_leader"`),
		with("domestic_lead", `"pursued_by":"city_leader"`),
		with("foreign_lead", times, `"amount_usd_wan":"200"`),
		with("outing", times, `"held_on":"2024-01-05","evidence":["report"]`),
		strings.Replace(with("outing"), "onsite", "online", 1),
		strings.Replace(with("outing"), "onsite", "door_visit", 1),
		strings.Replace(with("outing"), "onsite", "no_meeting", 1),
		with("signed_project", times, `"signed_on":"2024-01-05","amount_yi":1,"original_checked":true,"started_on":"2024-02-01","statistics_on":"2024-02-02","evidence":["contract","photo","report"]`),
		with("project_start", times, `"started_on":"2024-02-01","statistics_on":"2024-02-02","funds_wan":0,"evidence":[]`),
		strings.Replace(with("project_start"), "new", "resumed", 1),
		with("briefing", times),
		with("funds", `"rate_percent":-3.5`),
		with("funds", `"quarter":"2023Q1"`),
		with("provincial_result"),
		strings.Replace(with("provincial_result"), "jixian", "ice-snow", 1),
		strings.Replace(with("outing"), "jixian", "ice-snow", 1), // no line for it: ignored, not a fault
	} {
		accept(t, s, line)
	}
}

// TestOneKindOfFault holds the sentences of the contract that concern lines
// and fields as such.
func TestOneKindOfFault(t *testing.T) {
	good := with("briefing")
	refuse(t, builtIn(t), good, []wrong{
		{"empty line", "", "", "空行；请删去"},
		{"spaces", "  \t ", "", "空行"},
		{"ideographic spaces", "　　", "", "空行"},
		{"carriage return alone", "\r", "", "空行"},
		{"byte-order mark within the file", "\ufeff" + good, "", "字节顺序标记"},
		{"byte-order mark alone", "\ufeff", "", "字节顺序标记"},
		{"text", "hello", "", "JSON写法不对，第1个字符“h”；请检查"},
		{"array", `[]`, "", "应是一个JSON对象"},
		{"array of objects", "[" + good + "]", "", "应是一个JSON对象"},
		{"string", `"a"`, "", "应是一个JSON对象"},
		{"null line", `null`, "", "应是一个JSON对象"},
		{"number line", `12`, "", "应是一个JSON对象"},
		{"two objects", good + good, "", "后面还有别的内容"},
		{"trailing text", good + "x", "", "后面还有别的内容"},
		{"trailing comma", good + ",", "", "后面还有别的内容"},
		{"trailing space of another kind", good + "　", "", "后面还有别的内容"},
		{"comma before the end", `{"kind":"briefing",}`, "", "第19个字符“,”"},
		{"no colon", `{"kind" "briefing"}`, "kind", "JSON写法不对"},
		{"no comma", `{"kind":"briefing" "id":"x"}`, "", "JSON写法不对"},
		{"Chinese quotes", `{“kind”:1}`, "", "第2个字符““”；JSON的标点要用半角"},
		{"Chinese comma", `{"kind":"briefing"，"id":"x"}`, "", "第19个字符“，”；JSON的标点要用半角"},
		{"single quotes", `{'kind':1}`, "", "JSON写法不对"},
		{"name without quotes", `{kind:1}`, "", "JSON写法不对"},
		{"number as a name", `{1:1}`, "", "JSON写法不对"},
		{"comment", `// 甲`, "", "JSON写法不对"},
		{"open object", `{"kind":"briefing"`, "", "JSON没有写完；请补上"},
		{"open string", `{"kind":"brief`, "kind", "JSON没有写完"},
		{"open escape", `{"kind":"\`, "kind", "JSON没有写完"},
		{"control character", "{\"kind\":\"a\tb\"}", "kind", "控制字符请写成转义"},
		{"wrong escape", `{"kind":"\x"}`, "kind", "JSON写法不对"},
		{"field of no kind", with("briefing", `"colour":"red"`), "colour", "“简报新闻”没有“colour”这个字段，可用："},
		{"field of another kind", with("briefing", `"signed_on":"2024-01-01"`), "signed_on", "没有“signed_on”这个字段，可用：issued_on"},
		{"evidence where there is none", with("briefing", `"evidence":["report"]`), "evidence", "没有“evidence”这个字段"},
		{"case of a name", with("briefing", `"Name":"甲"`), "Name", "可用：name"},
		{"nameless field", with("briefing", `"":1`), "", "没有“”这个字段"},
		{"name with a line feed", with("briefing", `"a\nb":1`), "a\ufffdb", "没有“a\ufffdb”这个字段"},
		{"deep nesting in an unknown field", with("briefing", `"x":[{"a":[[{}]]}]`), "x", "没有“x”这个字段"},
		{"repeated key", with("briefing", `"name":"甲"`, `"name":"甲"`), "name", "写了两次；请只留一个"},
		{"repeated key, escaped", with("briefing", `"name":"甲"`, `"n\u0061me":"甲"`), "name", "写了两次"},
		{"repeated kind", with("briefing", `"kind":"briefing"`), "kind", "写了两次"},
		{"no kind", `{"id":"x","unit":"jixian"}`, "kind", "缺少记录类别；请补上"},
		{"unknown kind", `{"kind":"breifing","id":"x","unit":"jixian"}`, "kind", "没有“breifing”这类记录，可用：briefing"},
		{"blank kind", `{"kind":"","id":"x","unit":"jixian"}`, "kind", "没有“”这类记录"},
		{"kind is not trimmed", `{"kind":"briefing ","id":"x","unit":"jixian"}`, "kind", "可用：briefing"},
		{"null kind", `{"kind":null,"id":"x","unit":"jixian"}`, "kind", "不能是 null；没有就不写"},
		{"kind of another type", `{"kind":["briefing"],"id":"x","unit":"jixian"}`, "kind", "应是文字"},
		{"no id", `{"kind":"briefing","unit":"jixian"}`, "id", "缺少编号；请补上"},
		{"blank id", with("briefing", `"id":""`), "id", "编号不能空着"},
		{"white id", with("briefing", `"id":" \t\n　\u00a0\u2003\u0085"`), "id", "编号不能空着"},
		{"number as id", with("briefing", `"id":7`), "id", "应是文字；请写成"},
		{"null id", with("briefing", `"id":null`), "id", "不能是 null"},
		{"object as id", with("briefing", `"id":{}`), "id", "应是文字"},
		{"id twice", with("briefing", `"id":"before"`), "id", "编号“before”与第1行重复"},
		{"id twice, escaped", with("briefing", `"id":"\u0062efore"`), "id", "与第1行重复"},
		{"no unit", `{"kind":"briefing","id":"x"}`, "unit", "缺少单位；请补上"},
		{"unknown unit", strings.Replace(good, "jixian", "jxian", 1), "unit", "没有单位“jxian”，可用：jixian"},
		{"name for a unit", strings.Replace(good, "jixian", "集贤县", 1), "unit", "没有单位“集贤县”；请写它的代号 jixian"},
		{"null unit", strings.Replace(good, `"jixian"`, "null", 1), "unit", "不能是 null"},
		{"group for a unit", strings.Replace(good, "jixian", "districts", 1), "unit", "没有单位"},
	})
}

func TestText(t *testing.T) {
	refuse(t, builtIn(t), with("briefing"), []wrong{
		{"high surrogate", with("briefing", `"name":"a\ud800"`), "name", "只有半个字符（孤立的代理项）；请改成完整的字符"},
		{"low surrogate", with("briefing", `"name":"\uDC00"`), "name", "半个字符"},
		{"wrong order", with("briefing", `"name":"\udc00\ud800"`), "name", "半个字符"},
		{"two high ones", with("briefing", `"name":"\ud800\ud800\udc00"`), "name", "半个字符"},
		{"in a key", with("briefing", `"\ud800":1`), "", "半个字符"},
		{"in an id", with("briefing", `"id":"\ud800"`), "id", "半个字符"},
		{"in a kind", `{"kind":"\ud800","id":"x","unit":"jixian"}`, "kind", "半个字符"},
		{"in a list", with("reserve_project", `"target_companies":["甲","\udfff"]`), "target_companies", "半个字符"},
		{"in a number", with("domestic_lead", `"amount_yi":"\ud800"`), "amount_yi", "半个字符"},
		{"bytes in a value", with("briefing", "\"name\":\"甲\xff\""), "name", "第45个字符处不是UTF-8文字；请另存为UTF-8"},
		{"bytes of GBK", with("briefing", "\"name\":\"\xbc\xaf\xcf\xcd\""), "name", "不是UTF-8"},
		{"bytes in a key", with("briefing", "\"\xff\":1"), "", "不是UTF-8"},
		{"a surrogate as bytes", with("briefing", "\"name\":\"\xed\xa0\x80\""), "name", "不是UTF-8"},
		{"a long form", with("briefing", "\"name\":\"\xc0\xaf\""), "name", "不是UTF-8"},
		{"UTF-16", "\xff\xfe{\x00}\x00", "", "不是UTF-8"},
		{"bytes after the object", with("briefing") + "\xff", "", "后面还有别的内容"},
	})
	for in, want := range map[string]string{
		`"\ud83d\ude00"`: "😀", `"😀"`: "😀", `"\u4e2d\n"`: "中", `" 　\u00a0甲 乙\u2003\u0085"`: "甲 乙", `"\\ud800"`: `\ud800`,
		`"\u0000a"`: "\x00a", `"\ufffd"`: "\ufffd", `""`: "", `"　"`: "", `"Acme"`: "Acme",
	} {
		if h := accept(t, builtIn(t), with("briefing", `"name":`+in)); h.Records[0].Name != want {
			t.Errorf("%s is read as %q, want %q", in, h.Records[0].Name, want)
		}
	}
}

// TestFileForms reads whole files that have nothing wrong.
func TestFileForms(t *testing.T) {
	a, b := with("briefing", `"id":"a"`), with("briefing", `"id":"b"`)
	for text, ids := range map[string]string{
		"":                      "",
		a:                       "a",
		a + "\n":                "a",
		a + "\n" + b:            "a b",
		a + "\r\n" + b + "\r\n": "a b",
		a + "\r\n" + b + "\r":   "a b",
		" \t" + a + " \t\r\n":   "a",
		strings.ReplaceAll(a, ",", " ,\t") + "\n": "a",
		with("briefing", `"id":" a "`) + "\n" + a: " a  a",
		with("briefing", `"id":"A"`) + "\n" + a:   "A a",
	} {
		h, faults := read(t, builtIn(t), text)
		var got []string
		for i, r := range h.Records {
			got = append(got, r.ID)
			if r.Line != i+1 || r.Seq != i+1 {
				t.Errorf("%q: record %d has line %d and place %d", text, i+1, r.Line, r.Seq)
			}
		}
		if faults.Total > 0 || strings.Join(got, " ") != ids {
			t.Errorf("%q: read %q, want %q; %v", text, got, ids, faults.First)
		}
	}
}

func TestValuesReachTheSink(t *testing.T) {
	s := builtIn(t)
	kind := s.Kind("signed_project")
	h := accept(t, s, with("signed_project", `"reported_at":"2024-01-05t23:30:00-01:00"`, `"recognized_at":"2024-01-06T09:00:00.5+08:00"`,
		`"amount_yi":"1.50"`, `"signed_on":"2024-01-05"`, `"original_checked":true`, `"evidence":["photo","contract","photo"]`, `"party_a":"　"`))
	r := h.Records[0]
	day := func(d string) qiaomen.Date {
		date, err := qiaomen.ParseDate(d)
		if err != nil {
			t.Fatal(err)
		}
		return date
	}
	if r.Kind != kind.Index() || r.Unit != s.Unit("jixian").Index() || r.Reported.Day != day("2024-01-06") ||
		r.Recognised.Nano != (9*3600*1000+500)*1_000_000 || !r.Revoked.IsZero() || r.Evidence != qiaomen.Set(0).With(0).With(2) {
		t.Errorf("read %+v", r)
	}
	want := map[string]qiaomen.Value{
		"signed_on":        {Given: true, Date: day("2024-01-05")},
		"original_checked": {Given: true, Flag: true},
		"party_a":          {},
		"party_b":          {},
	}
	for i, f := range kind.Fields {
		if w, ok := want[f.ID]; ok && !reflect.DeepEqual(r.Values[i], w) {
			t.Errorf("%s is %+v, want %+v", f.ID, r.Values[i], w)
		}
		if f.ID == "amount_yi" && f.Scale.Show(r.Values[i].Number).String() != "1.5" {
			t.Errorf("amount is %v", r.Values[i].Number)
		}
	}
	h = accept(t, s, with("reserve_project", `"target_companies":[" 甲 ","甲","","　","乙","Acme","acme"]`))
	i := slices.IndexFunc(s.Kind("reserve_project").Fields, func(f *scheme.Field) bool { return f.ID == "target_companies" })
	if got := h.Records[0].Values[i].List; !slices.Equal(got, []string{"甲", "乙", "Acme", "acme"}) {
		t.Errorf("the list is %q", got)
	}
}
