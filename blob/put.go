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

// Put keeps what it reads: Store tells of it.
func (f *Folder) Put(ctx context.Context, r io.Reader, sent Sent) (Stored, error) {
	stored, err := f.put(ctx, r, sent)
	return f.answered(stored, sent, err)
}

func (f *Folder) put(ctx context.Context, r io.Reader, sent Sent) (Stored, error) {
	if err := f.writable(); err != nil {
		return Stored{}, err
	}
	t, stored, harm, err := f.take(ctx, &f.disk, r, sent)
	if err != nil {
		return Stored{}, err
	}
	defer t.discard()
	defer f.lock(stored.Digest).Unlock()
	status, err := f.Status(ctx, stored.Digest)
	if err != nil {
		return Stored{}, err
	}
	if err := status.taken(); err != nil {
		return Stored{}, t.refused(err)
	}
	if harm != nil {
		return f.setAside(ctx, t, stored, harm)
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
	if f.broken.Load() {
		return ErrBroken
	}
	return f.options.changed()
}

// answered puts the file's name into a refusal, and has the views made of what
// was put.
func (l *looker) answered(stored Stored, sent Sent, err error) (Stored, error) {
	if err != nil {
		return stored, named(err, SafeName(sent.Name))
	}
	if stored.Look.Format.HasView() {
		select {
		case l.later <- stored.Digest:
		default: // many are waiting; this one is made when somebody looks
		}
	}
	return stored, nil
}

// take receives a content into a draft and looks at all of it. harm is why it
// is to be held apart.
func (l *looker) take(ctx context.Context, spool *disk, r io.Reader, sent Sent) (_ *draft, stored Stored, harm, err error) {
	head := make([]byte, headSize)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, stored, nil, fmt.Errorf("blob: what is sent: %w", err)
	}
	head = head[:n]
	promise := guess(head)
	if promise == "" {
		return nil, stored, nil, foreign(head, sent.Name)
	}
	most := l.options.Limits.Bytes(promise)
	if sent.Limit > 0 && sent.Limit < most {
		most = sent.Limit
	}
	t, err := spool.draft()
	if err != nil {
		return nil, stored, nil, err
	}
	stored.Digest, stored.Size, err = receive(ctx, t, head, r, most, promise)
	if err == nil {
		stored.Look, err = l.pass(t, stored.Size, sent.Name)
	}
	if errors.Is(err, ErrHarmful) {
		return t, stored, err, nil
	}
	if err != nil {
		t.discard()
		return nil, Stored{}, nil, err
	}
	return t, stored, nil, nil
}

// refused destroys the draft of a content that was expunged, not only its name.
func (t *draft) refused(why error) error {
	if errors.Is(why, ErrExpunged) {
		_ = t.disk.destroy(t.name)
	}
	return why
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
func (l *looker) pass(t *draft, size int64, name string) (Look, error) {
	look, err := inspect(t, size, name, l.options.Limits)
	if err != nil || l.options.Scan == nil {
		return look, err
	}
	switch err := l.options.Scan(t.disk.path(t.name)); {
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
func (f *Folder) setAside(ctx context.Context, t *draft, stored Stored, why error) (Stored, error) {
	d := stored.Digest
	if err := f.write(d.reason(), []byte(reasonOf(why))); err != nil {
		return Stored{}, err
	}
	if err := t.seal(d.quarantined()); err != nil {
		return Stored{}, err
	}
	stored.Look = Look{}
	return stored, errors.Join(why, f.withdraw(d))
}

// reasonOf is what stays as the reason of what was found harmful.
func reasonOf(why error) string {
	if p, ok := errors.AsType[*qiaomen.Problem](why); ok {
		return p.Text
	}
	return why.Error()
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
