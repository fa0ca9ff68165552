package product

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"headgate/document"
	"headgate/event"
	"headgate/sources"
	"headgate/sources/reading"
)

// PostHogOptions configure the reading of what PostHog's libraries send.
type PostHogOptions struct {
	sources.Mounting `yaml:",inline"`

	Keys       []string          `yaml:"keys" help:"Project API keys that are accepted; all are when none is listed" example:"[\"${POSTHOG_API_KEY}\"]"`
	ServerKeys []document.Secret `yaml:"server_keys" help:"API keys that only servers know: what their events state of the visitor's address is believed, and nothing of their connection (address, user agent, cookies) becomes the visitor's" example:"[\"${POSTHOG_SERVER_KEY}\"]"`
}

// Trusted returns the keys that prove a server.
func (o *PostHogOptions) Trusted() []document.Secret { return o.ServerKeys }

var _ = sources.Declare(sources.Declaration{
	Name:     "posthog",
	Help:     "Events of PostHog's browser, app and server libraries",
	Path:     sources.Path{Help: "Where PostHog's paths begin, /e/, /batch/ and /flags/ among them: the path of api_host; empty is the root", Example: "/ph"},
	Speakers: sources.AllClients,
	Prefix:   true,
	Routes:   posthogRoutes,
	Headers: []string{"authorization", "content-encoding", "content-type", "posthog-attempt", "posthog-request-id",
		"posthog-request-timestamp", "posthog-sdk-info"},
	Block:     event.Block{Param: "posthog"}, // what is left of an event, $ before its names
	Addresses: []string{"posthog.$ip"},
	Agents:    []string{"posthog.$raw_user_agent", "posthog.$user_agent"},
}, newPostHog)

func posthogRoutes(path string) (routes []sources.Route) {
	for _, slash := range [...]string{"/", ""} {
		bare := slash == "" // other protocols have these
		for _, name := range [...]string{"/e", "/batch", "/track"} {
			routes = append(routes, sources.Route{Methods: "GET POST", Path: path + name + slash, Call: posthogEvents, Last: bare || name == "/track"})
		}
		routes = append(routes,
			sources.Route{Methods: "GET POST", Path: path + "/i/v0/e" + slash, Call: posthogEvents},
			sources.Route{Methods: "GET POST", Path: path + "/capture" + slash, Call: posthogEvents},
			sources.Route{Methods: "POST", Path: path + "/i/v1/analytics/events" + slash, Call: posthogV1},
			sources.Route{Methods: "GET POST", Path: path + "/engage" + slash, Call: posthogPeople, Last: true},
			sources.Route{Methods: "POST", Path: path + "/s" + slash, Call: posthogOmitted, Last: bare},
			sources.Route{Methods: "POST", Path: path + "/flags" + slash, Call: posthogFlags},
			sources.Route{Methods: "POST", Path: path + "/decide" + slash, Call: posthogFlags},
			sources.Route{Methods: "GET", Path: path + "/array/{}/config" + slash, Call: posthogConfig},
			sources.Route{Methods: "GET", Path: path + "/api/surveys" + slash, Call: posthogSurveys})
	}
	return append(routes, sources.Route{Methods: "GET", Path: path + "/array/{}/config.js", Call: posthogScript})
}

// posthog reads PostHog's capture API.
// https://posthog.com/docs/api/capture
type posthog struct {
	keys  sources.Keys
	tools *reading.Tools
}

func newPostHog(o PostHogOptions, l sources.Limits) sources.Protocol {
	return &posthog{keys: sources.Keys{Public: o.Keys, Server: o.ServerKeys}, tools: reading.New(l)}
}

