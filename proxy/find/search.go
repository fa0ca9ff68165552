package find

import (
	"context"
	"errors"
	"slices"
	"time"

	"headgate/event/layout"
	"headgate/proxy/search"
	"headgate/queue"
)

// Ask is what is looked for.
type Ask struct {
	Text               string // see parse
	Since, Until       time.Time
	Limit              int
	Destination, State string // as in the text
}

// Found is an event.
type Found struct {
	ID       string            `json:"id"` // "" of a refused event of which only a hash is kept
	Name     string            `json:"name"`
	Time     time.Time         `json:"time"`
	Received time.Time         `json:"received"`
	Site     string            `json:"site"`
	States   map[string]string `json:"states"` // by destination
	Reasons  map[string]string `json:"reasons,omitempty"`
	Refused  bool              `json:"refused,omitempty"`
}

// Result is what was found, newest first.
type Result struct {
	Events       []Found   `json:"events"`
	More         bool      `json:"more"`
	IndexedUntil time.Time `json:"indexed_until"`
}

// Search looks for events. ErrQuestion when the text is not understood.
func (f *Finder) Search(ctx context.Context, ask Ask) (Result, error) {
	if err := f.hurry(ctx); err != nil {
		return Result{}, err
	}
	list := f.List()
	q, err := parse(ask.Text, &list.Hasher)
	if err != nil {
		return Result{}, err
	}
	if ask.Destination != "" {
		q.destination = ask.Destination
	}
	if ask.State != "" {
		if err := q.takeState(ask.State); err != nil {
			return Result{}, err
		}
	}
	out := Result{Events: []Found{}, IndexedUntil: time.Unix(0, f.upTo.Load()).UTC()}
	s := &seeker{f: f, q: &q, looks: map[string]func(context.Context, *queue.Stored) (queue.Standing, error){},
		plans: map[*search.Outcome]decided{}}
	query := search.Query{Keys: q.keys, Names: q.names, Sites: q.sites, Since: ask.Since, Until: ask.Until, Outcome: q.outcome}
	var failed error
	err = f.index.Find(ctx, &query, func(h *search.Hit) bool {
		states, fits, err := s.states(ctx, h)
		if failed = err; err != nil || !fits {
			return err == nil
		}
		if len(out.Events) == ask.Limit {
			out.More = true
			return false
		}
		found, ok, err := s.found(ctx, h, states)
		if failed = err; ok {
			out.Events = append(out.Events, found)
		}
		return err == nil
	})
	return out, errors.Join(err, failed)
}

// seeker answers one question.
type seeker struct {
	f     *Finder
	q     *question
	looks map[string]func(context.Context, *queue.Stored) (queue.Standing, error) // by destination
	group queue.StoredGroup                                                       // the one that was read last
	plans map[*search.Outcome]decided                                             // by the first of the outcomes

	// Memory that is used again: a question may be about millions of events.
	stored queue.Stored
	what   []string
}

// decided is what was decided about events, as the log has it. Many events share one.
type decided struct {
	names  []string
	states []queue.State
}

func (s *seeker) decided(outcomes []search.Outcome) (d decided) {
	if len(outcomes) == 0 {
		return d
	}
	d, known := s.plans[&outcomes[0]]
	if !known {
		for i := range outcomes {
			d.names = append(d.names, outcomes[i].Destination)
			d.states = append(d.states, queueStates[outcomes[i].State])
		}
		s.plans[&outcomes[0]] = d
	}
	return d
}

// standingNames are the states of events by how far they have come, "" where what was decided when it came still holds.
var standingNames = [...]string{
	queue.Delivered: "delivered", queue.DeliveredOrDropped: "delivered", queue.Waiting: "pending", queue.Rejected: "rejected", queue.LeftOut: "",
	queue.LateFiltered: "filtered", queue.LateDenied: "denied", queue.LateDuplicate: "filtered", queue.Elsewhere: "unknown",
}

