package proxy

import (
	"net/netip"
	"sync"

	"headgate/config"
	"headgate/consent"
	"headgate/consent/people"
	"headgate/enrich"
	"headgate/event"
	"headgate/event/layout"
	"headgate/event/trace"
	"headgate/queue"
	"headgate/rules"
	"headgate/sources"
)

// walker carries one hit's events from consent to the log. It belongs to one goroutine.
type walker struct {
	ofHit

	// Memory that is used again: most of what a walk would allocate.
	arrived arrived
	origin  consent.Origin // how the event came that is being decided
	consent consent.Decided
	entries []queue.Entry
	bytes   []byte    // of the entries; the log copies them
	counted []counted // once the log has the entries
}

// ofHit is what a walker knows and has found of one hit.
type ofHit struct {
	plan     *Plan
	hit      *event.Hit
	site     *Site
	live     *Server // nil while explaining: nothing is noticed or counted then
	machine  *rules.Machine
	env      rules.Env
	scrubbed consent.Scrubbed
	flows    *flows // of the site; nil while explaining
	bot      bool   // the bot filter leaves the event out, for those who do not say which traffic they take
	failed   int    // formulas that failed
	watching bool   // someone looks: traces are made
	received *event.Event
	traffic  string // what sent the event, in words; only while watching
	traces   []*trace.Trace
	decided  []*event.Decision // of the traces
}

var walkers = sync.Pool{New: func() any { return new(walker) }}

func newWalker(p *Plan, h *event.Hit, site *Site, watching bool) *walker {
	w := walkers.Get().(*walker)
	w.plan, w.hit, w.site, w.watching = p, h, site, watching
	w.machine, w.env.Hit, w.origin.Hit = p.Language.Machine(), h, h
	return w
}

// release ends a walk whose entries the log has.
func (w *walker) release() {
	const usual = 1 << 20 // more than that is not kept
	w.machine.Release()
	w.ofHit = ofHit{}
	w.arrived = arrived{ids: w.arrived.ids[:0]}
	w.origin.Reset()
	clear(w.consent.Outcomes)
	w.consent = consent.Decided{Outcomes: w.consent.Outcomes[:0]}
	clear(w.entries)
	clear(w.counted)
	w.entries, w.bytes, w.counted = w.entries[:0], w.bytes[:0], w.counted[:0]
	if cap(w.bytes) <= usual {
		walkers.Put(w)
	}
}

// begin notes an event as the source read it.
func (w *walker) begin(e *event.Event) {
	if w.watching {
		w.received = e.Clone()
	}
}

// classified notes what sent an event.
func (w *walker) classified(visit *enrich.Visit, e *event.Event) {
	if w.live != nil {
		w.live.counts.traffic.count(e)
	}
	if w.watching {
		w.traffic = visit.WhyTraffic(e)
	}
}

// ask has consent decide about an event that is about those ids.
func (w *walker) ask(e *event.Event, ids []event.Identifier) {
	w.plan.Policy.Decide(&consent.Arrival{Hit: w.hit, Event: e, IDs: ids, Needs: w.plan.needs, From: &w.origin, Page: &w.scrubbed}, &w.consent)
	if w.live != nil {
		w.live.counts.scrubbed(&w.consent.Found)
	}
}

// notice takes note of the consent of an event, and of who it is about. Nothing is noticed while explaining.
func (w *walker) notice(visit *enrich.Visit, e *event.Event) {
	s, r := w.live, &w.consent.Record
	if s == nil {
		return
	}
	s.counts.consent.saw(r)
	if s.subjects.IsNews(e, r) {
		seen := people.Expression{Event: e, Record: r, KnownBy: people.KnownByWord, From: visitorOf(e, w.hit), Policy: w.plan.Hash}
		switch {
		case visit.Owns(e.User.ClientID):
			seen.KnownBy = people.KnownByCookie
		case w.hit.Proven, sources.FromServer(w.hit.Headers, w.plan.serverKeys): // it speaks for many visitors
			seen.KnownBy, seen.From = people.KnownByServer, netip.Addr{}
		}
		if s.subjects.Notice(seen) {
			s.counts.consent.changes.WithLabelValues("seen").Inc()
		}
	}
	if browsers := w.plan.Policy.Suppression.Unlisted(w.arrived.ids); browsers != nil {
		s.subjects.Follow(browsers, e.Received, visitorOf(e, w.hit))
	}
}

// visitorOf is the address of the visitor whom an event is about, as far as it may be believed; else of who sent it.
func visitorOf(e *event.Event, h *event.Hit) netip.Addr {
	if a, err := netip.ParseAddr(e.Device.IP); err == nil {
		return a
	}
	return h.Address
}

