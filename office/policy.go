package office

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"qiaomen"
	"qiaomen/store"
)

// A bound is what a number of the policy may be: the law's level 3 (等保) names
// controls and no numbers; these are what assessors expect, and the program
// refuses to go beyond them.
type bound struct {
	field, name, unit  string
	least, usual, most int
	of                 func(*qiaomen.Policy) *int
}

var bounds = []bound{
	{"min_length", "密码最短", "位", 8, 10, 64, func(p *qiaomen.Policy) *int { return &p.MinLength }},
	{"tries_before_lock", "连续输错", "次后锁定", 3, 5, 5, func(p *qiaomen.Policy) *int { return &p.TriesBeforeLock }},
	{"lock_minutes", "锁定", "分钟", 15, 15, 30, func(p *qiaomen.Policy) *int { return &p.LockMinutes }},
	{"idle_minutes", "无操作退出", "分钟", 5, 30, 30, func(p *qiaomen.Policy) *int { return &p.IdleMinutes }},
	{"hours_at_most", "一次登录最长", "小时", 1, 12, 12, func(p *qiaomen.Policy) *int { return &p.HoursAtMost }},
	{"max_age_days", "密码有效", "天", 30, 90, 180, func(p *qiaomen.Policy) *int { return &p.MaxAgeDays }},
	{"history", "不能再用的旧密码", "个", 5, 5, 24, func(p *qiaomen.Policy) *int { return &p.History }},
	{"first_code_hours", "一次性代码有效", "小时", 1, 24, 72, func(p *qiaomen.Policy) *int { return &p.FirstCodeHours }},
}

// onlyThree is the bounds that hold under three administrators alone: level 3
// asks that passwords grow old and are not taken again, ASVS 6.2.10 that they are
// not made to. Elsewhere they may be 0.
var onlyThree = []string{"max_age_days", "history"}

// usualPolicy is how people sign in where nobody has set anything.
func usualPolicy(p qiaomen.Procedure) qiaomen.Policy {
	out := qiaomen.Policy{SecondFactor: true, Composition: p.ThreeAdmins}
	for _, b := range bounds {
		if p.ThreeAdmins || !slices.Contains(onlyThree, b.field) {
			*b.of(&out) = b.usual
		}
	}
	return out
}

// policyOf is the policy in force.
func policyOf(r store.Reader) (qiaomen.Policy, error) {
	home := inJournal(r, InstallationJournal)
	p, err := store.One[qiaomen.Policy](home, "policy")
	if err != nil {
		return qiaomen.Policy{}, err
	}
	if p != nil {
		return *p, nil
	}
	i, err := store.One[qiaomen.Installation](home, "installation")
	if err != nil || i == nil {
		return usualPolicy(qiaomen.Procedure{}), err
	}
	return usualPolicy(i.Procedure), nil
}

// Policy is how people sign in: what was set, or what is usual.
func (o *Office) Policy(ctx context.Context) (p qiaomen.Policy, err error) {
	err = o.read(ctx, InstallationJournal, func(v *store.View) error {
		p, err = policyOf(v)
		return err
	})
	return p, err
}

var setPolicy = &act[qiaomen.Policy]{
	action: qiaomen.ActSetPolicy,
	home:   true,
	check: func(d *desk, a *qiaomen.Policy) error {
		p, err := d.procedure()
		if err != nil {
			return err
		}
		var list complaints
		for _, b := range bounds {
			n := *b.of(a)
			if n == 0 && !p.ThreeAdmins && slices.Contains(onlyThree, b.field) {
				continue
			}
			if n < b.least || n > b.most {
				list.add(b.field, fmt.Sprintf("%s%d%s，不在%d到%d之间", b.name, n, b.unit, b.least, b.most), "请改到这个范围以内")
			}
		}
		if p.ThreeAdmins && !a.SecondFactor {
			list.add("second_factor", "三员分立的单位不能关闭双因素登录", "请保留")
		}
		if p.ThreeAdmins && !a.Composition {
			list.add("composition", "三员分立的单位不能放宽密码的组成", "请保留")
		}
		for _, text := range a.AdminAddresses {
			_, one := netip.ParseAddr(text)
			_, many := netip.ParsePrefix(text)
			if one != nil && many != nil {
				list.add("admin_addresses", "“"+qiaomen.Clip(text)+"”不是网络地址", "请写成 10.1.2.3 或 10.1.2.0/24")
			}
		}
		return faults(list)
	},
	do: func(d *desk, a *qiaomen.Policy) (string, error) {
		return "policy", d.emit(&qiaomen.PolicySet{Policy: *a})
	},
}

// SetPolicy sets how people sign in, within the bounds of the law's level 3.
func (o *Office) SetPolicy(ctx context.Context, by Caller, p qiaomen.Policy) (*Answer, error) {
	return perform(ctx, o, by, setPolicy, p)
}

// A SessionEnd is an account whose sessions are ended, and why.
type SessionEnd struct {
	Account string `json:"account"`
	Reason  string `json:"reason"`
}

