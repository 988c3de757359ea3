package gongwen

import (
	"fmt"
	"regexp"
	"strings"

	"qiaomen"
	"qiaomen/scheme"
)

// Details is what a result does not know of its notice. What is not given is
// left for the office to fill, as 〔待填…〕.
type Details struct {
	Final  bool // the final notice: it names units, and is examined
	Number string
	Date   qiaomen.Date
	Issuer string
	To     string
	CopyTo string
}

// Draft writes the notice of a result from the office's template. Every fault
// of the template is told, with its line.
func Draft(t Template, res *scheme.Result, d Details) (*Document, []*qiaomen.Problem) {
	f := &facts{res: res, s: res.Scheme, d: d, tables: map[string]*Table{}}
	return fill(t, f.words(), f.tables, f.names)
}

// A facts turns a result into words and tables.
type facts struct {
	res    *scheme.Result
	s      *scheme.Scheme
	d      Details
	tables map[string]*Table
	names  []string
}

// keep files a table under the name that a template asks for it by.
func (f *facts) keep(name string, t *Table) string {
	f.tables[name] = t
	f.names = append(f.names, name)
	return name
}

func or(text, what string) string {
	if text = flat(text); text == "" {
		return "〔待填：" + what + "〕"
	}
	return text
}

var (
	blanks  = regexp.MustCompile(`\s+`)
	quarter = regexp.MustCompile(`([0-9]{4})Q([1-4])`)
)

// flat is a text on one line, quarters in words.
func flat(s string) string {
	s = strings.TrimSpace(blanks.ReplaceAllString(s, " "))
	return quarter.ReplaceAllStringFunc(s, func(q string) string {
		return q[:4] + "年" + string([]rune(numerals)[q[5]-'0']) + "季度"
	})
}

func (f *facts) words() words {
	s, v := f.s, f.res.View
	y, m, _ := v.Cutoff.YMD()
	w := words{
		"活动": flat(s.Name), "依据": flat(s.Source.Title), "依据机关": flat(s.Source.Issuer), "依据日期": day(s.Source.Issued),
		"活动开始": "", "活动结束": "", "轮次": "", "截止日": day(v.Cutoff), "统计日": day(v.AsOf),
		"月份": fmt.Sprintf("%d年%d月", y, int(m)), "总评": f.d.Final,
		"发文机关": or(f.d.Issuer, "发文机关"), "发文字号": or(f.d.Number, "发文字号"), "成文日期": or(day(f.d.Date), "成文日期"),
		"主送": f.to(), "抄送": or(f.d.CopyTo, "抄送机关，没有的删去本行"),
		"审定机关": "", "通报范围": "", "异议天数": 0, "须审定": false, "另列": []string{},
		"调整依据": []string{}, "调整提出": "", "调整审定": "",
	}
	if c := s.Campaign; c != nil {
		w["活动开始"], w["活动结束"] = day(c.From), day(c.To)
	}
	if v.Round != nil {
		w["轮次"] = flat(v.Round.Name)
	}
	if p := s.Publication; p != nil {
		w["审定机关"], w["通报范围"], w["异议天数"], w["另列"] = flat(p.ApprovedBy), flat(p.To), p.ObjectionDays, p.AlsoShow
		monthly := s.Setting("monthly_approval")
		w["须审定"] = p.ApprovedBy != "" && (f.d.Final || monthly != "" && monthly != "office")
	}
	if a := s.Adjustments; a != nil {
		w["调整提出"], w["调整审定"] = flat(a.ProposedBy), flat(a.ApprovedBy)
		var grounds []string
		for _, g := range a.Grounds {
			grounds = append(grounds, flat(g.Name))
		}
		w["调整依据"] = grounds
	}
	var groups []words
	for _, g := range f.res.Groups {
		groups = append(groups, f.group(g))
	}
	w["分组"], w["名单"], w["待定"] = groups, f.lists(), f.pending()
	f.readings(w)
	return w
}

func day(d qiaomen.Date) string {
	if d == 0 {
		return ""
	}
	return d.Chinese()
}

