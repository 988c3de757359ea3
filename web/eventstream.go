package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"qiaomen/office"
)

const (
	// beat is how often a stream shows that it is there.
	beat = 15 * time.Second
	// stall is for how long a reader may not take a piece before it is dropped.
	stall = 20 * time.Second
	piece = 32 << 10
	// streamsEach is how many streams an account may have, streamsAll how many
	// there are at once.
	streamsEach = 4
	streamsAll  = 500
	// againAfter is after how many milliseconds a browser comes again.
	againAfter = 3000
)

// A streams is the streams that are being read.
type streams struct {
	each  int
	stall time.Duration
	ended chan struct{} // closed when the server stops

	mu sync.Mutex
	by map[string]int // accounts
	n  int
}

func newStreams(o Options) *streams {
	s := &streams{each: o.Streams, stall: o.Stall, ended: make(chan struct{}), by: map[string]int{}}
	if s.each == 0 {
		s.each = streamsEach
	}
	if s.stall == 0 {
		s.stall = stall
	}
	return s
}

// enter counts a stream in, if there is a place for it.
func (s *streams) enter(account string) (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by[account] >= s.each || s.n >= streamsAll {
		return nil, &Problem{
			Type: problemType + "too_many", Title: "同时打开的事件流太多", Status: http.StatusTooManyRequests,
			Detail: fmt.Sprintf("一个账号最多%d个，请先关掉不用的；也可以按页读取", s.each), retry: 30,
		}
	}
	s.by[account]++
	s.n++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.n--
		if s.by[account]--; s.by[account] == 0 {
			delete(s.by, account)
		}
	}, nil
}

// end ends every stream that is being read, and those to come.
func (s *streams) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.ended:
	default:
		close(s.ended)
	}
}

// serve writes what happens until the reader leaves or does not read on, may no
// longer, or the server stops. Why it ends is the last event, “end”, unless it
// is for the reader to come again.
func (s *streams) serve(w http.ResponseWriter, r *http.Request, follower *office.Follower) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	go func() {
		select {
		case <-s.ended:
			cancel()
		case <-ctx.Done():
		}
	}()
	out := &reader{w, http.NewResponseController(w), s.stall}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no")
	text := fmt.Appendf(nil, "retry: %d\n\n", againAfter)
	for {
		if err := out.write(text); err != nil {
			return
		}
		happened, err := follower.Next(ctx, beat)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			p := problem(r.Context(), err)
			if p.Status != http.StatusServiceUnavailable {
				_ = out.write(field(nil, "", "end", p))
			}
			return
		}
		text = text[:0]
		for i := range happened {
			text = field(text, fmt.Sprint(happened[i].Position), happened[i].Event, &happened[i])
		}
		if len(happened) == 0 {
			text = append(text, ":\n\n"...)
		}
	}
}

// field appends one event of a stream.
func field(to []byte, id, event string, data any) []byte {
	b := bytes.NewBuffer(to)
	if id != "" {
		fmt.Fprintf(b, "id: %s\n", id)
	}
	fmt.Fprintf(b, "event: %s\ndata: ", event)
	_ = jsonFormat.Marshal(b, data) // of our own types, on one line
	b.WriteString("\n\n")
	return b.Bytes()
}

// A reader of a stream has so long for each piece of it.
type reader struct {
	w       http.ResponseWriter
	control *http.ResponseController
	stall   time.Duration
}

func (r *reader) write(text []byte) error {
	for len(text) > 0 {
		n := min(len(text), piece)
		if err := r.control.SetWriteDeadline(time.Now().Add(r.stall)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return err
		}
		if _, err := r.w.Write(text[:n]); err != nil {
			return err
		}
		text = text[n:]
	}
	return r.control.Flush()
}
