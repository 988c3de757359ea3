package qiaomen_test

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/journal"
)

// fill puts something into every member of a struct, so that one that is not
// written, or not read, is seen to be missing.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Interface().(type) {
	case jsontext.Value:
		v.SetBytes(fmt.Appendf(nil, `{"field":%d}`, *n))
		return
	case qiaomen.Number:
		v.Set(reflect.ValueOf(qiaomen.Ratio(int64(*n), 7)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprint("示例", *n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, n)
		fill(value, n)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	default:
		panic(v.Type().String() + " in an event")
	}
}

// TestEventsComeBack: every member of every event survives sealing, and what is
// sealed is in the one form that a journal takes.
func TestEventsComeBack(t *testing.T) {
	names := qiaomen.EventNames()
	slices.Sort(names)
	for _, name := range names {
		e, err := qiaomen.DecodeEvent(name, 1, []byte(`{}`))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		n := 0
		fill(reflect.ValueOf(e).Elem(), &n)
		got, version, data, err := qiaomen.EncodeEvent(e)
		if err != nil || got != name {
			t.Errorf("%s: %s %v", name, got, err)
			continue
		}
		entry := journal.Entry{Installation: "i", Journal: "j", Position: 1, At: "2024-01-03T09:00:00.000000Z", Person: "p", Account: "a", Event: name, Version: version, Data: data}
		if _, err := entry.Leaf(); err != nil {
			t.Errorf("%s is no entry: %v", name, err)
		}
		again, err := qiaomen.DecodeEvent(name, version, data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, _, twice, _ := qiaomen.EncodeEvent(again); !bytes.Equal(data, twice) {
			t.Errorf("%s came back as\n%s\nwas\n%s", name, twice, data)
		}
		for _, foreign := range []string{`{"stranger":1}`, strings.Replace(string(data), "{", `{"stranger":1,`, 1)} {
			if _, err := qiaomen.DecodeEvent(name, version, []byte(foreign)); err == nil {
				t.Errorf("%s took a member that it has not: %s", name, foreign)
			}
		}
		if _, err := qiaomen.DecodeEvent(name, version+1, data); err == nil {
			t.Errorf("%s took a form that is newer than ours", name)
		}
	}
	if _, err := qiaomen.DecodeEvent("everything_changed", 1, []byte(`{}`)); err == nil {
		t.Error("an event that is not in the list was taken")
	}
}

// TestNounsComeBack: the same of what rows keep, and no two nouns share a table.
func TestNounsComeBack(t *testing.T) {
	tables := map[string]bool{}
	for _, noun := range qiaomen.Nouns() {
		if tables[noun.Table()] {
			t.Errorf("two nouns in table %s", noun.Table())
		}
		tables[noun.Table()] = true
		n := 0
		fill(reflect.ValueOf(noun).Elem(), &n)
		data, err := qiaomen.EncodeNoun(noun)
		if err != nil {
			t.Errorf("%s: %v", noun.Table(), err)
			continue
		}
		again := reflect.New(reflect.TypeOf(noun).Elem()).Interface().(qiaomen.Noun)
		if err := qiaomen.DecodeNoun(data, again); err != nil {
			t.Errorf("%s: %v", noun.Table(), err)
			continue
		}
		if twice, _ := qiaomen.EncodeNoun(again); !bytes.Equal(data, twice) {
			t.Errorf("%s came back as\n%s\nwas\n%s", noun.Table(), twice, data)
		}
		if noun.Row().ID == "" {
			t.Errorf("%s has a row without an id", noun.Table())
		}
	}
}

func TestActions(t *testing.T) {
	if n := len(qiaomen.Actions()); n != 76 {
		t.Fatalf("%d actions", n)
	}
	words := map[string]bool{}
	for _, a := range qiaomen.Actions() {
		if words[a.String()] || qiaomen.ActionNamed(a.String()) != a || a.Chinese() == "" {
			t.Errorf("%d %s", a, a)
		}
		words[a.String()] = true
		for _, r := range qiaomen.Roles {
			if !slices.Contains([]string{"Y", "O", "R", "1", "2", "1+2", "O1", "O2", "-"}, a.Mark(r)) {
				t.Errorf("%s of %s is %q", a, r, a.Mark(r))
			}
		}
	}
	if qiaomen.ActIssueToken != 76 || qiaomen.ActRecognise != 16 || qiaomen.ActEditUnit != 72 {
		t.Error("actions are out of step with the matrix")
	}
}

func TestMomentsAsTexts(t *testing.T) {
	for _, tt := range []struct{ in, out string }{
		{"2024-01-03T17:00:00+08:00", "2024-01-03T09:00:00.000000Z"},
		{"2024-01-03T07:59:59.1234567+08:00", "2024-01-02T23:59:59.123456Z"},
		{"2023-12-31T23:59:60+08:00", "2023-12-31T15:59:60.000000Z"},
		{"2024-03-01T00:00:00Z", "2024-03-01T00:00:00.000000Z"},
	} {
		m, err := qiaomen.ParseMoment(tt.in)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.UTC(); got != tt.out {
			t.Errorf("%s is %s, want %s", tt.in, got, tt.out)
		}
		if again := qiaomen.MomentAt(m.UTC()); again.Day != m.Day || again.Nano/1000 != m.Nano/1000 {
			t.Errorf("%s came back as %+v, was %+v", tt.in, again, m)
		}
	}
}
