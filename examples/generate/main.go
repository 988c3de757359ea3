// Command generate writes the invented records file of the built-in campaign
// shuangyashan-winter-2023. It expands the tables in districts.go and
// taskforces.go; nothing depends on a clock or on chance, so that the same
// tables always give the same bytes.
//
// A table has one row for one or several records:
//
//	KIND DAY [key=value]… [flag]… # comment
//	KIND DAY..DAY xN [key=value]… one record on each of N working days
//
// A day is MM-DD of the winter or YYYY-MM-DD. It is the day of the report
// (rp, dl, fl, br), of the event (ou, sp, ps) or of the publication (fu, pr).
// What a row leaves out is filled in so that the record counts. An amount
// LO~HI is drawn between the two, by a digest of the record's place.
//
//	rep= rec= rev=  day of the report, the recognition, the revocation; rec=- for none
//	@x, of=x        names a record; takes over the name of the one so named
//	companies=      a number, dup, padded (two alike but for a space) or blank
//	company=blank   a target company of white space
//	no=             fields left out, by their JSON names
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"hash/fnv"
	"log"
	"os"
	"slices"
	"strconv"
	"strings"
)

// record is one line of the file, with the fields in the contract's order.
type record struct {
	Kind            string          `json:"kind"`
	ID              string          `json:"id"`
	Unit            string          `json:"unit"`
	ReportedAt      string          `json:"reported_at,omitempty"`
	RecognizedAt    string          `json:"recognized_at,omitempty"`
	RevokedAt       string          `json:"revoked_at,omitempty"`
	Name            string          `json:"name,omitempty"`
	TargetCompanies []string        `json:"target_companies,omitempty"`
	TargetCompany   string          `json:"target_company,omitempty"`
	Content         string          `json:"content,omitempty"`
	HeldOn          string          `json:"held_on,omitempty"`
	Form            string          `json:"form,omitempty"`
	SignedOn        string          `json:"signed_on,omitempty"`
	StartType       string          `json:"start_type,omitempty"`
	AmountYi        json.RawMessage `json:"amount_yi,omitempty"`
	AmountUSDWan    json.RawMessage `json:"amount_usd_wan,omitempty"`
	PursuedOn       string          `json:"pursued_on,omitempty"`
	PursuedBy       string          `json:"pursued_by,omitempty"`
	OriginalChecked *bool           `json:"original_checked,omitempty"`
	StartedOn       string          `json:"started_on,omitempty"`
	StatisticsOn    string          `json:"statistics_on,omitempty"`
	FundsWan        json.RawMessage `json:"funds_wan,omitempty"`
	Evidence        []string        `json:"evidence,omitempty"`
	Quarter         string          `json:"quarter,omitempty"`
	AmountWan       json.RawMessage `json:"amount_wan,omitempty"`
	RatePercent     json.RawMessage `json:"rate_percent,omitempty"`
	Points          json.RawMessage `json:"points,omitempty"`
	PublishedOn     string          `json:"published_on,omitempty"`

	abbr string
}

// unit is one assessed unit with its table.
type unit struct {
	id        string
	companies int // target companies that a reserve project needs
	usd       int // least amount of a foreign lead, ten-thousand US dollars
	delay     int // working days by which the unit reports later than others
	lag       int // working days by which it is recognised later than others
	table     string
}

var kinds = map[string]string{
	"rp": "reserve_project", "dl": "domestic_lead", "fl": "foreign_lead",
	"ou": "outing", "sp": "signed_project", "ps": "project_start",
	"br": "briefing", "fu": "funds", "pr": "provincial_result",
}

var keys = map[string]bool{
	"new": true, "resumed": true, "of": true, "no": true, "rep": true, "rec": true, "rev": true,
	"companies": true, "company": true, "amount": true, "usd": true, "pursued": true, "by": true,
	"form": true, "evidence": true, "checked": true, "started": true, "stat": true, "funds": true,
	"quarter": true, "wan": true, "rate": true, "points": true,
}

