package journal

import (
	"bytes"
	"errors"
	"strconv"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A Consistency shows that a later checkpoint only added to an earlier one: it
// is what a witness asks for before it co-signs, and what the holder of an old
// checkpoint asks for to see that history was not rewritten.
type Consistency struct {
	Old        int64          // size of the earlier checkpoint
	Proof      tlog.TreeProof // from [Tree.Extends]
	Checkpoint []byte         // the later one, as signed
}

// Text writes the proof as the request that witnesses take (C2SP tlog-witness,
// add-checkpoint): the line "old N", hashes in base64 one a line, an empty
// line, the later checkpoint.
func (c *Consistency) Text() []byte {
	var b bytes.Buffer
	b.WriteString("old " + strconv.FormatInt(c.Old, 10) + "\n")
	writePath(&b, c.Proof, c.Checkpoint)
	return b.Bytes()
}

// ParseConsistency reads what [Consistency.Text] writes, and nothing else.
func ParseConsistency(text []byte) (*Consistency, error) {
	c, ok := &Consistency{}, false
	if c.Old, c.Proof, c.Checkpoint, ok = readPath[tlog.TreeProof]("old ", text); !ok || !bytes.Equal(c.Text(), text) {
		return nil, errors.New("延续证明的写法不对：应依次是旧条数、摘要每行一个、空行、检查点")
	}
	return c, nil
}

// Verify checks that the later checkpoint extends the earlier, which the caller
// already trusts, and returns the later one to be trusted next.
func (c *Consistency) Verify(old Checkpoint, known note.Verifiers) (Checkpoint, error) {
	later, err := ParseCheckpoint(c.Checkpoint, old.Origin, known)
	if err != nil {
		return Checkpoint{}, err
	}
	switch {
	case c.Old != old.Size:
		return Checkpoint{}, errors.New("延续证明从另一个检查点算起")
	case old.Size < 0 || later.Size < old.Size:
		return Checkpoint{}, errors.New("检查点倒退了：条数比以前少")
	case len(c.Proof) > maxPath || !extends(c.Proof, old.Mark(), later.Mark()):
		return Checkpoint{}, errors.New("证明不成立：日志在旧检查点之前的内容被改写过")
	}
	return later, nil
}

func extends(proof tlog.TreeProof, old, later Mark) bool {
	if old.Size == 0 {
		return len(proof) == 0 && old.Root == empty && (later.Size > 0 || later.Root == empty)
	}
	return tlog.CheckTree(proof, later.Size, later.Root, old.Size, old.Root) == nil
}
