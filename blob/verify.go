package blob

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"
	"time"
)

// An Expected is a content that ought to exist, as the journal names it.
type Expected struct {
	Digest Digest
	Size   int64 // 0 where it is not known
}

// A Verdict is what Verify found of one file or content.
type Verdict string

// The verdicts. The first five are faults.
const (
	Missing Verdict = "missing" // ought to exist and does not
	Damaged Verdict = "damaged" // other bytes than its digest says
	Swapped Verdict = "swapped" // holds the bytes of another content
	Remains Verdict = "remains" // expunged, and bytes of it are still here: Expunge again
	Stray   Verdict = "stray"   // a file that no store of this kind has

	Extra       Verdict = "extra"       // sound, and no one says that it ought to exist
	HeldApart   Verdict = "quarantined" // ought to exist, and is in quarantine
	WasExpunged Verdict = "expunged"    // ought to exist, and was expunged
)

// A Finding is a verdict with its place.
type Finding struct {
	Verdict Verdict
	Digest  Digest // whose content it is about; zero for Stray
	Holds   Digest // whose bytes are there, for Swapped
	Path    string // inside the folder, where there is a file
}

// Fault is true of what should not be.
func (f Finding) Fault() bool {
	return slices.Contains([]Verdict{Missing, Damaged, Swapped, Remains, Stray}, f.Verdict)
}

// String is the finding as a sentence for people.
func (f Finding) String() string {
	d := f.Digest.String()
	switch f.Verdict {
	case Missing:
		return "缺失：" + d
	case Damaged:
		return "内容被改动或已损坏：" + d
	case Swapped:
		return "被换成了另一份文件：" + d + "，里面是 " + f.Holds.String()
	case Remains:
		return "已清除，但还有残留：" + f.Path
	case Stray:
		return "来历不明的文件：" + f.Path
	case Extra:
		return "没有记录提到：" + d
	case HeldApart:
		return "已隔离：" + d
	case WasExpunged:
		return "已清除：" + d
	}
	return string(f.Verdict)
}

// Verify holds what is kept against what ought to be: Store tells of it.
func (l *looker) Verify(ctx context.Context, ought iter.Seq2[Expected, error], progress func(files, bytes int64)) iter.Seq2[Finding, error] {
	return func(yield func(Finding, error) bool) {
		v := &scrub{l: l, ctx: ctx, progress: progress, start: time.Now()}
		for e, err := range ought {
			if err != nil {
				yield(Finding{}, err)
				return
			}
			v.ought = append(v.ought, e)
		}
		slices.SortFunc(v.ought, func(a, b Expected) int {
			return cmp.Or(bytes.Compare(a.Digest[:], b.Digest[:]), cmp.Compare(b.Size, a.Size))
		})
		v.ought = slices.CompactFunc(v.ought, func(a, b Expected) bool { return a.Digest == b.Digest })
		v.yield = func(found Finding) error {
			if !yield(found, nil) {
				return errStop
			}
			return nil
		}
		if err := v.run(); err != nil && !errors.Is(err, errStop) {
			yield(Finding{}, err)
		}
	}
}

var errStop = errors.New("blob: no more findings are wanted")

type scrub struct {
	l            *looker
	ctx          context.Context
	ought        []Expected // by digest
	yield        func(Finding) error
	progress     func(files, bytes int64)
	start        time.Time
	files, bytes int64
}

func (v *scrub) run() error {
	at := 0
	for i := range 256 {
		shelf := fmt.Sprintf("%s/%02x", originals, i)
		names, err := v.names(shelf)
		if err != nil {
			return err
		}
		for _, name := range names {
			d, err := ParseDigest(path.Base(shelf) + name)
			if err != nil {
				if err := v.stray(path.Join(shelf, name)); err != nil {
					return err
				}
				continue
			}
			for at < len(v.ought) && bytes.Compare(v.ought[at].Digest[:], d[:]) < 0 {
				if err := v.absent(v.ought[at]); err != nil {
					return err
				}
				at++
			}
			expected := at < len(v.ought) && v.ought[at].Digest == d
			e := Expected{Digest: d}
			if expected {
				e = v.ought[at]
				at++
			}
			if err := v.original(e, expected); err != nil {
				return err
			}
		}
		for at < len(v.ought) && v.ought[at].Digest[0] == byte(i) {
			if err := v.absent(v.ought[at]); err != nil {
				return err
			}
			at++
		}
	}
	return v.strangers()
}

// names are those in a folder, sorted; none where it is not there.
func (v *scrub) names(folder string) (names []string, err error) {
	err = v.l.at.each(v.ctx, folder, func(name string) error {
		names = append(names, strings.TrimPrefix(name, folder+"/"))
		return nil
	})
	slices.Sort(names)
	return names, err
}

