package schemes_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

// What the random books aim at: the edges of every rule.
var (
	// On and one day outside every window, and inside all of them (2024-01-01
	// is the one day that lies in every phase).
	bookDays = []string{
		"2023-11-30", "2023-12-01", "2023-12-14", "2023-12-15", "2023-12-31",
		"2024-01-01", "2024-01-02", "2024-02-29", "2024-03-31", "2024-04-01",
	}
	bookGoodDays = []string{"2024-01-01", "2024-01-01", "2024-01-01", "2024-03-31", "2024-01-02", "2023-12-15", "2023-12-31"}

	// Days of computation, and the monthly cutoffs.
	bookViews = []string{"2023-12-25", "2024-01-25", "2024-02-25", "2024-03-31", "2024-04-18", "2024-04-30", "2024-04-30", "2024-12-31"}

	bookYi     = []string{"1", "5", "10", "1", "5", "10", "1.5", "4.9999999999", "9.99", "9.9999999999999999999", "10.0001", "5.0000001", "12.5", "100"}
	bookPoorYi = []string{"0", "0.999999", "0.99999999999999999999", "0.5"}
	bookUSD    = []string{"100", "200", "200", "200.01", "1000", "100.01", "199.999", "99.99", "99.9999999999999999"}
	bookWan    = []string{"0.0001", "1", "3000", "0.5"}

	// Growth in percent around 15 and around whole points from it; the last
	// ones stand on either side of a half in the first decimal.
	bookGrowth = []string{
		"15", "15", "15.0001", "16", "12.6", "17.4", "15.4", "14", "14.9999", "13.9999", "0", "-3", "-100", "40",
		"15.04", "15.05", "14.95", "14.949999", "15.949999", "15.95", "14.05", "-0.05", "15.00004", "15.00005",
	}
	bookRates     = append([]string{"17.123456789012345678901", "12.6000000000000000000001"}, bookGrowth...)
	bookFunds     = []string{"10000", "8", "12345.67", "3", "7", "0.7"}
	bookPublished = []string{"2023-12-20", "2024-01-20", "2024-04-10", "2024-04-18", "2024-04-18", "2024-04-30"}
	bookPoints    = []string{"90", "90", "88.5", "88.50", "0", "100", "3.333333333333"}

	bookNames  = []string{"华能集团", "中粮集团", "Acme", "acme", "阿里\"云\"", "😀食品", "甲,公司", "\u200b华能集团"}
	bookSpaces = []string{"", "", " ", "\t", "\u3000", "\u00a0", "\u2003 ", "\u0085"}
	bookBlanks = []string{"", " ", "\t\n", "\u3000\u3000", "\u00a0"}

	bookKinds = []string{
		"reserve_project", "domestic_lead", "foreign_lead", "outing",
		"signed_project", "project_start", "briefing", "funds", "provincial_result",
	}
)

// A bookMaker makes one book: its units, its favourite kinds and how often a
// condition fails are the same for all its records.
type bookMaker struct {
	*rand.Rand
	units  []oracleUnit
	kinds  []string
	flaw   float64           // how often one condition of a record fails
	before map[string]string // a unit's usual 2023 Q1 figure
	lines  []string
}

// randomBook makes a valid records file of n records; a seed always makes the
// same one.
func randomBook(r *rand.Rand, n int) []byte {
	m := &bookMaker{Rand: r, before: map[string]string{}}
	// Few units make counts high, many make rankings long.
	order := r.Perm(len(oracleUnits))
	size := bookPick(m, 1, 2, 2, 3, 4, len(order))
	for _, i := range order[:size] {
		m.units = append(m.units, oracleUnits[i])
	}
	m.kinds = bookKinds
	if m.chance(0.4) {
		m.kinds = []string{bookPick(m, bookKinds[:6]...), bookPick(m, bookKinds[:6]...), "funds"}
	}
	m.flaw = bookPick(m, 0, 0.02, 0.1, 0.3)
	for len(m.lines) < n {
		m.record(bookPick(m, m.units...), bookPick(m, m.kinds...))
	}
	r.Shuffle(n, func(i, j int) { m.lines[i], m.lines[j] = m.lines[j], m.lines[i] })

	end := bookPick(m, "\n", "\n", "\r\n")
	book := strings.Join(m.lines[:n], end)
	if n > 0 && m.chance(0.8) {
		book += end
	}
	return []byte(book)
}

