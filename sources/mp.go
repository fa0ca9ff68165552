package sources

import (
	"fmt"
	"time"

	"headgate/document"
	"headgate/event"
)

// MPOptions configure the reading of GA4's Measurement Protocol.
type MPOptions struct {
	At      document.Place    `yaml:"-"`
	Path    string            `yaml:"path" help:"Where servers send their events" example:"/mp/collect"`
	Secrets []document.Secret `yaml:"secrets" help:"Values of api_secret that are accepted; all are when none is listed. What a sender with a listed one states of the visitor's address and place is believed" example:"[\"${MP_SECRET}\"]"`
}

// SetDefaults is document.Defaulter's.
func (o *MPOptions) SetDefaults() { o.Path = "/mp/collect" }

func (o *MPOptions) mount() (document.Place, *string) { return o.At, &o.Path }

var _ = declare(Declaration{
	Name:      "mp",
	Help:      "GA4 Measurement Protocol, from servers",
	Speakers:  Servers, // with a secret or without one
	Routes:    func(path string) []Route { return []Route{{Methods: "POST", Path: path}} },
	Headers:   []string{"content-type"}, // nothing keeps a page from using it
	Block:     ga4Block,
	Addresses: []string{"ga4.ip_override"},
	Agents:    []string{"ga4.user_agent"},
}, newMP)

// measurementProtocol reads what a site's own servers would send to Google.
// https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference
type measurementProtocol struct {
	secrets keys
	tools   *toolbox
}

func newMP(o MPOptions, t *toolbox) Protocol {
	return &measurementProtocol{secrets: keys{server: o.Secrets}, tools: t}
}

func (s *measurementProtocol) Read(h *event.Hit, _ Call) (Reading, error) {
	held := s.secrets.accepts(h.QueryValue("api_secret"))
	if !held.taken {
		return Reading{}, fmt.Errorf("%w: api_secret", ErrKey)
	}
	body, err := s.tools.bodies.openJSON(h)
	if err != nil {
		return Reading{}, err
	}
	v, err := s.tools.json.read(h, body)
	if err != nil {
		return Reading{}, err
	}
	sent := v.Object().Get("events").List()
	switch {
	case len(sent) == 0:
		return Reading{}, fmt.Errorf("%w: the body has no list of events", ErrMalformed)
	case len(sent) > s.tools.limits.Events:
		return Reading{}, fmt.Errorf("%w: a request may have %d events", ErrTooLarge, s.tools.limits.Events)
	}
	shared := newMPHit(h, v.Object(), held.believed)
	r := Reading{Events: make([]event.Event, 0, len(sent))}
	r.admit(held)
	for i, one := range sent {
		e, why := shared.event(one)
		if why == "" {
			why = s.tools.limits.fault(&e)
		}
		if why != "" {
			r.Rejected = append(r.Rejected, Rejected{i, why})
			continue
		}
		stated := shared.time
		if own := readTime(one.Object().Get("timestamp_micros")); !own.IsZero() {
			stated = own
		}
		s.tools.limits.setTime(&e, stated, time.Time{})
		r.Events = append(r.Events, e)
	}
	return r, nil
}

// Answer is Google's own, but for a request that held nothing but bad events: Google would say 204 to that too, and nobody
// would ever find out.
func (s *measurementProtocol) Answer(_ *event.Hit, _ Call, r Reading) Answer {
	if len(r.Events) == 0 {
		return jsonError(ErrMalformed, r.Rejected)
	}
	return Answer{Status: 204, ContentType: "text/plain", Headers: noCache}
}

// Refuse says what is wrong, where Google says 204 to everything: whoever sends from a server can read the answer.
func (s *measurementProtocol) Refuse(_ *event.Hit, _ Call, err error) Answer {
	return jsonError(err, nil)
}
