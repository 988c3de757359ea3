package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v4"

	"qiaomen"
	"qiaomen/backup"
	"qiaomen/office"
)

type initCommand struct {
	Data           string   `placeholder:"文件夹" help:"建在这个文件夹，要是空的；不写就看环境变量 QIAOMEN_DATA"`
	People         string   `required:"" placeholder:"文件" help:"最初的人员名单（YAML），写法见 docs/config.md"`
	Profile        string   `enum:"small,gb3" default:"small" placeholder:"small|gb3" help:"运行档：small 小型办公室（默认），gb3 三员分立、双人审核"`
	Name           string   `placeholder:"名称" default:"招商活动领导小组办公室" help:"这一套叫什么"`
	Host           []string `placeholder:"主机名" help:"服务用的主机名或地址，写进自签的证书；不写就是本机的名字和 localhost"`
	Certificate    string   `placeholder:"文件" help:"已有的 HTTPS 证书（PEM），不写就自己签一份"`
	CertificateKey string   `placeholder:"文件" help:"已有证书的私钥（PEM）"`
	Database       string   `placeholder:"地址" default:"sqlite:ledger.db" help:"数据库：sqlite:文件（默认 sqlite:ledger.db）或 postgres://…"`
}

// Run begins an installation: configuration, key, ledger, first people. Their
// one-time codes are printed once. Where something is wrong, nothing stays.
func (c *initCommand) Run(std streams) (err error) {
	folder := c.Data
	if folder == "" {
		folder = os.Getenv(dataVariable)
	}
	if folder == "" {
		fmt.Fprintln(std.err, "--data: 必须写，或者设环境变量 "+dataVariable)
		return exit(2)
	}
	people, faults := readPeople(c.People)
	if why := databaseAddress(c.Database); why != "" {
		faults = append(faults, &qiaomen.Problem{Text: why, At: qiaomen.Place{Field: "--database"}})
	}
	if len(faults) > 0 {
		for _, p := range faults {
			fmt.Fprintln(std.err, p)
		}
		return exit(2)
	}
	made, err := emptyFolder(folder)
	if err != nil {
		fmt.Fprintln(std.err, err)
		return exit(2)
	}
	codes, recovery, err := c.found(folder, people)
	if err != nil {
		return errors.Join(printed(std.err, err), undo(folder, made))
	}
	fmt.Fprintf(std.out, "已在“%s”建库，配置在 %s\n", folder, configFile)
	fmt.Fprintln(std.out, "其中 seed 是签名密钥的种子，不要给人；marks 是最近一次签名的记录，不要用旧的盖掉它。\n请每天备份：qiaomen backup，最好放到另一块盘上。")
	fmt.Fprintln(std.out)
	showRecoveryKey(std.out, recovery)
	fmt.Fprintln(std.out, "\n首次登录用的一次性代码，只显示这一次，请分别交给本人：")
	t := table{right: make([]bool, 2)}
	t.add("登录名", "一次性代码")
	for _, one := range codes {
		t.add(one.Login, one.Code)
	}
	t.print(std.out)
	return nil
}

func (c *initCommand) found(folder string, people []office.FirstPerson) (codes []office.FirstCode, recovery string, err error) {
	random := make([]byte, 8+ed25519.SeedSize)
	if _, err := rand.Read(random); err != nil {
		return nil, "", err
	}
	recovery, recipient, err := backup.NewKey()
	if err != nil {
		return nil, "", err
	}
	id, seed := hex.EncodeToString(random[:8]), hex.EncodeToString(random[8:])
	cert, key, err := c.certificate(folder)
	if err != nil {
		return nil, "", err
	}
	text, err := yaml.Marshal(map[string]string{"installation": id, "database": c.Database, "certificate": cert, "certificate_key": key, "backup_recipient": recipient})
	if err != nil {
		return nil, "", err
	}
	err = errors.Join(
		writeFlushed(filepath.Join(folder, "seed"), []byte(seed+"\n"), 0o600),
		writeFlushed(filepath.Join(folder, configFile), append([]byte("# 敲门的配置，每一项见 docs/config.md\n"), text...), 0o600),
	)
	if err != nil {
		return nil, "", err
	}
	conf, faults := readConfig(folder, os.Environ())
	if len(faults) > 0 {
		first := *faults[0]
		first.More = faults[1:]
		return nil, "", &first
	}
	h, err := openHouse(context.Background(), conf, working)
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	f := office.Founding{ID: id, Name: c.Name, People: people, Procedure: qiaomen.SmallOffice}
	if c.Profile == "gb3" {
		f.Procedure = qiaomen.ThreePowers
	}
	for _, journal := range []string{office.InstallationJournal, office.AuditJournal} {
		vkey, err := h.store.Vkey(journal)
		if err != nil {
			return nil, "", err
		}
		f.Verifiers = append(f.Verifiers, vkey)
	}
	if codes, err = h.Found(h.ctx, f); err != nil {
		return nil, "", err
	}
	_, err = backup.DrillKey(filepath.Join(folder, backup.DrillKeyFile), true)
	return codes, recovery, err
}

