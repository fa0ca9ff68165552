package functions

import (
	"slices"
	"strings"

	"headgate/event"
	"headgate/rules/formula"
	"headgate/rules/normalise"
)

// actionSource says where an event happened, in a vendor's words. The event's own word counts first, then what the caller
// gives, then what the event shows: an app, a page or a browser, and otherwise a system that reports it.
var actionSource = &formula.Function{
	Usage: "action_source(event[, default[, variant]])", Help: "where an event happened: params.action_source, else the default, else app, website or system_generated " +
		"by what the event holds; one of " + strings.Join(actionSources, ", ") + ", or the vendor's word for it" + variantHelp(normalise.VariantNames(sourceWords)),
	Example: `action_source(event) → "website"`, Params: []formula.Kind{formula.AnEvent, formula.Text, formula.Text}, Optional: 2, Result: formula.Text,
	Reads: []string{"params.action_source", "params.app", "params.device", "page.url", "device.user_agent", "device.os"},
	Build: func(c *formula.Compiler, offset int, args []formula.Expression) formula.Expression {
		vendor, ok := variant(c, args[min(2, len(args)):], normalise.VariantNames(sourceWords))
		if !ok {
			return formula.Constant(offset, formula.Text, event.Value{})
		}
		e := args[0].Event
		if e == nil {
			return c.Mistake(args[0].Offset, "action_source expects an event", "write action_source(event)")
		}
		preset := formula.Constant(offset, formula.Text, event.Value{})
		if len(args) > 1 {
			preset = args[1]
		}
		return formula.TextExpression(offset, "", func(m *formula.Machine) string {
			given, _ := preset.TextFor(m, "action_source")
			return sourceOf(e(m), given, sourceWords[vendor])
		})
	},
}

// actionSources are the vocabulary of params.action_source, which is Meta's.
var actionSources = []string{"website", "app", "physical_store", "phone_call", "email", "chat", "business_messaging", "system_generated", "other"}

// sourceWords are vendors' own words; "other" stands for what a vendor has no word for.
var sourceWords = map[string]map[string]string{
	"pinterest": {"website": "web", "app": "app_android", "other": "offline"},
	"snapchat":  {"website": "WEB", "app": "MOBILE_APP", "other": "OFFLINE"},
	"tiktok":    {"website": "web", "app": "app", "system_generated": "crm", "other": "offline"},
	"reddit":    {"website": "WEBSITE", "app": "APP", "physical_store": "PHYSICAL_STORE", "other": "OTHER"},
	"google": {"website": "WEB", "app": "APP", "physical_store": "IN_STORE", "phone_call": "PHONE", "chat": "MESSAGE",
		"business_messaging": "MESSAGE", "other": "OTHER"},
}

// sourceOf finds the place and the vendor's word for it. What is already the vendor's word stays.
func sourceOf(e *event.Event, preset string, words map[string]string) string {
	place := knownPlace(e.Params.Text("action_source"))
	if place == "" {
		for _, word := range words {
			if preset == word {
				return preset
			}
		}
		place = knownPlace(preset)
	}
	if place == "" {
		place = shownPlace(e)
	}
	switch word := words[place]; {
	case words == nil:
		return place
	case word == "app_android" && isApple(e):
		return "app_ios"
	case word != "":
		return word
	}
	return words["other"]
}

// knownPlace reads a place in the spellings of those who send to these vendors.
func knownPlace(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	switch s {
	case "web":
		return "website"
	case "mobile_app", "app_ios", "app_android":
		return "app"
	case "in_store", "offline", "store":
		return "physical_store"
	case "phone":
		return "phone_call"
	case "message":
		return "business_messaging"
	case "crm", "server":
		return "system_generated"
	}
	if slices.Contains(actionSources, s) {
		return s
	}
	return ""
}

func shownPlace(e *event.Event) string {
	switch {
	case len(e.Params.Get("app").Object()) > 0:
		return "app"
	case e.Page.URL != "" || e.Device.UserAgent != "":
		return "website"
	}
	return "system_generated"
}

// isApple reports whether an app's event comes from a device of Apple's.
func isApple(e *event.Event) bool {
	device := e.Params.Get("device").Object()
	if device.Text("idfv") != "" {
		return true
	}
	for _, said := range []string{e.Device.OS, device.Text("type"), device.Text("manufacturer")} {
		switch strings.ToLower(said) {
		case "ios", "ipados", "tvos", "apple":
			return true
		}
	}
	return false
}
