//go:build linux

package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"qiaomen/blob"
	"qiaomen/blob/blobtest"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

// disk is a file system in memory, of so many megabytes.
func disk(t *testing.T, megabytes int) string {
	t.Helper()
	folder := t.TempDir()
	machine(t, syscall.Mount("tmpfs", folder, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=755", megabytes)), "mount tmpfs, as root")
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return folder
}

// fill takes what room a disk has; what it returns gives so many bytes of it
// back, and all of it where that is 0.
func fill(t *testing.T, folder string) (free func(n int64)) {
	t.Helper()
	name := filepath.Join(folder, "filler")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	for size := 1 << 20; size > 0; { // large pieces, then ever smaller ones
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return func(n int64) {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			err = os.Truncate(name, info.Size()-n)
		} else {
			err = os.Remove(name)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// untilFull acts until it fails, and asks that it fails for want of room.
func untilFull(t *testing.T, s *store.Store, acked map[string]bool) {
	t.Helper()
	for i := len(acked); i < 50000; i++ {
		key := fmt.Sprint("k", i)
		_, err := s.Write(ctx, act("winter", key), emit(wide(i)...))
		if err == nil {
			acked[key] = true
			continue
		}
		if !errors.Is(err, store.ErrNoRoom) {
			t.Fatalf("after %d acts: %v", len(acked), err)
		}
		return
	}
	t.Fatal("the disk does not get full")
}

// TestDiskFull fills the disk with the data (F5) in the middle of acting, frees
// it again, and once more.
func TestDiskFull(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		o := storetest.Fresh(t, "sqlite")
		folder := disk(t, 24)
		o.Address = "sqlite:" + filepath.Join(folder, "ledger.db")
		diskFull(t, o, folder)
	})
	t.Run("postgres", func(t *testing.T) {
		o := storetest.Fresh(t, "postgres")
		folder := disk(t, 48)
		tablespace(t, o.Address, folder)
		diskFull(t, o, folder)
	})
}

func diskFull(t *testing.T, o store.Options, folder string) {
	s := storetest.Open(t, o)
	acked := map[string]bool{}
	goesOn(t, s, acked)
	free := fill(t, folder)
	for range 2 {
		untilFull(t, s, acked)
		isThere(t, s, acked)
		free(1 << 19)
		goesOn(t, s, acked)
	}
	untilFull(t, s, acked)
	free(0)
	goesOn(t, s, acked)
	t.Logf("%d acts", len(acked))
	isThere(t, s, acked)
}

// tablespace puts a database of PostgreSQL on another disk.
func tablespace(t *testing.T, address, folder string) {
	t.Helper()
	admin, name := database(t, address)
	var data string
	if err := admin.QueryRow("SHOW data_directory").Scan(&data); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(data)
	machine(t, err, "the server's files are not on this machine")
	owner := info.Sys().(*syscall.Stat_t)
	inner := filepath.Join(folder, "postgres")
	if err := errors.Join(os.Mkdir(inner, 0o700), os.Chown(inner, int(owner.Uid), int(owner.Gid))); err != nil {
		t.Fatal(err)
	}
	for dir := folder; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) { // a test's folder is its own
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{
		"CREATE TABLESPACE " + name + " LOCATION '" + inner + "'",
		"ALTER DATABASE " + name + " SET TABLESPACE " + name,
	} {
		if _, err := admin.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		for _, text := range []string{"ALTER DATABASE " + name + " SET TABLESPACE pg_default", "DROP TABLESPACE " + name} {
			if _, err := admin.Exec(text); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestMarksDiskFull fills the disk with the marks: journals that there are go
// on, since their marks are written in place, a new one waits for room.
func TestMarksDiskFull(t *testing.T) {
	storetest.Each(t, func(t *testing.T, fresh func() store.Options) {
		o := fresh()
		folder := disk(t, 1)
		o.Folder = filepath.Join(folder, "marks")
		s := storetest.Open(t, o)
		write(t, s, act("winter", "k1"), submitted("r1", "1"))
		free := fill(t, folder)
		write(t, s, act("winter", "k2"), submitted("r2", "2"))
		for range 2 {
			if _, err := s.Write(ctx, act("spring", "k1"), emit(submitted("r1", "1"))); !errors.Is(err, store.ErrNoRoom) {
				t.Fatalf("a journal without room for its mark: %v", err)
			}
		}
		free(0)
		write(t, s, act("spring", "k1"), submitted("r1", "1"))
	})
}

// TestEvidenceDiskFull fills the disk with the evidence: nothing is left of what
// had no room, and what was kept can be read.
func TestEvidenceDiskFull(t *testing.T) {
	folder := disk(t, 4)
	files, err := blob.OpenFolder(filepath.Join(folder, "evidence"), blob.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	first, second := blobtest.Paper("first"), blobtest.Paper("second")
	if _, err := files.Put(ctx, bytes.NewReader(first), blob.Sent{Name: "1.pdf"}); err != nil {
		t.Fatal(err)
	}
	free := fill(t, folder)
	if _, err := files.Put(ctx, bytes.NewReader(second), blob.Sent{Name: "2.pdf"}); !errors.Is(err, blob.ErrUnwritable) {
		t.Errorf("without room: %v", err)
	}
	left, err := os.ReadDir(filepath.Join(folder, "evidence", "temporary"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	free(0)
	if _, err := files.Put(ctx, bytes.NewReader(second), blob.Sent{Name: "2.pdf"}); err != nil {
		t.Error(err)
	}
	for found, err := range files.Verify(ctx, blobtest.Expect(first, second), nil) {
		t.Errorf("%v %v", found, err)
	}
}

// TestSystemCallsFail lets calls of the writer fail under strace (F7): it stops
// by itself, and no acknowledgement is false.
func TestSystemCallsFail(t *testing.T) {
	if racing {
		t.Skip("calls are counted, and the detector makes others")
	}
	_, err := exec.LookPath("strace")
	machine(t, err, "strace")
	for _, fault := range []string{
		"fsync,fdatasync:error=EIO:when=20+", "pread64:error=EIO:when=120+", "pwrite64:error=EIO:when=100+", "pwrite64:error=ENOSPC:when=40..90",
	} {
		t.Run(fault, func(t *testing.T) {
			calls, _, _ := strings.Cut(fault, ":")
			o := storetest.Fresh(t, "sqlite")
			s, err := store.Open(ctx, o) // so that its tables are there
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			w := writing{o: o, round: "traced", after: 600}
			acks, code := w.run(t, blow{after: time.Hour}, "timeout", "-s", "KILL", "60", "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace="+calls, "-e", "inject="+fault)
			want := wasBroken
			if strings.Contains(fault, "ENOSPC") { // which passes
				want = 0
			}
			if code != want || len(acks) == 0 {
				t.Errorf("the writer ended with %d, after %d acknowledgements", code, len(acks))
			}
			t.Logf("%d acknowledgements", len(acks))
			invariants(t, o, w.round, acks)
		})
	}
}

// TestFileSystemFails lets the file system under the ledger fail in the middle
// of acting: it turns read-only, as ext4 does on an error (F6), or the power is
// cut and what was not flushed is gone (F3). CUTS times each.
func TestFileSystemFails(t *testing.T) {
	for name, fail := range map[string]func(t *testing.T, folder string){"read-only": turnReadOnly, "power cut": cutPower} {
		t.Run(name, func(t *testing.T) {
			o := storetest.Fresh(t, "sqlite")
			image, folder := filepath.Join(t.TempDir(), "image"), t.TempDir()
			if err := os.WriteFile(image, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(image, 64<<20); err != nil {
				t.Fatal(err)
			}
			machine(t, exec.Command("mkfs.ext4", "-q", "-F", image).Run(), "mkfs.ext4")
			mount := func() error {
				return exec.Command("mount", "-o", "loop,errors=remount-ro", image, folder).Run()
			}
			machine(t, mount(), "mount, as root")
			t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
			o.Address, o.Folder = "sqlite:"+filepath.Join(folder, "data", "ledger.db"), filepath.Join(folder, "data", "marks")
			for i := range times(t, "CUTS", 1) {
				w := writing{o: o, round: fmt.Sprint("round", i)}
				acks, code := w.run(t, blow{after: 600 * time.Millisecond, do: func(*os.Process) { fail(t, folder) }, ready: true})
				if code != wasBroken {
					t.Errorf("the writer ended with %d", code)
				}
				if err := syscall.Unmount(folder, 0); err != nil {
					t.Fatal(err)
				}
				if err := mount(); err != nil {
					t.Fatal(err)
				}
				t.Logf("%d acknowledgements", len(acks))
				invariants(t, o, w.round, acks)
			}
		})
	}
}

// turnReadOnly makes ext4 find an error.
func turnReadOnly(t *testing.T, folder string) {
	mounts, err := os.ReadFile("/proc/mounts")
	if err != nil {
		t.Error(err)
	}
	for line := range strings.Lines(string(mounts)) {
		if f := strings.Fields(line); f[1] == folder {
			if err := os.WriteFile(filepath.Join("/sys/fs/ext4", filepath.Base(f[0]), "trigger_fs_error"), []byte("1"), 0); err != nil {
				t.Error(err)
			}
		}
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
