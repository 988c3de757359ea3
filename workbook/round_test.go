package workbook_test

import (
	"bytes"
	"testing"

	"qiaomen"
	"qiaomen/scheme"
	"qiaomen/workbook"
)

func back(t testing.TB, s *scheme.Scheme, data []byte) (*qiaomen.Book, *workbook.Findings) {
	t.Helper()
	var b shelf
	found, err := workbook.Read(bytes.NewReader(data), int64(len(data)), s, "book.xlsx", &b)
	if err != nil {
		t.Fatal(err)
	}
	return &b.Book, found
}

// What is written into a workbook scores the same when it is read back.
func TestLedgersScoreTheSame(t *testing.T) {
	s := winter(t)
	b := example(t, s)
	v := scheme.View{AsOf: day(t, "2024-04-30"), Cutoff: day(t, "2024-03-31")}
	res := s.Score(b, v, s.DefaultReadings())
	var out bytes.Buffer
	if err := workbook.WriteLedgers(&out, res, b); err != nil {
		t.Fatal(err)
	}
	show(t, "export.xlsx", out.Bytes())
	again, found := back(t, s, out.Bytes())
	if found.TotalFaults > 0 {
		t.Fatal(found.Faults)
	}
	if len(again.Records) != len(b.Records) || len(again.Figures) != len(b.Figures) {
		t.Fatalf("%d records and %d figures came back of %d and %d", len(again.Records), len(again.Figures), len(b.Records), len(b.Figures))
	}
	if got := s.Score(again, v, s.DefaultReadings()).JSON(); !bytes.Equal(got, res.JSON()) {
		t.Errorf("read back it scores\n%s\nwant\n%s", got, res.JSON())
	}
}

func TestTemplate(t *testing.T) {
	s := winter(t)
	for name, o := range map[string]workbook.Options{
		"template.xlsx": {}, "template-unit.xlsx": {Unit: s.Unit("digital-industry")}, "template-office.xlsx": {Office: true},
	} {
		var one, two bytes.Buffer
		for _, w := range []*bytes.Buffer{&one, &two} {
			if err := workbook.Template(w, s, o); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(one.Bytes(), two.Bytes()) {
			t.Errorf("%s: the same scheme gave other bytes", name)
		}
		show(t, name, one.Bytes())
		b, found := back(t, s, one.Bytes())
		if found.TotalFaults+found.TotalDoubts > 0 || len(b.Records)+len(b.Figures) > 0 {
			t.Errorf("%s: a blank workbook is read as %d records, %v %v", name, len(b.Records), found.Faults, found.Doubts)
		}
	}
}

var workbookView = scheme.View{}
