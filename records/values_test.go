package records

import (
	"fmt"
	"strings"
	"testing"

	"qiaomen"
	"qiaomen/scheme"
)

func TestDates(t *testing.T) {
	s := builtIn(t)
	for _, d := range []string{"1900-01-01", "2200-12-31", "2000-02-29", "2024-02-29", "2023-11-30", "2024-12-31"} {
		accept(t, s, with("outing", fmt.Sprintf(`"held_on":%q`, d)))
	}
	var cases []wrong
	for d, says := range map[string]string{
		"1899-12-31": "年份不在 1900—2200 年之间", "2201-01-01": "年份不在", "0000-00-00": "年份不在", "9999-12-31": "年份不在",
		"2023-02-29": "没有“2023-02-29”这一天", "1900-02-29": "没有", "2024-13-01": "没有", "2024-00-10": "没有", "2024-04-31": "没有", "2024-01-00": "没有",
		"2024-1-5": "应写成 2024-03-31 这样", "2024/01/05": "应写成", "20240105": "应写成", " 2024-01-05": "应写成", "2024-01-05 ": "应写成",
		"": "“”不是日期", "2024年1月5日": "应写成", "２０２４-01-05": "应写成", "+024-01-05": "应写成", "2024-01-05T00:00:00Z": "应写成", "2024-01-5\\u0000": "应写成",
	} {
		cases = append(cases, wrong{d, with("outing", `"held_on":"`+d+`"`), "held_on", says})
	}
	for _, v := range []string{`20240105`, `true`, `["2024-01-05"]`, `{}`} {
		cases = append(cases, wrong{v, with("outing", `"held_on":`+v), "held_on", "应是文字；请写成"})
	}
	cases = append(cases, wrong{"null", with("outing", `"held_on":null`), "held_on", "不能是 null"})
	refuse(t, s, with("outing"), cases)
}

func TestTimes(t *testing.T) {
	s := builtIn(t)
	for text, day := range map[string]string{
		"2024-01-05T09:00:00+08:00":               "2024-01-05",
		"2024-01-05t09:00:00z":                    "2024-01-05",
		"2024-01-05T09:00:00Z":                    "2024-01-05",
		"2024-01-05T15:59:59.999999999Z":          "2024-01-05",
		"2024-01-05T16:00:00Z":                    "2024-01-06",
		"2024-01-05T15:59:60Z":                    "2024-01-05",
		"2024-01-05T23:59:60+08:00":               "2024-01-05",
		"2024-12-31T23:30:00-11:00":               "2025-01-01",
		"2024-03-01T00:30:00+14:00":               "2024-02-29",
		"2024-01-05T00:00:00+08:00":               "2024-01-05",
		"2024-01-05T00:00:00+08:01":               "2024-01-04",
		"2024-01-05T00:00:00.1234567890123-00:00": "2024-01-05",
		"1900-01-01T00:00:00+23:59":               "1899-12-31",
		"2200-12-31T23:59:60-23:59":               "2201-01-02",
	} {
		h := accept(t, s, with("briefing", fmt.Sprintf(`"recognized_at":%q`, text)))
		if got := h.Records[0].Recognised; got.Day.String() != day || got.IsZero() {
			t.Errorf("the day of %s is %v, want %s", text, got.Day, day)
		}
	}
	var cases []wrong
	for text, says := range map[string]string{
		"2024-01-05T09:00:00": "不是带时区的时间，应写成", "2024-01-05": "不是带时区的时间", "2024-01-05 09:00:00+08:00": "应写成",
		"2024-01-05T09:00+08:00": "应写成", "2024-01-05T09:00:00+0800": "应写成", "2024-01-05T09:00:00+08": "应写成",
		"2024-01-05T24:00:00Z": "应写成", "2024-01-05T09:60:00Z": "应写成", "2024-01-05T09:00:61Z": "应写成", "2024-01-05T9:00:00Z": "应写成",
		"2024-01-05T09:00:00.Z": "应写成", "2024-01-05T09:00:00,5Z": "应写成", "2024-01-05T09:00:00.5": "应写成",
		"2024-01-05T09:00:00+24:00": "应写成", "2024-01-05T09:00:00+08:60": "应写成", "2024-01-05T09:00:00 Z": "应写成", "2024-01-05T09:00:00ZZ": "应写成",
		"2024-02-30T09:00:00Z": "没有“2024-02-30”这一天", "1899-12-31T23:00:00-09:00": "年份不在 1900—2200", "2201-01-01T00:00:00+08:00": "年份不在",
		"": "“”不是带时区的时间", "now": "应写成", "20240105T090000Z00000": "应写成",
	} {
		cases = append(cases, wrong{text, with("briefing", fmt.Sprintf(`"revoked_at":%q`, text)), "revoked_at", says})
	}
	for _, field := range []string{"reported_at", "recognized_at", "revoked_at"} {
		cases = append(
			cases,
			wrong{"bad " + field, with("briefing", `"`+field+`":"2024-01-05"`), field, "应写成 2024-03-31T17:00:00+08:00 这样"},
			wrong{"null " + field, with("briefing", `"`+field+`":null`), field, "不能是 null；没有就不写这个字段"},
			wrong{"number " + field, with("briefing", `"`+field+`":1704412800`), field, "应是文字"},
		)
	}
	refuse(t, s, with("briefing"), cases)
}

