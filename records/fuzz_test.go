package records

import (
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"qiaomen/scheme"
)

// FuzzRecords reads anything at all: faults have places and are Chinese, a
// faulty line is never handed on, reading once more gives the same, and so does
// reading what is written of it.
func FuzzRecords(f *testing.F) {
	for _, kind := range []string{
		"reserve_project", "domestic_lead", "foreign_lead", "outing", "signed_project", "project_start", "briefing", "funds", "provincial_result",
	} {
		f.Add(with(kind))
	}
	f.Add(with("signed_project", `"amount_yi":"1e2","original_checked":true,"evidence":["contract"],"signed_on":"2024-02-29"`))
	f.Add(with("briefing", `"reported_at":"2024-01-05t23:59:60z","name":"\ud83d\ude00"`) + "\r\n" + with("funds", `"quarter":"2023Q1","rate_percent":-1`))
	f.Add("\ufeff{}\n\n[[\n" + `{"\ud800":"\udc00","a":1,"a":-0.0e+9}` + "\n\xff\n")
	s := builtIn(f)
	f.Fuzz(func(t *testing.T, text string) {
		h, faults := read(t, s, text)
		again, faultsAgain := read(t, s, text)
		if !reflect.DeepEqual(h, again) || !reflect.DeepEqual(faults, faultsAgain) {
			t.Fatal("the second reading differs")
		}
		lines := strings.Count(text, "\n") + 1
		faulty := map[int]bool{}
		for _, f := range faults.First {
			if f.At.Line < 1 || f.At.Line > lines || f.Text == "" || !utf8.ValidString(f.Error()) {
				t.Errorf("%q", f.Error())
			}
			forPerson(t, f.Error())
			faulty[f.At.Line] = true
		}
		if faults.Total < len(faults.First) || faults.Total > len(faults.First) && len(faults.First) < Shown {
			t.Errorf("%d faults, %d kept", faults.Total, len(faults.First))
		}
		ids := map[string]bool{}
		for _, r := range h.Records {
			if faulty[r.Line] || ids[r.ID] || strings.TrimSpace(r.ID) == "" || r.Unit < 0 || r.Unit >= len(s.Units) || len(r.Values) != len(s.Kinds[r.Kind].Fields) {
				t.Errorf("record %+v", r)
			}
			ids[r.ID] = true
		}
		for _, x := range h.Figures {
			if faulty[x.Line] || ids[x.ID] || x.Published == 0 || x.Period < 0 || len(x.Values) != len(s.Figures[x.Source].Fields) {
				t.Errorf("figure %+v", x)
			}
			ids[x.ID] = true
		}
		written := write(t, s, &h.Book)
		sameBook(t, reread(t, s, written), &h.Book)
		if len(text) > 0 && faults.Total == 0 && len(ids) != strings.Count(strings.TrimSuffix(text, "\n"), "\n")+1 {
			t.Errorf("%d lines gave %d records and no fault", lines, len(ids))
		}
	})
}

// FuzzFields reads anything at all as the fields of a record: either there are
// faults, in Chinese and with a field, or there is one canonical object, which
// reads as itself.
func FuzzFields(f *testing.F) {
	f.Add(`{}`, false)
	f.Add(`{"words":"","names":[" 甲","甲",""],"trade":"steel","parent":"x","sum":1.50e1}`, true)
	f.Add(`{"signed_on":"2024-02-29","sort":"unclear","checked":false,"rate":"-0.5","partner":"b","points":-5,"contact":"\ud83d\ude00"}`, false)
	f.Add(`{"\ud800":"\udc00","a":1,"a":-0.0e+9,"words":null,"sum":"\u0031"}`, true)
	f.Add("\ufeff{}x", false)
	s := parsed(f, needy)
	k := s.Kind("deal")
	f.Fuzz(func(t *testing.T, text string, whole bool) {
		canonical, values, faults := Fields(s, k, []byte(text), whole)
		if len(faults) > 0 {
			if canonical != nil || values != nil || len(faults) > Shown {
				t.Errorf("%d faults and %s", len(faults), canonical)
			}
			for _, f := range faults {
				if f.At.Field == "" || f.At.Line != 0 || f.At.File != "" || !utf8.ValidString(f.Error()) {
					t.Errorf("%q", f.Error())
				}
				forPerson(t, f.Error())
			}
			return
		}
		again, valuesAgain, faults := Fields(s, k, canonical, whole)
		if len(faults) > 0 || string(again) != string(canonical) || !sameValues(valuesAgain, values) {
			t.Errorf("%s reads as %s, %v", canonical, again, faults)
		}
		if written, faults := CanonicalFields(k, values); len(faults) > 0 || string(written) != string(canonical) {
			t.Errorf("%s is written %s, %v", canonical, written, faults)
		}
		open, personal := SplitPersonal(k, canonical)
		if both := Merge(k, open, personal); string(both) != string(canonical) {
			t.Errorf("%s parted and put together is %s", canonical, both)
		}
		IdentityKey(k, text, values)
		if whole && len(Missing(k, "", values, 0, scheme.Always)) > 0 {
			t.Errorf("%s is whole and lacks something", canonical)
		}
	})
}

// FuzzNormal holds that a text is normal once and for all, and holds nothing
// that cannot be seen.
func FuzzNormal(f *testing.F) {
	for _, s := range []string{"", "Ａｃｍｅ　（中国）", "ﬁ\u00ad\u200b\u202e", "\u13a0\uab70", "\u03ab\u0345\u1fbc", "a\u0300\u034f\u0301", "\xff\xed\xa0\x80", "ẞßſ", "\ufdfa㈱½", "각"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := Normal(s)
		if again := Normal(n); again != n {
			t.Errorf("%q is %q, and then %q", s, n, again)
		}
		if !utf8.ValidString(n) || strings.ContainsFunc(n, func(r rune) bool { return unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf) }) {
			t.Errorf("%q is %q", s, n)
		}
		if Normal("\u200b "+s+"\ufeff\t") != n {
			t.Errorf("%q is another with marks about it", s)
		}
	})
}
