package office_test

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/records"
	"qiaomen/scheme"
	"qiaomen/store/storetest"
)

// orderly is a scheme in which everything that a ledger may get wrong shows: the
// order of first reports decides which of a month's visits is paid, days may lie
// beyond the cutoff, the office sets an option, figures are published again.
const orderly = `vocabulary: 1
scheme: orderly
name: 示例市活动
source: {title: 示例市办法}
settings: {units_see: own_score}
windows:
  campaign: {name: 活动期间, from: 2023-12-01, to: 2024-06-30}
groups:
  districts: {name: 县, units: {jixian: {name: 甲县}, youyi: {name: 乙县}}}
  taskforces: {name: 专班, units: {bio-economy: {name: 丙专班}}}
kinds:
  visit:
    name: 拜访
    occurs_on: held_on
    fields:
      held_on: {name: 日期, type: date, needed: to_submit}
      city: {name: 城市, type: text}
      people: {name: 人数, type: number, in: 个}
      done_on: {name: 办结日期, type: date, seen_from_its_day: true}
      grade: {name: 等级, type: option, options: {a: 甲, b: 乙, c: 丙}, office_sets: [c]}
figures:
  funds: {name: 到位资金, every: month, periods: [2023-12, 2024-01, 2024-02], values: {amount_wan: {name: 金额, in: 万元, needed: always}}}
measures:
  people: {name: 拜访人数, in: 个, sum: visit, value: people, limit: [{n: 1, per: month, by: held_on, each: city}]}
  graded: {name: 丙等, count: visit, where: {grade: c}}
  done: {name: 办结, count: visit, where: {done_on: {within: campaign}}}
  money: {name: 到位资金, figure: funds.amount_wan, at: 2024-01}
scores:
  districts:
    lines:
      people: {name: 拜访, base: 0, add: [{each: people, points: 1}]}
      graded: {name: 等级, base: 100, deduct: [{each: graded, points: 3}]}
      done: {name: 办结, base: 0, add: [{each: done, points: 0.5}]}
      money: {name: 资金, base: 0, add: [{each: money, per: 100万元, points: 0.1}]}
  taskforces:
    lines:
      people: {name: 拜访, base: 0, add: [{each: people, points: 1}]}
ranking: {groups: {districts: {ties: share}, taskforces: {ties: share}}}
rounding: {measures: exact, lines: exact, total: exact, shown: {decimals: 2, mode: half_up}}
`

// worldOf is a world whose campaign has another scheme.
func worldOf(t testing.TB, engine, text, source string) *world {
	t.Helper()
	w := emptyWorld(t, engine)
	var people []office.FirstPerson
	for _, c := range cast {
		role := office.FirstRole{Role: c.role, Unit: c.unit}
		if c.role.OfCampaign() {
			role.Campaign = winter
		}
		people = append(people, office.FirstPerson{Login: c.login, Detail: office.Detail{Name: "示例" + c.login, Identity: c.login}, Roles: []office.FirstRole{role}})
	}
	w.found(qiaomen.SmallOffice, people)
	w.must(w.CreateCampaign(ctx, w.as("handler"), office.Beginning{Campaign: winter, Text: text, Source: source}))
	w.must(w.Approve(ctx, w.as("member"), w.pendingOn(winter).ID))
	return w
}

// A history is random things that happen to records and figures.
type history struct {
	*world
	r     *rapid.T
	rules *scheme.Scheme
	ids   []string
	unit  map[string]string
	seen  []*office.LiveRanking // on the way
}

func (h *history) by(id string) office.Caller {
	return h.as(map[string]string{"jixian": "jixian-reporter", "youyi": "youyi-reporter", "bio-economy": "bio-reporter"}[h.unit[id]])
}

func (h *history) number(name string, from, to int) int {
	return rapid.IntRange(from, to).Draw(h.r, name)
}

// fields is what a unit says of a visit.
func (h *history) fields() []byte {
	day := func(name string, from, to int) string {
		return h.now.AddDate(0, 0, h.number(name, from, to)).Format(time.DateOnly)
	}
	return fmt.Appendf(nil, `{"held_on":%q,"done_on":%q,"city":%q,"people":%d,"grade":%q}`,
		day("held", -1, 1), day("done", -5, 20), pick(h.r, "city", []string{"甲", "甲", "乙"}), h.number("people", 1, 9), pick(h.r, "grade", []string{"a", "b"}))
}

