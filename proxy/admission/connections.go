package admission

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"headgate/config"
	"headgate/kernel"
)

// Listener keeps descriptors in reserve for the log, the deliveries and the admin side, whatever
// connects. What is more than it takes is closed at once.
type Listener struct {
	net.Listener
	most       int // 0: no limit
	perAddress int // 0: no limit
	trusted    func(netip.Addr) bool
	logger     *slog.Logger
	closed     chan struct{}
	closing    sync.Once
	paused     atomic.Bool

	mu        sync.Mutex
	open      int
	byAddress map[netip.Prefix]int // IPv4 addresses, IPv6 /64s and /48s
	refusing  bool                 // that was logged
}

const (
	mostConnections     = 16384 // where the configuration does not say
	reservedDescriptors = 128
	longestPause        = time.Second // between attempts to accept
)

// connectionsFor is how many connections a process may have, given its limit of file descriptors: a quarter stays in reserve.
func connectionsFor(descriptors uint64) int {
	d := int(min(descriptors, 1<<20))
	return min(mostConnections, max(1, d-max(reservedDescriptors, d/4), d/4))
}

// Connections limits those of a listener. Peers that are trusted are proxies, which connect for many.
func Connections(l net.Listener, limits *config.Limits, trusted func(netip.Addr) bool, logger *slog.Logger) *Listener {
	c := &Listener{Listener: l, most: limits.Connections, perAddress: limits.ConnectionsPerAddress, logger: logger,
		trusted: trusted, closed: make(chan struct{}), byAddress: map[netip.Prefix]int{}}
	if left := connectionsFor(descriptorLimit()); c.most == 0 || c.most > left {
		c.most = left
	}
	if c.perAddress > 0 {
		c.perAddress = min(c.perAddress, max(1, c.most/4))
	}
	return c
}

// Pause ends accepting without closing the socket, which another process may have. A connection that was just accepted is served.
func (l *Listener) Pause() {
	l.paused.Store(true)
	if tcp, ok := l.Listener.(interface{ SetDeadline(time.Time) error }); ok {
		_ = tcp.SetDeadline(time.Unix(1, 0)) // Accept returns
	}
}

// Accept returns the next connection that is within the limits. An error that will pass, such as no descriptor being left, is
// waited out.
func (l *Listener) Accept() (net.Conn, error) {
	pause := 5 * time.Millisecond
	for {
		c, err := l.Listener.Accept()
		switch {
		case l.paused.Load() && err != nil:
			<-l.closed
			return nil, net.ErrClosed
		case err == nil:
			if admitted := l.admit(c); admitted != nil {
				return admitted, nil
			}
			_ = c.Close() // nothing was sent
			pause = 5 * time.Millisecond
			continue
		case errors.Is(err, net.ErrClosed):
			return nil, err
		}
		l.refused("connections cannot be accepted; it is tried again", "error", err)
		select {
		case <-l.closed:
			return nil, err
		case <-time.After(pause):
		}
		pause = min(2*pause, longestPause)
	}
}

// Close ends Accept.
func (l *Listener) Close() error {
	l.closing.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// admit counts a connection, or returns nil when there are too many.
func (l *Listener) admit(c net.Conn) net.Conn {
	keys := l.keysOf(c)
	l.mu.Lock()
	full := l.most > 0 && l.open >= l.most
	for i, key := range keys {
		full = full || l.byAddress[key] >= l.perAddress*(1+3*i) // a /48 has room for four /64s
	}
	if full {
		l.mu.Unlock()
		l.refused("connections are refused: there are too many", "open", l.most)
		return nil
	}
	l.open++
	for _, key := range keys {
		l.byAddress[key]++
	}
	if l.open < l.most/2 {
		l.refusing = false
	}
	l.mu.Unlock()
	return &connection{Conn: kernel.Conn(c), listener: l, keys: keys}
}

// keysOf are what a connection counts for besides all connections: the peer's address, of IPv6 its /64 and its /48; none for a
// proxy, which speaks for many.
func (l *Listener) keysOf(c net.Conn) []netip.Prefix {
	tcp, ok := c.RemoteAddr().(*net.TCPAddr)
	if !ok || l.perAddress == 0 {
		return nil
	}
	peer := tcp.AddrPort().Addr().Unmap().WithZone("")
	switch {
	case l.trusted(peer):
		return nil
	case peer.Is6():
		return []netip.Prefix{masked(peer, 64), masked(peer, 48)}
	}
	return []netip.Prefix{masked(peer, 32)}
}

// refused is logged once, until there is much room again.
func (l *Listener) refused(what, key string, value any) {
	l.mu.Lock()
	said := l.refusing
	l.refusing = true
	l.mu.Unlock()
	if !said {
		l.logger.Warn(what, key, value)
	}
}

// connection is counted until it is closed.
type connection struct {
	net.Conn
	listener *Listener
	keys     []netip.Prefix
	closing  sync.Once
}

// Close closes the connection and makes room for another.
func (c *connection) Close() error {
	c.closing.Do(func() {
		l := c.listener
		l.mu.Lock()
		defer l.mu.Unlock()
		l.open--
		for _, key := range c.keys {
			if l.byAddress[key]--; l.byAddress[key] <= 0 {
				delete(l.byAddress, key)
			}
		}
	})
	return c.Conn.Close()
}
