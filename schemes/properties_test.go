package schemes_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"
	"qiaomen"
	"qiaomen/records"
	"qiaomen/scheme"
)

// book is a records file that keeps what it read.
type book struct{ qiaomen.Book }

func (b *book) Record(r *qiaomen.Record) {
	kept := *r
	kept.Values = slices.Clone(r.Values)
	b.Records = append(b.Records, kept)
}

func (b *book) Figure(f *qiaomen.Figure) {
	kept := *f
	kept.Values = slices.Clone(f.Values)
	b.Figures = append(b.Figures, kept)
}

func read(t rapid.TB, s *scheme.Scheme, data []byte) *book {
	t.Helper()
	b := &book{}
	faults, err := records.NewReader(s, "book").Read(bytes.NewReader(data), b)
	if err != nil || faults.Total > 0 {
		t.Fatalf("%v %v", err, faults.First)
	}
	return b
}

type drawn struct {
	book     *book
	view     scheme.View
	readings scheme.Readings
}

// draw is a random book, view and set of readings.
func draw(t *rapid.T, s *scheme.Scheme) drawn {
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	d := drawn{book: read(t, s, randomBook(r, 1+r.IntN(150))), readings: s.DefaultReadings()}
	for k, v := range randomChoices(r) {
		if err := s.Choose(d.readings, k, v); err != nil {
			t.Fatal(err)
		}
	}
	asOf, cutoff := randomView(r)
	d.view = scheme.View{AsOf: mustDay(t, asOf), Cutoff: mustDay(t, cutoff)}
	return d
}

func mustDay(t rapid.TB, text string) qiaomen.Date {
	if text == "" {
		return 0
	}
	d, err := qiaomen.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func eachLine(res *scheme.Result, f func(u *scheme.UnitResult, l *scheme.LineResult)) {
	for _, g := range res.Groups {
		for _, u := range g.Units {
			for _, l := range u.Lines {
				f(u, l)
			}
		}
	}
}

// TestOrderOfRecordsDoesNotMatter: the same records in any order give the
// same bytes, explanations too.
func TestOrderOfRecordsDoesNotMatter(t *testing.T) {
	s := load(t, "shuangyashan-winter-2023")
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t, s)
		want := s.Score(&d.book.Book, d.view, d.readings)
		shuffled := &book{qiaomen.Book{Records: slices.Clone(d.book.Records), Figures: slices.Clone(d.book.Figures)}}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "shuffle"), 2))
		r.Shuffle(len(shuffled.Records), func(i, j int) {
			shuffled.Records[i], shuffled.Records[j] = shuffled.Records[j], shuffled.Records[i]
		})
		r.Shuffle(len(shuffled.Figures), func(i, j int) {
			shuffled.Figures[i], shuffled.Figures[j] = shuffled.Figures[j], shuffled.Figures[i]
		})
		got := s.Score(&shuffled.Book, d.view, d.readings)
		if !bytes.Equal(got.JSON(), want.JSON()) {
			t.Fatal("another order of records gives another result")
		}
		if a, b := cards(got, shuffled), cards(want, d.book); a != b {
			t.Fatalf("another order of records gives other explanations:\n%s\n%s", a, b)
		}
	})
}

// cards is every unit's explanation as text.
func cards(res *scheme.Result, b *book) string {
	var out bytes.Buffer
	for _, g := range res.Groups {
		for _, u := range g.Units {
			var own []qiaomen.Record
			for _, r := range b.Records {
				if r.Unit == u.Unit.Index() {
					own = append(own, r)
				}
			}
			writeCard(&out, res.Explain(u, own))
		}
	}
	return out.String()
}

func writeCard(out *bytes.Buffer, c *scheme.Card) {
	fmt.Fprintf(out, "%s %v分 第%d名\n", c.Unit.Unit.Name, c.Unit.Total, c.Unit.Place)
	for _, l := range c.Lines {
		var clauses []string
		for _, x := range l.Clauses {
			clauses = append(clauses, x.ID)
		}
		fmt.Fprintf(out, "  %s：%s。%v\n", l.Line.Line.Name, l.Sentence, clauses)
		for _, r := range l.Counted {
			fmt.Fprintf(out, "    ＋ %s\n", r.ID)
		}
		for _, r := range l.NotCounted {
			fmt.Fprintf(out, "    － %s %s\n", r.ID, r.Why)
		}
	}
	for _, r := range append(c.Beside, c.Other...) {
		fmt.Fprintf(out, "  · %s %s\n", r.ID, r.Why)
	}
}

