//go:build unix

package store_test

import (
	"bufio"
	"bytes"
	crand "crypto/rand"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

// The tests of this file run themselves as a second program, the writer: it
// acts as fast as it can and says what was acknowledged, until it is killed.
// What it said is then held against the ledger that it left.

// TestMain is the tests, or the writer where childVariable is set.
func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		os.Exit(writer())
	}
	os.Exit(m.Run())
}

const (
	childVariable = "QIAOMEN_TEST_WRITER"
	wasBroken     = 3 // the writer's exit code where storage broke
)

// A writing is what the writer is told: which ledger, which keys, and where to
// kill itself.
type writing struct {
	o     store.Options
	round string
	point string // of Options.Step; empty: none
	after int    // so many times at that point; without one, so many acts, and it ends well
}

func (w writing) environment() []string {
	return append(os.Environ(), childVariable+"="+strings.Join([]string{
		w.o.Address, w.o.Folder, w.o.Installation, hex.EncodeToString(w.o.Seed[:]), w.round, w.point, strconv.Itoa(w.after),
	}, "\n"))
}

// writer is the second program.
func writer() int {
	told := strings.Split(os.Getenv(childVariable), "\n")
	o := store.Options{Address: told[0], Folder: told[1], Installation: told[2], Salt: func(b []byte) { _, _ = crand.Read(b) }}
	seed, _ := hex.DecodeString(told[3])
	o.Seed = [32]byte(seed)
	round, point := told[4], told[5]
	after, _ := strconv.ParseInt(told[6], 10, 64)
	var times atomic.Int64
	o.Step = func(at string) error {
		if at == point && times.Add(1) == after {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
		return nil
	}
	s, err := store.Open(ctx, o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "open: ", err)
		return 1
	}
	fmt.Println("ready")
	var group sync.WaitGroup
	for client := range clients {
		group.Go(func() {
			for i := 0; ; i++ {
				key := fmt.Sprintf("%s-%d-%d", round, client, i)
				w, err := s.Write(ctx, actOf(key), emit(eventsOf(key)...))
				if errors.Is(err, store.ErrBroken) {
					return
				}
				if err != nil {
					fmt.Fprintln(os.Stderr, key, err)
					time.Sleep(5 * time.Millisecond)
					continue
				}
				fmt.Printf("%s %d %d %s\n", key, w.First, w.Last, base64.StdEncoding.EncodeToString(w.Receipt))
				if point == "" && times.Add(1) == after {
					os.Exit(0)
				}
			}
		})
	}
	group.Wait()
	select {
	case <-s.Broken():
		return wasBroken
	default:
		return 2
	}
}

// An ack is what the writer said was done.
type ack struct {
	key         string
	first, last int64
	receipt     []byte
}

// A blow is what befalls the writer, some time after its start, or after it has
// said that it is ready.
type blow struct {
	after time.Duration
	do    func(*os.Process)
	ready bool
}

func killed(after time.Duration) blow {
	return blow{after: after, do: func(p *os.Process) { _ = p.Kill() }}
}

// run starts the writer and reads what it says until it ends. What it says after
// the blow does not count.
func (w writing) run(t *testing.T, b blow, command ...string) (acks []ack, code int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command = append(command, self)
	c := exec.Command(command[0], command[1:]...)
	c.Env = w.environment()
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	struck, over := false, make(chan struct{})
	first := b.after
	if b.ready {
		first = time.Hour
	}
	timer := time.AfterFunc(first, func() {
		defer close(over)
		mu.Lock()
		defer mu.Unlock()
		struck = true
		b.do(c.Process)
	})
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil { // what was not said to its end was not said
			break
		}
		if b.ready && line == "ready\n" {
			timer.Reset(b.after)
		}
		mu.Lock()
		if a, ok := parseAck(line); ok && !struck {
			acks = append(acks, a)
		}
		mu.Unlock()
	}
	_ = c.Wait() // it was killed, or its code says
	if !timer.Stop() {
		<-over
	}
	if said.Len() > 0 && c.ProcessState.ExitCode() != -1 {
		t.Logf("the writer says: %s", said.String())
	}
	return acks, c.ProcessState.ExitCode()
}

func parseAck(line string) (a ack, ok bool) {
	fields := strings.Fields(line)
	if len(fields) != 4 {
		return a, false
	}
	first, err1 := strconv.ParseInt(fields[1], 10, 64)
	last, err2 := strconv.ParseInt(fields[2], 10, 64)
	receipt, err3 := base64.StdEncoding.DecodeString(fields[3])
	return ack{fields[0], first, last, receipt}, errors.Join(err1, err2, err3) == nil
}

// invariants holds a ledger against what the writer said in a round: every
// acknowledged act is there with the same content, its receipt holds, every act
// that was tried comes to one end when it is tried again, nothing is there twice,
// nothing is left lying about, and verification is green.
func invariants(t *testing.T, o store.Options, round string, acks []ack) {
	t.Helper()
	began := time.Now()
	s, err := store.Open(ctx, o)
	if err != nil {
		t.Fatal("it does not start again: ", err)
	}
	defer s.Close()
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("ready after %v", took)
	}
	next := make([]int, clients) // of each client, the first that nobody acknowledged
	for _, a := range acks {
		var client, i int
		if _, err := fmt.Sscanf(a.key[len(round):], "-%d-%d", &client, &i); err != nil {
			t.Fatal(err)
		}
		next[client] = max(next[client], i+1)
		standing(t, s, a)
	}
	known := map[string]ack{}
	for _, a := range acks {
		known[a.key] = a
	}
	var group sync.WaitGroup
	for client, most := range next {
		group.Go(func() {
			for i := range most + 1 { // the last one was tried, and nobody knows
				key := fmt.Sprintf("%s-%d-%d", round, client, i)
				resolved(t, s, key, known[key])
			}
		})
	}
	group.Wait()
	once(t, s, round)
	storetest.Verify(t, s, o)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	tidy(t, o)
}

