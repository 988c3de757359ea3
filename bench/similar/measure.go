package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"qiaomen/similar"
)

// most is how many candidates are asked for.
const most = 10

// A candidate is an entry that was found for a query.
type candidate struct {
	entry   int
	score   float64 // more is likelier
	flagged bool    // called same or doubt
	match   similar.Match
}

// An answer is what was found for each query; nil for those that were not
// asked.
type answer [][]candidate

// A count is what was counted over some queries.
type count struct {
	same, right, ten int // queries with a true one; with it flagged; with it among the first ten
	wrong            int // candidates flagged wrongly, whatever the query
}

func (c count) precision() float64 { return ratio(c.right, c.right+c.wrong) }
func (c count) recall() float64    { return ratio(c.right, c.same) }

// f1 joins precision and recall, to choose a threshold by.
func (c count) f1() float64 { return ratio(2*c.right, c.same+c.right+c.wrong) }

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// qiaomen asks the package that is measured.
func qiaomen(s *set) answer {
	x := similar.NewIndex(len(s.corpus))
	entry := make(map[string]int, len(s.corpus))
	for i, t := range s.corpus {
		x.Put(entryID(i), t)
		entry[entryID(i)] = i
	}
	out := make(answer, len(s.queries))
	for i, q := range s.queries {
		out[i] = []candidate{}
		for _, m := range x.Find(q.report, most) {
			out[i] = append(out[i], candidate{entry[m.ID], float64(m.Score), m.Judgement != similar.Different, m})
		}
	}
	return out
}

// count counts over the queries that were asked and are wanted.
func (s *set) count(a answer, flagged func(candidate) bool, want func(*query) bool) (c count) {
	for i := range s.queries {
		q := &s.queries[i]
		if a[i] == nil || !want(q) {
			continue
		}
		if q.truth >= 0 {
			c.same++
		}
		for _, found := range a[i] {
			switch {
			case found.entry == q.truth:
				c.ten++
				if flagged(found) {
					c.right++
				}
			case flagged(found):
				c.wrong++
			}
		}
	}
	return c
}

// threshold is the least score at which a candidate should be flagged, going
// by the first half of the set: the one with the best F1.
func (s *set) threshold(a answer) float64 {
	type event struct {
		score float64
		right bool
	}
	var events []event
	var c count
	for i, q := range s.queries {
		if a[i] == nil || q.second {
			continue
		}
		if q.truth >= 0 {
			c.same++
		}
		for _, found := range a[i] {
			events = append(events, event{found.score, found.entry == q.truth})
		}
	}
	slices.SortFunc(events, func(a, b event) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	best, at := -1.0, 0.0
	for i, e := range events {
		if e.right {
			c.right++
		} else {
			c.wrong++
		}
		if last := i+1 == len(events) || events[i+1].score != e.score; last && c.f1() > best {
			best, at = c.f1(), e.score
		}
	}
	return at
}

// strengths are the two halves that have different aims.
var strengths = []struct {
	name      string
	strong    bool
	aim, rank string
}{{"1–3 disguises", false, "≥ 0.95", "≥ 0.99"}, {"4–6 disguises", true, "≥ 0.90", "≥ 0.97"}}

func byVerdict(c candidate) bool { return c.flagged }

func measureQuality(out io.Writer, o options) error {
	s := newSet(o.seed, o.corpus, o.queries)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	start := time.Now()
	ours := qiaomen(s)
	fmt.Fprintf(out, "seed %d, %d entries, %d queries, asked in %v\n\n", o.seed, len(s.corpus), len(s.queries), time.Since(start).Round(time.Millisecond))
	fmt.Fprintln(w, "by\tset\tprecision\trecall\taim\tamong ten\taim\tqueries\tthreshold\t")
	row := func(name string, a answer, flagged func(candidate) bool, second bool, at string) {
		for _, half := range strengths {
			want := func(q *query) bool { return q.strong == half.strong && (q.second || !second) }
			c, asked := s.count(a, flagged, want), 0
			for i := range s.queries {
				if a[i] != nil && want(&s.queries[i]) {
					asked++
				}
			}
			fmt.Fprintf(w, "%s\t%s\t%.4f\t%.4f\t%s\t%.4f\t%s\t%d\t%s\t\n", name, half.name, c.precision(), c.recall(), half.aim, ratio(c.ten, c.same), half.rank, asked, at)
		}
	}
	chosen := func(name string, a answer) {
		at := s.threshold(a)
		row(name, a, func(c candidate) bool { return c.score >= at }, true, fmt.Sprintf("%.4g", at))
	}
	row("verdict", ours, byVerdict, false, "")
	chosen("score", ours)
	var notes []string
	if o.peers {
		for _, p := range peers {
			a, note, err := p.ask(s, o)
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			if a != nil {
				chosen(p.name, a)
			}
			notes = append(notes, p.name+": "+note)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out, strings.Join(append([]string{""}, notes...), "\n"))
	s.perNegative(out, ours)
	s.perDisguise(out, ours)
	if o.show > 0 {
		s.showMistakes(out, ours, o.show)
	}
	return nil
}

// perNegative shows how often what is nearly the same was called same or
// doubt: asked for, with at most two disguises on; and lying beside the true
// one that was asked for.
func (s *set) perNegative(out io.Writer, a answer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\nnegative\tasked\tsame\tdoubt\tshare\taim\tbeside\tsame\tdoubt\tshare\tothers flagged\t")
	for _, n := range negatives {
		var all [2]int
		var called [2][3]int
		others := 0
		for i, q := range s.queries {
			beside := 0
			if q.kind == "same" {
				beside = 1
			}
			if q.near != n.name || beside == 1 && q.trap < 0 {
				continue
			}
			all[beside]++
			for _, c := range a[i] {
				switch {
				case c.entry == q.trap:
					called[beside][c.match.Judgement]++
				case c.entry != q.truth && c.flagged:
					others++
				}
			}
		}
		aim := ""
		if n.name == "phase" || n.name == "direction" {
			aim = "≤ 2 %"
		}
		fmt.Fprintf(w, "%s", n.name)
		for i, c := range called {
			fmt.Fprintf(w, "\t%d\t%d\t%d\t%.2f %%", all[i], c[similar.Same], c[similar.Doubt], 100*ratio(c[similar.Same]+c[similar.Doubt], all[i]))
			if i == 0 {
				fmt.Fprintf(w, "\t%s", aim)
			}
		}
		fmt.Fprintf(w, "\t%d\t\n", others)
	}
	_ = w.Flush()
}

// perDisguise shows how often a true one with some disguise was missed, alone
// or with others.
func (s *set) perDisguise(out io.Writer, a answer) {
	all, missed, gone := map[string]int{}, map[string]int{}, map[string]int{}
	for i, q := range s.queries {
		if q.truth < 0 {
			continue
		}
		at := slices.IndexFunc(a[i], func(c candidate) bool { return c.entry == q.truth })
		for _, name := range q.disguises {
			all[name]++
			if at < 0 {
				gone[name]++
			}
			if at < 0 || !a[i][at].flagged {
				missed[name]++
			}
		}
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\ndisguise\tworn\tcalled different\tnot among ten\t")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(w, "%s\t%d\t%.2f %%\t%.2f %%\t\n", name, all[name], 100*ratio(missed[name], all[name]), 100*ratio(gone[name], all[name]))
	}
	_ = w.Flush()
}
