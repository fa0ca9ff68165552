// Package lookout looks for alerts in a running Headgate: it gathers what is known now, and reports what has opened and closed to the
// destinations that alerts.to names, as events of the log. What is worth an alert is up to package alerts.
package lookout

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"headgate/alerts"
	"headgate/alerts/evidence"
	"headgate/proxy/history"
	"headgate/proxy/plan"
	"headgate/proxy/status"
	"headgate/queue"
)

// How often is looked for alerts, and how often what that rests on is read anew.
const (
	lookEvery   = 10 * time.Second
	recentEvery = time.Minute
	usualEvery  = 5 * time.Minute
)

// Options are what a lookout looks at, and whom it reports to.
type Options struct {
	Folder string // of the data: it has to have room, and keeps the list of alerts
	Plan   func() *plan.Plan
	Log    *queue.Log
	Book   *history.Book
	Status func(context.Context) (status.Status, error)
	Logger *slog.Logger
}

// Lookout looks for alerts.
type Lookout struct {
	options Options
	ledger  *alerts.Ledger
	failing bool // it was logged that something failed; only run knows

	mu       sync.Mutex    // one at a time looks
	usual    *alerts.Facts // read at usualAt
	usualAt  time.Time
	recent   map[string]*evidence.Answered // read at recentAt
	recentAt time.Time
	halts    map[string]string // the words that destinations refused our settings with
}

// Open reads the list of alerts, which begins anew when it cannot be read.
func Open(o Options) *Lookout {
	ledger, err := alerts.Open(filepath.Join(o.Folder, "alerts.json"))
	if err != nil {
		o.Logger.Error("the list of alerts begins anew; nothing else is affected", "error", err)
	}
	return &Lookout{options: o, ledger: ledger, halts: map[string]string{}}
}

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
	}
	status, err := o.options.Status(ctx)
	if err != nil {
		return nil, err
	}
	f := *o.usual
	f.Now = now
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

// List returns the open alerts, then those that have closed, each newest first.
func (o *Lookout) List() []alerts.Alert { return o.ledger.List() }

var _ evidence.Book = (*history.Book)(nil)
