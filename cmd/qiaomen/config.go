package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"qiaomen"
	"qiaomen/backup"
	"qiaomen/office"
)

// A setting is one line of the configuration: docs/config.md describes each.
type setting struct {
	name   string
	value  string // where nothing is said
	help   string
	secret bool
	check  func(value string) string // what is wrong with it; empty: nothing
}

// The settings, in the order in which they are shown. A file and the environment
// may say nothing else.
var settings = []setting{
	{name: "installation", help: "这一套的编号，写进每一条存证日志，建库以后不能改", check: filled},
	{name: "database", value: "sqlite:ledger.db", help: "数据库：sqlite:文件 或 postgres://用户@主机/库名", check: databaseAddress},
	{name: "database_password", help: "PostgreSQL 的密码", secret: true},
	{name: "marks", value: "marks", help: "最近一次签名的记录放在哪个文件夹", check: filled},
	{name: "seed", value: "seed", help: "签名密钥的种子是哪个文件", check: filled},
	{name: "evidence", value: "evidence", help: "佐证材料放在哪个文件夹，或对象存储的哪里：s3://存储桶/前缀", check: evidencePlace},
	{name: "s3_endpoint", help: "对象存储的地址：https://主机:端口；只有本机可以用 http"},
	{name: "s3_region", value: "us-east-1", help: "对象存储的地区", check: filled},
	{name: "s3_access_key", help: "对象存储的访问密钥"},
	{name: "s3_secret_key", help: "访问密钥的密码", secret: true},
	{name: "s3_ca", help: "对象存储的证书由自己的机构签发时，它的根证书文件（PEM）"},
	{name: "s3_plain", value: no, help: "yes 是允许用 http 连别的机器，传输的内容别人能看到", check: yesOrNo},
	{name: "backups", value: "backups", help: "备份放在哪个文件夹；最好在另一块盘上", check: filled},
	{name: "backup_recipient", help: "恢复密钥公开的一半（age1…）；备份只有用恢复密钥才能打开", check: recipient},
	{name: "backup_keep", value: "7/4/12", help: "留多少份备份：天数/周数/月数", check: keeps},
	{name: "listen", value: "127.0.0.1:8443", help: "在哪个地址和端口服务；0.0.0.0:8443 是所有网卡", check: hostPort},
	{name: "certificate", help: "HTTPS 证书文件（PEM）；空着就不加密，只能监听本机或放在代理后面"},
	{name: "certificate_key", help: "证书的私钥文件（PEM）"},
	{name: "proxies", help: "前面的代理的地址或网段，空格隔开；只有它们说的来源地址才可信", check: addressRanges},
	{name: "metrics", help: "指标在本机的哪个地址看，如 127.0.0.1:9090；空着就没有", check: hostPortOrNothing},
	{name: "requests_per_second", value: "50", help: "一个账号每秒最多几次请求（短时间内可以多些）；0 是不限", check: notNegative},
	{name: "upload_mb", value: "512", help: "一个人传了还没有用到记录里的文件，最多共多少 MB；同一单位的人合起来是它的四倍", check: aboveZero},
	{name: "webhook_hosts", help: "推送可以发到哪些主机，如 hooks.example.gov.cn、10.1.2.3:8443 或 10.1.2.0/24，空格隔开；空着就没有推送", check: webhookHosts},
	{name: "webhook_ca", help: "接收推送的主机的证书由自己的机构签发时，它的根证书文件（PEM）"},
}

func filled(value string) string {
	if value == "" {
		return "不能空着"
	}
	return ""
}

func databaseAddress(value string) string {
	engine, rest, _ := strings.Cut(value, ":")
	if rest == "" || !slices.Contains([]string{"sqlite", "postgres", "postgresql"}, engine) {
		return "应写成 sqlite:文件 或 postgres://用户@主机/库名"
	}
	return ""
}

func recipient(value string) string {
	if value == "" {
		return ""
	}
	return wrongText(backup.ParseRecipient(value))
}

func webhookHosts(value string) string { return wrongText(office.ParseWebhookHosts(value)) }

func keeps(value string) string { return wrongText(backup.ParseKeep(value)) }

// wrongText is what is wrong with a value, if reading it found that.
func wrongText[T any](_ T, err error) string {
	if p, ok := errors.AsType[*qiaomen.Problem](err); ok {
		return p.Text
	}
	return ""
}

