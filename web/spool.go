package web

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"qiaomen"
)

// A spool keeps what was sent and is not done with: parts of uploads, and files
// that are to be imported. Each is a parcel: its bytes under its id, and beside
// them what is known of it (….json), so that both survive a restart. A parcel
// belongs to the account that sent it, and is thrown away after a day.
type spool struct {
	root *os.Root
	now  func() time.Time

	mu      sync.Mutex
	parcels map[string]*parcel
	busy    map[string]*holding
}

// parcelLasts is for how long a parcel is kept.
const parcelLasts = 24 * time.Hour

// The sorts of parcels.
const (
	uploadParcel = "upload"
	importParcel = "import"
)

// A parcel is one thing that was sent, as it was when it was looked at: save makes
// another of it.
type parcel struct {
	ID       string            `json:"id"`
	Sort     string            `json:"sort"`
	Account  string            `json:"account"`
	Campaign string            `json:"campaign,omitzero"`
	Name     string            `json:"name"`
	Type     string            `json:"type,omitzero"`
	Length   int64             `json:"length"` // once all of it is here
	Expires  time.Time         `json:"expires"`
	Evidence *qiaomen.Evidence `json:"evidence,omitzero"` // what it became
	Import   *importing        `json:"import,omitzero"`
}

// A holding is somebody at work on a parcel.
type holding struct {
	give func() // asks them to stop
	done chan struct{}
}

const (
	aboutSuffix = ".json"
	rowsSuffix  = ".rows"
)

// openSpool opens the folder of a spool, and finds what lies there.
func openSpool(folder string, now func() time.Time) (*spool, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	s := &spool{root: root, now: now, parcels: map[string]*parcel{}, busy: map[string]*holding{}}
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		id, found := strings.CutSuffix(e.Name(), aboutSuffix)
		if !found {
			continue
		}
		data, err := root.ReadFile(e.Name())
		if err != nil {
			return nil, err
		}
		p := &parcel{}
		if json.Unmarshal(data, p) == nil && p.ID == id {
			s.parcels[id] = p
		}
	}
	for _, e := range entries { // what a crash left behind
		id, _, _ := strings.Cut(e.Name(), ".")
		if s.parcels[id] == nil || strings.HasSuffix(e.Name(), ".new") {
			_ = root.Remove(e.Name())
		}
	}
	return s, nil
}

