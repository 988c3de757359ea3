package schemes_test

import (
	"math/big"
	"strings"
)

// The campaign (一, 三); every window holds its first and its last day.
const (
	oracleFirstDay   = "2023-12-01"
	oracleLastDay    = "2024-03-31"
	oracleQuarterDay = "2024-01-01" // first day of 2024 Q1, which ends with the campaign
)

// oracleWithin reports whether a day is given and lies in the window.
func oracleWithin(day, first, last string) bool {
	return day != "" && first <= day && day <= last
}

// count counts the unit's seen records of a kind that are eligible.
func (run *oracleRun) count(u oracleUnit, kind string, eligible func(oracleRecord) bool) int {
	n := 0
	for _, rec := range run.records[u.id] {
		if rec.text("kind") == kind && eligible(rec) {
			n++
		}
	}
	return n
}

// published is the figure or provincial result that holds: "the one published
// last holds, the later line on a tie". quarter is "" for provincial results.
func (run *oracleRun) published(u oracleUnit, kind, quarter string) (oracleRecord, bool) {
	var last oracleRecord
	for _, rec := range run.records[u.id] {
		if rec.text("kind") != kind || rec.text("quarter") != quarter {
			continue
		}
		if last == nil || rec.text("published_on") >= last.text("published_on") {
			last = rec
		}
	}
	return last, last != nil
}

// oracleSettle closes a line: "score = max(floor, base − deduction) + bonus ... a
// bonus is added after the floor"; contract.md: "a deduction is what the line
// really loses, after the floor".
func oracleSettle(id string, base int64, deduction, bonus *big.Rat, floored bool, measures ...oracleMeasure) oracleLine {
	kept := new(big.Rat).Sub(oracleInt(base), deduction)
	if floored && kept.Sign() < 0 {
		kept = oracleInt(0)
	}
	line := oracleLine{ID: id, Measures: measures}
	line.Base = oracleDecimal(oracleInt(base), "base", &line.Exact)
	line.Deduction = oracleDecimal(new(big.Rat).Sub(oracleInt(base), kept), "deduction", &line.Exact)
	line.Bonus = oracleDecimal(bonus, "bonus", &line.Exact)
	line.score = new(big.Rat).Add(kept, bonus)
	score := oracleDecimal(line.score, "score", &line.Exact)
	line.Score = &score
	return line
}

// oracleCount is a count against its target; a target below 0 is none.
func oracleCount(id string, target, actual int64) oracleMeasure {
	m := oracleMeasure{ID: id}
	if target >= 0 {
		s := oracleInt(target).RatString()
		m.Target = &s
	}
	s := oracleInt(actual).RatString()
	m.Actual = &s
	return m
}

func oracleInt(n int64) *big.Rat         { return big.NewRat(n, 1) }
func oracleTimes(n, a, b int64) *big.Rat { return new(big.Rat).Mul(oracleInt(n), big.NewRat(a, b)) } // n × a/b

func oraclePlus(terms ...*big.Rat) *big.Rat {
	sum := new(big.Rat)
	for _, t := range terms {
		sum.Add(sum, t)
	}
	return sum
}

// oracleMissing and oracleExtra compare a count with its target; "A blank cell
// ... nothing can be missing there, and all that is achieved is extra".
func oracleMissing(target, done int64) int64 { return max(0, target-done) }
func oracleExtra(target, done int64) int64   { return max(0, done-max(0, target)) }

// funds: 30 points, 15 %, "5 a whole percentage point, 3 for a remaining part
// of one; floor 0"; "the same steps upward".
func (run *oracleRun) funds(u oracleUnit) oracleLine {
	fifteen := "15"
	growth := oracleMeasure{ID: "funds_growth", Target: &fifteen}
	rate, reason := run.growth(u)
	if rate == nil {
		// pending_funds, and contract.md: "A pending line has base `"30"`,
		// deduction and bonus `"0"`, `score` null (`"30"` under `hold_base`)".
		//
		// Reading: `hold_base` gives 30 to every pending line, also to one that
		// pends for a 2023 Q1 figure of 0.
		line := oracleSettle("funds", 30, oracleInt(0), oracleInt(0), true, growth)
		line.Pending = &reason
		if run.choice["pending_funds"] == "leave_out" {
			line.Score, line.score = nil, nil
		}
		return line
	}
	// "the rate that scoring used ..., rounded half away from zero at 4 places
	// for display only".
	actual := oracleTrim(rate.FloatString(4))
	growth.Actual = &actual

	// "growth of exactly 15 % has neither bonus nor deduction".
	beyond := new(big.Rat).Sub(rate, oracleInt(15))
	steps := run.steps(new(big.Rat).Abs(beyond))
	if beyond.Sign() < 0 {
		return oracleSettle("funds", 30, steps, oracleInt(0), true, growth)
	}
	return oracleSettle("funds", 30, oracleInt(0), steps, true, growth)
}

