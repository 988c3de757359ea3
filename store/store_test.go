package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/journal"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

var ctx = context.Background()

func act(journal, key string) store.Act {
	return store.Act{Journal: journal, Person: "p1", Account: "a1", Key: key, Request: key, At: time.Date(2024, 1, 3, 9, 0, 0, 0, time.UTC)}
}

func submitted(id, key string) *qiaomen.RecordSubmitted {
	return &qiaomen.RecordSubmitted{
		ID: id, Kind: "reserve_project", Unit: "jixian", Keys: []string{key}, ReportedAt: "2024-01-03T09:00:00.000000Z", PlaceAt: "2024-01-03T09:00:00.000000Z",
		Content: qiaomen.Content{Name: "示例项目", Fields: []byte(`{"amount_yi":1.5,"site":"示例地"}`)},
	}
}

func emit(events ...qiaomen.Event) func(*store.Tx) error {
	return func(t *store.Tx) error {
		for _, e := range events {
			if err := t.Emit(e); err != nil {
				return err
			}
		}
		return nil
	}
}

func write(t *testing.T, s *store.Store, a store.Act, events ...qiaomen.Event) *store.Written {
	t.Helper()
	w, err := s.Write(ctx, a, emit(events...))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWriteAndReadAsOf(t *testing.T) {
	storetest.Each(t, func(t *testing.T, fresh func() store.Options) {
		o := fresh()
		s := storetest.Open(t, o)
		w := write(t, s, act("winter", "k1"), submitted("r1", "示例"))
		if w.First != 1 || w.Last != 1 {
			t.Fatalf("positions %d–%d", w.First, w.Last)
		}
		receipt, err := journal.ParseReceipt(w.Receipt)
		if err != nil {
			t.Fatal(err)
		}
		vkey, err := s.Vkey("winter")
		if err != nil {
			t.Fatal(err)
		}
		known, err := journal.Trust(vkey)
		if err != nil {
			t.Fatal(err)
		}
		if err := receipt.Verify(s.Origin("winter"), known); err != nil {
			t.Errorf("receipt: %v", err)
		}
		write(t, s, act("winter", "k2"), &qiaomen.RecordAccepted{ID: "r1", Version: 1}, &qiaomen.RecordRecognised{ID: "r1", Version: 1})
		for position, want := range map[int64]qiaomen.State{1: qiaomen.Submitted, 2: qiaomen.InReview, 3: qiaomen.Recognised, 0: qiaomen.Recognised} {
			err := s.Read(ctx, "winter", position, func(v *store.View) error {
				r, err := store.One[qiaomen.LedgerRecord](v, "r1")
				if err == nil && r.State != want {
					t.Errorf("as of %d: %s, want %s", position, r.State, want)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		again := write(t, s, act("winter", "k1"), submitted("r9", "other"))
		if !again.Again || again.First != 1 {
			t.Errorf("the same key again: %+v", again)
		}
		a := act("winter", "k1")
		a.Request = "something else"
		var p *qiaomen.Problem
		if _, err := s.Write(ctx, a, emit(submitted("r9", "other"))); !errors.As(err, &p) {
			t.Errorf("a key used for something else: %v", err)
		}
	})
}

func TestOneFaultIsOneCallers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, fresh func() store.Options) {
		s := storetest.Open(t, fresh())
		var group sync.WaitGroup
		var mu sync.Mutex
		good := 0
		for i := range 60 {
			group.Go(func() {
				_, err := s.Write(ctx, act("winter", fmt.Sprint("k", i)), func(tx *store.Tx) error {
					if err := tx.Emit(submitted(fmt.Sprint("r", i), fmt.Sprint("thing ", i))); err != nil {
						return err
					}
					switch i % 6 {
					case 1:
						return errors.New("changed my mind")
					case 2:
						panic("a bug")
					}
					return nil
				})
				mu.Lock()
				defer mu.Unlock()
				if (err == nil) == (i%6 == 1 || i%6 == 2) {
					t.Errorf("%d: %v", i, err)
				}
				if err == nil {
					good++
				}
			})
		}
		group.Wait()
		err := s.Read(ctx, "winter", 0, func(v *store.View) error {
			all, err := store.All[qiaomen.LedgerRecord](v, store.Filter{})
			if len(all) != good || good != 40 {
				t.Errorf("%d records of %d", len(all), good)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestOneHolder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, fresh func() store.Options) {
		s := storetest.Open(t, fresh())
		write(t, s, act("winter", "k1"), submitted("r1", "同一项目"), submitted("r2", "同一项目"))
		write(t, s, act("winter", "k2"), &qiaomen.RecordRecognised{ID: "r1", Version: 1})
		_, err := s.Write(ctx, act("winter", "k3"), emit(&qiaomen.RecordRecognised{ID: "r2", Version: 1}))
		if !errors.Is(err, store.ErrTaken) {
			t.Errorf("two holders of one thing: %v", err)
		}
		write(t, s, act("winter", "k4"), &qiaomen.RecordRevoked{ID: "r1", Reason: "示例"})
		write(t, s, act("winter", "k5"), &qiaomen.RecordRecognised{ID: "r2", Version: 1})
	})
}

func TestMoveBetweenEngines(t *testing.T) {
	for _, pair := range [][2]string{{"sqlite", "postgres"}, {"postgres", "sqlite"}} {
		t.Run(pair[0]+" to "+pair[1], func(t *testing.T) {
			o := storetest.Fresh(t, pair[0])
			s := storetest.Open(t, o)
			for i := range 30 {
				write(t, s, act("winter", fmt.Sprint("k", i)), submitted(fmt.Sprint("r", i), fmt.Sprint("thing ", i)))
			}
			if _, err := s.Write(ctx, act("winter", ""), func(tx *store.Tx) error {
				return tx.Keep("draft", store.Work{ID: "d1", Unit: "jixian", Owner: "p1", Data: []byte(`{"name":"示例"}`)})
			}); err != nil {
				t.Fatal(err)
			}
			to := storetest.Fresh(t, pair[1])
			to.Installation, to.Seed = o.Installation, o.Seed
			other := storetest.Open(t, to)
			if err := s.Move(ctx, other, nil); err != nil {
				t.Fatal(err)
			}
			if problems, err := s.Compare(ctx, "winter", other); err != nil || len(problems) > 0 {
				t.Errorf("%v %v", problems, err)
			}
			err := other.Read(ctx, "winter", 0, func(v *store.View) error {
				w, err := v.Work("draft", "d1")
				if err == nil && (w == nil || string(w.Data) != `{"name":"示例"}`) {
					t.Errorf("the draft did not come along: %+v", w)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			again, err := other.Write(ctx, act("winter", "k3"), emit(submitted("r3", "x")))
			if err != nil || !again.Again {
				t.Errorf("a key forgotten by the move: %+v %v", again, err)
			}
		})
	}
}