func TestAmounts(t *testing.T) {
	s := builtIn(t)
	nines := strings.Repeat("9", 30)
	for in, want := range map[string]string{
		`0`: "0", `-0`: "0", `-0.00e7`: "0", `0e999999999`: "0", `0E-99999999999999999999`: "0", `1.50`: "1.5", `1e2`: "100", `1E+2`: "100",
		`100e-2`: "1", `12.5e0`: "12.5", `0.1`: "0.1", `1e29`: "1" + strings.Repeat("0", 29), `1e-30`: "0." + strings.Repeat("0", 29) + "1",
		nines + "." + nines: nines + "." + nines, `0.1e31`: "", `9007199254740993`: "9007199254740993", `1.` + strings.Repeat("0", 400): "1",
		`1000e-2`: "10", `0.000001e30`: "1" + strings.Repeat("0", 24),
	} {
		for _, raw := range []string{in, `"` + in + `"`} {
			line := with("domestic_lead", `"amount_yi":`+raw)
			if want == "" {
				if _, faults := read(t, s, line); faults.Total != 1 {
					t.Errorf("%s is taken", raw)
				}
				continue
			}
			h := accept(t, s, line)
			if got := amount(s, h); got != want {
				t.Errorf("%s is read as %s, want %s", raw, got, want)
			}
		}
	}
	for _, in := range []string{`"007.10"`, `"-0"`, `"0000` + nines + `"`, `"1e0000000002"`} { // forms that only a string can have
		accept(t, s, with("domestic_lead", `"amount_yi":`+in))
	}
	var cases []wrong
	for _, in := range []string{
		"+1", " 1", "1 ", "", "１２", "1,000", "0x10", "1_000", ".5", "5.", "1e", "e5", "1e1.5", "--1", "1e--5", "1.2.3", "NaN", "Infinity", "inf", "一百", "1亿", "1\\u0000", "½",
	} {
		cases = append(cases, wrong{in, with("domestic_lead", `"amount_yi":"`+in+`"`), "amount_yi", "不是数，应写成 12.5 这样的半角数字"})
	}
	for _, in := range []string{
		`1e309`, `1e999999999`, `1e-999999999`, `1e99999999999999999999`, `"1e-99999999999999999999"`, `1e30`, `1e-31`, nines + "9", "0." + nines + "9", `"` + nines + `9e5"`,
		`0.` + strings.Repeat("0", 30) + `1`, `1` + strings.Repeat("0", 30), strings.Repeat("9", 100000),
	} {
		cases = append(cases, wrong{"long " + qiaomen.Clip(in), with("domestic_lead", `"amount_yi":`+in), "amount_yi", "各不超过30位"})
	}
	for _, in := range []string{`-1`, `"-0.0001"`, `-1e-30`} {
		cases = append(cases, wrong{in, with("domestic_lead", `"amount_yi":`+in), "amount_yi", "小于0；应不小于0"})
	}
	for _, in := range []string{`NaN`, `Infinity`, `-`, `+1`, `.5`, `01`, `1.`, `1e`, `0x10`, `１`} {
		cases = append(cases, wrong{"bare " + in, with("domestic_lead", `"amount_yi":`+in), map[bool]string{true: "amount_yi"}[in[0] != '0'], "JSON写法不对"})
	}
	for _, in := range []string{`true`, `false`, `[]`, `{}`, `[1]`} {
		cases = append(cases, wrong{in, with("domestic_lead", `"amount_yi":`+in), "amount_yi", "应是数；请写成 12.5"})
	}
	cases = append(cases, wrong{"null", with("domestic_lead", `"amount_yi":null`), "amount_yi", "不能是 null"})
	refuse(t, s, with("domestic_lead"), cases)
}

