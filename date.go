package qiaomen

import (
	"fmt"
	"time"
)

// A Date is a calendar day at +08:00, counted from 1899-12-30: a time written
// early on 1900-01-01 east of +08:00 lies on 1899-12-31. The zero Date is no
// day at all; it sorts before every day.
type Date int32

const (
	firstYear, lastYear = 1900, 2200
	secondsOfDay        = 24 * 60 * 60
	minutesOfDay        = 24 * 60
	nanosPerSecond      = 1_000_000_000
	chinaOffset         = 8 * 60 // minutes east of Greenwich
)

var epochDays = int32(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).Unix() / secondsOfDay)

// DateOf is the day of a year, month and day of the month; a day beyond the
// month's end runs over into the next month, as in package time.
func DateOf(year int, month time.Month, day int) Date {
	return Date(int32(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix()/secondsOfDay) - epochDays)
}

// ParseDate reads YYYY-MM-DD, years 1900 to 2200. The error is a sentence for
// a person.
func ParseDate(s string) (Date, error) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return 0, fmt.Errorf("“%s”不是日期，应写成 2024-03-31 这样", Clip(s))
	}
	y, ok1 := digits(s[0:4])
	m, ok2 := digits(s[5:7])
	d, ok3 := digits(s[8:10])
	if !ok1 || !ok2 || !ok3 {
		return 0, fmt.Errorf("“%s”不是日期，应写成 2024-03-31 这样", Clip(s))
	}
	if y < firstYear || y > lastYear {
		return 0, fmt.Errorf("“%s”的年份不在 %d—%d 年之间", s, firstYear, lastYear)
	}
	if m < 1 || m > 12 || d < 1 || d > daysIn(y, m) {
		return 0, fmt.Errorf("没有“%s”这一天", s)
	}
	return DateOf(y, time.Month(m), d), nil
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

func digits(s string) (int, bool) {
	n := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// YMD splits the day into year, month and day of the month.
func (d Date) YMD() (year int, month time.Month, day int) {
	return time.Unix(int64(int32(d)+epochDays)*secondsOfDay, 0).UTC().Date()
}

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Unix(int64(int32(d)+epochDays)*secondsOfDay, 0).UTC().Weekday()
}

// String is the day as YYYY-MM-DD, or nothing for the zero Date.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	y, m, day := d.YMD()
	return fmt.Sprintf("%04d-%02d-%02d", y, int(m), day)
}

// Chinese is the day as official documents write it: 2024年4月8日.
func (d Date) Chinese() string {
	y, m, day := d.YMD()
	return fmt.Sprintf("%d年%d月%d日", y, int(m), day)
}

// A Moment is a point in time, kept as its day at +08:00 and the nanoseconds
// since that day's midnight. The zero Moment is no time at all. A leap second
// belongs to the minute it is written in.
type Moment struct {
	Day  Date
	Nano int64
}

// IsZero tells that there is no time.
func (m Moment) IsZero() bool { return m.Day == 0 }

// Before tells whether m is earlier than o.
func (m Moment) Before(o Moment) bool {
	return m.Day < o.Day || m.Day == o.Day && m.Nano < o.Nano
}

// ParseMoment reads an RFC 3339 time with its offset. Lower-case t and z and
// second 60 are taken. The error is a sentence for a person.
func ParseMoment(s string) (Moment, error) {
	bad := func() (Moment, error) {
		return Moment{}, fmt.Errorf("“%s”不是带时区的时间，应写成 2024-03-31T17:00:00+08:00 这样", Clip(s))
	}
	if len(s) < 20 || s[10] != 'T' && s[10] != 't' || s[13] != ':' || s[16] != ':' {
		return bad()
	}
	day, err := ParseDate(s[:10])
	if err != nil {
		return Moment{}, err
	}
	hour, ok1 := digits(s[11:13])
	minute, ok2 := digits(s[14:16])
	second, ok3 := digits(s[17:19])
	if !ok1 || !ok2 || !ok3 || hour > 23 || minute > 59 || second > 60 {
		return bad()
	}
	rest, nano := s[19:], int64(0)
	if rest[0] == '.' {
		i, scale := 1, int64(100_000_000)
		for ; i < len(rest) && rest[i] >= '0' && rest[i] <= '9'; i++ {
			nano += int64(rest[i]-'0') * scale
			scale /= 10
		}
		if i == 1 || i == len(rest) {
			return bad()
		}
		rest = rest[i:]
	}
	offset := 0
	switch {
	case rest == "Z" || rest == "z":
	case len(rest) == 6 && (rest[0] == '+' || rest[0] == '-') && rest[3] == ':':
		h, ok1 := digits(rest[1:3])
		m, ok2 := digits(rest[4:6])
		if !ok1 || !ok2 || h > 23 || m > 59 {
			return bad()
		}
		if offset = h*60 + m; rest[0] == '-' {
			offset = -offset
		}
	default:
		return bad()
	}
	at := hour*60 + minute - offset + chinaOffset
	for ; at < 0; at += minutesOfDay {
		day--
	}
	for ; at >= minutesOfDay; at -= minutesOfDay {
		day++
	}
	return Moment{Day: day, Nano: (int64(at)*60+int64(second))*nanosPerSecond + nano}, nil
}

// MomentOf is the moment of a point of the machine's time.
func MomentOf(t time.Time) Moment {
	china := t.UTC().Add(chinaOffset * time.Minute)
	day := DateOf(china.Date())
	midnight := time.Date(china.Year(), china.Month(), china.Day(), 0, 0, 0, 0, time.UTC)
	return Moment{Day: day, Nano: china.Sub(midnight).Nanoseconds()}
}

// UTC is the moment as the ledger keeps times: UTC, always of one width, to
// the microsecond, so that texts sort as times do. The zero Moment is empty.
func (m Moment) UTC() string {
	if m.IsZero() {
		return ""
	}
	day, minute := m.Day, int(m.Nano/(60*nanosPerSecond))
	rest := m.Nano % (60 * nanosPerSecond)
	if minute >= minutesOfDay { // a leap second at the end of the day
		minute, rest = minutesOfDay-1, rest+60*nanosPerSecond
	}
	if minute -= chinaOffset; minute < 0 {
		minute, day = minute+minutesOfDay, day-1
	}
	return fmt.Sprintf("%sT%02d:%02d:%02d.%06dZ", day, minute/60, minute%60, rest/nanosPerSecond, rest%nanosPerSecond/1000)
}

// MomentAt reads a time that the ledger wrote; of anything else it is zero.
func MomentAt(text string) Moment {
	m, err := ParseMoment(text)
	if err != nil {
		return Moment{}
	}
	return m
}
