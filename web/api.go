package web

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/office"
)

// An api is the operations and what they have in common.
type api struct {
	*Server
	huma  huma.API
	mux   *http.ServeMux
	rooms chan struct{} // of costly operations
	flow  inFlight
	ops   []operation
}

// An operation is one line of the API: what is done, where, by which right.
type operation struct {
	// name is its id in the description, unique.
	name string
	// at is method and path below the prefix, "POST /campaigns/{campaign}/records".
	at      string
	action  qiaomen.Action // whose right is asked; none where that depends on what is decided, or anybody may
	all     qiaomen.Action // is asked instead where no unit is named; none: the same
	summary string
	tag     string
	// free: whoever has signed in may, or nobody has to have.
	free bool
	// costly: few run at once.
	costly bool
	// proven: the password was asked again a short while ago.
	proven bool
	// most is how many bytes of a body are read; 0: usualBody.
	most int64
	// inPerson: whoever has signed in may, no program.
	inPerson bool
	// must: it can be done even before a password that is too old is changed.
	must bool
}

const (
	usualBody    = 1 << 20
	bodyTime     = 20 * time.Second
	mostID       = 200
	bearer       = "bearer"
	cookieScheme = "session"
)

// newAPI declares every operation.
func (s *Server) newAPI(mux *http.ServeMux) *api {
	config := huma.DefaultConfig("敲门", s.o.Version)
	config.DocsPath, config.SchemasPath, config.OpenAPIPath = "", "", ""
	config.CreateHooks = nil
	config.RejectUnknownQueryParameters = true
	config.Formats = map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat}
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	config.Components.Schemas.RegisterTypeAlias(reflect.TypeFor[jsontext.Value](), reflect.TypeFor[map[string]any]())
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		bearer:       {Type: "http", Scheme: "bearer", Description: "访问令牌，登录后在“我的令牌”里签发"},
		cookieScheme: {Type: "apiKey", In: "cookie", Name: cookieName(sessionCookie, true), Description: "登录后的会话"},
	}
	config.Info.Description = "招商活动的上报、认定、计分、排名和通报。出错时按 RFC 9457 回答，文字是中文。"
	config.Servers = []*huma.Server{{URL: Prefix}}
	a := &api{Server: s, mux: mux, rooms: make(chan struct{}, s.costly())}
	a.huma = huma.NewAPI(config, humago.NewAdapter(mux, Prefix))
	a.routes()
	describe := sync.OnceValues(func() ([]byte, error) { return json.Marshal(a.huma.OpenAPI(), json.Deterministic(true)) })
	mux.HandleFunc("GET "+Prefix+"/openapi.json", func(w http.ResponseWriter, r *http.Request) {
		description, err := describe()
		if err != nil {
			s.answer(w, r, problem(r.Context(), err))
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(description)
	})
	return a
}

// schemaName is a type's name with its package before it: two may have an Entry.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	of := t.PkgPath()[strings.LastIndexByte(t.PkgPath(), '/')+1:]
	if of == "web" || of == "" {
		return name
	}
	return strings.ToUpper(of[:1]) + of[1:] + name
}

// answers is room for answers that are being written, and mostAnswerKept how much of
// it is kept.
var answers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

const mostAnswerKept = 1 << 20

// notInert is what a page or a script could take for its own within JSON, where
// it stands in strings alone.
var notInert = []struct{ is, written string }{
	{"<", `\u003c`}, {">", `\u003e`}, {"&", `\u0026`}, {"\u2028", `\u2028`}, {"\u2029", `\u2029`},
}

// inert is JSON with that written by number. Most answers have none of it: one
// look for each is quicker than asking every character.
func inert(text []byte) []byte {
	for _, n := range notInert {
		if bytes.Contains(text, []byte(n.is)) {
			text = bytes.ReplaceAll(text, []byte(n.is), []byte(n.written))
		}
	}
	return text
}

// jsonFormat is strict: a field that is written twice, or that nobody knows, is
// a fault, whoever reads the same text elsewhere.
var jsonFormat = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		b := answers.Get().(*bytes.Buffer)
		defer answers.Put(b)
		b.Reset()
		if err := json.MarshalWrite(b, v, json.Deterministic(true), json.FormatNilSliceAsNull(false)); err != nil {
			return err
		}
		_, err := w.Write(inert(b.Bytes()))
		if b.Cap() > mostAnswerKept {
			*b = bytes.Buffer{}
		}
		return err
	},
	Unmarshal: func(data []byte, v any) error {
		if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
			return fmt.Errorf("jsontext: byte-order mark")
		}
		if err := json.Unmarshal(data, v, json.RejectUnknownMembers(true)); err != nil {
			return err
		}
		if tree, ok := v.(*any); ok && hasNull(*tree) { // what is not there is not written
			return errors.New("jsontext: null")
		}
		return nil
	},
}

