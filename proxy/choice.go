package proxy

import (
	"encoding/json"
	"errors"
	"fmt"

	"headgate/event"
	"headgate/sources"
)

// choicePage is where a page tells of a visitor's choice the moment it is made, with or without an event:
//
//	POST /consent {"consent": {"analytics": true, "ads": false}}
//	POST /consent {"_c": "analytics:1,ads:0", "client_id": "..."}
//
// Purposes, Google's consent types and the words of the site's own maps are understood as in an event. The visitor is known
// by our cookie, or by the client id when the page says it. As far as origins, limits and preflights go it is a source.
type choicePage struct{}

// Name is not the name of any protocol.
func (choicePage) Name() string { return "consent" }

// Speakers: pages, and the site's servers on behalf of their visitors.
func (choicePage) Speakers() event.Sender { return event.Anyone }

// Claims takes one path, unless a source is configured to have it.
func (choicePage) Claims(method, path string) bool { return method == "POST" && path == "/consent" }

// AllowHeaders are those of a request with a JSON body.
func (choicePage) AllowHeaders() []string { return []string{"content-type"} }

// A choice is a few words, or a TC string; more than this is none.
const (
	mostChoice     = 32 << 10 // bytes
	mostChoiceKeys = 64
)

// Read makes an event of the choice, which is resolved as any event's and never sent.
func (choicePage) Read(h *event.Hit) (sources.Reading, error) {
	var body event.Value
	if len(h.Body) > mostChoice {
		return sources.Reading{}, fmt.Errorf("%w: a choice has at most %d bytes", sources.ErrTooLarge, mostChoice)
	}
	if len(h.Body) > 0 {
		if err := json.Unmarshal(h.Body, &body); err != nil || body.Kind() != event.Object {
			return sources.Reading{}, fmt.Errorf("%w: the body is no JSON object", sources.ErrMalformed)
		}
	}
	if len(body.Object()) > mostChoiceKeys {
		return sources.Reading{}, fmt.Errorf("%w: a choice has at most %d keys", sources.ErrTooLarge, mostChoiceKeys)
	}
	e := event.Event{Name: "consent", Source: "consent", Received: h.Received, Time: h.Received}
	for _, p := range body.Object() {
		switch p.Key {
		case "client_id":
			e.User.ClientID = p.Value.Text()
		case "consent":
			e.Consent = p.Value.Object().Clone()
		default:
			e.Params.Set(p.Key, p.Value) // _c, gdpr_consent, gpp and the like
		}
	}
	return sources.Reading{Events: []event.Event{e}}, nil
}

// Answer says that the choice is on record.
func (choicePage) Answer(*event.Hit, sources.Reading) sources.Answer { return choiceRecorded }

// Refuse answers what is no choice.
func (choicePage) Refuse(_ *event.Hit, err error) sources.Answer {
	if errors.Is(err, sources.ErrTooLarge) {
		return problem(413, err.Error())
	}
	return problem(400, err.Error())
}

var (
	choiceRecorded = sources.Answer{Status: 202, ContentType: "application/json", Headers: notStored, Body: []byte(`{"recorded":true}`)}
	choiceUnclear  = notRecorded("nothing in the request says what was chosen")
	choiceUnknown  = notRecorded("there is no client id, so nobody to record it for, and nothing pending")
	notStored      = event.Headers{{Name: "cache-control", Value: "no-store"}}
)

func notRecorded(why string) sources.Answer {
	return sources.Answer{Status: 202, ContentType: "application/json", Headers: notStored,
		Body: append(event.AppendString([]byte(`{"recorded":false,"why":`), why), '}')}
}

// choose takes a visitor's choice: read → enrich → consent → receipt and withdrawal → answer. Our cookie is set or expires with
// the answer, as the choice allows. Nothing goes to the log.
func (s *Server) choose(p *Plan, site *Site, h *event.Hit) (sources.Answer, event.Headers) {
	page := choicePage{}
	reading, err := sources.Read(page, h)
	if err != nil {
		s.counts.refused(page.Name(), err)
		return page.Refuse(h, err), nil
	}
	e := &reading.Events[0]
	e.Site = site.Name
	visit := p.Enricher.Visit(h)
	visit.Describe(e)
	record := p.Policy.Resolve(h, e)
	before := e.User.ClientID // of the body, or lent by the cookie until it is refused
	visit.Identify(e)
	if before == "" {
		before = e.User.ClientID
	}
	if chosen(&record) == (choice{}) {
		return choiceUnclear, nil
	}
	answer := choiceUnknown
	if before != "" {
		recorded, changed, err := s.subjects.decided(p, before, e, &record)
		if changed {
			s.counts.consent.changes.WithLabelValues("told").Inc()
		}
		switch {
		case errors.Is(err, errUnshared): // it holds here; whoever listens to the cluster says that it is away
			return s.cannotAccept(err), nil
		case err != nil:
			s.logger.Error("a choice could not be written; make room in the data folder", "error", err)
			return s.cannotAccept(err), nil
		case recorded:
			answer = page.Answer(h, reading)
		}
	}
	return answer, setCookies(&visit, site)
}
