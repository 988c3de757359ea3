package office

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/scheme"
	"qiaomen/store"
)

// A FigureBatch is official numbers typed from one bulletin (附3·五(四)).
type FigureBatch struct {
	Bulletin    qiaomen.Evidence `json:"bulletin"`
	PublishedOn string           `json:"published_on"`
	Figures     []FigureEntry    `json:"figures"`
}

// A FigureEntry is the numbers of one unit for one period, as the bulletin
// prints them: a growth rate too is kept as printed (M12).
type FigureEntry struct {
	Source string         `json:"source"`          // figure of the scheme
	Unit   string         `json:"unit,omitzero"`   // empty where it holds for all
	Period string         `json:"period,omitzero"` // 2024Q1
	Values jsontext.Value `json:"values"`
}

// mostFigures is how many numbers one batch, and how many rows one list, may
// bring.
const mostFigures = 5000

var enterFigures = &act[FigureBatch]{
	action: qiaomen.ActEnterFigure,
	half:   true,
	about: func(_ *desk, a *FigureBatch) (qiaomen.Subject, error) {
		var s qiaomen.Subject
		for _, f := range a.Figures {
			if f.Unit != "" && !slices.Contains(s.Units, f.Unit) {
				s.Units = append(s.Units, f.Unit)
			}
		}
		return s, nil
	},
	check: func(d *desk, a *FigureBatch) error {
		list := d.checkBulletin(&a.Bulletin, a.PublishedOn, "figures", len(a.Figures), mostFigures)
		if len(list) > 0 {
			return faults(list)
		}
		standing, err := d.standing()
		if err != nil {
			return err
		}
		a.Figures = slices.Clone(a.Figures) // they are written anew, and the caller's stay
		for i := range a.Figures {
			list = append(list, d.checkFigure(a, i, standing)...)
		}
		return faults(list)
	},
	do: func(d *desk, a *FigureBatch) (string, error) {
		batch := ""
		for _, f := range a.Figures {
			id := d.newID("f-")
			if batch == "" {
				batch = id
			}
			if err := d.emit(&qiaomen.FigureEntered{Figure: qiaomen.LedgerFigure{
				ID: id, Source: f.Source, Unit: f.Unit, Period: f.Period, PublishedOn: a.PublishedOn,
				Values: f.Values, Bulletin: a.Bulletin, Batch: batch,
			}}); err != nil {
				return "", err
			}
		}
		return batch, nil
	},
}

// EnterFigures types official numbers from a bulletin, whose file is kept
// beside them (M12). They wait for a second person; scoring sees none that was
// not checked. A number that corrects another is a new one, published no
// earlier: the one published last holds, and nothing is overwritten. The answer
// is the batch, which is called by its first figure.
func (o *Office) EnterFigures(ctx context.Context, by Caller, a FigureBatch) (*Answer, error) {
	return perform(ctx, o, by, enterFigures, a)
}

// checkBulletin finds what is wrong with a bulletin and with how much was taken
// from it.
func (d *desk) checkBulletin(bulletin *qiaomen.Evidence, published, field string, rows, most int) complaints {
	var list complaints
	if p := d.kept("bulletin", bulletin); p != nil {
		list = append(list, p)
	}
	if p := d.pastDay("published_on", "发布日期", published); p != nil {
		list = append(list, p)
	}
	switch {
	case rows == 0:
		list.add(field, "没有录入任何一行", "请照公报录入")
	case rows > most:
		list.add(field, fmt.Sprintf("一次最多%d行", most), "请分几次录入")
	}
	return list
}

// pastDay asks that a text is a day that has come.
func (d *desk) pastDay(field, name, text string) *qiaomen.Problem {
	day, err := qiaomen.ParseDate(text)
	switch {
	case err != nil:
		return &qiaomen.Problem{Text: name + "：" + err.Error(), Fix: "应写成 2024-04-18 这样", At: qiaomen.Place{Field: field}}
	case day.String() > d.day:
		return &qiaomen.Problem{Text: name + "在今天之后", Fix: "请核对", At: qiaomen.Place{Field: field}}
	}
	return nil
}

// figureOf is what a figure is of: two of the same are two publications of one
// number.
type figureOf struct{ source, unit, period string }

// standing is the last day of publication of every number that was entered and
// not refused.
func (d *desk) standing() (map[figureOf]string, error) {
	all, err := store.All[qiaomen.LedgerFigure](d.r, store.Filter{States: []qiaomen.State{qiaomen.Entered, qiaomen.Checked}})
	out := map[figureOf]string{}
	for _, f := range all {
		of := figureOf{f.Source, f.Unit, f.Period}
		out[of] = max(out[of], f.PublishedOn)
	}
	return out, err
}

