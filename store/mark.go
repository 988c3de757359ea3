package store

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
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
	file  *os.File
	last  journal.Mark
	slot  int          // that holds last
	tried journal.Mark // what swap failed to write, and may have written
}

// Names of journals are plain, those of files may not be told apart by case.
func markName(folder, name string) string {
	return filepath.Join(folder, hex.EncodeToString([]byte(name))+markSuffix)
}

// InUse tells whether another program signs into a folder of marks.
func InUse(folder string) (bool, error) {
	names, err := marked(folder)
	for _, name := range names {
		f, err := os.Open(markName(folder, name))
		if err != nil {
			return false, err
		}
		err = lock(f)
		if closing := f.Close(); closing != nil {
			return false, closing
		}
		if err != nil {
			return true, nil
		}
	}
	return false, err
}

// marked is the journals that a folder has marks of.
func marked(folder string) (names []string, err error) {
	files, err := filepath.Glob(filepath.Join(folder, "*"+markSuffix))
	for _, file := range files {
		if name, ok := journalOf(file); ok {
			names = append(names, name)
		}
	}
	return names, err
}

func journalOf(file string) (string, bool) {
	name, err := hex.DecodeString(strings.TrimSuffix(filepath.Base(file), markSuffix))
	return string(name), err == nil
}

// lookAtMark reads a journal's mark beside a program that may be signing: it is
// not locked, and cannot be swapped. Fresh takes none for that of no entries.
func lookAtMark(folder, name string, fresh bool) (*markFile, error) {
	f, err := os.Open(markName(folder, name))
	if fresh && errors.Is(err, fs.ErrNotExist) {
		return &markFile{last: journal.Mark{Root: emptyRoot}}, nil
	} else if err != nil {
		return nil, err
	}
	defer f.Close()
	last, _, err := (&markFile{file: f}).read()
	return &markFile{last: last}, err
}

// openMark opens a journal's mark. Fresh makes one where there is none, or where
// making it was cut short: a mark says nothing before it is whole.
func openMark(folder, name string, fresh bool) (*markFile, error) {
	flags := os.O_RDWR
	if fresh {
		flags |= os.O_CREATE
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, err
		}
	}
	f, err := os.OpenFile(markName(folder, name), flags, 0o600)
	if err != nil {
		return nil, err
	}
	m := &markFile{file: f}
	if err := m.begin(folder, name, fresh); err != nil {
		f.Close()
		return nil, err
	}
	return m, nil
}

func (m *markFile) begin(folder, name string, fresh bool) error {
	if err := lock(m.file); err != nil {
		return &qiaomen.Problem{
			Text: "存证日志“" + name + "”正由另一个程序签名", Fix: "请先停掉它，同一个数据文件夹只能由一个程序使用",
		}
	}
	if info, err := m.file.Stat(); err != nil {
		return err
	} else if fresh && info.Size() < 2*int64(journal.MarkLen) {
		none := journal.Mark{Root: emptyRoot}.Text()
		if _, err := m.file.WriteAt(append(none, none...), 0); err != nil {
			return err
		}
		if err := errors.Join(m.file.Sync(), syncFolder(folder), syncFolder(filepath.Dir(folder))); err != nil {
			return err
		}
	}
	var err error
	m.last, m.slot, err = m.read()
	return err
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
		_, err := m.file.ReadAt(slots[i][:], int64(i*journal.MarkLen))
		if err != nil && err != io.EOF { // one that is cut short is none, and the other counts
			return journal.Mark{}, 0, err
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
	if next == m.last {
		return nil
	}
	found, _, err := m.read()
	if err != nil {
		return err
	}
	if found != m.last && found != m.tried {
		return fmt.Errorf("the mark was changed under us: it says %d, not %d", found.Size, m.last.Size)
	}
	slot := 1 - m.slot
	m.tried = next
	if _, err := m.file.WriteAt(next.Text(), int64(slot*journal.MarkLen)); err != nil {
		return err
	}
	if err := m.file.Sync(); err != nil {
		return err
	}
	m.last, m.slot = next, slot
	return nil
}

func (m *markFile) close() error {
	if m == nil || m.file == nil {
		return nil
	}
	return m.file.Close()
}
