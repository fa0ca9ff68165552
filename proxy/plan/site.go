package plan

import (
	"net"
	"strings"

	"golang.org/x/net/publicsuffix"

	"headgate/event"
	"headgate/event/wire"
)

// Site is one property whose hits arrive here, chosen by the host they are sent to.
type Site struct {
	Name         string // its key in the configuration, "" for hosts that none names
	CookieDomain string // "" for the registrable domain of the host
	origins      map[string]bool
}

// allows reports whether a page of that Origin may send hits to this site: one that is listed, else one of the same
// registrable domain as the host. A request without Origin (a server, an image) is no page's. A host without a domain that
// no site names (an address, localhost) is someone's own machine: there any page may try it out.
func (s *Site) allows(origin, host string) bool {
	switch {
	case origin == "":
		return true
	case len(s.origins) > 0:
		return s.lists(origin)
	case s.open(host):
		return true
	}
	_, authority, ok := strings.Cut(origin, "://")
	return ok && sameSite(authority, host)
}

// PageOf tells who sent a hit. Browsers name the page in Origin, and where they send none, as with images and simple requests,
// they say in Sec-Fetch-Site how the page stands to the host, and in Referer what it was. Without any of these nobody knows.
func (s *Site) PageOf(h *event.Hit) event.PageOrigin {
	origin, fetch := h.Headers.Get("origin"), h.Headers.Get("sec-fetch-site")
	page := origin
	if page == "" {
		page = originOf(h.Headers.Get("referer"))
	}
	switch {
	case origin != "":
	case fetch == "same-origin", fetch == "same-site" && (page == "" || len(s.origins) == 0):
		return event.OwnPage
	case fetch == "cross-site" && (page == "" || !s.lists(page)) && !s.open(h.Host):
		return event.ForeignPage // also by a redirect of another site's: the page stays the same, the address is theirs
	}
	switch {
	case page == "":
		return event.UnknownPage
	case s.allows(page, h.Host):
		return event.OwnPage
	}
	return event.ForeignPage
}

// originOf returns the origin of an address, "" when it is not that of a page.
func originOf(address string) string {
	u := wire.CutURL(address)
	if u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return u.Scheme + "://" + u.Authority
}

func (s *Site) lists(origin string) bool { return s.origins[strings.ToLower(origin)] }

// open reports whether any page may send hits to a host: see docs/decisions/0008-any-page-may-try-a-nameless-host.md.
func (s *Site) open(host string) bool { return len(s.origins) == 0 && s.Name == "" && !hasDomain(host) }

func hasDomain(host string) bool {
	name := wire.Hostname(host)
	return net.ParseIP(name) == nil && strings.Contains(name, ".")
}

// sameSite compares registrable domains, or whole host names where there is none (localhost, an address). Ports do not
// count.
func sameSite(a, b string) bool {
	a, b = wire.Hostname(a), wire.Hostname(b)
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
