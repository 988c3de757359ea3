package records

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"
	"qiaomen"
	"qiaomen/scheme"
)

func TestNormal(t *testing.T) {
	for want, all := range map[string][]string{
		"":             {"", " ", "　\t\r\n\u0085\u00a0\u2028", "\u200b\u200c\u200d\u2060\ufeff\u00ad", "\u202a\u202e\u2066\u2069\u200e\u200f", "\u034f\u115f\u3164\ufe0f\U000e0100", "\x00\x1b"},
		"acme(中国)有限公司": {"Acme（中国）有限公司", "ＡＣＭＥ (中国) 有限公司", "ac\u200bme(中国)有限公司\ufeff", "A\u00adcme（中\u2060国）有限公司", "\u202eacme(中国)有限公司\u202c", "ａｃｍｅ(中国)有限公司"},
		"acme(中国)":     {"Acme（中国）"}, // another firm, perhaps: what is alike is not the same
		"2024年1期":      {"２０２４年１期", "2024 年 1 期", "2024年①期"},
		"葛":            {"葛", "葛\U000e0100"},
		"豈":            {"豈", "\uf900"},
		"カタカナ":         {"ｶﾀｶﾅ", "カタカナ"},
		"(株)示例":        {"㈱示例", "（株）示例"},
		"weissgmbh":    {"Weiß GmbH", "WEISS GMBH", "WEIẞ GmbH"},
		"é":            {"é", "e\u0301", "É", "E\u200b\u0301"},
		"σσ":           {"Σς", "σσ"},
		"\u13a0":       {"\u13a0", "\uab70"},
		"“示例”、项目":      {"“示例”、项目"},
		"示例\ufffd":     {"示例\xff", "示例\ufffd"},
		"k":            {"K", "k", "\u212a", "Ｋ"},
	} {
		for _, s := range all {
			if got := Normal(s); got != want {
				t.Errorf("%q is %q, want %q", s, got, want)
			}
		}
	}
}

// TestEveryCharacterIsNormal holds for each character that there is, before and
// after marks that compose, that its normal form is final.
func TestEveryCharacterIsNormal(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.C) {
			continue // not a character
		}
		s := string(r) + "\u0345\u0301" + string(r)
		if n := Normal(s); Normal(n) != n {
			t.Errorf("%U: %q is %q and then %q", r, s, n, Normal(n))
		}
	}
}

