package insight

import (
	"encoding/json"

	"github.com/prometheus/client_golang/prometheus"

	"headgate/insight/store"
)

// metrics are the status as metrics. While insight is off there are none.
type metrics struct {
	insight                                      *Insight
	events, memory, files, bytes, behind, missed *prometheus.Desc
}

// Collectors are what is measured.
func (i *Insight) Collectors() []prometheus.Collector {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("headgate_insight_"+name, help, nil, nil)
	}
	return []prometheus.Collector{&metrics{i, desc("events", "Events that insight holds."), desc("events_in_memory", "Those of them that are in no file yet."),
		desc("files", "Files of insight."), desc("bytes", "Bytes of its files."), desc("lag_seconds", "Age of the newest event that is counted, while others are not; 0 when all are."),
		desc("missed_groups", "Groups of the log that were dropped before they were counted.")}}
}

// Describe says what is measured.
func (m *metrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.events, m.memory, m.files, m.bytes, m.behind, m.missed} {
		out <- d
	}
}

// Collect reads the status.
func (m *metrics) Collect(out chan<- prometheus.Metric) {
	s := m.insight.Status()
	if s == nil {
		return
	}
	for _, one := range []struct {
		desc  *prometheus.Desc
		value float64
	}{{m.events, float64(s.Events)}, {m.memory, float64(s.InMemory)}, {m.files, float64(s.Files)}, {m.bytes, float64(s.Bytes)}, {m.behind, s.LagSeconds}, {m.missed, float64(s.Missed)}} {
		out <- prometheus.MustNewConstMetric(one.desc, prometheus.GaugeValue, one.value)
	}
}

// Status is how insight is.
type Status struct {
	store.Status
	LagSeconds float64 `json:"lag_seconds"` // age of the newest event that is not counted yet; 0 when all are
	Missed     uint64  `json:"missed"`      // groups that the log had dropped before they were counted
	Error      string  `json:"error,omitempty"`
}

// Status returns how insight is, nil when it is off.
func (i *Insight) Status() *Status {
	if i.serving.Load() == nil {
		return nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	s := &Status{Status: i.store.Status(), Missed: i.missed, Error: i.trouble}
	if behind := i.store.Position() < i.last; behind && !i.counted.IsZero() {
		s.LagSeconds = max(0, i.now().Sub(i.counted).Seconds())
	}
	return s
}

// State returns the status as JSON, null when insight is off.
func (i *Insight) State() json.RawMessage {
	s := i.Status()
	if s == nil {
		return nil
	}
	text, err := json.Marshal(s)
	if err != nil {
		panic("BUG: the status of insight: " + err.Error()) // numbers and a text
	}
	return text
}
