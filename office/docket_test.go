package office_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/xuri/excelize/v2"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store/storetest"
)

// seen is how many things a list shows to a person; -1: it is denied.
func seen[T any](w *world, login string, list func(office.Caller) ([]T, error)) int {
	w.t.Helper()
	out, err := list(w.as(login))
	var denied *office.Denied
	if errors.As(err, &denied) {
		return -1
	}
	if err != nil {
		w.t.Fatalf("%s: %v", login, err)
	}
	return len(out)
}

// shownTo asks how many things each person sees in a list; those who are not
// named must be denied.
func shownTo[T any](w *world, name string, list func(office.Caller) ([]T, error), want map[string]int) {
	w.t.Helper()
	for _, c := range cast {
		n, ok := want[c.login]
		if !ok {
			n = -1
		}
		if got := seen(w, c.login, list); got != n {
			w.t.Errorf("%s: %s sees %d, want %d", name, c.login, got, n)
		}
	}
	by := w.as("handler")
	by.Account = "nobody"
	_, err := list(by)
	w.refused(nil, err)
}

// to gives each of the people the same count.
func to(n int, logins ...string) map[string]int {
	out := map[string]int{}
	for _, l := range logins {
		out[l] = n
	}
	return out
}

var (
	inOffice  = []string{"handler", "handler2", "reviewer", "reviewer2"}
	judging   = []string{"evaluator", "evaluator2", "member", "member2", "member3", "member4", "auditor"}
	allOthers = append(slices.Clone(inOffice), judging...)
	people    = func(more ...string) []string { return append(slices.Clone(allOthers), more...) }
)

// refusedOf reports a record of a unit that the office refuses.
func (w *world) refusedOf(unit, name string) string {
	w.t.Helper()
	id := w.reportSigned(unit, "reserve_project", name, reserve)
	w.must(w.Accept(ctx, w.as("handler"), id, 1))
	w.must(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: id, Version: 1, Refuse: true, Reason: "没有依据"}))
	return id
}

func TestObjectionsAreListed(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		of := func(f office.ListFilter) func(office.Caller) ([]*qiaomen.Objection, error) {
			return func(by office.Caller) ([]*qiaomen.Objection, error) { return w.Objections(ctx, by, f) }
		}
		var ids []string
		for _, unit := range []string{"youyi", "jixian"} {
			record := w.refusedOf(unit, "示例"+unit)
			ids = append(ids, w.must(w.FileObjection(ctx, w.as(unit+"-head"), office.Filing{Record: record, Text: "有依据"})).ID)
			w.now = w.now.Add(time.Minute)
		}
		shownTo(w, "all", of(office.ListFilter{}), to(2, people()...))
		shownTo(w, "of one", of(office.ListFilter{Unit: "jixian"}), to(1, people("jixian-head", "jixian-reporter")...))
		shownTo(w, "of none", of(office.ListFilter{State: qiaomen.Declined}), to(0, people()...))

		all, err := w.Objections(ctx, w.as("auditor"), office.ListFilter{Limit: 1})
		if err != nil || len(all) != 1 || all[0].ID != ids[0] {
			t.Fatalf("%v %v", all, err)
		}
		all, err = w.Objections(ctx, w.as("auditor"), office.ListFilter{After: ids[0], Limit: 1})
		if err != nil || len(all) != 1 || all[0].ID != ids[1] {
			t.Fatalf("%v %v", all, err)
		}
		w.hidden("after", func(id string) error {
			_, err := w.Objections(ctx, w.as("jixian-head"), office.ListFilter{Unit: "jixian", After: id})
			return errors.New(strings.ReplaceAll(err.Error(), id, ""))
		}, ids[0])

		p := w.must(w.AnswerObjection(ctx, w.as("evaluator"), office.ObjectionAnswer{Objection: ids[1], Opinion: "维持原判"}))
		mine := func() *qiaomen.Objection {
			own, err := w.Objections(ctx, w.as("jixian-reporter"), office.ListFilter{Unit: "jixian", State: rowOf[qiaomen.Objection](w, ids[1]).State})
			if err != nil || len(own) > 1 {
				t.Fatalf("%v %v", own, err)
			}
			if len(own) == 0 {
				return nil
			}
			return own[0]
		}
		if x := mine(); x != nil {
			t.Errorf("its unit knows of an opinion: %+v", x)
		}
		w.by(p.Proposal, "member3", "member4")
		if x := mine(); x == nil || x.Decision != "维持原判" || x.DecidedBy+x.OpinionBy != "" || x.Involved != nil {
			t.Errorf("%+v", x)
		}
		if x := rowOf[qiaomen.Objection](w, ids[1]); x.DecidedBy == "" || x.Involved == nil {
			t.Errorf("nothing was hidden of %+v", x)
		}
	})
}