// decide takes an event whose consent is resolved through the rules, and it and those that rules emitted into entries of
// the log.
func (w *walker) decide(e *event.Event) {
	var watched *trace.Trace
	var seen *[]trace.Rule
	if w.watching {
		watched = &trace.Trace{Received: w.received, Source: e.Source, Traffic: w.traffic}
		seen = &watched.Rules
	}
	w.bot = w.plan.Enricher.Drops(e)
	if w.bot && !w.plan.takesTraffic(e) {
		w.enter(e, &rules.Result{DroppedBy: droppedBots}, watched, "")
		return
	}
	w.env.Event = e
	result := w.plan.Rules.Apply(w.machine, &w.env, e, seen)
	emitted := result.Emitted
	w.enter(e, &result, watched, "")
	for len(emitted) > 0 {
		one := emitted[0]
		emitted = emitted[1:]
		var watched *trace.Trace
		var seen *[]trace.Rule
		if w.watching {
			watched = &trace.Trace{Received: one.Event.Clone(), Source: e.Source, Traffic: w.traffic, EmittedBy: one.Rule}
			seen = &watched.Rules
		}
		result := w.plan.Rules.Continue(w.machine, &w.env, &one, seen)
		emitted = append(emitted, result.Emitted...)
		w.enter(&one.Event, &result, watched, one.Rule)
	}
}

// droppedBots stands where a rule's name would, for events that the bot filter dropped.
const droppedBots = "bots"

// enter makes the decision about an event for every destination, and the entry of the log that holds it. emittedBy names the
// rule that made the event, "" for one that a source read.
func (w *walker) enter(e *event.Event, result *rules.Result, watched *trace.Trace, emittedBy string) {
	p := w.plan
	w.failed += result.Failed
	p.Policy.Personal.Clean(e, &w.origin)
	d := &event.Decision{Event: *e, Consent: w.consent.Record, DroppedBy: result.DroppedBy, Outcomes: make([]event.Outcome, len(p.Destinations))}
	states := make([]queue.State, len(p.Destinations))
	due := false
	for i := range p.Destinations {
		o := w.outcome(&p.Destinations[i], w.consent.Outcomes[i], d, result)
		d.Outcomes[i] = o
		if w.live != nil {
			p.tallies[i].count(&o)
		}
		states[i] = stateOf[o.Action]
		due = due || o.Action.Due()
	}
	if w.flows != nil {
		w.tally(d, emittedBy == "")
	}
	entry := queue.Entry{Roster: p.roster, States: states}
	from := len(w.bytes)
	counted := p.counts(d)
	if due || counted {
		d.Identifiers = w.arrived.identifiers(e)
		d.EmittedBy = emittedBy
		strip(p.Policy, d, result.Changed, &w.origin, counted)
		d.Weight = d.Held()
		entry.Live, entry.Held = d, d.Weight
		w.bytes = layout.Append(w.bytes, d)
		d.Changed = nil // only the log needs it
	} else {
		w.bytes = layout.AppendRefused(w.bytes, d)
	}
	entry.Bytes = w.bytes[from:]
	w.entries = append(w.entries, entry)
	if watched != nil {
		watched.Event, watched.Consent, watched.DroppedBy = e, &d.Consent, result.DroppedBy
		watched.AddOutcomes(d.Outcomes)
		if w.live != nil {
			w.cover(watched, d, result)
		}
		w.traces, w.decided = append(w.traces, watched), append(w.decided, d)
	}
}

var stateOf = [...]queue.State{event.Deliver: queue.Due, event.Redact: queue.DueRedacted, event.Deny: queue.Denied, event.Filter: queue.Filtered}

// outcome decides about an event for one destination of which consent says o. The first refusal is named: dropped for all, traffic,
// consent, a rule that skips the destination, the destination's own rules, the events it wants.
func (w *walker) outcome(l *config.Destination, o event.Outcome, d *event.Decision, result *rules.Result) event.Outcome {
	filtered := func(reason event.Reason, fact string) event.Outcome {
		return event.Outcome{Destination: l.Name(), Action: event.Filter, Reason: reason, Text: fact}
	}
	switch {
	case result.DroppedBy == droppedBots:
		return filtered(event.BotDropped, d.Event.Device.BotName)
	case result.Sampled:
		return filtered(event.SampledOut, result.DroppedBy)
	case result.DroppedBy != "":
		return filtered(event.DroppedByRule, result.DroppedBy)
	}
	switch takes, said, because := l.TakesTraffic(&d.Event); {
	case !takes:
		return filtered(event.TrafficClass, because)
	case w.bot && !said:
		return filtered(event.BotDropped, d.Event.Device.BotName)
	}
	o.Destination = l.Name()
	if o.Action == event.Deny {
		return o
	}
	if rule := result.Skips(l.Name()); rule != "" {
		return filtered(event.SkippedByRule, rule)
	}
	e := &d.Event
	if l.Rules() != nil {
		shaped := d.Event
		switch r := l.Shape(w.machine, &w.env, &shaped, nil); {
		case r.Sampled:
			return filteredByOwn(event.SampledOut, l.Name(), r.DroppedBy)
		case r.DroppedBy != "":
			return filteredByOwn(event.DroppedByRule, l.Name(), r.DroppedBy)
		}
		e = &shaped
	}
	w.env.Event = e
	if wanted, reason, why := l.Wants(e, w.machine, &w.env); !wanted {
		return filtered(reason, why)
	}
	return o
}

// filteredByOwn is the outcome for an event that a rule of the destination itself leaves out.
func filteredByOwn(reason event.Reason, destination, rule string) event.Outcome {
	return event.Outcome{Destination: destination, Action: event.Filter, Reason: reason, Text: rule, Own: true}
}

// show gives the traces to those who watch.
func (w *walker) show(watchers *watchers) {
	for _, t := range w.traces {
		watchers.show(t, w.hit)
	}
}