func (s *posthog) Read(h *event.Hit, c sources.Call) (sources.Reading, error) {
	switch c.Name {
	case posthogConfig, posthogScript:
		if !s.keys.Accepts(c.Arg).Taken {
			return sources.Reading{}, sources.ErrKey
		}
		return sources.Reading{}, nil
	case posthogFlags, posthogSurveys, posthogOmitted:
		return sources.Reading{}, nil
	}
	q, err := s.open(h, c)
	if err != nil {
		return sources.Reading{}, err
	}
	if len(q.events) > s.tools.Limits.Events {
		return sources.Reading{}, fmt.Errorf("%w: a request may have %d events", sources.ErrTooLarge, s.tools.Limits.Events)
	}
	r := sources.Reading{Events: make([]event.Event, 0, len(q.events))}
	var dropped posthogDropped
	for i, one := range q.events {
		p := posthogEvent{e: event.Event{Source: "posthog", Received: h.Received}, limits: s.tools.Limits}
		key := posthogToken(one.Object(), q.key)
		held := s.keys.Accepts(key)
		why := sources.WrongKey
		if held.Taken && !strings.HasPrefix(key, "phx_") { // a personal key, which nobody should send
			r.Admit(held)
			if why = p.read(&q, one.Object()); why == "" {
				why = s.tools.Limits.Fault(&p.e)
			}
		}
		if why != "" {
			r.Rejected = append(r.Rejected, sources.Rejected{Index: i, Why: why})
			dropped = append(dropped, posthogDrop{one.Object().Text("uuid"), why})
			continue
		}
		r.Events = append(r.Events, p.e)
	}
	if len(r.Events) == 0 && sources.AllKeys(r.Rejected) {
		return sources.Reading{}, sources.ErrKey
	}
	r.State = dropped
	return r, nil
}

// open returns what a request holds: one event, a list, or a batch.
func (s *posthog) open(h *event.Hit, c sources.Call) (q posthogRequest, err error) {
	body, err := s.text(h)
	if err != nil {
		return q, err
	}
	v, err := s.tools.JSON.Read(h, body)
	if err != nil {
		return q, err
	}
	m := v.Object()
	q = posthogRequest{call: c.Name, key: posthogToken(m, ""), sent: s.sent(h, c, m)}
	if c.Name == posthogV1 {
		q.key = sources.HeaderKey(h.Headers)
	}
	switch batch := m.Get("batch"); {
	case v.Kind() == event.List:
		q.events = v.List()
	case batch.Kind() == event.List:
		q.events = batch.List()
	case v.Kind() != event.Object || c.Name == posthogV1:
		return q, fmt.Errorf("%w: the body is no event and no batch", sources.ErrMalformed)
	default:
		q.events = []event.Value{v}
	}
	return q, nil
}

// sent is when a request was sent, by the clock of the client. A library that tries again does not say when it does: then its
// clock is believed.
func (s *posthog) sent(h *event.Hit, c sources.Call, m event.Map) time.Time {
	if n := h.QueryValue("retry_count"); n != "" && n != "0" {
		return time.Time{}
	}
	if c.Name == posthogV1 {
		return reading.Time(event.String(h.Headers.Get("posthog-request-timestamp")))
	}
	if at := reading.Time(m.Get("sent_at")); !at.IsZero() {
		return at
	}
	return reading.Time(event.String(h.QueryValue("_")))
}

// text returns the JSON of a request, out of any of the wrappings that the libraries have used.
func (s *posthog) text(h *event.Hit) ([]byte, error) {
	from := h
	if data := h.QueryValue("data"); data != "" && len(h.Body) == 0 {
		from = &event.Hit{Body: []byte(data), Room: h.Room}
	}
	if h.QueryValue("compression") != "lz64" {
		return s.tools.Bodies.OpenJSON(from)
	}
	body, err := s.tools.Bodies.Open(from)
	if err != nil {
		return nil, err
	}
	if data, ok := reading.FormData(body); ok {
		body = data
	}
	limit := s.tools.Limits.Body
	if err := reading.Hold(h, 16*len(body)+4*limit); err != nil {
		return nil, err
	}
	plain, err := unLZ(strings.ReplaceAll(string(body), " ", "+"), limit)
	switch {
	case err == nil:
		return plain, nil
	case errors.Is(err, errLZLarge):
		return nil, s.tools.Bodies.TooLarge()
	}
	return nil, fmt.Errorf("%w: %w", sources.ErrMalformed, err)
}

// posthogToken is the project's key that an event or a batch names.
func posthogToken(m event.Map, key string) string {
	for _, name := range [...]string{"api_key", "token", "$token"} {
		if token := m.Text(name); token != "" {
			return token
		}
	}
	if token := m.Get("properties").Object().Text("token"); token != "" {
		return token
	}
	return key
}
