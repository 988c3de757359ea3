package office_test

import (
	"fmt"
	"strings"
	"testing"

	"qiaomen"
	"qiaomen/office"
)

// file is a records file of reserve projects of a unit, one for each name.
func file(unit string, names ...string) []byte {
	var b strings.Builder
	for i, name := range names {
		fmt.Fprintf(&b, `{"kind":"reserve_project","id":"%s-rp-%d","unit":"%s","name":"%s","target_companies":["示例甲公司","示例乙公司"]}`+"\n", unit, i+1, unit, name)
	}
	return []byte(b.String())
}

// verdicts is how many rows a preview has of each: new, changed, same, refused.
func (w *world) verdicts(login string, a office.Import) string {
	w.t.Helper()
	p, err := w.Preview(ctx, w.as(login), a)
	if err != nil {
		w.t.Fatal(err)
	}
	return fmt.Sprint(p.Count(office.RowNew), p.Count(office.RowChanged), p.Count(office.RowSame), p.Count(office.RowRefused)+len(p.Faults))
}

func (w *world) imported(login string, a office.Import) *office.ImportAnswer {
	w.t.Helper()
	out, err := w.Import(ctx, w.as(login), a)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) is(got, want any) {
	w.t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Errorf("%v, want %v", got, want)
	}
}

func TestUnitImportsItsDrafts(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		a := office.Import{Name: "储备.jsonl", Content: file("jixian", "示例石墨", "示例大豆")}
		w.is(w.verdicts("jixian-reporter", a), "2 0 0 0")
		out := w.imported("jixian-reporter", a)
		w.is([]int{out.New, out.Changed, out.Same, len(out.Parts)}, "[2 0 0 1]")
		w.is(w.verdicts("jixian-reporter", a), "0 0 2 0")

		drafts, err := w.Drafts(ctx, w.as("jixian-reporter"), "jixian")
		if err != nil || len(drafts) != 2 || drafts[0].ID != "jixian-rp-1" {
			t.Fatalf("%v: %v", drafts, err)
		}
		a.Content = file("jixian", "示例石墨二期", "示例大豆")
		out = w.imported("jixian-reporter", a)
		w.is([]int{out.New, out.Changed, out.Same}, "[0 1 1]")

		a.Submit = true
		w.is(w.verdicts("jixian-reporter", a), "0 2 0 0")
		w.imported("jixian-reporter", a)
		w.is(w.verdicts("jixian-reporter", a), "0 0 2 0")
		if r := record(w, "jixian-rp-1"); r.State != qiaomen.Submitted || r.Content.Name != "示例石墨二期" {
			t.Errorf("%s %s", r.State, r.Content.Name)
		}

		// A record that was handed over is amended, with a reason.
		a.Content = file("jixian", "示例石墨三期", "示例大豆")
		_, err = w.Import(ctx, w.as("jixian-reporter"), a)
		w.faulty("没有写理由")(nil, err)
		a.Submit = false
		w.imported("jixian-reporter", a)
		w.is(w.verdicts("jixian-reporter", a), "0 0 2 0")
		w.is(record(w, "jixian-rp-1").Version, 1)
		a.Submit, a.Reason = true, "名称写错"
		w.imported("jixian-reporter", a)
		w.is(record(w, "jixian-rp-1").Content.Name, "示例石墨三期")
		w.is(w.verdicts("jixian-reporter", a), "0 0 2 0")

		w.recognised("jixian-rp-1", 2)
		a.Content = file("jixian", "示例石墨四期", "示例大豆")
		w.imported("jixian-reporter", a)
		if r := record(w, "jixian-rp-1"); r.Content.Name != "示例石墨三期" || r.Amendment == nil {
			t.Errorf("%v", r)
		}
		w.is(w.verdicts("jixian-reporter", a), "0 0 2 0")
	})
}

func TestOneBadRowRefusesTheFile(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		content := string(file("jixian", "示例石墨")) +
			`{"kind":"signed_project","id":"sp","unit":"jixian","name":"示例甲","original_checked":true,"recognized_at":"2023-12-11T09:00:00+08:00"}` + "\n" +
			`{"kind":"funds","id":"fu","unit":"jixian","quarter":"2024Q1","amount_wan":5,"published_on":"2023-12-01"}` + "\n"
		a := office.Import{Name: "a.jsonl", Content: []byte(content), Submit: true}
		w.is(w.verdicts("jixian-reporter", a), "1 0 0 2")
		_, err := w.Import(ctx, w.as("jixian-reporter"), a)
		for _, says := range []string{"a.jsonl:2: original_checked: ", "由办公室填", "认定、撤销的时间由办公室的决定产生", "a.jsonl:3", "官方数据不由单位填报"} {
			w.faulty(says)(nil, err)
		}
		drafts, err := w.Drafts(ctx, w.as("jixian-reporter"), "jixian")
		if err != nil || len(drafts) != 0 {
			t.Errorf("half saved: %v %v", drafts, err)
		}
		a.Content = []byte(`{"kind":"reserve_project","id":"x","unit":"jixian","amount_yi":"许多"}` + "\n{")
		w.is(w.verdicts("jixian-reporter", a), "0 0 0 2")
		_, err = w.Import(ctx, w.as("jixian-reporter"), a)
		w.faulty("a.jsonl:1: amount_yi: ")(nil, err)
		w.faulty("a.jsonl:2: ")(nil, err)
		a.Content = nil
		_, err = w.Import(ctx, w.as("jixian-reporter"), a)
		w.faulty("没有记录")(nil, err)
		_, err = w.Import(ctx, w.as("jixian-reporter"), office.Import{Name: "a.xls", Content: []byte("x")})
		w.faulty("另存为 .xlsx")(nil, err)
	})
}

