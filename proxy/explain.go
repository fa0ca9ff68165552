package proxy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"headgate/config"
	"headgate/destinations"
	"headgate/document"
	"headgate/event"
	"headgate/event/samples"
	"headgate/proxy/delivery"
	"headgate/queue"
	"headgate/rules"
	"headgate/sources"
)

// Question is what Explain is asked about: exactly one of the first four.
type Question struct {
	Sample string       // name of a sample event
	Event  *event.Event // an event as a source would have read it
	Hit    *event.Hit   // a raw request
	ID     string       // of a stored event, as it was received; its consent is decided again from the signals that were stored

	Draft Draft // the configuration to ask; the one in force when it is empty
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

// Explain walks what q says with the live configuration and returns a trace per event. Nothing is stored or sent, and
// secrets are masked. The event stands in its trace as whoever asks gave it, also where consent refuses it; the requests show
// what would be sent.
func (s *Server) Explain(ctx context.Context, q Question) (traces []*event.Trace, err error) {
	var stored *event.Decision
	if q.ID != "" {
		if stored, err = s.storedDecision(ctx, q.ID); err != nil {
			return nil, err
		}
	}
	err = s.withDraft(ctx, q.Draft, func(p *Plan) (err error) {
		if stored != nil {
			traces = p.explainStored(stored)
			return nil
		}
		if traces, err = p.explain(q, s.now()); err != nil {
			return fmt.Errorf("%w: %w", ErrQuestion, err)
		}
		return nil
	})
	return traces, err
}

// Explain is Server.Explain without a server: for a configuration that is not running.
func Explain(parts *config.Parts, q Question, now time.Time) ([]*event.Trace, error) {
	return newPlan(parts, now).explain(q, now)
}

func (p *Plan) explain(q Question, now time.Time) ([]*event.Trace, error) {
	h, events, err := p.asked(q, now)
	if err != nil {
		return nil, err
	}
	p.Enricher.Client(h)
	site, _ := p.site(h.Host) // what is asked about may have no host
	h.From = site.pageOf(h)
	visit := p.Enricher.Visit(h)
	w := newWalker(p, h, site, true)
	defer w.release()
	var g ids
	for i := range events {
		e := &events[i]
		g.complete(h, w.site, e)
		if q.Hit != nil {
			w.take(&visit, e)
			continue
		}
		// An event that is given as such says itself what the request would have said: there is nothing to add.
		w.begin(e)
		w.origin.Take(e)
		w.ask(e, p.Policy.IDs(e))
		w.origin.Address = p.Enricher.Truncate(e)
		w.decide(e)
	}
	return w.explained(), nil
}

// explained returns the traces of a walk, with what would be sent and what would change it.
func (w *walker) explained() []*event.Trace {
	for i, t := range w.traces {
		w.plan.addRequests(t, w.decided[i])
		w.plan.addWhatIf(t)
	}
	return w.traces
}

// explainStored walks a stored event again, as it came to the rules.
func (p *Plan) explainStored(d *event.Decision) []*event.Trace {
	w := newWalker(p, &event.Hit{Method: "POST", Received: d.Event.Received}, nil, true)
	defer w.release()
	w.again(d)
	return w.explained()
}

// again takes the event of a stored decision through consent, as far as its signals are stored, and the rules.
func (w *walker) again(d *event.Decision) {
	e := asReceived(d)
	w.begin(e)
	w.consent.Record = w.plan.Policy.Reconsider(&d.Consent, d.Event.Received)
	w.consent.Outcomes = w.consent.Outcomes[:0]
	for _, n := range w.plan.needs {
		w.consent.Outcomes = append(w.consent.Outcomes, w.plan.Policy.Judge(&w.consent.Record, n))
	}
	e.Consent = w.plan.Policy.StatesOf(&w.consent.Record)
	w.decide(e)
}

// addWhatIf says what would change at each destination if the visitor had granted more.
func (p *Plan) addWhatIf(t *event.Trace) {
	if t.DroppedBy != "" {
		return
	}
	for i := range t.Destinations {
		name := t.Destinations[i].Destination
		dest := p.destination(name)
		if dest == nil {
			continue
		}
		for _, a := range p.Policy.WhatIf(t.Consent, &dest.Need) {
			a.Outcome.Destination = name
			t.WhatIf = append(t.WhatIf, a)
		}
	}
}

// asked turns a question into a hit and the events in it.
func (p *Plan) asked(q Question, now time.Time) (*event.Hit, []event.Event, error) {
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
	source := p.source(h)
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

// addRequests shows what would be sent to each destination that is due.
func (p *Plan) addRequests(t *event.Trace, d *event.Decision) {
	m := p.Language.Machine()
	defer m.Release()
	for i := range t.Destinations {
		shown := &t.Destinations[i]
		dest := p.destination(shown.Destination)
		if dest == nil || !shown.Action.Due() {
			continue
		}
		to := delivery.NewTarget(p.Parts, dest)
		if dest.Rules() != nil {
			whole := d.Event
			from := len(t.Rules)
			dest.Shape(m, &rules.Env{}, &whole, &t.Rules)
			for k := from; k < len(t.Rules); k++ {
				t.Rules[k].For = shown.Destination
			}
		}
		sent, outcome := to.Prepare(d)
		if outcome != queue.Retry {
			continue
		}
		batch := []destinations.Sending{{Event: sent, Consent: &d.Consent, Attempt: 1}}
		requests, verdicts := dest.Show(batch)
		shown.Requests = requests
		if verdicts[0].Kind != 0 {
			shown.Verdict = verdicts[0].Trace()
		}
	}
}

// Stored explains the events with this id that are still in the log; ErrNotFound when there is none. The rules are those that
// changed something, with the last rule that wrote a field; what consent concluded and each destination's outcome are as they
// were decided, and the verdict is what happened to it. Of an event that nobody may have only the reasons are stored.
func (s *Server) Stored(ctx context.Context, id string) ([]*event.Trace, error) {
	var events []queue.Stored
	var traces []*event.Trace
	p := s.plan.Load()
	hash := event.HashID(id)
	err := s.log.Scan(ctx, timeOf(id), func(stored queue.Stored) bool {
		if event.IsRefused(stored.Bytes, &hash) {
			if r, err := event.DecodeRefused(string(stored.Bytes)); err == nil {
				events, traces = append(events, stored), append(traces, refusedTrace(id, r, stored.Time))
			}
			return true
		}
		if got, _, ok := event.Peek(stored.Bytes); !ok || got != id {
			return true
		}
		d, err := event.DecodeLog(string(stored.Bytes))
		if err != nil {
			return true
		}
		t := traceOf(d)
		p.addRequests(t, d)
		p.addWhatIf(t)
		p.coverStored(t, d)
		events, traces = append(events, stored), append(traces, t)
		return true
	})
	if err != nil {
		return nil, err
	}
	if len(traces) == 0 {
		return nil, ErrNotFound
	}
	if err := s.addStandings(ctx, events, traces); err != nil {
		return nil, err
	}
	return traces, s.addAttempts(ctx, events, traces)
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

// standings say what happened to an event. What was left out when it arrived has its outcome already.
var standings = [...]event.VerdictTrace{
	queue.Delivered:          {Verdict: "delivered"},
	queue.DeliveredOrDropped: {Verdict: "delivered", Why: "unless it was one of this destination's dead letters that were dropped; which those were is not kept"},
	queue.Waiting:            {Verdict: "pending"},
	queue.Rejected:           {Verdict: "reject"},
	queue.LeftOut:            {},
	queue.LateDuplicate:      {Verdict: "filter", Why: string(event.Duplicate) + ": the same event was sent before or was on its way"},
	queue.LateFiltered:       {Verdict: "filter", Why: "left out by the destination's own rules or events when it was to be sent"},
	queue.LateDenied:         {Verdict: "deny", Why: "consent had been withdrawn when it was to be sent"},
	queue.Elsewhere:          {Verdict: "unknown", Why: "another Headgate of the cluster delivers it"},
}

// addStandings says what happened to stored events at the destinations of their traces: of those that were refused, in the
// destination's words.
func (s *Server) addStandings(ctx context.Context, events []queue.Stored, traces []*event.Trace) error {
	running, err := s.deliveries.Pick("")
	if err != nil {
		return err
	}
	for _, d := range running {
		standing, err := d.Cursor().Standings(ctx, events)
		if err != nil {
			return err
		}
		refused := map[string][]*event.VerdictTrace{} // by the event's id
		for i, t := range traces {
			verdict := standings[standing[i]]
			at := t.Destination(d.Name())
			if at == nil || verdict.Verdict == "" {
				continue
			}
			at.Verdict = &verdict
			if standing[i] == queue.Rejected {
				refused[t.Event.ID] = append(refused[t.Event.ID], at.Verdict)
			}
		}
		if len(refused) == 0 {
			continue
		}
		err = d.Cursor().DeadLetters(ctx, "", func(l queue.DeadLetter) bool {
			id, _, _ := event.Peek(l.Bytes)
			for _, verdict := range refused[id] {
				verdict.Why = l.Why
			}
			return true
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// condition compiles a formula that a person typed into the admin side; "" is none.
func (p *Plan) condition(where string) (*rules.Formula, error) {
	if where == "" {
		return nil, nil
	}
	words := document.Words{At: document.Place{File: "where"}, Value: where}
	formula, mistakes := p.Language.Formula(words, rules.RuleScope(), rules.Truth)
	return formula, mistakes.Err()
}
