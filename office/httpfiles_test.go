package office_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/web"
)

func (h *overHTTP) AddEvidence(_ context.Context, by office.Caller, draft, kind, name string, file io.Reader) (*office.Answer, error) {
	return answer(h.asks(by, query(place(by, post, "drafts", draft, "evidence"), "type", kind, "name", name), file))
}

func (h *overHTTP) KeepFile(_ context.Context, by office.Caller, kind, name string, file io.Reader) (qiaomen.Evidence, error) {
	return read[qiaomen.Evidence](h.asks(by, query(place(by, post, "files"), "type", kind, "name", name), file))
}

// A bytesFile is a file that was handed out.
type bytesFile struct{ *bytes.Reader }

func (bytesFile) Close() error { return nil }

func (h *overHTTP) opens(by office.Caller, record, digest string, which ...string) (*office.File, error) {
	a := h.asks(by, place(by, get, append([]string{"records", record, "evidence", digest}, which...)...), nil)
	if err := a.err(); err != nil {
		return nil, err
	}
	return &office.File{ReadSeekCloser: bytesFile{bytes.NewReader(a.body)}, Size: int64(len(a.body))}, nil
}

func (h *overHTTP) OpenOriginal(_ context.Context, by office.Caller, record, digest string) (*office.File, error) {
	return h.opens(by, record, digest)
}

func (h *overHTTP) View(_ context.Context, by office.Caller, record, digest string) (*office.File, error) {
	return h.opens(by, record, digest, "view")
}

func (h *overHTTP) Thumbnail(_ context.Context, by office.Caller, record, digest string) (*office.File, error) {
	return h.opens(by, record, digest, "thumbnail")
}

// exports takes an export away, or proposes it.
func (h *overHTTP) exports(by office.Caller, r office.ExportRequest) (*office.Export, error) {
	position := ""
	if r.Position > 0 {
		position = strconv.FormatInt(r.Position, 10)
	}
	a := h.asks(by, query(place(by, get, "export"), "format", r.Format, "unit", r.Unit, "position", position, "reason", r.Reason), nil)
	if a.status == http.StatusAccepted {
		waits, err := answer(a)
		if err != nil {
			return nil, err
		}
		return &office.Export{Answer: *waits}, nil
	}
	return &office.Export{Data: a.body}, a.err()
}

func (h *overHTTP) ExportOwn(_ context.Context, by office.Caller, r office.ExportRequest) (*office.Export, error) {
	return h.exports(by, r)
}

func (h *overHTTP) ExportAll(_ context.Context, by office.Caller, r office.ExportRequest) (*office.Export, error) {
	r.Unit = ""
	return h.exports(by, r)
}

// sends sends a file of rows, and waits until it was looked through.
func (h *overHTTP) sends(by office.Caller, f office.Import) (*web.ImportView, error) {
	at := query(place(by, post, "imports"),
		"name", f.Name, "unit", f.Unit, "submit", strconv.FormatBool(f.Submit), "reason", f.Reason, "received_at", f.ReceivedAt, "received_number", f.ReceivedNumber)
	return h.waits(by, h.asks(by, at, bytes.NewReader(f.Content)))
}

// waits asks how an import stands until nothing more comes of it.
func (h *overHTTP) waits(by office.Caller, a *heard) (*web.ImportView, error) {
	for range 100 {
		v, err := read[*web.ImportView](a)
		if err != nil || a.status != http.StatusAccepted {
			return v, err
		}
		time.Sleep(100 * time.Millisecond)
		a = h.asks(by, place(by, get, "imports", v.ID), nil)
	}
	return nil, fmt.Errorf("an import does not end")
}

func (h *overHTTP) Preview(_ context.Context, by office.Caller, f office.Import) (*office.Preview, error) {
	v, err := h.sends(by, f)
	if err != nil {
		return nil, err
	}
	return &office.Preview{File: v.Name, Digest: v.Digest}, nil
}

func (h *overHTTP) Import(_ context.Context, by office.Caller, f office.Import) (*office.ImportAnswer, error) {
	v, err := h.sends(by, f)
	if err != nil {
		return nil, err
	}
	if v, err = h.waits(by, h.asks(by, place(by, post, "imports", v.ID, "commit"), nil)); err != nil {
		return nil, err
	}
	if v.State != "done" || v.Result == nil {
		return nil, fmt.Errorf("the import is %s: %+v", v.State, v.Problem)
	}
	return &office.ImportAnswer{New: v.Result.New, Changed: v.Result.Changed, Same: v.Result.Same}, nil
}

func (h *overHTTP) ExportAudit(_ context.Context, by office.Caller, w io.Writer) error {
	a := h.asks(by, place(by, get, "audit", "export"), nil)
	if err := a.err(); err != nil {
		return err
	}
	_, err := w.Write(a.body)
	return err
}

func (h *overHTTP) ArchiveAudit(_ context.Context, by office.Caller, until string, w io.Writer) (*office.Answer, error) {
	a := h.asks(by, query(place(by, post, "audit", "archives"), "until", until), nil)
	if err := a.err(); err != nil {
		return nil, err
	}
	_, err := w.Write(a.body)
	return &office.Answer{}, err
}
