package explain

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"headgate/config"
	"headgate/event"
	"headgate/event/layout"
	"headgate/proxy/decide"
	"headgate/proxy/impact"
	"headgate/proxy/plan"
	"headgate/rules"
)

// Trial says which stored events two configurations are compared by.
type Trial struct {
	Since  time.Time // received then or later
	Where  string    // a formula on the event as it was received; "" for all
	Sample int       // the most events: evenly taken where there are more
}

// MostTried is the largest sample, UsualTried the usual one.
const (
	MostTried  = 20_000
	UsualTried = 10_000
)

// Frozen is what configurations that are compared are opened with: a clock that stands at the moment when each event came, and
// no chance. So what differs comes from what they say.
type Frozen struct{ at atomic.Int64 }

// NewFrozen begins now.
func NewFrozen(now time.Time) *Frozen {
	f := new(Frozen)
	f.at.Store(now.UnixNano())
	return f
}

// Deps are deps with that clock, and without chance.
func (f *Frozen) Deps(deps config.Deps) config.Deps {
	deps.Now = func() time.Time { return time.Unix(0, f.at.Load()).UTC() }
	deps.Random = zeros{}
	return deps
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// Comparer takes stored decisions and sends a sample of them, as they were received, through two configurations. Nothing is
// stored or sent.
type Comparer struct {
	// Allowed says whether a stored event may still be looked at; nil: all may.
	Allowed func(*event.Decision) bool

	before, after *plan.Plan
	frozen        *Frozen
	where         *rules.Formula
	sample        sample
	now           func() time.Time
	begun         time.Time
}

// NewComparer compares the plans of two configurations that were opened with the same Frozen; document.Mistakes when the formula of the
// trial has any.
func NewComparer(before, after *plan.Plan, f *Frozen, t Trial, now func() time.Time) (*Comparer, error) {
	if t.Sample < 1 || t.Sample > MostTried {
		return nil, fmt.Errorf("%w: a sample has 1 to %d events, not %d", ErrQuestion, MostTried, t.Sample)
	}
	where, err := before.Condition(t.Where)
	return &Comparer{before: before, after: after, frozen: f, where: where, sample: sample{most: t.Sample, every: 1}, now: now, begun: now()}, err
}

// Add takes what the log keeps of an event.
func (c *Comparer) Add(stored []byte) {
	if c.where != nil {
		d, err := layout.Decode(string(stored))
		if err != nil {
			return
		}
		m := c.before.Language.Machine()
		defer m.Release()
		if picked, err := c.where.Truth(m, &rules.Env{Event: decide.AsReceived(d)}); err != nil || !picked {
			return
		}
	}
	c.sample.add(stored)
}

// Why an event is not compared.
const (
	skippedEmitted    = "made by a rule: the event it was made of is compared"
	skippedAlert      = "an alert of Headgate itself: no rule has it"
	skippedUnreadable = "unreadable"
	skippedUnknown    = "stored by an older version: how it was received is not known"
	skippedWithdrawn  = "consent was withdrawn since"
)

// Report sends the sample through both configurations.
func (c *Comparer) Report(ctx context.Context) (*impact.Report, error) {
	found := impact.New(impact.Sides{Before: definitions(c.before), After: definitions(c.after), Destinations: append(c.before.Names(), c.after.Names()...)})
	for _, stored := range c.sample.taken() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		d, err := layout.Decode(string(stored))
		switch {
		case err != nil:
			found.Skip(skippedUnreadable)
		case d.Event.IsAlert():
			found.Skip(skippedAlert)
		case d.EmittedBy != "":
			found.Skip(skippedEmitted)
		case !d.ChangesKept:
			found.Skip(skippedUnknown)
		case c.Allowed != nil && !c.Allowed(d):
			found.Skip(skippedWithdrawn)
		default:
			c.frozen.at.Store(d.Event.Received.UnixNano())
			before := make(chan impact.Way, 1)
			go func() { before <- c.way(c.before, d) }() // waited for in the next lines
			after := c.way(c.after, d)
			found.Take(<-before, after)
		}
	}
	return found.Report(c.sample.seen, c.now().Sub(c.begun)), nil
}

// way is what a configuration makes of an event.
func (c *Comparer) way(p *plan.Plan, d *event.Decision) impact.Way {
	from := c.now()
	w := decide.New(p, &event.Hit{Method: "POST", Received: d.Event.Received}, nil, true)
	defer w.Release()
	w.Again(d)
	traces, decided := w.Shown()
	for i, t := range traces {
		AddRequests(p, t, decided[i])
	}
	return impact.Way{Traces: traces, Took: c.now().Sub(from)}
}

// definitions are the rules of a configuration, those of single destinations too.
func definitions(p *plan.Plan) (all []impact.Definition) {
	add := func(destination string, list []rules.Rule) {
		for i := range list {
			all = append(all, impact.Definition{Name: impact.RuleName(destination, list[i].Name), Says: list[i].Says()})
		}
	}
	add("", p.Config.Rules)
	for i := range p.Destinations {
		name := p.Destinations[i].Name()
		if c, ok := p.Config.Destinations.Get(name); ok {
			add(name, c.Rules)
		}
	}
	return all
}