func amount(s *scheme.Scheme, h *heap) string {
	for i, f := range s.Kinds[h.Records[0].Kind].Fields {
		if f.ID == "amount_yi" {
			return f.Scale.Show(h.Records[0].Values[i].Number).String()
		}
	}
	return ""
}

func TestOtherTypes(t *testing.T) {
	refuse(t, builtIn(t), with("briefing"), []wrong{
		{"flag as text", with("signed_project", `"original_checked":"true"`), "original_checked", "应是 true 或 false"},
		{"flag as number", with("signed_project", `"original_checked":1`), "original_checked", "应是 true 或 false"},
		{"null flag", with("signed_project", `"original_checked":null`), "original_checked", "不能是 null"},
		{"text as number", with("briefing", `"media":5`), "media", "应是文字"},
		{"text as list", with("briefing", `"media":["甲"]`), "media", "应是文字"},
		{"null text", with("briefing", `"media":null`), "media", "不能是 null"},
		{"null name", with("briefing", `"name":null`), "name", "不能是 null"},
		{"name as flag", with("briefing", `"name":true`), "name", "应是文字"},
		{"record as number", with("signed_project", `"from_lead":7`), "from_lead", "应是文字"},
		{"list as text", with("reserve_project", `"target_companies":"甲、乙"`), "target_companies", `应是文字的列表；请写成 ["…", "…"]`},
		{"list of numbers", with("reserve_project", `"target_companies":["甲",1]`), "target_companies", "应是文字的列表"},
		{"list with null", with("reserve_project", `"target_companies":[null]`), "target_companies", "应是文字的列表"},
		{"list in a list", with("reserve_project", `"target_companies":[["甲"]]`), "target_companies", "应是文字的列表"},
		{"null list", with("reserve_project", `"target_companies":null`), "target_companies", "不能是 null"},
		{"list as object", with("reserve_project", `"target_companies":{"a":"b"}`), "target_companies", "应是文字的列表"},
		{"unknown option", strings.Replace(with("outing"), "onsite", "Onsite", 1), "form", "没有“Onsite”这一项（onsite、online、door_visit、no_meeting）"},
		{"option with spaces", strings.Replace(with("outing"), "onsite", " onsite", 1), "form", "没有“ onsite”这一项"},
		{"blank option", with("domestic_lead", `"pursued_by":""`), "pursued_by", "没有“”这一项（main_leader、city_leader）"},
		{"null option", with("domestic_lead", `"pursued_by":null`), "pursued_by", "不能是 null"},
		{"option as number", with("domestic_lead", `"pursued_by":1`), "pursued_by", "应是文字"},
		{"unknown evidence", with("outing", `"evidence":["report","video"]`), "evidence", "没有“video”这种佐证材料（report、contract、photo）"},
		{"evidence as text", with("outing", `"evidence":"report"`), "evidence", "应是文字的列表"},
		{"evidence of numbers", with("outing", `"evidence":[1]`), "evidence", "应是文字的列表"},
		{"null evidence", with("outing", `"evidence":null`), "evidence", "不能是 null"},
		{"no form", strings.Replace(with("outing"), `"form":"onsite",`, "", 1), "form", "缺少“方式”；请补上"},
		{"null form", strings.Replace(with("outing"), `"onsite"`, "null", 1), "form", "不能是 null"},
		{"no start type", strings.Replace(with("project_start"), `"start_type":"new",`, "", 1), "start_type", "缺少“类别”；请补上"},
		{"unknown start type", strings.Replace(with("project_start"), "new", "续建", 1), "start_type", "（new、resumed）"},
	})
	s := builtIn(t)
	for _, line := range []string{ // open lists take any text, lists and texts may be empty
		with("briefing", `"media":""`), with("reserve_project", `"target_companies":[]`, `"leading_industry":"冰雪"`),
		with("outing", `"evidence":[]`), with("signed_project", `"from_lead":"nowhere"`),
	} {
		accept(t, s, line)
	}
}

