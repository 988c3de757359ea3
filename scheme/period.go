package scheme

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"qiaomen"
)

var periodForms = map[string]string{
	"day": "2024-03-31", "month": "2024-03", "quarter": "2024Q1", "half": "2024H1", "year": "2024",
}

// periodSpan is the days of a period: 2024-03-31, 2024-03, 2024Q1, 2024H1,
// 2024. The error is a sentence for a person.
func periodSpan(every, text string) (Window, error) {
	bad := fmt.Errorf("“%s”不对，应写成 %s 这样", qiaomen.Clip(text), periodForms[every])
	if every == "day" {
		d, err := qiaomen.ParseDate(text)
		return Window{From: d, To: d}, err
	}
	if len(text) < 4 {
		return Window{}, bad
	}
	year, err := strconv.Atoi(text[:4])
	if err != nil || year < 1900 || year > 2200 {
		return Window{}, bad
	}
	rest, first, months := text[4:], 1, 12
	switch every {
	case "month":
		m, ok := strings.CutPrefix(rest, "-")
		n, err := strconv.Atoi(m)
		if !ok || len(m) != 2 || err != nil || n < 1 || n > 12 {
			return Window{}, bad
		}
		first, months = n, 1
	case "quarter", "half":
		per := map[string]int{"quarter": 3, "half": 6}[every]
		if len(rest) != 2 || rest[0] != periodForms[every][4] || rest[1] < '1' || int(rest[1]-'0') > 12/per {
			return Window{}, bad
		}
		first, months = int(rest[1]-'1')*per+1, per
	default:
		if rest != "" {
			return Window{}, bad
		}
	}
	return Window{
		From: qiaomen.DateOf(year, time.Month(first), 1),
		To:   qiaomen.DateOf(year, time.Month(first+months), 1) - 1,
	}, nil
}

// periodName is a period as a sentence has it: 2024年一季度.
func periodName(every, text string) string {
	if len(text) < 4 {
		return text
	}
	year := text[:4] + "年"
	switch every {
	case "month":
		return year + strings.TrimLeft(text[5:], "0") + "月"
	case "quarter":
		return year + [...]string{"一", "二", "三", "四"}[text[5]-'1'] + "季度"
	case "half":
		return year + [...]string{"上", "下"}[text[5]-'1'] + "半年"
	case "year":
		return year
	}
	return text
}

// periodKey is a number that is the same for all days of one period, for
// limits such as once a quarter.
func periodKey(per string, d qiaomen.Date) int {
	y, m, _ := d.YMD()
	switch per {
	case "day":
		return int(d)
	case "month":
		return y*12 + int(m) - 1
	case "quarter":
		return y*4 + (int(m)-1)/3
	case "half":
		return y*2 + (int(m)-1)/6
	case "year":
		return y
	}
	return 0 // the whole campaign
}

var perNames = map[string]string{
	"day": "每天", "month": "每月", "quarter": "每季度", "half": "每半年", "year": "每年", "campaign": "整个活动",
}