// standing asks that an acknowledged act is there, and its receipt holds.
func standing(t *testing.T, s *store.Store, a ack) {
	t.Helper()
	name := actOf(a.key).Journal
	err := s.Read(ctx, name, 0, func(v *store.View) error {
		for i, event := range eventsOf(a.key) {
			e, err := v.Entry(a.first + int64(i))
			if err != nil {
				return err
			}
			sort, _, data, err := qiaomen.EncodeEvent(event)
			if err != nil {
				return err
			}
			if e.Key != a.key || e.Event != sort || !bytes.Equal(e.Data, data) {
				t.Errorf("%s was acknowledged and is not there: %s %s %s", a.key, e.Key, e.Event, e.Data)
			}
		}
		r, err := store.One[qiaomen.LedgerRecord](v, "r-"+a.key)
		if err == nil && (r == nil || r.Content.Name != submitted("", "").Content.Name) {
			t.Errorf("%s was acknowledged and has no row", a.key)
		}
		return err
	})
	if err != nil {
		t.Errorf("%s: %v", a.key, err)
	}
	if err := stands(s, name, a.receipt); err != nil {
		t.Errorf("%s: %v", a.key, err)
	}
}

// resolved tries an act again: twice, and both times it comes to the same.
func resolved(t *testing.T, s *store.Store, key string, known ack) {
	t.Helper()
	var answers [2]*store.Written
	for i := range answers {
		w, err := s.Write(ctx, actOf(key), emit(eventsOf(key)...))
		if err != nil {
			t.Errorf("%s again: %v", key, err)
			return
		}
		answers[i] = w
	}
	one, two := answers[0], answers[1]
	if !two.Again || one.First != two.First || one.Last != two.Last {
		t.Errorf("%s comes to two ends: %d–%d, %d–%d", key, one.First, one.Last, two.First, two.Last)
	}
	if known.key != "" && (!one.Again || one.First != known.first || one.Last != known.last) {
		t.Errorf("%s was done at %d and is done again at %d", key, known.first, one.First)
	}
}

// tidy asks that nothing lies in the folders that does not belong there, and
// that SQLite finds its file whole.
func tidy(t *testing.T, o store.Options) {
	t.Helper()
	marks, err := os.ReadDir(o.Folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range marks {
		if filepath.Ext(f.Name()) != ".mark" {
			t.Errorf("left behind: %s", f.Name())
		}
	}
	file, ok := strings.CutPrefix(o.Address, "sqlite:")
	if !ok {
		return
	}
	files, err := os.ReadDir(filepath.Dir(file))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !slices.Contains([]string{filepath.Base(file), filepath.Base(o.Folder)}, f.Name()) {
			t.Errorf("left behind: %s", f.Name())
		}
	}
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var found string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&found); err != nil || found != "ok" {
		t.Errorf("integrity: %s %v", found, err)
	}
}

// aLedgersRounds is after how many rounds another ledger is begun, so that a
// long test does not become a test of long ledgers.
const aLedgersRounds = 8

// TestKilled kills the writer at random (F1): KILLS times on each engine.
func TestKilled(t *testing.T) {
	storetest.Each(t, func(t *testing.T, fresh func() store.Options) {
		var o store.Options
		acknowledged := 0
		for i := range times(t, "KILLS", 2) {
			if i%aLedgersRounds == 0 {
				o = fresh()
			}
			w := writing{o: o, round: fmt.Sprint("round", i)}
			acks, _ := w.run(t, killed(time.Duration(20+rand.IntN(781))*time.Millisecond))
			acknowledged += len(acks)
			if invariants(t, o, w.round, acks); t.Failed() {
				t.Fatalf("in round %d, after %d acknowledgements", i, len(acks))
			}
		}
		t.Logf("%d acknowledgements, none lost", acknowledged)
	})
}

// TestKilledAtPoints lets the writer kill itself at each named point of a write
// (F2), POINTS times on each engine.
func TestKilledAtPoints(t *testing.T) {
	storetest.Each(t, func(t *testing.T, fresh func() store.Options) {
		for i := range times(t, "POINTS", 1) {
			o := fresh()
			for _, point := range []string{"commit", "committed", "marked", "signed"} {
				w := writing{o: o, round: point, point: point, after: 1 + rand.IntN(20)}
				acks, code := w.run(t, killed(time.Minute))
				if code != -1 {
					t.Fatalf("%s: the writer ended with %d", point, code)
				}
				if invariants(t, o, w.round, acks); t.Failed() {
					t.Fatalf("%d: killed at %s for the time %d, after %d acknowledgements", i, point, w.after, len(acks))
				}
			}
		}
	})
}