var endSessions = &act[SessionEnd]{
	action: qiaomen.ActEndSessions,
	home:   true,
	about:  aboutAccount[SessionEnd](func(a *SessionEnd) string { return a.Account }),
	check: func(_ *desk, a *SessionEnd) error {
		var list complaints
		list.reason(a.Reason)
		return faults(list)
	},
	do: func(d *desk, a *SessionEnd) (string, error) {
		return a.Account, d.emit(&qiaomen.SessionsEnded{Account: a.Account, Reason: a.Reason})
	},
}

// EndSessions puts out everybody who is signed in under an account.
func (o *Office) EndSessions(ctx context.Context, by Caller, account, reason string) (*Answer, error) {
	return perform(ctx, o, by, endSessions, SessionEnd{account, reason})
}

// A Setting is one thing that the system administrator may set. The list is
// closed, and has no secret in it: passwords and keys stand in files that only
// the program reads, never in the journal.
type Setting struct {
	Key, Name string
	// Wrong is why a value will not do; empty where it will.
	Wrong func(value string) string
}

// Settings is every setting there is.
var Settings = []Setting{
	{"name", "系统名称", ofLength(1, 40)},
	{"address", "对外网址", webAddress("http", "https")},
	{"mail_server", "发信服务器", matching(`^[A-Za-z0-9.-]+:\d{1,5}$`, "请写成 主机:端口")},
	{"mail_from", "发信地址", matching(`^[^\s@]+@[A-Za-z0-9.-]+$`, "请写成邮箱地址")},
	{"s3_endpoint", "对象存储地址", webAddress("http", "https")},
	{"s3_bucket", "对象存储桶", matching(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`, "请写桶名")},
	{"upload_mb", "单个文件上限（MB）", wholeBetween(1, 1024)},
	{"backup_at", "每天备份的时刻", matching(`^([01]\d|2[0-3]):[0-5]\d$`, "请写成 02:30")},
	{auditDays, "审计日志保留天数", wholeBetween(leastAuditDays, 3650)},
	{"witness", "见证人网址", webAddress("https")},
	{"syslog", "日志服务器", matching(`^[A-Za-z0-9.-]+:\d{1,5}$`, "请写成 主机:端口")},
}

const (
	auditDays      = "audit_days"
	leastAuditDays = 180 // 网络日志不少于六个月
	usualAuditDays = 1095
)

func ofLength(least, most int) func(string) string {
	return func(v string) string {
		if n := len([]rune(v)); n < least || n > most {
			return fmt.Sprintf("请写%d到%d个字", least, most)
		}
		return ""
	}
}

func matching(form, fix string) func(string) string {
	re := regexp.MustCompile(form)
	return func(v string) string {
		if !re.MatchString(v) {
			return fix
		}
		return ""
	}
}

func wholeBetween(least, most int) func(string) string {
	return func(v string) string {
		if n, err := strconv.Atoi(v); err != nil || n < least || n > most {
			return fmt.Sprintf("请写%d到%d的整数", least, most)
		}
		return ""
	}
}

func webAddress(schemes ...string) func(string) string {
	return func(v string) string {
		u, err := url.Parse(v)
		switch {
		case err != nil || !slices.Contains(schemes, u.Scheme) || u.Host == "":
			return "请写完整的网址，" + strings.Join(schemes, " 或 ") + " 开头"
		case u.User != nil || u.RawQuery != "" || u.Fragment != "":
			return "网址里不要带账号、密码和参数"
		}
		return ""
	}
}

// A SettingsChange is settings by key; what is not named stays.
type SettingsChange struct {
	Settings map[string]string `json:"settings"`
}

var changeSettings = &act[SettingsChange]{
	action: qiaomen.ActChangeSettings,
	home:   true,
	check: func(_ *desk, a *SettingsChange) error {
		var list complaints
		if len(a.Settings) == 0 {
			list.add("settings", "没有要改的设置", "请至少写一项")
		}
		var keys []string
		for _, s := range Settings {
			keys = append(keys, s.Key)
		}
		for _, key := range slices.Sorted(maps.Keys(a.Settings)) {
			value := a.Settings[key]
			i := slices.Index(keys, key)
			switch {
			case i < 0 && secretly.MatchString(key):
				list.add(key, "密码和密钥不能写进设置", "请写进只有本程序能读的文件，见手册《安装》")
			case i < 0:
				list.add(key, "没有“"+qiaomen.Clip(key)+"”这项设置", strings.TrimPrefix(qiaomen.Suggest(key, keys), "，"))
			case qiaomen.Printable(value) != value:
				list.add(key, Settings[i].Name+"里有看不见的字符", "请删去")
			default:
				if fix := Settings[i].Wrong(value); fix != "" {
					list.add(key, Settings[i].Name+"“"+qiaomen.Clip(value)+"”不对", fix)
				}
			}
		}
		return faults(list)
	},
	do: func(d *desk, a *SettingsChange) (string, error) {
		return "", d.emit(&qiaomen.SettingsChanged{Settings: a.Settings})
	},
}

var secretly = regexp.MustCompile(`(?i)pass|secret|token|key|code|密码|密钥`)

// ChangeSettings sets what the system administrator may set.
func (o *Office) ChangeSettings(ctx context.Context, by Caller, settings map[string]string) (*Answer, error) {
	return perform(ctx, o, by, changeSettings, SettingsChange{settings})
}
