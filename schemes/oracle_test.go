package schemes_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
)

// The oracle is a second, deliberately plain computation of the score of the
// campaign shuangyashan-winter-2023. It knows no scheme file: targets, bases
// and rules are written out by hand from scoring.md and contract.md, so that an
// error in the engine or in the scheme file cannot hide in it.
//
// It trusts its input: the records file must be valid by contract.md.

// oracleDefaults holds every key of scoring.md, "Interpretations", with the
// first choice ("the first choice is the default").
var oracleDefaults = map[string]string{
	"growth_remainder":   "each_part",
	"growth_round":       "exact",
	"growth_source":      "ratio",
	"tier_surplus":       "exclusive",
	"outing_shortfall":   "proportional",
	"foreign_shortfall":  "proportional",
	"unstated_floor":     "zero",
	"start_bonus_scope":  "every",
	"new_build_criteria": "always",
	"taskforce_scale":    "literal",
	"taskforce_main":     "city",
	"pending_funds":      "leave_out",
	"phase_window":       "campaign",
	"outing_forms":       "excluded",
	"pursuit_by":         "any_city_leader",
	"reflection":         "districts",
}

// An oracleUnit is one row of annex 1 or annex 2.
type oracleUnit struct {
	id        string
	taskforce bool
	domestic  int64
	reserve   int64
	outings   int64
	signed10  int64 // -1: the cell is blank
	signed5   int64
	signed1   int64
	new       int64
	resumed   int64
	foreign   int64
	usdWan    int64 // least amount of a foreign lead
}

// oracleUnits is annex 1, then annex 2, in their order.
var oracleUnits = []oracleUnit{
	{"jixian", false, 3, 15, 10, 1, 1, 5, 3, 2, 1, 200},
	{"youyi", false, 3, 15, 10, 1, 1, 5, 3, 2, 1, 200},
	{"baoqing", false, 3, 15, 10, 1, 1, 5, 3, 2, 1, 200},
	{"raohe", false, 3, 15, 10, 1, 1, 5, 3, 2, 1, 200},
	{"jianshan", false, 3, 15, 10, -1, 1, 5, 2, 2, 1, 100},
	{"lingdong", false, 3, 15, 10, -1, 1, 5, 2, 2, 1, 100},
	{"sifangtai", false, 3, 15, 10, -1, 1, 5, 2, 2, 1, 100},
	{"baoshan", false, 3, 15, 10, -1, 1, 5, 2, 2, 1, 100},
	{"jingkaiqu", false, 3, 15, 10, 1, 1, 5, 2, 2, 1, 200},
	{id: "digital-industry", taskforce: true, domestic: 2, reserve: 3},
	{id: "bio-economy", taskforce: true, domestic: 2, reserve: 3},
	{id: "creative-design", taskforce: true, domestic: 2, reserve: 3},
	{id: "ice-snow", taskforce: true, domestic: 2, reserve: 3},
	{id: "agri-processing", taskforce: true, domestic: 2, reserve: 3},
	{id: "sci-tech", taskforce: true, domestic: 2, reserve: 3},
}

// The printed object of contract.md, "--format json".
type (
	oracleReport struct {
		Scheme  string            `json:"scheme"`
		AsOf    *string           `json:"as_of"`
		Cutoff  *string           `json:"cutoff"`
		Choices map[string]string `json:"choices"`
		Groups  []oracleGroup     `json:"groups"`
	}
	oracleGroup struct {
		ID    string         `json:"id"`
		Units []oracleResult `json:"units"`
	}
	oracleResult struct {
		ID          string            `json:"id"`
		Rank        *int              `json:"rank"`
		Total       string            `json:"total"`
		LastThree   bool              `json:"last_three"`
		ShortOfBase bool              `json:"short_of_base"`
		Lines       []oracleLine      `json:"lines"`
		Exact       map[string]string `json:"exact,omitempty"`

		total    *big.Rat
		standing *big.Rat // what the group is ranked by; nil: no provincial result
	}
	oracleLine struct {
		ID        string            `json:"id"`
		Base      string            `json:"base"`
		Deduction string            `json:"deduction"`
		Bonus     string            `json:"bonus"`
		Score     *string           `json:"score"`
		Pending   *string           `json:"pending"`
		Measures  []oracleMeasure   `json:"measures"`
		Exact     map[string]string `json:"exact,omitempty"`

		score *big.Rat // nil: no score
	}
	oracleMeasure struct {
		ID     string  `json:"id"`
		Target *string `json:"target"`
		Actual *string `json:"actual"`
	}
)

// An oracleRun is one computation: what is seen of the records, unit by unit,
// and the choices taken.
type oracleRun struct {
	asOf, cutoff string // days, "" when absent
	choice       map[string]string
	records      map[string][]oracleRecord
}

