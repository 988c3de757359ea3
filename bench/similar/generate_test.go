package main

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"qiaomen/similar"
)

func TestSameSeedSameSet(t *testing.T) {
	a, b, c := newSet(7, 300, 200), newSet(7, 300, 200), newSet(8, 300, 200)
	if !reflect.DeepEqual(a, b) {
		t.Error("the same seed made two sets")
	}
	if reflect.DeepEqual(a.corpus, c.corpus) {
		t.Error("another seed made the same set")
	}
}

func TestSet(t *testing.T) {
	s := newSet(1, 600, 400)
	var same, strong, second int
	for i, q := range s.queries {
		if (q.kind == "same") != (q.truth >= 0) {
			t.Errorf("query %d of kind %s has the true one %d", i, q.kind, q.truth)
		}
		if q.truth >= 0 {
			same++
			if n := len(q.disguises); q.strong != (n > 3) || n < 1 || n > 6 {
				t.Errorf("query %d, strong %v, wears %v", i, q.strong, q.disguises)
			}
			if q.report == s.corpus[q.truth] {
				t.Errorf("query %d is not disguised: %v", i, q.report)
			}
		} else if len(q.disguises) > 2 {
			t.Errorf("negative %d wears %v", i, q.disguises)
		}
		if q.trap >= 0 && q.report == s.corpus[q.trap] {
			t.Errorf("query %d equals its trap: %v", i, q.report)
		}
		if q.strong {
			strong++
		}
		if q.second {
			second++
		}
	}
	if same != 200 || strong != 200 || second != 200 {
		t.Errorf("%d true, %d strong, %d in the second half, of %d", same, strong, second, len(s.queries))
	}
	texts := map[similar.Thing]bool{}
	for _, e := range s.corpus {
		if texts[e] {
			t.Errorf("twice in the corpus: %v", e)
		}
		texts[e] = true
	}
}

// TestDisguises puts every disguise on alone: it changes the text, and the
// brand, the product, the phase and the direction can still be read.
func TestDisguises(t *testing.T) {
	for _, g := range disguises {
		m := newMaker(3, true)
		worn := 0
		for range 300 {
			base := m.thing()
			d := &draft{thing: *base, report: base.write()}
			was := d.report
			if !m.put(d, g) {
				if d.report != was {
					t.Errorf("%s says that it changed nothing: %v", g.name, d.report)
				}
				continue
			}
			worn++
			if d.report == was {
				t.Errorf("%s changed nothing: %v", g.name, was)
			}
			keeps(t, g.name, base, d.report)
		}
		if worn < 60 {
			t.Errorf("%s fits only %d of 300 things", g.name, worn)
		}
	}
}

func TestWear(t *testing.T) {
	m := newMaker(4, true)
	for i := range 600 {
		base := m.thing()
		report, worn := m.wear(base, 1+i%6, "place")
		if len(worn) != 1+i%6 || slices.Contains(worn, "place") {
			t.Errorf("wears %v", worn)
		}
		if strings.ContainsAny(report.Company+report.Project, "\t\r\n") {
			t.Errorf("breaks a table: %q", report)
		}
		keeps(t, strings.Join(worn, ", "), base, report)
	}
}

func keeps(t *testing.T, how string, base *thing, report similar.Thing) {
	t.Helper()
	company, project := bare(report.Company), bare(report.Project)
	if !strings.Contains(company, bare(base.brand)) {
		t.Errorf("%s lost the brand %s: %s", how, base.brand, company)
	}
	product := bare(base.product)
	short := product
	for _, p := range shorter {
		short = strings.Replace(short, bare(p[0]), bare(p[1]), 1)
	}
	if !strings.Contains(project, product) && !strings.Contains(project, short) {
		t.Errorf("%s lost the product %s: %s", how, base.product, project)
	}
	kept := base.phase == 0
	for style := range phaseStyles {
		kept = kept || strings.Contains(project, bare(phaseWord(base.phase, style)))
	}
	if !kept {
		t.Errorf("%s lost the phase %d: %s", how, base.phase, project)
	}
	if !strings.Contains(project, bare(base.direction)) {
		t.Errorf("%s lost the direction %s: %s", how, base.direction, project)
	}
}

// bare takes off what the disguises of characters put on.
func bare(text string) string {
	for _, p := range traditional {
		text = strings.ReplaceAll(text, p[1], p[0])
	}
	for plain, others := range letters {
		for _, r := range others {
			text = strings.ReplaceAll(text, string(r), string(plain))
		}
	}
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || unicode.IsSpace(r) || unicode.IsPunct(r) {
			return -1
		}
		return r
	}, norm.NFKC.String(text))
	return plainRunes(text)
}

