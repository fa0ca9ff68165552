package proxy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"headgate/config"
	"headgate/document"
	"headgate/event"
	"headgate/event/layout"
	"headgate/queue"
	"headgate/rules"
)

// Draft is a configuration that is not in force: the files on disk, some with another text, by their names.
type Draft map[string][]byte

// ErrDraft says that a draft cannot be opened, whatever it says.
var ErrDraft = errors.New("this draft cannot be opened")

// open opens a draft, which the caller closes; document.Mistakes when it has any. Drafts are opened one after another, since each
// takes the work of a reload.
func (s *Server) open(ctx context.Context, d Draft, deps config.Deps) (*config.Parts, error) {
	if len(d) > 0 && s.path == "" {
		return nil, fmt.Errorf("%w: it runs without a configuration file; headgate init writes one", ErrDraft)
	}
	c, err := s.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	env := s.env
	for _, name := range slices.Sorted(maps.Keys(d)) {
		if !slices.ContainsFunc(c.Files, func(f File) bool { return f.Name == name }) {
			return nil, fmt.Errorf("%w: there is no file %q", ErrDraft, name)
		}
		env = env.Instead(filepath.Join(s.root(), filepath.FromSlash(name)), d[name])
	}
	s.drafts.Lock()
	defer s.drafts.Unlock()
	parts, mistakes := config.Open(s.path, env, deps)
	if err := s.named(mistakes).Err(); err != nil {
		return nil, err
	}
	return parts, nil
}

// named says files by their names as Configuration has them.
func (s *Server) named(ms document.Mistakes) document.Mistakes {
	root := s.root()
	for i := range ms {
		if name, err := filepath.Rel(root, ms[i].At.File); err == nil && ms[i].At.File != "" && filepath.IsLocal(name) {
			ms[i].At.File = filepath.ToSlash(name)
		}
	}
	return ms
}

// withDraft calls fn with the plan of a draft, or with the one in force where nothing is drafted. Nothing of it is sent.
func (s *Server) withDraft(ctx context.Context, d Draft, fn func(*Plan) error) error {
	if len(d) == 0 {
		return fn(s.plan.Load())
	}
	parts, err := s.open(ctx, d, s.deps)
	if err != nil {
		return err
	}
	return errors.Join(fn(s.planOf(parts)), parts.Close(context.WithoutCancel(ctx)))
}

// planOf is the plan of a configuration that is not in force. It knows who is suppressed.
func (s *Server) planOf(parts *config.Parts) *Plan {
	plan, live := newPlan(parts, s.now()), s.plan.Load().Policy
	plan.Policy.Suppression, plan.Policy.Personal.Key = live.Suppression, live.Personal.Key
	return plan
}

// Check returns what check warns of in a draft; document.Mistakes when it could not be in force.
func (s *Server) Check(ctx context.Context, d Draft) (warnings document.Mistakes, err error) {
	parts, err := s.open(ctx, d, s.deps)
	if err != nil {
		return nil, err
	}
	return s.named(parts.Warnings), parts.Close(context.WithoutCancel(ctx))
}

// RunCases runs the `tests:` of a draft.
func (s *Server) RunCases(ctx context.Context, d Draft) (results []CaseResult, err error) {
	parts, err := s.open(ctx, d, s.deps)
	if err != nil {
		return nil, err
	}
	results = RunCases(parts, s.now())
	for i := range results {
		results[i].Mistakes = s.named(results[i].Mistakes)
	}
	return results, parts.Close(context.WithoutCancel(ctx))
}

// ErrRun says that a formula is right and failed for this event.
var ErrRun = errors.New("the formula failed")

// Try returns what a formula says of an event, under a draft; ErrRun when it fails there.
func (s *Server) Try(ctx context.Context, d Draft, formula string, q Question) (v event.Value, err error) {
	e, err := s.inQuestion(ctx, q)
	if err != nil {
		return v, err
	}
	err = s.withDraft(ctx, d, func(p *Plan) error {
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
func (s *Server) inQuestion(ctx context.Context, q Question) (*event.Event, error) {
	if q.ID != "" {
		d, err := s.storedDecision(ctx, q.ID)
		if err != nil {
			return nil, err
		}
		return asReceived(d), nil
	}
	_, events, err := s.plan.Load().asked(q, s.now())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrQuestion, err)
	}
	return &events[0], nil
}

// storedDecision returns the first decision about the event of an id that the log keeps; ErrNotFound when there is none, or when
// its visitor has withdrawn since.
func (s *Server) storedDecision(ctx context.Context, id string) (found *event.Decision, err error) {
	p := s.plan.Load()
	err = s.log.Scan(ctx, timeOf(id), func(stored queue.Stored) bool {
		if got, _, ok := layout.Peek(stored.Bytes); !ok || got != id || layout.IsRefused(stored.Bytes, nil) {
			return true
		}
		d, err := layout.Decode(string(stored.Bytes))
		if err == nil && (p.Config.Admin.ShowRefused || p.stillAllowed(d)) {
			found = d
		}
		return found == nil
	})
	if err == nil && found == nil {
		err = ErrNotFound
	}
	return found, err
}

// asReceived is a stored event as it came to the rules; as it left them where an older version wrote it.
func asReceived(d *event.Decision) *event.Event {
	if e := d.Received(); e != nil {
		return e
	}
	return d.Event.Clone()
}