// step lets one thing happen; what cannot happen now does not.
func (h *history) step() {
	if h.number("time passes", 0, 2) == 0 { // else several things happen in one microsecond
		h.now = h.now.Add(time.Duration(h.number("hours", 1, 30)) * time.Hour)
	}
	what := h.number("what", 0, 9)
	if what <= 2 || len(h.ids) == 0 {
		h.reports(what == 1)
		return
	}
	if what == 3 {
		h.publishes()
		return
	}
	id := pick(h.r, "record", h.ids)
	one := record(h.world, id)
	version, state, _ := one.Pending()
	counts, amended := one.State == qiaomen.Recognised, one.Amendment != nil
	switch {
	case what == 4 && state == qiaomen.Submitted:
		h.must(h.Return(ctx, h.as("handler"), id, version, "请补正"))
	case what == 5 && !counts && (state == qiaomen.Submitted || state == qiaomen.Returned):
		h.must(h.Withdraw(ctx, h.by(id), id))
	case what == 6 && counts:
		h.seal(&qiaomen.RecordRevoked{ID: id, Ground: "error", Reason: "示例"})
	case what >= 7 && state == qiaomen.Submitted:
		h.must(h.Accept(ctx, h.as("handler"), id, version))
		set := fmt.Appendf(nil, `{"grade":%q}`, pick(h.r, "grade", []string{"a", "b", "c"}))
		h.must(h.Recognise(ctx, h.as("reviewer"), office.Decision{Record: id, Version: version, Set: set}))
	case !counts && (state == qiaomen.Returned || state == qiaomen.Withdrawn):
		h.must(h.DraftAgain(ctx, h.by(id), id))
		h.must(h.Submit(ctx, h.by(id), id))
	case counts && !amended:
		d := h.must(h.DraftAgain(ctx, h.by(id), id))
		h.must(h.EditDraft(ctx, h.by(id), office.DraftInput{ID: d.ID, Name: "示例", Fields: h.fields()}))
		h.must(h.Amend(ctx, h.by(id), d.ID, "更正"))
	}
}

// reports: a unit does, or the office types its paper, which may have come
// before what others reported.
func (h *history) reports(onPaper bool) {
	unit := pick(h.r, "unit", []string{"jixian", "youyi", "bio-economy"})
	var id string
	if onPaper {
		received := h.now.Add(-time.Duration(h.number("received", 0, 60)) * time.Hour)
		id = h.must(h.EnterFor(ctx, h.as("handler"), office.Entry{
			Unit: unit, Kind: "visit", Name: "示例", Fields: h.fields(), ReceivedAt: received.Format(time.RFC3339), ReceivedNumber: fmt.Sprint("示例", len(h.ids)),
		})).ID
		h.unit[id] = unit
	} else {
		h.unit["new"] = unit
		id = h.must(h.Draft(ctx, h.by("new"), office.DraftInput{Unit: unit, Kind: "visit", Name: "示例", Fields: h.fields()})).ID
		h.unit[id] = unit
		h.must(h.Submit(ctx, h.by(id), id))
	}
	h.ids = append(h.ids, id)
}

func (h *history) publishes() {
	figure := office.FigureEntry{
		Source: "funds", Unit: "jixian", Period: pick(h.r, "period", []string{"2023-12", "2024-01", "2024-01"}),
		Values: fmt.Appendf(nil, `{"amount_wan":%d}`, h.number("amount", 1, 9999)),
	}
	first := h.must(h.EnterFigures(ctx, h.as("handler"), office.FigureBatch{Bulletin: h.file("handler", "bulletin"), PublishedOn: h.now.Format(time.DateOnly), Figures: []office.FigureEntry{figure}}))
	figure.Values = fmt.Appendf(nil, `{"amount_wan":%d}`, h.number("amount", 1, 9999))
	a := h.must(h.EnterFigures(ctx, h.as("handler"), office.FigureBatch{Bulletin: h.file("handler", "bulletin"), PublishedOn: h.now.Format(time.DateOnly), Figures: []office.FigureEntry{figure}}))
	for _, batch := range []string{a.ID, first.ID} { // of one day; the one entered last holds, whichever was checked last
		if h.number("checked", 0, 3) > 0 {
			h.must(h.CheckFigures(ctx, h.as("reviewer"), office.FigureCheck{Batch: batch}))
		}
	}
}

