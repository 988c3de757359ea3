// Package blob keeps evidence: photographs, contracts, reports, as they were
// sent, by what they contain.
//
// A file's name here is the SHA-256 of its bytes (Digest). Events in the
// journal name digests, so a swapped, damaged or lost file is found by reading
// it again (Verify), and the same file sent twice is one file (Stored.Known).
// The original stays byte for byte as it came. What people look at is made from
// it: a view without hidden data and a thumbnail, which may be thrown away at
// any time.
//
// What comes in is foreign. Put reads it once into a temporary file, counting
// and hashing, then looks at all of it (inspect.go and the files of the formats):
// the content says what it is, never the name, and what has been hidden in,
// before or behind it is refused with a sentence that says what to do. No pixel
// is decoded and no entry unpacked before its size is known to be bearable.
// Only then is the file made to last (in a Folder: synced, renamed into place and
// its folder synced); when Put returns the bytes are there, and the event that
// names them may follow.
//
// A content is in one of four states. Absent: never seen. Kept: served.
// Quarantined: held apart with a reason, served to nobody. Expunged: the bytes
// are destroyed, a tombstone stays, and the same content is not taken again.
// The reason for expunging and the two people are in the journal. Each change
// of state is written down first (a tombstone, a reason) and carried out after,
// so what a crash interrupts is finished at the next start.
//
// A Store is a Folder or a Bucket. A Folder lies in one file system, written by
// one process:
//
//	originals/ab/cdef…    the bytes, under 2 + 62 digits of the digest
//	derived/ab/cdef….*    views and thumbnails; may be deleted
//	quarantine/abcdef…    bytes held apart, and beside them ….reason
//	expunged/abcdef…      tombstones
//	temporary/            what is being written; swept at the start
//
// A Bucket lies at a server that speaks S3, written by any number of processes,
// under the same names. Temporary files are on this machine; bytes held apart
// stay among the originals, with only their reason in quarantine. The server is
// trusted with nothing: bytes count as kept when the whole of them has been read
// back. No lock is held over the network. Who retires a content writes that down
// and then acts, who adds something looks again afterwards: one of the two sees
// the other.
package blob

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"qiaomen"
)

// A Digest is the SHA-256 of a content, and the only thing that names of files
// in the store are made from.
type Digest [sha256.Size]byte

var errDigest = errors.New("blob: a digest is 64 digits from 0–9 and a–f")

// ParseDigest reads 64 lower-case hexadecimal digits.
func ParseDigest(s string) (Digest, error) {
	var d Digest
	return d, d.UnmarshalText([]byte(s))
}

// String is the digest as 64 lower-case hexadecimal digits.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText is String, for JSON and the like.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText takes what MarshalText gives and nothing else.
func (d *Digest) UnmarshalText(text []byte) error {
	var read Digest
	if len(text) != hex.EncodedLen(len(read)) {
		return errDigest
	}
	if _, err := hex.Decode(read[:], text); err != nil || read.String() != string(text) {
		return errDigest
	}
	*d = read
	return nil
}

// What can be asked of an error by errors.Is. Those that a person caused or
// should read about carry a *qiaomen.Problem beside it, for errors.As.
var (
	ErrTooLarge    = errors.New("blob: too large")                 // more bytes than are taken
	ErrUnfit       = errors.New("blob: unfit content")             // a format that is not taken, damaged, or not what its name says
	ErrHarmful     = errors.New("blob: harmful content")           // a scan says so; the bytes are in quarantine
	ErrMissing     = errors.New("blob: no such content")           // never stored, or lost
	ErrQuarantined = errors.New("blob: content is quarantined")    // held apart, not served
	ErrExpunged    = errors.New("blob: content was expunged")      // destroyed, not taken again
	ErrDamaged     = errors.New("blob: content is not as it came") // its bytes no longer have its digest
	ErrNoView      = errors.New("blob: no view of this content")   // nothing to show; the original can be handed out
	ErrUnwritable  = errors.New("blob: cannot be written now")     // disk full or read-only, or unreachable; may pass without a restart
	ErrUnreachable = errors.New("blob: cannot be reached now")     // the server of a Bucket; it says nothing of the content

	// ErrBroken says that the disk did not take what it was given to keep.
	// What it holds is unknown, and syncing the same file again may succeed
	// without having written anything: the process should end and be started
	// again. The Folder writes nothing any more; reading goes on.
	ErrBroken = errors.New("blob: the disk failed to sync")
)

// A refusal is a sentence for a person and the error that a program asks for.
type refusal struct {
	*qiaomen.Problem
	why error
}

func (r *refusal) Unwrap() []error { return []error{r.Problem, r.why} }

func refuse(why error, text, fix string) error {
	return &refusal{&qiaomen.Problem{Text: text, Fix: fix}, why}
}

// unfit is the refusal of a content.
func unfit(text, fix string) error { return refuse(ErrUnfit, text, fix) }

// named puts the name of the file into the sentence it belongs to.
func named(err error, name string) error {
	if p, ok := errors.AsType[*qiaomen.Problem](err); ok && p.At.File == "" {
		p.At.File = name
	}
	return err
}
