// Package google reads what Google's tags, and those that speak like them, send: GA4 from browsers, the Measurement Protocol from
// servers, and the Data Tag of server containers. They share Google's names of parameters, products and contact data.
package google

import (
	"bytes"
	"fmt"
	"strings"

	"headgate/event"
	"headgate/sources"
	"headgate/sources/reading"
)

var _ = sources.Declare(sources.Declaration{
	Name:      "ga4",
	Help:      "Browser hits of gtag.js and Google Tag Manager",
	Path:      sources.Path{Usual: "/g/collect", Help: "Where gtag sends its hits: server_container_url followed by /g/collect"},
	Speakers:  sources.Browsers,
	Routes:    ga4Routes,
	Headers:   []string{"content-type"}, // gtag sends none of its own; text/plain needs no preflight, but other senders say more
	Block:     ga4Block,
	Addresses: []string{"ga4._uip"},
	Agents:    sources.None,
}, newGA4)

// ga4Block holds the parameters of Google's protocols that have no field of ours, by their wire names.
var ga4Block = event.Block{
	Param: "ga4",
	Query: true,
	Hints: event.HintNames{Brands: "uafvl", Platform: "uap", PlatformVersion: "uapv", Mobile: "uamb"},
}

// ga4Routes are the path as configured, and the /collect of servers that take hits under their own prefix.
func ga4Routes(path string) []sources.Route {
	routes := []sources.Route{{Methods: "GET POST", Path: path}}
	if prefix, ok := strings.CutSuffix(path, "/g/collect"); ok {
		routes = append(routes, sources.Route{Methods: "GET POST", Path: prefix + "/collect", Spare: true})
	}
	return routes
}

// ga4 reads GA4 browser hits: everything in the query, or what the events of a batch share in the query and one event per
// line of the body. There is no public specification; what is known was read in gtag.js and in captured traffic.
type ga4 struct{ tools *reading.Tools }

func newGA4(_ sources.Mounting, l sources.Limits) sources.Protocol { return &ga4{reading.New(l)} }

func (s *ga4) Read(h *event.Hit, _ sources.Call) (sources.Reading, error) {
	body, err := s.tools.Bodies.Open(h)
	if err != nil {
		return sources.Reading{}, err
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return s.readQuery(h)
	}
	lines, err := s.lines(string(body))
	if err != nil {
		return sources.Reading{}, err
	}
	params := strings.Count(h.Query, "&")*len(lines) + bytes.Count(body, []byte{'&'}) + len(lines)
	if err := reading.Hold(h, len(body)+params*heldParam); err != nil {
		return sources.Reading{}, err
	}
	var common event.Event
	shared, why := newGA4Params(&common, h.Query, textsOf(h))
	if why != "" {
		return sources.Reading{}, fmt.Errorf("%w: %s", sources.ErrMalformed, why)
	}
	r := sources.Reading{Events: make([]event.Event, 0, len(lines)), State: shared.stream}
	for i, line := range lines {
		var e event.Event
		p, why := shared.with(&e, line)
		if why == "" {
			why = s.finish(h, &p)
		}
		if why != "" {
			r.Rejected = append(r.Rejected, sources.Rejected{Index: i, Why: why})
			continue
		}
		r.Events = append(r.Events, e)
	}
	if len(r.Events) == 0 {
		return sources.Reading{}, fmt.Errorf("%w: %s", sources.ErrMalformed, r.Rejected[0].Why)
	}
	if len(r.Events) > 1 {
		ownIDs(r.Events)
	}
	return r, nil
}

// heldParam is how many bytes of memory a parameter takes beside its text.
const heldParam = 64

// readQuery is the usual hit: one event, all of it in the query.
func (s *ga4) readQuery(h *event.Hit) (sources.Reading, error) {
	r := sources.Reading{Events: h.Single()}
	p, why := newGA4Params(&r.Events[0], h.Query, textsOf(h))
	r.State = p.stream
	if why == "" {
		why = s.finish(h, &p)
	}
	if why != "" {
		return sources.Reading{}, fmt.Errorf("%w: %s", sources.ErrMalformed, why)
	}
	return r, nil
}

// textsOf makes room for the parameters with escapes, which are fewer than the others, and for what enrich adds.
func textsOf(h *event.Hit) *event.Arena { return h.Texts(len(h.Query)/2 + 64) }

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
		if len(lines) == s.tools.Limits.Events {
			return nil, fmt.Errorf("%w: a request may have %d events", sources.ErrTooLarge, s.tools.Limits.Events)
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
	return s.tools.Limits.Fault(p.e)
}

// ownIDs removes the event id from all but the first of several events that share it: it came from the query, or from a page that gives one
// id to all it sends, and would make the others duplicates.
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

func (s *ga4) Answer(_ *event.Hit, _ sources.Call, r sources.Reading) sources.Answer {
	if r.State == true {
		// The tag reads this answer as a stream of instructions. An empty one is none.
		return sources.Answer{Status: 200, ContentType: "text/event-stream", Headers: sources.NoCache}
	}
	return sources.Answer{Status: 204, ContentType: "text/plain", Headers: sources.NoCache}
}

func (s *ga4) Refuse(_ *event.Hit, _ sources.Call, err error) sources.Answer {
	return sources.Problem(err, nil)
}
