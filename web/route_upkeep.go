package web

import (
	"context"
	"strconv"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/store"
)

// An AuditFilter is which entries of the audit log are asked for.
type AuditFilter struct {
	Journal  string `query:"journal" doc:"哪一本日志；不写是审计日志"`
	Person   string `query:"person"`
	Action   string `query:"action"`
	Event    string `query:"event"`
	Campaign string `query:"campaign"`
	From     string `query:"from" doc:"从哪一天"`
	Until    string `query:"until" doc:"到哪一天"`
	Cursor   string `query:"cursor"`
	Limit    int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

// Settings is what the system administrator sets.
type Settings struct {
	Settings map[string]string `json:"settings"`
}

// upkeepRoutes is what the administrators keep running, and look over.
func (a *api) upkeepRoutes() {
	for _, one := range []struct {
		name, path, summary string
		action              qiaomen.Action
		see                 func(*office.Office, context.Context, office.Caller, office.AuditQuery) (*office.AuditPage, error)
	}{
		{"audit", "GET /audit", "审计日志（查看也留痕）", qiaomen.ActReadAudit, (*office.Office).Audit},
		{"audit_admin_acts", "GET /audit/administrators", "审计管理员自己的操作", qiaomen.ActReadAuditAdmin, (*office.Office).AuditAdminActs},
	} {
		look(a, operation{name: one.name, at: one.path, action: one.action, tag: tagUpkeep, costly: true, summary: one.summary},
			func(ctx context.Context, o *office.Office, v *visit, q *AuditFilter) (List[office.AuditEntry], error) {
				after := int64(0)
				if q.Cursor != "" {
					var err error
					if after, err = strconv.ParseInt(q.Cursor, 10, 64); err != nil {
						return List[office.AuditEntry]{}, errCursor
					}
				}
				page, err := one.see(o, ctx, v.caller, office.AuditQuery{
					Journal: q.Journal, Person: q.Person, Action: q.Action, Event: q.Event, Campaign: q.Campaign,
					From: q.From, Until: q.Until, After: after, Limit: q.Limit,
				})
				if err != nil {
					return List[office.AuditEntry]{}, err
				}
				out := List[office.AuditEntry]{Items: page.Entries}
				if page.Next > 0 {
					out.Next = strconv.FormatInt(page.Next, 10)
				}
				return out, nil
			})
	}
	act(a, operation{
		name: "change_settings", at: "PUT /settings", action: qiaomen.ActChangeSettings, tag: tagUpkeep, inPerson: true, summary: "系统设置",
	}, nil, func(o *office.Office, ctx context.Context, by office.Caller, in Settings) (*office.Answer, error) {
		return o.ChangeSettings(ctx, by, in.Settings)
	})
	act(a, operation{
		name: "note_backup", at: "POST /backups", action: qiaomen.ActBackUp, tag: tagUpkeep, summary: "登记一次备份",
	}, nil, (*office.Office).BackUp)
	act(a, operation{
		name: "approve_restore", at: "POST /restores", action: qiaomen.ActRestore, tag: tagUpkeep, inPerson: true, proven: true, summary: "提请恢复备份（三人在场）",
	}, nil, (*office.Office).ApproveRestore)
	act(a, operation{
		name: "rotate_keys", at: "POST /signing-keys", action: qiaomen.ActRotateKeys, tag: tagUpkeep, inPerson: true, proven: true, summary: "登记更换签名密钥",
	}, nil, (*office.Office).RotateKeys)
	look(a, operation{
		name: "verify", at: "POST /verification", action: qiaomen.ActVerify, tag: tagUpkeep, costly: true, summary: "核验全部存证日志",
	}, func(ctx context.Context, o *office.Office, v *visit, _ *nothing) (*store.Findings, error) {
		return o.VerifyJournal(ctx, v.caller)
	})
	look(a, operation{
		name: "receipt", at: "GET /journals/{journal}/receipts/{position}", tag: tagUpkeep, summary: "自己的一条操作的存证回执",
	}, func(ctx context.Context, o *office.Office, v *visit, _ *nothing) (Receipt, error) {
		position, err := strconv.ParseInt(v.path("position"), 10, 64)
		if err != nil {
			return Receipt{}, &qiaomen.Problem{Code: qiaomen.NotFound, Text: "没有找到", Fix: "请核对编号"}
		}
		text, err := o.Receipt(ctx, v.caller, v.path("journal"), position)
		return Receipt{string(text)}, err
	})
}

// A Receipt is a receipt as docs/verify has it.
type Receipt struct {
	Receipt string `json:"receipt"`
}

var errCursor = &qiaomen.Problem{Text: "翻页的标记不对", Fix: "请从第一页看起", At: qiaomen.Place{Field: "query.cursor"}}
