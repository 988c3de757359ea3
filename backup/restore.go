package backup

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"regexp"
	"slices"
	"strings"

	"filippo.io/age"
	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/journal"
	"qiaomen/store"
)

// An Archive is a backup that is being read: its head is, what is in it is not.
type Archive struct {
	Manifest Manifest
	Settings []byte
	Secrets  map[string][]byte
	// Tell, if any, is told what Restore has come to, for people.
	Tell func(text string)

	file  *hashing
	plain io.Reader
	tar   *tar.Reader
	seal  *seal
	next  *tar.Header // read, and not yet taken
}

// Open reads the head of a backup. Nothing that it says is sure before Restore
// has come to the end.
func Open(r io.Reader, keys ...age.Identity) (*Archive, error) {
	file := &hashing{r: r, hash: sha256.New()}
	plain, err := age.Decrypt(bufio.NewReaderSize(file, 1<<16), keys...)
	if _, wrong := errors.AsType[*age.NoIdentityMatchError](err); wrong {
		return nil, &qiaomen.Problem{Text: "这把密钥打不开这份备份", Fix: "请核对是不是这一套系统的恢复密钥，抄写有没有错"}
	} else if err != nil && file.err != nil {
		return nil, file.err
	} else if err != nil {
		return nil, errNotBackup
	}
	a := &Archive{Secrets: map[string][]byte{}, file: file, plain: plain, tar: tar.NewReader(plain), seal: newSeal()}
	return a, a.head()
}

// A hashing is a file of which the digest is wanted, with the error of reading
// it, if it is the disk's own.
type hashing struct {
	r    io.Reader
	hash hash.Hash
	size int64
	err  error
}

func (h *hashing) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	h.hash.Write(p[:n])
	h.size += int64(n)
	if err != nil && err != io.EOF {
		h.err = err
	}
	return n, err
}

// Read is how many bytes of the file were read.
func (a *Archive) Read() int64 { return a.file.size }

// Digest is the SHA-256 of the file, once Restore has come to its end.
func (a *Archive) Digest() string { return hex.EncodeToString(a.file.hash.Sum(nil)) }

func (a *Archive) head() error {
	text, err := a.whole(manifestName, mostText)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &a.Manifest); err != nil {
		return damaged("清单看不懂", err)
	}
	if a.Manifest.Format != Format {
		return &qiaomen.Problem{Text: "备份的格式是“" + qiaomen.Clip(a.Manifest.Format) + "”，这个程序只认 " + Format, Fix: "请用做这份备份的版本或更新的版本来恢复"}
	}
	for _, j := range a.Manifest.Journals {
		if _, err := j.Mark(); err != nil || j.Size < 0 || j.Size > journal.MaxSize {
			return damaged("清单里的日志不对", err)
		}
	}
	if a.Settings, err = a.whole(settingsName, mostText); err != nil {
		return err
	}
	for {
		name, size, err := a.peek()
		if err != nil {
			return err
		}
		secret, is := strings.CutPrefix(name, secretFolder)
		if !is {
			return nil
		}
		if !secretForm.MatchString(secret) || size > mostSmall || a.Secrets[secret] != nil {
			return a.strange(name)
		}
		if a.Secrets[secret], err = a.whole(name, mostSmall); err != nil {
			return err
		}
	}
}

var secretForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,40}$`)

// peek is the next entry's name and size; empty after the last. Anything but a
// plain file of a plain archive is refused: no link, no hole that would grow.
func (a *Archive) peek() (string, int64, error) {
	if a.next == nil {
		h, err := a.tar.Next()
		if errors.Is(err, io.EOF) {
			return "", 0, nil
		} else if err != nil {
			return "", 0, a.broken("", err)
		}
		if h.Typeflag != tar.TypeReg || h.Format != tar.FormatUSTAR || len(h.PAXRecords) > 0 {
			return "", 0, a.strange(h.Name)
		}
		a.next = h
	}
	return a.next.Name, a.next.Size, nil
}

// open takes the next entry. Its content goes into the seal as it is read.
func (a *Archive) open() io.Reader {
	a.seal.begin(a.next.Name, a.next.Size)
	a.next = nil
	return io.TeeReader(a.tar, a.seal.hash)
}

// whole takes the next entry, which must be of that name, into memory.
func (a *Archive) whole(name string, most int64) ([]byte, error) {
	found, size, err := a.peek()
	switch {
	case err != nil:
		return nil, err
	case found != name:
		return nil, damaged("缺少 "+name, nil)
	case size > most:
		return nil, a.strange(name)
	}
	content, err := io.ReadAll(a.open())
	if err != nil {
		return nil, a.broken(name, err)
	}
	return content, nil
}

// lines takes the next chunk, which must be of that name, line by line.
func (a *Archive) lines(name string) ([][]byte, error) {
	packed, err := a.whole(name, mostChunk)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, damaged(name, err)
	}
	text, err := io.ReadAll(io.LimitReader(z, mostChunk+1))
	if err != nil || len(text) > mostChunk || !bytes.HasSuffix(text, []byte("\n")) {
		return nil, damaged(name, err)
	}
	return bytes.Split(text[:len(text)-1], []byte("\n")), nil
}

// broken is an error of reading on: of the disk, or of what the file holds.
func (a *Archive) broken(name string, err error) error {
	if a.file.err != nil {
		return a.file.err
	}
	if name == "" {
		name = fmt.Sprintf("读到第%d字节", a.file.size)
	}
	return damaged(name, err)
}

func (a *Archive) strange(name string) error {
	return damaged("里面有不该有的“"+qiaomen.Clip(name)+"”", nil)
}

// Restore makes a ledger of the rest: in an empty store of the installation and
// an empty folder of evidence. It returns the trailer once every byte was held
// against it. After an error what was written is of no use.
func (a *Archive) Restore(ctx context.Context, to *store.Store, files blob.Store) (*Trailer, error) {
	for i, j := range a.Manifest.Journals {
		if err := a.journal(ctx, to, i, j); err != nil {
			return nil, err
		}
		a.tell("存证日志“%s”：%d条", j.Journal, j.Size)
	}
	for i, j := range a.Manifest.Journals {
		for _, table := range store.Working {
			if err := a.working(ctx, to, fmt.Sprintf("%s%d/%s/", workingFolder, i, table), j.Journal, table); err != nil {
				return nil, err
			}
		}
	}
	var bad []string
	for {
		name, _, err := a.peek()
		if err != nil {
			return nil, err
		}
		if name == trailerName {
			return a.trailer(bad)
		}
		d, err := a.evidence(ctx, files, name)
		if errors.Is(err, blob.ErrDamaged) {
			bad, err = append(bad, d.String()), nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func (a *Archive) tell(format string, args ...any) {
	if a.Tell != nil {
		a.Tell(fmt.Sprintf(format, args...))
	}
}

// journal takes a journal in, and holds it against the manifest.
func (a *Archive) journal(ctx context.Context, to *store.Store, n int, j Journal) error {
	err := a.chunks(ctx, fmt.Sprintf("%s%d/", journalFolder, n), func(lines [][]byte) error {
		if err := to.Receive(ctx, j.Journal, lines); err != nil {
			if ctx.Err() != nil || machine(err) {
				return err
			}
			return damaged("存证日志“"+j.Journal+"”接不上："+err.Error(), err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	want, err := j.Mark()
	if err != nil {
		return err
	}
	return to.Read(ctx, j.Journal, 0, func(v *store.View) error {
		size, err := v.Position()
		if err != nil {
			return err
		}
		if size != want.Size {
			return damaged(fmt.Sprintf("存证日志“%s”应有%d条，只有%d条", j.Journal, want.Size, size), nil)
		}
		if size == 0 {
			return nil
		}
		if err := v.Holds(want); err != nil {
			return damaged("存证日志“"+j.Journal+"”与清单不符", err)
		}
		return a.signed(to, v, j)
	})
}

// signed holds a journal against the checkpoint that came with it.
func (a *Archive) signed(to *store.Store, v *store.View, j Journal) error {
	if j.Checkpoint == "" {
		return nil
	}
	vkey, err := to.Vkey(j.Journal)
	if err != nil {
		return err
	}
	known, err := journal.Trust(vkey)
	if err != nil {
		return err
	}
	c, err := journal.ParseCheckpoint([]byte(j.Checkpoint), to.Origin(j.Journal), known)
	if err == nil && c.Size > j.Size {
		err = errors.New("检查点比日志新")
	}
	if err == nil {
		err = v.Holds(c.Mark())
	}
	if err != nil {
		return damaged("存证日志“"+j.Journal+"”的检查点："+err.Error(), err)
	}
	return nil
}

func (a *Archive) working(ctx context.Context, to *store.Store, folder, name, table string) error {
	return a.chunks(ctx, folder, func(lines [][]byte) error {
		rows := make([]store.Work, len(lines))
		for i, line := range lines {
			var r row
			if err := json.Unmarshal(line, &r, json.RejectUnknownMembers(true)); err != nil {
				return damaged(folder, err)
			}
			rows[i] = store.Work{ID: r.ID, Unit: r.Unit, Owner: r.Owner, Data: []byte(r.Data)}
		}
		return to.KeepRows(ctx, name, table, rows)
	})
}

// chunks takes the chunks of a folder, which are numbered from 1.
func (a *Archive) chunks(ctx context.Context, folder string, take func(lines [][]byte) error) error {
	for n := 1; ; n++ {
		name, _, err := a.peek()
		if err != nil {
			return err
		}
		if !strings.HasPrefix(name, folder) {
			return nil
		}
		lines, err := a.lines(fmt.Sprintf("%s%06d.gz", folder, n))
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = take(lines)
		}
		if err != nil {
			return err
		}
	}
}

// evidence puts the next content back.
func (a *Archive) evidence(ctx context.Context, files blob.Store, name string) (blob.Digest, error) {
	if err := ctx.Err(); err != nil {
		return blob.Digest{}, err
	}
	digest, status := "", blob.Status{}
	switch {
	case strings.HasPrefix(name, evidenceFolder):
		digest, status.State = strings.TrimPrefix(name, evidenceFolder), blob.Kept
	case strings.HasPrefix(name, expungedFolder):
		digest, status.State = strings.TrimPrefix(name, expungedFolder), blob.Expunged
	case strings.HasPrefix(name, apartFolder):
		digest, status.State = strings.TrimSuffix(strings.TrimPrefix(name, apartFolder), reasonSuffix), blob.Quarantined
	}
	d, err := blob.ParseDigest(digest)
	if err != nil || strings.HasPrefix(name, apartFolder) && !strings.HasSuffix(name, reasonSuffix) {
		return d, a.strange(name)
	}
	switch status.State {
	case blob.Expunged:
		if _, err := a.whole(name, 0); err != nil {
			return d, err
		}
		return d, files.Restore(ctx, d, status, nil)
	case blob.Quarantined:
		reason, err := a.whole(name, mostSmall)
		if err != nil {
			return d, err
		}
		status.Reason = string(reason)
		if next, _, err := a.peek(); err != nil {
			return d, err
		} else if next != apartFolder+digest {
			return d, files.Restore(ctx, d, status, nil)
		}
	}
	return d, a.content(ctx, files, d, status)
}

// content puts bytes back; those that the store did not want to the end are
// read all the same, for the seal.
func (a *Archive) content(ctx context.Context, files blob.Store, d blob.Digest, status blob.Status) error {
	from := &failing{r: a.open()}
	err := files.Restore(ctx, d, status, from)
	if from.err != nil {
		return a.broken(d.String(), from.err)
	}
	if errors.Is(err, blob.ErrDamaged) {
		if _, err := io.Copy(io.Discard, from); err != nil {
			return a.broken(d.String(), err)
		}
	}
	return err
}

// trailer holds everything against the trailer, and asks that nothing follows.
func (a *Archive) trailer(bad []string) (*Trailer, error) {
	entries, sum := a.seal.entries, a.seal.sum()
	text, err := a.whole(trailerName, mostText)
	if err != nil {
		return nil, err
	}
	t := &Trailer{}
	if err := json.Unmarshal(text, t); err != nil {
		return nil, damaged("结尾看不懂", err)
	}
	if t.Entries != entries || t.SHA256 != sum {
		return nil, damaged("内容与结尾的摘要不符", nil)
	}
	for _, d := range bad {
		if !slices.Contains(t.Damaged, d) && !slices.Contains(t.Gone, d) {
			return nil, damaged("佐证材料 "+d, nil)
		}
	}
	if name, _, err := a.peek(); err != nil {
		return nil, err
	} else if name != "" {
		return nil, a.strange(name)
	}
	if n, err := io.Copy(io.Discard, a.plain); err != nil {
		return nil, a.broken("", err)
	} else if n > 0 {
		return nil, damaged("结尾之后还有内容", nil)
	}
	return t, nil
}

// machine tells that an error of the store is not the backup's fault.
func machine(err error) bool {
	return slices.ContainsFunc([]error{store.ErrNoRoom, store.ErrBroken, store.ErrReadOnly, store.ErrUnknown, store.ErrClosed},
		func(one error) bool { return errors.Is(err, one) })
}
