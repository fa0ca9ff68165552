package analytics

import (
	"errors"
	"fmt"
	"strings"

	"headgate/event"
	"headgate/event/wire"
	"headgate/sources"
	"headgate/sources/reading"
)

var _ = sources.Declare(sources.Declaration{
	Name:      "plausible",
	Help:      "Events of Plausible's script and its packages",
	Path:      sources.Path{Usual: "/api/event", Help: "Where the script sends its events: its option endpoint, or data-api"},
	Speakers:  sources.AllClients, // the script in browsers; the events API is for apps and servers, too
	Routes:    sources.PostOnly,
	Headers:   []string{"content-type"},
	Block:     event.Block{Param: "plausible"}, // what has no field of ours, by its long name
	Addresses: []string{"plausible.ip"},        // no script of theirs sends one; scripts of others do
	Agents:    []string{"plausible.user_agent"},
}, newPlausible)

// plausible reads Plausible's events API: one JSON object, mostly as text/plain.
// https://plausible.io/docs/events-api
type plausible struct{ tools *reading.Tools }

func newPlausible(_ sources.Mounting, l sources.Limits) sources.Protocol {
	return &plausible{reading.New(l)}
}

// plausibleError is what is wrong with one field. Clients get it under the field's name.
type plausibleError struct{ field, fact string }

func (e plausibleError) Error() string { return e.field + " " + e.fact }
func (e plausibleError) Unwrap() error { return sources.ErrMalformed }

// plausibleNames are the long names of keys that the script shortens.
var plausibleNames = map[string]string{
	"n": "name", "u": "url", "d": "domain", "r": "referrer", "p": "props", "m": "props", "meta": "props", "h": "hashMode",
	"w": "screen_width", "$": "revenue", "i": "interactive", "v": "version", "e": "engagement_time", "sd": "scroll_depth",
}

// plausibleEvents are GA4's names of the events that the script sends by itself.
var plausibleEvents = map[string]string{
	"pageview": "page_view", "engagement": "user_engagement",
	"Outbound Link: Click": "click", "File Download": "file_download", "Form: Submission": "form_submit",
}

// Read reads the event of a hit, once for each of the sites that it names.
func (s *plausible) Read(h *event.Hit, _ sources.Call) (sources.Reading, error) {
	v, err := s.tools.OpenJSON(h)
	if err != nil {
		return sources.Reading{}, err
	}
	if v.Kind() != event.Object {
		return sources.Reading{}, plausibleError{"request", "is no JSON object"}
	}
	p := plausibleEvent{e: event.Event{Source: "plausible", Received: h.Received}}
	for _, pair := range v.Object() {
		p.set(pair.Key, pair.Value)
	}
	sites, err := p.finish()
	if err != nil {
		return sources.Reading{}, err
	}
	if len(sites) > s.tools.Limits.Events {
		return sources.Reading{}, fmt.Errorf("%w: a request may have %d events", sources.ErrTooLarge, s.tools.Limits.Events)
	}
	if why := s.tools.Limits.Fault(&p.e); why != "" {
		return sources.Reading{}, plausibleError{"event_name", why}
	}
	r := sources.Reading{Events: make([]event.Event, len(sites))}
	for i, site := range sites {
		r.Events[i] = reading.CopyEvent(&p.e)
		own := p.rest.Clone()
		own.Set("domain", event.String(site))
		r.Events[i].Params.Set("plausible", event.ObjectOf(own))
	}
	return r, nil
}

// plausibleEvent is an event on the way from Plausible's names.
type plausibleEvent struct {
	e       event.Event
	domains string
	props   event.Map
	rest    event.Map // what becomes params.plausible
}

func (p *plausibleEvent) set(key string, v event.Value) {
	name := key
	if long := plausibleNames[key]; long != "" {
		name = long
	}
	switch name {
	case "name":
		p.e.Name = v.Text()
	case "url":
		p.e.Page.URL = v.Text()
	case "referrer":
		p.e.Page.Referrer = v.Text()
	case "domain":
		p.domains = v.Text()
	case "props":
		p.props = plausibleProps(v)
	case "revenue":
		p.e.Params.Set("value", reading.Amount("value", v.Object().Get("amount")))
		p.e.Params.Set("currency", v.Object().Get("currency"))
	case "engagement_time":
		p.e.Params.Set("engagement_time_msec", v)
	case "scroll_depth":
		p.e.Params.Set("percent_scrolled", v)
	case "interactive":
		p.e.Params.Set(name, v)
	default:
		p.rest.Set(name, v)
	}
}

// plausibleProps reads custom properties: an object, or its JSON as text.
func plausibleProps(v event.Value) event.Map {
	if v.Kind() == event.Text {
		v, _ = event.ParseJSON([]byte(v.Text())) // what is no JSON is no property, as at Plausible
	}
	return v.Object()
}

// finish completes the event and returns the sites that it is for: the page's host when it names none.
func (p *plausibleEvent) finish() (sites []string, err error) {
	e := &p.e
	switch {
	case e.Name == "":
		return nil, plausibleError{"event_name", "can't be blank"}
	case e.Page.URL == "":
		return nil, plausibleError{"url", "is required"}
	case strings.HasPrefix(e.Page.URL, "data:"):
		return nil, plausibleError{"url", "scheme is not allowed"}
	}
	if ours := plausibleEvents[e.Name]; ours != "" {
		e.Params.Set("original_name", event.String(e.Name))
		e.Name = ours
	}
	for _, prop := range p.props {
		if k := prop.Value.Kind(); k != event.Object && k != event.List && !prop.Value.IsEmpty() {
			e.Params.Set(prop.Key, prop.Value)
		}
	}
	if p.domains == "" {
		page := wire.CutURL(e.Page.URL)
		p.domains = page.Host()
	}
	for site := range strings.SplitSeq(p.domains, ",") {
		if site = strings.TrimPrefix(strings.TrimSpace(site), "www."); site != "" {
			sites = append(sites, site)
		}
	}
	if len(sites) == 0 {
		return nil, plausibleError{"domain", "can't be blank"}
	}
	return sites, nil
}

// Answer is Plausible's own.
func (s *plausible) Answer(*event.Hit, sources.Call, sources.Reading) sources.Answer {
	return sources.Answer{Status: 202, ContentType: "text/plain; charset=utf-8", Headers: sources.NoStore, Body: []byte("ok")}
}

// Refuse lists what is wrong by field, as Plausible does.
func (s *plausible) Refuse(_ *event.Hit, _ sources.Call, err error) sources.Answer {
	wrong := plausibleError{"request", err.Error()}
	_ = errors.As(err, &wrong)
	b := event.AppendString([]byte(`{"errors":{`), wrong.field)
	b = event.AppendString(append(b, ":["...), wrong.fact)
	return sources.Answer{Status: sources.Status(err), ContentType: sources.TypeJSON, Headers: sources.NoStore, Body: append(b, "]}}"...)}
}
