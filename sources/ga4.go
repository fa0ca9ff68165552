package sources

import (
	"bytes"
	"fmt"
	"strings"

	"headgate/document"
	"headgate/event"
)

// GA4Options configure the reading of what gtag.js and Google Tag Manager send from a browser.
type GA4Options struct {
	At   document.Place `yaml:"-"`
	Path string         `yaml:"path" help:"Where gtag sends its hits: server_container_url followed by /g/collect" example:"/g/collect"`
}

// SetDefaults is document.Defaulter's.
func (o *GA4Options) SetDefaults() { o.Path = "/g/collect" }

func (o *GA4Options) mount() (document.Place, *string) { return o.At, &o.Path }

var _ = declare(Declaration{
	Name:      "ga4",
	Help:      "Browser hits of gtag.js and Google Tag Manager",
	Speakers:  Browsers,
	Routes:    ga4Routes,
	Headers:   []string{"content-type"}, // gtag sends none of its own; text/plain needs no preflight, but other senders say more
	Block:     ga4Block,
	Addresses: []string{"ga4._uip"},
	Agents:    None,
}, newGA4)

// ga4Block holds by their wire names the parameters of Google's protocols that have no field of ours.
var ga4Block = event.Block{
	Param: "ga4",
	Query: true,
	Hints: event.HintNames{Brands: "uafvl", Platform: "uap", PlatformVersion: "uapv", Mobile: "uamb"},
}

// ga4Routes are the path as configured, and the /collect of servers that take hits under their own prefix.
func ga4Routes(path string) []Route {
	routes := []Route{{Methods: "GET POST", Path: path}}
	if prefix, ok := strings.CutSuffix(path, "/g/collect"); ok {
		routes = append(routes, Route{Methods: "GET POST", Path: prefix + "/collect", Spare: true})
	}
	return routes
}

// ga4 reads GA4 browser hits: everything in the query, or what the events of a batch share in the query and one event per
// line of the body. There is no public specification; what is known was read in gtag.js and in captured traffic.
type ga4 struct {
	limits Limits
	bodies *bodies
}

func newGA4(_ GA4Options, t *toolbox) Protocol { return &ga4{limits: t.limits, bodies: &t.bodies} }

func (s *ga4) Read(h *event.Hit, _ Call) (Reading, error) {
	body, err := s.bodies.open(h)
	if err != nil {
		return Reading{}, err
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return s.readQuery(h)
	}
	lines, err := s.lines(string(body))
	if err != nil {
		return Reading{}, err
	}
	params := strings.Count(h.Query, "&")*len(lines) + bytes.Count(body, []byte{'&'}) + len(lines)
	if err := hold(h, len(body)+params*heldParam); err != nil {
		return Reading{}, err
	}
	var common event.Event
	shared, why := newGA4Params(&common, h.Query)
	if why != "" {
		return Reading{}, fmt.Errorf("%w: %s", ErrMalformed, why)
	}
	r := Reading{Events: make([]event.Event, 0, len(lines)), State: shared.stream}
	for i, line := range lines {
		var e event.Event
		p, why := shared.with(&e, line)
		if why == "" {
			why = s.finish(h, &p)
		}
		if why != "" {
			r.Rejected = append(r.Rejected, Rejected{i, why})
			continue
		}
		r.Events = append(r.Events, e)
	}
	if len(r.Events) == 0 {
		return Reading{}, fmt.Errorf("%w: %s", ErrMalformed, r.Rejected[0].Why)
	}
	if len(r.Events) > 1 {
		ownIDs(r.Events)
	}
	return r, nil
}

// heldParam is how many bytes of memory a parameter takes beside its text.
const heldParam = 64

// readQuery is the usual hit: one event, all of it in the query.
func (s *ga4) readQuery(h *event.Hit) (Reading, error) {
	r := Reading{Events: make([]event.Event, 1)}
	p, why := newGA4Params(&r.Events[0], h.Query)
	r.State = p.stream
	if why == "" {
		why = s.finish(h, &p)
	}
	if why != "" {
		return Reading{}, fmt.Errorf("%w: %s", ErrMalformed, why)
	}
	return r, nil
}

// lines splits a body into the texts that make an event each, before anything is unescaped: names of products hold
// escaped line breaks. Without a name in any line, the body is the overflow of the one event in the query, which gtag moves
// there when its URL passes 2,048 characters.
func (s *ga4) lines(body string) (lines []string, err error) {
	named := false
	for line := range strings.SplitSeq(body, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if len(lines) == s.limits.Events {
			return nil, fmt.Errorf("%w: a request may have %d events", ErrTooLarge, s.limits.Events)
		}
		lines = append(lines, line)
		named = named || strings.HasPrefix(line, "en=") || strings.Contains(line, "&en=")
	}
	if !named && len(lines) > 1 {
		lines = []string{strings.Join(lines, "&")}
	}
	return lines, nil
}

// finish completes an event whose parameters are read. It returns why there is none, "" when there is.
func (s *ga4) finish(h *event.Hit, p *ga4Params) (why string) {
	p.e.Source, p.e.Received = "ga4", h.Received
	p.finish()
	switch {
	case p.version != "2":
		return "no GA4 hit: v=2 is missing"
	case p.measurementID == "":
		return "no GA4 hit: tid is missing"
	case p.e.Name == "":
		return "no event name: en is missing"
	}
	return s.limits.fault(p.e)
}

// ownIDs takes the event id from all but the first of several events that share it: it came from the query, or from a page
// that gives one id to all it sends, and would make all but one a duplicate.
func ownIDs(events []event.Event) {
	seen := make(map[string]bool, len(events))
	for i := range events {
		e := &events[i]
		if e.ID != "" && seen[e.ID] {
			e.Params.Set("event_id", event.String(e.ID))
			e.ID = ""
		}
		seen[e.ID] = true
	}
}

func (s *ga4) Answer(_ *event.Hit, _ Call, r Reading) Answer {
	if r.State == true {
		// The tag reads this answer as a stream of instructions. An empty one is none.
		return Answer{Status: 200, ContentType: "text/event-stream", Headers: noCache}
	}
	return Answer{Status: 204, ContentType: "text/plain", Headers: noCache}
}

func (s *ga4) Refuse(_ *event.Hit, _ Call, err error) Answer { return jsonError(err, nil) }