func main() {
	log.SetFlags(0)
	out := flag.String("o", "winter-2023.jsonl", "file to write")
	flag.Parse()

	g := generator{names: map[string]string{}, leads: map[string]bool{}}
	for _, u := range slices.Concat(districts, taskforces) {
		g.unit(u)
	}
	if err := write(*out, g.finish()); err != nil {
		log.Fatal(err)
	}
}

type generator struct {
	records  []record
	names    map[string]string // by label
	leads    map[string]bool   // names of foreign leads
	projects int               // project names given out so far
}

// unit expands the table of one unit.
func (g *generator) unit(u unit) {
	seen := map[string]int{}
	for line := range strings.Lines(u.table) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if len(words) < 2 || kinds[words[0]] == "" {
			log.Fatalf("%s: bad row %q", u.id, line)
		}
		args := map[string]string{}
		n := 1
		for _, w := range words[2:] {
			key, value, _ := strings.Cut(w, "=")
			if c, err := strconv.Atoi(strings.TrimPrefix(w, "x")); err == nil && w[0] == 'x' {
				n = c
				continue
			}
			if !keys[key] && key[0] != '@' {
				log.Fatalf("%s: unknown key in row %q", u.id, line)
			}
			args[key] = value
		}
		from, to, span := strings.Cut(words[1], "..")
		for i := range n {
			seen[words[0]]++
			r := row{u: u, abbr: words[0], seq: seen[words[0]], args: args, day: parseDay(from)}
			if span {
				r.day = spread(r.day, parseDay(to), i, n, r.draw("day", n))
			}
			g.records = append(g.records, g.expand(r))
		}
	}
}

// finish brings the records into the order of the ledger and numbers them.
func (g *generator) finish() []record {
	slices.SortStableFunc(g.records, func(a, b record) int {
		return cmp.Compare(a.ReportedAt+a.PublishedOn, b.ReportedAt+b.PublishedOn)
	})
	count := map[string]int{}
	for i := range g.records {
		r := &g.records[i]
		key := r.Unit + "-" + r.abbr
		count[key]++
		r.ID = fmt.Sprintf("%s-%03d", key, count[key])
	}
	return g.records
}

// row is one record still to be made.
type row struct {
	u    unit
	abbr string
	seq  int
	args map[string]string
	day  day
}

// draw gives a number below n that depends on the record's place in the
// tables and on what it is for, and on nothing else.
func (r row) draw(what string, n int) int {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s %s %d %s", r.u.id, r.abbr, r.seq, what)
	x := h.Sum64()
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	return int((x ^ x>>33) % uint64(n))
}

func (r row) has(key string) bool { _, ok := r.args[key]; return ok }

// drops reports whether the row leaves the field out.
func (r row) drops(field string) bool {
	return slices.Contains(strings.Split(r.args["no"], ","), field)
}

func (r row) text(key, otherwise string) string {
	if v, ok := r.args[key]; ok {
		return v
	}
	return otherwise
}

// date gives the day named by key as text, empty where the row has none.
func (r row) date(key string) string {
	if v := r.args[key]; v != "" {
		return parseDay(v).String()
	}
	return ""
}

// amount writes the figure named by key: as the row spells it, or between
// LO and HI with two decimals, some of them as a string.
func (r row) amount(key, otherwise string) json.RawMessage {
	v := r.text(key, otherwise)
	lo, hi, drawn := strings.Cut(v, "~")
	if !drawn {
		return json.RawMessage(v)
	}
	a, errA := strconv.Atoi(lo)
	b, errB := strconv.Atoi(hi)
	if errA != nil || errB != nil {
		log.Fatalf("%s: bad amount %q", r.u.id, v)
	}
	c := a*100 + 5 + 5*r.draw(key, (b-a)*20-1)
	v = fmt.Sprintf("%d.%02d", c/100, c%100)
	if r.draw(key+" form", 9) == 0 {
		return json.RawMessage(strconv.Quote(v))
	}
	return json.RawMessage(strings.TrimRight(strings.TrimRight(v, "0"), "."))
}