// growth is the rate in percent that the line scores by, nil with a reason
// while there is none.
func (run *oracleRun) growth(u oracleUnit) (rate *big.Rat, reason string) {
	figure, ok := run.published(u, "funds", "2024Q1")
	if !ok {
		return nil, "pending"
	}
	if run.choice["growth_source"] == "published_rate" {
		// "`rate_percent` of the 2024Q1 figure; the 2023Q1 figure is then not
		// looked at; pending where there is no rate".
		//
		// Reading: the rate is that of the figure that holds; an earlier
		// publication's rate does not stand in for it.
		if rate = figure.amount("rate_percent"); rate == nil {
			return nil, "pending"
		}
	} else {
		// "2024Q1 ÷ 2023Q1 − 1"; "a 2023 Q1 figure of 0 or below gives no
		// growth rate: the line stays pending".
		before, ok := run.published(u, "funds", "2023Q1")
		if !ok || before.amount("amount_wan").Sign() <= 0 {
			return nil, "pending"
		}
		rate = new(big.Rat).Quo(figure.amount("amount_wan"), before.amount("amount_wan"))
		rate.Sub(rate, oracleInt(1)).Mul(rate, oracleInt(100))
	}
	// growth_round: "`one_decimal`: the rate in percent is rounded half away
	// from zero to one decimal first".
	//
	// Reading: the rounding applies to either growth_source.
	if run.choice["growth_round"] == "one_decimal" {
		rate, _ = new(big.Rat).SetString(rate.FloatString(1))
	}
	return rate, ""
}

// steps prices a distance from 15 % in percentage points. growth_remainder:
// "`each_part`: 17.4 % is 2×5 + 3 = 13 · `only_below_one`: 17.4 % is 2×5 = 10;
// 15.4 % is 3".
func (run *oracleRun) steps(points *big.Rat) *big.Rat {
	whole := new(big.Int).Quo(points.Num(), points.Denom())
	price := new(big.Rat).Mul(oracleInt(5), new(big.Rat).SetInt(whole))
	if !points.IsInt() && (run.choice["growth_remainder"] == "each_part" || whole.Sign() == 0) {
		price.Add(price, oracleInt(3))
	}
	return price
}

// oracleShortfall is what a line loses where the notice states no deduction:
// "`proportional`: base × min(1, done/target) · `all_or_nothing` · `none`".
func oracleShortfall(choice string, base, target, done int64) *big.Rat {
	if done >= target || choice == "none" {
		return oracleInt(0)
	}
	if choice == "all_or_nothing" {
		return oracleInt(base)
	}
	return oracleTimes(base, target-done, target)
}

// outings: 5 points, "silent: see `outing_shortfall`", no bonus.
func (run *oracleRun) outings(u oracleUnit) oracleLine {
	first := oracleFirstDay
	if run.choice["phase_window"] == "phase" {
		first = "2023-12-15" // "outings held from 2023-12-15"
	}
	n := int64(run.count(u, "outing", func(rec oracleRecord) bool {
		// "held within the campaign; form neither 上门招商 nor 不见面招商; a
		// report is attached"; outing_forms.
		form := rec.text("form")
		excluded := form == "door_visit" || form == "no_meeting"
		if run.choice["outing_forms"] == "none_excluded" {
			excluded = false
		}
		return oracleWithin(rec.text("held_on"), first, oracleLastDay) && !excluded && rec.has("evidence", "report")
	}))
	lost := oracleShortfall(run.choice["outing_shortfall"], 5, u.outings, n)
	return oracleSettle("outings", 5, lost, oracleInt(0), false, oracleCount("outings", u.outings, n))
}

