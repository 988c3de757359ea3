package office

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/scheme"
	"qiaomen/store"
	"qiaomen/workbook"
)

// Docket is what waits for decisions of people who often do not log in, as a
// workbook to print for a meeting (待决定事项表, P1): of the leading group, the
// city's leaders, the evaluation team, heads of units. What was entered from
// paper already is left out. Handlers and reviewers take it, which is noted.
func (o *Office) Docket(ctx context.Context, by Caller) ([]byte, error) {
	var seen *desk
	var out bytes.Buffer
	err := o.waiting(ctx, by, func(d *desk) error {
		seen = d
		if err := d.keepsPapers(); err != nil {
			return err
		}
		if err := d.inCampaign(false); err != nil {
			return err
		}
		sheet, err := d.docket()
		if err != nil {
			return err
		}
		return workbook.WriteDocket(&out, *sheet)
	})
	if err != nil {
		return nil, err
	}
	if err := seen.noted(ctx, qiaomen.ActReadOthers, "docket", "打印待决定事项表"); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func (d *desk) docket() (*workbook.Docket, error) {
	home, err := d.installation()
	if err != nil {
		return nil, err
	}
	name, err := d.personName(d.person)
	if err != nil {
		return nil, err
	}
	out := &workbook.Docket{Campaign: d.campaign.ID, Title: d.campaign.Name, By: name, On: d.day}
	if home != nil {
		out.Office = home.Name
	}
	all, err := store.All[qiaomen.Proposal](d.r, store.Filter{States: []qiaomen.State{qiaomen.Pending}})
	if err != nil {
		return nil, err
	}
	entered, err := d.entered()
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b *qiaomen.Proposal) int { return cmp.Compare(a.At, b.At) })
	for _, p := range all {
		if seconds[qiaomen.ActionNamed(p.Action)] == nil || d.caller.Only != nil && !slices.Contains(d.caller.Only, qiaomen.ActionNamed(p.Action)) {
			continue
		}
		for _, role := range deciding(p) {
			if entered[paperOf{p.ID, role}] {
				continue
			}
			item, err := d.docketItem(p)
			if err != nil {
				return nil, err
			}
			item.Role = role.Chinese()
			out.Items = append(out.Items, item)
		}
	}
	return out, nil
}

// deciding is whose decision of a proposal may come on paper, each role once:
// of a set that lacks, the first such role.
func deciding(p *qiaomen.Proposal) (out []qiaomen.Role) {
	for _, set := range p.Lacks() {
		i := slices.IndexFunc(onPaper, func(r qiaomen.Role) bool { return slices.Contains(set, r) })
		if i >= 0 && !slices.Contains(out, onPaper[i]) {
			out = append(out, onPaper[i])
		}
	}
	return out
}

// A paperOf names a decision from paper: of which proposal, and whose.
type paperOf struct {
	proposal string
	role     qiaomen.Role
}

// entered is the decisions from paper that wait to be confirmed.
func (d *desk) entered() (map[paperOf]bool, error) {
	all, err := d.papers()
	out := map[paperOf]bool{}
	for _, e := range all {
		out[paperOf{e.Proposal, e.Source.Role}] = true
	}
	return out, err
}

func (d *desk) docketItem(p *qiaomen.Proposal) (workbook.DocketItem, error) {
	item := workbook.DocketItem{ID: p.ID, What: qiaomen.ActionNamed(p.Action).Chinese(), At: say(p.At)}
	units := p.Subject.Units
	if p.Subject.Unit != "" {
		units = []string{p.Subject.Unit}
	}
	units = slices.Compact(slices.Sorted(slices.Values(units)))
	item.Unit = d.unitName(units)
	v := d.r.(*store.View)
	made, _, err := store.History[qiaomen.Proposal](v, p.ID)
	if err != nil {
		return item, err
	}
	e, err := v.Entry(made[0])
	if err != nil {
		return item, err
	}
	role, err := d.grantedAs(e.Person, e.Grant)
	if err != nil {
		return item, err
	}
	item.From = role.Chinese()
	item.Text, err = d.sentence(p)
	return item, err
}

