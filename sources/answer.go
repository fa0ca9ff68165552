package sources

import (
	"errors"

	"headgate/event"
)

// Status is the HTTP status that stands for an error.
func Status(err error) int {
	switch {
	case errors.Is(err, ErrKey), errors.Is(err, ErrSignature):
		return 401
	case errors.Is(err, ErrTooLarge):
		return 413
	case errors.Is(err, ErrBusy):
		return 503
	}
	return 400
}

// Problem is the answer to a request that could not be read: {"error":"..."}, and one entry per rejected event if there
// are any.
func Problem(err error, rejected []Rejected) Answer {
	b := append([]byte(nil), `{"error":`...)
	b = event.AppendString(b, err.Error())
	if len(rejected) > 0 {
		b = append(b, `,"rejected":`...)
		b = AppendRejected(b, rejected)
	}
	return Answer{Status: Status(err), ContentType: TypeJSON, Headers: NoStore, Body: append(b, '}')}
}

// AppendRejected appends the rejected events as a JSON list of their places and what is wrong with each.
func AppendRejected(b []byte, rejected []Rejected) []byte {
	b = append(b, '[')
	for i, r := range rejected {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"index":`...)
		b = event.Float(float64(r.Index)).AppendJSON(b)
		b = append(b, `,"error":`...)
		b = event.AppendString(b, r.Why)
		b = append(b, '}')
	}
	return append(b, ']')
}

// TypeJSON is the content type of JSON.
const TypeJSON = "application/json"

// NoStore are the headers of an answer that must not be cached.
var NoStore = event.Headers{{Name: "cache-control", Value: "no-store"}}

// NoCache are the headers of Google's own collector, and of every tracking pixel: no cache on the way may keep the answer.
var NoCache = event.Headers{
	{Name: "cache-control", Value: "no-cache, no-store, must-revalidate"},
	{Name: "pragma", Value: "no-cache"},
	{Name: "expires", Value: "Fri, 01 Jan 1990 00:00:00 GMT"},
	{Name: "cross-origin-resource-policy", Value: "cross-origin"},
}

// Transparent is the smallest GIF that every mail program shows: one transparent dot.
const Transparent = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

// Image is the answer of every tracking pixel.
func Image() Answer {
	return Answer{Status: 200, ContentType: "image/gif", Headers: NoCache, Body: []byte(Transparent)}
}

// ForAWhile lets browsers keep the settings. It is short, since they name this host.
var ForAWhile = event.Headers{{Name: "cache-control", Value: "public, max-age=300"}}

// Reply is a JSON answer that must not be cached.
func Reply(status int, body []byte) Answer {
	return Answer{Status: status, ContentType: TypeJSON, Headers: NoStore, Body: body}
}
