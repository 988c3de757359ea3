package web_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"qiaomen"
	"qiaomen/blob/blobtest"
	"qiaomen/web"
)

// TestExportList: what a list shows, with the same filters, is taken away; of all
// units it takes two people.
func TestExportList(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		w := filesWorld(t, engine)
		c := w.as("jixian-reporter")
		for i := range 4 {
			c.post(inWinter("/records"), lead("jixian", fmt.Sprintf("示例线索%d", i))).ok()
		}
		w.as("youyi-reporter").post(inWinter("/records"), lead("youyi", "示例线索9")).ok()
		list := inWinter("/records/export")
		q := func(format string, more ...string) string {
			return list + query(append([]string{"format", format, "kind", "domestic_lead", "sort", "-name", "filter", "name>=x"}, more...)...)
		}
		c.get(q("csv", "unit", "jixian")).is(http.StatusUnprocessableEntity) // a text has no range
		q = func(format string, more ...string) string {
			return list + query(append([]string{"format", format, "kind", "domestic_lead", "sort", "-name", "filter", "name^=示例线索"}, more...)...)
		}
		before, err := w.position()
		if err != nil {
			t.Fatal(err)
		}
		a := c.get(q("csv", "unit", "jixian")).is(http.StatusOK)
		lines, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(a.body, []byte("\xef\xbb\xbf")))).ReadAll()
		if err != nil || len(lines) != 5 || lines[1][2] != "示例线索3" || len(a.body) < 3 || string(a.body[:3]) != "\xef\xbb\xbf" {
			t.Errorf("%v %v", lines, err)
		}
		if after, err := w.position(); err != nil || after != before+1 {
			t.Errorf("the export is not sealed: %d after %d", after, before)
		}
		if _, params, err := mime.ParseMediaType(a.header.Get("Content-Disposition")); err != nil || !strings.HasSuffix(params["filename"], ".csv") || !strings.HasPrefix(a.header.Get("Content-Type"), "text/csv") {
			t.Errorf("%v %v", a.header, err)
		}
		a = c.get(q("xlsx", "unit", "jixian")).is(http.StatusOK)
		f, err := excelize.OpenReader(bytes.NewReader(a.body))
		if err != nil {
			t.Fatal(err)
		}
		if rows, err := f.GetRows(f.GetSheetName(0)); err != nil || len(rows) != 5 {
			t.Errorf("%v %v", rows, err)
		}
		w.as("youyi-reporter").get(q("csv", "unit", "jixian")).is(http.StatusNotFound)
		w.as("leader").get(q("csv", "unit", "jixian")).is(http.StatusForbidden)
		w.stranger().get(q("csv", "unit", "jixian")).is(http.StatusUnauthorized)
		c.get(q("csv")).is(http.StatusForbidden)
		c.get(q("ods", "unit", "jixian")).is(http.StatusUnprocessableEntity)

		handler := w.as("handler")
		handler.get(q("csv")).is(http.StatusUnprocessableEntity) // for no reason
		var r web.Result
		handler.get(q("csv", "reason", "示例月报")).is(http.StatusAccepted).into(&r)
		handler.get(inWinter("/exports/" + r.Proposal)).is(http.StatusUnprocessableEntity)
		w.as("reviewer").post(inWinter("/proposals/"+r.Proposal+"/approval"), nil).ok()
		if a := handler.get(inWinter("/exports/" + r.Proposal)).is(http.StatusOK); !strings.Contains(string(a.body), "示例线索9") || bytes.Count(a.body, []byte("\r\n")) != 6 {
			t.Errorf("%s", a.body)
		}
		w.as("handler2").get(inWinter("/exports/" + r.Proposal)).is(http.StatusForbidden)
		w.as("evaluator").get(q("csv", "reason", "示例抽查")).is(http.StatusOK)
	})
}

