package backup

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"strings"

	"filippo.io/age"

	"qiaomen"
)

// NewKey makes a key: its secret half, which opens backups, and its public half,
// to which they are encrypted.
func NewKey() (secret, recipient string, err error) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return "", "", err
	}
	return key.String(), key.Recipient().String(), nil
}

// ParseKey reads the secret half of a key, as it stands on paper or in a file
// of age's own: blanks and small letters are no fault.
func ParseKey(text string) (age.Identity, error) {
	var found []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			found = append(found, line)
		}
	}
	key, err := age.ParseX25519Identity(strings.ToUpper(strings.Join(strings.Fields(strings.Join(found, "")), "")))
	if err != nil {
		return nil, &qiaomen.Problem{Text: "这不是一把恢复密钥，或者抄错了字", Fix: "密钥以 AGE-SECRET-KEY-1 开头，请一个字一个字核对"}
	}
	return key, nil
}

// ParseRecipient reads the public half of a key.
func ParseRecipient(text string) (age.Recipient, error) {
	r, err := age.ParseX25519Recipient(strings.TrimSpace(text))
	if err != nil {
		return nil, &qiaomen.Problem{Text: "恢复密钥的公开的一半写得不对", Fix: "应以 age1 开头，请照建库时的配置填写"}
	}
	return r, nil
}

// DrillKeyFile is what the drill key's file is called in a data folder. With it
// the machine opens the backups that it made itself, to try them. It is in no
// backup: who finds one has no key to it.
const DrillKeyFile = "drill.key"

// DrillKey reads the drill key of a file, and makes it where there is none and
// fresh asks for it.
func DrillKey(file string, fresh bool) (*age.X25519Identity, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) && fresh {
		key, err := age.GenerateX25519Identity()
		if err != nil {
			return nil, err
		}
		return key, os.WriteFile(file, []byte(key.String()+"\n"), 0o600)
	} else if err != nil {
		return nil, err
	}
	key, err := age.ParseX25519Identity(string(bytes.TrimSpace(text)))
	if err != nil {
		return nil, &qiaomen.Problem{Text: "演练密钥的文件坏了", Fix: "请删掉它，下一次备份会另做一把；以前的备份要用恢复密钥打开"}
	}
	return key, nil
}

// Seed reads the ledger's signing seed, as its file has it: 64 hexadecimal
// digits.
func Seed(text []byte) (seed [ed25519.SeedSize]byte, err error) {
	raw, err := hex.DecodeString(string(bytes.TrimSpace(text)))
	if err != nil || len(raw) != len(seed) {
		return seed, damaged("缺少签名密钥的种子", err)
	}
	return [ed25519.SeedSize]byte(raw), nil
}
