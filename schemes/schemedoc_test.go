package schemes_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
	"qiaomen/scheme"
)

// docs/scheme.md is the reference of the scheme language: every example on it
// is parsed, every sentence is what the program prints, and every word that
// the parser takes is named.

const schemePage = "../docs/scheme.md"

var docBlock = regexp.MustCompile("(?s)```(yaml|text)\n(.*?)```")

// TestSchemePageExamples parses the small complete scheme of the page, and
// every other example put into it. UPDATE_DOCS=1 writes the sentences.
func TestSchemePageExamples(t *testing.T) {
	page, err := os.ReadFile(schemePage)
	if err != nil {
		t.Fatal(err)
	}
	var small, current yaml.Node
	var smallReads, reads []string
	examples := 0
	updated := docBlock.ReplaceAllFunc(page, func(block []byte) []byte {
		m := docBlock.FindSubmatch(block)
		if string(m[1]) == "text" {
			var fresh []string
			for _, sentence := range reads {
				if examples == 1 || !slices.Contains(smallReads, sentence) {
					fresh = append(fresh, sentence)
				}
			}
			return []byte("```text\n" + strings.Join(fresh, "\n") + "\n```")
		}
		examples++
		current = yaml.Node{}
		if err := yaml.Unmarshal(m[2], &current); err != nil {
			t.Fatalf("%v in\n%s", err, m[2])
		}
		if examples == 1 {
			small = current
		} else {
			current = *merged(&small, &current)
		}
		text, err := yaml.Marshal(&current)
		if err != nil {
			t.Fatal(err)
		}
		s, faults := scheme.Parse("example", text, nil)
		for _, f := range faults {
			if f.Severity == scheme.Error || f.Severity == scheme.Warning && !strings.HasPrefix(f.Text, "原文自相矛盾") {
				t.Errorf("%v in\n%s", f, m[2])
			}
		}
		reads = nil
		if s != nil {
			for _, p := range s.Read() {
				reads = append(reads, p.Sentences...)
			}
		}
		if examples == 1 {
			smallReads = reads
		}
		return block
	})
	if examples < 10 {
		t.Errorf("only %d examples found", examples)
	}
	if bytes.Equal(updated, page) {
		return
	}
	if os.Getenv("UPDATE_DOCS") != "" {
		if err := os.WriteFile(schemePage, updated, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Error("docs/scheme.md prints other sentences than the program; run with UPDATE_DOCS=1 and read the difference")
}

// TestSchemePageRecord reads the record of the page against its small scheme.
func TestSchemePageRecord(t *testing.T) {
	page, err := os.ReadFile(schemePage)
	if err != nil {
		t.Fatal(err)
	}
	small := docBlock.FindSubmatch(page)
	record := docExample.FindSubmatch(page)
	if small == nil || record == nil {
		t.Fatal("the page has no small scheme or no record")
	}
	s, faults := scheme.Parse("example", small[2], nil)
	if s == nil {
		t.Fatal(faults)
	}
	r := tally(t, s, record[1], scheme.View{}).Score(s.DefaultReadings())
	if got, _ := valueOf(r, unitResult(t, r, "jia"), "measure:projects"); got != "1" {
		t.Errorf("the record of the page counts %s times", got)
	}
}

// merged is a with b put into it: maps into maps, lists after lists, else b
// in place of a.
func merged(a, b *yaml.Node) *yaml.Node {
	switch {
	case a.Kind != b.Kind:
		return b
	case a.Kind == yaml.SequenceNode:
		return &yaml.Node{Kind: a.Kind, Content: slices.Concat(a.Content, b.Content)}
	case a.Kind == yaml.DocumentNode:
		return &yaml.Node{Kind: a.Kind, Content: []*yaml.Node{merged(a.Content[0], b.Content[0])}}
	case a.Kind != yaml.MappingNode:
		return b
	}
	out := &yaml.Node{Kind: a.Kind, Content: slices.Clone(a.Content)}
next:
	for i := 0; i+1 < len(b.Content); i += 2 {
		for j := 0; j+1 < len(out.Content); j += 2 {
			if out.Content[j].Value == b.Content[i].Value {
				out.Content[j+1] = merged(out.Content[j+1], b.Content[i+1])
				continue next
			}
		}
		out.Content = append(out.Content, b.Content[i], b.Content[i+1])
	}
	return out
}

// TestSchemePageNamesEveryWord asks that the page names, in code, every word
// that the parser takes.
func TestSchemePageNamesEveryWord(t *testing.T) {
	page, err := os.ReadFile(schemePage)
	if err != nil {
		t.Fatal(err)
	}
	prose := docBlock.ReplaceAll(page, nil)
	named := map[string]bool{}
	for _, span := range regexp.MustCompile("`[^`\n]+`").FindAll(prose, -1) {
		for _, word := range regexp.MustCompile(`[a-z][a-z0-9_]*`).FindAllString(string(span), -1) {
			named[word] = true
		}
	}
	words := parserWords(t)
	if len(words) < 200 {
		t.Errorf("only %d words found in the parser", len(words))
	}
	for _, w := range words {
		if !named[w] {
			t.Errorf("docs/scheme.md does not name the word %s", w)
		}
	}
}

// parserWords is the words in the parser's calls and lists of words.
func parserWords(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../scheme/*.go")
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]bool{}
	word := regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	add := func(n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if w, err := strconv.Unquote(lit.Value); err == nil && word.MatchString(w) {
					set[w] = true
				}
			}
			return true
		})
	}
	lists := []string{"sections", "verbWords", "termWords", "lineWords", "fieldTypes", "settingOptions", "reservedFields"}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				fun, ok := n.Fun.(*ast.SelectorExpr)
				if !ok || !slices.Contains([]string{"object", "one", "need", "flag", "name"}, fun.Sel.Name) {
					break
				}
				if x, ok := fun.X.(*ast.Ident); ok && x.Name == "w" {
					break // writes results
				}
				add(n)
			case *ast.ValueSpec:
				filler, _ := n.Type.(*ast.Ident)
				if slices.Contains(lists, n.Names[0].Name) || filler != nil && (filler.Name == "Filler" || filler.Name == "Need") {
					add(n)
				}
			}
			return true
		})
	}
	var out []string
	for w := range set {
		out = append(out, w)
	}
	slices.Sort(out)
	return out
}
