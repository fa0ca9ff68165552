package enrich

import (
	"strings"

	"headgate/enrich/referrer"
	"headgate/event"
	"headgate/event/wire"
)

// describePage fills the parts of the page that the event does not name itself.
func describePage(p *event.Page, u *wire.URL) {
	if p.Host == "" {
		p.Host = strings.TrimSuffix(u.Host(), ".")
	}
	if p.Path == "" {
		p.Path = u.Path
	}
	if p.Query == "" {
		p.Query = u.Query
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
		from := wire.CutURL(p.Referrer)
		host := strings.TrimSuffix(from.Host(), ".")
		p.ReferrerClass = referrer.Class(host)
		if host == "" || p.Host == "" {
			return
		}
		if site := v.en.domainOf(p.Host); host == p.Host || site != "" && belongs(host, site) {
			p.ReferrerClass = referrer.Internal
		}
	}
}

// belongs reports whether a host is a domain or lies below it.
func belongs(host, domain string) bool {
	rest, ok := strings.CutSuffix(host, domain)
	return ok && (rest == "" || rest[len(rest)-1] == '.')
}
