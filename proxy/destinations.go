package proxy

import (
	"context"
	"errors"
	"fmt"

	"headgate/destinations"
	"headgate/event"
	"headgate/event/trace"
	"headgate/proxy/explain"
	"headgate/proxy/status"
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

// Traces returns what is stored of events of the log, with what happened to each of them at each destination.
func (s *Server) Traces(ctx context.Context, stored []queue.Stored, decisions []*event.Decision) ([]*trace.Trace, error) {
	traces := make([]*trace.Trace, len(decisions))
	for i, d := range decisions {
		traces[i] = explain.TraceOf(d)
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

// Standings returns what happened to events of the log at a destination.
func (s *Server) Standings(ctx context.Context, destination string, stored []queue.Stored) ([]queue.Standing, error) {
	d, err := s.deliveries.Find(destination)
	if err != nil {
		return nil, err
	}
	return d.Cursor().Standings(ctx, stored)
}

// Erase has a destination remove what it has written about a person.
func (s *Server) Erase(ctx context.Context, destination string, p destinations.Person) (destinations.Erased, error) {
	d, err := s.deliveries.Find(destination)
	if err != nil {
		return destinations.Erased{}, err
	}
	return d.Erase(ctx, p)
}

func (s *Server) orphan(c *queue.CursorStatus) status.Orphan {
	o := status.Orphan{Pending: int64(c.Pending), Retrying: int64(c.Retrying), DeadLetters: int64(c.DeadLetters)}
	if !c.Oldest.IsZero() {
		o.LagSeconds = max(0, s.now().Sub(c.Oldest).Seconds())
	}
	return o
}

// ErrInForce is for what cannot be done to a destination of the configuration in force.
var ErrInForce = errors.New("the destination is in force: take it out of the configuration first")

// Forget drops what the log holds for a destination that is no longer in force, for good, and returns what that was.
// ErrNotFound when the log holds nothing for that name, ErrInForce when it is in force.
func (s *Server) Forget(ctx context.Context, name string) (status.Orphan, error) {
	s.reload.mu.Lock() // it must not come back meanwhile
	defer s.reload.mu.Unlock()
	if s.plan.Load().Destination(name) != nil {
		return status.Orphan{}, fmt.Errorf("forget %s: %w", name, ErrInForce)
	}
	account, err := s.log.Status(ctx)
	if err != nil {
		return status.Orphan{}, err
	}
	for i := range account.Cursors {
		if c := &account.Cursors[i]; c.Name == name {
			if err := s.log.Forget(ctx, name); err != nil {
				return status.Orphan{}, err
			}
			lost := s.orphan(c)
			s.logger.Info("a removed destination was forgotten", "destination", name, "pending", lost.Pending, "dead_letters", lost.DeadLetters)
			return lost, nil
		}
	}
	return status.Orphan{}, ErrNotFound
}

// warnOfOrphans logs what keeps the log from dropping events although nobody delivers it.
func (s *Server) warnOfOrphans(ctx context.Context) {
	account, err := s.log.Status(ctx)
	if err != nil {
		s.logger.Warn("cannot tell whether removed destinations have events pending", "error", err)
		return
	}
	p := s.plan.Load()
	for _, c := range account.Cursors {
		if c.Pending > 0 && p.Destination(c.Name) == nil {
			s.logger.Warn("a removed destination has events pending, which the log keeps until it is full; put it back, or run `headgate queue forget`",
				"destination", c.Name, "pending", c.Pending)
		}
	}
}
