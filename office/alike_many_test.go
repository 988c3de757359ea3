package office_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store/storetest"
)

// disguise is one of many names of a product: fewer than a hundred and twenty.
func disguise(product, tons string, i int) string {
	product = []string{product, strings.NewReplacer("负", "負", "极", "極", "发", "發", "电", "電", "肽", "肽", "农", "農", "机", "機").Replace(product)}[i/60%2]
	in := []string{"", "年产5" + tons, "年产五" + tons}[i%5%3]
	scale := ""
	if i%5 > 2 {
		scale, in = "（年产"+[]string{"5", "五"}[i%5-3]+tons+"）", ""
	}
	return []string{"", "关于", "拟建"}[i/20%3] + in + product + []string{"项目", "建设项目", "生产线项目", "产业化项目"}[i/5%4] + scale
}

// TestAlikeRace: fifty clients report each of some projects at the same moment,
// each under another name and for one unit after another, and ask at the same
// moment for all to be recognised. Of each project the one that the journal has
// first is, and nobody else is without a ruling.
func TestAlikeRace(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			w := newRace(t, engine)
			products := []string{"示例石墨负极材料", "示例秸秆发电机组", "示例农机配件"}[:min(3, much(t, "ROUNDS", 3))]
			for round, product := range products {
				var all []*runner
				for i := range racers {
					unit := (i + round) % len(districts)
					id := districts[unit].id
					a := w.must(w.Draft(ctx, w.as(id), office.DraftInput{
						Unit: id, Kind: "reserve_project", Name: disguise(product, "万吨", i*2), Fields: []byte(reserve),
					}))
					all = append(all, &runner{record: a.ID, unit: unit, caller: w.as(id)})
				}
				reported := race(all, func(r *runner) (*office.Answer, error) { return w.Submit(ctx, r.caller, r.record) })
				first := all[0]
				for _, r := range all {
					if w.must(r.answer, r.err); r.answer.First < first.answer.First {
						first = r
					}
				}
				for i, r := range all {
					w.must(w.Accept(ctx, w.as("handler"), r.record, 1))
					r.caller = w.as(fmt.Sprint("reviewer", i%5))
				}
				recognised := race(all, func(r *runner) (*office.Answer, error) {
					return w.Recognise(ctx, r.caller, office.Decision{Record: r.record, Version: 1})
				})
				for _, r := range all {
					p, _ := errors.AsType[*qiaomen.Problem](r.err)
					switch state := record(w, r.record).State; {
					case r == first:
						if r.err != nil || state != qiaomen.Recognised {
							t.Errorf("%s: the first of %s is %s: %v", product, districts[r.unit].name, state, r.err)
						}
					case state != qiaomen.InReview || p == nil || !told(p, "疑似同一事项", first.record, districts[first.unit].name):
						t.Errorf("%s: a later one of %s is %s, and is told %v", product, districts[r.unit].name, state, r.err)
					}
				}
				t.Logf("%s: %d reports in %v, %d decisions in %v", product, len(all), reported.Round(time.Millisecond), len(all), recognised.Round(time.Millisecond))
			}
		})
	}
}

// TestAlikeLabelled: every ruling is pairs of names with what was found, for
// those who see everybody's.
func TestAlikeLabelled(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		lead := `{"target_company":"%s","content":"%s","amount_yi":2}`
		one := w.report("jixian-reporter", "jixian", "domestic_lead", "线索一", fmt.Sprintf(lead, "示例盛华石墨有限公司", "年产10万吨球形石墨"))
		two := w.report("bio-reporter", "bio-economy", "domestic_lead", "线索二", fmt.Sprintf(lead, "示例盛華石墨有限责任公司", "球形石墨生产线（年产十万吨）"))
		a, b, c := w.reserved("jixian", anode), w.reserved("youyi", anodeAgain), w.reserved("bio-economy", anodeThird)
		w.ruled(true, "", one, two)
		w.now = w.now.Add(time.Hour)
		w.ruled(false, "", a, b, c)
		pairs, err := w.LabelledPairs(ctx, w.as("handler"))
		if err != nil || len(pairs) != 3 {
			t.Fatalf("%d pairs: %v", len(pairs), err)
		}
		for i, want := range []office.LabelledPair{
			{Label: "same", RecordA: one, CompanyA: "示例盛华石墨有限公司", ProjectA: "年产10万吨球形石墨", RecordB: two, CompanyB: "示例盛華石墨有限责任公司", ProjectB: "球形石墨生产线（年产十万吨）"},
			{Label: "different", RecordA: a, ProjectA: anode, RecordB: b, ProjectB: anodeAgain},
			{Label: "different", RecordA: a, ProjectA: anode, RecordB: c, ProjectB: anodeThird},
		} {
			got := *pairs[i]
			if got.DecidedAt == "" {
				t.Errorf("pair %d was decided at no time", i)
			}
			if got.DecidedAt = ""; got != want {
				t.Errorf("pair %d is %+v, want %+v", i, got, want)
			}
		}
		for _, login := range []string{"reviewer", "auditor", "evaluator", "member"} {
			if got, err := w.LabelledPairs(ctx, w.as(login)); err != nil || len(got) != 3 {
				t.Errorf("%s: %d pairs, %v", login, len(got), err)
			}
		}
		for _, login := range []string{"jixian-reporter", "youyi-head", "bio-head", "leader"} {
			got, err := w.LabelledPairs(ctx, w.as(login))
			if w.refused(nil, err); len(got) > 0 {
				t.Errorf("%s sees %v", login, got)
			}
		}
	})
}

