package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"
	"github.com/go-json-experiment/json"

	"qiaomen"
	"qiaomen/blob"
	"qiaomen/office"
	"qiaomen/store"
)

// A Problem is what a client is told went wrong (RFC 9457), in Chinese.
type Problem struct {
	// Type is urn:qiaomen:problem: and a word for programs; about:blank where the
	// status says it all.
	Type   string `json:"type" doc:"给程序看的类别"`
	Title  string `json:"title" doc:"出了什么事"`
	Status int    `json:"status"`
	// Detail is what to do.
	Detail   string  `json:"detail,omitzero" doc:"该怎么办"`
	Instance string  `json:"instance,omitzero" doc:"这次请求的编号，报告问题时请告诉管理员"`
	Errors   []Fault `json:"errors,omitzero" doc:"每一处问题"`

	retry  int    // seconds
	cookie string // that is set all the same
}

// A Fault is one thing that is wrong, and where.
type Fault struct {
	Text  string `json:"text"`
	Fix   string `json:"fix,omitzero"`
	Field string `json:"field,omitzero" doc:"哪个字段，或请求的哪一部分"`
	File  string `json:"file,omitzero"`
	Line  int    `json:"line,omitzero"`
	// Column is counted in characters, from 1.
	Column int `json:"column,omitzero"`
}

const (
	problemType = "urn:qiaomen:problem:"
	mostFaults  = 100
)

// Error is the problem on one line.
func (p *Problem) Error() string { return p.Title }

// GetStatus is the status it is sent with.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is what it is sent as.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders is when to try again, where that is known, and what is set all the
// same.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retry > 0 {
		h.Set("Retry-After", strconv.Itoa(p.retry))
	}
	if p.cookie != "" {
		h.Set("Set-Cookie", p.cookie)
	}
	return h
}

// problem makes of any error what a client is told of it.
func problem(ctx context.Context, err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p.numbered(ctx)
	}
	if d, ok := errors.AsType[*office.Denied](err); ok {
		status, word := http.StatusForbidden, "denied"
		if d.Hidden {
			status, word = http.StatusNotFound, string(qiaomen.NotFound)
		}
		return spoken(status, word, d.Problem()).numbered(ctx)
	}
	status, word := statusOf(err)
	if p, ok := errors.AsType[*qiaomen.Problem](err); ok {
		out := spoken(status, word, p)
		if status == http.StatusServiceUnavailable {
			out.retry = 5
		}
		return out.numbered(ctx)
	}
	v := visitOf(ctx)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return (&Problem{Type: problemType + "busy", Title: "没有等到结果", Status: http.StatusServiceUnavailable, Detail: "请用同一个幂等键再提交一次", retry: 2}).numbered(ctx)
	}
	v.err = err
	return (&Problem{
		Type: problemType + "internal", Title: "系统出错，这次操作没有完成", Status: http.StatusInternalServerError,
		Detail: "请把编号告诉系统管理员：" + v.id,
	}).numbered(ctx)
}

func (p *Problem) numbered(ctx context.Context) *Problem {
	p.Instance = "urn:qiaomen:request:" + visitOf(ctx).id
	return p
}

// statusOf is how HTTP calls an error that a person may see.
func statusOf(err error) (int, string) {
	switch {
	case errors.Is(err, store.ErrUnknown):
		return http.StatusServiceUnavailable, "unknown_outcome"
	case errors.Is(err, store.ErrNoRoom):
		return http.StatusInsufficientStorage, "no_room"
	case errors.Is(err, store.ErrBroken), errors.Is(err, store.ErrReadOnly), errors.Is(err, store.ErrClosed):
		return http.StatusServiceUnavailable, "unavailable"
	case errors.Is(err, store.ErrTaken):
		return http.StatusConflict, string(qiaomen.Conflict)
	case errors.Is(err, office.ErrSession), errors.Is(err, office.ErrSignIn):
		return http.StatusUnauthorized, "sign_in"
	case errors.Is(err, office.ErrMust):
		return http.StatusForbidden, "change_password"
	case errors.Is(err, blob.ErrBroken), errors.Is(err, blob.ErrUnreachable): // also when it would have been written to
		return http.StatusServiceUnavailable, "unavailable"
	case errors.Is(err, blob.ErrUnwritable):
		return http.StatusInsufficientStorage, "no_room"
	case errors.Is(err, blob.ErrExpunged):
		return http.StatusGone, "expunged"
	case errors.Is(err, blob.ErrQuarantined):
		return http.StatusConflict, "quarantined"
	case errors.Is(err, blob.ErrNoView):
		return http.StatusNotFound, string(qiaomen.NotFound)
	}
	p, ok := errors.AsType[*qiaomen.Problem](err)
	if !ok {
		return http.StatusInternalServerError, "internal"
	}
	switch p.Code {
	case qiaomen.NotFound:
		return http.StatusNotFound, string(p.Code)
	case qiaomen.Conflict:
		return http.StatusConflict, string(p.Code)
	case qiaomen.Stale:
		return http.StatusPreconditionFailed, string(p.Code)
	case qiaomen.Unavailable:
		return http.StatusServiceUnavailable, string(p.Code)
	case qiaomen.TooLarge:
		return http.StatusRequestEntityTooLarge, string(p.Code)
	case qiaomen.TooMany:
		return http.StatusTooManyRequests, string(p.Code)
	case qiaomen.Unproven:
		return http.StatusForbidden, string(p.Code)
	}
	return http.StatusUnprocessableEntity, "invalid"
}

