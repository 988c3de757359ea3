// Command similar measures whether qiaomen tells that two reports are of the
// same thing, on sets that it makes up: companies and projects as districts
// write them, the same ones disguised, and others that are nearly the same.
//
// Quality is measured beside PostgreSQL's pg_trgm, SQLite's FTS5 with trigrams
// and Levenshtein's distance, speed on one core alone. What the generator
// knows of names is its own (words.go): it shares no list with the package
// that it measures. See bench/README.md.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

// options are what the command was asked for.
type options struct {
	seed                    uint64
	corpus, queries, sample int
	show                    int
	peers, nfkc             bool
	entries, join           int
}

func main() {
	var o options
	flag.Uint64Var(&o.seed, "seed", 1, "of the set; the same seed makes the same set")
	quality := flag.Bool("quality", false, "measure quality only")
	speed := flag.Bool("speed", false, "measure speed only")
	flag.IntVar(&o.corpus, "corpus", 20000, "entries of the corpus")
	flag.IntVar(&o.queries, "queries", 8000, "queries")
	flag.BoolVar(&o.peers, "peers", true, "measure the peers too")
	flag.IntVar(&o.sample, "sample", 1000, "queries that the peers are asked")
	flag.BoolVar(&o.nfkc, "nfkc", false, "give the peers names in compatibility form (NFKC), without what cannot be seen")
	flag.IntVar(&o.show, "show", 0, "show so many of the worst mistakes")
	flag.IntVar(&o.entries, "n", 1000000, "entries for speed")
	flag.IntVar(&o.join, "join", 100000, "rows to be joined, for speed")
	pairs := flag.String("pairs", "", "judge the labelled pairs of this `file` instead: label⇥company⇥project⇥company⇥project")
	folder := flag.String("write", "", "write the set into this `folder` instead: corpus.tsv, queries.tsv, truth.tsv")
	flag.Parse()
	if err := run(os.Stdout, o, *quality || !*speed, *speed || !*quality, *pairs, *folder); err != nil {
		fmt.Fprintln(os.Stderr, "similar:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, o options, quality, speed bool, pairs, folder string) error {
	if pairs != "" {
		f, err := os.Open(pairs)
		if err != nil {
			return err
		}
		defer f.Close()
		return judgePairs(out, f, o.show)
	}
	if folder != "" {
		return newSet(o.seed, o.corpus, o.queries).save(folder)
	}
	if quality {
		if err := measureQuality(out, o); err != nil {
			return err
		}
	}
	if speed {
		measureSpeed(out, o)
	}
	return nil
}
