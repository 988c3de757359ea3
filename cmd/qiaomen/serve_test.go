package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// A screen is what a command prints, while it still runs.
type screen struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// until waits for what the command says.
func (s *screen) until(t *testing.T, pattern string) string {
	t.Helper()
	for range 200 {
		if m := regexp.MustCompile(pattern).FindStringSubmatch(s.String()); m != nil {
			return m[len(m)-1]
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("no %s in %q", pattern, s.String())
	return ""
}

// newHouse makes a data folder as init does.
func newHouse(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "data")
	out := &screen{}
	c := initCommand{Data: folder, People: filepath.Join("..", "..", "examples", "people.yaml"), Profile: "small", Name: "示例", Database: "sqlite:ledger.db"}
	if err := c.Run(streams{out, out}); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return folder
}

// The program serves HTTPS with the certificate that init made, shows its
// counters on the machine alone, and stops when it is told to (asvs 4.1.2).
func TestServe(t *testing.T) {
	folder := newHouse(t)
	conf, err := loadConfig(streams{io.Discard, io.Discard}, folder)
	if err != nil {
		t.Fatal(err)
	}
	h, err := openHouse(t.Context(), conf, working)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	out, log := &screen{}, &screen{}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	c := serveCommand{Listen: "127.0.0.1:0", Metrics: "127.0.0.1:19397"}
	go func() { done <- c.serve(ctx, h, streams{out, log}) }()
	url := out.until(t, `正在服务：(https://127\.0\.0\.1:\d+)`)

	pem, err := os.ReadFile(filepath.Join(folder, "tls.crt"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	client := func(highest uint16) *http.Client {
		return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS10, MaxVersion: highest}, DisableKeepAlives: true}}
	}
	res, err := client(tls.VersionTLS13).Get(url + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK || res.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
	if res, err := client(tls.VersionTLS11).Get(url + "/readyz"); err == nil {
		res.Body.Close()
		t.Error("TLS 1.1 is spoken")
	}
	res, err = http.Get(strings.Replace(url, "https", "http", 1) + "/api/v1/campaigns")
	if err == nil {
		res.Body.Close()
		if res.StatusCode != http.StatusBadRequest || res.Header.Get("Location") != "" {
			t.Errorf("plain HTTP: %d", res.StatusCode)
		}
	}
	res, err = http.Get("http://127.0.0.1:19397/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	shown, _ := io.ReadAll(res.Body)
	for _, want := range []string{`qiaomen_requests_total{operation="",status="200"} 1`, "go_goroutines", "process_resident_memory_bytes"} {
		if !strings.Contains(string(shown), want) {
			t.Errorf("no %s among the metrics", want)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	log.until(t, `"msg":"stopped"`)
}

// Without a certificate it serves this machine alone, or a declared proxy.
func TestServeWithoutCertificate(t *testing.T) {
	folder := newHouse(t)
	for setting, want := range map[string]string{
		"QIAOMEN_LISTEN=0.0.0.0:0": "没有证书", "QIAOMEN_METRICS=0.0.0.0:9": "指标只能在本机上看", "QIAOMEN_CERTIFICATE=none.crt": "用不了证书",
	} {
		conf, faults := readConfig(folder, []string{"QIAOMEN_CERTIFICATE=", "QIAOMEN_LISTEN=127.0.0.1:0", setting})
		if len(faults) > 0 {
			t.Fatal(faults[0])
		}
		h, err := openHouse(t.Context(), conf, working)
		if err != nil {
			t.Fatal(err)
		}
		err = (&serveCommand{}).serve(t.Context(), h, streams{io.Discard, io.Discard})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", setting, err)
		}
		if err := h.close(); err != nil {
			t.Error(err)
		}
	}
}
