package sources

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"headgate/document"
	"headgate/event"
)

// EventsOptions configure the reading of our own JSON.
type EventsOptions struct {
	At         document.Place    `yaml:"-"`
	Path       string            `yaml:"path" help:"Where events are sent" example:"/e"`
	Keys       []string          `yaml:"keys" help:"Write keys that are accepted, in ?k=, Authorization or X-Write-Key; no key is needed when none is listed" example:"[\"${WRITE_KEY}\"]"`
	ServerKeys []document.Secret `yaml:"server_keys" help:"Write keys that only servers know: what their events state of the visitor's address and place is believed, and nothing of their connection (address, user agent, cookies) becomes the visitor's" example:"[\"${SERVER_KEY}\"]"`
}

// SetDefaults is document.Defaulter's.
func (o *EventsOptions) SetDefaults() { o.Path = "/e" }

func (o *EventsOptions) mount() (document.Place, *string) { return o.At, &o.Path }

var _ = declare(Declaration{
	Name:      "events",
	Help:      "Our own JSON: one event, a list, an envelope or JSON lines",
	Speakers:  AllClients, // the browser's script, apps, and servers
	Routes:    func(path string) []Route { return []Route{{Methods: "POST", Path: path}} },
	Headers:   []string{"authorization", "content-type", "x-write-key"},
	Addresses: None, // they are fields of the vocabulary
	Agents:    None,
}, newEvents)

// events reads our own JSON: the vocabulary as it is, in one event, a list, an envelope, or JSON lines.
type events struct {
	keys  keys
	tools *toolbox
}

func newEvents(o EventsOptions, t *toolbox) Protocol {
	return &events{keys: keys{o.Keys, o.ServerKeys}, tools: t}
}

func (o *EventsOptions) serverKeys() []document.Secret { return o.ServerKeys }

func (s *events) Read(h *event.Hit, _ Call) (Reading, error) {
	key := h.QueryValue("k")
	if key == "" {
		key = headerKey(h.Headers)
	}
	held := s.keys.accepts(key)
	if !held.taken {
		return Reading{}, ErrKey
	}
	body, err := s.tools.bodies.openJSON(h)
	if err != nil {
		return Reading{}, err
	}
	sent, err := s.open(h, body)
	if err != nil {
		return Reading{}, err
	}
	if len(sent.events)+len(sent.bad) > s.tools.limits.Events {
		return Reading{}, fmt.Errorf("%w: a request may have %d events", ErrTooLarge, s.tools.limits.Events)
	}
	common := ownEvent{vocabulary: s.tools.vocabulary, believed: held.believed}
	common.e.Source, common.e.Received = "events", h.Received
	for _, shared := range sent.common {
		if why := common.read(shared); why != "" {
			return Reading{}, fmt.Errorf("%w: what the events share: %s", ErrMalformed, why)
		}
	}
	r := s.readAll(sent, common)
	if r.admit(held); held.believed {
		r.Once = onceOf(h, len(r.Events))
	}
	return r, nil
}

// onceOf tells a request of a server by its Idempotency-Key (draft-ietf-httpapi-idempotency-key-header), nil where it has none.
func onceOf(h *event.Hit, events int) *Once {
	key := h.Headers.Get("idempotency-key")
	if key == "" {
		return nil
	}
	return &Once{Delivery: MarkOf("events", key), Events: make([]Mark, events)}
}

// readAll reads the events of an envelope, each on top of what they share.
func (s *events) readAll(sent envelope, common ownEvent) Reading {
	r := Reading{Events: make([]event.Event, 0, len(sent.events)), Rejected: sent.bad}
	for _, one := range sent.events {
		own := common
		own.e = copyEvent(&common.e)
		why := "the event is no object"
		if one.value.Kind() == event.Object {
			why = own.read(one.value.Object())
		}
		if why == "" {
			why = s.tools.limits.fault(&own.e)
		}
		if why != "" {
			r.Rejected = append(r.Rejected, Rejected{one.index, why})
			continue
		}
		limits := s.tools.limits
		if common.believed {
			limits = limits.forever()
		}
		limits.setTime(&own.e, own.stated, own.sent)
		r.Events = append(r.Events, own.e)
	}
	slices.SortFunc(r.Rejected, func(a, b Rejected) int { return a.Index - b.Index })
	return r
}

