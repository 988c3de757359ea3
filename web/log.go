package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// A watched writer knows what was answered.
type watched struct {
	http.ResponseWriter
	status int
	size   int64
}

func (w *watched) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
		if kind := w.Header().Get("Content-Type"); kind == "application/json" || kind == "application/problem+json" {
			w.Header().Set("Content-Type", kind+"; charset=utf-8")
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	n, err := w.ResponseWriter.Write(b)
	w.size += int64(n)
	return n, err
}

// Unwrap lets deadlines and flushes through.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// noted writes one line a request. Paths have ids and queries have names of
// companies: the line has the operation instead, and no header at all.
func (s *Server) noted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, begun := visitOf(r.Context()), time.Now()
		out := &watched{ResponseWriter: w}
		s.counted.open.Inc()
		defer func() {
			s.counted.open.Dec()
			if out.status == 0 {
				out.status = http.StatusOK
			}
			took := time.Since(begun)
			s.counted.requests.WithLabelValues(v.operation, strconv.Itoa(out.status)).Inc()
			s.counted.seconds.WithLabelValues(v.operation).Observe(took.Seconds())
			level := slog.LevelInfo
			if out.status >= http.StatusInternalServerError {
				level = slog.LevelError
			}
			attrs := []slog.Attr{
				slog.String("request", v.id), slog.String("from", v.address.String()), slog.String("method", r.Method),
				slog.String("operation", v.operation), slog.Int("status", out.status), slog.Int64("bytes", out.size),
				slog.Duration("took", took), slog.String("account", v.caller.Account), slog.String("campaign", v.caller.Campaign),
			}
			if v.err != nil {
				attrs = append(attrs, slog.String("error", v.err.Error()))
			}
			s.o.Log.LogAttrs(r.Context(), level, "request", attrs...)
		}()
		next.ServeHTTP(out, r)
	})
}

// recovered makes a panic one more error that a person is told the number of.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so
				panic(p)
			}
			err := fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			if out, ok := w.(*watched); ok && out.status != 0 { // half an answer is none
				visitOf(r.Context()).err = err
				panic(http.ErrAbortHandler)
			}
			s.answer(w, r, problem(r.Context(), err))
		}()
		next.ServeHTTP(w, r)
	})
}

// counters is what the metrics listener shows.
type counters struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	open     prometheus.Gauge
}

func newCounters(r prometheus.Registerer) *counters {
	c := &counters{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "qiaomen_requests_total", Help: "Requests answered, by operation and status.",
		}, []string{"operation", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "qiaomen_request_seconds", Help: "Time to answer, by operation.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"operation"}),
		open: prometheus.NewGauge(prometheus.GaugeOpts{Name: "qiaomen_requests_open", Help: "Requests being answered."}),
	}
	if r != nil {
		r.MustRegister(c.requests, c.seconds, c.open)
	}
	return c
}
