package blob_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"qiaomen"
	"qiaomen/blob"
)

func TestSafeName(t *testing.T) {
	long := strings.Repeat("双鸭山", 100)
	for name, want := range map[string]string{
		"现场.jpg": "现场.jpg", "a b.pdf": "a b.pdf", "": "未命名", ".": "未命名", "..": "未命名", "...": "未命名", "/": "未命名",
		"../../etc/passwd": "passwd", `..\..\boot.ini`: "boot.ini", `C:\照片\a.jpg`: "a.jpg", "/etc/": "未命名", `\\host\share\a`: "a",
		"a\x00b.jpg": "ab.jpg", "a\nb\tc.jpg": "a b c.jpg", "a\r\n.jpg": "a .jpg", "gpj\u202egpj.exe": "gpjgpj.exe", "\u2066a\u2069.jpg": "a.jpg",
		"a\u200b\u200d\ufeff.jpg": "a.jpg", "a\u00adb": "ab", "\ue000a": "a", "a\ufe0f": "a", "\xff\xfea.jpg": "a.jpg", "a\u3164.jpg": "a.jpg",
		"a.jpg.": "a.jpg", "a.jpg . .": "a.jpg", " a": "a", ".htaccess": "htaccess", "a\u3000b": "a b", "a\u2028b": "a b",
		"CON": "_CON", "con.txt": "_con.txt", "Aux .jpg": "_Aux .jpg", "nul": "_nul", "COM1.pdf": "_COM1.pdf", "lpt9": "_lpt9", "COM¹": "_COM¹", "COM10": "COM10",
		"CONIN$": "_CONIN$", "concert.jpg": "concert.jpg", `a<b>c:d"e|f?g*h.jpg`: "a_b_c_d_e_f_g_h.jpg", "%2e%2e%2fa": "%2e%2e%2fa", "a;b'c&d": "a;b'c&d",
		long + ".jpg": strings.Repeat("双鸭山", 21) + "双鸭.jpg", strings.Repeat("a", 4096): strings.Repeat("a", 200), "con." + strings.Repeat("a", 300): "_con." + strings.Repeat("a", 195),
		"a." + long: "a." + long[:198],
	} {
		got := blob.SafeName(name)
		if got != want {
			t.Errorf("SafeName(%q) = %q, want %q", name, got, want)
		}
		holdName(t, got)
	}
}

// holdName says what every safe name is.
func holdName(t *testing.T, name string) {
	t.Helper()
	bad := strings.ContainsFunc(name, func(r rune) bool {
		return strings.ContainsRune(`/\<>:"|?*`, r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError
	})
	if bad || name == "" || len(name) > 200 || !utf8.ValidString(name) || strings.Trim(name, ". ") != name {
		t.Errorf("%q is not safe", name)
	}
	if again := blob.SafeName(name); again != name {
		t.Errorf("SafeName(%q) = %q", name, again)
	}
}

func FuzzSafeName(f *testing.F) {
	for _, name := range []string{"现场.jpg", "../con.txt", "a\u202eb", strings.Repeat("长", 90) + ".jpg", "aux . . .b"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) { holdName(t, blob.SafeName(name)) })
}

func TestDigest(t *testing.T) {
	d := blob.Digest{0xab, 1}
	if back, err := blob.ParseDigest(d.String()); err != nil || back != d {
		t.Errorf("%v, %v", back, err)
	}
	var back struct{ D blob.Digest }
	if text, err := json.Marshal(struct{ D blob.Digest }{d}); err != nil || json.Unmarshal(text, &back) != nil || back.D != d {
		t.Errorf("%s, %v, %v", text, back, err)
	}
	whole := d.String()
	for _, bad := range []string{
		"", "ab", whole[1:], whole + "0", strings.ToUpper(whole), whole[:62] + "/.", "../" + whole[3:], whole[:63] + "g", whole[:63] + "\x00", strings.Repeat("０", 64)[:64],
	} {
		if _, err := blob.ParseDigest(bad); err == nil {
			t.Errorf("%q is taken for a digest", bad)
		}
	}
}

// TestFormats holds the table of formats and limits that people are told.
func TestFormats(t *testing.T) {
	want := "jpeg image/jpeg 20 .jpg .jpeg .jpe .jfif|png image/png 20 .png|webp image/webp 20 .webp|heic image/heic 20 .heic .heif .hif|" +
		"pdf application/pdf 50 .pdf|docx application/vnd.openxmlformats-officedocument.wordprocessingml.document 20 .docx|" +
		"xlsx application/vnd.openxmlformats-officedocument.spreadsheetml.sheet 20 .xlsx|mp4 video/mp4 200 .mp4 .m4v"
	var got []string
	for _, f := range blob.Formats() {
		got = append(got, fmt.Sprint(string(f), " ", f.MediaType(), " ", blob.Standard.Bytes(f)>>20, " ", strings.Join(f.Extensions(), " ")))
		if f.Name() == "" {
			t.Errorf("%s has no name", f)
		}
	}
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("got %s\nwant %s", s, want)
	}
	if n := blob.Standard.Bytes("exe"); n != 0 {
		t.Errorf("%d bytes of what is no format", n)
	}
}

// TestTooLarge: for each format the sentence says how much is taken.
func TestTooLarge(t *testing.T) {
	limits := blob.Limits{Image: 100, PDF: 2 << 10, Office: 1<<20 + 1<<19, Video: 1 << 20}
	f, _ := open(t, blob.Options{Limits: limits})
	for head, says := range map[string]string{
		"\xff\xd8\xff": "最多 100 字节", "%PDF-": "最多 2 KB", "PK\x03\x04": "最多 1.5 MB", "\x00\x00\x00\x10ftypisom": "最多 1 MB",
	} {
		_, err := f.Put(t.Context(), &counter{head: []byte(head)}, blob.Sent{Name: "a"})
		if p, ok := errors.AsType[*qiaomen.Problem](err); !ok || !errors.Is(err, blob.ErrTooLarge) || !strings.HasSuffix(p.Text, says) || p.Fix == "" {
			t.Errorf("%v, want one saying %s", err, says)
		}
	}
}
