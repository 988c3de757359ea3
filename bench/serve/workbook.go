package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

const (
	importName = "import of a workbook"
	mostRows   = 100_000 // that one import takes
)

// imports measures how long the program takes to import a workbook of n rows
// into an empty ledger, every record reported, journalled and durable, beside
// what reading the same file takes excelize with its defaults. Each is a
// process, from its start to its end.
func (f *field) imports(ctx context.Context, w io.Writer, l *ledger, n int) (err error) {
	fresh := &ledger{ground: &ground{dir: filepath.Join(l.dir, "import")}, source: l.source, binary: l.program()}
	if err := errors.Join(os.RemoveAll(fresh.dir), os.MkdirAll(fresh.dir, 0o700)); err != nil { // of a run that was broken off
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(fresh.dir)) }()
	rows, book := filepath.Join(fresh.dir, "rows.jsonl"), filepath.Join(fresh.dir, "rows.xlsx")
	if err := writeRows(rows, n); err != nil {
		return err
	}
	if _, err := run(ctx, l.program(), "export", "--scheme", campaignScheme, "--records", rows, "--as-of", "2024-04-30", "--out", book); err != nil {
		return err
	}
	if err := fresh.found(ctx); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	var reads []time.Duration
	for range f.o.rounds {
		took, said, err := timed(ctx, self, "-as", "excelize", book, "")
		if err != nil {
			return err
		}
		if count, _ := strconv.Atoi(strings.TrimSpace(said)); count < n {
			return fmt.Errorf("excelize read %q rows of %d", said, n)
		}
		reads = append(reads, took)
	}
	took, said, err := timed(ctx, fresh.program(), "import", "--data", fresh.folder(), "--as", units[0], "--records", book, "--unit", units[0], "--submit")
	if err != nil {
		return err
	}
	if !strings.Contains(said, "新增"+strconv.Itoa(n)+"行") {
		return fmt.Errorf("importing said %s", said)
	}
	read := median(reads)
	fmt.Fprintf(w, "\n%s, %d rows: qiaomen %s, excelize's reading alone %s, ratio %.2f, aim ≤ 2\n",
		importName, n, brief(took), brief(read), float64(took)/float64(read))
	return nil
}

// writeRows writes n records of one unit, as it would hand them in.
func writeRows(name string, n int) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	r := rand.New(rand.NewPCG(2023, 12))
	var b []byte
	for i := range n {
		b = fmt.Appendf(b[:0], `{"kind":"%s","id":"n%07d","unit":"%s","name":"示例投资线索第%d号",`, listedKind, i, units[0], i)
		b = append(leadFields(b, r, int64(i)), "}\n"...)
		_, _ = w.Write(b) // the error comes again from Flush
	}
	return errors.Join(w.Flush(), f.Close())
}

func timed(ctx context.Context, argv ...string) (time.Duration, string, error) {
	begin := time.Now()
	text, err := exec.CommandContext(ctx, argv[0], argv[1:]...).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s: %w\n%s", filepath.Base(argv[0]), err, text)
	}
	return time.Since(begin), string(text), err
}

// readBook reads a workbook as excelize's own page shows it, and counts its rows.
func readBook(name string) (rows int, err error) {
	book, err := excelize.OpenFile(name)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	for _, sheet := range book.GetSheetList() {
		all, err := book.GetRows(sheet)
		if err != nil {
			return 0, err
		}
		rows += len(all)
	}
	return rows, nil
}
