package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"filippo.io/age"

	"qiaomen"
	"qiaomen/backup"
	"qiaomen/blob"
	"qiaomen/office"
	"qiaomen/store"
)

type backupCommand struct {
	housed
	Out    string `placeholder:"文件夹" help:"放到这个文件夹；不写就照设置 backups"`
	Drill  bool   `help:"不备份，演练：把最新的一份恢复到临时文件夹里核验，再删掉"`
	Record string `placeholder:"文件" help:"不备份，把服务运行时做的一份备份补记到日志"`
	NewKey bool   `help:"不备份，另做一把恢复密钥；以前的备份仍用以前的密钥打开"`
}

// drillFile is where the last drill's result is kept in a data folder.
const drillFile = "drill.json"

// Run takes a backup while others write, seals that it was taken, and removes
// those that need not be kept any more. Or it does one of the things around it.
func (c *backupCommand) Run(std streams) error {
	conf, err := loadConfig(std, c.Data)
	if err != nil {
		return err
	}
	ctx, stop := interruptible()
	defer stop()
	switch {
	case c.NewKey:
		return printed(std.err, newRecoveryKey(std, conf))
	case c.Drill:
		return printed(std.err, c.drill(ctx, std, conf))
	}
	return printed(std.err, c.inHouse(ctx, std, conf))
}

// interruptible ends where somebody interrupts the program: what was begun is
// taken back first.
func interruptible() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
}

// inHouse opens the data folder, for writing where nobody else does.
func (c *backupCommand) inHouse(ctx context.Context, std streams, conf *config) (err error) {
	busy, err := store.InUse(conf.path("marks"))
	if err != nil {
		return err
	}
	if busy && c.Record != "" {
		return &qiaomen.Problem{Text: "服务还在运行，现在不能补记", Fix: "请停下服务再补记，或等它自己每天的备份"}
	}
	h, err := openHouse(ctx, conf, purpose(busy))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	if h.caller.Account, err = h.account(c.As); err != nil {
		return err
	}
	if err := h.named(); err != nil {
		return err
	}
	if c.Record != "" {
		return c.record(std, h)
	}
	return c.take(std, h, busy)
}

func (c *backupCommand) take(std streams, h *house, busy bool) error {
	source, err := h.source()
	if err != nil {
		return err
	}
	folder := cmp.Or(c.Out, h.config.path("backups"))
	w, err := backup.Write(h.ctx, folder, source)
	if err != nil {
		return err
	}
	if !busy {
		if err := h.recordBackup(w.Digest, w.Size); err != nil {
			return errors.Join(err, os.Remove(w.Path)) // who may not take one has none
		}
	}
	fmt.Fprintf(std.out, "已备份到 %s（%s）\n", w.Path, size(w.Size))
	fmt.Fprintf(std.out, "到 %s；佐证材料%d份\n", w.Manifest.Positions(), w.Trailer.Kept+w.Trailer.Quarantined)
	if busy {
		fmt.Fprintf(std.err, "提示：服务正在运行，这次备份还没有记进日志；停下服务以后可以补记：qiaomen backup --record %s --as %s\n", w.Path, c.As)
	}
	keep, err := backup.ParseKeep(h.config.values["backup_keep"])
	if err != nil {
		return err
	}
	gone, err := backup.Prune(folder, source.Installation, keep)
	for _, f := range gone {
		fmt.Fprintf(std.out, "已删去不用再留的 %s\n", f.Path)
	}
	if err != nil {
		return err
	}
	for _, d := range w.Trailer.Damaged {
		fmt.Fprintln(std.err, "备份里缺这份佐证材料，它在备份以前已经损坏："+d)
	}
	if len(w.Trailer.Damaged) > 0 {
		return exit(1)
	}
	return nil
}

// source is the data folder as it is backed up. The drill key is not among its
// secrets: with it a stolen backup would open itself.
func (h *house) source() (backup.Source, error) {
	s := backup.Source{
		Store: h.store, Evidence: h.files, Installation: h.config.values["installation"], Program: programVersion(), Secrets: map[string][]byte{},
	}
	recovery, err := h.config.recoveryRecipient()
	if err != nil {
		return s, err
	}
	own, err := backup.DrillKey(filepath.Join(h.config.folder, backup.DrillKeyFile), true)
	if err != nil {
		return s, err
	}
	s.Recipients = []age.Recipient{recovery, own.Recipient()}
	if s.Settings, err = os.ReadFile(filepath.Join(h.config.folder, configFile)); err != nil {
		return s, err
	}
	for _, name := range secretFiles {
		if h.config.values[name] == "" {
			continue
		}
		if s.Secrets[name], err = os.ReadFile(h.config.path(name)); err != nil {
			return s, unreadable(h.config.path(name), err)
		}
	}
	return s, nil
}

