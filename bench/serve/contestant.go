package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
)

// A work is something that callers ask of a server.
type work string

// The works. A submission writes a whole record; a page has 50 recognised leads
// of one unit, the latest reported or the largest amounts first; an upload is
// 1 MB.
const (
	submission work = "submit"
	page       work = "page"
	sortedPage work = "page by amount"
	upload     work = "upload"
	health     work = "health" // answers as soon as it listens, to anybody
)

// A contestant is a server that is measured.
type contestant interface {
	// build makes its program and its data folder, with the records of the files.
	build(ctx context.Context, files []string) error
	// argv is how it is started.
	argv(addr string) []string
	// environment is what it is told besides, as NAME=value.
	environment() []string
	// signIn gets what requests are signed with, of a server that runs.
	signIn(ctx context.Context, addr string) error
	// request is a caller's next request for a work.
	request(w work, c *caller) []byte
}

// A ground is what the contestants share: a folder, and a file to upload.
type ground struct {
	dir string
	pdf []byte
	at  int // where its number is
}

// numbered appends the file, with a number that no other has.
func (p *ground) numbered(b []byte) []byte {
	start := len(b)
	b = append(b, p.pdf...)
	copy(b[start+p.at:], fmt.Appendf(nil, "%016d", serial.Add(1)))
	return b
}

func goBuild(ctx context.Context, module, pkg, out string) error {
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", out, pkg)
	build.Dir = module
	if text, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", pkg, err, text)
	}
	return nil
}

func run(ctx context.Context, argv ...string) (string, error) {
	text, err := exec.CommandContext(ctx, argv[0], argv[1:]...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", filepath.Base(argv[0]), err, text)
	}
	return string(text), nil
}

// A bare is the bound, as a child of this program.
type bare struct {
	*ground
	self string
}

func (b *bare) folder() string { return filepath.Join(b.dir, "bound") }

func (b *bare) build(_ context.Context, files []string) (err error) {
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	server, err := openBound(b.folder())
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := server.fill(file); err != nil {
			return err
		}
	}
	return server.write.Close()
}

func (b *bare) argv(addr string) []string { return []string{b.self, "-as", "bound", b.folder(), addr} }

func (b *bare) environment() []string { return nil }

func (b *bare) signIn(context.Context, string) error { return nil }

func (b *bare) request(w work, c *caller) []byte {
	unit := units[c.rand.IntN(len(units))]
	switch w {
	case submission:
		return c.post("/records", "", "application/json", func(body []byte) []byte { return newRecord(body, c, unit) })
	case page:
		return c.fetch("/records?by=at&unit="+unit, "")
	case sortedPage:
		return c.fetch("/records?by=amount&unit="+unit, "")
	case upload:
		return c.post("/files", "", "application/pdf", b.numbered)
	}
	return c.fetch("/nothing", "")
}

// newRecord appends a lead that nobody reported before, with its fields beside
// its kind and unit.
func newRecord(b []byte, c *caller, unit string) []byte {
	number := serial.Add(1)
	b = fmt.Appendf(b, `{"kind":"%s","unit":"%s","state":"submitted","name":"示例投资线索第%d号",`, listedKind, unit, number)
	return append(leadFields(b, c.rand, number), '}')
}

// A pocketbase is PocketBase, built from the module beside this one.
type pocketbase struct {
	*ground
	source string // the module's folder
	logs   bool
	tokens []string // the line of a head, by unit
}

const (
	pocketbasePassword = "示例口令-示例口令-01" // as the program has it
	boundary           = "qiaomen-bench-boundary"
)

func (p *pocketbase) program() string { return filepath.Join(p.dir, "pocketbase.exe") } // Windows asks for the suffix
func (p *pocketbase) folder() string  { return filepath.Join(p.dir, "pb_data") }

func (p *pocketbase) build(ctx context.Context, files []string) error {
	if err := goBuild(ctx, p.source, ".", p.program()); err != nil {
		return err
	}
	all := filepath.Join(p.dir, "all.jsonl")
	var text []byte
	for _, file := range files {
		some, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		text = append(text, some...)
	}
	if err := os.WriteFile(all, text, 0o600); err != nil {
		return err
	}
	_, err := run(ctx, p.program(), "-dir", p.folder(), "-fill", all)
	return err
}

func (p *pocketbase) argv(addr string) []string {
	argv := []string{p.program(), "-dir", p.folder(), "-addr", addr}
	if p.logs {
		argv = append(argv, "-logs")
	}
	return argv
}

func (p *pocketbase) environment() []string { return nil }

func (p *pocketbase) signIn(_ context.Context, addr string) error {
	c := &caller{}
	defer c.close()
	p.tokens = nil
	for _, unit := range units {
		var answer bytes.Buffer
		status, _, err := c.exchange(addr, c.post("/api/collections/users/auth-with-password", "", "application/json", func(b []byte) []byte {
			return fmt.Appendf(b, `{"identity":"%s@example.com","password":"%s"}`, unit, pocketbasePassword)
		}), &answer)
		if err != nil {
			return err
		}
		var signed struct {
			Token string `json:"token"`
		}
		if err := json.Unmarshal(answer.Bytes(), &signed); err != nil || status != http.StatusOK || signed.Token == "" {
			return errors.Join(fmt.Errorf("signing in: %d %s", status, answer.Bytes()), err)
		}
		p.tokens = append(p.tokens, "Authorization: "+signed.Token+"\r\n")
	}
	return nil
}

func (p *pocketbase) request(w work, c *caller) []byte {
	i := c.rand.IntN(len(units))
	unit, head := units[i], ""
	if len(p.tokens) > 0 {
		head = p.tokens[i]
	}
	const list = "/api/collections/records/records?perPage=50&skipTotal=1&filter=unit%3D%27"
	const filter = "%27%26%26kind%3D%27" + listedKind + "%27%26%26state%3D%27" + listedState + "%27&sort=-"
	switch w {
	case submission:
		return c.post("/api/collections/records/records", head, "application/json", func(body []byte) []byte { return newRecord(body, c, unit) })
	case page:
		return c.fetch(list+unit+filter+"reported_at", head)
	case sortedPage:
		return c.fetch(list+unit+filter+"amount_yi", head)
	case upload:
		return c.post("/api/collections/files/records", head, "multipart/form-data; boundary="+boundary, func(b []byte) []byte {
			b = append(b, "--"+boundary+"\r\nContent-Disposition: form-data; name=\"file\"; filename=\"scan.pdf\"\r\nContent-Type: application/pdf\r\n\r\n"...)
			return append(p.numbered(b), "\r\n--"+boundary+"--\r\n"...)
		})
	}
	return c.fetch("/api/health", "")
}
