// Command qiaomen scores investment-promotion campaigns.
//
// A campaign's rules are a scheme file, what units reported is a records
// file; `score` turns the two into a ranking, `explain` into a score card in
// which every point has its clause and its records. `lint` checks a scheme,
// `read` prints it back as sentences, `schemes` lists those that ship.
//
// Standard output is the product; everything that is wrong goes to standard
// error. Exit codes: 0 done, 1 lint found errors or something broke, 2 bad
// input.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

type commands struct {
	Score   scoreCommand   `cmd:"" help:"按方案给记录计分、排名"`
	Explain explainCommand `cmd:"" help:"打印一个单位的得分卡：每一分的算式、条款和记录"`
	Lint    lintCommand    `cmd:"" help:"检查方案文件，核对合计和引文"`
	Read    readCommand    `cmd:"" help:"把方案读成中文句子，按条款排列，供与原文核对"`
	Schemes schemesCommand `cmd:"" help:"列出自带的方案"`
}

// streams is where a command writes; tests give their own.
type streams struct{ out, err io.Writer }

// exit is an error that says only how to end: what is wrong has been printed.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit %d", int(e)) }

func main() {
	os.Exit(run(os.Args[1:], streams{os.Stdout, os.Stderr}))
}

func run(args []string, std streams) int {
	var c commands
	k, err := kong.New(&c, kong.Name("qiaomen"), kong.Description("招商活动的计分和排名"),
		kong.Writers(std.out, std.err), kong.Help(printHelp), kong.NoDefaultHelp(), kong.Exit(func(int) {}))
	if err != nil {
		fmt.Fprintln(std.err, err)
		return 1
	}
	if topic, ok := wantsHelp(args); ok {
		ctx, _ := kong.Trace(k, topic)
		if err := printHelp(kong.HelpOptions{}, ctx); err != nil {
			return 1
		}
		return 0
	}
	ctx, err := k.Parse(args)
	if err != nil {
		fmt.Fprintln(std.err, usage(err))
		fmt.Fprintln(std.err, "用法见：qiaomen --help")
		return 2
	}
	err = ctx.Run(std)
	var code exit
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	}
	fmt.Fprintln(std.err, err)
	return 1
}

// wantsHelp is the command that help is asked for.
func wantsHelp(args []string) (topic []string, ok bool) {
	if len(args) == 0 || args[0] == "help" {
		return args[min(1, len(args)):], true
	}
	for _, a := range args {
		switch {
		case a == "--help" || a == "-h":
			return topic, true
		case !strings.HasPrefix(a, "-") && len(topic) == 0:
			topic = append(topic, a)
		}
	}
	return nil, false
}

var kongMessages = []struct{ has, say string }{
	{"unknown flag ", "%s: 没有这个选项"},
	{"missing flags: ", "%s: 这个选项必须写"},
	{"missing flag ", "%s: 这个选项必须写"},
	{"unexpected argument ", "%s: 多余的参数"},
	{"expected \"", "缺少命令或参数：%s"},
	{"expected one of ", "缺少命令，可用：%s"},
	{"missing positional arguments ", "缺少参数：%s"},
	{"expected ", "缺少%s"},
}

// usage turns what the command line parser complains of into Chinese.
func usage(err error) string {
	text := err.Error()
	for _, m := range kongMessages {
		if i := strings.Index(text, m.has); i >= 0 {
			rest := strings.Trim(text[i+len(m.has):], "\"")
			if j := strings.Index(rest, ", did you mean"); j >= 0 {
				rest = rest[:j]
			}
			return fmt.Sprintf(m.say, strings.ReplaceAll(rest, "=STRING", ""))
		}
	}
	if i := strings.Index(text, ": "); i >= 0 && strings.HasPrefix(text, "--") {
		return text[:i] + ": 写法不对（" + text[i+2:] + "）"
	}
	return text
}

// printHelp is the help in Chinese: of the program, or of one command.
func printHelp(_ kong.HelpOptions, ctx *kong.Context) error {
	w := ctx.Stdout
	node := ctx.Selected()
	if node == nil {
		fmt.Fprint(w, "敲门：招商活动的计分和排名\n\n用法：qiaomen 命令 [选项]\n\n命令：\n")
		for _, c := range ctx.Model.Children {
			fmt.Fprintf(w, "  %s%s\n", pad(c.Name, 10), c.Help)
		}
		fmt.Fprint(w, "\n看一个命令的用法：qiaomen 命令 --help\n")
		return nil
	}
	fmt.Fprintf(w, "%s\n\n用法：qiaomen %s", node.Help, node.Name)
	for _, f := range node.Flags {
		text := "--" + f.Name
		if !f.IsBool() {
			text += " " + f.PlaceHolder
		}
		if !f.Required {
			text = "[" + text + "]"
		}
		fmt.Fprint(w, " "+text)
	}
	for _, p := range node.Positional {
		fmt.Fprint(w, " "+p.Help)
	}
	fmt.Fprint(w, "\n\n选项：\n")
	for _, f := range node.Flags {
		fmt.Fprintf(w, "  %s%s\n", pad("--"+f.Name, 12), f.Help)
	}
	return nil
}
