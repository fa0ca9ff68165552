package proxy

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"

	"headgate/event"
	"headgate/event/layout"
	"headgate/proxy/resend"
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
		if d, err := layout.Decode(string(b)); err == nil && d.Event.Name == "lead" {
			emitted = d
		}
		return true
	})
	if emitted == nil || emitted.EmittedBy != "lead" || emitted.Received().Params.Text("value") != "5" || emitted.Event.Params.Text("value") != "4" {
		t.Errorf("%+v", emitted)
	}
}

func TestEveryAnswerIsShownWithItsEvent(t *testing.T) {
	s := newSink(t)
	answers := []int{503, 400}
	s.answer = func([]event.Event) int {
		status := http.StatusOK
		if len(answers) > 0 {
			status, answers = answers[0], answers[1:]
		}
		return status
	}
	folder := t.TempDir()
	r := start(t, folder, s, "")
	if status, said := r.post(t, "/e", `{"id":"e-1","name":"purchase"}`); status != 202 {
		t.Fatal(said)
	}
	r.account(t, "sink")
	if n, err := r.RetryDeadLetters(t.Context(), resend.Pick{}); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	r.account(t, "sink")
	check := func() {
		t.Helper()
		traces, err := r.Stored(t.Context(), "e-1")
		if err != nil || len(traces) != 1 {
			t.Fatal(traces, err)
		}
		var statuses []int
		var verdicts []string
		for _, a := range traces[0].Destination("sink").Attempts {
			statuses, verdicts = append(statuses, a.Status), append(verdicts, a.Verdict)
		}
		if !slices.Equal(statuses, []int{503, 400, 200}) || !slices.Equal(verdicts, []string{"retry", "reject", "delivered"}) {
			t.Errorf("%v %v", statuses, verdicts)
		}
		var text bytes.Buffer
		_ = traces[0].WriteText(&text)
		if !strings.Contains(text.String(), "retry 503") || !strings.Contains(text.String(), "reject 400: status 400 Bad Request") {
			t.Error(text.String())
		}
	}
	check()
	r.stop()
	r = start(t, folder, s, "")
	check()
	r.account(t, "sink")
	if status, _ := r.post(t, "/e", `{"id":"e-2","name":"a"}`); status != 202 {
		t.Error(status)
	}
}
