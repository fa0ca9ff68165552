// Package analytics reads the protocols of tools that count visits: Matomo, Plausible, Umami, and walkerOS, which feeds tools of
// that kind. Each has a file that declares it and, where the protocol is large, others beside it with its name.
package analytics

import (
	"bytes"
	"fmt"
	"strings"

	"headgate/document"
	"headgate/event"
	"headgate/sources"
	"headgate/sources/reading"
)

// MatomoOptions configure the reading of Matomo's tracking API.
type MatomoOptions struct {
	sources.Mounting `yaml:",inline"`

	Currency string            `yaml:"currency" help:"The currency of the site, which Matomo keeps in its own settings: hits do not carry it" example:"EUR"`
	Tokens   []document.Secret `yaml:"tokens" help:"Values of token_auth, which only servers know: what their hits state of the visitor's address and place is believed" example:"[\"${MATOMO_TOKEN}\"]"`
}

var _ = sources.Declare(sources.Declaration{
	Name:      "matomo",
	Help:      "Matomo's tracking API, for matomo.js and Matomo's libraries",
	Path:      sources.Path{Usual: "/matomo.php", Help: "Where the tracker sends to. At a path that ends in matomo.php, piwik.php beside it is taken, too"},
	Speakers:  sources.AllClients,
	Routes:    matomoRoutes,
	Headers:   []string{"content-type"},
	Block:     event.Block{Param: "matomo"}, // parameters that have no field of ours, by their wire names
	Addresses: []string{"matomo.cip"},
	Agents:    []string{"matomo.ua"},
}, newMatomo)

// matomoRoutes are the path and the one that it had when Matomo was Piwik.
func matomoRoutes(path string) []sources.Route {
	routes := []sources.Route{{Methods: "GET POST", Path: path}}
	if before, ok := strings.CutSuffix(path, "matomo.php"); ok {
		routes = append(routes, sources.Route{Methods: "GET POST", Path: before + "piwik.php", Spare: true})
	}
	return routes
}

// matomo reads Matomo's tracking API: one hit in a query, a form or both, or many in JSON.
// https://developer.matomo.org/api-reference/tracking-api
type matomo struct {
	currency string
	tokens   sources.Keys
	tools    *reading.Tools
}

func newMatomo(o MatomoOptions, l sources.Limits) sources.Protocol {
	return &matomo{o.Currency, sources.Keys{Server: o.Tokens}, reading.New(l)}
}

// matomoState is what the answer depends on.
type matomoState struct{ bulk, silent bool }

func (s *matomo) Read(h *event.Hit, _ sources.Call) (sources.Reading, error) {
	body, err := s.tools.Bodies.Open(h)
	if err != nil {
		return sources.Reading{}, err
	}
	if body = reading.TrimJSON(body); reading.LooksJSON(body) && bytes.Contains(body, []byte(`"requests"`)) {
		return s.readBulk(h, body)
	}
	one := matomoHit{currency: s.currency, limits: s.tools.Limits}
	if err := one.readQueries(h.Query, string(body)); err != nil {
		return sources.Reading{}, err
	}
	r := sources.Reading{State: matomoState{silent: one.silent}}
	r.Admit(s.tokens.Accepts(one.token))
	s.add(h, &r, 0, &one)
	if len(r.Rejected) > 0 {
		return sources.Reading{}, fmt.Errorf("%w: %s", sources.ErrMalformed, r.Rejected[0].Why)
	}
	return r, nil
}

// add adds the events of one hit to a reading.
func (s *matomo) add(h *event.Hit, r *sources.Reading, index int, one *matomoHit) {
	why := one.finish(h, r.Proven)
	for _, e := range one.events {
		if why == "" {
			why = s.tools.Limits.Fault(&e)
		}
	}
	if why != "" {
		r.Rejected = append(r.Rejected, sources.Rejected{Index: index, Why: why})
		return
	}
	r.Events = append(r.Events, one.events...)
}

// readBulk reads many hits: each a query, with a path before it or without one, or an object. Empty ones are skipped.
func (s *matomo) readBulk(h *event.Hit, body []byte) (sources.Reading, error) {
	v, err := s.tools.JSON.Read(h, body)
	if err != nil {
		return sources.Reading{}, err
	}
	requests := v.Object().Get("requests").List()
	silent, shown := reading.Truth(v.Object().Get("send_image"))
	r := sources.Reading{State: matomoState{true, shown && !silent}}
	r.Admit(s.tokens.Accepts(v.Object().Text("token_auth")))
	if len(requests) == 0 {
		return sources.Reading{}, fmt.Errorf("%w: there is no list of requests", sources.ErrMalformed)
	}
	if len(requests) > s.tools.Limits.Events {
		return sources.Reading{}, s.tooMany()
	}
	for i, request := range requests {
		one := matomoHit{currency: s.currency, limits: s.tools.Limits}
		switch request.Kind() {
		case event.Object:
			for _, p := range request.Object() {
				one.set(p.Key, p.Value)
			}
		default:
			query := request.Text()
			if _, after, ok := strings.Cut(query, "?"); ok {
				query = after
			}
			if query == "" {
				continue
			}
			if err := one.readQueries(query); err != nil {
				r.Rejected = append(r.Rejected, sources.Rejected{Index: i, Why: err.Error()})
				continue
			}
		}
		s.add(h, &r, i, &one)
	}
	if len(r.Events)+len(r.Rejected) > s.tools.Limits.Events {
		return sources.Reading{}, s.tooMany()
	}
	return r, nil
}

func (s *matomo) tooMany() error {
	return fmt.Errorf("%w: a request may have %d events", sources.ErrTooLarge, s.tools.Limits.Events)
}

// Answer is Matomo's own: an image, nothing where the tracker asks for none, or counts for a list of hits.
func (s *matomo) Answer(_ *event.Hit, _ sources.Call, r sources.Reading) sources.Answer {
	state, _ := r.State.(matomoState)
	switch {
	case state.silent:
		return sources.Answer{Status: 204, ContentType: "text/plain", Headers: sources.NoCache}
	case !state.bulk:
		return sources.Image()
	}
	status, word := 200, "success"
	if len(r.Events) == 0 && len(r.Rejected) > 0 {
		status, word = 400, "error" // that the status is 400 then is unconfirmed
	}
	b := event.AppendString([]byte(`{"status":`), word)
	b = event.Float(float64(len(r.Events))).AppendJSON(append(b, `,"tracked":`...))
	b = event.Float(float64(len(r.Rejected))).AppendJSON(append(b, `,"invalid":`...))
	if r.Proven {
		b = append(b, `,"invalid_indices":[`...)
		for i, bad := range r.Rejected {
			if i > 0 {
				b = append(b, ',')
			}
			b = event.Float(float64(bad.Index)).AppendJSON(b)
		}
		b = append(b, ']')
	}
	return sources.Answer{Status: status, ContentType: sources.TypeJSON, Headers: sources.NoStore, Body: append(b, '}')}
}

func (s *matomo) Refuse(_ *event.Hit, _ sources.Call, err error) sources.Answer {
	return sources.Problem(err, nil)
}
