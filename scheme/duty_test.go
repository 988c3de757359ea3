package scheme

import (
	"os"
	"strings"
	"testing"

	"qiaomen"
)

// TestDueDays: the duties of the winter campaign fall due on the days the
// circular means; 2024-02-25 is a Sunday, so that month's report is due on
// Friday the 23rd, and 2024-02-18 is a Sunday that is worked.
func TestDueDays(t *testing.T) {
	data, err := os.ReadFile("../schemes/shuangyashan-winter-2023/scheme.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s, faults := Parse("scheme.yaml", data, nil)
	if s == nil {
		t.Fatal(faults.Errors())
	}
	for id, want := range map[string]string{
		"mobilisation":    "2024-01-01",
		"plan":            "2023-12-16",
		"contact":         "2023-12-21",
		"monthly_report":  "2023-12-25 2024-01-25 2024-02-23 2024-03-25",
		"monthly_ranking": "2023-12-25 2024-01-25 2024-02-25 2024-03-25",
		"last_report":     "2024-03-31",
		"final_ranking":   "2024-04-30",
	} {
		var got []string
		for _, d := range s.Duties {
			if d.ID == id {
				for _, day := range s.Due(d) {
					got = append(got, day.String())
				}
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s is due %v, want %s", id, got, want)
		}
	}
}

func TestDaysOff(t *testing.T) {
	s, _ := parseTiny(t, "holidays: {rest: [2024-02-10..2024-02-17], work: [2024-02-18]}", "holidays: {rest: [2024-02-10..2024-02-17, 2024-04-04], work: [2024-02-18]}")
	for day, off := range map[string]bool{
		"2024-02-09": false, // Friday
		"2024-02-10": true,
		"2024-02-14": true,  // a Wednesday within the holiday
		"2024-02-18": false, // a Sunday that is worked
		"2024-02-24": true,  // Saturday
		"2024-04-04": true,
		"2024-04-05": false,
	} {
		d, err := qiaomen.ParseDate(day)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Holidays.DayOff(d); got != off {
			t.Errorf("%s off: %v, want %v", day, got, off)
		}
	}
	// The 25th falls on a Sunday in February and on a Saturday in May: both
	// move to the last working day before.
	var got []string
	for _, d := range s.Due(s.Duties[0]) {
		got = append(got, d.String())
	}
	if want := "2024-01-25 2024-02-23 2024-03-25 2024-04-25 2024-05-24 2024-06-25"; strings.Join(got, " ") != want {
		t.Errorf("due %v, want %s", got, want)
	}
}
