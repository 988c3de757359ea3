package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"qiaomen"
	"qiaomen/gongwen"
	"qiaomen/workbook"
)

type noticeCommand struct {
	scored
	Out          string `required:"" placeholder:"文件夹" help:"写到这个文件夹：通报.docx 和 附件.xlsx；没有就新建"`
	Final        bool   `help:"写总评的通报；不写时，截止日不早于活动结束就是总评"`
	Monthly      bool   `help:"写月度的通报：不点名"`
	Number       string `placeholder:"文号" help:"发文字号，如 示招办发〔2024〕6号；不写就留给人填"`
	Date         string `placeholder:"日期" help:"成文日期；不写就留给人填"`
	Issuer       string `placeholder:"机关" help:"发文机关；不写就留给人填"`
	To           string `placeholder:"机关" help:"主送机关；不写就是方案的各组单位"`
	CopyTo       string `placeholder:"机关" help:"抄送机关；不写就留给人填"`
	Template     string `placeholder:"文件" help:"用自己改过的模板"`
	SaveTemplate bool   `help:"把所用的模板也写到文件夹里（通报模板.txt），供修改"`

	details  gongwen.Details
	template gongwen.Template
}

// Run writes a notice and its annexes. Both are made in memory first, so that
// bad input leaves the folder as it was.
func (c *noticeCommand) Run(std streams) error {
	bad := c.options(std)
	if err := c.prepare(std); err != nil {
		return err
	}
	if bad {
		return c.refused(std)
	}
	t := c.scheme.NewTally(c.view)
	if err := c.read(std, t); err != nil {
		return err
	}
	res := t.Score(c.readings)
	final := c.Final || !c.Monthly && c.scheme.Campaign != nil && c.view.Cutoff >= c.scheme.Campaign.To
	if c.details.Final = final; !final {
		res = res.Unnamed()
	}
	doc, faults := gongwen.Draft(c.template, res, c.details)
	if faults != nil {
		for _, p := range faults {
			fmt.Fprintln(std.err, p)
		}
		return exit(2)
	}
	var docx, xlsx bytes.Buffer
	if err := gongwen.Write(&docx, doc); err != nil {
		return err
	}
	if err := workbook.WriteAnnexes(&xlsx, res); err != nil {
		return err
	}
	files := []written{{"通报.docx", docx.Bytes()}, {"附件.xlsx", xlsx.Bytes()}}
	if c.SaveTemplate {
		files = append(files, written{"通报模板.txt", []byte(c.template.Text)})
	}
	if err := writeAll(std.out, c.Out, files); err != nil {
		fmt.Fprintf(std.err, "--out: 写不了“%s”：%s\n", qiaomen.Clip(c.Out), osReason(err))
		return exit(2)
	}
	kind := map[bool]string{true: "总评", false: "月度排名"}[final]
	fmt.Fprintf(std.out, "已写成%s的通报，截止%s\n", kind, c.view.Cutoff.Chinese())
	if left := doc.Unfilled(); left != nil {
		fmt.Fprintf(std.out, "文中标黄、待填的有%d处：%s\n", len(left), strings.Join(left, " "))
	}
	return nil
}

// options reads what the notice has of its own, and prints every fault.
func (c *noticeCommand) options(std streams) (bad bool) {
	fault := func(name, format string, args ...any) {
		fmt.Fprintf(std.err, "--%s: %s\n", name, fmt.Sprintf(format, args...))
		bad = true
	}
	if c.AsOf == "" {
		fault("as-of", "通报要写明按哪一天的情况，如 --as-of 2024-04-30")
	}
	if c.Final && c.Monthly {
		fault("monthly", "--final 和 --monthly 只能写一个")
	}
	if c.Number != "" && !gongwen.WellNumbered(c.Number) {
		fault("number", "“%s”不是发文字号，应写成 示招办发〔2024〕6号：年份用六角括号，序号不加“第”、不补0", qiaomen.Clip(c.Number))
	}
	d := gongwen.Details{Number: c.Number, Issuer: c.Issuer, To: c.To, CopyTo: c.CopyTo}
	if c.Date != "" {
		var err error
		if d.Date, err = qiaomen.ParseDate(c.Date); err != nil {
			fault("date", "%v", err)
		}
	}
	c.details = d
	if info, err := os.Stat(c.Out); err == nil && !info.IsDir() {
		fault("out", "“%s”不是文件夹", qiaomen.Clip(c.Out))
	}
	c.template = gongwen.Template{Name: "通报模板", Text: gongwen.DefaultTemplate}
	if c.Template != "" {
		text, err := readTemplate(c.Template)
		if err != nil {
			fault("template", "%v", err)
		}
		c.template = gongwen.Template{Name: c.Template, Text: text}
	}
	return bad
}

func readTemplate(name string) (string, error) {
	f, err := openFile(name)
	if err != nil {
		return "", unreadable(name, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxText+1))
	if err != nil {
		return "", unreadable(name, err)
	}
	if len(text) > maxText {
		return "", fmt.Errorf("“%s”太大，模板应是一个小的文本文件", qiaomen.Clip(name))
	}
	return string(text), nil
}
