package backup_test

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"qiaomen"
	"qiaomen/backup"
	"qiaomen/blob/blobtest"
)

// An entry is one of an archive that a test takes apart.
type entry struct {
	tar.Header
	body []byte
}

// apart opens a backup with the key, as anybody who has it can.
func (p *place) apart(text []byte) (out []entry) {
	p.t.Helper()
	plain, err := age.Decrypt(bytes.NewReader(text), p.recovery)
	p.must(err)
	for r := tar.NewReader(plain); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		p.must(err)
		body, err := io.ReadAll(r)
		p.must(err)
		out = append(out, entry{*h, body})
	}
}

// together makes a backup of entries, with a trailer that fits where asked.
func (p *place) together(entries []entry, fits bool) []byte {
	p.t.Helper()
	var out bytes.Buffer
	w, err := age.Encrypt(&out, p.recovery.Recipient())
	p.must(err)
	sum, n := sha256.New(), 0
	archive := tar.NewWriter(w)
	for _, e := range entries {
		if e.Name == "trailer.json" && fits {
			var t map[string]any
			p.must(json.Unmarshal(e.body, &t))
			t["sha256"], t["entries"] = fmt.Sprintf("%x", sum.Sum(nil)), n
			e.body, err = json.Marshal(t)
			p.must(err)
			e.Size = int64(len(e.body))
		}
		fmt.Fprintf(sum, "%d %s %d\n", len(e.Name), e.Name, e.Size)
		sum.Write(e.body)
		n++
		p.must(archive.WriteHeader(&e.Header))
		_, err := archive.Write(e.body)
		p.must(err)
	}
	p.must(archive.Close())
	p.must(w.Close())
	return out.Bytes()
}

func (p *place) taken() []byte {
	p.t.Helper()
	_, err := p.report("winter", "r-1", p.photo(1))
	p.must(err)
	text, err := os.ReadFile(p.write().Path)
	p.must(err)
	return text
}

func plain(name, body string) entry {
	return entry{tar.Header{Name: name, Size: int64(len(body)), Mode: 0o600, Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}, []byte(body)}
}

// TestDamaged: a backup that is cut short or in which one bit is another is
// known as such, wherever that is.
func TestDamaged(t *testing.T) {
	p := newPlace(t, "sqlite")
	text := p.taken()
	if _, err := p.empty("sqlite").restore(text); err != nil {
		t.Fatal(err)
	}
	to := p.empty("sqlite")
	damaged := func(what string, text []byte) {
		t.Helper()
		_, err := to.restore(text)
		if _, is := errors.AsType[*qiaomen.Problem](err); !is {
			t.Errorf("%s: %v", what, err)
		}
		if names, _ := to.store.Journals(ctx); len(names) > 0 { // what was begun is thrown away
			to = p.empty("sqlite")
		}
	}
	for n := 0; n < len(text); n += max(1, len(text)/60) {
		damaged(fmt.Sprint("cut at ", n), text[:n])
		flipped := bytes.Clone(text)
		flipped[n] ^= 4
		damaged(fmt.Sprint("flipped at ", n), flipped)
	}
	damaged("without its last byte", text[:len(text)-1])
	damaged("with a byte more", append(bytes.Clone(text), 0))
	damaged("a picture", blobtest.Photo(1))
}

// TestKeys: another key opens nothing, and says so; the key is read as people
// write it.
func TestKeys(t *testing.T) {
	p := newPlace(t, "sqlite")
	text := p.taken()
	secret, _, err := backup.NewKey()
	p.must(err)
	other, err := backup.ParseKey(secret)
	p.must(err)
	if _, err := backup.Open(bytes.NewReader(text), other); err == nil || !strings.Contains(err.Error(), "打不开") {
		t.Error(err)
	}
	written := strings.ToLower(p.recovery.String())
	for _, form := range []string{written, "# made by age-keygen\n# public key: x\n" + p.recovery.String() + "\n", written[:20] + " " + written[20:40] + "\r\n" + written[40:]} {
		key, err := backup.ParseKey(form)
		p.must(err)
		if _, err := backup.Open(bytes.NewReader(text), key); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"", "x", p.recovery.Recipient().String(), written[:len(written)-1], strings.Replace(written, written[30:31], "q", 1) + "q"} {
		if _, err := backup.ParseKey(bad); err == nil {
			t.Errorf("%q is a key", bad)
		}
	}
}

// TestOtherInstallation: what was sealed elsewhere is not taken in, whatever the
// manifest says.
func TestOtherInstallation(t *testing.T) {
	p := newPlace(t, "sqlite")
	text := p.taken()
	other := newPlace(t, "sqlite")
	other.recovery = p.recovery
	if _, err := other.restore(text); err == nil || !strings.Contains(err.Error(), "接不上") {
		t.Error(err)
	}
	// The same installation by name, with another seed: its checkpoint gives it away.
	o := p.empty("sqlite")
	o.o.Seed[0]++
	forged := openPlace(t, fresh(t, o))
	forged.recovery = p.recovery
	if _, err := forged.restore(text); err == nil || !strings.Contains(err.Error(), "检查点") {
		t.Error(err)
	}
}

