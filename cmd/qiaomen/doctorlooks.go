package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"qiaomen/backup"
	"qiaomen/blob"
	"qiaomen/store"
)

// permissions looks at who else may read what is secret.
func (d *doctor) permissions() {
	if runtime.GOOS == "windows" {
		return
	}
	secret := map[string]string{"签名密钥": d.conf.path("seed"), "演练密钥": filepath.Join(d.conf.folder, backup.DrillKeyFile)}
	if d.conf.values["certificate_key"] != "" {
		secret["证书私钥"] = d.conf.path("certificate_key")
	}
	if d.conf.from["database_password"] == configFile || d.conf.from["s3_secret_key"] == configFile {
		secret["配置（有密码）"] = filepath.Join(d.conf.folder, configFile)
	}
	var open []string
	for what, name := range secret {
		info, err := os.Stat(name)
		if err != nil {
			if what == "签名密钥" {
				d.failed("密钥", unreadable(name, err), "请从备份里找回")
				return
			}
			continue
		}
		if info.Mode().Perm()&0o077 != 0 {
			open = append(open, what+" "+name)
		}
	}
	if len(open) > 0 {
		d.say("文件权限", wrong, "别人也能读："+strings.Join(open, "、"), "请运行 chmod 600，并查清有没有外泄")
		return
	}
	info, err := os.Stat(d.conf.folder)
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		d.say("文件权限", worth, "数据文件夹别人也能进", "请运行 chmod 700 "+d.conf.folder)
		return
	}
	d.say("文件权限", fine, "密钥只有本账号能读", "")
}

// certificate looks at when the certificate ends.
func (d *doctor) certificate() {
	if d.conf.values["certificate"] == "" {
		d.say("证书", worth, "没有设证书，服务不加密", "只在本机用、或前面有代理的可以这样")
		return
	}
	name := d.conf.path("certificate")
	text, err := os.ReadFile(name)
	if err != nil {
		d.failed("证书", unreadable(name, err), "请核对设置 certificate")
		return
	}
	block, _ := pem.Decode(text)
	if block == nil {
		d.say("证书", wrong, "“"+name+"”不是 PEM 证书", "请核对设置 certificate")
		return
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		d.failed("证书", err, "请换一份证书")
		return
	}
	until := cert.NotAfter.In(china).Format("2006-01-02")
	switch left := cert.NotAfter.Sub(d.now); {
	case left < 0:
		d.say("证书", wrong, until+"已经到期", "请换上新的证书")
	case left < 30*24*time.Hour:
		d.say("证书", worth, until+"到期", "请尽快换上新的证书")
	default:
		d.say("证书", fine, "到"+until, "")
	}
}

var china = time.FixedZone("+08:00", 8*60*60)

// database looks whether the ledger can be opened, and whether its file is whole.
func (d *doctor) database(ctx context.Context) {
	o, err := d.conf.options()
	if err == nil {
		o.Behind = true
		d.store, err = store.Open(ctx, o)
	}
	if err != nil {
		d.failed("数据库", err, "请核对设置 database，看数据库是不是在运行")
		return
	}
	found, err := d.store.Intact(ctx)
	switch {
	case err != nil:
		d.failed("数据库", err, "请马上备份，再查磁盘")
	case len(found) > 0:
		d.say("数据库", wrong, "文件已损坏："+strings.Join(found, "；"), "请停止使用，从备份恢复，或用 qiaomen replay 重建")
	case d.store.Engine() == "sqlite":
		d.say("数据库", fine, d.store.Address()+"，文件完整", "")
	default:
		d.say("数据库", fine, d.store.Address()+"，排序和编码合适", "") // Open refuses others
	}
}

// journals looks at every journal against its last-signed mark, and at the clock.
func (d *doctor) journals(ctx context.Context) {
	all, err := d.store.Standings(ctx)
	if err != nil {
		d.failed("存证日志", err, "请运行 qiaomen verify 查清")
		return
	}
	newest := ""
	for _, j := range all {
		item := "日志 " + j.Journal
		newest = max(newest, j.At)
		switch {
		case j.Problem != nil:
			d.say(item, wrong, j.Problem.Text, "请不要再写入，保全现场，见手册《台账库》")
		case j.Signed.Size < j.Size:
			d.say(item, worth, fmt.Sprintf("%d条，签名到第%d条", j.Size, j.Signed.Size), "正在写入时会这样；一直这样的，请看服务的日志")
		default:
			d.say(item, fine, fmt.Sprintf("%d条，都已签名；最新一条 %s", j.Size, chinaTime(j.At)), "")
		}
	}
	at, err := time.Parse(time.RFC3339, newest)
	if err == nil && d.now.Before(at) {
		d.say("时钟", wrong, fmt.Sprintf("机器的时间比最新的日志早%d秒", int(at.Sub(d.now)/time.Second)+1), "请校准时间；日志按先后记，时间会停在最新一条上")
		return
	}
	d.say("时钟", fine, d.now.In(china).Format("2006-01-02 15:04:05"), "")
}