// spoken is a problem of the office as a client reads it. One alone is title and
// detail; of several the title is the first, and errors holds them all.
func spoken(status int, word string, p *qiaomen.Problem) *Problem {
	out := &Problem{Type: problemType + word, Title: p.Text, Status: status, Detail: p.Fix}
	all := append([]*qiaomen.Problem{p}, p.More...)
	if len(all) == 1 && p.At == (qiaomen.Place{}) {
		return out
	}
	if len(all) > mostFaults {
		out.Detail = "共有" + strconv.Itoa(len(all)) + "处问题，这里是前" + strconv.Itoa(mostFaults) + "处"
		all = all[:mostFaults]
	} else if len(all) > 1 {
		out.Detail = "共有" + strconv.Itoa(len(all)) + "处问题，请逐条改正"
	}
	for _, one := range all {
		out.Errors = append(out.Errors, Fault{one.Text, one.Fix, one.At.Field, one.At.File, one.At.Line, one.At.Column})
	}
	return out
}

// refuse answers a request that comes to no operation.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, status int, title, detail string) {
	s.answer(w, r, &Problem{Type: problemType + wordOf(status), Title: title, Status: status, Detail: detail})
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, p *Problem) {
	p.numbered(r.Context())
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", "application/problem+json; charset=utf-8")
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		_ = json.MarshalWrite(w, p)
	}
}

// wordOf is a status as a word of the problem's type.
func wordOf(status int) string {
	return strings.ToLower(strings.NewReplacer(" ", "_", "-", "_").Replace(http.StatusText(status)))
}

// titles are what huma's own refusals are called.
var titles = map[int][2]string{
	http.StatusBadRequest:            {"请求写得不对", "请核对内容是不是完整的 JSON，字段有没有写两次"},
	http.StatusRequestTimeout:        {"等内容等得太久", "请检查网络后再提交"},
	http.StatusRequestEntityTooLarge: {"内容太大", "请分开提交"},
	http.StatusUnsupportedMediaType:  {"不认识这种内容", "请用 Content-Type: application/json"},
	http.StatusUnprocessableEntity:   {"有的内容不对", "请逐条改正"},
	http.StatusNotAcceptable:         {"没有您要的格式", "请用 Accept: application/json"},
}

// init gives huma our words: its errors are the same for every API of a process.
func init() {
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
		for _, err := range errs {
			if p, ok := errors.AsType[*Problem](err); ok {
				return p
			}
		}
		c := context.Background()
		if ctx != nil {
			c = ctx.Context()
		}
		if status == http.StatusInternalServerError {
			return problem(c, errors.Join(append(errs, errors.New(message))...))
		}
		p := &Problem{Type: problemType + wordOf(status), Title: message, Status: status}
		if title, ok := titles[status]; ok {
			p.Title, p.Detail = title[0], title[1]
		}
		for _, err := range errs {
			f := Fault{Text: "写得不对"}
			if d, ok := err.(huma.ErrorDetailer); ok {
				f = Fault{Text: inChinese(d.ErrorDetail().Message), Field: qiaomen.Clip(d.ErrorDetail().Location)}
				if name, missing := strings.CutPrefix(f.Text, "没有写 "); missing {
					f.Field += "." + name
				}
			}
			if p.Errors = append(p.Errors, f); len(p.Errors) == mostFaults {
				break
			}
		}
		return p.numbered(c)
	}
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return huma.NewErrorWithContext(nil, status, message, errs...)
	}
	validation.MsgUnexpectedProperty = "没有这个字段"
	validation.MsgExpectedRequiredProperty = "没有写 %s"
	validation.MsgExpectedBoolean = "应是 true 或 false"
	validation.MsgExpectedNumber = "应是数字"
	validation.MsgExpectedInteger = "应是整数"
	validation.MsgExpectedString = "应是文字（加引号）"
	validation.MsgExpectedArray = "应是列表"
	validation.MsgExpectedObject = "应是对象"
	validation.MsgExpectedOneOf = "应是其中之一：%s"
	validation.MsgExpectedMinimumNumber = "不能小于 %v"
	validation.MsgExpectedMaximumNumber = "不能大于 %v"
	validation.MsgExpectedMinLength = "至少 %d 个字"
	validation.MsgExpectedMaxLength = "最多 %d 个字"
	validation.MsgExpectedMinItems = "至少 %d 项"
	validation.MsgExpectedMaxItems = "最多 %d 项"
	validation.MsgExpectedMatchPattern = "写法不对，应符合 %s"
	validation.MsgExpectedBePattern = "写法不对，应是 %s"
	validation.MsgExpectedRFC3339Date = "应是日期，如 2024-01-25"
	validation.MsgExpectedRFC3339DateTime = "应是时间，如 2024-01-25T17:00:00+08:00"
}

// inChinese is what huma says in words that it does not let us set.
func inChinese(message string) string {
	switch {
	case message == "unknown query parameter":
		return "没有这个参数"
	case strings.HasPrefix(message, "required ") && strings.HasSuffix(message, "is missing"):
		return "没有写"
	case strings.HasPrefix(message, "invalid "):
		return "写法不对"
	case message == "request body is required":
		return "没有内容"
	case strings.HasPrefix(message, "json: "), strings.HasPrefix(message, "jsontext: "):
		return jsonFault(message)
	}
	return message
}

// jsonFault is what is wrong with a text that is no JSON of ours. What it says
// of the place is kept; what it quotes is not.
func jsonFault(message string) string {
	switch {
	case strings.Contains(message, "duplicate object member name"):
		return "同一个字段写了两次"
	case strings.Contains(message, "unknown object member name"):
		return "有不认识的字段"
	case strings.Contains(message, "invalid UTF-8"):
		return "不是 UTF-8 文字"
	case message == "jsontext: null":
		return "应是对象，其中没有 null；没有的请不要写"
	case strings.Contains(message, "unexpected EOF"):
		return "内容不完整"
	}
	return "不是完整的 JSON"
}