// checkFigure finds what is wrong with one row of a batch, and writes its values
// in their one form.
func (d *desk) checkFigure(a *FigureBatch, i int, standing map[figureOf]string) []*qiaomen.Problem {
	f := &a.Figures[i]
	var list complaints
	add := func(field, text, fix string) {
		list.add(inRow("figures", i, field), fmt.Sprintf("第%d行：%s", i+1, text), fix)
	}
	source := d.rules.Figure(f.Source)
	if source == nil {
		add("source", "方案里没有官方数据“"+qiaomen.Clip(f.Source)+"”", "")
		return list
	}
	switch {
	case source.ForAll && f.Unit != "":
		add("unit", "“"+source.Name+"”对所有单位相同，不分单位", "请删去单位")
	case !source.ForAll && d.rules.Unit(f.Unit) == nil:
		add("unit", "方案里没有单位“"+qiaomen.Clip(f.Unit)+"”", "请核对")
	}
	period := 0
	if source.Every != "" {
		var wrong *qiaomen.Problem
		if period, wrong = records.Period(source, f.Period); wrong != nil {
			add("period", wrong.Text, wrong.Fix)
			return list
		}
	} else if f.Period != "" {
		add("period", "“"+source.Name+"”不分期", "请删去统计期")
	}
	canonical, _, wrong := records.FigureFields(d.rules, source, period, f.Values, true)
	for _, p := range wrong {
		add("values."+p.At.Field, p.Text, p.Fix)
	}
	of := figureOf{f.Source, f.Unit, f.Period}
	if last := standing[of]; last > a.PublishedOn {
		add("published_on", "已有"+last+"发布的同一数据，比这一份晚", "更正的数据，发布日期不能早于原来的")
	}
	if slices.ContainsFunc(a.Figures[:i], func(x FigureEntry) bool { return figureOf{x.Source, x.Unit, x.Period} == of }) {
		add("", "同一单位、同一统计期录了两次", "请删去一行")
	}
	if len(list) == 0 {
		f.Values = canonical
	}
	return list
}

// inRow is where something stands in a list that was sent.
func inRow(list string, i int, field string) string {
	at := fmt.Sprintf("%s[%d]", list, i)
	if field != "" {
		at += "." + field
	}
	return at
}

// A FigureCheck is a second person's word on figures: all of a batch that still
// wait, or the ones named.
type FigureCheck struct {
	Batch   string   `json:"batch,omitzero"`
	Figures []string `json:"figures,omitzero"`
	Refuse  bool     `json:"refuse,omitzero"` // it is not what the bulletin says
	Reason  string   `json:"reason,omitzero"`
}

var checkFigures = &act[FigureCheck]{
	action: qiaomen.ActCheckFigure,
	half:   true,
	about: func(d *desk, a *FigureCheck) (qiaomen.Subject, error) {
		all, err := d.figures(a)
		var s qiaomen.Subject
		for _, f := range all {
			if f.Unit != "" {
				s.Units = append(s.Units, f.Unit)
			}
		}
		return s, err
	},
	check: func(d *desk, a *FigureCheck) error {
		all, err := d.figures(a)
		if err != nil {
			return err
		}
		var list complaints
		for _, f := range all {
			if d.is(f.EnteredBy) {
				return d.deny("不能复核自己录入的数据")
			}
			if f.State != qiaomen.Entered {
				list.add("figures", "数据“"+f.ID+"”已经复核过", "请刷新后查看")
			}
		}
		if a.Refuse && a.Reason == "" {
			list.add("reason", "没有写理由", "请写明哪里与公报不符")
		}
		return faults(list)
	},
	do: func(d *desk, a *FigureCheck) (string, error) {
		all, err := d.figures(a)
		if err != nil {
			return "", err
		}
		for _, f := range all {
			var e qiaomen.Event = &qiaomen.FigureChecked{ID: f.ID}
			if a.Refuse {
				e = &qiaomen.FigureRefused{ID: f.ID, Reason: a.Reason}
			}
			if err := d.emit(e); err != nil {
				return "", err
			}
		}
		return all[0].ID, nil
	},
}

// CheckFigures says that figures are what the bulletin prints, or that they are
// not; never by whoever entered them (separation 8). From then on scoring sees
// those that are.
func (o *Office) CheckFigures(ctx context.Context, by Caller, a FigureCheck) (*Answer, error) {
	return perform(ctx, o, by, checkFigures, a)
}

// figures is those that a check is about; at least one.
func (d *desk) figures(a *FigureCheck) ([]*qiaomen.LedgerFigure, error) {
	if a.Batch == "" && len(a.Figures) == 0 || a.Batch != "" && len(a.Figures) > 0 {
		return nil, problem("没有说明复核哪些数据", "请写批次，或逐个写数据的编号")
	}
	var out []*qiaomen.LedgerFigure
	for _, id := range slices.Compact(slices.Sorted(slices.Values(a.Figures))) {
		f, err := found[qiaomen.LedgerFigure](d, "数据", id)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	if a.Batch == "" {
		return out, nil
	}
	out, err := store.All[qiaomen.LedgerFigure](d.r, store.Filter{Key: a.Batch, States: []qiaomen.State{qiaomen.Entered}})
	if err == nil && len(out) == 0 {
		err = lost("等待复核的数据", a.Batch)
	}
	return out, err
}

// fieldsOf is the fields of a kind that somebody fills in.
func fieldsOf(k *scheme.Kind, by scheme.Filler) []*scheme.Field {
	return slices.DeleteFunc(slices.Clone(k.Fields), func(f *scheme.Field) bool { return f.FilledBy != by })
}
