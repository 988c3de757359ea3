package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"qiaomen/store"
	"qiaomen/store/storetest"
)

// A machine is a small office's data folder, and what was printed of it once.
type machine struct {
	t                         *testing.T
	folder, data, key, people string
}

func newMachine(t *testing.T, database string) *machine {
	t.Helper()
	m := &machine{t: t, folder: t.TempDir()}
	m.data, m.key, m.people = filepath.Join(m.folder, "data"), filepath.Join(m.folder, "key"), filepath.Join(m.folder, "people")
	args := []string{"init", "--data", m.data, "--people", "../../examples/people.yaml"}
	if database != "" {
		args = append(args, "--database", database)
	}
	said := m.ok(args...)
	m.keep(m.key, regexp.MustCompile(`AGE-SECRET-KEY-1[0-9A-Z]+`).FindString(said))
	people := ""
	for _, one := range regexp.MustCompile(`(?m)^(admin|auditor) +([0-9a-z]{16})$`).FindAllStringSubmatch(said, -1) {
		people += fmt.Sprintf("- {login: %s, password: %s}\n", one[1], one[2])
	}
	m.keep(m.people, people)
	return m
}

func (m *machine) keep(name, text string) {
	m.t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

// run runs the program, and returns what it printed.
func (m *machine) run(code int, args ...string) string {
	m.t.Helper()
	var out bytes.Buffer
	if got := run(args, streams{&out, &out}); got != code {
		m.t.Fatalf("%q ends with %d, want %d:\n%s", args, got, code, out.String())
	}
	return out.String()
}

func (m *machine) ok(args ...string) string {
	m.t.Helper()
	return m.run(0, args...)
}

// backup takes a backup and returns its file.
func (m *machine) backup() string {
	m.t.Helper()
	said := m.ok("backup", "--data", m.data, "--as", "admin")
	return regexp.MustCompile(`已备份到 (\S+)（`).FindStringSubmatch(said)[1]
}

func (m *machine) restore(code int, file, data string, more ...string) string {
	m.t.Helper()
	return m.run(code, append([]string{"restore", file, "--data", data, "--key", m.key, "--people", m.people, "--reason", "磁盘损坏"}, more...)...)
}

// TestOtherEngine moves an office from SQLite to PostgreSQL by a backup, and back
// by another. The database that still runs is a witness, and is not written.
func TestOtherEngine(t *testing.T) {
	empty := storetest.Fresh(t, "postgres").Address
	m := newMachine(t, "")
	first := m.backup()
	server := filepath.Join(m.folder, "server")
	m.restore(0, first, server, "--database", empty)
	m.ok("verify", "--data", server)
	if said := m.ok("config", "--data", server); !strings.Contains(said, "postgres://") {
		t.Error(said)
	}
	m.data = server
	second := m.backup()
	m.ok("user", "--data", server, "--as", "admin", "--add", "zhang", "--name", "示例己", "--identity", "06")

	back := filepath.Join(m.folder, "back")
	said := m.restore(2, second, back, "--database", "sqlite:ledger.db")
	if !strings.Contains(said, "还在运行的数据库") || !regexp.MustCompile(`恢复以后就没有了：installation \d+–\d+`).MatchString(said) {
		t.Error(said)
	}
	if said := m.restore(2, second, back); !strings.Contains(said, "里已有内容") {
		t.Error(said)
	}
	if _, err := os.Stat(back); !os.IsNotExist(err) {
		t.Errorf("left: %v", err)
	}
	m.restore(0, second, back, "--database", "sqlite:ledger.db", "--lost", "3")
	m.ok("verify", "--data", back)
	m.ok("verify", "--data", server)
}

// TestNothingStays: where a restore onto PostgreSQL fails at its very end, the
// database is as empty as it was; where it was killed, the next one empties it.
func TestNothingStays(t *testing.T) {
	ctx := context.Background()
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			m := newMachine(t, "")
			file, data, address := m.backup(), filepath.Join(m.folder, "new"), storetest.Fresh(t, engine).Address
			right, err := os.ReadFile(m.people)
			if err != nil {
				t.Fatal(err)
			}
			m.keep(m.people, strings.Replace(string(right), "login: auditor, password: ", "login: auditor, password: x", 1))
			if said := m.restore(2, file, data, "--database", address); !strings.Contains(said, "登录名、密码或代码不对") {
				t.Error(said)
			}
			if is, err := store.Empty(ctx, address); err != nil || !is {
				t.Errorf("the database is empty: %v, %v", is, err)
			}
			if _, err := os.Stat(data); !os.IsNotExist(err) {
				t.Errorf("left: %v", err)
			}

			// Killed after everything, before the settings had their name.
			m.keep(m.people, string(right))
			m.restore(0, file, data, "--database", address)
			if err := os.Rename(filepath.Join(data, configFile), filepath.Join(data, restoringFile)); err != nil {
				t.Fatal(err)
			}
			if said := m.run(2, "verify", "--data", data); !strings.Contains(said, "没有这个文件") {
				t.Error(said)
			}
			if said := m.restore(2, file, filepath.Join(m.folder, "elsewhere"), "--database", address); !strings.Contains(said, "同一个文件夹") && !strings.Contains(said, "已经在那里") {
				t.Error(said)
			}
			m.restore(0, file, data, "--database", address)
			m.ok("verify", "--data", data)
		})
	}
}

