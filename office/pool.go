package office

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/scheme"
	"qiaomen/similar"
	"qiaomen/store"
)

// A CompanyInput is a company of the pool as a form sends it. ID is empty for a
// new one; Unit says who keeps it, and empty that the office does, for all.
type CompanyInput struct {
	ID         string `json:"id,omitzero"`
	Unit       string `json:"unit,omitzero"`
	Name       string `json:"name"`
	CreditCode string `json:"credit_code,omitzero"`
	Class      string `json:"class,omitzero"`
	Region     string `json:"region,omitzero"`
	Remarks    string `json:"remarks,omitzero"`
}

func (d *desk) company(id string) (*qiaomen.Company, error) {
	c, err := found[qiaomen.Company](d, "目标企业", id)
	if err == nil && c.Dropped {
		return nil, lost("目标企业", id)
	}
	return c, err
}

func aboutCompany(d *desk, id string) (qiaomen.Subject, error) {
	c, err := d.company(id)
	if err != nil {
		return own(qiaomen.Subject{}, err)
	}
	return qiaomen.Subject{Unit: c.Unit, Table: c.Table(), ID: c.ID}, nil
}

var keepCompany = &act[CompanyInput]{
	action: qiaomen.ActKeepCompany,
	about: func(d *desk, a *CompanyInput) (qiaomen.Subject, error) {
		if a.ID == "" {
			return qiaomen.Subject{Unit: a.Unit}, nil
		}
		return aboutCompany(d, a.ID)
	},
	check: func(d *desk, a *CompanyInput) error {
		if a.ID != "" {
			c, err := d.company(a.ID)
			if err != nil {
				return err
			}
			a.Unit = c.Unit
		}
		if a.Unit != "" {
			if _, err := d.unit(a.Unit); err != nil {
				return err
			}
		}
		list := a.check()
		twice, err := d.keptTwice(a)
		if err != nil {
			return err
		}
		return faults(append(list, twice...))
	},
	do: func(d *desk, a *CompanyInput) (string, error) {
		if a.ID == "" {
			a.ID = d.newID("f-")
		}
		return a.ID, d.emit(&qiaomen.CompanyKept{Company: qiaomen.Company{
			ID: a.ID, Name: a.Name, CreditCode: a.CreditCode, Class: a.Class, Region: a.Region, Remarks: a.Remarks,
			Unit: a.Unit, Key: records.Normal(a.Name),
		}})
	},
}

// KeepCompany puts a company into the pool of companies worth courting, or
// changes what it says there (五(二)). A unit keeps its own; the office keeps
// those for all, and may keep any unit's.
func (o *Office) KeepCompany(ctx context.Context, by Caller, a CompanyInput) (*Answer, error) {
	return perform(ctx, o, by, keepCompany, a)
}

func (a *CompanyInput) check() []*qiaomen.Problem {
	var list []*qiaomen.Problem
	add := func(field, text, fix string) {
		list = append(list, &qiaomen.Problem{Text: text, Fix: fix, At: qiaomen.Place{Field: field}})
	}
	for _, one := range []struct {
		field string
		text  *string
		most  int
	}{{"name", &a.Name, mostName}, {"class", &a.Class, 40}, {"region", &a.Region, 60}, {"remarks", &a.Remarks, mostItem}} {
		if *one.text = strings.TrimSpace(*one.text); len([]rune(*one.text)) > one.most {
			add(one.field, fmt.Sprintf("超过%d个字", one.most), "请写得短些")
		}
		list = append(list, private(one.field, *one.text)...)
	}
	if records.Normal(a.Name) == "" {
		add("name", "没有写企业名称", "请写全称")
	}
	a.CreditCode = strings.ToUpper(strings.TrimSpace(a.CreditCode))
	if a.CreditCode != "" && !creditCodeHolds(a.CreditCode) {
		add("credit_code", "统一社会信用代码“"+qiaomen.Clip(a.CreditCode)+"”不对，校验位不符", "请对照营业执照核对，共18位")
	}
	return list
}

// keptTwice finds the company in the pool already: among those of the same
// keeper, and those that the office keeps for all. What other units keep is
// their secret, and does not stand in the way.
func (d *desk) keptTwice(a *CompanyInput) ([]*qiaomen.Problem, error) {
	var list []*qiaomen.Problem
	key := records.Normal(a.Name)
	for c, err := range store.Each[qiaomen.Company](d.r, store.Filter{States: []qiaomen.State{"kept"}}) {
		if err != nil {
			return nil, err
		}
		if c.ID == a.ID || c.Unit != a.Unit && c.Unit != "" {
			continue
		}
		pointer := "请改 " + c.ID + "“" + qiaomen.Clip(c.Name) + "”，不必另建"
		switch {
		case key != "" && c.Key == key:
			list = append(list, &qiaomen.Problem{Text: "目标企业库里已有“" + qiaomen.Clip(a.Name) + "”", Fix: pointer, At: qiaomen.Place{Field: "name"}})
		case a.CreditCode != "" && c.CreditCode == a.CreditCode:
			list = append(list, &qiaomen.Problem{Text: "目标企业库里已有这个统一社会信用代码", Fix: pointer, At: qiaomen.Place{Field: "credit_code"}})
		}
	}
	return list, nil
}

// codeDigits is the digits of a credit code, by their values: without I, O, S, V
// and Z, which look like others (GB 32100-2015).
const codeDigits = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// creditCodeHolds tells whether the last digit of a code is the one that the
// others ask for: the sum of 3^i times each, and it, is a multiple of 31.
func creditCodeHolds(code string) bool {
	if len(code) != 18 {
		return false
	}
	sum, weight := 0, 1
	for i := range code {
		value := strings.IndexByte(codeDigits, code[i])
		if value < 0 {
			return false
		}
		if i == len(code)-1 {
			return (sum+value)%31 == 0
		}
		sum += value * weight
		weight = weight * 3 % 31
	}
	return false
}

