package proxy

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"headgate/config"
	"headgate/event"
	"headgate/event/layout"
	"headgate/proxy/impact"
	"headgate/queue"
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
	before, after *Plan
	frozen        *Frozen
	where         *rules.Formula
	allowed       func(*event.Decision) bool
	sample        sample
	now           func() time.Time
	begun         time.Time
}

// NewComparer compares two configurations that were opened with the same Frozen; document.Mistakes when the formula of the trial
// has any.
func NewComparer(before, after *config.Parts, f *Frozen, t Trial, now func() time.Time) (*Comparer, error) {
	return newComparer(newPlan(before, now()), newPlan(after, now()), f, t, now)
}

func newComparer(before, after *Plan, f *Frozen, t Trial, now func() time.Time) (*Comparer, error) {
	if t.Sample < 1 || t.Sample > MostTried {
		return nil, fmt.Errorf("%w: a sample has 1 to %d events, not %d", ErrQuestion, MostTried, t.Sample)
	}
	where, err := before.condition(t.Where)
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
		if picked, err := c.where.Truth(m, &rules.Env{Event: asReceived(d)}); err != nil || !picked {
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
	found := impact.New(impact.Sides{Before: c.before.definitions(), After: c.after.definitions(), Destinations: append(c.before.names(), c.after.names()...)})
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
		case c.allowed != nil && !c.allowed(d):
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
func (c *Comparer) way(p *Plan, d *event.Decision) impact.Way {
	from := c.now()
	w := newWalker(p, &event.Hit{Method: "POST", Received: d.Event.Received}, nil, true)
	defer w.release()
	w.again(d)
	for i, t := range w.traces {
		p.addRequests(t, w.decided[i])
	}
	return impact.Way{Traces: w.traces, Took: c.now().Sub(from)}
}

// definitions are the rules of a configuration, those of single destinations too.
func (p *Plan) definitions() (all []impact.Definition) {
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

// sample takes at most so many of a stream whose length is not known, evenly.
type sample struct {
	most  int
	every int // which of them are taken: each of that number
	seen  int
	bytes int
	all   [][]byte
}

// mostSampled bounds the bytes of memory that a sample takes.
const mostSampled = 64 << 20

func (s *sample) add(b []byte) {
	if s.seen++; (s.seen-1)%s.every != 0 {
		return
	}
	s.all, s.bytes = append(s.all, append([]byte(nil), b...)), s.bytes+len(b)
	for len(s.all) >= 2*s.most || s.bytes > mostSampled && len(s.all) > 1 {
		s.every *= 2
		s.bytes = 0
		kept := s.all[:0]
		for i := 0; i < len(s.all); i += 2 {
			kept = append(kept, s.all[i])
			s.bytes += len(s.all[i])
		}
		clear(s.all[len(kept):])
		s.all = kept
	}
}

// taken is what was taken, at most as many as asked for.
func (s *sample) taken() [][]byte {
	if len(s.all) <= s.most {
		return s.all
	}
	out := make([][]byte, s.most)
	for i := range out {
		out[i] = s.all[i*len(s.all)/s.most]
	}
	return out
}

// Diff compares the configuration in force with a draft; document.Mistakes when the draft or the formula has any.
func (s *Server) Diff(ctx context.Context, d Draft, t Trial) (*impact.Report, error) {
	select {
	case s.trials <- struct{}{}:
		defer func() { <-s.trials }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	frozen := NewFrozen(s.now())
	parts, err := s.open(ctx, d, frozen.Deps(s.deps))
	if err != nil {
		return nil, err
	}
	live := s.plan.Load()
	before := live
	// The one in force has a clock and chance of its own: it is opened again, if it is still what the files say.
	twin, err := s.open(ctx, nil, frozen.Deps(s.deps))
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

func (s *Server) diff(ctx context.Context, before, after *Plan, f *Frozen, t Trial) (*impact.Report, error) {
	c, err := newComparer(before, after, f, t, s.now)
	if err != nil {
		return nil, err
	}
	if live := s.plan.Load(); !live.Config.Admin.ShowRefused {
		c.allowed = live.stillAllowed
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
