package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/workbook"
)

type exportCommand struct {
	Out string `required:"" placeholder:"文件" help:"写成这个文件：.xlsx 工作簿；从台账库还可以写 .jsonl 记录文件"`

	Scheme  string   `placeholder:"方案" help:"从文件导出：方案的代号或文件"`
	Records string   `placeholder:"文件" help:"从文件导出：记录文件，JSON Lines、.xlsx 或 .csv"`
	AsOf    string   `placeholder:"日期" help:"从文件导出：按这一天结束时已知的情况"`
	Cutoff  string   `placeholder:"日期" help:"从文件导出：按这一天结束时已发生、已上报的情况"`
	Round   string   `placeholder:"轮次" help:"从文件导出：分轮次排名的方案，哪一轮"`
	Choose  []string `placeholder:"口径=理解" sep:"none" help:"从文件导出：换一种口径的理解，可以写几次"`

	campaigned
	Unit     string `placeholder:"单位" help:"从台账库导出：只要这个单位的；不写是全部"`
	Position int64  `placeholder:"条数" help:"从台账库导出：存证日志到第几条为止的情况；不写是最新"`
	Reason   string `placeholder:"理由" help:"从台账库导出全部时的理由"`
	Take     string `placeholder:"编号" help:"从台账库导出：取已经批准的导出申请"`
	Journal  bool   `help:"从台账库导出：导出活动的存证日志，任何人都能核对"`
	Pairs    bool   `help:"从台账库导出：判定过是否重复的每一对名称（制表符分隔），供检验判重的准确度"`
}

// Run exports from a records file, or from the ledger.
func (c *exportCommand) Run(std streams) error {
	if c.Scheme == "" && c.Records == "" && (c.Data != "" || os.Getenv(dataVariable) != "") {
		return c.within(std, func(h *house) error { return c.fromLedger(std, h) })
	}
	bad := false
	for _, o := range []struct{ name, value string }{{"--scheme", c.Scheme}, {"--records", c.Records}} {
		if o.value == "" {
			fmt.Fprintln(std.err, o.name+": 必须写；从台账库导出请写 --data")
			bad = true
		}
	}
	for _, o := range []struct {
		name  string
		given bool
	}{
		{"--data", c.Data != ""},
		{"--as", c.As != ""},
		{"--campaign", c.Campaign != ""},
		{"--unit", c.Unit != ""},
		{"--position", c.Position != 0},
		{"--reason", c.Reason != ""},
		{"--take", c.Take != ""},
		{"--journal", c.Journal},
		{"--pairs", c.Pairs},
	} {
		if o.given {
			fmt.Fprintln(std.err, o.name+": 从文件导出时不用写")
			bad = true
		}
	}
	if bad {
		return exit(2)
	}
	return c.fromFile(std)
}

// fromFile writes rankings, tables and ledgers of a records file as a workbook.
func (c *exportCommand) fromFile(std streams) error {
	from := scored{Scheme: c.Scheme, Records: c.Records, AsOf: c.AsOf, Cutoff: c.Cutoff, Round: c.Round, Choose: c.Choose}
	if err := from.prepare(std); err != nil {
		return err
	}
	var all collector
	if err := from.read(std, &all); err != nil {
		return err
	}
	res := from.scheme.Score(&all.book, from.view, from.readings)
	var b bytes.Buffer
	if err := workbook.WriteLedgers(&b, res, &all.book); err != nil {
		return err
	}
	return writeBook(std, c.Out, b.Bytes())
}

// fromLedger writes what the ledger holds, for somebody who may take it.
func (c *exportCommand) fromLedger(std streams, h *house) error {
	if err := h.named(); err != nil {
		return err
	}
	if c.Journal {
		var b bytes.Buffer
		if err := h.JournalExport(h.ctx, h.caller, c.Reason, &b); err != nil {
			return err
		}
		return c.write(std, b.Bytes())
	}
	if c.Pairs {
		data, err := c.pairs(h)
		if err != nil {
			return err
		}
		return c.write(std, data)
	}
	r := office.ExportRequest{Unit: c.Unit, Position: c.Position, Reason: c.Reason}
	switch strings.ToLower(filepath.Ext(c.Out)) {
	case ".xlsx":
		r.Format = office.AsWorkbook
	case ".jsonl":
		r.Format = office.AsRecords
	default:
		return &qiaomen.Problem{Text: "文件名要以 .xlsx 或 .jsonl 结尾", At: qiaomen.Place{Field: "--out"}}
	}
	var out *office.Export
	var err error
	switch {
	case c.Take != "":
		out, err = h.TakeExport(h.ctx, h.caller, c.Take)
	case r.Unit != "":
		out, err = h.ExportOwn(h.ctx, h.caller, r)
	default:
		out, err = h.ExportAll(h.ctx, h.caller, r)
	}
	if err != nil {
		return err
	}
	if out.Proposal != "" && out.Data == nil {
		fmt.Fprintf(std.out, "已提出导出申请，等审核员批准：qiaomen approve --id %s --as 审核员的登录名\n批准后：qiaomen export --take %s --out %s\n", out.Proposal, out.Proposal, c.Out)
		return nil
	}
	if c.Take != "" && filepath.Ext(out.Name) != strings.ToLower(filepath.Ext(c.Out)) {
		return &qiaomen.Problem{Text: "批准的是" + filepath.Ext(out.Name) + "文件", Fix: "请把文件名写成以它结尾", At: qiaomen.Place{Field: "--out"}}
	}
	return c.write(std, out.Data)
}

// pairs is the rulings on likely duplicates, a line each: the label, then company
// and project of the one and of the other.
func (c *exportCommand) pairs(h *house) ([]byte, error) {
	var b bytes.Buffer
	pairs, err := h.LabelledPairs(h.ctx, h.caller)
	for _, p := range pairs {
		line := []string{p.Label, p.CompanyA, p.ProjectA, p.CompanyB, p.ProjectB}
		for i := range line {
			line[i] = strings.Join(strings.Fields(line[i]), " ")
		}
		fmt.Fprintln(&b, strings.Join(line, "\t"))
	}
	return b.Bytes(), err
}

func (c *exportCommand) write(std streams, data []byte) error {
	folder := filepath.Dir(c.Out)
	_, err := os.Stat(folder)
	if err == nil {
		err = writeAll(std.out, folder, []written{{filepath.Base(c.Out), data}})
	}
	if err != nil {
		return &qiaomen.Problem{Text: "写不了“" + qiaomen.Clip(c.Out) + "”：" + osReason(err), At: qiaomen.Place{Field: "--out"}}
	}
	return nil
}
