package web

import (
	"context"
	"net/http"
	"reflect"
	"strings"

	"qiaomen"
	"qiaomen/office"
)

const drafts = inCampaign + "/drafts"

// reportRoutes is what units do with their records before the office has them.
func (a *api) reportRoutes() {
	act(a, operation{
		name: "report", at: "POST " + records, action: qiaomen.ActSubmit, tag: tagReport,
		summary: "整条上报：内容和佐证材料一次提交，当场得到存证回执",
	}, nil, (*office.Office).Report)
	act(a, operation{
		name: "enter_for", at: "POST " + inCampaign + "/entries", action: qiaomen.ActEnterFor, tag: tagReport,
		summary: "代录：按纸质材料替单位填报",
	}, nil, (*office.Office).EnterFor)
	act(a, operation{
		name: "report_briefing", at: "POST " + inCampaign + "/briefings", action: qiaomen.ActReportBriefing, tag: tagReport,
		summary: "报送简报、新闻",
	}, nil, (*office.Office).ReportBriefing)

	all(a, operation{
		name: "drafts", at: "GET " + drafts, action: qiaomen.ActEditDraft, tag: tagReport, summary: "本单位的草稿",
	}, func(ctx context.Context, o *office.Office, v *visit, q *unitQuery) ([]office.DraftRecord, error) {
		return o.Drafts(ctx, v.caller, q.Unit)
	})
	act(a, operation{
		name: "draft", at: "POST " + drafts, action: qiaomen.ActDraft, tag: tagReport, summary: "新建草稿",
	}, nil, (*office.Office).Draft)
	a.editDraft()
	actOn(a, operation{
		name: "delete_draft", at: "DELETE " + drafts + "/{id}", action: qiaomen.ActEditDraft, tag: tagReport, summary: "删除草稿",
	}, (*office.Office).DeleteDraft)
	actOn(a, operation{
		name: "submit", at: "POST " + drafts + "/{id}/submission", action: qiaomen.ActSubmit, tag: tagReport, summary: "签批上报",
	}, (*office.Office).Submit)
	actOn(a, operation{
		name: "hand_over", at: "POST " + drafts + "/{id}/hand-over", action: qiaomen.ActEditDraft, tag: tagReport, summary: "交负责人签批",
	}, (*office.Office).HandOver)
	withReason(a, operation{
		name: "amend", at: "POST " + drafts + "/{id}/amendment", action: qiaomen.ActAmend, tag: tagReport, summary: "提出更正：草稿是新的版本",
	}, (*office.Office).Amend)
	look(a, operation{
		name: "duplicate_hint", at: "GET " + drafts + "/{id}/duplicate-hint", action: qiaomen.ActHint, tag: tagReport,
		summary: "有没有相同的事项（不透露是谁的）",
	}, func(ctx context.Context, o *office.Office, v *visit, _ *nothing) (office.Hint, error) {
		return o.DuplicateHint(ctx, v.caller, v.path("id"))
	})
	a.addEvidence()
	declare(a, operation{
		name: "remove_evidence", at: "DELETE " + drafts + "/{id}/evidence/{digest}", action: qiaomen.ActEditDraft, tag: tagReport,
		summary: "从草稿里去掉一份佐证材料",
	}, true, func(ctx context.Context, v *visit, _ *nothing) (*reply[Result], error) {
		answer, err := a.o.Office.RemoveEvidence(ctx, v.caller, v.path("id"), v.path("digest"))
		if err != nil {
			return nil, err
		}
		return resultOf(answer), nil
	})

	a.recordList()
	a.oneRecord()
	actOn(a, operation{
		name: "draft_again", at: "POST " + records + "/{id}/draft", action: qiaomen.ActDraft, tag: tagReport, summary: "据已有记录新建一份草稿，用来更正或重报",
	}, (*office.Office).DraftAgain)
	actOn(a, operation{
		name: "sign_off", at: "POST " + records + "/{id}/sign-off", action: qiaomen.ActSubmit, tag: tagReport, summary: "负责人签批",
	}, (*office.Office).SignOff)
	actOn(a, operation{
		name: "withdraw", at: "POST " + records + "/{id}/withdrawal", action: qiaomen.ActWithdraw, tag: tagReport, summary: "受理前撤回",
	}, (*office.Office).Withdraw)
}

