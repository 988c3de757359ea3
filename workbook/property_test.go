package workbook_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
	"qiaomen"
	"qiaomen/scheme"
	"qiaomen/workbook"
)

// Any book comes back from a workbook as it was, and so scores the same.
func TestAnyBookComesBack(t *testing.T) {
	s := winter(t)
	rapid.Check(t, func(rt *rapid.T) {
		b := anyBook(rt, s)
		v := scheme.View{AsOf: day(t, "2024-04-30"), Cutoff: day(t, "2024-03-31")}
		res := s.Score(b, v, s.DefaultReadings())
		var out bytes.Buffer
		if err := workbook.WriteLedgers(&out, res, b); err != nil {
			rt.Fatal(err)
		}
		var again shelf
		found, err := workbook.Read(bytes.NewReader(out.Bytes()), int64(out.Len()), s, "book.xlsx", &again)
		if err != nil || found.TotalFaults > 0 {
			rt.Fatal(err, say(found.Faults))
		}
		if got, want := listed(&again.Book), listed(b); !slices.Equal(got, want) {
			for i := range want {
				if i >= len(got) || got[i] != want[i] {
					rt.Fatalf("record %d came back as\n%s\nwas\n%s", i, got[min(i, len(got)-1)], want[i])
				}
			}
		}
		if got := s.Score(&again.Book, v, s.DefaultReadings()).JSON(); !bytes.Equal(got, res.JSON()) {
			rt.Fatalf("scores\n%s\nwant\n%s", got, res.JSON())
		}
	})
}

// listed is what a book holds, one line a record, but for its order.
func listed(b *qiaomen.Book) []string {
	var out []string
	for _, r := range b.Records {
		r.Seq, r.Line = 0, 0
		out = append(out, strings.ReplaceAll(fmt.Sprintf("%+v", clean(r.Values)), "\n", "⏎")+fmt.Sprintf(" %q %q %d %d %v %v %v %b", r.ID, r.Name, r.Kind, r.Unit, r.Reported, r.Recognised, r.Revoked, r.Evidence))
	}
	for _, f := range b.Figures {
		out = append(out, fmt.Sprintf("%q %d %d %d %v %+v", f.ID, f.Source, f.Unit, f.Period, f.Published, clean(f.Values)))
	}
	slices.Sort(out)
	return out
}

func clean(values []qiaomen.Value) []string {
	var out []string
	for _, v := range values {
		if !v.Given {
			out = append(out, "-")
			continue
		}
		out = append(out, fmt.Sprintf("%v %d %v %v %q %q", v.Flag, max(v.Option, 0), v.Date, v.Number, v.Text, v.List))
	}
	return out
}

func anyBook(t *rapid.T, s *scheme.Scheme) *qiaomen.Book {
	b := &qiaomen.Book{}
	n := rapid.IntRange(1, 12).Draw(t, "records")
	for i := range n {
		k := rapid.SampledFrom(s.Kinds).Draw(t, "kind")
		r := qiaomen.Record{
			Kind: k.Index(), Unit: rapid.IntRange(0, len(s.Units)-1).Draw(t, "unit"), Seq: i + 1,
			ID: fmt.Sprintf("%s-%d", anyText(t), i), Name: anyText(t), Reported: anyMoment(t), Recognised: anyMoment(t),
		}
		if rapid.Bool().Draw(t, "revoked") {
			r.Revoked = anyMoment(t)
		}
		for j := range k.Evidence {
			if rapid.Bool().Draw(t, "evidence") {
				r.Evidence = r.Evidence.With(j)
			}
		}
		for _, f := range k.Fields {
			v := qiaomen.Value{}
			if f.Need == scheme.Always || rapid.Bool().Draw(t, "given") {
				v = anyValue(t, s, f)
			}
			r.Values = append(r.Values, v)
		}
		b.Records = append(b.Records, r)
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "figures") {
		src := rapid.SampledFrom(s.Figures).Draw(t, "source")
		f := qiaomen.Figure{Source: src.Index(), Unit: rapid.IntRange(0, len(s.Units)-1).Draw(t, "unit"), ID: fmt.Sprint("示例数", i), Seq: n + i, Published: anyDay(t)}
		if len(src.Periods) > 0 {
			f.Period = rapid.IntRange(0, len(src.Periods)-1).Draw(t, "period")
		}
		for _, field := range src.Fields {
			v := qiaomen.Value{}
			if field.Need == scheme.Always || len(field.OnlyPeriods) == 0 || slices.Contains(field.OnlyPeriods, f.Period) {
				v = anyValue(t, s, field)
			}
			f.Values = append(f.Values, v)
		}
		b.Figures = append(b.Figures, f)
	}
	return b
}

