package records

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzRecords reads anything at all: faults have places and are Chinese, a
// faulty line is never handed on, and reading once more gives the same.
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
		if len(text) > 0 && faults.Total == 0 && len(ids) != strings.Count(strings.TrimSuffix(text, "\n"), "\n")+1 {
			t.Errorf("%d lines gave %d records and no fault", lines, len(ids))
		}
	})
}
