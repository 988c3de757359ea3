package scheme

import (
	"slices"

	"qiaomen"
)

// A Kind is one kind of record that can be reported.
type Kind struct {
	ID, Name   string
	CountedIn  string
	ReportedBy []*Group // who sees its form; empty where the office alone reports
	OccursOn   *Field   // the day it happened: a record later than the cutoff is not seen
	Fields     []*Field
	Evidence   []*EvidenceType
	Identity   *Identity
	Facts      []*Fact
	Eligible   []*Rule
	Cite       *Clause

	index int
	deps  []int // choices that eligibility depends on
	dated []*Field
}

// A FieldType says what a field holds and so how it is typed in, checked and
// compared.
type FieldType int

// The field types, by their words in the scheme.
const (
	TextField FieldType = iota
	NumberField
	AmountField
	DateField
	FlagField
	OptionField
	ListField
	UnitField
	RecordField
	JudgedField
)

var fieldTypes = []struct{ word, name string }{
	{"text", "文字"},
	{"number", "数"},
	{"amount", "金额"},
	{"date", "日期"},
	{"flag", "是否"},
	{"option", "选项"},
	{"list", "名单"},
	{"unit", "单位"},
	{"record", "另一条记录"},
	{"judged", "评定的分数"},
}

// String is the type in Chinese.
func (t FieldType) String() string { return fieldTypes[t].name }

// A Filler is who owns a field: forms, workbooks and the API refuse it from
// everybody else.
type Filler string

// The fillers. A unit fills its own form; what the office, the statistics
// source or a leader's secretary establishes, no unit can set.
const (
	ByUnit       Filler = "unit"
	ByOffice     Filler = "office"
	ByStatistics Filler = "statistics"
	ByLeader     Filler = "leader"
)

// A Need says when a field must be filled in.
type Need string

// The needs: a record cannot exist, cannot be submitted, or does not count
// without it.
const (
	Optional Need = "optional"
	Always   Need = "always"
	ToSubmit Need = "to_submit"
	ToCount  Need = "to_count"
)

// A Field is one typed column of a kind or figure.
type Field struct {
	ID, Name    string
	Type        FieldType
	Scale       *Scale // amount, number, judged
	Counted     string // list: what its entries are counted in, 家
	Options     []Option
	List        *List
	Kind        *Kind // record: of which kind
	Need        Need
	FilledBy    Filler
	OfficeSets  []int          // option: what only the office may choose
	FromItsDay  bool           // a date that comes later; unseen in a ranking before it
	Negative    bool           // a number that may be below 0
	Personal    bool           // kept outside the journal
	From, To    qiaomen.Number // judged: the range, as a record writes it
	OnlyPeriods []int          // figures: periods that may have it; empty: all
	Hint        string
	Cite        *Clause

	index int
}

// Fields that every kind has without writing them.
const (
	reportedIndex = -1
	nameIndex     = -2
)

var (
	reportedOn = &Field{ID: "reported_at", Name: "上报日期", Type: DateField, index: reportedIndex}
	recordName = &Field{ID: "name", Name: "名称", Type: TextField, index: nameIndex}
)

// in is the field's value in the record.
func (f *Field) in(r *qiaomen.Record) qiaomen.Value {
	switch f.index {
	case reportedIndex:
		return qiaomen.Value{Given: !r.Reported.IsZero(), Date: r.Reported.Day}
	case nameIndex:
		return qiaomen.Value{Given: r.Name != "", Text: r.Name}
	}
	return r.Values[f.index]
}

func (k *Kind) field(id string) *Field {
	switch id {
	case reportedOn.ID:
		return reportedOn
	case recordName.ID:
		return recordName
	}
	return find(k.Fields, func(f *Field) bool { return f.ID == id })
}

// An EvidenceType is a file that proves a record. Where a record lacks a
// needed one, any of Or stands in for it (凭证，或发票).
type EvidenceType struct {
	ID, Name string
	Need     Need
	Or       qiaomen.Set
	Cite     *Clause
}

// An Identity says which fields make two records the same thing, and which
// groups compete for the first report of it (首报确认).
type Identity struct {
	By    []*Field
	Among []*Group
	Cite  *Clause
}

// A Fact is a named condition of a kind.
type Fact struct {
	ID, Name string
	When     *Cond
	Cite     *Clause
	deps     []int
	weight   int // how many tests it comes to
}

// A Rule is one condition of eligibility. Else is what to say of a record
// that fails it, where the words of the condition itself would not do.
type Rule struct {
	For, Need *Cond
	Else      string
	Cite      *Clause
}

// A FigureSource is an official number that is published, never reported: by
// period or once, for each unit or for all.
type FigureSource struct {
	ID, Name  string
	Publisher string
	Every     string // day month quarter half year round, or empty
	Periods   []string
	names     []string // of the periods, for people
	ForAll    bool     // holds for every unit
	Fields    []*Field
	Cite      *Clause

	index int
}

