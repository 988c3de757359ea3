package scheme

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"qiaomen"
)

// Limits of a campaign: well above a province's, and low enough that a
// hostile file cannot exhaust the machine.
const (
	maxUnits    = 5000
	maxVariants = 4096 // combinations of readings that one counter may depend on
	maxSlots    = 20000
	maxCells    = 20_000_000 // units × slots
	maxValues   = 2_000_000  // units × measures, lines and lists
	maxWeight   = 1000       // what a fact or a measure comes to when all that it is built from is written out
)

var sections = []string{
	"vocabulary", "scheme", "name", "source", "clauses", "settings", "windows", "rounds", "phases", "attributes", "groups",
	"lists", "kinds", "figures", "choices", "notes", "measures", "relations", "targets", "stated", "errata", "scores",
	"ranking", "rounding", "duties", "holidays", "adjustments", "publication",
}

// Parse reads a scheme file and checks it. file is the name that faults give;
// beside gives the text of a file that stands beside it, the source's own,
// against which quotations are checked; it may be nil. Scheme is nil when any
// fault is an Error.
func Parse(file string, data []byte, beside func(name string) string) (*Scheme, Faults) {
	p := &parser{file: file, beside: beside, s: &Scheme{}, seen: map[spot]bool{}, used: map[string]bool{}, units: map[string]*Unit{}, unread: map[*Measure]*node{}}
	sum := sha256.Sum256(data)
	p.s.Digest = hex.EncodeToString(sum[:])
	if root := p.load(data); root != nil {
		p.sections(root)
		if len(p.faults.Errors()) == 0 {
			p.layOut(root)
		}
		if len(p.faults.Errors()) == 0 {
			p.check(root)
		}
	}
	slices.SortStableFunc(p.faults, func(a, b Fault) int {
		return slices.Compare([]int{a.At.Line, a.At.Column}, []int{b.At.Line, b.At.Column})
	})
	if len(p.faults.Errors()) > 0 {
		return nil, p.faults
	}
	return p.s, p.faults
}

// sections reads the sections in an order in which each finds what it refers
// to, whatever their order in the file.
func (p *parser) sections(root *node) {
	o := p.object(root, nil, sections...)
	if v := o.need("vocabulary"); v != nil && v.Value != "1" {
		p.errorf(v, "本程序认识的词汇是第1版，这里写的是“%s”", qiaomen.Clip(v.Value))
	}
	if id := o.need("scheme"); id != nil {
		if p.s.ID = p.str(id); !idPattern.MatchString(p.s.ID) {
			p.errorf(id, "方案的代号应由小写字母、数字、下划线和连字符组成")
		}
	}
	p.s.Name = o.name("name")
	p.s.Source = p.source(o)
	if name := p.s.Source.Text; name != "" && p.beside != nil {
		p.text = squeeze(p.beside(name))
	}
	for _, sec := range []struct {
		word  string
		needs bool
		read  func(*node)
	}{
		{"clauses", false, p.clauses},
		{"settings", false, p.settings},
		{"windows", true, p.windows},
		{"rounds", false, p.rounds},
		{"attributes", false, p.attributes},
		{"groups", true, p.groups},
		{"lists", false, p.lists},
		{"choices", false, p.choices},
		{"notes", false, p.notes},
		{"phases", false, p.phases},
		{"kinds", false, p.kinds},
		{"figures", false, p.figures},
		{"measures", true, p.measures},
		{"relations", false, p.relations},
		{"targets", false, p.targets},
		{"stated", false, p.stated},
		{"errata", false, p.errata},
		{"scores", true, p.scores},
		{"ranking", true, p.ranking},
		{"rounding", true, p.roundingRules},
		{"duties", false, p.duties},
		{"holidays", false, p.holidays},
		{"adjustments", false, p.adjustments},
		{"publication", false, p.publication},
	} {
		if n, ok := o.at[sec.word]; ok {
			sec.read(n)
		} else if sec.needs {
			o.need(sec.word)
		}
		if p.tooMany {
			return
		}
	}
	p.owed()
}