func (h *history) live() *office.LiveRanking {
	h.t.Helper()
	l, err := h.Live(ctx, h.as("handler"))
	if err != nil {
		h.t.Fatal(err)
	}
	return l
}

func (h *history) scored(q office.ScoreInput) *scheme.Result {
	h.t.Helper()
	res, err := h.Score(ctx, h.as("auditor"), q)
	if err != nil {
		h.t.Fatal(err)
	}
	return res
}

// same asks that the ledger scored as of a position is what `score` makes of the
// records file that is exported there.
func (h *history) same(q office.ScoreInput) *scheme.Result {
	h.t.Helper()
	res := h.scored(q)
	out, err := h.ExportAll(ctx, h.as("auditor"), office.ExportRequest{Format: "records", Position: q.Position, Reason: "核对"})
	if err != nil {
		h.t.Fatal(err)
	}
	tally := h.rules.NewTally(res.View)
	found, err := records.NewReader(h.rules, "export").Read(bytes.NewReader(out.Data), tally)
	if err != nil || found.Total > 0 {
		h.t.Fatalf("the export cannot be read: %v, %v", err, found.First)
	}
	if file := tally.Score(h.rules.DefaultReadings()).JSON(); !bytes.Equal(file, res.JSON()) {
		h.t.Errorf("as of %d the file comes to\n%s\nthe ledger to\n%s", q.Position, file, res.JSON())
	}
	return res
}

var asOf = regexp.MustCompile(`"as_of": "[^"]*"`)

// TestTheLedgerScoresAsItsFileDoes: whatever happened, in whatever order, three
// ways come to the same bytes: the ledger as of a position, the records file
// written there, and the ranking that was kept live all the while.
func TestTheLedgerScoresAsItsFileDoes(t *testing.T) {
	rules, wrong := scheme.Parse("scheme.yaml", []byte(orderly), nil)
	if rules == nil {
		t.Fatal(wrong)
	}
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			runs := 0
			rapid.Check(t, func(r *rapid.T) {
				if runs++; runs > 2*rounds() {
					return
				}
				good := t.Run(fmt.Sprint(runs), func(t *testing.T) {
					h := &history{world: worldOf(t, engine, orderly, ""), r: r, rules: rules, unit: map[string]string{}}
					for i := range 80 {
						if h.step(); i%10 == 9 {
							h.seen = append(h.seen, h.live())
						}
					}
					last := h.live()
					if now := h.same(office.ScoreInput{}); !bytes.Equal(now.JSON(), last.JSON) {
						t.Errorf("live it is\n%s\nscored\n%s", last.JSON, now.JSON())
					}
					for _, l := range h.seen {
						then := h.same(office.ScoreInput{Position: l.Position, Cutoff: l.Day})
						if !bytes.Equal(asOf.ReplaceAll(l.JSON, nil), asOf.ReplaceAll(then.JSON(), nil)) {
							t.Errorf("at %d it was live\n%s\nscored as of then\n%s", l.Position, l.JSON, then.JSON())
						}
						early := h.now.AddDate(0, 0, -h.number("days before", 0, 60)).Format(time.DateOnly)
						h.same(office.ScoreInput{Position: l.Position, Cutoff: early})
					}
				})
				if !good {
					r.FailNow()
				}
			})
		})
	}
}

