// Package product reads the protocols of tools for product analytics: Amplitude, Mixpanel and PostHog. They have no names of their
// own for what happens in a shop; sites follow Segment's specification, and so does this package.
package product

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"headgate/document"
	"headgate/event"
	"headgate/event/wire"
	"headgate/sources"
	"headgate/sources/reading"
)

// AmplitudeOptions configure the reading of Amplitude's HTTP API.
type AmplitudeOptions struct {
	sources.Mounting `yaml:",inline"`

	Keys       []string          `yaml:"keys" help:"API keys that are accepted; all are when none is listed" example:"[\"${AMPLITUDE_API_KEY}\"]"`
	ServerKeys []document.Secret `yaml:"server_keys" help:"API keys that only servers know: what their events state of the visitor's address is believed, and nothing of their connection (address, user agent, cookies) becomes the visitor's" example:"[\"${AMPLITUDE_SERVER_KEY}\"]"`
}

// Trusted returns the keys that prove a server.
func (o *AmplitudeOptions) Trusted() []document.Secret { return o.ServerKeys }

var _ = sources.Declare(sources.Declaration{
	Name:     "amplitude",
	Help:     "Amplitude's HTTP API, for its browser, app and server libraries",
	Path:     sources.Path{Help: "Where Amplitude's paths begin, /2/httpapi and /batch among them; empty is the root", Example: "/amplitude"},
	Speakers: sources.AllClients,
	Prefix:   true,
	Routes: func(path string) []sources.Route {
		return []sources.Route{
			{Methods: "POST", Path: path + "/2/httpapi"},
			{Methods: "POST", Path: path + "/batch", Last: true}, // Segment's and PostHog's, too
			{Methods: "POST", Path: path + "/httpapi", Call: amplitudeForm},
		}
	},
	Headers:   []string{"accept", "content-encoding", "content-type"},
	Block:     event.Block{Param: "amplitude"}, // what is left of an event
	Addresses: []string{"amplitude.ip"},
	Agents:    []string{"amplitude.user_agent"},
}, newAmplitude)

// amplitudeForm is the older API: a form with the key and the JSON of the events. The form's names are unconfirmed.
const amplitudeForm = "form"

// amplitude reads Amplitude's HTTP API, version 2 and its batches, which have the same body.
// https://amplitude.com/docs/apis/analytics/http-v2
type amplitude struct {
	keys  sources.Keys
	tools *reading.Tools
}

func newAmplitude(o AmplitudeOptions, l sources.Limits) sources.Protocol {
	return &amplitude{keys: sources.Keys{Public: o.Keys, Server: o.ServerKeys}, tools: reading.New(l)}
}

func (s *amplitude) Read(h *event.Hit, c sources.Call) (sources.Reading, error) {
	key, list, sent, err := s.open(h, c)
	if err != nil {
		return sources.Reading{}, err
	}
	held := s.keys.Accepts(key)
	switch {
	case !held.Taken:
		return sources.Reading{}, sources.ErrKey
	case len(list) > s.tools.Limits.Events:
		return sources.Reading{}, fmt.Errorf("%w: a request may have %d events", sources.ErrTooLarge, s.tools.Limits.Events)
	}
	r := sources.Reading{Events: make([]event.Event, 0, len(list))}
	r.Admit(held)
	missing := amplitudeMissing{}
	for i, one := range list {
		a := amplitudeEvent{e: event.Event{Source: "amplitude", Received: h.Received}, limits: s.tools.Limits}
		field, why := a.read(one.Object(), sent)
		if why == "" {
			field, why = "event_type", s.tools.Limits.Fault(&a.e)
		}
		if why != "" {
			r.Rejected = append(r.Rejected, sources.Rejected{Index: i, Why: why})
			missing = append(missing, amplitudeField{field, i})
			continue
		}
		r.Events = append(r.Events, a.e)
	}
	r.State = missing
	return r, nil
}

// open returns what a body holds.
func (s *amplitude) open(h *event.Hit, c sources.Call) (key string, list []event.Value, sent time.Time, err error) {
	if c.Name == amplitudeForm {
		return s.openForm(h)
	}
	v, err := s.tools.OpenJSON(h)
	if err != nil {
		return "", nil, sent, err
	}
	m := v.Object()
	if m.Get("events").Kind() != event.List {
		return "", nil, sent, fmt.Errorf("%w: the body has no list named events", sources.ErrMalformed)
	}
	return m.Text("api_key"), m.Get("events").List(), reading.Time(m.Get("client_upload_time")), nil
}

