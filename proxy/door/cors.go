package door

import (
	"strings"

	"headgate/event"
	"headgate/sources"
)

// AllowPage lets the page that sent the hit read the answer. The origin is named and never "*", since hits carry cookies.
func (r *Incoming) AllowPage() {
	origin := r.Hit.Headers.Get("origin")
	if origin == "" {
		return
	}
	r.Extra = append(r.Extra,
		event.Header{Name: "Access-Control-Allow-Origin", Value: origin},
		event.Header{Name: "Access-Control-Allow-Credentials", Value: "true"},
		event.Header{Name: "Vary", Value: "Origin"},
	)
}

// Preflight answers the question a browser asks before a request that is not simple, of a page that is allowed to. The headers
// allowed are those the protocol's clients send, whatever was asked for.
func (r *Incoming) Preflight(source sources.Source) sources.Answer {
	r.Extra = append(r.Extra,
		event.Header{Name: "Access-Control-Allow-Methods", Value: "GET, POST, HEAD, OPTIONS"},
		event.Header{Name: "Access-Control-Allow-Headers", Value: strings.Join(source.AllowHeaders(), ", ")},
		event.Header{Name: "Access-Control-Max-Age", Value: "3600"},
	)
	return sources.Answer{Status: 204}
}
