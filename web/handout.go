package web

import (
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"

	"qiaomen/blob"
)

// handedOut is what an operation returns that has answered by itself.
type handedOut = huma.StreamResponse

var answered = &handedOut{Body: func(huma.Context) {}}

// A handing is an answer of bytes as they go out, however long that takes: the
// connection's deadline moves while they do.
type handing struct {
	http.ResponseWriter
	control *http.ResponseController
	begun   bool
}

func (v *visit) handing() *handing {
	h := &handing{ResponseWriter: v.w, control: http.NewResponseController(v.w)}
	_ = h.control.SetReadDeadline(time.Time{}) // the client has said what it wants
	return h
}

// Write writes on.
func (h *handing) Write(p []byte) (int, error) {
	h.begun = true
	const most = 64 << 10
	done := 0
	for {
		_ = h.control.SetWriteDeadline(time.Now().Add(writeTime / 2))
		n, err := h.ResponseWriter.Write(p[done:min(done+most, len(p))])
		if done += n; err != nil || done == len(p) {
			return done, err
		}
	}
}

// WriteHeader begins the answer.
func (h *handing) WriteHeader(status int) {
	h.begun = true
	h.ResponseWriter.WriteHeader(status)
}

// Unwrap lets deadlines and flushes through.
func (h *handing) Unwrap() http.ResponseWriter { return h.ResponseWriter }

// A named content is bytes under a name that they may be kept under.
type named struct {
	name   string
	kind   string // media type; empty: what is unknown
	digest string // by which a client knows it again; may be empty
	inline bool   // it may be looked at where it is
}

// headers says of what is handed out what it is, and that it is to be kept and
// not run. Nothing of it may be looked at as a page of ours: the sandbox of met
// holds for it.
func (n named) headers(h http.Header) {
	kind := n.kind
	if kind == "" {
		kind = "application/octet-stream"
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", disposition(n.name, n.inline))
	if n.digest != "" {
		h.Set("ETag", `"`+n.digest+`"`)
	}
}

// handOut answers with a file, or the range of it that was asked for. What is made
// anew each time has no ranges: two of them would be parts of two files.
func (v *visit) handOut(n named, file io.ReadSeeker) (*handedOut, error) {
	r := v.r
	if n.digest == "" {
		r = r.Clone(r.Context())
		for _, name := range []string{"Range", "If-Range", "If-Match", "If-None-Match"} {
			r.Header.Del(name)
		}
	}
	header := v.w.Header()
	before := header.Clone()
	n.headers(header)
	out := &choosy{handing: v.handing()}
	http.ServeContent(out, r, "", time.Time{}, file)
	switch out.refused {
	case 0:
		return answered, nil
	case http.StatusPreconditionFailed:
		restore(header, before)
		return nil, errTag
	}
	restore(header, before)
	return nil, &Problem{
		Type: problemType + wordOf(out.refused), Title: "没有这一段", Status: out.refused, Detail: "请核对 Range：从 0 起，不超过文件的大小",
	}
}

// restore puts headers back to what they were.
func restore(header, before http.Header) {
	clear(header)
	maps.Copy(header, before)
}

// A choosy answer holds back what ServeContent refuses in words of its own.
type choosy struct {
	*handing
	refused int
}

// Write writes on, unless it is a refusal.
func (c *choosy) Write(p []byte) (int, error) {
	if c.refused != 0 {
		return len(p), nil
	}
	return c.handing.Write(p)
}

// WriteHeader begins the answer, unless it is a refusal.
func (c *choosy) WriteHeader(status int) {
	if status >= http.StatusBadRequest {
		c.refused = status
		return
	}
	c.handing.WriteHeader(status)
}

// write answers with what is written. Where that fails before the first byte the
// error is told; after it the connection is broken off, so that nobody takes
// half of it for the whole.
func (v *visit) write(n named, write func(io.Writer) error) (*handedOut, error) {
	out := v.handing()
	header := v.w.Header()
	before := header.Clone()
	n.headers(header)
	err := write(out)
	switch {
	case err != nil && out.begun:
		v.err = err
		panic(http.ErrAbortHandler)
	case err != nil:
		restore(header, before)
		return nil, err
	}
	return answered, nil
}

// json answers with a value as JSON.
func (v *visit) json(status int, body any) (*handedOut, error) {
	data, err := json.Marshal(body, json.Deterministic(true), json.FormatNilSliceAsNull(false))
	if err != nil {
		return nil, err
	}
	v.w.Header().Set("Content-Type", "application/json; charset=utf-8")
	v.w.WriteHeader(status)
	if v.r.Method != http.MethodHead {
		_, _ = v.w.Write(data) // who has gone has gone
	}
	return answered, nil
}

// disposition names a file for whoever keeps it (RFC 6266): in ASCII, and as it
// is (RFC 8187). The name is made safe here, whatever it was.
func disposition(name string, inline bool) string {
	name = blob.SafeName(name)
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune(`"\%;`, r) {
			return '_'
		}
		return r
	}, name)
	how := "attachment"
	if inline {
		how = "inline"
	}
	return how + `; filename="` + plain + `"; filename*=UTF-8''` + strings.NewReplacer("+", "%20", "%7E", "~").Replace(url.QueryEscape(name))
}

// mediaOf is the media type of a format of evidence.
func mediaOf(format string) string { return blob.Format(format).MediaType() }

// mediaNamed is the media type of a file of ours by its ending.
func mediaNamed(name string) string {
	switch {
	case strings.HasSuffix(name, ".xlsx"):
		return blob.XLSX.MediaType()
	case strings.HasSuffix(name, ".csv"):
		return "text/csv; charset=utf-8"
	case strings.HasSuffix(name, ".jsonl"):
		return "application/jsonl; charset=utf-8"
	}
	return mime.TypeByExtension("." + name[strings.LastIndexByte(name, '.')+1:])
}