func TestNegatives(t *testing.T) {
	differs := map[string]func(a, b *thing) bool{
		"phase":         func(a, b *thing) bool { return a.phase > 0 && b.phase > 0 && a.phase != b.phase },
		"direction":     func(a, b *thing) bool { return a.direction != "" && b.direction != "" && a.direction != b.direction },
		"county":        func(a, b *thing) bool { return a.atLevel > 0 && a.at.county != b.at.county && a.brand == b.brand },
		"other project": func(a, b *thing) bool { return a.brand == b.brand && !shareTwo(a.product, b.product) },
		"other company": func(a, b *thing) bool { return a.project() == b.project() && !shareOne(a.brand, b.brand) },
		"other city": func(a, b *thing) bool {
			return a.brand == b.brand && a.fromLevel > 0 && a.from.city != b.from.city && a.fromName() != b.fromName()
		},
		"unrelated": func(a, b *thing) bool { return !shareOne(a.brand, b.brand) && !shareTwo(a.product, b.product) },
	}
	m := newMaker(5, true)
	for _, n := range negatives {
		for range 300 {
			base := m.thing()
			other := n.do(m, base)
			if !differs[n.name](base, other) || base.write() == other.write() {
				t.Errorf("%s: %v and %v", n.name, base.write(), other.write())
			}
		}
	}
	for range 300 { // nothing but the phase differs
		base := m.thing()
		other := otherPhase(m, base)
		other.phase = base.phase
		if *other != *base {
			t.Errorf("more than the phase differs: %v and %v", base.write(), other.write())
		}
	}
}

func TestNumeral(t *testing.T) {
	for style, want := range []string{"10万吨", "十万吨", "拾万吨", "１０万吨", "Ⅹ万吨", "100000吨", ""} {
		n, unit, _ := numeral(10, "万吨", style)
		if n+unit != want {
			t.Errorf("style %d: %s, want %s", style, n+unit, want)
		}
	}
	for n, want := range map[int]string{12: "十二", 25: "二十五", 100: "一百", 150: "一百五十", 1200: "一千二百", 5000: "五千", 1005: "一千零五"} {
		if got, _, _ := numeral(n, "吨", 1); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
	if n, unit, _ := numeral(5000, "头", 5); n+unit != "0.5万头" {
		t.Error(n + unit)
	}
	if n, _, _ := numeral(5000, "头", 6); n != "5,000" {
		t.Error(n)
	}
}

func TestLevenshtein(t *testing.T) {
	m := newMaker(6, false)
	for range 500 {
		a, b := make([]int, m.IntN(64)), make([]int, m.IntN(80))
		for i := range a {
			a[i] = m.IntN(4)
		}
		for i := range b {
			b[i] = m.IntN(4)
		}
		if got, want := newPattern(a, 4).distance(b), cellByCell(a, b); got != want {
			t.Fatalf("%v %v: %d, want %d", a, b, got, want)
		}
	}
}

func TestThreshold(t *testing.T) {
	s := &set{queries: []query{{truth: 0}, {truth: 1}, {truth: -1}, {truth: 2, second: true}}}
	a := answer{
		{{entry: 0, score: 9}, {entry: 1, score: 3}},
		{{entry: 1, score: 7}},
		{{entry: 0, score: 5}},
		{{entry: 2, score: 8}, {entry: 0, score: 7}},
	}
	if at := s.threshold(a); at != 7 {
		t.Errorf("threshold %v, want 7", at)
	}
	c := s.count(a, func(c candidate) bool { return c.score >= 7 }, func(q *query) bool { return q.second })
	if c != (count{same: 1, right: 1, ten: 1, wrong: 1}) {
		t.Errorf("%+v", c)
	}
}

func TestFiles(t *testing.T) {
	folder := t.TempDir()
	if err := newSet(1, 90, 40).save(folder); err != nil {
		t.Fatal(err)
	}
	for name, lines := range map[string]int{"corpus.tsv": 90, "queries.tsv": 40, "truth.tsv": 40} {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Count(text, []byte("\n")) != lines || bytes.Count(text, []byte("\t")) != 2*lines {
			t.Errorf("%s: want %d lines of three cells", name, lines)
		}
	}
}

func TestPairs(t *testing.T) {
	var out bytes.Buffer
	in := "same\t示例甲有限公司\t集贤县石墨项目\t示例甲有限公司\t集贤县石墨项目\n"
	if err := judgePairs(&out, strings.NewReader(in), 0); err != nil || !strings.Contains(out.String(), "recall 1.0000") {
		t.Errorf("%v\n%s", err, &out)
	}
	if err := judgePairs(&out, strings.NewReader("perhaps\ta\tb\tc\td\n"), 0); err == nil {
		t.Error("a label that is none was taken")
	}
}
