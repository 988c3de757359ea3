package journal

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A Checkpoint is what is signed: this journal had so many entries, and this
// root. Its text is that of C2SP tlog-checkpoint without extension lines.
type Checkpoint struct {
	Origin string // names the journal to the world, and the key that signs it
	Size   int64
	Root   tlog.Hash
}

// NewSigner makes the signer of a journal, and the key by which others check
// it, from the journal's origin and 32 secret random bytes.
func NewSigner(origin string, seed [ed25519.SeedSize]byte) (signer note.Signer, vkey string, err error) {
	if !isOrigin(origin) {
		return nil, "", errors.New("日志的名称只能是不超过128个的可见ASCII字符，不含空格、引号、反斜杠和加号")
	}
	public := ed25519.NewKeyFromSeed(seed[:]).Public().(ed25519.PublicKey)
	if vkey, err = note.NewEd25519VerifierKey(origin, public); err != nil {
		return nil, "", err
	}
	const ed25519Key = "\x01"
	named, _, _ := strings.Cut(vkey[len(origin)+1:], "+") // an origin has no plus
	secret := base64.StdEncoding.EncodeToString(append([]byte(ed25519Key), seed[:]...))
	signer, err = note.NewSigner("PRIVATE+KEY+" + origin + "+" + named + "+" + secret)
	return signer, vkey, err
}

// Trust makes, of public keys, what signatures are checked against.
func Trust(vkeys ...string) (note.Verifiers, error) {
	var list []note.Verifier
	for i, vkey := range vkeys {
		if slices.Contains(vkeys[:i], vkey) {
			continue // a key that is listed twice counts once
		}
		v, err := note.NewVerifier(vkey)
		if err != nil || !isOrigin(v.Name()) {
			return nil, errors.New("公钥的写法不对：应是“名称+编号+公钥”一行")
		}
		list = append(list, v)
	}
	return note.VerifierList(list...), nil
}

// Sign writes the checkpoint as a signed note.
func (c Checkpoint) Sign(s note.Signer) ([]byte, error) {
	switch {
	case s.Name() != c.Origin:
		return nil, fmt.Errorf("签名密钥属于%s，不能签%s的检查点", s.Name(), c.Origin)
	case !isOrigin(c.Origin) || c.Size < 0 || c.Size > MaxSize:
		return nil, errors.New("这样的检查点不能签")
	}
	return note.Sign(&note.Note{Text: c.text()}, s)
}

func (c Checkpoint) text() string {
	return c.Origin + "\n" + strconv.FormatInt(c.Size, 10) + "\n" + c.Root.String() + "\n"
}

// Mark is the checkpoint's size and root, for a [Verifier] to compare with.
func (c Checkpoint) Mark() Mark { return Mark{c.Size, c.Root} }

// ParseCheckpoint reads a signed checkpoint of one origin. The origin's own
// key must have signed it; further signatures, as of witnesses, are checked
// where their keys are known.
func ParseCheckpoint(text []byte, origin string, known note.Verifiers) (Checkpoint, error) {
	if len(text) > maxNote {
		return Checkpoint{}, errors.New("检查点太长")
	}
	n, err := note.Open(text, known)
	var unsigned *note.UnverifiedNoteError
	var forged *note.InvalidSignatureError
	switch {
	case errors.As(err, &unsigned):
		return Checkpoint{}, errors.New("检查点上没有可信密钥的签名")
	case errors.As(err, &forged):
		return Checkpoint{}, errors.New("检查点的签名不符：文字或签名被改过")
	case err != nil:
		return Checkpoint{}, errors.New("检查点的写法不对")
	}
	own := false
	for _, s := range n.Sigs {
		own = own || s.Name == origin
	}
	for _, s := range append(n.Sigs, n.UnverifiedSigs...) {
		if raw, err := base64.StdEncoding.Strict().DecodeString(s.Base64); err != nil || base64.StdEncoding.EncodeToString(raw) != s.Base64 {
			return Checkpoint{}, errors.New("检查点签名的写法不对")
		}
	}
	c, err := parseText(n.Text)
	switch {
	case err != nil:
		return Checkpoint{}, err
	case c.Origin != origin:
		return Checkpoint{}, errors.New("这是另一本日志的检查点")
	case !own:
		return Checkpoint{}, errors.New("检查点上没有日志自己的签名")
	}
	return c, nil
}

func parseText(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" || !isOrigin(lines[0]) {
		return Checkpoint{}, errors.New("检查点应是三行：名称、条数、根")
	}
	n, ok := size(lines[1])
	if !ok {
		return Checkpoint{}, errors.New("检查点的条数不对")
	}
	root, ok := hash(lines[2])
	if !ok {
		return Checkpoint{}, errors.New("检查点的根不对")
	}
	return Checkpoint{lines[0], n, root}, nil
}