func TestStatisticsAreListed(t *testing.T) {
	for name, p := range map[string]qiaomen.Procedure{"small": qiaomen.SmallOffice, "gb3": qiaomen.ThreePowers} {
		t.Run(name, func(t *testing.T) {
			onEach(t, p, func(w *world) {
				w.at("2024-04-21 09:00")
				enters := map[string]string{"small": "handler", "gb3": "statistician"}[name]
				batch := w.must(w.EnterFigures(ctx, w.as(enters), w.fundsBatch("2024-04-20", "12000")))
				list := w.must(w.EnterStatisticsList(ctx, w.as(enters), office.ListEntry{
					Kind: "project_start", PublishedOn: "2024-03-10", Bulletin: w.keptFile("bulletin"),
					Rows: []office.ListedProject{{Name: "没有人报的", Unit: "jixian", Fields: jsontext.Value(`{"funds_wan":1}`)}},
				}))
				figures := func(f office.ListFilter) func(office.Caller) ([]*qiaomen.LedgerFigure, error) {
					return func(by office.Caller) ([]*qiaomen.LedgerFigure, error) { return w.Figures(ctx, by, f) }
				}
				lists := func(f office.ListFilter) func(office.Caller) ([]*qiaomen.StatisticsList, error) {
					return func(by office.Caller) ([]*qiaomen.StatisticsList, error) { return w.StatisticsLists(ctx, by, f) }
				}
				who := people("statistician", "statistician2")
				shownTo(w, "figures", figures(office.ListFilter{}), to(2, who...))
				shownTo(w, "figures of youyi", figures(office.ListFilter{Unit: "youyi"}), to(0, who...))
				shownTo(w, "checked figures", figures(office.ListFilter{State: qiaomen.Checked}), to(0, who...))
				shownTo(w, "lists", lists(office.ListFilter{}), to(1, who...))
				shownTo(w, "lists of jixian", lists(office.ListFilter{Unit: "jixian", State: qiaomen.Entered}), to(1, who...))
				shownTo(w, "lists of youyi", lists(office.ListFilter{Unit: "youyi"}), to(0, who...))
				got, err := w.StatisticsLists(ctx, w.as("statistician"), office.ListFilter{})
				if err != nil || got[0].ID != list.ID || len(got[0].Rows) != 1 || got[0].Rows[0].Record != "" {
					t.Errorf("the unmatched row is not there: %+v %v", got, err)
				}
				all, err := w.Figures(ctx, w.as("auditor"), office.ListFilter{})
				if err != nil || all[0].Order >= all[1].Order || all[0].Batch != batch.ID {
					t.Errorf("%+v %+v %v", all[0], all[1], err)
				}
			})
		})
	}
}

func TestExtensionsAreListed(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		extended := func(a office.Delay) string {
			p := w.must(w.Extend(ctx, w.as("handler"), a))
			w.now = w.now.Add(time.Minute)
			return w.must(w.Approve(ctx, w.as("reviewer"), p.Proposal)).ID
		}
		duty := w.someDuty("jixian", "youyi")
		two := extended(office.Delay{Occurrence: duty, Units: []string{"jixian", "youyi"}, To: "2024-12-01", Reason: "停电"})
		extended(office.Delay{Occurrence: duty, Units: []string{"youyi"}, To: "2024-12-02", Reason: "停电"})
		extended(office.Delay{Occurrence: duty, To: "2024-12-03", Reason: "系统停机"})
		of := func(unit string) func(office.Caller) ([]*qiaomen.Extension, error) {
			return func(by office.Caller) ([]*qiaomen.Extension, error) {
				return w.Extensions(ctx, by, office.ListFilter{Unit: unit})
			}
		}
		shownTo(w, "all", of(""), to(3, people()...))
		shownTo(w, "jixian", of("jixian"), to(2, people("jixian-head", "jixian-reporter")...))
		shownTo(w, "youyi", of("youyi"), to(3, people("youyi-head", "youyi-reporter")...))
		own, err := w.Extensions(ctx, w.as("jixian-head"), office.ListFilter{Unit: "jixian"})
		if err != nil || own[0].ID != two || !slices.Equal(own[0].Units, []string{"jixian"}) || own[0].At == "" {
			t.Errorf("%+v %v", own[0], err)
		}
		all, err := w.Extensions(ctx, w.as("handler"), office.ListFilter{Unit: "jixian"})
		if err != nil || len(all[0].Units) != 2 {
			t.Errorf("%+v %v", all[0], err)
		}
	})
}