func TestWhoMayImport(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		own := office.Import{Name: "a.jsonl", Content: file("jixian", "示例石墨")}
		for _, login := range []string{"youyi-reporter", "evaluator", "member", "auditor", "system", "statistician"} {
			_, err := w.Import(ctx, w.as(login), own)
			w.refused(nil, err)
		}
		both := office.Import{Name: "a.jsonl", Content: append(file("jixian", "示例石墨"), file("youyi", "示例大豆")...)}
		_, err := w.Import(ctx, w.as("jixian-reporter"), both)
		w.refused(nil, err)
		both.Unit = "jixian"
		_, err = w.Import(ctx, w.as("jixian-reporter"), both)
		w.faulty("这是“友谊县”的记录")(nil, err)
	})
}

func TestTwoUnitsNumberAlike(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		same := func(unit string) office.Import {
			return office.Import{Name: "a.jsonl", Content: []byte(strings.ReplaceAll(string(file(unit, "示例"+unit)), unit+"-rp-1", "1") +
				`{"kind":"domestic_lead","id":"2","unit":"` + unit + `","name":"线索","target_company":"示例公司","content":"建厂` + unit + `","amount_yi":1,"from_reserve":"1"}` + "\n"), Submit: true}
		}
		w.imported("jixian-reporter", same("jixian"))
		w.imported("youyi-reporter", same("youyi"))
		w.is(w.verdicts("jixian-reporter", same("jixian")), "0 0 2 0")
		w.is(w.verdicts("youyi-reporter", same("youyi")), "0 0 2 0")
		p, err := w.Preview(ctx, w.as("youyi-reporter"), same("youyi"))
		if err != nil {
			t.Fatal(err)
		}
		reserve, lead := p.Rows[0].ID, record(w, p.Rows[1].ID)
		if reserve == "1" || record(w, "1").Unit != "jixian" || !strings.Contains(string(lead.Content.Fields), `"from_reserve":"`+reserve+`"`) {
			t.Errorf("%s %s", reserve, lead.Content.Fields)
		}
	})
}

func TestOfficeEntersForUnits(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		content := string(file("jixian", "示例石墨")) + strings.Replace(string(file("youyi", "示例大豆")), `"name"`, `"reported_at":"2023-12-05T10:00:00+08:00","name"`, 1)
		a := office.Import{Name: "代录.jsonl", Content: []byte(content)}
		_, err := w.Import(ctx, w.as("handler"), a)
		w.faulty("没有写收件编号")(nil, err)
		w.faulty("没有写收件时间")(nil, err)
		a.ReceivedAt, a.ReceivedNumber = "2023-12-08T09:30:00+08:00", "收〔2023〕5号"
		w.imported("handler", a)
		r, other := record(w, "jixian-rp-1"), record(w, "youyi-rp-1")
		if r.State != qiaomen.Submitted || r.Typist() == "" || r.PlaceAt != "2023-12-08T01:30:00.000000Z" || other.PlaceAt != "2023-12-05T02:00:00.000000Z" {
			t.Errorf("%+v %+v", r, other)
		}
		w.is(w.verdicts("reviewer", a), "0 0 2 0")
		w.must(w.Accept(ctx, w.as("handler"), r.ID, 1))
		w.refused(w.Recognise(ctx, w.as("handler"), office.Decision{Record: r.ID, Version: 1}))
		w.must(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: r.ID, Version: 1}))
		a.Content = []byte(strings.Replace(content, "示例石墨", "示例石墨二期", 1))
		_, err = w.Import(ctx, w.as("handler"), a)
		w.faulty("已上报的记录由单位更正")(nil, err)
	})
}

// The unit's draft of the same number stays its own when the office enters one.
func TestOfficeDoesNotTakeAUnitsDraft(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.imported("jixian-reporter", office.Import{Name: "a.jsonl", Content: file("jixian", "示例石墨")})
		a := office.Import{Name: "a.jsonl", Content: file("jixian", "示例大豆"), ReceivedAt: "2023-12-08T09:30:00+08:00", ReceivedNumber: "5"}
		w.imported("handler", a)
		drafts, err := w.Drafts(ctx, w.as("jixian-reporter"), "jixian")
		if err != nil || len(drafts) != 1 || drafts[0].Name != "示例石墨" {
			t.Errorf("%v %v", drafts, err)
		}
		w.is(w.verdicts("handler", a), "0 0 1 0")
	})
}

