package scripts

import (
	"errors"

	"headgate/event"
)

// Answer is what a visitor gets.
type Answer struct {
	Status  int
	Headers event.Headers // names in lower case, the content type among them
	Body    []byte

	Result string // for metrics: one of Results
	Err    error  // why a vendor's answer could not be had, also where an older copy was served
	Change *Change
}

// The results of a request.
const (
	Cached    = "cached"    // out of the cache
	Fetched   = "fetched"   // asked for at the vendor's
	Stale     = "stale"     // an old copy, since the vendor does not answer as it should
	Passed    = "passed"    // by a gateway
	Denied    = "denied"    // by the visitor's consent
	Malformed = "malformed" // not one of the script's addresses
	Failed    = "failed"    // nothing could be served
)

// Results lists them all.
var Results = []string{Cached, Fetched, Stale, Passed, Denied, Malformed, Failed}

func refusal(status int, result string, err error) Answer {
	text := map[int]string{400: "bad request", 404: "not found", 405: "method not allowed", 413: "too large", 502: "the vendor does not answer", 503: "too many requests"}[status]
	headers := event.Headers{{Name: "content-type", Value: "text/plain; charset=utf-8"}, {Name: "cache-control", Value: "no-store"}, noSniff}
	if status == 503 {
		headers = append(headers, event.Header{Name: "retry-after", Value: "5"})
	}
	return Answer{Status: status, Headers: headers, Body: []byte(text + "\n"), Result: result, Err: err}
}

var noSniff = event.Header{Name: "x-content-type-options", Value: "nosniff"}

var errBusy = errors.New("too many requests to vendors at once")

const javaScript = "text/javascript; charset=utf-8"