// someDuty is an occurrence of a duty that all of the units owe.
func (w *world) someDuty(units ...string) office.Occurrence {
	w.t.Helper()
	for _, s := range w.duties(units[0]) {
		if !slices.ContainsFunc(units, func(u string) bool {
			return !slices.ContainsFunc(w.duties(u), func(o *office.Standing) bool { return o.Duty.ID == s.Duty.ID && o.Due == s.Due })
		}) {
			return office.Occurrence{Duty: s.Duty.ID, Due: s.Due}
		}
	}
	w.t.Fatal("they owe nothing in common")
	return office.Occurrence{}
}

func (w *world) duties(unit string) []*office.Standing {
	w.t.Helper()
	all, err := w.Duties(ctx, w.as("handler"), unit)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func TestEvaluationsAreListed(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.must(w.ProposeAdjustment(ctx, w.as("evaluator"), w.flood()))
		w.must(w.GiveOpinion(ctx, w.as("evaluator"), office.Word{Unit: "youyi", Text: "进度正常"}))
		adjustments := func(f office.ListFilter) func(office.Caller) ([]*qiaomen.Adjustment, error) {
			return func(by office.Caller) ([]*qiaomen.Adjustment, error) { return w.Adjustments(ctx, by, f) }
		}
		opinions := func(f office.ListFilter) func(office.Caller) ([]*qiaomen.Opinion, error) {
			return func(by office.Caller) ([]*qiaomen.Opinion, error) { return w.Opinions(ctx, by, f) }
		}
		shownTo(w, "adjustments", adjustments(office.ListFilter{}), to(1, people()...))
		shownTo(w, "of jixian", adjustments(office.ListFilter{Unit: "jixian", State: qiaomen.Pending}), to(1, people()...))
		shownTo(w, "of youyi", adjustments(office.ListFilter{Unit: "youyi"}), to(0, people()...))
		shownTo(w, "opinions", opinions(office.ListFilter{}), to(1, people()...))
		shownTo(w, "of youyi", opinions(office.ListFilter{Unit: "youyi"}), to(1, people()...))
		shownTo(w, "of jixian", opinions(office.ListFilter{Unit: "jixian"}), to(0, people()...))
		w.belongs("evaluator2", "jixian")
		if a, o := seen(w, "evaluator2", adjustments(office.ListFilter{})), seen(w, "evaluator2", opinions(office.ListFilter{})); a != 0 || o != 1 {
			t.Errorf("who must stand aside from one unit sees %d and %d", a, o)
		}
	})
}

func TestSettlementsAreListed(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		a := w.reportSigned("jixian", "reserve_project", "示例产业园", reserve)
		w.now = w.now.Add(time.Hour)
		b := w.reportSigned("youyi", "reserve_project", "示例产业园", reserve)
		p := w.must(w.Settle(ctx, w.as("handler"), office.Ruling{Records: []string{a, b}, Same: true, Reason: "同一园区"}))
		w.byGroup(p.Proposal)
		of := func(unit string) func(office.Caller) ([]*office.SettlementView, error) {
			return func(by office.Caller) ([]*office.SettlementView, error) {
				return w.Settlements(ctx, by, office.ListFilter{Unit: unit})
			}
		}
		shownTo(w, "all", of(""), to(1, people()...))
		shownTo(w, "jixian", of("jixian"), to(1, people("jixian-head", "jixian-reporter")...))
		shownTo(w, "bio", of("bio-economy"), to(0, people("bio-head", "bio-reporter")...))
		for login, want := range map[string]struct{ unit, held, holder, own string }{
			"jixian-head":    {"jixian", "本单位", a, a},
			"youyi-reporter": {"youyi", "其他单位", "", b},
		} {
			got, err := of(want.unit)(w.as(login))
			if err != nil || got[0].HeldBy != want.held || got[0].Holder != want.holder || !slices.Equal(got[0].Records, []string{want.own}) {
				t.Errorf("%s: %+v %v", login, got, err)
			}
			if got[0].Keys != nil || got[0].By != "" || got[0].Reason != "同一园区" || !got[0].Same {
				t.Errorf("%s: %+v", login, got[0].Settlement)
			}
		}
		got, err := of("")(w.as("auditor"))
		if err != nil || got[0].HeldBy != "集贤县" || len(got[0].Records) != 2 {
			t.Errorf("%+v %v", got, err)
		}
	})
}

