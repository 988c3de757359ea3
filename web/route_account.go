package web

import (
	"context"
	"net/http"

	"qiaomen"
	"qiaomen/office"
)

// A NewCode is an answer that brings an account's one-time code, told once.
type NewCode struct {
	Result
	Login   string `json:"login"`
	Account string `json:"account,omitzero"`
	Person  string `json:"person,omitzero" doc:"授予角色时用的人员编号"`
	Code    string `json:"code,omitzero" doc:"一次性代码，只显示这一次"`
}

// A NewToken is an answer that brings a token, told once.
type NewToken struct {
	Result
	Token string `json:"token,omitzero" doc:"访问令牌，只显示这一次"`
}

// accountRoutes is persons, accounts and what they may.
func (a *api) accountRoutes() {
	every(a, operation{
		name: "people", at: "GET /people", action: qiaomen.ActManageAccounts, tag: tagAccount, summary: "人员、账号和角色",
	}, (*office.Office).People)
	declare(a, operation{
		name: "create_account", at: "POST /accounts", action: qiaomen.ActManageAccounts, tag: tagAccount, inPerson: true, summary: "开账号（没有任何权限）",
	}, true, func(ctx context.Context, v *visit, in *body[office.NewAccount]) (*reply[NewCode], error) {
		answer, code, err := a.o.Office.CreateAccount(ctx, v.caller, in.Body)
		return newCode(answer, code, err)
	})
	withReason(a, operation{
		name: "disable_account", at: "POST /accounts/{id}/disabling", action: qiaomen.ActManageAccounts, tag: tagAccount, inPerson: true, summary: "停用账号",
	}, (*office.Office).DisableAccount)
	actOn(a, operation{
		name: "enable_account", at: "POST /accounts/{id}/enabling", action: qiaomen.ActManageAccounts, tag: tagAccount, inPerson: true, summary: "恢复账号",
	}, (*office.Office).EnableAccount)
	declare(a, operation{
		name: "reset_factor", at: "POST /accounts/{id}/reset", action: qiaomen.ActResetFactor, tag: tagAccount, inPerson: true, proven: true,
		summary: "重置密码和第二因子：要两位管理员，批准后有新的一次性代码",
	}, true, func(ctx context.Context, v *visit, in *body[Reason]) (*reply[NewCode], error) {
		answer, code, err := a.o.Office.ResetFactor(ctx, v.caller, v.path("id"), in.Body.Reason)
		return newCode(answer, code, err)
	})
	withReason(a, operation{
		name: "unlock", at: "POST /accounts/{id}/unlocking", action: qiaomen.ActResetFactor, tag: tagAccount, inPerson: true, summary: "解锁账号",
	}, (*office.Office).Unlock)
	withReason(a, operation{
		name: "end_sessions", at: "POST /accounts/{id}/sessions-end", action: qiaomen.ActEndSessions, tag: tagAccount, inPerson: true, summary: "结束一个账号的全部会话",
	}, (*office.Office).EndSessions)

	for _, in := range []struct{ path, name string }{{inCampaign, ""}, {"", "home_"}} {
		act(a, operation{
			name: in.name + "grant_role", at: "POST " + in.path + "/grants", action: qiaomen.ActGrantRole, tag: tagAccount, inPerson: true, summary: "授予角色（两人）",
		}, nil, (*office.Office).GrantRole)
		withReason(a, operation{
			name: in.name + "remove_role", at: "POST " + in.path + "/grants/{id}/removal", action: qiaomen.ActGrantRole, tag: tagAccount, inPerson: true, summary: "收回角色",
		}, (*office.Office).RemoveRole)
	}
	act(a, operation{
		name: "delegate", at: "POST " + inCampaign + "/delegations", action: qiaomen.ActDelegate, tag: tagAccount, inPerson: true, summary: "委托自己的权限",
	}, nil, (*office.Office).Delegate)
	actOn(a, operation{
		name: "end_delegation", at: "POST " + inCampaign + "/delegations/{id}/end", action: qiaomen.ActDelegate, tag: tagAccount, inPerson: true, summary: "结束委托",
	}, (*office.Office).EndDelegation)

	look(a, operation{
		name: "policy", at: "GET /policy", tag: tagAccount, summary: "登录策略",
	}, func(ctx context.Context, o *office.Office, _ *visit, _ *nothing) (qiaomen.Policy, error) {
		return o.Policy(ctx)
	})
	act(a, operation{
		name: "set_policy", at: "PUT /policy", action: qiaomen.ActSetPolicy, tag: tagAccount, inPerson: true, proven: true, summary: "修改登录策略",
	}, nil, (*office.Office).SetPolicy)

	for _, in := range []struct{ path, name string }{{inCampaign, ""}, {"", "home_"}} {
		every(a, operation{
			name: in.name + "tokens", at: "GET " + in.path + "/tokens", action: qiaomen.ActIssueToken, tag: tagAccount, inPerson: true, summary: "自己的访问令牌",
		}, (*office.Office).Tokens)
		declare(a, operation{
			name: in.name + "issue_token", at: "POST " + in.path + "/tokens", action: qiaomen.ActIssueToken, tag: tagAccount, inPerson: true, proven: true,
			summary: "签发访问令牌：给程序用，限定事项和期限",
		}, true, func(ctx context.Context, v *visit, in *body[office.TokenRequest]) (*reply[NewToken], error) {
			answer, secret, err := a.o.Office.IssueToken(ctx, v.caller, in.Body)
			if err != nil {
				return nil, err
			}
			return &reply[NewToken]{Status: http.StatusOK, Body: NewToken{resultOf(answer).Body, secret}}, nil
		})
		actOn(a, operation{
			name: in.name + "revoke_token", at: "DELETE " + in.path + "/tokens/{id}", action: qiaomen.ActIssueToken, tag: tagAccount, inPerson: true, summary: "作废访问令牌",
		}, (*office.Office).RevokeToken)
	}
}

func newCode(answer *office.Answer, code office.FirstCode, err error) (*reply[NewCode], error) {
	if err != nil {
		return nil, err
	}
	r := resultOf(answer)
	return &reply[NewCode]{Status: r.Status, Body: NewCode{r.Body, code.Login, code.Account, code.Person, code.Code}}, nil
}
