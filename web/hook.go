package web

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"qiaomen"
	"qiaomen/office"
)

// HookOptions is how webhooks are sent.
type HookOptions struct {
	// Hosts is where they may go.
	Hosts *office.WebhookHosts
	// Roots is who signs receivers' certificates; nil: whom the system trusts.
	Roots *x509.CertPool
	// Resolver finds the addresses of a host; nil: the machine's.
	Resolver interface {
		LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
	}
}

const (
	hookDialTime   = 5 * time.Second
	hookAnswerTime = 10 * time.Second
	// mostAnswer is how much of an answer is read; nothing of it is shown.
	mostAnswer = 4 << 10
)

var (
	errAnywhere = &qiaomen.Problem{Text: "对方的地址不在允许的范围"}
	errNoName   = &qiaomen.Problem{Text: "查不到对方主机的地址"}
	errNoDial   = &qiaomen.Problem{Text: "连不上对方"}
	errTLS      = &qiaomen.Problem{Text: "对方的证书不可信"}
	errTime     = &qiaomen.Problem{Text: "对方没有按时回答"}
	errGone     = fmt.Errorf("%w %w", &qiaomen.Problem{Text: "对方说已经不再接收（410）"}, office.ErrGone)
)

// HookSender sends webhooks' messages: to hosts that are named, over connections
// to addresses that were looked at and are not looked up again, through no proxy
// and following nobody elsewhere.
func HookSender(o HookOptions) office.Sender {
	if o.Resolver == nil {
		o.Resolver = net.DefaultResolver
	}
	client := &http.Client{
		Transport: &http.Transport{
			DialContext: o.dial, TLSClientConfig: &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: hookDialTime, ResponseHeaderTimeout: hookAnswerTime, IdleConnTimeout: 30 * time.Second,
			MaxIdleConnsPerHost: 1, MaxResponseHeaderBytes: 16 << 10, DisableCompression: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return func(ctx context.Context, m *office.Message) error {
		if _, _, wrong := o.Hosts.Address(m.URL); wrong != nil { // the configuration may have changed
			return wrong
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, m.URL, bytes.NewReader(m.Body))
		if err != nil {
			return err
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("User-Agent", "qiaomen")
		r.Header.Set("webhook-id", m.ID)
		r.Header.Set("webhook-timestamp", m.Timestamp)
		r.Header.Set("webhook-signature", m.Signature)
		answer, err := client.Do(r)
		if err != nil {
			return unsent(err)
		}
		defer answer.Body.Close()
		_, _ = io.CopyN(io.Discard, answer.Body, mostAnswer)
		switch {
		case answer.StatusCode/100 == 2:
			return nil
		case answer.StatusCode == http.StatusGone:
			return errGone
		case answer.StatusCode/100 == 3:
			return &qiaomen.Problem{Text: "对方要转到别的网址（" + strconv.Itoa(answer.StatusCode) + "），推送不跟去"}
		}
		return &qiaomen.Problem{Text: "对方回答 " + strconv.Itoa(answer.StatusCode)}
	}
}

// dial connects to a host. Its addresses are looked up once; if any of them is
// not to be connected to, none is.
func (o HookOptions) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, number, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return nil, err
	}
	var addresses []netip.Addr
	if a, err := netip.ParseAddr(host); err == nil {
		addresses = []netip.Addr{a}
	} else if addresses, err = o.Resolver.LookupNetIP(ctx, "ip", host); err != nil || len(addresses) == 0 {
		return nil, errNoName
	}
	for _, a := range addresses {
		if !o.Hosts.Admits(host, a, uint16(port)) {
			return nil, errAnywhere
		}
	}
	dialer := net.Dialer{Timeout: hookDialTime}
	for _, a := range addresses {
		conn, err := dialer.DialContext(ctx, network, netip.AddrPortFrom(a.Unmap(), uint16(port)).String())
		if err == nil {
			return conn, nil
		}
	}
	return nil, errNoDial
}

// unsent is why a message did not arrive, as its owner is told: nothing that
// would let them feel their way through the network.
func unsent(err error) error {
	if p, ok := errors.AsType[*qiaomen.Problem](err); ok {
		return p
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return errTLS
	}
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return errTime
	}
	return errNoDial
}
