package sources_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"headgate/document"
	"headgate/event"
	"headgate/sources"
)

func TestAServerProvesItselfByAKeyOfAnySource(t *testing.T) {
	c := decode(t, "{events: {keys: [public], server_keys: [one]}, segment: {server_keys: [two]}}")
	keys := c.ServerKeys()
	for name, want := range map[string]bool{"Bearer one": true, "Basic dHdvOg==": true, "Bearer public": false, "Bearer ": false, "": false, "one": false} {
		hs := event.Headers{{Name: "authorization", Value: name}}
		if got := sources.FromServer(hs, keys); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
	if !sources.FromServer(event.Headers{{Name: "x-write-key", Value: "two"}}, keys) {
		t.Error("X-Write-Key proves nothing")
	}
	if none := (&sources.Config{}).ServerKeys(); sources.FromServer(event.Headers{{Name: "x-write-key", Value: ""}}, append(none, document.Secret{})) {
		t.Error("an empty key is one")
	}
}

// held are requests of every source that lists keys, with what is the key in the place of KEY.
var held = map[string]struct{ config, hit string }{
	"amplitude":   {"{keys: [page], server_keys: [hush]}", "POST /2/httpapi\n\n" + `{"api_key":"KEY","events":[{"user_id":"u","event_type":"a"}]}`},
	"cloudevents": {"{keys: [page], server_keys: [hush]}", "POST /cloudevents\nContent-Type: application/cloudevents+json\nX-Write-Key: KEY\n\n" + `{"specversion":"1.0","type":"a","source":"/s","id":"1"}`},
	"data_client": {"{server_keys: [hush]}", "POST /data\nX-Write-Key: KEY\n\n" + `{"event_name":"a"}`},
	"events":      {"{keys: [page], server_keys: [hush]}", "POST /e?k=KEY\n\n" + `{"name":"a"}`},
	"jitsu":       {"{keys: [page], server_keys: [hush]}", "POST /api/s/track\nX-Write-Key: KEY\n\n" + `{"type":"track","event":"a"}`},
	"matomo":      {"{tokens: [hush]}", "GET /matomo.php?idsite=1&rec=1&action_name=a&token_auth=KEY"},
	"mixpanel":    {"{keys: [page], server_keys: [hush]}", "POST /track/\n\n" + `[{"event":"a","properties":{"token":"KEY"}}]`},
	"mp":          {"{secrets: [hush]}", "POST /mp/collect?api_secret=KEY\n\n" + `{"client_id":"1","events":[{"name":"a"}]}`},
	"posthog":     {"{keys: [page], server_keys: [hush]}", "POST /e/\n\n" + `{"api_key":"KEY","batch":[{"event":"a","distinct_id":"u"}]}`},
	"rudderstack": {"{keys: [page], server_keys: [hush]}", "POST /v1/track\nX-Write-Key: KEY\n\n" + `{"event":"a","userId":"u"}`},
	"segment":     {"{keys: [page], server_keys: [hush]}", "POST /v1/track\n\n" + `{"event":"a","userId":"u","writeKey":"KEY"}`},
	"snowplow":    {"{server_keys: [hush]}", "GET /i?e=pv&url=x\nX-Write-Key: KEY\n\n"},
}

// A request says which of the keys of its source it came with, so that there is a rate for each; an unknown key is none of them.
func TestARequestSaysWhichKeyItCameWith(t *testing.T) {
	t.Parallel()
	for _, d := range (&sources.Config{}).DocumentShape().Properties {
		for _, p := range d.Shape.Properties {
			if _, listed := held[d.Key]; !listed && slices.Contains([]string{"keys", "server_keys", "secrets", "tokens"}, p.Key) {
				t.Errorf("%s has %s, and no request in this test", d.Key, p.Key)
			}
		}
	}
	for name, c := range held {
		all := open(t, name+": "+c.config, sources.Limits{})
		want := map[string]int{"hush": 1, "guessed": 0}
		if strings.Contains(c.config, "page") {
			want["page"] = 2
		}
		for key, want := range want {
			h := parseHit(t, strings.Replace(c.hit, "KEY", key, 1))
			r, err := claimant(t, all, h).Read(h)
			if errors.Is(err, sources.ErrKey) {
				continue
			}
			if err != nil || r.Key != want || len(r.Events) != 1 || r.Proven != (key == "hush") {
				t.Errorf("%s with the key %s: key %d, %d events, proven %v, %v", name, key, r.Key, len(r.Events), r.Proven, err)
			}
			if key == "guessed" && strings.Contains(c.config, "keys: [page]") {
				t.Errorf("%s takes an unknown key", name)
			}
		}
		free := open(t, name+":", sources.Limits{})
		h := parseHit(t, strings.Replace(c.hit, "KEY", "any", 1))
		if r, err := claimant(t, free, h).Read(h); err != nil || r.Key != 0 {
			t.Errorf("%s without keys: key %d, %v", name, r.Key, err)
		}
	}
}
