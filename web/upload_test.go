package web_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"qiaomen/blob/blobtest"
	"qiaomen/web"
)

const chunk = "application/offset+octet-stream"

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// begin begins a resumable upload, and returns its path below the prefix.
func (c *client) begin(name string, length int) string {
	c.w.t.Helper()
	a := c.post(inWinter("/uploads"), nil, "Tus-Resumable", "1.0.0", "Upload-Length", strconv.Itoa(length), "Upload-Metadata", "filename "+b64(name)+",type "+b64("contract")).is(http.StatusCreated)
	at := a.header.Get("Location")
	if len(at) <= len(web.Prefix) || at[:len(web.Prefix)] != web.Prefix || a.header.Get("Upload-Expires") == "" {
		c.w.t.Fatalf("%v", a.header)
	}
	return at[len(web.Prefix):]
}

func (c *client) patch(at string, offset int, body any, header ...string) *answered {
	c.w.t.Helper()
	return c.do(http.MethodPatch, at, body, append([]string{"Tus-Resumable", "1.0.0", "Upload-Offset", strconv.Itoa(offset), "Content-Type", chunk}, header...)...)
}

func (c *client) offset(at string) int {
	c.w.t.Helper()
	a := c.do(http.MethodHead, at, nil, "Tus-Resumable", "1.0.0").is(http.StatusOK)
	n, err := strconv.Atoi(a.header.Get("Upload-Offset"))
	if err != nil || a.header.Get("Cache-Control") != "no-store" || a.header.Get("Upload-Length") == "" || a.header.Get("Tus-Resumable") != "1.0.0" {
		c.w.t.Fatalf("%v", a.header)
	}
	return n
}

// A cut is a body that breaks off after some bytes.
type cut struct {
	r    io.Reader
	left int
}

func (c *cut) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, io.ErrClosedPipe
	}
	n, err := c.r.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

// sendCut sends bytes and breaks the connection after some.
func (c *client) sendCut(at string, offset int, data []byte, after int) {
	c.w.t.Helper()
	req, err := http.NewRequestWithContext(c.w.t.Context(), http.MethodPatch, c.url+web.Prefix+at, &cut{bytes.NewReader(data), after})
	if err != nil {
		c.w.t.Fatal(err)
	}
	req.ContentLength = int64(len(data))
	for name, value := range map[string]string{"Tus-Resumable": "1.0.0", "Upload-Offset": strconv.Itoa(offset), "Content-Type": chunk} {
		req.Header.Set(name, value)
	}
	if res, err := c.http.Do(req); err == nil {
		res.Body.Close()
	}
}

// TestResumedUpload: a client that is cut off at random places goes on where it
// was, and the file is the same, whatever happened.
func TestResumedUpload(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		w := filesWorld(t, engine)
		c := w.as("jixian-reporter")
		film := blobtest.Film(string(bytes.Repeat([]byte("示例"), 200_000)))
		whole := c.keep("现场.mp4", film).evidence()
		chance := rand.New(rand.NewPCG(5, 23))
		at := c.begin("现场.mp4", len(film))
		cuts := 0
		for offset := 0; offset < len(film); offset = c.offset(at) {
			if cuts++; cuts > 200 {
				t.Fatal("it does not come to its end")
			}
			rest := film[offset:]
			if after := chance.IntN(200_000); cuts%10 > 0 && after < len(rest) {
				c.sendCut(at, offset, rest, after)
				continue
			}
			n := min(len(rest), 300_000)
			if a := c.patch(at, offset, rest[:n]); a.status != http.StatusConflict && a.status != http.StatusLocked { // what was cut off may come in only now
				a.is(http.StatusNoContent)
			}
		}
		got := c.get(at).is(http.StatusOK)
		var u web.Upload
		got.into(&u)
		if u.Evidence == nil || *u.Evidence != whole || u.Offset != int64(len(film)) || got.header.Get("Qiaomen-Digest") != whole.Digest {
			t.Errorf("after %d cuts %s", cuts, got.body)
		}
		again := c.patch(at, len(film), nil).is(http.StatusNoContent) // the answer to the last part was lost
		if again.header.Get("Qiaomen-Digest") != whole.Digest {
			t.Errorf("%v", again.header)
		}
		c.reportWith("jixian", "示例断点续传项目", *u.Evidence)
		w.nothingLeft()
		t.Logf("%d requests", cuts)
	})
}