// TestBesideServer: while a program signs the ledger a backup can be taken and
// drilled, the doctor and a verification look, and the backup is recorded later.
func TestBesideServer(t *testing.T) {
	m := newMachine(t, "")
	conf, faults := readConfig(m.data, os.Environ())
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	h, err := openHouse(context.Background(), conf, working)
	if err != nil {
		t.Fatal(err)
	}
	said := m.ok("backup", "--data", m.data, "--as", "admin")
	if !strings.Contains(said, "--record") {
		t.Error(said)
	}
	file := regexp.MustCompile(`已备份到 (\S+)（`).FindStringSubmatch(said)[1]
	m.ok("backup", "--data", m.data, "--drill")
	m.ok("doctor", "--data", m.data)
	m.ok("verify", "--data", m.data)
	m.run(2, "backup", "--data", m.data, "--as", "admin", "--record", file)
	m.run(2, "campaign", "--data", m.data, "--as", "handler")
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	m.ok("backup", "--data", m.data, "--as", "admin", "--record", file)
	m.run(2, "backup", "--data", m.data, "--as", "handler", "--record", file)
}

// TestDoctorChangesNothing: whatever is wrong, the doctor says so and leaves it.
func TestDoctorChangesNothing(t *testing.T) {
	m := newMachine(t, "")
	m.backup()
	before := listing(t, m.data)
	for what, harm := range map[string]struct {
		do   func() error
		undo func() error
		says string
	}{
		"the seed can be read": {
			func() error { return os.Chmod(filepath.Join(m.data, "seed"), 0o644) }, func() error { return os.Chmod(filepath.Join(m.data, "seed"), 0o600) }, "别人也能读",
		},
		"no database": {
			func() error { return os.Rename(filepath.Join(m.data, "ledger.db"), filepath.Join(m.data, "away")) },
			func() error { return os.Rename(filepath.Join(m.data, "away"), filepath.Join(m.data, "ledger.db")) }, "数据库 +有问题",
		},
		"no marks": {
			func() error { return os.Rename(filepath.Join(m.data, "marks"), filepath.Join(m.data, "away")) },
			func() error { return os.Rename(filepath.Join(m.data, "away"), filepath.Join(m.data, "marks")) }, "没有最近一次签名的记录",
		},
		"no evidence": {
			func() error { return os.Rename(filepath.Join(m.data, "evidence"), filepath.Join(m.data, "away")) },
			func() error { return os.Rename(filepath.Join(m.data, "away"), filepath.Join(m.data, "evidence")) }, "佐证材料 +有问题",
		},
		"no certificate": {
			func() error { return os.Rename(filepath.Join(m.data, certificateFile), filepath.Join(m.data, "away")) },
			func() error { return os.Rename(filepath.Join(m.data, "away"), filepath.Join(m.data, certificateFile)) }, "证书 +有问题",
		},
	} {
		if err := harm.do(); err != nil {
			t.Fatal(err)
		}
		if said := m.run(1, "doctor", "--data", m.data); !regexp.MustCompile(harm.says).MatchString(said) {
			t.Errorf("%s: %s", what, said)
		}
		if err := harm.undo(); err != nil {
			t.Fatal(err)
		}
		if after := listing(t, m.data); after != before {
			t.Errorf("%s: before\n%safter\n%s", what, before, after)
		}
	}
}

// listing is every file of a folder with its size, but SQLite's working files.
func listing(t *testing.T, folder string) string {
	t.Helper()
	var out strings.Builder
	err := filepath.WalkDir(folder, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, "-shm") || strings.HasSuffix(name, "-wal") {
			return err
		}
		info, err := d.Info()
		fmt.Fprintf(&out, "%s %d %s\n", name, info.Size(), info.Mode())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}
