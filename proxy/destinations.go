package proxy

import (
	"context"

	"headgate/destinations"
	"headgate/event"
	"headgate/proxy/delivery"
	"headgate/queue"
)

// Pause stops deliveries to a destination and keeps its events, across restarts, until Resume. ErrNotFound when there is no
// such destination.
func (s *Server) Pause(_ context.Context, destination string) error {
	return s.deliveries.Pause(destination)
}

// Resume starts deliveries again, after a Pause or after the destination was halted.
func (s *Server) Resume(_ context.Context, destination string) error {
	return s.deliveries.Resume(destination)
}

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
	running, _ := s.deliveries.Pick("") // only an unknown name is an error
	names := make([]string, len(running))
	for i, d := range running {
		names[i] = d.Name()
	}
	return names
}

// Standings returns what has become of events of the log at a destination.
func (s *Server) Standings(ctx context.Context, destination string, stored []queue.Stored) ([]queue.Standing, error) {
	d, err := s.deliveries.Find(destination)
	if err != nil {
		return nil, err
	}
	return d.Cursor().Standings(ctx, stored)
}

// EachDeadLetter calls fn with all dead letters of a destination, or of all of them for "".
func (s *Server) EachDeadLetter(ctx context.Context, destination string, fn func(destination, id, why string, d *event.Decision)) error {
	return s.eachDeadDecision(ctx, Pick{Destination: destination}, func(l DeadLetter, _ *delivery.Delivery, id string, d *event.Decision) {
		fn(l.Destination, id, l.Why, d)
	})
}

// DropDeadLetters forgets dead letters of a destination and returns how many they were.
func (s *Server) DropDeadLetters(ctx context.Context, destination string, ids []string) (int, error) {
	d, err := s.deliveries.Find(destination)
	if err != nil {
		return 0, err
	}
	return d.Cursor().DropDead(ctx, ids...)
}

// Erase has a destination remove what it has written about a person.
func (s *Server) Erase(ctx context.Context, destination string, p destinations.Person) (destinations.Erased, error) {
	d, err := s.deliveries.Find(destination)
	if err != nil {
		return destinations.Erased{}, err
	}
	return d.Erase(ctx, p)
}
