package web

import (
	"net/http"
	"runtime"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// burst is for how many seconds' worth of requests one may be quick.
	burst = 10
	// mostKnown bounds whom the limits remember; then those forgotten begin anew.
	mostKnown = 10_000
	// triesPerMinute is how often one address may try to sign in; the office
	// counts for each account besides.
	triesPerMinute = 60
	mostHeaders    = 200
	mostQuery      = 8 << 10
)

// A limits keeps anybody from asking more than their part: an account, or an
// address that has not signed in.
type limits struct {
	rate rate.Limit
	now  func() time.Time

	mu    sync.Mutex
	known map[string]*rate.Limiter
	tries map[string]*rate.Limiter
}

func newLimits(o Options) *limits {
	return &limits{rate: rate.Limit(o.Rate), now: o.Now, known: map[string]*rate.Limiter{}, tries: map[string]*rate.Limiter{}}
}

// take takes one request from what the visitor has left.
func (l *limits) take(op operation, v *visit) error {
	if op.tag == tagSignIn && op.free {
		if err := l.from(l.tries, v.subscriber(), rate.Limit(triesPerMinute)/60, triesPerMinute); err != nil {
			return err
		}
	}
	if l.rate == 0 {
		return nil
	}
	return l.from(l.known, v.account(), l.rate, int(l.rate*burst)+1)
}

func (l *limits) from(known map[string]*rate.Limiter, who string, each rate.Limit, most int) error {
	l.mu.Lock()
	one := known[who]
	if one == nil {
		if len(known) >= mostKnown {
			clear(known)
		}
		one = rate.NewLimiter(each, most)
		known[who] = one
	}
	l.mu.Unlock()
	now := l.now()
	r := one.ReserveN(now, 1)
	if wait := r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		return &Problem{
			Type: problemType + "too_many", Title: "请求太频繁", Status: http.StatusTooManyRequests,
			Detail: "请稍等再试，填写的内容没有丢失", retry: int(wait/time.Second) + 1,
		}
	}
	return nil
}

// costly is how many costly operations run at once.
func (s *Server) costly() int {
	if s.o.Costly > 0 {
		return s.o.Costly
	}
	return max(1, runtime.NumCPU()/2)
}

// bounded refuses what no client of ours sends.
func (s *Server) bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := visitOf(r.Context())
		if len(r.TransferEncoding) > 0 { // what follows a body of unsaid length is not read as another request
			w.Header().Set("Connection", "close")
		}
		switch {
		case s.proxiedPlain(r, v):
			s.refuse(w, r, http.StatusForbidden, "只能用 https 访问", "请把网址开头改成 https://")
		case len(r.Header) > mostHeaders:
			s.refuse(w, r, http.StatusRequestHeaderFieldsTooLarge, "请求头太多", "")
		case len(r.URL.RawQuery) > mostQuery:
			s.refuse(w, r, http.StatusRequestURITooLong, "网址太长", "请减少条件")
		case r.Header.Get("Content-Encoding") != "" && r.Header.Get("Content-Encoding") != "identity":
			s.refuse(w, r, http.StatusUnsupportedMediaType, "不收压缩过的内容", "请去掉 Content-Encoding")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// proxiedPlain tells whether a declared proxy says that its client speaks plain
// HTTP. Where TLS ends at the proxy, nothing else does.
func (s *Server) proxiedPlain(r *http.Request, v *visit) bool {
	return len(s.o.Proxies) > 0 && !v.encrypted && r.Header.Get("X-Forwarded-Proto") != ""
}
