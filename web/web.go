// Package web is the doors over HTTP: the JSON API under /api/v1, and what
// every request passes before it gets there.
//
// A request goes one way (New):
//
//	peer      who is really there: the connection, or what a declared proxy says
//	recover   whatever goes wrong is one number for the person, and whole in the log
//	log       one line and one measurement a request, never a secret
//	bounds    sizes, rates, how many costly things at once
//	origin    nobody's page may act in another's name
//	caller    a session's cookie or a program's token; else nobody
//
// and then one method of package office, which decides. Nothing here decides
// what somebody may do. Operations are declared with huma, one line each
// (route*.go), and described at /api/v1/openapi.json; what is wrong is told in
// Chinese, as RFC 9457 has it (problem.go).
package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"qiaomen/office"
)

// Prefix is what every path of the API begins with.
const Prefix = "/api/v1"

// Options is what the doors are opened with.
type Options struct {
	Office *office.Office
	// Log gets one line a request, and every error that a person is only told
	// the number of.
	Log *slog.Logger
	// Metrics is where the counters are registered; nil: nowhere.
	Metrics prometheus.Registerer
	// Proxies may say for whom they speak (X-Forwarded-For, X-Forwarded-Proto).
	// Nobody else is believed.
	Proxies []netip.Prefix
	// Encrypted tells that the listener speaks TLS: cookies are for it alone.
	Encrypted bool
	// Rate is how many requests a second one account, or one address that has not
	// signed in, may make for long; 0: as many as it likes.
	Rate float64
	// Costly is how many exports, imports, rankings and checks run at once; 0:
	// as many as a machine of this size bears.
	Costly int
	// Ready tells what is wrong with what is served; nil: nothing is.
	Ready func(context.Context) error
	// Streams is how many streams of events one account may have open, and Stall
	// for how long a reader may not read on; 0: four, twenty seconds.
	Streams int
	Stall   time.Duration
	// Hooks sends a message to try a webhook (HookSender); nil: there are none.
	Hooks office.Sender
	// Spool is a folder for what was sent and is not done with: parts of uploads,
	// files to be imported. Empty: there is none, and they are refused.
	Spool string
	// Version is the program's.
	Version string
	// Now is the clock; nil: the machine's.
	Now func() time.Time
}

// A Server answers requests. It may be used by many goroutines.
type Server struct {
	o       Options
	handler http.Handler
	api     *api
	limits  *limits
	counted *counters
	streams *streams
	spool   *spool // nil: there is none
	imports *imports
	origin  *http.CrossOriginProtection
}

// New makes the doors of an office.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{o: o, limits: newLimits(o), counted: newCounters(o.Metrics), streams: newStreams(o), origin: http.NewCrossOriginProtection()}
	s.imports = newImports(s.costly())
	s.openSpool()
	mux := http.NewServeMux()
	s.api = s.newAPI(mux)
	s.health(mux)
	mux.HandleFunc("/", s.nowhere)
	s.origin.SetDenyHandler(http.HandlerFunc(s.foreign))
	s.handler = s.met(s.noted(s.recovered(s.bounded(s.origin.Handler(mux)))))
	return s
}

// Stop ends the streams that are being read: they would outlast any patience.
// Imports are broken off where a part of them ends, and may be gone on with.
func (s *Server) Stop() {
	s.streams.end()
	s.imports.stop()
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// nowhere answers what no operation has.
func (s *Server) nowhere(w http.ResponseWriter, r *http.Request) {
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		if method == r.Method {
			continue
		}
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := s.api.mux.Handler(other); pattern != "/" && pattern != "" {
			w.Header().Add("Allow", method)
		}
	}
	if w.Header().Get("Allow") != "" {
		s.refuse(w, r, http.StatusMethodNotAllowed, "这个地址不能这样访问", "请核对方法（GET、POST 等）")
		return
	}
	s.refuse(w, r, http.StatusNotFound, "没有这个地址", "请核对网址；接口说明在 "+Prefix+"/openapi.json")
}

// foreign answers a page of another origin that would act in somebody's name.
func (s *Server) foreign(w http.ResponseWriter, r *http.Request) {
	s.answer(w, r, errForeign())
}

func errForeign() *Problem {
	return &Problem{
		Type: problemType + wordOf(http.StatusForbidden), Title: "请求来自别的网站，已经拒绝", Status: http.StatusForbidden, Detail: "请在本系统的页面里操作",
	}
}

// health is for whoever watches over the program: whether it runs, and whether
// it can serve.
func (s *Server) health(mux *http.ServeMux) {
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if s.o.Ready != nil {
			if err := s.o.Ready(ctx); err != nil {
				s.o.Log.ErrorContext(ctx, "not ready", "error", err)
				w.WriteHeader(http.StatusServiceUnavailable)
				_, _ = w.Write([]byte("not ready\n"))
				return
			}
		}
		_, _ = w.Write([]byte("ok\n"))
	})
}
