package schemes_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
	"qiaomen"
	"qiaomen/scheme"
)

// withMore scores the book with n copies of a record added, record by record.
func withMore(d drawn, s *scheme.Scheme, model qiaomen.Record, n int) *scheme.Result {
	more := qiaomen.Book{Records: slices.Clone(d.book.Records), Figures: d.book.Figures}
	for i := range n {
		model.ID, model.Seq = fmt.Sprint("more-", i), 1_000_000+i
		more.Records = append(more.Records, model)
	}
	return s.Score(&more, d.view, d.readings)
}

// TestAdviceAgainstBruteForce: what advice says one more record is worth, how
// many keep the whole base and how many climb is what adding real records to
// the book gives, and one fewer would not do.
func TestAdviceAgainstBruteForce(t *testing.T) {
	s := load(t, "shuangyashan-winter-2023")
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t, s)
		res := s.Score(&d.book.Book, d.view, d.readings)
		unit := s.Units[rapid.IntRange(0, len(s.Units)-1).Draw(t, "unit")]
		u := res.Unit(unit)
		advice := res.Advise(u)
		if again := res.Unit(unit); !again.Total.Equal(u.Total) {
			t.Fatal("advice changed the result it was asked about")
		}
		for _, a := range advice {
			says := a.Profile.Says
			at := func(n int) *scheme.UnitResult { return withMore(d, s, a.Profile.Model, n).Unit(unit) }
			if got := at(1).Total.Sub(u.Total); !got.Equal(a.Worth) {
				t.Fatalf("%s: one more is worth %v, advice says %v", says, got, a.Worth)
			}
			better := func(x *scheme.UnitResult) bool { return x.Place > 0 && (u.Place == 0 || x.Place < u.Place) }
			if c := a.Climb; !c.Never && c.N > 0 {
				if x := at(c.N); !better(x) || x.Place != a.Place {
					t.Fatalf("%s: %d more reach place %d, advice says %d", says, c.N, x.Place, a.Place)
				}
				if c.N > 1 && better(at(c.N-1)) {
					t.Fatalf("%s: one fewer than %d climbs too", says, c.N)
				}
			} else if c.Never && better(at(300)) {
				t.Fatalf("%s: 300 more climb, advice says never", says)
			}
			deducted := func(x *scheme.UnitResult) bool {
				return slices.ContainsFunc(x.Lines, func(l *scheme.LineResult) bool {
					return l.Scored && l.Deduction.Sign() > 0 && slices.ContainsFunc(a.Lines, func(m *scheme.Line) bool { return m == l.Line })
				})
			}
			if w := a.WholeBase; !w.Never && w.N > 0 {
				if deducted(at(w.N)) {
					t.Fatalf("%s: %d more still leave a deduction", says, w.N)
				}
				if !deducted(at(w.N - 1)) {
					t.Fatalf("%s: one fewer than %d leaves no deduction either", says, w.N)
				}
			} else if w.Never && !deducted(at(300)) && len(a.Lines) > 0 {
				t.Fatalf("%s: 300 more leave no deduction, advice says never", says)
			}
		}
	})
}

// TestAdviceKnowsEveryRecord: a real record of the book that counts is of one
// of the sorts that advice names, and worth what it says.
func TestAdviceKnowsEveryRecord(t *testing.T) {
	s := load(t, "shuangyashan-winter-2023")
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t, s)
		if len(d.book.Records) == 0 {
			return
		}
		rec := d.book.Records[rapid.IntRange(0, len(d.book.Records)-1).Draw(t, "record")]
		res := s.Score(&d.book.Book, d.view, d.readings)
		u := res.Unit(s.Units[rec.Unit])
		worth := withMore(d, s, rec, 1).Unit(u.Unit).Total.Sub(u.Total)
		if worth.Sign() == 0 {
			return
		}
		for _, a := range res.Advise(u) {
			if a.Profile.Kind.Index() == rec.Kind && a.Worth.Equal(worth) {
				return
			}
		}
		t.Fatalf("one more of %+v is worth %v; no advice says so", rec, worth)
	})
}

// TestCompareAgainstScoring: each variant changes what scoring it by itself
// changes, and the bounds hold every result.
func TestCompareAgainstScoring(t *testing.T) {
	s := load(t, "shuangyashan-winter-2023")
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 11))
		ta := tally(t, s, randomBook(r, 200), scheme.View{})
		c := ta.Compare(s.DefaultReadings())
		singles, pairs := 0, 0
		for _, v := range c.Variants {
			if len(v.Readings) == 1 {
				singles++
			} else {
				pairs++
			}
			readings := s.DefaultReadings()
			for _, x := range v.Readings {
				if err := s.Choose(readings, x.Choice.ID, x.Choice.Options[x.Option].ID); err != nil {
					t.Fatal(err)
				}
			}
			changed := 0
			res := ta.Score(readings)
			for _, b := range c.Units {
				u, before := res.Unit(b.Unit.Unit), b.Unit
				if u.Place != before.Place || !u.Total.Equal(before.Total) || !slices.Equal(u.Named, before.Named) {
					changed++
				}
				if u.Total.Cmp(b.Low) < 0 || u.Total.Cmp(b.High) > 0 || u.Place < b.Best || u.Place > b.Worst {
					t.Errorf("%s under %s: outside its bounds", u.Unit.ID, v.Say())
				}
			}
			if changed != len(v.Changes) {
				t.Errorf("%s: %d changes, scoring gives %d", v.Say(), len(v.Changes), changed)
			}
		}
		// 16 choices with 19 alternatives; pairs of alternatives of different choices.
		if singles != 19 || pairs != 19*18/2-3 {
			t.Errorf("%d single readings and %d pairs", singles, pairs)
		}
	}
}
