//go:build linux

package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/schemes"
)

// Tests of a server that is killed, or loses its power, while people report. What
// was acknowledged is written down outside of it, and has to be there afterwards.

// times is how often a fault is tried: as the environment says, or a few.
func times(t *testing.T, variable string, few int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return few
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s=%s", variable, text)
	}
	return n
}

// A served is a data folder with an open campaign, and a program that serves it.
type served struct {
	t       *testing.T
	folder  string
	token   string
	address string
	program *exec.Cmd
	log     *screen
	client  *http.Client
}

const campaign = "winter-2023"

// newServed makes the data folder, opens the campaign on paper, and issues a
// token to a reporter.
func newServed(t *testing.T, folder string) *served {
	t.Helper()
	out := &screen{}
	c := initCommand{Data: folder, People: filepath.Join("..", "..", "examples", "people.yaml"), Profile: "small", Name: "示例", Database: "sqlite:ledger.db"}
	if err := c.Run(streams{out, out}); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	conf, err := loadConfig(streams{io.Discard, io.Discard}, folder)
	if err != nil {
		t.Fatal(err)
	}
	h, err := openHouse(t.Context(), conf, working)
	if err != nil {
		t.Fatal(err)
	}
	s := &served{t: t, folder: folder, log: &screen{}, client: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 16}}}
	err = s.openCampaign(h)
	if err := errors.Join(err, h.close()); err != nil {
		t.Fatal(err)
	}
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = port.Addr().String()
	port.Close()
	t.Cleanup(func() { s.kill() })
	return s
}

func (s *served) openCampaign(h *house) error {
	by := func(login, in string) office.Caller {
		account, err := h.account(login)
		if err != nil {
			s.t.Fatal(err)
		}
		return office.Caller{Account: account, Campaign: in}
	}
	scan, err := os.Open(filepath.Join("..", "..", "examples", "minutes.pdf"))
	if err != nil {
		return err
	}
	defer scan.Close()
	text, err := schemes.Files.ReadFile("shuangyashan-winter-2023/scheme.yaml")
	if err != nil {
		return err
	}
	notice, err := schemes.Files.ReadFile("shuangyashan-winter-2023/notice.txt")
	if err != nil {
		return err
	}
	made, err := h.CreateCampaign(h.ctx, by("handler", campaign), office.Beginning{Campaign: campaign, Text: string(text), Source: string(notice)})
	if err != nil {
		return err
	}
	kept, err := h.KeepFile(h.ctx, by("handler", campaign), "", "minutes.pdf", scan)
	if err != nil {
		return err
	}
	paper, err := h.EnterPaper(h.ctx, by("handler", campaign), office.PaperEntry{
		Proposal: made.Proposal, Role: qiaomen.GroupMember, Approve: true, DecidedOn: "2023-12-11", Number: "纪要〔2023〕1号", Scan: kept,
	})
	if err != nil {
		return err
	}
	if _, err := h.ConfirmPaper(h.ctx, by("reviewer", campaign), paper.ID); err != nil {
		return err
	}
	until := time.Now().AddDate(0, 1, 0).Format(time.DateOnly)
	_, s.token, err = h.IssueToken(h.ctx, by("jixian", campaign), office.TokenRequest{
		Name: "测试", Scope: []string{qiaomen.ActSubmit.String(), qiaomen.ActReadOwn.String(), qiaomen.ActAddEvidence.String()}, Until: until,
	})
	return err
}

