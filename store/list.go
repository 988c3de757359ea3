package store

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

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
	if v.position != 0 {
		return nil, "", errors.New("what lists sort by is kept as it stands now")
	}
	text, args, err := l.text(v.journal)
	if err != nil {
		return nil, "", err
	}
	rows, err := v.query(v.ctx, text, args...)
	if err != nil {
		return nil, "", err
	}
	defer rows.Close()
	for rows.Next() {
		var id, data string
		var key any = new(string)
		if l.Numbers {
			key = new(int64)
		}
		if err := rows.Scan(&id, &data, key); err != nil {
			return nil, "", err
		}
		if len(page) == l.Limit {
			return page, next, nil
		}
		one := &qiaomen.LedgerRecord{}
		if err := qiaomen.DecodeNoun([]byte(data), one); err != nil {
			return nil, "", err
		}
		page, next = append(page, one), mark(key, id)
	}
	return page, "", rows.Err()
}

// text is the query. A page is found by where the last one ended, never by
// counting rows: what comes and goes meanwhile moves nobody to another page.
func (l *List) text(journal string) (string, []any, error) {
	args := []any{journal}
	arg := func(value any) string {
		args = append(args, value)
		return fmt.Sprintf("$%d", len(args))
	}
	key, from := "r.key", ` FROM "record" AS r`
	if l.By != "" {
		from += " LEFT JOIN record_field AS s ON s.journal = r.journal AND s.record = r.id AND s.field = " + arg(l.By)
		if key = "COALESCE(s.text_key, '')"; l.Numbers {
			key = "COALESCE(s.num_key, " + arg(int64(math.MinInt64)) + ")"
		}
	}
	where := []string{"r.journal = $1", "r.ended IS NULL"}
	if l.Unit != "" {
		where = append(where, "r.unit = "+arg(l.Unit))
	}
	if l.Kind != "" {
		where = append(where, "r.kind = "+arg(l.Kind))
	}
	if len(l.States) > 0 {
		var places []string
		for _, s := range l.States {
			places = append(places, arg(string(s)))
		}
		where = append(where, "r.state IN ("+strings.Join(places, ", ")+")")
	}
	for _, w := range l.Where {
		where = append(where, w.text(arg))
	}
	order, beyond := "", " > "
	if l.Descending {
		order, beyond = " DESC", " < "
	}
	if l.After != "" {
		after, id, err := l.marked()
		if err != nil {
			return "", nil, err
		}
		where = append(where, "("+key+", r.id)"+beyond+"("+arg(after)+", "+arg(id)+")")
	}
	return fmt.Sprintf("SELECT r.id, r.data, %[1]s%[2]s WHERE %[3]s ORDER BY %[1]s%[4]s, r.id%[4]s LIMIT %[5]d",
		key, from, strings.Join(where, " AND "), order, l.Limit+1), args, nil
}

func (w *Where) text(arg func(any) string) string {
	and := " AND f.field = " + arg(w.Field)
	if w.Equals != "" {
		and += " AND f.text_key = " + arg(clip(w.Equals))
	}
	if prefix := clip(w.Prefix); prefix != "" {
		and += fmt.Sprintf(" AND substr(f.text_key, 1, %d) = ", len([]rune(prefix))) + arg(prefix)
	}
	if w.From != "" {
		and += " AND f.text_key >= " + arg(clip(w.From))
	}
	if w.To != "" {
		and += " AND f.text_key <= " + arg(clip(w.To))
	}
	if w.Least != nil {
		and += " AND f.num_key >= " + arg(w.Least.Mul(qiaomen.Int(fieldUnit)).Clamp())
	}
	if w.Most != nil {
		and += " AND f.num_key <= " + arg(w.Most.Mul(qiaomen.Int(fieldUnit)).Clamp())
	}
	return "EXISTS (SELECT 1 FROM record_field AS f WHERE f.journal = r.journal AND f.record = r.id" + and + ")"
}

// mark is where a page ended: the key and the id of its last record.
func mark(key any, id string) string {
	text := ""
	switch k := key.(type) {
	case *string:
		text = *k
	case *int64:
		text = strconv.FormatInt(*k, 10)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(id + "\n" + text))
}

// marked reads it again.
func (l *List) marked() (key any, id string, err error) {
	wrong := &qiaomen.Problem{Text: "翻页的标记不对", Fix: "请从第一页看起"}
	raw, err := base64.RawURLEncoding.DecodeString(l.After)
	if err != nil {
		return nil, "", wrong
	}
	id, text, found := strings.Cut(string(raw), "\n")
	if !found {
		return nil, "", wrong
	}
	if !l.Numbers {
		return text, id, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, "", wrong
	}
	return n, id, nil
}