// TestTus holds resumable uploads to the protocol: tus 1.0, the core and the
// extensions that are said to be there.
func TestTus(t *testing.T) {
	w := filesWorld(t, "sqlite")
	c := w.as("jixian-reporter")
	photo := blobtest.Photo(1)
	uploads := inWinter("/uploads")

	o := c.do(http.MethodOptions, uploads, nil).is(http.StatusNoContent)
	if o.header.Get("Tus-Version") != "1.0.0" || o.header.Get("Tus-Extension") != "creation,expiration,termination" || o.header.Get("Tus-Max-Size") != strconv.Itoa(200<<20) {
		t.Errorf("%v", o.header)
	}
	for what, tt := range map[string]struct {
		status int
		header []string
	}{
		"no version":         {412, []string{"Upload-Length", "10"}},
		"another version":    {412, []string{"Upload-Length", "10", "Tus-Resumable", "0.2.2"}},
		"no length":          {400, []string{"Tus-Resumable", "1.0.0"}},
		"a deferred length":  {400, []string{"Tus-Resumable", "1.0.0", "Upload-Defer-Length", "1"}},
		"a negative length":  {400, []string{"Tus-Resumable", "1.0.0", "Upload-Length", "-1"}},
		"no number":          {400, []string{"Tus-Resumable", "1.0.0", "Upload-Length", "0x10"}},
		"a length of 2^64":   {400, []string{"Tus-Resumable", "1.0.0", "Upload-Length", "18446744073709551616"}},
		"too long":           {413, []string{"Tus-Resumable", "1.0.0", "Upload-Length", strconv.Itoa(200<<20 + 1)}},
		"too long a picture": {413, []string{"Tus-Resumable", "1.0.0", "Upload-Length", strconv.Itoa(21 << 20), "Upload-Metadata", "filename " + b64("a.jpg")}},
		"no base64":          {400, []string{"Tus-Resumable", "1.0.0", "Upload-Length", "10", "Upload-Metadata", "filename a.jpg"}},
		"a key twice":        {400, []string{"Tus-Resumable", "1.0.0", "Upload-Length", "10", "Upload-Metadata", "a YQ==,a YQ=="}},
		"nothing at all":     {422, []string{"Tus-Resumable", "1.0.0", "Upload-Length", "0"}},
	} {
		a := c.post(uploads, nil, tt.header...)
		if a.status != tt.status || a.header.Get("Location") != "" || a.header.Get("Tus-Resumable") != "1.0.0" || tt.status == 412 && a.header.Get("Tus-Version") != "1.0.0" {
			t.Errorf("%s: %d %v %s", what, a.status, a.header, a.body)
		}
		a.problem()
	}

	at := c.begin("合同.jpg", len(photo))
	if c.offset(at) != 0 {
		t.Error("it does not begin at 0")
	}
	c.patch(at, 5, photo[5:]).is(http.StatusConflict)
	c.patch(at, 0, photo[:100], "Content-Type", "image/jpeg").is(http.StatusUnsupportedMediaType)
	c.patch(at, 0, photo[:100], "Tus-Resumable", "0.2.2").is(http.StatusPreconditionFailed)
	c.patch(at, 0, photo[:100], "Upload-Offset", "x").is(http.StatusBadRequest)
	c.patch(at, 0, append(bytes.Clone(photo), 0)).is(http.StatusRequestEntityTooLarge)
	if c.offset(at) != 0 {
		t.Error("a refused part was kept")
	}
	if got := c.patch(at, 0, photo[:100]).is(http.StatusNoContent).header.Get("Upload-Offset"); got != "100" {
		t.Errorf("offset %s", got)
	}
	if a := c.patch(at, 0, photo[:100]).is(http.StatusConflict); a.header.Get("Upload-Offset") != "100" {
		t.Errorf("%v", a.header)
	}
	for name, other := range map[string]*client{"another unit": w.as("youyi-reporter"), "a colleague": w.as("jixian-head"), "the office": w.as("handler")} {
		for _, method := range []string{http.MethodHead, http.MethodPatch, http.MethodGet, http.MethodDelete} {
			a := other.do(method, at, nil, "Tus-Resumable", "1.0.0", "Upload-Offset", "100", "Content-Type", chunk)
			if a.status != http.StatusNotFound || a.header.Get("Upload-Offset") != "" {
				t.Errorf("%s, %s: %d", name, method, a.status)
			}
		}
	}
	w.stranger().do(http.MethodHead, at, nil, "Tus-Resumable", "1.0.0").is(http.StatusUnauthorized)
	c.do(http.MethodPost, at, nil, "X-HTTP-Method-Override", "PATCH").is(http.StatusMethodNotAllowed)
	c.patch(at, 100, photo[100:]).is(http.StatusNoContent)
	if a := c.keep("合同.jpg", photo).evidence(); c.do(http.MethodHead, at, nil, "Tus-Resumable", "1.0.0").header.Get("Qiaomen-Digest") != a.Digest {
		t.Error("another file")
	}

	gone := c.begin("a.jpg", 100)
	c.do(http.MethodDelete, gone, nil).is(http.StatusPreconditionFailed)
	c.do(http.MethodDelete, gone, nil, "Tus-Resumable", "1.0.0").is(http.StatusNoContent)
	c.do(http.MethodHead, gone, nil, "Tus-Resumable", "1.0.0").is(http.StatusNotFound)
	c.patch(gone, 0, photo[:100]).is(http.StatusNotFound)

	harmful := []byte("<html><script>alert(1)</script></html>")
	bad := c.begin("a.jpg", len(harmful))
	if p := c.patch(bad, 0, harmful).is(http.StatusUnprocessableEntity).problem(); p.Detail == "" {
		t.Errorf("%+v", p)
	}
	c.do(http.MethodHead, bad, nil, "Tus-Resumable", "1.0.0").is(http.StatusNotFound)

	old := c.begin("a.jpg", 100)
	w.clock.move(24*time.Hour + time.Minute)
	c.signIn("jixian-reporter")
	c.do(http.MethodHead, old, nil, "Tus-Resumable", "1.0.0").is(http.StatusGone)
	c.patch(old, 0, photo[:100]).is(http.StatusGone)
	c.begin("b.jpg", 100) // which sweeps
	c.do(http.MethodHead, old, nil, "Tus-Resumable", "1.0.0").is(http.StatusNotFound)
}

