package office

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/scheme"
	"qiaomen/store"
)

// A RulesInput is another version of the campaign's scheme, whole.
type RulesInput struct {
	Text   string `json:"text"`            // the scheme file
	Source string `json:"source,omitzero"` // the notice it is made from; empty: the same as before
	// From is the month from which it holds, 2024-02. Until the first month is
	// closed it may be left out: it holds from the beginning then.
	From   string `json:"from,omitzero"`
	Reason string `json:"reason"`
}

func aboutRules(d *desk, a *RulesInput) (qiaomen.Subject, error) {
	return qiaomen.Subject{Table: "rules", Month: a.From}, nil
}

var publishRules = twofold(&act[RulesInput]{
	action: qiaomen.ActPublishRules,
	about:  aboutRules,
	check: func(d *desk, a *RulesInput) error {
		_, err := d.checkRules(a)
		return err
	},
	do: func(d *desk, a *RulesInput) (string, error) { return d.publishRules(a, false) },
})

// PublishRules puts another version of the scheme in force (口径、权重、加减分):
// the office's handler or the evaluation team asks, the leading group decides. A
// closed month keeps its rules, and what the ledger holds must still be readable
// under the new ones (separation 11).
func (o *Office) PublishRules(ctx context.Context, by Caller, a RulesInput) (*Answer, error) {
	return perform(ctx, o, by, publishRules, a)
}

var setTargets = twofold(&act[RulesInput]{
	action: qiaomen.ActSetTargets,
	about:  aboutRules,
	needs: func(d *desk, _ *RulesInput) ([][]qiaomen.Role, error) {
		if last, err := d.lastClosed(); last != "" || err != nil {
			return nil, err
		}
		return [][]qiaomen.Role{{qiaomen.GroupMember}}, nil // before the first month is closed
	},
	check: func(d *desk, a *RulesInput) error {
		now, err := d.checkRules(a)
		if err != nil {
			return err
		}
		if other := otherSections(now.Text, a.Text); len(other) > 0 {
			return &qiaomen.Problem{
				Text: "不只改了任务目标，还改了：" + strings.Join(other, "、"), Fix: "其他内容请照抄现行方案，或改用“发布方案新版本”",
				At: qiaomen.Place{Field: "text"},
			}
		}
		return nil
	},
	do: func(d *desk, a *RulesInput) (string, error) { return d.publishRules(a, true) },
})

// SetTargets changes the targets of units (附1, 附2) and nothing else of the
// scheme. Before the first month is closed it takes the leading group; later a
// reviewer will do, and it holds from a coming month on.
func (o *Office) SetTargets(ctx context.Context, by Caller, a RulesInput) (*Answer, error) {
	return perform(ctx, o, by, setTargets, a)
}

func (d *desk) publishRules(a *RulesInput, targetsOnly bool) (string, error) {
	source, err := d.sourceOf(a)
	if err != nil {
		return "", err
	}
	s, err := parseRules(a.Text, source)
	if err != nil {
		return "", err
	}
	return d.campaign.ID, d.emit(&qiaomen.RulesPublished{
		ID: d.campaign.ID, From: a.From, TargetsOnly: targetsOnly, Reason: a.Reason,
		Rules: qiaomen.RuleBook{Digest: s.Digest, Text: a.Text, Source: source, SourceName: s.Source.Text},
	})
}

// sourceOf is the source's text that a version is held against.
func (d *desk) sourceOf(a *RulesInput) (string, error) {
	if a.Source != "" {
		return a.Source, nil
	}
	now, err := found[qiaomen.RuleBook](d, "方案", d.campaign.Newest())
	if err != nil {
		return "", err
	}
	return now.Source, nil
}

// lastClosed is the last month that was ever closed; empty: none was.
func (d *desk) lastClosed() (string, error) {
	all, err := store.All[qiaomen.Month](d.r, store.Filter{})
	last := ""
	for _, m := range all {
		last = max(last, m.ID)
	}
	return last, err
}

