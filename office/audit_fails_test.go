package office_test

import (
	"database/sql"
	"errors"
	"strings"
	"testing"

	"qiaomen"
	"qiaomen/office"
)

// No audit, no action: where the audit journal cannot be written, a refusal is
// no ordinary answer and nothing sensitive is shown; work that needs no entry
// there goes on, and so does everything once it can be written again.
func TestNoAuditNoAction(t *testing.T) {
	w := newWorld(t, "sqlite", qiaomen.SmallOffice)
	id := w.report("jixian-reporter", "jixian", "signed_project", "示例风电项目", `{"signed_on":"2024-01-05","amount_yi":9}`, "contract")
	digest := record(w, id).Content.Evidence[0].Digest
	db, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(w.options.Address, "sqlite:")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`CREATE TRIGGER no_audit BEFORE INSERT ON entry WHEN NEW.journal = 'audit' BEGIN SELECT RAISE(ABORT, 'no audit'); END`); err != nil {
		t.Fatal(err)
	}
	var denied *office.Denied
	if _, err := w.Accept(ctx, w.as("jixian-reporter"), id, 1); err == nil || errors.As(err, &denied) {
		t.Errorf("refused without its entry: %v", err)
	}
	if file, err := w.OpenOriginal(ctx, w.as("handler"), id, digest); err == nil {
		file.Close()
		t.Error("an original was opened without its entry")
	}
	if fields, err := w.Unmask(ctx, w.as("handler"), id, "示例理由"); err == nil {
		t.Errorf("contacts were shown without their entry: %s", fields)
	}
	w.must(w.Accept(ctx, w.as("handler"), id, 1))
	if _, err := db.Exec(`DROP TRIGGER no_audit`); err != nil {
		t.Fatal(err)
	}
	w.refused(w.Accept(ctx, w.as("jixian-reporter"), id, 1))
	file, err := w.OpenOriginal(ctx, w.as("handler"), id, digest)
	if err != nil {
		t.Fatal(err)
	}
	file.Close()
}
