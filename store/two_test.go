package store_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"qiaomen"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

// A told is what the folds of a program were told, in order.
type told struct {
	mu      sync.Mutex
	changes []store.Change
}

func (c *told) fold(journal string, changes []store.Change) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if journal == "winter" {
		c.changes = append(c.changes, changes...)
	}
}

// TestTwoPrograms has two programs on one database, each with marks of its own,
// begin it at once, write by turns and at once. Each is told what the other
// wrote, exactly as it was told there; receipts of one hold before the other;
// verification is green for both.
func TestTwoPrograms(t *testing.T) {
	storetest.Each(t, func(t *testing.T, fresh func() store.Options) {
		o := fresh()
		var programs [2]*store.Store
		var known [2]told
		for i, a := range atOnce(2, func(i int) (*store.Store, error) {
			mine := o
			mine.Folder = filepath.Join(o.Folder, fmt.Sprint(i))
			return store.Open(ctx, mine)
		}) {
			if a.err != nil {
				t.Fatal(a.err)
			}
			programs[i] = a.got
			programs[i].Fold(known[i].fold)
			t.Cleanup(func() {
				storetest.Verify(t, a.got, o)
				if err := a.got.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		life := func(id string) []qiaomen.Event {
			return []qiaomen.Event{
				submitted(id, "thing of "+id), &qiaomen.RecordAccepted{ID: id, Version: 1}, &qiaomen.RecordRecognised{ID: id, Version: 1},
				&qiaomen.RecordRevoked{ID: id, Reason: "示例"},
			}
		}
		for i := range 10 {
			id := fmt.Sprint("turn", i)
			for j, e := range life(id) { // each goes on where the other left off
				w := write(t, programs[(i+j)%2], act("winter", fmt.Sprint(id, "-", j)), e)
				if w.First != int64(4*i+j+1) {
					t.Fatalf("%s-%d is entry %d", id, j, w.First)
				}
				if err := stands(programs[(i+j+1)%2], "winter", w.Receipt); err != nil {
					t.Errorf("before the other: %v", err)
				}
			}
		}
		for _, a := range atOnce(16, func(i int) (*store.Written, error) {
			var w *store.Written
			for n := range times(t, "TURNS", 8) {
				id := fmt.Sprintf("once-%d-%d", i, n)
				var err error
				if w, err = programs[i%2].Write(ctx, act("winter", id), emit(life(id)...)); err != nil {
					return nil, err
				}
			}
			return w, nil
		}) {
			if a.err != nil {
				t.Fatal(a.err)
			}
			for _, s := range programs {
				if err := stands(s, "winter", a.got.Receipt); err != nil {
					t.Error(err)
				}
			}
		}
		for _, s := range programs { // each catches up when it next decides
			if _, err := s.Write(ctx, act("winter", ""), emit()); err != nil {
				t.Fatal(err)
			}
		}
		one, two := known[0].changes, known[1].changes
		for i := range min(len(one), len(two)) {
			if a, b := one[i], two[i]; a.Table != b.Table || a.ID != b.ID || a.Position != b.Position || !bytes.Equal(a.Data, b.Data) {
				t.Fatalf("change %d: one was told %s %s %d, the other %s %s %d",
					i, one[i].Table, one[i].ID, one[i].Position, two[i].Table, two[i].ID, two[i].Position)
			}
		}
		if len(one) != len(two) || len(one) == 0 {
			t.Errorf("one was told %d changes, the other %d", len(one), len(two))
		}
		w, err := programs[1].Write(ctx, act("winter", "turn0-0"), emit(submitted("other", "other")))
		if err != nil || !w.Again || w.First != 1 {
			t.Errorf("a key of the other: %+v %v", w, err)
		}
	})
}
