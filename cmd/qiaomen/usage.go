package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"qiaomen"
)

// wantsHelp is the command that help is asked for; none is the program itself.
func wantsHelp(args []string) (topic string, ok bool) {
	if len(args) == 0 {
		return "", true
	}
	if args[0] == "help" {
		args = args[1:]
		ok = true
	}
	for _, a := range args {
		switch {
		case a == "--help" || a == "-h":
			ok = true
		case !strings.HasPrefix(a, "-") && topic == "":
			topic = a
		}
	}
	return topic, ok
}

// command is the command of that name, or nil.
func command(app *kong.Application, name string) *kong.Node {
	for _, c := range app.Children {
		if c.Name == name {
			return c
		}
	}
	return nil
}

func noCommand(app *kong.Application, name string) string {
	var names []string
	for _, c := range app.Children {
		names = append(names, c.Name)
	}
	return fmt.Sprintf("没有命令“%s”%s", qiaomen.Clip(name), qiaomen.Suggest(name, names))
}

// A usage is the command line held against what its command takes. Kong would
// stop at the first fault and tell it in English; after this it finds none.
type usage struct {
	command *kong.Node
	given   map[string]bool
	others  []string // arguments that are no options
	faults  []string
}

// check is everything that is wrong with the command line, for a person.
func check(app *kong.Application, args []string) []string {
	u := usage{command: command(app, args[0]), given: map[string]bool{}}
	switch {
	case u.command == nil && strings.HasPrefix(args[0], "-"):
		u.fault(args[0], "第一个应是命令，选项写在后面")
		return u.faults
	case u.command == nil:
		return []string{noCommand(app, args[0])}
	}
	for rest := args[1:]; len(rest) > 0; {
		switch first := rest[0]; {
		case first == "--":
			u.others, rest = append(u.others, rest[1:]...), nil
		case isOption(first):
			rest = u.option(first, rest[1:])
		default:
			u.others, rest = append(u.others, first), rest[1:]
		}
	}
	for _, f := range u.command.Flags {
		if f.Required && !u.given[f.Name] {
			u.fault("--"+f.Name, "必须写")
		}
	}
	u.arguments()
	return u.faults
}

func isOption(arg string) bool { return strings.HasPrefix(arg, "-") && arg != "-" }

func (u *usage) fault(option, text string) {
	u.faults = append(u.faults, qiaomen.Clip(option)+": "+text)
}

// option checks one option with its value, and returns what follows.
func (u *usage) option(arg string, rest []string) []string {
	name, value, joined := strings.Cut(arg, "=")
	f := u.flag(name)
	if f == nil {
		if !joined && len(rest) > 0 && !isOption(rest[0]) && len(u.command.Positional) == 0 {
			rest = rest[1:] // what was meant as its value
		}
		return rest
	}
	if u.given[f.Name] && !f.IsCumulative() {
		u.fault(name, "只能写一次")
	}
	u.given[f.Name] = true
	if f.IsBool() {
		return rest
	}
	if !joined && len(rest) > 0 && !isOption(rest[0]) {
		value, rest = rest[0], rest[1:]
	}
	switch {
	case value == "":
		u.fault(name, "后面要写"+f.PlaceHolder)
	case f.Enum != "" && !slices.Contains(f.EnumSlice(), value):
		u.fault(name, "只能是 "+strings.Join(f.EnumSlice(), " 或 "))
	}
	return rest
}

// flag is the command's option of that name. Where there is none, it says so.
func (u *usage) flag(name string) *kong.Flag {
	var names []string
	for _, f := range u.command.Flags {
		if "--"+f.Name == name {
			return f
		}
		names = append(names, "--"+f.Name)
	}
	u.fault(name, "没有这个选项"+qiaomen.Suggest(name, names))
	return nil
}

// arguments checks that there are as many arguments as the command takes.
func (u *usage) arguments() {
	takes := u.command.Positional
	if len(u.others) < len(takes) {
		u.faults = append(u.faults, fmt.Sprintf("%s: 后面要写%s", u.command.Name, takes[len(u.others)].Help))
	}
	if len(takes) > 0 && takes[len(takes)-1].IsCumulative() {
		return
	}
	for _, x := range u.others[min(len(takes), len(u.others)):] {
		u.faults = append(u.faults, fmt.Sprintf("多余的参数“%s”", qiaomen.Clip(x)))
	}
}

// printHelp is the help in Chinese: of the program, or of one command.
func printHelp(w io.Writer, app *kong.Application, node *kong.Node) {
	if node == nil {
		fmt.Fprint(w, "敲门：招商活动的计分和排名\n\n用法：qiaomen 命令 [选项]\n\n命令：\n")
		for _, c := range app.Children {
			fmt.Fprintf(w, "  %s%s\n", pad(c.Name, 10), c.Help)
		}
		fmt.Fprint(w, "\n看一个命令的用法：qiaomen help 命令\n")
		return
	}
	synopsis, optional := "qiaomen "+node.Name, ""
	for _, f := range node.Flags {
		if f.Required {
			synopsis += " --" + f.Name + " " + f.PlaceHolder
		} else {
			optional = " [选项]"
		}
	}
	for _, p := range node.Positional {
		synopsis += " " + p.Name
		if p.IsCumulative() {
			synopsis += "…"
		}
	}
	fmt.Fprintf(w, "%s\n\n用法：%s%s\n", node.Help, synopsis, optional)
	if len(node.Flags)+len(node.Positional) > 0 {
		fmt.Fprintln(w)
	}
	for _, p := range node.Positional {
		fmt.Fprintf(w, "  %s  %s\n", p.Name, p.Help)
	}
	for _, f := range node.Flags {
		left := "--" + f.Name
		if !f.IsBool() {
			left += " " + f.PlaceHolder
		}
		fmt.Fprintf(w, "  %s%s\n", pad(left, 24), f.Help)
	}
}
