package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

// TestNothingLeaks asks that what one act of a batch sets is not the next one's:
// the grant, the word on the clock, an event that was half applied.
func TestNothingLeaks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, fresh func() store.Options) {
		s := storetest.Open(t, fresh())
		write(t, s, act("winter", "k0"), submitted("held", "同一项目"), submitted("late", "同一项目"), &qiaomen.RecordRecognised{ID: "held", Version: 1})
		answers := atOnce(60, func(i int) (*store.Written, error) {
			key := fmt.Sprint("k", i+1)
			a := act("winter", key)
			if i%3 == 0 {
				a.At = a.At.AddDate(-1, 0, 0)
			}
			return s.Write(ctx, a, func(tx *store.Tx) error {
				if tx.Grant != 0 || tx.ClockBack != (i%3 == 0) {
					t.Errorf("act %d begins with grant %d, clock back %t", i, tx.Grant, tx.ClockBack)
				}
				tx.Grant = int64(i + 1)
				if err := tx.Emit(submitted("r"+key, key)); err != nil {
					return err
				}
				if i%2 == 0 {
					_ = tx.Emit(&qiaomen.RecordRecognised{ID: "late", Version: 1}) // taken, and the caller does not care
				}
				return nil
			})
		})
		for i, a := range answers {
			if taken := errors.Is(a.err, store.ErrTaken); taken != (i%2 == 0) || !taken && a.err != nil {
				t.Errorf("act %d: %v", i, a.err)
			}
		}
	})
}

// TestBegunAnew commits five acts at once, of which one fails: before it writes it
// is refused and the others go on; after that all are decided again, and nothing of
// it is there.
func TestBegunAnew(t *testing.T) {
	for _, wrote := range []bool{false, true} {
		t.Run(fmt.Sprint("wrote ", wrote), func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, fresh func() store.Options) {
				var holding atomic.Bool
				held, released := make(chan struct{}), make(chan struct{})
				o := fresh()
				o.Step = func(point string) error {
					if point == "commit" && holding.CompareAndSwap(true, false) {
						close(held)
						<-released
					}
					return nil
				}
				s := storetest.Open(t, o)
				write(t, s, act("winter", "k0"), submitted("r0", "零"))
				holding.Store(true)
				var group sync.WaitGroup
				group.Go(func() { write(t, s, act("winter", "k1"), submitted("r1", "一")) })
				<-held
				var decided [5]atomic.Int32
				var errs [5]error
				for i := range decided {
					group.Go(func() {
						_, errs[i] = s.Write(ctx, act("winter", fmt.Sprint("s", i)), func(tx *store.Tx) error {
							decided[i].Add(1)
							if i == 2 && !wrote {
								return errRefused
							}
							if err := tx.Emit(submitted(fmt.Sprint("s", i), fmt.Sprint("项目", i))); err != nil {
								return err
							}
							if i == 2 {
								return errRefused
							}
							return nil
						})
					})
				}
				time.Sleep(200 * time.Millisecond) // they wait in one line
				close(released)
				group.Wait()
				again := int32(0)
				for i := range decided {
					if failed := errors.Is(errs[i], errRefused); failed != (i == 2) || !failed && errs[i] != nil {
						t.Errorf("act %d: %v", i, errs[i])
					}
					again = max(again, decided[i].Load())
				}
				if wrote != (again == 2) || again > 2 {
					t.Errorf("acts were decided %d times at most", again)
				}
				err := s.Read(ctx, "winter", 0, func(v *store.View) error {
					for i := range decided {
						r, err := store.One[qiaomen.LedgerRecord](v, fmt.Sprint("s", i))
						if err != nil || (r == nil) != (i == 2) {
							t.Errorf("record %d: %v %v", i, r, err)
						}
					}
					if size, err := v.Position(); err != nil || size != 6 {
						t.Errorf("%d entries, %v", size, err)
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		})
	}
}

var errRefused = errors.New("refused")

// TestReadersWaitForWriters has more readers than there are connections, each of
// whom waits for a writer, as for the audit entry of a look, and reads one thing
// while going through others.
func TestReadersWaitForWriters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, fresh func() store.Options) {
		s := storetest.Open(t, fresh())
		write(t, s, act("winter", "k"), submitted("r1", "1"), submitted("r2", "2"))
		for i, a := range atOnce(40, func(i int) (n int, err error) {
			err = s.Read(ctx, "winter", 0, func(v *store.View) error {
				for r, err := range store.Each[qiaomen.LedgerRecord](v, store.Filter{}) {
					if err != nil {
						return err
					}
					again, err := store.One[qiaomen.LedgerRecord](v, r.ID)
					if err != nil || again == nil {
						return fmt.Errorf("%s: %w", r.ID, err)
					}
					n++
				}
				_, err := s.Write(ctx, act("audit", fmt.Sprint("look", i)), emit(&qiaomen.AccessGiven{Action: "look", Object: "r1"}))
				return err
			})
			return n, err
		}) {
			if a.err != nil || a.got != 2 {
				t.Errorf("reader %d: %d rows, %v", i, a.got, a.err)
			}
		}
	})
}

