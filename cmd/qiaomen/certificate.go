package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"qiaomen"
)

const (
	certificateFile    = "tls.crt"
	certificateKeyFile = "tls.key"
	// certificateYears is for how long a certificate of our own holds. Browsers
	// ask about one that nobody signed in any case; it is trusted by hand, once.
	certificateYears = 10
)

// certificate gives init the files of a certificate: those that it is given, or
// new ones in the folder.
func (c *initCommand) certificate(folder string) (cert, key string, err error) {
	if (c.Certificate == "") != (c.CertificateKey == "") {
		return "", "", &qiaomen.Problem{Text: "证书和私钥要一起写", Fix: "请补上另一个", At: qiaomen.Place{Field: "--certificate-key"}}
	}
	if c.Certificate != "" {
		if cert, err = filepath.Abs(c.Certificate); err != nil {
			return "", "", err
		}
		if key, err = filepath.Abs(c.CertificateKey); err != nil {
			return "", "", err
		}
		_, err = (&certificate{cert: cert, key: key}).newest()
		return cert, key, err
	}
	hosts := c.Host
	if len(hosts) == 0 {
		hosts = []string{"localhost", "127.0.0.1", "::1"}
		if name, err := os.Hostname(); err == nil && !slices.Contains(hosts, name) {
			hosts = append(hosts, name)
		}
	}
	certText, keyText, err := ownCertificate(hosts, time.Now())
	if err != nil {
		return "", "", err
	}
	return certificateFile, certificateKeyFile, errors.Join(
		writeFlushed(filepath.Join(folder, certificateFile), certText, 0o644),
		writeFlushed(filepath.Join(folder, certificateKeyFile), keyText, 0o600),
	)
}

// ownCertificate makes a certificate for these hosts that signs itself.
func ownCertificate(hosts []string, now time.Time) (cert, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, nil, err
	}
	t := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: hosts[0], Organization: []string{"敲门"}},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(certificateYears, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &private.PublicKey, private)
	if err != nil {
		return nil, nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), nil
}

// A certificate is a pair of files that may be renewed while the program runs.
type certificate struct {
	cert, key string

	mu   sync.Mutex
	pair *tls.Certificate
	from time.Time // of the file that pair was read from
	seen time.Time // when it was looked at
}

// certificateLook is how often the files are looked at.
const certificateLook = 10 * time.Second

// newest is the pair as it stands in the files. One renewed by halves is not
// taken: the old one goes on.
func (c *certificate) newest() (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pair != nil && time.Since(c.seen) < certificateLook {
		return c.pair, nil
	}
	c.seen = time.Now()
	info, err := os.Stat(c.cert)
	if err == nil && c.pair != nil && info.ModTime().Equal(c.from) {
		return c.pair, nil
	}
	var pair tls.Certificate
	if err == nil {
		pair, err = tls.LoadX509KeyPair(c.cert, c.key)
	}
	switch {
	case err == nil:
		c.pair, c.from = &pair, info.ModTime()
	case c.pair == nil:
		return nil, &qiaomen.Problem{
			Text: "用不了证书“" + c.cert + "”和它的私钥", Fix: "请核对两个文件是否在、是否成对；重新生成见 docs/config.md", At: qiaomen.Place{Field: "certificate"},
		}
	}
	return c.pair, nil
}