// begin makes a parcel, if with it the account has no more than room bytes here
// and no more parcels than most.
func (s *spool) begin(p parcel, room int64, most int) (*parcel, error) {
	p.ID, p.Expires = strings.ToLower(rand.Text()), s.now().Add(parcelLasts)
	s.mu.Lock()
	defer s.mu.Unlock()
	used, count := p.Length, 0
	for _, other := range s.parcels {
		if other.Account != p.Account || other.Evidence != nil {
			continue
		}
		used += other.Length
		if other.Sort == p.Sort {
			count++
		}
	}
	if used > room || count >= most {
		return nil, &qiaomen.Problem{Code: qiaomen.TooLarge, Text: "您没有传完或没有导入的文件太多，不能再收", Fix: "请先传完、导入，或删去不要的；一天后会自动清除"}
	}
	f, err := s.root.OpenFile(p.ID, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err == nil {
		err = f.Close()
	}
	if err == nil {
		err = s.write(&p)
	}
	if err != nil {
		return nil, spoolError(err)
	}
	s.parcels[p.ID] = &p
	return &p, nil
}

// write writes what is known of a parcel.
func (s *spool) write(p *parcel) error {
	data, err := json.Marshal(p, json.Deterministic(true))
	if err != nil {
		return err
	}
	if err := s.root.WriteFile(p.ID+aboutSuffix+".new", data, 0o600); err != nil {
		return err
	}
	return s.root.Rename(p.ID+aboutSuffix+".new", p.ID+aboutSuffix)
}

// save changes what is known of a parcel, in place of what was.
func (s *spool) save(id string, change func(*parcel)) (*parcel, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.parcels[id]
	if old == nil { // dropped meanwhile
		return nil, errNoParcel
	}
	p := *old
	change(&p)
	if err := s.write(&p); err != nil {
		return nil, spoolError(err)
	}
	s.parcels[id] = &p
	return &p, nil
}

var errNoParcel error = &qiaomen.Problem{Code: qiaomen.NotFound, Text: "没有找到", Fix: "请核对编号；没有用完的文件只保留一天"}

// find is the caller's own parcel of that id. Others' are not there.
func (s *spool) find(sort, id string, v *visit) (*parcel, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.parcels[id]
	if p == nil || p.Sort != sort || p.Account != v.caller.Account || p.Campaign != v.caller.Campaign {
		return nil, errNoParcel
	}
	if p.Expires.Before(s.now()) {
		return nil, &Problem{Type: problemType + "gone", Title: "已经过期", Status: http.StatusGone, Detail: "请重新上传；没有用完的文件只保留一天"}
	}
	return p, nil
}

// hold takes a parcel to work on. Who is at work on it is asked to stop: a
// client that comes again has lost its first connection. Where they do not stop
// soon, the parcel is locked.
func (s *spool) hold(id string, give func()) (leave func(), err error) {
	patience := time.NewTimer(5 * time.Second)
	defer patience.Stop()
	for {
		s.mu.Lock()
		other := s.busy[id]
		if other == nil {
			mine := &holding{give: give, done: make(chan struct{})}
			s.busy[id] = mine
			s.mu.Unlock()
			return func() {
				s.mu.Lock()
				delete(s.busy, id)
				s.mu.Unlock()
				close(mine.done)
			}, nil
		}
		s.mu.Unlock()
		other.give()
		select {
		case <-other.done:
		case <-patience.C:
			return nil, &Problem{Type: problemType + wordOf(http.StatusLocked), Title: "这份文件正在处理", Status: http.StatusLocked, Detail: "请稍后再试", retry: 5}
		}
	}
}

// here is how many bytes of a parcel are here.
func (s *spool) here(p *parcel) (int64, error) {
	info, err := s.root.Stat(p.ID)
	if errors.Is(err, fs.ErrNotExist) && p.Evidence != nil {
		return p.Length, nil
	}
	if err != nil {
		return 0, spoolError(err)
	}
	return info.Size(), nil
}

// add writes further bytes of a parcel, and makes them last.
func (s *spool) add(p *parcel, from io.Reader) error {
	f, err := s.root.OpenFile(p.ID, os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return spoolError(err)
	}
	_, err = io.CopyBuffer(onlyWriter{f}, from, make([]byte, 64<<10))
	return errors.Join(spoolError(err), spoolError(f.Sync()), f.Close())
}

// onlyWriter keeps io.CopyBuffer from finding a way around its buffer.
type onlyWriter struct{ io.Writer }

// open opens a parcel's bytes, or with a suffix what was made of them.
func (s *spool) open(p *parcel, suffix string) (*os.File, error) {
	f, err := s.root.Open(p.ID + suffix)
	return f, spoolError(err)
}

// create begins something that is made of a parcel.
func (s *spool) create(p *parcel, suffix string) (*os.File, error) {
	f, err := s.root.OpenFile(p.ID+suffix, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	return f, spoolError(err)
}

// empty throws a parcel's bytes away, and keeps what is known of it.
func (s *spool) empty(p *parcel) { _ = s.root.Remove(p.ID) }

// drop throws a parcel away.
func (s *spool) drop(p *parcel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.parcels, p.ID)
	for _, suffix := range []string{"", rowsSuffix, aboutSuffix} {
		_ = s.root.Remove(p.ID + suffix)
	}
}

// sweep throws away what has expired and nobody is at work on.
func (s *spool) sweep() {
	s.mu.Lock()
	var over []*parcel
	for id, p := range s.parcels {
		if p.Expires.Before(s.now()) && s.busy[id] == nil {
			over = append(over, p)
		}
	}
	s.mu.Unlock()
	for _, p := range over {
		s.drop(p)
	}
}

// scratch is a file that nobody finds, for an answer that must be whole before
// it begins.
func (s *spool) scratch() (f *os.File, remove func(), err error) {
	name := path.Base(strings.ToLower(rand.Text()) + ".new")
	f, err = s.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, nil, spoolError(err)
	}
	return f, func() { _ = f.Close(); _ = s.root.Remove(name) }, nil
}

// spoolError is what a person is told of a disk that does not do as it should.
func spoolError(err error) error {
	if err == nil {
		return nil
	}
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	if p, ok := errors.AsType[*qiaomen.Problem](err); ok {
		return p
	}
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%w: %w", &Problem{
			Type: problemType + "no_room", Title: "服务器暂时不能存文件", Status: http.StatusInsufficientStorage, Detail: "请告诉管理员，稍后再上传一次",
		}, err)
	}
	return err
}

// openSpool opens the spool, if there is one. What was being imported when the
// program ended was broken off.
func (s *Server) openSpool() {
	if s.o.Spool == "" {
		return
	}
	opened, err := openSpool(s.o.Spool, s.o.Now)
	if err != nil {
		s.o.Log.Error("the spool cannot be used", "error", err)
		return
	}
	for id, p := range opened.parcels {
		if p.Import != nil && (p.Import.State == importChecking || p.Import.State == importRunning) {
			_, _ = opened.save(id, func(p *parcel) {
				im := *p.Import
				im.State = importBroken
				p.Import = &im
			})
		}
	}
	s.spool = opened
}

// kept is the spool, or that there is none.
func (s *Server) kept() (*spool, error) {
	if s.spool == nil {
		return nil, &qiaomen.Problem{Code: qiaomen.Unavailable, Text: "服务器没有设置暂存的目录，不能断点续传、导入和归档", Fix: "请告诉系统管理员"}
	}
	return s.spool, nil
}

// Sweep throws away uploads that were not finished and imports that were not
// done within a day. It is to be called once in a while.
func (s *Server) Sweep() {
	if s.spool != nil {
		s.spool.sweep()
	}
}
