// Package pages answers the requests of pages and of the site's servers that bring no event: a choice, the renewal of cookies, what is
// known of a visitor, and vendors' scripts. Consent is resolved as for an event; nothing goes to the log.
package pages

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

// Pages are all of them, with what they answer by. They outlive plans.
type Pages struct {
	Counts   *counts.Counts
	Choices  Choices
	Profiles Profiles
	Logger   *slog.Logger
}

// Choices keeps the choices that people express. One that an event shows is not its business.
type Choices interface {
	// Chosen reports whether a record says that someone chose anything.
	Chosen(r *event.Record) bool
	// Decide keeps a choice that someone expressed, and stops what is pending of what they refused. It returns when that is
	// on disk; people.ErrTooManyChoices when their address has made too many.
	Decide(who []people.Chooser, x people.Expression) (recorded, changed bool, err error)
	// Opened returns whom a signed link was made for, from the members of its query. The error says that it is not valid.
	Opened(id, kind, until, sig string, now time.Time) (people.Chooser, error)
}

// Profiles knows visitors.
type Profiles interface {
	// ProfileOf returns as JSON what is known of a client id: all of it, or only the segments that its browser may know.
	ProfileOf(ctx context.Context, clientID string, all bool) (json.RawMessage, error)
}

// Page is one of them. As far as origins, limits and preflights go it is a source.
type Page interface {
	sources.Source
	// Serve answers a hit that the page claims. Nothing of it goes to the log.
	Serve(p *plan.Plan, site *plan.Site, h *event.Hit) (sources.Answer, event.Headers)
}

// notStored keeps answers about one visitor out of caches.
var notStored = event.Headers{{Name: "cache-control", Value: "no-store"}}
