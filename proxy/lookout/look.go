package lookout

import (
	"context"
	"slices"
	"time"

	"headgate/alerts"
	"headgate/alerts/evidence"
	"headgate/proxy/plan"
	"headgate/proxy/status"
)

// How often is looked for alerts, and how often what that rests on is read anew.
const (
	lookEvery   = 10 * time.Second
	recentEvery = time.Minute
	usualEvery  = 5 * time.Minute
)

// Run looks until ctx ends.
func (o *Lookout) Run(ctx context.Context, now func() time.Time) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		err := o.Look(ctx, now())
		if err != nil && !o.failing && ctx.Err() == nil {
			o.options.Logger.Warn("alerts cannot be looked for or sent; it is tried again", "error", err)
		}
		o.failing = err != nil
	}
}

// Look finds what there is now, notes what has changed, and notifies those who want to know.
func (o *Lookout) Look(ctx context.Context, now time.Time) error {
	p := o.options.Plan()
	o.mu.Lock()
	defer o.mu.Unlock()
	facts, err := o.facts(ctx, p, now)
	if err != nil {
		return err
	}
	config := &p.Config.Alerts
	o.ledger.Step(now, alerts.Detect(facts, config), config)
	if len(config.To) > 0 {
		for _, m := range o.ledger.Due(now, config) {
			if err := o.notify(ctx, p, &m, now); err != nil {
				return err // the others are due the next time
			}
			o.ledger.Told(&m, now)
		}
	}
	return o.ledger.Save()
}

// facts gathers what is known now. The caller holds the mutex.
func (o *Lookout) facts(ctx context.Context, p *plan.Plan, now time.Time) (*alerts.Facts, error) {
	if now.Sub(o.usualAt) >= usualEvery || o.usual == nil {
		usual, err := evidence.Usual(o.options.Book, now)
		if err != nil {
			return nil, err
		}
		o.usual, o.usualAt = usual, now
	}
	if now.Sub(o.recentAt) >= recentEvery || o.recent == nil {
		recent, err := evidence.Recent(o.options.Book, now)
		if err != nil {
			return nil, err
		}
		o.recent, o.recentAt = recent, now
		if o.steps, err = o.options.Funnels.DropOffs(ctx); err != nil {
			return nil, err
		}
	}
	status, err := o.options.Status(ctx)
	if err != nil {
		return nil, err
	}
	f := *o.usual
	f.Now, f.Steps = now, o.steps
	f.Filters = slices.DeleteFunc(slices.Clone(f.Filters), func(one alerts.Share) bool { return p.Destination(one.Destination) == nil })
	f.Destinations = o.conditions(p, &status)
	f.Free, f.Space = spaceOf(o.options.Folder)
	f.LogFull = o.options.Log.NearlyFull()
	f.Damage = o.damages(&status)
	f.Expiries = p.Expiries()
	return &f, nil
}

// conditions are what the destinations of a plan do.
func (o *Lookout) conditions(p *plan.Plan, status *status.Status) (all []alerts.Destination) {
	for i := range p.Destinations {
		d := &p.Destinations[i]
		is := status.Destinations[d.Name()]
		one := alerts.Destination{Name: d.Name(), State: string(is.State), Wait: d.Delivery().Wait, Oldest: time.Duration(is.LagSeconds * float64(time.Second))}
		if a := o.recent[d.Name()]; a != nil {
			one.Attempts, one.Rejected, one.Words, one.Why = a.Attempts[:], a.Rejected, a.Failure, a.Reject
			if a.Halt != "" {
				o.halts[d.Name()] = a.Halt
			}
		}
		if one.State == "halted" {
			one.Words = o.halts[d.Name()]
		}
		for _, usual := range o.usual.Rejected {
			if usual.Destination == d.Name() {
				one.Rejected.UsualNow, one.Rejected.UsualOf, one.Rejected.Days = usual.UsualNow, usual.UsualOf, usual.Days
			}
		}
		all = append(all, one)
	}
	return all
}

// damages are what was found missing or unreadable.
func (o *Lookout) damages(status *status.Status) (all []alerts.Damage) {
	for _, one := range []alerts.Damage{
		{Where: "the log", What: status.Queue.Damage},
		{Where: "the suppression list", What: status.Suppression.Damage},
		{Where: "the history of counts", What: o.options.Book.Damage()},
	} {
		if one.What != "" {
			all = append(all, one)
		}
	}
	return all
}
