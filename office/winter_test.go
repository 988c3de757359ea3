package office_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/records"
	"qiaomen/scheme"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

// TestWinter is the winter campaign from December to April, as its example
// records have it: units report, the office accepts, checks originals,
// recognises and revokes, leaders pursue leads, figures and lists arrive and are
// checked, months are closed, five rankings are approved and published, the last
// one by the leading group on paper. Every ranking is what `score` makes of the
// ledger's export as of its position; in April the January ranking comes out the
// same; and the last one is what `score` makes of the example file itself.
func TestWinter(t *testing.T) { winters(t, (*season).open) }

// TestWinterOverHTTP is the same winter through the doors: everybody signs in
// with password and second factor, whenever their session is over; units and one
// handler have programs with tokens.
func TestWinterOverHTTP(t *testing.T) {
	winters(t, func(w *season) {
		w.goesOverHTTP()
		w.http.enrol()
		w.open()
		for _, u := range w.rules.Units {
			w.http.uses(
				u.ID+"-reporter", qiaomen.ActDraft, qiaomen.ActAddEvidence, qiaomen.ActSubmit, qiaomen.ActReadOwn,
				qiaomen.ActPrepareStatement, qiaomen.ActHandIn, qiaomen.ActReadPublished,
			)
		}
		w.http.uses("handler", ofHandlers...)
	})
}

// winters plays the winter on each engine, once the doors are open.
func winters(t *testing.T, open func(*season)) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			w := &season{world: emptyWorld(t, engine), ids: map[string]string{}}
			w.now = when("2023-11-20") // the example has a record that was reported too early
			w.read()
			w.people()
			open(w)
			w.plan()
			w.play()
			w.check()
		})
	}
}

// ofHandlers is what a handler does in the winter.
var ofHandlers = []qiaomen.Action{
	qiaomen.ActExamine, qiaomen.ActCheckOriginal, qiaomen.ActRevoke, qiaomen.ActOfferLead, qiaomen.ActRecordPursuit,
	qiaomen.ActEnterFigure, qiaomen.ActReadOthers, qiaomen.ActUrge, qiaomen.ActCloseMonth,
	qiaomen.ActDraftRanking, qiaomen.ActDraftNotice, qiaomen.ActReadRanking,
}

// A season is the world through one winter.
type season struct {
	*world
	rules    *scheme.Scheme
	lines    []line
	acts     []scheduled
	ids      map[string]string // ledger's, by the example's
	skipped  map[string]bool   // lines of the example that no unit could hand over
	rankings []string
}

// A line is one line of the example file.
type line map[string]any

func (l line) text(field string) string { s, _ := l[field].(string); return s }

func (l line) raw(fields ...string) []byte {
	out := map[string]any{}
	for _, f := range fields {
		if v, ok := l[f]; ok {
			out[f] = v
		}
	}
	data, err := json.Marshal(out)
	if err != nil {
		panic(err)
	}
	return data
}

type scheduled struct {
	at time.Time
	do func()
}

func (w *season) read() {
	data, err := os.ReadFile("../examples/winter-2023.jsonl")
	if err != nil {
		w.t.Fatal(err)
	}
	for text := range strings.Lines(string(data)) {
		var l line
		dec := json.NewDecoder(strings.NewReader(text))
		dec.UseNumber()
		if err := dec.Decode(&l); err != nil {
			w.t.Fatal(err)
		}
		w.lines = append(w.lines, l)
	}
	w.skipped = map[string]bool{}
}

func (w *season) people() {
	text, _ := schemeText(w.t)
	s, all := scheme.Parse("scheme.yaml", []byte(text), nil)
	if s == nil {
		w.t.Fatal(all)
	}
	w.rules = s
	var people []office.FirstPerson
	add := func(login string, role qiaomen.Role, unit string) {
		r := office.FirstRole{Role: role, Unit: unit}
		if role.OfCampaign() {
			r.Campaign = winter
		}
		people = append(people, office.FirstPerson{
			Login: login, Detail: office.Detail{Name: "示例" + login, Identity: "示例" + login}, Roles: []office.FirstRole{r},
		})
	}
	for _, u := range s.Units {
		add(u.ID+"-reporter", qiaomen.Reporter, u.ID)
	}
	for _, c := range cast {
		if !c.role.OfUnit() {
			add(c.login, c.role, c.unit)
		}
	}
	w.found(qiaomen.SmallOffice, people)
}

