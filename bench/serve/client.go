package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A caller is one client of a closed loop: a connection that is kept, on which
// it asks, waits for the answer and asks again. It writes bytes that it put
// together itself and reads the answer with net/http's parser, so that most of
// the machine is left to the server.
type caller struct {
	rand *rand.Rand
	buf  []byte // the request; kept, so that a long one is made once

	conn net.Conn
	in   *bufio.Reader
}

func newCaller(n int) *caller { return &caller{rand: rand.New(rand.NewPCG(uint64(n), 5))} }

// serial numbers whatever has to be new: records, files, idempotency keys.
var serial atomic.Int64

func init() { serial.Store(time.Now().UnixMicro()) } // beyond those of a run before, on the same data

// ask sends one request and reads its answer to the end.
func (c *caller) ask(addr string, request []byte) error {
	status, _, err := c.exchange(addr, request, nil)
	if err == nil && status/100 != 2 {
		err = fmt.Errorf("%d", status)
	}
	return err
}

// exchange sends one request; the body of the answer goes to `into`, or nowhere.
func (c *caller) exchange(addr string, request []byte, into io.Writer) (status int, head http.Header, err error) {
	if c.conn == nil {
		if c.conn, err = net.Dial("tcp", addr); err != nil {
			return 0, nil, err
		}
		c.in = bufio.NewReaderSize(c.conn, 32<<10)
	}
	defer func() {
		if err != nil {
			c.close()
		}
	}()
	if _, err = c.conn.Write(request); err != nil {
		return 0, nil, err
	}
	answer, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return 0, nil, err
	}
	if into == nil {
		into = io.Discard
	}
	if _, err = io.Copy(into, answer.Body); err != nil {
		return 0, nil, err
	}
	if answer.Close {
		c.close()
	}
	return answer.StatusCode, answer.Header, nil
}

func (c *caller) close() {
	if c.conn != nil {
		c.conn.Close()
	}
	c.conn = nil
}

// A tally is what a loop measured. Latencies are in the order they came.
type tally struct {
	took     time.Duration
	all      []time.Duration // of every answer
	writes   []time.Duration // of those that wrote, where a work has both
	failures map[string]int
}

func (t *tally) rate() float64 { return float64(len(t.all)) / t.took.Seconds() }

// add puts another round to this one.
func (t *tally) add(other tally) {
	t.took += other.took
	t.all = append(t.all, other.all...)
	t.writes = append(t.writes, other.writes...)
	for what, n := range other.failures {
		if t.failures == nil {
			t.failures = map[string]int{}
		}
		t.failures[what] += n
	}
}

// percentile is the latency that p of a hundred are not above.
func percentile(all []time.Duration, p float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(len(sorted)-1, int(p/100*float64(len(sorted))))]
}

// load runs n callers in closed loops: warm for a while unmeasured, then for as
// long as asked, in which every answer that comes counts. `next` makes a
// caller's next request, and tells whether it writes.
func load(ctx context.Context, addr string, n int, warm, measure time.Duration, next func(*caller) (request []byte, writes bool)) tally {
	begin := time.Now()
	from, until := begin.Add(warm), begin.Add(warm+measure)
	tallies := make([]tally, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			c := newCaller(i)
			defer c.close()
			t := &tallies[i]
			t.failures = map[string]int{}
			for ctx.Err() == nil {
				request, writes := next(c)
				sent := time.Now()
				if sent.After(until) {
					return
				}
				err := c.ask(addr, request)
				now := time.Now()
				if err != nil {
					t.failures[reason(err)]++
					time.Sleep(10 * time.Millisecond)
					continue
				}
				if now.Before(from) || now.After(until) {
					continue
				}
				t.all = append(t.all, now.Sub(sent))
				if writes {
					t.writes = append(t.writes, now.Sub(sent))
				}
			}
		})
	}
	group.Wait()
	total := tally{}
	for _, t := range tallies {
		total.add(t)
	}
	total.took = measure
	return total
}

// reason is an error without what differs from one connection to the next.
func reason(err error) string {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Op + ": " + op.Err.Error()
	}
	return err.Error()
}

// post and fetch put a request together, into the caller's buffer.

func (c *caller) fetch(path, head string) []byte {
	c.buf = fmt.Appendf(c.buf[:0], "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n", path, head)
	return c.buf
}

func (c *caller) post(path, head, contentType string, body func([]byte) []byte) []byte {
	const room = 10 // digits of the length, written when it is known
	c.buf = fmt.Appendf(c.buf[:0], "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %s\r\n%sContent-Length: ", path, contentType, head)
	length := len(c.buf)
	c.buf = append(c.buf, "0000000000\r\n\r\n"...)
	start := len(c.buf)
	c.buf = body(c.buf)
	copy(c.buf[length:length+room], fmt.Appendf(nil, "%0*d", room, len(c.buf)-start))
	return c.buf
}