// signed: 15 points in three tiers, one floor of 0 over the whole line.
func (run *oracleRun) signed(u oracleUnit) oracleLine {
	first := oracleFirstDay
	if run.choice["phase_window"] == "phase" {
		first = oracleQuarterDay // "signed from 2024-01-01"
	}
	var done, started [3]int64 // ≥10, 5–10, 1–5
	for _, rec := range run.records[u.id] {
		// "signed within the campaign; ≥ 1 亿 yuan; contract attached and its
		// original checked".
		amount := rec.amount("amount_yi")
		checked, _ := rec["original_checked"].(bool)
		if rec.text("kind") != "signed_project" || amount == nil || amount.Cmp(oracleInt(1)) < 0 ||
			!oracleWithin(rec.text("signed_on"), first, oracleLastDay) || !rec.has("evidence", "contract") || !checked {
			continue
		}
		// "A boundary belongs to the upper tier".
		tier := 2
		if amount.Cmp(oracleInt(10)) >= 0 {
			tier = 0
		} else if amount.Cmp(oracleInt(5)) >= 0 {
			tier = 1
		}
		done[tier]++
		// "its own `started_on` and `statistics_on` both within 2024 Q1, in any
		// order, before or after signing; no photo or funds asked".
		if oracleWithin(rec.text("started_on"), oracleQuarterDay, oracleLastDay) &&
			oracleWithin(rec.text("statistics_on"), oracleQuarterDay, oracleLastDay) {
			started[tier]++
		}
	}

	short := [3]int64{oracleMissing(u.signed10, done[0]), oracleMissing(u.signed5, done[1]), oracleMissing(u.signed1, done[2])}
	over := [3]int64{oracleExtra(u.signed10, done[0]), oracleExtra(u.signed5, done[1]), oracleExtra(u.signed1, done[2])}
	if run.choice["tier_surplus"] == "fills_lower" {
		// "≥10 into 5–10, then 1–5; then what is beyond in 5–10 into 1–5"; "a
		// project used so is no longer extra".
		fill := func(from, to int) {
			used := min(over[from], short[to])
			over[from] -= used
			short[to] -= used
		}
		fill(0, 1)
		fill(0, 2)
		fill(1, 2)
	}
	if run.choice["start_bonus_scope"] == "extra_only" {
		// "at most as many as are extra in the tier (after filling)".
		for tier := range started {
			started[tier] = min(started[tier], over[tier])
		}
	}
	lost := oraclePlus(oracleTimes(short[0], 5, 1), oracleTimes(short[1], 3, 1), oracleTimes(short[2], 2, 1))
	bonus := oraclePlus(
		oracleTimes(over[0], 1, 1), oracleTimes(over[1], 1, 2), oracleTimes(over[2], 1, 10),
		oracleTimes(started[0], 10, 1), oracleTimes(started[1], 7, 1), oracleTimes(started[2], 5, 1),
	)
	return oracleSettle("signed", 15, lost, bonus, true,
		oracleCount("signed_10", u.signed10, done[0]),
		oracleCount("signed_5_10", u.signed5, done[1]),
		oracleCount("signed_1_5", u.signed1, done[2]))
}

// scale is the base of a line that task forces share with districts, and the
// factor of its points. taskforce_scale: "`literal`: the same points · `scaled`:
// deductions and bonuses × 5 (the pursuit bonus too)".
func (run *oracleRun) scale(u oracleUnit) (base, factor int64) {
	switch {
	case !u.taskforce:
		return 10, 1
	case run.choice["taskforce_scale"] == "scaled":
		return 50, 5
	}
	return 50, 1
}

// floored reports whether a line has a floor that the notice does not write.
// unstated_floor: "`zero`: floor 0 on these too · `none`".
func (run *oracleRun) floored() bool { return run.choice["unstated_floor"] == "zero" }

// reserve: "1 each" missing, "0.1 each extra".
func (run *oracleRun) reserve(u oracleUnit) oracleLine {
	n := int64(run.countReserve(u))
	base, factor := run.scale(u)
	return oracleSettle("reserve", base,
		oracleTimes(oracleMissing(u.reserve, n), factor, 1), oracleTimes(oracleExtra(u.reserve, n), factor, 10),
		run.floored(), oracleCount("reserve", u.reserve, n))
}

func (run *oracleRun) countReserve(u oracleUnit) int {
	last := oracleLastDay
	if run.choice["phase_window"] == "phase" {
		// "reserve reported by 2024-01-01".
		//
		// Reading: `phase` moves only the end that it names; the other end
		// stays that of the campaign, here and for leads, outings and signed.
		last = "2024-01-01"
	}
	least := 5 // "at least 5 target companies (district), 3 (task force)"
	if u.taskforce {
		least = 3
	}
	return run.count(u, "reserve_project", func(rec oracleRecord) bool {
		// "counted by distinct name that is not blank"; contract.md: "Names are
		// compared after trimming Unicode white space, case counts".
		names := map[string]bool{}
		list, _ := rec["target_companies"].([]any)
		for _, item := range list {
			if name := strings.TrimSpace(item.(string)); name != "" {
				names[name] = true
			}
		}
		return oracleWithin(rec.day("reported_at"), oracleFirstDay, last) && len(names) >= least
	})
}

