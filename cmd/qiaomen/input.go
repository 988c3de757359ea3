package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/scheme"
	"qiaomen/schemes"
)

// A schemeFile is a scheme as it was found: built in, or on disk.
type schemeFile struct {
	name   string // as faults give it
	data   []byte
	beside func(name string) string
}

func (f *schemeFile) parse() (*scheme.Scheme, scheme.Faults) {
	return scheme.Parse(f.name, f.data, f.beside)
}

const maxText = 4 << 20

// open finds a scheme by its id or its file.
func openScheme(ref string) (*schemeFile, error) {
	if !strings.ContainsAny(ref, `/\`) && !strings.HasSuffix(ref, ".yaml") {
		name := ref + "/scheme.yaml"
		if data, err := fs.ReadFile(schemes.Files, name); err == nil {
			return &schemeFile{name, data, func(text string) string { return readText(schemes.Files, ref+"/"+text) }}, nil
		}
	}
	f, err := os.Open(ref)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("没有方案“%s”，也没有这个文件；自带的方案见 qiaomen schemes", qiaomen.Clip(ref))
	} else if err != nil {
		return nil, fmt.Errorf("读不了“%s”：%s", qiaomen.Clip(ref), osReason(err))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxText+1))
	if err != nil {
		return nil, fmt.Errorf("读不了“%s”：%s", qiaomen.Clip(ref), osReason(err))
	}
	folder := os.DirFS(filepath.Dir(ref))
	return &schemeFile{ref, data, func(text string) string { return readText(folder, text) }}, nil
}

// readText reads a source's text: a plain file of honest size, or nothing.
func readText(files fs.FS, name string) string {
	f, err := files.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	text, err := io.ReadAll(io.LimitReader(f, maxText))
	if err != nil {
		return ""
	}
	return string(text)
}

func osReason(err error) string {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "没有权限"
	case errors.Is(err, fs.ErrNotExist):
		return "没有这个文件"
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		if pe.Err.Error() == "is a directory" {
			return "它是文件夹"
		}
		return pe.Err.Error()
	}
	return err.Error()
}

// scored is what commands that score have in common.
type scored struct {
	Scheme  string   `required:"" placeholder:"方案" help:"方案的代号或文件"`
	Records string   `required:"" placeholder:"文件" help:"记录文件（JSON Lines）"`
	AsOf    string   `placeholder:"日期" help:"按这一天结束时已知的情况：已认定、未撤销、已发布"`
	Cutoff  string   `placeholder:"日期" help:"按这一天结束时已发生、已上报的情况；不写同 --as-of"`
	Round   string   `placeholder:"轮次" help:"分轮次排名的方案：哪一轮"`
	Choose  []string `placeholder:"口径=理解" sep:"none" help:"换一种口径的理解，可以写几次"`

	scheme   *scheme.Scheme
	view     scheme.View
	readings scheme.Readings
}

// prepare reads the scheme and the options. It prints every fault.
func (c *scored) prepare(std streams) error {
	file, err := openScheme(c.Scheme)
	if err != nil {
		fmt.Fprintf(std.err, "--scheme: %v\n", err)
		return exit(2)
	}
	s, faults := file.parse()
	if s == nil {
		printFaults(std.err, faults.Errors())
		return exit(2)
	}
	c.scheme, c.readings = s, s.DefaultReadings()
	bad := false
	option := func(name string, err error) {
		if err != nil {
			fmt.Fprintf(std.err, "--%s: %v\n", name, err)
			bad = true
		}
	}
	day := func(name, text string) (d qiaomen.Date) {
		if text != "" {
			d, err = qiaomen.ParseDate(text)
			option(name, err)
		}
		return d
	}
	c.view.AsOf, c.view.Cutoff = day("as-of", c.AsOf), day("cutoff", c.Cutoff)
	if c.view.Cutoff == 0 {
		c.view.Cutoff = c.view.AsOf
	}
	option("round", c.round())
	for _, choice := range c.Choose {
		key, value, ok := strings.Cut(choice, "=")
		if !ok {
			option("choose", fmt.Errorf("“%s”应写成 口径=理解", qiaomen.Clip(choice)))
			continue
		}
		option("choose", s.Choose(c.readings, key, value))
	}
	if bad {
		return exit(2)
	}
	return nil
}

func (c *scored) round() error {
	rounds := c.scheme.Rounds
	if len(rounds) == 0 && c.Round != "" {
		return errors.New("这个方案不分轮次")
	}
	var ids []string
	for _, r := range rounds {
		if ids = append(ids, r.ID); r.ID == c.Round {
			c.view.Round = r
		}
	}
	if len(rounds) > 0 && c.view.Round == nil {
		return fmt.Errorf("请写明一轮：%s", strings.Join(ids, "、"))
	}
	return nil
}

// read reads the records file into the sink. It prints every fault.
func (c *scored) read(std streams, to records.Sink) error {
	f, err := os.Open(c.Records)
	if err != nil {
		fmt.Fprintf(std.err, "--records: 读不了“%s”：%s\n", qiaomen.Clip(c.Records), osReason(err))
		return exit(2)
	}
	defer f.Close()
	faults, err := records.NewReader(c.scheme, c.Records).Read(f, to)
	if err != nil {
		fmt.Fprintf(std.err, "--records: 读不了“%s”：%s\n", qiaomen.Clip(c.Records), osReason(err))
		return exit(2)
	}
	if faults.Total == 0 {
		return nil
	}
	for _, p := range faults.First {
		fmt.Fprintln(std.err, p)
	}
	if more := faults.Total - len(faults.First); more > 0 {
		fmt.Fprintf(std.err, "……另有%d处\n", more)
	}
	return exit(2)
}

func printFaults(w io.Writer, faults scheme.Faults) {
	for i, f := range faults {
		if i == records.Shown {
			fmt.Fprintf(w, "……另有%d处\n", len(faults)-i)
			return
		}
		fmt.Fprintln(w, f)
	}
}
