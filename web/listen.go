package web

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"qiaomen"
)

// The times that a connection is given. Slow uploads and streams move their own
// deadlines as bytes come and go (body.go, handout.go).
const (
	headerTime = 10 * time.Second
	readTime   = 30 * time.Second
	writeTime  = 30 * time.Second
	idleTime   = 120 * time.Second
	mostHeader = 64 << 10
	// stopTime is how long a stop waits for what is being answered.
	stopTime = 20 * time.Second
	// mostConnections bounds the open connections, and what one address may hold.
	mostConnections = 4000
	mostFromOne     = 400
)

// A Listening is where the doors stand.
type Listening struct {
	// Address is host and port. Without Certificate it must be of this machine
	// alone, or stand behind a declared proxy.
	Address string
	// Certificate gives the newest certificate; nil: plain HTTP.
	Certificate func() (*tls.Certificate, error)
	// Metrics is where counters and profiles are shown: host and port of this
	// machine alone, or empty.
	Metrics  string
	Gatherer prometheus.Gatherer
	Proxies  []netip.Prefix
	Log      *slog.Logger
	// Started is told the address once the doors are open.
	Started func(net.Addr)
}

// Serve answers requests until ctx ends, then finishes what it is answering. It
// returns what went wrong; nil where it was stopped.
func Serve(ctx context.Context, l Listening, h http.Handler) error {
	if l.Certificate == nil && len(l.Proxies) == 0 && !ofThisMachine(l.Address) {
		return &qiaomen.Problem{
			Text: "没有证书，不能在“" + l.Address + "”上服务", Fix: "请设置 certificate 和 certificate_key，或只监听 127.0.0.1，或写明 proxies",
			At: qiaomen.Place{Field: "listen"},
		}
	}
	if l.Metrics != "" && !ofThisMachine(l.Metrics) {
		return &qiaomen.Problem{Text: "指标只能在本机上看", Fix: "请改成 127.0.0.1:端口", At: qiaomen.Place{Field: "metrics"}}
	}
	ear, err := net.Listen("tcp", l.Address)
	if err != nil {
		return &qiaomen.Problem{Text: "不能在“" + l.Address + "”上监听", Fix: "请核对地址，端口有没有被别的程序占用", At: qiaomen.Place{Field: "listen"}}
	}
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
		MaxHeaderBytes: mostHeader, ErrorLog: slog.NewLogLogger(l.Log.Handler(), slog.LevelDebug), BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	if s, ok := h.(interface{ Stop() }); ok {
		server.RegisterOnShutdown(s.Stop)
	}
	ear = newDoorkeeper(ear)
	failed := make(chan error, 2)
	if l.Certificate != nil {
		server.TLSConfig = &tls.Config{
			MinVersion:     tls.VersionTLS12,
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return l.Certificate() },
		}
		go func() { failed <- server.ServeTLS(ear, "", "") }()
	} else {
		go func() { failed <- server.Serve(ear) }()
	}
	side := l.side()
	if side != nil {
		go func() { failed <- side.ListenAndServe() }()
	}
	if l.Started != nil {
		l.Started(ear.Addr())
	}
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	stopped := server.Shutdown(stopping)
	if side != nil {
		_ = side.Close()
	}
	if errors.Is(stopped, context.DeadlineExceeded) { // who still holds on has had its time
		_ = server.Close()
		stopped = nil
	}
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, stopped)
}

// side is the listener for whoever runs the machine.
func (l *Listening) side() *http.Server {
	if l.Metrics == "" {
		return nil
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(l.Gatherer, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return &http.Server{Addr: l.Metrics, Handler: mux, ReadHeaderTimeout: headerTime}
}

// ofThisMachine tells whether an address can only be reached from here.
func ofThisMachine(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// A doorkeeper lets in so many at once, and so many from one address.
type doorkeeper struct {
	net.Listener
	places chan struct{}
	from   *crowd
}

func newDoorkeeper(l net.Listener) *doorkeeper {
	return &doorkeeper{l, make(chan struct{}, mostConnections), &crowd{count: map[netip.Addr]int{}}}
}

// Accept is the next connection that there is a place for. One of an address
// that has too many is closed at once: the others wait for theirs.
func (d *doorkeeper) Accept() (net.Conn, error) {
	for {
		d.places <- struct{}{}
		c, err := d.Listener.Accept()
		if err != nil {
			<-d.places
			return nil, err
		}
		from, ok := d.from.enter(c.RemoteAddr())
		if !ok {
			_ = c.Close()
			<-d.places
			continue
		}
		return &guest{Conn: c, leave: func() { d.from.leave(from); <-d.places }}, nil
	}
}

// Addr is where it listens.
func (d *doorkeeper) Addr() net.Addr { return d.Listener.Addr() }
