package scripts

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"headgate/event"
	"headgate/event/wire"
)

// mostAnswer bounds what a gateway passes back.
const mostAnswer = 2 << 20

// passedHeaders are the request headers that a gateway passes on, beside client hints.
var passedHeaders = []string{"accept", "accept-language", "content-type", "referer", "user-agent", "if-none-match", "if-modified-since", "service-worker"}

// returnedHeaders are the headers of the vendor's answer that come back: no cookies, no policies.
var returnedHeaders = []string{"Content-Type", "Cache-Control", "ETag", "Last-Modified", "Expires", "Vary", "Service-Worker-Allowed"}

// gatewayCookies are the cookies that Google's tags use, by how their names begin, and the purpose without which each stays here.
var gatewayCookies = []struct{ begins, purpose string }{
	{"_ga", "analytics"}, {"FPID", "analytics"}, {"FPLC", "analytics"},
	{"_gcl_", "ads"}, {"_gac_", "ads"}, {"FPAU", "ads"}, {"FPGCL", "ads"}, {"__gads", "ads"}, {"__gpi", "ads"},
}

// adPaths are the beginnings and parts of paths below a gateway that measure ads, as far as they are known.
var adPaths = []string{"ccm/", "pagead/", "rmkt/", "as/", "gs/", "td/", "ads/"}

// pass passes a request on to the gateway and its answer back.
func (s *Set) pass(one *Script, below string, r *Request) Answer {
	h := r.Hit
	switch h.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
	default:
		return refusal(405, Malformed, nil)
	}
	if !clean(h.Query) {
		return refusal(400, Malformed, nil)
	}
	r = r.asTagged()
	probe := below == "healthy" || below == "" && h.Query == "validate_geo=healthy" // Google looks whether the gateway works
	if !probe && (!one.allowed(r) || forAds(below) && !r.Granted("ads")) {
		return Answer{Status: 204, Headers: event.Headers{{Name: "cache-control", Value: "no-store"}}, Result: Denied}
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		return refusal(503, Failed, errBusy)
	}
	// The upstream keeps the path that the tag is served at; only the host differs.
	target := one.upstream + h.Path
	if h.Query != "" {
		target += "?" + h.Query
	}
	request, err := http.NewRequest(h.Method, target, bytes.NewReader(h.Body)) // the client's time-out ends it
	if err != nil {
		return refusal(400, Malformed, err)
	}
	setPlace(request.Header, r)
	request.Header.Set("Accept-Encoding", "identity")
	if !probe {
		one.passHeaders(request.Header, r)
	}
	answer, err := s.client.Do(request)
	if err != nil {
		err = plainError(err)
		one.watch.failed(err, h.Received)
		return refusal(502, Failed, err)
	}
	defer func() { _ = answer.Body.Close() }() // it was read as far as it is wanted
	return one.back(answer, h)
}

// asTagged is the request with the consent that the tag itself states, where that is less: gcs=G1 and a digit each for ads and
// analytics.
func (r *Request) asTagged() *Request {
	gcs := r.Hit.QueryValue("gcs")
	if len(gcs) != 4 || !strings.HasPrefix(gcs, "G1") {
		return r
	}
	tagged := *r
	tagged.Granted = func(purpose string) bool {
		switch purpose {
		case "ads", "personalized_ads", "sharing":
			return gcs[2] == '1' && r.Granted(purpose)
		case "analytics":
			return gcs[3] == '1' && r.Granted(purpose)
		}
		return r.Granted(purpose)
	}
	return &tagged
}

// forAds reports whether a path below a gateway is known to be about ads.
func forAds(below string) bool {
	return slices.ContainsFunc(adPaths, func(p string) bool {
		return strings.HasPrefix(below, p) || strings.Contains(below, "/"+p)
	})
}

// passHeaders copies what a gateway may know.
func (s *Script) passHeaders(to http.Header, r *Request) {
	for _, h := range r.Hit.Headers {
		if slices.Contains(passedHeaders, h.Name) || strings.HasPrefix(h.Name, "sec-ch-ua") {
			to.Set(h.Name, h.Value)
		}
	}
	if page, _, cut := strings.Cut(to.Get("Referer"), "?"); cut {
		to.Set("Referer", page)
	}
	if to.Get("User-Agent") == "" {
		to["User-Agent"] = nil // none, in place of ours
	}
	if s.address && r.Granted("ads") && r.Hit.Address.IsValid() {
		to.Set("X-Forwarded-For", r.Hit.Address.String())
	}
	var cookies []string
	for rest := r.Hit.Cookie; rest != ""; {
		var name, value string
		var ok bool
		name, value, rest, ok = wire.CutCookie(rest)
		for _, c := range gatewayCookies {
			if ok && strings.HasPrefix(name, c.begins) && r.Granted(c.purpose) {
				cookies = append(cookies, name+"="+value)
				break
			}
		}
	}
	if len(cookies) > 0 {
		to.Set("Cookie", strings.Join(cookies, "; "))
	}
}

// back is the answer of a gateway as the visitor gets it.
func (s *Script) back(answer *http.Response, h *event.Hit) Answer {
	fail := func(err error) Answer {
		s.watch.failed(err, h.Received)
		return refusal(502, Failed, err)
	}
	if code := answer.StatusCode; code < 200 || code >= 300 && code < 400 && code != http.StatusNotModified {
		return fail(fmt.Errorf("the gateway answers %d", code)) // a redirect may lead anywhere
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswer+1))
	if err != nil {
		return fail(plainError(err))
	}
	if len(body) > mostAnswer {
		return fail(errors.New("the gateway's answer is too large"))
	}
	a := Answer{Status: answer.StatusCode, Body: body, Result: Passed, Headers: event.Headers{noSniff}}
	for _, name := range returnedHeaders {
		if value := answer.Header.Get(name); value != "" {
			a.Headers = append(a.Headers, event.Header{Name: strings.ToLower(name), Value: value})
		}
	}
	return a
}
