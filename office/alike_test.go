package office_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/office"
)

// One project under three names, and what is near it and another.
const (
	anode       = "年产5万吨示例石墨负极材料项目"
	anodeAgain  = "示例石墨負極材料建设项目（年产五万吨）"
	anodeThird  = "拟建示例石墨负极材料项目"
	anodeSecond = "年产5万吨示例石墨负极材料项目二期"
	peptide     = "年产2000吨示例玉米多肽项目"
	peptideToo  = "关于示例玉米多肽生产线（年产两千吨）"
)

// reserved is a unit's reserve project, reported an hour after what was before.
func (w *world) reserved(unit, name string) string {
	w.t.Helper()
	w.now = w.now.Add(time.Hour)
	login := map[string]string{"bio-economy": "bio-reporter"}[unit]
	if login == "" {
		login = unit + "-reporter"
	}
	return w.report(login, unit, "reserve_project", name, reserve)
}

// recognise tries to recognise the newest version of a record.
func (w *world) recognise(id string) (*office.Answer, error) {
	w.t.Helper()
	version, state, _ := record(w, id).Pending()
	if state == qiaomen.Submitted {
		w.must(w.Accept(ctx, w.as("handler"), id, version))
	}
	return w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: id, Version: version})
}

// held asks that a record waits for a ruling because it is like the other.
func (w *world) held(id, other string) {
	w.t.Helper()
	before, _, _ := record(w, id).Pending()
	_, err := w.recognise(id)
	w.faulty("疑似同一事项")(nil, err)
	w.faulty("”的 "+other)(nil, err)
	if after, _, _ := record(w, id).Pending(); after != before {
		w.t.Errorf("%s became version %d", id, after)
	}
}

// ruled has the office settle that records are one thing, whose holder may be
// named, or several.
func (w *world) ruled(same bool, holder string, ids ...string) *office.Answer {
	w.t.Helper()
	a := w.must(w.Settle(ctx, w.as("handler"), office.Ruling{Records: ids, Same: same, Holder: holder, Reason: "示例：现场看过"}))
	return w.byGroup(a.Proposal)
}

func (w *world) inStates(want qiaomen.State, ids ...string) {
	w.t.Helper()
	for _, id := range ids {
		if r := record(w, id); r.State != want {
			w.t.Errorf("%s “%s” is %s, want %s", id, r.Content.Name, r.State, want)
		}
	}
}

// beside is the other as the office sees it beside a record; nil: it does not.
func (w *world) beside(id, other string) *office.Rival {
	w.t.Helper()
	v, err := w.Record(ctx, w.as("handler"), id)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range v.Rivals {
		if _, like := qiaomen.Likeness(r.Key); like && r.Record == other {
			return &r
		}
	}
	return nil
}

// TestAlikeWaitsForARuling: another district reports the same under another
// name. The office sees both, side by side, and nobody but the first is
// recognised until somebody has ruled.
func TestAlikeWaitsForARuling(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		first, second := w.reserved("jixian", anode), w.reserved("youyi", anodeAgain)
		r := w.beside(second, first)
		if r == nil || !r.Earlier || r.UnitName != "集贤县" || r.Like == nil || r.Like.Verdict != "doubt" || r.Like.Label != "疑似" || r.Like.Name != anode || r.File {
			t.Fatalf("beside the second: %+v", r)
		}
		if r = w.beside(first, second); r == nil || r.Earlier || r.UnitName != "友谊县" || r.Like.Name != anodeAgain {
			t.Fatalf("beside the first: %+v", r)
		}
		for _, login := range []string{"youyi-reporter", "youyi-head"} {
			if v, err := w.Record(ctx, w.as(login), second); err != nil || len(v.Rivals) > 0 {
				t.Errorf("%s sees %+v %v", login, v, err)
			}
		}
		w.held(second, first)
		w.must(w.recognise(first))
		w.held(second, first)
		w.inStates(qiaomen.InReview, second) // nor was it refused by itself

		one, other := w.reserved("youyi", peptide), w.reserved("jixian", peptideToo)
		w.must(w.recognise(one))
		w.held(other, one)
		w.ruled(true, "", first, second)
		w.ruled(false, "", one, other)
		w.must(w.recognise(other))
		w.inStates(qiaomen.Refused, second)
		w.inStates(qiaomen.Recognised, first, one, other)
	})
}

