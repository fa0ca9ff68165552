package trace_test

import (
	"strings"
	"testing"

	"headgate/event"
	"headgate/event/trace"
)

func TestATerminalIsNotSteeredByWhatAnEventSays(t *testing.T) {
	for text, want := range map[string]string{
		"page_view":                       "page_view",
		"größer → 買う":                     "größer → 買う",
		"\x1b[2Jcleared":                  `\x1b[2Jcleared`,
		"\x1b]0;title\x07":                `\x1b]0;title\x07`,
		"first\nmeta  deliver":            `first\x0ameta  deliver`,
		"\u009b31m a C1 escape":           `\x9b31m a C1 escape`,
		"abc\u202ecba":                    `abc\u202ecba`,
		"carriage\rreturn and \ttab":      `carriage\x0dreturn and \x09tab`,
		"\u2066isolated\u2069 \u200emark": `\u2066isolated\u2069 \u200emark`,
	} {
		if got := trace.Visible(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

func TestTheTextOfATraceHasNoEscapesOfAnEvent(t *testing.T) {
	const escape = "\x1b[1A\x1b[2K"
	trace := &trace.Trace{Event: &event.Event{ID: "id" + escape, Name: "name" + escape}, Source: "events",
		Consent: &event.Record{Conflict: event.Conflict{Words: escape}, States: []event.State{{Purpose: "ads", Source: escape}}, Signals: []event.Signal{{Name: escape, Value: escape}}},
		Destinations: []trace.Destination{{Outcome: event.Outcome{Destination: "hook"}, Because: escape,
			Requests: []trace.Request{{Method: "POST", URL: "https://vendor.example/" + escape, Headers: event.Headers{{Name: "X-Name", Value: escape}}, Body: []byte(escape)}}}}}
	var out strings.Builder
	if err := trace.WriteText(&out); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "\x1b") || strings.Count(out.String(), `\x1b[2K`) < 8 {
		t.Errorf("escapes are written as they came, or not at all:\n%q", out.String())
	}
}