// checkRules finds everything that stands in the way of another version, and
// gives the one that is in force.
func (d *desk) checkRules(a *RulesInput) (*qiaomen.RuleBook, error) {
	now, err := found[qiaomen.RuleBook](d, "方案", d.campaign.Newest())
	if err != nil {
		return nil, err
	}
	source, err := d.sourceOf(a)
	if err != nil {
		return nil, err
	}
	s, err := parseRules(a.Text, source)
	if err != nil {
		return nil, err
	}
	list, err := d.checkFrom(a)
	if err != nil {
		return nil, err
	}
	add := func(field, text, fix string) {
		list = append(list, &qiaomen.Problem{Text: text, Fix: fix, At: qiaomen.Place{Field: field}})
	}
	if a.Reason == "" {
		add("reason", "没有写理由", "请写明为什么改")
	}
	list = append(list, written("reason", a.Reason)...)
	if s.Digest == now.Digest {
		add("text", "与现行方案一字不差", "请核对上传的文件")
	}
	if s.ID != d.rules.ID {
		add("text", "方案的代号从“"+d.rules.ID+"”改成了“"+s.ID+"”", "代号不能改；另一个活动请另行建立")
	}
	for _, id := range profileSettings {
		if s.Setting(id) != d.rules.Setting(id) {
			add("text", "运行档的设置“"+id+"”在活动建立时已经定下，改方案不会改变它", "请照抄现行方案")
		}
	}
	next := *d
	next.rules = s
	coming := next.deadlines()
	for _, x := range d.deadlines() { // what fell due stays as it fell due (separation 11)
		same := slices.ContainsFunc(coming, func(y deadline) bool { return y.duty.ID == x.duty.ID && y.due == x.due && y.until == x.until })
		if x.until <= d.at && !same {
			add("text", "会改动已经到期的期限：“"+x.duty.Name+"”"+x.due+"这一期", "已到期的请用延期，并写明理由")
		}
	}
	unread, err := d.unreadable(s)
	if err != nil {
		return nil, err
	}
	return now, faults(append(list, unread...))
}

// profileSettings is the settings that a campaign takes from its scheme once,
// when it is made (CreateCampaign).
var profileSettings = []string{"review", "sign_off", "monthly_approval", "figures_by", "units_see"}

// checkFrom asks that the version holds from a month that nobody has closed:
// once one was, from next month at the earliest.
func (d *desk) checkFrom(a *RulesInput) ([]*qiaomen.Problem, error) {
	last, err := d.lastClosed()
	if err != nil {
		return nil, err
	}
	at := qiaomen.Place{Field: "from"}
	if a.From != "" && !monthPattern.MatchString(a.From) {
		return []*qiaomen.Problem{{Text: "“" + qiaomen.Clip(a.From) + "”不是月份", Fix: "应写成 2024-02 这样", At: at}}, nil
	}
	if last == "" {
		return nil, nil
	}
	if earliest := max(last, d.day[:len("2024-01")]); a.From <= earliest {
		return []*qiaomen.Problem{{
			Text: "已有月份月结，新版本最早从" + sayMonth(earliest) + "的下一个月起执行", Fix: "请改生效的月份；已月结的月份按原来的方案", At: at,
		}}, nil
	}
	return nil, nil
}

// unreadable is everything in the ledger that a version of the rules could not
// read: kinds, units, fields, options and evidence that are in use and gone.
func (d *desk) unreadable(s *scheme.Scheme) ([]*qiaomen.Problem, error) {
	x := &rereading{s: s, had: d.rules}
	for r, err := range store.Each[qiaomen.LedgerRecord](d.r, store.Filter{}) {
		if err != nil {
			return nil, err
		}
		x.record(r)
	}
	for f, err := range store.Each[qiaomen.LedgerFigure](d.r, store.Filter{}) {
		if err != nil {
			return nil, err
		}
		x.figure(f)
	}
	for l, err := range store.Each[qiaomen.StatisticsList](d.r, store.Filter{}) {
		if err != nil {
			return nil, err
		}
		for _, row := range l.Rows {
			x.fields("入统清单"+l.ID, l.Kind, row.Fields)
		}
	}
	waiting, err := store.All[qiaomen.Proposal](d.r, store.Filter{Kind: qiaomen.ActAmend.String(), States: []qiaomen.State{qiaomen.Pending}})
	if err != nil {
		return nil, err
	}
	for _, p := range waiting {
		var a Amendment
		if err := json.Unmarshal(p.Args, &a); err != nil {
			return nil, err
		}
		r, err := d.record(a.Record)
		if err != nil {
			return nil, err
		}
		x.content("记录"+r.ID+"待批的更正", r.Kind, &a.Content)
	}
	return x.list, nil
}

