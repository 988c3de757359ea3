package office_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"testing"

	"github.com/xuri/excelize/v2"

	"qiaomen"
	"qiaomen/office"
)

// TestExportList: what a list shows is taken away as it shows it, all pages of
// it, sealed as any export is.
func TestExportList(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		for i := range 5 {
			w.report("jixian-reporter", "jixian", "reserve_project", fmt.Sprintf("示例项目%d", i), reserve)
		}
		w.report("youyi-reporter", "youyi", "reserve_project", "示例项目9", reserve)
		w.report("jixian-reporter", "jixian", "signed_project", "示例风电", `{"signed_on":"2024-01-05","amount_yi":9}`, "contract")
		listing := &office.Listing{Kind: "reserve_project", Unit: "youyi", Where: []office.Condition{{Field: "name", Prefix: "示例项目"}}, By: "name", Descending: true, After: "x", Limit: 1}

		out := w.exported(w.ExportOwn(ctx, w.as("jixian-reporter"), office.ExportRequest{Unit: "jixian", Format: office.AsCSV, Listing: listing}))
		lines, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(out.Data, []byte("\xef\xbb\xbf")))).ReadAll()
		if err != nil || len(lines) != 6 || lines[1][2] != "示例项目4" || lines[5][2] != "示例项目0" {
			t.Fatalf("%v %v", lines, err)
		}
		if e, ok := w.newestEvent().(*qiaomen.DataExported); !ok || e.Scope != "jixian" || e.Format != office.AsCSV || e.Digest != out.Digest {
			t.Errorf("%+v", e)
		}
		out = w.exported(w.ExportOwn(ctx, w.as("jixian-reporter"), office.ExportRequest{Unit: "jixian", Format: office.AsList}))
		f, err := excelize.OpenReader(bytes.NewReader(out.Data))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := f.GetRows(f.GetSheetName(0))
		if err != nil || len(rows) != 7 {
			t.Errorf("%v %v", rows, err)
		}
		props, err := f.GetDocProps()
		if err != nil || props.Description == "" {
			t.Errorf("not marked: %+v %v", props, err)
		}
		for _, login := range []string{"youyi-reporter", "leader", "system"} {
			_, err := w.ExportOwn(ctx, w.as(login), office.ExportRequest{Unit: "jixian", Format: office.AsCSV, Listing: listing})
			w.refused(nil, err)
		}

		asked := w.exported(w.ExportAll(ctx, w.as("handler"), office.ExportRequest{Format: office.AsCSV, Reason: "示例", Listing: listing}))
		if asked.Proposal == "" || asked.Data != nil {
			t.Fatalf("%+v", asked)
		}
		w.must(w.Approve(ctx, w.as("reviewer"), asked.Proposal))
		taken := w.exported(w.TakeExport(ctx, w.as("handler"), asked.Proposal))
		if n := bytes.Count(taken.Data, []byte("\r\n")); n != 7 || !bytes.Contains(taken.Data, []byte("示例项目9")) {
			t.Errorf("%s", taken.Data)
		}

		for says, r := range map[string]office.ExportRequest{
			"不能取从前的":    {Unit: "jixian", Format: office.AsCSV, Position: 1},
			"没有“x”这类记录": {Unit: "jixian", Format: office.AsCSV, Listing: &office.Listing{Kind: "x"}},
			"才能按":       {Unit: "jixian", Format: office.AsList, Listing: &office.Listing{By: "amount_yi"}},
			"不能有手机号":    {Unit: "jixian", Format: office.AsList, Listing: &office.Listing{Where: []office.Condition{{Field: "name", Equals: "139" + "00000000"}}}},
			"才能":        {Unit: "jixian", Format: office.AsRecords, Listing: &office.Listing{Where: []office.Condition{{Field: "amount_yi", From: "1"}}}},
			"按条件导出":     {Unit: "jixian", Format: office.AsWorkbook, Listing: listing},
		} {
			_, err := w.ExportOwn(ctx, w.as("handler"), r)
			w.faulty(says)(nil, err)
		}
	})
}