// TestAlikePartByPart: of two that are alike the office sees which parts agree
// and which differ, and the files that stand behind both.
func TestAlikePartByPart(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		contract := picture(5)
		var ids []string
		for unit, name := range []string{"示例石墨负极材料产业化项目", "示例石墨负极材料生产线项目"} {
			of := []string{"jixian", "youyi"}[unit]
			party := []string{"示例盛华石墨有限公司", "示例盛華石墨有限责任公司"}[unit]
			fields := `{"signed_on":"2024-01-05","amount_yi":9,"party_b":"` + party + `"}`
			d := w.must(w.Draft(ctx, w.as(of+"-reporter"), office.DraftInput{Unit: of, Kind: "signed_project", Name: name, Fields: []byte(fields)}))
			w.must(w.AddEvidence(ctx, w.as(of+"-reporter"), d.ID, "contract", "合同.jpg", bytes.NewReader(contract)))
			w.must(w.Submit(ctx, w.as(of+"-reporter"), d.ID))
			ids = append(ids, d.ID)
		}
		r := w.beside(ids[1], ids[0])
		if r == nil || r.Like == nil {
			t.Fatal("the two are not side by side")
		}
		says := map[string]office.LikenessFinding{}
		for _, f := range r.Like.Findings {
			says[f.Part] = f
		}
		if f := says["建设内容"]; f.Says != "differs" || f.Mine != "生产线" || f.Theirs != "产业化" || !strings.Contains(f.Words, "不同") {
			t.Errorf("what differs: %+v", f)
		}
		if f := says["字号"]; f.Says != "agrees" || f.Mine != "盛华" || f.Theirs != "盛华" {
			t.Errorf("what agrees: %+v", f)
		}
		if len(r.Like.Files) != 1 || r.Like.Files[0] != record(w, ids[0]).Content.Evidence[0].Digest {
			t.Errorf("files in common: %v", r.Like.Files)
		}
		if !strings.HasPrefix(r.Like.Why, r.Like.Label) || !strings.Contains(r.Like.Why, "建设内容不同：“生产线”与“产业化”") {
			t.Errorf("why: %s", r.Like.Why)
		}
	})
}

// TestAlikeAcrossGroups: a task force reports what a district has, whichever
// parts of the record names say it.
func TestAlikeAcrossGroups(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		district, force := w.reserved("jixian", anode), w.reserved("bio-economy", anodeAgain)
		w.held(force, district)
		earlier, later := w.reserved("bio-economy", peptide), w.reserved("youyi", peptideToo)
		w.held(later, earlier)
		w.ruled(true, "", district, force)
		w.ruled(true, "", later, earlier)
		w.inStates(qiaomen.Refused, force, later)
		w.must(w.recognise(district))
		w.must(w.recognise(earlier))

		lead := `{"target_company":"%s","content":"%s","amount_yi":2}`
		one := w.report("jixian-reporter", "jixian", "domestic_lead", "线索一", fmt.Sprintf(lead, "示例盛华石墨有限公司", "年产10万吨球形石墨"))
		two := w.report("bio-reporter", "bio-economy", "domestic_lead", "另一条", fmt.Sprintf(lead, "示例盛華石墨有限责任公司", "球形石墨生产线（年产十万吨）"))
		other := w.report("youyi-reporter", "youyi", "domestic_lead", "又一条", fmt.Sprintf(lead, "示例恒远大豆有限公司", "大豆加工"))
		if r := w.beside(two, one); r == nil || r.Like.Verdict != "same" || r.Like.Label != "相同" {
			t.Errorf("%+v", r)
		}
		w.held(two, one) // not even what is the same is decided by itself
		w.must(w.recognise(other))
		w.must(w.recognise(one))
	})
}

