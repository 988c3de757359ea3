package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/journal"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

// clients is how many act at once.
const clients = 8

// actOf and eventsOf are what the writer does under a key: clients take turns
// between two journals, and now and then one act seals two events.
func actOf(key string) store.Act {
	client := key[:strings.LastIndex(key, "-")]
	name := "winter"
	if (client[len(client)-1]-'0')%2 == 1 {
		name = "spring"
	}
	return act(name, key)
}

func eventsOf(key string) []qiaomen.Event {
	events := []qiaomen.Event{submitted("r-"+key, key)}
	if strings.HasSuffix(key, "3") {
		events = append(events, &qiaomen.RecordAccepted{ID: "r-" + key, Version: 1})
	}
	return events
}

// times is how often a test does what it does: as the environment says, or a
// little.
func times(t *testing.T, variable string, little int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return little
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// once asks that every key of a round has the entries of one act.
func once(t *testing.T, s *store.Store, round string) {
	t.Helper()
	entries := map[string]int{}
	for _, name := range []string{"winter", "spring"} {
		for leaf, err := range s.Leaves(ctx, name, 0) {
			if err != nil {
				t.Fatal(err)
			}
			e, err := journal.Open(leaf)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(e.Key, round+"-") {
				entries[e.Key]++
			}
		}
	}
	for key, n := range entries {
		if n != len(eventsOf(key)) {
			t.Errorf("%s has %d entries", key, n)
		}
	}
}

// machine skips a test that needs more of the machine than a laptop gives, or
// fails it under CI.
func machine(t *testing.T, err error, what string) {
	t.Helper()
	if err == nil {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s: %v", what, err)
	}
	t.Skipf("%s: %v", what, err)
}

// wide is an act that takes some room.
func wide(i int) []qiaomen.Event {
	e := submitted(fmt.Sprint("r", i), fmt.Sprint("thing ", i))
	e.Content.Fields = []byte(`{"site":"` + strings.Repeat("示例地", 300) + `"}`)
	return []qiaomen.Event{e}
}

// isThere asks that reading goes on, and gives what was acknowledged and
// nothing else.
func isThere(t *testing.T, s *store.Store, acked map[string]bool) {
	t.Helper()
	err := s.Read(ctx, "winter", 0, func(v *store.View) error {
		n := 0
		for r, err := range store.Each[qiaomen.LedgerRecord](v, store.Filter{}) {
			if err != nil {
				return err
			}
			if n++; !acked["k"+strings.TrimPrefix(r.ID, "r")] {
				t.Errorf("%s is there, and was not acknowledged", r.ID)
			}
		}
		if n != len(acked) {
			t.Errorf("%d records of %d acts", n, len(acked))
		}
		return nil
	})
	if err != nil {
		t.Errorf("reading: %v", err)
	}
}

// goesOn asks that writing goes on within ten seconds, without a restart.
func goesOn(t *testing.T, s *store.Store, acked map[string]bool) {
	t.Helper()
	i, began := len(acked), time.Now()
	for {
		_, err := s.Write(ctx, act("winter", fmt.Sprint("k", i)), emit(wide(i)...))
		if err == nil {
			acked[fmt.Sprint("k", i)] = true
			return
		}
		if time.Since(began) > 10*time.Second {
			t.Fatalf("it does not go on: %v", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// database is a database of PostgreSQL by name, with a connection to its server.
func database(t *testing.T, address string) (server *sql.DB, name string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	name, u.Path = u.Path[1:], "/postgres"
	return admin(t, u.String()), name
}

// admin is a connection beside the store's own.
func admin(t *testing.T, address string) *sql.DB {
	t.Helper()
	driver, source := "pgx", address
	if file, ok := strings.CutPrefix(address, "sqlite:"); ok {
		driver, source = "sqlite", "file:"+file+"?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// TestReadOnly makes a database read-only under load (F6) and writable again:
// acts are refused, reading goes on, and then writing too. That of a file system
// is TestFileSystemFails.
func TestReadOnly(t *testing.T) {
	o := storetest.Fresh(t, "postgres")
	s := storetest.Open(t, o)
	acked := map[string]bool{}
	goesOn(t, s, acked)
	db := admin(t, o.Address)
	turn := func(on string) {
		t.Helper()
		for _, text := range []string{
			"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = " + on + "', current_database()); END $$",
			"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
		} {
			if _, err := db.Exec(text); err != nil {
				t.Fatal(err)
			}
		}
	}
	turn("on")
	refused := 0
	for range 20 {
		if _, err := s.Write(ctx, act("winter", "k1"), emit(wide(1)...)); errors.Is(err, store.ErrReadOnly) {
			refused++
		} else if err == nil {
			t.Fatal("written to what is read-only")
		}
	}
	if refused == 0 {
		t.Error("never said to be read-only")
	}
	isThere(t, s, acked)
	if _, err := db.Exec("SET default_transaction_read_only = off"); err != nil {
		t.Fatal(err)
	}
	turn("off")
	goesOn(t, s, acked)
	isThere(t, s, acked)
}

// TestConnectionsLost cuts every connection to PostgreSQL (F11) while eight
// write: what was acknowledged is there, what failed comes to one end when it is
// asked again, and connections heal.
func TestConnectionsLost(t *testing.T) {
	o := storetest.Fresh(t, "postgres")
	s := storetest.Open(t, o)
	db := admin(t, o.Address)
	stop := make(chan struct{})
	var group sync.WaitGroup
	var mu sync.Mutex
	done, failed := map[string]*store.Written{}, map[string]bool{}
	for client := range clients {
		group.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				key := fmt.Sprintf("cut-%d-%d", client, i)
				w, err := s.Write(ctx, act("winter", key), emit(eventsOf(key)...))
				mu.Lock()
				if done[key] = w; err != nil {
					delete(done, key)
					failed[key] = true
				}
				mu.Unlock()
			}
		})
	}
	for range times(t, "CUTS", 5) {
		time.Sleep(100 * time.Millisecond)
		if _, err := db.Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(100 * time.Millisecond)
	close(stop)
	group.Wait()
	for key, first := range done {
		w := write(t, s, act("winter", key), eventsOf(key)...)
		if !w.Again || w.First != first.First {
			t.Errorf("%s was done at %d and is done again at %d", key, first.First, w.First)
		}
	}
	for key := range failed {
		one := write(t, s, act("winter", key), eventsOf(key)...)
		two := write(t, s, act("winter", key), eventsOf(key)...)
		if !two.Again || one.First != two.First {
			t.Errorf("%s comes to two ends", key)
		}
	}
	t.Logf("%d acknowledged, %d failed", len(done), len(failed))
	once(t, s, "cut")
}

// TestStepsFail lets the machine fail after the commit, before and after the
// mark (F7): no acknowledgement; where the disk may have lost something nothing
// is written any more, and where it only had no room the next act goes on. Asked
// again, the act is known.
func TestStepsFail(t *testing.T) {
	for _, tt := range []struct {
		point  string
		err    error
		broken bool
	}{
		{"committed", syscall.EIO, true},
		{"marked", syscall.EIO, true},
		{"marked", syscall.ENOSPC, false},
		{"marked", syscall.EROFS, false},
		{"signed", syscall.EIO, true},
	} {
		t.Run(fmt.Sprint(tt.point, " ", tt.err), func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, fresh func() store.Options) {
				o := fresh()
				failing := false
				o.Step = func(point string) error {
					if failing && point == tt.point {
						return tt.err
					}
					return nil
				}
				s := storetest.Open(t, o)
				write(t, s, act("winter", "k1"), submitted("r1", "1"))
				failing = true
				_, err := s.Write(ctx, act("winter", "k2"), emit(submitted("r2", "2")))
				if !errors.Is(err, store.ErrUnknown) || errors.Is(err, store.ErrBroken) != tt.broken {
					t.Fatalf("acknowledged or misjudged: %v", err)
				}
				failing = false
				select {
				case <-s.Broken():
					if !tt.broken {
						t.Error("said to be broken")
					}
				default:
					if tt.broken {
						t.Error("nobody is told that it is broken")
					}
				}
				if tt.broken {
					for range 3 {
						if _, err := s.Write(ctx, act("winter", "k3"), emit(submitted("r3", "3"))); !errors.Is(err, store.ErrBroken) {
							t.Errorf("written to what is broken: %v", err)
						}
					}
				}
				isThere(t, s, map[string]bool{"k1": true, "k2": true})
				if tt.broken {
					if err := s.Close(); err != nil {
						t.Error(err)
					}
					s = storetest.Open(t, o)
				}
				w := write(t, s, act("winter", "k2"), submitted("r2", "2"))
				if !w.Again || w.First != 2 {
					t.Errorf("asked again: %+v", w)
				}
				if err := stands(s, "winter", w.Receipt); err != nil {
					t.Error(err)
				}
				write(t, s, act("winter", "k3"), submitted("r3", "3"))
			})
		})
	}
}

// TestClock sets the machine's clock back and forth by ten years, and at every
// act (F15): order is the journal's, times never go back, and who decides is
// told.
func TestClock(t *testing.T) {
	storetest.Each(t, func(t *testing.T, fresh func() store.Options) {
		s := storetest.Open(t, fresh())
		now := time.Date(2024, 1, 3, 9, 0, 0, 0, time.UTC)
		clocks := []time.Time{now, now.AddDate(-10, 0, 0), now.Add(time.Second), now.AddDate(10, 0, 0), now, time.Unix(0, 0), {}}
		for i := range 20 {
			clocks = append(clocks, now.Add(time.Duration(i*i*7919%40-20)*time.Hour))
		}
		last := ""
		for i, clock := range clocks {
			a := act("winter", fmt.Sprint("k", i))
			a.At = clock
			back := false
			w, err := s.Write(ctx, a, func(tx *store.Tx) error {
				back = tx.ClockBack
				if want := max(last, journal.Stamp(clock)); tx.At() != want {
					t.Errorf("act %d at %v: decided at %s, want %s", i, clock, tx.At(), want)
				}
				return emit(submitted(fmt.Sprint("r", i), fmt.Sprint("thing ", i)))(tx)
			})
			if err != nil {
				t.Fatal(err)
			}
			if w.First != int64(i+1) {
				t.Errorf("act %d is entry %d", i, w.First)
			}
			if want := journal.Stamp(clock) < last; back != want {
				t.Errorf("act %d at %v: told %t that the clock went back", i, clock, back)
			}
			last = max(last, journal.Stamp(clock))
			err = s.Read(ctx, "winter", 0, func(v *store.View) error {
				e, err := v.Entry(w.First)
				if err == nil && e.At != last {
					t.Errorf("entry %d at %s, want %s", w.First, e.At, last)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestRetries sends one act from twenty callers at once (F17), as one whose
// reply was lost would: one effect, and to all the same answer. The key used for
// something else is refused; long after it is still known.
func TestRetries(t *testing.T) {
	storetest.Each(t, func(t *testing.T, fresh func() store.Options) {
		o := fresh()
		s, err := store.Open(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		for round := range times(t, "RETRIES", 10) {
			key := fmt.Sprint("k", round)
			answers := atOnce(20, func(int) (*store.Written, error) {
				return s.Write(ctx, act("winter", key), emit(submitted("r-"+key, key), &qiaomen.RecordAccepted{ID: "r-" + key, Version: 1}))
			})
			first := 0
			for _, a := range answers {
				if a.err != nil {
					t.Fatal(a.err)
				}
				if !a.got.Again {
					first++
				}
				if want := int64(2*round + 1); a.got.First != want || a.got.Last != want+1 {
					t.Errorf("%s: %d–%d", key, a.got.First, a.got.Last)
				}
				if err := stands(s, "winter", a.got.Receipt); err != nil {
					t.Error(err)
				}
			}
			if first != 1 {
				t.Errorf("%s was done %d times", key, first)
			}
			for _, a := range atOnce(5, func(i int) (*store.Written, error) {
				other := act("winter", key)
				other.Request = fmt.Sprint("something else ", i)
				return s.Write(ctx, other, emit(submitted("other", "other")))
			}) {
				if _, ok := errors.AsType[*qiaomen.Problem](a.err); !ok {
					t.Errorf("the key used for something else: %v", a.err)
				}
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = storetest.Open(t, o)
		years := act("winter", "k0")
		years.At = years.At.AddDate(3, 0, 0)
		if w, err := s.Write(ctx, years, emit(submitted("r-k0", "k0"))); err != nil || !w.Again || w.First != 1 {
			t.Errorf("three years on: %+v %v", w, err)
		}
	})
}

// An answer is what one of many callers was told.
type answer[T any] struct {
	got T
	err error
}

// atOnce has n callers ask at the same moment.
func atOnce[T any](n int, ask func(i int) (T, error)) []answer[T] {
	answers, start := make([]answer[T], n), make(chan struct{})
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			<-start
			answers[i].got, answers[i].err = ask(i)
		})
	}
	close(start)
	group.Wait()
	return answers
}
