package proxy

import (
	"context"

	"headgate/destinations"
	"headgate/event"
	"headgate/queue"
)

// What follows is asked by people's rights about their events.

// Traces returns what is stored of events of the log, with what has become of each of them at each destination.
func (s *Server) Traces(ctx context.Context, stored []queue.Stored, decisions []*event.Decision) ([]*event.Trace, error) {
	traces := make([]*event.Trace, len(decisions))
	for i, d := range decisions {
		traces[i] = traceOf(d)
	}
	return traces, s.addStandings(ctx, stored, traces)
}

// Destinations returns the names of those in force, sorted.
func (s *Server) Destinations() []string {
	running, _ := s.deliveries.pick("") // only an unknown name is an error
	names := make([]string, len(running))
	for i, d := range running {
		names[i] = d.name
	}
	return names
}

// Standings returns what has become of events of the log at a destination.
func (s *Server) Standings(ctx context.Context, destination string, stored []queue.Stored) ([]queue.Standing, error) {
	d, err := s.deliveries.find(destination)
	if err != nil {
		return nil, err
	}
	return d.cursor.Standings(ctx, stored)
}

// EachDeadLetter calls fn with all dead letters of a destination, or of all of them for "".
func (s *Server) EachDeadLetter(ctx context.Context, destination string, fn func(destination, id, why string, d *event.Decision)) error {
	return s.eachDeadDecision(ctx, Pick{Destination: destination}, func(l DeadLetter, _ *delivery, id string, d *event.Decision) {
		fn(l.Destination, id, l.Why, d)
	})
}

// DropDeadLetters forgets dead letters of a destination and returns how many they were.
func (s *Server) DropDeadLetters(ctx context.Context, destination string, ids []string) (int, error) {
	d, err := s.deliveries.find(destination)
	if err != nil {
		return 0, err
	}
	return d.cursor.DropDead(ctx, ids...)
}

// Erase has a destination remove what it has written about a person.
func (s *Server) Erase(ctx context.Context, destination string, p destinations.Person) (destinations.Erased, error) {
	d, err := s.deliveries.find(destination)
	if err != nil {
		return destinations.Erased{}, err
	}
	return d.target.Load().destination.Erase(ctx, p)
}