// TestTwoAtOneUpload: of two connections that send parts of one upload, the
// later goes on: the earlier was lost, or gives way. Nothing is mixed.
func TestTwoAtOneUpload(t *testing.T) {
	w := filesWorld(t, "sqlite")
	c := w.as("jixian-reporter")
	photo := blobtest.Photo(1)
	at := c.begin("合同.jpg", len(photo))
	r, out := io.Pipe()
	hung := make(chan int)
	go func() {
		req, _ := http.NewRequest(http.MethodPatch, c.url+web.Prefix+at, r)
		for name, value := range map[string]string{"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": chunk} {
			req.Header.Set(name, value)
		}
		res, err := c.http.Do(req)
		if err != nil {
			hung <- 0
			return
		}
		res.Body.Close()
		hung <- res.StatusCode
	}()
	if _, err := out.Write(photo[:100]); err != nil {
		t.Fatal(err)
	}
	var u web.Upload
	for u.Offset < 100 {
		time.Sleep(10 * time.Millisecond)
		c.get(at).ok().into(&u)
	}
	begun := time.Now()
	c.patch(at, 0, photo).is(http.StatusConflict)
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("the later waited %s", took)
	}
	if status := <-hung; status/100 == 2 {
		t.Errorf("the earlier was told %d", status)
	}
	c.patch(at, 100, photo[100:]).is(http.StatusNoContent)

	at = c.begin("合同.jpg", len(photo))
	var wg sync.WaitGroup
	statuses := make([]int, 8)
	for i := range statuses {
		wg.Go(func() { statuses[i] = c.patch(at, 0, photo).status })
	}
	wg.Wait()
	done := 0
	for _, status := range statuses {
		switch status {
		case http.StatusNoContent:
			done++
		case http.StatusConflict, http.StatusLocked, http.StatusRequestTimeout, http.StatusBadRequest:
		default:
			t.Errorf("%v", statuses)
		}
	}
	if done > 1 {
		t.Errorf("%v", statuses)
	}
	for offset := c.offset(at); offset < len(photo); offset = c.offset(at) {
		c.patch(at, offset, photo[offset:])
	}
	c.get(at).ok().into(&u)
	if want := c.keep("合同.jpg", photo).evidence(); u.Evidence == nil || u.Evidence.Digest != want.Digest {
		t.Errorf("%+v", u)
	}
}

// TestUploadsSurviveARestart: what was sent before is still there, for whoever
// sent it.
func TestUploadsSurviveARestart(t *testing.T) {
	w := filesWorld(t, "sqlite")
	c := w.as("jixian-reporter")
	photo := blobtest.Photo(1)
	folder := filepath.Join(t.TempDir(), "spool")
	c.url = w.open(w.office, spooled(folder))
	w.url = c.url
	c.signIn("jixian-reporter")
	at := c.begin("合同.jpg", len(photo))
	c.patch(at, 0, photo[:1000]).is(http.StatusNoContent)
	c.url = w.open(w.newOffice(), spooled(folder))
	c.signIn("jixian-reporter")
	if n := c.offset(at); n != 1000 {
		t.Errorf("%d bytes are there", n)
	}
	c.patch(at, 1000, photo[1000:]).is(http.StatusNoContent)
	var u web.Upload
	c.get(at).ok().into(&u)
	if u.Evidence == nil || u.Evidence.Name != "合同.jpg" || u.Evidence.Type != "contract" {
		t.Errorf("%+v", u)
	}
	other := w.as("youyi-reporter")
	other.url = c.url
	other.signIn("youyi-reporter")
	other.get(at).is(http.StatusNotFound)

	c.url = w.open(w.office) // without a folder
	c.signIn("jixian-reporter")
	c.post(inWinter("/uploads"), nil, "Tus-Resumable", "1.0.0", "Upload-Length", "10").is(http.StatusServiceUnavailable)
	c.keep("合同.jpg", photo).is(http.StatusCreated)
}
