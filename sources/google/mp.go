package google

import (
	"fmt"
	"time"

	"headgate/document"
	"headgate/event"
	"headgate/sources"
	"headgate/sources/reading"
)

// MPOptions configure the reading of GA4's Measurement Protocol.
type MPOptions struct {
	sources.Mounting `yaml:",inline"`

	Secrets []document.Secret `yaml:"secrets" help:"Values of api_secret that are accepted; all are when none is listed. What a sender with a listed one states of the visitor's address and place is believed" example:"[\"${MP_SECRET}\"]"`
}

var _ = sources.Declare(sources.Declaration{
	Name:      "mp",
	Help:      "GA4 Measurement Protocol, from servers",
	Path:      sources.Path{Usual: "/mp/collect", Help: "Where servers send their events"},
	Speakers:  sources.Servers, // with a secret or without one
	Routes:    sources.PostOnly,
	Headers:   []string{"content-type"}, // nothing keeps a page from using it
	Block:     ga4Block,
	Addresses: []string{"ga4.ip_override"},
	Agents:    []string{"ga4.user_agent"},
}, newMP)

// measurementProtocol reads what a site's own servers would send to Google.
// https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference
type measurementProtocol struct {
	secrets sources.Keys
	tools   *reading.Tools
}

func newMP(o MPOptions, l sources.Limits) sources.Protocol {
	return &measurementProtocol{secrets: sources.Keys{Server: o.Secrets}, tools: reading.New(l)}
}

func (s *measurementProtocol) Read(h *event.Hit, _ sources.Call) (sources.Reading, error) {
	held := s.secrets.Accepts(h.QueryValue("api_secret"))
	if !held.Taken {
		return sources.Reading{}, fmt.Errorf("%w: api_secret", sources.ErrKey)
	}
	v, err := s.tools.OpenJSON(h)
	if err != nil {
		return sources.Reading{}, err
	}
	sent := v.Object().Get("events").List()
	switch {
	case len(sent) == 0:
		return sources.Reading{}, fmt.Errorf("%w: the body has no list of events", sources.ErrMalformed)
	case len(sent) > s.tools.Limits.Events:
		return sources.Reading{}, fmt.Errorf("%w: a request may have %d events", sources.ErrTooLarge, s.tools.Limits.Events)
	}
	shared := newMPHit(h, v.Object(), held.Believed)
	r := sources.Reading{Events: make([]event.Event, 0, len(sent))}
	r.Admit(held)
	for i, one := range sent {
		e, why := shared.event(one)
		if why == "" {
			why = s.tools.Limits.Fault(&e)
		}
		if why != "" {
			r.Rejected = append(r.Rejected, sources.Rejected{Index: i, Why: why})
			continue
		}
		stated := shared.time
		if own := reading.Time(one.Object().Get("timestamp_micros")); !own.IsZero() {
			stated = own
		}
		s.tools.Limits.SetTime(&e, stated, time.Time{})
		r.Events = append(r.Events, e)
	}
	return r, nil
}

// Answer is Google's own, but for a request that held nothing but bad events: Google would say 204 to that too, and nobody
// would ever find out.
func (s *measurementProtocol) Answer(_ *event.Hit, _ sources.Call, r sources.Reading) sources.Answer {
	if len(r.Events) == 0 {
		return sources.Problem(sources.ErrMalformed, r.Rejected)
	}
	return sources.Answer{Status: 204, ContentType: "text/plain", Headers: sources.NoCache}
}

// Refuse says what is wrong, where Google says 204 to everything: whoever sends from a server can read the answer.
func (s *measurementProtocol) Refuse(_ *event.Hit, _ sources.Call, err error) sources.Answer {
	return sources.Problem(err, nil)
}
