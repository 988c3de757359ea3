package schemes_test

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"
	"qiaomen"
	"qiaomen/scheme"
)

// TestColumnsAgreeWithPlain: a book held by columns comes to the same, under
// any view and readings, and knows the same records behind each measure.
func TestColumnsAgreeWithPlain(t *testing.T) {
	s := load(t, "shuangyashan-winter-2023")
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t, s)
		cols := s.NewColumns()
		for i := range d.book.Records {
			cols.Record(&d.book.Records[i])
		}
		for i := range d.book.Figures {
			cols.Figure(&d.book.Figures[i])
		}
		plain := s.Score(&d.book.Book, d.view, d.readings)
		ta := cols.Tally(d.view, true)
		if got := ta.Score(d.readings); !bytes.Equal(got.JSON(), plain.JSON()) {
			t.Fatalf("columns:\n%s\nplain:\n%s", got.JSON(), plain.JSON())
		}
		for _, g := range plain.Groups {
			for _, u := range g.Units {
				for _, m := range s.Measures {
					fed := ta.Fed(u.Unit, m, d.readings)
					if want, ok := counted(u, m); ok && len(fed) != want {
						t.Fatalf("%s %s: %d records behind a count of %d", u.Unit.ID, m.ID, len(fed), want)
					}
					slices.Sort(fed)
					if len(slices.Compact(slices.Clone(fed))) != len(fed) {
						t.Fatalf("%s %s: a record stands twice behind a count", u.Unit.ID, m.ID)
					}
				}
			}
		}
	})
}

// counted is what a line of the unit shows for a counting measure.
func counted(u *scheme.UnitResult, m *scheme.Measure) (int, bool) {
	for _, l := range u.Lines {
		for _, x := range l.Measures {
			if x.Measure == m && x.Actual.Defined && m.Scale.Name != "%" {
				return int(x.Actual.Number.Rat().Num().Int64()), true
			}
		}
	}
	return 0, false
}

// TestLiveAgreesWithScoring: a ranking kept while records come and go is the
// ranking of what is there.
func TestLiveAgreesWithScoring(t *testing.T) {
	s := load(t, "shuangyashan-winter-2023")
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t, s)
		live := s.NewTally(d.view).Live(d.readings)
		var there []qiaomen.Record
		left := slices.Clone(d.book.Records)
		for i := range d.book.Figures {
			live.Figure(&d.book.Figures[i])
		}
		for range 60 {
			if len(there) > 0 && rapid.IntRange(0, 3).Draw(t, "remove") == 0 {
				i := rapid.IntRange(0, len(there)-1).Draw(t, "which")
				live.Remove(&there[i])
				there = slices.Delete(there, i, i+1)
			} else if len(left) > 0 {
				live.Record(&left[0])
				there, left = append(there, left[0]), left[1:]
			}
		}
		want := s.Score(&qiaomen.Book{Records: there, Figures: d.book.Figures}, d.view, d.readings)
		if !bytes.Equal(live.Result().JSON(), want.JSON()) {
			t.Fatalf("live:\n%s\nscored:\n%s", live.Result().JSON(), want.JSON())
		}
	})
}
