package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"qiaomen"
	"qiaomen/backup"
	"qiaomen/blob"
	"qiaomen/store"
)

type restoreCommand struct {
	File     string   `arg:"" name:"文件" help:"备份文件"`
	Data     string   `placeholder:"文件夹" help:"恢复到这个文件夹，要是空的；不写就看环境变量 QIAOMEN_DATA"`
	Key      string   `placeholder:"文件" help:"恢复密钥的文件，写 - 从标准输入读；不写就在终端上问"`
	Database string   `placeholder:"地址" help:"恢复到这个空的库：sqlite:文件 或 postgres://…；不写就照备份里的设置"`
	Reason   string   `placeholder:"理由" help:"为什么恢复，记进日志"`
	People   string   `placeholder:"文件" help:"到场的管理员（YAML），写 - 从标准输入读；不写就在终端上请他们各自登录"`
	Marks    string   `placeholder:"文件夹" help:"坏了的数据文件夹里还在的 marks，用来查备份以后还有过什么"`
	Seen     []string `placeholder:"文件" help:"手里的回执或检查点，用来查备份以后还有过什么，可以写几次"`
	Lost     string   `placeholder:"缺失" help:"接受备份以后的这些日志找不回来：照报告原样写，或写条数"`
	DryRun   bool     `help:"只试一遍：恢复、核验，再全部删掉"`
}

// restoringFile is what the settings are called until all is restored. A folder
// that has it was left half-way; it does not open, and the next restore into it
// begins by taking away what the last one began.
const restoringFile = configFile + ".restoring"

// Run makes a data folder of a backup. Until everything is verified and sealed it
// is none that would open; where anything fails, nothing stays.
func (c *restoreCommand) Run(std streams) error {
	folder, err := dataFolder(c.Data)
	if err != nil {
		return printed(std.err, err)
	}
	if c.Key == "-" && c.People == "-" {
		return printed(std.err, &qiaomen.Problem{Text: "标准输入只有一个", Fix: "密钥和人员请有一个写成文件", At: qiaomen.Place{Field: "--key"}})
	}
	ctx, stop := interruptible()
	defer stop()
	return printed(std.err, c.into(ctx, std, folder))
}

// dataFolder is the data folder that is named, by an option or the environment.
func dataFolder(option string) (string, error) {
	if option == "" {
		option = os.Getenv(dataVariable)
	}
	if option == "" {
		return "", &qiaomen.Problem{Text: "必须写，或者设环境变量 " + dataVariable, At: qiaomen.Place{Field: "--data"}}
	}
	return option, nil
}

func (c *restoreCommand) into(ctx context.Context, std streams, folder string) (err error) {
	if err := c.fit(); err != nil {
		return err
	}
	if err := clearHalf(ctx, folder); err != nil {
		return err
	}
	key, err := c.key(std)
	if err != nil {
		return err
	}
	file, err := openFile(c.File)
	if err != nil {
		return unreadableProblem(c.File, err)
	}
	defer file.Close()
	made, err := emptyFolder(folder)
	if err != nil {
		return &qiaomen.Problem{Text: strings.TrimPrefix(err.Error(), "--data: "), At: qiaomen.Place{Field: "--data"}}
	}
	r := &restoring{c: c, std: std, folder: folder}
	defer func() {
		if r.done {
			return
		}
		if undone := r.undo(made); undone != nil {
			err = errors.Join(err, undone)
		}
	}()
	return r.run(ctx, file, key)
}

func unreadableProblem(name string, err error) error {
	return &qiaomen.Problem{Text: unreadable(name, err).Error()}
}

// fit asks for what the command needs before it begins anything.
func (c *restoreCommand) fit() error {
	if c.Reason == "" && !c.DryRun {
		return &qiaomen.Problem{Text: "必须写：为什么恢复，要记进日志", At: qiaomen.Place{Field: "--reason"}}
	}
	if why := databaseAddress(c.Database); c.Database != "" && why != "" {
		return &qiaomen.Problem{Text: why, At: qiaomen.Place{Field: "--database"}}
	}
	for _, name := range []string{"database", "marks", "seed", "evidence"} {
		if variable := settingNamed(name).variable(); os.Getenv(variable) != "" {
			return &qiaomen.Problem{Text: "设了环境变量 " + variable + "，恢复出来的设置会被它盖住", Fix: "请先去掉它；换数据库请用 --database"}
		}
	}
	return nil
}

