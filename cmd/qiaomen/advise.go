package main

import (
	"bufio"
	"fmt"
	"io"

	"qiaomen/scheme"
)

type adviseCommand struct {
	scored
	Unit   string `required:"" placeholder:"单位" help:"单位的代号或名称"`
	Format string `enum:"table,json" default:"table" placeholder:"table|json" help:"table 表格（默认），json 供程序读取"`
}

// Run prints what one more record of each sort is worth to a unit.
func (c *adviseCommand) Run(std streams) error {
	if err := c.prepare(std); err != nil {
		return err
	}
	unit, err := c.scheme.FindUnit(c.Unit)
	if err != nil {
		fmt.Fprintf(std.err, "--unit: %v\n", err)
		return exit(2)
	}
	t := c.scheme.NewTally(c.view)
	if err := c.read(std, t); err != nil {
		return err
	}
	res := t.Score(c.readings)
	u := res.Unit(unit)
	advice := res.Advise(u)
	if c.Format == "json" {
		_, err := std.out.Write(res.AdviceJSON(u, advice))
		return err
	}
	w := bufio.NewWriter(std.out)
	printAdvice(w, res, u, advice)
	return w.Flush()
}

func printAdvice(w io.Writer, r *scheme.Result, u *scheme.UnitResult, advice []*scheme.Advice) {
	fmt.Fprintf(w, "%s · 还差什么\n%s\n%s\n", u.Unit.Name, r.Scheme.Name, when(r.View))
	for _, c := range changed(r) {
		fmt.Fprintln(w, c)
	}
	fmt.Fprintf(w, "\n现在总分 %s 分，%s\n\n", shown(r, u.Total), map[bool]string{true: fmt.Sprintf("第%d名", u.Place), false: "不排名"}[u.Place > 0])
	t := table{right: []bool{false, true, false, false}}
	t.add("再认定1条", "总分加", "不再扣分", "名次上升")
	for _, a := range advice {
		base := "-"
		switch {
		case a.WholeBase.Never:
			base = "单靠它补不齐"
		case a.WholeBase.N > 0:
			base = fmt.Sprintf("再%d%s", a.WholeBase.N, a.Profile.Kind.CountedIn)
		}
		climb := "-"
		switch {
		case u.Place == 1:
		case a.Climb.Never:
			climb = "单靠它升不上去"
		default:
			climb = fmt.Sprintf("再%d%s到第%d名", a.Climb.N, a.Profile.Kind.CountedIn, a.Place)
		}
		t.add(a.Profile.Says, shown(r, a.Worth), base, climb)
	}
	t.print(w)
	fmt.Fprintln(w, "\n“不再扣分”指它所在的计分行不再扣基础分；其他单位不变。")
}
