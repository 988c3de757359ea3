package qiaomen

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
)

// An Event is one thing that happened and can touch a result. The list is
// closed: what is not among events cannot be sealed, and nothing else changes
// a journalled table.
type Event interface {
	// apply says what becomes of the rows. It looks at the event, the stamp
	// and the rows alone, so that the journal applied again gives the same.
	apply(l Ledger, s Stamp) error
}

// A Stamp is where and when an event was sealed, and who did it.
type Stamp struct {
	Position int64  // in its journal, from 1
	At       string // UTC, as Moment.UTC writes it
	Person   string
}

// A Row is how a noun stands in its table: what lists look for. The noun
// itself is kept beside it, whole.
type Row struct {
	ID    string
	Unit  string // whose it is; empty: nobody's
	Kind  string
	State string
	Key   string // under which another may be looked for: an identity, a digest
}

// A Noun is a thing that the ledger keeps: it has a table, and a row there.
type Noun interface {
	Table() string
	Row() Row
}

// A Ledger is the journalled rows of one journal as they stand. A row is never
// deleted: putting one ends the row of that id that stood before.
type Ledger interface {
	// Find fills in the noun of that id as it stands, and tells whether there is one.
	Find(id string, into Noun) (bool, error)
	Put(Noun) error
	// Add is Put where the event knows that no row of that id stands.
	Add(Noun) error
	// End ends a row without another in its place.
	End(table, id string) error
}

// eventForms is the closed list: the version of each event that is written
// today, and how to make an empty one. A form that changes gets a new version,
// and an upcaster in olderForms turns data of the old one into the new.
var eventForms = map[string]struct {
	version int
	empty   func() Event
}{}

var olderForms = map[string]map[int]func([]byte) ([]byte, error){}

func event[T any, P interface {
	*T
	Event
}](version int) {
	name := snake(reflect.TypeFor[T]().Name())
	eventForms[name] = struct {
		version int
		empty   func() Event
	}{version, func() Event { return P(new(T)) }}
}

// snake is RecordSubmitted as record_submitted.
func snake(name string) string {
	var b strings.Builder
	for i, c := range name {
		if i > 0 && c >= 'A' && c <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(c)
	}
	return strings.ToLower(b.String())
}

// EventNames is every event there is, in no order.
func EventNames() []string {
	var out []string
	for name := range eventForms {
		out = append(out, name)
	}
	return out
}

// EncodeEvent is the event as it is sealed: its name, the version of its form
// and its canonical JSON.
func EncodeEvent(e Event) (name string, version int, data []byte, err error) {
	name = snake(reflect.TypeOf(e).Elem().Name())
	form, ok := eventForms[name]
	if !ok {
		return "", 0, nil, fmt.Errorf("%s is not among the events", name)
	}
	data, err = json.Marshal(e, json.Deterministic(true))
	return name, form.version, data, err
}

// DecodeEvent is a sealed event again. Data of an older form is brought up to
// today's; of a newer one is refused.
func DecodeEvent(name string, version int, data []byte) (Event, error) {
	form, ok := eventForms[name]
	if !ok {
		return nil, &Problem{Text: "日志里有本程序不认识的事件“" + Clip(name) + "”", Fix: "请用写下它的那一版或更新的程序"}
	}
	for ; version < form.version; version++ {
		up, ok := olderForms[name][version]
		if !ok {
			break
		}
		var err error
		if data, err = up(data); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if version != form.version {
		return nil, &Problem{Text: fmt.Sprintf("事件“%s”是第%d版，本程序认识到第%d版", name, version, form.version), Fix: "请用更新的程序"}
	}
	e := form.empty()
	if err := json.Unmarshal(data, e, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return e, nil
}

// Apply lets an event change the rows. An error means that the journal and the
// rows do not belong together: an office checks before it seals.
func Apply(l Ledger, s Stamp, e Event) error { return e.apply(l, s) }

// EncodeNoun is the noun as its row keeps it.
func EncodeNoun(n Noun) ([]byte, error) { return json.Marshal(n, json.Deterministic(true)) }

// DecodeNoun fills in a noun from what its row keeps.
func DecodeNoun(data []byte, into Noun) error { return json.Unmarshal(data, into) }

// change finds the noun of that id, lets it be changed and puts it back.
func change[T any, P interface {
	*T
	Noun
}](l Ledger, id string, how func(P) error) error {
	n := P(new(T))
	ok, err := l.Find(id, n)
	if err == nil && !ok {
		err = fmt.Errorf("%s %s is not there", n.Table(), id)
	}
	if err == nil {
		err = how(n)
	}
	if err != nil {
		return err
	}
	return l.Put(n)
}

// done is a change that cannot fail.
func done[T any](f func(T)) func(T) error {
	return func(x T) error { f(x); return nil }
}

// EventSubject is the id of what an event is about: of the noun it brings, or
// that it changes.
func EventSubject(e Event) string {
	v := reflect.ValueOf(e).Elem()
	for _, name := range []string{"ID", "List", "Account", "Month", "Digest"} {
		if f := v.FieldByName(name); f.IsValid() && f.Kind() == reflect.String {
			return f.String()
		}
	}
	for i := range v.NumField() {
		if n, ok := v.Field(i).Addr().Interface().(Noun); ok {
			return n.Row().ID
		}
	}
	return ""
}