var dropCompany = &act[Named]{
	action: qiaomen.ActKeepCompany,
	about:  func(d *desk, a *Named) (qiaomen.Subject, error) { return aboutCompany(d, a.ID) },
	check: func(d *desk, a *Named) error {
		_, err := d.company(a.ID)
		return err
	},
	do: func(d *desk, a *Named) (string, error) { return a.ID, d.emit(&qiaomen.CompanyDropped{ID: a.ID}) },
}

// DropCompany takes a company out of the pool.
func (o *Office) DropCompany(ctx context.Context, by Caller, id string) (*Answer, error) {
	return perform(ctx, o, by, dropCompany, Named{id})
}

// A CompanyFilter says which companies a page of the pool holds; what is empty
// is not asked. With a Unit it is what that unit may see: its own and those that
// the office keeps for all.
type CompanyFilter struct {
	// Like asks for companies that may be this one under another name, the likest
	// first; there is one page of them.
	Like  string
	Unit  string
	Class string
	Name  string // a part of it
	After string // the id with which the page before ended
	Limit int
}

// A CompanyView is a company of the pool with the records that name it.
type CompanyView struct {
	*qiaomen.Company
	Mentions []Mention `json:"mentions,omitzero"`
	// Like is how its name is like the one that was asked for.
	Like string `json:"like,omitzero"`

	score int
}

// A Mention is a record that names a company: Field is where.
type Mention struct {
	Record string        `json:"record,omitzero"`
	Kind   string        `json:"kind,omitzero"`
	Unit   string        `json:"unit,omitzero"`
	Name   string        `json:"name,omitzero"`
	Field  string        `json:"field,omitzero"`
	State  qiaomen.State `json:"state,omitzero"`
}

// Companies is a page of the pool by id, each company with the records in which
// it stands (M22). A record names a company where one of its fields of text, or
// an entry of one of its lists, is the company's name, as records.Normal
// compares names, or its credit code: whatever kinds and fields the scheme has.
func (o *Office) Companies(ctx context.Context, by Caller, f CompanyFilter) (out []*CompanyView, err error) {
	action := reading(f.Unit)
	err = o.lookIn(ctx, by, action, func(*desk) (string, error) { return f.Unit, nil }, func(d *desk) error {
		selected := d.selected(action)
		for c, err := range store.Each[qiaomen.Company](d.r, store.Filter{States: []qiaomen.State{"kept"}, After: f.After}) {
			if err != nil {
				return err
			}
			seen := f.Unit == "" || c.Unit == "" || c.Unit == f.Unit
			if !seen || selected && c.Unit != "" || f.Class != "" && c.Class != f.Class || !strings.Contains(c.Key, records.Normal(f.Name)) {
				continue
			}
			v := &CompanyView{Company: c}
			if f.Like != "" {
				verdict := similar.Compare(similar.Thing{Company: f.Like}, similar.Thing{Company: c.Name, Code: c.CreditCode})
				if verdict.Judgement == similar.Different {
					continue
				}
				v.Like, v.score = verdict.String(), verdict.Score
			}
			if out = append(out, v); f.Like == "" && len(out) == pageSize(f.Limit) {
				break
			}
		}
		if f.Like != "" {
			slices.SortStableFunc(out, func(a, b *CompanyView) int { return b.score - a.score })
			out = out[:min(len(out), pageSize(f.Limit))]
		}
		return d.mentions(out, f.Unit, selected)
	})
	return out, err
}

// mentions finds the records, of one unit or of all, that name the companies.
func (d *desk) mentions(companies []*CompanyView, unit string, selected bool) error {
	by := map[string][]*CompanyView{}
	for _, c := range companies {
		by[c.Key] = append(by[c.Key], c)
		if code := records.Normal(c.CreditCode); code != "" {
			by[code] = append(by[code], c)
		}
	}
	if len(by) == 0 {
		return nil
	}
	for r, err := range store.Each[qiaomen.LedgerRecord](d.r, store.Filter{Unit: unit}) {
		if err != nil {
			return err
		}
		k := d.rules.Kind(r.Kind)
		if k == nil || selected && !chosen(r) {
			continue
		}
		names, err := textsOf(k, r)
		if err != nil {
			return err
		}
		for _, one := range names {
			for _, c := range by[records.Normal(one.text)] {
				m := Mention{Record: r.ID, Kind: r.Kind, Unit: r.Unit, Name: r.Content.Name, Field: one.field, State: r.State}
				if !slices.Contains(c.Mentions, m) {
					c.Mentions = append(c.Mentions, m)
				}
			}
		}
	}
	return nil
}

type fieldText struct{ field, text string }

// textsOf is every text of a record's fields of text and of lists.
func textsOf(k *scheme.Kind, r *qiaomen.LedgerRecord) ([]fieldText, error) {
	fields, err := mergedFields(k, r)
	if err != nil {
		return nil, err
	}
	var out []fieldText
	for _, f := range k.Fields {
		raw, given := fields[f.ID]
		switch {
		case !given:
		case f.Type == scheme.TextField:
			var text string
			if err := json.Unmarshal(raw, &text); err != nil {
				return nil, err
			}
			out = append(out, fieldText{f.ID, text})
		case f.Type == scheme.ListField:
			var list []string
			if err := json.Unmarshal(raw, &list); err != nil {
				return nil, err
			}
			for _, text := range list {
				out = append(out, fieldText{f.ID, text})
			}
		}
	}
	return out, nil
}
