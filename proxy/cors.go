package proxy

import (
	"net"
	"strings"

	"golang.org/x/net/publicsuffix"

	"headgate/event"
	"headgate/sources"
)

// Site is one property whose hits arrive here, chosen by the host they are sent to.
type Site struct {
	Name         string // its key in the configuration, "" for hosts that none names
	CookieDomain string // "" for the registrable domain of the host
	origins      map[string]bool
}

// allows reports whether a page of that Origin may send hits to this site: one that is listed, else one of the same
// registrable domain as the host. A request without Origin (a server, an image) is no page's. A host without a domain that
// no site names (an address, localhost) is somebody's own machine: there any page may try it out.
func (s *Site) allows(origin, host string) bool {
	switch {
	case origin == "":
		return true
	case len(s.origins) > 0:
		return s.origins[strings.ToLower(origin)]
	case s.Name == "" && !hasDomain(host):
		return true
	}
	_, authority, ok := strings.Cut(origin, "://")
	return ok && sameSite(authority, host)
}

func hasDomain(host string) bool {
	name := hostname(host)
	return net.ParseIP(name) == nil && strings.Contains(name, ".")
}

// sameSite compares registrable domains, or whole host names where there is none (localhost, an address). Ports do not
// count.
func sameSite(a, b string) bool {
	a, b = hostname(a), hostname(b)
	if a == b {
		return a != ""
	}
	da, err := publicsuffix.EffectiveTLDPlusOne(a)
	if err != nil {
		return false
	}
	db, err := publicsuffix.EffectiveTLDPlusOne(b)
	return err == nil && da == db && net.ParseIP(a) == nil
}

func hostname(authority string) string {
	if host, _, err := net.SplitHostPort(authority); err == nil {
		authority = host
	}
	return strings.ToLower(strings.Trim(authority, "[]"))
}

// corsHeaders lets the page that sent h read the answer. The origin is named and never "*", since hits carry cookies.
func corsHeaders(h *event.Hit) event.Headers {
	origin := h.Headers.Get("origin")
	if origin == "" {
		return nil
	}
	return event.Headers{
		{Name: "Access-Control-Allow-Origin", Value: origin},
		{Name: "Access-Control-Allow-Credentials", Value: "true"},
		{Name: "Vary", Value: "Origin"},
	}
}

// preflight answers the question a browser asks before a request that is not simple. The headers allowed are those the
// protocol's clients send, whatever was asked for.
func preflight(h *event.Hit, source sources.Source) sources.Answer {
	return sources.Answer{Status: 204, Headers: append(corsHeaders(h),
		event.Header{Name: "Access-Control-Allow-Methods", Value: "GET, POST, HEAD, OPTIONS"},
		event.Header{Name: "Access-Control-Allow-Headers", Value: strings.Join(source.AllowHeaders(), ", ")},
		event.Header{Name: "Access-Control-Max-Age", Value: "3600"},
	)}
}
