package qiaomen_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The rules of the house. Each looks at the whole tree and returns its complaints; TestHouse asks that there are none,
// TestHouseComplains that each rule can fail. What a reviewer says twice becomes a rule here.
var rules = map[string]func([]source) []string{
	"imports": imports, "purity": purity, "comments": packageComments, "size": size, "names": names, "docs": docs, "private": private,
}

// A source is one file of the repository; syntax is nil unless it is Go.
type source struct {
	path   string
	text   []byte
	fset   *token.FileSet
	syntax *ast.File
}

func TestHouse(t *testing.T) {
	files := tree(t)
	for name, rule := range rules {
		t.Run(name, func(t *testing.T) {
			for _, complaint := range rule(files) {
				t.Error(complaint)
			}
		})
	}
}

// tree reads every file that is tracked, or would be by `git add .`: a fault is seen before it is committed.
func tree(t *testing.T) []source {
	t.Helper()
	list, err := exec.Command("git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil && os.Getenv("CI") == "" {
		t.Skipf("not in a git work tree: %v", err)
	} else if err != nil {
		t.Fatalf("git ls-files: %v", err)
	}
	var files []source
	for name := range strings.SplitSeq(strings.TrimRight(string(list), "\x00"), "\x00") {
		if info, err := os.Lstat(name); err != nil || !info.Mode().IsRegular() {
			continue // deleted here and not committed yet, or a link
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, parse(t, name, text))
	}
	return files
}