func TestFigures(t *testing.T) {
	funds, result := with("funds"), with("provincial_result")
	refuse(t, builtIn(t), funds, []wrong{
		{"recognised", with("funds", `"recognized_at":"2024-01-20T00:00:00Z"`), "recognized_at", "没有“recognized_at”这个字段，可用："},
		{"revoked", with("funds", `"revoked_at":"2024-01-20T00:00:00Z"`), "revoked_at", "没有“revoked_at”这个字段"},
		{"reported", with("funds", `"reported_at":"2024-01-20T00:00:00Z"`), "reported_at", "没有“reported_at”这个字段"},
		{"named", with("funds", `"name":"甲"`), "name", "没有“name”这个字段"},
		{"result recognised", with("provincial_result", `"recognized_at":"2024-01-20T00:00:00Z"`), "recognized_at", "没有“recognized_at”这个字段"},
		{"result revoked", with("provincial_result", `"revoked_at":"2024-01-20T00:00:00Z"`), "revoked_at", "没有“revoked_at”这个字段"},
		{"result with a quarter", with("provincial_result", `"quarter":"2024Q1"`), "quarter", "没有“quarter”这个字段"},
		{"no quarter", strings.Replace(funds, `"quarter":"2024Q1",`, "", 1), "quarter", "缺少所属期；请补上"},
		{"another quarter", strings.Replace(funds, "2024Q1", "2023Q4", 1), "quarter", "不在方案要的各期之内（2023Q1、2024Q1）"},
		{"quarter in small letters", strings.Replace(funds, "2024Q1", "2024q1", 1), "quarter", "（2023Q1、2024Q1）"},
		{"quarter as number", with("funds", `"quarter":2024`), "quarter", "应是文字"},
		{"null quarter", with("funds", `"quarter":null`), "quarter", "不能是 null"},
		{"no amount", strings.Replace(funds, `"amount_wan":1,`, "", 1), "amount_wan", "缺少“到位资金”；请补上"},
		{"negative amount", strings.Replace(funds, `"amount_wan":1,`, `"amount_wan":-1,`, 1), "amount_wan", "小于0"},
		{"no publication", strings.Replace(funds, `"published_on":"2024-01-20",`, "", 1), "published_on", "缺少发布日期；请补上"},
		{"publication as time", strings.Replace(funds, "2024-01-20", "2024-01-20T00:00:00Z", 1), "published_on", "不是日期"},
		{"null publication", strings.Replace(funds, `"2024-01-20"`, "null", 1), "published_on", "不能是 null"},
		{"rate on 2023Q1", with("funds", `"quarter":"2023Q1"`, `"rate_percent":1`), "rate_percent", "“2023Q1”这一期没有“到位资金增幅”；请删去"},
		{"rate before its quarter", with("funds", `"rate_percent":1`, `"quarter":"2023Q1"`), "rate_percent", "这一期没有"},
		{"rate without a quarter", `{"kind":"funds","id":"x","unit":"jixian","amount_wan":1,"published_on":"2024-01-20","rate_percent":1}`, "quarter", "缺少所属期"},
		{"rate with its sign", with("funds", `"rate_percent":"15.5%"`), "rate_percent", "不是数"},
		{"null rate", with("funds", `"rate_percent":null`), "rate_percent", "不能是 null"},
		{"no points", strings.Replace(result, `"points":1,`, "", 1), "points", "缺少“省级考核得分”"},
		{"negative points", strings.Replace(result, `"points":1`, `"points":-1`, 1), "points", "小于0"},
		{"result without publication", strings.Replace(result, `,"published_on":"2024-01-20"`, "", 1), "published_on", "缺少发布日期"},
		{"figure without unit", strings.Replace(funds, `"unit":"jixian",`, "", 1), "unit", "缺少单位"},
	})
}

