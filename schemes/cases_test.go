package schemes_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"qiaomen"
	"qiaomen/scheme"
)

// A case is a small book and what a scheme must make of it, in a txtar file:
// a comment that says what is proved and which kinds of rule (B7), then
//
//	args           as-of=, cutoff=, round=, and readings as key=option
//	records.jsonl  the book
//	want           unit key=value …: rank, total, grade, a line's score, measure:ID,
//	               block:ID, failed:ID, pending:LINE, named:LIST; - is none
//	says           unit line: the sentence that explains it
//	reads          sentences in which the scheme reads itself back
//
// Cases of a scheme that ships stand in its folder cases/, those of the
// schemes under testdata/ beside them.
type aCase struct {
	name   string
	file   *txtar.Archive
	scheme string // path of the scheme file
}

func cases(t testing.TB) []aCase {
	t.Helper()
	var out []aCase
	for _, pattern := range []string{"*/cases/*.txtar", "testdata/*/*.txtar"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			folder := strings.TrimSuffix(filepath.Dir(path), string(filepath.Separator)+"cases")
			out = append(out, aCase{filepath.ToSlash(strings.TrimSuffix(path, ".txtar")), a, filepath.Join(folder, "scheme.yaml")})
		}
	}
	if len(out) == 0 {
		t.Fatal("no cases")
	}
	return out
}

func (c *aCase) part(name string) string {
	for _, f := range c.file.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

// parseFile parses a scheme file, with the files beside it.
func parseFile(t testing.TB, path string) (*scheme.Scheme, scheme.Faults) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, faults := scheme.Parse(path, data, func(name string) string {
		text, _ := os.ReadFile(filepath.Join(filepath.Dir(path), name))
		return string(text)
	})
	if s == nil {
		t.Fatal(faults.Errors())
	}
	return s, faults
}

func TestCases(t *testing.T) {
	for _, c := range cases(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, f := range c.file.Files {
				if !slices.Contains([]string{"args", "records.jsonl", "want", "says", "reads"}, f.Name) {
					t.Errorf("a case has no part %q", f.Name)
				}
			}
			s, _ := parseFile(t, c.scheme)
			view, readings := c.args(t, s)
			result := tally(t, s, []byte(c.part("records.jsonl")), view).Score(readings)
			if c.part("want") == "" && c.part("reads") == "" {
				t.Error("the case proves nothing")
			}
			for line := range strings.Lines(c.part("want")) {
				c.want(t, result, strings.Fields(line))
			}
			for line := range strings.Lines(c.part("says")) {
				c.says(t, result, strings.TrimSpace(line))
			}
			c.reads(t, s)
		})
	}
}

