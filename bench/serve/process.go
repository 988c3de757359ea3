package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A process is a server that runs.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	log  string
}

// launch starts a server; what it prints goes to the file log.
func launch(ctx context.Context, log string, environment, argv []string) (*process, error) {
	p := &process{done: make(chan struct{}), log: log}
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close() // the child has its own
	p.cmd = exec.CommandContext(ctx, argv[0], argv[1:]...)
	p.cmd.Env = append(os.Environ(), environment...)
	p.cmd.Stdout, p.cmd.Stderr = out, out
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// ready waits for the first answer of 200 to a request.
func (p *process) ready(addr string, request []byte, most time.Duration) error {
	c := &caller{}
	defer c.close()
	var err error
	for until := time.Now().Add(most); time.Now().Before(until); time.Sleep(2 * time.Millisecond) {
		select {
		case <-p.done:
			return fmt.Errorf("ended before it answered:\n%s", p.printed())
		default:
		}
		if err = c.ask(addr, request); err == nil {
			return nil
		}
	}
	return fmt.Errorf("no answer after %v: %w\n%s", most, err, p.printed())
}

// printed is the end of what the server said.
func (p *process) printed() string {
	text, _ := os.ReadFile(p.log)
	return string(text[max(0, len(text)-2000):])
}

// stop ends it as an administrator would, and waits.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.done:
	case <-time.After(20 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.done
		return errors.New("did not end when it was asked to")
	}
	return nil
}

func (p *process) proc(name string) string {
	return fmt.Sprintf("/proc/%d/%s", p.cmd.Process.Pid, name)
}

// memory is the resident memory now, and the most since it began or since
// forget, in bytes. Where the system has no /proc, both are 0.
func (p *process) memory() (now, peak int64) {
	text, _ := os.ReadFile(p.proc("status"))
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		n, _ := strconv.ParseInt(fields[1], 10, 64)
		switch fields[0] {
		case "VmRSS:":
			now = n << 10
		case "VmHWM:":
			peak = n << 10
		}
	}
	return now, peak
}

// forget has the system begin again to note the most memory.
func (p *process) forget() { _ = os.WriteFile(p.proc("clear_refs"), []byte("5"), 0) }

// cpu is the time that the process has had of the processor, in ticks of 10 ms.
func (p *process) cpu() time.Duration { return cpuOf(p.proc("stat")) }

// ownCPU is what this program, the load, has had of the processor.
func ownCPU() time.Duration { return cpuOf("/proc/self/stat") }

func cpuOf(stat string) time.Duration {
	text, _ := os.ReadFile(stat)
	_, rest, found := bytes.Cut(text, []byte(") ")) // behind the name, which may hold spaces
	fields := strings.Fields(string(rest))
	if !found || len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond
}

// free finds an address of the loopback that nobody listens on.
func free() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
