package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"qiaomen"
	"qiaomen/similar"
)

// A similarCommand looks for each of some things which of others it may be.
type similarCommand struct {
	Corpus  string `required:"" placeholder:"文件" help:"在这些里找：每行“编号、企业、项目”，用制表符隔开"`
	Queries string `required:"" placeholder:"文件" help:"找这些：写法相同"`
	Explain bool   `help:"每行末尾再写上理由"`
}

// mostAlike is how many candidates each query gets.
const mostAlike = 10

// Run prints the candidates of each query, the likest first.
func (c *similarCommand) Run(std streams) error {
	corpus, bad := readThings(std, c.Corpus)
	queries, worse := readThings(std, c.Queries)
	if bad || worse {
		return exit(2)
	}
	x, at := similar.NewIndex(len(corpus)), map[string]similar.Thing{}
	for _, one := range corpus {
		x.Put(one.id, one.thing)
		if c.Explain {
			at[one.id] = one.thing
		}
	}
	w := bufio.NewWriterSize(std.out, 1<<16)
	for _, q := range queries {
		for _, m := range x.Find(q.thing, mostAlike) {
			fmt.Fprintf(w, "%s\t%s\t%d.%04d\t%s", q.id, m.ID, m.Score/similar.Full, m.Score%similar.Full, m.Judgement)
			if c.Explain {
				fmt.Fprintf(w, "\t%s", similar.Compare(q.thing, at[m.ID]))
			}
			fmt.Fprintln(w)
		}
	}
	return w.Flush()
}

type namedThing struct {
	id    string
	thing similar.Thing
}

// readThings reads a file of lines of id, company and project. It prints what is
// wrong with it, and tells whether anything is.
func readThings(std streams, name string) (list []namedThing, bad bool) {
	f, err := openFile(name)
	if err != nil {
		fmt.Fprintln(std.err, unreadable(name, err))
		return nil, true
	}
	defer f.Close()
	const mostFaults = 20
	faults, first := 0, map[string]int{}
	fault := func(line int, text, fix string) {
		if faults++; faults <= mostFaults {
			fmt.Fprintln(std.err, &qiaomen.Problem{Text: text, Fix: fix, At: qiaomen.Place{File: name, Line: line}})
		}
	}
	r := bufio.NewReaderSize(f, 1<<16)
	for line := 1; ; line++ {
		text, err := r.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			fmt.Fprintln(std.err, unreadable(name, err))
			return nil, true
		}
		if text == "" {
			break
		}
		if line == 1 {
			text = strings.TrimPrefix(text, "\ufeff")
		}
		text = strings.TrimRight(text, "\r\n")
		if text == "" {
			continue
		}
		cells := strings.Split(text, "\t")
		switch id := cells[0]; {
		case len(cells) != 3:
			fault(line, fmt.Sprintf("有%d列，应是三列：编号、企业、项目", len(cells)), "请用制表符隔开；没有的一列空着")
		case id == "":
			fault(line, "没有编号", "请在第一列写上编号")
		case first[id] != 0:
			fault(line, fmt.Sprintf("编号“%s”与第%d行重复", qiaomen.Clip(id), first[id]), "请换一个编号")
		default:
			first[id] = line
			list = append(list, namedThing{id, similar.Thing{Company: cells[1], Project: cells[2]}})
		}
	}
	if faults > mostFaults {
		fmt.Fprintf(std.err, "%s: 共%d处问题，上面是前%d处\n", name, faults, mostFaults)
	}
	return list, faults > 0
}