// TestAlikeIsContested: the loser of a ruling objects, is upheld, and has it by
// another ruling; at no time do both.
func TestAlikeIsContested(t *testing.T) {
	onEach(t, qiaomen.ThreePowers, func(w *world) {
		a := w.reportSigned("jixian", "reserve_project", anode, reserve)
		w.now = w.now.Add(time.Hour)
		b := w.reportSigned("youyi", "reserve_project", anodeAgain, reserve)
		w.recognisedByTwo(a, 1)
		settled := w.ruled(true, "", a, b)
		w.inStates(qiaomen.Refused, b)
		filed := w.must(w.FileObjection(ctx, w.as("youyi-head"), office.Filing{Record: b, Settlement: settled.ID, Text: "是两个项目"}))
		p := w.must(w.AnswerObjection(ctx, w.as("evaluator"), office.ObjectionAnswer{Objection: filed.ID, Upheld: true, Opinion: "应再看"}))
		w.by(p.Proposal, "member3", "member4")
		w.inStates(qiaomen.InReview, b)
		if r := w.beside(b, a); r == nil || !r.Earlier {
			t.Errorf("reopened it stands beside %+v", r)
		}
		w.faulty("疑似同一事项已由“集贤县”的 " + a)(w.Recognise(ctx, w.as("handler2"), office.Decision{Record: b, Version: 1}))
		again := w.must(w.Settle(ctx, w.as("handler2"), office.Ruling{Records: []string{a, b}, Same: true, Holder: b, Reason: "异议成立"}))
		w.by(again.Proposal, "member2", "member3")
		w.inStates(qiaomen.Revoked, a)
		w.recognisedAgain(b, 1)
		if got := w.holders(a, b); len(got) != 4 || got[1] != a || got[2] != "" || got[3] != b {
			t.Errorf("holders were %q", got)
		}
	})
}

// TestAlikePhases: what shares nearly all of its name and is another phase, or
// lies on another side, is not held; nor is what is of another kind.
func TestAlikePhases(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		one, two := w.reserved("jixian", anode), w.reserved("youyi", anodeSecond)
		if r := w.beside(two, one); r != nil {
			t.Errorf("beside the second phase: %+v", r.Like)
		}
		w.must(w.recognise(two))
		w.must(w.recognise(one))

		whole := w.reserved("jixian", "示例生物制药项目")
		east := w.reserved("youyi", "示例生物制药项目（东区）")
		west := w.reserved("bio-economy", "示例生物制药项目（西区）")
		if r := w.beside(west, east); r != nil {
			t.Errorf("west stands beside east: %+v", r.Like)
		}
		w.held(west, whole)
		w.ruled(false, "", whole, west)
		w.must(w.recognise(west)) // east was earlier, and is not like it
		w.held(east, whole)

		lead := w.report("youyi-reporter", "youyi", "domestic_lead", peptide, `{"target_company":"示例公司","content":"`+peptide+`","amount_yi":2}`)
		w.must(w.recognise(w.reserved("jixian", peptideToo)))
		w.must(w.recognise(lead))
	})
}

