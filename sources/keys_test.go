package sources_test

import (
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