// oracle computes what `qiaomen score --format json` must print for book.
func oracle(book []byte, asOf, cutoff string, choices map[string]string) ([]byte, error) {
	run := &oracleRun{asOf: asOf, cutoff: cutoff, choice: map[string]string{}, records: map[string][]oracleRecord{}}
	for key, choice := range oracleDefaults {
		run.choice[key] = choice
	}
	for key, choice := range choices {
		if _, ok := oracleDefaults[key]; !ok {
			return nil, fmt.Errorf("choice of unknown key %q", key)
		}
		run.choice[key] = choice
	}
	// "--cutoff C (default D)".
	//
	// Reading: where only the as-of is given, the printed "cutoff" is the
	// default that took effect, D, and not null.
	if run.cutoff == "" {
		run.cutoff = asOf
	}
	if err := run.read(book); err != nil {
		return nil, err
	}

	report := oracleReport{Scheme: "shuangyashan-winter-2023", Choices: run.choice}
	if run.asOf != "" {
		report.AsOf = &run.asOf
	}
	if run.cutoff != "" {
		report.Cutoff = &run.cutoff
	}
	districts := oracleGroup{ID: "districts"}
	taskforces := oracleGroup{ID: "taskforces"}
	for _, u := range oracleUnits {
		if u.taskforce {
			taskforces.Units = append(taskforces.Units, run.taskforce(u))
		} else {
			districts.Units = append(districts.Units, run.district(u))
		}
	}
	reflection := run.choice["reflection"]
	oracleRank(districts.Units, reflection == "districts" || reflection == "both")
	oracleRank(taskforces.Units, reflection == "taskforces" || reflection == "both")
	report.Groups = []oracleGroup{districts, taskforces}
	return json.MarshalIndent(report, "", "  ")
}

// district scores a district or the zone; scoring.md, "Districts and the zone".
func (run *oracleRun) district(u oracleUnit) oracleResult {
	return oracleSum(u, []oracleLine{
		run.funds(u), run.outings(u), run.signed(u), run.reserve(u),
		run.domestic(u), run.foreign(u), run.starts(u),
	})
}

// taskforce scores a task force; scoring.md, "Task forces".
func (run *oracleRun) taskforce(u oracleUnit) oracleResult {
	result := oracleSum(u, []oracleLine{run.reserve(u), run.domestic(u)})
	// contract.md: "`short_of_base` (task forces: some target is not met),
	// false for districts".
	result.ShortOfBase = int64(run.countReserve(u)) < u.reserve || int64(run.countDomestic(u)) < u.domestic
	// taskforce_main: "`province`: ranked by the province's result
	// (`provincial_result`), the points beside it".
	if run.choice["taskforce_main"] == "province" {
		result.standing = run.provincial(u)
	}
	return result
}

// oracleSum adds up the lines: "A line's total is the sum of its lines: the
// computed score"; contract.md: "a null adds nothing to `total`".
func oracleSum(u oracleUnit, lines []oracleLine) oracleResult {
	total := new(big.Rat)
	for _, line := range lines {
		if line.score != nil {
			total.Add(total, line.score)
		}
	}
	result := oracleResult{ID: u.id, Lines: lines, total: total, standing: total}
	result.Total = oracleDecimal(total, "total", &result.Exact)
	return result
}

// provincial is the province's result that holds for u, nil where there is none.
func (run *oracleRun) provincial(u oracleUnit) *big.Rat {
	rec, ok := run.published(u, "provincial_result", "")
	if !ok {
		return nil
	}
	return rec.amount("points")
}

// oracleRank ranks one group in place and, if reflect, flags its last three.
func oracleRank(units []oracleResult, reflect bool) {
	stands := func(a, b oracleResult) int { // < 0: a stands above b
		switch {
		case a.standing == nil && b.standing == nil:
			return 0 // "share the last place"
		case a.standing == nil:
			return 1 // "stand below all ranked ones"
		case b.standing == nil:
			return -1
		}
		return b.standing.Cmp(a.standing)
	}
	// contract.md: "units in rank order (ties in the scheme's unit order)".
	slices.SortStableFunc(units, stands)
	for i := range units {
		above, below := 0, 0
		for _, other := range units {
			switch c := stands(other, units[i]); {
			case c < 0:
				above++
			case c > 0:
				below++
			}
		}
		// "equal totals share a rank (1, 2, 2, 4)"; without a provincial
		// result "unranked": rank null.
		if units[i].standing != nil {
			rank := above + 1
			units[i].Rank = &rank
		}
		// "the last three are all units that fewer than three others stand
		// below".
		//
		// Reading: standing is the rank's, so under `province` an unranked task
		// force stands below every ranked one and none below it.
		units[i].LastThree = reflect && below < 3
	}
}

