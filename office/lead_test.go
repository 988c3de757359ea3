package office_test

import (
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/office"
)

// domesticLead takes a lead of Jixian to recognition.
func (w *world) domesticLead(name string) string {
	w.t.Helper()
	id := w.reportSigned("jixian", "domestic_lead", name, `{"target_company":"示例`+name+`公司","content":"石墨加工","amount_yi":3}`)
	w.recognisedByTwo(id, 1)
	return id
}

func TestALeadsWayToALeader(t *testing.T) {
	for name, p := range map[string]qiaomen.Procedure{"small": qiaomen.SmallOffice, "gb3": qiaomen.ThreePowers} {
		t.Run(name, func(t *testing.T) {
			onEach(t, p, func(w *world) {
				w.now = time.Date(2024, 1, 10, 1, 0, 0, 0, time.UTC)
				id := w.domesticLead("示例线索")
				pursuit := office.Pursuit{Lead: id, Fields: jsontext.Value(`{"pursued_on":"2024-01-09","pursued_by":"main_leader"}`)}
				w.refused(w.OfferLead(ctx, w.as("jixian-head"), id))
				w.refused(w.OfferLead(ctx, w.as("leader"), id))
				w.refused(w.ChooseLead(ctx, w.as("leader"), id)) // nobody offered it
				w.faulty("没有被市领导选中")(w.RecordPursuit(ctx, w.as("handler"), pursuit))
				w.again(func(by office.Caller) (*office.Answer, error) { return w.OfferLead(ctx, by, id) }, "handler")
				w.faulty("已经推送")(w.OfferLead(ctx, w.as("reviewer"), id))
				w.refused(w.ChooseLead(ctx, w.as("jixian-head"), id))
				w.again(func(by office.Caller) (*office.Answer, error) { return w.ChooseLead(ctx, by, id) }, "leader")
				if r := record(w, id); r.Chosen == "" || r.ChosenBy == "" || r.OfferedBy == r.ChosenBy {
					w.t.Errorf("%+v", r)
				}
				w.faulty("已经选中")(w.ChooseLead(ctx, w.as("handler"), id))

				early := pursuit
				early.Fields = jsontext.Value(`{"pursued_on":"2024-01-11"}`)
				w.faulty("在今天之后")(w.RecordPursuit(ctx, w.as("handler"), early))
				early.Fields = jsontext.Value(`{"pursued_by":"main_leader"}`)
				w.faulty("缺少“市领导外出推进日期”")(w.RecordPursuit(ctx, w.as("handler"), early))
				early.Fields = jsontext.Value(`{"pursued_on":"2024-01-09","content":"改写"}`)
				w.faulty("由单位填")(w.RecordPursuit(ctx, w.as("handler"), early))
				early = pursuit
				early.Outing = "r-nowhere"
				w.faulty("没有找到外出活动")(w.RecordPursuit(ctx, w.as("handler"), early))
				early.Outing = id
				w.faulty("不是一次外出活动")(w.RecordPursuit(ctx, w.as("handler"), early))

				outing := w.reportSigned("jixian", "outing", "示例外出", `{"held_on":"2024-01-09","form":"onsite"}`, "report")
				pursuit.Outing = outing
				w.refused(w.RecordPursuit(ctx, w.as("jixian-head"), pursuit))
				w.refused(w.RecordPursuit(ctx, w.as("reviewer"), pursuit)) // who only approves waits for a proposal
				a := w.must(w.RecordPursuit(ctx, w.as("handler"), pursuit))
				if record(w, id).Pursued != "" || a.Proposal == "" {
					w.t.Error("one handler recorded a pursuit")
				}
				w.refused(w.Approve(ctx, w.as("handler"), a.Proposal))
				w.must(w.Approve(ctx, w.as("reviewer"), a.Proposal))
				r := record(w, id)
				if string(r.Set) != `{"pursued_on":"2024-01-09","pursued_by":"main_leader"}` || r.Outing != outing || r.Pursued == "" {
					w.t.Errorf("%+v", r)
				}
				pursuit.Fields = jsontext.Value(`{"pursued_on":"2024-01-08"}`)
				w.must(w.RecordPursuit(ctx, w.as("leader"), pursuit)) // at once: the office offered it
				if r := record(w, id); string(r.Set) != `{"pursued_on":"2024-01-08","pursued_by":"main_leader"}` {
					w.t.Errorf("set is %s", r.Set)
				}
			})
		})
	}
}

func TestOnlyRecognisedLeadsAreOffered(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		waits := w.reportSigned("jixian", "domestic_lead", "示例线索", `{"target_company":"示例公司","content":"石墨","amount_yi":3}`)
		w.faulty("还没有认定")(w.OfferLead(ctx, w.as("handler"), waits))
		reserved := w.reportSigned("jixian", "reserve_project", "示例项目", reserve)
		w.recognisedByTwo(reserved, 1)
		w.faulty("不由市领导选中")(w.OfferLead(ctx, w.as("handler"), reserved))
	})
}

func TestALeadIsChosenOnPaper(t *testing.T) {
	onEach(t, qiaomen.SmallOffice, func(w *world) {
		id := w.domesticLead("示例线索")
		a := w.must(w.ChooseLead(ctx, w.as("handler"), id))
		if r := record(w, id); r.Offered == "" || r.Chosen != "" {
			w.t.Fatalf("%+v", r)
		}
		w.decidedOnPaper(a.Proposal, qiaomen.CityLeader, true)
		if r := record(w, id); r.Chosen == "" {
			w.t.Error("the paper did nothing")
		}
		p := rowOf[qiaomen.Proposal](w, a.Proposal)
		if p.State != qiaomen.Approved || len(p.Yes) != 1 || p.Yes[0].Paper == nil || p.Yes[0].Role != qiaomen.CityLeader {
			w.t.Errorf("%+v", p)
		}
		trip := w.must(w.RecordPursuit(ctx, w.as("handler2"), office.Pursuit{Lead: id, Fields: jsontext.Value(`{"pursued_on":"2023-12-11"}`)}))
		w.decidedOnPaper(trip.Proposal, qiaomen.CityLeader, true)
		if r := record(w, id); string(r.Set) != `{"pursued_on":"2023-12-11"}` {
			w.t.Errorf("set is %s", r.Set)
		}
	})
}
