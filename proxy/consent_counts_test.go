package proxy

import (
	"strconv"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"headgate/event"
)

func TestDecisionsSignalsAndConflictsAreCounted(t *testing.T) {
	s := newSink(t)
	r := start(t, t.TempDir(), s, "")
	for _, body := range []string{
		`{"name":"a","client_id":"c1","consent":{"analytics":true}}`,
		`{"name":"b","client_id":"c1","consent":{"analytics":true},"params":{"_c":"analytics:0"}}`,
		`{"name":"c","client_id":"c1","params":{"gdpr_consent":"nonsense"}}`,
	} {
		if status, said := r.post(t, "/e", body); status != 202 {
			t.Fatal(status, said)
		}
	}
	r.account(t, "sink")
	if _, err := r.Explain(t.Context(), Question{Sample: "purchase"}); err != nil {
		t.Fatal(err)
	}
	c := r.counts.consent
	for labels, n := range map[[3]string]float64{{"sink", "deliver", "delivered"}: 2, {"sink", "deny", "purpose_denied"}: 1, {"sink", "filter", "bot"}: 0} {
		if got := testutil.ToFloat64(c.decisions.WithLabelValues(labels[:]...)); got != n {
			t.Errorf("decisions %v: %v, want %v", labels, got, n)
		}
	}
	for labels, n := range map[[2]string]float64{{"event", "used"}: 2, {"compact", "used"}: 1, {"tcf", "unreadable"}: 1, {"tcf", "used"}: 0} {
		if got := testutil.ToFloat64(c.signals.WithLabelValues(labels[:]...)); got != n {
			t.Errorf("signals %v: %v, want %v", labels, got, n)
		}
	}
	if got := testutil.ToFloat64(c.conflicts); got != 1 {
		t.Errorf("%v conflicts", got)
	}
	if got := testutil.ToFloat64(c.changes.WithLabelValues("seen")); got != 2 {
		t.Errorf("%v changed choices seen", got)
	}
}

func TestPagesCannotMakeEndlessMetrics(t *testing.T) {
	c := newConsentCounts()
	for i := range 1000 {
		c.saw(&event.Record{Signals: []event.Signal{{Source: "tool" + strconv.Itoa(i)}}})
	}
	if n := testutil.CollectAndCount(c.signals); n > 3*(mostSources+1) {
		t.Errorf("%d series", n)
	}
	if got := testutil.ToFloat64(c.signals.WithLabelValues("other", "used")); got != 1000-mostSources {
		t.Errorf("%v of others", got)
	}
}

func BenchmarkCountingAnEvent(b *testing.B) {
	c := newConsentCounts()
	r := &event.Record{Signals: []event.Signal{{Source: "google"}, {Source: "onetrust"}, {Source: "tcf"}}}
	t := c.tally("meta")
	o := event.Outcome{Action: event.Deny, Reason: event.PurposeDenied}
	b.ReportAllocs()
	for b.Loop() {
		c.saw(r)
		t.count(&o)
	}
}