// randomView draws the two days of a computation, "" for an absent one.
func randomView(r *rand.Rand) (asOf, cutoff string) {
	m := &bookMaker{Rand: r}
	days := slices.Concat(bookViews, bookDays)
	draw := func() string {
		if m.chance(0.4) {
			return ""
		}
		return bookPick(m, bookPick(m, days...), bookPick(m, bookViews...))
	}
	return draw(), draw()
}

// randomChoices draws a choice for every key of scoring.md.
func randomChoices(r *rand.Rand) map[string]string {
	m := &bookMaker{Rand: r}
	three := []string{"proportional", "all_or_nothing", "none"}
	return map[string]string{
		"growth_remainder":   bookPick(m, "each_part", "only_below_one"),
		"growth_round":       bookPick(m, "exact", "one_decimal"),
		"growth_source":      bookPick(m, "ratio", "published_rate"),
		"tier_surplus":       bookPick(m, "exclusive", "fills_lower"),
		"outing_shortfall":   bookPick(m, three...),
		"foreign_shortfall":  bookPick(m, three...),
		"unstated_floor":     bookPick(m, "zero", "none"),
		"start_bonus_scope":  bookPick(m, "every", "extra_only"),
		"new_build_criteria": bookPick(m, "always", "bonus_only"),
		"taskforce_scale":    bookPick(m, "literal", "scaled"),
		"taskforce_main":     bookPick(m, "city", "province"),
		"pending_funds":      bookPick(m, "leave_out", "hold_base"),
		"phase_window":       bookPick(m, "campaign", "phase"),
		"outing_forms":       bookPick(m, "excluded", "none_excluded"),
		"pursuit_by":         bookPick(m, "any_city_leader", "main_leaders"),
		"reflection":         bookPick(m, "districts", "taskforces", "both"),
	}
}

// bookPick draws one of the values.
func bookPick[T any](m *bookMaker, from ...T) T { return from[m.IntN(len(from))] }

func (m *bookMaker) chance(p float64) bool { return m.Float64() < p }
func (m *bookMaker) fails() bool           { return m.chance(m.flaw) }

// record adds a record of the kind; for figures, most often both quarters.
func (m *bookMaker) record(u oracleUnit, kind string) {
	if u.taskforce && m.chance(0.6) { // or else a kind it may have no line for
		kind = bookPick(m, "reserve_project", "domestic_lead", "provincial_result")
	}
	switch kind {
	case "funds":
		m.figures(u)
		return
	case "provincial_result":
		m.add(u, kind, map[string]string{"points": m.number(bookPick(m, bookPoints...)), "published_on": bookQuote(bookPick(m, bookPublished...))})
		return
	}
	f := map[string]string{}
	m.ledger(f)
	switch kind {
	case "reserve_project":
		if !m.fails() {
			f["target_companies"] = m.companies(u)
		}
	case "domestic_lead":
		m.domesticLead(f)
	case "foreign_lead":
		if !m.fails() {
			f["amount_usd_wan"] = m.number(bookPick(m, bookUSD...))
		}
	case "outing":
		f["form"] = bookQuote(bookPick(m, "onsite", "online"))
		if m.fails() || m.chance(0.05) {
			f["form"] = bookQuote(bookPick(m, "door_visit", "no_meeting"))
		}
		m.date(f, "held_on")
		m.evidence(f, "report")
	case "signed_project":
		m.date(f, "signed_on")
		if !m.fails() {
			f["amount_yi"] = m.number(bookPick(m, bookYi...))
		} else if m.chance(0.7) {
			f["amount_yi"] = m.number(bookPick(m, bookPoorYi...))
		}
		if !m.fails() {
			f["original_checked"] = "true"
		} else if m.chance(0.5) {
			f["original_checked"] = "false"
		}
		m.evidence(f, "contract")
		if m.chance(0.5) {
			m.startDates(f)
		}
	case "project_start":
		f["start_type"] = bookQuote(bookPick(m, "new", "resumed"))
		m.startDates(f)
		if !m.fails() && m.chance(0.9) {
			f["funds_wan"] = m.number(bookPick(m, bookWan...))
		} else if m.chance(0.6) {
			f["funds_wan"] = m.number("0")
		}
		m.evidence(f, "photo")
	}
	m.add(u, kind, f)
}

