package console

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"headgate/console/exchange"
	"headgate/console/failure"
	"headgate/proxy/delivery"
)

func (a *api) healthy(w http.ResponseWriter, _ *http.Request) { well(w, a.service.Accepting()) }

func (a *api) ready(w http.ResponseWriter, _ *http.Request) { well(w, a.service.Ready()) }

func well(w http.ResponseWriter, err error) {
	if err != nil {
		exchange.Refuse(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	exchange.Answer(w, http.StatusOK, map[string]string{"status": "ok"})
}

func (a *api) status(w http.ResponseWriter, r *http.Request) {
	status, err := a.service.Status(r.Context())
	if err != nil {
		failure.Answer(w, err, http.StatusInternalServerError)
		return
	}
	exchange.Answer(w, http.StatusOK, status)
}

// cluster answers with the Headgates that share the log, running or gone.
func (a *api) cluster(w http.ResponseWriter, r *http.Request) {
	cluster, err := a.service.Cluster(r.Context())
	if err != nil {
		failure.Answer(w, err, http.StatusInternalServerError)
		return
	}
	exchange.Answer(w, http.StatusOK, cluster)
}

// alerts answers with what a person should know, open alerts first.
func (a *api) alerts(w http.ResponseWriter, _ *http.Request) {
	exchange.Answer(w, http.StatusOK, a.service.Alerts())
}

// metrics serves what others count besides the account, which is read at each scrape so that it always equals /api/status.
func metrics(service Service, others []prometheus.Collector) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &account{service})
	registry.MustRegister(others...)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{Registry: registry})
}

// scrapeTimeout is what Prometheus itself waits by default.
const scrapeTimeout = 10 * time.Second

// account is the status as metrics.
type account struct{ service Service }

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("headgate_"+name, help, labels, nil)
}

var (
	acceptedDesc = describe("events_accepted_total", "Events that were written to the log.")
	stateDesc    = describe("destination_events", "Every accepted event by what became of it at a destination; the states add up to headgate_events_accepted_total.", "destination", "state")
	redactedDesc = describe("destination_redacted_events", "Delivered events that were redacted.", "destination")
	retryingDesc = describe("destination_retrying_events", "Pending events that have failed before.", "destination")
	lagDesc      = describe("destination_lag_seconds", "Age of the oldest pending event.", "destination")
	doingDesc    = describe("destination_state", "1 for what a destination is doing: running, paused or halted.", "destination", "state")
	misfitDesc   = describe("destination_misfit_values", "Values that did not fit their column in a warehouse, and are in _rejected, since the configuration was loaded.", "destination")
	addedDesc    = describe("destination_added_columns", "Columns that existing tables of a warehouse got, since the configuration was loaded.", "destination")
	bytesDesc    = describe("queue_bytes", "Size of the log.")
	oldestDesc   = describe("queue_oldest_timestamp_seconds", "Time of the oldest event that is kept.")
	damagedDesc  = describe("queue_damaged", "1 when a part of the log is missing or unreadable.")
	loadedDesc   = describe("config_loaded_timestamp_seconds", "When the configuration in force was loaded.", "hash")
	brokenDesc   = describe("config_error", "1 when the last reload failed and an older configuration is in force.")
)

// Describe says nothing: which destinations there are changes with the configuration.
func (*account) Describe(chan<- *prometheus.Desc) {}

// Collect reads the account.
func (c *account) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	s, err := c.service.Status(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(acceptedDesc, err)
		return
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	out <- prometheus.MustNewConstMetric(acceptedDesc, prometheus.CounterValue, float64(s.Accepted))
	gauge(bytesDesc, float64(s.Queue.Bytes))
	if s.Queue.Oldest != nil {
		gauge(oldestDesc, float64(s.Queue.Oldest.UnixMilli())/1000)
	}
	gauge(damagedDesc, truth(s.Queue.Damage != ""))
	gauge(loadedDesc, float64(s.Config.LoadedAt.UnixMilli())/1000, s.Config.Hash)
	gauge(brokenDesc, truth(s.Config.Error != ""))
	for name, d := range s.Destinations {
		for state, n := range map[string]int64{"delivered": d.Delivered, "filtered": d.Filtered, "denied": d.Denied, "rejected": d.Rejected, "pending": d.Pending} {
			gauge(stateDesc, float64(n), name, state)
		}
		gauge(redactedDesc, float64(d.Redacted), name)
		gauge(retryingDesc, float64(d.Retrying), name)
		gauge(lagDesc, d.LagSeconds, name)
		gauge(misfitDesc, float64(d.MisfitValues), name)
		gauge(addedDesc, float64(d.AddedColumns), name)
		for _, state := range []delivery.State{delivery.Running, delivery.Paused, delivery.Halted} {
			gauge(doingDesc, truth(d.State == state), name, string(state))
		}
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
