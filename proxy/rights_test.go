package proxy

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"headgate/event"
	"headgate/event/trace"
	"headgate/proxy/resend"
	"headgate/subjects"
)

// held exports a person and counts what there is, by kind; all of it is returned as JSON too.
func held(t *testing.T, r *running, p subjects.Person) (map[string]int, string) {
	t.Helper()
	counts := map[string]int{}
	var all strings.Builder
	err := r.Export(t.Context(), p, func(h subjects.Held) {
		text, err := json.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		var one map[string]any
		if err := json.Unmarshal(text, &one); err != nil || len(one) != 1 {
			t.Fatalf("%s: %v", text, err)
		}
		for what := range one {
			counts[what]++
		}
		all.Write(text)
	})
	if err != nil {
		t.Fatal(err)
	}
	return counts, all.String()
}

// eventsOf are the events in the log that a person is shown.
func eventsOf(t *testing.T, r *running, p subjects.Person) (events []*trace.Trace) {
	t.Helper()
	err := r.Export(t.Context(), p, func(h subjects.Held) {
		if h.Event != nil {
			events = append(events, h.Event)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// understood is how a person is understood.
func understood(t *testing.T, r *running, p subjects.Person) (as subjects.Understood, err error) {
	t.Helper()
	err = r.Export(t.Context(), p, func(h subjects.Held) {
		if h.Person != nil {
			as = *h.Person
		}
	})
	return as, err
}

func TestAPersonIsShownAllThatIsHeldAndCanBeDeleted(t *testing.T) {
	s := newSink(t)
	s.answer = func(events []event.Event) int {
		for i := range events {
			if events[i].Name == "poison" {
				return 400
			}
		}
		return 200
	}
	r := start(t, t.TempDir(), s, `
  held: {use: webhook, consent: {needs: [analytics]}, settings: {url: "`+s.URL+`"}, delivery: {wait: 10ms}}
`)
	if err := r.Pause(t.Context(), "held"); err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{
		`{"name":"purchase","id":"p-1","client_id":"c1","user":{"email":"A@Shop.example"},"consent":{"analytics":true}}`,
		`{"name":"poison","id":"p-2","client_id":"c1","consent":{"analytics":true}}`,
		`{"name":"purchase","id":"p-3","client_id":"c2","consent":{"analytics":true}}`,
	} {
		if status, said := r.post(t, "/e", body); status != 202 {
			t.Fatal(status, said)
		}
		r.account(t, "sink")
	}
	me := subjects.Person{Kind: "client_id", ID: "c1"}
	awaitReceipts(t, filepath.Dir(r.config), 2)
	counts, text := held(t, r, me)
	if counts["event"] != 2 || counts["dead_letter"] != 1 || counts["receipt"] != 1 || counts["suppression"] != 0 || strings.Contains(text, "p-3") {
		t.Errorf("%v\n%s", counts, text)
	}
	for _, want := range []string{`"verdict":"delivered"`, `"verdict":"pending"`, `"verdict":"reject"`} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %s: %s", want, text)
		}
	}
	if counts, _ := held(t, r, subjects.Person{Kind: "email", ID: " a@shop.example"}); counts["event"] != 1 {
		t.Errorf("by e-mail address: %v", counts)
	}

	_, outcomes, err := r.Delete(t.Context(), me, "ticket 7")
	if err != nil || len(outcomes) != 2 {
		t.Fatalf("%+v %v", outcomes, err)
	}
	if o := outcomes[0]; o.Destination != "held" || o.Stopped != 2 || o.Delivered != 0 || o.Dropped != 0 {
		t.Errorf("%+v", o)
	}
	if o := outcomes[1]; o.Destination != "sink" || o.Delivered != 1 || o.Dropped != 1 || !strings.Contains(o.Advice, "no deletion by event") {
		t.Errorf("%+v", o)
	}
	if err := r.Resume(t.Context(), "held"); err != nil {
		t.Fatal(err)
	}
	if d := r.account(t, "held"); d.Denied != 2 || d.Delivered != 1 {
		t.Errorf("what was pending: %+v", d)
	}
	if found, err := r.DeadLetters(t.Context(), resend.Pick{}); found.Total != 0 || err != nil {
		t.Errorf("%d dead letters, %v", found.Total, err)
	}
	// From now on nothing of this person is sent, and the list holds no id in clear.
	r.post(t, "/e", `{"name":"purchase","id":"p-4","client_id":"c1","consent":{"analytics":true}}`)
	if d := r.account(t, "sink"); d.Denied != 1 {
		t.Errorf("%+v", d)
	}
	list, err := os.ReadFile(filepath.Join(filepath.Dir(r.config), "data", "suppressed.jsonl"))
	if err != nil || strings.Contains(string(list), `"c1"`) || !strings.Contains(string(list), `"why":"ticket 7"`) {
		t.Errorf("%s %v", list, err)
	}
	for _, nobody := range []subjects.Person{{}, {Kind: "email"}, {Kind: "name", ID: "c1"}} {
		if _, err := r.Suppress(t.Context(), nobody, ""); !errors.Is(err, subjects.ErrPerson) {
			t.Errorf("%+v is somebody", nobody)
		}
	}
}
