// Command serve measures qiaomen serve under load, over the loopback, beside
// PocketBase and beside a bound that only does what any server must. Each is a
// process of its own on a data folder with the same 100,000 records; they are
// loaded in turn, round by round, in the same run.
//
// What is asked of them, and what came of it, is in bench/README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	// Run by itself as a child. Not a flag of the command, so that it does not
	// stand in its help.
	if len(os.Args) == 5 && os.Args[1] == "-as" {
		if err := child(os.Args[2], os.Args[3], os.Args[4]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	var o options
	flag.IntVar(&o.records, "n", 100_000, "records that there are at the start")
	flag.IntVar(&o.rounds, "rounds", 3, "rounds of each measure; a throughput is their mean, other figures their median")
	flag.DurationVar(&o.warm, "warm", time.Second, "how long a load runs before it is measured")
	flag.DurationVar(&o.measure, "for", 5*time.Second, "how long it is measured")
	flag.BoolVar(&o.logs, "logs", false, "PocketBase keeps its log of requests")
	only := flag.String("only", "", "measure these alone, of qiaomen,pocketbase,bound")
	flag.StringVar(&o.works, "works", "", "do the works alone whose name has this in it")
	flag.StringVar(&o.dir, "dir", "", "keep the data here, and use what is there (default: a temporary folder)")
	flag.Parse()
	if o.records < 1 || o.rounds < 1 || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	o.only = strings.FieldsFunc(*only, func(r rune) bool { return r == ',' })
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := bench(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}

// child is the bound, on a folder and an address, or excelize on a file.
func child(as, name, addr string) error {
	if as == "excelize" {
		rows, err := readBook(name)
		if err == nil {
			fmt.Println(rows)
		}
		return err
	}
	b, err := openBound(name)
	if err != nil {
		return err
	}
	return b.serve(addr)
}

type options struct {
	records, rounds int
	warm, measure   time.Duration
	logs            bool
	only            []string
	works, dir      string
}

func bench(ctx context.Context, o options) (err error) {
	dir := o.dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "qiaomen-bench-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	} else if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	root, err := module()
	if err != nil {
		return err
	}
	at := &ground{dir: dir}
	at.pdf, at.at = evidence(1_000_000)
	files, err := writeRecords(filepath.Join(dir, "records"), o.records, openingAtOnce)
	if err != nil {
		return err
	}
	f := &field{o: o, dir: dir}
	for _, r := range []*runner{
		{name: ours, contestant: &ledger{ground: at, source: root}},
		{name: peer, contestant: &pocketbase{ground: at, source: filepath.Join(root, "bench", "pocketbase"), logs: o.logs}},
		{name: bottom, contestant: &bare{ground: at}},
	} {
		if !o.wants(r.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s is made ready with %d records\n", r.name, o.records)
		begin, done := time.Now(), filepath.Join(dir, strings.ToLower(r.name)+".ready")
		if _, err := os.Stat(done); err != nil {
			if err := r.contestant.build(ctx, files); err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
			if err := os.WriteFile(done, nil, 0o600); err != nil {
				return err
			}
		}
		fmt.Fprintf(os.Stderr, "  in %v\n", time.Since(begin).Round(time.Second))
		f.runners = append(f.runners, r)
	}
	defer func() { err = errors.Join(err, f.stop()) }()
	return f.all(ctx, os.Stdout)
}

func (o *options) wants(name string) bool {
	if len(o.only) == 0 {
		return true
	}
	for _, some := range o.only {
		if strings.Contains(strings.ToLower(name), some) {
			return true
		}
	}
	return false
}

// module is the folder of the main module, from wherever in it this is run.
func module() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if text, err := os.ReadFile(filepath.Join(dir, "go.mod")); err == nil && strings.HasPrefix(string(text), "module qiaomen\n") {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("run it inside the repository")
		}
		dir = up
	}
}