// openForm reads the older API's form, whose event is one or a list.
func (s *amplitude) openForm(h *event.Hit) (key string, list []event.Value, sent time.Time, err error) {
	body, err := s.tools.Bodies.Open(h)
	if err != nil {
		return "", nil, sent, err
	}
	form, events := reading.Pairs(string(body)), ""
	for name, value, ok := form.Next(); ok; name, value, ok = form.Next() {
		switch name {
		case "api_key":
			key = wire.Unescape(value)
		case "event":
			events = wire.Unescape(value)
		}
	}
	v, err := s.tools.JSON.Read(h, []byte(events))
	if err != nil {
		return "", nil, sent, err
	}
	if list = v.List(); v.Kind() == event.Object {
		list = []event.Value{v}
	}
	return key, list, sent, nil
}

// amplitudeMissing are the fields for which events were rejected.
type amplitudeMissing []amplitudeField

type amplitudeField struct {
	name  string
	index int
}

// Answer counts the events. Amplitude refuses a request for one bad event and its libraries send the others again; here those
// are safe already. Only where nothing could be taken are the bad ones named, so that none is tried again.
func (s *amplitude) Answer(h *event.Hit, c sources.Call, r sources.Reading) sources.Answer {
	switch {
	case len(r.Events) == 0 && len(r.Rejected) > 0:
		missing, _ := r.State.(amplitudeMissing)
		return amplitudeError(400, r.Rejected[0].Why, missing)
	case c.Name == amplitudeForm:
		return sources.Answer{Status: 200, ContentType: "text/html;charset=utf-8", Headers: sources.NoStore, Body: []byte("success")}
	}
	b := append([]byte(nil), `{"code":200,"events_ingested":`...)
	b = strconv.AppendInt(b, int64(len(r.Events)), 10)
	b = append(b, `,"payload_size_bytes":`...)
	b = strconv.AppendInt(b, int64(len(h.Body)), 10)
	b = append(b, `,"server_upload_time":`...)
	b = strconv.AppendInt(b, h.Received.UnixMilli(), 10)
	return sources.Answer{Status: 200, ContentType: sources.TypeJSON, Headers: sources.NoStore, Body: append(b, '}')}
}

// Refuse gives the code that the libraries look at. They drop what has a missing field and take an unknown key for
// final only with status 400.
func (s *amplitude) Refuse(_ *event.Hit, _ sources.Call, err error) sources.Answer {
	if errors.Is(err, sources.ErrKey) {
		return amplitudeError(400, "Invalid API key", nil)
	}
	a := amplitudeError(sources.Status(err), err.Error(), nil)
	if a.Status == 400 {
		a.Body = append(a.Body[:len(a.Body)-1], `,"missing_field":"events"}`...)
	}
	return a
}

// Delay has the code in the body, too: a body without one counts as a failure that is not tried again.
func (s *amplitude) Delay(_ *event.Hit, _ sources.Call, a sources.Answer) sources.Answer {
	d := amplitudeError(a.Status, "try again later", nil)
	a.ContentType, a.Body = d.ContentType, d.Body
	if a.Status == 429 {
		a.Body = append(a.Body[:len(a.Body)-1], `,"throttled_devices":{},"throttled_users":{},"throttled_events":[]}`...)
	}
	return a
}

// amplitudeError is an answer of Amplitude's: {"code":400,"error":"...","events_with_missing_fields":{"device_id":[0]}}.
func amplitudeError(code int, why string, missing amplitudeMissing) sources.Answer {
	b := append([]byte(nil), `{"code":`...)
	b = strconv.AppendInt(b, int64(code), 10)
	b = append(b, `,"error":`...)
	b = event.AppendString(b, why)
	if len(missing) > 0 {
		fields := event.Map{}
		for _, f := range missing {
			at := append(fields.Get(f.name).List(), event.Float(float64(f.index)))
			fields.Set(f.name, event.ListOf(at...))
		}
		b = append(b, `,"events_with_missing_fields":`...)
		b = fields.AppendJSON(b)
	}
	return sources.Answer{Status: code, ContentType: sources.TypeJSON, Headers: sources.NoStore, Body: append(b, '}')}
}
