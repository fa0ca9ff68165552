package proxy

import (
	"context"
	"time"

	"headgate/event"
	"headgate/event/layout"
	"headgate/event/trace"
	"headgate/proxy/decide"
	"headgate/proxy/explain"
	"headgate/queue"
)

// Stored explains the events with this id that are still in the log; ErrNotFound when there is none. The rules are those that
// changed something, with the last rule that wrote a field; what consent concluded and each destination's outcome are as they
// were decided, and the verdict is what happened to it. Of an event that nobody may have only the reasons are stored.
func (s *Server) Stored(ctx context.Context, id string) ([]*trace.Trace, error) {
	var events []queue.Stored
	var traces []*trace.Trace
	p := s.plan.Load()
	hash := layout.HashID(id)
	err := s.log.Scan(ctx, decide.TimeOf(id), func(stored queue.Stored) bool {
		if layout.IsRefused(stored.Bytes, &hash) {
			if r, err := layout.DecodeRefused(string(stored.Bytes)); err == nil {
				events, traces = append(events, stored), append(traces, explain.RefusedTrace(id, r, stored.Time))
			}
			return true
		}
		if got, _, ok := layout.Peek(stored.Bytes); !ok || got != id {
			return true
		}
		d, err := layout.Decode(string(stored.Bytes))
		if err != nil {
			return true
		}
		t := explain.TraceOf(d)
		explain.AddRequests(p, t, d)
		explain.AddWhatIf(p, t)
		decide.CoverStored(p, t, d)
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
	return traces, s.peers.AddAttempts(ctx, events, traces)
}

// standings say what happened to an event. What was left out when it arrived has its outcome already.
var standings = [...]trace.Verdict{
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
func (s *Server) addStandings(ctx context.Context, events []queue.Stored, traces []*trace.Trace) error {
	running, err := s.deliveries.Pick("")
	if err != nil {
		return err
	}
	for _, d := range running {
		standing, err := d.Cursor().Standings(ctx, events)
		if err != nil {
			return err
		}
		refused := map[string][]*trace.Verdict{} // by the event's id
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
			id, _, _ := layout.Peek(l.Bytes)
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

// Decisions calls fn with the decisions of the log, as it keeps them, about events accepted since that time, oldest first,
// until fn says false. Events that nobody may have are not stored as decisions.
func (s *Server) Decisions(ctx context.Context, since time.Time, fn func(bytes []byte) bool) error {
	return explain.EachDecision(ctx, s.log, since, func(b []byte) bool { return fn(layout.WithoutIdentifiers(b)) })
}
