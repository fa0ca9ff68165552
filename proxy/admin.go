package proxy

import (
	"net/http"
	"net/netip"
	"strings"

	"headgate/config"
	"headgate/destinations/catalog"
	"headgate/event"
)

// Admin returns who may ask the admin side, by the configuration in force.
func (s *Server) Admin() *config.Admin { return &s.plan.Load().Config.Admin }

// Client returns the address of whoever sent a request to the admin side, behind the proxies that are trusted, and whether it
// used HTTPS. The address is not valid where the connection has none.
func (s *Server) Client(r *http.Request) (address netip.Addr, secure bool) {
	h := event.Hit{Scheme: "http"}
	if r.TLS != nil {
		h.Scheme = "https"
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return address, r.TLS != nil
	}
	h.Peer = peer.Addr()
	for name, values := range r.Header {
		for _, value := range values {
			h.AddHeader(strings.ToLower(name), value)
		}
	}
	s.plan.Load().Enricher.Client(&h)
	return h.Address, h.Scheme == "https"
}

// Outgoing reaches some hosts and nothing else, by the rules that hold for destinations.
func (s *Server) Outgoing(hosts []string) http.RoundTripper {
	return s.plan.Load().Config.Outgoing(hosts, s.deps.Client)
}

// Catalog is what can be sent to: the built-in destinations and the user's own.
func (s *Server) Catalog() *catalog.Catalog { return s.plan.Load().Catalog }
