// Package egress is where connections may go: to hosts that are named, and of their addresses only to public ones and those that
// egress.allow lists.
package egress

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// Dialer connects to the hosts of one destination. The address is checked when it is dialled, so that a name whose address changes
// between check and use (DNS rebinding) gains nothing.
type Dialer struct {
	hosts  []string
	allow  []netip.Prefix
	dialer net.Dialer
}

// Forbidden is a connection that must not be made: our settings are wrong, the vendor is not failing.
type Forbidden struct{ Fact string }

func (e *Forbidden) Error() string { return e.Fact }

// NewDialer allows connections to hosts, and to their addresses outside the public internet only within allow.
func NewDialer(hosts []string, allow []netip.Prefix) *Dialer {
	d := &Dialer{hosts: hosts, allow: allow}
	d.dialer = net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second, Control: d.control}
	return d
}

// Dial connects to one of the hosts. The error of a connection that is not allowed is a *Forbidden.
func (d *Dialer) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(d.hosts, host) {
		return nil, &Forbidden{fmt.Sprintf("%s is not a host of this destination", host)}
	}
	return d.dialer.DialContext(ctx, network, address)
}

// Found connects to any host whose address is allowed: one that a host of the destination announced.
func (d *Dialer) Found(ctx context.Context, network, address string) (net.Conn, error) {
	return d.dialer.DialContext(ctx, network, address)
}

// Transport sends requests over HTTP to the hosts, and never through a proxy: the address that is dialled is the one that was checked.
// The caller may set what else it needs before the first request.
func (d *Dialer) Transport() *http.Transport {
	return &http.Transport{Proxy: nil, DialContext: d.Dial, ForceAttemptHTTP2: true, MaxResponseHeaderBytes: 64 << 10}
}

// Metadata returns a client for the link-local addresses at which a cloud tells a machine who it is: they are reached directly, and
// whatever they redirect to is not asked.
func Metadata(timeout time.Duration) *http.Client {
	return &http.Client{Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true}, Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// control checks the resolved address just before it is dialled.
func (d *Dialer) control(_, address string, _ syscall.RawConn) error {
	where, err := netip.ParseAddrPort(address)
	if err != nil {
		return &Forbidden{fmt.Sprintf("%s is not a network address", address)}
	}
	ip := where.Addr().Unmap().WithZone("")
	if public(ip) || slices.ContainsFunc(d.allow, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return nil
	}
	return &Forbidden{fmt.Sprintf("%s is a private address; add it to egress: allow: to reach it", ip)}
}

// notPublic are ranges in addition to those that netip knows: https://www.iana.org/assignments/iana-ipv4-special-registry and
// https://www.iana.org/assignments/iana-ipv6-special-registry
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("fec0::/10"),
}

var nat64 = netip.MustParsePrefix("64:ff9b::/96")

func public(ip netip.Addr) bool {
	if nat64.Contains(ip) {
		b := ip.As16()
		return public(netip.AddrFrom4([4]byte(b[12:])))
	}
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
		return false
	}
	return !slices.ContainsFunc(notPublic, func(p netip.Prefix) bool { return p.Contains(ip) })
}
