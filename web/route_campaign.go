package web

import (
	"context"

	"qiaomen"
	"qiaomen/office"
)

// mostScheme bounds a body that has a scheme file in it.
const mostScheme = 4 << 20

// campaignRoutes is campaigns, their rules, units and calendar.
func (a *api) campaignRoutes() {
	all(a, operation{
		name: "campaigns", at: "GET /campaigns", tag: tagCampaign, summary: "有哪些活动",
	}, func(ctx context.Context, o *office.Office, v *visit, _ *nothing) ([]CampaignView, error) {
		campaigns, err := o.CampaignsOf(ctx, v.caller)
		out := make([]CampaignView, 0, len(campaigns))
		for _, c := range campaigns {
			out = append(out, CampaignView{c.ID, c.Name, c.State})
		}
		return out, err
	})
	act(a, operation{
		name: "create_campaign", at: "POST " + inCampaign, action: qiaomen.ActOpenCampaign, tag: tagCampaign, most: mostScheme,
		summary: "按方案建立并开启活动",
	}, func(b *office.Beginning) *string { return &b.Campaign }, (*office.Office).CreateCampaign)
	act(a, operation{
		name: "publish_rules", at: "POST " + inCampaign + "/rules", action: qiaomen.ActPublishRules, tag: tagCampaign, most: mostScheme, summary: "发布新的计分规则",
	}, nil, (*office.Office).PublishRules)
	act(a, operation{
		name: "set_targets", at: "POST " + inCampaign + "/targets", action: qiaomen.ActSetTargets, tag: tagCampaign, most: mostScheme, summary: "调整各单位的目标",
	}, nil, (*office.Office).SetTargets)
	act(a, operation{
		name: "edit_unit", at: "PUT " + inCampaign + "/units/{id}", action: qiaomen.ActEditUnit, tag: tagCampaign, summary: "单位改名、并入、牵头领导",
	}, func(u *office.UnitInput) *string { return &u.Unit }, (*office.Office).EditUnit)
	act(a, operation{
		name: "edit_calendar", at: "PUT " + inCampaign + "/calendar", action: qiaomen.ActEditUnit, tag: tagCampaign, summary: "放假和调休",
	}, nil, (*office.Office).EditCalendar)
}

// A CampaignView is a campaign as whoever has signed in knows of it.
type CampaignView struct {
	ID    string        `json:"id"`
	Name  string        `json:"name"`
	State qiaomen.State `json:"state"`
}
