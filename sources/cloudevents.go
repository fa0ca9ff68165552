package sources

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"headgate/document"
	"headgate/event"
)

// CloudeventsOptions configure the reading of CloudEvents.
type CloudeventsOptions struct {
	At         document.Place    `yaml:"-"`
	Path       string            `yaml:"path" help:"Where events are sent" example:"/cloudevents"`
	TypePrefix string            `yaml:"type_prefix" help:"What types begin with that names of events do not: com.example.purchase is purchase then" example:"com.example."`
	Keys       []string          `yaml:"keys" help:"Write keys that are accepted, in Authorization or X-Write-Key; no key is needed when none is listed" example:"[\"${WRITE_KEY}\"]"`
	ServerKeys []document.Secret `yaml:"server_keys" help:"Write keys that only servers know: what their events state of the visitor's address is believed, and nothing of their connection (address, user agent, cookies) becomes the visitor's" example:"[\"${SERVER_KEY}\"]"`
}

// SetDefaults is document.Defaulter's.
func (o *CloudeventsOptions) SetDefaults() { o.Path = "/cloudevents" }

func (o *CloudeventsOptions) mount() (document.Place, *string) { return o.At, &o.Path }

func (o *CloudeventsOptions) serverKeys() []document.Secret { return o.ServerKeys }

var _ = declare(Declaration{
	Name:     "cloudevents",
	Help:     "CloudEvents 1.0: structured, in batches, and in binary mode",
	Speakers: AllClients, // nearly always servers
	Routes:   func(path string) []Route { return []Route{{Methods: "POST", Path: path}} },
	Headers: []string{"authorization", "ce-clientid", "ce-consent", "ce-dataschema", "ce-id", "ce-pageurl", "ce-sessionid", "ce-source",
		"ce-specversion", "ce-subject", "ce-time", "ce-type", "ce-userid", "content-type", "x-write-key"},
	Block:     event.Block{Param: "cloudevents"}, // attributes that have no field of ours, extensions, and data that is no object
	Addresses: []string{"cloudevents.ip"},
	Agents:    []string{"cloudevents.useragent"},
}, newCloudevents)

// cloudevents reads CloudEvents over HTTP. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
type cloudevents struct {
	prefix string
	keys   keys
	tools  *toolbox
}

func newCloudevents(o CloudeventsOptions, t *toolbox) Protocol {
	return &cloudevents{o.TypePrefix, keys{o.Keys, o.ServerKeys}, t}
}

func (s *cloudevents) Read(h *event.Hit, _ Call) (Reading, error) {
	held := s.keys.accepts(headerKey(h.Headers))
	if !held.taken {
		return Reading{}, ErrKey
	}
	sent, err := s.open(h)
	if err != nil {
		return Reading{}, err
	}
	if len(sent) > s.tools.limits.Events {
		return Reading{}, fmt.Errorf("%w: a request may have %d events", ErrTooLarge, s.tools.limits.Events)
	}
	r := Reading{Events: make([]event.Event, 0, len(sent))}
	r.admit(held)
	for i, one := range sent {
		e, why := s.event(h, one, held.believed)
		if why == "" {
			why = s.tools.limits.fault(&e)
		}
		if why != "" {
			r.Rejected = append(r.Rejected, Rejected{i, why})
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
	body, err := s.tools.bodies.open(h)
	if err != nil {
		return nil, err
	}
	v, err := s.tools.json.read(h, trimJSON(body))
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
	return nil, fmt.Errorf("%w: the body is not of the shape that its content type says", ErrMalformed)
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
		return event.Value{}, fmt.Errorf("%w: the content type is none of CloudEvents', and there are no ce- headers", ErrMalformed)
	}
	body, err := s.tools.bodies.open(h)
	if err != nil || len(body) == 0 {
		return event.ObjectOf(m), err
	}
	m.Set("datacontenttype", event.String(contentType))
	if contentType == "" || strings.HasSuffix(contentType, "json") {
		data, err := s.tools.json.read(h, trimJSON(body))
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
	return event.Unescape(strings.ReplaceAll(value, "+", "%2B"))
}

// event reads one event; why says why it cannot be taken.
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
	c := cloudEvent{own: ownEvent{vocabulary: s.tools.vocabulary, believed: believed}}
	c.own.e.Source, c.own.e.Received = "cloudevents", h.Received
	for _, p := range m {
		c.set(p.Key, p.Value)
	}
	if short, ok := strings.CutPrefix(c.own.e.Name, s.prefix); ok && s.prefix != "" {
		c.own.e.Params.Set("original_name", event.String(c.own.e.Name))
		c.own.e.Name = short
	}
	if why := c.data(m.Get("data")); why != "" {
		return e, "data: " + why
	}
	if len(c.rest) > 0 {
		c.own.e.Params.Set("cloudevents", event.ObjectOf(c.rest))
	}
	s.tools.limits.setTime(&c.own.e, c.stated, time.Time{})
	return c.own.e, ""
}

// Answer says what was taken, as that of our own JSON does: the binding asks for no more than a status.
func (s *cloudevents) Answer(_ *event.Hit, _ Call, r Reading) Answer {
	if len(r.Events) == 0 && len(r.Rejected) > 0 {
		return jsonError(ErrMalformed, r.Rejected)
	}
	b := event.Float(float64(len(r.Events))).AppendJSON([]byte(`{"accepted":`))
	b = appendRejected(append(b, `,"rejected":`...), r.Rejected)
	return Answer{Status: 202, ContentType: typeJSON, Headers: noStore, Body: append(b, '}')}
}

func (s *cloudevents) Refuse(_ *event.Hit, _ Call, err error) Answer { return jsonError(err, nil) }
