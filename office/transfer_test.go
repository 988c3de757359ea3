package office_test

import (
	"testing"
	"time"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
)

func TestARecordIsHandedOver(t *testing.T) {
	for name, p := range map[string]qiaomen.Procedure{"small": qiaomen.SmallOffice, "gb3": qiaomen.ThreePowers} {
		t.Run(name, func(t *testing.T) {
			onEach(t, p, func(w *world) {
				id := w.reportSigned("jixian", "reserve_project", "示例项目", reserve)
				w.recognisedByTwo(id, 1)
				handing := office.Handing{Record: id, To: "youyi", Reason: "项目落在友谊县"}
				w.refused(w.Transfer(ctx, w.as("jixian-head"), handing))
				w.refused(w.Transfer(ctx, w.as("reviewer"), handing))
				w.faulty("就是“集贤县”的")(w.Transfer(ctx, w.as("handler"), office.Handing{Record: id, To: "jixian", Reason: "错"}))
				w.faulty("方案里没有单位")(w.Transfer(ctx, w.as("handler"), office.Handing{Record: id, To: "nowhere", Reason: "错"}))
				w.faulty("没有写理由")(w.Transfer(ctx, w.as("handler"), office.Handing{Record: id, To: "youyi"}))
				w.belongs("handler2", "youyi")
				w.refused(w.Transfer(ctx, w.as("handler2"), handing)) // both units' people stand aside
				a := w.again(func(by office.Caller) (*office.Answer, error) { return w.Transfer(ctx, by, handing) }, "handler")
				w.refused(w.Approve(ctx, w.as("handler"), a.Proposal))
				before := record(w, id)
				w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
				r := record(w, id)
				if r.Unit != "youyi" || len(r.From) != 1 || r.From[0] != "jixian" || r.PlaceAt != before.PlaceAt || r.State != qiaomen.Recognised {
					w.t.Errorf("%+v", r)
				}
				err := w.store.Read(ctx, winter, 0, func(v *store.View) error {
					held, err := store.All[qiaomen.Claim](v, store.Filter{States: []qiaomen.State{qiaomen.Held}})
					if len(held) != 1 || held[0].Unit != "youyi" {
						w.t.Errorf("claims are %+v", held)
					}
					return err
				})
				if err != nil {
					w.t.Fatal(err)
				}
				w.refused(w.DraftAgain(ctx, w.as("jixian-reporter"), id))
				w.must(w.DraftAgain(ctx, w.as("youyi-reporter"), id))
			})
		})
	}
}

func TestWhatCannotBeHandedOver(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.now = time.Date(2024, 1, 10, 1, 0, 0, 0, time.UTC)
		start := w.reportSigned("jixian", "project_start", "示例项目", `{"start_type":"new","started_on":"2024-01-05"}`, "photo")
		w.faulty("不报“开复工项目”")(w.Transfer(ctx, w.as("handler"), office.Handing{Record: start, To: "bio-economy", Reason: "错"}))
		w.must(w.Withdraw(ctx, w.as("jixian-head"), start))
		w.faulty("现在是“已撤回”")(w.Transfer(ctx, w.as("handler"), office.Handing{Record: start, To: "youyi", Reason: "错"}))

		// A joint trip counts for each unit: handed over, it would count twice.
		outing := `{"held_on":"2024-01-09","form":"onsite"}`
		mine := w.reportSigned("jixian", "outing", "示例外出", outing, "report")
		theirs := w.reportSigned("youyi", "outing", "示例外出", outing, "report")
		w.recognisedByTwo(mine, 1)
		w.recognisedByTwo(theirs, 1)
		w.faulty("已有相同事项的 " + theirs)(w.Transfer(ctx, w.as("handler"), office.Handing{Record: mine, To: "youyi", Reason: "错"}))
	})
}

func TestAHandedOverTripCompetesWhereItIs(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		w.now = time.Date(2024, 1, 10, 1, 0, 0, 0, time.UTC)
		outing := `{"held_on":"2024-01-09","form":"onsite"}`
		id := w.reportSigned("jixian", "outing", "示例外出", outing, "report")
		w.recognisedByTwo(id, 1)
		a := w.must(w.Transfer(ctx, w.as("handler"), office.Handing{Record: id, To: "youyi", Reason: "由友谊县组织"}))
		w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
		twice := w.reportSigned("youyi", "outing", "示例外出", outing, "report")
		w.must(w.Accept(ctx, w.as("handler"), twice, 1))
		w.faulty("首报并认定")(w.Recognise(ctx, w.as("reviewer"), office.Decision{Record: twice, Version: 1}))
		own := w.reportSigned("jixian", "outing", "示例外出", outing, "report")
		w.recognisedByTwo(own, 1)
	})
}

func TestADraftGoesAlong(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		id := w.reportSigned("jixian", "reserve_project", "示例项目", `{"target_companies":["示例甲公司"],"contact":"示例联系人"}`)
		w.must(w.Return(ctx, w.as("handler"), id, 1, "请补目标企业"))
		w.must(w.DraftAgain(ctx, w.as("jixian-reporter"), id))
		a := w.must(w.Transfer(ctx, w.as("handler"), office.Handing{Record: id, To: "youyi", Reason: "落在友谊县"}))
		w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
		w.refused(w.Submit(ctx, w.as("jixian-reporter"), id))
		w.must(w.Submit(ctx, w.as("youyi-reporter"), id))
		if r := record(w, id); r.Unit != "youyi" || r.State != qiaomen.Submitted || !r.Content.Personal {
			w.t.Errorf("%+v", r)
		}
		err := w.store.Read(ctx, winter, 0, func(v *store.View) error {
			personal, err := v.Work("personal", id)
			if personal == nil || personal.Unit != "youyi" {
				w.t.Errorf("personal fields stand as %+v", personal)
			}
			return err
		})
		if err != nil {
			w.t.Fatal(err)
		}
	})
}
