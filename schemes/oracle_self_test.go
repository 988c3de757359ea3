package schemes_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// oracleRec writes a record without its id. It is eligible in every phase; the
// pairs of field and JSON value set other fields, "" drops one.
func oracleRec(kind, unit string, pairs ...string) string {
	fields := [][2]string{{"kind", bookQuote(kind)}, {"unit", bookQuote(unit)}}
	add := func(pairs ...string) {
		for i := 0; i < len(pairs); i += 2 {
			fields = slices.DeleteFunc(fields, func(f [2]string) bool { return f[0] == pairs[i] })
			if pairs[i+1] != "" {
				fields = append(fields, [2]string{pairs[i], pairs[i+1]})
			}
		}
	}
	if kind != "funds" && kind != "provincial_result" {
		add("reported_at", `"2024-01-01T09:00:00+08:00"`, "recognized_at", `"2024-01-05T09:00:00+08:00"`)
	}
	add(map[string][]string{
		"reserve_project":   {"target_companies", `["甲","乙","丙","丁","戊"]`},
		"domestic_lead":     {"target_company", `"甲"`, "content", `"粮食加工"`, "amount_yi", "2"},
		"foreign_lead":      {"amount_usd_wan", "200"},
		"outing":            {"held_on", `"2024-01-10"`, "form", `"onsite"`, "evidence", `["report"]`},
		"signed_project":    {"signed_on", `"2024-01-10"`, "amount_yi", "1", "original_checked", "true", "evidence", `["contract"]`},
		"project_start":     {"start_type", `"new"`, "started_on", `"2024-01-10"`, "statistics_on", `"2024-02-10"`, "funds_wan", "1", "evidence", `["photo"]`},
		"funds":             {"published_on", `"2024-04-18"`},
		"provincial_result": {"published_on", `"2024-04-18"`},
	}[kind]...)
	add(pairs...)
	var parts []string
	for _, f := range fields {
		parts = append(parts, bookQuote(f[0])+":"+f[1])
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// oracleTimesRec repeats a record.
func oracleTimesRec(n int, rec string) []string { return slices.Repeat([]string{rec}, n) }

// oracleFigures are the two quarters' figures of jixian.
func oracleFigures(before, after string) []string {
	return []string{
		oracleRec("funds", "jixian", "quarter", `"2023Q1"`, "amount_wan", before),
		oracleRec("funds", "jixian", "quarter", `"2024Q1"`, "amount_wan", after),
	}
}

// oracleBook joins records to a file and numbers them.
func oracleBook(recs ...[]string) []byte {
	var b bytes.Buffer
	for i, rec := range slices.Concat(recs...) {
		fmt.Fprintf(&b, "{\"id\":\"r%d\",%s\n", i+1, rec[1:])
	}
	return b.Bytes()
}

// oracleChoices reads "key=choice key=choice".
func oracleChoices(s string) map[string]string {
	choices := map[string]string{}
	for _, pair := range strings.Fields(s) {
		key, choice, _ := strings.Cut(pair, "=")
		choices[key] = choice
	}
	return choices
}

// oracleProbe looks up "unit.field", "unit.line.field" or
// "unit.line.measure.field" and prints what stands there.
func oracleProbe(report []byte, path string) string {
	var root any
	if err := json.Unmarshal(report, &root); err != nil {
		return err.Error()
	}
	steps := strings.Split(path, ".")
	for _, group := range root.(map[string]any)["groups"].([]any) {
		node := oracleByID(group.(map[string]any)["units"], steps[0])
		if node == nil {
			continue
		}
		for i, list := range []string{"lines", "measures"} {
			if len(steps) > i+2 {
				node = oracleByID(node[list], steps[i+1])
			}
		}
		value := node[steps[len(steps)-1]]
		if value == nil {
			return "null"
		}
		return fmt.Sprint(value)
	}
	return "no " + path
}

func oracleByID(list any, id string) map[string]any {
	items, _ := list.([]any)
	for _, item := range items {
		if m := item.(map[string]any); m["id"] == id {
			return m
		}
	}
	return nil
}

// compareJSON says where two printed reports differ, "" if nowhere. They are
// compared as parsed JSON; the text of a `pending` reason is free.
func compareJSON(got, want []byte) string {
	parse := func(b []byte) (v any, err error) {
		dec := json.NewDecoder(bytes.NewReader(b))
		dec.UseNumber()
		if err = dec.Decode(&v); err == nil && dec.More() {
			err = fmt.Errorf("more than one value")
		}
		return v, err
	}
	g, err := parse(got)
	if err != nil {
		return fmt.Sprintf("got is no JSON: %v", err)
	}
	w, err := parse(want)
	if err != nil {
		return fmt.Sprintf("want is no JSON: %v", err)
	}
	return compareValues("", g, w)
}

func compareValues(path string, got, want any) string {
	differs := func() string {
		g, _ := json.Marshal(got)
		w, _ := json.Marshal(want)
		return fmt.Sprintf("%s: got %.300s, want %.300s", strings.TrimPrefix(path, "."), g, w)
	}
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return differs()
		}
		keys := map[string]bool{}
		for key := range w {
			keys[key] = true
		}
		for key := range g {
			keys[key] = true
		}
		// Ids first: another order of units is better said by their names.
		order := []string{"id"}
		for key := range keys {
			order = append(order, key)
		}
		slices.Sort(order[1:])
		for _, key := range order {
			at := path + "." + key
			gv, inGot := g[key]
			wv, inWant := w[key]
			switch {
			case inGot && !inWant:
				return fmt.Sprintf("%s: not wanted, got %v", strings.TrimPrefix(at, "."), gv)
			case inWant && !inGot:
				return fmt.Sprintf("%s: missing, want %v", strings.TrimPrefix(at, "."), wv)
			case key == "pending" && gv != nil && wv != nil:
				if reason, ok := gv.(string); !ok || reason == "" {
					return fmt.Sprintf("%s: got %v, want a reason", strings.TrimPrefix(at, "."), gv)
				}
				continue
			}
			if diff := compareValues(at, gv, wv); diff != "" {
				return diff
			}
		}
	case []any:
		g, ok := got.([]any)
		if !ok {
			return differs()
		}
		for i := range min(len(g), len(w)) {
			at := fmt.Sprintf("%s[%d]", path, i)
			if m, ok := w[i].(map[string]any); ok && m["id"] != nil {
				at = fmt.Sprintf("%s[%d %v]", path, i, m["id"])
			}
			if diff := compareValues(at, g[i], w[i]); diff != "" {
				return diff
			}
		}
		if len(g) != len(w) {
			return fmt.Sprintf("%s: got %d items, want %d", strings.TrimPrefix(path, "."), len(g), len(w))
		}
	default:
		if got != want {
			return differs()
		}
	}
	return ""
}