// TestPages reads more rows than are read at once.
func TestPages(t *testing.T) {
	s := storetest.Open(t, storetest.Fresh(t, "sqlite"))
	const n = 503
	var events []qiaomen.Event
	for i := range n {
		events = append(events, submitted(fmt.Sprintf("r%04d", i), fmt.Sprint("thing ", i)))
	}
	write(t, s, act("winter", "k"), events...)
	for _, limit := range []int{0, 1, 500, 501, 503, 5000} {
		err := s.Read(ctx, "winter", 0, func(v *store.View) error {
			all, err := store.All[qiaomen.LedgerRecord](v, store.Filter{Limit: limit})
			want := n
			if limit > 0 {
				want = min(n, limit)
			}
			if len(all) != want {
				t.Errorf("limit %d: %d rows", limit, len(all))
			}
			for i, r := range all {
				if r.ID != fmt.Sprintf("r%04d", i) {
					t.Fatalf("limit %d: row %d is %s", limit, i, r.ID)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestVerifyWhileWriting verifies again and again while eight write: nothing is
// found.
func TestVerifyWhileWriting(t *testing.T) {
	storetest.Each(t, func(t *testing.T, fresh func() store.Options) {
		o := fresh()
		s := storetest.Open(t, o)
		write(t, s, act("winter", "k"), submitted("r", "r"))
		var group sync.WaitGroup
		for client := range clients {
			group.Go(func() {
				for i := range 30 {
					key := fmt.Sprintf("live-%d-%d", client, i)
					if _, err := s.Write(ctx, actOf(key), emit(eventsOf(key)...)); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		done := make(chan struct{})
		go func() { group.Wait(); close(done) }()
		for n := 0; ; n++ {
			storetest.Verify(t, s, o)
			if checkpoint, err := s.Checkpoint(ctx, "winter"); err != nil || len(checkpoint) == 0 {
				t.Errorf("%s %v", checkpoint, err)
			}
			select {
			case <-done:
				t.Logf("verified %d times", n)
				return
			default:
			}
		}
	})
}

// TestGivenUp lets callers give up while they wait, and the store close while
// they ask: each is told, nobody waits for ever, and what was said to be done is
// done.
func TestGivenUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, fresh func() store.Options) {
		o := fresh()
		s, err := store.Open(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		answers := atOnce(40, func(i int) (*store.Written, error) {
			mine, cancel := context.WithTimeout(ctx, time.Duration(i)*time.Millisecond)
			defer cancel()
			if i == 39 {
				time.Sleep(20 * time.Millisecond)
				return nil, s.Close()
			}
			key := fmt.Sprint("k", i)
			return s.Write(mine, act("winter", key), emit(submitted("r"+key, key)))
		})
		s = storetest.Open(t, o)
		for i, a := range answers[:39] {
			if a.err != nil && !errors.Is(a.err, context.DeadlineExceeded) && !errors.Is(a.err, store.ErrClosed) {
				t.Errorf("caller %d: %v", i, a.err)
			}
			key := fmt.Sprint("k", i)
			w := write(t, s, act("winter", key), submitted("r"+key, key))
			if w.Again != (a.err == nil) {
				t.Errorf("caller %d was told %v, and it was done: %t", i, a.err, w.Again)
			}
		}
	})
}
