package scheme

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzParse parses anything at all: faults have a place inside the file and
// do not change from one time to the next, and a scheme without errors can be
// read back, scored without records and explained.
func FuzzParse(f *testing.F) {
	f.Add([]byte(tiny))
	whole, err := filepath.Glob("../schemes/testdata/*/scheme.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range append(whole, "../schemes/shuangyashan-winter-2023/scheme.yaml") {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		for _, section := range cutSections(string(data)) { // each alone is short enough to be changed often
			f.Add([]byte(section))
		}
	}
	for _, s := range []string{"", "\ufeffname: 甲", "a: &b c\nd: *b", "<<: {a: b}", "a: !!str b", "---\na: b\n---\nc: d", "\t", "[[[[", "{? {a: b} : c}", "a: \"\\ud800\"", "a: b\r\nc: d\r\n", "\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 100_000 {
			return
		}
		s, faults := Parse("f.yaml", data, nil)
		again, faultsAgain := Parse("f.yaml", data, nil)
		if !reflect.DeepEqual(faults, faultsAgain) || (s == nil) != (again == nil) {
			t.Fatalf("the second parsing differs:\n%v\n%v", faults, faultsAgain)
		}
		if (s == nil) != (len(faults.Errors()) > 0) {
			t.Fatalf("scheme %v with errors %v", s != nil, faults.Errors())
		}
		for _, x := range faults {
			inside(t, data, x)
		}
		if s == nil {
			return
		}
		s.Read()
		view := View{}
		if len(s.Rounds) > 0 {
			view.Round = s.Rounds[0]
		}
		r := s.NewTally(view).Score(s.DefaultReadings())
		r.JSON()
		for _, g := range r.Groups {
			for _, u := range g.Units {
				r.Explain(u, nil)
			}
		}
	})
}

// cutSections is the file's sections, each with what names the scheme.
func cutSections(text string) []string {
	parts := strings.Split(text, "\n\n")
	for i := 1; i < len(parts); i++ {
		parts[i] = "vocabulary: 1\nscheme: a\nname: 甲\n" + parts[i]
	}
	return parts
}

func inside(t *testing.T, data []byte, f Fault) {
	t.Helper()
	at := f.At
	lines := strings.Split(string(data), "\n")
	if at.Line < 1 || at.Line > len(lines) {
		t.Fatalf("%v: the file has %d lines", f, len(lines))
	}
	if n := utf8.RuneCountInString(lines[at.Line-1]); at.Column < 1 || at.Column > n+1 {
		t.Fatalf("%v: the line has %d characters", f, n)
	}
	if f.Text == "" || !utf8.ValidString(f.Text) || strings.ContainsAny(f.Text, "\n\r\x00") {
		t.Fatalf("message %q", f.Text)
	}
	excerpt := f.Excerpt(data)
	if !utf8.ValidString(excerpt) || strings.Count(excerpt, "\n") != 2 {
		t.Fatalf("excerpt %q", excerpt)
	}
}