// hasNull tells whether a member of a body is null. Of a record's fields the
// office tells which one it is.
func hasNull(tree any) bool {
	object, ok := tree.(map[string]any)
	for _, v := range object {
		if v == nil {
			return true
		}
		if list, ok := v.([]any); ok && slices.Contains(list, nil) {
			return true
		}
	}
	return !ok
}

// A body is what a request carries.
type body[B any] struct{ Body B }

type nothing struct{}

// A reply is an answer with its status.
type reply[T any] struct {
	Status int
	ETag   string `header:"ETag"`
	Body   T
}

// A Result is what an act came to.
type Result struct {
	ID       string `json:"id" doc:"做成或办理的那一件的编号"`
	Proposal string `json:"proposal,omitzero" doc:"还要等另一人批准时，待办事项的编号"`
	First    int64  `json:"first,omitzero" doc:"存证日志里的第一个位置"`
	Last     int64  `json:"last,omitzero" doc:"存证日志里的最后一个位置"`
	Again    bool   `json:"again,omitzero" doc:"同一个幂等键先前已经办过"`
	Receipt  string `json:"receipt,omitzero" doc:"存证回执（见 docs/verify）"`
	Note     string `json:"note,omitzero" doc:"已经封存、还没有办完的，这里说明"`
}

func resultOf(a *office.Answer) *reply[Result] {
	out := &reply[Result]{Status: http.StatusOK, Body: Result{a.ID, a.Proposal, a.First, a.Last, a.Again, string(a.Receipt), a.Note}}
	if a.Proposal != "" {
		out.Status = http.StatusAccepted
	}
	return out
}

// A List is some of many things, and where the next begin.
type List[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitzero" doc:"下一页的 cursor；没有就是最后一页"`
}

// act declares an operation that does something, with a body. id is where the
// body has the id that the path ends in, if it does.
func act[B any](a *api, op operation, id func(*B) *string, do func(*office.Office, context.Context, office.Caller, B) (*office.Answer, error)) {
	named := ""
	if id != nil {
		optional(a, reflect.TypeFor[B](), memberOf(id))
		names := pathNames(op.at)
		named = names[len(names)-1]
	}
	declare(a, op, true, func(ctx context.Context, v *visit, in *body[B]) (*reply[Result], error) {
		if id != nil {
			field := id(&in.Body)
			if *field != "" && *field != v.path(named) {
				return nil, errTwoIDs
			}
			*field = v.path(named)
		}
		answer, err := do(a.o.Office, ctx, v.caller, in.Body)
		if err != nil {
			return nil, err
		}
		return resultOf(answer), nil
	})
}

// actOn declares an operation that does something to the thing of the path.
func actOn(a *api, op operation, do func(*office.Office, context.Context, office.Caller, string) (*office.Answer, error)) {
	declare(a, op, true, func(ctx context.Context, v *visit, _ *nothing) (*reply[Result], error) {
		answer, err := do(a.o.Office, ctx, v.caller, v.path("id"))
		if err != nil {
			return nil, err
		}
		return resultOf(answer), nil
	})
}

// look declares an operation that reads. Q is its query.
func look[Q, T any](a *api, op operation, see func(ctx context.Context, o *office.Office, v *visit, q *Q) (T, error)) {
	declare(a, op, false, func(ctx context.Context, v *visit, q *Q) (*reply[T], error) {
		out, err := see(ctx, a.o.Office, v, q)
		if err != nil {
			return nil, err
		}
		return &reply[T]{Status: http.StatusOK, Body: out}, nil
	})
}

// all declares an operation that reads things of one sort.
func all[Q, T any](a *api, op operation, see func(ctx context.Context, o *office.Office, v *visit, q *Q) ([]T, error)) {
	look(a, op, func(ctx context.Context, o *office.Office, v *visit, q *Q) (List[T], error) {
		items, err := see(ctx, o, v, q)
		return List[T]{Items: items}, err
	})
}