// sentence is what a proposal asks, in a sentence or two.
func (d *desk) sentence(p *qiaomen.Proposal) (string, error) {
	var a struct {
		ID        string `json:"id"`
		Record    string `json:"record"`
		Lead      string `json:"lead"`
		Month     string `json:"month"`
		From      string `json:"from"`
		Reason    string `json:"reason"`
		Ground    string `json:"ground"`
		Objection string `json:"objection"`
		Upheld    bool   `json:"upheld"`
		Opinion   string `json:"opinion"`
		Replaced  string `json:"replaced"`
		Notice    string `json:"notice"`
	}
	if err := json.Unmarshal(p.Args, &a); err != nil {
		return "", err
	}
	var parts []string
	add := func(text string) { parts = append(parts, text) }
	about := func(id string) error {
		name, err := d.recordName(id)
		if err == nil {
			add(name)
		}
		return err
	}
	var err error
	switch qiaomen.ActionNamed(p.Action) {
	case qiaomen.ActSettle:
		var text string
		if text, err = d.rulingSentence(p.Args); err == nil {
			add(text)
		}
	case qiaomen.ActRevoke:
		err = about(a.Record)
		add("撤销认定：" + optionName(RevocationGrounds, a.Ground))
	case qiaomen.ActChooseLead:
		err = about(a.ID)
	case qiaomen.ActRecordPursuit:
		err = about(a.Lead)
	case qiaomen.ActAnswerObjection:
		var x *qiaomen.Objection
		if x, err = found[qiaomen.Objection](d, "异议", a.Objection); err == nil {
			add("异议：" + x.Text)
			add("拟答复" + map[bool]string{true: "异议成立", false: "异议不成立"}[a.Upheld] + "：" + a.Opinion)
		}
	case qiaomen.ActApproveAdjustment:
		var x *qiaomen.Adjustment
		if x, err = found[qiaomen.Adjustment](d, "调整", a.ID); err == nil {
			add("调整" + x.Points.String() + "分：" + d.groundName(x.Ground))
			a.Reason = x.Reason
		}
	case qiaomen.ActApproveRanking:
		var x *qiaomen.LedgerRanking
		if x, err = found[qiaomen.LedgerRanking](d, "排名", a.ID); err == nil {
			add(cmp.Or(map[bool]string{true: "最终排名"}[x.Final], x.Month+"排名") + "，数据截至" + x.Cutoff)
		}
	case qiaomen.ActCorrectNotice:
		var x *qiaomen.Notice
		if x, err = found[qiaomen.Notice](d, "通报", a.Replaced); err == nil {
			add(map[bool]string{true: "撤回", false: "更正"}[a.Notice == ""] + "《" + x.Title + "》" + x.Number)
		}
	case qiaomen.ActPublishRules, qiaomen.ActSetTargets:
		add("自" + cmp.Or(a.From, "活动开始") + "起执行")
	case qiaomen.ActOpenCampaign:
		add("开启“" + d.campaign.Name + "”")
	default:
		if a.Record != "" {
			err = about(a.Record)
		}
		if a.Month != "" {
			add(a.Month)
		}
	}
	if a.Reason != "" {
		add("理由：" + a.Reason)
	}
	return strings.Join(parts, "；"), err
}

func (d *desk) rulingSentence(args []byte) (string, error) {
	var a Ruling
	if err := json.Unmarshal(args, &a); err != nil {
		return "", err
	}
	var names []string
	for _, id := range a.Records {
		name, err := d.recordName(id)
		if err != nil {
			return "", err
		}
		names = append(names, name)
	}
	verdict := "不是同一事项"
	if a.Same {
		verdict = "是同一事项，首报归最早上报的单位"
	}
	if a.Holder != "" {
		name, err := d.recordName(a.Holder)
		if err != nil {
			return "", err
		}
		verdict = "是同一事项，首报归" + name
	}
	return strings.Join(names, "与") + verdict, nil
}

