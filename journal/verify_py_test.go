package journal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	"qiaomen/journal"
)

const verifyFolder = "../docs/verify/"

// program finds a program of the machine; without it a laptop skips, CI fails.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("CI") == "" {
		t.Skipf("no %s here", name)
	} else if err != nil {
		t.Fatal(err)
	}
	return path
}

// second runs verify.py on a file and says whether it takes it.
func second(t *testing.T, what string, file []byte, args ...string) (bool, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, file, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program(t, "python3"), append([]string{verifyFolder + "verify.py", what, path}, args...)...)
	cmd.Env = append(os.Environ(), "PYTHONIOENCODING=utf-8", "PYTHONDONTWRITEBYTECODE=1")
	out, err := cmd.CombinedOutput()
	if strings.Contains(string(out), "Traceback") || err != nil && cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("verify.py fails: %v\n%s", err, out)
	}
	return err == nil, string(out)
}

// seconds runs verify.py on many files in one process, which is quicker, and
// returns of each its exit code and, from the next line on, what it said.
func seconds(t *testing.T, vkey string, n int, file func(i int) (what, text string)) []string {
	t.Helper()
	const script = `
import contextlib, io, sys, verify
for line in sys.stdin:
    what, path, vkey = line.split()
    sys.argv, said, code = ["verify.py", what, path, "--vkey", vkey], io.StringIO(), 0
    try:
        with contextlib.redirect_stdout(said):
            verify.main()
    except SystemExit as end:
        code = end.code
    print("\0%s\n%s" % (code, said.getvalue()), end="")
`
	folder := t.TempDir()
	var in strings.Builder
	for i := range n {
		what, text := file(i)
		path := filepath.Join(folder, strconv.Itoa(i))
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&in, what, path, vkey)
	}
	answers := strings.Split(python(t, script, in.String()), "\x00")[1:]
	if len(answers) != n {
		t.Fatalf("%d answers to %d files", len(answers), n)
	}
	return answers
}

// python runs a script that may import verify.
func python(t *testing.T, script, in string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program(t, "python3"), append([]string{"-c", script}, args...)...)
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "PYTHONIOENCODING=utf-8", "PYTHONPATH="+verifyFolder)
	cmd.Stdin, cmd.Stderr = strings.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestSecondVerifier gives sound and spoilt receipts and journals to verify.py.