// to is all the groups, where nobody says otherwise.
func (f *facts) to() string {
	if f.d.To != "" {
		return flat(f.d.To)
	}
	var names []string
	for _, g := range f.s.Groups {
		name := flat(g.Name)
		if !strings.HasPrefix(name, "各") {
			name = "各" + name
		}
		names = append(names, name)
	}
	return strings.Join(names, "，")
}

func scored(g *scheme.GroupResult) bool { return len(g.Units) > 0 && len(g.Units[0].Lines) > 0 }

// group is what a template may say of one group.
func (f *facts) group(g *scheme.GroupResult) words {
	name := flat(g.Group.Name)
	var units, first, also []string
	short := 0
	for _, u := range g.Units {
		units = append(units, flat(u.Unit.Name))
		if u.Place >= 1 && u.Place <= 3 {
			first = append(first, fmt.Sprintf("第%d名%s（%s分）", u.Place, flat(u.Unit.Name), f.score(u.Total)))
		}
		if len(lacking(u)) > 0 {
			short++
		}
	}
	if len(first) > 5 { // so many of one place are no front
		first = nil
	}
	w := words{
		"名称": name, "单位数": len(g.Units), "单位": units, "计分": scored(g), "排名": !g.Group.ShownOnly,
		"前三": first, "合计": f.sums(g), "未完成数": short, "排名表": "", "得分表": "", "分项表": []string{},
	}
	if scored(g) {
		w["排名表"] = f.keep("排名 "+name, f.ranking(g, false))
		w["得分表"] = f.keep("得分 "+name, f.ranking(g, true))
		var names []string
		for i, l := range g.Units[0].Lines {
			names = append(names, f.keep("分项 "+name+" "+flat(l.Line.Name), f.line(g, i)))
		}
		w["分项表"] = names
		for _, m := range g.Units[0].Shown {
			also = append(also, flat(m.Measure.Name))
		}
	}
	w["另列"] = also
	return w
}

func (f *facts) score(n qiaomen.Number) string { return f.s.Shown(n).String() }

// lacking is the measures of which the unit has done less than its target, in
// words.
func lacking(u *scheme.UnitResult) []string {
	var out []string
	seen := map[*scheme.Measure]bool{}
	for _, l := range u.Lines {
		for _, m := range l.Measures {
			if seen[m.Measure] || m.Target.Kind != scheme.TargetGiven || !m.Actual.Defined || m.Actual.Number.Cmp(m.Target.Number) >= 0 {
				continue
			}
			seen[m.Measure] = true
			unit := flat(m.Measure.Scale.Name)
			if unit == "%" {
				unit = ""
			}
			out = append(out, fmt.Sprintf("%s目标%s%s，完成%s%s", flat(m.Measure.Name), target(&m), unit, m.Text(), unit))
		}
	}
	return out
}

// addable is the units of measure in which things are counted: what units did
// adds up to what all did.
const addable = "个条次家项篇户件场批名宗套笔"

// sums is what the group did together of what is counted, in words.
func (f *facts) sums(g *scheme.GroupResult) []string {
	type sum struct {
		m              *scheme.Measure
		done, asked    qiaomen.Number
		given, partial bool
	}
	var order []*sum
	by := map[*scheme.Measure]*sum{}
	for _, u := range g.Units {
		seen := map[*scheme.Measure]bool{}
		for _, l := range u.Lines {
			for _, m := range l.Measures {
				if seen[m.Measure] || !strings.Contains(addable, m.Measure.Scale.Name) {
					continue
				}
				seen[m.Measure] = true
				x := by[m.Measure]
				if x == nil {
					x = &sum{m: m.Measure}
					by[m.Measure] = x
					order = append(order, x)
				}
				x.done = x.done.Add(m.Actual.Number)
				x.partial = x.partial || !m.Actual.Defined
				if m.Target.Kind == scheme.TargetGiven {
					x.asked, x.given = x.asked.Add(m.Target.Number), true
				}
			}
		}
	}
	var out []string
	for _, x := range order {
		if x.partial {
			continue
		}
		unit := x.m.Scale.Name
		text := flat(x.m.Name) + x.done.String() + unit
		if x.given {
			text += "（目标" + x.asked.String() + unit + "）"
		}
		out = append(out, text)
	}
	return out
}

