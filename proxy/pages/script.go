package pages

import (
	"headgate/event"
	"headgate/proxy/admission"
	"headgate/proxy/plan"
	"headgate/proxy/refusal"
	"headgate/scripts"
	"headgate/sources"
)

// Script answers a request to a vendor's script. What the visitor has consented to is resolved as for an event; nothing goes to
// the log.
func (s *Pages) Script(p *plan.Plan, one *scripts.Script, h *event.Hit, from admission.Visitor) sources.Answer {
	if !from.Ask(len(h.Query)+len(h.Body), h.Received) {
		s.Counts.Refused("scripts", refusal.ErrRate)
		return refusal.TooMany
	}
	e := event.Event{Name: "script", Source: "scripts", Received: h.Received, Time: h.Received}
	visit := p.Enricher.Visit(h)
	visit.Describe(&e)
	p.Policy.Resolve(h, &e)
	answer := p.Scripts.Serve(one, &scripts.Request{Hit: h, Country: e.Geo.Country, Region: e.Geo.Region, Granted: func(purpose string) bool {
		granted, _ := e.Consent.Get(purpose).Bool()
		return granted
	}})
	s.noteScript(one, &answer)
	out := sources.Answer{Status: answer.Status, Body: answer.Body}
	for _, line := range answer.Headers {
		if line.Name == "content-type" {
			out.ContentType = line.Value
			continue
		}
		out.Headers = append(out.Headers, line)
	}
	return out
}

// noteScript counts a request, and logs what a person should look at.
func (s *Pages) noteScript(one *scripts.Script, a *scripts.Answer) {
	s.Counts.Scripts.Count(one.Name, a)
	if a.Err != nil && s.Counts.Scripts.FirstFailure(one.Name) {
		s.Logger.Warn("a vendor's script cannot be fetched; an older copy is served where there is one, and later failures are only counted",
			"script", one.Name, "error", a.Err)
	}
	c := a.Change
	switch {
	case c == nil:
	case len(c.Alarms) == 0:
		s.Logger.Info("a vendor has changed its script", "script", one.Name, "from", c.From, "to", c.To, "bytes", c.NewSize)
	default:
		s.Logger.Warn("a vendor has changed its script in a way that a person should look at; pin: a version that was looked at to serve no other",
			"script", one.Name, "alarms", c.Alarms, "new_hosts", c.Hosts, "from", c.From, "to", c.To, "old_bytes", c.OldSize, "bytes", c.NewSize)
	}
}