func parse(t *testing.T, name string, text []byte) source {
	t.Helper()
	f := source{path: name, text: text, fset: token.NewFileSet()}
	if path.Ext(name) == ".go" && !strings.Contains("/"+name, "/testdata/") {
		var err error
		if f.syntax, err = parser.ParseFile(f.fset, name, text, parser.ParseComments); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func (f source) goCode() bool    { return f.syntax != nil && !strings.HasSuffix(f.path, "_test.go") }
func (f source) generated() bool { return f.syntax != nil && ast.IsGenerated(f.syntax) }

func (f source) at(n ast.Node, format string, args ...any) string {
	return fmt.Sprintf("%s: %s", f.fset.Position(n.Pos()), fmt.Sprintf(format, args...))
}

// imported gives the paths the file imports, by the name each has in it.
func (f source) imported() map[string]string {
	byName := map[string]string{}
	for _, spec := range f.syntax.Imports {
		target, _ := strconv.Unquote(spec.Path.Value)
		name := path.Base(target)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "_" || name == "." {
			name += target // several may be so named
		}
		byName[name] = target
	}
	return byName
}

// The floor plan: each room, and the rooms it may import. Data goes one way, so a change in one room is felt only
// above it, and neighbours can be read, tested and replaced alone. A room that is not here has not been thought about.
const (
	bottom = "qiaomen journal"
	middle = bottom + " scheme store blob similar records workbook gongwen"
	house  = middle + " schemes office backup web"
)

var rooms = map[string]string{
	"qiaomen": "", "journal": "",
	"schemes": "", // embedded files only
	"scheme":  bottom, "store": bottom, "blob": bottom, "similar": bottom,
	"records": bottom + " scheme", "workbook": bottom + " scheme", "gongwen": bottom + " scheme",
	"store/storetest": bottom + " store", "blob/blobtest": bottom + " blob",
	"similar/tables": "",
	"backup":         bottom + " store blob",
	"office":         middle + " schemes", "web": middle + " schemes office backup",
	"cmd": house, "bench": house, "examples": house,
}

// room names the room of a package: its folder, or its first folder for those that hold several programs.
func room(folder string) string {
	first, _, _ := strings.Cut(folder, "/")
	switch {
	case folder == ".":
		return "qiaomen"
	case first == "cmd", first == "bench", first == "examples":
		return first
	}
	return folder
}

// imports holds the floor plan. Tests are left out: they may look at anything that Go lets them.
func imports(files []source) (complaints []string) {
	for _, f := range files {
		here := room(path.Dir(f.path))
		may, known := rooms[here]
		if f.syntax != nil && !known {
			complaints = append(complaints, f.path+": the room "+here+" is not in the table of rooms")
		}
		if !f.goCode() || !known {
			continue
		}
		for _, target := range slices.Sorted(maps.Values(f.imported())) {
			there := "qiaomen"
			if rest, ok := strings.CutPrefix(target, "qiaomen/"); ok {
				there = room(rest)
			} else if target != "qiaomen" {
				continue // not ours
			}
			if there != here && !slices.Contains(strings.Fields(may), there) {
				complaints = append(complaints, fmt.Sprintf("%s: %s must not import %s", f.path, here, there))
			}
		}
	}
	return complaints
}

var (
	pure    = []string{"qiaomen", "scheme", "journal", "similar"}
	outside = strings.Fields("os net math/rand crypto/rand syscall database log embed runtime unsafe io/ioutil path/filepath")
	clock   = strings.Fields("Now Since Until Sleep After AfterFunc Tick NewTicker NewTimer Local LoadLocation")
	floats  = strings.Fields("float32 float64 complex64 complex128 Float Float32 Float64 NewFloat ParseFloat Hours Minutes Seconds")
)

// purity keeps the clock, the machine, chance and binary floats out of the rooms that decide points: a ranking must
// come out the same years later on another machine, and 0.1 must be a tenth. Durations count their hours in floats.
func purity(files []source) (complaints []string) {
	for _, f := range files {
		if !f.goCode() || !slices.Contains(pure, room(path.Dir(f.path))) {
			continue
		}
		byName := f.imported()
		for name, target := range byName {
			if name[0] == '.' {
				complaints = append(complaints, f.path+": a dot import hides where names come from: "+target)
			}
			for _, banned := range outside {
				if target == banned || strings.HasPrefix(target, banned+"/") {
					complaints = append(complaints, f.path+": a pure package must not import "+target)
				}
			}
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if n.Kind == token.FLOAT || n.Kind == token.IMAG {
					complaints = append(complaints, f.at(n, "%s is a float; write an exact amount", n.Value))
				}
			case *ast.Ident:
				if slices.Contains(floats, n.Name) {
					complaints = append(complaints, f.at(n, "%s is a float; use exact amounts", n.Name))
				}
			case *ast.SelectorExpr:
				from, ok := n.X.(*ast.Ident)
				if !ok {
					break
				}
				if byName[from.Name] == "time" && slices.Contains(clock, n.Sel.Name) {
					complaints = append(complaints, f.at(n, "time.%s reads the machine; take the time as an argument", n.Sel.Name))
				}
				if byName[from.Name] == "math" && !strings.HasPrefix(n.Sel.Name, "Max") && !strings.HasPrefix(n.Sel.Name, "Min") {
					complaints = append(complaints, f.at(n, "math.%s works on floats", n.Sel.Name))
				}
			}
			return true
		})
	}
	return complaints
}

// packageComments asks every package for its story, three lines or more: the head of a package is where a newcomer reads.
func packageComments(files []source) (complaints []string) {
	told := map[string]bool{} // by the words the comment must begin with, and the folder
	for _, f := range files {
		if !f.goCode() || f.generated() {
			continue
		}
		folder, begin := path.Dir(f.path), "Package "+f.syntax.Name.Name
		if f.syntax.Name.Name == "main" {
			begin = "Command " + path.Base(folder)
		}
		text := strings.TrimSpace(f.syntax.Doc.Text())
		key := folder + ": the package comment must begin “" + begin + "” and have three lines or more"
		told[key] = told[key] || strings.HasPrefix(strings.Join(strings.Fields(text), " "), begin+" ") && strings.Count(text, "\n") >= 2
	}
	for key, ok := range told {
		if !ok {
			complaints = append(complaints, key)
		}
	}
	return complaints
}

// size keeps a file at what one can hold in mind. Generated files are nobody's to read.
func size(files []source) (complaints []string) {
	const most = 700
	for _, f := range files {
		if lines := bytes.Count(f.text, []byte("\n")); path.Ext(f.path) == ".go" && !f.generated() && lines > most {
			complaints = append(complaints, fmt.Sprintf("%s: %d lines, at most %d", f.path, lines, most))
		}
	}
	return complaints
}

