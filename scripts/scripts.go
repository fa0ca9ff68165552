// Package scripts serves scripts from the site's own host: Headgate's browser script, vendors' (gtag.js, fbevents.js and others that the
// configuration names, kept in memory and on disk), and Google's tag gateway, whose requests are passed on as they are.
//
// It promises never to be an open proxy: where a request goes is a host and a pattern of paths that the configuration fixes, and no
// part of a request can change the host. Nothing of a visitor but a country goes along with a script; what a gateway passes on is a
// list of headers and cookies, as far as the visitor's consent allows. A vendor's file that changed is noticed, one that is no script
// is never served, and while a vendor does not answer the last good copy is.
package scripts

import (
	"net/http"
	"path"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"headgate/document"
	"headgate/event"
)

// Set are the scripts of one configuration. It is safe for use by many goroutines.
type Set struct {
	list   []*Script
	client *http.Client
	store  *store
	fetch  *rate.Limiter // of all scripts together: strangers cannot make us flood a vendor
	slots  chan struct{} // requests that gateways are passing on
}

// Script is one entry of the configuration.
type Script struct {
	Name    string
	Needs   []string // consent purposes without which nothing is served
	Gateway bool     // requests are passed on as they are; else files are served out of a cache

	path     string // where it begins on our side, without a slash at the end
	upstream string // https://host/base, without a slash at the end
	files    []string
	query    map[string]bool
	ids      map[string]bool
	geo      bool
	address  bool
	rewrite  *strings.Replacer
	maxAge   time.Duration
	size     int
	pins     map[string]bool
	watch    watch
	own      map[string]*ownFile // Headgate's own script by file, nil for a vendor's
}

// Options are what a Set works with.
type Options struct {
	Transport func(hosts []string) http.RoundTripper // reaches these hosts and nothing else
	Folder    string                                 // of the copies on disk
}

// Bounds of what is fetched.
const (
	fetchTime  = 8 * time.Second
	fetchRate  = 10 // requests a second
	fetchBurst = 40

	mostPassing = 32 // requests that gateways pass on at once
)

// Open makes the scripts. It fetches nothing and writes nothing.
func Open(c Config, purposes []string, o Options) (*Set, document.Mistakes) {
	var mistakes document.Mistakes
	s := &Set{store: newStore(o.Folder), fetch: rate.NewLimiter(fetchRate, fetchBurst), slots: make(chan struct{}, mostPassing)}
	for i := range c {
		one, wrong := c[i].Value.open(c[i].Key, purposes)
		mistakes = append(mistakes, wrong...)
		if one == nil {
			continue
		}
		for _, other := range s.list {
			if below(one.path, other.path) || below(other.path, one.path) {
				mistakes.Add(c[i].Value.At, "the paths of the scripts "+other.Name+" and "+one.Name+" lie in each other", "give each a path of its own")
			}
		}
		s.list = append(s.list, one)
	}
	s.client = &http.Client{Transport: o.Transport(s.hosts()), Timeout: fetchTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return s, mistakes
}

// below reports whether a path is another or lies below it.
func below(path, other string) bool {
	return path == other || strings.HasPrefix(path, other+"/")
}

// Find returns the script that a path belongs to, nil when there is none.
func (s *Set) Find(path string) *Script {
	for _, one := range s.list {
		if below(path, one.path) {
			return one
		}
	}
	return nil
}

// Example is an address of the script's, to find out who else claims it.
func (s *Script) Example() string {
	if s.Gateway {
		return s.path + "/g/collect"
	}
	if len(s.files) == 0 {
		return s.path
	}
	return s.path + "/" + strings.ReplaceAll(s.files[0], "*", "x")
}

// List are the scripts in the order written.
func (s *Set) List() []*Script { return s.list }

// Request is what is asked of a script.
type Request struct {
	Hit             *event.Hit // Client has been called on it
	Country, Region string     // of the visitor, "" when unknown
	Granted         func(purpose string) bool
}

// allowed reports whether the visitor's consent lets a script be served.
func (s *Script) allowed(r *Request) bool {
	for _, purpose := range s.Needs {
		if !r.Granted(purpose) {
			return false
		}
	}
	return true
}

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

// Serve answers a request to a script. It may wait for the vendor, fetchTime at most.
func (s *Set) Serve(one *Script, r *Request) Answer {
	h := r.Hit
	below, ok := one.sub(h)
	switch {
	case !ok:
		return refusal(400, Malformed, nil)
	case one.Gateway:
		return s.pass(one, below, r)
	case h.Method != http.MethodGet && h.Method != http.MethodHead:
		return refusal(405, Malformed, nil)
	case !one.serves(below):
		return refusal(404, Malformed, nil)
	}
	if f := one.own[below]; f != nil {
		return f.answer(h)
	}
	query, ok := one.passed(h.Query)
	if !ok {
		return refusal(404, Malformed, nil)
	}
	if !one.allowed(r) {
		return Answer{Status: 200, Result: Denied, Body: []byte("/* not served: consent is missing */\n"),
			Headers: event.Headers{{Name: "content-type", Value: javaScript}, {Name: "cache-control", Value: "no-store"}, noSniff}}
	}
	address := one.upstream
	if below != "" {
		address += "/" + below
	}
	if query != "" {
		address += "?" + query
	}
	return s.file(one, address, r)
}

// serves reports whether a path below the script's own is one of its files.
func (s *Script) serves(below string) bool {
	if s.own != nil {
		return s.own[below] != nil
	}
	if len(s.files) == 0 {
		return below == ""
	}
	for _, pattern := range s.files {
		if ok, err := path.Match(pattern, below); ok && err == nil {
			return true
		}
	}
	return false
}
