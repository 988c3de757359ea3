// Command rank measures how fast a book held in columns is ranked, on one
// core: 3,000 units, 600,000 and 6,000,000 records of the built-in campaign's
// kinds, beside a hand-written loop over the same columns, in one process.
//
// The loop knows one campaign and one reading of it and explains nothing; the
// scheme's counters hold every reading at once. See bench/README.md.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"qiaomen/scheme"
)

func main() {
	sizes := flag.String("n", "600000,6000000", "records, comma-separated")
	runs := flag.Int("runs", 5, "runs of each; the median is shown")
	flag.Parse()
	runtime.GOMAXPROCS(1)
	if err := bench(os.Stdout, *sizes, *runs); err != nil {
		fmt.Fprintln(os.Stderr, "rank:", err)
		os.Exit(1)
	}
}

func bench(out io.Writer, sizes string, runs int) error {
	s, err := province("")
	if err != nil {
		return err
	}
	relative, err := province(wholeGroup)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%d units, one core, median of %d\t\t\t\t\t\n", len(s.Units), runs)
	fmt.Fprintln(w, "work\trecords\tqiaomen\thand-written\tratio\taim\t")
	for _, size := range split(sizes) {
		b := invent(s, size)
		view := scheme.View{}
		row := func(work string, ours, theirs time.Duration, aim string) {
			fmt.Fprintf(w, "%s\t%d\t%v\t%v\t%.2f\t%s\t\n", work, size, ours.Round(10*time.Microsecond), theirs.Round(10*time.Microsecond),
				float64(ours)/float64(theirs), aim)
		}
		var tally *scheme.Tally
		counted := median(runs, func() { tally = b.columns.Tally(view, false) })
		byHand := median(runs, func() { b.hand.count(nil) })
		row("count every reading", counted, byHand, "")
		ranked := median(runs, func() { b.columns.Tally(view, false).Score(s.DefaultReadings()) })
		handRanked := median(runs, func() { b.hand.rank(b.hand.count(nil)) })
		row("rank", ranked, handRanked, "≤ 1.5")
		linked := median(runs, func() { b.columns.Tally(view, true).Score(s.DefaultReadings()) })
		handLinked := median(runs, func() {
			ids := make([][]int32, len(s.Units)*counters)
			b.hand.rank(b.hand.count(ids))
		})
		row("rank, with record ids", linked, handLinked, "≤ 1.5")
		if err := b.agree(s, tally); err != nil {
			return err
		}
		scored := median(runs, func() { tally.Score(s.DefaultReadings()) })
		live, rec := tally.Live(s.DefaultReadings()), b.one
		changed := median(runs, func() { live.Record(&rec) })
		fmt.Fprintf(w, "one record more, ranked again\t%d\t%v\t\t\t≤ 1ms\t\n", size, changed.Round(time.Microsecond))
		fmt.Fprintf(w, "score and rank only, per unit\t%d\t%v\t\t\t≤ 1µs\t\n", size, scored/time.Duration(len(s.Units)))
	}
	b := invent(relative, 60000)
	live, rec := b.columns.Tally(scheme.View{}, false).Live(relative.DefaultReadings()), b.one
	changed := median(runs, func() { live.Record(&rec) })
	fmt.Fprintf(w, "the same, with a rule on the whole group\t%d\t%v\t\t\t≤ 5ms\t\n", 60000, changed.Round(10*time.Microsecond))
	return w.Flush()
}

func median(runs int, f func()) time.Duration {
	var ts []time.Duration
	for range runs {
		runtime.GC()
		start := time.Now()
		f()
		ts = append(ts, time.Since(start))
	}
	slices.Sort(ts)
	return ts[len(ts)/2]
}

func split(sizes string) (out []int) {
	n := 0
	for _, r := range sizes + "," {
		if r >= '0' && r <= '9' {
			n = n*10 + int(r-'0')
		} else if n > 0 {
			out, n = append(out, n), 0
		}
	}
	return out
}
