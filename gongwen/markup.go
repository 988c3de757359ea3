package gongwen

import (
	"fmt"
	"regexp"
	"strings"

	"qiaomen"
)

// The mark-up is lines: what a line is, its beginning says. Anything else is
// a paragraph of the body; blank lines and lines that begin with // are
// nothing. docs/manual/notice.md teaches it.
var fields = []struct {
	word string
	of   func(*Document) *string
}{
	{"发文机关标志", func(d *Document) *string { return &d.Mark }},
	{"发文字号", func(d *Document) *string { return &d.Number }},
	{"主送", func(d *Document) *string { return &d.To }},
	{"署名", func(d *Document) *string { return &d.Issuer }},
	{"成文日期", func(d *Document) *string { return &d.Date }},
	{"抄送", func(d *Document) *string { return &d.CopyTo }},
	{"印发机关", func(d *Document) *string { return &d.PrintedBy }},
	{"印发日期", func(d *Document) *string { return &d.PrintedOn }},
}

// marked takes out of a line the mark that says where in the template it
// comes from.
var marked = regexp.MustCompile("\ue000([0-9]+)\ue001")

// A reader turns lines of mark-up into a document.
type reader struct {
	file   string
	line   int // in the template
	doc    *Document
	tables map[string]*Table
	names  []string // of the tables, in order
	given  map[string]bool
	faults []*qiaomen.Problem
	level  int // of the last heading
}

func (r *reader) fault(fix, format string, args ...any) {
	r.faults = append(r.faults, &qiaomen.Problem{
		Text: fmt.Sprintf(format, args...), Fix: fix, At: qiaomen.Place{File: r.file, Line: r.line},
	})
}

func (r *reader) read(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		line = marked.ReplaceAllStringFunc(line, func(m string) string {
			fmt.Sscanf(m, "\ue000%d\ue001", &r.line)
			return ""
		})
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
			r.take(line)
		}
	}
	r.line = 0
	for _, need := range []struct{ what, fix string }{
		{"标题", "请写一行“# 关于……的通报”"}, {"署名", "请写一行“署名：……”"}, {"成文日期", "请写一行“成文日期：……”"},
	} {
		if !r.given[need.what] {
			r.fault(need.fix, "没有%s", need.what)
		}
	}
	if len(r.doc.Body) == 0 {
		r.fault("", "没有正文")
	}
	for _, a := range r.doc.Annexes {
		if len(a.Blocks) == 0 {
			r.fault("请在“附件：”一行的下面写内容", "附件“%s”是空的", qiaomen.Clip(a.Title))
		}
	}
}

func (r *reader) once(what string) {
	if r.given[what] {
		r.fault("只留一处", "又写了一次“%s”", what)
	}
	r.given[what] = true
}

func (r *reader) take(line string) {
	if strings.HasPrefix(line, "#") {
		r.heading(line)
		return
	}
	word, rest, ok := cutColon(line)
	if !ok {
		r.add(Block{Text: line})
		return
	}
	for _, f := range fields {
		if f.word == word {
			r.once(word)
			*f.of(r.doc) = rest
			return
		}
	}
	switch word {
	case "印章":
		r.once(word)
		if r.doc.Unsealed = rest == "无"; rest != "有" && rest != "无" {
			r.fault("写“印章：有”或“印章：无”", "“印章”不能是“%s”", qiaomen.Clip(rest))
		}
	case "附件", "横排附件":
		if rest == "" {
			r.fault("写成“附件：某某表”", "附件没有名称")
		}
		r.level = 0
		r.doc.Annexes = append(r.doc.Annexes, Annex{Title: strings.TrimRight(rest, "。；，"), Landscape: word == "横排附件"})
	case "注":
		r.add(Block{Kind: Note, Text: "注：" + rest})
	case "表":
		t := r.tables[rest]
		if t == nil {
			r.fault("", "没有“%s”这张表%s", qiaomen.Clip(rest), qiaomen.Suggest(rest, r.names))
			return
		}
		r.add(Block{Kind: Tabular, Table: t})
	default:
		r.add(Block{Text: line})
	}
}

// cutColon cuts “word：rest” where the word is one of ours; either colon will
// do.
func cutColon(line string) (word, rest string, ok bool) {
	at := strings.IndexAny(line, "：:")
	if at < 0 {
		return "", "", false
	}
	word = strings.TrimSpace(line[:at])
	for _, colon := range []string{"：", ":"} {
		if after, found := strings.CutPrefix(line[at:], colon); found {
			return word, strings.TrimSpace(after), true
		}
	}
	return "", "", false
}

var numbered = regexp.MustCompile(`^([一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|[0-9]+[.．、])\s*`)

func (r *reader) heading(line string) {
	text := strings.TrimLeft(line, "#")
	level := len(line) - len(text)
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		r.fault("", "“%s”后面没有文字", line)
	case level == 1:
		r.once("标题")
		r.doc.Title = text
	case level > 4:
		r.fault("最多写到“####”", "标题分得太细")
	case level-1 > r.level+1:
		r.fault(fmt.Sprintf("上一级写作“%s”", strings.Repeat("#", level-1)), "“%s”越过了上一级标题", qiaomen.Clip(line))
	default:
		r.level = level - 1
		r.add(Block{Kind: Heading1 + Kind(level-2), Text: numbered.ReplaceAllString(text, "")})
	}
}

// add puts a block at the end of the annex begun last, or of the body.
func (r *reader) add(b Block) {
	n := len(r.doc.Annexes)
	if n == 0 {
		r.doc.Body = append(r.doc.Body, b)
		return
	}
	a := &r.doc.Annexes[n-1]
	if b.Table != nil && len(b.Table.Columns) >= wide {
		a.Landscape = true
	}
	a.Blocks = append(a.Blocks, b)
}
