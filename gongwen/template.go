package gongwen

import (
	_ "embed"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"unicode/utf8"

	"qiaomen"
)

// DefaultTemplate is the text of the notice as it ships, for an office to
// start its own from.
//
//go:embed notice.tmpl
var DefaultTemplate string

// A Template is an office's own sentences, with the name that faults give it.
type Template struct{ Name, Text string }

// A words is what a template may ask for, by Chinese names.
type words = map[string]any

var functions = template.FuncMap{
	"顿号": func(list []string) string { return strings.Join(list, "、") },
	"分号": func(list []string) string { return strings.Join(list, "；") },
}

const mostText = 4 << 20

// A bounded gathers what a template writes, up to a size.
type bounded struct{ strings.Builder }

var errTooMuch = errors.New("too much text")

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > mostText {
		return 0, errTooMuch
	}
	return b.Builder.Write(p)
}

// fill runs the template over the words and reads the lines that come out.
func fill(t Template, w words, tables map[string]*Table, names []string) (*Document, []*qiaomen.Problem) {
	r := &reader{file: t.Name, doc: &Document{}, tables: tables, names: names, given: map[string]bool{}}
	text := strings.ReplaceAll(strings.TrimPrefix(t.Text, "\ufeff"), "\r\n", "\n")
	if !utf8.ValidString(text) {
		r.fault("请用记事本打开，另存为 UTF-8 编码", "模板不是 UTF-8 编码的文本")
		return nil, r.faults
	}
	text = strings.NewReplacer("\ue000", "", "\ue001", "").Replace(text)
	parsed, err := template.New("t").Option("missingkey=error").Funcs(functions).Parse(withMarks(text))
	var out bounded
	if err == nil {
		err = parsed.Execute(&out, w)
	}
	if err != nil {
		r.templateFault(err, w)
		return nil, r.faults
	}
	if r.read(out.String()); r.faults != nil {
		return nil, r.faults
	}
	return r.doc, nil
}

// withMarks puts the number of the line before each line, so that what is
// wrong with the lines that come out can be told of the template's. Lines
// within an action, and those beside which blanks are trimmed, keep as they
// are: their neighbours' numbers are near enough.
func withMarks(text string) string {
	lines := strings.Split(text, "\n")
	inside := false
	for i, line := range lines {
		trims := strings.HasPrefix(strings.TrimSpace(line), "{{-") ||
			i > 0 && strings.HasSuffix(strings.TrimRight(lines[i-1], " \t"), "-}}")
		if !inside && !trims {
			lines[i] = fmt.Sprintf("\ue000%d\ue001%s", i+1, line)
		}
		if open, shut := strings.LastIndex(line, "{{"), strings.LastIndex(line, "}}"); open != shut {
			inside = open > shut
		}
	}
	return strings.Join(lines, "\n")
}

var (
	atLine  = regexp.MustCompile(`^template: t:([0-9]+):`)
	foreign = []struct {
		has *regexp.Regexp
		say string
	}{
		{regexp.MustCompile(`map has no entry for key "([^"]*)"`), "没有“%s”这一项"},
		{regexp.MustCompile(`can't evaluate field (\S+) in type`), "这里没有“%s”这一项"},
		{regexp.MustCompile(`function "([^"]*)" not defined`), "没有“%s”这个函数"},
		{regexp.MustCompile(`undefined variable "([^"]*)"`), "没有变量“%s”"},
		{regexp.MustCompile(`unexpected EOF`), "有“{{if}}”或“{{range}}”没有用“{{end}}”结束"},
		{regexp.MustCompile(`unexpected {{end}}`), "这里的“{{end}}”多余，前面没有“{{if}}”或“{{range}}”"},
		{regexp.MustCompile(`unexpected {{else}}`), "这里的“{{else}}”多余，前面没有“{{if}}”"},
		{regexp.MustCompile(`unclosed action`), "“{{”没有用“}}”结束"},
		{regexp.MustCompile(`range can't iterate over`), "“{{range}}”的这一项不是列表"},
		{regexp.MustCompile(`too much text`), "写出来的文字太多"},
		{regexp.MustCompile(`unterminated quoted string`), "引号没有成对，花括号里请用半角引号"},
	}
)

func (r *reader) templateFault(err error, w words) {
	text := err.Error()
	if m := atLine.FindStringSubmatch(text); m != nil {
		r.line, _ = strconv.Atoi(m[1])
	}
	for _, f := range foreign {
		m := f.has.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		say, suggest := f.say, ""
		if len(m) > 1 {
			say = fmt.Sprintf(f.say, qiaomen.Clip(m[1]))
			if strings.Contains(f.say, "一项") {
				var keys []string
				for k := range w {
					keys = append(keys, k)
				}
				slices.Sort(keys)
				suggest = qiaomen.Suggest(m[1], keys)
			}
		}
		r.fault("", "%s%s", say, suggest)
		return
	}
	r.fault("花括号里的写法见使用手册《通报》", "这一处花括号里的写法不对")
}
