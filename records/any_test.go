package records

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
	"qiaomen"
	"qiaomen/scheme"
)

// everyScheme is the schemes that ship, those of the tests, and the rare one,
// by id.
func everyScheme(t testing.TB) map[string]*scheme.Scheme {
	t.Helper()
	out := map[string]*scheme.Scheme{"rare": parsed(t, rare), "needy": parsed(t, needy)}
	for _, pattern := range []string{"../schemes/*/scheme.yaml", "../schemes/testdata/*/scheme.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal("no schemes at "+pattern, err)
		}
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			s := parsed(t, string(data))
			out[s.ID] = s
		}
	}
	return out
}

// needy is a scheme with a field of every type that must always be there, and
// fields of every owner.
const needy = `vocabulary: 1
scheme: needy
name: 示例市台账
source: {title: 示例市台账办法}
windows:
  campaign: {name: 活动期间, from: 2024-01-01, to: 2024-06-30}
groups:
  all_units: {name: 县区, units: {a: {name: 甲县}, b: {name: 乙县}}}
lists:
  trades: {name: 行业, open: true, options: {food: 食品, steel: 钢铁}}
kinds:
  deal:
    name: 项目
    fields:
      words: {name: 说明, type: text, needed: always}
      names: {name: 名单, type: list, needed: always}
      trade: {name: 行业, type: option, list: trades, needed: always}
      parent: {name: 上级项目, type: record, kind: deal, needed: always}
      sum: {name: 投资额, type: amount, in: 亿元, needed: to_submit}
      area: {name: 用地, type: amount, in: 公顷}
      rate: {name: 比例, type: number, in: '%', negative: true, needed: to_count}
      signed_on: {name: 签约日期, type: date, needed: to_submit}
      sort: {name: 类别, type: option, options: {new: 新建, old: 续建, unclear: 不明}, office_sets: [unclear]}
      checked: {name: 已核实, type: flag, filled_by: office}
      listed_on: {name: 入统日期, type: date, filled_by: statistics, needed: to_count}
      pursued: {name: 推进情况, type: text, filled_by: leader}
      partner: {name: 合作单位, type: unit}
      points: {name: 评分, type: judged, from: -5, to: 5}
      contact: {name: 联系人, type: text, personal: true}
      people: {name: 参加人员, type: list, personal: true}
    evidence:
      contract: {name: 合同, needed: to_submit, or: [minutes, letter]}
      minutes: {name: 会议纪要}
      letter: {name: 来函}
      photo: {name: 照片, needed: to_count}
    identity: {by: [name, sum, signed_on, sort, checked, names, trade, partner, parent], first_report_among: [all_units]}
  note:
    name: 简报
  odd:
    name: 怪事
    identity: {by: [name, reported_at], first_report_among: [all_units]}
figures:
  price: {name: 价格, every: quarter, periods: [2024Q1, 2024Q2], values: {
    level: {name: 水平, in: 元, needed: always}, change: {name: 变化, in: '%', negative: true, only_for: [2024Q2]}}}
measures:
  deals: {name: 项目, count: deal}
scores:
  all_units:
    lines: {deals: {name: 项目, base: 0, add: {each: deals, points: 1}}}
ranking: {groups: {all_units: {ties: share}}}
rounding: {measures: exact, lines: exact, total: exact, shown: {decimals: 2, mode: half_up}}
`

