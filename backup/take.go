package backup

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"filippo.io/age"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"qiaomen/blob"
	"qiaomen/journal"
	"qiaomen/store"
)

// A Source is what is backed up.
type Source struct {
	Store    *store.Store
	Evidence blob.Store
	// Installation is its id, Program the version of the program.
	Installation, Program string
	// Settings is the file of settings. Secrets is small files that go with it,
	// by name; what stands in no backup is lost with its machine.
	Settings []byte
	Secrets  map[string][]byte
	// Recipients is who can open the backup.
	Recipients []age.Recipient
	Now        func() time.Time // nil: the machine's
	// Step, in tests, is called at named points; an error is what the machine
	// would have answered there.
	Step func(point string) error
}

func (s *Source) step(point string) error {
	if s.Step == nil {
		return nil
	}
	return s.Step(point)
}

// Take writes a backup. Others may write the ledger meanwhile; the backup is of
// the moment at which Take began to read.
func Take(ctx context.Context, to io.Writer, s Source) (*Manifest, *Trailer, error) {
	sealed, err := age.Encrypt(to, s.Recipients...)
	if err != nil {
		return nil, nil, err
	}
	t := &taking{ctx: ctx, s: &s, tar: tar.NewWriter(sealed), seal: newSeal()}
	if err := s.Store.Copy(ctx, t.ledger); err != nil {
		return nil, nil, err
	}
	if err := s.step("ledger"); err != nil {
		return nil, nil, err
	}
	for d, err := range s.Evidence.Each(ctx) {
		if err == nil {
			err = t.evidence(d)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	if err := s.step("evidence"); err != nil {
		return nil, nil, err
	}
	if err := t.finish(); err != nil {
		return nil, nil, err
	}
	if err := sealed.Close(); err != nil {
		return nil, nil, err
	}
	return &t.manifest, &t.trailer, nil
}

// A taking is a backup while it is written.
type taking struct {
	ctx      context.Context
	s        *Source
	tar      *tar.Writer
	seal     *seal
	manifest Manifest
	trailer  Trailer
}

// ledger writes everything that stands in the database, all of one moment.
func (t *taking) ledger(v *store.View, heads []store.Head) error {
	now := time.Now
	if t.s.Now != nil {
		now = t.s.Now
	}
	t.manifest = Manifest{
		Format: Format, Program: t.s.Program, Installation: t.s.Installation, At: journal.Stamp(now()), Engine: t.s.Store.Engine(),
	}
	for _, h := range heads {
		t.manifest.Journals = append(t.manifest.Journals, Journal{
			Journal: h.Journal, Size: h.Mark.Size, Root: h.Mark.Root.String(), At: h.At, Checkpoint: string(h.Checkpoint),
		})
	}
	if err := t.json(manifestName, t.manifest); err != nil {
		return err
	}
	if err := t.entry(settingsName, t.s.Settings); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(t.s.Secrets)) {
		if err := t.entry(secretFolder+name, t.s.Secrets[name]); err != nil {
			return err
		}
	}
	for i, h := range heads {
		if err := t.leaves(i, v.In(h.Journal)); err != nil {
			return err
		}
	}
	for i, h := range heads {
		for _, table := range store.Working {
			if err := t.rows(i, v.In(h.Journal), table); err != nil {
				return err
			}
		}
	}
	return nil
}

// leaves writes a journal, as it was sealed: no leaf has a line break.
func (t *taking) leaves(n int, v *store.View) error {
	c := chunks{t: t, folder: fmt.Sprintf("%s%d/", journalFolder, n)}
	for leaf, err := range v.Leaves(0) {
		if err == nil {
			err = c.line(leaf)
		}
		if err != nil {
			return err
		}
	}
	return c.flush()
}

// A row is a row of a working table, on the wire.
type row struct {
	ID    string `json:"id"`
	Unit  string `json:"unit,omitzero"`
	Owner string `json:"owner,omitzero"`
	Data  string `json:"data"`
}

func (t *taking) rows(n int, v *store.View, table string) error {
	c := chunks{t: t, folder: fmt.Sprintf("%s%d/%s/", workingFolder, n, table)}
	for w, err := range v.Rows(table) {
		if err != nil {
			return err
		}
		line, err := json.Marshal(row{w.ID, w.Unit, w.Owner, string(w.Data)})
		if err == nil {
			err = c.line(line)
		}
		if err != nil {
			return err
		}
	}
	return c.flush()
}

// A chunks gathers lines into entries of a size that memory does not mind.
type chunks struct {
	t      *taking
	folder string
	n      int
	packed bytes.Buffer
	size   int
	gz     *gzip.Writer
}

func (c *chunks) line(line []byte) (err error) {
	if c.gz == nil {
		c.packed.Reset()
		if c.gz, err = gzip.NewWriterLevel(&c.packed, gzip.BestSpeed); err != nil {
			return err
		}
	}
	if _, err := c.gz.Write(append(line, '\n')); err != nil {
		return err
	}
	if c.size += len(line) + 1; c.size > mostChunk {
		return fmt.Errorf("backup: a line of %d bytes in %s", len(line), c.folder)
	}
	if c.size < chunkSize {
		return c.t.ctx.Err()
	}
	return c.flush()
}

func (c *chunks) flush() error {
	if c.gz == nil {
		return nil
	}
	if err := c.gz.Close(); err != nil {
		return err
	}
	c.n++
	c.gz, c.size = nil, 0
	return c.t.entry(fmt.Sprintf("%s%06d.gz", c.folder, c.n), c.packed.Bytes())
}

// evidence writes a content in the state that it is in now.
func (t *taking) evidence(d blob.Digest) error {
	r, size, status, err := t.s.Evidence.Copy(t.ctx, d)
	if err != nil {
		if t.ctx.Err() != nil {
			return err
		}
		t.trailer.Damaged = append(t.trailer.Damaged, d.String()) // the disk does not give it back
		return nil
	}
	if r != nil {
		defer r.Close()
	}
	switch status.State {
	case blob.Expunged:
		t.trailer.Expunged++
		return t.entry(expungedFolder+d.String(), nil)
	case blob.Quarantined:
		t.trailer.Quarantined++
		if err := t.entry(apartFolder+d.String()+reasonSuffix, []byte(status.Reason)); err != nil || r == nil {
			return err
		}
		return t.content(apartFolder+d.String(), d, r, size)
	case blob.Kept:
		t.trailer.Kept++
		return t.content(evidenceFolder+d.String(), d, r, size)
	}
	return nil // gone since it was listed
}

// content writes the bytes of a content. Where they are not what the digest
// says, the archive goes on and the trailer says so: one damaged picture must
// not leave an office without a backup.
func (t *taking) content(name string, d blob.Digest, r io.Reader, size int64) error {
	if err := t.begin(name, size); err != nil {
		return err
	}
	sum := sha256.New()
	failed := &failing{r: io.LimitReader(r, size)}
	n, err := io.Copy(io.MultiWriter(t.tar, t.seal.hash, sum), failed)
	t.trailer.Bytes += size
	if err != nil && failed.err == nil || t.ctx.Err() != nil {
		return cmp.Or(t.ctx.Err(), err)
	}
	if n < size { // the tar entry has to be of the size that it said
		if _, err := io.CopyN(io.MultiWriter(t.tar, t.seal.hash), zeros{}, size-n); err != nil {
			return err
		}
	}
	if n == size && blob.Digest(sum.Sum(nil)) == d {
		return nil
	}
	if status, err := t.s.Evidence.Status(t.ctx, d); err == nil && status.State == blob.Expunged {
		t.trailer.Gone = append(t.trailer.Gone, d.String()) // overwritten while it was read
		return t.entry(expungedFolder+d.String(), nil)
	}
	t.trailer.Damaged = append(t.trailer.Damaged, d.String())
	return nil
}

// A failing keeps the error with which its reader ended: that of a source is
// another matter than that of the backup's own disk.
type failing struct {
	r   io.Reader
	err error
}

func (f *failing) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func (t *taking) json(name string, value any) error {
	data, err := json.Marshal(value, json.Deterministic(true), jsontext.WithIndent("  "))
	if err != nil {
		return err
	}
	return t.entry(name, append(data, '\n'))
}

func (t *taking) entry(name string, content []byte) error {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	if err := t.begin(name, int64(len(content))); err != nil {
		return err
	}
	t.seal.hash.Write(content)
	_, err := t.tar.Write(content)
	return err
}

func (t *taking) begin(name string, size int64) error {
	t.seal.begin(name, size)
	return t.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, Typeflag: tar.TypeReg, Format: tar.FormatUSTAR})
}

// finish writes the trailer, which is not of its own digest.
func (t *taking) finish() error {
	t.trailer.Entries, t.trailer.SHA256 = t.seal.entries, t.seal.sum()
	if err := t.json(trailerName, t.trailer); err != nil {
		return err
	}
	return t.tar.Close()
}
