package workbook

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/width"
	"qiaomen"
)

// Days before firstSerial are typed as text: a number so small in a column of
// dates is a year, a month or a slip.
const (
	firstSerial   = 20_000 // 1954-10-03
	lastSerial    = 110_000
	days1904      = 1462
	secondsOfDay  = 86_400
	nanosOfSecond = 1_000_000_000
)

var excelEpoch = qiaomen.DateOf(1899, time.December, 30)

// serial is the day as Excel counts it, where it is written as a number.
func serial(d qiaomen.Date) (int, bool) {
	n := int(d - excelEpoch)
	return n, n >= firstSerial && n < lastSerial
}

// date is the day in a cell: a serial number, or text in one of the shapes
// that offices use.
func (t *typist) date(c cell) (qiaomen.Date, *said) {
	m, say := t.moment(c)
	return m.Day, say
}

var (
	dayShape  = regexp.MustCompile(`^(\d{4})(?:年|[-/.])(\d{1,2})(?:月|[-/.])(\d{1,2})(?:[日号]?[ tT](.+)|[日号](.*))?$`)
	dayMarks  = regexp.MustCompile(` *([年月日号./-]) *`)
	runShape  = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})$`)
	timeShape = regexp.MustCompile(`^(上午|下午)?(\d{1,2})[:时点](\d{1,2})?分?(?::?(\d{1,2})秒?(\.\d{1,9})?)?$`)
	shortDay  = regexp.MustCompile(`^(\d{1,2}[月./-]\d{1,2}日?|\d{2}[./-]\d{1,2}[./-]\d{1,2}|\d{4}年?[./-]?\d{0,2}月?)$`)
)

const dateFix = "请写成 2024-01-05 这样"

// moment is the day, and the time of day where one is written, at +08:00.
func (t *typist) moment(c cell) (qiaomen.Moment, *said) {
	switch c.kind {
	case errorCell:
		return qiaomen.Moment{}, wrong("公式算不出来（"+qiaomen.Clip(c.text)+"）", dateFix)
	case numberCell:
		if !runShape.MatchString(c.text) {
			return t.counted(c)
		}
	case flagCell:
		return qiaomen.Moment{}, wrong("“"+c.text+"”不是日期", dateFix)
	}
	text := trim(c.text)
	if m, err := qiaomen.ParseMoment(text); err == nil {
		return m, nil
	}
	text = dayMarks.ReplaceAllString(strings.Join(strings.Fields(width.Fold.String(text)), " "), "$1")
	m := dayShape.FindStringSubmatch(text)
	if m == nil {
		if m = runShape.FindStringSubmatch(text); m == nil {
			return qiaomen.Moment{}, noDate(c.text, text)
		}
		m = append(m, "", "")
	}
	two := func(s string) string { return strings.Repeat("0", 2-len(s)) + s }
	day, err := qiaomen.ParseDate(m[1] + "-" + two(m[2]) + "-" + two(m[3]))
	if err != nil {
		return qiaomen.Moment{}, wrong(err.Error(), "请核对")
	}
	nano, ok := clock(strings.ReplaceAll(m[4]+m[5], " ", ""))
	if !ok {
		return qiaomen.Moment{}, wrong("“"+qiaomen.Clip(c.text)+"”里的时间看不懂", "请写成 2024-01-05 16:40 这样，或只写日期")
	}
	return qiaomen.Moment{Day: day, Nano: nano}, nil
}

func noDate(raw, text string) *said {
	if shortDay.MatchString(text) {
		return wrong("“"+qiaomen.Clip(raw)+"”没有写全年月日", dateFix)
	}
	return wrong("“"+qiaomen.Clip(raw)+"”不是日期", dateFix)
}

// clock is a time of day in nanoseconds; nothing is midnight. Second 60 is a
// leap second.
func clock(text string) (int64, bool) {
	if text == "" {
		return 0, true
	}
	text = strings.TrimSuffix(text, "+08:00")
	m := timeShape.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	n := func(s string) int64 { v, _ := strconv.ParseInt("0"+s, 10, 64); return v }
	hour, minute, second := n(m[2]), n(m[3]), n(m[4])
	if m[1] == "下午" && hour < 12 {
		hour += 12
	}
	if hour > 23 || minute > 59 || second > 60 {
		return 0, false
	}
	nano := int64(0)
	if m[5] != "" {
		nano = n((m[5][1:] + "000000000")[:9])
	}
	return (hour*3600+minute*60+second)*nanosOfSecond + nano, true
}

// counted is a day as Excel counts days, with its time of day to the second.
func (t *typist) counted(c cell) (qiaomen.Moment, *said) {
	f, err := strconv.ParseFloat(c.text, 64)
	if t.since1904 {
		f += days1904
	}
	if err != nil || !(f >= firstSerial && f < lastSerial) {
		return qiaomen.Moment{}, noDate(c.text, c.text)
	}
	seconds := int64(f*secondsOfDay + 0.5)
	return qiaomen.Moment{
		Day:  excelEpoch + qiaomen.Date(seconds/secondsOfDay),
		Nano: seconds % secondsOfDay * nanosOfSecond,
	}, nil
}

// momentText is a moment to the nanosecond, as moment reads it.
func momentText(m qiaomen.Moment) string {
	s := m.Nano / nanosOfSecond
	minutes := min(s/60, 24*60-1)
	text := m.Day.String() + " " + two(minutes/60) + ":" + two(minutes%60) + ":" + two(s-minutes*60)
	if rest := m.Nano % nanosOfSecond; rest > 0 {
		part := strconv.FormatInt(rest+nanosOfSecond, 10)[1:]
		text += "." + strings.TrimRight(part, "0")
	}
	return text
}

func two(n int64) string {
	if n < 10 {
		return "0" + strconv.FormatInt(n, 10)
	}
	return strconv.FormatInt(n, 10)
}
