package sources_test

import (
	"slices"
	"strings"
	"testing"

	"headgate/document"
	"headgate/event"
	"headgate/sources"
)

func names(all []sources.Source) string {
	var names []string
	for _, s := range all {
		names = append(names, s.Name())
	}
	return strings.Join(names, " ")
}

func TestASourceIsOnWhenItIsNamedAndAllAreWhenNoneIs(t *testing.T) {
	t.Parallel()
	var all []string
	for _, d := range sources.Declared() {
		all = append(all, d.Name)
	}
	every := strings.Join(all, " ")
	for config, want := range map[string]string{
		"":                       every,
		"{}":                     every,
		"ga4: {}":                "ga4",
		"ga4:\nsegment:\n":       "ga4 segment",
		"pixel: {path: /x.gif/}": "pixel",
	} {
		if got := names(open(t, config, sources.Limits{})); got != want {
			t.Errorf("%q opens %s, want %s", config, got, want)
		}
	}
	if all := open(t, "pixel: {path: /x.gif/}", sources.Limits{}); !all[0].Claims("GET", "/x.gif") {
		t.Error("a slash at the end of a path matters")
	}
}

func TestWhatIsWrongWithTheSectionIsSaidWithPlaceAndCure(t *testing.T) {
	t.Parallel()
	for config, want := range map[string]string{
		"segmant: {}":                         `sources.yaml:1:1: unknown key "segmant"; did you mean "segment"?`,
		"ga4: {pahts: /g}":                    `sources.yaml:1:7: unknown key "pahts"`,
		"ga4: {path: g/collect}":              `sources.yaml:1:6: the path "g/collect" does not begin with a slash; write /g/collect`,
		"ga4: {path: \"\"}":                   `sources.yaml:1:6: the path "" does not begin with a slash; write /`,
		"ga4: {path: \"/g?v=2\"}":             `sources.yaml:1:6: the path "/g?v=2" holds more than a path; leave out what follows the path`,
		"events: {path: /}":                   `sources.yaml:1:9: the path / would take every request; write a path such as /e`,
		"ga4: {path: /e}\nevents: {}":         `sources.yaml:1:6: events and ga4 are both on /e; give one of them another path`,
		"segment: {}\nevents: {path: /v1/t}":  `sources.yaml:1:10: events and segment are both on /v1/t; give one of them another path`,
		"segment: {keys: [1]}":                `sources.yaml:1:18: an item of "keys" takes text, not the number 1; write it in quotes: "1"`,
		"events: {debug_key: short}":          `sources.yaml:1:21: a debug_key of 5 bytes can be guessed; use one of at least 16 bytes: openssl rand -hex 16`,
		"segment: []\nga4: {path: g}\nmp: {}": `sources.yaml:1:10: "segment" takes a map, not a list`,
	} {
		n, mistakes := document.Parse("sources.yaml", []byte(config))
		var c sources.Config
		mistakes = append(mistakes, document.Decode(n, &c)...)
		_, more := sources.Open(c, sources.Limits{}, nil)
		if err := append(mistakes, more...).Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q:\ngot  %v\nwant %s", config, err, want)
		}
	}
}

func TestAPathThatIsTakenAlongIsLeftToTheSourceThatIsConfiguredToHaveIt(t *testing.T) {
	t.Parallel()
	all := open(t, "events: {path: /collect}\nga4:\npixel: {path: /p}\nsegment:\nmp: {path: /b}", sources.Limits{})
	for _, c := range []struct{ method, path, owner string }{
		{"POST", "/collect", "events"}, {"GET", "/g/collect", "ga4"}, {"GET", "/p", "pixel"}, {"POST", "/v1/p", "segment"},
		{"POST", "/b", "mp"}, {"POST", "/t", "segment"},
	} {
		if got := claimant(t, all, newHit(c.method, c.path, "")).Name(); got != c.owner {
			t.Errorf("%s %s belongs to %s, want %s", c.method, c.path, got, c.owner)
		}
	}
}

func TestAPathThatManyTakeAlongIsLeftToTheFirstThatIsNotLast(t *testing.T) {
	t.Parallel()
	for config, want := range map[string]string{"": "segment", "amplitude:\nsegment:": "segment", "amplitude:": "amplitude",
		"amplitude:\nevents: {path: /batch}": "events"} {
		if got := claimant(t, open(t, config, sources.Limits{}), newHit("POST", "/batch", "")).Name(); got != want {
			t.Errorf("with %q, /batch belongs to %s, want %s", config, got, want)
		}
	}
}

