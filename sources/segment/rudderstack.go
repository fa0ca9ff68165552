package segment

import (
	"errors"
	"fmt"
	"strings"

	"headgate/document"
	"headgate/event"
	"headgate/sources"
	"headgate/sources/reading"
)

// RudderstackOptions configure the reading of what RudderStack's SDKs send.
type RudderstackOptions struct {
	sources.Mounting `yaml:",inline"`

	Keys       []string          `yaml:"keys" help:"Write keys that are accepted; all are when none is listed" example:"[\"${RUDDER_WRITE_KEY}\"]"`
	ServerKeys []document.Secret `yaml:"server_keys" help:"Write keys that only servers know: what their events state of the visitor's address is believed, and nothing of their connection (address, user agent, cookies) becomes the visitor's" example:"[\"${RUDDER_SERVER_KEY}\"]"`
}

// Trusted returns the keys that prove a server.
func (o *RudderstackOptions) Trusted() []document.Secret { return o.ServerKeys }

var _ = sources.Declare(sources.Declaration{
	Name:      "rudderstack",
	Help:      "RudderStack's SDKs of browsers, apps and servers",
	Path:      sources.Path{Usual: "/", Help: "Where RudderStack's paths (/v1/track, /beacon/v1/batch, /sourceConfig) begin. At / the calls below /v1 are Segment's where segment is on, too: its answers are understood, its keys count", Example: "/rudder"},
	Speakers:  sources.AllClients,
	Routes:    rudderstackRoutes,
	Prefix:    true,
	Headers:   rudderHeaders,
	Block:     segmentBlock,
	Addresses: []string{"segment.ip"},
	Agents:    []string{"segment.userAgent"},
}, newRudderstack)

// The calls whose answer is an image.
const (
	callPixelPage  = "pixel page"
	callPixelTrack = "pixel track"
)

func rudderstackRoutes(path string) []sources.Route {
	routes := []sources.Route{
		{Methods: "GET", Path: path + "/sourceConfig", Call: callSettings},
		{Methods: "GET", Path: path + "/sourceConfig/", Call: callSettings},
		{Methods: "POST", Path: path + "/beacon/v1/batch", Call: callBatch},
		{Methods: "GET", Path: path + "/pixel/v1/page", Call: callPixelPage},
		{Methods: "GET", Path: path + "/pixel/v1/track", Call: callPixelTrack},
		{Methods: "POST", Path: path + "/v1/merge", Call: "merge"},
	}
	for _, name := range [...]string{"alias", "batch", "group", "identify", "import", "page", "screen", "track"} {
		routes = append(routes, sources.Route{Methods: "POST", Path: path + "/v1/" + name, Call: segmentCalls[name], Spare: path == ""})
	}
	return routes
}

// rudderstack reads what RudderStack's SDKs send: Segment's calls with a session, under keys and answers of their own.
// https://www.rudderstack.com/docs/api/http-api/
type rudderstack struct{ calls callReader }

func newRudderstack(o RudderstackOptions, l sources.Limits) sources.Protocol {
	return &rudderstack{callReader{"rudderstack", sources.Keys{Public: o.Keys, Server: o.ServerKeys}, reading.New(l), finishRudderstack}}
}

// nobody is RudderStack's answer to a call that is about no one.
const nobody = "Request neither has anonymousId nor userId"

// finishRudderstack sets the session, and refuses an event that is about nobody.
func finishRudderstack(_ *event.Hit, e *event.Event) (why string) {
	e.Session.ID = sources.Take(&e.Params, "segment.sessionId")
	if e.Name == "merge" {
		mergedIDs(e)
	}
	if e.User.ClientID == "" && e.User.UserID == "" && e.Name != "merge" {
		return nobody
	}
	return ""
}

// mergedIDs moves what a merge says of the person, a list of a type and a value, to where it is known to be personal.
func mergedIDs(e *event.Event) {
	own := e.Params.Get("segment").Object()
	list := own.Get("mergeProperties").List()
	if len(list) == 0 {
		return
	}
	for _, one := range list {
		if kind := one.Object().Text("type"); kind != "" {
			reading.SetTrait(&e.User, kind, one.Object().Get("value"))
		}
	}
	own.Delete("mergeProperties")
	if e.Params.Delete("segment"); len(own) > 0 {
		e.Params.Set("segment", event.ObjectOf(own))
	}
}