// evidence looks whether the evidence can be reached.
func (d *doctor) evidence(ctx context.Context) {
	patient, stop := context.WithTimeout(ctx, 20*time.Second)
	defer stop()
	files, err := d.conf.openEvidence(patient, blob.Options{ReadOnly: true})
	if err == nil {
		_, err = files.Status(patient, blob.Digest{})
		err = errors.Join(err, files.Close())
	}
	if err != nil {
		d.failed("佐证材料", err, "请核对设置 evidence，看磁盘有没有挂上、对象存储通不通")
		return
	}
	d.say("佐证材料", fine, d.conf.values["evidence"]+" 能读；逐份核对请用 qiaomen verify", "")
}

// room looks at how much of the disks is left.
func (d *doctor) room() {
	for _, one := range []struct{ item, folder string }{{"磁盘", d.conf.folder}, {"备份的磁盘", d.conf.path("backups")}} {
		free, total, err := diskRoom(one.folder)
		switch {
		case errors.Is(err, os.ErrNotExist), errors.Is(err, errors.ErrUnsupported):
			continue
		case err != nil:
			d.failed(one.item, err, "请核对磁盘")
		case free < total/20 || free < 1<<30:
			d.say(one.item, worth, "只剩 "+size(free), "请腾出空间；满了就不能上报")
		default:
			d.say(one.item, fine, "还剩 "+size(free), "")
		}
	}
}

// backups looks at how old the newest backup is, and where it lies.
func (d *doctor) backups() {
	folder := d.conf.path("backups")
	if _, err := d.conf.recoveryRecipient(); err != nil {
		d.failed("备份", err, "")
		return
	}
	all, err := backup.List(folder, d.conf.values["installation"])
	if err != nil {
		d.failed("备份", err, "请核对设置 backups")
		return
	}
	if len(all) == 0 {
		d.say("备份", wrong, "“"+folder+"”里还没有备份", "请运行 qiaomen backup --as 系统管理员")
		return
	}
	text := fmt.Sprintf("%s，%s，共%d份，在 %s", since(all[0].At, d.now), size(all[0].Size), len(all), folder)
	switch {
	case d.now.Sub(all[0].At) > 7*24*time.Hour:
		d.say("备份", wrong, text, "一周没有备份了，请马上备份，并查每天的备份为什么没有做")
	case d.now.Sub(all[0].At) > 36*time.Hour:
		d.say("备份", worth, text, "请查每天的备份为什么没有做")
	case sameDisk(folder, d.conf.folder):
		d.say("备份", worth, text, "备份和数据在同一块盘上，盘坏了一起丢；请把设置 backups 改到另一块盘或共享文件夹")
	default:
		d.say("备份", fine, text, "")
	}
}

// drill looks at what the last drill found.
func (d *doctor) drill() {
	r, err := backup.ReadReport(filepath.Join(d.conf.folder, drillFile))
	if err != nil {
		d.failed("恢复演练", err, "请再演练一次：qiaomen backup --drill")
		return
	}
	if r == nil {
		d.say("恢复演练", worth, "还没有演练过", "请运行 qiaomen backup --drill，看备份能不能恢复")
		return
	}
	at, err := time.Parse(time.RFC3339, r.At)
	switch {
	case err != nil:
		d.failed("恢复演练", err, "请再演练一次：qiaomen backup --drill")
	case !r.Good():
		d.say("恢复演练", wrong, since(at, d.now)+"没有通过："+strings.Join(r.Problems, "；"), "请查清后重新备份，再演练一次")
	case d.now.Sub(at) > 7*24*time.Hour:
		d.say("恢复演练", worth, since(at, d.now)+"通过", "一周没有演练了，请运行 qiaomen backup --drill")
	default:
		d.say("恢复演练", fine, since(at, d.now)+"通过，"+r.File, "")
	}
}

// libreOffice looks for what turns notices into PDF files.
func (d *doctor) libreOffice() {
	for _, name := range []string{"soffice", "libreoffice"} {
		if path, err := exec.LookPath(name); err == nil {
			d.say("LibreOffice", fine, path, "")
			return
		}
	}
	d.say("LibreOffice", worth, "没有装", "不影响使用；要把通报转成 PDF 的请安装")
}