// TestAPlaceAmongFirstReports: of two visits of one day the one reported first
// is paid, be it by a microsecond's order or by a paper that came in before and
// is typed last; and live it is so as well, however many papers come between.
func TestAPlaceAmongFirstReports(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			w := worldOf(t, engine, orderly, "")
			w.at("2024-01-10 09:00")
			visit := func(city string, people int) []byte {
				return fmt.Appendf(nil, `{"held_on":"2024-01-09","city":%q,"people":%d,"grade":"a"}`, city, people)
			}
			points := func() string {
				t.Helper()
				l, err := w.Live(ctx, w.as("handler"))
				if err != nil {
					t.Fatal(err)
				}
				res, err := w.Score(ctx, w.as("handler"), office.ScoreInput{})
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(l.JSON, res.JSON()) {
					t.Errorf("live\n%s\nscored\n%s", l.JSON, res.JSON())
				}
				return res.Unit(res.Scheme.Unit("jixian")).Lines[0].Score.String()
			}
			for i := range 8 { // all in one microsecond
				w.recognised(w.report("jixian-reporter", "jixian", "visit", "示例", string(visit(fmt.Sprint(i), 1))), 1)
				w.recognised(w.report("jixian-reporter", "jixian", "visit", "示例", string(visit(fmt.Sprint(i), 5))), 1)
			}
			if got := points(); got != "8" {
				t.Errorf("%s points for eight visits of one person each", got)
			}
			w.at("2024-01-10 17:00")
			w.recognised(w.report("jixian-reporter", "jixian", "visit", "示例", string(visit("北京", 9))), 1)
			for i := range 30 { // each came in before the one typed before it
				a := w.must(w.EnterFor(ctx, w.as("handler"), office.Entry{
					Unit: "jixian", Kind: "visit", Name: "示例", Fields: visit("北京", 10+i), ReceivedNumber: fmt.Sprint("示例", i),
					ReceivedAt: w.now.Add(-time.Duration(i+1) * time.Minute).Format(time.RFC3339),
				}))
				w.recognised(a.ID, 1)
				if got, want := points(), fmt.Sprint(8+10+i); got != want {
					t.Errorf("after paper %d %s points, want %s", i, got, want)
				}
			}
		})
	}
}

// TestManyLookWhileOthersReport: the live ranking is asked for from all sides
// while acts are committed, and at the end everything is in it.
func TestManyLookWhileOthersReport(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		const reports = 12
		var ids []string
		for i := range reports {
			ids = append(ids, w.report("jixian-reporter", "jixian", "reserve_project", fmt.Sprint("示例项目", i), reserve))
		}
		type asking struct{ accept, recognise, look office.Caller }
		var callers []asking
		for range ids {
			callers = append(callers, asking{w.as("handler"), w.as("reviewer"), w.as("member")})
		}
		var all sync.WaitGroup
		for i, id := range ids {
			all.Go(func() {
				if _, err := w.Accept(ctx, callers[i].accept, id, 1); err != nil {
					t.Error(err)
				}
				a, err := w.Recognise(ctx, callers[i].recognise, office.Decision{Record: id, Version: 1})
				if err != nil {
					t.Error(err)
					return
				}
				l, err := w.Live(ctx, callers[i].look)
				if err != nil || l.Position < a.Last {
					t.Errorf("sealed at %d, live it is %+v, %v", a.Last, l, err)
				}
				if _, err := w.MyScore(ctx, callers[i].look, "jixian"); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		l, err := w.Live(ctx, w.as("handler"))
		if err != nil {
			t.Fatal(err)
		}
		res, err := w.Score(ctx, w.as("handler"), office.ScoreInput{})
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(res.JSON(), l.JSON) {
			t.Errorf("live\n%s\nscored\n%s", l.JSON, res.JSON())
		}
		mine := res.Unit(res.Scheme.Unit("jixian"))
		if got := mine.Lines[3].Measures[0].Text(); got != fmt.Sprint(reports) {
			t.Errorf("%s projects count", got)
		}
	})
}

// TestTheLiveRankingFollowsTheDay: what happens tomorrow counts tomorrow.
func TestTheLiveRankingFollowsTheDay(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.at("2024-01-10 09:00")
		trip := w.report("jixian-reporter", "jixian", "outing", "示例考察", `{"held_on":"2024-01-11","form":"onsite"}`, "report")
		w.recognised(trip, 1)
		counted := func() string {
			mine, err := w.MyScore(ctx, w.as("jixian-head"), "jixian")
			if err != nil {
				t.Fatal(err)
			}
			return mine.Lines[1].Measures[0].Actual
		}
		if got := counted(); got != "0" {
			t.Errorf("on the day before %s count", got)
		}
		w.at("2024-01-11 09:00")
		if got := counted(); got != "1" {
			t.Errorf("on its day %s count", got)
		}
	})
}

