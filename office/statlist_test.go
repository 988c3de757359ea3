package office_test

import (
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
)

func TestAStatisticsListReachesRecordsOnceMatched(t *testing.T) {
	for _, c := range []struct {
		name           string
		procedure      qiaomen.Procedure
		enters, checks string
	}{{"small", qiaomen.SmallOffice, "handler", "reviewer"}, {"gb3", qiaomen.ThreePowers, "statistician", "statistician2"}} {
		t.Run(c.name, func(t *testing.T) {
			onEach(t, c.procedure, func(w *world) {
				w.now = time.Date(2024, 3, 1, 1, 0, 0, 0, time.UTC)
				start := `{"start_type":"new","started_on":"2024-01-05"}`
				id := w.started("jixian", "示例石墨项目", start)
				twin := w.started("youyi", "示例粮食项目", start)
				list := office.ListEntry{Kind: "project_start", PublishedOn: "2024-02-28", Bulletin: w.keptFile("bulletin"), Rows: []office.ListedProject{
					{Name: "示例 石墨项目", Unit: "jixian", Code: "230521-1", Fields: jsontext.Value(`{"statistics_on":"2024-02-20","funds_wan":500}`)},
					{Name: "示例粮食项目", Fields: jsontext.Value(`{"statistics_on":"2024-02-21"}`)},
					{Name: "没有人报过的项目", Fields: jsontext.Value(`{"statistics_on":"2024-02-22"}`)},
				}}
				w.refused(w.EnterStatisticsList(ctx, w.as("jixian-reporter"), list))
				l := w.again(func(by office.Caller) (*office.Answer, error) { return w.EnterStatisticsList(ctx, by, list) }, c.enters)
				w.faulty("还没有复核")(w.MatchRow(ctx, w.as(c.checks), l.ID, 1, id))
				w.faulty("还没有复核")(w.AutoMatch(ctx, w.as(c.enters), l.ID))
				w.refused(w.CheckStatisticsList(ctx, w.as(c.enters), office.ListCheck{List: l.ID}))
				w.again(func(by office.Caller) (*office.Answer, error) {
					return w.CheckStatisticsList(ctx, by, office.ListCheck{List: l.ID})
				}, c.checks)

				found, err := w.Matches(ctx, w.as(c.checks), l.ID)
				if err != nil || len(found) != 3 {
					w.t.Fatalf("%d rows: %v", len(found), err)
				}
				for i, want := range []string{id, twin, ""} {
					got := ""
					if len(found[i].Candidates) == 1 {
						got = found[i].Candidates[0].ID
					}
					if got != want || found[i].Record != nil {
						w.t.Errorf("row %d: candidate %q, want %q", i+1, got, want)
					}
				}
				if _, err := w.Matches(ctx, w.as("jixian-reporter"), l.ID); err == nil {
					w.t.Error("a unit saw the list")
				}
				w.refused(w.MatchRow(ctx, w.as("jixian-reporter"), l.ID, 1, id))
				w.faulty("清单上写的是“集贤县”")(w.MatchRow(ctx, w.as(c.enters), l.ID, 1, twin))
				w.faulty("没有第9行")(w.MatchRow(ctx, w.as(c.enters), l.ID, 9, id))
				w.faulty("没有匹配")(w.UnmatchRow(ctx, w.as(c.enters), l.ID, 3))
				w.again(func(by office.Caller) (*office.Answer, error) { return w.MatchRow(ctx, by, l.ID, 1, id) }, c.enters)
				w.faulty("已经匹配到")(w.MatchRow(ctx, w.as(c.enters), l.ID, 1, id))
				if r := record(w, id); string(r.Set) != `{"statistics_on":"2024-02-20","funds_wan":500}` {
					w.t.Errorf("set is %s", r.Set)
				}
				w.again(func(by office.Caller) (*office.Answer, error) { return w.AutoMatch(ctx, by, l.ID) }, c.checks)
				if r := record(w, twin); string(r.Set) != `{"statistics_on":"2024-02-21"}` {
					w.t.Errorf("set is %s", r.Set)
				}
				w.faulty("没有可以自动匹配的行")(w.AutoMatch(ctx, w.as(c.checks), l.ID))
				w.must(w.UnmatchRow(ctx, w.as(c.checks), l.ID, 1))
				if r := record(w, id); string(r.Set) != `{}` {
					w.t.Errorf("unmatched it has %s", r.Set)
				}
			})
		})
	}
}