// text is any text as it is read: trimmed, and often awkward.
func text(t *rapid.T) string {
	s := rapid.OneOf(
		rapid.String(), rapid.StringMatching(`[甲乙丙]{1,4}`),
		rapid.SampledFrom([]string{`"`, `\`, `\u0041`, "a\nb", "a\x00b", "\x7f", "\u2028", "\ufeff甲", "😀", "\ufffd", "null", "true", "1e5", "</script>", "甲　乙", "０"}),
	).Draw(t, "text")
	return trim(strings.ToValidUTF8(s, "?"))
}

func full(t *rapid.T) string {
	if s := text(t); s != "" {
		return s
	}
	return "甲"
}

// number is any number that a file may hold.
func number(t *rapid.T, negative bool) qiaomen.Number {
	s := rapid.OneOf(rapid.StringMatching(`0|[1-9][0-9]{0,3}(\.[0-9]{1,2})?`), rapid.StringMatching(`[0-9]{1,30}\.[0-9]{1,30}`), rapid.StringMatching(`[0-9]{1,30}`)).Draw(t, "number")
	if negative && rapid.Bool().Draw(t, "below") {
		s = "-" + s
	}
	n, err := qiaomen.ParseDecimal(s)
	if err != nil {
		t.Fatal(s, err)
	}
	return n
}

func date(t *rapid.T) qiaomen.Date {
	first, last := qiaomen.DateOf(1900, 1, 1), qiaomen.DateOf(2200, 12, 31)
	return qiaomen.Date(rapid.OneOf(rapid.IntRange(int(first), int(last)), rapid.SampledFrom([]int{int(first), int(last)})).Draw(t, "date"))
}

// moment is any time that a file may hold, from anywhere on earth.
func moment(t *rapid.T) qiaomen.Moment {
	if rapid.IntRange(0, 4).Draw(t, "no time") == 0 {
		return qiaomen.Moment{}
	}
	n := func(label string, most int) int {
		return rapid.OneOf(rapid.IntRange(0, most), rapid.SampledFrom([]int{0, most})).Draw(t, label)
	}
	part := ""
	if rapid.Bool().Draw(t, "parted") {
		part = rapid.StringMatching(`\.[0-9]{1,12}`).Draw(t, "part")
	}
	sign := rapid.SampledFrom([]string{"+", "-"}).Draw(t, "sign")
	s := fmt.Sprintf("%vT%02d:%02d:%02d%s%s%02d:%02d", date(t), n("hour", 23), n("minute", 59), n("second", 60), part, sign, n("away", 23), n("minutes away", 59))
	m, err := qiaomen.ParseMoment(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// anyValue is any value of the field as a reader gives it.
func anyValue(t *rapid.T, s *scheme.Scheme, f *scheme.Field) qiaomen.Value {
	v := qiaomen.Value{Given: true}
	blank := rapid.IntRange(0, 3).Draw(t, "blank") == 0
	switch f.Type {
	case scheme.AmountField, scheme.NumberField:
		v.Number = f.Scale.Held(number(t, f.Negative))
	case scheme.JudgedField:
		v.Number = f.Scale.Held(rapid.SampledFrom([]qiaomen.Number{f.From, f.To, f.From.Add(f.To).Quo(qiaomen.Int(2))}).Draw(t, "judged"))
	case scheme.DateField:
		v.Date = date(t)
	case scheme.FlagField:
		v.Flag = rapid.Bool().Draw(t, "flag")
	case scheme.OptionField:
		v.Option = rapid.IntRange(-1, len(f.Options)-1).Draw(t, "option")
		switch {
		case open(f) && v.Option < 0:
			v.Text = full(t)
			v.Option = slices.IndexFunc(f.Options, func(o scheme.Option) bool { return o.ID == v.Text })
		case open(f):
			v.Text = f.Options[v.Option].ID
		default:
			v.Option = max(v.Option, 0)
		}
	case scheme.ListField:
		for range rapid.IntRange(1, 5).Draw(t, "entries") {
			if x := full(t); !slices.Contains(v.List, x) {
				v.List = append(v.List, x)
			}
		}
	case scheme.UnitField:
		v.Text = s.Units[rapid.IntRange(0, len(s.Units)-1).Draw(t, "unit")].ID
	default:
		v.Text = full(t)
	}
	// A line must name a field that must always be there; some may be blank.
	if blank && (f.Need != scheme.Always || f.Type == scheme.TextField || f.Type == scheme.ListField || f.Type == scheme.RecordField || open(f)) {
		return qiaomen.Value{}
	}
	return v
}

func anyValues(t *rapid.T, s *scheme.Scheme, fields []*scheme.Field) []qiaomen.Value {
	out := make([]qiaomen.Value, len(fields))
	for i, f := range fields {
		out[i] = anyValue(t, s, f)
	}
	return out
}

func anyRecord(t *rapid.T, s *scheme.Scheme, k *scheme.Kind, id string) qiaomen.Record {
	return qiaomen.Record{
		Kind: k.Index(), Unit: rapid.IntRange(0, len(s.Units)-1).Draw(t, "unit"), ID: id,
		Reported: moment(t), Recognised: moment(t), Revoked: moment(t), Name: text(t),
		Evidence: qiaomen.Set(rapid.Uint64().Draw(t, "evidence")) & (1<<len(k.Evidence) - 1), Values: anyValues(t, s, k.Fields),
	}
}

func anyFigure(t *rapid.T, s *scheme.Scheme, f *scheme.FigureSource, id string) qiaomen.Figure {
	out := qiaomen.Figure{Source: f.Index(), Unit: -1, ID: id, Published: date(t), Values: anyValues(t, s, f.Fields)}
	if !f.ForAll {
		out.Unit = rapid.IntRange(0, len(s.Units)-1).Draw(t, "unit")
	}
	out.Period = anyPeriod(t, f)
	for i, field := range f.Fields {
		if field.OnlyPeriods != nil && !slices.Contains(field.OnlyPeriods, out.Period) {
			out.Values[i] = qiaomen.Value{}
		}
	}
	return out
}

func anyPeriod(t *rapid.T, f *scheme.FigureSource) int {
	switch {
	case len(f.Periods) > 0:
		return rapid.IntRange(0, len(f.Periods)-1).Draw(t, "period")
	case f.Every == "day":
		return int(date(t))
	}
	return 0
}

// A plain value is one that can be compared: numbers as fractions.
type plain struct {
	qiaomen.Value
	number string
}

func plainly(values []qiaomen.Value) []plain {
	out := make([]plain, len(values))
	for i, v := range values {
		out[i] = plain{v, v.Number.Fraction()}
		out[i].Number = qiaomen.Number{}
	}
	return out
}

func sameValues(a, b []qiaomen.Value) bool { return reflect.DeepEqual(plainly(a), plainly(b)) }

// sameRecord compares but for places.
func sameRecord(a, b qiaomen.Record) bool {
	same := sameValues(a.Values, b.Values)
	a.Values, a.Line, a.Seq = nil, 0, 0
	b.Values, b.Line, b.Seq = nil, 0, 0
	return same && reflect.DeepEqual(a, b)
}

func sameFigure(a, b qiaomen.Figure) bool {
	same := sameValues(a.Values, b.Values)
	a.Values, a.Line, a.Seq = nil, 0, 0
	b.Values, b.Line, b.Seq = nil, 0, 0
	return same && reflect.DeepEqual(a, b)
}