// TestLongNormal holds that no text is slow, whatever stands in it.
func TestLongNormal(t *testing.T) {
	start := time.Now()
	for _, s := range []string{"甲", "a\u0301", "\u0301", "\ufdfa", "\u200b", "\u0345\u03b1", "가", "\xff"} {
		long := strings.Repeat(s, 1<<18/len(s))
		if n := Normal(long); Normal(n) != n {
			t.Errorf("%q repeated has no normal form", s)
		}
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
}

// key is the identity of a deal of these members.
func key(t *testing.T, members string) string {
	t.Helper()
	k, values := deal(t, members)
	return IdentityKey(k, "项目", values)
}

// Every field that decides, of every type there is.
const decided = `"sum":1.50,"signed_on":"2024-01-05","sort":"new","checked":true,"names":["乙","Ａ"],"trade":"Steel ","partner":"b","parent":"p-1"`

func TestIdentityKey(t *testing.T) {
	base := key(t, decided)
	if want := `["deal","项目","3/2","2024-01-05","new",true,["a","乙"],"steel","b","p-1"]`; base != want {
		t.Errorf("%s, want %s", base, want)
	}
	for _, change := range [][2]string{ // the same thing
		{`1.50`, `"15e-1"`}, {`["乙","Ａ"]`, `["a"," 乙","A","乙 "]`}, {`"Steel "`, `"ｓｔｅｅｌ"`}, {`"signed_on"`, `"words":"别的","signed_on"`},
	} {
		if got := key(t, strings.Replace(decided, change[0], change[1], 1)); got != base {
			t.Errorf("with %s it is %s", change[1], got)
		}
	}
	for _, change := range [][2]string{ // another
		{`1.50`, `1.51`}, {`-01-05`, `-01-06`}, {`"new"`, `"old"`}, {`true`, `false`}, {`"乙",`, ``}, {`"Steel "`, `"Steels"`}, {`"b"`, `"a"`}, {`"p-1"`, `"P-1"`}, {`"p-1"`, `"p-2"`},
	} {
		if got := key(t, strings.Replace(decided, change[0], change[1], 1)); got == base || got == "" {
			t.Errorf("with %s it is %s", change[1], got)
		}
	}
	for _, without := range []string{`"sum":1.50,`, `"signed_on":"2024-01-05",`, `"sort":"new",`, `"names":["乙","Ａ"],`, `"trade":"Steel ",`, `"partner":"b",`, `,"parent":"p-1"`} {
		if got := key(t, strings.Replace(decided, without, "", 1)); got != "" {
			t.Errorf("without %s it is %s", without, got)
		}
	}
	if got := key(t, strings.Replace(decided, `["乙","Ａ"]`, `["\u200b"]`, 1)); got != "" {
		t.Errorf("with a list that nobody sees it is %s", got)
	}
	if got, want := key(t, strings.Replace(decided, `"checked":true,`, "", 1)), key(t, strings.Replace(decided, "true", "false", 1)); got != want || got == "" {
		t.Errorf("a flag that is not given is %s, want %s", got, want)
	}
	if long := key(t, strings.Replace(decided, "Steel", strings.Repeat("钢", 1_000_000), 1)); len(long) != 64 || long == key(t, strings.Replace(decided, "Steel", strings.Repeat("钢", 1_000_001), 1)) {
		t.Errorf("a long key is %d bytes", len(long))
	}
}

func TestIdentityOfNames(t *testing.T) {
	s := builtIn(t)
	for _, c := range []struct{ kind, name, members, want string }{
		{"reserve_project", " 示例Ａ项目", `{}`, `["reserve_project","示例a项目"]`},
		{"reserve_project", "\u200b", `{}`, ""},
		{"outing", "赴示例市", `{"held_on":"2024-01-05"}`, `["outing","赴示例市","2024-01-05"]`},
		{"outing", "赴示例市", `{}`, ""},
		{"domestic_lead", "", `{"target_company":"甲","content":"乙"}`, `["domestic_lead","甲","乙"]`},
		{"briefing", "简报", `{}`, ""}, // first reports do not matter
	} {
		k := s.Kind(c.kind)
		_, values, faults := Fields(s, k, []byte(c.members), false)
		if got := IdentityKey(k, c.name, values); got != c.want || len(faults) > 0 {
			t.Errorf("%s %s is %s, want %s %v", c.kind, c.members, got, c.want, faults)
		}
	}
	odd := parsed(t, needy)
	if got := IdentityKey(odd.Kind("odd"), "甲", nil); got != "" {
		t.Errorf("what goes by its day of reporting is %s", got)
	}
}

// TestPartsStayApart holds that no text in one field can look like another
// division of the same characters.
func TestPartsStayApart(t *testing.T) {
	s := builtIn(t)
	k := s.Kind("domestic_lead")
	at := func(id string) int {
		return slices.IndexFunc(k.Fields, func(f *scheme.Field) bool { return f.ID == id })
	}
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.StringMatching(`[a"\\,\[\]]{0,4}`)
		of := func() (a, b, key string) {
			a, b = part.Draw(t, "company"), part.Draw(t, "content")
			values := make([]qiaomen.Value, len(k.Fields))
			values[at("target_company")] = qiaomen.Value{Given: true, Text: a}
			values[at("content")] = qiaomen.Value{Given: true, Text: b}
			return a, b, IdentityKey(k, "", values)
		}
		a, b, one := of()
		c, d, two := of()
		if blank := a == "" || b == ""; blank != (one == "") {
			t.Fatalf("%q and %q: %s", a, b, one)
		}
		if one != "" && (one == two) != (a == c && b == d) {
			t.Fatalf("%q and %q, %q and %q: %s", a, b, c, d, one)
		}
	})
}