// secretFiles is the settings that name a file without which the ledger would
// not be what it was: it travels with a backup.
var secretFiles = []string{"seed", "certificate", "certificate_key", "s3_ca"}

func (c *config) recoveryRecipient() (age.Recipient, error) {
	if c.values["backup_recipient"] == "" {
		return nil, &qiaomen.Problem{Text: "还没有恢复密钥，备份了也没有人能打开", Fix: "请先运行 qiaomen backup --new-key，把密钥抄在纸上锁好"}
	}
	return backup.ParseRecipient(c.values["backup_recipient"])
}

func (h *house) recordBackup(digest string, size int64) error {
	_, err := h.BackUp(h.ctx, h.caller, office.Backup{Digest: digest, Size: size})
	return err
}

func (c *backupCommand) record(std streams, h *house) error {
	f, err := openFile(c.Record)
	if err != nil {
		return &qiaomen.Problem{Text: unreadable(c.Record, err).Error(), At: qiaomen.Place{Field: "--record"}}
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	if err != nil {
		return err
	}
	if err := h.recordBackup(hex.EncodeToString(sum.Sum(nil)), n); err != nil {
		return err
	}
	fmt.Fprintln(std.out, "已补记："+c.Record)
	return nil
}

// drill restores the newest backup and says what it found.
func (c *backupCommand) drill(ctx context.Context, std streams, conf *config) error {
	d, err := conf.drill(cmp.Or(c.Out, conf.path("backups")))
	if err != nil {
		return err
	}
	r, err := d.Run(ctx)
	if err != nil {
		return err
	}
	if r.File != "" {
		fmt.Fprintf(std.out, "演练用的备份：%s\n", r.File)
	}
	if r.Good() {
		fmt.Fprintf(std.out, "到 %s；佐证材料%d份\n演练通过：这份备份能恢复，核验没有问题\n", (&backup.Manifest{Journals: r.Journals}).Positions(), r.Evidence)
		return nil
	}
	for _, p := range r.Problems {
		fmt.Fprintln(std.out, "  "+p)
	}
	fmt.Fprintln(std.out, "演练没有通过：请查清后重新备份，再演练一次")
	return exit(1)
}

// drill is a drill of the backups in a folder.
func (c *config) drill(folder string) (backup.Drill, error) {
	d := backup.Drill{
		Backups: folder, Installation: c.values["installation"], Scratch: c.folder, Report: filepath.Join(c.folder, drillFile),
		Salt: func(b []byte) { _, _ = rand.Read(b) }, Named: namedFiles,
	}
	o, err := c.options()
	if err != nil {
		return d, err
	}
	d.Seed = o.Seed
	key, err := backup.DrillKey(filepath.Join(c.folder, backup.DrillKeyFile), false)
	if errors.Is(err, os.ErrNotExist) {
		err = &qiaomen.Problem{Text: "这台机器上没有演练密钥", Fix: "请先备份一次，密钥会自动生成"}
	}
	d.Key = key
	return d, err
}

func namedFiles(ctx context.Context, s *store.Store, files blob.Store) iter.Seq2[blob.Expected, error] {
	return office.New(office.Options{Store: s, Files: files}).NamedFiles(ctx)
}

// newRecoveryKey makes a recovery key for a data folder that has none, or
// another one, and shows it once.
func newRecoveryKey(std streams, conf *config) error {
	secret, recipient, err := backup.NewKey()
	if err != nil {
		return err
	}
	name := filepath.Join(conf.folder, configFile)
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if text, err = changeSettings(text, map[string]string{"backup_recipient": recipient}); err != nil {
		return err
	}
	if err := replaceFile(name, text); err != nil {
		return err
	}
	showRecoveryKey(std.out, secret)
	return nil
}

func showRecoveryKey(w io.Writer, secret string) {
	fmt.Fprintf(w, "恢复密钥，只显示这一次。请抄在纸上或打印出来，分两处锁进保险柜，不要存在这台机器上；\n没有它，机器坏了以后备份谁也打不开：\n\n  %s\n", secret)
}

// size is a number of bytes, for people.
func size(n int64) string {
	units := []string{"字节", " KB", " MB", " GB"}
	i := 0
	for n >= 10*1024 && i < len(units)-1 {
		n, i = n/1024, i+1
	}
	return fmt.Sprint(n, units[i])
}

// age of something, in whole days or hours, for people.
func since(at, now time.Time) string {
	switch d := now.Sub(at); {
	case d < time.Minute:
		return "刚才"
	case d < time.Hour:
		return fmt.Sprint(int(d/time.Minute), "分钟前")
	case d < 48*time.Hour:
		return fmt.Sprint(int(d/time.Hour), "小时前")
	default:
		return fmt.Sprint(int(d/(24*time.Hour)), "天前")
	}
}
