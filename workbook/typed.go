package workbook

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"
	"qiaomen"
	"qiaomen/scheme"
)

// A cell is one cell of a sheet as the file has it, or one of a CSV file.
type cell struct {
	col     int
	kind    cellKind
	text    string // a text, or a number's decimals
	formula bool
	percent bool // shown as a percentage
	dated   bool // shown as a date or time
}

type cellKind int

const (
	textCell cellKind = iota
	numberCell
	flagCell
	errorCell
)

// said is what is wrong with a cell, or doubtful about it, and what to do.
type said struct {
	text, fix string
	doubt     bool // the value is taken all the same
}

func wrong(text, fix string) *said { return &said{text: text, fix: fix} }

// typist types cells by field. It takes what clerks write: dates and amounts
// in many shapes, names or ids, ticks and crosses. What it cannot be sure of
// it refuses: a guess would change a ranking.
type typist struct {
	s         *scheme.Scheme
	since1904 bool // how the workbook counts its days
}

// value types a cell by its field; in is the unit of measure that the head of
// the column names, or nil.
func (t *typist) value(f *scheme.Field, in *scheme.Scale, c cell) (qiaomen.Value, *said) {
	if c.kind == errorCell {
		return qiaomen.Value{}, wrong("公式算不出来（"+qiaomen.Clip(c.text)+"）", "请直接填数")
	}
	if f.Type != scheme.TextField && f.Type != scheme.RecordField && void(c.text) {
		return qiaomen.Value{}, nil
	}
	switch f.Type {
	case scheme.AmountField, scheme.NumberField, scheme.JudgedField:
		n, say := t.number(f, in, c)
		if say != nil && !say.doubt {
			return qiaomen.Value{}, say
		}
		return qiaomen.Value{Given: true, Number: f.Scale.Held(n)}, say
	case scheme.DateField:
		d, say := t.date(c)
		return qiaomen.Value{Given: d != 0, Date: d}, say
	case scheme.FlagField:
		yes, say := t.flag(c)
		return qiaomen.Value{Given: say == nil, Flag: yes}, say
	case scheme.OptionField:
		return t.option(f, c)
	case scheme.ListField:
		list := entries(c.text)
		return qiaomen.Value{Given: len(list) > 0, List: list}, nil
	case scheme.UnitField:
		u, problem := unitOf(t.s, trim(c.text))
		if u == nil {
			return qiaomen.Value{}, wrong(problem, "请从下拉列表里选")
		}
		return qiaomen.Value{Given: true, Text: u.ID}, nil
	}
	text, say := t.text(c)
	return qiaomen.Value{Given: text != "", Text: text}, say
}

func (t *typist) option(f *scheme.Field, c cell) (qiaomen.Value, *said) {
	text := trim(plain(c.text))
	i := optionOf(f.Options, text)
	open := f.List != nil && f.List.Open
	switch {
	case open && i >= 0:
		return qiaomen.Value{Given: true, Option: i, Text: f.Options[i].ID}, nil
	case open:
		return qiaomen.Value{Given: text != "", Option: -1, Text: text}, nil
	case i < 0:
		var names []string
		for _, o := range f.Options {
			names = append(names, o.Name)
		}
		return qiaomen.Value{}, wrong("没有“"+qiaomen.Clip(text)+"”这一项", "请从下拉列表里选："+strings.Join(names[:min(len(names), 12)], "、"))
	}
	return qiaomen.Value{Given: true, Option: i}, nil
}

// text is a cell as text. A number is as it was typed, a day as a day.
func (t *typist) text(c cell) (string, *said) {
	if c.kind != numberCell {
		return trim(plain(c.text)), nil
	}
	if c.dated {
		if d, say := t.date(c); say == nil {
			return d.String(), nil
		}
	}
	if significant(c.text) > 15 || strings.ContainsAny(c.text, "eE") {
		return "", wrong("“"+qiaomen.Clip(c.text)+"”是按数字存的，超过15位的已经不准", "请把单元格设为“文本”格式后重新填写")
	}
	if c.percent {
		if n, err := qiaomen.ParseDecimal(c.text); err == nil {
			return n.Mul(qiaomen.Int(100)).String() + "%", nil
		}
	}
	return c.text, nil
}

