package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"qiaomen"
	"qiaomen/office"
)

type importCommand struct {
	campaigned
	Records        string `required:"" placeholder:"文件" help:"记录文件：JSON Lines、.xlsx 或 .csv"`
	Preview        bool   `help:"只看会怎样，不导入"`
	Unit           string `placeholder:"单位" help:"是哪个单位的文件；不写就看文件里的各行"`
	Submit         bool   `help:"单位的新记录直接上报，不只存成草稿"`
	Reason         string `placeholder:"理由" help:"更正已上报记录的理由"`
	ReceivedAt     string `placeholder:"时间" help:"办公室代录：收件时间，如 2024-01-03T09:30:00+08:00"`
	ReceivedNumber string `placeholder:"编号" help:"办公室代录：收件编号"`
	Opening        bool   `help:"期初导入：使用本系统以前的台账，经办人提出、审核员批准"`
	Proof          string `placeholder:"文件" help:"期初导入：台账盖章页的扫描件（PDF 或图片）"`
}

// Run takes a file of records into the ledger.
func (c *importCommand) Run(std streams) error {
	return c.within(std, func(h *house) error {
		if err := h.named(); err != nil {
			return err
		}
		content, err := readWhole(c.Records)
		if err != nil {
			return err
		}
		if c.Opening {
			return c.open(std, h, content)
		}
		a := office.Import{
			Name: filepath.Base(c.Records), Content: content, Unit: c.Unit, Submit: c.Submit, Reason: c.Reason,
			ReceivedAt: c.ReceivedAt, ReceivedNumber: c.ReceivedNumber,
		}
		if c.Preview {
			return c.show(std, h, a)
		}
		out, err := h.Import(h.ctx, h.caller, a)
		if out != nil && len(out.Parts) > 0 {
			fmt.Fprintf(std.out, "导入：新增%d行，更改%d行，相同%d行\n", out.New, out.Changed, out.Same)
		}
		return err
	})
}

// mostContent is how large a file of records may be.
const mostContent = 256 << 20

func readWhole(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err == nil && info.Size() > mostContent {
		return nil, &qiaomen.Problem{Text: fmt.Sprintf("“%s”超过%d MiB", qiaomen.Clip(name), mostContent>>20), Fix: "请分成几个文件", At: qiaomen.Place{Field: "--records"}}
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, &qiaomen.Problem{Text: unreadable(name, err).Error(), At: qiaomen.Place{Field: "--records"}}
	}
	return data, nil
}

// show prints what importing the file would do.
func (c *importCommand) show(std streams, h *house, a office.Import) error {
	p, err := h.Preview(h.ctx, h.caller, a)
	if err != nil {
		return err
	}
	for _, d := range p.Doubts {
		fmt.Fprintln(std.err, "提示："+d.Error())
	}
	if len(p.Faults) == 0 {
		printPreview(std, p)
	}
	return p.Wrong()
}

func printPreview(std streams, p *office.Preview) {
	t := table{right: make([]bool, 5)}
	t.add("结果", "编号", "单位", "名称", "改动")
	const most = 100
	rest := 0
	for _, r := range p.Rows {
		if r.Verdict == office.RowSame {
			continue
		}
		if len(t.rows) > most {
			rest++
			continue
		}
		t.add(r.Verdict.Chinese(), qiaomen.Clip(r.ID), r.Unit, qiaomen.Clip(r.Name), strings.Join(r.Fields, " "))
	}
	if len(t.rows) > 1 {
		t.print(std.out)
	}
	if rest > 0 {
		fmt.Fprintf(std.out, "……另有%d行\n", rest)
	}
	fmt.Fprintf(std.out, "新增%d行，更改%d行，相同%d行，不能导入%d行\n",
		p.Count(office.RowNew), p.Count(office.RowChanged), p.Count(office.RowSame), p.Count(office.RowRefused))
}

// open proposes an opening import.
func (c *importCommand) open(std streams, h *house, content []byte) error {
	if c.Proof == "" {
		return &qiaomen.Problem{Text: "期初导入必须写", Fix: "台账里的时间要有盖章的页作证明", At: qiaomen.Place{Field: "--proof"}}
	}
	proof, err := h.keep("--proof", c.Proof)
	if err != nil {
		return err
	}
	answer, err := h.OpeningImport(h.ctx, h.caller, office.Opening{Name: filepath.Base(c.Records), Content: content, Proof: proof})
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "已提出期初导入，等审核员批准：qiaomen approve --id %s --as 审核员的登录名\n", answer.Proposal)
	return nil
}