// emptyFolder makes a folder, or takes one that is empty.
func emptyFolder(name string) (made bool, err error) {
	entries, err := os.ReadDir(name)
	if errors.Is(err, os.ErrNotExist) {
		if err = os.MkdirAll(name, 0o700); err == nil {
			return true, syncFolder(filepath.Dir(name))
		}
	}
	if err != nil {
		return false, fmt.Errorf("--data: 用不了“%s”：%s", qiaomen.Clip(name), osReason(err))
	}
	if len(entries) > 0 {
		return false, fmt.Errorf("--data: “%s”里已有内容；请换一个空的文件夹，已建好的库不用再建", qiaomen.Clip(name))
	}
	return false, nil
}

// undo takes away what a command that failed has made in a folder that was
// empty.
func undo(folder string, made bool) error {
	if made {
		return os.RemoveAll(folder)
	}
	entries, err := os.ReadDir(folder)
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(folder, e.Name())))
	}
	return err
}

// readPeople reads the list of first people:
//
//	campaign: winter-2023          # of roles in a campaign
//	people:
//	  - {login: zhang, name: 张某, identity: 工号, phone: 电话, roles: [handler]}
//	  - {login: jixian, name: 李某, roles: [reporter], unit: jixian}
func readPeople(name string) ([]office.FirstPerson, []*qiaomen.Problem) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, []*qiaomen.Problem{{Text: unreadable(name, err).Error(), At: qiaomen.Place{Field: "--people"}}}
	}
	root, fault := yamlRoot(name, data)
	if fault != nil {
		return nil, []*qiaomen.Problem{fault}
	}
	r := &peopleReader{file: name}
	if root == nil || root.Kind != yaml.MappingNode {
		return nil, []*qiaomen.Problem{{Text: "名单里没有人", Fix: "请写 people: 和每个人的登录名、姓名、角色", At: qiaomen.Place{File: name, Line: 1}}}
	}
	r.fields(root, map[string]func(*yaml.Node){
		"campaign": func(n *yaml.Node) { r.campaign = r.text(n, "campaign") },
		"people":   func(n *yaml.Node) { r.list = r.items(n, "people") },
	})
	for _, n := range r.list {
		r.person(n)
	}
	if len(r.people) == 0 && len(r.faults) == 0 {
		r.say(root, "people", "名单里没有人")
	}
	return r.people, r.faults
}

// A peopleReader reads the list of first people and keeps every fault.
type peopleReader struct {
	file     string
	campaign string
	list     []*yaml.Node
	people   []office.FirstPerson
	faults   []*qiaomen.Problem
}

func (r *peopleReader) say(n *yaml.Node, field, text string) {
	r.faults = append(r.faults, &qiaomen.Problem{Text: text, At: placeOf(r.file, n, field)})
}

func (r *peopleReader) fields(n *yaml.Node, by map[string]func(*yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.say(n, "", "应写成“词: 值”")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		take := by[key.Value]
		switch {
		case take == nil:
			var words []string
			for word := range by {
				words = append(words, word)
			}
			slices.Sort(words)
			r.say(key, qiaomen.Clip(key.Value), "没有这一项"+qiaomen.Suggest(key.Value, words))
		case seen[key.Value]:
			r.say(key, key.Value, "写了两次")
		default:
			seen[key.Value] = true
			take(n.Content[i+1])
		}
	}
}

func (r *peopleReader) text(n *yaml.Node, field string) string {
	if n.Kind != yaml.ScalarNode {
		r.say(n, field, "应是一个词")
		return ""
	}
	return n.Value
}

func (r *peopleReader) items(n *yaml.Node, field string) []*yaml.Node {
	if n.Kind != yaml.SequenceNode {
		r.say(n, field, "应是一个列表")
		return nil
	}
	return n.Content
}

func (r *peopleReader) person(n *yaml.Node) {
	var p office.FirstPerson
	var unit string
	campaign := r.campaign
	var roles []*yaml.Node
	r.fields(n, map[string]func(*yaml.Node){
		"login":    func(n *yaml.Node) { p.Login = r.text(n, "login") },
		"name":     func(n *yaml.Node) { p.Detail.Name = r.text(n, "name") },
		"phone":    func(n *yaml.Node) { p.Phone = r.text(n, "phone") },
		"identity": func(n *yaml.Node) { p.Identity = r.text(n, "identity") },
		"unit":     func(n *yaml.Node) { unit = r.text(n, "unit") },
		"campaign": func(n *yaml.Node) { campaign = r.text(n, "campaign") },
		"roles":    func(n *yaml.Node) { roles = r.items(n, "roles") },
	})
	for _, n := range roles {
		role := qiaomen.Role(r.text(n, "roles"))
		if !slices.Contains(qiaomen.Roles[:len(qiaomen.Roles)-1], role) { // all but the public
			var words []string
			for _, known := range qiaomen.Roles[:len(qiaomen.Roles)-1] {
				words = append(words, string(known))
			}
			r.say(n, "roles", "没有角色“"+qiaomen.Clip(string(role))+"”"+qiaomen.Suggest(string(role), words))
			continue
		}
		one := office.FirstRole{Role: role}
		if role.OfCampaign() {
			if one.Campaign = campaign; campaign == "" {
				r.say(n, "roles", "没有写是哪个活动的"+role.Chinese()+"；请写 campaign: 活动的代号")
			}
		}
		if role.OfUnit() {
			one.Unit = unit
		}
		p.Roles = append(p.Roles, one)
	}
	r.people = append(r.people, p)
}
