package scheme

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"qiaomen"
)

// legible refuses bytes that are no text before YAML sees them: it would not
// say where they stand. It also refuses what YAML, but no editor, takes for
// the end of a line, so that lines are counted as people count them.
func (p *parser) legible(data []byte) bool {
	if r, size := utf8.DecodeRune(data); r == '\ufeff' {
		data = data[size:]
	}
	line, column := 1, 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		at := &node{Line: line, Column: column}
		crlf := r == '\r' && len(data) > 1 && data[1] == '\n'
		switch {
		case r == utf8.RuneError && size == 1:
			p.errorf(at, "不是UTF-8文字；请另存为UTF-8")
			return false
		case r == '\n':
			line, column = line+1, 0
		case r != '\r' && hidden(r), r == '\r' && !crlf, r == '\ufeff', r == '\ufffe', r == '\uffff':
			p.errorf(at, "有不可见的控制字符（U+%04X），请删去", r)
			return false
		}
		data, column = data[size:], column+1
	}
	return true
}

// hidden tells a character that a text must not hold: it would move the cursor
// of a terminal, or turn the text around.
func hidden(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' ||
		r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// What YAML says, and what to say instead. Where begins is set, the place to
// show is where the unfinished thing begins, not where the file ends.
var yamlMessages = []struct {
	has, say string
	begins   bool
}{
	{"exceeded max depth", fmt.Sprintf("括号或缩进套得太深，超过%d层", maxDepth), false},
	{"did not find expected ',' or ']'", "方括号没有配对，缺少“,”或“]”", false},
	{"did not find expected ',' or '}'", "花括号没有配对，缺少“,”或“}”", false},
	{"did not find expected node content", "括号里少了内容，或者括号没有配对", false},
	{"mapping values are not allowed", "这里不能再写“词: 值”；文字里有冒号时请加引号，缩进请用半角空格", false},
	{"mapping keys are not allowed", "这里不能写“? 词”", false},
	{"cannot start any token", "这个字符不能开头；缩进请用空格，不用制表符，特殊字符请加引号", false},
	{"tab", "缩进请用空格，不用制表符", false},
	{"invalid Unicode character escape", "转义写出的不是字符（孤立的代理项）", false},
	{"did not find expected hexadecimal number", "“\\x”“\\u”后面应是十六进制数", false},
	{"unknown escape character", "引号里的“\\”后面不能是这个字符；要写“\\”本身请写两个，或改用单引号", false},
	{"unknown anchor", "不得用锚点、引用和合并键", false},
	{"anchor", "不得用锚点（&）、引用（*）和合并键（<<），请把内容写全；文字以“&”“*”开头时请加引号", false},
	{"alias", "不得用锚点（&）、引用（*）和合并键（<<），请把内容写全；文字以“&”“*”开头时请加引号", false},
	{"tag", "不得写标签（!）；文字以“!”开头时请加引号", false},
	{"directive", "不得写“%”开头的指令；文字以“%”开头时请加引号", false},
	{"YAML document", "不得写“%”开头的指令", false},
	{"did not find expected key", "缩进不对，或者少了“词:”", false},
	{"did not find expected '-' indicator", "缩进不对，或者少了“- ”", false},
	{"could not find expected ':'", "少了冒号，或者冒号不是半角的“: ”", true},
	{"block sequence entries are not allowed", "这里不能写“- ”列表项", false},
	{"block scalar", "“|”“>”后面只能换行", false},
	{"comment", "“#”前面要有空格；文字里有“#”时请加引号", false},
	{"<document start>", "这里不该再有内容；请检查上面的括号和缩进", false},
	{"document", "不得写文档分隔（---、...）", false},
	{"unexpected end of stream", "引号没有配对", true},
}

// syntax reports what keeps the file from being YAML.
func (p *parser) syntax(err error, data []byte) {
	le, ok := errors.AsType[*yaml.LoadError](err)
	if !ok {
		le = &yaml.LoadError{Message: err.Error()}
	}
	if at := wideMark(data, le.Mark.Line); at != nil {
		p.errorf(at, "这里的冒号或空格是全角的，请改成半角的")
		return
	}
	said := le.Message + " " + le.ContextMsg
	for _, m := range yamlMessages {
		if !strings.Contains(said, m.has) {
			continue
		}
		at := le.Mark
		if at.Line == 0 || m.begins && le.ContextMark.Line > 0 {
			at = le.ContextMark
		}
		p.errorf(within(data, at), "%s", m.say)
		return
	}
	p.errorf(within(data, le.Mark), "YAML写法不对（%s）", qiaomen.Clip(le.Message))
}

// A colon after a word, or an indentation, typed without leaving Chinese input.
var wideMarks = regexp.MustCompile(`^[ -]*(?:[\x{3000}\x{a0}]|[a-z0-9_]+：)`)

// wideMark is the place of such a mark in the line YAML stumbled over, or in
// the one before, which YAML had taken for a text that goes on.
func wideMark(data []byte, line int) *node {
	for _, n := range []int{line - 1, line} {
		if n < 1 {
			continue
		}
		if found := wideMarks.Find(nthLine(data, n)); found != nil {
			return &node{Line: n, Column: utf8.RuneCount(found)}
		}
	}
	return nil
}

// within is the place, or the end of the file where that comes before it.
func within(data []byte, at yaml.Mark) *node {
	last := bytes.Count(data, []byte{'\n'}) + 1
	if at.Line > last || at.Line == last && len(nthLine(data, last)) == 0 {
		end := bytes.TrimRight(data, " \r\n")
		last = bytes.Count(end, []byte{'\n'}) + 1
		return &node{Line: last, Column: utf8.RuneCount(nthLine(end, last)) + 1}
	}
	return &node{Line: at.Line, Column: max(at.Column, 1)}
}