// ledger fills in the fields that the first seven kinds share.
func (m *bookMaker) ledger(f map[string]string) {
	if !m.fails() {
		f["reported_at"] = m.instant(m.day())
	}
	if m.chance(0.5) {
		f["name"] = bookQuote(bookPick(m, bookNames...))
	}
	if m.fails() {
		if m.chance(0.3) {
			f["revoked_at"] = m.instant(m.day())
		}
		return
	}
	recognised := bookPick(m, m.day(), "2024-04-01", "2024-04-18")
	f["recognized_at"] = m.instant(recognised)
	if m.fails() || m.chance(0.06) {
		day, _ := time.Parse(time.DateOnly, recognised)
		revoked := day.AddDate(0, 0, bookPick(m, -1, 0, 1, 30)).Format(time.DateOnly)
		f["revoked_at"] = m.instant(bookPick(m, revoked, m.day(), bookPick(m, bookViews...)))
	}
}

func (m *bookMaker) domesticLead(f map[string]string) {
	for _, name := range []string{"target_company", "content"} {
		if !m.fails() {
			f[name] = bookQuote(bookPick(m, bookNames...))
		} else if m.chance(0.5) {
			f[name] = bookQuote(bookPick(m, bookBlanks...))
		}
	}
	if !m.fails() {
		f["amount_yi"] = m.number(bookPick(m, bookPick(m, bookYi...), "0"))
	}
	if m.chance(0.4) {
		m.date(f, "pursued_on")
	}
	if m.chance(0.3) {
		f["pursued_by"] = bookQuote(bookPick(m, "main_leader", "city_leader"))
	}
}

// startDates sets the two dates of a start, in any order; the entry into
// statistics may also lie long before.
func (m *bookMaker) startDates(f map[string]string) {
	m.date(f, "started_on")
	m.date(f, "statistics_on")
	if m.chance(0.4) {
		f["started_on"] = bookQuote(bookPick(m, "2024-01-01", "2024-01-25", "2024-01-26", "2024-02-29", "2024-03-31"))
	}
	if m.chance(0.4) {
		f["statistics_on"] = bookQuote(bookPick(m, "2022-07-01", "2023-12-31", "2024-01-25", "2024-03-30", "2024-03-31", "2024-04-01"))
	}
}

// companies is a list about as long as the unit's project needs, with double,
// blank and padded names.
func (m *bookMaker) companies(u oracleUnit) string {
	distinct := 5
	if u.taskforce {
		distinct = 3
	}
	if m.fails() {
		distinct--
	} else if m.chance(0.3) {
		distinct++
	}
	var names []string
	for _, i := range m.Perm(len(bookNames))[:distinct] {
		names = append(names, bookNames[i])
	}
	for range m.IntN(3) {
		names = append(names, bookPick(m, bookPick(m, names...), bookPick(m, bookBlanks...)))
	}
	m.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for i := range names {
		names[i] = bookQuote(bookPick(m, bookSpaces...) + names[i] + bookPick(m, bookSpaces...))
	}
	return "[" + strings.Join(names, bookPick(m, ",", ", ")) + "]"
}

// figures adds the two quarters, or one of them, sometimes published twice.
func (m *bookMaker) figures(u oracleUnit) {
	if m.before[u.id] == "" || m.chance(0.05) {
		m.before[u.id] = bookPick(m, bookPick(m, bookFunds...), bookPick(m, bookFunds...), bookPick(m, bookFunds...), "0")
	}
	before := m.before[u.id]
	for _, quarter := range []string{"2023Q1", "2024Q1"} {
		if m.chance(0.15) {
			continue
		}
		f := map[string]string{"quarter": bookQuote(quarter), "published_on": bookQuote(bookPick(m, bookPublished...)), "amount_wan": m.number(before)}
		if quarter == "2024Q1" {
			f["amount_wan"] = m.number(m.grown(before))
			if m.chance(0.7) {
				f["rate_percent"] = m.number(bookPick(m, bookRates...))
			}
		}
		m.add(u, "funds", f)
	}
}

// grown is a 2024 Q1 figure: before × (1 + a rate on an edge), or any other.
func (m *bookMaker) grown(before string) string {
	if m.chance(0.15) {
		return bookPick(m, bookFunds...)
	}
	v, _ := new(big.Rat).SetString(before)
	rate, _ := new(big.Rat).SetString(bookPick(m, bookGrowth...))
	rate.Quo(rate, oracleInt(100))
	v.Mul(v, rate.Add(rate, oracleInt(1)))
	return v.FloatString(12) // ends well before
}

// date sets a date that mostly fits; now and then there is none.
func (m *bookMaker) date(f map[string]string, name string) {
	if m.fails() && m.chance(0.4) {
		return
	}
	f[name] = bookQuote(m.day())
}

func (m *bookMaker) day() string {
	if m.fails() || m.chance(0.05) {
		return bookPick(m, bookDays...)
	}
	return bookPick(m, bookGoodDays...)
}

