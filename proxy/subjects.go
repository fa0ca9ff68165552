package proxy

import (
	"context"
	"log/slog"
	"time"

	"headgate/config"
	"headgate/consent"
	"headgate/event"
	"headgate/proxy/decide"
	"headgate/proxy/pages"
	"headgate/proxy/plan"
	"headgate/queue"
)

// Subjects is what is kept about people's choices. It outlives plans; Shutdown closes it.
type Subjects interface {
	pages.Choices
	decide.Noticer
	// Serve gives a policy the suppression list, before it is in force.
	Serve(policy *consent.Policy)
	// Ask carries out what a proven sender asks for about a person, or writes it down for people to do, and returns what became of
	// it when that is on disk. After an error the sender is to ask again.
	Ask(ctx context.Context, q event.PrivacyRequest) (state string, err error)
	// Damage says what was wrong with the suppression list at the start, "" when nothing was.
	Damage() string
	// Close writes what is still to be written.
	Close() error
}

// Opening is what Subjects are opened with: the configuration that will be in force, and the log.
type Opening struct {
	Parts   *config.Parts
	Log     *queue.Log
	Plan    func() *plan.Plan                // in force; nil before Open returns
	Dropped func(reason string, choices int) // counts choices that are not written down; of each reason none at first
	Now     func() time.Time
	Logger  *slog.Logger
}

// ask has carried out what a sender asks for about people. A sender that is told to come again asks for all of it again.
func (s *Server) ask(requests []event.PrivacyRequest) error {
	for _, q := range requests {
		state, err := s.subjects.Ask(context.Background(), q)
		if err != nil {
			if state == "" {
				s.logger.Error("a privacy request could not be carried out; its sender is asked to repeat it", "source", q.Source, "do", q.Do, "error", err)
			}
			s.counts.PrivacyRequest(&q, "failed")
			return err
		}
		s.counts.PrivacyRequest(&q, state)
	}
	return nil
}