// oracleDecimal prints v as contract.md asks: plain notation without trailing
// zeros; a value that does not end is rounded half away from zero at 10 places
// and stands exactly in *exact under name.
//
// Reading: a value that ends is printed whole, be it longer than 10 places.
func oracleDecimal(v *big.Rat, name string, exact *map[string]string) string {
	places, ends := v.FloatPrec()
	if ends {
		return oracleTrim(v.FloatString(places))
	}
	if *exact == nil {
		*exact = map[string]string{}
	}
	(*exact)[name] = v.RatString()
	return oracleTrim(v.FloatString(10)) // FloatString rounds halves away from zero
}

// oracleTrim drops trailing zeros; "`-0` is `0`".
func oracleTrim(s string) string {
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		return "0"
	}
	return s
}

// An oracleRecord is one line of the file; number fields are json.Number.
type oracleRecord map[string]any

// read parses the book and keeps, in the order of the file, what the as-of and
// the cutoff let be seen and what is recognised.
func (run *oracleRun) read(book []byte) error {
	for i, line := range bytes.Split(book, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue // only what follows the last line feed, in a valid book
		}
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.UseNumber()
		rec := oracleRecord{}
		if err := dec.Decode(&rec); err != nil {
			return fmt.Errorf("line %d: %w", i+1, err)
		}
		unit := rec.text("unit")
		if !slices.ContainsFunc(oracleUnits, func(u oracleUnit) bool { return u.id == unit }) {
			return fmt.Errorf("line %d: unknown unit %q", i+1, unit)
		}
		if run.sees(rec) {
			run.records[unit] = append(run.records[unit], rec)
		}
	}
	return nil
}

// sees reports whether rec takes part in this run, and takes from it the dates
// that lie after the cutoff. contract.md, "Commands".
func (run *oracleRun) sees(rec oracleRecord) bool {
	switch rec.text("kind") {
	case "funds", "provincial_result":
		// "figures and provincial results published on or before D"; they
		// "do not look at" the cutoff.
		return run.asOf == "" || rec.text("published_on") <= run.asOf
	}

	// "absent: not recognised, does not count"; "recognised on or before D
	// and not revoked by D"; "Without `--as-of` everything is seen, and any
	// revocation holds"; "a record revoked on or before the day of its
	// recognition never counts".
	recognised, revoked := rec.day("recognized_at"), rec.day("revoked_at")
	if recognised == "" {
		return false
	}
	if revoked != "" && (run.asOf == "" || revoked <= run.asOf || revoked <= recognised) {
		return false
	}
	if run.asOf != "" && recognised > run.asOf {
		return false
	}

	// "a record reported after C, or held, signed or (for `project_start`)
	// started after C, is not seen, and its `pursued_on`, `started_on`,
	// `statistics_on` are seen only if on or before C".
	//
	// Reading: a record without `reported_at` was not reported after C, so
	// the cutoff leaves it; likewise without `held_on`, `signed_on` or
	// `started_on`.
	if run.cutoff == "" {
		return true
	}
	if rec.day("reported_at") > run.cutoff || rec.text("held_on") > run.cutoff || rec.text("signed_on") > run.cutoff {
		return false
	}
	if rec.text("kind") == "project_start" && rec.text("started_on") > run.cutoff {
		return false
	}
	for _, name := range []string{"pursued_on", "started_on", "statistics_on"} {
		if rec.text(name) > run.cutoff {
			delete(rec, name)
		}
	}
	return true
}

// text is a text or a date, "" when absent.
func (rec oracleRecord) text(name string) string {
	s, _ := rec[name].(string)
	return s
}

// day is the day of a time at +08:00, "" when absent.
//
// Reading: second 60 belongs to the minute it is written in, so 23:59:60+08:00
// is still that day and does not roll over into the next.
func (rec oracleRecord) day(name string) string {
	s := strings.ToUpper(rec.text(name))
	if s == "" {
		return ""
	}
	if s[17:19] == "60" {
		s = s[:17] + "59" + s[19:]
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", name, err)) // the book is not valid
	}
	return t.In(time.FixedZone("", 8*60*60)).Format(time.DateOnly)
}

// amount is an exact decimal, nil when absent.
func (rec oracleRecord) amount(name string) *big.Rat {
	value, ok := rec[name]
	if !ok {
		return nil
	}
	v, ok := new(big.Rat).SetString(fmt.Sprint(value))
	if !ok {
		panic(fmt.Sprintf("%s: %v is no amount", name, value)) // the book is not valid
	}
	return v
}

// has reports whether the list field holds the value.
func (rec oracleRecord) has(name, value string) bool {
	list, _ := rec[name].([]any)
	return slices.Contains(list, any(value))
}