// key reads the recovery key.
func (c *restoreCommand) key(std streams) (age.Identity, error) {
	text, err := secretText(std, c.Key, "请输入恢复密钥（不显示）：")
	if err != nil {
		return nil, err
	}
	return backup.ParseKey(text)
}

// clearHalf takes away what a restore left that was killed. Which database it
// was filling its settings say; it was found empty before they were written.
func clearHalf(ctx context.Context, folder string) error {
	if _, err := os.Lstat(filepath.Join(folder, restoringFile)); errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	if _, err := os.Lstat(filepath.Join(folder, configFile)); err == nil {
		return &qiaomen.Problem{Text: "“" + folder + "”里已有一套台账库", Fix: "请换一个空的文件夹"}
	}
	if conf, faults := readConfigFile(folder, restoringFile, os.Environ()); len(faults) == 0 {
		if err := store.Discard(ctx, store.Options{Address: conf.address(), Installation: conf.values["installation"]}); err != nil {
			return fmt.Errorf("上次没有恢复完的数据库清不掉：%w", err)
		}
	}
	return undo(folder, false)
}

// A restoring is one run of the command.
type restoring struct {
	c       *restoreCommand
	std     streams
	folder  string
	archive *backup.Archive
	conf    *config
	done    bool
	begun   bool // the database, found empty, is being written
	options store.Options
	known   []backup.Known
	gaps    []backup.Gap
}

func (r *restoring) run(ctx context.Context, file *os.File, key age.Identity) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	p := newProgress(r.std, "读取备份", info.Size())
	defer p.end()
	if r.archive, err = backup.Open(p.reader(file), key); err != nil {
		return err
	}
	m := &r.archive.Manifest
	p.say(fmt.Sprintf("备份：%s 做的，%s，到 %s", chinaTime(m.At), m.Engine, m.Positions()))
	if err := r.settle(); err != nil {
		return err
	}
	if err := r.vacant(ctx); err != nil {
		return err
	}
	found, err := r.pour(ctx, p)
	if err != nil {
		return err
	}
	if r.c.DryRun {
		return r.tried(found)
	}
	if err := r.seal(ctx); err != nil {
		return err
	}
	return r.finish(found)
}

// secretNames is what the secret files of a backup are called in a data folder.
var secretNames = map[string]string{"seed": "seed", "certificate": certificateFile, "certificate_key": certificateKeyFile, "s3_ca": "s3-ca.crt"}

// settle writes the settings, not yet under their name, and the secret files.
// Everything is put into the folder itself, wherever it was before.
func (r *restoring) settle() error {
	values := map[string]string{"marks": "", "seed": "", "evidence": "", "backups": ""}
	for _, name := range secretFiles {
		if content, ok := r.archive.Secrets[name]; ok {
			file := secretNames[name]
			if values[name] = file; file == settingNamed(name).value {
				values[name] = ""
			}
			if err := writeFlushed(filepath.Join(r.folder, file), content, 0o600); err != nil {
				return err
			}
		}
	}
	before, err := parseSettings(r.archive.Settings)
	if err != nil {
		return err
	}
	switch database := before["database"]; {
	case r.c.Database != "":
		values["database"] = r.c.Database
		if strings.HasPrefix(r.c.Database, "sqlite:") {
			values["database_password"] = ""
		}
	case strings.HasPrefix(database, "sqlite:"):
		values["database"] = "sqlite:ledger.db"
	}
	if _, _, remote := blob.ParseBucket(before["evidence"]); remote {
		fmt.Fprintf(r.std.out, "备份时佐证材料在 %s；现在恢复到文件夹里，不动那边\n", before["evidence"])
	}
	if keep := before["backups"]; keep != "" && filepath.IsAbs(keep) {
		values["backups"] = keep // another disk, which may be there again
	}
	text, err := changeSettings(r.archive.Settings, values)
	if err != nil {
		return err
	}
	if err := replaceFile(filepath.Join(r.folder, restoringFile), text); err != nil {
		return err
	}
	var faults []*qiaomen.Problem
	if r.conf, faults = readConfigFile(r.folder, restoringFile, os.Environ()); len(faults) > 0 {
		return asProblem(faults)
	}
	if r.conf.values["installation"] != r.archive.Manifest.Installation {
		return &qiaomen.Problem{Text: "备份的清单和它里面的设置不是同一套系统的", Fix: "这份备份不可信，请换一份"}
	}
	r.options, err = r.conf.options()
	return err
}

