package blob

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"qiaomen"
)

// connect makes the client of a Bucket. Nothing is sent yet. It goes to the one
// address it was told: by no proxy, and no redirect is followed.
func connect(o BucketOptions) (*minio.Core, error) {
	endpoint, err := parseEndpoint(o.Endpoint, o.Plain)
	if err != nil {
		return nil, err
	}
	if o.AccessKey == "" || o.SecretKey == "" {
		return nil, &qiaomen.Problem{Text: "没有对象存储的访问密钥", Fix: "请设置访问密钥和它的密码"}
	}
	roots, err := rootsWith(o.CA)
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: o.Stall}
	client, err := minio.NewCore(endpoint.Host, &minio.Options{
		Creds: credentials.NewStaticV4(o.AccessKey, o.SecretKey, ""), Secure: endpoint.Scheme == "https", Region: o.Region,
		MaxRetries: 1, // objects.try does that, within a time
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := dialer.DialContext(ctx, network, address)
				if err != nil {
					return nil, err
				}
				return &impatient{conn, o.Stall}, nil
			},
			TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			// Bytes come as they are kept, so that their number can be checked.
			DisableCompression: true, MaxIdleConnsPerHost: 32, IdleConnTimeout: time.Minute,
			TLSHandshakeTimeout: o.Stall, ResponseHeaderTimeout: o.Stall, MaxResponseHeaderBytes: 64 << 10,
		},
	})
	if err != nil {
		return nil, &qiaomen.Problem{Text: "对象存储的地址不对", Fix: "应写成 https://主机:端口"}
	}
	return client, nil
}

// parseEndpoint takes https://host:port, and plain http for a server on this
// machine, or where that was asked for.
func parseEndpoint(endpoint string, plain bool) (*url.URL, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil ||
		u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return nil, &qiaomen.Problem{Text: "对象存储的地址不对", Fix: "应写成 https://主机:端口，后面不带路径，里面不带密码"}
	}
	if u.Scheme == "http" && !plain && !loopback(u.Hostname()) {
		return nil, &qiaomen.Problem{Text: "对象存储的地址不是 https", Fix: "请改用 https；确实只在可信的内网里明文传输的，要另外写明"}
	}
	return u, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// rootsWith are the authorities that the system trusts, and those of a PEM file.
func rootsWith(ca []byte) (*x509.CertPool, error) {
	if len(ca) == 0 {
		return nil, nil
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(ca) {
		return nil, &qiaomen.Problem{Text: "对象存储的根证书文件里没有证书", Fix: "应是 PEM 格式"}
	}
	return roots, nil
}

// An impatient connection ends where no byte goes over it for a while, in
// either direction. However slow, one that moves goes on.
type impatient struct {
	net.Conn
	stall time.Duration
}

func (c *impatient) Read(p []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.stall)); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

// Write gives the answer its time, too: somebody is waiting in Read.
func (c *impatient) Write(p []byte) (int, error) {
	if err := c.SetDeadline(time.Now().Add(c.stall)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}
