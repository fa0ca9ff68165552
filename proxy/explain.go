package proxy

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"headgate/config"
	"headgate/config/edit"
	"headgate/event"
	"headgate/event/samples"
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

// Explain is Server.Explain without a server: for a configuration that is not running.
func Explain(parts *config.Parts, q Question, now time.Time) ([]*event.Trace, error) {
	return explain(plan.New(parts, now), q, now)
}

func explain(p *plan.Plan, q Question, now time.Time) ([]*event.Trace, error) {
	h, events, err := asked(p, q, now)
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
func explained(p *plan.Plan, w *decide.Walk) []*event.Trace {
	traces, decided := w.Shown()
	for i, t := range traces {
		addRequests(p, t, decided[i])
		addWhatIf(p, t)
	}
	return traces
}

// explainStored walks a stored event again, as it came to the rules.
func explainStored(p *plan.Plan, d *event.Decision) []*event.Trace {
	w := decide.New(p, &event.Hit{Method: "POST", Received: d.Event.Received}, nil, true)
	defer w.Release()
	w.Again(d)
	return explained(p, w)
}

// asked turns a question into a hit and the events in it.
func asked(p *plan.Plan, q Question, now time.Time) (*event.Hit, []event.Event, error) {
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

// traceOf is what is stored of an event's walk.
func traceOf(d *event.Decision) *event.Trace {
	t := &event.Trace{Event: &d.Event, Received: d.Received(), Source: d.Event.Source, Consent: &d.Consent, Rules: d.RuleTraces(),
		DroppedBy: d.DroppedBy, EmittedBy: d.EmittedBy}
	t.AddOutcomes(d.Outcomes)
	return t
}

// refusedTrace is what is stored of an event that nobody may have.
func refusedTrace(id string, r *event.Refused, received time.Time) *event.Trace {
	e := &event.Event{ID: id, Name: r.Name, Time: r.Time, Received: received, Source: r.Source}
	t := &event.Trace{Event: e, Source: r.Source, DroppedBy: r.DroppedBy}
	for _, o := range r.Outcomes {
		t.Destinations = append(t.Destinations, event.DestinationTrace{Outcome: o, Because: string(o.Reason)})
	}
	return t
}
