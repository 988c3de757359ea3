package scheme

import (
	"fmt"
	"strings"
	"testing"
)

// TestHalfWritten holds that what is half written is a fault and no more: each
// of these once led the parser astray.
func TestHalfWritten(t *testing.T) {
	for _, c := range []struct{ old, with, says string }{
		{"ties: share", "ties: share, grades: {best_first: [], give: 一等}", "至少写一个等次"},
		{"ties: share", "ties: share, grades: {give: 一等}", "至少写一个等次"},
		{"measures:\n", "figures: {f: {name: 数, values: {}}}\nmeasures:\n  f: {name: 数, figure: f, cite: 二}\n", "至少要有一个数"},
		{"  signed: {name: 签约项目, count: signed, where: {amount_yi: {at_least: 1亿元}}, cite: 二}", "  signed: {by: choice.shortfall, deduct: 1}", "写成 take"},
		{"[{each: big, points: 1, at_most: 5}]", "{give: 5, per: 1}", "不用在“give”上"},
		{"[{each: big, points: 1, at_most: 5}]", "{met: nosuch, per: 1}", "没有定义指标"},
	} {
		s, faults := parseTiny(t, c.old, c.with)
		if s != nil || !strings.Contains(fmt.Sprint(faults.Errors()), c.says) {
			t.Errorf("%s: %v", c.with, faults.Errors())
		}
	}
}

// TestUnitsOfMeasure holds that a measure is in the unit it says, to its size.
func TestUnitsOfMeasure(t *testing.T) {
	const after = "measures:\n"
	for with, says := range map[string]string{
		"  x: {name: 额, in: 万元, sum: signed, value: amount_yi, cite: 二}\n":                                                     "以“万元”计，算出的是“亿元”",
		"  y: {name: 额, sum: signed, value: amount_yi, cite: 二}\n  x: {name: 增幅, growth: {now: y, before: signed}, cite: 二}\n": "不能相比",
		"  x: {name: 合计, figure: f, cite: 二}\nfigures: {f: {name: 数, in: 个, every: day, cite: 二}}\n":                           "没有列出 periods",
		"  x: {name: 个数, months: f, where: {at_least: 1}, cite: 二}\nfigures: {f: {name: 数, in: 个, every: day, cite: 二}}\n":     "没有列出 periods",
	} {
		// The pieces stand before the section's own measures or after all.
		first, rest, _ := strings.Cut(with, "figures:")
		text := strings.Replace(tiny, after, after+first, 1)
		if rest != "" {
			text += "figures:" + rest
		}
		if s, faults := Parse("t.yaml", []byte(text), nil); s != nil || !strings.Contains(fmt.Sprint(faults.Errors()), says) {
			t.Errorf("%s: %v", with, faults.Errors())
		}
	}
	// A measure may be built from later ones.
	s, faults := parseTiny(t, "measures:\n", "measures:\n  x: {name: 合计, add: [y, y], cite: 二}\n  y: {name: 额, sum: signed, value: amount_yi, cite: 二}\n")
	if s == nil || s.Measure("x").Scale.Name != "亿元" {
		t.Error(faults)
	}
	_, faults = parseTiny(t, "  - {cite: 二, columns: [signed]", "  - {cite: 二, columns: [signed], rows: {a: [1]}}\n  - {cite: 二, columns: [signed]")
	if !strings.Contains(fmt.Sprint(faults.Errors()), "目标写了两次") {
		t.Error(faults)
	}
}

// TestHiddenCharacters holds that an escape brings no control character and no
// change of direction into a name, and that a name is one line.
func TestHiddenCharacters(t *testing.T) {
	for _, c := range []string{`\e[2J`, `\u202e`, `\u2028`, `\x9b`, "\u202e", `\0`} {
		if s, faults := parseTiny(t, "{name: 甲县,", `{name: "甲`+c+`县",`); s != nil || !strings.Contains(faults[0].Text, "控制字符") {
			t.Errorf("%q: %v", c, faults)
		}
	}
	s, faults := parseTiny(t, "{name: 甲县,", `{name: "甲\n\n县",`)
	if s == nil || s.Units[0].Name != "甲 县" {
		t.Error(faults)
	}
	if f := (Fault{At: s.Choices[0].at}); strings.Contains(f.Excerpt([]byte(strings.Repeat("\n", f.At.Line-1)+"a\u202eb")), "\u202e") {
		t.Error("an excerpt turns the line around")
	}
}

// TestExhausting holds that no short file asks for endless work: each of these
// doubles, or multiplies, what there is to do.
func TestExhausting(t *testing.T) {
	grow := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.NewReplacer("$i", fmt.Sprint(i), "$j", fmt.Sprint(i+1)).Replace(format))
		}
		return b.String()
	}
	for _, c := range []struct{ old, with, says string }{
		{"    facts:\n", "    facts:\n      f0: {name: 大, when: {checked: true}}\n" + grow(40, "      f$j: {name: 大, when: {all: [{fact: f$i}, {fact: f$i}]}}\n"), "套着的条件超过1000个"},
		{"measures:\n", "measures:\n  m0: {name: 数, add: [signed, big], cite: 二}\n" + grow(40, "  m$j: {name: 积, product: [m$i, m$i], cite: 二}\n"), "套着的指标超过1000个"},
		{"measures:\n", "measures:\n" + grow(5001, "  m$i: {name: 数, count: signed, cite: 二}\n"), "指标超过5000个"},
		{"signed_on: {within: campaign}}", "signed_on: {within: campaign}, any: [" + grow(5001, "{checked: true}, ") + "]}", "一个列表最多5000项"},
		{"monthly: 25, from: 2024-01, to: 2024-06", "monthly: 25, from: 1900-01, to: 2200-12", "超过120个月"},
		{"rest: [2024-02-10..2024-02-17]", "rest: [2024-01-01..2024-12-31, 2025-01-01..2025-12-31, 2026-01-01..2026-12-31]", "节假日表超过1000天"},
	} {
		s, faults := parseTiny(t, c.old, c.with)
		if s != nil || !strings.Contains(fmt.Sprint(faults.Errors()), c.says) {
			t.Errorf("%.60s: %v", c.with, faults.Errors())
		}
	}
	// Many units by themselves are right, and many measures; both are too much.
	text := strings.Replace(tiny, "      b: {", grow(4990, "      u$i: {name: 丙, level: county}\n")+"      b: {", 1)
	text = strings.Replace(text, "deduct: [{missing", "no_target: skip\n        deduct: [{missing", 1)
	if s, faults := Parse("t.yaml", []byte(text), nil); s == nil {
		t.Error(faults.Errors())
	}
	text = strings.Replace(text, "measures:\n", "measures:\n"+grow(500, "  m$i: {name: 数, add: [signed, big], cite: 二}\n"), 1)
	if s, faults := Parse("t.yaml", []byte(text), nil); s != nil || !strings.Contains(fmt.Sprint(faults.Errors()), "方案太大") {
		t.Error(faults.Errors())
	}
}