// TestAlikeHint: who drafts is told that something of a near name exists, and
// not what or whose; of what they amend themselves they are told nothing.
func TestAlikeHint(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		first := w.reserved("jixian", anode)
		hint := func(login, draft string) office.Hint {
			h, err := w.DuplicateHint(ctx, w.as(login), draft)
			if err != nil {
				t.Fatal(err)
			}
			return h
		}
		draft := func(name string) string {
			return w.must(w.Draft(ctx, w.as("youyi-reporter"), office.DraftInput{Unit: "youyi", Kind: "reserve_project", Name: name, Fields: []byte(reserve)})).ID
		}
		h := hint("youyi-reporter", draft(anodeAgain))
		if !h.Exists || fmt.Sprint(h.Why) != "[已有名称相近的上报]" {
			t.Errorf("%+v", h)
		}
		if text := fmt.Sprintf("%+v", h); strings.Contains(text, "石墨") || strings.Contains(text, "集贤") || strings.Contains(text, "jixian") || strings.Contains(text, first) {
			t.Errorf("it tells too much: %s", text)
		}
		for _, name := range []string{anodeSecond, peptide} {
			if h := hint("youyi-reporter", draft(name)); h.Exists || len(h.Why) > 0 {
				t.Errorf("%s: %+v", name, h)
			}
		}
		own := w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), first))
		w.must(w.EditDraft(ctx, w.as("jixian-reporter"), office.DraftInput{ID: own.ID, Name: anodeThird, Fields: []byte(reserve)}))
		if h := hint("jixian-reporter", own.ID); h.Exists {
			t.Errorf("its own record is held against it: %+v", h)
		}
		w.reserved("bio-economy", anodeAgain)
		if h := hint("jixian-reporter", own.ID); !h.Exists {
			t.Error("what another reported since is not told")
		}
	})
}

// amends hands in another version of a reserve project.
func (w *world) amends(login, id, name string) {
	w.t.Helper()
	w.now = w.now.Add(time.Hour)
	d := w.must(w.DraftAgain(ctx, w.as(login), id))
	w.must(w.EditDraft(ctx, w.as(login), office.DraftInput{ID: d.ID, Name: name, Fields: []byte(strings.Replace(reserve, "{", `{"site":"`+fmt.Sprint(w.keys)+`",`, 1))}))
	w.must(w.Amend(ctx, w.as(login), d.ID, "更正"))
}

// TestAlikeByAmendment: a recognised record that is renamed to what another has
// waits with its amendment, and counts meanwhile as it is.
func TestAlikeByAmendment(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		first, mine := w.reserved("jixian", anode), w.reserved("youyi", peptide)
		w.must(w.recognise(first))
		w.must(w.recognise(mine))
		w.amends("youyi-reporter", mine, anodeAgain)
		w.held(mine, first)
		if r := w.beside(mine, first); r == nil || !r.Earlier || r.Like.Name != anode {
			t.Errorf("beside the amendment: %+v", r)
		}
		third := w.reserved("bio-economy", peptideToo) // it is like what counts
		w.held(third, mine)
		fourth := w.reserved("bio-economy", anodeThird) // and this like what waits
		w.held(fourth, first)
		if w.beside(fourth, mine) == nil {
			t.Error("a version that waits is not looked at")
		}
		w.ruled(false, "", first, mine)
		w.must(w.recognise(mine))
		w.inStates(qiaomen.Recognised, first, mine)
		if r := record(w, mine); r.Content.Name != anodeAgain || r.Amendment != nil {
			t.Errorf("%+v", r)
		}
	})
}

// TestAlikeDoesNotHoldTheFirst: whoever was first stays so, also with a better
// version of their own, and is not held again once somebody has ruled.
func TestAlikeDoesNotHoldTheFirst(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		first, later := w.reserved("jixian", anode), w.reserved("youyi", anodeAgain)
		w.amends("jixian-reporter", first, anode) // before anybody looked at it
		w.held(later, first)
		w.must(w.recognise(first))
		w.amends("jixian-reporter", first, anode)
		w.must(w.recognise(first)) // and after
		w.held(later, first)
		w.ruled(false, "", first, later)
		w.amends("jixian-reporter", first, anode)
		w.must(w.recognise(first))
		w.must(w.recognise(later))
		w.amends("youyi-reporter", later, anodeAgain)
		w.must(w.recognise(later))
		w.inStates(qiaomen.Recognised, first, later)
	})
}