// reservedFields cannot be a field's id: the records file and the tables use
// them for every record.
var reservedFields = []string{
	"kind", "id", "unit", "reported_at", "recognized_at", "revoked_at", "name", "evidence", "published_on",
	"day", "month", "quarter", "half", "year", "round", "fact", "group", "all", "any", "not", "by", "state", "version",
}

func (p *parser) kinds(n *node) {
	t := p.table(n, nil, "记录类别")
	for i, key := range t.keys { // names first, so that kinds may refer to each other
		p.s.Kinds = append(p.s.Kinds, &Kind{ID: key.Value, index: i})
	}
	for i, key := range t.keys {
		p.kind(p.s.Kinds[i], t.at[key.Value])
	}
}

func (p *parser) kind(k *Kind, n *node) {
	o := p.object(n, nil, "name", "counted_in", "reported_by", "occurs_on", "fields", "evidence", "identity", "facts", "eligible")
	k.Name, k.CountedIn, k.Cite = o.name("name"), o.str("counted_in"), o.cite
	if k.CountedIn == "" {
		k.CountedIn = each.Name
	} else if s := p.scale(o.at["counted_in"]); s.dim != counted {
		p.errorf(o.at["counted_in"], "“%s”不是计数的单位", s.Name)
	}
	k.ReportedBy = p.s.Groups
	if by, ok := o.at["reported_by"]; ok {
		k.ReportedBy = p.groupRefs(by, "office")
	}
	if f, ok := o.at["fields"]; ok {
		k.Fields = p.fields(f, o.cite, false)
	}
	for _, f := range k.Fields {
		if f.FromItsDay {
			k.dated = append(k.dated, f)
		}
	}
	if n, ok := o.at["occurs_on"]; ok {
		k.OccursOn = p.fieldRef(k, n)
		if k.OccursOn != nil && k.OccursOn.Type != DateField {
			p.errorf(n, "“occurs_on”应是日期字段")
		}
	}
	if e, ok := o.at["evidence"]; ok {
		p.evidence(k, e, o.cite)
	}
	if id, ok := o.at["identity"]; ok {
		io := p.object(id, o.cite, "by", "first_report_among")
		k.Identity = &Identity{Among: p.groupRefs(io.need("first_report_among"), ""), Cite: io.cite}
		for _, f := range p.list(io.need("by")) {
			if ref := p.fieldRef(k, f); ref != nil {
				k.Identity.By = append(k.Identity.By, ref)
			}
		}
	}
	if facts, ok := o.at["facts"]; ok {
		t := p.table(facts, o.cite, "事实")
		for _, key := range t.keys {
			fo := p.object(t.at[key.Value], o.cite, "name", "when")
			f := &Fact{ID: key.Value, Name: fo.name("name"), Cite: fo.cite}
			f.deps = p.collect(func() { f.When = p.cond(fo.need("when"), k, fo.cite) })
			if f.weight = f.When.weight(); f.weight > maxWeight {
				p.errorf(key, "事实“%s”套着的条件超过%d个", f.ID, maxWeight)
				f.weight = maxWeight
			}
			k.Facts = append(k.Facts, f)
		}
	}
	if rules, ok := o.at["eligible"]; ok {
		k.deps = p.collect(func() {
			for _, r := range p.list(rules) {
				ro := p.object(r, o.cite, "for", "need", "else")
				rule := &Rule{Else: ro.str("else"), Cite: ro.cite}
				if f, ok := ro.at["for"]; ok {
					rule.For = p.cond(f, k, ro.cite)
				}
				rule.Need = p.cond(ro.need("need"), k, ro.cite)
				k.Eligible = append(k.Eligible, rule)
			}
		})
	}
}

func (p *parser) fields(n *node, cite *Clause, figure bool) []*Field {
	var out []*Field
	t := p.table(n, cite, "字段")
	for _, key := range t.keys {
		if slices.Contains(reservedFields, key.Value) {
			p.errorf(key, "“%s”是留用的名字，字段请另起一个", key.Value)
		}
		f := p.field(t.at[key.Value], cite, figure)
		f.ID, f.index = key.Value, len(out)
		out = append(out, f)
	}
	return out
}

