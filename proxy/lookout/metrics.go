package lookout

import (
	"github.com/prometheus/client_golang/prometheus"

	"headgate/alerts"
)

// alertMetrics are the alerts as metrics.
type alertMetrics struct {
	ledger *alerts.Ledger
	open   *prometheus.Desc
	raised *prometheus.Desc
}

// Metrics are the alerts as metrics.
func (o *Lookout) Metrics() prometheus.Collector {
	return &alertMetrics{o.ledger,
		prometheus.NewDesc("headgate_alerts_open", "Alerts that are open, by kind.", []string{"kind"}, nil),
		prometheus.NewDesc("headgate_alerts_raised_total", "Alerts that were raised since the start, by kind.", []string{"kind"}, nil)}
}

// Describe says what is measured.
func (a *alertMetrics) Describe(out chan<- *prometheus.Desc) { out <- a.open; out <- a.raised }

// Collect counts the alerts.
func (a *alertMetrics) Collect(out chan<- prometheus.Metric) {
	open, raised := a.ledger.Counts()
	for _, kind := range alerts.Kinds() {
		out <- prometheus.MustNewConstMetric(a.open, prometheus.GaugeValue, float64(open[kind]), kind)
		out <- prometheus.MustNewConstMetric(a.raised, prometheus.CounterValue, float64(raised[kind]), kind)
	}
}