func TestAUnitSeesItsOwnScore(t *testing.T) {
	text, notice := schemeText(t)
	for sees, want := range map[string]struct{ rank, all bool }{"own_score": {}, "own_rank": {rank: true}, "ranking": {true, true}} {
		t.Run(sees, func(t *testing.T) {
			for _, engine := range storetest.Engines {
				t.Run(engine, func(t *testing.T) {
					w := worldOf(t, engine, regexp.MustCompile(`units_see: own_score`).ReplaceAllString(text, "units_see: "+sees), notice)
					w.at("2024-01-10 09:00")
					good := w.report("jixian-reporter", "jixian", "domestic_lead", "示例石墨线索", domestic)
					w.recognised(good, 1)
					open := w.report("jixian-reporter", "jixian", "domestic_lead", "示例石墨线索二", `{"target_company":"示例乙公司","content":"石墨","amount_yi":3}`)
					other := w.report("youyi-reporter", "youyi", "domestic_lead", "示例大米线索", `{"target_company":"示例丙公司","content":"大米","amount_yi":3}`)
					mine, err := w.MyScore(ctx, w.as("jixian-reporter"), "jixian")
					if err != nil {
						t.Fatal(err)
					}
					leads := mine.Lines[4]
					if mine.Total.String() != "9" || leads.ID != "domestic" || leads.Score.String() != "2" || leads.Measures[0].Target != "3" || leads.Measures[0].Actual != "1" ||
						!slices.Contains(leads.Clauses, "附3·七(一)2") || leads.Sentence == "" {
						t.Errorf("%s: %+v", mine.Total, leads)
					}
					if len(leads.Counted) != 1 || leads.Counted[0].ID != good || len(leads.NotCounted) != 1 || leads.NotCounted[0].ID != open || leads.NotCounted[0].Why != "尚未认定" {
						t.Errorf("%+v", leads)
					}
					i := slices.IndexFunc(mine.Lacks, func(l office.OwnLack) bool { return l.Says == "内资重要招商线索" })
					if i < 0 || mine.Lacks[i].Worth.String() != "4" || mine.Lacks[i].WholeBase != 2 || mine.Lacks[i].Climb > 0 != want.rank {
						t.Errorf("%+v", mine.Lacks)
					}
					if (mine.Rank == 6) != want.rank || (mine.Above != nil && mine.Above.String() == "1") != want.rank || (mine.Below != nil && mine.Below.String() == "2") != want.rank || (len(mine.Ranking) == 15) != want.all {
						t.Errorf("rank %d, above %v, below %v, %d in the ranking", mine.Rank, mine.Above, mine.Below, len(mine.Ranking))
					}
					if !want.all && bytes.Contains(fmt.Appendf(nil, "%+v", *mine), []byte(other)) {
						t.Error("it tells of another unit's record")
					}
					_, err = w.MyScore(ctx, w.as("jixian-reporter"), "youyi")
					w.denies(err)
					_, err = w.MyScore(ctx, w.as("leader"), "jixian")
					w.denies(err)
					_, err = w.MyScore(ctx, w.as("statistician"), "jixian")
					w.denies(err)
				})
			}
		})
	}
}

func TestWhoScores(t *testing.T) {
	onEach(t, qiaomen.ThreePowers, func(w *world) {
		for _, who := range []string{"handler", "reviewer", "evaluator", "auditor"} {
			if _, err := w.Score(ctx, w.as(who), office.ScoreInput{}); err != nil {
				t.Errorf("%s: %v", who, err)
			}
		}
		for _, who := range []string{"jixian-head", "member", "leader", "statistician", "system"} {
			_, err := w.Score(ctx, w.as(who), office.ScoreInput{})
			w.denies(err)
		}
		for _, who := range []string{"jixian-head", "leader", "statistician"} {
			_, err := w.Live(ctx, w.as(who))
			w.denies(err)
		}
		_, err := w.Score(ctx, w.as("handler"), office.ScoreInput{Position: -1, Cutoff: "soon", Round: "q9", Readings: map[string]string{"tier_surplus": "both", "nothing": "x"}})
		w.says(everything(err), "没有这个位置", "不是日期", "没有轮次", "没有“both”这种理解", "没有口径“nothing”")
		res, err := w.Score(ctx, w.as("handler"), office.ScoreInput{Readings: map[string]string{"tier_surplus": "fills_lower"}})
		if err != nil || !bytes.Contains(res.JSON(), []byte(`"tier_surplus": "fills_lower"`)) {
			t.Errorf("the reading is not taken: %v", err)
		}
	})
}

func pick[T any](r *rapid.T, name string, from []T) T {
	return from[rapid.IntRange(0, len(from)-1).Draw(r, name)]
}