func significant(text string) int {
	n := 0
	for _, r := range strings.TrimLeft(text, "-0.") {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}

var (
	yesWords = strings.Fields("是 √ ✓ ✔ ☑ 有 对 已 y yes true t 1 已附 已核实 已有 具备 属实")
	noWords  = strings.Fields("否 × ✗ ✘ ☒ x 无 没有 错 未 n no false f 0 未附 未核实 不是 不")
)

// flag is whether a cell says yes.
func (t *typist) flag(c cell) (bool, *said) {
	key := folded(c.text)
	switch {
	case c.kind == errorCell:
		return false, wrong("公式算不出来（"+qiaomen.Clip(c.text)+"）", "请填“是”或“否”")
	case slices.Contains(yesWords, key):
		return true, nil
	case slices.Contains(noWords, key):
		return false, nil
	}
	return false, wrong("“"+qiaomen.Clip(c.text)+"”看不出是还是否", "请填“是”或“否”")
}

// void tells that a cell of anything but text is left empty: blank, or a dash.
func void(text string) bool {
	return slices.Contains([]string{"", "-", "--", "—", "——", "/", "\\", "－"}, tidy(text))
}

// tidy is a text in half width without spaces and format characters.
func tidy(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, width.Fold.String(text))
}

func trim(s string) string { return strings.TrimFunc(s, unicode.IsSpace) }

var asciiComma = regexp.MustCompile(`([^\x00-\x7f]) *, *([^\x00-\x7f])`)

// entries is the names in one cell: one a line, or with 、；， between them; a
// comma within Latin text (Example Co., Ltd.) parts nothing.
func entries(text string) []string {
	text = plain(text)
	cut := func(r rune) bool { return r == '\n' || r == '\r' }
	if !strings.ContainsAny(text, "\r\n") {
		text = asciiComma.ReplaceAllString(asciiComma.ReplaceAllString(text, "$1、$2"), "$1、$2")
		cut = func(r rune) bool { return strings.ContainsRune("、；;，", r) }
	}
	var out []string
	seen := map[string]bool{}
	for _, x := range strings.FieldsFunc(text, cut) {
		if x = trim(x); x != "" && !seen[x] {
			seen[x] = true
			out = append(out, x)
		}
	}
	return out
}

// joined is the entries as one cell, so that entries reads them back.
func joined(list []string) string {
	for _, x := range list {
		if strings.ContainsAny(x, "、；;，,") {
			return strings.Join(list, "\n") + "\n"
		}
	}
	return strings.Join(list, "、")
}

// ---- numbers

var (
	amountShape = regexp.MustCompile(`^([+-]?)(\d[\d,]*)(\.\d+)?([eE][+-]?\d+)?(\D*)$`)
	thousands   = regexp.MustCompile(`^\d{1,3}(,\d{3})+$`)
)

// number is an amount in the field's own unit of measure, as written there.
func (t *typist) number(f *scheme.Field, in *scheme.Scale, c cell) (qiaomen.Number, *said) {
	n, unit, say := amount(f, c)
	if say != nil {
		return n, say
	}
	switch {
	case unit != nil:
		var ok bool
		if n, ok = f.Scale.From(n, unit); !ok {
			return n, wrong("“"+qiaomen.Clip(c.text)+"”的单位不对，这一列以"+f.Scale.Name+"计", "请换算成"+f.Scale.Name)
		}
	case in != nil && in != f.Scale:
		var ok bool
		if n, ok = f.Scale.From(n, in); !ok {
			return n, wrong("表头的单位是"+in.Name+"，“"+f.Name+"”以"+f.Scale.Name+"计", "请改表头，或者换算")
		}
	default:
		say = tooBig(f, n)
	}
	switch {
	case say != nil && !say.doubt:
		return n, say
	case n.Sign() < 0 && !f.Negative:
		return n, wrong("“"+qiaomen.Clip(c.text)+"”不能小于0", "请核对")
	case f.Type == scheme.JudgedField && (n.Cmp(f.From) < 0 || n.Cmp(f.To) > 0):
		return n, wrong("“"+qiaomen.Clip(c.text)+"”不在"+f.From.String()+"到"+f.To.String()+"之间", "请核对")
	}
	if unit == nil && c.kind == textCell && f.Scale.Name == "%" && n.Sign() != 0 && n.Abs().Cmp(qiaomen.Int(1)) < 0 && say == nil {
		say = &said{text: "“" + qiaomen.Clip(c.text) + "”按" + n.String() + "%读", doubt: true}
	}
	return n, say
}