func hostPort(value string) string {
	if _, port, err := net.SplitHostPort(value); err != nil || port == "" {
		return "应写成 地址:端口，如 127.0.0.1:8443"
	}
	return ""
}

func hostPortOrNothing(value string) string {
	if value == "" {
		return ""
	}
	return hostPort(value)
}

func addressRanges(value string) string {
	for _, one := range strings.Fields(value) {
		if _, err := prefix(one); err != nil {
			return "“" + qiaomen.Clip(one) + "”不是地址，也不是网段；应写成 10.1.2.3 或 10.1.2.0/24，空格隔开"
		}
	}
	return ""
}

func aboveZero(value string) string {
	if n, err := strconv.ParseInt(value, 10, 64); err != nil || n < 1 || n > 1e9 {
		return "应是大于 0 的整数"
	}
	return ""
}

func notNegative(value string) string {
	if n, err := strconv.ParseFloat(value, 64); err != nil || !(n >= 0) || n > 1e6 {
		return "应是 0 或更大的数"
	}
	return ""
}

const (
	configFile   = "qiaomen.yaml"
	variables    = "QIAOMEN_"
	dataVariable = variables + "DATA"
	// forTests begins variables that are the tests' own.
	forTests = variables + "TEST_"
)

func (s *setting) variable() string { return variables + strings.ToUpper(s.name) }

// A config is what holds in a data folder.
type config struct {
	folder string
	values map[string]string
	from   map[string]string // who says so, in Chinese
}

// readConfig reads a data folder's configuration: the file, and over it the
// environment. Every fault is found, with its line and column.
func readConfig(folder string, environment []string) (*config, []*qiaomen.Problem) {
	return readConfigFile(folder, configFile, environment)
}

func readConfigFile(folder, file string, environment []string) (*config, []*qiaomen.Problem) {
	c := &config{folder: folder, values: map[string]string{}, from: map[string]string{}}
	for _, s := range settings {
		c.values[s.name], c.from[s.name] = s.value, "默认"
	}
	name := filepath.Join(folder, file)
	data, err := os.ReadFile(name)
	if err != nil {
		fix := "请先用 qiaomen init 建立，或核对 --data"
		return nil, []*qiaomen.Problem{{Text: osReason(err), Fix: fix, At: qiaomen.Place{File: name}}}
	}
	faults := c.file(name, data)
	return c, append(faults, c.environment(environment)...)
}

// file takes what the file says.
func (c *config) file(name string, data []byte) (faults []*qiaomen.Problem) {
	root, fault := yamlRoot(name, data)
	if fault != nil {
		return []*qiaomen.Problem{fault}
	}
	if root == nil {
		return nil
	}
	if root.Kind != yaml.MappingNode {
		return []*qiaomen.Problem{{Text: "应是一行一个“词: 值”", At: placeOf(name, root, "")}}
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		say := func(n *yaml.Node, text string) {
			faults = append(faults, &qiaomen.Problem{Text: text, At: placeOf(name, n, qiaomen.Clip(key.Value))})
		}
		s := settingNamed(key.Value)
		switch {
		case s == nil:
			say(key, "没有这个设置"+qiaomen.Suggest(key.Value, settingNames()))
		case c.from[s.name] == configFile:
			say(key, "写了两次")
		case value.Kind != yaml.ScalarNode:
			say(value, "应是一个值")
		default:
			if c.from[s.name] = configFile; s.wrong(value.Value) != "" {
				say(value, s.wrong(value.Value))
			}
			c.values[s.name] = value.Value
		}
	}
	if c.from["installation"] != configFile {
		faults = append(faults, &qiaomen.Problem{Text: "没有写", Fix: "它在建库时生成，请从备份里找回", At: qiaomen.Place{File: name, Field: "installation"}})
	}
	return faults
}

