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

	"golang.org/x/time/rate"

	"headgate/document"
	"headgate/event"
)

// Options are what a Set works with.
type Options struct {
	Transport func(hosts []string) http.RoundTripper // reaches these hosts and nothing else
	Folder    string                                 // of the copies on disk
}

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

// Find returns the script that a path belongs to, nil when there is none.
func (s *Set) Find(path string) *Script {
	for _, one := range s.list {
		if below(path, one.path) {
			return one
		}
	}
	return nil
}

// List are the scripts in the order written.
func (s *Set) List() []*Script { return s.list }

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
