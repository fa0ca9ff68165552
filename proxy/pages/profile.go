package pages

import (
	"context"
	"encoding/json"

	"headgate/consent"
	"headgate/event"
	"headgate/event/wire"
	"headgate/proxy/plan"
	"headgate/proxy/refusal"
	"headgate/sources"
)

// profilePage is where the site asks what is known of a visitor, to answer them better:
//
//	GET /profile?client_id=...   by one of the site's servers, under a server key of the sources: segments, counts, last products, campaign
//	GET /profile                 by the visitor's browser, with its cookie: the public segments, and only with consent to functional
//
// As far as origins, limits and preflights go it is a source.
type profilePage struct{ *Pages }

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
func (profilePage) Refuse(_ *event.Hit, err error) sources.Answer {
	return refusal.Problem(400, err.Error())
}

// Delay leaves an answer as it is.
func (profilePage) Delay(_ *event.Hit, a sources.Answer) sources.Answer { return a }

var nobodysProfile = json.RawMessage(`{"segments":[]}`)

func profileAnswer(body json.RawMessage) sources.Answer {
	return sources.Answer{Status: 200, ContentType: "application/json", Headers: notStored, Body: body}
}

// Serve tells what is known of a visitor. Nothing goes to the log, and no cookie is set.
func (page profilePage) Serve(p *plan.Plan, site *plan.Site, h *event.Hit) (sources.Answer, event.Headers) {
	reading, err := sources.Read(page, h)
	if err != nil {
		page.Counts.Refused(page.Name(), err)
		return page.Refuse(h, err), nil
	}
	stated := h.QueryValue("client_id")
	if p.FromServer(h.Headers) {
		if stated == "" {
			return refusal.Problem(400, "say whose profile: /profile?client_id=..."), nil
		}
		return page.profileOf(stated, true), nil
	}
	if stated != "" {
		page.Counts.Refused(page.Name(), sources.ErrKey)
		return refusal.Problem(403, "a profile by client id is for the site's servers: send a server key of a source in Authorization or X-Write-Key"), nil
	}
	e := &reading.Events[0]
	e.Site = site.Name
	visit := p.Enricher.Visit(h)
	visit.Describe(e)
	p.Policy.Resolve(h, e)
	if granted, _ := e.Consent.Get(consent.Functional).Bool(); !granted || e.User.ClientID == "" || h.From == event.ForeignPage {
		return page.Answer(h, reading), nil
	}
	return page.profileOf(e.User.ClientID, false), nil
}

func (page profilePage) profileOf(clientID string, all bool) sources.Answer {
	body, err := page.Profiles.ProfileOf(context.Background(), clientID, all)
	if err != nil {
		page.Logger.Error("a profile could not be read; run headgate insight rebuild if its files are damaged", "error", err)
		return refusal.Unavailable
	}
	return profileAnswer(body)
}
