package commands

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	returnEvery  = 30 * time.Second
	worthwhile   = 32 << 20 // bytes of growth
	growthFactor = 1.5      // and how much that has to be of what was kept the last time
)

// returnMemory gives back to the system what an outage or a replay took and nothing needs any more, until ctx ends. The runtime
// does it too, but takes minutes.
func returnMemory(ctx context.Context) {
	tick := time.NewTicker(returnEvery)
	defer tick.Stop()
	kept := 0.0
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if taken := heapTaken(); taken > kept*growthFactor+worthwhile {
			debug.FreeOSMemory()
			kept = heapTaken()
		}
	}
}

// heapTaken is how many bytes the heap holds of the system's memory, garbage and free space included.
func heapTaken() (n float64) {
	samples := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}, {Name: "/memory/classes/heap/free:bytes"}}
	metrics.Read(samples)
	for _, s := range samples {
		n += float64(s.Value.Uint64())
	}
	return n
}
