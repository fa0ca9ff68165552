package conformance

import (
	"strings"
	"testing"

	"headgate/destinations"
)

// Expect delivers, and fails unless every event gets a verdict of this kind that says why. No verdict quotes the secret of the tests.
func Expect(t testing.TB, d *destinations.Destination, batch []destinations.Sending, kind destinations.Kind, why string) {
	t.Helper()
	for i, v := range d.Deliver(t.Context(), batch) {
		if v.Kind != kind || !strings.Contains(v.Why, why) || strings.Contains(v.Why, "hush") {
			t.Fatalf("%s: %s %q, want %s %q", batch[i].Event.ID, v.Kind, v.Why, kind, why)
		}
	}
}
