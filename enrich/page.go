package enrich

import (
	"strings"

	"headgate/enrich/referrer"
	"headgate/event"
)

// pageURL is a URL cut into its parts, which share the URL's memory. Nothing is decoded.
type pageURL struct {
	host     string // without user and port, in lower case
	path     string
	query    string // without the question mark
	fragment string // without the hash sign
}

// cut cuts a URL, whole or relative. It never fails: what a page calls its URL is whatever its script put there.
func cut(url string) (a pageURL) {
	rest, fragment, _ := strings.Cut(url, "#")
	rest, query, _ := strings.Cut(rest, "?")
	a.fragment, a.query = fragment, query
	scheme, after, ok := strings.Cut(rest, "://")
	switch {
	case ok && isScheme(scheme):
		rest = after
	case strings.HasPrefix(rest, "//"):
		rest = rest[2:]
	default:
		a.path = rest
		return a
	}
	host, path := rest, "/"
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		host, path = rest[:i], rest[i:]
	}
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	a.host, a.path = hostname(host), path
	return a
}

func isScheme(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isLetter(c) && (i == 0 || (c < '0' || c > '9') && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return s != ""
}

// hostname returns a host without its port and in lower case; an IPv6 address loses its brackets.
func hostname(host string) string {
	if rest, ok := strings.CutPrefix(host, "["); ok {
		host, _, _ = strings.Cut(rest, "]")
	} else if i := strings.LastIndexByte(host, ':'); i >= 0 {
		host = host[:i]
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// describePage fills the parts of the page that the event does not name itself.
func describePage(p *event.Page, a *pageURL) {
	if p.Host == "" {
		p.Host = a.host
	}
	if p.Path == "" {
		p.Path = a.path
	}
	if p.Query == "" {
		p.Query = a.query
	}
}

// describeReferrer says what kind of page the visitor came from, unless the event does. ChatGPT marks its links, and its apps send no
// referrer.
func (v *Visit) describeReferrer(e *event.Event) {
	p := &e.Page
	switch {
	case p.ReferrerClass != "":
	case p.Referrer == "":
		if source := e.Campaign.Source; strings.IndexByte(source, '.') > 0 && referrer.Class(source) == referrer.AI {
			p.ReferrerClass = referrer.AI
		}
	default:
		from := cut(p.Referrer)
		p.ReferrerClass = referrer.Class(from.host)
		if from.host == "" || p.Host == "" {
			return
		}
		if site := v.en.domainOf(p.Host); from.host == p.Host || site != "" && belongs(from.host, site) {
			p.ReferrerClass = referrer.Internal
		}
	}
}

// belongs reports whether a host is a domain or lies below it.
func belongs(host, domain string) bool {
	rest, ok := strings.CutSuffix(host, domain)
	return ok && (rest == "" || rest[len(rest)-1] == '.')
}
