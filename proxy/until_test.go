package proxy

import (
	"fmt"
	"testing"
	"time"

	"headgate/proxy/delivery"
	"headgate/proxy/status"
)

// until asks again and again whether something is done that other goroutines do. After a minute the test fails with what there is then.
func until(t *testing.T, done func() bool, is func() string) {
	t.Helper()
	for limit := time.Now().Add(time.Minute); !done(); time.Sleep(5 * time.Millisecond) { //nolint:forbidigo // the only poll of these tests
		if time.Now().After(limit) {
			t.Fatal(is())
		}
	}
}

// awaitState waits until a destination is in a state.
func (r *running) awaitState(t *testing.T, name string, want delivery.State) (d status.Destination) {
	t.Helper()
	until(t, func() bool {
		status, err := r.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		d = status.Destinations[name]
		return d.State == want
	}, func() string { return fmt.Sprintf("%s is %+v", name, d) })
	return d
}
