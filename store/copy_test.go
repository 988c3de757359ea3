package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"qiaomen/journal"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

// TestBeside: a ledger can be looked at and verified while another program signs
// it, and not be written by who looks.
func TestBeside(t *testing.T) {
	storetest.Each(t, func(t *testing.T, fresh func() store.Options) {
		o := fresh()
		s := storetest.Open(t, o)
		write(t, s, act("winter", "k1"), submitted("r1", "thing 1"))
		if _, err := store.Open(ctx, o); err == nil {
			t.Fatal("two programs sign one folder")
		}
		if busy, err := store.InUse(o.Folder); err != nil || !busy {
			t.Errorf("in use: %v, %v", busy, err)
		}
		look := o
		look.Behind = true
		beside, err := store.Open(ctx, look)
		if err != nil {
			t.Fatal(err)
		}
		defer beside.Close()
		write(t, s, act("winter", "k2"), submitted("r2", "thing 2"))
		write(t, s, act("spring", "k3"), submitted("r3", "thing 3"))
		found, err := storetest.Findings(t, beside, o)
		if err != nil || !found.Good() || len(found.Journals) != 2 || found.Journals[1].Entries != 2 {
			t.Errorf("%+v, %v", found, err)
		}
		if _, err := beside.Write(ctx, act("winter", "k4"), emit(submitted("r4", "thing 4"))); !errors.Is(err, store.ErrReadOnly) {
			t.Errorf("who looks could write: %v", err)
		}
		all, err := beside.Standings(ctx)
		if err != nil || len(all) != 2 || all[1].Size != 2 || all[1].Signed.Size != 1 || all[1].Problem != nil {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

// TestCopy: the heads that a copy is given are those of its view.
func TestCopy(t *testing.T) {
	storetest.Each(t, func(t *testing.T, fresh func() store.Options) {
		o := fresh()
		s := storetest.Open(t, o)
		for i := range 3 {
			write(t, s, act("winter", fmt.Sprint("k", i)), submitted(fmt.Sprint("r", i), fmt.Sprint("thing ", i)))
		}
		_, err := s.Write(ctx, act("draft", "k"), func(tx *store.Tx) error { // working rows, and no entry yet
			for i := range 1200 {
				if err := tx.Keep("draft", store.Work{ID: fmt.Sprintf("d%04d", i), Data: []byte("{}")}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		err = s.Copy(ctx, func(v *store.View, heads []store.Head) error {
			write(t, s, act("winter", "late"), submitted("late", "late"))
			if len(heads) != 2 || heads[0].Journal != "draft" || heads[1].Mark.Size != 3 || len(heads[1].Checkpoint) == 0 {
				t.Errorf("%+v", heads)
			}
			if err := v.In("winter").Holds(heads[1].Mark); err != nil {
				t.Error(err)
			}
			wrong := heads[1].Mark
			wrong.Root[0]++
			if v.In("winter").Holds(wrong) == nil {
				t.Error("another root is held")
			}
			if err := v.In("winter").Holds(journal.Mark{Size: 99}); err != nil {
				t.Errorf("a newer mark: %v", err)
			}
			n, last := 0, ""
			for w, err := range v.In("draft").Rows("draft") {
				if err != nil || w.ID <= last {
					t.Fatalf("%s after %s: %v", w.ID, last, err)
				}
				n, last = n+1, w.ID
			}
			if n != 1200 {
				t.Errorf("%d rows", n)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if heads, err := store.Heads(ctx, o); err != nil || len(heads) != 2 || heads[1].Mark.Size != 4 {
			t.Errorf("%+v, %v", heads, err)
		}
		if err := s.KeepRows(ctx, "draft", "session", nil); err == nil {
			t.Error("sessions were copied")
		}
	})
}

// TestDiscard: a ledger that was begun can be taken away, and another begun in
// its place.
func TestDiscard(t *testing.T) {
	storetest.Each(t, func(t *testing.T, fresh func() store.Options) {
		o := fresh()
		empty := func(want bool) {
			t.Helper()
			if is, err := store.Empty(ctx, o.Address); err != nil || is != want {
				t.Errorf("empty: %v, %v", is, err)
			}
		}
		for range 2 {
			empty(true)
			o.Folder = t.TempDir()
			s, err := store.Open(ctx, o)
			if err != nil {
				t.Fatal(err)
			}
			write(t, s, act("winter", "k1"), submitted("r1", "thing 1"))
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			empty(false)
			other := o
			if other.Installation += "-other"; s.Engine() == "postgres" {
				if err := store.Discard(ctx, other); err == nil {
					t.Error("another installation's ledger was taken away")
				}
				empty(false)
			}
			if err := store.Discard(ctx, o); err != nil {
				t.Fatal(err)
			}
		}
		empty(true)
		if db := strings.TrimPrefix(o.Address, "sqlite:"); db == o.Address {
			sqlOf(t, o.Address, "CREATE TABLE record (id TEXT)") // somebody else's, of the same name
			empty(false)
		}
	})
}

func sqlOf(t *testing.T, address, text string) {
	t.Helper()
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(text); err != nil {
		t.Fatal(err)
	}
}
