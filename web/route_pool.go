package web

import (
	"context"

	"qiaomen"
	"qiaomen/office"
)

// A CompanyQuery is which companies of the pool are asked for.
type CompanyQuery struct {
	Unit   string `query:"unit"`
	Class  string `query:"class" doc:"类别"`
	Name   string `query:"name" doc:"名称里的一段"`
	Like   string `query:"like" doc:"找可能是这家企业的，最像的在前"`
	Cursor string `query:"cursor"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// poolRoutes is the companies worth courting, and leads for the city's leaders.
func (a *api) poolRoutes() {
	companies := inCampaign + "/companies"
	look(a, operation{
		name: "companies", at: "GET " + companies, action: qiaomen.ActReadOwn, all: qiaomen.ActReadOthers, tag: tagPool, summary: "目标企业库，和它们出现在哪些记录里",
	}, func(ctx context.Context, o *office.Office, v *visit, q *CompanyQuery) (List[*office.CompanyView], error) {
		after, err := fromCursor(q.Cursor)
		if err != nil {
			return List[*office.CompanyView]{}, err
		}
		items, err := o.Companies(ctx, v.caller, office.CompanyFilter{Unit: q.Unit, Class: q.Class, Name: q.Name, Like: q.Like, After: after, Limit: q.Limit})
		out := List[*office.CompanyView]{Items: items}
		if len(items) == q.Limit && q.Like == "" {
			out.Next = cursor(items[len(items)-1].ID)
		}
		return out, err
	})
	act(a, operation{
		name: "keep_company", at: "POST " + companies, action: qiaomen.ActKeepCompany, tag: tagPool, summary: "把企业放进目标企业库，或（写 id）改它",
	}, nil, (*office.Office).KeepCompany)
	actOn(a, operation{
		name: "drop_company", at: "DELETE " + companies + "/{id}", action: qiaomen.ActKeepCompany, tag: tagPool, summary: "移出目标企业库",
	}, (*office.Office).DropCompany)
	actOn(a, operation{
		name: "offer_lead", at: "POST " + records + "/{id}/offer", action: qiaomen.ActOfferLead, tag: tagPool, summary: "把线索报给市领导",
	}, (*office.Office).OfferLead)
	actOn(a, operation{
		name: "choose_lead", at: "POST " + records + "/{id}/choice", action: qiaomen.ActChooseLead, tag: tagPool, summary: "市领导选中线索",
	}, (*office.Office).ChooseLead)
	act(a, operation{
		name: "record_pursuit", at: "POST " + records + "/{id}/pursuit", action: qiaomen.ActRecordPursuit, tag: tagPool, summary: "市领导亲自跟进的行程",
	}, func(p *office.Pursuit) *string { return &p.Lead }, (*office.Office).RecordPursuit)
}
