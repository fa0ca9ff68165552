package rules

import (
	"strings"

	"headgate/event"
)

// actionSource says where an event happened, in a vendor's words. The event's own word counts first, then what the caller
// gives, then what the event shows: an app, a page or a browser, and otherwise a system that reports it.
var actionSource = &function{
	usage: "action_source(event[, default[, variant]])", help: "where an event happened: params.action_source, else the default, else app, website or system_generated " +
		"by what the event holds; one of " + strings.Join(actionSources, ", ") + ", or the vendor's word for it" + variantHelp(variantNames(sourceWords)),
	example: `action_source(event) → "website"`, params: []kind{anEvent, text, text}, optional: 2, result: text,
	reads: []string{"params.action_source", "params.app", "params.device", "page.url", "device.user_agent", "device.os"},
	build: func(c *compiler, offset int, args []expression) expression {
		vendor, ok := c.variant(args[min(2, len(args)):], variantNames(sourceWords))
		if !ok {
			return constant(offset, text, event.Value{})
		}
		e := args[0].event
		if e == nil {
			return c.mistake(args[0].offset, "action_source wants an event", "write action_source(event)")
		}
		preset := constant(offset, text, event.Value{})
		if len(args) > 1 {
			preset = args[1]
		}
		return textExpression(offset, "", func(m *Machine) string {
			given, _ := preset.textFor(m, "action_source")
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
	if isIn(s, actionSources) {
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
