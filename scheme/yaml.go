package scheme

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
	"qiaomen"
)

// What a scheme file may be at most. A province's campaign of 3,000 units
// needs about half a megabyte and a nesting of ten.
const (
	maxFileBytes = 4 << 20
	maxDepth     = 40
	maxFaults    = 2000
)

// A parser walks the YAML tree, section by section, and collects every fault
// with its place; it never stops at the first.
type parser struct {
	file   string
	beside func(name string) string
	text   string // the source's own text without white space; may be empty
	s      *Scheme
	faults Faults
	seen   map[[2]int]bool // places that have an error already

	collectors []map[int]bool   // choices that what is being parsed depends on
	lines      map[string]*node // score lines by group.line, for `like`
	units      map[string]*Unit
	cited      []*Clause       // clauses of a scheme that lists none
	owing      []*node         // the phases, for what they owe
	used       map[string]bool // names referred to, for “没有用到”
	scoring    *Group          // whose score is being read
	tooMany    bool            // a limit is passed; reading on would be endless
}

func (p *parser) report(sev Severity, n *node, format string, args ...any) {
	at := qiaomen.Place{File: p.file, Line: 1, Column: 1}
	if n != nil && n.Line > 0 {
		at.Line, at.Column = n.Line, n.Column
	}
	if sev == Error {
		if p.seen[[2]int{at.Line, at.Column}] {
			return
		}
		p.seen[[2]int{at.Line, at.Column}] = true
	}
	if len(p.faults) < maxFaults {
		p.faults = append(p.faults, Fault{sev, at, fmt.Sprintf(format, args...)})
	}
}

func (p *parser) errorf(n *node, format string, args ...any) {
	p.report(Error, n, format, args...)
}

// load reads the file into a tree, refusing what the format does not have:
// several documents, anchors, aliases, tags, and sizes no scheme needs.
func (p *parser) load(data []byte) *node {
	if len(data) > maxFileBytes {
		p.errorf(nil, "方案文件有%d字节，超过%d MiB；一个方案不需要这么大", len(data), maxFileBytes>>20)
		return nil
	}
	limits := loaderlimits.New(loaderlimits.DepthValue(maxDepth))
	loader, err := yaml.NewLoader(bytes.NewReader(data), yaml.WithPlugin(limits))
	if err != nil {
		p.errorf(nil, "%v", err)
		return nil
	}
	var doc, second yaml.Node
	if err := loader.Load(&doc); err != nil {
		p.syntax(err)
		return nil
	}
	if err := loader.Load(&second); err == nil {
		p.errorf(&second, "文件里有第二个文档（---），一个方案文件只写一个方案")
		return nil
	} else if !errors.Is(err, io.EOF) {
		p.syntax(err)
		return nil
	}
	root := &doc
	if root.Kind == yaml.DocumentNode && len(root.Content) == 1 {
		root = root.Content[0]
	}
	if root.Kind != yaml.MappingNode {
		p.errorf(root, "方案文件应是“词: 值”的表，这里不是")
		return nil
	}
	if !p.plain(root) {
		return nil
	}
	return root
}

var yamlMessages = []struct{ has, say string }{
	{"exceeded max depth", fmt.Sprintf("括号或缩进套得太深，超过%d层", maxDepth)},
	{"did not find expected ',' or ']'", "方括号没有配对，缺少“,”或“]”"},
	{"did not find expected ',' or '}'", "花括号没有配对，缺少“,”或“}”"},
	{"mapping values are not allowed", "这里不能再写“词: 值”；文字里有冒号时请加引号"},
	{"cannot start any token", "这个字符不能开头；缩进请用空格，不用制表符，特殊字符请加引号"},
	{"invalid Unicode character escape", "转义写出的不是字符（孤立的代理项）"},
	{"UTF-8", "不是UTF-8文字；请另存为UTF-8"},
	{"UTF-16", "不是UTF-8文字；请另存为UTF-8"},
	{"already defined", "这个词写了两次"},
	{"unknown anchor", "不得用锚点、引用和合并键"},
	{"did not find expected key", "缩进不对，或者少了“词:”"},
	{"could not find expected ':'", "少了冒号"},
	{"block sequence entries are not allowed", "这里不能写“- ”列表项"},
	{"control characters", "有不可见的控制字符"},
	{"unexpected end of stream", "引号没有配对"},
}