var runes = []rune("示例甲乙、；，,.=+-@'\"<>&_x0041_\n\t１（）()%万亿 😀\u00a0a1")

func anyText(t *rapid.T) string {
	text := "例" + string(rapid.SliceOfN(rapid.SampledFrom(runes), 0, 12).Draw(t, "text")) + "例"
	if rapid.Bool().Draw(t, "formula") {
		text = rapid.SampledFrom([]string{"=", "+", "-", "@", "'=", "''+"}).Draw(t, "first") + text
	}
	return text
}

func anyDay(t *rapid.T) qiaomen.Date {
	from, _ := qiaomen.ParseDate("1900-01-01")
	to, _ := qiaomen.ParseDate("2200-12-31")
	if rapid.Bool().Draw(t, "near") {
		from, _ = qiaomen.ParseDate("2023-11-20")
		to, _ = qiaomen.ParseDate("2024-05-05")
	}
	return qiaomen.Date(rapid.IntRange(int(from), int(to)).Draw(t, "day"))
}

func anyMoment(t *rapid.T) qiaomen.Moment {
	m := qiaomen.Moment{Day: anyDay(t)}
	switch rapid.IntRange(0, 2).Draw(t, "clock") {
	case 1:
		m.Nano = rapid.Int64Range(0, 86_399).Draw(t, "second") * 1e9
	case 2:
		m.Nano = rapid.Int64Range(0, 86_400_999_999_999).Draw(t, "nano")
	}
	return m
}

func anyNumber(t *rapid.T, f *scheme.Field) qiaomen.Number {
	text := rapid.StringMatching(`(0|[1-9][0-9]{0,14})(\.[0-9]{1,12})?`).Draw(t, "number")
	if f.Negative && rapid.Bool().Draw(t, "negative") {
		text = "-" + text
	}
	n, err := qiaomen.ParseDecimal(text)
	if err != nil {
		t.Fatal(err)
	}
	return f.Scale.Held(n)
}

func anyValue(t *rapid.T, s *scheme.Scheme, f *scheme.Field) qiaomen.Value {
	v := qiaomen.Value{Given: true}
	switch f.Type {
	case scheme.AmountField, scheme.NumberField:
		v.Number = anyNumber(t, f)
	case scheme.JudgedField:
		v.Number = f.To
	case scheme.DateField:
		v.Date = anyDay(t)
	case scheme.FlagField:
		v.Flag = rapid.Bool().Draw(t, "flag")
	case scheme.OptionField:
		switch {
		case f.List != nil && f.List.Open:
			v.Text = anyText(t)
		case len(f.Options) > 0:
			v.Option = rapid.IntRange(0, len(f.Options)-1).Draw(t, "option")
		}
	case scheme.ListField:
		for range rapid.IntRange(1, 6).Draw(t, "entries") {
			if x := strings.ReplaceAll(anyText(t), "\n", ""); !slices.Contains(v.List, x) {
				v.List = append(v.List, x)
			}
		}
	case scheme.UnitField:
		v.Text = s.Units[0].ID
	default:
		v.Text = anyText(t)
	}
	return v
}