func TestListsOnOneRecordCompose(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.now = time.Date(2024, 3, 20, 1, 0, 0, 0, time.UTC)
		id := w.started("jixian", "示例石墨项目", `{"start_type":"new","started_on":"2024-01-05"}`)
		enter := func(day, fields string) string {
			l := w.must(w.EnterStatisticsList(ctx, w.as("handler"), office.ListEntry{
				Kind: "project_start", PublishedOn: day, Bulletin: w.keptFile("bulletin"),
				Rows: []office.ListedProject{{Name: "示例石墨项目", Fields: jsontext.Value(fields)}},
			}))
			w.must(w.CheckStatisticsList(ctx, w.as("reviewer"), office.ListCheck{List: l.ID}))
			return l.ID
		}
		set := func(want string) {
			w.t.Helper()
			if got := string(record(w, id).Set); got != want {
				w.t.Errorf("set is %s, want %s", got, want)
			}
		}
		late := enter("2024-03-10", `{"funds_wan":800}`)
		early := enter("2024-02-10", `{"statistics_on":"2024-02-01","funds_wan":300}`)
		w.must(w.MatchRow(ctx, w.as("handler"), late, 1, id))
		set(`{"funds_wan":800}`)
		w.must(w.MatchRow(ctx, w.as("handler"), early, 1, id))
		set(`{"statistics_on":"2024-02-01","funds_wan":800}`) // the later publication holds, whichever was matched first
		w.must(w.UnmatchRow(ctx, w.as("handler"), late, 1))
		set(`{"statistics_on":"2024-02-01","funds_wan":300}`)
		w.must(w.UnmatchRow(ctx, w.as("handler"), early, 1))
		set(`{}`)
	})
}

func TestWhatAListMayNotSay(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.now = time.Date(2024, 3, 20, 1, 0, 0, 0, time.UTC)
		for says, c := range map[string]struct{ kind, name, unit, fields string }{
			"没有由统计部门填的内容": {"briefing", "示例", "", `{}`},
			"这类记录":        {"nothing", "示例", "", `{}`},
			"没有项目名称":      {"project_start", " ", "", `{"funds_wan":1}`},
			"方案里没有单位":     {"project_start", "示例", "nowhere", `{"funds_wan":1}`},
			"没有写入统的内容":    {"project_start", "示例", "", `{}`},
			"由单位填":        {"project_start", "示例", "", `{"started_on":"2024-01-01"}`},
		} {
			w.faulty(says)(w.EnterStatisticsList(ctx, w.as("handler"), office.ListEntry{
				Kind: c.kind, PublishedOn: "2024-03-10", Bulletin: w.keptFile("bulletin"),
				Rows: []office.ListedProject{{Name: c.name, Unit: c.unit, Fields: jsontext.Value(c.fields)}},
			}))
		}
		l := w.must(w.EnterStatisticsList(ctx, w.as("handler"), office.ListEntry{
			Kind: "project_start", PublishedOn: "2024-03-10", Bulletin: w.keptFile("bulletin"),
			Rows: []office.ListedProject{{Name: "示例", Fields: jsontext.Value(`{"funds_wan":1}`)}},
		}))
		w.faulty("没有写理由")(w.CheckStatisticsList(ctx, w.as("reviewer"), office.ListCheck{List: l.ID, Refuse: true}))
		w.must(w.CheckStatisticsList(ctx, w.as("reviewer"), office.ListCheck{List: l.ID, Refuse: true, Reason: "缺一行"}))
		w.faulty("没有通过")(w.AutoMatch(ctx, w.as("handler"), l.ID))
		w.faulty("已经复核过")(w.CheckStatisticsList(ctx, w.as("reviewer"), office.ListCheck{List: l.ID}))
	})
}

// checkedList is a list of starts that was entered and checked.
func (w *world) checkedList(rows ...office.ListedProject) string {
	w.t.Helper()
	l := w.must(w.EnterStatisticsList(ctx, w.as("handler"), office.ListEntry{
		Kind: "project_start", PublishedOn: "2024-03-10", Bulletin: w.keptFile("bulletin"), Rows: rows,
	}))
	w.must(w.CheckStatisticsList(ctx, w.as("reviewer"), office.ListCheck{List: l.ID}))
	return l.ID
}

