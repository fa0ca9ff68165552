package proxy

import (
	"github.com/prometheus/client_golang/prometheus"

	"headgate/event"
	"headgate/proxy/admission"
	"headgate/proxy/refusal"
	"headgate/scripts"
	"headgate/sources"
)

// serveScript answers a request to a vendor's script. What the visitor has consented to is resolved as for an event; nothing goes to
// the log.
func (s *Server) serveScript(p *Plan, one *scripts.Script, h *event.Hit, from admission.Visitor) sources.Answer {
	if !from.Ask(len(h.Query)+len(h.Body), h.Received) {
		s.counts.refused("scripts", refusal.ErrRate)
		return refusal.TooMany
	}
	e := event.Event{Name: "script", Source: "scripts", Received: h.Received, Time: h.Received}
	visit := p.Enricher.Visit(h)
	visit.Describe(&e)
	p.Policy.Resolve(h, &e)
	answer := p.Scripts.Serve(one, &scripts.Request{Hit: h, Country: e.Geo.Country, Region: e.Geo.Region, Granted: func(purpose string) bool {
		granted, _ := e.Consent.Get(purpose).Bool()
		return granted
	}})
	s.noteScript(one, &answer)
	out := sources.Answer{Status: answer.Status, Body: answer.Body}
	for _, line := range answer.Headers {
		if line.Name == "content-type" {
			out.ContentType = line.Value
			continue
		}
		out.Headers = append(out.Headers, line)
	}
	return out
}

// noteScript counts a request, and says what a person should look at.
func (s *Server) noteScript(one *scripts.Script, a *scripts.Answer) {
	s.counts.scripts.requests.WithLabelValues(one.Name, a.Result).Inc()
	if a.Err != nil {
		s.counts.scripts.failed(s, one.Name, a.Err)
	}
	c := a.Change
	if c == nil {
		return
	}
	if len(c.Alarms) == 0 {
		s.counts.scripts.changes.WithLabelValues(one.Name, "content").Inc()
		s.logger.Info("a vendor has changed its script", "script", one.Name, "from", c.From, "to", c.To, "bytes", c.NewSize)
		return
	}
	for _, kind := range c.Alarms {
		s.counts.scripts.changes.WithLabelValues(one.Name, kind).Inc()
	}
	s.logger.Warn("a vendor has changed its script in a way that a person should look at; pin: a version that was looked at to serve no other",
		"script", one.Name, "alarms", c.Alarms, "new_hosts", c.Hosts, "from", c.From, "to", c.To, "old_bytes", c.OldSize, "bytes", c.NewSize)
}

// scriptCounts count requests to scripts and what vendors did.
type scriptCounts struct {
	requests *prometheus.CounterVec // by script, result
	changes  *prometheus.CounterVec // by script, kind
	failures *prometheus.CounterVec // by script
}

func newScriptCounts() *scriptCounts {
	return &scriptCounts{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_script_requests_total", Help: "Requests to vendors' scripts, by what became of them."}, []string{"script", "result"}),
		changes: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_script_changes_total",
			Help: "Versions of vendors' scripts that differed from the one before: content, or what a person should look at: new hosts, a jump in size, more code made out of text (eval)."}, []string{"script", "kind"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_script_failures_total", Help: "Answers of vendors that could not be used."}, []string{"script"}),
	}
}

// expect makes the counters of scripts exist before they count.
func (c *scriptCounts) expect(list []*scripts.Script) {
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

// failed counts a failure, and logs the first of a script.
func (c *scriptCounts) failed(s *Server, script string, err error) {
	c.failures.WithLabelValues(script).Inc()
	if _, logged := s.scriptFailures.LoadOrStore(script, true); !logged {
		s.logger.Warn("a vendor's script cannot be fetched; an older copy is served where there is one, and later failures are only counted",
			"script", script, "error", err)
	}
}

// scriptStatus is what an operator should know of each script.
func (p *Plan) scriptStatus() map[string]scripts.Status {
	out := map[string]scripts.Status{}
	for _, one := range p.Scripts.List() {
		out[one.Name] = one.Status()
	}
	return out
}
