package destinations_test

import (
	"testing"

	"headgate/destinations"
	"headgate/destinations/catalog"
	"headgate/destinations/http"
	"headgate/document"

	"headgate/event"
	"headgate/rules"
)

func TestWhatADestinationWants(t *testing.T) {
	language, _ := rules.NewLanguage(rules.Options{Purposes: []string{"necessary", "functional", "analytics", "ads", "personalized_ads", "sharing"}})
	m := language.Machine()
	defer m.Release()
	const settings = `settings: {pixel_id: "1", access_token: t}`
	for _, c := range []struct {
		name, use, entry, event string
		want                    bool
		reason                  event.Reason
		because                 string
	}{
		{"a listed event", "meta", "{" + settings + "}", "purchase", true, "", ""},
		{"an event that is not listed", "meta", "{" + settings + "}", "login", false, event.EventNotMapped, "events: has no event of this name; events: {NAME: ...}, with the destination's name for it, sends it"},
		{"an event that the entry adds", "meta", "{" + settings + ", events: {login: Login}}", "login", true, "", ""},
		{"an event that the entry takes away", "meta", "{" + settings + ", events: {purchase: off}}", "purchase", false, event.EventNotMapped, "events: leaves this event out; events: {NAME: ...}, with the destination's name for it, sends it"},
		{"the rest", "webhook", `{settings: {url: "https://h.example/"}}`, "anything", true, "", ""},
		{"the rest under a name of theirs", "meta", "{" + settings + `, events: {"*": Other}}`, "anything", true, "", ""},
		{"a condition that holds", "meta", "{" + settings + ", when: params.value > 10}", "purchase", true, "", ""},
		{"a condition that does not", "meta", "{" + settings + ", when: params.value > 100}", "purchase", false, event.NotWanted, "when: params.value > 100"},
		{"a condition about the request", "meta", "{" + settings + `, when: request.path == "/elsewhere"}`, "purchase", false, event.NotWanted, `when: request.path == "/elsewhere"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := opened(t, c.use, c.entry, language)
			e := &event.Event{Name: c.event, Params: event.Map{{Key: "value", Value: event.Float(55)}}}
			env := &rules.Env{Event: e, Hit: &event.Hit{Path: "/e"}}
			wanted, reason, because := d.Wants(e, m, env)
			if wanted != c.want || reason != c.reason || because != c.because {
				t.Errorf("%v %s %q, want %v %s %q", wanted, reason, because, c.want, c.reason, c.because)
			}
			if n := testing.AllocsPerRun(100, func() { d.Wants(e, m, env) }); n > 0 {
				t.Errorf("it allocates %v times", n)
			}
		})
	}
}

// opened is a destination of the catalogue as an entry in YAML makes it.
func opened(t *testing.T, name, entry string, language *rules.Language) *destinations.Destination {
	t.Helper()
	files, ms := catalog.Load(destinations.BuiltIn())
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	node, ms := document.Parse("headgate.yaml", []byte(entry))
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	var config destinations.Config
	config.SetDefaults()
	if ms := document.Decode(node, &config); len(ms) > 0 {
		t.Fatal(ms)
	}
	d, ms := destinations.Open(name, config, files, destinations.Deps{Language: language, Engine: http.Driver, LiteralSecrets: true})
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	return d
}
