package plan

import (
	"headgate/event"
	"headgate/event/wire"
	"headgate/sources"
)

// Source is the one that claims a hit, nil when none does.
func (p *Plan) Source(h *event.Hit) sources.Source {
	method := ClaimedMethod(h)
	for _, source := range p.Sources {
		if source.Claims(method, h.Path) {
			return source
		}
	}
	return nil
}

// ClaimedMethod is the method that sources are asked about: of a preflight, that of the request which is to follow.
func ClaimedMethod(h *event.Hit) string {
	switch {
	case h.Method != "OPTIONS":
		return h.Method
	case h.Headers.Get("access-control-request-method") == "GET": // a settings file that is asked for with a key in a header
		return "GET"
	}
	return "POST"
}

// Site is the one that a host belongs to, and whether there is one. Without any sites, all hosts share one without a name.
func (p *Plan) Site(host string) (*Site, bool) {
	if len(p.sites) == 0 {
		return &p.none, true
	}
	if site, named := p.sites[wire.Hostname(host)]; named {
		return site, true
	}
	return &p.none, false
}
