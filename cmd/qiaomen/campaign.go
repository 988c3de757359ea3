package main

import (
	"fmt"

	"qiaomen"
	"qiaomen/office"
)

type campaignCommand struct {
	housed
	Create string `placeholder:"活动" help:"建立活动，这是它的代号；由经办人建立、领导小组开启"`
	Scheme string `placeholder:"方案" help:"按哪个方案建立：方案的代号或文件"`
}

// Run lists the campaigns, or makes one from a scheme.
func (c *campaignCommand) Run(std streams) error {
	return c.within(std, func(h *house) error {
		if c.Create == "" {
			return c.list(std, h)
		}
		if err := h.named(); err != nil {
			return err
		}
		if c.Scheme == "" {
			return &qiaomen.Problem{Text: "必须写", At: qiaomen.Place{Field: "--scheme"}}
		}
		f, err := openScheme(c.Scheme)
		if err != nil {
			return &qiaomen.Problem{Text: err.Error(), At: qiaomen.Place{Field: "--scheme"}}
		}
		s, faults := f.parse()
		if s == nil {
			printFaults(std.err, faults.Errors())
			return exit(2)
		}
		h.caller.Campaign = c.Create
		a := office.Beginning{Campaign: c.Create, Text: string(f.data)}
		if s.Source.Text != "" {
			a.Source = f.beside(s.Source.Text)
		}
		if _, err := h.CreateCampaign(h.ctx, h.caller, a); err != nil {
			return err
		}
		fmt.Fprintf(std.out, "已建立活动“%s”（%s），等领导小组开启\n", c.Create, s.Name)
		mine, err := h.Proposals(h.ctx, h.caller, true)
		if err != nil || len(mine) == 0 {
			return err
		}
		fmt.Fprintf(std.out, "领导小组在线批准：qiaomen approve --id %s --as 登录名\n", mine[0].ID)
		fmt.Fprintf(std.out, "在纸上批准的，由经办人录入：qiaomen approve --id %s --as 登录名 --paper 扫描件 --decided-on 日期 --number 文号\n", mine[0].ID)
		return nil
	})
}

var campaignStates = map[qiaomen.State]string{qiaomen.Prepared: "待开启", qiaomen.Open: "已开启"}

func (c *campaignCommand) list(std streams, h *house) error {
	all, err := h.Campaigns(h.ctx)
	if err != nil {
		return err
	}
	t := table{right: make([]bool, 3)}
	t.add("活动", "名称", "状态")
	for _, one := range all {
		t.add(one.ID, one.Name, campaignStates[one.State])
	}
	t.print(std.out)
	return nil
}
