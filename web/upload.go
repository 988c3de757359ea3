package web

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"qiaomen"
	"qiaomen/blob"
)

// A fileQuery is what is said of a file that is sent.
type fileQuery struct {
	Name string `query:"name" maxLength:"4096" doc:"文件名，结尾要与内容相符"`
	Type string `query:"type" maxLength:"200" doc:"材料的种类，如 contract；用在哪里时可以再写"`
}

// keepFile takes a file in one piece: its bytes are the body.
func (a *api) keepFile(in string, name string) {
	declare(a, operation{
		name: name, at: "POST " + in + "/files", action: qiaomen.ActAddEvidence, tag: tagReport,
		summary: "上传一份文件（内容就是请求体），得到填报时要写的材料",
	}, true, func(ctx context.Context, v *visit, q *fileQuery) (*reply[qiaomen.Evidence], error) {
		body, err := v.sent(mostOf(q.Name))
		if err != nil {
			return nil, err
		}
		e, err := a.o.Office.KeepFile(ctx, v.caller, q.Type, q.Name, body)
		if err != nil {
			body.end()
			return nil, err
		}
		return &reply[qiaomen.Evidence]{Status: http.StatusCreated, Body: e}, nil
	})
}

// mostOf is how many bytes a file of that name may have. What it really is, and
// may have, its content says.
func mostOf(name string) int64 {
	most, ending := int64(0), strings.ToLower(path.Ext(blob.SafeName(name)))
	for _, f := range blob.Formats() {
		if most = max(most, blob.Standard.Bytes(f)); slices.Contains(f.Extensions(), ending) {
			return blob.Standard.Bytes(f)
		}
	}
	return most
}

// Resumable uploads are tus 1.0: the core, and of its extensions creation,
// expiration and termination (docs/decisions/0016-uploads.md).
const (
	tusVersion    = "1.0.0"
	tusExtensions = "creation,expiration,termination"
	tusChunk      = "application/offset+octet-stream"
	// mostUploads is how many one account may have begun.
	mostUploads = 100
)

// A TusHead is what every request of the protocol says.
type TusHead struct {
	Version string `header:"Tus-Resumable" doc:"1.0.0"`
}

type tusBegin struct {
	TusHead
	Length   string `header:"Upload-Length" doc:"文件有多少字节"`
	Metadata string `header:"Upload-Metadata" maxLength:"16384" doc:"filename、type，各是 Base64"`
}

type tusPart struct {
	TusHead
	Offset string `header:"Upload-Offset" doc:"从哪个字节接着传"`
	Kind   string `header:"Content-Type" doc:"application/offset+octet-stream"`
}

// An Upload is how far a resumable upload is.
type Upload struct {
	ID       string            `json:"id"`
	Name     string            `json:"name"`
	Length   int64             `json:"length"`
	Offset   int64             `json:"offset"`
	Expires  string            `json:"expires"`
	Evidence *qiaomen.Evidence `json:"evidence,omitzero" doc:"传完以后：填报时要写的材料"`
}

func (a *api) resumable(in, name string) {
	at := in + "/uploads"
	op := func(method, suffix, what, summary string) operation {
		return operation{name: name + what, at: method + " " + at + suffix, action: qiaomen.ActAddEvidence, tag: tagReport, summary: summary}
	}
	declare(a, op("OPTIONS", "", "upload_options", "断点续传（tus 1.0）支持什么"), false, func(_ context.Context, v *visit, _ *nothing) (*handedOut, error) {
		h := v.tus()
		h.Set("Tus-Version", tusVersion)
		h.Set("Tus-Extension", tusExtensions)
		h.Set("Tus-Max-Size", strconv.FormatInt(mostOf(""), 10))
		v.w.WriteHeader(http.StatusNoContent)
		return answered, nil
	})
	declare(a, op("POST", "", "begin_upload", "开始断点续传（tus 1.0）：地址在 Location 里"), true,
		func(ctx context.Context, v *visit, q *tusBegin) (*handedOut, error) {
			return a.beginUpload(ctx, v, q, in)
		})
	declare(a, op("HEAD", "/{id}", "upload_offset", "已经收到多少（tus 1.0）"), false,
		func(_ context.Context, v *visit, q *TusHead) (*handedOut, error) {
			p, _, err := a.uploadOf(v, q.Version)
			if err != nil {
				return nil, err
			}
			leave, err := a.spool.hold(p.ID, func() {}) // what a lost connection still brings would come after the answer
			if err != nil {
				return nil, err
			}
			defer leave()
			p, here, err := a.uploadOf(v, q.Version)
			if err != nil {
				return nil, err
			}
			v.offset(p, here)
			v.w.Header().Set("Upload-Length", strconv.FormatInt(p.Length, 10))
			v.w.WriteHeader(http.StatusOK)
			return answered, nil
		})
	declare(a, op("PATCH", "/{id}", "continue_upload", "接着传（tus 1.0）；传完时 Qiaomen-Digest 是文件的摘要"), true, a.continueUpload)
	declare(a, op("GET", "/{id}", "upload", "断点续传到哪里了；传完以后有填报时要写的材料"), false, a.showUpload)
	declare(a, op("DELETE", "/{id}", "drop_upload", "不传了（tus 1.0）"), true, func(_ context.Context, v *visit, q *TusHead) (*handedOut, error) {
		p, _, err := a.uploadOf(v, q.Version)
		if err != nil {
			return nil, err
		}
		leave, err := a.spool.hold(p.ID, func() {})
		if err != nil {
			return nil, err
		}
		defer leave()
		a.spool.drop(p)
		v.w.WriteHeader(http.StatusNoContent)
		return answered, nil
	})
}

