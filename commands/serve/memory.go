package serve

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	returnEvery = 30 * time.Second
	worthwhile  = 48 << 20 // bytes of heap
)

// returnMemory returns memory to the system that an outage or a replay took and nothing needs now, until ctx ends. The runtime
// does it too, but takes minutes. While events flow the heap is left alone: it would only grow again.
func returnMemory(ctx context.Context) {
	tick := time.NewTicker(returnEvery)
	defer tick.Stop()
	_, before := heap()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		held, allocated := heap()
		if held > worthwhile && allocated-before < held {
			debug.FreeOSMemory()
		}
		before = allocated
	}
}

// heap returns how many bytes of the system's memory the heap holds, garbage and free space included, and how many have ever
// been allocated.
func heap() (held, allocated uint64) {
	samples := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}, {Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"}, {Name: "/memory/classes/heap/free:bytes"}}
	metrics.Read(samples)
	for _, s := range samples[1:] {
		held += s.Value.Uint64()
	}
	return held, samples[0].Value.Uint64()
}