// environment takes what the environment says: QIAOMEN_ and the setting's name.
func (c *config) environment(environment []string) (faults []*qiaomen.Problem) {
	for _, one := range environment {
		name, value, _ := strings.Cut(one, "=")
		if !strings.HasPrefix(name, variables) || strings.HasPrefix(name, forTests) || name == dataVariable {
			continue
		}
		at := qiaomen.Place{File: "环境变量", Field: qiaomen.Clip(name)}
		i := slices.IndexFunc(settings, func(s setting) bool { return s.variable() == name })
		switch {
		case i < 0:
			var names []string
			for _, s := range settings {
				names = append(names, s.variable())
			}
			faults = append(faults, &qiaomen.Problem{Text: "没有这个设置" + qiaomen.Suggest(name, names), At: at})
		case settings[i].name == "installation":
			faults = append(faults, &qiaomen.Problem{Text: "不能用环境变量来改", Fix: "请去掉这个变量", At: at})
		case settings[i].wrong(value) != "":
			faults = append(faults, &qiaomen.Problem{Text: settings[i].wrong(value), At: at})
		default:
			c.values[settings[i].name], c.from[settings[i].name] = value, "环境变量"
		}
	}
	return faults
}

func (s *setting) wrong(value string) string {
	if s.check == nil {
		return ""
	}
	return s.check(value)
}

func settingNamed(name string) *setting {
	i := slices.IndexFunc(settings, func(s setting) bool { return s.name == name })
	if i < 0 {
		return nil
	}
	return &settings[i]
}

func settingNames() []string {
	var names []string
	for _, s := range settings {
		names = append(names, s.name)
	}
	return names
}

// path is a file or folder that a setting names, within the data folder unless
// it begins at the root.
func (c *config) path(name string) string { return c.within(c.values[name]) }

func (c *config) within(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(c.folder, file)
}

// address is where the database is, as the store takes it.
func (c *config) address() string {
	if file, ok := strings.CutPrefix(c.values["database"], "sqlite:"); ok {
		return "sqlite:" + c.within(file)
	}
	u, err := url.Parse(c.values["database"])
	if err != nil || c.values["database_password"] == "" {
		return c.values["database"]
	}
	user := ""
	if u.User != nil {
		user = u.User.Username()
	}
	u.User = url.UserPassword(user, c.values["database_password"])
	return u.String()
}

// shown is a setting's value as it may be seen.
func (c *config) shown(s *setting) string {
	value := c.values[s.name]
	switch {
	case s.secret && value != "":
		return "（已设置，不显示）"
	case value == "":
		return "（没有设置）"
	}
	if u, err := url.Parse(value); err == nil && u.User != nil {
		u.User = url.User(u.User.Username())
		return u.String()
	}
	return value
}

// yamlRoot is what a YAML file holds; nil where it holds nothing.
func yamlRoot(name string, data []byte) (*yaml.Node, *qiaomen.Problem) {
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	var doc yaml.Node
	if err == nil {
		err = loader.Load(&doc)
	}
	if errors.Is(err, io.EOF) || err == nil && len(doc.Content) == 0 {
		return nil, nil
	}
	if err != nil {
		at := qiaomen.Place{File: name, Line: 1}
		if le, ok := errors.AsType[*yaml.LoadError](err); ok {
			at.Line, at.Column = cmp.Or(le.Mark.Line, 1), le.Mark.Column
		}
		return nil, &qiaomen.Problem{Text: "YAML写法不对", Fix: "应是一行一个“词: 值”，冒号是半角的，后面有空格", At: at}
	}
	return doc.Content[0], nil
}

func placeOf(file string, n *yaml.Node, field string) qiaomen.Place {
	return qiaomen.Place{File: file, Line: n.Line, Column: n.Column, Field: field}
}

type configCommand struct {
	Data string `placeholder:"文件夹" help:"数据文件夹；不写就看环境变量 QIAOMEN_DATA"`
}

// Run shows what is configured, and who says so. Secrets are not shown.
func (c *configCommand) Run(std streams) error {
	conf, err := loadConfig(std, c.Data)
	if err != nil {
		return err
	}
	t := table{right: make([]bool, 4)}
	t.add("设置", "值", "出处", "说明")
	for i := range settings {
		s := &settings[i]
		t.add(s.name, conf.shown(s), conf.from[s.name], s.help)
	}
	t.print(std.out)
	return nil
}

// loadConfig reads the configuration of a command. It prints every fault.
func loadConfig(std streams, folder string) (*config, error) {
	if folder = cmp.Or(folder, os.Getenv(dataVariable)); folder == "" {
		fmt.Fprintln(std.err, "--data: 必须写，或者设环境变量 "+dataVariable)
		return nil, exit(2)
	}
	c, faults := readConfig(folder, os.Environ())
	if len(faults) > 0 {
		for _, p := range faults {
			fmt.Fprintln(std.err, p)
		}
		return nil, exit(2)
	}
	return c, nil
}
