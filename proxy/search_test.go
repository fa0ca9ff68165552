package proxy

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"headgate/consent/people"
	"headgate/event"
	"headgate/proxy/find"
	"headgate/subjects"
)

// search waits until the index has everything that was answered, and looks.
func (r *running) search(t *testing.T, ask find.Ask) (found find.Result) {
	t.Helper()
	if ask.Limit == 0 {
		ask.Limit = 50
	}
	asked := time.Now()
	until(t, func() bool {
		var err error
		if found, err = r.Search(t.Context(), ask); err != nil {
			t.Fatal(err)
		}
		return found.IndexedUntil.After(asked)
	}, func() string { return "the index does not follow the log" })
	return found
}

func idsOf(found find.Result) string {
	var ids []string
	for _, e := range found.Events {
		ids = append(ids, e.ID)
	}
	return strings.Join(ids, " ")
}

func TestEventsAreFoundByWhatTheyAreAbout(t *testing.T) {
	s := newSink(t)
	s.answer = func(events []event.Event) int {
		if events[0].Name == "bad" {
			return http.StatusBadRequest
		}
		return http.StatusOK
	}
	folder := t.TempDir()
	r := start(t, folder, s, `
sites:
  shop: {hosts: [127.0.0.1]}
rules:
  - {name: no scrolls, when: name == "scroll", drop: true}
`)
	all := `"consent":{"analytics":true,"ads":true,"functional":true}`
	for _, body := range []string{
		`{"id":"p-1","name":"purchase","user":{"client_id":"c-1","user_id":"u-1","email":"Anna@Shop.Example"},"params":{"transaction_id":"T-1"},"campaign":{"click_ids":{"gclid":"G-1"}},` + all + `}`,
		`{"id":"v-1","name":"page_view","user":{"client_id":"c-1"},` + all + `}`,
		`{"id":"v-2","name":"page_view","user":{"client_id":"c-2"},` + all + `}`,
		`{"id":"s-1","name":"scroll","user":{"client_id":"c-1"},` + all + `}`,
		`{"id":"d-1","name":"page_view","user":{"client_id":"c-3"},"consent":{"analytics":false}}`,
	} {
		if status, said := r.post(t, "/e", body); status != 202 {
			t.Fatalf("%d %s", status, said)
		}
		r.account(t, "sink")
	}
	if status, said := r.post(t, "/e", `{"id":"b-1","name":"bad"}`); status != 202 {
		t.Fatalf("%d %s", status, said)
	}
	r.account(t, "sink")
	anna := people.EmailSubject("anna@shop.example").String()
	check := func() {
		t.Helper()
		for _, c := range []struct{ text, want string }{
			{"p-1", "p-1"}, {"id:p-1", "p-1"}, {"client:c-1", "v-1 p-1"}, {"c-1", "v-1 p-1"}, {"user:u-1", "p-1"}, {"order:T-1", "p-1"}, {"T-1", "p-1"}, {"click:G-1", "p-1"},
			{"email:" + anna, "p-1"}, {anna, "p-1"}, {"phone:" + anna, "p-1"}, {"name:page_view client:c-1", "v-1"}, {"site:shop name:purchase", "p-1"},
			{"site:other", ""}, {"state:rejected", "b-1"}, {"state:delivered destination:sink", "v-2 v-1 p-1"}, {"d-1", "d-1"}, {"state:denied id:d-1 reason:purpose_denied", "d-1"},
			{"reason:dropped_by_rule s-1", "s-1"}, {`id:"p-1"`, "p-1"}, {"nobody", ""}, {"user:c-1", ""}, {"state:pending", ""},
		} {
			if got := idsOf(r.search(t, find.Ask{Text: c.text})); got != c.want {
				t.Errorf("%s finds %q, want %q", c.text, got, c.want)
			}
		}
	}
	check()
	found := r.search(t, find.Ask{Limit: 3})
	if got := idsOf(found); got != "b-1  " || !found.More || fmt.Sprint(found.Events[2].States, found.Events[2].Reasons, found.Events[1].Reasons) != "map[sink:filtered] map[sink:dropped_by_rule] map[sink:purpose_denied]" {
		t.Errorf("the newest: %q %+v", got, found)
	}
	for _, text := range []string{"anna@shop.example", "email:anna", `name:"open`, "state:lost", "name:"} {
		if _, err := r.Search(t.Context(), find.Ask{Text: text, Limit: 1}); !errors.Is(err, find.ErrQuestion) {
			t.Errorf("%s: %v", text, err)
		}
	}
	r.stop()
	r = start(t, folder, s, "")
	check()

	if _, err := r.Suppress(t.Context(), subjects.Person{Kind: "email", ID: "anna@shop.example"}, "asked"); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"p-1", "client:c-1", "email:" + anna, "order:T-1"} {
		if got := idsOf(r.search(t, find.Ask{Text: text})); got != "" {
			t.Errorf("%s finds %q of someone who is suppressed", text, got)
		}
	}
	if got := idsOf(r.search(t, find.Ask{Text: "client:c-2"})); got != "v-2" {
		t.Errorf("of somebody else %q is found", got)
	}
}
