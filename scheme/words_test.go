package scheme_test

import (
	"fmt"
	"strings"
	"testing"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/scheme"
)

// frame is the part of a scheme that the cases below do not vary: two units,
// one group. A case writes $A and $B for what its units have besides a name,
// $T for how ties are settled, $L for how lines are rounded.
const frame = `vocabulary: 1
scheme: words
name: 示例
source: {title: 示例方案}
windows: {campaign: {name: 活动期间, from: 2025-01-01, to: 2025-12-31}}
groups: {g: {name: 组, units: {a: {name: 甲$A}, b: {name: 乙$B}}}}
rounding: {measures: exact, lines: $L, total: exact, shown: exact}
ranking: {groups: {g: {ties: $T}}}
`

func framed(text string, with ...string) string {
	with = append(with, "$A", "", "$B", "", "$T", "share", "$L", "exact")
	return strings.NewReplacer(with...).Replace(frame) + text
}

// recognised is what every record of the cases has besides its own fields.
const recognised = `"unit":"a","reported_at":"2025-02-01T09:00:00+08:00","recognized_at":"2025-02-02T09:00:00+08:00"`

func book(t *testing.T, s *scheme.Scheme, to records.Sink, lines []string) {
	t.Helper()
	text := strings.ReplaceAll(strings.Join(lines, "\n"), "$R", recognised)
	faults, err := records.NewReader(s, "f").Read(strings.NewReader(text), to)
	if err != nil || faults.Total > 0 {
		t.Fatal(err, faults.First)
	}
}