// expand makes the record of a row.
func (g *generator) expand(r row) record {
	rec := record{Kind: kinds[r.abbr], Unit: r.u.id, abbr: r.abbr}
	if r.abbr == "fu" || r.abbr == "pr" {
		rec.PublishedOn = r.day.String()
		rec.Quarter = r.args["quarter"]
		rec.AmountWan = r.amount("wan", "")
		rec.RatePercent = r.amount("rate", "")
		rec.Points = r.amount("points", "")
		return rec
	}
	rec.Name = g.name(r)
	on := r.day.String()
	reported := r.day
	known := r.day // from when on it can be recognised
	switch r.abbr {
	case "rp":
		rec.TargetCompanies = companies(r)
	case "dl":
		rec.TargetCompany = company(r, 0)
		if r.args["company"] == "blank" {
			rec.TargetCompany = " "
		}
		rec.Content = "拟投资" + theme(r.draw("theme", len(themes))) + contents[r.draw("what", len(contents))]
		rec.AmountYi = r.amount("amount", "1~9")
		rec.PursuedOn, rec.PursuedBy = r.date("pursued"), r.args["by"]
	case "fl":
		rec.AmountUSDWan = r.amount("usd", fmt.Sprintf("%d~%d", r.u.usd, r.u.usd*3))
	case "ou":
		rec.HeldOn = on
		rec.Form = r.text("form", []string{"onsite", "onsite", "onsite", "online"}[r.draw("form", 4)])
		rec.Evidence = [][]string{{"report"}, {"report", "photo"}}[r.draw("evidence", 2)]
		reported = r.day.plus(1 + r.draw("delay", 3) + r.u.delay)
	case "sp":
		rec.SignedOn = on
		rec.AmountYi = r.amount("amount", "1~5")
		checked := r.text("checked", "true") == "true"
		rec.OriginalChecked = &checked
		rec.StartedOn, rec.StatisticsOn = r.date("started"), r.date("stat")
		rec.Evidence = []string{"contract"}
		reported = r.day.plus(1 + r.draw("delay", 2) + r.u.delay)
	case "ps":
		rec.StartedOn, rec.StartType = on, "resumed"
		rec.FundsWan = r.amount("funds", "300~6000")
		rec.Evidence = []string{"photo"}
		reported = r.day.plus(1 + r.draw("delay", 3) + r.u.delay)
		known = reported
		if r.has("new") {
			rec.StartType = "new"
			stat := min(r.day.plus(6+r.draw("stat", 8)), parseDay("03-29"))
			if r.has("stat") {
				stat = parseDay(r.args["stat"])
			}
			rec.StatisticsOn, known = stat.String(), stat
		}
	}
	if r.has("rep") {
		reported = parseDay(r.args["rep"])
	}
	known = max(known, reported)
	recognized := known.plus(1 + r.draw("lag", 4) + r.u.lag)
	rec.ReportedAt = reported.at(r.draw("hour", 390))
	if r.has("rec") && r.args["rec"] != "-" {
		recognized = parseDay(r.args["rec"])
	}
	if r.args["rec"] != "-" {
		rec.RecognizedAt = recognized.at(r.draw("minute", 300))
	}
	if r.has("rev") {
		rec.RevokedAt = parseDay(r.args["rev"]).at(300 + r.draw("revoked", 90))
	}
	drop(&rec, r)
	return rec
}

// drop takes away the fields that the row leaves out.
func drop(rec *record, r row) {
	if r.drops("amount_yi") {
		rec.AmountYi = nil
	}
	if r.drops("content") {
		rec.Content = ""
	}
	if r.drops("target_company") {
		rec.TargetCompany = ""
	}
	if r.drops("amount_usd_wan") {
		rec.AmountUSDWan = nil
	}
	if r.drops("evidence") {
		rec.Evidence = nil
	}
	if r.has("evidence") {
		rec.Evidence = strings.Split(r.args["evidence"], ",")
	}
	if r.drops("original_checked") {
		rec.OriginalChecked = nil
	}
	if r.drops("statistics_on") {
		rec.StatisticsOn = ""
	}
	if r.drops("funds_wan") {
		rec.FundsWan = nil
	}
}

// write puts the records into a file, one object a line.
func write(name string, records []record) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, r := range records {
		if err := enc.Encode(r); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}
