package office_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"qiaomen"
	"qiaomen/journal"
	"qiaomen/office"
	"qiaomen/store"
)

// newestEvent is the last event of the campaign's journal.
func (w *world) newestEvent() (event qiaomen.Event) {
	w.t.Helper()
	err := w.store.Read(ctx, winter, 0, func(v *store.View) error {
		size, err := v.Position()
		if err != nil {
			return err
		}
		e, err := v.Entry(size)
		if err != nil {
			return err
		}
		event, err = qiaomen.DecodeEvent(e.Event, e.Version, e.Data)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return event
}

func (w *world) exported(out *office.Export, err error) *office.Export {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func TestExportOwn(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.report("jixian-reporter", "jixian", "reserve_project", "示例石墨", reserve)
		until := w.exported(w.ExportOwn(ctx, w.as("jixian-reporter"), office.ExportRequest{Unit: "jixian", Format: office.AsRecords})).Until
		w.report("youyi-reporter", "youyi", "reserve_project", "示例大豆", reserve)
		w.report("jixian-reporter", "jixian", "reserve_project", "示例玉米", reserve)

		own := w.exported(w.ExportOwn(ctx, w.as("jixian-reporter"), office.ExportRequest{Unit: "jixian", Format: office.AsRecords}))
		if text := string(own.Data); !strings.Contains(text, "示例石墨") || !strings.Contains(text, "示例玉米") || strings.Contains(text, "示例大豆") {
			t.Errorf("%s", text)
		}
		sum := sha256.Sum256(own.Data)
		e, ok := w.newestEvent().(*qiaomen.DataExported)
		if !ok || e.Scope != "jixian" || e.Digest != hex.EncodeToString(sum[:]) || e.Until != own.Until {
			t.Errorf("%+v", e)
		}
		old := w.exported(w.ExportOwn(ctx, w.as("handler"), office.ExportRequest{Unit: "jixian", Format: office.AsRecords, Position: until}))
		if text := string(old.Data); !strings.Contains(text, "示例石墨") || strings.Contains(text, "示例玉米") {
			t.Errorf("as of %d: %s", until, text)
		}
		for _, login := range []string{"youyi-reporter", "leader", "statistician", "system"} {
			_, err := w.ExportOwn(ctx, w.as(login), office.ExportRequest{Unit: "jixian", Format: office.AsRecords})
			w.refused(nil, err)
		}
		_, err := w.ExportOwn(ctx, w.as("handler"), office.ExportRequest{Unit: "nowhere", Format: "pdf", Position: 1 << 30})
		for _, says := range []string{"没有“pdf”这种导出格式", "存证日志没有第1073741824条", "方案里没有单位“nowhere”"} {
			w.faulty(says)(nil, err)
		}
	})
}

// A unit's workbook has its own score, no rank where units do not see ranks, and
// nothing that another unit reported.
func TestOwnWorkbook(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.report("jixian-reporter", "jixian", "reserve_project", "示例石墨", reserve)
		w.report("youyi-reporter", "youyi", "reserve_project", "示例大豆", reserve)
		own := w.exported(w.ExportOwn(ctx, w.as("jixian-reporter"), office.ExportRequest{Unit: "jixian", Format: office.AsWorkbook}))
		w.is(w.verdicts("jixian-reporter", office.Import{Name: own.Name, Content: own.Data}), "0 0 1 0")
		f, err := excelize.OpenReader(bytes.NewReader(own.Data))
		if err != nil {
			t.Fatal(err)
		}
		ranked := 0
		for _, sheet := range f.GetSheetList() {
			rows, err := f.GetRows(sheet)
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range rows {
				line := strings.Join(row, " ")
				if strings.Contains(line, "示例大豆") {
					t.Errorf("%s: %s", sheet, line)
				}
				if strings.Contains(sheet, "排名") && slices.Contains(row, "集贤县") {
					if ranked++; slices.Contains(row[:slices.Index(row, "集贤县")], "1") {
						t.Errorf("%s has the rank: %s", sheet, line)
					}
				}
			}
		}
		w.is(ranked, 1)
	})
}

