package office_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/office"
)

// TestAlikeAfterARuling: a ruling names the first record second, and then that
// one is handed in anew. It is still held against a third that nobody compared
// with it, so the two are never recognised side by side without a ruling.
func TestAlikeAfterARuling(t *testing.T) {
	anew := map[string]func(w *world, id string){
		"amended": func(w *world, id string) { w.amends("jixian-reporter", id, anode) },
		"returned and submitted again": func(w *world, id string) {
			w.must(w.Return(ctx, w.as("handler"), id, 1, "请补"))
			w.now = w.now.Add(time.Hour)
			d := w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), id))
			w.must(w.Submit(ctx, w.as("jixian-reporter"), d.ID))
		},
	}
	for name, hand := range anew {
		t.Run(name, func(t *testing.T) {
			onEach(t, qiaomen.SmallOffice, func(w *world) {
				first, second := w.reserved("jixian", anode), w.reserved("youyi", anodeAgain)
				third := w.reserved("bio-economy", anodeThird)
				w.ruled(false, "", second, first)
				hand(w, first)
				if w.beside(third, first) == nil || w.beside(first, third) == nil {
					w.t.Error("the first and the third are no longer side by side")
				}
				w.ruled(false, "", second, third)
				w.held(third, first)
				w.must(w.recognise(first))
				w.must(w.recognise(second)) // it was told apart from both
				w.held(third, first)
				w.inStates(qiaomen.InReview, third)
				w.ruled(false, "", first, third)
				w.must(w.recognise(third))
				w.inStates(qiaomen.Recognised, first, second, third)
			})
		})
	}
}

// TestAlikeOnlyByAmendment: a recognised record's amendment looks like what
// another reported. Ruled the same, the amendment is refused, and what was
// recognised stays so: nobody reported that twice.
func TestAlikeOnlyByAmendment(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		mine := w.reserved("jixian", peptide)
		w.must(w.recognise(mine))
		w.amends("jixian-reporter", mine, anode)
		theirs := w.reserved("youyi", anodeAgain)
		if w.beside(theirs, mine) == nil {
			w.t.Fatal("the amendment is not seen beside the other")
		}
		w.held(theirs, mine)
		w.ruled(true, theirs, mine, theirs)
		w.inStates(qiaomen.Recognised, mine)
		if r := record(w, mine); r.Amendment != nil || r.Content.Name != peptide {
			w.t.Errorf("it is called “%s”, and its amendment is %+v", r.Content.Name, r.Amendment)
		}
		w.must(w.recognise(theirs))
		w.inStates(qiaomen.Recognised, mine, theirs)

		later := w.reserved("bio-economy", peptideToo)
		w.held(later, mine) // what it was recognised for, it has
	})
}

// TestAlikeOfOneName: two of one name were told apart. The first is handed in
// again under it, and neither needs another ruling.
func TestAlikeOfOneName(t *testing.T) {
	for _, amended := range []string{"jixian", "youyi"} {
		t.Run(amended, func(t *testing.T) {
			onEach(t, qiaomen.SmallOffice, func(w *world) {
				ids := map[string]string{"jixian": w.reserved("jixian", anode)}
				ids["youyi"] = w.reserved("youyi", anode)
				first, second := ids["jixian"], ids["youyi"]
				w.ruled(false, "", first, second)
				w.amends(amended+"-reporter", ids[amended], anode)
				if amended == "jixian" {
					w.must(w.recognise(first))
					w.must(w.recognise(second))
				} else {
					w.must(w.recognise(second))
					w.must(w.recognise(first))
				}
				w.inStates(qiaomen.Recognised, first, second)
			})
		})
	}
}

// TestAlikeBehindDecoys: a unit hands in many records that are all likelier than
// the first of another. They do not hide it from who comes later, and once they
// are withdrawn the later one waits for it still.
func TestAlikeBehindDecoys(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		const many, name = 210, "年产5万吨示例石墨负极材料生产线项目"
		first := w.reserved("jixian", "拟建示例石墨负极材料产业化项目")
		var names []string
		for range many {
			names = append(names, name)
		}
		w.now = w.now.Add(time.Hour)
		w.imported("youyi-reporter", office.Import{Name: "a.jsonl", Content: file("youyi", names...), Submit: true})
		last := w.reserved("bio-economy", name)
		if r := w.beside(last, first); r == nil || !r.Earlier || r.UnitName != "集贤县" {
			w.t.Errorf("beside the last: %+v", r)
		}
		w.held(last, first)
		for i := range many {
			w.must(w.Withdraw(ctx, w.as("youyi-reporter"), fmt.Sprintf("youyi-rp-%d", i+1)))
		}
		w.held(last, first)
		w.must(w.recognise(first))
		w.held(last, first)
		w.inStates(qiaomen.InReview, last)
	})
}

// TestAlikeComesBackAsAnother: withdrawn, renamed to another thing and reported
// again, a record is not held by what it used to resemble.
func TestAlikeComesBackAsAnother(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		first, second := w.reserved("jixian", anode), w.reserved("youyi", anodeAgain)
		w.must(w.Withdraw(ctx, w.as("jixian-reporter"), first))
		w.must(w.recognise(second))
		w.now = w.now.Add(time.Hour)
		d := w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), first))
		w.must(w.EditDraft(ctx, w.as("jixian-reporter"), office.DraftInput{ID: d.ID, Name: peptide, Fields: []byte(reserve)}))
		w.must(w.Submit(ctx, w.as("jixian-reporter"), d.ID))
		if r := w.beside(first, second); r != nil {
			w.t.Errorf("it stands beside what it used to resemble: %+v", r.Like)
		}
		later := w.reserved("bio-economy", peptideToo)
		w.held(later, first)
		w.must(w.recognise(first))
		w.held(later, first)
		w.inStates(qiaomen.Recognised, first, second)
	})
}

