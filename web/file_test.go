package web_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/blob/blobtest"
	"qiaomen/office"
	"qiaomen/web"
)

// spooled gives the doors a folder for what is not done with.
func spooled(folder string) func(*web.Options) {
	return func(o *web.Options) { o.Spool = folder }
}

// filesWorld is a world whose doors take uploads and imports.
func filesWorld(t testing.TB, engine string) *world {
	folder := filepath.Join(t.TempDir(), "spool")
	w := newWorld(t, engine, qiaomen.SmallOffice, spooled(folder))
	w.kept = folder
	return w
}

// keep uploads a file.
func (c *client) keep(name string, data []byte) *answered {
	c.w.t.Helper()
	return c.post(inWinter("/files")+query("name", name, "type", "contract"), data)
}

func (a *answered) evidence() (e qiaomen.Evidence) {
	a.t.Helper()
	a.ok().into(&e)
	return e
}

// reportWith reports a project with a file behind it.
func (c *client) reportWith(unit, name string, e qiaomen.Evidence) string {
	c.w.t.Helper()
	body := project(unit, name)
	body["evidence"] = []qiaomen.Evidence{e}
	return c.post(inWinter("/records"), body).id()
}

// left is the files below the evidence that are neither originals nor views.
func (w *world) left(folders ...string) (out []string) {
	w.t.Helper()
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(w.folder, folder), func(path string, e os.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				out = append(out, path)
			}
			if errors.Is(err, os.ErrNotExist) {
				return nil
			}
			return err
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return out
}

// nothingLeft asks that no temporary file stays; views may be being made.
func (w *world) nothingLeft() {
	w.t.Helper()
	left := w.left("temporary")
	for range 50 {
		if len(left) == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
		left = w.left("temporary")
	}
	w.t.Errorf("left behind: %v", left)
}

// TestFiles: what is sent in a body is kept, named in a record, and comes back
// as it was.
func TestFiles(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		w := filesWorld(t, engine)
		c := w.as("jixian-reporter")
		photo := blobtest.Photo(7)
		e := c.keep("合同.jpg", photo).is(http.StatusCreated).evidence()
		if e.Type != "contract" || e.Name != "合同.jpg" || e.Size != int64(len(photo)) || e.Format != "jpeg" {
			t.Errorf("%+v", e)
		}
		id := c.reportWith("jixian", "示例风电装备制造项目", e)
		at := inWinter("/records/" + id + "/evidence/" + e.Digest)
		got := c.get(at).is(http.StatusOK)
		if !bytes.Equal(got.body, photo) {
			t.Error("other bytes came back")
		}
		for name, want := range map[string]string{
			"Content-Type": "image/jpeg", "X-Content-Type-Options": "nosniff", "Etag": `"` + e.Digest + `"`,
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
		} {
			if got.header.Get(name) != want {
				t.Errorf("%s: %q", name, got.header.Get(name))
			}
		}
		if part := c.get(at, "Range", "bytes=10-19").is(http.StatusPartialContent); !bytes.Equal(part.body, photo[10:20]) || part.header.Get("Content-Range") != fmt.Sprintf("bytes 10-19/%d", len(photo)) {
			t.Errorf("a range: %v", part.header)
		}
		c.get(at, "Range", "bytes=999999999-").is(http.StatusRequestedRangeNotSatisfiable)
		c.get(at, "If-None-Match", `"`+e.Digest+`"`).is(http.StatusNotModified)
		if head := c.do("HEAD", at, nil).is(http.StatusOK); len(head.body) > 0 || head.header.Get("Content-Length") != fmt.Sprint(len(photo)) {
			t.Errorf("HEAD: %v", head.header)
		}
		for _, size := range []string{"/view", "/thumbnail"} {
			got := c.get(at + size).is(http.StatusOK)
			if got.header.Get("Content-Type") != "image/jpeg" || !strings.HasPrefix(got.header.Get("Content-Disposition"), "inline;") || !bytes.HasPrefix(got.body, []byte("\xff\xd8\xff")) {
				t.Errorf("%s: %v", size, got.header)
			}
		}
		w.as("youyi-reporter").get(at).is(http.StatusNotFound)
		w.as("youyi-reporter").get(at + "/view").is(http.StatusNotFound)
		w.stranger().get(at).is(http.StatusUnauthorized)
		c.get(inWinter("/records/" + id + "/evidence/" + strings.Repeat("0", 64))).is(http.StatusNotFound)
		w.stranger().post(inWinter("/files")+"?name=a.jpg", photo).is(http.StatusUnauthorized)
		c.post("/campaigns/nowhere/files?name=a.jpg", photo).is(http.StatusNotFound)
		if w.as("handler").post("/files?name=a.jpg", photo).evidence().Digest != e.Digest {
			t.Error("the installation takes no files")
		}

		plan := c.keep("方案.pdf", blobtest.Paper("plan")).evidence()
		plan.Type = ""
		c.post(inWinter("/papers-handed-in"), map[string]any{
			"unit": "jixian", "for": []map[string]string{{"duty": "plan"}}, "papers": []qiaomen.Evidence{plan},
			"items": map[string]string{"招商对象": "示例", "活动事项": "示例", "责任人": "示例", "招商小组": "示例"},
		}).ok()
		paper := inWinter("/papers-handed-in/" + plan.Digest)
		if got := c.get(paper + query("unit", "jixian", "duty", "plan")).is(http.StatusOK); !bytes.Equal(got.body, blobtest.Paper("plan")) {
			t.Error("another paper")
		}
		w.as("youyi-reporter").get(paper + query("unit", "jixian", "duty", "plan")).is(http.StatusNotFound)
	})
}

