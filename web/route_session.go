package web

import (
	"context"
	"net/http"
	"time"

	"qiaomen/office"
)

// deviceLasts is for how long a browser is known again.
const deviceLasts = 400 * 24 * time.Hour

// A SignIn is what somebody signs in with.
type SignIn struct {
	Login    string `json:"login"`
	Password string `json:"password"`
	Code     string `json:"code,omitzero" doc:"验证器上的六位数字"`
}

// A SignedIn is who has signed in, and until when.
type SignedIn struct {
	Account  string   `json:"account"`
	Person   string   `json:"person"`
	Until    string   `json:"until"`
	Must     string   `json:"must,omitzero" doc:"password：先改密码，才能办别的事"`
	Warnings []string `json:"warnings,omitzero"`
}

// A FirstSignIn uses up a one-time code, and sets a password.
type FirstSignIn struct {
	Login     string `json:"login"`
	FirstCode string `json:"first_code" doc:"管理员给的一次性代码"`
	Password  string `json:"password" doc:"您自己定的密码"`
}

// An Enrolment is a second factor to be put into an authenticator.
type Enrolment struct {
	Secret string `json:"secret,omitzero"`
	URI    string `json:"uri,omitzero" doc:"otpauth:// 地址，可以做成二维码"`
}

// A Proof is a password, asked again.
type Proof struct {
	Password string `json:"password"`
	Code     string `json:"code,omitzero"`
}

// A PasswordChange is a new password in place of the present one.
type PasswordChange struct {
	Current   string `json:"current"`
	Code      string `json:"code,omitzero"`
	New       string `json:"new"`
	EndOthers bool   `json:"end_others,omitzero" doc:"同时结束在别处的登录"`
}

// A FactorCode is a number off an authenticator.
type FactorCode struct {
	Code string `json:"code"`
}

// A cookied reply sets cookies.
type cookied[T any] struct {
	SetCookie []string `header:"Set-Cookie"`
	Status    int
	Body      T
}