// TestAlikeComesAndGoes: withdrawn, the first stands in nobody's way, and comes
// back behind whom it stood before.
func TestAlikeComesAndGoes(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		first, second := w.reserved("jixian", anode), w.reserved("youyi", anodeAgain)
		w.held(second, first)
		w.must(w.Withdraw(ctx, w.as("jixian-reporter"), first))
		if r := w.beside(second, first); r != nil {
			t.Errorf("it is withdrawn, and stands there: %+v", r)
		}
		w.must(w.recognise(second))
		w.now = w.now.Add(time.Hour)
		d := w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), first))
		w.must(w.Submit(ctx, w.as("jixian-reporter"), d.ID))
		w.held(first, second)
		w.ruled(false, "", second, first)
		w.must(w.recognise(first))
		third := w.reserved("bio-economy", anodeThird)
		w.held(third, first)
		w.held(third, second)
		w.ruled(true, "", first, third)
		w.inStates(qiaomen.Refused, third)
	})
}

// TestAlikeIsReturned: within its days the first comes back at its place; after
// them it comes back behind the other.
func TestAlikeIsReturned(t *testing.T) {
	for days, name := range []string{1: "in time", 6: "too late"} {
		if name == "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			onEach(t, qiaomen.SmallOffice, func(w *world) {
				first, second := w.reserved("jixian", anode), w.reserved("youyi", anodeAgain)
				w.must(w.Return(ctx, w.as("handler"), first, 1, "请补"))
				w.held(second, first)
				w.now = w.now.AddDate(0, 0, days)
				d := w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), first))
				w.must(w.Submit(ctx, w.as("jixian-reporter"), d.ID))
				if days > 5 {
					first, second = second, first
				}
				if r := w.beside(first, second); r == nil || r.Earlier {
					t.Errorf("beside the first: %+v", r)
				}
				w.held(second, first)
				w.must(w.recognise(first))
				w.held(second, first)
			})
		})
	}
}

// TestAlikeReturnedSecond: it is the later one that is returned and reported
// again; it is held as before.
func TestAlikeReturnedSecond(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		first, second := w.reserved("jixian", anode), w.reserved("youyi", anodeAgain)
		w.must(w.Return(ctx, w.as("handler"), second, 1, "请补"))
		w.now = w.now.Add(24 * time.Hour)
		w.must(w.DraftAgain(ctx, w.as("youyi-reporter"), second))
		w.must(w.Submit(ctx, w.as("youyi-reporter"), second))
		w.held(second, first)
		w.must(w.recognise(first))
		w.held(second, first)
	})
}

// TestAlikeToldApart: whichever is named first in a ruling, and however many it
// names, what it told apart is recognised, and whoever comes later is held
// against each.
func TestAlikeToldApart(t *testing.T) {
	for name, ruling := range map[string]func(a, b, c string) []string{
		"in order":    func(a, b, c string) []string { return []string{a, b, c} },
		"turned":      func(a, b, c string) []string { return []string{c, b, a} },
		"middle":      func(a, b, c string) []string { return []string{b, c, a} },
		"two, turned": func(a, b, _ string) []string { return []string{b, a} },
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, qiaomen.SmallOffice, func(w *world) {
				a, b := w.reserved("jixian", anode), w.reserved("youyi", anodeAgain)
				c := ""
				if !strings.HasPrefix(name, "two") {
					c = w.reserved("bio-economy", anodeThird)
				}
				told := ruling(a, b, c)
				w.ruled(false, "", told...)
				for _, id := range told {
					w.must(w.recognise(id))
				}
				w.inStates(qiaomen.Recognised, told...)
				late := w.reserved("jixian", "示例石墨负极材料生产线项目")
				for _, id := range told {
					w.held(late, id)
				}
			})
		})
	}
}

// TestAlikeHidesBehindNobody: who comes after many that are alike is held
// against the first as well, also when all between have been refused.
func TestAlikeHidesBehindNobody(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		first := w.reserved("jixian", "示例石墨负极材料产业化项目")
		between := []string{first}
		for i := range 15 {
			between = append(between, w.reserved("youyi", strings.Repeat("拟建", i%2)+"年产5万吨示例石墨负极材料"+[]string{"", "新建", "建设"}[i%3]+"生产线"+[]string{"", "项目", "工程", "建设项目", "项目工程"}[i%5]))
		}
		last := w.reserved("bio-economy", "年产五万吨示例石墨负极材料生产线项目")
		w.must(w.recognise(first))
		for _, id := range between[1:] {
			_, err := w.recognise(id)
			w.faulty("同一事项")(nil, err)
			w.must(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: id, Version: 1, Refuse: true, Reason: "示例：依据不足"}))
		}
		w.held(last, first)
	})
}

