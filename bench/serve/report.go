package main

import (
	"fmt"
	"io"
	"runtime"
	"time"
)

func heading(w io.Writer) {
	fmt.Fprintf(w, "\n%d processors, shared with the load; loopback, HTTP/1.1, connections kept\n\n", runtime.NumCPU())
	fmt.Fprintf(w, "%-30s %7s  %-10s %9s %8s %9s %9s %9s %8s %9s %8s %7s   %s\n",
		"work", "clients", "server", "a second", "qiaomen÷", "p50", "p99", "p99 write", "qiaomen÷", "CPU each", "load's", "MB more", "aim")
}

// report prints what came of a measure, a line for each contestant: its rate and
// its 99th percentile, each with ours divided by it beside.
func (f *field) report(w io.Writer, m measure, results map[string]*result) {
	name, clients := m.name, fmt.Sprint(m.clients)
	own := results[ours]
	for _, r := range f.runners {
		got := results[r.name]
		rate, tail := "", ""
		slow := percentile(got.all, 99)
		writes := ""
		if len(got.writes) > 0 && len(got.writes) < len(got.all) {
			slow = percentile(got.writes, 99)
			writes = brief(slow)
		}
		if own != nil && got != own {
			rate = fmt.Sprintf("%.2f", own.rate()/got.rate())
			mine := percentile(own.all, 99)
			if writes != "" {
				mine = percentile(own.writes, 99)
			}
			tail = fmt.Sprintf("%.2f", float64(mine)/float64(max(slow, 1)))
		}
		each := func(d time.Duration) string { return brief(d / time.Duration(max(len(got.all), 1))) }
		aim := ""
		if r.name == ours {
			aim = m.aim
		}
		fmt.Fprintf(w, "%-30s %7s  %-10s %9.0f %8s %9s %9s %9s %8s %9s %8s %7d   %s\n",
			name, clients, r.name, got.rate(), rate, brief(percentile(got.all, 50)), brief(percentile(got.all, 99)), writes, tail,
			each(got.server), each(got.load), got.peak/1e6, aim)
		name, clients = "", ""
	}
}

func coldHeading(w io.Writer) {
	fmt.Fprintf(w, "\n%-30s %-10s %12s %8s %8s %8s   %s\n", "", "server", "first answer", "qiaomen÷", "MB", "MB most", "aim")
}

func (f *field) reportCold(w io.Writer, r *runner, first, own time.Duration, now, most int64) {
	ratio, aim := "", ""
	if r.name == ours {
		aim = "≤ 1/2, ≤ 200 MB"
	} else if own > 0 {
		ratio = fmt.Sprintf("%.2f", float64(own)/float64(first))
	}
	fmt.Fprintf(w, "%-30s %-10s %12s %8s %8d %8d   %s\n", coldName, r.name, brief(first), ratio, now/1e6, most/1e6, aim)
}

// brief is a duration with three digits or so.
func brief(d time.Duration) string {
	switch {
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= 10*time.Millisecond:
		return d.Round(100 * time.Microsecond).String()
	}
	return d.Round(time.Microsecond).String()
}