func (p *parser) field(n *node, cite *Clause, figure bool) *Field {
	o := p.object(n, cite, "name", "type", "in", "counted_in", "options", "list", "kind", "needed", "filled_by", "office_sets",
		"seen_from_its_day", "negative", "personal", "from", "to", "only_for", "hint")
	f := &Field{
		Name: o.name("name"), Counted: o.str("counted_in"), Hint: o.str("hint"), Cite: o.cite,
		Need:       Need(o.one("needed", string(Optional), string(Always), string(ToSubmit), string(ToCount))),
		FilledBy:   Filler(o.one("filled_by", string(ByUnit), string(ByOffice), string(ByStatistics), string(ByLeader))),
		FromItsDay: o.flag("seen_from_its_day"), Negative: o.flag("negative"), Personal: o.flag("personal"),
	}
	var words []string
	for _, t := range fieldTypes {
		words = append(words, t.word)
	}
	f.Type = AmountField
	if !figure || o.has("type") {
		if t := o.need("type"); t != nil {
			f.Type = FieldType(max(0, slices.Index(words, p.one(t, words...))))
		}
	}
	numeric := f.Type == AmountField || f.Type == NumberField || f.Type == JudgedField
	only := func(word string, ok bool) {
		if o.has(word) && !ok {
			p.errorf(o.key[word], "“%s”不用在%v字段上", word, f.Type)
		}
	}
	only("in", numeric)
	if c, ok := o.at["counted_in"]; ok {
		p.scale(c)
	}
	only("negative", numeric)
	only("counted_in", f.Type == ListField)
	only("seen_from_its_day", f.Type == DateField)
	only("kind", f.Type == RecordField)
	only("options", f.Type == OptionField)
	only("list", f.Type == OptionField)
	only("office_sets", f.Type == OptionField)
	only("from", f.Type == JudgedField)
	only("to", f.Type == JudgedField)
	if numeric {
		f.Scale = scales["分"]
		if in, ok := o.at["in"]; ok {
			f.Scale = p.scale(in)
		} else if f.Type != JudgedField {
			o.need("in")
		}
	}
	switch f.Type {
	case OptionField:
		p.fieldOptions(o, f)
		if n, ok := o.at["office_sets"]; ok {
			f.OfficeSets = p.optionRefs(n, f.Options, f.Name)
		}
	case RecordField:
		if ref := o.need("kind"); ref != nil {
			if f.Kind = find(p.s.Kinds, func(k *Kind) bool { return k.ID == ref.Value }); f.Kind == nil {
				p.errorf(ref, "没有记录类别“%s”", qiaomen.Clip(ref.Value))
			}
		}
	case JudgedField:
		f.From = f.Scale.Show(p.number(orSelf(o, "from"), f.Scale))
		f.To = f.Scale.Show(p.number(orSelf(o, "to"), f.Scale))
		if f.From.Cmp(f.To) > 0 {
			p.errorf(o.node, "“from”大于“to”")
		}
		f.Negative = f.From.Sign() < 0
	}
	if only, ok := o.at["only_for"]; ok && !figure {
		p.errorf(only, "“only_for”只用在统计数上")
	}
	return f
}

func orSelf(o object, word string) *node {
	if n := o.need(word); n != nil {
		return n
	}
	return &node{Kind: scalarNode, Value: "0"}
}

func (p *parser) fieldOptions(o object, f *Field) {
	switch list, ok := o.at["list"]; {
	case ok && o.has("options"):
		p.errorf(list, "“options”和“list”只写一个")
	case ok:
		name := p.str(list)
		f.List = find(p.s.Lists, func(l *List) bool { return l.ID == name })
		if f.List == nil {
			p.errorf(list, "没有选项表“%s”", qiaomen.Clip(name))
			return
		}
		p.used["list."+name] = true
		f.Options = f.List.Options
	default:
		f.Options = p.options(o.need("options"), o.cite)
	}
}

func (p *parser) options(n *node, cite *Clause) []Option {
	var out []Option
	t := p.table(n, cite, "选项")
	for _, key := range t.keys {
		if key.Value == "by" || key.Value == "else" || key.Value == "bands" {
			p.errorf(key, "“%s”是留用的名字，选项请另起一个", key.Value)
		}
		out = append(out, Option{key.Value, p.str(t.at[key.Value])})
	}
	return out
}

func (p *parser) evidence(k *Kind, n *node, cite *Clause) {
	t := p.table(n, cite, "佐证材料")
	if len(t.keys) > 64 {
		p.errorf(n, "佐证材料最多64种")
		return
	}
	for _, key := range t.keys {
		k.Evidence = append(k.Evidence, &EvidenceType{ID: key.Value})
	}
	for i, key := range t.keys {
		o := p.object(t.at[key.Value], cite, "name", "needed", "or")
		e := k.Evidence[i]
		e.Name, e.Cite = o.name("name"), o.cite
		e.Need = Need(o.one("needed", string(Optional), string(ToSubmit), string(ToCount)))
		for _, alt := range p.items(o.at["or"]) {
			if j := p.evidenceRef(alt, k); j >= 0 {
				e.Or = e.Or.With(j)
			}
		}
	}
}

func (p *parser) evidenceRef(n *node, k *Kind) int {
	i := slices.IndexFunc(k.Evidence, func(e *EvidenceType) bool { return e.ID == n.Value })
	if i < 0 {
		p.errorf(n, "“%s”没有佐证材料“%s”", k.Name, qiaomen.Clip(n.Value))
	}
	return i
}

