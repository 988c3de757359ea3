package main

import (
	"bufio"
	"fmt"
	"io/fs"
	"path"

	"qiaomen/scheme"
	"qiaomen/schemes"
)

type readCommand struct {
	Scheme string `arg:"" name:"方案" help:"方案的代号或文件"`
}

// Run prints the scheme back as sentences, clause by clause.
func (c *readCommand) Run(std streams) error {
	file, err := openScheme(c.Scheme)
	if err != nil {
		fmt.Fprintln(std.err, err)
		return exit(2)
	}
	s, faults := file.parse()
	if s == nil {
		printFaults(std.err, faults.Errors())
		return exit(2)
	}
	w := bufio.NewWriter(std.out)
	source := "依据：《" + s.Source.Title + "》"
	if s.Source.Issuer != "" {
		source += "，" + s.Source.Issuer
	}
	if s.Source.Issued != 0 {
		source += "，" + s.Source.Issued.Chinese() + "印发"
	}
	fmt.Fprintln(w, s.Name)
	wrap(w, "", source)
	fmt.Fprintln(w, "▶ 是采用的理解")
	for _, p := range s.Read() {
		switch {
		case p.Clause == nil:
			fmt.Fprintln(w, "\n【方案自定，原文没有写到】")
		default:
			fmt.Fprintf(w, "\n【%s】%s\n", p.Clause.ID, p.Clause.Title)
		}
		if p.Clause != nil {
			for _, q := range p.Clause.Quotes {
				wrap(w, "  ", "原文：「"+q+"」")
			}
		}
		for _, text := range p.Sentences {
			wrap(w, "  ", "· "+text)
		}
	}
	return w.Flush()
}

type schemesCommand struct{}

// Run lists the schemes that ship.
func (c *schemesCommand) Run(std streams) error {
	files, err := fs.Glob(schemes.Files, "*/scheme.yaml")
	if err != nil {
		return err
	}
	t := table{right: []bool{false, false, false, true, true}}
	t.add("代号", "名称", "活动期间", "单位", "口径")
	for _, name := range files {
		file, err := openScheme(path.Dir(name))
		if err != nil {
			return err
		}
		s, faults := file.parse()
		if s == nil {
			printFaults(std.err, scheme.Faults(faults).Errors())
			return exit(1)
		}
		t.add(s.ID, s.Name, s.Campaign.From.String()+"至"+s.Campaign.To.String(), fmt.Sprint(len(s.Units)), fmt.Sprint(len(s.Choices)))
	}
	t.print(std.out)
	return nil
}
