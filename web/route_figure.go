package web

import (
	"context"

	"qiaomen"
	"qiaomen/office"
)

// figureRoutes is what comes from the statistics side: figures and lists, and
// the records that rows of lists are matched with.
func (a *api) figureRoutes() {
	figures, lists := inCampaign+"/figures", inCampaign+"/statistics-lists"
	listed(a, operation{
		name: "figures", at: "GET " + figures, action: qiaomen.ActReadOthers, tag: tagFigures, summary: "统计数据",
	}, func(x *qiaomen.LedgerFigure) string { return x.ID }, (*office.Office).Figures)
	act(a, operation{
		name: "enter_figures", at: "POST " + figures, action: qiaomen.ActEnterFigure, tag: tagFigures, summary: "录入统计数据，附公报",
	}, nil, (*office.Office).EnterFigures)
	act(a, operation{
		name: "check_figures", at: "POST " + inCampaign + "/figure-checks", action: qiaomen.ActCheckFigure, tag: tagFigures, summary: "复核统计数据",
	}, nil, (*office.Office).CheckFigures)
	listed(a, operation{
		name: "statistics_lists", at: "GET " + lists, action: qiaomen.ActReadOthers, tag: tagFigures, summary: "入统清单",
	}, func(x *qiaomen.StatisticsList) string { return x.ID }, (*office.Office).StatisticsLists)
	act(a, operation{
		name: "enter_statistics_list", at: "POST " + lists, action: qiaomen.ActEnterFigure, tag: tagFigures, summary: "录入入统清单，附公报",
	}, nil, (*office.Office).EnterStatisticsList)
	act(a, operation{
		name: "check_statistics_list", at: "POST " + lists + "/{id}/check", action: qiaomen.ActCheckFigure, tag: tagFigures, summary: "复核入统清单",
	}, func(x *office.ListCheck) *string { return &x.List }, (*office.Office).CheckStatisticsList)
	all(a, operation{
		name: "matches", at: "GET " + lists + "/{id}/matches", action: qiaomen.ActEnterFigure, tag: tagFigures, summary: "清单各行与记录的匹配",
	}, func(ctx context.Context, o *office.Office, v *visit, _ *nothing) ([]office.RowMatch, error) {
		return o.Matches(ctx, v.caller, v.path("id"))
	})
	actOn(a, operation{
		name: "auto_match", at: "POST " + lists + "/{id}/matching", action: qiaomen.ActEnterFigure, tag: tagFigures, summary: "自动匹配名称相同的",
	}, (*office.Office).AutoMatch)
	act(a, operation{
		name: "match_row", at: "POST " + lists + "/{id}/matches", action: qiaomen.ActEnterFigure, tag: tagFigures, summary: "把一行与一条记录匹配，或取消匹配（record 为空）",
	}, func(x *office.Match) *string { return &x.List }, func(o *office.Office, ctx context.Context, by office.Caller, x office.Match) (*office.Answer, error) {
		if x.Record == "" {
			return o.UnmatchRow(ctx, by, x.List, x.Row)
		}
		return o.MatchRow(ctx, by, x.List, x.Row, x.Record)
	})
}
