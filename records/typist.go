package records

import (
	"fmt"
	"maps"
	"slices"

	"qiaomen"
	"qiaomen/scheme"
)

// A typist types what stands in JSON by the scheme, and keeps what is wrong.
// It is the one place that knows what an amount, a day or an option looks
// like, in a line of the file and in the fields of one record.
type typist struct {
	s      *scheme.Scheme
	units  map[string]int // by id; made when the first is looked for
	parse  *parser
	words  *wording
	at     qiaomen.Place // file and line
	faults Faults
}

// A wording is what faults call the thing that is read; in pairs, what is
// wrong and what to do.
type wording struct {
	whole, fields, unfinished string
	noObject, more, tooLong   [2]string
}

var (
	ofLine = wording{
		whole: WholeLine, fields: "一行的字段", unfinished: "请补上引号或括号；一条记录写在一行里",
		noObject: [2]string{"一行应是一个JSON对象", `请写成 {"kind": …, "id": …}`},
		more:     [2]string{"一行只写一个JSON对象，后面还有别的内容", "请另起一行或者删去"},
		tooLong:  [2]string{"这一行", "一行只写一条记录，过长的内容请删减"},
	}
	ofObject = wording{
		whole: WholeObject, fields: "字段", unfinished: "请补上引号或括号",
		noObject: [2]string{"各字段应写成一个JSON对象", `请写成 {"字段": …}`},
		more:     [2]string{"各字段应写成一个JSON对象，后面还有别的内容", "请删去"},
		tooLong:  [2]string{"各字段合起来", "过长的内容请删减"},
	}
)

func (t *typist) fault(field, text, fix string) {
	if field == "" {
		field = t.words.whole
	}
	t.faults.Total++
	if t.faults.full() {
		return
	}
	at := t.at
	at.Field = qiaomen.Clip(field)
	t.faults.First = append(t.faults.First, &qiaomen.Problem{Text: text, Fix: fix, At: at})
}

func (t *typist) tooLong() {
	t.fault("", fmt.Sprintf("%s超过%d MiB", t.words.tooLong[0], maxLine>>20), t.words.tooLong[1])
}

func (t *typist) undeclared(s *shape, name string) {
	if t.faults.full() {
		t.fault(name, "", "") // counted only: a million of them need no advice
		return
	}
	words := slices.Clone(s.fixed)
	for _, f := range s.fields {
		words = append(words, f.ID)
	}
	t.fault(name, fmt.Sprintf("“%s”没有“%s”这个字段%s", s.title(), qiaomen.Clip(name), qiaomen.Suggest(name, words)), "")
}

func (t *typist) unitRef(name, id string) int {
	if t.units == nil {
		t.units = map[string]int{}
		for _, u := range t.s.Units {
			t.units[u.ID] = u.Index()
		}
	}
	unit, ok := t.units[id]
	if ok {
		return unit
	}
	if t.faults.full() {
		t.fault(name, "", "") // counted only
		return 0
	}
	text, fix := "方案里没有单位“"+qiaomen.Clip(id)+"”", ""
	if u, err := t.s.FindUnit(id); err == nil {
		fix = "请写它的代号 " + u.ID
	} else {
		text += qiaomen.Suggest(id, slices.Sorted(maps.Keys(t.units)))
	}
	t.fault(name, text, fix)
	return 0
}

// period is the figure's period of that text, or -1: its position, or the day
// itself where every day is one.
func period(f *scheme.FigureSource, text string) (int, error) {
	if f.Every == "day" && len(f.Periods) == 0 {
		d, err := qiaomen.ParseDate(text)
		if err != nil {
			return -1, err
		}
		return int(d), nil
	}
	i := slices.Index(f.Periods, text)
	if i < 0 {
		return -1, fmt.Errorf("“%s”不在方案要的各期之内（%s）", qiaomen.Clip(text), some(f.Periods))
	}
	return i, nil
}

// onlyPeriods finds numbers that the figure's period cannot have.
func (t *typist) onlyPeriods(f *scheme.FigureSource, period int) {
	for _, field := range f.Fields {
		if field.OnlyPeriods == nil || period < 0 || slices.Contains(field.OnlyPeriods, period) {
			continue
		}
		if t.parse.find([]byte(field.ID)) != nil {
			t.fault(field.ID, fmt.Sprintf("“%s”这一期没有“%s”", f.Periods[period], field.Name), "请删去")
		}
	}
}

func (t *typist) notText(name string, raw []byte) {
	if raw[0] == 'n' {
		t.fault(name, "不能是 null", "没有就不写这个字段")
		return
	}
	t.fault(name, "应是文字", "请写成 \"…\"")
}

// missing reports a field that must be there and is not.
func (t *typist) missing(name, title string) {
	if t.parse.find([]byte(name)) == nil {
		t.fault(name, "缺少"+title, "请补上")
	}
}
