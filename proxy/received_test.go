package proxy

import (
	"testing"

	"headgate/event"
)

const changingRules = `
rules:
  - {name: net value, when: name == "purchase", set: {params.value: =params.value - 1}, rename: {params.note: params.remark}}
  - {name: lead, when: name == "purchase", emit: {name: lead, params.value: 5}}
  - {name: round, when: name == "lead", set: {params.value: 4}}
`

func TestAStoredEventKeepsWhatRulesChanged(t *testing.T) {
	r := start(t, t.TempDir(), newSink(t), changingRules)
	if status, said := r.post(t, "/e", `{"id":"e-1","name":"purchase","params":{"value":10,"note":"n"},"consent":{"analytics":true,"ads":true}}`); status != 202 {
		t.Fatal(said)
	}
	traces, err := r.Stored(t.Context(), "e-1")
	if err != nil || len(traces) != 1 {
		t.Fatalf("%v %v", traces, err)
	}
	got := traces[0]
	if got.Received == nil || got.Received.Params.Text("value") != "10" || got.Received.Params.Text("note") != "n" || got.Event.Params.Text("value") != "9" {
		t.Errorf("received %+v, stored %+v", got.Received, got.Event.Params)
	}
	if len(got.Rules) != 1 || got.Rules[0].Name != "net value" || len(got.Rules[0].Changes) != 3 {
		t.Errorf("%+v", got.Rules)
	}
	var emitted *event.Decision
	_ = r.Decisions(t.Context(), got.Event.Received.Add(-1), func(b []byte) bool {
		if d, err := event.DecodeLog(string(b)); err == nil && d.Event.Name == "lead" {
			emitted = d
		}
		return true
	})
	if emitted == nil || emitted.EmittedBy != "lead" || emitted.Received().Params.Text("value") != "5" || emitted.Event.Params.Text("value") != "4" {
		t.Errorf("%+v", emitted)
	}
}
