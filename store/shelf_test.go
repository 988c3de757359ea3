package store_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"qiaomen"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

// TestListsFollow: after every act of a random history a list says what the rows
// say, whoever wrote them, this program or another on the same database.
func TestListsFollow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, fresh func() store.Options) {
		o := fresh()
		mine := storetest.Open(t, o)
		o.Folder += "-other"
		other, err := store.Open(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		r := rand.New(rand.NewPCG(5, 17))
		for i := range 150 {
			s := mine
			if r.IntN(3) == 0 {
				s = other
			}
			write(t, s, act("winter", fmt.Sprint("k", i)), someEvent(r))
			l := someList(r)
			if got, want := paged(t, mine, l, 1+r.IntN(5)), listed(t, mine, l); got != want {
				t.Fatalf("after %d acts %+v is\n%q, want\n%q", i+1, l, got, want)
			}
		}
	})
}

func someEvent(r *rand.Rand) qiaomen.Event {
	e := submitted(fmt.Sprint("r", r.IntN(20)), fmt.Sprint("thing ", r.IntN(1000)))
	e.Unit, e.Kind = []string{"jixian", "youyi"}[r.IntN(2)], []string{"reserve_project", "other"}[r.IntN(2)]
	e.PlaceAt = fmt.Sprintf("2024-01-03T09:00:%02d.000000Z", r.IntN(60))
	e.Content.Name = fmt.Sprint("项目", r.IntN(4))
	e.Content.Fields = fmt.Appendf(nil, `{"amount_yi":%d.5}`, r.IntN(9)-4)
	if r.IntN(4) == 0 {
		e.Content.Fields = []byte("{}")
	}
	if r.IntN(4) == 0 {
		return &qiaomen.RecordHandedOver{RecordSubmitted: *e}
	}
	return e
}

func someList(r *rand.Rand) store.List {
	l := store.List{
		Unit: []string{"", "jixian", "youyi"}[r.IntN(3)], Kind: []string{"", "reserve_project"}[r.IntN(2)],
		By: []string{"", "name", "amount_yi"}[r.IntN(3)], Descending: r.IntN(2) == 0,
	}
	l.Numbers = l.By == "amount_yi"
	if r.IntN(2) == 0 {
		l.States = []qiaomen.State{qiaomen.Submitted}
	}
	if r.IntN(3) == 0 {
		l.Where = append(l.Where, store.Where{Field: "amount_yi", Least: number(int64(r.IntN(4)) - 2)})
	}
	return l
}

// listed is what a list ought to say, from the rows.
func listed(t *testing.T, s *store.Store, l store.List) string {
	t.Helper()
	var all []*qiaomen.LedgerRecord
	err := s.Read(ctx, "winter", 0, func(v *store.View) (err error) {
		all, err = store.All[qiaomen.LedgerRecord](v, store.Filter{Unit: l.Unit, Kind: l.Kind, States: l.States})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	amount := func(r *qiaomen.LedgerRecord) (n float64, given bool) {
		_, err := fmt.Sscanf(string(r.Content.Fields), `{"amount_yi":%g}`, &n)
		return n, err == nil
	}
	all = slices.DeleteFunc(all, func(r *qiaomen.LedgerRecord) bool {
		n, given := amount(r)
		return len(l.Where) > 0 && (!given || qiaomen.Int(int64(n*2)).Cmp(l.Where[0].Least.Mul(qiaomen.Int(2))) < 0)
	})
	slices.SortFunc(all, func(a, b *qiaomen.LedgerRecord) int {
		first := strings.Compare(a.PlaceAt, b.PlaceAt)
		switch l.By {
		case "name":
			first = strings.Compare(a.Content.Name, b.Content.Name)
		case "amount_yi":
			x, given := amount(a)
			y, also := amount(b)
			if first = cmp.Compare(x, y); given != also {
				first = map[bool]int{true: 1, false: -1}[given]
			}
		}
		return cmp.Or(first, strings.Compare(a.ID, b.ID))
	})
	if l.Descending {
		slices.Reverse(all)
	}
	var ids []string
	for _, r := range all {
		ids = append(ids, r.ID)
	}
	return strings.Join(ids, " ")
}
