package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/store"
)

type verifyCommand struct {
	Data  string `placeholder:"文件夹" help:"数据文件夹；不写就看环境变量 QIAOMEN_DATA"`
	Adopt bool   `help:"没有最近一次签名的记录时，按现在的库重新建立，再核验"`
}

// Run looks at everything: every entry and its chain, the tree, the signed
// marks, the tables against the journal replayed, every file of evidence. It
// changes nothing, and ends with 1 where something is wrong.
func (c *verifyCommand) Run(std streams) error {
	conf, err := loadConfig(std, c.Data)
	if err != nil {
		return err
	}
	ctx := context.Background()
	o, err := conf.options()
	if err != nil {
		return printed(std.err, err)
	}
	if c.Adopt {
		if err := store.Adopt(ctx, o); err != nil {
			return printed(std.err, err)
		}
	}
	h, err := openHouse(ctx, conf, looking)
	if err != nil {
		return printed(std.err, err)
	}
	journals, err := verifyJournals(std, h, o)
	if err == nil {
		var files bool
		if files, err = verifyFiles(std, h); err == nil && (!journals || !files) {
			fmt.Fprintln(std.out, "核验没有通过：请保全现场，见手册《台账库》")
			err = exit(1)
		} else if err == nil {
			fmt.Fprintln(std.out, "核验通过")
		}
	}
	return errors.Join(err, h.close())
}

// verifyJournals prints what was found in the journals, and tells whether that
// is nothing.
func verifyJournals(std streams, h *house, o store.Options) (bool, error) {
	folder, err := os.MkdirTemp("", "qiaomen-verify-*")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(folder)
	o.Address, o.Folder, o.Behind = "sqlite:"+filepath.Join(folder, "replay.db"), filepath.Join(folder, "marks"), false
	scratch, err := store.Open(h.ctx, o)
	if err != nil {
		return false, err
	}
	found, err := h.store.Verify(h.ctx, scratch)
	if err = errors.Join(err, scratch.Close()); err != nil {
		return false, err
	}
	for _, j := range found.Journals {
		fmt.Fprintf(std.out, "存证日志“%s”：%d条，", j.Journal, j.Entries)
		if len(j.Problems) == 0 {
			fmt.Fprintln(std.out, "逐条核验、重放后各表一致")
			continue
		}
		fmt.Fprintf(std.out, "发现%d处问题\n", len(j.Problems))
		problems := slices.Clone(j.Problems)
		slices.SortStableFunc(problems, func(a, b *qiaomen.Problem) int { return compareText(a.Text, b.Text) })
		for _, p := range problems {
			fmt.Fprintln(std.out, "  "+p.Error())
		}
	}
	return found.Good(), nil
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// verifyFiles reads every file of evidence and prints what is wrong. Files that
// nobody names yet are no fault.
func verifyFiles(std streams, h *house) (bool, error) {
	good, read, unnamed := true, int64(0), 0
	var lines []string
	for f, err := range h.files.Verify(h.ctx, h.NamedFiles(h.ctx), func(files, _ int64) { read = files }) {
		switch {
		case err != nil:
			return false, err
		case f.Verdict == blob.Extra:
			unnamed++
		default:
			good = good && !f.Fault()
			lines = append(lines, "  "+f.String())
		}
	}
	fmt.Fprintf(std.out, "佐证材料：读了%d个文件", read)
	if unnamed > 0 {
		fmt.Fprintf(std.out, "，其中%d个还没有用到", unnamed)
	}
	fmt.Fprintln(std.out, map[bool]string{true: "，都完好", false: "，有问题"}[good])
	for _, line := range lines {
		fmt.Fprintln(std.out, line)
	}
	return good, nil
}

type replayCommand struct {
	Data string `placeholder:"文件夹" help:"数据文件夹；不写就看环境变量 QIAOMEN_DATA"`
	To   string `required:"" placeholder:"地址" help:"写到这个空的库：sqlite:文件 或 postgres://用户@主机/库名"`
}

// Run makes the whole ledger again in another database, by replaying its
// journals: it moves between SQLite and PostgreSQL, and rebuilds tables that
// somebody has changed. The data folder goes on using its own database until
// its configuration says otherwise.
func (c *replayCommand) Run(std streams) error {
	conf, err := loadConfig(std, c.Data)
	if err != nil {
		return err
	}
	if why := databaseAddress(c.To); why != "" {
		return printed(std.err, &qiaomen.Problem{Text: why, At: qiaomen.Place{Field: "--to"}})
	}
	o, err := conf.options()
	if err != nil {
		return printed(std.err, err)
	}
	ctx := context.Background()
	from, err := store.Open(ctx, o)
	if err != nil {
		return printed(std.err, err)
	}
	defer from.Close()
	marks, err := os.MkdirTemp("", "qiaomen-replay-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(marks)
	o.Address, o.Folder = c.To, marks
	to, err := openTarget(ctx, o)
	if err != nil {
		return printed(std.err, err)
	}
	defer to.Close()
	err = from.Move(ctx, to, func(journal string) { fmt.Fprintf(std.out, "正在重放存证日志“%s”\n", journal) })
	if err != nil {
		return printed(std.err, err)
	}
	fmt.Fprintf(std.out, "已写到 %s；佐证材料没有动\n要改用这个库，请把 %s 里的 database 改成它，再运行 qiaomen verify\n", to.Address(), configFile)
	return nil
}

// openTarget opens the database that is written to. One that is not empty has
// journals whose marks are elsewhere; it is opened all the same, so that what
// is said of it is that it is not empty.
func openTarget(ctx context.Context, o store.Options) (*store.Store, error) {
	to, err := store.Open(ctx, o)
	if _, refused := errors.AsType[*qiaomen.Problem](err); !refused || store.Adopt(ctx, o) != nil {
		return to, err
	}
	return store.Open(ctx, o)
}