// formulasOut (asvs 1.2.10; F22): no text that was reported is a formula for
// whoever opens an export.
func formulasOut(t *testing.T) {
	w := filesWorld(t, "sqlite")
	c := w.as("jixian-reporter")
	var texts []string
	for _, first := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠"} {
		for i, rest := range []string{
			"cmd|' /C calc'!A0", `WEBSERVICE("http://example.invalid")`, `HYPERLINK("http://example.invalid","a")`, "1+1", "SUM(A1:A9)", `DDE("cmd";"/C calc";"!A0")`, `IMPORTXML("http://example.invalid","//a")`,
			"1)", `"";=2`, "A1&B1", "2+5+cmd|x!A1", "0.1*9", "FILTERXML(1,2)",
		} {
			texts = append(texts, fmt.Sprintf("%s%s 示例%d", first, rest, i))
		}
	}
	if len(texts) < 100 {
		t.Fatalf("%d texts", len(texts))
	}
	n := 0
	for _, text := range texts {
		if a := c.post(inWinter("/records"), lead("jixian", text)); a.status == http.StatusOK {
			n++
		} else {
			a.is(http.StatusUnprocessableEntity)
		}
	}
	if n < 90 {
		t.Fatalf("%d of %d were reported", n, len(texts))
	}
	a := c.get(inWinter("/records/export?format=csv&unit=jixian&kind=domestic_lead")).is(http.StatusOK)
	lines, err := csv.NewReader(bytes.NewReader(a.body[3:])).ReadAll()
	if err != nil || len(lines) != n+1 {
		t.Fatalf("%d lines: %v", len(lines), err)
	}
	for _, line := range lines {
		for _, cell := range line {
			if cell != "" && strings.ContainsRune("=+-@＝＋－＠\t\r", []rune(cell)[0]) {
				t.Errorf("%q is a formula to somebody", cell)
			}
		}
	}
	for _, path := range []string{"/records/export?format=xlsx&unit=jixian&kind=domestic_lead", "/records/export?format=xlsx&unit=jixian", "/export?format=workbook&unit=jixian"} {
		a = c.get(inWinter(path)).is(http.StatusOK)
		f, err := excelize.OpenReader(bytes.NewReader(a.body))
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, sheet := range f.GetSheetList() {
			rows, err := f.GetRows(sheet)
			if err != nil {
				t.Fatal(err)
			}
			for y, row := range rows {
				for x, cell := range row {
					at, _ := excelize.CoordinatesToCellName(x+1, y+1)
					if formula, err := f.GetCellFormula(sheet, at); err != nil || formula != "" {
						t.Errorf("%s!%s is the formula %q: %v", sheet, at, formula, err)
					}
					if cell != "" && strings.ContainsRune("=+@＝＋－＠", []rune(cell)[0]) {
						t.Errorf("%s!%s is %q", sheet, at, cell)
					}
					if strings.HasPrefix(cell, "'=") {
						found++
					}
				}
			}
		}
		if found == 0 {
			t.Errorf("%s has none of the texts", path)
		}
	}
}

// TestWholeExports: ledgers, journals and the audit log go to who may have them.
func TestWholeExports(t *testing.T) {
	w := filesWorld(t, "sqlite")
	c := w.as("jixian-reporter")
	c.post(inWinter("/records"), lead("jixian", "示例线索")).ok()
	if a := c.get(inWinter("/export?format=records&unit=jixian")).is(http.StatusOK); !strings.Contains(string(a.body), "示例线索") || !strings.Contains(a.header.Get("Content-Disposition"), ".jsonl") {
		t.Errorf("%s", a.body)
	}
	c.get(inWinter("/export?format=workbook&unit=youyi")).is(http.StatusNotFound)
	journal := inWinter("/journal") + query("reason", "示例核验")
	if a := w.as("auditor").get(journal).is(http.StatusOK); !bytes.Contains(a.body, []byte("record_submitted")) && !bytes.Contains(a.body, []byte("RecordSubmitted")) {
		t.Errorf("%.300s", a.body)
	}
	for _, login := range []string{"jixian-reporter", "handler", "leader"} {
		a := w.as(login).get(journal).is(http.StatusForbidden)
		if a.header.Get("Content-Disposition") != "" {
			t.Errorf("%v", a.header)
		}
		a.problem()
	}
	w.as("auditor").get(inWinter("/journal")).is(http.StatusUnprocessableEntity)
	if a := w.as("auditadmin").get("/audit/export").is(http.StatusOK); len(a.body) == 0 {
		t.Error("an empty audit log")
	}
	w.as("system").get("/audit/export").is(http.StatusForbidden)
	w.as("auditadmin").prove().post("/audit/archives?until=2023-12-01", nil).is(http.StatusUnprocessableEntity)
	w.as("system").post("/audit/archives?until=2023-12-01", nil).is(http.StatusForbidden)
	w.clock.move(1200 * 24 * time.Hour)
	a := w.as("auditadmin")
	a.signIn("auditadmin") // the session ended long ago
	if got := a.post("/audit/archives?until=2023-12-20", nil).is(http.StatusOK); len(got.body) == 0 || got.header.Get("ETag") == "" {
		t.Errorf("%v", got.header)
	}
	if left := w.spool(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestDocketOverHTTP: what waits for decisions is taken to a meeting, and comes
// back filled in.
func TestDocketOverHTTP(t *testing.T) {
	w := newWorld(t, "sqlite", qiaomen.SmallOffice)
	c := w.as("handler")
	a := c.get(inWinter("/docket")).is(http.StatusOK)
	if !strings.Contains(a.header.Get("Content-Disposition"), "filename*=UTF-8''%E5%BE%85") {
		t.Errorf("%v", a.header)
	}
	if _, err := excelize.OpenReader(bytes.NewReader(a.body)); err != nil {
		t.Error(err)
	}
	w.as("jixian-reporter").get(inWinter("/docket")).is(http.StatusForbidden)
	scan := c.keep("盖章.pdf", blobtest.Paper("scan")).evidence()
	if p := c.post(inWinter("/docket?scan="+scan.Digest), a.body).is(http.StatusUnprocessableEntity).problem(); !strings.Contains(p.Title, "没有填写") {
		t.Errorf("%+v", p)
	}
	c.post(inWinter("/docket?scan="+scan.Digest), []byte("no workbook")).is(http.StatusUnprocessableEntity)
	c.post(inWinter("/docket"), a.body).is(http.StatusUnprocessableEntity)
}