func TestRequestsAreClaimedByMethodAndPath(t *testing.T) {
	t.Parallel()
	all := open(t, "", sources.Limits{})
	for _, c := range []struct{ method, path, owner string }{
		{"GET", "/g/collect", "ga4"}, {"POST", "/g/collect", "ga4"}, {"GET", "/collect", "ga4"}, {"PUT", "/g/collect", ""},
		{"GET", "/g/collect/", ""}, {"GET", "/G/collect", ""}, {"POST", "/mp/collect", "mp"}, {"GET", "/mp/collect", ""},
		{"POST", "/e", "events"}, {"GET", "/e", ""}, {"GET", "/p.gif", "pixel"}, {"POST", "/p.gif", ""},
		{"POST", "/v1/t", "segment"}, {"POST", "/v1/track", "segment"}, {"POST", "/v1/import", "segment"}, {"POST", "/b", "segment"},
		{"POST", "/m", "segment"}, {"GET", "/v1/t", ""}, {"GET", "/v1/projects/k/settings", "segment"},
		{"GET", "/projects/k/settings", "segment"}, {"GET", "/v1/projects//settings", ""}, {"GET", "/v1/projects/a/b/settings", ""},
		{"POST", "/v1/projects/k/settings", ""}, {"GET", "/x/projects/k/settings", ""}, {"GET", "/", ""}, {"GET", "", ""},
	} {
		got := ""
		for _, s := range all {
			if s.Claims(c.method, c.path) {
				got += s.Name()
			}
		}
		if got != c.owner {
			t.Errorf("%s %s is claimed by %q, want %q", c.method, c.path, got, c.owner)
		}
	}
}

func TestGA4UnderAPrefixHasItsShortPathThereToo(t *testing.T) {
	t.Parallel()
	s := open(t, "ga4: {path: /metrics/g/collect}", sources.Limits{})[0]
	if !s.Claims("GET", "/metrics/collect") || s.Claims("GET", "/collect") {
		t.Error("the short path is elsewhere")
	}
	s = open(t, "ga4: {path: /x}", sources.Limits{})[0]
	if !s.Claims("GET", "/x") || s.Claims("GET", "") {
		t.Error("a path of another form has a short one")
	}
}

func TestEachProtocolsHeadersAreAllowed(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		"ga4": {"content-type"}, "mp": {"content-type"}, "pixel": nil, "events": {"authorization", "content-type", "x-write-key"},
		"segment": {"x-retry-count", "x-write-key", "anonymousid", "authorization", "content-type", "rsa-recovered", "rsa-retry-attempt", "rsa-retry-reason",
			"rsa-since-first-attempt", "rsa-since-last-attempt", "sentat"},
	}
	for _, s := range open(t, "{ga4: , mp: , pixel: , events: , segment: }", sources.Limits{}) {
		if got := s.AllowHeaders(); !slices.Equal(got, want[s.Name()]) {
			t.Errorf("%s allows %v, want %v", s.Name(), got, want[s.Name()])
		}
	}
}

// Who speaks a protocol decides what of a connection is believed to be the visitor's. That each source says it is checked with
// its declaration.
func TestWhoSpeaksAProtocolIsWhoSendsItsHits(t *testing.T) {
	t.Parallel()
	want := map[string]event.Sender{"events": event.Anyone, "ga4": event.Browser, "mp": event.Server, "pixel": event.Browser, "segment": event.Anyone}
	for _, s := range open(t, "{ga4: , mp: , pixel: , events: , segment: }", sources.Limits{}) {
		if speakers, known := want[s.Name()]; !known || s.Speakers() != speakers {
			t.Errorf("%s is spoken by %d; is it listed: %v", s.Name(), s.Speakers(), known)
		}
		delete(want, s.Name())
	}
	if len(want) > 0 {
		t.Errorf("not open: %v", want)
	}
}

func TestAServerKeyTellsWhoSent(t *testing.T) {
	t.Parallel()
	all := open(t, `{events: {keys: [web], server_keys: [secret]}, segment: {keys: [web], server_keys: [secret]}, mp: {}, ga4: {}, pixel: {}}`, sources.Limits{})
	for _, c := range []struct {
		what, method, target, body string
		want                       event.Sender
	}{
		{"events with a public key", "POST", "/e?k=web", `{"name":"a"}`, event.Anyone},
		{"events with a server key", "POST", "/e?k=secret", `{"name":"a"}`, event.Server},
		{"segment with a public key", "POST", "/v1/track", `{"writeKey":"web","event":"a"}`, event.Anyone},
		{"segment with a server key", "POST", "/v1/track", `{"writeKey":"secret","event":"a"}`, event.Server},
		{"a batch with a server key in one call", "POST", "/v1/batch", `{"batch":[{"type":"track","event":"a","writeKey":"web"},{"type":"track","event":"b","writeKey":"secret"}]}`, event.Server},
		{"the Measurement Protocol without a secret", "POST", "/mp/collect", `{"client_id":"1.2","events":[{"name":"a"}]}`, event.Server},
		{"a GA4 hit", "POST", "/g/collect?v=2&tid=G-1&cid=1.2&en=a", "", event.Browser},
		{"an image", "GET", "/p.gif?e=a", "", event.Browser},
	} {
		h := newHit(c.method, c.target, c.body)
		r, err := sources.Read(claimant(t, all, h), h)
		if err != nil || len(r.Events) == 0 {
			t.Errorf("%s: %v", c.what, err)
		}
		if h.Sender != c.want {
			t.Errorf("%s comes from %d, want %d", c.what, h.Sender, c.want)
		}
	}
}
