package office

import (
	"context"
	"slices"

	"qiaomen"
	"qiaomen/scheme"
	"qiaomen/store"
)

// A Listing says which records a page holds, and in which order; what is empty
// is not asked.
type Listing struct {
	Unit       string          `json:"unit,omitzero"`
	Kind       string          `json:"kind,omitzero"`
	States     []qiaomen.State `json:"states,omitzero"`
	Where      []Condition     `json:"where,omitzero"`
	By         string          `json:"by,omitzero"` // a field of the kind, or name; empty: the place among first reports
	Descending bool            `json:"descending,omitzero"`
	After      string          `json:"-"` // as the page before said
	Limit      int             `json:"-"`
}

// A Condition is on one field of the kind, or on name. Of a text, an option or a
// flag it is Equals or Prefix, of a day and a number Equals, or From and To, both
// included.
type Condition struct {
	Field  string `json:"field"`
	Equals string `json:"equals,omitzero"`
	Prefix string `json:"prefix,omitzero"`
	From   string `json:"from,omitzero"`
	To     string `json:"to,omitzero"`
}

// A Page is some of the records, and where the next page begins.
type Page struct {
	Records []*qiaomen.LedgerRecord
	Next    string // empty: there is no other
}

// mostOnPage is how many things one page holds at most.
const mostOnPage = 200

func pageSize(asked int) int {
	if asked <= 0 || asked > mostOnPage {
		return mostOnPage
	}
	return asked
}

// Records is a page of records: of a unit, or with none named of all. No
// personal field is among them.
func (o *Office) Records(ctx context.Context, by Caller, f Listing) (page Page, err error) {
	action := reading(f.Unit)
	err = o.lookIn(ctx, by, action, func(*desk) (string, error) { return f.Unit, nil }, func(d *desk) error {
		l, list := d.listing(f)
		if err := faults(list); err != nil {
			return err
		}
		for selected := d.selected(action); ; {
			some, next, err := store.Records(d.r, l)
			if err != nil {
				return err
			}
			for _, r := range some {
				if selected && !chosen(r) {
					continue
				}
				if selected {
					r.Amendment = nil
				}
				page.Records = append(page.Records, r)
			}
			if page.Next = next; next == "" || len(page.Records) == pageSize(f.Limit) {
				return nil
			}
			l.After, l.Limit = next, pageSize(f.Limit)-len(page.Records)
		}
	})
	return page, err
}

// listing is what a form asks, as the store takes it.
func (d *desk) listing(f Listing) (store.List, []*qiaomen.Problem) {
	l := store.List{Unit: f.Unit, Kind: f.Kind, States: f.States, By: f.By, Descending: f.Descending, After: f.After, Limit: pageSize(f.Limit)}
	k := d.rules.Kind(f.Kind)
	var list []*qiaomen.Problem
	if f.Kind != "" && k == nil {
		list = append(list, &qiaomen.Problem{Text: "方案里没有“" + qiaomen.Clip(f.Kind) + "”这类记录", At: qiaomen.Place{Field: "kind"}})
	}
	if f.By != "" {
		field, wrong := listable(k, f.By)
		if wrong != nil {
			list = append(list, wrong)
		}
		l.Numbers = numeric(field)
	}
	for _, c := range f.Where {
		w, wrong := condition(k, c)
		if l.Where = append(l.Where, w); wrong != nil {
			list = append(list, wrong)
		}
	}
	return l, list
}

// listable is a field that lists can filter and sort by; nil for the name.
func listable(k *scheme.Kind, id string) (*scheme.Field, *qiaomen.Problem) {
	say := func(text, fix string) (*scheme.Field, *qiaomen.Problem) {
		return nil, &qiaomen.Problem{Text: text, Fix: fix, At: qiaomen.Place{Field: id}}
	}
	if id == "name" {
		return nil, nil
	}
	if k == nil {
		return say("先选记录类别，才能按“"+qiaomen.Clip(id)+"”查找、排序", "请选一类记录")
	}
	i := slices.IndexFunc(k.Fields, func(f *scheme.Field) bool { return f.ID == id })
	switch {
	case i < 0:
		return say("“"+k.Name+"”没有字段“"+qiaomen.Clip(id)+"”", "请核对")
	case k.Fields[i].Personal:
		return say("“"+k.Fields[i].Name+"”是个人信息，不能用来查找、排序", "请换一个字段")
	case k.Fields[i].Type == scheme.ListField:
		return say("“"+k.Fields[i].Name+"”是名单，不能用来查找、排序", "请换一个字段")
	}
	return k.Fields[i], nil
}

func numeric(f *scheme.Field) bool {
	return f != nil && (f.Type == scheme.NumberField || f.Type == scheme.AmountField || f.Type == scheme.JudgedField)
}

func condition(k *scheme.Kind, c Condition) (store.Where, *qiaomen.Problem) {
	w := store.Where{Field: c.Field, Equals: c.Equals, Prefix: c.Prefix}
	field, wrong := listable(k, c.Field)
	spans := field != nil && field.Type == scheme.DateField || numeric(field)
	switch {
	case wrong != nil:
		return w, wrong
	case spans && c.Prefix != "" || !spans && (c.From != "" || c.To != ""):
		return w, &qiaomen.Problem{Text: "日期和数字按起止查找，文字按开头查找", Fix: "请改条件", At: qiaomen.Place{Field: c.Field}}
	case !spans:
		return w, nil
	case !numeric(field):
		for _, day := range []string{c.Equals, c.From, c.To} {
			if _, err := qiaomen.ParseDate(day); day != "" && err != nil {
				return w, &qiaomen.Problem{Text: err.Error(), At: qiaomen.Place{Field: c.Field}}
			}
		}
		w.From, w.To = c.From, c.To
		return w, nil
	}
	if w.Equals = ""; c.Equals != "" {
		c.From, c.To = c.Equals, c.Equals
	}
	for _, end := range []struct {
		text string
		into **qiaomen.Number
	}{{c.From, &w.Least}, {c.To, &w.Most}} {
		if end.text == "" {
			continue
		}
		n, err := qiaomen.ParseDecimal(end.text)
		if err != nil {
			return w, &qiaomen.Problem{Text: "“" + qiaomen.Clip(end.text) + "”不是数", Fix: "请写数字", At: qiaomen.Place{Field: c.Field}}
		}
		*end.into = &n
	}
	return w, nil
}
