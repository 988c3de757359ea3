// Package backup copies a ledger, whole, into one encrypted file, and makes a
// ledger of such a file again.
//
// A backup is of one moment. One transaction that only reads sees every journal
// and every working table as they stood then, while others go on writing.
// Evidence is copied afterwards: a file is always kept before the entry that
// names it, so all that the journals name is there, and more. The file is an
// age stream (filippo.io/age) of a tar archive, to be read from front to back
// in bounded memory:
//
//	manifest.json              who, when, and how far each journal had come
//	qiaomen.yaml               the settings
//	secret/NAME                small secret files: the seed, a certificate's key
//	journal/N/000001.gz        leaves of the manifest's Nth journal, one a line
//	working/N/TABLE/000001.gz  rows of its working tables, one JSON a line
//	evidence/DIGEST            a piece of evidence, as it is kept
//	quarantine/DIGEST.reason   why one is set apart; then quarantine/DIGEST
//	expunged/DIGEST            that one was expunged: it must not come again
//	trailer.json               the digest of all of the above
//
// It can be opened with two keys: the recovery key, which is kept on paper away
// from the machine, and the drill key of the machine that made it, which no
// backup holds. Keys of the ledger itself travel within, so only encrypted.
//
// Restoring reads nothing of the archive as a path. Entries are sealed as they
// were and the tables follow from them, so a restored ledger is what its
// journals give, and a verification says so. What a backup cannot know is what
// came after it; Lost finds out from whatever else is left.
package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"qiaomen"
	"qiaomen/journal"
)

// Format is what a manifest says it is.
const Format = "qiaomen-backup/1"

// A Manifest is what stands at the head of a backup.
type Manifest struct {
	Format       string    `json:"format"`
	Program      string    `json:"program"` // version of the program that made it
	Installation string    `json:"installation"`
	At           string    `json:"at"`     // the moment that it is of
	Engine       string    `json:"engine"` // sqlite or postgres: what it was copied from
	Journals     []Journal `json:"journals"`
}

// A Journal is how far a journal had come.
type Journal struct {
	Journal    string `json:"journal"`
	Size       int64  `json:"size"`
	Root       string `json:"root"` // as a checkpoint writes it
	At         string `json:"at"`   // time of its newest entry
	Checkpoint string `json:"checkpoint,omitzero"`
}

// Mark is size and root of the journal.
func (j Journal) Mark() (journal.Mark, error) {
	root, err := tlog.ParseHash(j.Root)
	return journal.Mark{Size: j.Size, Root: root}, err
}

// A Trailer stands at the end. A backup without one was cut short.
type Trailer struct {
	Entries     int    `json:"entries"` // of the archive, before this one
	SHA256      string `json:"sha256"`  // over names, sizes and contents of them all
	Kept        int    `json:"kept"`    // pieces of evidence
	Quarantined int    `json:"quarantined"`
	Expunged    int    `json:"expunged"`
	Bytes       int64  `json:"bytes"` // of evidence
	// Gone is the evidence that was expunged while it was being copied.
	Gone []string `json:"gone,omitempty"`
	// Damaged is the evidence that was not what its digest says, or could not
	// be read, when it was copied. A verification of the ledger finds it too.
	Damaged []string `json:"damaged,omitempty"`
}

// Names within the archive.
const (
	manifestName   = "manifest.json"
	settingsName   = "qiaomen.yaml"
	secretFolder   = "secret/"
	journalFolder  = "journal/"
	workingFolder  = "working/"
	evidenceFolder = "evidence/"
	apartFolder    = "quarantine/"
	reasonSuffix   = ".reason"
	expungedFolder = "expunged/"
	trailerName    = "trailer.json"
)

// Sizes, in bytes.
const (
	mostText  = 16 << 20 // manifest, settings, trailer
	mostSmall = 1 << 20  // a secret file, a reason
	chunkSize = 1 << 20  // leaves or rows in one chunk, before they are packed
	mostChunk = 2*journal.MaxLeaf + chunkSize
)

// A seal is the digest over the entries of an archive: of each its name, its
// size and its content, each told apart from the next.
type seal struct {
	hash    hash.Hash
	entries int
}

func newSeal() *seal { return &seal{hash: sha256.New()} }

func (s *seal) begin(name string, size int64) {
	s.entries++
	_, _ = io.WriteString(s.hash, strconv.Itoa(len(name))+" "+name+" "+strconv.FormatInt(size, 10)+"\n")
}

func (s *seal) sum() string { return hex.EncodeToString(s.hash.Sum(nil)) }

var errNotBackup = &qiaomen.Problem{Text: "这不是敲门的备份文件", Fix: "请核对文件名"}

// damaged is what is said of a backup that is not as it was written.
func damaged(what string, err error) error {
	p := &qiaomen.Problem{Text: "备份文件不完整或已损坏：" + what, Fix: "请换一份备份；这一份没有恢复任何内容"}
	if err == nil {
		return p
	}
	return fmt.Errorf("%w%w", p, silent{err})
}

// silent keeps a cause without its words.
type silent struct{ err error }

func (s silent) Error() string { return "" }
func (s silent) Unwrap() error { return s.err }