func (w *season) later(at time.Time, do func()) { w.acts = append(w.acts, scheduled{at, do}) }

func when(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		day, err := time.ParseInLocation("2006-01-02", text, china)
		if err != nil {
			panic(err)
		}
		return day.Add(9 * time.Hour)
	}
	return at
}

var china = time.FixedZone("+08:00", 8*60*60)

// plan puts everything that happens in the winter into its time.
func (w *season) plan() {
	figures := map[string][]line{} // by day of publication
	var entered []line             // what the statistics side has of a project
	for _, l := range w.lines {
		switch {
		case w.rules.Figure(l.text("kind")) != nil:
			figures[l.text("published_on")] = append(figures[l.text("published_on")], l)
			continue
		case l["statistics_on"] != nil || l["funds_wan"] != nil:
			entered = append(entered, l)
		}
		w.planRecord(l)
	}
	for day, batch := range figures {
		w.later(when(day), func() { w.publish(day, batch) })
	}
	w.later(when("2024-04-15"), func() { w.lists(entered) })
	w.later(when("2024-02-02"), w.dispute)
	w.later(when("2024-02-02").Add(time.Minute), w.disguises)
	for _, month := range []string{"2023-12", "2024-01", "2024-02", "2024-03"} {
		w.later(when(month+"-26").Add(time.Hour), func() { w.monthly(month) })
	}
	w.later(when("2024-04-30").Add(8*time.Hour), w.final)
	slices.SortStableFunc(w.acts, func(a, b scheduled) int { return a.at.Compare(b.at) })
}

func maxTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func (w *season) planRecord(l line) {
	id := l.text("id")
	reported := when(l.text("reported_at"))
	w.later(reported, func() { w.hand(l) })
	recognised := reported
	if at := l.text("recognized_at"); at != "" {
		recognised = maxTime(when(at), reported.Add(time.Minute))
		w.later(recognised, func() { w.find(l) })
	}
	if day := l.text("pursued_on"); day != "" {
		w.later(maxTime(when(day), recognised).Add(time.Minute), func() { w.pursue(l) })
	}
	if at := l.text("revoked_at"); at != "" {
		w.later(maxTime(when(at), recognised.Add(2*time.Minute)), func() {
			if w.skipped[id] {
				return
			}
			a := w.must(w.Revoke(ctx, w.as("handler"), office.Revocation{Record: w.ids[id], Ground: "error", Reason: "示例：认定有误"}))
			w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
		})
	}
}

func (w *season) play() {
	for _, a := range w.acts {
		w.now = maxTime(a.at.UTC(), w.now)
		a.do()
	}
}

// hand reports one line of the example: what a unit fills in, with its files.
func (w *season) hand(l line) {
	k := w.rules.Kind(l.text("kind"))
	var own []string
	for _, f := range k.Fields {
		if f.FilledBy != scheme.ByUnit || f.ID == "form" && (l.text("form") == "door_visit" || l.text("form") == "no_meeting") {
			continue
		}
		own = append(own, f.ID)
	}
	fields := l.raw(own...)
	if form := l.text("form"); form == "door_visit" || form == "no_meeting" { // the unit calls it something else; the office finds out
		l2 := line{}
		for key, v := range l {
			l2[key] = v
		}
		l2["form"] = "onsite"
		fields = l2.raw(append(own, "form")...)
	}
	by := l.text("unit") + "-reporter"
	a := w.must(w.Draft(ctx, w.as(by), office.DraftInput{Unit: l.text("unit"), Kind: k.ID, Name: l.text("name"), Fields: fields}))
	evidence, _ := l["evidence"].([]any)
	for _, e := range evidence {
		w.keys++
		w.must(w.AddEvidence(ctx, w.as(by), a.ID, e.(string), "材料.png", bytes.NewReader(paper(w.keys))))
	}
	if _, err := w.Submit(ctx, w.as(by), a.ID); err != nil {
		if !strings.Contains(err.Error(), "缺少") { // the example has a few that lack what it takes
			w.t.Fatalf("%s: %v", l.text("id"), err)
		}
		w.skipped[l.text("id")] = true
		return
	}
	w.ids[l.text("id")] = a.ID
}

