package blob

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"
)

// What a disk is asked to do, one step at a time.
const (
	stepCreate     = "create"
	stepWrite      = "write"
	stepSync       = "sync"
	stepRename     = "rename"
	stepRenamed    = "renamed" // after a rename: it was done, and an error comes back all the same
	stepSyncFolder = "sync folder"
	stepRemove     = "remove"
)

// A disk does what a Folder asks of the file system, in the order that makes
// it last: write, sync, rename, sync the folder. All names are inside its
// root, whatever they say. Tests let any step fail.
type disk struct {
	root   *os.Root
	broken atomic.Bool
	fail   func(step, name string) error // nil outside tests
}

func (d *disk) step(step, name string) error {
	if d.fail == nil {
		return nil
	}
	return d.fail(step, name)
}

// A draft is a temporary file that becomes one for good, or goes.
type draft struct {
	*os.File
	disk *disk
	name string
	kept bool
}

func (d *disk) draft() (*draft, error) {
	if d.broken.Load() {
		return nil, ErrBroken
	}
	name := path.Join(temporary, rand.Text())
	if err := d.step(stepCreate, name); err != nil {
		return nil, unwritable(err)
	}
	file, err := d.root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, unwritable(err)
	}
	return &draft{File: file, disk: d, name: name}, nil
}

func (t *draft) Write(p []byte) (int, error) {
	if err := t.disk.step(stepWrite, t.name); err != nil {
		return 0, unwritable(err)
	}
	n, err := t.File.Write(p)
	return n, unwritable(err)
}

// seal makes the draft last under its name for good. After an error nothing
// may be said of it, except that it must not be named anywhere.
func (t *draft) seal(name string) error {
	err := t.disk.step(stepSync, t.name)
	if err == nil {
		err = t.Sync()
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return unwritable(err) // this file is thrown away, not synced again; the next one may fit
	}
	if err != nil {
		return t.disk.breaks(err)
	}
	if err := t.Close(); err != nil {
		return t.disk.breaks(err)
	}
	if err := t.disk.rename(t.name, name); err != nil {
		return err
	}
	t.kept = true
	return t.disk.syncFolder(path.Dir(name))
}

// discard removes what was not sealed. It may be called at any time.
func (t *draft) discard() {
	if t.kept {
		return
	}
	_ = t.Close()
	_ = t.disk.remove(t.name)
}

// write puts a few bytes under a name, to last.
func (d *disk) write(name string, content []byte) error {
	t, err := d.draft()
	if err != nil {
		return err
	}
	defer t.discard()
	if _, err := t.Write(content); err != nil {
		return err
	}
	return t.seal(name)
}

func (d *disk) rename(from, to string) error {
	if err := d.step(stepRename, to); err != nil {
		return unwritable(err)
	}
	if err := d.root.Rename(from, to); err != nil {
		return unwritable(err)
	}
	return d.step(stepRenamed, to)
}

// remove takes a file away; that it is not there is as good.
func (d *disk) remove(name string) error {
	if err := d.step(stepRemove, name); err != nil {
		return unwritable(err)
	}
	if err := d.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unwritable(err)
	}
	return nil
}

// destroy overwrites a file before it removes it, as far as the disk lets one
// overwrite; that it is not there is as good.
func (d *disk) destroy(name string) error {
	if file, err := d.root.OpenFile(name, os.O_WRONLY, 0); err == nil {
		if info, err := file.Stat(); err == nil {
			zeros := make([]byte, 64<<10)
			for left := info.Size(); left > 0; {
				n, err := file.Write(zeros[:min(left, int64(len(zeros)))])
				if err != nil {
					break
				}
				left -= int64(n)
			}
		}
		_ = file.Sync() // best effort: the file goes next
		_ = file.Close()
	}
	if err := d.remove(name); err != nil {
		return err
	}
	return d.syncFolder(path.Dir(name))
}

func (d *disk) syncFolder(name string) error {
	if d.broken.Load() {
		return ErrBroken
	}
	err := d.step(stepSyncFolder, name)
	if err != nil {
		return d.breaks(err)
	}
	folder, err := d.root.Open(name)
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil {
		return d.breaks(err)
	}
	return nil
}

// breaks remembers that the disk cannot be trusted to keep anything.
func (d *disk) breaks(err error) error {
	d.broken.Store(true)
	return fmt.Errorf("%w: %w", ErrBroken, err)
}

// sweep removes the temporary files of those who went before.
func (d *disk) sweep(start time.Time) error {
	return d.each(context.Background(), temporary, func(name string) error {
		info, found, err := d.exists(name)
		if err != nil || !found || info.ModTime().After(start) {
			return err
		}
		return d.remove(name)
	})
}

// each calls do with every name in a folder, however many there are.
func (d *disk) each(_ context.Context, folder string, do func(name string) error) error {
	dir, err := d.root.Open(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	defer dir.Close()
	for {
		entries, err := dir.ReadDir(256)
		for _, entry := range entries {
			if err := do(path.Join(folder, entry.Name())); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("blob: %w", err)
		}
	}
}

func (d *disk) read(_ context.Context, name string) (io.ReadSeekCloser, int64, error) {
	return d.openFile(name)
}

func (d *disk) openFile(name string) (file, int64, error) {
	f, err := d.root.Open(name)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

func (d *disk) stat(_ context.Context, name string) (about, bool, error) {
	info, found, err := d.exists(name)
	if err != nil || !found {
		return about{}, false, err
	}
	return about{size: info.Size(), since: info.ModTime(), regular: info.Mode().IsRegular()}, true, nil
}

// path is a name as the operating system knows it, for a scanner.
func (d *disk) path(name string) string {
	return filepath.Join(d.root.Name(), filepath.FromSlash(name))
}

// exists is true of a file, and false where its folder is not there either.
func (d *disk) exists(name string) (fs.FileInfo, bool, error) {
	info, err := d.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	return info, err == nil, err
}

// unwritable gives the sentence for what passes when somebody makes room.
func unwritable(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrUnwritable), errors.Is(err, ErrBroken):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: %w", refuse(ErrUnwritable, "服务器存文件的磁盘满了，这份文件没有存下", "请告诉管理员；腾出空间后再上传一次"), err)
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: %w", refuse(ErrUnwritable, "服务器暂时不能存文件，这份文件没有存下", "请告诉管理员，稍后再上传一次"), err)
	}
	return fmt.Errorf("blob: %w", err)
}
