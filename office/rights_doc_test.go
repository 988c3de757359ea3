package office_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"qiaomen"
)

// rightsPage is docs/rights.md by sections: heading to its table's rows, each a
// list of cells, without the head.
func rightsPage(t *testing.T) map[string][][]string {
	t.Helper()
	text, err := os.ReadFile("../docs/rights.md")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][][]string{}
	heading, rows := "", 0
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "## "); ok {
			heading, rows = name, 0
		}
		if !strings.HasPrefix(line, "|") {
			continue
		}
		if rows++; rows <= 2 { // the head, and the line under it
			continue
		}
		var cells []string
		for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
			cells = append(cells, strings.TrimSpace(cell))
		}
		out[heading] = append(out[heading], cells)
	}
	return out
}

// TestRightsMatrix: the page's matrix is the program's, cell by cell.
func TestRightsMatrix(t *testing.T) {
	table := rightsPage(t)["The matrix"]
	if len(table) != len(qiaomen.Actions()) {
		t.Fatalf("the page has %d actions, the program %d", len(table), len(qiaomen.Actions()))
	}
	for i, a := range qiaomen.Actions() {
		want := []string{fmt.Sprint(i + 1), "`" + a.String() + "`", a.Chinese()}
		for _, r := range qiaomen.Roles {
			want = append(want, a.Mark(r))
		}
		if !slices.Equal(table[i], want) {
			t.Errorf("the page has\n%v, the program\n%v", table[i], want)
		}
	}
}

// mark is a cell as the page writes it.
func mark(c qiaomen.Cell) string {
	out := ""
	if c.Own {
		out = "O"
	}
	var halves []string
	if c.Propose {
		halves = append(halves, "1")
	}
	if c.Approve {
		halves = append(halves, "2")
	}
	switch {
	case !c.May:
		return "-"
	case c.View:
		return "R"
	case len(halves) == 0 && !c.Own:
		return "Y"
	}
	return out + strings.Join(halves, "+")
}

// TestRightsProfiles: the page names every cell in which a profile departs from
// the matrix, and no other.
func TestRightsProfiles(t *testing.T) {
	var want [][]string
	for _, a := range qiaomen.Actions() {
		for _, r := range qiaomen.Roles {
			small, three := mark(qiaomen.SmallOffice.May(r, a)), mark(qiaomen.ThreePowers.May(r, a))
			if small != a.Mark(r) || three != a.Mark(r) {
				want = append(want, []string{"`" + a.String() + "`", r.Chinese(), a.Mark(r), small, three})
			}
		}
	}
	got := rightsPage(t)["Profiles"]
	for i := range max(len(want), len(got)) {
		switch {
		case i >= len(want):
			t.Errorf("the page has too much: %v", got[i])
		case i >= len(got) || !slices.Equal(got[i][:min(5, len(got[i]))], want[i]):
			t.Errorf("the page has\n%v, the program\n%v", slices.Concat(got[min(i, len(got)):min(i+1, len(got))]...), want[i])
		}
	}
}

// TestRightsSeparations: there are twenty-four, and each place where one is
// said to be held is there.
func TestRightsSeparations(t *testing.T) {
	table := rightsPage(t)["The separations of duty"]
	if len(table) != 24 {
		t.Fatalf("%d separations", len(table))
	}
	declared := declarations(t, "..", ".", "../store")
	name := regexp.MustCompile("`([A-Za-z.]+)`")
	for i, row := range table {
		if row[0] != fmt.Sprint(i+1) {
			t.Errorf("row %d has number %s", i+1, row[0])
		}
		all := name.FindAllStringSubmatch(row[2], -1)
		if len(all) == 0 {
			t.Errorf("separation %d is held nowhere", i+1)
		}
		for _, m := range all {
			if !declared[m[1]] {
				t.Errorf("separation %d: there is no %s", i+1, m[1])
			}
		}
	}
}

// declarations is every name declared at the top of a file of the folders; of
// methods and fields also with their type in front, as Proposal.Lacks.
func declarations(t *testing.T, folders ...string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			declare(f, out)
		}
	}
	return out
}

func declare(f *ast.File, out map[string]bool) {
	for _, decl := range f.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			name := decl.Name.Name
			out[name] = true
			if decl.Recv != nil {
				ast.Inspect(decl.Recv.List[0].Type, func(n ast.Node) bool {
					if id, ok := n.(*ast.Ident); ok {
						out[id.Name+"."+name] = true
					}
					return true
				})
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.ValueSpec:
					for _, n := range spec.Names {
						out[n.Name] = true
					}
				case *ast.TypeSpec:
					out[spec.Name.Name] = true
					if s, ok := spec.Type.(*ast.StructType); ok {
						for _, field := range s.Fields.List {
							for _, n := range field.Names {
								out[spec.Name.Name+"."+n.Name] = true
							}
						}
					}
				}
			}
		}
	}
}
