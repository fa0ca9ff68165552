package parquet_test

import (
	"fmt"
	"testing"

	"headgate/destinations"
	"headgate/destinations/conformance"
	"headgate/event/samples"
)

// BenchmarkDeliver writes batches of 5,000 purchases into files; an operation is an event.
func BenchmarkDeliver(b *testing.B) {
	sample, _ := samples.Get("purchase")
	batch := make([]destinations.Sending, 5000)
	d := destination(b, fmt.Sprintf("{to: %q}", b.TempDir()))
	b.ReportAllocs()
	b.ResetTimer()
	for done := 0; done < b.N; done += len(batch) {
		for i := range batch {
			e := *sample
			e.ID = fmt.Sprintf("%d-%d", done, i)
			batch[i] = conformance.Sending(&e, done+1, i)
		}
		for _, v := range d.Deliver(b.Context(), batch[:min(len(batch), b.N-done)]) {
			if v.Kind != destinations.Delivered {
				b.Fatal(v)
			}
		}
	}
}