// declare adds an operation to the API. Every operation comes through here.
func declare[I, O any](a *api, op operation, writes bool, handle func(context.Context, *visit, *I) (*O, error)) {
	method, path, _ := strings.Cut(op.at, " ")
	h := huma.Operation{
		OperationID: op.name, Method: method, Path: path, Summary: op.summary, Tags: []string{op.tag},
		MaxBodyBytes: usualBody, BodyReadTimeout: bodyTime, DefaultStatus: http.StatusOK,
		Security:    []map[string][]string{{cookieScheme: {}}, {bearer: {}}},
		Middlewares: huma.Middlewares{a.enter(op, writes)},
		Extensions:  map[string]any{"x-action": op.action.String()},
	}
	if op.all != 0 {
		h.Extensions["x-action-of-all"] = op.all.String()
	}
	if op.most > 0 {
		h.MaxBodyBytes = op.most
	}
	if op.free {
		h.Security = append(h.Security, map[string][]string{})
	}
	if op.inPerson {
		h.Security = []map[string][]string{{cookieScheme: {}}}
	}
	for _, name := range pathNames(path) {
		h.Parameters = append(h.Parameters, &huma.Param{Name: name, In: "path", Required: true, Schema: &huma.Schema{Type: "string"}})
	}
	if writes {
		h.Parameters = append(h.Parameters, &huma.Param{
			Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: "string"}, Description: "同一件事再提交一次时用同一个键，只办一次",
		})
	}
	h.Responses = map[string]*huma.Response{"default": {
		Description: "出错了（RFC 9457）",
		Content: map[string]*huma.MediaType{"application/problem+json": {
			Schema: a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, ""),
		}},
	}}
	a.ops = append(a.ops, op)
	huma.Register(a.huma, h, func(ctx context.Context, in *I) (*O, error) {
		v := visitOf(ctx)
		if op.costly {
			done, err := a.room(ctx)
			if err != nil {
				return nil, problem(ctx, err)
			}
			defer done()
		}
		if writes && v.caller.Key != "" {
			done, err := a.flow.enter(v.caller.Account+"\x00"+v.caller.Campaign+"\x00"+v.caller.Key, op.name)
			if err != nil {
				return nil, problem(ctx, err)
			}
			defer done()
		}
		out, err := handle(ctx, v, in)
		if err != nil {
			return nil, problem(ctx, err)
		}
		return out, nil
	})
}

var inBraces = regexp.MustCompile(`\{([a-z_]+)\}`)

func pathNames(path string) (names []string) {
	for _, m := range inBraces.FindAllStringSubmatch(path, -1) {
		names = append(names, m[1])
	}
	return names
}

// optional takes out of what a body must have what the path or a header has.
func optional(a *api, t reflect.Type, names ...string) {
	schemas := a.huma.OpenAPI().Components.Schemas
	s := schemas.SchemaFromRef(schemas.Schema(t, true, "").Ref)
	s.Required = slices.DeleteFunc(s.Required, func(r string) bool { return slices.Contains(names, r) })
	s.PrecomputeMessages()
}

// memberOf is how JSON calls the member of a body that id points at.
func memberOf[B any](id func(*B) *string) string {
	var b B
	address := reflect.ValueOf(id(&b)).Pointer()
	v := reflect.ValueOf(&b).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.String && f.Addr().Pointer() == address {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			return name
		}
	}
	panic("a body's id must be one of its own members")
}

// version is the version of If-Match, which names one as ETag did; 0: none.
func version(tag string) (int, error) {
	if tag == "" {
		return 0, nil
	}
	inner, found := strings.CutPrefix(strings.TrimSuffix(tag, `"`), `"v`)
	n, err := strconv.Atoi(inner)
	if !found || err != nil || n < 1 {
		return 0, errTag
	}
	return n, nil
}

func versionTag(n int) string { return `"v` + strconv.Itoa(n) + `"` }

// cursor is a place in a list as a client carries it: nothing to be read.
func cursor(place string) string {
	if place == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString([]byte(place))
}

func fromCursor(c string) (string, error) {
	place, err := base64.RawURLEncoding.DecodeString(c)
	if err != nil {
		return "", &qiaomen.Problem{Text: "翻页的标记不对", Fix: "请从第一页看起", At: qiaomen.Place{Field: "query.cursor"}}
	}
	return string(place), nil
}
