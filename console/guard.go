package console

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"headgate/event"
)

// guard decides who is let in. The token keeps out other machines and other users of this one. The browser on this machine is
// a danger of its own: a foreign page may send requests here (recognized by Origin and Sec-Fetch-Site), also after pointing
// its own name at 127.0.0.1 (recognized by Host).
type guard struct {
	token [sha256.Size]byte // hashed to a fixed length, so that the comparison does not reveal the token's
	open  bool              // a token is set; without one nobody is let in
	hosts []string
}

func newGuard(o Options) *guard {
	host, _, err := net.SplitHostPort(o.Listen)
	if err != nil {
		host = o.Listen
	}
	g := &guard{token: sha256.Sum256([]byte(o.Token)), open: o.Token != ""}
	for _, name := range append(slices.Clone(o.Hosts), host) {
		if name != "" {
			g.hosts = append(g.hosts, strings.ToLower(strings.TrimSuffix(name, ".")))
		}
	}
	return g
}

// before lets through to next what may pass. Health is for everyone: probes come with any Host and no token, and learn
// nothing. The page is for everyone who calls us by our name: it holds no data, and asks for the token.
func (g *guard) before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		secret := r.URL.Path == "/metrics" || strings.HasPrefix(r.URL.Path, "/api/")
		switch {
		case r.URL.Path == "/healthz" || r.URL.Path == "/readyz":
		case !g.knows(r.Host):
			refuse(w, http.StatusForbidden, "the admin side is not called "+nameOf(r.Host)+"; if it is, add the name to admin: hosts:")
			return
		case isForeign(r, secret):
			refuse(w, http.StatusForbidden, "requests of other sites' pages are not answered")
			return
		case secret && !g.hasToken(r):
			h.Set("WWW-Authenticate", `Bearer realm="headgate"`)
			refuse(w, http.StatusUnauthorized, "the admin token is required: Authorization: Bearer TOKEN; where the configuration sets none, it is in the file admin-token of the data folder")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// knows reports whether a Host is ours. A number always is: only names can be pointed at someone else's address.
func (g *guard) knows(host string) bool {
	name := nameOf(host)
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || slices.Contains(g.hosts, name)
}

func (g *guard) hasToken(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	sum := sha256.Sum256([]byte(strings.TrimSpace(token)))
	return g.open && strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(sum[:], g.token[:]) == 1
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
func nameOf(host string) string { return strings.TrimSuffix(event.Hostname(host), ".") }
