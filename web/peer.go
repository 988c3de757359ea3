package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"qiaomen/office"
)

// A visit is one request as the doors know it.
type visit struct {
	id        string // by which a person and the log speak of it
	address   netip.Addr
	encrypted bool
	source    office.Source

	operation string // once it is known
	caller    office.Caller
	session   *office.Session
	secret    string // of the session
	path      func(name string) string
	person    string
	err       error // what a person is only told the number of

	// r and w are the request itself, for operations whose bodies or answers are
	// files (body.go, handout.go).
	r *http.Request
	w http.ResponseWriter
}

type visitKey struct{}

// visitOf is the visit of a request's context. There is always one.
func visitOf(ctx context.Context) *visit {
	v, _ := ctx.Value(visitKey{}).(*visit)
	if v == nil {
		v = &visit{}
	}
	return v
}

// met finds out who is there, and numbers the request. A number that a client
// sends is not taken: it could be another's.
func (s *Server) met(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{id: newVisitID(), encrypted: r.TLS != nil || s.o.Encrypted}
		v.address = s.peer(r, v)
		h := w.Header()
		h.Set("Request-Id", v.id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
		h.Set("X-Frame-Options", "DENY") // for browsers that know no frame-ancestors
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if v.encrypted {
			h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), visitKey{}, v)))
	})
}

func newVisitID() string {
	b := make([]byte, 12)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// peer is whose connection it is, or for whom a declared proxy speaks: the last
// address in the row that is no proxy of ours.
func (s *Server) peer(r *http.Request, v *visit) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	address, _ := netip.ParseAddr(host)
	address = address.Unmap().WithZone("")
	if !s.proxied(address) {
		return address
	}
	v.encrypted = strings.EqualFold(strings.TrimSpace(last(r.Header.Values("X-Forwarded-Proto"))), "https")
	row := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(row) - 1; i >= 0; i-- {
		one, err := netip.ParseAddr(strings.TrimSpace(row[i]))
		if err != nil {
			break
		}
		if address = one.Unmap().WithZone(""); !s.proxied(address) {
			break
		}
	}
	return address
}

func (s *Server) proxied(a netip.Addr) bool {
	for _, p := range s.o.Proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

func last(values []string) string {
	if len(values) == 0 {
		return ""
	}
	parts := strings.Split(values[len(values)-1], ",")
	return parts[len(parts)-1]
}

// source is where the request comes from, as the office wants to know it.
func source(r *http.Request, v *visit) office.Source {
	src := office.Source{Address: v.address.String(), Request: v.id}
	if c, err := r.Cookie(cookieName(deviceCookie, v.encrypted)); err == nil {
		src.Device = c.Value
	}
	return src
}
