package sources

import (
	"fmt"
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
	Headers:  []string{"authorization", "content-type", "x-retry-count", "x-write-key"}, // the key, and a count of retries
	Block: event.Block{
		Param: "segment", // what is left of a call and of its context
		// RudderStack's libraries speak the protocol too.
		Categories: "consent.categoryPreferences",
		Allowed:    "consentManagement.allowedConsentIds",
		Denied:     "consentManagement.deniedConsentIds",
	},
	Addresses: []string{"segment.ip"},
	Agents:    []string{"segment.userAgent"},
}, newSegment)

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
	keys  keys
	tools *toolbox
}

func newSegment(o SegmentOptions, t *toolbox) Protocol {
	return &segment{path: o.Path, keys: keys{o.Keys, o.ServerKeys}, tools: t}
}

func (s *segment) Read(h *event.Hit, c Call) (Reading, error) {
	switch c.Name {
	case callSettings:
		if taken, _ := s.keys.accepts(c.Arg); !taken {
			return Reading{}, ErrKey
		}
		return Reading{}, nil
	case callMetrics:
		return Reading{}, nil
	}
	body, err := s.tools.bodies.openJSON(h)
	if err != nil {
		return Reading{}, err
	}
	v, err := s.tools.json.read(h, body)
	if err != nil {
		return Reading{}, err
	}
	if v.Kind() != event.Object {
		return Reading{}, fmt.Errorf("%w: the body is no JSON object", ErrMalformed)
	}
	return s.readCalls(h, c.Name, v.Object())
}

// readCalls reads a batch, or the one call that the body is.
func (s *segment) readCalls(h *event.Hit, call string, body event.Map) (Reading, error) {
	calls := []event.Value{event.ObjectOf(body)}
	batch := segmentBatch{}
	if call == callBatch {
		if body.Get("batch").Kind() != event.List {
			return Reading{}, fmt.Errorf("%w: the body has no list named batch", ErrMalformed)
		}
		calls = body.Get("batch").List()
		batch = newSegmentBatch(body)
	}
	if len(calls) > s.tools.limits.Events {
		return Reading{}, fmt.Errorf("%w: a request may have %d events", ErrTooLarge, s.tools.limits.Events)
	}
	key := headerKey(h.Headers)
	if key == "" {
		key = body.Text("writeKey")
	}
	r := Reading{Events: make([]event.Event, 0, len(calls))}
	for i, one := range calls {
		e, believed, why := s.readCall(h, call, key, one, batch)
		r.Proven = r.Proven || believed // who knows one server key is a server with all it sends
		if why == "" {
			why = s.tools.limits.fault(&e)
		}
		if why != "" {
			r.Rejected = append(r.Rejected, Rejected{i, why})
			continue
		}
		r.Events = append(r.Events, e)
	}
	if len(r.Events) == 0 && allKeys(r.Rejected) {
		return Reading{}, ErrKey
	}
	return r, nil
}

const wrongKey = "unknown write key"

// allKeys reports whether there are rejected events and the write key is what is wrong with all of them.
func allKeys(rejected []Rejected) bool {
	for _, r := range rejected {
		if r.Why != wrongKey {
			return false
		}
	}
	return len(rejected) > 0
}

// readCall reads one call. Believed says that its key is a server's; why says why it cannot be taken.
func (s *segment) readCall(h *event.Hit, call, key string, v event.Value, batch segmentBatch) (e event.Event, believed bool, why string) {
	if v.Kind() != event.Object {
		return e, false, "the event is no object"
	}
	c := segmentCall{body: v.Object(), kind: call, batch: batch, limits: s.tools.limits}
	if key == "" {
		key = c.body.Text("writeKey")
	}
	taken, believed := s.keys.accepts(key)
	if !taken {
		return e, false, wrongKey
	}
	if call == callBatch {
		c.kind = c.body.Text("type")
	}
	e.Source, e.Received = "segment", h.Received
	c.e = &e
	return e, believed, c.read()
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
