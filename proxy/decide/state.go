package decide

import (
	"net/netip"
	"sync"
	"time"

	"headgate/consent"
	"headgate/consent/people"
	"headgate/event"
	"headgate/event/trace"
	"headgate/proxy/counts"
	"headgate/proxy/plan"
	"headgate/queue"
	"headgate/rules"
)

// Walk carries one hit's events from consent to the log. It belongs to one goroutine.
type Walk struct {
	ofHit

	// Memory that is used again: most of what a walk would allocate.
	arrived arrived
	origin  consent.Origin // how the event came that is being decided
	consent consent.Decided
	entries []queue.Entry
	room    []event.Identifier // for those of the next events
	bytes   []byte             // of the entries; the log copies them
	counted []counts.Counted   // once the log has the entries
}

// ofHit is what a walk knows and has found of one hit.
type ofHit struct {
	plan     *plan.Plan
	hit      *event.Hit
	site     *plan.Site
	counts   *counts.Counts // nil while explaining: nothing is noticed or counted then
	people   Noticer
	machine  *rules.Machine
	env      rules.Env
	scrubbed consent.Scrubbed
	flows    *counts.Flows // of the site; nil while explaining
	bot      bool          // the bot filter leaves the event out, for those who do not say which traffic they take
	failed   int           // formulas that failed
	watching bool          // someone looks: traces are made
	received *event.Event
	traffic  string // what sent the event, in words; only while watching
	traces   []*trace.Trace
	decided  []*event.Decision // of the traces
}

var walks = sync.Pool{New: func() any { return new(Walk) }}

// New begins a walk of a hit through a plan, which Release ends. Of what was never sent to a site, that is nil. watching asks for traces.
func New(p *plan.Plan, h *event.Hit, site *plan.Site, watching bool) *Walk {
	w := walks.Get().(*Walk)
	w.plan, w.hit, w.site, w.watching = p, h, site, watching
	w.machine, w.env.Hit, w.origin.Hit = p.Language.Machine(), h, h
	return w
}

// CountInto makes the walk count what it finds, and notice what it shows of people.
func (w *Walk) CountInto(c *counts.Counts, people Noticer) {
	w.counts, w.people, w.flows = c, people, w.plan.FlowsOf(w.site)
}

// Written are the entries of the log, and the bytes that they take.
func (w *Walk) Written() (entries []queue.Entry, size int) { return w.entries, len(w.bytes) }

// Shown are the traces of the events, and their decisions; none unless someone looks.
func (w *Walk) Shown() ([]*trace.Trace, []*event.Decision) { return w.traces, w.decided }

// Failures is how many formulas of rules failed.
func (w *Walk) Failures() int { return w.failed }

// Release ends a walk whose entries the log has.
func (w *Walk) Release() {
	const usual = 1 << 20 // more than that is not kept
	w.machine.Release()
	w.ofHit = ofHit{}
	w.arrived = arrived{ids: w.arrived.ids[:0]}
	w.origin.Reset()
	clear(w.consent.Outcomes)
	w.consent = consent.Decided{Outcomes: w.consent.Outcomes[:0]}
	clear(w.entries)
	clear(w.counted)
	w.entries, w.bytes, w.counted = w.entries[:0], w.bytes[:0], w.counted[:0]
	if cap(w.bytes) <= usual {
		walks.Put(w)
	}
}

// Count counts what was noted: the log has the events.
func (w *Walk) Count() {
	for i := range w.counted {
		w.counted[i].Add()
	}
}

// Noticer takes note of what events show of people.
type Noticer interface {
	// IsNews reports whether an event shows a choice that is not known already. It is asked about every event.
	IsNews(e *event.Event, r *event.Record) bool
	// Notice takes that choice for the last of the event's client id, and reports whether it differs from the one before.
	Notice(x people.Expression) (changed bool)
	// Follow suppresses browsers that a suppressed person is seen with.
	Follow(browsers []event.Identifier, now time.Time, from netip.Addr)
}
