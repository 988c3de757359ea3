package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/pquerna/otp/totp"
)

// A ledger is qiaomen serve, on a small office's data folder that the program's
// own commands made: the records are its old ledger, taken in on paper.
type ledger struct {
	*ground
	source string // the module's folder
	binary string // the program, where it is built already

	tokens map[string]string // by login
}

const (
	campaign       = "winter-2023"
	campaignScheme = "shuangyashan-winter-2023"
	ledgerPassword = "Shili-kouling-0001"
	api            = "/api/v1"
	openingAtOnce  = 20_000 // records that one opening import takes
	office         = "handler"
)

// program is the binary; Windows asks for the suffix.
func (l *ledger) program() string { return cmp.Or(l.binary, filepath.Join(l.dir, "qiaomen.exe")) }
func (l *ledger) folder() string  { return filepath.Join(l.dir, "qiaomen_data") }
func (l *ledger) codes() string   { return filepath.Join(l.dir, "codes") }

// command runs the program on the data folder.
func (l *ledger) command(ctx context.Context, name string, argv ...string) (string, error) {
	return run(ctx, append([]string{l.program(), name, "--data", l.folder()}, argv...)...)
}

func (l *ledger) build(ctx context.Context, files []string) error {
	if err := goBuild(ctx, l.source, "./cmd/qiaomen", l.program()); err != nil {
		return err
	}
	if err := l.found(ctx); err != nil {
		return err
	}
	for _, file := range files {
		printed, err := l.command(ctx, "import", "--as", office, "--records", file, "--opening", "--proof", l.paper())
		if err != nil {
			return err
		}
		if _, err := l.command(ctx, "approve", "--as", "reviewer", "--id", proposal.FindString(printed)); err != nil {
			return err
		}
	}
	return nil
}

// found makes the data folder, with its people and a campaign that is open.
func (l *ledger) found(ctx context.Context) error {
	people := filepath.Join(l.dir, "people.yaml")
	if err := os.WriteFile(people, firstPeople(), 0o600); err != nil {
		return err
	}
	printed, err := l.command(ctx, "init", "--people", people)
	if err != nil {
		return err
	}
	if err := os.WriteFile(l.codes(), []byte(printed), 0o600); err != nil {
		return err
	}
	for _, step := range [][]string{
		{"campaign", "--as", office, "--create", campaign, "--scheme", campaignScheme},
		{"approve", "--as", office, "--paper", l.paper(), "--decided-on", "2023-12-11", "--number", "纪要〔2023〕1号", "--id"},
		{"approve", "--as", "reviewer", "--id"},
	} {
		if step[len(step)-1] == "--id" { // of what the step before proposed
			step = append(step, proposal.FindString(printed))
		}
		if printed, err = l.command(ctx, step[0], step[1:]...); err != nil {
			return err
		}
	}
	return nil
}

func (l *ledger) paper() string { return filepath.Join(l.source, "examples", "minutes.pdf") }

var proposal = regexp.MustCompile(`\bp[od]?-[0-9a-z]{16}\b`)

// firstPeople is a small office, and somebody who reports for each unit.
func firstPeople() []byte {
	b := []byte("campaign: " + campaign + "\npeople:\n")
	person := func(login, roles string) {
		b = fmt.Appendf(b, "  - {login: %s, name: 示例人员, identity: %s, %s}\n", login, login, roles)
	}
	person(office, "roles: [handler]")
	person("reviewer", "roles: [reviewer]")
	person("admin", "roles: [system_admin, security_admin]")
	person("auditor", "roles: [auditor, audit_admin]")
	for _, unit := range units {
		person(unit, "roles: [reporter], unit: "+unit)
	}
	return b
}

func (l *ledger) argv(addr string) []string {
	return []string{l.program(), "serve", "--data", l.folder(), "--listen", addr}
}

// environment is plain HTTP, as behind a proxy, and no limit to how often one
// account asks: here a few stand for everybody.
func (l *ledger) environment() []string {
	return []string{"QIAOMEN_CERTIFICATE=", "QIAOMEN_CERTIFICATE_KEY=", "QIAOMEN_REQUESTS_PER_SECOND=0", "QIAOMEN_UPLOAD_MB=1000000"}
}

