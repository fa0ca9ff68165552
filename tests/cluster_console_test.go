package tests_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"headgate/proxy"
	"headgate/proxy/report"
)

// cluster is what the process says of who accepts events and who delivers them, by name.
func (p *process) cluster() map[string]proxy.Writer {
	p.t.Helper()
	var said proxy.Cluster
	p.Ask("GET", "/api/cluster", &said)
	out := map[string]proxy.Writer{}
	for _, w := range said.Writers {
		out[w.Name] = w
	}
	return out
}

// counted is how many events have come into a state by the process's history, and whose counts it is made of.
func (p *process) counted(state string) (n int64, whose string) {
	p.t.Helper()
	var h report.History
	p.Ask("GET", "/api/history?since=1h", &h)
	for _, s := range h.Series {
		if s.State == state {
			n += s.Total
		}
	}
	for _, one := range h.Headgates {
		whose += one.Writer
		if one.Began == nil {
			whose += "?"
		}
		whose += " "
	}
	return n, strings.TrimSpace(whose)
}

func TestTheConsoleOfAnyHeadgateShowsAllOfTheCluster(t *testing.T) {
	v := newVendor(t)
	_, url := startNodes(t)
	both := twoHeadgates(t, v, url)
	one, two := both[0], both[1]
	for i := range 30 {
		one.of("anna", fmt.Sprint("one-", i))
		if i < 10 {
			two.of("bert", fmt.Sprint("two-", i))
		}
	}
	for _, p := range both {
		p.Drained("vendor")
		p.Until("counts what both have delivered", func() bool { n, _ := p.counted("delivered"); return n == 40 })
		if n, whose := p.counted("accepted"); n != 40 || whose != "one two" {
			t.Errorf("%d accepted by %s", n, whose)
		}
		var c report.Consent
		p.Ask("GET", "/api/consent?since=1h", &c)
		var d proxy.DestinationReport
		p.Ask("GET", "/api/destinations/vendor?since=1h", &d)
		var money report.Conversions
		p.Ask("GET", "/api/conversions?since=1h", &money)
		if c.Events != 40 || c.Purposes["ads"].Granted != 40 || d.Answers[0].Count != 40 || money.Happened.Count != 40 || money.Platforms["vendor"].Count != 40 {
			t.Errorf("consent %+v, answers %+v, conversions %+v", c, d.Answers, money)
		}
		w := p.cluster()
		if w["one"].State != "running" || w["one"].HeldBy != "one" || w["one"].Accepted != 30 || w["two"].Accepted != 10 || w["one"].Config == "" || w["one"].Started == nil {
			t.Errorf("%+v", w)
		}
		var traces []struct {
			Destinations map[string]struct{ Attempts []struct{ Verdict string } }
		}
		p.Ask("GET", "/api/events/one-0", &traces)
		if len(traces) != 1 || fmt.Sprint(traces[0].Destinations["vendor"].Attempts) != "[{delivered}]" {
			t.Errorf("how an event of one was answered: %+v", traces)
		}
	}

	// A destination that is paused at one Headgate is seen at the other.
	one.Ask("POST", "/api/destinations/vendor/pause", nil)
	if at := two.cluster()["one"].Destinations["vendor"]; at.State != "paused" {
		t.Errorf("paused at one: %+v", at)
	}
	one.Ask("POST", "/api/destinations/vendor/resume", nil)

	// One is gone, with events that nobody took.
	v.answer(http.StatusServiceUnavailable)
	tries := v.tries()
	for i := range 5 {
		one.of("anna", fmt.Sprint("left-", i))
	}
	one.Until("has tried", func() bool { return v.tries() > tries && one.cluster()["one"].Pending == 5 })
	one.Kill()
	if _, whose := two.counted("accepted"); whose != "one? two" {
		t.Errorf("just after one was killed the counts are those of %q", whose)
	}
	if w := two.cluster()["one"]; w.State != "silent" {
		t.Errorf("just after it was killed one is %+v", w)
	}
	two.Until("delivers what one has left", func() bool { return two.cluster()["one"].HeldBy == "two" })
	if w := two.cluster()["one"]; w.State != "gone" || w.Pending != 5 || w.Accepted != 35 {
		t.Errorf("%+v", w)
	}
	if n, whose := two.counted("accepted"); n != 10 || whose != "two" {
		t.Errorf("without one %d are counted, by %q", n, whose)
	}
	if status := two.Status(); status.Accepted != 45 || status.Destinations["vendor"].Pending != 5 {
		t.Errorf("the account has %d, %+v", status.Accepted, status.Destinations["vendor"])
	}
	_, said := two.verb("queue", "status")
	if !strings.Contains(said, "gone") || !strings.Contains(said, "running") {
		t.Errorf("queue status says\n%s", said)
	}
	v.answer(0)
	two.Drained("vendor")
}
