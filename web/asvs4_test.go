package web_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"qiaomen"
	"qiaomen/web"
)

// raw sends bytes as they are, and reads the status and whatever follows.
func (w *world) raw(text string) (status int, rest string) {
	w.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(conn, text); err != nil {
		return 0, ""
	}
	r := bufio.NewReader(conn)
	line, err := r.ReadString('\n')
	if err != nil {
		return 0, ""
	}
	fmt.Sscanf(line, "HTTP/1.1 %d", &status)
	data, _ := io.ReadAll(r)
	return status, string(data)
}

// Rows of V4, HTTP, that an API answers for. 4.1.2 over TLS stands with the
// listener.
func TestHTTP(t *testing.T) {
	w := newWorld(t, "sqlite", qiaomen.SmallOffice)
	c := w.as("jixian-reporter")

	t.Run("4.1.1 every answer says what it is", func(t *testing.T) {
		for _, a := range []*answered{
			c.get("/campaigns"), c.get("/campaigns/none/records"), c.get("/nowhere"), c.do("PATCH", "/campaigns", nil), w.stranger().get("/campaigns"),
			c.post(inWinter("/records"), "{"), c.get("/openapi.json"), c.get("http" + strings.TrimPrefix(w.url, "http") + "/livez"), c.get("http" + strings.TrimPrefix(w.url, "http") + "/readyz"),
		} {
			if kind := a.header.Get("Content-Type"); len(a.body) > 0 && !strings.HasSuffix(kind, "; charset=utf-8") {
				t.Errorf("%d: %q", a.status, kind)
			}
		}
	})

	t.Run("4.1.2 no plain HTTP through a proxy", func(t *testing.T) {
		behind := w.open(w.office, func(o *web.Options) { o.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
		plain := w.stranger()
		plain.url = behind
		a := plain.get("/campaigns", "X-Forwarded-Proto", "http", "X-Forwarded-For", "192.0.2.7")
		if a.status != http.StatusForbidden || a.header.Get("Location") != "" {
			t.Errorf("%d %v", a.status, a.header)
		}
		if a := plain.get("/campaigns", "X-Forwarded-Proto", "https", "X-Forwarded-For", "192.0.2.7"); a.status != http.StatusUnauthorized {
			t.Errorf("https behind a proxy: %d", a.status)
		}
	})

	t.Run("4.1.3 15.3.4 nobody but a declared proxy says who is there", func(t *testing.T) {
		forged := []string{"X-Forwarded-For", "203.0.113.9", "X-Real-IP", "203.0.113.9", "X-User-Id", w.account["security"], "X-Forwarded-Host", "example.invalid", "Forwarded", "for=203.0.113.9"}
		w.stranger().post("/session", map[string]any{"login": "handler", "password": "x"}, forged...).is(http.StatusUnauthorized)
		if log := w.log.String(); strings.Contains(log, "203.0.113.9") || !strings.Contains(log, `"from":"127.0.0.1"`) {
			t.Error("the log believes a client")
		}
		behind := w.open(w.office, func(o *web.Options) {
			o.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("192.0.2.0/24")}
		})
		s := w.stranger()
		s.url = behind
		for header, want := range map[string]string{
			"198.51.100.7": "198.51.100.7", "203.0.113.66, 198.51.100.8": "198.51.100.8", "203.0.113.66, 198.51.100.9, 192.0.2.1": "198.51.100.9", "nonsense, 198.51.100.10": "198.51.100.10",
		} {
			s.get("/campaigns", "X-Forwarded-For", header, "X-Forwarded-Proto", "https")
			if !strings.Contains(w.log.String(), `"from":"`+want+`"`) {
				t.Errorf("%s is not read as %s", header, want)
			}
		}
		if strings.Contains(w.log.String(), "203.0.113.66") {
			t.Error("an address before the proxy's own was believed")
		}
	})

	t.Run("4.2.1 one request is one request", func(t *testing.T) {
		post := "POST " + web.Prefix + "/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
		smuggled := "GET " + web.Prefix + "/campaigns HTTP/1.1\r\nHost: x\r\n\r\n"
		for name, text := range map[string]string{
			"CL and TE":      post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled,
			"two CL":         post + "Content-Length: 2\r\nContent-Length: 60\r\n\r\n{}" + smuggled,
			"CL with plus":   post + "Content-Length: +2\r\n\r\n{}" + smuggled,
			"TE.TE":          post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n\r\n0\r\n\r\n" + smuggled,
			"TE with blank":  post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + smuggled,
			"folded header":  post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + smuggled,
			"bad chunk size": post + "Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n" + smuggled,
			"NUL in header":  post + "X-A: a\x00b\r\nContent-Length: 2\r\n\r\n{}" + smuggled,
			"no host":        "GET " + web.Prefix + "/campaigns HTTP/1.1\r\n\r\n" + smuggled,
			"two hosts":      "GET " + web.Prefix + "/campaigns HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + smuggled,
		} {
			status, rest := w.raw(text)
			if status == 0 || status/100 == 2 {
				t.Errorf("%s: %d", name, status)
			}
			if strings.Contains(rest, "HTTP/1.1 ") {
				t.Errorf("%s: a second answer: %.200s", name, rest)
			}
		}
	})

	t.Run("the bounds of a request", func(t *testing.T) {
		many := strings.Builder{}
		many.WriteString("GET " + web.Prefix + "/campaigns HTTP/1.1\r\nHost: x\r\n")
		for i := range 100_000 {
			fmt.Fprintf(&many, "X-%d: a\r\n", i)
		}
		if status, _ := w.raw(many.String() + "\r\n"); status != http.StatusRequestHeaderFieldsTooLarge && status != 0 {
			t.Errorf("100,000 headers: %d", status)
		}
		few := []string{}
		for i := range 300 {
			few = append(few, fmt.Sprint("X-", i), "a")
		}
		if a := c.get("/campaigns", few...); a.status != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("300 headers: %d", a.status)
		}
		for _, encoding := range []string{"gzip", "deflate", "br", "zstd", "gzip, gzip"} {
			if a := c.post(inWinter("/records"), []byte{0x1f, 0x8b, 8, 0}, "Content-Encoding", encoding); a.status != http.StatusUnsupportedMediaType {
				t.Errorf("%s: %d", encoding, a.status)
			}
		}
		params := strings.Repeat("state=open&", 10_000)
		if a := c.get(inWinter("/records?" + params)); a.status != http.StatusRequestURITooLong {
			t.Errorf("10,000 parameters: %d", a.status)
		}
	})

	t.Run("a page of another origin does nothing", func(t *testing.T) {
		for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://example.invalid"}, {"Origin", "null"}} {
			a := c.post(inWinter("/drafts"), lead("jixian", "示例外站"), header...)
			if a.status != http.StatusForbidden {
				t.Errorf("%v: %d", header, a.status)
			}
			a.problem()
		}
	})
}
