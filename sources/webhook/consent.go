package webhook

import (
	"strings"

	"headgate/event"
)

// readConsent reads what a delivery states about consent: an object of purposes, or the text in which a shop carries a visitor's
// choice from the page to the order, analytics=1;ads=0 (or the same as JSON).
func readConsent(v event.Value) (stated event.Map) {
	if v.Kind() == event.Object {
		return v.Object()
	}
	text := strings.TrimSpace(v.Text())
	if strings.HasPrefix(text, "{") {
		if read, err := event.ParseJSON([]byte(text)); err == nil {
			return read.Object()
		}
		return nil
	}
	for pair := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ';' || r == ',' || r == '&' || r == ' ' }) {
		if name, value, ok := strings.Cut(pair, "="); ok && name != "" {
			stated.Set(strings.ToLower(name), event.String(value))
		}
	}
	return stated
}

// purposes are what a delivery without consent is denied. The necessary is never denied.
var purposes = [...]string{"functional", "analytics", "ads", "personalized_ads", "sharing"}

// denyAll states for an event that nobody was asked: a default, which no presumption of a region takes for a choice.
func denyAll(e *event.Event) {
	e.Consent = nil
	for _, purpose := range purposes {
		e.Consent.Add(purpose, event.Boolean(false))
	}
	e.Consent.Add("basis", event.String("default"))
}
