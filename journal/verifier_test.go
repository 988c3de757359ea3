package journal_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"qiaomen/journal"
)

// TestVerifierFinds states what is said of each way to spoil a journal.
func TestVerifierFinds(t *testing.T) {
	b := newBook(8)
	seal := func(i int, change func(*journal.Entry)) []byte {
		e := must(journal.Open(b.leaves[i]))
		change(e)
		return must(e.Leaf())
	}
	with := func(i int, change func(*journal.Entry)) [][]byte {
		leaves := slices.Clone(b.leaves)
		leaves[i] = seal(i, change)
		return leaves
	}
	tests := []struct {
		name   string
		leaves [][]byte
		want   []string
	}{
		{"sound", b.leaves, nil},
		{"changed", with(3, func(e *journal.Entry) { e.Person = "p-18" }), []string{"第5条：与前一条接不上", "前8条与签名时的根不符"}},
		{"last changed", with(7, func(e *journal.Entry) { e.Person = "p-18" }), []string{"前8条与签名时的根不符"}},
		{"backdated", with(4, func(e *journal.Entry) { e.At = "2024-01-15T08:00:00.000000Z" }), []string{"第5条：时间2024-01-15T08:00:00.000000Z早于前一条的"}},
		{"another installation", with(2, func(e *journal.Entry) { e.Installation = "other" }), []string{"第3条：属于另一套系统：other"}},
		{"another journal", with(2, func(e *journal.Entry) { e.Journal = "audit" }), []string{"第3条：属于另一本日志：audit"}},
		{"not canonical", append(slices.Clone(b.leaves[:7]), append(b.leaves[7], ' ')), []string{"第8条：不是日志条目"}},
		{"deleted", slices.Delete(slices.Clone(b.leaves), 3, 5), []string{"第4条：写的位置是6，应是4：前面缺2条", "第4条：与前一条接不上", "签名时有8条，这里只有6条，缺第7条至第8条"}},
		{"cut off", b.leaves[:5], []string{"签名时有8条，这里只有5条，缺第6条至第8条"}},
		{"empty", nil, []string{"签名时有8条，这里只有0条"}},
		{"first deleted", b.leaves[1:], []string{"第1条：写的位置是2，应是1：前面缺1条"}},
		{"inserted", slices.Insert(slices.Clone(b.leaves), 4, b.leaves[3]), []string{"第5条：写的位置是4，应是5：重复、插入，或顺序被调换", "前8条与签名时的根不符"}},
		{"swapped", swapped(b.leaves, 4, 5), []string{"第5条：写的位置是6", "第6条：写的位置是5，应是7", "第7条：写的位置是7，应是6：前面缺1条"}},
	}
	for _, tt := range tests {
		err := b.walk(tt.leaves)
		if len(tt.want) == 0 {
			wants(t, tt.name, err, "")
		}
		for _, want := range tt.want {
			wants(t, tt.name, err, want)
		}
	}
}

// TestVerifierEveryByte changes every byte of a journal, in three ways.
func TestVerifierEveryByte(t *testing.T) {
	b := newBook(4)
	for i, leaf := range b.leaves {
		for at := range leaf {
			for _, flip := range []byte{0x01, 0x20, 0x80} {
				leaves := slices.Clone(b.leaves)
				leaves[i] = bytes.Clone(leaf)
				leaves[i][at] ^= flip
				if b.walk(leaves) == nil {
					t.Fatalf("entry %d byte %d: taken: %s", i+1, at, leaves[i])
				}
			}
		}
	}
}

// TestVerifierProperty spoils journals at random; every spoilt one is refused,
// even where all that follows was sealed anew so that the chain holds.
func TestVerifierProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 60).Draw(t, "size")
		b := newBook(n)
		if err := b.walk(b.leaves); err != nil {
			t.Fatal(err)
		}
		leaves := slices.Clone(b.leaves)
		i, j := rapid.IntRange(0, n-1).Draw(t, "i"), rapid.IntRange(0, n-1).Draw(t, "j")
		switch rapid.SampledFrom([]string{"byte", "swap", "delete", "insert", "reseal"}).Draw(t, "how") {
		case "byte":
			leaves[i] = bytes.Clone(leaves[i])
			leaves[i][rapid.IntRange(0, len(leaves[i])-1).Draw(t, "at")] ^= byte(rapid.IntRange(1, 255).Draw(t, "flip"))
		case "swap":
			if i == j {
				return
			}
			leaves = swapped(leaves, i, j)
		case "delete":
			leaves = slices.Delete(leaves, i, i+1)
		case "insert":
			leaves = slices.Insert(leaves, i, leaves[j])
		case "reseal":
			other := newBook(i)
			other.add(func(e *journal.Entry) { e.Data = []byte(`{"id":"other"}`) })
			for range n - i - 1 {
				other.add(nil)
			}
			leaves = other.leaves
		}
		if b.walk(leaves) == nil {
			t.Fatal("a spoilt journal is taken")
		}
	})
}

// TestVerifierRoots: every signed root on the way is compared, not the last only.
func TestVerifierRoots(t *testing.T) {
	b := newBook(0)
	marks := []journal.Mark{b.checkpoint().Mark()}
	for range 10 {
		b.add(nil)
		marks = append(marks, b.checkpoint().Mark(), b.checkpoint().Mark())
	}
	walk := func(leaves [][]byte, marks ...journal.Mark) error {
		v := journal.NewVerifier("", "", marks...)
		for _, leaf := range leaves {
			v.Add(leaf)
		}
		return v.Finish()
	}
	slices.Reverse(marks)
	wants(t, "all", walk(b.leaves, marks...), "")
	wants(t, "none", walk(b.leaves), "")
	wants(t, "none of nothing", walk(nil), "")
	for i := range marks {
		bad := slices.Clone(marks)
		bad[i].Root[5] ^= 1
		wants(t, "one", walk(b.leaves, bad...), "与签名时的根不符")
	}
	wants(t, "negative", walk(b.leaves, journal.Mark{Size: -5}), "条数不对")
	wants(t, "a mark ahead", walk(b.leaves, journal.Mark{Size: 12}), "缺第11条至第12条")

	// A fork signed with the stolen key: the database agrees with itself, not with an older mark.
	fork := newBook(5)
	fork.add(func(e *journal.Entry) { e.Data = []byte(`{}`) })
	wants(t, "fork", walk(fork.leaves, fork.checkpoint().Mark()), "")
	wants(t, "fork and mark", walk(fork.leaves, fork.checkpoint().Mark(), b.checkpoint().Mark()), "缺第7条至第10条")
}

// TestFaultsAreBounded: a ruin of ten thousand leaves is counted, not kept.
func TestFaultsAreBounded(t *testing.T) {
	v := journal.NewVerifier("", "")
	for range 10_000 {
		if v.Add([]byte("ruin")) == nil {
			t.Fatal("taken")
		}
	}
	var faults *journal.Faults
	if err := v.Finish(); !errors.As(err, &faults) || faults.Count != 10_000 || len(faults.Kept) != 100 {
		t.Fatalf("%v", err)
	}
	if text := faults.Error(); strings.Count(text, "\n") != 101 || !strings.HasPrefix(text, "存证日志有10000处问题") || !strings.HasSuffix(text, "……") {
		t.Error(text)
	}
}
