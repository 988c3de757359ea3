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
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

type commands struct {
	Score   scoreCommand   `cmd:"" help:"按方案给记录计分、排名"`
	Explain explainCommand `cmd:"" help:"打印一个单位的得分卡：每一分的算式、条款和记录"`
	Lint    lintCommand    `cmd:"" help:"检查方案文件，核对合计和引文"`
	Read    readCommand    `cmd:"" help:"把方案读成中文句子，按条款排列，供与原文核对"`
	Advise  adviseCommand  `cmd:"" help:"一个单位还差什么：再认定一条值几分，几条能升一名"`
	Compare compareCommand `cmd:"" help:"比较口径：每种理解会改变谁的名次和总分，哪些名次不变"`
	Notice  noticeCommand  `cmd:"" help:"写一份通报（公文格式的 Word 文件）和附表（Excel 文件）"`
	Schemes schemesCommand `cmd:"" help:"列出自带的方案"`
	Similar similarCommand `cmd:"" help:"两份名单里哪些可能是同一家企业、同一个项目，理由是什么"`

	Template templateCommand `cmd:"" help:"写一份填报用的工作簿（Excel 文件）"`
	Check    checkCommand    `cmd:"" help:"核对填好的工作簿，标出有问题的格子"`
	Export   exportCommand   `cmd:"" help:"把排名和台账写成工作簿或记录文件，从文件或者从台账库"`

	Init     initCommand     `cmd:"" help:"建一个台账库：数据文件夹、签名密钥、最初的人员"`
	Config   configCommand   `cmd:"" help:"显示台账库的配置，密码不显示"`
	User     userCommand     `cmd:"" help:"账号和角色：列出、开设、停用、授予、收回"`
	Campaign campaignCommand `cmd:"" help:"列出活动，按方案建立活动"`
	Import   importCommand   `cmd:"" help:"把记录导入台账库：单位填报、办公室代录、期初台账"`
	Approve  approveCommand  `cmd:"" help:"列出等人批准的事项，批准、不批准，录入纸质决定"`
	Serve    serveCommand    `cmd:"" help:"启动服务：网页和接口，HTTPS"`
	Backup   backupCommand   `cmd:"" help:"备份台账库：一个加密的文件；演练恢复"`
	Restore  restoreCommand  `cmd:"" help:"从备份恢复台账库，恢复到空的文件夹"`
	Doctor   doctorCommand   `cmd:"" help:"体检：数据库、签名、备份、磁盘、时钟，哪里要处理"`
	Verify   verifyCommand   `cmd:"" help:"核验台账库：存证日志、各表、佐证材料"`
	Replay   replayCommand   `cmd:"" help:"从存证日志把台账库重建到另一个数据库"`
}

// streams is where a command writes; tests give their own.
type streams struct{ out, err io.Writer }

// exit is an error that says only how to end: what is wrong has been printed.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// An output remembers that writing failed, so that no command need ask after
// each line.
type output struct {
	w   io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	var n int
	n, o.err = o.w.Write(p)
	return n, o.err
}

func main() {
	// A reader that has gone away is a failed write, to be told like any other.
	signal.Ignore(syscall.SIGPIPE)
	os.Exit(run(os.Args[1:], streams{os.Stdout, os.Stderr}))
}

// run is the program: its arguments, its streams and its exit code.
func run(args []string, std streams) int {
	out := &output{w: std.out}
	err := obey(args, streams{out, std.err})
	if out.err != nil {
		err = fmt.Errorf("写不出结果：%s", osReason(out.err))
	}
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

func obey(args []string, std streams) error {
	var c commands
	k, err := kong.New(&c, kong.Name("qiaomen"), kong.NoDefaultHelp(), kong.Exit(func(int) {}))
	if err != nil {
		return err
	}
	if topic, ok := wantsHelp(args); ok {
		node := command(k.Model, topic)
		if node == nil && topic != "" {
			fmt.Fprintln(std.err, noCommand(k.Model, topic))
			return exit(2)
		}
		printHelp(std.out, k.Model, node)
		return nil
	}
	if faults := check(k.Model, args); faults != nil {
		fmt.Fprintln(std.err, strings.Join(faults, "\n"))
		return exit(2)
	}
	ctx, err := k.Parse(args)
	if err != nil {
		fmt.Fprintf(std.err, "命令行写法不对：%v\n", err)
		return exit(2)
	}
	return ctx.Run(std)
}
