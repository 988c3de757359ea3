package office

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"qiaomen"
)

// WebhookHosts is where webhooks may go: what the machine's configuration names,
// and nothing else. Whoever makes a webhook chooses among these; without any
// there are none.
type WebhookHosts struct {
	names     []string // host:port
	addresses []addressRange
}

// An addressRange is addresses that the configuration names, at one port or, of
// 0, at all.
type addressRange struct {
	prefix netip.Prefix
	port   uint16
}

const (
	httpsPort  = 443
	longestURL = 1000
	// widest is how many bits a range of addresses has at least: one of all
	// addresses would name nothing.
	widest = 8
)

var hostName = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$`)

// ParseWebhookHosts reads a list of hosts, apart by spaces: host, host:port,
// address, address:port or a range of addresses (10.1.0.0/16). A host without a
// port is meant at 443, an address without one at any.
func ParseWebhookHosts(text string) (*WebhookHosts, error) {
	h := &WebhookHosts{}
	var list []*qiaomen.Problem
	for _, one := range strings.Fields(text) {
		if !h.add(strings.ToLower(one)) {
			list = append(list, &qiaomen.Problem{
				Text: "“" + qiaomen.Clip(one) + "”不是主机、地址或网段", Fix: "应写成 hooks.example.gov.cn、hooks.example.gov.cn:8443、10.1.2.3:8443 或 10.1.2.0/24，空格隔开",
			})
		}
	}
	return h, faults(list)
}

func (h *WebhookHosts) add(one string) bool {
	if p, err := netip.ParsePrefix(one); err == nil {
		h.addresses = append(h.addresses, addressRange{p.Masked(), 0})
		return p.Bits() >= widest
	}
	if a, err := netip.ParseAddr(one); err == nil {
		h.addresses = append(h.addresses, alone(a, 0))
		return a.Zone() == ""
	}
	host, port := one, uint64(httpsPort)
	if name, number, err := net.SplitHostPort(one); err == nil {
		if port, err = strconv.ParseUint(number, 10, 16); err != nil || port == 0 {
			return false
		}
		host = name
	}
	if a, err := netip.ParseAddr(host); err == nil {
		h.addresses = append(h.addresses, alone(a, uint16(port)))
		return a.Zone() == ""
	}
	h.names = append(h.names, net.JoinHostPort(host, strconv.FormatUint(port, 10)))
	return hostName.MatchString(host)
}

func alone(a netip.Addr, port uint16) addressRange {
	a = a.Unmap()
	return addressRange{netip.PrefixFrom(a, a.BitLen()), port}
}

// None tells whether there are no webhooks here.
func (h *WebhookHosts) None() bool { return h == nil || len(h.names)+len(h.addresses) == 0 }

// Address reads the address of a webhook: https, of a host that is named here.
// Plain http is for this machine itself alone, by its address, where that is
// named. It returns host and port.
func (h *WebhookHosts) Address(text string) (host string, port uint16, wrong *qiaomen.Problem) {
	say := func(text, fix string) (string, uint16, *qiaomen.Problem) {
		return "", 0, &qiaomen.Problem{Text: text, Fix: fix, At: qiaomen.Place{Field: "url"}}
	}
	const form = "应写成 https://主机/路径"
	u, err := url.Parse(text)
	switch {
	case err != nil || len(text) > longestURL || u.Opaque != "" || strings.ContainsAny(text, " \t\r\n\\"):
		return say("推送的网址写得不对", form)
	case u.User != nil:
		return say("推送的网址里不能有用户名和密码", "请去掉“@”和它前面的部分")
	case u.Fragment != "":
		return say("推送的网址里不能有“#”", "请去掉它和它后面的部分")
	case u.Scheme != "https" && u.Scheme != "http":
		return say("推送的网址要用 https", form)
	}
	host, port = strings.ToLower(u.Hostname()), httpsPort
	if u.Scheme == "http" {
		port = 80
	}
	if u.Port() != "" {
		n, err := strconv.ParseUint(u.Port(), 10, 16)
		if err != nil || n == 0 {
			return say("推送的网址里端口不对", form)
		}
		port = uint16(n)
	}
	if u.Scheme == "http" {
		if a, err := netip.ParseAddr(host); err != nil || !a.Unmap().IsLoopback() {
			return say("推送的网址要用 https", "只有发给本机的 127.0.0.1 才可以用 http")
		}
	}
	if !h.named(host, port) {
		return say("不能推送到“"+qiaomen.Clip(u.Host)+"”", "可以推送的主机由系统管理员在配置 webhook_hosts 里写明")
	}
	return host, port, nil
}

// named tells whether a host is named here: by its name, or as an address.
func (h *WebhookHosts) named(host string, port uint16) bool {
	if h == nil {
		return false
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return h.literally(a, port)
	}
	return slices.Contains(h.names, net.JoinHostPort(host, strconv.Itoa(int(port))))
}

// literally tells whether the address itself is named, not a host that has it.
func (h *WebhookHosts) literally(a netip.Addr, port uint16) bool {
	a = a.Unmap()
	return slices.ContainsFunc(h.addresses, func(r addressRange) bool {
		return a.Zone() == "" && r.prefix.Contains(a) && (r.port == 0 || r.port == port)
	})
}

// Admits tells whether a connection to an address may be made for a host that is
// named: what the name came to is looked at just before connecting. Addresses of
// this machine, of its link and of clouds' inner services have to be named
// themselves.
func (h *WebhookHosts) Admits(host string, a netip.Addr, port uint16) bool {
	return h.named(host, port) && (h.literally(a, port) || ordinary(a))
}

// inner is addresses of inner services and those that hide another address.
var inner = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("100.100.100.200/32"), netip.MustParsePrefix("168.63.129.16/32"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("fd00:ec2::/32"), netip.MustParsePrefix("fd20:ce::/32"),
	netip.MustParsePrefix("::/96"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("2001::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
}

// ordinary tells whether an address is one of some other machine.
func ordinary(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsValid() || a.Zone() != "" || a.IsUnspecified() || a.IsLoopback() || a.IsMulticast() || a.IsLinkLocalUnicast() || a.IsLinkLocalMulticast() || a.IsInterfaceLocalMulticast() {
		return false
	}
	return !slices.ContainsFunc(inner, func(p netip.Prefix) bool { return p.Contains(a) })
}