// original judges a file that is there.
func (v *scrub) original(e Expected, expected bool) error {
	status, err := v.l.Status(v.ctx, e.Digest)
	if err != nil {
		return err
	}
	switch status.State {
	case Expunged:
		if err := v.yield(Finding{Verdict: Remains, Digest: e.Digest, Path: e.Digest.original()}); err != nil || !expected {
			return err
		}
		return v.yield(Finding{Verdict: WasExpunged, Digest: e.Digest})
	case Absent:
		return v.absentNow(e, expected) // retired since its folder was read
	}
	info, found, err := v.l.at.stat(v.ctx, e.Digest.original())
	if err != nil || !found {
		return errors.Join(err, v.absentNow(e, expected))
	}
	sound, err := v.read(e, e.Digest.original(), info)
	if err != nil || !sound {
		return err
	}
	if status.State == Quarantined {
		if !expected {
			return nil
		}
		return v.yield(Finding{Verdict: HeldApart, Digest: e.Digest, Path: e.Digest.original()})
	}
	if !expected && info.since.Before(v.start) {
		return v.yield(Finding{Verdict: Extra, Digest: e.Digest, Path: e.Digest.original()})
	}
	return nil
}

func (v *scrub) absentNow(e Expected, expected bool) error {
	if !expected {
		return nil
	}
	return v.absent(e)
}

// absent judges a content that is not among the originals.
func (v *scrub) absent(e Expected) error {
	status, err := v.l.Status(v.ctx, e.Digest)
	if err != nil {
		return err
	}
	switch status.State {
	case Expunged:
		return v.yield(Finding{Verdict: WasExpunged, Digest: e.Digest})
	case Quarantined:
		info, found, err := v.l.at.stat(v.ctx, e.Digest.quarantined())
		if err != nil {
			return err
		}
		if !found {
			return v.yield(Finding{Verdict: Missing, Digest: e.Digest})
		}
		if sound, err := v.read(e, e.Digest.quarantined(), info); err != nil || !sound {
			return err
		}
		return v.yield(Finding{Verdict: HeldApart, Digest: e.Digest, Path: e.Digest.quarantined()})
	case Kept:
		return v.original(e, true) // put since its folder was read
	}
	return v.yield(Finding{Verdict: Missing, Digest: e.Digest})
}

// read holds the bytes of a file against its digest.
func (v *scrub) read(e Expected, name string, info about) (sound bool, err error) {
	damaged := Finding{Verdict: Damaged, Digest: e.Digest, Path: name}
	if !info.regular {
		return false, v.yield(damaged)
	}
	file, _, err := v.l.at.read(v.ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, v.absent(e)
	}
	if err != nil {
		return false, fmt.Errorf("blob: %w", err)
	}
	defer file.Close()
	holds, size, err := sum(v.ctx, file)
	if v.ctx.Err() != nil {
		return false, v.ctx.Err()
	}
	if errors.Is(err, ErrUnreachable) { // which says nothing of the file
		return false, err
	}
	if v.files, v.bytes = v.files+1, v.bytes+size; v.progress != nil {
		v.progress(v.files, v.bytes)
	}
	switch {
	case err != nil: // it is not given back
		return false, v.yield(damaged)
	case holds == e.Digest && (e.Size == 0 || e.Size == size):
		return true, nil
	case holds != e.Digest && v.known(holds):
		return false, v.yield(Finding{Verdict: Swapped, Digest: e.Digest, Holds: holds, Path: name})
	}
	return false, v.yield(damaged)
}

// known is true of a content that belongs to the store under its own name.
func (v *scrub) known(d Digest) bool {
	_, expected := slices.BinarySearchFunc(v.ought, d, func(e Expected, d Digest) int { return bytes.Compare(e.Digest[:], d[:]) })
	status, err := v.l.Status(v.ctx, d)
	return expected || err == nil && status.State != Absent
}

// strangers looks for what the other folders should not hold.
func (v *scrub) strangers() error {
	for _, folder := range []string{".", originals, quarantine, expunged} {
		names, err := v.names(folder)
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := v.stranger(folder, name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *scrub) stranger(folder, name string) error {
	at := path.Join(folder, name)
	switch folder {
	case ".":
		name = strings.TrimSuffix(name, "/")
		if slices.Contains([]string{originals, derived, quarantine, expunged, temporary, "lost+found"}, name) {
			return nil
		}
		return v.stray(at)
	case originals:
		name = strings.TrimSuffix(name, "/")
		if len(name) == 2 && strings.Trim(name, "0123456789abcdef") == "" {
			return nil
		}
		return v.stray(at)
	}
	d, err := ParseDigest(strings.TrimSuffix(name, reasonSuffix))
	if err != nil || folder == expunged && strings.HasSuffix(name, reasonSuffix) {
		return v.stray(at)
	}
	if folder == quarantine {
		status, err := v.l.Status(v.ctx, d)
		switch {
		case err != nil:
			return err
		case status.State == Expunged:
			return v.yield(Finding{Verdict: Remains, Digest: d, Path: at})
		case status.State != Quarantined:
			return v.stray(at)
		}
	}
	return nil
}

func (v *scrub) stray(name string) error { return v.yield(Finding{Verdict: Stray, Path: name}) }
