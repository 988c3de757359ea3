package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"qiaomen"
)

const (
	// waits is for how long a sender may send nothing.
	waits = 25 * time.Second
	// slowest is how many bytes a second a sender sends at least, the first
	// minute apart.
	slowest = 4 << 10
	// lingers is for how long a body that was refused is listened to.
	lingers = 500 * time.Millisecond
)

// A sending is a body as it comes in, however long that takes: its connection's
// deadlines move while bytes come. It ends with a problem where it is too large,
// or its sender stands still.
type sending struct {
	body    io.Reader
	says    int64 // how long it is; less than 0: it does not say
	control *http.ResponseController
	header  http.Header
	begun   time.Time
	most    int64
	n       int64

	mu    sync.Mutex
	state sendingState
}

type sendingState int

const (
	notBegun sendingState = iota
	coming
	halted // somebody wants it to stop
	over   // all of it is here: the connection is no longer read from
)

// sent is the body of the request, of most bytes at most. One that says itself
// that it is larger is not read at all.
func (v *visit) sent(most int64) (*sending, error) {
	s := v.sending()
	return s, s.atMost(most)
}

func (v *visit) sending() *sending {
	return &sending{body: v.r.Body, says: v.r.ContentLength, control: http.NewResponseController(v.w), header: v.w.Header(), begun: time.Now()}
}

// atMost bounds the body before it is read.
func (s *sending) atMost(most int64) error {
	s.most = most
	if s.says > most {
		s.end()
		return tooLong(most)
	}
	return nil
}

// until moves the deadlines, while the body still comes.
func (s *sending) until(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.state {
	case over:
		return
	case halted:
		at = time.Now()
	default:
		s.state = coming
	}
	_ = s.control.SetReadDeadline(at)
	_ = s.control.SetWriteDeadline(at.Add(writeTime))
}

// halt stops what is coming, or would come.
func (s *sending) halt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.state {
	case coming:
		_ = s.control.SetReadDeadline(time.Now())
		s.state = halted
	case notBegun:
		s.state = halted
	}
}

// gaveWay tells whether it was asked to stop.
func (s *sending) gaveWay() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state == halted
}

// finish is that all of it is here. A deadline that ran out now would be taken
// for a client that has gone.
func (s *sending) finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = over
	_ = s.control.SetReadDeadline(time.Time{})
}

// end has the connection closed once it is answered. A little of what else comes
// is read, so that the answer is not lost with it.
func (s *sending) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != over {
		s.header.Set("Connection", "close")
		_ = s.control.SetReadDeadline(time.Now().Add(lingers))
	}
}

// Read reads on, and gives the sender and the answer their time.
func (s *sending) Read(p []byte) (int, error) {
	until := time.Now().Add(waits)
	if pace := s.begun.Add(time.Minute + time.Duration(s.n/slowest)*time.Second); pace.Before(until) {
		until = pace
	}
	s.until(until)
	if left := s.most - s.n + 1; int64(len(p)) > left { // one more tells that there is more
		p = p[:left]
	}
	n, err := s.body.Read(p)
	if s.n += int64(n); s.n > s.most {
		s.end()
		return 0, tooLong(s.most)
	}
	switch {
	case err == nil:
		return n, nil
	case err == io.EOF: //nolint:errorlint // as readers have it
		s.finish()
		return n, err
	case errors.Is(err, os.ErrDeadlineExceeded) && s.gaveWay():
		err = &Problem{Type: problemType + wordOf(http.StatusLocked), Title: "另有一个连接接着上传这份文件", Status: http.StatusLocked, Detail: "请先查询已经收到多少，再从那里接着传", retry: 1}
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = &Problem{Type: problemType + wordOf(http.StatusRequestTimeout), Title: "等内容等得太久", Status: http.StatusRequestTimeout, Detail: "请检查网络后再上传；大文件请用断点续传"}
	default:
		err = &Problem{Type: problemType + wordOf(http.StatusBadRequest), Title: "没有收完，连接断了", Status: http.StatusBadRequest, Detail: "请再上传一次；大文件请用断点续传"}
	}
	s.end()
	return n, err
}

func tooLong(most int64) error {
	return &qiaomen.Problem{Code: qiaomen.TooLarge, Text: fmt.Sprintf("内容太大，最多 %d MB", most>>20), Fix: "请缩小或分开后再上传"}
}

// whole reads a body that is used from memory.
func (v *visit) whole(most int64) ([]byte, error) {
	s, err := v.sent(most)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(s)
}
