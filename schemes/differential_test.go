package schemes_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/scheme"
	"qiaomen/schemes"
)

// load parses a scheme that ships.
func load(t testing.TB, id string) *scheme.Scheme {
	t.Helper()
	data, err := fs.ReadFile(schemes.Files, id+"/scheme.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s, faults := scheme.Parse(id, data, func(name string) string {
		text, err := fs.ReadFile(schemes.Files, id+"/"+name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	})
	if s == nil {
		t.Fatal(faults.Errors())
	}
	return s
}

// tally folds a records file into a tally of the view.
func tally(t testing.TB, s *scheme.Scheme, book []byte, view scheme.View) *scheme.Tally {
	t.Helper()
	ta := s.NewTally(view)
	faults, err := records.NewReader(s, "book").Read(bytes.NewReader(book), ta)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults.First {
		t.Error(f)
	}
	if faults.Total > 0 {
		t.Fatal("a valid book has faults")
	}
	return ta
}

func day(t testing.TB, text string) qiaomen.Date {
	t.Helper()
	if text == "" {
		return 0
	}
	d, err := qiaomen.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestEngineAgreesWithOracle scores random books, full of boundary cases,
// with the engine and with the oracle, which was written from the rules'
// words alone. One tally answers for several combinations of readings, so the
// counters that are kept under all of them at once are tried too.
func TestEngineAgreesWithOracle(t *testing.T) {
	s := load(t, "shuangyashan-winter-2023")
	books := uint64(1500)
	if testing.Short() {
		books = 100
	}
	if n, err := strconv.ParseUint(os.Getenv("BOOKS"), 10, 32); err == nil { // make soak asks for more
		books = n
	}
	for seed := range books {
		r := rand.New(rand.NewPCG(seed, 7))
		book := randomBook(r, 1+r.IntN(250))
		asOf, cutoff := randomView(r)
		ta := tally(t, s, book, scheme.View{AsOf: day(t, asOf), Cutoff: day(t, cutoff)})
		for range 3 {
			choices := randomChoices(r)
			readings := s.DefaultReadings()
			for k, v := range choices {
				if err := s.Choose(readings, k, v); err != nil {
					t.Fatal(err)
				}
			}
			want, err := oracle(book, asOf, cutoff, choices)
			if err != nil {
				t.Fatal(err)
			}
			if diff := compareJSON(ta.Score(readings).JSON(), want); diff != "" {
				t.Fatalf("seed %d as-of %q cutoff %q choices %v: %s\nbook:\n%s", seed, asOf, cutoff, fmt.Sprint(choices), diff, book)
			}
		}
	}
}