// waits makes two things wait for the leading group, and is their proposals.
func (w *world) waits() (adjustment, settlement string) {
	w.t.Helper()
	x := w.must(w.ProposeAdjustment(ctx, w.as("evaluator"), w.flood()))
	a := w.reportSigned("jixian", "reserve_project", "示例产业园", reserve)
	w.now = w.now.Add(time.Hour)
	b := w.reportSigned("youyi", "reserve_project", "示例产业园", reserve)
	p := w.must(w.Settle(ctx, w.as("handler2"), office.Ruling{Records: []string{a, b}, Same: true, Reason: "同一园区"}))
	return w.pendingOn(x.ID).ID, p.Proposal
}

func TestPapersThatWait(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		id, _ := w.waits()
		e := w.must(w.EnterPaper(ctx, w.as("handler"), office.PaperEntry{
			Proposal: id, Role: qiaomen.GroupMember, Approve: true, DecidedOn: "2023-12-12", Number: "示例纪要1号", Name: "领导小组", Scan: w.keptFile("scan"),
		}))
		list := func(by office.Caller) ([]office.PaperView, error) { return w.Papers(ctx, by) }
		shownTo(w, "papers", list, to(1, inOffice...))
		got, err := w.Papers(ctx, w.as("reviewer"))
		if err != nil || got[0].Decision.ID != e.ID || got[0].Proposal.ID != id {
			t.Fatalf("%+v %v", got, err)
		}
		w.must(w.ConfirmPaper(ctx, w.as("reviewer"), e.ID))
		shownTo(w, "papers", list, to(0, inOffice...))
	})
}

func TestProposalsOfNobody(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		count := func() (n int) {
			for _, err := range w.store.Leaves(ctx, office.AuditJournal, 0) {
				if err != nil {
					t.Fatal(err)
				}
				n++
			}
			return n
		}
		by := w.as("handler")
		by.Account = "nobody"
		before := count()
		_, err := w.Proposals(ctx, by, false)
		w.refused(nil, err)
		if n := count() - before; n != 1 {
			t.Errorf("%d audit entries", n)
		}
	})
}

