package main

import (
	"bufio"
	"fmt"
	"io"

	"qiaomen/scheme"
)

type scoreCommand struct {
	scored
	Format string `enum:"table,json" default:"table" placeholder:"table|json" help:"table 表格（默认），json 供程序读取"`
}

// Run scores and prints the ranking.
func (c *scoreCommand) Run(std streams) error {
	if err := c.prepare(std); err != nil {
		return err
	}
	t := c.scheme.NewTally(c.view)
	if err := c.read(std, t); err != nil {
		return err
	}
	res := t.Score(c.readings)
	if c.Format == "json" {
		_, err := std.out.Write(res.JSON())
		return err
	}
	w := bufio.NewWriter(std.out)
	printRanking(w, res)
	return w.Flush()
}

type lintCommand struct {
	Files []string `arg:"" name:"文件" help:"方案文件，可以写几个"`
}

// Run checks scheme files. With errors everything goes to standard error;
// otherwise warnings and what was confirmed are the product.
func (c *lintCommand) Run(std streams) error {
	failed := false
	for _, name := range c.Files {
		file, err := openScheme(name)
		if err != nil {
			fmt.Fprintf(std.err, "%s:1:1: %v: %v\n", name, scheme.Error, err)
			failed = true
			continue
		}
		s, faults := file.parse()
		w := bufio.NewWriter(std.out)
		if s == nil {
			w, failed = bufio.NewWriter(std.err), true
		}
		printLint(w, file, faults, s != nil)
		if err := w.Flush(); err != nil {
			return err
		}
	}
	if failed {
		return exit(1)
	}
	return nil
}

// printLint prints what was found in one file, then how much of each. What is
// confirmed would only hide the errors of a file that has some.
func printLint(w io.Writer, file *schemeFile, faults scheme.Faults, clean bool) {
	counts := [3]int{}
	for _, f := range faults {
		counts[f.Severity]++
		if f.Severity == scheme.Note && !clean {
			continue
		}
		fmt.Fprintln(w, f)
		if f.Severity != scheme.Note {
			fmt.Fprint(w, f.Excerpt(file.data))
		}
	}
	fmt.Fprintf(w, "%s：%d处错误，%d处警告，%d条提示\n", file.name, counts[0], counts[1], counts[2])
}
