package proxy

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"headgate/consent/people"
	"headgate/event"
	"headgate/proxy/counts"
	"headgate/proxy/plan"
	"headgate/sources"
)

// pages answers requests of pages and of the site's servers that bring no event.
type pages struct {
	counts   *counts.Counts
	subjects chooser
	insight  profiles
	logger   *slog.Logger
}

// chooser keeps the choices that people express. One that an event shows is not its business.
type chooser interface {
	// Chosen reports whether a record says that someone chose anything.
	Chosen(r *event.Record) bool
	// Decide keeps a choice that someone expressed, and stops what is pending of what they refused. It returns when that is
	// on disk; people.ErrTooManyChoices when their address has made too many.
	Decide(who []people.Chooser, x people.Expression) (recorded, changed bool, err error)
	// Opened returns whom a signed link was made for, from the members of its query. The error says that it is not valid.
	Opened(id, kind, until, sig string, now time.Time) (people.Chooser, error)
}

// profiles knows visitors.
type profiles interface {
	// ProfileOf returns as JSON what is known of a client id: all of it, or only the segments that its browser may know.
	ProfileOf(ctx context.Context, clientID string, all bool) (json.RawMessage, error)
}

// page is one of them. As far as origins, limits and preflights go it is a source.
type page interface {
	sources.Source
	// Serve answers a hit that the page claims. Nothing of it goes to the log.
	Serve(p *plan.Plan, site *plan.Site, h *event.Hit) (sources.Answer, event.Headers)
}

// find returns the page that answers a hit of that method, nil when none does. A source may be configured to have its path.
func (s *pages) find(p *plan.Plan, method, path string) page {
	choice, id, profile := choicePage{s}, idPage{s, p.Config.Identity.Endpoint.Value}, profilePage{s}
	switch {
	case choice.Claims(method, path):
		return choice
	case id.Claims(method, path):
		return id
	case p.Parts.Insight != nil && profile.Claims(method, path):
		return profile
	}
	return nil
}

// notStored keeps answers about one visitor out of caches.
var notStored = event.Headers{{Name: "cache-control", Value: "no-store"}}
