// Package drafts says what a configuration that is not in force would do: whether it is right, what its cases come to, how it would
// walk an event and what would change against the one in force. Nothing of it is sent or stored.
package drafts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"headgate/config"
	"headgate/config/edit"
	"headgate/document"
	"headgate/event"
	"headgate/event/layout"
	"headgate/event/trace"
	"headgate/proxy/decide"
	"headgate/proxy/delivery"
	"headgate/proxy/explain"
	"headgate/proxy/plan"
	"headgate/queue"
	"headgate/rules"
)

// Desk answers questions about drafts. It is safe for use by many goroutines.
type Desk struct {
	files  *edit.Files // of the configuration in force
	deps   config.Deps
	plan   func() *plan.Plan // in force
	log    *queue.Log
	now    func() time.Time
	trials chan struct{} // holds one while configurations are compared
}

// New returns a desk for drafts of some files; in force is the plan returned by inForce.
func New(files *edit.Files, deps config.Deps, inForce func() *plan.Plan, log *queue.Log, now func() time.Time) *Desk {
	return &Desk{files: files, deps: deps, plan: inForce, log: log, now: now, trials: make(chan struct{}, 1)}
}

// withDraft calls fn with the plan of a draft, or with the one in force where nothing is drafted. Nothing of it is sent.
func (s *Desk) withDraft(ctx context.Context, d edit.Draft, fn func(*plan.Plan) error) error {
	if len(d) == 0 {
		return fn(s.plan())
	}
	parts, err := s.files.Open(d, s.deps)
	if err != nil {
		return err
	}
	return errors.Join(fn(s.planOf(parts)), parts.Close(context.WithoutCancel(ctx)))
}

// planOf is the plan of a configuration that is not in force. It knows who is suppressed.
func (s *Desk) planOf(parts *config.Parts) *plan.Plan {
	plan, live := plan.New(parts, s.now()), s.plan().Policy
	plan.Policy.Suppression, plan.Policy.Personal.Key = live.Suppression, live.Personal.Key
	return plan
}

// Check returns what check warns of in a draft; document.Mistakes when it could not be in force.
func (s *Desk) Check(ctx context.Context, d edit.Draft) (warnings document.Mistakes, err error) {
	parts, err := s.files.Open(d, s.deps)
	if err != nil {
		return nil, err
	}
	return s.files.Named(parts.Warnings), parts.Close(context.WithoutCancel(ctx))
}

// RunCases runs the `tests:` of a draft.
func (s *Desk) RunCases(ctx context.Context, d edit.Draft) (results []explain.CaseResult, err error) {
	parts, err := s.files.Open(d, s.deps)
	if err != nil {
		return nil, err
	}
	results = explain.RunCases(parts, s.now())
	for i := range results {
		results[i].Mistakes = s.files.Named(results[i].Mistakes)
	}
	return results, parts.Close(context.WithoutCancel(ctx))
}

// ErrRun says that a formula is right and failed for this event.
var ErrRun = errors.New("the formula failed")

// Try returns what a formula says of an event, under a draft; ErrRun when it fails there.
func (s *Desk) Try(ctx context.Context, d edit.Draft, formula string, q explain.Question) (v event.Value, err error) {
	e, err := s.inQuestion(ctx, q)
	if err != nil {
		return v, err
	}
	err = s.withDraft(ctx, d, func(p *plan.Plan) error {
		words := document.Words{At: document.Place{File: "formula"}, Value: formula}
		compiled, mistakes := p.Language.Formula(words, rules.RuleScope(), rules.Any)
		if err := mistakes.Err(); err != nil {
			return err
		}
		m := p.Language.Machine()
		defer m.Release()
		if v, err = compiled.Value(m, &rules.Env{Event: e}); err != nil {
			return fmt.Errorf("%w: %w", ErrRun, err)
		}
		return nil
	})
	return v, err
}

// inQuestion is the event that is asked about: as received, where it is stored.
func (s *Desk) inQuestion(ctx context.Context, q explain.Question) (*event.Event, error) {
	if q.ID != "" {
		d, err := s.storedDecision(ctx, q.ID)
		if err != nil {
			return nil, err
		}
		return decide.AsReceived(d), nil
	}
	_, events, err := explain.Events(s.plan(), q, s.now())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", explain.ErrQuestion, err)
	}
	return &events[0], nil
}

// storedDecision returns the first decision about the event of an id that the log keeps; delivery.ErrNotFound when there is none, or when
// its visitor has withdrawn since.
func (s *Desk) storedDecision(ctx context.Context, id string) (found *event.Decision, err error) {
	p := s.plan()
	err = s.log.Scan(ctx, decide.TimeOf(id), func(stored queue.Stored) bool {
		if got, _, ok := layout.Peek(stored.Bytes); !ok || got != id || layout.IsRefused(stored.Bytes, nil) {
			return true
		}
		d, err := layout.Decode(string(stored.Bytes))
		if err == nil && (p.Config.Admin.ShowRefused || p.StillAllowed(d)) {
			found = d
		}
		return found == nil
	})
	if err == nil && found == nil {
		err = delivery.ErrNotFound
	}
	return found, err
}

// Explain walks what q says with the live configuration and returns a trace per event. Nothing is stored or sent, and
// secrets are masked. The event stands in its trace as whoever asks gave it, also where consent refuses it; the requests show
// what would be sent.
func (s *Desk) Explain(ctx context.Context, q explain.Question) (traces []*trace.Trace, err error) {
	var stored *event.Decision
	if q.ID != "" {
		if stored, err = s.storedDecision(ctx, q.ID); err != nil {
			return nil, err
		}
	}
	err = s.withDraft(ctx, q.Draft, func(p *plan.Plan) (err error) {
		if stored != nil {
			traces = explain.Again(p, stored)
			return nil
		}
		if traces, err = explain.Explain(p, q, s.now()); err != nil {
			return fmt.Errorf("%w: %w", explain.ErrQuestion, err)
		}
		return nil
	})
	return traces, err
}