// find recognises it: the office looks at it, checks an original, says what the
// form of a trip really was.
func (w *season) find(l line) {
	id := w.ids[l.text("id")]
	if id == "" {
		return
	}
	w.must(w.Accept(ctx, w.as("handler"), id, 1))
	if l["original_checked"] == true {
		w.must(w.CheckOriginal(ctx, w.as("handler"), id))
	}
	d := office.Decision{Record: id, Version: 1}
	if form := l.text("form"); form == "door_visit" || form == "no_meeting" {
		d.Set = l.raw("form")
	}
	w.tellApart(id)
	if _, err := w.Recognise(ctx, w.as("reviewer"), d); err != nil {
		w.t.Fatalf("%s: %v", l.text("id"), err)
	}
}

// tellApart rules that what the record looks like is another thing: in the
// example every record is one of its own.
func (w *season) tellApart(id string) {
	v, err := w.Record(ctx, w.as("handler"), id)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range v.Rivals {
		if r.Like == nil || !r.Earlier && r.State != qiaomen.Held {
			continue
		}
		a := w.must(w.Settle(ctx, w.as("evaluator"), office.Ruling{Records: []string{r.Record, id}, Reason: "示例：两处分别建设"}))
		w.must(w.Approve(ctx, w.as("member"), a.Proposal))
	}
}

// dispute: a county reports what another has already, and something else of the
// same name; a leader settles both in person.
func (w *season) dispute() {
	var first line
	for _, l := range w.lines {
		if l.text("kind") == "reserve_project" && l.text("unit") == "jixian" && l["revoked_at"] == nil && w.ids[l.text("id")] != "" && record(w.world, w.ids[l.text("id")]).State == qiaomen.Recognised {
			first = l
			break
		}
	}
	for _, same := range []bool{true, false} {
		id := w.report("raohe-reporter", "raohe", "reserve_project", "　"+first.text("name")+" ", reserve)
		w.must(w.Accept(ctx, w.as("handler"), id, 1))
		w.faulty("首报并认定")(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: id, Version: 1}))
		a := w.must(w.Settle(ctx, w.as("evaluator"), office.Ruling{Records: []string{w.ids[first.text("id")], id}, Same: same, Reason: "示例：比对建设地点"}))
		w.must(w.Approve(ctx, w.as("member"), a.Proposal))
		if !same {
			w.must(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: id, Version: 1}))
			a := w.must(w.Revoke(ctx, w.as("handler"), office.Revocation{Record: id, Ground: "error", Reason: "示例：撤回"}))
			w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
		} else if record(w.world, id).State != qiaomen.Refused {
			w.t.Errorf("the second report of one thing is %s", record(w.world, id).State)
		}
	}
}

