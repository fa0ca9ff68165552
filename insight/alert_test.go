package insight

import (
	"testing"
	"time"

	"headgate/consent"
	"headgate/event"
	"headgate/insight/terms"
	"headgate/queue"
)

// An alert of Headgate itself is in the log like any event. It is nobody's, and no total has it.
func TestAnAlertIsNotCounted(t *testing.T) {
	r := reader{in: &serving{terms: &terms.Terms{Config: &terms.Config{Refused: "aggregate"}}, policy: &consent.Policy{}, need: Need()}}
	at := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	alert := event.Event{ID: "a", Name: event.AlertName, Source: event.AlertSource, Time: at, Received: at}
	if record, ok := r.record(&queue.Stored{Live: &event.Decision{Event: alert}}); ok {
		t.Errorf("counted: %+v", record)
	}
	alert.Source = "events" // a visitor's event of that name is one
	if _, ok := r.record(&queue.Stored{Live: &event.Decision{Event: alert}}); !ok {
		t.Error("what is no alert is not counted")
	}
}
