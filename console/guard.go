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
)

// guard decides who is let in. A token keeps other machines out. On a loopback address, where none is needed, the danger is
// the browser on this machine: a foreign page that sends requests here (told by Origin and Sec-Fetch-Site), also after
// having pointed its own name at 127.0.0.1 (told by Host).
type guard struct {
	token    [sha256.Size]byte // of equal length whatever the token's, so that comparing tells nothing
	demanded bool              // a token is needed
	sealed   bool              // reachable from outside and no token is set: nobody is let in
	hosts    []string
}

func newGuard(o Options) *guard {
	host, _, err := net.SplitHostPort(o.Listen)
	if err != nil {
		host = o.Listen
	}
	g := &guard{token: sha256.Sum256([]byte(o.Token)), demanded: o.Token != "", sealed: o.Token == "" && !isLoopback(host)}
	for _, name := range append(slices.Clone(o.Hosts), host) {
		if name != "" {
			g.hosts = append(g.hosts, strings.ToLower(strings.TrimSuffix(name, ".")))
		}
	}
	return g
}

// before lets through to next what may pass. Health is for everybody: probes come with any Host and no token, and learn
// nothing. The page is for everybody who calls us by our name: it holds no data, and asks for the token.
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
		case secret && g.sealed:
			refuse(w, http.StatusForbidden, "the admin side can be reached from other machines and has no token; set admin: token:")
			return
		case secret && g.demanded && !g.hasToken(r):
			h.Set("WWW-Authenticate", `Bearer realm="headgate"`)
			refuse(w, http.StatusUnauthorized, "the admin token is needed: Authorization: Bearer TOKEN")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// knows reports whether a Host is ours. A number always is: only names can be pointed at somebody else's address.
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
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(sum[:], g.token[:]) == 1
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
func nameOf(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}
