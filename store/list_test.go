package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"qiaomen"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

// lists is a ledger with six records: r1 … r6, amounts 6 … 1, r5 without one.
func lists(t *testing.T, s *store.Store) {
	t.Helper()
	for i := 1; i <= 6; i++ {
		fields := fmt.Sprintf(`{"amount_yi":%d.5,"held_on":"2024-01-0%d","site":"示例%s"}`, 7-i, i, strings.Repeat("地", i))
		if i == 5 {
			fields = `{"held_on":"2024-01-05"}`
		}
		e := submitted(fmt.Sprint("r", i), fmt.Sprint("thing ", i))
		e.Content.Name, e.Content.Fields = fmt.Sprint("项目", i%3), []byte(fields)
		e.PlaceAt = fmt.Sprintf("2024-01-03T09:00:0%d.000000Z", 9-i)
		if i == 6 {
			e.Unit, e.Kind = "youyi", "other"
		}
		write(t, s, act("winter", e.ID), e)
	}
	write(t, s, act("winter", "accept"), &qiaomen.RecordAccepted{ID: "r2", Version: 1})
}

func number(n int64) *qiaomen.Number { x := qiaomen.Int(n); return &x }

func TestLists(t *testing.T) {
	for _, shown := range []int{1, 2, 4, 8000} { // records at hand: fewer than a page has, or all
		t.Run(fmt.Sprint(shown, " shown"), func(t *testing.T) {
			store.ShowAtMost(t, shown)
			testLists(t)
		})
	}
}

func testLists(t *testing.T) {
	tests := []struct {
		name string
		list store.List
		want string
	}{
		{"by place", store.List{}, "r6 r5 r4 r3 r2 r1"},
		{"the other way", store.List{Descending: true}, "r1 r2 r3 r4 r5 r6"},
		{"by number, none first", store.List{By: "amount_yi", Numbers: true}, "r5 r6 r4 r3 r2 r1"},
		{"by number, none last", store.List{By: "amount_yi", Numbers: true, Descending: true}, "r1 r2 r3 r4 r6 r5"},
		{"by text, then id", store.List{By: "name"}, "r3 r6 r1 r4 r2 r5"},
		{"unit", store.List{Unit: "youyi"}, "r6"},
		{"kind and state", store.List{Kind: "reserve_project", States: []qiaomen.State{qiaomen.InReview, qiaomen.Recognised}}, "r2"},
		{"equal", store.List{Where: []store.Where{{Field: "name", Equals: "项目1"}}}, "r4 r1"},
		{"prefix", store.List{Where: []store.Where{{Field: "site", Prefix: "示例地地地"}}}, "r6 r4 r3"},
		{"a prefix is no pattern", store.List{Where: []store.Where{{Field: "site", Prefix: "%"}}}, ""},
		{"days", store.List{Where: []store.Where{{Field: "held_on", From: "2024-01-02", To: "2024-01-04"}}}, "r4 r3 r2"},
		{"numbers", store.List{Where: []store.Where{{Field: "amount_yi", Least: number(3), Most: number(6)}}}, "r4 r3 r2"},
		{"both", store.List{Where: []store.Where{{Field: "amount_yi", Least: number(3)}, {Field: "name", Equals: "项目1"}}}, "r4 r1"},
		{"nothing", store.List{Where: []store.Where{{Field: "nothing", Equals: "x"}}}, ""},
	}
	storetest.Each(t, func(t *testing.T, fresh func() store.Options) {
		s := storetest.Open(t, fresh())
		lists(t, s)
		for _, tt := range tests {
			for limit := 1; limit <= 7; limit++ {
				t.Run(fmt.Sprint(tt.name, " ", limit), func(t *testing.T) {
					if got := paged(t, s, tt.list, limit); got != tt.want {
						t.Errorf("%q, want %q", got, tt.want)
					}
				})
			}
		}
	})
}

// paged is the ids of a list, read by pages of a size.
func paged(t *testing.T, s *store.Store, l store.List, limit int) string {
	t.Helper()
	var ids []string
	l.Limit = limit
	err := s.Read(ctx, "winter", 0, func(v *store.View) error {
		for {
			page, next, err := store.Records(v, l)
			if err != nil {
				return err
			}
			if len(page) > limit || next != "" && len(page) < limit {
				t.Errorf("a page of %d, limit %d", len(page), limit)
			}
			for _, r := range page {
				ids = append(ids, r.ID)
			}
			if l.After = next; next == "" {
				return nil
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(ids, " ")
}

func TestListIsOfNow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, fresh func() store.Options) {
		s := storetest.Open(t, fresh())
		lists(t, s)
		e := &qiaomen.RecordAmended{ID: "r1", Reason: "示例", Content: qiaomen.Content{Name: "新名", Fields: []byte(`{"amount_yi":0.5}`)}}
		write(t, s, act("winter", "amend"), e)
		by := store.List{By: "amount_yi", Numbers: true}
		if got, want := paged(t, s, by, 2), "r5 r1 r6 r4 r3 r2"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
		err := s.Read(ctx, "winter", 3, func(v *store.View) error {
			_, _, err := store.Records(v, by)
			return err
		})
		if err == nil {
			t.Error("a list as of a position: what it sorts by is of now")
		}
		for _, after := range []string{"?", "x", "cjE", "cjEKeA"} { // no base64; no key; not a number
			err := s.Read(ctx, "winter", 0, func(v *store.View) error {
				_, _, err := store.Records(v, store.List{By: "amount_yi", Numbers: true, After: after, Limit: 2})
				return err
			})
			var p *qiaomen.Problem
			if !errors.As(err, &p) {
				t.Errorf("after %q: %v", after, err)
			}
		}
	})
}

// A database may give the versions of a record in any order: a page has the one
// that stands.
func TestListOfTheNewestFirst(t *testing.T) {
	o := storetest.Fresh(t, "postgres")
	s, err := store.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	lists(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db := admin(t, o.Address)
	for _, text := range []string{"CREATE INDEX newest_first ON record (made DESC)", "CLUSTER record USING newest_first", "DROP INDEX newest_first", "ANALYZE record"} {
		if _, err := db.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	s = storetest.Open(t, o)
	if got := paged(t, s, store.List{By: "name"}, 6); got != "r3 r6 r1 r4 r2 r5" {
		t.Errorf("%q", got)
	}
}
