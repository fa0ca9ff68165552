package door

import (
	"strings"

	"headgate/event"
	"headgate/sources"
)

// CORS lets the page that sent h read the answer. The origin is named and never "*", since hits carry cookies.
func CORS(h *event.Hit) event.Headers {
	origin := h.Headers.Get("origin")
	if origin == "" {
		return nil
	}
	return event.Headers{
		{Name: "Access-Control-Allow-Origin", Value: origin},
		{Name: "Access-Control-Allow-Credentials", Value: "true"},
		{Name: "Vary", Value: "Origin"},
	}
}

// Preflight answers the question a browser asks before a request that is not simple. The headers allowed are those the
// protocol's clients send, whatever was asked for.
func Preflight(h *event.Hit, source sources.Source) sources.Answer {
	return sources.Answer{Status: 204, Headers: append(CORS(h),
		event.Header{Name: "Access-Control-Allow-Methods", Value: "GET, POST, HEAD, OPTIONS"},
		event.Header{Name: "Access-Control-Allow-Headers", Value: strings.Join(source.AllowHeaders(), ", ")},
		event.Header{Name: "Access-Control-Max-Age", Value: "3600"},
	)}
}