// TestAlikeReopenedAlone: an objection brings back what had been like a record
// that is not there any more.
func TestAlikeReopenedAlone(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		first, second := w.reserved("jixian", anode), w.reserved("youyi", anodeAgain)
		w.must(w.Accept(ctx, w.as("handler"), second, 1))
		w.must(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: second, Version: 1, Refuse: true, Reason: "没有依据"}))
		w.must(w.Withdraw(ctx, w.as("jixian-reporter"), first))
		filed := w.must(w.FileObjection(ctx, w.as("youyi-head"), office.Filing{Record: second, Text: "有依据"}))
		p := w.must(w.AnswerObjection(ctx, w.as("evaluator"), office.ObjectionAnswer{Objection: filed.ID, Upheld: true, Opinion: "同意"}))
		w.byGroup(p.Proposal)
		w.recognisedAgain(second, 1)
		w.inStates(qiaomen.Recognised, second)
	})
}

// TestAlikeReopenedLater: an objection brings back what was earlier than a
// record that is like it, and was reported while it was refused.
func TestAlikeReopenedLater(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		first := w.reserved("jixian", anode)
		w.must(w.Accept(ctx, w.as("handler"), first, 1))
		w.must(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: first, Version: 1, Refuse: true, Reason: "没有依据"}))
		second := w.reserved("youyi", anodeAgain)
		filed := w.must(w.FileObjection(ctx, w.as("jixian-head"), office.Filing{Record: first, Text: "有依据"}))
		p := w.must(w.AnswerObjection(ctx, w.as("evaluator"), office.ObjectionAnswer{Objection: filed.ID, Upheld: true, Opinion: "同意"}))
		w.byGroup(p.Proposal)
		w.held(second, first)
		w.recognisedAgain(first, 1)
		w.held(second, first)
	})
}

// TestAlikeImported: what comes in a file is held against the ledger, and one
// row of it against those before.
func TestAlikeImported(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		first := w.reserved("jixian", anode)
		w.now = w.now.Add(time.Hour)
		w.imported("youyi-reporter", office.Import{Name: "a.jsonl", Content: file("youyi", anodeAgain, peptide, peptideToo, anodeSecond), Submit: true})
		w.held("youyi-rp-1", first)
		w.held("youyi-rp-3", "youyi-rp-2")
		w.must(w.recognise("youyi-rp-2"))
		w.must(w.recognise("youyi-rp-4"))

		w.imported("jixian-reporter", office.Import{Name: "b.jsonl", Content: file("jixian", "示例秸秆发电项目"), Submit: true})
		w.now = w.now.Add(time.Hour)
		w.imported("jixian-reporter", office.Import{Name: "b.jsonl", Content: file("jixian", "拟建示例玉米多肽项目"), Submit: true, Reason: "更名"})
		w.held("jixian-rp-1", "youyi-rp-2") // amended by a file

		typed := office.Import{Name: "代录.jsonl", Content: file("bio-economy", anodeThird), ReceivedAt: "2023-12-12T11:00:00+08:00", ReceivedNumber: "收〔2023〕5号"}
		w.imported("handler2", typed)
		w.held("bio-economy-rp-1", first)
	})
}

// TestAlikeAcrossParts: a long file's rows are looked for while the part before
// them is in the line. What that part has, and what others report between two
// parts, is found all the same.
func TestAlikeAcrossParts(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.reserved("jixian", "示例湿地旅游项目") // there is something to be looked for among
		names := []string{peptide}
		for i := range 1999 {
			names = append(names, fmt.Sprint("示例", i))
		}
		names = append(names, peptideToo, anodeAgain)
		between := ""
		w.imported("youyi-reporter", office.Import{Name: "a.jsonl", Content: file("youyi", names...), Submit: true, Progress: func(done, _ int) {
			if done == 2000 {
				between = w.reserved("jixian", anode)
				w.now = w.now.Add(time.Hour)
			}
		}})
		w.held("youyi-rp-2001", "youyi-rp-1")
		w.held("youyi-rp-2002", between)
	})
}