// queueStates are the states of the log by how the index calls them.
var queueStates = map[string]queue.State{"due": queue.Due, "denied": queue.Denied, "filtered": queue.Filtered}

// states are what became of an event, by destination in the order of its outcomes, and whether that is what is looked for. They are
// valid until the next call.
func (s *seeker) states(ctx context.Context, h *search.Hit) (states []string, fits bool, err error) {
	d := s.decided(h.Outcomes)
	s.stored = queue.Stored{Writer: h.Writer, Group: h.Number, Index: h.Index, Time: h.Time, Names: d.names, States: d.states}
	s.what = append(s.what[:0], make([]string, len(h.Outcomes))...)
	states = s.what
	fits = s.q.state == "" // and the decisions fit
	for i := range h.Outcomes {
		o := &h.Outcomes[i]
		if s.q.state != "" && s.q.destination != "" && o.Destination != s.q.destination {
			continue
		}
		if states[i], err = s.state(ctx, o, &s.stored); err != nil {
			return nil, false, err
		}
		if states[i] == s.q.state && (s.q.reason == "" || o.Reason == s.q.reason) {
			fits = true
		}
	}
	if fits && s.q.state != "" && s.q.destination != "" { // those that were not asked for
		for i := range h.Outcomes {
			if states[i] == "" {
				if states[i], err = s.state(ctx, &h.Outcomes[i], &s.stored); err != nil {
					return nil, false, err
				}
			}
		}
	}
	return states, fits, nil
}

func (s *seeker) state(ctx context.Context, o *search.Outcome, stored *queue.Stored) (string, error) {
	look := s.looks[o.Destination]
	if look == nil {
		cursor, ok := s.f.Cursor(o.Destination)
		if !ok { // it is not in force any more
			if o.State == "due" {
				return "unknown", nil
			}
			return o.State, nil
		}
		look = cursor.Look()
		s.looks[o.Destination] = look
	}
	standing, err := look(ctx, stored)
	if err != nil {
		return "", err
	}
	if name := standingNames[standing]; name != "" {
		return name, nil
	}
	return o.State, nil
}

// found reads an event from the log; ok is false when it is not there any more, or nobody may find it.
func (s *seeker) found(ctx context.Context, h *search.Hit, states []string) (out Found, ok bool, err error) {
	if s.group.Seq != h.Seq || len(s.group.Events) == 0 {
		if s.group, err = s.f.Log.GroupAt(ctx, h.Seq); errors.Is(err, queue.ErrNoGroup) {
			return out, false, nil
		} else if err != nil {
			return out, false, err
		}
	}
	at := slices.IndexFunc(s.group.Events, func(e queue.Stored) bool { return e.Index == h.Index && e.Group == h.Number && e.Writer == h.Writer })
	if at < 0 {
		return out, false, nil
	}
	stored := &s.group.Events[at]
	out = Found{Name: h.Name, Site: h.Site, Received: stored.Time.UTC(), States: map[string]string{}}
	if layout.IsRefused(stored.Bytes, nil) {
		r, err := layout.DecodeRefused(string(stored.Bytes))
		if err != nil {
			return out, false, nil //nolint:nilerr // what cannot be read is not found
		}
		out.Time, out.Refused = r.Time, true
		for _, id := range s.q.ids {
			if layout.HashID(id) == r.ID {
				out.ID = id
			}
		}
	} else {
		d, err := layout.Decode(string(stored.Bytes))
		if err != nil {
			return out, false, nil //nolint:nilerr // what cannot be read is not found
		}
		list := s.f.List()
		if list.Suppresses(list.Hasher.OfDecision(d)) {
			return out, false, nil
		}
		out.ID, out.Time = d.Event.ID, d.Event.Time
	}
	for i := range h.Outcomes {
		o := &h.Outcomes[i]
		out.States[o.Destination] = states[i]
		if o.Reason != "" {
			if out.Reasons == nil {
				out.Reasons = map[string]string{}
			}
			out.Reasons[o.Destination] = o.Reason
		}
	}
	return out, true, nil
}