func TestOracleCompareJSON(t *testing.T) {
	for _, c := range []struct{ got, want, diff string }{
		{`{"a": [1, "x"], "pending": "no figure"}`, `{"pending":"pending","a":[1,"x"]}`, ""},
		{`{"pending": null}`, `{"pending": "pending"}`, `pending: got null, want "pending"`},
		{`{"pending": "x"}`, `{"pending": null}`, `pending: got "x", want null`},
		{`{"pending": ""}`, `{"pending": "x"}`, `pending: got , want a reason`},
		{`{"u":[{"id":"a","rank":1}]}`, `{"u":[{"id":"a","rank":2}]}`, `u[0 a].rank: got 1, want 2`},
		{`{"u":[{"id":"b"}]}`, `{"u":[{"id":"a"}]}`, `u[0 a].id: got "b", want "a"`},
		{`{"u":[1]}`, `{"u":[1,2]}`, `u: got 1 items, want 2`},
		{`{"x":"1"}`, `{"x":1}`, `x: got "1", want 1`},
		{`{"x":1,"y":2}`, `{"x":1}`, `y: not wanted, got 2`},
		{`{"x":1}`, `{"x":1,"y":2}`, `y: missing, want 2`},
		{`{} {}`, `{}`, `got is no JSON: more than one value`},
	} {
		if diff := compareJSON([]byte(c.got), []byte(c.want)); diff != c.diff {
			t.Errorf("compareJSON(%s, %s) = %q, want %q", c.got, c.want, diff, c.diff)
		}
	}
}

// "Decimals are strings in plain notation without trailing zeros, `-0` is `0`;
// a value that does not end is rounded half away from zero at 10 places, and
// `"exact": {"total": "10/7", …}` is added".
func TestOracleDecimal(t *testing.T) {
	for _, c := range []struct{ value, want, exact string }{
		{"10/7", "1.4285714286", "10/7"},
		{"-2/3", "-0.6666666667", "-2/3"},
		{"-1/30000000000000", "0", "-1/30000000000000"},
		{"1/2048", "0.00048828125", ""},
		{"-1/4096", "-0.000244140625", ""}, // 12 places, but it ends
		{"1230/10", "123", ""},
		{"100", "100", ""},
		{"0", "0", ""},
	} {
		v, _ := new(big.Rat).SetString(c.value)
		var exact map[string]string
		if got := oracleDecimal(v, "total", &exact); got != c.want || exact["total"] != c.exact {
			t.Errorf("%s is printed as %s, exactly %q, want %s, %q", c.value, got, exact["total"], c.want, c.exact)
		}
	}
}