// fieldRef is the field a name refers to.
func (p *parser) fieldRef(k *Kind, n *node) *Field {
	if n == nil || k == nil {
		return nil
	}
	f := k.field(n.Value)
	if f == nil {
		var ids []string
		for _, f := range k.Fields {
			ids = append(ids, f.ID)
		}
		p.errorf(n, "“%s”没有字段“%s”%s", k.Name, qiaomen.Clip(n.Value), qiaomen.Suggest(n.Value, ids))
		return nil
	}
	p.used["field."+k.ID+"."+f.ID] = true
	return f
}

func (p *parser) figures(n *node) {
	t := p.table(n, nil, "统计数")
	for i, key := range t.keys {
		o := p.object(t.at[key.Value], nil, "name", "publisher", "every", "periods", "for_all", "in", "values", "negative")
		f := &FigureSource{ID: key.Value, Name: o.name("name"), Publisher: o.str("publisher"), ForAll: o.flag("for_all"), Cite: o.cite, index: i}
		if p.s.Kind(f.ID) != nil {
			p.errorf(key, "“%s”已经是记录类别", f.ID)
		}
		if o.has("every") {
			f.Every = o.one("every", "day", "month", "quarter", "half", "year", "round")
			p.figurePeriods(f, o)
		} else if o.has("periods") {
			p.errorf(o.key["periods"], "有“periods”就要写“every”")
		}
		switch v, ok := o.at["values"]; {
		case ok && o.has("in"):
			p.errorf(o.key["in"], "有“values”时单位写在各个数里")
		case ok:
			f.Fields = p.fields(v, o.cite, true)
			vt := p.mapping(v, nil, "")
			for j, key := range vt.keys {
				p.onlyPeriods(f, f.Fields[j], vt.at[key.Value])
			}
		default:
			field := &Field{ID: "value", Name: f.Name, Type: AmountField, Scale: each, Need: Always, Negative: o.flag("negative"), Cite: o.cite}
			if in := o.need("in"); in != nil {
				field.Scale = p.scale(in)
			}
			f.Fields = []*Field{field}
		}
		if len(f.Fields) == 0 {
			p.errorf(key, "统计数“%s”至少要有一个数", f.ID)
			f.Fields = []*Field{{Name: f.Name, Type: AmountField, Scale: each}}
		}
		for _, field := range f.Fields {
			if field.Type != AmountField && field.Type != NumberField {
				p.errorf(o.node, "统计数“%s”的“%s”应是数", f.Name, field.Name)
			}
			field.FilledBy = ByStatistics
		}
		p.s.Figures = append(p.s.Figures, f)
	}
}

func (p *parser) figurePeriods(f *FigureSource, o object) {
	if f.Every == "round" {
		for _, r := range p.s.Rounds {
			f.Periods, f.names = append(f.Periods, r.ID), append(f.names, r.Name)
		}
		if len(f.Periods) == 0 {
			p.errorf(o.at["every"], "方案没有轮次（rounds）")
		}
		return
	}
	if f.Every == "day" && !o.has("periods") {
		return // any day
	}
	for _, n := range p.list(o.need("periods")) {
		period := p.str(n)
		if _, err := periodSpan(f.Every, period); err != nil {
			p.errorf(n, "%v", err)
			continue
		}
		if slices.Contains(f.Periods, period) {
			p.errorf(n, "“%s”写了两次", qiaomen.Clip(period))
		}
		f.Periods, f.names = append(f.Periods, period), append(f.names, periodName(f.Every, period))
	}
}

func (p *parser) onlyPeriods(f *FigureSource, field *Field, n *node) {
	o := p.mapping(n, nil, "")
	for _, item := range p.items(o.at["only_for"]) {
		i := slices.Index(f.Periods, item.Value)
		if i < 0 {
			p.errorf(item, "“%s”没有“%s”这一期", f.Name, qiaomen.Clip(item.Value))
			continue
		}
		field.OnlyPeriods = append(field.OnlyPeriods, i)
	}
}

// Kind is the kind of that id, or nil.
func (s *Scheme) Kind(id string) *Kind {
	return find(s.Kinds, func(k *Kind) bool { return k.ID == id })
}

// Figure is the figure of that id, or nil.
func (s *Scheme) Figure(id string) *FigureSource {
	return find(s.Figures, func(f *FigureSource) bool { return f.ID == id })
}

// Index is the kind's position in the scheme: Record.Kind.
func (k *Kind) Index() int { return k.index }

// Index is the figure's position in the scheme: Figure.Source.
func (f *FigureSource) Index() int { return f.index }

// Index is the unit's position in the scheme: Record.Unit.
func (u *Unit) Index() int { return u.index }