func (p *parser) syntax(err error) {
	at := &yaml.Node{Line: 1, Column: 1}
	text := err.Error()
	var le *yaml.LoadError
	if errors.As(err, &le) {
		text = le.Message
		if le.Mark.Line > 0 {
			at.Line, at.Column = le.Mark.Line, max(le.Mark.Column, 1)
		} else if le.ContextMark.Line > 0 {
			at.Line, at.Column = le.ContextMark.Line, max(le.ContextMark.Column, 1)
		}
	}
	for _, m := range yamlMessages {
		if strings.Contains(err.Error(), m.has) {
			p.errorf(at, "%s", m.say)
			return
		}
	}
	p.errorf(at, "YAML写法不对：%s", qiaomen.Clip(text))
}

// plain refuses anchors, aliases, merge keys and explicit tags everywhere.
func (p *parser) plain(n *node) bool {
	ok := true
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		p.errorf(n, "不得用锚点（&）、引用（*）和合并键（<<），请把内容写全")
		return false
	}
	if n.Style&yaml.TaggedStyle != 0 {
		p.errorf(n, "不得写标签（!）")
		return false
	}
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && c.Value == "<<" {
			p.errorf(c, "不得用锚点（&）、引用（*）和合并键（<<），请把内容写全")
			ok = false
		}
		ok = p.plain(c) && ok
	}
	return ok
}

// An object is a mapping whose words are known. Its clause is its own `cite`
// or what surrounds it cites.
type object struct {
	p    *parser
	node *node
	keys []*node
	at   map[string]*node
	key  map[string]*node
	cite *Clause
}

// object reads a mapping that may hold the given words and no others; `cite`
// and `quote` are understood everywhere.
func (p *parser) object(n *node, cite *Clause, words ...string) object {
	o := p.mapping(n, cite, "")
	for _, k := range o.keys {
		if k.Value != "cite" && k.Value != "quote" && !slices.Contains(words, k.Value) {
			p.errorf(k, "不认识“%s”%s", qiaomen.Clip(k.Value), suggest(k.Value, words))
		}
	}
	if c, ok := o.at["cite"]; ok {
		o.cite = p.clause(c)
	}
	if q, ok := o.at["quote"]; ok {
		p.quote(q)
	}
	return o
}

// table reads a mapping whose keys are names of the campaign's own: ids.
func (p *parser) table(n *node, cite *Clause, what string) object {
	o := p.mapping(n, cite, what)
	for _, k := range o.keys {
		if !idPattern.MatchString(k.Value) {
			p.errorf(k, "%s的代号“%s”应由小写字母、数字、下划线和连字符组成，字母或数字开头", what, qiaomen.Clip(k.Value))
		}
	}
	return o
}

var idPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

func (p *parser) mapping(n *node, cite *Clause, what string) object {
	o := object{p: p, node: n, at: map[string]*node{}, key: map[string]*node{}, cite: cite}
	if n == nil {
		return o
	}
	if n.Kind != yaml.MappingNode {
		p.errorf(n, "这里应写一个表：{词: 值, …}")
		return o
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode {
			p.errorf(k, "词应是文字")
			continue
		}
		if first, twice := o.key[k.Value]; twice {
			p.errorf(k, "“%s”写了两次，第%d行已经有了", qiaomen.Clip(k.Value), first.Line)
			continue
		}
		o.keys = append(o.keys, k)
		o.key[k.Value], o.at[k.Value] = k, v
	}
	return o
}

// has tells whether the word is there.
func (o object) has(word string) bool { _, ok := o.at[word]; return ok }