type evidenceQuery struct {
	Name   string `query:"name" maxLength:"4096" doc:"文件名，结尾要与内容相符"`
	Type   string `query:"type" required:"true" maxLength:"200" doc:"材料的种类，如 contract"`
	Digest string `query:"digest" maxLength:"200" doc:"已经上传好的那一份；写了就没有内容"`
}

func (a *api) addEvidence() {
	declare(a, operation{
		name: "add_evidence", at: "POST " + drafts + "/{id}/evidence", action: qiaomen.ActAddEvidence, tag: tagReport,
		summary: "给草稿加一份佐证材料：内容就是请求体，或（写 digest）是已经上传好的",
	}, true, func(ctx context.Context, v *visit, q *evidenceQuery) (*reply[Result], error) {
		answer, err := a.evidence(ctx, v, q)
		if err != nil {
			return nil, err
		}
		return resultOf(answer), nil
	})
}

func (a *api) evidence(ctx context.Context, v *visit, q *evidenceQuery) (*office.Answer, error) {
	if q.Digest != "" {
		e := qiaomen.Evidence{Type: q.Type, Name: q.Name, Digest: q.Digest}
		return a.o.Office.AttachEvidence(ctx, v.caller, office.EvidenceInput{Draft: v.path("id"), Evidence: e})
	}
	body, err := v.sent(mostOf(q.Name))
	if err != nil {
		return nil, err
	}
	answer, err := a.o.Office.AddEvidence(ctx, v.caller, v.path("id"), q.Type, q.Name, body)
	if err != nil {
		body.end()
	}
	return answer, err
}

type unitQuery struct {
	Unit string `query:"unit" required:"true" doc:"哪个单位"`
}

// draftTag is a draft as it was looked at: when it was last kept.
func draftTag(at string) string { return `"d` + cursor(at) + `"` }

func (a *api) editDraft() {
	optional(a, reflect.TypeFor[office.DraftInput](), "unit") // a draft stays its unit's
	declare(a, operation{
		name: "edit_draft", at: "PUT " + drafts + "/{id}", action: qiaomen.ActEditDraft, tag: tagReport,
		summary: "保存草稿；带 If-Match 时，别人改过就不覆盖",
	}, true, func(ctx context.Context, v *visit, in *matched[office.DraftInput]) (*reply[Result], error) {
		if in.Body.ID != "" && in.Body.ID != v.path("id") {
			return nil, errTwoIDs
		}
		in.Body.ID = v.path("id")
		if in.IfMatch != "" {
			tag, found := strings.CutPrefix(strings.TrimSuffix(in.IfMatch, `"`), `"d`)
			seen, err := fromCursor(tag)
			if !found || err != nil {
				return nil, errTag
			}
			in.Body.Seen = seen
		}
		answer, err := a.o.Office.EditDraft(ctx, v.caller, in.Body)
		if err != nil {
			return nil, err
		}
		return resultOf(answer), nil
	})
	one(a, operation{
		name: "one_draft", at: "GET " + drafts + "/{id}", action: qiaomen.ActEditDraft, tag: tagReport, summary: "一份草稿",
	}, func(ctx context.Context, v *visit) (*reply[office.DraftRecord], error) {
		d, err := a.o.Office.OneDraft(ctx, v.caller, v.path("id"))
		if err != nil {
			return nil, err
		}
		return &reply[office.DraftRecord]{Status: http.StatusOK, ETag: draftTag(d.At), Body: *d}, nil
	})
}

