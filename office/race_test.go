package office_test

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

// districts is every unit that the winter's notice ranks among the districts,
// and what people call it.
var districts = []struct{ id, name string }{
	{"jixian", "集贤县"},
	{"youyi", "友谊县"},
	{"baoqing", "宝清县"},
	{"raohe", "饶河县"},
	{"jianshan", "尖山区"},
	{"lingdong", "岭东区"},
	{"sifangtai", "四方台区"},
	{"baoshan", "宝山区"},
	{"jingkaiqu", "双鸭山经开区"},
}

// racers is how many ask at the same moment.
const racers = 50

// newRace is a world with a reporter in each district and reviewers enough.
func newRace(t *testing.T, engine string) *world {
	t.Helper()
	w := emptyWorld(t, engine)
	var people []office.FirstPerson
	add := func(login string, role qiaomen.Role, unit string) {
		r := office.FirstRole{Role: role, Unit: unit}
		if role.OfCampaign() {
			r.Campaign = winter
		}
		people = append(people, office.FirstPerson{Login: login, Detail: office.Detail{Name: "示例" + login, Identity: "示例" + login}, Roles: []office.FirstRole{r}})
	}
	for _, unit := range districts {
		add(unit.id, qiaomen.Reporter, unit.id)
	}
	for i := range 5 {
		add(fmt.Sprint("reviewer", i), qiaomen.Reviewer, "")
	}
	add("handler", qiaomen.Handler, "")
	add("member", qiaomen.GroupMember, "")
	add("system", qiaomen.SystemAdmin, "")
	add("security", qiaomen.SecurityAdmin, "")
	add("auditadmin", qiaomen.AuditAdmin, "")
	w.found(qiaomen.SmallOffice, people)
	w.open()
	return w
}

// A runner is one of many who ask.
type runner struct {
	record string
	unit   int // among the districts
	key    int // what it reports
	caller office.Caller
	answer *office.Answer
	err    error
}

// race has the runners ask, fifty at a time, from one moment on.
func race(all []*runner, ask func(*runner) (*office.Answer, error)) time.Duration {
	line, start := make(chan *runner, len(all)), make(chan struct{})
	for _, r := range all {
		line <- r
	}
	close(line)
	var group sync.WaitGroup
	for range racers {
		group.Go(func() {
			<-start
			for r := range line {
				r.answer, r.err = ask(r)
			}
		})
	}
	began := time.Now()
	close(start)
	group.Wait()
	return time.Since(began)
}

// much is how many of something a test takes: as the environment says, or a few.
func much(t *testing.T, variable string, few int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return few
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// TestFirstReportRace has four districts report each of KEYS projects at the
// same moment, and five reviewers recognise all of them at the same moment
// (F16): each project has one holder, the one whose report the journal has
// first, and every other is refused with the holder's name.
func TestFirstReportRace(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			w := newRace(t, engine)
			keys := much(t, "KEYS", 12)
			var all []*runner
			for key := range keys {
				for i := range 4 { // turn by turn, so that no district is always in front
					unit := (key + i*2) % len(districts)
					id := districts[unit].id
					a := w.must(w.Draft(ctx, w.as(id), office.DraftInput{
						Unit: id, Kind: "reserve_project", Name: fmt.Sprintf("示例石墨项目%d号", key), Fields: []byte(reserve),
					}))
					all = append(all, &runner{record: a.ID, unit: unit, key: key, caller: w.as(id)})
				}
			}
			reported := race(all, func(r *runner) (*office.Answer, error) { return w.Submit(ctx, r.caller, r.record) })
			first := make([]*runner, keys)
			for _, r := range all {
				w.must(r.answer, r.err)
				if first[r.key] == nil || r.answer.First < first[r.key].answer.First {
					first[r.key] = r
				}
			}
			for _, r := range all {
				w.must(w.Accept(ctx, w.as("handler"), r.record, 1))
			}
			for i, r := range all {
				r.caller = w.as(fmt.Sprint("reviewer", i%5))
			}
			recognised := race(all, func(r *runner) (*office.Answer, error) {
				return w.Recognise(ctx, r.caller, office.Decision{Record: r.record, Version: 1})
			})
			w.onlyFirst(all, first)
			t.Logf("%d reports in %v, %d decisions in %v", len(all), reported.Round(time.Millisecond), len(all), recognised.Round(time.Millisecond))
		})
	}
}

// onlyFirst asks that of each project the first report was recognised, and that
// the others were told who has it.
func (w *world) onlyFirst(all, first []*runner) {
	w.t.Helper()
	for _, r := range all {
		winner := first[r.key]
		state, want := record(w, r.record).State, qiaomen.InReview
		if r == winner {
			want = qiaomen.Recognised
		}
		if state != want || (r.err == nil) != (r == winner) {
			w.t.Errorf("project %d of %s is %s: %v", r.key, districts[r.unit].name, state, r.err)
		}
		if r == winner {
			continue
		}
		p, ok := errors.AsType[*qiaomen.Problem](r.err)
		if holder := districts[winner.unit].name; !ok || !told(p, winner.record, holder) {
			w.t.Errorf("project %d: %s is not told that %s of %s has it: %v", r.key, districts[r.unit].name, winner.record, holder, r.err)
		}
	}
	err := w.store.Read(ctx, winter, 0, func(v *store.View) error {
		held := map[string]string{}
		for c, err := range store.Each[qiaomen.Claim](v, store.Filter{States: []qiaomen.State{qiaomen.Held}}) {
			if err != nil {
				return err
			}
			if held[c.Key] != "" {
				w.t.Errorf("%s and %s both hold %s", held[c.Key], c.Record, c.Key)
			}
			held[c.Key] = c.Record
		}
		if len(held) != len(first) {
			w.t.Errorf("%d of %d projects have a holder", len(held), len(first))
		}
		return nil
	})
	if err != nil {
		w.t.Error(err)
	}
}

// told tells whether a problem, or one of those beside it, names all of these.
func told(p *qiaomen.Problem, names ...string) bool {
	for _, one := range append([]*qiaomen.Problem{p}, p.More...) {
		all := true
		for _, name := range names {
			all = all && strings.Contains(one.Text, name)
		}
		if all {
			return true
		}
	}
	return false
}
