package office_test

import (
	"bytes"
	"iter"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/office"
	"qiaomen/store/storetest"
)

// evidence is the digest of a record's first file, and where it is.
func (w *world) evidence(id string) (string, blob.Digest) {
	w.t.Helper()
	text := record(w, id).Content.Evidence[0].Digest
	d, err := blob.ParseDigest(text)
	if err != nil {
		w.t.Fatal(err)
	}
	return text, d
}

func (w *world) stateOf(d blob.Digest) blob.State {
	w.t.Helper()
	s, err := w.files.Status(ctx, d)
	if err != nil {
		w.t.Fatal(err)
	}
	return s.State
}

func TestAFileIsExpunged(t *testing.T) {
	for name, p := range map[string]qiaomen.Procedure{"small": qiaomen.SmallOffice, "gb3": qiaomen.ThreePowers} {
		t.Run(name, func(t *testing.T) {
			onEach(t, p, func(w *world) {
				id := w.reportSigned("jixian", "outing", "示例外出", `{"held_on":"2023-12-10","form":"onsite"}`, "report")
				text, d := w.evidence(id)
				in := office.Expunging{Digest: text, Reason: "身份证件"}
				w.refused(w.Expunge(ctx, w.as("jixian-head"), in))
				w.refused(w.Expunge(ctx, w.as("reviewer"), in))
				w.refused(w.Expunge(ctx, w.as("system"), in))
				w.faulty("没有找到文件")(w.Expunge(ctx, w.as("handler"), office.Expunging{Digest: "no", Reason: "错"}))
				w.faulty("没有写理由")(w.Expunge(ctx, w.as("handler"), office.Expunging{Digest: text}))
				a := w.again(func(by office.Caller) (*office.Answer, error) { return w.Expunge(ctx, by, in) }, "handler")
				w.refused(w.Approve(ctx, w.as("handler"), a.Proposal))
				if w.stateOf(d) != blob.Kept {
					w.t.Fatal("destroyed on one person's word")
				}
				w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
				if w.stateOf(d) != blob.Expunged {
					w.t.Errorf("the file is %v", w.stateOf(d))
				}
				w.faulty("已经清除")(w.Expunge(ctx, w.as("handler"), in))

				gone, err := w.ExpungedOf(ctx, w.as("jixian-reporter"), id)
				if err != nil || len(gone) != 1 || gone[0].Reason != in.Reason || gone[0].ProposedBy == gone[0].ExpungedBy || gone[0].ExpungedBy == "" {
					w.t.Errorf("%+v %v", gone, err)
				}
				if _, err := w.ExpungedOf(ctx, w.as("youyi-reporter"), id); err == nil {
					w.t.Error("another unit saw it")
				}
				ought := iter.Seq2[blob.Expected, error](func(yield func(blob.Expected, error) bool) { yield(blob.Expected{Digest: d}, nil) })
				said := ""
				for f, err := range w.files.Verify(ctx, ought, nil) {
					if err != nil || f.Fault() {
						w.t.Errorf("%v %v", f, err)
					}
					said += f.String()
				}
				if said != "已清除："+text {
					w.t.Errorf("verification says %q", said)
				}
			})
		})
	}
}

// TestTheNextStartFinishesExpunging: the event is sealed, the disk will not
// destroy the bytes, and the next start does.
func TestTheNextStartFinishesExpunging(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			o, dir := storetest.Fresh(t, engine), t.TempDir()
			w := &world{t: t, options: o, now: time.Date(2023, 12, 12, 1, 0, 0, 0, time.UTC), people: map[string]string{}}
			w.store = storetest.Open(t, o)
			w.files = openedFolder(t, dir, blob.Options{})
			stuck := openedFolder(t, dir, blob.Options{ReadOnly: true})
			w.serves(office.New(office.Options{Store: w.store, Files: stuck, Now: func() time.Time { return w.now }}))
			var people []office.FirstPerson
			for _, c := range cast {
				role := office.FirstRole{Role: c.role, Unit: c.unit}
				if c.role.OfCampaign() {
					role.Campaign = winter
				}
				people = append(people, office.FirstPerson{Login: c.login, Detail: office.Detail{Name: "示例", Identity: c.login}, Roles: []office.FirstRole{role}})
			}
			w.found(qiaomen.SmallOffice, people)
			w.open()

			kept, err := w.files.Put(ctx, bytes.NewReader(picture(1)), blob.Sent{Name: "证件.jpg"})
			if err != nil {
				t.Fatal(err)
			}
			w.seal(&qiaomen.RecordSubmitted{ID: "r-1", Kind: "outing", Unit: "jixian", ReportedAt: "2023-12-11T02:00:00.000000Z", Content: qiaomen.Content{
				Name: "示例外出", Fields: []byte(`{"form":"onsite","held_on":"2023-12-10"}`),
				Evidence: []qiaomen.Evidence{{Type: "report", Digest: kept.Digest.String(), Size: kept.Size, Name: "证件.jpg"}},
			}})
			a := w.must(w.Expunge(ctx, w.as("handler"), office.Expunging{Digest: kept.Digest.String(), Reason: "身份证件"}))
			w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
			if w.stateOf(kept.Digest) != blob.Kept {
				t.Fatal("a folder that is only read destroyed a file")
			}
			next := office.New(office.Options{Store: w.store, Files: w.files})
			if n, err := next.FinishExpunging(ctx); n != 1 || err != nil || w.stateOf(kept.Digest) != blob.Expunged {
				t.Errorf("%d destroyed, %v; it is %v", n, err, w.stateOf(kept.Digest))
			}
			if n, err := next.FinishExpunging(ctx); n != 0 || err != nil {
				t.Errorf("%d destroyed a second time, %v", n, err)
			}
		})
	}
}

func openedFolder(t *testing.T, dir string, o blob.Options) *blob.Folder {
	t.Helper()
	f, err := blob.OpenFolder(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}