func TestHeadSignsWhatWasImported(t *testing.T) {
	onEach(t, qiaomen.ThreePowers, func(w *world) {
		a := office.Import{Name: "a.jsonl", Content: file("jixian", "示例石墨"), Submit: true}
		w.imported("jixian-reporter", a)
		w.is(record(w, "jixian-rp-1").State, qiaomen.HandedOver)
		a.Content, a.Reason = file("jixian", "示例石墨二期"), "名称写错"
		_, err := w.Import(ctx, w.as("jixian-reporter"), a)
		w.faulty("等负责人签批")(nil, err)
		w.must(w.SignOff(ctx, w.as("jixian-head"), "jixian-rp-1"))
		w.imported("jixian-reporter", a)
		w.is(record(w, "jixian-rp-1").Content.Name, "示例石墨")
		w.is(w.verdicts("jixian-reporter", a), "0 0 1 0")
		again := a
		again.Content = file("jixian", "示例石墨三期")
		_, err = w.Import(ctx, w.as("jixian-reporter"), again)
		w.faulty("已有更正等负责人签批")(nil, err)
		waiting, err := w.Proposals(ctx, w.as("jixian-head"), false)
		if err != nil || len(waiting) != 1 {
			t.Fatalf("%v %v", waiting, err)
		}
		w.must(w.Approve(ctx, w.as("jixian-head"), waiting[0].ID))
		w.is(record(w, "jixian-rp-1").Content.Name, "示例石墨二期")
		w.is(w.verdicts("jixian-reporter", a), "0 0 1 0")
	})
}

func TestTheSameRequestAgain(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		a := office.Import{Name: "a.jsonl", Content: file("jixian", "示例石墨"), Submit: true}
		caller := w.as("jixian-reporter")
		first, err := w.Import(ctx, caller, a)
		if err != nil {
			t.Fatal(err)
		}
		again, err := w.Import(ctx, caller, a)
		if err != nil {
			t.Fatal(err)
		}
		if !again.Parts[0].Again || again.New != first.New || again.Parts[0].ID != first.Parts[0].ID || again.Parts[0].Last != first.Parts[0].Last {
			t.Errorf("%+v, want %+v", again.Parts[0], first.Parts[0])
		}
		a.Content = file("jixian", "示例大豆")
		_, err = w.Import(ctx, caller, a)
		w.faulty("这个幂等键已经用于另一件事")(nil, err)
	})
}

// A long file comes in by parts. Broken off, the same file goes on.
func TestLongFileComesInParts(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		var names []string
		for i := range 2100 {
			names = append(names, fmt.Sprint("示例", i))
		}
		whole := file("jixian", names...)
		w.imported("jixian-reporter", office.Import{Name: "a.jsonl", Content: file("jixian", names[:700]...), Submit: true})
		out := w.imported("jixian-reporter", office.Import{Name: "a.jsonl", Content: whole, Submit: true})
		w.is([]int{out.New, out.Changed, out.Same, len(out.Parts)}, "[1400 0 700 2]")
		w.is(w.verdicts("jixian-reporter", office.Import{Name: "a.jsonl", Content: whole, Submit: true}), "0 0 2100 0")
	})
}

// Rows of a workbook without an id are known by what makes them one thing, not
// by their row.
func TestRowsWithoutAnID(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		csv := func(rows ...string) office.Import {
			return office.Import{Name: "储备项目.csv", Content: []byte("单位,名称,建设地点\n" + strings.Join(rows, "\n") + "\n"), Submit: true, Reason: "补充"}
		}
		w.imported("jixian-reporter", csv("集贤县,示例石墨,福利镇"))
		next := csv("集贤县,示例大豆,升昌镇", "集贤县,示例石墨,福利镇")
		w.is(w.verdicts("jixian-reporter", next), "1 0 1 0")
		w.imported("jixian-reporter", next)
		w.is(w.verdicts("jixian-reporter", csv("集贤县,示例石墨,太平镇", "集贤县,示例大豆,")), "0 1 1 0")
	})
}

// What a file gives back of what others established is no change.
func TestOwnedFieldsComeBackUnchanged(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		id := w.report("jixian-reporter", "jixian", "signed_project", "示例签约", `{"signed_on":"2023-12-10","amount_yi":2}`, "contract")
		w.must(w.Accept(ctx, w.as("handler"), id, 1))
		w.must(w.CheckOriginal(ctx, w.as("reviewer"), id))
		w.must(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: id, Version: 1}))
		out, err := w.ExportOwn(ctx, w.as("jixian-reporter"), office.ExportRequest{Unit: "jixian", Format: office.AsRecords})
		if err != nil {
			t.Fatal(err)
		}
		a := office.Import{Name: out.Name, Content: out.Data, Submit: true}
		w.is(w.verdicts("jixian-reporter", a), "0 0 1 0")
		w.is(w.verdicts("handler", a), "0 0 1 0")
		a.Content = []byte(strings.Replace(string(out.Data), `"original_checked":true`, `"original_checked":false`, 1))
		w.is(w.verdicts("jixian-reporter", a), "0 0 0 1")
	})
}