// tus marks an answer as one of the protocol.
func (v *visit) tus() http.Header {
	h := v.w.Header()
	h.Set("Tus-Resumable", tusVersion)
	return h
}

// offset says how far an upload is, and until when it may go on.
func (v *visit) offset(p *parcel, here int64) {
	h := v.tus()
	h.Set("Upload-Offset", strconv.FormatInt(here, 10))
	h.Set("Upload-Expires", p.Expires.UTC().Format(http.TimeFormat))
	if p.Evidence != nil {
		h.Set("Qiaomen-Digest", p.Evidence.Digest)
	}
}

// speaks asks that a client speaks this version of the protocol.
func (v *visit) speaks(version string) error {
	h := v.tus()
	if version == tusVersion {
		return nil
	}
	h.Set("Tus-Version", tusVersion)
	return &Problem{Type: problemType + wordOf(http.StatusPreconditionFailed), Title: "断点续传的版本不对", Status: http.StatusPreconditionFailed, Detail: "请写 Tus-Resumable: 1.0.0"}
}

func badUpload(header, text, fix string) error {
	return &Problem{Type: problemType + wordOf(http.StatusBadRequest), Title: text, Status: http.StatusBadRequest, Detail: fix, Errors: []Fault{{Text: text, Fix: fix, Field: "header." + header}}}
}

func (a *api) beginUpload(ctx context.Context, v *visit, q *tusBegin, in string) (*handedOut, error) {
	if err := v.speaks(q.Version); err != nil {
		return nil, err
	}
	s, err := a.kept()
	if err != nil {
		return nil, err
	}
	length, err := count(q.Length)
	if err != nil {
		return nil, badUpload("Upload-Length", "没有写明文件有多少字节", "请写 Upload-Length")
	}
	about, err := metadata(q.Metadata)
	if err != nil {
		return nil, err
	}
	if most := mostOf(about["filename"]); length > most {
		return nil, tooLong(most)
	}
	s.sweep()
	room, err := a.o.Office.Room(ctx, v.caller)
	if err != nil {
		return nil, err
	}
	p, err := s.begin(parcel{
		Sort: uploadParcel, Account: v.caller.Account, Campaign: v.caller.Campaign, Name: about["filename"], Type: about["type"], Length: length,
	}, room, mostUploads)
	if err != nil {
		return nil, err
	}
	if length == 0 {
		if p, err = a.finish(ctx, v, p); err != nil {
			return nil, err
		}
	}
	v.offset(p, 0)
	v.w.Header().Set("Location", Prefix+strings.ReplaceAll(in, "{campaign}", v.caller.Campaign)+"/uploads/"+p.ID)
	v.w.WriteHeader(http.StatusCreated)
	return answered, nil
}

// count reads a number of bytes as the protocol writes it: digits alone.
func count(text string) (int64, error) {
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || strings.HasPrefix(text, "+") {
		return 0, fmt.Errorf("%q is no number of bytes", qiaomen.Clip(text))
	}
	return int64(n), nil
}

