package main

import (
	"context"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/office"
	"qiaomen/store"
)

// A housed command works in a data folder, on the machine that holds it. It acts
// as a named account, and the journal says so; nobody is asked for a password,
// since whoever may read the folder could write it anyway.
type housed struct {
	Data string `placeholder:"文件夹" help:"数据文件夹；不写就看环境变量 QIAOMEN_DATA"`
	As   string `placeholder:"登录名" help:"以哪个账号办理，记在存证日志里"`
}

// A campaigned command works in one campaign.
type campaigned struct {
	housed
	Campaign string `placeholder:"活动" help:"活动的代号；只有一个活动时不用写"`
}

// A house is an open data folder.
type house struct {
	*office.Office
	ctx    context.Context
	config *config
	store  *store.Store
	files  blob.Store
	caller office.Caller
}

// What a data folder is opened for.
type purpose bool

const (
	working purpose = false
	looking purpose = true // nothing is written, and a ledger behind its mark can be looked at
)

// openHouse opens a data folder: ledger, evidence, and the office over them.
func openHouse(ctx context.Context, c *config, to purpose) (*house, error) {
	o, err := c.options()
	if err != nil {
		return nil, err
	}
	o.Behind = to == looking
	h := &house{ctx: ctx, config: c}
	if h.store, err = store.Open(ctx, o); err != nil {
		return nil, err
	}
	if h.files, err = c.openEvidence(ctx, blob.Options{ReadOnly: to == looking}); err != nil {
		return nil, errors.Join(err, h.store.Close())
	}
	key, err := hkdf.Key(sha256.New, o.Seed[:], nil, factorKey, 32)
	if err != nil {
		return nil, errors.Join(err, h.files.Close(), h.store.Close())
	}
	hosts, err := office.ParseWebhookHosts(c.values["webhook_hosts"])
	if err != nil {
		return nil, errors.Join(err, h.close())
	}
	megabytes, _ := strconv.ParseInt(c.values["upload_mb"], 10, 64)
	h.Office = office.New(office.Options{Store: h.store, Files: h.files, Key: [32]byte(key), WebhookHosts: hosts, Unnamed: megabytes << 20})
	if to == working { // bytes whose expunging was sealed and not finished
		if _, err := h.FinishExpunging(ctx); err != nil && !errors.Is(err, blob.ErrUnreachable) { // a server of evidence that is down is no reason not to begin
			return nil, errors.Join(err, h.close())
		}
	}
	return h, nil
}

// factorKey is what the key is derived for with which second factors are sealed in
// the database: from the signing seed, which is not in there.
const factorKey = "qiaomen second factor"

func (h *house) close() error { return errors.Join(h.files.Close(), h.store.Close()) }

// options is what the store of a data folder is opened with.
func (c *config) options() (store.Options, error) {
	o := store.Options{
		Address: c.address(), Folder: c.path("marks"), Installation: c.values["installation"], Salt: func(b []byte) { _, _ = rand.Read(b) },
	}
	name := c.path("seed")
	info, err := os.Stat(name)
	if err != nil {
		return o, unreadable(name, err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return o, &qiaomen.Problem{Text: "签名密钥的种子“" + name + "”别人也能读", Fix: "请运行 chmod 600，并查清有没有外泄"}
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return o, unreadable(name, err)
	}
	seed, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(seed) != ed25519.SeedSize {
		return o, &qiaomen.Problem{Text: "“" + name + "”不是签名密钥的种子", Fix: "应是一行64个十六进制数字，请从备份里找回"}
	}
	copy(o.Seed[:], seed)
	return o, nil
}

// within runs a command in its data folder. What is wrong is printed, one line
// each.
func (c *housed) within(std streams, f func(h *house) error) error {
	return c.in(std, "", f)
}

func (c *campaigned) within(std streams, f func(h *house) error) error {
	return c.in(std, c.Campaign, func(h *house) error {
		if h.caller.Campaign == "" {
			all, err := h.Campaigns(h.ctx)
			if err != nil {
				return err
			}
			if len(all) != 1 {
				return &qiaomen.Problem{Text: fmt.Sprintf("这里有%d个活动", len(all)), Fix: "请写明是哪一个", At: qiaomen.Place{Field: "--campaign"}}
			}
			h.caller.Campaign = all[0].ID
		}
		return f(h)
	})
}

func (c *housed) in(std streams, campaign string, f func(h *house) error) (err error) {
	conf, err := loadConfig(std, c.Data)
	if err != nil {
		return err
	}
	h, err := openHouse(context.Background(), conf, working)
	if err != nil {
		return printed(std.err, err)
	}
	defer func() {
		if closing := h.close(); err == nil {
			err = closing
		}
	}()
	h.caller.Campaign = campaign
	if h.caller.Account, err = h.account(c.As); err == nil {
		err = f(h)
	}
	return printed(std.err, err)
}

// account is the account of that login; empty where none is named.
func (h *house) account(login string) (id string, err error) {
	if login == "" {
		return "", nil
	}
	err = h.store.Read(h.ctx, office.InstallationJournal, 0, func(v *store.View) error {
		all, err := store.All[qiaomen.Account](v, store.Filter{Key: login})
		if err == nil && len(all) == 0 {
			err = &qiaomen.Problem{Text: "没有账号“" + qiaomen.Clip(login) + "”", Fix: "请核对登录名", At: qiaomen.Place{Field: "--as"}}
		}
		if len(all) > 0 {
			id = all[0].ID
		}
		return err
	})
	return id, err
}

// named asks that the command says as whom it acts.
func (h *house) named() error {
	if h.caller.Account == "" {
		return &qiaomen.Problem{Text: "必须写", At: qiaomen.Place{Field: "--as"}}
	}
	return nil
}

// printed prints everything that is wrong with the input and ends the command;
// what is the machine's fault it returns.
func printed(w io.Writer, err error) error {
	if denied, ok := errors.AsType[*office.Denied](err); ok {
		err = denied.Problem()
	}
	p, ok := errors.AsType[*qiaomen.Problem](err)
	if !ok {
		return err
	}
	all := append([]*qiaomen.Problem{p}, p.More...)
	const most = 100
	for i, one := range all {
		if i == most {
			fmt.Fprintf(w, "……另有%d处\n", len(all)-i)
			break
		}
		fmt.Fprintln(w, one)
	}
	return exit(2)
}

// keep keeps a file that an act will name: a scan, a proof.
func (h *house) keep(option, name string) (qiaomen.Evidence, error) {
	f, err := openFile(name)
	if err != nil {
		return qiaomen.Evidence{}, &qiaomen.Problem{Text: unreadable(name, err).Error(), At: qiaomen.Place{Field: option}}
	}
	defer f.Close()
	return h.KeepFile(h.ctx, h.caller, "", name, f)
}
