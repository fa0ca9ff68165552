// Package own reads events that come in our own vocabulary: our JSON, the image for mails, and CloudEvents.
package own

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"headgate/document"
	"headgate/event"
	"headgate/sources"
	"headgate/sources/reading"
)

// EventsOptions configure the reading of our own JSON.
type EventsOptions struct {
	sources.Mounting `yaml:",inline"`

	Keys       []string          `yaml:"keys" help:"Write keys that are accepted, in ?k=, Authorization or X-Write-Key; no key is needed when none is listed" example:"[\"${WRITE_KEY}\"]"`
	ServerKeys []document.Secret `yaml:"server_keys" help:"Write keys that only servers know: what their events state of the visitor's address and place is believed, and nothing of their connection (address, user agent, cookies) becomes the visitor's" example:"[\"${SERVER_KEY}\"]"`
	DebugKey   document.Secret   `yaml:"debug_key" help:"A key that people of the site type into the browser script's overlay (?headgate=debug) to be shown what is decided about their own events; without one nobody is" example:"${DEBUG_KEY}"`
}

// shortestDebugKey is the least that nobody guesses within the rate limits.
const shortestDebugKey = 16 // bytes

// Check implements sources.Checker.
func (o *EventsOptions) Check() (ms document.Mistakes) {
	if n := len(o.DebugKey.Reveal()); n > 0 && n < shortestDebugKey {
		ms.Add(o.DebugKey.Where(), fmt.Sprintf("a debug_key of %d bytes can be guessed", n), fmt.Sprintf("use one of at least %d bytes: openssl rand -hex 16", shortestDebugKey))
	}
	return ms
}

var _ = sources.Declare(sources.Declaration{
	Name:      "events",
	Help:      "Our own JSON: one event, a list, an envelope or JSON lines",
	Path:      sources.Path{Usual: "/e", Help: "Where events are sent"},
	Own:       true,
	Speakers:  sources.AllClients, // the browser's script, apps, and servers
	Routes:    sources.PostOnly,
	Headers:   []string{"authorization", "content-type", "x-write-key"},
	Addresses: sources.None, // they are fields of the vocabulary
	Agents:    sources.None,
}, newEvents)

// events reads our own JSON: the vocabulary as it is, in one event, a list, an envelope, or JSON lines; and the browser script's
// compact form of an envelope.
type events struct {
	keys  sources.Keys
	debug document.Secret
	tools *reading.Tools
}

func newEvents(o EventsOptions, l sources.Limits) sources.Protocol {
	return &events{keys: sources.Keys{Public: o.Keys, Server: o.ServerKeys}, debug: o.DebugKey, tools: reading.New(l)}
}

// Trusted returns the keys that prove a server.
func (o *EventsOptions) Trusted() []document.Secret { return o.ServerKeys }

func (s *events) Read(h *event.Hit, _ sources.Call) (sources.Reading, error) {
	key := h.QueryValue("k")
	if key == "" {
		key = sources.HeaderKey(h.Headers)
	}
	held := s.keys.Accepts(key)
	if !held.Taken {
		return sources.Reading{}, sources.ErrKey
	}
	body, err := s.tools.Bodies.OpenJSON(h)
	if err != nil {
		return sources.Reading{}, err
	}
	sent, err := s.tools.Envelope(h, body)
	if err != nil {
		return sources.Reading{}, err
	}
	if len(sent.Events)+len(sent.Bad) > s.tools.Limits.Events {
		return sources.Reading{}, fmt.Errorf("%w: a request may have %d events", sources.ErrTooLarge, s.tools.Limits.Events)
	}
	common := s.tools.Own(held.Believed)
	common.Event.Source, common.Event.Received = "events", h.Received
	if common.Sent = sent.Sent; sent.Compact && h.Received.Sub(sent.Sent).Abs() < travel {
		common.Sent = time.Time{}
	}
	read := reader(sent.Compact)
	for _, shared := range sent.Common {
		if why := read(&common, shared); why != "" {
			return sources.Reading{}, fmt.Errorf("%w: what the events share: %s", sources.ErrMalformed, why)
		}
	}
	r := s.readAll(sent, common, held.Believed)
	r.Explain = sources.Matches(s.debug, sent.Debug)
	if r.Admit(held); held.Believed {
		r.Once = onceOf(h, len(r.Events))
	}
	return r, nil
}

