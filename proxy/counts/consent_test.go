package counts

import (
	"strconv"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"headgate/event"
)

func TestPagesCannotMakeEndlessMetrics(t *testing.T) {
	c := newConsent()
	for i := range 1000 {
		c.Saw(&event.Record{Signals: []event.Signal{{Source: "tool" + strconv.Itoa(i)}}})
	}
	if n := testutil.CollectAndCount(c.signals); n > 3*(mostSources+1) {
		t.Errorf("%d series", n)
	}
	if got := testutil.ToFloat64(c.signals.WithLabelValues("other", "used")); got != 1000-mostSources {
		t.Errorf("%v of others", got)
	}
}

func BenchmarkCountingAnEvent(b *testing.B) {
	c := newConsent()
	r := &event.Record{Signals: []event.Signal{{Source: "google"}, {Source: "onetrust"}, {Source: "tcf"}}}
	t := c.Tally("meta")
	o := event.Outcome{Action: event.Deny, Reason: event.PurposeDenied}
	b.ReportAllocs()
	for b.Loop() {
		c.Saw(r)
		t.Count(&o)
	}
}
