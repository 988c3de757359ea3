package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"qiaomen/similar"
)

// asked is how many queries are timed.
const asked = 2000

// measureSpeed builds a large index, asks it, and joins two batches, all on
// one core. Making the things up is not part of any time.
func measureSpeed(out io.Writer, o options) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\nwork, one core\tmeasured\taim\t")
	m := newMaker(o.seed, false)
	queries := make([]similar.Thing, 0, asked)
	// What the index keeps of a thing's texts is its own expense: the things are let go as they are put in.
	var took time.Duration
	before := heap()
	x := similar.NewIndex(o.entries)
	every := max(1, o.entries/asked)
	const batch = 10000
	for from := 0; from < o.entries; from += batch {
		var ids []string
		var things []similar.Thing
		for i := from; i < min(from+batch, o.entries); i++ {
			t := m.thing()
			ids, things = append(ids, entryID(i)), append(things, t.write())
			if i%every != 0 || len(queries) == asked {
				continue
			}
			if i/every%4 == 3 {
				t = m.thing() // one in four is not there
			}
			q, _ := m.wear(t, 1+m.IntN(6))
			queries = append(queries, q)
		}
		start := time.Now()
		for i := range things {
			x.Put(ids[i], things[i])
		}
		took += time.Since(start)
	}
	grown := heap() - before
	fmt.Fprintf(w, "build, entries/s (%d)\t%.0f\t≥ 50,000\t\n", o.entries, float64(o.entries)/took.Seconds())
	fmt.Fprintf(w, "bytes an entry, names and ids included\t%.0f\t≤ 450\t\n", float64(grown)/float64(max(1, o.entries)))
	for _, q := range queries[:min(200, len(queries))] { // warm up
		x.Find(q, most)
	}
	times := make([]time.Duration, 0, len(queries))
	for _, q := range queries {
		start := time.Now()
		x.Find(q, most)
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	for _, p := range []struct {
		name string
		at   int
		aim  string
	}{{"p50", 50, "≤ 2ms"}, {"p99", 99, "≤ 10ms"}, {"slowest", 100, ""}} {
		if len(times) > 0 {
			at := times[min(len(times)*p.at/100, len(times)-1)]
			fmt.Fprintf(w, "query, %s of %d\t%v\t%s\t\n", p.name, len(times), at.Round(time.Microsecond), p.aim)
		}
	}
	runtime.KeepAlive(x)
	x = nil
	_ = heap()
	joined(w, o)
	_ = w.Flush()
}

// joined times a batch against as many entries, and against itself: half of
// it are the entries in disguise.
func joined(w io.Writer, o options) {
	m := newMaker(o.seed+1, false)
	var ids [2][]string
	var things [2][]similar.Thing
	for i := range o.join {
		t := m.thing()
		ids[0], things[0] = append(ids[0], entryID(i)), append(things[0], t.write())
		if i%2 == 0 {
			t = m.thing()
		}
		report, _ := m.wear(t, 1+m.IntN(4))
		ids[1], things[1] = append(ids[1], queryID(i)), append(things[1], report)
	}
	_ = heap()
	start := time.Now()
	x := similar.NewIndex(2 * o.join)
	for i := range ids[0] {
		x.Put(ids[0][i], things[0][i])
	}
	built := time.Since(start)
	found := x.Join(ids[1], things[1], most)
	took := time.Since(start)
	fmt.Fprintf(w, "%d rows against as many and each other\t%v\t≤ 20s\t\n", o.join, took.Round(10*time.Millisecond))
	fmt.Fprintf(w, "of it building\t%v\t\t\npairs found\t%d\t\t\n", built.Round(10*time.Millisecond), len(found))
}

// heap is what is in use once everything that can be is let go.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}