func TestSecondVerifier(t *testing.T) {
	b := newBook(11)
	receipt, export := string(b.receipt(6).Text()), string(b.export())
	head, note, _ := strings.Cut(receipt, "\n\n")
	lines := strings.Split(head, "\n") // head, extra, index, hashes
	proof := func(lines ...string) string { return strings.Join(lines, "\n") + "\n\n" + note }
	rows := strings.SplitAfter(export, "\n")
	file := func(rows []string) string { return strings.Join(rows, "") }
	edit := func(s, old, with string) string {
		if !strings.Contains(s, old) {
			t.Fatalf("no %q", old)
		}
		return strings.Replace(s, old, with, 1)
	}
	resealed := newBook(4)
	resealed.add(func(e *journal.Entry) { e.At = "2024-01-15T08:00:00.000000Z" })
	backdated := string(resealed.leaves[4]) + "\n"
	_, strange, _ := journal.NewSigner(origin, [32]byte{8})
	leaf := func(r *journal.Receipt, i int) []byte { r.Leaf = b.leaves[i]; return r.Text() }

	tests := []struct{ name, what, text, says string }{
		{"receipt", "receipt", receipt, "回执成立：日志zhaoshang.example/winter第7条（共11条）"},
		{"receipt of the last", "receipt", string(b.receipt(10).Text()), "回执成立"},
		{"receipt of a journal of one", "receipt", string(newBook(1).receipt(0).Text()), "回执成立"},
		{"journal", "journal", export, "日志成立：zhaoshang.example/winter共11条"},
		{"empty journal", "journal", string(newBook(0).export()), "日志成立"},

		{"receipt: another head", "receipt", edit(receipt, "@v1", "@v2"), "不是存证回执"},
		{"receipt: another leaf", "receipt", string(leaf(b.receipt(6), 5)), "序号"},
		{"receipt: no leaf", "receipt", proof(slices.Delete(slices.Clone(lines), 1, 2)...), "没有条目"},
		{"receipt: another index", "receipt", edit(receipt, "index 6", "index 7"), "序号"},
		{"receipt: index beyond", "receipt", edit(receipt, "index 6", "index 11"), "序号"},
		{"receipt: index negative", "receipt", edit(receipt, "index 6", "index -6"), "写法"},
		{"receipt: index 2^62", "receipt", edit(receipt, "index 6", "index 4611686018427387904"), "写法"},
		{"receipt: hash missing", "receipt", proof(lines[:len(lines)-1]...), "证明"},
		{"receipt: hash too many", "receipt", proof(append(slices.Clone(lines), lines[3])...), "证明"},
		{"receipt: hashes swapped", "receipt", proof(swapped(lines, 3, 4)...), "证明不成立"},
		{"receipt: hash changed", "receipt", proof(append(slices.Clone(lines[:3]), append([]string{lines[4]}, lines[4:]...)...)...), "证明不成立"},
		{"receipt: a thousand hashes", "receipt", proof(append(slices.Clone(lines), slices.Repeat(lines[3:4], 1000)...)...), "写法"},
		{"receipt: size 0", "receipt", edit(receipt, "\n11\n", "\n0\n"), "序号"},
		{"receipt: size 2^63", "receipt", edit(receipt, "\n11\n", "\n9223372036854775808\n"), "检查点"},
		{"receipt: size 2^40", "receipt", edit(receipt, "\n11\n", "\n1099511627776\n"), "证明"},
		{"receipt: another origin", "receipt", edit(receipt, "\n"+origin, "\nother"), "另一本日志"},
		{"receipt: cut off", "receipt", receipt[:len(receipt)-1], "检查点"},

		{"journal: another head", "journal", edit(export, "journal/1", "journal/2"), "不是导出"},
		{"journal: another key", "journal", edit(export, b.vkey, strange), "公钥"},
		{"journal: size changed", "journal", edit(export, "\n11\n", "\n10\n"), "检查点签了10条"},
		{"journal: an entry changed", "journal", edit(export, "jixian-4", "jixian-5"), "第6条：与前一条接不上"},
		{"journal: the last changed", "journal", edit(export, "jixian-10", "jixian-11"), "各条算出的根"},
		{"journal: an entry deleted", "journal", file(slices.Delete(slices.Clone(rows), 9, 10)), "第3条：写的位置是4"},
		{"journal: an entry inserted", "journal", file(slices.Insert(slices.Clone(rows), 9, rows[8])), "第3条：写的位置是2"},
		{"journal: entries swapped", "journal", file(swapped(rows, 9, 10)), "第3条：写的位置是4"},
		{"journal: the last cut off", "journal", file(rows[:len(rows)-2]), "文件里有10条"},
		{"journal: cut in a line", "journal", export[:len(export)-9], "不完整"},
		{"journal: backdated", "journal", file(append(append(slices.Clone(rows[:11]), backdated), rows[12:]...)), "第5条：时间早于前一条"},
		{"journal: member twice", "journal", edit(export, `"none":null}`, `"none":null,"none":null}`), "重名"},
		{"journal: a space", "journal", edit(export, `"none":null}`, `"none": null}`), "第1条"},
		{"journal: an escape", "journal", edit(export, `jixian-2`, `j\u0069xian-2`), "第3条"},
		{"journal: a float", "journal", edit(export, `"amount":2.5`, `"amount":2.50`), "第3条：数据里的数字"},
		{"journal: another installation", "journal", edit(export, `"f3c1a2","journal":"shuangyashan-winter-2023","position":5`, `"f3c1a3","journal":"shuangyashan-winter-2023","position":5`), "第5条：属于别的"},
		{"journal: empty line", "journal", export + "\n", "文件里有12条"},
	}
	answers := seconds(t, b.vkey, len(tests), func(i int) (what, text string) { return tests[i].what, tests[i].text })
	for i, tt := range tests {
		took, out, _ := strings.Cut(answers[i], "\n")
		want := "1"
		if strings.Contains(tt.says, "成立：") || tt.says == "回执成立" || tt.says == "日志成立" {
			want = "0"
		}
		if took != want || !strings.Contains(out, tt.says) {
			t.Errorf("%s: exit %s, says %swant %q", tt.name, took, out, tt.says)
		}
	}

	alone := filepath.Join(t.TempDir(), "leaf")
	if err := os.WriteFile(alone, b.leaves[6], 0o644); err != nil {
		t.Fatal(err)
	}
	bare := []byte(proof(slices.Delete(slices.Clone(lines), 1, 2)...))
	if took, out := second(t, "receipt", bare, alone, "--vkey", b.vkey); !took {
		t.Errorf("with the leaf as a file: %s", out)
	}
	if took, out := second(t, "receipt", b.receipt(5).Text(), alone, "--vkey", b.vkey); took {
		t.Errorf("with another leaf as a file: %s", out)
	}
}