// hostileFiles (asvs 5.2.2, 5.2.3, 5.2.6, 5.3.3, 5.4.3; F20, F23, F25, F26):
// three hundred files, over HTTP. What is refused is refused soon, with a reason
// and what to do, and leaves nothing.
func hostileFiles(t *testing.T) {
	w := filesWorld(t, "sqlite")
	c := w.as("jixian-reporter")
	all := blobtest.Corpus()
	if len(all) < 300 {
		t.Fatalf("%d files", len(all))
	}
	kept := 0
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for what, s := range all {
		begun := time.Now()
		a := c.keep(s.Name, s.Content)
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("%s took %s", what, took)
		}
		if s.Why == nil {
			if kept++; a.status != http.StatusCreated {
				t.Errorf("%s: %d %s", what, a.status, a.body)
			}
			continue
		}
		want := http.StatusUnprocessableEntity
		if errors.Is(s.Why, blob.ErrTooLarge) && strings.Contains(s.Says, "最多") {
			want = http.StatusRequestEntityTooLarge
		}
		p := a.problem()
		if a.status != want || p.Title == "" || p.Detail == "" || !strings.Contains(p.Title, s.Says) {
			t.Errorf("%s: %d %s", what, a.status, a.body)
		}
		if errors.Is(s.Why, blob.ErrHarmful) {
			if !strings.Contains(p.Title, "隔离") {
				t.Errorf("%s: %s", what, a.body)
			}
		}
	}
	w.nothingLeft()
	if len(w.left("quarantine")) == 0 {
		t.Error("nothing harmful was held apart")
	}
	runtime.ReadMemStats(&after)
	t.Logf("%d files, %d kept, %d MB allocated in all", len(all), kept, (after.TotalAlloc-before.TotalAlloc)>>20)
	c.keep("合同.jpg", blobtest.Photo(3)).is(http.StatusCreated) // and it goes on
}

