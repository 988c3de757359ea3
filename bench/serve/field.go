package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The names of the contestants.
const (
	ours   = "qiaomen"
	peer   = "PocketBase"
	bottom = "bound"
)

// A runner is a contestant and its process.
type runner struct {
	name       string
	contestant contestant
	process    *process
	addr       string
}

// start starts it and waits for its first answer to a work; it tells how long
// that took.
func (r *runner) start(ctx context.Context, dir string, first work) (time.Duration, error) {
	var err error
	if r.addr, err = free(); err != nil {
		return 0, err
	}
	begin := time.Now()
	if r.process, err = launch(ctx, filepath.Join(dir, strings.ToLower(r.name)+".log"), r.contestant.environment(), r.contestant.argv(r.addr)); err != nil {
		return 0, err
	}
	c := newCaller(0)
	if err := r.process.ready(r.addr, r.contestant.request(first, c), time.Minute); err != nil {
		return 0, err
	}
	return time.Since(begin), nil
}

func (r *runner) stop() error {
	if r.process == nil {
		return nil
	}
	err := r.process.stop()
	if r.process = nil; err != nil {
		return fmt.Errorf("%s: %w", r.name, err)
	}
	return nil
}

// A field is the contestants of a run.
type field struct {
	o       options
	dir     string
	runners []*runner
}

func (f *field) stop() error {
	var all error
	for _, r := range f.runners {
		all = errors.Join(all, r.stop())
	}
	return all
}

// A measure is one row of the first table: a work at a number of clients.
type measure struct {
	name    string
	clients int
	next    func(r *runner) func(*caller) (request []byte, writes bool)
	aim     string
}

// a result is what one contestant did of a measure.
type result struct {
	tally
	server, load time.Duration // of the processor
	peak         int64         // memory beyond what it had before
}

var measures = []measure{
	{"submit a record", 8, alone(submission), ""},
	{"submit a record", 32, alone(submission), "≥ 2.5 ×, p99 ≤ 1/3"},
	{"submit a record", 64, alone(submission), "≥ 2.5 ×, p99 ≤ 1/3"},
	{"page of 50", 8, alone(page), "≥ 3 ×"},
	{"page of 50", 32, alone(page), "≥ 3 ×"},
	{"page of 50", 64, alone(page), "≥ 3 ×"},
	{"page of 50, by amount", 8, alone(sortedPage), "≥ 3 ×"},
	{"page of 50, by amount", 32, alone(sortedPage), "≥ 3 ×"},
	{"page of 50, by amount", 64, alone(sortedPage), "≥ 3 ×"},
	{"80 % pages, 20 % submissions", 32, mixed, "≥ 4 ×, p99 of writes ≤ 1/10"},
	{"1 MB of evidence", 8, alone(upload), "≥ 1.2 ×"},
	{"1 MB of evidence", 32, alone(upload), "≥ 1.2 ×, ≤ 64 MB"},
}

func alone(w work) func(*runner) func(*caller) ([]byte, bool) {
	return func(r *runner) func(*caller) ([]byte, bool) {
		return func(c *caller) ([]byte, bool) { return r.contestant.request(w, c), w == submission || w == upload }
	}
}

func mixed(r *runner) func(*caller) ([]byte, bool) {
	return func(c *caller) ([]byte, bool) {
		if c.rand.IntN(5) == 0 {
			return r.contestant.request(submission, c), true
		}
		return r.contestant.request(page, c), false
	}
}

// all measures everything and prints it.
func (f *field) all(ctx context.Context, w io.Writer) error {
	for _, r := range f.runners {
		if _, err := r.start(ctx, f.dir, health); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		if err := r.contestant.signIn(ctx, r.addr); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		c := newCaller(0) // the first report waits for what is read after a start; here nobody is measured by it
		err := c.ask(r.addr, r.contestant.request(submission, c))
		if c.close(); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
	}
	heading(w)
	var failed error
	for _, m := range measures {
		if !strings.Contains(m.name, f.o.works) {
			continue
		}
		results := map[string]*result{}
		for range f.o.rounds {
			for _, r := range f.runners {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				results[r.name] = r.measure(ctx, &f.o, m, results[r.name])
			}
		}
		for _, r := range f.runners {
			if len(results[r.name].all) == 0 {
				failed = errors.Join(failed, fmt.Errorf("%s, %s, %d clients: nobody was answered in time", r.name, m.name, m.clients))
			}
			for what, n := range results[r.name].failures {
				failed = errors.Join(failed, fmt.Errorf("%s, %s, %d clients: %d × %s", r.name, m.name, m.clients, n, what))
			}
		}
		f.report(w, m, results)
	}
	if err := f.stop(); err != nil {
		return err
	}
	if strings.Contains(coldName, f.o.works) {
		failed = errors.Join(failed, f.cold(ctx, w))
	}
	for _, r := range f.runners {
		if l, ok := r.contestant.(*ledger); ok && strings.Contains(importName, f.o.works) {
			failed = errors.Join(failed, f.imports(ctx, w, l, min(f.o.records, mostRows)))
		}
	}
	return failed
}

const (
	coldName = "cold start, then pages walked through"
	walked   = 1000 // pages, after a cold start
)

// cold starts each contestant on what it has by now, from its program's start to
// its first page, and looks at its memory after a walk through pages of all
// units in both orders. The files are in the system's cache.
func (f *field) cold(ctx context.Context, w io.Writer) error {
	first, now, most := map[string][]time.Duration{}, map[string][]int64{}, map[string][]int64{}
	for range f.o.rounds + 2 {
		for _, r := range f.runners {
			took, err := r.start(ctx, f.dir, page)
			if err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
			c := newCaller(0)
			for i := range walked {
				if err := c.ask(r.addr, r.contestant.request([]work{page, sortedPage}[i%2], c)); err != nil {
					return fmt.Errorf("%s: %w", r.name, err)
				}
			}
			c.close()
			resident, peak := r.process.memory()
			first[r.name], now[r.name], most[r.name] = append(first[r.name], took), append(now[r.name], resident), append(most[r.name], peak)
			if err := r.stop(); err != nil {
				return err
			}
		}
	}
	coldHeading(w)
	for _, r := range f.runners {
		f.reportCold(w, r, median(first[r.name]), median(first[ours]), median(now[r.name]), median(most[r.name]))
	}
	return nil
}

// measure is one round of a measure.
func (r *runner) measure(ctx context.Context, o *options, m measure, before *result) *result {
	r.process.forget()
	had, _ := r.process.memory()
	server, own := r.process.cpu(), ownCPU()
	got := &result{tally: load(ctx, r.addr, m.clients, o.warm, o.measure, m.next(r))}
	got.server, got.load = r.process.cpu()-server, ownCPU()-own
	if _, peak := r.process.memory(); peak > had {
		got.peak = peak - had
	}
	// The processor's time is of the warm-up too: as a share of it all.
	share := o.measure.Seconds() / (o.warm + o.measure).Seconds()
	got.server, got.load = time.Duration(float64(got.server)*share), time.Duration(float64(got.load)*share)
	if before == nil {
		return got
	}
	before.add(got.tally)
	before.server += got.server
	before.load += got.load
	before.peak = max(before.peak, got.peak)
	return before
}

func median[T int64 | time.Duration](all []T) T {
	if len(all) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(all))[len(all)/2]
}
