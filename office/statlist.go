package office

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/scheme"
)

// A ListEntry is the statistics side's list of projects that entered the
// statistics (入统清单), typed or imported from its bulletin. Its rows are
// matched with records of one kind.
type ListEntry struct {
	Kind        string           `json:"kind"`
	PublishedOn string           `json:"published_on"`
	Bulletin    qiaomen.Evidence `json:"bulletin"`
	Rows        []ListedProject  `json:"rows"`
}

// A ListedProject is one row of it. Fields is what it says, as fields of the
// kind that the statistics side fills in.
type ListedProject struct {
	Name   string         `json:"name"`
	Unit   string         `json:"unit,omitzero"`
	Code   string         `json:"code,omitzero"`
	Fields jsontext.Value `json:"fields"`
}

// mostListed bounds a list, so that matching all of it is a short act.
const mostListed = 1000

var enterList = &act[ListEntry]{
	action: qiaomen.ActEnterFigure,
	half:   true,
	check: func(d *desk, a *ListEntry) error {
		list := d.checkBulletin(&a.Bulletin, a.PublishedOn, "rows", len(a.Rows), mostListed)
		k := d.rules.Kind(a.Kind)
		switch {
		case k == nil:
			list.add("kind", "方案里没有“"+qiaomen.Clip(a.Kind)+"”这类记录", "")
		case len(fieldsOf(k, scheme.ByStatistics)) == 0:
			list.add("kind", "“"+k.Name+"”没有由统计部门填的内容", "请核对记录类别")
		}
		if len(list) > 0 {
			return faults(list)
		}
		a.Rows = slices.Clone(a.Rows) // they are written anew, and the caller's stay
		for i := range a.Rows {
			list = append(list, d.checkListed(k, a, i)...)
		}
		return faults(list)
	},
	do: func(d *desk, a *ListEntry) (string, error) {
		l := qiaomen.StatisticsList{ID: d.newID("l-"), Kind: a.Kind, PublishedOn: a.PublishedOn, Bulletin: a.Bulletin}
		for i, row := range a.Rows {
			l.Rows = append(l.Rows, qiaomen.ListRow{Number: i + 1, Name: strings.TrimSpace(row.Name), Unit: row.Unit, Code: row.Code, Fields: row.Fields})
		}
		return l.ID, d.emit(&qiaomen.StatisticsListEntered{List: l})
	},
}

// EnterStatisticsList brings in a list of projects that entered the statistics,
// with its bulletin (M11). Nothing of it reaches a record before a second person
// has checked it and its rows are matched.
func (o *Office) EnterStatisticsList(ctx context.Context, by Caller, a ListEntry) (*Answer, error) {
	return perform(ctx, o, by, enterList, a)
}

// checkListed finds what is wrong with one row of a list, and writes its fields
// in their one form.
func (d *desk) checkListed(k *scheme.Kind, a *ListEntry, i int) []*qiaomen.Problem {
	row := &a.Rows[i]
	var list complaints
	add := func(field, text, fix string) {
		list.add(inRow("rows", i, field), fmt.Sprintf("第%d行：%s", i+1, text), fix)
	}
	if records.Normal(row.Name) == "" {
		add("name", "没有项目名称", "请补上")
	}
	if row.Unit != "" && d.rules.Unit(row.Unit) == nil {
		add("unit", "方案里没有单位“"+qiaomen.Clip(row.Unit)+"”", "请核对，或者留空")
	}
	if slices.ContainsFunc(a.Rows[:i], func(x ListedProject) bool {
		return records.Normal(x.Name) == records.Normal(row.Name) && x.Unit == row.Unit && x.Code == row.Code
	}) {
		add("name", "同一项目列了两次", "请删去一行，或者写明各自的编码")
	}
	canonical, values, wrong := records.Fields(d.rules, k, row.Fields, false)
	if len(wrong) == 0 {
		if wrong = records.Owned(k, values, scheme.ByStatistics); string(canonical) == "{}" {
			add("fields", "没有写入统的内容", "请写入统日期、到位资金等")
		}
	}
	for _, p := range wrong {
		add("fields."+p.At.Field, p.Text, p.Fix)
	}
	if len(list) == 0 {
		row.Fields = canonical
	}
	return list
}

// A ListCheck is a second person's word on a list.
type ListCheck struct {
	List   string `json:"list"`
	Refuse bool   `json:"refuse,omitzero"` // it is not what the bulletin says
	Reason string `json:"reason,omitzero"`
}

var checkList = &act[ListCheck]{
	action: qiaomen.ActCheckFigure,
	half:   true,
	check: func(d *desk, a *ListCheck) error {
		l, err := found[qiaomen.StatisticsList](d, "清单", a.List)
		if err != nil {
			return err
		}
		if l.State != qiaomen.Entered {
			return overtaken("这份清单已经复核过")
		}
		if d.is(l.EnteredBy) {
			return d.deny("不能复核自己录入的清单")
		}
		if a.Refuse {
			return reasoned(a.Reason)
		}
		return nil
	},
	do: func(d *desk, a *ListCheck) (string, error) {
		if a.Refuse {
			return a.List, d.emit(&qiaomen.StatisticsListRefused{ID: a.List, Reason: a.Reason})
		}
		return a.List, d.emit(&qiaomen.StatisticsListChecked{ID: a.List})
	},
}

// CheckStatisticsList says that a list is what its bulletin prints, or that it
// is not; never by whoever entered it. From then on its rows can be matched.
func (o *Office) CheckStatisticsList(ctx context.Context, by Caller, a ListCheck) (*Answer, error) {
	return perform(ctx, o, by, checkList, a)
}