// disguises: what a county has is reported by another and by a task force under
// other names, then a county and a task force report something new. Each is
// found, held and decided; two are contested, one of them with success. In the
// end all that the example does not have is refused or revoked.
func (w *season) disguises() {
	var first line
	for _, l := range w.lines {
		if l.text("kind") == "reserve_project" && l.text("unit") == "jixian" && strings.HasSuffix(l.text("name"), "项目一期") && w.ids[l.text("id")] != "" && record(w.world, w.ids[l.text("id")]).State == qiaomen.Recognised {
			first = l
			break
		}
	}
	theirs, name := w.ids[first.text("id")], first.text("name")
	other := w.disguised("lingdong", theirs, strings.Replace("拟建"+name, "项目一期", "建设项目（第一期）", 1), "已由“集贤县”的 ")
	ruling := w.rulesOn(true, "", theirs, other)
	w.contested(other, ruling, false)
	w.inStates(qiaomen.Refused, other)
	force := w.disguised("bio-economy", theirs, strings.Replace(name, "项目一期", "工程一期", 1), "已由“集贤县”的 ")
	ruling = w.rulesOn(true, "", theirs, force)
	w.contested(force, ruling, true)
	w.faulty("疑似同一事项已由“集贤县”的 " + theirs)(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: force, Version: 1}))
	w.rulesOn(false, "", theirs, force)
	w.must(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: force, Version: 1}))
	w.inStates(qiaomen.Recognised, theirs, force)

	early := w.report("raohe-reporter", "raohe", "reserve_project", "示例玉米多肽项目", reserve)
	w.now = w.now.Add(time.Minute)
	late := w.disguised("bio-economy", early, "拟建示例玉米多肽建设项目", "有更早的上报：“饶河县”的 ")
	w.must(w.Accept(ctx, w.as("handler"), early, 1))
	w.must(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: early, Version: 1}))
	ruling = w.rulesOn(true, "", early, late)
	w.contested(late, ruling, true)
	w.rulesOn(true, late, early, late)
	w.inStates(qiaomen.Revoked, early)
	w.must(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: late, Version: 1}))
	for _, id := range []string{force, late} {
		a := w.must(w.Revoke(ctx, w.as("handler"), office.Revocation{Record: id, Ground: "error", Reason: "示例：撤回"}))
		w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
	}
	w.inStates(qiaomen.Recognised, theirs)
	w.labelled(theirs, other, "same")
	w.labelled(theirs, force, "different")
}

// disguised reports something that is there under another name, and asks that it
// is found and held.
func (w *season) disguised(unit, there, name, says string) string {
	w.t.Helper()
	by := unit + "-reporter"
	d := w.must(w.Draft(ctx, w.as(by), office.DraftInput{Unit: unit, Kind: "reserve_project", Name: name, Fields: []byte(reserve)}))
	if h, err := w.DuplicateHint(ctx, w.as(by), d.ID); err != nil || !h.Exists || len(h.Why) != 1 || h.Why[0] != "已有名称相近的上报" {
		w.t.Errorf("%s is hinted %+v: %v", name, h, err)
	}
	w.must(w.Submit(ctx, w.as(by), d.ID))
	r := w.beside(d.ID, there)
	if r == nil || !r.Earlier || r.Like == nil || r.Like.Verdict != "doubt" || len(r.Like.Findings) == 0 || r.Like.Name != record(w.world, there).Content.Name {
		w.t.Fatalf("beside %s: %+v", name, r)
	}
	w.must(w.Accept(ctx, w.as("handler"), d.ID, 1))
	w.faulty("疑似同一事项" + says + there)(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: d.ID, Version: 1}))
	return d.ID
}

// rulesOn settles that records are one thing, whose holder may be named, or
// several.
func (w *season) rulesOn(same bool, holder string, ids ...string) string {
	w.t.Helper()
	w.now = w.now.Add(time.Minute)
	a := w.must(w.Settle(ctx, w.as("evaluator"), office.Ruling{Records: ids, Same: same, Holder: holder, Reason: "示例：比对建设地点"}))
	return w.must(w.Approve(ctx, w.as("member"), a.Proposal)).ID
}

// contested has a unit object to a ruling on paper; the leading group says yes
// to the answer. Upheld, the record is before the office again.
func (w *season) contested(record, ruling string, upheld bool) {
	w.t.Helper()
	day := w.now.In(china).Format("2006-01-02")
	a := w.must(w.FileObjectionOnPaper(ctx, w.as("handler"), office.PaperFiling{
		Filing:    office.Filing{Record: record, Settlement: ruling, Text: "示例：两处分别建设", ReceivedAt: w.now.Format(time.RFC3339), ReceivedNumber: "收" + record},
		DecidedOn: day, Number: "示例函〔2024〕2号", Name: "示例单位", Scan: w.bulletin("handler", "异议"),
	}))
	filed := w.must(w.ConfirmPaper(ctx, w.as("reviewer"), a.ID))
	p := w.must(w.AnswerObjection(ctx, w.as("evaluator2"), office.ObjectionAnswer{Objection: filed.ID, Upheld: upheld, Opinion: "示例：已经核实"}))
	w.by(p.Proposal, "member2", "member3")
	if upheld {
		w.inStates(qiaomen.InReview, record)
	}
}

