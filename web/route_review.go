package web

import (
	"context"
	"net/http"
	"reflect"

	"qiaomen"
	"qiaomen/office"
)

const settlements = inCampaign + "/settlements"

// reviewRoutes is what the office does with records that were handed over.
func (a *api) reviewRoutes() {
	declare(a, operation{
		name: "accept", at: "POST " + records + "/{id}/acceptance", action: qiaomen.ActExamine, tag: tagReview, summary: "受理（形式审查通过）",
	}, true, func(ctx context.Context, v *visit, in *struct {
		IfMatch string `header:"If-Match" doc:"看到的版本，照 ETag 原样填写"`
	},
	) (*reply[Result], error) {
		n, err := version(in.IfMatch)
		if err != nil {
			return nil, err
		}
		answer, err := a.o.Office.Accept(ctx, v.caller, v.path("id"), n)
		if err != nil {
			return nil, err
		}
		return resultOf(answer), nil
	})
	versioned(a, operation{
		name: "return", at: "POST " + records + "/{id}/return", action: qiaomen.ActExamine, tag: tagReview, summary: "退回修改",
	}, func(o *office.Office, ctx context.Context, by office.Caller, id string, version int, in Reason) (*office.Answer, error) {
		return o.Return(ctx, by, id, version, in.Reason)
	})
	actOn(a, operation{
		name: "check_original", at: "POST " + records + "/{id}/original-check", action: qiaomen.ActCheckOriginal, tag: tagReview, summary: "核实合同原件",
	}, (*office.Office).CheckOriginal)
	optional(a, reflect.TypeFor[office.Decision](), "record", "version")
	versioned(a, operation{
		name: "recognise", at: "POST " + records + "/{id}/recognition", action: qiaomen.ActRecognise, tag: tagReview, summary: "认定，或不予认定（refuse）",
	}, func(o *office.Office, ctx context.Context, by office.Caller, id string, version int, d office.Decision) (*office.Answer, error) {
		if d.Record != "" && d.Record != id || d.Version != 0 && d.Version != version {
			return nil, errTwoIDs
		}
		d.Record, d.Version = id, version
		return o.Recognise(ctx, by, d)
	})
	act(a, operation{
		name: "settle", at: "POST " + settlements, action: qiaomen.ActSettle, tag: tagReview, summary: "判定两条记录是不是同一事项、归谁",
	}, nil, (*office.Office).Settle)
	listed(a, operation{
		name: "settlements", at: "GET " + settlements, tag: tagReview, summary: "对相同事项的判定",
	}, func(s *office.SettlementView) string { return s.ID }, (*office.Office).Settlements)
	every(a, operation{
		name: "labelled_pairs", at: "GET " + settlements + "/pairs", action: qiaomen.ActReadOthers, tag: tagReview, summary: "判定过的每一对：企业、项目的名称，相同还是不同",
	}, (*office.Office).LabelledPairs)
	act(a, operation{
		name: "revoke", at: "POST " + records + "/{id}/revocation", action: qiaomen.ActRevoke, tag: tagReview, summary: "撤销认定",
	}, func(r *office.Revocation) *string { return &r.Record }, (*office.Office).Revoke)
	act(a, operation{
		name: "open_hearing", at: "POST " + records + "/{id}/hearing", action: qiaomen.ActRevoke, tag: tagReview, summary: "撤销认定前请单位说明",
	}, func(h *office.HearingCall) *string { return &h.Record }, (*office.Office).OpenHearing)
	act(a, operation{
		name: "explain", at: "POST " + records + "/{id}/explanation", action: qiaomen.ActAnswerUrging, tag: tagReview, summary: "单位作出说明",
	}, func(e *office.Explanation) *string { return &e.Record }, func(o *office.Office, ctx context.Context, by office.Caller, e office.Explanation) (*office.Answer, error) {
		return o.Explain(ctx, by, e.Record, e.Text)
	})
	act(a, operation{
		name: "transfer", at: "POST " + records + "/{id}/transfer", action: qiaomen.ActTransfer, tag: tagReview, summary: "把记录移交给另一单位",
	}, func(h *office.Handing) *string { return &h.Record }, (*office.Office).Transfer)
	act(a, operation{
		name: "expunge", at: "POST " + inCampaign + "/expunging", action: qiaomen.ActExpunge, tag: tagReview, summary: "封存清除一份材料",
	}, nil, (*office.Office).Expunge)
	all(a, operation{
		name: "expunged", at: "GET " + records + "/{id}/expunged", action: qiaomen.ActReadOwn, tag: tagReview, summary: "这条记录被清除的材料",
	}, func(ctx context.Context, o *office.Office, v *visit, _ *nothing) ([]*qiaomen.EvidenceFile, error) {
		return o.ExpungedOf(ctx, v.caller, v.path("id"))
	})
	declare(a, operation{
		name: "unmask", at: "POST " + records + "/{id}/contacts", action: qiaomen.ActUnmask, tag: tagReview, proven: true, inPerson: true,
		summary: "查看联系人（写明理由，留痕）",
	}, true, func(ctx context.Context, v *visit, in *body[Reason]) (*reply[any], error) {
		fields, err := a.o.Office.Unmask(ctx, v.caller, v.path("id"), in.Body.Reason)
		if err != nil {
			return nil, err
		}
		return &reply[any]{Status: http.StatusOK, Body: fields}, nil
	})
}

// versioned is an act on a version of a record that the caller has seen: the one
// that If-Match names.
func versioned[B any](a *api, op operation, do func(o *office.Office, ctx context.Context, by office.Caller, id string, version int, in B) (*office.Answer, error)) {
	declare(a, op, true, func(ctx context.Context, v *visit, in *matched[B]) (*reply[Result], error) {
		n, err := version(in.IfMatch)
		if err != nil {
			return nil, err
		}
		answer, err := do(a.o.Office, ctx, v.caller, v.path("id"), n, in.Body)
		if err != nil {
			return nil, err
		}
		return resultOf(answer), nil
	})
}
