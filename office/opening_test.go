package office_test

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/records"
	"qiaomen/scheme"
	"qiaomen/schemes"
	"qiaomen/store"
)

func (w *world) proof() qiaomen.Evidence {
	w.t.Helper()
	w.keys++
	return w.keeps("handler", "", "台账扫描件.jpg", picture(w.keys))
}

// opens proposes an opening import and approves it.
func (w *world) opens(name string, content []byte) string {
	w.t.Helper()
	a := w.must(w.OpeningImport(ctx, w.as("handler"), office.Opening{Name: name, Content: content, Proof: w.proof()}))
	if a.Proposal == "" {
		w.t.Fatal("nobody was asked")
	}
	w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
	return a.Proposal
}

// score is what a records file comes to under the built-in scheme.
func score(t *testing.T, content []byte) string {
	t.Helper()
	text, err := schemes.Files.ReadFile("shuangyashan-winter-2023/scheme.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s, faults := scheme.Parse("scheme.yaml", text, nil)
	if s == nil {
		t.Fatal(faults)
	}
	tally := s.NewTally(scheme.View{})
	found, err := records.NewReader(s, "x").Read(bytes.NewReader(content), tally)
	if err != nil || found.Total > 0 {
		t.Fatalf("%v %v", found.First, err)
	}
	return string(tally.Score(s.DefaultReadings()).JSON())
}

// twice is the example with one name for all its foreign leads.
func twice(example []byte) []byte {
	return regexp.MustCompile(`"name":"[^"]*外资线索"`).ReplaceAll(example, []byte(`"name":"示例外资线索"`))
}

// A whole winter that was kept before the program came in scores as it did, and
// what is exported comes back as the same.
func TestOpeningImportScoresAsBefore(t *testing.T) {
	example, err := os.ReadFile("../examples/winter-2023.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.now = w.now.AddDate(1, 0, 0)
		_, err := w.OpeningImport(ctx, w.as("handler"), office.Opening{Name: "旧台账.jsonl", Content: twice(example), Proof: w.proof()})
		w.faulty("旧台账.jsonl:430: 与第")(nil, err)
		w.faulty("旧台账.jsonl:540: 与第")(nil, err)
		w.opens("旧台账.jsonl", example)
		out, err := w.ExportAll(ctx, w.as("auditor"), office.ExportRequest{Format: office.AsRecords, Reason: "核对"})
		if err != nil {
			t.Fatal(err)
		}
		if score(t, out.Data) != score(t, example) {
			t.Error("the exported ledger scores otherwise")
		}
		w.is(w.verdicts("handler", office.Import{Name: "a.jsonl", Content: out.Data}), "0 0 603 0")
		w.is(w.verdicts("handler", office.Import{Name: "a.jsonl", Content: example}), "0 0 603 0")
		book, err := w.ExportAll(ctx, w.as("evaluator"), office.ExportRequest{Format: office.AsWorkbook, Reason: "核对"})
		if err != nil {
			t.Fatal(err)
		}
		w.is(w.verdicts("handler", office.Import{Name: book.Name, Content: book.Data}), "0 0 603 0")
		_, err = w.OpeningImport(ctx, w.as("handler"), office.Opening{Name: "旧台账.jsonl", Content: out.Data, Proof: w.proof()})
		w.faulty("已经全部导入过")(nil, err)
	})
}

const oldLedger = `{"kind":"reserve_project","id":"a","unit":"jixian","reported_at":"2023-12-05T09:00:00+08:00","recognized_at":"2023-12-06T09:00:00+08:00","revoked_at":"2023-12-09T09:00:00+08:00","name":"示例石墨","target_companies":["示例甲公司"],"contact":"示例联系人"}
{"kind":"reserve_project","id":"b","unit":"youyi","reported_at":"2023-12-04T09:00:00+08:00","recognized_at":"2023-12-10T09:00:00+08:00","name":"示例石墨","target_companies":["示例甲公司"]}
{"kind":"signed_project","id":"集-1","unit":"jixian","reported_at":"2023-12-05T09:00:00+08:00","name":"示例签约","signed_on":"2023-12-01","amount_yi":3,"original_checked":true,"evidence":["contract"]}
{"kind":"signed_project","id":"x y","unit":"youyi","reported_at":"2023-12-05T09:00:00+08:00","recognized_at":"2023-12-06T09:00:00+08:00","name":"示例签约二","signed_on":"2023-12-01","amount_yi":3,"original_checked":true,"evidence":["contract"],"from_reserve":"b"}
{"kind":"funds","id":"f","unit":"jixian","quarter":"2023Q1","amount_wan":100,"published_on":"2023-04-21"}
`

