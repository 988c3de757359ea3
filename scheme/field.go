package scheme

import (
	"slices"

	"qiaomen"
)

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

// reservedFields cannot be a field's id: the records file and the tables use
// them for every record.
var reservedFields = []string{
	"kind", "id", "unit", "reported_at", "recognized_at", "revoked_at", "name", "evidence", "published_on",
	"day", "month", "quarter", "half", "year", "round", "fact", "group", "all", "any", "not", "by", "state", "version",
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
