package scheme

import (
	"strings"
	"testing"

	"qiaomen"
)

// TestSteps: what a measure of a given size earns at 300 a step and 2 points,
// under each rule for the rest of a step, exactly at a step and a hair beside.
func TestSteps(t *testing.T) {
	for _, c := range []struct {
		part string
		want map[string]string // measure → points
	}{
		{"none", map[string]string{"0": "0", "299.9999": "0", "300": "2", "300.0001": "2", "899": "4", "900": "6"}},
		{"whole", map[string]string{"0": "0", "0.0001": "2", "299.9999": "2", "300": "2", "300.0001": "4", "900": "6"}},
		{"share", map[string]string{"0": "0", "150": "1", "300": "2", "450": "3", "1": "1/150"}},
		{"{points: 1}", map[string]string{"0": "0", "0.0001": "1", "300": "2", "300.0001": "3", "899": "5", "900": "6"}},
		{"{points: 1, only_without_whole: true}", map[string]string{"0": "0", "0.0001": "1", "300": "2", "300.0001": "2", "900": "6"}},
	} {
		text := strings.NewReplacer(
			"measures:\n", "figures:\n  money: {name: 资金, in: 万元}\nmeasures:\n  money: {name: 资金, figure: money, cite: 二}\n",
			"{each: big, points: 1, at_most: 5}", "{each: money, per: 300万元, points: 2, part: "+c.part+"}, {each: big, points: 1, at_most: 5}",
		).Replace(tiny)
		s, faults := Parse("t.yaml", []byte(text), nil)
		if s == nil {
			t.Fatal(faults.Errors())
		}
		for amount, want := range c.want {
			n, err := qiaomen.ParseDecimal(amount)
			if err != nil {
				t.Fatal(err)
			}
			b := &qiaomen.Book{Figures: []qiaomen.Figure{{Unit: 0, Published: 1, Values: []qiaomen.Value{{Given: true, Number: n}}}}}
			line := s.Score(b, View{}, s.DefaultReadings()).Unit(s.Units[0]).Lines[0]
			if got := line.Bonus.Fraction(); got != want {
				t.Errorf("%s, %s万元: %s points, want %s", c.part, amount, got, want)
			}
		}
	}
}

// TestRateByWholeTarget: a rate that goes by the size of a unit's task goes by
// the whole of it, however much is due by now.
func TestRateByWholeTarget(t *testing.T) {
	text := strings.NewReplacer(
		"columns: [signed], total: [7], rows: {a: [4], b: [3]}", "columns: [signed], pace: by_month, total: [24], rows: {a: [12], b: [12]}",
		"is: 7,", "is: 24,",
		"points: {by: choice.shortfall, deduct: 2, none: 0}", "points: {by: target, bands: [{at_least: 10, is: {by: choice.shortfall, deduct: 2, none: 0}}], else: 1}",
	).Replace(tiny)
	s, faults := Parse("t.yaml", []byte(text), nil)
	if s == nil {
		t.Fatal(faults.Errors())
	}
	// Two of six months are gone: 4 of 12 are due, and 4 are missing.
	view := View{Cutoff: qiaomen.DateOf(2024, 2, 29)}
	line := s.Score(&qiaomen.Book{}, view, s.DefaultReadings()).Unit(s.Units[0]).Lines[0]
	if got := line.Deduction.String(); got != "8" {
		t.Errorf("4 missing at 2 points take %s", got)
	}
}
