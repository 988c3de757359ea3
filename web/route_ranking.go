package web

import (
	"context"
	"net/http"

	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/office"
)

// rankingRoutes is scores, rankings and what is published of them.
func (a *api) rankingRoutes() {
	look(a, operation{
		name: "own_score", at: "GET " + inCampaign + "/scores/{id}", action: qiaomen.ActReadOwn, tag: tagRanking, summary: "一个单位的得分：每一分的条款、算式和依据，还差什么",
	}, func(ctx context.Context, o *office.Office, v *visit, _ *nothing) (*office.OwnScore, error) {
		return o.MyScore(ctx, v.caller, v.path("id"))
	})
	look(a, operation{
		name: "live", at: "GET " + inCampaign + "/live-ranking", action: qiaomen.ActReadRanking, tag: tagRanking, summary: "实时排名（未公布）", costly: true,
	}, func(ctx context.Context, o *office.Office, v *visit, _ *nothing) (*office.LiveRanking, error) {
		return o.Live(ctx, v.caller)
	})
	declare(a, operation{
		name: "score", at: "POST " + inCampaign + "/scoring", action: qiaomen.ActScore, tag: tagRanking, summary: "按任一位置、截止日和口径计算排名", costly: true,
	}, false, func(ctx context.Context, v *visit, in *body[office.ScoreInput]) (*reply[any], error) {
		result, err := a.o.Office.Score(ctx, v.caller, in.Body)
		if err != nil {
			return nil, err
		}
		return &reply[any]{Status: http.StatusOK, Body: jsontext.Value(result.JSON())}, nil
	})

	months := inCampaign + "/months"
	every(a, operation{
		name: "months", at: "GET " + months, action: qiaomen.ActReadPublished, tag: tagRanking, free: true, summary: "各月是否月结",
	}, (*office.Office).Months)
	actOn(a, operation{
		name: "close_month", at: "POST " + months + "/{id}/closing", action: qiaomen.ActCloseMonth, tag: tagRanking, summary: "月结",
	}, (*office.Office).CloseMonth)
	withReason(a, operation{
		name: "reopen_month", at: "POST " + months + "/{id}/reopening", action: qiaomen.ActReopenMonth, tag: tagRanking, summary: "重开已月结的月份",
	}, (*office.Office).ReopenMonth)

	rankings := inCampaign + "/rankings"
	every(a, operation{
		name: "rankings", at: "GET " + rankings, action: qiaomen.ActReadRanking, tag: tagRanking, summary: "各次排名",
	}, (*office.Office).Rankings)
	act(a, operation{
		name: "draft_ranking", at: "POST " + rankings, action: qiaomen.ActDraftRanking, tag: tagRanking, summary: "拟排名：定截止日、位置和口径", costly: true,
	}, nil, (*office.Office).DraftRanking)
	look(a, operation{
		name: "ranking", at: "GET " + rankings + "/{id}", action: qiaomen.ActReadRanking, tag: tagRanking, summary: "一次排名",
	}, func(ctx context.Context, o *office.Office, v *visit, _ *nothing) (*qiaomen.LedgerRanking, error) {
		return o.ReadRanking(ctx, v.caller, v.path("id"))
	})
	actOn(a, operation{
		name: "propose_ranking", at: "POST " + rankings + "/{id}/proposal", action: qiaomen.ActApproveRanking, tag: tagRanking, summary: "提请审定",
	}, (*office.Office).ProposeRanking)
	all(a, operation{
		name: "examined", at: "GET " + rankings + "/{id}/examination", action: qiaomen.ActReadRanking, tag: tagRanking, summary: "审定用：计算得分、调整、意见",
	}, func(ctx context.Context, o *office.Office, v *visit, _ *nothing) ([]office.ExaminedUnit, error) {
		return o.Examined(ctx, v.caller, v.path("id"))
	})
	look(a, operation{
		name: "recompute", at: "POST " + rankings + "/{id}/recomputation", action: qiaomen.ActReadPublished, tag: tagRanking, costly: true,
		summary: "从台账重新计算一次公布过的排名，看是不是一样", free: true,
	}, func(ctx context.Context, o *office.Office, v *visit, _ *nothing) (*office.Recomputation, error) {
		return o.Recompute(ctx, v.caller, v.path("id"))
	})

	notices := inCampaign + "/notices"
	all(a, operation{
		name: "notices", at: "GET " + notices, action: qiaomen.ActReadPublished, tag: tagRanking, summary: "通报", free: true,
	}, func(ctx context.Context, o *office.Office, v *visit, _ *nothing) ([]*qiaomen.Notice, error) {
		return o.Notices(ctx, v.caller)
	})
	act(a, operation{
		name: "draft_notice", at: "POST " + notices, action: qiaomen.ActDraftNotice, tag: tagRanking, summary: "拟通报", costly: true,
	}, nil, (*office.Office).DraftNotice)
	look(a, operation{
		name: "notice", at: "GET " + notices + "/{id}", action: qiaomen.ActReadPublished, tag: tagRanking, summary: "一份通报", free: true,
	}, func(ctx context.Context, o *office.Office, v *visit, _ *nothing) (*qiaomen.Notice, error) {
		return o.Notice(ctx, v.caller, v.path("id"))
	})
	act(a, operation{
		name: "publish_notice", at: "POST " + notices + "/{id}/publication", action: qiaomen.ActPublishNotice, tag: tagRanking, summary: "发布通报", costly: true,
	}, func(p *office.Publishing) *string { return &p.Notice }, (*office.Office).PublishNotice)
	act(a, operation{
		name: "correct_notice", at: "POST " + notices + "/{id}/correction", action: qiaomen.ActCorrectNotice, tag: tagRanking, summary: "更正或撤回通报", costly: true,
	}, func(c *office.Correction) *string { return &c.Replaced }, (*office.Office).CorrectNotice)
	actOn(a, operation{
		name: "read_notice", at: "POST " + notices + "/{id}/reading", action: qiaomen.ActReadPublished, tag: tagRanking, summary: "签收通报",
	}, (*office.Office).ReadNotice)
}
