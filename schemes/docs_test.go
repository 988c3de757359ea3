package schemes_test

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/scheme"
)

// docs/records.md is the reference by which other bureaus write their
// scripts: it must name what the built-in scheme declares, and nothing else.

var (
	docSection = regexp.MustCompile("(?m)^### `([a-z_]+)` (.+)$")
	docRow     = regexp.MustCompile("(?m)^\\| `([a-z0-9_]+)` \\| ([^|]+) \\| ([^|]*)\\|")
	docExample = regexp.MustCompile("(?s)```json\n(.+?)```")
)

// A docKind is what the page says of one kind or figure.
type docKind struct {
	name  string
	names map[string]string // Chinese name, by field
	holds map[string]string // what the field holds, by field
}

func recordsDoc(t *testing.T) (string, map[string]docKind) {
	t.Helper()
	data, err := os.ReadFile("../docs/records.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	kinds := map[string]docKind{}
	heads := docSection.FindAllStringSubmatchIndex(page, -1)
	for i, h := range heads {
		end := len(page)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		body, _, _ := strings.Cut(page[h[1]:end], "\n## ")
		k := docKind{page[h[4]:h[5]], map[string]string{}, map[string]string{}}
		for _, row := range docRow.FindAllStringSubmatch(body, -1) {
			k.names[row[1]], k.holds[row[1]] = row[2], row[3]
		}
		kinds[page[h[2]:h[3]]] = k
	}
	return page, kinds
}

// TestRecordsPageNamesEveryField compares the tables of docs/records.md with
// the built-in scheme, both ways.
func TestRecordsPageNamesEveryField(t *testing.T) {
	s := load(t, "shuangyashan-winter-2023")
	_, page := recordsDoc(t)
	compare := func(id, name string, fields []*scheme.Field, more map[string]string) {
		k, ok := page[id]
		if !ok {
			t.Errorf("docs/records.md has no section for %s", id)
			return
		}
		delete(page, id)
		if k.name != name {
			t.Errorf("docs/records.md calls %s %s, the scheme %s", id, k.name, name)
		}
		for _, f := range fields {
			if k.names[f.ID] != f.Name {
				t.Errorf("docs/records.md has %q for %s.%s, the scheme %q", k.names[f.ID], id, f.ID, f.Name)
			}
			for _, o := range f.Options {
				if f.List != nil && f.List.Open {
					break
				}
				if !strings.Contains(k.holds[f.ID], "`"+o.ID+"` "+o.Name) {
					t.Errorf("docs/records.md does not name the option %s of %s.%s", o.ID, id, f.ID)
				}
			}
			delete(k.names, f.ID)
		}
		for field, name := range more {
			if k.names[field] != name {
				t.Errorf("docs/records.md has %q for %s.%s, want %q", k.names[field], id, field, name)
			}
			delete(k.names, field)
		}
		for field := range k.names {
			t.Errorf("docs/records.md names %s.%s, which the scheme does not have", id, field)
		}
	}
	for _, k := range s.Kinds {
		more := map[string]string{}
		if len(k.Evidence) > 0 {
			more["evidence"] = "佐证材料"
			for _, e := range k.Evidence {
				if !strings.Contains(page[k.ID].holds["evidence"], "`"+e.ID+"` "+e.Name) {
					t.Errorf("docs/records.md does not name the evidence %s of %s", e.ID, k.ID)
				}
			}
		}
		compare(k.ID, k.Name, k.Fields, more)
	}
	periods := map[string]string{"day": "日期", "month": "月份", "quarter": "季度", "half": "半年", "year": "年份", "round": "轮次"}
	for _, f := range s.Figures {
		more := map[string]string{"published_on": "发布日期"}
		if f.Every != "" {
			more[f.Every] = periods[f.Every]
			for _, p := range f.Periods {
				if !strings.Contains(page[f.ID].holds[f.Every], "`"+p+"`") {
					t.Errorf("docs/records.md does not name the period %s of %s", p, f.ID)
				}
			}
		}
		compare(f.ID, f.Name, f.Fields, more)
	}
	for id := range page {
		t.Errorf("docs/records.md has a section for %s, which the scheme does not have", id)
	}
}

// A lineCounter counts what it is given, by kind.
type lineCounter struct {
	s     *scheme.Scheme
	kinds []string
}

func (c *lineCounter) Record(r *qiaomen.Record) { c.kinds = append(c.kinds, c.s.Kinds[r.Kind].ID) }

func (c *lineCounter) Figure(f *qiaomen.Figure) { c.kinds = append(c.kinds, c.s.Figures[f.Source].ID) }

// TestRecordsPageExamplesAreRead reads the examples of docs/records.md as one
// file: there is one for every kind, and none has a fault.
func TestRecordsPageExamplesAreRead(t *testing.T) {
	s := load(t, "shuangyashan-winter-2023")
	page, kinds := recordsDoc(t)
	var file bytes.Buffer
	for _, m := range docExample.FindAllStringSubmatch(page, -1) {
		file.WriteString(m[1])
	}
	seen := &lineCounter{s: s}
	faults, err := records.NewReader(s, "docs/records.md").Read(&file, seen)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults.First {
		t.Error(f)
	}
	for id := range kinds {
		if !slices.Contains(seen.kinds, id) {
			t.Errorf("docs/records.md has no example of %s", id)
		}
	}
}
