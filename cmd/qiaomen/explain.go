package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"qiaomen"
	"qiaomen/scheme"
)

type explainCommand struct {
	scored
	Unit string `required:"" placeholder:"单位" help:"单位的代号或名称"`
}

// keeper feeds the tally and keeps one unit's records.
type keeper struct {
	*scheme.Tally
	unit    int
	records []qiaomen.Record
}

func (k *keeper) Record(r *qiaomen.Record) {
	k.Tally.Record(r)
	if r.Unit == k.unit {
		kept := *r
		kept.Values = slices.Clone(r.Values)
		for i := range kept.Values {
			kept.Values[i].List = slices.Clone(kept.Values[i].List)
		}
		k.records = append(k.records, kept)
	}
}

// Run prints one unit's score card.
func (c *explainCommand) Run(std streams) error {
	if err := c.prepare(std); err != nil {
		return err
	}
	unit, err := c.scheme.FindUnit(c.Unit)
	if err != nil {
		fmt.Fprintf(std.err, "--unit: %v\n", err)
		return c.refused(std)
	}
	k := &keeper{Tally: c.scheme.NewTally(c.view), unit: unit.Index()}
	if err := c.read(std, k); err != nil {
		return err
	}
	res := k.Score(c.readings)
	w := bufio.NewWriter(std.out)
	for _, g := range res.Groups {
		for _, u := range g.Units {
			if u.Unit == unit {
				printCard(w, res, g, res.Explain(u, k.records))
			}
		}
	}
	return w.Flush()
}

func printCard(w io.Writer, r *scheme.Result, g *scheme.GroupResult, card *scheme.Card) {
	u := card.Unit
	fmt.Fprintf(w, "%s · 得分卡\n%s\n%s\n", u.Unit.Name, r.Scheme.Name, when(r.View))
	for _, c := range changed(r) {
		fmt.Fprintln(w, c)
	}
	rank := "不排名"
	if u.Place > 0 {
		rank = fmt.Sprintf("第%d名（共%d个单位）", u.Place, len(g.Units))
	}
	fmt.Fprintf(w, "\n总分 %s 分，%s", shown(r, u.Total), rank)
	if u.Grade != "" {
		fmt.Fprint(w, "，"+u.Grade)
	}
	fmt.Fprintln(w)
	for _, l := range r.Lists(u) {
		fmt.Fprint(w, l.Name)
		if l.Cite != nil {
			fmt.Fprintf(w, "（%s）", l.Cite.ID)
		}
		fmt.Fprintln(w)
	}
	for _, l := range card.Lines {
		printLine(w, r, l)
	}
	for _, b := range u.Blocks {
		fmt.Fprintf(w, "\n%s　%s 分%s\n", b.Block.Name, shown(r, b.Score), map[bool]string{true: "，没有通过"}[b.Failed])
	}
	if say := u.Sentence(r.Scheme); say != "" {
		fmt.Fprintln(w, "\n■ 总分")
		wrap(w, "  ", say+"。")
	}
	if len(card.Beside) > 0 {
		fmt.Fprintln(w, "\n不直接计分的记录")
		printReasons(w, card.Beside)
	}
	if len(card.Other) > 0 {
		fmt.Fprintln(w, "\n不计分的记录")
		printReasons(w, card.Other)
	}
}

func printLine(w io.Writer, r *scheme.Result, l *scheme.CardLine) {
	score := points(r, l.Line)
	if l.Line.Scored {
		score += " 分"
	}
	var clauses []string
	for _, c := range l.Clauses {
		clauses = append(clauses, c.ID)
	}
	fmt.Fprintf(w, "\n■ %s　%s\n", l.Line.Line.Name, score)
	wrap(w, "  ", fmt.Sprintf("基础分 %s，减 %s，加 %s；依据 %s", shown(r, l.Line.Base), shown(r, l.Line.Deduction),
		shown(r, l.Line.Bonus), strings.Join(clauses, "、")))
	wrap(w, "  ", l.Sentence+"。")
	if len(l.Counted) > 0 {
		var ids []string
		for _, c := range l.Counted {
			ids = append(ids, c.ID)
		}
		wrap(w, "  ", fmt.Sprintf("计入 %d 条：%s", len(ids), strings.Join(ids, " ")))
	}
	if len(l.NotCounted) > 0 {
		fmt.Fprintf(w, "  未计入 %d 条：\n", len(l.NotCounted))
		printReasons(w, l.NotCounted)
	}
}

// printReasons prints records with the reason each did not count; records of
// one reason stand together.
func printReasons(w io.Writer, list []scheme.CardRecord) {
	var order []string
	ids := map[string][]string{}
	for _, r := range list {
		if r.Why == "" {
			r.Why = "—"
		}
		key := r.Kind.Name + "：" + r.Why
		if ids[key] == nil {
			order = append(order, key)
		}
		ids[key] = append(ids[key], r.ID)
	}
	for _, key := range order {
		wrap(w, "    ", "· "+key+"　"+strings.Join(ids[key], " "))
	}
}

// wrap prints a text with lines of at most 80 columns, broken at spaces or
// between Chinese characters, as Chinese is set: no line begins with a closing
// mark or ends with an opening one.
func wrap(w io.Writer, indent, text string) {
	const most = 80
	var line []string
	for _, piece := range pieces(qiaomen.Printable(text)) {
		line = append(line, piece)
		if qiaomen.Columns(indent+strings.Join(line, "")) <= most {
			continue
		}
		k := breakAt(line)
		if k == 0 && len(line) > most { // nothing but marks
			k = len(line) - 1
		}
		if k > 0 {
			fmt.Fprintln(w, strings.TrimRight(indent+strings.Join(line[:k], ""), " "))
			line = []string{strings.TrimLeft(strings.Join(line[k:], ""), " ")}
		}
	}
	fmt.Fprintln(w, strings.TrimRight(indent+strings.Join(line, ""), " "))
}

// breakAt is the last place where the line may be broken, or 0.
func breakAt(line []string) int {
	for k := len(line) - 1; k > 0; k-- {
		first, _ := utf8.DecodeRuneInString(line[k])
		last, _ := utf8.DecodeLastRuneInString(line[k-1])
		if !strings.ContainsRune("，。；：、？！…％）”」】》", first) && !strings.ContainsRune("（“「【《▶", last) {
			return k
		}
	}
	return 0
}

// pieces cuts a text where it may be broken: between Chinese characters and
// at spaces, but not between a number and what it counts.
func pieces(text string) []string {
	var out []string
	start := 0
	var before rune
	for i, r := range text {
		counted := before >= '0' && before <= '9' || before == '%'
		if i > start && (r == ' ' || isWide(before) || isWide(r) && !counted) {
			out = append(out, text[start:i])
			start = i
		}
		before = r
	}
	return append(out, text[start:])
}

func isWide(r rune) bool { return qiaomen.Columns(string(r)) == 2 }