// said is all that a result says in numbers: for each unit in the order of
// places its total, its lines and the measures that are shown.
func said(r *scheme.Result) string {
	var out []string
	for _, u := range r.Groups[0].Units {
		text := fmt.Sprintf("%s %v", u.Unit.ID, u.Total)
		for _, l := range u.Lines {
			text += fmt.Sprintf(" %s=%v-%v+%v", l.Line.ID, l.Base, l.Deduction, l.Bonus)
			if !l.Scored {
				text += "?"
			}
		}
		for _, m := range u.Shown {
			number := "—"
			if m.Actual.Defined {
				number = m.Measure.Scale.Show(m.Actual.Number).String()
			}
			text += " " + m.Measure.ID + ":" + number
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

// TestWords scores small books by words whose meaning is easily got wrong,
// record by record and by columns.
func TestWords(t *testing.T) {
	const plain = "kinds: {p: {name: 项}, q: {name: 事}}\nmeasures: {m: {name: 项数, count: p}, n: {name: 事数, count: q}}\n"
	for _, c := range []struct {
		name, text string
		with       []string
		view       scheme.View
		lines      []string
		want       string
	}{
		{
			name: "a share of a field in another unit of measure",
			text: `kinds: {p: {name: 项, fields: {paid: {name: 到位, type: amount, in: 万元}, whole: {name: 总投资, type: amount, in: 亿元}}}}
measures: {m: {name: 到位两成, count: p, where: {paid: {at_least: {share: 20 %, of: whole}}}}}
scores: {g: {lines: {}, show: [m]}}`,
			lines: []string{`{"kind":"p","id":"1",$R,"paid":9999,"whole":5}`, `{"kind":"p","id":"2",$R,"paid":10000,"whole":5}`},
			want:  "a 0 m:1; b 0 m:0",
		},
		{
			name: "quotients across units of measure",
			text: `kinds: {p: {name: 项, fields: {paid: {name: 到位, type: amount, in: 万元}, whole: {name: 总投资, type: amount, in: 亿元}}}}
measures:
  q: {name: 商, sum: p, value: {of: paid, over: whole, times: 60, up_to: 100 %, decimals: 4}}
  paid: {name: 到位, sum: p, value: paid}
  whole: {name: 总投资, sum: p, value: whole}
  r: {name: 比, ratio: [paid, whole]}
  g: {name: 增幅, growth: {now: paid, before: whole}}
scores: {g: {lines: {}, show: [q, r, g]}}`,
			lines: []string{`{"kind":"p","id":"1",$R,"paid":10000,"whole":5}`},
			want:  "a 0 q:12 r:20 g:-80; b 0 q:0 r:— g:—",
		},
		{
			name:  "met looks at those measures that have a target, whichever stands first",
			text:  plain + "targets: [{columns: [m, n], rows: {a: [~, 1], b: [1, ~]}}]\nscores: {g: {lines: {l: {name: 行, base: 10, earn: {met: [m, n]}, no_target: skip}}}}",
			lines: []string{`{"kind":"q","id":"1",$R}`},
			want:  "a 10 l=10-0+0; b 0 l=10-10+0",
		},
		{
			name: "nothing below 0 is extra, and steps back are whole steps",
			text: `figures: {f: {name: 数, in: 个, negative: true}}
measures: {m: {name: 数, figure: f}}
targets: [{columns: [m], blank: all_extra, rows: {a: [~], b: [1]}}]
scores: {g: {lines: {x: {name: 超, add: {extra: m, points: 1, at_most: 9}}, e: {name: 每, add: [{each: m, points: 1}, {each: m, points: 10, part: {points: 5}}], floor: none}}}}`,
			lines: []string{`{"kind":"f","id":"1","unit":"a","published_on":"2025-02-01","value":-3.5}`, `{"kind":"f","id":"2","unit":"b","published_on":"2025-02-01","value":3.5}`},
			want:  "b 40 x=0-0+2 e=0-0+38; a -38 x=0-0+0 e=0-38+0",
		},
		{
			name: "texts of an open list are none of its options",
			with: []string{"$A", ", level: x", "$B", ", level: y"},
			text: `attributes: {level: {name: 层级, options: {x: 某, y: 另}}}
lists: {o: {name: 单, options: {x: 某, y: 另}, open: true}}
kinds: {p: {name: 项, fields: {s: {name: 业, type: option, list: o}}}}
measures: {n: {name: 不是某, count: p, where: {s: {none_of: x}}}, m: {name: 本层, count: p, where: {s: {same_as: unit.level}}}}
scores: {g: {lines: {}, show: [n, m]}}`,
			lines: []string{`{"kind":"p","id":"1",$R,"s":"x"}`, `{"kind":"p","id":"2",$R,"s":"别的"}`},
			want:  "a 0 n:1 m:1; b 0 n:0 m:0",
		},
		{
			name:  "occurs_on may be the day of the report",
			text:  "kinds: {p: {name: 项, occurs_on: reported_at}}\nmeasures: {m: {name: 项数, count: p}}\nscores: {g: {lines: {}, show: [m]}}",
			view:  scheme.View{AsOf: qiaomen.DateOf(2025, 3, 1)},
			lines: []string{`{"kind":"p","id":"1",$R}`},
			want:  "a 0 m:1; b 0 m:0",
		},
		{
			name: "a record without the value is not in the mean",
			text: `kinds: {p: {name: 项, fields: {x: {name: 分数, type: number, in: 分}}}}
measures: {m: {name: 平均, mean: p, value: x}}
scores: {g: {lines: {}, show: [m]}}`,
			lines: []string{`{"kind":"p","id":"1",$R,"x":10}`, `{"kind":"p","id":"2",$R}`},
			want:  "a 0 m:10; b 0 m:—",
		},
		{
			name: "nor one without the field of a table",
			text: `kinds: {p: {name: 项, fields: {o: {name: 等级, type: option, options: {p: 甲, q: 乙}}}}}
measures: {m: {name: 平均, mean: p, value: {by: o, p: 4, q: 8}}, e: {name: 另平均, mean: p, value: {by: o, p: 4, else: 8}}}
scores: {g: {lines: {}, show: [m, e]}}`,
			lines: []string{`{"kind":"p","id":"1",$R,"o":"p"}`, `{"kind":"p","id":"2",$R}`},
			want:  "a 0 m:4 e:6; b 0 m:— e:—",
		},
		{
			name: "limits go by their own date, rates by theirs",
			text: `kinds: {p: {name: 项, fields: {x: {name: 美元, type: amount, in: 美元}, paid: {name: 到账, type: date}, signed: {name: 签约, type: date, seen_from_its_day: true}}}}
figures: {fx: {name: 汇率, in: 元, every: day, for_all: true}}
measures:
  m: {name: 首笔, sum: p, value: {of: x, rate: fx, on: paid, decimals: 2}, limit: [{n: 1, per: campaign, by: signed}]}
  k: {name: 平均, mean: p, value: {of: x, rate: fx, on: paid, decimals: 2}}
scores: {g: {lines: {}, show: [m, k]}}`,
			view: scheme.View{Cutoff: qiaomen.DateOf(2025, 3, 1)},
			lines: []string{
				`{"kind":"fx","id":"f1","day":"2025-01-05","published_on":"2025-02-01","value":1}`,
				`{"kind":"fx","id":"f2","day":"2025-01-06","published_on":"2025-02-01","value":1}`,
				`{"kind":"p","id":"1",$R,"x":10,"paid":"2025-01-06","signed":"2025-01-01"}`,
				`{"kind":"p","id":"2",$R,"x":20,"paid":"2025-01-05","signed":"2025-01-02"}`,
				`{"kind":"p","id":"3",$R,"x":30,"paid":"2025-01-05","signed":"2025-04-01"}`, // not signed yet
				`{"kind":"p","id":"4",$R,"x":99,"signed":"2024-12-01"}`,                     // without a day for the rate
			},
			want: "a 0 m:10 k:20; b 0 m:0 k:—",
		},
		{
			name: "a table of conditions asks for its field",
			text: `kinds: {p: {name: 项, fields: {o: {name: 类别, type: option, options: {p: 甲, q: 乙}}, x: {name: 数, type: number, in: 个}}, eligible: [{need: {by: o, p: {x: {at_least: 1}}, q: {}}}]}}
measures: {m: {name: 项数, count: p}}
scores: {g: {lines: {}, show: [m]}}`,
			lines: []string{`{"kind":"p","id":"1",$R,"x":9}`, `{"kind":"p","id":"2",$R,"o":"q"}`},
			want:  "a 0 m:1; b 0 m:0",
		},
		{
			name: "of a figure by rounds all, and the round scored",
			text: `rounds: {r1: {name: 一轮, from: 2025-01-01, to: 2025-04-30}, r2: {name: 二轮, from: 2025-05-01, to: 2025-06-30}}
figures: {f: {name: 数, in: 个, every: round}}
measures: {all: {name: 合计, figure: f, at: all}, one: {name: 本轮, figure: f}, e: {name: 进度, elapsed: round}}
scores: {g: {lines: {}, show: [all, one, e]}}`,
			view:  scheme.View{Cutoff: qiaomen.DateOf(2025, 1, 31)},
			lines: []string{`{"kind":"f","id":"1","unit":"a","published_on":"2025-02-01","round":"r1","value":3}`, `{"kind":"f","id":"2","unit":"a","published_on":"2025-02-01","round":"r2","value":4}`},
			want:  "a 0 all:7 one:3 e:25; b 0 all:— one:— e:25",
		},
		{
			name:  "rounding and caps make no bonus below 0",
			with:  []string{"$L", "{decimals: 2, mode: half_up}"},
			text:  plain + "targets: [{columns: [m], rows: {a: [3], b: [3]}}]\nscores: {g: {lines: {l: {name: 行, base: 10, earn: {completion: m}}, c: {name: 封顶, base: 20, cap: 15}}}}",
			lines: []string{`{"kind":"p","id":"1",$R}`},
			want:  "a 18.33 l=10-6.67+0 c=20-5+0; b 15 l=10-10+0 c=20-5+0",
		},
		{
			name:  "zero_if comes after no_target",
			text:  plain + "targets: [{columns: [m], rows: {a: [~], b: [~]}}]\nscores: {g: {lines: {l: {name: 行, base: 10, earn: {completion: m}, no_target: full, zero_if: {n: {at_least: 1}}}}}}",
			lines: []string{`{"kind":"q","id":"1",$R}`},
			want:  "b 10 l=10-0+0; a 0 l=10-10+0",
		},
		{
			name:  "a bound that is not known yet is waited for",
			text:  "kinds: {p: {name: 项}}\nfigures: {f: {name: 数, in: 个}}\nmeasures: {m: {name: 项数, count: p}, f: {name: 数, figure: f}}\nscores: {g: {lines: {l: {name: 行, base: 10, add: {each: m, points: 1, no_more_than: {each: f}}, pending: hold_base}}}}",
			lines: []string{`{"kind":"p","id":"1",$R}`, `{"kind":"f","id":"2","unit":"b","published_on":"2025-02-01","value":3}`},
			want:  "a 10 l=10-0+0; b 10 l=10-0+0",
		},
		{
			name:  "a tie is not broken by what has no number",
			with:  []string{"$T", "break, break_by: [f]"},
			text:  "figures: {f: {name: 数, in: 个, negative: true}}\nmeasures: {f: {name: 数, figure: f}}\nscores: {g: {lines: {}, show: [f]}}",
			lines: []string{`{"kind":"f","id":"1","unit":"b","published_on":"2025-02-01","value":-3}`},
			want:  "b 0 f:-3; a 0 f:—",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, faults := scheme.Parse("s", []byte(framed(c.text, c.with...)), nil)
			if s == nil {
				t.Fatal(faults.Errors())
			}
			if len(s.Rounds) > 0 {
				c.view.Round = s.Rounds[0]
			}
			tally, columns := s.NewTally(c.view), s.NewColumns()
			book(t, s, tally, c.lines)
			book(t, s, columns, c.lines)
			if got := said(tally.Score(s.DefaultReadings())); got != c.want {
				t.Errorf("says  %s\nwants %s", got, c.want)
			}
			if got := said(columns.Tally(c.view, false).Score(s.DefaultReadings())); got != c.want {
				t.Errorf("by columns %s\nwants      %s", got, c.want)
			}
			s.Read()
		})
	}
}

// TestSumsOfManyConditions holds that a kind whose conditions ask more than a
// sweep can hold is still summed, row by row.
func TestSumsOfManyConditions(t *testing.T) {
	var measures, shown strings.Builder
	for i := range 20 {
		fmt.Fprintf(&measures, "  m%d: {name: 项数, count: p, where: {y: {at_least: %d}}}\n", i, i+1)
		fmt.Fprintf(&shown, ", m%d", i)
	}
	s, faults := scheme.Parse("s", []byte(framed("kinds: {p: {name: 项, fields: {x: {name: 数, type: number, in: 个}, y: {name: 数, type: number, in: 个}}}}\nmeasures:\n"+
		measures.String()+"  s: {name: 和, sum: p, value: x}\nscores: {g: {lines: {}, show: [s"+shown.String()+"]}}")), nil)
	if s == nil {
		t.Fatal(faults.Errors())
	}
	columns := s.NewColumns()
	book(t, s, columns, []string{`{"kind":"p","id":"1",$R,"x":7,"y":1}`})
	if got := said(columns.Tally(scheme.View{}, false).Score(s.DefaultReadings())); !strings.HasPrefix(got, "a 0 s:7 m0:1 m1:0 ") {
		t.Error(got)
	}
}