// oddNames (asvs 5.3.2, 5.4.1, 5.4.2; F24): a name is a name, and nothing
// else; it comes back well-formed.
func oddNames(t *testing.T) {
	w := filesWorld(t, "sqlite")
	c := w.as("jixian-reporter")
	outside := w.tree()
	names := []string{
		"../../../../etc/passwd.jpg", `..\..\windows\system32\a.jpg`, "%2e%2e%2fa.jpg", "..%252f..%252fa.jpg", "/etc/passwd.jpg", `C:\boot.jpg`, `\\server\share\a.jpg`, "CON.jpg", "nul.jpg", "LPT1.jpg",
		"a.jpg. . .", "...jpg.jpg", ".jpg.jpg", " .jpg", strings.Repeat("长", 300) + ".jpg", strings.Repeat("a", 4000) + ".jpg", "a\u202egpj.jpg", "\u200b.jpg", "合同（终稿）.jpg", `"quoted".jpg`,
		"a;b=c.jpg", "a\r\nSet-Cookie: x=1\r\n\r\n.jpg", "a\nb.jpg", "a\tb.jpg", "<script>.jpg", "a'b.jpg", "a%00b.jpg", "𠮷野.jpg", "a\\b.jpg", "*?|.jpg", "名 称.jpg", "é.jpg", "a+b.jpg", "a&b=c.jpg", "$(id).jpg", "`id`.jpg",
		"~root.jpg", "-rf.jpg", "file://a.jpg", "a/./b/../c.jpg", "a::$DATA.jpg", "aux.c.jpg", "com¹.jpg", "\ufeffa.jpg", "a\u2028b.jpg", "😀.jpg", "a.jpg/", "..", ".", "a", "", "%", "%zz.jpg", "{0}.jpg", "a#b.jpg", "a?b.jpg", "中\u0301.jpg",
		"=cmd|calc.jpg", "@a.jpg", "a,b.jpg",
	}
	if len(names) < 60 {
		t.Fatalf("%d names", len(names))
	}
	form := regexp.MustCompile(`^attachment; filename="[ !#-\[\]-~]+"; filename\*=UTF-8''[0-9A-Za-z._~%()*'!-]+$`)
	for i, name := range names {
		photo := blobtest.Photo(100 + i)
		a := c.keep(name, photo)
		if a.status != http.StatusCreated {
			t.Errorf("%q: %d %s", name, a.status, a.body)
			continue
		}
		e := a.evidence()
		id := c.reportWith("jixian", fmt.Sprintf("示例文件名项目%d", i), e)
		got := c.get(inWinter("/records/" + id + "/evidence/" + e.Digest)).is(http.StatusOK)
		header := got.header.Values("Content-Disposition")
		if len(header) != 1 || !form.MatchString(header[0]) || got.header.Get("Set-Cookie") != "" {
			t.Errorf("%q: %q", name, header)
			continue
		}
		_, params, err := mime.ParseMediaType(header[0])
		if err != nil || params["filename"] != e.Name || e.Name != blob.SafeName(name) {
			t.Errorf("%q came back as %q, kept as %q: %v", name, params["filename"], e.Name, err)
		}
	}
	for _, path := range w.tree() {
		if !contains(outside, path) && !regexp.MustCompile(`(/originals/[0-9a-f]{2}/[0-9a-f]{62}|/derived/[0-9a-f]{2}/[0-9a-f]{62}\.\w+)$`).MatchString(path) && !strings.Contains(path, "/originals/") && !strings.Contains(path, "/derived/") {
			t.Errorf("made %s", path)
		}
	}
	c.post(inWinter("/files")+"?name=a%00.jpg", blobtest.Photo(1)).is(http.StatusUnprocessableEntity)
	c.post(inWinter("/files")+"?name=a&name=b", blobtest.Photo(1)).is(http.StatusUnprocessableEntity)
	c.post(inWinter("/files")+"?name=%ff.jpg", blobtest.Photo(1)).is(http.StatusUnprocessableEntity)
}

func contains(all []string, one string) bool {
	for _, x := range all {
		if x == one {
			return true
		}
	}
	return false
}