// names refuses packages that say nothing of what they hold, and internal/: the tree is the table of contents.
func names(files []source) (complaints []string) {
	empty := strings.Fields("util utils common model models service services helper helpers misc internal")
	for _, f := range files {
		if f.syntax == nil {
			continue
		}
		for _, name := range append(strings.Split(path.Dir(f.path), "/"), strings.TrimSuffix(f.syntax.Name.Name, "_test")) {
			if slices.Contains(empty, name) {
				complaints = append(complaints, f.path+": "+name+" is no name for a package")
				break
			}
		}
	}
	return complaints
}

// docs asks for a comment on everything that another package can call: what is public is a promise, so it is written.
func docs(files []source) (complaints []string) {
	for _, f := range files {
		if !f.goCode() || f.generated() || f.syntax.Name.Name == "main" {
			continue
		}
		need := func(name *ast.Ident, comments ...*ast.CommentGroup) {
			for _, c := range comments {
				if strings.TrimSpace(c.Text()) != "" {
					return
				}
			}
			if name.IsExported() {
				complaints = append(complaints, f.at(name, "%s is exported and has no comment", name.Name))
			}
		}
		for _, decl := range f.syntax.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if receiverExported(decl) {
					need(decl.Name, decl.Doc)
				}
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						need(spec.Name, decl.Doc, spec.Doc, spec.Comment)
					case *ast.ValueSpec:
						for _, name := range spec.Names {
							need(name, decl.Doc, spec.Doc, spec.Comment)
						}
					}
				}
			}
		}
	}
	return complaints
}

// receiverExported is true of functions, and of methods that another package can reach by their type's name.
func receiverExported(decl *ast.FuncDecl) bool {
	if decl.Recv == nil {
		return true
	}
	var names []string // the type's, then those of its parameters
	ast.Inspect(decl.Recv.List[0].Type, func(n ast.Node) bool {
		if name, ok := n.(*ast.Ident); ok {
			names = append(names, name.Name)
		}
		return true
	})
	return ast.IsExported(names[0])
}

var (
	// Digits within a longer number, a decimal or a digest are not a telephone; nor is a round sum of money.
	mobile  = regexp.MustCompile(`(?:^|[^0-9A-Fa-f.]|\+86)(1[3-9]\d{9})(?:[^0-9A-Fa-f]|$)`)
	machine = regexp.MustCompile(`(?:^|[^\w.~-])(/(?:home|root|tmp|Users)` + `/[A-Za-z][\w./-]*)`)
)

// private keeps people's telephone numbers and the paths of one machine out of the repository: the first is against
// the law on personal data and cannot be taken back once cloned, the second works for nobody else.
func private(files []source) (complaints []string) {
	for _, f := range files {
		if bytes.IndexByte(f.text, 0) >= 0 {
			continue // not text
		}
		number := 0
		for line := range bytes.Lines(f.text) {
			number++
			line = bytes.TrimRight(line, "\r\n")
			if m := mobile.FindSubmatch(line); m != nil && !bytes.HasSuffix(m[1], []byte("000000")) {
				complaints = append(complaints, fmt.Sprintf("%s:%d: a mobile number", f.path, number))
			}
			if m := machine.FindSubmatch(line); m != nil {
				complaints = append(complaints, fmt.Sprintf("%s:%d: a path of one machine: %s", f.path, number, m[1]))
			}
		}
	}
	return complaints
}

