package store

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"qiaomen"
	"qiaomen/journal"
)

const markSuffix = ".mark"

// A markFile is the last-signed mark of one journal: two slots of which the
// older is overwritten and flushed. It is locked while a program signs, so that
// two programs never sign one journal into one folder.
type markFile struct {
	file *os.File
	last journal.Mark
	slot int // that holds last
}

// Names of journals are plain, those of files may not be told apart by case.
func markName(folder, name string) string {
	return filepath.Join(folder, hex.EncodeToString([]byte(name))+markSuffix)
}

func journalOf(file string) (string, bool) {
	name, err := hex.DecodeString(strings.TrimSuffix(filepath.Base(file), markSuffix))
	return string(name), err == nil
}

// openMark opens a journal's mark; fresh makes one where there is none.
func openMark(folder, name string, fresh bool) (*markFile, error) {
	path := markName(folder, name)
	f, err := os.OpenFile(path, os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrNotExist) && fresh {
		f, err = makeMark(folder, path)
	}
	if err != nil {
		return nil, err
	}
	m := &markFile{file: f}
	if err := lock(f); err != nil {
		f.Close()
		return nil, &qiaomen.Problem{
			Text: "存证日志“" + name + "”正由另一个程序签名", Fix: "请先停掉它，同一个数据文件夹只能由一个程序使用",
		}
	}
	if m.last, m.slot, err = m.read(); err != nil {
		f.Close()
		return nil, err
	}
	return m, nil
}

func makeMark(folder, path string) (*os.File, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	none := journal.Mark{Root: emptyRoot}.Text()
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(append(none, none...))
	if err = errors.Join(err, f.Sync(), syncFolder(folder)); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(path))
	}
	return f, nil
}

func syncFolder(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (m *markFile) read() (journal.Mark, int, error) {
	var slots [2][journal.MarkLen]byte
	for i := range slots {
		if _, err := m.file.ReadAt(slots[i][:], int64(i*journal.MarkLen)); err != nil {
			slots[i] = [journal.MarkLen]byte{} // cut short: the other counts
		}
	}
	mark, err := journal.NewestMark(slots[0][:], slots[1][:])
	if err != nil {
		return mark, 0, err
	}
	slot := 0
	if string(slots[1][:]) == string(mark.Text()) {
		slot = 1
	}
	return mark, slot, nil
}

// swap puts a newer mark in the place of the last one, and flushes it. It fails
// where somebody else has changed the file.
func (m *markFile) swap(next journal.Mark) error {
	found, _, err := m.read()
	if err != nil {
		return err
	}
	if found != m.last {
		return fmt.Errorf("the mark was changed under us: it says %d, not %d", found.Size, m.last.Size)
	}
	slot := 1 - m.slot
	if _, err := m.file.WriteAt(next.Text(), int64(slot*journal.MarkLen)); err != nil {
		return err
	}
	if err := m.file.Sync(); err != nil {
		return err
	}
	m.last, m.slot = next, slot
	return nil
}
