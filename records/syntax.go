package records

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"qiaomen"
)

// syntax reports what keeps the line from being JSON.
func (t *typist) syntax(field string, err error, line []byte) {
	text, fix := t.said(err, line, 0)
	t.fault(field, text, fix)
}

// broken reports whether the JSON value that ends at the given place of the
// line, a name or what stands in a field, holds bytes that are not text.
func (t *typist) broken(field string, line []byte, end, size int) bool {
	raw := jsontext.Value(line[end-size : end])
	if raw.IsValid(anyNames) {
		return false
	}
	_, err := jsontext.NewDecoder(bytes.NewReader(raw), anyNames).ReadValue()
	text, fix := t.said(err, line, end-size)
	t.fault(field, text, fix)
	return true
}

// said is the tokenizer's error for a person: what is wrong, and what to do.
// The tokenizer began at the given place of the line.
func (t *typist) said(err error, line []byte, from int) (text, fix string) {
	at, said := len(line), ""
	if se, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		at, said = min(from+int(se.ByteOffset), len(line)), se.Err.Error()
	}
	column := utf8.RuneCount(line[:at]) + 1
	c, size := utf8.DecodeRune(line[at:])
	switch {
	case strings.HasPrefix(said, "invalid surrogate"):
		return fmt.Sprintf("第%d个字符处的转义只有半个字符（孤立的代理项）", column), "请改成完整的字符"
	case strings.HasPrefix(said, "invalid UTF-8"), c == utf8.RuneError && size == 1:
		return fmt.Sprintf("第%d个字符处不是UTF-8文字", column), "请另存为UTF-8"
	case strings.HasPrefix(said, "exceeded max depth"):
		return "括号套得太深", "字段里只写文字、数、true、false和文字的列表"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "JSON没有写完", t.words.unfinished
	case strings.ContainsRune("“”‘’，：；｛｝［］【】", c):
		fix = "JSON的标点要用半角"
	case c < ' ':
		fix = "控制字符请写成转义，如 \\t"
	case c == '\ufeff':
		fix = "请删去字节顺序标记（BOM）"
	default:
		fix = "请检查这里的引号、逗号和括号"
	}
	return fmt.Sprintf("JSON写法不对，第%d个字符“%s”", column, qiaomen.Clip(string(c))), fix
}