// TestManyOptions holds that a fault names some of very many options, not all.
func TestManyOptions(t *testing.T) {
	ids := make([]string, 5000)
	for i := range ids {
		ids[i] = "2024-01"
	}
	if s := some(ids); len(s) > 1000 || !strings.HasSuffix(s, "、…") {
		t.Errorf("%d bytes", len(s))
	}
	if s := some(ids[:2]); s != "2024-01、2024-01" {
		t.Error(s)
	}
}

// TestEveryFaultOfALine holds that one fault does not hide the others.
func TestEveryFaultOfALine(t *testing.T) {
	for line, fields := range map[string]string{
		`{}`:                              "id kind unit",
		`{"kind":"funds"}`:                "id unit published_on quarter amount_wan",
		`{"kind":"x","unit":"y","id":""}`: "id kind unit",
		`{"kind":"x","id":"1","unit":"jixian","recognized_at":"x","name":5,"published_on":"y"}`:                                       "kind recognized_at name published_on",
		`{"kind":"outing","id":null,"unit":null,"held_on":null,"form":null,"evidence":null,"name":null,"places":null}`:                "id unit held_on form evidence name places",
		`{"kind":"signed_project","id":"1","unit":"jixian","amount_yi":-1,"amount_yi":2,"signed_on":"x","original_checked":1,"a":{}}`: "amount_yi amount_yi signed_on original_checked a",
		`{"kind":"briefing","id":"1","unit":"nowhere","name":"\ud800","media":"` + "\xff" + `","issued_on":"x","\udc00":1}`:           "name media 整行 unit issued_on",
		"\ufeff" + `{"kind":"briefing","id":"1","unit":"nowhere"}`:                                                                    "整行 unit",
		"\ufeff  ": "整行 整行",
		`{"kind":"outing","id":"1","unit":"jixian","form":"a","evidence":["b","report","c"]}`:                                 "form evidence evidence",
		`{"kind":"funds","id":"1","unit":"jixian","quarter":"2023Q1","rate_percent":"x","amount_wan":"y","published_on":"z"}`: "rate_percent amount_wan published_on rate_percent",
	} {
		h, faults := read(t, builtIn(t), line)
		var got []string
		for _, f := range faults.First {
			got = append(got, f.At.Field)
			if f.At.Line != 1 {
				t.Errorf("%s: %v", line, f)
			}
		}
		if strings.Join(got, " ") != fields || faults.Total != len(got) || len(h.Records)+len(h.Figures) > 0 {
			t.Errorf("%s\nfaults in %q, want %q: %v", line, got, fields, faults.First)
		}
	}
}

// TestFirstHundred holds that the rest are counted.
func TestFirstHundred(t *testing.T) {
	line := `{"kind":"briefing","id":"","unit":"nowhere"}` + "\n" // two faults
	for _, n := range []int{1, 49, 50, 51, 1000} {
		_, faults := read(t, builtIn(t), strings.Repeat(line, n))
		if faults.Total != 2*n || len(faults.First) != min(2*n, Shown) {
			t.Errorf("%d lines: %d faults, %d of them kept", n, faults.Total, len(faults.First))
		}
		for i, f := range faults.First {
			if f.At.Line != i/2+1 {
				t.Fatalf("fault %d is of line %d", i+1, f.At.Line)
			}
		}
	}
}
