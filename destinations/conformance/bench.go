package conformance

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"headgate/destinations"
	"headgate/event/samples"
)

// Rows delivers b.N purchases with everything in them, in batches of a size, some at once, as the destination is shipped. It reports how many a
// second, and by how much memory has grown from the first tenth to the end.
func Rows(b *testing.B, d *destinations.Destination, size, atOnce int) {
	b.Helper()
	sample, _ := samples.Get("purchase")
	run := strconv.FormatInt(time.Now().UnixNano(), 36)
	batches := make(chan []destinations.Sending)
	var workers sync.WaitGroup
	var failed sync.Once
	for range atOnce {
		workers.Go(func() {
			for batch := range batches {
				for _, v := range d.Deliver(context.Background(), batch) {
					if v.Kind != destinations.Delivered {
						failed.Do(func() { b.Errorf("%s: %s", v.Kind, v.Why) })
					}
				}
			}
		})
	}
	b.ReportAllocs()
	b.ResetTimer()
	early := 0
	for done := 0; done < b.N; done += size {
		if early == 0 && done >= b.N/10 {
			b.StopTimer()
			early = heap()
			b.StartTimer()
		}
		batch := make([]destinations.Sending, min(size, b.N-done))
		for i := range batch {
			e := *sample
			e.ID, e.User.ClientID = fmt.Sprintf("%s-%d", run, done+i), fmt.Sprintf("visitor.%d", (done+i)%5000)
			e.Received, e.Time = Noon, Noon
			batch[i] = Sending(&e, done+1, i)
		}
		batches <- batch
	}
	close(batches)
	workers.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(heap()-early)/(1<<20), "MiB-grown")
}
