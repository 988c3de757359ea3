package main

import (
	"fmt"
	"slices"

	"qiaomen/similar"
)

// A query is a report that is asked for in a corpus.
type query struct {
	report    similar.Thing
	truth     int    // the entry that is the same; -1: none is
	trap      int    // the entry that is nearly the same and is not; -1: none
	kind      string // same, or the negative that it is
	near      string // the negative that the trap is to the query
	strong    bool   // of the half with four to six disguises
	second    bool   // of the half on which thresholds are read
	disguises []string
}

// A set is a corpus, and queries with what is true of them.
type set struct {
	corpus  []similar.Thing
	queries []query
}

func entryID(i int) string { return fmt.Sprintf("c%07d", i) }
func queryID(i int) string { return fmt.Sprintf("q%07d", i) }

// newSet makes a corpus of n entries, more if the queries need more, and q
// queries: half of them are entries in disguise, half are things that are not
// in the corpus, but nearly. Of each there are as many of either strength and
// in either half. Beside half of the true ones another entry lies that is
// nearly the same; beside the negatives their original. The rest of the corpus
// is things that nobody asks for.
func newSet(seed uint64, n, q int) *set {
	m := newMaker(seed, true)
	s := &set{}
	add := func(t *thing) int {
		s.corpus = append(s.corpus, t.write())
		return len(s.corpus) - 1
	}
	for i := range q {
		base := m.thing()
		kind := negatives[i/2%len(negatives)]
		made := query{kind: kind.name, near: kind.name, truth: -1, trap: -1, strong: i/2%2 == 1, second: i/4%2 == 1}
		switch {
		case i%2 == 0:
			made.kind = "same"
			beside := m.chance(50) && kind.name != "unrelated"
			if !beside {
				kind.not = nil
			} else {
				made.trap = add(kind.do(m, base))
			}
			few := 1 + m.IntN(3)
			if made.strong {
				few += 3
			}
			made.report, made.disguises = m.wear(base, few, kind.not...)
			made.truth = add(base)
		default:
			other := kind.do(m, base)
			made.report, made.disguises = m.wear(other, m.IntN(3), kind.not...)
			at := add(base)
			if kind.name != "unrelated" {
				made.trap = at
			}
		}
		s.queries = append(s.queries, made)
	}
	for len(s.corpus) < n {
		add(m.thing())
	}
	s.shuffle(m)
	return s
}

// shuffle leaves no trace of how a set was made in the order of its parts:
// entries that are equally like are found in the order of the corpus.
func (s *set) shuffle(m *maker) {
	to := m.Perm(len(s.corpus))
	was := slices.Clone(s.corpus)
	for i, t := range was {
		s.corpus[to[i]] = t
	}
	for i := range s.queries {
		q := &s.queries[i]
		if q.truth >= 0 {
			q.truth = to[q.truth]
		}
		if q.trap >= 0 {
			q.trap = to[q.trap]
		}
	}
	m.Shuffle(len(s.queries), func(i, j int) { s.queries[i], s.queries[j] = s.queries[j], s.queries[i] })
}