var command = regexp.MustCompile(`(?m)^openssl .*$`)

// TestOpenSSL runs the command line that verify.py prints, on good signatures and bad.
func TestOpenSSL(t *testing.T) {
	program(t, "openssl")
	b := newBook(11)
	check := func(name, what, text, vkey string, want bool) {
		t.Helper()
		folder := filepath.Join(t.TempDir(), "a folder")
		_, out := second(t, what, []byte(text), "--vkey", vkey, "--openssl", folder)
		line := command.FindString(out)
		if line == "" {
			t.Fatalf("%s: no command in %s", name, out)
		}
		if said, err := exec.Command("sh", "-c", line).CombinedOutput(); (err == nil) != want {
			t.Errorf("%s: %s says %s", name, line, said)
		}
	}
	receipt, export := string(b.receipt(6).Text()), string(b.export())
	check("receipt", "receipt", receipt, b.vkey, true)
	check("journal", "journal", export, b.vkey, true)
	check("size changed", "receipt", strings.Replace(receipt, "\n11\n", "\n12\n", 1), b.vkey, false)
	root := b.checkpoint().Root.String()
	check("root changed", "journal", strings.Replace(export, root, newBook(10).checkpoint().Root.String(), 1), b.vkey, false)
	at := strings.LastIndex(receipt, " ") + 20
	check("signature changed", "receipt", receipt[:at]+string(receipt[at]^1)+receipt[at+1:], b.vkey, false)
	signer, vkey, _ := journal.NewSigner(origin, [32]byte{8})
	stolen := b.receipt(6)
	stolen.Checkpoint = must(b.checkpoint().Sign(signer))
	check("another key, trusted", "receipt", string(stolen.Text()), vkey, true)
	if took, out := second(t, "receipt", stolen.Text(), "--vkey", b.vkey); took {
		t.Errorf("another key: %s", out)
	}
	stolen.Checkpoint = renumbered(stolen.Checkpoint, b.vkey)
	check("another key under the number of the trusted", "receipt", string(stolen.Text()), b.vkey, false)
}

// renumbered gives the signature of a checkpoint the number of another key.
func renumbered(checkpoint []byte, vkey string) []byte {
	at := bytes.LastIndexByte(checkpoint, ' ') + 1
	raw := must(base64.StdEncoding.DecodeString(strings.TrimSpace(string(checkpoint[at:]))))
	copy(raw, must(hex.DecodeString(strings.Split(vkey, "+")[1])))
	return append(bytes.Clone(checkpoint[:at]), base64.StdEncoding.EncodeToString(raw)+"\n"...)
}

// lax believes every signature of the right length by its own key, as verify.py does.
type lax struct{ note.Verifier }

func (lax) Verify(_, sig []byte) bool { return len(sig) == 64 }

