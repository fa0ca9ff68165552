package proxy

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"headgate/consent"
	"headgate/sources"
)

// counts are the counters that the walk and the reloads keep; what the log knows (accepted, delivered, ...) is not
// counted a second time.
type counts struct {
	events    *prometheus.CounterVec // by source: events read
	hits      *prometheus.CounterVec // by source: hits refused, by reason
	rejected  *prometheus.CounterVec // by source: events of a batch that could not be read
	formulas_ prometheus.Counter     // formulas of rules that failed
	full      prometheus.Counter     // hits answered 503 since the log could not take them
	reloads   *prometheus.CounterVec // by result
	personal  *prometheus.CounterVec // by kind: personal data taken out of addresses and texts
	bySource  map[string]sourceCounts
	consent   *consentCounts
}

type sourceCounts struct{ events, rejected prometheus.Counter }

func newCounts(list []sources.Source) *counts {
	c := &counts{
		events:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_events_read_total", Help: "Events that sources read out of hits."}, []string{"source"}),
		hits:      prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_hits_refused_total", Help: "Hits that held nothing to read or were not let in."}, []string{"source", "reason"}),
		rejected:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_events_unreadable_total", Help: "Events of a request that could not be read; the others of it were."}, []string{"source"}),
		formulas_: prometheus.NewCounter(prometheus.CounterOpts{Name: "headgate_formulas_failed_total", Help: "Formulas of rules that failed on an event and left their key out."}),
		full:      prometheus.NewCounter(prometheus.CounterOpts{Name: "headgate_hits_unavailable_total", Help: "Hits answered 503 since the log could not take them."}),
		reloads:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_reloads_total", Help: "Reloads of the configuration, by result."}, []string{"result"}),
		personal:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_personal_data_removed_total", Help: "Personal data taken out of addresses and texts before storage, by kind."}, []string{"kind"}),
		bySource:  map[string]sourceCounts{},
		consent:   newConsentCounts(),
	}
	for _, source := range list {
		name := source.Name()
		c.bySource[name] = sourceCounts{c.events.WithLabelValues(name), c.rejected.WithLabelValues(name)}
	}
	return c
}

// Metrics are the collectors of what the server counts.
func (s *Server) Metrics() []prometheus.Collector {
	c := s.counts
	return append(c.consent.collectors(), c.events, c.hits, c.rejected, c.formulas_, c.full, c.reloads, c.personal)
}

func (c *counts) read(source string, events, rejected int) {
	one, known := c.bySource[source]
	if !known {
		one = sourceCounts{c.events.WithLabelValues(source), c.rejected.WithLabelValues(source)}
	}
	one.events.Add(float64(events))
	if rejected > 0 {
		one.rejected.Add(float64(rejected))
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
	case errors.Is(err, errSpace):
		reason = "space"
	case errors.Is(err, errHost):
		reason = "host"
	case errors.Is(err, sources.ErrBusy):
		reason = "busy"
	case errors.Is(err, sources.ErrKey):
		reason = "key"
	case errors.Is(err, sources.ErrTooLarge):
		reason = "too_large"
	}
	c.hits.WithLabelValues(source, reason).Inc()
}

func (c *counts) unwritten(error) { c.full.Inc() }

func (c *counts) formulas(failed int) {
	if failed > 0 {
		c.formulas_.Add(float64(failed))
	}
}
