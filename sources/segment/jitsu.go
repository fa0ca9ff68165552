package segment

import (
	"errors"
	"strings"

	"headgate/document"
	"headgate/event"
	"headgate/event/wire"
	"headgate/sources"
	"headgate/sources/reading"
)

// JitsuOptions configure the reading of what Jitsu's SDKs send.
type JitsuOptions struct {
	sources.Mounting `yaml:",inline"`

	Keys       []string          `yaml:"keys" help:"Write keys that are accepted, whole, as id:secret; all are when none is listed" example:"[\"${JITSU_WRITE_KEY}\"]"`
	ServerKeys []document.Secret `yaml:"server_keys" help:"Write keys that only servers know: what their events state of the visitor's address is believed, and nothing of their connection (address, user agent, cookies) becomes the visitor's" example:"[\"${JITSU_SERVER_KEY}\"]"`
}

// Trusted returns the keys that prove a server.
func (o *JitsuOptions) Trusted() []document.Secret { return o.ServerKeys }

var _ = sources.Declare(sources.Declaration{
	Name:      "jitsu",
	Help:      "Jitsu's script and SDKs",
	Path:      sources.Path{Usual: "/", Help: "Where Jitsu's paths (/api/s, /api/px) begin. Clients that speak Segment's API to Jitsu are read by the source segment", Example: "/jitsu"},
	Speakers:  sources.AllClients,
	Routes:    jitsuRoutes,
	Prefix:    true,
	Headers:   []string{"authorization", "content-type", "x-enable-debug", "x-ip-policy", "x-write-key"},
	Block:     segmentBlock,
	Addresses: []string{"segment.ip"},
	Agents:    []string{"segment.userAgent"},
}, newJitsu)

// callPixel is before the kind of a call whose answer is an image.
const callPixel = "pixel "

func jitsuRoutes(path string) []sources.Route {
	routes := []sources.Route{{Methods: "POST", Path: path + "/api/s/s2s/batch", Call: callBatch}}
	for _, name := range [...]string{"a", "alias", "event", "g", "group", "i", "identify", "p", "page", "s", "screen", "t", "track"} {
		kind := segmentCalls[name]
		if name == callAny {
			kind = callAny
		}
		routes = append(routes,
			sources.Route{Methods: "POST", Path: path + "/api/s/" + name, Call: kind},
			sources.Route{Methods: "POST", Path: path + "/api/s/s2s/" + name, Call: kind},
			sources.Route{Methods: "GET", Path: path + "/api/px/" + name, Call: callPixel + kind})
	}
	return routes
}

// jitsu reads what Jitsu's SDKs send: Segment's calls, under keys and answers of their own.
// https://docs.jitsu.com/sending-data/http
type jitsu struct{ calls callReader }

func newJitsu(o JitsuOptions, l sources.Limits) sources.Protocol {
	return &jitsu{callReader{"jitsu", sources.Keys{Public: o.Keys, Server: o.ServerKeys}, reading.New(l), finishJitsu}}
}

// finishJitsu reads the ids of other tags, which the script sends since its requests carry no cookies to another domain.
func finishJitsu(h *event.Hit, e *event.Event) (why string) {
	own := e.Params.Get("segment").Object()
	var left event.Map // the calls of a batch may share what is read here
	for _, p := range own.Get("clientIds").Object() {
		switch google := p.Value.Object().Text("clientId"); {
		case (p.Key == "fbp" || p.Key == "fbc") && p.Value.Text() != "":
			e.Cookies.Set("_"+p.Key, p.Value)
		case p.Key == "ga4" && google != "":
			e.Cookies.Set("_ga", event.String("GA1.1."+google)) // as the cookie has it
			left.Add(p.Key, p.Value)
		default:
			left.Add(p.Key, p.Value)
		}
	}
	switch {
	case len(left) > 0:
		own.Set("clientIds", event.ObjectOf(left))
	case !own.Get("clientIds").IsNull():
		sources.Take(&e.Params, "segment.clientIds")
	}
	if id := sources.Take(&e.Params, "segment.groupId"); id != "" && e.Params.Text("group_id") == "" {
		e.Params.Set("group_id", event.String(id))
	}
	if policy := h.Headers.Get("x-ip-policy"); policy != "" && policy != "keep" { // for a rule of the site's to obey
		own := e.Params.Get("segment").Object().Clone()
		own.Set("ip_policy", event.String(policy))
		e.Params.Set("segment", event.ObjectOf(own))
	}
	return ""
}

// jitsuKey is the write key of a request. The body's has its secret struck out.
func jitsuKey(h *event.Hit) string {
	if key := h.Headers.Get("x-write-key"); key != "" {
		return key
	}
	if scheme, encoded, _ := strings.Cut(h.Headers.Get("authorization"), " "); strings.EqualFold(scheme, "basic") {
		if plain, ok := reading.Unbase64([]byte(strings.TrimSpace(encoded))); ok {
			return strings.TrimSuffix(string(plain), ":")
		}
	}
	return sources.HeaderKey(h.Headers)
}