// start starts the program and waits until it is ready. It returns how long that
// took.
func (s *served) start() time.Duration {
	s.t.Helper()
	s.program = exec.Command("qiaomen", "serve", "--data", s.folder, "--listen", s.address)
	s.program.Env = append(os.Environ(), "QIAOMEN_CERTIFICATE=", "QIAOMEN_REQUESTS_PER_SECOND=0")
	s.program.Stdout, s.program.Stderr = s.log, s.log
	begun := time.Now()
	if err := s.program.Start(); err != nil {
		s.t.Fatal(err)
	}
	for time.Since(begun) < 30*time.Second {
		res, err := s.client.Get("http://" + s.address + "/readyz")
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return time.Since(begun)
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	log := s.log.String()
	s.t.Fatalf("never ready: %s", log[max(0, len(log)-1000):])
	return 0
}

func (s *served) kill() {
	if s.program == nil {
		return
	}
	_ = s.program.Process.Kill()
	_ = s.program.Wait()
	s.program = nil
}

// An ack is a report that the server acknowledged.
type ack struct{ key, name string }

// report sends one record under a key. An error is that nobody knows what became
// of it.
func (s *served) report(ctx context.Context, key string) (ack, error) {
	name := "示例项目 " + key
	body, err := json.Marshal(map[string]any{
		"unit": "jixian", "kind": "domestic_lead", "name": name,
		"fields": map[string]any{"target_company": "示例公司 " + key, "content": "示例", "amount_yi": "1.5"},
	}, json.Deterministic(true)) // the same bytes under the same key
	if err != nil {
		return ack{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.address+"/api/v1/campaigns/"+campaign+"/records", bytes.NewReader(body))
	if err != nil {
		return ack{}, err
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	res, err := s.client.Do(req)
	if err != nil {
		return ack{}, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		return ack{}, errors.Join(err, fmt.Errorf("%d %s", res.StatusCode, data))
	}
	return ack{key, name}, nil
}

// load has eight people report until the blow falls. It returns what was
// acknowledged, and the keys of which nobody knows.
func (s *served) load(round int, blow func()) (acks []ack, unknown []string) {
	ctx, stop := context.WithCancel(s.t.Context())
	var mu sync.Mutex
	var wait sync.WaitGroup
	for who := range 8 {
		wait.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				key := fmt.Sprintf("%d-%d-%d", round, who, i)
				a, err := s.report(ctx, key)
				mu.Lock()
				if err == nil {
					acks = append(acks, a)
				} else {
					unknown = append(unknown, key)
				}
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	time.Sleep(time.Duration(20+rand.IntN(780)) * time.Millisecond)
	blow()
	stop()
	wait.Wait()
	return acks, unknown
}

// standing asks that everything acknowledged is there, and that what nobody knew
// has one state once it is asked for again.
func (s *served) standing(acks []ack, unknown []string) {
	s.t.Helper()
	there := map[string]int{}
	for cursor := ""; ; {
		req, err := http.NewRequest(http.MethodGet, "http://"+s.address+"/api/v1/campaigns/"+campaign+"/records?unit=jixian&limit=200&cursor="+cursor, nil)
		if err != nil {
			s.t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+s.token)
		res, err := s.client.Do(req)
		if err != nil {
			s.t.Fatal(err)
		}
		var page struct {
			Items []qiaomen.LedgerRecord `json:"items"`
			Next  string                 `json:"next"`
		}
		err = json.UnmarshalRead(res.Body, &page)
		res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK {
			s.t.Fatal(res.StatusCode, err)
		}
		for _, r := range page.Items {
			there[r.Content.Name]++
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	for _, a := range acks {
		if there[a.name] != 1 {
			s.t.Errorf("%s was acknowledged, and is there %d times", a.name, there[a.name])
		}
	}
	for _, key := range unknown {
		if _, err := s.report(s.t.Context(), key); err != nil {
			s.t.Errorf("%s, asked again: %v", key, err)
		}
		if n := there["示例项目 "+key]; n > 1 {
			s.t.Errorf("%s is there %d times", key, n)
		}
	}
}

// verified runs verify on what the server left behind.
func (s *served) verified() {
	s.t.Helper()
	out := &screen{}
	c := verifyCommand{}
	c.Data = s.folder
	if err := c.Run(streams{out, out}); err != nil {
		s.t.Errorf("%v: %s", err, out)
	}
}

// TestServerKilled kills the server under load, KILLS times (F1).
func TestServerKilled(t *testing.T) {
	const each = 50 // kills of one ledger, all of which is read back after each
	var s *served
	rounds := times(t, "KILLS", 3)
	slowest, all := time.Duration(0), 0
	for i := range rounds {
		if i%each == 0 {
			s = newServed(t, filepath.Join(t.TempDir(), "data"))
		}
		slowest = max(slowest, s.start())
		acks, unknown := s.load(i, s.kill)
		all += len(acks)
		s.start()
		s.standing(acks, unknown)
		s.kill()
		if i%each == each-1 || i == rounds-1 {
			s.verified()
		}
	}
	t.Logf("%d acknowledgements, ready after at most %s", all, slowest)
	if all == 0 {
		t.Error("nothing was acknowledged")
	}
}

// TestServerLosesPower cuts the power under the server, CUTS times (F3): what
// the file system had not flushed is gone.
func TestServerLosesPower(t *testing.T) {
	image, folder := filepath.Join(t.TempDir(), "image"), t.TempDir()
	if err := errors.Join(os.WriteFile(image, nil, 0o600), os.Truncate(image, 256<<20)); err != nil {
		t.Fatal(err)
	}
	mount := func() error { return exec.Command("mount", "-o", "loop,errors=remount-ro", image, folder).Run() }
	if err := cmp.Or(exec.Command("mkfs.ext4", "-q", "-F", image).Run(), mount()); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("mounting takes root: ", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
	s := newServed(t, filepath.Join(folder, "data"))
	for i := range times(t, "CUTS", 1) {
		s.start()
		acks, unknown := s.load(i, func() { cutPower(t, folder) })
		s.kill()
		if err := syscall.Unmount(folder, 0); err != nil {
			t.Fatal(err)
		}
		if err := mount(); err != nil {
			t.Fatal(err)
		}
		s.start()
		s.standing(acks, unknown)
		s.kill()
		s.verified()
	}
}

// cutPower makes ext4 forget what was not flushed.
func cutPower(t *testing.T, folder string) {
	f, err := os.Open(folder)
	if err != nil {
		t.Error(err)
		return
	}
	defer f.Close()
	const shutdown = 0x8004587d // EXT4_IOC_SHUTDOWN
	noFlush := uint32(2)
	if _, _, err := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), shutdown, uintptr(unsafe.Pointer(&noFlush))); err != 0 {
		t.Error(err)
	}
}
