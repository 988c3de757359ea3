package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/scheme"
	"qiaomen/workbook"
)

// sheetReader is what reads a file of that name as a workbook or CSV; nil
// where it is JSON Lines. What no .xlsx is, is told by its content.
func sheetReader(name string) func(io.ReaderAt, int64, *scheme.Scheme, string, workbook.Sink) (*workbook.Findings, error) {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".xlsx", ".xlsm", ".xltx", ".xls", ".xlsb", ".et", ".ods", ".wps", ".docx", ".pdf":
		return workbook.Read
	case ".csv", ".tsv":
		return workbook.ReadCSV
	}
	return nil
}

// readSheets reads a workbook or CSV into the sink. It prints every fault, and
// what is doubtful.
func (c *scored) readSheets(std streams, f *os.File, to records.Sink) error {
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("工作簿和 CSV 要存成文件再读，不能从管道读")
	}
	if err != nil {
		fmt.Fprintf(std.err, "--records: %v\n", unreadable(c.Records, err))
		return exit(2)
	}
	found, err := sheetReader(c.Records)(f, info.Size(), c.scheme, c.Records, to)
	if err != nil {
		fmt.Fprintf(std.err, "--records: %v\n", unreadable(c.Records, err))
		return exit(2)
	}
	printFindings(std.err, found)
	if found.TotalFaults > 0 {
		return exit(2)
	}
	return nil
}

func printFindings(w io.Writer, found *workbook.Findings) {
	print := func(mark string, first []*qiaomen.Problem, total int) {
		for _, p := range first {
			fmt.Fprintln(w, mark+p.Error())
		}
		if more := total - len(first); more > 0 {
			fmt.Fprintf(w, "%s……另有%d处\n", mark, more)
		}
	}
	print("", found.Faults, found.TotalFaults)
	print("提示：", found.Doubts, found.TotalDoubts)
}

// loadScheme reads the scheme of a command that does not score. It prints
// every fault.
func loadScheme(std streams, ref string) (*scheme.Scheme, error) {
	file, err := openScheme(ref)
	if err != nil {
		fmt.Fprintf(std.err, "--scheme: %v\n", err)
		return nil, exit(2)
	}
	s, faults := file.parse()
	if s == nil {
		printFaults(std.err, faults.Errors())
		return nil, exit(2)
	}
	return s, nil
}

// writeBook writes one workbook, whole or not at all. What stood under its name
// and differs is kept: a clerk may have filled it in.
func writeBook(std streams, name string, data []byte) error {
	err := errors.New("文件名要以 .xlsx 结尾")
	if strings.ToLower(filepath.Ext(name)) == ".xlsx" {
		if _, err = os.Stat(filepath.Dir(name)); err == nil {
			err = writeAll(std.out, filepath.Dir(name), []written{{filepath.Base(name), data}})
		}
		if err != nil {
			err = errors.New(osReason(err))
		}
	}
	if err != nil {
		fmt.Fprintf(std.err, "--out: 写不了“%s”：%v\n", qiaomen.Clip(name), err)
		return exit(2)
	}
	return nil
}

type templateCommand struct {
	Scheme  string `required:"" placeholder:"方案" help:"方案的代号或文件"`
	Out     string `required:"" placeholder:"文件" help:"写成这个 .xlsx 文件"`
	Unit    string `placeholder:"单位" help:"只给这个单位用：它要报的表，单位不用填"`
	Edition string `enum:"unit,office" default:"unit" placeholder:"unit|office" help:"unit 单位用（默认），office 办公室用：多认定时间、由办公室填的列和统计数的表"`
}

// Run writes the workbook that records are filled in.
func (c *templateCommand) Run(std streams) error {
	s, err := loadScheme(std, c.Scheme)
	if err != nil {
		return err
	}
	o := workbook.Options{Office: c.Edition == "office"}
	if c.Unit != "" {
		if o.Unit, err = s.FindUnit(c.Unit); err != nil {
			fmt.Fprintf(std.err, "--unit: %v\n", err)
			return exit(2)
		}
	}
	var b bytes.Buffer
	if err := workbook.Template(&b, s, o); err != nil {
		return err
	}
	return writeBook(std, c.Out, b.Bytes())
}

type checkCommand struct {
	Scheme  string `required:"" placeholder:"方案" help:"方案的代号或文件"`
	Records string `required:"" placeholder:"文件" help:"填好的工作簿（.xlsx）"`
	Out     string `required:"" placeholder:"文件" help:"标好问题的工作簿写成这个 .xlsx 文件"`
}

// Run gives a workbook back with what is wrong marked in it.
func (c *checkCommand) Run(std streams) error {
	s, err := loadScheme(std, c.Scheme)
	if err != nil {
		return err
	}
	f, err := openFile(c.Records)
	if err != nil {
		fmt.Fprintf(std.err, "--records: %v\n", unreadable(c.Records, err))
		return exit(2)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		fmt.Fprintf(std.err, "--records: %v\n", unreadable(c.Records, err))
		return exit(2)
	}
	if out, err := os.Stat(c.Out); err == nil && os.SameFile(out, info) {
		fmt.Fprintln(std.err, "--out: 与 --records 是同一个文件，请另起一个名字")
		return exit(2)
	}
	var b bytes.Buffer
	found, err := workbook.Check(f, info.Size(), s, c.Records, &b)
	if err != nil {
		fmt.Fprintf(std.err, "--records: %v\n", unreadable(c.Records, err))
		return exit(2)
	}
	printFindings(std.err, found)
	if b.Len() > 0 {
		if err := writeBook(std, c.Out, b.Bytes()); err != nil {
			return err
		}
	}
	if found.TotalFaults > 0 {
		return exit(2)
	}
	return nil
}

// A collector keeps a whole book.
type collector struct{ book qiaomen.Book }

func (c *collector) Record(r *qiaomen.Record) {
	kept := *r
	kept.Values = keptValues(r.Values)
	c.book.Records = append(c.book.Records, kept)
}

func (c *collector) Figure(f *qiaomen.Figure) {
	kept := *f
	kept.Values = keptValues(f.Values)
	c.book.Figures = append(c.book.Figures, kept)
}

func keptValues(values []qiaomen.Value) []qiaomen.Value {
	out := slices.Clone(values)
	for i := range out {
		out[i].List = slices.Clone(out[i].List)
	}
	return out
}
