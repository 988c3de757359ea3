package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"

	"qiaomen/scheme"
)

type compareCommand struct {
	scored
	Format string `enum:"table,json" default:"table" placeholder:"table|json" help:"table 表格（默认），json 供程序读取"`
}

// Run prints what other readings of the source would change.
func (c *compareCommand) Run(std streams) error {
	if err := c.prepare(std); err != nil {
		return err
	}
	t := c.scheme.NewTally(c.view)
	if err := c.read(std, t); err != nil {
		return err
	}
	comparison := t.Compare(c.readings)
	if c.Format == "json" {
		_, err := std.out.Write(comparison.JSON())
		return err
	}
	w := bufio.NewWriter(std.out)
	printComparison(w, comparison)
	return w.Flush()
}

func printComparison(w io.Writer, c *scheme.Comparison) {
	r := c.Base
	fmt.Fprintf(w, "%s · 口径比较\n%s\n", r.Scheme.Name, when(r.View))
	tried := "每种理解单独换、两两一起换"
	switch {
	case c.All:
		tried = "所有组合"
	case !c.Pairs:
		tried = "每种理解单独换；口径太多，没有试两两一起换"
	}
	fmt.Fprintf(w, "试了%d种（%s）。\n", len(c.Variants), tried)
	for _, ch := range changed(r) {
		fmt.Fprintln(w, "基准："+ch)
	}
	fmt.Fprintln(w, "\n一、单独换一种理解")
	var nothing []string
	for _, v := range c.Variants {
		switch {
		case len(v.Readings) > 1:
		case len(v.Changes) == 0:
			nothing = append(nothing, v.Readings[0].String())
		default:
			fmt.Fprintf(w, "\n%s\n", v.Say())
			printChanges(w, r, v)
		}
	}
	if nothing != nil {
		fmt.Fprintln(w)
		wrap(w, "", "没有影响的："+join(nothing)+"。")
	}
	fmt.Fprintln(w, "\n二、名次是否稳固")
	t := table{right: []bool{false, true, true, true, true, true, true, false}}
	t.add("单位", "名次", "最好", "最差", "总分", "最低", "最高", "")
	for _, s := range c.Units {
		mark := ""
		if s.Holds() {
			mark = "名次不变"
		}
		t.add(s.Unit.Unit.Name, placeText(s.Unit.Place), placeText(s.Best), placeText(s.Worst),
			shown(r, s.Unit.Total), shown(r, s.Low), shown(r, s.High), mark)
	}
	t.print(w)
	if !c.All {
		fmt.Fprintln(w, "“名次不变”只就试过的理解而言：单独换的和两两一起换的。")
	}
	printPairs(w, c)
}

func join(words []string) string {
	out := ""
	for i, x := range words {
		if i > 0 {
			out += "、"
		}
		out += x
	}
	return out
}

func placeText(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

func printChanges(w io.Writer, r *scheme.Result, v *scheme.Variant) {
	t := table{right: []bool{false, true, true, true, true, false}}
	t.add("  单位", "名次", "换后", "总分", "换后", "名单")
	for _, c := range v.Changes {
		rank, total := "", ""
		if c.Now.Place != c.Base.Place {
			rank = placeText(c.Now.Place)
		}
		if !c.Now.Total.Equal(c.Base.Total) {
			total = shown(r, c.Now.Total)
		}
		t.add("  "+c.Now.Unit.Name, placeText(c.Base.Place), rank, shown(r, c.Base.Total), total, naming(r, c))
	}
	t.print(w)
}

// naming is the lists a unit enters or leaves.
func naming(r *scheme.Result, c scheme.Change) string {
	var out []string
	for i, l := range r.Scheme.Naming {
		if now := c.Now.Named[i]; now != c.Base.Named[i] {
			out = append(out, map[bool]string{true: "列入", false: "不再列入"}[now]+"“"+l.Name+"”")
		}
	}
	return join(out)
}

// printPairs prints pairs whose effect on places no single reading has.
func printPairs(w io.Writer, c *scheme.Comparison) {
	seen := map[string]bool{}
	places := func(v *scheme.Variant) (out []string) {
		for _, ch := range v.Changes {
			if ch.Now.Place != ch.Base.Place {
				out = append(out, fmt.Sprintf("%s由%s到%s", ch.Now.Unit.Name, placeText(ch.Base.Place), placeText(ch.Now.Place)))
			}
		}
		return out
	}
	var lines []string
	for _, v := range c.Variants {
		moved := places(v)
		if len(v.Readings) == 1 {
			for _, m := range moved {
				seen[m] = true
			}
			continue
		}
		fresh := slices.DeleteFunc(moved, func(m string) bool { return seen[m] })
		for _, m := range fresh {
			seen[m] = true
		}
		if len(fresh) > 0 {
			lines = append(lines, v.Say()+"："+join(fresh))
		}
	}
	if lines == nil {
		return
	}
	fmt.Fprintln(w, "\n三、要几种理解一起换才出现的名次")
	for _, l := range lines {
		wrap(w, "  ", "· "+l)
	}
}