// attribute is a unit's text of an attribute by its id, and the attribute's
// name.
func (f *facts) attribute(u *scheme.Unit, id, otherwise string) (name, text string) {
	for _, a := range f.s.Attributes {
		if a.ID == id {
			return flat(a.Name), flat(u.Attribute(a, f.s))
		}
	}
	return otherwise, ""
}

// lists is the scheme's lists of units to be named.
func (f *facts) lists() []words {
	var out []words
	for i, l := range f.s.Naming {
		var units []words
		for _, g := range f.res.Groups {
			for _, u := range g.Units {
				if i >= len(u.Named) || !u.Named[i] {
					continue
				}
				official, who := f.attribute(u.Unit, "leading_official", "牵头领导")
				_, bureau := f.attribute(u.Unit, "lead_bureau", "")
				units = append(units, words{
					"名称": flat(u.Unit.Name), "分组": flat(g.Group.Name), "名次": standing(u), "总分": f.score(u.Total),
					"领导职务": official, "领导": or(who, official), "牵头单位": bureau, "缺项": lacking(u),
				})
			}
		}
		if units != nil {
			out = append(out, words{
				"名称": flat(l.Name), "条款": clause(l.Cite), "按名次": l.Last > 0 || l.First > 0, "后几名": l.Last, "单位": units,
			})
		}
	}
	return out
}

func clause(c *scheme.Clause) string {
	if c == nil {
		return ""
	}
	return flat(c.ID)
}

// pending is the lines without a final score: which, whose, and why.
func (f *facts) pending() []words {
	type item struct {
		line, why, score string // score: what is counted until then, if anything
		group            *scheme.GroupResult
	}
	var order []item
	units := map[item][]string{}
	for _, g := range f.res.Groups {
		for _, u := range g.Units {
			for _, l := range u.Lines {
				if l.Pending == "" {
					continue
				}
				k := item{line: flat(l.Line.Name), why: flat(l.Pending), group: g}
				if l.Scored {
					k.score = f.score(l.Score)
				}
				if units[k] == nil {
					order = append(order, k)
				}
				units[k] = append(units[k], flat(u.Unit.Name))
			}
		}
	}
	var out []words
	for _, k := range order {
		who := strings.Join(units[k], "、")
		if n := len(units[k]); n == len(k.group.Units) && n > 1 {
			who = fmt.Sprintf("%s全部%d个单位", flat(k.group.Group.Name), n)
		}
		out = append(out, words{"项目": k.line, "单位": who, "原因": strings.TrimRight(k.why, "。"), "先计": k.score})
	}
	return out
}

// readings is how the open questions of the source were read.
func (f *facts) readings(w words) {
	t := &Table{Columns: []Column{{Head: "序号"}, {Head: "原文未写明的问题", Left: true}, {Head: "本次采用的理解", Left: true}, {Head: "条款"}}}
	changed := []words{}
	for i, c := range f.s.Choices {
		taken := f.res.Readings[i]
		t.Rows = append(t.Rows, []string{fmt.Sprint(i + 1), flat(c.Question), flat(c.Options[taken].Name), clause(c.Cite)})
		if taken != c.Default {
			changed = append(changed, words{"问题": flat(c.Question), "理解": flat(c.Options[taken].Name), "原理解": flat(c.Options[c.Default].Name)})
		}
	}
	notes := []string{}
	for _, n := range f.s.Notes {
		text := strings.TrimRight(flat(n.Text), "。")
		if c := clause(n.Cite); c != "" {
			text += "（" + c + "）"
		}
		notes = append(notes, text)
	}
	w["口径表"], w["换用口径"], w["口径说明"] = "", changed, notes
	if len(t.Rows) > 0 {
		w["口径表"] = f.keep("口径", t)
	}
}

func standing(u *scheme.UnitResult) string {
	if u.Place == 0 {
		return "—"
	}
	return fmt.Sprint(u.Place)
}
