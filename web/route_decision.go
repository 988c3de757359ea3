package web

import (
	"context"

	"qiaomen"
	"qiaomen/office"
)

// decisionRoutes is what takes two people, or was decided on paper, and what is
// contested. Proposals of the installation stand beside those of campaigns.
func (a *api) decisionRoutes() {
	for _, in := range []struct{ path, name string }{{inCampaign, ""}, {"", "home_"}} {
		proposals, papers := in.path+"/proposals", in.path+"/papers"
		all(a, operation{
			name: in.name + "proposals", at: "GET " + proposals, tag: tagDecide, summary: "待办事项：等人批准的，或（mine）自己提出的",
		}, func(ctx context.Context, o *office.Office, v *visit, q *mineQuery) ([]*qiaomen.Proposal, error) {
			return o.Proposals(ctx, v.caller, q.Mine)
		})
		actOn(a, operation{
			name: in.name + "approve", at: "POST " + proposals + "/{id}/approval", tag: tagDecide, summary: "批准",
		}, (*office.Office).Approve)
		withReason(a, operation{
			name: in.name + "decline", at: "POST " + proposals + "/{id}/refusal", tag: tagDecide, summary: "不批准",
		}, (*office.Office).Decline)
		actOn(a, operation{
			name: in.name + "take_back", at: "POST " + proposals + "/{id}/withdrawal", tag: tagDecide, summary: "收回自己提出的",
		}, (*office.Office).TakeBack)
		act(a, operation{
			name: in.name + "enter_paper", at: "POST " + proposals + "/{id}/paper", tag: tagDecide, summary: "录入纸质决定",
		}, func(e *office.PaperEntry) *string { return &e.Proposal }, (*office.Office).EnterPaper)
		every(a, operation{
			name: in.name + "papers", at: "GET " + papers, action: qiaomen.ActReadOthers, tag: tagDecide, summary: "等复核的纸质决定",
		}, (*office.Office).Papers)
		actOn(a, operation{
			name: in.name + "confirm_paper", at: "POST " + papers + "/{id}/confirmation", tag: tagDecide, summary: "复核纸质决定",
		}, (*office.Office).ConfirmPaper)
		withReason(a, operation{
			name: in.name + "reject_paper", at: "POST " + papers + "/{id}/rejection", tag: tagDecide, summary: "退回纸质决定",
		}, (*office.Office).RejectPaper)
	}
	objections := inCampaign + "/objections"
	listed(a, operation{
		name: "objections", at: "GET " + objections, tag: tagDecide, summary: "异议",
	}, func(x *qiaomen.Objection) string { return x.ID }, (*office.Office).Objections)
	act(a, operation{
		name: "file_objection", at: "POST " + objections, action: qiaomen.ActObject, tag: tagDecide, summary: "提出异议",
	}, nil, (*office.Office).FileObjection)
	act(a, operation{
		name: "file_objection_on_paper", at: "POST " + inCampaign + "/paper-objections", action: qiaomen.ActEnterFor, tag: tagDecide, summary: "录入纸质异议",
	}, nil, (*office.Office).FileObjectionOnPaper)
	act(a, operation{
		name: "answer_objection", at: "POST " + objections + "/{id}/answer", action: qiaomen.ActAnswerObjection, tag: tagDecide, summary: "对异议提出意见、作出答复",
	}, func(x *office.ObjectionAnswer) *string { return &x.Objection }, (*office.Office).AnswerObjection)
	adjustments := inCampaign + "/adjustments"
	listed(a, operation{
		name: "adjustments", at: "GET " + adjustments, action: qiaomen.ActReadOthers, tag: tagDecide, summary: "分数调整",
	}, func(x *qiaomen.Adjustment) string { return x.ID }, (*office.Office).Adjustments)
	act(a, operation{
		name: "propose_adjustment", at: "POST " + adjustments, action: qiaomen.ActProposeAdjustment, tag: tagDecide, summary: "提出分数调整",
	}, nil, (*office.Office).ProposeAdjustment)
	opinions := inCampaign + "/opinions"
	listed(a, operation{
		name: "opinions", at: "GET " + opinions, action: qiaomen.ActReadOthers, tag: tagDecide, summary: "考评意见",
	}, func(x *qiaomen.Opinion) string { return x.ID }, (*office.Office).Opinions)
	act(a, operation{
		name: "give_opinion", at: "POST " + opinions, action: qiaomen.ActGiveOpinion, tag: tagDecide, summary: "提出考评意见",
	}, nil, (*office.Office).GiveOpinion)
}

type mineQuery struct {
	Mine bool `query:"mine" doc:"只看自己提出的"`
}
