package office_test

import (
	"errors"
	"testing"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
	"qiaomen/store/storetest"
)

func record(w *world, id string) *qiaomen.LedgerRecord {
	w.t.Helper()
	var r *qiaomen.LedgerRecord
	err := w.store.Read(ctx, winter, 0, func(v *store.View) (err error) {
		r, err = store.One[qiaomen.LedgerRecord](v, id)
		return err
	})
	if err != nil || r == nil {
		w.t.Fatalf("record %s: %v", id, err)
	}
	return r
}

const reserve = `{"target_companies":["示例甲公司","示例乙公司","示例丙公司","示例丁公司","示例戊公司"]}`

func TestARecordsLife(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			w := newWorld(t, engine, qiaomen.SmallOffice)
			id := w.report("jixian-reporter", "jixian", "reserve_project", "示例石墨项目", reserve)
			if r := record(w, id); r.State != qiaomen.Submitted {
				t.Fatalf("%s", r.State)
			}
			w.must(w.Accept(ctx, w.as("handler"), id, 1))
			w.must(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: id, Version: 1}))
			if r := record(w, id); r.State != qiaomen.Recognised {
				t.Fatalf("%s", r.State)
			}
			_, err := w.Recognise(ctx, w.as("jixian-reporter"), office.Decision{Record: id, Version: 1})
			var denied *office.Denied
			if !errors.As(err, &denied) {
				t.Errorf("a unit recognised: %v", err)
			}
		})
	}
}

// TestReceipts: the receipt of a paper decides the place of what it reports. It
// is of the campaign, and one paper is one record.
func TestReceipts(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		entry := office.Entry{Unit: "jixian", Kind: "reserve_project", Name: "示例甲", Fields: []byte(reserve), ReceivedAt: "2023-12-11T00:00:00+08:00", ReceivedNumber: "收1"}
		for at, says := range map[string]string{
			"1999-01-01T00:00:00+08:00": "活动开始的", "2023-11-30T23:59:59+08:00": "活动开始的",
			"2023-12-31T00:00:00+08:00": "在现在之后", "": "没有写收件时间",
		} {
			bad := entry
			bad.ReceivedAt = at
			w.faulty(says)(w.EnterFor(ctx, w.as("handler"), bad))
		}
		first := entry
		first.ReceivedAt = "2023-12-01T00:00:00+08:00"
		one := w.must(w.EnterFor(ctx, w.as("handler"), first))
		entry.Name, entry.Unit = "示例乙", "youyi"
		w.faulty(one.ID)(w.EnterFor(ctx, w.as("handler"), entry))
		w.must(w.Accept(ctx, w.as("handler"), one.ID, 1))
		w.must(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: one.ID, Version: 1, Refuse: true, Reason: "录错单位"}))
		w.must(w.EnterFor(ctx, w.as("handler"), entry)) // typed again, as whose it is
	})
}
