package main

import (
	"cmp"
	"fmt"
	"slices"
)

// levenshtein compares a query with every entry: 1 − distance ÷ the longer
// one's length.
func levenshtein(s *set, o options) (answer, string, error) {
	letters := map[rune]int{} // dense numbers, so that patterns need no map
	number := func(text string) (out []int) {
		for _, r := range text {
			n, ok := letters[r]
			if !ok {
				n = len(letters)
				letters[r] = n
			}
			out = append(out, n)
		}
		return out
	}
	entries := make([][]int, len(s.corpus))
	for i, t := range s.corpus {
		entries[i] = number(peerText(t, o))
	}
	out := make(answer, len(s.queries))
	for i := range min(o.sample, len(s.queries)) {
		text := number(peerText(s.queries[i].report, o))
		p := newPattern(text, len(letters))
		all := make([]candidate, len(entries))
		for j, e := range entries {
			all[j] = candidate{entry: j, score: 1 - float64(p.distance(e))/float64(max(1, len(e), len(text)))}
		}
		slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
		out[i] = slices.Clone(all[:min(most, len(all))])
	}
	return out, fmt.Sprintf("1 − distance ÷ length, every entry compared; %d queries", min(o.sample, len(s.queries))), nil
}

// A pattern is a text ready to be compared with many: for each letter, where
// it stands, as bits. Myers' way computes a column of the table at once; texts
// of more than 64 letters are compared cell by cell.
type pattern struct {
	text  []int
	stand []uint64
}

func newPattern(text []int, letters int) *pattern {
	p := &pattern{text: text}
	if len(text) > 0 && len(text) <= 64 {
		p.stand = make([]uint64, letters)
		for i, n := range text {
			p.stand[n] |= 1 << i
		}
	}
	return p
}

func (p *pattern) distance(other []int) int {
	if p.stand == nil {
		return cellByCell(p.text, other)
	}
	up, down, d := ^uint64(0), uint64(0), len(p.text)
	last := uint64(1) << (len(p.text) - 1)
	for _, n := range other {
		eq := p.stand[n]
		v := eq | down
		h := (((eq & up) + up) ^ up) | eq
		more, less := down|^(h|up), up&h
		if more&last != 0 {
			d++
		} else if less&last != 0 {
			d--
		}
		more = more<<1 | 1
		up, down = less<<1|^(v|more), more&v
	}
	return d
}

func cellByCell(a, b []int) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		corner := row[0]
		row[0] = i + 1
		for j, y := range b {
			cost := corner
			if x != y {
				cost++
			}
			corner = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
