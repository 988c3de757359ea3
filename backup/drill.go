package backup

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/journal"
	"qiaomen/store"
)

// Findings is what a verification of a restored ledger found.
type Findings struct {
	Journals *store.Findings
	Files    int64 // pieces of evidence that were read
	Evidence []blob.Finding
}

// Good tells that nothing is wrong.
func (f *Findings) Good() bool {
	for _, one := range f.Evidence {
		if one.Fault() {
			return false
		}
	}
	return f.Journals.Good()
}

// Lines is what is wrong, for people.
func (f *Findings) Lines() (out []string) {
	for _, j := range f.Journals.Journals {
		for _, p := range j.Problems {
			out = append(out, "存证日志“"+j.Journal+"”："+p.Error())
		}
	}
	for _, one := range f.Evidence {
		if one.Fault() {
			out = append(out, "佐证材料"+one.String())
		}
	}
	return out
}

// Named is every piece of evidence that a ledger names.
type Named func(ctx context.Context, s *store.Store, files blob.Store) iter.Seq2[blob.Expected, error]

// Verify looks at everything in a restored ledger. The journals are replayed
// once more, in a folder of that name, which it makes and removes.
func Verify(ctx context.Context, s *store.Store, o store.Options, files blob.Store, named Named, folder string) (*Findings, error) {
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	o.Address, o.Folder = "sqlite:"+filepath.Join(folder, "replay.db"), filepath.Join(folder, "marks")
	scratch, err := store.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	found := &Findings{}
	found.Journals, err = s.Verify(ctx, scratch)
	if err = errors.Join(err, scratch.Close()); err != nil {
		return nil, err
	}
	for one, err := range files.Verify(ctx, named(ctx, s, files), func(read, _ int64) { found.Files = read }) {
		if err != nil {
			return nil, err
		}
		if one.Verdict != blob.Extra {
			found.Evidence = append(found.Evidence, one)
		}
	}
	return found, nil
}

// A Drill is what a drill needs: to restore the newest backup into a folder that
// is thrown away, and verify it.
type Drill struct {
	Backups      string // folder of the backups
	Installation string
	Seed         [ed25519.SeedSize]byte // the ledger's: a backup with another is not of it
	Key          age.Identity
	Scratch      string // folder in which a folder is made and removed
	Report       string // file into which the result is written
	Salt         func([]byte)
	Named        Named
	Now          func() time.Time // nil: the machine's
}

// A Report is a drill's result, as it is kept for whoever asks later.
type Report struct {
	At           string    `json:"at"`
	File         string    `json:"file,omitzero"`
	TakenAt      string    `json:"taken_at,omitzero"`
	Digest       string    `json:"digest,omitzero"`
	Journals     []Journal `json:"journals,omitempty"`
	Evidence     int64     `json:"evidence,omitzero"`
	Problems     []string  `json:"problems,omitempty"`
	Milliseconds int64     `json:"milliseconds"`
}

// Good tells that the backup could be restored and nothing was wrong in it.
func (r *Report) Good() bool { return len(r.Problems) == 0 }

const scratchPrefix = "drill-"

// Run drills. What is wrong with the backup is in the report; the error is the
// machine's.
func (d Drill) Run(ctx context.Context) (*Report, error) {
	now := time.Now
	if d.Now != nil {
		now = d.Now
	}
	start := time.Now()
	r := &Report{At: journal.Stamp(now())}
	if err := d.try(ctx, r); err != nil {
		p, is := errors.AsType[*qiaomen.Problem](err)
		if !is || ctx.Err() != nil {
			return nil, err
		}
		r.Problems = append(r.Problems, p.Error())
	}
	r.Milliseconds = time.Since(start).Milliseconds()
	return r, r.write(d.Report)
}

func (d Drill) try(ctx context.Context, r *Report) (err error) {
	all, err := List(d.Backups, d.Installation)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return &qiaomen.Problem{Text: "“" + d.Backups + "”里还没有备份", Fix: "请先运行 qiaomen backup"}
	}
	left, err := filepath.Glob(filepath.Join(d.Scratch, scratchPrefix+"*"))
	for _, name := range left { // of a drill that was killed
		if info, looking := os.Lstat(name); looking == nil && info.IsDir() {
			err = errors.Join(err, os.RemoveAll(name))
		}
	}
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp(d.Scratch, scratchPrefix)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	r.File = filepath.Base(all[0].Path)
	file, err := os.Open(all[0].Path)
	if err != nil {
		return err
	}
	defer file.Close()
	a, err := Open(file, d.Key)
	if err != nil {
		return err
	}
	r.TakenAt, r.Journals = a.Manifest.At, a.Manifest.Journals
	if seed, err := Seed(a.Secrets["seed"]); err != nil {
		return err
	} else if a.Manifest.Installation != d.Installation || seed != d.Seed {
		return &qiaomen.Problem{Text: "这份备份不是这一套系统的：编号或签名密钥不同", Fix: "请查清是谁放进来的"}
	}
	return d.restore(ctx, a, r, folder)
}

func (d Drill) restore(ctx context.Context, a *Archive, r *Report, folder string) error {
	o := store.Options{
		Address: "sqlite:" + filepath.Join(folder, "ledger.db"), Folder: filepath.Join(folder, "marks"),
		Installation: d.Installation, Seed: d.Seed, Salt: d.Salt,
	}
	s, err := store.Open(ctx, o)
	if err != nil {
		return err
	}
	defer s.Close()
	files, err := blob.OpenFolder(filepath.Join(folder, "evidence"), blob.Options{})
	if err != nil {
		return err
	}
	defer files.Close()
	t, err := a.Restore(ctx, s, files)
	if err != nil {
		return err
	}
	r.Digest = a.Digest()
	found, err := Verify(ctx, s, o, files, d.Named, filepath.Join(folder, "replay"))
	if err != nil {
		return err
	}
	r.Evidence = found.Files
	for _, one := range t.Damaged {
		r.Problems = append(r.Problems, "备份时已损坏："+one)
	}
	r.Problems = append(r.Problems, found.Lines()...)
	return nil
}

// write puts the report in the place of the last one.
func (r *Report) write(name string) error {
	data, err := json.Marshal(r, json.Deterministic(true), jsontext.WithIndent("  "))
	if err != nil {
		return err
	}
	if err := os.WriteFile(name+partSuffix, append(data, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(name+partSuffix, name)
}

// ReadReport is the last drill's report, or nil where there was none.
func ReadReport(name string) (*Report, error) {
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	r := &Report{}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}

// A Night is what is done every night: a backup, its entry in the journal, what
// need not be kept any more removed, and a drill of what was just written.
type Night struct {
	Source Source
	Folder string // of the backups
	Keep   Keep
	// Record seals that the backup was taken; nil: nobody does.
	Record func(ctx context.Context, w *Written) error
	Drill  Drill
}

// Nightly does it. Where it fails half-way, what was done stays done: a backup
// that nobody could record is still a backup.
func Nightly(ctx context.Context, n Night) (*Written, *Report, error) {
	w, err := Write(ctx, n.Folder, n.Source)
	if err != nil {
		return nil, nil, err
	}
	var unrecorded error
	if n.Record != nil {
		unrecorded = n.Record(ctx, w)
	}
	report, err := n.Drill.Run(ctx)
	if err == nil && report.Good() { // an old good one is worth more than a new bad one
		_, err = Prune(n.Folder, n.Source.Installation, n.Keep)
	}
	return w, report, errors.Join(unrecorded, err)
}
