package reading

import (
	"slices"
	"strings"

	"headgate/event"
)

// purposes are the names that a statement about consent may have: our own six, and Google's types, which are parts of them.
var purposes = []string{"necessary", "functional", "analytics", "ads", "personalized_ads", "sharing",
	"ad_storage", "analytics_storage", "ad_user_data", "ad_personalization",
	"functionality_storage", "personalization_storage", "security_storage"}

// StateConsent adds what the page says about consent to an event and returns what it says about anything else. Names are
// taken in any case; where two of them are the same, a refusal by either refuses it.
func StateConsent(e *event.Event, said event.Map) (rest event.Map) {
	consent := e.Consent
	e.Consent = nil
	for _, p := range said {
		name := strings.ToLower(p.Key)
		granted, readable := Truth(p.Value)
		if !slices.Contains(purposes, name) || !readable {
			rest.Add(p.Key, p.Value)
			continue
		}
		if earlier, known := e.Consent.Find(name); known {
			before, _ := earlier.Bool()
			granted = granted && before
		}
		e.Consent.Set(name, event.Boolean(granted))
	}
	for _, p := range consent {
		if _, known := e.Consent.Find(p.Key); !known {
			e.Consent.Add(p.Key, p.Value)
		}
	}
	return rest
}