// TestAlikeHintOfACompany: who courts a company is nobody's to find out, so the
// hint is silent until a draft says what for, too.
func TestAlikeHintOfACompany(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		const company, content = `"target_company":"示例盛华石墨有限公司"`, `"content":"年产10万吨球形石墨"`
		w.report("jixian-reporter", "jixian", "domestic_lead", "线索一", "{"+company+","+content+`,"amount_yi":2}`)
		for _, c := range []struct {
			fields string
			exists bool
		}{
			{"{" + company + "}", false},
			{"{" + content + "}", false},
			{"{" + company + `,"content":"项目"}`, false},
			{"{" + company + `,"content":"大豆加工"}`, false},
			{"{" + company + "," + content + "}", true},
		} {
			d := w.must(w.Draft(ctx, w.as("youyi-reporter"), office.DraftInput{Unit: "youyi", Kind: "domestic_lead", Name: "示例线索", Fields: []byte(c.fields)}))
			h, err := w.DuplicateHint(ctx, w.as("youyi-reporter"), d.ID)
			if err != nil || h.Exists != c.exists || (len(h.Why) > 0) != c.exists {
				w.t.Errorf("%s: %+v %v", c.fields, h, err)
			}
		}
	})
}

// TestAlikeToAThird: east and west are both like the whole, and not like each
// other. Once the whole is refused, neither stands in the other's way.
func TestAlikeToAThird(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		whole := w.reserved("jixian", "示例生物制药项目")
		east := w.reserved("youyi", "示例生物制药项目（东区）")
		west := w.reserved("bio-economy", "示例生物制药项目（西区）")
		w.held(east, whole)
		w.held(west, whole)
		w.must(w.Accept(ctx, w.as("handler"), whole, 1))
		w.must(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: whole, Version: 1, Refuse: true, Reason: "没有依据"}))
		w.must(w.recognise(east))
		if r := w.beside(west, east); r != nil {
			w.t.Errorf("west stands beside east: %+v", r.Like)
		}
		w.must(w.recognise(west))
		w.inStates(qiaomen.Refused, whole)
		w.inStates(qiaomen.Recognised, east, west)
	})
}

// TestAlikeIsNotTold: a unit sees its own amendment, and not whose reports it is
// held against; the office sees both.
func TestAlikeIsNotTold(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		first, mine := w.reserved("jixian", anode), w.reserved("youyi", peptide)
		w.must(w.recognise(mine))
		w.amends("youyi-reporter", mine, anodeAgain)
		for _, login := range []string{"youyi-reporter", "youyi-head"} {
			v, err := w.Record(ctx, w.as(login), mine)
			if err != nil || v.Record.Amendment == nil {
				w.t.Fatalf("%s sees no amendment: %v", login, err)
			}
			if a := v.Record.Amendment; len(a.Keys) > 0 || a.Content.Name != anodeAgain {
				w.t.Errorf("%s sees %+v", login, a)
			}
			if all, err := json.Marshal(v); err != nil || strings.Contains(string(all), first) {
				w.t.Errorf("%s sees whom it is like: %s %v", login, all, err)
			}
		}
		v, err := w.Record(ctx, w.as("handler"), mine)
		if err != nil || v.Record.Amendment == nil || len(v.Record.Amendment.Keys) == 0 {
			w.t.Errorf("the office is not shown its keys: %v", err)
		}
		w.held(mine, first) // they were hidden, and not lost
	})
}

// TestAlikeOfTheOldLedger: what the old ledger recognised is like a report that
// waits already. The report waits for a ruling; the old ledger stays as it is.
func TestAlikeOfTheOldLedger(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		row := func(id, unit, name string) string {
			return fmt.Sprintf(`{"kind":"reserve_project","id":"%s","unit":"%s","name":"%s","reported_at":"2023-12-05T09:00:00+08:00","recognized_at":"2023-12-06T09:00:00+08:00",%s`+"\n", id, unit, name, reserve[1:])
		}
		mine := w.reserved("jixian", anode)
		w.opens("旧台账.jsonl", []byte(row("one", "youyi", anodeAgain)+row("two", "youyi", peptide)+row("three", "raohe", peptideToo)))
		if w.beside(mine, "one") == nil {
			w.t.Error("the old ledger is not seen beside what waits")
		}
		w.held(mine, "one")
		w.inStates(qiaomen.InReview, mine)
		w.inStates(qiaomen.Recognised, "one", "two", "three") // also two that are alike
		w.ruled(false, "", "one", mine)
		w.must(w.recognise(mine))
		w.inStates(qiaomen.Recognised, mine, "one")
	})
}

// TestAlikeLabelledThen: a labelled pair has the names that somebody ruled on,
// whatever the records have been called since.
func TestAlikeLabelledThen(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		first, second := w.reserved("jixian", anode), w.reserved("youyi", anodeAgain)
		w.ruled(false, "", first, second)
		w.amends("youyi-reporter", second, peptide)
		w.must(w.recognise(second))
		if name := record(w, second).Content.Name; name != peptide {
			w.t.Fatalf("it is called %s", name)
		}
		pairs, err := w.LabelledPairs(ctx, w.as("handler"))
		if err != nil || len(pairs) != 1 {
			w.t.Fatalf("%d pairs: %v", len(pairs), err)
		}
		if p := pairs[0]; p.Label != "different" || p.RecordA != first || p.ProjectA != anode || p.RecordB != second || p.ProjectB != anodeAgain {
			w.t.Errorf("%+v", p)
		}
	})
}