// labelled asks that a ruling is among the pairs, as the office reads them and
// as they come through the doors; a unit does not read them.
func (w *season) labelled(a, b, label string) {
	w.t.Helper()
	pairs, err := w.LabelledPairs(ctx, w.as("handler"))
	if w.http != nil {
		by := w.as("handler")
		pairs, err = list[*office.LabelledPair](w.http.asks(by, place(by, get, "settlements", "pairs"), nil))
		unit := w.as("raohe-reporter")
		_, no := list[*office.LabelledPair](w.http.asks(unit, place(unit, get, "settlements", "pairs"), nil))
		w.refused(nil, no)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	last := ""
	for _, p := range pairs {
		if p.RecordA == a && p.RecordB == b {
			if last = p.Label; p.ProjectA != record(w.world, a).Content.Name || p.ProjectB != record(w.world, b).Content.Name {
				w.t.Errorf("%+v", p)
			}
		}
	}
	if last != label {
		w.t.Errorf("%s and %s are labelled %q among %d, want %q", a, b, last, len(pairs), label)
	}
}

func (w *season) pursue(l line) {
	id := w.ids[l.text("id")]
	if id == "" || record(w.world, id).State != qiaomen.Recognised {
		w.skipped[l.text("id")+" pursuit"] = true
		return
	}
	w.must(w.OfferLead(ctx, w.as("handler"), id))
	w.must(w.ChooseLead(ctx, w.as("leader"), id))
	a := w.must(w.RecordPursuit(ctx, w.as("handler"), office.Pursuit{Lead: id, Fields: l.raw("pursued_on", "pursued_by")}))
	w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
}

func (w *season) bulletin(login, name string) qiaomen.Evidence {
	w.t.Helper()
	w.keys++
	return w.keeps(login, "bulletin", name+".png", paper(w.keys))
}

// publish takes the figures of one bulletin in.
func (w *season) publish(day string, batch []line) {
	in := office.FigureBatch{Bulletin: w.bulletin("handler", "公报"), PublishedOn: day}
	seen := map[string]bool{}
	for i, l := range batch {
		if key := l.text("unit") + l.text("quarter"); seen[key] { // put right on the same day, by another bulletin
			defer w.publish(day, batch[i:])
			break
		} else {
			seen[key] = true
		}
		f := w.rules.Figure(l.text("kind"))
		var fields []string
		for _, v := range f.Fields {
			fields = append(fields, v.ID)
		}
		in.Figures = append(in.Figures, office.FigureEntry{Source: f.ID, Unit: l.text("unit"), Period: l.text(cmp.Or(f.Every, "none")), Values: l.raw(fields...)})
	}
	a := w.must(w.EnterFigures(ctx, w.as("handler"), in))
	w.refused(w.CheckFigures(ctx, w.as("handler"), office.FigureCheck{Batch: a.ID}))
	w.must(w.CheckFigures(ctx, w.as("reviewer"), office.FigureCheck{Batch: a.ID}))
}

// lists takes in what the statistics side says of projects, and matches it.
func (w *season) lists(all []line) {
	for _, kind := range []string{"signed_project", "project_start"} {
		in := office.ListEntry{Kind: kind, PublishedOn: "2024-04-12", Bulletin: w.bulletin("handler", "入统清单")}
		var of []line
		for _, l := range all {
			if l.text("kind") != kind || w.ids[l.text("id")] == "" || record(w.world, w.ids[l.text("id")]).State != qiaomen.Recognised {
				continue
			}
			of = append(of, l)
			in.Rows = append(in.Rows, office.ListedProject{Name: l.text("name"), Unit: l.text("unit"), Fields: l.raw("statistics_on", "funds_wan")})
		}
		a := w.must(w.EnterStatisticsList(ctx, w.as("handler"), in))
		w.must(w.CheckStatisticsList(ctx, w.as("reviewer"), office.ListCheck{List: a.ID}))
		for i, l := range of {
			w.must(w.MatchRow(ctx, w.as("handler"), a.ID, i+1, w.ids[l.text("id")]))
		}
	}
}

// monthly closes a month and publishes its ranking.
func (w *season) monthly(month string) {
	w.statements(month)
	a := w.must(w.CloseMonth(ctx, w.as("handler"), month))
	w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
	a = w.must(w.DraftRanking(ctx, w.as("handler"), office.RankingInput{Month: month}))
	w.must(w.Approve(ctx, w.as("reviewer"), w.waitingFor("reviewer", qiaomen.ActApproveRanking, a.ID)))
	w.issue(a.ID, fmt.Sprintf("示例办发〔2024〕%d号", len(w.rankings)+1))
}

// statements: all units but one hand their month's paper in; that one is urged.
func (w *season) statements(month string) {
	duties, err := w.AllDuties(ctx, w.as("handler"))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, one := range duties {
		if one.Duty.ID != "monthly_report" || !strings.HasPrefix(one.Due, month) || one.Unit == "raohe" {
			continue
		}
		by := one.Unit + "-reporter"
		at := office.Occurrence{Duty: one.Duty.ID, Due: one.Due}
		w.must(w.PrepareStatement(ctx, w.as(by), office.MonthlyStatement{Unit: one.Unit, Occurrence: at}))
		view, err := w.Statement(ctx, w.as(by), one.Unit, at)
		if err != nil {
			w.t.Fatal(err)
		}
		scan := w.bulletin(by, "盖章月报表")
		w.must(w.HandInStatement(ctx, w.as(by), office.Signature{
			Unit: one.Unit, Occurrence: at, Digest: view.Statement.Digest, Scan: scan, SignedOn: w.now.In(china).Format("2006-01-02"),
		}))
	}
	until := w.now.AddDate(0, 0, 3).In(china).Format("2006-01-02")
	w.must(w.Urge(ctx, w.as("handler"), office.Pressing{Units: []string{"raohe"}, Text: "请报月报表", Until: until}))
}

// final is the final assessment: an adjustment and the ranking itself are
// decided by the leading group on paper.
func (w *season) final() {
	adjust := w.must(w.ProposeAdjustment(ctx, w.as("evaluator"), office.AdjustmentInput{
		Unit: "youyi", Points: "1.5", Ground: "force_majeure", Reason: "示例：雪灾停工", Papers: []qiaomen.Evidence{w.bulletin("handler", "说明")},
	}))
	w.onPaper(w.waitingFor("member", qiaomen.ActApproveAdjustment, adjust.ID))
	a := w.must(w.DraftRanking(ctx, w.as("handler"), office.RankingInput{Final: true}))
	w.onPaper(w.waitingFor("member", qiaomen.ActApproveRanking, a.ID))
	w.issue(a.ID, "示例办发〔2024〕30号")
}

// waitingFor is the proposal of an action that somebody may approve.
func (w *season) waitingFor(login string, action qiaomen.Action, about string) string {
	w.t.Helper()
	all, err := w.Proposals(ctx, w.as(login), false)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range all {
		if p.Action == action.String() && strings.Contains(string(p.Args)+p.Subject.ID, about) {
			return p.ID
		}
	}
	w.t.Fatalf("nothing about %s waits for %s among %d", about, login, len(all))
	return ""
}

func (w *season) onPaper(proposal string) {
	w.t.Helper()
	a := w.must(w.EnterPaper(ctx, w.as("handler"), office.PaperEntry{
		Proposal: proposal, Role: qiaomen.GroupMember, Approve: true, DecidedOn: w.now.In(china).Format("2006-01-02"),
		Number: "示例纪要〔2024〕4号", Name: "市开放招商工作领导小组", Scan: w.bulletin("handler", "会议纪要"),
	}))
	w.must(w.ConfirmPaper(ctx, w.as("reviewer2"), a.ID))
}

// issue drafts, publishes and reads the notice of an approved ranking.
func (w *season) issue(ranking, number string) {
	w.t.Helper()
	w.now = w.now.Add(time.Minute)
	day := w.now.In(china).Format("2006-01-02")
	n := w.must(w.DraftNotice(ctx, w.as("handler"), office.NoticeInput{Ranking: ranking, Number: number, DatedOn: day}))
	a := w.must(w.PublishNotice(ctx, w.as("handler2"), office.Publishing{Notice: n.ID, Number: number}))
	w.must(w.Approve(ctx, w.as("reviewer2"), a.Proposal))
	w.must(w.ReadNotice(ctx, w.as("jixian-reporter"), n.ID))
	w.rankings = append(w.rankings, ranking)
}

// check holds every published ranking against `score` on the ledger's export as
// of its position, and computes all of them again.
func (w *season) check() {
	if len(w.rankings) != 5 {
		w.t.Fatalf("%d rankings", len(w.rankings))
	}
	for i, id := range w.rankings {
		again, err := w.Recompute(ctx, w.as("auditor"), id)
		if err != nil {
			w.t.Fatal(err)
		}
		if !again.Equal {
			w.t.Errorf("%s computed again differs: %v", again.Ranking.Name, again.Differs)
		}
		out, err := w.ExportAll(ctx, w.as("auditor"), office.ExportRequest{Format: "records", Position: again.Ranking.Position, Reason: "核对"})
		if err != nil {
			w.t.Fatal(err)
		}
		view := scheme.View{AsOf: day(w.t, again.Ranking.AsOf), Cutoff: day(w.t, again.Ranking.Cutoff)}
		if got := w.score(out.Data, view); !same(got, again.JSON) {
			w.t.Errorf("%s: score on the export says otherwise\n%s\n%s", again.Ranking.Name, got, again.JSON)
		}
		if i == len(w.rankings)-1 {
			w.sameAsExample(again)
		}
	}
	err := w.store.Read(ctx, winter, 0, func(v *store.View) error {
		notices, err := store.All[qiaomen.Notice](v, store.Filter{States: []qiaomen.State{qiaomen.Published}})
		if len(notices) != 5 || notices[0].Receipts["jixian"] == "" {
			w.t.Errorf("%d notices are out", len(notices))
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// same tells whether two results are one, wherever their spaces are.
func same(a, b []byte) bool {
	var x, y bytes.Buffer
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && x.Len() > 0 && bytes.Equal(x.Bytes(), y.Bytes())
}

func day(t testing.TB, text string) qiaomen.Date {
	t.Helper()
	d, err := qiaomen.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// score is what the command of that name does.
func (w *season) score(file []byte, view scheme.View) []byte {
	w.t.Helper()
	tally := w.rules.NewTally(view)
	found, err := records.NewReader(w.rules, "export").Read(bytes.NewReader(file), tally)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range found.First {
		w.t.Fatalf("the export cannot be read: %v", p)
	}
	return tally.Score(w.rules.DefaultReadings()).JSON()
}

// sameAsExample: what the winter came to in the ledger is what the example's
// own records come to, less what no unit could hand over.
func (w *season) sameAsExample(final *office.Recomputation) {
	w.t.Helper()
	var file bytes.Buffer
	for _, l := range w.lines {
		id := l.text("id")
		if w.skipped[id] {
			continue
		}
		if w.skipped[id+" pursuit"] {
			delete(l, "pursued_on")
			delete(l, "pursued_by")
		}
		data, err := json.Marshal(l)
		if err != nil {
			w.t.Fatal(err)
		}
		fmt.Fprintf(&file, "%s\n", data)
	}
	view := scheme.View{AsOf: day(w.t, final.Ranking.AsOf), Cutoff: day(w.t, final.Ranking.Cutoff)}
	if got := w.score(file.Bytes(), view); !same(got, final.JSON) {
		w.t.Errorf("the example comes to something else:\n%s\n%s", got, final.JSON)
	}
}