// domestic: "4 each; floor 0"; "5 for each eligible lead pursued by a city
// leader; none for extra leads".
func (run *oracleRun) domestic(u oracleUnit) oracleLine {
	n := int64(run.countDomestic(u))
	// "within the campaign; may precede the report".
	//
	// Reading: phase_window says nothing of pursuits, so their window is the
	// whole campaign under `phase` too. `domestic_pursued` counts the pursuits
	// that earn the bonus; `pursued_by` without `pursued_on` is none.
	pursued := int64(run.count(u, "domestic_lead", func(rec oracleRecord) bool {
		// contract.md: "absent `pursued_by` a city leader"; pursuit_by.
		by := rec.text("pursued_by") == "main_leader" || run.choice["pursuit_by"] == "any_city_leader"
		return run.domesticLead(rec) && by && oracleWithin(rec.text("pursued_on"), oracleFirstDay, oracleLastDay)
	}))
	base, factor := run.scale(u)
	return oracleSettle("domestic", base,
		oracleTimes(oracleMissing(u.domestic, n), 4*factor, 1), oracleTimes(pursued, 5*factor, 1), true,
		oracleCount("domestic_leads", u.domestic, n), oracleCount("domestic_pursued", -1, pursued))
}

func (run *oracleRun) countDomestic(u oracleUnit) int {
	return run.count(u, "domestic_lead", run.domesticLead)
}

// leadsFrom is the first day of reporting for a lead: "leads reported ... from
// 2023-12-15" under `phase`.
func (run *oracleRun) leadsFrom() string {
	if run.choice["phase_window"] == "phase" {
		return "2023-12-15"
	}
	return oracleFirstDay
}

// domesticLead: "reported within the campaign; target company, content and
// amount given"; contract.md: "a text is given when not blank, an amount of 0
// is given".
func (run *oracleRun) domesticLead(rec oracleRecord) bool {
	return oracleWithin(rec.day("reported_at"), run.leadsFrom(), oracleLastDay) &&
		strings.TrimSpace(rec.text("target_company")) != "" &&
		strings.TrimSpace(rec.text("content")) != "" &&
		rec.amount("amount_yi") != nil
}

// foreign: 10 points, "silent: see `foreign_shortfall`", "2 each extra".
func (run *oracleRun) foreign(u oracleUnit) oracleLine {
	n := int64(run.count(u, "foreign_lead", func(rec oracleRecord) bool {
		// "reported within the campaign; ≥ 200 (counties and zone) or ≥ 100
		// (districts) ten-thousand US dollars".
		usd := rec.amount("amount_usd_wan")
		return oracleWithin(rec.day("reported_at"), run.leadsFrom(), oracleLastDay) && usd != nil && usd.Cmp(oracleInt(u.usdWan)) >= 0
	}))
	lost := oracleShortfall(run.choice["foreign_shortfall"], 10, u.foreign, n)
	return oracleSettle("foreign", 10, lost, oracleTimes(oracleExtra(u.foreign, n), 2, 1), false, oracleCount("foreign_leads", u.foreign, n))
}

// starts: "3 each missing new, 2 each missing resumed", "7 each extra new, 5
// each extra resumed".
func (run *oracleRun) starts(u oracleUnit) oracleLine {
	// "started 2024-01-01 to 2024-03-31; site photo attached".
	started := func(rec oracleRecord, kind string) bool {
		return rec.text("start_type") == kind && rec.has("evidence", "photo") &&
			oracleWithin(rec.text("started_on"), oracleQuarterDay, oracleLastDay)
	}
	funded := func(rec oracleRecord) bool {
		funds := rec.amount("funds_wan") // absent: 0
		return funds != nil && funds.Sign() > 0
	}
	begun := int64(run.count(u, "project_start", func(rec oracleRecord) bool {
		return started(rec, "new")
	}))
	complete := int64(run.count(u, "project_start", func(rec oracleRecord) bool {
		// "new: in statistics by 2024-03-31 (also before 2024) and funds > 0".
		listed := rec.text("statistics_on")
		return started(rec, "new") && listed != "" && listed <= oracleLastDay && funded(rec)
	}))
	resumed := int64(run.count(u, "project_start", func(rec oracleRecord) bool {
		return started(rec, "resumed") && funded(rec) // "resumed: funds > 0"
	}))

	fresh := complete
	bonusNew := oracleExtra(u.new, fresh)
	if run.choice["new_build_criteria"] == "bonus_only" {
		// "every new build started in the window with a photo counts against
		// the target; the bonus goes to as many as are beyond the target, but
		// at most to as many as are in statistics with funds".
		//
		// Reading: "in statistics" means by 2024-03-31, as under `always`; the
		// `actual` of `start_new` is what counts against the target.
		fresh = begun
		bonusNew = min(oracleExtra(u.new, begun), complete)
	}
	return oracleSettle("starts", 20,
		oraclePlus(oracleTimes(oracleMissing(u.new, fresh), 3, 1), oracleTimes(oracleMissing(u.resumed, resumed), 2, 1)),
		oraclePlus(oracleTimes(bonusNew, 7, 1), oracleTimes(oracleExtra(u.resumed, resumed), 5, 1)),
		run.floored(), oracleCount("start_new", u.new, fresh), oracleCount("start_resumed", u.resumed, resumed))
}
