// Package segment reads Segment's API and the dialects that RudderStack and Jitsu made of it. It also knows Segment's
// specification of events, which sites follow with other tools, too: see ShopEvent and SiteProperties.
package segment

import (
	"maps"
	"slices"
	"strings"

	"headgate/document"
	"headgate/event"
	"headgate/sources"
	"headgate/sources/reading"
)

// SegmentOptions configure the reading of Segment's HTTP API.
type SegmentOptions struct {
	sources.Mounting `yaml:",inline"`

	Keys       []string          `yaml:"keys" help:"Write keys that are accepted; all are when none is listed" example:"[\"${SEGMENT_WRITE_KEY}\"]"`
	ServerKeys []document.Secret `yaml:"server_keys" help:"Write keys that only servers know: what their events state of the visitor's address is believed, and nothing of their connection (address, user agent, cookies) becomes the visitor's" example:"[\"${SEGMENT_SERVER_KEY}\"]"`
}

// Trusted returns the keys that prove a server.
func (o *SegmentOptions) Trusted() []document.Secret { return o.ServerKeys }

var _ = sources.Declare(sources.Declaration{
	Name:     "segment",
	Help:     "Segment's HTTP API, for analytics.js and Segment's server libraries",
	Path:     sources.Path{Usual: "/v1", Help: "Where the API begins; the same calls are also taken without the last /v1"},
	Speakers: sources.AllClients, // analytics.js, the libraries of apps, and those of servers
	Routes:   segmentRoutes,
	// The key, a count of retries, and what RudderStack's SDK adds: its calls are taken here where both sources are at the root.
	Headers:   append([]string{"x-retry-count", "x-write-key"}, rudderHeaders...),
	Block:     segmentBlock,
	Addresses: []string{"segment.ip"},
	Agents:    []string{"segment.userAgent"},
}, newSegment)

// segmentBlock holds what is left of a call and of its context. RudderStack's and Jitsu's calls are Segment's, so that they
// keep it in the same place.
var segmentBlock = event.Block{
	Param:      "segment",
	Categories: "consent.categoryPreferences",
	Allowed:    "consentManagement.allowedConsentIds", // RudderStack's
	Denied:     "consentManagement.deniedConsentIds",
}

// segmentRoutes are the calls below the path as configured, and below the same with or without the version.
func segmentRoutes(path string) (routes []sources.Route) {
	other, versioned := strings.CutSuffix(path, "/v1")
	if !versioned {
		other = path + "/v1"
	}
	for _, name := range slices.Sorted(maps.Keys(segmentCalls)) {
		routes = append(routes, sources.Route{Methods: "POST", Path: path + "/" + name, Call: segmentCalls[name]},
			sources.Route{Methods: "POST", Path: other + "/" + name, Call: segmentCalls[name], Spare: true})
	}
	return append(routes, sources.Route{Methods: "GET", Path: path + "/projects/{}/settings", Call: callSettings},
		sources.Route{Methods: "GET", Path: other + "/projects/{}/settings", Call: callSettings, Spare: true})
}

// segment reads Segment's HTTP API as analytics.js and the server libraries speak it.
// https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/
type segment struct {
	path  string
	calls callReader
}

func newSegment(o SegmentOptions, l sources.Limits) sources.Protocol {
	return &segment{o.Path, callReader{source: "segment", keys: sources.Keys{Public: o.Keys, Server: o.ServerKeys}, tools: reading.New(l)}}
}

func (s *segment) Read(h *event.Hit, c sources.Call) (sources.Reading, error) {
	switch c.Name {
	case callSettings:
		if !s.calls.keys.Accepts(c.Arg).Taken {
			return sources.Reading{}, sources.ErrKey
		}
		return sources.Reading{}, nil
	case callMetrics:
		return sources.Reading{}, nil
	}
	return s.calls.readBody(h, c.Name, sources.HeaderKey(h.Headers))
}

func (s *segment) Answer(h *event.Hit, c sources.Call, r sources.Reading) sources.Answer {
	switch {
	case c.Name == callSettings:
		return s.settings(h, c.Arg)
	case c.Name != callBatch && len(r.Rejected) > 0:
		return sources.Problem(sources.ErrMalformed, r.Rejected)
	}
	return sources.Answer{Status: 200, ContentType: sources.TypeJSON, Headers: sources.NoStore, Body: []byte(`{"success":true}`)}
}

// settings is the file that the browser's library reads before it starts: that Segment's own destination is on, and that it
// is to be found here.
func (s *segment) settings(h *event.Hit, key string) sources.Answer {
	b := append([]byte(nil), `{"integrations":{"Segment.io":{"apiKey":`...)
	b = event.AppendString(b, key)
	b = append(b, `,"apiHost":`...)
	b = event.AppendString(b, h.Host+s.path)
	if h.Scheme == "http" {
		b = append(b, `,"protocol":"http"`...)
	}
	b = append(b, `}},"plan":{},"metrics":{"sampleRate":0},"legacyVideoPluginsEnabled":false,"remotePlugins":[]}`...)
	return sources.Answer{Status: 200, ContentType: sources.TypeJSON, Headers: sources.ForAWhile, Body: b}
}

func (s *segment) Refuse(_ *event.Hit, _ sources.Call, err error) sources.Answer {
	return sources.Problem(err, nil)
}

// rudderHeaders are the headers of the browser SDK's requests: the key, what RudderStack balances its own load by, the time,
// and how often and why a request is sent again. Seen with version 3.34.1.
var rudderHeaders = []string{"anonymousid", "authorization", "content-type", "rsa-recovered", "rsa-retry-attempt", "rsa-retry-reason",
	"rsa-since-first-attempt", "rsa-since-last-attempt", "sentat"}