// TestHouseComplains feeds each rule a file that breaks it, or one that comes close and does not (want is empty).
func TestHouseComplains(t *testing.T) {
	tests := []struct{ rule, path, text, want string }{
		{"imports", "scheme/a.go", "package scheme\nimport _ \"qiaomen/records\"", "scheme must not import records"},
		{"imports", "a.go", "package qiaomen\nimport \"qiaomen/scheme\"", "qiaomen must not import scheme"},
		{"imports", "schemes/a.go", "package schemes\nimport \"qiaomen\"", "schemes must not import qiaomen"},
		{"imports", "bench/score/a.go", "package main\nimport \"qiaomen/cmd/qiaomen\"", "bench must not import cmd"},
		{"imports", "scheme/deep/a.go", "package deep", "scheme/deep is not in the table"},
		{"imports", "records/a.go", "package records\nimport (\"qiaomen\"; \"qiaomen/scheme\"; \"os\")", ""},
		{"imports", "scheme/a_test.go", "package scheme_test\nimport \"qiaomen/records\"", ""},
		{"purity", "a.go", "package qiaomen\nimport \"net/http\"", "must not import net/http"},
		{"purity", "scheme/a.go", "package scheme\nimport \"math/rand/v2\"", "must not import math/rand/v2"},
		{"purity", "scheme/a.go", "package scheme\nimport . \"time\"", "dot import"},
		{"purity", "scheme/a.go", "package scheme\nimport clock \"time\"\nvar t = clock.Now()", "time.Now reads the machine"},
		{"purity", "scheme/a.go", "package scheme\nvar x float64", "float64 is a float"},
		{"purity", "scheme/a.go", "package scheme\nvar x = 1.5", "1.5 is a float"},
		{"purity", "scheme/a.go", "package scheme\nimport \"math\"\nvar x = math.Sqrt(2)", "math.Sqrt works on floats"},
		{"purity", "scheme/a.go", "package scheme\nimport (\"io\"; \"math\"; \"time\")\nvar x = math.MaxInt64\nvar y time.Time\nvar z io.Reader", ""},
		{"purity", "cmd/qiaomen/a.go", "package main\nimport \"os\"\nvar x = 1.5", ""},
		{"comments", "scheme/a.go", "// Package scheme is short.\npackage scheme", "Package scheme"},
		{"comments", "cmd/qiaomen/a.go", "// Package main\n// is\n// long.\npackage main", "Command qiaomen"},
		{"comments", "cmd/qiaomen/a.go", "// Command qiaomen\n// is\n// long.\npackage main", ""},
		{"size", "a.go", "package qiaomen" + strings.Repeat("\n", 701), "701 lines"},
		{"size", "a.go", "// Code generated by a test. DO NOT EDIT.\n\npackage qiaomen" + strings.Repeat("\n", 701), ""},
		{"names", "scheme/utils/a.go", "package utils", "utils is no name"},
		{"names", "internal/scheme/a.go", "package scheme", "internal is no name"},
		{"names", "scheme/a.go", "package common", "common is no name"},
		{"docs", "a.go", "package qiaomen\nfunc F() {}", "F is exported"},
		{"docs", "a.go", "package qiaomen\ntype S[T any] struct{}\nfunc (s *S[T]) M() {}", "M is exported"},
		{"docs", "a.go", "package qiaomen\nconst (\n\tA = 1 // one\n\tB = 2\n)", "B is exported"},
		{"docs", "a.go", "package qiaomen\n// F is.\nfunc F() {}\nfunc (s) M() {}\ntype s struct{}\n// Letters.\nvar (A, B int)", ""},
		{"private", "a.md", "电话" + "138" + "12345678。", "a.md:1: a mobile number"},
		{"private", "a.md", "ok\n+86" + "138" + "12345678", "a.md:2: a mobile number"},
		{"private", "a.md", "15000000000 元, 0." + "13812345678, a" + "13812345678f, 2" + "13812345678", ""},
		{"private", "a.md", "see /" + "home/someone/x", "a path of one machine"},
		{"private", "a.md", "https://example.com/home/x and $HOME/tmp/x", ""},
	}
	tried := map[string]bool{}
	for _, tt := range tests {
		got := strings.Join(rules[tt.rule]([]source{parse(t, tt.path, []byte(tt.text))}), "\n")
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s of %s\n%s\ncomplains %q, want %q", tt.rule, tt.path, tt.text, got, tt.want)
		}
		tried[tt.rule] = tried[tt.rule] || tt.want != ""
	}
	for name := range rules {
		if !tried[name] {
			t.Errorf("no test sees the rule %s complain", name)
		}
	}
}
