package journal_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"qiaomen/journal"
)

// TestReceiptProperty: in journals of every size every receipt holds, written
// and read again; and none holds for another leaf, place, tree or key.
func TestReceiptProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBook(rapid.IntRange(1, 200).Draw(t, "size"))
		i := rapid.Int64Range(0, b.tree.Size()-1).Draw(t, "index")
		r := must(journal.ParseReceipt(b.receipt(i).Text()))
		if err := r.Verify(origin, b.known); err != nil {
			t.Fatal(err)
		}
		refuse := func(what string, change func(*journal.Receipt)) {
			bad := *r
			bad.Leaf, bad.Proof = bytes.Clone(r.Leaf), append(tlog.RecordProof{}, r.Proof...)
			change(&bad)
			if bad.Verify(origin, b.known) == nil {
				t.Fatalf("holds with %s", what)
			}
		}
		at := rapid.IntRange(0, len(r.Leaf)-1).Draw(t, "byte")
		flip := byte(rapid.IntRange(1, 255).Draw(t, "flip"))
		refuse("a byte changed", func(r *journal.Receipt) { r.Leaf[at] ^= flip })
		refuse("no leaf", func(r *journal.Receipt) { r.Leaf = nil })
		refuse("another index", func(r *journal.Receipt) { r.Index++ })
		refuse("a hash too many", func(r *journal.Receipt) { r.Proof = append(r.Proof, tlog.Hash{}) })
		refuse("another leaf", func(r *journal.Receipt) {
			e := must(journal.Open(r.Leaf))
			e.Data = []byte(`{}`)
			r.Leaf = must(e.Leaf())
		})
		if n := len(r.Proof); n > 0 {
			j := rapid.IntRange(0, n-1).Draw(t, "hash")
			refuse("a hash changed", func(r *journal.Receipt) { r.Proof[j][31] ^= flip })
			refuse("a hash missing", func(r *journal.Receipt) { r.Proof = r.Proof[:n-1] })
			if n > 1 && j > 0 {
				refuse("hashes swapped", func(r *journal.Receipt) { r.Proof = swapped(r.Proof, j-1, j) })
			}
		}
		later := newBook(int(b.tree.Size()))
		later.add(nil)
		refuse("a later checkpoint", func(r *journal.Receipt) { r.Checkpoint = later.signed() })
	})
}

// TestReceiptSmall goes through every place of every small journal.
func TestReceiptSmall(t *testing.T) {
	b := newBook(0)
	for range 40 {
		b.add(nil)
		for i := range b.tree.Size() {
			r := b.receipt(i)
			wants(t, fmt.Sprint(i+1, " of ", b.tree.Size()), r.Verify(origin, b.known), "")
			if len(r.Proof) > 0 && i^1 < b.tree.Size() {
				r.Leaf = b.leaves[i^1] // its sibling
				wants(t, "sibling", r.Verify(origin, b.known), "不符")
				r.Index = i ^ 1
				wants(t, "sibling in its own place", r.Verify(origin, b.known), "证明不成立")
			}
		}
	}
}

func TestReceiptOrigins(t *testing.T) {
	b := newBook(3)
	r := b.receipt(1)
	wants(t, "another origin", r.Verify("zhaoshang.example/spring", b.known), "另一本日志")
	_, key, _ := journal.NewSigner(origin, [32]byte{7})
	wants(t, "another key", r.Verify(origin, must(journal.Trust(key))), "没有可信密钥")
	wants(t, "no key", r.Verify(origin, nil), "没有可信密钥")
}

func TestReceiptWithoutLeaf(t *testing.T) {
	b := newBook(9)
	r := b.receipt(4)
	leaf := r.Leaf
	r.Leaf = nil
	if bytes.Contains(r.Text(), []byte("extra")) {
		t.Error("an extra line without a leaf")
	}
	r = must(journal.ParseReceipt(r.Text()))
	wants(t, "without leaf", r.Verify(origin, b.known), "不是日志条目")
	r.Leaf = leaf
	wants(t, "leaf put back", r.Verify(origin, b.known), "")
}

