package proxy

import (
	"context"
	"errors"
	"fmt"

	"headgate/queue"
)

// OrphanStatus is what the log still holds for a destination that is not in force any more: it was removed from the
// configuration or switched off. Nothing delivers it, and as long as something is pending the log keeps its events.
type OrphanStatus struct {
	Pending     int64   `json:"pending"`
	Retrying    int64   `json:"retrying"` // a part of pending
	DeadLetters int64   `json:"dead_letters"`
	LagSeconds  float64 `json:"lag_seconds"` // age of the oldest pending event
}

// empty reports whether nothing would be lost with the orphan.
func (o OrphanStatus) empty() bool { return o.Pending == 0 && o.DeadLetters == 0 }

func (s *Server) orphan(c *queue.CursorStatus) OrphanStatus {
	o := OrphanStatus{Pending: int64(c.Pending), Retrying: int64(c.Retrying), DeadLetters: int64(c.DeadLetters)}
	if !c.Oldest.IsZero() {
		o.LagSeconds = max(0, s.now().Sub(c.Oldest).Seconds())
	}
	return o
}

// ErrInForce is for what cannot be done to a destination of the configuration in force.
var ErrInForce = errors.New("the destination is in force: take it out of the configuration first")

// Forget drops what the log holds for a destination that is not in force any more, for good, and returns what that was.
// ErrNotFound when the log holds nothing for that name, ErrInForce when it is in force.
func (s *Server) Forget(ctx context.Context, name string) (OrphanStatus, error) {
	s.reload.mu.Lock() // it must not come back meanwhile
	defer s.reload.mu.Unlock()
	if s.plan.Load().destination(name) != nil {
		return OrphanStatus{}, fmt.Errorf("forget %s: %w", name, ErrInForce)
	}
	account, err := s.log.Status(ctx)
	if err != nil {
		return OrphanStatus{}, err
	}
	for i := range account.Cursors {
		if c := &account.Cursors[i]; c.Name == name {
			if err := s.log.Forget(ctx, name); err != nil {
				return OrphanStatus{}, err
			}
			lost := s.orphan(c)
			s.logger.Info("a removed destination was forgotten", "destination", name, "pending", lost.Pending, "dead_letters", lost.DeadLetters)
			return lost, nil
		}
	}
	return OrphanStatus{}, ErrNotFound
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
		if c.Pending > 0 && p.destination(c.Name) == nil {
			s.logger.Warn("a removed destination has events pending, which the log keeps until it is full; put it back, or run `headgate queue forget`",
				"destination", c.Name, "pending", c.Pending)
		}
	}
}