// TestTwoVerifiers spoils leaves, receipts and journals in thousands of ways
// and asks both programs about each: they have to agree.
func TestTwoVerifiers(t *testing.T) {
	const script = `
import io, sys, verify
vkey, stdout = sys.argv[1], sys.stdout
for line in sys.stdin:
    what, text = line.split()
    text, answer, sys.stdout = bytes.fromhex(text), "1", io.StringIO()
    try:
        verify.open_leaf(text) if what == "leaf" else getattr(verify, "check_" + what)(text, None, vkey, None)
    except verify.Refused:
        answer = "0"
    print(answer, file=stdout)
`
	b := newBook(9)
	known := note.VerifierList(lax{must(note.NewVerifier(b.vkey))})
	var asked [][]byte
	var whats, answers []string
	ask := func(what string, text []byte) {
		var err error
		switch what {
		case "leaf":
			_, err = journal.Open(text)
		case "receipt":
			var r *journal.Receipt
			if r, err = journal.ParseReceipt(text); err == nil {
				err = r.Verify(origin, known)
			}
		case "journal":
			_, err = journal.ReadExport(bytes.NewReader(text), b.vkey, nil)
		}
		answer := "1"
		if err != nil && strings.Contains(err.Error(), "签名不符") {
			return // this is openssl's to see
		} else if err != nil {
			answer = "0"
		}
		asked, whats, answers = append(asked, text), append(whats, what), append(answers, answer)
	}
	rapid.Check(t, func(t *rapid.T) {
		leaf := must(drawEntry(t).Leaf())
		ask("leaf", leaf)
		for range 30 {
			ask("leaf", spoil(t, leaf))
		}
	})
	receipts := [][]byte{b.receipt(0).Text(), b.receipt(8).Text(), b.receipt(5).Text()}
	for _, r := range receipts { // a signature that is none, before the one that is
		at := bytes.LastIndex(r, []byte("— "))
		name := bytes.LastIndexByte(r, ' ')
		ask("receipt", slices.Concat(r[:at], r[at:name+5], []byte("\n"), r[at:]))
	}
	exports := [][]byte{b.export(), newBook(1).export(), newBook(0).export()}
	rapid.Check(t, func(t *rapid.T) {
		for range 10 {
			ask("receipt", spoil(t, rapid.SampledFrom(receipts).Draw(t, "receipt")))
			ask("journal", spoil(t, rapid.SampledFrom(exports).Draw(t, "export")))
		}
	})

	var in strings.Builder
	for i, text := range asked {
		fmt.Fprintf(&in, "%s %x\n", whats[i], text)
	}
	said := strings.Fields(python(t, script, in.String(), b.vkey))
	if len(said) != len(asked) {
		t.Fatalf("%d answers to %d questions", len(said), len(asked))
	}
	taken := 0
	for i, text := range asked {
		if said[i] != answers[i] {
			t.Errorf("%s: Go says %s, Python %s: %q", whats[i], answers[i], said[i], text)
		}
		if said[i] == "1" {
			taken++
		}
	}
	t.Logf("%d questions, %d taken by both", len(asked), taken)
}

// spoil changes a text a little: a byte, a piece, a word that means something to JSON.
func spoil(t *rapid.T, text []byte) []byte {
	text = bytes.Clone(text)
	at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
	switch rapid.IntRange(0, 4).Draw(t, "how") {
	case 0:
		text[at] = rapid.Byte().Draw(t, "byte")
	case 1:
		end := min(len(text), at+rapid.IntRange(1, 8).Draw(t, "length"))
		text = slices.Delete(text, at, end)
	case 2:
		end := min(len(text), at+rapid.IntRange(1, 60).Draw(t, "length"))
		text = slices.Insert(text, at, text[at:end]...)
	case 3:
		words := []string{" ", "\n", "\r", "\t", "\x00", "0", "1", ".0", "e1", "-", "+", ",", "\"", "\\", "\\u0041", "\\ud83d", "{", "}", "[]", "null", "NaN", "=", "敲", "\xff", "\u2028", "\u0085"}
		text = slices.Insert(text, at, []byte(rapid.SampledFrom(words).Draw(t, "word"))...)
	case 4:
		if lines := bytes.SplitAfter(text, []byte("\n")); len(lines) > 2 {
			i, j := rapid.IntRange(0, len(lines)-1).Draw(t, "i"), rapid.IntRange(0, len(lines)-1).Draw(t, "j")
			text = bytes.Join(swapped(lines, i, j), nil)
		}
	}
	return text
}