func TestParseReceiptRefuses(t *testing.T) {
	text := string(newBook(9).receipt(4).Text())
	extra := strings.Split(text, "\n")[1]
	hash := tlog.Hash{1}.String()
	tests := map[string]string{
		"empty":              "",
		"another head":       strings.Replace(text, "@v1", "@v2", 1),
		"CRLF":               strings.ReplaceAll(text, "\n", "\r\n"),
		"line before":        "\n" + text,
		"index missing":      strings.Replace(text, "index 4\n", "", 1),
		"index negative":     strings.Replace(text, "index 4", "index -4", 1),
		"index with zero":    strings.Replace(text, "index 4", "index 04", 1),
		"index with space":   strings.Replace(text, "index 4", "index 4 ", 1),
		"index 2^62":         strings.Replace(text, "index 4", "index 4611686018427387904", 1),
		"index 2^63":         strings.Replace(text, "index 4", "index 9223372036854775808", 1),
		"index 2^64":         strings.Replace(text, "index 4", "index 18446744073709551620", 1),
		"extra after index":  strings.Replace(text, extra+"\nindex 4\n", "index 4\n"+extra+"\n", 1),
		"extra empty":        strings.Replace(text, extra, "extra ", 1),
		"extra twice":        strings.Replace(text, extra, extra+"\n"+extra, 1),
		"extra not base64":   strings.Replace(text, extra, "extra !", 1),
		"extra with CR":      strings.Replace(text, extra, extra[:20]+"\r"+extra[20:], 1),
		"hash short":         strings.Replace(text, "index 4\n", "index 4\nAAAA\n", 1),
		"hash loose":         strings.Replace(text, "index 4\n", "index 4\n"+hash[:42]+"B=\n", 1),
		"hash with space":    strings.Replace(text, "index 4\n", "index 4\n"+hash+" \n", 1),
		"64 hashes":          strings.Replace(text, "index 4\n", "index 4\n"+strings.Repeat(hash+"\n", 64), 1),
		"a million hashes":   strings.Replace(text, "index 4\n", "index 4\n"+strings.Repeat(hash+"\n", 300_000), 1),
		"no checkpoint":      text[:strings.Index(text, "\n\n")+2],
		"no empty line":      strings.Replace(text, "\n\n", "\n", 1),
		"two empty lines":    strings.Replace(text, "\n\n", "\n\n\n", 1), // read as a checkpoint that begins empty
		"longer than any":    text + strings.Repeat("A", 2*journal.MaxLeaf),
		"checkpoint too big": text + strings.Repeat("A", 1<<17),
	}
	b := newBook(9)
	for name, text := range tests {
		r, err := journal.ParseReceipt([]byte(text))
		if err == nil {
			err = r.Verify(origin, b.known)
		}
		if err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	for n := range text {
		if r, err := journal.ParseReceipt([]byte(text[:n])); err == nil && r.Verify(origin, b.known) == nil {
			t.Errorf("taken when cut off after %d bytes", n)
		}
	}
}

// TestReceiptHostile signs what no journal is, and so goes behind the signature.
func TestReceiptHostile(t *testing.T) {
	leaf := newBook(1).leaves[0]
	for _, size := range []string{"0", "1", "2", "1099511627776", "1099511627777", "4611686018427387903", "4611686018427387904", "4611686018427387905", "9223372036854775807", "9223372036854775808", "-1", "-9223372036854775808"} {
		for _, index := range []int64{0, 1, -1, 1<<40 - 1, 1 << 40, 1 << 62, 1<<63 - 1, -1 << 63} {
			for _, hashes := range []int{0, 1, 39, 40, 41, 62, 63, 64, 1000} {
				r := &journal.Receipt{
					Leaf: leaf, Index: index, Proof: make(tlog.RecordProof, hashes),
					Checkpoint: forge(origin + "\n" + size + "\n" + base64.StdEncoding.EncodeToString(make([]byte, 32)) + "\n"),
				}
				if r.Verify(origin, gullible{origin}) == nil {
					t.Errorf("size %s index %d with %d hashes: holds", size, index, hashes)
				}
			}
		}
	}
}
