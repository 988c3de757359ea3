package web

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"qiaomen"
	"qiaomen/office"
)

const tagEvents = "事件与推送"

// An EventQuery is from where a campaign's events are asked for.
type EventQuery struct {
	From        int64  `query:"from" minimum:"0" doc:"从存证日志的第几条起；不写就从第一条起"`
	Limit       int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"一页最多几条；事件流不看它"`
	Accept      string `header:"Accept"`
	LastEventID string `header:"Last-Event-ID" doc:"断开以前收到的最后一个 id；有它就从下一条起"`
}

// from is the position to begin with.
func (q *EventQuery) from() (int64, error) {
	if q.LastEventID == "" {
		return q.From, nil
	}
	last, err := strconv.ParseInt(q.LastEventID, 10, 63)
	if err != nil || last < 0 {
		return 0, &qiaomen.Problem{Text: "Last-Event-ID 不是这里给的", Fix: "请照收到的 id 原样填写", At: qiaomen.Place{Field: "header.Last-Event-ID"}}
	}
	return last + 1, nil
}

// streams tells whether a client asks for a stream rather than a page.
func (q *EventQuery) streams() bool {
	for one := range strings.SplitSeq(q.Accept, ",") {
		kind, weight, _ := strings.Cut(strings.ReplaceAll(one, " ", ""), ";")
		if strings.EqualFold(kind, "text/event-stream") && weight != "q=0" {
			return true
		}
	}
	return false
}

// A written answer writes itself.
type written struct{ Body func(huma.Context) }

// eventRoutes is what happens in a campaign, by pages or as a stream.
func (a *api) eventRoutes() {
	op := operation{
		name: "events", at: "GET " + inCampaign + "/events", action: qiaomen.ActReadOthers, tag: tagEvents,
		summary: "活动里发生的事，从存证日志的某一条起：一页 JSON；写 Accept: text/event-stream 就是事件流",
	}
	declare(a, op, false, func(_ context.Context, v *visit, q *EventQuery) (*written, error) {
		from, err := q.from()
		if err != nil {
			return nil, err
		}
		return &written{func(c huma.Context) {
			r, w := humago.Unwrap(c)
			see := a.eventPage
			if q.streams() {
				see = a.eventStream
			}
			if err := see(w, r, v, from, q.Limit); err != nil {
				a.answer(w, r, problem(r.Context(), err))
			}
		}}, nil
	})
	_, path, _ := strings.Cut(op.at, " ")
	described := a.huma.OpenAPI()
	described.Paths[path].Get.Responses["200"] = &huma.Response{
		Description: "一页；或者事件流：id 是位置，event 是事件名，data 与页里的一条一样",
		Content: map[string]*huma.MediaType{
			"application/json":  {Schema: described.Components.Schemas.Schema(reflect.TypeFor[office.Happenings](), true, "")},
			"text/event-stream": {Schema: &huma.Schema{Type: "string"}},
		},
	}
}

func (a *api) eventPage(w http.ResponseWriter, r *http.Request, v *visit, from int64, limit int) error {
	page, err := a.o.Office.Happenings(r.Context(), v.caller, from, limit)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_ = jsonFormat.Marshal(w, page) // a reader who has left needs no answer
	return nil
}

// eventStream begins a stream; what stands against it is told as of any request.
func (a *api) eventStream(w http.ResponseWriter, r *http.Request, v *visit, from int64, _ int) error {
	if err := a.own(r); err != nil {
		return err
	}
	leave, err := a.streams.enter(v.account())
	if err != nil {
		return err
	}
	defer leave()
	follower, err := a.o.Office.Follow(r.Context(), v.caller, from, a.still(r, v))
	if err != nil {
		return err
	}
	a.streams.serve(w, r, follower)
	return nil
}

// own asks that no other origin's page asks. What reads and is sealed all the same,
// or is read for long, is held to what is else asked of requests that change
// something: its reader need not be let read.
func (a *api) own(r *http.Request) error {
	as := r.WithContext(r.Context())
	as.Method = http.MethodPost
	if a.origin.Check(as) != nil {
		return errForeign()
	}
	return nil
}

// still asks whether the session or token with which a stream was begun still
// holds.
func (a *api) still(r *http.Request, v *visit) func(context.Context) error {
	_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return func(ctx context.Context) error {
		if v.session != nil {
			return a.o.Office.SessionHolds(ctx, v.source, v.secret)
		}
		_, err := a.o.Office.TokenCaller(ctx, token)
		if p, ok := errors.AsType[*qiaomen.Problem](err); ok {
			return unauthorised(p.Text, p.Fix)
		}
		return err
	}
}
