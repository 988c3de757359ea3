// Command score measures how fast qiaomen scores a large records file, on one
// core. It writes a file of invented records in a temporary folder, builds
// qiaomen there and runs three programs over that file, each as a process of
// its own with GOMAXPROCS=1: qiaomen score, a peer that only decodes every
// line with encoding/json, and a bound that only reads the lines.
//
// The table shows the median of several runs. See bench/README.md.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

const (
	schemeID = "shuangyashan-winter-2023"
	mb       = 1e6

	aimSpeed   = 60  // MB/s on one core, at least
	aimMemory  = 600 // MB of peak memory, less than this …
	aimRecords = 600_000
)

func main() {
	// Run by itself as a child: score -as peer|bound FILE. Not a flag of the
	// command, so that it does not stand in its help.
	if len(os.Args) == 4 && os.Args[1] == "-as" {
		if err := child(os.Args[2], os.Args[3], os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	n := flag.Int("n", aimRecords, "records in the file")
	runs := flag.Int("runs", 3, "runs of each program; the median is shown")
	program := flag.String("qiaomen", "", "measure this program instead of building one")
	flag.Parse()
	if *n < 1 || *runs < 1 || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := bench(ctx, os.Stdout, *n, *runs, *program)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "score:", err)
		os.Exit(1)
	}
}

// contestant is one of the programs measured.
type contestant struct {
	name  string
	argv  []string
	check func(output []byte) error
	walls []time.Duration
	peaks []float64 // bytes
}

func (c *contestant) wall() time.Duration { return median(c.walls) }

func bench(ctx context.Context, w io.Writer, n, runs int, program string) (err error) {
	dir, err := os.MkdirTemp("", "qiaomen-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	file := filepath.Join(dir, "records.jsonl")
	size, err := generate(file, n)
	if err != nil {
		return err
	}
	if program == "" {
		program = filepath.Join(dir, "qiaomen.exe") // Windows asks for the suffix, nobody else minds
		build := exec.CommandContext(ctx, "go", "build", "-o", program, "qiaomen/cmd/qiaomen")
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("go build: %w\n%s", err, out)
		}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	contestants := []*contestant{
		{
			name:  "qiaomen score",
			argv:  []string{program, "score", "--scheme", schemeID, "--records", file, "--format", "json"},
			check: checkScore,
		},
		{name: "peer (encoding/json)", argv: []string{self, "-as", "peer", file}, check: checkCount(int64(n))},
		{name: "bound (reading only)", argv: []string{self, "-as", "bound", file}, check: checkCount(size)},
	}
	// Round by round, so that a change in the machine's load hits all of them.
	for range runs {
		for _, c := range contestants {
			if err := c.run(ctx); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
		}
	}
	return report(w, contestants, n, runs, size)
}

// run runs the program once, on one core, and notes its time and memory.
func (c *contestant) run(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, c.argv[0], c.argv[1:]...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if err != nil {
		return fmt.Errorf("%w\n%.2000s", err, stderr.String())
	}
	c.walls = append(c.walls, wall)
	c.peaks = append(c.peaks, float64(peakMemory(cmd.ProcessState)))
	return c.check(stdout.Bytes())
}

// checkScore makes sure that what was timed is a scoring of all units.
func checkScore(output []byte) error {
	var result struct {
		Groups []struct {
			Units []struct {
				ID string `json:"id"`
			} `json:"units"`
		} `json:"groups"`
	}
	if err := json.Unmarshal(output, &result); err != nil {
		return fmt.Errorf("output: %w", err)
	}
	count := 0
	for _, g := range result.Groups {
		count += len(g.Units)
	}
	if count != len(units) {
		return fmt.Errorf("output: %d units, want %d", count, len(units))
	}
	return nil
}

// checkCount makes sure that a child has seen the whole file.
func checkCount(want int64) func([]byte) error {
	return func(output []byte) error {
		if got := strings.TrimSpace(string(output)); got != fmt.Sprint(want) {
			return fmt.Errorf("counted %s, want %d", got, want)
		}
		return nil
	}
}

func report(w io.Writer, contestants []*contestant, n, runs int, size int64) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%d records, %.1f MB, %d bytes a line; GOMAXPROCS=1, median of %d\n\n",
		n, float64(size)/mb, size/int64(n), runs)
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(table, "program\twall s\tMB/s\tpeak RSS MB\t\n")
	for _, c := range contestants {
		fmt.Fprintf(table, "%s\t%.2f\t%.1f\t%.1f\t\n", c.name, c.wall().Seconds(), speed(c, size), median(c.peaks)/mb)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	own := contestants[0]
	fmt.Fprintf(&b, "\nwall time qiaomen/peer %.2f, qiaomen/bound %.2f\n",
		own.wall().Seconds()/contestants[1].wall().Seconds(), own.wall().Seconds()/contestants[2].wall().Seconds())
	fmt.Fprintf(&b, "aim: at least %d MB/s: %s\n", aimSpeed, verdict(speed(own, size) >= aimSpeed))
	if peak := median(own.peaks); peak > 0 && n >= aimRecords {
		fmt.Fprintf(&b, "aim: less than %d MB for %d records: %s\n", aimMemory, n, verdict(peak < aimMemory*mb))
	}
	_, err := b.WriteTo(w)
	return err
}

func speed(c *contestant, size int64) float64 { return float64(size) / mb / c.wall().Seconds() }

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "missed"
}

// median gives the middle value, the lower one of two.
func median[T time.Duration | float64](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)-1)/2]
}
