package kafka_test

import (
	"fmt"
	"testing"

	"headgate/destinations"
	"headgate/event/samples"
)

// BenchmarkDeliver produces batches as shipped into a broker in this process; ns/op is per event.
func BenchmarkDeliver(b *testing.B) {
	c := newCluster(b)
	d := closing(b, c)
	batch := make([]destinations.Sending, 1000)
	for i := range batch {
		e, _ := samples.Get("purchase")
		e.ID, e.User.ClientID = fmt.Sprintf("e-%d", i), fmt.Sprintf("visitor.%d", i%50)
		batch[i] = destinations.Sending{Event: e, Attempt: 1}
	}
	b.ReportAllocs()
	for n := 0; n < b.N; n += len(batch) {
		for i, v := range d.Deliver(b.Context(), batch[:min(len(batch), b.N-n)]) {
			if v.Kind != destinations.Delivered {
				b.Fatalf("event %d: %s: %s", i, v.Kind, v.Why)
			}
		}
	}
}