func asProblem(faults []*qiaomen.Problem) error {
	first := *faults[0]
	first.More = faults[1:]
	return &first
}

// vacant asks that the database is empty, and finds out who knows of entries
// that the backup has not. They are told before anything is written.
func (r *restoring) vacant(ctx context.Context) error {
	empty, err := store.Empty(ctx, r.conf.address())
	if err != nil {
		return err
	}
	if err := r.ask(ctx, empty); err != nil {
		return err
	}
	if r.gaps = backup.Gaps(&r.archive.Manifest, r.known); len(r.gaps) > 0 {
		text, count := backup.GapText(r.gaps)
		fmt.Fprintf(r.std.out, "备份以后还有过%d条日志，恢复以后就没有了：%s\n", count, text)
		for _, g := range r.gaps {
			fmt.Fprintf(r.std.out, "  %s：%s知道有%d条\n", g.Journal, g.Where, g.Last)
		}
	}
	text, count := backup.GapText(r.gaps)
	switch {
	case !empty && strings.HasPrefix(r.conf.address(), "sqlite:"):
		return &qiaomen.Problem{Text: "要恢复到的数据库文件已经在那里", Fix: "请移开，或用 --database 换一个"}
	case !empty:
		return &qiaomen.Problem{Text: "要恢复到的数据库 " + r.conf.shown(settingNamed("database")) + " 里已有内容", Fix: "它没有坏的话就不用恢复；要恢复请另建一个空的库，用 --database 指明；是上次恢复中断留下的，请对同一个文件夹再运行一次恢复"}
	case len(r.gaps) == 0 && r.c.Lost != "":
		return &qiaomen.Problem{Text: "没有查到缺失的日志", Fix: "请去掉 --lost", At: qiaomen.Place{Field: "--lost"}}
	case len(r.gaps) > 0 && !r.c.DryRun && !backup.Accepts(r.gaps, r.c.Lost):
		return &qiaomen.Problem{
			Text: "这份备份不是最新的", Fix: fmt.Sprintf("有更新的备份请用更新的；确实找不回来的，请写 --lost '%s' 或 --lost %d 表示接受", text, count),
			At: qiaomen.Place{Field: "--lost"},
		}
	}
	return nil
}

// ask asks everybody who may know more than the backup does.
func (r *restoring) ask(ctx context.Context, empty bool) error {
	before, err := parseSettings(r.archive.Settings)
	if err != nil {
		return err
	}
	folders := []string{r.c.Marks}
	if old := before["marks"]; filepath.IsAbs(old) {
		folders = append(folders, old)
	}
	for _, folder := range folders {
		if folder == "" {
			continue
		}
		known, err := backup.KnownMarks(folder)
		if err != nil {
			return &qiaomen.Problem{Text: folder + "：" + err.Error(), At: qiaomen.Place{Field: "--marks"}}
		}
		if len(known) == 0 && folder == r.c.Marks {
			return &qiaomen.Problem{Text: "“" + folder + "”里没有最近一次签名的记录", Fix: "请指明坏了的数据文件夹里的 marks", At: qiaomen.Place{Field: "--marks"}}
		}
		r.known = append(r.known, known...)
	}
	addresses := map[string]bool{}
	if !empty {
		addresses[r.conf.address()] = true
	}
	if old := before["database"]; strings.HasPrefix(old, "postgres") && old != r.c.Database {
		was := &config{values: before}
		addresses[was.address()] = true
	}
	for address := range addresses {
		o := r.options
		o.Address = address
		patient, stop := context.WithTimeout(ctx, 10*time.Second)
		known, err := backup.KnownDatabase(patient, o)
		stop()
		if err != nil {
			fmt.Fprintf(r.std.err, "提示：备份里写的数据库连不上或看不懂，没法问它备份以后还有过什么\n")
			continue
		}
		r.known = append(r.known, known...)
	}
	return r.seen()
}

