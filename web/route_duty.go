package web

import (
	"context"
	"net/http"
	"reflect"

	"qiaomen"
	"qiaomen/office"
)

// A Due is one thing that a unit owes, and how it stands.
type Due struct {
	Duty     string              `json:"duty"`
	Name     string              `json:"name"`
	Clause   string              `json:"clause,omitzero"`
	Unit     string              `json:"unit,omitzero" doc:"空：办公室自己的"`
	UnitName string              `json:"unit_name,omitzero"`
	Due      string              `json:"due" doc:"是哪一天的那一次"`
	Until    string              `json:"until" doc:"到什么时候（UTC），已算上延期"`
	State    string              `json:"state" enum:"on_time,late,open,overdue"`
	Extended *qiaomen.Extension  `json:"extended,omitzero"`
	Done     *qiaomen.Fulfilment `json:"done,omitzero"`
	Urged    *qiaomen.Urging     `json:"urged,omitzero"`
}

func dues(all []*office.Standing, err error) ([]Due, error) {
	out := make([]Due, 0, len(all))
	for _, s := range all {
		d := Due{
			Duty: s.Duty.ID, Name: s.Duty.Name, Unit: s.Unit, UnitName: s.UnitName, Due: s.Due, Until: s.Until, State: s.Now,
			Extended: s.Extended, Done: s.Done, Urged: s.Urged,
		}
		if s.Duty.Cite != nil {
			d.Clause = s.Duty.Cite.ID
		}
		out = append(out, d)
	}
	return out, err
}

// An OccurrenceQuery is a duty of a unit at one of its due days.
type OccurrenceQuery struct {
	Unit string `query:"unit" required:"true" doc:"哪个单位"`
	Duty string `query:"duty" required:"true" doc:"哪项任务"`
	Due  string `query:"due" doc:"哪一天的那一次，如 2024-01-25"`
}

func (q *OccurrenceQuery) one() office.Occurrence { return office.Occurrence{Duty: q.Duty, Due: q.Due} }

// A Call is a reminder that was given outside the program.
type Call struct {
	How  string `json:"how" doc:"怎么提醒的：电话、群、督办单、上门"`
	Note string `json:"note,omitzero"`
}

// A Said is what somebody writes back.
type Said struct {
	Text string `json:"text"`
}

