package office

import (
	"bytes"
	"slices"
	"strings"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/similar"
)

// A sought is a thing that others may be the same as, and, where it was looked
// for already, what it was like then.
type sought struct {
	thing   similar.Thing
	group   string
	reading *similar.Reading
	among   *similar.Index
	at      similar.Point
	found   []similar.Match

	kind, unit, name string
	fields           []byte // that it was read from
	read             *fieldsRead
}

// of tells whether a record's content is what was looked for.
func (s *sought) of(r *qiaomen.LedgerRecord, content *qiaomen.Content) bool {
	return s.kind == r.Kind && s.unit == r.Unit && s.name == content.Name && bytes.Equal(s.fields, content.Fields)
}

// seek looks for what a report may be the same as, before its turn in the line.
// It is nil of what competes with nobody.
func (l *lookalikes) seek(kind, unit, name string, fields []byte) *sought {
	l.mu.RLock()
	defer l.mu.RUnlock()
	k, u := l.rules.Kind(kind), l.rules.Unit(unit)
	if !competes(k, u) {
		return nil
	}
	canonical, values, list := records.Fields(l.rules, k, fields, false)
	if len(list) > 0 {
		return nil
	}
	s := &sought{kind: kind, unit: unit, name: name, fields: fields, read: &fieldsRead{l.rules, k, fields, canonical, values}}
	s.thing, s.group = thingIn(l.rules, k, u, name, values)
	s.reading = similar.Read(s.thing)
	if s.among = l.kinds[s.group]; s.among != nil {
		s.at, s.found = s.among.Point(), s.among.AlikeSince(s.reading, mostFound, similar.Point{})
	}
	return s
}

// find is the records that look like a thing, but not that one.
func (l *lookalikes) find(s *sought, but string) (out []similar.Match) {
	x := l.kinds[s.group]
	if x == nil {
		return nil
	}
	var since similar.Point
	var all []similar.Match
	if s.among == x {
		since = s.at
		for _, m := range s.found {
			if x.Stood(m.ID, since) {
				all = append(all, m)
			}
		}
	}
	all = append(all, x.AlikeSince(s.reading, mostFound, since)...)
	slices.SortStableFunc(all, func(a, b similar.Match) int { return b.Score - a.Score })
	for _, m := range all {
		m.ID = strings.TrimSuffix(m.ID, waits)
		twice := slices.ContainsFunc(out, func(o similar.Match) bool { return o.ID == m.ID })
		if m.ID != but && !twice {
			out = append(out, m)
		}
	}
	return out
}