// TestAlikeOnAList: a row of a statistics list that names a record otherwise has
// it among its candidates, and why; only a person matches it.
func TestAlikeOnAList(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.now = time.Date(2024, 3, 20, 1, 0, 0, 0, time.UTC)
		start, funds := `{"start_type":"new","started_on":"2024-01-05"}`, jsontext.Value(`{"funds_wan":1}`)
		id := w.started("jixian", anode, start)
		exact := w.started("youyi", "示例秸秆发电项目", start)
		l := w.checkedList(
			office.ListedProject{Name: anodeAgain, Fields: funds},
			office.ListedProject{Name: anodeSecond, Fields: funds},
			office.ListedProject{Name: anodeThird, Unit: "youyi", Fields: funds},
			office.ListedProject{Name: "示例秸秆 发电项目", Fields: funds},
		)
		found, err := w.Matches(ctx, w.as("handler"), l)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{id, "", "", exact} {
			var got []string
			for _, c := range found[i].Candidates {
				got = append(got, c.ID)
			}
			if strings.Join(got, " ") != want || len(found[i].Why) != len(got) || found[i].Record != nil {
				t.Errorf("row %d has %v because of %v, want %s", i+1, got, found[i].Why, want)
			}
		}
		if why := found[0].Why; len(why) != 1 || !strings.Contains(why[0], "产品相同：石墨负极材料") {
			t.Errorf("why: %v", why)
		}
		w.must(w.AutoMatch(ctx, w.as("handler"), l))
		if got := string(record(w, id).Set); strings.Contains(got, "funds_wan") {
			t.Errorf("it was matched by likeness: %s", got)
		}
		if got := string(record(w, exact).Set); !strings.Contains(got, `"funds_wan":1`) {
			t.Errorf("the one of the same name was not: %s", got)
		}
		w.must(w.MatchRow(ctx, w.as("handler"), l, 1, id))
		if got := string(record(w, id).Set); !strings.Contains(got, `"funds_wan":1`) {
			t.Errorf("a person matched it, and it has %s", got)
		}
	})
}

// TestAlikeCompany: the pool has a company under another name than the one that
// is asked for, to whom it would be shown anyway.
func TestAlikeCompany(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		const code = "91350100M000100Y43"
		w.must(w.KeepCompany(ctx, w.as("handler"), office.CompanyInput{Name: "示例恒远大豆有限公司", CreditCode: code}))
		w.must(w.KeepCompany(ctx, w.as("jixian-reporter"), office.CompanyInput{Unit: "jixian", Name: "示例盛華石墨有限责任公司"}))
		w.must(w.KeepCompany(ctx, w.as("handler"), office.CompanyInput{Name: "示例晟华石墨公司"}))
		asked := companies(w, "handler", office.CompanyFilter{Like: "示例盛华石墨有限公司"})
		if called(asked) != "示例盛華石墨有限责任公司 示例晟华石墨公司" {
			t.Fatalf("%s", called(asked))
		}
		if !strings.HasPrefix(asked[0].Like, "相同；") || !strings.Contains(asked[0].Like, "字号相同：盛华") || !strings.Contains(asked[1].Like, "字号相近") {
			t.Errorf("%s / %s", asked[0].Like, asked[1].Like)
		}
		if got := companies(w, "youyi-head", office.CompanyFilter{Unit: "youyi", Like: "示例盛华石墨有限公司"}); called(got) != "示例晟华石墨公司" {
			t.Errorf("youyi is shown %s", called(got))
		}
		if got := companies(w, "handler", office.CompanyFilter{Like: "另一名称（" + code + "）"}); called(got) != "示例恒远大豆有限公司" {
			t.Errorf("by its code: %s", called(got))
		}
		if got := companies(w, "handler", office.CompanyFilter{Like: "示例盛华石墨有限公司", Limit: 1}); called(got) != "示例盛華石墨有限责任公司" {
			t.Errorf("one of them: %s", called(got))
		}
		if got := companies(w, "handler", office.CompanyFilter{}); len(got) != 3 || slices.ContainsFunc(got, func(c *office.CompanyView) bool { return c.Like != "" }) {
			t.Errorf("unasked: %s", called(got))
		}
	})
}

