//go:build linux

package backup_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"filippo.io/age"

	"qiaomen"
	"qiaomen/backup"
	"qiaomen/blob"
	"qiaomen/store"
)

// killVariable makes the test binary a program that takes a backup and is killed
// in it: point, marks, database, installation, seed, evidence, backups, apart by |.
const killVariable = "QIAOMEN_TEST_BACKUP_KILLED"

func TestMain(m *testing.M) {
	if what := os.Getenv(killVariable); what != "" {
		fmt.Fprintln(os.Stderr, killed(strings.Split(what, "|")))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func killed(what []string) error {
	o := store.Options{Folder: what[1], Address: what[2], Installation: what[3], Behind: true}
	if _, err := hex.Decode(o.Seed[:], []byte(what[4])); err != nil {
		return err
	}
	s, err := store.Open(context.Background(), o)
	if err != nil {
		return err
	}
	files, err := blob.OpenFolder(what[5], blob.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	_, err = backup.Write(context.Background(), what[6], backup.Source{
		Store: s, Evidence: files, Installation: o.Installation, Settings: []byte("x: y\n"), Recipients: []age.Recipient{key.Recipient()},
		Step: func(point string) error {
			if point == what[0] {
				return syscall.Kill(os.Getpid(), syscall.SIGKILL)
			}
			return nil
		},
	})
	return err
}

// TestKilled: a backup that is killed leaves no file under a backup's name (F2,
// F29). The next one takes away what it left, and nothing that another is still
// writing.
func TestKilled(t *testing.T) {
	p := newPlace(t, "sqlite")
	_, err := p.report("winter", "r-1", p.photo(1))
	p.must(err)
	for _, point := range []string{"ledger", "evidence", "written"} {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), killVariable+"="+strings.Join([]string{
			point, p.o.Folder, p.o.Address, p.o.Installation, fmt.Sprintf("%x", p.o.Seed), filepath.Join(p.folder, "evidence"), p.backups(),
		}, "|"))
		out, err := c.CombinedOutput()
		if ended, is := errors.AsType[*exec.ExitError](err); !is || ended.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("%s: %v: %s", point, err, out)
		}
		if all, err := backup.List(p.backups(), p.o.Installation); err != nil || len(all) != 0 {
			t.Errorf("%s: %v, %v", point, all, err)
		}
		if left := files(t, p.backups()); len(left) != 1 || !strings.HasSuffix(left[0], ".part") {
			t.Errorf("%s left %q", point, left)
		}
	}
	s := p.source()
	s.Step = func(point string) error { // another begins while this one writes
		if point != "ledger" {
			return nil
		}
		_, err := backup.Write(ctx, p.backups(), p.source())
		return err
	}
	first, err := backup.Write(ctx, p.backups(), s)
	p.must(err)
	if left := files(t, p.backups()); len(left) != 2 || strings.HasSuffix(left[0]+left[1], ".part") {
		t.Errorf("left %q", left)
	}
	p.restored(first.Path, "sqlite")
}

// TestGivenUp: a backup that fails or is interrupted leaves nothing.
func TestGivenUp(t *testing.T) {
	p := newPlace(t, "sqlite")
	_, err := p.report("winter", "r-1", p.photo(1))
	p.must(err)
	for _, point := range []string{"ledger", "evidence", "written"} {
		at, cancel := context.WithCancel(ctx)
		s, broken := p.source(), errors.New("the machine says no")
		s.Step = func(here string) error {
			if here == point {
				cancel()
				return broken
			}
			return nil
		}
		if _, err := backup.Write(at, p.backups(), s); !errors.Is(err, broken) {
			t.Errorf("%s: %v", point, err)
		}
		cancel()
		if left := files(t, p.backups()); len(left) != 0 {
			t.Errorf("%s left %q", point, left)
		}
	}
	at, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := backup.Write(at, p.backups(), p.source()); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// disk is a file system in memory, of so many megabytes.
func disk(t *testing.T, megabytes int) string {
	t.Helper()
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=755", megabytes)); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("mount tmpfs, as root: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
	return folder
}

// TestFull: where the disk is full a backup says so and leaves nothing; and so a
// restore ends, whatever it was writing.
func TestFull(t *testing.T) {
	p := newPlace(t, "sqlite")
	for i := range 40 {
		_, err := p.report("winter", fmt.Sprint("r-", i), p.photo(i))
		p.must(err)
	}
	w := p.write()
	small := disk(t, 1)
	p.must(os.WriteFile(filepath.Join(small, "filler"), make([]byte, 900<<10), 0o600))
	folder := filepath.Join(small, "backups")
	_, err := backup.Write(ctx, folder, p.source())
	if full, is := errors.AsType[*qiaomen.Problem](err); !is || !strings.Contains(full.Text, "磁盘满了") {
		t.Error(err)
	}
	if left := files(t, folder); len(left) != 0 {
		t.Errorf("left %q", left)
	}

	text, err := os.ReadFile(w.Path)
	p.must(err)
	full := disk(t, 2)
	p.must(os.WriteFile(filepath.Join(full, "filler"), make([]byte, 1200<<10), 0o600)) // the empty tables do fit
	roomy, cramped := p.o, p.o
	roomy.Folder, cramped.Folder = filepath.Join(t.TempDir(), "marks"), filepath.Join(t.TempDir(), "marks")
	roomy.Address, cramped.Address = "sqlite:"+filepath.Join(t.TempDir(), "ledger.db"), "sqlite:"+filepath.Join(full, "ledger.db")
	for what, err := range map[string]error{
		"the database": restoreInto(t, p, cramped, filepath.Join(t.TempDir(), "evidence"), text),
		"the evidence": restoreInto(t, p, roomy, filepath.Join(small, "evidence"), text),
	} {
		if err == nil || strings.Contains(err.Error(), "备份文件不完整") {
			t.Errorf("%s had no room, and it says %v", what, err)
		}
	}
}

func restoreInto(t *testing.T, p *place, o store.Options, evidence string, text []byte) error {
	s, err := store.Open(ctx, o)
	if err != nil {
		return err
	}
	defer s.Close()
	f, err := blob.OpenFolder(evidence, blob.Options{})
	if err != nil {
		return err
	}
	defer f.Close()
	to := &place{t: t, o: o, store: s, files: f, recovery: p.recovery}
	_, err = to.restore(text)
	return err
}
