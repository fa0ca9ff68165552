package enrich

import (
	"strings"

	"headgate/event"
)

// hostname is event.Hostname without the dot that may end a name.
func hostname(authority string) string { return strings.TrimSuffix(event.Hostname(authority), ".") }

// describePage fills the parts of the page that the event does not name itself.
func describePage(p *event.Page, u *event.URL) {
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
