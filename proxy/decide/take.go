package decide

import (
	"net/netip"

	"headgate/consent"
	"headgate/consent/people"
	"headgate/enrich"
	"headgate/event"
)

// Take brings one event from the source to its entry in the log.
func (w *Walk) Take(visit *enrich.Visit, e *event.Event) {
	w.begin(e)
	visit.Describe(e)
	w.classified(visit, e)
	w.arrived.note(w.plan.Policy.Suppression, e, visit.BrowserID(e))
	w.origin.Take(e)
	w.ask(e, w.arrived.ids)
	w.notice(visit, e)
	visit.Identify(e)
	w.origin.Address = w.plan.Enricher.Truncate(e, w.hit.Texts(64))
	w.decide(e)
}

// Again takes the event of a stored decision through consent, as far as its signals are stored, and the rules.
func (w *Walk) Again(d *event.Decision) {
	e := AsReceived(d)
	w.begin(e)
	w.consent.Record = w.plan.Policy.Reconsider(&d.Consent, d.Event.Received)
	w.consent.Outcomes = w.consent.Outcomes[:0]
	for _, n := range w.plan.Needs {
		w.consent.Outcomes = append(w.consent.Outcomes, w.plan.Policy.Judge(&w.consent.Record, n))
	}
	e.Consent = w.plan.Policy.StatesOf(&w.consent.Record)
	w.decide(e)
}

// Given takes an event that says itself what a request would have said: there is nothing to add.
func (w *Walk) Given(e *event.Event) {
	w.begin(e)
	w.origin.Take(e)
	w.ask(e, w.plan.Policy.IDs(e))
	w.origin.Address = w.plan.Enricher.Truncate(e, w.hit.Texts(64))
	w.decide(e)
}

// AsReceived is a stored event as it came to the rules; as it left them where an older version wrote it.
func AsReceived(d *event.Decision) *event.Event {
	if e := d.Received(); e != nil {
		return e
	}
	return d.Event.Clone()
}

// begin notes an event as the source read it.
func (w *Walk) begin(e *event.Event) {
	if w.watching {
		w.received = e.Clone()
	}
}

// classified notes what sent an event.
func (w *Walk) classified(visit *enrich.Visit, e *event.Event) {
	if w.counts != nil {
		w.counts.Traffic.Count(e)
	}
	if w.watching {
		w.traffic = visit.WhyTraffic(e)
	}
}

// ask has consent decide about an event that is about those ids.
func (w *Walk) ask(e *event.Event, ids []event.Identifier) {
	w.plan.Policy.Decide(&consent.Arrival{Hit: w.hit, Event: e, IDs: ids, Needs: w.plan.Needs, From: &w.origin, Page: &w.scrubbed}, &w.consent)
	if w.counts != nil {
		w.counts.Scrubbed(&w.consent.Found)
	}
}

// notice takes note of the consent of an event, and of who it is about. Nothing is noticed while explaining.
func (w *Walk) notice(visit *enrich.Visit, e *event.Event) {
	if w.counts == nil {
		return
	}
	r := &w.consent.Record
	w.counts.Consent.Saw(r)
	if w.people.IsNews(e, r) {
		seen := people.Expression{Event: e, Record: r, KnownBy: people.KnownByWord, From: visitorOf(e, w.hit), Policy: w.plan.Hash}
		switch {
		case visit.Owns(e.User.ClientID):
			seen.KnownBy = people.KnownByCookie
		case w.hit.Proven, w.plan.FromServer(w.hit.Headers): // it speaks for many visitors
			seen.KnownBy, seen.From = people.KnownByServer, netip.Addr{}
		}
		if w.people.Notice(seen) {
			w.counts.Consent.Changed("seen")
		}
	}
	if browsers := w.plan.Policy.Suppression.Unlisted(w.arrived.ids); browsers != nil {
		w.people.Follow(browsers, e.Received, visitorOf(e, w.hit))
	}
}

// visitorOf is the address of the visitor whom an event is about, as far as it may be believed; else of who sent it.
func visitorOf(e *event.Event, h *event.Hit) netip.Addr {
	if a, err := netip.ParseAddr(e.Device.IP); err == nil {
		return a
	}
	return h.Address
}
