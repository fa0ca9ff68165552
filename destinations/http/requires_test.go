package http_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"headgate/destinations"
	"headgate/event"
	"headgate/rules"
)

const picky = `
name: crm
title: CRM
kind: engagement
about: x
docs: https://crm.example/docs
needs: [analytics]
refused: drop
events: {purchase: bought, page_view: seen}
requires:
  - {that: user.email != "", else: filter, why: nobody could be told by it}
  - {that: 'theirs != "bought" or params.value != nil', why: a purchase without a value}
send:
  post: https://crm.example/events
  body: {id: =id}
`

func TestAnEventWithoutWhatFilterAsksForIsNotWantedAndOneWithoutTheRestIsRejected(t *testing.T) {
	d := own(t, picky, `{}`, with(vendor(func(*http.Request, string) (int, string) { return 200, "" })))
	l, ms := rules.NewLanguage(purposes())
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	m := l.Machine()
	defer m.Release()
	known := event.User{Email: "a@shop.example"}
	for _, one := range []struct {
		e       event.Event
		because string
		why     string
	}{
		{event.Event{Name: "page_view", User: known}, "", ""},
		{event.Event{Name: "page_view"}, "nobody could be told by it", "nobody could be told by it"},
		{event.Event{Name: "purchase", User: known}, "", "a purchase without a value"},
		{event.Event{Name: "login", User: known}, "events: has no event of this name; events: {NAME: ...}, with the destination's name for it, sends it", ""},
	} {
		wanted, reason, because := d.Wants(&one.e, m, &rules.Env{Event: &one.e})
		if wanted != (one.because == "") || because != one.because {
			t.Errorf("%s: wanted %t, %s, %q", one.e.Name, wanted, reason, because)
		}
		if one.why == "" {
			continue
		}
		// What was wanted once, and is not any more, does not leave either.
		if _, verdicts := d.Encode([]destinations.Sending{{Event: &one.e}}); verdicts[0].Kind != destinations.Reject || verdicts[0].Why != one.why {
			t.Errorf("%s: %v", one.e.Name, verdicts)
		}
	}
}

func TestTokensAreNotFetchedWithoutCredentials(t *testing.T) {
	const file = crm + `
settings:
  token: {type: secret, help: x}
  refresh: {type: secret, help: x}
  endpoint: {type: url, help: x, example: "https://a.example"}
send:
  post: "{settings.endpoint}/events"
  auth:
    bearer: =settings.token
    oauth2: {token_url: "{settings.endpoint}/token", refresh_token: =settings.refresh}
  body: {id: =id}
`
	var asked, proof string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked += r.URL.Path + " "
		proof = r.Header.Get("Authorization")
	}))
	defer server.Close()
	for settings, want := range map[string]string{`, token: long-lived`: "Bearer long-lived", ``: ""} {
		asked, proof = "", ""
		d := own(t, file, `{settings: {endpoint: "`+server.URL+`"`+settings+`}}`, loopback)
		if v := d.Deliver(t.Context(), numbered(1))[0]; v.Kind != destinations.Delivered {
			t.Fatalf("%s %q", v.Kind, v.Why)
		}
		if asked != "/events " || proof != want {
			t.Errorf("asked for %q with %q, want %q", asked, proof, want)
		}
	}
}

func TestASettingIsRequiredOnlyWithoutAnother(t *testing.T) {
	const file = crm + `
settings:
  token: {type: secret, unless: refresh, help: Where tokens are}
  refresh: {type: secret, help: x}
send:
  post: https://crm.example/events
  body: {id: =id}
`
	for entry, complete := range map[string]bool{
		`{}`:                                false,
		`{settings: {refresh: ""}}`:         false,
		`{settings: {token: long-lived}}`:   true,
		`{settings: {refresh: once-a-day}}`: true,
	} {
		_, ms := tryOwn(t, file, entry, nil)
		if complete != (len(ms) == 0) || !complete && !strings.HasSuffix(ms.Error(), ": crm needs the setting token or refresh; Where tokens are") {
			t.Errorf("%s: %v", entry, ms)
		}
	}
	_, ms := tryOwn(t, strings.Replace(file, "unless: refresh", "unless: refersh", 1), `{}`, nil)
	if len(ms) == 0 || !strings.Contains(ms.Error(), `unless names "refersh", which is not a setting; did you mean "refresh"?`) {
		t.Errorf("%v", ms)
	}
}
