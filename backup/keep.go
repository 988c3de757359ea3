package backup

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"qiaomen"
)

// A File is a backup in a folder, as its name says.
type File struct {
	Path         string
	Installation string
	At           time.Time // to the second
	Size         int64
}

const (
	nameTime   = "20060102T150405Z"
	suffix     = ".qiaomen.age"
	partSuffix = ".part"
)

var nameForm = regexp.MustCompile(`^qiaomen-(.+)-(\d{8}T\d{6}Z)\.qiaomen\.age$`)

func fileName(installation string, at time.Time) string {
	return "qiaomen-" + installation + "-" + at.UTC().Format(nameTime) + suffix
}

// List is the backups of an installation that a folder has, the newest first. A
// folder that is not there has none.
func List(folder, installation string) ([]File, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var out []File
	for _, e := range entries {
		m := nameForm.FindStringSubmatch(e.Name())
		if m == nil || m[1] != installation || !e.Type().IsRegular() {
			continue
		}
		at, err := time.Parse(nameTime, m[2])
		if err != nil {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // pruned by another just now
		} else if err != nil {
			return nil, err
		}
		out = append(out, File{filepath.Join(folder, e.Name()), installation, at, info.Size()})
	}
	slices.SortFunc(out, func(a, b File) int { return b.At.Compare(a.At) })
	return out, nil
}

// A Written is a backup that lies whole in its folder.
type Written struct {
	File
	Digest   string // SHA-256 of the file
	Manifest *Manifest
	Trailer  *Trailer
}

// Write takes a backup into a folder. It has its name only once it is whole and
// flushed. What earlier ones left when they were killed is removed.
func Write(ctx context.Context, folder string, s Source) (*Written, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	if err := sweep(folder, s.Installation); err != nil {
		return nil, err
	}
	now := time.Now
	if s.Now != nil {
		now = s.Now
	}
	at := now().UTC().Truncate(time.Second)
	name, part, err := begin(folder, s.Installation, &at)
	if err != nil {
		return nil, err
	}
	w, err := write(ctx, part, s)
	if err == nil {
		err = os.Rename(part.Name(), name)
	}
	if err != nil {
		return nil, errors.Join(roomless(err), os.Remove(part.Name()))
	}
	w.Path, w.Installation, w.At = name, s.Installation, at
	return w, syncFolder(folder)
}

// begin makes the unfinished file of a backup, under a name that no other has:
// of two in one second the later is of the next.
func begin(folder, installation string, at *time.Time) (name string, part *os.File, err error) {
	for ; ; *at = at.Add(time.Second) {
		name = filepath.Join(folder, fileName(installation, *at))
		if _, err := os.Lstat(name); err == nil {
			continue
		}
		part, err = os.OpenFile(name+partSuffix, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if !errors.Is(err, fs.ErrExist) {
			return name, part, err
		}
	}
}

// write writes the file, flushes it and closes it.
func write(ctx context.Context, part *os.File, s Source) (*Written, error) {
	defer part.Close()
	if err := lock(part); err != nil { // as long as it is written, nobody takes it for a left-over
		return nil, err
	}
	w, sum := &Written{}, sha256.New()
	buffered := bufio.NewWriterSize(io.MultiWriter(part, sum), 1<<18)
	var err error
	if w.Manifest, w.Trailer, err = Take(ctx, buffered, s); err != nil {
		return nil, err
	}
	if err := errors.Join(buffered.Flush(), part.Sync()); err != nil {
		return nil, err
	}
	if err := s.step("written"); err != nil {
		return nil, err
	}
	info, err := part.Stat()
	if err != nil {
		return nil, err
	}
	w.Size, w.Digest = info.Size(), hex.EncodeToString(sum.Sum(nil))
	return w, part.Close()
}

func roomless(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w%w", &qiaomen.Problem{Text: "放备份的磁盘满了，这次没有备份成", Fix: "请腾出空间，或用 --out 换一个文件夹"}, silent{err})
	}
	return err
}

// sweep removes the unfinished backups that nobody is writing any more.
func sweep(folder, installation string) error {
	left, err := filepath.Glob(filepath.Join(folder, "qiaomen-*"+suffix+partSuffix))
	for _, name := range left {
		m := nameForm.FindStringSubmatch(strings.TrimSuffix(filepath.Base(name), partSuffix))
		if m == nil || m[1] != installation {
			continue
		}
		f, opening := os.OpenFile(name, os.O_RDWR, 0)
		if errors.Is(opening, fs.ErrNotExist) {
			continue
		} else if opening != nil {
			return opening
		}
		if lock(f) == nil {
			err = errors.Join(err, os.Remove(name))
		}
		err = errors.Join(err, f.Close())
	}
	return err
}

func syncFolder(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// A Keep is how many backups are kept: the newest of each of the last days,
// weeks and months that have one.
type Keep struct{ Days, Weeks, Months int }

// ParseKeep reads days, weeks and months as 7/4/12.
func ParseKeep(text string) (k Keep, err error) {
	parts := strings.Split(text, "/")
	for i, into := range []*int{&k.Days, &k.Weeks, &k.Months} {
		n, bad := 0, error(nil)
		if len(parts) == 3 {
			n, bad = strconv.Atoi(parts[i])
		}
		if *into = n; bad != nil || n < 0 || n > 1000 {
			return k, keepFault
		}
	}
	if k.Days < 1 {
		return k, keepFault
	}
	return k, nil
}

var keepFault = &qiaomen.Problem{Text: "应写成 天数/周数/月数，如 7/4/12，天数至少是1"}

// Prune removes the backups of an installation that need not be kept any more.
// Files that do not have such a name are nobody's business; the newest stays
// whatever happens.
func Prune(folder, installation string, keep Keep) (removed []File, err error) {
	all, err := List(folder, installation)
	if err != nil {
		return nil, err
	}
	kept := keep.choose(all)
	for _, f := range all {
		if kept[f.Path] {
			continue
		}
		if err := os.Remove(f.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return removed, err
		}
		removed = append(removed, f)
	}
	return removed, nil
}

// china is where days begin.
var china = time.FixedZone("+08:00", 8*60*60)

// choose marks the newest of each period, the newest first.
func (k Keep) choose(all []File) map[string]bool {
	kept := map[string]bool{}
	for _, rule := range []struct {
		most   int
		period func(time.Time) string
	}{
		{k.Days, func(t time.Time) string { return t.Format("2006-01-02") }},
		{k.Weeks, func(t time.Time) string { y, w := t.ISOWeek(); return fmt.Sprint(y, " ", w) }},
		{k.Months, func(t time.Time) string { return t.Format("2006-01") }},
	} {
		last, n := "", 0
		for _, f := range all {
			p := rule.period(f.At.In(china))
			if p == last || n == rule.most {
				continue
			}
			last, n = p, n+1
			kept[f.Path] = true
		}
	}
	return kept
}
