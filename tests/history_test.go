package tests_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"headgate/proxy/find"
	"headgate/proxy/report"
)

const withHistory = `
listen: "%PUBLIC%"
data: %DATA%
admin: {listen: "%ADMIN%"}
limits: {per_address: 0, volume_per_address: 0}
egress: {allow: [127.0.0.0/8]}
consent: {regions: {unknown: none}}
sites: {shop: {hosts: [127.0.0.1]}}
destinations:
  vendor: {use: webhook, consent: {needs: [analytics]}, settings: {url: "%VENDOR%"}, delivery: {wait: 20ms}}
  ads: {use: webhook, consent: {needs: [ads], reason: a test}, settings: {url: "%VENDOR%"}, delivery: {wait: 20ms}}
`

// totals are the sums of a history: "vendor delivered" and so on.
func totals(h *report.History) map[string]int64 {
	sums := map[string]int64{}
	for _, s := range h.Series {
		sums[strings.TrimSpace(s.Destination+" "+s.State)] += s.Total
	}
	return sums
}

// past asks for the history and checks that it adds up to the account.
func (p *process) past() map[string]int64 {
	p.t.Helper()
	status := p.Status()
	var h report.History
	p.Ask("GET", "/api/history?since=1h", &h)
	sums := totals(&h)
	if sums["accepted"] != status.Accepted {
		p.t.Errorf("%d accepted, counted %v", status.Accepted, sums)
	}
	for name, d := range status.Destinations {
		for state, want := range map[string]int64{"delivered": d.Delivered, "filtered": d.Filtered, "denied": d.Denied, "rejected": d.Rejected} {
			if got := sums[name+" "+state]; got != want {
				p.t.Errorf("%s: %d %s, counted %d", name, want, state, got)
			}
		}
	}
	return sums
}

func (p *process) search(text string) (out find.Result) {
	p.t.Helper()
	p.Ask("GET", "/api/search?q="+url.QueryEscape(text), &out)
	return out
}

func TestThePastSurvivesKills(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	p := newProcess(t, strings.ReplaceAll(withHistory, "%VENDOR%", v.URL))
	p.Start()
	pages := func(name string) {
		t.Helper()
		events := make([]string, 100)
		for i := range events {
			events[i] = fmt.Sprintf(`{"name":"page_view","id":"%s-%d"}`, name, i)
		}
		p.post("[" + strings.Join(events, ",") + "]")
	}
	p.post(`{"id":"p-1","name":"purchase","user":{"email":"anna@shop.example"},"params":{"value":59.9,"currency":"EUR","transaction_id":"T-1"},"consent":{"analytics":true,"ads":true}}`)
	pages("one")
	p.post(`{"id":"p-2","name":"purchase","params":{"value":10,"currency":"EUR"},"consent":{"analytics":true,"ads":false}}`)
	p.Drained("vendor", "ads")
	p.Stop() // what was settled is on disk: an event that goes out again after a kill is counted again
	p.Start()
	sums := p.past()
	if sums["accepted"] != 102 || sums["ads denied"] != 1 {
		t.Errorf("%v", sums)
	}
	for range 2 {
		if found := p.search("order:T-1"); len(found.Events) != 1 || found.Events[0].ID != "p-1" || found.Events[0].States["ads"] != "delivered" || found.Events[0].Site != "shop" {
			t.Errorf("by its order: %+v", found)
		}
		if found := p.search("destination:ads state:denied"); len(found.Events) != 1 || found.Events[0].ID != "p-2" || found.Events[0].Reasons["ads"] != "purpose_denied" {
			t.Errorf("by its state: %+v", found)
		}
		p.runs(0, "purchase  p-1  shop  ads delivered, vendor delivered", "search", "Anna@shop.example")
		var c report.Conversions
		p.Ask("GET", "/api/conversions", &c)
		ads := c.Platforms["ads"]
		if c.Currency != "EUR" || c.Happened != (report.Sum{Count: 2, Value: 69.9}) || ads == nil || ads.Sum != (report.Sum{Count: 1, Value: 59.9}) || len(ads.Gap) != 1 || ads.Gap[0].Value != 10 || ads.Gap[0].Detail != "ads" {
			t.Errorf("conversions: %+v %+v", c, ads)
		}
		var choices report.Consent
		p.Ask("GET", "/api/consent", &choices)
		if choices.Purposes["ads"].Denied != 1 || choices.Destinations["ads"].Lost != 1 || choices.Events != 102 {
			t.Errorf("consent: %+v", choices)
		}
		var d struct {
			State   string
			Latency report.Latency
			Answers []report.Answers
			Fill    []report.Fill
		}
		p.Ask("GET", "/api/destinations/vendor", &d)
		if d.State != "running" || d.Latency.Count == 0 || len(d.Answers) != 1 || d.Answers[0].Count != 102 || d.Answers[0].Status != 200 {
			t.Errorf("destination: %+v", d)
		}
		p.runs(0, "attempt", "explain", "--id", "p-1")
		p.Kill()
		p.Start()
		p.Drained("vendor", "ads")
		if again := p.past(); again["accepted"] != 102 || again["vendor delivered"] != sums["vendor delivered"] {
			t.Errorf("after a kill: %v, before %v", again, sums)
		}
	}
	p.Kill() // what is derived can be deleted
	for _, name := range []string{"search", "history", "answers"} {
		if err := os.RemoveAll(filepath.Join(p.Folder, "data", name)); err != nil {
			t.Fatal(err)
		}
	}
	p.Start()
	p.Until("is found again", func() bool { return len(p.search("p-1").Events) == 1 })
	var h report.History
	p.Ask("GET", "/api/history?since=1h", &h)
	if len(h.Series) != 0 {
		t.Errorf("a history that was deleted: %+v", h.Series)
	}
	pages("two")
	p.Drained("vendor", "ads")
	p.Until("counts again from nothing", func() bool { // an event is counted once it is settled
		p.Ask("GET", "/api/history?since=1h", &h)
		got := totals(&h)
		return got["accepted"] == 100 && got["vendor delivered"] == 100
	})
}
