package main

import (
	"strconv"
	"strings"
)

// numeralStyles is how many ways numeral knows to write a number.
const numeralStyles = 7

// text is an amount as it is written.
func (a amount) text() string {
	n, unit, ok := numeral(a.n, a.unit, a.style)
	if !ok {
		n, unit = strconv.Itoa(a.n), a.unit
	}
	return a.before + n + unit
}

// numeral writes a number with its unit: 10万吨, 十万吨, 拾万吨, １０万吨, Ⅹ万吨,
// 100000吨 (or 0.5万头 for 5000头) and 5,000头. Not every number can be written
// in every style.
func numeral(n int, unit string, style int) (number, its string, ok bool) {
	digits := strconv.Itoa(n)
	rest, ten := strings.CutPrefix(unit, "万")
	switch style {
	case 0:
		return digits, unit, true
	case 1:
		return han(n, "零一二三四五六七八九", "十百千"), unit, true
	case 2:
		return han(n, "零壹贰叁肆伍陆柒捌玖", "拾佰仟"), unit, true
	case 3:
		return strings.Map(func(r rune) rune { return r - '0' + '０' }, digits), unit, true
	case 4:
		if n > 12 {
			return "", "", false
		}
		return string('Ⅰ' + rune(n-1)), unit, true
	case 5:
		switch {
		case ten:
			return digits + "0000", rest, true
		case unit == "亿元":
			return digits + "0000", "万元", true
		case n >= 1000 && n%100 == 0:
			return strconv.FormatFloat(float64(n)/10000, 'f', -1, 64), "万" + unit, true
		}
	case 6:
		if n >= 1000 {
			return digits[:len(digits)-3] + "," + digits[len(digits)-3:], unit, true
		}
	}
	return "", "", false
}

// han writes a number below 10,000 in Chinese numerals.
func han(n int, names, powers string) string {
	digit, power := []rune(names), []rune(powers)
	out, gap := "", false
	for i, r := range strconv.Itoa(n) {
		d, left := int(r-'0'), len(strconv.Itoa(n))-i-1
		switch {
		case d == 0:
			gap = true
			continue
		case gap:
			out += string(digit[0])
		}
		gap = false
		if d != 1 || left != 1 || out != "" { // 十二, not 一十二
			out += string(digit[d])
		}
		if left > 0 {
			out += string(power[left-1])
		}
	}
	return out
}
