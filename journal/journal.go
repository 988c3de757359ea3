// Package journal is the memory that nobody can quietly change: what was
// entered, by whom, when, and in which order.
//
// Every act in a campaign leaves events, and each event is sealed as one
// [Entry]: a line of JSON that has exactly one spelling, says where it belongs
// and names the digest of the line before it. The lines are the leaves of a
// Merkle tree (RFC 6962), kept by a [Tree]. Size and root of that tree, signed,
// are a [Checkpoint]. Whoever has entered something is given a [Receipt]: the
// leaf, the path from it to the root, and the checkpoint, which together can be
// checked years later without us. A [Consistency] shows that a later checkpoint
// only added to an earlier one.
//
// What each guards against:
//
//   - a changed, moved, added or deleted entry: the chain and the root, which a
//     [Verifier] walks;
//   - a journal rewritten from some entry on, and signed again with a stolen
//     key: the receipts, and the last-signed [Mark], which lies outside the
//     database;
//   - an old backup put back in silence: the mark again, which says by number
//     what is lost;
//   - an entry or a proof carried over from another journal or installation:
//     the ids inside the leaf and the origin inside the checkpoint.
//
// Life of an entry: the store fills in an Entry with the tree's size and last
// digest, takes its Leaf, appends that to a Clone of the tree, keeps the leaf
// and the digests that Append returns, commits, writes the mark, signs, and
// answers with a receipt.
//
// The bytes of leaf, checkpoint, receipt and export are a promise: they are
// written down in docs/verify/README.md, held by golden tests, and checked
// there by a second program that shares no code with this one. The package
// computes only. Times, keys and random bytes are arguments, and nothing here
// opens a file.
package journal

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Limits of what is written and read. A size above MaxSize is refused before
// anything is computed: what comes close to 2^63 makes proofs loop.
const (
	MaxSize = 1 << 40 // entries in one journal
	MaxLeaf = 8 << 20 // bytes in one leaf
	maxNote = 1 << 16 // bytes in one signed checkpoint
	maxPath = 63      // hashes in one proof
)

const instant = "2006-01-02T15:04:05.000000Z"

// Stamp writes a time as entries hold it: UTC, to the microsecond, always
// equally long, so that times compare as texts.
func Stamp(t time.Time) string { return t.UTC().Format(instant) }

// LeafHash is the digest of a leaf as the tree holds it and as the next entry
// names it.
func LeafHash(leaf []byte) tlog.Hash { return tlog.RecordHash(leaf) }

// isID holds for what may name a thing: up to 128 visible ASCII characters
// that JSON takes as they are.
func isID(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return s != "" && len(s) <= 128
}

// isOrigin holds for what may name a journal, and with it a key.
func isOrigin(s string) bool { return isID(s) && !strings.Contains(s, "+") }

// size reads a number of entries, in its only spelling.
func size(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n >= 0 && n <= MaxSize && strconv.FormatInt(n, 10) == s
}

// hash reads a digest in base64, in its only spelling.
func hash(s string) (h tlog.Hash, ok bool) {
	raw, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(raw) != len(h) {
		return h, false
	}
	copy(h[:], raw)
	return h, h.String() == s // line breaks are skipped by the decoder
}

// unhex fills dst from lower-case hexadecimal of exactly its length.
func unhex(dst, src []byte) bool {
	if len(src) != 2*len(dst) {
		return false
	}
	_, err := hex.Decode(dst, src)
	return err == nil // upper case is found when the whole is written again
}