func TestOpeningImport(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		a := office.Opening{Name: "旧台账.jsonl", Content: []byte(oldLedger), Proof: w.proof()}
		caller := w.as("handler")
		first := w.must(w.OpeningImport(ctx, caller, a))
		again := w.must(w.OpeningImport(ctx, caller, a))
		if !again.Again || again.Proposal != first.Proposal {
			t.Errorf("%+v, want %+v", again, first)
		}
		for _, login := range []string{"reviewer", "jixian-reporter", "evaluator", "auditor"} {
			w.refused(w.OpeningImport(ctx, w.as(login), a))
		}
		w.refused(w.Approve(ctx, w.as("handler"), first.Proposal))
		w.refused(w.Approve(ctx, w.as("handler2"), first.Proposal))
		w.must(w.Approve(ctx, w.as("reviewer"), first.Proposal))

		one, two := record(w, "a"), record(w, "b")
		w.is([]any{one.State, one.RecognisedAt[:10], one.RevokedAt[:10], one.PlaceAt, one.Opening}, "[revoked 2023-12-06 2023-12-09 2023-12-05T01:00:00.000000Z true]")
		w.is([]any{two.State, two.RecognisedAt[:10]}, "[recognised 2023-12-10]")
		if signed := record(w, "集-1"); signed.State != qiaomen.Submitted || string(signed.Set) != `{"original_checked":true}` || len(signed.Content.Evidence) != 1 || !signed.Content.Evidence[0].Declared() {
			t.Errorf("%+v", signed)
		}
		if strings.Contains(string(one.Content.Fields), "联系人") || !one.Content.Personal {
			t.Errorf("%s", one.Content.Fields)
		}
		// Nobody recognises what they typed; a declared file stands for no other.
		w.must(w.Accept(ctx, w.as("handler"), "集-1", 1))
		w.refused(w.Recognise(ctx, w.as("handler"), office.Decision{Record: "集-1", Version: 1}))
		w.must(w.Recognise(ctx, w.as("handler2"), office.Decision{Record: "集-1", Version: 1}))

		// What the old ledger declared stays with an amendment of its record.
		draft := w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), "集-1"))
		w.must(w.Amend(ctx, w.as("jixian-reporter"), draft.ID, "补正"))

		more := strings.NewReplacer(`"a"`, `"a2"`, "示例石墨", "示例大豆").Replace(strings.SplitAfter(oldLedger, "\n")[0])
		w.opens("补.jsonl", []byte(more))
		w.recognised(w.report("jixian-reporter", "jixian", "reserve_project", "示例新项目", reserve), 1)
		_, err := w.OpeningImport(ctx, w.as("handler"), office.Opening{Name: "再.jsonl", Content: []byte(strings.Replace(more, `"a2"`, `"a3"`, 1)), Proof: w.proof()})
		w.faulty("不能再做期初导入")(nil, err)
	})
}

