package subjects

import (
	"context"
	"maps"
	"slices"

	"headgate/destinations"
	"headgate/event"
	"headgate/queue"
)

// Erasure is what happened to a person's data at one destination. It reports only what is certain.
type Erasure struct {
	Destination string   `json:"destination"`
	Delivered   int      `json:"delivered"`         // events in the log that it has had, or that were dead letters and dropped before
	Stopped     int      `json:"stopped"`           // pending ones, which will not be sent
	Dropped     int      `json:"dropped"`           // dead letters that were dropped
	Elsewhere   int      `json:"elsewhere"`         // events that another Headgate of the cluster delivers
	Removed     int64    `json:"removed"`           // rows that the destination has removed
	Remains     []string `json:"remains,omitempty"` // where the person still is
	Advice      string   `json:"advice,omitempty"`  // what a person has to do
	Error       string   `json:"error,omitempty"`   // why removing failed
}

// Delete suppresses a person, stops pending deliveries, drops their dead letters, and has each destination remove what it can.
// What is in the log stays there unsent until it expires: groups of events are not rewritten.
func (r *Rights) Delete(ctx context.Context, p Person, why string) (Suppressed, []Erasure, error) {
	who, err := r.recognise(ctx, p)
	if err != nil {
		return Suppressed{}, nil, err
	}
	stopped, err := r.suppressPerson(ctx, who, why)
	if err != nil {
		return stopped.said(), nil, err
	}
	out, err := r.erase(ctx, stopped)
	return stopped.said(), out, err
}

func (r *Rights) erase(ctx context.Context, who *stopped) (out []Erasure, err error) {
	theirs := r.peopleOf(who.recognised)
	events, _, err := r.eventsOf(ctx, theirs)
	if err != nil {
		return nil, err
	}
	for _, name := range r.proxy.Destinations() {
		one := Erasure{Destination: name}
		standings, err := r.proxy.Standings(ctx, name, events)
		if err != nil {
			return out, err
		}
		for _, standing := range standings {
			switch standing {
			case queue.Delivered, queue.DeliveredOrDropped:
				one.Delivered++
			case queue.Waiting:
				one.Stopped++
			case queue.Elsewhere:
				one.Elsewhere++
			}
		}
		if one.Dropped, err = r.dropDeadOf(ctx, name, theirs); err != nil {
			return out, err
		}
		erased, err := r.proxy.Erase(ctx, name, who.atDestinations())
		if err != nil {
			one.Error = err.Error()
		}
		one.Removed, one.Remains, one.Advice = erased.Removed, erased.Remains, erased.Advice
		out = append(out, one)
	}
	for _, d := range r.derived {
		one := Erasure{Destination: d.Name()}
		n, err := d.Forget(ctx, slices.Collect(maps.Keys(who.ids)), who.since)
		if one.Removed = int64(n); err != nil {
			one.Error = err.Error()
		}
		out = append(out, one)
	}
	return out, nil
}

// dropDeadOf drops a person's dead letters at a destination.
func (r *Rights) dropDeadOf(ctx context.Context, destination string, theirs wanted) (int, error) {
	var ids []string
	err := r.proxy.EachDeadLetter(ctx, destination, func(_, id, _ string, d *event.Decision) {
		if theirs.did(r.store.suppressed.Stops.Hasher.OfDecision(d)) {
			ids = append(ids, id)
		}
	})
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return r.proxy.DropDeadLettersOf(ctx, destination, ids)
}

// atDestinations is how destinations find the person in what they wrote.
func (r *recognised) atDestinations() destinations.Person {
	out := destinations.Person{Field: "user." + r.kind.String(), Values: []string{r.id}}
	if r.kind == event.Email || r.kind == event.Phone {
		out.AnyCase = true
		for _, s := range r.subjects {
			if hash := s.String(); hash != r.id {
				out.Values = append(out.Values, hash)
			}
		}
	}
	return out
}
