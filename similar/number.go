package similar

import (
	"strconv"
	"strings"
)

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// values is what a numeral is worth, plus one: nought must not be nothing.
var values = map[rune]int{
	'零': 1, '〇': 1, '○': 1, '一': 2, '二': 3, '三': 4, '四': 5, '五': 6, '六': 7, '七': 8, '八': 9, '九': 10, '两': 3,
	'壹': 2, '贰': 3, '叁': 4, '肆': 5, '伍': 6, '陆': 7, '柒': 8, '捌': 9, '玖': 10, '弌': 2, '弍': 3, '弎': 4,
	'0': 1, '1': 2, '2': 3, '3': 4, '4': 5, '5': 6, '6': 7, '7': 8, '8': 9, '9': 10,
}

// tens is what a digit before it is multiplied with. 万 and 亿 stay: they are
// units of amounts.
var tens = map[rune]int{'十': 10, '拾': 10, '百': 100, '佰': 100, '千': 1000, '仟': 1000, '廿': 20, '卅': 30}

// numeral reads a number that begins the text and has a Chinese numeral in it:
// how many characters it takes, and its digits. 千瓦 and the like are units, and
// their 千 is none.
func numeral(text []rune) (n int, value string, ok bool) {
	total, since, some := 0, 0, false // since the last ten: the digits, if there are some
	var alone []byte
	tenfold := false
	for ; n < len(text) && n < 12; n++ {
		r := text[n]
		v := values[r] - 1
		switch ten := tens[r]; {
		case ten > 0:
			if (r == '千' || r == '百') && n+1 < len(text) && strings.ContainsRune("瓦克米升伏帕", text[n+1]) {
				return n, number(total, since, alone, tenfold), ok
			}
			if some {
				ten *= since
			}
			total, since, some, tenfold, ok = total+ten, 0, false, true, true
			continue
		case isDigit(r):
		case v < 0:
			return n, number(total, since, alone, tenfold), ok
		default:
			ok = true
		}
		since, some, alone = 10*since+v, true, append(alone, byte('0'+v))
	}
	return n, number(total, since, alone, tenfold), ok
}

func number(total, since int, alone []byte, tenfold bool) string {
	if tenfold {
		return strconv.Itoa(total + since)
	}
	return string(alone) // 二〇二四, 三
}

func romanDigit(r rune) bool { return r == 'I' || r == 'V' || r == 'X' }

// romanSum reads a Roman number that begins the text and counts something: Ⅱ期,
// Ⅻ万吨.
func romanSum(text []rune) (n, value int) {
	for n < len(text) && n < 5 && romanDigit(text[n]) {
		n++
	}
	if n == 0 || n == len(text) || !strings.ContainsRune("万亿期号阶-至到", text[n]) {
		return 0, 0
	}
	if value = roman[string(text[:n])]; value == 0 {
		return 0, 0
	}
	return n, value
}