// amount is the number in a cell and the unit of measure written behind it.
func amount(f *scheme.Field, c cell) (qiaomen.Number, *scheme.Scale, *said) {
	if c.kind == numberCell {
		n, err := qiaomen.ParseDecimal(c.text)
		switch {
		case err != nil:
			return n, nil, wrong("“"+qiaomen.Clip(c.text)+"”"+err.Error(), "请核对")
		case c.dated:
			return n, nil, wrong("这一格是日期，应是数", "请把单元格格式改成“常规”后重新填写")
		case c.percent && f.Scale.Name != "%":
			return n, nil, wrong("这一格是百分数，“"+f.Name+"”以"+f.Scale.Name+"计", "请把单元格格式改成“常规”后重新填写")
		case c.percent:
			return n.Mul(qiaomen.Int(100)), f.Scale, nil
		}
		return n, nil, nil
	}
	text := strings.NewReplacer("人民币", "", "￥", "", "¥", "", "$", "", "，", ",").Replace(tidy(plain(c.text)))
	bad := wrong("“"+qiaomen.Clip(c.text)+"”不是数", "请只填数，单位是"+f.Scale.Name)
	m := amountShape.FindStringSubmatch(text)
	if m == nil {
		return qiaomen.Number{}, nil, bad
	}
	if strings.Contains(m[2], ",") && !thousands.MatchString(m[2]) {
		return qiaomen.Number{}, nil, wrong("“"+qiaomen.Clip(c.text)+"”的逗号位置不对", "请去掉逗号")
	}
	n, err := qiaomen.ParseDecimal(strings.TrimPrefix(m[1], "+") + strings.ReplaceAll(m[2], ",", "") + m[3] + m[4])
	if err != nil {
		return n, nil, wrong("“"+qiaomen.Clip(c.text)+"”"+err.Error(), "请核对")
	}
	if m[5] == "" {
		return n, nil, nil
	}
	unit, times := unitBehind(f.Scale, m[5])
	if unit == nil {
		return n, nil, wrong("“"+qiaomen.Clip(c.text)+"”的单位“"+qiaomen.Clip(m[5])+"”不认识", "请只填数，单位是"+f.Scale.Name)
	}
	return n.Mul(qiaomen.Int(times)), unit, nil
}

// scaleOf is the unit of measure of a folded name, with the ways offices vary
// it.
func scaleOf(name string) *scheme.Scale {
	name = strings.NewReplacer("人民币", "", "美金", "美元", "百分点", "%", "个百分点", "%", "rmb", "", "usd", "美元").Replace(name)
	if name == "个%" {
		name = "%"
	}
	return scheme.ScaleNamed(name)
}

// unitBehind is the unit of measure written behind a number: in full, or 亿 and
// 万 of what the field is counted in.
func unitBehind(of *scheme.Scale, text string) (*scheme.Scale, int64) {
	if s := scaleOf(text); s != nil {
		return s, 1
	}
	base := ""
	for _, name := range []string{"元", "美元"} {
		if _, same := scheme.ScaleNamed(name).From(qiaomen.Int(1), of); same {
			base = name
		}
	}
	if base == "" {
		return nil, 0
	}
	text = strings.TrimSuffix(strings.TrimSuffix(scaleWords.Replace(text), "元"), "美")
	multiples := map[string]struct {
		unit  string
		times int64
	}{"亿": {"亿", 1}, "万": {"万", 1}, "千万": {"万", 1000}, "百万": {"万", 100}, "w": {"万", 1}, "W": {"万", 1}, "千": {"", 1000}}
	m, ok := multiples[text]
	if !ok {
		return nil, 0
	}
	return scheme.ScaleNamed(m.unit + base), m.times
}

var scaleWords = strings.NewReplacer("美金", "美元", "整", "")

// Nobody signs a project of 1,000 亿元 in a county: such a number without its
// unit was meant in a smaller one.
const mostBase = 100_000_000_000

func tooBig(f *scheme.Field, n qiaomen.Number) *said {
	for _, name := range []string{"元", "美元"} {
		base := scheme.ScaleNamed(name)
		inBase, ok := base.From(n, f.Scale)
		if !ok || f.Scale == base || inBase.Cmp(qiaomen.Int(mostBase)) < 0 {
			continue
		}
		smaller := "万" + name
		if f.Scale.Name == smaller {
			smaller = name
		}
		meant, _ := f.Scale.From(n, scheme.ScaleNamed(smaller))
		return wrong("“"+n.String()+"”这一列以"+f.Scale.Name+"计，像是以"+smaller+"填的",
			"请改成"+meant.Round(6).String()+"，或把单位写上，如 "+n.String()+smaller+"、"+n.String()+f.Scale.Name)
	}
	return nil
}
