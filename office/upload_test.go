package office_test

import (
	"bytes"
	"testing"

	"qiaomen"
	"qiaomen/office"
)

// TestEvidenceByDigest: who knows the digest of a rival's file does not thereby
// have the file. A unit names what its own people sent, or its records have.
func TestEvidenceByDigest(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		theirs := w.report("youyi-reporter", "youyi", "signed_project", "示例风电项目", `{"signed_on":"2024-01-05","amount_yi":9}`, "contract")
		e := record(w, theirs).Content.Evidence[0]
		e.Type = ""
		paper := func(unit string) office.Paper {
			p := plan(w, unit)
			p.Papers = append(p.Papers, e)
			return p
		}
		w.faulty("没有收到文件")(w.HandIn(ctx, w.as("jixian-reporter"), paper("jixian")))
		w.must(w.HandIn(ctx, w.as("youyi-head"), paper("youyi"))) // a colleague's
		if _, err := w.OpenPaper(ctx, w.as("jixian-reporter"), "jixian", office.Occurrence{Duty: "plan"}, e.Digest); err == nil {
			t.Error("whoever knows a digest opens a rival's contract")
		}
		w.keeps("jixian-head", "", "同一份.jpg", picture(7))
		same := w.keeps("youyi-head", "", "也是.jpg", picture(7))
		if same.Name != "也是.jpg" {
			t.Errorf("%+v", same)
		}
		p := plan(w, "jixian")
		p.Papers = append(p.Papers, same)
		w.must(w.HandIn(ctx, w.as("jixian-reporter"), p)) // they have the same file themselves
	})
}

// TestForgedFacts: what is sealed of a file is what was found of it when it
// came, under the name under which it came, whatever a form says.
func TestForgedFacts(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		e := w.file("handler", "photo")
		want := e
		e.TakenAt, e.Software, e.Format, e.Size, e.Name = "2024-01-05T10:00:00", "示例", "heic", 1, "../../etc/passwd 138"+"12345678"
		sent := []qiaomen.Evidence{e}
		a := w.must(w.EnterFor(ctx, w.as("handler"), office.Entry{
			Unit: "jixian", Kind: "project_start", Name: "示例", Fields: []byte(`{"start_type":"resumed","started_on":"2024-01-05"}`),
			Evidence: sent, ReceivedAt: "2023-12-11T10:00:00+08:00", ReceivedNumber: "1",
		}))
		if got := record(w, a.ID).Content.Evidence[0]; got != want {
			t.Errorf("sealed as the form said: %+v", got)
		}
		if sent[0] != e {
			t.Error("the caller's own list was written in")
		}
	})
}

// TestStrangersKeepNothing: a file is taken from accounts that are in use alone,
// and the refusal is noted.
func TestStrangersKeepNothing(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		nobody := w.as("handler")
		nobody.Account = "c-nobody"
		_, err := w.KeepFile(ctx, nobody, "", "a.jpg", bytes.NewReader(picture(8)))
		w.refused(nil, err)
		elsewhere := w.as("handler")
		elsewhere.Campaign = "nowhere-2023"
		if _, err := w.KeepFile(ctx, elsewhere, "", "a.jpg", bytes.NewReader(picture(8))); err == nil {
			t.Error("kept in no campaign")
		}
		w.must(w.DisableAccount(ctx, w.inHouse("system"), w.people["handler2"], "调离"))
		_, err = w.KeepFile(ctx, w.as("handler2"), "", "a.jpg", bytes.NewReader(picture(8)))
		w.refused(nil, err)
	})
}