// signIn takes up the accounts, signs in as each and has a token issued, as a
// person does who lets a program work for them. Tokens outlive a server: they
// are kept beside the data.
func (l *ledger) signIn(ctx context.Context, addr string) error {
	kept := filepath.Join(l.dir, "tokens.json")
	text, err := os.ReadFile(kept)
	if err == nil {
		return json.Unmarshal(text, &l.tokens)
	}
	codes, err := os.ReadFile(l.codes())
	if err != nil {
		return err
	}
	l.tokens = map[string]string{}
	for _, login := range units {
		code := regexp.MustCompile(`(?m)^` + login + `\s+(\S+)$`).FindSubmatch(codes)
		if code == nil {
			return fmt.Errorf("no first code for %s", login)
		}
		scope := []string{"submit", "draft", "edit_draft", "add_evidence", "read_own", "import"}
		if l.tokens[login], err = l.token(ctx, addr, login, string(code[1]), scope); err != nil {
			return fmt.Errorf("%s: %w", login, err)
		}
	}
	if text, err = json.Marshal(l.tokens); err != nil {
		return err
	}
	return os.WriteFile(kept, text, 0o600)
}

func (l *ledger) token(ctx context.Context, addr, login, first string, scope []string) (string, error) {
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar, Timeout: 30 * time.Second}
	post := func(path string, body, into any) error {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr+api+path, bytes.NewReader(text))
		if err != nil {
			return err
		}
		request.Header.Set("Content-Type", "application/json")
		answer, err := client.Do(request)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		said, err := io.ReadAll(answer.Body)
		if err == nil && answer.StatusCode/100 != 2 {
			err = fmt.Errorf("%s: %d %s", path, answer.StatusCode, said)
		}
		return errors.Join(err, json.Unmarshal(said, into))
	}
	var enrolled struct{ Secret string }
	if err := post("/first-sign-in", map[string]string{"login": login, "first_code": first, "password": ledgerPassword}, &enrolled); err != nil {
		return "", err
	}
	code := ""
	if enrolled.Secret != "" {
		var err error
		if code, err = totp.GenerateCode(enrolled.Secret, time.Now()); err != nil {
			return "", err
		}
	}
	if err := post("/session", map[string]string{"login": login, "password": ledgerPassword, "code": code}, &struct{}{}); err != nil {
		return "", err
	}
	var issued struct{ Token string }
	err := post("/campaigns/"+campaign+"/tokens", map[string]any{
		"name": "测速", "scope": scope, "until": time.Now().AddDate(0, 1, 0).Format(time.DateOnly),
	}, &issued)
	if err == nil && issued.Token == "" {
		err = errors.New("no token was issued")
	}
	return issued.Token, err
}

func (l *ledger) signed(login string) string {
	return "Authorization: Bearer " + l.tokens[login] + "\r\n"
}

func (l *ledger) request(w work, c *caller) []byte {
	const records = api + "/campaigns/" + campaign + "/records"
	const filter = "?kind=" + listedKind + "&state=" + listedState + "&limit=50&unit="
	unit := units[c.rand.IntN(len(units))]
	switch w {
	case submission:
		number := serial.Add(1)
		head := fmt.Sprintf("%sIdempotency-Key: bench-%d\r\n", l.signed(unit), number)
		return c.post(records, head, "application/json", func(b []byte) []byte {
			b = fmt.Appendf(b, `{"kind":"%s","unit":"%s","name":"示例投资线索第%d号","fields":{`, listedKind, unit, number)
			return append(leadFields(b, c.rand, number), "}}"...)
		})
	case page:
		return c.fetch(records+filter+unit, l.signed(unit))
	case sortedPage:
		return c.fetch(records+filter+unit+"&sort=-amount_yi", l.signed(unit))
	case upload:
		return c.post(api+"/campaigns/"+campaign+"/files?name=scan.pdf", l.signed(unit), "application/pdf", l.numbered)
	}
	return c.fetch("/livez", "")
}
