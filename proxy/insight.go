package proxy

import (
	"context"
	"encoding/json"

	"headgate/consent"
	"headgate/event"
	"headgate/event/wire"
	"headgate/insight/terms"
	"headgate/sources"
)

// Insight counts what visitors do. It outlives plans; Shutdown closes it.
type Insight interface {
	// Serve puts a configuration in force; nil terms turn it off.
	Serve(t *terms.Terms, policy *consent.Policy) error
	// ProfileOf returns as JSON what is known of a client id: all of it, or only the segments that its browser may know.
	ProfileOf(ctx context.Context, clientID string, all bool) (json.RawMessage, error)
	// State returns how it is, null when it is off.
	State() json.RawMessage
	// Close writes what is still to be written.
	Close() error
}

// noInsight stands in where there is none.
type noInsight struct{}

func (noInsight) Serve(*terms.Terms, *consent.Policy) error { return nil }
func (noInsight) ProfileOf(context.Context, string, bool) (json.RawMessage, error) {
	return nil, ErrNotFound
}
func (noInsight) State() json.RawMessage { return nil }
func (noInsight) Close() error           { return nil }

// counts reports whether insight counts an event with its visitor, for which the log has to keep it.
func (p *Plan) counts(d *event.Decision) bool {
	return p.insight != nil && !terms.IsMeasurement(d.Event.Name) && d.DroppedBy == "" && d.Event.User.ClientID != "" && p.Policy.Judge(&d.Consent, p.insight).Action == event.Deliver
}

// profilePage is where the site asks what is known of a visitor, to answer them better:
//
//	GET /profile?client_id=...   by one of the site's servers, under a server key of the sources: segments, counts, last products, campaign
//	GET /profile                 by the visitor's browser, with its cookie: the public segments, and only with consent to functional
//
// As far as origins, limits and preflights go it is a source.
type profilePage struct{}

// Name is not the name of any protocol.
func (profilePage) Name() string { return "profile" }

// Speakers: pages, and the site's servers on behalf of their visitors.
func (profilePage) Speakers() event.Sender { return event.Anyone }

// Claims takes one path, unless a source is configured to have it.
func (profilePage) Claims(method, path string) bool { return method == "GET" && path == "/profile" }

// AllowHeaders are none: a browser has its cookie.
func (profilePage) AllowHeaders() []string { return nil }

// Signed is sources.Source's.
func (profilePage) Signed() bool { return false }

// Read makes an event of what the page states of consent, which is resolved as any event's and never sent.
func (profilePage) Read(h *event.Hit) (sources.Reading, error) {
	e := event.Event{Name: "profile", Source: "profile", Received: h.Received, Time: h.Received}
	for rest, keys := h.Query, 0; rest != ""; keys++ {
		if keys == mostIDKeys {
			return sources.Reading{}, sources.ErrTooLarge
		}
		var key, value string
		if _, key, value, rest = wire.CutPair(rest); key != "" && key != "client_id" {
			e.Params.Set(wire.Unescape(key), event.String(wire.Unescape(value))) // _c, gdpr_consent, gpp and the like
		}
	}
	return sources.Reading{Events: []event.Event{e}}, nil
}

// Answer is that of a browser whose visitor is not known.
func (profilePage) Answer(*event.Hit, sources.Reading) sources.Answer {
	return profileAnswer(nobodysProfile)
}

// Refuse answers what cannot be read.
func (profilePage) Refuse(_ *event.Hit, err error) sources.Answer { return problem(400, err.Error()) }

// Delay leaves an answer as it is.
func (profilePage) Delay(_ *event.Hit, a sources.Answer) sources.Answer { return a }

var nobodysProfile = json.RawMessage(`{"segments":[]}`)

func profileAnswer(body json.RawMessage) sources.Answer {
	return sources.Answer{Status: 200, ContentType: "application/json", Headers: notStored, Body: body}
}

// profile tells what is known of a visitor. Nothing goes to the log, and no cookie is set.
func (s *Server) profile(p *Plan, site *Site, h *event.Hit) sources.Answer {
	page := profilePage{}
	reading, err := sources.Read(page, h)
	if err != nil {
		s.counts.refused(page.Name(), err)
		return page.Refuse(h, err)
	}
	stated := h.QueryValue("client_id")
	if sources.FromServer(h.Headers, p.serverKeys) {
		if stated == "" {
			return problem(400, "say whose profile: /profile?client_id=...")
		}
		return s.profileOf(stated, true)
	}
	if stated != "" {
		s.counts.refused(page.Name(), sources.ErrKey)
		return problem(403, "a profile by client id is for the site's servers: send a server key of a source in Authorization or X-Write-Key")
	}
	e := &reading.Events[0]
	e.Site = site.Name
	visit := p.Enricher.Visit(h)
	visit.Describe(e)
	p.Policy.Resolve(h, e)
	if granted, _ := e.Consent.Get(consent.Functional).Bool(); !granted || e.User.ClientID == "" || h.From == event.ForeignPage {
		return page.Answer(h, reading)
	}
	return s.profileOf(e.User.ClientID, false)
}

func (s *Server) profileOf(clientID string, all bool) sources.Answer {
	body, err := s.insight.ProfileOf(context.Background(), clientID, all)
	if err != nil {
		s.logger.Error("a profile could not be read; run headgate insight rebuild if its files are damaged", "error", err)
		return unavailable
	}
	return profileAnswer(body)
}