// TestLinesAddUp: score = base − deduction + bonus on every line that has a
// score, lines add up to the total, deductions and bonuses are not negative,
// and no floor is passed.
func TestLinesAddUp(t *testing.T) {
	s := load(t, "shuangyashan-winter-2023")
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t, s)
		res := s.Score(&d.book.Book, d.view, d.readings)
		noFloor := s.Choices[slices.IndexFunc(s.Choices, func(c *scheme.Choice) bool { return c.ID == "unstated_floor" })]
		floorless := noFloor.Options[d.readings[slices.Index(s.Choices, noFloor)]].ID == "none"
		for _, g := range res.Groups {
			for _, u := range g.Units {
				sum := qiaomen.Number{}
				for _, l := range u.Lines {
					if l.Scored {
						sum = sum.Add(l.Score)
					}
					if l.Deduction.Sign() < 0 || l.Bonus.Sign() < 0 {
						t.Fatalf("%s %s: deduction %v, bonus %v", u.Unit.ID, l.Line.ID, l.Deduction, l.Bonus)
					}
					if !l.Scored {
						continue
					}
					if want := l.Base.Sub(l.Deduction).Add(l.Bonus); !l.Score.Equal(want) {
						t.Fatalf("%s %s: score %v, base − deduction + bonus %v", u.Unit.ID, l.Line.ID, l.Score, want)
					}
					bare := l.Line.ID == "reserve" || l.Line.ID == "starts"
					if l.Score.Sign() < 0 && !(floorless && bare) {
						t.Fatalf("%s %s: %v is under the floor", u.Unit.ID, l.Line.ID, l.Score)
					}
				}
				if !sum.Equal(u.Total) {
					t.Fatalf("%s: lines add up to %v, total %v", u.Unit.ID, sum, u.Total)
				}
			}
		}
	})
}

// TestOneMoreRecordNeverLowersALine: to recognise one more record that
// counts, with nothing else changed, lowers no line of anybody. Filling can:
// a project of a higher tier fills a lower one, and is then no surplus of its
// own, but never for less.
func TestOneMoreRecordNeverLowersALine(t *testing.T) {
	s := load(t, "shuangyashan-winter-2023")
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t, s)
		if len(d.book.Records) == 0 {
			return
		}
		before := map[string]qiaomen.Number{}
		key := func(u *scheme.UnitResult, l *scheme.LineResult) string { return u.Unit.ID + " " + l.Line.ID }
		eachLine(s.Score(&d.book.Book, d.view, d.readings), func(u *scheme.UnitResult, l *scheme.LineResult) { before[key(u, l)] = l.Score })
		again := d.book.Records[rapid.IntRange(0, len(d.book.Records)-1).Draw(t, "record")]
		again.ID += "-again"
		more := qiaomen.Book{Records: append(slices.Clone(d.book.Records), again), Figures: d.book.Figures}
		eachLine(s.Score(&more, d.view, d.readings), func(u *scheme.UnitResult, l *scheme.LineResult) {
			if l.Score.Cmp(before[key(u, l)]) < 0 {
				t.Fatalf("%s: %v, one more record (%+v): %v", key(u, l), before[key(u, l)], again, l.Score)
			}
		})
	})
}

// TestEveryReadingMatters: for each reading there is a book whose result it
// changes; a choice that changes nothing would be a choice in name only.
func TestEveryReadingMatters(t *testing.T) {
	s := load(t, "shuangyashan-winter-2023")
	want := map[string]bool{}
	for i, c := range s.Choices {
		for j, o := range c.Options {
			if j != c.Default {
				want[fmt.Sprint(i, " ", j, " ", c.ID, "=", o.ID)] = true
			}
		}
	}
	for seed := uint64(0); seed < 400 && len(want) > 0; seed++ {
		r := rand.New(rand.NewPCG(seed, 3))
		ta := tally(t, s, randomBook(r, 200), scheme.View{})
		plain := groupsJSON(t, ta.Score(s.DefaultReadings()))
		for key := range want {
			var i, j int
			if _, err := fmt.Sscan(key, &i, &j); err != nil {
				t.Fatal(err)
			}
			readings := s.DefaultReadings()
			readings[i] = j
			if groupsJSON(t, ta.Score(readings)) != plain {
				delete(want, key)
			}
		}
	}
	// Every target for foreign leads is 1: in proportion and all or nothing are
	// the same there.
	delete(want, fmt.Sprint(slices.IndexFunc(s.Choices, func(c *scheme.Choice) bool { return c.ID == "foreign_shortfall" }), " 1 foreign_shortfall=all_or_nothing"))
	for key := range want {
		t.Errorf("no book of 400 shows a difference under %s", key)
	}
}

// groupsJSON is the groups of a result, without the readings it names.
func groupsJSON(t *testing.T, r *scheme.Result) string {
	t.Helper()
	var parsed struct{ Groups json.RawMessage }
	if err := json.Unmarshal(r.JSON(), &parsed); err != nil {
		t.Fatal(err)
	}
	return string(parsed.Groups)
}

// TestGoldenCards holds the explanation of the whole example campaign, final
// and of one month, under the default readings and under the others.
func TestGoldenCards(t *testing.T) {
	s := load(t, "shuangyashan-winter-2023")
	data, err := os.ReadFile("../examples/winter-2023.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	b := read(t, s, data)
	other := s.DefaultReadings()
	for i, c := range s.Choices {
		other[i] = (c.Default + 1) % len(c.Options)
	}
	for _, c := range []struct {
		file     string
		view     scheme.View
		readings scheme.Readings
	}{
		{"final.txt", scheme.View{AsOf: day(t, "2024-04-30")}, s.DefaultReadings()},
		{"january.txt", scheme.View{AsOf: day(t, "2024-01-26"), Cutoff: day(t, "2024-01-25")}, s.DefaultReadings()},
		{"other-readings.txt", scheme.View{AsOf: day(t, "2024-04-30")}, other},
	} {
		name := "testdata/golden/" + c.file
		got := []byte(cards(s.Score(&b.Book, c.view, c.readings), b))
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(name, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs; run with UPDATE_GOLDEN=1 and read the difference", name)
		}
	}
}
