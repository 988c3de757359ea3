package blob

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"qiaomen"
)

// Sent is what is known of a file before it is read.
type Sent struct {
	Name  string // as its sender calls it; its extension must fit the content
	Limit int64  // bytes, where fewer are to be taken than of its format; 0 for none
}

// Stored is what has become of a file that was put.
type Stored struct {
	Digest Digest
	Size   int64
	Known  bool // the same content was here before
	Look   Look // without PHash, which needs the image decoded: Folder.Look has it
}

const (
	headSize  = 4096
	blockSize = 64 << 10
)

// Put keeps what it reads, and returns when it will survive a power cut; the
// event that names the digest comes after. What is not fit to be kept is
// refused (ErrTooLarge, ErrUnfit, ErrQuarantined, ErrExpunged) and leaves
// nothing behind, except that ErrHarmful leaves the bytes in quarantine and
// gives their digest. After ErrBroken the process should end.
func (f *Folder) Put(ctx context.Context, r io.Reader, sent Sent) (Stored, error) {
	stored, err := f.put(ctx, r, sent)
	if err != nil {
		return stored, named(err, SafeName(sent.Name))
	}
	if stored.Look.Format.HasView() {
		select {
		case f.later <- stored.Digest:
		default: // many are waiting; this one is made when somebody looks
		}
	}
	return stored, nil
}

func (f *Folder) put(ctx context.Context, r io.Reader, sent Sent) (Stored, error) {
	if err := f.writable(); err != nil {
		return Stored{}, err
	}
	head := make([]byte, headSize)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return Stored{}, fmt.Errorf("blob: what is sent: %w", err)
	}
	head = head[:n]
	promise := guess(head)
	if promise == "" {
		return Stored{}, foreign(head, sent.Name)
	}
	most := f.options.Limits.Bytes(promise)
	if sent.Limit > 0 && sent.Limit < most {
		most = sent.Limit
	}

	t, err := f.draft()
	if err != nil {
		return Stored{}, err
	}
	defer t.discard()
	stored := Stored{}
	stored.Digest, stored.Size, err = receive(ctx, t, head, r, most, promise)
	if err != nil {
		return Stored{}, err
	}
	stored.Look, err = f.pass(t, stored.Size, sent.Name)
	if err != nil && !errors.Is(err, ErrHarmful) {
		return Stored{}, err
	}

	defer f.lock(stored.Digest).Unlock()
	status, failed := f.Status(stored.Digest)
	switch {
	case failed != nil:
		return Stored{}, failed
	case status.State == Expunged:
		_ = f.destroy(t.name) // not only unlinked, as far as that can be done
		return Stored{}, refuse(ErrExpunged, "同样内容的文件已按规定清除，不能再上传", "请上传不含涉密内容、身份证件等信息的文件")
	case status.State == Quarantined:
		return Stored{}, refuse(ErrQuarantined, "同样内容的文件已隔离，不能再上传："+status.Reason, "请找管理员核实")
	case err != nil:
		return f.setAside(t, stored, err)
	}
	stored.Known = status.State == Kept
	// Over a known file too: the fresh copy is whole and synced, which the old one need not be.
	if err := t.seal(stored.Digest.original()); err != nil {
		return Stored{}, err
	}
	return stored, nil
}

// writable is nil of a Folder that may be written to.
func (f *Folder) writable() error {
	if f.options.ReadOnly {
		return refuse(ErrUnwritable, "存储以只读方式打开，不能存入、隔离或清除文件", "")
	}
	if f.broken.Load() {
		return ErrBroken
	}
	return nil
}

// receive writes head and the rest to the draft. It reads no more than one
// block beyond the limit.
func receive(ctx context.Context, t *draft, head []byte, rest io.Reader, most int64, promise Format) (Digest, int64, error) {
	hash, size, block := sha256.New(), int64(0), make([]byte, blockSize)
	for n, end := copy(block, head), false; ; {
		if size += int64(n); size > most {
			return Digest{}, 0, tooLarge(promise, most)
		}
		if n > 0 {
			hash.Write(block[:n])
			if _, err := t.Write(block[:n]); err != nil {
				return Digest{}, 0, err
			}
		}
		if end {
			return Digest(hash.Sum(nil)), size, nil
		}
		if err := ctx.Err(); err != nil {
			return Digest{}, 0, err
		}
		var err error
		if n, err = rest.Read(block); errors.Is(err, io.EOF) {
			end = true
		} else if err != nil {
			return Digest{}, 0, fmt.Errorf("blob: what is sent: %w", err)
		}
	}
}

// pass looks at a received content, then lets the scanner look.
func (f *Folder) pass(t *draft, size int64, name string) (Look, error) {
	look, err := inspect(t, size, name, f.options.Limits)
	if err != nil || f.options.Scan == nil {
		return look, err
	}
	switch err := f.options.Scan(f.path(t.name)); {
	case err == nil:
		return look, nil
	case errors.Is(err, ErrHarmful):
		return look, harm("查毒程序认为这份文件有害")
	default:
		return look, fmt.Errorf("%w: %w", refuse(ErrUnwritable, "查毒程序没有给出结果，这份文件没有存下", "请稍后再上传一次；一再出现的，请告诉管理员"), err)
	}
}

func harm(text string) error {
	return refuse(ErrHarmful, text+"，已隔离", "请不要再打开或转发这份文件，并请管理员检查它所在的电脑")
}

// setAside puts a draft that was found harmful into quarantine.
func (f *Folder) setAside(t *draft, stored Stored, why error) (Stored, error) {
	reason := why.Error()
	if p, ok := errors.AsType[*qiaomen.Problem](why); ok {
		reason = p.Text
	}
	d := stored.Digest
	if err := f.write(d.reason(), []byte(reason)); err != nil {
		return Stored{}, err
	}
	if err := t.seal(d.quarantined()); err != nil {
		return Stored{}, err
	}
	stored.Look = Look{}
	return stored, errors.Join(why, f.withdraw(d))
}

// sum reads to the end and gives the digest and the number of bytes.
func sum(ctx context.Context, r io.Reader) (Digest, int64, error) {
	hash, size, block := sha256.New(), int64(0), make([]byte, blockSize)
	for {
		if err := ctx.Err(); err != nil {
			return Digest{}, 0, err
		}
		n, err := r.Read(block)
		hash.Write(block[:n])
		size += int64(n)
		if errors.Is(err, io.EOF) {
			return Digest(hash.Sum(nil)), size, nil
		}
		if err != nil {
			return Digest{}, 0, fmt.Errorf("blob: %w", err)
		}
	}
}
