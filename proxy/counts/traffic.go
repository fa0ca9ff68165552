package counts

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"headgate/event"
)

// Traffic count events by what sent them.
type Traffic struct {
	vector  *prometheus.CounterVec // by class, how
	classes []classCount           // as event.TrafficClasses
}

type classCount struct {
	events atomic.Int64
	how    []prometheus.Counter // as hows
}

// hows are the ways to find a class out, "" first.
var hows = [...]string{"", event.BySignature, event.ByAddress, event.ByToken, event.ByHeader, event.ByHint, event.ByStatement}

func newTraffic() *Traffic {
	c := &Traffic{classes: make([]classCount, len(event.TrafficClasses)), vector: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_traffic_total",
		Help: "Events by the class of what sent them, and how that was found out; empty for people."}, []string{"class", "how"})}
	for i := range c.classes {
		c.classes[i].how = make([]prometheus.Counter, len(hows))
	}
	for i, class := range event.TrafficClasses {
		for k, how := range hows {
			if possible(class, how) {
				c.classes[i].how[k] = c.vector.WithLabelValues(class, how)
			}
		}
	}
	return c
}

// possible leaves out the series that can never count anything.
func possible(class, how string) bool {
	switch class {
	case event.Human:
		return how == ""
	case event.Prefetch:
		return how == event.ByHeader || how == event.ByStatement
	case event.DataCentre:
		return how == event.ByAddress || how == event.ByStatement
	}
	return how != "" && how != event.ByHeader
}

// Count counts an event by what sent it.
func (c *Traffic) Count(e *event.Event) {
	one := &c.classes[e.TrafficClass()]
	one.events.Add(1)
	for k, how := range hows {
		if how == e.Traffic.How {
			if counter := one.how[k]; counter != nil {
				counter.Inc()
			}
			return
		}
	}
}

// Status is how many events there were of each class since the start; those of which there was none are left out.
func (c *Traffic) Status() map[string]int64 {
	out := map[string]int64{}
	for i, class := range event.TrafficClasses {
		if n := c.classes[i].events.Load(); n > 0 {
			out[class] = n
		}
	}
	return out
}