// travel is how long a batch of the browser script may take to arrive: a clock that seems wrong by less is trusted. Two batches of one page
// would else be put apart by the difference of their ways, and what a visitor did later could come before what was done earlier.
const travel = 2 * time.Second

// reader reads names as they are, or the browser script's short ones.
func reader(compact bool) func(*reading.Own, event.Map) string {
	if compact {
		return (*reading.Own).ReadCompact
	}
	return (*reading.Own).Read
}

// onceOf tells a request of a server by its Idempotency-Key (draft-ietf-httpapi-idempotency-key-header), nil where it has none.
func onceOf(h *event.Hit, events int) *sources.Once {
	key := h.Headers.Get("idempotency-key")
	if key == "" {
		return nil
	}
	return &sources.Once{Delivery: sources.MarkOf("events", key), Events: make([]sources.Mark, events)}
}

// readAll reads the events of an envelope, each on top of what they share.
func (s *events) readAll(sent reading.Envelope, common reading.Own, believed bool) sources.Reading {
	r := sources.Reading{Events: make([]event.Event, 0, len(sent.Events)), Rejected: sent.Bad}
	read := reader(sent.Compact)
	for _, one := range sent.Events {
		own := common
		own.Event = reading.CopyEvent(&common.Event)
		why := "the event is no object"
		if one.Value.Kind() == event.Object {
			why = read(&own, one.Value.Object())
		}
		if why == "" {
			why = s.tools.Limits.Fault(&own.Event)
		}
		if why != "" {
			r.Rejected = append(r.Rejected, sources.Rejected{Index: one.Index, Why: why})
			continue
		}
		limits := s.tools.Limits
		if believed {
			limits = limits.Forever()
		}
		limits.SetTime(&own.Event, own.Stated, own.Sent)
		r.Events = append(r.Events, own.Event)
	}
	slices.SortFunc(r.Rejected, func(a, b sources.Rejected) int { return a.Index - b.Index })
	return r
}

func (s *events) Answer(_ *event.Hit, _ sources.Call, r sources.Reading) sources.Answer {
	repeated := r.Once != nil && r.Once.Repeated > 0
	if len(r.Events) == 0 && len(r.Rejected) > 0 && !repeated {
		return sources.Problem(sources.ErrMalformed, r.Rejected)
	}
	b := append([]byte(nil), `{"accepted":`...)
	b = event.Float(float64(len(r.Events))).AppendJSON(b)
	b = append(b, `,"rejected":`...)
	b = sources.AppendRejected(b, r.Rejected)
	b = append(b, `,"ids":[`...)
	for i := range r.Events {
		if i > 0 {
			b = append(b, ',')
		}
		b = event.AppendString(b, r.Events[i].ID)
	}
	if r.Decisions != nil {
		b = append(append(b, `],"decisions":`...), r.Decisions...)
		return sources.Answer{Status: 202, ContentType: sources.TypeJSON, Headers: sources.NoStore, Body: append(b, '}')}
	}
	if repeated {
		b = strconv.AppendInt(append(b, `],"repeated":`...), int64(r.Once.Repeated), 10)
		return sources.Answer{Status: 202, ContentType: sources.TypeJSON, Headers: sources.NoStore, Body: append(b, '}')}
	}
	return sources.Answer{Status: 202, ContentType: sources.TypeJSON, Headers: sources.NoStore, Body: append(b, "]}"...)}
}

func (s *events) Refuse(_ *event.Hit, _ sources.Call, err error) sources.Answer {
	return sources.Problem(err, nil)
}
