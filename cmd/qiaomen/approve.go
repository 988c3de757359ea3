package main

import (
	"fmt"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
)

type approveCommand struct {
	campaigned
	ID        string `name:"id" placeholder:"编号" help:"批准这一件；不写就列出等您批准的"`
	Decline   string `placeholder:"理由" help:"不批准，写明理由"`
	Paper     string `placeholder:"文件" help:"决定是在纸上作的：盖章页或会议纪要的扫描件，由经办人录入"`
	DecidedOn string `placeholder:"日期" help:"纸上的决定是哪一天作的"`
	Number    string `placeholder:"文号" help:"纸上的文号，没有就写会议名称"`
	House     bool   `help:"不在活动里的事：账号、角色、系统"`
}

// Run lists what waits for somebody's yes, or gives it; a decision from paper is
// entered by one person and confirmed by another.
func (c *approveCommand) Run(std streams) error {
	in := c.campaigned.within
	if c.House {
		in = c.housed.within
	}
	return in(std, func(h *house) error {
		if err := h.named(); err != nil {
			return err
		}
		if c.ID == "" {
			return c.list(std, h)
		}
		decision, err := c.onPaper(h)
		if err != nil {
			return err
		}
		var answer *office.Answer
		switch {
		case c.Paper != "":
			return c.enter(std, h)
		case decision && c.Decline != "":
			answer, err = h.RejectPaper(h.ctx, h.caller, c.ID, c.Decline)
		case decision:
			answer, err = h.ConfirmPaper(h.ctx, h.caller, c.ID)
		case c.Decline != "":
			answer, err = h.Decline(h.ctx, h.caller, c.ID, c.Decline)
		default:
			answer, err = h.Approve(h.ctx, h.caller, c.ID)
		}
		if err != nil {
			return err
		}
		said := "已批准"
		if c.Decline != "" {
			said = "未批准"
		} else if answer.Proposal != "" {
			said = "已同意，还等别人批准"
		}
		fmt.Fprintf(std.out, "%s：%s\n", said, c.ID)
		if answer.Note != "" {
			fmt.Fprintln(std.out, answer.Note)
		}
		return nil
	})
}

// onPaper tells whether the id is that of a decision that was entered from
// paper.
func (c *approveCommand) onPaper(h *house) (found bool, err error) {
	err = h.store.Read(h.ctx, h.journal(), 0, func(v *store.View) error {
		d, err := store.One[qiaomen.PaperDecision](v, c.ID)
		found = d != nil
		return err
	})
	return found, err
}

func (h *house) journal() string {
	if h.caller.Campaign == "" {
		return office.InstallationJournal
	}
	return h.caller.Campaign
}

func (c *approveCommand) list(std streams, h *house) error {
	waiting, err := h.Proposals(h.ctx, h.caller, false)
	if err != nil {
		return err
	}
	if len(waiting) == 0 {
		fmt.Fprintln(std.out, "没有等您批准的事项")
		return nil
	}
	t := table{right: make([]bool, 3)}
	t.add("编号", "事项", "提出时间")
	for _, p := range waiting {
		t.add(p.ID, qiaomen.ActionNamed(p.Action).Chinese(), qiaomen.MomentAt(p.At).Day.String())
	}
	t.print(std.out)
	return nil
}

// enter enters what a paper says of a proposal.
func (c *approveCommand) enter(std streams, h *house) error {
	scan, err := h.keep("--paper", c.Paper)
	if err != nil {
		return err
	}
	e := office.PaperEntry{
		Proposal: c.ID, Approve: c.Decline == "", Reason: c.Decline, DecidedOn: c.DecidedOn, Number: c.Number, Scan: scan,
	}
	err = h.store.Read(h.ctx, h.journal(), 0, func(v *store.View) error {
		p, err := store.One[qiaomen.Proposal](v, c.ID)
		if err != nil || p == nil {
			return err
		}
		if lacks := p.Lacks(); len(lacks) > 0 { // whose decision it is that the proposal waits for
			e.Role = lacks[0][0]
		}
		return nil
	})
	if err != nil {
		return err
	}
	answer, err := h.EnterPaper(h.ctx, h.caller, e)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "已录入纸质决定，等审核员确认：qiaomen approve --id %s --as 审核员的登录名\n", answer.ID)
	return nil
}
