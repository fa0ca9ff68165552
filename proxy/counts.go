package proxy

import (
	"errors"
	"maps"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"headgate/consent"
	"headgate/event"
	"headgate/proxy/history"
	"headgate/sources"
)

// counts are the counters that the walk and the reloads keep; what the log knows (accepted, delivered, ...) is not
// counted a second time.
type counts struct {
	events    *prometheus.CounterVec // by source: events read
	hits      *prometheus.CounterVec // by source: hits refused, by reason
	repeated  *prometheus.CounterVec // by source: events that were taken before
	rejected  *prometheus.CounterVec // by source: events of a batch that could not be read
	asked     *prometheus.CounterVec // by source, what was asked for about a person, and what became of it
	formulas_ prometheus.Counter     // formulas of rules that failed
	full      prometheus.Counter     // hits answered 503 since the log could not take them
	reloads   *prometheus.CounterVec // by result
	personal  *prometheus.CounterVec // by kind: personal data taken out of addresses and texts
	bySource  map[string]sourceCounts
	consent   *consentCounts
	traffic   *trafficCounts
	scripts   *scriptCounts
	book      *history.Book // nil before it is open
}

type sourceCounts struct {
	events, rejected prometheus.Counter
	timed, wrong     *history.Counter // events, and those whose time was corrected; nil without a book
}

func newCounts(list []sources.Source) *counts {
	c := &counts{
		events:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_events_read_total", Help: "Events that sources read out of hits."}, []string{"source"}),
		hits:      prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_hits_refused_total", Help: "Hits that held nothing to read or were not let in."}, []string{"source", "reason"}),
		repeated:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_events_repeated_total", Help: "Events of webhooks that were left out, since they had been taken before."}, []string{"source"}),
		rejected:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_events_unreadable_total", Help: "Events of a request that could not be read; the others of it were."}, []string{"source"}),
		asked:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_privacy_requests_total", Help: "Privacy requests of people that senders passed on: done, to_do for people, or failed."}, []string{"source", "do", "state"}),
		formulas_: prometheus.NewCounter(prometheus.CounterOpts{Name: "headgate_formulas_failed_total", Help: "Formulas of rules that failed on an event and left their key out."}),
		full:      prometheus.NewCounter(prometheus.CounterOpts{Name: "headgate_hits_unavailable_total", Help: "Hits answered 503 since the log could not take them."}),
		reloads:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_reloads_total", Help: "Reloads of the configuration, by result."}, []string{"result"}),
		personal:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_personal_data_removed_total", Help: "Personal data taken out of addresses and texts before storage, by kind."}, []string{"kind"}),
		bySource:  map[string]sourceCounts{},
		consent:   newConsentCounts(),
		traffic:   newTrafficCounts(),
		scripts:   newScriptCounts(),
	}
	fromZero(c.reloads, "ok", "failed")
	for kind := range (consent.Findings{}) {
		fromZero(c.personal, consent.Kind(kind).String())
	}
	for _, source := range list {
		name := source.Name()
		c.bySource[name] = sourceCounts{events: c.events.WithLabelValues(name), rejected: c.rejected.WithLabelValues(name)}
	}
	return c
}

// keepIn has what is looked at later counted in a book, too. No hit was read yet.
func (c *counts) keepIn(b *history.Book) {
	c.book, c.consent.book = b, b
	for name, one := range c.bySource {
		one.timed, one.wrong = clocksOf(b, name)
		c.bySource[name] = one
	}
}

func clocksOf(b *history.Book, source string) (timed, wrong *history.Counter) {
	return b.Counter(history.Key{Kind: history.Clocks, Of: source, What: "of"}), b.Counter(history.Key{Kind: history.Clocks, Of: source, What: "wrong"})
}

// Metrics are the collectors of what the server counts.
func (s *Server) Metrics() []prometheus.Collector {
	c := s.counts
	return append(c.consent.collectors(), c.events, c.hits, c.repeated, c.rejected, c.asked, c.formulas_, c.full, c.reloads, c.personal, c.traffic.vector, c.scripts.requests, c.scripts.changes, c.scripts.failures, newAlertMetrics(s))
}

// read counts what a source read of a hit, as it is before anything is changed.
func (c *counts) read(source string, r *sources.Reading) {
	one, known := c.bySource[source]
	if !known { // a reload brought it
		one = sourceCounts{events: c.events.WithLabelValues(source), rejected: c.rejected.WithLabelValues(source)}
		one.timed, one.wrong = clocksOf(c.book, source)
	}
	one.events.Add(float64(len(r.Events)))
	if len(r.Rejected) > 0 {
		one.rejected.Add(float64(len(r.Rejected)))
	}
	one.timed.Add(int64(len(r.Events)))
	for i := range r.Events {
		if !r.Events[i].Params.Get("original_time").IsEmpty() {
			one.wrong.Add(1)
		}
	}
}

// again counts the events of a webhook that were taken before.
func (c *counts) again(source string, o *sources.Once) {
	if o != nil && o.Repeated > 0 {
		c.repeated.WithLabelValues(source).Add(float64(o.Repeated))
	}
}