func TestExportAll(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.report("jixian-reporter", "jixian", "reserve_project", "示例石墨", reserve)
		r := office.ExportRequest{Format: office.AsRecords, Reason: "报市领导"}
		for _, login := range []string{"jixian-reporter", "member", "leader", "system"} {
			_, err := w.ExportAll(ctx, w.as(login), r)
			w.refused(nil, err)
		}
		_, err := w.ExportAll(ctx, w.as("auditor"), office.ExportRequest{Format: office.AsRecords})
		w.faulty("没有写理由")(nil, err)
		if out := w.exported(w.ExportAll(ctx, w.as("auditor"), r)); len(out.Data) == 0 || out.Proposal != "" {
			t.Errorf("%+v", out)
		}

		caller := w.as("handler")
		asked := w.exported(w.ExportAll(ctx, caller, r))
		if again := w.exported(w.ExportAll(ctx, caller, r)); !again.Again || again.Proposal != asked.Proposal {
			t.Errorf("%+v, want %+v", again, asked)
		}
		if asked.Proposal == "" || len(asked.Data) > 0 {
			t.Fatalf("%+v", asked)
		}
		_, err = w.TakeExport(ctx, w.as("handler"), asked.Proposal)
		w.faulty("还没有批准")(nil, err)
		w.refused(w.Approve(ctx, w.as("handler2"), asked.Proposal))
		w.must(w.Approve(ctx, w.as("reviewer"), asked.Proposal))
		_, err = w.TakeExport(ctx, w.as("handler2"), asked.Proposal)
		w.refused(nil, err)
		taken := w.exported(w.TakeExport(ctx, w.as("handler"), asked.Proposal))
		if e, ok := w.newestEvent().(*qiaomen.DataExported); !ok || e.Digest != taken.Digest || e.Proposal != asked.Proposal || e.Scope != "all" {
			t.Errorf("%+v", e)
		}
		w.now = w.now.AddDate(0, 0, 8)
		_, err = w.TakeExport(ctx, w.as("handler"), asked.Proposal)
		w.faulty("已超过7天")(nil, err)
	})
}

func TestJournalExport(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.report("jixian-reporter", "jixian", "reserve_project", "示例石墨", reserve)
		var out bytes.Buffer
		if err := w.JournalExport(ctx, w.as("auditor"), "年度审计", &out); err != nil {
			t.Fatal(err)
		}
		vkey, err := w.store.Vkey(winter)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		if _, err := journal.ReadExport(&out, vkey, func([]byte) error { n++; return nil }); err != nil || n < 4 {
			t.Errorf("%d leaves: %v", n, err)
		}
		for _, login := range []string{"handler", "reviewer", "jixian-reporter", "system"} {
			w.refused(nil, w.JournalExport(ctx, w.as(login), "看看", &out))
		}
		w.faulty("没有写理由")(nil, w.JournalExport(ctx, w.as("auditor"), "", &out))
		out.Reset()
		if err := w.JournalExport(ctx, w.as("evaluator"), "核对", &out); err != nil {
			t.Fatal(err)
		}
		w.lends("jixian", "evaluator") // entries cannot be left out for who stands aside
		out.Reset()
		w.refused(nil, w.JournalExport(ctx, w.as("evaluator"), "核对", &out))
		if out.Len() > 0 {
			t.Errorf("%d bytes of it", out.Len())
		}
	})
}

// Every file that something names is one that ought to be kept.
func TestNamedFiles(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.report("jixian-reporter", "jixian", "outing", "赴示例市", `{"held_on":"2023-12-10","form":"onsite"}`, "report")
		a := w.must(w.Draft(ctx, w.as("jixian-reporter"), office.DraftInput{Unit: "jixian", Kind: "outing", Fields: []byte(`{}`)}))
		w.must(w.AddEvidence(ctx, w.as("jixian-reporter"), a.ID, "photo", "甲.jpg", bytes.NewReader(picture(1000))))
		w.opens("旧.jsonl", []byte(oldLedger))
		n := 0
		for e, err := range w.NamedFiles(ctx) {
			if err != nil || e.Size == 0 {
				t.Fatal(e, err)
			}
			n++
		}
		w.is(n, 3)
		for f, err := range w.files.Verify(ctx, w.NamedFiles(ctx), nil) {
			if err != nil || f.Fault() {
				t.Error(f, err)
			}
		}
	})
}
