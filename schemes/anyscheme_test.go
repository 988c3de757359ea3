package schemes_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"
	"qiaomen"
	"qiaomen/scheme"
)

// everyScheme is the schemes that ship and those of the tests.
func everyScheme(t *testing.T) map[string]*scheme.Scheme {
	t.Helper()
	files, err := filepath.Glob("testdata/*/scheme.yaml")
	if err != nil || len(files) < 6 {
		t.Fatal("the test schemes are gone", err)
	}
	out := map[string]*scheme.Scheme{"shuangyashan-winter-2023": load(t, "shuangyashan-winter-2023")}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		s, faults := scheme.Parse(f, data, nil)
		if s == nil {
			t.Fatal(faults.Errors())
		}
		out[s.ID] = s
	}
	return out
}

// anyRecord is a random record of any kind of any scheme: days about the
// campaign's edges, small numbers, every option.
func anyRecord(t *rapid.T, s *scheme.Scheme, seq int) qiaomen.Record {
	n := func(label string, most int) int { return rapid.IntRange(0, most).Draw(t, label) }
	day := func() qiaomen.Date {
		w := s.Windows[n("window", len(s.Windows)-1)]
		return []qiaomen.Date{w.From - 1, w.From, (w.From + w.To) / 2, w.To, w.To + 1}[n("day", 4)]
	}
	k := s.Kinds[n("kind", len(s.Kinds)-1)]
	r := qiaomen.Record{
		Kind: k.Index(), Unit: n("unit", len(s.Units)-1), ID: rapid.StringMatching(`[a-z]{3}`).Draw(t, "id"), Seq: seq,
		Name: "示例", Evidence: qiaomen.Set(n("evidence", 7)), Values: make([]qiaomen.Value, len(k.Fields)),
	}
	r.Reported.Day = day()
	if n("recognised", 9) > 0 {
		r.Recognised.Day = r.Reported.Day + qiaomen.Date(n("later", 3))
	}
	if n("revoked", 9) == 0 {
		r.Revoked.Day = r.Recognised.Day + qiaomen.Date(n("revoked later", 3))
	}
	for i, f := range k.Fields {
		v := &r.Values[i]
		if v.Given = n("given", 7) > 0; !v.Given {
			continue
		}
		switch f.Type {
		case scheme.AmountField, scheme.NumberField:
			v.Number = f.Scale.Held(qiaomen.Ratio(int64(n("number", 120)), []int64{1, 2, 10, 3_000_000}[n("part", 3)]))
		case scheme.JudgedField:
			v.Number = f.To
		case scheme.DateField:
			v.Date = day()
		case scheme.FlagField:
			v.Flag = n("flag", 1) == 1
		case scheme.OptionField:
			if len(f.Options) == 0 {
				v.Text = "示例"
			} else {
				v.Option = n("option", len(f.Options)-1)
			}
		case scheme.ListField:
			for j := range 1 + n("list", 6) {
				v.List = append(v.List, string(rune('a'+j)))
			}
		default:
			v.Text = []string{"甲", "乙"}[n("text", 1)]
		}
	}
	return r
}

func anyFigure(t *rapid.T, s *scheme.Scheme, seq int) qiaomen.Figure {
	n := func(label string, most int) int { return rapid.IntRange(0, most).Draw(t, label) }
	f := s.Figures[n("figure", len(s.Figures)-1)]
	out := qiaomen.Figure{Source: f.Index(), Unit: n("unit", len(s.Units)-1), Seq: seq, Published: s.Campaign.To + qiaomen.Date(n("published", 3)), Values: make([]qiaomen.Value, len(f.Fields))}
	if f.ForAll {
		out.Unit = -1
	}
	switch {
	case len(f.Periods) > 0:
		out.Period = n("period", len(f.Periods)-1)
	case f.Every == "day":
		out.Period = int(s.Campaign.From) + n("on", 3)
	}
	for i, field := range f.Fields {
		out.Values[i] = qiaomen.Value{Given: n("given", 5) > 0, Number: field.Scale.Held(qiaomen.Ratio(int64(n("number", 2000)), 10))}
	}
	return out
}

