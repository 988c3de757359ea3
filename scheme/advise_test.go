package scheme

import (
	"strings"
	"testing"

	"qiaomen"
)

// TestAdviceSeesTies: what only breaks a tie earns no point and still reaches
// a better place.
func TestAdviceSeesTies(t *testing.T) {
	text := strings.NewReplacer(
		"measures:\n", "measures:\n  money: {name: 签约金额, sum: signed, value: amount_yi, cite: 二}\n",
		"districts: {ties: share}", "districts: {ties: break, break_by: [money]}",
	).Replace(tiny)
	s, faults := Parse("t.yaml", []byte(text), nil)
	if s == nil {
		t.Fatal(faults.Errors())
	}
	readings := s.DefaultReadings()
	if err := s.Choose(readings, "shortfall", "none"); err != nil {
		t.Fatal(err)
	}
	day := qiaomen.DateOf(2024, 3, 1)
	signed := qiaomen.Record{Recognised: qiaomen.Moment{Day: day}, Values: make([]qiaomen.Value, 5)}
	signed.Values[0] = qiaomen.Value{Given: true, Date: day}
	signed.Values[1] = qiaomen.Value{Given: true, Number: qiaomen.Int(2)}
	// Both have 10 points; the first signed 2亿元, the second nothing.
	res := s.Score(&qiaomen.Book{Records: []qiaomen.Record{signed}}, View{}, readings)
	second := res.Unit(s.Units[1])
	if second.Place != 2 || !second.Total.Equal(qiaomen.Int(10)) {
		t.Fatalf("place %d with %v", second.Place, second.Total)
	}
	for _, a := range res.Advise(second) {
		if !a.Profile.Model.Values[1].Number.Equal(qiaomen.Int(1)) {
			continue
		}
		if a.Worth.Sign() != 0 || a.Climb != (Count{N: 2}) || a.Place != 1 {
			t.Errorf("one of 1亿元 is worth %v, %+v reach place %d; want 0, two, 1", a.Worth, a.Climb, a.Place)
		}
		return
	}
	t.Error("no advice for a project of 1亿元")
}