// need is the value of a word that must be there.
func (o object) need(word string) *node {
	n, ok := o.at[word]
	if !ok && o.node != nil && o.node.Kind == yaml.MappingNode {
		o.p.errorf(o.node, "缺少“%s”", word)
	}
	return n
}

// str is the text of an optional word.
func (o object) str(word string) string {
	if n, ok := o.at[word]; ok {
		return o.p.str(n)
	}
	return ""
}

// name is the text of a word that must be there.
func (o object) name(word string) string {
	if n := o.need(word); n != nil {
		return o.p.str(n)
	}
	return ""
}

// flag is true or false, false where the word is absent.
func (o object) flag(word string) bool {
	n, ok := o.at[word]
	if !ok {
		return false
	}
	return o.p.flag(n)
}

// one is one of the given words, the first where it is absent.
func (o object) one(word string, of ...string) string {
	n, ok := o.at[word]
	if !ok {
		return of[0]
	}
	return o.p.one(n, of...)
}

func (p *parser) one(n *node, of ...string) string {
	if n.Kind != yaml.ScalarNode || !slices.Contains(of, n.Value) {
		p.errorf(n, "“%s”不行，应是%s之一", qiaomen.Clip(n.Value), quoteAll(of))
		return of[0]
	}
	return n.Value
}

func (p *parser) flag(n *node) bool {
	if n.Kind != yaml.ScalarNode || n.Value != "true" && n.Value != "false" {
		p.errorf(n, "应是 true 或 false")
		return false
	}
	return n.Value == "true"
}

// str is a text that is not blank.
func (p *parser) str(n *node) string {
	if n.Kind != yaml.ScalarNode || strings.TrimSpace(n.Value) == "" || n.ShortTag() == "!!null" {
		p.errorf(n, "这里应写文字，不能空着")
		return ""
	}
	return n.Value
}

// list is the items of a sequence.
func (p *parser) list(n *node) []*node {
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		p.errorf(n, "这里应写一个列表：[…]")
		return nil
	}
	return n.Content
}

// items is the items of a sequence, or the one value that stands there.
func (p *parser) items(n *node) []*node {
	if n != nil && n.Kind == yaml.SequenceNode {
		return n.Content
	}
	if n == nil {
		return nil
	}
	return []*node{n}
}

func (p *parser) strs(n *node) []string {
	var out []string
	for _, c := range p.items(n) {
		out = append(out, p.str(c))
	}
	return out
}

func quoteAll(words []string) string {
	if len(words) > 20 {
		words = append(slices.Clone(words[:20]), "…")
	}
	return "“" + strings.Join(words, "”“") + "”"
}

// suggest is “，可用：…” with the most alike first.
func suggest(wrong string, words []string) string {
	if len(words) == 0 {
		return ""
	}
	if len(wrong) > 64 {
		wrong = wrong[:64]
	}
	sorted := slices.Clone(words)
	slices.SortStableFunc(sorted, func(a, b string) int { return distance(wrong, a) - distance(wrong, b) })
	if len(sorted) > 8 {
		sorted = append(sorted[:8:8], "…")
	}
	return "，可用：" + strings.Join(sorted, "、")
}

// distance is the number of single-character edits between two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost = 1 + min(diagonal, row[j], row[j-1])
			}
			diagonal, row[j] = row[j], cost
		}
	}
	return row[len(b)]
}

// collect runs f and returns the choices that what it parsed depends on, in
// the order of the scheme.
func (p *parser) collect(f func()) []int {
	set := map[int]bool{}
	p.collectors = append(p.collectors, set)
	f()
	p.collectors = p.collectors[:len(p.collectors)-1]
	var out []int
	for i := range p.s.Choices {
		if set[i] {
			out = append(out, i)
		}
	}
	return out
}

func (p *parser) dependsOn(choices ...int) {
	for _, set := range p.collectors {
		for _, c := range choices {
			set[c] = true
		}
	}
}
