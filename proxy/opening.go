package proxy

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"headgate/alerts"
	"headgate/config"
	"headgate/consent"
	"headgate/event"
	"headgate/insight/terms"
	"headgate/proxy/decide"
	"headgate/proxy/lookout"
	"headgate/proxy/pages"
	"headgate/proxy/plan"
	"headgate/queue"
)

// Insight counts what visitors do. It outlives plans; Shutdown closes it.
type Insight interface {
	// Serve puts a configuration in force; nil terms turn it off.
	Serve(t *terms.Terms, policy *consent.Policy) error
	pages.Profiles
	lookout.Funnels
	// State returns how it is, null when it is off.
	State() json.RawMessage
	// Collectors are what is measured of it.
	Collectors() []prometheus.Collector
	// Close writes what is still to be written.
	Close() error
}

// noInsight stands in where there is none.
type noInsight struct{}

func (noInsight) Serve(*terms.Terms, *consent.Policy) error { return nil }

func (noInsight) ProfileOf(context.Context, string, bool) (json.RawMessage, error) {
	return nil, ErrNotFound
}

func (noInsight) DropOffs(context.Context) ([]alerts.Step, error) { return nil, nil }

func (noInsight) State() json.RawMessage { return nil }

func (noInsight) Collectors() []prometheus.Collector { return nil }

func (noInsight) Close() error { return nil }

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