// TestAllWaysAgree: under every scheme there is, whatever its rules, the
// plain fold, columns and a live ranking come to the same bytes, the order of
// records does not matter, and explaining and advising break nothing.
func TestAllWaysAgree(t *testing.T) {
	for id, s := range everyScheme(t) {
		t.Run(id, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				var b book
				if len(s.Kinds) > 0 {
					for i := range rapid.IntRange(0, 40).Draw(t, "records") {
						b.Records = append(b.Records, anyRecord(t, s, i))
					}
				}
				if len(s.Figures) > 0 {
					for i := range rapid.IntRange(0, 12).Draw(t, "figures") {
						b.Figures = append(b.Figures, anyFigure(t, s, i))
					}
				}
				view := scheme.View{}
				if rapid.Bool().Draw(t, "dated") {
					view.Cutoff = s.Campaign.To - qiaomen.Date(rapid.IntRange(0, 60).Draw(t, "cutoff"))
				}
				if len(s.Rounds) > 0 {
					view.Round = s.Rounds[rapid.IntRange(0, len(s.Rounds)-1).Draw(t, "round")]
				}
				readings := s.DefaultReadings()
				for i, c := range s.Choices {
					readings[i] = rapid.IntRange(0, len(c.Options)-1).Draw(t, "reading")
				}
				res := s.Score(&b.Book, view, readings)
				want := res.JSON()

				cols := s.NewColumns()
				live := s.NewTally(view).Live(readings)
				for i := range b.Records {
					cols.Record(&b.Records[i])
				}
				for i := range b.Figures {
					cols.Figure(&b.Figures[i])
					live.Figure(&b.Figures[i])
				}
				if got := cols.Tally(view, true).Score(readings).JSON(); !bytes.Equal(got, want) {
					t.Fatalf("columns:\n%s\nplain:\n%s", got, want)
				}
				for _, i := range rapid.Permutation(indices(len(b.Records))).Draw(t, "order") {
					live.Record(&b.Records[i])
				}
				if got := live.Result().JSON(); !bytes.Equal(got, want) {
					t.Fatalf("live:\n%s\nplain:\n%s", got, want)
				}
				cards(res, &b)
				for _, g := range res.Groups {
					for _, u := range g.Units {
						res.Advise(u)
					}
				}
				adviceHolds(t, s, &b, view, readings, res)
				if !bytes.Equal(res.JSON(), want) {
					t.Fatal("explaining or advising changed the result")
				}
			})
		})
	}
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return slices.Clip(out)
}

// adviceHolds tries one piece of advice for one unit by adding real records,
// one after another.
func adviceHolds(t *rapid.T, s *scheme.Scheme, b *book, view scheme.View, readings scheme.Readings, res *scheme.Result) {
	u := res.Unit(s.Units[rapid.IntRange(0, len(s.Units)-1).Draw(t, "advised")])
	advice := res.Advise(u)
	if len(advice) == 0 {
		return
	}
	a := advice[rapid.IntRange(0, len(advice)-1).Draw(t, "advice")]
	more := qiaomen.Book{Records: slices.Clone(b.Records), Figures: b.Figures}
	for n := 1; n <= 12; n++ {
		one := a.Profile.Model
		one.Seq = 1_000_000 + n
		more.Records = append(more.Records, one)
		now := s.Score(&more, view, readings).Unit(u.Unit)
		if worth := now.Total.Sub(u.Total); n == 1 && !worth.Equal(a.Worth) {
			t.Fatalf("%s %s: one more is worth %v, advice says %v", u.Unit.ID, a.Profile.Says, worth, a.Worth)
		}
		better := now.Place > 0 && (u.Place == 0 || now.Place < u.Place)
		if first := !a.Climb.Never && a.Climb.N == n; better && (a.Climb.Never || a.Climb.N > n) || first && (!better || now.Place != a.Place) {
			t.Fatalf("%s %s: with %d more place %d after %d, advice says %+v to %d", u.Unit.ID, a.Profile.Says, n, now.Place, u.Place, a.Climb, a.Place)
		}
	}
}