// dutyRoutes is what units owe, and how they are reminded of it.
func (a *api) dutyRoutes() {
	all(a, operation{
		name: "duties", at: "GET " + inCampaign + "/duties", action: qiaomen.ActReadOwn, all: qiaomen.ActReadOthers, tag: tagDuty, summary: "任务：一个单位的，或（不写 unit）所有单位的",
	}, func(ctx context.Context, o *office.Office, v *visit, q *struct {
		Unit string `query:"unit"`
	},
	) ([]Due, error) {
		if q.Unit == "" {
			return dues(o.AllDuties(ctx, v.caller))
		}
		return dues(o.Duties(ctx, v.caller, q.Unit))
	})
	act(a, operation{
		name: "hand_in", at: "POST " + inCampaign + "/papers-handed-in", action: qiaomen.ActHandIn, tag: tagDuty, summary: "报送方案、会议纪要、联系人",
	}, nil, (*office.Office).HandIn)
	declare(a, operation{
		name: "unmask_items", at: "POST " + inCampaign + "/duty-contacts", action: qiaomen.ActUnmask, tag: tagDuty, proven: true, inPerson: true,
		summary: "查看报送的联系人（写明理由，留痕）",
	}, true, func(ctx context.Context, v *visit, in *struct {
		OccurrenceQuery
		Body Reason
	},
	) (*reply[any], error) {
		items, err := a.o.Office.UnmaskItems(ctx, v.caller, in.Unit, in.one(), in.Body.Reason)
		if err != nil {
			return nil, err
		}
		return &reply[any]{Status: http.StatusOK, Body: items}, nil
	})
	act(a, operation{
		name: "extend", at: "POST " + inCampaign + "/extensions", action: qiaomen.ActExtend, tag: tagDuty, summary: "延期",
	}, nil, (*office.Office).Extend)
	listed(a, operation{
		name: "extensions", at: "GET " + inCampaign + "/extensions", tag: tagDuty, summary: "已有的延期",
	}, func(x *qiaomen.Extension) string { return x.ID }, (*office.Office).Extensions)

	statements := inCampaign + "/statements"
	act(a, operation{
		name: "prepare_statement", at: "POST " + statements, action: qiaomen.ActPrepareStatement, tag: tagDuty, summary: "拟月报表",
	}, nil, (*office.Office).PrepareStatement)
	look(a, operation{
		name: "statement", at: "GET " + statements, action: qiaomen.ActReadOwn, tag: tagDuty, summary: "一份月报表",
	}, func(ctx context.Context, o *office.Office, v *visit, q *OccurrenceQuery) (*office.StatementView, error) {
		return o.Statement(ctx, v.caller, q.Unit, q.one())
	})
	act(a, operation{
		name: "sign_statement", at: "POST " + inCampaign + "/statement-signatures", action: qiaomen.ActSignStatement, tag: tagDuty, summary: "负责人在线签月报表",
	}, nil, (*office.Office).SignStatement)
	act(a, operation{
		name: "hand_in_statement", at: "POST " + inCampaign + "/statement-scans", action: qiaomen.ActHandIn, tag: tagDuty, summary: "上交盖章月报表的扫描件",
	}, nil, (*office.Office).HandInStatement)

	urgings := inCampaign + "/urgings"
	optional(a, reflect.TypeFor[office.Pressing](), "duty")
	act(a, operation{
		name: "urge", at: "POST " + urgings, action: qiaomen.ActUrge, tag: tagDuty, summary: "督办",
	}, nil, (*office.Office).Urge)
	all(a, operation{
		name: "urgings", at: "GET " + urgings, action: qiaomen.ActReadOwn, all: qiaomen.ActReadOthers, tag: tagDuty, summary: "督办：一个单位的，或所有单位的",
	}, func(ctx context.Context, o *office.Office, v *visit, q *struct {
		Unit string `query:"unit"`
	},
	) ([]*qiaomen.Urging, error) {
		return o.Urgings(ctx, v.caller, q.Unit)
	})
	look(a, operation{
		name: "open_urging", at: "POST " + urgings + "/{id}/opening", action: qiaomen.ActAnswerUrging, tag: tagDuty, summary: "打开一份督办（第一次打开就是签收）",
	}, func(ctx context.Context, o *office.Office, v *visit, _ *nothing) (*qiaomen.Urging, error) {
		return o.OpenUrging(ctx, v.caller, v.path("id"))
	})
	act(a, operation{
		name: "answer_urging", at: "POST " + urgings + "/{id}/answer", action: qiaomen.ActAnswerUrging, tag: tagDuty, summary: "答复督办",
	}, nil, onPath(func(o *office.Office, ctx context.Context, by office.Caller, id string, in Said) (*office.Answer, error) {
		return o.AnswerUrging(ctx, by, id, in.Text)
	}))
	act(a, operation{
		name: "note_call", at: "POST " + urgings + "/{id}/calls", action: qiaomen.ActUrge, tag: tagDuty, summary: "记一次线下提醒",
	}, nil, onPath(func(o *office.Office, ctx context.Context, by office.Caller, id string, in Call) (*office.Answer, error) {
		return o.NoteCall(ctx, by, id, in.How, in.Note)
	}))
	look(a, operation{
		name: "urging_text", at: "GET " + urgings + "/{id}/text", action: qiaomen.ActUrge, tag: tagDuty, summary: "督办的文字，供转发到群里",
	}, func(ctx context.Context, o *office.Office, v *visit, _ *nothing) (Said, error) {
		text, err := o.UrgingText(ctx, v.caller, v.path("id"))
		return Said{text}, err
	})

	announcements := inCampaign + "/announcements"
	all(a, operation{
		name: "announcements", at: "GET " + announcements, action: qiaomen.ActReadPublished, tag: tagDuty, free: true, summary: "公告和口径答疑",
	}, func(ctx context.Context, o *office.Office, v *visit, q *struct {
		About string `query:"about" doc:"关于哪一条款、哪一口径"`
	},
	) ([]*qiaomen.Announcement, error) {
		return o.Announcements(ctx, v.caller, q.About)
	})
	act(a, operation{
		name: "announce", at: "POST " + announcements, action: qiaomen.ActAnnounce, tag: tagDuty, summary: "发公告，或（有 question）答疑",
	}, nil, func(o *office.Office, ctx context.Context, by office.Caller, in office.AnnouncementInput) (*office.Answer, error) {
		if in.Question != "" {
			return o.AnswerQuestion(ctx, by, in)
		}
		return o.Announce(ctx, by, in)
	})
}

// onPath is an act on the thing of the path, of which a body says the rest.
func onPath[B any](do func(*office.Office, context.Context, office.Caller, string, B) (*office.Answer, error)) func(*office.Office, context.Context, office.Caller, B) (*office.Answer, error) {
	return func(o *office.Office, ctx context.Context, by office.Caller, in B) (*office.Answer, error) {
		return do(o, ctx, by, visitOf(ctx).path("id"), in)
	}
}
