package scheme

import (
	"bytes"
	"cmp"
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
	maxFaults    = 2000 // of each severity
	maxEntries   = 5000 // of one table or list
)

// A parser walks the YAML tree, section by section, and collects every fault
// with its place; it never stops at the first.
type parser struct {
	file   string
	beside func(name string) string
	text   string // the source's own text without white space; may be empty
	s      *Scheme
	faults Faults
	seen   map[spot]bool
	found  [3]int // by severity: warnings must not crowd out an error

	collectors []map[int]bool   // choices that what is being parsed depends on
	lines      map[string]*node // score lines by group.line, for `like`
	units      map[string]*Unit
	unread     map[*Measure]*node // measures whose turn has not come
	cited      []*Clause          // clauses of a scheme that lists none
	owing      []*node            // the phases, for what they owe
	used       map[string]bool    // names referred to, for “没有用到”
	scoring    *Group             // whose score is being read
	tooMany    bool               // a limit is passed; reading on would be endless
}

// A spot is where an error has been reported, and for a missing word which:
// one wrong thing is told once, but a table may lack several words.
type spot struct {
	line, column int
	missing      string
}

func (p *parser) report(sev Severity, n *node, format string, args ...any) {
	p.add(sev, n, "", format, args...)
}

// missing reports a word that the table should have.
func (p *parser) missing(n *node, word string) {
	p.add(Error, n, word, "缺少“%s”", word)
}

func (p *parser) add(sev Severity, n *node, missing, format string, args ...any) {
	at := qiaomen.Place{File: p.file, Line: 1, Column: 1}
	if n != nil && n.Line > 0 {
		at.Line, at.Column = n.Line, n.Column
	}
	if sev == Error {
		here := spot{at.Line, at.Column, missing}
		if p.seen[here] {
			return
		}
		p.seen[here] = true
	}
	if p.found[sev]++; p.found[sev] <= maxFaults {
		p.faults = append(p.faults, Fault{sev, at, fmt.Sprintf(format, args...)})
	}
}

// full tells that a further error would not be kept.
func (p *parser) full() bool { return p.found[Error] >= maxFaults }

func (p *parser) errorf(n *node, format string, args ...any) {
	p.report(Error, n, format, args...)
}

// load reads the file into a tree, refusing what the format does not have:
// several documents, anchors, aliases, tags, and sizes no scheme needs.
func (p *parser) load(data []byte) *node {
	if len(data) > maxFileBytes {
		p.errorf(nil, "方案文件超过%d MiB；一个方案不需要这么大", maxFileBytes>>20)
		return nil
	}
	if !p.legible(data) {
		return nil
	}
	limits := loaderlimits.New(loaderlimits.DepthValue(maxDepth))
	loader, err := yaml.NewLoader(bytes.NewReader(data), yaml.WithPlugin(limits))
	if err != nil {
		p.errorf(nil, "%v", err)
		return nil
	}
	var doc, second yaml.Node
	if err := loader.Load(&doc); errors.Is(err, io.EOF) {
		p.errorf(nil, "方案文件是空的")
		return nil
	} else if err != nil {
		p.syntax(err, data)
		return nil
	}
	if err := loader.Load(&second); err == nil {
		p.errorf(&second, "文件里有第二个文档（---），一个方案文件只写一个方案")
		return nil
	} else if !errors.Is(err, io.EOF) {
		p.syntax(err, data)
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

// plain refuses anchors, aliases, merge keys, explicit tags and hidden
// characters, which an escape may have brought in, everywhere.
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
	if strings.ContainsFunc(n.Value, hidden) {
		p.errorf(n, "有不可见的控制字符，请删去")
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
		if p.full() {
			break // an endless file of wrong words, each with its advice
		}
		if k.Value != "cite" && k.Value != "quote" && !slices.Contains(words, k.Value) {
			p.errorf(k, "不认识“%s”%s", qiaomen.Clip(k.Value), qiaomen.Suggest(k.Value, words))
		}
	}
	if c, ok := o.at["cite"]; ok {
		o.cite = p.clause(c)
	}
	if q, ok := o.at["quote"]; ok {
		p.quote(q)
		if o.cite != nil && !slices.Contains(o.cite.Quotes, q.Value) {
			o.cite.Quotes = append(o.cite.Quotes, q.Value)
		}
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
		if i == 2*maxEntries {
			p.errorf(n.Content[i], "%s超过%d个", cmp.Or(what, "词"), maxEntries)
			p.tooMany = true
			break
		}
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

// only is the position of the one verb that the object has, −1 where it has
// none; what is named after is in its message.
func (o object) only(what string, verbs []string) int {
	found := -1
	for _, key := range o.keys {
		i := slices.Index(verbs, key.Value)
		switch {
		case i < 0:
		case found >= 0:
			o.p.errorf(key, "一个%s只能有一种算法，“%s”之外又写了“%s”", what, verbs[found], key.Value)
		default:
			found = i
		}
	}
	if found < 0 {
		o.p.errorf(o.node, "%s缺少算法，可用：%s", what, strings.Join(verbs, "、"))
	}
	return found
}

// has tells whether the word is there.
func (o object) has(word string) bool { _, ok := o.at[word]; return ok }

// need is the value of a word that must be there.
func (o object) need(word string) *node {
	n, ok := o.at[word]
	if !ok && o.node != nil && o.node.Kind == yaml.MappingNode {
		o.p.missing(o.node, word)
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

// str is a text that is not blank, on one line.
func (p *parser) str(n *node) string {
	if n.Kind != yaml.ScalarNode || strings.TrimSpace(n.Value) == "" || n.ShortTag() == "!!null" {
		p.errorf(n, "这里应写文字，不能空着")
		return ""
	}
	return strings.Join(strings.FieldsFunc(n.Value, func(r rune) bool { return r == '\n' || r == '\r' || r == '\t' }), " ")
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
	return p.items(n)
}

// items is the items of a sequence, or the one value that stands there.
func (p *parser) items(n *node) []*node {
	switch {
	case n == nil:
		return nil
	case n.Kind != yaml.SequenceNode:
		return []*node{n}
	case len(n.Content) > maxEntries:
		p.errorf(n, "一个列表最多%d项", maxEntries)
		return nil
	}
	return n.Content
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
