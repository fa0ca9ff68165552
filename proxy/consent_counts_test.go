package proxy

import (
	"slices"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"headgate/proxy/explain"
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
	if _, err := r.Explain(t.Context(), explain.Question{Sample: "purchase"}); err != nil {
		t.Fatal(err)
	}
	for labels, n := range map[[3]string]float64{{"deliver", "sink", "delivered"}: 2, {"deny", "sink", "purpose_denied"}: 1, {"filter", "sink", "bot"}: 0} {
		if got := measured(t, r.Server, "headgate_decisions_total", labels[:]...); got != n {
			t.Errorf("decisions %v: %v, want %v", labels, got, n)
		}
	}
	for labels, n := range map[[2]string]float64{{"event", "used"}: 2, {"compact", "used"}: 1, {"tcf", "unreadable"}: 1, {"tcf", "used"}: 0} {
		if got := measured(t, r.Server, "headgate_consent_signals_total", labels[:]...); got != n {
			t.Errorf("signals %v: %v, want %v", labels, got, n)
		}
	}
	if got := measured(t, r.Server, "headgate_consent_conflicts_total"); got != 1 {
		t.Errorf("%v conflicts", got)
	}
	if got := measured(t, r.Server, "headgate_consent_changes_total", "seen"); got != 2 {
		t.Errorf("%v changed choices seen", got)
	}
}

// measured is the value of a counter, whose labels are in the order of their names; 0 when there is none.
func measured(t *testing.T, s *Server, name string, values ...string) float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(s.Metrics()...)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			var has []string
			for _, label := range metric.GetLabel() {
				has = append(has, label.GetValue())
			}
			if family.GetName() == name && slices.Equal(has, values) {
				return metric.GetCounter().GetValue()
			}
		}
	}
	return 0
}
