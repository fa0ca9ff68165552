package own

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"headgate/document"
	"headgate/event"
	"headgate/event/wire"
	"headgate/sources"
	"headgate/sources/reading"
)

// CloudeventsOptions configure the reading of CloudEvents.
type CloudeventsOptions struct {
	sources.Mounting `yaml:",inline"`

	TypePrefix string            `yaml:"type_prefix" help:"What types begin with that names of events do not: com.example.purchase is purchase then" example:"com.example."`
	Keys       []string          `yaml:"keys" help:"Write keys that are accepted, in Authorization or X-Write-Key; no key is needed when none is listed" example:"[\"${WRITE_KEY}\"]"`
	ServerKeys []document.Secret `yaml:"server_keys" help:"Write keys that only servers know: what their events state of the visitor's address is believed, and nothing of their connection (address, user agent, cookies) becomes the visitor's" example:"[\"${SERVER_KEY}\"]"`
}

// Trusted returns the keys that prove a server.
func (o *CloudeventsOptions) Trusted() []document.Secret { return o.ServerKeys }

var _ = sources.Declare(sources.Declaration{
	Name:     "cloudevents",
	Help:     "CloudEvents 1.0: structured, in batches, and in binary mode",
	Path:     sources.Path{Usual: "/cloudevents", Help: "Where events are sent"},
	Speakers: sources.AllClients, // nearly always servers
	Routes:   sources.PostOnly,
	Headers: []string{"authorization", "ce-clientid", "ce-consent", "ce-dataschema", "ce-id", "ce-pageurl", "ce-sessionid", "ce-source",
		"ce-specversion", "ce-subject", "ce-time", "ce-type", "ce-userid", "content-type", "x-write-key"},
	Block:     event.Block{Param: "cloudevents"}, // attributes that have no field of ours, extensions, and data that is no object
	Addresses: []string{"cloudevents.ip"},
	Agents:    []string{"cloudevents.useragent"},
}, newCloudevents)

// cloudevents reads CloudEvents over HTTP. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
type cloudevents struct {
	prefix string
	keys   sources.Keys
	tools  *reading.Tools
}

func newCloudevents(o CloudeventsOptions, l sources.Limits) sources.Protocol {
	return &cloudevents{o.TypePrefix, sources.Keys{Public: o.Keys, Server: o.ServerKeys}, reading.New(l)}
}

func (s *cloudevents) Read(h *event.Hit, _ sources.Call) (sources.Reading, error) {
	held := s.keys.Accepts(sources.HeaderKey(h.Headers))
	if !held.Taken {
		return sources.Reading{}, sources.ErrKey
	}
	sent, err := s.open(h)
	if err != nil {
		return sources.Reading{}, err
	}
	if len(sent) > s.tools.Limits.Events {
		return sources.Reading{}, fmt.Errorf("%w: a request may have %d events", sources.ErrTooLarge, s.tools.Limits.Events)
	}
	r := sources.Reading{Events: make([]event.Event, 0, len(sent))}
	r.Admit(held)
	for i, one := range sent {
		e, why := s.event(h, one, held.Believed)
		if why == "" {
			why = s.tools.Limits.Fault(&e)
		}
		if why != "" {
			r.Rejected = append(r.Rejected, sources.Rejected{Index: i, Why: why})
			continue
		}
		r.Events = append(r.Events, e)
	}
	return r, nil
}

// open tells the modes apart by the content type, as the binding has it, and returns the events as JSON has them.
func (s *cloudevents) open(h *event.Hit) ([]event.Value, error) {
	contentType, _, _ := strings.Cut(strings.ToLower(h.Headers.Get("content-type")), ";")
	contentType = strings.TrimSpace(contentType)
	if !strings.HasPrefix(contentType, "application/cloudevents") {
		one, err := s.binary(h, contentType)
		return []event.Value{one}, err
	}
	body, err := s.tools.Bodies.Open(h)
	if err != nil {
		return nil, err
	}
	v, err := s.tools.JSON.Read(h, reading.TrimJSON(body))
	if err != nil {
		return nil, err
	}
	batch := strings.HasPrefix(contentType, "application/cloudevents-batch")
	switch {
	case batch && v.Kind() == event.List:
		return v.List(), nil
	case !batch && v.Kind() == event.Object:
		return []event.Value{v}, nil
	}
	return nil, fmt.Errorf("%w: the body is not of the shape that its content type says", sources.ErrMalformed)
}