func (p *parser) source(o object) Source {
	so := p.object(o.need("source"), nil, "title", "issuer", "issued_on", "text")
	src := Source{Title: so.name("title"), Issuer: so.str("issuer"), Text: so.str("text")}
	if d, ok := so.at["issued_on"]; ok {
		src.Issued = p.date(d)
	}
	if strings.ContainsAny(src.Text, `/\`) || src.Text == ".." {
		p.errorf(so.at["text"], "原文应是方案同一文件夹里的文件名")
		src.Text = ""
	}
	return src
}

func (p *parser) clauses(n *node) {
	o := p.mapping(n, nil, "")
	for i, key := range o.keys {
		if strings.TrimSpace(key.Value) == "" {
			p.errorf(key, "条款号不能空着")
		}
		p.s.Clauses = append(p.s.Clauses, &Clause{
			ID: key.Value, Title: p.str(o.at[key.Value]), order: i,
			At: qiaomen.Place{File: p.file, Line: key.Line, Column: key.Column},
		})
	}
}

// clause is the clause that a rule cites.
func (p *parser) clause(n *node) *Clause {
	id := p.str(n)
	if len(p.s.Clauses) == 0 { // a scheme without a list of clauses may cite freely
		c := find(p.cited, func(c *Clause) bool { return c.ID == id })
		if c == nil {
			c = &Clause{ID: id, order: len(p.cited)}
			p.cited = append(p.cited, c)
		}
		return c
	}
	c := find(p.s.Clauses, func(c *Clause) bool { return c.ID == id })
	if c == nil {
		var ids []string
		for _, c := range p.s.Clauses {
			ids = append(ids, c.ID)
		}
		p.errorf(n, "没有条款“%s”%s", qiaomen.Clip(id), qiaomen.Suggest(id, ids))
	}
	return c
}

// quote checks that a quotation stands in the source's text, white space
// aside.
func (p *parser) quote(n *node) {
	if q := p.str(n); p.text != "" && !strings.Contains(p.text, squeeze(q)) {
		p.report(Warning, n, "引文在原文中找不到：“%s”", qiaomen.Clip(q))
	}
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

var settingOptions = []struct {
	id, name string
	options  []Option // empty: free
}{
	{"monthly_approval", "月度排名由谁审定", []Option{{"office", "办公室"}, {"leading_group", "领导小组"}}},
	{"units_see", "单位能看到", []Option{{"own_score", "本单位得分"}, {"own_rank", "本单位得分和位次"}, {"ranking", "全部排名"}}},
	{"review", "认定", []Option{{"one", "一人认定"}, {"two", "二人认定"}}},
	{"sign_off", "单位签批", []Option{{"paper", "纸质盖章后上传"}, {"head", "负责人在系统内签批"}}},
	{"figures_by", "统计数由谁录入", []Option{{"office", "办公室录入并复核"}, {"statistics", "统计部门录入"}}},
	{"joint_outing", "几个单位同行的活动", []Option{{"each", "各单位都计"}, {"first", "只计首报单位"}}},
	{"place_from", "首报顺序从何时算", []Option{{"submission", "经办人提交"}, {"sign_off", "负责人签批"}}},
	{"close_of_work", "下班时间", nil},
	{"return_days", "退回后几日内补正可保留首报顺序", nil},
}

func (p *parser) settings(n *node) {
	var words []string
	for _, x := range settingOptions {
		words = append(words, x.id)
	}
	o := p.object(n, nil, words...)
	for _, x := range settingOptions {
		at, ok := o.at[x.id]
		if !ok {
			continue
		}
		switch {
		case x.id == "close_of_work":
			p.hour(object{p: p, at: map[string]*node{"hour": at}})
		case x.id == "return_days":
			p.count(at, 0, 365)
		default:
			p.one(at, optionIDs(x.options)...)
		}
		p.s.Settings = append(p.s.Settings, Setting{x.id, at.Value})
	}
}

func (p *parser) windows(n *node) {
	t := p.table(n, nil, "时段")
	for _, key := range t.keys {
		w := p.window(key, t.at[key.Value])
		if w.ID == "campaign" {
			p.s.Campaign = w
		}
	}
	if p.s.Campaign == nil {
		p.errorf(n, "缺少“campaign”（活动期间）")
		p.s.Campaign = &Window{ID: "campaign"}
	}
}

func (p *parser) window(key, n *node, more ...string) *Window {
	o := p.object(n, nil, append([]string{"name", "from", "to"}, more...)...)
	w := &Window{ID: key.Value, Name: o.name("name"), Cite: o.cite}
	if from, to := o.need("from"), o.need("to"); from != nil && to != nil {
		if w.From, w.To = p.date(from), p.date(to); w.From > w.To {
			p.errorf(n, "“%s”的开始晚于结束", key.Value)
		}
	}
	if w.ID == "round" || find(p.s.Windows, func(x *Window) bool { return x.ID == w.ID }) != nil {
		p.errorf(key, "时段“%s”已经有了；时段、轮次和阶段不能同名", w.ID)
	}
	p.s.Windows = append(p.s.Windows, w)
	return w
}

func (p *parser) rounds(n *node) {
	t := p.table(n, nil, "轮次")
	for _, key := range t.keys {
		p.s.Rounds = append(p.s.Rounds, p.window(key, t.at[key.Value]))
	}
}

func (p *parser) phases(n *node) {
	t := p.table(n, nil, "阶段")
	for _, key := range t.keys {
		ph := &Phase{Window: p.window(key, t.at[key.Value], "owes")}
		for _, x := range p.items(p.mapping(t.at[key.Value], nil, "").at["owes"]) {
			ph.Owes = append(ph.Owes, p.str(x))
		}
		p.owing = append(p.owing, t.at[key.Value])
		p.s.Phases = append(p.s.Phases, ph)
	}
}

// owed checks what phases owe, once measures and duties are known.
func (p *parser) owed() {
	for i, ph := range p.s.Phases {
		for _, id := range ph.Owes {
			if p.s.Measure(id) == nil && find(p.s.Duties, func(d *Duty) bool { return d.ID == id }) == nil {
				p.errorf(p.mapping(p.owing[i], nil, "").at["owes"], "没有指标或任务“%s”", qiaomen.Clip(id))
			}
			p.used["measure."+id] = true
		}
	}
}

// windowRef is the window a name refers to; `round` is the round scored.
func (p *parser) windowRef(n *node) *Window {
	if n.Value == "round" && len(p.s.Rounds) > 0 {
		return nil
	}
	w := find(p.s.Windows, func(w *Window) bool { return w.ID == n.Value })
	if w == nil {
		var ids []string
		for _, w := range p.s.Windows {
			ids = append(ids, w.ID)
		}
		p.errorf(n, "没有时段“%s”%s", qiaomen.Clip(n.Value), qiaomen.Suggest(n.Value, ids))
	}
	p.used["window."+n.Value] = true
	return w
}

func (p *parser) attributes(n *node) {
	t := p.table(n, nil, "属性")
	for _, key := range t.keys {
		o := p.object(t.at[key.Value], nil, "name", "options")
		a := &Attribute{ID: key.Value, Name: o.name("name")}
		if op, ok := o.at["options"]; ok {
			a.Options = p.options(op, nil)
		}
		if slices.Contains([]string{"name", "division", "cite", "quote"}, a.ID) {
			p.errorf(key, "“%s”是留用的名字，属性请另起一个", a.ID)
		}
		p.s.Attributes = append(p.s.Attributes, a)
	}
}

func (p *parser) groups(n *node) {
	t := p.table(n, nil, "分组")
	for i, key := range t.keys {
		o := p.object(t.at[key.Value], nil, "name", "units", "shown_only")
		g := &Group{ID: key.Value, Name: o.name("name"), ShownOnly: o.flag("shown_only"), Cite: o.cite, index: i}
		p.s.Groups = append(p.s.Groups, g)
		units := p.table(o.need("units"), o.cite, "单位")
		for _, key := range units.keys {
			if len(p.s.Units) == maxUnits {
				p.errorf(key, "单位超过%d个；请按下级分成几个方案", maxUnits)
				p.tooMany = true
				return
			}
			p.unit(g, key, units.at[key.Value])
		}
		if len(g.Units) == 0 {
			p.errorf(t.at[key.Value], "分组“%s”没有单位", g.ID)
		}
	}
}

func (p *parser) unit(g *Group, key, n *node) {
	words := []string{"name", "division"}
	for _, a := range p.s.Attributes {
		words = append(words, a.ID)
	}
	o := p.object(n, nil, words...)
	u := &Unit{ID: key.Value, Name: o.name("name"), Division: o.str("division"), Group: g, index: len(p.s.Units)}
	u.attrs, u.texts = make([]int, len(p.s.Attributes)), make([]string, len(p.s.Attributes))
	for i, a := range p.s.Attributes {
		u.attrs[i] = -1
		at, ok := o.at[a.ID]
		switch {
		case !ok:
		case len(a.Options) == 0:
			u.texts[i] = p.str(at)
		default:
			if refs := p.optionRefs(at, a.Options, a.Name); len(refs) == 1 {
				u.attrs[i] = refs[0]
			}
		}
	}
	if p.units[u.ID] != nil {
		p.errorf(key, "单位“%s”写了两次", u.ID)
	}
	p.units[u.ID] = u
	g.Units = append(g.Units, u)
	p.s.Units = append(p.s.Units, u)
}

func (p *parser) lists(n *node) {
	t := p.table(n, nil, "选项表")
	for _, key := range t.keys {
		o := p.object(t.at[key.Value], nil, "name", "options", "open")
		l := &List{ID: key.Value, Name: o.name("name"), Open: o.flag("open"), Cite: o.cite}
		if op, ok := o.at["options"]; ok {
			l.Options = p.options(op, nil)
		} else if !l.Open {
			o.need("options")
		}
		p.s.Lists = append(p.s.Lists, l)
	}
}

func (p *parser) choices(n *node) {
	t := p.table(n, nil, "口径")
	for i, key := range t.keys {
		o := p.object(t.at[key.Value], nil, "question", "options", "default")
		c := &Choice{
			ID: key.Value, Question: o.name("question"), Options: p.options(o.need("options"), nil), Cite: o.cite, index: i,
			at: qiaomen.Place{File: p.file, Line: key.Line, Column: key.Column},
		}
		if len(c.Options) < 2 {
			p.errorf(t.at[key.Value], "口径“%s”至少要有两种理解", c.ID)
		}
		if d := o.need("default"); d != nil {
			if refs := p.optionRefs(d, c.Options, c.ID); len(refs) == 1 {
				c.Default = refs[0]
			}
		}
		p.s.Choices = append(p.s.Choices, c)
	}
}

func (p *parser) notes(n *node) {
	for _, item := range p.list(n) {
		o := p.object(item, nil, "text")
		p.s.Notes = append(p.s.Notes, Statement{o.name("text"), o.cite})
	}
}
