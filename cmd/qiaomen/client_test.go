//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The program of docs/client reports a project with its contract and reads the
// score; sent again it reports nothing twice; what is wrong it tells.
func TestClientOfTheDocs(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	program, err := filepath.Abs(filepath.Join("..", "..", "docs", "client", "report.py"))
	if err != nil {
		t.Fatal(err)
	}
	contract, err := filepath.Abs(filepath.Join("..", "..", "examples", "minutes.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	s := newServed(t, filepath.Join(t.TempDir(), "data"))
	s.start()
	report := func(amount string) (string, error) {
		c := exec.Command(python, program, campaign, "jixian", "示例风电装备制造项目", amount, "2024-01-05", contract)
		c.Dir = t.TempDir()
		c.Env = append(os.Environ(), "QIAOMEN_URL=http://"+s.address, "QIAOMEN_TOKEN="+s.token, "PYTHONIOENCODING=utf-8")
		out, err := c.CombinedOutput()
		return string(out), err
	}
	first, err := report("1.5")
	if err != nil || !strings.Contains(first, "已上报：") || !strings.Contains(first, "存证回执：") || !strings.Contains(first, "集贤县 现在") {
		t.Fatalf("%v: %s", err, first)
	}
	again, err := report("1.5")
	if err != nil || !strings.Contains(again, "先前已经报过") {
		t.Errorf("sent again: %v: %s", err, again)
	}
	wrong, err := report("许多")
	if err == nil || !strings.Contains(wrong, "amount_yi") {
		t.Errorf("a wrong amount: %v: %s", err, wrong)
	}
}