func (s *rudderstack) Read(h *event.Hit, c sources.Call) (sources.Reading, error) {
	key := sources.HeaderKey(h.Headers)
	if key == "" {
		key = h.QueryValue("writeKey") // beacons and images have no headers
	}
	var r sources.Reading
	var err error
	switch c.Name {
	case callSettings:
		if key == "" || !s.calls.keys.Accepts(key).Taken {
			err = sources.ErrKey
		}
	case callPixelPage, callPixelTrack:
		r, err = s.readPixel(h, strings.TrimPrefix(c.Name, "pixel "), key)
	default:
		r, err = s.calls.readBody(h, c.Name, key)
	}
	if err == nil && c.Name == callBatch && len(r.Events)+len(r.Rejected) == 0 {
		err = fmt.Errorf("%w: the batch is empty", sources.ErrMalformed)
	}
	return r, err
}

// readPixel reads a call out of the query of an image.
func (s *rudderstack) readPixel(h *event.Hit, call, key string) (sources.Reading, error) {
	body, err := reading.QueryObject(h.Query)
	if err != nil {
		return sources.Reading{}, err
	}
	body.Set("anonymousId", event.String(strings.Trim(body.Text("anonymousId"), `"`)))
	r, err := s.calls.readCalls(h, call, key, body, nil)
	for i := range r.Events {
		if page := &r.Events[i].Page; page.URL == "" {
			page.URL = h.Headers.Get("referer")
		}
	}
	return r, err
}

// Answer is RudderStack's own. Its server SDKs drop, or even stop at, what is answered 4xx: a batch is refused only when
// nothing of it could be taken.
func (s *rudderstack) Answer(h *event.Hit, c sources.Call, r sources.Reading) sources.Answer {
	switch {
	case c.Name == callSettings:
		return rudderstackSettings(h)
	case c.Name == callPixelPage || c.Name == callPixelTrack:
		return sources.Image()
	case len(r.Events) == 0 && len(r.Rejected) > 0:
		return rudderstackText(400, r.Rejected[0].Why)
	}
	return rudderstackText(200, "OK")
}

// rudderstackSettings is the configuration of a source that has no destinations in the browser. The SDK does not start
// without a source of an id, a config and a list of destinations.
func rudderstackSettings(h *event.Hit) sources.Answer {
	key := sources.HeaderKey(h.Headers)
	if key == "" {
		key = h.QueryValue("writeKey")
	}
	text := func(b []byte, before, text, after string) []byte {
		return append(event.AppendString(append(b, before...), text), after...)
	}
	b := text(nil, `{"source":{"id":`, key, ``)
	b = text(b, `,"name":"Headgate","writeKey":`, key, ``)
	b = append(b, `,"enabled":true,"workspaceId":"headgate","config":{"statsCollection":{"errors":{"enabled":false},"metrics":{"enabled":false}}},"destinations":[],"updatedAt":"2026-01-01T00:00:00.000Z"},"updatedAt":"2026-01-01T00:00:00.000Z"}`...)
	return sources.Answer{Status: 200, ContentType: sources.TypeJSON, Headers: sources.NoStore, Body: b}
}

func rudderstackText(status int, text string) sources.Answer {
	return sources.Answer{Status: status, ContentType: "text/plain; charset=utf-8", Headers: sources.NoStore, Body: []byte(text)}
}

func (s *rudderstack) Refuse(_ *event.Hit, c sources.Call, err error) sources.Answer {
	switch {
	case c.Name == callPixelPage || c.Name == callPixelTrack:
		return sources.Image()
	case errors.Is(err, sources.ErrKey):
		return rudderstackText(401, "Invalid Write Key")
	case errors.Is(err, sources.ErrTooLarge):
		return rudderstackText(413, "Request size exceeds max limit")
	}
	return rudderstackText(sources.Status(err), err.Error())
}
