package web

import (
	"net"
	"net/netip"
	"sync"
)

// A crowd is how many connections each address holds.
type crowd struct {
	mu    sync.Mutex
	count map[netip.Addr]int
}

// enter counts a connection in; false: its address has too many. This machine's
// own address is not counted: proxies stand there.
func (c *crowd) enter(a net.Addr) (netip.Addr, bool) {
	tcp, _ := a.(*net.TCPAddr)
	if tcp == nil || tcp.IP.IsLoopback() {
		return netip.Addr{}, true
	}
	from := tcp.AddrPort().Addr().Unmap()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count[from] >= mostFromOne {
		return from, false
	}
	c.count[from]++
	return from, true
}

func (c *crowd) leave(from netip.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count[from]--; c.count[from] <= 0 {
		delete(c.count, from)
	}
}

// A guest is a connection that gives its place back.
type guest struct {
	net.Conn
	once  sync.Once
	leave func()
}

// Close ends the connection, once.
func (g *guest) Close() error {
	defer g.once.Do(g.leave)
	return g.Conn.Close()
}
