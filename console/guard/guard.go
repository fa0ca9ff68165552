// Package guard keeps out of the admin side what does not belong there: pages of other sites, names that are not ours, who does not say
// who they are, and clients that do not send the body that they announced. It never knows what is asked.
package guard

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"headgate/console/access"
	"headgate/console/exchange"
	"headgate/event/wire"
)

// Guard decides what is let in. The gate keeps out other machines and other users of this one. The browser on this machine is
// a danger of its own: a foreign page may send requests here (recognized by Origin and Sec-Fetch-Site), also after pointing
// its own name at 127.0.0.1 (recognized by Host).
type Guard struct {
	gate  *access.Gate
	hosts []string
}

// New returns the guard of the address and port that is listened on, which is called by hosts, too.
func New(listen string, hosts []string, gate *access.Gate) *Guard {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		host = listen
	}
	g := &Guard{gate: gate}
	for _, name := range append(slices.Clone(hosts), host) {
		if name != "" {
			g.hosts = append(g.hosts, strings.ToLower(strings.TrimSuffix(name, ".")))
		}
	}
	return g
}

// Before lets through to next what may pass, with who asks. Health is for everyone: probes come with any Host and no token, and
// learn nothing. The page and the ways to sign in are for everyone who calls us by our name: they hold no data.
func (g *Guard) Before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		api := r.URL.Path == "/metrics" || strings.HasPrefix(r.URL.Path, "/api/")
		switch {
		case r.URL.Path == "/healthz" || r.URL.Path == "/readyz":
		case !g.knows(r.Host):
			exchange.Refuse(w, http.StatusForbidden, "the admin side is not called "+nameOf(r.Host)+"; if it is, add the name to admin: hosts:")
			return
		case isForeign(r, api && r.URL.Path != access.DonePath): // the provider sends people back there
			exchange.Refuse(w, http.StatusForbidden, "requests of other sites' pages are not answered")
			return
		case api && !access.IsOpen(r.URL.Path):
			person, refused := g.gate.Who(r)
			if person == nil && refused == nil && !access.IsForAll(r.URL.Path) {
				refused = g.gate.Unknown()
			}
			if refused != nil {
				access.Refuse(w, refused)
				return
			}
			r = r.WithContext(access.As(r.Context(), person))
		}
		next.ServeHTTP(w, r)
	})
}

// knows reports whether a Host is ours. A number always is: only names can be pointed at someone else's address.
func (g *Guard) knows(host string) bool {
	name := nameOf(host)
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || slices.Contains(g.hosts, name)
}

// isForeign reports whether a request comes from the page of another site. Browsers say so in Origin, or in Sec-Fetch-Site
// where they send no Origin; following a link to the page itself is no such request.
func isForeign(r *http.Request, secret bool) bool {
	if origin, sent := r.Header["Origin"]; sent {
		u, err := url.Parse(origin[0])
		return err != nil || len(origin) > 1 || u.Host == "" || !strings.EqualFold(u.Host, r.Host)
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return secret && (site == "cross-site" || site == "same-site")
}

// nameOf is a Host without its port, brackets, final dot and capitals.
func nameOf(host string) string { return strings.TrimSuffix(wire.Hostname(host), ".") }
