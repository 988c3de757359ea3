package office_test

import (
	"context"
	"io"

	"qiaomen"
	"qiaomen/office"
)

func (h *overHTTP) AddEvidence(ctx context.Context, by office.Caller, draft, kind, name string, file io.Reader) (*office.Answer, error) {
	return h.w.Office.AddEvidence(ctx, by, draft, kind, name, file)
}
func (h *overHTTP) KeepFile(ctx context.Context, by office.Caller, kind, name string, file io.Reader) (qiaomen.Evidence, error) {
	return h.w.Office.KeepFile(ctx, by, kind, name, file)
}
func (h *overHTTP) OpenOriginal(ctx context.Context, by office.Caller, record, digest string) (*office.File, error) {
	return h.w.Office.OpenOriginal(ctx, by, record, digest)
}
func (h *overHTTP) View(ctx context.Context, by office.Caller, record, digest string) (*office.File, error) {
	return h.w.Office.View(ctx, by, record, digest)
}
func (h *overHTTP) Thumbnail(ctx context.Context, by office.Caller, record, digest string) (*office.File, error) {
	return h.w.Office.Thumbnail(ctx, by, record, digest)
}
func (h *overHTTP) ExportOwn(ctx context.Context, by office.Caller, r office.ExportRequest) (*office.Export, error) {
	return h.w.Office.ExportOwn(ctx, by, r)
}
func (h *overHTTP) ExportAll(ctx context.Context, by office.Caller, r office.ExportRequest) (*office.Export, error) {
	return h.w.Office.ExportAll(ctx, by, r)
}
func (h *overHTTP) Import(ctx context.Context, by office.Caller, a office.Import) (*office.ImportAnswer, error) {
	return h.w.Office.Import(ctx, by, a)
}
func (h *overHTTP) Preview(ctx context.Context, by office.Caller, a office.Import) (*office.Preview, error) {
	return h.w.Office.Preview(ctx, by, a)
}
func (h *overHTTP) ExportAudit(ctx context.Context, by office.Caller, w io.Writer) error {
	return h.w.Office.ExportAudit(ctx, by, w)
}
func (h *overHTTP) ArchiveAudit(ctx context.Context, by office.Caller, until string, w io.Writer) (*office.Answer, error) {
	return h.w.Office.ArchiveAudit(ctx, by, until, w)
}
