package store

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
)

// A List says which records a page holds, and in which order. What is empty is
// not asked.
type List struct {
	Unit, Kind string
	States     []qiaomen.State
	Where      []Where // every one must hold
	By         string  // field that they are put in order by; empty: their place among first reports
	Numbers    bool    // that field holds numbers
	Descending bool
	After      string // where the page before ended, as it said
	Limit      int
}

// A Where is a condition on one field of a record: its own, one that the office
// set, or name. Texts are compared by their first 64 characters, days as texts;
// of a span both ends are included. A record without the field does not pass.
type Where struct {
	Field       string
	Equals      string
	Prefix      string
	From, To    string
	Least, Most *qiaomen.Number
}

// Records is a page of records as they stand now, and where the next one
// begins; empty: there is none. Records without the field that orders them come
// first, or last where the order descends.
func Records(r Reader, l List) (page []*qiaomen.LedgerRecord, next string, err error) {
	v := r.view()
	if v.position != 0 || v.s == nil {
		return nil, "", errors.New("what lists sort by is kept as it stands now")
	}
	after, err := l.after()
	if err != nil {
		return nil, "", err
	}
	sh := v.s.shelfOf(v.journal)
	if !sh.ready.Load() {
		if l.By == "" && len(l.Where) == 0 { // the rows can tell that too, while the shelf is put up
			sh.putSoon()
			return l.rows(v, after)
		}
		if err := sh.put(v.ctx); err != nil {
			return nil, "", err
		}
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if err := sh.follow(v); err != nil {
		return nil, "", err
	}
	var fields []string
	if l.By != "" {
		fields = append(fields, l.By)
	}
	for _, w := range l.Where {
		fields = append(fields, w.Field)
	}
	if err := sh.look(v, l.Kind, fields); err != nil {
		return nil, "", err
	}
	cards, more := sh.page(&l, after)
	page, err = sh.records(v, cards)
	if err != nil {
		return nil, "", err
	}
	if more {
		last := cards[len(cards)-1]
		next = l.mark(sh.mark(last, l.ordering()), last.id)
	}
	return page, next, nil
}

func (l *List) ordering() ordering {
	return ordering{unit: l.Unit, kind: l.Kind, by: l.By, numbers: l.Numbers && l.By != ""}
}

// page is the cards of a page, and whether others follow. A page is found by
// where the last one ended, never by counting: what comes and goes meanwhile
// moves nobody to another page.
func (sh *shelf) page(l *List, after *ended) (out []*card, more bool) {
	by := l.ordering()
	cards := sh.order(by)
	at, step := 0, 1
	if l.Descending {
		at, step = len(cards)-1, -1
	}
	if after != nil {
		i, found := slices.BinarySearchFunc(cards, after, func(c *card, a *ended) int {
			key := sh.mark(c, by)
			return compareMarks(key, c.id, a.key, a.id)
		})
		switch {
		case l.Descending:
			at = i - 1
		case found:
			at = i + 1
		default:
			at = i
		}
	}
	for ; at >= 0 && at < len(cards); at += step {
		if c := cards[at]; !c.gone && l.passes(sh, c) {
			if len(out) == l.Limit {
				return out, true
			}
			out = append(out, c)
		}
	}
	return out, false
}

func (l *List) passes(sh *shelf, c *card) bool {
	if len(l.States) > 0 && !slices.Contains(l.States, c.state) {
		return false
	}
	for i := range l.Where {
		if w := &l.Where[i]; !w.holds(sh.key(c, w.Field)) {
			return false
		}
	}
	return true
}

func (w *Where) holds(key sortKey) bool {
	switch {
	case !key.given,
		w.Equals != "" && key.text != clip(w.Equals),
		!strings.HasPrefix(key.text, clip(w.Prefix)),
		key.text < clip(w.From),
		w.To != "" && key.text > clip(w.To),
		w.Least != nil && key.number < millionths(*w.Least),
		w.Most != nil && key.number > millionths(*w.Most):
		return false
	}
	return true
}

// records reads the records of cards that do not hold theirs. Rows that ended
// meanwhile are still there.
func (sh *shelf) records(v *View, cards []*card) ([]*qiaomen.LedgerRecord, error) {
	out := make([]*qiaomen.LedgerRecord, len(cards))
	own := func(r *qiaomen.LedgerRecord) *qiaomen.LedgerRecord { // whoever asks may change it
		one := *r
		return &one
	}
	args, places, lacks := []any{sh.journal}, []string{}, map[string]int{}
	for i, c := range cards {
		if c.record != nil {
			out[i] = own(c.record)
			continue
		}
		args = append(args, c.id)
		places, lacks[c.id] = append(places, fmt.Sprintf("$%d", len(args))), i
	}
	if len(lacks) == 0 {
		return out, nil
	}
	return out, sh.s.readBy(v.ctx, sh.s.aside, sh.journal, 0, func(now *View) error {
		rows, err := now.query(now.ctx, `SELECT id, made, data FROM "record" WHERE journal = $1 AND id IN (`+strings.Join(places, ", ")+")", args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			var made int64
			var data []byte
			if err := rows.Scan(&id, &made, &data); err != nil {
				return err
			}
			i, ok := lacks[id]
			if !ok || cards[i].made != made { // an earlier version, or one after it was found
				continue
			}
			one := &qiaomen.LedgerRecord{}
			if err := qiaomen.DecodeNoun(data, one); err != nil {
				return err
			}
			sh.show(cards[i], one) // another of the page may be put away for it
			out[i] = own(one)
			delete(lacks, id)
		}
		if err := rows.Err(); err != nil || len(lacks) == 0 {
			return err
		}
		return fmt.Errorf("%d records of a list are not there", len(lacks))
	})
}

// rows is a page by place among first reports, from the rows themselves.
func (l *List) rows(v *View, after *ended) (page []*qiaomen.LedgerRecord, next string, err error) {
	args := []any{v.journal}
	arg := func(value any) string {
		args = append(args, value)
		return fmt.Sprintf("$%d", len(args))
	}
	text := `SELECT data FROM "record" WHERE journal = $1 AND ended IS NULL`
	if l.Unit != "" {
		text += " AND unit = " + arg(l.Unit)
	}
	if l.Kind != "" {
		text += " AND kind = " + arg(l.Kind)
	}
	if len(l.States) > 0 {
		var places []string
		for _, s := range l.States {
			places = append(places, arg(string(s)))
		}
		text += " AND state IN (" + strings.Join(places, ", ") + ")"
	}
	order, beyond := "", " > "
	if l.Descending {
		order, beyond = " DESC", " < "
	}
	if after != nil {
		text += " AND (key, id)" + beyond + "(" + arg(after.key.text) + ", " + arg(after.id) + ")"
	}
	rows, err := v.query(v.ctx, fmt.Sprintf("%[1]s ORDER BY key%[2]s, id%[2]s LIMIT %[3]d", text, order, l.Limit+1), args...)
	if err != nil {
		return nil, "", err
	}
	defer rows.Close()
	for rows.Next() {
		var data []byte
		if err := rows.Scan(&data); err != nil {
			return nil, "", err
		}
		if len(page) == l.Limit {
			last := page[len(page)-1]
			return page, l.mark(sortKey{text: last.Row().Key}, last.ID), nil
		}
		one := &qiaomen.LedgerRecord{}
		if err := qiaomen.DecodeNoun(data, one); err != nil {
			return nil, "", err
		}
		page = append(page, one)
	}
	return page, "", rows.Err()
}

// An ended is where a page ended: what its last record is put in order by, and
// its id.
type ended struct {
	key sortKey
	id  string
}

func compareMarks(a sortKey, id string, b sortKey, other string) int {
	switch {
	case a.number != b.number:
		if a.number < b.number {
			return -1
		}
		return 1
	case a.text != b.text:
		return strings.Compare(a.text, b.text)
	}
	return strings.Compare(id, other)
}

// mark writes where a page ended.
func (l *List) mark(key sortKey, id string) string {
	text := key.text
	if l.ordering().numbers {
		text = strconv.FormatInt(key.number, 10)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(id + "\n" + text))
}

// after reads it again; nil: the first page is asked.
func (l *List) after() (*ended, error) {
	if l.After == "" {
		return nil, nil
	}
	wrong := &qiaomen.Problem{Text: "翻页的标记不对", Fix: "请从第一页看起"}
	raw, err := base64.RawURLEncoding.DecodeString(l.After)
	if err != nil {
		return nil, wrong
	}
	id, text, found := strings.Cut(string(raw), "\n")
	if !found || !utf8.ValidString(text) || strings.ContainsRune(string(raw), 0) {
		return nil, wrong
	}
	if !l.ordering().numbers {
		return &ended{sortKey{text: text}, id}, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, wrong
	}
	return &ended{sortKey{number: n}, id}, nil
}

const (
	mostText  = 64      // runes of a text that lists sort by
	fieldUnit = 1000000 // amounts are kept in millionths
	noNumber  = math.MinInt64
)

func millionths(n qiaomen.Number) int64 { return n.Mul(qiaomen.Int(fieldUnit)).Clamp() }

// keyOf is what a field's value is compared by. A list has nothing to compare.
func keyOf(raw jsontext.Value) sortKey {
	switch raw.Kind() {
	case '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return sortKey{}
		}
		return sortKey{given: true, text: clip(s)}
	case 't', 'f':
		return sortKey{given: true, text: raw.String()}
	case '0':
		n, err := qiaomen.ParseDecimal(raw.String())
		if err != nil {
			return sortKey{}
		}
		return sortKey{given: true, text: raw.String(), number: millionths(n)}
	}
	return sortKey{}
}

func clip(s string) string {
	if utf8.RuneCountInString(s) <= mostText {
		return s
	}
	return string([]rune(s)[:mostText])
}
