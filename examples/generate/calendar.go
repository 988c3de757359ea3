package main

import (
	"fmt"
	"log"
	"slices"
	"time"
)

// day counts days since the Unix epoch.
type day int

// Days off within the week, and weekends worked instead, of this winter.
var (
	holidays = []string{
		"2024-01-01",
		"2024-02-12", "2024-02-13", "2024-02-14", "2024-02-15", "2024-02-16",
		"2024-04-04", "2024-04-05",
		"2024-05-01", "2024-05-02", "2024-05-03",
	}
	worked = []string{"2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28"}
)

// parseDay reads MM-DD of the winter, or YYYY-MM-DD.
func parseDay(s string) day {
	full := s
	if len(s) == len("01-02") {
		full = "2024-" + s
		if s >= "10" {
			full = "2023-" + s
		}
	}
	t, err := time.Parse(time.DateOnly, full)
	if err != nil {
		log.Fatal(err)
	}
	return day(t.Unix() / 86400)
}

func (d day) time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

func (d day) String() string { return d.time().Format(time.DateOnly) }

// at gives a moment of the day in office hours (08:30 to 12:00 and 13:30 to
// 16:30 or, for revocations, to the close of work), n minutes into them.
func (d day) at(n int) string {
	minute := 8*60 + 30 + n
	if n >= 210 {
		minute += 90
	}
	return fmt.Sprintf("%sT%02d:%02d:%02d+08:00", d, minute/60, minute%60, (n*37+int(d))%60)
}

func (d day) working() bool {
	if slices.Contains(worked, d.String()) {
		return true
	}
	w := d.time().Weekday()
	return w != time.Saturday && w != time.Sunday && !slices.Contains(holidays, d.String())
}

// plus gives the nth working day after d.
func (d day) plus(n int) day {
	for ; n > 0; n-- {
		for d++; !d.working(); d++ {
		}
	}
	return d
}

// spread gives the ith of n working days between two days, a little uneven.
func spread(from, to day, i, n, jitter int) day {
	var days []day
	for d := from; d <= to; d++ {
		if d.working() {
			days = append(days, d)
		}
	}
	k := i * len(days) / n
	next := (i + 1) * len(days) / n
	if next > k {
		k += jitter % (next - k)
	}
	return days[k]
}
