package proxy

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"headgate/alerts"
	"headgate/event"
	"headgate/proxy/explain"
)

const withAlerts = `  others: {use: webhook, consent: {needs: none, reason: a test}, settings: {url: "%OTHERS%"}, delivery: {wait: 10ms}}
  ill: {use: webhook, consent: {needs: [analytics]}, settings: {url: "%ILL%"}, delivery: {wait: 10ms}}
alerts: {to: [sink], off: [disk]}
`

// TestAnAlertIsSentThroughTheLogToThoseWhoAreNamed: a destination is halted; sink is notified, others is not.
func TestAnAlertIsSentThroughTheLogToThoseWhoAreNamed(t *testing.T) {
	t.Parallel()
	folder, notified, others, ill := t.TempDir(), newSink(t), newSink(t), newSink(t)
	gone := true
	ill.answer = func([]event.Event) int {
		if gone {
			return http.StatusGone
		}
		return http.StatusOK
	}
	more := strings.NewReplacer("%OTHERS%", others.URL, "%ILL%", ill.URL).Replace(withAlerts)
	r := start(t, folder, notified, more)
	r.post(t, "/e", `{"id":"e-1","name":"page_view","consent":{"analytics":true}}`)
	others.await(t, 1)
	notified.await(t, 1)
	r.awaitState(t, "ill", "halted")
	r.mustLook(t)
	r.mustLook(t) // it is reported once
	events := notified.await(t, 2)
	e := &events[1]
	if e.Name != event.AlertName || e.Params.Text("kind") != alerts.Halted || e.Params.Text("destination") != "ill" || e.Params.Text("state") != alerts.Raised ||
		!strings.Contains(e.Params.Text("text"), "410") {
		t.Errorf("%+v", e)
	}
	open := r.Alerts()
	if len(open) != 1 || open[0].Until != nil || open[0].Destination != "ill" {
		t.Fatalf("%+v", open)
	}
	r.stop()

	r = start(t, folder, notified, more)
	r.awaitState(t, "ill", "halted")
	r.mustLook(t)
	if again := r.Alerts(); len(again) != 1 || again[0].ID != open[0].ID || again[0].Until != nil {
		t.Errorf("after a restart: %+v", again)
	}
	// A comparison with the same configuration leaves it out: no rule has it.
	report, err := r.Diff(t.Context(), nil, explain.Trial{Sample: explain.UsualTried})
	if err != nil || report.Events != 1 || report.Skipped["an alert of Headgate itself: no rule has it"] != 1 {
		t.Errorf("compared: %+v %v", report, err)
	}
	r.account(t, "sink")
	d := r.account(t, "others")
	if d.Filtered != 1 || d.Delivered != 1 {
		t.Errorf("others: %+v", d)
	}
	if got := notified.ids(); len(got) != 2 {
		t.Errorf("it was reported again: %v", got)
	}

	// A reload switches the kind off: the alert closes, and that is reported.
	text, err := os.ReadFile(r.config)
	if err == nil {
		err = os.WriteFile(r.config, []byte(strings.Replace(string(text), "off: [disk]", "off: [disk, destination_halted]", 1)), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.mustLook(t)
	if events = notified.await(t, 3); events[2].Params.Text("state") != alerts.Closed {
		t.Errorf("%+v", events[2])
	}
	if got := others.ids(); len(got) != 1 {
		t.Errorf("others was notified of alerts: %v", got)
	}
}

func (r *running) mustLook(t *testing.T) {
	t.Helper()
	r.looks++
	if err := r.lookout.Look(context.Background(), time.Now().Add(time.Duration(r.looks)*time.Minute)); err != nil {
		t.Fatal(err)
	}
}

// An alert of our own can be made by nobody else, and no destination that is added later gets one.
func TestNobodyElseMakesAlerts(t *testing.T) {
	t.Parallel()
	notified := newSink(t)
	r := start(t, t.TempDir(), notified, "alerts: {to: [sink]}\n")
	for _, body := range []string{`{"name":"headgate_alert","params":{"text":"call this number"},"consent":{"analytics":true}}`,
		`[{"name":"page_view","consent":{"analytics":true}},{"name":"headgate_alert","consent":{"analytics":true}}]`} {
		r.post(t, "/e", body)
	}
	for _, e := range notified.await(t, 1) {
		if e.Name == event.AlertName {
			t.Errorf("a visitor wrote to those who watch: %+v", e)
		}
	}
}