func (s *jitsu) Read(h *event.Hit, c sources.Call) (sources.Reading, error) {
	if kind, pixel := strings.CutPrefix(c.Name, callPixel); pixel {
		return s.readPixel(h, kind)
	}
	body, spare, err := s.calls.object(h)
	if err != nil {
		return sources.Reading{}, err
	}
	r, err := s.calls.readCalls(h, c.Name, jitsuKey(h), body, spare)
	if c.Name == callBatch {
		r.State = body.Get("batch").List()
	}
	return r, err
}

// readPixel reads an image: an event in base64 in data, and single keys of it, whose names are paths, beside it.
func (s *jitsu) readPixel(h *event.Hit, kind string) (sources.Reading, error) {
	query, err := reading.QueryObject(h.Query)
	if err != nil {
		return sources.Reading{}, err
	}
	body, err := s.pixelData(h, query.Text("data"))
	if err != nil {
		return sources.Reading{}, err
	}
	key := query.Text("writeKey")
	for _, p := range query {
		switch p.Key {
		case "data", "cookie_domain", "process_headers", "writeKey":
		default:
			mergeBelow(&body, p.Key, p.Value)
		}
	}
	if fromHeaders, _ := reading.Truth(query.Get("process_headers")); fromHeaders {
		cookieID(h, &body, "__eventn_id", "anonymousId")
		cookieID(h, &body, "__eventn_uid", "userId")
	}
	r, err := s.calls.readCalls(h, kind, key, body, nil)
	for i := range r.Events {
		if page := &r.Events[i].Page; page.URL == "" {
			page.URL = h.Headers.Get("referer")
		}
	}
	return r, err
}

// cookieID takes an id that a call does not say out of the script's cookie.
func cookieID(h *event.Hit, body *event.Map, cookie, name string) {
	if v, ok := h.CookieValue(cookie); ok && body.Text(name) == "" {
		body.Set(name, event.String(wire.Unescape(v)))
	}
}

// pixelData reads the event of an image; without one it is empty.
func (s *jitsu) pixelData(h *event.Hit, encoded string) (event.Map, error) {
	if encoded == "" {
		return nil, nil
	}
	plain, ok := reading.Unbase64([]byte(encoded))
	if !ok {
		return nil, sources.ErrMalformed
	}
	v, err := s.calls.tools.JSON.Read(h, plain)
	return v.Object(), err
}

// mergeBelow sets a key of an object; of two objects the keys are merged.
func mergeBelow(m *event.Map, key string, v event.Value) {
	if v.Kind() != event.Object {
		m.Set(key, v)
		return
	}
	inside := m.Get(key).Object()
	for _, p := range v.Object() {
		mergeBelow(&inside, p.Key, p.Value)
	}
	m.Set(key, event.ObjectOf(inside))
}

// Answer is Jitsu's own: its script parses the body and asks for nothing again.
func (s *jitsu) Answer(_ *event.Hit, c sources.Call, r sources.Reading) sources.Answer {
	switch {
	case strings.HasPrefix(c.Name, callPixel):
		return sources.Image()
	case c.Name == callBatch:
		return jitsuBatch(r)
	case len(r.Rejected) > 0:
		return jitsuError(200, r.Rejected[0].Why)
	}
	return sources.Answer{Status: 200, ContentType: sources.TypeJSON, Headers: sources.NoStore, Body: []byte(`{"ok":true}`)}
}

// jitsuBatch names what could not be read by its message id.
func jitsuBatch(r sources.Reading) sources.Answer {
	b := []byte(`{"ok":true`)
	if len(r.Rejected) > 0 {
		b = []byte(`{"ok":false,"errors":[`)
		calls, _ := r.State.([]event.Value)
		for i, bad := range r.Rejected {
			if i > 0 {
				b = append(b, ',')
			}
			b = event.AppendString(b, "Message ID: "+calls[bad.Index].Object().Text("messageId")+": "+bad.Why)
		}
		b = append(b, ']')
	}
	b = event.Float(float64(len(r.Events) + len(r.Rejected))).AppendJSON(append(b, `,"receivedEvents":`...))
	b = event.Float(float64(len(r.Events))).AppendJSON(append(b, `,"okEvents":`...))
	return sources.Answer{Status: 200, ContentType: sources.TypeJSON, Headers: sources.NoStore, Body: append(b, '}')}
}

func jitsuError(status int, text string) sources.Answer {
	b := event.AppendString([]byte(`{"ok":false,"error":`), text)
	return sources.Answer{Status: status, ContentType: sources.TypeJSON, Headers: sources.NoStore, Body: append(b, '}')}
}

// Refuse answers single calls with 200, as Jitsu does: a script can do nothing about them. Batches come from servers.
func (s *jitsu) Refuse(_ *event.Hit, c sources.Call, err error) sources.Answer {
	switch {
	case strings.HasPrefix(c.Name, callPixel):
		return sources.Image()
	case c.Name == callBatch || errors.Is(err, sources.ErrBusy):
		return jitsuError(sources.Status(err), err.Error())
	}
	return jitsuError(200, err.Error())
}