// recordName is a record as a meeting knows it, with unit and kind.
func (d *desk) recordName(id string) (string, error) {
	r, err := d.record(id)
	if err != nil {
		return "", err
	}
	k, err := d.kind(r)
	if err != nil {
		return "", err
	}
	unit, err := d.named(r.Unit)
	return unit + k.Name + "“" + r.Content.Name + "”", err
}

func (d *desk) groundName(id string) string {
	if d.rules.Adjustments == nil {
		return id
	}
	return optionName(d.rules.Adjustments.Grounds, id)
}

func optionName(options []scheme.Option, id string) string {
	for _, o := range options {
		if o.ID == id {
			return o.Name
		}
	}
	return id
}

// TakeBackDocket enters what a meeting decided off the filled-in docket, in one
// act: one decision from paper for each row with one, all of the same scan,
// which a reviewer then confirms one by one (P1). Rows that were left blank wait
// on. Where anything is wrong nothing is entered, and every fault has its cell.
// The answer names the first decision; there is an event for each.
func (o *Office) TakeBackDocket(ctx context.Context, by Caller, file []byte, scan qiaomen.Evidence) (*Answer, error) {
	answer := &Answer{}
	q := asked{request: fmt.Sprintf("take back docket %x %+v", sha256.Sum256(file), scan)}
	err := o.decide(ctx, by, q, answer, func(d *desk) error {
		if err := d.entersPaper(); err != nil {
			return err
		}
		if err := d.inCampaign(false); err != nil {
			return err
		}
		entries, err := d.takenBack(file, scan)
		if err != nil {
			return err
		}
		for i, e := range entries {
			id, err := d.enterPaper(e)
			if err != nil {
				return err
			}
			if i == 0 {
				answer.ID = id
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// takenBack is the decisions that a docket says, none of which anything stands
// in the way of.
func (d *desk) takenBack(file []byte, scan qiaomen.Evidence) ([]PaperEntry, error) {
	lines, findings, err := workbook.ReadDocket(file, d.campaign.ID)
	if err != nil {
		return nil, err
	}
	list := findings.Faults
	if p := d.kept("scan", &scan); p != nil {
		list = append(list, p)
	}
	known, err := d.entered()
	if err != nil {
		return nil, err
	}
	var out []PaperEntry
	for _, line := range lines {
		e := PaperEntry{
			Proposal: line.ID, Role: roleNamed(line.Role), Approve: line.Approve, Reason: line.Reason,
			DecidedOn: line.On, Number: line.Number, Name: line.Role, Scan: scan,
		}
		wrong, err := d.lineFaults(line, e, known)
		if err != nil {
			return nil, err
		}
		list = append(list, wrong...)
		known[paperOf{e.Proposal, e.Role}] = true
		out = append(out, e)
	}
	if len(out) == 0 && len(list) == 0 {
		return nil, problem("表里没有填写任何决定", "请在“决定”一列填“同意”或“不同意”")
	}
	return out, faults(list)
}

// lineFaults is what stands in the way of one line, each with its cell.
func (d *desk) lineFaults(line *workbook.DocketLine, e PaperEntry, known map[paperOf]bool) ([]*qiaomen.Problem, error) {
	if known[paperOf{e.Proposal, e.Role}] {
		return []*qiaomen.Problem{{Text: "这件事已经录入了“" + line.Role + "”的纸质决定", Fix: "请等审核员确认，或删去重复的一行", At: line.At("id")}}, nil
	}
	var list, out []*qiaomen.Problem
	err := d.enterable(&e)
	if p, ok := errors.AsType[*qiaomen.Problem](err); ok {
		list = append([]*qiaomen.Problem{p}, p.More...)
	} else if err != nil {
		return nil, err
	}
	for _, p := range list {
		if p.At.Field == "scan" || p.At.Field == "decided_on" && e.DecidedOn == "" { // told already: once of them all, by the reader
			continue
		}
		one := *p
		one.More = nil
		one.At = line.At(cmp.Or(p.At.Field, "id"))
		out = append(out, &one)
	}
	return out, nil
}

// roleNamed is the role of that Chinese name; "" where there is none.
func roleNamed(name string) qiaomen.Role {
	for _, r := range onPaper {
		if r.Chinese() == name {
			return r
		}
	}
	return ""
}
