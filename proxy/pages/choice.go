package pages

import (
	"encoding/json"
	"errors"
	"fmt"

	"headgate/consent/people"
	"headgate/enrich"
	"headgate/event"
	"headgate/proxy/plan"
	"headgate/proxy/refusal"
	"headgate/sources"
)

// choicePage is where a page reports a visitor's choice as soon as it is made, with or without an event:
//
//	POST /consent {"consent": {"analytics": true, "ads": false}}
//	POST /consent {"_c": "analytics:1,ads:0", "client_id": "..."}
//
// Purposes, Google's consent types and the words of the site's own maps are understood as in an event. Whose choice it is has
// to be proved: see prove. As far as origins, limits and preflights go it is a source.
type choicePage struct{ *Pages }

// Name is not the name of any protocol.
func (choicePage) Name() string { return "consent" }

// Speakers: pages, and the site's servers on behalf of their visitors.
func (choicePage) Speakers() event.Sender { return event.Anyone }

// Claims takes one path, unless a source is configured to have it.
func (choicePage) Claims(method, path string) bool { return method == "POST" && path == "/consent" }

// AllowHeaders are those of a request with a JSON body.
func (choicePage) AllowHeaders() []string { return []string{"content-type"} }

// Signed is sources.Source's.
func (choicePage) Signed() bool { return false }

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
		case "user_id":
			e.User.UserID = p.Value.Text()
		case "email":
			e.User.Email = p.Value.Text()
		case "phone":
			e.User.Phone = p.Value.Text()
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
		return refusal.Problem(413, err.Error())
	}
	return refusal.Problem(400, err.Error())
}

// Delay leaves an answer as it is.
func (choicePage) Delay(_ *event.Hit, a sources.Answer) sources.Answer { return a }

var (
	choiceRecorded = sources.Answer{Status: 202, ContentType: "application/json", Headers: notStored, Body: []byte(`{"recorded":true}`)}
	choiceUnclear  = notRecorded("nothing in the request says what was chosen")
	choiceUnknown  = notRecorded("there is no client id, so nobody to record it for, and nothing pending")
	choiceUnproved = notRecorded("the request does not prove whose choice it is: it needs that browser's cookie, a server key or a signed link")
)

func notRecorded(why string) sources.Answer {
	return sources.Answer{Status: 202, ContentType: "application/json", Headers: notStored,
		Body: append(event.AppendString([]byte(`{"recorded":false,"why":`), why), '}')}
}

// Serve takes a visitor's choice: read → enrich → prove → consent → receipt and withdrawal → answer. A browser's cookie of ours is
// set or expires with the answer, as the choice allows. Nothing goes to the log.
func (page choicePage) Serve(p *plan.Plan, site *plan.Site, h *event.Hit) (sources.Answer, event.Headers) {
	reading, err := sources.Read(page, h)
	if err != nil {
		page.Counts.Refused(page.Name(), err)
		return page.Refuse(h, err), nil
	}
	e := &reading.Events[0]
	e.Site = site.Name
	stated := people.WhoOf(e)
	e.User = event.User{}
	visit := p.Enricher.Visit(h)
	visit.Describe(e)
	who, knownBy, err := page.prove(p, h, &visit, e, stated)
	if err != nil {
		page.Counts.Refused(page.Name(), sources.ErrKey)
		return refusal.Problem(403, err.Error()), nil
	}
	record := p.Policy.Resolve(h, e)
	if !page.Choices.Chosen(&record) {
		return choiceUnclear, nil
	}
	browser := knownBy == people.KnownByCookie || knownBy == ""
	if browser {
		visit.Identify(e)
		if len(who) == 0 && e.User.ClientID != "" { // it has just been given one
			who, knownBy = []people.Chooser{people.ClientChooser(e.User.ClientID)}, people.KnownByCookie
		}
	}
	answer, cookie := choiceUnknown, event.Headers(nil)
	if stated != (people.Who{Country: stated.Country}) {
		answer = choiceUnproved
	}
	if len(who) > 0 {
		if answer, err = page.decide(p, h, reading, who, knownBy, &record); err != nil {
			return answer, nil
		}
	}
	if browser {
		cookie = visit.Cookies(nil, site.CookieDomain)
	}
	return answer, cookie
}

// decide writes a choice down, and stops what is pending of what was refused.
func (page choicePage) decide(p *plan.Plan, h *event.Hit, reading sources.Reading, who []people.Chooser, knownBy string, record *event.Record) (sources.Answer, error) {
	recorded, changed, err := page.Choices.Decide(who, people.Expression{Event: &reading.Events[0], Record: record, KnownBy: knownBy, From: h.Address, Policy: p.Hash})
	if changed {
		page.Counts.Consent.Changed("told")
	}
	switch {
	case errors.Is(err, people.ErrTooManyChoices):
		page.Counts.Refused(page.Name(), refusal.ErrRate)
		return refusal.TooMany, err
	case err != nil:
		page.Counts.Unwritten()
		return refusal.Unavailable, err
	case recorded:
		return page.Answer(h, reading), nil
	}
	return choiceUnclear, nil
}

// prove finds out whose choice a request reports. Nobody may choose for others, so it is
//
//   - the browser that sends it, by its cookies: the client id in ours, and the one the page states when another cookie of this
//     browser holds it;
//   - whom one of the site's own servers names, under a server key of the sources: client_id, user_id, email or phone;
//   - the one that a signed link was made for: ?id=…&kind=…&until=…&sig=…, see subjects.Rights.
//
// Without a proof there is nobody, and no error: a browser without a cookie has its choice to make, too.
func (page choicePage) prove(p *plan.Plan, h *event.Hit, visit *enrich.Visit, e *event.Event, stated people.Who) (who []people.Chooser, knownBy string, err error) {
	if sig := h.QueryValue("sig"); sig != "" {
		n, err := page.Choices.Opened(h.QueryValue("id"), h.QueryValue("kind"), h.QueryValue("until"), sig, h.Received)
		return []people.Chooser{n}, people.KnownByLink, err
	}
	if p.FromServer(h.Headers) {
		if stated.ClientID != "" {
			who = append(who, people.ClientChooser(stated.ClientID))
		}
		if stated.UserID != "" {
			who = append(who, people.SubjectChooser(event.UserID, people.UserSubject(stated.UserID)))
		}
		if stated.Email != "" {
			who = append(who, people.SubjectChooser(event.Email, people.EmailSubject(stated.Email)))
		}
		if number := p.Language.InternationalPhone(stated.Phone, stated.Country); number != "" {
			who = append(who, people.SubjectChooser(event.Phone, people.PhoneSubject(number)))
		}
		return who, people.KnownByServer, nil
	}
	if stated.ClientID != e.User.ClientID && visit.Owns(stated.ClientID) {
		who = append(who, people.ClientChooser(stated.ClientID))
	}
	if e.User.ClientID != "" {
		who = append(who, people.ClientChooser(e.User.ClientID))
	}
	if len(who) > 0 {
		knownBy = people.KnownByCookie
	}
	return who, knownBy, nil
}