// tree is every file around the evidence.
func (w *world) tree() (out []string) {
	w.t.Helper()
	err := filepath.WalkDir(filepath.Dir(w.folder), func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			out = append(out, filepath.ToSlash(path))
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// uploadsAreInert (asvs 5.3.1): whatever a browser might run is refused, and
// what is kept comes back as something to be saved, under a name of ours.
func uploadsAreInert(t *testing.T) {
	w := filesWorld(t, "sqlite")
	c := w.as("jixian-reporter")
	for name, content := range map[string]string{
		"a.php": "<?php system('id'); ?>", "a.html": "<html><script>alert(1)</script></html>", "a.svg": `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`,
		"a.js": "alert(1)", "a.jsp": "<% out.print(1) %>", "a.exe": "MZ\x90\x00", "a.sh": "#!/bin/sh\nid\n", "a.hta": "<hta:application>", "a.xml": "<?xml version='1.0'?><a/>",
	} {
		if p := c.keep(name, []byte(content)).is(http.StatusUnprocessableEntity).problem(); p.Detail == "" {
			t.Errorf("%s: %+v", name, p)
		}
	}
	script := blobtest.Letter("a</w:t><script>alert(1)</script><w:t>")
	e := c.keep("说明.docx", script).evidence()
	id := c.reportWith("jixian", "示例脚本项目", e)
	got := c.get(inWinter("/records/" + id + "/evidence/" + e.Digest)).ok()
	if kind := got.header.Get("Content-Type"); kind != blob.DOCX.MediaType() || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment;") ||
		!strings.Contains(got.header.Get("Content-Security-Policy"), "sandbox") || got.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%v", got.header)
	}
}

// endless is a body that never ends, and counts what is taken of it.
type endless struct {
	head []byte
	mu   sync.Mutex
	n    int64
}

func (e *endless) Read(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := copy(p, e.head)
	e.head = e.head[n:]
	clear(p[n:])
	e.n += int64(len(p))
	return len(p), nil
}

func (e *endless) taken() int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.n
}

// hugeUploads (asvs 5.2.1; F18): a body that says it is too large is refused
// at once; one that does not say is cut off at the limit; nothing of it is left.
func hugeUploads(t *testing.T) {
	w := filesWorld(t, "sqlite")
	c := w.as("jixian-reporter")
	send := func(name string, length int64, body io.Reader) (status int, text string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), "POST", w.url+web.Prefix+inWinter("/files")+query("name", name), io.NopCloser(body))
		if err != nil {
			t.Fatal(err)
		}
		req.ContentLength = length
		res, err := c.http.Do(req)
		if err != nil {
			return 0, err.Error()
		}
		defer res.Body.Close()
		data, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(data)
	}
	jpeg := blob.Standard.Bytes(blob.JPEG)
	for _, length := range []int64{5 << 30, jpeg + 1} {
		body := &endless{head: blobtest.Photo(1)}
		begun := time.Now()
		status, text := send("a.jpg", length, body)
		if took := time.Since(begun); status != http.StatusRequestEntityTooLarge || took > time.Second {
			t.Errorf("%d bytes: %d in %s: %s", length, status, took, text)
		}
		if body.taken() > jpeg+8<<20 { // what lies in the buffers between here and there
			t.Errorf("%d bytes were sent", body.taken())
		}
	}
	body := &endless{head: blobtest.Photo(1)}
	begun := time.Now()
	status, text := send("a.jpg", -1, body)
	if took := time.Since(begun); status != http.StatusRequestEntityTooLarge || !strings.Contains(text, "最多") {
		t.Errorf("without a length: %d in %s: %s", status, took, text)
	}
	if over := body.taken() - jpeg; over > 8<<20 {
		t.Errorf("without a length, %d bytes more than the limit were sent", over)
	}
	if status, text = send("", -1, &endless{head: blobtest.Film("x")[:40]}); status/100 != 4 && !strings.Contains(text, "reset") && !strings.Contains(text, "broken pipe") {
		t.Errorf("a film that never ends: %d %s", status, text)
	}
	w.nothingLeft()
	for what, lines := range map[string]string{
		"less than it said": "Content-Length: 5000\r\n\r\n" + string(blobtest.Photo(1)[:1000]),
		"no length at all":  "Connection: close\r\n\r\n",
		"a chunk too short": "Transfer-Encoding: chunked\r\n\r\n1000\r\nabc",
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		cookie := c.http.Jar.Cookies(mustURL(w.url))
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nCookie: %s=%s\r\n%s", web.Prefix+inWinter("/files?name=a.jpg"), cookie[0].Name, cookie[0].Value, lines)
		if what != "no length at all" {
			_ = conn.(*net.TCPConn).CloseWrite()
		}
		_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		answer, _ := io.ReadAll(conn)
		conn.Close()
		if len(answer) > 0 && !strings.HasPrefix(string(answer), "HTTP/1.1 4") {
			t.Errorf("%s: %.200s", what, answer)
		}
	}
	w.nothingLeft()
}

