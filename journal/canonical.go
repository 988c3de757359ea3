package journal

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth is how deep the data of an event may nest, so that every other
// verifier can go through it by plain recursion.
const maxDepth = 32

// canonical says what keeps the data of an event from being a JSON object in
// the one spelling that is sealed: no white space, strings with as few escapes
// as JSON allows, no member twice, numbers as exact decimals without exponent.
// The order of members is the event's own and is kept.
func canonical(data []byte) error {
	if len(data) == 0 || data[0] != '{' {
		return errors.New("事件的数据不是JSON对象")
	}
	if err := scan(data); err != nil {
		return err
	}
	again, err := jsontext.AppendFormat(make([]byte, 0, len(data)), data)
	if err != nil {
		return errors.New("事件的数据不是合格的JSON：写法有误、编码不是UTF-8，或同一对象里有重名")
	}
	if !bytes.Equal(again, data) {
		return errors.New("事件的数据不是规定的写法：有多余的空白或转义")
	}
	return nil
}

// scan looks at what the formatter leaves as it is: the depth, and how numbers are spelt.
func scan(data []byte) error {
	depth := 0
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c == '"':
			for i++; i < len(data) && data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return errors.New("事件的数据嵌套太深")
			}
		case c == '}' || c == ']':
			depth--
		case c == '-' || c >= '0' && c <= '9':
			from := i
			for i+1 < len(data) && bytes.IndexByte([]byte("0123456789+-.eE"), data[i+1]) >= 0 {
				i++
			}
			if !decimal(data[from : i+1]) {
				return errors.New("事件的数据里有数字不是规定的写法：不用指数，小数末尾不写0，零不带负号")
			}
		}
	}
	return nil
}

// decimal holds for the one spelling of a number that JSON can take: -12.5, not -12.50 or -1.25e1.
func decimal(s []byte) bool {
	digits, negative := bytes.CutPrefix(s, []byte("-"))
	whole, fraction, point := bytes.Cut(digits, []byte("."))
	if bytes.ContainsAny(digits, "+-eE") || point && (len(fraction) == 0 || fraction[len(fraction)-1] == '0') {
		return false
	}
	return !negative || point || string(whole) != "0"
}