// envelope is a request taken apart.
type envelope struct {
	events []numbered
	common []event.Map // what all events share, the last one wins
	bad    []Rejected  // lines that are no JSON
}

type numbered struct {
	index int
	value event.Value
}

// open tells the forms of a body apart.
func (s *events) open(h *event.Hit, body []byte) (envelope, error) {
	contentType := h.Headers.Get("content-type")
	if strings.Contains(contentType, "ndjson") || strings.Contains(contentType, "jsonl") {
		return s.openLines(h, body)
	}
	v, err := s.tools.json.read(h, body)
	if err != nil {
		if first, rest, several := bytes.Cut(body, []byte("\n")); several && looksJSON(trimJSON(rest)) {
			if _, failed := s.tools.json.read(h, first); failed == nil {
				return s.openLines(h, body)
			}
		}
		return envelope{}, err
	}
	switch v.Kind() {
	case event.List:
		return envelope{events: enumerate(v.List())}, nil
	case event.Object:
		return openObject(v.Object()), nil
	}
	return envelope{}, fmt.Errorf("%w: the body is no JSON object or list", ErrMalformed)
}

// openObject takes an object for an envelope when it has a list of events or a batch. What else it holds, and what is in
// its context, its events share.
func openObject(m event.Map) envelope {
	for _, name := range [...]string{"events", "batch"} {
		list := m.Get(name)
		if list.Kind() != event.List {
			continue
		}
		shared := m.Clone()
		shared.Delete(name)
		shared.Delete("context")
		return envelope{events: enumerate(list.List()), common: []event.Map{m.Get("context").Object(), shared}}
	}
	return envelope{events: []numbered{{0, event.ObjectOf(m)}}}
}

func enumerate(list []event.Value) []numbered {
	all := make([]numbered, len(list))
	for i, v := range list {
		all[i] = numbered{i, v}
	}
	return all
}

// openLines reads one event per line; a line that is no JSON costs only itself.
func (s *events) openLines(h *event.Hit, body []byte) (envelope, error) {
	var sent envelope
	index := 0
	for line := range bytes.SplitSeq(body, []byte("\n")) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if index == s.tools.limits.Events {
			return envelope{}, fmt.Errorf("%w: a request may have %d events", ErrTooLarge, s.tools.limits.Events)
		}
		v, err := s.tools.json.read(h, line)
		if errors.Is(err, ErrBusy) || errors.Is(err, ErrTooLarge) {
			return envelope{}, err
		}
		if err != nil {
			sent.bad = append(sent.bad, Rejected{index, "the line is no JSON"})
		} else {
			sent.events = append(sent.events, numbered{index, v})
		}
		index++
	}
	return sent, nil
}

func (s *events) Answer(_ *event.Hit, _ Call, r Reading) Answer {
	repeated := r.Once != nil && r.Once.Repeated > 0
	if len(r.Events) == 0 && len(r.Rejected) > 0 && !repeated {
		return jsonError(ErrMalformed, r.Rejected)
	}
	b := append([]byte(nil), `{"accepted":`...)
	b = event.Float(float64(len(r.Events))).AppendJSON(b)
	b = append(b, `,"rejected":`...)
	b = appendRejected(b, r.Rejected)
	b = append(b, `,"ids":[`...)
	for i := range r.Events {
		if i > 0 {
			b = append(b, ',')
		}
		b = event.AppendString(b, r.Events[i].ID)
	}
	if repeated {
		b = strconv.AppendInt(append(b, `],"repeated":`...), int64(r.Once.Repeated), 10)
		return Answer{Status: 202, ContentType: typeJSON, Headers: noStore, Body: append(b, '}')}
	}
	return Answer{Status: 202, ContentType: typeJSON, Headers: noStore, Body: append(b, "]}"...)}
}

func (s *events) Refuse(_ *event.Hit, _ Call, err error) Answer { return jsonError(err, nil) }

// OwnPath is where our own JSON is read; ok is false where it is not.
func (c Config) OwnPath() (path string, ok bool) {
	for _, s := range c.sections() {
		if o, own := s.options.(*EventsOptions); own {
			return o.Path, true
		}
	}
	return "", false
}