// binary reads an event whose attributes are headers and whose data is the body.
func (s *cloudevents) binary(h *event.Hit, contentType string) (event.Value, error) {
	var m event.Map
	for _, header := range h.Headers {
		if name, ok := strings.CutPrefix(header.Name, "ce-"); ok {
			m.Set(name, event.String(cloudeventsHeader(header.Value)))
		}
	}
	if len(m) == 0 {
		return event.Value{}, fmt.Errorf("%w: the content type is none of CloudEvents', and there are no ce- headers", sources.ErrMalformed)
	}
	body, err := s.tools.Bodies.Open(h)
	if err != nil || len(body) == 0 {
		return event.ObjectOf(m), err
	}
	m.Set("datacontenttype", event.String(contentType))
	if contentType == "" || strings.HasSuffix(contentType, "json") {
		data, err := s.tools.JSON.Read(h, reading.TrimJSON(body))
		if err != nil {
			return event.Value{}, err
		}
		m.Set("data", data)
		return event.ObjectOf(m), nil
	}
	m.Set("data_base64", event.String(base64.StdEncoding.EncodeToString(body)))
	return event.ObjectOf(m), nil
}

// cloudeventsHeader undoes the percent-encoding of a header's value, in which a plus is a plus, and the quotes of older senders.
func cloudeventsHeader(value string) string {
	if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
		value = value[1 : len(value)-1]
	}
	return wire.Unescape(strings.ReplaceAll(value, "+", "%2B"))
}

// event reads one event; why says why it cannot be accepted.
func (s *cloudevents) event(h *event.Hit, v event.Value, believed bool) (e event.Event, why string) {
	m := v.Object()
	for _, name := range [...]string{"id", "source", "type"} {
		if m.Text(name) == "" {
			return e, name + " is missing"
		}
	}
	if m.Text("specversion") != "1.0" {
		return e, "specversion must be 1.0"
	}
	c := cloudEvent{own: s.tools.Own(believed)}
	c.own.Event.Source, c.own.Event.Received = "cloudevents", h.Received
	for _, p := range m {
		c.set(p.Key, p.Value)
	}
	if short, ok := strings.CutPrefix(c.own.Event.Name, s.prefix); ok && s.prefix != "" {
		c.own.Event.Params.Set("original_name", event.String(c.own.Event.Name))
		c.own.Event.Name = short
	}
	if why := c.data(m.Get("data")); why != "" {
		return e, "data: " + why
	}
	if len(c.rest) > 0 {
		c.own.Event.Params.Set("cloudevents", event.ObjectOf(c.rest))
	}
	s.tools.Limits.SetTime(&c.own.Event, c.stated, time.Time{})
	return c.own.Event, ""
}

// Answer says what was taken, as that of our own JSON does: the binding asks for no more than a status.
func (s *cloudevents) Answer(_ *event.Hit, _ sources.Call, r sources.Reading) sources.Answer {
	if len(r.Events) == 0 && len(r.Rejected) > 0 {
		return sources.Problem(sources.ErrMalformed, r.Rejected)
	}
	b := event.Float(float64(len(r.Events))).AppendJSON([]byte(`{"accepted":`))
	b = sources.AppendRejected(append(b, `,"rejected":`...), r.Rejected)
	return sources.Answer{Status: 202, ContentType: sources.TypeJSON, Headers: sources.NoStore, Body: append(b, '}')}
}

func (s *cloudevents) Refuse(_ *event.Hit, _ sources.Call, err error) sources.Answer {
	return sources.Problem(err, nil)
}