// TestAlikeInAPreview: a preview says of a row that it looks like another, of
// the ledger or of the file, and not of which.
func TestAlikeInAPreview(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.now = time.Date(2023, 12, 20, 1, 0, 0, 0, time.UTC)
		w.report("jixian-reporter", "jixian", "reserve_project", "集贤县年产10万吨球形石墨项目", reserve)
		row := func(id, name string) string {
			return `{"kind":"reserve_project","id":"` + id + `","unit":"youyi","name":"` + name + `","target_companies":["示例甲","示例乙","示例丙","示例丁","示例戊"]}` + "\n"
		}
		file := row("a", "集贤县球形石墨建设项目年产十万吨") + row("b", "友谊县寒地水稻精深加工项目") + row("c", "关于友谊县寒地水稻精深加工建设项目") + row("d", "友谊县大豆蛋白项目")
		p, err := w.Preview(ctx, w.as("youyi-reporter"), office.Import{Name: "youyi.jsonl", Content: []byte(file), Unit: "youyi"})
		if err != nil {
			w.t.Fatal(err)
		}
		for i, want := range []string{"名称与已有的上报相近", "", "名称与这个文件里的另一行相近", ""} {
			note := p.Rows[i].Note
			if (want == "") != (note == "") || !strings.Contains(note, want) {
				w.t.Errorf("row %d: %q, want %q", i+1, note, want)
			}
			if strings.Contains(note, "集贤") {
				w.t.Errorf("row %d tells whose: %q", i+1, note)
			}
		}
	})
}

// TestAlikeMeanwhile has one report wait for the disk while another looks for what
// it may be the same as, finds nothing, and waits for its turn: there it finds
// the first.
func TestAlikeMeanwhile(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			o := storetest.Fresh(t, engine)
			var holding atomic.Bool
			held, released := make(chan struct{}), make(chan struct{})
			o.Step = func(point string) error {
				if point == "commit" && holding.CompareAndSwap(true, false) {
					close(held)
					<-released
				}
				return nil
			}
			w := worldOn(t, o)
			w.found(qiaomen.SmallOffice, everybody())
			w.open()
			w.reserved("jixian", "示例湿地旅游项目") // there is something to be looked for among
			type came struct {
				answer *office.Answer
				err    error
			}
			report := func(login, unit, name string) chan came {
				out, by := make(chan came, 1), w.as(login)
				go func() {
					a, err := w.Report(ctx, by, office.Entry{Unit: unit, Kind: "reserve_project", Name: name, Fields: []byte(reserve)})
					out <- came{a, err}
				}()
				return out
			}
			holding.Store(true)
			first := report("jixian-reporter", "jixian", anode)
			<-held
			second := report("youyi-reporter", "youyi", anodeThird)
			time.Sleep(200 * time.Millisecond) // it has looked, and waits
			close(released)
			one, two := <-first, <-second
			id, other := w.must(one.answer, one.err).ID, w.must(two.answer, two.err).ID
			w.held(other, id)
		})
	}
}

// TestIDsLieTogether reports some records at about one time: their ids begin
// alike, so that an index has them beside each other, and are not one another's.
// Those of another time begin otherwise.
func TestIDsLieTogether(t *testing.T) {
	for _, engine := range storetest.Engines {
		w := newWorld(t, engine, qiaomen.SmallOffice)
		begins := map[string]bool{}
		seen := map[string]bool{}
		for _, at := range []string{"2023-12-18 09:00", "2023-12-18 10:30", "2023-12-19 09:00"} {
			w.at(at)
			begin := ""
			for i := range 5 {
				a := w.must(w.Report(ctx, w.as("jixian-reporter"), office.Entry{
					Unit: "jixian", Kind: "reserve_project", Name: fmt.Sprint("示例项目 ", at, i), Fields: []byte(reserve),
				}))
				id := strings.TrimPrefix(a.ID, "r-")
				if len(id) != 16 || seen[id] {
					t.Fatalf("%q is no id, or was given twice", a.ID)
				}
				if seen[id] = true; begin == "" {
					begin = id[:4]
				}
				if id[:4] != begin {
					t.Errorf("%s was made with %s…, and lies elsewhere", id, begin)
				}
			}
			begins[begin] = true
		}
		if len(begins) != 3 {
			t.Errorf("ids of three times begin with %v", begins)
		}
	}
}