// scrubbed counts personal data that was where it does not belong.
func (c *counts) scrubbed(found *consent.Findings) {
	if found.Total() == 0 {
		return
	}
	for kind, n := range found {
		if n > 0 {
			c.personal.WithLabelValues(consent.Kind(kind).String()).Add(float64(n))
		}
	}
}

func (c *counts) refused(source string, err error) {
	reason := "malformed"
	switch {
	case errors.Is(err, errOrigin):
		reason = "origin"
	case errors.Is(err, errRate):
		reason = "rate"
	case errors.Is(err, errKey):
		reason = "key_rate"
	case errors.Is(err, errSpace):
		reason = "space"
	case errors.Is(err, errHost):
		reason = "host"
	case errors.Is(err, sources.ErrBusy):
		reason = "busy"
	case errors.Is(err, sources.ErrKey):
		reason = "key"
	case errors.Is(err, sources.ErrSignature):
		reason = "signature"
	case errors.Is(err, sources.ErrTooLarge):
		reason = "too_large"
	}
	c.hits.WithLabelValues(source, reason).Inc()
	c.book.Flow("", "").Counter("refused", reason, "").Add(1)
}

func (c *counts) unwritten(error) { c.full.Inc() }

func (c *counts) formulas(failed int) {
	if failed > 0 {
		c.formulas_.Add(float64(failed))
	}
}

// consentCounts count what consent saw and decided. They are kept for every event, so each counter is looked up once and
// then held.
type consentCounts struct {
	decisions *prometheus.CounterVec // by destination, action, reason
	signals   *prometheus.CounterVec // by source, use
	conflicts prometheus.Counter     // events whose signals disagreed
	changes   *prometheus.CounterVec // by how: choices that were told, choices that events showed
	dropped   *prometheus.CounterVec // by reason: choices that were not written down
	book      *history.Book          // nil before it is open

	mu    sync.Mutex // one at a time adds a source
	known atomic.Pointer[map[string]*signalCounts]
}

// signalCounts count one source of signals by what happened to them.
type signalCounts struct {
	used, aside, unreadable prometheus.Counter
	all, unread             *history.Counter // nil without a book
}

// mostSources bounds the label source: names of consent tools come from pages, too.
const mostSources = 64

func newConsentCounts() *consentCounts {
	c := &consentCounts{
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_decisions_total", Help: "Decisions about an event for a destination, by what was decided and why."}, []string{"destination", "action", "reason"}),
		signals:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_consent_signals_total", Help: "Consent signals seen with events, by source and whether they were used, set aside or unreadable."}, []string{"source", "use"}),
		conflicts: prometheus.NewCounter(prometheus.CounterOpts{Name: "headgate_consent_conflicts_total", Help: "Events whose consent signals disagreed."}),
		changes:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_consent_changes_total", Help: "Choices that differed from the visitor's last one, or were the first: told by the page, or seen in an event."}, []string{"how"}),
		dropped:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_consent_changes_dropped_total", Help: "Changed choices of which no receipt was written: too many of one address, of all together, or more than the disk takes."}, []string{"reason"}),
	}
	c.known.Store(&map[string]*signalCounts{})
	fromZero(c.changes, "told", "seen")
	return c
}

// fromZero makes counters exist before they count, so that their first rise is one.
func fromZero(counters *prometheus.CounterVec, values ...string) {
	for _, value := range values {
		counters.WithLabelValues(value)
	}
}

func (c *consentCounts) collectors() []prometheus.Collector {
	return []prometheus.Collector{c.decisions, c.signals, c.conflicts, c.changes, c.dropped}
}

// saw counts the signals of one event.
func (c *consentCounts) saw(r *event.Record) {
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
func (c *consentCounts) learn(source string) *signalCounts {
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
	one := &signalCounts{used: c.signals.WithLabelValues(label, "used"), aside: c.signals.WithLabelValues(label, "set_aside"), unreadable: c.signals.WithLabelValues(label, "unreadable")}
	if c.book != nil {
		one.all = c.book.Counter(history.Key{Kind: history.Signals, Of: label, What: "of"})
		one.unread = c.book.Counter(history.Key{Kind: history.Signals, Of: label, What: "unreadable"})
	}
	more := maps.Clone(known)
	more[label] = one
	c.known.Store(&more)
	return one
}

// tally counts the decisions for one destination of a plan.
type tally struct {
	counts *consentCounts
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

func (c *consentCounts) tally(destination string) *tally {
	t := &tally{counts: c, name: destination, usual: map[decided]prometheus.Counter{}}
	for action, list := range reasons {
		for _, reason := range list {
			t.usual[decided{action, reason}] = c.decisions.WithLabelValues(destination, action.String(), string(reason))
		}
	}
	return t
}

func (t *tally) count(o *event.Outcome) {
	counter, usual := t.usual[decided{o.Action, o.Reason}]
	if !usual { // under mode: monitor any reason may lead to a delivery
		counter = t.counts.decisions.WithLabelValues(t.name, o.Action.String(), string(o.Reason))
	}
	counter.Inc()
}