// filled is a docket with cells filled in, by id and title of the column.
func (w *world) filled(file []byte, cells map[[2]string]string) []byte {
	w.t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		w.t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("待决定事项")
	if err != nil {
		w.t.Fatal(err)
	}
	for at, text := range cells {
		row := slices.IndexFunc(rows, func(r []string) bool { return len(r) > 0 && r[0] == at[0] })
		col := slices.Index(rows[2], at[1])
		name, err := excelize.CoordinatesToCellName(col+1, row+1)
		if err != nil || row < 0 {
			w.t.Fatalf("no cell %q: %v", at, err)
		}
		if err := f.SetCellStr("待决定事项", name, text); err != nil {
			w.t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		w.t.Fatal(err)
	}
	return out.Bytes()
}

func TestADocketGoesToAMeetingAndBack(t *testing.T) {
	for _, engine := range storetest.Engines {
		for name, p := range map[string]qiaomen.Procedure{"small": qiaomen.SmallOffice, "gb3": qiaomen.ThreePowers} {
			t.Run(engine+" "+name, func(t *testing.T) { aMeeting(newWorld(t, engine, p)) })
		}
	}
}

func aMeeting(w *world) {
	adjustment, settlement := w.waits()
	for _, c := range cast {
		if slices.Contains(inOffice, c.login) {
			continue
		}
		_, err := w.Docket(ctx, w.as(c.login))
		w.refused(nil, err)
	}
	sheet, err := w.Docket(ctx, w.as("handler"))
	if err != nil {
		w.t.Fatal(err)
	}
	if again, err := w.Docket(ctx, w.as("handler")); err != nil || !bytes.Equal(sheet, again) {
		w.t.Errorf("the same docket is not the same bytes: %v", err)
	}
	w.shows(sheet, "制表人：示例handler", "日期：2023-12-12", adjustment, settlement, "集贤县", "调整2.5分", "洪灾停工", "同一园区", "绩效考评", "经办人", "领导小组", "“示例产业园”")
	if !w.sealed(office.AuditJournal, "打印待决定事项表") {
		w.t.Error("that it was printed is not noted")
	}
	scan := w.keptFile("scan")
	take := func(by string, cells map[[2]string]string) (*office.Answer, error) {
		return w.TakeBackDocket(ctx, w.as(by), w.filled(sheet, cells), scan)
	}
	yes := map[[2]string]string{{adjustment, "决定"}: "同意", {adjustment, "决定日期"}: "2023年12月12日", {adjustment, "文号"}: "示例纪要1号"}
	both := map[[2]string]string{{settlement, "决定"}: "不同意", {settlement, "决定日期"}: "2023-12-12", {settlement, "文号"}: "示例纪要1号", {settlement, "理由"}: "证据不足"}
	for at, text := range yes {
		both[at] = text
	}
	for _, login := range []string{"reviewer", "evaluator", "member", "jixian-head", "auditor", "system"} {
		w.refused(take(login, yes))
	}
	w.faulty("没有填写任何决定")(take("handler", nil))
	w.faulty("待决定事项!H")(take("handler", map[[2]string]string{{adjustment, "决定"}: "原则同意"}))
	bad := map[[2]string]string{{adjustment, "决定"}: "不同意", {settlement, "决定"}: "同意", {settlement, "决定日期"}: "2024-12-12", {settlement, "文号"}: "电话13800000000"}
	for _, says := range []string{"没有写决定日期", "没有写文号", "没有写理由", "决定日期在今天之后", "手机号", "待决定事项!K4", "待决定事项!J5"} {
		w.faulty(says)(take("handler", bad))
	}
	w.faulty("没有找到待办事项")(take("handler", map[[2]string]string{
		{settlement, "决定"}: "同意", {settlement, "决定日期"}: "2023-12-12", {settlement, "文号"}: "1号", {settlement, "编号"}: "p-nothing",
	}))
	w.faulty("不等")(take("handler", map[[2]string]string{
		{settlement, "决定"}: "同意", {settlement, "决定日期"}: "2023-12-12", {settlement, "文号"}: "1号", {settlement, "决定人"}: "市领导",
	}))
	w.faulty("没有收到文件")(w.TakeBackDocket(ctx, w.as("handler"), w.filled(sheet, both), qiaomen.Evidence{Name: "没有", Digest: "no"}))
	w.faulty("不是 .xlsx")(w.TakeBackDocket(ctx, w.as("handler"), []byte("nonsense"), scan))
	if got, err := w.Papers(ctx, w.as("reviewer")); err != nil || len(got) != 0 {
		w.t.Fatalf("faulty dockets entered %d: %v", len(got), err)
	}

	file := w.filled(sheet, both)
	a := w.again(func(by office.Caller) (*office.Answer, error) { return w.TakeBackDocket(ctx, by, file, scan) }, "handler")
	if a.Last-a.First != 1 {
		w.t.Errorf("%+v", a)
	}
	w.faulty("已经录入了")(w.TakeBackDocket(ctx, w.as("handler"), file, scan))
	if next, err := w.Docket(ctx, w.as("reviewer")); err != nil || bytes.Contains(w.words(next), []byte(adjustment)) {
		w.t.Errorf("what was entered is printed again: %v", err)
	}
	papers, err := w.Papers(ctx, w.as("reviewer"))
	if err != nil || len(papers) != 2 {
		w.t.Fatalf("%d papers: %v", len(papers), err)
	}
	for _, x := range papers {
		w.refused(w.ConfirmPaper(ctx, w.as("handler"), x.Decision.ID))
		w.must(w.ConfirmPaper(ctx, w.as("reviewer"), x.Decision.ID))
	}
	for id, want := range map[string]qiaomen.State{adjustment: qiaomen.Approved, settlement: qiaomen.Declined} {
		if p := rowOf[qiaomen.Proposal](w, id); p.State != want {
			w.t.Errorf("%s is %s, want %s", id, p.State, want)
		}
	}
	w.faulty("已经有了结果")(w.TakeBackDocket(ctx, w.as("handler"), file, scan))
}

// words is every cell of a docket.
func (w *world) words(file []byte) []byte {
	w.t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		w.t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("待决定事项")
	if err != nil {
		w.t.Fatal(err)
	}
	var out []byte
	for _, row := range rows {
		out = append(out, strings.Join(row, "\t")+"\n"...)
	}
	return out
}

// shows asks that a docket has all of these words.
func (w *world) shows(file []byte, want ...string) {
	w.t.Helper()
	text := string(w.words(file))
	for _, s := range want {
		if !strings.Contains(text, s) {
			w.t.Errorf("the docket has no %q:\n%s", s, text)
		}
	}
}
