package records

import (
	"strings"
	"testing"

	"qiaomen"
)

// rare is a scheme with what the built-in one has no use for: judged points,
// plain numbers, a field that names a unit, a figure for all units, figures by
// the day and by the month.
const rare = `vocabulary: 1
scheme: rare
name: 示例市评议
source: {title: 示例市评议办法}
windows:
  campaign: {name: 活动期间, from: 2024-01-01, to: 2024-06-30}
groups:
  all_units: {name: 县区, units: {a: {name: 甲县}, b: {name: 乙县}}}
kinds:
  visit:
    name: 考察
    fields:
      points: {name: 评分, type: judged, from: -5, to: 5}
      share: {name: 系数, type: judged, in: '%', from: 80, to: 120}
      place: {name: 位次, type: number, in: 位, negative: true, needed: always}
      host: {name: 接待单位, type: unit}
      usd: {name: 投资额, type: amount, in: 亿美元}
figures:
  rate: {name: 汇率, every: day, in: 元, for_all: true}
  month: {name: 当月到位资金, every: month, periods: [2024-01, 2024-02], in: 万元}
  total: {name: 全年到位资金, in: 亿元, negative: true}
measures:
  visits: {name: 考察, count: visit}
scores:
  all_units:
    lines: {visits: {name: 考察, base: 0, add: {each: visits, points: 1}}}
ranking: {groups: {all_units: {ties: share}}}
rounding: {measures: exact, lines: exact, total: exact, shown: {decimals: 2, mode: half_up}}
`

func visit(members string) string {
	return `{"id":"x","kind":"visit","unit":"a","place":-3` + members + `}`
}

func TestRareTypes(t *testing.T) {
	s := parsed(t, rare)
	rate := `{"id":"x","kind":"rate","published_on":"2024-01-02","day":"2024-01-01","value":7.1}`
	month := `{"id":"x","kind":"month","unit":"a","published_on":"2024-02-10","month":"2024-01","value":7.1}`
	for _, line := range []string{
		visit(""), visit(`,"points":-5,"share":"120","host":"b","usd":0`), visit(`,"points":5,"share":80`), rate, month,
		`{"id":"x","kind":"total","unit":"a","published_on":"2024-02-10","value":"-7.1"}`,
	} {
		accept(t, s, line)
	}
	if h := accept(t, s, rate); h.Figures[0].Unit != -1 || qiaomen.Date(h.Figures[0].Period).String() != "2024-01-01" {
		t.Errorf("read %+v", h.Figures[0])
	}
	if h := accept(t, s, month); h.Figures[0].Unit != 0 || h.Figures[0].Period != 0 {
		t.Errorf("read %+v", h.Figures[0])
	}
	refuse(t, s, visit(""), []wrong{
		{"judged below", visit(`,"points":-5.01`), "points", "“-5.01”不在-5到5之间"},
		{"judged above", visit(`,"share":120.5`), "share", "“120.5”不在80到120之间"},
		{"judged and negative", visit(`,"share":-1`), "share", "小于0"},
		{"no place", strings.Replace(visit(""), `,"place":-3`, "", 1), "place", "缺少“位次”；请补上"},
		{"unknown unit", visit(`,"host":"c"`), "host", "没有单位“c”，可用：a、b"},
		{"no unit", visit(`,"host":""`), "host", "没有单位“”"},
		{"unit as number", visit(`,"host":1`), "host", "应是文字"},
		{"unit of a figure for all", strings.Replace(rate, `"id"`, `"unit":"a","id"`, 1), "unit", "“汇率”没有“unit”这个字段"},
		{"day as month", strings.Replace(rate, `"2024-01-01"`, `"2024-01"`, 1), "day", "不是日期"},
		{"no day", strings.Replace(rate, `"day":"2024-01-01",`, "", 1), "day", "缺少所属期"},
		{"month as day", strings.Replace(month, `"2024-01"`, `"2024-01-01"`, 1), "month", "（2024-01、2024-02）"},
		{"month beyond", strings.Replace(month, `"2024-01"`, `"2024-03"`, 1), "month", "不在方案要的各期之内"},
		{"negative", strings.Replace(month, "7.1", "-7.1", 1), "value", "小于0"},
		{"no value", strings.Replace(month, `,"value":7.1`, "", 1), "value", "缺少"},
	})
	// Where a figure may have no unit, a line of unknown kind need not have one.
	if _, faults := read(t, s, `{}`); faults.Total != 2 {
		t.Error(faults.First)
	}
}