func TestOpeningImportRefuses(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		line := func(id, unit, name string, with ...string) string {
			return fmt.Sprintf(`{"kind":"reserve_project","id":"%s","unit":"%s","name":"%s",%s}`+"\n", id, unit, name, strings.Join(with, ","))
		}
		reported, recognised := `"reported_at":"2023-12-05T09:00:00+08:00"`, `"recognized_at":"2023-12-06T09:00:00+08:00"`
		content := line("1", "jixian", "示例石墨", reported, recognised) +
			line("2", "bio-economy", "示例　石墨", reported, recognised) +
			line("3", "jixian", "示例大豆", recognised) +
			line("4", "jixian", "示例玉米", reported, `"recognized_at":"2099-12-06T09:00:00+08:00"`) +
			line("5", "youyi", "示例石墨", reported)
		a := office.Opening{Name: "旧.jsonl", Content: []byte(content), Proof: w.proof()}
		_, err := w.OpeningImport(ctx, w.as("handler"), a)
		for _, says := range []string{"旧.jsonl:2: 与第1行（1）是同一事项", "旧.jsonl:3: 没有写上报时间", "旧.jsonl:4: 认定时间在现在之后"} {
			w.faulty(says)(nil, err)
		}
		if strings.Contains(err.Error(), "第5行") {
			t.Error("a record that was never recognised is nobody's rival")
		}
		a.Proof = qiaomen.Evidence{Name: "没有.jpg"}
		_, err = w.OpeningImport(ctx, w.as("handler"), a)
		w.faulty("没有收到文件“没有.jpg”")(nil, err)

		// Between proposal and approval somebody may be recognised.
		a = office.Opening{Name: "旧.jsonl", Content: []byte(line("1", "jixian", "示例石墨", reported, recognised)), Proof: w.proof()}
		waiting := w.must(w.OpeningImport(ctx, w.as("handler"), a))
		w.recognised(w.report("jixian-reporter", "jixian", "reserve_project", "示例新项目", reserve), 1)
		w.faulty("不能再做期初导入")(w.Approve(ctx, w.as("reviewer"), waiting.Proposal))
		w.must(w.Decline(ctx, w.as("reviewer"), waiting.Proposal, "已经开始认定"))
	})
}

// The rows of an opening import wait in a working table, and are what was
// proposed or nothing.
func TestOpeningImportIsWhatWasProposed(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		a := office.Opening{Name: "旧.jsonl", Content: []byte(oldLedger), Proof: w.proof()}
		waiting := w.must(w.OpeningImport(ctx, w.as("handler"), a))
		err := w.store.Read(ctx, winter, 0, func(v *store.View) error {
			works, err := v.Works("job", "", "")
			works = slices.DeleteFunc(works, func(w store.Work) bool { return !strings.HasPrefix(w.ID, "opening ") })
			if err == nil && len(works) != 1 {
				t.Errorf("%d jobs", len(works))
			}
			if err != nil || len(works) == 0 {
				return err
			}
			_, err = w.store.Write(ctx, store.Act{Journal: winter, At: w.now}, func(tx *store.Tx) error {
				works[0].Data = bytes.Replace(works[0].Data, []byte("示例签约"), []byte("别的签约"), 1)
				return tx.Keep("job", works[0])
			})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		w.faulty("被改过")(w.Approve(ctx, w.as("reviewer"), waiting.Proposal))
	})
}

// TestAnOpeningPassesNobodyBy: what the old ledger recognised is not taken in
// past an earlier report that waits here.
func TestAnOpeningPassesNobodyBy(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		old := func(reported string) []byte {
			return []byte(`{"kind":"reserve_project","unit":"jixian","id":"old1","name":"示例项目","reported_at":"` + reported + `T10:00:00+08:00","recognized_at":"2023-12-06T10:00:00+08:00",` + reserve[1:] + "\n")
		}
		early := w.must(w.EnterFor(ctx, w.as("handler2"), office.Entry{
			Unit: "youyi", Kind: "reserve_project", Name: "示例项目", Fields: []byte(reserve), ReceivedAt: "2023-12-02T10:00:00+08:00", ReceivedNumber: "收1",
		}))
		w.faulty("更早的上报：" + early.ID)(w.OpeningImport(ctx, w.as("handler"), office.Opening{Name: "旧.jsonl", Content: old("2023-12-05"), Proof: w.proof()}))
		w.opens("旧.jsonl", old("2023-12-01")) // an earlier one is
	})
}