// belongs gives a person a role in a unit, from which they stand aside from then on.
func (w *world) belongs(login, unit string) {
	w.t.Helper()
	person := ""
	for _, c := range w.codes {
		if c.Login == login {
			person = c.Person
		}
	}
	_, err := w.store.Write(ctx, store.Act{Journal: office.InstallationJournal, At: w.now}, func(tx *store.Tx) error {
		return tx.Emit(&qiaomen.RoleGranted{Grant: qiaomen.Grant{ID: "g-" + login, Person: person, Role: qiaomen.Reporter, Campaign: winter, Unit: unit}})
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestOnlyWhatIsCertainIsMatchedByItself(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.now = time.Date(2024, 3, 20, 1, 0, 0, 0, time.UTC)
		start, funds := `{"start_type":"new","started_on":"2024-01-05"}`, jsontext.Value(`{"funds_wan":1}`)
		one := w.reportSigned("jixian", "project_start", "示例甲", start, "photo")
		w.reportSigned("youyi", "project_start", "示例甲", start, "photo")
		two := w.reportSigned("jixian", "project_start", "示例乙", start, "photo")
		theirs := w.reportSigned("youyi", "project_start", "示例丙", start, "photo")
		l := w.checkedList(
			office.ListedProject{Name: "示例甲", Fields: funds},            // two records
			office.ListedProject{Name: "示例乙", Code: "1", Fields: funds}, // one record, two rows
			office.ListedProject{Name: "示例乙", Code: "2", Fields: funds},
			office.ListedProject{Name: "示例丙", Fields: funds},
		)
		w.belongs("handler2", "youyi")
		w.faulty("没有可以自动匹配的行")(w.AutoMatch(ctx, w.as("handler2"), l))
		w.refused(w.MatchRow(ctx, w.as("handler2"), l, 4, theirs))
		w.must(w.AutoMatch(ctx, w.as("handler"), l))
		for id, want := range map[string]string{one: "", two: "", theirs: `{"funds_wan":1}`} {
			if got := string(record(w, id).Set); got != want {
				w.t.Errorf("%s has %s, want %s", id, got, want)
			}
		}
		w.must(w.MatchRow(ctx, w.as("reviewer"), l, 1, one)) // a person knows which
		w.must(w.Withdraw(ctx, w.as("jixian-head"), two))
		w.faulty("已撤回，不能匹配")(w.MatchRow(ctx, w.as("handler"), l, 2, two))
		w.faulty("没有选记录")(w.MatchRow(ctx, w.as("handler"), l, 2, ""))
		other := w.reportSigned("jixian", "reserve_project", "示例乙", reserve)
		w.faulty("这条记录不是")(w.MatchRow(ctx, w.as("handler"), l, 2, other))
	})
}

func TestWhatStoodBeforeAListComesBack(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.now = time.Date(2024, 3, 20, 1, 0, 0, 0, time.UTC)
		id := w.started("jixian", "示例项目", `{"start_type":"new","started_on":"2024-01-05"}`)
		declared := jsontext.Value(`{"statistics_on":"2024-01-31","statistics_code":"旧"}`)
		_, err := w.store.Write(ctx, store.Act{Journal: winter, At: w.now}, func(tx *store.Tx) error {
			return tx.Emit(&qiaomen.FieldsSet{ID: id, Fields: declared, All: declared, Source: "opening"})
		})
		if err != nil {
			w.t.Fatal(err)
		}
		row := office.ListedProject{Name: "示例项目", Fields: jsontext.Value(`{"statistics_on":"2024-02-20"}`)}
		first, second := w.checkedList(row), w.checkedList(office.ListedProject{Name: "示例项目", Fields: jsontext.Value(`{"funds_wan":9}`)})
		w.must(w.MatchRow(ctx, w.as("handler"), first, 1, id))
		w.must(w.MatchRow(ctx, w.as("handler"), second, 1, id))
		if got := string(record(w, id).Set); got != `{"statistics_on":"2024-02-20","statistics_code":"旧","funds_wan":9}` {
			w.t.Errorf("matched it has %s", got)
		}
		w.must(w.UnmatchRow(ctx, w.as("handler"), first, 1))
		w.must(w.UnmatchRow(ctx, w.as("handler"), second, 1))
		if got := string(record(w, id).Set); got != string(declared) {
			w.t.Errorf("unmatched it has %s", got)
		}
	})
}