// TestAlikeInAnOpening: an old ledger's records that were not decided are held
// against each other and against what came before; what was recognised in it
// stays so.
func TestAlikeInAnOpening(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		row := func(id, unit, name, at, recognised string) string {
			if recognised != "" {
				recognised = `,"recognized_at":"` + recognised + `"`
			}
			return fmt.Sprintf(`{"kind":"reserve_project","id":"%s","unit":"%s","name":"%s","reported_at":"%s"%s,%s`+"\n", id, unit, name, at, recognised, reserve[1:])
		}
		w.opens("旧台账.jsonl", []byte(
			row("one", "jixian", anode, "2023-12-05T09:00:00+08:00", "2023-12-06T09:00:00+08:00")+
				row("two", "youyi", anodeAgain, "2023-12-07T09:00:00+08:00", "")+
				row("three", "youyi", peptide, "2023-12-07T09:00:00+08:00", "")+
				row("four", "jixian", peptideToo, "2023-12-08T09:00:00+08:00", "")))
		later := w.reserved("bio-economy", anodeThird)
		w.held(later, "one")
		w.held("two", "one")
		w.held("four", "three")
		w.must(w.recognise("three"))
		w.inStates(qiaomen.Recognised, "one")
	})
}

// TestAlikeGoesAlong: handed over to another unit, both are still held against
// each other, in the same order.
func TestAlikeGoesAlong(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		hands := func(id, to string) {
			a := w.must(w.Transfer(ctx, w.as("handler"), office.Handing{Record: id, To: to, Reason: "落在那里"}))
			w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
		}
		first, second := w.reserved("jixian", anode), w.reserved("youyi", anodeAgain)
		hands(first, "raohe")
		if r := w.beside(second, first); r == nil || !r.Earlier || r.UnitName != "饶河县" {
			t.Errorf("%+v", r)
		}
		hands(second, "jixian")
		w.held(second, first)
		w.must(w.recognise(first))
		hands(first, "baoqing") // recognised it holds as before
		w.held(second, first)
	})
}

// TestAlikeOnTwoOffices: programs on one database see each other's reports, each
// as soon as it is committed, and one that is started anew finds the same.
func TestAlikeOnTwoOffices(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		here, there := w.Office, w.node()
		w.reserved("jixian", peptide) // both have read the names
		w.serves(there)
		w.reserved("youyi", "示例秸秆发电项目")
		first := w.reserved("youyi", anode)
		w.serves(here)
		second := w.reserved("jixian", anodeAgain)
		w.held(second, first)
		w.serves(there)
		third := w.reserved("bio-economy", anodeThird)
		if w.beside(third, first) == nil || w.beside(third, second) == nil {
			t.Error("what was reported elsewhere is not seen here")
		}
		w.must(w.Withdraw(ctx, w.as("youyi-reporter"), first))
		w.serves(here)
		w.must(w.Withdraw(ctx, w.as("bio-reporter"), third))
		fourth := w.reserved("bio-economy", anodeThird)
		if w.beside(fourth, first) != nil || w.beside(fourth, third) != nil {
			t.Error("what was withdrawn elsewhere stands here")
		}
		w.held(fourth, second)

		w.serves(office.New(office.Options{Store: w.store, Files: w.files, Now: func() time.Time { return w.now }}))
		last := w.reserved("bio-economy", "示例石墨负极材料生产线项目")
		w.held(last, second)
		r := w.beside(last, second)
		w.serves(w.node())
		if again := w.beside(last, second); r == nil || again == nil || again.Like.Why != r.Like.Why || again.Like.Score != r.Like.Score {
			t.Errorf("%+v, then %+v", r, again)
		}
	})
}
