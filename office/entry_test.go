package office_test

import (
	"errors"
	"slices"
	"testing"

	"qiaomen"
	"qiaomen/office"
)

const contract = `{"signed_on":"2024-01-05","amount_yi":9,"contact":"示例联系人"}`

// signedEntry is a signed project of a unit, whole, with a contract that its
// reporter kept.
func (w *world) signedEntry(unit, name string) office.Entry {
	w.t.Helper()
	w.keys++
	e := w.keeps(unit+"-reporter", "contract", "合同.jpg", picture(w.keys))
	return office.Entry{Unit: unit, Kind: "signed_project", Name: name, Fields: []byte(contract), Evidence: []qiaomen.Evidence{{Type: e.Type, Digest: e.Digest}}}
}

// TestReport: a whole record in one act is what a draft, its evidence and
// submitting come to.
func TestReport(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		entry := w.signedEntry("jixian", "示例风电项目")
		a := w.must(w.Report(ctx, w.as("jixian-reporter"), entry))
		if len(a.Receipt) == 0 || a.First == 0 || a.First != a.Last {
			w.t.Errorf("not one event with a receipt: %+v", a)
		}
		r := record(w, a.ID)
		other := record(w, w.report("jixian-reporter", "jixian", "signed_project", "示例光伏项目", contract, "contract"))
		if r.State != qiaomen.Submitted || r.Version != other.Version || !r.Content.Personal || string(r.Content.Fields) != string(other.Content.Fields) {
			w.t.Errorf("reported\n%+v, by a draft\n%+v", r, other)
		}
		if e := r.Content.Evidence; len(e) != 1 || e[0].Format != "jpeg" || e[0].Name != "合同.jpg" || e[0].Size == 0 {
			w.t.Errorf("evidence is what was found of it: %+v", e)
		}
		drafts, err := w.Drafts(ctx, w.as("jixian-reporter"), "jixian")
		if err != nil || len(drafts) != 0 {
			w.t.Errorf("drafts: %v %v", drafts, err)
		}
		w.refused(w.Report(ctx, w.as("handler"), entry))
		w.refused(w.Report(ctx, w.as("youyi-reporter"), entry))
		limited := w.as("jixian-reporter")
		limited.Only = []qiaomen.Action{qiaomen.ActEditDraft}
		w.refused(w.Report(ctx, limited, entry))
		paper := entry
		paper.ReceivedNumber = "收1"
		w.faulty("由办公室代录时填写")(w.Report(ctx, w.as("jixian-reporter"), paper))
	})
}

// TestReportWaitsForTheHead: where the head signs, what a reporter reports is
// handed over, and whatever may not submit does not submit it either way.
func TestReportWaitsForTheHead(t *testing.T) {
	onEach(t, qiaomen.ThreePowers, func(w *world) {
		a := w.must(w.Report(ctx, w.as("jixian-reporter"), w.signedEntry("jixian", "示例风电项目")))
		if r := record(w, a.ID); r.State != qiaomen.HandedOver || r.PlaceAt == "" {
			w.t.Fatalf("%s, place %q", r.State, r.PlaceAt)
		}
		w.must(w.SignOff(ctx, w.as("jixian-head"), a.ID))
		b := w.must(w.Report(ctx, w.as("jixian-head"), w.signedEntry("jixian", "示例光伏项目")))
		for _, id := range []string{a.ID, b.ID} {
			if r := record(w, id); r.State != qiaomen.Submitted {
				w.t.Errorf("%s: %s", id, r.State)
			}
		}
		drafting := func() office.Caller {
			by := w.as("jixian-head")
			by.Only = []qiaomen.Action{qiaomen.ActDraft, qiaomen.ActEditDraft}
			return by
		}
		w.refused(w.Report(ctx, drafting(), w.signedEntry("jixian", "示例储能项目")))
		d := w.must(w.Draft(ctx, drafting(), office.DraftInput{Unit: "jixian", Kind: "reserve_project", Name: "示例石墨项目", Fields: []byte(reserve)}))
		w.must(w.HandOver(ctx, drafting(), d.ID))
		if r := record(w, d.ID); r.State != qiaomen.HandedOver {
			w.t.Errorf("who may only draft submitted: %s", r.State)
		}
	})
}

// TestReportFaults: everything that is wrong is told at once, and nothing is kept.
func TestReportFaults(t *testing.T) {
	for _, p := range []qiaomen.Procedure{qiaomen.SmallOffice, qiaomen.ThreePowers} {
		onEach(t, p, func(w *world) {
			bad := office.Entry{
				Unit: "jixian", Kind: "signed_project", Fields: []byte(`{"amount_yi":"很多","phase":"x"}`),
				Evidence: []qiaomen.Evidence{{Type: "contract", Digest: "00"}, {Type: "selfie", Digest: w.signedEntry("jixian", "x").Evidence[0].Digest}},
			}
			_, err := w.Report(ctx, w.as("jixian-reporter"), bad)
			var p *qiaomen.Problem
			if !errors.As(err, &p) {
				w.t.Fatal(err)
			}
			var fields []string
			for _, one := range append([]*qiaomen.Problem{p}, p.More...) {
				fields = append(fields, one.At.Field)
			}
			slices.Sort(fields)
			if want := []string{"amount_yi", "evidence", "evidence", "name", "phase", "signed_on"}; !slices.Equal(fields, want) {
				w.t.Errorf("faults of %v, want %v: %v", fields, want, err)
			}
			page, err := w.Records(ctx, w.as("handler"), office.Listing{})
			if err != nil || len(page.Records) != 0 {
				w.t.Errorf("%d records: %v", len(page.Records), err)
			}
		})
	}
}

// TestReportAgain: the same key is one record; another thing under it is refused.
func TestReportAgain(t *testing.T) {
	for _, p := range []qiaomen.Procedure{qiaomen.SmallOffice, qiaomen.ThreePowers} {
		onEach(t, p, func(w *world) {
			by, entry := w.as("jixian-reporter"), w.signedEntry("jixian", "示例风电项目")
			one, two := w.must(w.Report(ctx, by, entry)), w.must(w.Report(ctx, by, entry))
			if two.ID != one.ID || !two.Again || two.Last != one.Last {
				w.t.Errorf("once %+v, again %+v", one, two)
			}
			entry.Name = "别的项目"
			w.faulty("幂等键")(w.Report(ctx, by, entry))
		})
	}
}

// TestReportedEvidence: a file is named by those who may, and stands for one
// project: of two that name it, the second is not recognised.
func TestReportedEvidence(t *testing.T) {
	for _, p := range []qiaomen.Procedure{qiaomen.SmallOffice, qiaomen.ThreePowers} {
		onEach(t, p, func(w *world) {
			entry := w.signedEntry("jixian", "示例风电项目")
			theirs := entry
			theirs.Unit = "youyi"
			w.faulty("没有收到文件")(w.Report(ctx, w.as("youyi-reporter"), theirs))
			first := w.must(w.Report(ctx, w.as("jixian-head"), entry))
			entry.Name = "另一个项目"
			second := w.must(w.Report(ctx, w.as("jixian-head"), entry))
			w.must(w.Accept(ctx, w.as("handler"), second.ID, 1))
			w.faulty("更早的上报")(w.Recognise(ctx, w.as("handler2"), office.Decision{Record: second.ID, Version: 1}))
			w.recognisedByTwo(first.ID, 1)
			w.faulty("首报并认定")(w.Recognise(ctx, w.as("handler2"), office.Decision{Record: second.ID, Version: 1}))
		})
	}
}