// The books are valid by contract.md, "Records file", in what can be told from
// their text.
func TestOracleBooksAreValid(t *testing.T) {
	amount := regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)
	instant := regexp.MustCompile(`^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$`)
	ledger := "kind id unit reported_at recognized_at revoked_at name "
	fields := map[string]string{
		"reserve_project":   ledger + "target_companies",
		"domestic_lead":     ledger + "target_company content amount_yi pursued_on pursued_by",
		"foreign_lead":      ledger + "amount_usd_wan",
		"outing":            ledger + "held_on form evidence",
		"signed_project":    ledger + "signed_on amount_yi original_checked started_on statistics_on evidence",
		"project_start":     ledger + "started_on statistics_on start_type funds_wan evidence",
		"briefing":          ledger,
		"funds":             "kind id unit quarter amount_wan published_on rate_percent",
		"provincial_result": "kind id unit points published_on",
	}
	required := map[string]string{"outing": "form", "project_start": "start_type", "funds": "quarter amount_wan published_on", "provincial_result": "points published_on"}
	for seed := range uint64(150) {
		book := string(randomBook(rand.New(rand.NewPCG(seed, 3)), 80))
		ids := map[string]bool{}
		for _, line := range strings.Split(strings.TrimSuffix(book, "\n"), "\n") {
			dec := json.NewDecoder(strings.NewReader(line))
			dec.UseNumber()
			var rec oracleRecord
			if err := dec.Decode(&rec); err != nil || rec.text("id") == "" || ids[rec.text("id")] {
				t.Fatalf("seed %d: no record, or no id of its own: %v: %s", seed, err, line)
			}
			ids[rec.text("id")] = true
			kind := rec.text("kind")
			for _, name := range strings.Fields(required[kind]) {
				if rec[name] == nil {
					t.Errorf("seed %d: %s is missing: %s", seed, name, line)
				}
			}
			for name, value := range rec {
				text := fmt.Sprint(value)
				ok := slices.Contains(strings.Fields(fields[kind]), name)
				switch {
				case strings.HasSuffix(name, "_at"):
					ok = ok && instant.MatchString(text)
				case strings.HasSuffix(name, "_on"):
					_, err := time.Parse(time.DateOnly, text)
					ok = ok && err == nil
				case name == "points" || name == "rate_percent" || name == "funds_wan" || strings.HasPrefix(name, "amount_"):
					v := rec.amount(name)
					ok = ok && amount.MatchString(text) && len(v.FloatString(0)) <= 8 &&
						(name == "rate_percent" || v.Sign() >= 0) && (name != "rate_percent" || rec.text("quarter") == "2024Q1")
				}
				if !ok {
					t.Errorf("seed %d: %s: %s", seed, name, line)
				}
			}
		}
	}
}

// The oracle and the maker of books agree with themselves over many books: the
// same seed gives the same book, lines and totals add up, and the books do
// reach what they aim at.
func TestOracleRandomBooks(t *testing.T) {
	reached := map[string]int{}
	number := func(s string) *big.Rat {
		v, ok := new(big.Rat).SetString(s)
		if !ok {
			t.Fatalf("%q is no number", s)
		}
		return v
	}
	for seed := range uint64(400) {
		book := randomBook(rand.New(rand.NewPCG(seed, 1)), int(seed))
		if again := randomBook(rand.New(rand.NewPCG(seed, 1)), int(seed)); !bytes.Equal(book, again) {
			t.Fatalf("seed %d makes two different books", seed)
		}
		if n := bytes.Count(append(bytes.TrimSuffix(book, []byte("\n")), '\n'), []byte("\n")); seed > 0 && n != int(seed) {
			t.Fatalf("seed %d: %d records, want %d", seed, n, seed)
		}
		r := rand.New(rand.NewPCG(seed, 2))
		asOf, cutoff := randomView(r)
		if seed%2 == 0 {
			asOf, cutoff = "", ""
		}
		choices := randomChoices(r)
		if len(choices) != len(oracleDefaults) {
			t.Fatalf("%d choices, want %d", len(choices), len(oracleDefaults))
		}
		report, err := oracle(book, asOf, cutoff, choices)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		var parsed oracleReport
		if err := json.Unmarshal(report, &parsed); err != nil {
			t.Fatal(err)
		}
		for _, group := range parsed.Groups {
			ranks := map[int]bool{}
			for _, u := range group.Units {
				total := new(big.Rat)
				for _, line := range u.Lines {
					if line.Pending != nil {
						reached["pending"]++
					}
					if line.Score == nil {
						continue
					}
					sum := number(line.Base)
					sum.Sub(sum, number(line.Deduction)).Add(sum, number(line.Bonus))
					if sum.Cmp(number(*line.Score)) != 0 {
						t.Errorf("seed %d: %s %s: base − deduction + bonus is %v, score %s", seed, u.ID, line.ID, sum, *line.Score)
					}
					total.Add(total, sum)
					if line.Bonus != "0" {
						reached["bonus "+line.ID]++
					} else if line.Deduction == "0" && line.Pending == nil {
						reached["just met "+line.ID]++
					} else if line.Deduction == line.Base {
						reached["nothing left "+line.ID]++
					}
				}
				if total.Cmp(number(u.Total)) != 0 {
					t.Errorf("seed %d: %s: lines add up to %v, total %s", seed, u.ID, total, u.Total)
				}
				if u.Rank == nil {
					reached["unranked"]++
				} else if ranks[*u.Rank] && total.Sign() > 0 {
					reached["tie"]++
				} else {
					ranks[*u.Rank] = true
				}
				if !u.ShortOfBase && group.ID == "taskforces" {
					reached["base met"]++
				}
			}
		}
	}
	for _, what := range []string{
		"pending", "unranked", "tie", "base met",
		"bonus funds", "bonus signed", "bonus reserve", "bonus domestic", "bonus foreign", "bonus starts",
		"just met funds", "just met outings", "just met reserve", "just met domestic", "just met foreign",
		"nothing left funds", "nothing left signed", "nothing left reserve", "nothing left domestic", "nothing left outings",
	} {
		if reached[what] < 3 {
			t.Errorf("%q reached %d times in all books", what, reached[what])
		}
	}
	t.Log(reached)
}

