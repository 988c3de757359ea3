package web

import (
	"context"

	"qiaomen"
	"qiaomen/office"
)

// The parts of the API, as its description groups them.
const (
	tagSignIn   = "登录"
	tagReport   = "上报"
	tagReview   = "审核认定"
	tagDecide   = "批准与异议"
	tagFigures  = "统计数据"
	tagDuty     = "任务督办"
	tagRanking  = "排名通报"
	tagPool     = "企业与线索"
	tagTransfer = "导入导出"
	tagCampaign = "活动"
	tagAccount  = "账号权限"
	tagUpkeep   = "运行维护"
)

// routes declares every operation of the API.
func (a *api) routes() {
	a.sessionRoutes()
	a.reportRoutes()
	a.fileRoutes()
	a.reviewRoutes()
	a.decisionRoutes()
	a.figureRoutes()
	a.dutyRoutes()
	a.rankingRoutes()
	a.poolRoutes()
	a.campaignRoutes()
	a.accountRoutes()
	a.upkeepRoutes()
	a.eventRoutes()
	a.hookRoutes()
}

// The paths that many operations begin with.
const (
	inCampaign = "/campaigns/{campaign}"
	records    = inCampaign + "/records"
)

// A Reason is why something is done, where that is all there is to say.
type Reason struct {
	Reason string `json:"reason" doc:"为什么"`
}

// withReason is an act on the thing of the path, for a reason.
func withReason(a *api, op operation, do func(*office.Office, context.Context, office.Caller, string, string) (*office.Answer, error)) {
	declare(a, op, true, func(ctx context.Context, v *visit, in *body[Reason]) (*reply[Result], error) {
		answer, err := do(a.o.Office, ctx, v.caller, v.path("id"), in.Body.Reason)
		if err != nil {
			return nil, err
		}
		return resultOf(answer), nil
	})
}

// A Filter is what lists of decisions are asked for.
type Filter struct {
	Unit   string `query:"unit" doc:"单位；单位的人要写本单位"`
	State  string `query:"state" doc:"状态"`
	Cursor string `query:"cursor" doc:"上一页给的 next"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (f *Filter) list() (office.ListFilter, error) {
	after, err := fromCursor(f.Cursor)
	return office.ListFilter{Unit: f.Unit, State: qiaomen.State(f.State), After: after, Limit: f.Limit}, err
}

// listed declares a list of decisions: newest state, by pages. Without an action
// it is a unit's own, or everybody's.
func listed[T any](a *api, op operation, id func(T) string, see func(*office.Office, context.Context, office.Caller, office.ListFilter) ([]T, error)) {
	if op.action == 0 {
		op.action, op.all = qiaomen.ActReadOwn, qiaomen.ActReadOthers
	}
	look(a, op, func(ctx context.Context, o *office.Office, v *visit, q *Filter) (List[T], error) {
		f, err := q.list()
		if err != nil {
			return List[T]{}, err
		}
		items, err := see(o, ctx, v.caller, f)
		out := List[T]{Items: items}
		if len(items) == q.Limit && q.Limit > 0 {
			out.Next = cursor(id(items[len(items)-1]))
		}
		return out, err
	})
}

// every declares a list that is never long.
func every[T any](a *api, op operation, see func(*office.Office, context.Context, office.Caller) ([]T, error)) {
	all(a, op, func(ctx context.Context, o *office.Office, v *visit, _ *nothing) ([]T, error) {
		return see(o, ctx, v.caller)
	})
}
