package counts

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"headgate/scripts"
)

// Scripts count requests to scripts and what vendors did.
type Scripts struct {
	requests *prometheus.CounterVec // by script, result
	changes  *prometheus.CounterVec // by script, kind
	failures *prometheus.CounterVec // by script
	failing  sync.Map               // names of scripts that have failed
}

func newScripts() *Scripts {
	return &Scripts{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_script_requests_total", Help: "Requests to vendors' scripts, by what became of them."}, []string{"script", "result"}),
		changes: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_script_changes_total",
			Help: "Versions of vendors' scripts that differed from the one before: content, or what a person should look at: new hosts, a jump in size, more code made out of text (eval)."}, []string{"script", "kind"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_script_failures_total", Help: "Answers of vendors that could not be used."}, []string{"script"}),
	}
}

// Expect makes the counters of scripts exist before they count.
func (c *Scripts) Expect(list []*scripts.Script) {
	for _, one := range list {
		c.failures.WithLabelValues(one.Name)
		for _, kind := range append([]string{"content"}, scripts.Alarms...) {
			c.changes.WithLabelValues(one.Name, kind)
		}
		for _, result := range scripts.Results {
			c.requests.WithLabelValues(one.Name, result)
		}
	}
}

// Count counts a request, what the vendor changed, and a failure.
func (c *Scripts) Count(script string, a *scripts.Answer) {
	c.requests.WithLabelValues(script, a.Result).Inc()
	if a.Err != nil {
		c.failures.WithLabelValues(script).Inc()
	}
	if a.Change == nil {
		return
	}
	kinds := a.Change.Alarms
	if len(kinds) == 0 {
		kinds = []string{"content"}
	}
	for _, kind := range kinds {
		c.changes.WithLabelValues(script, kind).Inc()
	}
}

// FirstFailure reports whether a script has not failed before.
func (c *Scripts) FirstFailure(script string) bool {
	_, known := c.failing.LoadOrStore(script, true)
	return !known
}
