package counts

import (
	"maps"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"headgate/event"
	"headgate/proxy/history"
)

// Consent count what consent saw and decided. They are kept for every event, so each counter is looked up once and
// then held.
type Consent struct {
	decisions *prometheus.CounterVec // by destination, action, reason
	signals   *prometheus.CounterVec // by source, use
	conflicts prometheus.Counter     // events whose signals disagreed
	changes   *prometheus.CounterVec // by how: choices that were told, choices that events showed
	dropped   *prometheus.CounterVec // by reason: choices that were not written down
	book      *history.Book          // nil before it is open

	mu    sync.Mutex // one at a time adds a source
	known atomic.Pointer[map[string]*signals]
}

// signals count one source of signals by what happened to them.
type signals struct {
	used, aside, unreadable prometheus.Counter
	all, unread             *history.Counter // nil without a book
}

// mostSources bounds the label source: names of consent tools come from pages, too.
const mostSources = 64

func newConsent() *Consent {
	c := &Consent{
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_decisions_total", Help: "Decisions about an event for a destination, by what was decided and why."}, []string{"destination", "action", "reason"}),
		signals:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_consent_signals_total", Help: "Consent signals seen with events, by source and whether they were used, set aside or unreadable."}, []string{"source", "use"}),
		conflicts: prometheus.NewCounter(prometheus.CounterOpts{Name: "headgate_consent_conflicts_total", Help: "Events whose consent signals disagreed."}),
		changes:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_consent_changes_total", Help: "Choices that differed from the visitor's last one, or were the first: told by the page, or seen in an event."}, []string{"how"}),
		dropped:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_consent_changes_dropped_total", Help: "Changed choices of which no receipt was written: too many of one address, of all together, or more than the disk takes."}, []string{"reason"}),
	}
	c.known.Store(&map[string]*signals{})
	fromZero(c.changes, "told", "seen")
	return c
}

func (c *Consent) collectors() []prometheus.Collector {
	return []prometheus.Collector{c.decisions, c.signals, c.conflicts, c.changes, c.dropped}
}

// Changed counts a choice that differed from the one before, or was the first: told by a page, or seen with an event.
func (c *Consent) Changed(how string) { c.changes.WithLabelValues(how).Inc() }

// Lost counts choices that were not written down.
func (c *Consent) Lost(reason string, choices int) {
	c.dropped.WithLabelValues(reason).Add(float64(choices))
}

// names reports whether a source of signals has counters of its own.
func (c *Consent) names(source string) bool { return (*c.known.Load())[source] != nil }

// Saw counts the signals of one event.
func (c *Consent) Saw(r *event.Record) {
	known := *c.known.Load()
	for i := range r.Signals {
		s := &r.Signals[i]
		one := known[s.Source]
		if one == nil {
			one = c.learn(s.Source)
			known = *c.known.Load()
		}
		if one.all != nil {
			one.all.Add(1)
		}
		switch s.Aside.Kind {
		case event.NotAside:
			one.used.Inc()
		case event.AsideUnreadable:
			one.unreadable.Inc()
			if one.unread != nil {
				one.unread.Add(1)
			}
		default:
			one.aside.Inc()
		}
	}
	if r.Conflict != (event.Conflict{}) {
		c.conflicts.Inc()
	}
}

// learn makes the counters of a source that was not seen before.
func (c *Consent) learn(source string) *signals {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := *c.known.Load()
	if one := known[source]; one != nil {
		return one
	}
	label := strings.Clone(source) // it may be a part of a request
	if len(known) >= mostSources {
		label = "other"
		if one := known[label]; one != nil {
			return one
		}
	}
	one := &signals{used: c.signals.WithLabelValues(label, "used"), aside: c.signals.WithLabelValues(label, "set_aside"), unreadable: c.signals.WithLabelValues(label, "unreadable")}
	if c.book != nil {
		one.all = c.book.Counter(history.Key{Kind: history.Signals, Of: label, What: "of"})
		one.unread = c.book.Counter(history.Key{Kind: history.Signals, Of: label, What: "unreadable"})
	}
	more := maps.Clone(known)
	more[label] = one
	c.known.Store(&more)
	return one
}

// Tally counts the decisions for one destination of a plan.
type Tally struct {
	counts *Consent
	name   string
	usual  map[decided]prometheus.Counter
}

type decided struct {
	action event.Action
	reason event.Reason
}

// reasons are all there are, by the action that they usually lead to.
var reasons = map[event.Action][]event.Reason{
	event.Deliver: {event.Delivered},
	event.Redact:  {event.Redacted},
	event.Deny: {event.PurposeDenied, event.NoChoice, event.OptedOutGPC, event.OptedOutUSP, event.OptedOutGPP, event.VendorDenied,
		event.Suppressed, event.Withdrawn, event.SignalInvalid, event.SignalExpired, event.RegionUnknown},
	event.Filter: {event.DroppedByRule, event.SkippedByRule, event.SampledOut, event.BotDropped, event.TrafficClass, event.NotWanted, event.EventNotMapped},
}

// Tally returns the counters of a destination.
func (c *Consent) Tally(destination string) *Tally {
	t := &Tally{counts: c, name: destination, usual: map[decided]prometheus.Counter{}}
	for action, list := range reasons {
		for _, reason := range list {
			t.usual[decided{action, reason}] = c.decisions.WithLabelValues(destination, action.String(), string(reason))
		}
	}
	return t
}

// Count counts a decision.
func (t *Tally) Count(o *event.Outcome) {
	counter, usual := t.usual[decided{o.Action, o.Reason}]
	if !usual { // under mode: monitor any reason may lead to a delivery
		counter = t.counts.decisions.WithLabelValues(t.name, o.Action.String(), string(o.Reason))
	}
	counter.Inc()
}

// fromZero makes counters exist before they count, so that their first rise is one.
func fromZero(counters *prometheus.CounterVec, values ...string) {
	for _, value := range values {
		counters.WithLabelValues(value)
	}
}