// TestStalledUpload (F18, F19): a body that stands still is not waited for.
func TestStalledUpload(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for half a minute")
	}
	t.Parallel()
	w := filesWorld(t, "sqlite")
	c := w.as("jixian-reporter")
	r, out := io.Pipe()
	go func() { _, _ = out.Write(blobtest.Photo(1)[:1000]) }()
	req, err := http.NewRequestWithContext(t.Context(), "POST", w.url+web.Prefix+inWinter("/files?name=a.jpg"), r)
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	res, err := c.http.Do(req)
	took := time.Since(begun)
	if err == nil {
		res.Body.Close()
		if res.StatusCode != http.StatusRequestTimeout {
			t.Errorf("%d", res.StatusCode)
		}
	}
	if took > 30*time.Second || took < 20*time.Second {
		t.Errorf("%s: %v", took, err)
	}
	w.nothingLeft()
}

// quota (asvs 5.2.4): one person's files that nobody uses fill their own
// room, not that of others.
func quota(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		w := filesWorld(t, engine)
		small := office.New(office.Options{Store: w.store, Files: w.files, Now: w.clock.Now, Unnamed: 20_000})
		url := w.open(small, spooled(filepath.Join(t.TempDir(), "spool")))
		c, other := w.as("jixian-reporter"), w.as("youyi-reporter")
		full := 0
		for i := range 40 {
			a := c.post(url+web.Prefix+inWinter("/files")+"?name=a.jpg", blobtest.Photo(i))
			if a.status == http.StatusCreated {
				continue
			}
			full++
			if p := a.is(http.StatusRequestEntityTooLarge).problem(); !strings.Contains(p.Title, "没有填报使用") || p.Detail == "" {
				t.Fatalf("%s", a.body)
			}
		}
		if full == 0 {
			t.Error("there is room for everything")
		}
		other.post(url+web.Prefix+inWinter("/files")+"?name=a.jpg", blobtest.Photo(99)).is(http.StatusCreated)
		c.post(url+web.Prefix+inWinter("/uploads"), nil, "Tus-Resumable", "1.0.0", "Upload-Length", "30000").is(http.StatusRequestEntityTooLarge)
		other.post(url+web.Prefix+inWinter("/uploads"), nil, "Tus-Resumable", "1.0.0", "Upload-Length", "9000").is(http.StatusCreated)
		other.post(url+web.Prefix+inWinter("/uploads"), nil, "Tus-Resumable", "1.0.0", "Upload-Length", "9000").is(http.StatusRequestEntityTooLarge)
	})
}

// fileTable (asvs 5.1.1): what docs/files.md says of formats and sizes is
// what is taken.
func fileTable(t *testing.T) {
	data, err := os.ReadFile("../docs/files.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range blob.Formats() {
		line := fmt.Sprintf("| %s | %s | %d MB |", f.Name(), strings.Join(f.Extensions(), " "), blob.Standard.Bytes(f)>>20)
		if !strings.Contains(string(data), line+"\n") {
			t.Errorf("docs/files.md has no line\n%s", line)
		}
	}
	l := blob.Standard
	for _, line := range []string{
		fmt.Sprintf("| Word 文档、Excel 工作簿展开后 | %d MB |", l.Unpacked>>20), fmt.Sprintf("| Word 文档、Excel 工作簿的部件 | %d 个 |", l.Entries),
		fmt.Sprintf("| 一个部件展开的倍数（1 MB 以上的部件） | %d 倍 |", l.Ratio), fmt.Sprintf("| 图片的像素 | %d 万 |", l.Pixels/10_000), fmt.Sprintf("| 图片的边长 | %d 像素 |", l.Side),
		fmt.Sprintf("| 导入的文件 | %d MB |", web.MostImport>>20),
	} {
		if !strings.Contains(string(data), line+"\n") {
			t.Errorf("docs/files.md has no line\n%s", line)
		}
	}
	if n := strings.Count(string(data), " MB |\n"); n != len(blob.Formats())+2 {
		t.Errorf("docs/files.md has %d sizes", n)
	}
}
