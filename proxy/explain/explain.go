// Package explain says what a configuration makes of events: of one that somebody asks about, of the cases of a configuration, of
// stored events under another configuration. Nothing is stored or sent, and secrets are masked.
package explain

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"headgate/config/edit"
	"headgate/event"
	"headgate/event/layout"
	"headgate/event/samples"
	"headgate/event/trace"
	"headgate/proxy/decide"
	"headgate/proxy/plan"
	"headgate/sources"
)

// Question is what Explain is asked about: exactly one of the first four.
type Question struct {
	Sample string       // name of a sample event
	Event  *event.Event // an event as a source would have read it
	Hit    *event.Hit   // a raw request
	ID     string       // of a stored event, as it was received; its consent is decided again from the signals that were stored

	Draft edit.Draft // the configuration to ask; the one in force when it is empty
}

// IsOne reports whether exactly one thing is asked about.
func (q *Question) IsOne() bool {
	n := 0
	for _, asked := range []bool{q.Sample != "", q.Event != nil, q.Hit != nil, q.ID != ""} {
		if asked {
			n++
		}
	}
	return n == 1
}

// ErrQuestion says that it is not clear what is asked about.
var ErrQuestion = errors.New("this cannot be explained")

// Explain walks what q says through a plan and returns a trace per event, with the requests that would be sent. The event stands in its
// trace as whoever asks gave it, also where consent refuses it.
func Explain(p *plan.Plan, q Question, now time.Time) ([]*trace.Trace, error) {
	h, events, err := Events(p, q, now)
	if err != nil {
		return nil, err
	}
	p.Enricher.Client(h)
	site, _ := p.Site(h.Host) // what is asked about may have no host
	h.From = site.PageOf(h)
	visit := p.Enricher.Visit(h)
	w := decide.New(p, h, site, true)
	defer w.Release()
	var g decide.IDs
	for i := range events {
		e := &events[i]
		g.Complete(h, site, e)
		if q.Hit != nil {
			w.Take(&visit, e)
			continue
		}
		w.Given(e)
	}
	return explained(p, w), nil
}

// explained returns the traces of a walk, with what would be sent and what would change it.
func explained(p *plan.Plan, w *decide.Walk) []*trace.Trace {
	traces, decided := w.Shown()
	for i, t := range traces {
		AddRequests(p, t, decided[i])
		AddWhatIf(p, t)
	}
	return traces
}

// Again walks a stored event again, as it came to the rules.
func Again(p *plan.Plan, d *event.Decision) []*trace.Trace {
	w := decide.New(p, &event.Hit{Method: "POST", Received: d.Event.Received}, nil, true)
	defer w.Release()
	w.Again(d)
	return explained(p, w)
}

// Events turns a question into a hit and the events in it.
func Events(p *plan.Plan, q Question, now time.Time) (*event.Hit, []event.Event, error) {
	h := q.Hit
	if h == nil {
		h = &event.Hit{Method: "POST", Received: now}
		e := q.Event
		if q.Sample != "" {
			sample, ok := samples.Get(q.Sample)
			if !ok {
				return nil, nil, fmt.Errorf("no sample %q: the samples are %s", q.Sample, strings.Join(samples.Names(), ", "))
			}
			samples.Move(sample, now)
			e = sample
		}
		if e == nil {
			return nil, nil, fmt.Errorf("name a sample, an event or a hit")
		}
		return h, []event.Event{*e.Clone()}, nil
	}
	if h.Received.IsZero() {
		h.Received = now
	}
	source := p.Source(h)
	if source == nil {
		return nil, nil, fmt.Errorf("no source listens on %s %s", h.Method, h.Path)
	}
	reading, err := sources.Read(source, h)
	if err != nil {
		return nil, nil, fmt.Errorf("source %s: %w", source.Name(), err)
	}
	if len(reading.Rejected) > 0 && len(reading.Events) == 0 {
		r := reading.Rejected[0]
		return nil, nil, fmt.Errorf("source %s: event %d: %s", source.Name(), r.Index, r.Why)
	}
	return h, reading.Events, nil
}

// TraceOf is what is stored of an event's walk.
func TraceOf(d *event.Decision) *trace.Trace {
	t := &trace.Trace{Event: &d.Event, Received: d.Received(), Source: d.Event.Source, Consent: &d.Consent, Rules: trace.RulesOf(d),
		DroppedBy: d.DroppedBy, EmittedBy: d.EmittedBy}
	t.AddOutcomes(d.Outcomes)
	return t
}

// RefusedTrace is what is stored of an event that nobody may have.
func RefusedTrace(id string, r *layout.Refused, received time.Time) *trace.Trace {
	e := &event.Event{ID: id, Name: r.Name, Time: r.Time, Received: received, Source: r.Source}
	t := &trace.Trace{Event: e, Source: r.Source, DroppedBy: r.DroppedBy}
	for _, o := range r.Outcomes {
		t.Destinations = append(t.Destinations, trace.Destination{Outcome: o, Because: string(o.Reason)})
	}
	return t
}
