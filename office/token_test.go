package office_test

import (
	"testing"

	"qiaomen"
	"qiaomen/office"
)

func TestTokens(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		me := w.as("handler")
		form := office.TokenRequest{Name: "示例对接程序", Scope: []string{"examine", "read_published"}, Until: "2024-03-31"}
		a, secret, err := w.IssueToken(ctx, me, form)
		w.must(a, err)
		again, told, err := w.IssueToken(ctx, me, form)
		if w.must(again, err); again.ID != a.ID || told != "" {
			w.t.Errorf("again: %+v %q", again, told)
		}
		c, err := w.TokenCaller(ctx, secret)
		if err != nil || c.Account != w.people["handler"] || c.Campaign != winter || len(c.Only) != 2 {
			w.t.Fatalf("%+v: %v", c, err)
		}
		id := w.report("jixian-head", "jixian", "reserve_project", "示例石墨项目", reserve)
		w.must(w.Accept(ctx, c, id, 1))
		_, err = w.Recognise(ctx, c, office.Decision{Record: id, Version: 1}) // the person may, the token may not
		w.denies(err)
		_, _, err = w.IssueToken(ctx, c, form)
		w.denies(err)
		if list, err := w.Tokens(ctx, w.as("handler")); err != nil || len(list) != 1 || list[0].ID != a.ID {
			w.t.Errorf("%v: %v", list, err)
		}
		for _, bad := range []string{"", "qm_", "qm_x_y", secret + "x", secret[3:], "qm_" + a.ID + "_"} {
			_, err := w.TokenCaller(ctx, bad)
			w.refuses(err, "访问令牌不对")
		}
		_, err = w.RevokeToken(ctx, w.as("handler2"), a.ID)
		w.refuses(err, "没有找到")
		w.must(w.RevokeToken(ctx, w.as("handler"), a.ID))
		_, err = w.TokenCaller(ctx, secret)
		w.refuses(err, "访问令牌不对")
		_, err = w.RevokeToken(ctx, w.as("handler"), a.ID)
		w.refuses(err, "已经作废")
	})
}

func TestTokenLapses(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		issue := func() string {
			a, secret, err := w.IssueToken(ctx, w.as("handler"), office.TokenRequest{Name: "示例", Scope: []string{"examine"}, Until: "2023-12-31"})
			w.must(a, err)
			return secret
		}
		dead := func(secret string) {
			w.t.Helper()
			_, err := w.TokenCaller(ctx, secret)
			w.refuses(err, "访问令牌不对")
		}
		secret := issue()
		w.must(w.DisableAccount(ctx, w.inHouse("system"), w.people["handler"], "离岗"))
		dead(secret)
		w.must(w.EnableAccount(ctx, w.inHouse("system"), w.people["handler"]))
		if _, err := w.TokenCaller(ctx, secret); err != nil {
			w.t.Error(err)
		}
		w.now = w.now.AddDate(0, 0, 1)
		p, _, err := w.ResetFactor(ctx, w.inHouse("system"), w.people["handler"], "手机丢失")
		w.must(p, err)
		w.must(w.Approve(ctx, w.inHouse("security"), p.Proposal))
		dead(secret)
		w.now = w.now.AddDate(0, 0, 1)
		secret = issue()
		w.now = w.now.AddDate(0, 0, 20)
		dead(secret)
	})
}

func TestTokenFaults(t *testing.T) {
	both(t, qiaomen.ThreePowers, func(w *world) {
		_, _, err := w.IssueToken(ctx, w.as("handler"), office.TokenRequest{Scope: []string{"publish_rules", "no_such", "recognise", "revoke", "restore", "reopen_month"}})
		for _, want := range []string{"用途", "没有写最后一天", "“no_such”", "“恢复”要本人登录办理", "“reopen_month”"} {
			w.refuses(err, want)
		}
		_, _, err = w.IssueToken(ctx, w.as("handler"), office.TokenRequest{Name: "示例", Scope: []string{"examine"}, Until: "2024-12-13"})
		w.refuses(err, "超过一年")
		_, _, err = w.IssueToken(ctx, w.as("jixian-reporter"), office.TokenRequest{Name: "示例", Scope: []string{"draft"}, Until: "2024-03-31"})
		if err != nil {
			w.t.Error(err)
		}
		// A lent right is not for programs.
		w.must(w.lend("reviewer", qiaomen.Reviewer, "handler"))
		_, _, err = w.IssueToken(ctx, w.as("handler"), office.TokenRequest{Name: "示例", Scope: []string{"reopen_month"}, Until: "2024-03-31"})
		w.refuses(err, "“reopen_month”")
	})
}
