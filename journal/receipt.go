package journal

import (
	"bytes"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A Receipt is the signed answer to whoever entered something: this entry
// stands at this place under this checkpoint. It needs nothing of ours to be
// checked.
type Receipt struct {
	// Leaf is the entry. A receipt that is shown to others may be written
	// without it; it has to be put back before Verify.
	Leaf       []byte
	Index      int64 // from 0: the entry's position less one
	Proof      tlog.RecordProof
	Checkpoint []byte // as signed
}

const proofHead = "c2sp.org/tlog-proof@v1\n"

// Text writes the receipt as a C2SP tlog-proof, with the leaf as extra data.
func (r *Receipt) Text() []byte {
	var b bytes.Buffer
	b.WriteString(proofHead)
	if len(r.Leaf) > 0 {
		b.WriteString("extra " + base64.StdEncoding.EncodeToString(r.Leaf) + "\n")
	}
	b.WriteString("index " + strconv.FormatInt(r.Index, 10) + "\n")
	writePath(&b, r.Proof, r.Checkpoint)
	return b.Bytes()
}

// ParseReceipt reads what [Receipt.Text] writes, and nothing else. What the
// receipt says is only worth believing after Verify.
func ParseReceipt(text []byte) (*Receipt, error) {
	if len(text) > 2*MaxLeaf {
		return nil, errors.New("回执太长")
	}
	rest, ok := bytes.CutPrefix(text, []byte(proofHead))
	if !ok {
		return nil, errors.New("不是存证回执：第一行应是 " + strings.TrimSpace(proofHead))
	}
	r := &Receipt{}
	if after, has := bytes.CutPrefix(rest, []byte("extra ")); has {
		extra, more, _ := bytes.Cut(after, []byte("\n"))
		leaf, err := base64.StdEncoding.Strict().AppendDecode(nil, extra)
		if err != nil {
			return nil, errors.New("回执里的条目不是合格的base64")
		}
		r.Leaf, rest = leaf, more
	}
	if r.Index, r.Proof, r.Checkpoint, ok = readPath[tlog.RecordProof]("index ", rest); !ok || !bytes.Equal(r.Text(), text) {
		return nil, errors.New("回执的写法不对：应依次是序号、摘要每行一个、空行、检查点")
	}
	return r, nil
}

// Verify checks the receipt against the journal's origin and the keys that the
// holder trusts. What it cannot see is entries that came later, or a second
// journal shown to others: for these there are [Consistency] and witnesses.
func (r *Receipt) Verify(origin string, known note.Verifiers) error {
	c, err := ParseCheckpoint(r.Checkpoint, origin, known)
	if err != nil {
		return err
	}
	e, err := Open(r.Leaf)
	if err != nil {
		return err
	}
	switch {
	case r.Index < 0 || r.Index >= c.Size:
		return errors.New("回执的序号不在检查点之内")
	case e.Position != r.Index+1:
		return errors.New("回执的序号与条目里的位置不符")
	case len(r.Proof) > maxPath || tlog.CheckRecord(r.Proof, c.Size, c.Root, r.Index, LeafHash(r.Leaf)) != nil:
		return errors.New("证明不成立：这一条不在检查点所签的日志里")
	}
	return nil
}

// writePath and readPath are what receipts and consistency proofs have in
// common: hashes one a line, an empty line, a checkpoint.
func writePath(b *bytes.Buffer, path []tlog.Hash, checkpoint []byte) {
	for _, h := range path {
		b.WriteString(h.String() + "\n")
	}
	b.WriteString("\n")
	b.Write(checkpoint)
}

func readPath[Path ~[]tlog.Hash](word string, text []byte) (number int64, path Path, checkpoint []byte, ok bool) {
	head, checkpoint, _ := bytes.Cut(text, []byte("\n\n"))
	if len(checkpoint) == 0 || len(checkpoint) > maxNote || len(head) > 64+maxPath*45 {
		return 0, nil, nil, false
	}
	lines := strings.Split(string(head), "\n")
	digits, ok := strings.CutPrefix(lines[0], word)
	if !ok || len(lines)-1 > maxPath {
		return 0, nil, nil, false
	}
	if number, ok = size(digits); !ok {
		return 0, nil, nil, false
	}
	for _, line := range lines[1:] {
		h, ok := hash(line)
		if !ok {
			return 0, nil, nil, false
		}
		path = append(path, h)
	}
	return number, path, slices.Clone(checkpoint), true
}
