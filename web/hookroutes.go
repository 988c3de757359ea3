package web

import (
	"context"
	"net/http"

	"qiaomen"
	"qiaomen/office"
)

// A NewWebhook is an answer that brings a webhook's secret, told once.
type NewWebhook struct {
	Result
	Secret string `json:"secret,omitzero" doc:"推送的密钥，只显示这一次；接收方用它核对签名"`
}

// hookRoutes is what is sent to other systems as it happens. A webhook sends what
// its owner may read, so it is made in person, as a token is.
func (a *api) hookRoutes() {
	const hooks = inCampaign + "/webhooks"
	every(a, operation{
		name: "webhooks", at: "GET " + hooks, action: qiaomen.ActIssueToken, tag: tagEvents, inPerson: true, summary: "自己的推送：送到哪里、出了什么错、下一次什么时候",
	}, (*office.Office).Webhooks)
	declare(a, operation{
		name: "make_webhook", at: "POST " + hooks, action: qiaomen.ActIssueToken, tag: tagEvents, inPerson: true, proven: true,
		summary: "建立推送：把活动里发生的事发给别的系统",
	}, true, func(ctx context.Context, v *visit, in *body[office.WebhookRequest]) (*reply[NewWebhook], error) {
		answer, secret, err := a.o.Office.MakeWebhook(ctx, v.caller, in.Body)
		if err != nil {
			return nil, err
		}
		return &reply[NewWebhook]{Status: http.StatusOK, Body: NewWebhook{resultOf(answer).Body, secret}}, nil
	})
	actOn(a, operation{
		name: "end_webhook", at: "DELETE " + hooks + "/{id}", action: qiaomen.ActIssueToken, tag: tagEvents, inPerson: true, summary: "停掉推送",
	}, (*office.Office).EndWebhook)
	act(a, operation{
		name: "resume_webhook", at: "POST " + hooks + "/{id}/resumption", action: qiaomen.ActIssueToken, tag: tagEvents, inPerson: true,
		summary: "让推送接着发，或者从某一条起重新发",
	}, func(r *office.Resumption) *string { return &r.ID }, (*office.Office).ResumeWebhook)
	declare(a, operation{
		name: "try_webhook", at: "POST " + hooks + "/{id}/trial", action: qiaomen.ActIssueToken, tag: tagEvents, inPerson: true, costly: true,
		summary: "试发一条（事件 test）",
	}, false, func(ctx context.Context, v *visit, _ *nothing) (*reply[*office.Trial], error) {
		if a.o.Hooks == nil {
			return nil, errNoHooks
		}
		trial, err := a.o.Office.TryWebhook(ctx, v.caller, v.path("id"), a.o.Hooks)
		if err != nil {
			return nil, err
		}
		return &reply[*office.Trial]{Status: http.StatusOK, Body: trial}, nil
	})
}

var errNoHooks = &qiaomen.Problem{Code: qiaomen.Unavailable, Text: "这里没有启用推送", Fix: "请系统管理员在配置 webhook_hosts 里写明可以推送的主机"}