// sessionRoutes is signing in and what belongs to it. Every way in is here:
// password with the second factor, the one-time code that begins an account, and
// tokens, which whoever has signed in issues (route_account.go).
func (a *api) sessionRoutes() {
	declare(a, operation{
		name: "sign_in", at: "POST /session", tag: tagSignIn, free: true, summary: "登录",
	}, false, func(ctx context.Context, v *visit, in *body[SignIn]) (*cookied[SignedIn], error) {
		s, err := a.o.Office.SignIn(ctx, v.source, office.SigningIn{Login: in.Body.Login, Password: in.Body.Password, Code: in.Body.Code})
		if err != nil {
			return nil, err
		}
		out := &cookied[SignedIn]{Status: http.StatusOK, Body: SignedIn{s.Account, s.Person, s.Until, s.Must, s.Warnings}}
		out.SetCookie = append(out.SetCookie, v.cookie(sessionCookie, s.Session, 0))
		if s.Device != "" {
			out.SetCookie = append(out.SetCookie, v.cookie(deviceCookie, s.Device, deviceLasts))
		}
		return out, nil
	})
	declare(a, operation{
		name: "first_sign_in", at: "POST /first-sign-in", tag: tagSignIn, free: true, summary: "第一次登录：用一次性代码定密码、绑定验证器",
	}, false, func(ctx context.Context, v *visit, in *body[FirstSignIn]) (*reply[Enrolment], error) {
		e, err := a.o.Office.TakeUp(ctx, v.source, office.TakingUp{Login: in.Body.Login, FirstCode: in.Body.FirstCode, Password: in.Body.Password})
		return enrolled(e, err)
	})
	look(a, operation{
		name: "session", at: "GET /session", tag: tagSignIn, inPerson: true, must: true, summary: "现在的登录",
	}, func(_ context.Context, _ *office.Office, v *visit, _ *nothing) (*office.Session, error) {
		return v.session, nil
	})
	declare(a, operation{
		name: "sign_out", at: "DELETE /session", tag: tagSignIn, inPerson: true, must: true, summary: "退出登录",
	}, false, func(ctx context.Context, v *visit, _ *nothing) (*cookied[nothing], error) {
		if err := a.o.Office.SignOut(ctx, v.source, v.secret); err != nil {
			return nil, err
		}
		return &cookied[nothing]{Status: http.StatusOK, SetCookie: []string{v.cookie(sessionCookie, "", 0)}}, nil
	})
	declare(a, operation{
		name: "prove", at: "POST /session/proof", tag: tagSignIn, inPerson: true, summary: "再输入一次密码，以便办理要紧的事",
	}, false, func(ctx context.Context, v *visit, in *body[Proof]) (*cookied[nothing], error) {
		secret, err := a.o.Office.Prove(ctx, v.source, v.secret, in.Body.Password, in.Body.Code)
		return v.renewed(ctx, secret, err)
	})
	declare(a, operation{
		name: "change_password", at: "PUT /session/password", tag: tagSignIn, inPerson: true, must: true, summary: "改密码",
	}, false, func(ctx context.Context, v *visit, in *body[PasswordChange]) (*cookied[nothing], error) {
		b := in.Body
		secret, err := a.o.Office.ChangePassword(ctx, v.source, v.secret, office.PasswordChange{Current: b.Current, Code: b.Code, New: b.New, EndOthers: b.EndOthers})
		return v.renewed(ctx, secret, err)
	})
	declare(a, operation{
		name: "new_factor", at: "POST /session/factor", tag: tagSignIn, inPerson: true, summary: "换一个验证器：先验证密码和现在的验证码",
	}, false, func(ctx context.Context, v *visit, in *body[Proof]) (*reply[Enrolment], error) {
		e, err := a.o.Office.NewFactor(ctx, v.source, v.secret, in.Body.Password, in.Body.Code)
		return enrolled(e, err)
	})
	declare(a, operation{
		name: "confirm_factor", at: "PUT /session/factor", tag: tagSignIn, inPerson: true, summary: "用新验证器上的数字确认",
	}, false, func(ctx context.Context, v *visit, in *body[FactorCode]) (*reply[nothing], error) {
		if err := a.o.Office.ConfirmFactor(ctx, v.source, v.secret, in.Body.Code); err != nil {
			return nil, err
		}
		return &reply[nothing]{Status: http.StatusOK}, nil
	})
	all(a, operation{
		name: "sessions", at: "GET /sessions", tag: tagSignIn, inPerson: true, summary: "自己在各处的登录",
	}, func(ctx context.Context, o *office.Office, v *visit, _ *nothing) ([]office.Session, error) {
		return o.Sessions(ctx, v.caller, v.session.ID)
	})
	actOn(a, operation{
		name: "end_session", at: "DELETE /sessions/{id}", tag: tagSignIn, inPerson: true, summary: "结束自己的一个登录",
	}, func(o *office.Office, ctx context.Context, by office.Caller, id string) (*office.Answer, error) {
		return o.EndSession(ctx, by, visitOf(ctx).session.ID, id)
	})
	declare(a, operation{
		name: "end_other_sessions", at: "DELETE /sessions", tag: tagSignIn, inPerson: true, summary: "结束自己在别处的登录",
	}, true, func(ctx context.Context, v *visit, _ *nothing) (*reply[Result], error) {
		answer, err := a.o.Office.EndSession(ctx, v.caller, v.session.ID, "")
		if err != nil {
			return nil, err
		}
		return resultOf(answer), nil
	})
}

func enrolled(e *office.Enrolment, err error) (*reply[Enrolment], error) {
	if err != nil {
		return nil, err
	}
	return &reply[Enrolment]{Status: http.StatusOK, Body: Enrolment{e.Secret, e.URI}}, nil
}

// renewed hands over a session's new secret, the old one being dead: also where
// what was asked came to nothing after the password had been found right.
func (v *visit) renewed(ctx context.Context, secret string, err error) (*cookied[nothing], error) {
	if err != nil && secret != "" {
		p := problem(ctx, err)
		p.cookie = v.cookie(sessionCookie, secret, 0)
		return nil, p
	}
	if err != nil {
		return nil, err
	}
	return &cookied[nothing]{Status: http.StatusOK, SetCookie: []string{v.cookie(sessionCookie, secret, 0)}}, nil
}