// A RecordQuery is what a list of records is asked for.
type RecordQuery struct {
	Unit   string   `query:"unit" doc:"哪个单位的；不写是所有单位的"`
	Kind   string   `query:"kind" doc:"哪一类，如 signed_project"`
	State  []string `query:"state,explode" maxItems:"12" doc:"哪些状态，可以写几次"`
	Filter []string `query:"filter,explode" maxItems:"10" doc:"字段的条件，可以写几次：amount_yi>=1.5、signed_on<=2024-01-25、name^=示例、start_type=new"`
	Sort   string   `query:"sort" doc:"按哪个字段排，前面加 - 是从大到小；不写按首报先后"`
	Cursor string   `query:"cursor" doc:"上一页给的 next"`
	Limit  int      `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// listing is the query as the office has it.
func (q *RecordQuery) listing() (office.Listing, error) {
	l := office.Listing{Unit: q.Unit, Kind: q.Kind, By: strings.TrimPrefix(q.Sort, "-"), Descending: strings.HasPrefix(q.Sort, "-"), After: q.Cursor, Limit: q.Limit}
	for _, s := range q.State {
		l.States = append(l.States, qiaomen.State(s))
	}
	for _, text := range q.Filter {
		c, err := condition(text)
		if err != nil {
			return l, err
		}
		l.Where = append(l.Where, c)
	}
	return l, nil
}

// condition reads FIELD, an operator, and a value.
func condition(text string) (c office.Condition, err error) {
	i := strings.IndexAny(text, "=<>^")
	if i < 1 {
		return c, errCondition(text)
	}
	c.Field = text[:i]
	for _, op := range []struct {
		sign  string
		value *string
	}{{">=", &c.From}, {"<=", &c.To}, {"^=", &c.Prefix}, {"=", &c.Equals}} {
		if value, found := strings.CutPrefix(text[i:], op.sign); found && value != "" {
			*op.value = value
			return c, nil
		}
	}
	return c, errCondition(text)
}

func errCondition(text string) error {
	return &qiaomen.Problem{
		Text: "条件“" + qiaomen.Clip(text) + "”写得不对", Fix: "请写成 字段=值、字段^=开头、字段>=值 或 字段<=值", At: qiaomen.Place{Field: "query.filter"},
	}
}

func (a *api) recordList() {
	look(a, operation{
		name: "records", at: "GET " + records, action: qiaomen.ActReadOwn, all: qiaomen.ActReadOthers, tag: tagReport, summary: "记录的列表，可以筛选、排序、翻页",
	}, func(ctx context.Context, o *office.Office, v *visit, q *RecordQuery) (List[*qiaomen.LedgerRecord], error) {
		l, err := q.listing()
		if err != nil {
			return List[*qiaomen.LedgerRecord]{}, err
		}
		page, err := o.Records(ctx, v.caller, l)
		return List[*qiaomen.LedgerRecord]{page.Records, page.Next}, err
	})
}

func (a *api) oneRecord() {
	one(a, operation{
		name: "record", at: "GET " + records + "/{id}", action: qiaomen.ActReadOwn, tag: tagReport,
		summary: "一条记录：内容、缺什么、经过、与谁相争；ETag 是它的版本",
	}, func(ctx context.Context, v *visit) (*reply[*office.RecordView], error) {
		r, err := a.o.Office.Record(ctx, v.caller, v.path("id"))
		if err != nil {
			return nil, err
		}
		latest, _, _ := r.Record.Pending()
		return &reply[*office.RecordView]{Status: http.StatusOK, ETag: versionTag(latest), Body: r}, nil
	})
}

// one declares an operation that reads one thing, with its version.
func one[T any](a *api, op operation, see func(context.Context, *visit) (*reply[T], error)) {
	declare(a, op, false, func(ctx context.Context, v *visit, _ *nothing) (*reply[T], error) { return see(ctx, v) })
}

// A matched body is for a version that the sender has seen.
type matched[B any] struct {
	IfMatch string `header:"If-Match" doc:"看到的版本，照 ETag 原样填写"`
	Body    B
}

var (
	errTwoIDs = &qiaomen.Problem{Text: "内容里的编号与网址里的不一样", Fix: "请去掉一个", At: qiaomen.Place{Field: "body"}}
	errTag    = &qiaomen.Problem{Code: qiaomen.Stale, Text: "If-Match 不是这里给的版本", Fix: "请先查看，再照 ETag 原样填写"}
)