// evidence sets a list that holds the wanted item, unless the condition fails.
func (m *bookMaker) evidence(f map[string]string, wanted string) {
	var list []string
	for _, item := range []string{"report", "contract", "photo"} {
		if item == wanted && !m.fails() || item != wanted && m.chance(0.3) {
			list = append(list, bookQuote(item))
		}
	}
	if list == nil && m.chance(0.5) {
		return
	}
	f["evidence"] = "[" + strings.Join(list, ",") + "]"
}

// instant writes a time that lies on day at +08:00, at an offset by which it
// may well be written as another day.
func (m *bookMaker) instant(day string) string {
	clock := bookPick(m, "00:00:00", "00:30:00", "09:15:42", "17:00:00", "23:30:00", "23:59:59", "23:59:59")
	t, err := time.Parse(time.RFC3339, day+"T"+clock+"+08:00")
	if err != nil {
		panic(err)
	}
	minutes := bookPick(m, 8*60, 8*60, 0, 0, -5*60, 14*60, -12*60, 5*60+30)
	s := t.In(time.FixedZone("", minutes*60)).Format("2006-01-02T15:04:05-07:00")
	seconds, offset := s[17:19], s[19:]
	if clock == "23:59:59" && m.chance(0.3) {
		seconds = "60"
	}
	if m.chance(0.1) {
		seconds += bookPick(m, ".5", ".000", ".999999999")
	}
	if minutes == 0 {
		offset = bookPick(m, "Z", "Z", "z", "+00:00", "-00:00")
	}
	s = s[:17] + seconds + offset
	if m.chance(0.15) {
		s = strings.ToLower(s)
	}
	return bookQuote(s)
}

// number writes a decimal in one of the ways that contract.md takes: a JSON
// number or a string, plain, padded with zeros, or with an exponent.
func (m *bookMaker) number(decimal string) string {
	sign := ""
	if strings.HasPrefix(decimal, "-") {
		sign, decimal = "-", decimal[1:]
	}
	whole, part, _ := strings.Cut(decimal, ".")
	part = strings.TrimRight(part, "0")
	plain := whole
	if part != "" {
		plain += "." + part
	}
	digits := strings.TrimLeft(whole+part, "0")
	if digits == "" { // zero
		plain = bookPick(m, "0", "0", "0.0", "-0", "0e5", "0E-3")
		sign, digits = "", ""
	}
	e := bookPick(m, "e", "E")
	switch style := m.IntN(6); {
	case digits == "" || style < 3:
	case style == 3: // 10.00
		if part == "" {
			plain += "."
		}
		plain += "00"
	case style == 4: // 0.5E1
		plain = "0." + digits + m.exponent(e, len(digits)-len(part))
	default: // 1e1, 1.25e1, 125e-1
		point := 1 + m.IntN(len(digits))
		plain = digits[:point]
		if rest := strings.TrimRight(digits[point:], "0"); rest != "" {
			plain += "." + rest
		}
		plain += m.exponent(e, len(digits)-len(part)-point)
	}
	if m.chance(0.4) {
		return bookQuote(sign + plain)
	}
	return sign + plain
}

func (m *bookMaker) exponent(e string, n int) string {
	if n < 0 {
		return fmt.Sprint(e, n)
	}
	return fmt.Sprint(e, bookPick(m, "", "+"), n)
}

// add writes the record as one line, its fields in any order.
func (m *bookMaker) add(u oracleUnit, kind string, f map[string]string) {
	f["kind"], f["unit"] = bookQuote(kind), bookQuote(u.id)
	f["id"] = bookQuote(fmt.Sprint(bookPick(m, "r", "双-", ""), len(m.lines)+1, bookPick(m, "", "a")))
	fields := slices.Sorted(maps.Keys(f)) // one seed, one book
	m.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	for i, name := range fields {
		fields[i] = bookQuote(name) + bookPick(m, ":", ": ") + f[name]
	}
	line := "{" + strings.Join(fields, bookPick(m, ",", ", ")) + "}"
	if m.chance(0.05) {
		line = bookEscape(line)
	}
	m.lines = append(m.lines, line)
}

// bookQuote writes a JSON string.
func bookQuote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// bookEscape writes all but ASCII as \u escapes, in pairs where need be.
func bookEscape(line string) string {
	var b strings.Builder
	for _, c := range line {
		if c < 0x80 {
			b.WriteRune(c)
			continue
		}
		for _, unit := range utf16.Encode([]rune{c}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}
