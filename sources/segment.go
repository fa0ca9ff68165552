package sources

import (
	"maps"
	"slices"
	"strings"

	"headgate/document"
	"headgate/event"
)

// SegmentOptions configure the reading of Segment's HTTP API.
type SegmentOptions struct {
	At         document.Place    `yaml:"-"`
	Path       string            `yaml:"path" help:"Where the API begins; the same calls are also taken without the last /v1" example:"/v1"`
	Keys       []string          `yaml:"keys" help:"Write keys that are accepted; all are when none is listed" example:"[\"${SEGMENT_WRITE_KEY}\"]"`
	ServerKeys []document.Secret `yaml:"server_keys" help:"Write keys that only servers know: what their events state of the visitor's address is believed, and nothing of their connection (address, user agent, cookies) becomes the visitor's" example:"[\"${SEGMENT_SERVER_KEY}\"]"`
}

// SetDefaults is document.Defaulter's.
func (o *SegmentOptions) SetDefaults() { o.Path = "/v1" }

func (o *SegmentOptions) mount() (document.Place, *string) { return o.At, &o.Path }

func (o *SegmentOptions) serverKeys() []document.Secret { return o.ServerKeys }

var _ = declare(Declaration{
	Name:     "segment",
	Help:     "Segment's HTTP API, for analytics.js and Segment's server libraries",
	Speakers: AllClients, // analytics.js, the libraries of apps, and those of servers
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
func segmentRoutes(path string) (routes []Route) {
	other, versioned := strings.CutSuffix(path, "/v1")
	if !versioned {
		other = path + "/v1"
	}
	for _, name := range slices.Sorted(maps.Keys(segmentCalls)) {
		routes = append(routes, Route{Methods: "POST", Path: path + "/" + name, Call: segmentCalls[name]},
			Route{Methods: "POST", Path: other + "/" + name, Call: segmentCalls[name], Spare: true})
	}
	return append(routes, Route{Methods: "GET", Path: path + "/projects/{}/settings", Call: callSettings},
		Route{Methods: "GET", Path: other + "/projects/{}/settings", Call: callSettings, Spare: true})
}

// segment reads Segment's HTTP API as analytics.js and the server libraries speak it.
// https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/
type segment struct {
	path  string
	calls callReader
}

func newSegment(o SegmentOptions, t *toolbox) Protocol {
	return &segment{o.Path, callReader{source: "segment", keys: keys{o.Keys, o.ServerKeys}, tools: t}}
}

func (s *segment) Read(h *event.Hit, c Call) (Reading, error) {
	switch c.Name {
	case callSettings:
		if !s.calls.keys.accepts(c.Arg).taken {
			return Reading{}, ErrKey
		}
		return Reading{}, nil
	case callMetrics:
		return Reading{}, nil
	}
	return s.calls.readBody(h, c.Name, headerKey(h.Headers))
}

func (s *segment) Answer(h *event.Hit, c Call, r Reading) Answer {
	switch {
	case c.Name == callSettings:
		return s.settings(h, c.Arg)
	case c.Name != callBatch && len(r.Rejected) > 0:
		return jsonError(ErrMalformed, r.Rejected)
	}
	return Answer{Status: 200, ContentType: typeJSON, Headers: noStore, Body: []byte(`{"success":true}`)}
}

// settings is the file that the browser's library reads before it starts: that Segment's own destination is on, and that it
// is to be found here.
func (s *segment) settings(h *event.Hit, key string) Answer {
	b := append([]byte(nil), `{"integrations":{"Segment.io":{"apiKey":`...)
	b = event.AppendString(b, key)
	b = append(b, `,"apiHost":`...)
	b = event.AppendString(b, h.Host+s.path)
	if h.Scheme == "http" {
		b = append(b, `,"protocol":"http"`...)
	}
	b = append(b, `}},"plan":{},"metrics":{"sampleRate":0},"legacyVideoPluginsEnabled":false,"remotePlugins":[]}`...)
	return Answer{Status: 200, ContentType: typeJSON, Headers: forAWhile, Body: b}
}

// forAWhile lets browsers keep the settings. It is short, since they name this host.
var forAWhile = event.Headers{{Name: "cache-control", Value: "public, max-age=300"}}

func (s *segment) Refuse(_ *event.Hit, _ Call, err error) Answer { return jsonError(err, nil) }
