package workbook_test

import (
	"bytes"
	"io"
	"os"
	"testing"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/scheme"
	"qiaomen/workbook"
)

func winter(t testing.TB) *scheme.Scheme {
	t.Helper()
	return load(t, "../schemes/shuangyashan-winter-2023/scheme.yaml")
}

func load(t testing.TB, name string) *scheme.Scheme {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	s, faults := scheme.Parse(name, data, func(string) string { return "" })
	if s == nil {
		t.Fatal(faults)
	}
	return s
}

// a shelf keeps what a file holds.
type shelf struct{ qiaomen.Book }

func (s *shelf) Record(r *qiaomen.Record) {
	kept := *r
	kept.Values = keep(r.Values)
	s.Records = append(s.Records, kept)
}

func (s *shelf) Figure(f *qiaomen.Figure) {
	kept := *f
	kept.Values = keep(f.Values)
	s.Figures = append(s.Figures, kept)
}

func keep(values []qiaomen.Value) []qiaomen.Value {
	out := append([]qiaomen.Value(nil), values...)
	for i := range out {
		out[i].List = append([]string(nil), out[i].List...)
	}
	return out
}

func lines(t testing.TB, s *scheme.Scheme, from io.Reader) *qiaomen.Book {
	t.Helper()
	var b shelf
	faults, err := records.NewReader(s, "records").Read(from, &b)
	if err != nil || faults.Total > 0 {
		t.Fatal(err, faults.First)
	}
	return &b.Book
}

func example(t testing.TB, s *scheme.Scheme) *qiaomen.Book {
	t.Helper()
	f, err := os.Open("../examples/winter-2023.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return lines(t, s, f)
}

func day(t testing.TB, text string) qiaomen.Date {
	t.Helper()
	d, err := qiaomen.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAnnexes(t *testing.T) {
	s := winter(t)
	d := day(t, "2024-04-30")
	res := s.Score(example(t, s), scheme.View{AsOf: d, Cutoff: day(t, "2024-03-31")}, s.DefaultReadings())
	var one, two bytes.Buffer
	for _, w := range []*bytes.Buffer{&one, &two} {
		if err := workbook.WriteAnnexes(w, res); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("the same result gave other bytes")
	}
	show(t, "annex.xlsx", one.Bytes())
}

// show keeps a file to be looked at, where a folder is named for it.
func show(t testing.TB, name string, data []byte) {
	t.Helper()
	if dir := os.Getenv("WORKBOOK_SHOW"); dir != "" {
		if err := os.WriteFile(dir+"/"+name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
