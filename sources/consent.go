package sources

import (
	"strings"

	"headgate/event"
)

// purpose is our name for a purpose of consent, "" when it has none: our own six in any case, and Google's types.
func purpose(name string) string {
	switch name = strings.ToLower(name); name {
	case "necessary", "functional", "analytics", "ads", "personalized_ads", "sharing":
		return name
	case "security_storage":
		return "necessary"
	case "functionality_storage", "personalization_storage":
		return "functional"
	case "analytics_storage":
		return "analytics"
	case "ad_storage", "ad_user_data":
		return "ads"
	case "ad_personalization":
		return "personalized_ads"
	}
	return ""
}

// stateConsent adds what the page says about consent to an event and returns what it says about anything else. Where two
// names mean the same purpose (ad_storage and ad_user_data), a refusal of either refuses it.
func stateConsent(e *event.Event, said event.Map) (rest event.Map) {
	consent := e.Consent
	e.Consent = nil
	for _, p := range said {
		name := purpose(p.Key)
		granted, readable := truth(p.Value)
		if name == "" || !readable {
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