// TestForeign: an archive holds what an archive may, in its order, or nothing of
// it is restored; no name in it is ever a path.
func TestForeign(t *testing.T) {
	p := newPlace(t, "sqlite")
	whole := p.apart(p.taken())
	at := func(name string) int {
		for i, e := range whole {
			if strings.HasPrefix(e.Name, name) {
				return i
			}
		}
		t.Fatalf("no %s in the archive", name)
		return 0
	}
	with := func(i int, more ...entry) []entry {
		return append(append(append([]entry(nil), whole[:i]...), more...), whole[i:]...)
	}
	instead := func(i int, e entry) []entry {
		return append(append(append([]entry(nil), whole[:i]...), e), whole[i+1:]...)
	}
	without := func(i int) []entry { return append(append([]entry(nil), whole[:i]...), whole[i+1:]...) }
	link := plain("evidence/"+strings.Repeat("a", 64), "")
	link.Typeflag, link.Linkname = tar.TypeSymlink, "/etc/passwd"
	sparse := plain("evidence/"+strings.Repeat("a", 64), "")
	sparse.Format, sparse.PAXRecords = tar.FormatPAX, map[string]string{"X.sparse": "1"}
	photo := whole[at("evidence/")]
	swapped := photo
	swapped.body = blobtest.Photo(2)
	swapped.Size = int64(len(swapped.body))
	leaf := whole[at("journal/")]

	for what, entries := range map[string][]entry{
		"a path out":            with(at("evidence/"), plain("../../etc/cron.d/x", "x")),
		"a path out below":      with(at("evidence/"), plain("evidence/../../x", "x")),
		"an absolute path":      with(at("evidence/"), plain("/etc/x", "x")),
		"a path among secrets":  with(at("journal/"), plain("secret/../x", "x")),
		"a long secret":         with(at("journal/"), plain("secret/x", strings.Repeat("x", 2<<20))),
		"a link":                with(at("evidence/"), link),
		"a sparse file":         with(at("evidence/"), sparse),
		"a second manifest":     with(at("evidence/"), whole[0]),
		"an entry in between":   with(at("evidence/"), plain("note.txt", "x")),
		"an entry after":        append(append([]entry(nil), whole...), plain("note.txt", "x")),
		"no manifest":           without(0),
		"no settings":           without(1),
		"no journal":            without(at("journal/")),
		"no trailer":            without(len(whole) - 1),
		"a journal twice":       with(at("working/"), leaf),
		"another picture":       instead(at("evidence/"), swapped),
		"not packed":            instead(at("journal/"), plain(leaf.Name, "x")),
		"a wrong chunk":         instead(at("journal/"), plain("journal/0/000002.gz", "x")),
		"a wrong root":          instead(0, plain("manifest.json", strings.Replace(string(whole[0].body), `"root": "`, `"root": "AAAA`, 1))),
		"a wrong size":          instead(0, plain("manifest.json", strings.Replace(string(whole[0].body), `"size": 1`, `"size": 2`, 1))),
		"a huge size":           instead(0, plain("manifest.json", strings.Replace(string(whole[0].body), `"size": 1`, `"size": 4611686018427387904`, 1))),
		"a newer format":        instead(0, plain("manifest.json", strings.Replace(string(whole[0].body), "backup/1", "backup/2", 1))),
		"a working row of none": instead(at("working/"), plain(whole[at("working/")].Name, "x")),
	} {
		to := p.empty("sqlite")
		_, err := to.restore(p.together(entries, true))
		if _, is := errors.AsType[*qiaomen.Problem](err); !is {
			t.Errorf("%s: %v", what, err)
		}
		if left := files(t, filepath.Join(to.folder)); len(left) != 1 {
			t.Errorf("%s left %q", what, left)
		}
	}
	if _, err := p.empty("sqlite").restore(p.together(whole, true)); err != nil {
		t.Errorf("as it is: %v", err)
	}
	if _, err := p.empty("sqlite").restore(p.together(instead(1, plain("qiaomen.yaml", "other: x\n")), false)); err == nil || !strings.Contains(err.Error(), "摘要") {
		t.Errorf("other settings: %v", err)
	}
}

// TestHugeClaim: an entry that claims more than the file has, and one that grows
// when it is unpacked, are refused in little memory.
func TestHugeClaim(t *testing.T) {
	p := newPlace(t, "sqlite")
	whole := p.apart(p.taken())
	var out bytes.Buffer
	w, err := age.Encrypt(&out, p.recovery.Recipient())
	p.must(err)
	archive := tar.NewWriter(w)
	for _, e := range whole[:2] {
		p.must(archive.WriteHeader(&e.Header))
		_, err := archive.Write(e.body)
		p.must(err)
	}
	p.must(archive.WriteHeader(&tar.Header{Name: "journal/0/000001.gz", Size: 7 << 30, Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}))
	_, err = archive.Write([]byte("short"))
	p.must(err)
	p.must(w.Close())
	if _, err := p.empty("sqlite").restore(out.Bytes()); err == nil || !strings.Contains(err.Error(), "不该有") {
		t.Error(err)
	}
	for i, e := range whole {
		if strings.HasPrefix(e.Name, "journal/") {
			whole[i] = plain(e.Name, bomb(t, 1<<30))
		}
	}
	if _, err := p.empty("sqlite").restore(p.together(whole, true)); err == nil || !strings.Contains(err.Error(), "不完整或已损坏") {
		t.Error(err)
	}
}
