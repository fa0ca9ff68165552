package consent

import (
	"strings"

	"headgate/consent/signals"
	"headgate/document"
	"headgate/event"
)

// The purposes that every site has.
const (
	Necessary       = signals.Necessary
	Functional      = signals.Functional
	Analytics       = signals.Analytics
	Ads             = signals.Ads
	PersonalizedAds = signals.PersonalizedAds
	Sharing         = signals.Sharing
)

// consentOf returns what formulas and destinations see: true or false per purpose. What is said of vendors is left out.
func consentOf(states []event.State) event.Map {
	m := make(event.Map, 0, len(states))
	for i := range states {
		if !strings.Contains(states[i].Purpose, ":") {
			m.Add(states[i].Purpose, event.Boolean(states[i].State == granted))
		}
	}
	return m
}

// What is said of purposes in records, for short.
const (
	granted = event.Granted
	denied  = event.Denied

	byChoice  = event.ByChoice
	bySignal  = event.BySignal
	byDefault = event.ByDefault
	byPolicy  = event.ByPolicy
)

// elsewhere are the words of consent tools and of Google's consent mode for what is a purpose here.
var elsewhere = map[string]string{"marketing": "ads", "advertising": "ads", "advertisement": "ads", "targeting": "ads", "ad_storage": "ads",
	"ad_user_data": "ads", "ad_personalization": "personalized_ads", "personalization": "personalized_ads", "analytics_storage": "analytics",
	"statistics": "analytics", "performance": "analytics", "measurement": "analytics", "preferences": "functional",
	"functionality": "functional", "functionality_storage": "functional", "personalization_storage": "functional",
	"essential": "necessary", "required": "necessary", "security_storage": "necessary"}

// suggest is the cure for a purpose that nobody knows.
func (p *Policy) suggest(name string) string {
	if ours, ok := elsewhere[strings.ToLower(name)]; ok {
		return "write " + ours
	}
	return document.DidYouMean(name, p.Purposes())
}
