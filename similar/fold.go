package similar

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// longest is how many characters of a name are read. The longest registered
// names of companies have under sixty, and of projects under a hundred.
const longest = 240

// Fold brings a name to the characters that were meant: compatibility forms,
// full width and radicals to the plain character, traditional characters to
// simplified ones, letters of other scripts to the Latin letters they look like,
// small letters to capitals. What cannot be seen is dropped, and so is
// punctuation, but for what holds a number together. Numerals of every kind
// become digits where they count something: 二十五, 贰拾伍 and ２５ are 25, Ⅻ期 is 12期.
//
// Numerals of words stay: 一体化, 三元前驱体.
//
// Of a longer name only the first 240 characters are read.
func Fold(name string) string {
	for range 4 { // what became a digit may stand before what is one now
		again := string(fold(name))
		if again == name {
			break
		}
		name = again
	}
	return name
}

func fold(name string) []rune { return bare(digits(tables().letters(name))) }

// companyText is a company's name with edges. Its numerals are part of it.
func companyText(name string) []rune {
	text := tables().letters(name)
	for i, r := range text {
		if strings.ContainsRune(".,#-~%+", r) {
			text[i] = edge
		}
	}
	return text
}

// projectText is a project's name with edges and numbers.
func projectText(name string) []rune { return digits(tables().letters(name)) }

// edge stands where a bracket or another mark stood: words do not go across it.
const edge = '|'

// bare is the text without edges.
func bare(text []rune) []rune {
	return slices.DeleteFunc(text, func(r rune) bool { return r == edge })
}

// letters does what concerns one character at a time.
func (t *tableSet) letters(name string) []rune {
	out := make([]rune, 0, min(len(name)/3+4, longest))
	for i, budget := 0, 8*longest; i < len(name) && len(out) < longest && budget > 0; budget-- {
		r, size := utf8.DecodeRuneInString(name[i:])
		// Hidden characters cost no room, but a name of nothing else must end.
		i += size
		switch {
		case r < utf8.RuneSelf:
			out = plain(out, r)
		case r == utf8.RuneError && size == 1:
		case r < rune(len(t.simple)) && t.simple[r] != 0:
			out = append(out, rune(t.simple[r]))
		default:
			out = composed(out, r, t)
		}
	}
	return out
}

// plain is an ASCII character. Marks stay for digits to judge.
func plain(out []rune, r rune) []rune {
	switch {
	case 'a' <= r && r <= 'z':
		return append(out, r-'a'+'A')
	case 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune(".,#-~%+", r):
		return append(out, r)
	case strings.ContainsRune("()[]{}<>|;:/\\\"'", r):
		return append(out, edge)
	}
	return out
}

// composed is a character that the table of single characters has nothing for:
// it may stand for several, or for none.
func composed(out []rune, r rune, t *tableSet) []rune {
	switch {
	case hidden(r):
		return out
	case r == '○': // for 〇
		return append(out, '〇')
	case '㈠' <= r && r <= '㈩':
		return append(out, []rune("一二三四五六七八九十")[r-'㈠'])
	}
	var buf [utf8.UTFMax]byte
	n := utf8.EncodeRune(buf[:], r)
	for _, c := range string(norm.NFKC.Bytes(buf[:n])) {
		switch {
		case c < utf8.RuneSelf:
			out = plain(out, c)
		case hidden(c):
		case c < rune(len(t.simple)) && t.simple[c] != 0:
			out = append(out, rune(t.simple[c]))
		case t.letter[c] != 0:
			out = append(out, t.letter[c])
		case c == '、', c == '—', c == '–', c == '至', c == '～':
			out = append(out, '-')
		case unicode.IsPunct(c):
			out = append(out, edge)
		case unicode.IsLetter(c), unicode.IsNumber(c):
			out = append(out, unicode.ToUpper(c))
		}
	}
	return out
}

// hidden tells what takes no room on paper, or is nobody's character.
func hidden(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Cc, unicode.Co, unicode.Cs, unicode.Mn, unicode.Me, unicode.Zs, unicode.Zl, unicode.Zp, unicode.Variation_Selector) || r == utf8.RuneError || r == '\u3164' || r == '\u115f' || r == '\u1160'
}

// counts tells whether numerals at a place are a number: an ordinal, one with a
// unit behind it, one of several places.
func counts(text []rune, at, n int) bool {
	if at > 0 && (text[at-1] == '第' || isDigit(text[at-1]) || text[at-1] == '.') {
		return true
	}
	after := text[at+n:]
	for len(after) > 0 && (after[0] == '余' || after[0] == '多' || after[0] == edge) {
		after = after[1:]
	}
	if n == 1 && strings.ContainsRune("壹贰叁肆伍陆柒捌玖拾佰仟", text[at]) && (len(after) == 0 || !strings.ContainsRune("期万亿千阶号", after[0])) {
		return false // 下陆区
	}
	digit := false
	for _, r := range text[at : at+n] {
		digit = digit || isDigit(r) || tens[r] == 0
	}
	if len(after) == 0 {
		return n > 1 || digit && at > 0 && text[at-1] == '-'
	}
	return n > 3 || strings.ContainsRune("%+,到万亿吨兆吉瓦米亩公平立头只羽台套辆美人床间户件期阶号标锭升方年月日.-~、—–至#KMGTWV", after[0]) || digit && strings.ContainsRune("千百区线座条栋层度厂", after[0])
}

// ungrouped is the text without the commas of 1,000.
func ungrouped(text []rune) []rune {
	for i := 1; i+1 < len(text); i++ {
		if text[i] == ',' && isDigit(text[i-1]) && isDigit(text[i+1]) {
			text = slices.Delete(text, i, i+1)
		}
	}
	return text
}

// digits writes numerals as digits and drops the marks that hold no number
// together. A ten or a hundred that no digit stands beside is one (十, 百).
func digits(text []rune) []rune {
	out := make([]rune, 0, len(text)+8)
	places := tables().places
	text = ungrouped(text)
	for i := 0; i < len(text); {
		if at := places.longest(text[i:]); at != nil { // 四方台区
			out = append(out, at.text...)
			i += len(at.text)
			continue
		}
		if n, value := romanSum(text[i:]); n > 0 { // Ⅱ亿元
			out = append(out, []rune(strconv.Itoa(value))...)
			i += n
			continue
		}
		if n, value, ok := numeral(text[i:]); ok {
			if counts(text, i, n) {
				out = append(out, []rune(value)...)
			} else {
				out = append(out, text[i:i+n]...)
			}
			i += n
			continue
		}
		r := text[i]
		beside := len(out) > 0 && (isDigit(out[len(out)-1]) || romanDigit(out[len(out)-1]))
		next := i+1 < len(text) && (isDigit(text[i+1]) || values[text[i+1]] != 0 || romanDigit(text[i+1]))
		switch {
		case r == '.' && beside && next && isDigit(text[i+1]):
			out = append(out, r)
		case (r == '-' || r == '~') && beside && next:
			out = append(out, '-')
		case r == '#' && beside:
			out = append(out, '号')
		case strings.ContainsRune(".,#-~%+", r):
			if r != '+' && r != '%' && len(out) > 0 {
				out = append(out, edge)
			}
		default:
			out = append(out, r)
		}
		i++
	}
	return out
}
