// Package counts is what the walk and the reloads count, as metrics and in the history of counts. What the log knows (accepted,
// delivered, ...) is not counted a second time. It decides nothing.
package counts

import (
	"github.com/prometheus/client_golang/prometheus"

	"headgate/consent"
	"headgate/event"
	"headgate/proxy/history"
	"headgate/proxy/refusal"
	"headgate/sources"
)

// Counts are the counters of one process. They outlive plans.
type Counts struct {
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
	Consent   *Consent
	Traffic   *Traffic
	Scripts   *Scripts
	book      *history.Book // nil before it is open
}

type sourceCounts struct {
	events, rejected prometheus.Counter
	timed, wrong     *history.Counter // events, and those whose time was corrected; nil without a book
}

// New begins at zero, with the sources of the configuration.
func New(list []sources.Source) *Counts {
	c := &Counts{
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
		Consent:   newConsent(),
		Traffic:   newTraffic(),
		Scripts:   newScripts(),
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

// KeepIn has what is looked at later counted in a book, too. No hit was read yet.
func (c *Counts) KeepIn(b *history.Book) {
	c.book, c.Consent.book = b, b
	for name, one := range c.bySource {
		one.timed, one.wrong = clocksOf(b, name)
		c.bySource[name] = one
	}
}

func clocksOf(b *history.Book, source string) (timed, wrong *history.Counter) {
	return b.Counter(history.Key{Kind: history.Clocks, Of: source, What: "of"}), b.Counter(history.Key{Kind: history.Clocks, Of: source, What: "wrong"})
}

// Collectors are what is measured.
func (c *Counts) Collectors() []prometheus.Collector {
	return append(c.Consent.collectors(), c.events, c.hits, c.repeated, c.rejected, c.asked, c.formulas_, c.full, c.reloads, c.personal, c.Traffic.vector, c.Scripts.requests, c.Scripts.changes, c.Scripts.failures)
}

// Read counts what a source read of a hit, as it is before anything is changed.
func (c *Counts) Read(source string, r *sources.Reading) {
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

// Again counts the events of a webhook that were taken before.
func (c *Counts) Again(source string, o *sources.Once) {
	if o != nil && o.Repeated > 0 {
		c.repeated.WithLabelValues(source).Add(float64(o.Repeated))
	}
}

// Scrubbed counts personal data that was where it does not belong.
func (c *Counts) Scrubbed(found *consent.Findings) {
	if found.Total() == 0 {
		return
	}
	for kind, n := range found {
		if n > 0 {
			c.personal.WithLabelValues(consent.Kind(kind).String()).Add(float64(n))
		}
	}
}

// Refused counts a hit that was not taken.
func (c *Counts) Refused(source string, err error) {
	reason := refusal.Reason(err)
	c.hits.WithLabelValues(source, reason).Inc()
	c.book.Flow("", "").Counter("refused", reason, "").Add(1)
}

// Unwritten counts a hit that the log could not take.
func (c *Counts) Unwritten() { c.full.Inc() }

// Reloaded counts a reload by its result.
func (c *Counts) Reloaded(result string) { c.reloads.WithLabelValues(result).Inc() }

// PrivacyRequest counts a privacy request by what became of it.
func (c *Counts) PrivacyRequest(q *event.PrivacyRequest, state string) {
	c.asked.WithLabelValues(q.Source, string(q.Do), state).Inc()
}

// Formulas counts formulas of rules that failed.
func (c *Counts) Formulas(failed int) {
	if failed > 0 {
		c.formulas_.Add(float64(failed))
	}
}
