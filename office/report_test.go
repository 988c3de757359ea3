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
