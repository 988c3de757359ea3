package scheme

import (
	"fmt"
	"strings"
	"testing"
)

// TestNoYAML holds the messages and places of files that are no YAML, or not
// the YAML that scheme files are written in.
func TestNoYAML(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "f:1:1: 错误: 方案文件是空的",
		"\n\n# 甲\n":                 "f:1:1: 错误: 方案文件是空的",
		"\ufeff":                    "f:1:1: 错误: 方案文件是空的",
		"甲":                         "f:1:1: 错误: 方案文件应是“词: 值”的表",
		"a: 甲\n甲: \xff":             "f:2:4: 错误: 不是UTF-8文字",
		"\ufeffa: \xff":             "f:1:4: 错误: 不是UTF-8文字",
		"a: 甲\x00":                  "f:1:5: 错误: 有不可见的控制字符（U+0000）",
		"a: b\rc: d":                "f:1:5: 错误: 有不可见的控制字符（U+000D）",
		"a: b\u2028c: d":            "f:1:5: 错误: 有不可见的控制字符（U+2028）",
		"a: b\u0085c: d":            "f:1:5: 错误: 有不可见的控制字符（U+0085）",
		"a: [甲":                     "f:1:6: 错误: 方括号没有配对",
		"a: {b: 甲":                  "f:1:9: 错误: 花括号没有配对",
		"a: [[[[":                   "f:1:8: 错误: 括号里少了内容",
		"b: 1\na: \"甲\nc: d\n":      "f:2:4: 错误: 引号没有配对",
		"b: 1\na：甲\nc: d\n":         "f:2:2: 错误: 这里的冒号或空格是全角的",
		"a:\n  b: 1\n　c: 1\n  d: 1": "f:3:1: 错误: 这里的冒号或空格是全角的",
		"a:\n\tb: c":                "f:2:1: 错误: 这个字符不能开头；缩进请用空格，不用制表符",
		"a: b: c":                   "f:1:5: 错误: 这里不能再写“词: 值”",
		"a: @b":                     "f:1:4: 错误: 这个字符不能开头",
		"a: \"\\q\"":                "f:1:5: 错误: 引号里的“\\”后面不能是这个字符",
		"a: \"\\ud800\"":            "f:1:7: 错误: 转义写出的不是字符",
		"a: *甲":                     "f:1:5: 错误: 不得用锚点",
		"a: &\n":                    "f:1:5: 错误: 不得用锚点",
		"%YAML 9.9\n---\na: b":      "f:1:1: 错误: 不得写“%”开头的指令",
		"a: b\n---\nc: d":           "f:2:1: 错误: 文件里有第二个文档",
		"a: b\n... x":               "f:2:5: 错误: ",
		strings.Repeat("[", 200000): "f:1:41: 错误: 括号或缩进套得太深，超过40层",
	} {
		s, faults := Parse("f", []byte(text), nil)
		if s != nil || len(faults) != 1 || !strings.HasPrefix(faults[0].String(), want) {
			t.Errorf("%.40q: %v\nwant %s", text, faults, want)
			continue
		}
		said := faults[0].Text
		if strings.Contains(said, "did not") || strings.Contains(said, "while") || strings.Contains(said, "found") {
			t.Errorf("%q is not for a person: %s", text, said)
		}
		inside(t, []byte(text), faults[0])
	}
}

// TestEveryMissingWord holds that a table tells all the words it lacks.
func TestEveryMissingWord(t *testing.T) {
	_, faults := Parse("f", []byte("vocabulary: 1"), nil)
	for _, word := range []string{"scheme", "name", "source", "windows", "groups", "measures", "scores", "ranking", "rounding"} {
		if !strings.Contains(fmt.Sprint(faults), "缺少“"+word+"”") {
			t.Errorf("nothing is said of %s: %v", word, faults)
		}
	}
}

// TestWarningsHideNoError holds that an error counts even after more warnings
// than are kept.
func TestWarningsHideNoError(t *testing.T) {
	var quotes strings.Builder
	for i := range maxFaults + 10 {
		fmt.Fprintf(&quotes, "  w%d: {name: 甲, from: 2024-01-01, to: 2024-01-02, quote: 原文没有的第%d句}\n", i, i)
	}
	text := strings.Replace(tiny, "windows:\n", "windows:\n"+quotes.String(), 1)
	text = strings.Replace(text, "floor: 0", "flor: 0", 1)
	s, faults := Parse("f", []byte(text), func(string) string { return "全市签约项目7个" })
	if s != nil || len(faults.Errors()) != 1 {
		t.Errorf("%d faults, errors %v", len(faults), faults.Errors())
	}
}

// TestManyWrongWords holds that advice is not given without end.
func TestManyWrongWords(t *testing.T) {
	var words strings.Builder
	for i := range maxEntries {
		fmt.Fprintf(&words, "k%d: x\n", i)
	}
	if _, faults := Parse("f", []byte(words.String()), nil); len(faults) != maxFaults {
		t.Errorf("%d faults", len(faults))
	}
}

// TestTooManyUnits holds that a scheme of a hundred thousand units is one
// fault, at the first unit that is too many.
func TestTooManyUnits(t *testing.T) {
	var units strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&units, "      u%d: {name: 甲}\n", i)
	}
	text := strings.Replace(tiny, "    units:\n", "    units:\n"+units.String(), 1)
	s, faults := Parse("f", []byte(text), nil)
	if s != nil || len(faults) != 1 || !strings.Contains(faults[0].Text, "单位超过5000个") || faults[0].At.Line != 5014 {
		t.Errorf("%d faults, the first %v", len(faults), faults[0])
	}
}
