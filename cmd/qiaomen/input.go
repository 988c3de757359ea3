package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

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
	f, err := openFile(ref)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("没有方案“%s”，也没有这个文件；自带的方案见 qiaomen schemes", qiaomen.Clip(ref))
	} else if err != nil {
		return nil, unreadable(ref, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxText+1))
	if err != nil {
		return nil, unreadable(ref, err)
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

// openFile opens what can be read from beginning to end.
func openFile(name string) (*os.File, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.EISDIR}
	}
	return f, nil
}

func unreadable(name string, err error) error {
	return fmt.Errorf("读不了“%s”：%s", qiaomen.Clip(name), osReason(err))
}

var osReasons = []struct {
	is  error
	say string
}{
	{fs.ErrPermission, "没有权限"},
	{fs.ErrNotExist, "没有这个文件"},
	{syscall.EISDIR, "它是文件夹，请写文件"},
	{syscall.ENOTDIR, "路径里有一段不是文件夹"},
	{syscall.ENAMETOOLONG, "文件名太长"},
	{syscall.ELOOP, "链接绕成了圈"},
	{syscall.ENOSPC, "磁盘满了"},
	{syscall.EDQUOT, "磁盘配额用完了"},
	{syscall.EPIPE, "接收的程序已经退出"},
	{syscall.EIO, "磁盘或设备出错"},
	{syscall.EMFILE, "打开的文件太多"},
	{syscall.EINVAL, "名称里有不能用的字符，或者不是能读写的文件"},
	{os.ErrClosed, "已经关闭"},
	{os.ErrDeadlineExceeded, "超时"},
}

// osReason is what the system says is wrong, in Chinese where it is known.
func osReason(err error) string {
	for _, r := range osReasons {
		if errors.Is(err, r.is) {
			return r.say
		}
	}
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = pe.Err
	}
	return fmt.Sprintf("系统报告“%v”", err)
}

// scored is what commands that score have in common.
type scored struct {
	Scheme  string   `required:"" placeholder:"方案" help:"方案的代号或文件"`
	Records string   `required:"" placeholder:"文件" help:"记录文件：JSON Lines、.xlsx 或 .csv"`
	AsOf    string   `placeholder:"日期" help:"按这一天结束时已知的情况：已认定、未撤销、已发布"`
	Cutoff  string   `placeholder:"日期" help:"按这一天结束时已发生、已上报的情况；不写同 --as-of"`
	Round   string   `placeholder:"轮次" help:"分轮次排名的方案：哪一轮"`
	Choose  []string `placeholder:"口径=理解" sep:"none" help:"换一种口径的理解，可以写几次"`

	scheme   *scheme.Scheme
	view     scheme.View
	readings scheme.Readings
}

// prepare reads the scheme and the options. It prints every fault; where there
// is one, it prints those of the records too, for the caller goes no further.
func (c *scored) prepare(std streams) error {
	bad := false
	option := func(name string, err error) {
		if err != nil {
			fmt.Fprintf(std.err, "--%s: %v\n", name, err)
			bad = true
		}
	}
	day := func(name, text string) (d qiaomen.Date) {
		var err error
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
	file, err := openScheme(c.Scheme)
	if option("scheme", err); err != nil {
		return exit(2)
	}
	s, faults := file.parse()
	if s == nil {
		printFaults(std.err, faults.Errors())
		return exit(2)
	}
	c.scheme, c.readings = s, s.DefaultReadings()
	option("round", c.round())
	for _, choice := range c.Choose {
		key, value, ok := strings.Cut(choice, "=")
		if !ok {
			option("choose", fmt.Errorf("“%s”应写成 口径=理解，如 %s", qiaomen.Clip(choice), example(s)))
			continue
		}
		option("choose", s.Choose(c.readings, key, value))
	}
	if bad {
		return c.refused(std)
	}
	return nil
}

// example is how a choice is written.
func example(s *scheme.Scheme) string {
	if len(s.Choices) == 0 {
		return "key=value（这个方案没有口径可选）"
	}
	c := s.Choices[0]
	return c.ID + "=" + c.Options[c.Default].ID
}

// refused ends a command whose options are bad, after a look at the records.
func (c *scored) refused(std streams) error {
	if err := c.read(std, nowhere{}); err != nil {
		return err
	}
	return exit(2)
}

// nowhere is a sink for records that are only checked.
type nowhere struct{}

func (nowhere) Record(*qiaomen.Record) {}
func (nowhere) Figure(*qiaomen.Figure) {}

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
	f, err := openFile(c.Records)
	if err != nil {
		fmt.Fprintf(std.err, "--records: %v\n", unreadable(c.Records, err))
		return exit(2)
	}
	defer f.Close()
	if sheetReader(c.Records) != nil {
		return c.readSheets(std, f, to)
	}
	faults, err := records.NewReader(c.scheme, c.Records).Read(f, to)
	if err != nil {
		fmt.Fprintf(std.err, "--records: %v\n", unreadable(c.Records, err))
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
