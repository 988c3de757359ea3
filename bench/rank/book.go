package main

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"

	"qiaomen"
	"qiaomen/scheme"
	"qiaomen/schemes"
)

const districts = 2994 // and the six task forces

// province is the built-in campaign with 2,994 districts in place of nine.
func province(more string) (*scheme.Scheme, error) {
	data, err := fs.ReadFile(schemes.Files, "shuangyashan-winter-2023/scheme.yaml")
	if err != nil {
		return nil, err
	}
	var units, rows strings.Builder
	for i := range districts {
		fmt.Fprintf(&units, "      u%04d: {name: 示例区%04d, level: %s}\n", i, i, []string{"county", "district"}[i%2])
		fmt.Fprintf(&rows, "      u%04d: [3, 15, 10, %s, 1, 5, 3, 2, 1, 15 %%]\n", i, []string{"1", "~"}[i%2])
	}
	text := replace(string(data), "      jixian: {name", "  taskforces:\n", units.String())
	text = replace(text, "      jixian:     [3", "  - cite: 附2", rows.String())
	if more != "" {
		text = replace(text, "\nrelations:\n", "\nrelations:\n", "\n"+more)
		text = replace(text, "      outings:\n        name: 招商活动", "      outings:\n        name: 招商活动", relativeLine)
	}
	s, faults := scheme.Parse("province", []byte(text), nil)
	if s == nil {
		return nil, fmt.Errorf("%v", faults.Errors()[0])
	}
	return s, nil
}

// A rule that looks at the whole group: where a district stands between the
// least and the most active.
const (
	wholeGroup   = "  standing: {name: 活跃程度, minmax: outings, from: 0, to: 10, cite: 三}\n"
	relativeLine = "      active: {name: 活跃程度, base: 10, earn: {points_of: standing}}\n"
)

// replace puts text in place of what stands from one mark up to another.
func replace(in, from, to, text string) string {
	i := strings.Index(in, from)
	j := i + strings.Index(in[i:], to)
	return in[:i] + text + in[j:]
}

type book struct {
	columns *scheme.Columns
	hand    *hand
	one     qiaomen.Record // of the last, to add once more
}

// invent makes n records, the same for both sides.
func invent(s *scheme.Scheme, n int) *book {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	b := &book{columns: s.NewColumns(), hand: &hand{units: len(s.Units)}}
	start := qiaomen.DateOf(2023, 11, 25)
	day := func() qiaomen.Date { return start + qiaomen.Date(r.IntN(135)) }
	maybe := func(p float64) bool { return r.Float64() < p }
	kinds := []string{"reserve_project", "reserve_project", "domestic_lead", "foreign_lead", "outing", "outing", "signed_project", "signed_project", "project_start", "briefing"}
	var index [10]int
	for i, k := range kinds {
		index[i] = s.Kind(k).Index()
	}
	list := make([]string, 8)
	for i := range list {
		list[i] = fmt.Sprint("示例企业", i)
	}
	for seq := range n {
		which := r.IntN(len(kinds))
		k := s.Kinds[index[which]]
		rec := &qiaomen.Record{Kind: k.Index(), Unit: r.IntN(districts), Seq: seq, Name: "示例", Values: make([]qiaomen.Value, len(k.Fields))}
		rec.Reported.Day = day()
		if maybe(0.95) {
			rec.Recognised.Day = rec.Reported.Day + qiaomen.Date(r.IntN(10))
		}
		if maybe(0.02) {
			rec.Revoked.Day = rec.Recognised.Day + 5
		}
		if maybe(0.95) {
			rec.Evidence = 7
		}
		for i, f := range k.Fields {
			v := &rec.Values[i]
			switch v.Given = true; f.ID {
			case "target_companies":
				v.List = list[:4+r.IntN(3)]
			case "target_company", "content":
				v.Text = "示例"
			case "amount_yi":
				v.Number = qiaomen.Ratio(int64(r.IntN(1500)), 100)
			case "amount_usd_wan":
				v.Number = qiaomen.Int(int64(50 + r.IntN(300)))
			case "funds_wan":
				v.Number = qiaomen.Int(int64(r.IntN(5)) * 100)
			case "held_on", "signed_on", "started_on", "statistics_on", "pursued_on":
				v.Date = day()
			case "form":
				v.Option = r.IntN(4)
			case "start_type", "pursued_by":
				v.Option = r.IntN(2)
			case "original_checked":
				v.Flag = maybe(0.9)
			default:
				v.Given = false
			}
		}
		b.columns.Record(rec)
		if k.ID == "outing" && rec.Recognised.Day > 0 {
			b.one = *rec
		}
		b.hand.add(k, rec)
	}
	return b
}

// agree checks that the two counted the same.
func (b *book) agree(s *scheme.Scheme, t *scheme.Tally) error {
	count := b.hand.count(nil)
	res := t.Score(s.DefaultReadings())
	for _, u := range res.Groups[0].Units {
		for _, l := range u.Lines {
			for _, m := range l.Measures {
				c, ok := counterOf[m.Measure.ID]
				if !ok {
					continue
				}
				if want := qiaomen.Int(int64(count[u.Unit.Index()*counters+c])); !m.Actual.Number.Equal(want) {
					return fmt.Errorf("%s %s: %v, by hand %v", u.Unit.ID, m.Measure.ID, m.Actual.Number, want)
				}
			}
		}
	}
	return nil
}