// TestOracle holds the oracle to the numbers that scoring.md and contract.md
// state themselves. Each case quotes its sentence; want is "path=value ...".
func TestOracle(t *testing.T) {
	type cell struct {
		says    string
		book    []byte
		view    string // "as-of cutoff", "-" for an absent one
		choices string
		want    string
	}
	signed := func(amount string, pairs ...string) string {
		return oracleRec("signed_project", "jixian", append([]string{"amount_yi", amount}, pairs...)...)
	}
	works := []string{"started_on", `"2024-01-01"`, "statistics_on", `"2024-03-31"`}
	reserve := oracleRec("reserve_project", "jixian")
	lead := oracleRec("domestic_lead", "jixian")
	outing := oracleRec("outing", "jixian")
	newBuild := oracleRec("project_start", "jixian")
	resumed := oracleRec("project_start", "jixian", "start_type", `"resumed"`, "statistics_on", "")
	foreign := func(unit, usd string) []string {
		return []string{oracleRec("foreign_lead", unit, "amount_usd_wan", usd)}
	}
	companies := func(unit, list string) []string {
		return []string{oracleRec("reserve_project", unit, "target_companies", list)}
	}
	days := func(kind, field string, days ...string) (recs []string) {
		for _, day := range days {
			recs = append(recs, oracleRec(kind, "jixian", field, bookQuote(day)))
		}
		return recs
	}
	result := func(unit, points string, pairs ...string) string {
		return oracleRec("provincial_result", unit, append([]string{"points", points}, pairs...)...)
	}
	pursued := func(pairs ...string) []string {
		return []string{oracleRec("domestic_lead", "jixian", append([]string{"pursued_on", `"2023-12-01"`}, pairs...)...)}
	}
	one := func(rec string) []string { return []string{rec} }
	edges := []string{"2023-11-30", "2023-12-01", "2024-03-31", "2024-04-01"}

	for _, c := range []cell{
		// Funds.
		{
			"17.4 % is 2×5 + 3 = 13", oracleBook(oracleFigures("1000", "1174")), "", "",
			"jixian.funds.bonus=13 jixian.funds.score=43 jixian.funds.deduction=0 jixian.funds.funds_growth.actual=17.4 jixian.funds.funds_growth.target=15",
		},
		{"17.4 % is 2×5 = 10", oracleBook(oracleFigures("1000", "1174")), "", "growth_remainder=only_below_one", "jixian.funds.bonus=10"},
		{"15.4 % is 3", oracleBook(oracleFigures("1000", "1154")), "", "growth_remainder=only_below_one", "jixian.funds.bonus=3"},
		{"Downward alike (12.6 %: 13 ...", oracleBook(oracleFigures("1000", "1126")), "", "", "jixian.funds.deduction=13 jixian.funds.score=17"},
		{"... or 10)", oracleBook(oracleFigures("1000", "1126")), "", "growth_remainder=only_below_one", "jixian.funds.deduction=10"},
		{"growth of exactly 15 % has neither bonus nor deduction", oracleBook(oracleFigures(`"1e3"`, `"0.115E4"`)), "", "", "jixian.funds.score=30 jixian.funds.bonus=0 jixian.funds.deduction=0"},
		{"3 for a remaining part of one", oracleBook(oracleFigures("1000000", "1150001")), "", "", "jixian.funds.bonus=3 jixian.funds.funds_growth.actual=15.0001"},
		{"5 a whole percentage point", oracleBook(oracleFigures("100", "116")), "", "", "jixian.funds.bonus=5"},
		{"floor 0; a deduction is what the line really loses", oracleBook(oracleFigures("100", "0")), "", "", "jixian.funds.deduction=30 jixian.funds.score=0 jixian.funds.funds_growth.actual=-100"},
		{"rounded half away from zero at 4 places for display only", oracleBook(oracleFigures("3", "3.45000001")), "", "", "jixian.funds.bonus=3 jixian.funds.funds_growth.actual=15"},
		{"the rate in percent is rounded half away from zero to one decimal first", oracleBook(oracleFigures("10000", "11495")), "", "growth_round=one_decimal", "jixian.funds.deduction=0 jixian.funds.funds_growth.actual=15"},
		{"a 2023 Q1 figure of 0 or below gives no growth rate: the line stays pending", oracleBook(oracleFigures("0", "5")), "", "", "jixian.funds.pending=pending jixian.funds.score=null jixian.funds.base=30 jixian.funds.funds_growth.actual=null jixian.total=7"},
		{"30 until then, still marked pending", oracleBook(one(outing)), "", "pending_funds=hold_base", "jixian.funds.pending=pending jixian.funds.score=30 jixian.total=37.5"},
		{"the 2023Q1 figure is then not looked at", oracleBook(one(oracleRec("funds", "jixian", "quarter", `"2024Q1"`, "amount_wan", "1", "rate_percent", "-0.5"))), "", "growth_source=published_rate", "jixian.funds.deduction=30 jixian.funds.funds_growth.actual=-0.5"},
		{"pending where there is no rate", oracleBook(oracleFigures("100", "116")), "", "growth_source=published_rate", "jixian.funds.pending=pending"},
		{"the one published last holds, the later line on a tie", oracleBook(oracleFigures("100", "110"), oracleFigures("100", "116"),
			one(oracleRec("funds", "jixian", "quarter", `"2024Q1"`, "amount_wan", "200", "published_on", `"2024-04-17"`))), "", "", "jixian.funds.funds_growth.actual=16"},
		{"figures ... published on or before D", oracleBook(oracleFigures("100", "116")), "2024-04-17 -", "", "jixian.funds.pending=pending"},
		{"`--cutoff` ...; figures and provincial results do not look at it", oracleBook(oracleFigures("100", "116")), "2024-04-18 2023-12-25", "", "jixian.funds.bonus=5"},

		// Outings and foreign leads.
		{"`proportional`: base × min(1, done/target)", oracleBook(oracleTimesRec(7, outing)), "", "", "jixian.outings.score=3.5 jixian.outings.deduction=1.5 jixian.outings.outings.actual=7 jixian.outings.outings.target=10"},
		{"`all_or_nothing`", oracleBook(oracleTimesRec(9, outing)), "", "outing_shortfall=all_or_nothing", "jixian.outings.score=0 jixian.outings.deduction=5"},
		{"`none`", nil, "", "outing_shortfall=none foreign_shortfall=none", "jixian.outings.score=5 jixian.foreign.score=10"},
		{"no bonus for extra outings", oracleBook(oracleTimesRec(12, outing)), "", "", "jixian.outings.score=5 jixian.outings.bonus=0"},
		{"held within the campaign", oracleBook(days("outing", "held_on", edges...)), "", "", "jixian.outings.outings.actual=2"},
		{"outings held from 2023-12-15", oracleBook(days("outing", "held_on", "2023-12-14", "2023-12-15")), "", "phase_window=phase", "jixian.outings.outings.actual=1"},
		{"form neither 上门招商 nor 不见面招商", oracleBook(days("outing", "form", "door_visit", "no_meeting", "online")), "", "", "jixian.outings.outings.actual=1"},
		{"`none_excluded`", oracleBook(days("outing", "form", "door_visit", "no_meeting", "online")), "", "outing_forms=none_excluded", "jixian.outings.outings.actual=3"},
		{"≥ 200 (counties and zone)", oracleBook(foreign("jixian", "199.999"), foreign("jingkaiqu", `"2E2"`)), "", "", "jixian.foreign.score=0 jingkaiqu.foreign.score=10"},
		{"≥ 100 (districts)", oracleBook(foreign("jianshan", "100"), foreign("baoshan", "99.99")), "", "", "jianshan.foreign.score=10 baoshan.foreign.deduction=10"},
		{"2 each extra", oracleBook(foreign("jixian", "200"), foreign("jixian", "300"), foreign("jixian", "400")), "", "", "jixian.foreign.score=14 jixian.foreign.bonus=4"},

		// Signed projects.
		{
			"A boundary belongs to the upper tier: 1, 5 and 10 亿 exactly", oracleBook(one(signed("0.999999")), one(signed("1")), one(signed("4.9999999999")), one(signed(`"0.5E1"`)), one(signed("9.99")), one(signed("1e1"))), "", "",
			"jixian.signed.signed_1_5.actual=2 jixian.signed.signed_5_10.actual=2 jixian.signed.signed_10.actual=1",
		},
		{"5 / 3 / 2 for each missing; one floor of 0 over the whole line", nil, "", "", "jixian.signed.deduction=15 jixian.signed.score=0 jianshan.signed.deduction=13 jianshan.signed.score=2"},
		{"A blank cell ... all that is achieved is extra", oracleBook(one(oracleRec("signed_project", "jianshan", "amount_yi", "10"))), "", "", "jianshan.signed.bonus=1 jianshan.signed.deduction=13 jianshan.signed.signed_10.target=null"},
		{"1 / 0.5 / 0.1 for each beyond the target", oracleBook(oracleTimesRec(2, signed("10")), oracleTimesRec(2, signed("5")), oracleTimesRec(6, signed("1"))), "", "", "jixian.signed.bonus=1.6 jixian.signed.score=16.6"},
		{"10 / 7 / 5 for each signed project that both started and entered statistics in 2024 Q1", oracleBook(one(signed("10", works...)), one(signed("5", works...)), one(signed("1", works...))), "", "", "jixian.signed.bonus=22 jixian.signed.deduction=8 jixian.signed.score=29"},
		{"both within 2024 Q1", oracleBook(one(signed("10", "started_on", `"2023-12-31"`, "statistics_on", `"2024-03-31"`)), one(signed("10", "started_on", `"2024-03-31"`))), "", "", "jixian.signed.bonus=1"},
		{"at most as many as are extra in the tier", oracleBook(oracleTimesRec(3, signed("5", works...))), "", "start_bonus_scope=extra_only", "jixian.signed.bonus=15"},
		{"≥10 into 5–10, then 1–5; a project used so is no longer extra", oracleBook(oracleTimesRec(4, signed("10"))), "", "tier_surplus=fills_lower", "jixian.signed.deduction=6 jixian.signed.bonus=0 jixian.signed.signed_5_10.actual=0 jixian.signed.signed_10.actual=4"},
		{"then what is beyond in 5–10 into 1–5", oracleBook(oracleTimesRec(8, signed("5"))), "", "tier_surplus=fills_lower", "jixian.signed.deduction=5 jixian.signed.bonus=1"},
		{"Start bonuses go by a project's own tier; (after filling)", oracleBook(oracleTimesRec(2, signed("10", works...)), oracleTimesRec(5, signed("1"))), "", "tier_surplus=fills_lower start_bonus_scope=extra_only", "jixian.signed.bonus=0 jixian.signed.score=15"},
		{"contract attached and its original checked", oracleBook(one(signed("1", "original_checked", "")), one(signed("1", "evidence", `["photo"]`)), one(signed("1", "amount_yi", ""))), "", "", "jixian.signed.signed_1_5.actual=0"},
		{"signed from 2024-01-01", oracleBook(days("signed_project", "signed_on", "2023-12-31", "2024-01-01")), "", "phase_window=phase", "jixian.signed.signed_1_5.actual=1"},

		// Reserve projects and domestic leads.
		{"1 each; floor 0 on these too", nil, "", "", "jixian.reserve.deduction=10 jixian.reserve.score=0"},
		{"a line may go below 0", nil, "", "unstated_floor=none", "jixian.reserve.deduction=15 jixian.reserve.score=-5 jixian.total=2 jixian.starts.deduction=13"},
		{"0.1 each extra", oracleBook(oracleTimesRec(18, reserve)), "", "", "jixian.reserve.score=10.3"},
		{"at least 5 target companies, counted by distinct name that is not blank", oracleBook(companies("jixian", `["a","A"," a","\u3000b\u00a0","c","","\u2003"]`), companies("jixian", `["a","A","b","c","d "]`)), "", "", "jixian.reserve.reserve.actual=1"},
		{"3 (task force)", oracleBook(companies("sci-tech", `["a","b","c"]`), companies("sci-tech", `["a","b","b"]`)), "", "", "sci-tech.reserve.reserve.actual=1"},
		{"the day of a time is its day at +08:00", oracleBook(days("reserve_project", "reported_at", "2023-11-30T15:59:59Z", "2023-11-30T16:30:00Z", "2024-03-31t15:59:60z", "2024-03-31T16:00:00Z")), "", "", "jixian.reserve.reserve.actual=2"},
		{"reserve reported by 2024-01-01", oracleBook(days("reserve_project", "reported_at", "2024-01-01T23:59:59+08:00", "2024-01-02T00:00:00+08:00")), "", "phase_window=phase", "jixian.reserve.reserve.actual=1"},
		{"4 each; floor 0", oracleBook(one(lead)), "", "", "jixian.domestic.deduction=8 jixian.domestic.score=2 youyi.domestic.deduction=10"},
		{"none for extra leads", oracleBook(oracleTimesRec(5, lead)), "", "", "jixian.domestic.score=10"},
		{"5 for each eligible lead pursued by a city leader; a bonus is added after the floor", oracleBook(pursued(), pursued("content", `" "`)), "", "", "jixian.domestic.bonus=5 jixian.domestic.score=7 jixian.domestic.domestic_pursued.actual=1 jixian.domestic.domestic_pursued.target=null"},
		{"`main_leaders` only", oracleBook(pursued(), pursued("pursued_by", `"main_leader"`), pursued("pursued_by", `"city_leader"`)), "", "pursuit_by=main_leaders", "jixian.domestic.bonus=5 jixian.domestic.domestic_leads.actual=3"},
		{"an amount of 0 is given", oracleBook(one(oracleRec("domestic_lead", "jixian", "amount_yi", "0")), one(oracleRec("domestic_lead", "jixian", "amount_yi", ""))), "", "", "jixian.domestic.domestic_leads.actual=1"},
		{"leads reported ... from 2023-12-15", oracleBook(days("domestic_lead", "reported_at", "2023-12-14T12:00:00+08:00", "2023-12-15T00:00:00+08:00")), "", "phase_window=phase", "jixian.domestic.domestic_leads.actual=1"},

		// Starts.
		{"3 each missing new, 2 each missing resumed", oracleBook(one(newBuild), one(resumed)), "", "", "jixian.starts.deduction=8 jixian.starts.score=12 jianshan.starts.deduction=10"},
		{"7 each extra new, 5 each extra resumed", oracleBook(oracleTimesRec(4, newBuild), oracleTimesRec(4, resumed)), "", "", "jixian.starts.bonus=17 jixian.starts.score=37"},
		{"started 2024-01-01 to 2024-03-31", oracleBook(days("project_start", "started_on", "2023-12-31", "2024-01-01", "2024-03-31", "2024-04-01")), "", "", "jixian.starts.start_new.actual=2"},
		{"in statistics by 2024-03-31 (also before 2024)", oracleBook(days("project_start", "statistics_on", "2023-06-01", "2024-03-31", "2024-04-01")), "", "", "jixian.starts.start_new.actual=2"},
		{"the bonus goes to as many as are beyond the target, but at most to as many as are in statistics with funds", oracleBook(oracleTimesRec(5, oracleRec("project_start", "jixian", "funds_wan", "")), one(newBuild)), "", "new_build_criteria=bonus_only", "jixian.starts.start_new.actual=6 jixian.starts.bonus=7 jixian.starts.deduction=4"},
		{"Resumed projects need funds under either", oracleBook(one(oracleRec("project_start", "jixian", "start_type", `"resumed"`, "funds_wan", "0"))), "", "new_build_criteria=bonus_only", "jixian.starts.start_resumed.actual=0"},

		// Task forces.
		{"`reserve` (50, target 3) and `domestic` (50, target 2)", oracleBook(oracleTimesRec(4, oracleRec("reserve_project", "ice-snow")), one(oracleRec("domestic_lead", "ice-snow", "pursued_on", `"2024-01-02"`))), "", "", "ice-snow.reserve.score=50.1 ice-snow.domestic.score=51 ice-snow.total=101.1 ice-snow.short_of_base=true"},
		{"deductions and bonuses × 5 (the pursuit bonus too)", oracleBook(oracleTimesRec(4, oracleRec("reserve_project", "ice-snow")), one(oracleRec("domestic_lead", "ice-snow", "pursued_on", `"2024-01-02"`))), "", "taskforce_scale=scaled", "ice-snow.reserve.bonus=0.5 ice-snow.domestic.deduction=20 ice-snow.domestic.bonus=25 sci-tech.total=45"},
		{"some target is not met; false for districts", oracleBook(oracleTimesRec(3, oracleRec("reserve_project", "ice-snow")), oracleTimesRec(2, oracleRec("domestic_lead", "ice-snow"))), "", "", "ice-snow.short_of_base=false sci-tech.short_of_base=true jixian.short_of_base=false"},
		{
			"ranked by the province's result ...; a task force without one stands last, unranked", oracleBook(one(result("sci-tech", "90.0")), one(result("bio-economy", `"9E1"`)), one(result("ice-snow", "91")), one(oracleRec("reserve_project", "creative-design"))), "", "taskforce_main=province reflection=both",
			"ice-snow.rank=1 bio-economy.rank=2 sci-tech.rank=2 creative-design.rank=null ice-snow.last_three=false sci-tech.last_three=false creative-design.last_three=true digital-industry.last_three=true creative-design.total=90",
		},
		{"provincial results published on or before D", oracleBook(one(result("sci-tech", "90")), one(result("sci-tech", "80", "published_on", `"2024-04-20"`)), one(result("ice-snow", "85"))), "2024-04-19 -", "taskforce_main=province", "sci-tech.rank=1 ice-snow.rank=2"},

		// Ranks and the last three.
		{"equal totals share a rank (1, 2, 2, 4)", oracleBook(foreign("youyi", "300"), foreign("youyi", "300"), foreign("raohe", "300"), foreign("baoqing", "300"), []string{oracleRec("outing", "jixian")}), "", "", "youyi.rank=1 baoqing.rank=2 raohe.rank=2 jianshan.rank=4"},
		{
			"all units that fewer than three others stand below, so a tie at the border names more", oracleBook(foreign("youyi", "300"),
				oracleTimesRec(6, oracleRec("outing", "baoqing")), oracleTimesRec(6, oracleRec("outing", "raohe"))), "", "reflection=districts",
			"jixian.total=7 baoqing.total=10 raohe.total=10 jingkaiqu.total=10 jixian.last_three=true baoqing.last_three=true raohe.last_three=true jingkaiqu.last_three=true jianshan.last_three=false youyi.last_three=false ice-snow.last_three=false",
		},
		{"`taskforces`", nil, "", "reflection=taskforces", "jixian.last_three=false ice-snow.last_three=true"},

		// What is seen.
		{"revoked on day D is revoked as of D", oracleBook(days("outing", "revoked_at", "2024-02-01T00:00:00+08:00", "2024-02-02T00:00:00+08:00")), "2024-02-01 -", "", "jixian.outings.outings.actual=1"},
		{"Without `--as-of` ... any revocation holds", oracleBook(days("outing", "revoked_at", "2030-02-01T00:00:00+08:00")), "", "", "jixian.outings.outings.actual=0"},
		{"a record revoked on or before the day of its recognition never counts", oracleBook(days("outing", "revoked_at", "2024-01-05T00:00:00+08:00", "2024-01-01T00:00:00+08:00")), "2024-01-05 2024-03-31", "", "jixian.outings.outings.actual=0"},
		{"recognised on or before D", oracleBook(days("outing", "recognized_at", "2024-01-20T23:59:59+08:00", "2024-01-21T00:00:00+08:00", "")), "2024-01-20 -", "", "jixian.outings.outings.actual=1"},
		{"a record reported after C, or held ... after C, is not seen", oracleBook(days("outing", "held_on", "2024-01-25", "2024-01-26"), days("outing", "reported_at", "2024-01-25T23:59:59+08:00", "2024-01-26T00:00:00+08:00")), "- 2024-01-25", "", "jixian.outings.outings.actual=2"},
		{"its `pursued_on`, `started_on`, `statistics_on` are seen only if on or before C", oracleBook(one(signed("10", works...)), one(newBuild), pursued("pursued_on", `"2024-01-26"`)), "- 2024-01-25", "", "jixian.signed.signed_10.actual=1 jixian.signed.bonus=0 jixian.starts.start_new.actual=0 jixian.domestic.domestic_leads.actual=1 jixian.domestic.domestic_pursued.actual=0"},
		{"`--cutoff` ... may be later than D", oracleBook(days("outing", "held_on", "2024-03-30", "2024-01-20")), "2024-01-20 2024-03-31", "", "jixian.outings.outings.actual=2"},
		{"A record of a kind for which its unit has no line is ignored", oracleBook(one(oracleRec("signed_project", "ice-snow")), one(result("jixian", "100")), one(oracleRec("briefing", "jixian"))), "", "", "ice-snow.total=89 jixian.total=7 jixian.rank=6 jingkaiqu.rank=5"},
	} {
		asOf, cutoff, _ := strings.Cut(c.view, " ")
		asOf, cutoff = strings.TrimPrefix(asOf, "-"), strings.TrimPrefix(cutoff, "-")
		report, err := oracle(c.book, asOf, cutoff, oracleChoices(c.choices))
		if err != nil {
			t.Errorf("%s: %v", c.says, err)
			continue
		}
		for _, want := range strings.Fields(c.want) {
			path, value, _ := strings.Cut(want, "=")
			if got := oracleProbe(report, path); got != value {
				t.Errorf("%s: %s is %s, want %s", c.says, path, got, value)
			}
		}
	}
}