func (c *aCase) args(t *testing.T, s *scheme.Scheme) (scheme.View, scheme.Readings) {
	t.Helper()
	view, readings := scheme.View{}, s.DefaultReadings()
	for _, arg := range strings.Fields(c.part("args")) {
		key, value, _ := strings.Cut(arg, "=")
		switch key {
		case "as-of":
			view.AsOf = day(t, value)
		case "cutoff":
			view.Cutoff = day(t, value)
		case "round":
			for _, r := range s.Rounds {
				if r.ID == value {
					view.Round = r
				}
			}
			if view.Round == nil {
				t.Fatalf("no round %q", value)
			}
		default:
			if err := s.Choose(readings, key, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	return view, readings
}

func unitResult(t *testing.T, r *scheme.Result, id string) *scheme.UnitResult {
	t.Helper()
	for _, g := range r.Groups {
		for _, u := range g.Units {
			if u.Unit.ID == id {
				return u
			}
		}
	}
	t.Fatalf("no unit %q", id)
	return nil
}

func lineResult(u *scheme.UnitResult, id string) *scheme.LineResult {
	for _, l := range u.Lines {
		if l.Line.ID == id {
			return l
		}
	}
	return nil
}

func (c *aCase) want(t *testing.T, r *scheme.Result, fields []string) {
	t.Helper()
	if len(fields) == 0 {
		return
	}
	u := unitResult(t, r, fields[0])
	for _, f := range fields[1:] {
		key, want, ok := strings.Cut(f, "=")
		if !ok {
			t.Fatalf("%q is not key=value", f)
		}
		got, known := valueOf(r, u, key)
		if !known {
			t.Errorf("%s: the result has no %q", fields[0], key)
		} else if got != want {
			t.Errorf("%s: %s is %s, want %s", fields[0], key, got, want)
		}
	}
}

// valueOf is one thing about a unit, by the key that a case gives it.
func valueOf(r *scheme.Result, u *scheme.UnitResult, key string) (got string, known bool) {
	orNone := func(s string) (string, bool) {
		if s == "" {
			s = "-"
		}
		return s, true
	}
	number := func(n qiaomen.Number) string {
		if n.Ends() {
			return n.String()
		}
		return n.Fraction()
	}
	what, id, special := strings.Cut(key, ":")
	switch {
	case key == "rank" && u.Place == 0:
		return "-", true
	case key == "rank":
		return qiaomen.Int(int64(u.Place)).String(), true
	case key == "total":
		return number(u.Total), true
	case key == "grade":
		return orNone(u.Grade)
	case what == "named":
		for i, l := range r.Scheme.Naming {
			if l.ID == id {
				return map[bool]string{true: "true", false: "false"}[u.Named[i]], true
			}
		}
	case what == "block" || what == "failed":
		for _, b := range u.Blocks {
			if b.Block.ID == id && what == "block" {
				return number(b.Score), true
			} else if b.Block.ID == id {
				return map[bool]string{true: "true", false: "false"}[b.Failed], true
			}
		}
	case what == "measure":
		shown := slices.Clone(u.Shown)
		for _, l := range u.Lines {
			shown = append(shown, l.Measures...)
		}
		for _, m := range shown {
			if m.Measure.ID == id {
				return m.Text(), true
			}
		}
	case what == "pending":
		if l := lineResult(u, id); l != nil {
			return orNone(l.Pending)
		}
	case !special:
		if l := lineResult(u, key); l != nil && !l.Scored {
			return "-", true
		} else if l != nil {
			return number(l.Score), true
		}
	}
	return "", false
}

func (c *aCase) says(t *testing.T, r *scheme.Result, text string) {
	t.Helper()
	head, want, ok := strings.Cut(text, ": ")
	unit, line, two := strings.Cut(head, " ")
	if !ok || !two {
		t.Fatalf("%q is not “unit line: sentence”", text)
	}
	l := lineResult(unitResult(t, r, unit), line)
	if l == nil {
		t.Fatalf("%s has no line %q", unit, line)
	}
	if got := l.Sentence(r.Scheme); got != want {
		t.Errorf("%s says\n%s\nwant\n%s", head, got, want)
	}
}

func (c *aCase) reads(t *testing.T, s *scheme.Scheme) {
	t.Helper()
	var all []string
	for _, p := range s.Read() {
		all = append(all, p.Sentences...)
	}
	for line := range strings.Lines(c.part("reads")) {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(all, line) {
			t.Errorf("the scheme does not read\n%s\nbut\n%s", line, strings.Join(all, "\n"))
		}
	}
}

// TestSchemesAreClean asks of the schemes that show how it is done that the
// checker has nothing against them, advice aside.
func TestSchemesAreClean(t *testing.T) {
	files, err := filepath.Glob("testdata/*/scheme.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		s, faults := parseFile(t, path)
		for _, f := range faults {
			if f.Severity != scheme.Note {
				t.Error(f)
			}
		}
		if folder := filepath.Base(filepath.Dir(path)); s.ID != folder {
			t.Errorf("%s: the scheme is called %s", path, s.ID)
		}
	}
}

// ruleKinds is the kinds of rule found in published schemes, by their
// numbers: A1 to A8 and so on.
func ruleKinds() []string {
	var out []string
	for _, x := range []struct {
		letter string
		most   int
	}{{"A", 8}, {"B", 8}, {"C", 7}, {"D", 4}, {"E", 6}, {"F", 4}, {"G", 8}, {"H", 2}} {
		for i := range x.most {
			out = append(out, x.letter+string(rune('1'+i)))
		}
	}
	return out
}

var ruleKind = regexp.MustCompile(`\b[A-H][1-8]\b`)

// TestEveryRuleKind asks that every kind of rule is proved by a case that
// names it, or left out in docs/scheme.md with a reason, and that the cases
// the page names exist.
func TestEveryRuleKind(t *testing.T) {
	page, err := os.ReadFile("../docs/scheme.md")
	if err != nil {
		t.Fatal(err)
	}
	_, leftOut, _ := strings.Cut(string(page), "\n## What is left out\n")
	leftOut, _, _ = strings.Cut(leftOut, "\n## ")
	proved := map[string][]string{}
	for _, c := range cases(t) {
		for _, id := range ruleKind.FindAllString(string(c.file.Comment), -1) {
			proved[id] = append(proved[id], c.name)
		}
	}
	for _, id := range ruleKinds() {
		row := regexp.MustCompile(`(?m)^\| ` + id + ` \|.*$`)
		if proved[id] == nil && !row.MatchString(leftOut) {
			t.Errorf("%s is neither proved by a case nor left out with a reason", id)
		}
		line := row.FindString(string(page))
		if line == "" {
			t.Errorf("docs/scheme.md does not say how %s is written", id)
		}
		for _, name := range regexp.MustCompile("`([a-z0-9-]+/[a-z0-9-]+)`").FindAllStringSubmatch(line, -1) {
			if !slices.ContainsFunc(proved[id], func(c string) bool {
				return strings.ReplaceAll(strings.TrimPrefix(c, "testdata/"), "/cases/", "/") == name[1]
			}) {
				t.Errorf("docs/scheme.md: case %s does not prove %s; %v do", name[1], id, proved[id])
			}
		}
	}
}