// A rereading holds the ledger against rules that are to come. What the rules in
// force did not know either is nobody's loss.
type rereading struct {
	s, had *scheme.Scheme
	list   []*qiaomen.Problem
}

func (x *rereading) add(what, text string) {
	x.list = append(x.list, &qiaomen.Problem{Text: what + "：" + text, Fix: "在用的类别、单位、字段和选项不能删改，可以增加", At: qiaomen.Place{Field: "text"}})
}

func (x *rereading) unit(what, id string) {
	if id != "" && x.s.Unit(id) == nil && x.had.Unit(id) != nil {
		x.add(what, "新版本没有单位“"+id+"”")
	}
}

func (x *rereading) record(r *qiaomen.LedgerRecord) {
	what := "记录" + r.ID
	x.unit(what, r.Unit)
	x.content(what, r.Kind, &r.Content)
	x.fields(what, r.Kind, r.Set)
	if r.Amendment != nil {
		x.content(what+"的更正", r.Kind, &r.Amendment.Content)
	}
}

func (x *rereading) content(what, kind string, c *qiaomen.Content) {
	x.fields(what, kind, c.Fields)
	k, had := x.s.Kind(kind), x.had.Kind(kind)
	if k == nil || had == nil {
		return
	}
	for _, e := range c.Evidence {
		if evidenceType(k, e.Type) < 0 && evidenceType(had, e.Type) >= 0 {
			x.add(what, "新版本的“"+k.Name+"”没有佐证材料“"+e.Type+"”")
		}
	}
}

func (x *rereading) fields(what, kind string, fields jsontext.Value) {
	k, had := x.s.Kind(kind), x.had.Kind(kind)
	switch {
	case had == nil:
		return
	case k == nil:
		x.add(what, "新版本没有“"+had.Name+"”这类记录")
		return
	case len(fields) == 0:
		return
	}
	_, _, wrong := records.Fields(x.s, k, fields, false)
	for _, p := range wrong {
		x.add(what, cmp.Or(p.At.Field, "字段")+"："+p.Text)
	}
}

func (x *rereading) figure(f *qiaomen.LedgerFigure) {
	what := "官方数据" + f.ID
	x.unit(what, f.Unit)
	source, had := x.s.Figure(f.Source), x.had.Figure(f.Source)
	switch {
	case had == nil:
		return
	case source == nil:
		x.add(what, "新版本没有官方数据“"+had.Name+"”")
		return
	case source.Every != had.Every || source.ForAll != had.ForAll:
		x.add(what, "新版本的“"+had.Name+"”换了频次或者范围")
		return
	}
	period := 0
	if source.Every != "" {
		var wrong *qiaomen.Problem
		if period, wrong = records.Period(source, f.Period); wrong != nil {
			x.add(what, wrong.Text)
			return
		}
	}
	_, _, wrong := records.FigureFields(x.s, source, period, f.Values, false)
	for _, p := range wrong {
		x.add(what, cmp.Or(p.At.Field, "数值")+"："+p.Text)
	}
}

// sectionHead is a top-level key of a scheme file: what stands at the margin.
var sectionHead = regexp.MustCompile(`^([a-z_]+):`)

// otherSections is the top-level sections, besides those of targets, in whose
// text two scheme files differ. Empty lines and comments at the margin are
// nothing. What is not written as sections at the margin is one section.
func otherSections(a, b string) []string {
	now, next := sectionsOf(a), sectionsOf(b)
	var out []string
	for name := range now {
		if _, ok := next[name]; !ok {
			next[name] = ""
		}
	}
	for name, text := range next {
		if name != "targets" && name != "stated" && now[name] != text {
			out = append(out, cmp.Or(name, "全文"))
		}
	}
	slices.Sort(out)
	return out
}

func sectionsOf(text string) map[string]string {
	out := map[string]string{}
	name := ""
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		line = strings.TrimRight(line, " \t\r\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if m := sectionHead.FindStringSubmatch(line); m != nil {
			name = m[1]
		}
		out[name] += fmt.Sprintln(line)
	}
	return out
}
