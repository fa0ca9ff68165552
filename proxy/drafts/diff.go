package drafts

import (
	"context"
	"errors"

	"headgate/config/edit"
	"headgate/event/layout"
	"headgate/proxy/explain"
	"headgate/proxy/impact"
	"headgate/proxy/plan"
	"headgate/queue"
)

// Diff compares the configuration in force with a draft; document.Mistakes when the draft or the formula has any.
func (s *Desk) Diff(ctx context.Context, d edit.Draft, t explain.Trial) (*impact.Report, error) {
	select {
	case s.trials <- struct{}{}:
		defer func() { <-s.trials }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	frozen := explain.NewFrozen(s.now())
	parts, err := s.files.Open(d, frozen.Deps(s.deps))
	if err != nil {
		return nil, err
	}
	live := s.plan()
	before := live
	// The one in force has a clock and chance of its own: it is opened again, if it is still what the files say.
	twin, err := s.files.Open(nil, frozen.Deps(s.deps))
	if err == nil && twin.Hash == live.Hash {
		before = s.planOf(twin)
	}
	report, err := s.diff(ctx, before, s.planOf(parts), frozen, t)
	err = errors.Join(err, parts.Close(context.WithoutCancel(ctx)))
	if twin != nil {
		err = errors.Join(err, twin.Close(context.WithoutCancel(ctx)))
	}
	return report, err
}

func (s *Desk) diff(ctx context.Context, before, after *plan.Plan, f *explain.Frozen, t explain.Trial) (*impact.Report, error) {
	c, err := explain.NewComparer(before, after, f, t, s.now)
	if err != nil {
		return nil, err
	}
	if live := s.plan(); !live.Config.Admin.ShowRefused {
		c.Allowed = live.StillAllowed
	}
	err = s.log.Scan(ctx, t.Since, func(stored queue.Stored) bool {
		if !layout.IsRefused(stored.Bytes, nil) {
			c.Add(stored.Bytes)
		}
		return ctx.Err() == nil
	})
	if err := errors.Join(err, ctx.Err()); err != nil {
		return nil, err
	}
	return c.Report(ctx)
}
