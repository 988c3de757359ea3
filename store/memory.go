package store

import (
	"reflect"
	"strconv"
	"strings"
	"sync"

	"qiaomen"
)

// everyAct is the tables that every act reads and few acts change: who somebody
// is, what they may, under which rules. Their nouns are kept decoded, and are
// true as long as the journal is as long as it was. Whoever reads gets a copy;
// what it points to is everybody's and is not changed.
var everyAct = map[string]bool{
	"account": true, "grant": true, "installation": true, "policy": true, "campaign": true, "unit": true, "token": true,
	lasting: true,
}

// lasting is what is remembered of working rows that change with events alone.
const lasting = "lasting"

// A memory is what was read of those tables while a journal had one size.
type memory struct {
	mu   sync.Mutex
	size int64
	said map[string]any
}

// A memory is bounded by how many answers it keeps, and by how long what was
// asked for may be: ids come from outside, and need not be ids.
const (
	mostSaid  = 5000
	mostAsked = 200 // bytes
)

// recall is what was read under a key while the journal had the size.
func (m *memory) recall(size int64, key string) (any, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.size != size {
		return nil, false
	}
	said, ok := m.said[key]
	return said, ok
}

func (m *memory) keep(size int64, key string, said any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if size < m.size {
		return
	}
	if size > m.size || m.said == nil || len(m.said) >= mostSaid {
		m.size, m.said = size, map[string]any{}
	}
	m.said[key] = said
}

func (m *memory) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.said = nil
}

// memory is what is remembered of a journal.
func (s *Store) memory(name string) *memory {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.memories[name]
	if m == nil {
		if s.memories == nil {
			s.memories = map[string]*memory{}
		}
		m = &memory{}
		s.memories[name] = m
	}
	return m
}

// remembered is what read gives, from memory where that is still true.
func remembered[R any](v *View, table, key string, read func() (R, error)) (out R, err error) {
	if v.recall == nil || v.position != 0 || !everyAct[table] || len(key) > mostAsked {
		return read()
	}
	m, size, err := v.recall()
	if err != nil {
		return out, err
	}
	if m == nil {
		return read()
	}
	key = table + "\x00" + key
	if said, ok := m.recall(size, key); ok {
		return *said.(*R), nil
	}
	if out, err = read(); err != nil {
		return out, err
	}
	if !v.still { // another program wrote meanwhile
		if again, err := v.Position(); err != nil || again != size {
			return out, err
		}
	}
	m.keep(size, key, &out)
	return out, nil
}

// bySize is what is remembered of the journal as long as the view sees it.
func (v *View) bySize() (*memory, int64, error) {
	size, err := v.Position()
	if err != nil || size == 0 {
		return nil, 0, err
	}
	return v.s.memory(v.journal), size, nil
}

// once is recall asked once only.
func once(recall func() (*memory, int64, error)) func() (*memory, int64, error) {
	var m *memory
	var size int64
	return func() (_ *memory, _ int64, err error) {
		if m == nil {
			m, size, err = recall()
		}
		return m, size, err
	}
}

// key tells filters apart.
func (f *Filter) key() string {
	var b strings.Builder
	for _, part := range []string{f.Unit, f.Kind, f.Key, f.After, strconv.Itoa(f.Limit)} {
		b.WriteString(part)
		b.WriteByte(0)
	}
	for _, s := range f.States {
		b.WriteString(string(s))
		b.WriteByte(0)
	}
	return b.String()
}

// fill makes into the noun that was remembered.
func fill(into, said qiaomen.Noun) {
	reflect.ValueOf(into).Elem().Set(reflect.ValueOf(said).Elem())
}
