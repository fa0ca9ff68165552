package cmp

import (
	"strings"

	"headgate/event"
	"headgate/event/wire"
)

// oneTrustGroups are the groups of a new tenant, and those of old ones, which were numbers.
var oneTrustGroups = map[string]string{
	"C0001": "necessary", "C0002": "analytics", "C0003": "functional", "C0004": "marketing",
	"1": "necessary", "2": "analytics", "3": "functional", "4": "marketing",
}

// readOneTrust reads OptanonConsent, a form: groups=C0001:1,C0002:0,... CookiePro writes the same.
func readOneTrust(a *Answer, _, value string) {
	if strings.IndexByte(value, '&') < 0 {
		value = wire.UnescapePercent(value)
	}
	var groups, geolocation string
	var unanswered, again, gpcHere, gpcSeen bool
	for value != "" {
		var pair, key, v string
		if pair, key, v, value = wire.CutPair(value); pair == key {
			a.Fault = "cut off or damaged" // what is missing may say that nobody has answered
		}
		switch key {
		case "groups":
			groups = Plain(v)
		case "interactionCount":
			unanswered = unanswered || v == "0"
		case "landingPath":
			unanswered = unanswered || strings.HasPrefix(v, "http")
		case "AwaitingReconsent":
			again = v != "false"
		case "isGpcEnabled":
			gpcHere = v == "1"
		case "browserGpcFlag":
			gpcSeen = v == "1"
		case "geolocation":
			geolocation = Plain(v)
		}
	}
	for groups != "" {
		var pair string
		pair, groups, _ = strings.Cut(groups, ",")
		if id, yes, ok := strings.Cut(pair, ":"); ok {
			a.add(id, oneTrustGroups[id], yes == "1")
		}
	}
	if len(a.Claims) == 0 {
		a.Fault = "no groups in it"
	}
	closed := a.cookie("OptanonAlertBoxClosed")
	a.When = answered(event.String(Plain(closed)))
	a.Preset = unanswered && closed == "" || again
	if gpcHere && gpcSeen {
		a.Says = "the tool saw Global Privacy Control"
	}
	country, part, _ := strings.Cut(geolocation, ";")
	a.Place = placeOf(country, part)
}

// placeOf joins a country and its part to DE or US-CA, "" for anything else.
func placeOf(country, part string) string {
	country, part = wire.Country(country), strings.ToUpper(part)
	if country == "" {
		return ""
	}
	if part == "" || len(part) > 3 {
		return country
	}
	return country + "-" + part
}
