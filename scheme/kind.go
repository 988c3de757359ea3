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
	// Company and Project are the fields that name them, by which records are
	// held to look like one thing. Project is the name where nothing is said;
	// Company is nil where the kind names none.
	Company, Project *Field
	Cite             *Clause
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
		io := p.object(id, o.cite, "by", "first_report_among", "company", "project")
		k.Identity = &Identity{Among: p.groupRefs(io.need("first_report_among"), ""), Cite: io.cite}
		for _, f := range p.list(io.need("by")) {
			if ref := p.fieldRef(k, f); ref != nil {
				k.Identity.By = append(k.Identity.By, ref)
			}
		}
		k.Identity.Company = p.textRef(k, io, "company")
		k.Identity.Project = p.textRef(k, io, "project")
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

// Kind is the kind of that id, or nil.
func (s *Scheme) Kind(id string) *Kind {
	return find(s.Kinds, func(k *Kind) bool { return k.ID == id })
}

// Index is the kind's position in the scheme: Record.Kind.
func (k *Kind) Index() int { return k.index }

// Index is the unit's position in the scheme: Record.Unit.
func (u *Unit) Index() int { return u.index }

// textRef is the text field that a word of an identity names; nil where the word
// is not there.
func (p *parser) textRef(k *Kind, o object, word string) *Field {
	n, ok := o.at[word]
	if !ok {
		return nil
	}
	f := p.fieldRef(k, n)
	if f != nil && f.Type != TextField {
		p.errorf(n, "“%s”应是文字字段", word)
		return nil
	}
	return f
}
