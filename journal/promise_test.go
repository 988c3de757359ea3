package journal_test

import (
	"bytes"
	"os"
	"testing"

	"qiaomen/journal"
)

// TestPromise holds the bytes of leaf, checkpoint, receipt and export. People
// keep them for years: a difference here is not to be accepted but a new
// version of the form. The files are the examples of docs/verify.
func TestPromise(t *testing.T) {
	const leaf = `{"v":1,"installation":"f3c1a2","journal":"shuangyashan-winter-2023","position":2,` +
		`"at":"2024-01-15T08:30:01.500000Z","person":"p-17","account":"a-4","grant":3,"key":"k-0","event":"record_submitted","version":1,` +
		`"data":{"id":"jixian-1","name":"集贤县“某”项目\n二期","amount":1.5,"none":null},` +
		`"previous":"b97a7f060e6bad27353dbe6ff2f92f83846234c2e87d60f48db75f1c4aba7b27","salt":"010000000000000000000000000000a5"}`
	b := newBook(5)
	if string(b.leaves[1]) != leaf {
		t.Errorf("leaf\n%s\nwant\n%s", b.leaves[1], leaf)
	}
	for name, got := range map[string][]byte{
		"example-leaf.json":       b.leaves[1],
		"example-checkpoint.txt":  b.signed(),
		"example.tlog-proof":      b.receipt(1).Text(),
		"example-consistency.txt": (&journal.Consistency{Old: 3, Proof: must(b.tree.Extends(3)), Checkpoint: b.signed()}).Text(),
		"example-journal.txt":     b.export(),
		"example-mark.txt":        b.checkpoint().Mark().Text(),
		"example-vkey.txt":        []byte(b.vkey + "\n"),
	} {
		name = verifyFolder + name
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(name, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is another (%v):\n%s", name, err, got)
		}
	}
}