// metadata reads Upload-Metadata: keys and values in Base64, with commas between
// pairs.
func metadata(text string) (map[string]string, error) {
	wrong := badUpload("Upload-Metadata", "文件的说明写得不对", "请写 filename 和它的 Base64，用逗号隔开各项")
	out := map[string]string{}
	if text == "" {
		return out, nil
	}
	for pair := range strings.SplitSeq(text, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(pair), " ")
		data, err := base64.StdEncoding.DecodeString(value)
		if _, twice := out[key]; err != nil || key == "" || twice || !utf8.Valid(data) || strings.ContainsRune(string(data), 0) || len(data) > 4096 {
			return nil, wrong
		}
		out[key] = string(data)
	}
	return out, nil
}

// uploadOf is the caller's own upload, and how many bytes of it are here.
func (a *api) uploadOf(v *visit, version string) (*parcel, int64, error) {
	if err := v.speaks(version); err != nil {
		return nil, 0, err
	}
	s, err := a.kept()
	if err != nil {
		return nil, 0, err
	}
	p, err := s.find(uploadParcel, v.path("id"), v)
	if err != nil {
		return nil, 0, err
	}
	here, err := s.here(p)
	return p, here, err
}

func (a *api) continueUpload(ctx context.Context, v *visit, q *tusPart) (*handedOut, error) {
	if q.Kind != tusChunk {
		_ = v.speaks(tusVersion)
		return nil, &Problem{Type: problemType + wordOf(http.StatusUnsupportedMediaType), Title: "不认识这种内容", Status: http.StatusUnsupportedMediaType, Detail: "请写 Content-Type: " + tusChunk}
	}
	p, _, err := a.uploadOf(v, q.Version)
	if err != nil {
		return nil, err
	}
	offset, err := count(q.Offset)
	if err != nil {
		return nil, badUpload("Upload-Offset", "没有写明从哪里接着传", "请写 Upload-Offset")
	}
	body := v.sending()
	leave, err := a.spool.hold(p.ID, body.halt)
	if err != nil {
		return nil, err
	}
	defer leave()
	p, here, err := a.uploadOf(v, q.Version) // it may be gone now, or further
	if err != nil {
		return nil, err
	}
	if offset != here {
		v.offset(p, here)
		return nil, &Problem{Type: problemType + "conflict", Title: "接的位置不对", Status: http.StatusConflict, Detail: "请先查询已经收到多少，再从那里接着传"}
	}
	if p.Evidence == nil {
		if offset < p.Length {
			if err := body.atMost(p.Length - offset); err != nil {
				return nil, err
			}
			if err := a.spool.add(p, body); err != nil {
				return nil, err
			}
		}
		here, err := a.spool.here(p)
		if err != nil {
			return nil, err
		}
		if offset = here; here == p.Length {
			if p, err = a.finish(ctx, v, p); err != nil {
				return nil, err
			}
		}
	}
	v.offset(p, offset)
	v.w.WriteHeader(http.StatusNoContent)
	return answered, nil
}

// finish keeps an upload that is here as a file. One that is refused is thrown
// away: more of it would not help.
func (a *api) finish(ctx context.Context, v *visit, p *parcel) (*parcel, error) {
	f, err := a.spool.open(p, "")
	if err != nil {
		return nil, err
	}
	e, err := a.o.Office.KeepFile(ctx, v.caller, p.Type, p.Name, io.Reader(f))
	_ = f.Close()
	if err != nil {
		if status := problem(ctx, err).Status; status/100 == 4 && status != http.StatusTooManyRequests {
			a.spool.drop(p)
		}
		return nil, err
	}
	kept, err := a.spool.save(p.ID, func(p *parcel) { p.Evidence = &e })
	if err == nil {
		a.spool.empty(p)
	}
	return kept, err
}

// showUpload tells how far an upload is. One that is here as a whole and was not
// kept, as its client left at the very end, is kept now.
func (a *api) showUpload(ctx context.Context, v *visit, _ *nothing) (*handedOut, error) {
	p, here, err := a.uploadOf(v, tusVersion)
	if err != nil {
		return nil, err
	}
	if here == p.Length && p.Evidence == nil {
		leave, err := a.spool.hold(p.ID, func() {})
		if err != nil {
			return nil, err
		}
		defer leave()
		if p, here, err = a.uploadOf(v, tusVersion); err != nil {
			return nil, err
		}
		if p.Evidence == nil {
			if p, err = a.finish(ctx, v, p); err != nil {
				return nil, err
			}
		}
	}
	v.offset(p, here)
	return v.json(http.StatusOK, Upload{p.ID, p.Name, p.Length, here, p.Expires.UTC().Format(time.RFC3339), p.Evidence})
}
