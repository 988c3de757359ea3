package gongwen

import "strings"

// halves is how wide a text is, in halves of a Chinese character.
func halves(s string) int {
	n := 0
	for _, r := range s {
		if n++; r >= 0x80 {
			n++
		}
	}
	return n
}

// plain is a title without the marks of where it may well be split.
func plain(title string) string { return strings.ReplaceAll(title, "｜", "") }

// titleLine is how much of a title one line may hold, in halves of a
// character: 20 of 2号 fill the type area, and a title does not fill it.
const (
	titleLine = 38
	mostLines = 4
)

// What a line of a title must not end or begin with, and what it may well end
// with.
const (
	notAtEnd   = "（《“〔—0123456789"
	notAtStart = "）》”〕—，、的了和及与年月日号市县区"
)

var goodEnds = []string{"关于", "年", "活动", "》", "）", "、", "，", "方案", "办法"}

// titleLines splits a title by its sense into lines in the shape of a
// trapezoid or a diamond, as the standard asks. “｜” marks good places.
func titleLines(title string) []string {
	var text []rune
	marked := map[int]bool{}
	for _, r := range title {
		if r == '｜' {
			marked[len(text)] = true
			continue
		}
		text = append(text, r)
	}
	s := &splitter{text: text, marked: marked, wide: make([]int, len(text)+1)}
	for i, r := range text {
		s.wide[i+1] = s.wide[i] + halves(string(r))
	}
	least := (halves(string(text)) + titleLine - 1) / titleLine
	least = max(least, 1)
	if least <= mostLines { // a longer text is no title
		s.split(0, least, nil, 0)
		s.split(0, least+1, nil, 12)
	}
	if s.best == nil { // nowhere to break: the word processor will
		return []string{string(text)}
	}
	return s.best
}

type splitter struct {
	text   []rune
	marked map[int]bool
	wide   []int // up to each character, in halves
	best   []string
	cost   int
}

// split tries every way to put what is left into n lines.
func (s *splitter) split(from, n int, lines []string, cost int) {
	if s.best != nil && cost >= s.cost || s.wide[len(s.text)]-s.wide[from] > n*titleLine {
		return
	}
	if n == 1 {
		last := string(s.text[from:])
		if halves(last) > titleLine {
			return
		}
		lines = append(lines, last)
		if cost += shapeCost(lines); s.best == nil || cost < s.cost {
			s.best, s.cost = append([]string(nil), lines...), cost
		}
		return
	}
	for to := from + 1; to < len(s.text); to++ {
		if s.wide[to]-s.wide[from] > titleLine {
			return
		}
		if c, ok := s.breakCost(to); ok {
			s.split(to, n-1, append(lines, string(s.text[from:to])), cost+c)
		}
	}
}

func (s *splitter) breakCost(at int) (int, bool) {
	if s.marked[at] {
		return 0, true
	}
	before, after := string(s.text[at-1]), string(s.text[at])
	if strings.Contains(notAtEnd, before) || strings.Contains(notAtStart, after) ||
		before < "\x80" && after < "\x80" || before == "年" && after < "\x80" {
		return 0, false
	}
	for _, end := range goodEnds {
		if strings.HasSuffix(string(s.text[:at]), end) {
			return 6, true
		}
	}
	if after < "\x80" { // before a figure
		return 10, true
	}
	return 80, true // within a word, as far as we know
}

// shapeCost is low for lines that grow, shrink, or bulge in the middle, and
// are about as long as each other without being equal.
func shapeCost(lines []string) int {
	cost, longest, shortest := 0, 0, titleLine
	for i, l := range lines {
		w := halves(l)
		longest, shortest = max(longest, w), min(shortest, w)
		if i > 0 && i < len(lines)-1 && w < halves(lines[i-1]) && w < halves(lines[i+1]) {
			cost += 30 // an hourglass
		}
	}
	if len(lines) > 1 && longest-shortest < 2 {
		cost += 8 // a rectangle
	}
	return cost + longest - shortest
}