// seen takes what receipts and checkpoints say. Their keys follow from the seed.
func (r *restoring) seen() error {
	for _, name := range r.c.Seen {
		k, err := backup.KnownSeen(name, r.options)
		if errors.Is(err, os.ErrNotExist) {
			err = &qiaomen.Problem{Text: unreadable(name, err).Error(), At: qiaomen.Place{Field: "--seen"}}
		}
		if err != nil {
			return err
		}
		r.known = append(r.known, k)
	}
	return nil
}

// pour restores and verifies.
func (r *restoring) pour(ctx context.Context, p *progress) (*backup.Findings, error) {
	r.begun = true
	s, err := store.Open(ctx, r.options)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	files, err := blob.OpenFolder(r.conf.path("evidence"), blob.Options{})
	if err != nil {
		return nil, err
	}
	defer files.Close()
	r.archive.Tell = p.say
	t, err := r.archive.Restore(ctx, s, files)
	if err != nil {
		return nil, err
	}
	p.say(fmt.Sprintf("佐证材料：%d份，另有%d份已隔离，%d份已清除", t.Kept, t.Quarantined, t.Expunged))
	for _, d := range t.Damaged {
		p.say("  备份时已经损坏：" + d)
	}
	forks, err := backup.Forks(ctx, s, r.known)
	if err != nil {
		return nil, err
	}
	if len(forks) > 0 {
		return nil, asProblem(forks)
	}
	p.end()
	fmt.Fprintln(r.std.out, "正在核验：逐条核对，重放一遍比较各表")
	found, err := backup.Verify(ctx, s, r.options, files, namedFiles, filepath.Join(r.folder, "replay"))
	if err != nil {
		return nil, err
	}
	for _, line := range found.Lines() {
		fmt.Fprintln(r.std.out, "  "+line)
	}
	if !found.Journals.Good() {
		return nil, &qiaomen.Problem{Text: "恢复出来的台账库核验没有通过", Fix: "请换一份备份"}
	}
	return found, nil
}

func (r *restoring) tried(found *backup.Findings) error {
	fmt.Fprintf(r.std.out, "试过了：这份备份能恢复，日志核验通过，佐证材料读了%d份；试的内容已全部删掉\n", found.Files)
	if !found.Good() {
		return exit(1)
	}
	return nil
}

// finish gives the settings their name: from here on the folder opens.
func (r *restoring) finish(found *backup.Findings) error {
	if _, err := backup.DrillKey(filepath.Join(r.folder, backup.DrillKeyFile), true); err != nil {
		return err
	}
	if err := syncFolder(r.folder); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(r.folder, restoringFile), filepath.Join(r.folder, configFile)); err != nil {
		return err
	}
	r.done = true
	if err := syncFolder(r.folder); err != nil {
		return err
	}
	fmt.Fprintf(r.std.out, "已恢复到“%s”，核验通过，佐证材料读了%d份\n", r.folder, found.Files)
	fmt.Fprint(r.std.out, `接下来：
1. 核对 qiaomen.yaml 里的设置，特别是证书、数据库和备份的文件夹
2. 运行 qiaomen doctor，再启动服务；以前的登录都已失效，请大家重新登录
3. 请单位拿手里最新的回执来核对；备份以后上报、认定的，要重新办理
4. 马上再备份一次；坏了的那台机器上的数据原样留着，不要再启动
`)
	if !found.Good() {
		fmt.Fprintln(r.std.out, "佐证材料有缺失或损坏，见上面；请从别处找回原件")
		return exit(1)
	}
	return nil
}

// undo takes everything away that this run has made.
func (r *restoring) undo(made bool) error {
	if r.begun {
		if err := store.Discard(context.Background(), r.options); err != nil {
			return err // the folder stays, so that the next restore into it knows of the database
		}
	}
	return undo(r.folder, made)
}
