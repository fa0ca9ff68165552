package destinations_test

import (
	"testing"

	"headgate/event"
	"headgate/rules"
)

func TestWhatADestinationWants(t *testing.T) {
	options := purposes()
	language, _ := rules.NewLanguage(options)
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
		{"an event that is not listed", "meta", "{" + settings + "}", "login", false, event.EventNotMapped, "events: has no event of this name"},
		{"an event that the entry adds", "meta", "{" + settings + ", events: {login: Login}}", "login", true, "", ""},
		{"an event that the entry takes away", "meta", "{" + settings + ", events: {purchase: off}}", "purchase", false, event.EventNotMapped, "events: leaves this event out"},
		{"the rest", "webhook", `{settings: {url: "https://h.example/"}}`, "anything", true, "", ""},
		{"the rest under a name of theirs", "meta", "{" + settings + `, events: {"*": Other}}`, "anything", true, "", ""},
		{"a condition that holds", "meta", "{" + settings + ", when: params.value > 10}", "purchase", true, "", ""},
		{"a condition that does not", "meta", "{" + settings + ", when: params.value > 100}", "purchase", false, event.NotWanted, "when: params.value > 100"},
		{"a condition about the request", "meta", "{" + settings + `, when: request.path == "/elsewhere"}`, "purchase", false, event.NotWanted, `when: request.path == "/elsewhere"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := opened(t, c.use, c.entry, nil)
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
