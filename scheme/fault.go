package scheme

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"qiaomen"
)

// A Severity says how much a fault matters. An error makes the scheme
// unusable; a warning is worth a look, such as the notice contradicting
// itself; a note confirms or advises.
type Severity int

// The severities, the worst first.
const (
	Error Severity = iota
	Warning
	Note
)

// String is the severity as it stands in a message.
func (s Severity) String() string { return [...]string{"错误", "警告", "提示"}[s] }

// A Fault is one thing that parsing or checking found in a scheme file.
type Fault struct {
	Severity Severity
	At       qiaomen.Place
	Text     string
}

// String is FILE:LINE:COL: severity: message (contract, lint).
func (f Fault) String() string { return fmt.Sprintf("%v: %v: %s", f.At, f.Severity, f.Text) }

// Faults is what was found, in the order of the file.
type Faults []Fault

// Errors is the faults that make the scheme unusable.
func (fs Faults) Errors() Faults {
	return slices.DeleteFunc(slices.Clone(fs), func(f Fault) bool { return f.Severity != Error })
}

// Excerpt is the line of the file a fault points at with a caret under the
// place. The caret lines up under Chinese text: what stands before it is
// repeated as spaces of the same width.
func (f Fault) Excerpt(data []byte) string {
	if f.At.Line < 1 {
		return ""
	}
	line := nthLine(data, f.At.Line)
	text := []rune(strings.ReplaceAll(strings.TrimRight(string(line), "\r\n"), "\t", " "))
	col := min(max(f.At.Column, 1), len(text)+1)
	const around = 60
	from := max(0, col-1-around)
	to := min(len(text), col-1+around)
	gutter := fmt.Sprintf("%6d | ", f.At.Line)
	var b strings.Builder
	b.WriteString(gutter)
	if from > 0 {
		b.WriteString("…")
	}
	b.WriteString(printable(text[from:to]))
	if to < len(text) {
		b.WriteString("…")
	}
	b.WriteString("\n")
	b.WriteString(strings.Repeat(" ", len(gutter)-2) + "| ")
	if from > 0 {
		b.WriteString("\u3000") // an ellipsis is as wide as a Chinese character
	}
	for _, r := range text[from : col-1] {
		if qiaomen.Columns(string(r)) == 2 {
			b.WriteString("\u3000")
		} else {
			b.WriteByte(' ')
		}
	}
	b.WriteString("^\n")
	return b.String()
}

func printable(rs []rune) string {
	out := slices.Clone(rs)
	for i, r := range out {
		if r < 0x20 || hidden(r) {
			out[i] = '?'
		}
	}
	return string(out)
}

func nthLine(data []byte, n int) []byte {
	for ; n > 1; n-- {
		i := bytes.IndexByte(data, '\n')
		if i < 0 {
			return nil
		}
		data = data[i+1:]
	}
	line, _, _ := bytes.Cut(data, []byte{'\n'})
	return line
}
