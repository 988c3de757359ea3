package qiaomen

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Problem is the one kind of error a person may be shown: what happened,
// where, and what to do, in Chinese. More holds further problems of the same
// batch; a batch reports all its faults, not the first.
type Problem struct {
	// Code is what sort of problem it is, for who cannot read the text; empty:
	// what was asked or sent is not right.
	Code Code
	Text string // what happened
	Fix  string // what to do; may be empty
	At   Place
	More []*Problem
}

// A Code is what sort of problem it is.
type Code string

// The sorts of problems that a program may want to tell apart.
const (
	NotFound    Code = "not_found"   // there is no such thing, or not for who asks
	Conflict    Code = "conflict"    // it does not stand as the act needs it
	Stale       Code = "stale"       // it was changed since it was looked at
	Unavailable Code = "unavailable" // something that is needed does not answer; later it may
	TooLarge    Code = "too_large"   // more than is taken
	TooMany     Code = "too_many"    // too often, or too many at once
	Unproven    Code = "unproven"    // the password is asked again first
)

// A Place is where something is wrong: a position in a file, a field, or both.
// What is not known is empty or 0. Columns are counted in characters, from 1.
type Place struct {
	File   string
	Line   int
	Column int
	Field  string
}

// String is FILE:LINE:COL: FIELD as far as known.
func (p Place) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	for _, n := range []int{p.Line, p.Column} {
		if n > 0 {
			if b.Len() > 0 {
				b.WriteByte(':')
			}
			b.WriteString(strconv.Itoa(n))
		}
	}
	if p.Field != "" {
		if b.Len() > 0 {
			b.WriteString(": ")
		}
		b.WriteString(p.Field)
	}
	return b.String()
}

// Error is the problem on one line: place, text and what to do.
func (p *Problem) Error() string {
	var b strings.Builder
	if at := p.At.String(); at != "" {
		b.WriteString(at)
		b.WriteString(": ")
	}
	b.WriteString(p.Text)
	if p.Fix != "" {
		b.WriteString("；")
		b.WriteString(p.Fix)
	}
	return b.String()
}

// Clip shortens foreign text for a message, so that a hostile value cannot
// flood the screen, and makes it printable.
func Clip(s string) string {
	const most = 40
	n := 0
	for i := range s {
		if n++; n > most {
			return Printable(s[:i]) + "…"
		}
	}
	return Printable(s)
}

// Printable is a text of which a terminal shows every character where it
// stands: control characters, line breaks and marks of direction become a
// replacement mark.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029 ||
			r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return utf8.RuneError
		}
		return r
	}, s)
}

// Suggest is “，可用：…” with the words most like the wrong one first, or
// nothing where there is nothing to choose from.
func Suggest(wrong string, words []string) string {
	if len(words) == 0 {
		return ""
	}
	const most = 8
	wrong = wrong[:min(len(wrong), 64)]
	sorted := slices.Clone(words[:min(len(words), 1000)]) // nobody reads on, and a hostile list is long
	away := make(map[string]int, len(sorted))
	for _, w := range sorted {
		away[w] = distance(wrong, w[:min(len(w), 64)])
	}
	slices.SortStableFunc(sorted, func(a, b string) int { return away[a] - away[b] })
	if len(sorted) > most {
		sorted = append(sorted[:most:most], "…")
	}
	return "，可用：" + strings.Join(sorted, "、")
}

// distance is the number of single-byte edits between two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost = 1 + min(diagonal, row[j], row[j-1])
			}
			diagonal, row[j] = row[j], cost
		}
	}
	return row[len(b)]
}
